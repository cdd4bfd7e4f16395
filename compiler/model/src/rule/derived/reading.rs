//! What follows from dashboards and their tiles, alerts and targets, and which metrics they show.

use super::metric::whole;
use crate::model::{Metric, MetricId, Status, TeamId};
use crate::reading::{Alert, Audience, Dashboard, Goal, Mark, Phase, Tile};
use crate::rule::attribute::{Derived, all, one};
use crate::rule::facts::Facts;
use crate::rule::value::{Sort, Thing, Type, Value};
use crate::schema::Kind;
use crate::time::GRAINS;
use std::collections::BTreeSet;

const METRIC: Sort = Sort::Declared(Kind::Metric);
const TEAM: Sort = Sort::Declared(Kind::Team);
const DASHBOARD: Sort = Sort::Declared(Kind::Dashboard);

/// The words of grains, in their order.
static GRAIN_WORDS: [&str; 7] =
    [GRAINS[0].0, GRAINS[1].0, GRAINS[2].0, GRAINS[3].0, GRAINS[4].0, GRAINS[5].0, GRAINS[6].0];

pub(crate) static OF_DASHBOARDS: &[Derived] = &[
    one("tiles", Type::Things(Sort::Tile), "its tiles, in their order", |facts, at| {
        Value::list(facts.tiles_of(at).map(|tile| Value::Thing(Thing::new(Sort::Tile, tile))))
    }),
    one("tile_count", Type::Number, "how many tiles it has", |facts, at| {
        Value::count(facts.model.dashboards.get(at).map_or(0, |dashboard| dashboard.tiles.len()))
    }),
    one("metrics", Type::Things(METRIC), "the metrics that its tiles show, each once", |facts, at| {
        let tiles = facts.model.dashboards.get(at).into_iter().flat_map(|dashboard| &dashboard.tiles);
        things(tiles.flat_map(shown))
    }),
];

pub(crate) static OF_TILES: &[Derived] = &[
    one("name", Type::Text, "its name", |facts, at| Value::text(Some(&tile(facts, at).1.name))),
    one("dashboard", Type::Thing(DASHBOARD), "the dashboard it is a tile of", |facts, at| {
        Value::thing(Kind::Dashboard, Some(facts.tile(at).0))
    }),
    one(
        "owner",
        Type::Thing(TEAM),
        "the team that answers for it: its own, else the dashboard's, else the owner of its only metric",
        |facts, at| Value::thing(Kind::Team, tile(facts, at).1.owner.map(TeamId::index)),
    ),
    one("metrics", Type::Things(METRIC), "the metrics that it shows", |facts, at| things(shown(tile(facts, at).1))),
    one("by", Type::Texts, "what it is grouped by", |facts, at| {
        Value::texts(tile(facts, at).1.by.iter().map(|part| &part.name))
    }),
    one("as", Type::Text, "how its metrics are shown", |facts, at| Value::text(Some(tile(facts, at).1.mark.word())))
        .among(Mark::WORDS),
    one("grain", Type::Text, "the periods it shows", |facts, at| Value::text(Some(tile(facts, at).1.grain.word())))
        .among(&GRAIN_WORDS),
    one("audience", Type::Text, "who reads its dashboard", |facts, at| {
        Value::text(Some(tile(facts, at).0.audience.word()))
    })
    .among(Audience::WORDS),
    one("has_target", Type::Bool, "whether its metrics are held against something", |facts, at| {
        Value::Bool(tile(facts, at).1.goal.is_some())
    }),
    one("title", Type::Text, "what stands above it", |facts, at| Value::text(tile(facts, at).1.title.as_deref())),
    one("note", Type::Text, "what readers should know", |facts, at| Value::text(tile(facts, at).1.note.as_deref())),
    one(
        "ended",
        Type::Texts,
        "the metrics that it shows and that may be used no more: past their last day",
        |facts, at| {
            let metrics = shown(tile(facts, at).1).map(|id| facts.model.metric(id));
            Value::texts(metrics.filter(|metric| has_ended(facts, metric)).map(|metric| &metric.header.name))
        },
    ),
];

