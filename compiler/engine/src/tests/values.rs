//! What fits each declared type, and what does not.

use super::{decimal, instant, message, one};
use crate::ColumnType;

/// Each value reads as what stands beside it; `-` stands for a refusal.
fn check(ty: &ColumnType, values: &[(&str, &str)]) {
    for (written, expected) in values {
        let read = one(written, ty.clone());
        match *expected {
            "-" => assert!(read.is_err(), "{written:?} was read as {read:?}"),
            _ => assert_eq!(read.as_deref(), Ok(*expected), "{written:?}"),
        }
    }
}

#[test]
fn bool_takes_three_spellings_in_any_case() {
    check(
        &ColumnType::Bool,
        &[
            ("true", "true"),
            ("FALSE", "false"),
            ("T", "true"),
            ("f", "false"),
            ("1", "true"),
            ("0", "false"),
            ("", "null"),
        ],
    );
    check(&ColumnType::Bool, &[("yes", "-"), ("2", "-"), (" true", "-")]);
}

#[test]
fn int_has_64_bits_and_no_decimals() {
    check(&ColumnType::Int, &[("7", "7"), ("-7", "-7"), ("+7", "7"), ("007", "7"), ("", "null")]);
    check(
        &ColumnType::Int,
        &[("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808")],
    );
    check(
        &ColumnType::Int,
        &[
            ("9223372036854775808", "-"),
            ("1.0", "-"),
            ("1e3", "-"),
            (" 1", "-"),
            ("1 ", "-"),
            ("1_000", "-"),
            ("-", "-"),
        ],
    );
}

#[test]
fn float_is_finite() {
    check(
        &ColumnType::Float,
        &[("1.5", "1.5"), ("-1e3", "-1000.0"), ("2E-2", "0.02"), (".5", "0.5"), ("3", "3.0"), ("", "null")],
    );
    check(
        &ColumnType::Float,
        &[
            ("nan", "-"),
            ("NaN", "-"),
            ("inf", "-"),
            ("-Infinity", "-"),
            ("1e400", "-"),
            ("e", "-"),
            ("0x10", "-"),
            ("\"1,5\"", "-"),
        ],
    );
}

#[test]
fn decimal_is_exact_or_refused() {
    check(
        &decimal(12, 2),
        &[
            ("1.5", "1.50"),
            ("-0.01", "-0.01"),
            ("+3", "3.00"),
            ("0000000000000.10", "0.10"),
            (".5", "0.50"),
            ("", "null"),
        ],
    );
    check(
        &decimal(12, 2),
        &[
            ("9999999999.99", "9999999999.99"),
            ("10000000000", "-"),
            ("1.234", "-"),
            ("1.500", "-"),
            ("1e2", "-"),
            (".", "-"),
            ("", "null"),
            ("1.2.3", "-"),
            ("--1", "-"),
            ("$5", "-"),
        ],
    );
    check(
        &decimal(38, 0),
        &[
            ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
            ("100000000000000000000000000000000000000", "-"),
        ],
    );
    check(&decimal(2, 2), &[("0.99", "0.99"), ("1.00", "-")]);
}

#[test]
fn text_is_taken_as_it_is() {
    check(
        &ColumnType::Text,
        &[
            ("00123", "00123"),
            (" a ", " a "),
            ("\"a,b\"", "a,b"),
            ("\"say \"\"hi\"\"\"", "say \"hi\""),
            ("é", "é"),
            ("NULL", "NULL"),
            ("\"\"", "null"),
        ],
    );
}

#[test]
fn date_is_of_the_calendar() {
    check(
        &ColumnType::Date,
        &[
            ("2026-07-01", "2026-07-01"),
            ("2024-02-29", "2024-02-29"),
            ("1969-12-31", "1969-12-31"),
            ("0001-01-01", "0001-01-01"),
            ("", "null"),
        ],
    );
    check(
        &ColumnType::Date,
        &[
            ("2025-02-29", "-"),
            ("2026-7-1", "-"),
            ("20260701", "-"),
            ("01/07/2026", "-"),
            ("2026-07-01T00:00:00", "-"),
            ("2026-13-01", "-"),
            ("0000-01-01", "-"),
            ("2026-07-0é", "-"),
            ("+026-07-01", "-"),
        ],
    );
}

#[test]
fn instant_without_offset_shows_the_clock_of_its_zone() {
    let zone = instant("America/New_York");
    check(
        &zone,
        &[
            ("2026-01-05T10:00:00", "2026-01-05T10:00:00"),
            ("2026-01-05 10:00", "2026-01-05T10:00:00"),
            ("2026-01-05", "2026-01-05T00:00:00"),
        ],
    );
    check(
        &zone,
        &[
            ("2026-01-05t10:00:00.5", "2026-01-05T10:00:00.500"),
            ("2026-01-05 23:59:59.123456", "2026-01-05T23:59:59.123456"),
            ("", "null"),
        ],
    );
}

#[test]
fn instant_with_offset_is_moved_to_its_zone() {
    let zone = instant("America/New_York");
    check(
        &zone,
        &[
            ("2026-01-05T10:00:00Z", "2026-01-05T05:00:00"),
            ("2026-07-05T10:00:00Z", "2026-07-05T06:00:00"),
            ("2026-01-05T10:00:00+02:00", "2026-01-05T03:00:00"),
        ],
    );
    check(
        &zone,
        &[
            ("2026-01-05 10:00:00+00", "2026-01-05T05:00:00"),
            ("2026-01-05 10:00-0500", "2026-01-05T10:00:00"),
            ("2026-01-01T00:00:00.000001z", "2025-12-31T19:00:00.000001"),
        ],
    );
    // Before, in and after the doubled hour of autumn.
    check(
        &zone,
        &[
            ("2026-11-01T05:30:00Z", "2026-11-01T01:30:00"),
            ("2026-11-01T06:30:00Z", "2026-11-01T01:30:00"),
            ("2026-11-01T07:30:00Z", "2026-11-01T02:30:00"),
        ],
    );
    check(&instant("UTC"), &[("2026-01-05T10:00:00+02:00", "2026-01-05T08:00:00")]);
}

#[test]
fn instant_is_never_guessed() {
    let refused = [
        "2026-01-05T10",
        "2026-01-05T24:00:00",
        "2026-01-05T10:60:00",
        "2026-01-05T10:00:60",
        "2026-01-05T10:00:00.1234567",
        "2026-01-05T10:00:00.",
        "2026-01-05T10:00:00 UTC",
        "2026-01-05T10:00:00+2",
        "2026-01-05T10:00:00+25:00",
        "2026-02-30T10:00:00",
        "1767607200",
        "05.01.2026 10:00",
        "2026-01-05T10:00:00+02:00:00",
        "2026-01-05  10:00:00",
        "T10:00:00",
    ];
    for written in refused {
        check(&instant("UTC"), &[(written, "-")]);
    }
}

#[test]
fn scale_is_a_whole_number_within_its_bounds() {
    let scale = ColumnType::Scale { low: 0, high: 10 };
    check(&scale, &[("0", "0"), ("10", "10"), ("", "null"), ("11", "-"), ("-1", "-"), ("9.5", "-")]);
    assert_eq!(
        message(one("11", scale)),
        r#"orders.csv, line 2: column "v" of source "orders" holds "11", which is not a whole number from 0 to 10."#
    );
}
