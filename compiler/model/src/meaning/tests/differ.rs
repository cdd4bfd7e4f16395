//! What changes a meaning, and whose.

use super::project::{Both, SHOP, each, newest, with};
use crate::schema::Kind;
use crate::time::{Calendar, Grain};

/// What stands in the project, what stands there instead, and a metric whose number is another one.
const PAIRS: &[(&str, &str, &str)] = &[
    // Filters.
    ("amount > 5 and channel", "amount >= 5 and channel", "revenue"),
    ("amount > 5 and channel", "amount > 6 and channel", "revenue"),
    ("amount > 5 and channel", "amount > 5 or channel", "revenue"),
    ("amount > 5 and channel", "units > 5 and channel", "revenue"),
    ("(\"web\", \"app\")", "(\"web\", \"App\")", "revenue"),
    ("(\"web\", \"app\")", "(\"web\")", "revenue"),
    ("amount > 5 and channel in", "amount > 5 and channel not in", "revenue"),
    ("both(amount) or not", "both(amount) or", "net_revenue"),
    ("(units >= 3 and refunded)", "(units >= 3 and coalesce(refunded, false))", "net_revenue"),
    ("measure: count() }\nmetric net", "measure: count()  where: true and amount > 0 }\nmetric net", "parcels"),
    ("count(where amount > 10.50 and", "count(where amount > 10.51 and", "activation"),
    // Through other metrics.
    ("amount > 5 and channel", "amount > 7 and channel", "basket"),
    ("amount > 5 and channel", "amount > 7 and channel", "growth"),
    ("amount > 5 and channel", "amount > 7 and channel", "large_share"),
    ("revenue offset 1 month", "revenue offset 2 months", "growth"),
    ("(revenue where account.plan = \"large\")", "(revenue where account.plan = \"small\")", "large_share"),
    ("measure: revenue / parcels", "measure: parcels / revenue", "basket"),
    ("measure: stepped * 2", "measure: stepped * 3", "of_stepped"),
    // Versions.
    ("where: amount > 3 }", "where: amount > 4 }", "stepped"),
    ("where: amount > 3 }", "where: amount > 4 }", "of_stepped"),
    // Measures.
    ("measure: sum(amount)\n  by", "measure: avg(amount)\n  by", "revenue"),
    ("units * rating * 2 + 1", "units * (rating * 2 + 1)", "to_date"),
    ("units * rating * 2 + 1", "units * rating * 2 - 1", "to_date"),
    ("units * rating * 2 + 1", "units * rating * 2 + 1.01", "to_date"),
    ("units * rating * 2 + 1", "units / rating * 2 + 1", "to_date"),
    ("measure: median(each)", "measure: percentile(each, 51%)", "early_spend"),
    ("then 1 when channel", "then 2 when channel", "banded"),
    ("amount between 10 and 20", "amount between 20 and 10", "banded"),
    ("amount between 10 and 20", "amount > 10 and amount <= 20", "banded"),
    ("avg(greatest(", "avg(least(", "hours"),
    // Customers.
    ("where: not is_test", "where: is_test", "parcels"),
    ("where: not is_test", "where: not is_test and seats > 1", "revenue"),
    ("where: not is_test", "where: coalesce(not is_test, true)", "revenue"),
    ("since: signed_up_at", "since: closed_at", "activation"),
    ("since: signed_up_at", "since: closed_at", "everyone"),
    ("until: closed_at\n  ", "", "everyone"),
    ("table: \"crm.companies\"", "table: \"erp.companies\"", "by_company"),
    ("country: text  size: int", "country: text, optional  size: int", "by_company"),
    ("among: region = \"north\" or region = \"south\"", "among: region = \"north\"", "activation"),
    ("population: all", "population: rows", "everyone"),
    ("weight: account.arr", "weight: account.seats", "early_spend"),
    ("  weight: account.arr", "", "early_spend"),
    ("minimum: 30", "minimum: 31", "activation"),
    ("fill: previous", "fill: 0", "balance"),
    ("answers: last", "answers: average", "happy"),
    // Windows, clocks, anchors.
    ("value: trailing 28 days", "value: trailing 30 days", "recent_buyers"),
    ("value: day 7 to day 30 after", "value: day 8 to day 30 after", "early_spend"),
    ("first(orders.ordered_at where amount > 1)", "first(orders.ordered_at)", "early_spend"),
    ("first(orders.ordered_at where amount > 1)", "first(answers.answered_at)", "early_spend"),
    ("window: week to date", "window: month to date", "to_date"),
    ("window: 30 days after account.since", "window: 31 days after account.since", "activation"),
    ("snapshot: last per account", "snapshot: first per account", "balance"),
    ("snapshot: last per account", "snapshot: last", "balance"),
    ("within 7 days", "within 8 days", "funnel"),
    (
        "ordered: amount > 0\n    again: amount > 10 within 7 days",
        "again: amount > 10\n    ordered: amount > 0 within 7 days",
        "funnel",
    ),
    ("again: amount", "repeated: amount", "funnel"),
    // Sources.
    ("file: \"orders.csv\"", "file: \"orders_2026.csv\"", "revenue"),
    ("late: 2 days", "late: 3 days", "parcels"),
    ("late: 2 days", "late: 3 days", "early_spend"),
    ("late: 3 days", "late: 3 weeks", "happy"),
    ("key: order_id", "key: order_id, account_id", "recent_buyers"),
    ("    ordered_at: instant in \"UTC\"\n", "    ordered_at: instant in \"Europe/Berlin\"\n", "revenue"),
    ("units: int\n", "units: float\n", "to_date"),
    ("effort: scale(1 to 7)", "effort: scale(1 to 5)", "effort"),
    ("where amount > 100\"", "where amount > 101\"", "queried"),
    ("discount: decimal(12, 2) in usd, optional", "discount: decimal(14, 2) in usd, optional", "net_revenue"),
    ("file: \"accounts.csv\"", "table: \"crm.accounts\"", "activation"),
    // Functions, of the project and of the standard library.
    ("x > limit", "x >= limit", "net_revenue"),
    ("limit: number = 100", "limit: number = 101", "net_revenue"),
    ("gross - coalesce(less, 0)", "gross - less", "net_revenue"),
    ("big(x, limit: 200)", "big(x, limit: 300)", "net_revenue"),
    ("measure: nps(score)", "measure: csat(score)", "happy"),
    ("measure: ces(effort)", "measure: csat(effort)", "effort"),
    // Segments, surveys, exceptions.
    ("arr > 1000", "arr > 1001", "strategic_orders"),
    ("where: wave = \"a\" or wave = \"b\"", "where: wave = \"a\"", "relationship.answered"),
    ("where: wave = \"a\" or wave = \"b\"", "where: wave = \"a\"", "relationship.response_rate"),
    ("invites_where: wave = \"a\"", "invites_where: wave = \"b\"", "relationship.invited"),
    ("(\"a-1\", \"a-2\")", "(\"a-1\", \"a-3\")", "parcels"),
    ("(\"a-1\", \"a-2\")", "(\"a-1\", \"a-3\")", "everyone"),
    ("(\"a-1\", \"a-2\")", "(\"a-1\", \"a-3\")", "basket"),
    ("  covers: 2026-07-01 to 2026-09-30\n  because", "  covers: 2026-07-01 to 2026-09-29\n  because", "everyone"),
    ("  covers: 2026-07-01 to 2026-09-30\n  because", "  because", "parcels"),
    ("from: parcels, everyone", "from: everyone", "parcels"),
    ("where: units < 0", "where: units <= 0", "recent_buyers"),
    // Cells.
    ("grain: month, quarter", "grain: month", "revenue"),
    ("by: account.region, (account.region, channel)", "by: account.region", "revenue"),
    ("by: account.plan", "by: account.region", "activation"),
    ("status: draft", "status: active", "draft_one"),
    ("  unit: usd\n", "  unit: usd\n  status: retired\n", "revenue"),
];

