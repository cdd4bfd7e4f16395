//! What was restated: answers say where a number stands that once meant something else.

use super::rows::{Cell, Rows};
use crate::loading::Loaded;
use groma_history::seal::{FOLDER, Lock, Placed, Restatement};
use groma_model::SourceMap;
use groma_project::World as _;
use jiff::civil::Date;
use serde_json::{Value, json};

/// The restatements that an answer touches.
#[derive(Debug, Default)]
pub(crate) struct Restated {
    locks: Vec<Placed>,
}

impl Restated {
    /// Those of a project as it is.
    pub(crate) fn of(loaded: &Loaded) -> Self {
        // Most projects have frozen nothing.
        if loaded.world.files(FOLDER).map_or(true, |files| files.is_empty()) {
            return Self::default();
        }
        let (mut locks, _) = Lock::all(&loaded.world, &mut SourceMap::default());
        locks.retain(|placed| !placed.lock.restatements.is_empty());
        Self { locks }
    }

    /// The restatements of a metric for a period that begins on a day, each with the frozen period's name.
    fn on<'r>(&'r self, metric: &'r str, day: Date) -> impl Iterator<Item = (&'r str, &'r Restatement)> {
        let covering =
            move |placed: &&Placed| placed.lock.days().is_some_and(|(first, last)| first <= day && day <= last);
        self.locks.iter().filter(covering).flat_map(move |placed| {
            let own = placed.lock.restatements.iter().filter(move |one| one.metric == metric);
            own.map(|one| (placed.lock.period.name.as_str(), one))
        })
    }

    /// The same in words: `restated: 2026-Q3 (exception fix_nps, 2026-10-12, commit 1a2b3c4d5e)`.
    pub(crate) fn lines(&self, metric: &str, day: Date) -> Vec<String> {
        self.on(metric, day).map(|(period, one)| format!("restated: {}", words(period, one))).collect()
    }

    /// Every restatement of a metric in the same words, with the first day of its period.
    pub(crate) fn all(&self, metric: &str) -> Vec<(Date, String)> {
        let of = |placed: &Placed| {
            let first = placed.lock.days().map(|(first, _)| first)?;
            let own = placed.lock.restatements.iter().filter(|one| one.metric == metric);
            let line = |one| (first, format!("restated: {}", words(&placed.lock.period.name, one)));
            Some(own.map(line).collect::<Vec<_>>())
        };
        self.locks.iter().filter_map(of).flatten().collect()
    }

    /// What is said below a table: a line for each restatement.
    pub(crate) fn report(&self, rows: &Rows) -> String {
        if self.locks.is_empty() {
            return String::new();
        }
        let mut lines: Vec<String> = Vec::new();
        let several = rows
            .rows
            .iter()
            .filter_map(|row| metric(rows, row))
            .any(|one| rows.rows.first().and_then(|row| metric(rows, row)).is_some_and(|first| first != one));
        for row in &rows.rows {
            let Some((metric, day)) = metric(rows, row).zip(start(rows, row)) else { continue };
            for (period, one) in self.on(metric, day) {
                let of = if several { format!("{metric}, ") } else { String::new() };
                let line = format!("restated: {of}{}", words(period, one));
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
        lines.iter().map(|line| format!("{line}\n")).collect()
    }

    /// What a row says: none where nothing of the answer was ever restated.
    pub(crate) fn field(&self, rows: &Rows, row: &[Cell]) -> Option<String> {
        if self.locks.is_empty() {
            return None;
        }
        let found = metric(rows, row).zip(start(rows, row));
        let list: Vec<Value> = found
            .into_iter()
            .flat_map(|(metric, day)| self.on(metric, day))
            .map(|(period, one)| {
                json!({ "period": period, "exception": one.exception, "on": one.on, "commit": one.commit })
            })
            .collect();
        Some(format!("\"restated\":{}", Value::Array(list)))
    }

    /// The restatements of a metric, a line for each, for whoever explains it.
    pub(crate) fn explain(&self, metric: &str) -> String {
        let of = |placed: &Placed| {
            let own = placed.lock.restatements.iter().filter(|one| one.metric == metric);
            own.map(|one| {
                let because = one.because.trim_end_matches('.');
                format!(
                    "{}, because {because}; approved by {}",
                    words(&placed.lock.period.name, one),
                    one.approved_by.join(", ")
                )
            })
            .collect::<Vec<_>>()
        };
        self.locks.iter().flat_map(of).collect::<Vec<_>>().join("\n")
    }
}

/// `2026-Q3 (exception fix_nps, 2026-10-12, commit 1a2b3c4d5e)`.
fn words(period: &str, one: &Restatement) -> String {
    let commit = one.commit.get(..10).unwrap_or(&one.commit);
    format!("{period} (exception {}, {}, commit {commit})", one.exception, one.on)
}

fn metric<'r>(rows: &Rows, row: &'r [Cell]) -> Option<&'r str> {
    match rows.position("metric").and_then(|at| row.get(at)) {
        Some(Cell::Text(name)) => Some(name),
        _ => None,
    }
}

fn start(rows: &Rows, row: &[Cell]) -> Option<Date> {
    match rows.position("period").and_then(|at| row.get(at)) {
        Some(Cell::Date(day)) => Some(*day),
        _ => None,
    }
}
