//! Writing an answer to a Parquet file, whole or not at all.

use std::error::Error;
use std::io;
use std::path::Path;

use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use tempfile::NamedTempFile;

use crate::{EngineError, RecordBatches};

/// Writes the rows beside `path` and then renames the file, so that a reader sees the old file or the new one.
pub fn write_parquet(rows: &RecordBatches, path: &Path) -> Result<(), EngineError> {
    let failed = |reason: &(dyn Error + 'static)| unwritten(path, reason);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = temporary(folder).map_err(|error| failed(&error))?;
    write_rows(rows, &file).map_err(|error| failed(&error))?;
    file.as_file().sync_all().map_err(|error| failed(&error))?;
    file.persist(path).map_err(|error| failed(&error.error))?;
    Ok(())
}

/// Why a file could not be written.
fn unwritten(path: &Path, error: &(dyn Error + 'static)) -> EngineError {
    let mut full = false;
    let mut reason = error.to_string();
    let mut link = Some(error);
    while let Some(current) = link {
        // What the system says is the innermost of the reasons.
        if let Some(refused) = current.downcast_ref::<io::Error>() {
            full |= matches!(refused.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
            reason = refused.to_string();
        }
        link = current.source();
    }
    EngineError::Unwritten { path: path.to_owned(), reason, full }
}

/// A temporary file with the rights any new file has.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix(".groma-").suffix(".parquet.tmp").tempfile_in(folder)
}

fn write_rows(rows: &RecordBatches, file: &NamedTempFile) -> Result<(), ParquetError> {
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(file.as_file(), rows.schema.clone(), Some(properties))?;
    for batch in &rows.batches {
        writer.write(batch)?;
    }
    writer.close()?;
    Ok(())
}
