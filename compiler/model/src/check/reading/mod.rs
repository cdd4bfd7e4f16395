//! Dashboards, alerts and targets: read once every number has its meaning.

mod alert;
mod dashboard;
mod goal;
mod mark;
mod number;
mod shown;
mod tile;
mod trigger;

pub(crate) use dashboard::part;

use crate::check::declare::Declarations;
use crate::model::{Header, MetricId, Model};
use crate::reading::{Dashboard, Trigger};
use crate::schema::Kind;
use groma_syntax::{Code, Diagnostic};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// The codes of these checks.
pub(crate) static CODES: &[&Code] = &[
    &shown::DASHBOARD_STATUS,
    &shown::DASHBOARD_NOT_PUBLISHED,
    &shown::DASHBOARD_SUPPRESSED,
    &mark::WRONG_MARK,
    &mark::MIXES_UNITS,
    &mark::MIXES_WINDOWS,
    &tile::TARGET_OF_ANOTHER,
    &tile::TARGET_UNIT,
    &shown::ALERT_STATUS,
    &shown::ALERT_NOT_PUBLISHED,
    &shown::ALERT_SUPPRESSED,
    &trigger::NO_MATTERS,
    &trigger::THRESHOLD_UNIT,
    &trigger::NEVER_CLEARS,
    &goal::GOAL_STATUS,
    &goal::VALUE_UNIT,
    &goal::PHASES,
];

/// Reads them into the model: what could not be read is not there, and was reported.
pub(crate) fn read(model: &mut Model, declarations: &Declarations, sink: &mut Vec<Diagnostic>) {
    goal::read(model, declarations, sink);
    dashboard::read(model, declarations, sink);
    alert::read(model, declarations, sink);
    let sound = |kind: Kind, name: &SmolStr| {
        let is_named = |header: &Header| header.name == *name && !header.broken;
        match kind {
            Kind::Dashboard => model.dashboards.iter().any(|one| is_named(&one.header)),
            Kind::Alert => model.alerts.iter().any(|one| is_named(&one.header)),
            Kind::Goal => model.goals.iter().any(|one| is_named(&one.header)),
            _ => true,
        }
    };
    let broken: Vec<bool> = model.records.iter().map(|record| !sound(record.kind, &record.header.name)).collect();
    for (record, broken) in model.records.iter_mut().zip(broken) {
        record.header.broken |= broken;
    }
}

impl Model {
    /// The metrics whose answers need intervals and changes: those with `matters`, and those that a tile shows or an alert
    /// looks at by their values.
    pub fn needs_estimates(&self) -> BTreeSet<MetricId> {
        let matters = (0..self.metrics.len()).map(MetricId::at).filter(|id| self.metric(*id).matters.is_some());
        let tiles = self.dashboards.iter().flat_map(|dashboard| &dashboard.tiles);
        let shown = tiles.flat_map(|tile| tile.metrics.iter().map(|(id, _)| *id));
        let watched = self.alerts.iter().filter(|alert| !matches!(alert.when, Trigger::Missing(_)));
        matters.chain(shown).chain(watched.map(|alert| alert.metric)).collect()
    }

    /// The dashboards with a tile that shows a metric, in the order of their names: places in [`Model::dashboards`].
    pub fn shown_on(&self, id: MetricId) -> Vec<usize> {
        let shows = |dashboard: &Dashboard| {
            dashboard.tiles.iter().any(|tile| tile.metrics.iter().any(|(metric, _)| *metric == id))
        };
        self.dashboards.iter().enumerate().filter(|(_, dashboard)| shows(dashboard)).map(|(at, _)| at).collect()
    }
}

#[cfg(test)]
mod tests;
