//! What changes no meaning.

use super::project::{Both, SHOP, each, newest, with};
use crate::meaning::{Digest, Meanings};
use crate::schema::Kind;
use crate::time::Calendar;

/// What stands in the project, and another way to write it.
const PAIRS: &[(&str, &str)] = &[
    // Formatting, comments, documentation, the order of entries.
    ("metric growth {", "\n\n// Since when?\n/// How fast it grows.\nmetric growth\n{"),
    ("measure: revenue - revenue offset 1 month", "measure: (((revenue)) - (revenue offset 1 month))"),
    (
        "  where: amount > 5 and channel in (\"web\", \"app\")\n  measure: sum(amount)",
        "  measure: sum(amount)\n  // Small ones are noise.\n  where: amount > 5 and channel in (\"web\", \"app\")",
    ),
    (
        "    amount: decimal(12, 2) in usd\n    discount",
        "    /// Before discount.\n    amount: decimal(12, 2) in usd\n    discount",
    ),
    ("units: int\n    rating: float", "rating: float\n    units: int"),
    ("grain: month, quarter", "grain: quarter, month"),
    ("by: account.region, (account.region, channel)", "by: (channel, account.region), account.region"),
    ("restating, removing", "removing, restating"),
    ("about: revenue, parcels", "about: parcels, revenue"),
    ("from: parcels, everyone", "from: everyone, parcels"),
    ("has: region, plan, arr, seats, strategic", "has: strategic, seats, arr, plan, region"),
    ("has: country, size", "has: size, country"),
    ("channel: email, phone", "channel: phone, email"),
    ("metric.parcels, metric.basket", "metric.basket, metric.parcels"),
    ("arr > 1000", "1000 < arr"),
    // Conditions.
    ("amount > 5 and channel in (\"web\", \"app\")", "channel in (\"web\", \"app\") and amount > 5"),
    ("amount > 5 and channel in (\"web\", \"app\")", "amount > 5 and channel in (\"app\", \"web\", \"web\")"),
    ("amount > 5 and channel in (\"web\", \"app\")", "5 < amount and (channel = \"app\" or \"web\" = channel)"),
    ("amount > 5 and channel in (\"web\", \"app\")", "not (amount <= 5 or channel not in (\"web\", \"app\"))"),
    ("amount > 5 and channel in (\"web\", \"app\")", "not (amount <= 5 or channel <> \"web\" and channel <> \"app\")"),
    ("amount > 5 and channel in (\"web\", \"app\")", "not not (amount > 5.00) and (channel in (\"web\", \"app\"))"),
    ("amount > 5 and channel in (\"web\", \"app\")", "amount > 5 and channel in (\"web\", \"app\") and amount > 5"),
    ("amount > 5 and channel in (\"web\", \"app\")", "true and amount > 5 and channel in (\"web\", \"app\")"),
    ("amount > 5 and channel in (\"web\", \"app\")", "(amount > 5) = true and channel in (\"web\", \"app\")"),
    (
        "amount > 5 and channel in (\"web\", \"app\")",
        "false or (amount > 5) <> false and channel in (\"web\", \"app\")",
    ),
    ("both(amount) or not (units >= 3 and refunded)", "not refunded or units < 3 or both(amount)"),
    ("both(amount) or not (units >= 3 and refunded)", "both(amount) or not (units >= 3 and refunded = true)"),
    (
        "both(amount) or not (units >= 3 and refunded)",
        "big(amount) and big(amount, limit: 200) or not (units >= 3 and refunded)",
    ),
    ("both(amount) or not (units >= 3 and refunded)", "amount > 100 and amount > 200 or not (units >= 3 and refunded)"),
    (
        "both(amount) or not (units >= 3 and refunded)",
        "big(amount) and big(amount, limit: 200.0) or not (units >= 3 and refunded)",
    ),
    ("region = \"north\" or region = \"south\"", "region in (\"south\", \"north\")"),
    ("region = \"north\" or region = \"south\"", "not region not in (\"north\", \"south\")"),
    ("wave <> \"test\"", "not wave = \"test\""),
    ("wave <> \"test\"", "wave not in (\"test\")"),
    ("where: wave = \"a\" or wave = \"b\"", "where: wave in (\"b\", \"a\")"),
    ("plan = \"large\" and arr > 1000", "not (arr <= 1000.0 or plan <> \"large\")"),
    ("account_id in (\"a-1\", \"a-2\")", "account_id = \"a-2\" or account_id = \"a-1\""),
    ("where: units < 0", "where: not units >= 0"),
    ("where: not is_test", "where: is_test = false"),
    ("where: not is_test", "where: is_test <> true"),
    ("amount > 10.50 and", "amount > 10.5 and"),
    ("amount between 10 and 20", "amount >= 10 and amount <= 20"),
    ("amount between 10 and 20", "20 >= amount and 10.0 <= amount"),
    ("amount between 10 and 20", "not amount not between 10 and 20"),
    ("amount between 10 and 20", "not (amount < 10 or amount > 20)"),
    ("m.status = \"active\" and m.unit is not null", "not m.unit is null and m.status = \"active\""),
    // Arithmetic.
    ("units * rating * 2 + 1", "1 + 2 * units * rating"),
    ("units * rating * 2 + 1", "1.0 + (rating * (2.00 * units))"),
    ("units * rating * 2 + 1", "1 - -units * rating * 2"),
    ("units * rating * 2 + 1", "-(-units * rating * 2 - 1)"),
    ("measure: revenue - revenue offset 1 month", "measure: -revenue offset 1 month + revenue"),
    ("measure: stepped * 2", "measure: 2 * stepped"),
    ("greatest(score, effort, 3)", "greatest(3, greatest(effort, score), score)"),
    (
        "case when amount between 10 and 20 then 1 when channel = \"web\" then 2 else 3 end",
        "case when amount between 10 and 20 then 1 else case when false then 9 when channel = \"web\" then 2 else 3 end end",
    ),
    // Local names.
    ("window: recent", "window: trailing 28 days"),
    ("window: recent", "window: trailing 4 weeks"),
    ("window: early", "window: week 1 to day 30 after first(orders.ordered_at where 1 < amount)"),
    ("value: day 7 to day 30 after", "value: week 1 to day 30 after"),
    ("sum(net(amount, discount))", "sum(amount - coalesce(discount, 0))"),
    ("sum(net(amount, discount))", "sum(-coalesce(discount, 0) + amount)"),
    ("sum(net(amount, discount))", "sum(net(gross: amount, less: discount))"),
    ("measure: ces(effort)", "measure: avg(effort)"),
    ("measure: nps(score)", "unit: points  measure: 100 * (share(score >= 9) - share(score <= 6))"),
    ("measure: nps(score)", "measure: std.nps(score)"),
    ("count(where account in strategic)", "count(where account.strategic)"),
    ("count(where account in strategic)", "count(where account.plan = \"large\" and account.arr > 1000)"),
    // Defaults written out.
    ("metric growth {", "metric growth { grain: month  status: active  scope: global"),
    ("metric parcels { from: orders", "metric parcels { from: orders  customer: account  fill: none"),
    ("each: sum(amount)  measure: median(each)", "each: sum(amount)  measure: percentile(each, 50%)"),
    ("metric parcels { from: orders", "metric parcels { from: orders  where: true"),
    ("metric effort { from: answers", "metric effort { from: answers  answers: all"),
    ("steps {\n    ordered", "measure: share(reached)\n  steps {\n    ordered"),
    // Filters on filters, and what is made of other metrics.
    (
        "measure: sum(amount where account.company.country = \"fr\")",
        "measure: sum(amount) where account.company.country = \"fr\"",
    ),
    (
        "(revenue where account.plan = \"large\")",
        "((revenue where account.plan = \"large\") where account.plan in (\"large\"))",
    ),
];

