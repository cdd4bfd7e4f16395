//! What an answer would be if no exception left anything out: the same question on the same engine.

use super::number::{MISSING, Style};
use super::period;
use super::rows::{Cell, Rows};
use super::running::{answer, eras_of, planned_on};
use super::{Answered, Question};
use crate::drawing::{Column, draw};
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::terminal::Terminal;
use comfy_table::CellAlignment;
use groma_model::{MetricId, Model};
use groma_project::Target;
use jiff::civil::DateTime;
use std::collections::HashMap;

/// The first column of an answer that is no key of its row.
const VALUE: &str = "value";
/// Rows that people see; the rest is counted.
const SHOWN: usize = 20;

/// What exceptions change of an answer.
pub(crate) struct Effect {
    /// The metrics that leave something out, by name, with the names of the exceptions.
    metrics: Vec<(String, Vec<String>)>,
    /// Each row of the answer without exceptions, by its key.
    whole: HashMap<String, Whole>,
    /// In the order of the answer, then those that have no row in it.
    changed: Vec<Changed>,
    /// Metrics with a change that is not told: it would be about too few customers.
    withheld: Vec<(String, i64)>,
}

/// A row without exceptions.
struct Whole {
    value: Cell,
    withheld: bool,
}

/// A row that exceptions change.
struct Changed {
    metric: String,
    period: String,
    /// Groups and step.
    further: Vec<String>,
    with: Option<f64>,
    without: Option<f64>,
}

/// Asks the question again of the model in which nothing is left out; nothing where no metric leaves anything out.
/// `as_of`: from when on nothing was read, where that was found in the data.
pub(crate) fn effect(
    loaded: &Loaded,
    target: &Target,
    asked: (&Question, &Rows, Option<DateTime>),
    terminal: &mut Terminal,
) -> Result<Option<Effect>, Failure> {
    let (question, rows, as_of) = asked;
    if !question.metrics.iter().any(|id| loaded.project.is_excepted(*id)) {
        return Ok(None);
    }
    let mut again = question.clone();
    again.extra.as_of = again.extra.as_of.or(as_of);
    again.extra.further.as_of = false;
    let whole = loaded.project.without_exceptions();
    let planned = planned_on(&eras_of(&whole), target, &again).map_err(|found| {
        loaded.show(&found, terminal);
        Failure::FINDINGS
    })?;
    let Answered { batches, .. } = answer(loaded, target, &planned.statement, terminal)?;
    let whole = Rows::of(&batches)?;
    Ok(Some(Effect::of(loaded, question, rows, &whole)))
}

impl Effect {
    fn of(loaded: &Loaded, question: &Question, rows: &Rows, whole: &Rows) -> Self {
        let model = &loaded.project.model;
        let name = |id: MetricId| model.metric(id).header.name.to_string();
        let metrics: Vec<(String, Vec<String>)> = question
            .metrics
            .iter()
            .map(|id| {
                let exceptions = loaded.excepted(*id);
                (name(*id), exceptions.iter().map(|id| model.exception(*id).header.name.to_string()).collect())
            })
            .collect();
        let cells: HashMap<String, (i64, bool)> =
            question.metrics.iter().filter_map(|id| Some((name(*id), cell(model, *id)?))).collect();
        let mut effect = Self { metrics, whole: HashMap::new(), changed: Vec::new(), withheld: Vec::new() };
        let mut left: HashMap<String, &Vec<Cell>> = whole.rows.iter().map(|row| (key(whole, row), row)).collect();
        for row in &rows.rows {
            let key = key(rows, row);
            let other = left.remove(&key);
            effect.compare((rows, whole), (Some(row), other), (key, &cells), (model, question));
        }
        for row in whole.rows.iter().filter(|row| left.contains_key(&key(whole, row))) {
            effect.compare((rows, whole), (None, Some(row)), (key(whole, row), &cells), (model, question));
        }
        effect
    }

    fn compare(
        &mut self,
        (rows, whole): (&Rows, &Rows),
        (with, without): (Option<&Vec<Cell>>, Option<&Vec<Cell>>),
        (key, cells): (String, &HashMap<String, (i64, bool)>),
        (model, question): (&Model, &Question),
    ) {
        let Some((table, row)) = with.map(|row| (rows, row)).or(without.map(|row| (whole, row))) else { return };
        let text = |name: &str| table.position(name).map(|at| row[at].to_string()).unwrap_or_default();
        let metric = text("metric");
        if self.exceptions(&metric).is_empty() {
            return;
        }
        let value = |rows: &Rows, row: Option<&Vec<Cell>>, name: &str| {
            rows.position(name).zip(row).map_or(Cell::Null, |(at, row)| row[at].clone())
        };
        let (now, then) = (value(rows, with, VALUE), value(whole, without, VALUE));
        let count = |cell: Cell| if let Cell::Int(count) = cell { count } else { 0 };
        let fewer = (count(value(whole, without, "n")) - count(value(rows, with, "n"))).abs();
        let differs = !same(&now, &then);
        let withheld =
            differs && cells.get(&metric).is_some_and(|(least, of_customers)| !of_customers || fewer < *least);
        if differs {
            let known = ["metric", "version", "grain", "period"];
            let keys = table.columns.iter().take_while(|column| *column != VALUE).zip(row);
            let further = keys.filter(|(column, _)| !known.contains(&column.as_str()));
            let period = table.position("period").map(|at| match &row[at] {
                Cell::Date(start) => period::label(question.grain, *start, &model.calendar),
                other => other.to_string(),
            });
            self.changed.push(Changed {
                metric: metric.clone(),
                period: period.unwrap_or_default(),
                further: further.map(|(_, cell)| shown(cell)).collect(),
                with: now.number(),
                without: then.number().filter(|_| !withheld),
            });
            if let Some((least, _)) = cells.get(&metric).filter(|_| withheld)
                && !self.withheld.iter().any(|(known, _)| *known == metric)
            {
                self.withheld.push((metric, *least));
            }
        }
        self.whole.insert(key, Whole { value: then, withheld });
    }

