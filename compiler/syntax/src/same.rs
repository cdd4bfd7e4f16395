//! Whether two trees say the same, wherever they were written.

use crate::ast::{Argument, Block, Branch, Doc, Entry, Expr, ExprKind, File, Item, Name, Param};

/// Whether two files declare the same, up to places and comments.
pub fn same_tree(one: &File, other: &File) -> bool {
    all(&one.items, &other.items, same_item)
}

fn all<T>(one: &[T], other: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
}

fn option<T>(one: Option<&T>, other: Option<&T>, same: impl Fn(&T, &T) -> bool) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => same(one, other),
        (None, None) => true,
        _ => false,
    }
}

fn name(one: &Name, other: &Name) -> bool {
    one.text == other.text
}

fn doc(one: Option<&Doc>, other: Option<&Doc>) -> bool {
    option(one, other, |one, other| one.text == other.text)
}

/// Whether two declarations say the same in the same order, up to places and comments.
pub fn same_item(one: &Item, other: &Item) -> bool {
    doc(one.doc.as_ref(), other.doc.as_ref())
        && name(&one.kind, &other.kind)
        && name(&one.name, &other.name)
        && all(&one.params, &other.params, param)
        && option(one.returns.as_ref(), other.returns.as_ref(), same_expr)
        && block(&one.body, &other.body)
        && one.broken == other.broken
}

fn param(one: &Param, other: &Param) -> bool {
    name(&one.name, &other.name)
        && same_expr(&one.ty, &other.ty)
        && option(one.default.as_ref(), other.default.as_ref(), same_expr)
}

fn block(one: &Block, other: &Block) -> bool {
    all(&one.entries, &other.entries, entry)
}

/// Whether two entries say the same, up to places, comments and documentation.
pub fn same_undocumented(one: &Entry, other: &Entry) -> bool {
    match (one, other) {
        (Entry::Value { key: one_key, values, .. }, Entry::Value { key, values: others, .. }) => {
            name(one_key, key) && all(values, others, same_expr)
        }
        (
            Entry::Group { key: one_key, name: one_name, body, .. },
            Entry::Group { key, name: other, body: others, .. },
        ) => {
            name(one_key, key)
                && option(one_name.as_ref(), other.as_ref(), name)
                && all(&body.entries, &others.entries, same_undocumented)
        }
        _ => false,
    }
}

fn entry(one: &Entry, other: &Entry) -> bool {
    match (one, other) {
        (
            Entry::Value { doc: one_doc, key: one_key, values, .. },
            Entry::Value { doc: other_doc, key, values: others, .. },
        ) => doc(one_doc.as_ref(), other_doc.as_ref()) && name(one_key, key) && all(values, others, same_expr),
        (
            Entry::Group { doc: one_doc, key: one_key, name: one_name, body, .. },
            Entry::Group { doc: other_doc, key, name: other_name, body: other_body, .. },
        ) => {
            doc(one_doc.as_ref(), other_doc.as_ref())
                && name(one_key, key)
                && option(one_name.as_ref(), other_name.as_ref(), name)
                && block(body, other_body)
        }
        _ => false,
    }
}

/// Whether two expressions say the same.
pub fn same_expr(one: &Expr, other: &Expr) -> bool {
    use ExprKind::{
        Between, Bool, Call, Case, Date, Group, Infix, IsNull, Null, Number, Path, Percent, Prefix, Quantity,
    };
    use ExprKind::{Text, Tuple};
    match (&one.kind, &other.kind) {
        (Number(one), Number(other)) | (Percent(one), Percent(other)) | (Date(one), Date(other)) => one == other,
        (Quantity { number: one, unit: one_unit }, Quantity { number, unit }) => one == number && name(one_unit, unit),
        (Text(one), Text(other)) => one == other,
        (Bool(one), Bool(other)) => one == other,
        (Null, Null) => true,
        (Path(one), Path(other)) => all(one, other, name),
        (Call { function: one, arguments: ones }, Call { function, arguments }) => {
            all(one, function, name) && all(ones, arguments, argument)
        }
        (Tuple(one), Tuple(other)) => all(one, other, same_expr),
        (Group(one), Group(other)) => same_expr(one, other),
        (Prefix { operator: one, operand: below, .. }, Prefix { operator, operand, .. }) => {
            one == operator && same_expr(below, operand)
        }
        (Infix { operator: one, left: one_left, right: one_right, .. }, Infix { operator, left, right, .. }) => {
            one == operator && same_expr(one_left, left) && same_expr(one_right, right)
        }
        (
            Between { operand: one, negated: one_negated, low: one_low, high: one_high },
            Between { operand, negated, low, high },
        ) => one_negated == negated && same_expr(one, operand) && same_expr(one_low, low) && same_expr(one_high, high),
        (IsNull { operand: one, negated: one_negated }, IsNull { operand, negated }) => {
            one_negated == negated && same_expr(one, operand)
        }
        (Case { operand: one, branches: ones, otherwise: one_otherwise }, Case { operand, branches, otherwise }) => {
            let boxed = |one: &Option<Box<Expr>>, other: &Option<Box<Expr>>| {
                option(one.as_deref(), other.as_deref(), same_expr)
            };
            boxed(one, operand) && all(ones, branches, branch) && boxed(one_otherwise, otherwise)
        }
        _ => false,
    }
}

fn argument(one: &Argument, other: &Argument) -> bool {
    match (one, other) {
        (Argument::Value(one), Argument::Value(other)) | (Argument::Where(one), Argument::Where(other)) => {
            same_expr(one, other)
        }
        (Argument::Named { name: one, value: one_value }, Argument::Named { name: other, value }) => {
            name(one, other) && same_expr(one_value, value)
        }
        _ => false,
    }
}

fn branch(one: &Branch, other: &Branch) -> bool {
    same_expr(&one.when, &other.when) && same_expr(&one.then, &other.then)
}
