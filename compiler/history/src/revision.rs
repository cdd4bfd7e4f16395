//! States of a project: the working tree, the index, a commit.

use crate::repository::short;
use git2::Oid;

/// The word for the files as they are.
pub const WORKTREE: &str = "WORKTREE";
/// The word for what is staged.
pub const INDEX: &str = "INDEX";

/// A state of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revision {
    /// The files as they are.
    WorkingTree,
    /// What is staged.
    Index,
    /// `name`: as somebody wrote it: `main`, `v1`, `HEAD~2`.
    Commit { id: Oid, name: String },
}

impl Revision {
    /// As somebody wrote it, or could have.
    pub fn name(&self) -> &str {
        match self {
            Revision::WorkingTree => WORKTREE,
            Revision::Index => INDEX,
            Revision::Commit { name, .. } => name,
        }
    }

    /// What stands before its paths: the name, or the commit where the name is more than one word or revision.
    pub fn label(&self) -> String {
        match self {
            Revision::Commit { id, name } if name.contains("..") || name.contains([' ', ':']) => short(*id),
            _ => self.name().to_owned(),
        }
    }

    /// The commit, where it is one.
    pub fn commit(&self) -> Option<Oid> {
        match self {
            Revision::Commit { id, .. } => Some(*id),
            Revision::WorkingTree | Revision::Index => None,
        }
    }
}
