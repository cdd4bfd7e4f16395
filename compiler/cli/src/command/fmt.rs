//! `groma fmt`: files in the one style.

use crate::arguments::Shared;
use crate::failure::Failure;
use crate::findings::{Findings, counted, human};
use crate::loading::root;
use crate::terminal::Terminal;
use groma_model::{Diagnostic, SourceMap};
use groma_project::{DiskWorld, World as _};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Write files in the one style. Nothing is lost: a file that cannot be read is left as it is.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Files and folders, or `-` for stdin; without them, all files of the project.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Change nothing; print the files that would change, and end with 1 if there are any.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    if arguments.paths == [PathBuf::from("-")] {
        return pipe(arguments, terminal);
    }
    let mut outcome = Outcome::default();
    for path in files(arguments, shared)? {
        format_file(&path, arguments, &mut outcome, terminal)?;
    }
    if !arguments.check {
        let unchanged = outcome.files - outcome.changed - outcome.unreadable;
        terminal.say(&format!("{} written, {unchanged} as they were", counted(outcome.changed, "file")));
    }
    match outcome.unreadable > 0 || (arguments.check && outcome.changed > 0) {
        true => Err(Failure::FINDINGS),
        false => Ok(()),
    }
}

/// What happened to the files.
#[derive(Debug, Default)]
struct Outcome {
    files: usize,
    changed: usize,
    unreadable: usize,
}

fn pipe(arguments: &Arguments, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|error| Failure::refused("stdin cannot be read", &error))?;
    match groma_syntax::format(&text) {
        Ok(formatted) if arguments.check && formatted != text => {
            terminal.answer("-\n")?;
            Err(Failure::FINDINGS)
        }
        Ok(_) if arguments.check => Ok(()),
        Ok(formatted) => Ok(terminal.answer(&formatted)?),
        Err(findings) => {
            show("stdin", &text, &findings, terminal);
            Err(Failure::FINDINGS)
        }
    }
}

/// The files that are asked for, as they are reached from here.
fn files(arguments: &Arguments, shared: &Shared) -> Result<Vec<PathBuf>, Failure> {
    let below = |folder: &Path| -> Result<Vec<PathBuf>, Failure> {
        let found = DiskWorld::new(folder)
            .list()
            .map_err(|error| Failure::refused(format!("{} cannot be read", folder.display()), &error))?;
        Ok(found.into_iter().map(|path| folder.join(path)).collect())
    };
    if arguments.paths.is_empty() {
        return below(&root(shared).0);
    }
    let mut files = Vec::new();
    for path in &arguments.paths {
        let path = shared.directory().unwrap_or_default().join(path);
        if path.is_dir() {
            files.extend(below(&path)?);
        } else if path.is_file() {
            files.push(path);
        } else {
            return Err(Failure::wrong_use(format!("there is no file {}", path.display()), None));
        }
    }
    Ok(files)
}

fn format_file(
    path: &Path,
    arguments: &Arguments,
    outcome: &mut Outcome,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let shown = path.strip_prefix(".").unwrap_or(path).display().to_string();
    let text = fs::read_to_string(path).map_err(|error| Failure::refused(format!("{shown} cannot be read"), &error))?;
    outcome.files += 1;
    match groma_syntax::format(&text) {
        Ok(formatted) if formatted == text => {}
        Ok(formatted) => {
            outcome.changed += 1;
            if arguments.check {
                terminal.answer(&format!("{shown}\n"))?;
            } else {
                write(path, &formatted)
                    .map_err(|error| Failure::refused(format!("{shown} cannot be written"), &error))?;
            }
        }
        Err(findings) => {
            outcome.unreadable += 1;
            show(&shown, &text, &findings, terminal);
        }
    }
    Ok(())
}

fn show(path: &str, text: &str, diagnostics: &[Diagnostic], terminal: &mut Terminal) {
    let mut sources = SourceMap::default();
    sources.add(path, text);
    let findings = Findings { sources: &sources, diagnostics, prefix: "", aside: None };
    let text = human::render(&findings, terminal.message_columns(), terminal.colored_errors());
    terminal.say(text.trim_end());
}

/// Replaces a file whole or not at all, and leaves its rights as they are. A link stays a link.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize()?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".groma-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(fs::metadata(&path)?.permissions())?;
    file.persist(&path)?;
    Ok(())
}
