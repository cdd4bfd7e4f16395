//! `groma report codeowners`: who must look at changes of which file, made from who answers for what.

use crate::arguments::Shared;
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::publishing::{File, publish};
use crate::terminal::Terminal;
use groma_model::{Diagnostic, FileId, Span};
use groma_project::codeowners::{HEADER, STALE_CODEOWNERS, codeowners};
use jiff::civil::Date;
use std::fs;
use std::path::{Path, PathBuf};

/// Where a platform looks for the file, in the repository; the first one counts.
const PLACES: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// Print CODEOWNERS: each file of the project with those who answer for what it declares.
///
/// `groma check` says when a file that was made so is no longer true.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The day on which those are named who answer; without it, today.
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
    /// Write it to its place in the repository, `.github/CODEOWNERS`, `CODEOWNERS` or `docs/CODEOWNERS`, instead.
    #[arg(long)]
    write: bool,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let loaded = Loaded::usable(shared, terminal)?;
    loaded.mention_errors(terminal);
    let repository = Repository::around(&loaded);
    let made = codeowners(&loaded.project, &repository.prefix, loaded.day(arguments.on));
    for name in &made.without_handle {
        terminal.warn(&format!("{name} has no `handle`, so CODEOWNERS cannot name it: add `handle: \"@…\"`"));
    }
    if !arguments.write {
        return Ok(terminal.answer(&made.text)?);
    }
    let place = repository.place()?;
    let shown = format!("{}{}{place}", loaded.prefix, repository.up);
    let (folder, name) = place.rsplit_once('/').unwrap_or((".", place));
    let file = File { name: name.to_owned(), text: made.text };
    publish(&repository.root.join(folder), &[file])
        .map_err(|error| Failure::refused(format!("{shown} cannot be written"), &error))?;
    terminal.say(&format!("{shown} is written"));
    Ok(())
}

/// The finding that a generated file says something else than the declarations; its text becomes one of the project's.
pub(crate) fn stale(loaded: &mut Loaded, date: Date) -> Option<Diagnostic> {
    let repository = Repository::around(loaded);
    let (place, text) = repository.generated()?;
    let made = codeowners(&loaded.project, &repository.prefix, date).text;
    if text == made {
        return None;
    }
    let file = loaded.project.sources.add(format!("{}{place}", repository.up), text.as_str());
    let (line, span) = first_difference(file, &text, &made);
    Some(
        STALE_CODEOWNERS
            .finding("CODEOWNERS no longer names those who answer for what the files declare")
            .at(span, line)
            .help("write it again: `groma report codeowners --write`"),
    )
}

/// The first line that differs, and what must stand there.
fn first_difference(file: FileId, text: &str, made: &str) -> (String, Span) {
    let mut start = 0;
    let mut wanted = made.lines();
    for line in text.lines() {
        let other = wanted.next();
        if other != Some(line) {
            let label = match other {
                Some(other) => format!("must be `{other}`"),
                None => "nothing must stand here".to_owned(),
            };
            return (label, Span::new(file, start, start + line.len()));
        }
        start += line.len() + 1;
    }
    let end = text.trim_end().len();
    let line = text[..end].rfind('\n').map_or(0, |at| at + 1);
    let label = wanted.next().map(|line| format!("`{line}` is missing behind this"));
    (label.unwrap_or_else(|| "the lines end otherwise".to_owned()), Span::new(file, line, end))
}

/// The repository that a project is in; the project itself where there is none.
struct Repository {
    root: PathBuf,
    /// What stands before a path of the project in the repository: nothing, or `some/folder/`.
    prefix: String,
    /// What leads from the project to the repository: nothing, or `../../`.
    up: String,
}

impl Repository {
    fn around(loaded: &Loaded) -> Self {
        let own = loaded.world.root().to_owned();
        let full = fs::canonicalize(&own).unwrap_or_else(|_| own.clone());
        let Some((depth, root)) = full.ancestors().enumerate().find(|(_, folder)| folder.join(".git").exists()) else {
            return Self { root: own, prefix: String::new(), up: String::new() };
        };
        let inner = full.strip_prefix(root).unwrap_or(Path::new(""));
        let parts: Vec<_> = inner.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        let prefix = parts.iter().map(|part| format!("{part}/")).collect();
        Self { root: root.to_owned(), prefix, up: "../".repeat(depth) }
    }

    /// The file that was generated, with its text.
    fn generated(&self) -> Option<(&'static str, String)> {
        let read = |place: &&'static str| Some((*place, fs::read_to_string(self.root.join(place)).ok()?));
        PLACES.iter().filter_map(read).find(|(_, text)| text.starts_with(HEADER))
    }

    /// Where the file is to be written. One that somebody wrote by hand is left alone.
    fn place(&self) -> Result<&'static str, Failure> {
        if let Some((place, _)) = self.generated() {
            return Ok(place);
        }
        match PLACES.iter().find(|place| self.root.join(place).exists()) {
            Some(place) => Err(Failure::wrong_use(
                format!("{place} was not made by `groma report codeowners` and is left as it is"),
                Some("move it aside, or put its lines into the declarations as owners and handles".to_owned()),
            )),
            None if self.root.join(".github").is_dir() => Ok(PLACES[0]),
            None => Ok(PLACES[1]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_pointed_at() {
        let at = |text: &str, made: &str| {
            let (label, span) = first_difference(FileId(1), text, made);
            (label, text[span.start as usize..span.end as usize].to_owned())
        };
        assert_eq!(at("a\nb\n", "a\nc\n"), ("must be `c`".to_owned(), "b".to_owned()));
        assert_eq!(at("a\nb\n", "a\n"), ("nothing must stand here".to_owned(), "b".to_owned()));
        assert_eq!(at("a\n", "a\nb\n"), ("`b` is missing behind this".to_owned(), "a".to_owned()));
        assert_eq!(at("a", "a\n"), ("the lines end otherwise".to_owned(), "a".to_owned()));
    }
}
