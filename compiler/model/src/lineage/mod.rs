//! Lineage: which columns a number rests on, how, and by which way.
//!
//! It is followed through expressions (functions and segments are expanded in them), customers, other metrics and the queries
//! of sources, down to the columns of files and tables. Where the text of a query does not say which column it reads, every
//! column of what it reads counts.

pub(crate) mod flow;
pub(crate) mod query;
pub(crate) mod reads;

pub use reads::What;

use crate::model::{ColumnId, MetricId, Model, Origin, Sensitivity, SourceId};
use groma_syntax::Span;
use query::Tables;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// How something depends on a column, in OpenLineage's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// Its value.
    Identity,
    /// Computed from its value.
    Transformation,
    /// Computed from its values in many rows.
    Aggregation,
    /// It decides which rows count.
    Filter,
    /// It says what belongs together.
    Join,
    /// It decides which row counts where.
    GroupBy,
    /// It orders the rows.
    Sort,
    /// It says which rows are near enough in time.
    Window,
    /// It decides which of several values it is.
    Conditional,
}

impl How {
    /// Whether the value itself flows.
    pub fn is_direct(self) -> bool {
        self <= Self::Aggregation
    }

    /// `DIRECT` or `INDIRECT`.
    pub fn type_word(self) -> &'static str {
        if self.is_direct() { "DIRECT" } else { "INDIRECT" }
    }

    /// `AGGREGATION`, `GROUP_BY`.
    pub fn subtype_word(self) -> &'static str {
        match self {
            Self::Identity => "IDENTITY",
            Self::Transformation => "TRANSFORMATION",
            Self::Aggregation => "AGGREGATION",
            Self::Filter => "FILTER",
            Self::Join => "JOIN",
            Self::GroupBy => "GROUP_BY",
            Self::Sort => "SORT",
            Self::Window => "WINDOW",
            Self::Conditional => "CONDITIONAL",
        }
    }

    /// How something depends on what is read so by something that it reads in this way.
    #[must_use]
    pub fn then(self, inner: Self) -> Self {
        match (self.is_direct(), inner.is_direct()) {
            (true, true) => self.max(inner),
            (true, false) => inner,
            (false, _) => self,
        }
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A declared column.
    Column(SourceId, ColumnId),
    /// A column of a table (or of a source) that nothing declares: (table, column).
    Undeclared(SmolStr, SmolStr),
    /// A table, of which it is not known which column.
    Table(SmolStr),
}

/// What is between a number or a column and a column that it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// Nothing: the expression there reads it.
    Nothing(Span),
    /// A metric that it is made of.
    Metric(MetricId),
    /// A column of a query.
    Column(SourceId, ColumnId),
    /// The rows of a query.
    Rows(SourceId),
}

/// The outermost columns something rests on, in order, each with all the ways it does, and what the first step towards it is.
pub type Roots = BTreeMap<Place, Vec<(How, Through)>>;

/// The lineage of a model. Everything is followed once, when it is first asked for.
pub struct Lineage<'m> {
    model: &'m Model,
    tables: Tables,
    columns: Vec<Vec<Option<Rc<Roots>>>>,
    rows: Vec<Option<Rc<Roots>>>,
    metrics: Vec<Option<Rc<Roots>>>,
}

impl<'m> Lineage<'m> {
    /// Nothing is followed yet.
    pub fn new(model: &'m Model) -> Self {
        Self {
            model,
            tables: Tables::of(model),
            columns: model.sources.iter().map(|source| vec![None; source.columns.len()]).collect(),
            rows: vec![None; model.sources.len()],
            metrics: vec![None; model.metrics.len()],
        }
    }

    /// What a metric reads by itself: columns, rows of queries and other metrics, each with all the ways it does.
    pub fn reads(&self, id: MetricId) -> BTreeMap<What, Vec<How>> {
        let mut found: BTreeMap<What, Vec<How>> = BTreeMap::new();
        reads::of_metric(self.model, id, &mut |read| {
            let hows = found.entry(read.what).or_default();
            if !hows.contains(&read.how) {
                hows.push(read.how);
            }
        });
        found.values_mut().for_each(|hows| hows.sort_unstable());
        found
    }

    /// What a column of a query is made of; nothing for a column of a file or a table.
    pub fn of_query(&self, source: SourceId, column: ColumnId) -> Vec<(Place, How)> {
        self.tables.column(self.model, source, column)
    }

    /// What the rows of a query are chosen by.
    pub fn of_rows(&self, source: SourceId) -> Vec<(Place, How)> {
        self.tables.rows(self.model, source)
    }

    /// The outermost columns that a metric rests on.
    pub fn metric(&mut self, id: MetricId) -> Rc<Roots> {
        let (mut open, mut entered) = (vec![id], BTreeSet::new());
        while let Some(top) = open.last().copied() {
            if self.metrics[top.index()].is_none() && entered.insert(top) {
                let parts = self.model.metric(top).measure.metrics();
                open.extend(parts.into_iter().filter(|part| !entered.contains(part)));
                continue;
            }
            open.pop();
            if self.metrics[top.index()].is_none() {
                self.metrics[top.index()] = Some(Rc::new(self.follow(top)));
            }
        }
        self.metrics[id.index()].clone().unwrap_or_default()
    }

