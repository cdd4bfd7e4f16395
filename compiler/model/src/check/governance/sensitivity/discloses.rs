//! Values of single people: the largest, the last, the one in the middle.

use super::{DISCLOSES, column_name, with_trail, word};
use crate::lineage::flow::Rest;
use crate::lineage::reads::{self, Read, What};
use crate::measure::{AggregateCall, AggregateFunction, Measure, MeasureKind};
use crate::model::{Metric, MetricId, Model, Sensitivity, SourceId};
use crate::row::{RowExpr, RowKind};
use groma_syntax::{Diagnostic, Span};

/// The aggregates of a metric whose value is that of one person.
pub(super) fn findings(model: &Model, id: MetricId) -> Vec<Diagnostic> {
    let metric = model.metric(id);
    let over_customers = metric.each.is_some() || !metric.steps.is_empty();
    let customers = metric.population.as_ref().map(|population| model.customer(population.customer).source);
    let Some(rows) = (if over_customers { customers } else { metric.source }) else { return Vec::new() };
    let mut found = Vec::new();
    metric.measure.visit(&mut |part| {
        if let MeasureKind::Aggregate(call) = &part.kind
            && let Some(shows) = shows(call.function)
            && let Some(rest) = personal(model, metric, rows, call)
        {
            found.push(finding(model, metric, (part, shows), rest));
        }
    });
    found
}

/// What a function shows of one row, if it does.
fn shows(function: AggregateFunction) -> Option<&'static str> {
    match function {
        AggregateFunction::Min => Some("the smallest value"),
        AggregateFunction::Max => Some("the largest value"),
        AggregateFunction::First => Some("the first value"),
        AggregateFunction::Last => Some("the last value"),
        AggregateFunction::Median => Some("the value in the middle"),
        AggregateFunction::Percentile(_) | AggregateFunction::ApproximatePercentile(_) => Some("a percentile"),
        AggregateFunction::Any => Some("whether there is one"),
        AggregateFunction::All => Some("whether there is none other"),
        AggregateFunction::Count
        | AggregateFunction::CountDistinct
        | AggregateFunction::Sum
        | AggregateFunction::Average
        | AggregateFunction::StandardDeviation
        | AggregateFunction::Share
        | AggregateFunction::ApproximateCountDistinct => None,
    }
}

/// What the value of the call rests on, if it is personal: its columns, also those that only decide which value it is.
fn personal(model: &Model, metric: &Metric, rows: SourceId, call: &AggregateCall) -> Option<Rest> {
    let mut rest = Rest::default();
    let mut look = |read: Read| {
        let class = model.flow.class(read.what);
        let shown = read.how.is_direct() || read.how == crate::lineage::How::Conditional;
        if shown && class > rest.class && !matches!(read.what, What::Metric(_)) {
            rest = Rest { class, because: Some(read), own: true };
        }
    };
    let argument = call.argument.as_ref()?;
    reads::of_row(model, rows, argument, crate::lineage::How::Aggregation, &mut look);
    if has_each(argument) {
        reads::of_each(model, metric, &mut look);
    }
    (rest.class >= Sensitivity::Personal).then_some(rest)
}

fn has_each(expr: &RowExpr) -> bool {
    matches!(expr.kind, RowKind::Each(_)) || expr.children().into_iter().any(has_each)
}

fn finding(model: &Model, metric: &Metric, (part, shows): (&Measure, &str), rest: Rest) -> Diagnostic {
    let written = metric.measure.span;
    let within = |span: Span| span.file == written.file && written.start <= span.start && span.end <= written.end;
    let place = if within(part.span) { part.span } else { written };
    let trail = rest.because.map(|read| model.flow.trail(model, read.what)).unwrap_or_default();
    let of = trail.last().map(|(source, column)| column_name(model, *source, *column)).unwrap_or_default();
    let finding = DISCLOSES
        .finding(format!(
            "`{}` shows one person's `{of}`: {shows} is that of a single row, and it is {}",
            metric.header.name,
            word(rest.class)
        ))
        .at(place, "the value of one person");
    with_trail(model, rest, finding)
        .help("count, add or average it: `avg(…)`, `count(… where …)`, `share(…)` are about all people of a cell")
}
