//! Vega-Lite specifications: the numbers of a tile in order, and how they are drawn.

mod axis;
mod bar;
mod funnel;
mod heatmap;
mod line;
mod text;

use serde_json::{Value, json};

use crate::page::{Cell, Tile};
use crate::series::{Series, clean, shortened, step_name};
use crate::words;

/// The schema that all specifications name.
const SCHEMA: &str = "https://vega.github.io/schema/vega-lite/v6.json";

/// What is read: the darkest.
const INK: &str = "#1f2328";

/// What is read second.
const MUTED: &str = "#57606a";

/// Lines that are not numbers.
const GRID: &str = "#e3e6ea";

/// No longer note below a title, in characters.
const NOTE: usize = 110;

/// The cross where a number is missing.
const CROSS: &str = "M-0.7,-0.7L0.7,0.7M-0.7,0.7L0.7,-0.7";

/// The specification of a tile; none for a table.
pub(crate) fn vega_lite(tile: &Tile) -> Option<Value> {
    let drawn = match tile.mark {
        "table" => return None,
        _ if tile.cells.is_empty() => text::empty(),
        "number" => line::spark(tile),
        "bar" => bar::bar(tile),
        "heatmap" => heatmap::heatmap(tile),
        "funnel" => funnel::funnel(tile),
        _ => line::line(tile),
    };
    Some(whole(tile, drawn))
}

/// The specification as a page embeds it: the page says the title and the note, and has its own ground.
pub(crate) fn in_page(tile: &Tile) -> Option<Value> {
    let mut specification = vega_lite(tile)?;
    let subtitle = specification["title"]["subtitle"].clone();
    let told = tile.note.as_deref().map(|note| shortened(&clean(note), NOTE));
    let subtitle: Vec<Value> = match subtitle {
        Value::Array(lines) => lines.into_iter().filter(|line| line.as_str() != told.as_deref()).collect(),
        _ => Vec::new(),
    };
    specification["title"] = if subtitle.is_empty() {
        Value::Null
    } else {
        json!({ "text": subtitle, "fontSize": 12, "fontWeight": "normal", "color": MUTED, "anchor": "start", "offset": 10 })
    };
    specification["config"]["background"] = json!("transparent");
    Some(specification)
}

