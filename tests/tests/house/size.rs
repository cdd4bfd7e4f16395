//! Files under 600 lines, functions under 60, and no public item without a line that says what it is.

use groma_tests::{repository, rust_source};
use std::collections::BTreeSet;

const FILE_LINES: usize = 600;
const FUNCTION_LINES: usize = 60;
/// One exception per line: a path, or a path with `::` and a function, then a blank and the reason.
const EXCEPTIONS: &str = "tests/size-exceptions.txt";

#[test]
fn files_and_functions_are_short() {
    let root = repository::root();
    let mut exceptions = exceptions(&repository::read(&root, EXCEPTIONS).unwrap());
    let mut long = Vec::new();
    for path in sources() {
        let text = repository::read(&root, &path).unwrap();
        let lines = text.lines().count();
        if lines >= FILE_LINES && !exceptions.remove(&path) {
            long.push(format!("{path} has {lines} lines"));
        }
        for function in rust_source::functions(&rust_source::scan(&text).code) {
            let name = format!("{path}::{}", function.name);
            if function.lines >= FUNCTION_LINES && !exceptions.remove(&name) {
                long.push(format!("{path}:{}: {} has {} lines", function.line, function.name, function.lines));
            }
        }
    }
    assert!(long.is_empty(), "too long, and not among {EXCEPTIONS}:\n{}", long.join("\n"));
    assert!(exceptions.is_empty(), "{EXCEPTIONS} excuses what is short enough: {exceptions:?}");
}

#[test]
fn every_module_says_what_it_is_for() {
    let root = repository::root();
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|path| !repository::read(&root, path).unwrap().trim_start().starts_with("//!"))
        .filter(|path| !path.ends_with("/tests.rs") && !path.contains("/tests/"))
        .collect();
    assert!(silent.is_empty(), "these open without `//!`:\n{}", silent.join("\n"));
}

#[test]
fn every_public_item_is_documented() {
    let root = repository::root();
    let mut silent = Vec::new();
    for path in sources().iter().filter(|path| path.starts_with("compiler/")) {
        for (line, name) in rust_source::undocumented(&repository::read(&root, path).unwrap()) {
            silent.push(format!("{path}:{line}: {name}"));
        }
    }
    assert!(silent.is_empty(), "public without a line of documentation:\n{}", silent.join("\n"));
}

/// Every Rust file of the house.
fn sources() -> Vec<String> {
    let root = repository::root();
    let mut found = repository::files_ending(&root, "compiler", ".rs").unwrap();
    found.extend(repository::files_ending(&root, "tests", ".rs").unwrap());
    assert!(found.len() > 20, "the walk over the sources finds too little: {found:?}");
    found
}

fn exceptions(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        let (name, reason) = line.split_once(' ').unwrap_or((line, ""));
        assert!(reason.trim().len() > 10, "{EXCEPTIONS}: {name} needs a reason");
        assert!(found.insert(name.to_owned()), "{EXCEPTIONS}: {name} stands there twice");
    }
    found
}
