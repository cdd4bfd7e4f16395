//! One JSON object per line: columns are found by key, a missing key is null, other keys are ignored.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fmt::{self, Formatter};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{BATCH, Batches, Reading};
use crate::builder::Builder;
use crate::files::DataFile;
use crate::{EngineError, Place};

/// Lines whose undeclared keys are noted, to be named where a declared key is missing.
const NOTED_LINES: u64 = 1_000;

/// Which keys have been seen in any file of a scan: a key that is in no row at all is a missing column.
#[derive(Debug, Clone)]
pub(crate) struct KeyWatch {
    file: usize,
    shared: Arc<Seen>,
}

#[derive(Debug)]
struct Seen {
    /// The file that is named when a column is missing from all of them.
    first: PathBuf,
    keys: Vec<AtomicBool>,
    others: Mutex<BTreeSet<String>>,
    rows: AtomicBool,
    finished: Vec<AtomicBool>,
}

impl KeyWatch {
    /// One watch for each file.
    pub(crate) fn new(columns: usize, files: &[DataFile]) -> Vec<Self> {
        let flags = |count| std::iter::repeat_with(AtomicBool::default).take(count).collect();
        let shared = Arc::new(Seen {
            first: files.first().map(|file| file.shown.clone()).unwrap_or_default(),
            keys: flags(columns),
            others: Mutex::default(),
            rows: AtomicBool::default(),
            finished: flags(files.len()),
        });
        (0..files.len()).map(|file| Self { file, shared: shared.clone() }).collect()
    }

    fn saw(&self, column: usize) {
        self.shared.keys[column].store(true, Ordering::Relaxed);
    }

    fn saw_row(&self) {
        self.shared.rows.store(true, Ordering::Relaxed);
    }

    fn was_seen(&self, column: usize) -> bool {
        self.shared.keys[column].load(Ordering::SeqCst)
    }

    /// Marks this file as read. Once all are, no declared key may have stayed unseen, unless there was no row.
    fn finish(&self, reading: &Reading, others: &mut BTreeSet<String>) -> Result<(), EngineError> {
        let mut noted = self.shared.others.lock().unwrap_or_else(PoisonError::into_inner);
        noted.append(others);
        self.shared.finished[self.file].store(true, Ordering::SeqCst);
        let done = self.shared.finished.iter().all(|file| file.load(Ordering::SeqCst));
        if !done || !self.shared.rows.load(Ordering::SeqCst) {
            return Ok(());
        }
        let columns = || reading.columns.iter().enumerate();
        let Some((_, missing)) = columns().find(|(position, _)| !self.was_seen(*position)) else { return Ok(()) };
        let declared =
            columns().filter(|(position, _)| self.was_seen(*position)).map(|(_, column)| column.name.clone());
        Err(EngineError::MissingColumn {
            source: reading.source.to_string(),
            file: self.shared.first.clone(),
            column: missing.name.clone(),
            available: declared.chain(noted.iter().cloned()).collect(),
        })
    }
}

/// Opens a file. It has no header: what is missing shows at its end.
pub(super) fn open(reading: &Reading, file: &DataFile, keys: KeyWatch) -> Result<Batches, EngineError> {
    let opened = File::open(&file.path).map_err(|error| EngineError::io(&file.shown, &error))?;
    let names = reading.columns.iter().enumerate().map(|(position, column)| (column.name.clone(), position)).collect();
    let mut slots = vec![None; reading.columns.len()];
    for (slot, &column) in reading.projection.iter().enumerate() {
        slots[column] = Some(slot);
    }
    Ok(Box::new(JsonBatches {
        lines: BufReader::with_capacity(1 << 17, opened),
        buffer: Vec::new(),
        line: 0,
        builders: reading.builders(),
        names,
        slots,
        keys,
        others: BTreeSet::new(),
        reading: reading.clone(),
        file: file.clone(),
        finished: false,
    }))
}

struct JsonBatches {
    lines: BufReader<File>,
    buffer: Vec<u8>,
    line: u64,
    builders: Vec<Builder>,
    /// Declared columns by name.
    names: HashMap<String, usize>,
    /// For each declared column its place in the projection.
    slots: Vec<Option<usize>>,
    keys: KeyWatch,
    others: BTreeSet<String>,
    reading: Reading,
    file: DataFile,
    finished: bool,
}