/// What stands in other declarations, what stands there instead, and whose meaning is another one.
const OTHERS: &[(&str, &str, Kind, &str)] = &[
    ("plan, arr, seats, strategic", "plan, arr, strategic", Kind::Customer, "account"),
    ("until: closed_at\n", "", Kind::Customer, "account"),
    ("fax: text, optional", "phone: text, optional", Kind::Source, "accounts"),
    ("cooldown: 90 days", "cooldown: 91 days", Kind::Survey, "relationship"),
    ("2 days after orders", "3 days after orders", Kind::Survey, "delivery"),
    ("quorum: 2", "quorum: 3", Kind::Council, "metrics"),
    ("from 2026-01-01", "from 2026-01-02", Kind::Team, "finance"),
    ("languages: fr, de", "languages: fr", Kind::Region, "emea"),
    ("on: 2026-02-01", "on: 2026-02-02", Kind::Decision, "keep"),
    ("which rows?", "which?", Kind::Dispute, "amounts"),
    ("within 90 days", "within 91 days", Kind::Link, "leads"),
    ("level: warning", "level: error", Kind::Rule, "has_owner"),
    ("{m.name} has no owner", "{m.kind} has no owner", Kind::Rule, "has_owner"),
    ("metric.parcels, metric.basket", "metric.parcels", Kind::Waiver, "without_owner"),
    ("purpose: planning  until", "purpose: pricing, planning  until", Kind::Agreement, "partner"),
    ("freeze: 2026-09-25", "freeze: 2026-09-26", Kind::Period, "2026-Q3"),
    ("2026-01-01 | 1\n", "2026-01-01 | 2\n", Kind::Example, "one"),
    ("units < 0  from: recent_buyers", "units < -1  from: recent_buyers", Kind::Exception, "returns"),
    ("x > limit", "x < limit", Kind::Function, "both"),
    ("value: trailing 28 days", "value: trailing 29 days", Kind::Window, "recent"),
    ("plan = \"large\" and arr", "plan = \"small\" and arr", Kind::Segment, "strategic"),
];

