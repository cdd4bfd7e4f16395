//! The pack for a review: the numbers that a period reports, each with what is to be asked about it.

mod changes;
mod questions;

pub(crate) use changes::Since;

use super::Desk;
use super::tile::{Filled, filled, planned};
use super::words::{Writing, day_name};
use crate::answer::as_of_shown;
use crate::failure::Failure;
use crate::terminal::Terminal;
use groma_board::{Cell, Goal as ShownGoal, Number, Review};
use groma_model::governance::Period;
use groma_model::reading::{Audience, Dashboard, Goal, Mark, Phase, Tile};
use groma_model::time::{GRAINS, Grain};
use groma_model::{Diagnostic, Header, Metric, MetricId, Span};
use jiff::civil::{Date, DateTime};
use std::collections::BTreeMap;

/// What a review is made of, beside the numbers.
pub(crate) struct Asked<'a> {
    pub(crate) period: &'a Period,
    /// The period before it, of those that are declared.
    pub(crate) previous: Option<&'a Period>,
    /// How the definitions stand still, in a sentence.
    pub(crate) frozen: Option<String>,
    pub(crate) since: &'a Since,
    /// What was found about the declarations on the day of the report.
    pub(crate) findings: &'a [Diagnostic],
}

/// The pack. What stands in the way of a number is shown.
pub(crate) fn review(desk: &Desk<'_>, asked: &Asked<'_>, terminal: &mut Terminal) -> Result<Review, Failure> {
    let (project, model) = (&desk.loaded.project, &desk.loaded.project.model);
    let period = asked.period;
    let mut as_of = desk.as_of;
    let mut numbers: BTreeMap<MetricId, Number> = BTreeMap::new();
    for (grain, metrics) in by_grain(desk, period)? {
        let page = page(period, grain, &metrics);
        let Filled { tile, as_of: found } = filled(desk, &page, &page.tiles[0], terminal)?;
        as_of = as_of.max(found);
        let day = found.or(desk.as_of).map_or(desk.today, DateTime::date);
        for (id, card) in metrics.iter().zip(tile.metrics) {
            let cell = of_period(desk, grain, period, &tile.cells, &card.name);
            let before = cell.as_ref().and_then(|cell| before(desk, grain, cell, &tile.cells));
            numbers.insert(*id, number(desk, asked, (*id, card, cell, before), day));
        }
    }
    Ok(Review {
        project: project.manifest.project.clone(),
        period: period.header.name.to_string(),
        days: format!("{} to {}", day_name(period.covers.0), day_name(period.covers.1)),
        report: period.report.map(day_name),
        previous: asked.previous.map(|previous| previous.header.name.to_string()),
        as_of: as_of.map(as_of_shown),
        zone: model.calendar.zone.to_string(),
        commit: desk.commit.clone(),
        synthetic: project.manifest.synthetic.clone(),
        frozen: asked.frozen.clone(),
        compared: asked.since.sentence(),
        numbers: numbers.into_values().collect(),
    })
}

/// The reported metrics by the grain that they are computed at: the longest one of which the period is exactly one, else the
/// metric's own first.
fn by_grain(desk: &Desk<'_>, period: &Period) -> Result<BTreeMap<Grain, Vec<MetricId>>, Failure> {
    let model = &desk.loaded.project.model;
    let calendar = &model.calendar;
    let (first, last) = period.covers;
    let is_one = |grain: &Grain| {
        calendar.start(*grain, first) == first && calendar.next(*grain, first).yesterday().is_ok_and(|end| end == last)
    };
    // Where a fiscal period is one of the calendar, it is called by the calendar's name.
    let (fiscal, plain): (Vec<Grain>, Vec<Grain>) = GRAINS
        .iter()
        .rev()
        .map(|(_, grain)| *grain)
        .partition(|grain| matches!(grain, Grain::FiscalQuarter | Grain::FiscalYear));
    let whole = plain.into_iter().chain(fiscal).find(is_one);
    let mut found: BTreeMap<Grain, Vec<MetricId>> = BTreeMap::new();
    for id in model.reported(period) {
        if model.metric(id).header.broken {
            continue;
        }
        let own = model.metric(id).grains.first().copied().unwrap_or(calendar.default_grain);
        let grain = match whole {
            Some(grain) => {
                let page = page(period, grain, &[id]);
                planned(desk, &page.tiles[0])?.map_or(own, |_| grain)
            }
            None => own,
        };
        found.entry(grain).or_default().push(id);
    }
    Ok(found)
}

/// The question of all metrics at a grain, as a tile that no dashboard has.
fn page(period: &Period, grain: Grain, metrics: &[MetricId]) -> Dashboard {
    let name = period.header.name.clone();
    let span = Span::default();
    let tile = Tile {
        name: name.clone(),
        span,
        doc: None,
        title: None,
        owner: None,
        metrics: metrics.iter().map(|id| (*id, span)).collect(),
        by: Vec::new(),
        grain,
        mark: Mark::Table,
        latest: None,
        goal: None,
        note: None,
    };
    let header = Header { name, span, doc: None, standard: false, broken: false };
    Dashboard {
        header,
        owner: None,
        title: None,
        audience: Audience::Executive,
        refresh: None,
        note: None,
        tiles: vec![tile],
    }
}

