use super::*;
use crate::testing::{metric, shop};

const METRICS: &str = r#"
    window quarter { value: 90 days after account.since }
    metric revenue { from: orders  measure: sum(amount) }
    metric early_30 { from: orders  window: 30 days after account.since  measure: sum(amount) }
    metric early_90 { from: orders  window: quarter  measure: sum(amount) }
    metric second_month { from: orders  window: day 30 to day 60 after account.since  measure: sum(amount) }
    metric pro_90 { from: orders  window: quarter  measure: sum(amount)  among: account.plan = "pro" }
    metric bought_30 { from: orders  window: 30 days after account.since  each: count()  measure: avg(each) }
    metric bought_90 { from: orders  window: 90 days after account.since  each: count()  measure: avg(each) }
    metric bought_twice { from: orders  window: 90 days after account.since  each: count() > 1  measure: share(each) }
    metric since_first { from: orders  window: 90 days after first(orders.ordered_at)  measure: sum(amount) }
    metric web_30 { from: orders  window: 30 days after account.since  where: channel = "web"  measure: sum(amount) }
"#;

fn found(names: &[&str]) -> Option<(String, String)> {
    let model = shop(METRICS);
    let ids: Vec<MetricId> = names.iter().map(|name| metric(&model, name)).collect();
    let name = |id: MetricId| model.metric(id).header.name.to_string();
    variants(&model, &ids).map(|(one, other)| (name(one), name(other)))
}

#[test]
fn metrics_that_differ_in_their_window_only_are_variants() {
    let pair = |one: &str, other: &str| Some((one.to_owned(), other.to_owned()));
    assert_eq!(found(&["early_30", "early_90"]), pair("early_30", "early_90"));
    assert_eq!(found(&["revenue", "early_90", "second_month"]), pair("early_90", "second_month"));
    assert_eq!(found(&["bought_twice", "bought_90", "bought_30"]), pair("bought_90", "bought_30"));
}

#[test]
fn metrics_that_differ_otherwise_are_not() {
    assert_eq!(found(&["early_30"]), None);
    assert_eq!(found(&["early_30", "early_30"]), None);
    assert_eq!(found(&["revenue", "early_30"]), None);
    assert_eq!(found(&["early_30", "pro_90", "bought_90", "since_first"]), None);
    assert_eq!(found(&["early_90", "web_30"]), None);
}

#[test]
fn the_finding_names_both_windows() {
    let model = shop(METRICS);
    let pair = (metric(&model, "early_30"), metric(&model, "second_month"));
    let finding = not_comparable(&model, pair, None);
    assert_eq!(
        finding.headline,
        "`early_30` looks 30 days and `second_month` from 30 days to 60 days after the same anchor: the difference is the \
         window, not the customers"
    );
    assert_eq!(finding.code.id, "time/windows-not-comparable");
}
