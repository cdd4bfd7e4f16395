//! What stands outside of blocks: the headers of items, and what is no item.

use super::Findings;
use super::build::{Builder, Built, Header};
use super::tokens::{Docs, Tokens};
use super::{explain, foreign};
use crate::ast::{Block, Doc, Item, Name, SmolStr};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::grammar::{Grammar, Rule};
use crate::lex::Kind;
use pest::Parser;

/// Follows what stands between items, so that one mistake is reported once.
#[derive(Debug, Default)]
pub(super) struct Outside {
    /// The closing brace of the item before.
    closed_by: Option<usize>,
    /// Something is reported already of which what follows may be a part: an entry outside, or a block that is never closed.
    reported: bool,
}

impl Outside {
    /// After an item that ends with a token.
    pub(super) fn after(last: usize) -> Self {
        Self { closed_by: Some(last), reported: false }
    }

    /// After an item with a block that is never closed.
    pub(super) fn after_unclosed(last: usize) -> Self {
        Self { closed_by: Some(last), reported: true }
    }

    /// Words without a body: reported, and kept as an item if they name one.
    pub(super) fn bodiless(
        &mut self,
        tokens: &Tokens<'_>,
        docs: &mut Docs<'_>,
        start: usize,
        end: usize,
        findings: &mut Findings,
    ) -> Option<Item> {
        let already = std::mem::replace(&mut self.reported, true);
        let is_named = tokens.kind(start) == Some(Kind::Name)
            && tokens.after_item_name(start + 1).is_some_and(|next| next == end || tokens.list[next].starts_line());
        if !is_named {
            match (start..end).find(|at| tokens.list[*at].is_foreign()) {
                Some(at) => findings.push(foreign::finding(tokens, at)),
                None if !already => findings.push(self.stands_outside(tokens, start, end)),
                None => {}
            }
            return None;
        }
        let header = salvage(tokens, start)?;
        let span = header.kind.span.to(header.name.span);
        let title = format!("{} {}", header.kind.text, header.name.text);
        findings.push(
            codes::MISSING_VALUE
                .finding(format!("`{title}` says nothing: its block is missing"))
                .at(span, "`{` must follow")
                .help(format!("write `{title} {{ … }}`")),
        );
        let doc = docs.claim(span.start as usize);
        named(tokens, start, doc)
    }

    fn stands_outside(&self, tokens: &Tokens<'_>, start: usize, end: usize) -> Diagnostic {
        let span = tokens.span_of(start);
        let text = tokens.word(start);
        if tokens.kind(start) == Some(Kind::Name) && tokens.kind(start + 1) == Some(Kind::Colon) {
            return outside_entry(tokens, start, self.closed_by);
        }
        if tokens.kind(start) == Some(Kind::Name) && start + 1 == end {
            return nameless(tokens, start);
        }
        codes::UNEXPECTED
            .finding(format!("`{}` stands outside of any declaration", explain::short(text)))
            .at(span, "belongs to nothing")
            .help("a declaration is written `kind name { key: value }`")
    }

    /// A closing brace that closes nothing.
    pub(super) fn stray(&mut self, tokens: &Tokens<'_>, at: usize, findings: &mut Findings) {
        if !std::mem::replace(&mut self.reported, false) {
            findings.report(|| stray_close(tokens, at, self.closed_by));
        }
        self.closed_by = Some(at);
    }
}

fn stray_close(tokens: &Tokens<'_>, at: usize, closed_by: Option<usize>) -> Diagnostic {
    let span = tokens.span_of(at);
    let finding = codes::STRAY_CLOSE
        .finding("this `}` closes nothing")
        .at(span, "no block is open here")
        .help("remove it, or look for a `}` too many before it")
        .fix("remove the `}`", span, "");
    match closed_by {
        Some(before) => finding.also(tokens.span_of(before), "the declaration before ends here"),
        None => finding,
    }
}

fn outside_entry(tokens: &Tokens<'_>, start: usize, closed_by: Option<usize>) -> Diagnostic {
    let finding = codes::UNEXPECTED
        .finding(format!("the entry `{}` stands outside of any block", explain::short(tokens.word(start))))
        .at(tokens.span_of(start), "belongs to no declaration")
        .help("put it between the braces of a declaration");
    match closed_by {
        Some(before) => finding.also(tokens.span_of(before), "the declaration before ends here"),
        None => finding,
    }
}

/// An item of which only the kind and the name are kept.
pub(super) fn named(tokens: &Tokens<'_>, start: usize, doc: Option<Doc>) -> Option<Item> {
    let Header { kind, name, params, returns } = salvage(tokens, start)?;
    let span = kind.span.to(name.span);
    let end = span.end as usize;
    let body = Block { span: tokens.span(end, end), entries: Vec::new() };
    Some(Item { span, doc, kind, name, params, returns, body, broken: true })
}

/// Reads the header from a token to the brace of the body. A mistake is reported; what names the item is kept.
pub(super) fn read(tokens: &Tokens<'_>, start: usize, brace: usize, findings: &mut Findings) -> (Option<Header>, bool) {
    match read_strictly(tokens, start, brace) {
        Ok(header) => (Some(header), false),
        Err(finding) => {
            findings.push(*finding);
            (salvage(tokens, start), true)
        }
    }
}