#[test]
fn each_number_is_another_one() {
    let calendar = Calendar::default();
    let before = newest(SHOP, &calendar).unwrap();
    let found = each(PAIRS, |(written, instead, metric)| {
        let after = newest(&with(written, instead), &calendar)?;
        let subject = (Kind::Metric, (*metric).into());
        let same = before.of[&subject].whole == after.of[&subject].whole;
        if same { Err(vec![format!("{metric}: {written} -> {instead}")]) } else { Ok(()) }
    });
    let found: Vec<_> = found.into_iter().filter_map(Result::err).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn each_declaration_says_something_else() {
    let calendar = Calendar::default();
    let before = newest(SHOP, &calendar).unwrap();
    let found = each(OTHERS, |(written, instead, kind, name)| {
        let after = newest(&with(written, instead), &calendar)?;
        let subject = (*kind, (*name).into());
        let same = before.of[&subject].whole == after.of[&subject].whole;
        if same { Err(vec![format!("{name}: {written} -> {instead}")]) } else { Ok(()) }
    });
    let found: Vec<_> = found.into_iter().filter_map(Result::err).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn versions_are_a_part_of_it() {
    let before = Both::of(SHOP).meanings();
    let later = Both::of(&with("version 2 { from: 2026-07-01", "version 2 { from: 2026-08-01"));
    let [first, second] = later.eras();
    let eras = [first, crate::meaning::Era { from: Some(jiff::civil::date(2026, 8, 1)), ..second }];
    let after = crate::meaning::meanings(2, &eras).unwrap();
    for (name, changed) in [("stepped", true), ("of_stepped", true), ("revenue", false)] {
        let subject = (Kind::Metric, name.into());
        assert_eq!(before.of[&subject] != after.of[&subject], changed, "{name}");
    }
    let stepped = &before.of[&(Kind::Metric, "stepped".into())];
    assert_eq!(stepped.until(jiff::civil::date(2026, 7, 1)), stepped.whole);
    let sealed = stepped.until(jiff::civil::date(2026, 6, 30));
    assert_ne!(sealed, stepped.whole);
    // A version that is still to come leaves what is sealed.
    let without = newest(&with("  version 2 { from: 2026-07-01  where: amount > 3 }\n", ""), &Calendar::default());
    assert_eq!(without.unwrap().of[&(Kind::Metric, "stepped".into())].whole, sealed);
}

#[test]
fn the_calendar_is_a_part_of_every_number() {
    let plain = Calendar::default();
    let before = newest(SHOP, &plain).unwrap();
    let others = [
        Calendar { zone: "Europe/Berlin".into(), ..plain.clone() },
        Calendar { week_starts: jiff::civil::Weekday::Sunday, ..plain.clone() },
        Calendar { fiscal_year_starts: 4, ..plain.clone() },
    ];
    for other in others {
        let after = newest(SHOP, &other).unwrap();
        for (subject, meaning) in before.of.iter().filter(|((kind, _), _)| *kind == Kind::Metric) {
            assert_ne!(meaning.pieces, after.of[subject].pieces, "{subject:?} {other:?}");
            assert_eq!(meaning.cells, after.of[subject].cells);
        }
    }
    let quarterly = newest(SHOP, &Calendar { default_grain: Grain::Quarter, ..plain }).unwrap();
    for (name, stays) in [("revenue", true), ("parcels", false)] {
        let subject = (Kind::Metric, name.into());
        assert_eq!(before.of[&subject].whole == quarterly.of[&subject].whole, stays, "{name}");
        assert_eq!(before.of[&subject].pieces, quarterly.of[&subject].pieces, "{name}");
    }
}

/// Where a metric is not what was changed, and rests on nothing that was, it stays.
#[test]
fn nobody_else_is_touched() {
    let calendar = Calendar::default();
    let before = newest(SHOP, &calendar).unwrap();
    for (written, instead, touched) in [
        ("amount > 5 and channel", "amount > 6 and channel", &["revenue", "basket", "growth", "large_share"][..]),
        (
            "late: 3 days",
            "late: 4 days",
            &["happy", "effort", "hours", "relationship.answered", "relationship.response_rate"],
        ),
        ("effort: scale(1 to 7), optional", "effort: scale(1 to 7)", &["effort", "hours"]),
        ("discount: decimal(12, 2) in usd, optional", "discount: decimal(12, 2) in usd", &["net_revenue"]),
        ("where: amount > 3 }", "where: amount > 4 }", &["stepped", "of_stepped"]),
        ("value: trailing 28 days", "value: trailing 29 days", &["recent_buyers"]),
        ("country: text  size: int", "country: text, optional  size: int", &["by_company"]),
    ] {
        let after = newest(&with(written, instead), &calendar).unwrap();
        let changed = before.of.iter().filter(|(subject, meaning)| meaning.whole != after.of[subject].whole);
        let mut changed: Vec<&str> =
            changed.filter(|((kind, _), _)| *kind == Kind::Metric).map(|((_, name), _)| name.as_str()).collect();
        let mut touched = touched.to_vec();
        changed.sort_unstable();
        touched.sort_unstable();
        assert_eq!(changed, touched, "{instead}");
    }
}
