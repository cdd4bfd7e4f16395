//! What answers say: periods, groups, numbers of observations, offsets.

use super::build::*;
use super::evaluate::Tables;
use groma_model::measure::AggregateFunction;
use groma_model::row::{Binary, Literal, RowKind};
use groma_model::time::{Clock, Grain, Offset, ToDate};
use groma_model::types::{Base, Type};
use groma_model::{MetricId, Model};

fn tables() -> Tables {
    shop_tables(
        &[
            ("a", "2026-01-05 10:00:00", Some(10.0), false),
            ("a", "2026-01-31 22:30:00", Some(20.0), false),
            ("b", "2026-01-20 12:00:00", Some(5.5), true),
            ("c", "2026-03-01 00:00:00", None, false),
            ("b", "2026-03-15 12:00:00", Some(4.5), false),
        ],
        &[("a", "2026-02-10", Some(10)), ("c", "2026-03-11", Some(3)), ("c", "2026-03-12", None)],
    )
}

fn model(zone: &str) -> Model {
    let mut model = shop(zone);
    let amount = col(&model, ORDERS, "amount");
    let refunded = col(&model, ORDERS, "refunded");
    let score = col(&model, TICKETS, "score");
    let promoter = op(Binary::GreaterEqual, score.clone(), int(9));
    model.metrics = vec![
        metric("orders", Some(ORDERS), count()),
        metric("revenue", Some(ORDERS), sum(amount.clone())),
        metric("average", Some(ORDERS), agg(AggregateFunction::Average, Some(amount.clone()), None)),
        metric("refund_share", Some(ORDERS), agg(AggregateFunction::Share, Some(refunded.clone()), None)),
        metric("tickets", Some(TICKETS), count()),
        metric("tickets_per_order", None, both(Binary::Divide, of(4), of(0))),
        metric("promoters", Some(TICKETS), agg(AggregateFunction::Share, Some(promoter), None)),
        metric("growth", None, both(Binary::Subtract, of(1), scoped(of(1), vec![], Some(Offset::months(1))))),
        metric("refunds", Some(ORDERS), agg(AggregateFunction::Count, None, Some(refunded))),
        metric("largest", Some(ORDERS), agg(AggregateFunction::Max, Some(amount), None)),
    ];
    model
}

#[test]
fn an_observed_period_without_rows_is_a_row_with_zero() {
    let model = model("America/New_York");
    let ask = Ask { metrics: &[0, 1, 2], ..Ask::default() };
    assert_eq!(
        answer(&model, &ask, &tables()),
        [
            "orders 2026-01-01 3.0 3",
            "orders 2026-02-01 0.0 0",
            "orders 2026-03-01 2.0 2",
            "revenue 2026-01-01 35.5 3",
            "revenue 2026-02-01 0.0 0",
            "revenue 2026-03-01 4.5 1",
            "average 2026-01-01 11.833333333333334 3",
            "average 2026-02-01 - 0",
            "average 2026-03-01 4.5 1",
        ]
    );
}

#[test]
fn rows_belong_to_the_local_period() {
    // 22:30 on 31 January in New York is 1 February in Berlin.
    let model = model("Europe/Berlin");
    let ask = Ask { metrics: &[0], ..Ask::default() };
    let expected = ["orders 2026-01-01 2.0 2", "orders 2026-02-01 1.0 1", "orders 2026-03-01 2.0 2"];
    assert_eq!(answer(&model, &ask, &tables()), expected);
    let bounded = Ask { from: Some("2026-01-01"), to: Some("2026-03-31"), ..ask };
    assert_eq!(answer(&model, &bounded, &tables()), expected);
}

#[test]
fn no_group_of_any_scan_is_lost() {
    let model = model("America/New_York");
    let region = |source| (source, col(&model, source, "account_id.region"));
    let by = vec![grouping("account.region", vec![region(ORDERS), region(TICKETS)])];
    let ask = Ask { metrics: &[5], by, from: Some("2026-03-01"), to: Some("2026-03-31"), ..Ask::default() };
    assert_eq!(
        answer(&model, &ask, &tables()),
        ["tickets_per_order 2026-03-01 - 2.0 1", "tickets_per_order 2026-03-01 south 0.0 1"]
    );
    let ask = Ask { from: Some("2026-02-01"), to: Some("2026-02-28"), ..ask };
    assert_eq!(answer(&model, &ask, &tables()), ["tickets_per_order 2026-02-01 north - 0"]);
}

