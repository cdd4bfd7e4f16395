//! What exceptions leave out of metrics, and the model in which nothing is left out.

use crate::check::path::key_path;
use crate::governance::{Exception, ExceptionOf};
use crate::model::{Anchor, CustomerId, ExceptionId, LeftOut, Members, Metric, MetricId, Model, SourceId};
use crate::row::{Binary, ColumnPath, Hop, Literal, RowExpr, RowFunction, RowKind};
use crate::types::{Base, Type};
use groma_syntax::Span;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// What one exception takes from one metric.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Removal {
    /// Over the rows of the metric's source: those that leave. Never null.
    pub(crate) rows: Option<RowExpr>,
    /// Over the customer's source: those that are no members. Never null.
    pub(crate) customers: Option<RowExpr>,
    /// Those that are no members for some days.
    pub(crate) for_days: Option<LeftOut>,
}

impl Model {
    /// An exception.
    pub fn exception(&self, id: ExceptionId) -> &Exception {
        &self.exceptions[id.index()]
    }

    /// The same model with nothing left out of any metric; every id means the same.
    #[must_use]
    pub fn without_exceptions(&self) -> Model {
        let mut whole = self.clone();
        whole.metrics = self.metrics.iter().map(Metric::without_exceptions).collect();
        whole
    }

    /// The exceptions that change a metric, directly or through the metrics it is made of; in order.
    pub fn excepted(&self, metric: MetricId) -> Vec<ExceptionId> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::from([metric]);
        let mut open = vec![metric];
        while let Some(id) = open.pop() {
            let metric = self.metric(id);
            found.extend(metric.governed.exceptions.iter().copied());
            open.extend(metric.measure.metrics().into_iter().filter(|id| seen.insert(*id)));
        }
        found.into_iter().collect()
    }

    /// What an exception leaves out of a metric that it names, as conditions on rows of sources: for looking at data.
    pub fn left_out(&self, exception: ExceptionId, metric: MetricId) -> Vec<(SourceId, RowExpr)> {
        let (exception, metric) = (self.exception(exception), self.metric(metric));
        let Some(removal) = removal(self, exception, metric) else { return Vec::new() };
        let mut found = Vec::new();
        let rows = &metric.governed.filter_without_exceptions;
        if let (Some(source), Some(left)) = (metric.source, removal.rows) {
            found.push((source, all(rows.iter().cloned().chain([left]))));
        }
        let Some(population) = &metric.governed.population_without_exceptions else { return found };
        let customers = removal.customers.or(removal.for_days.map(|left| left.condition));
        if let Some(left) = customers {
            let source = self.customer(population.customer).source;
            found.push((source, all(population.filter.iter().cloned().chain([left]))));
        }
        found
    }
}

impl Metric {
    /// The same metric with nothing left out of it directly.
    #[must_use]
    pub fn without_exceptions(&self) -> Metric {
        let mut whole = self.clone();
        let governed = &mut whole.governed;
        if !std::mem::take(&mut governed.exceptions).is_empty() {
            whole.filter = governed.filter_without_exceptions.take();
            whole.population = governed.population_without_exceptions.take();
        }
        whole
    }
}

/// What an exception takes from a metric; nothing where its rows are not what the metric counts.
pub(crate) fn removal(model: &Model, exception: &Exception, metric: &Metric) -> Option<Removal> {
    let rows = metric.source?;
    match exception.of {
        ExceptionOf::Source(source) => (source == rows).then(|| Removal {
            rows: Some(leaving(exception.condition.clone(), in_days(model, rows, exception.covers))),
            ..Removal::default()
        }),
        ExceptionOf::Nothing => None,
        ExceptionOf::Customer(customer) => of_customers(model, exception, metric, (rows, customer)),
    }
}

fn of_customers(
    model: &Model,
    exception: &Exception,
    metric: &Metric,
    (rows, customer): (SourceId, CustomerId),
) -> Option<Removal> {
    let key = match (&metric.customer_key, metric.customer) {
        (Some(key), Some(own)) if own == customer => key.clone(),
        _ => key_path(model, rows, customer).ok()?,
    };
    let of_rows = || seen_from(model, &exception.condition, rows, (&key, customer));
    let Some(population) = &metric.population else {
        let left = leaving(of_rows(), in_days(model, rows, exception.covers));
        return Some(Removal { rows: Some(left), ..Removal::default() });
    };
    let members = model.customer(population.customer).source;
    let key = key_path(model, members, customer).ok()?;
    let condition = seen_from(model, &exception.condition, members, (&key, customer));
    let Some(days) = exception.covers else {
        return Some(Removal { customers: Some(leaving(condition, None)), ..Removal::default() });
    };
    let for_days = LeftOut { condition: leaving(condition, None), days };
    let left = || leaving(of_rows(), in_days(model, rows, Some(days)));
    Some(match population.members {
        Members::Rows => Removal { rows: Some(left()), ..Removal::default() },
        Members::Alive { .. } => Removal { rows: Some(left()), for_days: Some(for_days), ..Removal::default() },
        Members::Anchor(_) => Removal { for_days: Some(for_days), ..Removal::default() },
    })
}

