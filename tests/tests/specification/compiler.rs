//! A case in the compiler's hands: its project, its questions, its data on disk.

use crate::docs::ACT;
use crate::engines::Load;
use groma_engine::{ColumnSpec, ColumnType, FileSource};
use groma_model::check::versions::Taken;
use groma_model::meaning::Era;
use groma_model::types::{Base, Type};
use groma_model::{Diagnostic, FileId, Grouping, MetricId, Origin, Source, SourceId, time::Grain};
use groma_plan::{Estimated, Further, Planned, Request, Sets, plan_eras};
use groma_project::{MANIFEST, MemoryWorld, Project, compile};
use groma_sql::{Dialect, RenderError};
use groma_syntax::parse_expression;
use groma_tests::Outcome;
use groma_tests::case::{Case, Question, Table};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZoneDatabase;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// The manifest of a case that gives none.
const PLAIN: &str = "project: case\nlanguage: 1\ntimezone: UTC\nweek_starts: monday\ndefault_grain: month\n";
/// The day on which cases are judged that give none.
const TODAY: &str = "2026-07-01";
/// Where a case's statements run, for a manifest that does not say so.
const TARGETS: &str = "targets:\n  local: { engine: datafusion }\n  duckdb: { engine: duckdb }\n  \
                       postgres: { engine: postgres }\ndefault_target: local\n";

/// A compiled case.
pub(crate) struct Compiled<'c> {
    case: &'c Case,
    manifest: String,
    pub(crate) project: Project,
}

/// A planned question.
pub(crate) struct Asked {
    planned: Planned,
}

/// A source of the case whose data stands beside it.
pub(crate) struct SourceTable<'c> {
    source: &'c Source,
    columns: Vec<(String, ColumnType)>,
}

/// How a command ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) answers: String,
    pub(crate) messages: String,
}

impl<'c> Compiled<'c> {
    /// Compiles a case, whatever is found.
    pub(crate) fn new(case: &'c Case) -> Self {
        let own = case.manifest.clone();
        let mut manifest = own.unwrap_or_else(|| PLAIN.to_owned());
        if !manifest.contains("targets:") && manifest.starts_with("project:") {
            manifest.push_str(TARGETS);
        }
        let start = MemoryWorld::with_manifest(&manifest);
        let world = case.contents().fold(start, |world, (path, bytes)| world.file(path, bytes));
        let mut project = compile(&world);
        let today = case.today.as_deref().unwrap_or(TODAY);
        project.judge(today.parse().unwrap_or_default());
        Self { case, manifest, project }
    }

    /// The names of the project's own metrics that can be asked for.
    pub(crate) fn metrics(&self) -> Vec<String> {
        let metrics = self.project.model.metrics.iter();
        metrics
            .filter(|metric| !metric.header.standard && !metric.header.broken)
            .map(|metric| metric.header.name.to_string())
            .collect()
    }

    /// The metrics of a question.
    pub(crate) fn asked_metrics(&self, question: &Question) -> Vec<String> {
        if question.metrics.is_empty() { self.metrics() } else { question.metrics.clone() }
    }

