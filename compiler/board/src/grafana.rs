//! Dashboards for Grafana, in its classic model: a panel for each tile, whose queries read the answers that a warehouse keeps.
//!
//! Ids come from names, places from the order of tiles, and every panel has the same size: a tile that changes changes its own
//! panel and no other.

mod fields;

use crate::page::{Goal, Metric, Page, Person, Tile};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The version of the classic model that is written (Grafana 12).
const SCHEMA: u32 = 42;
/// The variable that says which data source holds the answers.
const SOURCE: &str = "${DS_GROMA}";
/// Of 24 columns and of rows.
const WIDTH: usize = 12;
const HEIGHT: usize = 9;

/// The first moment of a period.
pub const TIME: &str = "time";
/// Names the line that a row belongs to, where lines are rows of their own.
pub const SERIES: &str = "metric";
/// A value that is settled; in tables and among groups, any.
pub const VALUE: &str = "value";
/// A value that may still change.
pub const PROVISIONAL: &str = "provisional";
/// The lower end of the interval.
pub const LOW: &str = "low";
/// The upper end of the interval.
pub const HIGH: &str = "high";
/// What the value is held against.
pub const TARGET: &str = "target";
/// The row of a matrix.
pub const COHORT: &str = "cohort";
/// The column of a matrix.
pub const STEP: &str = "step";

/// The SQL behind a dashboard.
#[derive(Debug, Clone)]
pub struct Queries {
    /// The kind of data source that runs it: `grafana-postgresql-datasource`.
    pub plugin: String,
    /// Of each tile, in their order.
    pub tiles: Vec<TileQueries>,
    /// The first and the last moment that is shown: `now-2y`, `now`; or local times.
    pub range: (String, String),
}

/// The SQL behind a tile.
#[derive(Debug, Clone, Default)]
pub struct TileQueries {
    /// A statement for each metric of the tile, in their order.
    pub metrics: Vec<String>,
    /// The statement that tells where definitions changed: `time`, `text`; none where they did not.
    pub breaks: Option<String>,
    /// What is shown up to now, where it is not the dashboard's range: `24M`.
    pub span: Option<String>,
}

/// What the column of a metric is called, in a tile with so many metrics.
#[must_use]
pub fn column(metric: usize, of: usize, what: &str) -> String {
    if of > 1 { format!("{} {what}", letter(metric)) } else { what.to_owned() }
}

/// The dashboard as Grafana imports it. The same page and queries give the same text.
#[must_use]
pub fn dashboard(page: &Page, queries: &Queries) -> String {
    let mut ids = BTreeSet::new();
    let panels: Vec<(u32, &Tile, &TileQueries)> = page
        .tiles
        .iter()
        .zip(&queries.tiles)
        .map(|(tile, queries)| (panel_id(tile, &mut ids), tile, queries))
        .collect();
    let shown = panels.iter().enumerate().map(|(place, panel)| self::panel(place, *panel, &queries.plugin));
    let breaks = panels.iter().filter_map(|panel| annotation(*panel, &queries.plugin));
    let synthetic = page.synthetic.as_ref().map(|_| "synthetic");
    let tags: Vec<&str> = ["groma", page.audience.as_str()].into_iter().chain(synthetic).collect();
    let whole = json!({
        "id": null,
        "uid": format!("{:016x}", hash(&format!("{}/{}", page.project, page.id))),
        "title": page.title,
        "description": about(page),
        "tags": tags,
        "editable": true,
        "graphTooltip": 0,
        // Periods are local days: they are written as UTC and shown as UTC, so that no zone moves them.
        "timezone": "utc",
        "schemaVersion": SCHEMA,
        "refresh": refresh(page.refresh.as_deref()),
        "time": { "from": queries.range.0, "to": queries.range.1 },
        "links": [],
        "templating": { "list": [source_variable(&queries.plugin)] },
        "annotations": { "list": breaks.collect::<Vec<_>>() },
        "panels": shown.collect::<Vec<_>>(),
    });
    format!("{whole:#}\n")
}

fn letter(place: usize) -> String {
    let letter = u8::try_from(place % 26).map_or('A', |place| char::from(b'A' + place));
    if place < 26 { letter.to_string() } else { format!("{letter}{}", place / 26) }
}

fn source(plugin: &str) -> Value {
    json!({ "type": plugin, "uid": SOURCE })
}

/// Asks for the data source where there are several.
fn source_variable(plugin: &str) -> Value {
    json!({ "name": "DS_GROMA", "label": "Answers", "type": "datasource", "query": plugin, "hide": 0, "refresh": 1, "regex": "" })
}

fn refresh(refresh: Option<&str>) -> &'static str {
    match refresh {
        Some("hourly") => "1h",
        Some(_) => "1d",
        None => "",
    }
}

