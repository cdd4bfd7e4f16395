//! Faults of who answers for what.

use super::Edit::{Append, Replace};
use super::{Fault, find};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "two accountable teams",
        edits: &[Replace(
            "areas/mobile.groma",
            "accountable: mobile_team\n",
            "accountable: mobile_team, search_team\n",
        )],
        findings: &[find(
            "governance/two-accountable",
            "areas/mobile.groma",
            "accountable: mobile_team, search_team",
            "",
        )],
    },
    Fault {
        name: "an owner whose members have all left",
        edits: &[
            Append(
                "people.groma",
                r#"/// Wraps what is given.
team wrapping {
  title:   "Wrapping"
  lead:    "wrapper@acme.example"
  members: "wrapper@acme.example" until 2026-05-31
}
"#,
            ),
            Replace(
                "areas/gifts.groma",
                "metric gifts_units {\n  owner:   gifts_team",
                "metric gifts_units {\n  owner:   wrapping",
            ),
        ],
        findings: &[find(
            "governance/owner-has-left",
            "people.groma",
            "members: \"wrapper@acme.example\" until",
            "gifts_units",
        )],
    },
    Fault {
        name: "an owner that has closed",
        edits: &[
            Append(
                "people.groma",
                r#"/// Sold by post.
team post {
  title:   "Post"
  lead:    "post@acme.example"
  members: "post@acme.example"
  until:   2026-03-31
}
"#,
            ),
            Replace(
                "areas/stores.groma",
                "metric stores_units {\n  owner:   stores_team",
                "metric stores_units {\n  owner:   post",
            ),
        ],
        findings: &[find("governance/nobody-accountable", "areas/stores.groma", "owner:   post", "from 2026-04-01 on")],
    },
    Fault {
        name: "nobody is accountable for a month",
        edits: &[Replace("company.groma", "finance from 2026-01-01", "finance from 2026-02-01")],
        findings: &[find("governance/nobody-accountable", "company.groma", "finance from 2026-02-01", "")],
    },
    Fault {
        name: "two are accountable for some days",
        edits: &[Replace(
            "areas/search.groma",
            "accountable: search_team\n",
            "accountable: finance until 2026-03-31, search_team from 2026-03-01\n",
        )],
        findings: &[find("governance/two-accountable", "areas/search.groma", "search_team from 2026-03-01", "")],
    },
    Fault {
        name: "a quorum above its members",
        edits: &[Replace("people.groma", "quorum:  2\n  decides: restating\n", "quorum:  3\n  decides: restating\n")],
        findings: &[find("governance/quorum-too-large", "people.groma", "quorum:  3", "")],
    },
    Fault {
        name: "a member before the team",
        edits: &[Replace(
            "areas/stores.groma",
            r#""stores-two@acme.example" from 2025-03-01"#,
            r#""stores-two@acme.example" from 2023-03-01"#,
        )],
        findings: &[find("governance/member-before-team", "areas/stores.groma", "2023-03-01", "")],
    },
    Fault {
        name: "a dispute that nobody decided",
        edits: &[Append(
            "law.groma",
            r#"/// Readers take it for revenue.
dispute whose_content {
  about:    content_value
  between:  content_team, finance
  since:    2026-05-04
  question: "whether the value of content is revenue"
}
"#,
        )],
        findings: &[find("governance/disputed", "law.groma", "dispute whose_content", "")],
    },
    Fault {
        name: "two teams that claim a metric",
        edits: &[Replace(
            "areas/events.groma",
            "handle:  \"@acme/events\"\n",
            "handle:  \"@acme/events\"\n  claims:  pricing_value\n",
        )],
        findings: &[find("governance/disputed", "areas/events.groma", "claims:  pricing_value", "")],
    },
    Fault {
        name: "a metric without an owner",
        edits: &[Replace(
            "areas/billing.groma",
            "metric billing_units {\n  owner:   billing_team\n",
            "metric billing_units {\n",
        )],
        findings: &[find("ownership/metric-has-owner", "areas/billing.groma", "metric billing_units {", "")],
    },
    Fault {
        name: "a source without an owner",
        edits: &[Append(
            "planted/unowned.groma",
            r#"/// Tickets that were printed.
source printed_tickets {
  file: "printed_tickets.csv"
  key:  ticket_id
  time: printed_on
  columns {
    ticket_id:  text
    account_id: account
    printed_on: date
  }
}

/// Tickets that were printed.
metric tickets_printed {
  owner:   events_team
  from:    printed_tickets
  measure: count()
  label { en: "Printed tickets"  fr: "Billets imprimés" }
}
"#,
        )],
        findings: &[
            find("rule/source-of-metric-has-owner", "planted/unowned.groma", "metric tickets_printed", ""),
            find("ownership/source-has-owner", "planted/unowned.groma", "source printed_tickets", ""),
        ],
    },
    Fault {
        name: "a decision of tomorrow",
        edits: &[Replace(
            "law.groma",
            "decided_by: council.metrics\n  on:         2026-02-10",
            "decided_by: council.metrics\n  on:         2026-12-10",
        )],
        findings: &[find("governance/disputed", "law.groma", "dispute whose_training", "training_value")],
    },
    Fault {
        name: "an owner who is not accountable",
        edits: &[Replace("areas/onboarding.groma", "accountable: onboarding_team", "accountable: content_team")],
        findings: &[find(
            "governance/owner-disagrees",
            "areas/onboarding.groma",
            "metric onboarding_value {\n  owner:",
            "onboarding_value",
        )],
    },
    Fault {
        name: "a decision that nobody followed",
        edits: &[Append(
            "law.groma",
            r#"/// It was settled.
decision community_for_finance {
  about:      community_value
  owner:      finance
  decided_by: council.metrics
  on:         2026-04-01
  because:    "finance explains what is paid"
}
"#,
        )],
        findings: &[find(
            "governance/decision-not-followed",
            "areas/community.groma",
            "accountable: community_team",
            "community_value",
        )],
    },
    Fault {
        name: "two decisions of one day",
        edits: &[Append(
            "law.groma",
            r#"/// It was settled in one room.
decision quality_here {
  about:      quality_value
  owner:      quality_team
  decided_by: council.metrics
  on:         2026-04-01
  because:    "they sell it"
}

/// And in another.
decision quality_there {
  about:      quality_value
  owner:      finance
  decided_by: council.metrics
  on:         2026-04-01
  because:    "they are paid for it"
}
"#,
        )],
        findings: &[find("governance/decisions-contradict", "law.groma", "decision quality_there", "quality_value")],
    },
    Fault {
        name: "a decision by a stranger",
        edits: &[Append(
            "law.groma",
            r#"/// It was said in passing.
decision events_of_theirs {
  about:      events_value
  owner:      events_team
  decided_by: "stranger@acme.example"
  on:         2026-04-01
  because:    "somebody said so"
}
"#,
        )],
        findings: &[find("governance/not-entitled", "law.groma", r#""stranger@acme.example""#, "stranger")],
    },
    Fault {
        name: "a member who is counted twice",
        edits: &[Replace("areas/repairs.groma", r#""repairs-two@acme.example""#, r#""repairs-lead@acme.example""#)],
        findings: &[find(
            "governance/member-twice",
            "areas/repairs.groma",
            r#"members: "repairs-lead@acme.example""#,
            "repairs-lead",
        )],
    },
    Fault {
        name: "a lead from outside",
        edits: &[Replace(
            "areas/renewals.groma",
            r#"lead:    "renewals-lead@acme.example""#,
            r#"lead:    "boss@acme.example""#,
        )],
        findings: &[find("governance/lead-not-a-member", "areas/renewals.groma", r#""boss@acme.example""#, "boss")],
    },
    Fault {
        name: "a customer nobody answers for",
        edits: &[Append(
            "planted/customer.groma",
            r#"/// Boxes that are lent.
source boxes {
  file:  "boxes.csv"
  owner: logistics_team
  key:   box_id
  columns { box_id: text }
}

/// A box that is lent.
customer box {
  from: boxes
  key:  box_id
}

/// When boxes came back.
source box_returns {
  file:  "box_returns.csv"
  owner: logistics_team
  key:   return_id
  time:  returned_on
  columns {
    return_id:   text
    box_id:      box
    returned_on: date
  }
}

/// Boxes that came back.
metric boxes_returned {
  owner:   logistics_team
  from:    box_returns
  measure: count(distinct box)
  label { en: "Boxes"  fr: "Boîtes" }
}
"#,
        )],
        findings: &[find("ownership/customer-has-owner", "planted/customer.groma", "customer box {", "box")],
    },
    Fault {
        name: "a team of nobody",
        edits: &[Append(
            "planted/nobody.groma",
            r#"/// A label.
team nobody { title: "Nobody" }

/// Nobody's number.
metric mobile_of_nobody {
  owner:   nobody
  from:    mobile_cases
  measure: count(where kind = "nobody")
  label { en: "Nobody's"  fr: "À personne" }
}
"#,
        )],
        findings: &[find("ownership/team-has-people", "planted/nobody.groma", "team nobody", "nobody")],
    },
];
