//! `groma test`: the examples of a project, computed and compared with what they say, and the tests of its rules.

mod compare;
mod report;
mod rules;

use crate::answer::{Bench, Progress, Ran};
use crate::arguments::Shared;
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::meaning::affected;
use crate::terminal::Terminal;
use clap::ValueEnum;
use compare::Comparison;
use groma_model::{Example, Model};
use groma_project::did_you_mean;
use groma_project::rules::Rule;
use report::{Report, Tested};

/// Compute examples and compare what comes out with what they say; prove rules by their tests.
///
/// An `example` beside a metric gives a few rows and what must come out of them. It runs on the embedded engine, on these rows
/// alone: no source is opened. A `rule` has tests of its own: what `given` and `raises` declare must raise it, what `given` and
/// `passes` declare must not, and neither may have another error; they are judged on 2026-07-01. The exit code is 1 if one of
/// them does not hold.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Examples, rules, or metrics whose examples are meant; without them, all examples and rules of the project.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// How the outcome is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people: what was expected beside what was found.
    Human,
    /// One document of a stable shape: `{"version": 1, "summary": …, "examples": […]}`.
    Json,
    /// JUnit XML, for test reports.
    Junit,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let loaded = Loaded::usable(shared, terminal)?;
    let (rules, names) = chosen_rules(&loaded, &arguments.names);
    let chosen = match names.is_empty() && !arguments.names.is_empty() {
        true => Vec::new(),
        false => chosen(&loaded.project.model, &names)?,
    };
    sound(&loaded, &chosen, terminal)?;
    if chosen.is_empty() && rules.is_empty() && arguments.format == Format::Human {
        let which = if arguments.names.is_empty() { "the project has" } else { "these metrics have" };
        terminal.say(&format!("{which} no examples"));
        return Ok(());
    }
    let mut tested = Vec::with_capacity(chosen.len());
    if !chosen.is_empty() {
        let bench = Bench::new()?;
        let progress = Progress::steps(terminal, chosen.len(), "computing examples");
        for example in chosen {
            tested.push(test(&bench, &loaded, example, terminal)?);
            progress.step();
        }
    }
    let report = Report { loaded: &loaded, tested, rules: rules::prove(&loaded, rules) };
    for found in report.tested.iter().map(|tested| &tested.refused).filter(|found| !found.is_empty()) {
        loaded.show(found, terminal);
    }
    let text = match arguments.format {
        Format::Human => report.human(terminal.colored_answers()),
        Format::Json => report.json(),
        Format::Junit => report.junit(),
    };
    terminal.answer(&text)?;
    if report.failed() == 0 { Ok(()) } else { Err(Failure::FINDINGS) }
}

fn test<'m>(
    bench: &Bench,
    loaded: &Loaded,
    example: &'m Example,
    terminal: &mut Terminal,
) -> Result<Tested<'m>, Failure> {
    Ok(match bench.run(loaded, example, terminal)? {
        Ran::Answered(rows) => Tested { example, comparison: Comparison::of(example, &rows)?, refused: Vec::new() },
        Ran::Refused(refused) => Tested { example, comparison: Comparison::default(), refused },
    })
}

/// The rules of those names, and the names that are of no rule; without names, all rules.
fn chosen_rules(loaded: &Loaded, names: &[String]) -> (Vec<Rule>, Vec<String>) {
    let mut rules = rules::with_tests(loaded);
    let is_rule = |name: &String| rules.iter().any(|rule| rule.name == *name || rule.code == *name);
    let others: Vec<String> = names.iter().filter(|name| !is_rule(name)).cloned().collect();
    rules.retain(|rule| names.is_empty() || names.contains(&rule.name) || names.contains(&rule.code));
    (rules, others)
}

/// The examples of those names and those of the metrics of those names, in the order in which people wrote them.
fn chosen<'m>(model: &'m Model, names: &[String]) -> Result<Vec<&'m Example>, Failure> {
    let mut chosen: Vec<&Example> = Vec::new();
    for name in names {
        let metric = model.metric_named(name);
        let is_meant = |example: &&Example| {
            example.header.name.as_str() == name || metric.is_some_and(|metric| example.metrics.contains(&metric))
        };
        let before = chosen.len();
        chosen.extend(model.examples.iter().filter(is_meant));
        if chosen.len() == before && metric.is_none() {
            let examples = model.examples.iter().map(|example| &example.header);
            let known = examples.chain(model.metrics.iter().map(|metric| &metric.header));
            let known: Vec<&str> = known.map(|header| header.name.as_str()).collect();
            return Err(Failure::wrong_use(format!("there is no example `{name}`"), did_you_mean(name, known)));
        }
    }
    if names.is_empty() {
        chosen.extend(&model.examples);
    }
    chosen.sort_by_key(|example| example.header.span);
    chosen.dedup_by_key(|example| example.header.span);
    Ok(chosen)
}

/// Refuses examples that are wrong themselves or compute what is, and shows what was found.
fn sound(loaded: &Loaded, chosen: &[&Example], terminal: &mut Terminal) -> Result<(), Failure> {
    let model = &loaded.project.model;
    let is_broken =
        |example: &&&Example| example.header.broken || example.metrics.iter().any(|metric| affected(model, *metric));
    let Some(example) = chosen.iter().find(is_broken) else {
        loaded.mention_errors(terminal);
        return Ok(());
    };
    loaded.show(&loaded.project.diagnostics, terminal);
    terminal.problem(&format!(
        "example `{}` is not computed: what was found stands in it or behind its metrics",
        example.header.name
    ));
    Err(Failure::FINDINGS)
}