/// The cell of the period: of the last period of the grain that lies in its days, and of its last step where there are steps.
fn of_period(desk: &Desk<'_>, grain: Grain, period: &Period, cells: &[Cell], metric: &str) -> Option<Cell> {
    let calendar = &desk.loaded.project.model.calendar;
    let (first, last) = period.covers;
    let within = |cell: &&Cell| {
        let start: Option<Date> = cell.period.parse().ok();
        cell.metric == metric
            && start.is_some_and(|start| {
                first <= start && calendar.next(grain, start).yesterday().is_ok_and(|end| end <= last)
            })
    };
    let newest = cells.iter().filter(within).max_by(|left, right| {
        // Of steps the last that has a value: the later ones may be too young.
        let key = |cell: &Cell| (cell.period.clone(), cell.value.is_some(), cell.step_number);
        key(left).cmp(&key(right))
    });
    newest.cloned().map(|mut cell| {
        if let Some(step) = &cell.step {
            cell.period_label.push_str(&format!(", step {step}"));
        }
        cell
    })
}

fn number(
    desk: &Desk<'_>,
    asked: &Asked<'_>,
    (id, card, cell, before): (MetricId, groma_board::Metric, Option<Cell>, Option<f64>),
    day: Date,
) -> Number {
    let model = &desk.loaded.project.model;
    let metric = model.metric(id);
    let values: Vec<f64> = cell.iter().flat_map(|cell| [cell.value, cell.low, cell.high]).flatten().collect();
    let writing = Writing::of(&metric.unit, &values);
    let interval = cell.as_ref().and_then(|cell| Some((cell.low?, cell.high?)));
    let interval = interval.map(|(low, high)| format!("{} to {}", writing.value(low), writing.value(high)));
    let goal = model.goals.iter().filter(|goal| goal.metric == id).find_map(|goal| Some((goal, goal.phase(day)?)));
    let reached = goal.map(|(goal, _)| reached(metric, goal, cell.as_ref()));
    let verdict = verdict(metric, cell.as_ref(), before, &writing);
    let changes = asked.since.of(&metric.header.name);
    let questions =
        questions::open(desk, asked.period, (id, cell.as_ref()), (reached.as_deref(), goal), asked.findings);
    let goal = goal.map(|(goal, phase)| shown(goal, phase, &writing));
    Number { metric: card, cell, interval, verdict, goal, reached, changes, questions }
}

fn shown(goal: &Goal, phase: Phase, writing: &Writing) -> ShownGoal {
    let name = Some(goal.header.name.to_string());
    ShownGoal { name, value: goal.value, shown: writing.value(goal.value), phase: Some(phase.word()) }
}

/// The change since the period before, and what it tells.
fn verdict(metric: &Metric, cell: Option<&Cell>, before: Option<f64>, writing: &Writing) -> String {
    let Some((cell, value)) = cell.and_then(|cell| Some((cell, cell.value?))) else {
        return "no number to compare".to_owned();
    };
    match (&cell.change_shown, &cell.verdict, before) {
        (Some(change), Some(verdict), _) => format!("{change}: {verdict}"),
        (Some(change), None, _) if metric.matters.is_some() => format!("{change}: too few to tell"),
        (Some(change), None, _) => format!("{change}: nobody has said what change `matters`"),
        (None, _, Some(before)) => {
            format!("{}: it has no interval, so what the change tells is not known", writing.change(value - before))
        }
        (None, _, None) => "nothing to compare with: the period before has no number".to_owned(),
    }
}

/// The value of the period right before a cell's.
fn before(desk: &Desk<'_>, grain: Grain, cell: &Cell, cells: &[Cell]) -> Option<f64> {
    let calendar = &desk.loaded.project.model.calendar;
    let is_before = |other: &&Cell| {
        let start: Option<Date> = other.period.parse().ok();
        other.metric == cell.metric
            && other.step == cell.step
            && start.is_some_and(|start| calendar.next(grain, start).to_string() == cell.period)
    };
    cells.iter().find(is_before)?.value
}

/// Whether the number is where it should be; the whole interval decides where there is one.
fn reached(metric: &Metric, goal: &Goal, cell: Option<&Cell>) -> String {
    let Some((cell, value)) = cell.and_then(|cell| Some((cell, cell.value?))) else {
        return "no number yet".to_owned();
    };
    let lower = metric.better.as_deref() == Some("lower");
    let good = |value: f64| if lower { value <= goal.value } else { value >= goal.value };
    let word = if good(value) { "reached" } else { "missed" };
    match (cell.low, cell.high) {
        (Some(low), Some(high)) if good(low) != good(high) => format!("{word}, but within the interval"),
        _ => word.to_owned(),
    }
}