/// What is the same in metrics only: the declaration itself says something else.
const OF_METRICS: &[(&str, &str, &str)] = &[
    ("fax: text, optional", "phone: text, optional", "a column that no metric reads"),
    ("owner: finance\n  from: orders", "from: orders", "who answers for it"),
    ("known_plan: plan in (\"small\", \"large\")", "known_plan: plan is not null", "a check"),
    ("cooldown: 90 days", "cooldown: 30 days", "how often a survey asks"),
    ("unit: usd\n}", "unit: usd\n  label { fr: \"Revenus\" }  tags: money\n}", "words"),
    ("target: 20 }", "target: 30  matters: 2 at 90% }", "a target"),
    ("cell: 5", "cell: 9", "the smallest cell"),
    ("because: \"wrong\"", "because: \"never sent\"", "why an exception holds"),
    (
        "wrong\"  evidence: \"docs/returns.md\"  approved_by: finance",
        "wrong\"  evidence: \"docs/r.md\"  approved_by: data",
        "who agreed to an exception",
    ),
];

/// Whose meaning is another one: of those in the first that are chosen.
fn changed(before: &Meanings, after: &Meanings, chosen: impl Fn(Kind) -> bool) -> Vec<String> {
    let same = |subject, whole: Digest| after.of.get(subject).is_some_and(|meaning| meaning.whole == whole);
    let changed = before.of.iter().filter(|(subject, meaning)| chosen(subject.0) && !same(*subject, meaning.whole));
    changed.map(|((kind, name), _)| format!("{} {name}", kind.word())).collect()
}

