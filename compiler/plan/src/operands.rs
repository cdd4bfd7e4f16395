//! Formulas → expressions: of cells, and of single customers.

use crate::formula::{Formula, FormulaKind, Node, grow};
use crate::leaf::{ExprId, LeafId};
use crate::lower::call;
use crate::relation::{Binary, Expr, Function, ValueType};
use crate::typed::{self, Typed};
use std::rc::Rc;

/// What a formula is computed from.
pub(crate) trait Operands {
    /// The value of a leaf.
    fn leaf(&mut self, leaf: LeafId) -> Typed;
    /// What the customer at hand has; `stored`: an instant as it is stored.
    fn attribute(&mut self, id: ExprId, stored: bool) -> Typed;
    /// What is filled from earlier periods.
    fn filled(&mut self, place: usize) -> Typed;
}

/// The value of a formula.
pub(crate) fn value_of_formula(operands: &mut dyn Operands, formula: &Formula) -> Typed {
    match &formula.kind {
        FormulaKind::Null => Typed::null(),
        FormulaKind::Literal(literal) => Typed::constant(literal),
        FormulaKind::Leaf(leaf) => operands.leaf(*leaf),
        FormulaKind::Attribute { id, stored } => operands.attribute(*id, *stored),
        FormulaKind::Filled(place, _) => operands.filled(*place),
        FormulaKind::Node(node, parts) => grow(|| node_value(operands, *node, parts)),
    }
}

/// A column that holds a leaf, as a value: truth values are held as 1 and 0.
pub(crate) fn of_column(column: Expr, ty: ValueType) -> Typed {
    match ty {
        ValueType::Bool => Typed::new(Expr::binary(Binary::Equal, column, Expr::int(1)), ValueType::Bool),
        // Counts are kept whole until here; a measure is computed in doubles.
        ValueType::Int => Typed::new(column.cast(ValueType::Real), ValueType::Real),
        other => Typed::new(column, other),
    }
}

fn node_value(operands: &mut dyn Operands, node: Node, parts: &[Rc<Formula>]) -> Typed {
    let values: Vec<Typed> = parts.iter().map(|part| value_of_formula(operands, part)).collect();
    let count = values.len();
    let mut values = values.into_iter();
    let mut next = || values.next().unwrap_or_else(Typed::null);
    match node {
        Node::Not => typed::not(next()),
        Node::Minus => typed::minus(next()),
        Node::IsNull { negated } => typed::is_null(next(), negated),
        Node::Binary(operator) => {
            let left = next();
            typed::binary(operator, left, next())
        }
        Node::Case => {
            let branches = (0..count / 2).map(|_| (next(), next())).collect();
            let otherwise = (count % 2 == 1).then(next);
            typed::case(branches, otherwise)
        }
        Node::Call(function) => call(function, values.collect()),
        Node::WhereNone => {
            let (value, substitute) = (next(), next());
            // Where nothing was observed nothing was counted either.
            let known = |count: Typed| Expr::call(Function::Coalesce, vec![count.real(), typed::real(0.0)]);
            let none = values.map(|count| Expr::binary(Binary::Equal, known(count), typed::real(0.0)));
            match none.reduce(|left, right| Expr::binary(Binary::Or, left, right)) {
                Some(none) => {
                    let filled = typed::coalesce(vec![value.clone(), substitute]);
                    typed::case(vec![(Typed::new(none, ValueType::Bool), filled)], Some(value))
                }
                None => value,
            }
        }
        Node::AtLeast(minimum) => {
            let value = next();
            let enough = values.map(|count| Expr::binary(Binary::GreaterEqual, count.real(), typed::real_of(minimum)));
            match Expr::all(enough) {
                Some(enough) => typed::case(vec![(Typed::new(enough, ValueType::Bool), value)], None),
                None => value,
            }
        }
    }
}
