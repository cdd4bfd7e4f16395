//! The independent answers of `tests/oracle/run.py`, as tests, the published schemas of `tests/oracle/schemas.py`, and where
//! values come from by `tests/oracle/lineage.py`.

use crate::{docs, engines};
use groma_tests::{Outcome, repository};
use libtest_mimic::Trial;
use std::env;
use std::process::Command;

/// The oracle over real data, and over generated data, and how often intervals hold the truth.
pub(crate) fn trials() -> Vec<Trial> {
    let part = |name: &'static str| Trial::test(format!("oracle: {name}"), move || crate::outcome(answers(name)));
    let mut trials: Vec<Trial> =
        ["cdnow", "subscriptions", "versions", "real", "coverage", "suppression", "generated", "brute"]
            .map(part)
            .into();
    trials.push(Trial::test("oracle: lineage", || crate::outcome(run("lineage.py", &[]))));
    trials.push(Trial::test("oracle: schemas", || crate::outcome(run("schemas.py", &[]))));
    trials
}

/// `GROMA_ORACLE` adds arguments, such as `--seeds 200`.
fn answers(part: &str) -> Outcome {
    let further = env::var("GROMA_ORACLE").unwrap_or_default();
    let arguments: Vec<&str> = ["--only", part].into_iter().chain(further.split_whitespace()).collect();
    run("run.py", &arguments)
}

fn run(script: &str, arguments: &[&str]) -> Outcome {
    python(&format!("tests/oracle/{script}"), arguments)
}

/// Runs a script of this repository with the Python of the tests; it is told where the program is.
///
/// # Errors
/// There is no such Python, or the script ends with something else than 0.
pub(crate) fn python(script: &str, arguments: &[&str]) -> Outcome {
    let python = match engines::python() {
        Ok(python) => python,
        Err(reason) if env::var("CI").as_deref() == Ok("true") => return Err(reason),
        Err(reason) => {
            eprintln!("not run: {script} {} ({reason})", arguments.join(" "));
            return Ok(());
        }
    };
    let commands = docs::commands()?;
    let output = Command::new(python)
        .arg(repository::root().join(script))
        .arg("--groma")
        .arg(commands.path().join("groma"))
        .args(arguments)
        .output()
        .map_err(|error| format!("{script} does not start: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    eprint!("{said}");
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{said}{}", String::from_utf8_lossy(&output.stderr)))
}
