//! What an example says beside what came out: the columns it names, rows in any order.

use crate::answer::rows::{Cell, Rows};
use crate::failure::Failure;
use groma_model::{Example, TextTable};

/// Numbers may differ by this much of their size.
const TOLERANCE: f64 = 1e-9;
/// What is left of differences of nearly equal numbers.
const SMALLEST: f64 = 1e-12;

/// The columns that say which row is meant, beside the groups.
const KEYS: [&str; 5] = ["metric", "version", "grain", "period", "step"];

/// An example's result beside what was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Comparison {
    pub(super) columns: Vec<Compared>,
    /// Expected rows in the order of the example, then the others that were found.
    pub(super) lines: Vec<Line>,
}

/// A column of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Compared {
    pub(super) name: String,
    /// Whether it says which row is meant.
    pub(super) key: bool,
}

/// A row of the result and the row that was found for it; one of them may be missing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) expected: Option<Vec<Option<String>>>,
    pub(super) found: Option<Vec<Cell>>,
}

impl Comparison {
    /// Compares an answer with the result of an example.
    pub(super) fn of(example: &Example, rows: &Rows) -> Result<Self, Failure> {
        let groups: Vec<&str> = example.by.iter().map(|grouping| grouping.name.as_str()).collect();
        Self::of_table(&example.result, &groups, rows)
    }

    fn of_table(result: &TextTable, groups: &[&str], rows: &Rows) -> Result<Self, Failure> {
        let mut columns = Vec::with_capacity(result.columns.len());
        let mut places = Vec::with_capacity(result.columns.len());
        for column in &result.columns {
            let name = column.name.to_string();
            let place = rows.position(&name);
            places.push(place.ok_or_else(|| Failure::Bug { what: format!("the answer has no column `{name}`") })?);
            let of_group = groups.iter().any(|group| *group == name || name.strip_prefix("by ") == Some(group));
            columns.push(Compared { key: KEYS.contains(&name.as_str()) || of_group, name });
        }
        let found = rows.rows.iter().map(|row| places.iter().map(|place| row[*place].clone()).collect());
        let expected = result.rows.iter().map(|row| row.cells.iter().map(|cell| cell.text.clone()).collect());
        let lines = paired(&columns, expected.collect(), found.collect());
        Ok(Self { columns, lines })
    }

    /// Whether everything came out as it was said.
    pub(super) fn holds(&self) -> bool {
        self.lines.iter().all(Line::holds)
    }

    /// The lines that are not as they should be.
    pub(super) fn differing(&self) -> usize {
        self.lines.iter().filter(|line| !line.holds()).count()
    }
}

impl Line {
    fn holds(&self) -> bool {
        match (&self.expected, &self.found) {
            (Some(expected), Some(found)) => expected.iter().zip(found).all(|(text, cell)| says(text.as_deref(), cell)),
            _ => false,
        }
    }

    /// Whether both rows are there and differ in a column.
    pub(super) fn differs(&self, at: usize) -> bool {
        match (&self.expected, &self.found) {
            (Some(expected), Some(found)) => !says(expected[at].as_deref(), &found[at]),
            _ => false,
        }
    }
}

/// Each expected row with the found row of its keys: one that agrees in everything, if there is one.
fn paired(columns: &[Compared], expected: Vec<Vec<Option<String>>>, found: Vec<Vec<Cell>>) -> Vec<Line> {
    let mut found: Vec<Option<Vec<Cell>>> = found.into_iter().map(Some).collect();
    let agree = |row: &[Option<String>], cells: &[Cell], keys_only: bool| {
        let mut all = columns.iter().zip(row.iter().zip(cells));
        all.all(|(column, (text, cell))| (keys_only && !column.key) || says(text.as_deref(), cell))
    };
    let mut lines: Vec<Line> =
        expected.into_iter().map(|expected| Line { expected: Some(expected), found: None }).collect();
    for keys_only in [false, true] {
        for line in lines.iter_mut().filter(|line| line.found.is_none()) {
            let Some(row) = &line.expected else { continue };
            let is_meant = |cells: &Option<Vec<Cell>>| cells.as_ref().is_some_and(|cells| agree(row, cells, keys_only));
            line.found = found.iter().position(is_meant).and_then(|at| found[at].take());
        }
    }
    lines.extend(found.into_iter().flatten().map(|cells| Line { expected: None, found: Some(cells) }));
    lines
}

/// Whether a text says a value.
fn says(text: Option<&str>, cell: &Cell) -> bool {
    let Some(text) = text else { return *cell == Cell::Null };
    match cell {
        Cell::Null => false,
        Cell::Bool(value) => {
            let words = if *value { ["true", "t", "1"] } else { ["false", "f", "0"] };
            words.iter().any(|word| text.eq_ignore_ascii_case(word))
        }
        Cell::Int(value) => text.parse() == Ok(*value) || is_close(text, &value.to_string()),
        Cell::Real(value) => text.parse().is_ok_and(|written| close(written, *value)),
        Cell::Date(value) => text.parse().ok() == Some(*value),
        // Exact decimals are texts too.
        Cell::Text(value) => text == value || is_close(text, value),
    }
}

