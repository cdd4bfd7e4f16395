//! PostgreSQL, from 15.

use groma_plan::relation::{DatePart, DateUnit, ValueType};
use sqlparser::ast::{BinaryOperator, DataType, Expr};
use sqlparser::dialect::PostgreSqlDialect;

use super::{Aggregates, Dialect, First, Functions, Keeping, PLAIN_AGGREGATES, PLAIN_FUNCTIONS, Steps};
use crate::build;

pub(super) static POSTGRES: Dialect = Dialect {
    name: "postgres",
    aliases: &["postgresql"],
    grammar: &PostgreSqlDialect {},
    materialized: true,
    data_type: super::data_type,
    exponent_is_double: false,
    bare_decimal_is_exact: true,
    backslash_escapes_in_like: true,
    computed_lists: true,
    filters_aggregates: false,
    last_rewrite: None,
    functions: Functions { round, truncate, extract, days_between, series, ..PLAIN_FUNCTIONS },
    aggregates: Aggregates { first: Some(first), ..PLAIN_AGGREGATES },
    keeping: Some(Keeping {
        grants: true,
        locks: true,
        drops_on_commit: true,
        replaces_any_view: false,
        analyzes: true,
        // Compiling the many expressions of a job takes longer than evaluating them: ten times over on small tables.
        settings: &[("jit", "off")],
        grafana: Some("grafana-postgresql-datasource"),
    }),
};

/// `ROUND(x, n)` is there for decimals only, and `ROUND(x)` takes a double to the even neighbour. The arithmetic here keeps
/// either type: 100.00 has as many places as an exact quotient needs.
fn round(operand: Expr, value_type: Option<ValueType>, digits: Steps) -> Expr {
    let scale = |operator: BinaryOperator, by: Expr| move |size| build::binary(operator.clone(), size, by.clone());
    match (value_type, digits) {
        (Some(ValueType::Decimal { .. }), digits) => build::call("ROUND", vec![operand, super::places(digits)]),
        (_, Steps::Literal(0)) => rounded(operand, |size| size, |size| size),
        (_, Steps::Literal(digits)) => {
            let zeros = "0".repeat(usize::try_from(digits.unsigned_abs()).unwrap_or(usize::MAX).min(MOST_PLACES));
            let factor = build::number(&format!("1{zeros}"));
            let exact = build::number(&format!("1{zeros}.{zeros}"));
            match digits > 0 {
                true => rounded(operand, scale(BinaryOperator::Multiply, factor), scale(BinaryOperator::Divide, exact)),
                false => rounded(
                    operand,
                    scale(BinaryOperator::Divide, factor.clone()),
                    scale(BinaryOperator::Multiply, factor),
                ),
            }
        }
        (_, digits @ Steps::Computed(_)) => {
            let ten = build::cast(build::number("10"), super::data_type(ValueType::Real));
            let factor = build::call("POWER", vec![ten, super::places(digits)]);
            rounded(operand, scale(BinaryOperator::Multiply, factor.clone()), scale(BinaryOperator::Divide, factor))
        }
    }
}

/// No double has more places than this.
const MOST_PLACES: usize = 308;

/// `SIGN(x) * FLOOR(ABS(x) * 100 + 0.5) / 100.00`.
fn rounded(operand: Expr, up: impl Fn(Expr) -> Expr, down: impl Fn(Expr) -> Expr) -> Expr {
    let half = build::number("0.5");
    let size = up(build::call("ABS", vec![operand.clone()]));
    let whole = build::floor(build::binary(BinaryOperator::Plus, size, half));
    down(build::binary(BinaryOperator::Multiply, build::call("SIGN", vec![operand]), whole))
}

/// On a date, `DATE_TRUNC` answers in the session's zone.
fn truncate(unit: DateUnit, date: Expr) -> Expr {
    match unit {
        DateUnit::Day => date,
        _ => (PLAIN_FUNCTIONS.truncate)(unit, midnight(date)),
    }
}

fn midnight(date: Expr) -> Expr {
    build::cast(date, super::data_type(ValueType::Timestamp))
}

/// A date has no hour here.
fn extract(part: DatePart, operand: Expr) -> Expr {
    match part {
        DatePart::Hour => (PLAIN_FUNCTIONS.extract)(part, midnight(operand)),
        _ => (PLAIN_FUNCTIONS.extract)(part, operand),
    }
}

/// The difference of two dates has 32 bits.
fn days_between(from: Expr, to: Expr) -> Expr {
    build::cast((PLAIN_FUNCTIONS.days_between)(from, to), DataType::BigInt(None))
}

/// A series is a set of rows, not an array; on dates it would run in the session's zone.
fn series(unit: DateUnit, first: Expr, last: Expr) -> Expr {
    let arguments = vec![midnight(first), midnight(last), super::unit_interval(unit)];
    build::cast(build::call("GENERATE_SERIES", arguments), DataType::Date)
}

/// There is no such aggregate: the first element of the ordered array.
fn first(first: First) -> Expr {
    build::element(super::ordered("ARRAY_AGG", first), 1)
}
