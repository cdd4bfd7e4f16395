//! The packages of `groma build --as dbt`, built and tested by the real dbt: `tests/dbt/run.py`.

use crate::{docs, engines};
use groma_tests::{Outcome, repository};
use libtest_mimic::Trial;
use std::env;
use std::process::Command;

/// One test: what dbt is started for, it does for both engines.
pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("dbt: packages", || crate::outcome(run()))]
}

fn run() -> Outcome {
    let python = match engines::environment("GROMA_TEST_DBT_PYTHON", "groma-dbt-", "tests/dbt/requirements.txt") {
        Ok(python) => python,
        Err(reason) if env::var("CI").as_deref() == Ok("true") => return Err(reason),
        Err(reason) => {
            eprintln!("not run: dbt ({reason})");
            return Ok(());
        }
    };
    let commands = docs::commands()?;
    let output = Command::new(python)
        .arg(repository::root().join("tests/dbt/run.py"))
        .arg(commands.path().join("groma"))
        .output()
        .map_err(|error| format!("dbt does not start: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    eprint!("dbt: {said}");
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{said}{}", String::from_utf8_lossy(&output.stderr)))
}
