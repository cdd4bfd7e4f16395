//! What a dialect can do, as data: one struct of capabilities and small rewrites, filled in by one file per dialect.
//!
//! The defaults here are the plainest SQL. A dialect's file overrides only what is unsupported, wrong or slow on its engine.
//! Nothing elsewhere in the crate asks for a dialect's name.

mod datafusion;
mod duckdb;
mod postgres;

use groma_plan::relation::{DatePart, DateUnit, ValueType};
use sqlparser::ast::{
    BinaryOperator, DataType, DateTimeField, ExactNumberInfo, Expr, OrderByExpr, Query, TimezoneInfo,
};
use sqlparser::dialect::Dialect as Grammar;

use crate::build;

/// A dialect of SQL: how it is parsed, and how what differs between engines is said in it.
pub struct Dialect {
    pub(crate) name: &'static str,
    /// Other names people use for it.
    pub(crate) aliases: &'static [&'static str],
    /// The grammar that reads its text.
    pub(crate) grammar: &'static (dyn Grammar + Sync),
    /// The engine knows `WITH name AS MATERIALIZED (…)`, or whoever runs the statement honours it.
    pub(crate) materialized: bool,
    /// How its types are called.
    pub(crate) data_type: fn(ValueType) -> DataType,
    /// `1.5e0` is a double. Else reals are cast.
    pub(crate) exponent_is_double: bool,
    /// `0.10` is an exact decimal. Else decimals are cast from a text.
    pub(crate) bare_decimal_is_exact: bool,
    /// A backslash in a pattern of `LIKE` takes the special meaning from the character after it. Else that is written out.
    pub(crate) backslash_escapes_in_like: bool,
    /// `IN` is right about lists that hold more than constants. Else those are written as comparisons.
    pub(crate) computed_lists: bool,
    /// A filter on an aggregate as `FILTER (WHERE …)`. Else as `CASE` inside the aggregate.
    pub(crate) filters_aggregates: bool,
    /// A change to the whole query, where what the engine refuses shows only in several expressions together.
    pub(crate) last_rewrite: Option<fn(&mut Query)>,
    pub(crate) functions: Functions,
    pub(crate) aggregates: Aggregates,
    /// How answers are kept in tables of the engine; none where it keeps none.
    pub(crate) keeping: Option<Keeping>,
}

impl Dialect {
    /// The name it is asked for by.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether answers are kept in tables of the engine.
    pub fn keeps_answers(&self) -> bool {
        self.keeping.is_some()
    }

    /// Whether the engine knows roles, to which rights are granted.
    pub fn has_grants(&self) -> bool {
        self.keeping.is_some_and(|keeping| keeping.grants)
    }

    /// The kind of data source by which Grafana reads the engine's tables; none where it comes with none.
    pub fn grafana(&self) -> Option<&'static str> {
        self.keeping.and_then(|keeping| keeping.grafana)
    }
}

/// What an engine can do for answers that are kept in its tables.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keeping {
    /// It knows roles: rights are granted to them, and definitions are refused to some. Definitions are then made only where
    /// something is missing, in blocks that look first; else each says so itself, and costs nothing where all is there.
    pub(crate) grants: bool,
    /// Two transactions may run at once, and one can wait for the other by a number that both know.
    pub(crate) locks: bool,
    /// A temporary table goes with its transaction. Else it is dropped by a statement.
    pub(crate) drops_on_commit: bool,
    /// A view may be replaced by one of other columns. Else it is dropped first.
    pub(crate) replaces_any_view: bool,
    /// The engine looks at a new table's rows only when it is told to.
    pub(crate) analyzes: bool,
    /// Settings that a transaction computes by, where the usual ones cost more than they bring.
    pub(crate) settings: &'static [(&'static str, &'static str)],
    /// The kind of data source by which Grafana reads its tables.
    pub(crate) grafana: Option<&'static str>,
}

impl std::fmt::Debug for Dialect {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Dialect").field(&self.name).finish()
    }
}

/// A number of days, months or seconds.
pub(crate) enum Steps {
    /// Written in the plan.
    Literal(i64),
    /// Known when the query runs; a 64-bit integer.
    Computed(Box<Expr>),
}

