//! Periods: local calendar arithmetic, the spine of periods that are answered, and what each clock and offset needs of them.

use crate::aggregate::aggregate;
use crate::as_of::{AsOf, WATERMARK};
use crate::draft::{Draft, cross, from_step, select};
use crate::lower::shift_date;
use crate::names::Names;
use crate::relation::{
    AggregateFunction, Binary, DateUnit, Expr, Function, Literal, Output, Relation, Select, ValueType, Values,
};
use crate::typed::when_else;
use groma_model::time::{Calendar, Clock, Grain, Offset, Snapshot, ToDate};
use jiff::civil::{Date, Weekday};
use std::collections::{BTreeMap, BTreeSet};

/// The most periods that are written out.
const MOST_WRITTEN: usize = 400;
/// The columns of a step that says from where to where a source has rows.
pub(crate) const FIRST: &str = "first_period";
pub(crate) const LAST: &str = "last_period";
/// The columns of the spine.
pub(crate) const PERIOD: &str = "period";
pub(crate) const PERIOD_END: &str = "period_end";

/// The first and the last period that are answered, where the request says them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) first: Option<Date>,
    pub(crate) last: Option<Date>,
    /// The first that is asked for, where periods before it are computed too.
    pub(crate) asked: Option<Date>,
    /// The first that may be answered, where the rows say which is the first.
    pub(crate) least: Option<Date>,
    /// The first that is shown, where periods before it are computed too.
    pub(crate) shown: Option<Date>,
}

/// What is known about the periods of a statement before any is computed.
pub(crate) struct Spine<'a> {
    pub(crate) calendar: &'a Calendar,
    pub(crate) grain: Grain,
    pub(crate) bounds: Bounds,
    /// The column that holds where a clock's window starts; none for those without a window or without a start.
    pub(crate) window_starts: BTreeMap<Clock, String>,
    /// The column that holds the period so much earlier; not for the period itself.
    pub(crate) earlier: BTreeMap<Offset, String>,
}

/// The steps that hold the periods.
pub(crate) struct Periods {
    /// Those that are answered.
    pub(crate) answered: String,
    /// Those that windows are computed for: the answered and the earlier ones.
    pub(crate) windows: String,
}

/// The first day of the period that holds a day.
pub(crate) fn period_start(calendar: &Calendar, grain: Grain, day: Expr) -> Expr {
    let truncate = |unit, day| Expr::call(Function::Truncate(unit), vec![day]);
    let fiscal = |unit, day| {
        let months = i64::from(calendar.fiscal_year_starts) - 1;
        match months {
            0 => truncate(unit, day),
            _ => {
                let shifted = shift_date(truncate(DateUnit::Month, day), -months, 0);
                shift_date(truncate(unit, shifted), months, 0)
            }
        }
    };
    match grain {
        Grain::Day => day,
        Grain::Week => {
            let days = i64::from(calendar.week_starts.since(Weekday::Monday));
            shift_date(truncate(DateUnit::Week, shift_date(day, 0, -days)), 0, days)
        }
        Grain::Month => truncate(DateUnit::Month, day),
        Grain::Quarter => truncate(DateUnit::Quarter, day),
        Grain::Year => truncate(DateUnit::Year, day),
        Grain::FiscalQuarter => fiscal(DateUnit::Quarter, day),
        Grain::FiscalYear => fiscal(DateUnit::Year, day),
    }
}

/// A date so much later.
fn after(date: Expr, offset: Offset) -> Expr {
    shift_date(date, i64::from(offset.months), i64::from(offset.days))
}

/// A date so much earlier.
pub(crate) fn before(date: Expr, offset: Offset) -> Expr {
    shift_date(date, -i64::from(offset.months), -i64::from(offset.days))
}

/// Where the window of a period starts, from the day after the period. None if it has no start.
pub(crate) fn window_start(calendar: &Calendar, clock: &Clock, end: Expr) -> Option<Expr> {
    match clock {
        Clock::Trailing(length) => Some(before(end, *length)),
        Clock::ToDate(ToDate::Unit(unit)) => Some(period_start(calendar, *unit, shift_date(end, 0, -1))),
        _ => None,
    }
}

/// The same for a date that is known.
pub(crate) fn window_start_date(calendar: &Calendar, clock: &Clock, end: Date) -> Option<Date> {
    match clock {
        Clock::Trailing(length) => Some(length.before(end)),
        Clock::ToDate(ToDate::Unit(unit)) => Some(calendar.start(*unit, Offset::days(1).before(end))),
        _ => None,
    }
}

