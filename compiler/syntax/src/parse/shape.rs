//! Tokens to the input of the grammar, one character each: where a word becomes a name, a key, a unit or an operator.
//!
//! A name before `:` or `{` is a key, whatever word it is; so is one before `name {` on its line. A name behind a number
//! on the same line is a unit; `2026-Q3` is a name where it is a whole value. `last`, `each`, … are operators only if an operand follows; `at`, `from`, `to`, … only if one
//! stands before them, so that a column may have such a name.

use super::tokens::Tokens;
use crate::lex::Kind;
use crate::words::{Word, counts, is_prefix, reserved};
use std::ops::Range;

/// Appends the input of the grammar for some tokens, of which those before the end of `header` are the header of an item.
pub(crate) fn write(tokens: &Tokens<'_>, range: Range<usize>, header: Range<usize>, shape: &mut String) {
    let mut at = range.start;
    if !header.is_empty() && tokens.kind(at) == Some(Kind::Name) {
        at = words(tokens, at, 'n', range.end, shape);
    }
    while at < range.end {
        let after_value = shape.bytes().last().is_some_and(ends_value);
        let code = code(tokens, at, range.end, Around { in_header: header.contains(&at), after_value });
        at = match code {
            b'k' if tokens.kind(at + 1) != Some(Kind::Colon) => words(tokens, at, 'k', range.end, shape),
            _ => {
                shape.push(char::from(code));
                at + 1
            }
        };
    }
}

/// A kind or the key of a group, and the name behind it if there is one.
fn words(tokens: &Tokens<'_>, at: usize, first: char, end: usize, shape: &mut String) -> usize {
    shape.push(first);
    let Some(next) = tokens.after_item_name(at + 1).filter(|next| *next <= end) else { return at + 1 };
    for part in at + 1..next {
        shape.push(match tokens.kind(part) {
            _ if part == at + 1 => 'i',
            Some(Kind::Dot) => '.',
            _ => 's',
        });
    }
    next
}

/// What decides about a word, besides the words beside it.
#[derive(Clone, Copy)]
struct Around {
    in_header: bool,
    /// A value has just ended, so that an operator may follow.
    after_value: bool,
}

/// Whether a value may end with a token of this character.
fn ends_value(code: u8) -> bool {
    matches!(code, b'n' | b's' | b'u' | b'#' | b'p' | b'd' | b'"' | b')' | b'b' | b'z' | b'f')
}

fn code(tokens: &Tokens<'_>, at: usize, end: usize, around: Around) -> u8 {
    let Some(token) = tokens.list.get(at) else { return b' ' };
    match token.kind {
        Kind::Name => name(tokens, at, end, around),
        Kind::Number | Kind::Date | Kind::Mixed if is_segment(tokens, at) => b's',
        Kind::Mixed if tokens.is_name_of_a_year(at, end) => b'n',
        Kind::Number => b'#',
        Kind::Percent => b'p',
        Kind::Date => b'd',
        Kind::Text | Kind::LongText => b'"',
        Kind::Colon => b':',
        Kind::Comma => b',',
        Kind::Dot if is_tight(tokens, at) => b'.',
        Kind::OpenParen => b'(',
        Kind::CloseParen => b')',
        Kind::OpenBrace => b'{',
        Kind::CloseBrace => b'}',
        Kind::Arrow => b'~',
        Kind::Operator => operator(token.text(tokens.text)),
        _ => b' ',
    }
}

fn operator(text: &str) -> u8 {
    match text {
        "=" => b'=',
        "<>" | "!=" => b'@',
        "<" => b'<',
        "<=" => b'[',
        ">" => b'>',
        ">=" => b']',
        "+" => b'_',
        "-" => b'^',
        "*" => b'X',
        "/" => b'\\',
        _ => b'R',
    }
}

fn name(tokens: &Tokens<'_>, at: usize, end: usize, around: Around) -> u8 {
    if is_segment(tokens, at) {
        return b's';
    }
    if tokens.is_key(at) && at + 1 < end && !(around.in_header && tokens.kind(at + 1) != Some(Kind::Colon)) {
        return b'k';
    }
    let text = tokens.word(at);
    if tokens.kind(at + 1) == Some(Kind::Dot) && at + 1 < end && is_tight(tokens, at + 1) {
        return b'n';
    }
    if let Some(word) = reserved(text) {
        return if word.may_be_name() && !around.after_value { b'n' } else { word.code() };
    }
    if at > 0
        && tokens.kind(at - 1) == Some(Kind::Number)
        && tokens.list[at].newlines == 0
        && !is_segment(tokens, at - 1)
    {
        return b'u';
    }
    if is_prefix(text) && at + 1 < end && begins_operand(tokens, at + 1) {
        return b'l';
    }
    if counts(text) && at + 1 < end && tokens.kind(at + 1) == Some(Kind::Number) {
        return b'l';
    }
    b'n'
}

/// Whether a token follows a dot that joins names.
fn is_segment(tokens: &Tokens<'_>, at: usize) -> bool {
    at > 0 && tokens.kind(at - 1) == Some(Kind::Dot) && is_tight(tokens, at - 1)
}

/// Whether a dot touches names on both sides.
fn is_tight(tokens: &Tokens<'_>, dot: usize) -> bool {
    let list = &tokens.list;
    let Some([before, this, after]) = dot.checked_sub(1).and_then(|start| list.get(start..dot + 2)) else {
        return false;
    };
    before.end() == this.start()
        && this.end() == after.start()
        && matches!(before.kind, Kind::Name | Kind::Number | Kind::Mixed | Kind::Date)
        && matches!(after.kind, Kind::Name | Kind::Number | Kind::Mixed | Kind::Date)
}

/// Whether the operand of a word before it may begin at a token.
pub(super) fn begins_operand(tokens: &Tokens<'_>, at: usize) -> bool {
    match tokens.kind(at) {
        Some(Kind::Number | Kind::Percent | Kind::Date | Kind::Text | Kind::LongText | Kind::Mixed) => true,
        Some(Kind::Name) => reserved(tokens.word(at)).is_none_or(Word::is_literal) && !tokens.is_key(at),
        _ => false,
    }
}
