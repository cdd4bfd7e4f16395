//! Constants, so that every engine reads the same type and the same value.

use groma_plan::relation::{Literal, ValueType};
use sqlparser::ast::{BinaryOperator, Expr};

use crate::build;
use crate::dialect::Dialect;
use crate::error::RenderError;
use crate::value_type::decimal_type;

/// The most digits an exact decimal has on every engine.
const DECIMAL_DIGITS: u8 = 38;

/// A constant where its type may follow from what stands around it.
pub(crate) fn literal(literal: &Literal, dialect: &Dialect) -> Result<Expr, RenderError> {
    Ok(match literal {
        Literal::Null(value_type) => build::cast(build::null(), (dialect.data_type)(*value_type)),
        Literal::Bool(truth) => build::boolean(*truth),
        Literal::Int(i64::MIN) => typed_literal(literal, ValueType::Int, dialect)?,
        Literal::Int(whole) => build::integer(*whole),
        Literal::Real(real) => self::real(*real, dialect),
        Literal::Decimal(digits) => decimal(digits, dialect)?,
        Literal::Text(text) => self::text(text),
        Literal::Date(text) => build::typed((dialect.data_type)(ValueType::Date), text),
        Literal::Timestamp(text) => build::typed((dialect.data_type)(ValueType::Timestamp), text),
    })
}

/// A constant with its type written out, where nothing stands around it.
pub(crate) fn typed_literal(literal: &Literal, value_type: ValueType, dialect: &Dialect) -> Result<Expr, RenderError> {
    let cast = |operand| build::cast(operand, (dialect.data_type)(value_type));
    Ok(match literal {
        Literal::Int(whole) => cast(build::integer(*whole)),
        Literal::Text(text) => cast(self::text(text)),
        Literal::Decimal(digits) => cast(text(digits)),
        Literal::Null(_) => cast(build::null()),
        other => self::literal(other, dialect)?,
    })
}

/// The shortest digits that read back as this double.
fn real(real: f64, dialect: &Dialect) -> Expr {
    let cast = |operand| build::cast(operand, (dialect.data_type)(ValueType::Real));
    if !real.is_finite() {
        let name = match real {
            real if real.is_nan() => "NaN",
            real if real < 0.0 => "-Infinity",
            _ => "Infinity",
        };
        return cast(build::plain_text(name));
    }
    let number = |digits: &str| build::signed(real.is_sign_negative(), build::number(digits));
    let digits = shortest(real.abs());
    match (dialect.exponent_is_double, digits.contains('e')) {
        (true, true) => number(&digits),
        (true, false) => number(&format!("{digits}e0")),
        (false, _) => cast(number(&digits)),
    }
}

/// `1.5`, `0.1`, `2.0e-7`.
fn shortest(real: f64) -> String {
    let digits = format!("{real:?}");
    match digits.split_once('e') {
        Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0e{exponent}"),
        _ => digits,
    }
}

fn decimal(digits: &str, dialect: &Dialect) -> Result<Expr, RenderError> {
    let value_type = decimal_type(digits);
    if matches!(value_type, ValueType::Decimal { precision, .. } if precision > DECIMAL_DIGITS) {
        let what = format!("decimal number of more than {DECIMAL_DIGITS} digits: {digits}");
        return Err(RenderError::Unsupported { what, dialect: dialect.name });
    }
    if dialect.bare_decimal_is_exact && digits.contains('.') {
        let unsigned = digits.trim_start_matches(['-', '+']);
        return Ok(build::signed(digits.starts_with('-'), build::number(unsigned)));
    }
    Ok(build::cast(text(digits), (dialect.data_type)(value_type)))
}

/// A name, unless our printer would spoil it: it takes two quotes in a row, and a quote after a backslash, for an escape
/// that is already there.
pub(crate) fn checked_name<'n>(name: &'n str, dialect: &Dialect) -> Result<&'n str, RenderError> {
    if name.contains("\"\"") || name.contains("\\\"") {
        let what = format!("way for us to write a name with these quotes: {name}");
        return Err(RenderError::Unsupported { what, dialect: dialect.name });
    }
    Ok(name)
}

/// A text. Our printer takes two quotes in a row, and a quote after a backslash, for an escape that is already there: such
/// texts are joined from parts.
pub(crate) fn text(text: &str) -> Expr {
    let mut parts = vec![String::new()];
    let mut previous = None;
    for character in text.chars() {
        if character == '\'' && matches!(previous, Some('\'' | '\\')) {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push(character);
        }
        previous = Some(character);
    }
    let parts = parts.iter().map(|part| build::plain_text(part));
    let joined = parts.reduce(|left, right| build::binary(BinaryOperator::StringConcat, left, right));
    joined.unwrap_or_else(|| build::plain_text(""))
}
