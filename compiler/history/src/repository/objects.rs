//! The files of a commit or of the index, read out of git's own store: nothing is checked out.

use git2::{ErrorCode, Oid};
use groma_project::{MANIFEST, World};
use jiff::civil::Date;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// As many links as systems follow before they give up.
const LINKS: usize = 40;
/// Of an index entry that is announced and holds nothing yet: `git add --intent-to-add`.
const INTENT_TO_ADD: u16 = 1 << 13;
/// How the message begins where git lacks what it should hold.
pub(super) const NOT_GIVEN: &str = "git does not give it";

/// Where the names of a state lead from.
pub(super) enum Root {
    /// A commit's tree.
    Tree(Oid),
    /// The entries of an index, by path.
    Index(BTreeMap<String, Staged>),
}

/// An entry of an index.
pub(super) struct Staged {
    id: Oid,
    kind: Kind,
    /// Where a merge was not finished: what both sides come from, and the two sides.
    sides: Option<[Option<Oid>; 3]>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Link,
    Folder,
    /// Another repository: what is in it is not in this one.
    Submodule,
}

impl Kind {
    fn of(mode: u32) -> Self {
        match mode & 0o170_000 {
            0o040_000 => Kind::Folder,
            0o120_000 => Kind::Link,
            0o160_000 => Kind::Submodule,
            _ => Kind::File,
        }
    }
}

impl Root {
    /// The tree of a commit.
    pub(super) fn of_commit(git: &git2::Repository, commit: Oid) -> Result<Self, git2::Error> {
        Ok(Root::Tree(git.find_commit(commit)?.tree_id()))
    }

    /// What is staged. A hook is told by git which index is meant.
    pub(super) fn staged(git: &git2::Repository) -> Result<Self, git2::Error> {
        let index = match std::env::var_os("GIT_INDEX_FILE").and_then(|path| own_index(git, Path::new(&path))) {
            Some(path) => git2::Index::open(&path)?,
            None => git.index()?,
        };
        let mut entries = BTreeMap::new();
        for entry in index.iter().filter(|entry| entry.flags_extended & INTENT_TO_ADD == 0) {
            let Ok(path) = String::from_utf8(entry.path) else { continue };
            let kind = Kind::of(entry.mode);
            match entry.flags >> 12 & 3 {
                0 => {
                    entries.insert(path, Staged { id: entry.id, kind, sides: None });
                }
                stage => {
                    let staged = entries.entry(path).or_insert(Staged { id: entry.id, kind, sides: None });
                    staged.sides.get_or_insert_default()[usize::from(stage) - 1] = Some(entry.id);
                }
            }
        }
        Ok(Root::Index(entries))
    }
}

/// The index that the environment names, where it is one of this repository.
fn own_index(git: &git2::Repository, named: &Path) -> Option<std::path::PathBuf> {
    let path = git.workdir()?.join(named);
    let folder = path.parent()?.canonicalize().ok()?;
    (folder.starts_with(git.path().canonicalize().ok()?) && path.is_file()).then_some(path)
}

/// The files that a root leads to. Paths are relative to the repository.
pub(super) struct Objects<'g> {
    pub(super) git: &'g git2::Repository,
    pub(super) root: &'g Root,
}

