//! What is read of dashboards, alerts and targets, and what is found in them.

use crate::model::Model;
use crate::reading::{Audience, Bound, Comparison, Direction, GoalOf, Mark, Phase, Refresh, Trigger};
use crate::testing::{SHOP, metric, model_of, shop};
use crate::time::{Grain, Offset};
use jiff::civil::date;

const METRICS: &str = r#"
    team shop { lead: "shop@acme.example" }
    team growth { lead: "growth@acme.example" }
    metric revenue {
      owner: shop  from: orders  measure: sum(amount)  by: account.plan, channel, (account.plan, channel)
      grain: month, quarter  matters: 3 usd at 95%
    }
    metric parcels { owner: shop  from: orders  measure: count()  by: account.plan, (account.plan, channel)  grain: month, quarter }
    metric share { from: orders  measure: share(amount > 10) }
    metric early { customer: account  from: orders  window: 30 days after account.since  each: count() >= 1  measure: share(each) }
    metric later { customer: account  from: orders  window: 90 days after account.since  each: count() >= 1  measure: share(each) }
    metric delay { customer: account  from: orders  window: 60 days after account.since  each: first(ordered_at) - account.since  measure: median(each)  unit: days }
    metric curve { customer: account  from: orders  window: each month after account.since, 12 times  each: count() >= 1  measure: share(each) }
    metric funnel {
      customer: account  from: orders  window: 90 days after account.since
      steps { first: amount > 0  second: amount > 10 within 30 days }
    }
    metric draft { from: orders  measure: count()  status: draft }
    metric gone { from: orders  measure: count()  status: retired  replaced_by: parcels }
"#;

fn read(text: &str) -> Model {
    shop(&format!("{METRICS}{text}"))
}

/// The codes and headlines of what is found.
fn found(text: &str) -> Vec<String> {
    let (_, found) = model_of(&format!("{SHOP}{METRICS}{text}"));
    found.iter().map(|finding| format!("{}: {}", finding.code.id, finding.headline)).collect()
}

fn tile(body: &str) -> Vec<String> {
    found(&format!("dashboard d {{ tile t {{ {body} }} }}"))
}

fn alert(body: &str) -> Vec<String> {
    found(&format!("alert a {{ {body} }}"))
}

fn codes(found: &[String]) -> Vec<&str> {
    found.iter().map(|line| line.split(": ").next().unwrap()).collect()
}

#[test]
fn a_dashboard_is_read() {
    let model = read(
        r#"
        target goal { metric: revenue  value: 40 usd  shadow: 2026-01-01  warned: 2026-04-01  enforced: 2026-07-01  until: 2026-12-31 }
        /// Of the leadership.
        dashboard leadership {
          owner: growth  audience: executive  refresh: daily  title: "Leadership"  note: "Read on Mondays."
          /// By plan.
          tile money { shows: revenue, parcels by account.plan, channel  as: table  span: last 8 quarters  grain: quarter }
          tile goal  { shows: revenue by (account.plan, channel)  as: line  target: goal  owner: shop  title: "Money" }
          tile share { shows: share  as: number  target: 40% }
        }"#,
    );
    let dashboard = &model.dashboards[0];
    assert_eq!((dashboard.audience, dashboard.refresh), (Audience::Executive, Some(Refresh::Daily)));
    assert_eq!((dashboard.title.as_deref(), dashboard.note.as_deref()), (Some("Leadership"), Some("Read on Mondays.")));
    let [money, goal, share] = dashboard.tiles.as_slice() else { panic!("three tiles") };
    assert_eq!(
        money.metrics.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        [metric(&model, "revenue"), metric(&model, "parcels")]
    );
    assert_eq!(money.by.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(), ["account.plan", "channel"]);
    assert_eq!((money.mark, money.latest, money.grain), (Mark::Table, Some((8, Grain::Quarter)), Grain::Quarter));
    assert_eq!(money.doc.as_deref(), Some("By plan."));
    assert_eq!(model.teams[money.owner.unwrap().index()].header.name, "growth");
    assert_eq!(model.teams[goal.owner.unwrap().index()].header.name, "shop");
    assert_eq!((goal.goal, goal.by.len()), (Some(GoalOf::Declared(0)), 2));
    assert_eq!((share.goal, share.grain, share.latest), (Some(GoalOf::Value(0.4)), Grain::Month, None));
    let goal = &model.goals[0];
    assert_eq!(goal.value, 40.0);
    let phases = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 4, 1), date(2026, 12, 31), date(2027, 1, 1)];
    assert_eq!(
        phases.map(|day| goal.phase(day)),
        [None, Some(Phase::Shadow), Some(Phase::Warned), Some(Phase::Enforced), None]
    );
}

