//! Leaves: the aggregates that measures are made of, each once, gathered by the scan that computes them.

use crate::formula::Formula;
use crate::lower;
use crate::population::PopulationId;
use crate::stitch::Presence;
use crate::text::text_of;
use groma_model::measure::{AggregateCall, AggregateFunction};
use groma_model::row::{Binary, ColumnPath, RowExpr, RowKind};
use groma_model::time::{Clock, Offset, Snapshot};
use groma_model::types::{Base, Type};
use groma_model::{MetricId, Model, SourceId};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A row expression that is used, by its place in [`Leaves::exprs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ExprId(pub(crate) usize);

/// A place in [`Leaves::leaves`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LeafId(pub(crate) usize);

/// A row expression and its text.
#[derive(Debug)]
pub(crate) struct UsedExpr<'a> {
    pub(crate) expr: Cow<'a, RowExpr>,
    pub(crate) text: String,
    /// Whose value per customer it reads, by its place in [`Scan::values`].
    pub(crate) each: Option<usize>,
}

/// What is computed over the rows of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Measured {
    Count,
    CountDistinct,
    Sum,
    Min,
    Max,
    /// The bits of the share.
    Percentile(u64),
    StandardDeviation,
    Any,
    All,
    First,
    Last,
    ApproximateCountDistinct,
    /// The bits of the share.
    ApproximatePercentile(u64),
    /// A count over the number of times in the period.
    CountPerTime,
    /// A sum over the number of times in the period.
    SumPerTime,
    /// The share of the cohort that has completed its window.
    Matured,
}

/// A column of a scan: the function, over which rows and of what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ScanColumn {
    pub(crate) function: Measured,
    pub(crate) argument: Option<ExprId>,
    /// Conditions that a row must meet, sorted.
    pub(crate) filter: Vec<ExprId>,
    /// Over customers: whose value per customer it reads, by its place in [`Scan::values`].
    pub(crate) each: Option<usize>,
    /// An instant as it is stored, for the time that passed since or until it.
    pub(crate) stored: bool,
}

/// What the rows of a scan are, and which period they belong to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ScanKind {
    /// The rows of a source by their own time; with a customer's key where a snapshot chooses a row of each customer.
    Rows(Clock, Option<ColumnPath>),
    /// The rows of a source in the window of each customer of a population.
    Anchored(Clock, PopulationId),
    /// The customers of a population, one row for each and period, with what their rows of a source give.
    Customers(Clock, PopulationId, SourceId),
    /// The customers of a funnel: one row for each, period and step.
    Funnel(Clock, PopulationId, MetricId),
    /// What stands behind [`ScanKind::Customers`]: the rows of a source by customer. No cell holds it.
    ByCustomer(Clock, PopulationId),
}

impl ScanKind {
    /// The clock of its rows.
    pub(crate) fn clock(&self) -> &Clock {
        match self {
            ScanKind::Rows(clock, _)
            | ScanKind::Anchored(clock, _)
            | ScanKind::Customers(clock, ..)
            | ScanKind::Funnel(clock, ..)
            | ScanKind::ByCustomer(clock, _) => clock,
        }
    }

    /// The population it counts.
    pub(crate) fn population(&self) -> Option<PopulationId> {
        match self {
            ScanKind::Rows(..) => None,
            ScanKind::Anchored(_, id)
            | ScanKind::Customers(_, id, _)
            | ScanKind::Funnel(_, id, _)
            | ScanKind::ByCustomer(_, id) => Some(*id),
        }
    }
}

/// The value that a metric gives each customer.
#[derive(Debug)]
pub(crate) struct ValuePerCustomer {
    pub(crate) metric: MetricId,
    /// Over the leaves of the scan by customer; none where customers are only counted.
    pub(crate) formula: Option<Rc<Formula>>,
    /// The count of the customer's rows that count, where those without one are not in the population.
    pub(crate) present: Option<LeafId>,
}

/// What belongs together when it is asked how sure a number is: the rows with one key; without a key each row is on its own.
pub(crate) type Cluster = Option<ColumnPath>;

/// What is read from one source by one clock.
#[derive(Debug)]
pub(crate) struct Scan {
    /// Whose columns its expressions read: of customers, that of the customer.
    pub(crate) source: SourceId,
    pub(crate) kind: ScanKind,
    pub(crate) columns: Vec<ScanColumn>,
    /// Of customers: what each metric gives them.
    pub(crate) values: Vec<ValuePerCustomer>,
    /// Of customers: the scan behind them.
    pub(crate) inner: Option<usize>,
    /// The totals that are needed of each cluster of rows: of the rows of each customer, or of each row where there is none.
    pub(crate) clusters: BTreeSet<Cluster>,
    /// The percentiles whose neighbours in the order are needed.
    pub(crate) ordered: BTreeSet<usize>,
    /// How much earlier than the answered period its columns are read; none is the period itself.
    pub(crate) offsets: BTreeSet<Offset>,
}

/// A scan's column, read some time earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Leaf {
    pub(crate) scan: usize,
    pub(crate) column: usize,
    pub(crate) offset: Offset,
}

/// All leaves of a statement.
#[derive(Debug)]
pub(crate) struct Leaves<'a> {
    model: &'a Model,
    pub(crate) exprs: Vec<UsedExpr<'a>>,
    pub(crate) scans: Vec<Scan>,
    pub(crate) leaves: Vec<Leaf>,
    expr_ids: BTreeMap<(SourceId, Option<usize>, String), ExprId>,
    scan_ids: BTreeMap<(SourceId, ScanKind), usize>,
    column_ids: BTreeMap<(usize, ScanColumn), usize>,
    leaf_ids: BTreeMap<Leaf, LeafId>,
}

/// How a call's value is made of leaves.
pub(crate) enum Shape {
    /// The leaf itself.
    Value(LeafId),
    /// The first over the second.
    Ratio(LeafId, LeafId),
}

/// Where a call is computed.
pub(crate) struct Place<'p> {
    /// Whose columns its expressions read.
    pub(crate) source: SourceId,
    pub(crate) scan: usize,
    pub(crate) filter: &'p [ExprId],
    pub(crate) offset: Offset,
    /// Over customers: whose value per customer it reads.
    pub(crate) each: Option<usize>,
    /// Instants are needed as they are stored.
    pub(crate) stored: bool,
}

impl<'a> Leaves<'a> {
    /// None yet.
    pub(crate) fn new(model: &'a Model) -> Self {
        Self {
            model,
            exprs: Vec::new(),
            scans: Vec::new(),
            leaves: Vec::new(),
            expr_ids: BTreeMap::new(),
            scan_ids: BTreeMap::new(),
            column_ids: BTreeMap::new(),
            leaf_ids: BTreeMap::new(),
        }
    }

    /// The expression, the same for all that say the same.
    pub(crate) fn expr(&mut self, source: SourceId, each: Option<usize>, expr: Cow<'a, RowExpr>) -> ExprId {
        let each = each.filter(|_| reads_each(&expr));
        let text = text_of(self.model, source, &expr);
        let exprs = &mut self.exprs;
        *self.expr_ids.entry((source, each, text)).or_insert_with_key(|(_, _, text)| {
            exprs.push(UsedExpr { expr, text: text.clone(), each });
            ExprId(exprs.len() - 1)
        })
    }

    /// The conditions of a filter: what is joined by `and` is taken apart.
    pub(crate) fn conditions(
        &mut self,
        source: SourceId,
        each: Option<usize>,
        filter: Cow<'a, RowExpr>,
        into: &mut BTreeSet<ExprId>,
    ) {
        let parts = match filter {
            Cow::Borrowed(RowExpr { kind: RowKind::Binary { operator: Binary::And, left, right }, .. }) => {
                [Cow::Borrowed(&**left), Cow::Borrowed(&**right)]
            }
            Cow::Owned(RowExpr { kind: RowKind::Binary { operator: Binary::And, left, right }, .. }) => {
                [Cow::Owned(*left), Cow::Owned(*right)]
            }
            single => {
                into.insert(self.expr(source, each, single));
                return;
            }
        };
        for part in parts {
            self.conditions(source, each, part, into);
        }
    }

    /// The leaves of a call.
    pub(crate) fn call(&mut self, place: &Place<'_>, call: &'a AggregateCall) -> Shape {
        let mut filter: BTreeSet<ExprId> = place.filter.iter().copied().collect();
        if let Some(condition) = &call.filter {
            self.conditions(place.source, place.each, Cow::Borrowed(condition), &mut filter);
        }
        let argument =
            call.argument.as_ref().map(|argument| self.expr(place.source, place.each, Cow::Borrowed(argument)));
        match call.function {
            AggregateFunction::Average => {
                let counted = argument.filter(|argument| self.counts(*argument));
                let sum = self.leaf(place, Measured::Sum, argument, &filter);
                Shape::Ratio(sum, self.leaf(place, Measured::Count, counted, &filter))
            }
            AggregateFunction::Share => {
                // That a condition is known is that what it asks about is.
                let counted = argument.filter(|argument| self.counts(*argument)).and(call.argument.as_ref());
                let counted = counted.map(|condition| {
                    let decides = lower::null_source(condition);
                    self.expr(place.source, place.each, Cow::Borrowed(decides))
                });
                let all = self.leaf(place, Measured::Count, counted, &filter);
                if let Some(condition) = &call.argument {
                    self.conditions(place.source, place.each, Cow::Borrowed(condition), &mut filter);
                }
                Shape::Ratio(self.leaf(place, Measured::Count, None, &filter), all)
            }
            simple => {
                let averaged = *self.scans[place.scan].kind.clock() == Clock::Snapshot(Snapshot::Average);
                Shape::Value(self.leaf(place, measured(simple, averaged), argument, &filter))
            }
        }
    }

    fn leaf(
        &mut self,
        place: &Place<'_>,
        function: Measured,
        argument: Option<ExprId>,
        filter: &BTreeSet<ExprId>,
    ) -> LeafId {
        let filter = filter.iter().copied().collect();
        self.column_of(
            place.scan,
            ScanColumn { function, argument, filter, each: place.each, stored: place.stored },
            place.offset,
        )
    }

    /// The share of a cohort that has completed its window.
    pub(crate) fn matured(&mut self, place: &Place<'_>) -> LeafId {
        let filter = place.filter.iter().copied().collect();
        self.leaf(place, Measured::Matured, None, &filter)
    }

    /// The count of the rows that pass.
    pub(crate) fn count(&mut self, place: &Place<'_>) -> LeafId {
        let filter = place.filter.iter().copied().collect();
        self.leaf(place, Measured::Count, None, &filter)
    }

    /// The column of a scan that a leaf reads.
    pub(crate) fn column_at(&self, leaf: LeafId) -> &ScanColumn {
        let Leaf { scan, column, .. } = self.leaves[leaf.0];
        &self.scans[scan].columns[column]
    }

    /// The leaf that counts the observations behind a leaf.
    pub(crate) fn observations(&mut self, leaf: LeafId) -> LeafId {
        let Leaf { scan, column, offset } = self.leaves[leaf.0];
        let ScanColumn { function, argument, filter, each, .. } = &self.scans[scan].columns[column];
        if *function == Measured::Count {
            return leaf;
        }
        let argument = argument.filter(|argument| self.counts(*argument));
        let (filter, each) = (filter.clone(), *each);
        self.column_of(scan, ScanColumn { function: Measured::Count, argument, filter, each, stored: false }, offset)
    }

    /// The leaf that counts the customers whose rows count for a leaf, by the key that leads from a row to its customer;
    /// without one, the rows.
    pub(crate) fn customers(&mut self, leaf: LeafId, key: Option<&ColumnPath>) -> LeafId {
        let Leaf { scan, column, offset } = self.leaves[leaf.0];
        let key = key.filter(|_| matches!(self.scans[scan].kind, ScanKind::Rows(..) | ScanKind::Anchored(..)));
        let Some(key) = key else { return self.observations(leaf) };
        let source = self.scans[scan].source;
        let ScanColumn { argument, filter, each, .. } = self.scans[scan].columns[column].clone();
        let mut filter: BTreeSet<ExprId> = filter.into_iter().collect();
        if let Some(argument) = argument.filter(|argument| self.counts(*argument)) {
            let operand = Box::new(self.exprs[argument.0].expr.clone().into_owned());
            let (ty, span) = (Type::plain(Base::Bool), operand.span);
            let known = RowExpr { kind: RowKind::IsNull { operand, negated: true }, ty, span };
            filter.insert(self.expr(source, each, Cow::Owned(known)));
        }
        let ty = self.model.column(key.source, key.column).ty.clone();
        let span = self.model.source(source).header.span;
        let key = self.expr(source, None, Cow::Owned(RowExpr { kind: RowKind::Column(key.clone()), ty, span }));
        let filter = filter.into_iter().collect();
        let function = Measured::CountDistinct;
        self.column_of(scan, ScanColumn { function, argument: Some(key), filter, each, stored: false }, offset)
    }

    /// Of a share, the leaf that counts what `customers` counts of the rest: those in the denominator that are not in the
    /// numerator. None where the two are no counts of which one is a part of the other.
    pub(crate) fn rest(&mut self, above: LeafId, below: LeafId, customers: LeafId) -> Option<LeafId> {
        let (whole, part) = (self.leaves[below.0], self.leaves[above.0]);
        if (whole.scan, whole.offset) != (part.scan, part.offset) {
            return None;
        }
        let (part, whole) = (self.column_at(above), self.column_at(below));
        let counts = part.function == Measured::Count && whole.function == Measured::Count && part.each == whole.each;
        let is_part = whole.filter.iter().all(|condition| part.filter.binary_search(condition).is_ok());
        let further: Vec<ExprId> =
            part.filter.iter().copied().filter(|condition| whole.filter.binary_search(condition).is_err()).collect();
        if !counts || !is_part {
            return None;
        }
        let all = further.iter().map(|condition| self.exprs[condition.0].expr.clone().into_owned());
        let all = all.reduce(|left, right| {
            let (ty, span) = (left.ty.clone(), left.span);
            let (left, right) = (Box::new(left), Box::new(right));
            RowExpr { kind: RowKind::Binary { operator: Binary::And, left, right }, ty, span }
        })?;
        let (ty, span) = (all.ty.clone(), all.span);
        let not = RowExpr { kind: RowKind::Not(Box::new(all)), ty, span };
        let Leaf { scan, offset, .. } = self.leaves[customers.0];
        let mut column = self.column_at(customers).clone();
        let condition = self.expr(self.scans[scan].source, column.each, Cow::Owned(not));
        let filter: BTreeSet<ExprId> = column.filter.iter().copied().chain([condition]).collect();
        column.filter = filter.into_iter().collect();
        Some(self.column_of(scan, column, offset))
    }

    /// The leaf that is a leaf so much earlier than the answered period.
    pub(crate) fn moved(&mut self, leaf: LeafId, offset: Offset) -> LeafId {
        let Leaf { scan, .. } = self.leaves[leaf.0];
        let column = self.column_at(leaf).clone();
        self.column_of(scan, column, offset)
    }

    /// What is read by customer for earlier periods, where customers are.
    pub(crate) fn look_back_behind(&mut self) {
        for position in 0..self.scans.len() {
            if let Some(inner) = self.scans[position].inner {
                let outer: Vec<Offset> = self.scans[position].offsets.iter().copied().collect();
                let own: Vec<Offset> = self.scans[inner].offsets.iter().copied().collect();
                let both = outer.iter().flat_map(|outer| own.iter().map(|own| own.plus(*outer)));
                let all: Vec<Offset> = outer.iter().copied().chain(both).collect();
                self.scans[inner].offsets.extend(all);
            }
        }
    }

    /// The count that is above 0 where a row counts for a leaf; none for what is counted customer by customer first.
    pub(crate) fn presence_of(&mut self, leaf: LeafId) -> Option<LeafId> {
        let scan = self.leaves[leaf.0].scan;
        let is_behind = matches!(self.scans[scan].kind, ScanKind::ByCustomer(..));
        (!is_behind).then(|| self.observations(leaf))
    }

    /// For each scan and offset, the counts of which one is above 0 where a row counts for some leaf.
    pub(crate) fn presence(&mut self) -> Presence {
        let common: Vec<Vec<ExprId>> = self.scans.iter().map(Scan::common_filter).collect();
        let mut found = Presence::new();
        for leaf in 0..self.leaves.len() {
            let Leaf { scan, offset, .. } = self.leaves[leaf];
            if let Some(counted) = self.presence_of(LeafId(leaf)) {
                found.entry((scan, offset)).or_default().insert(counted);
            }
        }
        for ((scan, _), counts) in &mut found {
            // The count of all rows that pass what every column asks for says it alone.
            let whole = counts.iter().copied().find(|count| {
                let column = &self.scans[*scan].columns[self.leaves[count.0].column];
                column.argument.is_none() && column.each.is_none() && column.filter == common[*scan]
            });
            if let Some(whole) = whole {
                *counts = BTreeSet::from([whole]);
            }
        }
        found
    }

    /// Whether a row may have no value for the expression, so that rows and values are counted apart.
    fn counts(&self, argument: ExprId) -> bool {
        lower::may_be_null(self.model, &self.exprs[argument.0].expr)
    }

    /// The scan of that kind over a source.
    pub(crate) fn scan(&mut self, source: SourceId, kind: ScanKind) -> usize {
        let scans = &mut self.scans;
        *self.scan_ids.entry((source, kind)).or_insert_with_key(|(_, kind)| {
            scans.push(Scan {
                source,
                kind: kind.clone(),
                columns: Vec::new(),
                values: Vec::new(),
                inner: None,
                clusters: BTreeSet::new(),
                ordered: BTreeSet::new(),
                offsets: BTreeSet::new(),
            });
            scans.len() - 1
        })
    }

    fn column_of(&mut self, scan: usize, column: ScanColumn, offset: Offset) -> LeafId {
        let columns = &mut self.scans[scan].columns;
        let column = *self.column_ids.entry((scan, column)).or_insert_with_key(|(_, column)| {
            columns.push(column.clone());
            columns.len() - 1
        });
        self.scans[scan].offsets.insert(offset);
        let leaves = &mut self.leaves;
        *self.leaf_ids.entry(Leaf { scan, column, offset }).or_insert_with_key(|leaf| {
            leaves.push(*leaf);
            LeafId(leaves.len() - 1)
        })
    }
}

/// What a plain aggregate measures; `averaged`: over the times of the period.
fn measured(function: AggregateFunction, averaged: bool) -> Measured {
    match function {
        AggregateFunction::Count if averaged => Measured::CountPerTime,
        AggregateFunction::Sum if averaged => Measured::SumPerTime,
        AggregateFunction::Any => Measured::Any,
        AggregateFunction::All => Measured::All,
        // The two that are made of others stand before the call.
        AggregateFunction::Count | AggregateFunction::Share => Measured::Count,
        AggregateFunction::CountDistinct => Measured::CountDistinct,
        AggregateFunction::Sum | AggregateFunction::Average => Measured::Sum,
        AggregateFunction::Min => Measured::Min,
        AggregateFunction::Max => Measured::Max,
        AggregateFunction::Median => Measured::Percentile(0.5_f64.to_bits()),
        AggregateFunction::Percentile(share) => Measured::Percentile(share.to_bits()),
        AggregateFunction::StandardDeviation => Measured::StandardDeviation,
        AggregateFunction::First => Measured::First,
        AggregateFunction::Last => Measured::Last,
        AggregateFunction::ApproximateCountDistinct => Measured::ApproximateCountDistinct,
        AggregateFunction::ApproximatePercentile(share) => Measured::ApproximatePercentile(share.to_bits()),
    }
}

/// Whether an expression reads what a metric gives each customer.
fn reads_each(expr: &RowExpr) -> bool {
    matches!(expr.kind, RowKind::Each(_)) || expr.children().into_iter().any(reads_each)
}

impl Scan {
    /// Whether something is read from an earlier period than the answered one.
    pub(crate) fn looks_back(&self) -> bool {
        self.offsets.iter().any(|offset| *offset != Offset::default())
    }

    /// The conditions that every column has.
    pub(crate) fn common_filter(&self) -> Vec<ExprId> {
        let mut columns = self.columns.iter();
        let mut common = columns.next().map(|column| column.filter.clone()).unwrap_or_default();
        for column in columns {
            common.retain(|condition| column.filter.binary_search(condition).is_ok());
        }
        common
    }
}
