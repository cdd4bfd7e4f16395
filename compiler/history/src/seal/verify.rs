//! Whether everything that was frozen still is.

use super::holds::{Forms, breaches, findings};
use super::lock::{FOLDER, Lock, Placed};
use super::restate::{Agreed, unfounded};
use super::trail::Trail;
use crate::approval::head;
use crate::comparison::State;
use crate::repository::{Repository, short};
use crate::revision::Revision;
use git2::Oid;
use groma_model::Diagnostic;
use groma_model::change::{Change, Side, compare};
use groma_project::history::freeze::LOCK_EDITED;
use groma_project::{MANIFEST, Project, compile};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// What was found about locks.
#[derive(Debug, Default)]
pub struct Verified {
    pub findings: Vec<Diagnostic>,
    /// Those that can be read.
    pub locks: Vec<Placed>,
    /// The clone lacks older commits, so that nothing can be said of what they held.
    pub shallow: bool,
}

/// The state that is verified: the files as they are; in a bare repository, the newest commit.
///
/// # Errors
/// A bare repository has no commit.
pub fn present(repository: &Repository) -> Result<Revision, Box<Diagnostic>> {
    match repository.disk() {
        Some(_) => Ok(Revision::WorkingTree),
        None => repository.revision("HEAD"),
    }
}

/// Judges the locks of a project as it is. Their texts become those of the project.
///
/// # Errors
/// The objects cannot be read.
pub fn verify(repository: &Repository, project: &mut Project, today: Date) -> Result<Verified, Box<Diagnostic>> {
    verify_at(repository, &present(repository)?, project, today)
}

/// Judges the locks of a project as it is at a revision.
///
/// # Errors
/// The objects cannot be read.
pub fn verify_at(
    repository: &Repository,
    revision: &Revision,
    project: &mut Project,
    today: Date,
) -> Result<Verified, Box<Diagnostic>> {
    let world = repository.world(revision)?;
    let (locks, mut found) = Lock::all(&*world, &mut project.sources);
    let paths = world.files(FOLDER).unwrap_or_default();
    let unread: BTreeSet<String> =
        paths.into_iter().filter(|path| locks.iter().all(|lock| lock.path != *path)).collect();
    let trail = match revision.commit().or_else(|| head(repository)) {
        Some(head) => Trail::of(repository, head)?,
        None => Trail::default(),
    };
    found.extend(trail.findings(&locks, &unread, &project.sources));
    let project = &*project;
    let mut forms = Forms::of(project);
    for lock in &locks {
        let changes = || Some(changes(&sealed_state(repository, &trail, lock)?, project, today));
        found.extend(findings(lock, &mut forms, &changes));
    }
    if locks.iter().any(|lock| !lock.lock.restatements.is_empty()) {
        let agreed = Agreed::read(repository, revision, &project.model, today)?;
        let at = |commit: &str| Some(project_at(repository, commit.parse().ok()?)?.project);
        found.extend(locks.iter().flat_map(|lock| unfounded(lock, project, &agreed, &at)));
    }
    Ok(Verified { findings: found, locks, shallow: repository.git().is_shallow() })
}

/// The project as it was sealed: at the lock's commit; where that is gone after a rebase or a squash, at the commit that
/// wrote the lock.
fn sealed_state(repository: &Repository, trail: &Trail, lock: &Placed) -> Option<State> {
    let own = lock.lock.commit.parse().ok().and_then(|commit| project_at(repository, commit));
    own.or_else(|| project_at(repository, trail.written_by(&lock.path)?))
}

/// The same, and that it means what was sealed.
///
/// # Errors
/// The commit is not there, cannot be compiled, or its metrics mean something else.
pub fn frozen(repository: &Repository, lock: &Placed) -> Result<State, Box<Diagnostic>> {
    let trail = match head(repository) {
        Some(head) => Trail::of(repository, head)?,
        None => Trail::default(),
    };
    let state = match sealed_state(repository, &trail, lock) {
        Some(state) => state,
        None => {
            let revision = repository.revision(&lock.lock.commit)?;
            let project = compile(&*repository.world(&revision)?);
            State { revision, project }
        }
    };
    let (path, commit) = (&lock.path, state.revision.name());
    let other = breaches(&lock.lock, &mut Forms::of(&state.project));
    let Some((metric, _)) = other.first().filter(|_| !state.project.has_errors()) else { return Ok(state) };
    let finding = LOCK_EDITED.finding(format!(
        "{path} seals another meaning of `{metric}` than its commit {commit} has: nothing can be computed as it was sealed"
    ));
    Err(Box::new(finding.help(format!("`git log -- {path}` shows who wrote it; take it back as it was sealed"))))
}

/// The project at a commit; none where the commit is not there, or the project was somewhere else then.
fn project_at(repository: &Repository, commit: Oid) -> Option<State> {
    repository.git().find_commit(commit).ok()?;
    let revision = Revision::Commit { id: commit, name: short(commit) };
    let world = repository.world(&revision).ok()?;
    world.read(MANIFEST).ok()??;
    Some(State { revision, project: compile(&*world) })
}

/// What changed since a state.
fn changes(base: &State, head: &Project, today: Date) -> Vec<Change> {
    let head = Side { eras: head.eras(), sources: &head.sources };
    compare(&base.side(), &head, today)
}
