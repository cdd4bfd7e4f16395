//! Cells about too few customers, and those that are hidden beside them.

use super::build::*;
use super::evaluate::{Data, Tables, Value, run};
use crate::{Estimated, Further, Request, Sets, plan};
use groma_model::measure::AggregateFunction;
use groma_model::row::{Binary, ColumnPath};
use groma_model::time::{Grain, Offset};
use groma_model::*;
use std::collections::BTreeMap;

const CELL: i64 = 3;

/// Orders of accounts, guarded; the amount is the account's number.
fn guarded() -> Model {
    let mut model = shop("America/New_York");
    let amount = col(&model, ORDERS, "amount");
    let refunded = col(&model, ORDERS, "refunded");
    let share = agg(AggregateFunction::Share, Some(refunded), None);
    let average = agg(AggregateFunction::Average, Some(amount.clone()), None);
    let earlier = scoped(of(0), Vec::new(), Some(Offset::months(1)));
    model.metrics = vec![
        metric("orders", Some(ORDERS), count()),
        metric("revenue", Some(ORDERS), sum(amount)),
        metric("average", Some(ORDERS), average),
        metric("refunds", Some(ORDERS), share),
        metric("month_before", None, earlier),
        metric("tickets", Some(TICKETS), count()),
    ];
    let key = ColumnPath { hops: Vec::new(), source: ORDERS, column: ColumnId(1) };
    for metric in model.metrics.iter_mut().take(5) {
        metric.governed.cell = Some(CELL);
        metric.customer_key = metric.source.map(|_| key.clone());
        metric.reads = vec![ORDERS];
    }
    model
}

/// An order of each of so many accounts, by month, region, and whether it is refunded.
fn tables(cells: &[(&str, &str, bool, usize)]) -> Tables {
    let mut tables = shop_tables(&[], &[]);
    let (mut accounts, mut orders) = (Vec::new(), Vec::new());
    for (month, region, refunded, number) in cells {
        for _ in 0..*number {
            let id = accounts.len() as i64 + 1;
            let account = Value::Text(format!("a{id}"));
            accounts.push(vec![account.clone(), Value::Text((*region).into()), day("2020-01-01")]);
            let at = Value::Timestamp(format!("{month}-10T12:00:00").parse().unwrap());
            orders.push(vec![Value::Int(id), account, at, Value::Real(id as f64), Value::Bool(*refunded)]);
        }
    }
    for (name, rows) in [("accounts", accounts), ("orders", orders)] {
        let columns = tables[name].columns.clone();
        tables.insert(name.to_owned(), Data { columns, rows });
    }
    tables
}

struct Asked {
    metrics: Vec<u32>,
    by: Vec<&'static str>,
    totals: bool,
    changes: bool,
}

