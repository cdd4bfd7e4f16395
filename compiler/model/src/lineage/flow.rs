//! How carefully each column and each metric must be handled: classes flow from columns to all that is computed from them.
//!
//! Only the class and one reason for it are kept of each, so that this stays cheap for projects of thousands of metrics.

use super::query::{Tables, given};
use super::reads::{self, Read, What};
use super::{How, Place};
use crate::model::{ColumnId, MetricId, Model, Origin, Sensitivity, SourceId};
use crate::row::RowExpr;
use crate::types::Base;

/// The fewest customers that hide one of them.
pub(crate) const SMALLEST: i64 = 2;

/// The classes of a model.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flow {
    /// By source: of its columns, and of its rows at the end.
    carried: Vec<Vec<Carried>>,
    /// By metric.
    pub(crate) metrics: Vec<Rest>,
}

/// The class of a column, or of the rows of a source.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Carried {
    pub(crate) class: Sensitivity,
    /// It can hold what people wrote in their own words.
    pub(crate) verbatim: bool,
    /// The column it has its class from, where that is another one.
    pub(crate) from: Option<(SourceId, usize)>,
}

/// The class of what a metric rests on.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rest {
    pub(crate) class: Sensitivity,
    /// What it reads of that class.
    pub(crate) because: Option<Read>,
    /// Its own expressions read personal or special columns, not only those of metrics it is made of.
    pub(crate) own: bool,
}

impl Flow {
    /// The class of a column.
    pub(crate) fn column(&self, source: SourceId, column: ColumnId) -> Carried {
        self.at(source, column.index())
    }

    /// The class of what the rows of a source are chosen by.
    pub(crate) fn rows(&self, source: SourceId) -> Carried {
        self.carried.get(source.index()).and_then(|columns| columns.last()).copied().unwrap_or_default()
    }

    fn at(&self, source: SourceId, at: usize) -> Carried {
        self.carried.get(source.index()).and_then(|columns| columns.get(at)).copied().unwrap_or_default()
    }

    /// The class of what is read.
    pub(crate) fn class(&self, what: What) -> Sensitivity {
        match what {
            What::Column(source, column) => self.column(source, column).class,
            What::Rows(source) => self.rows(source).class,
            What::Metric(id) => self.metrics.get(id.index()).map(|rest| rest.class).unwrap_or_default(),
        }
    }

    /// The columns between something that is read and the column that its class is declared for, that one last.
    pub(crate) fn trail(&self, model: &Model, what: What) -> Vec<(SourceId, ColumnId)> {
        let mut at = match what {
            What::Column(source, column) => Some((source, column.index())),
            What::Rows(source) => Some((source, model.source(source).columns.len())),
            What::Metric(id) => {
                let because = self.metrics.get(id.index()).and_then(|rest| rest.because);
                return because.map(|read| self.trail(model, read.what)).unwrap_or_default();
            }
        };
        let mut trail = Vec::new();
        while let Some((source, column)) = at {
            if column < model.source(source).columns.len() {
                trail.push((source, ColumnId::at(column)));
            }
            at = self.at(source, column).from.filter(|_| trail.len() < self.carried.len() + 1);
        }
        trail
    }
}

impl Model {
    /// The class of what a metric rests on, before it is declassified by being an aggregate over many.
    pub fn sensitivity(&self, metric: MetricId) -> Sensitivity {
        self.flow.metrics.get(metric.index()).map(|rest| rest.class).unwrap_or_default()
    }

    /// The highest class of the columns that an expression names. What it needs to reach them does not count.
    pub fn sensitivity_of(&self, expr: &RowExpr) -> Sensitivity {
        let mut class = Sensitivity::Public;
        expr.for_each_column(&mut |path| class = class.max(self.flow.column(path.source, path.column).class));
        class
    }
}

/// Every column and the rows of every source, as places in one list.
struct Places {
    offsets: Vec<usize>,
    count: usize,
}

impl Places {
    fn of(model: &Model) -> Self {
        let mut places = Self { offsets: Vec::with_capacity(model.sources.len()), count: 0 };
        for source in &model.sources {
            places.offsets.push(places.count);
            places.count += source.columns.len() + 1;
        }
        places
    }

    fn column(&self, source: SourceId, column: ColumnId) -> usize {
        self.offsets[source.index()] + column.index()
    }

    fn rows(&self, model: &Model, source: SourceId) -> usize {
        self.offsets[source.index()] + model.source(source).columns.len()
    }

    fn back(&self, place: usize) -> (SourceId, usize) {
        let source = self.offsets.partition_point(|offset| *offset <= place).saturating_sub(1);
        (SourceId::at(source), place - self.offsets[source])
    }
}

