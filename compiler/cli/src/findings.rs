//! Findings for people and machines: five formats of the same thing.

pub mod github;
pub mod human;
pub mod json;
pub mod junit;
pub mod sarif;
pub(crate) mod summary;

use clap::ValueEnum;
use groma_model::governance::Waiver;
use groma_model::judge::{Judgement, Waived};
use groma_model::{Diagnostic, FileId, Severity, SourceMap, Span};

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people, on stderr.
    #[default]
    Human,
    /// One document of a stable shape: `{"version": 1, "summary": …, "diagnostics": […]}`.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub workflows.
    Github,
    /// JUnit XML, for test reports.
    Junit,
}

/// Findings with the texts they point into.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a> {
    pub sources: &'a SourceMap,
    pub diagnostics: &'a [Diagnostic],
    /// What stands before a path of the project for the reader: nothing, or `some/folder/`.
    pub prefix: &'a str,
    /// What waivers set aside; none where nothing was judged.
    pub aside: Option<Aside<'a>>,
}

/// What waivers set aside.
#[derive(Debug, Clone, Copy)]
pub struct Aside<'a> {
    pub judgement: &'a Judgement,
    pub waivers: &'a [Waiver],
}

impl<'a> Aside<'a> {
    /// The waiver that sets a finding aside.
    pub fn waiver(&self, waived: &Waived) -> Option<&'a Waiver> {
        self.waivers.iter().find(|waiver| waiver.header.name == waived.waiver)
    }

    /// Why a finding is set aside: `waiver NAME until DATE: …`.
    pub fn justification(&self, waived: &Waived) -> String {
        let because = self.waiver(waived).map(|waiver| format!(": {}", waiver.because)).unwrap_or_default();
        format!("waiver {} until {}{because}", waived.waiver, waived.until)
    }

    /// `2 waivers in force, 1 ends within 30 days`; nothing where there is none.
    pub fn summary(&self) -> Option<String> {
        let (in_force, ending) = (self.judgement.in_force, self.judgement.ending_soon);
        let ends = match ending {
            0 => String::new(),
            1 => format!(", 1 ends within {} days", groma_model::judge::SOON),
            many => format!(", {many} end within {} days", groma_model::judge::SOON),
        };
        (in_force > 0).then(|| format!("{} in force{ends}", counted(in_force, "waiver")))
    }
}

/// A place as people count it, from 1; the end is behind the last character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub path: String,
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
}

impl Findings<'_> {
    /// The path of a file as the reader knows it. The standard library and the command line are no files of theirs, and a file
    /// of another state of the project, `main:metrics.groma`, is not in their folder.
    pub fn path(&self, file: FileId) -> String {
        let path = &self.sources.file(file).path;
        let own = path.contains(':') || path.starts_with("--");
        if own { path.clone() } else { format!("{}{path}", self.prefix) }
    }

    /// Where a span stands.
    pub fn place(&self, span: Span) -> Place {
        let start = self.sources.line_column(span.file, span.start);
        let end = self.sources.line_column(span.file, span.end.max(span.start));
        Place {
            path: self.path(span.file),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }

    /// The findings that waivers set aside.
    pub fn waived(&self) -> &[Waived] {
        self.aside.map_or(&[], |aside| &aside.judgement.waived)
    }

    /// How many findings weigh that much.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// `1 error`, `2 errors`; `1 query`, `2 queries`; `2 days`.
pub fn counted(number: usize, noun: &str) -> String {
    match (number, noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u']))) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests;
