//! What a source's query is allowed to be, what it reads, and how it is put into a statement.

use groma_plan::relation::{Expr, From, Relation, Select, Statement, Step, Table};
use groma_sql::source_query::{OutputColumn, QueryProblem, read};
use groma_sql::{Dialect, RenderError, dialect, render};

/// The tables, then a line for each column: what it reads, and `?` where that may not be all.
fn told(text: &str) -> String {
    let query = match read(text) {
        Ok(query) => query,
        Err(problem) => return format!("refused: {problem}\n"),
    };
    let columns = match query.columns {
        None => "columns unknown\n".to_owned(),
        Some(columns) => columns.iter().map(column).collect(),
    };
    format!("reads {}\n{columns}", query.tables.join(", "))
}

fn column(column: &OutputColumn) -> String {
    let reads: Vec<String> = column.reads.iter().map(|(table, name)| format!("{table}.{name}")).collect();
    let doubt = if column.traced { "" } else { " ?" };
    let name = if column.name.is_empty() { "(unnamed)" } else { &column.name };
    format!("{name} <- {}{doubt}\n", reads.join(", "))
}

fn problem(text: &str) -> String {
    match read(text) {
        Ok(query) => format!("it is read: {query:?}\n"),
        Err(QueryProblem { message, offset: None }) => format!("{message}\n"),
        Err(QueryProblem { message, offset: Some(offset) }) => format!("{message}\n  at: {}\n", &text[offset..]),
    }
}

