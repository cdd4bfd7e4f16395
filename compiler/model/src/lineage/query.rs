//! What the queries of sources read: columns of other sources, and of tables that nothing declares.

use super::{How, Place};
use crate::model::{ColumnId, Model, Origin, QueryColumn, SourceId};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// The tables that are sources, by their names in lower case: a query may name the table instead of the source.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables(BTreeMap<String, SourceId>);

impl Tables {
    /// The tables of a model.
    pub(crate) fn of(model: &Model) -> Self {
        let mut tables = BTreeMap::new();
        for (at, source) in model.sources.iter().enumerate() {
            if let Origin::Table { name, .. } = &source.origin {
                tables.insert(name.to_lowercase(), SourceId::at(at));
            }
        }
        Self(tables)
    }

    /// The sources that a query reads, by their names or by those of their tables.
    pub(crate) fn read_by(&self, origin: &Origin) -> Vec<SourceId> {
        let Origin::Query { reads, tables, .. } = origin else { return Vec::new() };
        let mut found: Vec<SourceId> = reads.iter().map(|(_, source)| *source).collect();
        found.extend(tables.iter().filter_map(|table| self.0.get(&table.to_lowercase())));
        found.sort_unstable();
        found.dedup();
        found
    }

    /// What a column of a source is made of, if the source is a query.
    pub(crate) fn column(&self, model: &Model, source: SourceId, column: ColumnId) -> Vec<(Place, How)> {
        let origin = &model.source(source).origin;
        if !matches!(origin, Origin::Query { .. }) {
            return Vec::new();
        }
        match given(model, source, column) {
            Some(given) if given.traced => {
                let reads = given.reads.iter().map(|(table, column)| (given.how, table.as_str(), column.as_str()));
                self.places(model, origin, reads)
            }
            _ => match self.passed_on(model, source, column) {
                Some(place) => vec![(place, How::Identity)],
                None => self.everything(model, origin).into_iter().map(|place| (place, How::Transformation)).collect(),
            },
        }
    }

    /// The column of the same name, behind a `*` over one source that declares it.
    fn passed_on(&self, model: &Model, source: SourceId, column: ColumnId) -> Option<Place> {
        let origin = &model.source(source).origin;
        let Origin::Query { whole: Some(table), .. } = origin else { return None };
        let place = self.place(model, origin, table, &model.column(source, column).name);
        matches!(place, Place::Column(..)).then_some(place)
    }

    /// What the rows of a source are chosen by, if it is a query.
    pub(crate) fn rows(&self, model: &Model, source: SourceId) -> Vec<(Place, How)> {
        let origin = &model.source(source).origin;
        let Origin::Query { rows, .. } = origin else { return Vec::new() };
        match rows.traced {
            true => {
                let reads = rows.reads.iter().map(|(how, table, column)| (*how, table.as_str(), column.as_str()));
                self.places(model, origin, reads)
            }
            false => self.everything(model, origin).into_iter().map(|place| (place, How::Filter)).collect(),
        }
    }

    /// The promise of a query that each of its rows is about several customers: how many at least.
    pub(crate) fn cell(&self, model: &Model, source: SourceId) -> Option<i64> {
        let origin = &model.source(source).origin;
        let Origin::Query { rows, .. } = origin else { return None };
        let (least, of) = rows.cell.as_ref()?;
        let of_customers = |(table, column): &(String, String)| match self.place(model, origin, table, column) {
            Place::Column(source, column) => is_of_customers(model, source, column),
            Place::Undeclared(..) | Place::Table(_) => false,
        };
        let declared = |(table, column): &&(String, String)| {
            matches!(self.place(model, origin, table, column), Place::Column(..))
                || self.source(origin, table).is_none()
        };
        let of: Vec<&(String, String)> = of.iter().filter(declared).collect();
        (!of.is_empty() && of.into_iter().all(of_customers)).then_some(*least)
    }

    /// The places of columns. A name that several tables may have is not that of a source which does not declare it, if another
    /// one does: then it would be ambiguous, and no engine would answer.
    fn places<'q>(
        &self,
        model: &Model,
        origin: &Origin,
        reads: impl Iterator<Item = (How, &'q str, &'q str)> + Clone,
    ) -> Vec<(Place, How)> {
        let declared: BTreeSet<String> = reads
            .clone()
            .filter(|(_, table, column)| matches!(self.place(model, origin, table, column), Place::Column(..)))
            .map(|(_, _, column)| column.to_lowercase())
            .collect();
        reads
            .filter_map(|(how, table, column)| {
                let place = self.place(model, origin, table, column);
                let another = matches!(place, Place::Undeclared(..))
                    && self.source(origin, table).is_some()
                    && declared.contains(&column.to_lowercase());
                (!another).then_some((place, how))
            })
            .collect()
    }

    fn place(&self, model: &Model, origin: &Origin, table: &str, column: &str) -> Place {
        let undeclared = Place::Undeclared(SmolStr::new(table), SmolStr::new(column));
        let Some(source) = self.source(origin, table) else { return undeclared };
        let columns = &model.source(source).columns;
        let found = columns.iter().position(|known| known.name.eq_ignore_ascii_case(column));
        found.map_or(undeclared, |at| Place::Column(source, ColumnId::at(at)))
    }

    /// The source that a query means by the name of a table.
    pub(crate) fn source(&self, origin: &Origin, table: &str) -> Option<SourceId> {
        let Origin::Query { reads, .. } = origin else { return None };
        let own = reads.iter().find(|(name, _)| name == table).map(|(_, source)| *source);
        own.or_else(|| self.0.get(&table.to_lowercase()).copied())
    }

    fn everything(&self, model: &Model, origin: &Origin) -> Vec<Place> {
        let Origin::Query { tables, .. } = origin else { return Vec::new() };
        let mut places = Vec::new();
        for source in self.read_by(origin) {
            let columns = 0..model.source(source).columns.len();
            places.extend(columns.map(|at| Place::Column(source, ColumnId::at(at))));
        }
        let outside = tables.iter().filter(|table| !self.0.contains_key(&table.to_lowercase()));
        places.extend(outside.map(|table| Place::Table(SmolStr::new(table))));
        places
    }
}

/// A column as the query gives it.
pub(crate) fn given(model: &Model, source: SourceId, column: ColumnId) -> Option<&QueryColumn> {
    let Origin::Query { columns, .. } = &model.source(source).origin else { return None };
    let name = &model.column(source, column).name;
    columns.iter().find(|given| given.name == name.as_str())
}

/// Whether a column tells customers apart.
fn is_of_customers(model: &Model, source: SourceId, column: ColumnId) -> bool {
    let refers = matches!(model.column(source, column).ty.base, crate::types::Base::Customer(_));
    refers || model.customers.iter().any(|customer| customer.source == source && customer.key == column)
}
