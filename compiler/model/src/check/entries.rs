//! Reading a block by its kind's table: which keys are there, which are not, and whether their values have the right
//! shape.

use crate::check::names::{dotted, nearest};
use crate::schema::{KeySchema, Kind, KindSchema, Presence, Shape};
use groma_syntax::ast::{Block, Entry, Expr, ExprKind, Item};
use groma_syntax::{Code, Diagnostic, Span};
use jiff::civil::Date;
use smol_str::SmolStr;

/// A key that the kind does not have.
pub(crate) static UNKNOWN_KEY: Code =
    Code::error("name/unknown-key", "A declaration has a key that its kind does not know.");
/// A key written twice.
pub(crate) static REPEATED_KEY: Code = Code::error("name/repeated-key", "A declaration says the same key twice.");
/// A key that must be there.
pub(crate) static MISSING_KEY: Code =
    Code::error("name/missing-key", "A declaration lacks a key that its meaning needs.");
/// A value of the wrong shape.
pub(crate) static WRONG_VALUE: Code = Code::error("type/wrong-value", "A key has a value it cannot have.");
/// A key or a kind whose meaning is not built yet.
pub(crate) static NOT_YET: Code =
    Code::error("language/not-yet", "A part of the language that this release does not build.");

/// The entries of one declaration, by key.
pub(crate) struct Entries<'a> {
    pub(crate) item: &'a Item,
    schema: &'static KindSchema,
    found: Vec<(&'static KeySchema, &'a Entry)>,
    /// A key was refused whose meaning other entries may rest on.
    pub(crate) unfinished: bool,
}

impl<'a> Entries<'a> {
    /// Reads the item's block and reports what does not fit the table.
    pub(crate) fn read(item: &'a Item, schema: &'static KindSchema, sink: &mut Vec<Diagnostic>) -> Self {
        let mut found: Vec<(&'static KeySchema, &'a Entry)> = Vec::with_capacity(item.body.entries.len());
        let mut unfinished = false;
        for entry in &item.body.entries {
            let Some(key) = schema.key(&entry.key().text) else {
                sink.push(unknown_key(entry, item, schema));
                continue;
            };
            let repeats = matches!(key.shape, Shape::Parts(_));
            if let Some((_, first)) = found.iter().find(|(known, _)| known.name == key.name && !repeats) {
                sink.push(
                    REPEATED_KEY
                        .finding(format!("`{}` of `{}` is said twice", key.name, item.name.text))
                        .at(entry.key().span, "said again here")
                        .also(first.key().span, "first said here")
                        .help("keep the one that is meant and delete the other"),
                );
            } else if key.presence == Presence::Later {
                sink.push(not_yet(entry, schema));
                unfinished |= key.shape == Shape::Measure;
            } else if let Some(problem) = wrong_shape(key, entry) {
                sink.push(problem);
            } else {
                found.push((key, entry));
            }
        }
        unexpected_head(item, schema, sink);
        let entries = Self { item, schema, found, unfinished };
        if !item.broken {
            entries.report_missing(schema, sink);
        }
        entries
    }

    /// Whether a key is there, rightly written or not: what is wrong with it was reported.
    pub(crate) fn mentions(&self, name: &str) -> bool {
        self.item.body.entries.iter().any(|entry| {
            let key = entry.key().text.as_str();
            key == name || (self.schema.key(key).is_none() && meant(key, self.schema) == Some(name))
        })
    }

