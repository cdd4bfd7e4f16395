//! Formulas: measures over leaves, with the metrics that they are made of written out.

use crate::leaf::{ExprId, LeafId};
use groma_model::row::{Binary, Literal, RowFunction};
use std::collections::BTreeSet;
use std::rc::Rc;

/// Stack that one more level may need, and what is added when it is not there.
const RED_ZONE: usize = 128 * 1024;
const MORE_STACK: usize = 2 * 1024 * 1024;

/// A measure over leaves.
#[derive(Debug)]
pub(crate) struct Formula {
    pub(crate) kind: FormulaKind,
    pub(crate) parts: usize,
    pub(crate) depth: usize,
    /// A part of it was reported as too large.
    pub(crate) refused: bool,
}

/// The shapes of formulas.
#[derive(Debug)]
pub(crate) enum FormulaKind {
    Null,
    Literal(Literal),
    Leaf(LeafId),
    /// What the customer at hand has; `stored`: an instant as it is stored.
    Attribute {
        id: ExprId,
        stored: bool,
    },
    /// The value of the nearest earlier period that has one; by its place in [`Flat::fills`].
    Filled(usize, Rc<Formula>),
    Node(Node, Vec<Rc<Formula>>),
}

/// What is made of the parts of a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Node {
    Not,
    Minus,
    Binary(Binary),
    IsNull {
        negated: bool,
    },
    /// Conditions and results in turn; the last is what stands after `else`, if there is an odd number of parts.
    Case,
    Call(RowFunction),
    /// The first part, where each of the others, which are counts, is at least so many.
    AtLeast(i64),
    /// The first part; the second, where the first has no value and one of the others, which are counts, is 0.
    WhereNone,
}

impl Formula {
    /// The leaves it is made of.
    pub(crate) fn leaves(&self) -> BTreeSet<LeafId> {
        let mut found = BTreeSet::new();
        let mut open = vec![self];
        while let Some(formula) = open.pop() {
            match &formula.kind {
                FormulaKind::Leaf(leaf) => {
                    found.insert(*leaf);
                }
                FormulaKind::Node(_, parts) => open.extend(parts.iter().map(|part| &**part)),
                FormulaKind::Filled(_, inner) => open.push(inner),
                FormulaKind::Null | FormulaKind::Literal(_) | FormulaKind::Attribute { .. } => {}
            }
        }
        found
    }
}

impl Formula {
    /// What is filled in it, by its places in [`crate::flatten::Flat::fills`].
    pub(crate) fn fills(&self) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut open = vec![self];
        while let Some(formula) = open.pop() {
            match &formula.kind {
                FormulaKind::Filled(place, inner) => {
                    found.insert(*place);
                    open.push(inner);
                }
                FormulaKind::Node(_, parts) => open.extend(parts.iter().map(|part| &**part)),
                _ => {}
            }
        }
        found
    }
}

/// The leaves whose observations stand behind a value: of a ratio those of the denominator.
pub(crate) fn behind(formula: &Formula) -> BTreeSet<LeafId> {
    let all = |parts: &[Rc<Formula>]| parts.iter().flat_map(|part| grow(|| behind(part))).collect();
    match &formula.kind {
        FormulaKind::Null | FormulaKind::Literal(_) | FormulaKind::Attribute { .. } => BTreeSet::new(),
        FormulaKind::Leaf(leaf) => BTreeSet::from([*leaf]),
        FormulaKind::Filled(_, inner) => grow(|| behind(inner)),
        FormulaKind::Node(Node::Binary(Binary::Divide), parts) => {
            let denominator: BTreeSet<LeafId> = all(&parts[1..]);
            if denominator.is_empty() { all(parts) } else { denominator }
        }
        FormulaKind::Node(Node::AtLeast(_) | Node::WhereNone, parts) => all(&parts[..1]),
        FormulaKind::Node(_, parts) => all(parts),
    }
}

/// Runs something that may nest deeply.
pub(crate) fn grow<T>(run: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(RED_ZONE, MORE_STACK, run)
}

pub(crate) fn null() -> Rc<Formula> {
    single(FormulaKind::Null)
}

pub(crate) fn refused() -> Rc<Formula> {
    Rc::new(Formula { kind: FormulaKind::Null, parts: 1, depth: 1, refused: true })
}

pub(crate) fn single(kind: FormulaKind) -> Rc<Formula> {
    Rc::new(Formula { kind, parts: 1, depth: 1, refused: false })
}

pub(crate) fn compound(node: Node, parts: Vec<Rc<Formula>>) -> Rc<Formula> {
    let count = parts.iter().fold(1_usize, |sum, part| sum.saturating_add(part.parts));
    let depth = parts.iter().map(|part| part.depth).max().unwrap_or(0) + 1;
    let refused = parts.iter().any(|part| part.refused);
    Rc::new(Formula { kind: FormulaKind::Node(node, parts), parts: count, depth, refused })
}
