//! The text as the formatter sees it: tokens with what each of them is, and the comments between them.

use crate::ast::Item;
use crate::lex::{Kind, Token};
use crate::parse::shape;
use crate::parse::tokens::Tokens;
use crate::source::FileId;
use std::ops::Range;

/// A text without syntax errors.
pub(super) struct Source<'a> {
    tokens: Tokens<'a>,
    /// The character of each token in the input of the grammar.
    codes: Vec<u8>,
    comments: Vec<Token>,
    /// The tokens of each item.
    pub(super) items: Vec<Range<usize>>,
}

impl<'a> Source<'a> {
    pub(super) fn read(text: &'a str, items: &[Item]) -> Self {
        let (tokens, docs) = Tokens::read(FileId(0), text);
        let mut codes = String::with_capacity(tokens.list.len());
        let mut ranges = Vec::with_capacity(items.len());
        let mut start = 0;
        for item in items {
            let end = start + tokens.list[start..].partition_point(|token| token.start() < item.span.end as usize);
            let brace = (start..end).find(|at| tokens.kind(*at) == Some(Kind::OpenBrace)).unwrap_or(end);
            shape::write(&tokens, start..end, start..brace, &mut codes);
            ranges.push(start..end);
            start = end;
        }
        Self { tokens, codes: codes.into_bytes(), comments: docs.comments, items: ranges }
    }

    pub(super) fn text(&self) -> &'a str {
        self.tokens.text
    }

    pub(super) fn list(&self) -> &[Token] {
        &self.tokens.list
    }

    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.kind(at)
    }

    pub(super) fn word(&self, at: usize) -> &'a str {
        self.tokens.word(at)
    }

    /// What the grammar takes a token for.
    pub(super) fn code(&self, at: usize) -> u8 {
        self.codes.get(at).copied().unwrap_or(b' ')
    }

    /// The comments in a range of bytes.
    pub(super) fn comments_between(&self, from: usize, to: usize) -> &[Token] {
        let first = self.comments.partition_point(|comment| comment.start() < from);
        let last = self.comments.partition_point(|comment| comment.start() < to);
        self.comments.get(first..last).unwrap_or(&[])
    }

    /// The comments between a token and the one before it.
    pub(super) fn comments_before(&self, at: usize) -> &[Token] {
        match (at.checked_sub(1).and_then(|before| self.list().get(before)), self.list().get(at)) {
            (Some(before), Some(token)) => self.comments_between(before.end(), token.start()),
            _ => &[],
        }
    }

    /// Whether nothing stands between an item and the one above it, not even an empty line.
    pub(super) fn is_below(&self, item: &Range<usize>) -> bool {
        self.list()[item.start].newlines < 2 && self.comments_before(item.start).is_empty()
    }

    /// Whether some tokens stand on one line and hold no comment; the place before the first does not count.
    pub(super) fn on_one_line(&self, range: &Range<usize>) -> bool {
        let Some([first, rest @ ..]) = self.list().get(range.clone()) else { return true };
        let end = rest.last().map_or(first.end(), Token::end);
        rest.iter().all(|token| token.newlines == 0)
            && self.comments_between(first.start(), end).is_empty()
            && !self.text().get(first.start()..end).is_some_and(|text| text.contains('\n'))
    }

    /// The token behind the brace that closes the one at a token.
    pub(super) fn behind_block(&self, brace: usize) -> usize {
        let mut depth = 0;
        for at in brace..self.list().len() {
            match self.kind(at) {
                Some(Kind::OpenBrace) => depth += 1,
                Some(Kind::CloseBrace) => {
                    depth -= 1;
                    if depth == 0 {
                        return at + 1;
                    }
                }
                _ => {}
            }
        }
        self.list().len()
    }
}
