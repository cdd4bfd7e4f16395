//! Single values and expressions.

use super::lists::values;
use super::text::{conjuncts, form, listed, quoted};
use super::{Found, Pair, Reach, Sides};
use crate::change::undecided;
use crate::schema::{KeySchema, Kind, Shape};
use groma_syntax::ast::{Expr, ExprKind, Infix};
use std::collections::BTreeSet;

/// Texts with more bytes are told by their key alone.
const LONG: usize = 100;

/// Compares the values of a key that has one.
pub(super) fn value(pair: &Pair<'_>, key: &KeySchema, reach: Reach, sides: Sides<'_>, found: &mut Vec<Found>) {
    let (base, head) = (values(sides.base), values(sides.head));
    let forms = |list: &[Expr]| list.iter().map(form).collect::<Vec<_>>();
    if !base.is_empty() && forms(base) == forms(head) {
        found.push(super::otherwise(pair, key.name, sides));
        return;
    }
    if pair.kind == Kind::Metric && key.name == "status" {
        found.push(status(pair, sides));
        return;
    }
    let is_condition = matches!(key.name, "where" | "among" | "require" | "invites_where" | "responses_where");
    let words = match (base, head) {
        _ if is_condition => condition(pair, key.name, (base.first(), head.first())),
        ([base], [head]) if is_expression(key) => expression(pair, key.name, base, head),
        _ => single(pair, key, sides),
    };
    let open = match (base, head) {
        ([base], [head]) if is_condition || is_expression(key) => undecided::between(base, head),
        _ => None,
    };
    let said = |(base, head): (&Expr, &Expr)| {
        format!("whether `{}` and `{}` are the same", pair.before(base), pair.after(head))
    };
    found.push(Found { undecided: open.map(said), ..pair.found(reach, key.name, sides, words) });
}

fn is_expression(key: &KeySchema) -> bool {
    matches!(key.shape, Shape::Measure | Shape::Expression | Shape::Condition) || matches!(key.name, "each" | "weight")
}

/// Where a metric is in its life: cells appear and disappear with it.
fn status(pair: &Pair<'_>, sides: Sides<'_>) -> Found {
    let word = |side| values(side).first().map_or_else(|| "active".to_owned(), form);
    let (before, after) = (word(sides.base), word(sides.head));
    let is_published = |word: &str| matches!(word, "active" | "deprecated");
    let reach = match (is_published(&before), is_published(&after)) {
        _ if before == after => Reach::Cosmetic,
        (false, true) => Reach::New,
        (true, false) => Reach::Gone,
        _ => Reach::Policy,
    };
    let words = format!("status is `{after}` instead of `{before}`");
    Found { before: Some(before), after: Some(after), ..pair.found(reach, "status", sides, words) }
}

/// Conditions: what is asked now, and what is not asked any more.
fn condition(pair: &Pair<'_>, key: &str, (base, head): (Option<&Expr>, Option<&Expr>)) -> String {
    let (base, head) = (base.map_or_else(Vec::new, conjuncts), head.map_or_else(Vec::new, conjuncts));
    let forms = |list: &[&Expr]| list.iter().map(|expr| form(expr)).collect::<BTreeSet<_>>();
    let (in_base, in_head) = (forms(&base), forms(&head));
    let gone: Vec<&Expr> = base.iter().filter(|expr| !in_head.contains(&form(expr))).copied().collect();
    let new: Vec<&Expr> = head.iter().filter(|expr| !in_base.contains(&form(expr))).copied().collect();
    if let ([gone], [new]) = (&gone[..], &new[..])
        && let Some(words) = list(pair, gone, new)
    {
        return format!("`{key}`: {words}");
    }
    let gone: Vec<String> = gone.into_iter().map(|expr| pair.before(expr)).collect();
    let new: Vec<String> = new.into_iter().map(|expr| pair.after(expr)).collect();
    match (gone.is_empty(), new.is_empty()) {
        (true, true) => format!("`{key}` is written otherwise"),
        (true, false) if base.is_empty() => format!("`{key}` now asks {}", quoted(&new)),
        (true, false) => format!("`{key}` now also asks {}", quoted(&new)),
        (false, true) => format!("`{key}` no longer asks {}", quoted(&gone)),
        (false, false) => format!("`{key}` asks {} instead of {}", quoted(&new), quoted(&gone)),
    }
}

