//! From a commit to those before it: what a metric was there, and whether it meant the same.

use crate::slice::{Found, Place, SliceId, Slices, side};
use git2::{Commit, Oid};
use groma_model::SmolStr;
use groma_model::change::{Change, Class, compare};
use groma_model::schema::Kind;
use groma_project::{MemoryWorld, Project, compile};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::rc::Rc;

/// A commit, and the metric as it was called there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Point {
    pub(crate) commit: Oid,
    pub(crate) place: Place,
}

/// A metric at the last commit that could be read: that one, or one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) commit: Oid,
    /// None where there was no such metric.
    pub(crate) slice: Option<SliceId>,
    /// Nothing could be read as far back as a shallow clone reaches.
    pub(crate) unknown: bool,
}

/// Goes through commits, those with the latest times first.
#[derive(Default)]
pub(crate) struct Queue {
    heap: BinaryHeap<Waiting>,
    known: HashSet<Point>,
}

struct Waiting {
    seconds: i64,
    /// Of commits of one second, the one that was met first goes first.
    order: usize,
    point: Point,
}

/// What is known of a repository's commits and the metrics at them.
pub(crate) struct Walk<'r> {
    git: &'r git2::Repository,
    pub(crate) slices: Slices<'r>,
    /// The least class that counts as a change.
    least: Class,
    /// The day that classes are judged on; of each commit its own day, where none is given.
    on: Option<Date>,
    /// Commits whose parents are not in a shallow clone.
    shallow: HashSet<Oid>,
    states: HashMap<Point, State>,
}

impl Queue {
    pub(crate) fn push(&mut self, git: &git2::Repository, point: Point) -> Result<(), git2::Error> {
        if self.known.insert(point.clone()) {
            let seconds = git.find_commit(point.commit)?.time().seconds();
            self.heap.push(Waiting { seconds, order: self.known.len(), point });
        }
        Ok(())
    }

