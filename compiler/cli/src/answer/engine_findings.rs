//! What the engine finds in data, as findings that point at the declaration that says otherwise.

use super::server::refused;
use crate::failure::Failure;
use crate::loading::Loaded;
use groma_engine::{ColumnSpec, ColumnType, EngineError, FileSource, Place};
use groma_model::types::Base;
use groma_model::{Code, Column, Diagnostic, Model, Origin, Source, Span};
use groma_project::{Target, data};
use std::path::Path;

/// The longest value that a headline repeats, in characters.
const LONGEST_VALUE: usize = 60;

/// The files of a source, for the engine.
///
/// # Errors
/// The source has no file on this target.
pub(super) fn file_source(loaded: &Loaded, target: &Target, source: &Source) -> Result<FileSource, Diagnostic> {
    let model = &loaded.project.model;
    let column = |column: &Column| ColumnSpec {
        name: column.name.to_string(),
        ty: column_type(model, &column.ty.base),
        optional: column.optional,
    };
    Ok(FileSource {
        name: source.header.name.to_string(),
        pattern: target.file(source)?.to_owned(),
        base: loaded.world.root().join(&target.data),
        columns: source.columns.iter().map(column).collect(),
    })
}

/// How the engine reads a type.
pub(super) fn column_type(model: &Model, base: &Base) -> ColumnType {
    match base {
        Base::Bool => ColumnType::Bool,
        Base::Int => ColumnType::Int,
        Base::Real => ColumnType::Float,
        Base::Decimal { precision, scale } => ColumnType::Decimal { precision: *precision, scale: *scale },
        Base::Date => ColumnType::Date,
        Base::Instant { zone } => ColumnType::Instant { zone: zone.to_string() },
        Base::Scale { low, high } => ColumnType::Scale { low: *low, high: *high },
        Base::Text | Base::Verbatim | Base::Unknown | Base::Null => ColumnType::Text,
        // A reference holds the key of its customer; the key of a customer is never itself a reference to it.
        Base::Customer(id) => {
            let customer = model.customer(*id);
            let key = &model.column(customer.source, customer.key).ty.base;
            if matches!(key, Base::Customer(_)) { ColumnType::Text } else { column_type(model, key) }
        }
    }
}

/// The finding that an error of the engine is.
///
/// # Errors
/// The error is a bug of ours.
pub(super) fn finding(loaded: &Loaded, target: &Target, error: &EngineError) -> Result<Diagnostic, Failure> {
    let found = Found { loaded, target };
    if let Some(finding) = found.files(error).or_else(|| found.columns(error)).or_else(|| found.records(error)) {
        return Ok(finding);
    }
    match error {
        EngineError::Refused(refusal) => Ok(refused(target, refusal)),
        // A value or a sum that is too large for its type; the engine says so only in words.
        EngineError::Statement { message, .. } if message.to_lowercase().contains("overflow") => {
            let reason = message.lines().next().unwrap_or_default();
            Err(Failure::Refused { headline: format!("the engine could not compute an answer: {reason}") })
        }
        EngineError::Statement { message, sql } | EngineError::Internal { message, sql } => Err(Failure::Bug {
            what: format!("the engine of target `{}` refused a statement of ours: {message}\n{sql}", target.name),
        }),
        EngineError::Io { path, reason } => {
            Err(Failure::Refused { headline: format!("{} cannot be opened: {reason}", found.path(path)) })
        }
        other => Err(Failure::Bug { what: other.to_string() }),
    }
}

struct Found<'a> {
    loaded: &'a Loaded,
    target: &'a Target,
}