impl Iterator for JsonBatches {
    type Item = Result<RecordBatch, EngineError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        match self.read_rows() {
            Ok(0) => None,
            Ok(rows) => {
                let columns = self.builders.iter_mut().map(Builder::finish).collect();
                Some(self.reading.batch(columns, rows))
            }
            Err(error) => {
                self.finished = true;
                Some(Err(error))
            }
        }
    }
}

impl JsonBatches {
    fn read_rows(&mut self) -> Result<usize, EngineError> {
        let mut rows = 0;
        while rows < BATCH {
            self.buffer.clear();
            let length = self.lines.read_until(b'\n', &mut self.buffer);
            if length.map_err(|error| EngineError::io(&self.file.shown, &error))? == 0 {
                self.finished = true;
                self.keys.finish(&self.reading, &mut self.others)?;
                break;
            }
            self.line += 1;
            rows += usize::from(self.read_line()?);
        }
        Ok(rows)
    }

    /// Reads the line in the buffer; false if it is blank.
    fn read_line(&mut self) -> Result<bool, EngineError> {
        let fault = Fault { source: &self.reading.source, file: &self.file, line: self.line };
        let bytes = match self.line {
            1 => self.buffer.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.buffer),
            _ => &self.buffer,
        };
        let text = std::str::from_utf8(bytes).map_err(|_| fault.not_utf8())?;
        if text.trim_ascii().is_empty() {
            return Ok(false);
        }
        let mut values = vec![None; self.builders.len()];
        let others = (self.line <= NOTED_LINES).then_some(&mut self.others);
        let row = Row { names: &self.names, slots: &self.slots, keys: &self.keys, others, values: &mut values };
        let mut deserializer = serde_json::Deserializer::from_str(text);
        row.deserialize(&mut deserializer).map_err(|error| fault.json(&error))?;
        deserializer.end().map_err(|error| fault.json(&error))?;
        self.keys.saw_row();
        for ((value, builder), column) in values.iter().zip(&mut self.builders).zip(self.reading.projected()) {
            match value {
                None => builder.append_null(),
                Some(value) => builder.append_json(value.get()).map_err(|_| EngineError::BadValue {
                    source: self.reading.source.to_string(),
                    file: self.file.shown.clone(),
                    place: Place::Line(self.line),
                    column: column.name.clone(),
                    value: value.get().to_owned(),
                    expected: column.kind.expected(),
                })?,
            }
        }
        Ok(true)
    }
}

struct Fault<'line> {
    source: &'line str,
    file: &'line DataFile,
    line: u64,
}

impl Fault<'_> {
    fn not_utf8(&self) -> EngineError {
        EngineError::NotUtf8 { source: self.source.to_owned(), file: self.file.shown.clone(), line: self.line }
    }

    fn json(&self, error: &serde_json::Error) -> EngineError {
        EngineError::BadJson {
            source: self.source.to_owned(),
            file: self.file.shown.clone(),
            line: self.line,
            // The parser sees one line, and counts it as the first.
            reason: error.to_string().replace(" at line 1 column ", " at column "),
        }
    }
}

/// One row: the text of each projected value.
struct Row<'row, 'line> {
    names: &'row HashMap<String, usize>,
    slots: &'row [Option<usize>],
    keys: &'row KeyWatch,
    others: Option<&'row mut BTreeSet<String>>,
    values: &'row mut Vec<Option<&'line RawValue>>,
}

#[derive(Deserialize)]
struct Key<'line>(#[serde(borrow)] Cow<'line, str>);

impl<'line> DeserializeSeed<'line> for Row<'_, 'line> {
    type Value = ();

    fn deserialize<D: Deserializer<'line>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'line> Visitor<'line> for Row<'_, 'line> {
    type Value = ();

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("one JSON object per line")
    }

    fn visit_map<A: MapAccess<'line>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            let column = self.names.get(&*key).copied();
            match (column, &mut self.others) {
                (Some(column), _) => self.keys.saw(column),
                (None, Some(others)) if !others.contains(&*key) => _ = others.insert(key.to_string()),
                (None, _) => {}
            }
            let Some(slot) = column.and_then(|column| self.slots[column]) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if self.values[slot].replace(map.next_value()?).is_some() {
                return Err(A::Error::custom(format!("the key {key:?} stands in it twice")));
            }
        }
        Ok(())
    }
}
