//! Where the line of a number breaks: a new version of its definition, a restatement of what was frozen.

use super::words::period_name;
use crate::answer::Restated;
use groma_board::Break;
use groma_model::reading::Tile;
use groma_model::time::{Calendar, Grain};
use groma_model::{MetricId, Model, Version};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// The versions that a tile's metrics change with, each at the first period that it computes.
pub(super) fn versions(model: &Model, tile: &Tile) -> Vec<Break> {
    let mut found = Vec::new();
    for (id, _) in &tile.metrics {
        let name = model.metric(*id).header.name.to_string();
        for part in versioned(model, *id) {
            let metric = model.metric(part);
            let of = if part == *id { String::new() } else { format!("{}: ", metric.header.name) };
            let dated = metric.versions.iter().filter_map(|version| Some((version, version.from?)));
            found.extend(dated.map(|(version, from)| {
                let start = first_period(&model.calendar, tile.grain, from);
                Break {
                    metric: name.clone(),
                    period: start.to_string(),
                    period_label: period_name(tile.grain, start, &model.calendar),
                    words: format!("{of}{}", words(version, from)),
                    restated: false,
                }
            }));
        }
    }
    found.sort_by(|one, other| {
        (&one.metric, &one.period, &one.words).cmp(&(&other.metric, &other.period, &other.words))
    });
    found
}

/// The restatements of frozen periods that cells stand in: of each metric the periods that begin on these days.
pub(super) fn restatements(
    restated: &Restated,
    periods: &BTreeMap<String, BTreeSet<Date>>,
    (grain, calendar): (Grain, &Calendar),
) -> Vec<Break> {
    let mut found: Vec<Break> = Vec::new();
    for (metric, starts) in periods {
        for start in starts {
            for words in restated.lines(metric, *start) {
                let known = found.iter().any(|one| one.metric == *metric && one.words == words);
                if !known {
                    found.push(Break {
                        metric: metric.clone(),
                        period: start.to_string(),
                        period_label: period_name(grain, *start, calendar),
                        words,
                        restated: true,
                    });
                }
            }
        }
    }
    found
}

/// The metric and those it is made of, where they have versions.
fn versioned(model: &Model, id: MetricId) -> Vec<MetricId> {
    let mut seen = BTreeSet::from([id]);
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        open.extend(model.metric(id).measure.metrics().into_iter().filter(|id| seen.insert(*id)));
    }
    seen.into_iter().filter(|part| !model.metric(*part).versions.is_empty()).collect()
}

/// The first period that begins on a day or after it.
fn first_period(calendar: &Calendar, grain: Grain, from: Date) -> Date {
    match calendar.start(grain, from) {
        start if start == from => start,
        start => calendar.next(grain, start),
    }
}

/// `version 2 from 2026-07-01: only paid orders`.
fn words(version: &Version, from: Date) -> String {
    let doc = version.doc.as_deref().and_then(|doc| doc.lines().next()).map(|doc| format!(": {}", doc.trim()));
    format!("version {} from {from}{}", version.number, doc.unwrap_or_default())
}
