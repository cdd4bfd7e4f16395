//! The rules of a project, proven by the projects that they say they raise and pass.

use crate::findings::counted;
use crate::loading::Loaded;
use groma_project::rules::{Rule, of_project};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A rule with tests, and what is wrong with them.
pub(super) struct Proven {
    pub(super) rule: Rule,
    pub(super) problems: Vec<String>,
}

impl Proven {
    pub(super) fn holds(&self) -> bool {
        self.problems.is_empty()
    }

    /// What is wrong, in one line.
    pub(super) fn problem(&self) -> String {
        self.problems.join("; ")
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        json!({
            "name": self.rule.name,
            "code": self.rule.code,
            "path": self.rule.path,
            "line": self.rule.line,
            "holds": self.holds(),
            "problem": (!self.holds()).then(|| self.problem()),
        })
    }
}

/// The project's own rules that have tests, with their paths as the reader knows them.
pub(super) fn with_tests(loaded: &Loaded) -> Vec<Rule> {
    let mut rules = of_project(&loaded.project);
    rules.retain(|rule| rule.raises.is_some() || rule.passes.is_some());
    rules.iter_mut().for_each(|rule| rule.path = format!("{}{}", loaded.prefix, rule.path));
    rules
}

/// Runs the tests of rules.
pub(super) fn prove(loaded: &Loaded, rules: Vec<Rule>) -> Vec<Proven> {
    let policy = &loaded.project.manifest.governance;
    rules.into_iter().map(|rule| Proven { problems: rule.prove(policy), rule }).collect()
}

/// Each rule that does not hold, for people.
pub(super) fn human(proven: &[Proven]) -> String {
    let mut text = String::new();
    for proven in proven.iter().filter(|proven| !proven.holds()) {
        let rule = &proven.rule;
        let _ = writeln!(text, "rule {} does not do what its tests say ({}:{})\n", rule.name, rule.path, rule.line);
        for problem in &proven.problems {
            let _ = writeln!(text, "  {problem}");
        }
        text.push('\n');
    }
    text
}

/// `3 rules: 2 hold, 1 does not`.
pub(super) fn summary(proven: &[Proven]) -> String {
    let failed = proven.iter().filter(|proven| !proven.holds()).count();
    super::report::held(&counted(proven.len(), "rule"), proven.len(), failed)
}
