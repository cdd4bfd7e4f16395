//! One half of the square: registered = documented. The other half, emitted = tested, needs the engine and stands in
//! `specification/square.rs`.

use groma_tests::markdown::Document;
use groma_tests::repository;
use std::collections::BTreeSet;

const FOLDER: &str = "docs/diagnostics";
const PARTS: [&str; 4] = ["What", "Why it matters for the number", "Example", "Instead"];

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let codes: BTreeSet<String> = groma_project::codes::codes().iter().map(|code| code.id.to_owned()).collect();
    let pages: BTreeSet<String> = repository::files_ending(&repository::root(), FOLDER, ".md")
        .unwrap()
        .iter()
        .filter_map(|path| path.strip_prefix(FOLDER)?.strip_prefix('/')?.strip_suffix(".md").map(str::to_owned))
        .filter(|name| name.contains('/'))
        .collect();
    let without_page: Vec<_> = codes.difference(&pages).collect();
    let without_code: Vec<_> = pages.difference(&codes).collect();
    assert!(without_page.is_empty(), "codes without a page in {FOLDER}: {without_page:?}");
    assert!(without_code.is_empty(), "pages of no code: {without_code:?}");
}

#[test]
fn every_page_has_its_four_parts() {
    let root = repository::root();
    let mut wrong = Vec::new();
    for code in groma_project::codes::codes() {
        let path = format!("{FOLDER}/{}.md", code.id);
        // A page that is not there is another test's finding.
        let Ok(page) = Document::read(&root, &path) else { continue };
        let parts: Vec<&str> = page.sections.iter().map(|section| section.title.as_str()).collect();
        if parts != PARTS {
            wrong.push(format!("{path}: its parts are {parts:?}"));
        }
        if page.title != code.id {
            wrong.push(format!("{path}: its title is {:?}", page.title));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
