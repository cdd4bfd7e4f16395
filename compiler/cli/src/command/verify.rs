//! `groma verify`: what is frozen, approved and written still holds.

use crate::arguments::Shared;
use crate::building::{LISTS, MANIFEST};
use crate::command::report::stale;
use crate::failure::Failure;
use crate::findings::{Findings, Format, counted, github, human, json, junit, sarif};
use crate::loading::{Loaded, root};
use crate::terminal::Terminal;
use groma_history::Repository;
use groma_history::approval::{FOLDER, verify_all};
use groma_history::seal::{Verified, present, sha256, verify};
use groma_model::{Diagnostic, SourceMap, Span};
use groma_project::history::freeze::FILE_EDITED;
use groma_project::{DiskWorld, World as _, compile};
use jiff::civil::Date;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Check that what is frozen, approved and built still holds.
///
/// Every lock is as git knows it, every sealed metric means what was sealed, no file of a build was changed by hand, every
/// approval counts, and CODEOWNERS is current. A build that is only older than the declarations is no finding.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The day on which keys and memberships are judged; without it, today.
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
    /// How findings are written; all but `human` go to stdout.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// The folder of a build whose files are compared with its manifest; a relative one lies in the project.
    #[arg(long, value_name = "DIR", default_value = "build")]
    build: PathBuf,
    /// The project's folder within the repository, where a bare one holds several.
    #[arg(long, value_name = "FOLDER")]
    project: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let (folder, _) = root(shared);
    let repository = match Repository::around(&folder, arguments.project.as_deref()) {
        Ok(repository) => repository,
        Err(found) => return refused(&found, terminal),
    };
    let mut loaded = match loaded(&repository, shared) {
        Ok(loaded) => loaded,
        Err(found) => return refused(&found, terminal),
    };
    let of_manifest =
        |found: &&Diagnostic| found.is_error() && found.primary.as_ref().is_none_or(|label| label.span.file.0 == 0);
    let stopping: Vec<Diagnostic> = loaded.project.diagnostics.iter().filter(of_manifest).cloned().collect();
    if !stopping.is_empty() {
        loaded.show(&stopping, terminal);
        return Err(Failure::FINDINGS);
    }
    loaded.mention_errors(terminal);
    let date = loaded.day(arguments.on);
    let verified = match verify(&repository, &mut loaded.project, date) {
        Ok(verified) => verified,
        Err(found) => return refused(&found, terminal),
    };
    let approvals = match verify_all(&repository, &mut loaded.project, date) {
        Ok(found) => found,
        Err(found) => return refused(&found, terminal),
    };
    let mut found = verified.findings.clone();
    found.extend(approvals);
    let mut files = None;
    if repository.disk().is_some() {
        let built = edited(&mut loaded, &arguments.build);
        files = built.as_ref().map(|(count, _)| *count);
        found.extend(built.map(|(_, found)| found).unwrap_or_default());
        found.extend(stale(&mut loaded, date));
    }
    found.sort_by(|left, right| left.sort_key().cmp(&right.sort_key()));
    found.dedup();
    report(&loaded, &found, arguments.format, terminal)?;
    let statements = loaded.world.files(FOLDER).unwrap_or_default();
    let approvals = statements.iter().filter(|path| path.ends_with(".json")).count();
    say(&verified, (&found, files, approvals), arguments.format, terminal);
    match found.iter().any(Diagnostic::is_error) {
        true => Err(Failure::FINDINGS),
        false => Ok(()),
    }
}

/// The project as it is: the files; in a bare repository, the newest commit.
fn loaded(repository: &Repository, shared: &Shared) -> Result<Loaded, Box<Diagnostic>> {
    match repository.disk() {
        Some(disk) => {
            let (_, prefix) = root(shared);
            let world = DiskWorld::new(disk);
            Ok(Loaded { project: compile(&world), world, prefix })
        }
        None => {
            let world = repository.world(&present(repository)?)?;
            let project = compile(&*world);
            Ok(Loaded { project, world: DiskWorld::new(repository.git().path()), prefix: String::new() })
        }
    }
}

/// Shows a finding that has no place in a file.
fn refused(found: &Diagnostic, terminal: &mut Terminal) -> Result<(), Failure> {
    let sources = SourceMap::default();
    let findings = Findings { sources: &sources, diagnostics: std::slice::from_ref(found), prefix: "", aside: None };
    let text = human::render(&findings, terminal.message_columns(), terminal.colored_errors());
    terminal.say(text.trim_end());
    Err(Failure::FINDINGS)
}

