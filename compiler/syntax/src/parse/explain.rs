//! Why the grammar refused a value: the tokens read again as operands and operators in turn.
//!
//! The grammar decides what is wrong, this module only where and in which words. What it cannot explain is reported where
//! the grammar stopped.

use super::limits::{Excess, Gauge, MOST_NESTED, MOST_OPERATORS};
use super::tokens::Tokens;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::grammar::Rule;
use crate::lex::Kind;
use crate::source::Span;
use crate::words::{Word, counts, is_prefix, reserved};
use pest::error::{Error, InputLocation};
use std::ops::Range;

/// The character of the shape, a token, at which pest stopped.
pub(super) fn position(error: &Error<Rule>) -> usize {
    match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    }
}

/// Words for a headline: the beginning of a long text.
pub(super) fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    if line.chars().count() <= 40 && line.len() == text.len() {
        return line.to_owned();
    }
    let beginning: String = line.chars().take(36).collect();
    format!("{beginning} …")
}

/// The finding about a token that nothing better can be said about.
pub(super) fn unexpected(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
    match tokens.list.get(at) {
        Some(_) => codes::UNEXPECTED
            .finding(format!("`{}` cannot stand here", short(tokens.word(at))))
            .at(tokens.span_of(at), "not expected here"),
        None => codes::UNEXPECTED.finding("the file ends too early").at(tokens.span_of(at), "more is expected here"),
    }
}

/// The finding about a reserved word in the place of a value.
pub(super) fn reserved_operand(text: &str, span: Span) -> Diagnostic {
    let finding = codes::UNEXPECTED
        .finding(format!("`{text}` stands where a value is expected"))
        .at(span, "a word of the language, not a name");
    match reserved(text) {
        Some(word) if word.is_own() => {
            finding.help(format!("for a column of this name write its source too: `orders.{text}`"))
        }
        Some(word) if word.is_inside_case() => finding.help("write `case when condition then value else value end`"),
        _ => finding.help("put a value before it, or take the word away"),
    }
}

/// What exceeds the limits in some tokens.
pub(super) fn excess(tokens: &Tokens<'_>, range: Range<usize>) -> Option<Diagnostic> {
    let first = range.start;
    let mut gauge = Gauge::new();
    for (offset, token) in tokens.list.get(range)?.iter().enumerate() {
        let Some(excess) = gauge.take(token, tokens.text) else { continue };
        let span = tokens.span_of(first + offset);
        let (headline, label) = match excess {
            Excess::Nested => {
                ("this expression nests too deeply to be read by anyone", format!("level {}", MOST_NESTED + 1))
            }
            Excess::Operators => (
                "this expression chains too many operators to be read by anyone",
                format!("operator {}", MOST_OPERATORS + 1),
            ),
        };
        let finding = codes::TOO_DEEP.finding(headline).at(span, label);
        return Some(finding.help("name a part of it as a function or a metric"));
    }
    None
}

/// Something in a block that has no `key:`.
pub(super) fn keyless(tokens: &Tokens<'_>, at: usize, end: usize) -> Diagnostic {
    let span = tokens.span_of(at);
    let word = short(tokens.word(at));
    let next = tokens.list.get(at + 1).filter(|next| at + 1 < end && next.newlines == 0);
    if tokens.kind(at) != Some(Kind::Name) {
        return match tokens.kind(at) {
            Some(Kind::Number | Kind::Percent | Kind::Date | Kind::Mixed | Kind::Text | Kind::LongText) => {
                codes::MISSING_KEY
                    .finding(format!("the value `{word}` has no key"))
                    .at(span, "nothing says what this is")
                    .help("write `key: value`")
            }
            Some(Kind::Colon) => codes::MISSING_KEY
                .finding("no key stands before this `:`")
                .at(span, "nothing says what follows")
                .help("write `key: value`"),
            _ => unexpected(tokens, at).help("an entry is written `key: value`"),
        };
    }
    let behind = Span::new(span.file, span.end as usize, span.end as usize);
    match next.map(|next| (next.kind, tokens.word(at + 1))) {
        Some((Kind::Operator, "=")) => codes::MISSING_COLON
            .finding(format!("the key `{word}` is followed by `=`"))
            .at(tokens.span_of(at + 1), "a key is followed by `:`")
            .help(format!("write `{word}:`"))
            .fix("write `:`", span.to(tokens.span_of(at + 1)), format!("{word}:")),
        Some((Kind::OpenParen | Kind::Dot | Kind::Comma | Kind::Operator, _)) => codes::MISSING_KEY
            .finding(format!("the value that begins with `{word}` has no key"))
            .at(span, "nothing says what this is")
            .help("write `key: value`"),
        Some((Kind::Arrow | Kind::CloseParen | Kind::Colon, _)) => unexpected(tokens, at + 1),
        Some(_) => codes::MISSING_COLON
            .finding(format!("no `:` follows the key `{word}`"))
            .at(span, "`:` is missing behind it")
            .help(format!("write `{word}: {}`", short(tokens.word(at + 1))))
            .fix("add the `:`", behind, ":"),
        None => codes::MISSING_COLON
            .finding(format!("`{word}` stands alone: it is neither an entry nor part of one"))
            .at(span, "no `:` and no value follow")
            .help(format!("write `{word}: value`, or a comma before it if it belongs to the entry before")),
    }
}

