//! From a pattern to the files it means, in an order that does not depend on the machine.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};

use crate::{EngineError, FileSource};

/// How the rows of a file are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    Tsv,
    Json,
    Parquet,
}

impl Format {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "ndjson" | "jsonl" | "json" => Some(Self::Json),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

/// One file of a source.
#[derive(Debug, Clone)]
pub(crate) struct DataFile {
    /// Where to open it.
    pub(crate) path: PathBuf,
    /// How to name it to people: relative to the base of its source.
    pub(crate) shown: PathBuf,
    pub(crate) format: Format,
    /// The row groups that are read, where a Parquet file is read in parts.
    pub(crate) groups: Option<Range<usize>>,
}

/// The files a source reads, sorted by path; at least one, all of one format.
pub(crate) fn resolve(source: &FileSource) -> Result<Vec<DataFile>, EngineError> {
    let written = source.base.join(&source.pattern);
    let files = if written.is_dir() {
        folder(source, &written)?
    } else if written.exists() {
        vec![known(source, written)?]
    } else if source.pattern.contains(['*', '?', '[']) {
        globbed(source)?
    } else {
        return Err(EngineError::MissingFile { source: source.name.clone(), path: shown(source, &written) });
    };
    one_format(source, files)
}

/// The data files directly within a folder; notes, marks and hidden files beside them are no data.
fn folder(source: &FileSource, path: &Path) -> Result<Vec<DataFile>, EngineError> {
    let broken = |error: &std::io::Error| EngineError::io(shown(source, path), error);
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| broken(&error))? {
        let path = entry.map_err(|error| broken(&error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_file() && !name.starts_with(['.', '_']) && Format::of(&path).is_some() {
            files.push(known(source, path)?);
        }
    }
    Ok(files)
}

fn globbed(source: &FileSource) -> Result<Vec<DataFile>, EngineError> {
    let base = Pattern::escape(&source.base.to_string_lossy());
    let pattern = Path::new(&base).join(&source.pattern);
    let options =
        MatchOptions { require_literal_separator: true, require_literal_leading_dot: true, ..MatchOptions::new() };
    let found = glob::glob_with(&pattern.to_string_lossy(), options).map_err(|error| EngineError::BadPattern {
        source: source.name.clone(),
        pattern: source.pattern.clone(),
        reason: error.msg.to_owned(),
    })?;
    let mut files = Vec::new();
    for path in found {
        let path = path.map_err(|error| EngineError::io(shown(source, error.path()), error.error()))?;
        if path.is_file() {
            files.push(known(source, path)?);
        }
    }
    Ok(files)
}

fn known(source: &FileSource, path: PathBuf) -> Result<DataFile, EngineError> {
    let shown = shown(source, &path);
    match Format::of(&path) {
        Some(format) => Ok(DataFile { path, shown, format, groups: None }),
        None => Err(EngineError::UnknownFormat { source: source.name.clone(), path: shown }),
    }
}

fn one_format(source: &FileSource, mut files: Vec<DataFile>) -> Result<Vec<DataFile>, EngineError> {
    files.sort_by(|left, right| left.path.cmp(&right.path));
    let Some(first) = files.first() else {
        return Err(EngineError::NoFilesMatch { source: source.name.clone(), pattern: source.pattern.clone() });
    };
    match files.iter().find(|file| file.format != first.format) {
        Some(second) => Err(EngineError::MixedFormats {
            source: source.name.clone(),
            first: first.shown.clone(),
            second: second.shown.clone(),
        }),
        None => Ok(files),
    }
}

fn shown(source: &FileSource, path: &Path) -> PathBuf {
    path.strip_prefix(&source.base).unwrap_or(path).to_owned()
}
