//! What a warehouse computes together: the metrics that read the same facts, in all their groupings, at one grain.

use crate::flatten;
use crate::lower::value_type;
use crate::names::{Names, shorten};
use crate::request::Request;
use crate::suppress::fewest;
use groma_model::row::RowExpr;
use groma_model::time::Grain;
use groma_model::types::{Base, Type};
use groma_model::{Grouping, MetricId, Model, SmolStr, SourceId};
use std::collections::{BTreeMap, BTreeSet};

/// The most columns that the widest step of a job has, about: PostgreSQL knows no more than 1,664 in a row.
const WIDEST: usize = 1_000;
/// The most metrics of a job.
const MOST_METRICS: usize = 150;
/// The columns of a metric beside what it is made of.
const OF_METRIC: usize = 4;
/// The columns of its interval and its change.
const OF_ESTIMATES: usize = 28;
/// The most bytes of a name: a file's name with its ending must fit in 255.
const LONGEST_NAME: usize = 120;

/// Metrics that one statement answers in all their groupings at one grain.
#[derive(Debug, Clone)]
pub struct Job {
    /// Readable, unique and safe as a file's name: `orders.month`.
    pub name: String,
    /// In the order in which they were given.
    pub metrics: Vec<MetricId>,
    pub grain: Grain,
    /// Every grouping of its metrics.
    pub by: Vec<Grouping>,
    /// The sets that are answered, as places in `by` in the order in which they are declared; the first is the total.
    pub sets: Vec<Vec<usize>>,
    /// Of each metric its own sets, as places in `sets`.
    pub shown: Vec<Vec<usize>>,
}

/// The jobs of some metrics, in a fixed order. A metric is in one job for each of its grains. Metrics are together where a
/// chain of facts connects them: sources whose rows they count, not those that are only joined. Jobs that would be too wide are
/// split.
pub fn jobs(model: &Model, metrics: &[MetricId]) -> Vec<Job> {
    let grains: BTreeSet<Grain> = metrics.iter().flat_map(|id| model.metric(*id).grains.iter().copied()).collect();
    let estimated = estimated(model, metrics);
    let mut names = Names::of_files();
    let mut jobs = Vec::new();
    for grain in grains {
        let here: Vec<MetricId> =
            metrics.iter().copied().filter(|id| model.metric(*id).grains.contains(&grain)).collect();
        for connected in connected(model, &here) {
            for together in split(model, grain, &connected, &estimated) {
                jobs.push(job(model, &mut names, grain, together));
            }
        }
    }
    jobs
}

/// The metrics whose interval and change are published: those that say what matters, and those that a tile shows or an alert
/// watches.
pub fn estimated(model: &Model, metrics: &[MetricId]) -> BTreeSet<MetricId> {
    let tiles = model.dashboards.iter().flat_map(|dashboard| &dashboard.tiles);
    let shown = tiles.flat_map(|tile| tile.metrics.iter().map(|(id, _)| *id));
    let watched = model.alerts.iter().map(|alert| alert.metric);
    let looked_at: BTreeSet<MetricId> = shown.chain(watched).collect();
    let wanted = |id: &MetricId| looked_at.contains(id) || model.metric(*id).matters.is_some();
    metrics.iter().copied().filter(wanted).collect()
}

/// The facts of a metric: the sources whose rows it or a metric that it is made of counts.
fn facts(model: &Model, id: MetricId) -> BTreeSet<SourceId> {
    let (mut open, mut seen, mut found) = (vec![id], BTreeSet::new(), BTreeSet::new());
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            let metric = model.metric(id);
            found.extend(metric.source);
            open.extend(metric.measure.metrics());
        }
    }
    found
}

/// The metrics apart where no chain of facts connects them, each set in the order of its first metric.
fn connected(model: &Model, metrics: &[MetricId]) -> Vec<Vec<MetricId>> {
    let mut parents: Vec<usize> = (0..metrics.len()).collect();
    let mut readers: BTreeMap<SourceId, usize> = BTreeMap::new();
    for (position, id) in metrics.iter().enumerate() {
        for source in facts(model, *id) {
            let first = *readers.entry(source).or_insert(position);
            let (left, right) = (root(&mut parents, first), root(&mut parents, position));
            parents[left.max(right)] = left.min(right);
        }
    }
    let mut sets: BTreeMap<usize, Vec<MetricId>> = BTreeMap::new();
    for (position, id) in metrics.iter().enumerate() {
        sets.entry(root(&mut parents, position)).or_default().push(*id);
    }
    sets.into_values().collect()
}

