//! Scripts that keep answers, as people read them.

#![expect(clippy::unwrap_used, reason = "what fails here is a test")]

use groma_plan::relation::{Binary, Expr, From, Join, JoinKind, Literal, Output, Select, Statement, Table, ValueType};
use groma_sql::keeping::{Column, FRESH, Phase, Refresh, Step, Store, View, delete_text, lock_text, type_name};
use groma_sql::{Dialect, dialect, reparse};

const COLUMNS: [(&str, ValueType); 8] = [
    ("metric", ValueType::Text),
    ("grain", ValueType::Text),
    ("period", ValueType::Date),
    ("account.region", ValueType::Text),
    ("value", ValueType::Real),
    ("status", ValueType::Text),
    ("commit", ValueType::Text),
    ("as_of", ValueType::Timestamp),
];

fn columns() -> Vec<Column> {
    let column = |(name, value_type): (&str, ValueType)| Column {
        name: name.to_owned(),
        value_type,
        required: !["account.region", "value", "as_of"].contains(&name),
        documentation: format!("The {name}; it's one of O'Neill's.\n  Nobody's else."),
    };
    COLUMNS.map(column).to_vec()
}

fn from(parts: &[&str], alias: &str) -> From {
    let parts = parts.iter().map(|part| (*part).to_owned()).collect();
    From { table: Table::Physical(parts), alias: alias.to_owned() }
}

fn view(name: &str, columns: &[&str]) -> View {
    let output = |column: &&str| Expr::name(column).named(*column);
    View {
        name: name.to_owned(),
        select: Select {
            columns: columns.iter().map(output).collect(),
            from: Some(from(&["groma", "answers"], "answers")),
            filter: Some(Expr::binary(Binary::Equal, Expr::name("metric"), Expr::text(name))),
            ..Select::default()
        },
        columns: columns.iter().map(|column| (*column).to_owned()).collect(),
        documentation: "What's paid;\nof \\'all'' $groma$ orders.".to_owned(),
    }
}

/// One cell, as if it had been computed.
fn fresh() -> Statement {
    let value = |(name, value_type): (&str, ValueType)| -> Output {
        let literal = match name {
            "metric" => Literal::Text("revenue".to_owned()),
            "grain" => Literal::Text("month".to_owned()),
            "status" => Literal::Text("settled".to_owned()),
            "commit" => Literal::Text("uncommitted".to_owned()),
            "period" => Literal::Date("2026-07-01".to_owned()),
            "value" => Literal::Real(12.5),
            _ => Literal::Null(value_type),
        };
        Expr::Literal(literal).cast(value_type).named(name)
    };
    let result = Select { columns: COLUMNS.map(value).to_vec(), ..Select::default() };
    Statement { steps: Vec::new(), result }
}

/// Fresh cells without a row of the same period.
fn added() -> Statement {
    let same = Expr::binary(Binary::Equal, Expr::column("fresh", "period"), Expr::column("kept", "period"));
    let From { table, alias } = from(&["groma", "answers"], "kept");
    let join = Join { kind: JoinKind::Left, table, alias, on: Some(same) };
    let result = Select {
        columns: COLUMNS.iter().map(|(name, _)| Expr::column("fresh", name).named(*name)).collect(),
        from: Some(from(&[FRESH], "fresh")),
        joins: vec![join],
        filter: Some(Expr::IsNull { operand: Box::new(Expr::column("kept", "metric")), negated: false }),
        ..Select::default()
    };
    Statement { steps: Vec::new(), result }
}

fn script(steps: Vec<Step>) -> String {
    steps.into_iter().map(|step| format!("{};\n", step.text.trim_end())).collect()
}

/// What a store writes for an engine.
fn with<T>(dialect: &'static Dialect, readers: &[&str], write: impl Fn(&Store<'_>) -> T) -> T {
    let (schema, columns) = (["groma".to_owned()], columns());
    write(&Store { dialect, schema: &schema, lock: -7, columns: &columns, readers })
}

