//! Reference pages that are made from tables: the kinds with their keys, and the functions.
//!
//! `docs/reference/kinds.md` and `docs/reference/functions.md` are these texts; a test keeps them so.

use crate::stdlib;
use groma_model::check::built_in_functions;
use groma_model::schema::{KINDS, KindSchema, Presence};
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
