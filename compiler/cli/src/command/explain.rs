//! `groma explain`: what a name or a code means.

use crate::arguments::Shared;
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::meaning::{explain_metric, explain_other};
use crate::terminal::Terminal;
use groma_model::check::{built_in_functions, nearest};
use groma_project::{codes, pages};

/// Explain a name or a code.
///
/// Of a metric: who is counted, which rows, the formula down to aggregates of columns, its clock, its sources and columns.
/// Of a function, a source, a customer, a segment, a window or a team: its definition.
/// Of a code such as `name/unknown`: what it finds, why it matters for the number, an example and what to write instead.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A name of the project or of the standard library, or a code.
    name: String,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let name = arguments.name.as_str();
    if let Some(page) = page(name) {
        return Ok(terminal.answer(&page)?);
    }
    if name.contains('/') {
        let known: Vec<&str> = codes::codes().iter().map(|code| code.id).collect();
        return Err(unknown(format!("there is no code `{name}`"), nearest(name, known)));
    }
    let loaded = Loaded::new(shared);
    let (model, sources) = (&loaded.project.model, &loaded.project.sources);
    let metric = model.metric_named(name).map(|id| explain_metric(model, sources, id));
    let texts: Vec<String> = metric
        .into_iter()
        .chain(explain_other(model, sources, name))
        .map(|facts| facts.write(terminal.columns()))
        .collect();
    if !texts.is_empty() {
        return Ok(terminal.answer(&texts.join("\n"))?);
    }
    if let Some((name, doc)) = built_in_functions().find(|(built_in, _)| *built_in == name) {
        return Ok(terminal.answer(&format!("function {name} (built in)\n\n  {doc}\n"))?);
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
        .chain(built_in_functions().map(|(name, _)| name));
    Err(unknown(format!("nothing is called `{name}`"), nearest(name, names)))
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
