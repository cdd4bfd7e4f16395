//! Running statements.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::datatypes::{DataType, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;

use super::{decimal, folder, source, text, write};
use crate::table::FileTable;
use crate::{ColumnType, Embedded, Engine, EngineError, FileSource};

/// An engine with the source `orders`.
fn engine() -> (tempfile::TempDir, Embedded) {
    let folder = folder();
    write(&folder, "orders.csv", "id,Account,amount\n1,a,1.50\n2,a,2.50\n3,b,5.00\n4,,\n");
    let engine = Embedded::new().unwrap();
    let columns = [("id", ColumnType::Int), ("Account", ColumnType::Text), ("amount", decimal(12, 2))];
    engine.register(source(folder.path(), "orders.csv", &columns)).unwrap();
    (folder, engine)
}

fn run(engine: &Embedded, sql: &str) -> String {
    text(&engine.run(sql).unwrap())
}

#[test]
fn names_are_taken_as_they_are_written() {
    let (_folder, engine) = engine();
    let sql =
        r#"SELECT "Account", SUM("amount") AS "Total" FROM "orders" GROUP BY "Account" ORDER BY "Account" NULLS LAST"#;
    let rows = engine.run(sql).unwrap();
    assert_eq!(text(&rows), "a|4.00\nb|5.00\nnull|null");
    assert_eq!(rows.schema.field(1).name(), "Total");
    assert!(engine.run(r#"SELECT "account" FROM "orders""#).is_err());
    assert_eq!(run(&engine, r#"SELECT Account FROM orders WHERE id = 3"#), "b");
}

#[test]
fn names_may_hold_anything() {
    let folder = folder();
    write(&folder, "orders.csv", "First Name,first name,a.b,\"say \"\"x\"\"\"\n1,2,3,4\n");
    let columns = ["First Name", "first name", "a.b", "say \"x\""].map(|name| (name, ColumnType::Int));
    let engine = Embedded::new().unwrap();
    let source = FileSource { name: "shop.orders 1".to_owned(), ..source(folder.path(), "orders.csv", &columns) };
    engine.register(source).unwrap();
    let sql = r#"SELECT "First Name", "first name", "t"."a.b", "say ""x""" FROM "shop.orders 1" AS "t" ORDER BY "a.b""#;
    assert_eq!(run(&engine, sql), "1|2|3|4");
}

#[test]
fn text_in_answers_is_always_utf8() {
    let (_folder, engine) = engine();
    let sql = r#"SELECT substr("Account", 1, 1), CAST("id" AS VARCHAR), arrow_cast('x', 'Utf8View'), "Account" || '!' FROM "orders""#;
    let rows = engine.run(sql).unwrap();
    for field in rows.schema.fields() {
        assert_eq!(field.data_type(), &DataType::Utf8, "{field:?}");
    }
    assert!(rows.batches.iter().all(|batch| batch.schema() == rows.schema));
}

#[test]
fn a_source_can_be_replaced() {
    let (folder, engine) = engine();
    write(&folder, "others.csv", "id\n9\n");
    engine.register(source(folder.path(), "others.csv", &[("id", ColumnType::Int)])).unwrap();
    assert_eq!(run(&engine, r#"SELECT * FROM "orders""#), "9");
}

#[test]
fn one_query_is_run_and_nothing_else() {
    let (_folder, engine) = engine();
    for sql in [
        "",
        "SELECT 1; SELECT 2",
        r#"DROP TABLE "orders""#,
        "COPY orders TO 'x.csv'",
        "CREATE TABLE t AS SELECT 1",
        "SELECT FROM WHERE",
    ] {
        let error = engine.run(sql).unwrap_err();
        assert!(matches!(error, EngineError::Statement { .. }), "{sql}: {error:?}");
    }
    assert_eq!(run(&engine, "SELECT 1;"), "1");
}

#[test]
fn what_the_engine_refuses_is_a_statement_error() {
    let (_folder, engine) = engine();
    for sql in [
        r#"SELECT "id" / 0 FROM "orders""#,
        r#"SELECT "nothing" FROM "orders""#,
        r#"SELECT * FROM "nowhere""#,
        "SELECT CAST('x' AS INT)",
    ] {
        match engine.run(sql) {
            Err(EngineError::Statement { message, sql: kept }) => {
                assert!(!message.is_empty() && !message.contains('\n'), "{message:?}");
                assert_eq!(kept, sql);
            }
            other => panic!("{sql}: {other:?}"),
        }
    }
}

#[test]
fn errors_of_readers_arrive_as_they_were_raised() {
    let folder = folder();
    let rows: String = (0..20_000).map(|row| format!("{row}\n")).collect();
    write(&folder, "orders.csv", format!("id\n{rows}bad\n"));
    let engine = Embedded::new().unwrap();
    engine.register(source(folder.path(), "orders.csv", &[("id", ColumnType::Int)])).unwrap();
    let statements = [
        r#"SELECT * FROM "orders""#,
        r#"SELECT "id" % 7, count(*) FROM "orders" GROUP BY 1 ORDER BY 1"#,
        r#"SELECT a."id" FROM "orders" a JOIN "orders" b ON a."id" = b."id" + 1"#,
        r#"SELECT "id", row_number() OVER (ORDER BY "id") FROM "orders""#,
        r#"SELECT (SELECT max("id") FROM "orders"), 1"#,
        r#"SELECT a."id" FROM "orders" a, "orders" b WHERE a."id" < b."id" AND b."id" < 3"#,
        r#"SELECT "id" FROM "orders" UNION ALL SELECT "id" FROM "orders""#,
        r#"WITH "x" AS MATERIALIZED (SELECT * FROM "orders") SELECT count(*) FROM "x""#,
    ];
    for sql in statements {
        let error = engine.run(sql).unwrap_err();
        assert!(matches!(error, EngineError::BadValue { .. }), "{sql}: {error:?}");
        assert!(error.to_string().starts_with("orders.csv, line 20002:"), "{error}");
    }
}

#[test]
fn statements_may_nest_deeply() {
    let (_folder, engine) = engine();
    let sum = vec!["1"; 200].join(" + ");
    assert_eq!(run(&engine, &format!("SELECT {sum}")), "200");
    let nested = format!("SELECT {}1{}", "(".repeat(200), ")".repeat(200));
    assert_eq!(run(&engine, &nested), "1");
    let mut query = r#"SELECT "id" FROM "orders""#.to_owned();
    for depth in 0..30 {
        query = format!(r#"SELECT "id" FROM ({query}) AS "t{depth}""#);
    }
    assert_eq!(run(&engine, &format!("SELECT count(*) FROM ({query})")), "4");
}

#[test]
fn running_is_possible_within_another_runtime() {
    let (_folder, engine) = engine();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let answer = runtime.block_on(async {
        let answer = run(&engine, "SELECT 1");
        drop(engine);
        answer
    });
    assert_eq!(answer, "1");
}

/// Counts how often a table is scanned.
#[derive(Debug)]
struct Counted {
    table: FileTable,
    scans: Arc<AtomicUsize>,
}

#[async_trait]
impl TableProvider for Counted {
    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> datafusion::error::Result<Arc<dyn ExecutionPlan>> {
        self.scans.fetch_add(1, Ordering::SeqCst);
        self.table.scan(state, projection, filters, limit).await
    }
}

/// The rows of a statement over `orders`, and how often it was scanned.
fn counted(sql: &str) -> (String, usize) {
    let (folder, engine) = engine();
    let columns = [("id", ColumnType::Int), ("Account", ColumnType::Text), ("amount", decimal(12, 2))];
    let table = FileTable::open(&source(folder.path(), "orders.csv", &columns)).unwrap();
    let scans = Arc::new(AtomicUsize::new(0));
    engine.context.deregister_table("orders").unwrap();
    engine.context.register_table("orders", Arc::new(Counted { table, scans: scans.clone() })).unwrap();
    let rows = run(&engine, sql);
    let tables = engine.context.catalog("datafusion").unwrap().schema("public").unwrap().table_names();
    assert_eq!(tables, ["orders"], "nothing is kept after the statement");
    (rows, scans.load(Ordering::SeqCst))
}

#[test]
fn a_materialized_expression_is_computed_once() {
    let twice = r#"(SELECT sum("amount") AS "s" FROM "orders") SELECT a."s" + b."s" FROM "x" a CROSS JOIN "x" b"#;
    assert_eq!(counted(&format!(r#"WITH "x" AS {twice}"#)), ("18.00".to_owned(), 2));
    assert_eq!(counted(&format!(r#"WITH "x" AS NOT MATERIALIZED {twice}"#)), ("18.00".to_owned(), 2));
    assert_eq!(counted(&format!(r#"WITH "x" AS MATERIALIZED {twice}"#)), ("18.00".to_owned(), 1));
}

#[test]
fn materialized_expressions_see_those_before_them() {
    let sql = r#"
        WITH "a" AS MATERIALIZED (SELECT "id" FROM "orders" WHERE "id" < 4),
             "b" AS (SELECT "id" + 10 AS "id" FROM "a"),
             "c"("x", "y") AS MATERIALIZED (SELECT "id", "id" + 1 FROM "b" UNION ALL SELECT "id", 0 FROM "a")
        SELECT sum("x"), sum("y"), (SELECT count(*) FROM "a") AS "a", (SELECT count(*) FROM "b") AS "b" FROM "c""#;
    assert_eq!(counted(sql), ("42|39|3|3".to_owned(), 1));
}

#[test]
fn a_materialized_expression_may_have_the_name_of_a_source() {
    // "before" means the source, "after" means the expression.
    let sql = r#"
        WITH "before" AS (SELECT count(*) AS "n" FROM "orders"),
             "orders" AS MATERIALIZED (SELECT "id" FROM "orders" WHERE "id" = 1),
             "after" AS (SELECT count(*) AS "n" FROM "orders")
        SELECT (SELECT "n" FROM "before") AS "a", (SELECT "n" FROM "after") AS "b", (SELECT count(*) FROM "orders") AS "c""#;
    assert_eq!(counted(sql), ("4|1|1".to_owned(), 2));
}

#[test]
fn a_materialized_expression_may_be_empty() {
    let sql =
        r#"WITH "x" AS MATERIALIZED (SELECT "id" FROM "orders" WHERE "id" > 100) SELECT count(*), max("id") FROM "x""#;
    assert_eq!(counted(sql), ("0|null".to_owned(), 1));
}

#[test]
fn a_recursive_expression_is_still_possible() {
    let sql = r#"
        WITH RECURSIVE "n" AS MATERIALIZED (SELECT 1 AS "i" UNION ALL SELECT "i" + 1 FROM "n" WHERE "i" < 5)
        SELECT count(*), sum("i") FROM "n""#;
    assert_eq!(counted(sql), ("5|15".to_owned(), 0));
}
