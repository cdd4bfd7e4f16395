//! What is declared about a source, and the same made ready for reading: time zones found, bounds checked.

use std::path::PathBuf;

use arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType, Field, Schema, SchemaRef, TimeUnit};
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::EngineError;

/// The declared type of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnType {
    Bool,
    /// Whole numbers of 64 bits.
    Int,
    /// Finite numbers of double precision.
    Float,
    /// Exact numbers: `precision` digits in all, `scale` of them after the point.
    Decimal {
        precision: u8,
        scale: i8,
    },
    Text,
    Date,
    /// A moment, kept as the wall clock of `zone`.
    Instant {
        zone: String,
    },
    /// Whole numbers within bounds, both included.
    Scale {
        low: i64,
        high: i64,
    },
}

/// A declared column. Whether a null is a finding is judged elsewhere, from `optional`: here every column may hold one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnSpec {
    pub name: String,
    pub ty: ColumnType,
    pub optional: bool,
}

/// A source that reads files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSource {
    /// The table it becomes in statements.
    pub name: String,
    /// As written: a file, a glob or a folder, relative to `base`.
    pub pattern: String,
    pub base: PathBuf,
    pub columns: Vec<ColumnSpec>,
}

/// A declared column, ready for reading.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// A declared type whose parameters have been checked.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Bool,
    Int,
    Float,
    Decimal { precision: u8, scale: i8 },
    Text,
    Date,
    Instant(TimeZone),
    Scale { low: i64, high: i64 },
}

impl FileSource {
    /// The columns with their types checked.
    pub(crate) fn checked_columns(&self) -> Result<Vec<Column>, EngineError> {
        checked(&self.name, &self.columns)
    }
}

/// The columns of a source, or of another table, with their types checked.
pub(crate) fn checked(source: &str, columns: &[ColumnSpec]) -> Result<Vec<Column>, EngineError> {
    let zones = TimeZoneDatabase::bundled();
    let check = |column: &ColumnSpec| {
        let kind = kind(&column.ty, &zones).map_err(|reason| EngineError::BadColumnType {
            source: source.to_owned(),
            column: column.name.clone(),
            reason,
        })?;
        Ok(Column { name: column.name.clone(), kind })
    };
    columns.iter().map(check).collect()
}

fn kind(ty: &ColumnType, zones: &TimeZoneDatabase) -> Result<Kind, String> {
    match *ty {
        ColumnType::Bool => Ok(Kind::Bool),
        ColumnType::Int => Ok(Kind::Int),
        ColumnType::Float => Ok(Kind::Float),
        ColumnType::Text => Ok(Kind::Text),
        ColumnType::Date => Ok(Kind::Date),
        ColumnType::Scale { low, high } => Ok(Kind::Scale { low, high }),
        ColumnType::Instant { ref zone } => {
            zones.get(zone).map(Kind::Instant).map_err(|_| format!("there is no time zone {zone:?}"))
        }
        ColumnType::Decimal { precision, scale } => {
            let fits = (1..=DECIMAL128_MAX_PRECISION).contains(&precision)
                && u8::try_from(scale).is_ok_and(|scale| scale <= precision);
            if fits {
                return Ok(Kind::Decimal { precision, scale });
            }
            Err(format!("decimal({precision}, {scale}) is not within 1 to {DECIMAL128_MAX_PRECISION} digits"))
        }
    }
}

impl Kind {
    /// The type of the column in statements.
    pub(crate) fn data_type(&self) -> DataType {
        match self {
            Kind::Bool => DataType::Boolean,
            Kind::Int | Kind::Scale { .. } => DataType::Int64,
            Kind::Float => DataType::Float64,
            Kind::Decimal { precision, scale } => DataType::Decimal128(*precision, *scale),
            Kind::Text => DataType::Utf8,
            Kind::Date => DataType::Date32,
            Kind::Instant(_) => DataType::Timestamp(TimeUnit::Microsecond, None),
        }
    }

    /// What a value of this type looks like, for "… is not …".
    pub(crate) fn expected(&self) -> String {
        match self {
            Kind::Bool => "true or false".to_owned(),
            Kind::Int => "a whole number of 64 bits".to_owned(),
            Kind::Float => "a finite number".to_owned(),
            Kind::Decimal { precision, scale } => {
                format!("a decimal({precision}, {scale}): at most {precision} digits, {scale} of them after the point")
            }
            Kind::Text => "text".to_owned(),
            Kind::Date => "a date such as 2026-07-01".to_owned(),
            Kind::Instant(_) => "an instant such as 2026-01-05T10:00:00Z, to the microsecond at most".to_owned(),
            Kind::Scale { low, high } => format!("a whole number from {low} to {high}"),
        }
    }
}

/// The schema of a table with these columns; every field may be null.
pub(crate) fn schema(columns: &[Column]) -> SchemaRef {
    let field = |column: &Column| Field::new(&column.name, column.kind.data_type(), true);
    SchemaRef::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}
