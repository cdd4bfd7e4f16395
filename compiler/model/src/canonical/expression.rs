//! The forms of row expressions and of measures.

use super::algebra::{Reader, Shape};
use super::{Forms, sealed, words};
use crate::measure::{AggregateCall, Measure, MeasureKind};
use crate::model::SourceId;
use crate::row::{Each, RowExpr, RowKind};

/// Reads expressions over the rows of a source.
pub(super) struct Rows<'f, 'm> {
    pub(super) forms: &'f Forms<'m>,
    pub(super) source: Option<SourceId>,
}

/// Reads measures whose aggregates are over what the context says.
pub(super) struct Measures<'f, 'm> {
    pub(super) forms: &'f Forms<'m>,
    /// The source whose columns the aggregates read.
    pub(super) source: Option<SourceId>,
    /// That of the attributes of customers.
    pub(super) attributes: Option<SourceId>,
    pub(super) context: &'f str,
}

impl Reader<RowExpr> for Rows<'_, '_> {
    fn shape<'e>(&self, expr: &'e RowExpr) -> Shape<'e, RowExpr> {
        match &expr.kind {
            RowKind::Unknown | RowKind::Parameter(_) | RowKind::Column(_) | RowKind::Each(_) => Shape::Leaf,
            RowKind::Literal(literal) => Shape::Literal(literal),
            RowKind::Not(operand) => Shape::Not(operand),
            RowKind::Minus(operand) => Shape::Minus(operand),
            RowKind::Binary { operator, left, right } => Shape::Binary(*operator, left, right),
            RowKind::In { operand, list, negated } => Shape::In { operand, list, negated: *negated },
            RowKind::IsNull { operand, negated } => Shape::IsNull { operand, negated: *negated },
            RowKind::Like { operand, pattern, negated } => Shape::Like { operand, pattern, negated: *negated },
            RowKind::Case { branches, otherwise } => Shape::Case { branches, otherwise: otherwise.as_deref() },
            RowKind::Call { function, arguments } => Shape::Call { function: *function, arguments },
            RowKind::Shift { operand, months, days } => Shape::Shift { operand, months: *months, days: *days },
        }
    }

    fn leaf(&self, expr: &RowExpr) -> String {
        match &expr.kind {
            RowKind::Column(path) => self.forms.path(self.source.unwrap_or(path.source), path),
            RowKind::Each(Each::Value) => "each".to_owned(),
            RowKind::Each(Each::Reached) => "reached".to_owned(),
            RowKind::Each(Each::Entered) => "entered".to_owned(),
            _ => "unknown".to_owned(),
        }
    }

    fn close(&self, form: String) -> String {
        form
    }
}

impl Measures<'_, '_> {
    fn aggregate(&self, call: &AggregateCall) -> String {
        let rows = Rows { forms: self.forms, source: self.source };
        let part = |expr: &Option<RowExpr>| expr.as_ref().map_or_else(String::new, |expr| rows.form(expr, false));
        let (argument, filter) = (part(&call.argument), part(&call.filter));
        sealed(&super::call(&words::aggregate(call.function), &[&argument, &filter, self.context]))
    }

    fn scoped(&self, inner: &Measure, filter: &[(SourceId, RowExpr)], offset: Option<crate::time::Offset>) -> String {
        let conditions = filter.iter().map(|(source, condition)| {
            let rows = Rows { forms: self.forms, source: Some(*source) };
            format!("{}:{}", self.forms.sources[source.index()], rows.form(condition, false))
        });
        let conditions = super::sorted(conditions.collect()).join(",");
        let offset = offset.map_or_else(String::new, words::offset);
        sealed(&format!("scoped({},[{conditions}],{offset})", self.form(inner, false)))
    }
}

impl Reader<Measure> for Measures<'_, '_> {
    fn shape<'e>(&self, measure: &'e Measure) -> Shape<'e, Measure> {
        match &measure.kind {
            MeasureKind::Unknown
            | MeasureKind::Parameter(_)
            | MeasureKind::Aggregate(_)
            | MeasureKind::Metric(_)
            | MeasureKind::Attribute(_)
            | MeasureKind::Scoped { .. } => Shape::Leaf,
            MeasureKind::Literal(literal) => Shape::Literal(literal),
            MeasureKind::Not(operand) => Shape::Not(operand),
            MeasureKind::Minus(operand) => Shape::Minus(operand),
            MeasureKind::Binary { operator, left, right } => Shape::Binary(*operator, left, right),
            MeasureKind::IsNull { operand, negated } => Shape::IsNull { operand, negated: *negated },
            MeasureKind::Case { branches, otherwise } => Shape::Case { branches, otherwise: otherwise.as_deref() },
            MeasureKind::Call { function, arguments } => Shape::Call { function: *function, arguments },
        }
    }

    fn leaf(&self, measure: &Measure) -> String {
        match &measure.kind {
            MeasureKind::Aggregate(call) => self.aggregate(call),
            MeasureKind::Metric(id) => self.forms.metrics[id.index()].clone(),
            MeasureKind::Attribute(value) => Rows { forms: self.forms, source: self.attributes }.form(value, false),
            MeasureKind::Scoped { inner, filter, offset } => self.scoped(inner, filter, *offset),
            _ => "unknown".to_owned(),
        }
    }

    /// Large measures of large measures stay small.
    fn close(&self, form: String) -> String {
        if form.starts_with('#') { form } else { sealed(&form) }
    }
}