/// How many files a build has, and those that are not what was built; nothing where nothing was built.
fn edited(loaded: &mut Loaded, build: &Path) -> Option<(usize, Vec<Diagnostic>)> {
    let folder = loaded.world.root().join(build);
    let text = fs::read_to_string(folder.join(MANIFEST)).ok()?;
    let manifest: Value = serde_json::from_str(&text).unwrap_or_default();
    let shown = build.display().to_string().replace('\\', "/");
    let place = loaded.project.sources.add(format!("{shown}/{MANIFEST}"), text.as_str());
    let lists = LISTS.into_iter().filter_map(|key| manifest[key].as_array());
    let mut files = 0;
    let mut found = Vec::new();
    for entry in lists.flatten() {
        // What an earlier release built has no hashes.
        let (Some(name), Some(hash)) = (entry["file"].as_str(), entry["sha256"].as_str()) else { continue };
        files += 1;
        let bytes = fs::read(folder.join(name)).ok();
        if bytes.as_deref().map(sha256).as_deref() == Some(hash) {
            continue;
        }
        let what = match bytes {
            Some(_) => "is not what was built: somebody changed it by hand",
            None => "was built and is not there",
        };
        let at = text.find(&format!("\"{name}\"")).unwrap_or_default();
        found.push(
            FILE_EDITED
                .finding(format!("{shown}/{name} {what}"))
                .at(Span::new(place, at, at + name.len() + 2), "written as something else")
                .help("build it again: `groma build`; what the number is to mean is changed in its declaration"),
        );
    }
    Some((files, found))
}

fn report(loaded: &Loaded, found: &[Diagnostic], format: Format, terminal: &mut Terminal) -> Result<(), Failure> {
    let findings = Findings { aside: None, ..loaded.findings(found) };
    let files = loaded.project.files;
    match format {
        Format::Human if found.is_empty() => {}
        Format::Human => {
            let text = human::render(&findings, terminal.message_columns(), terminal.colored_errors());
            terminal.say(text.trim_end());
        }
        Format::Json => terminal.answer(&json::render(&findings, files))?,
        Format::Sarif => terminal.answer(&sarif::render(&findings))?,
        Format::Github => terminal.answer(&github::render(&findings))?,
        Format::Junit => {
            let suite = format!("{} (frozen)", loaded.project.manifest.project);
            let paths: Vec<String> =
                loaded.project.declarations().map(|file| format!("{}{}", loaded.prefix, file.path)).collect();
            terminal.answer(&junit::render(&findings, &suite, &paths))?;
        }
    }
    Ok(())
}

/// What was verified, in one line.
fn say(
    verified: &Verified,
    (found, files, approvals): (&[Diagnostic], Option<usize>, usize),
    format: Format,
    terminal: &mut Terminal,
) {
    let errors = found.iter().filter(|finding| finding.is_error()).count();
    let metrics: usize = verified.locks.iter().map(|lock| lock.lock.metrics.len()).sum();
    let restated: usize = verified.locks.iter().map(|lock| lock.lock.restatements.len()).sum();
    let mut parts = vec![match verified.locks.len() {
        0 => "no frozen period".to_owned(),
        locks => format!("{} with {}", counted(locks, "frozen period"), counted(metrics, "sealed metric")),
    }];
    parts.extend((restated > 0).then(|| counted(restated, "restatement")));
    parts.extend(files.map(|files| counted(files, "built file")));
    parts.extend((approvals > 0).then(|| counted(approvals, "approval")));
    if verified.locks.iter().any(|lock| lock.lock.generator.tzdb != groma_plan::tz_version()) {
        terminal.warn(&format!(
            "a period was sealed with another edition of the tz database than this release's {}: local days may begin otherwise",
            groma_plan::tz_version()
        ));
    }
    if verified.shallow {
        terminal.warn(
            "this clone is shallow: what locks were before its oldest commit cannot be seen; `git fetch --unshallow`",
        );
    }
    let outcome = match errors {
        0 => "all hold".to_owned(),
        errors => counted(errors, "finding"),
    };
    if format == Format::Human {
        terminal.say(&format!("verified: {}: {outcome}", parts.join(", ")));
    }
}
