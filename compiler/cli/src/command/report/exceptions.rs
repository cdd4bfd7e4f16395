//! `groma report exceptions`: the register of what is set aside.

use super::Format;
use crate::answer::{chosen_target, exceptions_change};
use crate::arguments::Shared;
use crate::failure::Failure;
use crate::findings::counted;
use crate::loading::Loaded;
use crate::markdown::{code, reference, table, text};
use crate::meaning::affected;
use crate::register::{Register, SetAside};
use crate::terminal::Terminal;
use groma_model::MetricId;
use jiff::civil::Date;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The version of the document's shape.
const VERSION: u32 = 1;

/// List every exception and every waiver: what is set aside, why, who agreed, and for how long.
///
/// What exceptions change today is said by each run, which shows a metric with and without them, and by `--data`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The day from which the days that are left are counted; without it, today.
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
    /// How the register is written.
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    format: Format,
    /// Also compute each metric that leaves something out with and without its exceptions.
    #[arg(long)]
    data: bool,
    /// Where to compute, for `--data`; without it, the manifest's `default_target`.
    #[arg(long, value_name = "TARGET", requires = "data")]
    target: Option<String>,
}

/// What exceptions change of a metric, in words.
struct Change {
    metric: String,
    report: String,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let loaded = Loaded::usable(shared, terminal)?;
    loaded.mention_errors(terminal);
    let register = Register::of(&loaded, loaded.day(arguments.on));
    let changes = match arguments.data {
        true => Some(changes(&loaded, arguments.target.as_deref(), terminal)?),
        false => None,
    };
    let document = match arguments.format {
        Format::Markdown => format!("{}{}", markdown(&loaded, &register), changed(changes.as_deref())),
        Format::Json => format!("{:#}\n", as_json(&register, changes.as_deref())),
    };
    Ok(terminal.answer(&document)?)
}

/// Computes the metrics that exceptions name.
fn changes(loaded: &Loaded, target: Option<&str>, terminal: &mut Terminal) -> Result<Vec<Change>, Failure> {
    let target = chosen_target(loaded, target)?;
    let model = &loaded.project.model;
    let leave = model.exceptions.iter().filter(|exception| exception.restates.is_none());
    let named = leave.flat_map(|exception| exception.metrics.iter().map(|(id, _)| *id));
    let named: BTreeSet<MetricId> = named.filter(|id| !affected(model, *id)).collect();
    let mut changes = Vec::with_capacity(named.len());
    for id in named {
        let report = exceptions_change(loaded, target, id, terminal)?;
        changes.push(Change { metric: model.metric(id).header.name.to_string(), report });
    }
    Ok(changes)
}

fn changed(changes: Option<&[Change]>) -> String {
    let Some(changes) = changes.filter(|changes| !changes.is_empty()) else { return String::new() };
    let part = |one: &Change| format!("\n### {}\n\n```text\n{}\n```\n", code(&one.metric), one.report.trim_end());
    format!("\n## What the exceptions change\n{}", changes.iter().map(part).collect::<String>())
}

fn as_json(register: &Register, changes: Option<&[Change]>) -> Value {
    let all = |entries: &[SetAside]| entries.iter().map(|one| one.as_json(register.date)).collect::<Vec<_>>();
    let mut document = json!({
        "version": VERSION,
        "on": register.date.to_string(),
        "exceptions": all(&register.exceptions),
        "waivers": all(&register.waivers),
    });
    if let Some(changes) = changes {
        let change = |one: &Change| json!({ "metric": one.metric, "report": one.report });
        document["changes"] = changes.iter().map(change).collect();
    }
    document
}

fn markdown(loaded: &Loaded, register: &Register) -> String {
    let (date, name) = (register.date, &loaded.project.manifest.project);
    let in_force = |entries: &[SetAside]| entries.iter().filter(|one| one.in_force(date)).count();
    let mut page = format!(
        "# What is set aside in {} on {date}\n\n{} and {} in force.\n",
        text(name),
        counted(in_force(&register.exceptions), "exception"),
        counted(in_force(&register.waivers), "waiver")
    );
    for (title, entries) in [("Exceptions", &register.exceptions), ("Waivers", &register.waivers)] {
        if !entries.is_empty() {
            let rows = entries.iter().map(|one| row(one, date));
            let head = ["name", "sets aside", "of", "because", "evidence", "agreed by", "until", ""];
            page.push_str(&format!("\n## {title}\n\n{}", table(&head, rows)));
        }
    }
    page
}

fn row(one: &SetAside, date: Date) -> Vec<String> {
    let all = |texts: &[String], write: fn(&str) -> String| {
        texts.iter().map(|text| write(text)).collect::<Vec<_>>().join(", ")
    };
    vec![
        code(&one.name),
        text(&one.what),
        all(&one.of, code),
        text(&one.because),
        all(&one.evidence, reference),
        all(&one.approved_by, code),
        one.until.map(|until| until.to_string()).unwrap_or_default(),
        one.left(date),
    ]
}