#[test]
fn groups_without_a_row_that_counts_are_not_listed() {
    let model = model("America/New_York");
    let by = vec![grouping("account.region", vec![(ORDERS, col(&model, ORDERS, "account_id.region"))])];
    let ask = Ask { metrics: &[8], by, ..Ask::default() };
    assert_eq!(
        answer(&model, &ask, &tables()),
        ["refunds 2026-01-01 south 1.0 1", "refunds 2026-02-01 south 0.0 0", "refunds 2026-03-01 south 0.0 0"]
    );
}

#[test]
fn an_earlier_period_that_was_not_observed_has_no_value() {
    let model = model("America/New_York");
    let ask = Ask { metrics: &[7], from: Some("2025-12-01"), to: Some("2026-05-31"), ..Ask::default() };
    let expected = [
        "growth 2025-12-01 - 0",
        "growth 2026-01-01 - 0",
        "growth 2026-02-01 -35.5 0",
        "growth 2026-03-01 4.5 0",
        "growth 2026-04-01 -4.5 0",
        // What was observed ends at the as-of time, not with the last row.
        "growth 2026-05-01 0.0 0",
    ];
    assert_eq!(answer(&model, &ask, &tables()), expected);
}

#[test]
fn filters_of_metrics_of_metrics_reach_their_sources() {
    let mut model = model("America/New_York");
    let north = |source| (source, op(Binary::Equal, col(&model, source, "account_id.region"), text("north")));
    let measure = scoped(of(5), vec![north(ORDERS), north(TICKETS)], None);
    model.metrics.push(metric("north", None, measure));
    let ask = Ask { metrics: &[10], ..Ask::default() };
    assert_eq!(
        answer(&model, &ask, &tables()),
        ["north 2026-01-01 0.0 2", "north 2026-02-01 - 0", "north 2026-03-01 - 0"]
    );
}

#[test]
fn trailing_windows_end_with_the_period() {
    let mut model = model("America/New_York");
    model.metrics[0].clock = Clock::Trailing(Offset::days(40));
    let ask = Ask { metrics: &[0], ..Ask::default() };
    let expected = ["orders 2026-01-01 3.0 3", "orders 2026-02-01 2.0 2", "orders 2026-03-01 2.0 2"];
    assert_eq!(answer(&model, &ask, &tables()), expected);
    let february = Ask { from: Some("2026-02-01"), to: Some("2026-02-28"), ..ask };
    assert_eq!(answer(&model, &february, &tables()), expected[1..2]);
}

#[test]
fn to_date_windows_start_with_their_unit() {
    let mut model = model("America/New_York");
    model.metrics[0].clock = Clock::ToDate(ToDate::Unit(Grain::Quarter));
    model.metrics[1].clock = Clock::ToDate(ToDate::AllTime);
    let ask = Ask { metrics: &[0, 1], from: Some("2026-03-01"), to: Some("2026-04-30"), ..Ask::default() };
    assert_eq!(
        answer(&model, &ask, &tables()),
        [
            "orders 2026-03-01 5.0 5",
            "orders 2026-04-01 0.0 0",
            "revenue 2026-03-01 40.0 4",
            "revenue 2026-04-01 40.0 4"
        ]
    );
}

#[test]
fn offsets_of_windows_see_the_earlier_window() {
    let mut model = model("America/New_York");
    model.metrics[1].clock = Clock::ToDate(ToDate::AllTime);
    for (from, to) in [(Some("2026-01-01"), Some("2026-04-30")), (None, None)] {
        let ask = Ask { metrics: &[7], from, to, ..Ask::default() };
        let expected =
            ["growth 2026-01-01 - 0", "growth 2026-02-01 0.0 3", "growth 2026-03-01 4.5 3", "growth 2026-04-01 0.0 4"];
        let end = if from.is_some() { 4 } else { 3 };
        assert_eq!(answer(&model, &ask, &tables()), expected[..end]);
    }
}

#[test]
fn no_rows_and_no_bounds_are_an_empty_answer() {
    let model = model("Europe/Berlin");
    for metrics in [&[0, 5, 7][..], &[0]] {
        let ask = Ask { metrics, ..Ask::default() };
        assert_eq!(answer(&model, &ask, &shop_tables(&[], &[])), Vec::<String>::new());
        let day = Ask { from: Some("2026-01-01"), grain: Some(Grain::Day), metrics: &[0], ..Ask::default() };
        assert_eq!(answer(&model, &day, &shop_tables(&[], &[])), Vec::<String>::new());
    }
    let backwards = Ask { metrics: &[0], from: Some("2026-02-01"), to: Some("2026-01-01"), ..Ask::default() };
    assert_eq!(answer(&model, &backwards, &tables()), Vec::<String>::new());
}

