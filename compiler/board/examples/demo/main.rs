//! Prints a page with invented numbers, or the specifications of its tiles: `demo [ugly] [html|specs]`.
//!
//! For looking at, and for the checks of tests/board.

mod sample;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked = |word: &str| arguments.iter().any(|argument| argument == word);
    let page = if asked("ugly") { sample::ugly_page() } else { sample::page() };
    if asked("specs") {
        let specs: serde_json::Map<String, serde_json::Value> =
            page.tiles.iter().filter_map(|tile| Some((tile.id.clone(), groma_board::vega_lite(tile)?))).collect();
        println!("{:#}", serde_json::Value::Object(specs));
    } else {
        print!("{}", groma_board::html(&page)?);
    }
    Ok(())
}
