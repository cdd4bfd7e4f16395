//! What may be said of a thing in a rule: the keys of its kind, and what follows from them.
//!
//! Every key of a kind's schema table is an attribute by itself. What needs the model has a row in the kind's table under
//! `derived/`; a row there stands before a key of the same name.

use super::derived;
use super::facts::Facts;
use super::value::{SORTS, Sort, Thing, Type, Value};
use super::written;
use crate::schema::{KeySchema, Presence, Shape};
use std::sync::LazyLock;

/// One attribute of a sort of things.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) ty: Type,
    pub(crate) doc: &'static str,
    /// The words that it may be, where they are known.
    pub(crate) words: &'static [&'static str],
    /// Whether everything that is sound has it.
    pub(crate) never_null: bool,
    pub(crate) read: Read,
}

/// Where an attribute's value comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Read {
    Key(&'static KeySchema),
    Derived(Derive),
}

/// How a derived attribute is computed. Each is computed at most once per judgement, for all things of its sort together.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Derive {
    /// Of the thing at a place.
    One(fn(&Facts<'_>, usize) -> Value),
    /// Of all things, in their order, where one needs the others.
    All(fn(&Facts<'_>) -> Vec<Value>),
    /// Of whatever thing.
    Any(fn(&Facts<'_>, Thing) -> Value),
}

/// A row of a table of derived attributes.
#[derive(Debug)]
pub(crate) struct Derived {
    pub(crate) name: &'static str,
    pub(crate) ty: Type,
    pub(crate) doc: &'static str,
    pub(crate) derive: Derive,
    pub(crate) words: &'static [&'static str],
}

impl Derived {
    /// The words that it may be: comparing it with another one is refused.
    pub(crate) const fn among(mut self, words: &'static [&'static str]) -> Self {
        self.words = words;
        self
    }
}

/// A row that looks at one thing.
pub(crate) const fn one(
    name: &'static str,
    ty: Type,
    doc: &'static str,
    value: fn(&Facts<'_>, usize) -> Value,
) -> Derived {
    Derived { name, ty, doc, derive: Derive::One(value), words: &[] }
}

/// A row that everything has.
pub(crate) const fn any(
    name: &'static str,
    ty: Type,
    doc: &'static str,
    value: fn(&Facts<'_>, Thing) -> Value,
) -> Derived {
    Derived { name, ty, doc, derive: Derive::Any(value), words: &[] }
}

/// A row that looks at all things at once: it gives as many values as there are things.
pub(crate) const fn all(
    name: &'static str,
    ty: Type,
    doc: &'static str,
    values: fn(&Facts<'_>) -> Vec<Value>,
) -> Derived {
    Derived { name, ty, doc, derive: Derive::All(values), words: &[] }
}

static TABLES: LazyLock<Vec<Vec<Attribute>>> = LazyLock::new(|| {
    let mut tables: Vec<Vec<Attribute>> = (0..SORTS).map(|_| Vec::new()).collect();
    for sort in Sort::every() {
        tables[sort.position()] = table(sort);
    }
    tables
});

/// The attributes of a sort: derived ones first, then keys in the order of their table.
pub(crate) fn attributes(sort: Sort) -> &'static [Attribute] {
    &TABLES[sort.position()]
}

/// The place of an attribute among those of its sort.
pub(crate) fn position(sort: Sort, name: &str) -> Option<usize> {
    attributes(sort).iter().position(|attribute| attribute.name == name)
}

fn table(sort: Sort) -> Vec<Attribute> {
    let own = derived::table(sort);
    // A column has its own name, which is not that by which messages call it.
    let common = derived::COMMON.iter().filter(|row| own.iter().all(|other| other.name != row.name));
    let mut rows: Vec<Attribute> = common
        .chain(own)
        .chain(derived::for_packs(sort))
        .map(|row| Attribute {
            name: row.name,
            ty: row.ty,
            doc: row.doc,
            words: row.words,
            never_null: row.name == "name",
            read: Read::Derived(row.derive),
        })
        .collect();
    let Sort::Declared(kind) = sort else { return rows };
    for key in kind.schema().keys.iter().filter(|key| key.presence != Presence::Later) {
        // Blocks with names are things of their own.
        if matches!(key.shape, Shape::Parts(_)) {
            continue;
        }
        if rows.iter().all(|row| row.name != key.name) {
            let words: &[&str] = if let Shape::Word(words) = key.shape { words } else { &[] };
            rows.push(Attribute {
                name: key.name,
                ty: written::type_of(key.shape),
                doc: key.doc,
                words,
                never_null: key.presence == Presence::Required || words.contains(&key.default),
                read: Read::Key(key),
            });
        }
    }
    rows
}
