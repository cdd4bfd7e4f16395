//! `groma query`: metrics by period and group.

use crate::answer::{
    Answered, Day, ExtraArguments, Format, Question, Range, answer, chosen_target, deliver, parse_day, planned, sql,
};
use crate::arguments::Shared;
use crate::failure::Failure;
use crate::frozen::{Frozen, whole_periods};
use crate::loading::Loaded;
use crate::meaning::{numbers, versions_in_words};
use crate::terminal::Terminal;
use clap::builder::PossibleValuesParser;
use groma_model::check::versions::Taken;
use groma_model::time::{GRAINS, Grain};
use groma_model::variants::{not_comparable, variants};
use groma_model::{Diagnostic, MetricId};
use std::path::PathBuf;

/// Compute metrics by period and group.
///
/// The answer has a row for each period, also for one without rows in the sources. Totals and coarser grains are computed from
/// the rows, never from other answers.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Metrics of the project.
    #[arg(value_name = "METRIC", required = true, value_delimiter = ',')]
    metrics: Vec<String>,
    /// Columns to group by, such as `account.region`.
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    by: Vec<String>,
    /// The length of a period; without it, the first one the metrics are built for.
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
    /// Compute this version of the metrics over all periods, whichever was in force.
    #[arg(long, value_name = "NUMBER")]
    version: Option<u32>,
    /// Compute by what was sealed for a frozen period, for its periods; `--from` and `--to` choose others.
    #[arg(long, value_name = "PERIOD", conflicts_with = "version")]
    frozen: Option<String>,
    #[command(flatten)]
    extra: ExtraArguments,
    /// Also the totals over each of the columns of `--by`, and over all of them.
    #[arg(long, requires = "by")]
    totals: bool,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// The file to write the answer to.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the statement in the target's SQL and run nothing.
    #[arg(long, conflicts_with_all = ["format", "out"])]
    sql: bool,
    /// Where to run; without it, the manifest's `default_target`.
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let (mut loaded, days) = match &arguments.frozen {
        None => (Loaded::usable(shared, terminal)?, None),
        Some(period) => {
            let frozen = Frozen::load(shared, period, terminal)?;
            let days = frozen.only(&arguments.metrics)?;
            (frozen.on_present_data(), Some(days))
        }
    };
    let mut question = question(arguments, &mut loaded, terminal)?;
    if let (Some(days), Range { from: None, to: None }) = (days, question.range) {
        question.range = whole_periods(&loaded.project.model.calendar, question.grain, days)?;
    }
    let target = chosen_target(&loaded, arguments.target.as_deref())?;
    let planned = match planned(&loaded, target, &question) {
        Ok(planned) => planned,
        Err(found) => {
            loaded.show(&found, terminal);
            return Err(Failure::FINDINGS);
        }
    };
    if arguments.sql {
        let text = sql(&loaded, target, &planned.statement, terminal)?;
        return Ok(terminal.answer(&text)?);
    }
    let answered: Answered = answer(&loaded, target, &planned.statement, terminal)?;
    let wished = (arguments.format, arguments.out.as_deref());
    deliver(&loaded, target, (&question, &planned), &answered, wished, terminal)
}

/// Has one version of the metrics computed at all times; gives those that have it.
fn hold(loaded: &mut Loaded, names: &[String], number: u32, terminal: &mut Terminal) -> Result<Vec<MetricId>, Failure> {
    let ids = Question::metrics(loaded, names, terminal)?;
    let model = &loaded.project.model;
    let (held, without): (Vec<MetricId>, Vec<MetricId>) =
        ids.into_iter().partition(|id| numbers(model.metric(*id)).contains(&number));
    let said = |id: &MetricId| (&model.metric(*id).header.name, versions_in_words(model.metric(*id)));
    if let (Some((name, known)), true) = (without.first().map(said), held.is_empty()) {
        return Err(Failure::wrong_use(format!("`{name}` has no version {number}"), Some(format!("it has {known}"))));
    }
    for (name, known) in without.iter().map(said) {
        terminal.warn(&format!("`{name}` is left out: it has no version {number}, but {known}"));
    }
    let several = held.iter().map(|id| model.metric(*id)).filter(|metric| !metric.versions.is_empty());
    let taken: Vec<_> = several.map(|metric| (metric.header.name.clone(), Taken::Version(number))).collect();
    let found = if taken.is_empty() { Vec::new() } else { loaded.project.hold(&taken) };
    if found.iter().any(Diagnostic::is_error) {
        loaded.show(&found, terminal);
        return Err(Failure::FINDINGS);
    }
    Ok(held)
}

/// Refuses to show windows of different lengths side by side.
fn comparable(loaded: &Loaded, metrics: &[MetricId], terminal: &mut Terminal) -> Result<(), Failure> {
    let model = &loaded.project.model;
    let Some(pair) = variants(model, metrics) else { return Ok(()) };
    loaded.show(&[not_comparable(model, pair, None)], terminal);
    Err(Failure::FINDINGS)
}

fn question(arguments: &Arguments, loaded: &mut Loaded, terminal: &mut Terminal) -> Result<Question, Failure> {
    let metrics = match arguments.version {
        None => Question::metrics(loaded, &arguments.metrics, terminal)?,
        Some(number) => hold(loaded, &arguments.metrics, number, terminal)?,
    };
    comparable(loaded, &metrics, terminal)?;
    let asked = arguments.grain.as_deref().and_then(Grain::from_word);
    let grain = asked.unwrap_or_else(|| Question::default_grain(&loaded.project.model, &metrics));
    let range = Range::of(arguments.from, arguments.to)?;
    let mut extra = arguments.extra.asked(loaded, &metrics)?;
    extra.fits(range.from)?;
    extra.totals = arguments.totals;
    // A statement that is printed gives the usual columns.
    let extra = if arguments.sql { extra } else { extra.tells_as_of() };
    let mut question = Question { metrics, grain, by: Vec::new(), range, filter: Vec::new(), extra };
    question.group_by(loaded, &arguments.by, terminal)?;
    if let Some(condition) = &arguments.condition {
        question.keep_where(loaded, condition, terminal)?;
    }
    Ok(question)
}
