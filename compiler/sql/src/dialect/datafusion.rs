//! DataFusion 55, the embedded engine.
//!
//! It is read with PostgreSQL's grammar, which knows `AS MATERIALIZED`; the embedded engine plans the tree itself and
//! computes such steps once.

use std::collections::{BTreeMap, BTreeSet};

use groma_plan::relation::{DateUnit, ValueType};
use sqlparser::ast::{
    BinaryOperator, DataType, DateTimeField, ExactNumberInfo, Expr, GroupByExpr, Query, Select, SetExpr, TimezoneInfo,
};
use sqlparser::dialect::PostgreSqlDialect;

use super::{Aggregates, Dialect, Functions, PLAIN_FUNCTIONS, Steps};
use crate::build;
use crate::visit::{Change, Flow, Look, change, look};

pub(super) static DATAFUSION: Dialect = Dialect {
    name: "datafusion",
    aliases: &[],
    grammar: &PostgreSqlDialect {},
    materialized: true,
    data_type,
    exponent_is_double: true,
    bare_decimal_is_exact: false,
    backslash_escapes_in_like: true,
    // A null that a member of the list is computed to is taken for an unequal value.
    computed_lists: false,
    filters_aggregates: false,
    last_rewrite: Some(tell_casts_apart),
    functions: Functions { null_if, truncate, add_days, add_months, add_seconds, seconds_between, ..PLAIN_FUNCTIONS },
    aggregates: Aggregates {
        first: Some(|first| super::ordered("FIRST_VALUE", first)),
        percentile,
        approximate_count_distinct: Some(approximate_count_distinct),
        approximate_percentile: Some(|share, argument| super::within_group("APPROX_PERCENTILE_CONT", share, argument)),
    },
    // It runs inside Groma, which keeps answers as files.
    keeping: None,
};

/// A bare `TIMESTAMP` counts nanoseconds and ends in 2262.
fn data_type(value_type: ValueType) -> DataType {
    match value_type {
        ValueType::Timestamp => DataType::Timestamp(Some(6), TimezoneInfo::None),
        ValueType::Real => DataType::Double(ExactNumberInfo::None),
        other => super::data_type(other),
    }
}

/// `NULLIF(-0.0, 0.0)` is -0.0 here, and a ratio guarded by it infinite; `=` knows that they are equal.
fn null_if(operand: Expr, other: Expr, value_type: Option<ValueType>) -> Expr {
    match value_type {
        None | Some(ValueType::Real) => {
            let equal = build::binary(BinaryOperator::Eq, operand.clone(), other);
            build::case(vec![(equal, build::null())], Some(operand))
        }
        Some(_) => (PLAIN_FUNCTIONS.null_if)(operand, other, value_type),
    }
}

/// `DATE_TRUNC` goes through nanoseconds and fails on dates before 1678 and after 2261, such as 9999-12-31; it is slower too.
fn truncate(unit: DateUnit, date: Expr) -> Expr {
    let part = |part| build::extract(part, date.clone());
    let year = || part(DateTimeField::Year);
    let one = || build::integer(1);
    match unit {
        DateUnit::Day => date,
        DateUnit::Week => {
            let sunday = build::binary(BinaryOperator::Minus, day_number(date.clone()), part(DateTimeField::Isodow));
            build::cast(build::binary(BinaryOperator::Plus, sunday, one()), DataType::Date)
        }
        DateUnit::Month => make_date(year(), part(DateTimeField::Month)),
        DateUnit::Quarter => {
            let last = build::binary(BinaryOperator::Multiply, part(DateTimeField::Quarter), build::integer(3));
            make_date(year(), build::binary(BinaryOperator::Minus, last, build::integer(2)))
        }
        DateUnit::Year => make_date(year(), one()),
    }
}

/// The first day of that month.
fn make_date(year: Expr, month: Expr) -> Expr {
    build::call("MAKE_DATE", vec![year, month, build::integer(1)])
}

