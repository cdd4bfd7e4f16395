//! What a run has done, for people and for programs: `docs/reference/run.schema.json`.

use super::alerting::Firing;
use super::checking::Checked;
use super::{Options, Written};
use crate::findings::counted;
use crate::loading::Loaded;
use crate::warehouse::{Job, Warehouse};
use groma_project::Target;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The version of the summary's shape.
const VERSION: u32 = 1;

/// What became of a run.
#[derive(Debug)]
pub(super) struct Summary {
    project: String,
    target: (String, String),
    /// The schema, or the folder, of the answers.
    place: String,
    embedded: bool,
    commit: String,
    full: bool,
    pub(super) checks: Checked,
    pub(super) jobs: Vec<Done>,
    /// The alerts that fire.
    pub(super) alerts: Vec<Firing>,
    /// Groups of metrics that the target cannot compute.
    pub(super) refused: usize,
    /// Something besides checks and jobs went wrong.
    pub(super) failed: bool,
    pub(super) seconds: f64,
}

/// What became of a job.
#[derive(Debug)]
pub(super) struct Done {
    name: String,
    grain: &'static str,
    metrics: Vec<String>,
    outcome: Outcome,
    pub(super) seconds: f64,
}

/// How a job ended.
#[derive(Debug)]
pub(super) enum Outcome {
    Refreshed(Written),
    /// By checks, in words.
    Stopped(Vec<String>),
    /// Codes and headlines.
    Failed(Vec<(&'static str, String)>),
}

impl Done {
    pub(super) fn of(loaded: &Loaded, job: &Job, outcome: Outcome) -> Self {
        let model = &loaded.project.model;
        let metrics = job.plan.metrics.iter().map(|id| model.metric(*id).header.name.to_string()).collect();
        Self { name: job.plan.name.clone(), grain: job.plan.grain.word(), metrics, outcome, seconds: 0.0 }
    }

    fn written(&self) -> Option<&Written> {
        match &self.outcome {
            Outcome::Refreshed(written) => Some(written),
            _ => None,
        }
    }

    fn json(&self) -> Value {
        let mut object = json!({ "name": self.name, "grain": self.grain, "metrics": self.metrics });
        match &self.outcome {
            Outcome::Refreshed(written) => {
                object["outcome"] = json!("refreshed");
                object["rows_written"] = json!(written.rows);
                object["rows_removed"] = json!(written.removed);
                object["cells"] = json!(written.cells);
                object["as_of"] = json!(written.as_of);
            }
            Outcome::Stopped(why) => {
                object["outcome"] = json!("stopped");
                object["because"] = json!(why);
            }
            Outcome::Failed(found) => {
                object["outcome"] = json!("failed");
                let finding = |(code, headline): &(&str, String)| json!({ "code": code, "headline": headline });
                object["findings"] = found.iter().map(finding).collect();
            }
        }
        object["seconds"] = seconds(self.seconds);
        object
    }
}

/// To the millisecond.
fn seconds(seconds: f64) -> Value {
    json!((seconds * 1000.0).round() / 1000.0)
}

impl Summary {
    pub(super) fn of(loaded: &Loaded, target: &Target, warehouse: &Warehouse, options: &Options) -> Self {
        let embedded = target.is_embedded();
        let folder = || target.answers.trim_end_matches('/').to_owned();
        Self {
            project: loaded.project.manifest.project.clone(),
            target: (target.name.clone(), target.engine.clone()),
            place: if embedded { folder() } else { target.answers_schema().join(".") },
            embedded,
            commit: warehouse.commit.name.clone(),
            full: options.full,
            checks: Checked::default(),
            jobs: Vec::new(),
            alerts: Vec::new(),
            refused: 0,
            failed: false,
            seconds: 0.0,
        }
    }

    /// The names of the jobs whose rows were written.
    pub(super) fn refreshed(&self) -> BTreeSet<String> {
        self.jobs.iter().filter(|job| job.written().is_some()).map(|job| job.name.clone()).collect()
    }

    /// Whether everything was done that was asked for.
    pub(super) fn is_well(&self) -> bool {
        let stops = self.checks.broken.iter().any(|check| check.stops);
        !self.failed
            && !stops
            && self.refused == 0
            && self.checks.unchecked.is_empty()
            && self.jobs.iter().all(|job| job.written().is_some())
    }

    fn all_written(&self) -> impl Iterator<Item = &Written> {
        self.jobs.iter().filter_map(Done::written)
    }

    fn cells(&self) -> BTreeMap<&str, u64> {
        let mut cells: BTreeMap<&str, u64> = BTreeMap::new();
        for (status, count) in self.all_written().flat_map(|written| &written.cells) {
            *cells.entry(status).or_default() += count;
        }
        cells
    }

    /// The as-of times of the jobs, each once.
    fn as_of(&self) -> BTreeSet<&str> {
        self.all_written().filter_map(|written| written.as_of.as_deref()).collect()
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let sum = |part: fn(&Written) -> u64| number(self.all_written().map(part).sum());
        let (name, engine) = &self.target;
        let place = if self.embedded { format!("{}/", self.place) } else { format!("schema {}", self.place) };
        let done = self.refreshed().len();
        let jobs = match self.jobs.len() {
            all if all == done => counted(all, "job"),
            all => format!("{done} of {}", counted(all, "job")),
        };
        let rows = |count: u64| counted(usize::try_from(count).unwrap_or(usize::MAX), "row");
        let written: u64 = self.all_written().map(|written| written.rows).sum();
        let mut text = format!(
            "{jobs} refreshed in {place} of target {name} ({engine}): {} written, {} replaced or gone, {:.2} s\n",
            rows(written).replace(&written.to_string(), &number(written)),
            sum(|written| written.removed),
            self.seconds
        );
        let cells: Vec<String> =
            self.cells().into_iter().map(|(status, count)| format!("{} {status}", number(count))).collect();
        if !cells.is_empty() {
            _ = writeln!(text, "cells: {}", cells.join(", "));
        }
        text.push_str(&self.checks_text());
        for firing in &self.alerts {
            _ = writeln!(text, "{}", firing.text());
        }
        let as_of: Vec<&str> = self.as_of().into_iter().collect();
        let as_of = match as_of.as_slice() {
            [] => String::new(),
            [only] => format!("as of {} · ", shown(only)),
            [first, .., last] => format!("as of {} to {} · ", shown(first), shown(last)),
        };
        _ = writeln!(text, "{as_of}commit {}", self.commit);
        text
    }

    fn checks_text(&self) -> String {
        let broken = &self.checks.broken;
        let all = self.checks.counted;
        if broken.is_empty() {
            return match all {
                0 => String::new(),
                all => format!("checks: {}, no row breaks one\n", counted(all, "check")),
            };
        }
        let of = |effect: &str| {
            let these: Vec<_> = broken.iter().filter(|check| check.effect == effect).collect();
            let rows: i64 = these.iter().map(|check| check.rows).sum();
            let rows = counted(usize::try_from(rows).unwrap_or(usize::MAX), "row");
            (!these.is_empty()).then(|| format!("{} broken by {rows} ({effect})", these.len()))
        };
        let parts: Vec<String> = ["stop", "flag", "quarantine"].into_iter().filter_map(of).collect();
        format!("checks: {}, {}\n", counted(all, "check"), parts.join(", "))
    }

    /// For programs.
    pub(super) fn json(&self) -> String {
        let check = |check: &super::checking::BrokenCheck| json!({ "source": check.source_name, "check": check.name, "effect": check.effect, "rows": check.rows });
        let proved = |(source, check): &(String, String)| json!({ "source": source, "check": check });
        let sum = |part: fn(&Written) -> u64| self.all_written().map(part).sum::<u64>();
        let place = if self.embedded { "folder" } else { "schema" };
        let object = json!({
            "$schema": "urn:groma:run:1",
            "version": VERSION,
            "generator": { "name": "groma", "version": env!("CARGO_PKG_VERSION") },
            "project": self.project,
            "target": { "name": self.target.0, "engine": self.target.1, place: self.place },
            "commit": self.commit,
            "full": self.full,
            "ok": self.is_well(),
            "jobs": self.jobs.iter().map(Done::json).collect::<Vec<_>>(),
            "checks": {
                "counted": self.checks.counted,
                "proved": self.checks.proved.iter().map(proved).collect::<Vec<_>>(),
                "broken": self.checks.broken.iter().map(check).collect::<Vec<_>>(),
                "unchecked": self.checks.unchecked.values().collect::<Vec<_>>(),
            },
            "alerts": self.alerts.iter().map(Firing::json).collect::<Vec<_>>(),
            "cells": self.cells(),
            "rows_written": sum(|written| written.rows),
            "rows_removed": sum(|written| written.removed),
            "seconds": seconds(self.seconds),
        });
        format!("{object:#}\n")
    }
}

/// `1,234`.
fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A moment as a person reads it: a midnight as its day.
fn shown(at: &str) -> String {
    at.replace('T', " ").trim_end_matches(" 00:00:00").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_moments_are_for_people() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(shown("1998-07-01T00:00:00"), "1998-07-01");
        assert_eq!(shown("1998-07-01T10:30:00"), "1998-07-01 10:30:00");
    }
}
