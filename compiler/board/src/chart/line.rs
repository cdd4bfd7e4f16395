//! Lines: settled parts solid, provisional parts dashed, the interval as a band, breaks as rules, gaps as crosses.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{CROSS, Drawn, INK, MUTED, axis, colour, goal, goal_layers, halo, row, shape, tooltip, width};
use crate::page::{Break, Tile};
use crate::scale::Scale;
use crate::series::{Series, clean, periods, series, shortened};
use crate::words;

/// The height of the plot in pixels.
const HEIGHT: f64 = 240.0;

/// The height of a line of words.
const LINE: f64 = 14.0;

/// The history of a number: one line without axes.
pub(super) fn spark(tile: &Tile) -> Drawn {
    let all = series(tile);
    let rows = rows(tile, &all);
    let scale = scale(tile, &rows, None);
    let (mut x, labels) = axis::of_periods(tile, "point");
    let mut y = axis::of_values(&scale, None);
    (x["axis"], y["axis"]) = (Value::Null, Value::Null);
    let mut layers = vec![band(&x, &y, &all)];
    layers.extend(lines(&x, &y, &all));
    layers.push(points(&x, &y, &all, 24.0));
    layers.extend(gaps(&rows, &x, 52.0));
    Drawn { height: 52.0, right: 6.0, params: vec![("labels", labels)], rows, layers, note: None }
}

/// A line for each series.
pub(super) fn line(tile: &Tile) -> Drawn {
    let all = series(tile);
    let rows = rows(tile, &all);
    let scale = scale(tile, &rows, goal(tile, &all));
    let unit = all.iter().find_map(|series| series.metric?.unit.as_deref());
    let (x, labels) = axis::of_periods(tile, "point");
    let y = axis::of_values(&scale, unit);
    let mut layers = vec![band(&x, &y, &all)];
    layers.extend(lines(&x, &y, &all));
    layers.push(alone(&x, &y, &all));
    layers.push(points(&x, &y, &all, 34.0));
    layers.extend(goal_layers(tile, &all, "y", &y));
    layers.extend(breaks(tile, &x));
    layers.extend(gaps(&rows, &x, HEIGHT));
    let (labels_layers, right) = direct_labels(tile, &all, &scale, &x, &y);
    layers.extend(labels_layers);
    Drawn { height: HEIGHT, right, params: vec![("labels", labels)], rows, layers, note: grey_note(&all) }
}

