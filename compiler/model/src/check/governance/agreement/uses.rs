//! What each metric is computed from: what its own expressions read, and the sources behind it, through other metrics,
//! customers and the queries of sources.

use crate::governance::Agreement;
use crate::graph::Node;
use crate::lineage::reads::{self, What};
use crate::lineage::{Lineage, Place};
use crate::model::{MetricId, Model, Origin, SourceId, Status};
use groma_syntax::Span;
use std::collections::{BTreeMap, BTreeSet};

/// What the metrics of a model are computed from, by their positions.
pub(crate) struct Uses {
    reads: Vec<BTreeMap<What, Span>>,
    sources: Vec<BTreeSet<SourceId>>,
}

impl Uses {
    /// Follows every metric.
    pub(crate) fn of(model: &Model) -> Self {
        let reads: Vec<_> = (0..model.metrics.len()).map(|at| read(model, MetricId::at(at))).collect();
        let mut uses = Self { reads, sources: vec![BTreeSet::new(); model.metrics.len()] };
        for node in model.graph.in_order().into_iter().flatten() {
            if let Node::Metric(id) = node {
                uses.sources[id.index()] = uses.sources_of(model, id);
            }
        }
        uses
    }

    /// What the metric's own expressions read, each with a place that does.
    pub(crate) fn reads(&self, id: MetricId) -> &BTreeMap<What, Span> {
        &self.reads[id.index()]
    }

    /// The metrics that rest on an agreement. Nothing is computed for those that are retired.
    pub(crate) fn resting_on(&self, model: &Model, agreement: &Agreement) -> Vec<MetricId> {
        let rests = |id: &MetricId| {
            model.metric(*id).status != Status::Retired
                && agreement.sources.iter().any(|source| self.sources[id.index()].contains(source))
        };
        (0..model.metrics.len()).map(MetricId::at).filter(rests).collect()
    }

    /// One of the agreement's sources that a metric is computed from.
    pub(crate) fn source_of(&self, id: MetricId, agreement: &Agreement) -> Option<SourceId> {
        agreement.sources.iter().copied().find(|source| self.sources[id.index()].contains(source))
    }

    fn sources_of(&self, model: &Model, id: MetricId) -> BTreeSet<SourceId> {
        let metric = model.metric(id);
        let mut open: Vec<SourceId> = metric.reads.clone();
        open.extend(self.reads[id.index()].keys().filter_map(|what| match what {
            What::Column(source, _) | What::Rows(source) => Some(*source),
            What::Metric(_) => None,
        }));
        let mut found = BTreeSet::new();
        while let Some(source) = open.pop() {
            if found.insert(source)
                && let Origin::Query { reads, .. } = &model.source(source).origin
            {
                open.extend(reads.iter().map(|(_, read)| *read));
            }
        }
        for part in metric.measure.metrics() {
            found.extend(&self.sources[part.index()]);
        }
        found
    }
}

fn read(model: &Model, id: MetricId) -> BTreeMap<What, Span> {
    let mut found = BTreeMap::new();
    reads::of_metric(model, id, &mut |read| {
        found.entry(read.what).or_insert(read.span);
    });
    found
}

/// Everything behind what is read, through the queries of sources: each column on the way, itself among them. What other
/// metrics read is theirs.
pub(crate) fn behind(lineage: &Lineage<'_>, start: What) -> BTreeSet<Place> {
    let mut found = BTreeSet::new();
    let mut open: Vec<Place> = match start {
        What::Column(source, column) => vec![Place::Column(source, column)],
        What::Rows(source) => lineage.of_rows(source).into_iter().map(|(place, _)| place).collect(),
        What::Metric(_) => Vec::new(),
    };
    let mut rows = BTreeSet::new();
    while let Some(place) = open.pop() {
        if let Place::Column(source, column) = &place
            && !found.contains(&place)
        {
            open.extend(lineage.of_query(*source, *column).into_iter().map(|(place, _)| place));
            // Whoever reads a query that reads a query reads the rows that the inner one chose.
            if rows.insert(*source) {
                open.extend(lineage.of_rows(*source).into_iter().map(|(place, _)| place));
            }
        }
        found.insert(place);
    }
    found
}
