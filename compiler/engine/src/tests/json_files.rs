//! Reading one JSON object per line.

use super::{decimal, folder, instant, message, query, read, write};
use crate::{ColumnType, EngineError, Place};

#[test]
fn every_type_is_read_from_its_json_value() {
    let folder = folder();
    write(
        &folder,
        "orders.ndjson",
        r#"{"b":true,"i":-3,"f":1e3,"d":1.10,"t":"a\né","day":"2026-07-01","at":"2026-07-01T00:00:00Z","s":7,"x":{"y":[1]}}
{"b":null,"i":null,"f":2,"d":12e-1,"t":"","day":null,"at":"2026-07-01","s":null}

{"b":false}
"#,
    );
    let columns = [
        ("b", ColumnType::Bool),
        ("i", ColumnType::Int),
        ("f", ColumnType::Float),
        ("d", decimal(12, 2)),
        ("t", ColumnType::Text),
        ("day", ColumnType::Date),
        ("at", instant("Europe/Vienna")),
        ("s", ColumnType::Scale { low: 0, high: 10 }),
    ];
    assert_eq!(
        read(&folder, "orders.ndjson", &columns).unwrap(),
        "true|-3|1000.0|1.10|a\né|2026-07-01|2026-07-01T02:00:00|7\n\
         null|null|2.0|1.20||null|2026-07-01T00:00:00|null\n\
         false|null|null|null|null|null|null|null"
    );
}

#[test]
fn decimals_are_their_digits() {
    let folder = folder();
    write(&folder, "orders.jsonl", "{\"v\":0.1}\n{\"v\":12345678901234567890.12}\n{\"v\":1E+2}\n");
    assert_eq!(
        read(&folder, "orders.jsonl", &[("v", decimal(38, 2))]).unwrap(),
        "0.10\n12345678901234567890.12\n100.00"
    );
}

#[test]
fn values_of_another_kind_are_refused() {
    let refused = [
        (r#""5""#, ColumnType::Int),
        ("5.0", ColumnType::Int),
        ("5e0", ColumnType::Int),
        (r#""5""#, decimal(12, 2)),
        ("0.125", decimal(12, 2)),
        (r#""5""#, ColumnType::Float),
        ("1e999", ColumnType::Float),
        ("5", ColumnType::Text),
        (r#"["a"]"#, ColumnType::Text),
        ("1", ColumnType::Bool),
        (r#""true""#, ColumnType::Bool),
        (r#""""#, ColumnType::Date),
        ("20260701", ColumnType::Date),
        ("1767607200", instant("UTC")),
        ("11", ColumnType::Scale { low: 0, high: 10 }),
    ];
    for (value, ty) in refused {
        let folder = folder();
        write(&folder, "orders.json", format!("{{\"v\":null}}\n{{\"v\":{value}}}\n"));
        let error = read(&folder, "orders.json", &[("v", ty)]).unwrap_err();
        assert!(matches!(error, EngineError::BadValue { place: Place::Line(2), .. }), "{value}: {error:?}");
    }
}

#[test]
fn a_key_in_no_row_is_a_missing_column() {
    let folder = folder();
    write(&folder, "days/1.ndjson", "{\"id\":\"a\",\"Amount\":1}\n");
    write(&folder, "days/2.ndjson", "{\"id\":\"b\"}\n");
    let columns = [("id", ColumnType::Text), ("amount", ColumnType::Int)];
    let expected = r#"days/1.ndjson has no column "amount", which source "orders" declares; it has "id", "Amount"."#;
    assert_eq!(message(query(&folder, "days", &columns, r#"SELECT count("id") FROM "orders""#)), expected);
    assert_eq!(message(query(&folder, "days", &columns, r#"SELECT count(*) FROM "orders""#)), expected);
    write(&folder, "days/3.ndjson", "{\"amount\":null}\n");
    assert_eq!(query(&folder, "days", &columns, r#"SELECT count("id") FROM "orders""#).unwrap(), "2");
}

#[test]
fn an_empty_file_is_no_rows() {
    let folder = folder();
    write(&folder, "orders.ndjson", "");
    assert_eq!(
        query(&folder, "orders.ndjson", &[("v", ColumnType::Int)], r#"SELECT count(*) FROM "orders""#).unwrap(),
        "0"
    );
}

#[test]
fn a_line_is_one_object() {
    let cases = [
        ("{\"v\":1}\n[{\"v\":1}]\n", 2, "expected one JSON object per line at column 0"),
        ("{\n\"v\":1}\n", 1, "EOF while parsing an object"),
        ("{\"v\":1}{\"v\":2}\n", 1, "trailing characters"),
        ("\n\n{\"v\":1,\"v\":2}\n", 3, "the key \"v\" stands in it twice"),
        ("{\"v\":NaN}\n", 1, "expected value"),
    ];
    for (content, expected, says) in cases {
        let folder = folder();
        write(&folder, "orders.json", content);
        match read(&folder, "orders.json", &[("v", ColumnType::Int)]) {
            Err(EngineError::BadJson { line, reason, .. }) => {
                assert_eq!(line, expected, "{content}");
                assert!(reason.contains(says), "{reason}");
            }
            other => panic!("{content}: {other:?}"),
        }
    }
}

#[test]
fn lines_are_utf8_and_may_begin_with_a_byte_order_mark() {
    let folder = folder();
    write(&folder, "orders.json", "\u{feff}{\"v\":\"a\"}\r\n{\"v\":\"b\"}");
    assert_eq!(read(&folder, "orders.json", &[("v", ColumnType::Text)]).unwrap(), "a\nb");
    write(&folder, "latin.json", b"{\"v\":\"a\"}\n{\"v\":\"\xfc\"}\n");
    let error = read(&folder, "latin.json", &[("v", ColumnType::Text)]).unwrap_err();
    assert!(matches!(error, EngineError::NotUtf8 { line: 2, .. }), "{error:?}");
}
