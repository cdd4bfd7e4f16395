//! How long reading takes. Run with
//! `cargo test --release -p groma-engine measure -- --ignored --nocapture`.

#![expect(clippy::disallowed_macros, reason = "what is measured is for the person who asked for it")]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use super::{decimal, folder, instant, source, text, write};
use crate::{ColumnType, Embedded, Engine, write_parquet};

const ROWS: u32 = 5_000_000;

/// Prints how long the work took on the clock and on all processors together.
fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let (start, before) = (Instant::now(), processor_seconds());
    let result = work();
    println!("{what}: {:.2} s, processor {:.2} s", start.elapsed().as_secs_f64(), processor_seconds() - before);
    result
}

/// Processor time of this process so far. Only Linux says.
fn processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |field: usize| fields.get(field).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}

#[test]
#[ignore = "takes half a minute"]
fn measure() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/cdnow/data");
    let engine = timed("engine", || Embedded::new().unwrap());
    let columns = [
        ("customer_id", ColumnType::Text),
        ("bought_on", ColumnType::Date),
        ("units", ColumnType::Int),
        ("amount", decimal(12, 2)),
    ];
    timed("cdnow, register", || engine.register(source(&data, "purchases.csv", &columns)).unwrap());
    let sql = r#"SELECT count(*), count(DISTINCT "customer_id"), min("bought_on"), max("bought_on"), sum("units"), sum("amount") FROM "orders""#;
    let answer = timed("cdnow, six aggregates", || engine.run(sql).unwrap());
    assert_eq!(text(&answer), "69659|23570|1997-01-01|1998-06-30|167881|2500315.63");
    let monthly =
        r#"SELECT date_trunc('month', "bought_on"), count(*), sum("amount") FROM "orders" GROUP BY 1 ORDER BY 1"#;
    assert_eq!(timed("cdnow, by month", || engine.run(monthly).unwrap()).row_count(), 18);

    let folder = folder();
    timed("generate", || generate(&folder.path().join("events.csv")));
    let columns = [
        ("id", ColumnType::Int),
        ("account", ColumnType::Text),
        ("at", instant("America/New_York")),
        ("amount", decimal(12, 2)),
        ("size", ColumnType::Float),
        ("paid", ColumnType::Bool),
    ];
    engine.register(source(folder.path(), "events.csv", &columns)).unwrap();
    aggregate(&engine, "csv");
    let all = timed("csv, all columns of all rows", || engine.run(r#"SELECT * FROM "orders""#).unwrap());
    timed("write parquet", || write_parquet(&all, &folder.path().join("events.parquet")).unwrap());
    drop(all);
    for name in ["events.csv", "events.parquet"] {
        println!("{name}: {} MB", folder.path().join(name).metadata().unwrap().len() / 1_000_000);
    }
    engine.register(source(folder.path(), "events.parquet", &columns)).unwrap();
    aggregate(&engine, "parquet");
}

fn aggregate(engine: &Embedded, format: &str) {
    let count = r#"SELECT count(*) FROM "orders""#;
    assert_eq!(text(&timed(&format!("{format}, count"), || engine.run(count).unwrap())), ROWS.to_string());
    let sum = r#"SELECT sum("amount") FROM "orders""#;
    timed(&format!("{format}, one sum"), || engine.run(sum).unwrap());
    let monthly = r#"SELECT date_trunc('month', "at"), count(*), sum("amount"), avg("size"), count(DISTINCT "account") FROM "orders" WHERE "paid" GROUP BY 1 ORDER BY 1"#;
    timed(&format!("{format}, by month with distinct accounts"), || engine.run(monthly).unwrap());
}

fn generate(path: &Path) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    writeln!(file, "id,account,at,amount,size,paid").unwrap();
    let mut state = 1_u64;
    for id in 0..ROWS {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let random = (state >> 33) as u32;
        let (month, day, hour, minute) =
            (random % 12 + 1, random / 12 % 28 + 1, random / 400 % 24, random / 9_000 % 60);
        let (account, cents, size) = (random % 100_000, random % 100, f64::from(random) / 1e6);
        let (units, paid) = (random / 7 % 1_000, random % 10 < 9);
        writeln!(
            file,
            "{id},account-{account:05},2025-{month:02}-{day:02}T{hour:02}:{minute:02}:00Z,{units}.{cents:02},{size},{paid}"
        )
        .unwrap();
    }
}

/// How long nesting takes, by its depth.
#[test]
#[ignore = "takes half a minute"]
fn depth() {
    let folder = folder();
    write(&folder, "orders.csv", "id\n1\n2\n3\n");
    let engine = Embedded::new().unwrap();
    engine.register(source(folder.path(), "orders.csv", &[("id", ColumnType::Int)])).unwrap();
    let timed = |what: &str, depth: usize, sql: &str| {
        timed(&format!("{what} {depth}"), || engine.run(sql).unwrap());
    };
    for depth in [1, 50, 100, 200, 400] {
        timed("sum of constants", depth, &format!("SELECT {}", vec!["1"; depth].join(" + ")));
        timed("sum of columns", depth, &format!(r#"SELECT {} FROM "orders""#, vec![r#""id""#; depth].join(" + ")));
        timed("parentheses", depth, &format!("SELECT {}1{}", "(".repeat(depth), ")".repeat(depth)));
        let cases = (0..depth).map(|case| format!(r#"WHEN "id" = {case} THEN {case}"#)).collect::<Vec<_>>().join(" ");
        timed("cases", depth, &format!(r#"SELECT CASE {cases} END FROM "orders""#));
        let columns = (0..depth).map(|column| format!(r#"sum("id" + {column})"#)).collect::<Vec<_>>().join(", ");
        timed("aggregates", depth, &format!(r#"SELECT {columns} FROM "orders""#));
        let union = (0..depth).map(|number| format!(r#"SELECT "id", {number} AS "n" FROM "orders""#));
        timed("unions", depth, &union.collect::<Vec<_>>().join(" UNION ALL "));
        let mut query = r#"SELECT "id" FROM "orders""#.to_owned();
        for level in 0..depth.min(100) {
            query = format!(r#"SELECT "id" FROM ({query}) AS "t{level}""#);
        }
        timed("queries", depth.min(100), &query);
    }
}
