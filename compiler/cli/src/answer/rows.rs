//! The rows of an answer, as plain values.

use crate::failure::Failure;
use arrow::array::{Array, AsArray as _};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int32Type, Int64Type};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use groma_engine::RecordBatches;
use jiff::ToSpan as _;
use jiff::civil::Date;
use std::cmp::Ordering;
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

/// A value of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    /// Exact decimals and moments too, as they are written.
    Text(String),
    Date(Date),
}

/// A table of values.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rows {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
}

impl Rows {
    /// The rows an engine answered with.
    pub(crate) fn of(batches: &RecordBatches) -> Result<Self, Failure> {
        let columns: Vec<String> = batches.schema.fields().iter().map(|field| field.name().clone()).collect();
        let mut rows = Vec::with_capacity(batches.row_count());
        for batch in &batches.batches {
            let arrays: Vec<Vec<Cell>> =
                batch.columns().iter().map(|array| cells(array.as_ref())).collect::<Result<_, _>>()?;
            let mut arrays: Vec<_> = arrays.into_iter().map(Vec::into_iter).collect();
            for _ in 0..batch.num_rows() {
                rows.push(arrays.iter_mut().map(|array| array.next().unwrap_or(Cell::Null)).collect());
            }
        }
        Ok(Self { columns, rows })
    }

    /// The position of a column.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }
}

/// Takes a column off what an engine answered; its first value comes with the rest.
pub(crate) fn without_column(batches: &RecordBatches, name: &str) -> Result<(RecordBatches, Option<Cell>), Failure> {
    let bug = |error: ArrowError| Failure::Bug { what: format!("`{name}` cannot be taken off the answer: {error}") };
    let fields = batches.schema.fields();
    let kept: Vec<usize> = (0..fields.len()).filter(|at| fields[*at].name() != name).collect();
    let mut first = None;
    let mut rest = Vec::with_capacity(batches.batches.len());
    for batch in &batches.batches {
        if first.is_none()
            && let Some(array) = batch.column_by_name(name)
        {
            first = cells(array.as_ref())?.into_iter().find(|cell| *cell != Cell::Null);
        }
        rest.push(batch.project(&kept).map_err(bug)?);
    }
    let schema = Arc::new(batches.schema.project(&kept).map_err(bug)?);
    Ok((RecordBatches { schema, batches: rest }, first))
}

fn cells(array: &dyn Array) -> Result<Vec<Cell>, Failure> {
    let cell = |cell: Option<Cell>| cell.unwrap_or(Cell::Null);
    Ok(match array.data_type() {
        DataType::Null => vec![Cell::Null; array.len()],
        DataType::Boolean => array.as_boolean().iter().map(|value| cell(value.map(Cell::Bool))).collect(),
        DataType::Int64 => array.as_primitive::<Int64Type>().iter().map(|value| cell(value.map(Cell::Int))).collect(),
        DataType::Int32 => array
            .as_primitive::<Int32Type>()
            .iter()
            .map(|value| cell(value.map(|value| Cell::Int(value.into()))))
            .collect(),
        DataType::Float64 => {
            array.as_primitive::<Float64Type>().iter().map(|value| cell(value.map(Cell::Real))).collect()
        }
        DataType::Utf8 => {
            array.as_string::<i32>().iter().map(|value| cell(value.map(|text| Cell::Text(text.to_owned())))).collect()
        }
        DataType::Date32 => array.as_primitive::<Date32Type>().iter().map(|value| cell(value.and_then(date))).collect(),
        _ => written(array)?,
    })
}

fn date(days: i32) -> Option<Cell> {
    Date::constant(1970, 1, 1).checked_add(days.days()).ok().map(Cell::Date)
}