impl Objects<'_> {
    /// The names in a folder, in the order of git.
    fn children(&self, folder: &str) -> io::Result<Vec<(String, Kind)>> {
        match self.root {
            Root::Tree(tree) => self.children_of_tree(*tree, folder),
            Root::Index(entries) => Ok(children_of_index(entries, folder)),
        }
    }

    fn children_of_tree(&self, tree: Oid, folder: &str) -> io::Result<Vec<(String, Kind)>> {
        let tree = match folder {
            "" => tree,
            _ => match self.entry(folder)? {
                Some((id, Kind::Folder)) => id,
                _ => return Ok(Vec::new()),
            },
        };
        let tree = self.git.find_tree(tree).map_err(|error| failed(&error))?;
        let child = |entry: git2::TreeEntry<'_>| {
            let mode = u32::try_from(entry.filemode()).unwrap_or_default();
            entry.name().ok().map(|name| (name.to_owned(), Kind::of(mode)))
        };
        Ok(tree.iter().filter_map(child).collect())
    }

    /// What stands at a path, without following links.
    fn entry(&self, path: &str) -> io::Result<Option<(Oid, Kind)>> {
        match self.root {
            Root::Tree(tree) => {
                let tree = self.git.find_tree(*tree).map_err(|error| failed(&error))?;
                match tree.get_path(Path::new(path)) {
                    Ok(entry) => {
                        let mode = u32::try_from(entry.filemode()).unwrap_or_default();
                        Ok(Some((entry.id(), Kind::of(mode))))
                    }
                    Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
                    Err(error) => Err(failed(&error)),
                }
            }
            Root::Index(entries) => match entries.get(path) {
                Some(entry) => Ok(Some((entry.id, entry.kind))),
                None if children_of_index(entries, path).is_empty() => Ok(None),
                None => Ok(Some((Oid::ZERO_SHA1, Kind::Folder))),
            },
        }
    }

    /// The bytes of a file, through links; nothing if there is none.
    pub(super) fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        if let Root::Index(entries) = self.root
            && let Some(sides) = entries.get(path).and_then(|entry| entry.sides)
        {
            return self.unfinished(sides).map(Some);
        }
        if let Some((id, Kind::File)) = self.entry(path)? {
            return self.bytes(id).map(Some);
        }
        let mut rest: VecDeque<String> = path.split('/').map(str::to_owned).collect();
        let mut done: Vec<String> = Vec::new();
        let mut links = 0;
        while let Some(name) = rest.pop_front() {
            match name.as_str() {
                "" | "." => continue,
                ".." => {
                    done.pop().ok_or_else(leads_out)?;
                    continue;
                }
                _ => done.push(name),
            }
            match self.entry(&done.join("/"))? {
                None | Some((_, Kind::Submodule)) => return Ok(None),
                Some((_, Kind::Folder)) => {}
                Some((id, Kind::File)) if rest.is_empty() => return self.bytes(id).map(Some),
                Some((_, Kind::File)) => return Ok(None),
                Some((id, Kind::Link)) => {
                    links += 1;
                    let target = String::from_utf8(self.bytes(id)?).map_err(io::Error::other)?;
                    if links > LINKS || target.starts_with('/') {
                        return Err(leads_out());
                    }
                    done.pop();
                    target.split('/').rev().for_each(|name| rest.push_front(name.to_owned()));
                }
            }
        }
        Err(io::Error::other("it is a folder"))
    }

    /// What a merge would leave in the file, with its rows of signs: so it is found to be unfinished like any other.
    fn unfinished(&self, [origin, ours, theirs]: [Option<Oid>; 3]) -> io::Result<Vec<u8>> {
        let (Some(ours), Some(theirs)) = (ours, theirs) else {
            return Err(io::Error::other(
                "one side of a merge changes it, the other deletes it, and nobody has decided",
            ));
        };
        let origin = origin.map_or(Ok(Vec::new()), |id| self.bytes(id))?;
        let texts = [origin, self.bytes(ours)?, self.bytes(theirs)?];
        let [origin, ours, theirs] = texts.each_ref().map(|bytes| {
            let mut side = git2::MergeFileInput::new();
            side.content(bytes);
            side
        });
        let mut options = git2::MergeFileOptions::new();
        options.our_label("ours").their_label("theirs");
        let merged = git2::merge_file(&origin, &ours, &theirs, Some(&mut options)).map_err(|error| failed(&error))?;
        match merged.is_automergeable() {
            false => Ok(merged.content().to_vec()),
            true => Err(io::Error::other("a merge has left both sides of it in the index: `git add` the file")),
        }
    }

    fn bytes(&self, id: Oid) -> io::Result<Vec<u8>> {
        Ok(self.git.find_blob(id).map_err(|error| failed(&error))?.content().to_vec())
    }
}

