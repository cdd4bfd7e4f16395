//! The tests of a rule: one project that must raise it, and one that must not.

use super::Rule;
use crate::compile::{Project, compile};
use crate::world::{MemoryWorld, World as _};
use groma_model::{Policy, Severity};
use std::fmt::Write as _;

/// What is wrong with the tests of a rule. They are judged on a day that stays, so that no test fails by itself.
pub(super) fn prove(rule: &Rule, policy: &Policy) -> Vec<String> {
    let raises = rule.raises.as_ref().map(|text| (text, true));
    let passes = rule.passes.as_ref().map(|text| (text, false));
    raises.into_iter().chain(passes).filter_map(|(text, must)| one(rule, policy, text, must)).collect()
}

fn one(rule: &Rule, policy: &Policy, text: &str, must: bool) -> Option<String> {
    let project = judged(rule, policy, text);
    let which = if must { "raises" } else { "passes" };
    let is_own = |code: &str| code == rule.code;
    let other = project.diagnostics.iter().find(|found| !is_own(found.code.id) && found.severity == Severity::Error);
    if let Some(other) = other {
        return Some(format!("`{which}` has an error of its own: [{}] {}", other.code.id, other.headline));
    }
    let found = project.diagnostics.iter().find(|found| is_own(found.code.id));
    match (must, found) {
        (true, None) => Some(format!("`{which}` does not raise it")),
        (false, Some(found)) => Some(format!("`{which}` raises it: {}", found.headline)),
        _ => None,
    }
}

/// A test of a rule as a project of its own, judged.
pub(super) fn judged(rule: &Rule, policy: &Policy, text: &str) -> Project {
    let (manifest, declared) = match rule.pack {
        Some(pack) => (manifest(rule, pack), String::new()),
        None => (plain(&policy.languages), format!("{}\n", rule.text)),
    };
    let world = MemoryWorld::with_manifest(&manifest).file("main.groma", declared + &project(rule, text));
    let mut project = compile(&world);
    project.judge(world.today());
    project
}

/// The declarations of a test.
pub(super) fn project(rule: &Rule, text: &str) -> String {
    let parts = [rule.given.trim_end(), text.trim_end()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n\n") + "\n"
}

/// The manifest of the tests of a standard rule: its pack holds, and there are two languages where it asks for them.
pub(super) fn manifest(rule: &Rule, pack: &str) -> String {
    let languages: &[&str] = if rule.text.contains("languages_missing") { &["en", "fr"] } else { &[] };
    let mut manifest = plain(languages);
    if languages.is_empty() {
        manifest.push_str("policy:\n");
    }
    let _ = writeln!(manifest, "  packs: [{pack}]");
    manifest
}

/// A manifest without rules of the library.
fn plain<T: AsRef<str>>(languages: &[T]) -> String {
    let mut manifest =
        "project: example\nlanguage: 1\ntimezone: UTC\nweek_starts: monday\ndefault_grain: month\n".to_owned();
    if !languages.is_empty() {
        let words: Vec<&str> = languages.iter().map(AsRef::as_ref).collect();
        let _ = writeln!(manifest, "policy:\n  languages: [{}]", words.join(", "));
    }
    manifest
}
