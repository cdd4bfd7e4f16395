//! `groma check`: everything that is wrong with a project, in one run.

mod against;

use crate::answer::data_findings;
use crate::arguments::Shared;
use crate::command::report::stale;
use crate::failure::Failure;
use crate::findings::{Findings, Format, counted, github, human, json, junit, sarif, summary};
use crate::loading::Loaded;
use crate::register::Register;
use crate::terminal::Terminal;
use against::Comparison;
use jiff::civil::Date;

/// Find everything that is wrong with the project's declarations.
///
/// Definitions are read, never data; `--data` also opens the sources and runs their checks.
/// The exit code is 1 if there is an error; warnings alone do not change it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How findings are written; all but `human` go to stdout.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Write the findings, and what is set aside, as Markdown for a pull request, at most 65,000 characters.
    #[arg(long, conflicts_with = "format")]
    summary: bool,
    /// Also open the sources and run their checks.
    #[arg(long)]
    data: bool,
    /// Also judge what changed since the work parted from this branch, tag or commit: who must approve it, and who may
    /// change what.
    #[arg(long, value_name = "REF")]
    base: Option<String>,
    /// The state that is checked; without it, the working tree, and in a bare repository HEAD.
    #[arg(long, value_name = "REV", requires = "base", conflicts_with = "data")]
    head: Option<String>,
    /// The project's folder within the repository, where a bare one holds several.
    #[arg(long, value_name = "FOLDER", requires = "base")]
    project: Option<String>,
    /// The day on which owners, rules, waivers, agreements and approvals are judged; without it, today.
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
    /// Where the sources are, for `--data`; without it, the manifest's `default_target`.
    #[arg(long, value_name = "TARGET", requires = "data")]
    target: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let (mut loaded, changes) = match &arguments.base {
        None => (judged(Loaded::new(shared), arguments.on), None),
        Some(base) => in_history(arguments, base, shared, terminal)?,
    };
    let date = loaded.day(arguments.on);
    if arguments.data && !loaded.project.has_errors() {
        let found = data_findings(&loaded, arguments.target.as_deref(), terminal)?;
        loaded.project.diagnostics.extend(found);
    }
    match arguments.summary {
        true => {
            let base = arguments.base.as_deref().unwrap_or_default();
            terminal.answer(&against::with_changes(summarized(&loaded, date), changes.as_deref(), base))?;
        }
        false => report(&loaded, arguments.format, terminal)?,
    }
    let has_errors = loaded.project.has_errors();
    // The process ends here: taking a large project apart piece by piece would be time for nothing.
    std::mem::forget(loaded);
    match has_errors {
        true => Err(Failure::FINDINGS),
        false => Ok(()),
    }
}

/// Judges the project as it is on disk.
fn judged(mut loaded: Loaded, on: Option<Date>) -> Loaded {
    loaded.judge(on);
    let date = loaded.day(on);
    let codeowners = stale(&mut loaded, date);
    loaded.project.diagnostics.extend(codeowners);
    loaded
}

/// Judges the project and what changed; the changes as Markdown.
fn in_history(
    arguments: &Arguments,
    base: &str,
    shared: &Shared,
    terminal: &mut Terminal,
) -> Result<(Loaded, Option<String>), Failure> {
    let comparison = Comparison { base, head: arguments.head.as_deref(), project: arguments.project.as_deref() };
    let mut state = comparison.load(shared, terminal)?;
    let date = state.loaded.day(arguments.on);
    let changes = state.compare(date, terminal);
    let on_disk = state.is_working_tree();
    let mut loaded = state.loaded;
    match on_disk {
        true => loaded = judged(loaded, arguments.on),
        false => loaded.judge(arguments.on),
    }
    Ok((loaded, changes))
}

fn report(loaded: &Loaded, format: Format, terminal: &mut Terminal) -> Result<(), Failure> {
    let project = &loaded.project;
    let findings = loaded.findings(&project.diagnostics);
    let files = project.files;
    match format {
        Format::Human => {
            say(loaded, &findings, terminal);
            return Ok(());
        }
        Format::Json => terminal.answer(&json::render(&findings, files))?,
        Format::Sarif => terminal.answer(&sarif::render(&findings))?,
        Format::Github => terminal.answer(&github::render(&findings))?,
        Format::Junit => {
            let paths: Vec<String> =
                project.declarations().map(|file| format!("{}{}", loaded.prefix, file.path)).collect();
            let suite = if project.manifest.project.is_empty() { "groma" } else { &project.manifest.project };
            terminal.answer(&junit::render(&findings, suite, &paths))?;
        }
    }
    Ok(())
}

fn summarized(loaded: &Loaded, date: Date) -> String {
    let findings = loaded.findings(&loaded.project.diagnostics);
    summary::render(&findings, loaded.project.files, &Register::of(loaded, date))
}

fn say(loaded: &Loaded, findings: &Findings<'_>, terminal: &mut Terminal) {
    if findings.diagnostics.is_empty() {
        let waivers = findings.aside.and_then(|aside| aside.summary());
        let waivers = waivers.map(|waivers| format!("; {waivers}")).unwrap_or_default();
        terminal.say(&format!("no findings: {}{waivers}", contents(loaded)));
        return;
    }
    let text = human::render(findings, terminal.message_columns(), terminal.colored_errors());
    terminal.say(text.trim_end());
    terminal.say(&human::summary(findings, loaded.project.files));
}

/// What a project declares: `8 metrics, 2 sources`.
fn contents(loaded: &Loaded) -> String {
    let model = &loaded.project.model;
    let own = model.functions.iter().filter(|function| !function.header.standard).count();
    let parts = [
        (model.metrics.len(), "metric"),
        (model.sources.len(), "source"),
        (model.customers.len(), "customer"),
        (model.segments.len(), "segment"),
        (model.surveys.len(), "survey"),
        (own, "function"),
        (model.windows.len(), "window"),
        (model.examples.len(), "example"),
        (model.teams.len(), "team"),
    ];
    let parts: Vec<String> =
        parts.into_iter().filter(|(number, _)| *number > 0).map(|(number, noun)| counted(number, noun)).collect();
    parts.join(", ")
}
