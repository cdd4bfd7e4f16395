use crate::model::{Anchor, Members, Metric, Model};
use crate::row::{Each, RowKind};
use crate::testing::{metric, model_of, shop};
use crate::time::{Clock, Offset, Snapshot};
use groma_syntax::{FileId, parse_expression};

fn read<'m>(model: &'m Model, name: &str) -> &'m Metric {
    model.metric(metric(model, name))
}

fn names(model: &Model, sources: &[crate::SourceId]) -> Vec<String> {
    sources.iter().map(|id| model.source(*id).header.name.to_string()).collect()
}

#[test]
fn rows_are_filtered_by_their_customer_and_customers_by_themselves() {
    let model = shop(
        "metric rows { from: orders  measure: sum(amount)  where: amount > 1 }
         metric ones { from: orders  each: sum(amount)  measure: avg(each)  among: account.plan = \"pro\" }",
    );
    let rows = read(&model, "rows");
    assert!(rows.filter.is_some() && rows.population.is_none());
    assert_eq!(names(&model, &rows.sources), ["orders"]);
    let ones = read(&model, "ones");
    assert!(ones.filter.is_none());
    let population = ones.population.as_ref().unwrap();
    assert_eq!(population.members, Members::Rows);
    // `not is_test and plan = "pro"`.
    assert!(matches!(population.filter.as_ref().unwrap().kind, RowKind::Binary { .. }));
    assert_eq!(names(&model, &ones.sources), ["accounts"]);
    assert_eq!(names(&model, &ones.reads), ["accounts", "orders"]);
}

#[test]
fn the_key_of_a_customer_needs_no_join() {
    let model = shop("metric rows { from: orders  measure: sum(amount) }");
    let key = read(&model, "rows").customer_key.as_ref().unwrap();
    assert_eq!((key.hops.len(), model.column(key.source, key.column).name.as_str()), (0, "account_id"));
}

#[test]
fn windows_are_read_by_their_anchor() {
    let model = shop(
        "window early { value: day 30 to month 2 after first(orders.ordered_at where amount > 1) }
         metric named { from: balances  window: early  measure: sum(amount) }
         metric weeks { from: orders  window: week 1 to week 4 after account.since  measure: sum(amount) }
         metric curve { from: orders  window: each month after account.since, 12 times  each: count()  measure: avg(each) }",
    );
    let named = read(&model, "named");
    assert_eq!(named.clock, Clock::After { from: Offset::days(30), to: Offset::months(2) });
    assert!(matches!(
        named.population.as_ref().unwrap().members,
        Members::Anchor(Anchor::First { filter: Some(_), .. })
    ));
    assert_eq!(names(&model, &named.reads), ["accounts", "balances", "orders"]);
    assert_eq!(read(&model, "weeks").clock, Clock::After { from: Offset::days(7), to: Offset::days(28) });
    assert_eq!(read(&model, "curve").clock, Clock::Curve { every: Offset::months(1), times: 12 });
}

#[test]
fn a_funnel_measures_the_share_that_reached_the_step() {
    let model = shop("metric funnel { from: orders  steps { a: amount > 0  b: amount > 10 within 7 days } }");
    let funnel = read(&model, "funnel");
    assert_eq!(funnel.steps.iter().map(|step| step.within).collect::<Vec<_>>(), [None, Some(Offset::days(7))]);
    let mut given = Vec::new();
    funnel.measure.visit(&mut |part| {
        if let crate::measure::MeasureKind::Aggregate(call) = &part.kind {
            given.extend(call.argument.as_ref().map(|argument| argument.kind.clone()));
        }
    });
    assert_eq!(given, [RowKind::Each(Each::Reached)]);
}

#[test]
fn percentage_points_are_fractions() {
    let model = shop(
        "metric rate { from: orders  measure: share(amount > 1)  matters: 2 percent at 90%  minimum: 30 }
         metric money { from: orders  measure: sum(amount)  matters: 0.5 usd at 95%  weight: account.arr }",
    );
    let matters = |name: &str| read(&model, name).matters.map(|matters| (matters.change, matters.confidence));
    assert_eq!(matters("rate"), Some((0.02, 0.9)));
    assert_eq!(matters("money"), Some((0.5, 0.95)));
    assert_eq!(read(&model, "rate").minimum, Some(30));
    assert!(read(&model, "money").weight.is_some());
}

#[test]
fn a_snapshot_chooses_the_customer_it_names() {
    let model = shop("metric held { from: balances  snapshot: last per account  measure: sum(amount) }");
    assert_eq!(read(&model, "held").clock, Clock::Snapshot(Snapshot::LastPerCustomer));
}

#[test]
fn a_question_about_customers_says_what_rows_are_behind_them() {
    let model = shop("metric spent { from: orders  each: sum(amount)  measure: avg(each) }");
    let path = parse_expression(FileId(9), "channel").unwrap();
    let found = model.grouping(&path, &read(&model, "spent").sources).unwrap_err();
    assert_eq!(found.first().map(|finding| finding.code.id), Some("level/row-group-of-customers"));
}

#[test]
fn what_is_reported_leaves_a_broken_metric() {
    let (model, found) = model_of(&format!(
        "{}metric odd {{ from: orders  window: 30 days after account.plan  each: count()  measure: avg(each) }}",
        crate::testing::SHOP
    ));
    assert_eq!(found.len(), 1);
    assert!(read(&model, "odd").header.broken);
}
