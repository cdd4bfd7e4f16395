//! Answers as tests compare them: the same shape from every engine.

use groma_tests::Outcome;
use groma_tests::case::Table;

/// Numbers may differ by this much of their size.
const TOLERANCE: f64 = 1e-9;
/// What is left of differences of nearly equal numbers.
const SMALLEST: f64 = 1e-12;

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    /// Texts, dates and timestamps.
    Text(String),
}

/// The rows of an answer, in its order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Answer {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Value>>,
}

impl Value {
    /// As a fence shows it; `None` is null.
    pub(crate) fn shown(&self) -> Option<String> {
        match self {
            Value::Null => None,
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(value) => Some(format!("{value}")),
            Value::Text(text) => Some(text.clone()),
        }
    }

    fn agrees(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Number(left), Value::Number(right)) => close(*left, *right),
            _ => self == other,
        }
    }

    /// Whether a fence's cell says this value.
    fn is_written(&self, cell: Option<&str>) -> bool {
        match (self, cell) {
            (Value::Null, None) => true,
            (Value::Number(value), Some(text)) => text.parse().is_ok_and(|written| close(*value, written)),
            (Value::Bool(value), Some(text)) => text == if *value { "true" } else { "false" },
            (Value::Text(value), Some(text)) => value == text,
            _ => false,
        }
    }
}

impl Answer {
    /// The columns of that names, as a table of texts.
    ///
    /// # Errors
    /// A column the answer does not have.
    pub(crate) fn table(&self, columns: &[String]) -> Outcome<Table> {
        let places = self.places(columns)?;
        let row = |row: &Vec<Value>| places.iter().map(|place| row[*place].shown()).collect();
        Ok(Table { columns: columns.to_vec(), rows: self.rows.iter().map(row).collect() })
    }

    /// The columns that are shown without being asked for: what was asked, when, by what, the value.
    pub(crate) fn usual_columns(&self) -> Vec<String> {
        const ASIDE: [&str; 8] = ["version", "grain", "n", "se", "low", "high", "matured", "status"];
        let one_metric =
            self.place("metric").is_some_and(|place| self.rows.windows(2).all(|rows| rows[0][place] == rows[1][place]));
        let usual = |name: &&String| !(ASIDE.contains(&name.as_str()) || one_metric && name.as_str() == "metric");
        self.columns.iter().filter(usual).cloned().collect()
    }

    /// Compares with a fence: its columns only, its rows in its order.
    pub(crate) fn matches(&self, expected: &Table) -> Outcome {
        let places = self.places(&expected.columns)?;
        let same = |row: &Vec<Value>, written: &Vec<Option<String>>| {
            places.iter().zip(written).all(|(place, cell)| row[*place].is_written(cell.as_deref()))
        };
        let first = self.rows.iter().zip(&expected.rows).position(|(row, written)| !same(row, written));
        let problem = match first {
            Some(row) => format!("row {} is another", row + 1),
            None if self.rows.len() != expected.rows.len() => {
                format!("{} rows instead of {}", self.rows.len(), expected.rows.len())
            }
            None => return Ok(()),
        };
        Err(format!(
            "{problem}; expected\n{}\nbut it is\n{}",
            expected.to_fence(),
            self.table(&expected.columns)?.to_fence()
        ))
    }

    /// Compares with what another engine answered: all columns and rows.
    pub(crate) fn agrees(&self, other: &Answer) -> Outcome {
        if self.columns != other.columns {
            return Err(format!("columns {:?} and {:?}", self.columns, other.columns));
        }
        let same = |(left, right): (&Vec<Value>, &Vec<Value>)| left.iter().zip(right).all(|(a, b)| a.agrees(b));
        if self.rows.len() == other.rows.len() && self.rows.iter().zip(&other.rows).all(same) {
            return Ok(());
        }
        let all = |answer: &Answer| answer.table(&answer.columns).map(|table| table.to_fence());
        Err(format!("\n{}\nand\n{}", all(self)?, all(other)?))
    }

    fn places(&self, columns: &[String]) -> Outcome<Vec<usize>> {
        let place = |name: &String| {
            self.place(name).ok_or_else(|| format!("the answer has no column {name:?}, only {:?}", self.columns))
        };
        columns.iter().map(place).collect()
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|known| known == name)
    }
}

fn close(left: f64, right: f64) -> bool {
    if left.is_nan() || right.is_nan() {
        return left.is_nan() && right.is_nan();
    }
    let largest = left.abs().max(right.abs());
    left == right || (left - right).abs() <= (TOLERANCE * largest).max(SMALLEST)
}
