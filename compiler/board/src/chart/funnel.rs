//! The steps of a funnel in the newest period that has numbers, each beside the first.

use serde_json::{Map, Value, json};

use super::bar::{fill, loose, room, valid};
use super::{CROSS, Drawn, INK, MUTED, row, tooltip};
use crate::page::{Cell, Tile};
use crate::scale::{Scale, round};
use crate::series::{Series, clean, periods, series, shortened, step_name, steps};
use crate::words;

/// The height of a bar with the room around it.
const STEP: f64 = 30.0;

pub(super) fn funnel(tile: &Tile) -> Drawn {
    let all = series(tile);
    let (period, label) = newest(tile);
    let some: Vec<&Series<'_>> = all.iter().filter(|series| series.rank.is_some()).collect();
    let (mut rows, mut keys, mut names) = (Vec::new(), Vec::new(), Map::new());
    for (number, step) in steps(tile) {
        for (place, series) in some.iter().enumerate() {
            let own = |number: i64| {
                let is = |cell: &&&Cell| cell.period == period && cell.step_number == Some(number);
                series.cells.iter().find(is).copied()
            };
            let Some(cell) = own(number) else { continue };
            let key = format!("{number}|{}", series.key);
            let first = steps(tile).first().and_then(|(first, _)| own(*first)).and_then(Cell::drawn);
            let mut row = Value::Object(row(series, cell));
            row["row"] = json!(key);
            row["loose"] = json!(!cell.is_settled());
            row["fill"] = json!(fill(series, some.len() == 1));
            row["words"] = json!(beside(series, cell, first, some.len() > 1));
            rows.push(row);
            // The name of a step stands once, at the first of its bars.
            names.insert(key.clone(), json!(if place == 0 { shortened(&step_name(step), 22) } else { String::new() }));
            keys.push(key);
        }
    }
    let texts: Vec<String> = rows.iter().filter_map(|row| row["words"].as_str()).map(str::to_owned).collect();
    let scale = Scale::of(rows.iter().filter_map(|row| row["y"].as_f64()), true);
    let more = all.len() - some.len();
    let more = if more > 0 { format!("; {more} more groups are in the table") } else { String::new() };
    Drawn {
        height: keys.len() as f64 * if some.len() > 1 { STEP * 0.75 } else { STEP },
        right: room(&texts),
        params: vec![("names", Value::Object(names))],
        layers: layers(&keys, &scale),
        rows,
        note: Some(format!("{}{more}", clean(label))),
    }
}

/// The newest period in which anything was measured.
fn newest(tile: &Tile) -> (&str, &str) {
    let periods = periods(tile);
    let has = |period: &str| tile.cells.iter().any(|cell| cell.period == period && cell.drawn().is_some());
    let found = periods.iter().rfind(|(period, _)| has(period)).or(periods.last());
    found.copied().unwrap_or_default()
}

/// What stands behind a bar: its number and its share of the first step.
fn beside(series: &Series<'_>, cell: &Cell, first: Option<f64>, named: bool) -> String {
    let mut said = Vec::new();
    if named {
        said.push(shortened(&series.name, 12));
    }
    said.push(format!("{}{}", words::brief(cell, series.metric), clean_end(words::behind(&cell.shown))));
    let share = cell.drawn().zip(first).filter(|(_, first)| *first > 0.0).map(|(value, first)| value / first);
    let is_share = series.metric.and_then(|metric| metric.unit.as_deref()) == Some("%");
    if let Some(share) = share.filter(|share| !is_share && share.is_finite()) {
        said.push(format!("({:.0} %)", share * 100.0));
    }
    said.join(" ")
}

/// What stands behind a number, with the room before it.
fn clean_end(behind: &str) -> String {
    let words = clean(behind);
    if words.is_empty() { words } else { format!(" {words}") }
}

fn layers(keys: &[String], scale: &Scale) -> Vec<Value> {
    let y = json!({
        "field": "row", "type": "ordinal", "scale": { "domain": keys, "padding": 0.18 },
        "axis": { "title": null, "labelExpr": "names[datum.value]", "labelLimit": 130, "labelColor": INK, "labelOverlap": false },
    });
    let x = json!({
        "field": "y", "type": "quantitative", "axis": null,
        "scale": { "domain": [round(scale.low), round(scale.high)], "nice": false, "zero": false },
    });
    let given = |field: &str| json!({ "field": field, "type": "nominal", "scale": null, "legend": null });
    vec![
        json!({
            "transform": [valid()],
            "mark": { "type": "bar", "cornerRadiusEnd": 2, "strokeWidth": 1.25 },
            "encoding": {
                "y": y, "x": x, "x2": { "datum": 0 }, "fill": given("fill"), "stroke": given("fill"), "tooltip": tooltip(),
                "fillOpacity": loose(&json!(0.25), &json!(0.85)), "strokeDash": loose(&json!([4, 3]), &json!([1, 0])),
            },
        }),
        json!({
            "transform": [valid()],
            "mark": { "type": "text", "align": "left", "baseline": "middle", "dx": 6, "limit": 140 },
            "encoding": { "y": y, "x": x, "text": { "field": "words", "type": "nominal" }, "tooltip": tooltip() },
        }),
        json!({
            "transform": [{ "filter": { "not": valid()["filter"] } }],
            "mark": { "type": "point", "shape": CROSS, "size": 36, "stroke": MUTED, "strokeWidth": 1.5, "opacity": 1 },
            "encoding": { "y": y, "x": { "datum": 0, "type": "quantitative" }, "tooltip": tooltip() },
        }),
    ]
}