/// The parameters of a function.
pub(super) fn parameters(tokens: &Tokens<'_>, open: usize, brace: usize, at: usize) -> Diagnostic {
    let mut depth = 0;
    let closes = |at: usize| {
        depth += match tokens.kind(at) {
            Some(Kind::OpenParen) => 1,
            Some(Kind::CloseParen) => -1,
            _ => 0,
        };
        depth == 0
    };
    if !(open..brace).any(closes) {
        return unclosed(tokens, open, "(");
    }
    let before = at.saturating_sub(1);
    if tokens.kind(at) == Some(Kind::Name) && matches!(tokens.kind(before), Some(Kind::OpenParen | Kind::Comma)) {
        return codes::MISSING_COLON
            .finding(format!("the parameter `{}` has no type", short(tokens.word(at))))
            .at(tokens.span_of(at), "`:` and a type must follow")
            .help(format!("write `{}: type`", short(tokens.word(at))));
    }
    if tokens.kind(before) == Some(Kind::CloseParen) && tokens.kind(at) == Some(Kind::Name) {
        let ty = short(tokens.word(at));
        let finding = codes::UNEXPECTED.finding(format!("no `->` stands before the type `{ty}` of the value"));
        return finding.at(tokens.span_of(at), "`->` must come first").help(format!("write `-> {ty}`"));
    }
    unexpected(tokens, at).help("parameters are written `(name: type, name: type = value)`")
}

fn unclosed(tokens: &Tokens<'_>, at: usize, mark: &str) -> Diagnostic {
    let finding =
        codes::UNCLOSED.finding(format!("this `{mark}` is never closed")).at(tokens.span_of(at), "opened here");
    finding.help(if mark == "case" { "add `end`" } else { "add the missing `)`" })
}

/// Why the value in a range of tokens was refused; `position` is where the grammar stopped.
pub(super) fn value(tokens: &Tokens<'_>, from: usize, end: usize, position: usize) -> Diagnostic {
    if from >= end {
        let key = tokens.span_of(from.saturating_sub(2));
        let word = short(tokens.word(from.saturating_sub(2)));
        return codes::MISSING_VALUE
            .finding(format!("`{word}` has no value"))
            .at(key.to(tokens.span_of(from.saturating_sub(1))), "a value must follow")
            .help(format!("write `{word}: value`, or remove the key"));
    }
    let mut walk = Walk { tokens, from, end, open: Vec::new() };
    walk.run().unwrap_or_else(|| unexpected(tokens, position))
}

/// What is open, and where it was opened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Call(usize),
    Group(usize),
    /// With the last of its words.
    Case(usize, Word),
}

struct Walk<'t, 'a> {
    tokens: &'t Tokens<'a>,
    from: usize,
    end: usize,
    open: Vec<Open>,
}

/// What a step of the walk found.
enum Step {
    /// An operand is expected next, from this token on.
    Operand(usize),
    /// An operator is.
    Operator(usize),
    Wrong(Diagnostic),
}

