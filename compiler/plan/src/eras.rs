//! A request over time: which model holds for which of its periods, and for which of its metrics that makes a difference.
//!
//! A period is computed by what holds on its first day. What is the same in several eras is computed once for all of them.

use crate::as_of::last_day;
use crate::request::{Further, Request};
use crate::suppress::fewest;
use groma_model::meaning::Era;
use groma_model::time::{Calendar, Grain};
use groma_model::{Grouping, MetricId, Model};
use jiff::ToSpan as _;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Metrics of a request in some of its periods, with the model they are computed by there.
pub(crate) struct Part<'m> {
    pub(crate) model: &'m Model,
    pub(crate) metrics: Vec<MetricId>,
    /// The place of each in the request, from 1.
    pub(crate) positions: Vec<i64>,
    /// The first and the last period; none where there is no first or no last.
    pub(crate) first: Option<Date>,
    pub(crate) last: Option<Date>,
}

/// Periods from the first to the last, and the era that computes them.
type Segment = (Option<Date>, Option<Date>, usize);

/// The parts of a request, at least one: one for all where nothing changes among its periods.
pub(crate) fn parts<'m>(eras: &[Era<'m>], request: &Request<'_>) -> Vec<Part<'m>> {
    let mut parts: BTreeMap<(usize, Option<Date>, Option<Date>), Vec<usize>> = BTreeMap::new();
    for together in units(eras, request) {
        let metrics: Vec<MetricId> = together.iter().map(|at| request.metrics[*at]).collect();
        for (first, last, era) in segments(eras, request, &metrics) {
            parts.entry((era, first, last)).or_default().extend(&together);
        }
    }
    let parts = parts.into_iter().map(|((era, first, last), mut places)| {
        places.sort_unstable();
        Part {
            model: eras[era].model,
            metrics: places.iter().map(|at| request.metrics[*at]).collect(),
            positions: places
                .iter()
                .zip(1_i64..)
                .map(|(at, _)| i64::try_from(*at).map_or(i64::MAX, |at| at + 1))
                .collect(),
            first,
            last,
        }
    });
    parts.collect()
}

/// The places of the metrics that are computed together: what is hidden together cannot be taken apart.
fn units(eras: &[Era<'_>], request: &Request<'_>) -> Vec<Vec<usize>> {
    let hides = |id: MetricId| eras.iter().any(|era| fewest(era.model, id).is_some());
    let (hiding, open): (Vec<usize>, Vec<usize>) =
        (0..request.metrics.len()).partition(|at| eras.len() > 1 && hides(request.metrics[*at]));
    let hiding = Some(hiding).filter(|hiding| !hiding.is_empty());
    hiding.into_iter().chain(open.into_iter().map(|at| vec![at])).collect()
}

/// The eras of some metrics by their periods: only where something differs for one of them, and where something is asked.
fn segments(eras: &[Era<'_>], request: &Request<'_>, metrics: &[MetricId]) -> Vec<Segment> {
    let same = |left: usize, right: usize| versions(eras[left].model, metrics) == versions(eras[right].model, metrics);
    let mut ends: Vec<usize> = (1..eras.len()).filter(|at| !same(at - 1, *at)).map(|at| at - 1).collect();
    ends.push(eras.len() - 1);
    let mut begins = 0;
    let mut found: Vec<(Segment, bool)> = Vec::with_capacity(ends.len());
    for end in ends {
        let calendar = &eras[end].model.calendar;
        let from = if begins == 0 { None } else { eras[begins].from };
        let first = from.map(|day| first_from(calendar, request.grain, day));
        let next = eras.get(end + 1).and_then(|era| era.from);
        let last = next.map(|day| calendar.start(request.grain, day.saturating_sub(1.day())));
        begins = end + 1;
        if first.zip(last).is_none_or(|(first, last)| first <= last) {
            found.push(((first, last, end), is_asked(calendar, request, first, last)));
        }
    }
    let any = found.iter().any(|(_, asked)| *asked);
    // Where nothing can be answered, one part says so.
    let kept = found.iter().filter(|(_, asked)| *asked || !any).map(|(segment, _)| *segment);
    if any { kept.collect() } else { kept.take(1).collect() }
}

/// The first period that begins on a day or later.
fn first_from(calendar: &Calendar, grain: Grain, day: Date) -> Date {
    let start = calendar.start(grain, day);
    if start == day { start } else { calendar.next(grain, start) }
}

/// Whether a period from the first to the last may be in the answer.
fn is_asked(calendar: &Calendar, request: &Request<'_>, first: Option<Date>, last: Option<Date>) -> bool {
    let start = |day| calendar.start(request.grain, day);
    let known = request.as_of.map(last_day);
    let ends = [request.to, known].into_iter().flatten().map(start).min();
    let begins = request.from.map(start);
    first.zip(ends).is_none_or(|(first, ends)| first <= ends)
        && last.zip(begins).is_none_or(|(last, begins)| begins <= last)
}

/// The versions of metrics and of all that they are made of.
fn versions(model: &Model, metrics: &[MetricId]) -> BTreeMap<MetricId, u32> {
    let mut found = BTreeMap::new();
    let mut open = metrics.to_vec();
    while let Some(id) = open.pop() {
        let metric = model.metric(id);
        if found.insert(id, metric.version).is_none() {
            open.extend(metric.measure.metrics());
        }
    }
    found
}

impl Part<'_> {
    /// What is asked of it.
    pub(crate) fn request<'a>(&self, whole: &Request<'a>) -> Request<'a> {
        Request {
            metrics: self.metrics.clone(),
            by: whole.by.iter().map(|grouping| self.grouping(grouping)).collect(),
            filter: whole.filter.clone(),
            sets: whole.sets.clone(),
            estimated: whole.estimated.clone(),
            // Also where only one metric is left in a part.
            further: Further { own_cells: whole.tells_cells_apart(), ..whole.further },
            ..*whole
        }
    }

    /// A grouping with its values for the sources that only this part reads.
    fn grouping(&self, grouping: &Grouping) -> Grouping {
        let mut whole = grouping.clone();
        let own = self.metrics.iter().flat_map(|id| self.model.metric(*id).by.iter().flatten());
        for known in own.filter(|known| known.name == whole.name).collect::<Vec<_>>() {
            for (source, value) in &known.values {
                if !whole.values.iter().any(|(known, _)| known == source) {
                    whole.values.push((*source, value.clone()));
                }
            }
        }
        whole
    }
}
