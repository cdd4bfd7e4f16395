//! What follows from metrics and surveys for the packs of standard rules: what is mixed, what ends, what is said twice.

use crate::canonical::meanings;
use crate::check::governance::sensitivity;
use crate::measure::{Measure, MeasureKind};
use crate::model::{Metric, MetricId, Model, Status, SurveyId};
use crate::row::{Binary, RowExpr, RowKind};
use crate::rule::attribute::{Derived, all, one};
use crate::rule::facts::Facts;
use crate::rule::value::{Sort, Thing, Type, Value};
use crate::rule::written;
use crate::schema::Kind;
use crate::types::Base;
use groma_syntax::ast::{Entry, ExprKind};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

const METRIC: Sort = Sort::Declared(Kind::Metric);

pub(crate) static OF_METRICS: &[Derived] = &[
    all("scales", Type::Texts, "the scales of the answers that it computes with, through other metrics too", |facts| {
        let all = gathered(facts.model, |metric| scales(facts.model, metric));
        all.into_iter().map(Value::texts).collect()
    }),
    all("tells_apart", Type::Texts, "columns of which it reads one value, or by which it is always grouped", |facts| {
        tells_apart(facts.model).into_iter().map(Value::texts).collect()
    }),
    one("ending", Type::Texts, "what it names that is deprecated, and until when", |facts, at| {
        let metrics = named(facts, at).filter(|other| other.status == Status::Deprecated && !has_ended(facts, other));
        Value::texts(metrics.map(|other| match other.governed.retires {
            Some(day) => format!("{} (until {day})", other.header.name),
            None => other.header.name.to_string(),
        }))
    }),
    one("ended", Type::Texts, "what it names that is retired, or past its last day", |facts, at| {
        Value::texts(named(facts, at).filter(|other| has_ended(facts, other)).map(|other| &other.header.name))
    }),
    one("drafts", Type::Texts, "what it names that is still a draft", |facts, at| {
        let drafts = named(facts, at).filter(|other| other.status == Status::Draft);
        Value::texts(drafts.map(|other| &other.header.name))
    }),
    one("rests_on", Type::Text, "the highest class of the columns behind it", |facts, at| {
        let rest = facts.model.flow.metrics.get(at).copied().unwrap_or_default();
        Value::text(Some(sensitivity::word(rest.class)))
    })
    .among(&["public", "internal", "personal", "special"]),
    all("part_lags", Type::Numbers, "the days that its parts give customers after their anchor, each once", |facts| {
        let all = gathered(facts.model, |metric| lag(metric).into_iter().collect());
        all.into_iter().map(numbers).collect()
    }),
    all(
        "compared_lags",
        Type::Numbers,
        "the days that metrics of its tags, its unit and its customer give after the anchor, each once",
        compared_lags,
    ),
    all("window_written", Type::Number, "how many metrics write out the window that it writes out", window_written),
    one("languages_missing", Type::Texts, "languages of the manifest that it has no label in", |facts, at| {
        let labels = &facts.model.metrics[at].labels;
        let is_missing = |language: &&SmolStr| labels.iter().all(|(known, _)| known != *language);
        Value::texts(facts.model.policy.languages.iter().filter(is_missing))
    }),
    all("same_as", Type::Things(METRIC), "other metrics that are the same number", |facts| {
        let (same, group) = same(facts);
        let others =
            |at: usize| group[at].iter().flat_map(|group| &same[*group]).copied().filter(move |other| *other != at);
        (0..group.len()).map(|at| Value::things(Kind::Metric, others(at))).collect()
    }),
    all(
        "duplicates",
        Type::Thing(METRIC),
        "the first metric in use that is the same number; null for that one",
        |facts| {
            let (same, group) = same(facts);
            let first: Vec<Option<usize>> = same.iter().map(|group| first_in_use(facts, group)).collect();
            let of = |at: usize| group[at].and_then(|group| first[group]).filter(|first| *first != at);
            (0..group.len()).map(|at| Value::thing(Kind::Metric, of(at))).collect()
        },
    ),
];

