//! DuckDB and PostgreSQL, behind one helper process that ends with this one.

use crate::answers::{Answer, Value};
use groma_tests::{Outcome, repository};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::{env, fs};

/// The engines besides the embedded one, by the names of their dialects.
pub(crate) const OTHERS: [&str; 2] = ["duckdb", "postgres"];

/// Rows for one table of an engine: texts, of types that the helper knows.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    pub(crate) name: String,
    /// Name and type.
    pub(crate) columns: Vec<(String, String)>,
    pub(crate) rows: Vec<Vec<Option<String>>>,
}

/// The helper, and why an engine is not there.
struct Helper {
    process: Option<Process>,
    missing: BTreeMap<String, String>,
}

struct Process {
    child: Child,
    /// Taken to end the helper.
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

static HELPER: OnceLock<Mutex<Helper>> = OnceLock::new();

/// The Python of the tests' environment: `GROMA_TEST_PYTHON`, or the one that `tests/run` made in the target folder.
///
/// # Errors
/// There is none.
pub(crate) fn python() -> Outcome<PathBuf> {
    environment("GROMA_TEST_PYTHON", "groma-python-", "tests/oracle/requirements.txt")
}

/// The Python that a variable names, or that of an environment in the target folder: one whose name begins so, made of these
/// requirements.
///
/// # Errors
/// There is none.
pub(crate) fn environment(variable: &str, prefix: &str, requirements: &str) -> Outcome<PathBuf> {
    if let Some(path) = env::var_os(variable) {
        return Ok(PathBuf::from(path));
    }
    let wanted = repository::read(&repository::root(), requirements)?;
    let fits = |folder: &PathBuf| {
        fs::read_to_string(folder.join("requirements.txt")).is_ok_and(|installed| installed == wanted)
    };
    environments(prefix)
        .into_iter()
        .find(fits)
        .map(|folder| folder.join("bin/python"))
        .ok_or_else(|| format!("there is no Python environment of {requirements}: `bash tests/run` makes it"))
}

/// What each statement answers on an engine, over these tables; nothing when the engine is not there.
pub(crate) fn run(engine: &str, tables: &[Load], statements: &[String]) -> Option<Outcome<Vec<Outcome<Answer>>>> {
    let helper = HELPER.get_or_init(|| Mutex::new(Helper::start()));
    let mut helper = helper.lock().unwrap_or_else(PoisonError::into_inner);
    if helper.missing.contains_key(engine) {
        return None;
    }
    let tables: Vec<Json> = tables
        .iter()
        .map(|table| json!({ "name": [table.name], "columns": table.columns, "rows": table.rows }))
        .collect();
    let request = json!({ "engine": engine, "tables": tables, "statements": statements });
    let process = helper.process.as_mut()?;
    Some(process.ask(&request).and_then(|answer| read_answers(engine, &answer)))
}

/// Ends the helper and says loudly which engines nothing ran on; whether that may pass.
pub(crate) fn all_present() -> bool {
    let Some(helper) = HELPER.get() else { return true };
    let mut helper = helper.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(process) = helper.process.take() {
        process.end();
    }
    for (engine, reason) in &helper.missing {
        eprintln!("not run: {engine} ({reason})");
    }
    helper.missing.is_empty() || env::var("CI").as_deref() != Ok("true")
}

impl Helper {
    fn start() -> Self {
        match Process::start() {
            Ok((process, missing)) => Helper { process: Some(process), missing },
            Err(problem) => {
                let missing = OTHERS.iter().map(|engine| ((*engine).to_owned(), problem.clone())).collect();
                Helper { process: None, missing }
            }
        }
    }
}

impl Process {
    fn start() -> Outcome<(Self, BTreeMap<String, String>)> {
        let mut child = Command::new(python()?)
            .arg(repository::root().join("tests/engines/serve.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the helper does not start: {error}"))?;
        let requests = child.stdin.take();
        let answers = child.stdout.take().ok_or("the helper has no output")?;
        let mut process = Process { child, requests, answers: BufReader::new(answers) };
        let hello = process.answer()?;
        let missing = hello["missing"].as_object().ok_or("the helper says nothing about engines")?;
        let missing = missing
            .iter()
            .map(|(engine, reason)| (engine.clone(), reason.as_str().unwrap_or_default().to_owned()))
            .collect();
        Ok((process, missing))
    }

    fn ask(&mut self, request: &Json) -> Outcome<Json> {
        let requests = self.requests.as_mut().ok_or("the helper has ended")?;
        writeln!(requests, "{request}").map_err(|error| format!("the helper does not listen: {error}"))?;
        self.answer()
    }

    fn answer(&mut self) -> Outcome<Json> {
        let mut line = String::new();
        let read = self.answers.read_line(&mut line).map_err(|error| format!("the helper does not answer: {error}"))?;
        if read == 0 {
            return Err("the helper has ended; its last words are above".to_owned());
        }
        serde_json::from_str(&line).map_err(|error| format!("the helper answers {line:?}: {error}"))
    }

    fn end(mut self) {
        // The end of its input ends it, and PostgreSQL with it.
        drop(self.requests.take());
        // Whatever it says at its end, all answers are in.
        _ = self.child.wait();
    }
}

/// The folders beside the builds whose names begin so: what `tests/run` made.
pub(crate) fn environments(prefix: &str) -> Vec<PathBuf> {
    let Ok(program) = env::current_exe() else { return Vec::new() };
    // target/release/deps/specification-…
    let Some(target) = program.ancestors().nth(3) else { return Vec::new() };
    children(target).into_iter().filter(|path| is_named(path, prefix)).collect()
}

fn is_named(path: &Path, prefix: &str) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix))
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn read_answers(engine: &str, answer: &Json) -> Outcome<Vec<Outcome<Answer>>> {
    let Some(answers) = answer["answers"].as_array() else {
        return Err(format!("{engine}: {}", answer["error"].as_str().unwrap_or("an answer of no known form")));
    };
    Ok(answers.iter().map(|answer| read_answer(engine, answer)).collect())
}

fn read_answer(engine: &str, answer: &Json) -> Outcome<Answer> {
    if let Some(error) = answer["error"].as_str() {
        return Err(format!("{engine}: {error}"));
    }
    let list = |value: &Json| value.as_array().cloned().unwrap_or_default();
    let columns = list(&answer["columns"]).iter().map(|name| name.as_str().unwrap_or_default().to_owned()).collect();
    let rows = list(&answer["rows"]).iter().map(|row| list(row).iter().map(read_value).collect()).collect();
    Ok(Answer { columns, rows })
}

/// A list of one holds a number that JSON has no word for.
fn read_value(value: &Json) -> Value {
    let number = |text: &str| text.parse().map_or_else(|_| Value::Text(text.to_owned()), Value::Number);
    match value {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(value) => number(&value.to_string()),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(one) => number(one.first().and_then(Json::as_str).unwrap_or_default()),
        Json::Object(_) => Value::Text(value.to_string()),
    }
}
