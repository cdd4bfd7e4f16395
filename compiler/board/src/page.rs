//! What is shown: a page of tiles, each with its numbers and all that a reader may ask about them.

use serde::Serialize;

/// A dashboard with its numbers.
#[derive(Debug, Clone, Serialize)]
pub struct Page {
    /// The name of the dashboard: stable, unique in its project.
    pub id: String,
    pub title: String,
    /// Its documentation, in Markdown-free words.
    pub doc: Option<String>,
    pub note: Option<String>,
    pub project: String,
    pub audience: String,
    pub refresh: Option<String>,
    pub owner: Option<Person>,
    /// The local time from which on nothing was read, and its zone.
    pub as_of: Option<String>,
    pub zone: String,
    /// The commit of the definitions; none where they are not committed.
    pub commit: Option<String>,
    /// The data is made up, in the project's own words; none for real data.
    pub synthetic: Option<String>,
    /// The frozen period that this shows, where it does.
    pub frozen: Option<String>,
    pub tiles: Vec<Tile>,
}

/// Who answers for something.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Person {
    /// The team's name.
    pub team: String,
    pub title: Option<String>,
    /// An address.
    pub lead: Option<String>,
}

/// A tile with its numbers.
#[derive(Debug, Clone, Serialize)]
pub struct Tile {
    /// `dashboard.tile`: stable, unique in its project.
    pub id: String,
    pub title: String,
    /// `number`, `line`, `bar`, `table`, `heatmap`, `funnel`.
    pub mark: &'static str,
    pub note: Option<String>,
    pub owner: Option<Person>,
    /// `month`.
    pub grain: &'static str,
    /// What it shows, in order, each once.
    pub metrics: Vec<Metric>,
    /// The names of the columns that `Cell::groups` holds: `account.region`.
    pub groups: Vec<String>,
    pub goal: Option<Goal>,
    /// In the order of the answer: by metric, period, groups, step.
    pub cells: Vec<Cell>,
    /// Where a definition changed or was restated, by period.
    pub breaks: Vec<Break>,
}

/// What a reader may ask about a metric.
#[derive(Debug, Clone, Serialize)]
pub struct Metric {
    pub name: String,
    /// How it is called on the page.
    pub label: String,
    /// The first paragraph of its documentation.
    pub doc: Option<String>,
    /// The unit as it is written: `usd`, `points`, `%`, `days`; none for plain counts and numbers.
    pub unit: Option<String>,
    /// What values are multiplied by before they are written in that unit: 100 for `%`, 1 for most.
    pub factor: f64,
    /// `higher` or `lower`.
    pub better: Option<String>,
    /// How it is computed, in sentences, as `groma explain` says it.
    pub definition: Vec<String>,
    pub version: u32,
    /// The SHA-256 of its meaning.
    pub hash: String,
    pub owner: Option<Person>,
    /// `draft`, `active`, `deprecated`.
    pub status: &'static str,
    /// Exceptions in force, in words.
    pub exceptions: Vec<String>,
    /// Until when its sources tell, in words, one sentence for each: `orders until 30 June 2026, 2 days late`.
    pub freshness: Vec<String>,
}

/// One number.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct Cell {
    pub metric: String,
    pub version: u32,
    pub period: String,
    /// The period as people read it: `March 2026`.
    pub period_label: String,
    /// One for each of the tile's groups; none for a missing attribute.
    pub groups: Vec<Option<String>>,
    /// The name of the step of a curve or a funnel, and its place from 1.
    pub step: Option<String>,
    pub step_number: Option<i64>,
    pub value: Option<f64>,
    /// The value as people read it: `1,234.50 usd`; empty without one.
    pub shown: String,
    pub n: Option<i64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// `settled`, `provisional`, `immature`, `insufficient`, `undefined`, `suppressed`.
    pub status: String,
    pub matured: Option<f64>,
    pub change: Option<f64>,
    /// The change as people read it.
    pub change_shown: Option<String>,
    /// `real and large enough`, `real but small`, `not distinguishable`, `too few to tell`.
    pub verdict: Option<String>,
}

/// What a number is held against.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct Goal {
    /// The name of the declared target; none for a bare value.
    pub name: Option<String>,
    pub value: f64,
    pub shown: String,
    /// `shadow`, `warned`, `enforced`; none for a bare value.
    pub phase: Option<&'static str>,
}

/// Where a definition changed.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct Break {
    pub metric: String,
    pub period: String,
    pub period_label: String,
    /// `version 2 from 2026-07-01: …` or `restated: …`.
    pub words: String,
    /// A restatement; else a version.
    pub restated: bool,
}
