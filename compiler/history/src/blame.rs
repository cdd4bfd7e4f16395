//! Which commit gave each entry of a metric its present meaning, and which commit last changed what it is built from.
//!
//! Every entry goes back from commit to commit for as long as it says the same: by its normal form, so that another order of
//! `and` or another way of writing it does not end its way; nor does anything that leaves the metric as it was.

use crate::log::{Author, unreadable};
use crate::repository::Repository;
use crate::slice::{Place, SliceId};
use crate::walk::{Before, Point, Queue, State, Walk};
use git2::Oid;
use groma_model::change::Class;
use groma_model::governance::Exception;
use groma_model::graph::{Link, Node};
use groma_model::meaning::written;
use groma_model::meaning::{Digest, FORM, Subject, meanings};
use groma_model::schema::Kind;
use groma_model::{Diagnostic, FileId, MetricId, Model, SmolStr, Span};
use groma_project::Project;
use groma_syntax::ast::{self, Block};
use groma_syntax::parse;
use smol_str::format_smolstr;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// Who gave a metric its meaning, part by part.
#[derive(Debug, Clone, Default)]
pub struct Blame {
    /// In the order of the keys.
    pub entries: Vec<Entry>,
    /// What it is built from, by kind and name.
    pub built_from: Vec<Base>,
    /// Some of it is older than what a shallow clone holds.
    pub ends: bool,
}

/// An entry of the metric.
#[derive(Debug, Clone)]
pub struct Entry {
    /// `where`, or `raci.accountable`.
    pub key: SmolStr,
    /// As it is written now, on one line.
    pub text: String,
    pub by: Author,
}

/// A declaration that the metric is built from, and the last change of its meaning.
#[derive(Debug, Clone)]
pub struct Base {
    pub subject: Subject,
    pub by: Author,
}

/// What is followed back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Entry(SmolStr),
    Uses(Subject),
}

/// The parts of a metric at one state, each with what it says.
type Facts = Rc<BTreeMap<Part, Digest>>;

/// Who gave each part of a metric its meaning, from a commit on backwards; none where there is no such metric.
///
/// # Errors
/// An object cannot be read.
pub fn blame(repository: &Repository, from: Oid, metric: &str) -> Result<Option<Blame>, Box<Diagnostic>> {
    let place = Place { folder: repository.folder().into(), name: metric.into() };
    let point = Point { commit: from, place };
    let mut blamer = Blamer::new(repository.git());
    blamer.blame(&point).map_err(|error| unreadable(&error))
}

struct Blamer<'r> {
    git: &'r git2::Repository,
    walk: Walk<'r>,
    facts: HashMap<(SliceId, SmolStr), Facts>,
    /// Which parts have come back to a commit.
    open: HashMap<Point, BTreeSet<Part>>,
    blamed: BTreeMap<Part, Oid>,
    ends: bool,
}

impl<'r> Blamer<'r> {
    fn new(git: &'r git2::Repository) -> Self {
        Self {
            git,
            walk: Walk::new(git, Class::Descriptive, None),
            facts: HashMap::new(),
            open: HashMap::new(),
            blamed: BTreeMap::new(),
            ends: false,
        }
    }

    fn blame(&mut self, point: &Point) -> Result<Option<Blame>, git2::Error> {
        let state = self.walk.state(point)?;
        let Some(slice) = state.slice else { return Ok(None) };
        let facts = self.facts(state, &point.place.name)?;
        self.open.insert(point.clone(), facts.keys().cloned().collect());
        let mut queue = Queue::default();
        queue.push(self.git, point.clone())?;
        while let Some(point) = queue.pop() {
            let parts = self.open.remove(&point).unwrap_or_default();
            for onward in self.step(&point, parts)? {
                queue.push(self.git, onward)?;
            }
        }
        let project = self.walk.slices.project(slice)?;
        self.told(&project, &point.place.name).map(Some)
    }

    /// Hands parts on to the parents where they say the same; the rest is this commit's.
    fn step(&mut self, point: &Point, mut parts: BTreeSet<Part>) -> Result<Vec<Point>, git2::Error> {
        let mut onward = Vec::new();
        for parent in self.walk.parents(point.commit)? {
            if parts.is_empty() {
                return Ok(onward);
            }
            let before = self.walk.before(point, parent)?;
            let handed = self.handed(point, &before, &parts)?;
            parts.retain(|part| !handed.contains(part));
            if !handed.is_empty() {
                self.open.entry(before.point.clone()).or_default().extend(handed);
                onward.push(before.point);
            }
        }
        self.ends |= !parts.is_empty() && self.walk.ends(point.commit);
        self.blamed.extend(parts.into_iter().map(|part| (part, point.commit)));
        Ok(onward)
    }

    /// The parts that say the same at a parent.
    fn handed(
        &mut self,
        point: &Point,
        before: &Before,
        parts: &BTreeSet<Part>,
    ) -> Result<BTreeSet<Part>, git2::Error> {
        if before.was.slice.is_none() || before.now.slice == before.was.slice {
            return Ok(if before.was.slice.is_none() { BTreeSet::new() } else { parts.clone() });
        }
        let now = self.facts(before.now, &point.place.name)?;
        let was = self.facts(before.was, &before.point.place.name)?;
        let as_before = before.change.as_ref().is_none_or(|change| change.class == Class::Cosmetic);
        let same = |part: &&Part| match part {
            // The metric is what it was, whatever the entry is written with.
            Part::Entry(_) if as_before && was.contains_key(*part) => true,
            part => now.get(*part).is_some_and(|said| was.get(*part) == Some(said)),
        };
        Ok(parts.iter().filter(same).cloned().collect())
    }

