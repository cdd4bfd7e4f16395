//! Running examples: each on the embedded engine, on the rows it gives and on nothing else.

use super::engine_findings::{column_type, finding};
use super::rows::Rows;
use super::running::{physical_tables, source_named, sql};
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::terminal::Terminal;
use groma_engine::{ColumnSpec, ColumnType, Embedded, Engine as _, EngineError, FileSource};
use groma_model::{Column, Diagnostic, Example, Source, SourceId, TextRow, TextTable};
use groma_plan::relation::Statement;
use groma_plan::{Estimated, Further, Request, Sets};
use groma_project::Target;
use serde_json::Value;
use std::path::Path;
use std::{fs, io};

/// An engine for examples, one after another.
pub(crate) struct Bench {
    engine: Embedded,
    /// No target of the project: an example runs the same wherever the project's data is.
    target: Target,
}

/// What came of an example.
pub(crate) enum Ran {
    Answered(Rows),
    /// Why it has no answer.
    Refused(Vec<Diagnostic>),
}

impl Bench {
    pub(crate) fn new() -> Result<Self, Failure> {
        let engine = Embedded::new().map_err(|error| Failure::Bug { what: error.to_string() })?;
        Ok(Self { engine, target: Target::local() })
    }

    /// Computes an example.
    pub(crate) fn run(&self, loaded: &Loaded, example: &Example, terminal: &mut Terminal) -> Result<Ran, Failure> {
        let model = &loaded.project.model;
        let table = |id: SourceId| self.target.table(model.source(id));
        let request = Request {
            metrics: example.metrics.clone(),
            grain: example.grain,
            by: example.by.clone(),
            from: example.from,
            to: example.to,
            filter: Vec::new(),
            as_of: example.as_of,
            sets: Sets::Whole,
            intervals: example.intervals,
            estimated: Estimated::All,
            further: Further::default(),
            table: &table,
        };
        let planned = match groma_plan::plan_eras(&loaded.project.eras(), &request) {
            Ok(planned) => planned,
            Err(found) => return Ok(Ran::Refused(found)),
        };
        let text = sql(loaded, &self.target, &planned.statement, terminal)?;
        let folder = tempfile::tempdir().map_err(|error| refused(&error))?;
        match self.give_rows(loaded, example, &planned.statement, folder.path())? {
            None => {}
            Some(found) => return Ok(Ran::Refused(vec![found])),
        }
        match self.engine.run(&text) {
            Ok(batches) => Ok(Ran::Answered(Rows::of(&batches)?)),
            Err(error) => Ok(Ran::Refused(vec![self.finding(loaded, example, &error)?])),
        }
    }

    /// Makes every source that a statement reads a table with the example's rows.
    fn give_rows(
        &self,
        loaded: &Loaded,
        example: &Example,
        statement: &Statement,
        folder: &Path,
    ) -> Result<Option<Diagnostic>, Failure> {
        let model = &loaded.project.model;
        for table in physical_tables(statement) {
            let source = match source_named(model, &self.target, &table) {
                Ok(source) => source,
                Err(found) => return Ok(Some(found)),
            };
            let given = example.rows.iter().find(|(id, _)| std::ptr::eq(model.source(*id), source));
            let column = |column: &Column| ColumnSpec {
                name: column.name.to_string(),
                ty: column_type(model, &column.ty.base),
                optional: column.optional,
            };
            let columns: Vec<ColumnSpec> = source.columns.iter().map(column).collect();
            let file = Written { source, columns: &columns, table: given.map(|(_, table)| table) };
            let pattern = file.write(folder).map_err(|error| refused(&error))?;
            let registered =
                self.engine.register(FileSource { name: table, pattern, base: folder.to_owned(), columns });
            if let Err(error) = registered {
                return Ok(Some(self.finding(loaded, example, &error)?));
            }
        }
        Ok(None)
    }