#[test]
fn a_plain_select() {
    insta::assert_snapshot!(told("SELECT id, o.Amount, 1 AS one, lower(o.\"Status\") AS Status FROM shop.orders AS o"), @r#"
    reads shop.orders
    id <- shop.orders.id
    amount <- shop.orders.amount
    one <- 
    status <- shop.orders.Status
    "#);
}

#[test]
fn tables_are_told_once_in_the_order_of_the_text() {
    insta::assert_snapshot!(told("select a.x from b join a on a.id = b.id where b.y in (select y from c) or exists (select 1 from b)"), @r#"
    reads b, a, c
    x <- a.x
    "#);
}

#[test]
fn named_queries_are_no_tables() {
    let text = "
        with paid as (select id, amount as money from orders where paid),
             orders as (select id, money from paid)
        select o.money, p.id from orders o join paid p using (id)";
    insta::assert_snapshot!(told(text), @r#"
    reads orders
    money <- orders.amount
    id <- orders.id
    "#);
}

#[test]
fn a_name_is_known_only_after_its_query() {
    insta::assert_snapshot!(told("with orders as (select id from orders) select id from orders"), @r#"
    reads orders
    id <- orders.id
    "#);
    insta::assert_snapshot!(told("select x from (with t as (select x from u) select x from t) s join t on true"), @r#"
    reads u, t
    x <- u.x
    "#);
}

#[test]
fn a_recursive_query_reads_itself() {
    let text = "
        with recursive chain(node, root) as (
            select id, id from people
            union all
            select people.id, chain.root from people join chain on people.referred_by = chain.node
        )
        select node, root from chain";
    insta::assert_snapshot!(told(text), @r#"
    reads people
    node <- people.id
    root <- people.id
    "#);
}

#[test]
fn unions_and_derived_tables() {
    let text = "
        select t.who, sum(t.amount * rates.rate) as euros
        from (select buyer as who, amount from orders union all select owner, value from deals) as t
        cross join rates
        group by t.who";
    insta::assert_snapshot!(told(text), @r#"
    reads orders, deals, rates
    who <- orders.buyer, deals.owner
    euros <- orders.amount, deals.value, rates.rate
    "#);
}

#[test]
fn a_star_over_known_columns_is_spelled_out() {
    insta::assert_snapshot!(told("with t as (select a, b + c as d from u) select *, 1 as one from t"), @r#"
    reads u
    a <- u.a
    d <- u.b, u.c
    one <- 
    "#);
    insta::assert_snapshot!(told("with t as (select a from u) select t.*, v.b from t join v on t.a = v.a"), @r#"
    reads u, v
    a <- u.a
    b <- v.b
    "#);
    insta::assert_snapshot!(told("select * from u"), @r#"
    reads u
    columns unknown
    "#);
    insta::assert_snapshot!(told("select t.a from (select * from u) t"), @r#"
    reads u
    a <-  ?
    "#);
}

#[test]
fn doubt_is_told() {
    insta::assert_snapshot!(told("select amount, o.id from orders o join deals d on o.id = d.id"), @r#"
    reads orders, deals
    amount <-  ?
    id <- orders.id
    "#);
    insta::assert_snapshot!(told("select sum(x), count(*), x.y.z from t"), @r#"
    reads t
    (unnamed) <- t.x
    (unnamed) <- 
    z <- t.x
    "#);
}

#[test]
fn queries_inside_expressions() {
    let text = "select o.id, (select max(p.paid_on) from payments p where p.order_id = o.id) as paid_on,
        case when o.x in (select y from z) then o.a else o.b end as c from orders o";
    insta::assert_snapshot!(told(text), @r#"
    reads payments, z, orders
    id <- orders.id
    paid_on <- payments.paid_on
    c <- orders.x, z.y, orders.a, orders.b
    "#);
}

#[test]
fn windows_and_casts_read_their_columns() {
    let text = "select row_number() over (partition by buyer order by at desc) as place, cast(at as date) as day, \"At\"::date from orders";
    insta::assert_snapshot!(told(text), @r#"
    reads orders
    place <- orders.buyer, orders.at
    day <- orders.at
    (unnamed) <- orders.At
    "#);
}

#[test]
fn what_changes_something_is_refused() {
    let texts = [
        "delete from orders",
        "create table t as select 1",
        "select 1 as x; select 2 as x",
        "select * into copy from orders",
        "with gone as (delete from orders returning *) select * from gone",
        "select nextval('ids') as id from orders",
        "select id from orders where pg_sleep(10) is null",
        "select id from orders for update",
        "copy orders to 'x'",
        "",
        "  ;",
    ];
    insta::assert_snapshot!(texts.map(problem).concat(), @r#"
    this is not a query: a source is one `SELECT`, which changes nothing
    this is not a query: a source is one `SELECT`, which changes nothing
    these are several statements: a source is one `SELECT`
      at: select 2 as x
    `SELECT … INTO` writes a table, and a source only reads
      at: copy from orders
    a source's query changes nothing, and this part does
      at: delete from orders returning *) select * from gone
    `nextval` acts on the engine or reads around it: a source only reads
      at: nextval('ids') as id from orders
    `pg_sleep` acts on the engine or reads around it: a source only reads
      at: pg_sleep(10) is null
    a source's query locks nothing, and `FOR UPDATE` or `FOR SHARE` does
    this is not a query: a source is one `SELECT`, which changes nothing
    there is no query
    there is no query
    "#);
}

#[test]
fn what_reads_around_the_tables_is_refused() {
    let texts = [
        "select * from read_csv('orders.csv')",
        "select * from 'orders.csv'",
        "select * from t, lateral read_text(t.path)",
        "select * from generate_series(1, 3) g join postgres_scan('a', 'b', 'c') p on true",
        "table orders",
        "values (1)",
    ];
    insta::assert_snapshot!(texts.map(problem).concat(), @r#"
    `read_csv` is a function: a source's query reads tables by their names
      at: read_csv('orders.csv')
    'orders.csv' is a file: a source's query reads tables by their names
    `read_text` is a function: a source's query reads tables by their names
      at: read_text(t.path)
    `postgres_scan` is a function: a source's query reads tables by their names
      at: postgres_scan('a', 'b', 'c') p on true
    Expected: an SQL statement, found: table
      at: table orders
    this lists rows: a source is one `SELECT`
    "#);
    assert!(read("select day from generate_series(1, 3) as s(day)").is_ok());
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let texts = ["select é,\n  fom orders oops nope", "select 'open", "selekt 1"];
    insta::assert_snapshot!(texts.map(problem).concat(), @r#"
    Expected: end of statement, found: oops
      at: oops nope
    Unterminated string literal
      at: 'open
    Expected: an SQL statement, found: selekt
      at: selekt 1
    "#);
}

#[test]
fn a_query_may_be_nested_deeply_and_long() {
    let deep = format!("select {}1{} as x", "(".repeat(1_000), ")".repeat(1_000));
    assert!(read(&deep).is_ok());
    let long = format!("select 1{} as x", " + 1".repeat(20_000));
    assert!(read(&long).is_ok());
    let too_deep = format!("select {}1", "(".repeat(100_000));
    assert!(read(&too_deep).is_err());
    let too_long = format!("select '{}' as x", "x".repeat(1 << 18));
    assert!(read(&too_long).is_err());
}

fn embedded(text: &str, tables: &[(&str, Table)], steps: &[&str], name: &str) -> String {
    match dialect(name).map(|dialect| rendered(text, tables, steps, dialect)) {
        None => format!("no dialect {name}"),
        Some(Ok(text)) => text,
        Some(Err(error)) => error.to_string(),
    }
}

fn rendered(text: &str, tables: &[(&str, Table)], steps: &[&str], dialect: &Dialect) -> Result<String, RenderError> {
    let one = |name: &str| Step {
        name: name.to_owned(),
        materialized: false,
        relation: Relation::Select(Box::new(Select { columns: vec![Expr::int(1).named("id")], ..Select::default() })),
    };
    let tables = tables.iter().map(|(name, table)| ((*name).to_owned(), table.clone())).collect();
    let source = Step {
        name: "source".to_owned(),
        materialized: false,
        relation: Relation::Query { text: text.to_owned(), tables },
    };
    let result = Select {
        columns: vec![Expr::name("id").named("id")],
        from: Some(From { table: Table::Step("source".to_owned()), alias: "source".to_owned() }),
        ..Select::default()
    };
    let steps = steps.iter().map(|name| one(name)).chain([source]).collect();
    render(&Statement { steps, result }, dialect)
}

fn physical(parts: &[&str]) -> Table {
    Table::Physical(parts.iter().map(|part| (*part).to_owned()).collect())
}

#[test]
fn a_query_reads_what_its_tables_stand_for() {
    let text = "select orders.id, c.name, shop.items.price -- a comment\nfrom orders join customers c on c.id = orders.customer
        left join shop.items on true where orders.note <> 'it''s'";
    let tables = [
        ("orders", Table::Step("clean orders".to_owned())),
        ("customers", physical(&["crm", "customers"])),
        ("shop.items", physical(&["items"])),
    ];
    insta::assert_snapshot!(embedded(text, &tables, &["clean orders"], "duckdb"), @r#"
    WITH "clean orders" AS (
      SELECT
        1 AS "id"
    ),
    "source" AS (
      SELECT
        orders.id,
        c.name,
        items.price
      FROM "clean orders" AS orders
      JOIN "crm"."customers" c ON c.id = orders.customer
      LEFT JOIN "items" AS items ON true
      WHERE orders.note <> 'it''s'
    )
    SELECT
      "id" AS "id"
    FROM "source"
    "#);
}

#[test]
fn its_own_names_stay_its_own() {
    let text = "with orders as (select id from orders), days as (select 1 as id) select orders.id from orders join days on true";
    let tables = [("orders", physical(&["orders"]))];
    insta::assert_snapshot!(embedded(text, &tables, &["days"], "datafusion"), @r#"
    WITH "days" AS (
      SELECT
        1 AS "id"
    ),
    "source" AS (
      WITH "source_orders" AS (
        SELECT
          id
        FROM "orders" AS orders
      ),
      "source_days" AS (
        SELECT
          1 AS id
      )
      SELECT
        orders.id
      FROM "source_orders" AS orders
      JOIN "source_days" AS days ON true
    )
    SELECT
      "id" AS "id"
    FROM "source"
    "#);
}

#[test]
fn texts_in_a_query_are_kept() {
    let text = "select 'a''''b' as id, 'c\\''d' as e, 'f\n' as f from t";
    insta::assert_snapshot!(embedded(text, &[], &[], "postgres"), @r#"
    WITH "source" AS (
      SELECT
        ('a''' || '''b') AS id,
        ('c\' || '''d') AS e,
        'f
    ' AS f
      FROM t
    )
    SELECT
      "id" AS "id"
    FROM "source"
    "#);
}

#[test]
fn a_query_in_another_dialect_is_a_problem_of_the_source() {
    insta::assert_snapshot!(embedded("select * exclude (a) from t", &[], &[], "postgres"), @"the source's query cannot be used: Expected: end of statement, found: exclude");
    insta::assert_snapshot!(embedded("select * exclude (a) from t", &[], &[], "duckdb"), @r#"
    WITH "source" AS (
      SELECT
        * EXCLUDE (a)
      FROM t
    )
    SELECT
      "id" AS "id"
    FROM "source"
    "#);
}