/// An amount in words: `1 year`, `2 weeks`, `1 month and 3 days`; negative amounts are later.
pub(crate) fn offset_words(offset: Offset) -> String {
    let (months, days) = (i64::from(offset.months), i64::from(offset.days));
    let amount = |number: i64, unit: &str| {
        let plural = if number.abs() == 1 { "" } else { "s" };
        format!("{number} {unit}{plural}")
    };
    let months = match months {
        0 => None,
        _ if months % 12 == 0 => Some(amount(months / 12, "year")),
        _ => Some(amount(months, "month")),
    };
    let days = match days {
        0 => None,
        _ if days % 7 == 0 => Some(amount(days / 7, "week")),
        _ => Some(amount(days, "day")),
    };
    match (months, days) {
        (Some(months), Some(days)) => format!("{months} and {days}"),
        (Some(words), None) | (None, Some(words)) => words,
        (None, None) => "nothing".to_owned(),
    }
}

/// A clock in words for names; nothing for the clock of events.
pub(crate) fn clock_words(clock: &Clock) -> Option<String> {
    match clock {
        Clock::Event => None,
        Clock::Trailing(length) => Some(format!("trailing_{}", length_words(*length))),
        Clock::ToDate(ToDate::Unit(grain)) => Some(format!("{}_to_date", grain.word())),
        Clock::ToDate(ToDate::AllTime) => Some("all_time".to_owned()),
        Clock::After { to, .. } => Some(format!("{}_after", length_words(*to))),
        Clock::Curve { every, .. } => Some(format!("each_{}_after", length_words(*every))),
        Clock::Snapshot(snapshot) => Some(
            match snapshot {
                Snapshot::First => "first",
                Snapshot::Last => "last",
                Snapshot::Average => "averaged",
                Snapshot::FirstPerCustomer => "first_of_customers",
                Snapshot::LastPerCustomer => "last_of_customers",
            }
            .to_owned(),
        ),
    }
}

/// A length in words for names.
pub(crate) fn length_words(length: Offset) -> String {
    match length {
        // `90 days` is how it is written, not `12 weeks and 6 days`.
        Offset { months: 0, days } => format!("{days}_days"),
        _ => offset_words(length).replace(' ', "_"),
    }
}

impl Bounds {
    /// Whether the last period is known before any row is read.
    pub(crate) fn last_is_known(self) -> bool {
        self.last.is_some()
    }
}

impl<'a> Spine<'a> {
    /// The spine of a request: what its clocks and offsets need beside the periods.
    pub(crate) fn new(
        calendar: &'a Calendar,
        grain: Grain,
        bounds: Bounds,
        clocks: &BTreeSet<Clock>,
        offsets: &BTreeSet<Offset>,
    ) -> Self {
        let mut names = Names::of_steps();
        for reserved in [PERIOD, PERIOD_END, FIRST, LAST] {
            names.reserve(reserved);
        }
        let started = |clock: &&Clock| window_start_date(calendar, clock, Date::constant(2026, 1, 1)).is_some();
        let window_starts = clocks
            .iter()
            .filter(started)
            .filter_map(|clock| Some((clock.clone(), names.take(&format!("{}_from", clock_words(clock)?)))))
            .collect();
        let earlier = offsets
            .iter()
            .filter(|offset| **offset != Offset::default())
            .map(|offset| (*offset, names.take(&earlier_name(*offset))))
            .collect();
        Self { calendar, grain, bounds, window_starts, earlier }
    }

    /// Adds the steps of the periods. `range` is the step that says where rows begin, where that is unknown; without one, and
    /// with an unknown bound, there are no periods. No period begins at the as-of time or later.
    pub(crate) fn push(&self, draft: &mut Draft<'_>, range: Option<&str>, as_of: &AsOf, has_windows: bool) -> Periods {
        let extended = has_windows && !self.earlier.is_empty();
        let written = self.written().filter(|_| matches!(as_of, AsOf::At(_)));
        match written {
            Some(periods) => {
                let answered = self.push_written(draft, "periods", &periods, !extended);
                let windows = if extended {
                    let mut all: BTreeSet<Date> = periods.iter().copied().collect();
                    all.extend(self.earlier.keys().flat_map(|offset| periods.iter().map(|day| offset.before(*day))));
                    let all: Vec<Date> = all.into_iter().collect();
                    self.push_window_dates(draft, &all)
                } else {
                    answered.clone()
                };
                Periods { answered, windows }
            }
            None => self.push_series(draft, range, as_of, extended),
        }
    }

