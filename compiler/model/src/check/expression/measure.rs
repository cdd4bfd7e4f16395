//! Measures: expressions with one value for each cell.

use super::literal;
use super::row::binary_operator;
use super::{Bound, Expressions, Level, ROW_IN_MEASURE, Scope, UNKNOWN_METRIC, builtin, elapsed};
use crate::check::names::{dotted, nearest};
use crate::check::typing::{self, MISMATCH};
use crate::check::{path, window};
use crate::measure::{Measure, MeasureKind};
use crate::model::{MetricId, SourceId};
use crate::row::{Binary, Literal, RowExpr, RowKind};
use crate::schema::Kind;
use crate::types::{Base, Type};
use groma_syntax::ast::{Argument, Branch, Expr, ExprKind, Infix, Name, Prefix};
use groma_syntax::{Diagnostic, Span};

impl Expressions<'_> {
    /// Reads an expression that has one value for each cell.
    pub(crate) fn measure(&mut self, expr: &Expr, scope: &Scope<'_>) -> Measure {
        let span = expr.span;
        if !self.may_read(1, span) {
            return Measure::unknown(span);
        }
        if let Some((literal, ty)) = literal(expr) {
            return Measure { kind: MeasureKind::Literal(literal), ty, span };
        }
        match &expr.kind {
            ExprKind::Group(inner) => self.measure(inner, scope),
            ExprKind::Path(path) => self.measure_path(path, span, scope),
            ExprKind::Call { function, arguments } => self.measure_call(function, arguments, span, scope),
            ExprKind::Prefix { operator: Prefix::Not, operand, .. } => {
                let operand = self.measure_condition(operand, scope);
                Measure { kind: MeasureKind::Not(Box::new(operand)), ty: Type::plain(Base::Bool), span }
            }
            ExprKind::Prefix { operator: Prefix::Minus, operand, .. } => {
                let operand = self.measure(operand, scope);
                let ty = operand.ty.clone();
                Measure { kind: MeasureKind::Minus(Box::new(operand)), ty, span }
            }
            ExprKind::Infix { operator: Infix::Where, left, right, .. } => self.measure_where(left, right, span, scope),
            ExprKind::Infix { operator: Infix::Offset, left, right, .. } => {
                self.measure_offset(left, right, span, scope)
            }
            ExprKind::Infix { operator, left, right, .. } => match binary_operator(*operator) {
                Some(operator) => {
                    let left = self.measure(left, scope);
                    if let Some(moved) = self.moved_date(operator, &left, right, span) {
                        return moved;
                    }
                    let right = self.measure(right, scope);
                    self.measure_combine(operator, left, right, span, scope)
                }
                None => self.measure_no_meaning(span),
            },
            ExprKind::Between { operand, negated, low, high } => {
                let operand = self.measure(operand, scope);
                let (low, high) = (self.measure(low, scope), self.measure(high, scope));
                let above = self.measure_combine(Binary::GreaterEqual, operand.clone(), low, span, scope);
                let below = self.measure_combine(Binary::LessEqual, operand, high, span, scope);
                let both = self.measure_combine(Binary::And, above, below, span, scope);
                match negated {
                    true => Measure { ty: both.ty.clone(), kind: MeasureKind::Not(Box::new(both)), span },
                    false => both,
                }
            }
            ExprKind::IsNull { operand, negated } => {
                let operand = Box::new(self.measure(operand, scope));
                let kind = MeasureKind::IsNull { operand, negated: *negated };
                Measure { kind, ty: Type::plain(Base::Bool), span }
            }
            ExprKind::Case { operand, branches, otherwise } => {
                self.measure_case(operand.as_deref(), branches, otherwise.as_deref(), span, scope)
            }
            _ => self.measure_no_meaning(span),
        }
    }

    fn measure_condition(&mut self, expr: &Expr, scope: &Scope<'_>) -> Measure {
        let value = self.measure(expr, scope);
        if value.ty.is_bool() {
            return value;
        }
        let what = self.describe(&value.ty);
        self.sink.push(
            MISMATCH
                .finding(format!("a condition is true or false, and this is {what}"))
                .at(expr.span, "not a condition")
                .help("compare it with something: `… = …`, `… > …`"),
        );
        Measure::unknown(expr.span)
    }

    fn measure_path(&mut self, path: &[Name], span: Span, scope: &Scope<'_>) -> Measure {
        if let [name] = path
            && let Some(bound) = scope.parameter(&name.text)
        {
            return self.measure_parameter(name, bound, span, scope);
        }
        if let (Level::Each(customer), true) = (scope.level, scope.columns) {
            return self.customer_value(path, span, scope.source, customer);
        }
        if let Some(value) = self.given_value(path, span, scope) {
            self.sink.push(bare_in_customers(&dotted(path), &value.ty, span));
            return Measure::unknown(span);
        }
        let written = dotted(path);
        if let Some(id) = self.model.names.get(Kind::Metric, &written).map(MetricId)
            && scope.columns
        {
            self.met.push(id);
            let metric = self.model.metric(id);
            let ty = if metric.header.broken {
                Type::unknown()
            } else {
                Type::of(metric.measure.ty.base.clone(), metric.unit.clone())
            };
            return Measure { kind: MeasureKind::Metric(id), ty, span };
        }
        let column = scope
            .source
            .filter(|_| scope.columns)
            .and_then(|source| (path::Walk { model: self.model, source, path, span }).resolve().ok().flatten());
        let finding = match column {
            Some(column) if matches!(scope.level, Level::Customers(_)) => bare_in_customers(&written, &column.ty, span),
            Some(column) => {
                let suggestion = match column.ty.is_number() {
                    true => format!("sum({written})"),
                    false => format!("count(distinct {written})"),
                };
                ROW_IN_MEASURE
                    .finding(format!("`{written}` has a value for each row, and a period needs one"))
                    .at(span, "a bare column in a measure")
                    .help(format!("say how rows become one number: `{suggestion}`"))
                    .fix(format!("write `{suggestion}`"), span, suggestion)
            }
            None => self.behind_or_unknown(path, &written, span, scope),
        };
        self.sink.push(finding);
        Measure::unknown(span)
    }

    fn behind_or_unknown(&self, path: &[Name], written: &str, span: Span, scope: &Scope<'_>) -> Diagnostic {
        let behind = match scope.source {
            Some(source) if scope.columns => self.of_rows_behind(path, span, source, scope),
            _ => self.each_elsewhere(path, span),
        };
        behind.unwrap_or_else(|| self.unknown_metric(path, written, span, scope))
    }

    fn unknown_metric(&self, path: &[Name], written: &str, span: Span, scope: &Scope<'_>) -> Diagnostic {
        let metrics = self.model.metrics.iter().map(|metric| metric.header.name.as_str());
        let help = match (nearest(written, metrics), path, scope.columns) {
            (_, _, false) => "a function sees its parameters only: add one for it".to_owned(),
            (Some(near), ..) => format!("did you mean `{near}`?"),
            (None, [name], _) if name.text.contains('-') => {
                format!(
                    "a name may hold hyphens; for a subtraction put blanks around the minus: `{}`",
                    name.text.replace('-', " - ")
                )
            }
            _ => format!("declare it: `metric {written} {{ … }}`, or aggregate a column: `sum(…)`"),
        };
        UNKNOWN_METRIC.finding(format!("there is no metric `{written}`")).at(span, "no such metric").help(help)
    }

    fn measure_parameter(&mut self, name: &Name, bound: &Bound, span: Span, scope: &Scope<'_>) -> Measure {
        match bound {
            Bound::Measure(value) => match self.may_read(value.size(), span) {
                true => value.clone(),
                false => Measure::unknown(span),
            },
            Bound::Any(ty) => Measure { kind: MeasureKind::Parameter(name.text.clone()), ty: ty.clone(), span },
            Bound::Row(RowExpr { kind: RowKind::Literal(literal), ty, .. }) => {
                Measure { kind: MeasureKind::Literal(literal.clone()), ty: ty.clone(), span }
            }
            Bound::Row(RowExpr { kind: RowKind::Unknown, .. }) => Measure::unknown(span),
            Bound::Row(value) => {
                if let Some(value) = self.of_customer(value, scope) {
                    let ty = value.ty.clone();
                    return Measure { kind: MeasureKind::Attribute(Box::new(value)), ty, span };
                }
                self.sink.push(
                    ROW_IN_MEASURE
                        .finding(format!("`{}` is given a column, and a period needs one value", name.text))
                        .at(span, "a value for a period is needed here")
                        .help("give the function an aggregate or a metric"),
                );
                Measure::unknown(span)
            }
        }
    }

    fn measure_call(&mut self, function: &[Name], arguments: &[Argument], span: Span, scope: &Scope<'_>) -> Measure {
        let name = dotted(function);
        if let Some(aggregate) = builtin::aggregate(&name) {
            return self.aggregate(aggregate, arguments, span, scope);
        }
        let Some(builtin) = builtin::row_function(&name) else {
            return self.measure_user_call(&name, arguments, span, scope);
        };
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            match argument {
                Argument::Value(value) => values.push(self.measure(value, scope)),
                Argument::Named { value, .. } | Argument::Where(value) => {
                    self.no_meaning(
                        value.span,
                        &format!("`{name}` takes plain values"),
                        "leave the word before it out",
                    );
                    return Measure::unknown(span);
                }
            }
        }
        let types: Vec<(&Type, Span)> = values.iter().map(|value| (&value.ty, value.span)).collect();
        match self.row_function_type(builtin, &types, span) {
            Some(ty) => {
                let kind = MeasureKind::Call { function: builtin.function, arguments: values };
                elapsed::cells_in_unit(Measure { kind, ty, span }, builtin.gives)
            }
            None => Measure::unknown(span),
        }
    }

    fn measure_where(&mut self, left: &Expr, condition: &Expr, span: Span, scope: &Scope<'_>) -> Measure {
        let inner = self.measure(left, scope);
        let sources = self.sources_of(&inner, scope.source);
        let Some(filter) = self.filter(condition, &sources, scope) else {
            return Measure::unknown(span);
        };
        let ty = inner.ty.clone();
        Measure { kind: MeasureKind::Scoped { inner: Box::new(inner), filter, offset: None }, ty, span }
    }

    /// A condition over each of several sources; says what is wrong once.
    pub(crate) fn filter(
        &mut self,
        condition: &Expr,
        sources: &[SourceId],
        scope: &Scope<'_>,
    ) -> Option<Vec<(SourceId, RowExpr)>> {
        let mut filter = Vec::with_capacity(sources.len());
        for source in sources {
            let before = self.sink.len();
            let level = if scope.source == Some(*source) { scope.level } else { Level::Rows };
            let inner = Scope { source: Some(*source), level, ..*scope };
            filter.push((*source, self.condition(condition, &inner)));
            if self.sink.len() > before {
                return None;
            }
        }
        Some(filter)
    }

    fn measure_offset(&mut self, left: &Expr, length: &Expr, span: Span, scope: &Scope<'_>) -> Measure {
        let inner = self.measure(left, scope);
        match window::length(length) {
            Ok(offset) => {
                let ty = inner.ty.clone();
                let kind = MeasureKind::Scoped { inner: Box::new(inner), filter: Vec::new(), offset: Some(offset) };
                Measure { kind, ty, span }
            }
            Err(finding) => {
                self.sink.push(finding);
                Measure::unknown(span)
            }
        }
    }

    fn measure_combine(
        &mut self,
        operator: Binary,
        left: Measure,
        right: Measure,
        span: Span,
        scope: &Scope<'_>,
    ) -> Measure {
        let model = self.model;
        // A customer's dates are values like others; a period has none.
        let of_customers = matches!(scope.level, Level::Each(_));
        let dates = [&left, &right].into_iter().find(|side| side.ty.is_time() && !side.ty.is_open() && !of_customers);
        if let Some(side) = dates {
            let place = side.span;
            self.no_meaning(
                place,
                "a measure combines numbers, and this is a date",
                "take the difference of dates for each row, inside the aggregate",
            );
            return Measure::unknown(span);
        }
        match typing::binary(operator, &left.ty, &right.ty, &|ty| super::describe(model, ty)) {
            Ok(ty) => Measure {
                kind: MeasureKind::Binary { operator, left: Box::new(left), right: Box::new(right) },
                ty,
                span,
            },
            Err(problem) => {
                self.problem(problem, span);
                Measure::unknown(span)
            }
        }
    }

    /// `account.since + 30 days` in `each`: a moment of the customer, moved.
    fn moved_date(&mut self, operator: Binary, left: &Measure, right: &Expr, span: Span) -> Option<Measure> {
        let ExprKind::Quantity { number, unit } = &right.kind else { return None };
        let sign = match operator {
            Binary::Add => 1,
            Binary::Subtract => -1,
            _ => return None,
        };
        let length = window::quantity(number, unit)?;
        if !left.ty.is_time() || left.ty.is_open() {
            return None;
        }
        let MeasureKind::Attribute(operand) = &left.kind else {
            self.no_meaning(
                span,
                "only a moment of a row or of a customer is moved by a length of time",
                "move it inside the aggregate: `first(ordered_at + …)`",
            );
            return Some(Measure::unknown(span));
        };
        let (months, days) = (sign * i64::from(length.months), sign * i64::from(length.days));
        let ty = left.ty.clone();
        let kind = RowKind::Shift { operand: operand.clone(), months, days };
        let moved = RowExpr { kind, ty: ty.clone(), span };
        Some(Measure { kind: MeasureKind::Attribute(Box::new(moved)), ty, span })
    }

    fn measure_case(
        &mut self,
        operand: Option<&Expr>,
        branches: &[Branch],
        otherwise: Option<&Expr>,
        span: Span,
        scope: &Scope<'_>,
    ) -> Measure {
        let operand = operand.map(|operand| self.measure(operand, scope));
        let mut read = Vec::with_capacity(branches.len());
        for branch in branches {
            let when = match &operand {
                Some(operand) => {
                    let value = self.measure(&branch.when, scope);
                    self.measure_combine(Binary::Equal, operand.clone(), value, branch.when.span, scope)
                }
                None => self.measure_condition(&branch.when, scope),
            };
            read.push((when, self.measure(&branch.then, scope)));
        }
        let otherwise = otherwise.map(|otherwise| Box::new(self.measure(otherwise, scope)));
        let types: Vec<&Type> =
            read.iter().map(|(_, then)| &then.ty).chain(otherwise.as_ref().map(|otherwise| &otherwise.ty)).collect();
        let model = self.model;
        match typing::common(&types, &|ty| super::describe(model, ty)) {
            Ok(ty) => Measure { kind: MeasureKind::Case { branches: read, otherwise }, ty, span },
            Err(problem) => {
                self.problem(problem, span);
                Measure::unknown(span)
            }
        }
    }

    fn measure_no_meaning(&mut self, span: Span) -> Measure {
        self.no_meaning(span, "this has no value for a period", "use aggregates, metrics, operators and functions");
        Measure::unknown(span)
    }

    /// The sources whose rows a measure reads, sorted.
    pub(crate) fn sources_of(&self, measure: &Measure, own: Option<SourceId>) -> Vec<SourceId> {
        let mut found = Vec::new();
        let mut open = vec![measure];
        while let Some(measure) = open.pop() {
            match &measure.kind {
                MeasureKind::Aggregate(_) => found.extend(own),
                MeasureKind::Metric(id) => found.extend(&self.model.metric(*id).sources),
                _ => open.extend(measure.children()),
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether an expression names an aggregate or a metric, so that it has one value for a cell.
    pub(super) fn is_measure(&self, expr: &Expr, scope: &Scope<'_>) -> bool {
        let mut found = false;
        crate::check::walk::visit(expr, &mut |part| {
            found |= match &part.kind {
                ExprKind::Call { function, .. } => {
                    let name = dotted(function);
                    match self.model.names.function(&name, scope.standard) {
                        Some(id) => self.model.definitions[id.index()].aggregates,
                        None => builtin::aggregate(&name).is_some(),
                    }
                }
                ExprKind::Path(path) => match (path.as_slice(), scope.parameter(&dotted(path))) {
                    ([_], Some(bound)) => matches!(bound, Bound::Measure(_)),
                    _ => {
                        let column = scope.source.is_some_and(|source| {
                            path.first()
                                .is_some_and(|name| path::column_named(self.model, source, &name.text).is_some())
                        });
                        !column && self.model.names.get(Kind::Metric, &dotted(path)).is_some()
                    }
                },
                _ => false,
            };
        });
        found
    }

    /// Whether the measure counts anything at all.
    pub(crate) fn counts(measure: &Measure) -> bool {
        let mut open = vec![measure];
        while let Some(measure) = open.pop() {
            match &measure.kind {
                MeasureKind::Aggregate(_) | MeasureKind::Metric(_) | MeasureKind::Unknown => return true,
                MeasureKind::Literal(Literal::Null) => {}
                _ => open.extend(measure.children()),
            }
        }
        false
    }
}

/// The finding about a value of customers that stands bare in a measure over them.
fn bare_in_customers(written: &str, ty: &Type, span: Span) -> Diagnostic {
    let suggestion = match (ty.base == Base::Bool, ty.is_number()) {
        (true, _) => format!("share({written})"),
        (false, true) => format!("avg({written})"),
        (false, false) => format!("count(distinct {written})"),
    };
    ROW_IN_MEASURE
        .finding(format!("`{written}` has a value for each customer, and a period needs one"))
        .at(span, "a bare value of customers in a measure")
        .help(format!("say how customers become one number: `{suggestion}`"))
        .fix(format!("write `{suggestion}`"), span, suggestion)
}
