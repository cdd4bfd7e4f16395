//! `groma run`: all active metrics of a project: shown by period, or kept for others on a target.

use crate::answer::{
    Day, Extra, ExtraArguments, Format, Question, Range, answer, chosen_target, deliver, parse_day, planned,
};
use crate::arguments::Shared;
use crate::failure::Failure;
use crate::frozen::{Frozen, whole_periods};
use crate::loading::Loaded;
use crate::refreshing::{self, Options};
use crate::terminal::Terminal;
use clap::builder::PossibleValuesParser;
use groma_model::time::{GRAINS, Grain};
use groma_model::{Diagnostic, Metric, Status};
use groma_plan::{NO_INTERVAL, Planned};
use groma_project::Target;
use jiff::SignedDuration;
use std::path::PathBuf;
use std::time::Duration;

/// How long another run is waited for, where nothing else is asked.
const WAIT: Duration = Duration::from_secs(600);

/// How many jobs a server computes side by side, where nothing else is asked.
const PARALLEL: u16 = 2;

/// Compute all active metrics of the project, and show them or keep them for others.
///
/// Without a target, on an embedded engine, the numbers are shown by period. With `--target`, or where the default target is a
/// server, the answers of that target are refreshed: checks first, then one job after another, each whole or not at all.
/// What is settled stays as it was.
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
    /// How the answer is written; where answers are refreshed, `json` writes the summary so.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The file to write the answer to.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The target whose answers are refreshed; without it, the manifest's `default_target`, and numbers are shown where that
    /// is embedded.
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// Compute settled periods again too.
    #[arg(long)]
    full: bool,
    /// Write the statements in their order and touch nothing.
    #[arg(long)]
    dry_run: bool,
    /// Only these jobs, and the jobs of these metrics.
    #[arg(long, value_name = "JOB-OR-METRIC", value_delimiter = ',')]
    only: Vec<String>,
    /// How long to wait for another run of the same answers: `10m`, `1h`, `0`; without it, ten minutes.
    #[arg(long, value_name = "DURATION", value_parser = parse_wait)]
    wait: Option<Duration>,
    /// How many jobs a server computes side by side, each in a session of its own; without it, two.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    parallel: Option<u16>,
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
    if sealed.is_none() && (arguments.target.is_some() || !target.is_embedded()) {
        let options = arguments.refreshing(&loaded)?;
        return refreshing::run(&loaded, target, &options, terminal);
    }
    arguments.shows(target)?;
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
    let wished = (arguments.format.unwrap_or_default(), arguments.out.as_deref());
    deliver(&loaded, target, (&question, &planned), &answered, wished, terminal)
}

/// Reads `10m`, `1h 30m`, `45 seconds` or a number of seconds.
fn parse_wait(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    let parsed: Option<SignedDuration> = text.parse().ok();
    let duration = parsed.and_then(|duration| Duration::try_from(duration).ok());
    duration.ok_or_else(|| "not a length of time such as `10m`, `1h` or `0`".to_owned())
}

impl Arguments {
    /// What is asked of a refresh. What is about numbers that are shown has no place there.
    fn refreshing(&self, loaded: &Loaded) -> Result<Options, Failure> {
        let extra = self.extra.asked(loaded, &[])?;
        let shown = [
            (self.grain.is_some(), "--grain"),
            (self.from.is_some(), "--from"),
            (self.to.is_some(), "--to"),
            (self.out.is_some(), "--out"),
            (extra.intervals.is_some(), "--intervals"),
            (extra.further.changes, "--changes"),
            (self.format.is_some_and(|format| format != Format::Json), "--format, other than json,"),
        ];
        if let Some((_, flag)) = shown.into_iter().find(|(given, _)| *given) {
            return Err(Failure::wrong_use(
                format!("{flag} is about numbers that are shown, and here the answers of a target are refreshed"),
                Some("leave it out; or ask with `groma query … --target`".to_owned()),
            ));
        }
        let Extra { as_of, .. } = extra;
        let json = self.format == Some(Format::Json);
        let wait = self.wait.unwrap_or(WAIT);
        let parallel = usize::from(self.parallel.unwrap_or(PARALLEL));
        Ok(Options { as_of, full: self.full, dry: self.dry_run, only: self.only.clone(), wait, parallel, json })
    }

    /// What is about a refresh has no place where numbers are shown.
    fn shows(&self, target: &Target) -> Result<(), Failure> {
        let refreshing = [
            (self.full, "--full"),
            (self.dry_run, "--dry-run"),
            (!self.only.is_empty(), "--only"),
            (self.wait.is_some(), "--wait"),
            (self.parallel.is_some(), "--parallel"),
        ];
        match refreshing.into_iter().find(|(given, _)| *given) {
            None => Ok(()),
            Some((_, flag)) => Err(Failure::wrong_use(
                format!("{flag} is about answers that are kept, and here numbers are shown"),
                Some(match self.frozen {
                    Some(_) => "what is frozen is only shown: leave it out".to_owned(),
                    None => format!("name the target whose answers are refreshed: `--target {}`", target.name),
                }),
            )),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read() {
        for (text, seconds) in [("0", 0), ("45", 45), ("10m", 600), ("1h 30m", 5400), ("45 seconds", 45)] {
            assert_eq!(parse_wait(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "soon", "-5m", "10 apples"] {
            assert!(parse_wait(text).is_err(), "{text}");
        }
    }
}
