//! Fresh databases of a PostgreSQL for the pages that need one, behind one helper process that ends with this one.

use crate::engines::python;
use groma_tests::{Outcome, repository};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

/// The variable that pages find the URL of their database in.
pub(crate) const VARIABLE: &str = "GROMA_TEST_POSTGRES";

struct Helper {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

static HELPER: OnceLock<Mutex<Outcome<Helper>>> = OnceLock::new();

/// The URL of a database that nobody else uses.
///
/// # Errors
/// There is no PostgreSQL here, and why.
pub(crate) fn database() -> Outcome<String> {
    let helper = HELPER.get_or_init(|| Mutex::new(Helper::start()));
    let mut helper = helper.lock().unwrap_or_else(PoisonError::into_inner);
    helper.as_mut().map_err(|problem| problem.clone())?.ask()
}

/// Ends the helper, and PostgreSQL with it.
pub(crate) fn end() {
    let Some(helper) = HELPER.get() else { return };
    let mut helper = helper.lock().unwrap_or_else(PoisonError::into_inner);
    if let Ok(helper) = helper.as_mut() {
        drop(helper.requests.take());
        // All pages have run, whatever it says at its end.
        _ = helper.child.wait();
    }
}

impl Helper {
    fn start() -> Outcome<Self> {
        let mut child = Command::new(python()?)
            .arg(repository::root().join("tests/warehouse/_offer.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the helper does not start: {error}"))?;
        let requests = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().ok_or("the helper has no output")?);
        let mut helper = Self { child, requests, answers };
        let problem = helper.line()?;
        if problem.is_empty() { Ok(helper) } else { Err(problem) }
    }

    fn ask(&mut self) -> Outcome<String> {
        let requests = self.requests.as_mut().ok_or("the helper has ended")?;
        writeln!(requests).map_err(|error| format!("the helper does not listen: {error}"))?;
        self.line()
    }

    fn line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        let read = self.answers.read_line(&mut line).map_err(|error| format!("the helper does not answer: {error}"))?;
        if read == 0 { Err("the helper has ended".to_owned()) } else { Ok(line.trim().to_owned()) }
    }
}
