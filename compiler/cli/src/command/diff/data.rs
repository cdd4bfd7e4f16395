//! `groma diff --data`: both sides computed over the same data, and compared cell by cell.

use super::cells::{Cells, Tally};
use crate::answer::{Extra, Progress, Question, Quiet, Range, chosen_target};
use crate::differences::{DataReport, MetricData};
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::meaning::affected;
use crate::terminal::Terminal;
use groma_history::{Compared, State};
use groma_model::change::Class;
use groma_model::schema::Kind;
use groma_model::time::Grain;
use groma_model::{Grouping, MetricId, Status};
use groma_project::DiskWorld;
use std::collections::BTreeMap;
use std::path::Path;

/// What is to be computed.
pub(super) struct Wish<'a> {
    pub(super) target: Option<&'a str>,
    pub(super) range: Range,
    pub(super) grain: Option<Grain>,
}

/// Computes what changed on both sides: the sources' files are those of the working tree, the target is the head's.
pub(super) fn report(
    compared: &Compared,
    wish: &Wish<'_>,
    (disk, prefix): (&Path, &str),
    terminal: &mut Terminal,
) -> Result<DataReport, Failure> {
    let loaded = |state: &State| Loaded {
        project: state.project.clone(),
        world: DiskWorld::new(disk),
        prefix: prefix.to_owned(),
    };
    let sides = [loaded(&compared.base), loaded(&compared.head)];
    let target = chosen_target(&sides[1], wish.target)?.clone();
    let mut engines = [Quiet::new(&sides[0], &target, terminal)?, Quiet::new(&sides[1], &target, terminal)?];
    let progress = Progress::start(terminal, "computing both sides");
    let mut metrics = Vec::new();
    for one in compared.changes.iter().filter(|one| one.change.subject.0 == Kind::Metric) {
        let (_, name) = &one.change.subject;
        let names = [one.change.was.as_ref().unwrap_or(name), name];
        let ids = [0, 1].map(|side| sides[side].project.model.metric_named(names[side]));
        metrics.push(compare(name, (&sides, ids), wish, &mut engines)?);
    }
    drop(progress);
    metrics.sort_by(|one, other| one.metric.cmp(&other.metric));
    Ok(DataReport { target: target.name.clone(), metrics })
}

/// A metric on both sides: what is asked of each.
type Asked<'a> = BTreeMap<(Grain, Vec<&'a str>), [Option<&'a [Grouping]>; 2]>;

fn compare(
    name: &str,
    (sides, ids): (&[Loaded; 2], [Option<MetricId>; 2]),
    wish: &Wish<'_>,
    engines: &mut [Quiet<'_>; 2],
) -> Result<MetricData, Failure> {
    let not_run = |why: String| Ok(MetricData { metric: name.to_owned(), not_run: Some(why), ..MetricData::default() });
    for (side, word) in [(0, "base"), (1, "head")] {
        let is_affected = |id: MetricId| sides[side].project.eras().iter().any(|era| affected(era.model, id));
        if ids[side].is_some_and(is_affected) {
            return not_run(format!("the {word} has errors behind its number"));
        }
    }
    let asked = questions(sides, ids, wish);
    let shown = asked.keys().map(|(grain, _)| *grain).min();
    let mut tally = Tally::default();
    for ((grain, names), groupings) in &asked {
        let mut cells = [Cells::default(), Cells::default()];
        for side in [0, 1] {
            let Some((id, by)) = ids[side].zip(groupings[side]) else { continue };
            let question = Question {
                metrics: vec![id],
                grain: *grain,
                by: by.to_vec(),
                range: wish.range,
                filter: Vec::new(),
                extra: Extra::default(),
            };
            match engines[side].ask(&question)? {
                Ok(rows) => cells[side] = Cells::of(&rows, names),
                Err(why) => return not_run(format!("at the {}: {why}", ["base", "head"][side])),
            }
        }
        let movers = (shown == Some(*grain) && ids.iter().all(Option::is_some)).then_some(*grain);
        tally.count(&cells, movers, &sides[1].project.model.calendar);
    }
    Ok(tally.into_data(name))
}

/// The grains and groupings that a side publishes, each beside the same one of the other side.
fn questions<'a>(sides: &'a [Loaded; 2], ids: [Option<MetricId>; 2], wish: &Wish<'_>) -> Asked<'a> {
    let mut asked = Asked::new();
    for side in [0, 1] {
        let Some(id) = ids[side] else { continue };
        let metric = sides[side].project.model.metric(id);
        let grains = wish.grain.map_or_else(|| metric.grains.clone(), |grain| vec![grain]);
        let total: &[Grouping] = &[];
        for grain in grains {
            for by in [total].into_iter().chain(metric.by.iter().map(Vec::as_slice)) {
                let names = by.iter().map(|grouping| grouping.name.as_str()).collect();
                asked.entry((grain, names)).or_default()[side] = Some(by);
            }
        }
    }
    asked
}

/// A change that is said to alter no published cell, and does.
pub(super) fn unsound(compared: &Compared, report: &DataReport) -> Option<String> {
    compared.changes.iter().filter(|one| one.change.class <= Class::Additive).find_map(|one| {
        let (_, name) = &one.change.subject;
        let was = one.change.was.as_ref().unwrap_or(name);
        let base = &compared.base.project.model;
        let published = |id: MetricId| matches!(base.metric(id).status, Status::Active | Status::Deprecated);
        let id = base.metric_named(was).filter(|id| published(*id))?;
        let data = report.metrics.iter().find(|data| data.metric == name.as_str())?;
        let cells = data.changed + data.only_base;
        let name = &base.metric(id).header.name;
        (cells > 0).then(|| {
            let class = one.change.class.word();
            format!("the change of `{name}` is classed {class}, and {cells} of its cells are not what they were")
        })
    })
}
