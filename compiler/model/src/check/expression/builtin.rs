//! The functions the language brings: of rows, and over rows.

use crate::measure::AggregateFunction;
use crate::row::RowFunction;

/// What an argument of a row function must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    Number,
    Text,
    Time,
    Instant,
    /// Anything, of one common type with the others.
    Same,
}

/// What comes out of a row function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gives {
    /// The type of the first argument.
    First,
    /// The common type of all arguments.
    Common,
    /// A real number without a unit.
    Real,
    /// A real number in the unit of the first argument.
    RealOfFirst,
    Int,
    /// A whole number of days.
    Days,
    /// Elapsed time in that unit, so many seconds long.
    Elapsed {
        unit: &'static str,
        seconds: i64,
    },
    Date,
}

/// A row function as people write it.
pub(crate) struct RowBuiltin {
    pub(crate) name: &'static str,
    pub(crate) function: RowFunction,
    pub(crate) needs: &'static [Needs],
    /// How many arguments may be left out at the end; `usize::MAX`: the last may be repeated.
    pub(crate) flexible: usize,
    pub(crate) gives: Gives,
    pub(crate) doc: &'static str,
}

const REPEATED: usize = usize::MAX;

const fn row(
    name: &'static str,
    function: RowFunction,
    needs: &'static [Needs],
    gives: Gives,
    doc: &'static str,
) -> RowBuiltin {
    RowBuiltin { name, function, needs, flexible: 0, gives, doc }
}

const fn elapsed(name: &'static str, unit: &'static str, seconds: i64, doc: &'static str) -> RowBuiltin {
    row(name, RowFunction::SecondsBetween, &[Needs::Instant, Needs::Instant], Gives::Elapsed { unit, seconds }, doc)
}

/// All row functions.
pub(crate) static ROW_FUNCTIONS: [RowBuiltin; 28] = [
    row("abs", RowFunction::Abs, &[Needs::Number], Gives::First, "the number without its sign"),
    RowBuiltin {
        flexible: 1,
        ..row(
            "round",
            RowFunction::Round,
            &[Needs::Number, Needs::Number],
            Gives::First,
            "rounded to a number of decimals, halves away from zero",
        )
    },
    row("floor", RowFunction::Floor, &[Needs::Number], Gives::RealOfFirst, "the greatest whole number not above it"),
    row("ceiling", RowFunction::Ceiling, &[Needs::Number], Gives::RealOfFirst, "the least whole number not below it"),
    row("sqrt", RowFunction::Sqrt, &[Needs::Number], Gives::Real, "the square root; null below 0"),
    row("ln", RowFunction::Ln, &[Needs::Number], Gives::Real, "the natural logarithm; null at 0 and below"),
    row("exp", RowFunction::Exp, &[Needs::Number], Gives::Real, "e to the power of it"),
    row(
        "power",
        RowFunction::Power,
        &[Needs::Number, Needs::Number],
        Gives::Real,
        "the first to the power of the second",
    ),
    row("lower", RowFunction::Lower, &[Needs::Text], Gives::First, "in lower case"),
    row("upper", RowFunction::Upper, &[Needs::Text], Gives::First, "in upper case"),
    row("length", RowFunction::Length, &[Needs::Text], Gives::Int, "the number of characters"),
    row("trim", RowFunction::Trim, &[Needs::Text], Gives::First, "without blanks at its ends"),
    RowBuiltin {
        flexible: REPEATED,
        ..row(
            "coalesce",
            RowFunction::Coalesce,
            &[Needs::Same, Needs::Same],
            Gives::Common,
            "the first that is not null",
        )
    },
    row(
        "nullif",
        RowFunction::NullIf,
        &[Needs::Same, Needs::Same],
        Gives::First,
        "the first, or null where it equals the second",
    ),
    RowBuiltin {
        flexible: REPEATED,
        ..row("greatest", RowFunction::Greatest, &[Needs::Same, Needs::Same], Gives::Common, "the greatest of them")
    },
    RowBuiltin {
        flexible: REPEATED,
        ..row("least", RowFunction::Least, &[Needs::Same, Needs::Same], Gives::Common, "the least of them")
    },
    row("date", RowFunction::Date, &[Needs::Time], Gives::Date, "the local date of an instant"),
    row("year", RowFunction::Year, &[Needs::Time], Gives::Int, "the year of the local date"),
    row("month", RowFunction::Month, &[Needs::Time], Gives::Int, "the month of the local date, 1 to 12"),
    row("day_of_month", RowFunction::DayOfMonth, &[Needs::Time], Gives::Int, "the day of the local date, 1 to 31"),
    row(
        "weekday",
        RowFunction::Weekday,
        &[Needs::Time],
        Gives::Int,
        "the day of the week of the local date: Monday is 1, Sunday 7",
    ),
    row("hour", RowFunction::Hour, &[Needs::Instant], Gives::Int, "the local hour of an instant, 0 to 23"),
    row(
        "days_between",
        RowFunction::DaysBetween,
        &[Needs::Time, Needs::Time],
        Gives::Days,
        "local days from the first to the second",
    ),
    elapsed("hours_between", "hours", 3600, "hours that passed from the first instant to the second"),
    elapsed("minutes_between", "minutes", 60, "minutes that passed from the first instant to the second"),
    elapsed("seconds_between", "seconds", 1, "seconds that passed from the first instant to the second"),
    row("ceil", RowFunction::Ceiling, &[Needs::Number], Gives::RealOfFirst, "the same as `ceiling`"),
    row("char_length", RowFunction::Length, &[Needs::Text], Gives::Int, "the same as `length`"),
];

