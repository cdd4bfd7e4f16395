//! How deep a text may nest. Measured on tokens before anything recursive looks at them, so that no text can exhaust
//! the stack of this parser or of whoever walks its tree.

use crate::lex::{Kind, Token};
use crate::words::{Word, reserved};

/// Parentheses and `case` inside one another.
pub(crate) const MOST_NESTED: usize = 64;
/// Operators in one chain, without a comma, a parenthesis or a new entry between them.
pub(crate) const MOST_OPERATORS: u16 = 256;
/// Blocks inside one another, that of the item included.
pub(crate) const MOST_BLOCKS: usize = 16;
/// The levels of the tree of one expression, all taken together.
pub(crate) const MOST_LEVELS: u16 = 320;

/// What is exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Excess {
    Nested,
    Operators,
}

/// Measures a run of tokens.
pub(crate) struct Gauge {
    operators: [u16; MOST_NESTED + 1],
    is_case: [bool; MOST_NESTED + 1],
    depth: usize,
    after_dot: bool,
}

impl Gauge {
    pub(crate) fn new() -> Self {
        Self { operators: [0; MOST_NESTED + 1], is_case: [false; MOST_NESTED + 1], depth: 0, after_dot: false }
    }

    /// Takes the next token; the excess is that of this very token.
    pub(crate) fn take(&mut self, token: &Token, text: &str) -> Option<Excess> {
        let after_dot = std::mem::replace(&mut self.after_dot, token.kind == Kind::Dot);
        match token.kind {
            Kind::OpenParen => self.enter(false),
            Kind::CloseParen => {
                // A parenthesis also ends every `case` that was left open in it.
                while self.depth > 0 && self.is_case[self.depth] {
                    self.depth -= 1;
                }
                self.depth = self.depth.saturating_sub(1);
                None
            }
            Kind::OpenBrace | Kind::CloseBrace | Kind::Colon if self.depth == 0 || token.kind != Kind::Colon => {
                self.depth = 0;
                self.operators[0] = 0;
                None
            }
            Kind::Comma => {
                self.operators[self.depth] = 0;
                None
            }
            Kind::Operator => self.operator(),
            Kind::Name if !after_dot && token.end() - token.start() <= 8 => self.name(token.text(text)),
            _ => None,
        }
    }

    fn enter(&mut self, is_case: bool) -> Option<Excess> {
        if self.depth == MOST_NESTED {
            return Some(Excess::Nested);
        }
        self.depth += 1;
        self.operators[self.depth] = 0;
        self.is_case[self.depth] = is_case;
        None
    }

    fn operator(&mut self) -> Option<Excess> {
        let count = &mut self.operators[self.depth];
        *count = count.saturating_add(1);
        (*count > MOST_OPERATORS).then_some(Excess::Operators)
    }

    fn name(&mut self, name: &str) -> Option<Excess> {
        match reserved(name) {
            Some(Word::Case) => self.enter(true),
            Some(Word::End) => {
                if self.depth > 0 && self.is_case[self.depth] {
                    self.depth -= 1;
                }
                None
            }
            Some(word) if word.is_inside_case() => {
                self.operators[self.depth] = 0;
                None
            }
            Some(word) if word.is_literal() => None,
            Some(_) => self.operator(),
            None if crate::words::is_prefix(name) => self.operator(),
            None => None,
        }
    }
}