fn is_close(left: &str, right: &str) -> bool {
    matches!((left.parse(), right.parse()), (Ok(left), Ok(right)) if close(left, right))
}

fn close(left: f64, right: f64) -> bool {
    let largest = left.abs().max(right.abs());
    left == right || (left - right).abs() <= (TOLERANCE * largest).max(SMALLEST)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use groma_model::{Span, TextCell, TextColumn, TextRow};
    use jiff::civil::date;

    fn table(columns: &[&str], rows: &[&[&str]]) -> TextTable {
        let span = Span::default();
        let cell = |text: &&str| TextCell { text: (!text.is_empty()).then(|| (*text).to_owned()), span };
        TextTable {
            span,
            columns: columns.iter().map(|name| TextColumn { name: (*name).into(), span }).collect(),
            rows: rows.iter().map(|row| TextRow { span, cells: row.iter().map(cell).collect() }).collect(),
        }
    }

    fn answer() -> Rows {
        let columns = ["metric", "period", "region", "value", "n", "status"].map(str::to_owned).to_vec();
        let row = |metric: &str, month: i8, region: &str, value: Cell, n: i64| {
            let (metric, region) = (Cell::Text(metric.to_owned()), Cell::Text(region.to_owned()));
            let status = Cell::Text("settled".to_owned());
            vec![metric, Cell::Date(date(2026, month, 1)), region, value, Cell::Int(n), status]
        };
        let rows = vec![
            row("orders", 1, "north", Cell::Real(2.0), 2),
            row("revenue", 1, "north", Cell::Real(0.1 + 0.2), 2),
            row("revenue", 1, "south", Cell::Null, 0),
            row("revenue", 2, "north", Cell::Real(12.5), 1),
        ];
        Rows { columns, rows }
    }

    /// Two rows as they should be, one with another value and number, one that is not there and one too many.
    pub(crate) fn comparison() -> Comparison {
        let columns = ["period", "metric", "region", "value", "n"];
        let rows: [&[&str]; 4] = [
            &["2026-02-01", "revenue", "north", "10", "2"],
            &["2026-01-01", "revenue", "south", "", "0"],
            &["2026-01-01", "revenue", "north", "0.3", "2"],
            &["2026-03-01", "revenue", "north", "5", "1"],
        ];
        Comparison::of_table(&table(&columns, &rows), &["region"], &answer()).unwrap()
    }

    #[test]
    fn rows_are_found_by_their_keys_in_any_order() {
        let comparison = comparison();
        assert!(!comparison.holds());
        assert_eq!((comparison.lines.len(), comparison.differing()), (5, 3));
        let [other, same, near, missing, extra] = &comparison.lines[..] else { panic!("{comparison:?}") };
        let differing: Vec<usize> = (0..5).filter(|at| other.differs(*at)).collect();
        assert_eq!(differing, [3, 4]);
        assert!(same.holds() && near.holds());
        assert!(missing.found.is_none() && extra.expected.is_none());
    }

    #[test]
    fn without_keys_rows_are_paired_with_what_agrees() {
        let result = table(&["value"], &[&["12.5"], &["0.3"], &[""], &["2"]]);
        assert!(Comparison::of_table(&result, &[], &answer()).unwrap().holds());
        let result = table(&["value", "n"], &[&["12.5", "1"], &["0.3", "2"], &["", "0"], &["3", "2"]]);
        let comparison = Comparison::of_table(&result, &[], &answer()).unwrap();
        assert_eq!(comparison.differing(), 1);
        assert!(comparison.lines[3].differs(0) && !comparison.lines[3].differs(1));
    }

    #[test]
    fn texts_say_values() {
        for (text, cell, expected) in [
            (None, Cell::Null, true),
            (Some("0"), Cell::Null, false),
            (None, Cell::Real(0.0), false),
            (Some("1.0000000001"), Cell::Real(1.0), true),
            (Some("1.00000001"), Cell::Real(1.0), false),
            (Some("3.0"), Cell::Int(3), true),
            (Some("T"), Cell::Bool(true), true),
            (Some("10.5"), Cell::Text("10.50".to_owned()), true),
            (Some("north"), Cell::Text("south".to_owned()), false),
            (Some("2026-01-01"), Cell::Date(date(2026, 1, 1)), true),
        ] {
            assert_eq!(says(text, &cell), expected, "{text:?} {cell:?}");
        }
    }

    #[test]
    fn a_column_that_no_answer_has_is_a_bug() {
        assert!(matches!(Comparison::of_table(&table(&["se"], &[]), &[], &answer()), Err(Failure::Bug { .. })));
    }
}
