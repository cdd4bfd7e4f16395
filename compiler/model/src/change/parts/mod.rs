//! What differs between two declarations of one name, key by key, in words.

mod groups;
mod lists;
pub(super) mod text;
mod tiles;
mod words;

use crate::schema::{Bearing, KeySchema, Kind, Shape};
use groma_syntax::ast::{Entry, Expr, Item, Param, same_undocumented};
use groma_syntax::{SourceMap, Span};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// A declaration on both sides.
pub(super) struct Pair<'a> {
    pub(super) kind: Kind,
    pub(super) base: &'a Item,
    pub(super) head: &'a Item,
    pub(super) base_text: &'a SourceMap,
    pub(super) head_text: &'a SourceMap,
    /// The keys of which the normal forms differ: what is none of them says the same in other words. None where nobody knows.
    pub(super) changed: Option<&'a BTreeSet<SmolStr>>,
}

/// What a difference can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    Cosmetic,
    Words,
    Policy,
    /// Something that was not there appears, nothing else changes.
    New,
    /// What was there disappears, nothing else changes.
    Gone,
    /// Numbers of metrics, if they say so: with none of them different it is policy.
    Strictness,
    /// What stands in cells.
    Number,
}

/// A difference.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) reach: Reach,
    pub(super) key: SmolStr,
    pub(super) words: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) span: Option<Span>,
    /// What could not be decided about it.
    pub(super) undecided: Option<String>,
    /// The column of a source that it is about.
    pub(super) column: Option<SmolStr>,
}

impl Reach {
    /// Whether a metric that is built from it may have other numbers.
    pub(super) fn is_of_numbers(self) -> bool {
        matches!(self, Reach::Strictness | Reach::Number)
    }
}

impl From<Bearing> for Reach {
    fn from(bearing: Bearing) -> Self {
        match bearing {
            Bearing::Words => Reach::Words,
            Bearing::Policy => Reach::Policy,
            // Which cells there are is compared by its own rules; what these do not know may be a number.
            Bearing::Cells | Bearing::Number => Reach::Number,
        }
    }
}

/// An entry on both sides, where it is there.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    pub(super) base: Option<&'a Entry>,
    pub(super) head: Option<&'a Entry>,
}

impl<'a> Pair<'a> {
    /// The entries of a key.
    pub(super) fn sides(&self, key: &str) -> Sides<'a> {
        let entry = |item: &'a Item| item.body.entries.iter().find(|entry| entry.key().text == key);
        Sides { base: entry(self.base), head: entry(self.head) }
    }

    /// Whether a key says the same on both sides, in other words.
    pub(super) fn is_same(&self, key: &str) -> bool {
        let inside = |changed: &SmolStr| changed.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'));
        self.changed.is_some_and(|changed| !changed.contains(key) && !changed.iter().any(inside))
    }

    /// A difference of an entry, with what stands on both sides.
    pub(super) fn found(&self, reach: Reach, key: &str, sides: Sides<'_>, words: String) -> Found {
        Found {
            reach,
            key: key.into(),
            words,
            before: sides.base.map(|entry| text::of_entry(self.base_text, entry)),
            after: sides.head.map(|entry| text::of_entry(self.head_text, entry)),
            span: Some(sides.head.map_or(self.head.name.span, Entry::span)),
            undecided: None,
            column: None,
        }
    }

    pub(super) fn before(&self, expr: &Expr) -> String {
        text::written(self.base_text, expr.span)
    }

    pub(super) fn after(&self, expr: &Expr) -> String {
        text::written(self.head_text, expr.span)
    }
}

/// All differences but those of what is compared as cells (`by` and `grain` of a metric), in the order of the kind's table.
pub(super) fn of(pair: &Pair<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    description(pair, &mut found);
    head(pair, &mut found);
    for key in pair.kind.schema().keys {
        if let Shape::Parts(kind) = key.shape {
            tiles::compare(pair, (key.name, kind), &mut found);
            continue;
        }
        let sides = pair.sides(key.name);
        let is_cells = pair.kind == Kind::Metric && matches!(key.name, "by" | "grain");
        let is_equal = match (sides.base, sides.head) {
            (None, None) => true,
            (Some(base), Some(head)) => same_undocumented(base, head),
            _ => false,
        };
        if !is_cells && !is_equal {
            entry(pair, key, sides, &mut found);
        }
        entry_description(pair, key.name, sides, &mut found);
    }
    found
}

/// The numbers' part of it only: what a version of a metric can say otherwise.
pub(super) fn of_numbers(pair: &Pair<'_>) -> Vec<Found> {
    of(pair).into_iter().filter(|found| matches!(found.reach, Reach::Cosmetic | Reach::Number)).collect()
}