    pub(crate) fn pop(&mut self) -> Option<Point> {
        self.heap.pop().map(|waiting| waiting.point)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.seconds.cmp(&other.seconds).then(other.order.cmp(&self.order))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Waiting {}

impl<'r> Walk<'r> {
    pub(crate) fn new(git: &'r git2::Repository, least: Class, on: Option<Date>) -> Self {
        let listed = std::fs::read_to_string(git.commondir().join("shallow")).unwrap_or_default();
        let shallow = listed.lines().filter_map(|line| line.trim().parse().ok()).collect();
        let slices = Slices::new(git, least == Class::Cosmetic);
        Self { git, slices, least, on, shallow, states: HashMap::new() }
    }

    /// The commits before a commit that are there; none where a shallow clone ends.
    pub(crate) fn parents(&self, commit: Oid) -> Result<Vec<Oid>, git2::Error> {
        if self.shallow.contains(&commit) {
            return Ok(Vec::new());
        }
        Ok(self.git.find_commit(commit)?.parent_ids().collect())
    }

    /// Whether a shallow clone ends here.
    pub(crate) fn ends(&self, commit: Oid) -> bool {
        self.shallow.contains(&commit)
    }

    /// Whether the metric may be there, and cannot be read.
    pub(crate) fn is_broken(&mut self, point: &Point) -> Result<bool, git2::Error> {
        Ok(self.slices.at(point.commit, &point.place)? == Found::Broken)
    }

    /// The metric at a commit, or at the last one before it that could be read.
    pub(crate) fn state(&mut self, point: &Point) -> Result<State, git2::Error> {
        let mut passed = Vec::new();
        let mut at = point.clone();
        let state = loop {
            if let Some(known) = self.states.get(&at) {
                break *known;
            }
            let state = match self.slices.at(at.commit, &at.place)? {
                Found::Absent => Some(State { commit: at.commit, slice: None, unknown: false }),
                Found::There(slice) => Some(State { commit: at.commit, slice: Some(slice), unknown: false }),
                Found::Broken => None,
            };
            passed.push(at.clone());
            if let Some(state) = state {
                break state;
            }
            match self.parents(at.commit)?.first() {
                Some(parent) => at.commit = *parent,
                None => break State { commit: at.commit, slice: None, unknown: self.ends(at.commit) },
            }
        };
        self.states.extend(passed.into_iter().map(|passed| (passed, state)));
        Ok(state)
    }

    /// The metric at a parent: under another name, or in another folder, where it was renamed or moved.
    pub(crate) fn before(&mut self, point: &Point, parent: Oid) -> Result<Before, git2::Error> {
        let mut earlier = Point { commit: parent, place: point.place.clone() };
        let now = self.state(point)?;
        let mut was = self.state(&earlier)?;
        let mut renamed = None;
        if now.slice.is_some() && was.slice.is_none() && !was.unknown && !self.is_broken(point)? {
            let folder = self.slices.moved_from(point.commit, parent)?;
            if let Some(folder) = folder {
                earlier.place.folder = folder;
                was = self.state(&earlier)?;
            }
            if was.slice.is_none() {
                renamed = self.renamed(point, &earlier)?;
                if let Some(name) = renamed.as_ref().and_then(|change| change.was.clone()) {
                    earlier.place.name = name;
                    was = self.state(&earlier)?;
                }
            }
        }
        let change = match renamed {
            Some(change) => Some(change),
            None => self.change(point, now, was)?,
        };
        Ok(Before { point: earlier, now, was, change })
    }

    /// What two states of one metric differ in; none where it is less than what counts.
    fn change(&mut self, point: &Point, now: State, was: State) -> Result<Option<Change>, git2::Error> {
        if now.slice == was.slice || was.unknown {
            return Ok(None);
        }
        let (base, head) = (self.project(was)?, self.project(now)?);
        let today = self.day(point.commit)?;
        let subject = (Kind::Metric, point.place.name.clone());
        let changes = compare(&side(&base), &side(&head), today);
        let change = changes.into_iter().find(|change| change.subject == subject);
        let appears = now.slice.is_some() != was.slice.is_some();
        let least = self.least;
        Ok(match change {
            Some(change) if appears || change.class >= least => Some(change),
            None if appears => Some(appeared(subject, now.slice.is_some())),
            _ => None,
        })
    }

    /// What there was to say when the metric was there for the first time.
    pub(crate) fn first(&mut self, point: &Point) -> Result<Option<Change>, git2::Error> {
        let now = self.state(point)?;
        self.change(point, now, State { commit: now.commit, slice: None, unknown: false })
    }

    fn project(&mut self, state: State) -> Result<Rc<Project>, git2::Error> {
        match state.slice {
            Some(slice) => self.slices.project(slice),
            None => Ok(Rc::new(compile(&MemoryWorld::default()))),
        }
    }

    /// The change that gave a metric its name, where it had another one before.
    fn renamed(&mut self, point: &Point, earlier: &Point) -> Result<Option<Change>, git2::Error> {
        let head = self.slices.whole(point.commit, &point.place.folder)?;
        let base = self.slices.whole(earlier.commit, &earlier.place.folder)?;
        let subject = (Kind::Metric, point.place.name.clone());
        let changes = compare(&side(&base), &side(&head), self.day(point.commit)?);
        Ok(changes.into_iter().find(|change| change.subject == subject && change.was.is_some()))
    }

    /// The name that a metric has since a commit, where it was not removed but renamed.
    pub(crate) fn became(&mut self, point: &Point, earlier: &Point) -> Result<Option<SmolStr>, git2::Error> {
        let head = self.slices.whole(point.commit, &point.place.folder)?;
        let base = self.slices.whole(earlier.commit, &earlier.place.folder)?;
        let changes = compare(&side(&base), &side(&head), self.day(point.commit)?);
        let renamed =
            |change: &Change| change.subject.0 == Kind::Metric && change.was.as_ref() == Some(&earlier.place.name);
        Ok(changes.into_iter().find(renamed).map(|change| change.subject.1))
    }

    /// The day on which a commit is judged.
    fn day(&self, commit: Oid) -> Result<Date, git2::Error> {
        match self.on {
            Some(day) => Ok(day),
            None => Ok(day_of(&self.git.find_commit(commit)?)),
        }
    }
}

/// A metric at a parent, and what changed since.
pub(crate) struct Before {
    pub(crate) point: Point,
    pub(crate) now: State,
    pub(crate) was: State,
    pub(crate) change: Option<Change>,
}

/// A metric that is there, or is not, with nothing more to say.
fn appeared(subject: (Kind, SmolStr), there: bool) -> Change {
    Change {
        subject,
        was: None,
        class: if there { Class::Additive } else { Class::Removing },
        direct: true,
        through: Vec::new(),
        since: None,
        parts: Vec::new(),
        undecided: Vec::new(),
        before: None,
        after: None,
        downstream: Vec::new(),
        span: None,
    }
}

/// The day a commit was made, where it was made.
pub(crate) fn day_of(commit: &Commit<'_>) -> Date {
    let time = commit.time();
    let offset = Offset::from_seconds(time.offset_minutes() * 60).unwrap_or(Offset::UTC);
    let zone = TimeZone::fixed(offset);
    Timestamp::from_second(time.seconds()).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone).date()
}

#[cfg(test)]
pub(crate) mod tests;
