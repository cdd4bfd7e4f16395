use super::{explain_metric, explain_other, steps_of_curve};
use groma_model::MetricId;
use groma_project::{MemoryWorld, Project, compile};
use serde_json::Value;

const DECLARATIONS: &str = r#"
source accounts {
  file: "accounts.csv" key: account_id
  columns {
    account_id: text signed_up: instant in "UTC" closed: date, optional region: text arr: decimal(12, 2) in usd
  }
}
source events {
  file: "events.csv" key: event_id time: at late: 2 days
  columns { event_id: text account_id: account at: instant in "UTC" name: text amount: decimal(12, 2) in usd }
}
source orders {
  file: "orders.csv" key: order_id time: day late: 5 days
  columns { order_id: text account_id: account day: date amount: decimal(12, 2) in usd }
}
/// Who pays.
customer account { from: accounts key: account_id since: signed_up until: closed has: region, arr }
window first_days { value: day 30 to day 60 after account.since }
metric activation {
  from: events window: 30 days after account.since each: count(where name = "core") >= 3 measure: share(each)
  among: region = "north" minimum: 30 matters: 3 percent at 95% weight: account.arr
}
metric kept { from: events window: each month after account.since, 12 times each: count() > 0 measure: share(each) }
metric weekly { from: events window: each 7 days after account.since, 4 times each: count() measure: avg(each) }
metric later { from: events window: 2 months after first(orders.day where amount > 5 usd) each: count() measure: avg(each) }
metric named { from: events window: first_days each: count() measure: median(each) }
metric alive { from: events population: all each: count() > 0 measure: share(each) }
metric busy { from: events each: sum(amount) measure: avg(each) }
metric checkout {
  from: events
  steps { came: name = "visit" chose: name = "cart" within 7 days paid: name = "paid" within 1 month }
}
metric revenue { from: orders measure: sum(amount) fill: 0 }
metric trailing_revenue { from: orders window: trailing 28 days measure: sum(amount) }
metric seats { from: orders snapshot: last measure: sum(amount) }
metric ratio { measure: activation / alive }
source answers {
  file: "answers.csv" key: id time: day
  columns { id: text account_id: account day: date score: scale(0 to 10) }
}
survey care { responses: answers customer: account timing: 2 days after orders.day channel: email }
metric recommendation { from: answers measure: nps(score) answers: last }
metric greatest { from: orders measure: max(amount) }
metric wait { from: events window: 9 days after account.since each: days_between(account.since, first(at)) measure: avg(each) }
"#;

fn project() -> Project {
    let world = MemoryWorld::with_manifest("project: a\ntimezone: Europe/Berlin\n").file("a.groma", DECLARATIONS);
    let project = compile(&world);
    assert_eq!(project.diagnostics, []);
    project
}

fn id(project: &Project, name: &str) -> MetricId {
    project.model.metric_named(name).unwrap()
}

fn facts(project: &Project, name: &str) -> Value {
    explain_metric(&project.model, &project.sources, id(project, name), jiff::civil::date(2026, 7, 1)).as_json()["facts"].clone()
}

/// Facts of metrics as they are, but for what is left out at `…`.
fn says(expected: &[(&str, &str, &str)]) {
    let project = project();
    for (metric, label, text) in expected {
        let facts = facts(&project, metric);
        let found = facts[*label].as_str().unwrap_or_default();
        let mut rest = found;
        for part in text.split('…') {
            let Some(at) = rest.find(part) else { panic!("{metric}, {label}: {part:?} is not in order in {found:?}") };
            rest = &rest[at + part.len()..];
        }
        assert!(text.ends_with('…') || rest.is_empty(), "{metric}, {label}: {found:?} goes on");
    }
}

#[test]
fn who_is_counted() {
    says(&[
        (
            "activation",
            "counts",
            "customers of kind `account`: Who pays.\na period counts everyone whose account.since lies in it, with or without \
             rows: a cohort\nonly where account.region = \"north\"",
        ),
        (
            "later",
            "counts",
            "…everyone whose first such row of `orders` where amount > 5 lies in it, by `day`: a cohort",
        ),
        ("alive", "counts", "…one at some moment of it (from `signed_up` until `closed`), with or without rows"),
        ("busy", "counts", "…those with at least one row that counts"),
        ("checkout", "counts", "…those with a first step in it"),
        ("revenue", "counts", "customers of kind `account`: Who pays."),
        (
            "activation",
            "each",
            "customer has one value: count(where name = \"core\") >= 3; without rows a count or a sum is 0…",
        ),
        ("wait", "each", "customer has one value: days_between(account.signed_up, first(at))…"),
        ("busy", "each", "customer has one value: sum(amount)"),
        (
            "checkout",
            "steps",
            "1. came: the first row where name = \"visit\"\n2. chose: the first row where name = \"cart\", less than 7 days \
             after the step before\n3. paid: …, less than 1 month after the step before",
        ),
        ("activation", "weight", "with `--weights` each customer counts for account.arr…"),
    ]);
}

