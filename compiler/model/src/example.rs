//! Examples: a few rows, and what metrics must make of them.

use crate::model::{Grouping, Header, MetricId, SourceId};
use crate::time::Grain;
use groma_syntax::Span;
use jiff::civil::{Date, DateTime};
use smol_str::SmolStr;

/// A few rows, and what metrics must make of them.
#[derive(Debug, Clone)]
pub struct Example {
    pub header: Header,
    pub metrics: Vec<MetricId>,
    pub grain: Grain,
    pub by: Vec<Grouping>,
    pub from: Option<Date>,
    /// Included.
    pub to: Option<Date>,
    /// The local time from which on nothing is known.
    pub as_of: Option<DateTime>,
    /// The confidence of the result's intervals, where it has them.
    pub intervals: Option<f64>,
    /// The rows of sources, in the columns that are given; the other columns are null, the other sources empty.
    pub rows: Vec<(SourceId, TextTable)>,
    /// The rows that must come out, in any order and in the columns that matter.
    pub result: TextTable,
}

/// A table as it is written: a header, and cells between `|`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextTable {
    /// The whole text, quotes included.
    pub span: Span,
    pub columns: Vec<TextColumn>,
    pub rows: Vec<TextRow>,
}

/// A name in the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextColumn {
    pub name: SmolStr,
    pub span: Span,
}

/// A line with as many cells as there are columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextRow {
    pub span: Span,
    pub cells: Vec<TextCell>,
}

/// A cell without the blanks around it; nothing in it is null, `""` is the empty text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextCell {
    pub text: Option<String>,
    pub span: Span,
}

impl TextTable {
    /// A table without columns and rows.
    pub fn empty(span: Span) -> Self {
        Self { span, columns: Vec::new(), rows: Vec::new() }
    }

    /// Where a column stands.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// A column's cells with their rows.
    pub fn column(&self, name: &str) -> impl Iterator<Item = &TextCell> {
        let at = self.position(name);
        self.rows.iter().filter_map(move |row| row.cells.get(at?))
    }
}