    /// The periods, if both bounds are known and they are not too many to be written out.
    fn written(&self) -> Option<Vec<Date>> {
        let (first, last) = (self.bounds.first?, self.bounds.last?);
        let mut periods = Vec::new();
        let mut start = first;
        while start <= last {
            if periods.len() == MOST_WRITTEN {
                return None;
            }
            periods.push(start);
            let next = self.calendar.next(self.grain, start);
            if next <= start {
                break;
            }
            start = next;
        }
        Some(periods)
    }

    fn push_written(&self, draft: &mut Draft<'_>, name: &str, periods: &[Date], with_windows: bool) -> String {
        let mut columns = vec![PERIOD.to_owned(), PERIOD_END.to_owned()];
        if with_windows {
            columns.extend(self.window_starts.values().cloned());
        }
        columns.extend(self.earlier.values().cloned());
        let rows = periods.iter().map(|start| {
            let end = self.calendar.next(self.grain, *start);
            let windows = self.window_starts.keys().map(move |clock| window_start_date(self.calendar, clock, end));
            let windows = windows.filter(move |_| with_windows).map(move |from| from.unwrap_or(*start));
            let earlier = self.earlier.keys().map(|offset| offset.before(*start));
            [*start, end].into_iter().chain(windows).chain(earlier).map(date_literal).collect()
        });
        let rows = rows.collect();
        let columns = columns.into_iter().map(|name| (name, ValueType::Date)).collect();
        draft.push(name, Relation::Values(Values { columns, rows }))
    }

    fn push_window_dates(&self, draft: &mut Draft<'_>, periods: &[Date]) -> String {
        let bare = Spine {
            calendar: self.calendar,
            grain: self.grain,
            bounds: self.bounds,
            window_starts: self.window_starts.clone(),
            earlier: BTreeMap::new(),
        };
        bare.push_written(draft, "windows", periods, true)
    }

    fn push_series(&self, draft: &mut Draft<'_>, range: Option<&str>, as_of: &AsOf, extended: bool) -> Periods {
        let starts = self.push_starts(draft, range, as_of);
        let period = || Expr::name(PERIOD);
        let mut columns = vec![period().named(PERIOD), self.end(period()).named(PERIOD_END)];
        if !extended {
            columns.extend(self.window_outputs());
        }
        columns.extend(self.earlier.iter().map(|(offset, name)| before(period(), *offset).named(name.clone())));
        let answered = draft.push("periods", select(Select { columns, from: from_step(&starts), ..Select::default() }));
        if !extended {
            return Periods { windows: answered.clone(), answered };
        }
        let part = |column: &str| Select {
            columns: vec![Expr::name(column).named(PERIOD)],
            from: from_step(&answered),
            ..Select::default()
        };
        let parts = std::iter::once(PERIOD).chain(self.earlier.values().map(String::as_str)).map(part).collect();
        let needed = draft.push("periods_and_earlier", Relation::UnionAll(parts));
        let mut columns = vec![period().named(PERIOD), self.end(period()).named(PERIOD_END)];
        columns.extend(self.window_outputs());
        let windows = draft
            .push("windows", select(Select { distinct: true, columns, from: from_step(&needed), ..Select::default() }));
        Periods { answered, windows }
    }

