//! What a metric reads, through other metrics too.

use groma_model::measure::{Measure, MeasureKind};
use groma_model::row::{ColumnPath, RowExpr};
use groma_model::{ColumnId, Customer, MetricId, Model, SourceId};
use std::collections::BTreeSet;

/// Whether something that was reported stands behind a metric's number.
pub(crate) fn affected(model: &Model, id: MetricId) -> bool {
    let metric = model.metric(id);
    let broken = |source: SourceId| model.source(source).header.broken;
    let broken_path = |path: &ColumnPath| {
        broken(path.source) || path.hops.iter().any(|hop| model.customer(hop.customer).header.broken)
    };
    metric.header.broken
        || metric.sources.iter().any(|source| broken(*source))
        || paths(model, id).iter().any(|(_, path)| broken_path(path))
}

/// The columns a metric reads, as `source.column`, sorted: those of its measure, its filter, its clock and its groupings,
/// and the references and keys that lead to them.
pub(crate) fn columns_read(model: &Model, id: MetricId) -> BTreeSet<String> {
    let mut read = BTreeSet::new();
    let mut add = |source: SourceId, column: ColumnId| {
        let (source, column) = (&model.source(source).header.name, &model.column(source, column).name);
        read.insert(format!("{source}.{column}"));
    };
    for (start, path) in paths(model, id) {
        let mut at = start;
        for hop in &path.hops {
            let customer = model.customer(hop.customer);
            add(at, hop.column);
            add(customer.source, customer.key);
            at = customer.source;
        }
        add(path.source, path.column);
    }
    for source in &model.metric(id).sources {
        if let Some(time) = model.source(*source).time {
            add(*source, time);
        }
    }
    read
}

/// The customer whose operational definition a metric counts by.
pub(crate) fn customer(model: &Model, id: MetricId) -> Option<&Customer> {
    model.metric(id).customer.map(|customer| model.customer(customer))
}

/// Other metrics that a measure is made of, in the order of the measure, each once.
pub(crate) fn parts(measure: &Measure) -> Vec<MetricId> {
    let mut found = Vec::new();
    visit(measure, &mut |part| {
        if let MeasureKind::Metric(id) = &part.kind
            && !found.contains(id)
        {
            found.push(*id);
        }
    });
    found
}

fn visit<'m>(measure: &'m Measure, action: &mut dyn FnMut(&'m Measure)) {
    action(measure);
    measure.children().into_iter().for_each(|child| visit(child, action));
}

/// Every column path of a metric and of the metrics it is made of, with the source that it starts from.
fn paths(model: &Model, id: MetricId) -> BTreeSet<(SourceId, ColumnPath)> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            for (source, expression) in expressions(model, id) {
                expression.for_each_column(&mut |path| {
                    found.insert((source, path.clone()));
                });
            }
            open.extend(parts(&model.metric(id).measure));
        }
    }
    found
}

/// The row expressions of one metric, each with the source whose rows it sees.
fn expressions(model: &Model, id: MetricId) -> Vec<(SourceId, &RowExpr)> {
    let metric = model.metric(id);
    let mut expressions = Vec::new();
    if let Some(source) = metric.source {
        expressions.extend(metric.filter.iter().map(|filter| (source, filter)));
    }
    visit(&metric.measure, &mut |part| match (&part.kind, metric.source) {
        (MeasureKind::Aggregate(aggregate), Some(source)) => {
            let both = aggregate.argument.iter().chain(&aggregate.filter);
            expressions.extend(both.map(|expression| (source, expression)));
        }
        (MeasureKind::Scoped { filter, .. }, _) => {
            expressions.extend(filter.iter().map(|(source, condition)| (*source, condition)));
        }
        _ => {}
    });
    let groupings = metric.by.iter().flatten().flat_map(|grouping| &grouping.values);
    expressions.extend(groupings.map(|(source, value)| (*source, value)));
    expressions
}
