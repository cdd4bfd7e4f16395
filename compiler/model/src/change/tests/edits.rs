//! Edits of the project with all that is said about them: `edits.txt`.
//!
//! `#` begins an edit, `-` and `+` are what is replaced and by what (`\n` is a new line), `=` a change, below it its parts, what
//! is undecided (`?`), and what is shown downstream (`>`).

use super::{PROJECT, Project, between, edited, lines};
use crate::change::Change;
use std::fmt::Write as _;

const EDITS: &str = include_str!("edits.txt");

#[test]
fn nothing_changes() {
    assert_eq!(super::edit(&[]), []);
}

#[test]
fn all_edits_are_told_so() {
    let base = Project::of(PROJECT);
    let mut told = String::new();
    for (head, edits) in written() {
        let replaced: Vec<(&str, &str)> = edits.iter().map(|(old, new)| (old.as_str(), new.as_str())).collect();
        let changes = between(&base, &Project::of(&edited(PROJECT, &replaced)));
        told.push_str(&head);
        for line in story(&changes) {
            let _ = writeln!(told, "{line}");
        }
        told.push('\n');
    }
    assert!(told.matches("\n# ").count() >= 100, "{}", told.matches("\n# ").count());
    if told != EDITS {
        let place = told.lines().zip(EDITS.lines()).position(|(one, other)| one != other);
        panic!("differs from line {place:?} on; what is told now:\n<<<\n{told}>>>\n");
    }
}

/// Each edit: what stands before its changes, and the replacements.
pub(super) fn written() -> Vec<(String, Vec<(String, String)>)> {
    let mut all: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for line in EDITS.lines() {
        let text = |rest: &str| rest.replace("\\n", "\n");
        if line.starts_with("# ") {
            all.push((String::new(), Vec::new()));
        }
        let Some((head, edits)) = all.last_mut() else { continue };
        if let Some(old) = line.strip_prefix("- ") {
            edits.push((text(old), String::new()));
        } else if let Some(new) = line.strip_prefix("+ ") {
            edits.last_mut().unwrap().1 = text(new);
        } else if !line.starts_with("# ") {
            continue;
        }
        let _ = writeln!(head, "{line}");
    }
    all
}

/// All that is said about changes.
fn story(changes: &[Change]) -> Vec<String> {
    let mut story = Vec::new();
    for (change, line) in changes.iter().zip(lines(changes)) {
        story.push(format!("= {line}"));
        for part in &change.parts {
            let texts = match (&part.before, &part.after) {
                (None, None) => String::new(),
                (before, after) => {
                    format!(" [{} -> {}]", before.as_deref().unwrap_or(""), after.as_deref().unwrap_or(""))
                }
            };
            story.push(format!("    {} {}: {}{texts}", part.class.word(), part.key, part.words));
        }
        story.extend(change.undecided.iter().map(|text| format!("    ? {text}")));
        if !change.downstream.is_empty() {
            let names = change.downstream.iter().map(|(kind, name)| format!("{} {name}", kind.word()));
            story.push(format!("    > {}", names.collect::<Vec<_>>().join(", ")));
        }
    }
    story
}
