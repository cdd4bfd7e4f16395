//! An item that the grammar refused, entry by entry: what can be read is kept, what cannot is one finding each.

use super::build::{Builder, Built, Header};
use super::tokens::{Docs, Tokens};
use super::{Findings, explain, foreign, header};
use crate::ast::{Block, Doc, Entry, Expr, Item, Name, SmolStr};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::grammar::{Grammar, Rule};
use crate::lex::Kind;
use crate::parse::limits::MOST_BLOCKS;
use crate::words::{is_prefix, reserved};
use pest::Parser;

/// Whether the braces of an item match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    Closed,
    Unclosed,
}

/// Reads the item from a token to another, with the brace of its body between; returns the token behind it too, which is
/// not that end if a brace inside closes the body.
pub(super) fn item<'a>(
    tokens: &Tokens<'a>,
    docs: &mut Docs<'a>,
    start: usize,
    brace: usize,
    end: usize,
    body: Body,
    findings: &mut Findings,
) -> (Option<Item>, usize) {
    let from = tokens.list[start].start();
    let doc = docs.claim(from);
    if findings.is_full() {
        // Its name is enough, so that references to it are not reported as well.
        findings.report(|| explain::unexpected(tokens, start));
        return (header::named(tokens, start, doc), end);
    }
    let (header, wrong_header) = header::read(tokens, start, brace, findings);
    // What belongs to nothing is not looked into.
    let Some(Header { kind, name, params, returns }) = header else { return (None, end) };
    let closed_parens = closed_parens(tokens, start, end);
    let broken = wrong_header;
    let mut recovery = Recovery { tokens, docs, start, end, body, silent: false, broken, closed_parens, findings };
    let (body, next) = recovery.block(brace, 1);
    let broken = recovery.broken;
    let span = tokens.span(from, tokens.list[next - 1].end());
    (Some(Item { span, doc, kind, name, params, returns, body, broken }), next)
}

/// Reads all of a text as one expression.
pub(super) fn lone_expression(tokens: &Tokens<'_>) -> Result<Expr, Diagnostic> {
    let end = tokens.list.len();
    if let Some(at) = (0..end).find(|at| tokens.list[*at].is_foreign()) {
        return Err(foreign::finding(tokens, at));
    }
    if end == 0 {
        let finding = codes::MISSING_VALUE.finding("there is no expression");
        return Err(finding.at(tokens.span_of(0), "nothing stands here"));
    }
    if let Some(finding) = explain::excess(tokens, 0..end) {
        return Err(finding);
    }
    let mut shape = String::with_capacity(end);
    super::shape::write(tokens, 0..end, 0..0, &mut shape);
    match Grammar::parse(Rule::only_expression, &shape) {
        Ok(mut pairs) => match pairs.next() {
            Some(pair) => Builder::new(tokens, 0).whole(pair).map_err(|finding| *finding),
            None => Err(explain::unexpected(tokens, 0)),
        },
        Err(error) => Err(explain::value(tokens, 0, end, explain::position(&error))),
    }
}

/// For each token of an item, whether it is a parenthesis that is closed before the next brace.
fn closed_parens(tokens: &Tokens<'_>, start: usize, end: usize) -> Vec<bool> {
    let mut closed = vec![false; end - start];
    let mut open = Vec::new();
    for at in start..end {
        match tokens.kind(at) {
            Some(Kind::OpenParen) => open.push(at - start),
            Some(Kind::CloseParen) => {
                if let Some(opening) = open.pop() {
                    closed[opening] = true;
                }
            }
            Some(Kind::OpenBrace | Kind::CloseBrace) => open.clear(),
            _ => {}
        }
    }
    closed
}

struct Recovery<'t, 'a> {
    tokens: &'t Tokens<'a>,
    docs: &'t mut Docs<'a>,
    start: usize,
    end: usize,
    body: Body,
    /// A missing brace has been reported, or is not worth it.
    silent: bool,
    broken: bool,
    closed_parens: Vec<bool>,
    findings: &'t mut Findings,
}

