//! Row expressions of the model → expressions of a plan.
//!
//! An instant is lowered to local wall clock, except where it is only compared with its like or with a date, which the
//! stored value can answer.

use crate::relation::{DatePart, Expr, Function, Literal, ValueType};
use crate::typed::{self, Typed};
use crate::zone::Zones;
use groma_model::row::{Binary, ColumnPath, Each, Literal as Constant, RowExpr, RowFunction, RowKind};
use groma_model::types::{Base, Type};
use groma_model::{Model, SmolStr};
use jiff::civil::Date;

/// Seconds of a day on a wall clock.
const DAY_SECONDS: i64 = 86_400;

/// How the columns of the rows are named where an expression stands.
pub(crate) trait Columns {
    /// The column as it is stored.
    fn stored(&mut self, path: &ColumnPath) -> Expr;
    /// An instant column as local wall clock.
    fn local(&mut self, path: &ColumnPath) -> Expr;
    /// What the metric at hand gives the customer.
    fn each(&mut self, each: Each) -> Typed;
}

/// The type that values of a declared type have in statements; none for what has no type of its own.
pub(crate) fn value_type(model: &Model, ty: &Type) -> Option<ValueType> {
    match &ty.base {
        Base::Unknown | Base::Null => None,
        Base::Bool => Some(ValueType::Bool),
        Base::Int | Base::Scale { .. } => Some(ValueType::Int),
        Base::Real => Some(ValueType::Real),
        Base::Decimal { precision, scale } => Some(ValueType::Decimal { precision: *precision, scale: *scale }),
        Base::Text | Base::Verbatim => Some(ValueType::Text),
        Base::Date => Some(ValueType::Date),
        Base::Instant { .. } => Some(ValueType::Timestamp),
        Base::Customer(id) => {
            let customer = model.customer(*id);
            let key = &model.column(customer.source, customer.key).ty;
            // A key is no reference itself; were it one, it would be read as text.
            if matches!(key.base, Base::Customer(_)) { Some(ValueType::Text) } else { value_type(model, key) }
        }
    }
}

/// Whether the expression can be null for a row of data that passes its checks.
pub(crate) fn may_be_null(model: &Model, expr: &RowExpr) -> bool {
    match &expr.kind {
        RowKind::Unknown | RowKind::Parameter(_) | RowKind::Literal(Constant::Null) | RowKind::Each(Each::Value) => {
            true
        }
        RowKind::Literal(_) | RowKind::IsNull { .. } => false,
        // A reference may lead to no customer.
        RowKind::Column(path) => !path.hops.is_empty() || model.column(path.source, path.column).optional,
        RowKind::Binary { operator: Binary::Divide | Binary::Remainder, .. } => true,
        RowKind::Case { branches, otherwise } => {
            otherwise.as_deref().is_none_or(|otherwise| may_be_null(model, otherwise))
                || branches.iter().any(|(_, then)| may_be_null(model, then))
        }
        RowKind::Call { function, arguments } => match function {
            RowFunction::NullIf | RowFunction::Sqrt | RowFunction::Ln | RowFunction::Exp | RowFunction::Power => true,
            RowFunction::Coalesce => arguments.iter().all(|argument| may_be_null(model, argument)),
            _ => arguments.iter().any(|argument| may_be_null(model, argument)),
        },
        _ => expr.children().into_iter().any(|child| may_be_null(model, child)),
    }
}

/// The part of an expression that alone decides whether it is null: of `score >= 9` that is `score`.
pub(crate) fn null_source(expr: &RowExpr) -> &RowExpr {
    let is_known = |expr: &RowExpr| matches!(&expr.kind, RowKind::Literal(literal) if *literal != Constant::Null);
    match &expr.kind {
        RowKind::Not(operand) | RowKind::Minus(operand) | RowKind::Shift { operand, .. } => null_source(operand),
        RowKind::In { operand, list, .. } if list.iter().all(is_known) => null_source(operand),
        RowKind::Binary { operator: Binary::Divide | Binary::Remainder, .. } => expr,
        // `false and null` is false; where both sides are null together, the one decides for both.
        RowKind::Binary { left, right, .. } => {
            let (of_left, of_right) = (null_source(left), null_source(right));
            match (is_known(of_left), is_known(of_right)) {
                (false, true) if is_known(right) => of_left,
                (true, false) if is_known(left) => of_right,
                _ if of_left.kind == of_right.kind => of_left,
                _ => expr,
            }
        }
        _ => expr,
    }
}

