//! Jobs, and what publishing makes of a table of answers.

use super::build::*;
use super::evaluate::{Data, Tables, Value, run};
use crate::relation::{Expr, From, Select, Statement, Table};
use crate::{Estimated, Further, Layout, Publishing, Request, Sets, estimated, jobs, plan, publication};
use groma_model::meaning::Era;
use groma_model::measure::AggregateFunction;
use groma_model::row::Binary;
use groma_model::time::Grain;
use groma_model::*;
use jiff::civil::{DateTime, date};
use std::collections::BTreeMap;

/// The metrics of the shop: sums, counts and distinct counts of orders by region and by whether they were refunded, a count
/// of tickets.
fn published() -> Model {
    let mut model = shop("UTC");
    let region = grouping("account.region", vec![(ORDERS, col(&model, ORDERS, "account_id.region"))]);
    let refunded = grouping("refunded", vec![(ORDERS, col(&model, ORDERS, "refunded"))]);
    let amount = || col(&model, ORDERS, "amount");
    let distinct = agg(AggregateFunction::CountDistinct, Some(col(&model, ORDERS, "account_id")), None);
    let of_orders = |name: &str, measure| metric(name, Some(ORDERS), measure);
    let mut metrics = vec![
        of_orders("revenue", sum(amount())),
        of_orders("orders", count()),
        of_orders("buyers", distinct),
        metric("tickets", Some(TICKETS), count()),
        metric("per_order", None, both(Binary::Divide, of(0), of(1))),
        of_orders("median", agg(AggregateFunction::Median, Some(amount()), None)),
    ];
    metrics[0].by = vec![vec![region.clone()], vec![region.clone(), refunded.clone()]];
    metrics[2].by = vec![vec![refunded.clone()], vec![region.clone()]];
    metrics[4].by = vec![vec![region.clone()]];
    metrics[4].reads = vec![ORDERS];
    metrics[5].by = vec![vec![refunded, region]];
    model.metrics = metrics;
    model
}

fn ids(model: &Model) -> Vec<MetricId> {
    (0..model.metrics.len()).map(MetricId::at).collect()
}

/// Orders of three accounts in the months from January 2026, drawn from a few numbers.
fn rows(until: DateTime) -> Tables {
    let accounts = ["a", "b", "c"];
    let mut orders: Vec<(&str, String, Option<f64>, bool)> = Vec::new();
    let mut tickets: Vec<(&str, String, Option<i64>)> = Vec::new();
    for number in 0..120_usize {
        let month = number * number % 6;
        let day = 1 + number * 7 % 28;
        let at = format!("2026-{:02}-{day:02} {:02}:00:00", month + 1, number % 24);
        let account = accounts[number * number % 7 % 3];
        let moment: DateTime = at.replace(' ', "T").parse().unwrap();
        if moment < until {
            orders.push((account, at, (number % 11 != 0).then_some((number % 13) as f64), number % 4 == 0));
            tickets.push((account, format!("2026-{:02}-{day:02}", month + 1), Some(number as i64 % 10)));
        }
    }
    let orders: Vec<(&str, &str, Option<f64>, bool)> =
        orders.iter().map(|(account, at, amount, refunded)| (*account, at.as_str(), *amount, *refunded)).collect();
    let tickets: Vec<(&str, &str, Option<i64>)> =
        tickets.iter().map(|(account, on, score)| (*account, on.as_str(), *score)).collect();
    shop_tables(&orders, &tickets)
}

fn month(month: i8) -> DateTime {
    date(2026, month, 1).at(0, 0, 0, 0)
}

/// A warehouse: the table of answers, refreshed job by job.
struct Warehouse<'a> {
    eras: Vec<Era<'a>>,
    answers: Data,
    /// Put before each hash.
    definition: &'static str,
    full: bool,
}

impl<'a> Warehouse<'a> {
    fn new(model: &'a Model) -> Self {
        let layout = Layout::of(model, &ids(model));
        let columns = layout.columns.iter().map(|(name, _)| name.clone()).collect();
        let answers = Data { columns, rows: Vec::new() };
        Self { eras: vec![Era { from: None, model }], answers, definition: "a", full: false }
    }

