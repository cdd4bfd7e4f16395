//! `groma compare`: what makes the difference between two versions of a metric.
//!
//! One version becomes the other in steps: its timing is exchanged, then its population, then the rest of its definition.
//! What a number changes by in each step is that step's part of the difference, and the parts make all of it.

mod bridge;
mod write;

use crate::answer::{
    AsOf, Cell, Day, Extra, Question, Range, Rows, answer, chosen_target, parse_as_of, parse_day, planned_on,
    without_column,
};
use crate::arguments::Shared;
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::meaning::{numbers, versions_in_words};
use crate::terminal::Terminal;
use bridge::{Bridge, Side};
use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use groma_model::check::versions::{ASPECTS, Taken};
use groma_model::time::{GRAINS, Grain};
use groma_model::{Diagnostic, MetricId, SmolStr};
use groma_plan::Planned;
use groma_project::{Project, Target};
use jiff::civil::DateTime;
use std::path::PathBuf;
use std::rc::Rc;

/// The column that tells from when on nothing was read.
const AS_OF: &str = "as_of";

/// Show what makes the difference between two versions of a metric.
///
/// For each period both values, their difference, and its parts: timing (which days count for a period), population (who and
/// which rows are counted), definition (what is computed of them). The parts add up to the difference; the residual is 0.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A metric with versions.
    #[arg(value_name = "METRIC")]
    metric: String,
    /// The version to begin with.
    #[arg(value_name = "A")]
    one: u32,
    /// The version to arrive at.
    #[arg(value_name = "B")]
    other: u32,
    /// Columns to group by, such as `account.region`.
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    by: Vec<String>,
    /// The length of a period; without it, the first one the metric is built for.
    #[arg(long, value_name = "GRAIN", value_parser = PossibleValuesParser::new(GRAINS.map(|(word, _)| word)))]
    grain: Option<String>,
    /// The first day, month or year.
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    from: Option<Day>,
    /// The last day, month or year, included.
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    to: Option<Day>,
    /// Only rows for which this holds: `account.region = "north"`.
    #[arg(long = "where", value_name = "CONDITION")]
    condition: Option<String>,
    /// The time from which on nothing is known, as for `groma query`.
    #[arg(long, value_name = "TIME", value_parser = parse_as_of)]
    as_of: Option<AsOf>,
    /// How the comparison is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// The file to write it to.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Where to run; without it, the manifest's `default_target`.
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// For people: a row for each period and group.
    #[default]
    Table,
    /// A line for each period and group.
    Csv,
    /// One document of a stable shape: `{"version": 1, "metric": …, "parts": […], "cells": […]}`.
    Json,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut loaded = Loaded::usable(shared, terminal)?;
    let metrics = Question::metrics(&loaded, std::slice::from_ref(&arguments.metric), terminal)?;
    let Some(metric) = metrics.first().copied() else { return Ok(()) };
    let versions = (arguments.one, arguments.other);
    known(&loaded, metric, versions)?;
    let question = question(arguments, &mut loaded, metric, terminal)?;
    let target = chosen_target(&loaded, arguments.target.as_deref())?;
    let mut comparing = Comparing { loaded: &loaded, target, question, terminal };
    let ways = comparing.ways(metric, versions)?;
    let bridge = comparing.bridge(&ways, versions)?;
    let shown = write::Shown { loaded: &loaded, metric, question: &comparing.question, bridge: &bridge };
    let text = match arguments.format {
        Format::Table => shown.table(),
        Format::Csv => shown.csv(),
        Format::Json => shown.json(),
    };
    match &arguments.out {
        None => terminal.answer(&text)?,
        Some(path) => std::fs::write(path, text)
            .map_err(|error| Failure::refused(format!("{} cannot be written", path.display()), &error))?,
    }
    if arguments.format == Format::Table {
        terminal.flush()?;
        terminal.say(&shown.below(target));
    }
    Ok(())
}

/// Both versions are there, and they are two.
fn known(loaded: &Loaded, metric: MetricId, (one, other): (u32, u32)) -> Result<(), Failure> {
    let metric = loaded.project.model.metric(metric);
    let (name, numbers) = (&metric.header.name, numbers(metric));
    if let Some(missing) = [one, other].into_iter().find(|number| !numbers.contains(number)) {
        let has = format!("it has {}", versions_in_words(metric));
        return Err(Failure::wrong_use(format!("`{name}` has no version {missing}"), Some(has)));
    }
    if one == other {
        let help = Some(format!("name two of its versions: it has {}", versions_in_words(metric)));
        return Err(Failure::wrong_use(format!("version {one} of `{name}` is compared with itself"), help));
    }
    Ok(())
}

fn question(
    arguments: &Arguments,
    loaded: &mut Loaded,
    metric: MetricId,
    terminal: &mut Terminal,
) -> Result<Question, Failure> {
    let model = &loaded.project.model;
    let asked = arguments.grain.as_deref().and_then(Grain::from_word);
    let grain = asked.unwrap_or_else(|| Question::default_grain(model, &[metric]));
    let range = Range::of(arguments.from, arguments.to)?;
    let as_of = arguments.as_of.map(|at| at.local(model)).transpose()?;
    let extra = Extra { as_of, ..Extra::default() };
    extra.fits(range.from)?;
    let mut question = Question { metrics: vec![metric], grain, by: Vec::new(), range, filter: Vec::new(), extra };
    question.group_by(loaded, &arguments.by, terminal)?;
    if let Some(condition) = &arguments.condition {
        question.keep_where(loaded, condition, terminal)?;
    }
    Ok(question)
}

