//! Answers for people: a row for each period and group, a column for each metric, never wider than the terminal.
//!
//! Words of a head wrap at `_`. What still does not fit becomes further tables below, each with the periods again. A number
//! is never broken. A metric with steps has its steps side by side, in a table of its own. What is not settled says so,
//! and a legend explains it.

mod mark;
mod metric;
mod pivot;

use super::rows::Rows;
use super::{number::MISSING, period};
use crate::drawing::{Column, PADDING, draw, shortened, total};
use comfy_table::CellAlignment;
use groma_model::time::{Calendar, Grain};
use groma_model::unit::Unit;
use mark::{Marks, Used};
use metric::Block;
use pivot::{Key, Part, Pivot};
use std::collections::BTreeSet;

/// A group's text is not made shorter than this.
const SHORTEST_TEXT: usize = 8;

/// What stands in the column of a group where the row is the total over it.
const TOTAL: &str = "(all)";

/// What a table shows.
#[derive(Debug, Clone)]
pub struct Sheet<'a> {
    pub metrics: Vec<Shown<'a>>,
    /// The columns that answers are grouped by.
    pub groups: Vec<&'a str>,
    pub grain: Grain,
    pub calendar: &'a Calendar,
}

/// A metric that a table shows.
#[derive(Debug, Clone)]
pub struct Shown<'a> {
    pub name: &'a str,
    pub unit: &'a Unit,
    /// The names of its steps in their order, where they are known beforehand.
    pub steps: Vec<&'a str>,
    /// What its steps are: `month after the anchor`.
    pub step: String,
    /// Which table it stands in, from 0; those of other tables are not compared with it.
    pub table: usize,
}

/// The answer as tables of at most that many columns of characters; nothing if it has no rows.
pub fn render(rows: &Rows, sheet: &Sheet<'_>, width: usize) -> String {
    let (stepped, plain): (Vec<&Shown<'_>>, Vec<&Shown<'_>>) =
        sheet.metrics.iter().partition(|metric| Pivot::has_steps(rows, metric.name));
    let mut seen = BTreeSet::new();
    let mut tables = Vec::new();
    let apart: BTreeSet<usize> = plain.iter().map(|metric| metric.table).collect();
    for number in apart {
        let together: Vec<&Shown<'_>> = plain.iter().copied().filter(|metric| metric.table == number).collect();
        let pivot = Pivot::of(rows, sheet, &together, false);
        tables.push(table(&pivot, sheet, &together, width, &mut seen));
    }
    for metric in stepped {
        let across = !Pivot::is_detailed(rows);
        let pivot = Pivot::of(rows, sheet, &[metric], !across);
        tables.push(match across {
            true => steps_across(&pivot, sheet, metric, width, &mut seen),
            false => table(&pivot, sheet, &[metric], width, &mut seen),
        });
    }
    tables.retain(|table| !table.is_empty());
    let legend = mark::legend(&seen, width);
    if !legend.is_empty() {
        tables.push(legend);
    }
    tables.join("\n")
}

/// Metrics side by side.
fn table(pivot: &Pivot, sheet: &Sheet<'_>, metrics: &[&Shown<'_>], width: usize, seen: &mut BTreeSet<Used>) -> String {
    let mut blocks: Vec<Block> =
        metrics.iter().map(|metric| Block::of(pivot, metric, Marks { words: true, seen })).collect();
    laid_out(keys(pivot, sheet), &mut blocks, width)
}

/// The steps of one metric side by side, below its name.
fn steps_across(
    pivot: &Pivot,
    sheet: &Sheet<'_>,
    metric: &Shown<'_>,
    width: usize,
    seen: &mut BTreeSet<Used>,
) -> String {
    let mut blocks = Block::of_steps(pivot, metric, Marks { words: false, seen });
    let title = shortened(&metric::title(metric, pivot), width.saturating_sub(1));
    format!(" {title}\n{}", laid_out(keys(pivot, sheet), &mut blocks, width))
}

/// The blocks beside the keys, in as few tables as they need.
fn laid_out(mut keys: Vec<Column>, blocks: &mut [Block], width: usize) -> String {
    if total(&keys) + blocks.iter().map(Block::width).sum::<usize>() > width {
        blocks.iter_mut().for_each(Block::wrap_heads);
    }
    let widest = blocks.iter().flat_map(|block| &block.columns).map(Column::width).max().unwrap_or(0);
    shorten(&mut keys, width.saturating_sub(widest));
    let tables: Vec<String> = folded(&keys, blocks, width).iter().map(|columns| draw(columns)).collect();
    tables.join("\n")
}

/// The columns that say which period, group and step a row is of.
fn keys(pivot: &Pivot, sheet: &Sheet<'_>) -> Vec<Column> {
    let text = |key: &Key, at: usize| match key.get(at) {
        Some(Part::Period(start)) => period::label(sheet.grain, *start, sheet.calendar),
        Some(Part::Missing) => MISSING.to_owned(),
        Some(Part::Text(text)) => text.clone(),
        Some(Part::Value(cell)) => cell.to_string(),
        Some(Part::Total) => TOTAL.to_owned(),
        Some(Part::Step(_, name)) => name.clone(),
        None => String::new(),
    };
    let heads = std::iter::once(period::heading(sheet.grain)).chain(sheet.groups.iter().copied());
    let heads = heads.chain(pivot.has_step_keys.then_some("step"));
    let column = |(at, head): (usize, &str)| Column {
        head: vec![head.to_owned()],
        unit: String::new(),
        cells: pivot.keys.iter().map(|key| text(key, at)).collect(),
        alignment: CellAlignment::Left,
    };
    heads.enumerate().map(column).collect()
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

/// Deals the blocks out to as few tables as they need, each with the keys. Only a block that is too wide by itself is
/// divided.
fn folded(keys: &[Column], blocks: &[Block], width: usize) -> Vec<Vec<Column>> {
    let mut tables: Vec<Vec<Column>> = Vec::new();
    for block in blocks {
        if let Some(table) = tables.last_mut().filter(|table| total(table) + block.width() <= width) {
            table.extend(block.columns.iter().cloned());
            continue;
        }
        tables.push(keys.to_vec());
        for column in &block.columns {
            match tables.last_mut() {
                Some(table) if table.len() == keys.len() || total(table) + column.width() <= width => {
                    table.push(column.clone());
                }
                _ => tables.push(keys.iter().chain([column]).cloned().collect()),
            }
        }
    }
    tables
}

#[cfg(test)]
mod tests;
