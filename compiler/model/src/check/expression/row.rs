//! Row expressions.

use super::builtin::{self, Gives, Needs, RowBuiltin};
use super::{AGGREGATE_IN_ROW, Bound, Expressions, METRIC_IN_ROW, Scope, WRONG_ARGUMENT, elapsed, fold, literal};
use crate::check::names::{dotted, nearest};
use crate::check::path::Walk;
use crate::check::typing::{self, MISMATCH};
use crate::check::{UNKNOWN_NAME, window};
use crate::model::SegmentId;
use crate::row::{Binary, Literal, RowExpr, RowFunction, RowKind};
use crate::schema::Kind;
use crate::types::{Base, Type};
use crate::unit::Unit;
use groma_syntax::Span;
use groma_syntax::ast::{Argument, Branch, Expr, ExprKind, Infix, Name, Prefix};
use smol_str::SmolStr;

/// Recursion beyond this depth is refused by the parser; functions in functions add to it.
const DEPTH: usize = 400;

impl Expressions<'_> {
    /// Reads an expression that has one value for each row.
    pub(crate) fn row(&mut self, expr: &Expr, scope: &Scope<'_>) -> RowExpr {
        if self.depth > DEPTH {
            self.no_meaning(expr.span, "this expression is too deep to be read", "name a part of it with a function");
            return RowExpr::unknown(expr.span);
        }
        if !self.may_read(1, expr.span) {
            return RowExpr::unknown(expr.span);
        }
        self.depth += 1;
        let value = self.row_at(expr, scope);
        self.depth -= 1;
        fold::fold(value)
    }

    fn row_at(&mut self, expr: &Expr, scope: &Scope<'_>) -> RowExpr {
        let span = expr.span;
        if let Some((literal, ty)) = literal(expr) {
            return RowExpr { kind: RowKind::Literal(literal), ty, span };
        }
        match &expr.kind {
            ExprKind::Group(inner) => self.row(inner, scope),
            ExprKind::Path(path) => self.row_path(path, span, scope),
            ExprKind::Call { function, arguments } => self.row_call(function, arguments, span, scope),
            ExprKind::Prefix { operator: Prefix::Not, operand, .. } => {
                let operand = self.condition(operand, scope);
                RowExpr { kind: RowKind::Not(Box::new(operand)), ty: Type::plain(Base::Bool), span }
            }
            ExprKind::Prefix { operator: Prefix::Minus, operand, .. } => self.row_minus(operand, span, scope),
            ExprKind::Infix { operator: Infix::In, left, right, .. } => self.row_in(left, right, false, span, scope),
            ExprKind::Infix { operator: Infix::NotIn, left, right, .. } => self.row_in(left, right, true, span, scope),
            ExprKind::Infix { operator: Infix::Like, left, right, .. } => {
                self.row_like(left, right, false, span, scope)
            }
            ExprKind::Infix { operator: Infix::NotLike, left, right, .. } => {
                self.row_like(left, right, true, span, scope)
            }
            ExprKind::Infix { operator, left, right, .. } => match binary_operator(*operator) {
                Some(operator) => self.row_binary(operator, left, right, span, scope),
                None => self.row_no_meaning(expr),
            },
            ExprKind::Between { operand, negated, low, high } => {
                self.row_between(operand, (low, high), *negated, span, scope)
            }
            ExprKind::IsNull { operand, negated } => {
                let operand = Box::new(self.row(operand, scope));
                let kind = RowKind::IsNull { operand, negated: *negated };
                RowExpr { kind, ty: Type::plain(Base::Bool), span }
            }
            ExprKind::Case { operand, branches, otherwise } => {
                self.row_case(operand.as_deref(), branches, otherwise.as_deref(), span, scope)
            }
            _ => self.row_no_meaning(expr),
        }
    }

    fn row_path(&mut self, path: &[Name], span: Span, scope: &Scope<'_>) -> RowExpr {
        if let [name] = path
            && let Some(bound) = scope.parameter(&name.text)
        {
            return self.row_parameter(name, bound, span);
        }
        if let Some(value) = self.given_value(path, span, scope) {
            return value;
        }
        let written = dotted(path);
        let Some(source) = scope.source.filter(|_| scope.columns) else {
            if let Some(finding) = self.each_elsewhere(path, span) {
                self.sink.push(finding);
                return RowExpr::unknown(span);
            }
            let help = match scope.columns {
                true => "add `from:` with the source that has it",
                false => "a function sees its parameters only: add one for it",
            };
            let finding = crate::check::path::UNKNOWN_COLUMN.finding(format!("there is no `{written}` here"));
            self.sink.push(finding.at(span, "no rows have this column").help(help));
            return RowExpr::unknown(span);
        };
        let walk = Walk { model: self.model, source, path, span };
        match walk.resolve() {
            Ok(Some(value)) => match self.may_read(value.size(), span) {
                true => value,
                false => RowExpr::unknown(span),
            },
            Ok(None) => RowExpr::unknown(span),
            Err(finding) => {
                let metric = self.model.names.get(Kind::Metric, &written);
                let finding = match metric {
                    Some(id) => METRIC_IN_ROW
                        .finding(format!("`{written}` is a metric: it has one value for a period, not for a row"))
                        .at(span, "a value for each row is needed here")
                        .also(self.model.metrics[id as usize].header.span, "the metric is declared here")
                        .help("aggregate a column here, and combine metrics outside of the aggregate"),
                    None => self.of_rows_behind(path, span, source, scope).unwrap_or(finding),
                };
                self.sink.push(finding);
                RowExpr::unknown(span)
            }
        }
    }

    fn row_parameter(&mut self, name: &Name, bound: &Bound, span: Span) -> RowExpr {
        match bound {
            Bound::Row(value) => match self.may_read(value.size(), span) {
                true => value.clone(),
                false => RowExpr::unknown(span),
            },
            Bound::Any(ty) => RowExpr { kind: RowKind::Parameter(name.text.clone()), ty: ty.clone(), span },
            Bound::Measure(_) => {
                self.sink.push(
                    AGGREGATE_IN_ROW
                        .finding(format!(
                            "`{}` is given an aggregate, and stands where one row is looked at",
                            name.text
                        ))
                        .at(span, "a value for each row is needed here")
                        .help("give the function a column"),
                );
                RowExpr::unknown(span)
            }
        }
    }

    fn row_minus(&mut self, operand: &Expr, span: Span, scope: &Scope<'_>) -> RowExpr {
        let operand = self.row(operand, scope);
        if !operand.ty.is_number() {
            self.sink.push(
                MISMATCH
                    .finding(format!("only a number has a minus, and this is {}", self.describe(&operand.ty)))
                    .at(span, "not a number")
                    .help("take the minus away"),
            );
            return RowExpr::unknown(span);
        }
        let ty = match operand.ty.base {
            Base::Scale { .. } => Type::of(Base::Int, operand.ty.unit.clone()),
            _ => operand.ty.clone(),
        };
        RowExpr { kind: RowKind::Minus(Box::new(operand)), ty, span }
    }

    fn row_binary(&mut self, operator: Binary, left: &Expr, right: &Expr, span: Span, scope: &Scope<'_>) -> RowExpr {
        if matches!(operator, Binary::Add | Binary::Subtract)
            && let ExprKind::Quantity { number, unit } = &right.kind
            && let Some(length) = window::quantity(number, unit)
        {
            let operand = self.row(left, scope);
            if operand.ty.is_time() && !operand.ty.is_open() {
                let sign = if operator == Binary::Add { 1 } else { -1 };
                let (months, days) = (sign * i64::from(length.months), sign * i64::from(length.days));
                let ty = operand.ty.clone();
                return RowExpr { kind: RowKind::Shift { operand: Box::new(operand), months, days }, ty, span };
            }
        }
        let (left, right) = (self.row(left, scope), self.row(right, scope));
        self.row_combine(operator, left, right, span)
    }

    fn row_combine(&mut self, operator: Binary, left: RowExpr, right: RowExpr, span: Span) -> RowExpr {
        let nulls = [&left, &right].into_iter().any(|side| side.ty.base == Base::Null);
        if nulls && matches!(operator, Binary::Equal | Binary::NotEqual) {
            self.sink.push(
                MISMATCH
                    .finding("nothing equals null, not even null")
                    .at(span, "never true")
                    .help("write `… is null` or `… is not null`"),
            );
            return RowExpr::unknown(span);
        }
        let model = self.model;
        match typing::binary(operator, &left.ty, &right.ty, &|ty| super::describe(model, ty)) {
            Ok(ty) => {
                RowExpr { kind: RowKind::Binary { operator, left: Box::new(left), right: Box::new(right) }, ty, span }
            }
            Err(problem) => {
                self.problem(problem, span);
                RowExpr::unknown(span)
            }
        }
    }

    fn row_between(
        &mut self,
        operand: &Expr,
        (low, high): (&Expr, &Expr),
        negated: bool,
        span: Span,
        scope: &Scope<'_>,
    ) -> RowExpr {
        let operand = self.row(operand, scope);
        let (low, high) = (self.row(low, scope), self.row(high, scope));
        let above = self.row_combine(Binary::GreaterEqual, operand.clone(), low, span);
        let below = self.row_combine(Binary::LessEqual, operand, high, span);
        let both = self.row_combine(Binary::And, above, below, span);
        match negated {
            true => RowExpr { kind: RowKind::Not(Box::new(both)), ty: Type::plain(Base::Bool), span },
            false => both,
        }
    }

    fn row_in(&mut self, left: &Expr, right: &Expr, negated: bool, span: Span, scope: &Scope<'_>) -> RowExpr {
        let bool = Type::plain(Base::Bool);
        let items: Vec<&Expr> = match &right.kind {
            ExprKind::Tuple(items) => items.iter().collect(),
            ExprKind::Group(item) => vec![&**item],
            ExprKind::Path(path) => {
                return self.row_in_segment(left, (&dotted(path), right.span), negated, scope);
            }
            _ => return self.row_no_meaning(right),
        };
        let operand = self.row(left, scope);
        let list: Vec<RowExpr> = items.into_iter().map(|item| self.row(item, scope)).collect();
        for item in &list {
            let model = self.model;
            if let Err(problem) = typing::comparison(&operand.ty, &item.ty, &|ty| super::describe(model, ty)) {
                self.problem(problem, item.span);
                return RowExpr::unknown(span);
            }
        }
        RowExpr { kind: RowKind::In { operand: Box::new(operand), list, negated }, ty: bool, span }
    }

    /// `account in strategic`: the segment's condition on the account that the left side refers to.
    fn row_in_segment(
        &mut self,
        left: &Expr,
        (segment_name, place): (&str, Span),
        negated: bool,
        scope: &Scope<'_>,
    ) -> RowExpr {
        let span = left.span.to(place);
        let Some(segment) = self.model.names.get(Kind::Segment, segment_name).map(SegmentId) else {
            self.unknown_segment(segment_name, place);
            return RowExpr::unknown(span);
        };
        let (ExprKind::Path(path), Some(source)) = (&left.kind, scope.source.filter(|_| scope.columns)) else {
            self.no_meaning(left.span, "only a customer is in a segment", "name the customer: `account in …`");
            return RowExpr::unknown(span);
        };
        let customer = self.row(left, scope);
        let wanted = self.model.segments[segment.index()].customer;
        if customer.ty.base != Base::Customer(wanted) {
            if !customer.ty.is_open() {
                self.sink.push(
                    MISMATCH
                        .finding(format!(
                            "segment `{}` is of `{}`, and this is {}",
                            self.model.segments[segment.index()].header.name,
                            self.model.customer(wanted).header.name,
                            self.describe(&customer.ty)
                        ))
                        .at(left.span, "not such a customer")
                        .help(format!("write `{} in …`", self.model.customer(wanted).header.name)),
                );
            }
            return RowExpr::unknown(span);
        }
        let mut full = path.clone();
        full.push(Name { text: self.model.segments[segment.index()].header.name.clone(), span: place });
        match (Walk { model: self.model, source, path: &full, span }).resolve() {
            Ok(Some(condition)) if negated => {
                RowExpr { kind: RowKind::Not(Box::new(condition)), ty: Type::plain(Base::Bool), span }
            }
            Ok(Some(condition)) => condition,
            Ok(None) => RowExpr::unknown(span),
            Err(finding) => {
                self.sink.push(finding);
                RowExpr::unknown(span)
            }
        }
    }

    fn unknown_segment(&mut self, name: &str, place: Span) {
        let known = self.model.segments.iter().map(|segment| segment.header.name.as_str());
        match nearest(name, known) {
            Some(near) => self.sink.push(
                UNKNOWN_NAME
                    .finding(format!("there is no segment `{name}`"))
                    .at(place, "no such segment")
                    .help(format!("did you mean `{near}`?")),
            ),
            None => self.no_meaning(
                place,
                "`in` needs a list of values or the name of a segment",
                "write `… in (\"a\", \"b\")`",
            ),
        }
    }

    fn row_like(&mut self, left: &Expr, right: &Expr, negated: bool, span: Span, scope: &Scope<'_>) -> RowExpr {
        let (operand, pattern) = (self.row(left, scope), self.row(right, scope));
        if let Some(side) = [&operand, &pattern].into_iter().find(|side| !side.ty.is_text()) {
            self.sink.push(
                MISMATCH
                    .finding(format!("`like` compares texts, and this is {}", self.describe(&side.ty)))
                    .at(side.span, "not a text")
                    .help("compare it with `=`, `<` or `between`"),
            );
            return RowExpr::unknown(span);
        }
        let kind = RowKind::Like { operand: Box::new(operand), pattern: Box::new(pattern), negated };
        RowExpr { kind, ty: Type::plain(Base::Bool), span }
    }

    fn row_case(
        &mut self,
        operand: Option<&Expr>,
        branches: &[Branch],
        otherwise: Option<&Expr>,
        span: Span,
        scope: &Scope<'_>,
    ) -> RowExpr {
        let operand = operand.map(|operand| self.row(operand, scope));
        let mut read = Vec::with_capacity(branches.len());
        for branch in branches {
            let when = match &operand {
                Some(operand) => {
                    let value = self.row(&branch.when, scope);
                    fold::fold(self.row_combine(Binary::Equal, operand.clone(), value, branch.when.span))
                }
                None => self.condition(&branch.when, scope),
            };
            read.push((when, self.row(&branch.then, scope)));
        }
        let otherwise = otherwise.map(|otherwise| Box::new(self.row(otherwise, scope)));
        let types: Vec<&Type> =
            read.iter().map(|(_, then)| &then.ty).chain(otherwise.as_ref().map(|otherwise| &otherwise.ty)).collect();
        let model = self.model;
        match typing::common(&types, &|ty| super::describe(model, ty)) {
            Ok(ty) => RowExpr { kind: RowKind::Case { branches: read, otherwise }, ty, span },
            Err(problem) => {
                self.problem(problem, span);
                RowExpr::unknown(span)
            }
        }
    }

    fn row_call(&mut self, function: &[Name], arguments: &[Argument], span: Span, scope: &Scope<'_>) -> RowExpr {
        let name = dotted(function);
        if let Some(value) = self.scale_end(&name, arguments, span, scope) {
            return value;
        }
        if let Some(builtin) = builtin::row_function(&name) {
            let mut values = Vec::with_capacity(arguments.len());
            for argument in arguments {
                match argument {
                    Argument::Value(value) => values.push(self.row(value, scope)),
                    Argument::Named { value, .. } | Argument::Where(value) => {
                        self.no_meaning(
                            value.span,
                            &format!("`{name}` takes plain values"),
                            "leave the word before it out",
                        );
                        return RowExpr::unknown(span);
                    }
                }
            }
            let types: Vec<(&Type, Span)> = values.iter().map(|value| (&value.ty, value.span)).collect();
            return match self.row_function_type(builtin, &types, span) {
                Some(ty) => {
                    let call =
                        RowExpr { kind: RowKind::Call { function: builtin.function, arguments: values }, ty, span };
                    elapsed::rows_in_unit(call, builtin.gives)
                }
                None => RowExpr::unknown(span),
            };
        }
        if builtin::aggregate(&name).is_some() {
            self.sink.push(
                AGGREGATE_IN_ROW
                    .finding(format!("`{name}` runs over many rows, and stands where one row is looked at"))
                    .at(span, "an aggregate inside a row expression")
                    .help("use the column itself here, or move the aggregate out to the measure"),
            );
            return RowExpr::unknown(span);
        }
        self.row_user_call(&name, arguments, span, scope)
    }

    /// `lowest(score)` and `highest(score)`: the ends of a scale, known while compiling.
    fn scale_end(&mut self, name: &SmolStr, arguments: &[Argument], span: Span, scope: &Scope<'_>) -> Option<RowExpr> {
        let lowest = match name.as_str() {
            "lowest" => true,
            "highest" => false,
            _ => return None,
        };
        let [Argument::Value(argument)] = arguments else {
            self.no_meaning(span, &format!("`{name}` takes one column with a scale"), "write `highest(score)`");
            return Some(RowExpr::unknown(span));
        };
        let value = self.row(argument, scope);
        let ty = Type::of(Base::Int, Unit::Any);
        match (&value.ty.base, &value.kind) {
            (_, RowKind::Parameter(parameter)) => {
                Some(RowExpr { kind: RowKind::Parameter(parameter.clone()), ty, span })
            }
            (Base::Scale { low, high }, _) => {
                let end = if lowest { *low } else { *high };
                Some(RowExpr { kind: RowKind::Literal(Literal::Int(end)), ty, span })
            }
            (Base::Unknown, _) => Some(RowExpr::unknown(span)),
            _ => {
                let what = self.describe(&value.ty);
                self.sink.push(
                    WRONG_ARGUMENT
                        .finding(format!("only a scale has ends, and this is {what}"))
                        .at(value.span, "not a scale")
                        .help("give the column the type of its scale: `scale(1 to 5)`"),
                );
                Some(RowExpr::unknown(span))
            }
        }
    }

    /// The type of a row function's result, for rows and for measures alike.
    pub(super) fn row_function_type(
        &mut self,
        builtin: &RowBuiltin,
        arguments: &[(&Type, Span)],
        span: Span,
    ) -> Option<Type> {
        let most = builtin.needs.len();
        let least = if builtin.flexible == usize::MAX { most } else { most - builtin.flexible };
        if arguments.len() < least || (arguments.len() > most && builtin.flexible != usize::MAX) {
            self.sink.push(
                WRONG_ARGUMENT
                    .finding(format!("`{}` takes {least} values and is given {}", builtin.name, arguments.len()))
                    .at(span, "the wrong number of values")
                    .help(format!("`{}`: {}", builtin.name, builtin.doc)),
            );
            return None;
        }
        for (index, (ty, place)) in arguments.iter().enumerate() {
            let need = builtin.needs.get(index).or(builtin.needs.last()).copied().unwrap_or(Needs::Same);
            let (fits, wanted) = match need {
                Needs::Number => (ty.is_number(), "a number"),
                Needs::Text => (ty.is_text(), "a text"),
                Needs::Time => (ty.is_time(), "a date or an instant"),
                Needs::Instant => (ty.is_open() || matches!(ty.base, Base::Instant { .. }), "an instant"),
                Needs::Same => (true, ""),
            };
            if !fits {
                let what = self.describe(ty);
                self.sink.push(
                    WRONG_ARGUMENT
                        .finding(format!("`{}` needs {wanted}, and this is {what}", builtin.name))
                        .at(*place, format!("not {wanted}"))
                        .help(format!("`{}`: {}", builtin.name, builtin.doc)),
                );
                return None;
            }
        }
        if builtin.function == RowFunction::SecondsBetween && !self.clocks_run_evenly(builtin.name, arguments) {
            return None;
        }
        self.result_type(builtin, arguments, span)
    }

    fn result_type(&mut self, builtin: &RowBuiltin, arguments: &[(&Type, Span)], span: Span) -> Option<Type> {
        let first = arguments.first().map(|(ty, _)| (*ty).clone()).unwrap_or_default();
        let types: Vec<&Type> = arguments.iter().map(|(ty, _)| *ty).collect();
        if builtin.needs.contains(&Needs::Same) {
            let model = self.model;
            match typing::common(&types, &|ty| super::describe(model, ty)) {
                Ok(ty) if builtin.gives == Gives::Common => return Some(ty),
                Ok(_) => {}
                Err(problem) => {
                    self.problem(problem, span);
                    return None;
                }
            }
        }
        Some(match builtin.gives {
            Gives::First | Gives::Common => match (builtin.function, &first.base) {
                (RowFunction::Abs | RowFunction::Round, Base::Scale { .. }) => Type::of(Base::Int, first.unit),
                _ => first,
            },
            Gives::Real => Type::of(Base::Real, Unit::None),
            Gives::RealOfFirst => Type::of(Base::Real, first.unit),
            Gives::Int => Type::plain(Base::Int),
            Gives::Days => Type::of(Base::Int, Unit::base("days")),
            Gives::Elapsed { unit, .. } => Type::of(Base::Real, Unit::base(unit)),
            Gives::Date => Type::plain(Base::Date),
        })
    }

    fn row_no_meaning(&mut self, expr: &Expr) -> RowExpr {
        let (headline, help) = match &expr.kind {
            ExprKind::Infix { operator: Infix::Where, .. } => (
                "`where` filters an aggregate or a metric, not a value",
                "put it inside the aggregate: `sum(amount where …)`",
            ),
            ExprKind::Infix { operator: Infix::Offset, .. } => (
                "`offset` looks at another period, and one row has none",
                "write it after a metric: `revenue offset 1 month`",
            ),
            ExprKind::Tuple(_) => ("a list of values stands where one is needed", "use it after `in`"),
            _ => ("this has no value for a row", "use columns, constants, operators and functions"),
        };
        self.no_meaning(expr.span, headline, help);
        RowExpr::unknown(expr.span)
    }
}

/// The operator of rows and measures that an infix is, if it is one.
pub(crate) fn binary_operator(operator: Infix) -> Option<Binary> {
    Some(match operator {
        Infix::Or => Binary::Or,
        Infix::And => Binary::And,
        Infix::Equal => Binary::Equal,
        Infix::NotEqual => Binary::NotEqual,
        Infix::Less => Binary::Less,
        Infix::LessEqual => Binary::LessEqual,
        Infix::Greater => Binary::Greater,
        Infix::GreaterEqual => Binary::GreaterEqual,
        Infix::Add => Binary::Add,
        Infix::Subtract => Binary::Subtract,
        Infix::Multiply => Binary::Multiply,
        Infix::Divide => Binary::Divide,
        Infix::Remainder => Binary::Remainder,
        _ => return None,
    })
}
