//! How a tile's columns are drawn by Grafana: which panel, which fields, which words beside the colours.

use super::{COHORT, HIGH, LOW, PROVISIONAL, STEP, TARGET, TIME, VALUE, column, target_words};
use crate::page::{Metric, Tile};
use serde_json::{Value, json};

/// The colours of metrics, by Grafana's names.
const COLORS: [&str; 6] = ["blue", "orange", "purple", "green", "red", "yellow"];

/// A panel without its queries.
pub(super) struct Drawn {
    pub(super) kind: &'static str,
    /// How Grafana reads what the queries answer: `time_series` or `table`.
    pub(super) format: &'static str,
    pub(super) defaults: Value,
    pub(super) overrides: Vec<Value>,
    pub(super) options: Value,
    pub(super) transformations: Vec<Value>,
}

pub(super) fn drawn(tile: &Tile) -> Drawn {
    match tile.mark {
        "number" => number(tile),
        "bar" => bars(tile),
        "table" => table(tile),
        "heatmap" => heatmap(tile),
        "funnel" => funnel(tile),
        _ => lines(tile),
    }
}

fn lines(tile: &Tile) -> Drawn {
    let custom = json!({
        "drawStyle": "line", "lineInterpolation": "linear", "lineWidth": 2, "fillOpacity": 0, "showPoints": "auto",
        "pointSize": 5, "spanNulls": false, "axisPlacement": "auto", "thresholdsStyle": { "mode": "off" },
    });
    let mut defaults = of_numbers(tile);
    defaults["custom"] = custom;
    let overrides = if tile.groups.is_empty() { of_columns(tile, true) } else { of_lines(true) };
    Drawn {
        kind: "timeseries",
        format: "time_series",
        defaults,
        overrides,
        options: legend(),
        transformations: Vec::new(),
    }
}

fn bars(tile: &Tile) -> Drawn {
    let mut defaults = of_numbers(tile);
    defaults["custom"] =
        json!({ "lineWidth": 1, "fillOpacity": 80, "axisPlacement": "auto", "axisCenteredZero": false });
    let overrides = if tile.groups.is_empty() { of_columns(tile, false) } else { of_lines(false) };
    let mut options = legend();
    options["orientation"] = json!("auto");
    options["showValue"] = json!("auto");
    options["stacking"] = json!("none");
    options["xTickLabelRotation"] = json!(0);
    let mut overrides: Vec<Value> = overrides;
    overrides.push(named("Time", vec![("unit", json!(time_unit(tile.grain)))]));
    Drawn { kind: "barchart", format: "time_series", defaults, overrides, options, transformations: Vec::new() }
}

fn number(tile: &Tile) -> Drawn {
    let mut defaults = of_numbers(tile);
    defaults["noValue"] = json!("–");
    let overrides = if tile.groups.is_empty() { of_columns(tile, false) } else { of_lines(false) };
    let options = json!({
        "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
        "graphMode": "area", "colorMode": "value", "justifyMode": "auto", "textMode": "value_and_name",
        "orientation": "auto", "wideLayout": true,
    });
    Drawn { kind: "stat", format: "time_series", defaults, overrides, options, transformations: Vec::new() }
}

fn table(tile: &Tile) -> Drawn {
    let mut overrides =
        vec![named(TIME, vec![("displayName", json!("Period")), ("unit", json!(time_unit(tile.grain)))])];
    for (place, metric) in tile.metrics.iter().enumerate() {
        let name = |what: &str| column(place, tile.metrics.len(), what);
        let label = |what: &str| if what == VALUE { metric.label.clone() } else { of_label(tile, metric, what) };
        for what in [VALUE, LOW, HIGH, "change"] {
            let properties = vec![("displayName", json!(label(what))), ("unit", json!(unit(metric)))];
            overrides.push(named(&name(what), properties));
        }
        for what in ["n", "status", "verdict"] {
            overrides.push(named(&name(what), vec![("displayName", json!(label(what)))]));
        }
    }
    let defaults = json!({ "custom": { "align": "auto", "filterable": true, "cellOptions": { "type": "auto" } } });
    let merged = (tile.metrics.len() > 1).then(|| json!({ "id": "merge", "options": {} }));
    let options = json!({ "showHeader": true, "cellHeight": "sm", "sortBy": [] });
    Drawn {
        kind: "table",
        format: "table",
        defaults,
        overrides,
        options,
        transformations: merged.into_iter().collect(),
    }
}

