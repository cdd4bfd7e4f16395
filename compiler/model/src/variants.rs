//! Variants of one metric that differ in their window only: 30-day and 90-day revenue of new customers.
//!
//! Side by side they look like a trend, and are two definitions; the younger cohorts have the short one only.

use crate::measure::Measure;
use crate::model::{Anchor, LeftOut, Members, Metric, MetricId, Model, Population};
use crate::row::RowExpr;
use crate::time::{Clock, Offset};
use groma_syntax::{Code, Diagnostic, Span};

/// Windows of different lengths, compared.
pub static NOT_COMPARABLE: Code = Code::error(
    "time/windows-not-comparable",
    "Two metrics are compared that differ only in how long after the anchor they look.",
);

/// The first two of some metrics that are the same in everything but the window after their anchor.
pub fn variants(model: &Model, metrics: &[MetricId]) -> Option<(MetricId, MetricId)> {
    let windowed = |id: &MetricId| matches!(model.metric(*id).clock, Clock::After { .. });
    let windowed: Vec<MetricId> = metrics.iter().copied().filter(windowed).collect();
    windowed.iter().enumerate().find_map(|(index, one)| {
        let mut others = windowed[index + 1..].iter();
        others.find(|other| differ_in_window(model.metric(*one), model.metric(**other))).map(|other| (*one, *other))
    })
}

/// The finding about two such metrics, at the place that compares them if there is one.
pub fn not_comparable(model: &Model, (one, other): (MetricId, MetricId), place: Option<Span>) -> Diagnostic {
    let (one, other) = (model.metric(one), model.metric(other));
    let (first, second) = (window(one), window(other));
    let headline = format!(
        "`{}` looks {first} and `{}` {second} after the same anchor: the difference is the window, not the customers",
        one.header.name, other.header.name
    );
    let finding = NOT_COMPARABLE.finding(headline);
    let finding = match place {
        Some(place) => finding.at(place, "compared here").also(other.header.span, second),
        None => finding.at(other.header.span, second),
    };
    finding
        .also(one.header.span, first)
        .help("ask for them one by one, or write one metric with a curve: `window: each 30 days after …, 3 times`")
}

fn differ_in_window(one: &Metric, other: &Metric) -> bool {
    let row = |expr: &Option<RowExpr>| expr.as_ref().map(RowExpr::without_places);
    let each = |metric: &Metric| metric.each.as_ref().map(Measure::without_places);
    let steps = |metric: &Metric| -> Vec<(RowExpr, Option<Offset>)> {
        metric.steps.iter().map(|step| (step.condition.without_places(), step.within)).collect()
    };
    one.clock != other.clock
        && one.source == other.source
        && one.customer == other.customer
        && row(&one.filter) == row(&other.filter)
        && one.population.as_ref().map(population) == other.population.as_ref().map(population)
        && each(one) == each(other)
        && steps(one) == steps(other)
        && one.measure.without_places() == other.measure.without_places()
}

fn population(population: &Population) -> Population {
    let bare = |expr: &Option<RowExpr>| expr.as_ref().map(RowExpr::without_places);
    let members = match &population.members {
        Members::Anchor(Anchor::Attribute(value)) => Members::Anchor(Anchor::Attribute(value.without_places())),
        Members::Anchor(Anchor::First { source, key, filter }) => {
            Members::Anchor(Anchor::First { source: *source, key: key.clone(), filter: bare(filter) })
        }
        members => members.clone(),
    };
    let left_out = population.left_out.iter();
    let left_out = left_out.map(|left| LeftOut { condition: left.condition.without_places(), days: left.days });
    Population { members, filter: bare(&population.filter), left_out: left_out.collect(), ..population.clone() }
}

fn window(metric: &Metric) -> String {
    match metric.clock {
        Clock::After { from, to } if from == Offset::default() => words(to),
        Clock::After { from, to } => format!("from {} to {}", words(from), words(to)),
        _ => String::new(),
    }
}

fn words(offset: Offset) -> String {
    let count = |number: i32, unit: &str| format!("{number} {unit}{}", if number == 1 { "" } else { "s" });
    match offset {
        Offset { months: 0, days } => count(days, "day"),
        Offset { months, days: 0 } => count(months, "month"),
        Offset { months, days } => format!("{} and {}", count(months, "month"), count(days, "day")),
    }
}

#[cfg(test)]
mod tests;
