//! Every rule of reading and every error, on files made for the purpose.

mod csv_files;
mod errors;
mod held_rows;
mod json_files;
mod parquet_files;
mod patterns;
mod statements;
mod values;

use std::fs;
use std::path::Path;

use arrow::array::Array;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use tempfile::TempDir;

use crate::{ColumnSpec, ColumnType, Embedded, Engine, EngineError, FileSource, RecordBatches};

/// A folder that goes away with the test.
fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn write(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// The source `orders` with these columns.
fn source(base: &Path, pattern: &str, columns: &[(&str, ColumnType)]) -> FileSource {
    let column = |(name, ty): &(&str, ColumnType)| ColumnSpec { name: (*name).into(), ty: ty.clone(), optional: false };
    FileSource {
        name: "orders".to_owned(),
        pattern: pattern.to_owned(),
        base: base.to_owned(),
        columns: columns.iter().map(column).collect(),
    }
}

/// The rows of a statement over one source, fields separated by `|`.
fn query(folder: &TempDir, pattern: &str, columns: &[(&str, ColumnType)], sql: &str) -> Result<String, EngineError> {
    let engine = Embedded::new()?;
    engine.register(source(folder.path(), pattern, columns))?;
    engine.run(sql).map(|rows| text(&rows))
}

/// All rows of the source, in the order they were read.
fn read(folder: &TempDir, pattern: &str, columns: &[(&str, ColumnType)]) -> Result<String, EngineError> {
    query(folder, pattern, columns, r#"SELECT * FROM "orders""#)
}

/// One column `v` of a CSV file with this one value.
fn one(value: &str, ty: ColumnType) -> Result<String, EngineError> {
    let folder = folder();
    write(&folder, "orders.csv", format!("k,v\n1,{value}\n"));
    query(&folder, "orders.csv", &[("v", ty)], r#"SELECT "v" FROM "orders""#)
}

/// The message of what must fail.
fn message(result: Result<String, EngineError>) -> String {
    result.unwrap_err().to_string()
}

fn text(rows: &RecordBatches) -> String {
    let options = FormatOptions::default().with_null("null");
    let mut lines = Vec::new();
    for batch in &rows.batches {
        let columns: Vec<&dyn Array> = batch.columns().iter().map(AsRef::as_ref).collect();
        let formatters: Vec<_> =
            columns.iter().map(|column| ArrayFormatter::try_new(*column, &options).unwrap()).collect();
        for row in 0..batch.num_rows() {
            let fields: Vec<String> = formatters.iter().map(|formatter| formatter.value(row).to_string()).collect();
            lines.push(fields.join("|"));
        }
    }
    lines.join("\n")
}

fn decimal(precision: u8, scale: i8) -> ColumnType {
    ColumnType::Decimal { precision, scale }
}

fn instant(zone: &str) -> ColumnType {
    ColumnType::Instant { zone: zone.to_owned() }
}
