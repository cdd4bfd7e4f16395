//! What is known of the things of a model on a date: attributes and relations, computed when they are first asked for.

use super::attribute::{Derive, Read, attributes};
use super::relation::Relations;
use super::value::{Sort, Thing, Value};
use super::written;
use crate::check::declare::{Declarations, Declared};
use crate::model::{Column, ColumnId, Header, Model, SourceId};
use crate::reading::{Dashboard, Tile};
use crate::schema::Kind;
use groma_syntax::Span;
use jiff::civil::Date;
use smol_str::SmolStr;
use std::cell::OnceCell;

/// A model on a date, as rules see it.
pub(crate) struct Facts<'m> {
    pub(crate) model: &'m Model,
    /// The day of the judgement.
    pub(crate) date: Date,
    /// The columns of all sources, in order.
    columns: Vec<(SourceId, ColumnId)>,
    /// The tiles of all dashboards, in order.
    tiles: Vec<(usize, usize)>,
    /// By sort, then attribute: the values of all things.
    values: Vec<Vec<OnceCell<Vec<Value>>>>,
    relations: OnceCell<Relations>,
}

impl<'m> Facts<'m> {
    pub(crate) fn new(model: &'m Model, date: Date) -> Self {
        let columns = model.sources.iter().enumerate().flat_map(|(at, source)| {
            (0..source.columns.len()).map(move |column| (SourceId::at(at), ColumnId::at(column)))
        });
        let values = Sort::every().map(|sort| attributes(sort).iter().map(|_| OnceCell::new()).collect());
        let tiles = model.dashboards.iter().enumerate();
        let tiles = tiles.flat_map(|(at, dashboard)| (0..dashboard.tiles.len()).map(move |tile| (at, tile))).collect();
        Self { model, date, columns: columns.collect(), tiles, values: values.collect(), relations: OnceCell::new() }
    }

