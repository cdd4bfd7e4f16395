//! Whose words a change is: the authors of the commits that touched the declaration, and whoever works here now.
//!
//! What a declaration says is compared commit by commit as a tree, so formatting, comments and moves between files are
//! nobody's. A merge is its author's only in what it takes from none of its parents. `.mailmap` is not asked: it may be part
//! of the change.

use super::verify::address;
use super::{ALLOWED_SIGNERS, head, in_repository, place};
use crate::comparison::State;
use crate::repository::{Repository, unreadable};
use crate::revision::Revision;
use git2::{DiffOptions, Oid, Tree};
use groma_model::change::Change;
use groma_model::schema::Kind;
use groma_model::{Diagnostic, FileId, SmolStr, SourceMap, Span};
use groma_project::{MANIFEST, World};
use groma_syntax::ast::{Item, same_item};
use groma_syntax::parse;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The name of the file of signers among what belongs to the project.
const SIGNERS: &str = "signers";

/// A declaration by the word that begins it and its name. The manifest is one too.
type Key = (SmolStr, SmolStr);

/// The authors of what lies between two states.
pub(crate) struct Authors<'s> {
    deeds: Vec<Deed>,
    /// The texts of the head.
    sources: &'s SourceMap,
}

/// What one commit, or the working tree, says otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deed {
    /// In small letters; empty where git does not know it.
    pub(crate) address: SmolStr,
    /// None for what is not committed.
    pub(crate) commit: Option<Oid>,
    pub(crate) time: Option<Timestamp>,
    touched: BTreeSet<Key>,
}

/// The declarations of some files, by their keys.
type Items = BTreeMap<Key, Item>;

impl<'s> Authors<'s> {
    /// Reads who did what between two states. Where the first is no commit, nothing is known. `sources` are the texts of the
    /// head.
    pub(crate) fn between(
        repository: &Repository,
        base: &State,
        head_state: &State,
        sources: &'s SourceMap,
    ) -> Result<Self, Box<Diagnostic>> {
        let tip = head_state.revision.commit().or_else(|| head(repository));
        let mut deeds = Vec::new();
        if let (Some(base), Some(tip)) = (base.revision.commit(), tip) {
            deeds = committed(repository, base, tip)
                .map_err(|error| unreadable("the commits of the change", error.message()))?;
        }
        if let (Some(tip), true) = (tip, head_state.revision.commit().is_none()) {
            let name = "HEAD".to_owned();
            let before = repository.world(&Revision::Commit { id: tip, name })?;
            let after = repository.world(&head_state.revision)?;
            let touched = worked(&*before, &*after);
            if !touched.is_empty() {
                deeds.push(Deed { address: own_address(repository), commit: None, time: None, touched });
            }
        }
        Ok(Self { deeds, sources })
    }

    /// Nobody, where nobody is asked for.
    pub(crate) fn unread(sources: &'s SourceMap) -> Self {
        Self { deeds: Vec::new(), sources }
    }

    /// Whose a change is.
    pub(crate) fn of(&self, change: &Change) -> Vec<&Deed> {
        let mut keys = BTreeSet::new();
        let mut add = |kind: Kind, name: &SmolStr| {
            let manifest = kind == Kind::Project && name != SIGNERS;
            keys.insert(if manifest { manifest_key() } else { (SmolStr::new_static(kind.word()), name.clone()) });
        };
        let (kind, name) = &change.subject;
        if change.direct || change.through.is_empty() {
            add(*kind, name);
            if let Some(was) = &change.was {
                add(*kind, was);
            }
        }
        for (kind, name) in change.through.iter().filter_map(|way| way.last()) {
            add(*kind, name);
        }
        // The place of what is gone is in the base.
        if let (Some(span), Some(_), true) = (change.span, change.after, change.direct) {
            keys.extend(around(self.sources, span));
        }
        let did: Vec<&Deed> = self.deeds.iter().filter(|deed| !deed.touched.is_disjoint(&keys)).collect();
        // Something must have changed it: where it is not known what, everybody may have.
        if did.is_empty() { self.deeds.iter().collect() } else { did }
    }
}

fn signers_key() -> Key {
    (SmolStr::new_static("project"), SmolStr::new_static(SIGNERS))
}

fn manifest_key() -> Key {
    (SmolStr::new_static("project"), SmolStr::new_static(MANIFEST))
}

/// The declaration that a place is in: a metric may stand within a survey.
fn around(sources: &SourceMap, span: Span) -> Option<Key> {
    let text = &sources.files().find(|(id, _)| *id == span.file)?.1.text;
    let items = parse(FileId(0), text).file.items;
    let item = items.into_iter().find(|item| item.span.start <= span.start && span.end <= item.span.end)?;
    Some(key(&item))
}

