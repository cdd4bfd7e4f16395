//! A run of the embedded engine: answers as Parquet files in a folder, one for each job, replaced by rename.
//!
//! Rows that a job does not own stay in their files: those of metrics that are not in the project any more, and those of
//! metrics that another job computes now, until that job has written them.

use super::kept::column_type;
use super::lock::{FolderLock, Taken};
use super::session::{counted_cells, shown};
use super::{Options, Stop, Written};
use crate::answer::{Cell, Rows, RunError, Running, rendered};
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::terminal::Terminal;
use crate::warehouse::{Job, Warehouse};
use arrow::array::{AsArray as _, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use groma_engine::{
    ColumnSpec, Embedded, Engine as _, EngineError, RecordBatches, conformed, read_parquet, write_parquet,
};
use groma_model::Diagnostic;
use groma_plan::relation::{Expr, Order, Statement, Table, ValueType};
use groma_project::{Target, server};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

/// How long is waited before the lock is asked for again.
const POLL: Duration = Duration::from_millis(250);

/// What the merging statement of a job reads.
const FRESH: &str = "fresh";
const ANSWERS: &str = groma_sql::keeping::ANSWERS;

/// A metric at a grain: what a job owns.
type Owned = BTreeSet<(String, String)>;

/// The folder of answers, locked.
pub(super) struct Files<'a> {
    loaded: &'a Loaded,
    target: &'a Target,
    folder: PathBuf,
    running: Running<'a>,
    /// Knows no source, only fresh cells and answers: a source may have one of their names.
    merging: Embedded,
    columns: Vec<ColumnSpec>,
    /// What each file held before the run, by the name of its job, with the columns of today.
    before: BTreeMap<String, RecordBatches>,
    /// What each job of the project owns.
    owners: BTreeMap<String, Owned>,
    full: bool,
    _lock: FolderLock,
}

/// The file of a job.
pub(super) fn name(job: &str) -> String {
    format!("{job}.parquet")
}

impl<'a> Files<'a> {
    /// Makes the folder, locks it and reads what it holds.
    pub(super) fn open(
        loaded: &'a Loaded,
        target: &'a Target,
        warehouse: &Warehouse,
        options: &Options,
        terminal: &mut Terminal,
    ) -> Result<Self, Stop> {
        let folder = loaded.world.root().join(&target.answers);
        let unwritable = |error: &io::Error| Stop::Found(vec![not_written(target, &target.answers, error)]);
        fs::create_dir_all(&folder).map_err(|error| unwritable(&error))?;
        let lock = locked(target, &folder, options.wait, terminal)?;
        let running = Running::open(loaded, target).map_err(|error| Stop::of_run(&error, loaded, target))?;
        let merging = Embedded::new().map_err(|error| Stop::of_run(&RunError::Engine(error), loaded, target))?;
        let columns: Vec<ColumnSpec> = warehouse.layout.columns.iter().map(column).collect();
        let model = &loaded.project.model;
        let owned = |job: &groma_plan::Job| -> Owned {
            let grain = job.grain.word().to_owned();
            job.metrics.iter().map(|id| (model.metric(*id).header.name.to_string(), grain.clone())).collect()
        };
        let published = crate::building::published(model);
        let jobs = groma_plan::jobs(model, &published);
        let owners = jobs.iter().map(|job| (job.name.clone(), owned(job))).collect();
        let mut files = Self {
            loaded,
            target,
            folder,
            running,
            merging,
            columns,
            before: BTreeMap::new(),
            owners,
            full: options.full,
            _lock: lock,
        };
        files.before = files.read().map_err(|error| files.stop(&error))?;
        Ok(files)
    }