fn read_strictly(tokens: &Tokens<'_>, start: usize, brace: usize) -> Built<Header> {
    if let Some(at) = (start..brace).find(|at| tokens.list[*at].is_foreign()) {
        return Err(Box::new(foreign::finding(tokens, at)));
    }
    if let Some(finding) = explain::excess(tokens, start..brace) {
        return Err(Box::new(finding));
    }
    let mut shape = String::new();
    super::shape::write(tokens, start..brace, start..brace, &mut shape);
    let stopped = match Grammar::parse(Rule::only_header, &shape) {
        Ok(mut pairs) => match pairs.next() {
            Some(pair) => return Builder::new(tokens, start).header(pair),
            None => start,
        },
        Err(error) => start + explain::position(&error),
    };
    Err(Box::new(header_finding(tokens, start, brace, stopped)))
}

/// The kind and the name, if both can be read.
fn salvage(tokens: &Tokens<'_>, start: usize) -> Option<Header> {
    if tokens.kind(start) != Some(Kind::Name) {
        return None;
    }
    let next = tokens.after_item_name(start + 1)?;
    let name = |from: usize, to: usize| {
        let span = tokens.span_of(from).to(tokens.span_of(to));
        let text = tokens.text.get(span.start as usize..span.end as usize).unwrap_or("");
        Name { text: SmolStr::new(text), span }
    };
    let kind = name(start, start);
    let name = name(start + 1, next - 1);
    Some(Header { kind, name, params: Vec::new(), returns: None })
}

fn header_finding(tokens: &Tokens<'_>, start: usize, brace: usize, position: usize) -> Diagnostic {
    let kind = explain::short(tokens.word(start));
    let next = tokens.span_of(start + 1);
    match (tokens.kind(start), tokens.kind(start + 1)) {
        (Some(Kind::Name), _) if start + 1 == brace => nameless(tokens, start),
        (Some(Kind::Name), Some(Kind::Text)) => {
            let text = tokens.word(start + 1).trim_matches('"');
            let finding = codes::MISSING_NAME
                .finding(format!("the name of this `{kind}` stands in quotes"))
                .at(next, "a name, not a text")
                .help("write the name without quotes, and the words for readers as `title: \"…\"`");
            match crate::lex::item_name_end(text, 0) {
                Some(end) if end == text.len() => finding.fix("remove the quotes", next, text),
                _ => finding,
            }
        }
        (Some(Kind::Name), Some(Kind::Colon)) => outside_entry(tokens, start, None),
        (Some(Kind::Name), _) => match tokens.after_item_name(start + 1) {
            Some(second) => after_name(tokens, start, second, brace, position),
            None => explain::unexpected(tokens, position),
        },
        _ => codes::MISSING_NAME
            .finding("a block stands here without a kind and a name")
            .at(tokens.span_of(start), "no declaration begins like this")
            .help("write `kind name { … }`, such as `metric refund_rate { … }`"),
    }
}

fn nameless(tokens: &Tokens<'_>, start: usize) -> Diagnostic {
    let kind = explain::short(tokens.word(start));
    codes::MISSING_NAME
        .finding(format!("this `{kind}` has no name: nothing can refer to it"))
        .at(tokens.span_of(start), "a name must follow")
        .help(format!("write `{kind} name {{ … }}`"))
}

fn after_name(tokens: &Tokens<'_>, start: usize, second: usize, brace: usize, position: usize) -> Diagnostic {
    let kind = explain::short(tokens.word(start));
    let span = tokens.span_of(second);
    if let Some(arrow) = (second..position).rfind(|at| tokens.kind(*at) == Some(Kind::Arrow)) {
        return returned(tokens, arrow, brace, position);
    }
    match tokens.kind(second) {
        Some(Kind::Name) => {
            let joined = format!("{}_{}", tokens.word(second - 1), tokens.word(second));
            codes::MISSING_NAME
                .finding(format!("this `{kind}` has two names"))
                .at(span, "one name too many")
                .help(format!("join them: `{joined}`"))
        }
        Some(Kind::Colon) => codes::UNEXPECTED
            .finding(format!("no `:` stands between the name of a `{kind}` and its block"))
            .at(span, "not needed")
            .help("remove the `:`")
            .fix("remove the `:`", span, ""),
        Some(Kind::Operator) if tokens.word(second) == "=" => codes::UNEXPECTED
            .finding(format!("no `=` stands between the name of a `{kind}` and its block"))
            .at(span, "not needed")
            .help("remove the `=`")
            .fix("remove the `=`", span, ""),
        Some(Kind::OpenParen) => explain::parameters(tokens, second, brace, position),
        _ => explain::unexpected(tokens, position),
    }
}

/// What is wrong behind the `->` of a function.
fn returned(tokens: &Tokens<'_>, arrow: usize, brace: usize, position: usize) -> Diagnostic {
    if arrow + 1 < brace {
        return explain::value(tokens, arrow + 1, brace, position);
    }
    codes::MISSING_VALUE
        .finding("no type follows this `->`")
        .at(tokens.span_of(arrow), "the type of the value must follow")
        .help("write a type behind it, or remove the `->`")
}
