//! Pairs to items, blocks, entries and operands. A pair is a range of tokens; what they say is read from the text.

use super::Findings;
use super::expression::Stacks;
use super::tokens::{Docs, Tokens};
use crate::ast::{Argument, Block, Branch, Doc, Entry, Expr, ExprKind, Infix, Item, Name, Param, SmolStr};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::grammar::Rule;
use crate::lex::Kind;
use crate::source::Span;
use pest::iterators::{Pair, Pairs};
use std::ops::Range;

/// What was built, or the one finding that says why it was not.
pub(super) type Built<T> = Result<T, Box<Diagnostic>>;

/// Builds trees from the pairs of one shape.
pub(super) struct Builder<'t, 'a> {
    tokens: &'t Tokens<'a>,
    /// The token of the first character of the shape.
    base: usize,
    pub(super) stacks: Stacks,
    broken: bool,
}

/// What stands before the body of an item.
pub(super) struct Header {
    pub(super) kind: Name,
    pub(super) name: Name,
    pub(super) params: Vec<Param>,
    pub(super) returns: Option<Expr>,
}

impl<'t, 'a> Builder<'t, 'a> {
    /// For a shape that starts at a token.
    pub(super) fn new(tokens: &'t Tokens<'a>, base: usize) -> Self {
        Self { tokens, base, stacks: Stacks::default(), broken: false }
    }

    /// The tokens of a pair.
    fn range(&self, pair: &Pair<'_, Rule>) -> Range<usize> {
        let span = pair.as_span();
        self.base + span.start()..self.base + span.end()
    }

    /// The span of some tokens.
    fn place(&self, range: &Range<usize>) -> Span {
        match self.tokens.list.get(range.clone()) {
            Some([first, .., last]) => self.tokens.span(first.start(), last.end()),
            Some([only]) => self.tokens.span(only.start(), only.end()),
            _ => self.tokens.span_of(range.start),
        }
    }