/// What a mark gives: its height in pixels, its room, parameters, rows and layers.
struct Drawn {
    height: f64,
    /// Room on the right for labels.
    right: f64,
    /// Names by key, for axes: names are data and never parts of an expression.
    params: Vec<(&'static str, Value)>,
    rows: Vec<Value>,
    layers: Vec<Value>,
    /// A sentence that the drawing needs.
    note: Option<String>,
}

fn whole(tile: &Tile, drawn: Drawn) -> Value {
    let params: Vec<Value> =
        drawn.params.into_iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let mut subtitle: Vec<String> = Vec::new();
    subtitle.extend(drawn.note);
    subtitle.extend(tile.note.as_deref().map(|note| shortened(&clean(note), NOTE)));
    json!({
        "$schema": SCHEMA,
        "title": { "text": shortened(&clean(&tile.title), 80), "subtitle": subtitle },
        "description": words::description(tile),
        "width": "container",
        "height": drawn.height,
        "autosize": { "type": "fit-x", "contains": "padding" },
        "padding": { "left": 2, "top": 8, "right": drawn.right, "bottom": 4 },
        "params": params,
        "data": { "values": drawn.rows },
        "layer": drawn.layers,
        "config": config(),
    })
}

/// How everything looks: constant, so that one tile never changes another.
fn config() -> Value {
    json!({
        "aria": false,
        "background": "#ffffff",
        "font": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
        "view": { "stroke": null, "continuousWidth": 640, "discreteWidth": 640 },
        "title": {
            "anchor": "start", "color": INK, "fontSize": 15, "fontWeight": 600, "subtitleColor": MUTED,
            "subtitleFontSize": 12, "subtitlePadding": 4, "offset": 14,
        },
        "axis": {
            "domain": false, "ticks": false, "grid": false, "gridColor": GRID, "labelColor": MUTED, "labelFontSize": 11,
            "labelPadding": 6, "titleColor": MUTED, "titleFontSize": 11, "titleFontWeight": "normal",
        },
        "text": { "color": INK, "fontSize": 11 },
        "line": { "strokeWidth": 2, "strokeJoin": "round", "strokeCap": "round" },
    })
}

/// What every row says about its cell.
fn row(series: &Series<'_>, cell: &Cell) -> serde_json::Map<String, Value> {
    let mut row = serde_json::Map::new();
    let scaled = |value: f64| crate::scale::round(value * series.factor());
    let mut put = |key: &str, value: Value| {
        row.insert(key.to_owned(), value);
    };
    put("series", json!(series.key));
    put("name", json!(series.name));
    put("metric", json!(cell.metric));
    put("version", json!(cell.version));
    put("period", json!(cell.period));
    if let (Some(step), Some(number)) = (&cell.step, cell.step_number) {
        put("step", json!(step_name(step)));
        put("step_number", json!(number));
    }
    put("value", json!(cell.drawn()));
    put("y", json!(cell.drawn().map(scaled)));
    let interval = cell.interval().filter(|_| cell.drawn().is_some());
    put("low", json!(interval.map(|(low, _)| scaled(low))));
    put("high", json!(interval.map(|(_, high)| scaled(high))));
    put("status", json!(cell.status));
    put("tip", json!(words::tip(series, cell)));
    row
}

/// The encoding of the text that appears where one points.
fn tooltip() -> Value {
    json!({ "field": "tip", "type": "nominal" })
}

/// Colours by series.
fn colour(all: &[Series<'_>]) -> Value {
    let keys: Vec<&str> = all.iter().map(|series| series.key.as_str()).collect();
    let colours: Vec<&str> = all.iter().map(Series::colour).collect();
    json!({ "field": "series", "type": "nominal", "scale": { "domain": keys, "range": colours }, "legend": null })
}

/// Shapes by series.
fn shape(all: &[Series<'_>]) -> Value {
    let keys: Vec<&str> = all.iter().map(|series| series.key.as_str()).collect();
    let shapes: Vec<&str> = all.iter().map(Series::shape).collect();
    json!({ "field": "series", "type": "nominal", "scale": { "domain": keys, "range": shapes }, "legend": null })
}

/// About how wide a text is at 11 pixels.
fn width(text: &str) -> f64 {
    text.chars().map(|char| if char.is_ascii() { 6.2 } else { 9.0 }).sum()
}

/// The goal of a tile in the unit that is drawn.
fn goal(tile: &Tile, all: &[Series<'_>]) -> Option<f64> {
    let factor = all.first().map_or(1.0, Series::factor);
    tile.goal.as_ref().map(|goal| crate::scale::round(goal.value * factor)).filter(|value| value.is_finite())
}

/// The same words in the colour of the ground and a little wider, to stand below: so that lines do not cross them.
fn halo(label: &Value) -> Value {
    let mut halo = label.clone();
    let mark = [
        ("color", json!("#ffffff")),
        ("stroke", json!("#ffffff")),
        ("strokeWidth", json!(3.5)),
        ("strokeJoin", json!("round")),
    ];
    mark.into_iter().for_each(|(key, value)| halo["mark"][key] = value);
    halo
}

/// The line of the goal with its words, on the axis `x` or `y`.
fn goal_layers(tile: &Tile, all: &[Series<'_>], channel: &'static str, axis: &Value) -> Vec<Value> {
    let (Some(goal), Some(value)) = (&tile.goal, goal(tile, all)) else { return Vec::new() };
    let mut position = axis.clone();
    position["field"] = json!("goal");
    let rows = json!({ "values": [{ "goal": value, "words": words::goal(goal) }] });
    let mut rule = json!({
        "data": rows, "mark": { "type": "rule", "color": INK, "strokeWidth": 1.25, "strokeDash": [2, 3] },
        "encoding": { "tooltip": { "field": "words", "type": "nominal" } },
    });
    let mut label = json!({
        "data": rows,
        "mark": { "type": "text", "align": "left", "baseline": "bottom", "dx": 4, "dy": -3, "fontStyle": "italic" },
        "encoding": { "text": { "field": "words", "type": "nominal" } },
    });
    let other = if channel == "y" { "x" } else { "y" };
    label["encoding"][other] = json!({ "value": 0 });
    for layer in [&mut rule, &mut label] {
        layer["encoding"][channel] = position.clone();
    }
    vec![rule, halo(&label), label]
}
