//! `groma build`: the SQL of every metric, and a manifest that says what is where.
//!
//! The same project gives the same bytes. What is written replaces what was there, each file whole or not at all; a reader
//! of the manifest, which comes last, never finds a file missing.

use crate::answer::{Extra, ExtraArguments, chosen_target};
use crate::arguments::Shared;
use crate::building::{Building, FOLDERS, LINEAGE, LISTS, MANIFEST, Scripts, published};
use crate::dbt;
use crate::failure::Failure;
use crate::frozen::{Frozen, locks};
use crate::loading::Loaded;
use crate::publishing::{self, File};
use crate::terminal::Terminal;
use crate::warehouse::{Asked, Warehouse};
use clap::ValueEnum;
use groma_history::seal::{Files, Placed, sha256};
use groma_model::{Diagnostic, Span};
use groma_project::history::freeze::SQL_DIFFERS;
use groma_project::{Target, did_you_mean};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Write the SQL of every metric, and a manifest of what is where.
///
/// One file for each grain and grouping of metrics that share sources. Files that an earlier build wrote and that are no longer
/// needed are removed; nothing else in the folder is touched.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Whose SQL to write; without it, the manifest's `default_target`.
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// What is written.
    #[arg(long = "as", value_enum, default_value_t)]
    form: Form,
    /// The folder to write to; a relative one lies in the project. Without it `build`, or `dbt` for a package of dbt.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write what was sealed for a frozen period, by its definitions then: byte for byte, or nothing.
    #[arg(long, value_name = "PERIOD", conflicts_with_all = ["as_of", "intervals", "weights", "changes"])]
    frozen: Option<String>,
    #[command(flatten)]
    extra: ExtraArguments,
}

/// What a build writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Form {
    /// Statements, and a manifest of what is where.
    #[default]
    Sql,
    /// A package for dbt: models, tests, sources, owners, exposures.
    Dbt,
}

impl Arguments {
    /// The folder to write to.
    fn out(&self) -> &Path {
        let usual = match self.form {
            Form::Sql => "build",
            Form::Dbt => "dbt",
        };
        self.out.as_deref().unwrap_or(Path::new(usual))
    }

    /// A package holds what a refresh of the warehouse runs, which is asked nothing.
    fn is_package(&self) -> Result<bool, Failure> {
        let asked = self.frozen.is_some() || self.extra.is_asked();
        match self.form {
            Form::Sql => Ok(false),
            Form::Dbt if !asked => Ok(true),
            Form::Dbt => Err(Failure::wrong_use(
                "a package of dbt is not written for a frozen period or an as-of time, and has intervals where a metric matters",
                Some("leave out what stands beside `--as dbt`, `--target` and `--out`".to_owned()),
            )),
        }
    }
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    if arguments.is_package()? {
        let loaded = Loaded::sound(shared, terminal)?;
        let target = chosen_target(&loaded, arguments.target.as_deref())?;
        return dbt::build(&loaded, target, arguments.out(), terminal);
    }
    if let Some(period) = &arguments.frozen {
        return frozen(arguments, period, shared, terminal);
    }
    let mut loaded = Loaded::sound(shared, terminal)?;
    let locks = locks(&mut loaded, terminal);
    let target = chosen_target(&loaded, arguments.target.as_deref())?;
    let extra = arguments.extra.asked(&loaded, &published(&loaded.project.model))?;
    let building = Building::of(&loaded, target, extra, terminal)?;
    if let Some(refused) = building.refused.first() {
        loaded.show(&refused.findings, terminal);
        return Err(Failure::FINDINGS);
    }
    let asked = Asked { as_of: extra.as_of, ..Asked::default() };
    let warehouse = Warehouse::of(&loaded, target, &asked, terminal)?;
    if let Some(refused) = warehouse.refused.first() {
        loaded.show(&refused.findings, terminal);
        return Err(Failure::FINDINGS);
    }
    let scripts = Scripts::of(&loaded, target, &warehouse)?;
    let summary = format!("{}{}", building.summary(), scripts.summary());
    let files = building.with_manifest(&loaded, target, &locks, (scripts, Value::Null));
    write(&loaded, arguments.out(), &files).map(|shown| {
        terminal.say(&format!("{summary} in {shown}/, and {MANIFEST}"));
    })
}

/// Writes what was sealed for a period, and nothing if it is not byte for byte that.
fn frozen(arguments: &Arguments, period: &str, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let Frozen { loaded, locks, at } = Frozen::load(shared, period, terminal)?;
    let lock = &locks[at].lock;
    let target = chosen_target(&loaded, arguments.target.as_deref())?;
    let Some(sealed) = lock.targets.get(&target.name) else {
        let known: Vec<&str> = lock.targets.keys().map(String::as_str).collect();
        let headline = format!("nothing was sealed for target `{}` in {period}", target.name);
        return Err(Failure::wrong_use(headline, did_you_mean(&target.name, known)));
    };
    let building = Building::of(&loaded, target, Extra::default(), terminal)?;
    let found = differing(&locks[at], &loaded, (target, sealed), &building);
    if !found.is_empty() {
        loaded.show(&found, terminal);
        return Err(Failure::FINDINGS);
    }
    let summary = building.summary();
    let frozen = json!({ "period": period, "commit": lock.commit, "lock": lock.digest });
    let files = building.with_manifest(&loaded, target, &locks, (Scripts::default(), frozen));
    write(&loaded, arguments.out(), &files).map(|shown| {
        terminal.say(&format!("{summary} in {shown}/, byte for byte as sealed for {period}, and {MANIFEST}"));
    })
}

