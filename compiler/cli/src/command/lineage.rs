//! `groma lineage`: which columns each number rests on, how, and how carefully it must be handled.

mod json;
mod mermaid;
mod text;

use crate::answer::chosen_target;
use crate::arguments::Shared;
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::meaning::sensitivity_word;
use crate::openlineage::Events;
use crate::terminal::Terminal;
use clap::ValueEnum;
use groma_model::lineage::{How, Lineage, Place, What};
use groma_model::{ColumnId, Metric, MetricId, Model, Origin, SourceId};
use groma_project::did_you_mean;
use jiff::Timestamp;

/// Show which columns numbers rest on, and how carefully they must be handled.
///
/// Columns are followed through expressions, customers, other metrics and the queries of sources, down to those of files and
/// tables. DIRECT: the value flows into the number. INDIRECT: it decides which rows count, or where.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Metrics of the project; without them, all.
    #[arg(value_name = "METRIC", value_delimiter = ',')]
    metrics: Vec<String>,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Of OpenLineage: the time of the events, such as 2026-07-01T00:00:00Z; without it, now.
    #[arg(long, value_name = "TIME")]
    event_time: Option<Timestamp>,
    /// Of OpenLineage: the target whose tables are meant; without it, the manifest's `default_target`.
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A tree for each metric.
    Text,
    /// A flowchart, as many wikis and forges draw it.
    Mermaid,
    /// One document of a stable shape: `{"version": 1, "metrics": […]}`.
    Json,
    /// OpenLineage: a JobEvent for each metric, one on each line.
    Openlineage,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let loaded = Loaded::usable(shared, terminal)?;
    loaded.mention_errors(terminal);
    let model = &loaded.project.model;
    let metrics = chosen(model, &arguments.metrics)?;
    let mut lineage = Lineage::new(model);
    let text = match arguments.format {
        Format::Text => text::write(model, &lineage, &metrics),
        Format::Mermaid => mermaid::write(model, &lineage, &metrics),
        Format::Json => json::write(model, &mut lineage, &metrics),
        Format::Openlineage => {
            let target = chosen_target(&loaded, arguments.target.as_deref())?;
            let time = arguments.event_time.unwrap_or_else(Timestamp::now);
            let project = &loaded.project.manifest.project;
            Events { model, project, target, time }.write(&mut lineage, &metrics)
        }
    };
    Ok(terminal.answer(&text)?)
}

fn chosen(model: &Model, names: &[String]) -> Result<Vec<MetricId>, Failure> {
    if names.is_empty() {
        return Ok((0..model.metrics.len()).map(MetricId::at).collect());
    }
    let mut chosen = Vec::new();
    for name in names {
        let Some(id) = model.metric_named(name) else {
            let known: Vec<&str> = model.metrics.iter().map(|metric| metric.header.name.as_str()).collect();
            return Err(Failure::wrong_use(format!("there is no metric `{name}`"), did_you_mean(name, known)));
        };
        if !chosen.contains(&id) {
            chosen.push(id);
        }
    }
    Ok(chosen)
}

/// `people.email`.
fn column_name(model: &Model, source: SourceId, column: ColumnId) -> String {
    format!("{}.{}", model.source(source).header.name, model.column(source, column).name)
}

/// `people.email`, or a table.
fn place_name(model: &Model, place: &Place) -> String {
    match place {
        Place::Column(source, column) => column_name(model, *source, *column),
        Place::Undeclared(table, column) => format!("{table}.{column}"),
        Place::Table(table) => format!("{table}.*"),
    }
}

/// The class of a place, where it is known.
fn class_word(model: &Model, place: &Place) -> Option<&'static str> {
    match place {
        Place::Column(source, column) => Some(sensitivity_word(model.column(*source, *column).sensitivity)),
        Place::Undeclared(..) | Place::Table(_) => None,
    }
}

/// `direct aggregation, indirect filter`.
fn ways(hows: &[How]) -> String {
    let word = |how: &How| format!("{} {}", how.type_word(), how.subtype_word()).to_lowercase().replace('_', " ");
    hows.iter().map(word).collect::<Vec<_>>().join(", ")
}

fn is_query(model: &Model, source: SourceId) -> bool {
    matches!(model.source(source).origin, Origin::Query { .. })
}

/// What is read, but for rows that nothing chooses.
fn reads(model: &Model, lineage: &Lineage<'_>, id: MetricId) -> Vec<(What, Vec<How>)> {
    let chosen = |what: &What| match what {
        What::Rows(source) => is_query(model, *source) && !lineage.of_rows(*source).is_empty(),
        What::Column(..) | What::Metric(_) => true,
    };
    lineage.reads(id).into_iter().filter(|(what, _)| chosen(what)).collect()
}

/// What a metric rests on and how it is published, in words.
fn summary(model: &Model, id: MetricId) -> String {
    let metric: &Metric = model.metric(id);
    let rests = format!("rests on {} data", sensitivity_word(model.sensitivity(id)));
    match metric.governed.cell {
        Some(cell) => format!("{rests}, published for at least {cell} customers"),
        None => rests,
    }
}
