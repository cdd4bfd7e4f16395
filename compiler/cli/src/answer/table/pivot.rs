//! The long answer, turned: what stands in the row of a period and group, and in the column of a metric.

use super::{Sheet, Shown};
use crate::answer::rows::{Cell, Rows};
use jiff::civil::Date;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Columns of an answer that make a cell more than a value.
const DETAILS: [&str; 3] = ["low", "verdict", "weighted"];

/// A part of what says which row of a table a value is of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Period(Date),
    /// An attribute that is missing.
    Missing,
    Text(String),
    Value(Cell),
    /// Over all values of a column.
    Total,
    /// A step's place and name.
    Step(usize, String),
}

/// Period, groups and, where steps stand one below the other, the step.
pub(super) type Key = Vec<Part>;

/// What an answer says of one metric, period, group and step.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Found {
    pub(super) value: Option<f64>,
    pub(super) status: Option<String>,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    pub(super) change: Option<f64>,
    pub(super) detectable: Option<f64>,
    pub(super) verdict: Option<String>,
    pub(super) weighted: Option<f64>,
    pub(super) effective: Option<f64>,
    pub(super) largest: Option<f64>,
}

/// The answer with a row for each period and group.
pub(super) struct Pivot {
    /// In order.
    pub(super) keys: Vec<Key>,
    /// Whether steps are keys; else they are told apart in `found`.
    pub(super) has_step_keys: bool,
    /// The steps of the metrics, in order.
    pub(super) steps: Vec<String>,
    /// Metric, step and row → what was found.
    found: BTreeMap<(String, usize, usize), Found>,
}

impl Pivot {
    /// Whether a metric has answers by step.
    pub(super) fn has_steps(rows: &Rows, metric: &str) -> bool {
        let (Some(step), Some(name)) = (rows.position("step"), rows.position("metric")) else { return false };
        rows.rows.iter().any(|row| row[step] != Cell::Null && matches!(&row[name], Cell::Text(text) if text == metric))
    }

    /// Whether there is more to say about a value than its status.
    pub(super) fn is_detailed(rows: &Rows) -> bool {
        DETAILS
            .iter()
            .any(|name| rows.position(name).is_some_and(|column| rows.rows.iter().any(|row| row[column] != Cell::Null)))
    }

    /// The rows of some metrics of the sheet.
    pub(super) fn of(rows: &Rows, sheet: &Sheet<'_>, metrics: &[&Shown<'_>], step_keys: bool) -> Self {
        let places = Places::of(rows, sheet);
        let own: Vec<(&str, &Vec<Cell>)> = rows
            .rows
            .iter()
            .filter_map(|row| {
                let name = places.metric.and_then(|at| text(&row[at]))?;
                metrics.iter().any(|metric| metric.name == name).then_some((name, row))
            })
            .collect();
        let steps = steps(&own, &places, metrics);
        let step = |row: &Vec<Cell>| {
            let name = places.step.map(|at| row[at].to_string()).unwrap_or_default();
            let place = steps.iter().position(|known| *known == name).unwrap_or(0);
            (place, name)
        };
        let key = |row: &Vec<Cell>| {
            let mut key = places.key(row, sheet);
            if step_keys {
                let (place, name) = step(row);
                key.push(Part::Step(place, name));
            }
            key
        };
        let mut keys: Vec<Key> = own.iter().map(|(_, row)| key(row)).collect();
        keys.sort_by(compare);
        keys.dedup();
        let mut found = BTreeMap::new();
        for (name, row) in own {
            if let Ok(at) = keys.binary_search_by(|known| compare(known, &key(row))) {
                let place = if step_keys { 0 } else { step(row).0 };
                found.insert((name.to_owned(), place, at), places.found(row));
            }
        }
        Self { keys, has_step_keys: step_keys, steps, found }
    }

    /// What was found of a metric at a step, row by row.
    pub(super) fn column(&self, metric: &str, step: usize) -> Vec<Found> {
        let found = |row| self.found.get(&(metric.to_owned(), step, row)).cloned().unwrap_or_default();
        (0..self.keys.len()).map(found).collect()
    }
}

/// Where the columns of an answer are.
struct Places {
    metric: Option<usize>,
    period: Option<usize>,
    step: Option<usize>,
    grouping: Option<usize>,
    groups: Vec<Option<usize>>,
    named: BTreeMap<&'static str, usize>,
}

