//! What somebody means by a revision, and what to say where it is none.

use super::{Repository, unreadable};
use crate::revision::{INDEX, Revision, WORKTREE};
use git2::{Commit, ErrorCode, ObjectType};
use groma_model::Diagnostic;
use groma_project::did_you_mean;
use groma_project::history::repository::{TOO_SHALLOW, UNKNOWN_REVISION};

/// What somebody means.
pub(super) fn revision(repository: &Repository, written: &str) -> Result<Revision, Box<Diagnostic>> {
    match written {
        WORKTREE | INDEX if repository.disk.is_none() => return Err(bare(written)),
        WORKTREE => return Ok(Revision::WorkingTree),
        INDEX => return Ok(Revision::Index),
        _ => {}
    }
    let object = match repository.git.revparse_ext(written) {
        Ok((object, _)) => object,
        Err(error) => return Err(not_found(repository, written, &error)),
    };
    let kind = object.kind();
    match object.peel_to_commit() {
        Ok(commit) => Ok(Revision::Commit { id: commit.id(), name: written.to_owned() }),
        Err(error) => Err(no_commit(written, kind, &error)),
    }
}

/// What only a working tree has.
pub(super) fn bare(written: &str) -> Box<Diagnostic> {
    let what = if written == INDEX { "index" } else { "working tree" };
    let finding = UNKNOWN_REVISION.finding(format!("a bare repository has no {what}, so there is no `{written}`"));
    Box::new(finding.help("name two commits: `groma diff HEAD~1 HEAD`"))
}

/// How a shallow clone gets all there is.
pub(super) fn fetch_all() -> &'static str {
    "fetch the rest: `git fetch --unshallow`; in a workflow of GitHub, `fetch-depth: 0` for actions/checkout; in a job of GitLab, \
     `GIT_DEPTH: 0`"
}

fn no_commit(written: &str, kind: Option<ObjectType>, error: &git2::Error) -> Box<Diagnostic> {
    let what = match kind {
        Some(ObjectType::Blob) => "a file",
        Some(ObjectType::Tree) => "a folder",
        Some(ObjectType::Tag) => "a tag of something that is no commit",
        _ => return unreadable(&format!("`{written}`"), error.message()),
    };
    let commit = written.split_once(':').map(|(commit, _)| commit).filter(|commit| !commit.is_empty());
    let finding = UNKNOWN_REVISION.finding(format!("`{written}` is {what}, and a project is compared at a commit"));
    Box::new(finding.help(format!("name the commit alone: `{}`", commit.unwrap_or("HEAD"))))
}

fn not_found(repository: &Repository, written: &str, error: &git2::Error) -> Box<Diagnostic> {
    let git = &repository.git;
    if !matches!(
        error.code(),
        ErrorCode::NotFound | ErrorCode::InvalidSpec | ErrorCode::Ambiguous | ErrorCode::UnbornBranch
    ) && error.class() != git2::ErrorClass::Invalid
    {
        return unreadable(&format!("`{written}`"), error.message());
    }
    if no_commit_yet(git) {
        let finding = UNKNOWN_REVISION.finding(format!("the repository has no commit yet, so there is no `{written}`"));
        return Box::new(finding.help("make the first one: `git add . && git commit`"));
    }
    let (stem, back) = steps_back(written);
    let start = back.and_then(|_| git.revparse_single(stem).ok()?.peel_to_commit().ok());
    if let (Some(back), Some(start)) = (back, start) {
        return beyond(repository, (written, stem, back), start);
    }
    if git.is_shallow() && is_id(written) {
        let finding = TOO_SHALLOW.finding(format!("this clone is shallow, and commit {written} is not in it"));
        return Box::new(finding.help(fetch_all()));
    }
    if error.code() == ErrorCode::Ambiguous {
        let finding = UNKNOWN_REVISION.finding(format!("`{written}` begins the names of several objects"));
        return Box::new(finding.help("write more of its digits"));
    }
    Box::new(unknown(git, written, stem, error))
}

