//! The checks of sources, run over their data.

use super::engine_findings::{file_source, finding};
use super::progress::Progress;
use super::rows::{Cell, Rows};
use super::running::{RunError, Running, chosen_target, may_run, physical_tables, sql};
use crate::failure::Failure;
use crate::findings::counted;
use crate::loading::Loaded;
use crate::terminal::Terminal;
use groma_engine::EngineError;
use groma_model::check::UNUSED_EXCEPTION;
use groma_model::governance::Exception;
use groma_model::row::{RowExpr, RowKind};
use groma_model::{Check, CheckRule, Diagnostic, ExceptionId, OnFail, Origin, SmolStr, Source, SourceId, SourceMap};
use groma_plan::{SourceCheck, SourceChecks};
use groma_project::{Target, data};
use std::collections::BTreeSet;

/// Opens every source of the project and runs its checks.
pub(crate) fn data_findings(
    loaded: &Loaded,
    target: Option<&str>,
    terminal: &mut Terminal,
) -> Result<Vec<Diagnostic>, Failure> {
    let target = chosen_target(loaded, target)?;
    if let Err(found) = may_run(loaded, target) {
        return Ok(vec![found]);
    }
    let model = &loaded.project.model;
    let progress = Progress::steps(terminal, model.sources.len(), "checking sources");
    let running = match Running::open(loaded, target) {
        Ok(running) => running,
        Err(error) => return error.findings(loaded, target),
    };
    let mut checking = Checking { loaded, target, running, refused: BTreeSet::new(), found: Vec::new() };
    for position in 0..model.sources.len() {
        checking.source(SourceId::at(position), terminal)?;
        progress.step();
    }
    checking.exceptions(terminal)?;
    let mut found = checking.found;
    found.sort_by(|left, right| left.sort_key().cmp(&right.sort_key()));
    found.dedup();
    Ok(found)
}

struct Checking<'a> {
    loaded: &'a Loaded,
    target: &'a Target,
    running: Running<'a>,
    /// Tables that could not be read, which was reported once.
    refused: BTreeSet<String>,
    found: Vec<Diagnostic>,
}

impl Checking<'_> {
    fn source(&mut self, id: SourceId, terminal: &mut Terminal) -> Result<(), Failure> {
        let loaded = self.loaded;
        let model = &loaded.project.model;
        let source = model.source(id);
        if self.target.is_embedded()
            && !matches!(source.origin, Origin::Query { .. })
            && let Err(found) = file_source(loaded, self.target, source)
        {
            self.refused.insert(source.header.name.to_string());
            self.found.push(found);
            return Ok(());
        }
        let table = |id: SourceId| self.target.table(model.source(id));
        for checks in groma_plan::checks(model, id, &table) {
            self.run(source, &checks, terminal)?;
        }
        Ok(())
    }

    fn run(&mut self, source: &Source, checks: &SourceChecks, terminal: &mut Terminal) -> Result<(), Failure> {
        let counts = self.counts(checks, terminal)?.unwrap_or_default();
        for (check, count) in checks.checks.iter().zip(counts) {
            if let Cell::Int(broken @ 1..) = count {
                self.found.push(failed(&self.loaded.project.sources, source, check, broken));
            }
        }
        Ok(())
    }

    /// How many rows break each check; nothing where that cannot be found out, which was reported.
    fn counts(&mut self, checks: &SourceChecks, terminal: &mut Terminal) -> Result<Option<Vec<Cell>>, Failure> {
        if physical_tables(&checks.statement).iter().any(|table| self.refused.contains(table)) {
            return Ok(None);
        }
        let outcome = match self.running.register(self.loaded, self.target, &checks.statement) {
            Ok(()) => {
                let text = sql(self.loaded, self.target, &checks.statement, terminal)?;
                self.running.run(&text)
            }
            Err(error) => Err(error),
        };
        match outcome {
            Ok(batches) => return Ok(Rows::of(&batches)?.rows.into_iter().next()),
            Err(RunError::Found(found)) => self.found.extend(found),
            Err(RunError::Engine(error)) => {
                self.refused.extend(table_of(&error));
                self.found.push(finding(self.loaded, self.target, &error)?);
            }
        }
        Ok(None)
    }

    /// Exceptions that leave out no row of today.
    fn exceptions(&mut self, terminal: &mut Terminal) -> Result<(), Failure> {
        let model = &self.loaded.project.model;
        let leaves = |(_, one): &(usize, &Exception)| one.restates.is_none() && !one.header.broken;
        for (index, exception) in model.exceptions.iter().enumerate().filter(leaves) {
            let left = exception.metrics.iter().flat_map(|(metric, _)| model.left_out(ExceptionId::at(index), *metric));
            let mut rows = Some(0);
            for (source, condition) in left {
                let counted = self.rows_that_pass(source, condition, terminal)?;
                rows = rows.zip(counted).map(|(rows, counted)| rows + counted);
            }
            if rows == Some(0) {
                self.found.push(exception_without_rows(exception));
            }
        }
        Ok(())
    }

    /// How many rows of a source pass a condition that is never null.
    fn rows_that_pass(
        &mut self,
        id: SourceId,
        condition: RowExpr,
        terminal: &mut Terminal,
    ) -> Result<Option<i64>, Failure> {
        let mut model = self.loaded.project.model.clone();
        let source = &mut model.sources[id.index()];
        let (span, ty) = (condition.span, condition.ty.clone());
        let rule = CheckRule::Holds(RowExpr { kind: RowKind::Not(Box::new(condition)), ty, span });
        source.checks = vec![Check { name: SmolStr::new_static("left out"), span, rule, on_fail: OnFail::Flag }];
        let target = self.target;
        let table = |id: SourceId| target.table(model.source(id));
        let Some(checks) = groma_plan::checks(&model, id, &table).into_iter().next() else { return Ok(None) };
        let counts = self.counts(&checks, terminal)?;
        Ok(counts.and_then(|counts| counts.first().cloned()).and_then(|count| match count {
            Cell::Int(rows) => Some(rows),
            _ => None,
        }))
    }
}