impl Found<'_> {
    /// Which files a source reads.
    fn files(&self, error: &EngineError) -> Option<Diagnostic> {
        Some(match error {
            EngineError::MissingFile { source, path } => self
                .at_source(
                    &data::MISSING_FILE,
                    source,
                    format!("source `{source}` reads {}, which is not there", self.path(path)),
                )
                .help(format!(
                    "put the file there; `file` is relative to {} on target `{}`",
                    self.data(),
                    self.target.name
                )),
            EngineError::NoFilesMatch { source, pattern } => self
                .at_source(
                    &data::MISSING_FILE,
                    source,
                    format!("source `{source}` reads {pattern}, and no data file is there"),
                )
                .help(format!(
                    "put a file there; `file` is relative to {} on target `{}`",
                    self.data(),
                    self.target.name
                )),
            EngineError::BadPattern { source, pattern, reason } => self
                .at_source(&data::BAD_PATTERN, source, format!("`{pattern}` is not a pattern of files: {reason}"))
                .help("write a file, a folder, or a pattern such as `orders/*.csv`"),
            EngineError::UnknownFormat { source, path } => self
                .at_source(&data::UNKNOWN_FORMAT, source, format!("{} has a format that is not read", self.path(path)))
                .help("CSV (.csv, .tsv), Parquet (.parquet) and lines of JSON (.ndjson, .jsonl, .json) are read"),
            EngineError::MixedFormats { source, first, second } => self
                .at_source(
                    &data::MIXED_FORMATS,
                    source,
                    format!("source `{source}` reads {} and {}: two formats", self.path(first), self.path(second)),
                )
                .help("make the pattern end in one extension, such as `*.parquet`"),
            _ => return None,
        })
    }

    /// What a file as a whole holds.
    fn columns(&self, error: &EngineError) -> Option<Diagnostic> {
        Some(match error {
            EngineError::EmptyFile { source, file } => self
                .at_source(&data::EMPTY_FILE, source, format!("{} is empty, without even a header", self.path(file)))
                .help("a file without rows still names its columns in the first line"),
            EngineError::DuplicateHeader { source, file, column } => self
                .at_column(
                    &data::DUPLICATE_COLUMN,
                    source,
                    column,
                    format!("{} has column `{column}` twice", self.path(file)),
                )
                .help("rename one of the two in the file"),
            EngineError::MissingColumn { source, file, column, available } => {
                let headline = format!("{} has no column `{column}`", self.path(file));
                let found = self.at_column(&data::MISSING_COLUMN, source, column, headline);
                let near = groma_model::check::nearest(column, available.iter().map(String::as_str));
                let has: Vec<String> = available.iter().take(12).map(|name| format!("`{name}`")).collect();
                found.help(match near {
                    Some(near) => format!("the file has `{near}`: rename one of the two"),
                    None if has.is_empty() => "the file has no columns".to_owned(),
                    None => format!("the file has {}: correct the declaration, or the file", has.join(", ")),
                })
            }
            EngineError::BadParquetType { source, file, column, found, expected } => self
                .at_column(
                    &data::BAD_VALUE,
                    source,
                    column,
                    format!("{} stores `{column}` as {found}, which is not {expected}", self.path(file)),
                )
                .help("declare the type that the file has, or write the file with the declared one"),
            EngineError::BadParquet { source, file, reason } => self
                .at_source(&data::BAD_PARQUET, source, format!("{} is no Parquet file: {reason}", self.path(file)))
                .help("write the file again"),
            _ => return None,
        })
    }

    /// What one record holds.
    fn records(&self, error: &EngineError) -> Option<Diagnostic> {
        Some(match error {
            EngineError::RaggedRow { source, file, line, expected, found } => self
                .at_source(
                    &data::RAGGED_ROW,
                    source,
                    format!("{}, line {line}: {found} fields, where the header has {expected}", self.path(file)),
                )
                .help("a comma inside a value needs quotes around the value: `\"a, b\"`"),
            EngineError::UnclosedQuote { source, file, line } => self
                .at_source(
                    &data::UNCLOSED_QUOTE,
                    source,
                    format!("{}, line {line}: a quotation begins and never ends", self.path(file)),
                )
                .help("close the quotation; a quote inside a quotation is written twice: `\"\"`"),
            EngineError::NotUtf8 { source, file, line } => self
                .at_source(&data::NOT_UTF8, source, format!("{}, line {line}: not UTF-8 text", self.path(file)))
                .help("save the file as UTF-8, with `iconv -f latin1 -t utf-8` for example"),
            EngineError::BadJson { source, file, line, reason } => self
                .at_source(
                    &data::BAD_JSON,
                    source,
                    format!("{}, line {line}: not one JSON object: {reason}", self.path(file)),
                )
                .help("write one object on each line: `{\"a\": 1}`"),
            EngineError::BadValue { source, file, place, column, value, expected } => {
                let place = match place {
                    Place::Line(line) => format!("line {line}"),
                    Place::Row(row) => format!("row {row}"),
                };
                let headline = format!(
                    "{}, {place}: column `{column}` holds {:?}, which is not {expected}",
                    self.path(file),
                    shortened(value)
                );
                self.at_column(&data::BAD_VALUE, source, column, headline)
                    .help("correct the value, or declare the type that the column really has")
            }
            _ => return None,
        })
    }

    fn source(&self, name: &str) -> Option<&Source> {
        self.loaded.project.model.sources.iter().find(|source| source.header.name.as_str() == name)
    }

    fn at_source(&self, code: &'static Code, source: &str, headline: String) -> Diagnostic {
        let finding = code.finding(headline);
        match self.source(source) {
            Some(source) => finding.at(self.file_span(source), format!("source `{}` reads it", source.header.name)),
            None => finding,
        }
    }

    fn at_column(&self, code: &'static Code, source: &str, column: &str, headline: String) -> Diagnostic {
        let Some(declared) = self.source(source) else { return code.finding(headline) };
        let Some(found) = declared.columns.iter().find(|known| known.name.as_str() == column) else {
            return self.at_source(code, source, headline);
        };
        code.finding(headline).at(found.span, "declared here").also(self.file_span(declared), "read from here")
    }

    /// Where it is said which files a source reads.
    fn file_span(&self, source: &Source) -> Span {
        let name = source.header.name.as_str();
        let mapped = self.target.tables.iter().find(|table| table.source == name).map(|table| table.span);
        mapped.unwrap_or(match &source.origin {
            Origin::File { span, .. } | Origin::Table { span, .. } => *span,
            Origin::Query { .. } => source.header.span,
        })
    }

    /// The folder of the target's data, for people.
    fn data(&self) -> String {
        let folder = self.target.data.trim_start_matches("./").trim_end_matches('/');
        match folder {
            "" | "." => "the project's folder".to_owned(),
            folder => format!("`{folder}/`"),
        }
    }

    /// A path as the reader reaches it from where they stand.
    fn path(&self, path: &Path) -> String {
        let full = Path::new(&self.target.data).join(path);
        let text = full.to_string_lossy().replace('\\', "/");
        let text = text.trim_start_matches("./");
        if full.is_absolute() { text.to_owned() } else { format!("{}{text}", self.loaded.prefix) }
    }
}

fn shortened(value: &str) -> String {
    match value.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}
