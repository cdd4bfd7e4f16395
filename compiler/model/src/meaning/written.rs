//! What declarations say, whatever way it is written: the normal form of their entries.
//!
//! Names of others stand for themselves here, and nothing is known of types. Order, parentheses, comments, documentation,
//! defaults that are written out and names that nobody else sees (parameters, the variable of a rule) take no part.

mod entry;
mod expression;

use super::{Digest, Subject, digest};
use crate::check::declare::Declared;
use crate::model::Model;
use crate::schema::Kind;
use crate::time::Calendar;
use entry::Writer;
pub(super) use expression::Known;
use groma_syntax::ast::{Block, Doc, Entry};
use smol_str::{SmolStr, format_smolstr};

/// What each key of a declaration says, sorted by key; groups are spread: `columns.amount`, `steps.paid`. None where there is
/// no such declaration.
///
/// A metric with versions has its keys as in the first one, and what later ones say otherwise as `version.2.where`.
pub fn entries(model: &Model, subject: &Subject) -> Option<Vec<(SmolStr, Digest)>> {
    let found = forms(model, subject)?;
    Some(found.into_iter().map(|(key, form)| (key, digest(&form))).collect())
}

/// The documentation of a declaration (its key is empty) and of its entries, sorted by key.
pub fn documentation(model: &Model, subject: &Subject) -> Option<Vec<(SmolStr, String)>> {
    let declared = declared(model, subject)?;
    let mut found = Vec::new();
    let text = |doc: &Doc| doc.text.replace("\r\n", "\n").trim().to_owned();
    found.extend(declared.item.doc.as_ref().map(|doc| (SmolStr::default(), text(doc))));
    documented(&declared.item.body, "", &text, &mut found);
    if let Some(metric) = versioned(model, subject) {
        let later = metric.versions.iter().filter_map(|version| Some((version.number, version.doc.as_ref()?)));
        found.extend(later.map(|(number, doc)| (format_smolstr!("version.{number}"), doc.replace("\r\n", "\n"))));
    }
    found.sort();
    Some(found)
}

/// What the manifest says of how the project counts time, by its keys.
pub fn manifest(calendar: &Calendar) -> Vec<(SmolStr, Digest)> {
    let keys = [
        ("default_grain", calendar.default_grain.word().to_owned()),
        ("fiscal_year_starts", calendar.fiscal_year_starts.to_string()),
        ("timezone", calendar.zone.to_string()),
        ("week_starts", calendar.week_starts.to_monday_one_offset().to_string()),
    ];
    keys.into_iter().map(|(key, value)| (SmolStr::new_static(key), digest(&value))).collect()
}

/// The whole of a declaration's own words, without its name; of a metric, of the version that is read.
pub(super) fn direct(model: &Model, kind: Kind, declared: &Declared) -> String {
    whole(Writer::of(model, kind, &declared.item, None).item(&declared.item))
}

/// The same, with declarations that it names by what they mean.
pub(super) fn resolved(
    model: &Model,
    kind: Kind,
    declared: &Declared,
    functions: &dyn Fn(&str) -> Option<Known>,
) -> String {
    whole(Writer::of(model, kind, &declared.item, Some(functions)).item(&declared.item))
}

/// One key of a declaration, as [`direct`] has it.
pub(super) fn key(model: &Model, kind: Kind, declared: &Declared, wanted: &str) -> String {
    let entries = Writer::of(model, kind, &declared.item, None).item(&declared.item);
    whole(entries.into_iter().filter(|(key, _)| key == wanted).collect())
}

fn whole(entries: Vec<(SmolStr, String)>) -> String {
    entries.into_iter().map(|(key, form)| format!("{key}={form}\n")).collect()
}

fn forms(model: &Model, subject: &Subject) -> Option<Vec<(SmolStr, String)>> {
    let declared = declared(model, subject)?;
    let writer = Writer::of(model, subject.0, &declared.item, None);
    let Some(metric) = versioned(model, subject) else { return Some(writer.item(&declared.item)) };
    let mut found = writer.item(&declared.of_version(1));
    for version in &metric.versions {
        let number = version.number;
        if let Some(from) = version.from {
            found.push((format_smolstr!("version.{number}.from"), format!("date({from})")));
        }
        let item = declared.of_version(number);
        for key in &version.keys {
            let before = found.len();
            match item.body.entries.iter().find(|entry| entry.key().text == *key) {
                Some(entry) => writer.entry(entry, &mut found),
                None => found.push((key.clone(), "none".to_owned())),
            }
            for (key, _) in &mut found[before..] {
                *key = format_smolstr!("version.{number}.{key}");
            }
        }
    }
    found.sort();
    Some(found)
}

/// The metric, if it has versions.
fn versioned<'m>(model: &'m Model, subject: &Subject) -> Option<&'m crate::model::Metric> {
    let metric = model.metric_named(&subject.1).filter(|_| subject.0 == Kind::Metric)?;
    let metric = model.metric(metric);
    (!metric.versions.is_empty()).then_some(metric)
}

impl Model {
    /// Whether there is such a declaration, by the name it is declared by.
    pub fn has(&self, subject: &Subject) -> bool {
        declared(self, subject).is_some()
    }
}

fn declared<'m>(model: &'m Model, (kind, name): &Subject) -> Option<&'m Declared> {
    let all = model.declarations.of(*kind);
    all.binary_search_by(|declared| declared.name.cmp(name)).ok().map(|at| &all[at])
}

fn documented(block: &Block, above: &str, text: &dyn Fn(&Doc) -> String, found: &mut Vec<(SmolStr, String)>) {
    for entry in &block.entries {
        let (Entry::Value { doc, .. } | Entry::Group { doc, .. }) = entry;
        let key = entry::key(above, entry);
        found.extend(doc.as_ref().map(|doc| (key.clone(), text(doc))));
        if let Entry::Group { body, .. } = entry {
            documented(body, &key, text, found);
        }
    }
}

#[cfg(test)]
mod tests;
