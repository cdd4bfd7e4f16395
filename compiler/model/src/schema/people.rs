//! Teams.

use super::Presence::Optional;
use super::{Kind, KindSchema, Shape, key};

pub(super) static TEAM: KindSchema = KindSchema {
    kind: Kind::Team,
    word: "team",
    plural: "teams",
    doc: "People who answer for numbers.",
    parameters: false,
    keys: &[
        key("title", Shape::Text, Optional, "the name people know it by"),
        key("lead", Shape::Text, Optional, "the address of the person who leads it"),
        key("members", Shape::Members, Optional, "addresses, each perhaps `from` a date and `until` a date"),
    ],
};