/// The metric without what is removed from it.
pub(crate) fn apply(metric: &mut Metric, id: ExceptionId, removal: Removal) {
    if metric.governed.exceptions.is_empty() {
        metric.governed.filter_without_exceptions = metric.filter.clone();
        metric.governed.population_without_exceptions = metric.population.clone();
    }
    metric.governed.exceptions.push(id);
    if let Some(left) = &removal.rows {
        let of_source = removal.for_days.is_none() && removal.customers.is_none();
        metric.filter = Some(but(metric.filter.take(), left));
        if let (true, Some(population)) = (of_source, &mut metric.population) {
            // A row that leaves no longer begins anything.
            if let Members::Anchor(Anchor::First { source, filter, .. }) = &mut population.members
                && Some(*source) == metric.source
            {
                *filter = Some(but(filter.take(), left));
            }
        }
    }
    let Some(population) = &mut metric.population else { return };
    if let Some(left) = &removal.customers {
        population.filter = Some(but(population.filter.take(), left));
    }
    population.left_out.extend(removal.for_days);
}

/// `filter and not left`.
fn but(filter: Option<RowExpr>, left: &RowExpr) -> RowExpr {
    let kept = condition(RowKind::Not(Box::new(left.clone())), left.span);
    all(filter.into_iter().chain([kept]))
}

/// `coalesce(condition and in these days, false)`: a condition that is null leaves nothing out.
fn leaving(wanted: RowExpr, days: Option<RowExpr>) -> RowExpr {
    let span = wanted.span;
    let both = all([wanted].into_iter().chain(days));
    let no = condition(RowKind::Literal(Literal::Bool(false)), span);
    condition(RowKind::Call { function: RowFunction::Coalesce, arguments: vec![both, no] }, span)
}

/// Whether the local day of a row is one of these, where days are asked for.
fn in_days(model: &Model, source: SourceId, days: Option<(Date, Date)>) -> Option<RowExpr> {
    let (first, last) = days?;
    let column = model.source(source).time?;
    let declared = model.column(source, column);
    let span = declared.span;
    let path = ColumnPath { hops: Vec::new(), source, column };
    let time = RowExpr { kind: RowKind::Column(path), ty: declared.ty.clone(), span };
    let day = match time.ty.base {
        Base::Date => time,
        _ => RowExpr {
            kind: RowKind::Call { function: RowFunction::Date, arguments: vec![time] },
            ty: Type::plain(Base::Date),
            span,
        },
    };
    let bound = |operator: Binary, day: &RowExpr, date: Date| {
        let literal = RowExpr { kind: RowKind::Literal(Literal::Date(date)), ty: Type::plain(Base::Date), span };
        condition(RowKind::Binary { operator, left: Box::new(day.clone()), right: Box::new(literal) }, span)
    };
    Some(all([bound(Binary::GreaterEqual, &day, first), bound(Binary::LessEqual, &day, last)]))
}

/// A condition on customers, seen from rows that lead to them by a key.
fn seen_from(model: &Model, wanted: &RowExpr, from: SourceId, (key, customer): (&ColumnPath, CustomerId)) -> RowExpr {
    let declared = model.customer(customer);
    if from == declared.source && key.hops.is_empty() && key.column == declared.key {
        return wanted.clone();
    }
    let last = Hop { column: key.column, customer };
    let hops: Vec<Hop> = key.hops.iter().copied().chain([last]).collect();
    let mut moved = wanted.reached_through(&hops);
    moved.for_each_column_mut(&mut |path| {
        // The reference is the key: who is referred to and not listed is meant too.
        if path.hops == hops && path.column == declared.key {
            path.clone_from(key);
        }
    });
    moved
}

/// All conditions; the first stands alone where it is the only one.
fn all(conditions: impl IntoIterator<Item = RowExpr>) -> RowExpr {
    let both = |left: RowExpr, right: RowExpr| {
        let span = right.span;
        condition(RowKind::Binary { operator: Binary::And, left: Box::new(left), right: Box::new(right) }, span)
    };
    let nothing = || condition(RowKind::Literal(Literal::Bool(true)), Span::default());
    conditions.into_iter().reduce(both).unwrap_or_else(nothing)
}

fn condition(kind: RowKind, span: Span) -> RowExpr {
    RowExpr { kind, ty: Type::plain(Base::Bool), span }
}

#[cfg(test)]
mod tests;