    /// Refreshes all jobs as of a moment; returns how many rows were deleted and added.
    fn refresh(&mut self, as_of: DateTime, tables: &Tables) -> (usize, usize) {
        let model = self.eras.last().unwrap().model;
        let metrics = ids(model);
        let layout = Layout::of(model, &metrics);
        let table = |source: SourceId| vec![model.source(source).header.name.to_string()];
        let definition = self.definition;
        // What a metric is made of is part of its meaning.
        let newest = |id: &MetricId| model.metric(*id).version;
        let hash = |id: MetricId, version: u32| {
            let parts: Vec<u32> = model.metric(id).measure.metrics().iter().map(newest).collect();
            format!("{definition} {} {version} {parts:?}", id.index())
        };
        let (mut deleted, mut inserted) = (0, 0);
        for job in jobs(model, &metrics) {
            let publishing = Publishing {
                layout: &layout,
                hash: &hash,
                commit: "0123",
                answers: vec!["published".to_owned(), "answers".to_owned()],
                fresh: vec!["fresh".to_owned()],
                full: self.full,
                as_of: Some(as_of),
                estimated: &estimated(model, &metrics),
                table: &table,
            };
            let made = publication(&self.eras, &job, &publishing).unwrap();
            let fresh = run(&made.fresh, tables);
            assert_eq!(fresh.columns, self.answers.columns, "the columns of {}", job.name);
            let both =
                Tables::from([("fresh".to_owned(), fresh), ("published.answers".to_owned(), self.answers.clone())]);
            let added = run(&made.added, &both);
            let merged = run(&made.merged, &both);
            let stays = |row: &Vec<Value>| !self.holds(&made.own, row) || self.holds(&made.kept, row);
            let own_kept = self.answers.rows.iter().filter(|row| self.holds(&made.kept, row)).count();
            assert_eq!(merged.rows.len(), own_kept + added.rows.len());
            let left: Vec<Vec<Value>> = self.answers.rows.iter().filter(|row| stays(row)).cloned().collect();
            deleted += self.answers.rows.len() - left.len();
            inserted += added.rows.len();
            self.answers.rows = left.into_iter().chain(added.rows).collect();
        }
        (deleted, inserted)
    }

    /// Whether a condition holds for a row of the answers; it is never null.
    fn holds(&self, condition: &Expr, row: &[Value]) -> bool {
        let one = Data { columns: self.answers.columns.clone(), rows: vec![row.to_vec()] };
        let from = Some(From { table: Table::Physical(vec!["one".to_owned()]), alias: "one".to_owned() });
        let result = Select { columns: vec![condition.clone().named("holds")], from, ..Select::default() };
        let data = run(&Statement { steps: Vec::new(), result }, &Tables::from([("one".to_owned(), one)]));
        match data.rows[0][0] {
            Value::Bool(holds) => holds,
            ref other => panic!("{condition:?} is {other:?}"),
        }
    }

    /// The rows as texts in an order of their own, of some columns.
    fn lines(&self, columns: &[&str]) -> Vec<String> {
        let place = |name: &&str| self.answers.columns.iter().position(|column| column == name).unwrap();
        let places: Vec<usize> = columns.iter().map(place).collect();
        let line = |row: &Vec<Value>| places.iter().map(|place| format!("{:?}", row[*place])).collect::<Vec<_>>();
        let mut lines: Vec<String> = self.answers.rows.iter().map(|row| line(row).join(" | ")).collect();
        lines.sort();
        lines
    }
}

const CELL: [&str; 8] = ["metric", "period", "grouping", "account.region", "refunded", "value", "n", "status"];

#[test]
fn jobs_are_metrics_that_count_rows_of_the_same_facts() {
    let mut model = published();
    model.metrics[3].grains = vec![Grain::Month, Grain::Week];
    let jobs = jobs(&model, &ids(&model));
    let shown: Vec<String> = jobs
        .iter()
        .map(|job| {
            let sets: Vec<String> = job.sets.iter().map(|set| format!("{set:?}")).collect();
            let metrics: Vec<u32> = job.metrics.iter().map(|id| id.0).collect();
            format!("{} {metrics:?} {} {:?}", job.name, sets.join(" "), job.shown)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "tickets.week [3] [] [[0]]",
            "orders.month [0, 1, 2, 4, 5] [] [0] [1] [0, 1] [1, 0] [[0, 1, 3], [0], [0, 1, 2], [0, 1], [0, 4]]",
            "tickets.month [3] [] [[0]]",
        ]
    );
}

