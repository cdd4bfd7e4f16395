//! What one metric reads by itself: every column of its expressions, its clock, its customers and its groupings.

use super::How;
use crate::measure::{AggregateFunction, Measure, MeasureKind};
use crate::model::{Anchor, ColumnId, Members, Metric, MetricId, Model, Population, SourceId};
use crate::row::{ColumnPath, RowExpr, RowKind};
use crate::time::Clock;
use groma_syntax::Span;

/// Something that is read, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) what: What,
    pub(crate) how: How,
    /// The expression that reads it.
    pub(crate) span: Span,
}

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    Column(SourceId, ColumnId),
    /// The rows of a source: what its query chooses them by.
    Rows(SourceId),
    /// Another metric.
    Metric(MetricId),
}

/// Shows all that a metric reads by itself, not what the metrics it is made of read.
pub(crate) fn of_metric(model: &Model, id: MetricId, look: &mut dyn FnMut(Read)) {
    let metric = model.metric(id);
    let mut walk = Walk { model, look, span: metric.header.span, all_rows: false };
    if let Some(source) = metric.source {
        walk.rows(source);
        let how = if metric.clock == Clock::Event { How::GroupBy } else { How::Window };
        walk.time(source, how);
        walk.maybe(source, metric.filter.as_ref(), How::Filter);
        metric.steps.iter().for_each(|step| walk.row(source, &step.condition, How::Conditional));
    }
    let customers = metric.population.as_ref().map(|population| model.customer(population.customer).source);
    if let Some(population) = &metric.population {
        walk.population(metric, population);
    }
    if let Some(each) = &metric.each {
        walk.measure(each, metric.source, customers, How::Aggregation);
    }
    let over_customers = metric.each.is_some() || !metric.steps.is_empty();
    let rows = if over_customers { customers } else { metric.source };
    walk.measure(&metric.measure, rows, customers, How::Identity);
    if let (Some(weight), Some(customer)) = (&metric.weight, metric.customer) {
        walk.row(model.customer(customer).source, weight, How::Aggregation);
        if let (Some(source), Some(key)) = (metric.source, &metric.customer_key) {
            walk.path(source, key, How::Join);
        }
    }
    if let (Some(source), Some(key), Some(_)) = (metric.source, &metric.customer_key, metric.governed.cell) {
        // Values of cells with too few customers are hidden.
        walk.span = metric.header.span;
        walk.path(source, key, How::Conditional);
    }
    for (source, value) in metric.by.iter().flatten().flat_map(|grouping| &grouping.values) {
        walk.row(*source, value, How::GroupBy);
    }
}

/// Shows all that an expression over the rows of a source reads.
pub(crate) fn of_row(model: &Model, source: SourceId, expr: &RowExpr, how: How, look: &mut dyn FnMut(Read)) {
    Walk { model, look, span: expr.span, all_rows: false }.row(source, expr, how);
}

/// Shows all that the value of one customer reads: its `each`, or its steps.
pub(crate) fn of_each(model: &Model, metric: &Metric, look: &mut dyn FnMut(Read)) {
    let customers = metric.population.as_ref().map(|population| model.customer(population.customer).source);
    let mut walk = Walk { model, look, span: metric.header.span, all_rows: false };
    if let Some(each) = &metric.each {
        walk.measure(each, metric.source, customers, How::Aggregation);
    }
    if let Some(source) = metric.source {
        metric.steps.iter().for_each(|step| walk.row(source, &step.condition, How::Conditional));
    }
}

struct Walk<'m, 'l> {
    model: &'m Model,
    look: &'l mut dyn FnMut(Read),
    span: Span,
    /// It reads what keeps rows out, which looks at all rows.
    all_rows: bool,
}

impl Walk<'_, '_> {
    fn found(&mut self, what: What, how: How) {
        (self.look)(Read { what, how, span: self.span });
    }

    fn rows(&mut self, source: SourceId) {
        self.found(What::Rows(source), How::Filter);
        if self.all_rows {
            return;
        }
        let (span, model) = (self.span, self.model);
        self.all_rows = true;
        model.source(source).quarantines().for_each(|condition| self.row(source, condition, How::Filter));
        (self.all_rows, self.span) = (false, span);
    }

