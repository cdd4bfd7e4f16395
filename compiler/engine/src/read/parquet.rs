//! Parquet: columns are found by name, and read by their declared type only where nothing can be lost.

use std::fs::File;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::Type;
use parquet::file::metadata::RowGroupMetaData;

use super::cast::{self, Misfit};
use super::{BATCH, Batches, Reading};
use crate::files::DataFile;
use crate::source::{Column, Kind};
use crate::{EngineError, Place};

/// Parts of a file at most: each reads the file's description again.
const PARTS: usize = 8;

/// Opens a file and checks its schema.
pub(super) fn open(reading: &Reading, file: &DataFile) -> Result<Batches, EngineError> {
    let builder = describe(reading, file)?;
    let found = builder.schema().clone();
    let names: Vec<&str> = found.fields().iter().map(|field| field.name().as_str()).collect();
    let positions = reading.positions(file, &names)?;
    for (column, &position) in reading.columns.iter().zip(&positions) {
        check_type(reading, file, column, &stored_type(&builder, &found, position))?;
    }
    let wanted: Vec<usize> = reading.projection.iter().map(|&column| positions[column]).collect();
    let order = wanted.iter().map(|position| wanted.iter().filter(|other| *other < position).count()).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
    let groups = file.groups.clone().unwrap_or(0..builder.metadata().num_row_groups());
    let before = builder.metadata().row_groups().iter().take(groups.start).map(RowGroupMetaData::num_rows);
    let rows = before.sum::<i64>().unsigned_abs();
    let reader = builder.with_projection(mask).with_batch_size(BATCH).with_row_groups(groups.collect()).build();
    let reader = reader.map_err(|error| broken(reading, file, &error))?;
    Ok(Box::new(ParquetBatches { reader, order, rows, reading: reading.clone(), file: file.clone(), failed: false }))
}

/// The file in runs of row groups.
pub(super) fn parts(reading: &Reading, file: &DataFile) -> Result<Vec<DataFile>, EngineError> {
    let groups = describe(reading, file)?.metadata().num_row_groups();
    if groups < 2 {
        return Ok(vec![file.clone()]);
    }
    let share = groups.div_ceil(PARTS);
    let part = |start| DataFile { groups: Some(start..groups.min(start + share)), ..file.clone() };
    Ok((0..groups).step_by(share).map(part).collect())
}

/// The file's own description of what it holds.
fn describe(reading: &Reading, file: &DataFile) -> Result<ParquetRecordBatchReaderBuilder<File>, EngineError> {
    let opened = File::open(&file.path).map_err(|error| EngineError::io(&file.shown, &error))?;
    let length = opened.metadata().map_err(|error| EngineError::io(&file.shown, &error))?.len();
    if length == 0 {
        return Err(EngineError::EmptyFile { source: reading.source.to_string(), file: file.shown.clone() });
    }
    ParquetRecordBatchReaderBuilder::try_new(opened).map_err(|error| broken(reading, file, &error))
}

/// How a column is stored: an Arrow type, or the one physical type whose meaning depends on who wrote it.
enum Stored {
    Arrow(DataType),
    /// A timestamp of 96 bits, which some writers mean as UTC and others as wall clock.
    Int96,
}

fn stored_type(builder: &ParquetRecordBatchReaderBuilder<File>, schema: &SchemaRef, position: usize) -> Stored {
    let columns = builder.parquet_schema();
    let leaves = (0..columns.num_columns()).filter(|&leaf| columns.get_column_root_idx(leaf) == position);
    let physical: Vec<Type> = leaves.map(|leaf| columns.column(leaf).physical_type()).collect();
    match physical[..] {
        [Type::INT96] => Stored::Int96,
        _ => Stored::Arrow(schema.field(position).data_type().clone()),
    }
}

fn check_type(reading: &Reading, file: &DataFile, column: &Column, stored: &Stored) -> Result<(), EngineError> {
    let (readable, found) = match (stored, &column.kind) {
        (Stored::Arrow(found), kind) => (cast::is_lossless(found, kind), found.to_string()),
        // Where the declared zone is UTC both readings are one.
        (Stored::Int96, Kind::Instant(zone)) => (
            matches!(zone.iana_name(), Some("UTC" | "Etc/UTC")),
            "INT96 (a timestamp whose zone depends on its writer)".to_owned(),
        ),
        (Stored::Int96, _) => (false, "INT96".to_owned()),
    };
    if readable {
        return Ok(());
    }
    Err(EngineError::BadParquetType {
        source: reading.source.to_string(),
        file: file.shown.clone(),
        column: column.name.clone(),
        found,
        expected: column.kind.expected(),
    })
}

fn broken(reading: &Reading, file: &DataFile, error: &dyn std::error::Error) -> EngineError {
    EngineError::BadParquet { source: reading.source.to_string(), file: file.shown.clone(), reason: error.to_string() }
}

struct ParquetBatches {
    reader: ParquetRecordBatchReader,
    /// For each projected column its place in the reader's batches.
    order: Vec<usize>,
    /// Rows of the file before the next batch.
    rows: u64,
    reading: Reading,
    file: DataFile,
    failed: bool,
}

impl Iterator for ParquetBatches {
    type Item = Result<RecordBatch, EngineError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let batch = match self.reader.next()? {
            Ok(batch) => self.convert(&batch),
            Err(error) => Err(broken(&self.reading, &self.file, &error)),
        };
        self.failed = batch.is_err();
        Some(batch)
    }
}

impl ParquetBatches {
    fn convert(&mut self, batch: &RecordBatch) -> Result<RecordBatch, EngineError> {
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.order.len());
        let mut first: Option<(Misfit, &Column)> = None;
        for (&position, column) in self.order.iter().zip(self.reading.projected()) {
            match cast::cast(batch.column(position), &column.kind) {
                Ok(array) => columns.push(array),
                Err(misfit) if first.as_ref().is_none_or(|(other, _)| misfit.row < other.row) => {
                    first = Some((misfit, column));
                }
                Err(_) => {}
            }
        }
        if let Some((misfit, column)) = first {
            return Err(EngineError::BadValue {
                source: self.reading.source.to_string(),
                file: self.file.shown.clone(),
                place: Place::Row(self.rows + 1 + misfit.row as u64),
                column: column.name.clone(),
                value: misfit.value,
                expected: column.kind.expected(),
            });
        }
        self.rows += batch.num_rows() as u64;
        self.reading.batch(columns, batch.num_rows())
    }
}
