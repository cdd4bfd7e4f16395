//! Pages and specifications of invented numbers, seen from outside.

#[path = "../examples/demo/sample.rs"]
mod sample;

use groma_board::{html, specifications, vega_lite};
use serde_json::Value;

const MARKS: [&str; 6] = ["number", "line", "bar", "table", "heatmap", "funnel"];

/// The section of a tile.
fn section<'a>(page: &'a str, id: &str) -> &'a str {
    let named = format!("data-tile=\"{id}\"");
    let section = page.split("<section").find(|part| part.contains(&named)).unwrap_or_default();
    assert!(!section.is_empty(), "tile {id} is not on the page");
    section.split("</section>").next().unwrap_or_default()
}

#[test]
fn the_same_page_gives_the_same_bytes() {
    assert_eq!(html(&sample::page()).expect("a page"), html(&sample::page()).expect("a page"));
    assert_eq!(specifications(&sample::page()), specifications(&sample::page()));
}

#[test]
fn a_changed_tile_changes_only_itself() {
    let before = sample::page();
    let mut after = sample::page();
    after.tiles[4].title = "Another title".to_owned();
    after.tiles[4].cells.truncate(20);
    let (old, new) = (html(&before).expect("a page"), html(&after).expect("a page"));
    for (place, tile) in before.tiles.iter().enumerate() {
        assert_eq!(section(&old, &tile.id) == section(&new, &tile.id), place != 4, "{}", tile.id);
    }
    let (start, end) = (old.find("<section").expect("a tile"), old.rfind("</section>").expect("a tile"));
    assert_eq!(old[..start], new[..start]);
    assert_eq!(old[end..], new[new.rfind("</section>").expect("a tile")..]);
}

#[test]
fn names_are_text_and_never_markup() {
    let page = html(&sample::ugly_page()).expect("a page");
    let (body, scripts) = page.split_at(page.rfind("</footer>").expect("a footer"));
    assert!(!body.contains("<script>"), "a name began a script");
    assert!(!body.contains("<script>document"));
    assert!(!body.contains("<b>bold"));
    assert!(!body.contains("href=\"javascript"));
    assert_eq!(body.matches("<script ").count(), body.matches("</script>").count());
    assert_eq!(scripts.matches("<script>").count(), 4);
}

#[test]
fn specifications_in_a_page_are_json_without_a_tag() {
    let page = html(&sample::ugly_page()).expect("a page");
    let mut seen = 0;
    for part in page.split("<script type=\"application/json\"").skip(1) {
        let text = &part[part.find('>').expect("a tag") + 1..part.find("</script>").expect("an end")];
        assert!(!text.contains(['<', '>', '&', '\u{2028}', '\u{2029}']));
        let read: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(read["$schema"], "https://vega.github.io/schema/vega-lite/v6.json");
        seen += 1;
    }
    assert_eq!(seen, sample::ugly_page().tiles.iter().filter(|tile| tile.mark != "table").count());
}

#[test]
fn only_these_scripts_may_run_and_nothing_is_fetched() {
    let page = html(&sample::page()).expect("a page");
    assert!(page.contains("default-src 'none'") && page.contains("connect-src 'none'"));
    assert_eq!(page.matches("'sha256-").count(), 4);
    assert!(!page.contains("unsafe-eval"));
    for reach in ["src=\"http", "url(", "@import", "sourceMappingURL", "<link rel=\"stylesheet"] {
        let styled = page.split("<script>").next().expect("a head");
        assert!(!styled.contains(reach), "{reach}");
    }
}

#[test]
fn every_mark_has_a_chart_but_a_table() {
    for mark in MARKS {
        for tile in sample::ugly(mark) {
            let Some(specification) = vega_lite(&tile) else {
                assert_eq!(mark, "table");
                continue;
            };
            assert!(specification["description"].as_str().is_some_and(|words| !words.is_empty()), "{}", tile.id);
            assert!(specification["layer"].as_array().is_some_and(|layers| !layers.is_empty()), "{}", tile.id);
        }
    }
}

#[test]
fn what_may_change_is_dashed_and_what_is_missing_is_a_cross() {
    let page = sample::page();
    let tile = page.tiles.iter().find(|tile| tile.id == "leadership.activation_line").expect("the line");
    let drawn = vega_lite(tile).expect("a chart");
    let rows = drawn["data"]["values"].as_array().expect("rows");
    // March is settled and the end of the solid line; the dashed one begins there.
    assert!(rows[14]["solid"].is_f64() && rows[14]["dashed"].is_f64());
    assert!(rows[15]["solid"].is_null() && rows[15]["dashed"].is_f64());
    assert!(rows[13]["dashed"].is_null());
    assert!(rows[17]["y"].is_null());
    let text = drawn.to_string();
    assert!(text.contains("June 2026: too early: 40 % complete"), "the cross says why");
    assert!(text.contains("goal 45 %"));
}

#[test]
fn every_cell_is_in_the_table_with_its_value() {
    let page = sample::page();
    let written = html(&page).expect("a page");
    for tile in &page.tiles {
        let table = section(&written, &tile.id);
        let table = &table[table.find("<table>").expect("a table")..table.find("</table>").expect("a table")];
        assert_eq!(table.matches("data-metric=").count(), tile.cells.len(), "{}", tile.id);
        let values = tile.cells.iter().filter(|cell| cell.value.is_some()).count();
        assert_eq!(table.matches("<data value=").count(), values, "{}", tile.id);
    }
}
