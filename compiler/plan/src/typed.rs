//! Expressions with their types: where casts, guards and the types of literals are decided, for rows and for cells alike.
//!
//! `Int` and `Decimal` stay exact under `+ − ×`; whatever meets a `Real` becomes one; a division is one of reals and is null
//! where the right side is 0.

use crate::relation::{Binary, Expr, Function, Literal, Unary, ValueType};
use groma_model::row::{Binary as Operator, Literal as Constant};

/// The widest decimal that every engine has.
const WIDEST_DECIMAL: u8 = 38;
/// Digits of a 64-bit integer.
const INT_DIGITS: u8 = 19;
/// `exp` of more than this is not a double.
const LARGEST_EXPONENT: f64 = 709.0;

/// An expression and its type; without one it is an untyped null.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Typed {
    pub(crate) expr: Expr,
    pub(crate) ty: Option<ValueType>,
}

impl Typed {
    /// An expression of that type.
    pub(crate) fn new(expr: Expr, ty: ValueType) -> Self {
        Self { expr, ty: Some(ty) }
    }

    /// A null that takes the type of what stands beside it.
    pub(crate) fn null() -> Self {
        Self { expr: Expr::Literal(Literal::Null(ValueType::Text)), ty: None }
    }

    /// A constant.
    pub(crate) fn constant(constant: &Constant) -> Self {
        match constant {
            Constant::Null => Self::null(),
            Constant::Bool(value) => Self::new(Expr::Literal(Literal::Bool(*value)), ValueType::Bool),
            Constant::Int(value) => Self::new(Expr::int(*value), ValueType::Int),
            Constant::Decimal(digits) => {
                Self::new(Expr::Literal(Literal::Decimal(digits.to_string())), decimal_type(digits))
            }
            Constant::Text(text) => Self::new(Expr::text(text), ValueType::Text),
            Constant::Date(date) => Self::new(Expr::Literal(Literal::Date(date.to_string())), ValueType::Date),
        }
    }

    /// The expression in that type: literals are written in it, others are cast, nulls are typed.
    pub(crate) fn to(self, target: ValueType) -> Expr {
        match self.ty {
            None => Expr::Literal(Literal::Null(target)),
            Some(ty) if ty == target || (is_decimal(ty) && is_decimal(target)) => self.expr,
            Some(_) => cast(self.expr, target),
        }
    }

    /// As a double.
    pub(crate) fn real(self) -> Expr {
        self.to(ValueType::Real)
    }

    /// As a condition.
    pub(crate) fn condition(self) -> Expr {
        self.to(ValueType::Bool)
    }

    /// Its type, or the one given for an untyped null.
    pub(crate) fn type_or(&self, otherwise: ValueType) -> ValueType {
        self.ty.unwrap_or(otherwise)
    }
}

/// All in one type that holds each; the type is that of the first where there is no such type.
pub(crate) fn unify(values: Vec<Typed>) -> (Vec<Expr>, Option<ValueType>) {
    let common = common_type(&values);
    let exprs = values.into_iter().map(|value| value.to(common.unwrap_or(ValueType::Text))).collect();
    (exprs, common)
}

fn common_type(values: &[Typed]) -> Option<ValueType> {
    values.iter().filter_map(|value| value.ty).reduce(|left, right| match (left, right) {
        (ValueType::Real, ValueType::Int | ValueType::Decimal { .. })
        | (ValueType::Int | ValueType::Decimal { .. }, ValueType::Real) => ValueType::Real,
        (ValueType::Int, ValueType::Decimal { precision, scale })
        | (ValueType::Decimal { precision, scale }, ValueType::Int) => {
            wide(precision_of(scale, INT_DIGITS).max(precision), scale)
        }
        (ValueType::Decimal { precision, scale }, ValueType::Decimal { precision: other, scale: further }) => {
            let whole = whole_digits(precision, scale).max(whole_digits(other, further));
            wide(precision_of(scale.max(further), whole), scale.max(further))
        }
        (ValueType::Date, ValueType::Timestamp) | (ValueType::Timestamp, ValueType::Date) => ValueType::Timestamp,
        (left, _) => left,
    })
}

