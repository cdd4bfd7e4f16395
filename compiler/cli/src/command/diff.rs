//! `groma diff`: what changed in meaning between two states of a project.

mod cells;
mod data;
mod range;

use crate::answer::{Day, Range, parse_day};
use crate::arguments::Shared;
use crate::differences::{DataReport, Differences, Format};
use crate::failure::Failure;
use crate::findings::{Findings, human};
use crate::loading::root;
use crate::terminal::Terminal;
use clap::builder::PossibleValuesParser;
use data::Wish;
use groma_history::{Compared, Repository, State};
use groma_model::change::{CLASSES, Class};
use groma_model::schema::Kind;
use groma_model::time::{GRAINS, Grain};
use groma_model::{Diagnostic, SourceMap};
use groma_project::did_you_mean;
use jiff::civil::Date;
use range::Refused;
use std::path::Path;

/// Show what changed in meaning between two states of the project.
///
/// BASE and HEAD are commits, branches, tags, `INDEX` or `WORKTREE`. Without HEAD it is the working tree, without BASE it is the
/// last commit; in a bare repository they are HEAD and HEAD~1. `A..B` compares two commits, `A...B` compares B with where it
/// parted from A. Nothing is checked out.
/// The exit code is 1 if one of the two states has errors; changes alone do not change it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What to compare: BASE, BASE HEAD, BASE..HEAD or BASE...HEAD.
    #[arg(value_name = "REVISION")]
    revisions: Vec<String>,
    /// Compare what is staged with BASE.
    #[arg(long, visible_alias = "cached")]
    staged: bool,
    /// How the comparison is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Only what changed about these metrics.
    #[arg(long = "metric", value_name = "METRIC", value_delimiter = ',')]
    metrics: Vec<String>,
    /// Only changes of this class or a stricter one.
    #[arg(long, value_name = "CLASS", value_parser = PossibleValuesParser::new(CLASSES.map(|(word, _)| word)))]
    class: Option<String>,
    /// End with exit code 1 if a change is restating or removing, or of the `--class` or a stricter one.
    #[arg(long)]
    exit_code: bool,
    /// The day that decides whether a date is still to come; without it, today.
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
    /// Also compute what changed on both sides, over the same data, and compare the cells.
    #[arg(long)]
    data: bool,
    /// Where to compute, for `--data`: a target of the head; without it, the head's `default_target`.
    #[arg(long, value_name = "TARGET", requires = "data")]
    target: Option<String>,
    /// The length of a period, for `--data`; without it, all that the metrics are built for.
    #[arg(long, value_name = "GRAIN", requires = "data", value_parser = PossibleValuesParser::new(GRAINS.map(|(word, _)| word)))]
    grain: Option<String>,
    /// The first day, month or year, for `--data`.
    #[arg(long, value_name = "DATE", requires = "data", value_parser = parse_day)]
    from: Option<Day>,
    /// The last day, month or year, included, for `--data`.
    #[arg(long, value_name = "DATE", requires = "data", value_parser = parse_day)]
    to: Option<Day>,
    /// The project's folder within the repository, where a bare one holds several.
    #[arg(long, value_name = "FOLDER")]
    project: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let (folder, prefix) = root(shared);
    let project = arguments.project.as_deref();
    let repository = Repository::around(&folder, project).map_err(|found| alone(&found, terminal))?;
    let prefix = match (repository.disk(), project) {
        (Some(_), None) => prefix,
        // Nobody stands in that folder: paths are the repository's.
        _ if repository.folder().is_empty() => String::new(),
        _ => format!("{}/", repository.folder()),
    };
    let (base, head) = match range::states(&repository, &arguments.revisions, arguments.staged) {
        Ok(states) => states,
        Err(Refused::Use(failure)) => return Err(failure),
        Err(Refused::Found(found)) => return Err(alone(&found, terminal)),
    };
    let (base, head) = State::two(&repository, base, head).map_err(|found| alone(&found, terminal))?;
    let today = arguments.on.unwrap_or_else(|| jiff::Zoned::now().date());
    let mut compared = Compared::of(&repository, base, head, today);
    let all = compared.changes.len();
    keep(&mut compared, arguments)?;
    let left_out = all - compared.changes.len();
    let findings = errors(&compared);
    let report = computed(&compared, arguments, (repository.disk(), &prefix), terminal)?;
    let mut differences = Differences::of(&compared, report.as_ref(), &findings, &prefix);
    differences.summary.left_out = left_out;
    differences.write(arguments.format, terminal)?;
    if let Some(what) = report.as_ref().and_then(|report| data::unsound(&compared, report)) {
        terminal.flush()?;
        return Err(Failure::Bug { what });
    }
    let least = arguments.class.as_deref().and_then(Class::from_word).unwrap_or(Class::Restating);
    let fails = arguments.exit_code && compared.changes.iter().any(|one| one.change.class >= least);
    let fails = fails || !findings.is_empty();
    // The process ends here: taking two large projects apart piece by piece would be time for nothing.
    std::mem::forget(compared);
    match fails {
        true => Err(Failure::FINDINGS),
        false => Ok(()),
    }
}