impl Walk<'_, '_> {
    fn run(&mut self) -> Option<Diagnostic> {
        let mut step = Step::Operand(self.from);
        loop {
            step = match step {
                Step::Wrong(finding) => return Some(finding),
                Step::Operand(at) => self.operand(at),
                Step::Operator(at) if at >= self.end => {
                    return self.open.last().map(|open| match open {
                        Open::Case(at, _) => unclosed(self.tokens, *at, "case"),
                        Open::Call(at) | Open::Group(at) => unclosed(self.tokens, *at, "("),
                    });
                }
                Step::Operator(at) => self.operator(at),
            };
        }
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        if at < self.end { self.tokens.kind(at) } else { None }
    }

    fn word(&self, at: usize) -> Option<Word> {
        if self.kind(at) == Some(Kind::Name) { reserved(self.tokens.word(at)) } else { None }
    }

    fn operand(&mut self, at: usize) -> Step {
        let Some(kind) = self.kind(at) else { return Step::Wrong(self.missing(at)) };
        match kind {
            Kind::Name => self.name(at),
            Kind::Number => match self.kind(at + 1) {
                // A quantity.
                Some(Kind::Name) if self.word(at + 1).is_none() && self.tokens.list[at + 1].newlines == 0 => {
                    Step::Operator(at + 2)
                }
                _ => Step::Operator(at + 1),
            },
            Kind::Percent | Kind::Date | Kind::Text | Kind::LongText => Step::Operator(at + 1),
            Kind::Mixed if self.tokens.is_name_of_a_year(at, self.end) => Step::Operator(at + 1),
            Kind::Mixed => Step::Wrong(self.mixed(at)),
            Kind::Operator if self.tokens.word(at) == "-" => Step::Operand(at + 1),
            Kind::OpenParen => {
                self.open.push(Open::Group(at));
                Step::Operand(at + 1)
            }
            Kind::Dot if self.kind(at + 1) == Some(Kind::Number) => {
                let span = self.tokens.span_of(at).to(self.tokens.span_of(at + 1));
                let number = format!("0.{}", self.tokens.word(at + 1));
                let finding = codes::MALFORMED_NUMBER
                    .finding(format!("the number `.{}` has no digit before its point", self.tokens.word(at + 1)));
                let finding = finding.at(span, "a number begins with a digit").help(format!("write `{number}`"));
                Step::Wrong(finding.fix(format!("write `{number}`"), span, number))
            }
            _ => Step::Wrong(self.missing(at)),
        }
    }

    fn name(&mut self, at: usize) -> Step {
        let begins_argument = matches!(self.open.last(), Some(Open::Call(open)) if *open + 1 == at || self.kind(at - 1) == Some(Kind::Comma));
        match self.word(at) {
            Some(Word::Not) => return Step::Operand(at + 1),
            Some(Word::Case) => {
                self.open.push(Open::Case(at, Word::Case));
                return Step::Operand(at + 1);
            }
            Some(Word::When) if self.open.last() == Some(&Open::Case(at.wrapping_sub(1), Word::Case)) => {
                return self.branch(at, Word::When);
            }
            Some(Word::Where) if begins_argument => return Step::Operand(at + 1),
            None | Some(Word::Null | Word::Boolean) => {}
            Some(word) if word.may_be_name() => {}
            Some(_) if begins_argument && self.kind(at + 1) == Some(Kind::Colon) => {}
            Some(_) => return Step::Wrong(self.reserved(at)),
        }
        if begins_argument && self.kind(at + 1) == Some(Kind::Colon) {
            return Step::Operand(at + 2);
        }
        if is_prefix(self.tokens.word(at)) && at + 1 < self.end && super::shape::begins_operand(self.tokens, at + 1) {
            return Step::Operand(at + 1);
        }
        if counts(self.tokens.word(at)) && self.kind(at + 1) == Some(Kind::Number) {
            return Step::Operand(at + 1);
        }
        self.path(at)
    }

