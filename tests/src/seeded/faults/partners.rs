//! Faults of partners' data, and of what regions may have to themselves.

use super::Edit::{Append, Replace};
use super::{Fault, find};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "an agreement that has ended",
        edits: &[Append("planted/ended.groma", ENDED)],
        findings: &[find("agreement/ended", "planted/ended.groma", "until:     2026-03-31", "")],
    },
    Fault {
        name: "a purpose that was not agreed",
        edits: &[Append(
            "planted/purpose.groma",
            r#"/// Visits that a campaign may be sent for.
metric visits_for_campaigns {
  owner:   data_platform
  from:    partner_visits
  measure: count(where pages > 3)
  purpose: marketing
  label { en: "Visits for campaigns"  fr: "Visites pour campagnes" }
}
"#,
        )],
        findings: &[find("agreement/outside-purpose", "planted/purpose.groma", "purpose: marketing", "")],
    },
    Fault {
        name: "a purpose that is not said, through a query source",
        edits: &[Append("planted/silent.groma", SILENT)],
        findings: &[find("agreement/outside-purpose", "planted/silent.groma", "metric long_visits", "")],
    },
    Fault {
        name: "a column that was not agreed",
        edits: &[Append("planted/columns.groma", COLUMNS)],
        findings: &[find("agreement/outside-columns", "planted/columns.groma", "measure: sum(spent)", "")],
    },
    Fault {
        name: "a territory that was not agreed",
        edits: &[Append("planted/territory.groma", TERRITORY)],
        findings: &[find("agreement/outside-territory", "planted/territory.groma", "territory: jp", "")],
    },
    Fault {
        name: "a region that changes what it may not",
        edits: &[Replace(
            "regions.groma",
            "service_minutes { target: 35 }",
            "service_minutes { target: 35 }\n    service_urgent_cases { target: 5 }",
        )],
        findings: &[find("governance/not-local", "regions.groma", "service_urgent_cases { target: 5 }", "")],
    },
    Fault {
        name: "a region that changes what a number means",
        edits: &[Append(
            "regions.groma",
            r#"region japan {
  title:     "Japan"
  owner:     experience
  languages: en
  territory: jp
  adapts {
    service_minutes { where: topic <> "night" }
  }
}
"#,
        )],
        findings: &[find("governance/not-local", "regions.groma", "topic <> \"night\"", "")],
    },
    Fault {
        name: "a global number that rests on a local one",
        edits: &[Append(
            "planted/global.groma",
            r#"/// French visits for each visit.
metric french_part_of_visits {
  owner:   data_platform
  measure: visits_in_france / partner_visits_counted
  purpose: service_improvement
  label { en: "French part of visits"  fr: "Part française des visites" }
}
"#,
        )],
        findings: &[find("governance/global-uses-local", "planted/global.groma", "measure: visits_in_france", "")],
    },
    Fault {
        name: "a local number of nobody's region",
        edits: &[Append(
            "planted/local.groma",
            r#"/// Visits that were short.
metric short_visits {
  owner:   data_platform
  from:    partner_visits
  measure: count(where pages = 1)
  purpose: service_improvement
  scope:   local
  label { en: "Short visits"  fr: "Visites courtes" }
}
"#,
        )],
        findings: &[find("governance/no-region", "planted/local.groma", "scope:   local", "")],
    },
    Fault {
        name: "an agreement that has not begun",
        edits: &[Append(
            "planted/not_begun.groma",
            r#"/// Trains that were late.
source trains {
  table: "trains.days"
  owner: data_platform
  key:   day
  time:  day
  columns {
    day:  date
    late: int
  }
}

/// What the railway lets us do.
agreement trains_of_railway {
  partner:   "Railway Ltd"
  owner:     data_platform
  sources:   trains
  purpose:   service_improvement
  territory: eu
  since:     2026-10-01
  until:     2027-12-31
}

/// Trains that were late.
metric trains_late {
  owner:   data_platform
  from:    trains
  measure: sum(late)
  purpose: service_improvement
  label { en: "Late trains"  fr: "Trains en retard" }
}
"#,
        )],
        findings: &[find("agreement/not-begun", "planted/not_begun.groma", "since:     2026-10-01", "trains_late")],
    },
    Fault {
        name: "an agreement that ends soon",
        edits: &[Append(
            "planted/ends_soon.groma",
            r#"/// Ships that were late.
source ships {
  table: "ships.days"
  owner: data_platform
  key:   day
  time:  day
  columns {
    day:  date
    late: int
  }
}

/// What the port lets us do.
agreement ships_of_port {
  partner:   "Port Ltd"
  owner:     data_platform
  sources:   ships
  purpose:   service_improvement
  territory: eu
  since:     2025-01-01
  until:     2026-07-20
}

/// Ships that were late.
metric ships_late {
  owner:   data_platform
  from:    ships
  measure: sum(late)
  purpose: service_improvement
  label { en: "Late ships"  fr: "Navires en retard" }
}
"#,
        )],
        findings: &[find("agreement/ends-soon", "planted/ends_soon.groma", "until:     2026-07-20", "Port Ltd")],
    },
    Fault {
        name: "a region that adapts a local number",
        edits: &[Append(
            "regions.groma",
            r#"region spain {
  title:     "España"
  owner:     experience
  languages: en
  territory: eu
  adapts {
    visits_in_france { target: 5 }
  }
}
"#,
        )],
        findings: &[find(
            "governance/adapts-local",
            "regions.groma",
            "visits_in_france { target: 5 }",
            "visits_in_france",
        )],
    },
    Fault {
        name: "a target in another unit",
        edits: &[Append(
            "planted/unit.groma",
            r#"/// What was renewed.
metric renewals_in_euro {
  owner:   renewals_team
  from:    renewals_cases
  measure: sum(amount where kind = "renewal")
  better:  higher
  target:  100 eur
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[find("governance/target-unit", "planted/unit.groma", "target:  100 eur", "the target is in eur")],
    },
    Fault {
        name: "everyone's number that names a region",
        edits: &[Append(
            "planted/both.groma",
            r#"/// Visits of France, for all.
metric visits_of_france {
  owner:   data_platform
  from:    partner_visits
  measure: count(where pages = 2)
  purpose: service_improvement
  region:  france
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[find("governance/global-in-region", "planted/both.groma", "region:  france", "visits_of_france")],
    },
    Fault {
        name: "a language that is none",
        edits: &[Append(
            "regions.groma",
            r#"region italy {
  title:     "Italia"
  owner:     experience
  languages: italian
  territory: eu
}
"#,
        )],
        findings: &[find("governance/not-a-language", "regions.groma", "languages: italian", "italian")],
    },
];

const ENDED: &str = r#"/// Weather of our towns.
source weather {
  table: "meteo.days"
  owner: data_platform
  key:   day
  time:  day
  columns {
    day:  date
    rain: int
  }
}

/// What the weather service lets us do.
agreement weather_of_service {
  partner:   "Meteo Ltd"
  owner:     data_platform
  sources:   weather
  purpose:   service_improvement
  territory: eu
  since:     2025-01-01
  until:     2026-03-31
}

/// Rain that fell.
metric rain_fallen {
  owner:   data_platform
  from:    weather
  measure: sum(rain)
  purpose: service_improvement
  label { en: "Rain"  fr: "Pluie" }
}
"#;

const SILENT: &str = r#"/// Visits with many pages.
source long_partner_visits {
  query: "select visit_id, account_id, visited_on from partner_visits where pages > 9"
  owner: data_platform
  key:   visit_id
  time:  visited_on
  columns {
    visit_id:   text
    account_id: account
    visited_on: date
  }
}

/// Visits with many pages.
metric long_visits {
  owner:   data_platform
  from:    long_partner_visits
  measure: count()
  label { en: "Long visits"  fr: "Longues visites" }
}
"#;

const COLUMNS: &str = r#"/// What our accounts buy from a neighbour.
source neighbour_sales {
  table: "neighbour.sales"
  owner: data_platform
  key:   sale_id
  time:  sold_on
  columns {
    sale_id:    text
    account_id: account
    sold_on:    date
    spent:      decimal(12, 2) in usd
  }
}

/// What the neighbour lets us do.
agreement sales_of_neighbour {
  partner:   "Neighbour Ltd"
  owner:     data_platform
  sources:   neighbour_sales
  purpose:   service_improvement
  columns:   sale_id, account_id, sold_on
  territory: eu
  since:     2025-01-01
  until:     2027-12-31
}

/// What our accounts buy from the neighbour.
metric bought_from_neighbour {
  owner:   data_platform
  from:    neighbour_sales
  measure: sum(spent)
  purpose: service_improvement
  label { en: "Bought from the neighbour"  fr: "Achats chez le voisin" }
}
"#;

const TERRITORY: &str = r#"/// Trips of our accounts in Japan.
source trips {
  table: "trips.taken"
  owner: data_platform
  key:   trip_id
  time:  taken_on
  columns {
    trip_id:    text
    account_id: account
    taken_on:   date
  }
}

/// What the traveller lets us do.
agreement trips_of_traveller {
  partner:   "Traveller KK"
  owner:     data_platform
  sources:   trips
  purpose:   service_improvement
  territory: jp
  since:     2025-01-01
  until:     2027-12-31
}

/// Trips that were taken.
metric trips_taken {
  owner:   data_platform
  from:    trips
  measure: count()
  purpose: service_improvement
  label { en: "Trips"  fr: "Voyages" }
}
"#;