/// A table of cohorts and steps whose cells are coloured; the numbers stand in them.
fn heatmap(tile: &Tile) -> Drawn {
    let mut defaults = of_numbers(tile);
    defaults["color"] = json!({ "mode": "continuous-BlPu" });
    defaults["custom"] = json!({ "align": "center", "cellOptions": { "type": "color-background", "mode": "basic" } });
    let head = format!("{COHORT}\\{STEP}");
    let overrides =
        vec![named(&head, vec![("displayName", json!("Cohort")), ("custom.cellOptions", json!({ "type": "auto" }))])];
    let matrix = json!({ "columnField": STEP, "rowField": COHORT, "valueField": VALUE, "emptyValue": "null" });
    let transformations = vec![json!({ "id": "groupingToMatrix", "options": matrix })];
    let options = json!({ "showHeader": true, "cellHeight": "sm" });
    Drawn { kind: "table", format: "table", defaults, overrides, options, transformations }
}

fn funnel(tile: &Tile) -> Drawn {
    let mut defaults = of_numbers(tile);
    defaults["min"] = json!(0);
    defaults["color"] = json!({ "mode": "fixed", "fixedColor": COLORS[0] });
    let options = json!({
        "reduceOptions": { "calcs": ["lastNotNull"], "fields": format!("/^{VALUE}$/"), "values": true },
        "orientation": "horizontal", "displayMode": "basic", "valueMode": "text", "showUnfilled": true,
        "namePlacement": "left", "sizing": "auto",
    });
    Drawn { kind: "bargauge", format: "table", defaults, overrides: Vec::new(), options, transformations: Vec::new() }
}

/// What all numbers of a tile have: a unit, and where they are held against something, what is reached and what is not.
fn of_numbers(tile: &Tile) -> Value {
    let steps = match (&tile.goal, tile.metrics.first().and_then(|metric| metric.better.as_deref())) {
        (Some(goal), better) => {
            let (before, reached) = if better == Some("lower") { ("green", "orange") } else { ("orange", "green") };
            vec![json!({ "color": before, "value": null }), json!({ "color": reached, "value": goal.value })]
        }
        (None, _) => vec![json!({ "color": COLORS[0], "value": null })],
    };
    let color = if tile.goal.is_some() && tile.mark == "number" { "thresholds" } else { "palette-classic" };
    json!({
        "unit": tile.metrics.first().map_or("short".to_owned(), unit),
        "color": { "mode": color },
        "thresholds": { "mode": "absolute", "steps": steps },
    })
}

/// The columns of metrics without groups: the value, its provisional part dashed, its interval as a band, its target.
fn of_columns(tile: &Tile, has_bounds: bool) -> Vec<Value> {
    let mut overrides = Vec::new();
    for (place, metric) in tile.metrics.iter().enumerate() {
        let name = |what: &str| column(place, tile.metrics.len(), what);
        let color = json!({ "mode": "fixed", "fixedColor": COLORS[place % COLORS.len()] });
        let colored = |mut properties: Vec<(&'static str, Value)>| {
            properties.push(("unit", json!(unit(metric))));
            if tile.mark != "number" || tile.goal.is_none() {
                properties.push(("color", color.clone()));
            }
            properties
        };
        let goal =
            tile.goal.as_ref().filter(|_| tile.mark == "number").map(|goal| format!(" · {}", target_words(goal)));
        let value = format!("{}{}", metric.label, goal.unwrap_or_default());
        overrides.push(named(&name(VALUE), colored(vec![("displayName", json!(value))])));
        let mut provisional = vec![("displayName", json!(of_label(tile, metric, PROVISIONAL)))];
        provisional.extend(dashed(tile.mark));
        overrides.push(named(&name(PROVISIONAL), colored(provisional)));
        if has_bounds {
            let (low, high) = (of_label(tile, metric, LOW), of_label(tile, metric, HIGH));
            let mut lower = vec![("displayName", json!(low))];
            lower.extend(unseen());
            overrides.push(named(&name(LOW), colored(lower)));
            let mut upper = vec![("displayName", json!(high))];
            upper.extend(unseen());
            upper.extend([("custom.fillBelowTo", json!(low)), ("custom.fillOpacity", json!(15))]);
            overrides.push(named(&name(HIGH), colored(upper)));
        }
        if let Some(goal) = tile.goal.as_ref().filter(|_| has_bounds && place == 0) {
            let mut target = vec![("displayName", json!(target_words(goal))), ("unit", json!(unit(metric)))];
            target.extend([
                ("color", json!({ "mode": "fixed", "fixedColor": "text" })),
                ("custom.lineWidth", json!(1)),
                ("custom.lineStyle", json!({ "fill": "dot", "dash": [2, 6] })),
            ]);
            overrides.push(named(&name(TARGET), target));
        }
    }
    overrides
}

