//! The commands of the documentation, run as a reader would run them.
//!
//! A `console` fence holds lines that start with `$ ` and what they print, both streams together; `…` stands for anything:
//! alone on its line for any number of lines. A command that ends with another code than 0 says so: `# exit 1`. An `sh` fence
//! holds commands only. Both run in a copy of the folder named before the fence (`` `examples/cdnow`: ``), else in a folder
//! that holds a copy of `examples` and nothing else; the commands of one file run one after another in the same copies. Any
//! other fence with a name before it is a file that is written to that folder. `groma` on their PATH is this very program.

use crate::offered;
use groma_syntax::Code;
use groma_tests::markdown::{Document, Fence};
use groma_tests::{Outcome, repository};
use libtest_mimic::Trial;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Told to this program when it is to be `groma`.
pub(crate) const ACT: &str = "GROMA_TESTS_ACT_AS_COMMAND";

/// Commands that are not run here, and why.
const ASIDE: [(&str, &str); 5] = [
    ("bash tests/run", "it is what runs this"),
    (".ci/run", "it runs what runs this"),
    ("git clone http", "it needs the network"),
    ("cargo bench", "it takes longer than a test may"),
    ("cargo install", "it needs the network"),
];

/// Who commits, and when, so that the same page makes the same commits everywhere. Commands may say otherwise for themselves.
pub(crate) const GIT: [(&str, &str); 10] = [
    ("GIT_AUTHOR_NAME", "Ada"),
    ("GIT_AUTHOR_EMAIL", "ada@shop.example"),
    ("GIT_AUTHOR_DATE", "2026-07-01T10:00:00+00:00"),
    ("GIT_COMMITTER_NAME", "Ada"),
    ("GIT_COMMITTER_EMAIL", "ada@shop.example"),
    ("GIT_COMMITTER_DATE", "2026-07-01T10:00:00+00:00"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_COUNT", "1"),
    ("GIT_CONFIG_KEY_0", "init.defaultBranch"),
    ("GIT_CONFIG_VALUE_0", "main"),
];

/// How a checkout is run without installing: the same as `groma`.
const RUN_HERE: [&str; 2] = ["cargo run --release -- ", "cargo run --release -p groma -- "];

/// A test for each page with commands.
///
/// # Errors
/// A page cannot be read.
pub(crate) fn trials() -> Outcome<Vec<Trial>> {
    let root = repository::root();
    let mut pages = repository::files_ending(&root, "docs", ".md")?;
    pages.extend(repository::files_ending(&root, "examples", ".md")?);
    pages.extend(repository::files_ending(&root, "tests/rendering", ".md")?);
    if root.join("README.md").exists() {
        pages.push("README.md".to_owned());
    }
    let mut trials = Vec::new();
    for path in pages {
        let page = Document::read(&root, &path)?;
        if fences(&page).any(is_run) {
            let signs = fences(&page).any(|fence| is_run(fence) && fence.body.contains("ssh-keygen"));
            let aside = signs && !has_keygen();
            if aside {
                eprintln!("not run: {path} (there is no ssh-keygen: apt-get install openssh-client)");
            }
            let trial = Trial::test(format!("docs: {path}"), move || crate::outcome(run(&page)));
            trials.push(trial.with_ignored_flag(aside));
        }
    }
    Ok(trials)
}

/// Whether approvals can be signed here. Where everything must run, a page that signs fails without.
fn has_keygen() -> bool {
    must_run() || Command::new("ssh-keygen").arg("-?").output().is_ok()
}

/// Whether nothing may be left aside.
fn must_run() -> bool {
    std::env::var("CI").as_deref() == Ok("true")
}

/// Whether a page's commands need a PostgreSQL: the variable holds the URL of a database of the page's own.
fn connects(page: &Document) -> bool {
    fences(page).any(|fence| is_run(fence) && fence.body.contains(offered::VARIABLE))
}

/// A folder with a program `groma` in it: this one, told to be that.
///
/// # Errors
/// The folder cannot be made.
pub(crate) fn commands() -> Outcome<TempDir> {
    let failed = |error: std::io::Error| format!("the folder of commands: {error}");
    let folder = tempfile::tempdir().map_err(failed)?;
    let program = std::env::current_exe().map_err(failed)?;
    let script = format!("#!/bin/sh\n{ACT}=1 exec '{}' \"$@\"\n", program.display());
    let path = folder.path().join("groma");
    fs::write(&path, script).map_err(failed)?;
    make_executable(&path).map_err(failed)?;
    Ok(folder)
}

#[cfg(unix)]
fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> std::io::Result<()> {
    Ok(())
}

fn fences(page: &Document) -> impl Iterator<Item = &Fence> {
    let sections = std::iter::once(&page.preamble).chain(&page.sections);
    sections.flat_map(|section| &section.fences)
}

fn is_run(fence: &Fence) -> bool {
    matches!(fence.language.as_str(), "console" | "sh")
}

fn run(page: &Document) -> Outcome {
    let home = tempfile::tempdir().map_err(|error| format!("a home: {error}"))?;
    let database = match connects(page).then(offered::database).transpose() {
        Err(problem) if !must_run() => {
            eprintln!("not run: {} ({problem})", page.path);
            return Ok(());
        }
        database => database?,
    };
    let mut reader = Reader { commands: commands()?, home, folders: BTreeMap::new(), database };
    for fence in fences(page) {
        if !is_run(fence) {
            reader.write(fence)?;
            continue;
        }
        let folder = reader.folder(fence.path.as_deref())?;
        for step in steps(fence) {
            reader.follow(&folder, &step).map_err(|problem| format!("{}:{}: {problem}", page.path, step.line))?;
        }
    }
    Ok(())
}

/// Someone who follows a page.
struct Reader {
    commands: TempDir,
    /// Nobody's settings take part.
    home: TempDir,
    folders: BTreeMap<String, TempDir>,
    /// The URL of a database of its own, for a page that needs one.
    database: Option<String>,
}

/// A command and what it must print; nothing is compared in an `sh` fence.
struct Step {
    line: usize,
    command: String,
    expected: Option<Vec<String>>,
}

/// The codes that the commands of some fences print; that they do is proven where the page is run.
pub(crate) fn printed_codes<'f>(fences: impl Iterator<Item = &'f Fence>) -> BTreeSet<String> {
    let expected = fences.filter(|fence| fence.language == "console").flat_map(steps).filter_map(|step| step.expected);
    let text = expected.flatten().collect::<Vec<_>>().join("\n");
    let printed = |code: &&&Code| {
        text.match_indices(code.id)
            .any(|(at, id)| !text[at + id.len()..].starts_with(|next: char| next.is_alphanumeric() || next == '-'))
    };
    groma_project::codes::codes().iter().filter(printed).map(|code| code.id.to_owned()).collect()
}

