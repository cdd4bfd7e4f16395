//! A curve of each period: a square for each step, with its number.

use serde_json::{Map, Value, json};

use super::{CROSS, Drawn, INK, MUTED, axis, row, tooltip};
use crate::page::Tile;
use crate::scale::Scale;
use crate::series::{clean, series, shortened, step_name, steps};
use crate::words;

/// The height of a square.
const STEP: f64 = 26.0;

/// The colours of the smallest and of the largest number; what is between is mixed of them.
const RANGE: [[u8; 3]; 2] = [[0xe8, 0xf1, 0xf8], [0x08, 0x45, 0x7e]];

pub(super) fn heatmap(tile: &Tile) -> Drawn {
    let all = series(tile);
    let labels = axis::short_labels(tile);
    let scale =
        spread(all.iter().flat_map(|series| {
            series.cells.iter().filter_map(|cell| cell.drawn().map(|value| value * series.factor()))
        }));
    let (mut rows, mut keys, mut names) = (Vec::new(), Vec::new(), Map::new());
    for series in &all {
        for cell in &series.cells {
            let key = format!("{}|{}", series.key, cell.period);
            if !names.contains_key(&key) {
                let period = labels.get(&cell.period).and_then(Value::as_str).unwrap_or_default();
                let name = if all.len() > 1 {
                    format!("{} · {period}", shortened(&series.name, 18))
                } else {
                    period.to_owned()
                };
                names.insert(key.clone(), json!(name));
                keys.push(key.clone());
            }
            let mut row = row(series, cell);
            let y = row.get("y").and_then(Value::as_f64);
            let share = y.map(|y| (y - scale.0) / (scale.1 - scale.0));
            row.insert("row".to_owned(), json!(key));
            row.insert("loose".to_owned(), json!(!cell.is_settled()));
            row.insert("fill".to_owned(), json!(share.map(|share| hex(mixed(share)))));
            row.insert("ink".to_owned(), json!(share.map(|share| ink(mixed(share)))));
            row.insert("words".to_owned(), json!(words::brief(cell, series.metric)));
            rows.push(Value::Object(row));
        }
    }
    let numbers: Map<String, Value> =
        steps(tile).iter().map(|(number, step)| (number.to_string(), json!(shortened(&step_name(step), 14)))).collect();
    let unit = all.iter().find_map(|series| series.metric?.unit.as_deref());
    Drawn {
        height: STEP * keys.len() as f64,
        right: 6.0,
        layers: layers(tile, &keys),
        params: vec![("names", Value::Object(names)), ("steps", Value::Object(numbers))],
        rows,
        note: unit.map(|unit| format!("In {}", clean(unit))),
    }
}

fn layers(tile: &Tile, keys: &[String]) -> Vec<Value> {
    let numbers: Vec<i64> = steps(tile).iter().map(|(number, _)| *number).collect();
    let x = json!({
        "field": "step_number", "type": "ordinal", "scale": { "domain": numbers, "padding": 0.04 },
        "axis": { "title": null, "orient": "top", "labelExpr": "steps[datum.value]", "labelAngle": 0, "labelOverlap": "greedy" },
    });
    let y = json!({
        "field": "row", "type": "ordinal", "scale": { "domain": keys, "padding": 0.06 },
        "axis": { "title": null, "labelExpr": "names[datum.value]", "labelLimit": 150, "labelColor": INK, "labelOverlap": false },
    });
    let there = |is: bool| {
        let filter = json!({ "field": "y", "valid": true });
        json!([{ "filter": if is { filter } else { json!({ "not": filter }) } }])
    };
    let given = |field: &str| json!({ "field": field, "type": "nominal", "scale": null, "legend": null });
    vec![
        json!({
            "transform": there(true),
            "mark": { "type": "rect" },
            "encoding": {
                "x": x, "y": y, "fill": given("fill"), "tooltip": tooltip(),
            },
        }),
        json!({
            "transform": [{ "filter": { "field": "y", "valid": true } }, { "filter": { "field": "loose", "equal": true } }],
            "mark": { "type": "rect", "stroke": MUTED, "strokeWidth": 1.5, "strokeDash": [3, 3], "fillOpacity": 0 },
            "encoding": { "x": x, "y": y },
        }),
        json!({
            "transform": there(true),
            "mark": { "type": "text", "fontSize": 10.5 },
            "encoding": {
                "x": x, "y": y, "text": { "field": "words", "type": "nominal" }, "tooltip": tooltip(), "color": given("ink"),
            },
        }),
        json!({
            "transform": there(false),
            "mark": { "type": "point", "shape": CROSS, "size": 20, "stroke": MUTED, "strokeWidth": 1.25, "opacity": 0.8 },
            "encoding": { "x": x, "y": y, "tooltip": tooltip() },
        }),
    ]
}

/// The smallest and the largest number; one number alone is in the middle.
fn spread(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) =
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low < high && (high - low).is_finite() {
        (low, high)
    } else {
        let scale = Scale::of([low], false);
        (scale.low, scale.high)
    }
}

/// The colour at a share of the way from the smallest to the largest.
fn mixed(share: f64) -> [u8; 3] {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let mix = |place: usize| {
        let (from, to) = (f64::from(RANGE[0][place]), f64::from(RANGE[1][place]));
        (from + (to - from) * share).round() as u8
    };
    [mix(0), mix(1), mix(2)]
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// The ink that can be read on a colour: black or white, whichever is farther away.
fn ink(fill: [u8; 3]) -> &'static str {
    if contrast(fill, [255; 3]) >= contrast(fill, [0; 3]) { "#ffffff" } else { "#000000" }
}

/// How far apart two colours are for a reader: from 1 to 21, as the WCAG define it.
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let linear = |byte: u8| {
        let share = f64::from(byte) / 255.0;
        if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    let light = |[red, green, blue]: [u8; 3]| 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    let (one, other) = (light(one), light(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_can_be_read_on_every_square() {
        for share in 0..=100 {
            let fill = mixed(f64::from(share) / 100.0);
            let ink = if ink(fill) == "#ffffff" { [255; 3] } else { [0; 3] };
            assert!(contrast(fill, ink) >= 4.5, "{share}: {}", contrast(fill, ink));
        }
    }

    #[test]
    fn a_contrast_is_known() {
        assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
        // The grey that has 4.54 : 1 on white.
        assert!((contrast([0x76; 3], [255; 3]) - 4.542).abs() < 1e-2);
    }
}
