//! The repository that a project is in.

mod naming;
mod objects;
mod opening;
#[cfg(test)]
mod tests;

use crate::revision::Revision;
use git2::{ErrorCode, Oid};
use groma_model::Diagnostic;
use groma_project::history::repository::{TOO_SHALLOW, UNKNOWN_REVISION, UNREADABLE_OBJECT};
use groma_project::{DiskWorld, World};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use objects::{GitWorld, Root};
use std::path::{Path, PathBuf};

/// A git repository and the project in it. It may be bare, shallow, or a worktree.
pub struct Repository {
    git: git2::Repository,
    /// The project's folder within the repository: nothing, or `some/folder`.
    folder: String,
    /// The project's folder on disk; a bare repository has none.
    disk: Option<PathBuf>,
}

impl Repository {
    /// The repository around a project's folder, or the bare repository that the folder is. `project` chooses the folder within
    /// it, as for a bare repository with several projects.
    ///
    /// # Errors
    /// There is no repository, it cannot be read, or it is bare and holds several projects.
    pub fn around(root: &Path, project: Option<&str>) -> Result<Self, Box<Diagnostic>> {
        let opening::Opened { git, folder, disk } = opening::open(root, project)?;
        Ok(Self { git, folder, disk })
    }

    /// The repository itself.
    pub fn git(&self) -> &git2::Repository {
        &self.git
    }

    /// The project's folder within the repository: nothing, or `some/folder`.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// The project's folder on disk; a bare repository has none.
    pub fn disk(&self) -> Option<&Path> {
        self.disk.as_deref()
    }

    /// What somebody means by `main`, `v1`, `HEAD~2`, a commit, `INDEX` or `WORKTREE`.
    ///
    /// # Errors
    /// There is no such thing, or it lies beyond what a shallow clone holds.
    pub fn revision(&self, written: &str) -> Result<Revision, Box<Diagnostic>> {
        naming::revision(self, written)
    }

    /// Where two commits parted.
    ///
    /// # Errors
    /// They have nothing in common, or a shallow clone does not reach that far.
    pub fn merge_base(&self, one: Oid, other: Oid) -> Result<Oid, Box<Diagnostic>> {
        self.git.merge_base(one, other).map_err(|error| {
            let (short_one, short_other) = (short(one), short(other));
            if error.code() != ErrorCode::NotFound {
                return unreadable(&format!("{short_one} or {short_other}"), error.message());
            }
            let parted = format!("where {short_one} and {short_other} parted");
            Box::new(match self.git.is_shallow() {
                true => TOO_SHALLOW
                    .finding(format!("this clone is shallow and does not reach back to {parted}"))
                    .help(naming::fetch_all()),
                false => UNKNOWN_REVISION
                    .finding(format!("{short_one} and {short_other} have no commit in common"))
                    .help("compare the two themselves: `groma diff A B`"),
            })
        })
    }

    /// The project's files at a revision. Paths are relative to the project's folder.
    ///
    /// # Errors
    /// The objects cannot be read.
    pub fn world(&self, revision: &Revision) -> Result<Box<dyn World>, Box<Diagnostic>> {
        let failed = |error: git2::Error| unreadable(&format!("`{}`", revision.name()), error.message());
        let root = match (revision, &self.disk) {
            (Revision::WorkingTree, Some(disk)) => return Ok(Box::new(DiskWorld::new(disk))),
            (Revision::WorkingTree, None) => return Err(naming::bare(revision.name())),
            (Revision::Index, _) => Root::staged(&self.git).map_err(failed)?,
            (Revision::Commit { id, .. }, _) => Root::of_commit(&self.git, *id).map_err(failed)?,
        };
        // A handle of its own: each may be on a thread of its own.
        let git = git2::Repository::open(self.git.path()).map_err(failed)?;
        Ok(Box::new(GitWorld::new(git, root, &self.folder)))
    }
}

impl Repository {
    /// The last commit on the way to HEAD that was made on a day or before it, by the time that each says in UTC; none where all
    /// are newer, or none can be read.
    pub fn last_until(&self, day: Date) -> Option<Revision> {
        let end = day.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
        let mut commit = self.git.head().ok()?.peel_to_commit().ok()?;
        while commit.time().seconds() >= end {
            commit = commit.parent(0).ok()?;
        }
        Some(Revision::Commit { id: commit.id(), name: short(commit.id()) })
    }
}

impl Repository {
    /// What git should hold of a state and does not, where that is why a file of it was not read.
    pub(crate) fn missing(&self, revision: &Revision, found: &[Diagnostic]) -> Option<Box<Diagnostic>> {
        let missing = found.iter().find(|finding| finding.headline.contains(objects::NOT_GIVEN))?;
        let mut finding = UNREADABLE_OBJECT.finding(format!("at `{}`, {}", revision.name(), missing.headline));
        finding.help = unreadable("", "").help;
        if self.is_partial() {
            let commit = revision.name();
            finding.help = Some(format!(
                "this clone is partial: clone without `--filter`, or have git fetch what the commit lacks: `git archive \
                 {commit} > /dev/null`"
            ));
        }
        Some(Box::new(finding))
    }

    /// Whether files of older commits are only fetched when git itself reads them.
    fn is_partial(&self) -> bool {
        let promised = |config: git2::Config| {
            let mut entries = config.entries(Some("remote\\..*\\.promisor")).ok()?;
            entries.next().map(|entry| entry.is_ok())
        };
        self.git.config().ok().and_then(promised).unwrap_or_default()
    }
}

/// A commit as people write it.
pub(crate) fn short(id: Oid) -> String {
    id.to_string().chars().take(10).collect()
}

/// Something that git should hold cannot be read.
pub(crate) fn unreadable(what: &str, message: &str) -> Box<Diagnostic> {
    let finding = UNREADABLE_OBJECT
        .finding(format!("git does not give {what}: {message}"))
        .help("`git fsck` says what is damaged; `git fetch --refetch` or a new clone brings it back");
    Box::new(finding)
}