    /// A word of the language where a value should stand.
    fn reserved(&self, at: usize) -> Diagnostic {
        let before = at.checked_sub(1).filter(|before| *before >= self.from);
        let dangling =
            before.is_some_and(|before| self.kind(before) == Some(Kind::Operator) || self.word(before).is_some());
        if dangling {
            return self.missing(at);
        }
        reserved_operand(self.tokens.word(at), self.tokens.span_of(at))
    }

    /// A dotted name and the parenthesis of its call.
    fn path(&mut self, at: usize) -> Step {
        let mut at = at;
        while self.kind(at + 1) == Some(Kind::Dot) {
            let tight =
                |at: usize| self.tokens.list.get(at + 1).is_some_and(|next| next.start() == self.tokens.list[at].end());
            let named = matches!(self.kind(at + 2), Some(Kind::Name | Kind::Mixed | Kind::Number | Kind::Date));
            if !named || !tight(at) || !tight(at + 1) {
                let finding = codes::UNEXPECTED.finding("a path has a blank or nothing beside its dot");
                let finding = finding.at(self.tokens.span_of(at + 1), "names are joined without blanks");
                return Step::Wrong(finding.help("write `name.name`"));
            }
            at += 2;
        }
        if self.kind(at + 1) != Some(Kind::OpenParen) {
            return Step::Operator(at + 1);
        }
        if self.kind(at + 2) == Some(Kind::CloseParen) {
            return Step::Operator(at + 3);
        }
        self.open.push(Open::Call(at + 1));
        Step::Operand(at + 2)
    }

    fn operator(&mut self, at: usize) -> Step {
        match self.kind(at) {
            Some(Kind::Operator) => Step::Operand(at + 1),
            Some(Kind::Comma) => match self.open.last() {
                Some(Open::Case(case, _)) => Step::Wrong(unclosed(self.tokens, *case, "case")),
                _ => Step::Operand(at + 1),
            },
            Some(Kind::CloseParen) => match self.open.pop() {
                Some(Open::Case(case, _)) => Step::Wrong(unclosed(self.tokens, case, "case")),
                Some(_) => Step::Operator(at + 1),
                None => {
                    let span = self.tokens.span_of(at);
                    let finding = codes::STRAY_CLOSE.finding("this `)` closes nothing").at(span, "no `(` is open here");
                    Step::Wrong(finding.help("remove it, or add the `(`").fix("remove the `)`", span, ""))
                }
            },
            Some(Kind::Name) => match self.word(at) {
                Some(Word::Is) => self.is(at),
                Some(word) if word.is_infix() => Step::Operand(at + 1),
                Some(Word::Not) => self.not(at),
                Some(word) if word.is_inside_case() => self.branch(at, word),
                _ => Step::Wrong(self.side_by_side(at)),
            },
            Some(Kind::Colon) => {
                let finding = codes::UNEXPECTED
                    .finding("a `:` stands inside a value")
                    .at(self.tokens.span_of(at), "not expected here");
                Step::Wrong(finding.help("only a key, or the name of an argument, is followed by `:`"))
            }
            Some(Kind::Mixed) => Step::Wrong(self.mixed(at)),
            Some(Kind::Number | Kind::Percent | Kind::Date | Kind::Text | Kind::LongText | Kind::OpenParen) => {
                Step::Wrong(self.side_by_side(at))
            }
            _ => Step::Wrong(unexpected(self.tokens, at)),
        }
    }

    fn is(&self, at: usize) -> Step {
        let negated = usize::from(self.word(at + 1) == Some(Word::Not));
        if self.kind(at + 1 + negated) == Some(Kind::Name)
            && self.tokens.word(at + 1 + negated).eq_ignore_ascii_case("null")
        {
            return Step::Operator(at + 2 + negated);
        }
        let span = self.tokens.span_of(at);
        let (ours, span) = if negated == 1 { ("<>", span.to(self.tokens.span_of(at + 1))) } else { ("=", span) };
        let finding = codes::WRONG_OPERATOR
            .finding("`is` asks for `null` only")
            .at(span, "`null` does not follow")
            .help(format!("write `{ours}` to compare with a value, or `is null`"));
        Step::Wrong(finding)
    }

