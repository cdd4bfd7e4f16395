//! Items, groups and entries.

use super::WIDTH;
use super::source::Source;
use super::value;
use crate::lex::{Kind, Token};
use std::ops::Range;

/// An item on one line, in parts that align with those of its neighbours.
pub(super) struct Row {
    /// The kind and the keys: rows align if these are the same.
    pub(super) keys: Vec<String>,
    cells: Vec<String>,
}

/// The parts of an item that stands on one line and still fits on one.
pub(super) fn cells(source: &Source<'_>, item: &Range<usize>) -> Option<Row> {
    let brace = open_brace(source, item.clone());
    if !source.on_one_line(&(brace..item.end)) || !comment_free(source, item) {
        return None;
    }
    let entries = entries(source, brace + 1, item.end - 1);
    let mut keys = vec![source.word(item.start).to_owned()];
    let mut cells = vec![value::flat(source, item.start..brace)];
    for entry in &entries {
        keys.push(source.word(entry.start).to_owned());
        cells.push(flat_entry(source, entry));
    }
    let row = Row { keys, cells };
    (line(&row.cells).chars().count() <= WIDTH).then_some(row)
}

fn line(cells: &[String]) -> String {
    match cells {
        [] => String::new(),
        [head] => format!("{head} {{}}"),
        [head, entries @ ..] => format!("{head} {{ {} }}", entries.join("  ")),
    }
}

/// Rows with the same keys as lines, aligned if they still fit.
pub(super) fn align(rows: &[Row]) -> Vec<String> {
    let plain: Vec<String> = rows.iter().map(|row| line(&row.cells)).collect();
    let columns = rows.first().map_or(0, |row| row.cells.len());
    if rows.len() < 2 || columns < 2 {
        return plain;
    }
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().map(|row| row.cells[column].chars().count()).max().unwrap_or(0))
        .collect();
    let padded = |row: &Row| {
        let cells: Vec<String> = row.cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        line(&cells)
    };
    let aligned: Vec<String> = rows.iter().map(padded).collect();
    if aligned.iter().all(|line| line.chars().count() <= WIDTH) { aligned } else { plain }
}

/// Prints an item on several lines.
pub(super) fn item(source: &Source<'_>, item: &Range<usize>, out: &mut String) {
    let brace = open_brace(source, item.clone());
    value::write(source, item.start..brace, 4, 0, out);
    brace_comments(source, brace, 0, out);
    body(source, brace, item.end - 1, 0, out);
}

fn open_brace(source: &Source<'_>, range: Range<usize>) -> usize {
    range.clone().find(|at| source.kind(*at) == Some(Kind::OpenBrace)).unwrap_or(range.end)
}

fn comment_free(source: &Source<'_>, range: &Range<usize>) -> bool {
    let list = source.list();
    source.comments_between(list[range.start].start(), list[range.end - 1].end()).is_empty()
}

/// Prints the comments between a header and its brace; they keep their lines.
fn brace_comments(source: &Source<'_>, brace: usize, indent: usize, out: &mut String) {
    let comments = source.comments_before(brace);
    for comment in comments {
        if comment.newlines == 0 {
            out.push(' ');
        } else {
            newline(out, indent + 4);
        }
        out.push_str(comment.text(source.text()).trim_end());
    }
    if comments.is_empty() {
        out.push(' ');
    } else {
        newline(out, indent);
    }
}

