//! What follows from metrics.

use super::people::holds;
use super::survey::timing;
use crate::measure::MeasureKind;
use crate::model::{CustomerId, Metric, MetricId, SourceId, TeamId};
use crate::row::Binary;
use crate::rule::attribute::{Derived, all, one};
use crate::rule::facts::Facts;
use crate::rule::value::{Sort, Type, Value};
use crate::rule::written::in_days;
use crate::schema::Kind;
use crate::time::Clock;
use std::collections::BTreeSet;

const TEAM: Sort = Sort::Declared(Kind::Team);
const METRIC: Sort = Sort::Declared(Kind::Metric);
const SOURCE: Sort = Sort::Declared(Kind::Source);
const SURVEY: Sort = Sort::Declared(Kind::Survey);
const CUSTOMER: Sort = Sort::Declared(Kind::Customer);

pub(crate) static TABLE: &[Derived] = &[
    one("owner", Type::Thing(TEAM), "the team that answers for the number on the day of the judgement", |facts, at| {
        let metric = metric(facts, at);
        let owner = metric.owner.map(TeamId::index).or_else(|| accountable(facts, metric).next());
        Value::thing(Kind::Team, owner)
    }),
    one(
        "accountable",
        Type::Things(TEAM),
        "the teams that are accountable on the day of the judgement",
        |facts, at| Value::things(Kind::Team, accountable(facts, metric(facts, at))),
    ),
    one("customer", Type::Thing(CUSTOMER), "who is counted", |facts, at| {
        Value::thing(Kind::Customer, metric(facts, at).customer.map(CustomerId::index))
    }),
    one("source", Type::Thing(SOURCE), "where its own rows are; null for a metric of metrics", |facts, at| {
        Value::thing(Kind::Source, metric(facts, at).source.map(SourceId::index))
    }),
    one("sources", Type::Things(SOURCE), "every source it reads, through other metrics too", |facts, at| {
        Value::things(Kind::Source, metric(facts, at).reads.iter().map(|source| source.index()))
    }),
    one("survey", Type::Thing(SURVEY), "the survey whose answers it reads, the first of several", |facts, at| {
        let surveys = facts.model.surveys_read(MetricId::at(at));
        Value::thing(Kind::Survey, surveys.first().map(|survey| survey.index()))
    }),
    one(
        "surveys",
        Type::Things(SURVEY),
        "the surveys whose answers it reads, through other metrics too",
        |facts, at| {
            let surveys = facts.model.surveys_read(MetricId::at(at));
            Value::things(Kind::Survey, surveys.iter().map(|survey| survey.index()))
        },
    ),
    one("channels", Type::Texts, "the channels of those surveys, each once", |facts, at| {
        let surveys = facts.model.surveys_read(MetricId::at(at)).iter();
        let channels = surveys.flat_map(|survey| &facts.model.surveys[survey.index()].channel);
        Value::texts(channels.collect::<BTreeSet<_>>())
    }),
    one("timings", Type::Texts, "what those surveys follow: `relationship`, `after tickets.closed_at`", |facts, at| {
        let surveys = facts.model.surveys_read(MetricId::at(at)).iter();
        Value::texts(surveys.map(|survey| timing(facts.model, *survey)).collect::<BTreeSet<_>>())
    }),
    one("metrics", Type::Things(METRIC), "the metrics that its measure names", |facts, at| {
        Value::things(Kind::Metric, metric(facts, at).measure.metrics().iter().map(|id| id.index()))
    }),
    one("unit", Type::Text, "the unit of the number; null for one without", |facts, at| {
        let unit = metric(facts, at).unit.to_string();
        Value::text(Some(unit.as_str()).filter(|unit| *unit != "number"))
    }),
    one("grain", Type::Texts, "the periods it is built for", |facts, at| {
        Value::texts(metric(facts, at).grains.iter().map(|grain| grain.word()))
    }),
    one("clock", Type::Text, "`event`, `trailing`, `to_date`, `after`, `curve` or `snapshot`", |facts, at| {
        Value::text(Some(clock_word(&metric(facts, at).clock)))
    })
    .among(&CLOCKS),
    one("lag", Type::Number, "the days of its window; null where they are not fixed", |facts, at| {
        Value::number(lag(&metric(facts, at).clock))
    }),
    one("late", Type::Number, "how many days after a period its rows may still arrive", |facts, at| {
        let late = |source: &SourceId| facts.model.source(*source).late.map_or(0.0, in_days);
        Value::Number(metric(facts, at).reads.iter().map(late).fold(0.0, f64::max))
    }),
    one("minimum", Type::Number, "fewer observations give no value", |facts, at| {
        Value::number(metric(facts, at).minimum.map(whole))
    }),
    one("cell", Type::Number, "the fewest customers that a number of it may be about", |facts, at| {
        Value::number(metric(facts, at).governed.cell.map(whole))
    }),
    one("target", Type::Number, "the value to reach; of a share, as a fraction", |facts, at| {
        Value::number(metric(facts, at).governed.target)
    }),
    one("threshold", Type::Number, "the value at which one must act; of a share, as a fraction", |facts, at| {
        Value::number(metric(facts, at).governed.threshold)
    }),
    one("confidence", Type::Number, "how sure one must be of a change, as `matters` says it, below 1", |facts, at| {
        Value::number(metric(facts, at).matters.map(|matters| matters.confidence))
    }),
    one("is_ratio", Type::Bool, "whether its measure is a quotient", |facts, at| {
        Value::Bool(matches!(metric(facts, at).measure.kind, MeasureKind::Binary { operator: Binary::Divide, .. }))
    }),
    all("depth", Type::Number, "how many metrics the longest chain of metrics below it has; 0 for one of rows", depths),
    all("outcome", Type::Thing(METRIC), "the metric that it leads, as the first `link` says", |facts| {
        let outcomes = outcomes(facts);
        outcomes.iter().map(|found| Value::thing(Kind::Metric, found.first().copied())).collect()
    }),
    all("outcomes", Type::Things(METRIC), "the metrics that it leads, as `link` declarations say", |facts| {
        outcomes(facts).into_iter().map(|found| Value::things(Kind::Metric, found)).collect()
    }),
];

