//! Whole statements, as people read them.

use groma_plan::relation::{
    Aggregate, AggregateFunction, Binary, Expr, From, Function, Join, JoinKind, Literal, Order, Relation, Select,
    Statement, Step, Table, ValueType, Values,
};
use groma_sql::{RenderError, dialect, dialects, render, reparse};

fn rendered(statement: &Statement, name: &str) -> String {
    let Some(dialect) = dialect(name) else {
        return format!("no dialect {name}");
    };
    match render(statement, dialect) {
        Ok(text) => {
            assert_eq!(reparse(&text, dialect).as_deref(), Ok(text.as_str()));
            text
        }
        Err(error) => error.to_string(),
    }
}

fn from(table: Table, alias: &str) -> Option<From> {
    Some(From { table, alias: alias.to_owned() })
}

fn step(name: &str, relation: Relation) -> Step {
    Step { name: name.to_owned(), materialized: false, relation }
}

fn named(name: &str) -> Table {
    Table::Step(name.to_owned())
}

fn sum(argument: Expr, filter: Option<Expr>) -> Expr {
    Expr::Aggregate(Box::new(Aggregate {
        function: AggregateFunction::Sum,
        argument: Some(argument),
        filter,
        order_by: vec![],
    }))
}

fn orders(name: &str) -> Expr {
    Expr::column("orders", name)
}

/// Revenue by month and country, and what of it was paid late.
fn revenue() -> Statement {
    let late = Expr::binary(
        Binary::And,
        Expr::binary(Binary::Equal, orders("status"), Expr::text("paid")),
        Expr::binary(
            Binary::Greater,
            orders("paid_on"),
            Expr::call(Function::AddDays, vec![orders("due_on"), Expr::int(30)]),
        ),
    );
    let country = Expr::call(Function::Coalesce, vec![Expr::column("customers", "country"), Expr::text("unknown")]);
    let month = orders("ordered_on");
    let totals = Select {
        columns: vec![
            month.clone().named("month"),
            country.clone().named("country"),
            sum(orders("amount"), None).named("revenue"),
            sum(orders("amount"), Some(late)).named("late_revenue"),
        ],
        from: from(Table::Physical(vec!["shop".to_owned(), "orders".to_owned()]), "orders"),
        joins: vec![Join {
            kind: JoinKind::Left,
            table: Table::Physical(vec!["customers".to_owned()]),
            alias: "customers".to_owned(),
            on: Some(Expr::binary(Binary::Equal, Expr::column("customers", "id"), orders("customer_id"))),
        }],
        filter: Some(Expr::IsNull { operand: Box::new(orders("ordered_on")), negated: true }),
        group_by: vec![month, country],
        ..Select::default()
    };
    let total = |name| Expr::column("totals", name);
    let share = Expr::binary(
        Binary::Divide,
        total("late_revenue").cast(ValueType::Real),
        Expr::call(Function::NullIf, vec![total("revenue").cast(ValueType::Real), Expr::Literal(Literal::Real(0.0))]),
    );
    Statement {
        steps: vec![Step { materialized: true, ..step("totals", Relation::Select(Box::new(totals))) }],
        result: Select {
            columns: vec![total("month").named("month"), total("country").named("country"), share.named("late share")],
            from: from(named("totals"), "totals"),
            order_by: vec![
                total("month").ascending(),
                Order { expr: total("country"), descending: true, nulls_first: false },
            ],
            ..Select::default()
        },
    }
}

