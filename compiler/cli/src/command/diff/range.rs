//! Which two states are meant.

use crate::failure::Failure;
use groma_history::repository::Repository;
use groma_history::revision::{INDEX, Revision, WORKTREE};
use groma_model::Diagnostic;

/// Why two states were not found.
pub(crate) enum Refused {
    Use(Failure),
    Found(Box<Diagnostic>),
}

impl From<Box<Diagnostic>> for Refused {
    fn from(found: Box<Diagnostic>) -> Self {
        Refused::Found(found)
    }
}

/// The two states that the arguments name: `BASE`, `BASE HEAD`, `BASE..HEAD`, `BASE...HEAD`, or none.
pub(crate) fn states(repository: &Repository, named: &[String], staged: bool) -> Result<(Revision, Revision), Refused> {
    let bare = repository.disk().is_none();
    let last = if bare { "HEAD" } else { WORKTREE };
    if staged {
        return match named {
            [] => Ok((repository.revision("HEAD")?, repository.revision(INDEX)?)),
            [base] if !base.contains("..") => Ok((repository.revision(base)?, repository.revision(INDEX)?)),
            _ => Err(Refused::Use(Failure::wrong_use(
                "`--staged` compares what is staged with one commit",
                Some("`groma diff --staged BASE`, or `groma diff A B` without `--staged`".to_owned()),
            ))),
        };
    }
    match named {
        [] if bare => Ok((repository.revision("HEAD~1")?, repository.revision("HEAD")?)),
        [] => Ok((repository.revision("HEAD")?, repository.revision(WORKTREE)?)),
        [range] => match range.split_once("...").map(|ends| (ends, true)).or_else(|| {
            let ends = range.split_once("..")?;
            Some((ends, false))
        }) {
            Some((ends, true)) => since_parted(repository, ends),
            Some(((base, head), false)) => Ok((end(repository, base)?, end(repository, head)?)),
            None => Ok((repository.revision(range)?, repository.revision(last)?)),
        },
        [base, head] => Ok((repository.revision(base)?, repository.revision(head)?)),
        _ => Err(Refused::Use(Failure::wrong_use(
            "two states are compared, and more are named",
            Some("metrics are chosen with `--metric NAME`".to_owned()),
        ))),
    }
}

/// An end of a range; nothing is `HEAD`.
fn end(repository: &Repository, named: &str) -> Result<Revision, Box<Diagnostic>> {
    repository.revision(if named.is_empty() { "HEAD" } else { named })
}

/// From where two commits parted to the second.
fn since_parted(repository: &Repository, (base, head): (&str, &str)) -> Result<(Revision, Revision), Refused> {
    let (base, head) = (end(repository, base)?, end(repository, head)?);
    let (Some(one), Some(other)) = (base.commit(), head.commit()) else {
        return Err(Refused::Use(Failure::wrong_use(
            "`A...B` asks where two commits parted, and the working tree and the index are none",
            Some(format!("`groma diff {} {}` compares the two themselves", base.name(), head.name())),
        )));
    };
    let id = repository.merge_base(one, other)?;
    let name = if id == one { base.name().to_owned() } else { format!("{}...{}", base.name(), head.name()) };
    Ok((Revision::Commit { id, name }, head))
}
