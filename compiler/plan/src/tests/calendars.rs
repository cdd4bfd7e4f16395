//! Period arithmetic in statements against the same arithmetic in Rust, day by day.

use super::evaluate::{Value, constant};
use crate::relation::{Expr, Literal};
use crate::spine::{clock_words, offset_words, period_start, window_start_date};
use groma_model::time::{Calendar, Clock, GRAINS, Grain, Offset, ToDate};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};

fn literal(day: Date) -> Expr {
    Expr::Literal(Literal::Date(day.to_string()))
}

fn calendars() -> Vec<Calendar> {
    let weeks = [Weekday::Monday, Weekday::Saturday, Weekday::Sunday];
    weeks
        .into_iter()
        .flat_map(|week_starts| {
            (1..=12).map(move |fiscal_year_starts| Calendar { week_starts, fiscal_year_starts, ..Calendar::default() })
        })
        .collect()
}

fn days(from: Date, until: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(from), |day| Some(day.saturating_add(1.day()))).take_while(move |day| *day < until)
}

#[test]
fn every_day_is_in_its_period() {
    for calendar in calendars() {
        for (word, grain) in GRAINS {
            for day in days(date(2023, 12, 1), date(2025, 3, 1)) {
                let expected = Value::Date(calendar.start(grain, day));
                assert_eq!(constant(&period_start(&calendar, grain, literal(day))), expected, "{word} of {day}");
            }
        }
    }
}

#[test]
fn windows_of_every_period_start_on_the_same_day() {
    let clocks = [
        Clock::Trailing(Offset::days(90)),
        Clock::Trailing(Offset::months(1)),
        Clock::Trailing(Offset { months: 2, days: 3 }),
        Clock::ToDate(ToDate::Unit(Grain::Month)),
        Clock::ToDate(ToDate::Unit(Grain::Week)),
        Clock::ToDate(ToDate::Unit(Grain::FiscalYear)),
    ];
    for calendar in calendars().into_iter().step_by(5) {
        for (word, grain) in GRAINS {
            for clock in &clocks {
                for day in days(date(2023, 12, 1), date(2024, 4, 2)) {
                    let end = calendar.next(grain, calendar.start(grain, day));
                    let expected = window_start_date(&calendar, clock, end).map(Value::Date);
                    let computed = crate::spine::window_start(&calendar, clock, literal(end));
                    assert_eq!(computed.map(|start| constant(&start)), expected, "{word} of {day}, {clock:?}");
                }
            }
        }
    }
}

#[test]
fn earlier_periods_are_the_same() {
    for offset in
        [Offset::days(1), Offset::days(-7), Offset::months(1), Offset::months(12), Offset { months: 1, days: 2 }]
    {
        for day in days(date(2023, 12, 1), date(2024, 5, 1)) {
            let computed = constant(&crate::spine::before(literal(day), offset));
            assert_eq!(computed, Value::Date(offset.before(day)), "{day}");
        }
    }
}

#[test]
fn amounts_and_clocks_in_words() {
    let words = |months, days| offset_words(Offset { months, days });
    assert_eq!(
        [words(1, 0), words(24, 0), words(0, 14), words(0, 28), words(3, 1), words(0, -2), words(0, 0)],
        ["1 month", "2 years", "2 weeks", "4 weeks", "3 months and 1 day", "-2 days", "nothing"]
    );
    let clock = |clock| clock_words(&clock).unwrap_or_default();
    assert_eq!(clock(Clock::Trailing(Offset::days(28))), "trailing_28_days");
    assert_eq!(clock(Clock::Trailing(Offset::months(12))), "trailing_1_year");
    assert_eq!(clock(Clock::ToDate(ToDate::Unit(Grain::FiscalYear))), "fiscal_year_to_date");
    assert_eq!(clock(Clock::ToDate(ToDate::AllTime)), "all_time");
    assert_eq!(clock(Clock::Event), "");
}