/// How the functions whose spelling differs are said. Operands come in their plan types.
pub(crate) struct Functions {
    /// `(operand, its type as far as it shows, digits)`: halves away from zero.
    pub(crate) round: fn(Expr, Option<ValueType>, Steps) -> Expr,
    /// `(operand, other, their type as far as it shows)`: null where both are equal, else the operand.
    pub(crate) null_if: fn(Expr, Expr, Option<ValueType>) -> Expr,
    /// The first day of the unit that holds a date, as a date.
    pub(crate) truncate: fn(DateUnit, Expr) -> Expr,
    /// A part of a date or timestamp, as a 64-bit integer.
    pub(crate) extract: fn(DatePart, Expr) -> Expr,
    /// A date some days later, as a date.
    pub(crate) add_days: fn(Expr, Steps) -> Expr,
    /// A date some months later, or the last day of that month, as a date.
    pub(crate) add_months: fn(Expr, Steps) -> Expr,
    pub(crate) add_seconds: fn(Expr, Steps) -> Expr,
    /// `(from, to)`: as a 64-bit integer.
    pub(crate) days_between: fn(Expr, Expr) -> Expr,
    /// `(from, to)`: as a double, with fractions.
    pub(crate) seconds_between: fn(Expr, Expr) -> Expr,
    /// `(unit, first, last)`: one row each, as a date.
    pub(crate) series: fn(DateUnit, Expr, Expr) -> Expr,
}

/// `(argument, filter)` of an aggregate; the filter is true where a row counts, and already leaves out null arguments.
pub(crate) struct First {
    pub(crate) argument: Expr,
    pub(crate) filter: Expr,
    pub(crate) order_by: Vec<OrderByExpr>,
}

/// How the aggregates whose spelling differs are said; none where the engine has no such aggregate.
pub(crate) struct Aggregates {
    /// The argument of the first row in an order.
    pub(crate) first: Option<fn(First) -> Expr>,
    /// `(share, argument)`: exact, between neighbours by Hyndman and Fan's type 7. None for a share it is not exact at.
    pub(crate) percentile: fn(f64, Expr) -> Option<Expr>,
    pub(crate) approximate_count_distinct: Option<fn(Expr) -> Expr>,
    pub(crate) approximate_percentile: Option<fn(f64, Expr) -> Expr>,
}

static DIALECTS: [&Dialect; 3] = [&datafusion::DATAFUSION, &duckdb::DUCKDB, &postgres::POSTGRES];

/// Every dialect, in a fixed order.
pub fn dialects() -> &'static [&'static Dialect] {
    &DIALECTS
}

/// The dialect of that name, or of that other name for it.
pub fn dialect(name: &str) -> Option<&'static Dialect> {
    DIALECTS.into_iter().find(|dialect| dialect.name == name || dialect.aliases.contains(&name))
}

/// The plainest functions.
pub(crate) const PLAIN_FUNCTIONS: Functions = Functions {
    round,
    null_if,
    truncate,
    extract,
    add_days,
    add_months,
    add_seconds,
    days_between,
    seconds_between,
    series,
};

/// The standard's aggregates, and no estimates.
pub(crate) const PLAIN_AGGREGATES: Aggregates = Aggregates {
    first: None,
    percentile: |share, argument| Some(percentile(share, argument)),
    approximate_count_distinct: None,
    approximate_percentile: None,
};

/// The standard's names of types.
pub(crate) fn data_type(value_type: ValueType) -> DataType {
    match value_type {
        ValueType::Bool => DataType::Boolean,
        ValueType::Int => DataType::BigInt(None),
        ValueType::Real => DataType::DoublePrecision,
        ValueType::Decimal { precision, scale } => decimal(precision, scale),
        ValueType::Text => DataType::Varchar(None),
        ValueType::Date => DataType::Date,
        ValueType::Timestamp => DataType::Timestamp(None, TimezoneInfo::None),
    }
}

/// A scale below zero is not known everywhere: the zeros are kept as digits instead.
fn decimal(precision: u8, scale: i8) -> DataType {
    let zeros = u64::from(scale.min(0).unsigned_abs());
    DataType::Decimal(ExactNumberInfo::PrecisionAndScale(u64::from(precision) + zeros, i64::from(scale.max(0))))
}

fn round(operand: Expr, _: Option<ValueType>, digits: Steps) -> Expr {
    build::call("ROUND", vec![operand, places(digits)])
}

/// A number of decimal places: functions take it with 32 bits.
pub(crate) fn places(digits: Steps) -> Expr {
    match digits {
        Steps::Literal(digits) => build::integer(digits),
        Steps::Computed(digits) => build::cast(*digits, DataType::Integer(None)),
    }
}

fn null_if(operand: Expr, other: Expr, _: Option<ValueType>) -> Expr {
    build::call("NULLIF", vec![operand, other])
}

fn truncate(unit: DateUnit, date: Expr) -> Expr {
    match unit {
        DateUnit::Day => date,
        _ => build::cast(build::call("DATE_TRUNC", vec![build::plain_text(unit_name(unit)), date]), DataType::Date),
    }
}

