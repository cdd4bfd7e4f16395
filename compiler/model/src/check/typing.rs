//! What may be combined with what, and what comes out.

use crate::row::Binary;
use crate::types::{Base, Type};
use crate::unit::Unit;
use groma_syntax::Code;

/// Two things of different types.
pub(crate) static MISMATCH: Code =
    Code::error("type/mismatch", "An expression combines values that do not go together.");
/// Two numbers of different units.
pub(crate) static UNIT_MISMATCH: Code =
    Code::error("type/unit-mismatch", "An expression adds or compares different units.");

/// Why two values do not go together: a code, and the sentence.
pub(crate) struct Problem {
    pub(crate) code: &'static Code,
    pub(crate) headline: String,
    pub(crate) help: String,
}

/// The type of `left operator right`.
pub(crate) fn binary(
    operator: Binary,
    left: &Type,
    right: &Type,
    names: &dyn Fn(&Type) -> String,
) -> Result<Type, Problem> {
    match operator {
        Binary::Or | Binary::And => logical(left, right, names),
        Binary::Equal
        | Binary::NotEqual
        | Binary::Less
        | Binary::LessEqual
        | Binary::Greater
        | Binary::GreaterEqual => comparison(left, right, names),
        Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Remainder => {
            arithmetic(operator, left, right, names)
        }
    }
}

fn logical(left: &Type, right: &Type, names: &dyn Fn(&Type) -> String) -> Result<Type, Problem> {
    match [left, right].into_iter().find(|ty| !ty.is_bool()) {
        None => Ok(Type::plain(Base::Bool)),
        Some(ty) => Err(Problem {
            code: &MISMATCH,
            headline: format!("`and` and `or` join conditions, and this is {}", names(ty)),
            help: "compare it with something: `… = …`, `… > …`".to_owned(),
        }),
    }
}

/// Whether two values can be compared; the result is a condition.
pub(crate) fn comparison(left: &Type, right: &Type, names: &dyn Fn(&Type) -> String) -> Result<Type, Problem> {
    let bool = Type::plain(Base::Bool);
    if left.is_open() || right.is_open() {
        return Ok(bool);
    }
    if left.is_number() && right.is_number() {
        return match left.unit.sum(&right.unit) {
            Some(_) => Ok(bool),
            None => Err(units("compared", left, right)),
        };
    }
    let key = |ty: &Type| matches!(ty.base, Base::Customer(_) | Base::Text | Base::Int);
    let together = (left.is_text() && right.is_text())
        || (left.is_time() && right.is_time())
        || (left.base == Base::Bool && right.base == Base::Bool)
        || (key(left) && key(right) && customers_agree(left, right));
    if together {
        return Ok(bool);
    }
    let help = match (left.is_time() || right.is_time(), left.is_text() || right.is_text()) {
        (true, true) => "write a date without quotes: `2026-07-01`",
        (_, true) => "compare it with a text in quotes, or give the column its right type",
        _ => "compare values of one type",
    };
    Err(Problem {
        code: &MISMATCH,
        headline: format!("{} cannot be compared with {}", names(left), names(right)),
        help: help.to_owned(),
    })
}

fn customers_agree(left: &Type, right: &Type) -> bool {
    match (&left.base, &right.base) {
        (Base::Customer(left), Base::Customer(right)) => left == right,
        (Base::Customer(_), _) | (_, Base::Customer(_)) => true,
        _ => false,
    }
}

fn arithmetic(operator: Binary, left: &Type, right: &Type, names: &dyn Fn(&Type) -> String) -> Result<Type, Problem> {
    if operator == Binary::Subtract && !left.is_open() && !right.is_open() {
        match (&left.base, &right.base) {
            (Base::Date, Base::Date) => return Ok(Type::of(Base::Int, Unit::base("days"))),
            (Base::Instant { zone: one }, Base::Instant { zone: other }) if one == other => {
                return Ok(Type::of(Base::Real, Unit::base("days")));
            }
            _ => {}
        }
    }
    if let Some(ty) = [left, right].into_iter().find(|ty| !ty.is_number()) {
        return Err(Problem {
            code: &MISMATCH,
            headline: format!("arithmetic needs numbers, and this is {}", names(ty)),
            help: if ty.is_time() {
                "move a date by a length of time (`… + 30 days`), or count with `days_between(from, to)`".to_owned()
            } else {
                "use a number, or count what is meant: `count()`, `count(distinct …)`".to_owned()
            },
        });
    }
    let unit = match operator {
        Binary::Add | Binary::Subtract | Binary::Remainder => match left.unit.sum(&right.unit) {
            Some(unit) => unit,
            None => return Err(units("added", left, right)),
        },
        Binary::Divide => left.unit.over(&right.unit),
        _ => left.unit.times(&right.unit),
    };
    Ok(Type::of(number(operator, &left.base, &right.base), unit))
}

fn units(verb: &str, left: &Type, right: &Type) -> Problem {
    Problem {
        code: &UNIT_MISMATCH,
        headline: format!("{} and {} cannot be {verb}: they are different units", left.unit, right.unit),
        help: "divide one by the other, convert one of them, or give the column its unit: `… in usd`".to_owned(),
    }
}

/// The base type of a number computed from two.
fn number(operator: Binary, left: &Base, right: &Base) -> Base {
    const DIGITS: u8 = 38;
    let parts = |base: &Base| match base {
        Base::Int | Base::Scale { .. } => Some((18, 0)),
        Base::Decimal { precision, scale } => Some((*precision, *scale)),
        _ => None,
    };
    let is_int = |base: &Base| matches!(base, Base::Int | Base::Scale { .. });
    match (operator, parts(left), parts(right)) {
        (Binary::Divide, _, _) => Base::Real,
        _ if is_int(left) && is_int(right) => Base::Int,
        (Binary::Multiply, Some((one, scale)), Some((other, further))) => {
            Base::Decimal { precision: one.saturating_add(other).min(DIGITS), scale: scale.saturating_add(further) }
        }
        (_, Some((one, scale)), Some((other, further))) => {
            Base::Decimal { precision: one.max(other).saturating_add(1).min(DIGITS), scale: scale.max(further) }
        }
        _ => Base::Real,
    }
}

/// The type that stands for several alternatives: branches of a `case`, arguments of `coalesce`.
pub(crate) fn common(types: &[&Type], names: &dyn Fn(&Type) -> String) -> Result<Type, Problem> {
    let mut result = Type { base: Base::Null, unit: Unit::Any };
    for ty in types {
        result = if result.is_open() && result.base != Base::Unknown {
            (*ty).clone()
        } else if ty.is_open() {
            result
        } else if result.is_number() && ty.is_number() {
            Type::of(
                number(Binary::Add, &result.base, &ty.base),
                match result.unit.sum(&ty.unit) {
                    Some(unit) => unit,
                    None => return Err(units("alternatives of each other", &result, ty)),
                },
            )
        } else {
            comparison(&result, ty, names)?;
            result
        };
    }
    Ok(result)
}