    /// The values of a key.
    pub(crate) fn values(&self, key: &str) -> &'a [Expr] {
        match self.entry(key) {
            Some(Entry::Value { values, .. }) => values,
            _ => &[],
        }
    }

    /// The only value of a key.
    pub(crate) fn value(&self, key: &str) -> Option<&'a Expr> {
        self.values(key).first()
    }

    /// The text of a key and its place.
    pub(crate) fn text(&self, key: &str) -> Option<(&'a str, Span)> {
        self.value(key).and_then(as_text)
    }

    /// The word or name of a key and its place.
    pub(crate) fn name(&self, key: &str) -> Option<(SmolStr, Span)> {
        self.value(key).and_then(as_name)
    }

    /// The date of a key and its place; says so where there is no such day.
    pub(crate) fn date(&self, key: &str, sink: &mut Vec<Diagnostic>) -> Option<(Date, Span)> {
        let written = self.value(key)?;
        match day(written) {
            Ok(day) => Some((day, written.span)),
            Err(finding) => {
                sink.push(finding);
                None
            }
        }
    }

    /// The place of a key that is rightly written.
    pub(crate) fn key_span(&self, key: &str) -> Option<Span> {
        self.entry(key).map(|entry| entry.key().span)
    }

    /// The block of a key.
    pub(crate) fn group(&self, key: &str) -> Option<&'a Block> {
        match self.entry(key) {
            Some(Entry::Group { body, .. }) => Some(body),
            _ => None,
        }
    }

    /// The blocks of a key that may be said more than once, in their order.
    pub(crate) fn parts(&self, key: &str) -> impl Iterator<Item = &'a Entry> {
        self.found.iter().filter(move |(known, _)| known.name == key).map(|(_, entry)| *entry)
    }

    fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.found.iter().find(|(known, _)| known.name == key).map(|(_, entry)| *entry)
    }

    fn report_missing(&self, schema: &'static KindSchema, sink: &mut Vec<Diagnostic>) {
        let written = |name: &str| self.mentions(name);
        let required = |key: &&KeySchema| match key.presence {
            Presence::Required => !written(key.name),
            Presence::Unless(other) => !written(key.name) && !written(other),
            _ => false,
        };
        for key in schema.keys.iter().filter(required) {
            sink.push(
                MISSING_KEY
                    .finding(format!("{} `{}` has no `{}`", schema.word, self.item.name.text, key.name))
                    .at(self.item.name.span, format!("`{}` is missing: {}", key.name, key.doc))
                    .help(format!("add `{}:` with {}", key.name, key.shape.describe())),
            );
        }
        let one_of: Vec<&str> =
            schema.keys.iter().filter(|key| key.presence == Presence::OneOf).map(|key| key.name).collect();
        let present: Vec<&&str> = one_of.iter().filter(|name| written(name)).collect();
        if !one_of.is_empty() && present.len() != 1 {
            let choices = one_of.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let headline = format!(
                "{} `{}` says {} of {choices}",
                schema.word,
                self.item.name.text,
                if present.is_empty() { "none" } else { "more than one" }
            );
            sink.push(
                MISSING_KEY
                    .finding(headline)
                    .at(self.item.name.span, "where do its rows come from?")
                    .help(format!("say exactly one of {choices}")),
            );
        }
    }
}

/// The text of an expression that is one.
pub(crate) fn as_text(expr: &Expr) -> Option<(&str, Span)> {
    match &expr.kind {
        ExprKind::Text(text) => Some((text, expr.span)),
        _ => None,
    }
}

/// The date that an expression writes.
pub(crate) fn day(expr: &Expr) -> Result<Date, Diagnostic> {
    let headline = match &expr.kind {
        ExprKind::Date(text) => match text.parse() {
            Ok(day) => return Ok(day),
            Err(_) => format!("there is no day {text}"),
        },
        _ => "this is not a date".to_owned(),
    };
    Err(WRONG_VALUE.finding(headline).at(expr.span, "not a day").help("write a date such as `2026-07-01`"))
}

/// The dotted name of an expression that is one.
pub(crate) fn as_name(expr: &Expr) -> Option<(SmolStr, Span)> {
    match &expr.kind {
        ExprKind::Path(names) => Some((dotted(names), expr.span)),
        _ => None,
    }
}

fn unknown_key(entry: &Entry, item: &Item, schema: &'static KindSchema) -> Diagnostic {
    let key = entry.key();
    let finding = UNKNOWN_KEY
        .finding(format!("a {} has no `{}`", schema.word, key.text))
        .at(key.span, format!("in {} `{}`", schema.word, item.name.text));
    let known = schema.keys.iter().filter(|key| key.presence != Presence::Later).map(|key| key.name);
    match meant(&key.text, schema) {
        Some(near) => finding.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), key.span, near),
        None => finding.help(format!("it may have {}", super::names::listed(known))),
    }
}

/// Only some kinds take parameters and a type.
fn unexpected_head(item: &Item, schema: &'static KindSchema, sink: &mut Vec<Diagnostic>) {
    let parameter = item.params.first().map(|parameter| parameter.span);
    if let (Some(span), false) = (parameter.or(item.returns.as_ref().map(|returns| returns.span)), schema.parameters) {
        sink.push(
            WRONG_VALUE
                .finding(format!("a {} takes no parameters and gives no type", schema.word))
                .at(span, format!("behind the name of {} `{}`", schema.word, item.name.text))
                .help("make it a `function`, or take this out"),
        );
    }
    for (index, parameter) in item.params.iter().enumerate() {
        if let Some(first) = item.params[..index].iter().find(|first| first.name.text == parameter.name.text) {
            sink.push(
                REPEATED_KEY
                    .finding(format!("`{}` has two parameters `{}`", item.name.text, parameter.name.text))
                    .at(parameter.name.span, "said again here")
                    .also(first.name.span, "first said here")
                    .help("give one of them another name"),
            );
        }
    }
}