/// The lines of groups: their names are only known to the data, so that they are told apart by how they end.
fn of_lines(has_bounds: bool) -> Vec<Value> {
    let ending = |what: &str, properties: Vec<(&'static str, Value)>| json!({ "matcher": { "id": "byRegexp", "options": format!("/\\({what}\\)$/") }, "properties": properties_of(properties) });
    let mut overrides = vec![ending(PROVISIONAL, dashed(if has_bounds { "line" } else { "bar" }))];
    if has_bounds {
        let shown_on_demand = ("custom.hideFrom", json!({ "viz": true, "legend": true, "tooltip": false }));
        overrides.push(ending(LOW, vec![shown_on_demand.clone()]));
        overrides.push(ending(HIGH, vec![shown_on_demand]));
        let line = vec![("custom.lineWidth", json!(1)), ("custom.lineStyle", json!({ "fill": "dot", "dash": [2, 6] }))];
        overrides.push(
            json!({ "matcher": { "id": "byRegexp", "options": "/^Target/" }, "properties": properties_of(line) }),
        );
    }
    overrides
}

/// What tells provisional numbers from settled ones, in the way of a mark.
fn dashed(mark: &str) -> Vec<(&'static str, Value)> {
    match mark {
        "line" => vec![("custom.lineStyle", json!({ "fill": "dash", "dash": [8, 6] }))],
        "bar" => vec![("custom.fillOpacity", json!(25))],
        _ => Vec::new(),
    }
}

fn unseen() -> Vec<(&'static str, Value)> {
    let hidden = json!({ "viz": false, "legend": true, "tooltip": false });
    vec![("custom.lineWidth", json!(0)), ("custom.showPoints", json!("never")), ("custom.hideFrom", hidden)]
}

/// `NPS (provisional)`.
fn of_label(tile: &Tile, metric: &Metric, what: &str) -> String {
    if tile.mark == "table" && tile.metrics.len() == 1 { what.to_owned() } else { format!("{} ({what})", metric.label) }
}

fn named(name: &str, properties: Vec<(&'static str, Value)>) -> Value {
    json!({ "matcher": { "id": "byName", "options": name }, "properties": properties_of(properties) })
}

fn properties_of(properties: Vec<(&'static str, Value)>) -> Vec<Value> {
    properties.into_iter().map(|(id, value)| json!({ "id": id, "value": value })).collect()
}

fn legend() -> Value {
    json!({
        "legend": { "displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": [] },
        "tooltip": { "mode": "multi", "sort": "none" },
    })
}

/// The unit by Grafana's name; it scales shares and lengths of time by itself, so the raw value is what it is told.
fn unit(metric: &Metric) -> String {
    let lengths = [("seconds", 1.0, "s"), ("seconds", 60.0, "m"), ("seconds", 3600.0, "h")];
    match metric.unit.as_deref() {
        None => "locale".to_owned(),
        Some("%") => "percentunit".to_owned(),
        Some("days") => "d".to_owned(),
        Some(unit)
            if let Some((_, _, known)) =
                lengths.iter().find(|(word, factor, _)| *word == unit && *factor == metric.factor) =>
        {
            (*known).to_owned()
        }
        Some(unit @ ("usd" | "eur" | "gbp" | "jpy" | "chf" | "inr" | "brl")) => {
            format!("currency{}", unit.to_uppercase())
        }
        Some(unit) => format!("suffix: {unit}"),
    }
}

/// How a period is written: by its first day, as short as it is clear.
fn time_unit(grain: &str) -> &'static str {
    match grain {
        "month" => "time:YYYY-MM",
        "quarter" => "time:YYYY [Q]Q",
        "year" => "time:YYYY",
        _ => "time:YYYY-MM-DD",
    }
}