impl Recovery<'_, '_> {
    fn report(&mut self, finding: Diagnostic) {
        self.broken = true;
        self.findings.push(finding);
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        if at < self.end { self.tokens.kind(at) } else { None }
    }

    fn name(&self, at: usize, last: usize) -> Name {
        let span = self.tokens.span_of(at).to(self.tokens.span_of(last));
        let text = self.tokens.text.get(span.start as usize..span.end as usize).unwrap_or("");
        Name { text: SmolStr::new(text), span }
    }

    /// Reads a block from its brace; returns the token behind it.
    fn block(&mut self, brace: usize, depth: usize) -> (Block, usize) {
        let opening = self.tokens.span_of(brace);
        if depth > MOST_BLOCKS {
            self.report(
                codes::TOO_DEEP
                    .finding(format!("blocks stand more than {MOST_BLOCKS} deep in one another"))
                    .at(opening, "one too many")
                    .help("make a declaration of its own of an inner block"),
            );
            self.silent = true;
            let next = self.matching_brace(brace);
            return (Block { span: opening, entries: Vec::new() }, next);
        }
        let mut entries = Vec::new();
        let mut at = brace + 1;
        while let Some(kind) = self.kind(at) {
            if self.findings.is_full() {
                self.silent = true;
                at = self.end;
                break;
            }
            if kind == Kind::CloseBrace {
                if depth > 1 && self.closes_outer(at, brace) {
                    break;
                }
                let span = opening.to(self.tokens.span_of(at));
                return (Block { span, entries }, at + 1);
            }
            let (entry, next) = self.entry(at, kind, depth);
            entries.extend(entry);
            at = next.max(at + 1);
        }
        self.unclosed(brace, at);
        let last = self.tokens.span_of(at.saturating_sub(1));
        (Block { span: opening.to(last), entries }, at)
    }

    /// A brace that stands further left than the line of the block it would close belongs to an outer block.
    fn closes_outer(&self, at: usize, brace: usize) -> bool {
        self.body == Body::Unclosed
            && self.tokens.list[at].newlines > 0
            && self.tokens.indent(at) < self.tokens.indent(brace)
    }

    fn unclosed(&mut self, brace: usize, at: usize) {
        self.broken = true;
        // An unclosed text that holds a brace is reported with its entry; the block needs no more than its quote.
        if std::mem::replace(&mut self.silent, true) || (brace..at).any(|at| self.swallows_brace(at)) {
            return;
        }
        let end = self.tokens.list.get(at.saturating_sub(1)).map_or(0, crate::lex::Token::end);
        let end = self.tokens.span(end, end);
        self.report(
            codes::UNCLOSED
                .finding("this block is never closed")
                .at(self.tokens.span_of(brace), "opened here")
                .also(end, "`}` is missing here at the latest")
                .help("add the missing `}`"),
        );
    }

    /// Whether a token is an unclosed text and a brace inside may be meant to close the block.
    fn swallows_brace(&self, at: usize) -> bool {
        match self.kind(at) {
            Some(Kind::UnclosedText) => self.tokens.word(at).contains('}'),
            Some(Kind::UnclosedLongText) => true,
            _ => false,
        }
    }

