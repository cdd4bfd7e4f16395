//! `groma dashboard`: pages that people read, with the numbers of today.
//!
//! The same project, data and as-of time give the same bytes. Everything is computed before anything is written.

use crate::answer::{AsOf, chosen_target, parse_as_of};
use crate::arguments::Shared;
use crate::dashboards::{Desk, Sealed, files};
use crate::failure::Failure;
use crate::findings::counted;
use crate::frozen::Frozen;
use crate::loading::Loaded;
use crate::meaning::affected;
use crate::publishing::publish;
use crate::terminal::Terminal;
use clap::ValueEnum;
use groma_model::reading::Dashboard;
use groma_model::{MetricId, Model};
use groma_project::did_you_mean;
use jiff::civil::Date;
use std::path::PathBuf;

/// Write dashboards as pages that people read.
///
/// Each tile shows what `groma query` answers for its metrics: with intervals, what is provisional, where definitions changed,
/// who answers for it and from when it is. A file that an earlier run wrote for a tile that is gone is removed; nothing else in
/// the folder is touched.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Dashboards of the project; without a name, all of them.
    #[arg(value_name = "NAME", value_delimiter = ',')]
    names: Vec<String>,
    /// What is written.
    #[arg(long = "as", value_name = "FORM", value_enum, default_value_t = Form::Html)]
    form: Form,
    /// The time from which on nothing is known: rows at or after it are not read. Without it, the newest time that all sources
    /// of a tile reach.
    #[arg(long, value_name = "TIME", value_parser = parse_as_of)]
    as_of: Option<AsOf>,
    /// Compute by what was sealed for a frozen period, for its periods.
    #[arg(long, value_name = "PERIOD")]
    frozen: Option<String>,
    /// The folder to write to; a relative one lies in the project.
    #[arg(long, value_name = "DIR", default_value = "dashboards")]
    out: PathBuf,
    /// Where to run, and whose answers Grafana reads; without it, the manifest's `default_target`.
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
}

/// The forms of a dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Form {
    /// A page for each dashboard that needs no network.
    #[default]
    Html,
    /// A Vega-Lite specification for each tile that is a chart, with its numbers in it.
    VegaLite,
    /// A dashboard for Grafana, whose panels read the answers that `groma run --target` keeps in PostgreSQL.
    Grafana,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let (loaded, sealed) = match &arguments.frozen {
        None => (Loaded::usable(shared, terminal)?, None),
        Some(period) => {
            let frozen = Frozen::load(shared, period, terminal)?;
            let sealed = sealed(&frozen, period, &arguments.names)?;
            (frozen.on_present_data(), Some(sealed))
        }
    };
    let model = &loaded.project.model;
    let chosen = chosen(model, &arguments.names)?;
    sound(&loaded, &chosen, terminal)?;
    let target = chosen_target(&loaded, arguments.target.as_deref())?;
    let as_of = arguments.as_of.map(|at| at.local(model)).transpose()?;
    let desk = Desk::new((&loaded, target), as_of, sealed, terminal)?;
    let written = files(&desk, &chosen, arguments.form, terminal)?;
    let folder = loaded.world.root().join(&arguments.out);
    let shown = format!("{}{}", if arguments.out.is_absolute() { "" } else { &loaded.prefix }, arguments.out.display());
    let failed = |error| Failure::refused(format!("{shown} cannot be written"), &error);
    publish(&folder, &written.files).map_err(failed)?;
    written.remove_stale(&folder).map_err(failed)?;
    let names: Vec<&str> = chosen.iter().map(|dashboard| dashboard.header.name.as_str()).collect();
    let number = counted(chosen.len(), "dashboard");
    terminal.say(&format!("{number} in {shown}/: {} ({})", names.join(", "), counted(written.files.len(), "file")));
    Ok(())
}

/// The dashboards of those names, each once, or all of them; in the order in which people wrote them.
fn chosen<'m>(model: &'m Model, names: &[String]) -> Result<Vec<&'m Dashboard>, Failure> {
    let known: Vec<&str> = model.dashboards.iter().map(|dashboard| dashboard.header.name.as_str()).collect();
    if let Some(other) = names.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(Failure::wrong_use(format!("there is no dashboard `{other}`"), did_you_mean(other, known)));
    }
    let wanted =
        |dashboard: &&Dashboard| names.is_empty() || names.iter().any(|name| *name == dashboard.header.name.as_str());
    let mut chosen: Vec<&Dashboard> = model.dashboards.iter().filter(wanted).collect();
    chosen.sort_by_key(|dashboard| dashboard.header.span);
    match chosen.is_empty() {
        false => Ok(chosen),
        true => Err(Failure::wrong_use(
            "the project has no dashboard",
            Some("declare one: `dashboard NAME { tile NAME { shows: METRIC  as: line } }`".to_owned()),
        )),
    }
}

/// Refuses dashboards that something was reported of, or of their metrics, and shows what was.
fn sound(loaded: &Loaded, chosen: &[&Dashboard], terminal: &mut Terminal) -> Result<(), Failure> {
    let eras = loaded.project.eras();
    let wrong = |id: &MetricId| eras.iter().any(|era| affected(era.model, *id));
    let metrics = |dashboard: &Dashboard| -> Vec<MetricId> {
        dashboard.tiles.iter().flat_map(|tile| tile.metrics.iter().map(|(id, _)| *id)).collect()
    };
    let broken = |dashboard: &&&Dashboard| dashboard.header.broken || metrics(dashboard).iter().any(wrong);
    let Some(dashboard) = chosen.iter().find(broken) else {
        loaded.mention_errors(terminal);
        return Ok(());
    };
    loaded.show(&loaded.project.diagnostics, terminal);
    terminal.problem(&format!("dashboard `{}` is not written: what was found stands behind it", dashboard.header.name));
    Err(Failure::FINDINGS)
}

/// What was sealed for a period; every metric that is shown must be among it.
fn sealed(frozen: &Frozen, period: &str, names: &[String]) -> Result<Sealed, Failure> {
    let model = &frozen.loaded.project.model;
    let shown = chosen(model, names)?.into_iter().flat_map(|dashboard| &dashboard.tiles).flat_map(|tile| &tile.metrics);
    let metrics: Vec<String> = shown.map(|(id, _)| model.metric(*id).header.name.to_string()).collect();
    let days: (Date, Date) = frozen.only(&metrics)?;
    Ok(Sealed { period: period.to_owned(), days, commit: frozen.locks[frozen.at].lock.commit.clone() })
}
