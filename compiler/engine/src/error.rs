//! Everything that can go wrong between a file and an answer, each with the places a reader needs to mend it.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use datafusion::error::DataFusionError;

use crate::Refusal;

/// Where in a file a value stands, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A line of a text file; a record of several lines is where it begins.
    Line(u64),
    /// A row of a Parquet file.
    Row(u64),
}

impl Display for Place {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line(line) => write!(formatter, "line {line}"),
            Place::Row(row) => write!(formatter, "row {row}"),
        }
    }
}

/// What stopped a run. `file` is relative to the base of its source where it lies within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineError {
    /// The file a source names is not there.
    MissingFile { source: String, path: PathBuf },
    /// A glob or a folder holds no data file.
    NoFilesMatch { source: String, pattern: String },
    /// The pattern itself cannot be read.
    BadPattern { source: String, pattern: String, reason: String },
    /// The extension is none of those that are read.
    UnknownFormat { source: String, path: PathBuf },
    /// One pattern reaches files of two formats.
    MixedFormats { source: String, first: PathBuf, second: PathBuf },
    /// A declared type that no column can have, such as an unknown time zone.
    BadColumnType { source: String, column: String, reason: String },
    /// Not even a header.
    EmptyFile { source: String, file: PathBuf },
    /// A declared column stands in the header twice.
    DuplicateHeader { source: String, file: PathBuf, column: String },
    /// A declared column is not in the file.
    MissingColumn { source: String, file: PathBuf, column: String, available: Vec<String> },
    /// A record with more or fewer fields than the header.
    RaggedRow { source: String, file: PathBuf, line: u64, expected: usize, found: usize },
    /// A quotation that runs to the end of the file.
    UnclosedQuote { source: String, file: PathBuf, line: u64 },
    /// Bytes that are no UTF-8 text.
    NotUtf8 { source: String, file: PathBuf, line: u64 },
    /// A line that is not one JSON object.
    BadJson { source: String, file: PathBuf, line: u64, reason: String },
    /// A value that does not fit its declared type.
    BadValue { source: String, file: PathBuf, place: Place, column: String, value: String, expected: String },
    /// A Parquet column whose type cannot hold the declared one without loss.
    BadParquetType { source: String, file: PathBuf, column: String, found: String, expected: String },
    /// A file that is not the Parquet it claims to be.
    BadParquet { source: String, file: PathBuf, reason: String },
    /// A server did not do what was asked.
    Refused(Refusal),
    /// A file could not be written; `full` where there is no space left.
    Unwritten { path: PathBuf, reason: String, full: bool },
    /// The operating system refused.
    Io { path: PathBuf, reason: String },
    /// The engine refused the statement, or its arithmetic failed.
    Statement { message: String, sql: String },
    /// The engine broke: a fault of ours or of the engine, never of the data.
    Internal { message: String, sql: String },
}

impl EngineError {
    /// The error a reader of ours raised, if one lies within; otherwise what the engine says about `sql`.
    pub(crate) fn from_datafusion(error: &DataFusionError, sql: &str) -> Self {
        let mut link: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(current) = link {
            if let Some(original) = current.downcast_ref::<EngineError>() {
                return original.clone();
            }
            link = current.source();
        }
        let root = error.find_root();
        let (message, sql) = (root.strip_backtrace().replace('\n', " "), sql.to_owned());
        match root {
            DataFusionError::Internal(_) | DataFusionError::ExecutionJoin(_) => Self::Internal { message, sql },
            _ => Self::Statement { message, sql },
        }
    }

    pub(crate) fn io(path: impl Into<PathBuf>, error: &std::io::Error) -> Self {
        Self::Io { path: path.into(), reason: error.to_string() }
    }
}

impl From<EngineError> for DataFusionError {
    fn from(error: EngineError) -> Self {
        DataFusionError::External(Box::new(error))
    }
}

impl std::error::Error for EngineError {}

