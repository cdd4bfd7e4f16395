//! One tile: its question, the answer, and what a reader may ask about it.

use super::cells::Writings;
use super::words::{Writing, by_groups, day_name, metric_label, person, spoken};
use super::{Desk, breaks, cards, cells};
use crate::answer::rows::Rows;
use crate::answer::{CONFIDENCE, as_of_found, as_of_shown, without_column};
use crate::failure::Failure;
use crate::frozen::whole_periods;
use crate::terminal::Terminal;
use groma_board as board;
use groma_model::check::outside_territory;
use groma_model::reading::{Dashboard, Goal, GoalOf, Phase, Tile};
use groma_model::{Diagnostic, Grouping, MetricId, Model, Span};
use groma_plan::{Estimated, Further, Planned, Request, Sets};
use jiff::civil::{Date, DateTime, Time};
use std::collections::{BTreeMap, BTreeSet};

/// The column that tells from when on nothing was read.
const AS_OF: &str = "as_of";

/// A tile with its numbers, and from when on it knows nothing.
pub(super) struct Filled {
    pub(super) tile: board::Tile,
    pub(super) as_of: Option<DateTime>,
}

/// What a tile's question was answered with.
struct Answer {
    cells: Vec<board::Cell>,
    writings: Writings,
    as_of: Option<DateTime>,
    /// Where the as-of time comes from, in words.
    told: Option<String>,
}

/// What is known beside the definitions.
pub(super) struct Known {
    /// The day that things are said of.
    day: Date,
    /// From when on nothing was read, in words.
    told: Option<String>,
    writings: Writings,
}

impl Known {
    /// Nothing but the day.
    pub(super) fn on(day: Date) -> Self {
        Self { day, told: None, writings: Writings::new() }
    }
}

/// Asks a tile's question and fills the tile. What stands in the way is shown.
pub(super) fn filled(
    desk: &Desk<'_>,
    dashboard: &Dashboard,
    tile: &Tile,
    terminal: &mut Terminal,
) -> Result<Filled, Failure> {
    let answered = ask(desk, tile, terminal)?;
    let day = answered.as_of.map_or(desk.today, DateTime::date);
    let known = Known { day, told: answered.told, writings: answered.writings };
    let mut shown = described(desk, dashboard, tile, &known);
    let model = &desk.loaded.project.model;
    shown.goal = tile.goal.map(|goal| held_against(model, tile, goal, (&answered.cells, Some(day))));
    let periods = periods(&answered.cells);
    shown.breaks.retain(|one| {
        let starts = periods.get(&one.metric).into_iter().flatten();
        let labels: BTreeSet<String> = starts.map(ToString::to_string).collect();
        // A definition that holds from the first period on changed before what is shown.
        labels.contains(&one.period) && labels.first() != Some(&one.period)
    });
    shown.breaks.extend(breaks::restatements(&desk.restated, &periods, (tile.grain, &model.calendar)));
    shown.cells = answered.cells;
    Ok(Filled { tile: shown, as_of: answered.as_of })
}

/// A tile without numbers: what is known of it from the definitions alone.
pub(super) fn described(desk: &Desk<'_>, dashboard: &Dashboard, tile: &Tile, known: &Known) -> board::Tile {
    let model = &desk.loaded.project.model;
    let card = |(id, _): &(MetricId, Span)| {
        let metric = model.metric(*id);
        let plain = Writing::of(&metric.unit, &[]);
        let writing = known.writings.get(metric.header.name.as_str()).unwrap_or(&plain);
        cards::card(desk, *id, (known.day, known.told.as_deref()), writing)
    };
    board::Tile {
        id: format!("{}.{}", dashboard.header.name, tile.name),
        title: title(model, tile),
        mark: tile.mark.word(),
        note: note(tile),
        owner: person(model, tile.owner),
        grain: tile.grain.word(),
        metrics: tile.metrics.iter().map(card).collect(),
        groups: tile.by.iter().map(|grouping| grouping.name.to_string()).collect(),
        goal: tile.goal.map(|goal| held_against(model, tile, goal, (&[], None))),
        cells: Vec::new(),
        breaks: breaks::versions(model, tile),
    }
}

/// Its own title, else that of its only metric, else its name as words.
fn title(model: &Model, tile: &Tile) -> String {
    let named = || match tile.metrics.as_slice() {
        [(only, _)] => format!("{}{}", metric_label(model.metric(*only)), by_groups(&tile.by)),
        _ => spoken(&tile.name),
    };
    tile.title.clone().unwrap_or_else(named)
}

