//! The pages of dashboards, with the programs that read them: `tests/board/` in Node and Chromium.

use crate::{docs, engines};
use groma_tests::{Outcome, repository};
use libtest_mimic::Trial;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};
use tempfile::TempDir;

/// The made-up pages of the demonstration, the ugly ones too.
#[path = "../../../compiler/board/examples/demo/sample.rs"]
mod sample;

/// The examples with dashboards.
const EXAMPLES: [&str; 2] = ["cdnow", "subscriptions"];

/// Where Chromium stands, when `CHROMIUM` does not say it.
const BROWSERS: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// One for each example with dashboards.
pub(crate) fn trials() -> Vec<Trial> {
    let trial =
        |example: &'static str| Trial::test(format!("pages: {example}"), move || crate::outcome(pages(example)));
    let mut trials: Vec<Trial> = EXAMPLES.map(trial).into();
    trials.push(Trial::test("charts: examples", || crate::outcome(charts_of_examples())));
    trials.push(Trial::test("charts: ugly", || crate::outcome(ugly_charts())));
    trials.push(Trial::test("charts: vendored scripts", || crate::outcome(vendored())));
    trials
}

/// The specifications of both examples, by the real Vega-Lite and Vega.
fn charts_of_examples() -> Outcome {
    let Some(node) = present(Node::new()) else { return Ok(()) };
    let commands = docs::commands()?;
    let folder = tempfile::tempdir().map_err(|error| format!("a folder for charts: {error}"))?;
    for example in EXAMPLES {
        let project = repository::root().join("examples").join(example);
        let mut groma = Command::new(commands.path().join("groma"));
        groma.arg("-C").arg(project).args(["dashboard", "--as", "vega-lite", "--out"]).arg(folder.path());
        said(&mut groma)?;
    }
    let node = node?;
    let mut command = node.command("specs.mjs");
    command.args(fs::read_dir(folder.path()).map_err(|error| error.to_string())?.flatten().map(|entry| entry.path()));
    said(&mut command)
}

/// The same of charts over data as ugly as it gets.
fn ugly_charts() -> Outcome {
    let Some(node) = present(Node::new()) else { return Ok(()) };
    let failed = |error: std::io::Error| format!("a folder for charts: {error}");
    let folder = tempfile::tempdir().map_err(failed)?;
    let mut paths = Vec::new();
    for (name, text) in groma_board::specifications(&sample::ugly_page()) {
        paths.push(folder.path().join(format!("{}.vl.json", paths.len())));
        fs::write(&paths[paths.len() - 1], text).map_err(|error| format!("{name}: {error}"))?;
    }
    let node = node?;
    let mut command = node.command("specs.mjs");
    command.args(paths);
    said(&mut command)
}

/// The scripts that pages carry are those of the packages.
fn vendored() -> Outcome {
    let Some(node) = present(Node::new()) else { return Ok(()) };
    let node = node?;
    let mut command = node.command("vendored.mjs");
    command.arg(repository::root());
    said(&mut command)
}

/// Opens the pages of an example in Chromium. `GROMA_SHOTS` names a folder for pictures of them.
fn pages(example: &str) -> Outcome {
    let Some(node) = present(Node::new()) else { return Ok(()) };
    let Some(browser) = present(browser()) else { return Ok(()) };
    let node = node?;
    let browser = browser?;
    let commands = docs::commands()?;
    let groma = commands.path().join("groma");
    let shots = env::var_os("GROMA_SHOTS").map(PathBuf::from);
    let mut command = node.command("pages.mjs");
    command.arg(groma).args(["--only", example]).env("CHROMIUM", browser);
    if let Some(shots) = shots {
        command.arg("--shots").arg(shots);
    }
    said(&mut command)
}

/// What is there or fails; nothing, said loudly, where it is not there and need not be.
fn present<T>(found: Outcome<T>) -> Option<Outcome<T>> {
    match found {
        Err(reason) if env::var("CI").as_deref() != Ok("true") => {
            eprintln!("not run: chromium ({reason})");
            None
        }
        found => Some(found),
    }
}

fn browser() -> Outcome<PathBuf> {
    let named = env::var_os("CHROMIUM").map(PathBuf::from);
    let known = BROWSERS.iter().map(PathBuf::from);
    let found = named.into_iter().chain(known).find(|path| path.exists());
    found.ok_or_else(|| "there is no Chromium: `bash tests/run` installs it as root".to_owned())
}

/// The scripts of `tests/board/` beside their packages.
pub(crate) struct Node {
    folder: TempDir,
}

impl Node {
    /// Copies of the scripts, and a link to the packages of `package-lock.json`, which scripts look for beside themselves.
    ///
    /// # Errors
    /// The packages are not installed.
    pub(crate) fn new() -> Outcome<Self> {
        let failed = |error: std::io::Error| format!("the folder of the scripts: {error}");
        let packages = packages()?;
        let folder = tempfile::tempdir().map_err(failed)?;
        let root = repository::root();
        for path in repository::files_ending(&root, "tests/board", ".mjs")? {
            let name = Path::new(&path).file_name().ok_or("a script without a name")?;
            fs::copy(root.join(&path), folder.path().join(name)).map_err(failed)?;
        }
        link(&packages.join("node_modules"), &folder.path().join("node_modules")).map_err(failed)?;
        Ok(Self { folder })
    }

    /// A script, to be given its arguments.
    pub(crate) fn command(&self, script: &str) -> Command {
        let mut command = Command::new("node");
        command.arg(self.folder.path().join(script)).env("GROMA_ROOT", repository::root());
        command
    }
}

/// Runs a script that ends with 0 where all is well, and shows what it says.
///
/// # Errors
/// It does not start, or ends with something else.
pub(crate) fn said(command: &mut Command) -> Outcome {
    let output = command.output().map_err(|error| format!("node does not start: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    eprint!("{said}");
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{said}{}", String::from_utf8_lossy(&output.stderr)))
}

/// The folder with the installed packages: `GROMA_TEST_NODE`, or the one that `tests/run` made in the target folder.
fn packages() -> Outcome<PathBuf> {
    if let Some(path) = env::var_os("GROMA_TEST_NODE") {
        return Ok(PathBuf::from(path));
    }
    let wanted = repository::read(&repository::root(), "tests/board/package-lock.json")?;
    let fits = |folder: &PathBuf| fs::read_to_string(folder.join("installed.json")).is_ok_and(|one| one == wanted);
    engines::environments("groma-node-")
        .into_iter()
        .find(fits)
        .ok_or_else(|| "the packages of tests/board are not installed: `bash tests/run` does it".to_owned())
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

#[cfg(not(unix))]
fn link(to: &Path, at: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_dir(to, at)
}