impl Display for EngineError {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingFile { .. }
            | Self::NoFilesMatch { .. }
            | Self::BadPattern { .. }
            | Self::UnknownFormat { .. }
            | Self::MixedFormats { .. } => self.write_pattern(out),
            Self::BadColumnType { .. }
            | Self::EmptyFile { .. }
            | Self::DuplicateHeader { .. }
            | Self::MissingColumn { .. }
            | Self::BadParquetType { .. }
            | Self::BadParquet { .. } => self.write_columns(out),
            Self::RaggedRow { .. }
            | Self::UnclosedQuote { .. }
            | Self::NotUtf8 { .. }
            | Self::BadJson { .. }
            | Self::BadValue { .. } => self.write_record(out),
            Self::Unwritten { path, reason, .. } => write!(out, "{} cannot be written: {reason}.", path.display()),
            Self::Io { path, reason } => write!(out, "{} cannot be used: {reason}.", path.display()),
            Self::Refused(Refusal { message, .. }) => write!(out, "The server refused: {message}."),
            Self::Statement { message, .. } => write!(out, "The engine could not run the statement: {message}"),
            Self::Internal { message, .. } => write!(out, "The engine broke while it ran the statement: {message}"),
        }
    }
}

impl EngineError {
    /// Which files a source reads.
    fn write_pattern(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingFile { source, path } => {
                write!(out, "Source {source:?} reads {}, but there is no such file or folder.", path.display())
            }
            Self::NoFilesMatch { source, pattern } => {
                write!(out, "Source {source:?} reads {pattern}, but there is no data file; {READABLE} are read.")
            }
            Self::BadPattern { source, pattern, reason } => {
                write!(out, "Source {source:?} reads {pattern}, which is not a pattern of files: {reason}.")
            }
            Self::UnknownFormat { source, path } => {
                write!(
                    out,
                    "Source {source:?} reads {}, whose format is not known; {READABLE} are read.",
                    path.display()
                )
            }
            Self::MixedFormats { source, first, second } => write!(
                out,
                "Source {source:?} reads files of two formats, {} and {}; one source has one format.",
                first.display(),
                second.display()
            ),
            _ => Ok(()),
        }
    }

    /// What a file as a whole holds.
    fn write_columns(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadColumnType { source, column, reason } => {
                write!(out, "Column {column:?} of source {source:?} cannot be read: {reason}.")
            }
            Self::EmptyFile { source, file } => {
                write!(out, "{} is empty, without even a header; source {source:?} reads it.", file.display())
            }
            Self::DuplicateHeader { source, file, column } => write!(
                out,
                "{} has column {column:?} twice, so source {source:?} cannot tell which one is meant.",
                file.display()
            ),
            Self::MissingColumn { source, file, column, available } => write!(
                out,
                "{} has no column {column:?}, which source {source:?} declares; it has {}.",
                file.display(),
                listed(available)
            ),
            Self::BadParquetType { source, file, column, found, expected } => write!(
                out,
                "{}: column {column:?} of source {source:?} is stored as {found}, which cannot be read as {expected} without loss.",
                file.display()
            ),
            Self::BadParquet { source, file, reason } => {
                write!(out, "{} cannot be read as Parquet for source {source:?}: {reason}.", file.display())
            }
            _ => Ok(()),
        }
    }

    /// What one record holds.
    fn write_record(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::RaggedRow { source, file, line, expected, found } => write!(
                out,
                "{}, line {line}: the record has {found} fields and the header {expected}; source {source:?} reads it.",
                file.display()
            ),
            Self::UnclosedQuote { source, file, line } => write!(
                out,
                "{}, line {line}: a quotation begins in this record and never ends; source {source:?} reads it.",
                file.display()
            ),
            Self::NotUtf8 { source, file, line } => {
                write!(out, "{}, line {line}: the text is not UTF-8; source {source:?} reads it.", file.display())
            }
            Self::BadJson { source, file, line, reason } => write!(
                out,
                "{}, line {line} is not one complete JSON object: {reason}; source {source:?} reads it.",
                file.display()
            ),
            Self::BadValue { source, file, place, column, value, expected } => write!(
                out,
                "{}, {place}: column {column:?} of source {source:?} holds {:?}, which is not {expected}.",
                file.display(),
                shortened(value)
            ),
            _ => Ok(()),
        }
    }
}

const READABLE: &str = ".csv, .tsv, .parquet, .ndjson, .jsonl and .json";

/// The names a reader may have meant, or that there are none.
fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "no columns".to_owned();
    }
    names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
}

/// At most 80 characters of a value: a message is one line.
fn shortened(value: &str) -> String {
    match value.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}
