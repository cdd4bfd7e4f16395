//! Leaves: the aggregates that measures are made of, each once, gathered by the scan that computes them.

use crate::lower;
use crate::text::text_of;
use groma_model::measure::{AggregateCall, AggregateFunction};
use groma_model::row::{Binary, RowExpr, RowKind};
use groma_model::time::{Clock, Offset};
use groma_model::{Model, SourceId};
use std::collections::{BTreeMap, BTreeSet};

/// A row expression that is used, by its place in [`Leaves::exprs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ExprId(pub(crate) usize);

/// A place in [`Leaves::leaves`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LeafId(pub(crate) usize);

/// A row expression and its text.
#[derive(Debug)]
pub(crate) struct UsedExpr<'a> {
    pub(crate) expr: &'a RowExpr,
    pub(crate) text: String,
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
}

/// A column of a scan: the function, over which rows and of what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ScanColumn {
    pub(crate) function: Measured,
    pub(crate) argument: Option<ExprId>,
    /// Conditions that a row must meet, sorted.
    pub(crate) filter: Vec<ExprId>,
}

/// What is read from one source by one clock.
#[derive(Debug)]
pub(crate) struct Scan {
    pub(crate) source: SourceId,
    pub(crate) clock: Clock,
    pub(crate) columns: Vec<ScanColumn>,
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
    expr_ids: BTreeMap<(SourceId, String), ExprId>,
    scan_ids: BTreeMap<(SourceId, Clock), usize>,
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
pub(crate) struct Place<'a> {
    pub(crate) source: SourceId,
    pub(crate) clock: &'a Clock,
    pub(crate) filter: &'a [ExprId],
    pub(crate) offset: Offset,
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
    pub(crate) fn expr(&mut self, source: SourceId, expr: &'a RowExpr) -> ExprId {
        let text = text_of(self.model, source, expr);
        let exprs = &mut self.exprs;
        *self.expr_ids.entry((source, text)).or_insert_with_key(|(_, text)| {
            exprs.push(UsedExpr { expr, text: text.clone() });
            ExprId(exprs.len() - 1)
        })
    }

    /// The conditions of a filter: what is joined by `and` is taken apart.
    pub(crate) fn conditions(&mut self, source: SourceId, filter: &'a RowExpr, into: &mut BTreeSet<ExprId>) {
        match &filter.kind {
            RowKind::Binary { operator: Binary::And, left, right } => {
                self.conditions(source, left, into);
                self.conditions(source, right, into);
            }
            _ => {
                into.insert(self.expr(source, filter));
            }
        }
    }

    /// The leaves of a call.
    pub(crate) fn call(&mut self, place: &Place<'_>, call: &'a AggregateCall) -> Shape {
        let mut filter: BTreeSet<ExprId> = place.filter.iter().copied().collect();
        if let Some(condition) = &call.filter {
            self.conditions(place.source, condition, &mut filter);
        }
        let argument = call.argument.as_ref().map(|argument| self.expr(place.source, argument));
        let leaf = |leaves: &mut Self, function, argument, filter: &BTreeSet<ExprId>| {
            let filter = filter.iter().copied().collect();
            leaves.column(place, ScanColumn { function, argument, filter })
        };
        let simple = match call.function {
            AggregateFunction::Average => {
                let counted = argument.filter(|argument| self.counts(*argument));
                let sum = leaf(self, Measured::Sum, argument, &filter);
                return Shape::Ratio(sum, leaf(self, Measured::Count, counted, &filter));
            }
            AggregateFunction::Share => {
                let counted = argument.filter(|argument| self.counts(*argument));
                let all = leaf(self, Measured::Count, counted, &filter);
                if let Some(condition) = &call.argument {
                    self.conditions(place.source, condition, &mut filter);
                }
                return Shape::Ratio(leaf(self, Measured::Count, None, &filter), all);
            }
            AggregateFunction::Any => Measured::Any,
            AggregateFunction::All => Measured::All,
            AggregateFunction::Count => Measured::Count,
            AggregateFunction::CountDistinct => Measured::CountDistinct,
            AggregateFunction::Sum => Measured::Sum,
            AggregateFunction::Min => Measured::Min,
            AggregateFunction::Max => Measured::Max,
            AggregateFunction::Median => Measured::Percentile(0.5_f64.to_bits()),
            AggregateFunction::Percentile(share) => Measured::Percentile(share.to_bits()),
            AggregateFunction::StandardDeviation => Measured::StandardDeviation,
            AggregateFunction::First => Measured::First,
            AggregateFunction::Last => Measured::Last,
            AggregateFunction::ApproximateCountDistinct => Measured::ApproximateCountDistinct,
            AggregateFunction::ApproximatePercentile(share) => Measured::ApproximatePercentile(share.to_bits()),
        };
        Shape::Value(leaf(self, simple, argument, &filter))
    }

    /// The leaf that counts the observations behind a leaf.
    pub(crate) fn observations(&mut self, leaf: LeafId) -> LeafId {
        let Leaf { scan, column, offset } = self.leaves[leaf.0];
        let ScanColumn { function, argument, filter } = &self.scans[scan].columns[column];
        if *function == Measured::Count {
            return leaf;
        }
        let argument = argument.filter(|argument| self.counts(*argument));
        let filter = filter.clone();
        self.column_of(scan, ScanColumn { function: Measured::Count, argument, filter }, offset)
    }

    /// For each scan and offset, the counts of which one is above 0 where a row counts for some leaf.
    pub(crate) fn presence(&mut self) -> BTreeMap<(usize, Offset), BTreeSet<LeafId>> {
        let common: Vec<Vec<ExprId>> = self.scans.iter().map(Scan::common_filter).collect();
        let mut found: BTreeMap<(usize, Offset), BTreeSet<LeafId>> = BTreeMap::new();
        for leaf in 0..self.leaves.len() {
            let Leaf { scan, offset, .. } = self.leaves[leaf];
            let counted = self.observations(LeafId(leaf));
            found.entry((scan, offset)).or_default().insert(counted);
        }
        for ((scan, _), counts) in &mut found {
            // The count of all rows that pass what every column asks for says it alone.
            let whole = counts.iter().copied().find(|count| {
                let column = &self.scans[*scan].columns[self.leaves[count.0].column];
                column.argument.is_none() && column.filter == common[*scan]
            });
            if let Some(whole) = whole {
                *counts = BTreeSet::from([whole]);
            }
        }
        found
    }

    /// Whether a row may have no value for the expression, so that rows and values are counted apart.
    fn counts(&self, argument: ExprId) -> bool {
        lower::may_be_null(self.model, self.exprs[argument.0].expr)
    }

    fn column(&mut self, place: &Place<'_>, column: ScanColumn) -> LeafId {
        let scans = &mut self.scans;
        let scan = *self.scan_ids.entry((place.source, place.clock.clone())).or_insert_with(|| {
            scans.push(Scan {
                source: place.source,
                clock: place.clock.clone(),
                columns: Vec::new(),
                offsets: BTreeSet::new(),
            });
            scans.len() - 1
        });
        self.column_of(scan, column, place.offset)
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
