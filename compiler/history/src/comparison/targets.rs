//! What changed of the targets: where statements run, and where the rows of sources are there. The model knows none of it, and no
//! definition depends on it.

use groma_model::SmolStr;
use groma_model::change::{Change, Class, Part};
use groma_project::{Manifest, Project, Target};
use std::collections::BTreeMap;

/// The change of `project targets`, if there is one.
pub(super) fn change(base: &Project, head: &Project) -> Option<Change> {
    let mut parts = Vec::new();
    let (before, after) = (settings(&base.manifest), settings(&head.manifest));
    for name in before.keys().chain(after.keys().filter(|name| !before.contains_key(*name))) {
        let (old, new) = (before.get(name), after.get(name));
        if old == new {
            continue;
        }
        let words = match (old, new) {
            (None, _) => format!("{name} is new"),
            (_, None) => format!("{name} is gone"),
            _ => format!("{name} is another one"),
        };
        parts.push(Part {
            class: Class::Policy,
            key: SmolStr::new("targets"),
            words,
            before: old.cloned(),
            after: new.cloned(),
            span: None,
        });
    }
    (!parts.is_empty()).then(|| Change::of_project(SmolStr::new("targets"), Class::Policy, parts))
}

/// Everything that is said of targets, by what it is about. What a connection's variable holds is not known here.
fn settings(manifest: &Manifest) -> BTreeMap<String, String> {
    let default = ("the default target".to_owned(), manifest.default_target.clone());
    manifest.targets.iter().flat_map(of_target).chain([default]).collect()
}

fn of_target(target: &Target) -> Vec<(String, String)> {
    let name = &target.name;
    let mut settings = vec![
        (format!("the engine of target `{name}`"), target.engine.clone()),
        (format!("the data folder of target `{name}`"), target.data.clone()),
    ];
    let connection = target.connection.as_ref().map(|connection| connection.variable.clone());
    let named = [("the connection", connection), ("the schema", target.schema.clone())];
    let further = named.into_iter().filter_map(|(what, value)| Some((format!("{what} of target `{name}`"), value?)));
    settings.extend(further);
    for table in &target.tables {
        settings.push((format!("the table of `{}` on target `{name}`", table.source), table.name.clone()));
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;
    use groma_project::{MemoryWorld, compile};

    fn project(targets: &str) -> Project {
        let manifest = format!("project: x\nlanguage: 1\ntimezone: UTC\nweek_starts: monday\n{targets}");
        compile(&MemoryWorld::with_manifest(&manifest))
    }

    #[test]
    fn what_is_said_of_targets_is_policy() {
        let base = project("targets:\n  local: { engine: datafusion, data: one }\ndefault_target: local\n");
        let head = project(
            "targets:\n  local: { engine: datafusion, data: two }\n  other: { engine: datafusion }\ndefault_target: other\n",
        );
        assert_eq!(change(&base, &base), None);
        let change = change(&base, &head).unwrap();
        let words: Vec<&str> = change.parts.iter().map(|part| part.words.as_str()).collect();
        let expected = [
            "the data folder of target `local` is another one",
            "the default target is another one",
            "the data folder of target `other` is new",
            "the engine of target `other` is new",
        ];
        assert_eq!((change.class, words.as_slice()), (Class::Policy, expected.as_slice()));
    }
}