/// `channel in ("web", "app")`: which values are new, and which are gone.
fn list(pair: &Pair<'_>, base: &Expr, head: &Expr) -> Option<String> {
    let (one, operand, before) = as_list(base)?;
    let (other, head_operand, after) = as_list(head)?;
    if one != other || form(operand) != form(head_operand) {
        return None;
    }
    let forms = |list: &[&Expr]| list.iter().map(|expr| form(expr)).collect::<BTreeSet<_>>();
    let (in_base, in_head) = (forms(&before), forms(&after));
    let gone = before.iter().filter(|expr| !in_head.contains(&form(expr))).map(|expr| pair.before(expr));
    let new = after.iter().filter(|expr| !in_base.contains(&form(expr))).map(|expr| pair.after(expr));
    let (gone, new): (Vec<String>, Vec<String>) = (gone.collect(), new.collect());
    let (new_may, gone_may) =
        if one { ("may also be", "may no longer be") } else { ("may no longer be", "may also be") };
    let mut said = Vec::new();
    for (may, values) in [(new_may, new), (gone_may, gone)] {
        if !values.is_empty() {
            said.push(format!("{may} {}", quoted(&values)));
        }
    }
    (!said.is_empty()).then(|| format!("`{}` {}", pair.after(operand), said.join(", and ")))
}

/// Whether the values are those it may have, what is compared, and the values.
fn as_list(expr: &Expr) -> Option<(bool, &Expr, Vec<&Expr>)> {
    match &expr.kind {
        ExprKind::Infix { operator: Infix::In | Infix::Equal, left, right, .. } => Some((true, left, listed(right))),
        ExprKind::Infix { operator: Infix::NotIn | Infix::NotEqual, left, right, .. } => {
            Some((false, left, listed(right)))
        }
        _ => None,
    }
}

/// Expressions: the smallest part that differs.
fn expression(pair: &Pair<'_>, key: &str, base: &Expr, head: &Expr) -> String {
    let (before, after) = undecided::narrow(base, head);
    let is_whole = |part: &Expr, whole: &Expr| form(part) == form(whole);
    if is_whole(before, base) && is_whole(after, head) {
        return format!("`{key}` is `{}` instead of `{}`", pair.after(head), pair.before(base));
    }
    format!("in `{key}`, `{}` stands instead of `{}`", pair.after(after), pair.before(before))
}

fn single(pair: &Pair<'_>, key: &KeySchema, sides: Sides<'_>) -> String {
    let before = sides.base.map(|entry| super::text::of_entry(pair.base_text, entry));
    let after = sides.head.map(|entry| super::text::of_entry(pair.head_text, entry));
    let subject = match (pair.kind, key.name) {
        (_, "owner") => "owner is",
        (Kind::Metric, "customer") => "counts",
        (Kind::Metric, "from") => "counts rows of",
        (Kind::Metric, "window") | (Kind::Window, _) => "the window is",
        (_, "unit") => "the unit is",
        (_, name) => &format!("`{name}` is"),
    };
    let missing = match (key.name, key.default) {
        ("owner", _) => "nobody".to_owned(),
        (name, "") => {
            return match (before, after) {
                (Some(before), Some(after)) if before.len().max(after.len()) > LONG => {
                    format!("`{name}` says otherwise")
                }
                (Some(before), Some(after)) => format!("{subject} `{after}` instead of `{before}`"),
                (Some(before), None) => format!("`{name}` is gone; it was `{before}`"),
                (_, after) => format!("`{name}` is new: `{}`", after.unwrap_or_default()),
            };
        }
        (_, default) => format!("the default ({default})"),
    };
    let say = |side: Option<String>| side.map_or_else(|| missing.clone(), |text| format!("`{text}`"));
    format!("{subject} {} instead of {}", say(after), say(before))
}