impl Places {
    fn of(rows: &Rows, sheet: &Sheet<'_>) -> Self {
        let named = [
            "value",
            "status",
            "low",
            "high",
            "change",
            "detectable",
            "verdict",
            "weighted",
            "effective_n",
            "largest_share",
        ];
        Self {
            metric: rows.position("metric"),
            period: rows.position("period"),
            step: rows.position("step"),
            grouping: rows.position("grouping"),
            groups: sheet.groups.iter().map(|group| rows.position(group)).collect(),
            named: named.into_iter().filter_map(|name| Some((name, rows.position(name)?))).collect(),
        }
    }

    fn key(&self, row: &[Cell], sheet: &Sheet<'_>) -> Key {
        let period = match self.period.map(|at| &row[at]) {
            Some(Cell::Date(start)) => Part::Period(*start),
            Some(other) => Part::Value(other.clone()),
            None => Part::Missing,
        };
        let set = self.grouping.map(|at| row[at].to_string());
        let groups = self.groups.iter().zip(&sheet.groups).map(|(at, name)| match at.map(|at| &row[at]) {
            _ if set.as_ref().is_some_and(|set| !names_group(set, name)) => Part::Total,
            Some(Cell::Null) | None => Part::Missing,
            Some(Cell::Text(text)) => Part::Text(text.clone()),
            Some(other) => Part::Value(other.clone()),
        });
        std::iter::once(period).chain(groups).collect()
    }

    fn found(&self, row: &[Cell]) -> Found {
        let cell = |name: &str| self.named.get(name).map(|at| &row[*at]);
        let number = |name: &str| match cell(name)? {
            Cell::Real(value) => Some(*value),
            #[expect(clippy::cast_precision_loss, reason = "values are doubles by contract; a whole one is shown")]
            Cell::Int(value) => Some(*value as f64),
            _ => None,
        };
        let words = |name: &str| cell(name).and_then(text).map(str::to_owned);
        Found {
            value: number("value"),
            status: words("status"),
            low: number("low"),
            high: number("high"),
            change: number("change"),
            detectable: number("detectable"),
            verdict: words("verdict"),
            weighted: number("weighted"),
            effective: number("effective_n"),
            largest: number("largest_share"),
        }
    }
}

/// Whether the name of a grouping set, such as `account.region, account.plan`, names a group.
fn names_group(set: &str, group: &str) -> bool {
    set.split([',', '+']).any(|part| part.trim() == group)
}

/// The steps of the metrics: numbers in their order, names in that of the declaration, else in that of the answer.
fn steps(rows: &[(&str, &Vec<Cell>)], places: &Places, metrics: &[&Shown<'_>]) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    for (_, row) in rows {
        let name = places.step.map(|at| row[at].to_string()).unwrap_or_default();
        if !steps.contains(&name) {
            steps.push(name);
        }
    }
    let declared: Vec<&str> = metrics.iter().flat_map(|metric| metric.steps.iter().copied()).collect();
    let place = |step: &String| match step.parse::<u64>() {
        Ok(number) => (0, number),
        Err(_) => {
            let place = declared.iter().position(|name| name == step).unwrap_or(declared.len());
            (1, u64::try_from(place).unwrap_or(u64::MAX))
        }
    };
    steps.sort_by_key(place);
    steps
}

fn text(cell: &Cell) -> Option<&str> {
    match cell {
        Cell::Text(text) => Some(text),
        _ => None,
    }
}

fn compare(left: &Key, right: &Key) -> Ordering {
    let orders = left.iter().zip(right).map(|(left, right)| left.compare(right));
    orders.fold(Ordering::Equal, Ordering::then)
}

impl Part {
    /// Missing attributes first, totals behind what they are the total of.
    fn compare(&self, other: &Part) -> Ordering {
        match (self, other) {
            (Part::Period(left), Part::Period(right)) => left.cmp(right),
            (Part::Text(left), Part::Text(right)) => left.cmp(right),
            (Part::Value(left), Part::Value(right)) => left.compare(right),
            (Part::Step(left, _), Part::Step(right, _)) => left.cmp(right),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Part::Missing => 0,
            Part::Period(_) => 1,
            Part::Value(_) => 2,
            Part::Text(_) => 3,
            Part::Step(..) => 4,
            Part::Total => 5,
        }
    }
}
