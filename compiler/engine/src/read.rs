//! One reader for each format, all with one shape: a file in, batches of the projected columns out.

mod cast;
mod csv;
mod json;
mod parquet;

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;

pub(crate) use json::KeyWatch;

use crate::EngineError;
use crate::builder::Builder;
use crate::files::{DataFile, Format};
use crate::source::Column;

/// Rows in a batch.
pub(crate) const BATCH: usize = 8_192;

/// The batches of one file, until its end or its first error.
pub(crate) type Batches = Box<dyn Iterator<Item = Result<RecordBatch, EngineError>> + Send>;

/// What is read from each file of a source. Every declared column must be there; only the projected ones are parsed.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(crate) source: Arc<str>,
    pub(crate) columns: Arc<[Column]>,
    pub(crate) projection: Arc<[usize]>,
    /// The schema of the projected columns.
    pub(crate) schema: SchemaRef,
}

impl Reading {
    /// Opens a file: its header is checked now, its rows when they are asked for.
    pub(crate) fn open(&self, file: &DataFile, keys: KeyWatch) -> Result<Batches, EngineError> {
        match file.format {
            Format::Csv => csv::open(self, file, b','),
            Format::Tsv => csv::open(self, file, b'\t'),
            Format::Json => json::open(self, file, keys),
            Format::Parquet => parquet::open(self, file),
        }
    }

    /// A file as the parts that can be read at the same time; together, and in this order, they are the whole.
    pub(crate) fn parts(&self, file: &DataFile) -> Result<Vec<DataFile>, EngineError> {
        match file.format {
            Format::Parquet => parquet::parts(self, file),
            Format::Csv | Format::Tsv | Format::Json => Ok(vec![file.clone()]),
        }
    }

    /// Where the declared columns stand among the names a file has.
    fn positions(&self, file: &DataFile, names: &[&str]) -> Result<Vec<usize>, EngineError> {
        self.columns.iter().map(|column| self.position(file, names, &column.name)).collect()
    }

    fn position(&self, file: &DataFile, names: &[&str], wanted: &str) -> Result<usize, EngineError> {
        let mut found = names.iter().enumerate().filter(|(_, name)| **name == wanted).map(|(position, _)| position);
        match (found.next(), found.next()) {
            (Some(position), None) => Ok(position),
            (Some(_), Some(_)) => Err(EngineError::DuplicateHeader {
                source: self.source.to_string(),
                file: file.shown.clone(),
                column: wanted.to_owned(),
            }),
            (None, _) => Err(EngineError::MissingColumn {
                source: self.source.to_string(),
                file: file.shown.clone(),
                column: wanted.to_owned(),
                available: names.iter().map(|name| (*name).to_owned()).collect(),
            }),
        }
    }

    /// The projected columns.
    fn projected(&self) -> impl Iterator<Item = &Column> {
        self.projection.iter().map(|&position| &self.columns[position])
    }

    fn builders(&self) -> Vec<Builder> {
        self.projected().map(|column| Builder::new(&column.kind)).collect()
    }

    /// A batch of the projected columns; the count matters where none is projected.
    fn batch(&self, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch, EngineError> {
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &options).map_err(|error| {
            EngineError::Internal { message: error.to_string(), sql: format!("read {:?}", self.source) }
        })
    }
}