fn about(page: &Page) -> String {
    let owner = page.owner.as_ref().map(|owner| format!("Owner: {}", person(owner)));
    let parts = [page.synthetic.clone(), page.doc.clone(), page.note.clone(), owner];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

fn person(person: &Person) -> String {
    let title = person.title.as_ref().map(|title| format!(" ({title})")).unwrap_or_default();
    let lead = person.lead.as_ref().map(|lead| format!(", {lead}")).unwrap_or_default();
    format!("{}{title}{lead}", person.team)
}

/// FNV-1a, 64 bits: ids need to be stable, not secret.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The id of a tile's panel: of its name, not of its place. Grafana keeps 31 bits.
fn panel_id(tile: &Tile, taken: &mut BTreeSet<u32>) -> u32 {
    let folded = hash(&tile.id) ^ (hash(&tile.id) >> 32);
    let mut id = u32::try_from(folded & 0x7fff_ffff).unwrap_or_default().max(1);
    while !taken.insert(id) {
        id = id % 0x7fff_ffff + 1;
    }
    id
}

fn panel(place: usize, (id, tile, queries): (u32, &Tile, &TileQueries), plugin: &str) -> Value {
    let drawn = fields::drawn(tile);
    let target = |(place, sql): (usize, &String)| {
        json!({
            "refId": letter(place),
            "datasource": source(plugin),
            "editorMode": "code",
            "format": drawn.format,
            "rawQuery": true,
            "rawSql": sql,
        })
    };
    let mut panel = json!({
        "id": id,
        "type": drawn.kind,
        "title": tile.title,
        "description": description(tile),
        "datasource": source(plugin),
        "gridPos": { "x": place % 2 * WIDTH, "y": place / 2 * HEIGHT, "w": WIDTH, "h": HEIGHT },
        "targets": queries.metrics.iter().enumerate().map(target).collect::<Vec<_>>(),
        "fieldConfig": { "defaults": drawn.defaults, "overrides": drawn.overrides },
        "options": drawn.options,
        "transformations": drawn.transformations,
    });
    if let Some(span) = &queries.span {
        panel["timeFrom"] = json!(span);
        panel["hideTimeOverride"] = json!(true);
    }
    panel
}

/// What a reader may ask about a panel, in Markdown.
fn description(tile: &Tile) -> String {
    let mut parts: Vec<String> = tile.note.iter().cloned().collect();
    parts.extend(tile.goal.as_ref().map(target_words));
    parts.extend(tile.owner.as_ref().map(|owner| format!("Owner of the tile: {}", person(owner))));
    parts.extend(tile.metrics.iter().map(of_metric));
    let breaks: Vec<String> = tile.breaks.iter().map(|one| format!("- {}: {}", one.period_label, one.words)).collect();
    if !breaks.is_empty() {
        parts.push(format!("Changes of the definition:\n{}", breaks.join("\n")));
    }
    parts.join("\n\n")
}

/// `Target nps_goal: 40.0 points`.
#[must_use]
pub fn target_words(goal: &Goal) -> String {
    let name = goal.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    let phase = goal.phase.map(|phase| format!(" ({phase})")).unwrap_or_default();
    format!("Target{name}: {}{phase}", goal.shown)
}

fn of_metric(metric: &Metric) -> String {
    let mut lines = vec![format!("**{}** (`{}`, version {})", metric.label, metric.name, metric.version)];
    lines.extend(metric.doc.clone());
    lines.extend(metric.definition.iter().map(|line| format!("- {line}")));
    lines.extend(metric.exceptions.iter().map(|line| format!("- Exception: {line}")));
    lines.extend(metric.freshness.iter().map(|line| format!("- Freshness: {line}")));
    lines.extend(metric.owner.as_ref().map(|owner| format!("- Owner: {}", person(owner))));
    if metric.status != "active" {
        lines.push(format!("- Status: {}", metric.status));
    }
    lines.push(format!("- Meaning: `{}`", metric.hash));
    lines.push(format!("- More: `groma explain {}`", metric.name));
    lines.join("\n")
}

/// Where the definitions behind a panel changed, drawn on it alone.
fn annotation((id, tile, queries): (u32, &Tile, &TileQueries), plugin: &str) -> Option<Value> {
    let sql = queries.breaks.as_ref()?;
    Some(json!({
        "name": format!("Changes of the definition: {}", tile.title),
        "datasource": source(plugin),
        "enable": true,
        "hide": false,
        "iconColor": "purple",
        "filter": { "exclude": false, "ids": [id] },
        "target": {
            "refId": "Breaks",
            "datasource": source(plugin),
            "editorMode": "code",
            "format": "table",
            "rawQuery": true,
            "rawSql": sql,
        },
    }))
}

#[cfg(test)]
mod tests;