#[test]
fn from_when_to_when() {
    says(&[
        (
            "activation",
            "when",
            "`at` lies in the customer's own window: from the day of account.since up to, but not including, 30 days after \
             that day (local days of Europe/Berlin)",
        ),
        ("named", "when", "…from 30 days after the day of account.since up to, but not including, 60 days after…"),
        (
            "kept",
            "when",
            "step 0 holds the rows whose `at` lies from the day of account.since…1 month later…to step 11…",
        ),
        ("later", "when", "…the day of first(orders.day where amount > 5) up to, but not including, 2 months after…"),
        ("revenue", "when", "`day` lies in the period: from its first day up to, but not including,…"),
        ("checkout", "when", "`at` of the first step lies in the period…later steps may lie behind it"),
        ("trailing_revenue", "when", "`day` lies in the 28 days before the end of the period…"),
        ("seats", "when", "only the rows of the last `day` that the source has in the period…"),
    ]);
}

#[test]
fn when_it_is_settled() {
    says(&[
        (
            "activation",
            "settled",
            "32 days after the end of the period: each customer's window (30 days after the anchor) has closed by then, and a \
             row of `events` may arrive 2 days late; before it closes there is no value (`immature`)",
        ),
        // The first order may arrive later than the rows that are counted.
        (
            "later",
            "settled",
            "2 months 5 days after the end of the period: …, and a row of `orders` may arrive 5 days late…",
        ),
        ("kept", "settled", "step k: k + 1 times 1 month and 2 days after the end of the period…"),
        (
            "checkout",
            "settled",
            "the bounds of the steps add up: `came` at the end of the period, `chose` 7 days after it and `paid` 1 month 7 \
             days after it; a row of `events` may arrive 2 days late",
        ),
        ("revenue", "settled", "5 days after the end of the period: a row of `orders` may arrive 5 days late"),
        ("trailing_revenue", "settled", "5 days after the end of the period: a row of `orders` may arrive 5 days late"),
        (
            "ratio",
            "settled",
            "32 days after the end of the period, when the last of its parts is: `activation`; while a…",
        ),
    ]);
}

#[test]
fn how_it_is_read() {
    says(&[
        ("revenue", "rolls_up", "adds up over periods and over groups"),
        ("trailing_revenue", "rolls_up", "adds up over the groups of one period, not over periods…"),
        ("activation", "rolls_up", "does not add up, because it is a share: totals…"),
        ("activation", "interval", "that of a share, by Wilson's method…"),
        ("greatest", "interval", "none, because it rests on single rows…"),
        ("activation", "minimum", "fewer than 30 customers give no value (`insufficient`)"),
        ("activation", "matters", "a change of 3 percentage points or more…at 95%…"),
        ("recommendation", "surveys", "answers to `care`, which asks 2 days after orders.day"),
        ("recommendation", "each", "customer has one value: last(score)"),
        ("revenue", "fill", "0 where there is nothing to compute from"),
    ]);
}

#[test]
fn steps_have_a_name_for_the_head_of_a_table() {
    let project = project();
    let step = |name| steps_of_curve(&project.model, project.model.metric(id(&project, name)));
    assert_eq!(step("kept").as_deref(), Some("month after account.since"));
    assert_eq!(step("weekly").as_deref(), Some("steps of 7 days after account.since"));
    assert_eq!(step("activation"), None);
}

#[test]
fn the_catalog_has_the_same_as_fields() {
    let project = project();
    let metric = |name| super::catalog::metric(&project.model, &project.sources, id(&project, name));
    let activation = metric("activation");
    for (key, expected) in [
        ("window", serde_json::json!("30 days after account.since")),
        ("each", serde_json::json!("count(where name = \"core\") >= 3")),
        ("settles_after", serde_json::json!("32 days")),
        ("additivity", serde_json::json!("not additive")),
        ("interval", serde_json::json!("wilson")),
        ("minimum", serde_json::json!(30)),
        ("matters", serde_json::json!({ "change": 0.03, "confidence": 0.95 })),
        ("weight", serde_json::json!("account.arr")),
        (
            "population",
            serde_json::json!({
                "members": "anchor", "anchor": "account.since", "where": "account.region = \"north\""
            }),
        ),
    ] {
        assert_eq!(activation[key], expected, "{key}");
    }
    assert_eq!(metric("named")["window"], "day 30 to day 60 after account.since");
    assert_eq!(metric("kept")["window"], "each month after account.since, 12 times");
    assert_eq!(metric("seats")["snapshot"], "last");
    assert_eq!(metric("checkout")["steps"][1]["within"], "7 days");
    assert_eq!(metric("revenue")["fill"], "0");
}

#[test]
fn what_says_who_is_counted_is_read_too() {
    let project = project();
    let reads = metric_reads(&project, "later");
    for column in
        ["accounts.account_id", "orders.account_id", "orders.amount", "orders.day", "events.account_id", "events.at"]
    {
        assert!(reads.iter().any(|read| read == column), "{column} in {reads:?}");
    }
    assert!(metric_reads(&project, "alive").iter().any(|read| read == "accounts.closed"));
    assert!(metric_reads(&project, "activation").iter().any(|read| read == "accounts.arr"));
}

fn metric_reads(project: &Project, name: &str) -> Vec<String> {
    let metric = super::catalog::metric(&project.model, &project.sources, id(project, name));
    metric["reads"].as_array().unwrap().iter().map(|read| read.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_window_is_explained_without_a_metric() {
    let project = project();
    let facts = explain_other(&project.model, &project.sources, "first_days", jiff::civil::date(2026, 7, 1));
    let facts = facts[0].as_json()["facts"].clone();
    assert_eq!(facts["window"], "day 30 to day 60 after account.since");
    assert_eq!(
        facts["rows"],
        "those day 30 to day 60 after account.since, for each customer whose day lies in the period"
    );
}