/// The unit's name, as functions take it.
pub(crate) fn unit_name(unit: DateUnit) -> &'static str {
    match unit {
        DateUnit::Day => "day",
        DateUnit::Week => "week",
        DateUnit::Month => "month",
        DateUnit::Quarter => "quarter",
        DateUnit::Year => "year",
    }
}

fn extract(part: DatePart, operand: Expr) -> Expr {
    build::cast(build::extract(field(part), operand), DataType::BigInt(None))
}

/// The field that `EXTRACT` knows a part by.
pub(crate) fn field(part: DatePart) -> DateTimeField {
    match part {
        DatePart::Year => DateTimeField::Year,
        DatePart::Month => DateTimeField::Month,
        DatePart::Day => DateTimeField::Day,
        DatePart::Weekday => DateTimeField::Isodow,
        DatePart::Hour => DateTimeField::Hour,
    }
}

/// `operand + step`, or `operand - step` for a negative number of them.
fn moved(operand: Expr, count: i64, step: impl Fn(u64) -> Expr) -> Expr {
    let operator = if count < 0 { BinaryOperator::Minus } else { BinaryOperator::Plus };
    build::binary(operator, operand, step(count.unsigned_abs()))
}

fn add_days(date: Expr, days: Steps) -> Expr {
    match days {
        Steps::Literal(count) => moved(date, count, |count| build::number(&count.to_string())),
        // A date takes 32-bit integers only.
        Steps::Computed(count) => {
            build::binary(BinaryOperator::Plus, date, build::cast(*count, DataType::Integer(None)))
        }
    }
}

fn add_months(date: Expr, months: Steps) -> Expr {
    let moved = match months {
        Steps::Literal(count) => moved(date, count, |count| build::interval(&counted(count, "month"))),
        Steps::Computed(count) => {
            let months = build::binary(BinaryOperator::Multiply, *count, build::interval("1 month"));
            build::binary(BinaryOperator::Plus, date, months)
        }
    };
    build::cast(moved, DataType::Date)
}

/// `1 month`, `2 months`.
pub(crate) fn counted(count: u64, unit: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

fn add_seconds(timestamp: Expr, seconds: Steps) -> Expr {
    match seconds {
        Steps::Literal(count) => literal_seconds(timestamp, count),
        Steps::Computed(count) => {
            let seconds = build::binary(BinaryOperator::Multiply, *count, build::interval("1 second"));
            build::binary(BinaryOperator::Plus, timestamp, seconds)
        }
    }
}

/// `timestamp + INTERVAL '90 seconds'`.
pub(crate) fn literal_seconds(timestamp: Expr, count: i64) -> Expr {
    moved(timestamp, count, |count| build::interval(&counted(count, "second")))
}

fn days_between(from: Expr, to: Expr) -> Expr {
    build::binary(BinaryOperator::Minus, to, from)
}

fn seconds_between(from: Expr, to: Expr) -> Expr {
    let between = build::binary(BinaryOperator::Minus, to, from);
    build::cast(build::extract(DateTimeField::Epoch, between), data_type(ValueType::Real))
}

fn series(unit: DateUnit, first: Expr, last: Expr) -> Expr {
    let all = build::call("GENERATE_SERIES", vec![first, last, unit_interval(unit)]);
    build::cast(build::call("UNNEST", vec![all]), DataType::Date)
}

/// One unit. A quarter is three months: not every engine knows it in an interval.
pub(crate) fn unit_interval(unit: DateUnit) -> Expr {
    match unit {
        DateUnit::Quarter => build::interval("3 months"),
        _ => build::interval(&counted(1, unit_name(unit))),
    }
}

pub(crate) fn percentile(share: f64, argument: Expr) -> Expr {
    within_group("PERCENTILE_CONT", share, argument)
}

/// `NAME(0.5) WITHIN GROUP (ORDER BY x)`.
pub(crate) fn within_group(name: &str, share: f64, argument: Expr) -> Expr {
    let within_group = vec![build::plain_order(argument)];
    build::call_with(name, vec![share_number(share)], build::CallParts { within_group, ..Default::default() })
}

/// A share as a number with a point.
pub(crate) fn share_number(share: f64) -> Expr {
    build::number(&format!("{share:?}"))
}

/// `NAME(x ORDER BY y) FILTER (WHERE z)`.
pub(crate) fn ordered(name: &str, first: First) -> Expr {
    let First { argument, filter, order_by } = first;
    build::call_with(name, vec![argument], build::CallParts { order_by, filter: Some(filter), ..Default::default() })
}
