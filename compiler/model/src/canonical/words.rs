//! The words of the form. They are no names of the language or of this program: renaming something there changes none.

use crate::measure::AggregateFunction;
use crate::row::Literal;
use crate::time::{Clock, Offset, Snapshot, ToDate};

/// A constant. Numbers are equal however many zeros they are written with.
pub(super) fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Null => "null".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Decimal(digits) => decimal(digits),
        Literal::Text(value) => super::text(value),
        Literal::Date(date) => format!("date({date})"),
    }
}

pub(crate) fn decimal(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = Some(whole.trim_start_matches('0')).filter(|whole| !whole.is_empty()).unwrap_or("0");
    match (whole, fraction.trim_end_matches('0')) {
        ("0", "") => "0".to_owned(),
        (whole, "") => format!("{sign}{whole}"),
        (whole, fraction) => format!("{sign}{whole}.{fraction}"),
    }
}

pub(crate) fn offset(offset: Offset) -> String {
    format!("{}m{}d", offset.months, offset.days)
}

pub(crate) fn clock(clock: &Clock) -> String {
    match clock {
        Clock::Event => "event".to_owned(),
        Clock::Trailing(length) => format!("trailing({})", offset(*length)),
        Clock::ToDate(ToDate::AllTime) => "all_time".to_owned(),
        Clock::ToDate(ToDate::Unit(grain)) => format!("to_date({})", grain.word()),
        Clock::After { from, to } => format!("after({},{})", offset(*from), offset(*to)),
        Clock::Curve { every, times } => format!("curve({},{times})", offset(*every)),
        Clock::Snapshot(snapshot) => match snapshot {
            Snapshot::First => "snapshot(first)",
            Snapshot::Last => "snapshot(last)",
            Snapshot::Average => "snapshot(average)",
            Snapshot::FirstPerCustomer => "snapshot(first_each)",
            Snapshot::LastPerCustomer => "snapshot(last_each)",
        }
        .to_owned(),
    }
}

/// An aggregate; the median is a percentile.
pub(super) fn aggregate(function: AggregateFunction) -> String {
    match function {
        AggregateFunction::Median => return aggregate(AggregateFunction::Percentile(0.5)),
        AggregateFunction::Percentile(share) => return format!("percentile[{share}]"),
        AggregateFunction::ApproximatePercentile(share) => return format!("approximate_percentile[{share}]"),
        AggregateFunction::Count => "count",
        AggregateFunction::CountDistinct => "distinct",
        AggregateFunction::Sum => "total",
        AggregateFunction::Average => "mean",
        AggregateFunction::Min => "least_of",
        AggregateFunction::Max => "greatest_of",
        AggregateFunction::StandardDeviation => "deviation",
        AggregateFunction::Share => "share",
        AggregateFunction::Any => "any",
        AggregateFunction::All => "all",
        AggregateFunction::First => "first_of",
        AggregateFunction::Last => "last_of",
        AggregateFunction::ApproximateCountDistinct => "approximate_distinct",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn zeros_at_the_ends_of_a_number_say_nothing() {
        for (written, form) in
            [("0.10", "0.1"), ("1.0", "1"), ("00.50", "0.5"), ("-2.50", "-2.5"), ("-0.0", "0"), ("100", "100")]
        {
            assert_eq!(super::decimal(written), form, "{written}");
        }
    }
}
