//! The chart of a tile without any cell.

use serde_json::json;

use super::{Drawn, MUTED};

pub(super) fn empty() -> Drawn {
    let layer = json!({
        "mark": { "type": "text", "color": MUTED, "fontSize": 12 },
        "encoding": { "text": { "field": "words", "type": "nominal" } },
    });
    let rows = vec![json!({ "words": "No numbers yet" })];
    Drawn { height: 60.0, right: 4.0, params: Vec::new(), rows, layers: vec![layer], note: None }
}