/// The row function of that name.
pub(crate) fn row_function(name: &str) -> Option<&'static RowBuiltin> {
    ROW_FUNCTIONS.iter().find(|builtin| builtin.name == name)
}

/// An aggregate as people write it.
pub(crate) struct AggregateBuiltin {
    pub(crate) name: &'static str,
    pub(crate) function: AggregateFunction,
    /// What its argument must be.
    pub(crate) takes: Takes,
    pub(crate) doc: &'static str,
}

/// What an aggregate works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// Nothing, or anything to count.
    Optional,
    Number,
    /// A number, and a share between 0 and 1.
    NumberAndShare,
    Condition,
    /// Anything that has an order.
    Ordered,
    Anything,
}

const fn over(name: &'static str, function: AggregateFunction, takes: Takes, doc: &'static str) -> AggregateBuiltin {
    AggregateBuiltin { name, function, takes, doc }
}

/// All aggregates. `count(distinct x)` is `count`.
pub(crate) static AGGREGATES: [AggregateBuiltin; 15] = [
    over(
        "count",
        AggregateFunction::Count,
        Takes::Optional,
        "rows, or values that are not null; `distinct` counts each once",
    ),
    over("sum", AggregateFunction::Sum, Takes::Number, "the sum"),
    over("avg", AggregateFunction::Average, Takes::Number, "the mean"),
    over("min", AggregateFunction::Min, Takes::Ordered, "the least"),
    over("max", AggregateFunction::Max, Takes::Ordered, "the greatest"),
    over("median", AggregateFunction::Median, Takes::Number, "the median, exact"),
    over(
        "percentile",
        AggregateFunction::Percentile(0.5),
        Takes::NumberAndShare,
        "a percentile, exact: `percentile(x, 90%)`",
    ),
    over("stddev", AggregateFunction::StandardDeviation, Takes::Number, "the sample's standard deviation"),
    over(
        "share",
        AggregateFunction::Share,
        Takes::Condition,
        "the share of rows for which it is true, of those where it is known",
    ),
    over("any", AggregateFunction::Any, Takes::Condition, "whether it is true for a row"),
    over("all", AggregateFunction::All, Takes::Condition, "whether it is true for every row"),
    over("first", AggregateFunction::First, Takes::Anything, "the earliest value by the source's time"),
    over("last", AggregateFunction::Last, Takes::Anything, "the latest value by the source's time"),
    over(
        "approx_count_distinct",
        AggregateFunction::ApproximateCountDistinct,
        Takes::Anything,
        "an estimate of `count(distinct x)`",
    ),
    over(
        "approx_percentile",
        AggregateFunction::ApproximatePercentile(0.5),
        Takes::NumberAndShare,
        "an estimate of a percentile",
    ),
];

/// The aggregate of that name.
pub(crate) fn aggregate(name: &str) -> Option<&'static AggregateBuiltin> {
    AGGREGATES.iter().find(|builtin| builtin.name == name)
}

/// Names of all built-in functions with what they give, for messages and the reference.
pub(crate) fn documented() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = ROW_FUNCTIONS.iter().map(|builtin| (builtin.name, builtin.doc));
    rows.chain(AGGREGATES.iter().map(|builtin| (builtin.name, builtin.doc)))
}
