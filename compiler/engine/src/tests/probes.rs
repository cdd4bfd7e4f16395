//! Statements the SQL room relies on, with what each must return. The file is made elsewhere and may be absent.

#![expect(clippy::disallowed_macros, reason = "what differs is for the person who asked for it")]

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use arrow::util::display::array_value_to_string;
use serde_json::{Value, json};

use crate::{Embedded, Engine, RecordBatches};

/// Runs `/tmp/sql-probes.json` (or `GROMA_PROBES`) and reports what differs.
#[test]
#[ignore = "reads a file that is not part of the repository"]
fn probes() {
    let path = std::env::var("GROMA_PROBES").unwrap_or_else(|_| "/tmp/sql-probes.json".to_owned());
    let probes: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let engine = Embedded::new().unwrap();
    let mut failures = 0;
    for probe in probes.as_array().unwrap() {
        let mut expected = probe["expected"].as_array().unwrap().clone();
        let outcome = engine.run(probe["sql_datafusion"].as_str().unwrap()).map(|rows| values(&rows));
        let same = outcome.as_ref().is_ok_and(|rows| {
            let mut rows = rows.clone();
            if probe["ordered"] != json!(true) {
                rows.sort_by_key(ToString::to_string);
                expected.sort_by_key(ToString::to_string);
            }
            alike(&json!(rows), &json!(expected))
        });
        if !same {
            failures += 1;
            match outcome {
                Ok(rows) => println!("{}\n  got      {}\n  expected {}", probe["name"], json!(rows), json!(expected)),
                Err(error) => println!("{}\n  {error}", probe["name"]),
            }
        }
    }
    println!("{failures} of {} probes differ", probes.as_array().unwrap().len());
    assert_eq!(failures, 0);
}

/// Whether two answers are the same, doubles to the last few bits. Where engines may differ anything is right.
fn alike(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (_, Value::String(note)) if note.starts_with("engines differ") => true,
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| alike(left, right))
        }
        (Value::Number(left), Value::Number(right)) if left.is_f64() && right.is_f64() => {
            let (left, right) = (left.as_f64().unwrap(), right.as_f64().unwrap());
            (left - right).abs() <= 1e-14 * left.abs().max(right.abs())
        }
        _ => left == right,
    }
}

fn values(rows: &RecordBatches) -> Vec<Value> {
    let mut lines = Vec::new();
    for batch in &rows.batches {
        for row in 0..batch.num_rows() {
            lines.push(batch.columns().iter().map(|column| value(column, row)).collect());
        }
    }
    lines
}

fn value(column: &dyn Array, row: usize) -> Value {
    let shown = || array_value_to_string(column, row).unwrap();
    match column.data_type() {
        _ if column.is_null(row) => Value::Null,
        DataType::Boolean => json!(column.as_boolean().value(row)),
        DataType::Int64 => json!(column.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => json!(column.as_primitive::<Float64Type>().value(row)),
        DataType::Utf8 => json!(shown()),
        DataType::Decimal128(..) => json!({ "decimal": shown() }),
        DataType::Date32 => json!({ "date": shown() }),
        DataType::Timestamp(..) => {
            let text = shown().replace('T', " ");
            let whole = text.split_once('.').map(|(whole, fraction)| format!("{whole}.{fraction:0<6}"));
            json!({ "timestamp": whole.unwrap_or(text) })
        }
        other => json!({ "type": other.to_string(), "value": shown() }),
    }
}
