//! The rows of a server as Arrow, with the types that the embedded engine answers in.

use std::error::Error;
use std::sync::Arc;

use ::postgres::types::{FromSql, Kind, Type};
use ::postgres::{Column, Row};
use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};

use super::numeric::Numeric;
use super::refusal::{Refusal, Trouble};
use crate::{EngineError, RecordBatches};

/// Days from 1970-01-01 to 2000-01-01, from which the server counts.
const DAYS: i32 = 10_957;
const MICROSECONDS: i64 = 86_400_000_000;
/// The most digits an exact number has here.
const DIGITS: u8 = 38;

/// Bytes of a value, as they were sent.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Raw(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// All rows in one batch.
pub(super) fn batches(columns: &[Column], rows: &[Row], sql: &str) -> Result<RecordBatches, EngineError> {
    let broken = |message: String| EngineError::Internal { message, sql: sql.to_owned() };
    let mut fields = Vec::with_capacity(columns.len());
    let mut arrays = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        let values = Values { rows, at, column };
        let array = values.array().map_err(|error| match error {
            Unread::Value(what) => {
                let message = format!("column `{}` holds {what}, which is no value that can be read", column.name());
                Refusal::of(Trouble::Other, message).into()
            }
            Unread::Type => {
                let message = format!("column `{}` has the type {}, which is not read", column.name(), column.type_());
                Refusal::of(Trouble::Columns, message).into()
            }
            Unread::Wire(message) => broken(message),
        })?;
        fields.push(Field::new(column.name(), array.data_type().clone(), true));
        arrays.push(array);
    }
    let schema = SchemaRef::new(Schema::new(fields));
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    let batch = RecordBatch::try_new_with_options(Arc::clone(&schema), arrays, &options)
        .map_err(|error| broken(error.to_string()))?;
    Ok(RecordBatches { schema, batches: vec![batch] })
}

/// Why a value cannot be read.
enum Unread {
    /// The value itself: infinite, or no number.
    Value(&'static str),
    /// Its type is none that answers have.
    Type,
    /// The bytes.
    Wire(String),
}

/// One column of an answer.
struct Values<'a> {
    rows: &'a [Row],
    at: usize,
    column: &'a Column,
}

impl<'a> Values<'a> {
    fn array(&self) -> Result<ArrayRef, Unread> {
        let ty = self.column.type_();
        Ok(match *ty {
            Type::BOOL => Arc::new(self.each(|bytes| Ok(bytes != [0]))?.into_iter().collect::<BooleanArray>()),
            Type::INT2 | Type::INT4 | Type::INT8 => Arc::new(self.each(whole)?.into_iter().collect::<Int64Array>()),
            Type::FLOAT4 | Type::FLOAT8 => Arc::new(self.each(real)?.into_iter().collect::<Float64Array>()),
            Type::NUMERIC => self.exact()?,
            Type::DATE => Arc::new(self.each(day)?.into_iter().collect::<Date32Array>()),
            Type::TIMESTAMP | Type::TIMESTAMPTZ => {
                Arc::new(self.each(moment)?.into_iter().collect::<TimestampMicrosecondArray>())
            }
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN => self.texts()?,
            _ if matches!(ty.kind(), Kind::Enum(_)) => self.texts()?,
            _ => return Err(Unread::Type),
        })
    }

    /// Each value through `read`.
    fn each<T>(&self, read: impl Fn(&'a [u8]) -> Result<T, Unread>) -> Result<Vec<Option<T>>, Unread> {
        let value = |row: &'a Row| {
            let raw: Option<Raw<'a>> = row.try_get(self.at).map_err(|error| Unread::Wire(error.to_string()))?;
            raw.map(|raw| read(raw.0)).transpose()
        };
        self.rows.iter().map(value).collect()
    }

    fn texts(&self) -> Result<ArrayRef, Unread> {
        let text = |bytes| std::str::from_utf8(bytes).map_err(|error| Unread::Wire(error.to_string()));
        Ok(Arc::new(self.each(text)?.into_iter().collect::<StringArray>()))
    }

