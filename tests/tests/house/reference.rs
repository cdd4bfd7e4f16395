//! Reference pages that are made from tables say what the tables say. `GROMA_UPDATE=1` writes them anew.

use groma_project::reference::{attributes, functions, kinds};
use groma_project::rules::standard;
use groma_tests::repository;
use std::fs;

#[test]
fn reference_pages_are_current() {
    for (name, page) in [("kinds", kinds()), ("attributes", attributes()), ("functions", functions())] {
        let path = repository::root().join(format!("docs/reference/{name}.md"));
        if std::env::var_os("GROMA_UPDATE").is_some() {
            fs::write(&path, &page).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == page, "docs/reference/{name}.md is not what `groma reference {name}` prints");
    }
}

#[test]
fn pages_of_standard_rules_are_current() {
    for rule in standard() {
        let path = repository::root().join(format!("docs/diagnostics/{}.md", rule.code));
        let page = rule.page();
        if std::env::var_os("GROMA_UPDATE").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &page).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == page, "docs/diagnostics/{}.md is not the page that the rule makes", rule.code);
    }
}
