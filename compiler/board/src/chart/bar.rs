//! Bars: of periods for one series, of groups in the newest period for several.

use serde_json::{Value, json};

use super::line::{breaks, gaps};
use super::{CROSS, Drawn, INK, MUTED, axis, colour, goal, goal_layers, row, tooltip, width};
use crate::page::{Cell, Tile};
use crate::scale::Scale;
use crate::series::{COLOURS, GREY, Series, clean, periods, series, shortened};
use crate::words;

/// The height of the columns in pixels.
const HEIGHT: f64 = 220.0;

/// The height of a bar with the room around it.
const STEP: f64 = 26.0;

pub(super) fn bar(tile: &Tile) -> Drawn {
    let all = series(tile);
    if all.len() == 1 { columns(tile, &all) } else { groups(tile, &all) }
}

/// A column for each period.
fn columns(tile: &Tile, all: &[Series<'_>]) -> Drawn {
    let rows: Vec<Value> =
        all.iter().flat_map(|series| series.cells.iter().map(|cell| bar_row(series, cell))).collect();
    let scale = scale(&rows, goal(tile, all));
    let unit = all.iter().find_map(|series| series.metric?.unit.as_deref());
    let (x, labels) = axis::of_periods(tile, "band");
    let y = axis::of_values(&scale, unit);
    let bars = json!({
        "transform": [valid()],
        "mark": { "type": "bar", "cornerRadiusEnd": 2, "strokeWidth": 1.25 },
        "encoding": { "x": x, "y": y, "y2": { "datum": 0 }, "tooltip": tooltip(), "color": colour(all), "stroke": colour(all),
            "fillOpacity": loose(&json!(0.25), &json!(0.85)), "strokeDash": loose(&json!([4, 3]), &json!([1, 0])) },
    });
    let mut layers = vec![bars, whiskers(&x, &y, "y")];
    layers.extend(goal_layers(tile, all, "y", &y));
    layers.extend(breaks(tile, &x));
    layers.extend(gaps(&rows, &x, (HEIGHT * (1.0 - scale.share(0.0))).round()));
    Drawn { height: HEIGHT, right: 14.0, params: vec![("labels", labels)], rows, layers, note: None }
}

/// A bar for each group in the newest period that has a number, the largest first; a tick is the period before.
fn groups(tile: &Tile, all: &[Series<'_>]) -> Drawn {
    let periods = periods(tile);
    let has = |period: &str| tile.cells.iter().any(|cell| cell.period == period && cell.drawn().is_some());
    let place = periods.iter().rposition(|(period, _)| has(period)).unwrap_or(periods.len().saturating_sub(1));
    let cell = |series: &Series<'_>, place: usize| {
        periods
            .get(place)
            .and_then(|(period, _)| series.cells.iter().find(|cell| cell.period == *period).copied().cloned())
    };
    let before = |series: &Series<'_>| {
        let value = cell(series, place.checked_sub(1)?)?.drawn()?;
        Some(crate::scale::round(value * series.factor()))
    };
    let mut rows: Vec<Value> = Vec::new();
    let mut names = serde_json::Map::new();
    for series in all {
        let Some(cell) = cell(series, place) else { continue };
        let mut row = bar_row(series, &cell);
        row["before"] = json!(before(series));
        // The words stand beyond the tick, too.
        row["edge"] = json!(row["edge"].as_f64().into_iter().chain(before(series)).fold(0.0, f64::max));
        row["shown"] = json!(words::brief(&cell, series.metric));
        names.insert(series.key.clone(), json!(shortened(&series.name, 28)));
        rows.push(row);
    }
    let value = |row: &Value| row["y"].as_f64().unwrap_or(f64::NEG_INFINITY);
    rows.sort_by(|left, right| value(right).total_cmp(&value(left)));
    let keys: Vec<Value> = rows.iter().map(|row| row["series"].clone()).collect();
    let scale = scale(&rows, goal(tile, all));
    let label = periods.get(place).map_or("", |(_, label)| label);
    let ticked = rows.iter().any(|row| row["before"].is_f64());
    let earlier = place.checked_sub(1).and_then(|place| periods.get(place)).filter(|_| ticked);
    let earlier = earlier.map(|(_, label)| format!("; the tick is {}", clean(label))).unwrap_or_default();
    Drawn {
        height: (STEP * keys.len() as f64).max(STEP),
        right: 62.0,
        params: vec![("names", Value::Object(names))],
        layers: group_layers(tile, all, &scale, &keys),
        rows,
        note: Some(format!("{}{earlier}", clean(label))),
    }
}