    /// All Parquet files of the folder.
    fn read(&self) -> Result<BTreeMap<String, RecordBatches>, EngineError> {
        let refused = |error: &io::Error| EngineError::Io { path: self.folder.clone(), reason: error.to_string() };
        let mut found = BTreeMap::new();
        for entry in fs::read_dir(&self.folder).map_err(|error| refused(&error))? {
            let path = entry.map_err(|error| refused(&error))?.path();
            if is_left_over(&path) {
                // Nobody else writes here while the lock is held; what stays does no harm.
                _ = fs::remove_file(&path);
                continue;
            }
            let stem = path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned);
            let is_answer = path.extension().is_some_and(|extension| extension == "parquet");
            if let (Some(job), true) = (stem.filter(|stem| !stem.starts_with('.')), is_answer)
                && let Some(rows) = read_parquet(&path)?
            {
                found.insert(job, conformed("answers", &self.columns, &rows)?);
            }
        }
        Ok(found)
    }

    /// The rows of a question about sources.
    pub(super) fn ask(&mut self, statement: &Statement, text: &str) -> Result<RecordBatches, Stop> {
        let registered = self.running.register(self.loaded, self.target, statement);
        let answer = registered.and_then(|()| self.running.run(text));
        answer.map_err(|error| Stop::of_run(&error, self.loaded, self.target))
    }

    /// Refreshes a job: its file is replaced when all its rows are there.
    pub(super) fn refresh(&mut self, job: &Job) -> Result<Written, Stop> {
        let publication = &job.publication;
        let text = self.text(&publication.fresh)?;
        let fresh = self.ask(&publication.fresh, &text)?;
        let earlier = self.earlier(&job.plan.name);
        self.hold(FRESH, &fresh)?;
        self.hold(ANSWERS, &earlier)?;
        let merged = self.answer(&ordered(&publication.merged))?;
        let mut written = self.counts()?;
        let kept = self.kept(&earlier, &merged)?;
        written.rows = (merged.row_count() as u64).saturating_sub(kept);
        written.removed = (earlier.row_count() as u64).saturating_sub(kept);
        let mut rows = merged;
        rows.batches.extend(self.of_others(&job.plan.name));
        self.write(&job.plan.name, &rows)?;
        Ok(written)
    }

    /// What a job's rows were before: those of its own file, and of other files those of metrics that its own lacks.
    fn earlier(&self, job: &str) -> RecordBatches {
        let schema = self.before.values().next().map(|rows| rows.schema.clone());
        let owned = self.owners.get(job).cloned().unwrap_or_default();
        let own: Vec<&RecordBatch> = self.before.get(job).into_iter().flat_map(|rows| &rows.batches).collect();
        let there: Owned = own.iter().flat_map(|batch| places(batch)).collect();
        let mut batches: Vec<RecordBatch> =
            own.iter().filter_map(|batch| only(batch, |place| owned.contains(place))).collect();
        for (other, rows) in &self.before {
            if other != job {
                let wanted = |place: &(String, String)| owned.contains(place) && !there.contains(place);
                batches.extend(rows.batches.iter().filter_map(|batch| only(batch, wanted)));
            }
        }
        match schema {
            Some(schema) => RecordBatches { schema, batches },
            None => RecordBatches { schema: RecordBatch::new_empty(empty()).schema(), batches: Vec::new() },
        }
    }

    /// The rows of a job's file that it does not own.
    fn of_others(&self, job: &str) -> Vec<RecordBatch> {
        let owned = self.owners.get(job).cloned().unwrap_or_default();
        let rows = self.before.get(job).into_iter().flat_map(|rows| &rows.batches);
        rows.filter_map(|batch| only(batch, |place| !owned.contains(place))).collect()
    }

    /// Takes rows out of files whose owners have written them to their own.
    pub(super) fn tidy(&self, refreshed: &BTreeSet<String>) -> Result<(), Stop> {
        let mine = |job: &String| self.owners.get(job).into_iter().flatten();
        for (file, before) in &self.before {
            let own: Owned = mine(file).cloned().collect();
            let moved: Owned = refreshed
                .iter()
                .filter(|job| *job != file)
                .flat_map(mine)
                .filter(|place| !own.contains(place))
                .cloned()
                .collect();
            let stale = before.batches.iter().flat_map(places).any(|place| moved.contains(&place));
            if !stale {
                continue;
            }
            let path = self.folder.join(name(file));
            let Some(now) = read_parquet(&path).map_err(|error| self.stop(&error))? else { continue };
            let batches: Vec<RecordBatch> =
                now.batches.iter().filter_map(|batch| only(batch, |place| !moved.contains(place))).collect();
            if batches.is_empty() && !self.owners.contains_key(file) {
                fs::remove_file(&path)
                    .map_err(|error| Stop::Found(vec![not_written(self.target, &self.shown(file), &error)]))?;
            } else {
                self.write(file, &RecordBatches { schema: now.schema, batches })?;
            }
        }
        Ok(())
    }

    fn write(&self, job: &str, rows: &RecordBatches) -> Result<(), Stop> {
        // What an earlier release wrote may lack columns; one file has one schema.
        let rows = conformed("answers", &self.columns, rows).map_err(|error| self.stop(&error))?;
        write_parquet(&rows, &self.folder.join(name(job))).map_err(|error| self.stop(&error))
    }

    fn shown(&self, job: &str) -> String {
        format!("{}/{}", self.target.answers.trim_end_matches('/'), name(job))
    }

    /// Rows in memory as a table.
    fn hold(&self, table: &str, rows: &RecordBatches) -> Result<(), Stop> {
        self.merging.hold(table, &self.columns, rows).map_err(|error| self.stop(&error))
    }

    fn text(&self, statement: &Statement) -> Result<String, Stop> {
        match rendered(self.target, statement) {
            Ok(Ok(text)) => Ok(text),
            Ok(Err(finding)) => Err(Stop::Found(vec![*finding])),
            Err(failure) => Err(Stop::Failed(failure)),
        }
    }

    /// The rows of a statement over tables that are held.
    fn answer(&self, statement: &Statement) -> Result<RecordBatches, Stop> {
        let text = self.text(statement)?;
        self.merging.run(&text).map_err(|error| self.stop(&error))
    }

    fn counts(&self) -> Result<Written, Stop> {
        let batches = self.answer(&counted_cells(Table::Physical(vec![FRESH.to_owned()])))?;
        let mut written = Written::default();
        for row in Rows::of(&batches).map_err(Stop::Failed)?.rows {
            if let [Cell::Text(status), Cell::Int(count), as_of] = row.as_slice() {
                written.cells.insert(status.clone(), u64::try_from(*count).unwrap_or(0));
                if *as_of != Cell::Null {
                    written.as_of = Some(as_of.to_string());
                }
            }
        }
        Ok(written)
    }

    /// How many rows stay as they were.
    fn kept(&self, earlier: &RecordBatches, merged: &RecordBatches) -> Result<u64, Stop> {
        if self.full {
            return Ok(0);
        }
        let rows = |rows: &RecordBatches| Rows::of(rows).map_err(Stop::Failed);
        let (earlier, merged) = (rows(earlier)?, rows(merged)?);
        let Some(status) = merged.position("status") else { return Ok(0) };
        let line = |row: &Vec<Cell>| format!("{row:?}");
        let known: BTreeSet<String> = earlier.rows.iter().map(line).collect();
        let settled = |row: &&Vec<Cell>| row.get(status) == Some(&Cell::Text("settled".to_owned()));
        Ok(merged.rows.iter().filter(settled).filter(|row| known.contains(&line(row))).count() as u64)
    }

    fn stop(&self, error: &EngineError) -> Stop {
        match error {
            EngineError::Unwritten { path, reason, full } => {
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                let shown = format!("{}/{file}", self.target.answers.trim_end_matches('/'));
                Stop::Found(vec![unwritten(self.target, &shown, reason, *full)])
            }
            EngineError::BadParquet { file, reason, .. } => {
                let file = file.file_name().unwrap_or_default().to_string_lossy();
                Stop::Found(vec![
                    server::REFUSED
                        .finding(format!("{}/{file} is not what a run wrote: {reason}", self.target.answers))
                        .at(self.target.span, "answers of this target are kept there")
                        .help("restore the file; without it, all of its periods are computed anew, settled ones too"),
                ])
            }
            EngineError::Io { path, reason } => {
                let what = format!("{} cannot be read: {reason}", path.display());
                Stop::Failed(Failure::Refused { headline: what })
            }
            other => Stop::of_run(&RunError::Engine(other.clone()), self.loaded, self.target),
        }
    }
}

