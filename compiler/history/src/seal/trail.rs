//! What git says of locks: since the commit that added one, it may only be restated.

use super::lock::{FOLDER, Lock, Placed, path};
use crate::repository::{Repository, short, unreadable};
use git2::{Commit, Oid, Sort, Tree};
use groma_model::Diagnostic;
use groma_project::history::freeze::LOCK_EDITED;
use groma_syntax::{SourceMap, Span};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The texts that each lock had, in commits up to a tip.
#[derive(Debug, Default)]
pub struct Trail {
    /// By path, relative to the project.
    locks: BTreeMap<String, Known>,
}

/// What is known of one lock.
#[derive(Debug, Default)]
struct Known {
    /// The texts that `groma freeze` may have written, by digest.
    sound: BTreeMap<String, Sound>,
    /// The newest commit that wrote something else, or took it away.
    wrong: Option<Oid>,
    /// The newest commit that wrote it, whatever.
    last: Option<Oid>,
    /// The digest at the tip; none where it is not there or is no lock.
    at_tip: Option<String>,
    /// It is there at the tip.
    is_there: bool,
}

#[derive(Debug)]
struct Sound {
    lock: Lock,
    commit: Oid,
    /// It was restated afterwards.
    restated: bool,
}

/// The locks of one commit: their blobs by name.
type Blobs = BTreeMap<String, Oid>;

impl Trail {
    /// Walks from a commit back to the first one.
    ///
    /// # Errors
    /// The objects cannot be read.
    pub fn of(repository: &Repository, tip: Oid) -> Result<Self, Box<Diagnostic>> {
        let walked = Walk { git: repository.git(), folder: folder(repository), trees: HashMap::new() }.trail(tip);
        walked.map_err(|error| unreadable("the commits that wrote locks", error.message()))
    }

    /// The commit that last wrote a lock.
    pub fn written_by(&self, path: &str) -> Option<Oid> {
        self.locks.get(path).and_then(|known| known.last)
    }

    /// Whether the tip has a lock with the same seals as this one.
    pub fn has(&self, path: &str, lock: &Lock) -> bool {
        self.locks.get(path).is_some_and(|known| known.at_tip.as_deref() == Some(lock.digest.as_str()))
    }

    /// What is wrong with the locks as they are now. `unread` are the paths of those that are there and cannot be read.
    pub fn findings(&self, now: &[Placed], unread: &BTreeSet<String>, sources: &SourceMap) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for placed in now {
            let Some(known) = self.locks.get(&placed.path) else { continue };
            if !known.allows(&placed.lock) {
                let text = &sources.file(placed.file).text;
                let line = Span::new(placed.file, 0, text.lines().next().map_or(0, str::len));
                found.push(edited(placed, known).at(line, "not what was sealed"));
            }
        }
        for (path, known) in &self.locks {
            let there = unread.contains(path) || now.iter().any(|placed| placed.path == *path);
            if !there && !known.sound.is_empty() {
                found.push(removed(path, known));
            }
        }
        found
    }
}

impl Known {
    /// Whether a lock is the newest that was sealed, or one that restates it.
    fn allows(&self, lock: &Lock) -> bool {
        let newest = |sound: &&Sound| !sound.restated;
        match self.sound.get(&lock.digest) {
            Some(sound) => !sound.restated,
            None => {
                self.sound.is_empty() || self.sound.values().filter(newest).any(|sound| restates(&sound.lock, lock))
            }
        }
    }

    /// Takes note of what a commit wrote.
    fn note(&mut self, lock: Option<Lock>, commit: Oid) {
        self.last = Some(commit);
        let Some(lock) = lock else {
            self.wrong = Some(commit);
            return;
        };
        if self.sound.contains_key(&lock.digest) {
            return;
        }
        let is_first = self.sound.is_empty();
        match self.sound.values_mut().find(|sound| restates(&sound.lock, &lock)) {
            Some(before) => before.restated = true,
            None if is_first => {}
            None => {
                self.wrong = Some(commit);
                return;
            }
        }
        self.sound.insert(lock.digest.clone(), Sound { lock, commit, restated: false });
    }

    /// The newest commit that wrote it as it may be.
    fn newest(&self) -> Option<&Sound> {
        self.sound.values().filter(|sound| !sound.restated).max_by_key(|sound| sound.lock.restatements.len())
    }
}

/// Whether the second lock only adds restatements to the first, and replaces no seal but theirs.
fn restates(first: &Lock, second: &Lock) -> bool {
    let added = match second.restatements.strip_prefix(first.restatements.as_slice()) {
        Some(added) if !added.is_empty() => added,
        _ => return false,
    };
    let same_metrics = first.metrics.keys().eq(second.metrics.keys());
    let each = first.metrics.iter().zip(second.metrics.values()).all(|((name, old), new)| {
        let mut chain = added.iter().filter(|one| one.metric == *name).peekable();
        if chain.peek().is_none() {
            return old.meaning == new.meaning && old.version == new.version && old.weight == new.weight;
        }
        let mut meaning = &old.meaning;
        for link in chain {
            if link.from != *meaning {
                return false;
            }
            meaning = &link.to;
        }
        *meaning == new.meaning
    });
    let known = added.iter().all(|one| first.metrics.contains_key(&one.metric));
    same_metrics && each && known && first.period == second.period && first.form == second.form
}

