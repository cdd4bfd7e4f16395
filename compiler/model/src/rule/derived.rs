//! Attributes that follow from the model: a table per sort of things.
//!
//! To add one, write a row into the table of its sort. `one(name, type, doc, function)` looks at one thing at a time;
//! `all(name, type, doc, function)` computes the values of all things together, for what needs to know the others. Each is
//! computed at most once per judgement.

mod column;
mod data;
mod law;
pub(crate) mod metric;
mod packs;
mod people;
mod reading;
mod survey;

use super::attribute::{Derived, any};
use super::value::{Sort, Type, Value};
use crate::schema::Kind;

/// What everything has.
pub(crate) static COMMON: [Derived; 2] = [
    any("name", Type::Text, "its name", |facts, thing| Value::Text(facts.name(thing))),
    any("doc", Type::Text, "what its `///` comment says", |facts, thing| Value::text(facts.doc(thing))),
];

/// The table of a sort.
pub(crate) fn table(sort: Sort) -> &'static [Derived] {
    match sort {
        Sort::Column => column::TABLE,
        Sort::Declared(Kind::Metric) => metric::TABLE,
        Sort::Declared(Kind::Source) => data::SOURCE,
        Sort::Declared(Kind::Customer) => data::CUSTOMER,
        Sort::Declared(Kind::Window) => data::WINDOW,
        Sort::Declared(Kind::Survey) => survey::TABLE,
        Sort::Declared(Kind::Team) => people::TEAM,
        Sort::Declared(Kind::Council) => people::COUNCIL,
        Sort::Declared(Kind::Region) => people::REGION,
        Sort::Declared(Kind::Agreement) => law::AGREEMENT,
        Sort::Tile => reading::OF_TILES,
        Sort::Declared(Kind::Dashboard) => reading::OF_DASHBOARDS,
        Sort::Declared(Kind::Alert) => reading::OF_ALERTS,
        Sort::Declared(Kind::Goal) => reading::OF_TARGETS,
        _ => &[],
    }
}

/// What the packs of standard rules need beside.
pub(crate) fn for_packs(sort: Sort) -> impl Iterator<Item = &'static Derived> {
    let (rows, further): (&[Derived], &[Derived]) = match sort {
        Sort::Declared(Kind::Metric) => (packs::OF_METRICS, reading::OF_METRICS),
        Sort::Declared(Kind::Survey) => (packs::OF_SURVEYS, &[]),
        _ => (&[], &[]),
    };
    rows.iter().chain(further)
}