/// What is written above the tile, and its note.
fn note(tile: &Tile) -> Option<String> {
    let parts: Vec<&str> = [tile.doc.as_deref(), tile.note.as_deref()].into_iter().flatten().map(str::trim).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// What the numbers are held against, written like them; with the phase on a day.
fn held_against(model: &Model, tile: &Tile, goal: GoalOf, (cells, day): (&[board::Cell], Option<Date>)) -> board::Goal {
    let declared: Option<&Goal> = match goal {
        GoalOf::Value(_) => None,
        GoalOf::Declared(at) => model.goals.get(at),
    };
    let value = match (goal, declared) {
        (GoalOf::Value(value), _) => value,
        (GoalOf::Declared(_), goal) => goal.map(|goal| goal.value).unwrap_or_default(),
    };
    let metric = declared.map(|goal| goal.metric).or_else(|| tile.metrics.first().map(|(id, _)| *id));
    let unit = metric.map(|id| model.metric(id).unit.clone()).unwrap_or_default();
    let name = metric.map(|id| model.metric(id).header.name.as_str()).unwrap_or_default();
    let values = cells.iter().filter(|cell| cell.metric == name).filter_map(|cell| cell.value);
    let all: Vec<f64> = values.chain([value]).collect();
    board::Goal {
        name: declared.map(|goal| goal.header.name.to_string()),
        value,
        shown: Writing::of(&unit, &all).aim(value),
        phase: declared.zip(day).and_then(|(goal, day)| goal.phase(day)).map(Phase::word),
    }
}

/// The first days of the periods of each metric that has cells.
fn periods(cells: &[board::Cell]) -> BTreeMap<String, BTreeSet<Date>> {
    let mut periods: BTreeMap<String, BTreeSet<Date>> = BTreeMap::new();
    for cell in cells {
        if let Ok(start) = cell.period.parse() {
            periods.entry(cell.metric.clone()).or_default().insert(start);
        }
    }
    periods
}

fn ask(desk: &Desk<'_>, tile: &Tile, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let planned = match planned(desk, tile)? {
        Ok(planned) => planned,
        Err(found) => {
            desk.loaded.show(&found, terminal);
            return Err(Failure::FINDINGS);
        }
    };
    let batches = desk.answer(&planned.statement, terminal)?;
    let (batches, found) = without_column(&batches, AS_OF)?;
    let model = &desk.loaded.project.model;
    let (cells, writings) = cells::cells(model, tile, &Rows::of(&batches)?, &planned.groups)?;
    let found: Option<DateTime> = found.and_then(|cell| cell.to_string().parse().ok());
    let names: Vec<&str> = planned.timed.iter().map(|source| model.source(*source).header.name.as_str()).collect();
    let told = match (desk.as_of, found) {
        (Some(at), _) => Some(format!("as of {}", moment(at))),
        (None, Some(at)) => Some(format!("as of {}{}", moment(at), as_of_found(&names))),
        (None, None) => None,
    };
    Ok(Answer { cells, writings, as_of: desk.as_of.or(found), told })
}

/// `1 July 2026` for a midnight, else with the time of day.
fn moment(at: DateTime) -> String {
    if at.time() == Time::midnight() { day_name(at.date()) } else { as_of_shown(at) }
}

pub(super) fn planned(desk: &Desk<'_>, tile: &Tile) -> Result<Result<Planned, Vec<Diagnostic>>, Failure> {
    let (project, target) = (&desk.loaded.project, desk.target);
    let metrics: Vec<MetricId> = tile.metrics.iter().map(|(id, _)| *id).collect();
    let outside = outside_territory(&project.model, &metrics, &target.name, &target.territory);
    if !outside.is_empty() {
        return Ok(Err(outside));
    }
    let range = match &desk.sealed {
        Some(sealed) => whole_periods(&project.model.calendar, tile.grain, sealed.days)?,
        None => crate::answer::Range::default(),
    };
    let table = |id| target.table(project.model.source(id));
    let request = Request {
        estimated: Estimated::Where(metrics.iter().copied().collect()),
        metrics,
        grain: tile.grain,
        by: groupings(desk, tile),
        from: range.from,
        to: range.to,
        filter: Vec::new(),
        as_of: desk.as_of,
        sets: Sets::Whole,
        intervals: Some(CONFIDENCE),
        further: Further { changes: true, as_of: desk.as_of.is_none(), step_numbers: true, ..Further::default() },
        table: &table,
    };
    Ok(groma_plan::plan_eras(&project.eras(), &request))
}

/// The groupings of a tile with their values in each source that a version of its metrics reads.
fn groupings(desk: &Desk<'_>, tile: &Tile) -> Vec<Grouping> {
    let mut by = tile.by.clone();
    for era in desk.loaded.project.eras() {
        let same = era.model.dashboards.iter().flat_map(|dashboard| &dashboard.tiles).find(|one| one.span == tile.span);
        let Some(same) = same else { continue };
        for grouping in &mut by {
            let other = same.by.iter().filter(|other| other.name == grouping.name).flat_map(|other| &other.values);
            for (source, value) in other {
                if grouping.values.iter().all(|(known, _)| known != source) {
                    grouping.values.push((*source, value.clone()));
                }
            }
        }
    }
    by
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_midnight_is_a_day() {
        assert_eq!(moment(date(2026, 7, 1).at(0, 0, 0, 0)), "1 July 2026");
        assert_eq!(moment(date(2026, 7, 1).at(9, 30, 0, 0)), "2026-07-01 09:30:00");
    }
}
