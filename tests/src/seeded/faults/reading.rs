//! What is wrong with what people read, and with what tells them.

use super::Edit::Append;
use super::{Fault, find};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "a tile of a number that nobody keeps any more",
        edits: &[Append(
            "planted/past.groma",
            r#"/// Orders as the telephone counted them.
metric orders_by_phone {
  owner:       finance
  from:        checkout_cases
  measure:     sum(units where kind = "phone")
  status:      deprecated
  retires:     2026-05-31
  replaced_by: checkout_units
  label { en: "Orders by phone"  fr: "Commandes par téléphone" }
}

dashboard telephone {
  owner: finance
  tile orders { shows: orders_by_phone  as: number }
}
"#,
        )],
        findings: &[
            find(
                "lifecycle/deprecated-past-its-date",
                "planted/past.groma",
                "retires:     2026-05-31",
                "orders_by_phone",
            ),
            find("dashboards/tile-shows-what-is-kept", "planted/past.groma", "tile orders", "telephone.orders"),
        ],
    },
    Fault {
        name: "more tiles than a counter has time for",
        edits: &[Append(
            "planted/counter.groma",
            r#"dashboard counter {
  owner:    stores_team
  audience: frontline
  tile count    { shows: stores_count  as: number }
  tile value    { shows: stores_value  as: number }
  tile regions  { shows: stores_count by account.region  as: bar }
  tile money    { shows: stores_value by account.region  as: bar }
  tile plans    { shows: stores_value by account.plan  as: bar }
  tile together { shows: stores_count, stores_value  as: table }
}
"#,
        )],
        findings: &[find("dashboards/too-many-tiles", "planted/counter.groma", "dashboard counter", "counter")],
    },
    Fault {
        name: "a dashboard of nobody",
        edits: &[Append(
            "planted/nobody.groma",
            r#"dashboard repairs_today {
  tile count { shows: repairs_count  as: number }
}
"#,
        )],
        findings: &[find(
            "dashboards/dashboard-has-owner",
            "planted/nobody.groma",
            "dashboard repairs_today",
            "repairs_today",
        )],
    },
    Fault {
        name: "a tile that two teams leave to each other",
        edits: &[Append(
            "planted/tile.groma",
            r#"dashboard between {
  tile both {
    shows: gifts_count, advice_count
    as:    line
  }
}
"#,
        )],
        findings: &[
            find("dashboards/dashboard-has-owner", "planted/tile.groma", "dashboard between", "between"),
            find("dashboards/tile-has-owner", "planted/tile.groma", "tile both", "between.both"),
        ],
    },
    Fault {
        name: "an alert that nobody hears",
        edits: &[Append(
            "planted/unheard_alert.groma",
            r#"alert few_events {
  on:      events_count
  when:    value < 100
  because: "the halls are paid for anyway"
  do:      "move the next ones into a smaller hall"
}
"#,
        )],
        findings: &[find(
            "dashboards/alert-tells-somebody",
            "planted/unheard_alert.groma",
            "alert few_events",
            "few_events",
        )],
    },
    Fault {
        name: "an alert that asks for nothing, and says not why",
        edits: &[Append(
            "planted/idle_alert.groma",
            r#"alert few_advices {
  on:   advice_count
  when: value < 100
  tell: advice_team
}
"#,
        )],
        findings: &[
            find("dashboards/alert-names-what-to-do", "planted/idle_alert.groma", "alert few_advices", "few_advices"),
            find("dashboards/alert-says-why", "planted/idle_alert.groma", "alert few_advices", "few_advices"),
        ],
    },
    Fault {
        name: "a number for customers of different ages",
        edits: &[Append(
            "planted/ages.groma",
            r#"dashboard ages {
  owner: quality_team
  tile both {
    shows: quality_adoption, quality_retention
    as:    line
  }
}
"#,
        )],
        findings: &[find("dashboard/mixes-windows", "planted/ages.groma", "shows: quality_adoption", "both")],
    },
    Fault {
        name: "a target in another unit",
        edits: &[Append(
            "planted/target.groma",
            r#"target more_gifts {
  metric: gifts_value
  value:  40%
  owner:  gifts_team
}
"#,
        )],
        findings: &[find("goal/unit", "planted/target.groma", "value:  40%", "more_gifts")],
    },
    Fault {
        name: "an alert that is over when things are at their worst",
        edits: &[Append(
            "planted/worst.groma",
            r#"alert few_repairs {
  on:      repairs_count
  when:    value < 100
  until:   value < 50
  tell:    repairs_team
  because: "below that nobody can be spared"
  do:      "call one of the three back"
}
"#,
        )],
        findings: &[find("alert/never-clears", "planted/worst.groma", "until:   value < 50", "few_repairs")],
    },
];
