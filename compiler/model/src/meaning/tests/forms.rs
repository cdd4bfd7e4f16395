//! Hashes that were once stored: in locks, in approvals.
//!
//! Whoever changes a form raises its version, and keeps the old one: these never change.

use super::project::{Both, SHOP};
use crate::meaning::{Digest, FORM, FORMS, Meaning, meanings, written};
use crate::schema::Kind;
use crate::time::Calendar;

#[test]
fn the_forms_stay() {
    let both = Both::of(SHOP);
    let mut found = String::new();
    for form in FORMS {
        for ((kind, name), meaning) in &meanings(form, &both.eras()).unwrap().of {
            let Meaning { direct, whole, .. } = meaning;
            found.push_str(&format!("{form} {} {name} {direct} {whole}\n", kind.word()));
        }
    }
    if let Ok(path) = std::env::var("GROMA_STORE_FORMS") {
        std::fs::write(path, &found).unwrap();
    }
    for (line, stored) in found.lines().zip(include_str!("stored.txt").lines()) {
        assert_eq!(line, stored);
    }
    assert_eq!(found, include_str!("stored.txt"));
    assert_eq!((FORM, FORMS), (2, [1, 2]));
}

#[test]
fn there_is_no_third_form() {
    let both = Both::of(SHOP);
    assert!(meanings(0, &both.eras()).is_none() && meanings(3, &both.eras()).is_none());
}

#[test]
fn the_first_form_is_that_of_metrics() {
    let both = Both::of(SHOP);
    let found = meanings(1, &both.eras()).unwrap();
    assert!(found.of.keys().all(|(kind, _)| *kind == Kind::Metric));
    let plain = crate::canonical::meanings(both.model());
    let id = both.model().metric_named("revenue").unwrap();
    let whole = found.of[&(Kind::Metric, "revenue".into())].whole;
    assert_eq!(whole.to_string(), format!("{:064x}", plain[id.index()].unwrap().0));
    assert_eq!(found.of[&(Kind::Metric, "stepped".into())].pieces.len(), 2);
}

#[test]
fn digests_are_written_and_read() {
    let digest = Digest([0xa7; 32]);
    assert_eq!(digest.to_string(), "a7".repeat(32));
    assert_eq!(digest.to_string().parse(), Ok(digest));
    for wrong in ["", "a7", &"zz".repeat(32), &"a7".repeat(33)] {
        assert_eq!(wrong.parse::<Digest>(), Err(()), "{wrong}");
    }
}

#[test]
fn the_calendar_has_its_keys() {
    let keys = written::manifest(&Calendar::default()).into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    assert_eq!(keys, ["default_grain", "fiscal_year_starts", "timezone", "week_starts"]);
}
