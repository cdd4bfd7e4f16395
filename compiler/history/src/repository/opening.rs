//! Which repository a folder is in, and where in it the project is.

use super::objects::{Objects, Root, walk_all};
use super::unreadable;
use git2::{ErrorCode, Oid};
use groma_model::Diagnostic;
use groma_project::MANIFEST;
use groma_project::history::repository::{BARE_NEEDS_PROJECT, BROKEN_REPOSITORY, NO_REPOSITORY};
use std::path::{Component, Path, PathBuf};

/// A repository, the project's folder within it, and its folder on disk where there is one.
pub(super) struct Opened {
    pub(super) git: git2::Repository,
    pub(super) folder: String,
    pub(super) disk: Option<PathBuf>,
}

/// The repository around a folder.
pub(super) fn open(root: &Path, project: Option<&str>) -> Result<Opened, Box<Diagnostic>> {
    let git = git2::Repository::discover(root).map_err(|error| not_opened(root, &error))?;
    let Some(workdir) = git.workdir().map(Path::to_path_buf) else {
        let folder = match project {
            Some(project) => within(project),
            None => only_project(&git)?,
        };
        return Ok(Opened { git, folder, disk: None });
    };
    let (folder, disk) = match project {
        Some(project) => (within(project), workdir.join(within(project))),
        None => (folder_of(root, &workdir)?, root.to_path_buf()),
    };
    Ok(Opened { git, folder, disk: Some(disk) })
}

/// Why a repository does not open.
fn not_opened(root: &Path, error: &git2::Error) -> Box<Diagnostic> {
    let whole = canonical(root);
    let marked = whole.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok());
    let place = marked.unwrap_or(&whole).display();
    let message = error.message();
    let finding = if error.code() == ErrorCode::Owner {
        BROKEN_REPOSITORY
            .finding(format!(
                "the git repository in {place} belongs to another user, so git does not trust what it says"
            ))
            .help(format!("if you trust it, say so: `git config --global --add safe.directory {place}`"))
    } else if error.code() == ErrorCode::NotFound && marked.is_none() {
        NO_REPOSITORY
            .finding(format!("{place} is in no git repository, so the project has no history to compare with"))
            .help("begin one with `git init` and a first commit, or choose the project's folder with `-C`")
    } else if message.contains("extensions.partialclone") {
        BROKEN_REPOSITORY
            .finding(format!("the git repository in {place} is a partial clone, which lacks files of older commits"))
            .help("clone without `--filter`; `--depth` may stay")
    } else if message.contains("unsupported extension") || message.contains("object format") {
        BROKEN_REPOSITORY
            .finding(format!("the git repository in {place} is of a kind that Groma does not read: {message}"))
            .help("clone it anew with git's usual format: SHA-1, refs as files")
    } else {
        BROKEN_REPOSITORY
            .finding(format!("there is a .git in {place}, and it is no repository that can be opened: {message}"))
            .help("`git status` says what git makes of it; if it was copied or moved, clone it anew")
    };
    Box::new(finding)
}

/// A folder as it is written on the command line: relative to the repository, with `/`.
fn within(project: &str) -> String {
    let parts = Path::new(project).components().filter_map(|part| match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

fn folder_of(root: &Path, workdir: &Path) -> Result<String, Box<Diagnostic>> {
    let (root, workdir) = (canonical(root), canonical(workdir));
    let parts = |folder: &Path| -> Option<String> {
        let names: Option<Vec<&str>> = folder.components().map(|part| part.as_os_str().to_str()).collect();
        names.map(|names| names.join("/"))
    };
    root.strip_prefix(&workdir).ok().and_then(parts).ok_or_else(|| {
        let finding = BROKEN_REPOSITORY.finding(format!(
            "{} is not in the working tree of its git repository, which is {}",
            root.display(),
            workdir.display()
        ));
        Box::new(finding.help("choose the project's folder in the working tree with `-C`"))
    })
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// The folder of the project of a bare repository: its root, or else the only one with a manifest.
fn only_project(git: &git2::Repository) -> Result<String, Box<Diagnostic>> {
    let mut folders = Vec::new();
    for commit in tips(git) {
        folders = manifests(git, commit)?;
        if !folders.is_empty() {
            break;
        }
    }
    match folders.as_slice() {
        [] => Ok(String::new()),
        [only] => Ok(only.clone()),
        _ if folders.iter().any(String::is_empty) => Ok(String::new()),
        several => {
            let list: Vec<String> = several.iter().map(|folder| format!("`{folder}`")).collect();
            let finding = BARE_NEEDS_PROJECT
                .finding(format!("this bare repository holds {} projects: {}", several.len(), list.join(", ")))
                .help(format!("choose one: `--project {}`", several[0]));
            Err(Box::new(finding))
        }
    }
}

/// `HEAD`, then the branches: the `HEAD` of a bare repository may be of a branch that was never pushed.
fn tips(git: &git2::Repository) -> Vec<Oid> {
    let head = git.head().ok().and_then(|head| head.peel_to_commit().ok());
    let branches = git.branches(Some(git2::BranchType::Local)).into_iter().flatten().flatten();
    let tips = branches.filter_map(|(branch, _)| branch.get().peel_to_commit().ok());
    head.into_iter().chain(tips).map(|commit| commit.id()).collect()
}

/// The folders of a commit that hold a manifest.
fn manifests(git: &git2::Repository, commit: Oid) -> Result<Vec<String>, Box<Diagnostic>> {
    let name = commit.to_string();
    let root = Root::of_commit(git, commit).map_err(|error| unreadable(&name, error.message()))?;
    let objects = Objects { git, root: &root };
    let mut folders = Vec::new();
    walk_all(&objects, "", &mut |path| {
        if let Some(folder) = path.strip_suffix(MANIFEST).filter(|folder| folder.is_empty() || folder.ends_with('/')) {
            folders.push(folder.trim_end_matches('/').to_owned());
        }
    })
    .map_err(|error| unreadable(&name, &error.to_string()))?;
    folders.sort();
    Ok(folders)
}
