//! Finding and compiling the project a command is about.

use crate::arguments::Shared;
use crate::failure::Failure;
use crate::findings::{Aside, Findings, human};
use crate::terminal::Terminal;
use groma_model::{Diagnostic, ExceptionId, MetricId};
use groma_project::{DiskWorld, MANIFEST, Project, World as _, compile};
use jiff::civil::Date;
use std::path::{Component, Path, PathBuf};

/// A compiled project and where it is.
pub(crate) struct Loaded {
    pub(crate) project: Project,
    pub(crate) world: DiskWorld,
    /// What stands before a path of the project for someone in the current folder: nothing, or `some/folder/`.
    pub(crate) prefix: String,
}

impl Loaded {
    /// Compiles the project, whatever is found.
    pub(crate) fn new(shared: &Shared) -> Self {
        let (root, prefix) = root(shared);
        let world = DiskWorld::new(root);
        Self { project: compile(&world), world, prefix }
    }

    /// The day that is asked for, or today.
    pub(crate) fn day(&self, on: Option<Date>) -> Date {
        on.unwrap_or_else(|| self.world.today())
    }

    /// Judges the project on a date, or today.
    pub(crate) fn judge(&mut self, on: Option<Date>) {
        self.project.judge(self.day(on));
    }

    /// Compiles the project and shows its findings; errors end the command.
    pub(crate) fn sound(shared: &Shared, terminal: &mut Terminal) -> Result<Self, Failure> {
        let loaded = Self::new(shared);
        if loaded.project.has_errors() {
            loaded.show(&loaded.project.diagnostics, terminal);
            return Err(Failure::FINDINGS);
        }
        Ok(loaded)
    }

    /// Compiles the project; only a manifest that cannot be used ends the command.
    pub(crate) fn usable(shared: &Shared, terminal: &mut Terminal) -> Result<Self, Failure> {
        let loaded = Self::new(shared);
        let project = &loaded.project;
        let stops = |finding: &&Diagnostic| {
            let of_manifest = finding.primary.as_ref().is_none_or(|label| label.span.file.0 == 0);
            finding.is_error() && of_manifest
        };
        let stopping: Vec<Diagnostic> = project.diagnostics.iter().filter(stops).cloned().collect();
        if !stopping.is_empty() {
            loaded.show(&stopping, terminal);
            return Err(Failure::FINDINGS);
        }
        Ok(loaded)
    }

    /// The exceptions that change a metric in some of its versions, directly or through the metrics it is made of; in order.
    pub(crate) fn excepted(&self, metric: MetricId) -> Vec<ExceptionId> {
        let mut found: Vec<ExceptionId> =
            self.project.eras().iter().flat_map(|era| era.model.excepted(metric)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Says in one line that the project has errors, for a command that works without what they are about.
    pub(crate) fn mention_errors(&self, terminal: &mut Terminal) {
        match self.project.diagnostics.iter().filter(|finding| finding.is_error()).count() {
            0 => {}
            1 => terminal.warn("the project has an error elsewhere: `groma check` shows it"),
            errors => terminal.warn(&format!("the project has {errors} errors elsewhere: `groma check` shows them")),
        }
    }

    /// Findings of this project, to be shown.
    pub(crate) fn findings<'a>(&'a self, diagnostics: &'a [Diagnostic]) -> Findings<'a> {
        let project = &self.project;
        let aside = Aside { judgement: &project.judgement, waivers: &project.model.waivers };
        Findings { sources: &project.sources, diagnostics, prefix: &self.prefix, aside: Some(aside) }
    }

    /// Shows findings to people, on stderr.
    pub(crate) fn show(&self, diagnostics: &[Diagnostic], terminal: &mut Terminal) {
        let text = human::render(&self.findings(diagnostics), terminal.message_columns(), terminal.colored_errors());
        terminal.say(text.trim_end());
    }
}

/// The project's folder, and what stands before its paths for someone in the current folder.
pub(crate) fn root(shared: &Shared) -> (PathBuf, String) {
    let here = PathBuf::from(".");
    if let Some(folder) = shared.directory() {
        let prefix = prefix(&folder);
        return (folder, prefix);
    }
    let Ok(current) = std::env::current_dir() else { return (here, String::new()) };
    match current.ancestors().position(|folder| folder.join(MANIFEST).is_file() || is_bare_repository(folder)) {
        None | Some(0) => (here, String::new()),
        Some(levels) => {
            let up = "../".repeat(levels);
            (PathBuf::from(&up), up)
        }
    }
}

/// Whether a folder is a repository without a working tree. A project around it is not the one in it.
fn is_bare_repository(folder: &Path) -> bool {
    !folder.ends_with(".git")
        && folder.join("HEAD").is_file()
        && ["objects", "refs"].iter().all(|name| folder.join(name).is_dir())
}

fn prefix(folder: &Path) -> String {
    let parts: Vec<_> = folder.components().filter(|part| *part != Component::CurDir).collect();
    if parts.is_empty() {
        return String::new();
    }
    let folder: PathBuf = parts.into_iter().collect();
    format!("{}/", folder.to_string_lossy().replace('\\', "/").trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_from_where_one_stands() {
        for (folder, expected) in
            [(".", ""), ("./", ""), ("a", "a/"), ("./a/b/", "a/b/"), ("..", "../"), ("/a", "/a/"), ("/", "/")]
        {
            assert_eq!(prefix(Path::new(folder)), expected, "{folder}");
        }
    }
}
