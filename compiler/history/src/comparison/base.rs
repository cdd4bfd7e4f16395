//! A base that is broken, or from before there was a project.

use super::State;
use groma_model::change::{Change, Class};
use groma_model::{Diagnostic, FileId, Label, SourceMap};
use groma_project::history::repository::BASE_BROKEN;
use groma_project::{MANIFEST, Project};
use std::collections::BTreeMap;

/// Codes of files that could not be read to their end: what stands in them may be missing.
const UNREAD: [&str; 4] = ["syntax/", "manifest/", "project/", "history/"];

/// Whether there was no manifest yet.
pub(super) fn is_before_the_project(project: &Project) -> bool {
    !project.sources.files().any(|(_, file)| file.path == MANIFEST)
}

/// A project that had not begun is empty, and nothing is wrong with it.
pub(super) fn begun(mut project: Project) -> Project {
    if is_before_the_project(&project) {
        project.diagnostics.retain(|finding| finding.code.id != "project/no-manifest");
    }
    project
}

/// The errors of the base, with its files among the head's.
pub(super) fn errors(base: &State, sources: &mut SourceMap) -> Vec<Diagnostic> {
    let name = base.revision.label();
    let errors: Vec<&Diagnostic> = base.project.diagnostics.iter().filter(|finding| finding.is_error()).collect();
    if errors.is_empty() {
        return Vec::new();
    }
    let count = match errors.len() {
        1 => "an error".to_owned(),
        several => format!("{several} errors"),
    };
    let broken = BASE_BROKEN
        .finding(format!("the project has {count} at {name}, so what it said there is not all known"))
        .help(format!(
            "compare with a commit before the error came in, or put it right there; `{name}:` stands before its files"
        ));
    let mut files = BTreeMap::new();
    let mut shown = |label: &Label, sources: &mut SourceMap| {
        let mut label = label.clone();
        let file = label.span.file;
        label.span.file = *files.entry(file).or_insert_with(|| copied(base, file, &name, sources));
        label
    };
    let of_base = errors.into_iter().map(|finding| {
        let mut finding = finding.clone();
        finding.primary = finding.primary.as_ref().map(|label| shown(label, sources));
        finding.labels = finding.labels.iter().map(|label| shown(label, sources)).collect();
        // It would be applied to another state of the file.
        finding.fix = None;
        if finding.primary.is_none() {
            finding.headline = format!("at {name}: {}", finding.headline);
        }
        finding
    });
    let of_base: Vec<Diagnostic> = of_base.collect();
    [broken].into_iter().chain(of_base).collect()
}

fn copied(base: &State, file: FileId, name: &str, sources: &mut SourceMap) -> FileId {
    let file = base.project.sources.file(file);
    let path = if file.path.starts_with("std:") { file.path.clone() } else { format!("{name}:{}", file.path) };
    sources.add(path, file.text.as_str())
}

/// Whether declarations of the base may be missing.
pub(super) fn is_incomplete(errors: &[Diagnostic]) -> bool {
    errors.iter().skip(1).any(|finding| UNREAD.iter().any(|area| finding.code.id.starts_with(area)))
}

/// What seems to be new may have been there.
pub(super) fn doubt(change: &mut Change) {
    if change.before.is_none() && change.class == Class::Additive {
        change.class = Class::Restating;
        change.undecided.push("the base cannot be read to its end, so whether it stood there is not known".to_owned());
    }
}
