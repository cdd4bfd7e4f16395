//! `groma log`: the commits that changed what a metric means.

mod human;
mod json;

pub(super) use json::author;

use crate::arguments::Shared;
use crate::failure::Failure;
use crate::findings::{Findings, human as written};
use crate::loading::root;
use crate::terminal::Terminal;
use clap::ValueEnum;
use groma_history::log::{Log, Question, log, metrics};
use groma_history::{Repository, Revision};
use groma_model::{Diagnostic, SourceMap};
use groma_project::did_you_mean;
use jiff::civil::Date;

/// Show the commits that changed what a metric means.
///
/// Not those that changed its text: formatting, comments, order and moved files are passed over, and so is what leaves every
/// number as it is. Changes of what the metric is built from are shown with the way they came. Renames are followed. Of a
/// merge, only the side that the metric was taken from is followed, as git does with a file.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A metric of the project, also one that is there no longer.
    #[arg(value_name = "METRIC")]
    metric: String,
    /// The commit, branch or tag to begin with.
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    rev: String,
    /// At most so many commits.
    #[arg(short = 'n', long = "max-count", value_name = "N")]
    most: Option<usize>,
    /// Also commits that change words, owners and limits only.
    #[arg(long)]
    all: bool,
    /// How the commits are written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// The day that decides whether a date is still to come; without it, of each commit the day it was made.
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
    /// The project's folder within the repository, where a bare one holds several.
    #[arg(long, value_name = "FOLDER")]
    project: Option<String>,
}

/// How history is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Human,
    /// One document of a stable shape: `{"version": 1, …}`.
    Json,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let opened = Opened::new(shared, arguments.project.as_deref(), &arguments.rev, terminal)?;
    let question = Question {
        from: opened.from,
        metric: arguments.metric.as_str().into(),
        all: arguments.all,
        most: arguments.most,
        on: arguments.on,
        today: arguments.on.unwrap_or_else(|| jiff::Zoned::now().date()),
    };
    let log = log(&opened.repository, &question).map_err(|found| alone(&found, terminal))?;
    if log.lines.is_empty() && log.ends.is_empty() && arguments.most != Some(0) {
        return Err(opened.unknown(&arguments.metric, ", and there never was", terminal));
    }
    let text = match arguments.format {
        Format::Human => human::write(&log, &arguments.metric, terminal.columns(), terminal.colored_answers()),
        Format::Json => json::write(&log, &arguments.metric),
    };
    terminal.answer(&text)?;
    terminal.flush()?;
    deeper(&log, terminal);
    Ok(())
}

/// Says where a shallow clone ends.
fn deeper(log: &Log, terminal: &mut Terminal) {
    for end in &log.ends {
        let (short, day, looked_at) = (end.short(), end.day, log.looked_at);
        terminal.warn(&format!(
            "this clone is shallow: history ends at {short} of {day}, {looked_at} commits back, and what happened before is unknown"
        ));
        terminal
            .say("  help: `git fetch --unshallow` brings all of it, `git fetch --deepen=1000` a thousand commits more");
    }
}

/// A repository, and the commit to begin with.
pub(super) struct Opened {
    pub(super) repository: Repository,
    pub(super) from: groma_history::Oid,
}

impl Opened {
    pub(super) fn new(
        shared: &Shared,
        project: Option<&str>,
        revision: &str,
        terminal: &mut Terminal,
    ) -> Result<Self, Failure> {
        let (folder, _) = root(shared);
        let repository = Repository::around(&folder, project).map_err(|found| alone(&found, terminal))?;
        match repository.revision(revision).map_err(|found| alone(&found, terminal))? {
            Revision::Commit { id, .. } => Ok(Self { repository, from: id }),
            Revision::Index | Revision::WorkingTree => Err(Failure::wrong_use(
                format!("`{revision}` is in no commit, so nobody wrote it yet"),
                Some("name a commit, a branch or a tag; `groma diff` shows what is not committed".to_owned()),
            )),
        }
    }

    /// There is no such metric; `when` says since when.
    pub(super) fn unknown(&self, metric: &str, when: &str, terminal: &mut Terminal) -> Failure {
        match metrics(&self.repository, self.from) {
            Err(found) => alone(&found, terminal),
            Ok(known) => {
                let help = did_you_mean(metric, known.iter().map(groma_model::SmolStr::as_str).collect::<Vec<_>>());
                Failure::wrong_use(format!("there is no metric `{metric}`{when}"), help)
            }
        }
    }
}

/// Shows a finding that has no place in a file.
pub(super) fn alone(found: &Diagnostic, terminal: &mut Terminal) -> Failure {
    let (sources, diagnostics) = (SourceMap::default(), std::slice::from_ref(found));
    let findings = Findings { sources: &sources, diagnostics, prefix: "", aside: None };
    let text = written::render(&findings, terminal.message_columns(), terminal.colored_errors());
    terminal.say(text.trim_end());
    Failure::FINDINGS
}