/// A name that is none.
fn unknown(git: &git2::Repository, written: &str, stem: &str, error: &git2::Error) -> Diagnostic {
    let finding = UNKNOWN_REVISION.finding(match written.contains("@{") {
        true => format!("`{written}` is no commit that this repository remembers: {}", error.message()),
        false => format!("`{written}` is no commit, branch or tag of this repository"),
    });
    let known = names(git);
    let near = did_you_mean(stem, known.iter().map(String::as_str));
    let shallow = git.is_shallow().then(|| {
        let of_remote = stem.split_once('/').filter(|(remote, _)| git.find_remote(remote).is_ok());
        let fetch = match of_remote {
            Some((remote, branch)) => format!("git fetch {remote} {branch}:refs/remotes/{stem}"),
            None => format!("git fetch origin {stem}:{stem}"),
        };
        format!("this clone is shallow and may lack it: `{fetch}`, or `fetch-depth: 0` for actions/checkout")
    });
    let help: Vec<String> = near.into_iter().chain(shallow).collect();
    match help.is_empty() {
        true => finding.help("`git branch --all` and `git tag` list what there is"),
        false => finding.help(help.join("; ")),
    }
}

/// Further back than there are commits, or than were fetched.
fn beyond(repository: &Repository, asked: (&str, &str, usize), start: Commit<'_>) -> Box<Diagnostic> {
    let (written, stem, back) = asked;
    let git = &repository.git;
    let mut behind = 0;
    let mut commit = start;
    while let Ok(parent) = commit.parent(0) {
        commit = parent;
        behind += 1;
    }
    let commits = match behind + 1 {
        1 => "only `".to_owned() + stem + "` itself",
        several => format!("{several} commits of `{stem}`"),
    };
    // Of a merge, git was asked for a parent that is not there.
    if git.is_shallow() && behind < back {
        let finding =
            TOO_SHALLOW.finding(format!("this clone is shallow: it holds {commits}, and `{written}` is further back"));
        let (depth, all) = (back + 1, fetch_all());
        return Box::new(finding.help(format!("a depth of {depth} is enough: `git fetch --depth={depth}`; or {all}")));
    }
    let finding = UNKNOWN_REVISION.finding(format!("there is no `{written}`: the history holds {commits}"));
    let first = (behind > 0).then(|| format!("the first commit is `{stem}~{behind}`"));
    Box::new(first.into_iter().fold(finding, Diagnostic::help))
}

/// The name that steps are counted from, and how many there are, where `~` or `^` stands in it.
fn steps_back(written: &str) -> (&str, Option<usize>) {
    let Some(at) = written.find(['~', '^']) else { return (written, None) };
    let (stem, steps) = written.split_at(at);
    let mut count = 0_usize;
    let mut rest = steps;
    while let Some(sign) = rest.chars().next() {
        let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
        let number = rest[1..=digits].parse::<usize>();
        count = match sign {
            '~' => count.saturating_add(number.unwrap_or(1)),
            '^' if rest.starts_with("^{") => return (stem, None),
            '^' => count.saturating_add(1),
            _ => return (stem, None),
        };
        rest = &rest[1 + digits..];
    }
    (if stem.is_empty() { "HEAD" } else { stem }, Some(count))
}

fn is_id(written: &str) -> bool {
    (4..=64).contains(&written.len()) && written.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn no_commit_yet(git: &git2::Repository) -> bool {
    git.head().is_err() && git.references().is_ok_and(|mut references| references.next().is_none())
}

/// The names of all branches and tags, as people write them.
fn names(git: &git2::Repository) -> Vec<String> {
    let mut names: Vec<String> = ["HEAD", INDEX, WORKTREE].map(str::to_owned).into();
    let references = git.references().into_iter().flatten().flatten();
    let wanted = references.filter(|one| one.is_branch() || one.is_remote() || one.is_tag());
    names.extend(wanted.filter_map(|one| one.shorthand().ok().map(str::to_owned)));
    names
}