fn newline(out: &mut String, indent: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

/// Prints a block from its brace to its closing brace.
fn body(source: &Source<'_>, brace: usize, close: usize, indent: usize, out: &mut String) {
    out.push('{');
    if close == brace + 1 && source.comments_before(close).is_empty() {
        out.push('}');
        return;
    }
    let entries = entries(source, brace + 1, close);
    let width = entries.iter().filter(|entry| is_value(source, entry)).map(|entry| key_width(source, entry)).max();
    let mut block = Block { source, indent: indent + 2, width: width.unwrap_or(0), lines: Vec::new() };
    let mut first = true;
    for entry in &entries {
        let opening = if first { Some(&mut *out) } else { None };
        block.gap(entry.start, opening);
        block.entry(entry);
        first = false;
    }
    block.gap_end(close, if first { Some(&mut *out) } else { None });
    block.print(out);
    newline(out, indent);
    out.push('}');
}

/// The entries between two tokens.
fn entries(source: &Source<'_>, from: usize, end: usize) -> Vec<Range<usize>> {
    let mut entries = Vec::new();
    let mut start = from;
    while start < end {
        let behind = if source.kind(start + 1) == Some(Kind::Colon) {
            value_end(source, start + 2, end)
        } else {
            source.behind_block(open_brace(source, start..end))
        };
        entries.push(start..behind);
        start = behind;
    }
    entries
}

fn value_end(source: &Source<'_>, from: usize, end: usize) -> usize {
    let mut depth = 0_usize;
    for at in from..end {
        match source.code(at) {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b'k' if depth == 0 => return at,
            _ => {}
        }
    }
    end
}

fn is_value(source: &Source<'_>, entry: &Range<usize>) -> bool {
    source.kind(entry.start + 1) == Some(Kind::Colon)
}

fn key_width(source: &Source<'_>, entry: &Range<usize>) -> usize {
    source.word(entry.start).chars().count()
}

fn flat_entry(source: &Source<'_>, entry: &Range<usize>) -> String {
    if is_value(source, entry) {
        return format!("{}: {}", source.word(entry.start), value::flat(source, entry.start + 2..entry.end));
    }
    let brace = open_brace(source, entry.clone());
    let mut cells = vec![value::flat(source, entry.start..brace)];
    cells.extend(entries(source, brace + 1, entry.end - 1).iter().map(|inner| flat_entry(source, inner)));
    line(&cells)
}

/// The lines of a block, collected so that comments behind them can be aligned.
struct Block<'s, 'a> {
    source: &'s Source<'a>,
    indent: usize,
    /// Of the longest key.
    width: usize,
    lines: Vec<Line>,
}

struct Line {
    blank_above: bool,
    /// One line, or several for a group or a long value.
    text: String,
    trailing: Option<String>,
    is_doc: bool,
}

impl Block<'_, '_> {
    /// The comments before the entry at a token; those behind the opening brace stay on its line.
    fn gap(&mut self, at: usize, opening: Option<&mut String>) {
        self.gap_end(at, opening);
        let documented = self.lines.last().is_some_and(|line| line.is_doc);
        let blank_above = self.source.list()[at].newlines > 1 && !self.lines.is_empty() && !documented;
        self.lines.push(Line { blank_above, text: String::new(), trailing: None, is_doc: false });
    }

    fn gap_end(&mut self, at: usize, mut opening: Option<&mut String>) {
        for comment in self.source.comments_before(at) {
            let text = comment.text(self.source.text()).trim_end();
            let trails = comment.newlines == 0 && comment.kind == Kind::Comment;
            match (self.lines.last_mut(), &mut opening) {
                (None, Some(out)) if trails => {
                    out.push(' ');
                    out.push_str(text);
                }
                (Some(line), _) if trails => line.trailing = Some(text.to_owned()),
                _ => self.comment(comment, text),
            }
        }
    }

    fn comment(&mut self, comment: &Token, text: &str) {
        let blank_above = comment.newlines > 1 && !self.lines.is_empty();
        let text = format!("{}{text}", " ".repeat(self.indent));
        self.lines.push(Line { blank_above, text, trailing: None, is_doc: comment.kind == Kind::Doc });
    }

    fn entry(&mut self, entry: &Range<usize>) {
        let mut text = " ".repeat(self.indent);
        if is_value(self.source, entry) {
            self.value(entry, &mut text);
        } else {
            self.group(entry, &mut text);
        }
        if let Some(line) = self.lines.last_mut() {
            line.text = text;
        }
    }

    fn value(&self, entry: &Range<usize>, text: &mut String) {
        let key = self.source.word(entry.start);
        text.push_str(key);
        let colon = self.source.comments_before(entry.start + 1);
        let margin = self.indent + self.width + 2;
        for comment in colon {
            text.push(' ');
            text.push_str(comment.text(self.source.text()).trim_end());
            newline(text, margin);
        }
        text.push(':');
        let used = if colon.is_empty() { self.indent + key.chars().count() + 1 } else { margin + 1 };
        text.extend(std::iter::repeat_n(' ', margin.saturating_sub(used).max(1)));
        value::write(self.source, entry.start + 2..entry.end, margin, self.indent, text);
    }

    fn group(&self, entry: &Range<usize>, text: &mut String) {
        let brace = open_brace(self.source, entry.clone());
        if self.source.on_one_line(&(brace..entry.end)) && comment_free(self.source, entry) {
            let flat = flat_entry(self.source, entry);
            if self.indent + flat.chars().count() <= WIDTH {
                text.push_str(&flat);
                return;
            }
        }
        value::write(self.source, entry.start..brace, self.indent + 4, self.indent, text);
        brace_comments(self.source, brace, self.indent, text);
        body(self.source, brace, entry.end - 1, self.indent, text);
    }

    fn print(&self, out: &mut String) {
        let column = self.comment_column();
        for line in &self.lines {
            if line.blank_above {
                out.push('\n');
            }
            out.push('\n');
            out.push_str(&line.text);
            let Some(trailing) = &line.trailing else { continue };
            let width = last_width(&line.text);
            let blanks = if fits(line, column) { column - width } else { 2 };
            out.extend(std::iter::repeat_n(' ', blanks));
            out.push_str(trailing);
        }
    }

    /// Where comments behind entries of one line start.
    fn comment_column(&self) -> usize {
        let commented = self.lines.iter().filter(|line| line.trailing.is_some());
        let widths =
            commented.map(|line| (last_width(&line.text) + 2, line)).filter(|(column, line)| fits(line, *column));
        widths.map(|(column, _)| column).max().unwrap_or(0)
    }
}

fn last_width(text: &str) -> usize {
    text.rsplit('\n').next().map_or(0, |line| line.chars().count())
}

/// Whether the comment behind a line may start at a column.
fn fits(line: &Line, column: usize) -> bool {
    let trailing = line.trailing.as_ref().map_or(0, |trailing| trailing.chars().count());
    !line.text.contains('\n') && last_width(&line.text) + 2 <= column && column + trailing <= WIDTH
}
