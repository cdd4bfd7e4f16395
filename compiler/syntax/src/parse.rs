//! Text to tree. Parsing never fails: what cannot be read becomes one finding at its place, and its neighbours survive.
//!
//! The text becomes tokens (`tokens`); a linear scan splits them into items (`split`) and measures how deep they nest
//! (`limits`); pest reads the shape of each item (`shape`), and its flat pairs become a tree (`build`, `expression`). An item that pest refuses is read again entry by
//! entry (`recover`), and the entry at fault is explained from its tokens (`explain`).

mod build;
mod explain;
mod expression;
mod foreign;
mod header;
mod limits;
mod recover;
pub(crate) mod shape;
mod split;
pub(crate) mod text;
pub(crate) mod tokens;

#[cfg(test)]
mod tests;

use crate::ast::{Expr, File, Item};
use crate::codes;
use crate::conflict;
use crate::diagnostic::Diagnostic;
use crate::grammar::{Grammar, Rule};
use crate::source::{FileId, Span};
use build::Builder;
use header::Outside;
use pest::Parser;
use recover::Body;
use split::{Piece, Splitter};
use tokens::{Docs, Tokens};

/// What a file says, and what could not be read of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parsed {
    pub file: File,
    /// In order of place; at most 200 and one that counts the rest.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a whole file.
pub fn parse(file: FileId, text: &str) -> Parsed {
    let mut findings = Findings::default();
    let settled = conflict::settle(file, text);
    let text = settled.as_ref().map_or(text, |settled| settled.text.as_str());
    if let Some(settled) = &settled {
        findings.push(settled.finding.clone());
    }
    if u32::try_from(text.len()).is_err() {
        findings.push(codes::TOO_DEEP.finding("a file of more than four gigabytes cannot be read"));
        return Parsed { file: File::default(), diagnostics: findings.finish(Span::new(file, 0, 0)) };
    }
    let (tokens, docs) = Tokens::read(file, text);
    for crumb in &tokens.crumbs {
        findings.report(|| foreign::crumb(&tokens, crumb));
    }
    let mut reader = Reader { tokens: &tokens, docs, findings, items: Vec::new(), shape: String::new() };
    let mut splitter = Splitter::new();
    let mut outside = Outside::default();
    while let Some(piece) = splitter.piece(&tokens) {
        splitter.resume(reader.piece(piece, &mut outside));
    }
    let end = tokens.span(text.len(), text.len());
    let comments = reader.docs.into_comments();
    Parsed { file: File { items: reader.items, comments }, diagnostics: reader.findings.finish(end) }
}

/// Collects the items of a file.
struct Reader<'t, 'a> {
    tokens: &'t Tokens<'a>,
    docs: Docs<'a>,
    findings: Findings,
    items: Vec<Item>,
    shape: String,
}

impl Reader<'_, '_> {
    /// Reads a piece; returns the token behind what was read.
    fn piece(&mut self, piece: Piece, outside: &mut Outside) -> usize {
        match piece {
            Piece::Whole { start, brace, end } => {
                self.whole(start, brace, end);
                *outside = Outside::after(end - 1);
                end
            }
            Piece::Flawed { start, brace, end, closed: true } => {
                self.recover(start, brace, end, Body::Closed);
                *outside = Outside::after(end - 1);
                end
            }
            Piece::Flawed { start, brace, end, closed: false } => {
                let next = self.recover(start, brace, end, Body::Unclosed);
                *outside = Outside::after_unclosed(next - 1);
                next
            }
            Piece::Bodiless { start, end } => {
                self.items.extend(outside.bodiless(self.tokens, &mut self.docs, start, end, &mut self.findings));
                end
            }
            Piece::Stray { at } => {
                outside.stray(self.tokens, at, &mut self.findings);
                at + 1
            }
        }
    }

    fn whole(&mut self, start: usize, brace: usize, end: usize) {
        self.shape.clear();
        shape::write(self.tokens, start..end, start..brace, &mut self.shape);
        match Grammar::parse(Rule::only_item, &self.shape) {
            Ok(pairs) => {
                let builder = Builder::new(self.tokens, start);
                self.items.extend(builder.item(pairs, &mut self.docs, &mut self.findings));
            }
            Err(_) => {
                self.recover(start, brace, end, Body::Closed);
            }
        }
    }

    /// Reads an item that is wrong somewhere; returns the token behind it.
    fn recover(&mut self, start: usize, brace: usize, end: usize, body: Body) -> usize {
        let (item, next) = recover::item(self.tokens, &mut self.docs, start, brace, end, body, &mut self.findings);
        self.items.extend(item);
        next
    }
}

/// Parses a text that must be one expression, such as a condition on the command line.
///
/// # Errors
/// The first thing that cannot be read.
pub fn parse_expression(file: FileId, text: &str) -> Result<Expr, Diagnostic> {
    let (tokens, _) = Tokens::read(file, text);
    if let Some(crumb) = tokens.crumbs.first() {
        return Err(foreign::crumb(&tokens, crumb));
    }
    recover::lone_expression(&tokens)
}

/// Findings in order, capped: the first screen helps, the two hundredth does not.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Diagnostic>,
    omitted: usize,
}

impl Findings {
    const MOST: usize = 200;

    /// Adds a finding, or only counts it.
    pub(crate) fn push(&mut self, finding: Diagnostic) {
        self.report(|| finding);
    }

    /// The same for a finding that is not worth making when it is only counted.
    pub(crate) fn report(&mut self, finding: impl FnOnce() -> Diagnostic) {
        if self.list.len() < Self::MOST {
            self.list.push(finding());
        } else {
            self.omitted += 1;
        }
    }

    /// Whether it is known that there are too many: what is broken from here on need not be explained.
    pub(crate) fn is_full(&self) -> bool {
        self.omitted > 0
    }

    fn finish(mut self, end: Span) -> Vec<Diagnostic> {
        self.list.sort_by(|one, other| one.sort_key().cmp(&other.sort_key()));
        if self.omitted > 0 {
            let more = self.omitted;
            self.list.push(
                codes::UNEXPECTED
                    .finding(format!("at least {more} more places of this file cannot be read"))
                    .at(end, "the file ends here")
                    .help("put the first findings right and check again: later ones often follow from them"),
            );
        }
        self.list
    }
}
