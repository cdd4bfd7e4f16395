//! The shape of statements: what is read, how often, under which names.

use super::build::*;
use super::evaluate::{Value, run};
use crate::relation::{Relation, Statement, Table};
use crate::{checks, plan};
use groma_model::measure::AggregateFunction;
use groma_model::row::{Binary, RowExpr};
use groma_model::time::{Clock, Grain, Offset, ToDate};
use groma_model::types::Base;
use groma_model::*;
use std::collections::BTreeMap;

fn tables_read(statement: &Statement) -> BTreeMap<String, usize> {
    let mut reads = BTreeMap::new();
    for table in statement.steps.iter().flat_map(|step| crate::draft::tables(&step.relation)) {
        if let Table::Physical(parts) = table {
            *reads.entry(parts.join(".")).or_default() += 1;
        }
    }
    reads
}

fn revenue(zone: &str) -> Model {
    let mut model = shop(zone);
    let amount = col(&model, ORDERS, "amount");
    let mut year = metric("revenue_ytd", Some(ORDERS), sum(amount.clone()));
    year.clock = Clock::ToDate(ToDate::Unit(Grain::Year));
    let earlier = both(Binary::Divide, of(0), scoped(of(0), Vec::new(), Some(Offset::months(12))));
    let average = agg(AggregateFunction::Average, Some(amount.clone()), None);
    model.metrics = vec![
        metric("revenue", Some(ORDERS), sum(amount)),
        year,
        metric("yearly_growth", None, earlier),
        metric("order_value", Some(ORDERS), average),
    ];
    model
}