fn by(metrics: &[u32], by: &[&'static str]) -> Asked {
    Asked { metrics: metrics.to_vec(), by: by.to_vec(), totals: true, changes: false }
}

/// The rows of an answer: each a map from its columns to what they say.
fn rows(model: &Model, asked: &Asked, tables: &Tables) -> Vec<BTreeMap<String, String>> {
    let table = |source: SourceId| vec![model.source(source).header.name.to_string()];
    let by = asked.by.iter().map(|path| grouping(path, vec![(ORDERS, col(model, ORDERS, path))])).collect();
    let request = Request {
        metrics: asked.metrics.iter().map(|id| MetricId(*id)).collect(),
        grain: Grain::Month,
        by,
        from: None,
        to: None,
        filter: Vec::new(),
        as_of: None,
        sets: Sets::with_totals(asked.totals),
        intervals: None,
        estimated: Estimated::All,
        further: Further { changes: asked.changes, ..Further::default() },
        table: &table,
    };
    let planned = plan(model, &request).unwrap_or_else(|findings| panic!("{findings:?}"));
    let data = run(&planned.statement, tables);
    let show = |value: &Value| match value {
        Value::Null => "-".to_owned(),
        Value::Text(text) => text.clone(),
        Value::Date(date) => date.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    let row = |row: &Vec<Value>| data.columns.iter().cloned().zip(row.iter().map(show)).collect();
    data.rows.iter().map(row).collect()
}

/// `period groups… n status`, of a single metric.
fn lines(model: &Model, asked: &Asked, tables: &Tables) -> Vec<String> {
    let group = |row: &BTreeMap<String, String>| {
        asked.by.iter().map(|path| row[*path].clone()).collect::<Vec<String>>().join(" ")
    };
    let line = |row: &BTreeMap<String, String>| {
        let shown = if row["status"] == "suppressed" { "hidden" } else { &row["n"] };
        format!("{} {} {shown}", &row["period"][5..7], group(row))
    };
    rows(model, asked, tables).iter().map(line).collect()
}

#[test]
fn small_cells_hide_with_the_next_smallest() {
    let tables = tables(&[
        ("2026-01", "east", false, 2),
        ("2026-01", "north", false, 7),
        ("2026-01", "south", false, 5),
        ("2026-02", "east", false, 3),
        ("2026-02", "north", false, 4),
    ]);
    assert_eq!(
        lines(&guarded(), &by(&[0], &["account_id.region"]), &tables),
        [
            "01 - 14",
            "01 east hidden",
            "01 north 7",
            "01 south hidden",
            "02 - 7",
            "02 east 3",
            "02 north 4",
            "02 south 0",
        ]
    );
}

#[test]
fn nothing_of_a_hidden_cell_is_said() {
    let tables =
        tables(&[("2026-01", "east", true, 2), ("2026-01", "north", false, 7), ("2026-01", "south", false, 5)]);
    for metric in 0..4 {
        for row in rows(&guarded(), &by(&[metric], &["account_id.region"]), &tables) {
            if row["account_id.region"] == "east" {
                let said = ["value", "n", "se", "low", "high", "matured"].map(|name| row[name].as_str());
                assert_eq!((said, row["status"].as_str()), (["-"; 6], "suppressed"));
            }
        }
    }
}

#[test]
fn small_cells_hide_each_other_where_they_are_enough_together() {
    let model = guarded();
    let of = |cells: &[(&'static str, usize)]| {
        let cells: Vec<_> = cells.iter().map(|(region, number)| ("2026-01", *region, false, *number)).collect();
        lines(&model, &by(&[0], &["account_id.region"]), &tables(&cells))
    };
    let enough = [("east", 2), ("north", 9), ("south", 2)];
    assert_eq!(of(&enough), ["01 - 13", "01 east hidden", "01 north 9", "01 south hidden"]);
    // Two of one each: that they are two together says what each is.
    let few = [("east", 1), ("north", 9), ("south", 1), ("west", 8)];
    assert_eq!(of(&few), ["01 - 19", "01 east hidden", "01 north 9", "01 south hidden", "01 west hidden"]);
    // All are of one, so the total would say so.
    let single = [("east", 1), ("north", 1), ("south", 1), ("west", 1)];
    assert_eq!(of(&single), ["01 - hidden", "01 east hidden", "01 north hidden", "01 south hidden", "01 west hidden"]);
    assert_eq!(of(&[("east", 2)]), ["01 - hidden", "01 east hidden"]);
}

#[test]
fn a_box_of_a_table_is_hidden() {
    let tables = tables(&[
        ("2026-01", "east", false, 2),
        ("2026-01", "east", true, 8),
        ("2026-01", "north", false, 4),
        ("2026-01", "north", true, 6),
        ("2026-01", "south", false, 9),
        ("2026-01", "south", true, 9),
    ]);
    let asked = by(&[0], &["account_id.region", "refunded"]);
    let hidden: Vec<String> =
        lines(&guarded(), &asked, &tables).into_iter().filter(|line| line.ends_with("hidden")).collect();
    assert_eq!(
        hidden,
        [
            "01 east Bool(false) hidden",
            "01 east Bool(true) hidden",
            "01 north Bool(false) hidden",
            "01 north Bool(true) hidden",
        ]
    );
    // The same without the totals: another question would give them.
    let alone = lines(&guarded(), &Asked { totals: false, ..asked }, &tables);
    assert_eq!(alone.iter().filter(|line| line.ends_with("hidden")).count(), 4);
    assert_eq!(alone.len(), 6);
}

#[test]
fn a_row_of_its_own_hides_totals() {
    // Who is alone in row and column is known from either total; the total of all stays.
    let tables = tables(&[("2026-01", "east", false, 2), ("2026-01", "north", true, 6), ("2026-01", "south", true, 9)]);
    let asked = by(&[0], &["account_id.region", "refunded"]);
    let shown: Vec<String> =
        lines(&guarded(), &asked, &tables).into_iter().filter(|line| !line.ends_with("hidden")).collect();
    assert_eq!(shown, ["01 - - 17", "01 south - 9", "01 south Bool(true) 9"]);
}

#[test]
fn a_share_hides_who_is_in_it_and_who_is_not() {
    let model = guarded();
    let of = |refunded, others| {
        let cells = [
            ("2026-01", "east", true, refunded),
            ("2026-01", "east", false, others),
            ("2026-01", "north", true, 5),
            ("2026-01", "north", false, 5),
        ];
        lines(&model, &by(&[3], &["account_id.region"]), &tables(&cells))[1].clone()
    };
    assert_eq!(of(5, 5), "01 east 10");
    assert_eq!(of(2, 5), "01 east hidden");
    assert_eq!(of(5, 2), "01 east hidden");
    assert_eq!(of(0, 5), "01 east 5");
}

#[test]
fn metrics_of_one_question_hide_the_same_cells() {
    let tables = tables(&[
        ("2026-01", "east", true, 2),
        ("2026-01", "east", false, 7),
        ("2026-01", "north", false, 7),
        ("2026-01", "south", false, 8),
        ("2026-01", "west", false, 9),
    ]);
    let hidden = |metrics: &[u32]| -> Vec<String> {
        let all = rows(&guarded(), &by(metrics, &["account_id.region"]), &tables);
        let hidden = all.iter().filter(|row| row["status"] == "suppressed");
        hidden.map(|row| format!("{} {}", row["metric"], row["account_id.region"])).collect()
    };
    // Nobody but the two of the east were refunded: they are all that the total counts.
    assert_eq!(hidden(&[3]), ["refunds -", "refunds east"]);
    assert_eq!(hidden(&[0]), Vec::<String>::new());
    assert_eq!(hidden(&[0, 3]).len(), 2 * hidden(&[3]).len());
    // What is not guarded shows its cells.
    assert!(hidden(&[5]).is_empty());
}

#[test]
fn what_looks_back_does_not_show_what_was_hidden() {
    let tables = tables(&[
        ("2026-01", "east", false, 2),
        ("2026-01", "north", false, 7),
        ("2026-01", "south", false, 8),
        ("2026-02", "east", false, 5),
        ("2026-02", "north", false, 7),
        ("2026-02", "south", false, 8),
    ]);
    let model = guarded();
    let february = |lines: Vec<String>| -> Vec<String> {
        lines.into_iter().filter(|line| line.starts_with("02") && line.ends_with("hidden")).collect()
    };
    assert_eq!(
        february(lines(&model, &by(&[4], &["account_id.region"]), &tables)),
        ["02 east hidden", "02 north hidden"]
    );
    let asked = Asked { changes: true, ..by(&[1], &["account_id.region"]) };
    assert_eq!(february(lines(&model, &asked, &tables)), Vec::<String>::new());
    let changes: Vec<String> = rows(&model, &asked, &tables)
        .into_iter()
        .filter(|row| row["period"].starts_with("2026-02"))
        .map(|row| format!("{} {} {}", row["account_id.region"], row["change"], row["change_se"]))
        .collect();
    assert_eq!(changes.len(), 4);
    assert!(changes[0] != "- - -", "{changes:?}");
    assert_eq!(changes[1..3], ["east - -", "north - -"]);
    assert!(!changes[3].starts_with("south - "), "{changes:?}");
}

#[test]
fn without_a_cell_nothing_changes() {
    let mut model = guarded();
    for metric in &mut model.metrics {
        metric.governed.cell = None;
    }
    let with = statement(&model, &Ask { metrics: &[0, 1], ..Ask::default() });
    for metric in &mut model.metrics {
        metric.governed.cell = Some(1);
    }
    assert_eq!(statement(&model, &Ask { metrics: &[0, 1], ..Ask::default() }), with);
}

#[test]
fn a_metric_made_of_a_guarded_one_is_guarded() {
    let mut model = guarded();
    model.metrics.push(metric("double", None, both(Binary::Multiply, of(0), number(2))));
    let tables = tables(&[("2026-01", "east", false, 2)]);
    let mut asked = by(&[6], &[]);
    asked.totals = false;
    assert_eq!(lines(&model, &asked, &tables), ["01  hidden"]);
}
