//! What the manifest says of dashboards, alerts and targets of metrics.

use crate::loading::Loaded;
use groma_model::reading::{Alert, Dashboard, Goal, GoalOf, Tile, Trigger};
use groma_model::{Grouping, Header, MetricId, TeamId};
use jiff::civil::Date;
use serde_json::{Value, json};

/// All dashboards, in order.
pub(crate) fn dashboards(loaded: &Loaded) -> Value {
    loaded.project.model.dashboards.iter().map(|dashboard| self::dashboard(loaded, dashboard)).collect()
}

/// All targets of metrics, in order.
pub(crate) fn goals(loaded: &Loaded) -> Value {
    loaded.project.model.goals.iter().map(|goal| self::goal(loaded, goal)).collect()
}

fn dashboard(loaded: &Loaded, dashboard: &Dashboard) -> Value {
    let own = json!({
        "title": dashboard.title,
        "owner": team(loaded, dashboard.owner),
        "audience": dashboard.audience.word(),
        "refresh": dashboard.refresh.map(groma_model::reading::Refresh::word),
        "note": dashboard.note,
        "tiles": dashboard.tiles.iter().map(|tile| self::tile(loaded, tile)).collect::<Vec<_>>(),
    });
    declared(loaded, &dashboard.header, own)
}

fn tile(loaded: &Loaded, tile: &Tile) -> Value {
    let target = match tile.goal {
        None => Value::Null,
        Some(GoalOf::Value(value)) => json!(value),
        Some(GoalOf::Declared(place)) => json!(loaded.project.model.goals[place].header.name.as_str()),
    };
    json!({
        "name": tile.name.as_str(),
        "documentation": tile.doc,
        "title": tile.title,
        "owner": team(loaded, tile.owner),
        "metrics": tile.metrics.iter().map(|(id, _)| metric(loaded, *id)).collect::<Vec<_>>(),
        "by": names(&tile.by),
        "grain": tile.grain.word(),
        "as": tile.mark.word(),
        "span": tile.latest.map(|(count, grain)| json!({ "count": count, "grain": grain.word() })),
        "target": target,
        "note": tile.note,
    })
}

/// An alert, without its file.
pub(crate) fn alert(loaded: &Loaded, alert: &Alert) -> Value {
    let trigger = match alert.when {
        Trigger::Matters(_) => "matters",
        Trigger::Threshold { .. } => "threshold",
        Trigger::Missing(_) => "missing",
    };
    let own = json!({
        "owner": team(loaded, alert.owner),
        "metric": metric(loaded, alert.metric),
        "by": names(&alert.by),
        "grain": alert.grain.word(),
        "fires": trigger,
        "after": alert.after,
        "tell": team(loaded, alert.tell),
        "because": alert.because,
        "do": alert.action,
    });
    declared(loaded, &alert.header, own)
}

fn goal(loaded: &Loaded, goal: &Goal) -> Value {
    let day = |day: Option<Date>| day.map(|day| day.to_string());
    let own = json!({
        "owner": team(loaded, goal.owner),
        "metric": metric(loaded, goal.metric),
        "value": goal.value,
        "shadow": day(goal.shadow),
        "warned": day(goal.warned),
        "enforced": day(goal.enforced),
        "until": day(goal.until),
        "because": goal.because,
    });
    declared(loaded, &goal.header, own)
}

/// What all declarations have, with what this one has.
fn declared(loaded: &Loaded, header: &Header, own: Value) -> Value {
    let sources = &loaded.project.sources;
    let mut object = json!({
        "name": header.name.as_str(),
        "documentation": header.doc,
        "path": sources.file(header.span.file).path,
        "line": sources.line_column(header.span.file, header.span.start).line,
    });
    if let (Some(object), Value::Object(own)) = (object.as_object_mut(), own) {
        object.extend(own);
    }
    object
}

fn team(loaded: &Loaded, id: Option<TeamId>) -> Option<String> {
    id.map(|id| loaded.project.model.teams[id.index()].header.name.to_string())
}

fn metric(loaded: &Loaded, id: MetricId) -> String {
    loaded.project.model.metric(id).header.name.to_string()
}

fn names(by: &[Grouping]) -> Vec<String> {
    by.iter().map(|grouping| grouping.name.to_string()).collect()
}
