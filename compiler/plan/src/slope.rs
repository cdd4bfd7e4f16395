//! Slopes: how a measure moves with each of its leaves, as formulas.

use crate::formula::{Formula, FormulaKind, Node, compound, single};
use crate::leaf::LeafId;
use groma_model::row::{Binary, Literal, RowFunction};
use std::rc::Rc;

/// The derivative of a formula by a leaf; none where it is 0. The formula is smooth.
pub(crate) fn slope(formula: &Rc<Formula>, leaf: LeafId) -> Option<Rc<Formula>> {
    match &formula.kind {
        FormulaKind::Leaf(own) => (*own == leaf).then(one),
        FormulaKind::Node(Node::Minus, parts) => Some(negative(slope(&parts[0], leaf)?)),
        FormulaKind::Node(Node::Call(RowFunction::Coalesce) | Node::AtLeast(_) | Node::WhereNone, parts) => {
            slope(&parts[0], leaf)
        }
        FormulaKind::Node(Node::Binary(operator), parts) => {
            let (left, right) = (&parts[0], &parts[1]);
            let (by_left, by_right) = (slope(left, leaf), slope(right, leaf));
            match operator {
                Binary::Add => sum(by_left, by_right),
                Binary::Subtract => sum(by_left, by_right.map(negative)),
                Binary::Multiply => sum(
                    by_left.map(|by| binary(Binary::Multiply, by, Rc::clone(right))),
                    by_right.map(|by| binary(Binary::Multiply, Rc::clone(left), by)),
                ),
                Binary::Divide => sum(
                    by_left.map(|by| binary(Binary::Divide, by, Rc::clone(right))),
                    by_right.map(|by| {
                        let value = binary(Binary::Divide, Rc::clone(formula), Rc::clone(right));
                        negative(binary(Binary::Multiply, value, by))
                    }),
                ),
                _ => None,
            }
        }
        _ => None,
    }
}

fn one() -> Rc<Formula> {
    single(FormulaKind::Literal(Literal::Int(1)))
}

fn negative(formula: Rc<Formula>) -> Rc<Formula> {
    compound(Node::Minus, vec![formula])
}

fn binary(operator: Binary, left: Rc<Formula>, right: Rc<Formula>) -> Rc<Formula> {
    match (&left.kind, &right.kind, operator) {
        (FormulaKind::Literal(Literal::Int(1)), _, Binary::Multiply) => right,
        (_, FormulaKind::Literal(Literal::Int(1)), Binary::Multiply) => left,
        _ => compound(Node::Binary(operator), vec![left, right]),
    }
}

fn sum(left: Option<Rc<Formula>>, right: Option<Rc<Formula>>) -> Option<Rc<Formula>> {
    match (left, right) {
        (Some(left), Some(right)) => Some(compound(Node::Binary(Binary::Add), vec![left, right])),
        (left, right) => left.or(right),
    }
}