/// Lowers expressions over the rows of one source.
pub(crate) struct Lowering<'a> {
    pub(crate) model: &'a Model,
    pub(crate) zones: &'a Zones,
    pub(crate) columns: &'a mut dyn Columns,
}

impl Lowering<'_> {
    /// The expression with its type.
    pub(crate) fn value(&mut self, expr: &RowExpr) -> Typed {
        match &expr.kind {
            RowKind::Unknown | RowKind::Parameter(_) => Typed::null(),
            RowKind::Each(each) => self.columns.each(*each),
            RowKind::Literal(constant) => Typed::constant(constant),
            RowKind::Column(path) => self.column(path),
            RowKind::Not(operand) => typed::not(self.value(operand)),
            RowKind::Minus(operand) => typed::minus(self.value(operand)),
            RowKind::Binary { operator, left, right } => self.binary(*operator, left, right),
            RowKind::In { operand, list, negated } => self.within(operand, list, *negated),
            RowKind::IsNull { operand, negated } => {
                let operand = self.stored(operand).unwrap_or_else(|| self.value(operand));
                typed::is_null(operand, *negated)
            }
            RowKind::Like { operand, pattern, negated } => {
                let operand = Box::new(self.value(operand).to(ValueType::Text));
                let pattern = Box::new(self.value(pattern).to(ValueType::Text));
                Typed::new(Expr::Like { operand, pattern, negated: *negated }, ValueType::Bool)
            }
            RowKind::Case { branches, otherwise } => {
                let branches = branches.iter().map(|(when, then)| (self.value(when), self.value(then))).collect();
                let otherwise = otherwise.as_deref().map(|otherwise| self.value(otherwise));
                typed::case(branches, otherwise)
            }
            // The time that passed does not depend on where one stands; stored clocks of elapsed time never change.
            RowKind::Call { function: RowFunction::SecondsBetween, arguments } => {
                let arguments = arguments.iter().map(|argument| self.counted(argument)).collect();
                call(RowFunction::SecondsBetween, arguments)
            }
            RowKind::Call { function, arguments } => {
                let arguments = arguments.iter().map(|argument| self.value(argument)).collect();
                whole_if_declared(expr, call(*function, arguments))
            }
            RowKind::Shift { operand, months, days } => shift(self.value(operand), *months, *days),
        }
    }

    /// A column that is only counted or compared: an instant as it is stored.
    pub(crate) fn counted(&mut self, expr: &RowExpr) -> Typed {
        self.stored(expr).unwrap_or_else(|| self.value(expr))
    }

    fn column(&mut self, path: &ColumnPath) -> Typed {
        let model = self.model;
        let ty = &model.column(path.source, path.column).ty;
        let expr = match &ty.base {
            Base::Instant { zone } if *zone != model.calendar.zone => self.columns.local(path),
            _ => self.columns.stored(path),
        };
        Typed { expr, ty: value_type(model, ty) }
    }

    /// The zone of an expression that is nothing but an instant column.
    fn zone_of(&self, expr: &RowExpr) -> Option<SmolStr> {
        let RowKind::Column(path) = &expr.kind else { return None };
        match &self.model.column(path.source, path.column).ty.base {
            Base::Instant { zone } => Some(zone.clone()),
            _ => None,
        }
    }

    fn stored(&mut self, expr: &RowExpr) -> Option<Typed> {
        self.zone_of(expr)?;
        let RowKind::Column(path) = &expr.kind else { return None };
        Some(Typed::new(self.columns.stored(path), ValueType::Timestamp))
    }

    fn binary(&mut self, operator: Binary, left: &RowExpr, right: &RowExpr) -> Typed {
        if is_comparison(operator)
            && let Some((left, right)) = self.stored_pair(left, right)
        {
            return typed::binary(operator, left, right);
        }
        let (left, right) = (self.value(left), self.value(right));
        typed::binary(operator, left, right)
    }

    /// Two sides that can be compared as they are stored: two instants of one zone, or an instant and a date written out.
    fn stored_pair(&mut self, left: &RowExpr, right: &RowExpr) -> Option<(Typed, Typed)> {
        match (self.zone_of(left), self.zone_of(right)) {
            (Some(zone), Some(other)) if zone == other => Some((self.stored(left)?, self.stored(right)?)),
            (Some(zone), None) => Some((self.stored(left)?, self.midnight(right, &zone)?)),
            (None, Some(zone)) => {
                let midnight = self.midnight(left, &zone)?;
                Some((midnight, self.stored(right)?))
            }
            _ => None,
        }
    }

    /// The local midnight of a date written out, as the wall clock of that zone.
    fn midnight(&self, expr: &RowExpr, zone: &str) -> Option<Typed> {
        match &expr.kind {
            RowKind::Literal(Constant::Date(date)) => {
                Some(Typed::new(self.stored_midnight(*date, zone), ValueType::Timestamp))
            }
            _ => None,
        }
    }

    fn stored_midnight(&self, date: Date, zone: &str) -> Expr {
        Expr::Literal(Literal::Timestamp(self.zones.stored_midnight(date, zone)))
    }

    fn within(&mut self, operand: &RowExpr, list: &[RowExpr], negated: bool) -> Typed {
        let zone = self.zone_of(operand);
        let midnights: Option<Vec<Typed>> =
            zone.and_then(|zone| list.iter().map(|item| self.midnight(item, &zone)).collect());
        let values = match midnights {
            Some(midnights) => self.stored(operand).into_iter().chain(midnights).collect(),
            None => std::iter::once(operand).chain(list).map(|item| self.value(item)).collect(),
        };
        let (mut exprs, _) = typed::unify(values);
        let list = exprs.split_off(1);
        let operand = exprs.pop().unwrap_or(Expr::Literal(Literal::Null(ValueType::Text)));
        Typed::new(Expr::In { operand: Box::new(operand), list, negated }, ValueType::Bool)
    }
}

