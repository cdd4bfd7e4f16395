//! The moment from which on nothing is known: as it is written on the command line, and as a person reads it.

use crate::failure::Failure;
use groma_model::Model;
use groma_plan::local_time;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};

/// The most decimals of a second that every engine keeps.
const FRACTION: usize = 6;

const SHAPES: &str = "not a day such as 2026-05-01, a time such as 2026-05-01T10:00, or one with an offset such as \
                      2026-05-01T10:00:00Z";

/// A moment as it is written on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AsOf {
    /// Wall clock of the project's zone; a day means its midnight.
    Local(DateTime),
    /// A moment with an offset of its own.
    Instant(Timestamp),
}

/// Reads `2026-05-01`, `2026-05-01 10:00`, `2026-05-01T10:00:00`, `2026-05-01T10:00:00Z` or `2026-05-01T10:00+02:00`.
pub(crate) fn parse_as_of(text: &str) -> Result<AsOf, String> {
    let wrong = || SHAPES.to_owned();
    let (day, rest) = text.trim().split_at_checked("2026-05-01".len()).ok_or_else(wrong)?;
    let day: Date = day.parse().map_err(|_| wrong())?;
    if rest.is_empty() {
        return Ok(AsOf::Local(day.to_datetime(Time::midnight())));
    }
    let clock = rest.strip_prefix(['T', 't', ' ']).ok_or_else(wrong)?;
    let known = |letter: char| letter.is_ascii_digit() || ":.+-Zz".contains(letter);
    if !clock.chars().all(known) {
        return Err(wrong());
    }
    let fraction = clock.split_once('.').map_or(0, |(_, after)| after.bytes().take_while(u8::is_ascii_digit).count());
    if fraction > FRACTION {
        return Err(format!("finer than a microsecond: {FRACTION} decimals of a second are kept"));
    }
    let written = format!("{day}T{clock}");
    if clock.contains(['+', '-', 'Z', 'z']) {
        return written.parse().map(AsOf::Instant).map_err(|_| wrong());
    }
    written.parse().map(AsOf::Local).map_err(|_| wrong())
}

impl AsOf {
    /// The moment on the wall clock of the project's zone.
    pub(crate) fn local(self, model: &Model) -> Result<DateTime, Failure> {
        match self {
            AsOf::Local(at) => Ok(at),
            AsOf::Instant(at) => local_time(&model.calendar.zone, at)
                .ok_or_else(|| Failure::Bug { what: format!("no zone is called {}", model.calendar.zone) }),
        }
    }
}

/// `2026-05-01` for a midnight, else `2026-05-01 10:00:00`.
pub(crate) fn shown(at: DateTime) -> String {
    if at.time() == Time::midnight() { at.date().to_string() } else { format!("{} {}", at.date(), at.time()) }
}

/// Where a moment that was found in the data comes from: the sources that were read by their time.
pub(crate) fn found_in(sources: &[&str]) -> String {
    match sources {
        [] => String::new(),
        [only] => format!(" (the newest row of {only})"),
        [left, right] => format!(" (up to when {left} and {right} both have rows)"),
        [first @ .., last] if sources.len() <= 4 => {
            format!(" (up to when {} and {last} all have rows)", first.join(", "))
        }
        _ => format!(" (up to when all {} sources have rows)", sources.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};

    #[test]
    fn days_times_and_offsets_are_read() {
        let local = |at| Ok(AsOf::Local(at));
        let midnight = date(2026, 5, 1).to_datetime(Time::midnight());
        assert_eq!(parse_as_of("2026-05-01"), local(midnight));
        for text in ["2026-05-01T10:00", "2026-05-01 10:00", "2026-05-01 10:00:00"] {
            assert_eq!(parse_as_of(text), local(datetime(2026, 5, 1, 10, 0, 0, 0)), "{text}");
        }
        assert_eq!(parse_as_of("2026-05-01T10:00:00.25"), local(datetime(2026, 5, 1, 10, 0, 0, 250_000_000)));
        let ten: Timestamp = "2026-05-01T10:00:00Z".parse().unwrap();
        for text in ["2026-05-01T10:00Z", "2026-05-01T12:00+02:00", "2026-05-01 06:00:00-04:00"] {
            assert_eq!(parse_as_of(text), Ok(AsOf::Instant(ten)), "{text}");
        }
        let wrong = ["", "2026", "2026-05", "2026-13-01", "2026-05-01T", "2026-05-01T25:00", "yesterday evening"];
        for text in wrong.into_iter().chain(["2026-05-01T10:00[Europe/Berlin]", "2026-05-01T10:00:00.0000001"]) {
            assert!(parse_as_of(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_offset_is_left_for_the_zone_of_the_project() {
        let model = |zone: &str| {
            let mut model = Model::default();
            model.calendar.zone = zone.into();
            model
        };
        let local = |text: &str, zone: &str| parse_as_of(text).unwrap().local(&model(zone)).unwrap();
        assert_eq!(local("2026-05-01T10:00Z", "Europe/Berlin"), datetime(2026, 5, 1, 12, 0, 0, 0));
        assert_eq!(local("2026-01-01T00:30Z", "America/New_York"), datetime(2025, 12, 31, 19, 30, 0, 0));
        assert_eq!(local("2026-05-01T10:00", "America/New_York"), datetime(2026, 5, 1, 10, 0, 0, 0));
    }

    #[test]
    fn moments_are_shown_as_short_as_they_are() {
        assert_eq!(shown(datetime(2026, 5, 1, 0, 0, 0, 0)), "2026-05-01");
        assert_eq!(shown(datetime(2026, 5, 31, 14, 0, 1, 0)), "2026-05-31 14:00:01");
        assert_eq!(found_in(&["orders"]), " (the newest row of orders)");
        assert_eq!(found_in(&["a", "b", "c"]), " (up to when a, b and c all have rows)");
    }
}
