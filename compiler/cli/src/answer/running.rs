//! Running a question: plan, statement, engine, and the answer in the wished format.

use super::engine_findings::{file_source, finding};
use super::progress::Progress;
use super::restated::Restated;
use super::rows::{Cell, Rows, without_column};
use super::server::{Server, ServerError};
use super::table::{self, Sheet, Shown};
use super::{Extra, Format, Question, Range, as_of, period, versions, without, write};
use crate::failure::Failure;
use crate::findings::counted;
use crate::loading::Loaded;
use crate::meaning::steps_of_curve;
use crate::terminal::Terminal;
use groma_engine::{Embedded, Engine as _, EngineError, RecordBatches, write_parquet};
use groma_model::check::outside_territory;
use groma_model::meaning::Era;
use groma_model::variants::variants;
use groma_model::{Diagnostic, MetricId, Model, Source, SourceId};
use groma_plan::relation::{Relation, Select, Statement, Table};
use groma_plan::{Estimated, Planned, Request, Sets};
use groma_project::target::UNSUPPORTED;
use groma_project::{Target, did_you_mean, target};
use groma_sql::RenderError;
use jiff::civil::{Date, DateTime};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// The column that tells from when on nothing was read.
const AS_OF: &str = "as_of";

/// The target of that name, or the default one.
pub(crate) fn chosen_target<'a>(loaded: &'a Loaded, name: Option<&str>) -> Result<&'a Target, Failure> {
    let manifest = &loaded.project.manifest;
    manifest.target(name).ok_or_else(|| {
        let name = name.unwrap_or(&manifest.default_target);
        let known: Vec<&str> = manifest.targets.iter().map(|target| target.name.as_str()).collect();
        Failure::wrong_use(format!("there is no target `{name}`"), did_you_mean(name, known))
    })
}

/// Plans a question for a target.
pub(crate) fn planned(loaded: &Loaded, target: &Target, question: &Question) -> Result<Planned, Vec<Diagnostic>> {
    let outside = outside_territory(&loaded.project.model, &question.metrics, &target.name, &target.territory);
    if !outside.is_empty() {
        return Err(outside);
    }
    planned_on(&loaded.project.eras(), target, question)
}

/// The same on models that are made of the project's.
pub(crate) fn planned_on(eras: &[Era<'_>], target: &Target, question: &Question) -> Result<Planned, Vec<Diagnostic>> {
    let Some(Era { model, .. }) = eras.last() else { return Err(Vec::new()) };
    let table = |id: SourceId| target.table(model.source(id));
    groma_plan::plan_eras(
        eras,
        &Request {
            metrics: question.metrics.clone(),
            grain: question.grain,
            by: question.by.clone(),
            from: question.range.from,
            to: question.range.to,
            filter: question.filter.clone(),
            as_of: question.extra.as_of,
            sets: Sets::with_totals(question.extra.totals),
            intervals: question.extra.intervals,
            estimated: Estimated::All,
            further: question.extra.further,
            table: &table,
        },
    )
}

/// Models of one's own as eras.
pub(crate) fn eras_of(models: &[(Option<Date>, Model)]) -> Vec<Era<'_>> {
    models.iter().map(|(from, model)| Era { from: *from, model }).collect()
}

/// A statement in the target's dialect.
pub(crate) fn sql(
    loaded: &Loaded,
    target: &Target,
    statement: &Statement,
    terminal: &mut Terminal,
) -> Result<String, Failure> {
    rendered(target, statement)?.map_err(|finding| {
        loaded.show(&[*finding], terminal);
        Failure::FINDINGS
    })
}

/// The same; else why the target cannot compute it.
pub(crate) fn rendered(target: &Target, statement: &Statement) -> Result<Result<String, Box<Diagnostic>>, Failure> {
    let Some(dialect) = groma_sql::dialect(&target.engine) else {
        return Err(Failure::Bug { what: format!("no dialect is called {}", target.engine) });
    };
    match groma_sql::render(statement, dialect) {
        Ok(text) => Ok(Ok(text)),
        Err(error @ (RenderError::Unsupported { .. } | RenderError::Query(_))) => {
            let finding = UNSUPPORTED
                .finding(format!("target `{}` cannot compute this: {error}", target.name))
                .at(target.span, "this target")
                .help("choose another target with `--target`, or another aggregate");
            Ok(Err(Box::new(finding)))
        }
        Err(error) => Err(Failure::Bug { what: error.to_string() }),
    }
}