fn is_comparison(operator: Binary) -> bool {
    matches!(
        operator,
        Binary::Equal | Binary::NotEqual | Binary::Less | Binary::LessEqual | Binary::Greater | Binary::GreaterEqual
    )
}

/// What the model calls a whole number is one: `floor(x)`.
fn whole_if_declared(expr: &RowExpr, value: Typed) -> Typed {
    match (&expr.ty.base, value.ty) {
        (Base::Int | Base::Scale { .. }, Some(ValueType::Real | ValueType::Decimal { .. })) => {
            Typed::new(value.to(ValueType::Int), ValueType::Int)
        }
        _ => value,
    }
}

/// A function of values that are there already; of rows and of cells alike. Instants are local.
pub(crate) fn call(function: RowFunction, arguments: Vec<Typed>) -> Typed {
    match function {
        RowFunction::Coalesce => return typed::coalesce(arguments),
        RowFunction::Greatest => return typed::extreme(Function::Greatest, arguments),
        RowFunction::Least => return typed::extreme(Function::Least, arguments),
        _ => {}
    }
    let mut arguments = arguments.into_iter();
    let first = arguments.next().unwrap_or_else(Typed::null);
    let second = arguments.next();
    match (function, second) {
        (RowFunction::Round, digits) => typed::round(first, digits),
        (RowFunction::NullIf, Some(second)) => typed::null_if(first, second),
        (RowFunction::Power, Some(second)) => typed::power(first, second),
        (RowFunction::DaysBetween, Some(second)) => {
            Typed::new(Expr::call(Function::DaysBetween, vec![day(first), day(second)]), ValueType::Int)
        }
        (RowFunction::SecondsBetween, Some(second)) => {
            let at = |value: Typed| value.to(ValueType::Timestamp);
            Typed::new(Expr::call(Function::SecondsBetween, vec![at(first), at(second)]), ValueType::Real)
        }
        _ => call_of_one(function, first),
    }
}

