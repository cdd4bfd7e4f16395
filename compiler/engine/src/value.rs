//! Text to values, strictly: what does not fit is `None`, and nothing is rounded, trimmed or guessed.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

const SECOND: i64 = 1_000_000;
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// `true`, `false`, `t`, `f`, `1` or `0`, in any case.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") || is("t") || text == "1" {
        return Some(true);
    }
    (is("false") || is("f") || text == "0").then_some(false)
}

/// A whole number of 64 bits with an optional sign.
pub(crate) fn int(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// A whole number from `low` to `high`.
pub(crate) fn scale(text: &str, low: i64, high: i64) -> Option<i64> {
    int(text).filter(|number| (low..=high).contains(number))
}

/// A decimal number, with or without exponent, that a double can hold.
pub(crate) fn float(text: &str) -> Option<f64> {
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    if !text.bytes().all(plain) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// An exact decimal without exponent, in units of 10^-`scale`.
pub(crate) fn decimal(text: &str, precision: u8, scale: i8) -> Option<i128> {
    shifted_decimal(text, 0, precision, scale)
}

/// An exact decimal as JSON writes it, in units of 10^-`scale`.
pub(crate) fn decimal_literal(text: &str, precision: u8, scale: i8) -> Option<i128> {
    match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => shifted_decimal(mantissa, exponent.parse().ok()?, precision, scale),
        None => decimal(text, precision, scale),
    }
}

/// `mantissa` times 10^`exponent`, in units of 10^-`scale`.
fn shifted_decimal(mantissa: &str, exponent: i32, precision: u8, scale: i8) -> Option<i128> {
    let (negative, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut number: i128 = 0;
    for byte in whole.bytes().chain(fraction.bytes()) {
        let digit = byte.is_ascii_digit().then(|| i128::from(byte - b'0'))?;
        number = number.checked_mul(10)?.checked_add(digit)?;
    }
    let written = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    let missing = u32::try_from(i32::from(scale).checked_sub(written)?).ok()?;
    let number = number.checked_mul(10_i128.checked_pow(missing)?)?;
    let fits = number < 10_i128.checked_pow(u32::from(precision))?;
    fits.then_some(if negative { -number } else { number })
}

/// Days since 1970-01-01 of a date such as `2026-07-01`.
pub(crate) fn date(text: &str) -> Option<i32> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else { return None };
    let century = two_digits(y1, y2)?;
    let year = century * 100 + two_digits(y3, y4)?;
    let date = Date::new(i16::try_from(year).ok()?, small(m1, m2)?, small(d1, d2)?).ok()?;
    let days = date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24;
    if year == 0 { None } else { i32::try_from(days).ok() }
}

/// Microseconds since 1970-01-01T00:00 on the wall clock of `zone`.
///
/// A value with an offset is moved to the zone; a value without one already shows the zone's clock.
pub(crate) fn instant(text: &str, zone: &TimeZone) -> Option<i64> {
    let (day, rest) = text.split_at_checked(10)?;
    let midnight = i64::from(date(day)?) * DAY;
    if rest.is_empty() {
        return Some(midnight);
    }
    let (time, rest) = time_of_day(rest.strip_prefix(['T', 't', ' '])?)?;
    let shown = midnight + time;
    if rest.is_empty() {
        return Some(shown);
    }
    wall_clock(shown - offset(rest)?, zone)
}

/// The wall clock of `zone` at a moment; both in microseconds.
pub(crate) fn wall_clock(moment: i64, zone: &TimeZone) -> Option<i64> {
    let timestamp = Timestamp::from_microsecond(moment).ok()?;
    moment.checked_add(i64::from(zone.to_offset(timestamp).seconds()) * SECOND)
}

/// `10:00`, `10:00:00` or `10:00:00.123456` as microseconds, and what follows.
fn time_of_day(text: &str) -> Option<(i64, &str)> {
    let (hour, rest) = leading_pair(text, 23)?;
    let (minute, rest) = leading_pair(rest.strip_prefix(':')?, 59)?;
    let minutes = (hour * 60 + minute) * 60 * SECOND;
    let Some(rest) = rest.strip_prefix(':') else { return Some((minutes, rest)) };
    let (second, rest) = leading_pair(rest, 59)?;
    let seconds = minutes + second * SECOND;
    let Some(rest) = rest.strip_prefix('.') else { return Some((seconds, rest)) };
    let (fraction, rest) = microseconds(rest)?;
    Some((seconds + fraction, rest))
}

/// One to six digits after the point.
fn microseconds(text: &str) -> Option<(i64, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=6).contains(&length) {
        return None;
    }
    let (digits, rest) = text.split_at_checked(length)?;
    let missing = u32::try_from(6 - length).ok()?;
    Some((digits.parse::<i64>().ok()? * 10_i64.pow(missing), rest))
}

/// `Z`, `+02`, `+0200` or `+02:00` in microseconds east of Greenwich.
fn offset(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, rest) = leading_pair(text.strip_prefix(['+', '-'])?, 23)?;
    let (minutes, rest) = match rest {
        "" => (0, ""),
        _ => leading_pair(rest.strip_prefix(':').unwrap_or(rest), 59)?,
    };
    rest.is_empty().then_some(sign * (hours * 60 + minutes) * 60 * SECOND)
}

/// The number of the first two digits, at most `high`, and what follows.
fn leading_pair(text: &str, high: i64) -> Option<(i64, &str)> {
    let (pair, rest) = text.split_at_checked(2)?;
    let [tens, units] = *pair.as_bytes() else { return None };
    let number = i64::from(two_digits(tens, units)?);
    (number <= high).then_some((number, rest))
}

fn two_digits(tens: u8, units: u8) -> Option<u16> {
    let both = tens.is_ascii_digit() && units.is_ascii_digit();
    both.then(|| u16::from(tens - b'0') * 10 + u16::from(units - b'0'))
}

fn small(tens: u8, units: u8) -> Option<i8> {
    i8::try_from(two_digits(tens, units)?).ok()
}