    fn matching_brace(&self, brace: usize) -> usize {
        let mut depth = 0;
        for at in brace..self.end {
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
        self.end
    }

    /// Reads what begins at a token of a block; returns the token behind it.
    fn entry(&mut self, at: usize, kind: Kind, depth: usize) -> (Option<Entry>, usize) {
        if let Some(brace) = self.tokens.group_brace(at).filter(|brace| *brace < self.end) {
            return self.group(at, brace, depth);
        }
        if kind != Kind::Name || self.kind(at + 1) != Some(Kind::Colon) {
            return (None, self.keyless(at));
        }
        if self.kind(at + 2) == Some(Kind::OpenBrace) {
            let colon = self.tokens.span_of(at + 1);
            self.report(
                codes::MISSING_COLON
                    .finding("a group has no `:` before its block")
                    .at(colon, "not needed")
                    .help("remove the `:`")
                    .fix("remove the `:`", colon, ""),
            );
            return self.group(at, at + 2, depth);
        }
        let end = self.extent(at + 2);
        let doc = self.docs.claim(self.tokens.list[at].start());
        let entry = self.value_entry(at, end, doc);
        (entry, end)
    }

    fn group(&mut self, at: usize, brace: usize, depth: usize) -> (Option<Entry>, usize) {
        let doc = self.docs.claim(self.tokens.list[at].start());
        let key = self.name(at, at);
        let named = brace > at + 1 && self.kind(at + 1) != Some(Kind::Colon);
        let name = named.then(|| self.name(at + 1, brace - 1));
        let (body, next) = self.block(brace, depth + 1);
        let span = key.span.to(body.span);
        (Some(Entry::Group { span, doc, key, name, body }), next)
    }

    /// Reports something that has no `key:`; returns the token behind it.
    fn keyless(&mut self, at: usize) -> usize {
        let end = self.extent(at + 1).max(at + 1);
        let finding = match (at..end).find(|at| self.tokens.list[*at].is_foreign()) {
            Some(foreign) => foreign::finding(self.tokens, foreign),
            None => explain::keyless(self.tokens, at, end),
        };
        self.report(finding);
        end
    }

    /// Where a value ends that begins at a token: before the next entry or a closing brace.
    fn extent(&self, from: usize) -> usize {
        let (mut at, mut depth, mut unclosed) = (from, 0_usize, false);
        while let Some(kind) = self.kind(at) {
            match kind {
                Kind::CloseBrace => break,
                Kind::OpenBrace => {
                    at = self.matching_brace(at);
                    continue;
                }
                Kind::OpenParen if self.closed_parens[at - self.start] => depth += 1,
                Kind::OpenParen => unclosed = true,
                Kind::CloseParen => depth = depth.saturating_sub(1),
                Kind::Name if depth == 0 && self.begins_entry(at, at == from, unclosed) => break,
                Kind::Colon if depth == 0 && at > from && self.tokens.list[at].newlines > 0 => break,
                _ => {}
            }
            at += 1;
        }
        at.min(self.end)
    }

    fn begins_entry(&self, at: usize, first: bool, unclosed: bool) -> bool {
        let token = self.tokens.list[at];
        let before = self.kind(at.saturating_sub(1));
        if before == Some(Kind::Dot) {
            return false;
        }
        if self.kind(at + 1) == Some(Kind::Colon) && self.tokens.is_key(at) {
            let argument = unclosed && matches!(before, Some(Kind::Comma | Kind::OpenParen));
            return !argument || token.newlines > 0;
        }
        if self.tokens.is_key(at) {
            return true;
        }
        // A word at the start of a line, where a value has just ended: its colon is missing.
        let ends_value =
            self.tokens.ends_value(at.saturating_sub(1)) && !is_prefix(self.tokens.word(at.saturating_sub(1)));
        let is_word = reserved(self.tokens.word(at)).is_none() || self.tokens.word(at + 1) == "=";
        !first && token.newlines > 0 && ends_value && is_word
    }

    fn value_entry(&mut self, key: usize, end: usize, doc: Option<Doc>) -> Option<Entry> {
        match self.read_entry(key, end, doc) {
            Ok(entry) => Some(entry),
            Err(finding) => {
                self.report(*finding);
                None
            }
        }
    }

    fn read_entry(&self, key: usize, end: usize, doc: Option<Doc>) -> Built<Entry> {
        let tokens = self.tokens;
        if let Some(at) = (key..end).find(|at| tokens.list[*at].is_foreign()) {
            return Err(Box::new(foreign::finding(tokens, at)));
        }
        if let Some(finding) = explain::excess(tokens, key..end) {
            return Err(Box::new(finding));
        }
        let mut shape = String::with_capacity(end - key);
        super::shape::write(tokens, key..end, 0..0, &mut shape);
        let stopped = match Grammar::parse(Rule::only_entry, &shape) {
            Ok(mut pairs) => match pairs.next() {
                Some(pair) => return Builder::new(tokens, key).value_entry(pair, doc),
                None => key,
            },
            Err(error) => key + explain::position(&error),
        };
        Err(Box::new(explain::value(tokens, key + 2, end, stopped)))
    }
}
