//! The step function of a zone against jiff, hour by hour.

use crate::relation::Literal;
use crate::zone::{Interval, Years, Zones, values};
use jiff::ToSpan;
use jiff::civil::{DateTime, date};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use std::collections::BTreeMap;

/// The rows of a zone's step, as a join looks them up.
struct Joined {
    years: Years,
    rows: BTreeMap<i64, Vec<Found>>,
}

/// From, until, and the shift in seconds.
type Found = (Option<DateTime>, Option<DateTime>, i64);

impl Joined {
    fn new(stored: &str, local: &str, years: Years) -> Self {
        let intervals = Zones::new(&local.into()).intervals(stored, years);
        let mut rows: BTreeMap<i64, Vec<_>> = BTreeMap::new();
        let at = |literal: &Literal| match literal {
            Literal::Timestamp(text) => Some(text.replace(' ', "T").parse::<DateTime>().unwrap()),
            _ => None,
        };
        for row in values(&intervals, years).rows {
            let [Literal::Int(year), from, until, Literal::Int(shift)] = row.as_slice() else { panic!("{row:?}") };
            rows.entry(*year).or_default().push((at(from), at(until), *shift));
        }
        Self { years, rows }
    }

    /// The shift of a stored wall clock: it is found once.
    fn shift(&self, at: DateTime) -> i64 {
        let year = i64::from(at.year().min(self.years.last).max(self.years.first));
        let within =
            |(from, until, _): &&Found| from.is_none_or(|from| from <= at) && until.is_none_or(|until| at < until);
        let found: Vec<_> = self.rows[&year].iter().filter(within).collect();
        assert_eq!(found.len(), 1, "{at} is found once");
        found[0].2
    }
}

/// Local minus stored wall clock as jiff computes it: a doubled hour is its first, a skipped one is read as before.
fn expected(stored: &TimeZone, local: &TimeZone, at: DateTime) -> i64 {
    let instant = stored.to_ambiguous_timestamp(at).compatible().unwrap();
    at.duration_until(local.to_datetime(instant)).as_secs()
}

fn zones(stored: &str, local: &str) -> (TimeZone, TimeZone) {
    let database = TimeZoneDatabase::bundled();
    (database.get(stored).unwrap(), database.get(local).unwrap())
}

fn check(stored: &str, local: &str, from: i16, to: i16, step_minutes: i64) {
    let joined = Joined::new(stored, local, Years { first: from, last: to });
    let (stored, local) = zones(stored, local);
    let mut at = date(from, 1, 1).at(0, 0, 0, 0);
    let end = date(to + 1, 1, 1).at(0, 0, 0, 0);
    while at < end {
        assert_eq!(joined.shift(at), expected(&stored, &local, at), "{stored:?} to {local:?} at {at}");
        at = at.saturating_add(step_minutes.minutes());
    }
}

#[test]
fn every_hour_from_utc_to_berlin() {
    check("UTC", "Europe/Berlin", 2019, 2024, 60);
}

#[test]
fn every_half_hour_from_new_york_to_berlin() {
    // The two change on different Sundays: there are weeks with one hour less between them.
    check("America/New_York", "Europe/Berlin", 2019, 2023, 30);
}

#[test]
fn every_quarter_of_an_hour_between_unusual_zones() {
    check("Asia/Kolkata", "Europe/Berlin", 2021, 2022, 15);
    check("Australia/Lord_Howe", "UTC", 2021, 2022, 15);
    check("UTC", "Australia/Lord_Howe", 2021, 2022, 15);
    check("Australia/Lord_Howe", "America/New_York", 2021, 2022, 15);
    check("Asia/Kathmandu", "America/St_Johns", 2005, 2006, 15);
}

#[test]
fn a_day_that_never_was() {
    // Samoa went from the east of the date line to the west of it and had no 30 December 2011.
    check("Pacific/Apia", "UTC", 2011, 2012, 30);
    check("UTC", "Pacific/Apia", 2011, 2012, 30);
    check("Pacific/Apia", "Europe/Berlin", 2011, 2012, 30);
}

#[test]
fn every_day_of_all_covered_years() {
    for (stored, local) in [("UTC", "Europe/London"), ("America/Sao_Paulo", "Europe/Lisbon"), ("Asia/Tehran", "UTC")] {
        check(stored, local, Years::all().first, Years::all().last, 24 * 60 - 7);
    }
}

#[test]
fn every_edge_to_the_second() {
    for (stored, local) in [("America/New_York", "Europe/Berlin"), ("Pacific/Apia", "Australia/Lord_Howe")] {
        let years = Years { first: 2008, last: 2014 };
        let joined = Joined::new(stored, local, years);
        let edges = Zones::new(&local.into()).intervals(stored, years);
        let (stored, local) = zones(stored, local);
        for edge in edges.iter().filter_map(|interval| interval.from) {
            for seconds in [-3600, -1, 0, 1, 3600] {
                let at = edge.saturating_add(seconds.seconds());
                assert_eq!(joined.shift(at), expected(&stored, &local, at), "{stored:?} to {local:?} at {at}");
            }
        }
    }
}

#[test]
fn values_outside_the_covered_years_are_read_like_the_nearest() {
    let joined = Joined::new("UTC", "Europe/Berlin", Years { first: 2020, last: 2021 });
    assert_eq!(joined.shift(date(1950, 7, 1).at(0, 0, 0, 0)), 3600);
    assert_eq!(joined.shift(date(9999, 12, 31).at(23, 59, 59, 0)), 3600);
    assert_eq!(joined.shift(date(2020, 7, 1).at(0, 0, 0, 0)), 7200);
}

#[test]
fn zones_without_changes_need_no_table() {
    let constant = |stored: &str, local: &str| {
        let intervals = Zones::new(&local.into()).intervals(stored, Years::all());
        let [Interval { from: None, until: None, shift_seconds }] = intervals.as_slice() else {
            panic!("{stored} to {local} changes")
        };
        *shift_seconds
    };
    assert_eq!(constant("UTC", "Asia/Kolkata"), 19_800);
    assert_eq!(constant("Etc/UTC", "Africa/Abidjan"), 0);
    assert_eq!(constant("Asia/Kolkata", "UTC"), -19_800);
}

#[test]
fn a_zone_that_does_not_exist_is_never_read_as_another() {
    assert_eq!(Zones::new(&"UTC".into()).intervals("Mars/Olympus", Years::all()), []);
}

#[test]
fn midnights_in_the_zone_of_a_column() {
    let berlin = Zones::new(&"Europe/Berlin".into());
    assert_eq!(berlin.stored_midnight(date(2026, 7, 1), "UTC"), "2026-06-30 22:00:00");
    assert_eq!(berlin.stored_midnight(date(2026, 1, 1), "America/New_York"), "2025-12-31 18:00:00");
    assert_eq!(berlin.stored_midnight(date(2026, 1, 1), "Europe/Berlin"), "2026-01-01 00:00:00");
    assert!(berlin.is_steady(date(2026, 7, 1), "UTC"));
    assert!(!berlin.is_steady(date(2026, 3, 29), "UTC"));
    assert!(!berlin.is_steady(date(2026, 3, 8), "America/New_York"));
}

#[test]
fn the_tz_database_has_a_version() {
    assert!(crate::tz_version().starts_with("20"), "{}", crate::tz_version());
}