pub(crate) static OF_SURVEYS: &[Derived] =
    &[all("metrics", Type::Things(METRIC), "the metrics that somebody wrote and that read its answers", |facts| {
        let mut read = vec![Vec::new(); facts.count(Sort::Declared(Kind::Survey))];
        for at in 0..facts.model.metrics.len() {
            if facts.declared(Kind::Metric, at).survey.is_none() {
                let surveys: &[SurveyId] = facts.model.surveys_read(MetricId::at(at));
                surveys.iter().for_each(|survey| read[survey.index()].push(at));
            }
        }
        read.into_iter().map(|metrics| Value::things(Kind::Metric, metrics)).collect()
    })];

/// What each metric has of its own and from the metrics it is made of, in one walk along the graph.
fn gathered<T: Ord + Clone>(model: &Model, own: impl Fn(&Metric) -> BTreeSet<T>) -> Vec<BTreeSet<T>> {
    let mut all = vec![BTreeSet::new(); model.metrics.len()];
    for id in in_order(model) {
        let metric = model.metric(id);
        let mut found = own(metric);
        for part in metric.measure.metrics() {
            found.extend(all[part.index()].iter().cloned());
        }
        all[id.index()] = found;
    }
    all
}

/// The metrics, those that others are made of first. Circles were reported, and are cut somewhere.
fn in_order(model: &Model) -> Vec<MetricId> {
    let mut order = Vec::with_capacity(model.metrics.len());
    let mut entered = vec![false; model.metrics.len()];
    for start in (0..model.metrics.len()).map(MetricId::at) {
        let mut open = vec![(start, false)];
        while let Some((id, is_done)) = open.pop() {
            if is_done {
                order.push(id);
            } else if !std::mem::replace(&mut entered[id.index()], true) {
                open.push((id, true));
                open.extend(model.metric(id).measure.metrics().into_iter().map(|part| (part, false)));
            }
        }
    }
    order
}

/// The scales of the columns that its aggregates read.
fn scales(model: &Model, metric: &Metric) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut row = |expr: &RowExpr| {
        expr.for_each_column(&mut |path| {
            if let Base::Scale { low, high } = model.column(path.source, path.column).ty.base {
                found.insert(format!("{low} to {high}"));
            }
        });
    };
    for measure in [Some(&metric.measure), metric.each.as_ref()].into_iter().flatten() {
        measure.visit(&mut |part: &Measure| {
            if let MeasureKind::Aggregate(call) = &part.kind {
                call.argument.iter().chain(&call.filter).for_each(&mut row);
            }
        });
    }
    found
}

/// A metric of metrics tells apart what all its parts do.
fn tells_apart(model: &Model) -> Vec<BTreeSet<SmolStr>> {
    let mut all: Vec<BTreeSet<SmolStr>> = vec![BTreeSet::new(); model.metrics.len()];
    for id in in_order(model) {
        let metric = model.metric(id);
        let parts = metric.measure.metrics();
        let mut parts = parts.iter().map(|part| &all[part.index()]);
        let mut found = match (metric.source, parts.next()) {
            (None, Some(first)) => parts.fold(first.clone(), |common, part| &common & part),
            _ => BTreeSet::new(),
        };
        if let Some(filter) = &metric.filter {
            fixed(model, filter, &mut found);
        }
        let last = |name: &SmolStr| SmolStr::new(name.rsplit('.').next().unwrap_or(name));
        let mut sets = metric.by.iter().map(|set| set.iter().map(|one| last(&one.name)).collect::<BTreeSet<_>>());
        if let Some(first) = sets.next() {
            found.extend(sets.fold(first, |common, set| &common & &set));
        }
        all[id.index()] = found;
    }
    all
}

/// The columns that a condition asks one value of.
fn fixed(model: &Model, condition: &RowExpr, found: &mut BTreeSet<SmolStr>) {
    match &condition.kind {
        RowKind::Binary { operator: Binary::And, left, right } => {
            fixed(model, left, found);
            fixed(model, right, found);
        }
        RowKind::Binary { operator: Binary::Equal, left, right } => match (&left.kind, &right.kind) {
            (RowKind::Column(path), RowKind::Literal(_)) | (RowKind::Literal(_), RowKind::Column(path)) => {
                found.insert(model.column(path.source, path.column).name.clone());
            }
            _ => {}
        },
        RowKind::In { operand, list, negated: false } if list.len() == 1 => {
            if let RowKind::Column(path) = &operand.kind {
                found.insert(model.column(path.source, path.column).name.clone());
            }
        }
        _ => {}
    }
}