/// The key that a misspelt one probably means.
fn meant(key: &str, schema: &'static KindSchema) -> Option<&'static str> {
    nearest(key, schema.keys.iter().map(|key| key.name))
}

fn not_yet(entry: &Entry, schema: &'static KindSchema) -> Diagnostic {
    let key = entry.key();
    NOT_YET
        .finding(format!(
            "`{}` of a {} is not built yet, and leaving it out would change the number",
            key.text, schema.word
        ))
        .at(key.span, "this release does not know what to compute for it")
        .help("take the entry out, or keep this declaration aside until a release builds it")
}

fn wrong_shape(key: &'static KeySchema, entry: &Entry) -> Option<Diagnostic> {
    let fits = match entry {
        Entry::Group { name: None, .. } => key.shape == Shape::Group,
        Entry::Group { name: Some(_), .. } => matches!(key.shape, Shape::Parts(_)),
        Entry::Value { values, .. } => value_fits(key.shape, values),
    };
    if fits {
        return None;
    }
    let (span, code): (Span, &'static Code) = match entry {
        Entry::Value { values, .. } => {
            let span = values.iter().map(|value| value.span).reduce(Span::to).unwrap_or(entry.span());
            (span, if key.shape == Shape::Window { &super::window::NOT_A_WINDOW } else { &WRONG_VALUE })
        }
        Entry::Group { .. } => (entry.key().span, &WRONG_VALUE),
    };
    let mut finding = code
        .finding(format!("`{}` takes {}", key.name, key.shape.describe()))
        .at(span, "this is something else")
        .help(format!("`{}`: {}", key.name, key.doc));
    if let (Shape::Word(words), Entry::Value { values, .. }) = (key.shape, entry)
        && let Some((written, _)) = values.first().and_then(as_name)
        && let Some(near) = nearest(&written, words.iter().copied())
    {
        finding = finding.help(format!("did you mean `{near}`?"));
    }
    Some(finding)
}

fn value_fits(shape: Shape, values: &[Expr]) -> bool {
    let all = |test: fn(&Expr) -> bool| values.iter().all(test);
    let is_name = |expr: &Expr| as_name(expr).is_some();
    match shape {
        // Only a curve has a second value.
        Shape::Window => values.len() <= 2,
        Shape::Text => values.len() == 1 && all(|expr| as_text(expr).is_some()),
        Shape::Texts => all(|expr| as_text(expr).is_some()),
        Shape::Word(words) => {
            values.len() == 1
                && values.first().and_then(as_name).is_some_and(|(word, _)| words.contains(&word.as_str()))
        }
        Shape::Name(_) | Shape::Column => values.len() == 1 && all(is_name),
        Shape::Flag => values.len() == 1 && all(|expr| matches!(expr.kind, ExprKind::Bool(_))),
        Shape::Date => values.len() == 1 && all(|expr| matches!(expr.kind, ExprKind::Date(_))),
        Shape::Moment => values.len() == 1 && all(|expr| matches!(expr.kind, ExprKind::Date(_) | ExprKind::Text(_))),
        Shape::Names(_) | Shape::Words | Shape::Columns | Shape::Attributes | Shape::Grains => all(is_name),
        Shape::Condition
        | Shape::Measure
        | Shape::Expression
        | Shape::Duration
        | Shape::Timing
        | Shape::Unit
        | Shape::Form(_) => values.len() == 1,
        Shape::Groupings | Shape::Members | Shape::Forms(_) | Shape::Any => true,
        Shape::Group | Shape::Parts(_) => false,
    }
}

/// The kind whose table reads an item, for messages about unknown kinds.
pub(crate) fn kind_words() -> impl Iterator<Item = &'static str> {
    crate::schema::KINDS.iter().map(|schema| schema.word)
}

/// The kind of an item, if it is one this release builds.
pub(crate) fn kind_of(item: &Item) -> Option<Kind> {
    Kind::from_word(&item.kind.text)
}