/// What an engine answered, and how long it took.
pub(crate) struct Answered {
    pub(crate) batches: RecordBatches,
    pub(crate) took: Duration,
}

/// Runs a statement where the target says.
pub(crate) fn answer(
    loaded: &Loaded,
    target: &Target,
    statement: &Statement,
    terminal: &mut Terminal,
) -> Result<Answered, Failure> {
    let start = Instant::now();
    if let Err(found) = may_run(loaded, target) {
        loaded.show(&[found], terminal);
        return Err(Failure::FINDINGS);
    }
    let text = sql(loaded, target, statement, terminal)?;
    let progress = Progress::start(terminal, "computing");
    let outcome = Running::open(loaded, target).and_then(|mut running| {
        running.register(loaded, target, statement)?;
        running.run(&text)
    });
    drop(progress);
    match outcome {
        Ok(batches) => Ok(Answered { batches, took: start.elapsed() }),
        Err(error) => {
            loaded.show(&error.findings(loaded, target)?, terminal);
            Err(Failure::FINDINGS)
        }
    }
}

/// Whether this release runs the target at all.
pub(crate) fn may_run(loaded: &Loaded, target: &Target) -> Result<(), Diagnostic> {
    if target.is_embedded() || target.is_connected() {
        return Ok(());
    }
    target.connect(&loaded.world)?;
    let client = loaded.project.manifest.targets.iter().find(|other| other.is_embedded());
    let other = client.map(|other| format!(", or choose `--target {}`", other.name)).unwrap_or_default();
    Err(target.not_run_here(&format!("`groma query … --sql` prints the statement for the engine's own client{other}")))
}

/// Why a statement did not run.
pub(crate) enum RunError {
    Engine(EngineError),
    Found(Vec<Diagnostic>),
}

impl RunError {
    /// As findings.
    ///
    /// # Errors
    /// It is a bug of ours.
    pub(crate) fn findings(&self, loaded: &Loaded, target: &Target) -> Result<Vec<Diagnostic>, Failure> {
        match self {
            Self::Found(found) => Ok(found.clone()),
            Self::Engine(error) => Ok(vec![finding(loaded, target, error)?]),
        }
    }
}

impl From<ServerError> for RunError {
    fn from(error: ServerError) -> Self {
        match error {
            ServerError::Found(found) => Self::Found(found),
            ServerError::Engine(error) => Self::Engine(error),
        }
    }
}

/// Where the statements of a target run.
pub(crate) enum Running<'a> {
    /// Inside, with the sources it has been given so far.
    Embedded {
        engine: Box<Embedded>,
        registered: BTreeSet<String>,
    },
    Server(Box<Server<'a>>),
}

impl<'a> Running<'a> {
    pub(crate) fn open(loaded: &'a Loaded, target: &'a Target) -> Result<Self, RunError> {
        if target.is_connected() {
            let application = format!("groma {}", loaded.project.manifest.project);
            return Ok(Self::Server(Box::new(Server::open(loaded, target, &application)?)));
        }
        let engine = Box::new(Embedded::new().map_err(RunError::Engine)?);
        Ok(Self::Embedded { engine, registered: BTreeSet::new() })
    }

    /// Makes every source that a statement reads a table; on a server, where they are tables, sees that they are what is
    /// declared.
    pub(crate) fn register(&mut self, loaded: &Loaded, target: &Target, statement: &Statement) -> Result<(), RunError> {
        let tables = physical_tables(statement);
        let (engine, registered) = match self {
            Self::Server(server) => return Ok(server.compare(&tables)?),
            Self::Embedded { engine, registered } => (engine, registered),
        };
        for table in tables {
            if registered.contains(&table) {
                continue;
            }
            let source =
                source_named(&loaded.project.model, target, &table).map_err(|found| RunError::Found(vec![found]))?;
            let files = file_source(loaded, target, source).map_err(|found| RunError::Found(vec![found]))?;
            engine.register(files).map_err(RunError::Engine)?;
            registered.insert(table);
        }
        Ok(())
    }

    pub(crate) fn run(&self, text: &str) -> Result<RecordBatches, RunError> {
        match self {
            Self::Embedded { engine, .. } => engine.run(text).map_err(RunError::Engine),
            Self::Server(server) => server.run(text).map_err(RunError::Engine),
        }
    }
}

