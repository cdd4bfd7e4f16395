//! What a build writes: for each grain and grouping, the metrics that share sources, together.

use crate::names::{Names, shorten};
use groma_model::row::RowExpr;
use groma_model::time::Grain;
use groma_model::{Grouping, Metric, MetricId, Model, SourceId};
use std::collections::{BTreeMap, BTreeSet};

/// The most sources that a name lists.
const MOST_NAMED: usize = 3;
/// The most bytes of a name: a file's name with its ending must fit in 255.
const LONGEST_NAME: usize = 160;

/// Metrics that one statement answers.
#[derive(Debug, Clone)]
pub struct Group {
    /// Readable, unique and safe as a file's name: `orders.month.by.account.region`.
    pub name: String,
    /// In the order in which they were given.
    pub metrics: Vec<MetricId>,
    pub grain: Grain,
    /// The columns that answers are grouped by; none for the total.
    pub by: Vec<Grouping>,
}

/// A metric with one of its sets of groupings.
type Member<'m> = (MetricId, &'m [Grouping]);

/// The groups that the metrics are built in: each metric at each of its grains, in total and by each of its groupings.
/// Metrics belong to one group where a chain of shared sources connects them.
pub fn groups(model: &Model, metrics: &[MetricId]) -> Vec<Group> {
    let mut cuts: BTreeMap<(Grain, Vec<&str>), Vec<Member<'_>>> = BTreeMap::new();
    for id in metrics {
        let metric = model.metric(*id);
        let sets = std::iter::once(&[] as &[Grouping]).chain(metric.by.iter().map(Vec::as_slice));
        for (grain, by) in distinct_cuts(metric, sets) {
            let names = by.iter().map(|grouping| grouping.name.as_str()).collect();
            cuts.entry((grain, names)).or_default().push((*id, by));
        }
    }
    let mut names = Names::of_files();
    let mut groups = Vec::new();
    for ((grain, by_names), members) in cuts {
        for connected in connected_sets(model, &members) {
            let name = names.take_whole(&name_of(model, &connected, grain, &by_names));
            let metrics = connected.iter().map(|(id, _)| *id).collect();
            groups.push(Group { name, metrics, grain, by: merged(&by_names, &connected) });
        }
    }
    groups
}

/// Each grain with each set of groupings, once.
fn distinct_cuts<'m>(
    metric: &'m Metric,
    sets: impl Iterator<Item = &'m [Grouping]>,
) -> impl Iterator<Item = (Grain, &'m [Grouping])> {
    let mut seen = BTreeSet::new();
    let sets: Vec<&[Grouping]> =
        sets.filter(|set| seen.insert(set.iter().map(|grouping| &grouping.name).collect::<Vec<_>>())).collect();
    let grains: BTreeSet<Grain> = metric.grains.iter().copied().collect();
    grains.into_iter().flat_map(move |grain| sets.clone().into_iter().map(move |set| (grain, set)))
}

/// The members apart where no chain of shared sources connects them, each set in the order of its first member.
fn connected_sets<'m>(model: &Model, members: &[Member<'m>]) -> Vec<Vec<Member<'m>>> {
    let mut parents: Vec<usize> = (0..members.len()).collect();
    let mut readers: BTreeMap<SourceId, usize> = BTreeMap::new();
    for (position, (id, _)) in members.iter().enumerate() {
        for source in &model.metric(*id).reads {
            let first = *readers.entry(*source).or_insert(position);
            let (left, right) = (root(&mut parents, first), root(&mut parents, position));
            let (low, high) = (left.min(right), left.max(right));
            parents[high] = low;
        }
    }
    let mut sets: BTreeMap<usize, Vec<Member<'m>>> = BTreeMap::new();
    for (position, member) in members.iter().enumerate() {
        sets.entry(root(&mut parents, position)).or_default().push(*member);
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

/// The groupings with the values of all members' sources.
fn merged(names: &[&str], members: &[Member<'_>]) -> Vec<Grouping> {
    let mut values: Vec<BTreeMap<SourceId, &RowExpr>> = vec![BTreeMap::new(); names.len()];
    for (_, by) in members {
        for (known, grouping) in values.iter_mut().zip(*by) {
            for (source, value) in &grouping.values {
                known.entry(*source).or_insert(value);
            }
        }
    }
    let Some((_, first)) = members.first() else { return Vec::new() };
    let whole = first.iter().zip(values).map(|(grouping, values)| Grouping {
        name: grouping.name.clone(),
        span: grouping.span,
        ty: grouping.ty.clone(),
        values: values.into_iter().map(|(source, value)| (source, value.clone())).collect(),
    });
    whole.collect()
}

fn name_of(model: &Model, members: &[Member<'_>], grain: Grain, by: &[&str]) -> String {
    let sources: BTreeSet<SourceId> =
        members.iter().flat_map(|(id, _)| model.metric(*id).reads.iter().copied()).collect();
    let named: Vec<&str> =
        sources.iter().take(MOST_NAMED).map(|source| model.source(*source).header.name.as_str()).collect();
    let mut name = match (named.is_empty(), members.first()) {
        (true, Some((id, _))) => model.metric(*id).header.name.to_string(),
        _ => named.join("+"),
    };
    if sources.len() > MOST_NAMED {
        name.push_str(&format!("+and-{}-more", sources.len() - MOST_NAMED));
    }
    let mut name = shorten(&name, LONGEST_NAME / 2);
    name.push('.');
    name.push_str(grain.word());
    if !by.is_empty() {
        name.push_str(".by.");
        name.push_str(&by.join("+"));
    }
    let safe = |letter: char| if letter.is_alphanumeric() || "._-+".contains(letter) { letter } else { '-' };
    shorten(&name.chars().map(safe).collect::<String>(), LONGEST_NAME)
}