/// The finding that the reason to leave something out is gone, or that its rows are called otherwise.
fn exception_without_rows(exception: &Exception) -> Diagnostic {
    let name = &exception.header.name;
    UNUSED_EXCEPTION
        .finding(format!("exception `{name}` leaves out no row: none of today's data is what it names"))
        .at(exception.header.span, "changes no number")
        .help("take it out; or correct its `where` and its `covers`, if there are such rows")
}

/// The source that an error is about: what is wrong with its files need not be said for each of its checks.
fn table_of(error: &EngineError) -> Option<String> {
    match error {
        EngineError::MissingFile { source, .. }
        | EngineError::NoFilesMatch { source, .. }
        | EngineError::BadPattern { source, .. }
        | EngineError::UnknownFormat { source, .. }
        | EngineError::MixedFormats { source, .. }
        | EngineError::BadColumnType { source, .. }
        | EngineError::EmptyFile { source, .. }
        | EngineError::DuplicateHeader { source, .. }
        | EngineError::MissingColumn { source, .. }
        | EngineError::RaggedRow { source, .. }
        | EngineError::UnclosedQuote { source, .. }
        | EngineError::NotUtf8 { source, .. }
        | EngineError::BadJson { source, .. }
        | EngineError::BadValue { source, .. }
        | EngineError::BadParquetType { source, .. }
        | EngineError::BadParquet { source, .. } => Some(source.clone()),
        EngineError::Refused(_)
        | EngineError::Unwritten { .. }
        | EngineError::Io { .. }
        | EngineError::Statement { .. }
        | EngineError::Internal { .. } => None,
    }
}

/// The finding that so many rows do not pass a check.
fn failed(sources: &SourceMap, source: &Source, check: &SourceCheck, broken: i64) -> Diagnostic {
    let name = &source.header.name;
    let rows = counted(usize::try_from(broken).unwrap_or(usize::MAX), "row");
    let (one, them) = if broken == 1 { ("s", "it") } else { ("", "them") };
    let rule = source.checks.iter().find(|declared| declared.span == check.span).map(|declared| &declared.rule);
    let (headline, help) = match rule {
        Some(CheckRule::Unique(columns)) => {
            let columns: Vec<&str> =
                columns.iter().map(|column| source.columns[column.index()].name.as_str()).collect();
            (
                format!("{rows} of `{name}` repeat{one} an earlier one in {}", columns.join(", ")),
                format!("take {them} out of the data; or change the check, if a repetition is right"),
            )
        }
        Some(CheckRule::Holds(condition)) => (
            format!(
                "{rows} of `{name}` do{} not satisfy `{}`",
                if broken == 1 { "es" } else { "" },
                written(sources, condition.span)
            ),
            format!("correct {them} in the data; or change the check, if the data is right"),
        ),
        None => implied(name, check, &rows, one),
    };
    let label =
        if check.implied { "declared here".to_owned() } else { format!("check `{}` of source `{name}`", check.name) };
    data::CHECK_FAILED.finding(headline).at(check.span, label).help(format!("{help}{}", meanwhile(name, check, broken)))
}

/// What happens until it is put right.
fn meanwhile(source: &str, check: &SourceCheck, broken: i64) -> String {
    match check.on_fail {
        OnFail::Flag => String::new(),
        OnFail::Stop => format!("; until then what reads `{source}` is not refreshed (`stop`)"),
        OnFail::Quarantine => {
            let (they, are) = if broken == 1 { ("it", "is") } else { ("they", "are") };
            format!("; until then {they} {are} left out of every number (`quarantine`)")
        }
    }
}

/// What a declaration says without a check: a key is unique, a column that is not `optional` has a value.
fn implied(name: &str, check: &SourceCheck, rows: &str, one: &str) -> (String, String) {
    if let Some(column) = check.name.strip_suffix(" is not null") {
        let have = if one.is_empty() { "have" } else { "has" };
        return (
            format!("{rows} of `{name}` {have} no `{column}`"),
            format!("declare `{column}` as `optional` if it may be missing; otherwise correct the data"),
        );
    }
    let key = check.name.strip_suffix(" is unique").unwrap_or(&check.name);
    (
        format!("{rows} of `{name}` repeat{one} the key of an earlier one ({key})"),
        "the key must identify a row: choose other columns, or correct the data".to_owned(),
    )
}

fn written(sources: &SourceMap, span: groma_model::Span) -> String {
    sources.slice(span).split_whitespace().collect::<Vec<_>>().join(" ")
}