#[test]
fn a_statement_reads_from_top_to_bottom() {
    insta::assert_snapshot!(rendered(&revenue(), "duckdb"), @r#"
    WITH "totals" AS (
      SELECT
        "orders"."ordered_on" AS "month",
        COALESCE("customers"."country", 'unknown') AS "country",
        SUM("orders"."amount") AS "revenue",
        SUM(
          CASE
            WHEN "orders"."status" = 'paid' AND "orders"."paid_on" > "orders"."due_on" + 30
              THEN "orders"."amount"
          END
        ) AS "late_revenue"
      FROM "shop"."orders" AS "orders"
      LEFT JOIN "customers" ON "customers"."id" = "orders"."customer_id"
      WHERE "orders"."ordered_on" IS NOT NULL
      GROUP BY "orders"."ordered_on", COALESCE("customers"."country", 'unknown')
    )
    SELECT
      "totals"."month" AS "month",
      "totals"."country" AS "country",
      CAST("totals"."late_revenue" AS DOUBLE)
        / NULLIF(CAST("totals"."revenue" AS DOUBLE), 0.0e0) AS "late share"
    FROM "totals"
    ORDER BY "totals"."month" ASC NULLS FIRST, "totals"."country" DESC NULLS LAST
    "#);
}

#[test]
fn the_same_statement_on_postgres() {
    insta::assert_snapshot!(rendered(&revenue(), "postgresql"), @r#"
    WITH "totals" AS MATERIALIZED (
      SELECT
        "orders"."ordered_on" AS "month",
        COALESCE("customers"."country", 'unknown') AS "country",
        SUM("orders"."amount") AS "revenue",
        SUM(
          CASE
            WHEN "orders"."status" = 'paid' AND "orders"."paid_on" > "orders"."due_on" + 30
              THEN "orders"."amount"
          END
        ) AS "late_revenue"
      FROM "shop"."orders" AS "orders"
      LEFT JOIN "customers" ON "customers"."id" = "orders"."customer_id"
      WHERE "orders"."ordered_on" IS NOT NULL
      GROUP BY "orders"."ordered_on", COALESCE("customers"."country", 'unknown')
    )
    SELECT
      "totals"."month" AS "month",
      "totals"."country" AS "country",
      CAST("totals"."late_revenue" AS DOUBLE PRECISION)
        / NULLIF(
          CAST("totals"."revenue" AS DOUBLE PRECISION),
          CAST(0.0 AS DOUBLE PRECISION)
        ) AS "late share"
    FROM "totals"
    ORDER BY "totals"."month" ASC NULLS FIRST, "totals"."country" DESC NULLS LAST
    "#);
}

#[test]
fn rows_written_out_have_types() {
    let rows = vec![
        vec![Literal::Text("Europe/Paris".to_owned()), Literal::Int(3600), Literal::Decimal("1.5".to_owned())],
        vec![Literal::Text("UTC".to_owned()), Literal::Int(0), Literal::Null(ValueType::Real)],
    ];
    let decimal = ValueType::Decimal { precision: 10, scale: 2 };
    let columns = [("zone", ValueType::Text), ("seconds", ValueType::Int), ("rate", decimal)];
    let columns = columns.map(|(name, value_type)| (name.to_owned(), value_type)).to_vec();
    let statement = |rows| Statement {
        steps: vec![step("zones", Relation::Values(Values { columns: columns.clone(), rows }))],
        result: Select {
            columns: vec![Expr::name("zone").named("zone")],
            from: from(named("zones"), "z"),
            ..Select::default()
        },
    };
    insta::assert_snapshot!(rendered(&statement(rows), "postgres"), @r#"
    WITH "zones" AS (
      SELECT *
      FROM (
        VALUES
          (CAST('Europe/Paris' AS VARCHAR), CAST(3600 AS BIGINT), CAST('1.5' AS DECIMAL(10, 2))),
          ('UTC', 0, CAST(NULL AS DECIMAL(10, 2)))
      ) AS "v" ("zone", "seconds", "rate")
    )
    SELECT
      "zone" AS "zone"
    FROM "zones" AS "z"
    "#);
    insta::assert_snapshot!(rendered(&statement(vec![]), "postgres"), @r#"
    WITH "zones" AS (
      SELECT
        CAST(NULL AS VARCHAR) AS "zone",
        CAST(NULL AS BIGINT) AS "seconds",
        CAST(NULL AS DECIMAL(10, 2)) AS "rate"
      WHERE false
    )
    SELECT
      "zone" AS "zone"
    FROM "zones" AS "z"
    "#);
}

#[test]
fn a_union_has_one_part_below_the_other() {
    let part = |number| Select { columns: vec![Expr::int(number).named("n")], ..Select::default() };
    let statement = Statement {
        steps: vec![step("both", Relation::UnionAll(vec![part(1), part(2)]))],
        result: Select {
            distinct: true,
            columns: vec![Expr::name("n").named("n")],
            from: from(named("both"), "b"),
            ..Select::default()
        },
    };
    insta::assert_snapshot!(rendered(&statement, "datafusion"), @r#"
    WITH "both" AS (
      SELECT
        1 AS "n"
      UNION ALL
      SELECT
        2 AS "n"
    )
    SELECT DISTINCT
      "n" AS "n"
    FROM "both" AS "b"
    "#);
}

#[test]
fn a_constant_key_is_not_the_number_of_a_column() {
    let statement = Statement {
        steps: vec![],
        result: Select {
            columns: vec![Expr::int(7).named("seven")],
            from: from(Table::Physical(vec!["t".to_owned()]), "t"),
            group_by: vec![Expr::int(7)],
            order_by: vec![Expr::text("x").ascending()],
            ..Select::default()
        },
    };
    insta::assert_snapshot!(rendered(&statement, "duckdb"), @r#"
    SELECT
      7 AS "seven"
    FROM "t"
    GROUP BY CAST(7 AS BIGINT)
    ORDER BY CAST('x' AS VARCHAR) ASC NULLS FIRST
    "#);
}

#[test]
fn long_conditions_break_before_their_operators() {
    let column = |number: i64| Expr::column("a_table_with_a_long_name", &format!("a_column_with_number_{number}"));
    let equal = |number| Expr::binary(Binary::Equal, column(number), column(number + 1));
    let either = Expr::binary(Binary::Or, equal(3), equal(5));
    let case = Expr::Case {
        branches: vec![(equal(1), column(1)), (equal(2), column(2))],
        otherwise: Some(Box::new(column(3))),
    };
    let statement = Statement {
        steps: vec![],
        result: Select {
            columns: vec![sum(case, None).named("total")],
            from: from(Table::Physical(vec!["t".to_owned()]), "a_table_with_a_long_name"),
            filter: Expr::all([equal(1), either, equal(7)]),
            ..Select::default()
        },
    };
    insta::assert_snapshot!(rendered(&statement, "datafusion"), @r#"
    SELECT
      SUM(
        CASE
          WHEN "a_table_with_a_long_name"."a_column_with_number_1" = "a_table_with_a_long_name"."a_column_with_number_2"
            THEN "a_table_with_a_long_name"."a_column_with_number_1"
          WHEN "a_table_with_a_long_name"."a_column_with_number_2" = "a_table_with_a_long_name"."a_column_with_number_3"
            THEN "a_table_with_a_long_name"."a_column_with_number_2"
          ELSE "a_table_with_a_long_name"."a_column_with_number_3"
        END
      ) AS "total"
    FROM "t" AS "a_table_with_a_long_name"
    WHERE
      "a_table_with_a_long_name"."a_column_with_number_1" = "a_table_with_a_long_name"."a_column_with_number_2"
      AND (
        "a_table_with_a_long_name"."a_column_with_number_3" = "a_table_with_a_long_name"."a_column_with_number_4"
        OR "a_table_with_a_long_name"."a_column_with_number_5" = "a_table_with_a_long_name"."a_column_with_number_6"
      )
      AND "a_table_with_a_long_name"."a_column_with_number_7" = "a_table_with_a_long_name"."a_column_with_number_8"
    "#);
}

#[test]
fn what_only_casts_tell_apart_is_written_so_that_datafusion_sees_it() {
    let amount = || Expr::name("amount");
    let statement = Statement {
        steps: vec![],
        result: Select {
            columns: vec![sum(amount(), None).named("exact"), sum(amount().cast(ValueType::Real), None).named("real")],
            from: from(Table::Physical(vec!["t".to_owned()]), "t"),
            ..Select::default()
        },
    };
    insta::assert_snapshot!(rendered(&statement, "datafusion"), @r#"
    SELECT
      SUM("amount") AS "exact",
      SUM(ARROW_CAST("amount", 'Float64')) AS "real"
    FROM "t"
    "#);
    insta::assert_snapshot!(rendered(&statement, "duckdb"), @r#"
    SELECT
      SUM("amount") AS "exact",
      SUM(CAST("amount" AS DOUBLE)) AS "real"
    FROM "t"
    "#);
}

/// Texts and names keep every character, whatever stands in them, at any depth of indentation.
#[test]
fn white_space_and_quotes_in_constants_and_names_are_kept() {
    let texts = ["\n", "a\n'\n''b''", "--", "/* */", "\\", "\\'", "''", "'", "\t \r\n", "é🙂", "$$", "E'\\n'"];
    for text in texts {
        let inner = Select { columns: vec![Expr::text(text).named(text)], ..Select::default() };
        let statement = Statement {
            steps: vec![step("inner", Relation::Select(Box::new(inner)))],
            result: Select {
                columns: vec![Expr::name("x").named("x")],
                from: from(named("inner"), "i"),
                ..Select::default()
            },
        };
        for dialect in dialects() {
            let text = render(&statement, dialect).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(reparse(&text, dialect).as_deref(), Ok(text.as_str()));
        }
    }
}

#[test]
fn a_deep_expression_is_read_back() {
    let deep = (0..1_000).fold(Expr::name("x"), |expr, number| {
        Expr::binary(Binary::Multiply, Expr::int(number), Expr::binary(Binary::Add, expr, Expr::int(1)))
    });
    let long = Expr::all((0..2_000).map(|number| Expr::binary(Binary::Less, Expr::name("x"), Expr::int(number))));
    let statement = Statement {
        steps: vec![],
        result: Select {
            columns: vec![deep.named("deep")],
            from: from(Table::Physical(vec!["t".to_owned()]), "t"),
            filter: long,
            ..Select::default()
        },
    };
    for dialect in dialects() {
        assert!(render(&statement, dialect).is_ok());
    }
}

#[test]
fn a_plan_that_breaks_its_rules_is_a_bug_that_says_so() {
    let statement = Statement { steps: vec![], result: Select::default() };
    let dialect = dialect("duckdb").expect("it is there");
    let Err(RenderError::BadPlan { what }) = render(&statement, dialect) else {
        panic!("it is not written");
    };
    assert_eq!(what, "a select without columns");
}

#[test]
fn dialects_are_found_by_name() {
    let names: Vec<&str> = dialects().iter().map(|dialect| dialect.name()).collect();
    assert_eq!(names, ["datafusion", "duckdb", "postgres"]);
    assert_eq!(dialect("postgresql").map(groma_sql::Dialect::name), Some("postgres"));
    assert!(dialect("Oracle").is_none());
}
