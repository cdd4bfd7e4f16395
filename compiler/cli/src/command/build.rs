//! `groma build`: the SQL of every metric, and a manifest that says what is where.
//!
//! The same project gives the same bytes. What is written replaces what was there, each file whole or not at all; a reader
//! of the manifest, which comes last, never finds a file missing.

use crate::answer::{Extra, ExtraArguments, Progress, Question, Range, chosen_target, planned, planned_on, sql};
use crate::arguments::Shared;
use crate::failure::Failure;
use crate::findings::counted;
use crate::loading::Loaded;
use crate::meaning::{catalog, exceptions};
use crate::publishing::{self, File};
use crate::terminal::Terminal;
use groma_model::{MetricId, Model, Status};
use groma_plan::{Group, groups};
use groma_project::Target;
use groma_project::manifest::LANGUAGE;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The name of what says what is where.
const MANIFEST: &str = "manifest.json";

/// The version of the manifest's shape: `docs/reference/manifest.schema.json`.
const VERSION: u32 = 1;

/// Write the SQL of every metric, and a manifest of what is where.
///
/// One file for each grain and grouping of metrics that share sources. Files that an earlier build wrote and that are no longer
/// needed are removed; nothing else in the folder is touched.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Whose SQL to write; without it, the manifest's `default_target`.
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// The folder to write to; a relative one lies in the project.
    #[arg(long, value_name = "DIR", default_value = "build")]
    out: PathBuf,
    #[command(flatten)]
    extra: ExtraArguments,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let loaded = Loaded::sound(shared, terminal)?;
    let target = chosen_target(&loaded, arguments.target.as_deref())?;
    let model = &loaded.project.model;
    let built: Vec<MetricId> = (0..model.metrics.len()).map(MetricId::at).filter(|id| is_built(model, *id)).collect();
    let extra = arguments.extra.asked(&loaded, &built)?;
    let groups = groups(model, &built);
    let mut files = Vec::new();
    let progress = Progress::steps(terminal, groups.len(), "writing statements");
    for group in &groups {
        files.push(statement(&loaded, target, (group, extra), terminal)?);
        progress.step();
    }
    drop(progress);
    let wholes = without_exceptions(&loaded, target, (&built, extra), terminal)?;
    let mut manifest = manifest(&loaded, target, &built, &groups);
    manifest["without_exceptions"] = wholes.iter().map(|(_, entry)| entry.clone()).collect();
    files.extend(wholes.into_iter().map(|(file, _)| file));
    files.push(File { name: MANIFEST.to_owned(), text: format!("{manifest:#}\n") });
    let folder = loaded.world.root().join(&arguments.out);
    let shown = format!("{}{}", if arguments.out.is_absolute() { "" } else { &loaded.prefix }, arguments.out.display());
    publish(&folder, &files).map_err(|error| Failure::refused(format!("{shown} cannot be written"), &error))?;
    terminal.say(&format!(
        "{} for {} in {shown}/, and {MANIFEST}",
        counted(groups.len(), "statement"),
        counted(built.len(), "metric")
    ));
    Ok(())
}

/// Drafts are not published yet, retired metrics no longer.
fn is_built(model: &Model, id: MetricId) -> bool {
    matches!(model.metric(id).status, Status::Active | Status::Deprecated)
}

fn file_name(group: &Group) -> String {
    format!("{}.sql", group.name)
}

fn statement(
    loaded: &Loaded,
    target: &Target,
    asked: (&Group, Extra),
    terminal: &mut Terminal,
) -> Result<File, Failure> {
    let (group, extra) = asked;
    let question = Question {
        metrics: group.metrics.clone(),
        grain: group.grain,
        by: group.by.clone(),
        range: Range::default(),
        filter: Vec::new(),
        extra,
    };
    let planned = planned(loaded, target, &question).map_err(|found| {
        loaded.show(&found, terminal);
        Failure::FINDINGS
    })?;
    Ok(File { name: file_name(group), text: sql(loaded, target, &planned.statement, terminal)? })
}

/// What each metric that exceptions change would be without them: in total, by the first of its grains.
fn without_exceptions(
    loaded: &Loaded,
    target: &Target,
    (built, extra): (&[MetricId], Extra),
    terminal: &mut Terminal,
) -> Result<Vec<(File, Value)>, Failure> {
    let model = &loaded.project.model;
    let affected: Vec<MetricId> = built.iter().copied().filter(|id| !model.excepted(*id).is_empty()).collect();
    if affected.is_empty() {
        return Ok(Vec::new());
    }
    let whole = model.without_exceptions();
    let mut written = Vec::with_capacity(affected.len());
    for id in affected {
        let metric = model.metric(id);
        let grain = metric.grains.first().copied().unwrap_or(model.calendar.default_grain);
        let question =
            Question { metrics: vec![id], grain, by: Vec::new(), range: Range::default(), filter: Vec::new(), extra };
        let planned = planned_on(&whole, target, &question).map_err(|found| {
            loaded.show(&found, terminal);
            Failure::FINDINGS
        })?;
        let name = format!("{}.without_exceptions.sql", metric.header.name);
        let entry = json!({
            "metric": metric.header.name.as_str(),
            "grain": grain.word(),
            "file": name,
            "exceptions": exceptions::names(model, id),
        });
        let text = sql(loaded, target, &planned.statement, terminal)?;
        written.push((File { name, text }, entry));
    }
    Ok(written)
}

