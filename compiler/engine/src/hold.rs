//! Rows in memory as tables, and rows that were written before.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, new_null_array};
use arrow::compute;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::catalog::MemTable;
use datafusion::common::TableReference;
use datafusion::error::DataFusionError;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::source::{checked, schema};
use crate::{ColumnSpec, Embedded, EngineError, RecordBatches};

impl Embedded {
    /// Makes rows a table of these columns, in place of what had its name. A column that the rows lack, or have with values
    /// of another type, is null.
    ///
    /// # Errors
    /// A type that no column can have.
    pub fn hold(&self, name: &str, columns: &[ColumnSpec], rows: &RecordBatches) -> Result<(), EngineError> {
        let rows = conformed(name, columns, rows)?;
        let failed = |error: &DataFusionError| EngineError::from_datafusion(error, "");
        let table = MemTable::try_new(rows.schema, vec![rows.batches]).map_err(|error| failed(&error))?;
        let name = TableReference::bare(name);
        self.context.deregister_table(name.clone()).map_err(|error| failed(&error))?;
        self.context.register_table(name, Arc::new(table)).map_err(|error| failed(&error))?;
        Ok(())
    }
}

/// The same rows with exactly these columns. A column that they lack, or have with values of another type, is null.
///
/// # Errors
/// A type that no column can have.
pub fn conformed(name: &str, columns: &[ColumnSpec], rows: &RecordBatches) -> Result<RecordBatches, EngineError> {
    let schema = schema(&checked(name, columns)?);
    let conform = |batch: &RecordBatch| {
        let column = |field: &Arc<arrow::datatypes::Field>| -> ArrayRef {
            let found = batch.column_by_name(field.name());
            let cast = found.and_then(|array| compute::cast(array, field.data_type()).ok());
            cast.unwrap_or_else(|| new_null_array(field.data_type(), batch.num_rows()))
        };
        let arrays = schema.fields().iter().map(column).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(SchemaRef::clone(&schema), arrays, &options)
            .map_err(|error| EngineError::Internal { message: error.to_string(), sql: String::new() })
    };
    let batches = rows.batches.iter().map(conform).collect::<Result<_, _>>()?;
    Ok(RecordBatches { schema, batches })
}

/// The rows that `write_parquet` wrote; none where there is no file.
///
/// # Errors
/// The file cannot be read, or is no Parquet.
pub fn read_parquet(path: &Path) -> Result<Option<RecordBatches>, EngineError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(EngineError::io(path, &error)),
    };
    let broken = |reason: String| EngineError::BadParquet { source: String::new(), file: path.to_owned(), reason };
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| broken(error.to_string()))?;
    let schema = SchemaRef::clone(builder.schema());
    let reader = builder.build().map_err(|error| broken(error.to_string()))?;
    let batches = reader.collect::<Result<Vec<_>, _>>().map_err(|error| broken(error.to_string()))?;
    Ok(Some(RecordBatches { schema, batches }))
}