pub(super) fn source_named<'m>(model: &'m Model, target: &Target, table: &str) -> Result<&'m Source, Diagnostic> {
    model.sources.iter().find(|source| source.header.name.as_str() == table).ok_or_else(|| {
        target::NO_FILE
            .finding(format!("table `{table}` is no source, and target `{}` reads only sources", target.name))
            .at(target.span, "this target reads files")
            .help(format!("declare `{table}` as a source with a `file`, or choose another target with `--target`"))
    })
}

/// The names of the tables that a statement reads.
pub(crate) fn physical_tables(statement: &Statement) -> BTreeSet<String> {
    let mut tables = BTreeSet::new();
    let mut add = |table: &Table| {
        if let Table::Physical(parts) = table {
            tables.insert(parts.join("."));
        }
    };
    let of_select = |select: &Select, add: &mut dyn FnMut(&Table)| {
        select.from.iter().for_each(|from| add(&from.table));
        select.joins.iter().for_each(|join| add(&join.table));
    };
    for step in &statement.steps {
        match &step.relation {
            Relation::Select(select) => of_select(select, &mut add),
            Relation::UnionAll(selects) => selects.iter().for_each(|select| of_select(select, &mut add)),
            Relation::Query { tables, .. } => tables.iter().for_each(|(_, table)| add(table)),
            Relation::Values(_) => {}
        }
    }
    of_select(&statement.result, &mut add);
    tables
}

/// Writes an answer in the wished format to stdout or to a file, and says where it came from.
pub(crate) fn deliver(
    loaded: &Loaded,
    target: &Target,
    asked: (&Question, &Planned),
    answered: &Answered,
    wished: (Format, Option<&Path>),
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let (question, planned) = asked;
    let (format, out) = wished;
    let (batches, found) = match question.extra.further.as_of {
        true => without_column(&answered.batches, AS_OF)?,
        false => (answered.batches.clone(), None),
    };
    let rows = Rows::of(&batches)?;
    let model = &loaded.project.model;
    let at = found.as_ref().and_then(|cell| cell.to_string().parse().ok());
    let effect = without::effect(loaded, target, (question, &rows, at), terminal)?;
    let groups: Vec<&str> = planned.groups.iter().map(String::as_str).collect();
    let mut report = effect.as_ref().map(|effect| effect.report(model, question, &groups)).unwrap_or_default();
    let restated = Restated::of(loaded);
    report.push_str(&restated.report(&rows));
    if format != Format::Table && !report.is_empty() {
        terminal.say(report.trim_end());
    }
    if format == Format::Parquet {
        return parquet(&batches, out, terminal);
    }
    let text = match format {
        Format::Csv => write::csv(&rows),
        Format::Json => write::json(&rows, effect.as_ref(), &restated),
        Format::Table | Format::Parquet => {
            let sheet = Sheet {
                metrics: tables_apart(model, &question.metrics),
                groups,
                grain: question.grain,
                calendar: &model.calendar,
            };
            let report = format!("{}{report}", versions::report(&rows, question, model));
            below(table::render(&rows, &sheet, terminal.columns()), &report)
        }
    };
    put(&text, out, terminal)?;
    if format == Format::Table {
        terminal.flush()?;
        let parts = [
            Some(periods_answered(&rows, question, model)),
            as_of(question, planned, model, found.as_ref()),
            Some(format!("target {} ({})", target.name, target.engine)),
            Some(format!("{:.2} s", answered.took.as_secs_f64())),
        ];
        terminal.say(&parts.into_iter().flatten().collect::<Vec<_>>().join(" · "));
    }
    Ok(())
}

/// Writes a text to stdout or to a file.
fn put(text: &str, out: Option<&Path>, terminal: &mut Terminal) -> Result<(), Failure> {
    match out {
        None => Ok(terminal.answer(text)?),
        Some(path) => fs::write(path, text)
            .map_err(|error| Failure::refused(format!("{} cannot be written", path.display()), &error)),
    }
}

