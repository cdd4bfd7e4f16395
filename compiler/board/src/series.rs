//! Cells of a tile by what they are about: one series for each metric and group.

use std::collections::BTreeMap;

use crate::page::{Cell, Metric, Tile};

/// So many series have a colour, a shape and a label of their own; the rest is grey.
pub(crate) const STYLED: usize = 6;

/// The colours of series: far apart for every kind of colour vision, at least 3 : 1 on white and on the dark page.
pub(crate) const COLOURS: [&str; STYLED] = ["#0072b2", "#d55e00", "#00845f", "#a8508f", "#8a6d00", "#5f6b7a"];

/// The shapes of points, as Vega names them.
pub(crate) const SHAPES: [&str; STYLED] = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"];

/// The series without a colour of their own.
pub(crate) const GREY: &str = "#9aa2ac";

/// The cells of one metric and group.
#[derive(Debug)]
pub(crate) struct Series<'a> {
    /// `s1`: unique in the tile, in the order of the cells.
    pub(crate) key: String,
    /// What it is called: the groups, the metric, or both.
    pub(crate) name: String,
    pub(crate) metric: Option<&'a Metric>,
    pub(crate) cells: Vec<&'a Cell>,
    /// The place in [`COLOURS`] and [`SHAPES`]; none for what is grey.
    pub(crate) rank: Option<usize>,
}

impl Series<'_> {
    pub(crate) fn colour(&self) -> &'static str {
        self.rank.and_then(|rank| COLOURS.get(rank)).copied().unwrap_or(GREY)
    }

    pub(crate) fn shape(&self) -> &'static str {
        self.rank.and_then(|rank| SHAPES.get(rank)).copied().unwrap_or("circle")
    }

    /// What values are multiplied by before they are drawn.
    pub(crate) fn factor(&self) -> f64 {
        self.metric.map_or(1.0, |metric| metric.factor)
    }
}

impl Cell {
    /// The value where it is a number that can be drawn.
    pub(crate) fn drawn(&self) -> Option<f64> {
        self.value.filter(|value| value.is_finite())
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.status == "settled"
    }

    /// The interval where both ends are numbers; one without any width says nothing.
    pub(crate) fn interval(&self) -> Option<(f64, f64)> {
        let finite = |bound: Option<f64>| bound.filter(|bound| bound.is_finite());
        finite(self.low).zip(finite(self.high)).filter(|(low, high)| low < high)
    }
}

/// The series of a tile, in the order of the cells.
pub(crate) fn series(tile: &Tile) -> Vec<Series<'_>> {
    let mut places = BTreeMap::new();
    let mut all: Vec<Series<'_>> = Vec::new();
    for cell in &tile.cells {
        let place = *places.entry((&cell.metric, &cell.groups)).or_insert_with(|| {
            let metric = tile.metrics.iter().find(|metric| metric.name == cell.metric);
            let key = format!("s{}", all.len() + 1);
            all.push(Series { key, name: name(tile, metric, cell), metric, cells: Vec::new(), rank: None });
            all.len() - 1
        });
        all[place].cells.push(cell);
    }
    rank(&mut all);
    all
}

/// The largest series get the styles, each in the order of the answer.
fn rank(all: &mut [Series<'_>]) {
    let size = |series: &Series<'_>| series.cells.iter().filter_map(|cell| cell.n).map(i128::from).sum::<i128>();
    let mut largest: Vec<usize> = (0..all.len()).collect();
    largest.sort_by_key(|place| (std::cmp::Reverse(size(&all[*place])), *place));
    largest.truncate(STYLED);
    largest.sort_unstable();
    for (rank, place) in largest.into_iter().enumerate() {
        all[place].rank = Some(rank);
    }
}

fn name(tile: &Tile, metric: Option<&Metric>, cell: &Cell) -> String {
    let label = metric.map_or(cell.metric.as_str(), |metric| metric.label.as_str());
    let groups = cell.groups.iter().map(|group| group.as_deref().unwrap_or("(none)"));
    let parts: Vec<&str> = match tile.metrics.len() {
        0 | 1 if !cell.groups.is_empty() => groups.collect(),
        _ => std::iter::once(label).chain(groups).collect(),
    };
    clean(&parts.join(" · "))
}

/// A text on one line: a chart has no room for the lines of a name.
pub(crate) fn clean(text: &str) -> String {
    let spaced: String = text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first so many characters.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some(_) => format!("{}…", text.chars().take(most.saturating_sub(1)).collect::<String>().trim_end()),
        None => text.to_owned(),
    }
}

/// The periods of a tile with their labels: by date, or in the order of the cells where they are no dates.
pub(crate) fn periods(tile: &Tile) -> Vec<(&str, &str)> {
    let mut seen = BTreeMap::new();
    for cell in &tile.cells {
        let next = seen.len();
        seen.entry(cell.period.as_str()).or_insert((next, cell.period_label.as_str()));
    }
    let mut periods: Vec<(&str, (usize, &str))> = seen.into_iter().collect();
    if !periods.iter().all(|(period, _)| date(period).is_some()) {
        periods.sort_by_key(|(_, (place, _))| *place);
    }
    periods.into_iter().map(|(period, (_, label))| (period, label)).collect()
}

/// The year, month and day of `2026-03-01`.
pub(crate) fn date(period: &str) -> Option<(i32, usize, u32)> {
    let mut parts = period.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let month: usize = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    (period.len() == 10).then_some((year.parse().ok()?, month, day.parse().ok()?))
}

/// Whether the period that begins on a day is over on another day, both as `2026-03-01`; what cannot be told is over.
pub(crate) fn is_over(grain: &str, period: &str, day: &str) -> bool {
    let (Some((year, month, first)), Some(today)) = (date(period), day.get(..10).and_then(date)) else { return true };
    let months = match grain {
        "month" => 1,
        "quarter" | "fiscal_quarter" | "fiscal quarter" => 3,
        "year" | "fiscal_year" | "fiscal year" => 12,
        "week" => return days(today) >= days((year, month, first)) + 7,
        _ => return days(today) > days((year, month, first)),
    };
    let next = month - 1 + months;
    let years = i32::try_from(next / 12).unwrap_or(0);
    today >= (year + years, next % 12 + 1, first)
}

/// The number of a day, so that days can be counted (proleptic Gregorian, years from March).
fn days((year, month, day): (i32, usize, u32)) -> i64 {
    let month = i64::try_from(month).unwrap_or(1);
    let year = i64::from(year) - i64::from(month < 3);
    let month = if month < 3 { month + 9 } else { month - 3 };
    365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + i64::from(day)
}

/// The name of a step as people read it.
pub(crate) fn step_name(step: &str) -> String {
    clean(&step.replace('_', " "))
}

/// The steps of a tile in their order.
pub(crate) fn steps(tile: &Tile) -> Vec<(i64, &str)> {
    let mut steps = BTreeMap::new();
    for cell in &tile.cells {
        if let (Some(number), Some(step)) = (cell.step_number, &cell.step) {
            steps.entry(number).or_insert(step.as_str());
        }
    }
    steps.into_iter().collect()
}
