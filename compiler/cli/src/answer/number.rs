//! Numbers as people read them: separators of thousands, and as many decimals as the unit deserves.

use groma_model::unit::{PLAIN_UNITS, Unit};

/// Currencies without a minor unit that is in use.
const WHOLE_CURRENCIES: [&str; 5] = ["clp", "isk", "jpy", "krw", "vnd"];

/// Smaller numbers are shown as 0.
const MOST_DECIMALS: usize = 9;

/// What stands for a value that is not there.
pub const MISSING: &str = "·";

/// Units of time that elapse, with their seconds, from the longest.
const ELAPSED: [(&str, f64); 4] = [("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0), ("seconds", 1.0)];

/// Units of time that are counted on a calendar and not converted: a local day need not have 24 hours.
const CALENDAR: [&str; 5] = ["days", "weeks", "months", "quarters", "years"];

/// How all numbers of one column are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    decimals: usize,
    /// What a value is multiplied by before it is written.
    factor: f64,
    after: After,
}

/// What stands behind a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    Nothing,
    Percent,
    /// A unit of time, in the plural.
    Time(&'static str),
}

impl Style {
    /// The style of a column with these values, so that its numbers can be compared by eye.
    pub fn of(unit: &Unit, values: &[f64]) -> Self {
        let plain = |decimals| Self { decimals, factor: 1.0, after: After::Nothing };
        let base = base(unit);
        if let Some(style) = base.and_then(|base| time(base, values)) {
            return style;
        }
        match unit {
            Unit::Percent => Self { decimals: 1, factor: 100.0, after: After::Percent },
            _ if base == Some("points") => plain(1),
            _ if base.is_some_and(is_currency) => plain(2),
            _ if values.iter().all(|value| value.fract() == 0.0) => plain(0),
            _ => plain(decimals(values)),
        }
    }

    /// A number, with what stands behind it.
    pub fn write(&self, value: f64) -> String {
        let text = self.bare(value);
        match self.after {
            After::Nothing => text,
            After::Percent => format!("{text} %"),
            After::Time(unit) if text == "1" => format!("1 {}", unit.trim_end_matches('s')),
            After::Time(unit) => format!("{text} {unit}"),
        }
    }

    /// A number alone.
    pub fn bare(&self, value: f64) -> String {
        let value = value * self.factor;
        let digits = format!("{value:.*}", self.decimals);
        let digits = match digits.strip_prefix('-') {
            // A zero has no sign.
            Some(zero) if zero.bytes().all(|byte| matches!(byte, b'0' | b'.')) => zero.to_owned(),
            _ => digits,
        };
        if value.is_finite() { separated(&digits) } else { digits }
    }

    /// A difference, with its sign; one of percentages is in percentage points.
    pub fn difference(&self, value: f64) -> String {
        let text = self.bare(value);
        let sign = if value > 0.0 && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) { "+" } else { "" };
        match self.after {
            After::Nothing => format!("{sign}{text}"),
            After::Percent => format!("{sign}{text} pp"),
            After::Time(unit) => format!("{sign}{text} {unit}"),
        }
    }

    /// Whether two differences look the same when they are written.
    pub fn looks_equal(&self, left: f64, right: f64) -> bool {
        (left - right).abs() * self.factor < 0.5 * 10_f64.powi(-i32::try_from(self.decimals).unwrap_or(i32::MAX))
    }

    /// The word or sign that stands behind every number, in the plural.
    pub fn unit_word(&self) -> Option<&'static str> {
        match self.after {
            After::Nothing => None,
            After::Percent => Some("%"),
            After::Time(unit) => Some(unit),
        }
    }

    /// What a value is multiplied by before it is written.
    pub fn factor(&self) -> f64 {
        self.factor
    }

    /// Whether every number says its unit, so that the head of the column need not.
    pub fn names_unit(&self) -> bool {
        matches!(self.after, After::Time(_))
    }
}

/// The style of lengths of time. What elapses is shown in the longest unit that the usual value fills.
fn time(base: &str, values: &[f64]) -> Option<Style> {
    let longest = values.iter().fold(0.0, |longest: f64, value| longest.max(value.abs()));
    let styled = |unit, factor: f64| {
        let whole = values.iter().all(|value| (value * factor).fract() == 0.0);
        let decimals = if whole { 0 } else { decimals(&[longest * factor]) - 1 };
        Style { decimals, factor, after: After::Time(unit) }
    };
    if let Some(unit) = CALENDAR.iter().find(|unit| **unit == base) {
        return Some(styled(unit, 1.0));
    }
    let (_, seconds) = ELAPSED.iter().find(|(unit, _)| *unit == base)?;
    let usual = median(values) * seconds;
    let (unit, length) = ELAPSED.iter().find(|(_, length)| usual >= *length).unwrap_or(&ELAPSED[3]);
    Some(styled(unit, seconds / length))
}

/// The middle of the sizes; 0 for none.
fn median(values: &[f64]) -> f64 {
    let mut sizes: Vec<f64> = values.iter().map(|value| value.abs()).filter(|size| size.is_finite()).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.get(sizes.len() / 2).copied().unwrap_or(0.0)
}