/// What the grey lines are.
pub(super) fn grey_note(all: &[Series<'_>]) -> Option<String> {
    let named = all.iter().filter(|series| series.rank.is_some()).count();
    (all.len() > named).then(|| format!("The {named} largest of {} are named; all are in the table.", all.len()))
}

/// The rows of all series; periods that a series has no cell for are rows without a value, so that its line breaks.
fn rows(tile: &Tile, all: &[Series<'_>]) -> Vec<Value> {
    let periods = periods(tile);
    let mut rows = Vec::new();
    for series in all {
        let cells: BTreeMap<&str, _> = series.cells.iter().map(|cell| (cell.period.as_str(), *cell)).collect();
        let known = |place: usize| periods.get(place).and_then(|(period, _)| cells.get(period)).copied();
        let drawn = |place: usize| known(place).is_some_and(|cell| cell.drawn().is_some());
        let loose = |place: usize| known(place).is_some_and(|cell| cell.drawn().is_some() && !cell.is_settled());
        let mut version = None;
        for (place, (period, _)) in periods.iter().enumerate() {
            let Some(cell) = known(place) else {
                rows.push(json!({ "series": series.key, "version": version, "period": period, "order": place }));
                continue;
            };
            version = Some(cell.version);
            let mut row = row(series, cell);
            let y = row.get("y").cloned().unwrap_or(Value::Null);
            let beside = |test: &dyn Fn(usize) -> bool| place.checked_sub(1).is_some_and(test) || test(place + 1);
            let put = |row: &mut Map<String, Value>, key: &str, value: Value| row.insert(key.to_owned(), value);
            put(&mut row, "order", json!(place));
            put(&mut row, "solid", if loose(place) { Value::Null } else { y.clone() });
            put(&mut row, "dashed", if loose(place) || beside(&loose) { y } else { Value::Null });
            let same = |other: usize| drawn(other) && known(other).is_some_and(|next| next.version == cell.version);
            put(&mut row, "alone", json!(cell.interval().is_some() && !beside(&same)));
            put(&mut row, "loose", json!(loose(place)));
            rows.push(Value::Object(row));
        }
    }
    rows
}

/// The axis that shows all values, intervals and the goal.
fn scale(tile: &Tile, rows: &[Value], goal: Option<f64>) -> Scale {
    let of = |row: &Value, key: &str| row.get(key).and_then(Value::as_f64);
    // A heap of grey lines has no bands, and one wild interval of a small group must not flatten all others.
    let values = rows.iter().flat_map(|row| [of(row, "y"), of(row, "low"), of(row, "high")]).flatten();
    Scale::of(values.chain(goal), tile.mark == "bar")
}

/// Only the series that have a style.
fn styled(all: &[Series<'_>]) -> Value {
    let keys: Vec<&str> = all.iter().filter(|series| series.rank.is_some()).map(|series| series.key.as_str()).collect();
    json!({ "filter": { "field": "series", "oneOf": keys } })
}

fn detail() -> Value {
    // A line does not go on where the definition changed.
    json!([{ "field": "series", "type": "nominal" }, { "field": "version", "type": "nominal" }])
}

/// The interval as a band.
fn band(x: &Value, y: &Value, all: &[Series<'_>]) -> Value {
    let mut low = y.clone();
    low["field"] = json!("low");
    json!({
        "transform": [styled(all)],
        "mark": { "type": "area", "opacity": if all.len() > 3 { 0.09 } else { 0.15 } },
        "encoding": {
            "x": x, "y": low, "y2": { "field": "high" }, "detail": detail(), "color": colour(all),
        },
    })
}

/// The interval of a point without neighbours, where a band would be nothing.
fn alone(x: &Value, y: &Value, all: &[Series<'_>]) -> Value {
    let mut low = y.clone();
    low["field"] = json!("low");
    json!({
        "transform": [styled(all), { "filter": { "field": "alone", "equal": true } }],
        "mark": { "type": "rule", "strokeWidth": 5, "opacity": 0.2, "strokeCap": "butt" },
        "encoding": { "x": x, "y": low, "y2": { "field": "high" }, "color": colour(all) },
    })
}

/// The dashed lines below the solid ones, the grey ones below all.
fn lines(x: &Value, y: &Value, all: &[Series<'_>]) -> Vec<Value> {
    let layer = |field: &str, mark: Value, filter: Value| {
        let mut y = y.clone();
        y["field"] = json!(field);
        json!({
            "transform": [filter], "mark": mark,
            "encoding": {
                "x": x, "y": y, "order": { "field": "order", "type": "quantitative" }, "detail": detail(), "color": colour(all),
            },
        })
    };
    let mut layers = Vec::new();
    if all.iter().any(|series| series.rank.is_none()) {
        let rest = json!({ "filter": { "not": styled(all)["filter"] } });
        layers.push(layer("y", json!({ "type": "line", "strokeWidth": 1, "opacity": 0.55 }), rest));
    }
    layers.push(layer("dashed", json!({ "type": "line", "strokeDash": [5, 4], "strokeCap": "butt" }), styled(all)));
    layers.push(layer("solid", json!({ "type": "line" }), styled(all)));
    layers
}

/// A point for each number: filled where settled, hollow where it may still change.
fn points(x: &Value, y: &Value, all: &[Series<'_>], size: f64) -> Value {
    json!({
        "transform": [styled(all), { "filter": { "field": "y", "valid": true } }],
        "mark": { "type": "point", "size": size, "strokeWidth": 1.75, "opacity": 1, "filled": false },
        "encoding": {
            "x": x, "y": y, "color": colour(all), "shape": shape(all), "tooltip": tooltip(),
            "fill": {
                "condition": { "test": { "field": "loose", "equal": true }, "value": "#ffffff" },
                "field": "series", "type": "nominal", "legend": null,
                "scale": colour(all)["scale"],
            },
        },
    })
}

/// A cross on the baseline for each period with a number that is not there; why is said where one points.
pub(super) fn gaps(rows: &[Value], x: &Value, height: f64) -> Vec<Value> {
    let mut by_period: Vec<(String, Vec<String>)> = Vec::new();
    for row in rows.iter().filter(|row| row["value"].is_null()) {
        let (Some(period), Some(tip)) = (row["period"].as_str(), row["tip"].as_str()) else { continue };
        match by_period.iter_mut().find(|(known, _)| known == period) {
            Some((_, tips)) => tips.push(tip.to_owned()),
            None => by_period.push((period.to_owned(), vec![tip.to_owned()])),
        }
    }
    if by_period.is_empty() {
        return Vec::new();
    }
    let rows: Vec<Value> = by_period
        .into_iter()
        .map(|(period, mut tips)| {
            let more = tips.len().saturating_sub(6);
            tips.truncate(6);
            let more = if more > 0 { format!("\nand {more} more") } else { String::new() };
            json!({ "period": period, "tip": format!("{}{more}", tips.join("\n")) })
        })
        .collect();
    vec![json!({
        "data": { "values": rows },
        "mark": { "type": "point", "shape": CROSS, "size": 36, "stroke": MUTED, "strokeWidth": 1.5, "opacity": 1 },
        "encoding": { "x": x, "y": { "value": height }, "tooltip": tooltip() },
    })]
}

/// A rule with words at each period from which on numbers mean something else.
pub(super) fn breaks(tile: &Tile, x: &Value) -> Vec<Value> {
    let periods = periods(tile);
    let mut found: Vec<(usize, Vec<&Break>)> = Vec::new();
    for mark in &tile.breaks {
        // Before the first period all is of one kind.
        let Some(place) = periods.iter().position(|(period, _)| *period >= mark.period.as_str()) else { continue };
        if place == 0 && periods[0].0 != mark.period {
            continue;
        }
        match found.iter_mut().find(|(known, _)| *known == place) {
            Some((_, marks)) => marks.push(mark),
            None => found.push((place, vec![mark])),
        }
    }
    found.sort_by_key(|(place, _)| *place);
    let rows: Vec<Value> = found
        .iter()
        .enumerate()
        .map(|(number, (place, marks))| {
            let mut short: Vec<String> = marks.iter().map(|mark| words::short_break(mark)).collect();
            short.dedup();
            let tips: Vec<String> = marks.iter().map(|mark| clean(&mark.words)).collect();
            let restated = marks.iter().all(|mark| mark.restated);
            json!({
                "period": periods[*place].0, "words": shortened(&short.join(", "), 18), "tip": tips.join("\n"),
                "restated": restated, "left": *place * 10 < periods.len() * 7, "level": number % 2,
            })
        })
        .collect();
    break_layers(&rows, x)
}

fn break_layers(rows: &[Value], x: &Value) -> Vec<Value> {
    if rows.is_empty() {
        return Vec::new();
    }
    let mut layers = Vec::new();
    for restated in [false, true] {
        let dash = if restated { json!([1, 3]) } else { json!([6, 3]) };
        layers.push(json!({
            "data": { "values": rows }, "transform": [{ "filter": { "field": "restated", "equal": restated } }],
            "mark": { "type": "rule", "color": MUTED, "strokeWidth": 1.25, "strokeDash": dash },
            "encoding": { "x": x, "tooltip": tooltip() },
        }));
    }
    // The words point into the plot, so that they are not cut off, and neighbours do not stand on one line.
    for (left, level) in [(true, 0), (true, 1), (false, 0), (false, 1)] {
        let (align, dx) = if left { ("left", 4) } else { ("right", -4) };
        let kind = |field: &str, value: Value| json!({ "filter": { "field": field, "equal": value } });
        if !rows.iter().any(|row| row["left"] == left && row["level"] == level) {
            continue;
        }
        let label = json!({
            "data": { "values": rows },
            "transform": [kind("left", json!(left)), kind("level", json!(level))],
            "mark": { "type": "text", "align": align, "dx": dx, "baseline": "top", "limit": 96, "color": MUTED, "fontStyle": "italic" },
            "encoding": {
                "x": x, "y": { "value": -2 + level * 14 }, "text": { "field": "words", "type": "nominal" }, "tooltip": tooltip(),
            },
        });
        layers.extend([halo(&label), label]);
    }
    layers
}

/// The name of each line behind its last point, moved apart where they would lie on each other; and the room they need.
fn direct_labels(tile: &Tile, all: &[Series<'_>], scale: &Scale, x: &Value, y: &Value) -> (Vec<Value>, f64) {
    if all.len() < 2 {
        return (Vec::new(), 14.0);
    }
    let mut ends: Vec<(f64, &Series<'_>)> = all
        .iter()
        .filter(|series| series.rank.is_some())
        .filter_map(|series| {
            let (cell, _) = words::newest(series);
            Some((HEIGHT * (1.0 - scale.share(cell?.drawn()? * series.factor())), series))
        })
        .collect();
    ends.sort_by(|(left, _), (right, _)| left.total_cmp(right));
    apart(&mut ends);
    let Some((last, _)) = periods(tile).last().copied() else { return (Vec::new(), 14.0) };
    let rows: Vec<Value> = ends
        .iter()
        .map(|(pixel, series)| {
            let y = crate::scale::round(scale.at(1.0 - pixel / HEIGHT));
            json!({ "series": series.key, "period": last, "y": y, "words": shortened(&series.name, 18), "tip": series.name })
        })
        .collect();
    let room = rows.iter().map(|row| width(row["words"].as_str().unwrap_or_default())).fold(0.0, f64::max);
    let data = json!({ "values": rows });
    let encoding = |extra: &[(&str, Value)]| {
        let mut encoding = json!({ "x": x, "y": y, "tooltip": tooltip() });
        extra.iter().for_each(|(key, value)| encoding[*key] = value.clone());
        encoding
    };
    let both = [("color", colour(all)), ("shape", shape(all)), ("fill", colour(all))];
    let words = [("text", json!({ "field": "words", "type": "nominal" }))];
    let layers = vec![
        json!({
            "data": data, "mark": { "type": "point", "xOffset": 13, "size": 34, "strokeWidth": 1.75, "opacity": 1, "filled": false },
            "encoding": encoding(&both),
        }),
        json!({
            "data": data, "mark": { "type": "text", "align": "left", "baseline": "middle", "dx": 21, "limit": 120, "color": INK },
            "encoding": encoding(&words),
        }),
    ];
    (layers, (room + 22.0).min(144.0).round())
}

/// Moves labels down and then up again until none touches the next.
fn apart(ends: &mut [(f64, &Series<'_>)]) {
    for place in 1..ends.len() {
        ends[place].0 = ends[place].0.max(ends[place - 1].0 + LINE);
    }
    let mut lowest = HEIGHT;
    for end in ends.iter_mut().rev() {
        end.0 = end.0.min(lowest);
        lowest = end.0 - LINE;
    }
}
