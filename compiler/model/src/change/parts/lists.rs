//! Lists: what is new and what is gone.

use super::text::{form, quoted};
use super::{Found, Pair, Reach, Sides};
use crate::schema::Kind;
use groma_syntax::Span;
use groma_syntax::ast::{Entry, Expr, ExprKind, Infix};

/// The values of an entry.
pub(super) fn values(entry: Option<&Entry>) -> &[Expr] {
    match entry {
        Some(Entry::Value { values, .. }) => values,
        _ => &[],
    }
}

/// Compares the values of a key, whose order says nothing.
pub(super) fn compare(pair: &Pair<'_>, key: &str, reach: Reach, sides: Sides<'_>, found: &mut Vec<Found>) {
    let (base, head) = (values(sides.base), values(sides.head));
    let (mut gone, mut new) = (missing(base, head), missing(head, base));
    // The same address with other days is not another member.
    let mut at = 0;
    while let Some(one) = gone.get(at).copied() {
        match new.iter().position(|other| head_of(one) == head_of(other)) {
            Some(place) => {
                let other = new.remove(place);
                gone.remove(at);
                let (before, after) = (pair.before(one), pair.after(other));
                let words = format!("{} `{after}` instead of `{before}`", noun(key));
                found.push(one_of(pair, (reach, key), words, (Some(&before), Some(&after)), other.span));
            }
            None => at += 1,
        }
    }
    let gone_texts: Vec<String> = gone.iter().map(|expr| pair.before(expr)).collect();
    let new_texts: Vec<String> = new.iter().map(|expr| pair.after(expr)).collect();
    let is_offer = pair.kind == Kind::Customer && key == "has";
    let is_shown = pair.kind == Kind::Tile && key == "shows";
    let reach_of = |is_new: bool| match (is_offer || is_shown, is_new) {
        (false, _) => reach,
        (true, true) => Reach::New,
        (true, false) => Reach::Gone,
    };
    for (expr, text) in new.iter().zip(&new_texts) {
        let words =
            if is_offer { format!("it also offers `{text}`") } else { format!("{} `{text}` is new", noun(key)) };
        found.push(one_of(pair, (reach_of(true), key), words, (None, Some(text)), expr.span));
    }
    for text in &gone_texts {
        let place = sides.head.map_or(pair.head.name.span, Entry::span);
        let words =
            if is_offer { format!("it no longer offers `{text}`") } else { format!("{} `{text}` is gone", noun(key)) };
        found.push(one_of(pair, (reach_of(false), key), words, (Some(text), None), place));
    }
}

/// In the one list and not in the other.
fn missing<'a>(one: &'a [Expr], other: &[Expr]) -> Vec<&'a Expr> {
    let known: std::collections::BTreeSet<String> = other.iter().map(form).collect();
    one.iter().filter(|expr| !known.contains(&form(expr))).collect()
}

fn one_of(
    pair: &Pair<'_>,
    (reach, key): (Reach, &str),
    words: String,
    (before, after): (Option<&String>, Option<&String>),
    span: Span,
) -> Found {
    let empty = Sides { base: None, head: None };
    Found { before: before.cloned(), after: after.cloned(), span: Some(span), ..pair.found(reach, key, empty, words) }
}

/// What a value of a key is called.
fn noun(key: &str) -> String {
    match key {
        "tags" => "tag".to_owned(),
        "members" => "member".to_owned(),
        "metrics" | "about" | "claims" => "metric".to_owned(),
        "sources" => "source".to_owned(),
        "columns" => "column".to_owned(),
        "languages" => "language".to_owned(),
        "between" => "team".to_owned(),
        "by" => "by".to_owned(),
        _ => format!("{}:", quoted(&[key])),
    }
}

/// The member without its days.
fn head_of(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Infix { operator: Infix::From | Infix::Until, left, .. } => head_of(left),
        _ => form(expr),
    }
}