    fn exceptions(&self, metric: &str) -> &[String] {
        self.metrics.iter().find(|(name, _)| name == metric).map_or(&[], |(_, exceptions)| exceptions)
    }

    /// The fields that a row of the answer has beside its columns, for programs: the value without exceptions, and their names.
    pub(crate) fn fields(&self, rows: &Rows, row: &[Cell]) -> (Cell, &[String]) {
        let metric = rows.position("metric").map(|at| row[at].to_string()).unwrap_or_default();
        let exceptions = self.exceptions(&metric);
        let own = || rows.position(VALUE).map_or(Cell::Null, |at| row[at].clone());
        let value = match self.whole.get(&key(rows, row)) {
            Some(whole) if whole.withheld => Cell::Null,
            Some(whole) => whole.value.clone(),
            None if exceptions.is_empty() => own(),
            None => Cell::Null,
        };
        (value, exceptions)
    }

    /// Each number that exceptions change, with and without them.
    pub(crate) fn report(&self, model: &Model, question: &Question, groups: &[&str]) -> String {
        if self.changed.is_empty() {
            let of = |(name, exceptions): &(String, Vec<String>)| {
                (!exceptions.is_empty()).then(|| format!("{name} ({})", exceptions.join(", ")))
            };
            let metrics: Vec<String> = self.metrics.iter().filter_map(of).collect();
            return format!("exceptions change no number of this answer: {}\n", metrics.join(", "));
        }
        let mut text = format!("left out by exceptions:\n{}", draw(&self.columns(model, question, groups)));
        if let Some(more) = self.changed.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            text.push_str(&format!(
                "… and {}: `--format json` has them all\n",
                if more == 1 { "1 more row".to_owned() } else { format!("{more} more rows") }
            ));
        }
        for (metric, least) in &self.withheld {
            text.push_str(&format!(
                "{MISSING} what `{metric}` is without exceptions is not told where fewer than {least} customers would show\n"
            ));
        }
        text
    }

    fn columns(&self, model: &Model, question: &Question, groups: &[&str]) -> Vec<Column> {
        let rows = || self.changed.iter().take(SHOWN);
        let column = |head: &str, cells: Vec<String>, alignment: CellAlignment| Column {
            head: vec![head.to_owned()],
            unit: String::new(),
            cells,
            alignment,
        };
        let left = CellAlignment::Left;
        let styles: HashMap<&str, Style> = question.metrics.iter().map(|id| self.style(model, *id)).collect();
        let written = |row: &Changed, value: Option<f64>| {
            let style = styles.get(row.metric.as_str());
            value.zip(style).map_or_else(|| MISSING.to_owned(), |(value, style)| style.write(value))
        };
        let difference = |row: &Changed| {
            let style = styles.get(row.metric.as_str());
            let difference = row.with.zip(row.without).map(|(with, without)| with - without);
            difference.zip(style).map_or_else(|| MISSING.to_owned(), |(value, style)| style.difference(value))
        };
        let mut columns = vec![
            column("metric", rows().map(|row| row.metric.clone()).collect(), left),
            column("exception", rows().map(|row| self.exceptions(&row.metric).join(", ")).collect(), left),
            column(period::heading(question.grain), rows().map(|row| row.period.clone()).collect(), left),
        ];
        let further = self.changed.iter().map(|row| row.further.len()).max().unwrap_or_default();
        for at in 0..further {
            let head = groups.get(at).copied().unwrap_or("step");
            columns.push(column(
                head,
                rows().map(|row| row.further.get(at).cloned().unwrap_or_default()).collect(),
                left,
            ));
        }
        let right = CellAlignment::Right;
        columns.push(column("with", rows().map(|row| written(row, row.with)).collect(), right));
        columns.push(column("without", rows().map(|row| written(row, row.without)).collect(), right));
        columns.push(column("difference", rows().map(difference).collect(), right));
        columns
    }

    fn style<'m>(&self, model: &'m Model, id: MetricId) -> (&'m str, Style) {
        let metric = model.metric(id);
        let name = metric.header.name.as_str();
        let rows = self.changed.iter().filter(|row| row.metric == name);
        let values: Vec<f64> = rows.flat_map(|row| row.with.into_iter().chain(row.without)).collect();
        (name, Style::of(&metric.unit, &values))
    }
}

/// The fewest customers a number of the metric may be about, and whether its `n` counts customers.
fn cell(model: &Model, id: MetricId) -> Option<(i64, bool)> {
    let metric = model.metric(id);
    metric.governed.cell.map(|cell| (cell, metric.population.is_some()))
}

/// What tells a row from the others: all columns before the value.
fn key(rows: &Rows, row: &[Cell]) -> String {
    let keys = rows.columns.iter().zip(row).take_while(|(column, _)| *column != VALUE);
    keys.map(|(_, cell)| format!("{cell:?}\u{1f}")).collect()
}

/// Whether two values are the same but for what the order of a sum does to its last digits.
fn same(one: &Cell, other: &Cell) -> bool {
    match (one.number(), other.number()) {
        (Some(one), Some(other)) => (one - other).abs() <= 1e-12 * one.abs().max(other.abs()),
        _ => one == other,
    }
}

fn shown(cell: &Cell) -> String {
    if *cell == Cell::Null { MISSING.to_owned() } else { cell.to_string() }
}
