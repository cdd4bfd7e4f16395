//! The step function of a zone against jiff, hour by hour.

use crate::relation::Literal;
use crate::zone::{Interval, Years, Zones, text, values};
use jiff::ToSpan;
use jiff::civil::{DateTime, date};
use jiff::tz::TimeZoneDatabase;

/// What a join with the rows of a zone's step finds: the shift of a stored wall clock.
fn joined(rows: &[Vec<Literal>], years: Years, at: DateTime) -> i64 {
    let year = i64::from(at.year().min(years.last).max(years.first));
    let stored = text(at);
    let found: Vec<i64> = rows
        .iter()
        .filter(|row| row[0] == Literal::Int(year))
        .filter(|row| match &row[1] {
            Literal::Timestamp(from) => *from <= stored,
            _ => true,
        })
        .filter(|row| match &row[2] {
            Literal::Timestamp(until) => stored < *until,
            _ => true,
        })
        .map(|row| match row[3] {
            Literal::Int(shift) => shift,
            _ => panic!("a shift is a number"),
        })
        .collect();
    assert_eq!(found.len(), 1, "{at} is found once");
    found[0]
}

/// Local minus stored wall clock as jiff computes it: a doubled hour is its first, a skipped one is read as before.
fn expected(stored: &str, local: &str, at: DateTime) -> i64 {
    let database = TimeZoneDatabase::bundled();
    let (stored, local) = (database.get(stored).unwrap(), database.get(local).unwrap());
    let instant = stored.to_ambiguous_timestamp(at).compatible().unwrap();
    at.duration_until(local.to_datetime(instant)).as_secs()
}

fn check(stored: &str, local: &str, from: i16, to: i16, step_minutes: i64) {
    let years = Years { first: from, last: to };
    let intervals = Zones::new(&local.into()).intervals(stored, years);
    let rows = values(&intervals, years).rows;
    let mut at = date(from, 1, 1).at(0, 0, 0, 0);
    let end = date(to + 1, 1, 1).at(0, 0, 0, 0);
    while at < end {
        assert_eq!(joined(&rows, years, at), expected(stored, local, at), "{stored} to {local} at {at}");
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
        let intervals = Zones::new(&local.into()).intervals(stored, years);
        let rows = values(&intervals, years).rows;
        for edge in intervals.iter().filter_map(|interval| interval.from) {
            for seconds in [-3600, -1, 0, 1, 3600] {
                let at = edge.saturating_add(seconds.seconds());
                assert_eq!(joined(&rows, years, at), expected(stored, local, at), "{stored} to {local} at {at}");
            }
        }
    }
}

#[test]
fn values_outside_the_covered_years_are_read_like_the_nearest() {
    let years = Years { first: 2020, last: 2021 };
    let intervals = Zones::new(&"Europe/Berlin".into()).intervals("UTC", years);
    let rows = values(&intervals, years).rows;
    assert_eq!(joined(&rows, years, date(1950, 7, 1).at(0, 0, 0, 0)), 3600);
    assert_eq!(joined(&rows, years, date(9999, 12, 31).at(23, 59, 59, 0)), 3600);
    assert_eq!(joined(&rows, years, date(2020, 7, 1).at(0, 0, 0, 0)), 7200);
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