    /// The outermost columns of an expression over the rows of a source, which is read in a way.
    pub fn expression(&mut self, source: SourceId, expr: &crate::row::RowExpr, how: How) -> Roots {
        let mut found = Vec::new();
        reads::of_row(self.model, source, expr, how, &mut |read| found.push(read));
        let mut roots = Roots::new();
        found.into_iter().for_each(|read| self.add_read(&mut roots, read));
        roots
    }

    /// The outermost columns that a column rests on: itself, if it is one of a file or a table.
    pub fn column(&mut self, source: SourceId, column: ColumnId) -> Rc<Roots> {
        if let Some(known) = &self.columns[source.index()][column.index()] {
            return known.clone();
        }
        // A query that reads itself was reported; what it reads of itself adds nothing.
        self.columns[source.index()][column.index()] = Some(Rc::default());
        let mut roots = Roots::new();
        if !matches!(self.model.source(source).origin, Origin::Query { .. }) {
            let span = self.model.column(source, column).span;
            add(&mut roots, &Place::Column(source, column), How::Identity, Through::Nothing(span));
        }
        for (place, how) in self.of_query(source, column) {
            self.add_place(&mut roots, &place, how, self.model.column(source, column).span);
        }
        let roots = Rc::new(roots);
        self.columns[source.index()][column.index()] = Some(roots.clone());
        roots
    }

    /// The outermost columns by which the rows of a source are chosen, through the sources that its query reads too.
    pub fn rows(&mut self, source: SourceId) -> Rc<Roots> {
        if let Some(known) = &self.rows[source.index()] {
            return known.clone();
        }
        self.rows[source.index()] = Some(Rc::default());
        let mut roots = Roots::new();
        let origin = &self.model.source(source).origin;
        if let Origin::Query { span, .. } = origin {
            for (place, how) in self.of_rows(source) {
                self.add_place(&mut roots, &place, how, *span);
            }
        }
        for read in self.tables.read_by(origin) {
            for (place, ways) in &*self.rows(read) {
                ways.iter().for_each(|(how, _)| add(&mut roots, place, *how, Through::Rows(read)));
            }
        }
        let roots = Rc::new(roots);
        self.rows[source.index()] = Some(roots.clone());
        roots
    }

    /// What is between something and one of its roots, from the first step towards it: metrics, columns and rows of queries.
    pub fn way(&mut self, place: &Place, first: Through) -> Vec<What> {
        let mut way = Vec::new();
        let mut through = Some(first);
        while let Some(step) = through {
            let (what, roots) = match step {
                Through::Nothing(_) => break,
                Through::Metric(id) => (What::Metric(id), self.metric(id)),
                Through::Column(source, column) => (What::Column(source, column), self.column(source, column)),
                Through::Rows(source) => (What::Rows(source), self.rows(source)),
            };
            if way.contains(&what) {
                break;
            }
            way.push(what);
            through = roots.get(place).and_then(|ways| ways.first()).map(|(_, through)| *through);
        }
        way
    }

    /// The class of a place; of a table that nothing declares, nothing is known.
    pub fn class(&self, place: &Place) -> Sensitivity {
        match place {
            Place::Column(source, column) => self.model.column(*source, *column).sensitivity,
            Place::Undeclared(..) | Place::Table(_) => Sensitivity::default(),
        }
    }

    fn follow(&mut self, id: MetricId) -> Roots {
        let mut found = Vec::new();
        reads::of_metric(self.model, id, &mut |read| {
            if !found.contains(&read) {
                found.push(read);
            }
        });
        let mut roots = Roots::new();
        found.into_iter().for_each(|read| self.add_read(&mut roots, read));
        roots
    }

    fn add_read(&mut self, roots: &mut Roots, read: reads::Read) {
        match read.what {
            What::Column(source, column) => {
                self.add_place(roots, &Place::Column(source, column), read.how, read.span);
            }
            What::Rows(source) => {
                for (place, ways) in &*self.rows(source) {
                    ways.iter().for_each(|(how, _)| add(roots, place, *how, Through::Rows(source)));
                }
            }
            What::Metric(id) => {
                let inner = self.metrics[id.index()].clone().unwrap_or_default();
                for (place, ways) in &*inner {
                    ways.iter().for_each(|(how, _)| add(roots, place, read.how.then(*how), Through::Metric(id)));
                }
            }
        }
    }

    fn add_place(&mut self, roots: &mut Roots, place: &Place, how: How, span: Span) {
        let Place::Column(source, column) = place else {
            return add(roots, place, how, Through::Nothing(span));
        };
        let is_query = matches!(self.model.source(*source).origin, Origin::Query { .. });
        let through = if is_query { Through::Column(*source, *column) } else { Through::Nothing(span) };
        for (root, ways) in &*self.column(*source, *column) {
            ways.iter().for_each(|(inner, _)| add(roots, root, how.then(*inner), through));
        }
    }
}

fn add(roots: &mut Roots, place: &Place, how: How, through: Through) {
    match roots.get_mut(place) {
        Some(ways) if ways.iter().any(|(known, _)| *known == how) => {}
        Some(ways) => {
            ways.push((how, through));
            ways.sort_by_key(|(how, _)| *how);
        }
        None => {
            roots.insert(place.clone(), vec![(how, through)]);
        }
    }
}

#[cfg(test)]
mod tests;