/// `left operator right`.
pub(crate) fn binary(operator: Operator, left: Typed, right: Typed) -> Typed {
    match operator {
        Operator::Or => logical(Binary::Or, left, right),
        Operator::And => logical(Binary::And, left, right),
        Operator::Equal => compare(Binary::Equal, left, right),
        Operator::NotEqual => compare(Binary::NotEqual, left, right),
        Operator::Less => compare(Binary::Less, left, right),
        Operator::LessEqual => compare(Binary::LessEqual, left, right),
        Operator::Greater => compare(Binary::Greater, left, right),
        Operator::GreaterEqual => compare(Binary::GreaterEqual, left, right),
        Operator::Add => sum(Binary::Add, left, right),
        Operator::Subtract => sum(Binary::Subtract, left, right),
        Operator::Multiply => product(left, right),
        Operator::Divide => Typed::new(divide(left.real(), right.real()), ValueType::Real),
        Operator::Remainder => remainder(left, right),
    }
}

fn logical(operator: Binary, left: Typed, right: Typed) -> Typed {
    Typed::new(Expr::binary(operator, left.condition(), right.condition()), ValueType::Bool)
}

fn compare(operator: Binary, left: Typed, right: Typed) -> Typed {
    let common = common_type(&[left.clone(), right.clone()]).unwrap_or(ValueType::Text);
    Typed::new(Expr::binary(operator, left.to(common), right.to(common)), ValueType::Bool)
}

fn sum(operator: Binary, left: Typed, right: Typed) -> Typed {
    let common = common_type(&[left.clone(), right.clone()]).unwrap_or(ValueType::Real);
    let ty = match common {
        ValueType::Decimal { precision, scale } => wide(precision.saturating_add(1), scale),
        other => other,
    };
    Typed::new(Expr::binary(operator, left.to(common), right.to(common)), ty)
}

fn product(left: Typed, right: Typed) -> Typed {
    let multiply = |left, right| Expr::binary(Binary::Multiply, left, right);
    if left.ty == Some(ValueType::Int) && right.ty == Some(ValueType::Int) {
        return Typed::new(multiply(left.expr, right.expr), ValueType::Int);
    }
    let (Some((precision, scale)), Some((other, further))) = (exact_digits(&left), exact_digits(&right)) else {
        return Typed::new(multiply(left.real(), right.real()), ValueType::Real);
    };
    // One more digit, as some engines count it; what no engine can hold exactly is computed as doubles.
    if precision.saturating_add(other).saturating_add(1) > WIDEST_DECIMAL {
        return Typed::new(multiply(left.real(), right.real()), ValueType::Real);
    }
    let ty = decimal(precision + other, scale.saturating_add(further));
    Typed::new(multiply(left.to(decimal(precision, scale)), right.to(decimal(other, further))), ty)
}

/// Precision and scale of an exact number, an integer counted as a decimal. None for doubles and nulls.
fn exact_digits(value: &Typed) -> Option<(u8, i8)> {
    match (value.ty?, &value.expr) {
        (ValueType::Decimal { precision, scale }, _) => Some((precision, scale)),
        (ValueType::Int, Expr::Literal(Literal::Int(number))) => {
            Some((u8::try_from(number.unsigned_abs().to_string().len()).unwrap_or(INT_DIGITS), 0))
        }
        (ValueType::Int, _) => Some((INT_DIGITS, 0)),
        _ => None,
    }
}

/// `left / right` of doubles; null where the right side is 0.
pub(crate) fn divide(left: Expr, right: Expr) -> Expr {
    Expr::binary(Binary::Divide, left, not_zero(right))
}

fn not_zero(divisor: Expr) -> Expr {
    match &divisor {
        Expr::Literal(Literal::Real(value)) if *value != 0.0 => divisor,
        _ => Expr::call(Function::NullIf, vec![divisor, real(0.0)]),
    }
}

fn remainder(left: Typed, right: Typed) -> Typed {
    if left.ty == Some(ValueType::Int) && right.ty == Some(ValueType::Int) {
        let divisor = match &right.expr {
            Expr::Literal(Literal::Int(value)) if *value != 0 => right.expr,
            _ => Expr::call(Function::NullIf, vec![right.expr, Expr::int(0)]),
        };
        return Typed::new(Expr::binary(Binary::Remainder, left.expr, divisor), ValueType::Int);
    }
    let (left, right) = (left.real(), right.real());
    let quotient = divide(left.clone(), right.clone());
    let negative = Expr::binary(Binary::Less, quotient.clone(), Expr::Literal(Literal::Real(0.0)));
    let towards_zero = Expr::Case {
        branches: vec![(negative, Expr::call(Function::Ceiling, vec![quotient.clone()]))],
        otherwise: Some(Box::new(Expr::call(Function::Floor, vec![quotient]))),
    };
    let whole = Expr::binary(Binary::Multiply, right, towards_zero);
    Typed::new(Expr::binary(Binary::Subtract, left, whole), ValueType::Real)
}

