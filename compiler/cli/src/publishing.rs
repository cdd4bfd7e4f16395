//! Writing files for others: each whole or not at all.

use std::path::Path;
use std::{fs, io};

/// A file to be written.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Writes all files to a folder within the wished one and then moves each to its place, in their order.
pub(crate) fn publish(folder: &Path, files: &[File]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let beside = tempfile::Builder::new().prefix(".groma-").tempdir_in(folder)?;
    for file in files {
        fs::write(beside.path().join(&file.name), &file.text)?;
    }
    for file in files {
        let place = folder.join(&file.name);
        // A file that is right already keeps its date.
        if fs::read(&place).ok().as_deref() != Some(file.text.as_bytes()) {
            fs::rename(beside.path().join(&file.name), place)?;
        }
    }
    Ok(())
}