fn day_number(date: Expr) -> Expr {
    build::cast(date, DataType::Integer(None))
}

/// A date plus a number is ten times slower than this.
fn add_days(date: Expr, days: Steps) -> Expr {
    let (operator, count) = match days {
        Steps::Literal(count) if count < 0 => (BinaryOperator::Minus, build::number(&count.unsigned_abs().to_string())),
        Steps::Literal(count) => (BinaryOperator::Plus, build::integer(count)),
        Steps::Computed(count) => (BinaryOperator::Plus, *count),
    };
    build::cast(build::binary(operator, day_number(date), count), DataType::Date)
}

/// Numbers do not multiply intervals here.
fn add_months(date: Expr, months: Steps) -> Expr {
    match months {
        Steps::Literal(_) => (PLAIN_FUNCTIONS.add_months)(date, months),
        Steps::Computed(count) => {
            let months = arrow_cast(build::cast(*count, DataType::Integer(None)), "Interval(YearMonth)");
            build::binary(BinaryOperator::Plus, date, months)
        }
    }
}

fn add_seconds(timestamp: Expr, seconds: Steps) -> Expr {
    match seconds {
        Steps::Literal(count) => super::literal_seconds(timestamp, count),
        Steps::Computed(count) => {
            build::binary(BinaryOperator::Plus, timestamp, arrow_cast(*count, "Duration(Second)"))
        }
    }
}

fn arrow_cast(operand: Expr, arrow_type: &str) -> Expr {
    build::call("ARROW_CAST", vec![operand, build::plain_text(arrow_type)])
}

/// `EXTRACT(EPOCH FROM …)` of a difference drops its fraction: so count microseconds.
fn seconds_between(from: Expr, to: Expr) -> Expr {
    let micros = |operand| build::cast(operand, data_type(ValueType::Timestamp));
    let between = build::binary(BinaryOperator::Minus, micros(to), micros(from));
    let count = build::cast(build::cast(between, DataType::BigInt(None)), data_type(ValueType::Real));
    build::binary(BinaryOperator::Divide, count, build::number("1e6"))
}

/// The place between two neighbours is cut to whole millionths here, so that 0.3 becomes 0.299999 where its double is a
/// trace too small: a share a trace greater makes the cut exact. Shares in 64ths are exact as they are.
fn percentile(share: f64, argument: Expr) -> Option<Expr> {
    let is_exact = share == 1.0 || (share * 64.0).fract() == 0.0;
    let in_millionths = (share * 1e6).round() / 1e6 == share;
    match (is_exact, in_millionths) {
        (true, _) => Some(super::percentile(share, argument)),
        (false, true) => Some(super::percentile(f64::from_bits(share.to_bits() + 4), argument)),
        (false, false) => None,
    }
}

/// It counts without a sign.
fn approximate_count_distinct(argument: Expr) -> Expr {
    build::cast(build::call("APPROX_DISTINCT", vec![argument]), DataType::BigInt(None))
}

/// A cast leaves no trace in an expression's name here, and a select with two aggregates or two keys of one name is refused.
/// Where only casts tell them apart, they are written as `ARROW_CAST`, which shows in the name.
fn tell_casts_apart(query: &mut Query) {
    let _ = change(query, &mut CastsApart);
}

struct CastsApart;

impl Change for CastsApart {
    fn query(&mut self, query: &mut Query) -> Flow {
        let SetExpr::Select(select) = &mut *query.body else {
            return Flow::Continue(());
        };
        let mut collisions = collisions(select);
        if !collisions.texts.is_empty() {
            let _ = change(&mut **select, &mut collisions);
            let _ = change(&mut query.order_by, &mut collisions);
        }
        Flow::Continue(())
    }

    fn select(&mut self, select: &mut Select) -> Flow {
        let mut collisions = collisions(select);
        match collisions.texts.is_empty() {
            true => Flow::Continue(()),
            false => change(select, &mut collisions),
        }
    }
}