/// `not operand`.
pub(crate) fn not(operand: Typed) -> Typed {
    let operand = Box::new(operand.condition());
    Typed::new(Expr::Unary { operator: Unary::Not, operand }, ValueType::Bool)
}

/// `-operand`.
pub(crate) fn minus(operand: Typed) -> Typed {
    let ty = operand.type_or(ValueType::Real);
    Typed::new(Expr::Unary { operator: Unary::Minus, operand: Box::new(operand.to(ty)) }, ty)
}

/// `operand is null`.
pub(crate) fn is_null(operand: Typed, negated: bool) -> Typed {
    let ty = operand.type_or(ValueType::Text);
    Typed::new(Expr::IsNull { operand: Box::new(operand.to(ty)), negated }, ValueType::Bool)
}

/// `case when … then … else … end`, its results in one type.
pub(crate) fn case(branches: Vec<(Typed, Typed)>, otherwise: Option<Typed>) -> Typed {
    let (conditions, mut results): (Vec<_>, Vec<_>) = branches.into_iter().unzip();
    let has_otherwise = otherwise.is_some();
    results.extend(otherwise);
    let (mut results, ty) = unify(results);
    let otherwise = if has_otherwise { results.pop().map(Box::new) } else { None };
    let branches = conditions.into_iter().map(Typed::condition).zip(results).collect();
    Typed { expr: Expr::Case { branches, otherwise }, ty }
}

/// `abs(x)`.
pub(crate) fn abs(value: Typed) -> Typed {
    let ty = value.type_or(ValueType::Real);
    Typed::new(Expr::call(Function::Abs, vec![value.to(ty)]), ty)
}

/// `round(x, digits)`, halves away from zero. An integer stays one.
pub(crate) fn round(value: Typed, digits: Option<Typed>) -> Typed {
    let digits = digits.map_or_else(|| Expr::int(0), |digits| digits.to(ValueType::Int));
    let ty = match value.ty {
        Some(ValueType::Int) if matches!(digits, Expr::Literal(Literal::Int(0..))) => return value,
        Some(ValueType::Decimal { precision, scale }) => wide(precision.saturating_add(1), scale),
        _ => ValueType::Real,
    };
    let value = value.to(ty);
    Typed::new(Expr::call(Function::Round, vec![value, digits]), ty)
}

/// A function from a double to a double.
pub(crate) fn of_real(function: Function, value: Typed) -> Typed {
    Typed::new(Expr::call(function, vec![value.real()]), ValueType::Real)
}

/// `sqrt(x)`, null below 0.
pub(crate) fn sqrt(value: Typed) -> Typed {
    guarded(Function::Sqrt, value, |value| Expr::binary(Binary::GreaterEqual, value, real(0.0)))
}

/// `ln(x)`, null at 0 and below.
pub(crate) fn ln(value: Typed) -> Typed {
    guarded(Function::Ln, value, |value| Expr::binary(Binary::Greater, value, real(0.0)))
}

/// `exp(x)`, null where no double can hold it.
pub(crate) fn exp(value: Typed) -> Typed {
    guarded(Function::Exp, value, |value| Expr::binary(Binary::LessEqual, value, real(LARGEST_EXPONENT)))
}

/// `power(x, y)`, null where it is no real number.
pub(crate) fn power(base: Typed, exponent: Typed) -> Typed {
    let (base, exponent) = (base.real(), exponent.real());
    let whole_and_positive =
        matches!(&exponent, Expr::Literal(Literal::Real(value)) if *value >= 0.0 && value.fract() == 0.0);
    if whole_and_positive {
        return Typed::new(Expr::call(Function::Power, vec![base, exponent]), ValueType::Real);
    }
    let positive = Expr::binary(Binary::Greater, base.clone(), real(0.0));
    let zero = Expr::binary(
        Binary::And,
        Expr::binary(Binary::Equal, base.clone(), real(0.0)),
        Expr::binary(Binary::GreaterEqual, exponent.clone(), real(0.0)),
    );
    let negative = Expr::binary(
        Binary::And,
        Expr::binary(Binary::Less, base.clone(), real(0.0)),
        Expr::binary(Binary::Equal, exponent.clone(), Expr::call(Function::Floor, vec![exponent.clone()])),
    );
    let defined = Expr::binary(Binary::Or, Expr::binary(Binary::Or, positive, zero), negative);
    Typed::new(Expr::call(Function::Power, vec![when(defined, base), exponent]), ValueType::Real)
}

fn guarded(function: Function, value: Typed, defined: impl Fn(Expr) -> Expr) -> Typed {
    let value = value.real();
    Typed::new(Expr::call(function, vec![when(defined(value.clone()), value)]), ValueType::Real)
}

