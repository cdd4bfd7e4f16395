//! Each metric of a job has the cells that a question for it alone has, and no more.

use super::build::*;
use super::evaluate::{Data, Tables, Value, run};
use crate::{Estimated, Further, Job, Layout, Publishing, Request, Sets, jobs, plan, publication};
use groma_model::meaning::Era;
use groma_model::measure::AggregateFunction;
use groma_model::row::Binary;
use groma_model::time::{Clock, Offset};
use groma_model::*;
use jiff::civil::{DateTime, date};
use std::collections::BTreeSet;

/// Metrics of two facts that one metric connects: some by what both have, some by what only one has, some of few of the rows,
/// some by a window or an offset, one with another version of itself elsewhere.
fn connected() -> Model {
    let mut model = shop("UTC");
    let both_regions =
        vec![(ORDERS, col(&model, ORDERS, "account_id.region")), (TICKETS, col(&model, TICKETS, "account_id.region"))];
    let region = || grouping("account.region", both_regions.clone());
    let refunded = || grouping("refunded", vec![(ORDERS, col(&model, ORDERS, "refunded"))]);
    let score = || grouping("score", vec![(TICKETS, col(&model, TICKETS, "score"))]);
    let large = op(Binary::Greater, col(&model, ORDERS, "amount"), int(9));
    let low = op(Binary::Less, col(&model, TICKETS, "score"), int(3));
    let distinct = agg(AggregateFunction::CountDistinct, Some(col(&model, ORDERS, "account_id")), None);
    let month = Offset { months: 1, days: 0 };
    let with = |by: Vec<Vec<Grouping>>, metric: Metric| Metric { by, ..metric };
    let windowed = |clock, metric: Metric| Metric { clock, ..metric };
    let lately = || Clock::Trailing(Offset::days(28));
    let mut metrics = vec![
        with(
            vec![vec![region()], vec![region(), refunded()]],
            metric("revenue", Some(ORDERS), sum(col(&model, ORDERS, "amount"))),
        ),
        with(vec![vec![region()]], metric("tickets", Some(TICKETS), count())),
        with(vec![vec![region()]], metric("per_ticket", None, both(Binary::Divide, of(0), of(1)))),
        with(
            vec![vec![refunded()], vec![region()]],
            metric("large", Some(ORDERS), agg(AggregateFunction::Count, None, Some(large))),
        ),
        with(vec![vec![score()]], metric("low", Some(TICKETS), agg(AggregateFunction::Count, None, Some(low)))),
        with(vec![vec![region()]], windowed(lately(), metric("buyers", Some(ORDERS), distinct))),
        with(
            vec![vec![score()]],
            windowed(
                lately(),
                metric(
                    "middle",
                    Some(TICKETS),
                    agg(AggregateFunction::Median, Some(col(&model, TICKETS, "score")), None),
                ),
            ),
        ),
        with(
            vec![vec![region()]],
            metric("growth", None, both(Binary::Subtract, of(0), scoped(of(0), Vec::new(), Some(month)))),
        ),
    ];
    metrics[2].reads = vec![ORDERS, TICKETS];
    metrics[7].reads = vec![ORDERS];
    model.metrics = metrics;
    model
}

/// Few rows, so that most groups are missing somewhere and the facts begin in other months.
fn rows(seed: u64) -> Tables {
    let mut state = seed;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let accounts = ["a", "b", "c"];
    let (first_order, first_ticket) = (1 + draw(4), 1 + draw(4));
    let number = draw(12);
    let orders: Vec<(&str, String, Option<f64>, bool)> = (0..number)
        .map(|_| {
            let at = format!("2026-{:02}-{:02} 12:00:00", first_order + draw(3), 1 + draw(28));
            let amount = (draw(6) > 0).then(|| draw(20) as f64);
            (accounts[draw(3) as usize], at, amount, draw(2) == 0)
        })
        .collect();
    let number = draw(12);
    let tickets: Vec<(&str, String, Option<i64>)> = (0..number)
        .map(|_| {
            let on = format!("2026-{:02}-{:02}", first_ticket + draw(3), 1 + draw(28));
            (accounts[draw(3) as usize], on, (draw(6) > 0).then(|| draw(5) as i64))
        })
        .collect();
    let orders: Vec<(&str, &str, Option<f64>, bool)> =
        orders.iter().map(|(account, at, amount, refunded)| (*account, at.as_str(), *amount, *refunded)).collect();
    let tickets: Vec<(&str, &str, Option<i64>)> =
        tickets.iter().map(|(account, on, score)| (*account, on.as_str(), *score)).collect();
    shop_tables(&orders, &tickets)
}

