//! `groma list`: what a project declares.

use crate::arguments::Shared;
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::meaning::catalog;
use crate::terminal::Terminal;
use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use groma_model::schema::{KINDS, Kind};
use serde_json::Value;

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
        Kind::Function => &["parameters", "returns"],
        Kind::Window => &["window"],
        Kind::Team => &["title", "lead"],
    }
}

fn table(declarations: &[Value], columns: &[&str], width: usize) -> String {
    let mut table = Table::new();
    let line = LineStyle::none().fill('─').junction('─');
    table.load_style(TableStyle::new().header_separator(line)).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table.set_header(["name"].iter().chain(columns).chain(&[""]));
    for declaration in declarations {
        let mut cells = vec![text(&declaration["name"])];
        cells.extend(columns.iter().map(|column| text(&declaration[*column])));
        cells.push(note(declaration));
        table.add_row(cells);
    }
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// What is special about a declaration, and the first line of its documentation.
fn note(declaration: &Value) -> String {
    let status = declaration["status"].as_str().filter(|status| *status != "active");
    let broken = declaration["broken"].as_bool().filter(|broken| *broken).map(|_| "has errors");
    let marks: Vec<&str> = status.into_iter().chain(broken).collect();
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
