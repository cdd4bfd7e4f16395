//! The commits that changed what a metric means.
//!
//! History is followed as git follows that of a file: a commit that means the same as one of its parents is passed over, and
//! of a merge only the side that it took the metric from is followed; where it took it from none, all sides are.

mod approved;

use crate::repository::Repository;
use crate::slice::Place;
use crate::walk::{Before, Point, Queue, State, Walk, day_of};
use git2::Oid;
use groma_model::change::{Change, Class};
use groma_model::{Diagnostic, SmolStr};
use jiff::civil::Date;

/// What is asked about a metric's history.
#[derive(Debug, Clone)]
pub struct Question {
    /// Where it begins.
    pub from: Oid,
    pub metric: SmolStr,
    /// Also what leaves all numbers as they are.
    pub all: bool,
    /// At most so many lines.
    pub most: Option<usize>,
    /// The day that classes are judged on; without it, of each commit the day it was made.
    pub on: Option<Date>,
    /// The day on which it is asked: approvals that are in no commit are judged on it.
    pub today: Date,
}

/// A metric's history, the newest first.
#[derive(Debug, Clone, Default)]
pub struct Log {
    pub lines: Vec<Line>,
    /// There are more than were asked for.
    pub more: bool,
    /// Where a shallow clone ends that the metric's history goes beyond.
    pub ends: Vec<Author>,
    /// How many commits were looked at.
    pub looked_at: usize,
}

/// A commit and what it did to the metric.
#[derive(Debug, Clone)]
pub struct Line {
    pub author: Author,
    /// The metric's name after it.
    pub name: SmolStr,
    pub what: What,
    /// The last commit before it at which the metric could be read, where that is none of its parents.
    pub since: Option<Author>,
    /// The name the metric has from there on, where it was not removed but renamed.
    pub became: Option<SmolStr>,
    /// Where the project's folder was before it was moved.
    pub moved: Option<SmolStr>,
    /// What was said about the meaning it has since.
    pub approvals: Vec<Approval>,
}

/// What somebody said about a meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The address.
    pub by: String,
    /// `council.metrics`.
    pub role: String,
    /// An approval, and no rejection.
    pub agrees: bool,
    /// Its signature, key and membership hold.
    pub counts: bool,
}

/// What a commit did.
#[derive(Debug, Clone)]
pub enum What {
    /// The metric cannot be read from here on.
    Broken,
    Introduced(Change),
    Removed(Change),
    Changed(Change),
}

/// A commit, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    pub commit: Oid,
    pub day: Date,
    pub name: String,
    pub address: String,
    /// The first line of what it says.
    pub summary: String,
}

impl Author {
    /// The author of a commit.
    ///
    /// # Errors
    /// The commit cannot be read.
    pub(crate) fn of(git: &git2::Repository, commit: Oid) -> Result<Self, git2::Error> {
        let found = git.find_commit(commit)?;
        let author = found.author();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Self {
            commit,
            day: day_of(&found),
            name: text(author.name_bytes()),
            address: text(author.email_bytes()),
            summary: found.summary_bytes().map(text).unwrap_or_default(),
        })
    }

    /// The commit, as short as people write it.
    pub fn short(&self) -> String {
        self.commit.to_string().chars().take(8).collect()
    }
}

impl Line {
    /// What changed, where the metric could be compared.
    pub fn change(&self) -> Option<&Change> {
        match &self.what {
            What::Broken => None,
            What::Introduced(change) | What::Removed(change) | What::Changed(change) => Some(change),
        }
    }
}

/// The history of a metric, from a commit on backwards.
///
/// # Errors
/// An object cannot be read.
pub fn log(repository: &Repository, question: &Question) -> Result<Log, Box<Diagnostic>> {
    let git = repository.git();
    let mut log = follow(git, repository.folder(), question).map_err(|error| unreadable(&error))?;
    approved::add(repository, question.from, question.today, &mut log)?;
    Ok(log)
}