#[test]
fn nothing_means_anything_else() {
    let calendar = Calendar::default();
    let before = newest(SHOP, &calendar).unwrap();
    let found = each(PAIRS, |(written, instead)| match newest(&with(written, instead), &calendar) {
        Ok(after) => (*instead, changed(&before, &after, |_| true)),
        Err(errors) => (*instead, errors),
    });
    let found: Vec<_> = found.into_iter().filter(|(_, changed)| !changed.is_empty()).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn no_number_is_another_one() {
    let calendar = Calendar::default();
    let before = newest(SHOP, &calendar).unwrap();
    let found = each(OF_METRICS, |(written, instead, what)| match newest(&with(written, instead), &calendar) {
        Ok(after) => (*what, changed(&before, &after, |kind| kind == Kind::Metric)),
        Err(errors) => (*what, errors),
    });
    let found: Vec<_> = found.into_iter().filter(|(_, changed)| !changed.is_empty()).collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// Each whole text in another way.
#[test]
fn files_may_be_written_in_any_way() {
    let before = Both::of(SHOP).meanings();
    let after = Both::of(&SHOP.replace('\n', "\r\n")).meanings();
    assert_eq!(before, after);
    let renamed = SHOP
        .replace("window recent", "window last_four_weeks")
        .replace("window: recent", "window: last_four_weeks")
        .replace("net(", "less_discount(")
        .replace("gross", "amount")
        .replace("less:", "off:")
        .replace("coalesce(less,", "coalesce(off,")
        .replace("big(", "above(")
        .replace("limit", "least")
        .replace("m.status", "it.status")
        .replace("m.owner", "it.owner")
        .replace("m.unit", "it.unit")
        .replace("{m.", "{it.")
        .replace("for: m in", "for: it in");
    let after = Both::of(&renamed).meanings();
    let is_local = |kind| matches!(kind, Kind::Function | Kind::Window);
    assert_eq!(changed(&before, &after, |kind| !is_local(kind)), [""; 0]);
    let wholes = |meanings: &Meanings| {
        let local = meanings.of.iter().filter(|((kind, _), _)| is_local(*kind));
        let mut wholes: Vec<Digest> = local.map(|(_, meaning)| meaning.whole).collect();
        wholes.sort_unstable();
        wholes
    };
    assert_eq!(wholes(&before), wholes(&after));
}