pub(crate) static OF_ALERTS: &[Derived] = &[
    one("metric", Type::Thing(METRIC), "the metric that it watches", |facts, at| {
        Value::thing(Kind::Metric, alert(facts, at).map(|alert| alert.metric.index()))
    }),
    one("by", Type::Texts, "what it is grouped by", |facts, at| {
        Value::texts(alert(facts, at).into_iter().flat_map(|alert| &alert.by).map(|part| &part.name))
    }),
    one("grain", Type::Text, "the periods it watches", |facts, at| {
        Value::text(alert(facts, at).map(|alert| alert.grain.word()))
    })
    .among(&GRAIN_WORDS),
    one("after", Type::Number, "for how many settled periods in a row it must hold", |facts, at| {
        Value::number(alert(facts, at).map(|alert| whole(i64::from(alert.after))))
    }),
];

pub(crate) static OF_TARGETS: &[Derived] = &[
    one("value", Type::Number, "the value to reach; of a share, as a fraction", |facts, at| {
        Value::number(goal(facts, at).map(|goal| goal.value))
    }),
    one(
        "phase",
        Type::Text,
        "what follows from it on the day of the judgement; null where it does not hold",
        |facts, at| Value::text(goal(facts, at).and_then(|goal| goal.phase(facts.date)).map(Phase::word)),
    )
    .among(Phase::WORDS),
];

pub(crate) static OF_METRICS: &[Derived] = &[
    one("dashboards", Type::Things(DASHBOARD), "the dashboards with a tile that shows it", |facts, at| {
        Value::things(Kind::Dashboard, facts.model.shown_on(MetricId::at(at)))
    }),
    all(
        "is_read",
        Type::Bool,
        "whether a dashboard, an alert or a target names it, or a number that is built from it; null where that is known of less than half of the active metrics",
        read,
    ),
];

/// Whether somebody looks at each metric, by itself or through others.
fn read(facts: &Facts<'_>) -> Vec<Value> {
    let model = facts.model;
    let tiles = model.dashboards.iter().flat_map(|dashboard| &dashboard.tiles);
    let named = tiles.flat_map(shown);
    let named = named.chain(model.alerts.iter().map(|alert| alert.metric));
    let mut open: Vec<MetricId> = named.chain(model.goals.iter().map(|goal| goal.metric)).collect();
    let mut looked_at = vec![false; model.metrics.len()];
    while let Some(id) = open.pop() {
        if !std::mem::replace(&mut looked_at[id.index()], true) {
            open.extend(model.metric(id).measure.metrics());
        }
    }
    let active = |is_read: bool| {
        let all = model.metrics.iter().zip(&looked_at);
        all.filter(|(metric, seen)| metric.status == Status::Active && **seen == is_read).count()
    };
    // A project that says of few metrics who reads them has its dashboards elsewhere.
    if active(true) < active(false) {
        return vec![Value::Null; model.metrics.len()];
    }
    looked_at.into_iter().map(Value::Bool).collect()
}

fn tile<'m>(facts: &Facts<'m>, at: usize) -> (&'m Dashboard, &'m Tile) {
    let (dashboard, tile) = facts.tile(at);
    let dashboard = &facts.model.dashboards[dashboard];
    (dashboard, &dashboard.tiles[tile])
}

fn shown(tile: &Tile) -> impl Iterator<Item = MetricId> {
    tile.metrics.iter().map(|(id, _)| *id)
}

fn things(ids: impl Iterator<Item = MetricId>) -> Value {
    let mut seen = BTreeSet::new();
    Value::things(Kind::Metric, ids.filter(|id| seen.insert(*id)).map(MetricId::index).collect::<Vec<_>>())
}

fn has_ended(facts: &Facts<'_>, metric: &Metric) -> bool {
    metric.status == Status::Deprecated && metric.governed.retires.is_some_and(|day| day < facts.date)
}

/// An alert by its place among declarations: what could not be read is not in the model.
fn alert<'m>(facts: &Facts<'m>, at: usize) -> Option<&'m Alert> {
    let name = &facts.declared(Kind::Alert, at).name;
    facts.model.alerts.iter().find(|alert| alert.header.name == *name)
}

fn goal<'m>(facts: &Facts<'m>, at: usize) -> Option<&'m Goal> {
    let name = &facts.declared(Kind::Goal, at).name;
    facts.model.goals.iter().find(|goal| goal.header.name == *name)
}
