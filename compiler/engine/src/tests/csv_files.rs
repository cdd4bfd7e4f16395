//! Reading delimited text.

use std::path::Path;

use super::{decimal, folder, message, one, query, read, source, text, write};
use crate::{ColumnType, Embedded, Engine, EngineError, Place};

const ID_AND_AMOUNT: [(&str, ColumnType); 2] =
    [("id", ColumnType::Text), ("amount", ColumnType::Decimal { precision: 12, scale: 2 })];

#[test]
fn columns_are_found_by_name_and_others_ignored() {
    let folder = folder();
    write(&folder, "orders.csv", "note,amount,id\nx,1.50,a\ny,,b\n");
    assert_eq!(read(&folder, "orders.csv", &ID_AND_AMOUNT).unwrap(), "a|1.50\nb|null");
}

#[test]
fn byte_order_mark_and_carriage_returns_are_no_content() {
    let folder = folder();
    write(&folder, "orders.csv", "\u{feff}id,amount\r\na,1\r\nb,2\r\n");
    assert_eq!(read(&folder, "orders.csv", &ID_AND_AMOUNT).unwrap(), "a|1.00\nb|2.00");
    write(&folder, "quoted.csv", "\u{feff}\"id\",\"amount\"\na,1");
    assert_eq!(read(&folder, "quoted.csv", &ID_AND_AMOUNT).unwrap(), "a|1.00");
}

#[test]
fn quotations_may_hold_commas_quotes_and_lines() {
    let folder = folder();
    write(&folder, "orders.csv", "id,amount\n\"a,\nb\",1\n\"c \"\"d\"\"\",\"2\"\n");
    assert_eq!(read(&folder, "orders.csv", &ID_AND_AMOUNT).unwrap(), "a,\nb|1.00\nc \"d\"|2.00");
}

#[test]
fn tabs_separate_in_tsv() {
    let folder = folder();
    write(&folder, "orders.tsv", "id\tamount\na,b\t1\n");
    assert_eq!(read(&folder, "orders.tsv", &ID_AND_AMOUNT).unwrap(), "a,b|1.00");
}

