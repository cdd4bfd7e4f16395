//! When the number of a period no longer changes: when the windows of its customers have closed and late rows are in.

use super::reads::parts;
use super::words::{listed, offset};
use groma_model::measure::{Measure, MeasureKind};
use groma_model::time::{Clock, Offset};
use groma_model::{Anchor, Members, Metric, MetricId, Model, SourceId};
use std::collections::BTreeSet;

/// What a metric waits for after the end of a period.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Wait {
    /// Until the windows of the period's last customers have closed, those of the last step.
    window: Option<Offset>,
    /// Until rows are in that arrive late.
    late: Offset,
    /// Whose rows arrive that late.
    source: SourceId,
    /// The metric that waits.
    metric: MetricId,
}

impl Wait {
    fn of(model: &Model, id: MetricId) -> Option<Self> {
        let metric = model.metric(id);
        let own = metric.source?;
        let late = |source: SourceId| model.source(source).late.unwrap_or_default();
        let first = match metric.population.as_ref().map(|population| &population.members) {
            Some(Members::Anchor(Anchor::First { source, .. })) => Some(*source),
            _ => None,
        };
        let source = first.filter(|source| days(late(*source)) > days(late(own))).unwrap_or(own);
        Some(Self { window: window(metric), late: late(source), source, metric: id })
    }

    fn length(&self) -> Offset {
        self.window.unwrap_or_default().plus(self.late)
    }
}

/// How long after the end of a period the windows of its customers are open.
fn window(metric: &Metric) -> Option<Offset> {
    match &metric.clock {
        Clock::After { to, .. } => Some(*to),
        Clock::Curve { every, times } => Some(every.times(i32::try_from(*times).unwrap_or(i32::MAX))),
        _ if metric.steps.is_empty() => None,
        _ => within(metric).pop(),
    }
}

/// How long after the end of a period each step of a funnel can be reached, where its own bounds say so: they add up.
fn within(metric: &Metric) -> Vec<Offset> {
    let mut sum = Offset::default();
    let added = metric.steps.iter().map(|step| {
        sum = sum.plus(step.within.unwrap_or_default());
        sum
    });
    added.collect()
}

/// For telling which of two lengths is longer.
fn days(length: Offset) -> i64 {
    i64::from(length.months) * 30 + i64::from(length.days)
}

/// What a metric and those it is made of wait for.
fn waits(model: &Model, id: MetricId) -> BTreeSet<Wait> {
    let mut waits = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            let metric = model.metric(id);
            waits.extend(Wait::of(model, id).filter(|_| has_rows(&metric.measure)));
            open.extend(parts(&metric.measure));
        }
    }
    waits
}

/// Whether a measure aggregates rows of its own.
fn has_rows(measure: &Measure) -> bool {
    matches!(measure.kind, MeasureKind::Aggregate(_)) || measure.children().into_iter().any(has_rows)
}

/// How long after the end of a period its number is settled, that of the last step where there are steps.
pub(crate) fn length(model: &Model, id: MetricId) -> Offset {
    waits(model, id).iter().map(Wait::length).max_by_key(|length| days(*length)).unwrap_or_default()
}

/// When the number is settled, in sentences.
pub(crate) fn sentence(model: &Model, id: MetricId) -> String {
    let waits = waits(model, id);
    let metric = model.metric(id);
    match waits.iter().next() {
        Some(only) if waits.len() == 1 && only.metric == id => own(model, metric, only),
        Some(_) => of_parts(model, id, &waits),
        None => String::new(),
    }
}

/// Of a metric with rows of its own.
fn own(model: &Model, metric: &Metric, wait: &Wait) -> String {
    let name = &model.source(wait.source).header.name;
    let late =
        (wait.late != Offset::default()).then(|| format!("a row of `{name}` may arrive {} late", offset(wait.late)));
    let tail = late.as_ref().map(|late| format!(", and {late}")).unwrap_or_default();
    match &metric.clock {
        Clock::Curve { every, .. } => {
            let plus = if late.is_some() { format!(" and {}", offset(wait.late)) } else { String::new() };
            format!(
                "step k: k + 1 times {}{plus} after the end of the period: each customer's step is over by then{tail}; \
                 before it is over there is no value (`immature`)",
                offset(*every)
            )
        }
        Clock::After { to, .. } => format!(
            "{} after the end of the period: each customer's window ({} after the anchor) has closed by then{tail}; before \
             it closes there is no value (`immature`)",
            offset(wait.length()),
            offset(*to)
        ),
        _ if !metric.steps.is_empty() => {
            let step = |(step, length): (&groma_model::FunnelStep, Offset)| match length == Offset::default() {
                true => format!("`{}` at the end of the period", step.name),
                false => format!("`{}` {} after it", step.name, offset(length)),
            };
            let steps: Vec<String> = metric.steps.iter().zip(within(metric)).map(step).collect();
            let late = late.map(|late| format!("; {late}")).unwrap_or_default();
            format!("the bounds of the steps add up: {}{late}", listed(&steps))
        }
        _ => match late {
            Some(late) => format!("{} after the end of the period: {late}", offset(wait.late)),
            None => "when the period is over".to_owned(),
        },
    }
}

/// Of a metric made of others: when the last of them is.
fn of_parts(model: &Model, id: MetricId, waits: &BTreeSet<Wait>) -> String {
    let longest = length(model, id);
    if longest == Offset::default() {
        return "when the period is over".to_owned();
    }
    let last = waits.iter().filter(|wait| days(wait.length()) == days(longest));
    let names: BTreeSet<String> = last.map(|wait| format!("`{}`", model.metric(wait.metric).header.name)).collect();
    let names: Vec<String> = names.into_iter().collect();
    let immature = if waits.iter().any(|wait| wait.window.is_some()) {
        "; while a window of theirs is open there is no value (`immature`)"
    } else {
        ""
    };
    format!(
        "{} after the end of the period, when the last of its parts is: {}{immature}",
        offset(longest),
        listed(&names)
    )
}