    /// One row for each period, from bounds that are known or found in the data.
    fn push_starts(&self, draft: &mut Draft<'_>, range: Option<&str>, as_of: &AsOf) -> String {
        let first = match (self.bounds.first, range) {
            (Some(first), _) => Expr::Literal(date_literal(first)),
            (None, Some(range)) => self.first_of(Expr::column(range, FIRST)),
            (None, None) => Expr::Literal(Literal::Null(ValueType::Date)),
        };
        let last = self.last_period(as_of);
        let mut read: Vec<&str> = range.into_iter().filter(|_| self.bounds.first.is_none()).collect();
        if let AsOf::Step(step) = as_of {
            read.push(step);
        }
        let mut read = read.into_iter();
        let from = read.next().and_then(from_step);
        let joins = read.map(cross).collect();
        // No rows at all: nothing to count from. Some engines refuse a series that runs backwards.
        let filter = Some(Expr::binary(Binary::LessEqual, first.clone(), last.clone()));
        let columns = vec![first.named(FIRST), last.named(LAST)];
        let range = draft.push("period_range", select(Select { columns, from, joins, filter, ..Select::default() }));
        let unit = match self.grain {
            Grain::Day => DateUnit::Day,
            Grain::Week => DateUnit::Week,
            Grain::Month => DateUnit::Month,
            Grain::Quarter | Grain::FiscalQuarter => DateUnit::Quarter,
            Grain::Year | Grain::FiscalYear => DateUnit::Year,
        };
        let series = Expr::call(Function::Series(unit), vec![Expr::name(FIRST), Expr::name(LAST)]);
        let columns = vec![series.named(PERIOD)];
        draft.push("period_starts", select(Select { columns, from: from_step(&range), ..Select::default() }))
    }

    /// The first period with rows, or the first that is asked for where that is earlier; not before the least.
    fn first_of(&self, found: Expr) -> Expr {
        let literal = |day| Expr::Literal(date_literal(day));
        match (self.bounds.asked.map(literal), self.bounds.least.map(literal)) {
            (None, None) => found,
            (None, Some(least)) => when_else(Expr::binary(Binary::Less, found.clone(), least.clone()), least, found),
            (Some(asked), _) => when_else(Expr::binary(Binary::Less, found.clone(), asked.clone()), found, asked),
        }
    }

    /// The last period that is answered: the one asked for, or an earlier one that holds the last known moment.
    fn last_period(&self, as_of: &AsOf) -> Expr {
        let asked = self.bounds.last.map(|last| Expr::Literal(date_literal(last)));
        let AsOf::Step(_) = as_of else {
            return asked.unwrap_or(Expr::Literal(Literal::Null(ValueType::Date)));
        };
        let moment = Expr::call(Function::AddSeconds, vec![as_of.expr(), Expr::int(-1)]);
        let known = period_start(self.calendar, self.grain, Expr::call(Function::DateOf, vec![moment]));
        match asked {
            Some(asked) => when_else(Expr::binary(Binary::LessEqual, known.clone(), asked.clone()), known, asked),
            None => known,
        }
    }

    fn end(&self, period: Expr) -> Expr {
        after(period, self.grain.length())
    }

    fn window_outputs(&self) -> Vec<Output> {
        let outputs = self.window_starts.iter().filter_map(|(clock, name)| {
            Some(window_start(self.calendar, clock, self.end(Expr::name(PERIOD)))?.named(name.clone()))
        });
        outputs.collect()
    }
}

/// Adds the step that holds the least first and the greatest last period of several, and their common watermark.
pub(crate) fn merge_ranges(draft: &mut Draft<'_>, wanted: &str, ranges: &[String]) -> String {
    let parts = ranges.iter().map(|range| Select {
        columns: [FIRST, LAST, WATERMARK].map(|name| Expr::name(name).named(name)).into(),
        from: from_step(range),
        ..Select::default()
    });
    let parts = parts.collect();
    let all = draft.push(&format!("{wanted}_parts"), Relation::UnionAll(parts));
    let columns = vec![
        aggregate(AggregateFunction::Min, Expr::name(FIRST)).named(FIRST),
        aggregate(AggregateFunction::Max, Expr::name(LAST)).named(LAST),
        aggregate(AggregateFunction::Min, Expr::name(WATERMARK)).named(WATERMARK),
    ];
    draft.push(wanted, select(Select { columns, from: from_step(&all), ..Select::default() }))
}

/// The step that holds the range of all scans, where one has a range.
pub(crate) fn push_common_range(draft: &mut Draft<'_>, ranges: &[String]) -> Option<String> {
    match ranges {
        [] => None,
        [one] => Some(one.clone()),
        _ => Some(merge_ranges(draft, "range", ranges)),
    }
}

fn earlier_name(offset: Offset) -> String {
    if offset.months < 0 || offset.days < 0 {
        let later = Offset { months: -offset.months, days: -offset.days };
        return format!("{}_later", offset_words(later).replace(' ', "_").replace('-', "minus_"));
    }
    format!("{}_earlier", offset_words(offset).replace(' ', "_"))
}

fn date_literal(date: Date) -> Literal {
    Literal::Date(date.to_string())
}
