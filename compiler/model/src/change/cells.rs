//! Which cells of a metric appear, disappear, or mean something else.

use super::parts::{Found, Pair, Reach, Sides, otherwise};
use crate::meaning::Cells;
use groma_syntax::Span;
use groma_syntax::ast::same_undocumented;
use smol_str::SmolStr;

/// What differs between the cells of a metric on both sides, and whether its own words say so.
#[derive(Debug, Default)]
pub(super) struct CellChanges {
    pub(super) direct: Vec<Found>,
    pub(super) inherited: Vec<Found>,
}

/// Compares the cells; `values_differ` is whether all that stands in them is different anyway.
pub(super) fn compare(pair: &Pair<'_>, base: &Cells, head: &Cells, values_differ: bool) -> CellChanges {
    let mut changes = CellChanges::default();
    let is_shown = base.published || head.published;
    for key in ["grain", "by"] {
        let sides = pair.sides(key);
        let is_direct = match (sides.base, sides.head) {
            (None, None) => false,
            (Some(base), Some(head)) => !same_undocumented(base, head),
            _ => true,
        };
        let mut found = if key == "grain" {
            grains(pair, (&base.grains, &head.grains), sides)
        } else {
            groupings(pair, (base, head), sides, values_differ)
        };
        if found.is_empty() && is_direct {
            found.push(otherwise(pair, key, sides));
        }
        for one in &mut found {
            if !is_shown && matches!(one.reach, Reach::New | Reach::Gone) {
                // A draft shows nothing to anybody.
                one.reach = Reach::Policy;
            }
        }
        let place = if is_direct { &mut changes.direct } else { &mut changes.inherited };
        place.extend(found);
    }
    changes
}

fn grains(pair: &Pair<'_>, (base, head): (&[SmolStr], &[SmolStr]), sides: Sides<'_>) -> Vec<Found> {
    let new = head.iter().filter(|grain| !base.contains(grain));
    let gone = base.iter().filter(|grain| !head.contains(grain));
    let new = new.map(|grain| one(pair, "grain", (Reach::New, sides), (grain, format!("grain `{grain}` is new"))));
    new.chain(gone.map(|grain| one(pair, "grain", (Reach::Gone, sides), (grain, format!("grain `{grain}` is gone")))))
        .collect()
}

fn groupings(pair: &Pair<'_>, (base, head): (&Cells, &Cells), sides: Sides<'_>, values_differ: bool) -> Vec<Found> {
    let of = |cells: &Cells, name: &SmolStr| {
        cells.groupings.iter().find(|(known, _)| known == name).map(|(_, digest)| *digest)
    };
    let mut found = Vec::new();
    for (name, digest) in &head.groupings {
        match of(base, name) {
            None => found.push(one(pair, "by", (Reach::New, sides), (name, format!("by `{name}` is new")))),
            Some(before) if before != *digest && values_differ => {}
            Some(before) if before != *digest => {
                let reach = Reach::Gone;
                let words = format!("the cells by `{name}` are of other groups");
                found.push(Found { before: None, after: None, ..one(pair, "by", (reach, sides), (name, words)) });
            }
            Some(_) => {}
        }
    }
    for (name, _) in base.groupings.iter().filter(|(name, _)| of(head, name).is_none()) {
        found.push(one(pair, "by", (Reach::Gone, sides), (name, format!("by `{name}` is gone"))));
    }
    found
}

fn one(pair: &Pair<'_>, key: &str, (reach, sides): (Reach, Sides<'_>), (name, words): (&SmolStr, String)) -> Found {
    let span: Option<Span> = sides.head.map(groma_syntax::ast::Entry::span);
    let text = Some(name.to_string());
    let (before, after) = if reach == Reach::New { (None, text) } else { (text, None) };
    let span = Some(span.unwrap_or(pair.head.name.span));
    Found { reach, key: key.into(), words, before, after, span, undecided: None, column: None }
}
