//! Blocks: `columns`, `checks`, `label`, `raci`, `steps`, `adapts`, each by the keys inside.

use super::lists::values;
use super::text::{form, of_entry, written};
use super::{Found, Pair, Reach, Sides};
use crate::model::OnFail;
use groma_syntax::ast::{Entry, Expr, same_undocumented};
use smol_str::{SmolStr, format_smolstr};

/// Compares the entries of a block.
pub(super) fn compare(pair: &Pair<'_>, key: &str, reach: Reach, sides: Sides<'_>, found: &mut Vec<Found>) {
    let (base, head) = (inside(sides.base), inside(sides.head));
    let mut names: Vec<SmolStr> = head.iter().map(name).collect();
    names.extend(base.iter().map(name).filter(|gone| !head.iter().any(|entry| name(entry) == *gone)));
    for inner in &names {
        let find = |entries: &'_ [Entry]| entries.iter().position(|entry| name(entry) == *inner);
        let inner_sides = Sides { base: find(base).map(|at| &base[at]), head: find(head).map(|at| &head[at]) };
        if let (Some(base), Some(head)) = (inner_sides.base, inner_sides.head)
            && same_undocumented(base, head)
        {
            continue;
        }
        one(pair, (key, inner), reach, inner_sides, found);
    }
    let order = |entries: &[Entry], others: &[Entry]| -> Vec<SmolStr> {
        entries.iter().map(name).filter(|one| others.iter().any(|other| name(other) == *one)).collect()
    };
    if key == "steps" && order(base, head) != order(head, base) {
        found.push(pair.found(reach, key, sides, "the steps come in another order".to_owned()));
    }
}

fn inside(entry: Option<&Entry>) -> &[Entry] {
    match entry {
        Some(Entry::Group { body, .. }) => &body.entries,
        _ => &[],
    }
}

fn name(entry: &Entry) -> SmolStr {
    match entry {
        Entry::Group { key, name: Some(name), .. } => format_smolstr!("{} {}", key.text, name.text),
        _ => entry.key().text.clone(),
    }
}

/// One entry of a block.
fn one(pair: &Pair<'_>, (key, inner): (&str, &str), reach: Reach, sides: Sides<'_>, found: &mut Vec<Found>) {
    let what = noun(key, inner);
    let reach = match (key, sides.base.is_some(), sides.head.is_some()) {
        ("columns", false, _) => Reach::New,
        ("columns", _, false) => Reach::Gone,
        // What keeps rows out of numbers may change them.
        ("checks", ..) if quarantines(sides.base) || quarantines(sides.head) => Reach::Strictness,
        _ => reach,
    };
    match (sides.base, sides.head) {
        (Some(_), Some(_)) if pair.is_same(&format!("{key}.{inner}")) => {
            found.push(pair.found(Reach::Cosmetic, key, sides, format!("{what} is written otherwise")));
        }
        (None, _) => found.push(pair.found(reach, key, sides, format!("{what} is new"))),
        (_, None) => found.push(pair.found(reach, key, sides, format!("{what} is gone"))),
        (Some(base), Some(head)) if key == "columns" => column(pair, inner, (base, head), found),
        (Some(Entry::Group { .. }), Some(Entry::Group { .. })) => nested(pair, (key, &what), reach, sides, found),
        (Some(base), Some(head)) => {
            let (before, after) = (of_entry(pair.base_text, base), of_entry(pair.head_text, head));
            let words = match key {
                "rows" => format!("{what} are others"),
                "raci" => return teams(pair, (key, inner), reach, (base, head), found),
                _ => format!("{what} is `{after}` instead of `{before}`"),
            };
            found.push(pair.found(reach, key, sides, words));
        }
    }
}

fn quarantines(check: Option<&Entry>) -> bool {
    values(check).iter().skip(1).any(|value| form(value) == OnFail::Quarantine.word())
}

fn noun(key: &str, inner: &str) -> String {
    match key {
        "columns" => format!("column `{inner}`"),
        "checks" => format!("check `{inner}`"),
        "steps" => format!("step `{inner}`"),
        "label" => format!("the label in {inner}"),
        "rows" => format!("the rows of `{inner}`"),
        "adapts" => format!("what it adapts of `{inner}`"),
        "raci" => format!("`{inner}`"),
        _ => format!("`{inner}` in `{key}`"),
    }
}

/// Who does what: what is new and what is gone.
fn teams(
    pair: &Pair<'_>,
    (key, inner): (&str, &str),
    reach: Reach,
    (base, head): (&Entry, &Entry),
    found: &mut Vec<Found>,
) {
    let sides = Sides { base: Some(base), head: Some(head) };
    let before = found.len();
    super::lists::compare(pair, inner, reach, sides, found);
    for found in &mut found[before..] {
        found.key = key.into();
    }
}

/// A block in a block: what a region adapts of a metric.
fn nested(pair: &Pair<'_>, (key, what): (&str, &str), reach: Reach, sides: Sides<'_>, found: &mut Vec<Found>) {
    let (base, head) = (inside(sides.base), inside(sides.head));
    let mut names: Vec<SmolStr> = head.iter().chain(base).map(name).collect();
    names.sort_unstable();
    names.dedup();
    for inner in names {
        let find = |entries: &'_ [Entry]| entries.iter().position(|entry| name(entry) == inner);
        let sides = Sides { base: find(base).map(|at| &base[at]), head: find(head).map(|at| &head[at]) };
        let texts = (
            sides.base.map(|entry| of_entry(pair.base_text, entry)),
            sides.head.map(|entry| of_entry(pair.head_text, entry)),
        );
        let words = match &texts {
            (Some(before), Some(after)) if before == after => continue,
            (Some(before), Some(after)) => format!("{what}: `{inner}` is `{after}` instead of `{before}`"),
            (None, _) => format!("{what}: `{inner}` is new"),
            (_, None) => format!("{what}: `{inner}` is gone"),
        };
        let reach = if matches!(inner.as_str(), "label" | "labels") { Reach::Words } else { reach };
        found.push(pair.found(reach, key, sides, words));
    }
}

/// The words that may follow a column's type.
const CLASSES: [&str; 4] = ["public", "internal", "personal", "special"];

/// A column: its type, whether it may be null, how carefully it is handled.
fn column(pair: &Pair<'_>, name: &str, (base, head): (&Entry, &Entry), found: &mut Vec<Found>) {
    let sides = Sides { base: Some(base), head: Some(head) };
    let (before, after) = (values(Some(base)), values(Some(head)));
    let say =
        |reach: Reach, words: String| Found { column: Some(name.into()), ..pair.found(reach, "columns", sides, words) };
    if let (Some(one), Some(other)) = (before.first(), after.first())
        && form(one) != form(other)
    {
        let (one, other) = (written(pair.base_text, one.span), written(pair.head_text, other.span));
        found.push(say(Reach::Number, format!("column `{name}` is `{other}` instead of `{one}`")));
    }
    let has = |values: &[Expr], word: &str| values.iter().skip(1).any(|value| form(value) == word);
    match (has(before, "optional"), has(after, "optional")) {
        (false, true) => found.push(say(Reach::Strictness, format!("column `{name}` may be null"))),
        (true, false) => found.push(say(Reach::Strictness, format!("column `{name}` may no longer be null"))),
        _ => {}
    }
    let class = |values: &[Expr]| CLASSES.into_iter().find(|word| has(values, word)).unwrap_or("internal");
    if class(before) != class(after) {
        let words = format!("column `{name}` is `{}` instead of `{}`", class(after), class(before));
        found.push(say(Reach::Policy, words));
    }
}
