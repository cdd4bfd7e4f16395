//! Values and headers: tokens with the blanks between them, and where a line may break.

use super::WIDTH;
use super::source::Source;
use crate::lex::Kind;
use crate::parse::text::{dedent, indentation};
use std::borrow::Cow;
use std::ops::Range;

/// A token or a comment of a value.
struct Piece<'a> {
    text: Cow<'a, str>,
    width: usize,
    /// A blank before it.
    blank: bool,
    /// A line may break before it; lower ranks break first.
    rank: Option<u16>,
    comment: Comment,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comment {
    No,
    /// On the line of what stands before it.
    Trailing,
    OwnLine,
}

/// Some tokens on one line.
pub(super) fn flat(source: &Source<'_>, range: Range<usize>) -> String {
    let mut out = String::new();
    for piece in pieces(source, range, 0) {
        if piece.blank && !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&piece.text);
    }
    out
}

/// Some tokens from a column on, on as many lines as they need; further lines start at `margin`.
pub(super) fn write(source: &Source<'_>, range: Range<usize>, margin: usize, indent: usize, out: &mut String) {
    let pieces = pieces(source, range, indent);
    let column = out.rsplit('\n').next().map_or(0, |line| line.chars().count());
    let mut lines = Lines { out, column, margin, fresh: true };
    lines.lay(&pieces);
}

struct Lines<'o> {
    out: &'o mut String,
    column: usize,
    margin: usize,
    /// Nothing of the value stands on this line yet.
    fresh: bool,
}

impl Lines<'_> {
    fn lay(&mut self, pieces: &[Piece<'_>]) {
        let commented = pieces.iter().any(|piece| piece.comment != Comment::No);
        let rank = pieces.iter().skip(1).filter_map(|piece| piece.rank).min();
        let (Some(rank), true) = (rank, commented || self.column + width(pieces) > WIDTH) else {
            for piece in pieces {
                self.piece(piece);
            }
            return;
        };
        let mut rest = pieces;
        let mut first = true;
        while !rest.is_empty() {
            let next = rest.iter().skip(1).position(|piece| piece.rank == Some(rank)).map_or(rest.len(), |at| at + 1);
            let (part, behind) = rest.split_at(next);
            let fills = rank % 2 == 0
                && self.column + width(part) <= WIDTH
                && part.iter().all(|piece| piece.comment == Comment::No);
            if !first && !fills {
                self.newline();
            }
            self.lay(part);
            first = false;
            rest = behind;
        }
    }

    fn piece(&mut self, piece: &Piece<'_>) {
        if piece.comment == Comment::OwnLine {
            self.newline();
        } else if !self.out.ends_with(' ') && (!self.fresh || piece.comment == Comment::Trailing) && piece.blank {
            self.out.push(' ');
            self.column += 1;
        }
        self.out.push_str(&piece.text);
        match piece.text.rfind('\n') {
            Some(at) => self.column = piece.text[at + 1..].chars().count(),
            None => self.column += piece.width,
        }
        self.fresh = false;
        if piece.comment != Comment::No {
            self.newline();
        }
    }

    fn newline(&mut self) {
        let kept = self.out.trim_end_matches([' ', '\n']).len();
        self.out.truncate(kept);
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', self.margin));
        self.column = self.margin;
        self.fresh = true;
    }
}

/// The columns of pieces on one line, up to a line end inside the first of them that has one.
fn width(pieces: &[Piece<'_>]) -> usize {
    let mut width = 0;
    for piece in pieces {
        width += piece.width + usize::from(piece.blank);
        if piece.text.contains('\n') {
            break;
        }
    }
    width
}

fn pieces<'a>(source: &Source<'a>, range: Range<usize>, indent: usize) -> Vec<Piece<'a>> {
    let mut pieces = Vec::with_capacity(range.len());
    let mut breaks = Breaks::default();
    for at in range.clone() {
        if at > range.start || source.kind(at.wrapping_sub(1)) == Some(Kind::Colon) {
            comments(source, at, &mut pieces);
        }
        let rank = breaks.before(source, at).filter(|_| at > range.start);
        let text = text(source, at, indent);
        let first = text.split('\n').next().unwrap_or("");
        let width = first.chars().count();
        pieces.push(Piece { width, blank: at > range.start && blank(source, at), text, rank, comment: Comment::No });
    }
    pieces
}

