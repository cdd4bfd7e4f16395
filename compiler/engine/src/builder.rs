//! Values to columns, one value at a time, so that the first line that does not fit is the one reported.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::source::Kind;
use crate::value;

/// A column under construction.
pub(crate) enum Builder {
    Bool(BooleanBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    Decimal { values: Decimal128Builder, precision: u8, scale: i8 },
    Text(StringBuilder),
    Date(Date32Builder),
    Instant { values: TimestampMicrosecondBuilder, zone: TimeZone },
    Scale { values: Int64Builder, low: i64, high: i64 },
}

/// The value did not fit the type of the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Misfit;

impl Builder {
    pub(crate) fn new(kind: &Kind) -> Self {
        match *kind {
            Kind::Bool => Self::Bool(BooleanBuilder::new()),
            Kind::Int => Self::Int(Int64Builder::new()),
            Kind::Float => Self::Float(Float64Builder::new()),
            Kind::Decimal { precision, scale } => {
                let values = Decimal128Builder::new().with_data_type(kind.data_type());
                Self::Decimal { values, precision, scale }
            }
            Kind::Text => Self::Text(StringBuilder::new()),
            Kind::Date => Self::Date(Date32Builder::new()),
            Kind::Instant(ref zone) => Self::Instant { values: TimestampMicrosecondBuilder::new(), zone: zone.clone() },
            Kind::Scale { low, high } => Self::Scale { values: Int64Builder::new(), low, high },
        }
    }

    pub(crate) fn append_null(&mut self) {
        match self {
            Self::Bool(values) => values.append_null(),
            Self::Int(values) | Self::Scale { values, .. } => values.append_null(),
            Self::Float(values) => values.append_null(),
            Self::Decimal { values, .. } => values.append_null(),
            Self::Text(values) => values.append_null(),
            Self::Date(values) => values.append_null(),
            Self::Instant { values, .. } => values.append_null(),
        }
    }

    /// Appends a field of a CSV file, which is not empty.
    pub(crate) fn append_text(&mut self, text: &str) -> Result<(), Misfit> {
        match self {
            Self::Bool(values) => values.append_value(value::boolean(text).ok_or(Misfit)?),
            Self::Int(values) => values.append_value(value::int(text).ok_or(Misfit)?),
            Self::Float(values) => values.append_value(value::float(text).ok_or(Misfit)?),
            Self::Decimal { values, precision, scale } => {
                values.append_value(value::decimal(text, *precision, *scale).ok_or(Misfit)?);
            }
            Self::Text(values) => values.append_value(text),
            Self::Date(values) => values.append_value(value::date(text).ok_or(Misfit)?),
            Self::Instant { values, zone } => values.append_value(value::instant(text, zone).ok_or(Misfit)?),
            Self::Scale { values, low, high } => {
                values.append_value(value::scale(text, *low, *high).ok_or(Misfit)?);
            }
        }
        Ok(())
    }

    /// Appends a JSON value as it stands in the line: a number for numbers, a string for text and times.
    pub(crate) fn append_json(&mut self, raw: &str) -> Result<(), Misfit> {
        match self {
            _ if raw == "null" => self.append_null(),
            Self::Text(_) | Self::Date(_) | Self::Instant { .. } => {
                let JsonText(text) = serde_json::from_str(raw).map_err(|_| Misfit)?;
                self.append_text(&text)?;
            }
            Self::Bool(values) => values.append_value(serde_json::from_str(raw).map_err(|_| Misfit)?),
            Self::Decimal { values, precision, scale } => {
                values.append_value(value::decimal_literal(raw, *precision, *scale).ok_or(Misfit)?);
            }
            Self::Int(_) | Self::Float(_) | Self::Scale { .. } => self.append_text(raw)?,
        }
        Ok(())
    }

    /// The column so far; the builder starts again.
    pub(crate) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Bool(values) => Arc::new(values.finish()),
            Self::Int(values) | Self::Scale { values, .. } => Arc::new(values.finish()),
            Self::Float(values) => Arc::new(values.finish()),
            Self::Decimal { values, .. } => Arc::new(values.finish()),
            Self::Text(values) => Arc::new(values.finish()),
            Self::Date(values) => Arc::new(values.finish()),
            Self::Instant { values, .. } => Arc::new(values.finish()),
        }
    }
}

/// A JSON string, borrowed where it has no escapes.
#[derive(Deserialize)]
struct JsonText<'raw>(#[serde(borrow)] Cow<'raw, str>);
