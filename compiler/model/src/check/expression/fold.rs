//! Constants that are known while compiling: whole numbers and conditions on them.
//!
//! `csat` chooses its boxes by the scale it is given; folding turns that choice into a number before any SQL is made.

use crate::row::{Binary, Literal, RowExpr, RowKind};

/// The expression with what is known about it worked out.
pub(crate) fn fold(mut expr: RowExpr) -> RowExpr {
    let folded = match &mut expr.kind {
        RowKind::Binary { operator, left, right } => match (&left.kind, &right.kind) {
            (RowKind::Literal(left), RowKind::Literal(right)) => binary(*operator, left, right),
            _ => None,
        },
        RowKind::Minus(operand) => match &operand.kind {
            RowKind::Literal(Literal::Int(value)) => value.checked_neg().map(Literal::Int),
            _ => None,
        },
        RowKind::Case { branches, otherwise } => {
            branches.retain(|(when, _)| when.kind != RowKind::Literal(Literal::Bool(false)));
            let taken = match branches.first() {
                Some((when, then)) if when.kind == RowKind::Literal(Literal::Bool(true)) => Some(then.clone()),
                None => otherwise.take().map(|expr| *expr),
                _ => None,
            };
            if let Some(taken) = taken {
                return taken;
            }
            None
        }
        _ => None,
    };
    if let Some(literal) = folded {
        expr.kind = RowKind::Literal(literal);
    }
    expr
}

fn binary(operator: Binary, left: &Literal, right: &Literal) -> Option<Literal> {
    let (Literal::Int(left), Literal::Int(right)) = (left, right) else { return None };
    let int = |value: Option<i64>| value.map(Literal::Int);
    let bool = |value: bool| Some(Literal::Bool(value));
    match operator {
        Binary::Add => int(left.checked_add(*right)),
        Binary::Subtract => int(left.checked_sub(*right)),
        Binary::Multiply => int(left.checked_mul(*right)),
        Binary::Equal => bool(left == right),
        Binary::NotEqual => bool(left != right),
        Binary::Less => bool(left < right),
        Binary::LessEqual => bool(left <= right),
        Binary::Greater => bool(left > right),
        Binary::GreaterEqual => bool(left >= right),
        Binary::Divide | Binary::Remainder | Binary::Or | Binary::And => None,
    }
}
