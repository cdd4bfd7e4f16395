//! Two states of a project, and what a change between them touches.

mod base;
mod targets;
#[cfg(test)]
mod tests;

use crate::approval::listed;
use crate::need::{self, Need};
use crate::repository::Repository;
use crate::revision::Revision;
use crate::seal;
use groma_model::change::{Change, Side, compare};
use groma_model::schema::Kind;
use groma_model::{Diagnostic, SmolStr, SourceMap};
use groma_project::{Project, World};
use jiff::civil::Date;
use std::thread;

/// Deep expressions are refused by the parser at a depth that fits into this.
const STACK: usize = 16 << 20;

/// A project at a revision, compiled.
pub struct State {
    pub revision: Revision,
    pub project: Project,
}

/// What differs between two states.
pub struct Compared {
    pub base: State,
    pub head: State,
    pub changes: Vec<Assessed>,
    /// What is wrong with the base, if anything: that it is broken, then its errors. Their places are in files of the head's
    /// sources that carry the base's name: `main:metrics.groma`.
    pub base_errors: Vec<Diagnostic>,
    /// What is wrong with how the change came about: approvals that are missing or count for nothing, changes by those who
    /// may not make them. Their places are in the head's sources.
    pub findings: Vec<Diagnostic>,
}

/// A change, and whom it concerns.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessed {
    pub change: Change,
    /// The frozen periods whose cells it may change, by name.
    pub frozen: Vec<SmolStr>,
    /// The approvals it needs, with those it has.
    pub needs: Vec<Need>,
}

impl State {
    /// The projects at two revisions, compiled side by side.
    ///
    /// # Errors
    /// The objects cannot be read.
    pub fn two(repository: &Repository, base: Revision, head: Revision) -> Result<(Self, Self), Box<Diagnostic>> {
        let (before, after) = (repository.world(&base)?, repository.world(&head)?);
        let compile = |world: &dyn World| groma_project::compile(world);
        let (before, after) = thread::scope(|scope| {
            let start = || compile(&*before);
            match thread::Builder::new().stack_size(STACK).spawn_scoped(scope, start) {
                Ok(thread) => {
                    let after = compile(&*after);
                    (thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), after)
                }
                Err(_) => (compile(&*before), compile(&*after)),
            }
        });
        let missing = repository.missing(&base, &before.diagnostics);
        if let Some(missing) = missing.or_else(|| repository.missing(&head, &after.diagnostics)) {
            return Err(missing);
        }
        Ok((Self { revision: base, project: base::begun(before) }, Self { revision: head, project: after }))
    }

    /// What is compared of it.
    pub fn side(&self) -> Side<'_> {
        Side { eras: self.project.eras(), sources: &self.project.sources }
    }
}

impl Compared {
    /// Compares two states; `today` decides whether a date is still to come.
    pub fn of(repository: &Repository, base: State, mut head: State, today: Date) -> Self {
        let mut changes = compare(&base.side(), &head.side(), today);
        if base::is_before_the_project(&base.project) {
            changes.retain(|change| change.subject.0 != Kind::Project);
        } else {
            changes.extend(targets::change(&base.project, &head.project));
            changes.extend(listed::change(repository, &base, &head));
            listed::identify(&mut changes, &base, &head);
        }
        let base_errors = base::errors(&base, &mut head.project.sources);
        if base::is_incomplete(&base_errors) {
            changes.iter_mut().for_each(base::doubt);
        }
        let assessed = |change| Assessed { change, frozen: Vec::new(), needs: Vec::new() };
        let mut changes: Vec<Assessed> = changes.into_iter().map(assessed).collect();
        mark_frozen(repository, (&base, &head), &mut changes);
        let findings = need::assess(repository, &base, &mut head, &mut changes, today);
        Self { base, head, changes, base_errors, findings }
    }
}

/// Says of each change which frozen periods it touches: by the locks of the state before it, and by those that came with it.
fn mark_frozen(repository: &Repository, (base, head): (&State, &State), changes: &mut [Assessed]) {
    // What is wrong with a lock is said where locks are verified.
    let mut aside = SourceMap::default();
    let mut read = |state: &State| {
        let world = repository.world(&state.revision).ok();
        world.map(|world| seal::Lock::all(&*world, &mut aside).0).unwrap_or_default()
    };
    let mut locks = read(base);
    let new = read(head).into_iter().filter(|new| locks.iter().all(|old| old.path != new.path));
    locks.extend(new.collect::<Vec<_>>());
    if locks.is_empty() {
        return;
    }
    let mut forms = seal::Forms::of(&head.project);
    for one in changes {
        one.frozen = seal::frozen(&locks, &one.change, &mut forms);
    }
}
