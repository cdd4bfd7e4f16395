//! The rows of an answer as the cells of a tile.

use super::words::{Writing, period_name};
use crate::answer::rows::{Cell, Rows};
use crate::failure::Failure;
use groma_board as board;
use groma_model::Model;
use groma_model::reading::Tile;
use groma_model::time::{Calendar, Grain};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Where the columns of an answer are.
struct Places {
    metric: usize,
    version: usize,
    period: usize,
    groups: Vec<usize>,
    step: Option<usize>,
    step_number: Option<usize>,
    value: usize,
    n: Option<usize>,
    low: Option<usize>,
    high: Option<usize>,
    matured: Option<usize>,
    status: usize,
    change: Option<usize>,
    verdict: Option<usize>,
}

impl Places {
    fn of(rows: &Rows, groups: &[String]) -> Option<Self> {
        let at = |name: &str| rows.position(name);
        Some(Self {
            metric: at("metric")?,
            version: at("version")?,
            period: at("period")?,
            groups: groups.iter().map(|name| at(name)).collect::<Option<_>>()?,
            step: at("step"),
            step_number: at("step_number"),
            value: at("value")?,
            n: at("n"),
            low: at("low"),
            high: at("high"),
            matured: at("matured"),
            status: at("status")?,
            change: at("change"),
            verdict: at("verdict"),
        })
    }
}

/// How the numbers of each metric are written, by its name.
pub(super) type Writings = BTreeMap<String, Writing>;

/// The cells of a tile, in the order of the answer, and how they are written; `groups` are the names of the answer's group columns.
///
/// # Errors
/// The answer lacks a column: a bug of ours.
pub(super) fn cells(
    model: &Model,
    tile: &Tile,
    rows: &Rows,
    groups: &[String],
) -> Result<(Vec<board::Cell>, Writings), Failure> {
    let Some(places) = Places::of(rows, groups) else {
        return Err(Failure::Bug { what: format!("the answer of tile `{}` lacks a column", tile.name) });
    };
    let first = tile.latest.and_then(|latest| first_shown(rows, &places, latest, &model.calendar));
    let start = |row: &[Cell]| day(&row[places.period]);
    let shown: Vec<&Vec<Cell>> = rows
        .rows
        .iter()
        .filter(|row| first.is_none_or(|first| start(row).is_some_and(|start| first <= start)))
        .collect();
    let writing = writing(model, tile, &shown, &places);
    let plain = Writing::of(&groma_model::unit::Unit::None, &[]);
    let cell = |row: &&Vec<Cell>| {
        let name = text(&row[places.metric]).unwrap_or_default();
        let writing = writing.get(&name).unwrap_or(&plain);
        built(row, &places, (tile.grain, &model.calendar), writing)
    };
    let cells = shown.iter().map(cell).collect();
    Ok((cells, writing))
}

/// The first day of the newest so many periods.
fn first_shown(rows: &Rows, places: &Places, (count, grain): (u32, Grain), calendar: &Calendar) -> Option<Date> {
    let newest = rows.rows.iter().filter_map(|row| day(&row[places.period])).max()?;
    let steps = i32::try_from(count.saturating_sub(1)).unwrap_or(i32::MAX);
    Some(grain.length().times(steps).before(calendar.start(grain, newest)))
}

fn writing(model: &Model, tile: &Tile, rows: &[&Vec<Cell>], places: &Places) -> Writings {
    let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for row in rows {
        if let (Some(name), Some(value)) = (text(&row[places.metric]), row[places.value].number()) {
            values.entry(name).or_default().push(value);
        }
    }
    let of_metric = |(id, _): &(groma_model::MetricId, groma_model::Span)| {
        let metric = model.metric(*id);
        let name = metric.header.name.to_string();
        let values = values.get(&name).map(Vec::as_slice).unwrap_or_default();
        (name, Writing::of(&metric.unit, values))
    };
    tile.metrics.iter().map(of_metric).collect()
}

fn built(row: &[Cell], places: &Places, (grain, calendar): (Grain, &Calendar), writing: &Writing) -> board::Cell {
    let real = |place: Option<usize>| place.and_then(|at| row[at].number());
    let whole = |place: Option<usize>| match place.map(|at| &row[at]) {
        Some(Cell::Int(whole)) => Some(*whole),
        _ => None,
    };
    let value = row[places.value].number();
    let change = real(places.change);
    let step = places.step.and_then(|at| text(&row[at]));
    board::Cell {
        metric: text(&row[places.metric]).unwrap_or_default(),
        version: whole(Some(places.version)).and_then(|version| u32::try_from(version).ok()).unwrap_or(1),
        period: row[places.period].to_string(),
        period_label: day(&row[places.period]).map(|start| period_name(grain, start, calendar)).unwrap_or_default(),
        groups: places.groups.iter().map(|at| text(&row[*at])).collect(),
        step_number: step.as_deref().zip(whole(places.step_number)).map(|(step, number)| step_place(step, number)),
        step,
        value,
        shown: value.map(|value| writing.value(value)).unwrap_or_default(),
        n: whole(places.n),
        low: real(places.low),
        high: real(places.high),
        status: row[places.status].to_string(),
        matured: real(places.matured),
        change,
        change_shown: change.map(|change| writing.change(change)),
        verdict: places.verdict.and_then(|at| text(&row[at])),
    }
}

/// The place of a step from 1. A curve's steps are called by their numbers, which begin with 0; those of a funnel have names.
fn step_place(step: &str, number: i64) -> i64 {
    if step == number.to_string() { number + 1 } else { number }
}

fn day(cell: &Cell) -> Option<Date> {
    if let Cell::Date(day) = cell { Some(*day) } else { None }
}

/// A value as it is written; nothing for a null.
fn text(cell: &Cell) -> Option<String> {
    if *cell == Cell::Null { None } else { Some(cell.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_have_places_from_one() {
        assert_eq!((step_place("0", 0), step_place("11", 11), step_place("paid", 3)), (1, 12, 3));
    }
}
