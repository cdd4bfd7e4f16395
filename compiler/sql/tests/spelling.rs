//! How each literal, operator, function and aggregate is spelled. Every spelling here has been run on DataFusion 55,
//! DuckDB 1.5 and 2.0 and PostgreSQL 15, and gives the same value of the same type on all of them.

use groma_plan::relation::{
    Aggregate, AggregateFunction, Binary, DatePart, DateUnit, Expr, Function, Literal, Select, Statement, Unary,
    ValueType,
};
use groma_sql::{Dialect, dialects, render};

/// The expression in each dialect, on one line; one line where all agree.
fn spelled(expr: &Expr) -> String {
    let spellings: Vec<(&str, String)> =
        dialects().iter().map(|dialect| (dialect.name(), spelling(expr, dialect))).collect();
    if spellings.iter().all(|(_, spelling)| *spelling == spellings[0].1) {
        return format!("{}\n", spellings[0].1);
    }
    spellings.iter().map(|(name, spelling)| format!("{name:>10}: {spelling}\n")).collect()
}

fn spelling(expr: &Expr, dialect: &Dialect) -> String {
    let columns = vec![expr.clone().named("c")];
    let statement = Statement { steps: vec![], result: Select { columns, ..Select::default() } };
    match render(&statement, dialect) {
        Ok(text) => {
            let words: Vec<&str> = text.split_whitespace().collect();
            let line = words.join(" ").replace("( ", "(").replace(" )", ")");
            line.trim_start_matches("SELECT ").trim_end_matches(" AS \"c\"").to_owned()
        }
        Err(error) => format!("({error})"),
    }
}

fn all(exprs: &[Expr]) -> String {
    exprs.iter().map(spelled).collect()
}

fn column(name: &str) -> Expr {
    Expr::name(name)
}

fn literal(literal: Literal) -> Expr {
    Expr::Literal(literal)
}

fn call(function: Function, arguments: &[Expr]) -> Expr {
    Expr::call(function, arguments.to_vec())
}

fn binary(operator: Binary, left: Expr, right: Expr) -> Expr {
    Expr::binary(operator, left, right)
}

fn not(operand: Expr) -> Expr {
    Expr::Unary { operator: Unary::Not, operand: Box::new(operand) }
}

fn minus(operand: Expr) -> Expr {
    Expr::Unary { operator: Unary::Minus, operand: Box::new(operand) }
}

fn aggregate(function: AggregateFunction, argument: Option<Expr>, filter: Option<Expr>, order_by: &[Expr]) -> Expr {
    Expr::Aggregate(Box::new(Aggregate { function, argument, filter, order_by: order_by.to_vec() }))
}

const DECIMAL: ValueType = ValueType::Decimal { precision: 12, scale: 2 };

