//! A file in pieces: each item on its own, by counting braces. Linear in the tokens whatever they are.

use super::limits::{Gauge, MOST_BLOCKS};
use super::tokens::Tokens;
use crate::lex::Kind;

/// A stretch of tokens at the outermost level; ends are exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// What looks whole: from its kind to its closing brace.
    Whole { start: usize, brace: usize, end: usize },
    /// Has a body, and something that the grammar need not see to know that it is wrong.
    Flawed { start: usize, brace: usize, end: usize, closed: bool },
    /// Words without a body.
    Bodiless { start: usize, end: usize },
    /// A closing brace that closes nothing.
    Stray { at: usize },
}

/// How often a missing brace may cost a look at the whole rest of the file.
const LONG_LOOKS: usize = 8;
/// How often it may cost reading the rest again; a file with more such braces has as many findings already.
const RETURNS: usize = 8;

/// Goes through the pieces of a file.
pub(crate) struct Splitter {
    next: usize,
    long_looks: usize,
    returns: usize,
}

impl Splitter {
    pub(crate) fn new() -> Self {
        Self { next: 0, long_looks: LONG_LOOKS, returns: RETURNS }
    }

    /// The next piece, or nothing at the end.
    pub(crate) fn piece(&mut self, tokens: &Tokens<'_>) -> Option<Piece> {
        let start = self.next;
        let piece = match tokens.kind(start)? {
            Kind::CloseBrace => Piece::Stray { at: start },
            _ => match header_end(tokens, start) {
                end if tokens.kind(end) == Some(Kind::OpenBrace) => self.with_body(tokens, start, end),
                end => Piece::Bodiless { start, end },
            },
        };
        self.next = match piece {
            Piece::Whole { end, .. } | Piece::Flawed { end, .. } | Piece::Bodiless { end, .. } => end,
            Piece::Stray { at } => at + 1,
        };
        Some(piece)
    }

    /// Goes on at a token: the piece before turned out to end there.
    pub(crate) fn resume(&mut self, at: usize) {
        if at < self.next && self.returns > 0 {
            self.returns -= 1;
            self.next = at;
        }
    }

    fn with_body(&mut self, tokens: &Tokens<'_>, start: usize, brace: usize) -> Piece {
        if self.long_looks > 0 {
            if let Some(body) = body(tokens, start, brace, Ends::AtBrace) {
                return body;
            }
            self.long_looks -= 1;
        }
        body(tokens, start, brace, Ends::AlsoAtItem).unwrap_or(Piece::Flawed {
            start,
            brace,
            end: tokens.list.len(),
            closed: false,
        })
    }
}

/// Where a body may end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// At its closing brace only.
    AtBrace,
    /// Also before what looks like the next item and stands no deeper.
    AlsoAtItem,
}

/// The first token behind a header: its brace, a closing brace, what looks like the next item, or the end.
fn header_end(tokens: &Tokens<'_>, start: usize) -> usize {
    let mut open: usize = 0;
    let mut at = start;
    while let Some(kind) = tokens.kind(at) {
        match kind {
            Kind::OpenBrace | Kind::CloseBrace => break,
            Kind::OpenParen => open += 1,
            Kind::CloseParen => open = open.saturating_sub(1),
            Kind::Name
                if at > start
                    && tokens.looks_like_item(at)
                    && (open == 0 || tokens.indent(at) <= tokens.indent(start)) =>
            {
                break;
            }
            _ => {}
        }
        at += 1;
    }
    at
}

/// The body from a brace on, or nothing if it has no end.
fn body(tokens: &Tokens<'_>, start: usize, brace: usize, ends: Ends) -> Option<Piece> {
    let mut gauge = Gauge::new();
    let mut flawed = false;
    for token in tokens.list.get(start..brace)? {
        flawed |= token.is_foreign() || gauge.take(token, tokens.text).is_some();
    }
    let mut depth = 0;
    for (offset, token) in tokens.list.get(brace..)?.iter().enumerate() {
        let at = brace + offset;
        match token.kind {
            Kind::OpenBrace => {
                depth += 1;
                flawed |= depth > MOST_BLOCKS;
            }
            Kind::CloseBrace => {
                depth -= 1;
                if depth == 0 {
                    let end = at + 1;
                    return Some(if flawed {
                        Piece::Flawed { start, brace, end, closed: true }
                    } else {
                        Piece::Whole { start, brace, end }
                    });
                }
            }
            Kind::Name
                if ends == Ends::AlsoAtItem
                    && tokens.looks_like_item(at)
                    && tokens.indent(at) <= tokens.indent(start) =>
            {
                return Some(Piece::Flawed { start, brace, end: at, closed: false });
            }
            _ => {}
        }
        flawed |= token.is_foreign() || gauge.take(token, tokens.text).is_some();
    }
    None
}
