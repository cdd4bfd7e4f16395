//! Sub-expressions of which neither equality nor difference can be shown.
//!
//! Two forms that differ may still be equal: `score >= 9` and `score > 8` are on a scale of whole numbers. What reads other
//! columns, counts other words or compares otherwise is different; what reads the same and is built otherwise is undecided.

use super::parts::text::{bare, dotted, form, operands};
use groma_syntax::ast::{Argument, Expr, ExprKind, Infix};
use std::collections::BTreeSet;

/// The smallest pair of sub-expressions in which two expressions differ: as long as there is one difference, it is looked
/// for inside.
pub(super) fn narrow<'a>(base: &'a Expr, head: &'a Expr) -> (&'a Expr, &'a Expr) {
    let (base, head) = (bare(base), bare(head));
    let inside = match (&base.kind, &head.kind) {
        (ExprKind::Infix { operator: one, .. }, ExprKind::Infix { operator: other, .. })
            if one == other && !is_list(*one) =>
        {
            only_difference(parts_of(base, *one), parts_of(head, *other), is_commutative(*one))
        }
        (ExprKind::Prefix { operator: one, operand, .. }, ExprKind::Prefix { operator, operand: other, .. })
            if one == operator =>
        {
            Some((&**operand, &**other))
        }
        (ExprKind::Call { function, arguments }, ExprKind::Call { function: other, arguments: others })
            if dotted(function) == dotted(other) =>
        {
            let same_shape = arguments.iter().zip(others).all(|(one, other)| named(one) == named(other));
            let values = |arguments: &'a [Argument]| arguments.iter().map(value).collect();
            same_shape.then(|| only_difference(values(arguments), values(others), false)).flatten()
        }
        (ExprKind::Case { operand: None, .. }, ExprKind::Case { operand: None, .. }) => {
            only_difference(case_parts(base), case_parts(head), false)
        }
        _ => None,
    };
    inside.map_or((base, head), |(base, head)| narrow(base, head))
}

/// The smallest pair, where it cannot be decided.
pub(super) fn between<'a>(base: &'a Expr, head: &'a Expr) -> Option<(&'a Expr, &'a Expr)> {
    let (base, head) = narrow(base, head);
    (form(base) != form(head) && !is_different(base, head)).then_some((base, head))
}

/// Whether the two cannot be meant to be the same.
fn is_different(base: &Expr, head: &Expr) -> bool {
    let (leaf, other) = (is_leaf(base), is_leaf(head));
    if leaf && other || names(base) != names(head) || is_added(base, head) || is_added(head, base) {
        return true;
    }
    match (&base.kind, &head.kind) {
        // One says more than the other.
        (ExprKind::Infix { operator: one, .. }, ExprKind::Infix { operator: other, .. })
            if one == other && matches!(one, Infix::And | Infix::Or) =>
        {
            let forms = |expr| operands(expr, *one).into_iter().map(form).collect::<BTreeSet<_>>();
            let (base, head) = (forms(base), forms(head));
            base.is_subset(&head) || head.is_subset(&base)
        }
        // The same is compared or computed otherwise; of lists, other values are asked for.
        (
            ExprKind::Infix { operator: one, left, right, .. },
            ExprKind::Infix { operator: other, left: head_left, right: head_right, .. },
        ) => {
            let lists = is_value_or_list(*one) && is_value_or_list(*other);
            form(left) == form(head_left) && (lists || form(right) == form(head_right))
        }
        // The same is counted otherwise.
        (ExprKind::Call { arguments, .. }, ExprKind::Call { arguments: others, .. }) => {
            let forms = |arguments: &[Argument]| arguments.iter().map(|one| form(value(one))).collect::<Vec<_>>();
            forms(arguments) == forms(others)
        }
        _ => false,
    }
}

/// Whether an expression is another one with a number added to it, or times a number.
fn is_added(of: &Expr, expr: &Expr) -> bool {
    let ExprKind::Infix { operator, left, right, .. } = &expr.kind else { return false };
    let is_number = |expr: &Expr| matches!(bare(expr).kind, ExprKind::Number(_));
    let whole = form(of);
    let computes = matches!(operator, Infix::Add | Infix::Subtract | Infix::Multiply | Infix::Divide);
    computes && (is_number(right) && form(left) == whole || is_number(left) && form(right) == whole)
}

/// The pair in which two lists differ, if it is one.
fn only_difference<'a>(base: Vec<&'a Expr>, head: Vec<&'a Expr>, any_order: bool) -> Option<(&'a Expr, &'a Expr)> {
    if base.len() != head.len() {
        return None;
    }
    let mut pairs: Vec<(&Expr, &Expr)> = Vec::new();
    if any_order {
        let forms = |list: &[&Expr]| list.iter().map(|expr| form(expr)).collect::<BTreeSet<_>>();
        let (in_base, in_head) = (forms(&base), forms(&head));
        let gone = base.into_iter().filter(|expr| !in_head.contains(&form(expr)));
        let new = head.into_iter().filter(|expr| !in_base.contains(&form(expr)));
        let (gone, new): (Vec<_>, Vec<_>) = (gone.collect(), new.collect());
        if gone.len() == new.len() {
            pairs.extend(gone.into_iter().zip(new));
        }
    } else {
        pairs.extend(base.into_iter().zip(head).filter(|(base, head)| form(base) != form(head)));
    }
    match pairs[..] {
        [pair] => Some(pair),
        _ => None,
    }
}

fn parts_of(expr: &Expr, operator: Infix) -> Vec<&Expr> {
    match &expr.kind {
        _ if is_commutative(operator) => operands(expr, operator),
        ExprKind::Infix { left, right, .. } => vec![left, right],
        _ => Vec::new(),
    }
}

fn is_list(operator: Infix) -> bool {
    matches!(operator, Infix::In | Infix::NotIn)
}

fn is_value_or_list(operator: Infix) -> bool {
    is_list(operator) || matches!(operator, Infix::Equal | Infix::NotEqual)
}

fn is_commutative(operator: Infix) -> bool {
    matches!(operator, Infix::And | Infix::Or | Infix::Add | Infix::Multiply)
}

fn case_parts(expr: &Expr) -> Vec<&Expr> {
    let ExprKind::Case { branches, otherwise, .. } = &expr.kind else { return Vec::new() };
    branches.iter().flat_map(|branch| [&branch.when, &branch.then]).chain(otherwise.as_deref()).collect()
}

fn is_leaf(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Number(_)
            | ExprKind::Percent(_)
            | ExprKind::Quantity { .. }
            | ExprKind::Text(_)
            | ExprKind::Date(_)
            | ExprKind::Bool(_)
            | ExprKind::Null
            | ExprKind::Path(_)
    )
}

fn named(argument: &Argument) -> Option<&str> {
    match argument {
        Argument::Value(_) => None,
        Argument::Named { name, .. } => Some(&name.text),
        Argument::Where(_) => Some("where"),
    }
}

fn value(argument: &Argument) -> &Expr {
    let (Argument::Value(value) | Argument::Named { value, .. } | Argument::Where(value)) = argument;
    value
}

/// What an expression reads.
fn names(expr: &Expr) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    crate::check::walk::visit(expr, &mut |part| {
        if let ExprKind::Path(path) = &part.kind {
            found.insert(dotted(path));
        }
    });
    found
}
