//! What errors say.

use super::{decimal, folder, instant, message, read, write};
use crate::{ColumnType, EngineError, Place};

#[test]
fn types_that_cannot_be_are_refused_by_name() {
    let folder = folder();
    write(&folder, "orders.csv", "v\n1\n");
    assert_eq!(
        message(read(&folder, "orders.csv", &[("v", instant("Europe/Wien"))])),
        r#"Column "v" of source "orders" cannot be read: there is no time zone "Europe/Wien"."#
    );
    for (precision, scale) in [(0, 0), (39, 2), (4, 5), (4, -1)] {
        let error = read(&folder, "orders.csv", &[("v", decimal(precision, scale))]).unwrap_err();
        assert!(matches!(error, EngineError::BadColumnType { .. }), "{error:?}");
    }
    assert!(read(&folder, "orders.csv", &[("v", instant("europe/vienna"))]).is_err(), "1 is no instant");
}

#[test]
fn long_values_are_shortened_in_messages_only() {
    let value = "é".repeat(200);
    let error = EngineError::BadValue {
        source: "orders".to_owned(),
        file: "orders.csv".into(),
        place: Place::Line(2),
        column: "v".to_owned(),
        value: value.clone(),
        expected: "a date".to_owned(),
    };
    assert!(error.to_string().contains(&format!("{}…", "é".repeat(80))));
    assert!(!error.to_string().contains(&value));
}

#[test]
fn a_message_is_one_sentence_on_one_line() {
    let folder = folder();
    write(&folder, "orders.csv", "v\n\"a\nb\"\n");
    let said = message(read(&folder, "orders.csv", &[("v", ColumnType::Int)]));
    assert_eq!(
        said,
        r#"orders.csv, line 2: column "v" of source "orders" holds "a\nb", which is not a whole number of 64 bits."#
    );
}
