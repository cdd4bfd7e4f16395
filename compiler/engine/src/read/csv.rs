//! Delimited text with a header: columns are found by name, quotations may span lines, blank lines are no records.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use arrow::array::RecordBatch;
use csv::{ByteRecord, Reader, ReaderBuilder};

use super::{BATCH, Batches, Reading};
use crate::builder::Builder;
use crate::files::DataFile;
use crate::{EngineError, Place};

/// Opens a file and checks its header.
pub(super) fn open(reading: &Reading, file: &DataFile, delimiter: u8) -> Result<Batches, EngineError> {
    let opened = File::open(&file.path).map_err(|error| EngineError::io(&file.shown, &error))?;
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(1 << 17)
        .from_reader(opened);
    let mut header = ByteRecord::new();
    let faults = Faults { reading: reading.clone(), file: file.clone(), delimiter };
    if !reader.read_byte_record(&mut header).map_err(|error| faults.reader(&error))? {
        return Err(EngineError::EmptyFile { source: reading.source.to_string(), file: file.shown.clone() });
    }
    let names: Option<Vec<&str>> = header.iter().map(|name| std::str::from_utf8(name).ok()).collect();
    let names = names.ok_or_else(|| faults.not_utf8(0))?;
    let positions = reading.positions(file, &names)?;
    let builders = reading.builders().into_iter();
    let fields = reading.projection.iter().zip(builders).map(|(&column, builder)| Field {
        position: positions[column],
        column,
        builder,
    });
    let fields = fields.collect();
    let width = header.len();
    Ok(Box::new(CsvBatches { reader, record: header, fields, width, faults, finished: false }))
}

/// A projected column and where it stands in a record.
struct Field {
    position: usize,
    column: usize,
    builder: Builder,
}

struct CsvBatches {
    reader: Reader<File>,
    record: ByteRecord,
    fields: Vec<Field>,
    width: usize,
    faults: Faults,
    finished: bool,
}

impl Iterator for CsvBatches {
    type Item = Result<RecordBatch, EngineError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        match self.read_rows() {
            Ok(0) => None,
            Ok(rows) => {
                let columns = self.fields.iter_mut().map(|field| field.builder.finish()).collect();
                Some(self.faults.reading.batch(columns, rows))
            }
            Err(error) => {
                self.finished = true;
                Some(Err(error))
            }
        }
    }
}

impl CsvBatches {
    /// Reads up to a batch of records into the builders.
    fn read_rows(&mut self) -> Result<usize, EngineError> {
        for rows in 0..BATCH {
            let last = start(&self.record);
            if !self.reader.read_byte_record(&mut self.record).map_err(|error| self.faults.reader(&error))? {
                self.finished = true;
                self.faults.closed(last, start(&self.record))?;
                return Ok(rows);
            }
            self.read_record()?;
        }
        Ok(BATCH)
    }

    fn read_record(&mut self) -> Result<(), EngineError> {
        let start = start(&self.record);
        if self.record.len() != self.width {
            self.faults.closed(start, self.reader.position().byte())?;
            return Err(self.faults.ragged(start, self.width, self.record.len()));
        }
        for field in &mut self.fields {
            let bytes = &self.record[field.position];
            if bytes.is_empty() {
                field.builder.append_null();
                continue;
            }
            let text = std::str::from_utf8(bytes).map_err(|_| self.faults.not_utf8(start))?;
            field.builder.append_text(text).map_err(|_| self.faults.value(start, field.column, text))?;
        }
        Ok(())
    }
}

/// The byte a record starts at, or the line breaks before it.
fn start(record: &ByteRecord) -> u64 {
    record.position().map_or(0, csv::Position::byte)
}

/// Makes errors of one file. Lines are counted only here, once something is wrong.
struct Faults {
    reading: Reading,
    file: DataFile,
    delimiter: u8,
}

impl Faults {
    fn reader(&self, error: &csv::Error) -> EngineError {
        EngineError::Io { path: self.file.shown.clone(), reason: error.to_string() }
    }

    fn not_utf8(&self, start: u64) -> EngineError {
        let source = self.reading.source.to_string();
        self.at_line(start, |line| EngineError::NotUtf8 { source, file: self.file.shown.clone(), line })
    }

    fn ragged(&self, start: u64, expected: usize, found: usize) -> EngineError {
        let source = self.reading.source.to_string();
        let file = self.file.shown.clone();
        self.at_line(start, |line| EngineError::RaggedRow { source, file, line, expected, found })
    }

    fn value(&self, start: u64, column: usize, value: &str) -> EngineError {
        let column = &self.reading.columns[column];
        self.at_line(start, |line| EngineError::BadValue {
            source: self.reading.source.to_string(),
            file: self.file.shown.clone(),
            place: Place::Line(line),
            column: column.name.clone(),
            value: value.to_owned(),
            expected: column.kind.expected(),
        })
    }

    /// That every quotation of the record between two bytes ends within it.
    fn closed(&self, start: u64, end: u64) -> Result<(), EngineError> {
        let open = ends_within_quotation(&self.file.path, start, end, self.delimiter);
        if !open.map_err(|error| EngineError::io(&self.file.shown, &error))? {
            return Ok(());
        }
        let source = self.reading.source.to_string();
        Err(self.at_line(start, |line| EngineError::UnclosedQuote { source, file: self.file.shown.clone(), line }))
    }

    fn at_line(&self, start: u64, error: impl FnOnce(u64) -> EngineError) -> EngineError {
        match line_of(&self.file.path, start) {
            Ok(line) => error(line),
            Err(failure) => EngineError::io(&self.file.shown, &failure),
        }
    }
}

/// The line of the first character at or after a byte that is no line break.
fn line_of(path: &Path, start: u64) -> std::io::Result<u64> {
    let mut line = 1;
    let mut after_return = false;
    for (position, byte) in (0..).zip(BufReader::new(File::open(path)?).bytes()) {
        let byte = byte?;
        if position >= start && byte != b'\n' && byte != b'\r' {
            break;
        }
        // A line ends with LF, CR LF or CR.
        line += u64::from(byte == b'\r' || (byte == b'\n' && !after_return));
        after_return = byte == b'\r';
    }
    Ok(line)
}

/// Whether the bytes from `start` to `end` stop inside a quotation, which the reader of records lets pass.
fn ends_within_quotation(path: &Path, start: u64, end: u64, delimiter: u8) -> std::io::Result<bool> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = BufReader::new(file.take(end.saturating_sub(start)));
    if start == 0 && bytes.fill_buf()?.starts_with(b"\xEF\xBB\xBF") {
        bytes.consume(3);
    }
    let (mut quoted, mut field_begins) = (false, true);
    for byte in bytes.bytes() {
        let byte = byte?;
        // A doubled quotation mark ends the quotation and begins it again.
        let quote = byte == b'"' && (quoted || field_begins);
        field_begins = !quoted && (byte == delimiter || byte == b'\n' || byte == b'\r') || quote && quoted;
        quoted ^= quote;
    }
    Ok(quoted)
}
