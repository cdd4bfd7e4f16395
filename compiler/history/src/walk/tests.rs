//! Histories for tests: real repositories, without a working tree.

use git2::{Oid, Repository, Signature, Time};
use std::collections::BTreeMap;
use tempfile::TempDir;

/// A repository in which commits are written without files.
pub(crate) struct History {
    _folder: TempDir,
    git: Repository,
    tip: Option<Oid>,
    seconds: i64,
}

impl History {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let git = Repository::init_bare(folder.path()).unwrap();
        Self { _folder: folder, git, tip: None, seconds: 1_780_000_000 }
    }

    pub(crate) fn git(&self) -> &Repository {
        &self.git
    }

    pub(crate) fn tip(&self) -> Oid {
        self.tip.unwrap()
    }

    /// A commit on the one before.
    pub(crate) fn commit(&mut self, message: &str, files: &BTreeMap<&str, String>) -> Oid {
        let parents: Vec<Oid> = self.tip.into_iter().collect();
        self.commit_on(&parents, message, files)
    }

    pub(crate) fn commit_on(&mut self, parents: &[Oid], message: &str, files: &BTreeMap<&str, String>) -> Oid {
        self.seconds += 3600;
        let tree = self.git.find_tree(self.tree(files)).unwrap();
        let author = Signature::new("Ada", "ada@shop.example", &Time::new(self.seconds, 0)).unwrap();
        let parents: Vec<_> = parents.iter().map(|id| self.git.find_commit(*id).unwrap()).collect();
        let parents: Vec<_> = parents.iter().collect();
        let id = self.git.commit(None, &author, &author, message, &tree, &parents).unwrap();
        self.git.reference("refs/heads/main", id, true, "").unwrap();
        self.tip = Some(id);
        id
    }

    pub(crate) fn parents(&self, commit: Oid) -> Vec<Oid> {
        self.git.find_commit(commit).unwrap().parent_ids().collect()
    }

    /// The files at the top of a commit.
    pub(crate) fn files(&self, commit: Oid) -> BTreeMap<String, Vec<u8>> {
        let tree = self.git.find_commit(commit).unwrap().tree().unwrap();
        let text = |entry: &git2::TreeEntry<'_>| self.git.find_blob(entry.id()).unwrap().content().to_vec();
        tree.iter().map(|entry| (entry.name().unwrap().to_owned(), text(&entry))).collect()
    }

    fn tree(&self, files: &BTreeMap<&str, String>) -> Oid {
        let mut builder = self.git.treebuilder(None).unwrap();
        let mut below: BTreeMap<&str, BTreeMap<&str, String>> = BTreeMap::new();
        for (path, text) in files {
            match path.split_once('/') {
                Some((folder, rest)) => {
                    below.entry(folder).or_default().insert(rest, text.clone());
                }
                None => {
                    builder.insert(path, self.git.blob(text.as_bytes()).unwrap(), 0o100_644).unwrap();
                }
            }
        }
        for (folder, files) in below {
            builder.insert(folder, self.tree(&files), 0o040_000).unwrap();
        }
        builder.write().unwrap()
    }
}