#[test]
fn jobs_that_are_too_wide_are_split() {
    let mut model = published();
    let region = model.metrics[0].by.clone();
    model.metrics = (0..400)
        .map(|number| {
            let filter = op(Binary::Equal, col(&model, ORDERS, "order_id"), int(number));
            let mut one =
                metric(&format!("count_{number}"), Some(ORDERS), agg(AggregateFunction::Count, None, Some(filter)));
            one.by = region.clone();
            one
        })
        .collect();
    let jobs = jobs(&model, &ids(&model));
    let sizes: Vec<usize> = jobs.iter().map(|job| job.metrics.len()).collect();
    assert_eq!(sizes, [150, 150, 100]);
    let names: Vec<&str> = jobs.iter().map(|job| job.name.as_str()).collect();
    assert_eq!(names, ["orders.month", "orders.month-2", "orders.month-3"]);
    let all: Vec<MetricId> = jobs.iter().flat_map(|job| job.metrics.iter().copied()).collect();
    assert_eq!(all, ids(&model));
}

/// Every set of a job answers what a question for that set alone answers.
#[test]
fn sets_equal_separate_questions() {
    let model = published();
    let tables = rows(month(7));
    let table = |source: SourceId| vec![model.source(source).header.name.to_string()];
    let jobs = jobs(&model, &ids(&model));
    let job = jobs.iter().find(|job| job.name == "orders.month").unwrap();
    let request = |by: Vec<Grouping>, sets: Sets| Request {
        metrics: job.metrics.clone(),
        grain: Grain::Month,
        by,
        from: None,
        to: None,
        filter: Vec::new(),
        as_of: Some(month(7)),
        sets,
        intervals: None,
        estimated: Estimated::All,
        further: Further::default(),
        table: &table,
    };
    let whole = plan(&model, &request(job.by.clone(), Sets::These(job.sets.clone()))).unwrap();
    let whole = run(&whole.statement, &tables);
    let mut number = 0;
    for set in &job.sets {
        let by: Vec<Grouping> = set.iter().map(|at| job.by[*at].clone()).collect();
        let name = by.iter().map(|grouping| grouping.name.as_str()).collect::<Vec<_>>().join("+");
        let name = if name.is_empty() { "total".to_owned() } else { name };
        let alone = run(&plan(&model, &request(by, Sets::Whole)).unwrap().statement, &tables);
        let place = |data: &Data, column: &str| data.columns.iter().position(|known| known == column);
        let own: Vec<Vec<Value>> = whole
            .rows
            .iter()
            .filter(|row| row[place(&whole, "grouping").unwrap()] == Value::Text(name.clone()))
            .map(|row| alone.columns.iter().map(|column| row[place(&whole, column).unwrap()].clone()).collect())
            .collect();
        let sorted = |rows: &[Vec<Value>]| {
            let mut rows: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
            rows.sort();
            rows
        };
        assert_eq!(sorted(&own), sorted(&alone.rows), "{name}");
        number += own.len();
    }
    assert_eq!(number, whole.rows.len());
}

/// Rows are read once, whatever is asked of them.
#[test]
fn a_fact_is_read_once() {
    let model = published();
    let table = |source: SourceId| vec![model.source(source).header.name.to_string()];
    let layout = Layout::of(&model, &ids(&model));
    for job in jobs(&model, &ids(&model)) {
        let publishing = Publishing {
            layout: &layout,
            hash: &|_, _| String::new(),
            commit: "",
            answers: vec!["answers".to_owned()],
            fresh: vec!["fresh".to_owned()],
            full: false,
            as_of: None,
            estimated: &[].into(),
            table: &table,
        };
        let made = publication(&[Era { from: None, model: &model }], &job, &publishing).unwrap();
        let mut read: BTreeMap<String, usize> = BTreeMap::new();
        let mut rows: BTreeMap<String, usize> = BTreeMap::new();
        for step in &made.fresh.steps {
            for known in crate::draft::tables(&step.relation) {
                match known {
                    Table::Physical(parts) => *read.entry(parts.join(".")).or_default() += 1,
                    Table::Step(name) => *rows.entry(name.clone()).or_default() += 1,
                }
            }
        }
        let fact = if job.name.starts_with("orders") { "orders" } else { "tickets" };
        assert_eq!((read[fact], rows[&format!("{fact}_rows")]), (1, 1), "{}", made.fresh);
    }
}