/// The codes that are printed where commands are run: by the pages of `tests/rendering` and by those about findings.
///
/// # Errors
/// A page cannot be read.
pub(crate) fn rendered_codes() -> Outcome<BTreeSet<String>> {
    let root = repository::root();
    let mut codes = BTreeSet::new();
    let mut pages = repository::files_ending(&root, "tests/rendering", ".md")?;
    pages.extend(repository::files_ending(&root, "docs/diagnostics", ".md")?);
    for path in pages {
        codes.extend(printed_codes(fences(&Document::read(&root, &path)?)));
    }
    Ok(codes)
}

fn steps(fence: &Fence) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (index, line) in fence.body.lines().enumerate() {
        let line_number = fence.line + index;
        if fence.language == "sh" {
            if !line.trim().is_empty() && !line.trim_start().starts_with('#') {
                steps.push(Step { line: line_number, command: line.to_owned(), expected: None });
            }
        } else if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step { line: line_number, command: command.to_owned(), expected: Some(Vec::new()) });
        } else if let Some(Step { expected: Some(expected), .. }) = steps.last_mut() {
            expected.push(line.trim_end().to_owned());
        }
    }
    steps
}

impl Reader {
    /// A copy of the folder, the same for all commands of the page.
    fn folder(&mut self, name: Option<&str>) -> Outcome<PathBuf> {
        let name = name.unwrap_or_default();
        if !self.folders.contains_key(name) {
            let copy = tempfile::tempdir().map_err(|error| format!("a folder to work in: {error}"))?;
            match name {
                "" => copy_files("examples", &copy.path().join("examples"))?,
                name => copy_files(name, copy.path())?,
            }
            self.folders.insert(name.to_owned(), copy);
        }
        self.folders.get(name).map(|folder| folder.path().to_owned()).ok_or_else(|| "no folder".to_owned())
    }

