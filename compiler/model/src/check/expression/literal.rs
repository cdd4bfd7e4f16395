//! Constants as they are written.

use crate::check::column_type;
use crate::row::Literal;
use crate::types::{Base, Type};
use crate::unit::Unit;
use groma_syntax::ast::{Expr, ExprKind};
use smol_str::SmolStr;

/// The constant that an expression writes, with its type.
pub(crate) fn literal(expr: &Expr) -> Option<(Literal, Type)> {
    Some(match &expr.kind {
        ExprKind::Number(digits) => number(digits, Unit::Any),
        ExprKind::Percent(digits) => {
            let decimal = percent(digits);
            let ty = decimal_type(&decimal, Unit::Percent);
            (Literal::Decimal(decimal), ty)
        }
        ExprKind::Quantity { number: digits, unit } => {
            let unit = match unit.text.strip_suffix('s').unwrap_or(&unit.text) {
                "day" => Unit::base("days"),
                "hour" => Unit::base("hours"),
                "minute" => Unit::base("minutes"),
                "second" => Unit::base("seconds"),
                _ if column_type::is_unit(&unit.text) => Unit::base(&unit.text),
                _ => return None,
            };
            number(digits, unit)
        }
        ExprKind::Text(text) => (Literal::Text(text.clone()), Type::plain(Base::Text)),
        ExprKind::Date(text) => (Literal::Date(text.parse().ok()?), Type::plain(Base::Date)),
        ExprKind::Bool(value) => (Literal::Bool(*value), Type::plain(Base::Bool)),
        ExprKind::Null => (Literal::Null, Type::of(Base::Null, Unit::Any)),
        _ => return None,
    })
}

fn number(digits: &SmolStr, unit: Unit) -> (Literal, Type) {
    match digits.parse() {
        Ok(int) => (Literal::Int(int), Type::of(Base::Int, unit)),
        Err(_) => (Literal::Decimal(digits.clone()), decimal_type(digits, unit)),
    }
}

fn decimal_type(digits: &str, unit: Unit) -> Type {
    let scale = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let narrow = |count: usize| u8::try_from(count.min(38)).unwrap_or(38);
    let precision = narrow(digits.bytes().filter(u8::is_ascii_digit).count());
    Type::of(Base::Decimal { precision, scale: i8::try_from(narrow(scale)).unwrap_or(0) }, unit)
}

/// A percentage as a share, digit by digit: `95` is `0.95`, `2.5` is `0.025`.
fn percent(digits: &str) -> SmolStr {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let padded = format!("{whole:0>3}");
    let (left, right) = padded.split_at(padded.len() - 2);
    let left = left.trim_start_matches('0');
    SmolStr::from(format!("{}.{right}{fraction}", if left.is_empty() { "0" } else { left }))
}
