//! `groma blame`: which commit gave each entry of a metric its present meaning.

use super::log::{Format, Opened, alone, author};
use crate::arguments::Shared;
use crate::differences::words::visible;
use crate::failure::Failure;
use crate::terminal::Terminal;
use groma_history::blame::{Blame, blame};
use groma_history::log::Author;
use serde_json::json;

/// Show which commit gave each entry of a metric its present meaning.
///
/// An entry that was written another way, moved or reordered keeps the commit that gave it its meaning. Below stands what the
/// metric is built from, each with the last change of its meaning.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A metric of the project.
    #[arg(value_name = "METRIC")]
    metric: String,
    /// The commit, branch or tag to look at.
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    rev: String,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// The project's folder within the repository, where a bare one holds several.
    #[arg(long, value_name = "FOLDER")]
    project: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let opened = Opened::new(shared, arguments.project.as_deref(), &arguments.rev, terminal)?;
    let found = blame(&opened.repository, opened.from, &arguments.metric).map_err(|found| alone(&found, terminal))?;
    let Some(blame) = found else {
        return Err(opened.unknown(&arguments.metric, " at this commit", terminal));
    };
    let text = match arguments.format {
        Format::Human => people(&blame, terminal.columns()),
        Format::Json => document(&blame, &arguments.metric),
    };
    terminal.answer(&text)?;
    terminal.flush()?;
    if blame.ends {
        terminal.warn("this clone is shallow: what is said of its oldest commit may be older");
        terminal.say("  help: `git fetch --unshallow` brings the rest of the history");
    }
    Ok(())
}

/// A line for each entry: commit, day, author, the entry; then for each declaration it is built from.
fn people(blame: &Blame, columns: usize) -> String {
    let who = || blame.entries.iter().map(|entry| &entry.by).chain(blame.built_from.iter().map(|base| &base.by));
    let names = who().map(|by| visible(&by.name).chars().count()).max().unwrap_or_default();
    let keys = blame.entries.iter().map(|entry| entry.key.chars().count() + 1).max().unwrap_or_default();
    let by = |by: &Author| format!("{} {}  {:names$}", by.short(), by.day, visible(&by.name));
    let mut text = String::new();
    for entry in &blame.entries {
        let key = format!("{}:", entry.key);
        let line = format!("{}  {key:keys$} {}", by(&entry.by), visible(&entry.text));
        text.push_str(&format!("{}\n", cut(line.trim_end(), columns)));
    }
    if !blame.built_from.is_empty() {
        text.push_str("\nbuilt from\n");
    }
    for base in &blame.built_from {
        let (kind, name) = &base.subject;
        let line = format!("{}  {} {name}: {}", by(&base.by), kind.word(), visible(&base.by.summary));
        text.push_str(&format!("{}\n", cut(&line, columns)));
    }
    text
}

fn cut(line: &str, columns: usize) -> String {
    match line.char_indices().nth(columns.max(60)) {
        None => line.to_owned(),
        Some(_) => line.chars().take(columns.max(60) - 1).chain(['…']).collect(),
    }
}

/// `{"version": 1, "metric": …, "entries": […], "built_from": […]}`.
fn document(blame: &Blame, metric: &str) -> String {
    let entries = blame.entries.iter().map(|entry| {
        let mut written = author(&entry.by);
        written["key"] = entry.key.as_str().into();
        written["text"] = entry.text.as_str().into();
        written
    });
    let built_from = blame.built_from.iter().map(|base| {
        let (kind, name) = &base.subject;
        let mut written = author(&base.by);
        written["subject"] = json!({ "kind": kind.word(), "name": name.as_str() });
        written
    });
    let (entries, built_from): (Vec<_>, Vec<_>) = (entries.collect(), built_from.collect());
    let document =
        json!({ "version": 1, "metric": metric, "entries": entries, "built_from": built_from, "ends": blame.ends });
    format!("{document:#}\n")
}