    /// Writes a file that the page shows.
    fn write(&mut self, fence: &Fence) -> Outcome {
        let Some(name) = &fence.path else { return Ok(()) };
        let path = self.folder(None)?.join(name);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::write(&path, &fence.body)).map_err(|error| format!("{name}: {error}"))
    }

    fn follow(&self, folder: &Path, step: &Step) -> Outcome {
        if ASIDE.iter().any(|(command, _)| step.command.contains(command)) {
            return Ok(());
        }
        let (command, code) = match step.command.split_once("# exit ") {
            Some((command, code)) => (command.trim_end(), code.trim().parse().map_err(|_| "no exit code")?),
            None => (step.command.as_str(), 0),
        };
        let command = RUN_HERE.iter().fold(command.to_owned(), |text, prefix| text.replace(prefix, "groma "));
        let path = std::env::var("PATH").unwrap_or_default();
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1\n{command}")])
            .current_dir(folder)
            .env("PATH", format!("{}:{path}", self.commands.path().display()))
            .env("COLUMNS", "100")
            .env("NO_COLOR", "1")
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.home.path())
            .envs(GIT)
            .envs(self.database.iter().map(|url| (offered::VARIABLE, url)))
            .output()
            .map_err(|error| format!("no shell: {error}"))?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.code() != Some(code) {
            return Err(format!("`{command}` ends with {:?} instead of {code}:\n{printed}", output.status.code()));
        }
        let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
        match &step.expected {
            Some(expected) if !matches(expected, &lines) => {
                Err(format!("`{command}` was to print\n{}\nand prints\n{printed}", expected.join("\n")))
            }
            _ => Ok(()),
        }
    }
}

fn copy_files(folder: &str, target: &Path) -> Outcome {
    let root = repository::root();
    let files = repository::files(&root, folder)?;
    if files.is_empty() {
        return Err(format!("there is no folder {folder}"));
    }
    for path in files {
        let name = path.strip_prefix(folder).unwrap_or(&path).trim_start_matches('/');
        let copy = target.join(name);
        let made = copy.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::copy(root.join(&path), &copy)).map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(())
}

/// Whether lines are as expected; blank lines at the end do not count.
fn matches(expected: &[String], lines: &[&str]) -> bool {
    match expected.split_first() {
        None => lines.iter().all(|line| line.is_empty()),
        Some((first, rest)) if first.trim() == "…" => {
            (0..=lines.len()).any(|skipped| matches(rest, &lines[skipped..]))
        }
        Some((first, rest)) => match lines.split_first() {
            Some((line, others)) => line_matches(first, line) && matches(rest, others),
            None => expected.iter().all(String::is_empty),
        },
    }
}

/// `…` within a line stands for any characters.
fn line_matches(expected: &str, line: &str) -> bool {
    let mut parts = expected.split('…');
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else { return false };
    let mut open = false;
    for part in parts {
        open = true;
        match rest.find(part) {
            Some(_) if part.is_empty() => {}
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.is_empty() || (open && expected.ends_with('…')) || (open && ends_again(expected, line))
}

/// The last part may stand more than once in a line; what counts is that the line ends with it.
fn ends_again(expected: &str, line: &str) -> bool {
    expected.rsplit('…').next().is_some_and(|last| line.ends_with(last))
}
