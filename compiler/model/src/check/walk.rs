//! Walking over expressions as they are written.

use groma_syntax::ast::{Argument, Expr, ExprKind};

/// Calls `look` for the expression and all its parts.
pub(crate) fn visit<'a>(expr: &'a Expr, look: &mut dyn FnMut(&'a Expr)) {
    look(expr);
    for_each_part(expr, &mut |part| visit(part, look));
}

/// Calls `change` for the expression and all its parts, the whole before its parts.
pub(crate) fn visit_mut(expr: &mut Expr, change: &mut dyn FnMut(&mut Expr)) {
    change(expr);
    match &mut expr.kind {
        ExprKind::Call { arguments, .. } => {
            for argument in arguments {
                let (Argument::Value(value) | Argument::Named { value, .. } | Argument::Where(value)) = argument;
                visit_mut(value, change);
            }
        }
        ExprKind::Tuple(items) => items.iter_mut().for_each(|item| visit_mut(item, change)),
        ExprKind::Group(operand) | ExprKind::Prefix { operand, .. } | ExprKind::IsNull { operand, .. } => {
            visit_mut(operand, change);
        }
        ExprKind::Infix { left, right, .. } => [left, right].into_iter().for_each(|side| visit_mut(side, change)),
        ExprKind::Between { operand, low, high, .. } => {
            [operand, low, high].into_iter().for_each(|part| visit_mut(part, change));
        }
        ExprKind::Case { operand, branches, otherwise } => {
            operand.iter_mut().for_each(|operand| visit_mut(operand, change));
            for branch in branches {
                visit_mut(&mut branch.when, change);
                visit_mut(&mut branch.then, change);
            }
            otherwise.iter_mut().for_each(|otherwise| visit_mut(otherwise, change));
        }
        ExprKind::Number(_)
        | ExprKind::Percent(_)
        | ExprKind::Quantity { .. }
        | ExprKind::Text(_)
        | ExprKind::Date(_)
        | ExprKind::Bool(_)
        | ExprKind::Null
        | ExprKind::Path(_) => {}
    }
}

/// Calls `look` for the direct parts of an expression.
pub(crate) fn for_each_part<'a>(expr: &'a Expr, look: &mut dyn FnMut(&'a Expr)) {
    match &expr.kind {
        ExprKind::Call { arguments, .. } => {
            for argument in arguments {
                match argument {
                    Argument::Value(value) | Argument::Named { value, .. } | Argument::Where(value) => look(value),
                }
            }
        }
        ExprKind::Tuple(items) => items.iter().for_each(look),
        ExprKind::Group(inner) => look(inner),
        ExprKind::Prefix { operand, .. } | ExprKind::IsNull { operand, .. } => look(operand),
        ExprKind::Infix { left, right, .. } => {
            look(left);
            look(right);
        }
        ExprKind::Between { operand, low, high, .. } => {
            look(operand);
            look(low);
            look(high);
        }
        ExprKind::Case { operand, branches, otherwise } => {
            if let Some(operand) = operand {
                look(operand);
            }
            for branch in branches {
                look(&branch.when);
                look(&branch.then);
            }
            if let Some(otherwise) = otherwise {
                look(otherwise);
            }
        }
        ExprKind::Number(_)
        | ExprKind::Percent(_)
        | ExprKind::Quantity { .. }
        | ExprKind::Text(_)
        | ExprKind::Date(_)
        | ExprKind::Bool(_)
        | ExprKind::Null
        | ExprKind::Path(_) => {}
    }
}