/// Values of any other type, as they are written.
fn written(array: &dyn Array) -> Result<Vec<Cell>, Failure> {
    let options = FormatOptions::new();
    let formatter = ArrayFormatter::try_new(array, &options).map_err(|error| Failure::Bug {
        what: format!("an answer of type {} cannot be shown: {error}", array.data_type()),
    })?;
    let cell = |at| if array.is_null(at) { Cell::Null } else { Cell::Text(formatter.value(at).to_string()) };
    Ok((0..array.len()).map(cell).collect())
}

impl Cell {
    /// The value of a number; none of anything else.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Cell::Real(value) => Some(*value),
            #[expect(clippy::cast_precision_loss, reason = "values are doubles by contract")]
            Cell::Int(value) => Some(*value as f64),
            _ => None,
        }
    }

    /// The order in which rows are shown: nulls first.
    pub fn compare(&self, other: &Cell) -> Ordering {
        match (self, other) {
            (Cell::Bool(left), Cell::Bool(right)) => left.cmp(right),
            (Cell::Int(left), Cell::Int(right)) => left.cmp(right),
            (Cell::Real(left), Cell::Real(right)) => left.total_cmp(right),
            (Cell::Text(left), Cell::Text(right)) => left.cmp(right),
            (Cell::Date(left), Cell::Date(right)) => left.cmp(right),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Cell::Null => 0,
            Cell::Bool(_) => 1,
            Cell::Int(_) => 2,
            Cell::Real(_) => 3,
            Cell::Text(_) => 4,
            Cell::Date(_) => 5,
        }
    }
}

/// As programs read it: dates as ISO 8601, numbers by the shortest text that gives the same number, null as nothing.
impl Display for Cell {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Null => Ok(()),
            Cell::Bool(value) => write!(out, "{value}"),
            Cell::Int(value) => write!(out, "{value}"),
            Cell::Real(value) => write!(out, "{value}"),
            Cell::Text(value) => out.write_str(value),
            Cell::Date(value) => write!(out, "{value}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, Date32Array, Decimal128Array, Float64Array, StringArray, TimestampMicrosecondArray};
    use arrow::datatypes::{Field, Schema};
    use arrow::record_batch::RecordBatch;

    #[test]
    fn every_type_has_its_cell() {
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(Date32Array::from(vec![Some(9862), None])),
            Arc::new(Float64Array::from(vec![Some(1.5), None])),
            Arc::new(StringArray::from(vec![Some("a"), None])),
            Arc::new(Decimal128Array::from(vec![Some(1050), None]).with_precision_and_scale(10, 2).unwrap()),
            Arc::new(TimestampMicrosecondArray::from(vec![Some(1_500_000), None])),
        ];
        let fields: Vec<Field> = (0..).zip(&arrays).map(|(at, array)| field(at, array)).collect();
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).unwrap();
        let rows = Rows::of(&RecordBatches { schema, batches: vec![batch] }).unwrap();
        let shown: Vec<String> = rows.rows[0].iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["1997-01-01", "1.5", "a", "10.50", "1970-01-01T00:00:01.500"]);
        assert!(rows.rows[1].iter().all(|cell| *cell == Cell::Null));
    }

    #[test]
    fn a_column_is_taken_off() {
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(vec!["a", "b"])),
            Arc::new(TimestampMicrosecondArray::from(vec![None, Some(1_000_000)])),
        ];
        let fields: Vec<Field> = (0..).zip(&arrays).map(|(at, array)| field(at, array)).collect();
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).unwrap();
        let answered = RecordBatches { schema, batches: vec![batch] };
        let (rest, first) = without_column(&answered, "c1").unwrap();
        assert_eq!(first, Some(Cell::Text("1970-01-01T00:00:01".to_owned())));
        assert_eq!((rest.schema.fields().len(), rest.row_count()), (1, 2));
        let (same, none) = without_column(&answered, "as_of").unwrap();
        assert_eq!((same.schema.fields().len(), none), (2, None));
    }

    fn field(at: i32, array: &ArrayRef) -> Field {
        Field::new(format!("c{at}"), array.data_type().clone(), true)
    }
}
