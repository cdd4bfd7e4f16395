use crate::model::ExceptionId;
use crate::testing::{metric, shop};

const REVENUE: &str = r#"
    metric revenue { from: orders  where: channel = "web"  measure: sum(amount) }
    metric buyers { from: orders  each: count()  measure: count() }
    metric joined { from: orders  window: 30 days after account.since  each: count()  measure: count() }
    metric per_buyer { measure: revenue / buyers }
    exception ours {
      of: account  where: account_id in ("A-1")  from: revenue, buyers  because: "ours"  evidence: "none"
      approved_by: "lead@acme.example"  until: 2030-01-01
    }
    exception broken_form {
      of: account  where: plan = "pro"  from: joined  covers: 2026-01-01 to 2026-01-31  because: "the form was broken"
      evidence: "none"  approved_by: "lead@acme.example"  until: 2030-01-01
    }
"#;

#[test]
fn nothing_is_left_out_of_the_whole() {
    let model = shop(REVENUE);
    let bare = shop(REVENUE.split("exception").next().unwrap());
    let whole = model.without_exceptions();
    for name in ["revenue", "buyers", "joined", "per_buyer"] {
        let (with, without, never) =
            (model.metric(metric(&model, name)), whole.metric(metric(&whole, name)), bare.metric(metric(&bare, name)));
        assert_eq!((&without.filter, &without.population), (&never.filter, &never.population), "{name}");
        let same = (&with.filter, &with.population) == (&never.filter, &never.population);
        assert_eq!(same, name == "per_buyer", "{name}");
    }
    assert!(whole.metrics.iter().all(|metric| metric.governed.exceptions.is_empty()));
}

#[test]
fn metrics_of_metrics_have_the_exceptions_of_their_parts() {
    let model = shop(REVENUE);
    let names = |name: &str| -> Vec<String> {
        let excepted = model.excepted(metric(&model, name)).into_iter();
        excepted.map(|id: ExceptionId| model.exception(id).header.name.to_string()).collect()
    };
    assert_eq!(names("per_buyer"), ["ours"]);
    assert_eq!(names("joined"), ["broken_form"]);
}

#[test]
fn what_is_left_out_can_be_looked_for() {
    let model = shop(REVENUE);
    let of = |exception: u32, name: &str| {
        let found = model.left_out(ExceptionId(exception), metric(&model, name));
        found.into_iter().map(|(source, _)| model.source(source).header.name.to_string()).collect::<Vec<_>>()
    };
    // In the order of names: `broken_form`, `ours`.
    assert_eq!(of(1, "revenue"), ["orders"]);
    assert_eq!(of(1, "buyers"), ["accounts"]);
    assert_eq!(of(0, "joined"), ["accounts"]);
}
