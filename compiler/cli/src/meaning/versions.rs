//! The versions of a metric in words: which there are, from when on, and what each says otherwise.

use super::metric::one_line;
use super::words::{Facts, listed};
use groma_model::{Metric, MetricId, Model};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The numbers of a metric's versions; one without versions has the first.
pub(crate) fn numbers(metric: &Metric) -> Vec<u32> {
    match metric.versions.as_slice() {
        [] => vec![metric.version],
        versions => versions.iter().map(|version| version.number).collect(),
    }
}

/// `version 1 only`, or `version 1, version 2 from 2026-07-01 and version 3 from 2027-01-01`.
pub(crate) fn versions_in_words(metric: &Metric) -> String {
    let word = |version: &groma_model::Version| match version.from {
        Some(from) => format!("version {} from {from}", version.number),
        None => format!("version {}", version.number),
    };
    let words: Vec<String> = metric.versions.iter().map(word).collect();
    if words.is_empty() { format!("version {} only", metric.version) } else { listed(&words) }
}

/// A line for each version: the days on which periods begin that it computes, and what it says otherwise.
pub(super) fn explain(model: &Model, id: MetricId, facts: &mut Facts) {
    let metric = model.metric(id);
    let versions = &metric.versions;
    let ends = versions.iter().skip(1).map(|next| next.from).chain([None]);
    let line = |(version, end): (&groma_model::Version, Option<jiff::civil::Date>)| {
        let periods = match (version.from, end) {
            (None, Some(end)) => format!("periods that begin before {end}"),
            (Some(from), Some(end)) => format!("periods that begin from {from} on, before {end}"),
            (Some(from), None) => format!("periods that begin from {from} on"),
            (None, None) => "all periods".to_owned(),
        };
        let keys: Vec<String> = version.keys.iter().map(|key| format!("`{key}`")).collect();
        let changes = if keys.is_empty() { String::new() } else { format!("; changes {}", listed(&keys)) };
        let doc = version.doc.as_deref().map(|doc| format!(": {}", one_line(doc))).unwrap_or_default();
        format!("{}, {periods}{changes}{doc}", version.number)
    };
    facts.add("versions", versions.iter().zip(ends).map(line).collect::<Vec<_>>().join("\n"));
    if !versions.is_empty() {
        facts.add("version", format!("{}: what follows is said of it", metric.version));
    }
    let followed = followed(model, id);
    let what = if followed.is_empty() { String::new() } else { format!("the versions of {}", listed(&followed)) };
    facts.add("follows", what);
}

/// The metrics with versions that a metric is made of.
fn followed(model: &Model, id: MetricId) -> Vec<String> {
    let mut seen = BTreeSet::from([id]);
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        open.extend(model.metric(id).measure.metrics().into_iter().filter(|id| seen.insert(*id)));
    }
    let parts = seen.into_iter().filter(|part| *part != id).map(|part| model.metric(part));
    parts.filter(|part| !part.versions.is_empty()).map(|part| format!("`{}`", part.header.name)).collect()
}

/// The same for programs; nothing where there is one version.
pub(super) fn as_json(metric: &Metric) -> Option<Value> {
    let version = |version: &groma_model::Version| {
        json!({
            "number": version.number,
            "from": version.from.map(|from| from.to_string()),
            "changes": version.keys.iter().map(groma_model::SmolStr::as_str).collect::<Vec<_>>(),
            "documentation": version.doc,
        })
    };
    (!metric.versions.is_empty()).then(|| metric.versions.iter().map(version).collect())
}