    fn time(&mut self, source: SourceId, how: How) {
        if let Some(time) = self.model.source(source).time {
            self.found(What::Column(source, time), how);
        }
    }

    fn maybe(&mut self, source: SourceId, expr: Option<&RowExpr>, how: How) {
        if let Some(expr) = expr {
            self.row(source, expr, how);
        }
    }

    fn population(&mut self, metric: &Metric, population: &Population) {
        let customer = self.model.customer(population.customer);
        let customers = customer.source;
        self.rows(customers);
        self.found(What::Column(customers, customer.key), How::Join);
        if let Some(source) = metric.source {
            self.path(source, &population.key, How::GroupBy);
        }
        self.maybe(customers, population.filter.as_ref(), How::Filter);
        population.left_out.iter().for_each(|left| self.row(customers, &left.condition, How::Filter));
        match &population.members {
            Members::Rows => {}
            Members::Alive { since, until } => {
                since.iter().chain(until).for_each(|column| self.found(What::Column(customers, *column), How::Window));
            }
            Members::Anchor(Anchor::Attribute(moment)) => self.row(customers, moment, How::Window),
            Members::Anchor(Anchor::First { source, key, filter }) => {
                self.rows(*source);
                self.time(*source, How::Window);
                self.path(*source, key, How::Join);
                self.maybe(*source, filter.as_ref(), How::Filter);
            }
        }
    }

    fn path(&mut self, start: SourceId, path: &ColumnPath, how: How) {
        let mut at = start;
        for hop in &path.hops {
            let customer = self.model.customer(hop.customer);
            self.found(What::Column(at, hop.column), How::Join);
            self.found(What::Column(customer.source, customer.key), How::Join);
            self.rows(customer.source);
            at = customer.source;
        }
        self.found(What::Column(path.source, path.column), how);
    }

    /// An expression over the rows of a source, and what its value is for.
    fn row(&mut self, source: SourceId, expr: &RowExpr, how: How) {
        self.span = expr.span;
        match &expr.kind {
            RowKind::Column(path) => self.path(source, path, how),
            RowKind::Case { branches, otherwise } => {
                for (when, then) in branches {
                    self.row(source, when, how.then(How::Conditional));
                    self.row(source, then, how.then(How::Transformation));
                }
                self.maybe(source, otherwise.as_deref(), how.then(How::Transformation));
            }
            _ => {
                expr.children().into_iter().for_each(|child| self.row(source, child, how.then(How::Transformation)));
            }
        }
    }

    /// A measure whose aggregates see the rows of a source.
    fn measure(&mut self, measure: &Measure, rows: Option<SourceId>, customers: Option<SourceId>, how: How) {
        self.span = measure.span;
        match (&measure.kind, rows) {
            (MeasureKind::Metric(id), _) => self.found(What::Metric(*id), how),
            (MeasureKind::Aggregate(call), Some(source)) => {
                self.maybe(source, call.argument.as_ref(), how.then(How::Aggregation));
                self.maybe(source, call.filter.as_ref(), How::Filter);
                if matches!(call.function, AggregateFunction::First | AggregateFunction::Last) {
                    self.span = measure.span;
                    self.time(source, How::Sort);
                }
            }
            (MeasureKind::Attribute(value), _) => {
                if let Some(customers) = customers {
                    self.row(customers, value, how.then(How::Aggregation));
                }
            }
            (MeasureKind::Scoped { inner, filter, .. }, _) => {
                filter.iter().for_each(|(source, condition)| self.row(*source, condition, How::Filter));
                self.measure(inner, rows, customers, how);
            }
            (MeasureKind::Case { branches, otherwise }, _) => {
                for (when, then) in branches {
                    self.measure(when, rows, customers, how.then(How::Conditional));
                    self.measure(then, rows, customers, how.then(How::Transformation));
                }
                if let Some(otherwise) = otherwise {
                    self.measure(otherwise, rows, customers, how.then(How::Transformation));
                }
            }
            _ => {
                for child in measure.children() {
                    self.measure(child, rows, customers, how.then(How::Transformation));
                }
            }
        }
    }
}
