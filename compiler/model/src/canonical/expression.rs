//! The forms of row expressions and of measures.

use super::algebra::{Reader, Shape, conjunction};
use super::{Form, Forms, words};
use crate::measure::{AggregateCall, Measure, MeasureKind};
use crate::model::SourceId;
use crate::row::{Each, RowExpr, RowKind};
use crate::time::Offset;

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
    fn version(&self) -> Form {
        self.forms.form
    }

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
    fn aggregate(&self, call: &AggregateCall, further: Vec<String>) -> String {
        let rows = Rows { forms: self.forms, source: self.source };
        let argument = call.argument.as_ref().map_or_else(String::new, |argument| rows.form(argument, false));
        let filter = match (&call.filter, further.is_empty()) {
            (filter, true) => self.forms.condition(filter.as_ref(), self.source),
            (filter, false) => {
                let mut all = further;
                filter.iter().for_each(|filter| rows.operands(filter, true, false, &mut all));
                conjunction(all)
            }
        };
        self.forms.form.sealed(&super::call(&words::aggregate(call.function), &[&argument, &filter, self.context]))
    }

    fn scoped(&self, inner: &Measure, filter: &[(SourceId, RowExpr)], offset: Option<Offset>) -> String {
        let (mut inner, mut offset, mut conditions) = (inner, offset, Vec::new());
        self.conditions(filter, &mut conditions);
        // Conditions on rows know nothing of periods: what is filtered twice is filtered by both.
        while let (Form::Two, MeasureKind::Scoped { inner: below, filter, offset: further }) =
            (self.forms.form, &inner.kind)
        {
            if offset.is_some() && further.is_some() {
                break;
            }
            offset = offset.or(*further);
            self.conditions(filter, &mut conditions);
            inner = below;
        }
        let is_own = |(source, _): &(SourceId, String)| Some(*source) == self.source;
        if let (Form::Two, None, None, MeasureKind::Aggregate(call)) =
            (self.forms.form, offset, self.attributes, &inner.kind)
            && conditions.iter().all(is_own)
        {
            return self.aggregate(call, conditions.into_iter().map(|(_, condition)| condition).collect());
        }
        let of =
            |(source, condition): (SourceId, String)| format!("{}:{condition}", self.forms.sources[source.index()]);
        let mut conditions = super::sorted(conditions.into_iter().map(of).collect());
        if self.forms.form == Form::Two {
            conditions.dedup();
            if conditions.is_empty() && offset.is_none() {
                return self.form(inner, false);
            }
        }
        let offset = offset.map_or_else(String::new, words::offset);
        let form = format!("scoped({},[{}],{offset})", self.form(inner, false), conditions.join(","));
        self.forms.form.sealed(&form)
    }

    /// The conditions of a filter, each of them for itself.
    fn conditions(&self, filter: &[(SourceId, RowExpr)], found: &mut Vec<(SourceId, String)>) {
        for (source, condition) in filter {
            let rows = Rows { forms: self.forms, source: Some(*source) };
            let mut operands = Vec::new();
            match self.forms.form {
                Form::One => operands.push(rows.form(condition, false)),
                Form::Two => rows.operands(condition, true, false, &mut operands),
            }
            let says_something = |operand: &String| self.forms.form == Form::One || operand != "true";
            found.extend(operands.into_iter().filter(says_something).map(|operand| (*source, operand)));
        }
    }
}

impl Reader<Measure> for Measures<'_, '_> {
    fn version(&self) -> Form {
        self.forms.form
    }

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
            MeasureKind::Aggregate(call) => self.aggregate(call, Vec::new()),
            MeasureKind::Metric(id) => self.forms.metrics[id.index()].clone(),
            MeasureKind::Attribute(value) => Rows { forms: self.forms, source: self.attributes }.form(value, false),
            MeasureKind::Scoped { inner, filter, offset } => self.scoped(inner, filter, *offset),
            _ => "unknown".to_owned(),
        }
    }

    /// Large measures of large measures stay small.
    fn close(&self, form: String) -> String {
        let sealed = |form: &str| if form.starts_with('#') { form.to_owned() } else { self.forms.form.sealed(form) };
        match form.strip_prefix('-') {
            // The sign of a product is that of a sum it stands in.
            Some(positive) if self.forms.form == Form::Two => format!("-{}", sealed(positive)),
            _ => sealed(&form),
        }
    }
}