/// The metrics that a metric's measure names.
fn named<'m>(facts: &Facts<'m>, at: usize) -> impl Iterator<Item = &'m Metric> {
    let model = facts.model;
    model.metrics[at].measure.metrics().into_iter().map(|id| model.metric(id))
}

fn has_ended(facts: &Facts<'_>, metric: &Metric) -> bool {
    let past = metric.governed.retires.is_some_and(|day| day < facts.date);
    metric.status == Status::Retired || metric.status == Status::Deprecated && past
}

/// The days after the anchor, of a metric whose clock has one.
fn lag(metric: &Metric) -> Option<u32> {
    let days = metric.clock.is_anchored().then(|| super::metric::lag(&metric.clock)).flatten()?;
    // A window is a whole number of days.
    format!("{days}").parse().ok()
}

fn numbers(days: BTreeSet<u32>) -> Value {
    Value::list(days.into_iter().map(|days| Value::Number(f64::from(days))))
}

fn compared_lags(facts: &Facts<'_>) -> Vec<Value> {
    let model = facts.model;
    let key = |metric: &Metric, tag: &SmolStr| (tag.clone(), metric.unit.to_string(), metric.customer);
    let mut by_tag: BTreeMap<_, BTreeSet<u32>> = BTreeMap::new();
    for metric in model.metrics.iter().filter(|metric| metric.status == Status::Active) {
        for (days, tag) in lag(metric).into_iter().flat_map(|days| metric.tags.iter().map(move |tag| (days, tag))) {
            by_tag.entry(key(metric, tag)).or_default().insert(days);
        }
    }
    let of = |metric: &Metric| match lag(metric) {
        Some(_) => metric.tags.iter().filter_map(|tag| by_tag.get(&key(metric, tag))).flatten().copied().collect(),
        None => BTreeSet::new(),
    };
    model.metrics.iter().map(|metric| numbers(of(metric))).collect()
}

fn window_written(facts: &Facts<'_>) -> Vec<Value> {
    let written = |at: usize| {
        let is_name = match written::entry(facts.declared(Kind::Metric, at), "window") {
            Some(Entry::Value { values, .. }) => {
                values.first().is_none_or(|value| matches!(value.kind, ExprKind::Path(_)))
            }
            _ => true,
        };
        match facts.named(Thing::of(Kind::Metric, at), "window") {
            Value::Text(text) if !is_name && facts.model.metrics[at].clock.is_anchored() => Some(text.clone()),
            _ => None,
        }
    };
    let all: Vec<Option<SmolStr>> = (0..facts.model.metrics.len()).map(written).collect();
    let mut counts: BTreeMap<&SmolStr, usize> = BTreeMap::new();
    for window in all.iter().flatten() {
        *counts.entry(window).or_default() += 1;
    }
    all.iter().map(|window| window.as_ref().map_or(Value::Null, |window| Value::count(counts[window]))).collect()
}

/// Groups of metrics that are the same number, and the group of each metric that is in one.
fn same(facts: &Facts<'_>) -> (Vec<Vec<usize>>, Vec<Option<usize>>) {
    let mut by_meaning: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    let meanings = meanings(facts.model);
    for (at, meaning) in meanings.iter().enumerate() {
        if let Some(meaning) = meaning {
            by_meaning.entry(*meaning).or_default().push(at);
        }
    }
    let same: Vec<Vec<usize>> = by_meaning.into_values().filter(|group| group.len() > 1).collect();
    let mut group = vec![None; meanings.len()];
    for (number, members) in same.iter().enumerate() {
        members.iter().for_each(|at| group[*at] = Some(number));
    }
    (same, group)
}

/// Of the same number, the metric that a survey declares, or else the first by name.
fn first_in_use(facts: &Facts<'_>, group: &[usize]) -> Option<usize> {
    let in_use = |at: &&usize| matches!(facts.model.metrics[**at].status, Status::Active | Status::Draft);
    group.iter().filter(in_use).min_by_key(|at| (facts.declared(Kind::Metric, **at).survey.is_none(), **at)).copied()
}
