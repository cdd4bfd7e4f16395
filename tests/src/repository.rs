//! The files of the repository, as tests walk them.

use crate::Outcome;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that are not of the repository, wherever they stand.
const FOREIGN: [&str; 4] = [".git", "node_modules", "__pycache__", ".venv"];

/// The top of the checkout.
pub fn root() -> PathBuf {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder.parent().unwrap_or(crate_folder).to_owned()
}

/// All files under a folder of the repository, as paths relative to its top with `/`, in order. Nothing for a folder
/// that is not there.
///
/// # Errors
/// A folder cannot be read.
pub fn files(root: &Path, folder: &str) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    let start = if folder.is_empty() { root.to_owned() } else { root.join(folder) };
    if start.exists() {
        collect(root, &start, &mut found)?;
    }
    found.sort();
    Ok(found)
}

/// Those whose names end with a text.
///
/// # Errors
/// A folder cannot be read.
pub fn files_ending(root: &Path, folder: &str, ending: &str) -> Outcome<Vec<String>> {
    Ok(files(root, folder)?.into_iter().filter(|path| path.ends_with(ending)).collect())
}

/// The text of a file of the repository.
///
/// # Errors
/// It cannot be read, or is not UTF-8.
pub fn read(root: &Path, path: &str) -> Outcome<String> {
    fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<String>) -> Outcome {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if kind.is_dir() {
            // A folder that cargo builds into is marked as a cache, whatever it is called.
            let cache = entry.path().join("CACHEDIR.TAG").exists();
            if !cache && !FOREIGN.contains(&name.as_str()) {
                collect(root, &entry.path(), found)?;
            }
        } else if kind.is_file() {
            found.push(relative(root, &entry.path()));
        }
    }
    Ok(())
}

fn relative(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