/// `case when condition then value end`.
pub(crate) fn when(condition: Expr, value: Expr) -> Expr {
    Expr::Case { branches: vec![(condition, value)], otherwise: None }
}

/// `case when condition then value else otherwise end`.
pub(crate) fn when_else(condition: Expr, value: Expr, otherwise: Expr) -> Expr {
    Expr::Case { branches: vec![(condition, value)], otherwise: Some(Box::new(otherwise)) }
}

/// `coalesce(a, b, …)`.
pub(crate) fn coalesce(values: Vec<Typed>) -> Typed {
    let (exprs, ty) = unify(values);
    Typed { expr: Expr::call(Function::Coalesce, exprs), ty }
}

/// `nullif(a, b)`.
pub(crate) fn null_if(left: Typed, right: Typed) -> Typed {
    let (exprs, ty) = unify(vec![left, right]);
    Typed { expr: Expr::call(Function::NullIf, exprs), ty }
}

/// `greatest(a, b, …)` or `least(…)`: null if one is null, on every engine.
pub(crate) fn extreme(function: Function, values: Vec<Typed>) -> Typed {
    let (exprs, ty) = unify(values);
    let known: Vec<Expr> = exprs
        .iter()
        .filter(|expr| !matches!(expr, Expr::Literal(literal) if !matches!(literal, Literal::Null(_))))
        .map(|expr| Expr::IsNull { operand: Box::new(expr.clone()), negated: true })
        .collect();
    let call = Expr::call(function, exprs);
    let expr = match Expr::all(known) {
        Some(known) => when(known, call),
        None => call,
    };
    Typed { expr, ty }
}

/// The most arguments of one call that is made up here: some engines take no more than 127.
const MOST_ARGUMENTS: usize = 100;

/// `greatest` or `least` of values that are never null, however many.
pub(crate) fn extreme_of(function: Function, mut values: Vec<Expr>) -> Option<Expr> {
    while values.len() > MOST_ARGUMENTS {
        values = values.chunks(MOST_ARGUMENTS).map(|chunk| Expr::call(function, chunk.to_vec())).collect();
    }
    if values.len() < 2 { values.pop() } else { Some(Expr::call(function, values)) }
}

/// A double.
pub(crate) fn real(value: f64) -> Expr {
    Expr::Literal(Literal::Real(value))
}

fn cast(expr: Expr, target: ValueType) -> Expr {
    match (expr, target) {
        (Expr::Literal(Literal::Int(value)), ValueType::Real) => real(value as f64),
        (Expr::Literal(Literal::Int(value)), ValueType::Decimal { .. }) => {
            Expr::Literal(Literal::Decimal(value.to_string()))
        }
        (Expr::Literal(Literal::Decimal(digits)), ValueType::Real) => match digits.parse::<f64>() {
            Ok(value) => real(value),
            Err(_) => Expr::Literal(Literal::Decimal(digits)).cast(ValueType::Real),
        },
        (Expr::Literal(Literal::Date(date)), ValueType::Timestamp) => {
            Expr::Literal(Literal::Timestamp(format!("{date} 00:00:00")))
        }
        (Expr::Unary { operator: Unary::Minus, operand }, target) if matches!(*operand, Expr::Literal(_)) => {
            Expr::Unary { operator: Unary::Minus, operand: Box::new(cast(*operand, target)) }
        }
        (expr, target) => expr.cast(target),
    }
}

fn is_decimal(ty: ValueType) -> bool {
    matches!(ty, ValueType::Decimal { .. })
}

fn decimal(precision: u8, scale: i8) -> ValueType {
    ValueType::Decimal { precision, scale }
}

fn wide(precision: u8, scale: i8) -> ValueType {
    decimal(precision.min(WIDEST_DECIMAL), scale)
}

fn whole_digits(precision: u8, scale: i8) -> u8 {
    u8::try_from(i16::from(precision) - i16::from(scale)).unwrap_or(0)
}

fn precision_of(scale: i8, whole: u8) -> u8 {
    u8::try_from(i16::from(whole) + i16::from(scale)).unwrap_or(WIDEST_DECIMAL)
}

fn decimal_type(digits: &str) -> ValueType {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = whole.trim_start_matches('0').len();
    let scale = i8::try_from(fraction.len()).unwrap_or(i8::MAX);
    decimal(u8::try_from((whole + fraction.len()).max(1)).unwrap_or(WIDEST_DECIMAL), scale)
}

/// A whole number as a double.
pub(crate) fn real_of(value: i64) -> Expr {
    Typed::new(Expr::int(value), ValueType::Int).real()
}
