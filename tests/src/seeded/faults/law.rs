//! Faults of rules, and of what is set aside.

use super::Edit::{Append, Replace};
use super::{Fault, find};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "a waiver that sets nothing aside",
        edits: &[Append(
            "planted/unused_waiver.groma",
            r#"/// Meant well.
waiver nothing_to_waive {
  rule:        "ownership/metric-has-owner"
  on:          metric.onboarding_value
  because:     "the team is being founded"
  approved_by: council.metrics
  until:       2026-12-31
}
"#,
        )],
        findings: &[find(
            "governance/unused-waiver",
            "planted/unused_waiver.groma",
            "waiver nothing_to_waive",
            "nothing_to_waive",
        )],
    },
    Fault {
        name: "a waiver that has expired",
        edits: &[Append("planted/expired_waiver.groma", EXPIRED_WAIVER)],
        findings: &[
            find("governance/expired-waiver", "planted/expired_waiver.groma", "waiver units_reach", "units_reach"),
            find(
                "rule/target-has-direction",
                "planted/expired_waiver.groma",
                "metric onboarding_reach",
                "onboarding_reach",
            ),
        ],
    },
    Fault {
        name: "a waiver for a rule that does not exist",
        edits: &[Append(
            "planted/unknown_rule.groma",
            r#"/// Misspelt.
waiver of_no_rule {
  rule:        target_has_directions
  on:          metric.onboarding_value
  because:     "its direction is being discussed"
  approved_by: council.metrics
  until:       2026-12-31
}
"#,
        )],
        findings: &[find(
            "governance/unknown-rule",
            "planted/unknown_rule.groma",
            "target_has_directions",
            "target_has_directions",
        )],
    },
    Fault {
        name: "an exception that has expired",
        edits: &[Replace("law.groma", "until:       2027-01-31", "until:       2026-05-31")],
        findings: &[find("exception/expired", "law.groma", "2026-05-31", "rehearsed_orders")],
    },
    Fault {
        name: "two exceptions for the same rows",
        edits: &[Append(
            "planted/overlap.groma",
            r#"/// The same accounts once more.
exception migrated_again {
  of:          account
  where:       account_id in ("A-1012", "A-1044")
  from:        support_recommendation
  covers:      2026-06-01 to 2026-06-30
  because:     "answers were duplicated while contracts were moved"
  evidence:    "docs/findings/2026-06-migration.md"
  approved_by: council.metrics
  until:       2026-12-31
}
"#,
        )],
        findings: &[find(
            "exception/overlapping",
            "planted/overlap.groma",
            "from:        support_recommendation",
            "migrated_again",
        )],
    },
    Fault {
        name: "an exclusion that nobody wrote down",
        edits: &[Append(
            "planted/opaque.groma",
            r#"/// Cases of pricing.
metric pricing_cases_cleaned {
  owner:   pricing_team
  from:    pricing_cases
  where:   account_id not in ("A-1", "A-2")
  measure: count()
  label { en: "Cleaned cases"  fr: "Cas nettoyés" }
}
"#,
        )],
        findings: &[find("governance/opaque-exclusion", "planted/opaque.groma", "where:   account_id not in", "")],
    },
    Fault {
        name: "a target without a direction: a rule of the project",
        edits: &[Replace("areas/quality.groma", "  measure: sum(units)\n", "  measure: sum(units)\n  target:  100\n")],
        findings: &[find("rule/target-has-direction", "areas/quality.groma", "metric quality_units", "quality_units")],
    },
    Fault {
        name: "a rule that names a key that does not exist",
        edits: &[Append(
            "planted/unknown_key.groma",
            r#"/// Misspelt.
rule metric_has_ownr {
  for:     m in metrics
  require: m.ownr is not null
  message: "{m.name} has no owner"
}
"#,
        )],
        findings: &[find("rule/unknown-attribute", "planted/unknown_key.groma", "require: m.ownr", "ownr")],
    },
    Fault {
        name: "a rule whose message names what does not exist",
        edits: &[Append(
            "planted/unknown_word.groma",
            r#"/// Misspelt in its message.
rule metric_is_told {
  for:     m in metrics
  require: m.name <> ""
  message: "{m.nam} has no name"
}
"#,
        )],
        findings: &[find("rule/unknown-attribute", "planted/unknown_word.groma", "message: \"{m.nam}", "nam")],
    },
    Fault {
        name: "a rule that divides by zero",
        edits: &[Append(
            "planted/divides.groma",
            r#"/// Half of nothing.
rule minimum_is_shared {
  for:     m in metrics
  require: m.minimum / 0 > 1
  message: "{m.name} has too small a share"
}
"#,
        )],
        findings: &[find("rule/divides-by-zero", "planted/divides.groma", "require: m.minimum / 0", "")],
    },
    Fault {
        name: "a rule that divides by what turns out to be zero",
        edits: &[Append(
            "planted/turns_out.groma",
            r#"/// How many members for each council of the name.
rule councils_are_shared {
  for:     c in councils
  where:   c.name = "privacy"
  require: 10 / (c.quorum - c.quorum) > 1
  message: "{c.name} is divided"
}
"#,
        )],
        findings: &[find("rule/divides-by-zero", "planted/turns_out.groma", "require: 10 / (c.quorum", "")],
    },
    Fault {
        name: "a rule that loops",
        edits: &[Append(
            "planted/loops.groma",
            r#"/// About itself.
rule rules_hold {
  for:     r in rules
  require: every rule of r has rule.level = "error"
  message: "{r.name} is weak"
}
"#,
        )],
        findings: &[find("rule/loops", "planted/loops.groma", "every rule of r", "")],
    },
    Fault {
        name: "a rule that cannot be decided",
        edits: &[Append(
            "planted/undecidable.groma",
            r#"/// Says nothing of any metric.
rule one_is_two {
  for:     m in metrics
  require: 1 = 2
  message: "{m.name} is wrong"
}
"#,
        )],
        findings: &[find("rule/undecidable", "planted/undecidable.groma", "require: 1 = 2", "")],
    },
    Fault {
        name: "a rule that compares a text with a number",
        edits: &[Append(
            "planted/compares.groma",
            r#"/// Apples and pears.
rule name_is_large {
  for:     m in metrics
  require: m.name > 3
  message: "{m.name} is small"
}
"#,
        )],
        findings: &[find("rule/mistyped", "planted/compares.groma", "require: m.name > 3", "")],
    },
    Fault {
        name: "a level for a rule that does not exist",
        edits: &[Replace(
            "groma.yml",
            "  languages: [en, fr]\n",
            "  languages: [en, fr]\n  levels:\n    ownership/metric-has-ownr: warning\n",
        )],
        findings: &[find(
            "manifest/unknown-value",
            "groma.yml",
            "ownership/metric-has-ownr",
            "ownership/metric-has-ownr",
        )],
    },
    Fault {
        name: "an exclusion within a query",
        edits: &[Append(
            "planted/hidden.groma",
            r#"/// Cases of search, cleaned.
source search_cleaned {
  query: "select case_id, account_id, happened_on from search_cases where case_id not in ('7', '8')"
  owner: search_team
  key:   case_id
  time:  happened_on
  columns {
    case_id:     text
    account_id:  account
    happened_on: date
  }
}

/// Cleaned cases of search.
metric search_cleaned_cases {
  owner:   search_team
  from:    search_cleaned
  measure: count()
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[find("governance/opaque-exclusion", "planted/hidden.groma", "case_id not in", "")],
    },
    Fault {
        name: "an exception from a number without rows",
        edits: &[Append(
            "planted/no_rows.groma",
            r#"/// Of a ratio.
exception of_a_ratio {
  of:          account
  where:       account_id = "A-9"
  from:        mobile_mean_value
  covers:      2026-04-01 to 2026-06-30
  because:     "one account tried everything"
  evidence:    "docs/findings/2026-05-mobile.md"
  approved_by: council.metrics
  until:       2026-12-31
}
"#,
        )],
        findings: &[find(
            "exception/no-rows",
            "planted/no_rows.groma",
            "from:        mobile_mean_value",
            "mobile_mean_value",
        )],
    },
    Fault {
        name: "a rule about what does not exist",
        edits: &[Append(
            "planted/unknown_kind.groma",
            r#"/// There are none.
rule metrix_have_names {
  for:     m in metrix
  require: m.name <> ""
  message: "{m.name} has no name"
}
"#,
        )],
        findings: &[find("rule/unknown-kind", "planted/unknown_kind.groma", "m in metrix", "metrix")],
    },
    Fault {
        name: "a message with a place for nothing",
        edits: &[Append(
            "planted/bad_place.groma",
            r#"/// Not closed.
rule metric_is_named {
  for:     m in metrics
  require: m.name <> "nobody"
  message: "{m.name has no name"
}
"#,
        )],
        findings: &[find("rule/bad-place", "planted/bad_place.groma", r#"message: "{m.name has no name"#, "")],
    },
    Fault {
        name: "a quantifier that would be read otherwise",
        edits: &[Append(
            "planted/quantifier.groma",
            r#"/// Without parentheses.
rule source_is_alive {
  for:     s in sources
  require: any metric using s and s.owner is not null
  message: "{s.name} is dead"
}
"#,
        )],
        findings: &[find(
            "rule/misplaced-quantifier",
            "planted/quantifier.groma",
            "require: any metric using s and",
            "",
        )],
    },
];

const EXPIRED_WAIVER: &str = r#"/// Accounts that onboarding reached.
metric onboarding_reach {
  owner:   onboarding_team
  from:    onboarding_cases
  measure: count(where kind = "reached")
  target:  100
  label { en: "Reach of onboarding"  fr: "Portée de l'accueil" }
}

/// Its direction was being discussed.
waiver units_reach {
  rule:        target_has_direction
  on:          metric.onboarding_reach
  because:     "its direction is being discussed"
  approved_by: council.metrics
  until:       2026-05-31
}
"#;
