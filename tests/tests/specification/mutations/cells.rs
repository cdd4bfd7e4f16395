//! What stands in every published cell, computed on the embedded engine.

use super::text::Files;
use crate::answers::{Answer, Value};
use crate::compiler::{Asked, Compiled};
use crate::embedded;
use groma_engine::{Embedded, FileSource};
use groma_model::{Metric, Status};
use groma_tests::Outcome;
use groma_tests::case::{Case, Question};
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Metric, grain, groupings, period, groups.
pub(super) type Cell = (String, String, String, String, Vec<String>);

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Content {
    pub(super) value: Option<f64>,
    pub(super) n: Option<f64>,
    pub(super) status: String,
}

/// The first day of a cell's period.
pub(super) fn day(cell: &Cell) -> Option<Date> {
    cell.3.get(..10)?.parse().ok()
}

/// Computes cells; what was computed once is not computed again.
pub(super) struct Computer<'d> {
    data: &'d Path,
    as_of: &'d str,
    engines: Vec<(String, Embedded)>,
    /// By the statement and the sources it reads; none where the data does not allow it.
    answers: HashMap<(String, String), Option<Answer>>,
}

impl<'d> Computer<'d> {
    pub(super) fn new(data: &'d Path, as_of: &'d str) -> Self {
        Self { data, as_of, engines: Vec::new(), answers: HashMap::new() }
    }

    /// The published cells of a project that compiles; none where a question about them is refused, or the
    /// data does not allow it.
    ///
    /// # Errors
    /// There is no dialect.
    pub(super) fn cells(&mut self, compiled: &Compiled<'_>) -> Outcome<Option<BTreeMap<Cell, Content>>> {
        let sources = compiled.file_sources(self.data);
        let mut cells = BTreeMap::new();
        for metric in compiled.project.model.metrics.iter().filter(|metric| is_published(metric)) {
            let totals = std::iter::once(Vec::new());
            let groupings = metric.by.iter().map(|by| by.iter().map(|one| one.name.to_string()).collect::<Vec<_>>());
            for by in totals.chain(groupings) {
                for grain in &metric.grains {
                    let question = Question {
                        metrics: vec![metric.header.name.to_string()],
                        by: by.clone(),
                        grain: Some(grain.word().to_owned()),
                        as_of: Some(self.as_of.to_owned()),
                        ..Question::default()
                    };
                    let Ok(asked) = Asked::new(compiled, &question) else { return Ok(None) };
                    let Some(answer) = self.answer(&sources, &asked)? else { return Ok(None) };
                    take(&question, &answer, &mut cells);
                }
            }
        }
        Ok(Some(cells))
    }

    fn answer(&mut self, sources: &[FileSource], asked: &Asked) -> Outcome<Option<Answer>> {
        let dialect = groma_sql::dialect("datafusion").ok_or("there is no dialect for the embedded engine")?;
        let statement = asked.sql(dialect)?;
        let read: Vec<_> =
            sources.iter().filter(|source| statement.contains(&format!("\"{}\"", source.name))).cloned().collect();
        let key = (statement, format!("{read:?}"));
        if let Some(known) = self.answers.get(&key) {
            return Ok(known.clone());
        }
        let answer = match self.engine(&key.1, read) {
            Some(engine) => embedded::run(engine, &key.0).ok().map(|batches| embedded::answer(&batches)).transpose()?,
            None => None,
        };
        self.answers.insert(key, answer.clone());
        Ok(answer)
    }

    /// The engine that reads these sources; none where one of them cannot be read.
    fn engine(&mut self, key: &str, sources: Vec<FileSource>) -> Option<&Embedded> {
        let at = match self.engines.iter().position(|(known, _)| known == key) {
            Some(at) => at,
            None => {
                self.engines.push((key.to_owned(), embedded::open(sources).ok()?));
                self.engines.len() - 1
            }
        };
        self.engines.get(at).map(|(_, engine)| engine)
    }
}

/// A project as a case, for those who compile cases.
pub(super) fn case(files: &Files) -> Case {
    let declarations = files.iter().filter(|(path, _)| path.as_str() != "groma.yml");
    Case {
        files: declarations.map(|(path, text)| (path.clone(), text.clone())).collect(),
        manifest: files.get("groma.yml").cloned(),
        ..Case::default()
    }
}

fn is_published(metric: &Metric) -> bool {
    !metric.header.standard && matches!(metric.status, Status::Active | Status::Deprecated)
}

fn take(question: &Question, answer: &Answer, cells: &mut BTreeMap<Cell, Content>) {
    let place = |name: &str| answer.columns.iter().position(|column| column == name);
    let text = |row: &[Value], at: Option<usize>| at.and_then(|at| row[at].shown()).unwrap_or_default();
    let number = |row: &[Value], at: Option<usize>| match at.map(|at| &row[at]) {
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    };
    let groups: Vec<Option<usize>> = question.by.iter().map(|by| place(by)).collect();
    for row in &answer.rows {
        let groups = groups.iter().map(|at| at.and_then(|at| row[at].shown()).unwrap_or("null".to_owned())).collect();
        let (metric, grain) = (question.metrics.join(","), question.grain.clone().unwrap_or_default());
        let cell = (metric, grain, question.by.join(", "), text(row, place("period")), groups);
        let content = Content {
            value: number(row, place("value")),
            n: number(row, place("n")),
            status: text(row, place("status")),
        };
        cells.insert(cell, content);
    }
}