#[test]
fn numbers() {
    let exprs = [
        Literal::Int(0),
        Literal::Int(-5),
        Literal::Int(i64::MIN),
        Literal::Real(1.5),
        Literal::Real(-0.1),
        Literal::Real(2.0),
        Literal::Real(1e300),
        Literal::Real(f64::NEG_INFINITY),
        Literal::Decimal("0.10".to_owned()),
        Literal::Decimal("-12.345".to_owned()),
        Literal::Decimal("7".to_owned()),
    ];
    insta::assert_snapshot!(all(&exprs.map(literal)), @r#"
    0
    -5
    CAST(-9223372036854775808 AS BIGINT)
    datafusion: 1.5e0
        duckdb: 1.5e0
      postgres: CAST(1.5 AS DOUBLE PRECISION)
    datafusion: -0.1e0
        duckdb: -0.1e0
      postgres: CAST(-0.1 AS DOUBLE PRECISION)
    datafusion: 2.0e0
        duckdb: 2.0e0
      postgres: CAST(2.0 AS DOUBLE PRECISION)
    datafusion: 1.0e300
        duckdb: 1.0e300
      postgres: CAST(1.0e300 AS DOUBLE PRECISION)
    datafusion: CAST('-Infinity' AS DOUBLE)
        duckdb: CAST('-Infinity' AS DOUBLE)
      postgres: CAST('-Infinity' AS DOUBLE PRECISION)
    datafusion: CAST('0.10' AS DECIMAL(2, 2))
        duckdb: 0.10
      postgres: 0.10
    datafusion: CAST('-12.345' AS DECIMAL(5, 3))
        duckdb: -12.345
      postgres: -12.345
    CAST('7' AS DECIMAL(1, 0))
    "#);
}

#[test]
fn a_decimal_too_long_for_any_engine_is_refused() {
    let digits = Literal::Decimal("1234567890123456789012345678901234567890.5".to_owned());
    insta::assert_snapshot!(spelled(&literal(digits)), @r#"
    datafusion: (datafusion has no decimal number of more than 38 digits: 1234567890123456789012345678901234567890.5)
        duckdb: (duckdb has no decimal number of more than 38 digits: 1234567890123456789012345678901234567890.5)
      postgres: (postgres has no decimal number of more than 38 digits: 1234567890123456789012345678901234567890.5)
    "#);
}

#[test]
fn texts_and_times() {
    let exprs = [
        Literal::Text("it's".to_owned()),
        Literal::Text("two '' quotes, and \\' a backslash".to_owned()),
        Literal::Text(String::new()),
        Literal::Bool(true),
        Literal::Date("2026-07-01".to_owned()),
        Literal::Timestamp("2026-07-01 00:00:00.5".to_owned()),
    ];
    insta::assert_snapshot!(all(&exprs.map(literal)), @r#"
    'it''s'
    'two ''' || ''' quotes, and \' || ''' a backslash'
    ''
    true
    DATE '2026-07-01'
    datafusion: TIMESTAMP(6) '2026-07-01 00:00:00.5'
        duckdb: TIMESTAMP '2026-07-01 00:00:00.5'
      postgres: TIMESTAMP '2026-07-01 00:00:00.5'
    "#);
}

#[test]
fn nulls_have_a_type() {
    let types = [
        ValueType::Bool,
        ValueType::Int,
        ValueType::Real,
        DECIMAL,
        ValueType::Text,
        ValueType::Date,
        ValueType::Timestamp,
    ];
    insta::assert_snapshot!(all(&types.map(|value_type| literal(Literal::Null(value_type)))), @r#"
    CAST(NULL AS BOOLEAN)
    CAST(NULL AS BIGINT)
    datafusion: CAST(NULL AS DOUBLE)
        duckdb: CAST(NULL AS DOUBLE)
      postgres: CAST(NULL AS DOUBLE PRECISION)
    CAST(NULL AS DECIMAL(12, 2))
    CAST(NULL AS VARCHAR)
    CAST(NULL AS DATE)
    datafusion: CAST(NULL AS TIMESTAMP(6))
        duckdb: CAST(NULL AS TIMESTAMP)
      postgres: CAST(NULL AS TIMESTAMP)
    "#);
}

#[test]
fn parentheses_stand_where_they_must_and_nowhere_else() {
    use Binary::{Add, And, Concat, Divide, Equal, Less, Multiply, NotDistinct, Or, Subtract};
    let [a, b, c, d] = ["a", "b", "c", "d"].map(column);
    let exprs = [
        binary(Subtract, binary(Subtract, a.clone(), b.clone()), c.clone()),
        binary(Subtract, a.clone(), binary(Subtract, b.clone(), c.clone())),
        binary(Multiply, binary(Add, a.clone(), b.clone()), c.clone()),
        binary(Divide, a.clone(), binary(Multiply, b.clone(), c.clone())),
        binary(Or, binary(And, a.clone(), b.clone()), binary(And, c.clone(), d.clone())),
        binary(And, binary(Or, a.clone(), b.clone()), binary(And, c.clone(), d.clone())),
        binary(Equal, binary(Less, a.clone(), b.clone()), not(c.clone())),
        not(binary(Equal, a.clone(), b.clone())),
        minus(minus(literal(Literal::Int(-5)))),
        minus(binary(Add, a.clone(), b.clone())),
        binary(Concat, binary(Add, a.clone(), b.clone()), binary(Concat, c.clone(), d.clone())),
        binary(And, binary(NotDistinct, a.clone(), b.clone()), binary(Equal, c, d)),
        Expr::IsNull { operand: Box::new(binary(Equal, a.clone(), b.clone())), negated: false },
        Expr::In { operand: Box::new(binary(Add, a, b)), list: vec![Expr::int(1), Expr::int(2)], negated: true },
    ];
    insta::assert_snapshot!(all(&exprs), @r#"
    "a" - "b" - "c"
    "a" - ("b" - "c")
    ("a" + "b") * "c"
    "a" / ("b" * "c")
    "a" AND "b" OR "c" AND "d"
    ("a" OR "b") AND "c" AND "d"
    ("a" < "b") = (NOT "c")
    NOT ("a" = "b")
    -(-(-5))
    -("a" + "b")
    ("a" + "b") || "c" || "d"
    ("a" IS NOT DISTINCT FROM "b") AND "c" = "d"
    ("a" = "b") IS NULL
    "a" + "b" NOT IN (1, 2)
    "#);
}

#[test]
fn operators() {
    let [a, b] = ["a", "b"].map(column);
    let like = |pattern: &str| Expr::Like {
        operand: Box::new(column("a")),
        pattern: Box::new(Expr::text(pattern)),
        negated: false,
    };
    let exprs = [
        binary(Binary::NotEqual, a.clone(), b.clone()),
        binary(Binary::Remainder, a.clone(), b.clone()),
        binary(Binary::Multiply, Expr::int(86_400), Expr::int(100_000)),
        like("a%"),
        like("100\\%"),
        Expr::In { operand: Box::new(a.clone()), list: vec![], negated: false },
        Expr::Case { branches: vec![(a, Expr::int(1))], otherwise: Some(Box::new(b.clone())) },
        b.clone().cast(ValueType::Real),
        b.cast(DECIMAL),
    ];
    insta::assert_snapshot!(all(&exprs), @r#"
    "a" <> "b"
    "a" % "b"
    CAST(86400 AS BIGINT) * 100000
    "a" LIKE 'a%'
    datafusion: "a" LIKE '100\%'
        duckdb: "a" LIKE '100\%' ESCAPE '\'
      postgres: "a" LIKE '100\%'
    false
    CASE WHEN "a" THEN 1 ELSE "b" END
    datafusion: CAST("b" AS DOUBLE)
        duckdb: CAST("b" AS DOUBLE)
      postgres: CAST("b" AS DOUBLE PRECISION)
    CAST("b" AS DECIMAL(12, 2))
    "#);
}

#[test]
fn functions_of_numbers_and_texts() {
    let x = || [column("x")];
    let exprs = [
        call(Function::Floor, &x()),
        call(Function::Ceiling, &x()),
        call(Function::Ln, &x()),
        call(Function::Power, &[column("x"), literal(Literal::Real(0.5))]),
        call(Function::Round, &[column("x"), Expr::int(2)]),
        call(Function::Round, &[column("x"), Expr::int(0)]),
        call(Function::Round, &[column("x"), Expr::int(-3)]),
        call(Function::Round, &[column("x"), column("digits")]),
        call(Function::Round, &[column("x").cast(DECIMAL), Expr::int(1)]),
        call(Function::Length, &x()),
        call(Function::Trim, &x()),
        call(Function::Coalesce, &[column("x"), column("y")]),
    ];
    insta::assert_snapshot!(all(&exprs), @r#"
    FLOOR("x")
    CEIL("x")
    LN("x")
    datafusion: POWER("x", 0.5e0)
        duckdb: POWER("x", 0.5e0)
      postgres: POWER("x", CAST(0.5 AS DOUBLE PRECISION))
    datafusion: ROUND("x", 2)
        duckdb: ROUND("x", 2)
      postgres: SIGN("x") * FLOOR(ABS("x") * 100 + 0.5) / 100.00
    datafusion: ROUND("x", 0)
        duckdb: ROUND("x", 0)
      postgres: SIGN("x") * FLOOR(ABS("x") + 0.5)
    datafusion: ROUND("x", -3)
        duckdb: ROUND("x", -3)
      postgres: SIGN("x") * FLOOR(ABS("x") / 1000 + 0.5) * 1000
    datafusion: ROUND("x", CAST("digits" AS INTEGER))
        duckdb: ROUND("x", CAST("digits" AS INTEGER))
      postgres: SIGN("x") * FLOOR(ABS("x") * POWER(CAST(10 AS DOUBLE PRECISION), CAST("digits" AS INTEGER)) + 0.5) / POWER(CAST(10 AS DOUBLE PRECISION), CAST("digits" AS INTEGER))
    ROUND(CAST("x" AS DECIMAL(12, 2)), 1)
    CAST(CHAR_LENGTH("x") AS BIGINT)
    TRIM(BOTH ' ' FROM "x")
    COALESCE("x", "y")
    "#);
}

#[test]
fn functions_of_dates() {
    let units = [DateUnit::Day, DateUnit::Week, DateUnit::Month, DateUnit::Quarter, DateUnit::Year];
    let parts = [DatePart::Year, DatePart::Month, DatePart::Day, DatePart::Weekday, DatePart::Hour];
    let truncated = units.map(|unit| call(Function::Truncate(unit), &[column("d")]));
    let extracted = parts.map(|part| call(Function::Extract(part), &[column("d")]));
    insta::assert_snapshot!(all(&truncated), @r#"
    "d"
    datafusion: CAST(CAST("d" AS INTEGER) - EXTRACT(ISODOW FROM "d") + 1 AS DATE)
        duckdb: CAST(DATE_TRUNC('week', "d") AS DATE)
      postgres: CAST(DATE_TRUNC('week', CAST("d" AS TIMESTAMP)) AS DATE)
    datafusion: MAKE_DATE(EXTRACT(YEAR FROM "d"), EXTRACT(MONTH FROM "d"), 1)
        duckdb: CAST(DATE_TRUNC('month', "d") AS DATE)
      postgres: CAST(DATE_TRUNC('month', CAST("d" AS TIMESTAMP)) AS DATE)
    datafusion: MAKE_DATE(EXTRACT(YEAR FROM "d"), EXTRACT(QUARTER FROM "d") * 3 - 2, 1)
        duckdb: CAST(DATE_TRUNC('quarter', "d") AS DATE)
      postgres: CAST(DATE_TRUNC('quarter', CAST("d" AS TIMESTAMP)) AS DATE)
    datafusion: MAKE_DATE(EXTRACT(YEAR FROM "d"), 1, 1)
        duckdb: CAST(DATE_TRUNC('year', "d") AS DATE)
      postgres: CAST(DATE_TRUNC('year', CAST("d" AS TIMESTAMP)) AS DATE)
    "#);
    insta::assert_snapshot!(all(&extracted), @r#"
    CAST(EXTRACT(YEAR FROM "d") AS BIGINT)
    CAST(EXTRACT(MONTH FROM "d") AS BIGINT)
    CAST(EXTRACT(DAY FROM "d") AS BIGINT)
    CAST(EXTRACT(ISODOW FROM "d") AS BIGINT)
    datafusion: CAST(EXTRACT(HOUR FROM "d") AS BIGINT)
        duckdb: CAST(EXTRACT(HOUR FROM "d") AS BIGINT)
      postgres: CAST(EXTRACT(HOUR FROM CAST("d" AS TIMESTAMP)) AS BIGINT)
    "#);
}

#[test]
fn moving_in_time() {
    let exprs = [
        call(Function::AddDays, &[column("d"), Expr::int(7)]),
        call(Function::AddDays, &[column("d"), Expr::int(-7)]),
        call(Function::AddDays, &[column("d"), column("n")]),
        call(Function::AddMonths, &[column("d"), Expr::int(1)]),
        call(Function::AddMonths, &[column("d"), Expr::int(-3)]),
        call(Function::AddMonths, &[column("d"), column("n")]),
        call(Function::AddSeconds, &[column("t"), Expr::int(-3600)]),
        call(Function::AddSeconds, &[column("t"), column("n")]),
        call(Function::DaysBetween, &[column("from"), column("to")]),
        call(Function::SecondsBetween, &[column("from"), column("to")]),
        call(Function::DateOf, &[column("t")]),
        call(Function::Series(DateUnit::Quarter), &[column("from"), column("to")]),
    ];
    insta::assert_snapshot!(all(&exprs), @r#"
    datafusion: CAST(CAST("d" AS INTEGER) + 7 AS DATE)
        duckdb: "d" + 7
      postgres: "d" + 7
    datafusion: CAST(CAST("d" AS INTEGER) - 7 AS DATE)
        duckdb: "d" - 7
      postgres: "d" - 7
    datafusion: CAST(CAST("d" AS INTEGER) + "n" AS DATE)
        duckdb: "d" + CAST("n" AS INTEGER)
      postgres: "d" + CAST("n" AS INTEGER)
    CAST("d" + INTERVAL '1 month' AS DATE)
    CAST("d" - INTERVAL '3 months' AS DATE)
    datafusion: "d" + ARROW_CAST(CAST("n" AS INTEGER), 'Interval(YearMonth)')
        duckdb: CAST("d" + "n" * INTERVAL '1 month' AS DATE)
      postgres: CAST("d" + "n" * INTERVAL '1 month' AS DATE)
    "t" - INTERVAL '3600 seconds'
    datafusion: "t" + ARROW_CAST("n", 'Duration(Second)')
        duckdb: "t" + TO_SECONDS("n")
      postgres: "t" + "n" * INTERVAL '1 second'
    datafusion: "to" - "from"
        duckdb: "to" - "from"
      postgres: CAST("to" - "from" AS BIGINT)
    datafusion: CAST(CAST(CAST("to" AS TIMESTAMP(6)) - CAST("from" AS TIMESTAMP(6)) AS BIGINT) AS DOUBLE) / 1e6
        duckdb: CAST(EXTRACT(EPOCH FROM "to" - "from") AS DOUBLE PRECISION)
      postgres: CAST(EXTRACT(EPOCH FROM "to" - "from") AS DOUBLE PRECISION)
    CAST("t" AS DATE)
    datafusion: CAST(UNNEST(GENERATE_SERIES("from", "to", INTERVAL '3 months')) AS DATE)
        duckdb: CAST(UNNEST(GENERATE_SERIES("from", "to", INTERVAL '3 months')) AS DATE)
      postgres: CAST(GENERATE_SERIES(CAST("from" AS TIMESTAMP), CAST("to" AS TIMESTAMP), INTERVAL '3 months') AS DATE)
    "#);
}

#[test]
fn aggregates() {
    use AggregateFunction::{Average, Count, CountDistinct, First, Last, Percentile, StandardDeviation, Sum};
    let x = || Some(column("x"));
    let paid = || Some(column("paid"));
    let exprs = [
        aggregate(Count, None, None, &[]),
        aggregate(Count, None, paid(), &[]),
        aggregate(CountDistinct, x(), paid(), &[]),
        aggregate(Sum, x(), None, &[]),
        aggregate(Sum, x(), paid(), &[]),
        aggregate(Average, x(), None, &[]),
        aggregate(StandardDeviation, x(), None, &[]),
        aggregate(Percentile(0.5), x(), paid(), &[]),
        aggregate(Percentile(0.9), x(), None, &[]),
        aggregate(Percentile(0.123_456_7), x(), None, &[]),
        aggregate(First, x(), None, &[column("at"), column("id")]),
        aggregate(Last, x(), paid(), &[column("at")]),
    ];
    insta::assert_snapshot!(all(&exprs), @r#"
    COUNT(*)
    COUNT(CASE WHEN "paid" THEN 1 END)
    COUNT(DISTINCT CASE WHEN "paid" THEN "x" END)
    SUM("x")
    SUM(CASE WHEN "paid" THEN "x" END)
    AVG("x")
    STDDEV_SAMP("x")
    PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY CASE WHEN "paid" THEN "x" END)
    datafusion: PERCENTILE_CONT(0.9000000000000005) WITHIN GROUP (ORDER BY "x")
        duckdb: PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY "x")
      postgres: PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY "x")
    datafusion: (datafusion has no exact percentile at 0.1234567)
        duckdb: PERCENTILE_CONT(0.1234567) WITHIN GROUP (ORDER BY "x")
      postgres: PERCENTILE_CONT(0.1234567) WITHIN GROUP (ORDER BY "x")
    datafusion: FIRST_VALUE("x" ORDER BY "at" ASC NULLS FIRST, "id" ASC NULLS FIRST) FILTER (WHERE "x" IS NOT NULL)
        duckdb: FIRST("x" ORDER BY "at" ASC NULLS FIRST, "id" ASC NULLS FIRST) FILTER (WHERE "x" IS NOT NULL)
      postgres: (ARRAY_AGG("x" ORDER BY "at" ASC NULLS FIRST, "id" ASC NULLS FIRST) FILTER (WHERE "x" IS NOT NULL))[1]
    datafusion: FIRST_VALUE("x" ORDER BY "at" DESC NULLS LAST) FILTER (WHERE "paid" AND "x" IS NOT NULL)
        duckdb: FIRST("x" ORDER BY "at" DESC NULLS LAST) FILTER (WHERE "paid" AND "x" IS NOT NULL)
      postgres: (ARRAY_AGG("x" ORDER BY "at" DESC NULLS LAST) FILTER (WHERE "paid" AND "x" IS NOT NULL))[1]
    "#);
}

#[test]
fn estimates_are_there_only_where_the_engine_has_them() {
    use AggregateFunction::{ApproximateCountDistinct, ApproximatePercentile};
    let exprs = [
        aggregate(ApproximateCountDistinct, Some(column("x")), None, &[]),
        aggregate(ApproximatePercentile(0.9), Some(column("x")), Some(column("paid")), &[]),
    ];
    insta::assert_snapshot!(all(&exprs), @r#"
    datafusion: CAST(APPROX_DISTINCT("x") AS BIGINT)
        duckdb: APPROX_COUNT_DISTINCT("x")
      postgres: (postgres has no approximate count of distinct values)
    datafusion: APPROX_PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY CASE WHEN "paid" THEN "x" END)
        duckdb: APPROX_QUANTILE(CASE WHEN "paid" THEN "x" END, 0.9)
      postgres: (postgres has no approximate percentile)
    "#);
}