/// A part of the difference: its name, its keys, and the metric once they are exchanged too.
pub(crate) struct Way {
    /// `timing`, or `timing + population` where one cannot be exchanged without the other.
    pub(crate) name: String,
    pub(crate) keys: Vec<SmolStr>,
    project: Rc<Project>,
}

struct Comparing<'a, 't> {
    loaded: &'a Loaded,
    target: &'a Target,
    question: Question,
    terminal: &'t mut Terminal,
}

impl Comparing<'_, '_> {
    /// The first version, and how it becomes the other one: what has no meaning on the way is passed over.
    fn ways(&mut self, metric: MetricId, (one, other): (u32, u32)) -> Result<Vec<Way>, Failure> {
        let model = &self.loaded.project.model;
        let name = model.metric(metric).header.name.clone();
        let differing = model.version_differences(metric, one, other);
        let whole = |number| vec![(name.clone(), Taken::Version(number))];
        let mut ways = vec![Way {
            name: String::new(),
            keys: Vec::new(),
            project: Rc::new(self.held(&whole(one)).map_err(|found| self.refused(&found))?),
        }];
        let mut exchanged: Vec<SmolStr> = Vec::new();
        let mut open: (Vec<&str>, Vec<SmolStr>) = Default::default();
        for (_, word, keys) in ASPECTS {
            let own: Vec<SmolStr> = differing.iter().filter(|key| keys.contains(&key.as_str())).cloned().collect();
            if own.is_empty() {
                let before = ways.last().map(|way| Rc::clone(&way.project)).unwrap_or_default();
                ways.push(Way { name: word.to_owned(), keys: Vec::new(), project: before });
                continue;
            }
            open.0.push(word);
            exchanged.extend(own.iter().cloned());
            open.1.extend(own);
            let taken = match exchanged.len() == differing.len() {
                true => whole(other),
                false => {
                    let keys = exchanged.clone();
                    vec![(name.clone(), Taken::Mixed { version: one, other, keys })]
                }
            };
            let is_last = exchanged.len() == differing.len();
            match self.held(&taken) {
                Ok(project) => {
                    let (words, keys) = std::mem::take(&mut open);
                    ways.push(Way { name: words.join(" + "), keys, project: Rc::new(project) });
                }
                Err(found) if is_last => return Err(self.refused(&found)),
                // Without the rest it says nothing: both are exchanged together.
                Err(_) => {}
            }
        }
        Ok(ways)
    }

    /// The project in which a metric is taken so, if that has a meaning for the question.
    fn held(&self, taken: &[(SmolStr, Taken)]) -> Result<Project, Vec<Diagnostic>> {
        let mut project = self.loaded.project.clone();
        let found = project.hold(taken);
        let broken = self.question.metrics.iter().any(|id| project.model.metric(*id).header.broken);
        if broken || found.iter().any(Diagnostic::is_error) {
            return Err(found);
        }
        planned_on(&project.eras(), self.target, &self.question)?;
        Ok(project)
    }

    fn refused(&self, found: &[Diagnostic]) -> Failure {
        let text = crate::findings::human::render(&self.loaded.findings(found), usize::MAX, false);
        Failure::wrong_use(text.trim_end().to_owned(), None)
    }

    /// Computes all of them as of one time.
    fn bridge(&mut self, ways: &[Way], versions: (u32, u32)) -> Result<Bridge, Failure> {
        if self.question.extra.as_of.is_none() {
            self.question.extra.as_of = self.common_as_of(ways)?;
        }
        let mut sides: Vec<Side> = Vec::with_capacity(ways.len());
        for (at, way) in ways.iter().enumerate() {
            // What exchanges nothing changes nothing.
            let same = sides.last().filter(|_| at > 0 && way.keys.is_empty()).cloned();
            let side = match same {
                Some(side) => side,
                None => Side::of(&self.rows(&way.project)?.0),
            };
            sides.push(side);
        }
        Bridge::of(ways, &sides, versions, self.question.extra.as_of)
    }

    /// The time up to which both versions know their rows.
    fn common_as_of(&mut self, ways: &[Way]) -> Result<Option<DateTime>, Failure> {
        self.question.extra = self.question.extra.tells_as_of();
        let mut found: Vec<DateTime> = Vec::new();
        for way in ways.first().into_iter().chain(ways.last()) {
            found.extend(self.rows(&way.project)?.1);
        }
        self.question.extra.further.as_of = false;
        Ok(found.into_iter().min())
    }

    fn rows(&mut self, project: &Project) -> Result<(Rows, Option<DateTime>), Failure> {
        let planned: Planned = planned_on(&project.eras(), self.target, &self.question).map_err(|found| {
            self.loaded.show(&found, self.terminal);
            Failure::FINDINGS
        })?;
        let answered = answer(self.loaded, self.target, &planned.statement, self.terminal)?;
        let (batches, at) = without_column(&answered.batches, AS_OF)?;
        let at = at.as_ref().and_then(|cell: &Cell| cell.to_string().parse().ok());
        Ok((Rows::of(&batches)?, at))
    }
}
