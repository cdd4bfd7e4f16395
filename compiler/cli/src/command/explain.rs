//! `groma explain`: what a name or a code means.

use crate::answer::Restated;
use crate::arguments::Shared;
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::meaning::{Facts, catalog, explain_metric, explain_other};
use crate::terminal::Terminal;
use clap::ValueEnum;
use groma_history::seal::Lock;
use groma_model::SourceMap;
use groma_model::check::{built_in_functions, nearest};
use groma_model::meaning::{FORM, meanings};
use groma_project::rules::of_project;
use groma_project::{codes, pages};
use serde_json::{Value, json};

/// Explain a name or a code.
///
/// Of a metric: who is counted, which rows from when to when, the formula down to aggregates of columns, when the number is
/// settled, how it rolls up, what its interval means, its sources and columns.
/// Of a function, a source, a customer, a segment, a survey, a window, an example or a team: its definition.
/// Of a code such as `name/unknown`: what it finds, why it matters for the number, an example and what to write instead.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A name of the project or of the standard library, or a code.
    name: String,
    /// How the explanation is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// An array of objects with the same facts as fields; a metric's also has all there is to know about it.
    Json,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let name = arguments.name.as_str();
    if let Some(page) = page(name) {
        return Ok(terminal.answer(&written(name, page, arguments.format))?);
    }
    let loaded = Loaded::new(shared);
    if name.contains('/') {
        let own = of_project(&loaded.project);
        if let Some(rule) = own.iter().find(|rule| rule.code == name) {
            return Ok(terminal.answer(&written(name, rule.page(), arguments.format))?);
        }
        let known: Vec<&str> =
            codes::codes().iter().map(|code| code.id).chain(own.iter().map(|rule| rule.code.as_str())).collect();
        return Err(unknown(format!("there is no code `{name}`"), nearest(name, known)));
    }
    let (model, sources) = (&loaded.project.model, &loaded.project.sources);
    let today = loaded.day(None);
    let metric = model.metric_named(name);
    let explained = metric.map(|id| {
        let mut facts = explain_metric(model, sources, id, today);
        facts.add("restated", Restated::of(&loaded).explain(name));
        facts
    });
    let mut facts: Vec<Facts> = explained.into_iter().chain(explain_other(model, sources, name, today)).collect();
    if let Some(period) = facts.iter_mut().find(|facts| facts.is_about(&format!("period {name}"))) {
        period.add("frozen", seal_of(&loaded, name));
    }
    if !facts.is_empty() {
        let meanings = || meanings(FORM, &loaded.project.eras()).unwrap_or_default();
        let is_told = arguments.format == Format::Json;
        let known = metric.filter(|_| is_told).map(|id| catalog::metric_with_meaning(model, sources, id, &meanings()));
        return Ok(terminal.answer(&shown(&facts, known, arguments.format, terminal.columns()))?);
    }
    if let Some((name, doc)) = built_in_functions().find(|(built_in, _)| *built_in == name) {
        let title = format!("function {name} (built in)");
        let text = match arguments.format {
            Format::Text => format!("{title}\n\n  {doc}\n"),
            Format::Json => written(&title, doc.to_owned(), Format::Json),
        };
        return Ok(terminal.answer(&text)?);
    }
    if loaded.project.manifest.project.is_empty() && loaded.project.has_errors() {
        loaded.show(&loaded.project.diagnostics, terminal);
        return Err(Failure::FINDINGS);
    }
    let graph = model.graph();
    let names = graph
        .nodes()
        .map(|node| model.header(node).name.as_str())
        .chain(model.teams.iter().map(|team| team.header.name.as_str()))
        .chain(model.records.iter().map(|record| record.header.name.as_str()))
        .chain(built_in_functions().map(|(name, _)| name));
    Err(unknown(format!("nothing is called `{name}`"), nearest(name, names)))
}

/// Facts in the wished format; `metric` is all there is to know of the first one, where that is a metric.
fn shown(facts: &[Facts], metric: Option<Value>, format: Format, width: usize) -> String {
    match format {
        Format::Text => facts.iter().map(|facts| facts.write(width)).collect::<Vec<_>>().join("\n"),
        Format::Json => {
            let mut objects: Vec<Value> = facts.iter().map(Facts::as_json).collect();
            if let (Some(metric), Some(first)) = (metric, objects.first_mut()) {
                first["metric"] = metric;
            }
            format!("{:#}\n", Value::Array(objects))
        }
    }
}

/// What is sealed for a period, in words; nothing where it has no lock.
fn seal_of(loaded: &Loaded, period: &str) -> String {
    let (locks, _) = Lock::all(&loaded.world, &mut SourceMap::default());
    let Some(placed) = locks.iter().find(|placed| placed.lock.period.name == period) else { return String::new() };
    let lock = &placed.lock;
    let commit = lock.commit.get(..10).unwrap_or(&lock.commit);
    let metrics: Vec<&str> = lock.metrics.keys().map(String::as_str).collect();
    let restated = lock
        .restatements
        .iter()
        .map(|one| format!("\n{} restated on {} by exception {}", one.metric, one.on, one.exception));
    format!("{} at commit {commit}, by {}{}", metrics.join(", "), placed.path, restated.collect::<String>())
}

/// A text in the wished format.
fn written(title: &str, text: String, format: Format) -> String {
    match format {
        Format::Text => text,
        Format::Json => {
            let object = json!({ "title": title, "documentation": text.trim_end(), "facts": {} });
            format!("{:#}\n", Value::Array(vec![object]))
        }
    }
}

fn unknown(headline: String, nearest: Option<&str>) -> Failure {
    let help = nearest.map_or_else(
        || "`groma list metrics` lists the metrics; so do the other kinds, such as `groma list sources`".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    Failure::wrong_use(headline, Some(help))
}

/// The page of a code; without one, what the code itself says.
fn page(name: &str) -> Option<String> {
    let code = codes::code(name)?;
    let text = pages::page(code.id).map_or_else(|| format!("# {}\n\n{}", code.id, code.summary), str::to_owned);
    Some(format!("{}\n", text.trim_end()))
}
