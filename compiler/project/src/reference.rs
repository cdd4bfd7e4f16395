//! Reference pages that are made from tables: the kinds with their keys, what rules may ask of them, and the functions.
//!
//! `docs/reference/kinds.md`, `attributes.md` and `functions.md` are these texts; a test keeps them so.

use crate::stdlib;
use groma_model::check::built_in_functions;
use groma_model::rule::{self, Sort};
use groma_model::schema::{KINDS, KindSchema, Presence, Shape};
use groma_model::{FileId, SourceMap};
use groma_syntax::ast::{Entry, Item};
use groma_syntax::parse;
use std::fmt::Write as _;

/// Kinds of declarations and what each may hold, from the schema tables.
pub fn kinds() -> String {
    let mut page = String::from(
        "# Kinds and their keys\n\nThis page is made by `groma reference kinds` from the tables that the compiler reads \
         declarations by.\n",
    );
    for schema in KINDS {
        kind(&mut page, schema);
        for part in schema.keys {
            if let Shape::Parts(of) = part.shape {
                kind(&mut page, of.schema());
            }
        }
    }
    page
}

/// What rules may say of each sort of things: keys and what follows from them.
pub fn attributes() -> String {
    let mut page = String::from(
        "# What rules may ask\n\nThis page is made by `groma reference attributes`. A rule is about all things of a sort: \
         `for: m in metrics`; `m.owner` is what is in the table of metrics. A key that is not written is null. A list that is empty is \
         null too. How rules are written says [write a rule](../how-to/write-a-rule.md).\n\n\
         | also | what it says |\n|---|---|\n\
         | `every source of m has source.owner is not null` | all that a thing uses, directly or through others, keep the condition |\n\
         | `any metric using s`, `no metric using s has metric.status = \"active\"` | whether something uses a thing, directly or through others |\n\
         | `count(source of m)`, `count(metric using s has metric.by is null)` | how many |\n\
         | `today`, `today + 30 days` | the day of the judgement |\n",
    );
    for sort in Sort::every() {
        let _ = write!(page, "\n## {}\n\n| attribute | is | meaning |\n|---|---|---|\n", sort.plural());
        for (name, ty, doc) in rule::attributes(sort) {
            let _ = writeln!(page, "| `{name}` | {ty} | {doc} |");
        }
    }
    page
}

/// Functions: the ones the language brings, and the standard library.
pub fn functions() -> String {
    let mut page = String::from(
        "# Functions\n\nThis page is made by `groma reference functions`.\n\n## Built in\n\n| function | what it gives |\n|---|---|\n",
    );
    for (name, doc) in built_in_functions() {
        let _ = writeln!(page, "| `{name}` | {doc} |");
    }
    page.push_str(
        "| `lowest` | the lower end of a scale |\n| `highest` | the upper end of a scale |\n\n\
         Each aggregate takes a condition inside: `sum(amount where refunded)`, `count(where amount > 50)`.\n\n\
         ## Standard library\n\nWritten in the language; `groma explain NAME` shows the definition. A project that declares a \
         function of the same name means its own, and `std.NAME` is always the library's.\n",
    );
    for (name, text) in stdlib::FILES {
        let mut sources = SourceMap::default();
        let file = sources.add(stdlib::path(name), *text);
        for item in parse(FileId(file.0), text).file.items.iter().filter(|item| item.kind.text == "function") {
            function(&mut page, item, &sources);
        }
    }
    page
}

fn kind(page: &mut String, schema: &KindSchema) {
    let _ = write!(
        page,
        "\n## {}\n\n{}\n\n| key | takes | meaning | without it |\n|---|---|---|---|\n",
        schema.word, schema.doc
    );
    for key in schema.keys.iter().filter(|key| key.presence != Presence::Later) {
        let without = match key.presence {
            Presence::Required => "an error".to_owned(),
            Presence::Unless(other) => format!("an error, without `{other}`"),
            Presence::OneOf => "one of these must be there".to_owned(),
            Presence::Optional | Presence::Later => key.default.to_owned(),
        };
        let takes = key.shape.describe();
        let _ = writeln!(page, "| `{}` | {takes} | {} | {without} |", key.name, key.doc);
    }
    let later: Vec<String> =
        schema.keys.iter().filter(|key| key.presence == Presence::Later).map(|key| format!("`{}`", key.name)).collect();
    if !later.is_empty() {
        let _ = writeln!(page, "\nNot built yet, and refused: {}.", later.join(", "));
    }
}

fn function(page: &mut String, item: &Item, sources: &SourceMap) {
    let parameters: Vec<&str> = item.params.iter().map(|parameter| sources.slice(parameter.span)).collect();
    let returns =
        item.returns.as_ref().map_or_else(String::new, |returns| format!(" -> {}", sources.slice(returns.span)));
    let joined = parameters.join(", ").split_whitespace().collect::<Vec<_>>().join(" ");
    let _ = write!(page, "\n### {}\n\n`{}({joined}){returns}`\n", item.name.text, item.name.text);
    if let Some(doc) = &item.doc {
        let _ = write!(page, "\n{}\n", doc.text);
    }
    if let Some(Entry::Value { values, .. }) = item.body.entries.first()
        && let Some(value) = values.first()
    {
        let _ = write!(page, "\nIts value: `{}`\n", sources.slice(value.span));
    }
}