/// What a run that was killed had not finished.
fn is_left_over(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(".groma-") && name.ends_with(".parquet.tmp")
}

/// The same rows in one order, so that the same answers are the same bytes.
fn ordered(statement: &Statement) -> Statement {
    let mut statement = statement.clone();
    let keys = statement.result.columns.iter().map(|output| output.expr.clone());
    let order = |expr: Expr| Order { expr, descending: false, nulls_first: true };
    statement.result.order_by = keys.map(order).collect();
    statement
}

fn column((name, value_type): &(String, ValueType)) -> ColumnSpec {
    ColumnSpec { name: name.clone(), ty: column_type(*value_type), optional: true }
}

fn empty() -> arrow::datatypes::SchemaRef {
    std::sync::Arc::new(arrow::datatypes::Schema::empty())
}

/// The metric and grain of each row.
fn places(batch: &RecordBatch) -> Vec<(String, String)> {
    let text = |name: &str| batch.column_by_name(name).and_then(|array| array.as_string_opt::<i32>().cloned());
    let (Some(metrics), Some(grains)) = (text("metric"), text("grain")) else { return Vec::new() };
    let word = |text: Option<&str>| text.unwrap_or_default().to_owned();
    metrics.iter().zip(grains.iter()).map(|(metric, grain)| (word(metric), word(grain))).collect()
}