fn as_of() -> DateTime {
    date(2026, 7, 5).at(0, 0, 0, 0)
}

/// The cells of a metric as lines, in an order of their own: period, set, the groupings of that set, value, number, status.
fn cells(model: &Model, job: &Job, place: usize, data: &Data) -> Vec<String> {
    let at = |row: &Vec<Value>, column: &str| {
        row[data.columns.iter().position(|known| known == column).unwrap_or_else(|| panic!("no {column}"))].clone()
    };
    let name = Value::Text(model.metric(job.metrics[place]).header.name.to_string());
    let mut lines = Vec::new();
    for set in job.shown[place].iter().map(|set| &job.sets[*set]) {
        let by: Vec<&str> = set.iter().map(|group| job.by[*group].name.as_str()).collect();
        let of_set = if by.is_empty() { "total".to_owned() } else { by.join("+") };
        for row in &data.rows {
            if at(row, "metric") == name && at(row, "grouping") == Value::Text(of_set.clone()) {
                let groups: Vec<Value> = by.iter().map(|group| at(row, group)).collect();
                let numbers = ["value", "n", "status"].map(|column| at(row, column));
                lines.push(format!("{:?} {of_set} {groups:?} {numbers:?}", at(row, "period")));
            }
        }
    }
    lines.sort();
    lines
}

/// What a question for one metric of a job alone asks for: its own sets, of the groupings in them.
fn alone<'a>(job: &Job, place: usize, table: &'a dyn Fn(SourceId) -> Vec<String>) -> Request<'a> {
    let sets: Vec<&Vec<usize>> = job.shown[place].iter().map(|set| &job.sets[*set]).collect();
    let kept: Vec<usize> = (0..job.by.len()).filter(|at| sets.iter().any(|set| set.contains(at))).collect();
    let place_of = |at: &usize| kept.iter().position(|known| known == at).unwrap();
    Request {
        metrics: vec![job.metrics[place]],
        grain: job.grain,
        by: kept.iter().map(|at| job.by[*at].clone()).collect(),
        from: None,
        to: None,
        filter: Vec::new(),
        as_of: Some(as_of()),
        sets: Sets::These(sets.iter().map(|set| set.iter().map(place_of).collect()).collect()),
        intervals: None,
        estimated: Estimated::All,
        further: Further::default(),
        table,
    }
}

#[test]
fn each_metric_of_a_job_is_published_in_the_cells_of_a_question_for_it_alone() {
    let model = connected();
    let table = |source: SourceId| vec![model.source(source).header.name.to_string()];
    let all: Vec<MetricId> = (0..model.metrics.len()).map(MetricId::at).collect();
    let jobs = jobs(&model, &all);
    let [job] = jobs.as_slice() else { panic!("{} jobs", jobs.len()) };
    let publishing = Publishing {
        layout: &Layout::of(&model, &all),
        hash: &|id, version| format!("{} {version}", id.index()),
        commit: "0123",
        answers: vec!["answers".to_owned()],
        fresh: vec!["fresh".to_owned()],
        full: false,
        as_of: Some(as_of()),
        estimated: &BTreeSet::new(),
        table: &table,
    };
    let published = publication(&[Era { from: None, model: &model }], job, &publishing).unwrap();
    let questions: Vec<_> =
        (0..all.len()).map(|place| plan(&model, &alone(job, place, &table)).unwrap().statement).collect();
    let mut number = 0;
    for seed in 0..24 {
        let tables = rows(seed);
        let together = run(&published.fresh, &tables);
        for (place, question) in questions.iter().enumerate() {
            let own = cells(&model, job, place, &run(question, &tables));
            let name = &model.metrics[place].header.name;
            assert_eq!(cells(&model, job, place, &together), own, "{name} of the rows by {seed}");
            number += own.len();
        }
    }
    assert!(number > 2_000, "{number} cells are few");
}
