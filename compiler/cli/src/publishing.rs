//! Writing files for others: all of them, each whole, or nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};
use tempfile::TempDir;

/// A file to be written.
#[derive(Debug)]
pub(crate) struct File {
    /// Within the folder that is written to; parts of a path stand between slashes.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Writes all files to a folder, in their order.
///
/// # Errors
/// One cannot be written; then the folder is as it was.
pub(crate) fn publish(folder: &Path, files: &[File]) -> io::Result<()> {
    replace(folder, files, &[])
}

/// Writes all files to a folder, in their order, and then removes others.
///
/// # Errors
/// One cannot be written or removed; then the folder is as it was.
pub(crate) fn replace(folder: &Path, files: &[File], removed: &[String]) -> io::Result<()> {
    let mut change = Change { folder, beside: None, made: Vec::new(), done: Vec::new() };
    let outcome = change.run(files, removed);
    if outcome.is_err() {
        change.undo();
    }
    outcome
}

/// What was done so far, so that it can be undone.
struct Change<'a> {
    folder: &'a Path,
    /// Within the folder: new files before they are in their places, and old ones that may have to be put back.
    beside: Option<TempDir>,
    /// Folders that were not there, outermost first.
    made: Vec<PathBuf>,
    done: Vec<Done>,
}

/// A place that has another file now, or none, and where its old one is kept.
struct Done {
    place: PathBuf,
    old: Option<PathBuf>,
}

impl Change<'_> {
    fn run(&mut self, files: &[File], removed: &[String]) -> io::Result<()> {
        let of = |file: &File| self.folder.join(&file.name).parent().map(Path::to_path_buf);
        let parents: BTreeSet<PathBuf> = files.iter().filter_map(of).collect();
        self.make(self.folder)?;
        parents.iter().try_for_each(|parent| self.make(parent))?;
        // A folder that cannot be written to is found here, before anything is changed; and a full disk below.
        for parent in &parents {
            beside(parent)?.close()?;
        }
        let beside = self.beside.insert(beside(self.folder)?).path().to_path_buf();
        for (number, file) in files.iter().enumerate() {
            if self.folder.join(&file.name).is_dir() {
                return Err(io::Error::other(format!("{} is a folder", file.name)));
            }
            fs::write(beside.join(format!("new-{number}")), &file.text)?;
        }
        for (number, file) in files.iter().enumerate() {
            let place = self.folder.join(&file.name);
            // A file that is right already keeps its date.
            if fs::read(&place).ok().as_deref() != Some(file.text.as_bytes()) {
                self.keep(&place, &beside.join(format!("old-{number}")))?;
                fs::rename(beside.join(format!("new-{number}")), place)?;
            }
        }
        for (number, name) in removed.iter().enumerate() {
            let place = self.folder.join(name);
            if place.symlink_metadata().is_ok() {
                self.keep(&place, &beside.join(format!("removed-{number}")))?;
                fs::remove_file(&place)?;
            }
        }
        Ok(())
    }

    /// Makes a folder and those around it.
    fn make(&mut self, folder: &Path) -> io::Result<()> {
        let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
        let missing: Vec<&Path> = folder.ancestors().take_while(is_missing).collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder)?;
            self.made.push(folder.to_path_buf());
        }
        let name = folder.strip_prefix(self.folder).unwrap_or(folder).display();
        if folder.is_dir() { Ok(()) } else { Err(io::Error::other(format!("{name} is not a folder"))) }
    }

    /// Keeps the file of a place under a second name. The place itself is never without a file.
    fn keep(&mut self, place: &Path, second: &Path) -> io::Result<()> {
        let old = match place.symlink_metadata() {
            Ok(_) => {
                // Not all file systems know second names.
                fs::hard_link(place, second).or_else(|_| fs::copy(place, second).map(|_| ()))?;
                Some(second.to_path_buf())
            }
            Err(_) => None,
        };
        self.done.push(Done { place: place.to_path_buf(), old });
        Ok(())
    }

    /// Puts back what was there. What fails here failed before for the same reason, which is what is said.
    fn undo(&mut self) {
        for done in self.done.drain(..).rev() {
            let _ = match &done.old {
                Some(old) => fs::rename(old, &done.place),
                None => fs::remove_file(&done.place),
            };
        }
        drop(self.beside.take());
        for folder in self.made.drain(..).rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// A folder for a while within another: a rename does not leave the file system.
fn beside(folder: &Path) -> io::Result<TempDir> {
    tempfile::Builder::new().prefix(".groma-").tempdir_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> File {
        File { name: name.to_owned(), text: text.to_owned() }
    }

    /// All files below a folder with their texts, and all folders.
    fn all(folder: &Path) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut open = vec![folder.to_path_buf()];
        while let Some(next) = open.pop() {
            for entry in fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                if path.is_dir() {
                    found.push((name, "a folder".to_owned()));
                    open.push(path);
                } else {
                    found.push((name, fs::read_to_string(path).unwrap()));
                }
            }
        }
        found.sort();
        found
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn files_lie_in_folders_and_old_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        publish(&inner, &[file("jobs/one.sql", "1"), file("two.sql", "2")]).unwrap();
        let removed = ["two.sql".to_owned(), "never.sql".to_owned()];
        replace(&inner, &[file("jobs/one.sql", "3"), file("jobs/four.sql", "4")], &removed).unwrap();
        assert_eq!(all(&inner), pairs(&[("jobs", "a folder"), ("jobs/four.sql", "4"), ("jobs/one.sql", "3")]));
    }

    #[test]
    fn what_fails_in_the_middle_leaves_all_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        publish(folder.path(), &[file("a.sql", "1"), file("b.sql", "2")]).unwrap();
        fs::create_dir_all(folder.path().join("c.sql/inner")).unwrap();
        fs::write(folder.path().join("jobs"), "mine").unwrap();
        let before = all(folder.path());
        // A folder stands where a file belongs, a file where a folder belongs, and what is to be removed is a folder.
        for files in [[file("a.sql", "3"), file("c.sql", "4")], [file("a.sql", "3"), file("jobs/d.sql", "4")]] {
            assert!(publish(folder.path(), &files).is_err());
            assert_eq!(all(folder.path()), before);
        }
        let files = [file("a.sql", "3"), file("new/d.sql", "4")];
        assert!(replace(folder.path(), &files, &["b.sql".to_owned(), "c.sql".to_owned()]).is_err());
        assert_eq!(all(folder.path()), before);
    }

    #[test]
    fn a_file_that_is_right_already_keeps_its_date() {
        let folder = tempfile::tempdir().unwrap();
        publish(folder.path(), &[file("a.sql", "1")]).unwrap();
        let date = || fs::metadata(folder.path().join("a.sql")).unwrap().modified().unwrap();
        let before = date();
        publish(folder.path(), &[file("a.sql", "1")]).unwrap();
        assert_eq!(date(), before);
    }
}