fn metric<'m>(facts: &Facts<'m>, at: usize) -> &'m Metric {
    &facts.model.metrics[at]
}

pub(crate) fn whole(number: i64) -> f64 {
    i32::try_from(number).map_or(f64::from(i32::MAX), f64::from)
}

fn accountable<'a>(facts: &'a Facts<'_>, metric: &'a Metric) -> impl Iterator<Item = usize> {
    let accountable = metric.governed.raci.accountable.iter();
    accountable.filter(|one| holds(one.from, one.until, facts.date)).map(|one| one.team.index())
}

/// The days of a clock's window, if it has a fixed number of them.
pub(crate) fn lag(clock: &Clock) -> Option<f64> {
    match clock {
        Clock::Trailing(length) | Clock::After { to: length, .. } => Some(in_days(*length)),
        Clock::Curve { every, times } => Some(in_days(*every) * f64::from(*times)),
        Clock::Event | Clock::ToDate(_) | Clock::Snapshot(_) => None,
    }
}

/// The words of clocks.
pub(crate) static CLOCKS: [&str; 6] = ["event", "trailing", "to_date", "after", "curve", "snapshot"];

/// The word of a clock.
pub(crate) fn clock_word(clock: &Clock) -> &'static str {
    match clock {
        Clock::Event => "event",
        Clock::Trailing(_) => "trailing",
        Clock::ToDate(_) => "to_date",
        Clock::After { .. } => "after",
        Clock::Curve { .. } => "curve",
        Clock::Snapshot(_) => "snapshot",
    }
}

/// The longest chain below each metric, those that others rest on first; circles were reported and count once.
fn depths(facts: &Facts<'_>) -> Vec<Value> {
    let metrics = &facts.model.metrics;
    let mut depths: Vec<Option<u32>> = vec![None; metrics.len()];
    let below: Vec<Vec<usize>> =
        metrics.iter().map(|metric| metric.measure.metrics().iter().map(|id| id.index()).collect()).collect();
    let mut entered = vec![false; metrics.len()];
    for start in 0..metrics.len() {
        let mut open = vec![start];
        while let Some(at) = open.last().copied() {
            if depths[at].is_some() {
                open.pop();
            } else if std::mem::replace(&mut entered[at], true) {
                open.pop();
                depths[at] =
                    Some(below[at].iter().filter_map(|other| depths[*other]).map(|depth| depth + 1).max().unwrap_or(0));
            } else {
                open.extend(below[at].iter().filter(|other| !entered[**other]));
            }
        }
    }
    depths.into_iter().map(|depth| Value::Number(f64::from(depth.unwrap_or(0)))).collect()
}

/// The outcomes of each metric, in the order of links.
fn outcomes(facts: &Facts<'_>) -> Vec<Vec<usize>> {
    let mut found = vec![Vec::new(); facts.model.metrics.len()];
    for link in &facts.model.links {
        if let (Some(leading), Some(outcome)) = (link.leading, link.outcome)
            && !found[leading.index()].contains(&outcome.index())
        {
            found[leading.index()].push(outcome.index());
        }
    }
    found
}