    /// What an engine found in an example's rows, said of the example.
    fn finding(&self, loaded: &Loaded, example: &Example, error: &EngineError) -> Result<Diagnostic, Failure> {
        let mut found = finding(loaded, &self.target, error)?;
        if let Some(label) = found.primary.take() {
            found = found.at(example.header.span, "found in the rows of this example").also(label.span, label.text);
        }
        Ok(found)
    }
}

fn refused(error: &io::Error) -> Failure {
    Failure::refused("the rows of an example cannot be written", error)
}

/// The rows of a source, to be written where the engine reads them.
struct Written<'a> {
    source: &'a Source,
    columns: &'a [ColumnSpec],
    table: Option<&'a TextTable>,
}

impl<'a> Written<'a> {
    /// Writes the file and gives its name. CSV has no empty text: rows with one are written as JSON.
    fn write(&self, folder: &Path) -> io::Result<String> {
        let has_empty_text = self.rows().iter().flatten().any(|cell| *cell == Some(""));
        let (extension, text) = if has_empty_text { ("ndjson", self.json()) } else { ("csv", self.csv()?) };
        let name = format!("{}.{extension}", self.source.header.name);
        fs::write(folder.join(&name), text)?;
        Ok(name)
    }

    /// All columns of the source; what is not given is null.
    fn rows(&self) -> Vec<Vec<Option<&'a str>>> {
        let Some(table) = self.table else { return Vec::new() };
        let places: Vec<Option<usize>> = self.columns.iter().map(|column| table.position(&column.name)).collect();
        let row = |row: &'a TextRow| places.iter().map(|place| row.cells.get((*place)?)?.text.as_deref()).collect();
        table.rows.iter().map(row).collect()
    }

    fn csv(&self) -> io::Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|column| &column.name))?;
        for row in self.rows() {
            writer.write_record(row.into_iter().map(Option::unwrap_or_default))?;
        }
        writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
    }

    fn json(&self) -> Vec<u8> {
        let mut text = String::new();
        for row in self.rows() {
            let cells: Vec<String> = row
                .into_iter()
                .zip(self.columns)
                .map(|(cell, column)| format!("{}:{}", Value::from(column.name.as_str()), json(cell, &column.ty)))
                .collect();
            text.push_str(&format!("{{{}}}\n", cells.join(",")));
        }
        text.into_bytes()
    }
}

/// A cell as JSON writes it, exactly.
fn json(cell: Option<&str>, ty: &ColumnType) -> String {
    let Some(text) = cell else { return Value::Null.to_string() };
    match ty {
        ColumnType::Text | ColumnType::Date | ColumnType::Instant { .. } => Value::from(text).to_string(),
        ColumnType::Bool => ["true", "t", "1"].iter().any(|word| text.eq_ignore_ascii_case(word)).to_string(),
        ColumnType::Float | ColumnType::Int | ColumnType::Scale { .. } | ColumnType::Decimal { .. } => number(text),
    }
}

/// A number without a plus, without zeros before it, and with a digit on each side of its point.
fn number(text: &str) -> String {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let whole = digits.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = digits.split_at(whole);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let rest = match rest.strip_prefix('.') {
        Some(after) if !after.starts_with(|next: char| next.is_ascii_digit()) => format!(".0{after}"),
        _ => rest.to_owned(),
    };
    format!("{sign}{whole}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_become_json() {
        let decimal = ColumnType::Decimal { precision: 10, scale: 2 };
        for (text, ty, expected) in [
            (None, &decimal, "null"),
            (Some("+007.50"), &decimal, "7.50"),
            (Some("-.5"), &decimal, "-0.5"),
            (Some("5."), &decimal, "5.0"),
            (Some("1e3"), &ColumnType::Float, "1e3"),
            (Some("0"), &ColumnType::Int, "0"),
            (Some("T"), &ColumnType::Bool, "true"),
            (Some("a \"b\""), &ColumnType::Text, "\"a \\\"b\\\"\""),
            (Some(""), &ColumnType::Text, "\"\""),
        ] {
            assert_eq!(json(text, ty), expected, "{text:?}");
        }
    }
}