    fn not(&self, at: usize) -> Step {
        let next = self.tokens.word(at + 1);
        if self.kind(at + 1) == Some(Kind::Name)
            && ["in", "like", "between"].iter().any(|word| next.eq_ignore_ascii_case(word))
        {
            return Step::Operand(at + 2);
        }
        Step::Wrong(self.side_by_side(at))
    }

    fn branch(&mut self, at: usize, word: Word) -> Step {
        let Some(Open::Case(case, last)) = self.open.last_mut() else {
            return Step::Wrong(reserved_operand(self.tokens.word(at), self.tokens.span_of(at)));
        };
        let missing = match (*last, word) {
            (Word::Then, Word::End) | (Word::Else, Word::End) => {
                self.open.pop();
                return Step::Operator(at + 1);
            }
            (Word::Case | Word::Then, Word::When) | (Word::When, Word::Then) | (Word::Then, Word::Else) => {
                *last = word;
                return Step::Operand(at + 1);
            }
            (Word::When, _) => "then",
            (Word::Else, _) => "end",
            _ => "when",
        };
        let text = self.tokens.word(at);
        let finding = codes::UNEXPECTED
            .finding(format!("`{missing}` is missing before this `{text}`"))
            .at(self.tokens.span_of(at), format!("`{missing}` must come first"))
            .also(self.tokens.span_of(*case), "of this `case`");
        Step::Wrong(finding.help("write `case when condition then value else value end`"))
    }

    /// An operand is missing before a token, or at the end.
    fn missing(&self, at: usize) -> Diagnostic {
        let before = at.saturating_sub(1);
        let span = self.tokens.span_of(before);
        let text = short(self.tokens.word(before));
        let here = if at < self.end { self.tokens.span_of(at) } else { span };
        if at <= self.from {
            return codes::MISSING_VALUE
                .finding(format!("no value stands before `{}`", short(self.tokens.word(at))))
                .at(here, "a value must come first")
                .help("put a value before it");
        }
        match self.kind(before) {
            Some(Kind::Comma) => codes::MISSING_VALUE
                .finding("no value follows this comma")
                .at(span, "the last value is missing, or the comma is one too many")
                .help("remove the comma, or add a value")
                .fix("remove the comma", span, ""),
            Some(Kind::OpenParen) if at >= self.end => unclosed(self.tokens, before, "("),
            Some(Kind::OpenParen) => codes::MISSING_VALUE
                .finding(format!("no value stands between `(` and `{}`", short(self.tokens.word(at))))
                .at(span.to(here), "a value is missing here")
                .help("put a value between them"),
            _ => codes::MISSING_VALUE
                .finding(format!("`{text}` has no value behind it"))
                .at(span, "a value must follow")
                .help(format!("add a value, or remove the `{text}`")),
        }
    }

    fn side_by_side(&self, at: usize) -> Diagnostic {
        let (before, here) = (self.tokens.span_of(at - 1), self.tokens.span_of(at));
        let (left, right) = (short(self.tokens.word(at - 1)), short(self.tokens.word(at)));
        codes::MISSING_OPERATOR
            .finding(format!("nothing joins `{left}` and `{right}`"))
            .at(here, "an operator or a comma is missing before this")
            .also(before, "the value before")
            .help(format!("write `{left}, {right}` for two values, or put an operator between them"))
    }

    fn mixed(&self, at: usize) -> Diagnostic {
        mixed(self.tokens.word(at), self.tokens.span_of(at))
    }
}

/// A number that runs into letters or hyphens.
fn mixed(text: &str, span: Span) -> Diagnostic {
    let finding = codes::MALFORMED_NUMBER
        .finding(format!("`{}` is neither a number nor a name", short(text)))
        .at(span, "cannot be read");
    let split = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at(split);
    let plain: String = text.chars().filter(|character| *character != '_').collect();
    if plain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return finding.help(format!("write `{plain}`")).fix("remove the `_`", span, plain);
    }
    if let Some(subtrahend) = rest.strip_prefix('-') {
        let spaced = format!("{number} - {subtrahend}");
        return finding.help(format!("write `{spaced}` to subtract, a date as `2026-07-01`, anything else in quotes"));
    }
    let spaced = format!("{number} {rest}");
    finding.help(format!("write `{spaced}`, with a blank")).fix("add a blank", span, spaced)
}
