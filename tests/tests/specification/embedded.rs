//! The embedded engine over the data of a case.

use crate::answers::{Answer, Value};
use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow::record_batch::RecordBatch;
use groma_engine::{Embedded, Engine, EngineError, FileSource, RecordBatches};
use groma_tests::Outcome;

/// An engine with these sources.
///
/// # Errors
/// As the engine says it.
pub(crate) fn open(sources: Vec<FileSource>) -> Result<Embedded, EngineError> {
    let engine = Embedded::new()?;
    for source in sources {
        engine.register(source)?;
    }
    Ok(engine)
}

/// What a statement answers.
///
/// # Errors
/// As the engine says it.
pub(crate) fn run(engine: &Embedded, sql: &str) -> Result<RecordBatches, EngineError> {
    engine.run(sql)
}

/// An answer as tests compare it.
///
/// # Errors
/// A column of a type that no answer has.
pub(crate) fn answer(batches: &RecordBatches) -> Outcome<Answer> {
    let columns = batches.schema.fields().iter().map(|field| field.name().clone()).collect();
    let mut rows = Vec::new();
    for batch in &batches.batches {
        for row in 0..batch.num_rows() {
            rows.push(values(batch, row)?);
        }
    }
    Ok(Answer { columns, rows })
}

fn values(batch: &RecordBatch, row: usize) -> Outcome<Vec<Value>> {
    batch.columns().iter().map(|column| value(column.as_ref(), row)).collect()
}

fn value(column: &dyn Array, row: usize) -> Outcome<Value> {
    if column.is_null(row) {
        return Ok(Value::Null);
    }
    let number = |text: String| text.parse().map(Value::Number).map_err(|error| format!("{text}: {error}"));
    match column.data_type() {
        DataType::Null => Ok(Value::Null),
        DataType::Boolean => Ok(Value::Bool(column.as_boolean().value(row))),
        DataType::Int64 => number(column.as_primitive::<Int64Type>().value(row).to_string()),
        DataType::Float64 => Ok(Value::Number(column.as_primitive::<Float64Type>().value(row))),
        DataType::Decimal128(_, _) => number(column.as_primitive::<Decimal128Type>().value_as_string(row)),
        DataType::Utf8 => Ok(Value::Text(column.as_string::<i32>().value(row).to_owned())),
        DataType::Date32 => {
            let date = column.as_primitive::<Date32Type>().value_as_date(row);
            Ok(date.map_or(Value::Null, |date| Value::Text(date.to_string())))
        }
        DataType::Timestamp(_, _) => {
            let moment = column.as_primitive::<TimestampMicrosecondType>().value_as_datetime(row);
            Ok(moment.map_or(Value::Null, |moment| Value::Text(moment.to_string())))
        }
        other => Err(format!("a column of type {other}, which no answer has")),
    }
}
