//! Running statements: the embedded engine, and the one trait all engines stand behind.
//!
//! This crate opens the files of sources, reads them strictly by their declared types, and runs one query at a time; or it
//! asks a PostgreSQL server. It knows no metrics and no model: a source is a name, a pattern and columns. It never guesses a
//! type and never turns a value it cannot read into a null.

#![expect(clippy::disallowed_methods, reason = "this crate meets the world: it opens the files of sources")]

mod builder;
mod embedded;
mod error;
mod files;
mod hold;
mod materialize;
mod postgres;
mod read;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod value;
mod write;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

pub use embedded::Embedded;
pub use error::{EngineError, Place};
pub use hold::{conformed, read_parquet};
pub use postgres::{Holder, Postgres, Refusal, ServerColumn, ServerGuarantees, ServerTable, Trouble, keeps, reads_as};
pub use source::{ColumnSpec, ColumnType, FileSource};
pub use write::write_parquet;

/// A place where statements run. Blocking; one query at a time.
pub trait Engine {
    /// Runs one query and returns all of its rows.
    fn run(&self, sql: &str) -> Result<RecordBatches, EngineError>;
}

/// The rows of an answer. Text is always `Utf8`, whatever the engine computed with.
#[derive(Debug, Clone)]
pub struct RecordBatches {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
}

impl RecordBatches {
    /// Rows in all batches together.
    pub fn row_count(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }
}
