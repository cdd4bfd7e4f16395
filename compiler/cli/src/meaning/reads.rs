//! What a metric reads, through other metrics too.

use groma_model::measure::{Measure, MeasureKind};
use groma_model::row::{ColumnPath, RowExpr};
use groma_model::{Anchor, ColumnId, Members, Metric, MetricId, Model, SourceId};
use std::collections::BTreeSet;

/// Whether something that was reported stands behind a metric's number.
pub(crate) fn affected(model: &Model, id: MetricId) -> bool {
    let metric = model.metric(id);
    let broken = |source: SourceId| model.source(source).header.broken;
    let broken_path = |path: &ColumnPath| {
        broken(path.source) || path.hops.iter().any(|hop| model.customer(hop.customer).header.broken)
    };
    metric.header.broken
        || metric.reads.iter().any(|source| broken(*source))
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
    for source in &model.metric(id).reads {
        if let Some(time) = model.source(*source).time {
            add(*source, time);
        }
    }
    read
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
            found.extend(of_population(model, model.metric(id)));
            open.extend(parts(&model.metric(id).measure));
        }
    }
    found
}

/// The row expressions of one metric, each with the source whose rows it sees.
fn expressions(model: &Model, id: MetricId) -> Vec<(SourceId, &RowExpr)> {
    let metric = model.metric(id);
    let mut expressions = Vec::new();
    let customers = metric.population.as_ref().map(|population| model.customer(population.customer).source);
    if let Some(source) = metric.source {
        expressions.extend(metric.filter.iter().map(|filter| (source, filter)));
        expressions.extend(metric.steps.iter().map(|step| (source, &step.condition)));
    }
    if let Some(each) = &metric.each {
        of_measure(each, metric.source, customers, &mut expressions);
    }
    let over_customers = metric.each.is_some() || !metric.steps.is_empty();
    let rows = if over_customers { customers } else { metric.source };
    of_measure(&metric.measure, rows, customers, &mut expressions);
    if let (Some(population), Some(customers)) = (&metric.population, customers) {
        expressions.extend(population.filter.iter().map(|filter| (customers, filter)));
        expressions.extend(population.left_out.iter().map(|left| (customers, &left.condition)));
        match &population.members {
            Members::Anchor(Anchor::Attribute(moment)) => expressions.push((customers, moment)),
            Members::Anchor(Anchor::First { source, filter, .. }) => {
                expressions.extend(filter.iter().map(|filter| (*source, filter)));
            }
            Members::Rows | Members::Alive { .. } => {}
        }
    }
    let weighted = metric.customer.map(|customer| model.customer(customer).source);
    expressions.extend(weighted.zip(metric.weight.as_ref()));
    let groupings = metric.by.iter().flatten().flat_map(|grouping| &grouping.values);
    expressions.extend(groupings.map(|(source, value)| (*source, value)));
    expressions
}

/// The row expressions of a measure whose aggregates see the rows of a source.
fn of_measure<'m>(
    measure: &'m Measure,
    rows: Option<SourceId>,
    customers: Option<SourceId>,
    expressions: &mut Vec<(SourceId, &'m RowExpr)>,
) {
    visit(measure, &mut |part| match (&part.kind, rows) {
        (MeasureKind::Aggregate(aggregate), Some(source)) => {
            let both = aggregate.argument.iter().chain(&aggregate.filter);
            expressions.extend(both.map(|expression| (source, expression)));
        }
        (MeasureKind::Attribute(value), _) => expressions.extend(customers.map(|source| (source, &**value))),
        (MeasureKind::Scoped { filter, .. }, _) => {
            expressions.extend(filter.iter().map(|(source, condition)| (*source, condition)));
        }
        _ => {}
    });
}

/// A column of a source, by itself.
fn of_source(source: SourceId, column: ColumnId) -> (SourceId, ColumnPath) {
    (source, ColumnPath { hops: Vec::new(), source, column })
}

/// The columns that say who is counted when, beside those in expressions: keys of customers over the rows, and the dates
/// between which a customer is one.
fn of_population(model: &Model, metric: &Metric) -> Vec<(SourceId, ColumnPath)> {
    let mut found: Vec<(SourceId, ColumnPath)> = Vec::new();
    if metric.weight.is_some() {
        found.extend(metric.source.zip(metric.customer_key.clone()));
        let customer = metric.customer.map(|customer| model.customer(customer));
        found.extend(customer.map(|customer| of_source(customer.source, customer.key)));
    }
    let Some(population) = &metric.population else { return found };
    let customer = model.customer(population.customer);
    let column = |column: ColumnId| of_source(customer.source, column);
    found.push(column(customer.key));
    found.extend(metric.source.map(|source| (source, population.key.clone())));
    match &population.members {
        Members::Anchor(Anchor::First { source, key, .. }) => found.push((*source, key.clone())),
        Members::Alive { since, until } => found.extend(since.iter().chain(until).map(|id| column(*id))),
        Members::Rows | Members::Anchor(Anchor::Attribute(_)) => {}
    }
    found
}