fn call_of_one(function: RowFunction, value: Typed) -> Typed {
    match function {
        RowFunction::Abs => typed::abs(value),
        RowFunction::Floor => typed::of_real(Function::Floor, value),
        RowFunction::Ceiling => typed::of_real(Function::Ceiling, value),
        RowFunction::Sqrt => typed::sqrt(value),
        RowFunction::Ln => typed::ln(value),
        RowFunction::Exp => typed::exp(value),
        RowFunction::Lower => text_function(Function::Lower, value, ValueType::Text),
        RowFunction::Upper => text_function(Function::Upper, value, ValueType::Text),
        RowFunction::Trim => text_function(Function::Trim, value, ValueType::Text),
        RowFunction::Length => text_function(Function::Length, value, ValueType::Int),
        RowFunction::Date => Typed::new(day(value), ValueType::Date),
        RowFunction::Year => part(DatePart::Year, value),
        RowFunction::Month => part(DatePart::Month, value),
        RowFunction::DayOfMonth => part(DatePart::Day, value),
        RowFunction::Weekday => part(DatePart::Weekday, value),
        RowFunction::Hour => part(DatePart::Hour, value),
        // Handled above with all their arguments; without a second one they are the first.
        RowFunction::Round
        | RowFunction::Power
        | RowFunction::Coalesce
        | RowFunction::NullIf
        | RowFunction::Greatest
        | RowFunction::Least
        | RowFunction::DaysBetween
        | RowFunction::SecondsBetween => value,
    }
}

fn text_function(function: Function, value: Typed, ty: ValueType) -> Typed {
    Typed::new(Expr::call(function, vec![value.to(ValueType::Text)]), ty)
}

fn part(part: DatePart, value: Typed) -> Typed {
    let ty = value.type_or(ValueType::Date);
    Typed::new(Expr::call(Function::Extract(part), vec![value.to(ty)]), ValueType::Int)
}

/// The day of a date or a local timestamp.
pub(crate) fn day(value: Typed) -> Expr {
    match value.ty {
        Some(ValueType::Timestamp) => Expr::call(Function::DateOf, vec![value.expr]),
        _ => value.to(ValueType::Date),
    }
}

/// A date moved by a calendar amount; months first.
pub(crate) fn shift_date(date: Expr, months: i64, days: i64) -> Expr {
    let moved = match months {
        0 => date,
        _ => Expr::call(Function::AddMonths, vec![date, Expr::int(months)]),
    };
    match days {
        0 => moved,
        _ => Expr::call(Function::AddDays, vec![moved, Expr::int(days)]),
    }
}

/// A date or a local timestamp moved by a calendar amount: a timestamp keeps its time of day.
fn shift(value: Typed, months: i64, days: i64) -> Typed {
    if value.ty != Some(ValueType::Timestamp) {
        return Typed::new(shift_date(value.to(ValueType::Date), months, days), ValueType::Date);
    }
    let seconds = if months == 0 {
        Expr::int(days.saturating_mul(DAY_SECONDS))
    } else {
        let from = Expr::call(Function::DateOf, vec![value.expr.clone()]);
        let moved = Expr::call(Function::DaysBetween, vec![from.clone(), shift_date(from, months, days)]);
        Expr::binary(crate::relation::Binary::Multiply, moved, Expr::int(DAY_SECONDS))
    };
    Typed::new(Expr::call(Function::AddSeconds, vec![value.expr, seconds]), ValueType::Timestamp)
}