fn edited(placed: &Placed, known: &Known) -> Diagnostic {
    let path = &placed.path;
    let by = match known.wrong {
        Some(commit) if known.at_tip.as_deref() == Some(placed.lock.digest.as_str()) => {
            format!("commit {} changed it", short(commit))
        }
        _ => "it was changed since, and that is in no commit".to_owned(),
    };
    let sealed = known.newest().map(|sound| format!(" by commit {}", short(sound.commit))).unwrap_or_default();
    let back = known.newest().map_or_else(|| "HEAD".to_owned(), |sound| short(sound.commit));
    LOCK_EDITED.finding(format!("{path} is not what was sealed{sealed}: {by}, and not by a restatement")).help(format!(
        "bring it back: `git checkout {back} -- {path}`; a sealed meaning that must change is restated: `groma freeze {} \
         --restate EXCEPTION`",
        placed.lock.period.name
    ))
}

fn removed(path: &str, known: &Known) -> Diagnostic {
    let sealed = known.newest().map(|sound| short(sound.commit)).unwrap_or_default();
    let by = match (known.is_there, known.wrong) {
        (false, Some(commit)) => format!("commit {} took it away", short(commit)),
        _ => "the file is no longer there".to_owned(),
    };
    LOCK_EDITED
        .finding(format!("{path} was sealed by commit {sealed}, and {by}: nothing guards the period any more"))
        .help(format!("bring it back: `git checkout {sealed} -- {path}`"))
}

/// Reading commits.
struct Walk<'g> {
    git: &'g git2::Repository,
    /// The folder of locks in the repository.
    folder: String,
    /// Of each commit that was looked at.
    trees: HashMap<Oid, Option<Oid>>,
}

impl Walk<'_> {
    fn trail(mut self, tip: Oid) -> Result<Trail, git2::Error> {
        let mut walk = self.git.revwalk()?;
        walk.push(tip)?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE)?;
        let mut trail = Trail::default();
        for id in walk {
            let commit = self.git.find_commit(id?)?;
            self.note(&commit, &mut trail)?;
        }
        for (name, blob) in self.blobs(tip)? {
            let known = trail.locks.entry(name.clone()).or_default();
            known.is_there = true;
            known.at_tip = self.lock(&name, blob).map(|lock| lock.digest);
        }
        Ok(trail)
    }

    /// Notes the locks that a commit wrote: those that are as in none of its parents.
    fn note(&mut self, commit: &Commit<'_>, trail: &mut Trail) -> Result<(), git2::Error> {
        let own = self.tree(commit.id())?;
        let mut parents = Vec::new();
        // A shallow clone knows the names of parents that it has not.
        for parent in commit.parent_ids().filter(|parent| self.git.find_commit(*parent).is_ok()) {
            parents.push((parent, self.tree(parent)?));
        }
        if parents.iter().any(|(_, tree)| *tree == own) || (parents.is_empty() && own.is_none()) {
            return Ok(());
        }
        let own = self.blobs(commit.id())?;
        let parents: Vec<Blobs> = parents.iter().map(|(id, _)| self.blobs(*id)).collect::<Result<_, _>>()?;
        let names: BTreeSet<&String> = own.keys().chain(parents.iter().flat_map(BTreeMap::keys)).collect();
        for name in names {
            let blob = own.get(name);
            if parents.iter().any(|parent| parent.get(name) == blob) {
                continue;
            }
            let lock = blob.and_then(|blob| self.lock(name, *blob));
            trail.locks.entry(name.clone()).or_default().note(lock, commit.id());
        }
        Ok(())
    }

    /// The tree of locks in a commit.
    fn tree(&mut self, commit: Oid) -> Result<Option<Oid>, git2::Error> {
        if let Some(known) = self.trees.get(&commit) {
            return Ok(*known);
        }
        let tree = self.git.find_commit(commit)?.tree()?;
        let found = tree.get_path(self.folder.as_ref()).ok().map(|entry| entry.id());
        self.trees.insert(commit, found);
        Ok(found)
    }

    fn blobs(&mut self, commit: Oid) -> Result<Blobs, git2::Error> {
        let Some(id) = self.tree(commit)? else { return Ok(Blobs::new()) };
        let Ok(tree) = self.git.find_tree(id) else { return Ok(Blobs::new()) };
        Ok(locks_in(&tree))
    }

    fn lock(&self, path: &str, blob: Oid) -> Option<Lock> {
        let blob = self.git.find_blob(blob).ok()?;
        Lock::read(path, &String::from_utf8_lossy(blob.content())).ok()
    }
}

fn locks_in(tree: &Tree<'_>) -> Blobs {
    let lock = |entry: git2::TreeEntry<'_>| {
        let name = entry.name().ok()?.strip_suffix(".lock")?.to_owned();
        Some((path(&name), entry.id()))
    };
    tree.iter().filter_map(lock).collect()
}

/// Where a repository holds the locks of the project.
fn folder(repository: &Repository) -> String {
    match repository.folder() {
        "" => FOLDER.to_owned(),
        folder => format!("{folder}/{FOLDER}"),
    }
}
