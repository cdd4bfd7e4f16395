//! Where a project is: the only door to files and to the environment.

#![expect(clippy::disallowed_methods, reason = "this module is where a project meets the world")]

use jiff::civil::Date;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The name of the manifest, at the root of a project.
pub const MANIFEST: &str = "groma.yml";

/// A place that holds a project. Paths are relative to its root, with `/` on every system.
pub trait World: Sync {
    /// The bytes of a file; nothing if there is none.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;

    /// The `.groma` files of the project, sorted.
    ///
    /// # Errors
    /// A folder cannot be read.
    fn list(&self) -> io::Result<Vec<String>>;

    /// All files below a folder of the project, of whatever kind, sorted; none where there is no such folder.
    ///
    /// # Errors
    /// A folder cannot be read.
    fn files(&self, folder: &str) -> io::Result<Vec<String>>;

    /// The day it is, where the machine is.
    fn today(&self) -> Date;

    /// A variable of the environment.
    fn variable(&self, name: &str) -> Option<String>;
}

/// A folder on disk.
#[derive(Debug, Clone)]
pub struct DiskWorld {
    root: PathBuf,
}

impl DiskWorld {
    /// The project whose manifest is, or should be, in this folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

impl World for DiskWorld {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.root.join(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        walk(&self.root, "", &mut found)?;
        found.sort();
        Ok(found)
    }

    fn files(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        let mut open = vec![folder.to_owned()];
        while let Some(folder) = open.pop() {
            let entries = match fs::read_dir(self.root.join(&folder)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                entries => entries?,
            };
            for entry in entries {
                let entry = entry?;
                let Ok(name) = entry.file_name().into_string() else { continue };
                let path = format!("{folder}/{name}");
                if entry.file_type()?.is_dir() { open.push(path) } else { found.push(path) }
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

/// Collects the `.groma` files of a folder and of those below it. Hidden folders, `target/`, links to folders and folders
/// that are projects of their own are left out.
fn walk(folder: &Path, prefix: &str, found: &mut Vec<String>) -> io::Result<()> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            folders.push(name);
        } else if name == MANIFEST && !prefix.is_empty() {
            found.retain(|path| !path.starts_with(prefix));
            return Ok(());
        } else if name.ends_with(".groma") {
            found.push(format!("{prefix}{name}"));
        }
    }
    for name in folders {
        if !name.starts_with('.') && name != "target" {
            walk(&folder.join(&name), &format!("{prefix}{name}/"), found)?;
        }
    }
    Ok(())
}

/// A project in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryWorld {
    files: BTreeMap<String, Vec<u8>>,
    variables: BTreeMap<String, String>,
}

impl MemoryWorld {
    /// A world with a manifest.
    pub fn with_manifest(text: &str) -> Self {
        Self::default().file(MANIFEST, text)
    }

    /// Adds a file.
    #[must_use]
    pub fn file(mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.into(), bytes.into());
        self
    }

    /// Sets a variable of the environment.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }
}

impl World for MemoryWorld {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.files.get(path).cloned())
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.files.keys().filter(|path| path.ends_with(".groma")).cloned().collect())
    }

    fn files(&self, folder: &str) -> io::Result<Vec<String>> {
        let folder = format!("{folder}/");
        Ok(self.files.keys().filter(|path| path.starts_with(&folder)).cloned().collect())
    }

    fn today(&self) -> Date {
        jiff::civil::date(2026, 7, 1)
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_walked_without_hidden_and_nested_projects() {
        let root = tempfile::tempdir().unwrap();
        for path in [
            "groma.yml",
            "z.groma",
            "a/b.groma",
            "a/notes.md",
            ".hidden/c.groma",
            "target/d.groma",
            "nested/e.groma",
            "nested/groma.yml",
            "nested/deep/f.groma",
        ] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let world = DiskWorld::new(root.path());
        assert_eq!(world.list().unwrap(), ["a/b.groma", "z.groma"]);
        assert_eq!(world.read("a/b.groma").unwrap(), Some(Vec::new()));
        assert_eq!(world.read("a/c.groma").unwrap(), None);
    }
}
