//! Where in the order of commits a file got what stands in it.
//!
//! What a statement says of its own time proves nothing. The commit that added it has a date too, and commits before it, whose
//! dates it cannot be older than, whoever wrote it there.

use crate::repository::unreadable;
use git2::{Oid, Repository, Sort};
use groma_model::Diagnostic;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The place of a file in the order of commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The commit that added it as it is.
    pub commit: Oid,
    /// When that was committed, as the commit says.
    pub time: Timestamp,
    /// The latest date of the commits before it.
    pub before: Option<Timestamp>,
}

/// The places of files, each given by its path in the repository and its content there at the head.
pub(super) fn places(
    git: &Repository,
    head: Oid,
    files: &[(String, Oid)],
) -> Result<Vec<Option<Place>>, Box<Diagnostic>> {
    let mut found: Vec<Vec<Oid>> = vec![Vec::new(); files.len()];
    let mut seen = Vec::new();
    let failed = |error: git2::Error| unreadable("the commits before HEAD", error.message());
    if !files.is_empty() {
        let mut walk = git.revwalk().map_err(failed)?;
        walk.set_sorting(Sort::TOPOLOGICAL).map_err(failed)?;
        walk.push(head).map_err(failed)?;
        // The files that are known to stand in a commit as they do at the head.
        let mut carried = BTreeMap::from([(head, (0..files.len()).collect::<Vec<_>>())]);
        for id in walk {
            if carried.is_empty() {
                break;
            }
            let commit = git.find_commit(id.map_err(failed)?).map_err(failed)?;
            seen.push((commit.id(), time(&commit), commit.parent_ids().collect::<Vec<_>>()));
            let Some(mut here) = carried.remove(&commit.id()) else { continue };
            let mut added = here.clone();
            // Beyond what a shallow clone holds there is no parent.
            for parent in commit.parents() {
                let tree = parent.tree().map_err(failed)?;
                let same = |at: &usize| {
                    files.get(*at).is_some_and(|(path, content)| content_at(&tree, path) == Some(*content))
                };
                let kept: Vec<usize> = here.iter().copied().filter(same).collect();
                added.retain(|at| !kept.contains(at));
                if !kept.is_empty() {
                    let there = carried.entry(parent.id()).or_default();
                    there.extend(kept);
                    there.sort_unstable();
                    there.dedup();
                }
            }
            here.clear();
            for at in added {
                if let Some(commits) = found.get_mut(at) {
                    commits.push(commit.id());
                }
            }
        }
    }
    let before = before(git, &seen);
    let place = |id: &Oid| {
        let (time, before) = before.get(id)?;
        Some(Place { commit: *id, time: *time, before: *before })
    };
    // Where two branches added the same file, the first one counts.
    Ok(found.iter().map(|commits| commits.iter().filter_map(place).min_by_key(|place| place.time)).collect())
}

/// For each commit its own date, and the latest of those before it; the commits come with their children first.
fn before(git: &Repository, seen: &[(Oid, Timestamp, Vec<Oid>)]) -> BTreeMap<Oid, (Timestamp, Option<Timestamp>)> {
    let mut known: BTreeMap<Oid, (Timestamp, Option<Timestamp>)> = BTreeMap::new();
    for (id, own, parents) in seen.iter().rev() {
        let latest = |parent: &Oid| match known.get(parent) {
            Some((time, before)) => Some((*time).max(before.unwrap_or(*time))),
            None => git.find_commit(*parent).ok().map(|commit| time(&commit)),
        };
        let before = parents.iter().filter_map(latest).max();
        known.insert(*id, (*own, before));
    }
    known
}

/// When a commit was committed.
pub(crate) fn time(commit: &git2::Commit<'_>) -> Timestamp {
    Timestamp::from_second(commit.time().seconds()).unwrap_or_default()
}

/// The content of a file in a tree.
pub(crate) fn content_at(tree: &git2::Tree<'_>, path: &str) -> Option<Oid> {
    tree.get_path(std::path::Path::new(path)).ok().map(|entry| entry.id())
}
