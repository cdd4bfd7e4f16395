//! Tables as they are written in a text: a header, then rows, with `|` between the cells.
//!
//! Blanks around a cell are not part of it, an empty cell is null. A cell in quotes is a text as it stands: `""` is the empty
//! one, `"a | b"` holds the sign, and a quote in it is written twice.

use crate::example::{TextCell, TextColumn, TextRow, TextTable};
use groma_syntax::{Code, Diagnostic, SourceMap, Span};

/// A table that is none.
pub(crate) static BAD_TABLE: Code =
    Code::error("example/bad-table", "A text of an example is not a table: a header, then rows as wide as it.");

const QUOTES: &str = "\"\"\"";

/// Reads the table of a text.
pub(super) fn read(text: &str, span: Span, sources: &SourceMap) -> Result<TextTable, Box<Diagnostic>> {
    let lines = Lines::of(text, span, sources);
    let mut lines = lines.list.into_iter().filter(|line| !line.text.trim().is_empty());
    let Some(header) = lines.next() else {
        return Err(bad_table(span, "this table has no header", "without a header"));
    };
    let mut columns: Vec<TextColumn> = Vec::new();
    for cell in header.cells()? {
        let name = cell.text.unwrap_or_default();
        if name.is_empty() {
            return Err(bad_table(cell.span, "a column of this table has no name", "a name is missing"));
        }
        if columns.iter().any(|known| known.name == name) {
            return Err(bad_table(cell.span, &format!("this table has two columns `{name}`"), "named again here"));
        }
        columns.push(TextColumn { name: name.into(), span: cell.span });
    }
    let mut rows = Vec::new();
    for line in lines {
        let cells = line.cells()?;
        if cells.len() != columns.len() {
            let headline = format!("a row of {} under a header of {}", counted(cells.len()), counted(columns.len()));
            return Err(bad_table(line.place(0, line.text.len()), &headline, "not as wide as the header"));
        }
        rows.push(TextRow { span: line.place(0, line.text.len()), cells });
    }
    Ok(TextTable { span, columns, rows })
}

fn counted(cells: usize) -> String {
    if cells == 1 { "1 cell".to_owned() } else { format!("{cells} cells") }
}

fn bad_table(span: Span, headline: &str, label: &str) -> Box<Diagnostic> {
    Box::new(BAD_TABLE.finding(headline).at(span, label).help(
        "write a header and rows, with `|` between the cells; an empty cell is null, a text with `|` stands in quotes",
    ))
}

/// The lines of a text, with their places where the file shows them as they are.
struct Lines<'t> {
    list: Vec<Line<'t>>,
}

struct Line<'t> {
    /// Without blanks at its ends.
    text: &'t str,
    /// Of its first byte; none where escapes stand between the text and its file.
    start: Option<u32>,
    whole: Span,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str, whole: Span, sources: &'t SourceMap) -> Self {
        let written = sources.slice(whole);
        let inner = written.strip_prefix(QUOTES).and_then(|rest| rest.strip_suffix(QUOTES));
        let (lines, mut at) = match inner {
            Some(inner) => (inner, Some(whole.start as usize + QUOTES.len())),
            None => (text, None),
        };
        let list = lines.split_inclusive('\n').map(|line| {
            let start = at.and_then(|at| u32::try_from(at + line.len() - line.trim_start().len()).ok());
            at = at.map(|at| at + line.len());
            Line { text: line.trim(), start, whole }
        });
        Self { list: list.collect() }
    }
}

impl Line<'_> {
    /// The place of a range of its bytes.
    fn place(&self, from: usize, to: usize) -> Span {
        match self.start {
            Some(start) => Span::new(self.whole.file, start as usize + from, start as usize + to),
            None => self.whole,
        }
    }

    fn cells(&self) -> Result<Vec<TextCell>, Box<Diagnostic>> {
        let mut cells = Vec::new();
        let mut at = 0;
        loop {
            let rest = &self.text[at..];
            let start = at + rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let (text, end) = if self.text[start..].starts_with('"') {
                self.quoted(start)?
            } else {
                let end = self.text[start..].find('|').map_or(self.text.len(), |length| start + length);
                let text = self.text[start..end].trim_end();
                ((!text.is_empty()).then(|| text.to_owned()), end)
            };
            cells.push(TextCell { text, span: self.place(start, start + self.text[start..end].trim_end().len()) });
            if end == self.text.len() {
                return Ok(cells);
            }
            at = end + 1;
        }
    }

    /// A cell that begins with a quote, and where its `|` or the end of the line is.
    fn quoted(&self, start: usize) -> Result<(Option<String>, usize), Box<Diagnostic>> {
        let mut text = String::new();
        let mut at = start + 1;
        loop {
            let Some(length) = self.text[at..].find('"') else {
                let place = self.place(start, self.text.len());
                return Err(bad_table(place, "a quotation begins in this table and never ends", "begins here"));
            };
            text.push_str(&self.text[at..at + length]);
            at += length + 1;
            if !self.text[at..].starts_with('"') {
                break;
            }
            text.push('"');
            at += 1;
        }
        let rest = self.text[at..].trim_start();
        let end = self.text.len() - rest.len();
        match rest.is_empty() || rest.starts_with('|') {
            true => Ok((Some(text), end)),
            false => {
                Err(bad_table(self.place(start, self.text.len()), "something follows a quotation", "no `|` follows"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use groma_syntax::FileId;

    fn table(text: &str) -> Result<TextTable, Box<Diagnostic>> {
        let mut sources = SourceMap::default();
        let written = format!("{QUOTES}{text}{QUOTES}");
        let span = Span::new(sources.add("a.groma", written.as_str()), 0, written.len());
        read(text, span, &sources)
    }

    #[test]
    fn cells_are_trimmed_and_may_be_null() {
        let text = "\n  a | b\n  1 |\n    | \"\"\n\n  \"x | \"\"y\" | z z\n";
        let table = table(text).unwrap();
        let shown: Vec<Vec<Option<&str>>> =
            table.rows.iter().map(|row| row.cells.iter().map(|cell| cell.text.as_deref()).collect()).collect();
        assert_eq!(shown, [[Some("1"), None], [None, Some("")], [Some("x | \"y"), Some("z z")]]);
        assert_eq!((table.columns[1].name.as_str(), table.position("b")), ("b", Some(1)));
        let span = table.rows[2].cells[1].span;
        assert_eq!(&format!("{QUOTES}{text}")[span.start as usize..span.end as usize], "z z");
    }

    #[test]
    fn texts_in_plain_quotes_are_tables_too() {
        let mut sources = SourceMap::default();
        let span = Span::new(sources.add("a.groma", "\"a | b\\n1 | 2\""), 0, 14);
        let table = read("a | b\n1 | 2", span, &sources).unwrap();
        assert_eq!((table.rows.len(), table.rows[0].span), (1, span));
        assert_eq!(span.file, FileId(0));
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for (text, said) in [
            ("", "no header"),
            ("a |", "no name"),
            ("a | a", "two columns `a`"),
            ("a | b\n1", "1 cell under a header of 2 cells"),
            ("a\n\"1", "never ends"),
            ("a\n\"1\" 2", "follows a quotation"),
        ] {
            let found = table(text).unwrap_err();
            assert!(found.headline.contains(said), "{text}: {}", found.headline);
        }
    }
}