fn refresh_of(dialect: &'static Dialect, readers: &[&str]) -> Vec<Step> {
    let views = [view("revenue", &["period", "account.region", "value"])];
    let (fresh, added) = (fresh(), added());
    let own = Expr::binary(Binary::Equal, Expr::name("metric"), Expr::text("revenue"));
    let kept = Expr::binary(Binary::Equal, Expr::name("status"), Expr::text("settled"));
    let refresh = Refresh {
        job: "orders.month",
        commit: "uncommitted",
        fresh: &fresh,
        own: &own,
        kept: &kept,
        added: &added,
        views: &views,
    };
    with(dialect, readers, |store| store.refresh(&refresh).unwrap())
}

fn named(name: &str) -> &'static Dialect {
    dialect(name).unwrap()
}

#[test]
fn a_refresh_on_postgres_defines_only_what_is_missing() {
    insta::assert_snapshot!(script(refresh_of(named("postgres"), &["bi"])));
}

#[test]
fn a_refresh_on_duckdb_says_if_not_exists() {
    insta::assert_snapshot!(script(refresh_of(named("duckdb"), &[])));
}

#[test]
fn what_an_administrator_runs() {
    let views = [view("revenue", &["period", "value"]), view("orders", &["period"])];
    let written = with(named("postgres"), &["bi", "analysts"], |store| {
        [store.setup(), store.views(&views), store.grants(&views)].map(|steps| script(steps.unwrap())).join("--\n")
    });
    insta::assert_snapshot!(written);
}

#[test]
fn a_refresh_is_one_transaction_that_computes_before_it_defines() {
    for dialect in [named("postgres"), named("duckdb")] {
        let phases: Vec<Phase> = refresh_of(dialect, &[]).into_iter().map(|step| step.phase).collect();
        let place = |phase| phases.iter().position(|one| *one == phase).unwrap();
        assert_eq!((phases.first(), phases.last()), (Some(&Phase::Begin), Some(&Phase::Commit)));
        assert_eq!(phases.iter().filter(|phase| matches!(phase, Phase::Begin | Phase::Commit)).count(), 2);
        assert!(place(Phase::Compute) < place(Phase::Define) && place(Phase::Define) < place(Phase::Remove));
        assert!(place(Phase::Remove) < place(Phase::Add) && place(Phase::Add) < place(Phase::Note));
    }
}

#[test]
fn every_statement_is_one_that_its_engine_reads() {
    for dialect in [named("postgres"), named("duckdb")] {
        for step in refresh_of(dialect, &[]).into_iter().filter(|step| !step.text.starts_with("DO ")) {
            assert!(reparse(&step.text, dialect).is_ok(), "{}", step.text);
        }
    }
    // A block is read by what stands in it.
    let block = refresh_of(named("postgres"), &["bi"]).into_iter().find(|step| step.phase == Phase::Define).unwrap();
    let body: Vec<&str> = block.text.lines().collect();
    let body = body[2..body.len() - 2].join("\n");
    assert!(reparse(&body, named("postgres")).is_ok(), "{body}");
}

#[test]
fn an_engine_that_runs_inside_groma_keeps_no_tables() {
    let refused = with(named("datafusion"), &[], |store| store.setup().unwrap_err().to_string());
    assert_eq!(refused, "datafusion has no tables that answers are kept in");
}

#[test]
fn without_readers_nobody_is_given_anything() {
    let given = with(named("postgres"), &[], |store| store.grants(&[view("revenue", &["period"])]).unwrap());
    assert!(given.iter().all(|step| step.phase != Phase::Grant));
    assert!(!script(refresh_of(named("postgres"), &[])).contains("GRANT"));
}

#[test]
fn parts_of_a_refresh_are_there_for_others() {
    let (own, kept) = (Expr::name("own"), Expr::name("kept"));
    let deleted = delete_text(&["a".to_owned()], (&own, &kept), named("duckdb")).unwrap();
    assert_eq!(deleted, "DELETE\nFROM \"a\"\nWHERE \"own\" AND NOT \"kept\"\n");
    assert_eq!(lock_text(3, named("duckdb")), Ok(None));
    assert_eq!(lock_text(3, named("postgres")), Ok(Some("SELECT\n  PG_ADVISORY_XACT_LOCK(3)\n".to_owned())));
    assert_eq!(type_name(ValueType::Real, named("duckdb")), "DOUBLE");
}