/// Both sides over the same data, where that is asked for.
fn computed(
    compared: &Compared,
    arguments: &Arguments,
    (disk, prefix): (Option<&Path>, &str),
    terminal: &mut Terminal,
) -> Result<Option<DataReport>, Failure> {
    if !arguments.data {
        return Ok(None);
    }
    let Some(disk) = disk else {
        return Err(Failure::wrong_use(
            "a bare repository has no data to compute from",
            Some("run `groma diff --data` in a clone with a working tree".to_owned()),
        ));
    };
    let wish = Wish {
        target: arguments.target.as_deref(),
        range: Range::of(arguments.from, arguments.to)?,
        grain: arguments.grain.as_deref().and_then(Grain::from_word),
    };
    data::report(compared, &wish, (disk, prefix), terminal).map(Some)
}

/// Shows a finding that has no place in a file.
fn alone(found: &Diagnostic, terminal: &mut Terminal) -> Failure {
    let sources = SourceMap::default();
    let diagnostics = std::slice::from_ref(found);
    let findings = Findings { sources: &sources, diagnostics, prefix: "", aside: None };
    let text = human::render(&findings, terminal.message_columns(), terminal.colored_errors());
    terminal.say(text.trim_end());
    Failure::FINDINGS
}

/// What stands in the way of comparing: the errors of the base, then those of the head.
fn errors(compared: &Compared) -> Vec<Diagnostic> {
    let head = compared.head.project.diagnostics.iter().filter(|finding| finding.is_error());
    compared.base_errors.iter().chain(head).cloned().collect()
}

/// Leaves the changes that are asked for, and what is found about approvals only where all are.
fn keep(compared: &mut Compared, arguments: &Arguments) -> Result<(), Failure> {
    let sides = [&compared.base.project.model, &compared.head.project.model];
    let known = || sides.iter().flat_map(|model| model.metrics.iter().map(|metric| metric.header.name.as_str()));
    if let Some(name) = arguments.metrics.iter().find(|name| !known().any(|known| known == name.as_str())) {
        let names: Vec<&str> = known().collect();
        return Err(Failure::wrong_use(format!("neither side has a metric `{name}`"), did_you_mean(name, names)));
    }
    if !arguments.metrics.is_empty() {
        let wanted = |name: &str| arguments.metrics.iter().any(|wanted| wanted == name);
        compared.changes.retain(|one| {
            let (kind, name) = &one.change.subject;
            *kind == Kind::Metric && (wanted(name) || one.change.was.as_deref().is_some_and(wanted))
        });
    }
    if let Some(least) = arguments.class.as_deref().and_then(Class::from_word) {
        compared.changes.retain(|one| one.change.class >= least);
    }
    if arguments.class.is_some() || !arguments.metrics.is_empty() {
        compared.findings.clear();
    }
    Ok(())
}