fn manifest(loaded: &Loaded, target: &Target, built: &[MetricId], groups: &[Group]) -> Value {
    let (project, model) = (&loaded.project, &loaded.project.model);
    let metric_name = |id: &MetricId| model.metric(*id).header.name.to_string();
    let group = |group: &Group| {
        json!({
            "name": group.name,
            "file": file_name(group),
            "grain": group.grain.word(),
            "by": group.by.iter().map(|grouping| grouping.name.as_str()).collect::<Vec<_>>(),
            "metrics": group.metrics.iter().map(metric_name).collect::<Vec<_>>(),
        })
    };
    let source = |source: &groma_model::Source| {
        let mut object = catalog::source(model, &project.sources, source);
        object["table"] = json!(target.table(source).join("."));
        object
    };
    let calendar = &model.calendar;
    json!({
        "$schema": "urn:groma:manifest:1",
        "version": VERSION,
        "generator": { "name": "groma", "version": env!("CARGO_PKG_VERSION"), "tzdb": groma_plan::tz_version() },
        "project": {
            "name": project.manifest.project,
            "language": LANGUAGE,
            "timezone": calendar.zone.as_str(),
            "week_starts": format!("{:?}", calendar.week_starts).to_lowercase(),
            "fiscal_year_starts": calendar.fiscal_year_starts,
            "default_grain": calendar.default_grain.word(),
        },
        "target": { "name": target.name, "engine": target.engine },
        "groups": groups.iter().map(group).collect::<Vec<_>>(),
        "metrics": built.iter().map(|id| catalog::metric(model, &project.sources, *id)).collect::<Vec<_>>(),
        "sources": model.sources.iter().map(source).collect::<Vec<_>>(),
        "exceptions": exceptions::as_json(model),
    })
}

/// Writes all files, the last one last, and removes what an earlier build wrote and this one does not.
fn publish(folder: &Path, files: &[File]) -> io::Result<()> {
    let earlier = files_of(&folder.join(MANIFEST));
    publishing::publish(folder, files)?;
    let written: BTreeSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
    for name in earlier.iter().filter(|name| !written.contains(name.as_str())) {
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// The statements that an earlier manifest lists. Only plain names of `.sql` files: a manifest that was changed by hand must
/// not remove anything else.
fn files_of(manifest: &Path) -> Vec<String> {
    let text = fs::read_to_string(manifest).unwrap_or_default();
    let manifest: Value = serde_json::from_str(&text).unwrap_or_default();
    let lists = ["groups", "without_exceptions"].into_iter().filter_map(|key| manifest[key].as_array());
    let names = lists.flatten().filter_map(|listed| listed["file"].as_str());
    let plain = |name: &&str| name.ends_with(".sql") && Path::new(name).file_name().is_some_and(|file| file == *name);
    names.filter(plain).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> File {
        File { name: name.to_owned(), text: text.to_owned() }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = entries.collect();
        names.sort();
        names
    }

    #[test]
    fn only_what_an_earlier_build_wrote_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = |names: &[&str]| {
            let groups: Vec<Value> = names.iter().map(|name| json!({ "file": name })).collect();
            file(MANIFEST, &json!({ "groups": groups }).to_string())
        };
        let first = [file("a.sql", "select 1"), file("b.sql", "select 2"), manifest(&["a.sql", "b.sql"])];
        publish(folder.path(), &first).unwrap();
        fs::write(folder.path().join("mine.sql"), "").unwrap();
        publish(folder.path(), &[file("a.sql", "select 3"), manifest(&["a.sql"])]).unwrap();
        assert_eq!(names(folder.path()), ["a.sql", "manifest.json", "mine.sql"]);
        assert_eq!(fs::read_to_string(folder.path().join("a.sql")).unwrap(), "select 3");
    }

    #[test]
    fn a_manifest_that_names_other_places_removes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("build");
        fs::create_dir(&inner).unwrap();
        fs::write(folder.path().join("precious.sql"), "").unwrap();
        let groups = json!({ "groups": [{ "file": "../precious.sql" }, { "file": "/etc/x.sql" }, { "file": 7 }] });
        fs::write(inner.join(MANIFEST), groups.to_string()).unwrap();
        publish(&inner, &[file(MANIFEST, "{}")]).unwrap();
        assert!(folder.path().join("precious.sql").exists());
    }
}
