//! Each key whose change can change a number: an edit of it is never additive or weaker.

use super::{Class, class_of, edit};
use crate::schema::{Bearing, KINDS};
use std::collections::BTreeSet;

type Edit = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

/// Kind, key, an edit of it, and the metric that has other numbers by it (empty where none needs to).
const EDITS: &[Edit] = &[
    ("source", "file", &[("\"responses.csv\"", "\"answers.csv\"")], "nps"),
    ("source", "table", &[("\"shop.orders\"", "\"shop.sales\"")], "revenue"),
    ("source", "query", &[("file: \"days.csv\"", "query: \"select * from days\"")], "balance"),
    ("source", "key", &[("key: order_id", "key: account_id")], ""),
    (
        "source",
        "time",
        &[("time: ordered_at", "time: paid_at"), ("    amount:", "    paid_at: instant in \"UTC\"\n    amount:")],
        "revenue",
    ),
    ("source", "late", &[("late: 2 days", "late: 5 days")], "revenue"),
    (
        "source",
        "columns",
        &[
            ("amount: decimal(12, 2) in usd\n    channel", "amount: decimal(12, 3) in usd\n    channel"),
            ("net(value: decimal(12, 2) in usd)", "net(value: decimal(12, 3) in usd)"),
        ],
        "revenue",
    ),
    (
        "customer",
        "from",
        &[
            ("from: users", "from: people"),
            (
                "source unused",
                "source people { file: \"people.csv\" columns { user_id: text account_id: account since: date } }\nsource unused",
            ),
        ],
        "",
    ),
    (
        "customer",
        "key",
        &[
            ("from: accounts\n  key: account_id", "from: accounts\n  key: plan"),
            ("key: account_id\n  columns", "key: plan\n  columns"),
        ],
        "revenue",
    ),
    ("customer", "since", &[("since: signed_up_at", "since: closed_at")], "activation"),
    ("customer", "until", &[("  until: closed_at\n", "")], ""),
    ("customer", "where", &[("where: not is_test", "where: not is_test and arr > 0")], "revenue"),
    ("customer", "parent", &[("since: since parent: account", "since: since")], ""),
    (
        "segment",
        "of",
        &[("segment large { of: account where: arr > 10000 }", "segment large { of: user where: user_id = \"7\" }")],
        "",
    ),
    ("segment", "where", &[("arr > 10000", "arr > 20000")], ""),
    (
        "survey",
        "responses",
        &[
            ("  responses: responses", "  responses: replies"),
            (
                "source unused",
                "source replies { file: \"replies.csv\" time: at columns { account_id: account at: date score: scale(0 to 5) } }\nsource unused",
            ),
        ],
        "relationship.answered",
    ),
    (
        "survey",
        "invites",
        &[
            ("  invites: invites", "  invites: sent"),
            (
                "source unused",
                "source sent { file: \"sent.csv\" time: at columns { account_id: account at: date } }\nsource unused",
            ),
        ],
        "relationship.invited",
    ),
    (
        "survey",
        "customer",
        &[
            ("customer: account\n  timing", "customer: user\n  timing"),
            ("response_id: text account_id: account", "response_id: text account_id: account user_id: user"),
            ("invite_id: text account_id: account", "invite_id: text account_id: account user_id: user"),
        ],
        "relationship.answered",
    ),
    ("survey", "timing", &[("timing: relationship", "timing: 2 days after orders.ordered_at")], ""),
    ("survey", "where", &[("  channel: email", "  where: score > 3")], "relationship.answered"),
    ("survey", "invites_where", &[("  channel: email", "  invites_where: invite_id <> \"\"")], "relationship.invited"),
    (
        "metric",
        "from",
        &[(
            "metric users { from: logins customer: user measure: count(distinct user_id) }",
            "metric users { from: orders measure: count() }",
        )],
        "users",
    ),
    ("metric", "customer", &[("from: logins customer: user", "from: logins customer: account")], "users"),
    ("metric", "where", &[("not refunded and channel", "refunded and channel")], "revenue"),
    ("metric", "window", &[("window: month_long", "window: trailing 7 days")], "active"),
    ("metric", "measure", &[("sum(net(amount))", "max(net(amount))")], "revenue"),
    ("metric", "unit", &[("measure: avg(score)", "measure: avg(score) unit: points")], "weighted"),
    ("metric", "each", &[("each: sum(amount)", "each: max(amount)")], "spent"),
    ("metric", "among", &[("  among: region <> \"test\"\n", "")], "activation"),
    ("metric", "population", &[("measure: avg(each)", "measure: avg(each) population: all")], "spent"),
    ("metric", "steps", &[("within 30 days }", "}")], "funnel"),
    ("metric", "snapshot", &[("snapshot: last", "snapshot: last per account")], "balance"),
    ("metric", "minimum", &[("minimum: 30", "minimum: 10")], "nps"),
    ("metric", "fill", &[("fill: 0", "fill: none")], "balance"),
    ("metric", "answers", &[("answers: last", "answers: all")], "weighted"),
    ("metric", "weight", &[("weight: account.arr", "weight: account.arr + 1")], "weighted"),
    ("metric", "version", &[("tags: money, board", "version 2 { from: 2026-01-01 where: refunded }")], "revenue"),
    ("function", "value", &[("value * 0.8", "value * 0.81")], "revenue"),
    ("window", "value", &[("trailing 28 days", "month to date")], "active"),
    ("exception", "from", &[("from: orders_count\n  covers", "from: revenue\n  covers")], "revenue"),
    (
        "exception",
        "of",
        &[(
            "of: account\n  where: account_id in (\"A-1\", \"A-2\")",
            "of: orders\n  where: order_id in (\"A-1\", \"A-2\")",
        )],
        "orders_count",
    ),
    ("exception", "where", &[("\"A-2\"", "\"A-3\"")], "orders_count"),
    (
        "exception",
        "covers",
        &[("covers: 2026-01-01 to 2026-03-31", "covers: 2026-01-01 to 2026-03-30")],
        "orders_count",
    ),
];

#[test]
fn a_number_key_changes_numbers() {
    for (kind, key, edits, metric) in EDITS {
        let changes = edit(edits);
        let strong = |class: Class| class >= Class::Forward;
        let own = changes.iter().any(|change| change.subject.0.word() == *kind && strong(change.class));
        assert!(own || matches!(*kind, "function" | "window"), "{kind} {key}: {:#?}", super::lines(&changes));
        let inherits = class_of(&changes, "metric", metric).is_some_and(strong);
        assert!(metric.is_empty() || inherits, "{kind} {key}: {:#?}", super::lines(&changes));
    }
}

#[test]
fn every_number_key_has_an_edit() {
    let keys = KINDS.iter().flat_map(|schema| {
        let numbers = schema.keys.iter().filter(|key| schema.bearing(key) == Bearing::Number);
        numbers.map(|key| (schema.word, key.name))
    });
    let keys: BTreeSet<(&str, &str)> = keys.collect();
    let edited: BTreeSet<(&str, &str)> = EDITS.iter().map(|(kind, key, _, _)| (*kind, *key)).collect();
    assert_eq!(keys, edited);
}