/// How an entry that says the same is told.
pub(super) fn otherwise(pair: &Pair<'_>, key: &str, sides: Sides<'_>) -> Found {
    pair.found(Reach::Cosmetic, key, sides, format!("`{key}` is written otherwise"))
}

fn entry(pair: &Pair<'_>, key: &KeySchema, sides: Sides<'_>, found: &mut Vec<Found>) {
    if pair.is_same(key.name) {
        found.push(otherwise(pair, key.name, sides));
        return;
    }
    let before = found.len();
    let reach = Reach::from(pair.kind.schema().bearing(key));
    match key.shape {
        Shape::Group => groups::compare(pair, key.name, reach, sides, found),
        Shape::Names(_)
        | Shape::Words
        | Shape::Columns
        | Shape::Attributes
        | Shape::Texts
        | Shape::Members
        | Shape::Forms(_)
        | Shape::Groupings => lists::compare(pair, key.name, reach, sides, found),
        _ => words::value(pair, key, reach, sides, found),
    }
    if found.len() == before {
        found.push(otherwise(pair, key.name, sides));
    }
}

fn description(pair: &Pair<'_>, found: &mut Vec<Found>) {
    let [base, head] = [pair.base, pair.head].map(|item| item.doc.as_ref().map(|doc| doc.text.trim()));
    if base == head {
        return;
    }
    let words = match (base, head) {
        (None, _) => "the description is new",
        (_, None) => "the description is gone",
        _ => "the description says otherwise",
    };
    let line = |text: Option<&str>| text.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    found.push(Found {
        reach: Reach::Words,
        key: "doc".into(),
        words: words.to_owned(),
        before: line(base),
        after: line(head),
        span: Some(pair.head.doc.as_ref().map_or(pair.head.name.span, |doc| doc.span)),
        undecided: None,
        column: None,
    });
}

/// What is written above an entry, or above one inside of it.
fn entry_description(pair: &Pair<'_>, key: &str, sides: Sides<'_>, found: &mut Vec<Found>) {
    let (Some(base), Some(head)) = (sides.base, sides.head) else { return };
    let above = |entry| {
        let mut found = Vec::new();
        text::documentation(entry, "", &mut found);
        found
    };
    let (base, head) = (above(base), above(head));
    if base == head {
        return;
    }
    let paths: BTreeSet<&String> = base.iter().chain(&head).map(|(path, _)| path).collect();
    for path in paths {
        let of = |side: &[(String, &str)]| {
            let doc = side.iter().find(|(known, _)| known == path);
            doc.map(|(_, text)| text.split_whitespace().collect::<Vec<_>>().join(" "))
        };
        let (before, after) = (of(&base), of(&head));
        if before != after {
            let name = path.rsplit_once('.').map_or(path.as_str(), |(_, name)| name);
            let words = format!("the description of `{name}` says otherwise");
            let found_one = pair.found(Reach::Words, key, sides, words);
            found.push(Found { before, after, ..found_one });
        }
    }
}

/// What a function takes and gives.
fn head(pair: &Pair<'_>, found: &mut Vec<Found>) {
    if !pair.kind.schema().parameters {
        return;
    }
    let list = |item: &Item, sources: &SourceMap| {
        let parameter = |parameter: &Param| text::written(sources, parameter.span);
        item.params.iter().map(parameter).collect::<Vec<_>>().join(", ")
    };
    let (before, after) = (list(pair.base, pair.base_text), list(pair.head, pair.head_text));
    if before != after {
        let same = pair.is_same("parameters");
        let words = if same {
            "its parameters have other names".to_owned()
        } else {
            format!("it takes `({after})` instead of `({before})`")
        };
        found.push(of_head(pair, "parameters", same, words, (Some(before), Some(after))));
    }
    let gives = |item: &Item, sources: &SourceMap| item.returns.as_ref().map(|ty| text::written(sources, ty.span));
    let (before, after) = (gives(pair.base, pair.base_text), gives(pair.head, pair.head_text));
    if before != after {
        let say =
            |gives: &Option<String>| gives.as_ref().map_or_else(|| "what follows".to_owned(), |ty| format!("`{ty}`"));
        let words = format!("it gives {} instead of {}", say(&after), say(&before));
        found.push(of_head(pair, "returns", pair.is_same("returns"), words, (before, after)));
    }
}

fn of_head(
    pair: &Pair<'_>,
    key: &str,
    same: bool,
    words: String,
    (before, after): (Option<String>, Option<String>),
) -> Found {
    let reach = if same { Reach::Cosmetic } else { Reach::Number };
    let span = Some(pair.head.name.span);
    Found { reach, key: key.into(), words, before, after, span, undecided: None, column: None }
}
