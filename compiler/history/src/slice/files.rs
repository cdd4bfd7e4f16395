//! Which files a project has at a commit, read once for each tree.

use git2::{ObjectType, Oid, Repository, Tree};
use groma_model::FileId;
use groma_project::{MANIFEST, Manifest};
use std::collections::HashMap;
use std::rc::Rc;

/// A file: its path within the project, and its content.
pub(super) type File = (Rc<str>, Oid);

/// The project's files at a commit.
#[derive(Clone)]
pub(super) struct Listing {
    pub(super) manifest: Oid,
    /// The `.groma` files that the manifest's paths hold, sorted.
    pub(super) files: Rc<Vec<File>>,
}

/// All trees and manifests that were read.
#[derive(Default)]
pub(super) struct Files {
    /// Folders below a project's: their files, by their path within the folder.
    folders: HashMap<Oid, Rc<Vec<(String, Oid)>>>,
    manifests: HashMap<Oid, Rc<(Manifest, bool)>>,
    projects: HashMap<Oid, Option<Listing>>,
}

impl Files {
    /// The project whose folder is this tree; none where it holds no manifest.
    pub(super) fn project(&mut self, git: &Repository, tree: Oid) -> Result<Option<Listing>, git2::Error> {
        if let Some(known) = self.projects.get(&tree) {
            return Ok(known.clone());
        }
        let read = git.find_tree(tree)?;
        let manifest = read.get_name(MANIFEST).filter(|entry| entry.kind() == Some(ObjectType::Blob));
        let listing = match manifest.map(|entry| entry.id()) {
            None => None,
            Some(manifest) => {
                let mut found = Vec::new();
                self.collect(git, &read, "", &mut found)?;
                let (paths, _) = &*self.manifest(git, manifest)?;
                found.retain(|(path, _)| {
                    paths.paths.is_empty() || paths.paths.iter().any(|searched| searched.holds(path))
                });
                found.sort();
                let files = found.into_iter().map(|(path, id)| (Rc::from(path), id)).collect();
                Some(Listing { manifest, files: Rc::new(files) })
            }
        };
        self.projects.insert(tree, listing.clone());
        Ok(listing)
    }

    /// A manifest, and whether it can be used.
    pub(super) fn manifest(&mut self, git: &Repository, id: Oid) -> Result<Rc<(Manifest, bool)>, git2::Error> {
        if let Some(known) = self.manifests.get(&id) {
            return Ok(known.clone());
        }
        let (manifest, findings) = Manifest::read(FileId(0), &text(git, id)?.unwrap_or_default());
        let usable = !findings.iter().any(groma_model::Diagnostic::is_error);
        let read = Rc::new((manifest, usable));
        self.manifests.insert(id, read.clone());
        Ok(read)
    }

    /// Collects as a folder on disk is walked: hidden folders, `target/` and projects of their own are left out.
    fn collect(
        &mut self,
        git: &Repository,
        tree: &Tree<'_>,
        prefix: &str,
        found: &mut Vec<(String, Oid)>,
    ) -> Result<(), git2::Error> {
        for entry in tree {
            let Ok(name) = entry.name() else { continue };
            match entry.kind() {
                Some(ObjectType::Blob) if name.ends_with(".groma") => {
                    found.push((format!("{prefix}{name}"), entry.id()));
                }
                Some(ObjectType::Tree) if !name.starts_with('.') && name != "target" => {
                    let below = self.folder(git, entry.id())?;
                    found.extend(below.iter().map(|(path, id)| (format!("{prefix}{name}/{path}"), *id)));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn folder(&mut self, git: &Repository, id: Oid) -> Result<Rc<Vec<(String, Oid)>>, git2::Error> {
        if let Some(known) = self.folders.get(&id) {
            return Ok(known.clone());
        }
        let (tree, mut found) = (git.find_tree(id)?, Vec::new());
        if tree.get_name(MANIFEST).is_none() {
            self.collect(git, &tree, "", &mut found)?;
        }
        let found = Rc::new(found);
        self.folders.insert(id, found.clone());
        Ok(found)
    }
}

/// The text of a file; none where it is no text.
pub(super) fn text(git: &Repository, id: Oid) -> Result<Option<String>, git2::Error> {
    Ok(std::str::from_utf8(git.find_blob(id)?.content()).ok().map(str::to_owned))
}

/// The tree of a folder within a commit's tree; none where there is no such folder.
pub(super) fn folder_of(git: &Repository, commit: Oid, folder: &str) -> Result<Option<Oid>, git2::Error> {
    let tree = git.find_commit(commit)?.tree()?;
    if folder.is_empty() {
        return Ok(Some(tree.id()));
    }
    match tree.get_path(folder.as_ref()) {
        Ok(entry) => Ok((entry.kind() == Some(ObjectType::Tree)).then(|| entry.id())),
        Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The folders of a commit that hold a manifest.
pub(super) fn project_folders(git: &Repository, commit: Oid) -> Result<Vec<(String, Oid)>, git2::Error> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), git.find_commit(commit)?.tree_id())];
    while let Some((folder, id)) = open.pop() {
        let tree = git.find_tree(id)?;
        for entry in &tree {
            let Ok(name) = entry.name() else { continue };
            let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            match entry.kind() {
                Some(ObjectType::Blob) if name == MANIFEST => found.push((folder.clone(), entry.id())),
                Some(ObjectType::Tree) if !name.starts_with('.') => open.push((path, entry.id())),
                _ => {}
            }
        }
    }
    found.sort();
    Ok(found)
}
