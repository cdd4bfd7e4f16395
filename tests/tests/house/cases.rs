//! The cases as texts: every one is read, formatting keeps it, and no part of one brings the compiler down.

use groma_project::{MemoryWorld, compile};
use groma_syntax::{FileId, format, parse};
use groma_tests::case::Case;
use groma_tests::markdown::{Document, replace};
use groma_tests::{Outcome, repository};

/// Every case under `tests/cases/`.
pub(crate) fn all() -> Vec<Case> {
    let root = repository::root();
    let mut cases = Vec::new();
    for path in repository::files_ending(&root, "tests/cases", ".md").unwrap() {
        let document = Document::read(&root, &path).unwrap();
        cases.extend(Case::of_document(&document).unwrap());
    }
    cases
}

/// A case as a project in memory.
pub(crate) fn world(case: &Case) -> MemoryWorld {
    let start = case.manifest.as_deref().map_or_else(MemoryWorld::default, MemoryWorld::with_manifest);
    case.contents().fold(start, |world, (path, bytes)| world.file(path, bytes))
}

#[test]
fn only_markdown_stands_among_the_cases() {
    let files = repository::files(&repository::root(), "tests/cases").unwrap();
    let strange: Vec<&String> = files.iter().filter(|path| !path.ends_with(".md")).collect();
    assert!(strange.is_empty(), "no runner reads {strange:?}");
}

#[test]
fn every_case_is_introduced_and_compares_something() {
    let root = repository::root();
    let mut wrong = Vec::new();
    for path in repository::files_ending(&root, "tests/cases", ".md").unwrap() {
        let document = Document::read(&root, &path).unwrap();
        for section in document.sections.iter().filter(|section| !section.introduced) {
            wrong.push(format!("{path}:{}: a sentence must stand before the first block", section.line));
        }
        for case in Case::of_document(&document).unwrap() {
            if case.outputs.is_empty() && case.claims().unwrap().is_empty() {
                wrong.push(format!("{path}:{}: nothing is expected", case.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn formatting_is_a_fixed_point_and_keeps_the_tree() {
    let mut wrong = Vec::new();
    for case in all() {
        for (path, text) in case.texts() {
            if let Err(problem) = check_format(text) {
                wrong.push(format!("{} ({path}): {problem}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Formatting either refuses a text that cannot be parsed, or keeps its tree and has nothing left to change.
pub(crate) fn check_format(text: &str) -> Outcome {
    let before = parse(FileId(0), text);
    let Ok(once) = format(text) else {
        return if before.diagnostics.is_empty() { Err("a text that parses is refused".to_owned()) } else { Ok(()) };
    };
    let after = parse(FileId(0), &once);
    if !before.diagnostics.is_empty() {
        return Err("a text that does not parse is formatted".to_owned());
    }
    if !after.diagnostics.is_empty() {
        return Err(format!("what formatting wrote does not parse:\n{once}"));
    }
    if !groma_syntax::ast::same_tree(&before.file, &after.file) {
        return Err(format!("formatting changes the tree:\n{once}"));
    }
    match format(&once) {
        Ok(twice) if twice == once => Ok(()),
        Ok(twice) => Err(format!("formatting again changes\n{once}\nto\n{twice}")),
        Err(_) => Err(format!("what formatting wrote is refused:\n{once}")),
    }
}

#[test]
fn no_truncation_panics() {
    for case in all() {
        for (path, text) in case.texts() {
            for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
                // Each must come back; what it says is another test's matter.
                drop(parse(FileId(0), &text[..end]));
            }
            for end in boundaries(text, 40) {
                let mut cut = case.clone();
                cut.files.iter_mut().filter(|(known, _)| known == path).for_each(|(_, text)| text.truncate(end));
                drop(compile(&world(&cut)));
            }
        }
    }
}

/// About that many places to cut a text at, never within a character.
fn boundaries(text: &str, count: usize) -> Vec<usize> {
    let step = (text.len() / count).max(1);
    (0..text.len()).step_by(step).filter(|end| text.is_char_boundary(*end)).collect()
}

#[test]
fn fences_are_found_and_replaced() {
    let text = "# Title\n\n## One\n\nSaid.\n\n`a.groma`:\n```groma\nmetric m {}\n```\n````result m at day\na | b\n```\n````\nEnd.\n";
    let document = Document::parse("x.md", text).unwrap();
    assert_eq!(document.title, "Title");
    let [section] = &document.sections[..] else { panic!("{document:?}") };
    assert!(section.introduced);
    assert_eq!(section.fences[0].path.as_deref(), Some("a.groma"));
    assert_eq!(section.fences[1].info, "m at day");
    assert_eq!(section.fences[1].body, "a | b\n```\n");
    let written = replace(text, vec![(&section.fences[1], "c\n".to_owned())]);
    assert_eq!(written, text.replace("a | b\n```\n", "c\n"));
}

#[test]
fn two_tests_of_one_title_are_refused() {
    let document = Document::parse("tests/cases/x.md", "## A\n## A\n").unwrap();
    assert!(Case::of_document(&document).unwrap_err().contains("two tests"));
}
