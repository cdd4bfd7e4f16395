//! What holds whatever is edited.

use super::edits::written;
use super::{Change, Class, PROJECT, Project, between, edited, lines, try_edited};
use crate::schema::Kind;
use crate::testing::dates::Draw;

type Edits = Vec<(String, String)>;

fn of(edits: &Edits) -> Vec<(&str, &str)> {
    edits.iter().map(|(old, new)| (old.as_str(), new.as_str())).collect()
}

#[test]
fn nothing_differs_from_itself() {
    for (_, edits) in written().into_iter().step_by(20) {
        let text = edited(PROJECT, &of(&edits));
        assert_eq!(lines(&between(&Project::of(&text), &Project::of(&text))), [""; 0]);
    }
}

/// The other way round, what was new is gone and what was restating is restating.
#[test]
fn what_changes_one_way_changes_the_other() {
    let base = Project::of(PROJECT);
    for (head, edits) in written().into_iter().step_by(7) {
        let project = Project::of(&edited(PROJECT, &of(&edits)));
        let (there, back) = (between(&base, &project), between(&project, &base));
        let strongest = |changes: &[Change]| changes.iter().map(|change| change.class).max();
        let at_least = |class: Option<Class>| class >= Some(Class::Additive);
        assert_eq!(at_least(strongest(&there)), at_least(strongest(&back)), "{head}");
        assert_eq!(there.is_empty(), back.is_empty(), "{head}");
    }
}

/// Two edits together reach as far as each of them.
#[test]
fn together_is_never_weaker() {
    let base = Project::of(PROJECT);
    let all = written();
    let mut draw = Draw::new(5);
    let mut tried = 0;
    while tried < 25 {
        let (one, other) = (&all[draw.below(all.len())].1, &all[draw.below(all.len())].1);
        let both: Edits = one.iter().chain(other).cloned().collect();
        let Some(project) = try_edited(PROJECT, &of(&both)).and_then(|text| Project::try_of(&text)) else { continue };
        let together = between(&base, &project);
        let alone = [one, other].map(|edits| between(&base, &Project::of(&edited(PROJECT, &of(edits)))));
        // What only says the same in other words may take a way from a metric to what the other edit changes.
        if alone.iter().flatten().any(|change| change.class == Class::Cosmetic && change.subject.0 == Kind::Metric) {
            continue;
        }
        for changes in alone {
            for change in changes {
                let is_it = |found: &&Change| {
                    let name = |change: &Change| change.was.clone().unwrap_or_else(|| change.subject.1.clone());
                    found.subject.0 == change.subject.0
                        && (found.subject.1 == change.subject.1 || name(found) == name(&change))
                };
                let class = together.iter().filter(is_it).map(|found| found.class).max();
                assert!(class >= Some(change.class), "{:?} {both:#?}\n{:#?}", change.subject, lines(&together));
            }
        }
        tried += 1;
    }
}

/// A class is that of its strongest part; a part of a key that is only words is never stronger than words.
#[test]
fn parts_make_the_class() {
    let base = Project::of(PROJECT);
    for (head, edits) in written().into_iter().step_by(5) {
        for change in between(&base, &Project::of(&edited(PROJECT, &of(&edits)))) {
            let strongest = change.parts.iter().map(|part| part.class).max().unwrap_or(Class::Cosmetic);
            assert_eq!(change.class, strongest, "{head}");
            for part in &change.parts {
                assert!(!part.words.ends_with('.') && !part.words.is_empty(), "{head}: {}", part.words);
            }
        }
    }
}
