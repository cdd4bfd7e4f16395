//! Faults of disclosing persons.

use super::Edit::Append;
use super::{Fault, find};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "a leak through two functions and a query source",
        edits: &[Append("planted/leak.groma", LEAK)],
        findings: &[find("sensitivity/discloses", "planted/leak.groma", "measure: shown_as(helper)", "")],
    },
    Fault {
        name: "grouped by a person",
        edits: &[Append(
            "planted/by_person.groma",
            r#"/// Cases of community, for each who handled them.
metric community_by_person {
  owner:   community_team
  from:    community_cases
  measure: count(where kind = "help")
  by:      handled_by
  label { en: "Cases by person"  fr: "Cas par personne" }
}
"#,
        )],
        findings: &[find("sensitivity/not-groupable", "planted/by_person.groma", "by:      handled_by", "")],
    },
    Fault {
        name: "the words of a customer",
        edits: &[Append(
            "planted/verbatim.groma",
            r#"/// What was said last about returns.
metric returns_last_words {
  owner:   experience
  from:    returns_answers
  measure: length(last(comment))
  cell:    10
  minimum: 30
  label { en: "Last words"  fr: "Derniers mots" }
}
"#,
        )],
        findings: &[find("sensitivity/discloses", "planted/verbatim.groma", "measure: length(last(comment))", "")],
    },
    Fault {
        name: "the smallest of personal values",
        edits: &[Append("planted/smallest.groma", SMALLEST)],
        findings: &[find("sensitivity/discloses", "planted/smallest.groma", "measure: min(birth_year)", "")],
    },
    Fault {
        name: "a number about two people",
        edits: &[Append("planted/small_cell.groma", SMALL_CELL)],
        findings: &[find(
            "privacy/cell-is-large-enough",
            "planted/small_cell.groma",
            "metric courses_mean_year",
            "courses_mean_year",
        )],
    },
    Fault {
        name: "an address that is not marked as personal",
        edits: &[Append(
            "planted/unmarked.groma",
            r#"/// Letters that were returned.
source returned_letters {
  file:  "returned_letters.csv"
  owner: logistics_team
  key:   letter_id
  time:  returned_on
  columns {
    letter_id:   text
    account_id:  account
    returned_on: date
    home_address: text
  }
}

/// Letters that came back.
metric letters_returned {
  owner:   logistics_team
  from:    returned_letters
  measure: count()
  label { en: "Returned letters"  fr: "Lettres revenues" }
}
"#,
        )],
        findings: &[find(
            "privacy/personal-column-marked",
            "planted/unmarked.groma",
            "home_address: text",
            "home_address",
        )],
    },
    Fault {
        name: "personal, and nobody knows what for",
        edits: &[Append(
            "planted/what_for.groma",
            r#"/// Lessons that were ridden.
source rides {
  file:  "rides.csv"
  owner: training_team
  key:   ride_id
  time:  ridden_on
  columns {
    ride_id:    text
    account_id: account
    ridden_on:  date
    rider:      text, personal
  }
}

/// Lessons that were ridden.
metric rides_taken {
  owner:   training_team
  from:    rides
  measure: count()
  label { en: "Rides"  fr: "Sorties" }
}
"#,
        )],
        findings: &[find(
            "privacy/personal-column-documented",
            "planted/what_for.groma",
            "rider:      text, personal",
            "rider",
        )],
    },
    Fault {
        name: "words of customers that are not marked as personal",
        edits: &[Append(
            "planted/letters.groma",
            r#"/// What was written on cards.
source cards {
  file:  "cards.csv"
  owner: experience
  key:   card_id
  time:  written_on
  columns {
    card_id:    text
    account_id: account
    written_on: date
    /// Read by the team only.
    words:      verbatim, internal
  }
}

/// Cards that were written.
metric cards_written {
  owner:   experience
  from:    cards
  measure: count()
  label { en: "Cards"  fr: "Cartes" }
}
"#,
        )],
        findings: &[find("privacy/verbatim-is-personal", "planted/letters.groma", "words:      verbatim", "words")],
    },
    Fault {
        name: "personal, and no smallest cell",
        edits: &[Append(
            "planted/no_cell.groma",
            r#"/// Who came to hikes.
source hikes {
  file:  "hikes.csv"
  owner: training_team
  key:   row_id
  time:  done_on
  columns {
    row_id:     text
    account_id: account
    /// For hikes that suit an age.
    birth_year: int, personal
    done_on:    date
  }
}

/// The mean year of birth of those who came to hikes.
metric hikes_mean_year {
  owner:   training_team
  from:    hikes
  measure: avg(birth_year)
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[find("sensitivity/no-cell", "planted/no_cell.groma", "metric hikes_mean_year", "hikes_mean_year")],
    },
    Fault {
        name: "personal, and of nobody",
        edits: &[Append(
            "planted/of_nobody.groma",
            r#"/// Calls that were made.
source calls_made {
  file:  "calls_made.csv"
  owner: training_team
  key:   row_id
  time:  done_on
  columns {
    row_id:     text
    /// For the bill.
    caller:     text, personal
    done_on:    date
  }
}

/// Those who called.
metric callers {
  owner:   training_team
  from:    calls_made
  measure: count(distinct caller)
  cell:    10
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[find("sensitivity/nobody-counted", "planted/of_nobody.groma", "metric callers", "callers")],
    },
    Fault {
        name: "a query that calls a person public",
        edits: &[Append(
            "planted/lowered.groma",
            r#"/// Who handled cases of advice, on a door sign.
source advice_signs {
  query: "select case_id, account_id, happened_on, upper(handled_by) as sign from advice_cases"
  owner: advice_team
  key:   case_id
  time:  happened_on
  columns {
    case_id:     text
    account_id:  account
    happened_on: date
    sign:        text, public
  }
}

/// Cases with a sign.
metric advice_signed {
  owner:   advice_team
  from:    advice_signs
  measure: count()
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[find(
            "sensitivity/lowered",
            "planted/lowered.groma",
            "sign:        text, public",
            "advice_signs.sign",
        )],
    },
    Fault {
        name: "personal rows that nobody answers for",
        edits: &[Append(
            "planted/unanswered.groma",
            r#"/// Who came by.
source guests {
  file:  "guests.csv"
  key:   row_id
  time:  done_on
  columns {
    row_id:     text
    /// Whom to thank.
    guest:      text, personal
    done_on:    date
  }
}

/// Who came by.
metric guests_counted {
  owner:   gifts_team
  from:    guests
  measure: count()
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[
            find("privacy/personal-source-has-owner", "planted/unanswered.groma", "source guests", "guests"),
            find("ownership/source-has-owner", "planted/unanswered.groma", "source guests", "guests"),
            find(
                "rule/source-of-metric-has-owner",
                "planted/unanswered.groma",
                "metric guests_counted",
                "guests_counted",
            ),
        ],
    },
    Fault {
        name: "special, and nobody says what for",
        edits: &[Append(
            "planted/special.groma",
            r#"/// Who was examined.
source check_ups {
  file:  "check_ups.csv"
  owner: training_team
  key:   row_id
  time:  done_on
  columns {
    row_id:     text
    account_id: account
    /// For those who run with us.
    pulse:      int, special
    done_on:    date
  }
}

/// The mean pulse of those who were examined.
metric check_ups_pulse {
  owner:   training_team
  from:    check_ups
  measure: avg(pulse)
  cell:    20
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[find(
            "privacy/special-metric-has-purpose",
            "planted/special.groma",
            "metric check_ups_pulse",
            "check_ups_pulse",
        )],
    },
];

const LEAK: &str = r#"/// Who handled cases of content, under another name.
source content_helpers {
  query: "select case_id, account_id, happened_on, lower(handled_by) as helper from content_cases"
  owner: data_platform
  key:   case_id
  time:  happened_on
  columns {
    case_id:     text
    account_id:  account
    happened_on: date
    /// For badges.
    helper:      text
  }
}

/// As it is written on badges.
function on_badge(name: text) {
  value: upper(name)
}

/// The longest of badges.
function shown_as(name: text) {
  value: max(length(on_badge(name)))
}

/// The longest name of those who handled cases of content.
metric content_longest_name {
  owner:   content_team
  from:    content_helpers
  measure: shown_as(helper)
  cell:    10
  label { en: "Longest name"  fr: "Nom le plus long" }
}
"#;

const SMALLEST: &str = r#"/// Who came to lessons.
source lessons {
  file:  "lessons.csv"
  owner: training_team
  key:   lesson_id
  time:  held_on
  columns {
    lesson_id:  text
    account_id: account
    held_on:    date
    /// For lessons that suit an age.
    birth_year: int, personal
  }
}

/// When the oldest of those who came to lessons was born.
metric lessons_oldest {
  owner:   training_team
  from:    lessons
  measure: min(birth_year)
  cell:    10
  label { en: "Oldest"  fr: "Doyen" }
}
"#;

const SMALL_CELL: &str = r#"/// Who came to courses.
source courses {
  file:  "courses.csv"
  owner: training_team
  key:   course_id
  time:  held_on
  columns {
    course_id:  text
    account_id: account
    held_on:    date
    /// For courses that suit an age.
    birth_year: int, personal
  }
}

/// The mean year of birth of those who came to courses.
metric courses_mean_year {
  owner:   training_team
  from:    courses
  measure: avg(birth_year)
  cell:    2
  label { en: "Mean year"  fr: "Année moyenne" }
}
"#;
