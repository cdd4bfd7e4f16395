//! Dashboards, alerts and targets as JSON.

use groma_model::reading::{Alert, Bound, Dashboard, Goal, GoalOf, Tile, Trigger};
use groma_model::schema::Kind;
use groma_model::{MetricId, Model, SmolStr, TeamId};
use jiff::civil::Date;
use serde_json::{Value, json};

/// What a declaration of one of these kinds says; none where it could not be read.
pub(super) fn as_json(model: &Model, kind: Kind, name: &SmolStr) -> Option<Value> {
    Some(match kind {
        Kind::Dashboard => dashboard(model, model.dashboards.iter().find(|one| one.header.name == *name)?),
        Kind::Alert => alert(model, model.alerts.iter().find(|one| one.header.name == *name)?),
        Kind::Goal => target(model, model.goals.iter().find(|one| one.header.name == *name)?),
        _ => return None,
    })
}

/// The tiles that show a metric, the alerts that watch it, and the targets for it: `tile leadership.nps`.
pub(super) fn who_reads(model: &Model, id: MetricId) -> Vec<String> {
    let shows = |tile: &&Tile| tile.metrics.iter().any(|(metric, _)| *metric == id);
    let tiles = model.dashboards.iter().flat_map(|dashboard| {
        let shown = dashboard.tiles.iter().filter(shows);
        shown.map(|tile| format!("tile {}.{}", dashboard.header.name, tile.name))
    });
    let alerts = model.alerts.iter().filter(|alert| alert.metric == id);
    let goals = model.goals.iter().filter(|goal| goal.metric == id);
    let alerts = alerts.map(|alert| format!("alert {}", alert.header.name));
    tiles.chain(alerts).chain(goals.map(|goal| format!("target {}", goal.header.name))).collect()
}

fn dashboard(model: &Model, dashboard: &Dashboard) -> Value {
    let mut metrics: Vec<&str> =
        dashboard.tiles.iter().flat_map(|tile| &tile.metrics).map(|(id, _)| name(model, *id)).collect();
    metrics.sort_unstable();
    metrics.dedup();
    json!({
        "owner": team(model, dashboard.owner),
        "title": dashboard.title,
        "audience": dashboard.audience.word(),
        "refresh": dashboard.refresh.map(groma_model::reading::Refresh::word),
        "note": dashboard.note,
        "metrics": metrics,
        "tiles": dashboard.tiles.iter().map(|one| tile(model, one)).collect::<Vec<_>>(),
    })
}

fn tile(model: &Model, tile: &Tile) -> Value {
    let target = tile.goal.map(|goal| match goal {
        GoalOf::Value(value) => json!(value),
        GoalOf::Declared(at) => json!(model.goals[at].header.name.as_str()),
    });
    json!({
        "name": tile.name.as_str(),
        "documentation": tile.doc,
        "title": tile.title,
        "owner": team(model, tile.owner),
        "metrics": tile.metrics.iter().map(|(id, _)| name(model, *id)).collect::<Vec<_>>(),
        "by": tile.by.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(),
        "grain": tile.grain.word(),
        "as": tile.mark.word(),
        "span": tile.latest.map(|(number, grain)| json!({ "periods": number, "grain": grain.word() })),
        "target": target,
        "note": tile.note,
    })
}

fn alert(model: &Model, alert: &Alert) -> Value {
    let written = |bound: Bound| format!("value {} {}", bound.comparison.word(), bound.value);
    let (when, until) = match alert.when {
        Trigger::Matters(direction) => (format!("{} by matters", direction.word()), None),
        Trigger::Threshold { fires, clears } => (written(fires), clears.map(written)),
        Trigger::Missing(age) => (format!("age > {}", super::words::offset(age)), None),
    };
    json!({
        "owner": team(model, alert.owner),
        "on": name(model, alert.metric),
        "by": alert.by.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(),
        "grain": alert.grain.word(),
        "when": when,
        "until": until,
        "after": alert.after,
        "tell": team(model, alert.tell),
        "because": alert.because,
        "do": alert.action,
    })
}

fn target(model: &Model, goal: &Goal) -> Value {
    let day = |day: Option<Date>| day.map(|day| day.to_string());
    json!({
        "owner": team(model, goal.owner),
        "metric": name(model, goal.metric),
        "value": goal.value,
        "unit": model.metric(goal.metric).unit.to_string(),
        "shadow": day(goal.shadow),
        "warned": day(goal.warned),
        "enforced": day(goal.enforced),
        "until": day(goal.until),
        "because": goal.because,
    })
}

fn name(model: &Model, id: MetricId) -> &str {
    &model.metric(id).header.name
}

fn team(model: &Model, id: Option<TeamId>) -> Option<&str> {
    id.map(|id| model.teams[id.index()].header.name.as_str())
}
