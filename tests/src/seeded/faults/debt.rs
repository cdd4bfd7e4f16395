//! Faults of names and words, and of what nobody uses or follows.

use super::Edit::{Append, Replace};
use super::{Fault, find};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "two names for one meaning, turned round and through a function",
        edits: &[Append(
            "planted/duplicate.groma",
            r#"/// What the web is of advice.
metric advice_online_part {
  owner:   advice_team
  from:    advice_cases
  measure: sum(amount where "web" = channel) / sum(amount)
  label { en: "Online part of advice"  fr: "Part en ligne du conseil" }
}
"#,
        )],
        findings: &[find(
            "debt/one-name-for-one-number",
            "areas/advice.groma",
            "metric advice_web_share",
            "advice_online_part",
        )],
    },
    Fault {
        name: "a label that is missing",
        edits: &[Replace(
            "areas/logistics.groma",
            "  label { en: \"Units of logistics\"  fr: \"Unités : logistics\" }\n",
            "  label { en: \"Units of logistics\" }\n",
        )],
        findings: &[find(
            "naming/label-in-every-language",
            "areas/logistics.groma",
            "label { en: \"Units of logistics\" }",
            "logistics_units",
        )],
    },
    Fault {
        name: "a metric that nobody explains",
        edits: &[Replace("areas/renewals.groma", "/// Things that were sold in renewals.\n", "")],
        findings: &[find(
            "naming/metric-documented",
            "areas/renewals.groma",
            "metric renewals_units",
            "renewals_units",
        )],
    },
    Fault {
        name: "a name in another style",
        edits: &[Append(
            "planted/name.groma",
            r#"/// Repairs that were made at home.
metric RepairsAtHome {
  owner:   repairs_team
  from:    repairs_cases
  measure: count(where kind = "home")
  label { en: "Repairs at home"  fr: "Réparations à domicile" }
}
"#,
        )],
        findings: &[find("naming/metric-name-is-lower", "planted/name.groma", "metric RepairsAtHome", "RepairsAtHome")],
    },
    Fault {
        name: "a source that nothing reads",
        edits: &[Append(
            "planted/unread.groma",
            r#"/// Letters that were sent.
source letters {
  file:  "letters.csv"
  owner: data_platform
  key:   letter_id
  columns {
    letter_id: text
  }
}
"#,
        )],
        findings: &[find("debt/source-is-used", "planted/unread.groma", "source letters", "letters")],
    },
    Fault {
        name: "a function that nothing calls",
        edits: &[Append(
            "planted/uncalled.groma",
            r#"/// Twice a number.
function twice(value: number) {
  value: 2 * value
}
"#,
        )],
        findings: &[find("debt/function-is-used", "planted/uncalled.groma", "function twice", "twice")],
    },
    Fault {
        name: "a window that nothing looks through",
        edits: &[Append("planted/window.groma", "/// A fortnight.\nwindow fortnight { value: trailing 14 days }\n")],
        findings: &[find("debt/window-is-used", "planted/window.groma", "window fortnight", "fortnight")],
    },
    Fault {
        name: "a source that only retired metrics read",
        edits: &[Append(
            "planted/dead.groma",
            r#"/// Orders that came by telegram.
source telegrams {
  file:  "telegrams.csv"
  owner: data_platform
  key:   telegram_id
  time:  sent_on
  columns {
    telegram_id: text
    sent_on:     date
  }
}

/// Orders that came by telegram.
metric orders_by_telegram {
  owner:       finance
  from:        telegrams
  measure:     count()
  status:      retired
  replaced_by: checkout_count
  retires:     2025-12-31
  label { en: "Orders by telegram"  fr: "Commandes par télégramme" }
}
"#,
        )],
        findings: &[find("debt/source-is-used", "planted/dead.groma", "source telegrams", "telegrams")],
    },
    Fault {
        name: "a chain nobody can follow",
        edits: &[Append("planted/chain.groma", CHAIN)],
        findings: &[find("debt/chain-is-short", "planted/chain.groma", "measure: gifts_step_5 ", "gifts_step_6")],
    },
    Fault {
        name: "deprecated for three years",
        edits: &[Append(
            "planted/slow.groma",
            r#"/// Events as posters counted them.
metric events_by_poster {
  owner:       events_team
  from:        events_cases
  measure:     count(where kind = "poster")
  status:      deprecated
  replaced_by: events_count
  retires:     2029-06-30
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[find(
            "debt/deprecation-is-short",
            "planted/slow.groma",
            "retires:     2029-06-30",
            "events_by_poster",
        )],
    },
    Fault {
        name: "a draft that nothing uses",
        edits: &[Append(
            "planted/unused_draft.groma",
            r#"/// Events that may come.
metric events_one_day {
  owner:   events_team
  from:    events_cases
  measure: count(where kind = "maybe")
  status:  draft
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[find(
            "debt/draft-is-used",
            "planted/unused_draft.groma",
            "metric events_one_day",
            "events_one_day",
        )],
    },
    Fault {
        name: "a source that nobody explains",
        edits: &[Append(
            "planted/unexplained.groma",
            r#"source tills {
  file:  "tills.csv"
  owner: stores_team
  key:   till_id
  time:  opened_on
  columns {
    till_id:   text
    opened_on: date
  }
}

/// Tills that were opened.
metric tills_opened {
  owner:   stores_team
  from:    tills
  measure: count()
  label { en: "Tills"  fr: "Caisses" }
}
"#,
        )],
        findings: &[find("naming/source-documented", "planted/unexplained.groma", "source tills", "tills")],
    },
    Fault {
        name: "a segment that nobody looks at",
        edits: &[Append(
            "planted/segment.groma",
            r#"/// Accounts of the north.
segment northern {
  of:    account
  where: region = "north"
}
"#,
        )],
        findings: &[find("debt/segment-is-used", "planted/segment.groma", "segment northern", "northern")],
    },
    Fault {
        name: "a customer that nobody counts",
        edits: &[Append(
            "planted/uncounted.groma",
            r#"/// Who carries parcels.
source couriers_there_are {
  file:  "couriers_there_are.csv"
  owner: logistics_team
  key:   row_id
  time:  done_on
  columns {
    row_id:     text
    done_on:    date
  }
}

/// Who carries parcels.
customer courier {
  owner: logistics_team
  from:  couriers_there_are
  key:   row_id
}
"#,
        )],
        findings: &[find("debt/customer-is-used", "planted/uncounted.groma", "customer courier", "courier")],
    },
    Fault {
        name: "a source in another style",
        edits: &[Append(
            "planted/style.groma",
            r#"/// What was loud.
source LoudSource {
  file:  "LoudSource.csv"
  owner: events_team
  key:   row_id
  time:  done_on
  columns {
    row_id:     text
    done_on:    date
  }
}

/// What was loud.
metric events_loud {
  owner:   events_team
  from:    LoudSource
  measure: count()
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[find("naming/source-name-is-lower", "planted/style.groma", "source LoudSource", "LoudSource")],
    },
    Fault {
        name: "a customer and a function that nobody explains",
        edits: &[Append(
            "planted/wordless.groma",
            r#"/// What parcels are carried in.
source vans_there_are {
  file:  "vans_there_are.csv"
  owner: logistics_team
  key:   row_id
  time:  done_on
  columns {
    row_id:     text
    done_on:    date
  }
}

customer van {
  owner: logistics_team
  from:  vans_there_are
  key:   row_id
}

function half_of(value: number) {
  value: value / 2
}

/// Where vans went.
source van_trips {
  file:  "van_trips.csv"
  owner: logistics_team
  key:   row_id
  time:  done_on
  columns {
    row_id:     text
    van_id:     van
    far:        int
    done_on:    date
  }
}

/// Half of how far vans went.
metric vans_half_way {
  owner:   logistics_team
  from:    van_trips
  measure: half_of(sum(far))
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[
            find("naming/customer-documented", "planted/wordless.groma", "customer van", "van"),
            find("naming/function-documented", "planted/wordless.groma", "function half_of", "half_of"),
        ],
    },
];

const CHAIN: &str = r#"/// Step 1 of a long thought.
metric gifts_step_1 {
  owner:   gifts_team
  measure: gifts_value / gifts_units
  label { en: "Step 1"  fr: "Étape 1" }
}

/// Step 2 of a long thought.
metric gifts_step_2 {
  owner:   gifts_team
  measure: gifts_step_1 offset 1 month
  label { en: "Step 2"  fr: "Étape 2" }
}

/// Step 3 of a long thought.
metric gifts_step_3 {
  owner:   gifts_team
  measure: gifts_step_2 offset 1 month
  label { en: "Step 3"  fr: "Étape 3" }
}

/// Step 4 of a long thought.
metric gifts_step_4 {
  owner:   gifts_team
  measure: gifts_step_3 offset 1 month
  label { en: "Step 4"  fr: "Étape 4" }
}

/// Step 5 of a long thought.
metric gifts_step_5 {
  owner:   gifts_team
  measure: gifts_step_4 offset 1 month
  label { en: "Step 5"  fr: "Étape 5" }
}

/// Step 6 of a long thought.
metric gifts_step_6 {
  owner:   gifts_team
  measure: gifts_step_5 offset 1 month
  label { en: "Step 6"  fr: "Étape 6" }
}
"#;