/// What exceptions change of a metric in the data that is there, in words; nothing where they change nothing.
pub(crate) fn exceptions_change(
    loaded: &Loaded,
    target: &Target,
    metric: MetricId,
    terminal: &mut Terminal,
) -> Result<String, Failure> {
    let model = &loaded.project.model;
    let grain = Question::default_grain(model, &[metric]);
    let extra = Extra::default().tells_as_of();
    let question =
        Question { metrics: vec![metric], grain, by: Vec::new(), range: Range::default(), filter: Vec::new(), extra };
    let planned = planned(loaded, target, &question).map_err(|found| {
        loaded.show(&found, terminal);
        Failure::FINDINGS
    })?;
    let answered = answer(loaded, target, &planned.statement, terminal)?;
    let (batches, found) = without_column(&answered.batches, AS_OF)?;
    let at = found.as_ref().and_then(|cell| cell.to_string().parse().ok());
    let effect = without::effect(loaded, target, (&question, &Rows::of(&batches)?, at), terminal)?;
    Ok(effect.map(|effect| effect.report(model, &question, &[])).unwrap_or_default())
}

/// A table with what is said below it.
fn below(table: String, report: &str) -> String {
    if report.is_empty() { table } else { format!("{table}\n{report}") }
}

/// The metrics as tables show them: what must not be compared does not stand in one table.
fn tables_apart<'m>(model: &'m Model, metrics: &[MetricId]) -> Vec<Shown<'m>> {
    let mut tables: Vec<Vec<MetricId>> = Vec::new();
    let mut place = |id: MetricId| {
        let fits = |table: &Vec<MetricId>| table.iter().all(|known| variants(model, &[*known, id]).is_none());
        match tables.iter().position(fits) {
            Some(at) => {
                tables[at].push(id);
                at
            }
            None => {
                tables.push(vec![id]);
                tables.len() - 1
            }
        }
    };
    metrics.iter().map(|id| Shown { table: place(*id), ..shown(model, *id) }).collect()
}

/// A metric as a table shows it.
fn shown(model: &Model, id: MetricId) -> Shown<'_> {
    let metric = model.metric(id);
    Shown {
        name: metric.header.name.as_str(),
        unit: &metric.unit,
        steps: metric.steps.iter().map(|step| step.name.as_str()).collect(),
        step: steps_of_curve(model, metric).unwrap_or_default(),
        table: 0,
    }
}

/// From when on nothing was read: `as of 2026-05-31 14:00:01 (the newest row of orders)`.
fn as_of(question: &Question, planned: &Planned, model: &Model, found: Option<&Cell>) -> Option<String> {
    if let Some(at) = question.extra.as_of {
        return Some(format!("as of {}", as_of::shown(at)));
    }
    let at: DateTime = found?.to_string().parse().ok()?;
    let names: Vec<&str> = planned.timed.iter().map(|source| model.source(*source).header.name.as_str()).collect();
    Some(format!("as of {}{}", as_of::shown(at), as_of::found_in(&names)))
}

/// What was answered: `18 months from 1997-01 to 1998-06`.
fn periods_answered(rows: &Rows, question: &Question, model: &Model) -> String {
    let periods: BTreeSet<_> = rows
        .position("period")
        .into_iter()
        .flat_map(|at| rows.rows.iter().map(move |row| &row[at]))
        .filter_map(|cell| match cell {
            Cell::Date(start) => Some(*start),
            _ => None,
        })
        .collect();
    let label = |start| period::label(question.grain, start, &model.calendar);
    let noun = question.grain.word().replace('_', " ");
    match (periods.first(), periods.last()) {
        (Some(first), Some(last)) if first == last => format!("1 {noun}: {}", label(*first)),
        (Some(first), Some(last)) => {
            format!("{} from {} to {}", counted(periods.len(), &noun), label(*first), label(*last))
        }
        _ => "no period has a row".to_owned(),
    }
}

fn parquet(batches: &RecordBatches, out: Option<&Path>, terminal: &mut Terminal) -> Result<(), Failure> {
    let refused = |error: &dyn std::error::Error| Failure::refused("the Parquet file cannot be written", error);
    match out {
        Some(path) => write_parquet(batches, path).map_err(|error| refused(&error)),
        None if terminal.answers_are_read() => Err(Failure::wrong_use(
            "a Parquet file is not for reading on a terminal",
            Some("name a file with `--out`, or pipe the answer".to_owned()),
        )),
        None => {
            let folder = tempfile::tempdir().map_err(|error| refused(&error))?;
            let path = folder.path().join("answer.parquet");
            write_parquet(batches, &path).map_err(|error| refused(&error))?;
            terminal.answer_bytes(&fs::read(&path).map_err(|error| refused(&error))?)?;
            Ok(())
        }
    }
}
