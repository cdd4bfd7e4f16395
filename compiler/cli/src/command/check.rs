//! `groma check`: everything that is wrong with a project, in one run.

use crate::answer::data_findings;
use crate::arguments::Shared;
use crate::command::report::stale;
use crate::failure::Failure;
use crate::findings::{Findings, Format, counted, github, human, json, junit, sarif, summary};
use crate::loading::Loaded;
use crate::register::Register;
use crate::terminal::Terminal;
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
    /// The day on which owners, rules, waivers and agreements are judged; without it, today.
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
    /// Where the sources are, for `--data`; without it, the manifest's `default_target`.
    #[arg(long, value_name = "TARGET", requires = "data")]
    target: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut loaded = Loaded::new(shared);
    loaded.judge(arguments.on);
    let date = loaded.day(arguments.on);
    let codeowners = stale(&mut loaded, date);
    loaded.project.diagnostics.extend(codeowners);
    if arguments.data && !loaded.project.has_errors() {
        let found = data_findings(&loaded, arguments.target.as_deref(), terminal)?;
        loaded.project.diagnostics.extend(found);
    }
    match arguments.summary {
        true => terminal.answer(&summarized(&loaded, date))?,
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