    /// Exact numbers: with the decimals of the column's type, else with as many as any of them shows. Those that no type
    /// holds are texts.
    fn exact(&self) -> Result<ArrayRef, Unread> {
        let numbers = self.each(|bytes| Numeric::read(bytes).ok_or(Unread::Value("what is no finite number")))?;
        let declared = decimals(self.column.type_modifier());
        let scale = declared
            .map_or_else(|| numbers.iter().flatten().map(|number| number.scale).max().unwrap_or(0), |(_, scale)| scale);
        let scaled =
            |number: &Option<Numeric>| number.as_ref().map(|number| number.scaled(scale).ok_or(())).transpose();
        let precision = declared.map_or(DIGITS, |(precision, _)| precision);
        let typed = numbers.iter().map(scaled).collect::<Result<Vec<_>, ()>>().ok().and_then(|values| {
            let decimals = i8::try_from(scale).ok().filter(|decimals| decimals.unsigned_abs() <= precision)?;
            let array = values.into_iter().collect::<Decimal128Array>();
            array.with_precision_and_scale(precision, decimals).ok()
        });
        Ok(match typed {
            Some(array) => Arc::new(array),
            None => Arc::new(numbers.iter().map(|number| number.as_ref().map(Numeric::text)).collect::<StringArray>()),
        })
    }
}

/// Digits and decimals of `numeric(12, 2)`; none for `numeric`.
pub(super) fn decimals(modifier: i32) -> Option<(u8, u16)> {
    let packed = modifier.checked_sub(4).filter(|packed| *packed >= 0)?;
    let (precision, scale) = (packed >> 16, packed & 0x7FF);
    // Decimals below zero are stored with a sign of their own.
    let scale = (scale ^ 1024) - 1024;
    let precision = u8::try_from(precision).ok().filter(|precision| *precision <= DIGITS)?;
    Some((precision, u16::try_from(scale).ok()?))
}

fn whole(bytes: &[u8]) -> Result<i64, Unread> {
    match *bytes {
        [a, b] => Ok(i16::from_be_bytes([a, b]).into()),
        [a, b, c, d] => Ok(i32::from_be_bytes([a, b, c, d]).into()),
        _ => Ok(i64::from_be_bytes(eight(bytes)?)),
    }
}

fn real(bytes: &[u8]) -> Result<f64, Unread> {
    match *bytes {
        [a, b, c, d] => Ok(f32::from_be_bytes([a, b, c, d]).into()),
        _ => Ok(f64::from_be_bytes(eight(bytes)?)),
    }
}

fn day(bytes: &[u8]) -> Result<i32, Unread> {
    let days = i32::try_from(whole(bytes)?).map_err(|error| Unread::Wire(error.to_string()))?;
    match days {
        i32::MAX | i32::MIN => Err(Unread::Value("an infinite date")),
        days => Ok(days + DAYS),
    }
}

fn moment(bytes: &[u8]) -> Result<i64, Unread> {
    match whole(bytes)? {
        i64::MAX | i64::MIN => Err(Unread::Value("an infinite time")),
        microseconds => Ok(microseconds + i64::from(DAYS) * MICROSECONDS),
    }
}

fn eight(bytes: &[u8]) -> Result<[u8; 8], Unread> {
    bytes.try_into().map_err(|_| Unread::Wire(format!("{} bytes where there must be 8", bytes.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_of_a_column_says_its_decimals() {
        assert_eq!(decimals(-1), None);
        assert_eq!(decimals(((12 << 16) | 2) + 4), Some((12, 2)));
        assert_eq!(decimals(((5 << 16) | (-2 & 0x7FF)) + 4), None);
        assert_eq!(decimals(((100 << 16) | 2) + 4), None);
    }

    #[test]
    fn days_and_moments_count_from_another_year() {
        assert_eq!(day(&0_i32.to_be_bytes()).ok(), Some(10_957));
        assert_eq!(moment(&1_i64.to_be_bytes()).ok(), Some(946_684_800_000_001));
        assert!(matches!(moment(&i64::MAX.to_be_bytes()), Err(Unread::Value(_))));
        assert!(matches!(day(&i32::MIN.to_be_bytes()), Err(Unread::Value(_))));
    }
}
