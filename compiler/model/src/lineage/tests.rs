use super::*;
use crate::testing::{metric, model_of, shop};

/// The outermost columns of a metric with how it rests on them: `orders.amount DIRECT AGGREGATION`.
fn told(model: &Model, name: &str) -> Vec<String> {
    let mut lineage = Lineage::new(model);
    let roots = lineage.metric(metric(model, name));
    let line = |(place, ways): (&Place, &Vec<(How, Through)>)| {
        let Place::Column(source, column) = place else { return format!("{place:?}") };
        let ways: Vec<&str> = ways.iter().map(|(how, _)| how.subtype_word()).collect();
        format!(
            "{}.{} {}",
            model.source(*source).header.name,
            model.column(*source, *column).name,
            ways.join(" ").to_lowercase()
        )
    };
    roots.iter().map(line).collect()
}

#[test]
fn a_sum_of_rows_of_customers() {
    let model = shop("metric revenue { from: orders  measure: sum(amount)  by: account.plan }");
    assert_eq!(
        told(&model, "revenue"),
        [
            "accounts.account_id join",
            "accounts.plan group_by",
            "accounts.is_test filter",
            "orders.account_id join",
            "orders.ordered_at group_by",
            "orders.amount aggregation",
        ]
    );
}

#[test]
fn a_case_decides_and_a_condition_chooses() {
    let model = shop(
        "metric large { from: orders  customer: account  measure: sum(case when channel = \"web\" then amount end where account.arr > 5 usd) }",
    );
    let told = told(&model, "large");
    assert!(told.contains(&"orders.channel conditional".to_owned()), "{told:?}");
    assert!(told.contains(&"orders.amount aggregation".to_owned()), "{told:?}");
    assert!(told.contains(&"accounts.arr filter".to_owned()), "{told:?}");
}

#[test]
fn through_metrics_of_metrics_the_way_is_kept() {
    let model = shop(
        "metric orders { from: orders  measure: count() }
         metric revenue { from: orders  measure: sum(amount) }
         metric average { measure: revenue / orders }
         metric twice { measure: average * 2 }",
    );
    let mut lineage = Lineage::new(&model);
    let roots = lineage.metric(metric(&model, "twice"));
    let (place, ways) = roots.iter().find(|(_, ways)| ways[0].0 == How::Aggregation).unwrap();
    let way = lineage.way(place, ways[0].1);
    assert_eq!(way, [What::Metric(metric(&model, "average")), What::Metric(metric(&model, "revenue"))]);
}

#[test]
fn a_long_chain_of_metrics_is_followed() {
    let mut text = String::from("metric m0 { from: orders  measure: sum(amount) }\n");
    for at in 1..3000 {
        text.push_str(&format!("metric m{at} {{ measure: m{} + m{} }}\n", at - 1, at / 2));
    }
    let model = shop(&text);
    assert_eq!(told(&model, "m2999"), told(&model, "m0"));
}

#[test]
fn what_is_read_indirectly_stays_so() {
    for inner in [How::Identity, How::Transformation, How::Aggregation] {
        assert_eq!(How::Filter.then(inner), How::Filter);
        assert_eq!(How::Aggregation.then(inner), How::Aggregation);
    }
    assert_eq!(How::Identity.then(How::Join), How::Join);
    assert_eq!(How::Window.then(How::Join), How::Window);
    assert!(How::Aggregation.is_direct() && !How::Filter.is_direct());
}

#[test]
fn classes_reach_references_and_those_who_read_them() {
    let (model, found) = model_of(
        "source people { file: \"p.csv\"  key: mail  columns { mail: text, special } }
         customer person { from: people  key: mail }
         source letters { file: \"l.csv\"  time: day  columns { recipient: person  day: date } }
         metric letters { from: letters  measure: count()  cell: 3 }
         metric readers { from: letters  measure: count(distinct recipient)  cell: 3 }",
    );
    assert_eq!(found, []);
    assert_eq!(model.sensitivity(metric(&model, "letters")), Sensitivity::Special);
    assert_eq!(model.sensitivity(metric(&model, "readers")), Sensitivity::Special);
    assert_eq!(model.metric(metric(&model, "readers")).governed.cell, Some(3));
}