fn key(item: &Item) -> Key {
    (item.kind.text.clone(), item.name.text.clone())
}

/// Whom git takes for the author of what is done here: in small letters, empty where it is not said.
pub(crate) fn own_address(repository: &Repository) -> SmolStr {
    let told = std::env::var("GIT_AUTHOR_EMAIL").ok().filter(|told| !told.is_empty());
    let configured = || repository.git().config().ok()?.snapshot().ok()?.get_string("user.email").ok();
    address(&told.or_else(configured).unwrap_or_default())
}

/// What each commit did, of those that lead from one to another.
fn committed(repository: &Repository, base: Oid, tip: Oid) -> Result<Vec<Deed>, git2::Error> {
    let git = repository.git();
    let mut walk = git.revwalk()?;
    walk.push(tip)?;
    walk.hide(base)?;
    let mut deeds = Vec::new();
    for id in walk {
        let commit = git.find_commit(id?)?;
        let tree = commit.tree()?;
        let mut touched: Option<BTreeSet<Key>> = None;
        for parent in commit.parents() {
            let found = between(repository, Some(&parent.tree()?), &tree)?;
            // What a merge took as it is from one of its parents is not its author's.
            touched = Some(touched.map_or(found.clone(), |touched| touched.intersection(&found).cloned().collect()));
        }
        let touched = match touched {
            Some(touched) => touched,
            None => between(repository, None, &tree)?,
        };
        if !touched.is_empty() {
            let author = String::from_utf8_lossy(commit.author().email_bytes()).into_owned();
            let time = Some(place::time(&commit));
            deeds.push(Deed { address: address(&author), commit: Some(commit.id()), time, touched });
        }
    }
    Ok(deeds)
}

/// What one tree declares otherwise than another.
fn between(repository: &Repository, before: Option<&Tree<'_>>, after: &Tree<'_>) -> Result<BTreeSet<Key>, git2::Error> {
    let git = repository.git();
    let mut options = DiffOptions::new();
    options.disable_pathspec_match(true);
    if !repository.folder().is_empty() {
        options.pathspec(repository.folder());
    }
    let diff = git.diff_tree_to_tree(before, Some(after), Some(&mut options))?;
    let (mut old, mut new) = (Items::new(), Items::new());
    let mut touched = BTreeSet::new();
    let files = [
        (in_repository(repository, MANIFEST), manifest_key()),
        (in_repository(repository, ALLOWED_SIGNERS), signers_key()),
    ];
    for delta in diff.deltas() {
        for (side, items) in [(delta.old_file(), &mut old), (delta.new_file(), &mut new)] {
            let path = side.path_bytes().map(|path| String::from_utf8_lossy(path).into_owned()).unwrap_or_default();
            touched.extend(files.iter().filter(|(file, _)| *file == path).map(|(_, key)| key.clone()));
            if path.ends_with(".groma")
                && let Ok(blob) = git.find_blob(side.id())
            {
                read(blob.content(), items);
            }
        }
    }
    touched.extend(different(&old, &new));
    Ok(touched)
}

/// What is declared otherwise in files than in their last commit.
fn worked(before: &dyn World, after: &dyn World) -> BTreeSet<Key> {
    let (mut old, mut new) = (Items::new(), Items::new());
    let list = |world: &dyn World| world.list().unwrap_or_default();
    let paths: BTreeSet<String> = list(before).into_iter().chain(list(after)).collect();
    for path in &paths {
        let content = |world: &dyn World| world.read(path).ok().flatten().unwrap_or_default();
        let (was, is) = (content(before), content(after));
        if was != is {
            read(&was, &mut old);
            read(&is, &mut new);
        }
    }
    let mut touched = different(&old, &new);
    for (path, key) in [(MANIFEST, manifest_key()), (ALLOWED_SIGNERS, signers_key())] {
        let content = |world: &dyn World| world.read(path).ok().flatten();
        touched.extend((content(before) != content(after)).then_some(key));
    }
    touched
}

fn read(bytes: &[u8], items: &mut Items) {
    let text = String::from_utf8_lossy(bytes);
    items.extend(parse(FileId(0), &text).file.items.into_iter().map(|item| (key(&item), item)));
}

/// The declarations of which only one side has one, or both have different ones.
fn different(old: &Items, new: &Items) -> BTreeSet<Key> {
    let same = |key: &Key| match (old.get(key), new.get(key)) {
        (Some(one), Some(other)) => same_item(one, other),
        _ => false,
    };
    old.keys().chain(new.keys()).filter(|key| !same(key)).cloned().collect()
}