fn root(parents: &mut [usize], mut at: usize) -> usize {
    while parents[at] != at {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    at
}

/// Metrics that are too many for one statement, in several parts: those that hide small cells stay together as far as they
/// can, since they hide them together; then those that count rows of the same facts.
fn split(model: &Model, grain: Grain, metrics: &[MetricId], estimated: &BTreeSet<MetricId>) -> Vec<Vec<MetricId>> {
    let width = |id: MetricId| width(model, grain, id, estimated.contains(&id));
    let all: usize = metrics.iter().map(|id| width(*id)).sum();
    if all <= WIDEST && metrics.len() <= MOST_METRICS {
        return vec![metrics.to_vec()];
    }
    let mut order: Vec<(bool, BTreeSet<SourceId>, usize)> = metrics
        .iter()
        .enumerate()
        .map(|(place, id)| (fewest(model, *id).is_none(), facts(model, *id), place))
        .collect();
    order.sort();
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let mut room = (0, 0);
    for (_, _, place) in order {
        let width = width(metrics[place]);
        match parts.last_mut() {
            Some(part) if room.0 + width <= WIDEST && room.1 < MOST_METRICS => {
                part.push(place);
                room = (room.0 + width, room.1 + 1);
            }
            _ => {
                parts.push(vec![place]);
                room = (width, 1);
            }
        }
    }
    let in_order = |mut part: Vec<usize>| {
        part.sort_unstable();
        part.into_iter().map(|place| metrics[place]).collect()
    };
    parts.into_iter().map(in_order).collect()
}

/// The columns that a metric adds to the widest step, about.
fn width(model: &Model, grain: Grain, id: MetricId, is_estimated: bool) -> usize {
    let table = |_| Vec::new();
    let request = Request::of_one(id, grain, &table);
    let leaves = flatten::flatten(model, &request).map_or(1, |flat| flat.leaves.leaves.len());
    OF_METRIC + leaves * if is_estimated { 2 } else { 1 } + if is_estimated { OF_ESTIMATES } else { 0 }
}

fn job(model: &Model, names: &mut Names, grain: Grain, metrics: Vec<MetricId>) -> Job {
    let mut found: BTreeMap<SmolStr, Vec<&Grouping>> = BTreeMap::new();
    let mut sets: BTreeSet<(usize, Vec<&str>)> = BTreeSet::from([(0, Vec::new())]);
    let set_of = |set: &'_ [Grouping]| -> (usize, Vec<SmolStr>) {
        (set.len(), set.iter().map(|grouping| grouping.name.clone()).collect())
    };
    for id in &metrics {
        for set in &model.metric(*id).by {
            sets.insert((set.len(), set.iter().map(|grouping| grouping.name.as_str()).collect()));
            set.iter().for_each(|grouping| found.entry(grouping.name.clone()).or_default().push(grouping));
        }
    }
    let by: Vec<Grouping> = found.into_values().filter_map(|known| merged(model, &known)).collect();
    let place = |name: &str| by.iter().position(|grouping| grouping.name == name);
    let places: Vec<Vec<usize>> =
        sets.iter().map(|(_, set)| set.iter().filter_map(|name| place(name)).collect()).collect();
    let shown = metrics.iter().map(|id| {
        let own: BTreeSet<(usize, Vec<SmolStr>)> =
            model.metric(*id).by.iter().map(|set| set_of(set)).chain([(0, Vec::new())]).collect();
        let is_own = |set: &(usize, Vec<&str>)| {
            own.iter().any(|(_, names)| names.iter().map(SmolStr::as_str).eq(set.1.iter().copied()))
        };
        sets.iter().enumerate().filter(|(_, set)| is_own(set)).map(|(at, _)| at).collect()
    });
    let shown = shown.collect();
    let name = names.take_whole(&name_of(model, &metrics, grain));
    Job { name, metrics, grain, by, sets: places, shown }
}

/// A grouping with the values for the sources of all metrics; as text where they are of several types.
fn merged(model: &Model, known: &[&Grouping]) -> Option<Grouping> {
    let mut whole = (*known.first()?).clone();
    let mut values: BTreeMap<SourceId, &RowExpr> = BTreeMap::new();
    for grouping in known {
        for (source, value) in &grouping.values {
            values.entry(*source).or_insert(value);
        }
        if value_type(model, &grouping.ty) != value_type(model, &whole.ty) {
            whole.ty = Type::plain(Base::Text);
        }
    }
    whole.values = values.into_iter().map(|(source, value)| (source, value.clone())).collect();
    Some(whole)
}

fn name_of(model: &Model, metrics: &[MetricId], grain: Grain) -> String {
    let facts: BTreeSet<SourceId> = metrics.iter().flat_map(|id| facts(model, *id)).collect();
    let named: Vec<&str> = facts.iter().take(3).map(|source| model.source(*source).header.name.as_str()).collect();
    let mut name = match (named.is_empty(), metrics.first()) {
        (true, Some(id)) => model.metric(*id).header.name.to_string(),
        _ => named.join("+"),
    };
    if facts.len() > named.len() {
        name.push_str(&format!("+and-{}-more", facts.len() - named.len()));
    }
    let safe = |letter: char| if letter.is_alphanumeric() || "._-+".contains(letter) { letter } else { '-' };
    let name: String = name.chars().map(safe).collect();
    format!("{}.{}", shorten(&name, LONGEST_NAME), grain.word())
}