fn group_layers(tile: &Tile, all: &[Series<'_>], scale: &Scale, keys: &[Value]) -> Vec<Value> {
    let unit = all.iter().find_map(|series| series.metric?.unit.as_deref());
    let y = json!({
        "field": "series", "type": "ordinal", "scale": { "domain": keys, "padding": 0.3 },
        "axis": { "title": null, "labelExpr": "names[datum.value]", "labelLimit": 130, "labelColor": INK, "labelOverlap": false },
    });
    let mut x = axis::of_values(scale, unit);
    x["axis"] = json!({
        "title": unit.filter(|unit| *unit != "%").map(clean), "titleAnchor": "end", "values": scale.ticks,
        "labelExpr": scale.label(unit), "grid": true, "labelOverlap": "greedy", "labelFlush": true,
    });
    let field = |field: &str| {
        let mut x = x.clone();
        x["field"] = json!(field);
        x
    };
    let mut layers = vec![json!({
        "transform": [valid()],
        "mark": { "type": "bar", "cornerRadiusEnd": 2, "color": COLOURS[0], "stroke": COLOURS[0], "strokeWidth": 1.25 },
        "encoding": { "y": y, "x": x, "x2": { "datum": 0 }, "tooltip": tooltip(),
            "fillOpacity": loose(&json!(0.25), &json!(0.85)), "strokeDash": loose(&json!([4, 3]), &json!([1, 0])) },
    })];
    layers.push(whiskers(&x, &y, "x"));
    layers.push(json!({
        "transform": [{ "filter": { "field": "before", "valid": true } }],
        "mark": { "type": "tick", "color": INK, "thickness": 2, "height": { "band": 0.75 } },
        "encoding": { "y": y, "x": field("before") },
    }));
    let mut edge = x.clone();
    edge["field"] = json!("edge");
    layers.push(json!({
        "transform": [valid()],
        "mark": { "type": "text", "align": "left", "baseline": "middle", "dx": 6, "limit": 90 },
        "encoding": { "y": y, "x": edge, "text": { "field": "shown", "type": "nominal" }, "tooltip": tooltip() },
    }));
    layers.push(json!({
        "transform": [{ "filter": { "not": valid()["filter"] } }],
        "mark": { "type": "point", "shape": CROSS, "size": 36, "stroke": MUTED, "strokeWidth": 1.5, "opacity": 1 },
        "encoding": { "y": y, "x": { "datum": 0, "type": "quantitative" }, "tooltip": tooltip() },
    }));
    layers.extend(goal_layers(tile, all, "x", &x));
    layers
}

fn bar_row(series: &Series<'_>, cell: &Cell) -> Value {
    let mut row = Value::Object(row(series, cell));
    row["loose"] = json!(!cell.is_settled());
    // Where the words behind a bar begin: beyond all that is drawn of it.
    let ends = ["y", "high"].iter().filter_map(|key| row[*key].as_f64());
    row["edge"] = json!(ends.fold(0.0, f64::max));
    row
}

fn scale(rows: &[Value], goal: Option<f64>) -> Scale {
    let values = rows.iter().flat_map(|row| ["y", "low", "high", "before"].map(|key| row[key].as_f64())).flatten();
    Scale::of(values.chain(goal), true)
}

/// Only rows with a number.
pub(super) fn valid() -> Value {
    json!({ "filter": { "field": "y", "valid": true } })
}

/// One look for what may still change, another for what is settled.
pub(super) fn loose(loose: &Value, settled: &Value) -> Value {
    json!({ "condition": { "test": { "field": "loose", "equal": true }, "value": loose }, "value": settled })
}

/// The interval as a thin line.
fn whiskers(x: &Value, y: &Value, along: &'static str) -> Value {
    let (mut x, mut y) = (x.clone(), y.clone());
    let second = if along == "x" { &mut x } else { &mut y };
    second["field"] = json!("low");
    let mut layer = json!({
        "transform": [valid()],
        "mark": { "type": "rule", "color": INK, "strokeWidth": 1.5, "opacity": 0.7 },
        "encoding": { "x": x, "y": y, "tooltip": tooltip() },
    });
    layer["encoding"][format!("{along}2")] = json!({ "field": "high" });
    layer
}

/// Room on the right for the longest of these words.
pub(super) fn room(words: &[String]) -> f64 {
    (words.iter().map(|word| width(word)).fold(0.0, f64::max) + 14.0).min(150.0).round()
}

/// The colour of a series, or the first for one alone.
pub(super) fn fill(series: &Series<'_>, alone: bool) -> &'static str {
    if alone {
        COLOURS[0]
    } else if series.rank.is_some() {
        series.colour()
    } else {
        GREY
    }
}