#[test]
fn one_bound_is_enough() {
    let model = model("America/New_York");
    let ask = Ask { metrics: &[0], from: Some("2026-02-01"), ..Ask::default() };
    assert_eq!(answer(&model, &ask, &tables()), ["orders 2026-02-01 0.0 0", "orders 2026-03-01 2.0 2"]);
    let ask = Ask { metrics: &[0], to: Some("2026-02-01"), ..Ask::default() };
    assert_eq!(answer(&model, &ask, &tables()), ["orders 2026-01-01 3.0 3", "orders 2026-02-01 0.0 0"]);
}

#[test]
fn truth_is_one_or_zero() {
    let mut model = model("America/New_York");
    let refunded = || Some(col(&model, ORDERS, "refunded"));
    let some = metric("some", Some(ORDERS), agg(AggregateFunction::Any, refunded(), None));
    let every = metric("every", Some(ORDERS), agg(AggregateFunction::All, refunded(), None));
    let many = metric("many", None, both(Binary::Greater, of(0), number(2)));
    model.metrics = vec![model.metrics[0].clone(), some, every, many];
    let ask = Ask { metrics: &[1, 2, 3], to: Some("2026-02-01"), ..Ask::default() };
    assert_eq!(
        answer(&model, &ask, &tables()),
        [
            "some 2026-01-01 1.0 3",
            "some 2026-02-01 0.0 0",
            "every 2026-01-01 0.0 3",
            "every 2026-02-01 1.0 0",
            "many 2026-01-01 1.0 3",
            "many 2026-02-01 0.0 0"
        ]
    );
}

#[test]
fn a_constant_has_no_observations() {
    let mut model = model("America/New_York");
    model.metrics.push(metric("five", None, number(5)));
    let ask = Ask { metrics: &[10], from: Some("2026-01-01"), to: Some("2026-01-31"), ..Ask::default() };
    assert_eq!(answer(&model, &ask, &tables()), ["five 2026-01-01 5.0 -"]);
    let grouped = Ask { by: vec![grouping("account.region", vec![(ORDERS, text("x"))])], ..ask };
    assert_eq!(answer(&model, &grouped, &tables()), Vec::<String>::new());
    assert_eq!(answer(&model, &Ask { metrics: &[10], ..Ask::default() }, &tables()), Vec::<String>::new());
}

#[test]
fn the_filter_of_a_request_is_added() {
    let model = model("America/New_York");
    let north = op(Binary::Equal, col(&model, ORDERS, "account_id.region"), text("north"));
    for bounds in [(None, None), (Some("2026-01-01"), Some("2026-03-31"))] {
        let filter = vec![(ORDERS, north.clone())];
        let ask = Ask { metrics: &[1, 3], filter, from: bounds.0, to: bounds.1, ..Ask::default() };
        assert_eq!(answer(&model, &ask, &tables())[..2], ["revenue 2026-01-01 30.0 2", "revenue 2026-02-01 0.0 0"]);
    }
}

#[test]
fn group_columns_never_take_the_name_of_an_answers_column() {
    let mut model = model("America/New_York");
    model.metrics.truncate(1);
    let status = row(RowKind::Literal(Literal::Null), Type::plain(Base::Null));
    let by = vec![grouping("status", vec![(ORDERS, status)]), grouping("period", vec![(ORDERS, text("x"))])];
    let ask = Ask { metrics: &[0], by, from: Some("2026-01-01"), to: Some("2026-01-31"), ..Ask::default() };
    assert_eq!(planned(&model, &ask).unwrap().groups, ["by status", "by period"]);
    assert_eq!(answer(&model, &ask, &tables()), ["orders 2026-01-01 - x 3.0 3"]);
}

#[test]
fn metrics_that_share_rows_share_a_scan_and_its_columns() {
    let model = model("America/New_York");
    let ask = Ask { metrics: &[0, 1, 2, 3, 8, 9], ..Ask::default() };
    let planned = planned(&model, &ask).unwrap();
    // Rows, amounts that are there, their sum and largest, and refunded rows.
    assert_eq!(planned.scans.iter().map(|scan| scan.leaves).collect::<Vec<_>>(), [5]);
    assert_eq!(MetricId(0), MetricId::at(0));
}
