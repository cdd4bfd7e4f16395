//! `groma report contracts`: what is promised about each published metric, as an Open Data Contract Standard file.

mod document;
mod of_metric;

use crate::arguments::Shared;
use crate::failure::Failure;
use crate::findings::counted;
use crate::loading::Loaded;
use crate::meaning::affected;
use crate::publishing::{File, publish};
use crate::terminal::Terminal;
use document::Contract;
use groma_model::{MetricId, Model, Status};
use groma_project::did_you_mean;
use jiff::civil::Date;
use std::path::PathBuf;

/// Write a data contract for each published metric: Open Data Contract Standard 3.1, in YAML.
///
/// Published are active and deprecated metrics with nothing wrong behind them. A contract says what the number means, who
/// answers for it, what columns its answers have, how carefully they must be handled, and when a number is settled.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The metrics; without names, all that are published.
    #[arg(value_name = "METRIC", value_delimiter = ',')]
    metrics: Vec<String>,
    /// The folder to write to, a file for each metric; a relative one lies in the project. Without it, the contract of one
    /// metric is printed.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The day on which those are named who answer; without it, today.
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let loaded = Loaded::usable(shared, terminal)?;
    loaded.mention_errors(terminal);
    let metrics = metrics(&loaded, &arguments.metrics)?;
    let date = loaded.day(arguments.on);
    let Some(out) = &arguments.out else {
        let [only] = metrics.as_slice() else {
            return Err(Failure::wrong_use(
                format!("{} do not fit into one document", counted(metrics.len(), "contract")),
                Some("name one metric, or a folder to write them to: `--out contracts`".to_owned()),
            ));
        };
        return Ok(terminal.answer(&written(&of_metric::contract(&loaded, *only, date))?)?);
    };
    let mut files = Vec::with_capacity(metrics.len());
    for id in &metrics {
        let name = format!("{}.odcs.yaml", loaded.project.model.metric(*id).header.name);
        files.push(File { name, text: written(&of_metric::contract(&loaded, *id, date))? });
    }
    let shown = format!("{}{}", if out.is_absolute() { "" } else { &loaded.prefix }, out.display());
    publish(&loaded.world.root().join(out), &files)
        .map_err(|error| Failure::refused(format!("{shown} cannot be written"), &error))?;
    terminal.say(&format!("{} in {shown}/", counted(files.len(), "contract")));
    Ok(())
}

fn written(contract: &Contract) -> Result<String, Failure> {
    let text = serde_yaml::to_string(contract);
    let text = text.map_err(|error| Failure::Bug { what: format!("a contract is no YAML: {error}") })?;
    Ok(format!("{}\n", text.trim_end()))
}

/// The metrics of those names, or all that are published.
fn metrics(loaded: &Loaded, names: &[String]) -> Result<Vec<MetricId>, Failure> {
    let model = &loaded.project.model;
    let published = (0..model.metrics.len()).map(MetricId::at).filter(|id| is_published(model, *id));
    if names.is_empty() {
        return Ok(published.collect());
    }
    let mut chosen = Vec::new();
    for name in names {
        let Some(id) = model.metric_named(name) else {
            let known: Vec<&str> = model.metrics.iter().map(|metric| metric.header.name.as_str()).collect();
            return Err(Failure::wrong_use(format!("there is no metric `{name}`"), did_you_mean(name, known)));
        };
        if !is_published(model, id) {
            return Err(Failure::wrong_use(
                format!("nothing is promised about `{name}`"),
                Some("a contract is made for active and deprecated metrics with nothing wrong behind them".to_owned()),
            ));
        }
        if !chosen.contains(&id) {
            chosen.push(id);
        }
    }
    Ok(chosen)
}

/// Drafts are not published yet, retired metrics no longer, and one with something wrong behind it promises nothing.
fn is_published(model: &Model, id: MetricId) -> bool {
    let metric = model.metric(id);
    matches!(metric.status, Status::Active | Status::Deprecated) && !metric.header.standard && !affected(model, id)
}