/// Lets the classes of columns flow through queries and references.
pub(crate) fn columns(model: &Model) -> Flow {
    let places = Places::of(model);
    let dependents = dependents(model, &places);
    let mut carried: Vec<Carried> = Vec::with_capacity(places.count);
    for source in &model.sources {
        carried.extend(source.columns.iter().map(|column| {
            let verbatim = column.ty.base == Base::Verbatim;
            // What people write in their own words can tell who they are.
            let least = if verbatim && column.classed.is_none() { Sensitivity::Personal } else { Sensitivity::Public };
            Carried { class: column.sensitivity.max(least), verbatim, from: None }
        }));
        carried.push(Carried { class: Sensitivity::Public, ..Carried::default() });
    }
    let mut open: Vec<usize> = (0..places.count).collect();
    while let Some(place) = open.pop() {
        let Carried { class, verbatim, .. } = carried[place];
        for dependent in &dependents[place] {
            let known = &mut carried[*dependent];
            if class > known.class || verbatim && !known.verbatim {
                if class > known.class {
                    *known = Carried { class, from: Some(places.back(place)), ..*known };
                }
                known.verbatim |= verbatim;
                open.push(*dependent);
            }
        }
    }
    let mut rest = carried.into_iter();
    let by_source = model.sources.iter().map(|source| rest.by_ref().take(source.columns.len() + 1).collect());
    Flow { carried: by_source.collect(), metrics: Vec::new() }
}

/// By place: the places that are computed from it.
fn dependents(model: &Model, places: &Places) -> Vec<Vec<usize>> {
    let tables = Tables::of(model);
    let mut dependents = vec![Vec::new(); places.count];
    for at in 0..model.sources.len() {
        let id = SourceId::at(at);
        references(model, places, id, &mut dependents);
        let origin = &model.source(id).origin;
        if !matches!(origin, Origin::Query { .. }) {
            continue;
        }
        let declassified = tables.cell(model, id).is_some_and(|cell| cell >= model.policy.cell.max(SMALLEST));
        let mut reads = |reads: Vec<(Place, How)>, dependent: usize| {
            for (place, _) in reads {
                sources_of(model, places, (&tables, origin), &place, &mut |place| dependents[place].push(dependent));
            }
        };
        for column in (0..model.source(id).columns.len()).map(ColumnId::at) {
            let summary = given(model, id, column).is_some_and(|given| given.traced && given.summary);
            if !(summary && declassified) {
                reads(tables.column(model, id, column), places.column(id, column));
            }
        }
        if !declassified {
            let rows = places.rows(model, id);
            reads(tables.rows(model, id), rows);
            tables.read_by(origin).into_iter().for_each(|read| dependents[places.rows(model, read)].push(rows));
        }
    }
    dependents
}

/// A reference is as sensitive as the key that it holds.
fn references(model: &Model, places: &Places, id: SourceId, dependents: &mut [Vec<usize>]) {
    for (at, column) in model.source(id).columns.iter().enumerate() {
        let Base::Customer(customer) = column.ty.base else { continue };
        let Some(customer) = model.customers.get(customer.index()).filter(|customer| !customer.header.broken) else {
            continue;
        };
        dependents[places.column(customer.source, customer.key)].push(places.column(id, ColumnId::at(at)));
    }
}

/// The declared places behind what a query reads. Of a column that a source does not declare, nothing is known: it may be any.
fn sources_of(
    model: &Model,
    places: &Places,
    (tables, origin): (&Tables, &Origin),
    place: &Place,
    found: &mut dyn FnMut(usize),
) {
    match place {
        Place::Column(source, column) => found(places.column(*source, *column)),
        Place::Undeclared(table, _) | Place::Table(table) => {
            if let Some(source) = tables.source(origin, table) {
                (0..model.source(source).columns.len()).for_each(|at| found(places.offsets[source.index()] + at));
            }
        }
    }
}

/// All metrics, those first that others are made of. Metrics that are made of themselves come in some order.
pub(crate) fn in_order(model: &Model) -> Vec<MetricId> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut states = vec![State::New; model.metrics.len()];
    let mut order = Vec::with_capacity(model.metrics.len());
    let mut open = Vec::new();
    for first in (0..model.metrics.len()).map(MetricId::at) {
        open.push(first);
        while let Some(id) = open.last().copied() {
            match states[id.index()] {
                State::New => {
                    states[id.index()] = State::Open;
                    let parts = model.metric(id).measure.metrics();
                    open.extend(parts.into_iter().filter(|part| states[part.index()] == State::New));
                }
                State::Open => {
                    states[id.index()] = State::Done;
                    order.push(id);
                }
                State::Done => {
                    open.pop();
                }
            }
        }
    }
    order
}

/// The class of each metric.
pub(crate) fn metrics(model: &Model, flow: &mut Flow) {
    flow.metrics = vec![Rest::default(); model.metrics.len()];
    for id in in_order(model) {
        flow.metrics[id.index()] = rest(model, flow, id);
    }
}

fn rest(model: &Model, flow: &Flow, id: MetricId) -> Rest {
    let mut rest = Rest { class: Sensitivity::Public, ..Rest::default() };
    reads::of_metric(model, id, &mut |read| {
        let class = flow.class(read.what);
        let own = !matches!(read.what, What::Metric(_));
        rest.own |= own && class >= Sensitivity::Personal;
        let closer = rest.because.is_none_or(|known| read.how < known.how);
        if class > rest.class || class == rest.class && closer {
            rest = Rest { class, because: Some(read), ..rest };
        }
    });
    rest
}
