use super::{documentation, entries};
use crate::meaning::Subject;
use crate::schema::Kind;
use crate::testing::shop;
use smol_str::SmolStr;

fn keys(text: &str, kind: Kind, name: &str) -> Vec<SmolStr> {
    let found = entries(&shop(text), &(kind, name.into())).unwrap();
    found.into_iter().map(|(key, _)| key).collect()
}

/// Whether two declarations of a name say the same under a key.
fn same(left: &str, right: &str, subject: &Subject, key: &str) -> bool {
    let [left, right] = [left, right].map(|text| entries(&shop(text), subject).unwrap());
    let one = |found: Vec<(SmolStr, _)>| found.into_iter().find(|(known, _)| known == key);
    one(left) == one(right)
}

#[test]
fn groups_are_spread() {
    let text = "metric m { from: orders  steps { a: amount > 0  b: amount > 10 within 7 days }  label { fr: \"M\" } }
                team t { title: \"T\" }";
    assert_eq!(keys(text, Kind::Metric, "m"), ["from", "label.fr", "steps", "steps.a", "steps.b"]);
    let columns = keys(text, Kind::Source, "balances");
    assert_eq!(columns, ["columns.account_id", "columns.amount", "columns.day", "file", "time"]);
    let function = "function f(x: number) -> usd { value: x }";
    assert_eq!(keys(function, Kind::Function, "f"), ["parameters", "returns", "value"]);
}

#[test]
fn versions_are_beside_each_other() {
    let text = "metric m { from: orders  measure: count()  where: amount > 1  status: active
                  version 2 { from: 2026-07-01  where: none  window: trailing 7 days } }";
    let found = keys(text, Kind::Metric, "m");
    assert_eq!(found, ["from", "measure", "version.2.from", "version.2.where", "version.2.window", "where"]);
}

#[test]
fn nothing_is_said_of_what_is_not_there() {
    let model = shop("");
    assert_eq!(entries(&model, &(Kind::Metric, "nobody".into())), None);
    assert_eq!(documentation(&model, &(Kind::Metric, "nobody".into())), None);
    assert!(!model.has(&(Kind::Team, "account".into())) && model.has(&(Kind::Customer, "account".into())));
}

#[test]
fn documentation_stands_by_itself() {
    let model = shop("/// One.\n/// Two.\nmetric m {\n from: orders\n /// Three.\n measure: count()\n}");
    let found = documentation(&model, &(Kind::Metric, "m".into())).unwrap();
    assert_eq!(found, [("".into(), "One.\nTwo.".to_owned()), ("measure".into(), "Three.".to_owned())]);
}

#[test]
fn an_order_that_matters_is_kept() {
    let subject = (Kind::Metric, "m".into());
    let metric = |entries: &str| format!("metric m {{ from: orders  {entries} }}");
    let shifts = ["date(ordered_at) + 1 month + 1 day", "date(ordered_at) + 1 day + 1 month"]
        .map(|moment| metric(&format!("where: 2026-01-01 > {moment}  measure: count()")));
    assert!(!same(&shifts[0], &shifts[1], &subject, "where"));
    let steps = ["a: amount > 0  b: amount > 10", "b: amount > 10  a: amount > 0"]
        .map(|steps| metric(&format!("steps {{ {steps} }}")));
    assert!(!same(&steps[0], &steps[1], &subject, "steps"));
    assert!(same(&steps[0], &steps[1], &subject, "steps.a"));
}