    /// The sources that hold rows of their own.
    pub(crate) fn tables(&self) -> Vec<SourceTable<'_>> {
        let holds = |source: &&Source| !matches!(source.origin, Origin::Query { .. });
        self.project.model.sources.iter().filter(holds).map(|source| self.table(source)).collect()
    }

    fn table<'s>(&'s self, source: &'s Source) -> SourceTable<'s> {
        let column = |column: &groma_model::Column| (column.name.to_string(), self.column_type(&column.ty));
        SourceTable { source, columns: source.columns.iter().map(column).collect() }
    }

    fn column_type(&self, ty: &Type) -> ColumnType {
        match &ty.base {
            Base::Bool => ColumnType::Bool,
            Base::Int => ColumnType::Int,
            Base::Real => ColumnType::Float,
            Base::Decimal { precision, scale } => ColumnType::Decimal { precision: *precision, scale: *scale },
            Base::Date => ColumnType::Date,
            Base::Instant { zone } => ColumnType::Instant { zone: zone.to_string() },
            Base::Scale { low, high } => ColumnType::Scale { low: *low, high: *high },
            Base::Customer(id) => {
                let customer = self.project.model.customer(*id);
                self.column_type(&self.project.model.column(customer.source, customer.key).ty)
            }
            Base::Text | Base::Verbatim | Base::Unknown | Base::Null => ColumnType::Text,
        }
    }

    /// Writes the project with its data and gives the folder with what the embedded engine reads there. A source without
    /// rows is an empty one.
    ///
    /// # Errors
    /// A file cannot be written, or rows are given for what is no file of rows.
    pub(crate) fn on_disk(&self) -> Outcome<(TempDir, Vec<FileSource>)> {
        let folder = self.written()?;
        let mut sources = Vec::new();
        for table in self.tables() {
            let mut pattern = table.pattern();
            if !folder.path().join(&pattern).exists() && is_one_file(&pattern) {
                write(folder.path(), &pattern, table.complete(self.case)?.to_csv().as_bytes())?;
            }
            if table.has_empty_texts(self.case) {
                // CSV has no empty text: an empty field is null.
                pattern.push_str(".ndjson");
                write(folder.path(), &pattern, table.json_lines(self.case)?.as_bytes())?;
            }
            sources.push(table.file_source(folder.path(), pattern));
        }
        Ok((folder, sources))
    }

    /// What the embedded engine reads where the data stands in a folder already.
    pub(crate) fn file_sources(&self, data: &Path) -> Vec<FileSource> {
        let tables = self.tables().into_iter();
        tables
            .map(|table| table.pattern())
            .zip(self.tables())
            .map(|(pattern, table)| table.file_source(data, pattern))
            .collect()
    }

    /// Writes the project with the data that is given.
    fn written(&self) -> Outcome<TempDir> {
        let folder = tempfile::tempdir().map_err(|error| format!("a folder for the case: {error}"))?;
        write(folder.path(), MANIFEST, self.manifest.as_bytes())?;
        for (path, bytes) in self.case.contents() {
            write(folder.path(), path, &bytes)?;
        }
        for (name, _) in &self.case.rows {
            let tables = self.tables();
            let table = tables.iter().find(|table| table.source.header.name == name.as_str());
            let table = table.ok_or_else(|| format!("rows are given for {name:?}, which is no source with rows"))?;
            // The files of a pattern stand in the case; its rows are for the other engines.
            if is_one_file(&table.pattern()) {
                write(folder.path(), &table.pattern(), table.complete(self.case)?.to_csv().as_bytes())?;
            }
        }
        Ok(folder)
    }

    /// Runs a command of `groma` on the case.
    ///
    /// # Errors
    /// It cannot be started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Outcome<Ended> {
        let folder = self.written()?;
        let failed = |error: std::io::Error| format!("groma does not start: {error}");
        let output = Command::new(std::env::current_exe().map_err(failed)?)
            .env(ACT, "1")
            .env("NO_COLOR", "1")
            .env("COLUMNS", "200")
            .current_dir(folder.path())
            .args(arguments)
            .output()
            .map_err(failed)?;
        Ok(Ended {
            code: output.status.code().unwrap_or(-1),
            answers: String::from_utf8_lossy(&output.stdout).into_owned(),
            messages: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}

/// The project in which one version of metrics is read at all times.
fn held(compiled: &Compiled<'_>, metrics: &[String], number: u32) -> Outcome<Project> {
    let mut project = compiled.project.clone();
    let taken: Vec<_> = metrics.iter().map(|name| (name.as_str().into(), Taken::Version(number))).collect();
    let found = project.hold(&taken);
    if found.is_empty() { Ok(project) } else { Err(words(&found)) }
}

impl Asked {
    /// Resolves and plans a question.
    ///
    /// # Errors
    /// Why it cannot be answered.
    pub(crate) fn new(compiled: &Compiled<'_>, question: &Question) -> Outcome<Self> {
        let asked = compiled.asked_metrics(question);
        let held = question.version.map(|number| held(compiled, &asked, number)).transpose()?;
        let project = held.as_ref().unwrap_or(&compiled.project);
        let (model, eras) = (&project.model, project.eras());
        let metric = |name: &String| model.metric_named(name).ok_or_else(|| format!("there is no metric {name:?}"));
        let metrics: Vec<MetricId> = asked.iter().map(metric).collect::<Outcome<_>>()?;
        let of = |era: &Era<'_>| -> Vec<SourceId> {
            metrics.iter().flat_map(|id| era.model.metric(*id).sources.iter().copied()).collect()
        };
        let sources: BTreeSet<SourceId> = eras.iter().flat_map(of).collect();
        let sources: Vec<SourceId> = sources.into_iter().collect();
        let filter = match &question.condition {
            Some(condition) => model.filter(&expression(condition)?, &sources).map_err(|found| words(&found))?,
            None => Vec::new(),
        };
        let grouping = |path: &String| -> Outcome<Grouping> {
            model.grouping(&expression(path)?, &sources).map_err(|found| words(&found))
        };
        let with = |word: &str| question.with.iter().any(|known| known == word);
        let request = Request {
            grain: grain(compiled, question, &metrics)?,
            metrics,
            by: question.by.iter().map(grouping).collect::<Outcome<_>>()?,
            from: question.from.as_deref().map(day).transpose()?,
            to: question.to.as_deref().map(day).transpose()?,
            filter,
            as_of: question.as_of.as_deref().map(moment).transpose()?,
            sets: Sets::with_totals(with("totals")),
            intervals: with("intervals").then_some(0.95),
            estimated: Estimated::All,
            further: Further { changes: with("changes"), weights: with("weights"), ..Further::default() },
            table: &|id| vec![model.source(id).header.name.to_string()],
        };
        Ok(Self { planned: plan_eras(&eras, &request).map_err(|found| words(&found))? })
    }

    /// The plan's outline.
    pub(crate) fn plan(&self) -> String {
        self.planned.statement.to_string()
    }

    /// The statement in a dialect.
    ///
    /// # Errors
    /// The dialect cannot say it.
    pub(crate) fn sql(&self, dialect: &Dialect) -> Outcome<String> {
        self.sql_if_supported(dialect)?.ok_or_else(|| format!("{} cannot compute it", dialect.name()))
    }

    /// The statement in a dialect whose engine can compute it.
    ///
    /// # Errors
    /// It cannot be written for another reason.
    pub(crate) fn sql_if_supported(&self, dialect: &Dialect) -> Outcome<Option<String>> {
        match groma_sql::render(&self.planned.statement, dialect) {
            Ok(text) => Ok(Some(text)),
            Err(RenderError::Unsupported { .. }) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl SourceTable<'_> {
    /// The file of the rows, also for what is a table elsewhere.
    fn pattern(&self) -> String {
        match &self.source.origin {
            Origin::File { pattern, .. } => pattern.clone(),
            _ => format!("{}.csv", self.source.header.name),
        }
    }

    fn file_source(self, base: &Path, pattern: String) -> FileSource {
        let column = |(name, ty)| ColumnSpec { name, ty, optional: true };
        FileSource {
            name: self.source.header.name.to_string(),
            pattern,
            base: base.to_owned(),
            columns: self.columns.into_iter().map(column).collect(),
        }
    }

    /// The rows of the case in the declared columns; what is not given is null.
    fn complete(&self, case: &Case) -> Outcome<Table> {
        let name = self.source.header.name.as_str();
        let columns: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let Some((_, given)) = case.rows.iter().find(|(source, _)| source == name) else {
            return Ok(Table { columns, rows: Vec::new() });
        };
        if let Some(strange) = given.columns.iter().find(|column| !columns.contains(column)) {
            return Err(format!("rows of {name:?} have a column {strange:?} that is not declared"));
        }
        let place = |column: &String| given.columns.iter().position(|known| known == column);
        let places: Vec<Option<usize>> = columns.iter().map(place).collect();
        let row = |row: &Vec<Option<String>>| places.iter().map(|place| row[(*place)?].clone()).collect();
        Ok(Table { rows: given.rows.iter().map(row).collect(), columns })
    }

    fn has_empty_texts(&self, case: &Case) -> bool {
        let empty = |(name, table): &(String, Table)| {
            self.source.header.name == name.as_str()
                && table.rows.iter().flatten().any(|cell| cell.as_deref() == Some(""))
        };
        case.rows.iter().any(empty)
    }

    /// The rows as lines of JSON.
    fn json_lines(&self, case: &Case) -> Outcome<String> {
        let mut lines = String::new();
        for row in self.complete(case)?.rows {
            let cells = row.into_iter().zip(&self.columns).map(|(cell, (name, ty))| (name.clone(), json(cell, ty)));
            lines.push_str(&Json::Object(cells.collect()).to_string());
            lines.push('\n');
        }
        Ok(lines)
    }

    /// The rows as another engine takes them.
    ///
    /// # Errors
    /// The rows of the case do not fit the source.
    pub(crate) fn load(&self, case: &Case) -> Outcome<Load> {
        let mut rows = self.complete(case)?.rows;
        for row in &mut rows {
            for (value, (_, ty)) in row.iter_mut().zip(&self.columns) {
                if let (Some(text), ColumnType::Instant { zone }) = (&value, ty) {
                    *value = Some(wall_clock(text, zone)?);
                }
            }
        }
        let columns = self.columns.iter().map(|(name, ty)| (name.clone(), stored(ty))).collect();
        Ok(Load { name: self.source.header.name.to_string(), columns, rows })
    }
}

/// The grain that is asked for, or the one grain of all metrics, or the project's.
fn grain(compiled: &Compiled<'_>, question: &Question, metrics: &[MetricId]) -> Outcome<Grain> {
    let model = &compiled.project.model;
    if let Some(word) = &question.grain {
        return Grain::from_word(word).ok_or_else(|| format!("there is no grain {word:?}"));
    }
    let grains: BTreeSet<Option<Grain>> = metrics.iter().map(|id| model.metric(*id).grains.first().copied()).collect();
    match grains.into_iter().collect::<Vec<_>>()[..] {
        [Some(one)] => Ok(one),
        _ => Ok(model.calendar.default_grain),
    }
}

fn expression(text: &str) -> Outcome<groma_syntax::ast::Expr> {
    parse_expression(FileId(0), text).map_err(|found| words(&[found]))
}

fn day(text: &str) -> Outcome<Date> {
    text.parse().map_err(|error| format!("{text}: {error}"))
}

/// A date means its midnight.
fn moment(text: &str) -> Outcome<DateTime> {
    text.parse().map_err(|error| format!("{text}: {error}"))
}

fn words(findings: &[Diagnostic]) -> String {
    findings.iter().map(crate::claims::headline).collect()
}

fn write(folder: &Path, path: &str, bytes: &[u8]) -> Outcome {
    let path = folder.join(path);
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(&path, bytes)).map_err(|error| format!("{}: {error}", path.display()))
}

/// Whether a source's pattern names one CSV file.
fn is_one_file(pattern: &str) -> bool {
    pattern.ends_with(".csv") && !pattern.contains(['*', '?', '[', '{'])
}

/// The type that the helper of the other engines knows.
fn stored(ty: &ColumnType) -> String {
    match ty {
        ColumnType::Bool => "bool".to_owned(),
        ColumnType::Int | ColumnType::Scale { .. } => "int".to_owned(),
        ColumnType::Float => "real".to_owned(),
        ColumnType::Decimal { precision, scale } => format!("decimal({precision},{scale})"),
        ColumnType::Text => "text".to_owned(),
        ColumnType::Date => "date".to_owned(),
        ColumnType::Instant { .. } => "timestamp".to_owned(),
    }
}

/// A cell as JSON: numbers and truth values as they are written, the rest as texts.
fn json(cell: Option<String>, ty: &ColumnType) -> Json {
    let Some(text) = cell else { return Json::Null };
    match ty {
        ColumnType::Text | ColumnType::Date | ColumnType::Instant { .. } => Json::String(text),
        _ => serde_json::from_str(&text).unwrap_or(Json::String(text)),
    }
}

/// What the clock of a zone shows at a moment that is given with its offset; without one it shows that already.
fn wall_clock(text: &str, zone: &str) -> Outcome<String> {
    let Ok(moment) = text.parse::<Timestamp>() else { return Ok(text.to_owned()) };
    let zone = TimeZoneDatabase::bundled().get(zone).map_err(|error| error.to_string())?;
    Ok(zone.to_datetime(moment).to_string())
}
