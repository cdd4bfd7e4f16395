//! What the manifest says of every number: the calendar, and the policy.

use super::parts::{Found, Reach};
use crate::governance::Policy;
use crate::meaning::Subject;
use crate::schema::Kind;
use crate::time::Calendar;
use groma_syntax::Severity;
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// How the project counts time.
pub(super) fn calendar() -> Subject {
    (Kind::Project, SmolStr::new_static("calendar"))
}

/// Who may see what, and how strictly it is judged.
pub(super) fn policy() -> Subject {
    (Kind::Project, SmolStr::new_static("policy"))
}

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// What differs between two calendars.
pub(super) fn calendars(base: &Calendar, head: &Calendar) -> Vec<Found> {
    let day = |calendar: &Calendar| {
        DAYS.get(usize::from(calendar.week_starts.to_monday_zero_offset().unsigned_abs())).copied().unwrap_or_default()
    };
    let month = |calendar: &Calendar| {
        let place = usize::from(calendar.fiscal_year_starts.unsigned_abs()).saturating_sub(1);
        MONTHS.get(place).copied().unwrap_or_default()
    };
    let values = |calendar: &Calendar| {
        [
            ("timezone", calendar.zone.to_string()),
            ("week_starts", day(calendar).to_owned()),
            ("fiscal_year_starts", month(calendar).to_owned()),
            ("default_grain", calendar.default_grain.word().to_owned()),
        ]
    };
    let pairs = values(base).into_iter().zip(values(head));
    pairs.filter(|(base, head)| base != head).map(|((key, before), (_, after))| said(key, before, after)).collect()
}

fn said(key: &str, before: String, after: String) -> Found {
    let words = format!("`{key}` is `{after}` instead of `{before}`");
    // What its metrics are built for is their cells'; here it is a default.
    let reach = if key == "default_grain" { Reach::Strictness } else { Reach::Number };
    found(reach, key, words, Some(before), Some(after))
}

fn found(reach: Reach, key: &str, words: String, before: Option<String>, after: Option<String>) -> Found {
    Found { reach, key: key.into(), words, before, after, span: None, undecided: None, column: None }
}

/// What differs between two policies.
pub(super) fn policies(base: &Policy, head: &Policy) -> Vec<Found> {
    let mut differences = Vec::new();
    let mut list = |key: &str, noun: &str, base: &[SmolStr], head: &[SmolStr]| {
        let (before, after): (BTreeSet<_>, BTreeSet<_>) = (base.iter().collect(), head.iter().collect());
        for new in after.difference(&before) {
            let words = format!("{noun} `{new}` is new");
            differences.push(found(Reach::Policy, key, words, None, Some(new.to_string())));
        }
        for gone in before.difference(&after) {
            let words = format!("{noun} `{gone}` is gone");
            differences.push(found(Reach::Policy, key, words, Some(gone.to_string()), None));
        }
    };
    list("packs", "pack", &base.packs, &head.packs);
    list("languages", "language", &base.languages, &head.languages);
    list("territory", "territory", &base.territory, &head.territory);
    if base.cell != head.cell {
        let (before, after) = (base.cell.to_string(), head.cell.to_string());
        let words = format!("`cell` is `{after}` instead of `{before}`");
        differences.push(found(Reach::Policy, "cell", words, Some(before), Some(after)));
    }
    let rules: BTreeSet<&SmolStr> = base.levels.iter().chain(&head.levels).map(|(rule, _)| rule).collect();
    for rule in rules {
        let level =
            |policy: &Policy| policy.levels.iter().find(|(known, _)| known == rule).map(|(_, level)| word(*level));
        let (before, after) = (level(base), level(head));
        if before != after {
            let say = |level: Option<&str>| level.map_or_else(|| "its own".to_owned(), |level| format!("`{level}`"));
            let words = format!("the level of `{rule}` is {} instead of {}", say(after), say(before));
            let text = |level: Option<&str>| level.map(str::to_owned);
            differences.push(found(Reach::Policy, "levels", words, text(before), text(after)));
        }
    }
    if differences.is_empty() && base != head {
        differences.push(found(Reach::Policy, "policy", "the manifest's policy is different".to_owned(), None, None));
    }
    differences
}

fn word(level: Option<Severity>) -> &'static str {
    match level {
        None => "off",
        Some(Severity::Error) => "error",
        Some(_) => "warning",
    }
}