fn comments<'a>(source: &Source<'a>, at: usize, pieces: &mut Vec<Piece<'a>>) {
    for comment in source.comments_before(at) {
        let text = comment.text(source.text()).trim_end();
        let place = if comment.newlines == 0 { Comment::Trailing } else { Comment::OwnLine };
        let width = text.chars().count();
        pieces.push(Piece { text: Cow::Borrowed(text), width, blank: true, rank: None, comment: place });
    }
}

/// A token as it is printed.
fn text<'a>(source: &Source<'a>, at: usize, indent: usize) -> Cow<'a, str> {
    let text = source.word(at);
    match source.kind(at) {
        Some(Kind::LongText) => long_text(text, indent),
        Some(Kind::Operator) if text == "!=" => Cow::Borrowed("<>"),
        Some(Kind::Name) if is_word(source.code(at)) && text.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            Cow::Owned(text.to_ascii_lowercase())
        }
        _ => Cow::Borrowed(text),
    }
}

/// A text of several lines, two columns deeper than its entry if that leaves what it says as it is.
fn long_text(text: &str, indent: usize) -> Cow<'_, str> {
    if !text.contains('\n') {
        return Cow::Borrowed(text);
    }
    let said = dedent(text);
    let mut moved = String::with_capacity(text.len());
    moved.push_str("\"\"\"\n");
    for line in said.split('\n') {
        if !line.is_empty() {
            moved.extend(std::iter::repeat_n(' ', indent + 2));
            moved.push_str(line);
        }
        moved.push('\n');
    }
    moved.extend(std::iter::repeat_n(' ', indent));
    moved.push_str("\"\"\"");
    let starts_below = text.strip_prefix("\"\"\"").is_some_and(|inner| inner.starts_with(['\n', '\r']));
    let tidy = said.split('\n').any(|line| indentation(line) == 0 && !line.is_empty());
    if starts_below && tidy && dedent(&moved) == said {
        return Cow::Owned(moved);
    }
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) }
}

/// Whether a token is a reserved word that stands as one.
fn is_word(code: u8) -> bool {
    matches!(code, b'A'..=b'Z' | b'b' | b'c' | b'e' | b'f' | b't' | b'w' | b'z')
}

/// Whether a blank stands between a token and the one before it.
fn blank(source: &Source<'_>, at: usize) -> bool {
    let (before, this) = (source.code(at - 1), source.code(at));
    match (before, this) {
        (_, b',' | b')' | b':' | b'.') | (b'(' | b'.', _) => false,
        // A call; the words before a parenthesis are operators.
        (b'n' | b's' | b'i', b'(') => false,
        // `- -1`: two of them together are a comment elsewhere.
        (b'^', b'^') => true,
        (b'^', _) => !is_sign(source, at - 1),
        _ => true,
    }
}

/// Whether a minus stands before its only operand.
fn is_sign(source: &Source<'_>, at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return true };
    let code = source.code(before);
    match source.kind(before) {
        Some(Kind::Name) => is_word(code) && !matches!(code, b'b' | b'z' | b'f') || code == b'l',
        Some(Kind::Operator | Kind::OpenParen | Kind::Comma | Kind::Colon) => true,
        _ => false,
    }
}

/// Where lines may break: behind commas, before `and`, `or`, `when`, `else` and `end`; outer ones first.
#[derive(Default)]
struct Breaks {
    depth: u16,
    /// At which depths a `between` waits for its `and`.
    between: Vec<u16>,
}

impl Breaks {
    fn before(&mut self, source: &Source<'_>, at: usize) -> Option<u16> {
        let after_comma = at > 0 && source.code(at - 1) == b',';
        match source.code(at) {
            b'(' | b'c' => {
                self.depth += 1;
                return after_comma.then_some((self.depth - 1) * 2);
            }
            b')' => self.depth = self.depth.saturating_sub(1),
            b'f' => {
                self.depth = self.depth.saturating_sub(1);
                return Some(self.depth * 2 + 1);
            }
            b'w' | b'e' => return Some(self.depth.saturating_sub(1) * 2 + 1),
            b'V' => self.between.push(self.depth),
            b'A' if self.between.last() == Some(&self.depth) => {
                self.between.pop();
            }
            b'A' | b'O' => return Some(self.depth * 2 + 1),
            _ => {}
        }
        after_comma.then_some(self.depth * 2)
    }
}
