//! What is asked of the planner.

use groma_model::row::RowExpr;
use groma_model::time::Grain;
use groma_model::{Grouping, MetricId, SourceId};
use jiff::civil::{Date, DateTime};
use std::collections::BTreeSet;

/// A question: these metrics, by this grain and these groupings, over this range.
pub struct Request<'a> {
    /// In the order in which they are answered, without repetition.
    pub metrics: Vec<MetricId>,
    pub grain: Grain,
    /// Each must have a value for every source that the metrics read.
    pub by: Vec<Grouping>,
    /// The first day of the range: periods that hold or follow it are answered. Without one: from the first row.
    pub from: Option<Date>,
    /// The last day of the range, included: periods that begin after it are not answered. Without one: to the last row.
    pub to: Option<Date>,
    /// Rows must pass these too, source by source.
    pub filter: Vec<(SourceId, RowExpr)>,
    /// The local time from which on nothing is known: rows at or after it are not read. Without one: the newest common
    /// watermark of the sources, found in the data.
    pub as_of: Option<DateTime>,
    /// Which sets of the groupings are answered; all but the whole one with a column that names the set.
    pub sets: Sets,
    /// The confidence of the intervals (0.95); none are computed without one.
    pub intervals: Option<f64>,
    /// For which metrics intervals and changes are computed.
    pub estimated: Estimated,
    /// What is answered beside the usual columns.
    pub further: Further,
    /// What the target calls the table of a source, as its parts.
    pub table: &'a dyn Fn(SourceId) -> Vec<String>,
}

impl<'a> Request<'a> {
    /// A metric at a grain, all of it and nothing beside: to look at what its formula is made of.
    pub(crate) fn of_one(metric: MetricId, grain: Grain, table: &'a dyn Fn(SourceId) -> Vec<String>) -> Self {
        Self {
            metrics: vec![metric],
            grain,
            by: Vec::new(),
            from: None,
            to: None,
            filter: Vec::new(),
            as_of: None,
            sets: Sets::Whole,
            intervals: None,
            estimated: Estimated::All,
            further: Further::default(),
            table,
        }
    }
}

impl Request<'_> {
    /// Whether the cells of several metrics must be told apart.
    pub(crate) fn tells_cells_apart(&self) -> bool {
        self.further.own_cells && self.metrics.len() > 1
    }

    /// Whether anything is asked beside the values: intervals, changes, weighted values.
    pub(crate) fn has_estimates(&self) -> bool {
        let some = match &self.estimated {
            Estimated::All => true,
            Estimated::Where(wanted) => self.metrics.iter().any(|metric| wanted.contains(metric)),
        };
        some && (self.intervals.is_some() || self.further.changes) || self.further.weights
    }
}

/// Sets of the groupings of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Sets {
    /// All of them together.
    #[default]
    Whole,
    /// Every set, down to none.
    All,
    /// These, each as places in the groupings, in the order in which the set is named; an empty one is the total.
    These(Vec<Vec<usize>>),
}

impl Sets {
    /// Every set where totals are asked for, else the whole.
    pub fn with_totals(totals: bool) -> Self {
        if totals { Self::All } else { Self::Whole }
    }

    /// Whether a column says which set an answer is of.
    pub(crate) fn are_named(&self) -> bool {
        *self != Self::Whole
    }
}

/// For which metrics intervals and changes are computed, where they are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Estimated {
    /// For all; one that has no interval is refused.
    #[default]
    All,
    /// For these where they have one, by their own confidence where they say one; all others have nulls.
    Where(BTreeSet<MetricId>),
}

/// Columns beside the usual ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Further {
    /// `change`, `change_se`, `change_low`, `change_high`, `detectable` and `verdict`: against the period before.
    pub changes: bool,
    /// `weighted`, `weighted_se`, `effective_n` and `largest_share`, of metrics with a `weight`.
    pub weights: bool,
    /// `as_of`, last: the local time from which on nothing was read.
    pub as_of: bool,
    /// `step_number` behind `step`, where there are steps.
    pub step_numbers: bool,
    /// No column, but fewer rows: each metric only in the periods and groups that a question for it alone has, in no order.
    /// Without it, all metrics stand in the periods and groups that some of them has.
    pub own_cells: bool,
}