/// The names of the metrics at a commit, for those who misspelt one.
///
/// # Errors
/// An object cannot be read.
pub fn metrics(repository: &Repository, commit: Oid) -> Result<Vec<SmolStr>, Box<Diagnostic>> {
    let mut walk = Walk::new(repository.git(), Class::Additive, None);
    walk.slices.metrics(commit, repository.folder()).map_err(|error| unreadable(&error))
}

fn follow(git: &git2::Repository, folder: &str, question: &Question) -> Result<Log, git2::Error> {
    let least = if question.all { Class::Cosmetic } else { Class::Additive };
    let mut walk = Walk::new(git, least, question.on);
    let mut queue = Queue::default();
    let place = Place { folder: folder.into(), name: question.metric.clone() };
    queue.push(git, Point { commit: question.from, place })?;
    let mut log = Log::default();
    while let Some(point) = queue.pop() {
        log.looked_at += 1;
        let lines = step(git, &mut walk, &mut queue, &point, &mut log)?;
        log.lines.extend(lines);
        if let Some(most) = question.most.filter(|most| log.lines.len() >= *most) {
            log.more = log.lines.len() > most || !queue.is_empty();
            log.lines.truncate(most);
            break;
        }
    }
    Ok(log)
}

/// Looks at a commit: what it did, and where to go on.
fn step(
    git: &git2::Repository,
    walk: &mut Walk<'_>,
    queue: &mut Queue,
    point: &Point,
    log: &mut Log,
) -> Result<Vec<Line>, git2::Error> {
    let parents = walk.parents(point.commit)?;
    let mut befores = Vec::new();
    for parent in &parents {
        let before = walk.before(point, *parent)?;
        if before.change.is_none() {
            befores = vec![before];
            break;
        }
        befores.push(before);
    }
    let mut lines = Vec::new();
    let line = |what, since, moved| -> Result<Line, git2::Error> {
        let (name, approvals) = (point.place.name.clone(), Vec::new());
        Ok(Line { author: Author::of(git, point.commit)?, name, what, since, became: None, moved, approvals })
    };
    let is_broken = walk.is_broken(point)?;
    if is_broken && !was_broken(walk, &befores)? {
        lines.push(line(What::Broken, None, None)?);
    }
    match befores.first() {
        None => {
            let state = walk.state(point)?;
            if walk.ends(point.commit) {
                log.ends.push(Author::of(git, point.commit)?);
            } else if state.slice.is_some()
                && let Some(change) = walk.first(point)?
            {
                lines.push(line(What::Introduced(change), None, None)?);
            }
        }
        Some(first) => {
            let moved = (first.point.place.folder != point.place.folder).then(|| first.point.place.folder.clone());
            if let Some(change) = &first.change {
                let since = skipped(first.was, &parents).map(|commit| Author::of(git, commit)).transpose()?;
                let mut told = line(what(first.now, first.was, change.clone()), since, moved)?;
                if matches!(told.what, What::Removed(_)) {
                    told.became = walk.became(point, &first.point)?;
                }
                lines.push(told);
            }
        }
    }
    for before in befores {
        queue.push(git, before.point)?;
    }
    Ok(lines)
}

/// Whether the metric could not be read before either.
fn was_broken(walk: &mut Walk<'_>, befores: &[Before]) -> Result<bool, git2::Error> {
    for before in befores {
        if walk.is_broken(&before.point)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The commit that was compared with instead of a parent, where that could not be read.
fn skipped(was: State, parents: &[Oid]) -> Option<Oid> {
    (!parents.contains(&was.commit)).then_some(was.commit)
}

fn what(now: State, was: State, change: Change) -> What {
    match (now.slice.is_some(), was.slice.is_some()) {
        (true, false) => What::Introduced(change),
        (false, true) => What::Removed(change),
        _ => What::Changed(change),
    }
}

/// An object that cannot be read.
pub(crate) fn unreadable(error: &git2::Error) -> Box<Diagnostic> {
    crate::repository::unreadable("an object of the metric's history", error.message())
}

#[cfg(test)]
mod tests;