#[test]
fn a_header_alone_is_no_rows() {
    let folder = folder();
    write(&folder, "orders.csv", "id,amount\n");
    assert_eq!(read(&folder, "orders.csv", &ID_AND_AMOUNT).unwrap(), "");
    assert_eq!(query(&folder, "orders.csv", &ID_AND_AMOUNT, r#"SELECT count(*) FROM "orders""#).unwrap(), "0");
}

#[test]
fn rows_are_counted_without_parsing_them() {
    let folder = folder();
    let rows: String = (0..20_000).map(|_| "a,bad\n").collect();
    write(&folder, "orders.csv", format!("id,amount\n{rows}"));
    assert_eq!(query(&folder, "orders.csv", &ID_AND_AMOUNT, r#"SELECT COUNT(*) FROM "orders""#).unwrap(), "20000");
    assert_eq!(query(&folder, "orders.csv", &ID_AND_AMOUNT, r#"SELECT count("id") FROM "orders""#).unwrap(), "20000");
    assert!(query(&folder, "orders.csv", &ID_AND_AMOUNT, r#"SELECT sum("amount") FROM "orders""#).is_err());
}

/// The line of the first bad amount in a file.
fn bad_line(content: &str) -> u64 {
    let folder = folder();
    write(&folder, "orders.csv", content);
    match read(&folder, "orders.csv", &ID_AND_AMOUNT) {
        Err(EngineError::BadValue { place: Place::Line(line), column, value, .. }) => {
            assert_eq!((column.as_str(), value.as_str()), ("amount", "bad"));
            line
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_offending_line_is_named() {
    assert_eq!(bad_line("id,amount\na,1\nb,bad\nc,bad\n"), 3);
    assert_eq!(bad_line("id,amount\r\na,1\r\nb,bad\r\n"), 3);
    assert_eq!(bad_line("id,amount\ra,1\rb,bad\r"), 3);
    assert_eq!(bad_line("\u{feff}id,amount\na,bad"), 2);
    assert_eq!(bad_line("id,amount\n\"a\nb\nc\",1\nd,bad\n"), 5);
    assert_eq!(bad_line("id,amount\r\n\"a\r\nb\",1\r\n\r\n\r\nd,bad\r\n"), 6);
    assert_eq!(bad_line("\n\nid,amount\n\n\na,bad\n"), 6);
    let rows: String = (0..30_000).map(|_| "a,1\n").collect();
    assert_eq!(bad_line(&format!("id,amount\n{rows}b,bad\n")), 30_002);
}

#[test]
fn a_bad_value_says_where_and_what() {
    let expected = r#"orders.csv, line 2: column "v" of source "orders" holds "1.234", which is not a decimal(12, 2): at most 12 digits, 2 of them after the point."#;
    assert_eq!(message(one("1.234", decimal(12, 2))), expected);
}

#[test]
fn a_missing_column_is_found_before_any_row_is_read() {
    let folder = folder();
    write(&folder, "orders.csv", "ID,value\na,1\n");
    assert_eq!(
        message(query(&folder, "orders.csv", &ID_AND_AMOUNT, "SELECT 1")),
        r#"orders.csv has no column "id", which source "orders" declares; it has "ID", "value"."#
    );
}

#[test]
fn a_declared_column_stands_once_in_the_header() {
    let folder = folder();
    write(&folder, "orders.csv", "id,amount,id\na,1,b\n");
    assert_eq!(
        message(read(&folder, "orders.csv", &ID_AND_AMOUNT)),
        r#"orders.csv has column "id" twice, so source "orders" cannot tell which one is meant."#
    );
    write(&folder, "others.csv", "id,amount,,\na,1,,\n");
    assert_eq!(read(&folder, "others.csv", &ID_AND_AMOUNT).unwrap(), "a|1.00");
}

#[test]
fn every_record_has_the_fields_of_the_header() {
    let folder = folder();
    write(&folder, "orders.csv", "id,amount\na,1\nb,2,3\n");
    assert_eq!(
        message(query(&folder, "orders.csv", &ID_AND_AMOUNT, r#"SELECT count(*) FROM "orders""#)),
        r#"orders.csv, line 3: the record has 3 fields and the header 2; source "orders" reads it."#
    );
    write(&folder, "short.csv", "id,amount\na\n");
    let error = read(&folder, "short.csv", &ID_AND_AMOUNT).unwrap_err();
    assert!(matches!(error, EngineError::RaggedRow { line: 2, expected: 2, found: 1, .. }), "{error:?}");
}

#[test]
fn a_quotation_that_never_ends_is_no_value() {
    for content in ["id,amount\na,1\n\"b,2\nc,3\n", "amount,id\n1,a\n2,\"b\n3,c\n", "id,amount\na,1\n\"b,2"] {
        let folder = folder();
        write(&folder, "orders.csv", content);
        let error = read(&folder, "orders.csv", &ID_AND_AMOUNT).unwrap_err();
        assert!(matches!(error, EngineError::UnclosedQuote { line: 3, .. }), "{error:?}");
    }
    for content in ["amount,id\n1,\"a\"\"\"", "amount,id\n1,a\"\n", "amount,id\n1,\"a\"b\"\n"] {
        let folder = folder();
        write(&folder, "orders.csv", content);
        read(&folder, "orders.csv", &ID_AND_AMOUNT).unwrap();
    }
}

#[test]
fn text_is_utf8() {
    let folder = folder();
    write(&folder, "orders.csv", b"id,amount\na,1\nM\xfcller,2\n");
    assert_eq!(
        message(read(&folder, "orders.csv", &ID_AND_AMOUNT)),
        r#"orders.csv, line 3: the text is not UTF-8; source "orders" reads it."#
    );
    write(&folder, "wide.csv", b"\xff\xfei\0d\0");
    let error = read(&folder, "wide.csv", &ID_AND_AMOUNT).unwrap_err();
    assert!(matches!(error, EngineError::NotUtf8 { line: 1, .. }), "{error:?}");
}

#[test]
fn a_file_has_a_header() {
    let folder = folder();
    for content in ["", "\n\n", "\u{feff}"] {
        write(&folder, "orders.csv", content);
        let error = read(&folder, "orders.csv", &ID_AND_AMOUNT).unwrap_err();
        assert!(matches!(error, EngineError::EmptyFile { .. }), "{content:?}: {error:?}");
    }
}

#[test]
fn the_purchases_of_the_first_example_are_what_their_readme_says() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/cdnow/data");
    let columns = [
        ("customer_id", ColumnType::Text),
        ("bought_on", ColumnType::Date),
        ("units", ColumnType::Int),
        ("amount", decimal(12, 2)),
    ];
    let engine = Embedded::new().unwrap();
    engine.register(source(&data, "purchases.csv", &columns)).unwrap();
    let sql = r#"
        SELECT count(*), count(DISTINCT "customer_id"), min("bought_on"), max("bought_on"), sum("units"), sum("amount"),
               count(*) - (SELECT count(*) FROM (SELECT DISTINCT * FROM "orders"))
        FROM "orders""#;
    assert_eq!(text(&engine.run(sql).unwrap()), "69659|23570|1997-01-01|1998-06-30|167881|2500315.63|255");
}
