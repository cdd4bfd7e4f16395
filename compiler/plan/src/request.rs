//! What is asked of the planner.

use groma_model::row::RowExpr;
use groma_model::time::Grain;
use groma_model::{Grouping, MetricId, SourceId};
use jiff::civil::Date;

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
    /// What the target calls the table of a source, as its parts.
    pub table: &'a dyn Fn(SourceId) -> Vec<String>,
}