/// The name of a unit that is one base unit, or one over something that has been counted.
fn base(unit: &Unit) -> Option<&str> {
    let Unit::Of(powers) = unit else { return None };
    let mut above = powers.iter().filter(|(_, exponent)| *exponent > 0);
    match (above.next(), above.next()) {
        (Some((name, 1)), None) => Some(name),
        _ => None,
    }
}

fn is_currency(name: &str) -> bool {
    name.len() == 3 && !PLAIN_UNITS.contains(&name) && !WHOLE_CURRENCIES.contains(&name)
}

/// Two decimals, and one more for each zero that the largest number of the column begins with.
fn decimals(values: &[f64]) -> usize {
    let largest =
        values.iter().filter(|value| value.is_finite()).fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let mut decimals = 2;
    let mut threshold = 1.0;
    while largest > 0.0 && largest < threshold && decimals < MOST_DECIMALS {
        decimals += 1;
        threshold /= 10.0;
    }
    decimals
}

/// The digits with a comma between thousands.
fn separated(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut text = String::from(sign);
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(unit: &Unit, values: &[f64]) -> Vec<String> {
        let style = Style::of(unit, values);
        values.iter().map(|value| style.write(*value)).collect()
    }

    #[test]
    fn the_unit_decides_the_decimals() {
        let money = Unit::base("usd");
        assert_eq!(written(&money, &[1_234_567.891, 0.0, -0.001]), ["1,234,567.89", "0.00", "0.00"]);
        assert_eq!(written(&money.over(&Unit::base("count")), &[35.9]), ["35.90"]);
        assert_eq!(written(&Unit::base("count"), &[1000.0, 999.0]), ["1,000", "999"]);
        assert_eq!(written(&Unit::Percent, &[0.7849, 1.0]), ["78.5 %", "100.0 %"]);
        assert_eq!(written(&Unit::base("points"), &[-45.091]), ["-45.1"]);
        assert_eq!(written(&Unit::base("jpy"), &[1000.0]), ["1,000"]);
    }

    #[test]
    fn lengths_of_time_say_their_unit() {
        assert_eq!(written(&Unit::base("days"), &[3.5, 1.0]), ["3.5 days", "1.0 days"]);
        assert_eq!(written(&Unit::base("days"), &[1.0, 40.0]), ["1 day", "40 days"]);
        assert_eq!(written(&Unit::base("days"), &[0.25]), ["0.25 days"]);
        assert_eq!(written(&Unit::base("seconds"), &[45.0]), ["45 seconds"]);
        assert_eq!(written(&Unit::base("seconds"), &[5400.0]), ["1.5 hours"]);
        assert_eq!(written(&Unit::base("seconds"), &[302_400.0, 86_400.0, 90.0]), ["3.5 days", "1.0 days", "0.0 days"]);
        assert_eq!(written(&Unit::base("minutes"), &[30.0, 90.0, 240.0]), ["0.5 hours", "1.5 hours", "4.0 hours"]);
        assert_eq!(written(&Unit::base("hours"), &[0.5]), ["30 minutes"]);
        assert_eq!(written(&Unit::base("seconds"), &[]), Vec::<String>::new());
        assert_eq!(written(&Unit::base("seconds"), &[0.0]), ["0 seconds"]);
    }

    #[test]
    fn differences_have_signs() {
        let share = Style::of(&Unit::Percent, &[0.5]);
        assert_eq!([0.032, -0.01, 0.0001].map(|value| share.difference(value)), ["+3.2 pp", "-1.0 pp", "0.0 pp"]);
        let money = Style::of(&Unit::base("usd"), &[0.5]);
        assert_eq!([3.0, -1234.5].map(|value| money.difference(value)), ["+3.00", "-1,234.50"]);
        assert_eq!(Style::of(&Unit::base("days"), &[0.5, 7.0]).difference(1.5), "+1.5 days");
        assert!(share.looks_equal(0.0121, 0.0124) && !share.looks_equal(0.0121, 0.0128));
    }

    #[test]
    fn numbers_without_a_unit_show_what_they_have() {
        assert_eq!(written(&Unit::None, &[12.0, 3.0]), ["12", "3"]);
        assert_eq!(written(&Unit::None, &[1234.5678, 3.0]), ["1,234.57", "3.00"]);
        assert_eq!(written(&Unit::None, &[0.123_456]), ["0.123"]);
        assert_eq!(written(&Unit::None, &[0.001_234_56]), ["0.00123"]);
        assert_eq!(written(&Unit::None, &[]), Vec::<String>::new());
        assert_eq!(written(&Unit::None, &[1e15, f64::INFINITY]), ["1,000,000,000,000,000.00", "inf"]);
    }

    #[test]
    fn thousands_are_separated() {
        for (digits, expected) in
            [("1", "1"), ("999", "999"), ("1000", "1,000"), ("-123456.5", "-123,456.5"), ("1234567", "1,234,567")]
        {
            assert_eq!(separated(digits), expected);
        }
    }
}
