//! `groma run`: all active metrics of a project, by period.

use crate::answer::{Day, ExtraArguments, Format, Question, Range, answer, chosen_target, deliver, parse_day, planned};
use crate::arguments::Shared;
use crate::failure::Failure;
use crate::frozen::{Frozen, whole_periods};
use crate::loading::Loaded;
use crate::terminal::Terminal;
use clap::builder::PossibleValuesParser;
use groma_model::time::{GRAINS, Grain};
use groma_model::{Diagnostic, Metric, Status};
use groma_plan::{NO_INTERVAL, Planned};
use groma_project::Target;
use std::path::PathBuf;

/// Compute all active metrics of the project, by period.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The length of a period; without it, the manifest's `default_grain`.
    #[arg(long, value_name = "GRAIN", value_parser = PossibleValuesParser::new(GRAINS.map(|(word, _)| word)))]
    grain: Option<String>,
    /// The first day, month or year.
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    from: Option<Day>,
    /// The last day, month or year, included.
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    to: Option<Day>,
    #[command(flatten)]
    extra: ExtraArguments,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// The file to write the answer to.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Where to run; without it, the manifest's `default_target`.
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// All metrics of a frozen period by what was sealed, for its days; `--from` and `--to` choose others.
    #[arg(long, value_name = "PERIOD")]
    frozen: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let (loaded, sealed) = match &arguments.frozen {
        None => (Loaded::usable(shared, terminal)?, None),
        Some(period) => {
            let frozen = Frozen::load(shared, period, terminal)?;
            let names = frozen.sealed();
            let days = frozen.only(&names)?;
            (frozen.on_present_data(), Some((names, days)))
        }
    };
    let target = chosen_target(&loaded, arguments.target.as_deref())?;
    let model = &loaded.project.model;
    let wanted = |metric: &&Metric| match &sealed {
        None => metric.header.broken || metric.status == Status::Active,
        Some((names, _)) => names.iter().any(|name| *name == metric.header.name),
    };
    let active = model.metrics.iter().filter(wanted);
    // In the order in which people wrote them.
    let mut active: Vec<&Metric> = active.collect();
    active.sort_by_key(|metric| metric.header.span);
    let names: Vec<String> = active.into_iter().map(|metric| metric.header.name.to_string()).collect();
    if names.is_empty() {
        return Err(Failure::wrong_use(
            "the project has no active metric",
            Some("declare one; `groma new` shows how".to_owned()),
        ));
    }
    let metrics = Question::metrics(&loaded, &names, terminal)?;
    let asked = arguments.grain.as_deref().and_then(Grain::from_word);
    let grain = asked.unwrap_or(model.calendar.default_grain);
    let mut range = Range::of(arguments.from, arguments.to)?;
    if let (Some((_, days)), Range { from: None, to: None }) = (&sealed, range) {
        range = whole_periods(&model.calendar, grain, *days)?;
    }
    let extra = arguments.extra.asked(&loaded, &metrics)?;
    extra.fits(range.from)?;
    let extra = extra.tells_as_of();
    let mut question = Question { metrics, grain, by: Vec::new(), range, filter: Vec::new(), extra };
    let planned = plan(&loaded, target, &mut question, terminal)?;
    let answered = answer(&loaded, target, &planned.statement, terminal)?;
    let wished = (arguments.format, arguments.out.as_deref());
    deliver(&loaded, target, (&question, &planned), &answered, wished, terminal)
}

/// Plans all metrics together; those that have no value at this grain, or no interval where one is asked for, are left out
/// with a word about each.
fn plan(
    loaded: &Loaded,
    target: &Target,
    question: &mut Question,
    terminal: &mut Terminal,
) -> Result<Planned, Failure> {
    if let Ok(planned) = planned(loaded, target, question) {
        return Ok(planned);
    }
    let mut refused: Vec<Diagnostic> = Vec::new();
    let mut kept = Vec::new();
    for metric in &question.metrics {
        match planned(loaded, target, &Question { metrics: vec![*metric], ..question.clone() }) {
            Ok(_) => kept.push(*metric),
            Err(found) => {
                let name = &loaded.project.model.metric(*metric).header.name;
                let no_interval = found.iter().find(|finding| finding.code.id == NO_INTERVAL.id);
                terminal.warn(&match no_interval {
                    Some(finding) => format!("{}; it is left out", finding.headline),
                    None => format!("`{name}` is left out by {}: it has no value there", question.grain.word()),
                });
                refused.extend(found);
            }
        }
    }
    question.metrics = kept;
    let found = match planned(loaded, target, question) {
        Ok(planned) if !question.metrics.is_empty() => return Ok(planned),
        Ok(_) => refused,
        Err(found) => found,
    };
    loaded.show(&found, terminal);
    Err(Failure::FINDINGS)
}
