//! What changed between two states of a project, for people and machines: five formats of the same thing.
//!
//! What a change means, whom it concerns and who agreed is decided in `groma-model` and `groma-history`; here it is said.

pub mod data;
pub mod github;
pub mod human;
pub mod json;
pub mod markdown;
pub mod sarif;
mod summary;
pub(crate) mod words;

pub use data::{DataReport, MetricData, Mover};
pub use summary::Summary;

use crate::failure::Failure;
use crate::findings::{Findings, Place, human as shown};
use crate::terminal::Terminal;
use clap::ValueEnum;
use groma_history::{Assessed, Compared, State};
use groma_model::change::{Class, Part};
use groma_model::schema::Kind;
use groma_model::{Diagnostic, FileId, Model, Span};
use groma_project::history::approval::{AUTHOR_ALONE, MISSING, NOT_YOUR_METRIC};
use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How a comparison is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// One document of a stable shape: `{"version": 1, "summary": …, "changes": […]}`.
    Json,
    /// A comment of a pull request, at most 65,000 characters.
    Markdown,
    /// Annotations of GitHub workflows.
    Github,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// What is to be said about a comparison.
pub struct Differences<'a> {
    pub compared: &'a Compared,
    pub data: Option<&'a DataReport>,
    /// What else is to be said of it. Their places are in the head.
    findings: Vec<Diagnostic>,
    /// The same, with what the needs of the changes say already: approvals that are missing.
    all_findings: Vec<Diagnostic>,
    pub summary: Summary,
    /// What stands before a path of the project for the reader: nothing, or `some/folder/`.
    prefix: &'a str,
    /// The strictest first; among equals those that touch a frozen period, then those with words of their own.
    changes: Vec<&'a Assessed>,
    versions: [BTreeMap<&'a str, u32>; 2],
    places: [Places<'a>; 2],
}

/// Which of the two states something is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Base,
    Head,
}

/// How much a change weighs for whoever reviews it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Note,
    Warning,
    /// It touches a frozen period, or lacks an approval.
    Error,
}

impl<'a> Differences<'a> {
    /// A comparison, ready to be written. To `findings` come those about approvals.
    pub fn of(
        compared: &'a Compared,
        data: Option<&'a DataReport>,
        findings: &'a [Diagnostic],
        prefix: &'a str,
    ) -> Self {
        let mut changes: Vec<&Assessed> = compared.changes.iter().collect();
        changes.sort_by_key(|one| (Reverse(one.change.class), one.frozen.is_empty(), !one.change.direct));
        Self {
            compared,
            data,
            findings: joined(findings, compared.findings.iter().filter(|finding| !is_of_need(finding))),
            all_findings: joined(findings, compared.findings.iter()),
            summary: Summary::of(&changes),
            prefix,
            versions: [versions(&compared.base.project.model), versions(&compared.head.project.model)],
            places: [Places::of(&compared.base, prefix), Places::of(&compared.head, prefix)],
            changes,
        }
    }

    /// Whether a published value may be another one now.
    pub fn rewrites_history(&self) -> bool {
        self.summary.restating() > 0
    }

    /// How many changes lack an approval.
    pub fn approvals_missing(&self) -> usize {
        self.summary.unapproved
    }

