//! The state that a change began from.

use crate::approval;
use crate::repository::Repository;
use crate::revision::Revision;
use groma_model::Diagnostic;

/// Where a line of work parted from another: the state before its change, named after the other. What has no commit yet parted
/// where its last commit did.
///
/// # Errors
/// There is no such revision, the two have nothing in common, or a shallow clone does not reach that far.
pub fn since(repository: &Repository, other: &str, head: &Revision) -> Result<Revision, Box<Diagnostic>> {
    let revision = repository.revision(other)?;
    let tip = head.commit().or_else(|| approval::head(repository));
    match (revision, tip) {
        (Revision::Commit { id, name }, Some(tip)) => {
            Ok(Revision::Commit { id: repository.merge_base(id, tip)?, name })
        }
        (revision, _) => Ok(revision),
    }
}

/// The branch that changes are meant for, as somebody could write it: what the origin's HEAD is, else `main` or `master`;
/// none where there is none of them.
pub fn default_branch(repository: &Repository) -> Option<String> {
    let git = repository.git();
    let origin = git.find_reference("refs/remotes/origin/HEAD").ok();
    let target = origin.and_then(|head| Some(head.symbolic_target().ok()??.to_owned()));
    let short = target.and_then(|target| Some(target.strip_prefix("refs/remotes/")?.to_owned()));
    let local = || {
        let there = |name: &&str| git.find_branch(name, git2::BranchType::Local).is_ok();
        ["main", "master"].into_iter().find(there).map(str::to_owned)
    };
    short.or_else(local)
}
