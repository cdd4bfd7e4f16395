use super::{FORM, Meaning, meanings};
use crate::testing::{metric, shop};

const FUNCTIONS: &str = "function big(x: decimal(12, 2) in usd) { value: x > 100 }
    function twice(x: decimal(12, 2) in usd) { value: x * 2 }
    window month { value: trailing 28 days }
    metric revenue { from: orders  measure: sum(amount) }
    metric parcels { from: orders  measure: count() }
    ";

/// The meanings of two metrics, each given as its entries.
fn both(left: &str, right: &str) -> (Meaning, Meaning) {
    let model = shop(&format!("{FUNCTIONS} metric one {{ {left} }} metric two {{ {right} }}"));
    let found = meanings(&model);
    let meaning = |name: &str| found[metric(&model, name).index()].unwrap();
    (meaning("one"), meaning("two"))
}

fn of_orders(condition: &str) -> String {
    format!("from: orders  where: {condition}  measure: sum(amount)")
}

#[test]
fn words_do_not_change_a_meaning() {
    for (left, right) in [
        (
            "from: orders  measure: sum(amount)",
            "from: orders  measure: sum(amount)  label { fr: \"Total\" }  tags: money",
        ),
        ("from: orders  measure: sum(amount)", "from: orders  measure: sum(amount)  by: channel  grain: week"),
        ("from: orders  measure: sum(amount)", "from: orders  measure: sum(amount)  better: higher  status: draft"),
        ("from: orders  measure: sum(amount)", "measure: revenue"),
        ("from: orders  measure: sum(amount) / count()", "measure: revenue / parcels"),
        ("measure: revenue * parcels", "measure: parcels * revenue"),
        ("measure: revenue + revenue offset 1 month", "measure: revenue offset 1 month + revenue"),
        ("from: orders  measure: median(amount)", "from: orders  measure: percentile(amount, 50%)"),
        ("from: orders  window: month  measure: count()", "from: orders  window: trailing 28 days  measure: count()"),
        ("from: orders  measure: sum(twice(amount))", "from: orders  measure: sum(2 * amount)"),
        ("from: orders  measure: count(where amount > 1.0)", "from: orders  measure: count(where 1 < amount)"),
        ("from: orders  each: count()  measure: avg(each)", "from: orders  each: count()  measure: avg(each)"),
    ] {
        let (one, two) = both(left, right);
        assert_eq!(one, two, "{left}\n{right}");
    }
}

#[test]
fn conditions_are_equal_however_they_are_turned() {
    for (left, right) in [
        ("amount > 5 and channel = \"web\"", "\"web\" = channel and 5 < amount"),
        ("not (amount > 5)", "amount <= 5"),
        ("not not (amount > 5)", "amount > 5"),
        ("not (amount > 5 or channel = \"web\")", "channel <> \"web\" and amount <= 5"),
        ("channel in (\"web\", \"app\")", "channel in (\"app\", \"web\", \"app\")"),
        ("not channel in (\"web\", \"app\")", "channel not in (\"app\", \"web\")"),
        ("channel in (\"web\")", "channel = \"web\""),
        ("amount between 1 and 5", "amount <= 5 and amount >= 1.00"),
        ("big(amount)", "100 < amount"),
        ("(amount > 1 and channel = \"a\") and amount < 9", "amount > 1 and (amount < 9 and channel = \"a\")"),
        ("amount - 1 > 3", "-1 + amount > 3"),
        ("channel is not null", "not channel is null"),
    ] {
        let (one, two) = both(&of_orders(left), &of_orders(right));
        assert_eq!(one, two, "{left}\n{right}");
    }
}

#[test]
fn anything_else_is_another_number() {
    let plain = "from: orders  measure: sum(amount)";
    for other in [
        "from: balances  measure: sum(amount)  snapshot: last",
        "from: orders  measure: avg(amount)",
        "from: orders  measure: sum(amount where amount > 1)",
        "from: orders  where: amount > 1  measure: sum(amount)",
        "from: orders  where: amount >= 1  measure: sum(amount)",
        "from: orders  window: trailing 28 days  measure: sum(amount)",
        "from: orders  window: trailing 30 days  measure: sum(amount)",
        "from: orders  window: 30 days after account.signed_up_at  measure: sum(amount)",
        "from: orders  window: 60 days after account.signed_up_at  measure: sum(amount)",
        "from: orders  each: sum(amount)  measure: avg(each)",
        "from: orders  each: count()  measure: avg(each)",
        "from: orders  each: count()  measure: sum(each)",
        "from: orders  each: count()  among: arr > 5  measure: sum(each)",
        "from: orders  each: count()  population: all  measure: sum(each)",
        "from: orders  measure: sum(amount)  minimum: 10",
        "from: orders  measure: sum(amount)  minimum: 20",
        "from: orders  measure: sum(amount)  fill: 0",
        "measure: revenue offset 1 month",
        "measure: revenue where account.plan = \"small\"",
        "measure: revenue - revenue offset 1 month",
        "measure: revenue / parcels",
        "measure: parcels / revenue",
    ] {
        let (one, two) = both(plain, other);
        assert_ne!(one, two, "{other}");
    }
}

#[test]
fn all_of_them_are_different() {
    let entries = [
        "from: orders  where: amount > 1 or channel = \"a\"  measure: count()",
        "from: orders  where: amount > 1 and channel = \"a\"  measure: count()",
        "from: orders  where: not (amount > 1 and channel = \"a\")  measure: count()",
        "from: orders  where: amount - 1 > 2  measure: count()",
        "from: orders  where: 1 - amount > 2  measure: count()",
        "from: orders  where: amount / 2 > 2  measure: count()",
        "from: orders  where: 2 / amount > 2  measure: count()",
        "from: orders  where: channel like \"a%\"  measure: count()",
        "from: orders  where: channel not like \"a%\"  measure: count()",
        "from: orders  where: lower(channel) = \"a\"  measure: count()",
        "from: orders  where: coalesce(channel, \"a\") = \"b\"  measure: count()",
        "from: orders  where: coalesce(channel, \"b\") = \"a\"  measure: count()",
        "from: orders  where: account.plan = \"small\"  measure: count()",
        "from: orders  measure: count(distinct account)",
        "from: orders  measure: share(amount > 1)",
    ];
    let text: String =
        entries.iter().enumerate().map(|(at, entries)| format!("metric m{at} {{ {entries} }}\n")).collect();
    let mut found: Vec<Meaning> = meanings(&shop(&text)).into_iter().flatten().collect();
    assert_eq!(found.len(), entries.len());
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), entries.len());
}

/// Whoever changes the form raises its version, and keeps the old form.
#[test]
fn the_form_stays() {
    let model = shop("metric m { from: orders  where: amount > 1  measure: sum(amount)  window: trailing 28 days }");
    assert_eq!(
        (FORM, format!("{:032x}", meanings(&model)[0].unwrap().0)),
        (1, String::from("c510b73fb0c1008617c05854b2b694a5"))
    );
}
