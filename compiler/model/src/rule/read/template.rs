//! Messages with places: `{m.name} has no owner`.

use super::{BAD_PLACE, Reader};
use crate::rule::evaluate::Evaluator;
use crate::rule::expression::Node;
use crate::rule::facts::Facts;
use crate::rule::value::{Type, Value};
use groma_syntax::Span;
use groma_syntax::ast::Name;

/// A text with places.
#[derive(Debug, Clone, Default)]
pub(crate) struct Template {
    pub(crate) pieces: Vec<Piece>,
}

/// A part of a template.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    Text(String),
    Place(Node),
}

impl Reader<'_> {
    /// Reads a text with places; `{{` and `}}` are braces.
    pub(crate) fn template(&mut self, text: &str, span: Span) -> Template {
        // Without escapes, the text stands in the file as it is, between its quotes.
        let as_written = (span.end - span.start) as usize == text.len() + 2;
        let place = |start: usize, end: usize| match as_written {
            true => Span::new(span.file, span.start as usize + 1 + start, span.start as usize + 1 + end),
            false => span,
        };
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut at = 0;
        while let Some(found) = text[at..].find(['{', '}']).map(|found| at + found) {
            plain.push_str(&text[at..found]);
            let brace = &text[found..=found];
            if text[found + 1..].starts_with(brace) {
                plain.push_str(brace);
                at = found + 2;
                continue;
            }
            let end = text[found..].find('}').map(|end| found + end).filter(|_| brace == "{");
            let Some(end) = end else {
                let finding = BAD_PLACE
                    .finding(format!("a `{brace}` of this text is alone"))
                    .at(place(found, found + 1), "this brace");
                self.sink.push(finding.help(format!("close the place, or write `{brace}{brace}` for a brace")));
                return Template::default();
            };
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
            if let Some(node) = self.place(&text[found + 1..end], &|from, to| place(found + 1 + from, found + 1 + to)) {
                pieces.push(Piece::Place(node));
            }
            at = end + 1;
        }
        plain.push_str(&text[at..]);
        pieces.push(Piece::Text(plain));
        Template { pieces }
    }

    fn place(&mut self, text: &str, span: &dyn Fn(usize, usize) -> Span) -> Option<Node> {
        let mut at = 0;
        let mut path = Vec::new();
        for part in text.split('.') {
            let is_name =
                !part.is_empty() && part.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
            if !is_name {
                let finding = BAD_PLACE.finding(format!("`{{{text}}}` is no place for a value"));
                let name = &self.scope[0].0;
                let help = format!("write a name with what it has: `{{{name}.name}}`");
                self.sink.push(finding.at(span(0, text.len()), "not a name").help(help));
                return None;
            }
            path.push(Name { text: part.into(), span: span(at, at + part.len()) });
            at += part.len() + 1;
        }
        let first = path.first()?;
        if first.text != "today" && self.scope.iter().all(|(name, _)| *name != first.text) {
            let finding = BAD_PLACE.finding(format!("`{}` stands for nothing in this rule", first.text));
            let name = &self.scope[0].0;
            let help = format!("the rule is about `{name}`: write `{{{name}.name}}`");
            self.sink.push(finding.at(first.span, "no such name").help(help));
            return None;
        }
        let typed = self.path(&path, span(0, text.len()));
        (typed.ty != Type::Open).then_some(typed.node)
    }
}

impl Template {
    /// The text for the thing that is looked at.
    pub(crate) fn fill<'a>(&'a self, evaluator: &mut Evaluator<'a, '_>, facts: &Facts<'_>) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Place(node) => text.push_str(&show(facts, &evaluator.value(node))),
            }
        }
        text
    }
}

/// A value in a sentence.
pub(crate) fn show(facts: &Facts<'_>, value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => format!("{number}"),
        Value::Text(text) => text.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Thing(thing) => facts.name(*thing).to_string(),
        Value::List(values) => {
            let shown: Vec<String> = values.iter().map(|value| show(facts, value)).collect();
            match shown.as_slice() {
                [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
                _ => shown.concat(),
            }
        }
    }
}
