//! Local periods: grains, the calendar of a project, clocks, offsets.

use jiff::civil::{Date, Weekday};
use jiff::{Span as Amount, ToSpan};
use smol_str::SmolStr;

/// The length of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    Day,
    Week,
    Month,
    Quarter,
    Year,
    FiscalQuarter,
    FiscalYear,
}

/// All grains with the words that name them.
pub const GRAINS: [(&str, Grain); 7] = [
    ("day", Grain::Day),
    ("week", Grain::Week),
    ("month", Grain::Month),
    ("quarter", Grain::Quarter),
    ("year", Grain::Year),
    ("fiscal_quarter", Grain::FiscalQuarter),
    ("fiscal_year", Grain::FiscalYear),
];

impl Grain {
    /// The grain a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        GRAINS.iter().find(|(known, _)| *known == word).map(|(_, grain)| *grain)
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        GRAINS.iter().find(|(_, grain)| *grain == self).map_or("", |(word, _)| word)
    }

    /// Its length, in months or in days; one of the two is 0.
    pub fn length(self) -> Offset {
        match self {
            Grain::Day => Offset::days(1),
            Grain::Week => Offset::days(7),
            Grain::Month => Offset::months(1),
            Grain::Quarter | Grain::FiscalQuarter => Offset::months(3),
            Grain::Year | Grain::FiscalYear => Offset::months(12),
        }
    }
}

/// How a project counts time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// IANA name of the zone whose days are the project's days.
    pub zone: SmolStr,
    pub week_starts: Weekday,
    /// 1 to 12.
    pub fiscal_year_starts: i8,
    pub default_grain: Grain,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            zone: SmolStr::new_static("UTC"),
            week_starts: Weekday::Monday,
            fiscal_year_starts: 1,
            default_grain: Grain::Month,
        }
    }
}

impl Calendar {
    /// The first day of the period that holds `day`.
    pub fn start(&self, grain: Grain, day: Date) -> Date {
        match grain {
            Grain::Day => day,
            Grain::Week => saturating_sub(day, i64::from(day.weekday().since(self.week_starts)).days()),
            Grain::Month => day.first_of_month(),
            Grain::Quarter => start_of_months(day, 3, 1),
            Grain::Year => start_of_months(day, 12, 1),
            Grain::FiscalQuarter => start_of_months(day, 3, self.fiscal_year_starts),
            Grain::FiscalYear => start_of_months(day, 12, self.fiscal_year_starts),
        }
    }

    /// The first day of the period after the one that starts on `start`.
    pub fn next(&self, grain: Grain, start: Date) -> Date {
        grain.length().after(start)
    }
}

/// A whole number of months and days. Months are added first; the 31st becomes the last day of a shorter month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Offset {
    pub months: i32,
    pub days: i32,
}

impl Clock {
    /// Whether periods are those of customers' anchors.
    pub fn is_anchored(&self) -> bool {
        matches!(self, Clock::After { .. } | Clock::Curve { .. })
    }
}

impl Offset {
    /// A number of months.
    pub const fn months(months: i32) -> Self {
        Self { months, days: 0 }
    }

    /// A number of days.
    pub const fn days(days: i32) -> Self {
        Self { months: 0, days }
    }

    /// The amount that a number and a word such as `months` or `week` say; `None` for words that are no calendar unit.
    pub fn from_words(number: i32, unit: &str) -> Option<Self> {
        let months = |factor: i32| number.checked_mul(factor).map(Self::months);
        match unit.strip_suffix('s').unwrap_or(unit) {
            "day" => Some(Self::days(number)),
            "week" => number.checked_mul(7).map(Self::days),
            "month" => months(1),
            "quarter" => months(3),
            "year" => months(12),
            _ => None,
        }
    }

    /// The day this much later.
    pub fn after(self, day: Date) -> Date {
        saturating_add(saturating_add(day, self.months.months()), self.days.days())
    }

    /// The day this much earlier.
    pub fn before(self, day: Date) -> Date {
        Self { months: -self.months, days: -self.days }.after(day)
    }

    /// This much, so many times.
    #[must_use]
    pub fn times(self, number: i32) -> Self {
        Self { months: self.months.saturating_mul(number), days: self.days.saturating_mul(number) }
    }

    /// Both, one after the other.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { months: self.months.saturating_add(other.months), days: self.days.saturating_add(other.days) }
    }

    /// Whether it is certainly not the longer of the two, a month being about 30 days.
    pub fn is_shorter_than(self, other: Self) -> bool {
        let days = |offset: Self| i64::from(offset.months) * 30 + i64::from(offset.days);
        days(self) < days(other)
    }

    /// Whether it is a whole number of periods of the grain, so that a period's start moves to a period's start. Any
    /// amount is, for days.
    pub fn fits(self, grain: Grain) -> bool {
        match grain {
            Grain::Day => true,
            Grain::Week => self.months == 0 && self.days % 7 == 0,
            _ => self.days == 0 && self.months % grain.length().months == 0,
        }
    }
}

/// Which rows belong to a period.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Clock {
    /// Time in `[start(p), end(p))`.
    #[default]
    Event,
    /// Time in `[end(p) − length, end(p))`.
    Trailing(Offset),
    /// From the start of the unit that holds the last moment of p, to `end(p)`.
    ToDate(ToDate),
    /// Time in `[anchor + from, anchor + to)` for each customer whose anchor lies in p: cohorts. Local days.
    After { from: Offset, to: Offset },
    /// The k-th row of `times` stretches after the anchor, each `every` long: `[anchor + k·every, anchor + (k + 1)·every)`,
    /// k from 0. Answers have a `step`, which is k.
    Curve { every: Offset, times: u32 },
    /// The rows of p that a snapshot says stand for it.
    Snapshot(Snapshot),
}

/// Which rows of a period stand for it, of a source that repeats its rows at each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Snapshot {
    /// The rows of the period's first time.
    First,
    /// The rows of the period's last time.
    Last,
    /// All rows; the value is the mean over the period's times of the value at each.
    Average,
    /// Each customer's first row in the period (ties: by key).
    FirstPerCustomer,
    /// Each customer's last row in the period (ties: by key).
    LastPerCustomer,
}

/// The units of to-date clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ToDate {
    Unit(Grain),
    AllTime,
}

fn start_of_months(day: Date, length: i32, first_month: i8) -> Date {
    let since = (i32::from(day.month()) - i32::from(first_month)).rem_euclid(length);
    saturating_sub(day.first_of_month(), since.months())
}

fn saturating_add(day: Date, amount: Amount) -> Date {
    day.saturating_add(amount)
}

fn saturating_sub(day: Date, amount: Amount) -> Date {
    day.saturating_sub(amount)
}
