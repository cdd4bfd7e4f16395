//! What is asked of the planner.

use groma_model::row::RowExpr;
use groma_model::time::Grain;
use groma_model::{Grouping, MetricId, SourceId};
use jiff::civil::{Date, DateTime};

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
    /// Also the totals: every set of the groupings, down to none, with a column that names the set.
    pub totals: bool,
    /// The confidence of the intervals (0.95); none are computed without one.
    pub intervals: Option<f64>,
    /// What is answered beside the usual columns.
    pub further: Further,
    /// What the target calls the table of a source, as its parts.
    pub table: &'a dyn Fn(SourceId) -> Vec<String>,
}

impl Request<'_> {
    /// Whether anything is asked beside the values: intervals, changes, weighted values.
    pub(crate) fn has_estimates(&self) -> bool {
        self.intervals.is_some() || self.further.changes || self.further.weights
    }
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
}
