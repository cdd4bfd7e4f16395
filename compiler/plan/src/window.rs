//! Windows after an anchor: which days lie in them, which step of a curve a day is, and when they close.
//!
//! What depends on the anchor alone is computed once for each member and stands beside it, not in the join with the rows.

use crate::lower::shift_date;
use crate::members::ANCHOR;
use crate::relation::{Binary, DatePart, Expr, Function, Output, ValueType};
use crate::spine::length_words;
use crate::typed::{divide, real, when_else};
use groma_model::time::{Clock, Offset};
use std::collections::BTreeMap;

/// The columns of a member that say in which month and on which day of it the anchor lies.
const ANCHOR_MONTH: &str = "anchor month";
const ANCHOR_DAY: &str = "anchor day";

/// The ends of a clock's windows, from the anchor.
fn ends(clock: &Clock) -> Option<(Offset, Offset)> {
    match clock {
        Clock::After { from, to } => Some((*from, *to)),
        Clock::Curve { every, times } => {
            Some((Offset::default(), every.times(i32::try_from(*times).unwrap_or(i32::MAX))))
        }
        _ => None,
    }
}

/// The column of a member that holds the day so long after the anchor.
fn end_name(length: Offset) -> String {
    match length {
        Offset { months: 0, days: 0 } => ANCHOR.to_owned(),
        _ => format!("{} after", length_words(length)),
    }
}

/// The columns that the windows of some clocks need of each member, beside the anchor.
pub(crate) fn member_columns<'c>(clocks: impl Iterator<Item = &'c Clock>, anchor: &Expr) -> Vec<Output> {
    let mut columns = BTreeMap::new();
    for clock in clocks {
        for end in ends(clock).into_iter().flat_map(|(from, to)| [from, to]) {
            columns.insert(end_name(end), after(anchor.clone(), end));
        }
        if matches!(clock, Clock::Curve { every, .. } if every.months != 0) {
            columns.insert(ANCHOR_MONTH.to_owned(), month_number(anchor));
            columns.insert(ANCHOR_DAY.to_owned(), part(DatePart::Day, anchor));
        }
    }
    columns.remove(ANCHOR);
    columns.into_iter().map(|(name, expr)| expr.named(name)).collect()
}

/// That a day lies in the window of a member.
pub(crate) fn within_window(clock: &Clock, day: &Expr, members: &str) -> Vec<Expr> {
    let Some((from, to)) = ends(clock) else { return Vec::new() };
    vec![
        Expr::binary(Binary::GreaterEqual, day.clone(), Expr::column(members, &end_name(from))),
        Expr::binary(Binary::Less, day.clone(), Expr::column(members, &end_name(to))),
    ]
}

/// The columns of members by which [`within_window`] decides.
pub(crate) fn window_columns(clock: &Clock, members: &str) -> Vec<Output> {
    let names = ends(clock).into_iter().flat_map(|(from, to)| [end_name(from), end_name(to)]);
    names.map(|name| Expr::column(members, &name).named(name)).collect()
}

/// The step of a curve that a day not before the anchor lies in, from 0. None for other clocks.
pub(crate) fn step_of(clock: &Clock, day: &Expr, members: &str) -> Option<Expr> {
    let Clock::Curve { every, .. } = clock else { return None };
    if every.months == 0 {
        let anchor = Expr::column(members, ANCHOR);
        let days = Expr::call(Function::DaysBetween, vec![anchor, day.clone()]);
        return Some(whole(every.days, days));
    }
    let apart = Expr::binary(Binary::Subtract, month_number(day), Expr::column(members, ANCHOR_MONTH));
    // The last month is not over before the anchor's day of it, or its last day where it is too short for that one.
    let before = Expr::binary(Binary::Less, part(DatePart::Day, day), Expr::column(members, ANCHOR_DAY));
    let is_last = part(DatePart::Day, &shift_date(day.clone(), 0, 1));
    let not_last = Expr::binary(Binary::NotEqual, is_last, Expr::int(1));
    let open = Expr::binary(Binary::And, before, not_last);
    let over = Expr::binary(Binary::Subtract, apart, when_else(open, Expr::int(1), Expr::int(0)));
    Some(whole(every.months, over))
}

/// How many times a length goes into a count that is not negative.
fn whole(length: i32, count: Expr) -> Expr {
    if length == 1 {
        return count;
    }
    let rest = Expr::binary(Binary::Remainder, count.clone(), Expr::int(i64::from(length)));
    let multiple = Expr::binary(Binary::Subtract, count, rest);
    let ratio = divide(multiple.cast(ValueType::Real), real(f64::from(length)));
    Expr::call(Function::Floor, vec![ratio]).cast(ValueType::Int)
}

fn part(part: DatePart, date: &Expr) -> Expr {
    Expr::call(Function::Extract(part), vec![date.clone()])
}

/// The number of a date's month, counted from the year 0.
fn month_number(date: &Expr) -> Expr {
    let years = Expr::binary(Binary::Multiply, part(DatePart::Year, date), Expr::int(12));
    Expr::binary(Binary::Add, years, part(DatePart::Month, date))
}

/// A date so much later.
pub(crate) fn after(date: Expr, offset: Offset) -> Expr {
    shift_date(date, i64::from(offset.months), i64::from(offset.days))
}

/// A date so many lengths later.
pub(crate) fn after_times(date: Expr, length: Offset, times: &Expr) -> Expr {
    let scaled = |amount: i32| match amount {
        1 => times.clone(),
        _ => Expr::binary(Binary::Multiply, times.clone(), Expr::int(i64::from(amount))),
    };
    let moved = match length.months {
        0 => date,
        months => Expr::call(Function::AddMonths, vec![date, scaled(months)]),
    };
    match length.days {
        0 => moved,
        days => Expr::call(Function::AddDays, vec![moved, scaled(days)]),
    }
}
