//! Which crate may know which, and what no crate may do whatever it knows.

use groma_tests::{repository, rust_source};
use serde_json::Value;
use std::process::Command;

/// Every crate with the crates of the house it may be built on. Not listed: not allowed.
const ARROWS: [(&str, &[&str]); 10] = [
    ("groma-syntax", &[]),
    ("groma-model", &["groma-syntax"]),
    ("groma-plan", &["groma-model"]),
    ("groma-sql", &["groma-plan"]),
    ("groma-project", &["groma-syntax", "groma-model", "groma-plan", "groma-sql"]),
    ("groma-engine", &[]),
    ("groma-board", &[]),
    ("groma-history", &["groma-syntax", "groma-model", "groma-project"]),
    (
        "groma",
        &[
            "groma-syntax",
            "groma-model",
            "groma-plan",
            "groma-sql",
            "groma-project",
            "groma-history",
            "groma-engine",
            "groma-board",
        ],
    ),
    (
        "groma-tests",
        &[
            "groma-syntax",
            "groma-model",
            "groma-plan",
            "groma-sql",
            "groma-project",
            "groma-history",
            "groma-engine",
            "groma",
        ],
    ),
];

/// Packages in Cargo.lock, ours included. Raise it in a commit that says what for.
const PACKAGES: usize = 415;

/// Words that begin or join the parts of a statement.
const SQL_WORDS: [&str; 12] = [
    "SELECT",
    "FROM",
    "JOIN",
    "WHERE",
    "GROUP BY",
    "ORDER BY",
    "UNION",
    "HAVING",
    "WITH ",
    "PARTITION",
    "COALESCE(",
    "CAST(",
];

#[test]
fn crates_know_only_what_they_may() {
    let root = repository::root();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(&root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| *known == name) else {
            wrong.push(format!("{name} is a crate that the table of arrows does not know"));
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap() {
            let target = dependency["name"].as_str().unwrap();
            let ours = target == "groma" || target.starts_with("groma-");
            if ours && dependency["kind"] != "dev" && !allowed.contains(&target) {
                wrong.push(format!("{name} must not be built on {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_lock_file_stays_small() {
    let lock = repository::read(&repository::root(), "Cargo.lock").unwrap();
    let packages = lock.lines().filter(|line| *line == "[[package]]").count();
    assert!(packages <= PACKAGES, "{packages} packages; the cap is {PACKAGES}");
}

#[test]
fn plan_sees_no_tree() {
    let mut wrong = Vec::new();
    for (path, text) in texts(&["compiler/plan/src", "compiler/sql/src"]) {
        let code = rust_source::scan(&text).code;
        for (index, line) in code.lines().enumerate() {
            if line.contains("groma_syntax") || line.contains("groma_model::ast") {
                wrong.push(format!("{path}:{}: {}", index + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "the tree of the syntax is not for these crates:\n{}", wrong.join("\n"));
}

#[test]
fn no_statement_is_made_from_strings() {
    let mut wrong = Vec::new();
    for (path, text) in texts(&["compiler/plan/src", "compiler/sql/src", "compiler/engine/src"]) {
        if is_test(&path) {
            continue;
        }
        let scanned = rust_source::scan(without_tests(&text));
        for literal in &scanned.literals {
            let call = scanned.code[..literal.start - 1].trim_end();
            let formats = ["format!(", "write!(", "writeln!(", "push_str("]
                .iter()
                .any(|name| call.rsplit(';').next().is_some_and(|statement| statement.contains(name)));
            if formats && SQL_WORDS.iter().any(|word| literal.text.contains(word)) {
                wrong.push(format!("{path}:{}: {:?}", literal.line, literal.text));
            }
        }
    }
    assert!(wrong.is_empty(), "statements are trees, not texts:\n{}", wrong.join("\n"));
}

#[test]
fn no_condition_asks_for_a_dialects_name() {
    let mut wrong = Vec::new();
    for (path, text) in texts(&["compiler"]) {
        if is_test(&path) {
            continue;
        }
        for (index, line) in without_tests(&text).lines().enumerate() {
            let code = line.split("//").next().unwrap_or(line);
            if asks_for_name(code) {
                wrong.push(format!("{path}:{}: {}", index + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "a dialect is a set of capabilities:\n{}", wrong.join("\n"));
}

#[test]
fn a_condition_on_a_name_is_recognised() {
    assert!(asks_for_name("        match dialect.name() {"));
    assert!(asks_for_name("if dialect.name == \"duckdb\" {"));
    assert!(asks_for_name("matches!(self.dialect.name, \"postgres\")"));
    assert!(asks_for_name("if target.engine == \"postgres\" {"));
    assert!(!asks_for_name("dialects().iter().find(|dialect| dialect.name == name)"));
    assert!(!asks_for_name("let name = dialect.name;"));
}

/// A comparison of a dialect's or an engine's name with a text, or a `match` over it.
fn asks_for_name(code: &str) -> bool {
    const NAMES: [&str; 3] = ["\"datafusion\"", "\"duckdb\"", "\"postgres\""];
    let named = code.contains("dialect.name") || code.contains(".engine");
    let matched = code.contains("match dialect.name") || code.contains("match self.dialect.name");
    let compared = code.contains("==") || code.contains("!=") || code.contains("matches!");
    matched || named && compared && NAMES.iter().any(|name| code.contains(name))
}

fn texts(folders: &[&str]) -> Vec<(String, String)> {
    let root = repository::root();
    let mut found = Vec::new();
    for folder in folders {
        for path in repository::files_ending(&root, folder, ".rs").unwrap() {
            let text = repository::read(&root, &path).unwrap();
            found.push((path, text));
        }
    }
    found
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.contains("/benches/")
}

/// The part of a file before its test module.
fn without_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod tests {").map_or(text, |at| &text[..at])
}
