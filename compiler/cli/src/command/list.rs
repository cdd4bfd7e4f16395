//! `groma list`: what a project declares.

use crate::arguments::Shared;
use crate::drawing::{Column, PADDING, draw, shortened, total};
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::meaning::catalog;
use crate::terminal::Terminal;
use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use comfy_table::CellAlignment;
use groma_model::schema::{KINDS, Kind};
use serde_json::Value;

/// What stands beside a name is not longer than this.
const LONGEST_CELL: usize = 24;

/// The documentation is not cut shorter than this.
const SHORTEST_NOTE: usize = 12;

/// List what the project declares.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What to list.
    #[arg(value_name = "KIND", default_value = "metrics", value_parser = PossibleValuesParser::new(KINDS.map(|kind| kind.plural)))]
    kind: String,
    /// How the list is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each, for people.
    Table,
    /// An array of objects with all there is to know.
    Json,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let loaded = Loaded::usable(shared, terminal)?;
    loaded.mention_errors(terminal);
    let kind = KINDS.iter().find(|schema| schema.plural == arguments.kind).map_or(Kind::Metric, |schema| schema.kind);
    let declarations = catalog::declarations(&loaded.project.model, &loaded.project.sources, kind);
    match arguments.format {
        Format::Json => terminal.answer(&format!("{:#}\n", Value::Array(declarations)))?,
        Format::Table if declarations.is_empty() => terminal.say(&format!("the project has no {}", arguments.kind)),
        Format::Table => {
            let width = terminal.columns();
            terminal.answer(&table(&declarations, columns(kind), width))?;
        }
    }
    Ok(())
}

/// The columns of a kind, beside its name and documentation.
fn columns(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Metric => &["unit", "owner", "sources"],
        Kind::Source => &["owner", "origin"],
        Kind::Customer => &["source", "has"],
        Kind::Segment => &["customer", "where"],
        Kind::Survey => &["customer", "timing", "channel", "owner"],
        Kind::Example => &["metrics", "grain"],
        Kind::Function => &["returns"],
        Kind::Window => &["window"],
        Kind::Team => &["title", "lead"],
        Kind::Council => &["title", "quorum"],
        Kind::Region => &["title", "owner"],
        Kind::Decision => &["about", "on"],
        Kind::Dispute => &["about", "between"],
        Kind::Link => &["leading", "outcome"],
        Kind::Rule => &["for", "level"],
        Kind::Waiver => &["rule", "on", "until"],
        Kind::Exception => &["from", "of", "until"],
        Kind::Agreement => &["partner", "sources", "until"],
        Kind::Period => &["covers", "freeze", "report"],
        Kind::Dashboard => &["audience", "owner", "metrics"],
        Kind::Alert => &["on", "when", "tell"],
        Kind::Goal => &["metric", "value", "enforced"],
        Kind::Tile | Kind::Project => &[],
    }
}

/// One line for each: names whole, the rest as far as the width goes.
fn table(declarations: &[Value], keys: &[&str], width: usize) -> String {
    let column = |head: &str, cell: &dyn Fn(&Value) -> String| Column {
        head: vec![head.to_owned()],
        unit: String::new(),
        cells: declarations.iter().map(cell).collect(),
        alignment: CellAlignment::Left,
    };
    let mut columns = vec![column("name", &|declaration| text(&declaration["name"]))];
    columns
        .extend(keys.iter().map(|key| column(key, &|declaration| shortened(&text(&declaration[*key]), LONGEST_CELL))));
    let left = width.saturating_sub(total(&columns) + PADDING).max(SHORTEST_NOTE);
    columns.push(column("", &|declaration| shortened(&note(declaration), left)));
    draw(&columns)
}

/// What is special about a declaration, and the first line of its documentation.
fn note(declaration: &Value) -> String {
    let status = declaration["status"].as_str().filter(|status| *status != "active");
    let broken = declaration["broken"].as_bool().filter(|broken| *broken).map(|_| "has errors");
    let versions = declaration["versions"].as_array().and_then(|versions| versions.last());
    let version = versions.map(|newest| format!("version {} from {}", newest["number"], text(&newest["from"])));
    let marks: Vec<&str> = status.into_iter().chain(version.as_deref()).chain(broken).collect();
    let marks = if marks.is_empty() { String::new() } else { format!("[{}] ", marks.join(", ")) };
    let doc = declaration["documentation"].as_str().and_then(|doc| doc.lines().next()).unwrap_or_default();
    format!("{marks}{doc}")
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Object(entries) => entries
            .values()
            .map(text)
            .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    }
}
