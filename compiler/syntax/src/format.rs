//! The one style: `format(text)` prints what a file says, with every comment, and printing it again changes nothing.
//!
//! It prints tokens in the order of the text, so nothing is ever lost or moved; the tree only says that the text is whole.
//! What it refuses: to format a file that cannot be parsed, and to leave anything to taste.

mod block;
mod source;
mod value;

#[cfg(test)]
mod tests;

use crate::diagnostic::Diagnostic;
use crate::lex::{Kind, Token};
use crate::parse::parse;
use crate::source::FileId;
use source::Source;
use std::ops::Range;

/// The columns a line has.
const WIDTH: usize = 100;

/// Prints a file in the one style.
///
/// # Errors
/// The findings of a file that cannot be parsed.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let parsed = parse(FileId(0), text);
    if !parsed.diagnostics.is_empty() {
        return Err(parsed.diagnostics);
    }
    let source = Source::read(text, &parsed.file.items);
    let mut page = Page { source: &source, out: String::with_capacity(text.len()), before: Before::Start };
    let mut at = 0;
    while at < source.items.len() {
        at = page.items(at);
    }
    let rest = source.comments_between(source.list().last().map_or(0, Token::end), usize::MAX);
    page.comments(rest, false);
    if !page.out.is_empty() {
        page.out.push('\n');
    }
    Ok(page.out)
}

/// What stands above.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Start,
    Comment,
    Doc,
    /// An item on one line.
    Line,
    Item,
}

struct Page<'s, 'a> {
    source: &'s Source<'a>,
    out: String,
    before: Before,
}

impl Page<'_, '_> {
    /// Prints the item at an index, with its neighbours if they stand on single lines below one another.
    fn items(&mut self, at: usize) -> usize {
        let item = self.source.items[at].clone();
        let Some(first) = block::cells(self.source, &item) else {
            self.leading(&item, false);
            block::item(self.source, &item, &mut self.out);
            self.before = Before::Item;
            return at + 1;
        };
        let mut rows = vec![first];
        while let Some(next) = self.source.items.get(at + rows.len())
            && self.source.is_below(next)
            && let Some(row) = block::cells(self.source, next).filter(|row| row.keys == rows[0].keys)
        {
            rows.push(row);
        }
        let lines = block::align(&rows);
        for (offset, line) in lines.iter().enumerate() {
            let item = self.source.items[at + offset].clone();
            self.leading(&item, true);
            self.out.push_str(line);
            self.before = Before::Line;
        }
        at + rows.len()
    }

    /// Prints the comments above an item, and the blank line that sets it off.
    fn leading(&mut self, item: &Range<usize>, is_line: bool) {
        let token = self.source.list()[item.start];
        let above = item.start.checked_sub(1).map_or(0, |before| self.source.list()[before].end());
        self.comments(self.source.comments_between(above, token.start()), is_line);
        let blank = match self.before {
            Before::Start => return,
            Before::Doc => false,
            Before::Comment => token.newlines > 1,
            Before::Line | Before::Item => token.newlines > 1 || !is_line,
        };
        self.out.push_str(if blank { "\n\n" } else { "\n" });
    }

    /// Prints the comments of a gap; `line_follows` if an item on one line comes next.
    fn comments(&mut self, comments: &[Token], line_follows: bool) {
        for comment in comments {
            let text = comment.text(self.source.text()).trim_end();
            let trails = comment.newlines == 0 && comment.kind == Kind::Comment;
            match self.before {
                Before::Start => {}
                Before::Line | Before::Item if trails => {
                    self.out.push_str("  ");
                    self.out.push_str(text);
                    continue;
                }
                Before::Line | Before::Item if !line_follows => self.out.push_str("\n\n"),
                _ => self.out.push_str(if comment.newlines > 1 { "\n\n" } else { "\n" }),
            }
            self.out.push_str(text);
            self.before = if comment.kind == Kind::Doc { Before::Doc } else { Before::Comment };
        }
    }
}
