//! Faults at the end of a metric's life, of what speaks for it, and of what it is compared with.

use super::Edit::Append;
use super::{Fault, find};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "deprecated without a date",
        edits: &[Append(
            "planted/no_date.groma",
            r#"/// Orders as they were counted by hand.
metric orders_by_hand {
  owner:       finance
  from:        checkout_cases
  measure:     sum(units where kind = "hand")
  status:      deprecated
  replaced_by: checkout_units
  label { en: "Orders by hand"  fr: "Commandes à la main" }
}
"#,
        )],
        findings: &[find(
            "lifecycle/deprecated-has-date",
            "planted/no_date.groma",
            "metric orders_by_hand",
            "orders_by_hand",
        )],
    },
    Fault {
        name: "deprecated without a successor",
        edits: &[Append(
            "planted/no_successor.groma",
            r#"/// Orders as the fax counted them.
metric orders_by_fax {
  owner:   finance
  from:    checkout_cases
  measure: sum(units where kind = "fax")
  status:  deprecated
  retires: 2026-12-31
  label { en: "Orders by fax"  fr: "Commandes par fax" }
}
"#,
        )],
        findings: &[find(
            "lifecycle/deprecated-has-successor",
            "planted/no_successor.groma",
            "metric orders_by_fax",
            "orders_by_fax",
        )],
    },
    Fault {
        name: "a reference to a deprecated metric before its date",
        edits: &[Append(
            "planted/before.groma",
            r#"/// How much of the old value is web.
metric old_value_per_unit {
  owner:   finance
  measure: value_before_returns / returns_units
  label { en: "Old value of a unit"  fr: "Ancienne valeur d'une unité" }
}
"#,
        )],
        findings: &[find(
            "lifecycle/built-on-deprecated",
            "planted/before.groma",
            "measure: value_before_returns",
            "value_before_returns",
        )],
    },
    Fault {
        name: "a reference to a deprecated metric after its date",
        edits: &[Append(
            "planted/after.groma",
            r#"/// Value that was paid with stamps.
metric value_in_stamps {
  owner:       finance
  from:        returns_cases
  measure:     sum(amount where kind = "stamps")
  status:      deprecated
  replaced_by: returns_value
  retires:     2026-03-31
  label { en: "Value in stamps"  fr: "Valeur en timbres" }
}

/// What a case is worth in stamps.
metric stamps_of_a_case {
  owner:   finance
  measure: value_in_stamps / returns_count
  label { en: "Stamps of a case"  fr: "Timbres par cas" }
}
"#,
        )],
        findings: &[
            find(
                "lifecycle/deprecated-past-its-date",
                "planted/after.groma",
                "retires:     2026-03-31",
                "value_in_stamps",
            ),
            find("lifecycle/built-on-retired", "planted/after.groma", "measure: value_in_stamps", "value_in_stamps"),
        ],
    },
    Fault {
        name: "a reference to a retired metric",
        edits: &[Append(
            "planted/retired.groma",
            r#"/// What a case of the first ledger is worth.
metric ledger_value_of_a_case {
  owner:   finance
  measure: value_of_first_ledger / returns_count
  label { en: "Ledger value of a case"  fr: "Valeur du livre par cas" }
}
"#,
        )],
        findings: &[find(
            "lifecycle/built-on-retired",
            "planted/retired.groma",
            "measure: value_of_first_ledger",
            "value_of_first_ledger",
        )],
    },
    Fault {
        name: "the name of a retired metric given to another one",
        edits: &[Append(
            "planted/reserved.groma",
            r#"/// The second ledger.
metric value_of_first_ledger {
  owner:   finance
  from:    billing_cases
  measure: sum(amount where kind = "ledger")
  label { en: "Value of the second ledger"  fr: "Valeur du second livre" }
}
"#,
        )],
        findings: &[find(
            "name/duplicate",
            "planted/reserved.groma",
            "metric value_of_first_ledger",
            "value_of_first_ledger",
        )],
    },
    Fault {
        name: "a leading metric that leads to nothing",
        edits: &[Append(
            "planted/leading.groma",
            r#"/// Cases that began with a call.
metric repairs_by_call {
  owner:   repairs_team
  from:    repairs_cases
  kind:    leading
  measure: count(where channel = "phone")
  label { en: "Repairs by call"  fr: "Réparations par appel" }
}
"#,
        )],
        findings: &[find(
            "evidence/leading-names-outcome",
            "planted/leading.groma",
            "kind:    leading",
            "repairs_by_call",
        )],
    },
    Fault {
        name: "vanity on a page for executives",
        edits: &[Append(
            "planted/vanity.groma",
            r#"/// Everything that was ever sold.
metric units_ever_sold {
  owner:   stores_team
  from:    stores_cases
  window:  all time
  measure: sum(units)
  matters: 1000 at 95%
  tags:    executive
  label { en: "Units ever sold"  fr: "Unités vendues" }
}
"#,
        )],
        findings: &[find(
            "evidence/executive-metric-has-evidence",
            "planted/vanity.groma",
            "tags:    executive",
            "units_ever_sold",
        )],
    },
    Fault {
        name: "a comparison over two windows",
        edits: &[Append(
            "planted/windows.groma",
            r#"/// How many of those who began stayed.
metric quality_kept {
  owner:   quality_team
  measure: quality_retention / quality_adoption
  label { en: "Kept by quality"  fr: "Gardés par la qualité" }
}
"#,
        )],
        findings: &[find(
            "windows/parts-share-window",
            "planted/windows.groma",
            "measure: quality_retention",
            "quality_kept",
        )],
    },
    Fault {
        name: "a successor that is going away itself",
        edits: &[Append(
            "planted/successor.groma",
            r#"/// Stores as they were counted by hand.
metric stores_by_hand {
  owner:       stores_team
  from:        stores_cases
  measure:     count(where kind = "hand")
  status:      deprecated
  replaced_by: stores_by_till
  retires:     2026-12-31
  label { en: "Planted"  fr: "Planté" }
}

/// Stores as tills counted them.
metric stores_by_till {
  owner:       stores_team
  from:        stores_cases
  measure:     count(where kind = "till")
  status:      deprecated
  replaced_by: stores_count
  retires:     2026-12-31
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[find(
            "lifecycle/successor-is-active",
            "planted/successor.groma",
            "replaced_by: stores_by_till",
            "stores_by_hand",
        )],
    },
    Fault {
        name: "relied on and built on a draft",
        edits: &[Append(
            "planted/draft.groma",
            r#"/// What a promised delivery is worth.
metric promise_of_a_case {
  owner:   finance
  measure: delivery_promise / delivery_count
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[find(
            "lifecycle/built-on-draft",
            "planted/draft.groma",
            "metric promise_of_a_case",
            "promise_of_a_case",
        )],
    },
    Fault {
        name: "a lagging metric that leads",
        edits: &[Append(
            "planted/lagging.groma",
            r#"/// Turned round.
link content_turned {
  leading: content_retention
  outcome: content_value
  expect:  positive within 90 days
  because: "somebody thought so"
}
"#,
        )],
        findings: &[find(
            "governance/lagging-leads",
            "planted/lagging.groma",
            "leading: content_retention",
            "content_retention",
        )],
    },
    Fault {
        name: "a link of a part to its whole",
        edits: &[Append(
            "planted/whole.groma",
            r#"/// A part moves with its whole.
link gifts_by_construction {
  leading: gifts_web_value
  outcome: gifts_web_share
  expect:  positive within 30 days
  because: "it is a part of it"
}
"#,
        )],
        findings: &[find(
            "governance/link-by-construction",
            "planted/whole.groma",
            "outcome: gifts_web_share",
            "gifts_web_share",
        )],
    },
    Fault {
        name: "a link that says nothing",
        edits: &[Append(
            "planted/mute.groma",
            r#"/// Believed.
link advice_believed {
  leading: advice_units
  outcome: advice_retention
}
"#,
        )],
        findings: &[
            find("evidence/link-says-direction", "planted/mute.groma", "link advice_believed", "advice_believed"),
            find("evidence/link-has-evidence", "planted/mute.groma", "link advice_believed", "advice_believed"),
        ],
    },
    Fault {
        name: "an outcome that is only a sign",
        edits: &[Append(
            "planted/sign.groma",
            r#"/// A sign of a sign.
link stores_sign {
  leading: stores_count
  outcome: stores_adoption
  expect:  positive within 30 days
  because: "who comes comes again"
}
"#,
        )],
        findings: &[find(
            "evidence/outcome-is-lagging",
            "planted/sign.groma",
            "outcome: stores_adoption",
            "stores_adoption",
        )],
    },
    Fault {
        name: "on a page for executives without what matters",
        edits: &[Append(
            "planted/noise.groma",
            r#"/// What the board calls pricing.
metric pricing_in_board {
  owner:   pricing_team
  from:    pricing_cases
  kind:    lagging
  measure: sum(amount where kind = "board")
  tags:    executive
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[find(
            "evidence/executive-metric-says-what-matters",
            "planted/noise.groma",
            "tags:    executive",
            "pricing_in_board",
        )],
    },
    Fault {
        name: "shown side by side over two windows",
        edits: &[Append(
            "planted/side_by_side.groma",
            r#"/// New accounts that came back early.
metric mobile_early {
  owner:    mobile_team
  customer: account
  from:     mobile_cases
  window:   first_month
  each:     count(where kind = "return") >= 1
  measure:  share(each)
  tags:     comeback
  label { en: "Planted"  fr: "Planté" }
}

/// New accounts that came back late.
metric mobile_late {
  owner:    mobile_team
  customer: account
  from:     mobile_cases
  window:   first_year
  each:     count(where kind = "return") >= 1
  measure:  share(each)
  tags:     comeback
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[
            find(
                "windows/compared-share-window",
                "planted/side_by_side.groma",
                "window:   first_month",
                "mobile_early",
            ),
            find("windows/compared-share-window", "planted/side_by_side.groma", "window:   first_year", "mobile_late"),
        ],
    },
    Fault {
        name: "an end that nobody announced",
        edits: &[Append(
            "planted/end.groma",
            r#"/// Gifts until June.
metric gifts_until_june {
  owner:       gifts_team
  from:        gifts_cases
  measure:     count(where kind = "june")
  retires:     2026-12-31
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[find(
            "lifecycle/end-is-announced",
            "planted/end.groma",
            "metric gifts_until_june",
            "gifts_until_june",
        )],
    },
    Fault {
        name: "a link to a number that is gone",
        edits: &[Append(
            "planted/gone.groma",
            r#"/// It once led there.
link ledger_led {
  leading: returns_units
  outcome: value_of_first_ledger
  expect:  positive within 90 days
  because: "returns are seen in the ledger"
}
"#,
        )],
        findings: &[find("lifecycle/link-is-alive", "planted/gone.groma", "link ledger_led", "ledger_led")],
    },
    Fault {
        name: "one window written three times",
        edits: &[Append(
            "planted/written.groma",
            r#"/// Whether new accounts came back, number one.
metric content_one_days {
  owner:    content_team
  customer: account
  from:     content_cases
  window:   45 days after account.since
  each:     count(where kind = "one") >= 1
  measure:  share(each)
  label { en: "Planted"  fr: "Planté" }
}

/// Whether new accounts came back, number two.
metric content_two_days {
  owner:    content_team
  customer: account
  from:     content_cases
  window:   45 days after account.since
  each:     count(where kind = "two") >= 1
  measure:  share(each)
  label { en: "Planted"  fr: "Planté" }
}

/// Whether new accounts came back, number three.
metric content_three_days {
  owner:    content_team
  customer: account
  from:     content_cases
  window:   45 days after account.since
  each:     count(where kind = "three") >= 1
  measure:  share(each)
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[
            find(
                "windows/window-has-name",
                "planted/written.groma",
                "metric content_one_days {\n  owner:    content_team\n  customer: account\n  from:     content_cases\n  window:",
                "content_one_days",
            ),
            find(
                "windows/window-has-name",
                "planted/written.groma",
                "metric content_two_days {\n  owner:    content_team\n  customer: account\n  from:     content_cases\n  window:",
                "content_two_days",
            ),
            find(
                "windows/window-has-name",
                "planted/written.groma",
                "metric content_three_days {\n  owner:    content_team\n  customer: account\n  from:     content_cases\n  window:",
                "content_three_days",
            ),
        ],
    },
];