    fn facts(&mut self, state: State, name: &SmolStr) -> Result<Facts, git2::Error> {
        let Some(slice) = state.slice else { return Ok(Facts::default()) };
        if let Some(known) = self.facts.get(&(slice, name.clone())) {
            return Ok(known.clone());
        }
        let project = self.walk.slices.project(slice)?;
        let facts: Facts = Rc::new(facts(&project, name));
        self.facts.insert((slice, name.clone()), facts.clone());
        Ok(facts)
    }

    fn told(&self, project: &Project, name: &SmolStr) -> Result<Blame, git2::Error> {
        let texts = texts(project, name);
        let mut blame = Blame { ends: self.ends, ..Blame::default() };
        for (part, commit) in &self.blamed {
            let by = Author::of(self.git, *commit)?;
            match part {
                Part::Entry(key) => {
                    let text = texts.get(key).cloned().unwrap_or_default();
                    blame.entries.push(Entry { key: key.clone(), text, by });
                }
                Part::Uses(subject) => blame.built_from.push(Base { subject: subject.clone(), by }),
            }
        }
        Ok(blame)
    }
}

/// What the parts of a metric say.
fn facts(project: &Project, name: &SmolStr) -> BTreeMap<Part, Digest> {
    let subject = (Kind::Metric, name.clone());
    let entries = written::entries(&project.model, &subject).unwrap_or_default();
    let mut facts: BTreeMap<Part, Digest> =
        entries.into_iter().map(|(key, digest)| (Part::Entry(key), digest)).collect();
    let all = meanings(FORM, &project.eras()).unwrap_or_default();
    for subject in built_from(project, name) {
        if let Some(meaning) = all.of.get(&subject) {
            facts.insert(Part::Uses(subject), meaning.direct);
        }
    }
    facts
}

/// The project's declarations that a metric is built from, through others too, in any of its versions.
fn built_from(project: &Project, name: &str) -> BTreeSet<Subject> {
    let mut found = BTreeSet::new();
    for era in project.eras() {
        let model = era.model;
        let Some(id) = model.metric_named(name) else { continue };
        let known = reached(model, id);
        let declared = known.iter().filter(|node| **node != Node::Metric(id)).filter_map(|node| {
            let header = model.header(*node);
            (!header.standard).then(|| (kind(*node), header.name.clone()))
        });
        found.extend(declared);
        let acts = |exception: &&Exception| exception.metrics.iter().any(|(on, _)| known.contains(&Node::Metric(*on)));
        let exceptions = model.exceptions.iter().filter(acts);
        found.extend(exceptions.map(|exception| (Kind::Exception, exception.header.name.clone())));
    }
    found
}

/// The metric and all that it is built from.
fn reached(model: &Model, id: MetricId) -> BTreeSet<Node> {
    let (mut known, mut open) = (BTreeSet::new(), vec![Node::Metric(id)]);
    while let Some(node) = open.pop() {
        if !known.insert(node) {
            continue;
        }
        let uses = model.graph().uses(node).into_iter().filter(|(_, link, _)| *link == Link::Uses);
        open.extend(uses.map(|(used, ..)| used));
        if let Node::Metric(metric) = node {
            open.extend(model.metric(metric).customer.map(Node::Customer));
        }
    }
    known
}

fn kind(node: Node) -> Kind {
    match node {
        Node::Source(_) => Kind::Source,
        Node::Customer(_) => Kind::Customer,
        Node::Segment(_) => Kind::Segment,
        Node::Survey(_) => Kind::Survey,
        Node::Function(_) => Kind::Function,
        Node::Window(_) => Kind::Window,
        Node::Metric(_) => Kind::Metric,
    }
}

/// What the entries of a metric are written as, on one line each.
fn texts(project: &Project, name: &str) -> BTreeMap<SmolStr, String> {
    let mut texts = BTreeMap::new();
    for file in project.declarations() {
        let parsed = parse(FileId(0), &file.text);
        let metrics = parsed.file.items.iter().filter(|item| item.kind.text == Kind::Metric.word());
        for item in metrics.filter(|item| item.name.text == name) {
            spread(&file.text, "", &item.body, &mut texts);
        }
    }
    texts
}

/// The entries of a block; those of blocks in it with their keys before them.
fn spread(text: &str, prefix: &str, block: &Block, texts: &mut BTreeMap<SmolStr, String>) {
    for entry in &block.entries {
        match entry {
            ast::Entry::Value { key, values, .. } => {
                let span = values.iter().map(|value| value.span).reduce(Span::to).unwrap_or(key.span);
                let written = text.get(span.start as usize..span.end as usize).unwrap_or_default();
                let line = written.split_whitespace().collect::<Vec<_>>().join(" ");
                texts.insert(format_smolstr!("{prefix}{}", key.text), line);
            }
            ast::Entry::Group { key, name, body, .. } => {
                let name = name.as_ref().map(|name| format!("{}.", name.text)).unwrap_or_default();
                spread(text, &format!("{prefix}{}.{name}", key.text), body, texts);
            }
        }
    }
}

#[cfg(test)]
mod tests;