#[test]
fn publishing_again_changes_nothing() {
    let model = published();
    let tables = rows(month(7));
    let mut warehouse = Warehouse::new(&model);
    let (deleted, added) = warehouse.refresh(month(7), &tables);
    assert_eq!((deleted, added), (0, warehouse.answers.rows.len()));
    let once = warehouse.answers.clone();
    let settled = warehouse.lines(&["status"]).iter().filter(|line| line.contains("settled")).count();
    let again = warehouse.refresh(month(7), &tables);
    assert_eq!(again, (added - settled, added - settled));
    let all: Vec<&str> = once.columns.iter().map(String::as_str).collect();
    let (first, second) = (Warehouse { answers: once.clone(), ..Warehouse::new(&model) }, warehouse);
    assert_eq!(first.lines(&all), second.lines(&all));
}

#[test]
fn a_refresh_each_month_gives_what_one_gives_in_the_end() {
    let model = published();
    let mut monthly = Warehouse::new(&model);
    for end in 2..=7 {
        monthly.refresh(month(end), &rows(month(end)));
    }
    let mut once = Warehouse::new(&model);
    once.refresh(month(7), &rows(month(7)));
    assert_eq!(monthly.lines(&CELL), once.lines(&CELL));
}

#[test]
fn settled_rows_stay_and_those_of_another_definition_do_not() {
    let model = published();
    let mut warehouse = Warehouse::new(&model);
    warehouse.refresh(month(7), &rows(month(7)));
    let before = warehouse.lines(&CELL);
    // Rows of January are gone: what was reported stays, unless the definition is another one.
    let mut fewer = rows(month(7));
    let orders = fewer.get_mut("orders").unwrap();
    orders.rows.retain(|row| !matches!(&row[2], Value::Timestamp(at) if at.month() == 1));
    warehouse.refresh(month(7), &fewer);
    assert_eq!(warehouse.lines(&CELL), before);
    warehouse.definition = "b";
    warehouse.refresh(month(7), &fewer);
    let mut fresh = Warehouse { definition: "b", ..Warehouse::new(&model) };
    fresh.refresh(month(7), &fewer);
    assert_eq!(warehouse.lines(&CELL), fresh.lines(&CELL));
    assert_ne!(warehouse.lines(&CELL), before);
    // In full nothing is kept.
    warehouse.full = true;
    warehouse.refresh(month(7), &rows(month(7)));
    assert_eq!(warehouse.lines(&CELL), before);
}

#[test]
fn what_is_no_longer_published_goes() {
    let model = published();
    let mut warehouse = Warehouse::new(&model);
    warehouse.refresh(month(7), &rows(month(7)));
    let mut less = published();
    less.metrics[0].by.pop();
    less.metrics[3].grains = vec![Grain::Week];
    warehouse.eras = vec![Era { from: None, model: &less }];
    warehouse.refresh(month(7), &rows(month(7)));
    let kinds: std::collections::BTreeSet<String> =
        warehouse.lines(&["metric", "grain", "grouping"]).into_iter().collect();
    assert!(
        kinds.iter().any(|kind| kind.contains("\"median\"") && kind.contains("refunded+account.region")),
        "{kinds:?}"
    );
    assert!(!kinds.iter().any(|kind| kind.contains("\"revenue\"") && kind.contains('+')), "{kinds:?}");
    assert!(!kinds.iter().any(|kind| kind.contains("\"tickets\"") && kind.contains("month")), "{kinds:?}");
    assert!(kinds.iter().any(|kind| kind.contains("\"tickets\"") && kind.contains("week")), "{kinds:?}");
}

