//! `groma check --base`: what a change means for those who rely on what was there before, and who agreed to it.

use crate::arguments::Shared;
use crate::differences::{Differences, markdown};
use crate::failure::Failure;
use crate::findings::{Findings, human};
use crate::loading::{Loaded, root};
use crate::terminal::Terminal;
use groma_history::need::since;
use groma_history::{Compared, Repository, Revision, State, seal};
use groma_model::{Diagnostic, SourceMap};
use groma_project::{DiskWorld, Project, compile};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// As much of a comment is for what changed; what was found has the rest.
const HALF: usize = 32_000;

/// What is compared with what.
pub(super) struct Comparison<'a> {
    pub(super) base: &'a str,
    pub(super) head: Option<&'a str>,
    /// The project's folder within the repository.
    pub(super) project: Option<&'a str>,
}

/// The project that is checked, in its history.
pub(super) struct InHistory {
    pub(super) loaded: Loaded,
    repository: Repository,
    head: Revision,
    /// What was there before: where the base and the head parted.
    base: Revision,
    /// The newest state of the base.
    tip: Revision,
    /// Nothing can be compared that cannot be read.
    is_broken: bool,
}

impl Comparison<'_> {
    /// Compiles the project at the head: the working tree, or in a bare repository the newest commit.
    pub(super) fn load(&self, shared: &Shared, terminal: &mut Terminal) -> Result<InHistory, Failure> {
        self.found(shared).map_err(|found| {
            let findings = Findings { sources: &SourceMap::default(), diagnostics: &[*found], prefix: "", aside: None };
            let text = human::render(&findings, terminal.message_columns(), terminal.colored_errors());
            terminal.say(text.trim_end());
            Failure::FINDINGS
        })
    }

    fn found(&self, shared: &Shared) -> Result<InHistory, Box<Diagnostic>> {
        let (folder, prefix) = root(shared);
        let repository = Repository::around(&folder, self.project)?;
        let head = match (self.head, repository.disk()) {
            (Some(written), _) => repository.revision(written)?,
            (None, Some(_)) => Revision::WorkingTree,
            (None, None) => repository.revision("HEAD")?,
        };
        let base = since(&repository, self.base, &head)?;
        let tip = repository.revision(self.base)?;
        let prefix = self.project.map_or(prefix, |project| format!("{}/", project.trim_end_matches('/')));
        let project = compile(&*repository.world(&head)?);
        let is_broken = project.has_errors();
        let world = DiskWorld::new(repository.disk().map_or(folder, ToOwned::to_owned));
        let loaded = Loaded { project, world, prefix };
        Ok(InHistory { loaded, repository, head, base, tip, is_broken })
    }
}

impl InHistory {
    /// Whether the files on disk are what is checked.
    pub(super) fn is_working_tree(&self) -> bool {
        self.head == Revision::WorkingTree
    }

    /// Adds what the comparison finds to the project's findings; gives the changes as Markdown, for `--summary`.
    pub(super) fn compare(&mut self, today: Date, terminal: &mut Terminal) -> Option<String> {
        if self.is_broken {
            terminal
                .warn(&format!("what changed since {} can be judged once the project has no errors", self.base.name()));
            return None;
        }
        let base = match self.repository.world(&self.base) {
            Ok(world) => compile(&*world),
            Err(found) => {
                self.loaded.project.diagnostics.push(*found);
                return None;
            }
        };
        let base = State { revision: self.base.clone(), project: base };
        let head = State { revision: self.head.clone(), project: std::mem::take(&mut self.loaded.project) };
        let mut compared = Compared::of(&self.repository, base, head, today);
        let sealed = self.sealed(&mut compared.head.project, today);
        let page = markdown::within(&Differences::of(&compared, None, &[], &self.loaded.prefix), HALF);
        let Compared { head, findings, base_errors, .. } = compared;
        self.loaded.project = head.project;
        let project = &mut self.loaded.project;
        project.diagnostics.extend(findings.into_iter().chain(base_errors).chain(sealed));
        project.diagnostics.sort_by(|left, right| left.sort_key().cmp(&right.sort_key()));
        project.diagnostics.dedup();
        Some(page)
    }

    /// What no longer means what was sealed: by the project's own locks, and by those that the base got meanwhile.
    fn sealed(&self, project: &mut Project, today: Date) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        let mut own = BTreeSet::new();
        match seal::verify_at(&self.repository, &self.head, project, today) {
            Ok(verified) => {
                own.extend(verified.locks.into_iter().map(|lock| lock.path));
                found.extend(verified.findings);
            }
            Err(problem) => found.push(*problem),
        }
        // A lock that the head lacks binds it all the same.
        for state in [&self.base, &self.tip] {
            let Ok(world) = self.repository.world(state) else { continue };
            let (locks, unread) = seal::Lock::all(&*world, &mut project.sources);
            found.extend(unread);
            let project = &*project;
            let mut forms = seal::Forms::of(project);
            for lock in locks {
                if own.insert(lock.path.clone()) {
                    found.extend(seal::findings(&lock, &mut forms, &|| None));
                }
            }
        }
        found
    }
}

/// A page with the changes behind it, as long as a comment may be.
pub(super) fn with_changes(page: String, changes: Option<&str>, base: &str) -> String {
    const LONGEST: usize = 65_000;
    match changes {
        None => page,
        Some(changes) if page.chars().count() + changes.chars().count() + 2 <= LONGEST => format!("{page}\n{changes}"),
        Some(_) => {
            format!("{page}\nWhat changed is too long for here: `groma diff {base}...HEAD --format markdown`.\n")
        }
    }
}
