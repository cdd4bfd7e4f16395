//! The cases, run: every answer on the embedded engine, on DuckDB and on PostgreSQL, and all of them alike.
//!
//! Every header of `tests/cases/**.md` is a test of its own; what needs the engine besides stands beside them: the
//! square of codes, the commands of the documentation, the oracle. Engines that are not there are named at the end.

mod answers;
mod ci;
mod claims;
mod compiler;
mod dbt;
mod docs;
mod embedded;
mod engines;
mod mutations;
mod offered;
mod oracle;
mod pages;
mod proofs;
mod run;
mod square;
mod update;
mod warehouse;

use groma_tests::case::Case;
use groma_tests::markdown::Document;
use groma_tests::{Outcome, repository};
use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    if std::env::var_os(docs::ACT).is_some() {
        return groma::start();
    }
    let arguments = Arguments::from_args();
    let trials = match trials() {
        Ok(trials) => trials,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::FAILURE;
        }
    };
    let listed = arguments.list;
    let conclusion = libtest_mimic::run(&arguments, trials);
    if listed {
        return ExitCode::SUCCESS;
    }
    let written = update::write();
    if let Err(problem) = &written {
        eprintln!("{problem}");
    }
    offered::end();
    let complete = engines::all_present();
    if conclusion.has_failed() || written.is_err() || !complete { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn trials() -> Outcome<Vec<Trial>> {
    let cases = Arc::new(cases()?);
    let mut trials: Vec<Trial> = (0..cases.len())
        .map(|index| {
            let cases = Arc::clone(&cases);
            Trial::test(cases[index].name.clone(), move || outcome(run::case(&cases[index])))
        })
        .collect();
    let shared = Arc::clone(&cases);
    trials.push(Trial::test("square: every code is emitted by a case", move || outcome(square::emitted(&shared))));
    trials.push(Trial::test("square: every page's example raises its code", || outcome(square::pages())));
    trials.extend(docs::trials()?);
    trials.extend(ci::trials());
    trials.extend(oracle::trials());
    trials.extend(dbt::trials());
    trials.extend(pages::trials());
    trials.extend(mutations::trials());
    trials.extend(warehouse::trials());
    Ok(trials)
}

/// Every case under `tests/cases/`, each with a name of its own.
fn cases() -> Outcome<Vec<Case>> {
    let root = repository::root();
    let mut cases = Vec::new();
    for path in repository::files_ending(&root, "tests/cases", ".md")? {
        cases.extend(Case::of_document(&Document::read(&root, &path)?)?);
    }
    Ok(cases)
}

fn outcome(outcome: Outcome) -> Result<(), Failed> {
    outcome.map_err(Failed::from)
}