#[test]
fn a_tile_has_the_owner_of_its_only_metric() {
    let model =
        read("dashboard d { tile t { shows: revenue  as: line } tile u { shows: revenue, parcels  as: table } }");
    let [one, two] = model.dashboards[0].tiles.as_slice() else { panic!("two tiles") };
    assert_eq!(model.teams[one.owner.unwrap().index()].header.name, "shop");
    assert_eq!((two.owner, model.dashboards[0].audience), (None, Audience::Operations));
}

#[test]
fn alerts_are_read() {
    let model = read(
        r#"
        alert drop { on: revenue by account.plan  when: falls by matters  after: 2 periods  tell: growth  do: "Call."  because: "It did." }
        alert low { on: share  when: value < 30%  until: value >= 0.35 }
        alert old { on: revenue  when: age > 2 weeks  grain: quarter }
        alert slow { on: delay  when: value > 36 hours }"#,
    );
    let [drop, low, old, slow] = model.alerts.as_slice() else { panic!("four alerts") };
    assert_eq!((drop.when, drop.after), (Trigger::Matters(Direction::Falls), 2));
    assert_eq!((drop.action.as_deref(), drop.because.as_deref(), drop.by.len()), (Some("Call."), Some("It did."), 1));
    let fires = Bound { comparison: Comparison::Less, value: 0.3 };
    let clears = Some(Bound { comparison: Comparison::GreaterEqual, value: 0.35 });
    assert_eq!((low.when, low.after, low.tell), (Trigger::Threshold { fires, clears }, 1, None));
    assert_eq!((old.when, old.grain), (Trigger::Missing(Offset::days(14)), Grain::Quarter));
    let fires = Bound { comparison: Comparison::Greater, value: 1.5 };
    assert_eq!(slow.when, Trigger::Threshold { fires, clears: None });
}

#[test]
fn tiles_are_checked() {
    let none: Vec<String> = Vec::new();
    for (body, code) in [
        ("shows: revenu  as: line", "name/unknown"),
        ("shows: revenue  as: lines", "type/wrong-value"),
        ("shows: revenue", "name/missing-key"),
        ("shows: revenue  as: line  colour: red", "name/unknown-key"),
        ("shows: draft  as: line", "dashboard/metric-status"),
        ("shows: gone  as: line", "dashboard/metric-status"),
        ("shows: share by channel  as: line", "dashboard/not-published"),
        ("shows: revenue by account.plans  as: line", "name/unknown-dimension"),
        ("shows: parcels by channel  as: line", "dashboard/not-published"),
        ("shows: revenue  as: line  grain: day", "dashboard/not-published"),
        ("shows: revenue by channel, parcels by channel  as: table", "type/wrong-value"),
        ("shows: revenue, revenue  as: table", "type/wrong-value"),
        ("shows: revenue + parcels  as: table", "type/wrong-value"),
        ("shows: early, later  as: table", "dashboard/mixes-windows"),
        ("shows: revenue, parcels  as: line", "dashboard/mixes-units"),
        ("shows: revenue  as: heatmap", "dashboard/mark"),
        ("shows: revenue  as: funnel", "dashboard/mark"),
        ("shows: curve  as: line", "dashboard/mark"),
        ("shows: funnel  as: number", "dashboard/mark"),
        ("shows: revenue, parcels  as: number", "dashboard/mark"),
        ("shows: revenue by channel  as: number", "dashboard/mark"),
        ("shows: revenue  as: line  target: 40%", "dashboard/target-unit"),
        ("shows: share  as: line  target: 40 usd", "dashboard/target-unit"),
        ("shows: revenue  as: line  target: goal", "name/unknown"),
        ("shows: revenue  as: line  span: 8 quarters", "type/wrong-value"),
        ("shows: revenue  as: line  span: last 0 quarters", "type/wrong-value"),
    ] {
        assert_eq!(codes(&tile(body)), [code], "{body}: {:#?}", tile(body));
    }
    for body in [
        "shows: curve  as: heatmap",
        "shows: funnel  as: funnel",
        "shows: curve  as: table",
        "shows: early, share  as: line",
    ] {
        assert_eq!(tile(body), none, "{body}");
    }
    assert_eq!(codes(&found("dashboard d { audience: everybody }")), ["type/wrong-value", "name/missing-key"]);
    assert_eq!(codes(&found("dashboard d { tile { shows: revenue } }")), ["type/wrong-value"]);
    let twice = "dashboard d { tile t { shows: revenue  as: line } tile t { shows: parcels  as: line } }";
    assert_eq!(codes(&found(twice)), ["name/duplicate"]);
    let other = "target goal { metric: revenue  value: 3 usd } dashboard d { tile t { shows: parcels  as: line  target: goal } }";
    assert_eq!(codes(&found(other)), ["dashboard/target-of-another"]);
}

