//! Answers for people: a row for each period and group, a column for each metric, never wider than the terminal.
//!
//! Words of a head wrap at `_`. What still does not fit becomes further tables below, each with the periods again. A number
//! is never broken.

use super::number::{MISSING, Style};
use super::period;
use super::rows::{Cell, Rows};
use crate::drawing::{Column, PADDING, draw, shortened, total};
use comfy_table::CellAlignment;
use groma_model::time::{Calendar, Grain};
use groma_model::unit::Unit;
use std::collections::BTreeMap;
use unicode_width::UnicodeWidthStr as _;

/// A group's text is not made shorter than this.
const SHORTEST_TEXT: usize = 8;

/// What a table shows.
#[derive(Debug, Clone)]
pub struct Sheet<'a> {
    pub metrics: Vec<(&'a str, &'a Unit)>,
    /// The columns that answers are grouped by.
    pub groups: Vec<&'a str>,
    pub grain: Grain,
    pub calendar: &'a Calendar,
}

/// The answer as tables of at most that many columns of characters; nothing if it has no rows.
pub fn render(rows: &Rows, sheet: &Sheet<'_>, width: usize) -> String {
    let pivoted = Pivot::of(rows, sheet);
    let mut keys = pivoted.keys(sheet);
    let mut metrics = pivoted.metrics(sheet);
    if total(&keys) + total(&metrics) > width {
        metrics.iter_mut().for_each(wrap_head);
    }
    let widest = metrics.iter().map(Column::width).max().unwrap_or(0);
    shorten(&mut keys, width.saturating_sub(widest));
    let tables: Vec<String> = folded(&keys, metrics, width).iter().map(|columns| draw(columns)).collect();
    tables.join("\n")
}

/// The answer with a row for each period and group.
struct Pivot {
    /// Period and groups, in order.
    keys: Vec<Vec<Cell>>,
    /// Metric and row → value.
    values: BTreeMap<(String, usize), f64>,
}

impl Pivot {
    fn of(rows: &Rows, sheet: &Sheet<'_>) -> Self {
        let columns: Vec<usize> = std::iter::once("period")
            .chain(sheet.groups.iter().copied())
            .filter_map(|name| rows.position(name))
            .collect();
        let key = |row: &Vec<Cell>| columns.iter().map(|column| row[*column].clone()).collect::<Vec<Cell>>();
        let order = |left: &Vec<Cell>, right: &Vec<Cell>| {
            let orders = left.iter().zip(right).map(|(left, right)| left.compare(right));
            orders.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        };
        let mut keys: Vec<Vec<Cell>> = rows.rows.iter().map(key).collect();
        keys.sort_by(order);
        keys.dedup();
        let mut values = BTreeMap::new();
        if let (Some(metric), Some(value)) = (rows.position("metric"), rows.position("value")) {
            for row in &rows.rows {
                let number = match row[value] {
                    Cell::Real(value) => value,
                    #[expect(
                        clippy::cast_precision_loss,
                        reason = "values are doubles by contract; a whole one is shown"
                    )]
                    Cell::Int(value) => value as f64,
                    _ => continue,
                };
                if let Ok(at) = keys.binary_search_by(|known| order(known, &key(row))) {
                    values.insert((row[metric].to_string(), at), number);
                }
            }
        }
        Self { keys, values }
    }

    /// The columns that say which period and group a row is of.
    fn keys(&self, sheet: &Sheet<'_>) -> Vec<Column> {
        let period = |cell: &Cell| match cell {
            Cell::Date(start) => period::label(sheet.grain, *start, sheet.calendar),
            other => other.to_string(),
        };
        let group = |cell: &Cell| match cell {
            Cell::Null => MISSING.to_owned(),
            other => other.to_string(),
        };
        let heads = std::iter::once(period::heading(sheet.grain)).chain(sheet.groups.iter().copied());
        let column = |(at, head): (usize, &str)| {
            let text = |key: &Vec<Cell>| key.get(at).map(|cell| if at == 0 { period(cell) } else { group(cell) });
            let cells = self.keys.iter().map(|key| text(key).unwrap_or_default()).collect();
            Column { head: vec![head.to_owned()], unit: String::new(), cells, alignment: CellAlignment::Left }
        };
        heads.enumerate().map(column).collect()
    }

    fn metrics(&self, sheet: &Sheet<'_>) -> Vec<Column> {
        let column = |(name, unit): &(&str, &Unit)| {
            let values: Vec<Option<f64>> =
                (0..self.keys.len()).map(|at| self.values.get(&((*name).to_owned(), at)).copied()).collect();
            let style = Style::of(unit, &values.iter().flatten().copied().collect::<Vec<_>>());
            let cell = |value: &Option<f64>| value.map_or_else(|| MISSING.to_owned(), |value| style.write(value));
            let cells = values.iter().map(cell).collect();
            Column { head: vec![(*name).to_owned()], unit: unit_line(unit), cells, alignment: CellAlignment::Right }
        };
        sheet.metrics.iter().map(column).collect()
    }
}

/// What stands below the name of a metric.
fn unit_line(unit: &Unit) -> String {
    match unit {
        Unit::Any | Unit::None => String::new(),
        Unit::Percent => "%".to_owned(),
        unit => unit.to_string(),
    }
}

/// Breaks a metric's name at `_` and `.`, into lines as wide as its numbers or its longest word.
fn wrap_head(column: &mut Column) {
    let name = column.head.concat();
    let words: Vec<&str> = name.split_inclusive(['_', '.']).collect();
    let longest = words.iter().map(|word| word.width()).max().unwrap_or(0);
    let limit = longest.max(column.cells_width()).max(column.unit.width());
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.width() + word.width() <= limit => line.push_str(word),
            _ => lines.push(word.to_owned()),
        }
    }
    column.head = lines;
}

/// Shortens the texts of groups until the key columns fit.
fn shorten(keys: &mut [Column], width: usize) {
    let over = total(keys).saturating_sub(width);
    let Some(widest) = keys.iter_mut().skip(1).max_by_key(|column| column.width()) else { return };
    if over == 0 {
        return;
    }
    let limit = (widest.width() - PADDING).saturating_sub(over).max(SHORTEST_TEXT);
    if limit + PADDING >= widest.width() {
        return;
    }
    widest.cells.iter_mut().chain(&mut widest.head).for_each(|text| *text = shortened(text, limit));
    shorten(keys, width);
}

/// Deals the metrics out to as few tables as they need, each with the keys.
fn folded(keys: &[Column], metrics: Vec<Column>, width: usize) -> Vec<Vec<Column>> {
    let mut tables: Vec<Vec<Column>> = Vec::new();
    for column in metrics {
        match tables.last_mut() {
            Some(table) if total(table) + column.width() <= width => table.push(column),
            _ => tables.push(keys.iter().cloned().chain([column]).collect()),
        }
    }
    tables
}

#[cfg(test)]
mod tests;
