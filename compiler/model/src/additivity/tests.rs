use super::*;
use crate::testing::{metric, shop};

const METRICS: &str = r#"
    metric revenue { from: orders  measure: sum(amount) }
    metric order_count { from: orders  measure: count() }
    metric value { from: orders  measure: sum(amount) / count() }
    metric buyers { from: orders  measure: count(distinct account) }
    metric large { from: orders  measure: max(amount) }
    metric middle { from: orders  measure: median(amount) }
    metric goal { from: orders  measure: sum(amount) - 1000 }
    metric scaled { from: orders  measure: 2 * sum(amount) / 100 - -sum(amount where amount > 5) }
    metric recent { from: orders  window: trailing 28 days  measure: sum(amount) }
    metric so_far { from: orders  window: year to date  measure: sum(amount) }
    metric balance { from: balances  snapshot: last  measure: sum(amount) }
    metric mean_balance { from: balances  snapshot: average  measure: sum(amount) }
    metric early { from: orders  window: 90 days after account.since  measure: sum(amount) }
    metric actives { from: orders  each: count()  measure: count(where each > 1) }
    metric spent { from: orders  each: sum(amount)  measure: avg(each) }
    metric funnel { from: orders  steps { a: amount > 0  b: amount > 10 }  measure: count(where reached) }
    metric filled { from: orders  measure: sum(amount)  fill: previous }
    metric zeroed { from: orders  measure: sum(amount)  fill: 0 }
    metric pro { measure: revenue where account.plan = "pro" }
    metric growth { measure: revenue - revenue offset 1 month }
    metric both { measure: revenue + early }
    metric rest { measure: revenue - 3 * balance }
    metric nested { measure: value + value }
"#;

#[test]
fn sums_and_counts_of_rows_add_up() {
    let model = shop(METRICS);
    for name in ["revenue", "order_count", "scaled", "zeroed", "pro"] {
        assert_eq!(additivity(&model, metric(&model, name)), Additivity::Additive, "{name}");
    }
}

#[test]
fn other_clocks_and_customers_add_up_over_groups() {
    let model = shop(METRICS);
    let names = ["recent", "so_far", "balance", "mean_balance", "early", "actives", "funnel", "both", "rest"];
    for name in names {
        assert_eq!(additivity(&model, metric(&model, name)), Additivity::OverGroups, "{name}");
    }
}

#[test]
fn the_rest_does_not_add_up_and_says_why() {
    let model = shop(METRICS);
    let cases = [
        ("value", "it divides one value by another"),
        ("buyers", "it counts each value once, and the same value may stand in several cells"),
        ("large", "it is the greatest of its values"),
        ("middle", "it is a median"),
        ("goal", "it adds a constant, which would count once for each cell"),
        ("spent", "it is an average"),
        ("filled", "it takes the value of an earlier period where it has none"),
        ("growth", "it looks at another period"),
        ("nested", "it divides one value by another"),
    ];
    for (name, reason) in cases {
        let expected = Additivity::Not { reason: reason.to_owned() };
        assert_eq!(additivity(&model, metric(&model, name)), expected, "{name}");
    }
}