/// The rows of those metrics and grains; none where there is none.
fn only(batch: &RecordBatch, wanted: impl Fn(&(String, String)) -> bool) -> Option<RecordBatch> {
    let mask: BooleanArray = places(batch).iter().map(|place| Some(wanted(place))).collect();
    let rows = filter_record_batch(batch, &mask).ok()?;
    (rows.num_rows() > 0).then_some(rows)
}

/// The lock of a folder; waits for another run to end.
fn locked(target: &Target, folder: &Path, wait: Duration, terminal: &mut Terminal) -> Result<FolderLock, Stop> {
    let start = Instant::now();
    let mut told = false;
    loop {
        let who = match FolderLock::take(folder) {
            Ok(lock) => return Ok(lock),
            Err(Taken::Unwritable(error)) => {
                return Err(Stop::Found(vec![not_written(target, &target.answers, &error)]));
            }
            Err(Taken::By(who)) => who,
        };
        let who = if who.is_empty() { "another run".to_owned() } else { format!("another run ({who})") };
        let at_work =
            format!("{who} is at work on {}/ of target `{}`", target.answers.trim_end_matches('/'), target.name);
        if start.elapsed() >= wait {
            let waited = if wait.is_zero() { String::new() } else { format!(" and was after {}", shown(wait)) };
            return Err(Stop::Found(vec![
                server::BUSY
                    .finding(format!("{at_work}{waited}"))
                    .at(target.span, "one run at a time")
                    .help("wait for it longer with `--wait 1h`; nothing was changed"),
            ]));
        }
        if !told {
            terminal.say(&format!("{at_work}: waiting up to {}", shown(wait)));
            told = true;
        }
        thread::sleep(POLL);
    }
}

fn not_written(target: &Target, what: &str, error: &io::Error) -> Diagnostic {
    let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    unwritten(target, what, &error.to_string(), full)
}

fn unwritten(target: &Target, what: &str, reason: &str, full: bool) -> Diagnostic {
    let (code, help) = match full {
        true => (&server::DISK_FULL, "make space; what was there before is as it was"),
        false => (&server::READ_ONLY, "make it a folder that you may write to, or name another one by `answers:`"),
    };
    code.finding(format!("{what} cannot be written: {reason}"))
        .at(target.span, "answers of this target are kept there")
        .help(help)
}
