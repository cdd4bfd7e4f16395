//! A source as a table: streams its files at the same time, and reads only what a statement asks for.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use futures::stream;

use crate::files::{DataFile, resolve};
use crate::read::{KeyWatch, Reading};
use crate::source::schema;
use crate::{EngineError, FileSource};

/// Partitions of a source at most: each keeps a file open.
const PARTITIONS: usize = 64;

/// A source whose files and headers have been checked.
#[derive(Debug)]
pub(crate) struct FileTable {
    reading: Reading,
    /// The files, or their parts.
    files: Arc<[DataFile]>,
}

impl FileTable {
    /// Finds the files of a source and checks that each has the declared columns.
    pub(crate) fn open(source: &FileSource) -> std::result::Result<Self, EngineError> {
        let columns = source.checked_columns()?;
        let files = resolve(source)?;
        let schema = schema(&columns);
        let reading =
            Reading { source: source.name.as_str().into(), columns: columns.into(), projection: Arc::new([]), schema };
        for (file, keys) in files.iter().zip(KeyWatch::new(reading.columns.len(), &files)) {
            _ = reading.open(file, keys)?;
        }
        let parts = files.iter().map(|file| reading.parts(file)).collect::<std::result::Result<Vec<_>, _>>()?;
        Ok(Self { reading, files: parts.concat().into() })
    }

    /// The same source, read for some of its columns only.
    fn projected(&self, projection: Option<&Vec<usize>>) -> Result<Reading> {
        let all = || (0..self.reading.columns.len()).collect();
        let projection: Vec<usize> = projection.cloned().unwrap_or_else(all);
        let schema = SchemaRef::new(self.reading.schema.project(&projection)?);
        Ok(Reading { projection: projection.into(), schema, ..self.reading.clone() })
    }
}

#[async_trait]
impl TableProvider for FileTable {
    fn schema(&self) -> SchemaRef {
        self.reading.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let reading = self.projected(projection)?;
        let keys = KeyWatch::new(reading.columns.len(), &self.files);
        let share = self.files.len().div_ceil(PARTITIONS).max(1);
        let partition = |first: usize| {
            let last = (first + share).min(self.files.len());
            let (reading, files, keys) = (reading.clone(), self.files.clone(), keys[first..last].to_vec());
            Arc::new(FilePartition { reading, files, first, keys }) as Arc<dyn PartitionStream>
        };
        let partitions = (0..self.files.len()).step_by(share).map(partition).collect();
        Ok(Arc::new(StreamingTableExec::try_new(reading.schema.clone(), partitions, None, None, false, limit)?))
    }
}

/// Some neighbouring files of a source, or parts of them.
#[derive(Debug)]
struct FilePartition {
    reading: Reading,
    /// All files of the source, or their parts.
    files: Arc<[DataFile]>,
    /// The first file of this partition, and a watch for each of its files.
    first: usize,
    keys: Vec<KeyWatch>,
}

impl PartitionStream for FilePartition {
    fn schema(&self) -> &SchemaRef {
        &self.reading.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (reading, files) = (self.reading.clone(), self.files.clone());
        let numbered = (self.first..).zip(self.keys.clone());
        let batches = numbered.flat_map(move |(number, keys)| {
            let (reading, files) = (reading.clone(), files.clone());
            let opened = reading.open(&files[number], keys);
            let (batches, failure) = match opened {
                Ok(batches) => (Some(batches), None),
                Err(error) => (None, Some(Err(error))),
            };
            let rows = batches.into_iter().flatten().chain(failure);
            rows.map(move |batch| batch.map_err(|error| first_error(&reading, &files[..=number], error)))
        });
        let batches = batches.map(|batch| batch.map_err(DataFusionError::from));
        Box::pin(RecordBatchStreamAdapter::new(self.reading.schema.clone(), stream::iter(batches)))
    }
}

/// The error of the first of some files, the last of which has failed. Files are read at the same time, and which fails
/// first depends on the machine; what is reported must not.
fn first_error(reading: &Reading, files: &[DataFile], found: EngineError) -> EngineError {
    let error_of = |(file, keys): (&DataFile, KeyWatch)| match reading.open(file, keys) {
        Ok(mut batches) => batches.find_map(std::result::Result::err),
        Err(error) => Some(error),
    };
    // The last is not read again, so these watches never find a key missing.
    let earlier = files.iter().zip(KeyWatch::new(reading.columns.len(), files)).take(files.len().saturating_sub(1));
    let mut errors = earlier.filter_map(error_of);
    errors.next().unwrap_or(found)
}