/// A version that begins takes over its periods and leaves the others as they were.
#[test]
fn versions_have_periods_of_their_own() {
    let first = published();
    let mut second = published();
    second.metrics[0].version = 2;
    second.metrics[0].measure = both(Binary::Multiply, sum(col(&second, ORDERS, "amount")), number(2));
    let mut warehouse = Warehouse::new(&first);
    warehouse.refresh(month(7), &rows(month(7)));
    let columns = ["metric", "version", "period", "grouping", "account.region", "refunded", "value"];
    let before = warehouse.lines(&columns);
    let from = Some(date(2026, 4, 1));
    warehouse.eras = vec![Era { from: None, model: &first }, Era { from, model: &second }];
    warehouse.refresh(month(7), &rows(month(7)));
    let mut fresh = Warehouse::new(&first);
    fresh.eras.clone_from(&warehouse.eras);
    fresh.refresh(month(7), &rows(month(7)));
    assert_eq!(warehouse.lines(&columns), fresh.lines(&columns));
    let after = warehouse.lines(&columns);
    assert_eq!(before.len(), after.len());
    let changed: Vec<&String> = after.iter().filter(|line| !before.contains(line)).collect();
    assert!(!changed.is_empty());
    let is_new = |line: &&&String| line.contains("\"revenue\") | Int(2)") || line.contains("\"per_order\")");
    assert_eq!(changed.iter().filter(is_new).count(), changed.len(), "{changed:?}");
    assert!(!changed.iter().any(|line| ["2026-01", "2026-02", "2026-03"].iter().any(|month| line.contains(month))));
}

#[test]
fn the_layout_has_a_column_for_each_grouping() {
    let mut model = published();
    let names = |model: &Model| -> Vec<String> {
        let layout = Layout::of(model, &ids(model));
        layout.columns.into_iter().map(|(name, ty)| format!("{name} {ty:?}")).collect()
    };
    let expected = "metric Text, version Int, grain Text, period Date, grouping Text, account.region Text, refunded Bool, \
                    step Text, step_number Int, value Real, n Int, se Real, low Real, high Real, matured Real, status Text, \
                    change Real, change_se Real, change_low Real, change_high Real, detectable Real, verdict Text, \
                    semantic_hash Text, commit Text, as_of Timestamp";
    assert_eq!(names(&model).join(", "), expected);
    // In another order of the metrics it is the same; a grouping called like a column has another name.
    model.metrics.reverse();
    assert_eq!(names(&model).join(", "), expected);
    model.metrics[0].by.push(vec![grouping("status", vec![(ORDERS, int(1))])]);
    assert!(names(&model).contains(&"by status Int".to_owned()));
    // One that has two types is a text.
    model.metrics[1].by.push(vec![grouping("refunded", vec![(ORDERS, int(1))])]);
    assert!(names(&model).contains(&"refunded Text".to_owned()));
}

#[test]
fn a_view_shows_what_is_the_metrics_own() {
    let model = published();
    let layout = Layout::of(&model, &ids(&model));
    let views = layout.views(&model, &ids(&model), &["published".to_owned(), "answers".to_owned()]);
    let names: Vec<&str> = views.iter().map(|view| view.name.as_str()).collect();
    assert_eq!(names, ["revenue", "orders", "buyers", "tickets", "per_order", "median"]);
    let columns =
        |place: usize| views[place].columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" ");
    assert!(columns(0).starts_with("version grain period grouping account.region refunded value n se low high"));
    assert!(columns(1).starts_with("version grain period grouping value n"));
    let mut warehouse = Warehouse::new(&model);
    warehouse.refresh(month(7), &rows(month(7)));
    let tables = Tables::from([("published.answers".to_owned(), warehouse.answers.clone())]);
    let shown = run(&Statement { steps: Vec::new(), result: views[3].select.clone() }, &tables);
    assert_eq!(shown.rows.len(), 6);
}

/// Where they are asked for of some metrics, the others have nulls and nothing is refused.
#[test]
fn intervals_are_there_where_they_can_be() {
    let mut model = published();
    model.metrics[2].matters = Some(Matters { change: 1.0, confidence: 0.9 });
    model.metrics[4].matters = Some(Matters { change: 0.1, confidence: 0.9 });
    let mut warehouse = Warehouse::new(&model);
    warehouse.refresh(month(7), &rows(month(7)));
    let lines = warehouse.lines(&["metric", "grouping", "value", "low", "change", "verdict"]);
    for line in &lines {
        let is_null = line.ends_with("Null | Null | Null");
        // Distinct values have no interval, whatever matters of them.
        if !line.contains("per_order") {
            assert!(is_null, "{line}");
        }
    }
    let alone = lines.iter().filter(|line| line.contains("per_order") && !line.ends_with("Null")).count();
    assert!(alone > 5, "{lines:?}");
}
