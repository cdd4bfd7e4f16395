//! Numbers as people read them: separators of thousands, and as many decimals as the unit deserves.

use groma_model::unit::{PLAIN_UNITS, Unit};

/// Currencies without a minor unit that is in use.
const WHOLE_CURRENCIES: [&str; 5] = ["clp", "isk", "jpy", "krw", "vnd"];

/// Smaller numbers are shown as 0.
const MOST_DECIMALS: usize = 9;

/// What stands for a value that is not there.
pub const MISSING: &str = "·";

/// How all numbers of one column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    decimals: usize,
    percent: bool,
}

impl Style {
    /// The style of a column with these values, so that its numbers can be compared by eye.
    pub fn of(unit: &Unit, values: &[f64]) -> Self {
        let plain = |decimals| Self { decimals, percent: false };
        let base = base(unit);
        match unit {
            Unit::Percent => Self { decimals: 1, percent: true },
            _ if base == Some("points") => plain(1),
            _ if base.is_some_and(is_currency) => plain(2),
            _ if values.iter().all(|value| value.fract() == 0.0) => plain(0),
            _ => plain(decimals(values)),
        }
    }

    /// A number.
    pub fn write(&self, value: f64) -> String {
        let value = if self.percent { value * 100.0 } else { value };
        let digits = format!("{value:.*}", self.decimals);
        let digits = match digits.strip_prefix('-') {
            // A zero has no sign.
            Some(zero) if zero.bytes().all(|byte| matches!(byte, b'0' | b'.')) => zero.to_owned(),
            _ => digits,
        };
        let text = if value.is_finite() { separated(&digits) } else { digits };
        if self.percent { format!("{text} %") } else { text }
    }
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
        assert_eq!(written(&Unit::base("days"), &[1.5]), ["1.50"]);
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