    /// The span of a pair in its file.
    pub(super) fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        self.place(&self.range(pair))
    }

    /// The text of a span.
    pub(super) fn source(&self, span: Span) -> &'a str {
        self.tokens.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    fn name(&self, range: &Range<usize>) -> Name {
        let span = self.place(range);
        Name { text: SmolStr::new(self.source(span)), span }
    }

    /// The item of `only_item`.
    pub(super) fn item(
        mut self,
        mut pairs: Pairs<'_, Rule>,
        docs: &mut Docs<'_>,
        findings: &mut Findings,
    ) -> Option<Item> {
        let item = pairs.next()?;
        let span = self.span(&item);
        let doc = docs.claim(span.start as usize);
        let mut parts = item.into_inner();
        let header = match self.header(parts.next()?) {
            Ok(header) => header,
            Err(finding) => {
                findings.push(*finding);
                return None;
            }
        };
        let body = self.block(parts.next()?, docs, findings);
        let Header { kind, name, params, returns } = header;
        Some(Item { span, doc, kind, name, params, returns, body, broken: self.broken })
    }

    /// The pair `header`.
    pub(super) fn header(&mut self, pair: Pair<'_, Rule>) -> Built<Header> {
        let Range { start, mut end } = self.range(&pair);
        let (mut params, mut returns) = (Vec::new(), None);
        for part in pair.into_inner() {
            end = end.min(self.range(&part).start);
            if part.as_rule() == Rule::parameters {
                for parameter in part.into_inner() {
                    params.push(self.parameter(parameter)?);
                }
            } else if let Some(written) = part.into_inner().next() {
                returns = Some(self.whole(written)?);
            }
        }
        Ok(Header { kind: self.name(&(start..start + 1)), name: self.name(&(start + 1..end)), params, returns })
    }

    fn parameter(&mut self, pair: Pair<'_, Rule>) -> Built<Param> {
        let range = self.range(&pair);
        let span = self.place(&range);
        let name = self.name(&(range.start..range.start + 1));
        let Some(written) = pair.into_inner().next() else { return Err(self.nothing(span)) };
        let ty = self.whole(written)?;
        // `int = 1` reads as a comparison of the type with the default.
        Ok(match ty {
            Expr { kind: ExprKind::Infix { operator: Infix::Equal, left, right, .. }, .. } => {
                Param { span, name, ty: *left, default: Some(*right) }
            }
            ty => Param { span, name, ty, default: None },
        })
    }

    fn block(&mut self, pair: Pair<'_, Rule>, docs: &mut Docs<'_>, findings: &mut Findings) -> Block {
        let span = self.span(&pair);
        let mut entries = Vec::new();
        for part in pair.into_inner() {
            let doc = docs.claim(self.tokens.list[self.range(&part).start].start());
            if part.as_rule() == Rule::value_entry {
                match self.value_entry(part, doc) {
                    Ok(entry) => entries.push(entry),
                    Err(finding) => {
                        self.broken = true;
                        findings.push(*finding);
                    }
                }
            } else {
                entries.extend(self.group(part, doc, docs, findings));
            }
        }
        Block { span, entries }
    }

    fn group(
        &mut self,
        pair: Pair<'_, Rule>,
        doc: Option<Doc>,
        docs: &mut Docs<'_>,
        findings: &mut Findings,
    ) -> Option<Entry> {
        let range = self.range(&pair);
        let body = pair.into_inner().next()?;
        let named = range.start + 1..self.range(&body).start;
        let name = (!named.is_empty()).then(|| self.name(&named));
        let body = self.block(body, docs, findings);
        Some(Entry::Group {
            span: self.place(&range),
            doc,
            key: self.name(&(range.start..range.start + 1)),
            name,
            body,
        })
    }

    /// The pair `value_entry`.
    pub(super) fn value_entry(&mut self, pair: Pair<'_, Rule>, doc: Option<Doc>) -> Built<Entry> {
        let range = self.range(&pair);
        let key = self.name(&(range.start..range.start + 1));
        let mut values = Vec::with_capacity(1);
        for value in pair.into_inner() {
            values.push(self.whole(value)?);
        }
        Ok(Entry::Value { span: self.place(&range), doc, key, values })
    }

    /// The pair `expression`.
    pub(super) fn whole(&mut self, pair: Pair<'_, Rule>) -> Built<Expr> {
        Ok(self.expression(pair.into_inner())?.0)
    }

    fn nothing(&self, span: Span) -> Box<Diagnostic> {
        Box::new(codes::UNEXPECTED.finding("nothing can be read here").at(span, "here"))
    }

    /// An operand with its depth; `arguments` are those of the call whose name it is.
    pub(super) fn operand(&mut self, pair: &Pair<'_, Rule>, arguments: Option<Pair<'_, Rule>>) -> Built<(Expr, u16)> {
        let range = self.range(pair);
        let span = self.place(&range);
        match pair.as_rule() {
            Rule::path => self.path(span, arguments),
            Rule::parenthesised => self.parenthesised(pair.clone().into_inner(), span),
            Rule::case => self.case(pair.clone().into_inner(), span),
            _ => Ok((Expr { kind: self.literal(&range, span)?, span }, 1)),
        }
    }

    fn literal(&self, range: &Range<usize>, span: Span) -> Built<ExprKind> {
        let token = self.tokens.list[range.start];
        let text = token.text(self.tokens.text);
        Ok(match token.kind {
            Kind::Number if range.len() > 1 => {
                ExprKind::Quantity { number: SmolStr::new(text), unit: self.name(&(range.start + 1..range.end)) }
            }
            Kind::Number => ExprKind::Number(SmolStr::new(text)),
            Kind::Percent => ExprKind::Percent(SmolStr::new(text.trim_end_matches('%'))),
            Kind::Date => ExprKind::Date(SmolStr::new(text)),
            Kind::LongText => ExprKind::Text(super::text::dedent(text)),
            Kind::Text => {
                ExprKind::Text(super::text::unescape(text).map_err(|at| super::text::unknown_escape(span, text, at))?)
            }
            _ => match text.bytes().next().map(|byte| byte.to_ascii_lowercase()) {
                Some(b'n') => ExprKind::Null,
                first => ExprKind::Bool(first == Some(b't')),
            },
        })
    }

    fn path(&mut self, span: Span, arguments: Option<Pair<'_, Rule>>) -> Built<(Expr, u16)> {
        let names = self.names(span);
        let Some(pair) = arguments else { return Ok((Expr { kind: ExprKind::Path(names), span }, 1)) };
        let span = span.to(self.span(&pair));
        let mut arguments = Vec::with_capacity(1);
        let mut deepest = 0;
        for argument in pair.into_inner() {
            let (argument, depth) = self.argument(argument)?;
            deepest = depth.max(deepest);
            arguments.push(argument);
        }
        Ok((Expr { kind: ExprKind::Call { function: names, arguments }, span }, deepest + 1))
    }

    fn names(&self, span: Span) -> Vec<Name> {
        let text = self.source(span);
        if !text.as_bytes().contains(&b'.') {
            return vec![Name { text: SmolStr::new(text), span }];
        }
        let mut start = span.start as usize;
        let mut names = Vec::with_capacity(1 + text.bytes().filter(|byte| *byte == b'.').count());
        names.extend(text.split('.').map(|segment| {
            let place = self.tokens.span(start, start + segment.len());
            start += segment.len() + 1;
            Name { text: SmolStr::new(segment), span: place }
        }));
        names
    }

    fn argument(&mut self, pair: Pair<'_, Rule>) -> Built<(Argument, u16)> {
        let rule = pair.as_rule();
        if rule == Rule::expression {
            let (value, depth) = self.expression(pair.into_inner())?;
            return Ok((Argument::Value(value), depth));
        }
        let range = self.range(&pair);
        let Some(inner) = pair.into_inner().next() else { return Err(self.nothing(self.place(&range))) };
        let (value, depth) = self.expression(inner.into_inner())?;
        if rule == Rule::where_argument {
            return Ok((Argument::Where(value), depth));
        }
        Ok((Argument::Named { name: self.name(&(range.start..range.start + 1)), value }, depth))
    }

    fn parenthesised(&mut self, pairs: Pairs<'_, Rule>, span: Span) -> Built<(Expr, u16)> {
        let mut parts = Vec::new();
        let mut deepest = 0;
        for part in pairs {
            let (part, depth) = self.expression(part.into_inner())?;
            deepest = depth.max(deepest);
            parts.push(part);
        }
        let kind = match parts.pop() {
            Some(only) if parts.is_empty() => ExprKind::Group(Box::new(only)),
            last => {
                parts.extend(last);
                ExprKind::Tuple(parts)
            }
        };
        Ok((Expr { kind, span }, deepest + 1))
    }

    fn case(&mut self, pairs: Pairs<'_, Rule>, span: Span) -> Built<(Expr, u16)> {
        let (mut operand, mut branches, mut otherwise, mut deepest) = (None, Vec::new(), None, 0);
        for part in pairs {
            match part.as_rule() {
                Rule::expression => {
                    let (built, depth) = self.expression(part.into_inner())?;
                    deepest = depth.max(deepest);
                    operand = Some(Box::new(built));
                }
                Rule::case_branch => {
                    let mut inner = part.into_inner();
                    let (Some(when), Some(then)) = (inner.next(), inner.next()) else { return Err(self.nothing(span)) };
                    let (when, when_depth) = self.expression(when.into_inner())?;
                    let (then, then_depth) = self.expression(then.into_inner())?;
                    deepest = deepest.max(when_depth).max(then_depth);
                    branches.push(Branch { when, then });
                }
                Rule::case_else => {
                    for inner in part.into_inner() {
                        let (built, depth) = self.expression(inner.into_inner())?;
                        deepest = depth.max(deepest);
                        otherwise = Some(Box::new(built));
                    }
                }
                _ => {}
            }
        }
        Ok((Expr { kind: ExprKind::Case { operand, branches, otherwise }, span }, deepest + 1))
    }
}