    fn declarations(&self) -> &'m Declarations {
        &self.model.declarations
    }

    /// How many things of a sort there are.
    pub(crate) fn count(&self, sort: Sort) -> usize {
        match sort {
            Sort::Declared(kind) => self.declarations().of(kind).len(),
            Sort::Column => self.columns.len(),
            Sort::Tile => self.tiles.len(),
        }
    }

    /// A declaration as it was written.
    pub(crate) fn declared(&self, kind: Kind, at: usize) -> &'m Declared {
        &self.declarations().of(kind)[at]
    }

    /// A column by its place among all.
    pub(crate) fn column(&self, at: usize) -> (SourceId, &'m Column) {
        let (source, column) = self.columns[at];
        (source, self.model.column(source, column))
    }

    /// A tile by its place among all: the places of its dashboard, and in it.
    pub(crate) fn tile(&self, at: usize) -> (usize, usize) {
        self.tiles[at]
    }

    fn tile_of(&self, thing: Thing) -> (&'m Dashboard, &'m Tile) {
        let (dashboard, tile) = self.tile(thing.index());
        let dashboard = &self.model.dashboards[dashboard];
        (dashboard, &dashboard.tiles[tile])
    }

    /// The places of a dashboard's tiles among all tiles.
    pub(crate) fn tiles_of(&self, dashboard: usize) -> std::ops::Range<usize> {
        let start = self.tiles.partition_point(|(other, _)| *other < dashboard);
        let end = self.tiles.partition_point(|(other, _)| *other <= dashboard);
        start..end
    }

    /// The places of a source's columns among all columns.
    pub(crate) fn columns_of(&self, source: SourceId) -> std::ops::Range<usize> {
        let start = self.columns.partition_point(|(other, _)| *other < source);
        let end = self.columns.partition_point(|(other, _)| *other <= source);
        start..end
    }

    /// The name of a thing; a column has that of its source before it.
    pub(crate) fn name(&self, thing: Thing) -> SmolStr {
        match thing.sort {
            Sort::Declared(kind) => self.declared(kind, thing.index()).name.clone(),
            Sort::Column => {
                let (source, column) = self.column(thing.index());
                smol_str::format_smolstr!("{}.{}", self.model.source(source).header.name, column.name)
            }
            Sort::Tile => {
                let (dashboard, tile) = self.tile_of(thing);
                smol_str::format_smolstr!("{}.{}", dashboard.header.name, tile.name)
            }
        }
    }

    /// What is written above a thing.
    pub(crate) fn doc(&self, thing: Thing) -> Option<&'m str> {
        match thing.sort {
            Sort::Declared(kind) => self.declared(kind, thing.index()).item.doc.as_ref().map(|doc| doc.text.as_str()),
            Sort::Column => self.column(thing.index()).1.doc.as_deref(),
            Sort::Tile => self.tile_of(thing).1.doc.as_deref(),
        }
    }

    /// Where a thing is declared.
    pub(crate) fn place(&self, thing: Thing) -> Span {
        match thing.sort {
            Sort::Declared(kind) => self.declared(kind, thing.index()).item.name.span,
            Sort::Column => self.column(thing.index()).1.span,
            Sort::Tile => self.tile_of(thing).1.span,
        }
    }

    /// Whether rules are about it: it was written here, and nothing in it was reported.
    pub(crate) fn is_judged(&self, thing: Thing) -> bool {
        match thing.sort {
            Sort::Declared(kind) => {
                let declared = self.declared(kind, thing.index());
                let broken = declared.item.broken || self.header(kind, thing.index()).is_some_and(|own| own.broken);
                !declared.standard && declared.survey.is_none() && !broken
            }
            Sort::Column => {
                let header = &self.model.source(self.column(thing.index()).0).header;
                !header.standard && !header.broken
            }
            Sort::Tile => {
                let header = &self.tile_of(thing).0.header;
                !header.standard && !header.broken
            }
        }
    }

    /// What the model says of a declaration, where the places of the model are those of declarations.
    fn header(&self, kind: Kind, at: usize) -> Option<&'m Header> {
        let model = self.model;
        match kind {
            Kind::Source => model.sources.get(at).map(|one| &one.header),
            Kind::Customer => model.customers.get(at).map(|one| &one.header),
            Kind::Segment => model.segments.get(at).map(|one| &one.header),
            Kind::Survey => model.surveys.get(at).map(|one| &one.header),
            Kind::Team => model.teams.get(at).map(|one| &one.header),
            Kind::Function => model.functions.get(at).map(|one| &one.header),
            Kind::Window => model.windows.get(at).map(|one| &one.header),
            Kind::Metric => model.metrics.get(at).map(|one| &one.header),
            // Whether something was reported in it stands where it is shown as it was written.
            Kind::Dashboard | Kind::Alert | Kind::Goal => {
                let name = &self.declared(kind, at).name;
                model.records.iter().find(|one| one.kind == kind && one.header.name == *name).map(|one| &one.header)
            }
            _ => None,
        }
    }

    /// An attribute of a thing, by its place among those of its sort.
    pub(crate) fn attribute(&self, thing: Thing, attribute: usize) -> &Value {
        let values = self.values[thing.sort.position()][attribute].get_or_init(|| self.all(thing.sort, attribute));
        values.get(thing.index()).unwrap_or(&Value::Null)
    }

    /// An attribute of a thing by its name; null without one.
    pub(crate) fn named(&self, thing: Thing, name: &str) -> &Value {
        super::attribute::position(thing.sort, name).map_or(&Value::Null, |at| self.attribute(thing, at))
    }

    fn all(&self, sort: Sort, attribute: usize) -> Vec<Value> {
        match (attributes(sort)[attribute].read, sort) {
            (Read::Derived(Derive::All(all)), _) => all(self),
            (Read::Derived(Derive::One(one)), _) => (0..self.count(sort)).map(|at| one(self, at)).collect(),
            (Read::Derived(Derive::Any(any)), _) => {
                (0..self.count(sort)).map(|at| any(self, Thing::new(sort, at))).collect()
            }
            (Read::Key(key), Sort::Declared(kind)) => {
                let declared = self.declarations().of(kind).iter();
                declared.map(|declared| written::value(&self.model.names, declared, key)).collect()
            }
            (Read::Key(_), Sort::Column | Sort::Tile) => Vec::new(),
        }
    }

    /// What uses what.
    pub(crate) fn relations(&self) -> &Relations {
        self.relations.get_or_init(|| Relations::new(self))
    }
}
