//! Columns of text, drawn in one plain style.

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The blanks before the content of a column: one of its own, one between it and the column before.
pub(crate) const PADDING: usize = 2;

/// A column, ready to be drawn.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// The lines of the name.
    pub(crate) head: Vec<String>,
    pub(crate) unit: String,
    pub(crate) cells: Vec<String>,
    pub(crate) alignment: CellAlignment,
}

impl Column {
    pub(crate) fn width(&self) -> usize {
        self.head.iter().chain(&self.cells).chain([&self.unit]).map(|text| text.width()).max().unwrap_or(0) + PADDING
    }

    pub(crate) fn cells_width(&self) -> usize {
        self.cells.iter().map(|text| text.width()).max().unwrap_or(0)
    }
}

/// The width of columns side by side.
pub(crate) fn total(columns: &[Column]) -> usize {
    columns.iter().map(Column::width).sum()
}

/// The text, with `…` for what does not fit.
pub(crate) fn shortened(text: &str, limit: usize) -> String {
    if text.width() <= limit {
        return text.to_owned();
    }
    let mut short = String::new();
    for character in text.chars() {
        if short.width() + character.width().unwrap_or(0) + 1 > limit {
            break;
        }
        short.push(character);
    }
    format!("{short}…")
}

/// The columns with their heads and a line below these.
pub(crate) fn draw(columns: &[Column]) -> String {
    let mut table = Table::new();
    let line = LineStyle::none().fill('─').junction('─');
    table.load_style(TableStyle::new().header_separator(line)).set_content_arrangement(ContentArrangement::Disabled);
    let height = columns.iter().map(|column| column.head.len()).max().unwrap_or(0);
    let has_units = columns.iter().any(|column| !column.unit.is_empty());
    // Names end on one line, units stand on the next.
    let head = |column: &Column| {
        let blank = vec![String::new(); height - column.head.len()];
        let unit = if has_units { vec![column.unit.clone()] } else { Vec::new() };
        [blank, column.head.clone(), unit].concat().join("\n")
    };
    table.set_header(columns.iter().map(|column| comfy_table::Cell::new(head(column)).set_alignment(column.alignment)));
    for row in 0..columns.first().map_or(0, |column| column.cells.len()) {
        table.add_row(
            columns.iter().map(|column| comfy_table::Cell::new(&column.cells[row]).set_alignment(column.alignment)),
        );
    }
    table.column_iter_mut().for_each(|column| {
        column.set_padding((1, 0));
    });
    let lines: Vec<String> = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    lines.concat()
}

/// A line broken at blanks so that no part is wider; what follows is indented like the line.
pub(crate) fn wrapped(line: &str, width: usize) -> Vec<String> {
    let indent = &line[..line.len() - line.trim_start().len()];
    let mut lines: Vec<String> = Vec::new();
    for word in line.split_whitespace() {
        match lines.last_mut() {
            Some(last) if last.width() + 1 + word.width() <= width => {
                last.push(' ');
                last.push_str(word);
            }
            Some(_) => lines.push(format!("{indent}{}{word}", if indent.is_empty() { "" } else { "  " })),
            None => lines.push(format!("{indent}{word}")),
        }
    }
    if lines.is_empty() { vec![String::new()] } else { lines }
}
