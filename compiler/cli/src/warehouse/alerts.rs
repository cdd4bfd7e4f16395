//! Alerts, as statements over the answers.

use super::Warehouse;
use groma_model::Model;
use groma_plan::relation::Statement;
use groma_plan::{Watched, firing};
use std::collections::BTreeSet;

/// An alert.
pub(crate) struct Alert {
    /// Its place in [`Model::alerts`].
    pub(crate) place: usize,
    /// The columns of the table of answers that hold its groupings.
    pub(crate) groups: Vec<String>,
    /// Returns one row for each group in which it fires.
    pub(crate) statement: Statement,
}

/// The alerts whose metric is among the answers, in order. `answers` is their table, as its parts.
pub(crate) fn alerts(model: &Model, warehouse: &Warehouse, answers: &[String]) -> Vec<Alert> {
    let is_watched =
        |alert: &groma_model::reading::Alert| !alert.header.broken && warehouse.metrics.contains(&alert.metric);
    let sound = model.alerts.iter().enumerate().filter(|(_, alert)| is_watched(alert));
    let made = sound.map(|(place, alert)| {
        let named = |list: &[groma_model::Grouping]| -> Vec<String> {
            list.iter().filter_map(|grouping| warehouse.layout.column(&grouping.name)).map(str::to_owned).collect()
        };
        // The answers name a set in the order of the metric.
        let names = |list: &[groma_model::Grouping]| -> BTreeSet<String> { named(list).into_iter().collect() };
        let by = &model.metric(alert.metric).by;
        let own = by.iter().find(|set| names(set) == names(&alert.by)).map_or(alert.by.as_slice(), Vec::as_slice);
        let groups = named(own);
        let set = groups.join("+");
        let statement = firing(&Watched { model, answers, groups: &groups, set: &set }, alert);
        Alert { place, groups, statement }
    });
    made.collect()
}
