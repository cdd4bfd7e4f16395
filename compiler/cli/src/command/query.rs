//! `groma query`: metrics by period and group.

use crate::answer::{
    Answered, Day, ExtraArguments, Format, Question, Range, answer, chosen_target, deliver, parse_day, planned, sql,
};
use crate::arguments::Shared;
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::terminal::Terminal;
use clap::builder::PossibleValuesParser;
use groma_model::MetricId;
use groma_model::time::{GRAINS, Grain};
use groma_model::variants::{not_comparable, variants};
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
    let mut loaded = Loaded::usable(shared, terminal)?;
    let question = question(arguments, &mut loaded, terminal)?;
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

/// Refuses to show windows of different lengths side by side.
fn comparable(loaded: &Loaded, metrics: &[MetricId], terminal: &mut Terminal) -> Result<(), Failure> {
    let model = &loaded.project.model;
    let Some(pair) = variants(model, metrics) else { return Ok(()) };
    loaded.show(&[not_comparable(model, pair, None)], terminal);
    Err(Failure::FINDINGS)
}

fn question(arguments: &Arguments, loaded: &mut Loaded, terminal: &mut Terminal) -> Result<Question, Failure> {
    let metrics = Question::metrics(loaded, &arguments.metrics, terminal)?;
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
