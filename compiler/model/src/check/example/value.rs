//! Whether a text is a value of a type, as the readers of data take it: nothing is rounded, trimmed or guessed.

use crate::model::Model;
use crate::types::Base;
use jiff::civil::Date;

/// What the text should be and is not; none if it is a value of the type.
pub(super) fn fits(model: &Model, base: &Base, text: &str) -> Option<String> {
    let expected = |fits: bool, expected: &str| (!fits).then(|| expected.to_owned());
    match base {
        Base::Bool => expected(is_bool(text), "`true` or `false`"),
        Base::Int => expected(text.parse::<i64>().is_ok(), "a whole number"),
        Base::Real => expected(is_real(text), "a number"),
        Base::Decimal { precision, scale } => (!is_decimal(text, *precision, *scale))
            .then(|| format!("a number of at most {precision} digits, {scale} of them after the point")),
        Base::Scale { low, high } => {
            let fits = text.parse::<i64>().is_ok_and(|number| (*low..=*high).contains(&number));
            (!fits).then(|| format!("a whole number from {low} to {high}"))
        }
        Base::Date => expected(is_date(text), "a date such as 2026-07-01"),
        Base::Instant { .. } => expected(is_instant(text), "a time such as 2026-01-05T10:00:00"),
        Base::Text | Base::Verbatim | Base::Unknown | Base::Null => None,
        // A reference holds the key of its customer; the key of a customer is never itself a reference to it.
        Base::Customer(id) => {
            let customer = model.customer(*id);
            let key = model.source(customer.source).columns.get(customer.key.index())?;
            if matches!(key.ty.base, Base::Customer(_)) { None } else { fits(model, &key.ty.base, text) }
        }
    }
}

fn is_bool(text: &str) -> bool {
    ["true", "false", "t", "f", "1", "0"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn is_real(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    text.bytes().all(plain) && text.parse().is_ok_and(f64::is_finite)
}

fn is_decimal(text: &str, precision: u8, scale: i8) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let whole_digits = whole.trim_start_matches('0').len();
    let (precision, scale) = (usize::from(precision), usize::try_from(scale).unwrap_or(0));
    !(whole.is_empty() && fraction.is_empty())
        && are_digits(whole)
        && are_digits(fraction)
        && fraction.len() <= scale
        && whole_digits + scale <= precision
}

fn is_date(text: &str) -> bool {
    text.len() == "2026-07-01".len() && text.parse::<Date>().is_ok()
}

/// A date, perhaps with a time of day, perhaps with an offset.
fn is_instant(text: &str) -> bool {
    let Some((day, rest)) = text.split_at_checked("2026-07-01".len()) else { return false };
    if !is_date(day) || rest.is_empty() {
        return is_date(day);
    }
    let Some(time) = rest.strip_prefix(['T', 't', ' ']) else { return false };
    let end = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, offset) = time.split_at(end);
    let (clock, fraction) = clock.split_once('.').map_or((clock, None), |(clock, fraction)| (clock, Some(fraction)));
    let parts: Vec<&str> = clock.split(':').collect();
    let number = |part: &str, below: u8| part.len() == 2 && part.parse().is_ok_and(|number: u8| number < below);
    let time_of_day = match parts.as_slice() {
        [hour, minute] => fraction.is_none() && number(hour, 24) && number(minute, 60),
        [hour, minute, second] => number(hour, 24) && number(minute, 60) && number(second, 60),
        _ => false,
    };
    let digits = |text: &str| (1..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    time_of_day && fraction.is_none_or(digits) && is_offset(offset)
}

/// `Z`, `+02`, `+0200` or `+02:00`, or nothing.
fn is_offset(text: &str) -> bool {
    if text.is_empty() || text.eq_ignore_ascii_case("z") {
        return true;
    }
    let Some(rest) = text.strip_prefix(['+', '-']) else { return false };
    let digits = rest.replacen(':', "", usize::from(rest.len() == "02:00".len()));
    let number = |part: Option<&str>, below: u8| part.is_some_and(|part| part.parse().is_ok_and(|n: u8| n < below));
    match digits.len() {
        2 => number(digits.get(..2), 24),
        4 => number(digits.get(..2), 24) && number(digits.get(2..), 60),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_strictly() {
        let decimal = Base::Decimal { precision: 4, scale: 2 };
        let instant = Base::Instant { zone: "UTC".into() };
        let fitting = [
            (&Base::Bool, &["true", "F", "1"][..]),
            (&Base::Int, &["1", "-7"]),
            (&Base::Real, &["1", "-0.5", "1e3"]),
            (&decimal, &["12.34", "-1", "+.5", "0001.1"]),
            (&Base::Scale { low: 0, high: 10 }, &["0", "10"]),
            (&Base::Date, &["2026-07-01"]),
            (
                &instant,
                &[
                    "2026-07-01",
                    "2026-07-01T10:00",
                    "2026-07-01 10:00:00.5",
                    "2026-07-01T10:00:00+02:00",
                    "2026-07-01T10:00Z",
                ],
            ),
            (&Base::Text, &["", "anything"]),
        ];
        for (base, texts) in fitting {
            for text in texts {
                assert_eq!(fits(&Model::default(), base, text), None, "{base:?} {text}");
            }
        }
        let strange = [
            (&Base::Bool, &["yes", ""][..]),
            (&Base::Int, &["1.0", "x", " 1"]),
            (&Base::Real, &["inf", "x", "1,0"]),
            (&decimal, &["12.345", "123", "1e2", ".", "1-"]),
            (&Base::Scale { low: 0, high: 10 }, &["11", "-1", "9.5"]),
            (&Base::Date, &["2026-7-1", "2026-02-30", "2026-07-01T10:00"]),
            (
                &instant,
                &["2026-07-01T", "2026-07-01T25:00", "2026-07-01T10:00:00.1234567", "10:00", "2026-07-01T10:00+2"],
            ),
        ];
        for (base, texts) in strange {
            for text in texts {
                assert!(fits(&Model::default(), base, text).is_some(), "{base:?} {text}");
            }
        }
    }
}