    /// Writes it to stdout. For people, the findings follow on stderr.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn write(&self, format: Format, terminal: &mut Terminal) -> Result<(), Failure> {
        let text = match format {
            Format::Human => human::render(self, terminal.columns(), terminal.colored_answers()),
            Format::Json => json::render(self),
            Format::Markdown => markdown::render(self),
            Format::Github => github::render(self),
            Format::Sarif => sarif::render(self),
        };
        terminal.answer(&text)?;
        // A reviewer is told what is wrong here, not what the project has not set up.
        let wrong: Vec<Diagnostic> = self.findings.iter().filter(|finding| finding.is_error()).cloned().collect();
        if format == Format::Human && !wrong.is_empty() {
            terminal.flush()?;
            let wrong = self.shown(&wrong);
            let found = shown::render(&wrong, terminal.message_columns(), terminal.colored_errors());
            terminal.say(found.trim_end());
        }
        Ok(())
    }

    /// What is to be said beside the changes.
    pub(crate) fn head_findings(&self) -> Findings<'_> {
        self.shown(&self.findings)
    }

    /// The same, with what the needs of the changes say already.
    pub(crate) fn all_findings(&self) -> Findings<'_> {
        self.shown(&self.all_findings)
    }

    fn shown<'b>(&'b self, diagnostics: &'b [Diagnostic]) -> Findings<'b> {
        let sources = &self.compared.head.project.sources;
        Findings { sources, diagnostics, prefix: self.prefix, aside: None }
    }

    /// The changes, the strictest first.
    pub(crate) fn changes(&self) -> &[&'a Assessed] {
        &self.changes
    }

    /// The version of a metric on a side.
    pub(crate) fn version(&self, one: &Assessed, side: Side) -> Option<u32> {
        let (kind, name) = &one.change.subject;
        let was = one.change.was.as_ref().filter(|_| side == Side::Base);
        let known = || self.versions[side as usize].get(was.unwrap_or(name).as_str()).copied();
        (*kind == Kind::Metric).then(known).flatten()
    }

    /// Where a changed declaration stands: in the head, or in the base where it is gone.
    pub(crate) fn place(&self, one: &Assessed) -> Option<(Side, Place)> {
        let side = side(one);
        one.change.span.map(|span| (side, self.places[side as usize].place(span)))
    }

    /// Where a part of a change stands in the head.
    pub(crate) fn part_place(&self, part: &Part) -> Option<Place> {
        part.span.map(|span| self.places[Side::Head as usize].place(span))
    }

    /// The path of the head's file that a place of the base was in, or of its manifest where there is none.
    pub(crate) fn nearest_path(&self, place: &Place) -> String {
        let sources = &self.compared.head.project.sources;
        let paths = sources.files().map(|(_, file)| format!("{}{}", self.prefix, file.path));
        let same = paths.into_iter().find(|path| *path == place.path);
        same.unwrap_or_else(|| format!("{}{}", self.prefix, groma_project::MANIFEST))
    }
}

/// Both, each once.
fn joined<'d>(findings: &'d [Diagnostic], others: impl Iterator<Item = &'d Diagnostic>) -> Vec<Diagnostic> {
    findings.iter().chain(others.filter(|other| !findings.contains(other))).cloned().collect()
}

/// Whether a finding says what the needs of a change say.
fn is_of_need(finding: &Diagnostic) -> bool {
    [&MISSING, &AUTHOR_ALONE, &NOT_YOUR_METRIC].contains(&finding.code)
}

/// What is removed stands in the base.
fn side(one: &Assessed) -> Side {
    let gone = one.change.after.is_none() && one.change.class == Class::Removing;
    if gone { Side::Base } else { Side::Head }
}

/// How much a change weighs.
pub(crate) fn level(one: &Assessed) -> Level {
    let unapproved = one.needs.iter().any(|need| !need.is_met());
    match one.change.class {
        _ if unapproved || !one.frozen.is_empty() => Level::Error,
        Class::Restating | Class::Removing => Level::Warning,
        _ => Level::Note,
    }
}

fn versions(model: &Model) -> BTreeMap<&str, u32> {
    model.metrics.iter().map(|metric| (metric.header.name.as_str(), metric.version)).collect()
}

/// Finds places without reading a file once for each of them.
struct Places<'a> {
    state: &'a State,
    prefix: &'a str,
    /// Where the lines of a file begin, once somebody asked.
    lines: RefCell<BTreeMap<FileId, Vec<usize>>>,
}

impl<'a> Places<'a> {
    fn of(state: &'a State, prefix: &'a str) -> Self {
        Self { state, prefix, lines: RefCell::default() }
    }

    fn place(&self, span: Span) -> Place {
        let file = self.state.project.sources.file(span.file);
        let mut known = self.lines.borrow_mut();
        let breaks = || file.text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = known.entry(span.file).or_insert_with(|| [0].into_iter().chain(breaks()).collect());
        let position = |offset: u32| {
            let offset = file.text.floor_char_boundary(offset as usize);
            let line = lines.partition_point(|start| *start <= offset);
            (line, file.text[lines[line - 1]..offset].chars().count() + 1)
        };
        let ((line, column), (end_line, end_column)) = (position(span.start), position(span.end.max(span.start)));
        let own = file.path.starts_with("std:");
        let path = if own { file.path.clone() } else { format!("{}{}", self.prefix, file.path) };
        Place { path, line, column, end_line, end_column }
    }
}

#[cfg(test)]
mod tests;