/// The files that are not what was sealed.
fn differing(
    lock: &Placed,
    loaded: &Loaded,
    (target, sealed): (&Target, &Files),
    building: &Building,
) -> Vec<Diagnostic> {
    let now: BTreeMap<&str, String> =
        building.built().map(|built| (built.file.name.as_str(), sha256(built.file.text.as_bytes()))).collect();
    let names: BTreeSet<&str> = sealed.files.keys().map(String::as_str).chain(now.keys().copied()).collect();
    let (ours, theirs) = (env!("CARGO_PKG_VERSION"), &lock.lock.generator.version);
    let refused = building.refused.iter().flat_map(|refused| refused.findings.iter().cloned());
    let finding = |name: &str| {
        let (sealed, now) = (sealed.files.get(name), now.get(name));
        let what = match (sealed, now) {
            (Some(sealed), Some(now)) if sealed == now => return None,
            (Some(sealed), Some(now)) => {
                format!("{name} is not what was sealed: its SHA-256 was {}… and is {}…", &sealed[..12], &now[..12])
            }
            (Some(sealed), None) => {
                format!("{name} (SHA-256 {}…) was sealed and is not written any more", &sealed[..12])
            }
            (None, Some(now)) => format!("{name} (SHA-256 {}…) was not there when the period was sealed", &now[..12]),
            (None, None) => return None,
        };
        let text = &loaded.project.sources.file(lock.file).text;
        let at = text.find(&format!("\"{name}\"")).unwrap_or_default();
        let end = if at == 0 { 1 } else { at + name.len() + 2 };
        let help = match ours == theirs {
            true => format!("the lock was written by this very release, {ours}: report it as a bug of Groma"),
            false => format!("the lock was written by Groma {theirs}, this is {ours}: build it with that release"),
        };
        let finding = SQL_DIFFERS.finding(format!("for target `{}`, {what}", target.name));
        Some(finding.at(Span::new(lock.file, at, end), "sealed here").help(help))
    };
    names.into_iter().filter_map(finding).chain(refused).collect()
}

/// Writes files to a folder and says how it is shown.
fn write(loaded: &Loaded, out: &Path, files: &[File]) -> Result<String, Failure> {
    let folder = loaded.world.root().join(out);
    let shown = format!("{}{}", if out.is_absolute() { "" } else { &loaded.prefix }, out.display());
    publish(&folder, files).map_err(|error| Failure::refused(format!("{shown} cannot be written"), &error))?;
    Ok(shown)
}

/// Writes all files, the last one last, and removes what an earlier build wrote and this one does not.
fn publish(folder: &Path, files: &[File]) -> io::Result<()> {
    let written: BTreeSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let is_old = |name: &String| !written.contains(name.as_str()) && folder.join(name).is_file();
    let earlier: Vec<String> = files_of(&folder.join(MANIFEST)).into_iter().filter(is_old).collect();
    publishing::replace(folder, files, &earlier)?;
    for name in FOLDERS {
        // Only where nothing is left in it: else the system refuses, which is what we want.
        let _ = fs::remove_dir(folder.join(name));
    }
    Ok(())
}

/// The files that an earlier manifest lists. Only plain names of `.sql` files, in no other folder than ours, and the file of
/// lineage: a manifest that was changed by hand must not remove anything else.
fn files_of(manifest: &Path) -> Vec<String> {
    let text = fs::read_to_string(manifest).unwrap_or_default();
    let manifest: Value = serde_json::from_str(&text).unwrap_or_default();
    let lists = LISTS.into_iter().filter_map(|key| manifest[key].as_array());
    let listed = lists.flatten().chain([&manifest["lineage"]]);
    let names: BTreeSet<&str> = listed.filter_map(|listed| listed["file"].as_str()).collect();
    let is_plain = |name: &str| name.ends_with(".sql") && Path::new(name).file_name().is_some_and(|file| file == name);
    let is_ours = |name: &&str| match name.split_once('/') {
        Some((folder, name)) => FOLDERS.contains(&folder) && is_plain(name),
        None => is_plain(name) || *name == LINEAGE,
    };
    names.into_iter().filter(is_ours).map(str::to_owned).collect()
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
        let groups = json!({
            "groups": [{ "file": "../precious.sql" }, { "file": "/etc/x.sql" }, { "file": 7 }],
            "jobs": [{ "file": "jobs/../../precious.sql" }, { "file": "other/x.sql" }, { "file": "jobs//x.sql" }],
        });
        fs::create_dir(inner.join("other")).unwrap();
        fs::write(inner.join("other/x.sql"), "").unwrap();
        fs::write(inner.join(MANIFEST), groups.to_string()).unwrap();
        publish(&inner, &[file(MANIFEST, "{}")]).unwrap();
        assert!(folder.path().join("precious.sql").exists() && inner.join("other/x.sql").exists());
    }

    #[test]
    fn folders_that_are_not_needed_any_more_go() {
        let folder = tempfile::tempdir().unwrap();
        let jobs = json!({ "jobs": [{ "file": "jobs/a.sql" }], "checks": [{ "file": "checks/b.sql" }] });
        let first = [file("jobs/a.sql", "1"), file("checks/b.sql", "2"), file(MANIFEST, &jobs.to_string())];
        publish(folder.path(), &first).unwrap();
        fs::write(folder.path().join("checks/mine.txt"), "").unwrap();
        publish(folder.path(), &[file(MANIFEST, "{}")]).unwrap();
        assert_eq!(names(folder.path()), ["checks", "manifest.json"]);
        assert_eq!(names(&folder.path().join("checks")), ["mine.txt"]);
    }
}
