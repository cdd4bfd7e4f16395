//! What both sides of a comparison compute, cell by cell, as it is shown.

use crate::findings::counted;

/// Both sides, run on one target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DataReport {
    pub target: String,
    /// In the order of their names.
    pub metrics: Vec<MetricData>,
}

/// The cells of a metric on both sides. A cell is a period and a group; its value, count and status are compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MetricData {
    pub metric: String,
    pub same: usize,
    pub changed: usize,
    pub only_base: usize,
    pub only_head: usize,
    /// The largest differences first, as many as are to be shown.
    pub movers: Vec<Mover>,
    /// Why it could not be run on both sides; the counts mean nothing then.
    pub not_run: Option<String>,
}

/// A cell that differs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mover {
    pub period: String,
    /// The names of the groupings with their values.
    pub groups: Vec<(String, String)>,
    /// The values as an answer writes them; none where there is no cell, or it is null.
    pub base: Option<String>,
    pub head: Option<String>,
    /// The second less the first, where both are numbers.
    pub difference: Option<String>,
}

impl DataReport {
    /// How many cells differ or are on one side only.
    pub fn moved(&self) -> usize {
        self.metrics.iter().map(|metric| metric.changed + metric.only_base + metric.only_head).sum()
    }

    /// The same in words: `no cell differs`, `12 cells differ; 1 metric could not be run`.
    pub(crate) fn verdict(&self) -> String {
        let unrun = self.metrics.iter().filter(|metric| metric.not_run.is_some()).count();
        let unrun = if unrun > 0 { format!("{} could not be run", counted(unrun, "metric")) } else { String::new() };
        let moved = match self.moved() {
            0 => "no cell differs".to_owned(),
            1 => "1 cell differs".to_owned(),
            cells => format!("{cells} cells differ"),
        };
        match (unrun.is_empty(), self.metrics.iter().all(|metric| metric.not_run.is_some())) {
            (true, _) => moved,
            (false, true) => unrun,
            (false, false) => format!("{moved}; {unrun}"),
        }
    }
}
