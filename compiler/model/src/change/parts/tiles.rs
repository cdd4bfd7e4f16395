//! Blocks with names, each with keys of its own: the tiles of a dashboard.

use super::{Found, Pair, Reach, Sides, of};
use crate::check::reading::part;
use crate::schema::Kind;
use groma_syntax::ast::{Entry, Item, same_item};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// Compares the blocks of a key by their names.
pub(super) fn compare(pair: &Pair<'_>, (key, kind): (&str, Kind), found: &mut Vec<Found>) {
    let (base, head) = (named(pair.base, key), named(pair.head, key));
    let word = kind.word();
    for (entry, item) in &head {
        let name = &item.name.text;
        match base.iter().find(|(_, other)| other.name.text == *name) {
            Some((_, other)) => inner(pair, (key, kind), (other, item), found),
            None => {
                let sides = Sides { base: None, head: Some(entry) };
                found.push(Found {
                    after: None,
                    ..pair.found(Reach::New, key, sides, format!("{word} `{name}` is new"))
                });
            }
        }
    }
    for (entry, item) in &base {
        let name = &item.name.text;
        if head.iter().all(|(_, other)| other.name.text != *name) {
            let sides = Sides { base: Some(entry), head: None };
            found.push(Found {
                before: None,
                ..pair.found(Reach::Gone, key, sides, format!("{word} `{name}` is gone"))
            });
        }
    }
    let order = |ones: &[(&Entry, Item)], others: &[(&Entry, Item)]| -> Vec<SmolStr> {
        let both = |name: &SmolStr| others.iter().any(|(_, other)| other.name.text == *name);
        ones.iter().map(|(_, item)| item.name.text.clone()).filter(both).collect()
    };
    if order(&base, &head) != order(&head, &base) {
        let sides = Sides { base: None, head: head.first().map(|(entry, _)| *entry) };
        let said = pair.found(Reach::Words, key, sides, format!("the {word}s come in another order"));
        found.push(Found { after: None, ..said });
    }
}

/// What differs in one of them.
fn inner(pair: &Pair<'_>, (key, kind): (&str, Kind), (base, head): (&Item, &Item), found: &mut Vec<Found>) {
    if same_item(base, head) {
        return;
    }
    let name = &head.name.text;
    let prefix = format!("{key}.{name}.");
    let changed: Option<BTreeSet<SmolStr>> =
        pair.changed.map(|all| all.iter().filter_map(|key| key.strip_prefix(&prefix)).map(SmolStr::from).collect());
    let inside = Pair { kind, base, head, changed: changed.as_ref(), ..*pair };
    let said = of(&inside).into_iter();
    found.extend(said.map(|found| Found {
        words: format!("{} `{name}`: {}", kind.word(), found.words),
        key: key.into(),
        ..found
    }));
}

/// The blocks of a key, each as a declaration.
fn named<'a>(item: &'a Item, key: &str) -> Vec<(&'a Entry, Item)> {
    let entries = item.body.entries.iter().filter(|entry| entry.key().text == key);
    entries.filter_map(|entry| Some((entry, part(entry)?))).collect()
}