/// The texts of aggregates and keys that share their name with another one, as far as they hold casts.
fn collisions(select: &Select) -> Collisions {
    let mut found = Named { inside: 0, texts: BTreeMap::new() };
    if let GroupByExpr::Expressions(keys, _) = &select.group_by {
        keys.iter().for_each(|key| found.add(key));
    }
    let _ = look(select, &mut found);
    let shared = found.texts.into_iter().filter(|(_, texts)| texts.len() > 1);
    Collisions { texts: shared.flat_map(|(name, texts)| texts.into_iter().filter(move |text| *text != name)).collect() }
}

/// The texts of aggregates and keys by their name, as the engine makes it.
struct Named {
    /// How many queries inside the select are open: they have names of their own.
    inside: usize,
    texts: BTreeMap<String, BTreeSet<String>>,
}

impl Named {
    fn add(&mut self, expr: &Expr) {
        let mut name = expr.clone();
        let _ = change(&mut name, &mut WithoutCasts);
        self.texts.entry(name.to_string()).or_default().insert(expr.to_string());
    }
}

impl Look for Named {
    fn query(&mut self, _: &Query) -> Flow {
        self.inside += 1;
        Flow::Continue(())
    }

    fn after_query(&mut self, _: &Query) -> Flow {
        self.inside -= 1;
        Flow::Continue(())
    }

    fn expr(&mut self, expr: &Expr) -> Flow {
        if self.inside == 0 && is_aggregate(expr) {
            self.add(expr);
        }
        Flow::Continue(())
    }
}

/// The aggregates that plans use here.
fn is_aggregate(expr: &Expr) -> bool {
    const NAMES: [&str; 10] = [
        "COUNT",
        "SUM",
        "MIN",
        "MAX",
        "AVG",
        "STDDEV_SAMP",
        "PERCENTILE_CONT",
        "FIRST_VALUE",
        "APPROX_DISTINCT",
        "APPROX_PERCENTILE_CONT",
    ];
    match expr {
        Expr::Function(function) => function.over.is_none() && NAMES.contains(&function.name.to_string().as_str()),
        _ => false,
    }
}

struct WithoutCasts;

impl Change for WithoutCasts {
    fn after_expr(&mut self, expr: &mut Expr) -> Flow {
        if let Expr::Cast { expr: operand, .. } = expr {
            *expr = (**operand).clone();
        }
        Flow::Continue(())
    }
}

/// Rewrites the casts in every expression of these texts.
struct Collisions {
    texts: BTreeSet<String>,
}

impl Change for Collisions {
    fn expr(&mut self, expr: &mut Expr) -> Flow {
        match self.texts.contains(&expr.to_string()) {
            true => change(expr, &mut NamedCasts),
            false => Flow::Continue(()),
        }
    }
}

struct NamedCasts;

impl Change for NamedCasts {
    fn after_expr(&mut self, expr: &mut Expr) -> Flow {
        if let Expr::Cast { expr: operand, data_type, .. } = expr
            && let Some(arrow_type) = arrow_type(data_type)
        {
            *expr = arrow_cast((**operand).clone(), &arrow_type);
        }
        Flow::Continue(())
    }
}

/// The engine's own name of a type that plans cast to.
fn arrow_type(data_type: &DataType) -> Option<String> {
    Some(match data_type {
        DataType::Boolean => "Boolean".to_owned(),
        DataType::BigInt(_) => "Int64".to_owned(),
        DataType::Integer(_) => "Int32".to_owned(),
        DataType::Double(_) => "Float64".to_owned(),
        DataType::Decimal(ExactNumberInfo::PrecisionAndScale(precision, scale)) => {
            format!("Decimal128({precision}, {scale})")
        }
        DataType::Varchar(_) => "Utf8View".to_owned(),
        DataType::Date => "Date32".to_owned(),
        DataType::Timestamp(..) => "Timestamp(Microsecond, None)".to_owned(),
        _ => return None,
    })
}