fn children_of_index(entries: &BTreeMap<String, Staged>, folder: &str) -> Vec<(String, Kind)> {
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let mut found = Vec::new();
    let mut from = prefix.clone();
    while let Some((path, entry)) = entries.range(from.clone()..).next() {
        let Some(rest) = path.strip_prefix(&prefix) else { break };
        match rest.split_once('/') {
            Some((name, _)) => {
                found.push((name.to_owned(), Kind::Folder));
                // Behind all of that folder: `0` follows `/`.
                from = format!("{prefix}{name}0");
            }
            None => {
                found.push((rest.to_owned(), entry.kind));
                from = format!("{path}\0");
            }
        }
    }
    found
}

fn failed(error: &git2::Error) -> io::Error {
    io::Error::other(format!("{NOT_GIVEN}: {}", error.message()))
}

fn leads_out() -> io::Error {
    io::Error::other("it is a link that leads out of what git holds")
}

/// Goes through all files below a folder, but for hidden folders and `target/`.
pub(super) fn walk_all(objects: &Objects<'_>, folder: &str, each: &mut dyn FnMut(&str)) -> io::Result<()> {
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    for (name, kind) in objects.children(folder)? {
        let path = format!("{prefix}{name}");
        match kind {
            Kind::Folder if is_walked(&name) => walk_all(objects, &path, each)?,
            Kind::File | Kind::Link => each(&path),
            Kind::Folder | Kind::Submodule => {}
        }
    }
    Ok(())
}

fn is_walked(folder: &str) -> bool {
    !folder.starts_with('.') && folder != "target"
}

/// A project at a commit, or in the index.
pub(super) struct GitWorld {
    /// Several threads read.
    git: Mutex<git2::Repository>,
    root: Root,
    /// The project's folder: nothing, or `some/folder/`.
    prefix: String,
}

impl GitWorld {
    pub(super) fn new(git: git2::Repository, root: Root, folder: &str) -> Self {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        Self { git: Mutex::new(git), root, prefix }
    }

    fn with<T>(&self, act: impl FnOnce(&Objects<'_>) -> io::Result<T>) -> io::Result<T> {
        let git = self.git.lock().unwrap_or_else(PoisonError::into_inner);
        act(&Objects { git: &git, root: &self.root })
    }
}

impl World for GitWorld {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.with(|objects| objects.read(&format!("{}{path}", self.prefix)))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        self.with(|objects| declarations(objects, &self.prefix, "", &mut found))?;
        found.sort();
        Ok(found)
    }

    fn files(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        let mut open = vec![folder.to_owned()];
        while let Some(folder) = open.pop() {
            for (name, kind) in self.with(|objects| objects.children(&format!("{}{folder}", self.prefix)))? {
                let path = format!("{folder}/{name}");
                match kind {
                    Kind::Folder => open.push(path),
                    Kind::File | Kind::Link => found.push(path),
                    Kind::Submodule => {}
                }
            }
        }
        found.sort();
        Ok(found)
    }

    fn today(&self) -> Date {
        jiff::Zoned::now().date()
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

/// Collects the `.groma` files as a folder on disk is walked: hidden folders, `target/`, links to folders and folders that
/// are projects of their own are left out.
fn declarations(objects: &Objects<'_>, root: &str, prefix: &str, found: &mut Vec<String>) -> io::Result<()> {
    let children = objects.children(format!("{root}{prefix}").trim_end_matches('/'))?;
    let is_file = |kind: Kind| matches!(kind, Kind::File | Kind::Link);
    if !prefix.is_empty() && children.iter().any(|(name, kind)| name == MANIFEST && is_file(*kind)) {
        return Ok(());
    }
    for (name, kind) in &children {
        match kind {
            Kind::Folder if is_walked(name) => declarations(objects, root, &format!("{prefix}{name}/"), found)?,
            Kind::File | Kind::Link if name.ends_with(".groma") => found.push(format!("{prefix}{name}")),
            _ => {}
        }
    }
    Ok(())
}