#[test]
fn an_outline_says_what_a_plan_does() {
    let model = revenue("Europe/Berlin");
    let by = vec![grouping("account.region", vec![(ORDERS, col(&model, ORDERS, "account_id.region"))])];
    let ask = Ask { metrics: &[0, 2, 3], by, ..Ask::default() };
    let expected = "\
zone_america_new_york_to_europe_berlin
  207 rows written out
  give year | from | until | shift_seconds
orders_rows
  from orders, left join zone_america_new_york_to_europe_berlin as zone_america_new_york, left join accounts as account, filtered
  give period | moment | account.region | amount
orders_by_month (computed once)
  from orders_rows, grouped
  give period | account.region | sum of amount | count of amount | newest
orders_range (computed once)
  from orders_by_month
  give first_period | last_period | watermark
as_of (computed once)
  from orders_range
  give as_of
period_range
  from orders_range, cross join as_of, filtered
  give first_period | last_period
period_starts
  from period_range
  give period
periods (computed once)
  from period_starts
  give period | period_end | 1_year_earlier
groups_seen
  from orders_by_month, join periods, filtered
  give account.region
  from orders_by_month, join periods, filtered
  give account.region
groups
  from groups_seen, distinct
  give account.region
cells
  from periods, cross join groups, cross join as_of, cross join orders_range, left join orders_by_month, left join orders_by_month as orders_by_month_1_year_earlier
  give period | account.region | sum of amount | count of amount | sum of amount 1 year earlier | count of amount 1 year earlier
measured
  from cells, cross join as_of
  give period | account.region | revenue | revenue n | settled | yearly_growth | yearly_growth n | order_value | order_value n
metrics
  3 rows written out
  give position | metric
answers
  from measured, cross join metrics
  give position | metric | period | account.region | value | n | settled
answer
  from answers
  give metric | version | grain | period | account.region | value | n | se | low | high | matured | status
";
    let statement = statement(&model, &ask).to_string();
    let rows = |text: &str| {
        text.lines().filter(|line| !line.contains("rows written out")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(rows(&statement), rows(expected), "{statement}");
}

#[test]
fn each_source_is_read_once_for_each_clock() {
    let model = revenue("Europe/Berlin");
    for (from, to) in [(None, None), (Some("2026-01-01"), Some("2026-06-30"))] {
        let ask = Ask { metrics: &[0, 1, 2, 3], from, to, ..Ask::default() };
        assert_eq!(tables_read(&statement(&model, &ask)), BTreeMap::from([("orders".to_owned(), 2)]));
        let ask = Ask { metrics: &[0, 2, 3], from, to, ..Ask::default() };
        assert_eq!(tables_read(&statement(&model, &ask)), BTreeMap::from([("orders".to_owned(), 1)]));
    }
}

#[test]
fn a_zone_is_converted_only_where_it_differs() {
    let step = |zone: &str| {
        let model = revenue(zone);
        let ask = Ask { metrics: &[0], from: Some("2026-01-01"), to: Some("2026-06-30"), ..Ask::default() };
        let statement = statement(&model, &ask);
        statement.steps.first().map(|step| step.name.clone()).unwrap()
    };
    assert_eq!(step("America/New_York"), "orders_rows");
    assert_eq!(step("Europe/Berlin"), "zone_america_new_york_to_europe_berlin");
}

#[test]
fn a_known_range_writes_periods_and_few_transitions() {
    let model = revenue("Europe/Berlin");
    let ask = Ask { metrics: &[0], from: Some("2026-01-15"), to: Some("2026-02-01"), ..Ask::default() };
    let statement = statement(&model, &ask);
    let written: Vec<(&str, usize)> = statement
        .steps
        .iter()
        .filter_map(|step| match &step.relation {
            Relation::Values(values) => Some((step.name.as_str(), values.rows.len())),
            _ => None,
        })
        .collect();
    assert_eq!(written.len(), 2);
    assert!(written[0].1 < 20, "{written:?}");
    assert_eq!(written[1], ("periods", 2));
}

#[test]
fn many_periods_are_counted_by_the_engine() {
    let model = revenue("America/New_York");
    let ask =
        |to| Ask { metrics: &[0], grain: Some(Grain::Day), from: Some("2025-01-01"), to: Some(to), ..Ask::default() };
    let tables = shop_tables(&[("a", "2025-05-05 10:00:00", Some(2.5), false)], &[]);
    let short = answer(&model, &ask("2025-12-31"), &tables);
    let long = answer(&model, &ask("2026-12-31"), &tables);
    assert_eq!((short.len(), long.len()), (365, 730));
    assert_eq!(short[..], long[..365]);
}

/// Orders as a query over orders, which is itself a query over a table.
fn queries() -> Model {
    let mut model = revenue("America/New_York");
    let raw =
        Source { header: Header { name: "raw".into(), ..model.sources[1].header.clone() }, ..model.sources[1].clone() };
    model.sources.push(raw);
    model.sources[1].origin = Origin::Query {
        text: "raw_orders".to_owned(),
        span: span(),
        reads: vec![("raw_orders".to_owned(), SourceId(3))],
        tables: vec!["orders".to_owned()],
        whole: None,
        columns: Vec::new(),
        rows: QueryRows::default(),
    };
    model
}

#[test]
fn sources_that_are_queries_come_first_and_hide_no_table() {
    let model = queries();
    let mut tables = shop_tables(&[("a", "2025-05-05 10:00:00", Some(2.5), false)], &[]);
    let orders = tables.remove("orders").unwrap();
    tables.insert("raw".to_owned(), orders);
    let ask = Ask { metrics: &[0], ..Ask::default() };
    assert_eq!(answer(&model, &ask, &tables), ["revenue 2025-05-01 2.5 1"]);
    // Its query also reads a table that is called `orders`.
    let names: Vec<String> = statement(&model, &ask).steps.into_iter().map(|step| step.name).collect();
    let place = |wanted: &str| names.iter().position(|name| name == wanted).unwrap();
    assert!(place("orders_query") < place("orders_rows"), "{names:?}");
    // What its query reads says up to when it is known.
    assert_eq!(names[0], "raw_times");
}

#[test]
fn steps_hide_no_physical_table() {
    let model = revenue("America/New_York");
    let table = |_| vec!["periods".to_owned()];
    let request = crate::Request {
        metrics: vec![MetricId(0)],
        grain: Grain::Month,
        by: Vec::new(),
        from: None,
        to: None,
        filter: Vec::new(),
        as_of: None,
        sets: crate::Sets::Whole,
        estimated: crate::Estimated::All,
        intervals: None,
        further: crate::Further::default(),
        table: &table,
    };
    let statement = plan(&model, &request).unwrap().statement;
    assert!(statement.steps.iter().all(|step| step.name != "periods"), "{statement}");
}

#[test]
fn offsets_must_lead_from_period_to_period() {
    let mut model = revenue("UTC");
    model.metrics[2].measure = scoped(of(0), Vec::new(), Some(Offset::days(7)));
    let findings = planned(&model, &Ask { metrics: &[2], ..Ask::default() }).unwrap_err();
    let [finding] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!(finding.code.id, "time/offset-not-aligned");
    assert_eq!(finding.headline, "`yearly_growth` looks 1 week back, which leads from a month to no month");
    assert_eq!(
        finding.help.as_deref(),
        Some(
            "look back by whole months (`offset 1 month`), or build this metric only at grains that 1 week fits, such as `grain: week`"
        )
    );
    assert!(planned(&model, &Ask { metrics: &[2], grain: Some(Grain::Week), ..Ask::default() }).is_ok());
    model.metrics[2].measure = scoped(of(0), Vec::new(), Some(Offset::days(-3)));
    let findings = planned(&model, &Ask { metrics: &[2], ..Ask::default() }).unwrap_err();
    assert_eq!(findings[0].headline, "`yearly_growth` looks 3 days ahead, which leads from a month to no month");
}

#[test]
fn a_measure_that_explodes_is_refused() {
    let mut model = revenue("UTC");
    let first = model.metrics.len() as u32;
    model.metrics.push(metric("m0", Some(ORDERS), count()));
    for level in 1..=40 {
        let doubled = both(Binary::Add, of(first + level - 1), of(first + level - 1));
        model.metrics.push(metric(&format!("m{level}"), None, doubled));
    }
    let ask = |id: &'static [u32]| Ask { metrics: id, ..Ask::default() };
    assert!(planned(&model, &ask(&[4 + 13])).is_ok());
    let findings = planned(&model, &ask(&[4 + 40])).unwrap_err();
    assert_eq!(findings.iter().map(|finding| finding.code.id).collect::<Vec<_>>(), ["plan/too-large"]);
    assert_eq!(findings[0].headline, "`m14` is made of 32767 parts once its metrics are expanded, more than 20000");
}

#[test]
fn a_measure_that_nests_too_deeply_is_refused() {
    let mut model = revenue("UTC");
    let first = model.metrics.len() as u32;
    model.metrics.push(metric("m0", Some(ORDERS), count()));
    for level in 1..=5000 {
        model.metrics.push(metric(&format!("m{level}"), None, both(Binary::Add, of(first + level - 1), number(1))));
    }
    assert!(planned(&model, &Ask { metrics: &[4 + 390], ..Ask::default() }).is_ok());
    let findings = planned(&model, &Ask { metrics: &[4 + 5000], ..Ask::default() }).unwrap_err();
    assert_eq!(findings.iter().map(|finding| finding.code.id).collect::<Vec<_>>(), ["plan/too-large"]);
    assert!(findings[0].headline.ends_with("is nested more than 400 levels deep once its metrics are expanded"));
}

#[test]
fn a_metric_made_of_itself_comes_to_an_end() {
    let mut model = revenue("UTC");
    model.metrics[2].measure = both(Binary::Add, of(2), number(1));
    assert!(planned(&model, &Ask { metrics: &[2], ..Ask::default() }).is_ok());
}

#[test]
fn checks_count_the_rows_that_break_them() {
    let mut model = shop("Europe/Berlin");
    let condition: RowExpr = op(Binary::GreaterEqual, col(&model, ORDERS, "amount"), int(0));
    let known: RowExpr = op(Binary::NotEqual, col(&model, ORDERS, "account_id.region"), text("north"));
    let check = |name: &str, rule| Check { name: name.into(), span: span(), rule, on_fail: OnFail::Flag };
    model.sources[1].checks = vec![
        check("paid", CheckRule::Holds(condition)),
        check("south", CheckRule::Holds(known)),
        check("once", CheckRule::Unique(vec![ColumnId(1), ColumnId(3)])),
    ];
    let tables = shop_tables(
        &[
            ("a", "2026-01-01 00:00:00", Some(-1.0), false),
            ("a", "2026-01-01 00:00:00", Some(-1.0), false),
            ("a", "2026-01-01 00:00:00", Some(-1.0), false),
            ("b", "2026-01-01 00:00:00", None, false),
            ("b", "2026-01-01 00:00:00", None, false),
            ("c", "2026-01-01 00:00:00", Some(1.0), false),
        ],
        &[],
    );
    let table = |source| vec![model.source(source).header.name.to_string()];
    let mut found = Vec::new();
    for checks in checks(&model, ORDERS, &table) {
        assert_eq!(tables_read(&checks.statement).get("orders"), Some(&1));
        let data = run(&checks.statement, &tables);
        assert_eq!(data.rows.len(), 1);
        for (check, value) in checks.checks.iter().zip(&data.rows[0]) {
            found.push(format!("{} {value:?}", check.name));
        }
    }
    assert_eq!(
        found,
        [
            "paid Int(3)",
            "south Int(3)",
            "order_id is not null Int(0)",
            "account_id is not null Int(0)",
            "ordered_at is not null Int(0)",
            "refunded is not null Int(0)",
            "once Int(2)",
            "order_id is unique Int(0)",
        ]
    );
    let empty = shop_tables(&[], &[]);
    for checks in checks(&model, ORDERS, &table) {
        assert!(run(&checks.statement, &empty).rows[0].iter().all(|value| *value == Value::Int(0)));
    }
}

#[test]
fn the_keys_of_customers_must_be_unique() {
    let mut model = shop("UTC");
    model.sources[0].key = Vec::new();
    let table = |source| vec![model.source(source).header.name.to_string()];
    let names: Vec<String> =
        checks(&model, ACCOUNTS, &table).into_iter().flat_map(|checks| checks.checks).map(|check| check.name).collect();
    assert!(names.contains(&"account_id is unique".to_owned()), "{names:?}");
}

/// A project of many sources and metrics, all of them connected.
fn large(sources: u32, metrics: u32) -> Model {
    let mut model = shop("Europe/Berlin");
    for number in 0..sources {
        let columns = vec![
            column("id", Base::Int),
            column("at", instant("UTC")),
            column("account_id", Base::Customer(CustomerId(0))),
            column("x", Base::Real),
        ];
        model.sources.push(source(&format!("s{number}"), "at", columns));
    }
    for number in 0..metrics {
        let source = SourceId(3 + number % sources);
        let filter = op(Binary::Greater, col(&model, source, "x"), int(i64::from(number)));
        let measure = agg(AggregateFunction::Sum, Some(col(&model, source, "x")), Some(filter));
        model.metrics.push(metric(&format!("m{number}"), Some(source), measure));
    }
    let next = SourceId(3);
    for number in 0..sources {
        let (left, right) = (SourceId(3 + number), SourceId(3 + (number + 1) % sources));
        let mut ratio =
            metric(&format!("r{number}"), None, both(Binary::Divide, of(number), of((number + 1) % sources)));
        ratio.sources = vec![left.min(right), left.max(right)];
        ratio.reads.clone_from(&ratio.sources);
        model.metrics.push(ratio);
    }
    assert_eq!(next.index(), 3);
    model
}

#[test]
fn a_large_project_is_planned_in_one_statement() {
    let model = large(250, 5000);
    let all: Vec<u32> = (0..5250).collect();
    let sources: Vec<SourceId> = (3..253).map(SourceId).collect();
    let region = sources.iter().map(|source| (*source, col(&model, *source, "account_id.region"))).collect();
    let ask = Ask { metrics: &all, by: vec![grouping("account.region", region)], ..Ask::default() };
    let planned = planned(&model, &ask).unwrap();
    assert_eq!(planned.scans.len(), 250);
    let columns = |relation: &Relation| match relation {
        Relation::Select(select) => select.columns.len(),
        _ => 0,
    };
    let most: usize = planned.statement.steps.iter().map(|step| columns(&step.relation)).sum();
    assert!(most < 150_000, "{most} columns in all");
}

#[test]
fn builds_keep_connected_metrics_together() {
    let mut model = large(6, 12);
    let groups = crate::groups(&model, &(0..18).map(MetricId).collect::<Vec<_>>());
    let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["s0+s1+s2+and-3-more.month"]);
    assert_eq!(groups[0].metrics.len(), 18);
    // Without the ratios each source is on its own.
    let region = |source| grouping("account.region", vec![(source, col(&model, source, "account_id.region"))]);
    let by = vec![vec![region(SourceId(3))]];
    model.metrics[0].by = by.clone();
    model.metrics[6].by = by;
    model.metrics[6].grains = vec![Grain::Week, Grain::Month, Grain::Week];
    let groups = crate::groups(&model, &[MetricId(0), MetricId(1), MetricId(6)]);
    let said: Vec<String> = groups
        .iter()
        .map(|group| format!("{} {:?}", group.name, group.metrics.iter().map(|id| id.0).collect::<Vec<_>>()))
        .collect();
    assert_eq!(
        said,
        [
            "s0.week [6]",
            "s0.week.by.account.region [6]",
            "s0.month [0, 6]",
            "s1.month [1]",
            "s0.month.by.account.region [0, 6]",
        ]
    );
}