#[test]
fn alerts_are_checked() {
    for (body, code) in [
        ("on: revenue, parcels  when: value < 3", "type/wrong-value"),
        ("on: draft  when: value < 3", "alert/metric-status"),
        ("on: share by channel  when: value < 3%", "alert/not-published"),
        ("on: parcels  when: falls by matters", "alert/no-matters"),
        ("on: revenue  when: drops by matters", "type/wrong-value"),
        ("on: revenue  when: falls by 3 usd", "type/wrong-value"),
        ("on: revenue  when: value < 3 eur", "alert/unit"),
        ("on: revenue  when: valu < 3", "type/wrong-value"),
        ("on: revenue  when: value = 3", "type/wrong-value"),
        ("on: revenue  when: revenue", "type/wrong-value"),
        ("on: revenue  when: age < 3 days", "type/wrong-value"),
        ("on: revenue  when: age > 3 usd", "type/wrong-value"),
        ("on: revenue  when: age > 3 days  after: 2 periods", "type/wrong-value"),
        ("on: revenue  when: falls by matters  after: 0 periods", "type/wrong-value"),
        ("on: revenue  when: falls by matters  until: value > 3", "type/wrong-value"),
        ("on: revenue  when: value < 30  until: value < 20", "alert/never-clears"),
        ("on: revenue  when: value < 30  until: value >= 25", "alert/never-clears"),
        ("on: revenue  when: value <= 30  until: value >= 30", "alert/never-clears"),
        ("on: revenue  when: value > 30  until: value > 40", "alert/never-clears"),
        ("on: share  when: value < 30", "alert/unit"),
    ] {
        assert_eq!(codes(&alert(body)), [code], "{body}: {:#?}", alert(body));
    }
    for body in [
        "on: revenue  when: value < 30  until: value >= 30",
        "on: revenue  when: value > -30.5 usd  until: value < -40",
    ] {
        assert_eq!(alert(body), Vec::<String>::new(), "{body}");
    }
}

#[test]
fn targets_are_checked() {
    for (body, code) in [
        ("metric: gone  value: 3", "goal/metric-status"),
        ("metric: revenue  value: 3 eur", "goal/unit"),
        ("metric: revenue  value: 3 usd  shadow: 2026-04-01  warned: 2026-01-01", "goal/phases"),
        ("metric: revenue  value: 3 usd  shadow: 2026-04-01  until: 2026-01-01", "goal/phases"),
        ("metric: revenue  value: 3 usd  shadow: 2026-02-31", "type/wrong-value"),
        ("metric: revenue", "name/missing-key"),
    ] {
        let text = format!("target t {{ {body} }}");
        assert_eq!(codes(&found(&text)), [code], "{body}: {:#?}", found(&text));
    }
}

#[test]
fn estimates_are_needed_where_a_change_is_looked_at() {
    let model = read(
        "dashboard d { tile t { shows: share  as: line } tile u { shows: early  as: table } } \
         alert a { on: parcels  when: value < 3 } alert b { on: delay  when: age > 2 days }",
    );
    let names: Vec<&str> = model.needs_estimates().iter().map(|id| model.metric(*id).header.name.as_str()).collect();
    assert_eq!(names, ["early", "parcels", "revenue", "share"]);
}
