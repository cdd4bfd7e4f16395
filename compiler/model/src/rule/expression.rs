//! Conditions of rules, with every name resolved.

use super::relation::Way;
use super::value::{Sort, Value};
use crate::time::Offset;
use groma_syntax::Span;

/// An expression of a rule. Attributes and things are numbers: nothing is looked up by its name while rules run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Constant(Value),
    /// The day of the judgement.
    Today,
    /// The thing that a name stands for, outer ones first.
    Thing(usize),
    /// An attribute of a thing, by its place among those of its sort.
    Attribute {
        of: Box<Node>,
        sort: Sort,
        attribute: usize,
    },
    Not(Box<Node>),
    Minus(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Compare {
        how: Compare,
        left: Box<Node>,
        right: Box<Node>,
    },
    Arithmetic {
        how: Arithmetic,
        left: Box<Node>,
        right: Box<Node>,
        span: Span,
    },
    /// A date and a length of time.
    Shift {
        date: Box<Node>,
        by: Offset,
    },
    In {
        item: Box<Node>,
        among: Among,
        negated: bool,
    },
    Like {
        text: Box<Node>,
        pattern: Box<Node>,
        negated: bool,
    },
    IsNull {
        operand: Box<Node>,
        negated: bool,
    },
    Case {
        branches: Vec<(Node, Node)>,
        otherwise: Option<Box<Node>>,
    },
    Call {
        function: Function,
        arguments: Vec<Node>,
    },
    Quantified(Box<Quantified>),
}

/// What something may be among.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Among {
    Values(Vec<Node>),
    List(Box<Node>),
}

/// `every source of m has source.owner is not null`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Quantified {
    pub(crate) which: Which,
    pub(crate) sort: Sort,
    /// Of all things without one.
    pub(crate) relation: Option<(Way, Node)>,
    /// The number under which the condition knows the thing.
    pub(crate) slot: usize,
    pub(crate) condition: Option<Node>,
    /// Whether the condition looks at nothing but the thing: then what it says of all things is known once.
    pub(crate) alone: bool,
    /// An attribute of the thing that must equal something else for the condition to hold.
    pub(crate) key: Option<(usize, Node)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Every,
    Any,
    No,
    Count,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compare {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// The functions of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Lower,
    Upper,
    Length,
    Abs,
    /// How many elements a list has.
    Count,
    Coalesce,
}

/// The functions by name.
pub(crate) const FUNCTIONS: [(&str, Function); 6] = [
    ("lower", Function::Lower),
    ("upper", Function::Upper),
    ("length", Function::Length),
    ("abs", Function::Abs),
    ("count", Function::Count),
    ("coalesce", Function::Coalesce),
];

impl Node {
    /// The parts of an expression.
    pub(crate) fn parts(&self) -> Vec<&Node> {
        match self {
            Node::Constant(_) | Node::Today | Node::Thing(_) => Vec::new(),
            Node::Attribute { of, .. } => vec![of],
            Node::Not(operand)
            | Node::Minus(operand)
            | Node::Shift { date: operand, .. }
            | Node::IsNull { operand, .. } => vec![operand],
            Node::And(left, right)
            | Node::Or(left, right)
            | Node::Compare { left, right, .. }
            | Node::Arithmetic { left, right, .. }
            | Node::Like { text: left, pattern: right, .. } => vec![left, right],
            Node::In { item, among: Among::List(list), .. } => vec![item, list],
            Node::In { item, among: Among::Values(values), .. } => {
                std::iter::once(&**item).chain(values.iter()).collect()
            }
            Node::Case { branches, otherwise } => {
                let branches = branches.iter().flat_map(|(when, then)| [when, then]);
                branches.chain(otherwise.iter().map(|otherwise| &**otherwise)).collect()
            }
            Node::Call { arguments, .. } => arguments.iter().collect(),
            Node::Quantified(quantified) => {
                let of = quantified.relation.iter().map(|(_, of)| of);
                of.chain(&quantified.condition).collect()
            }
        }
    }

    /// Whether some part of it, or the whole, is so.
    pub(crate) fn has(&self, test: &dyn Fn(&Node) -> bool) -> bool {
        test(self) || self.parts().into_iter().any(|part| part.has(test))
    }

    /// Whether it looks at a thing with another number.
    pub(crate) fn looks_beyond(&self, slot: usize) -> bool {
        self.has(&|node| matches!(node, Node::Thing(other) if *other < slot))
    }

    /// An attribute of the thing of a number that must equal something that does not look at the thing, for this to hold.
    pub(crate) fn key(&self, slot: usize) -> Option<(usize, Node)> {
        let of_thing = |node: &Node| match node {
            Node::Attribute { of, attribute, .. } if **of == Node::Thing(slot) => Some(*attribute),
            _ => None,
        };
        let elsewhere = |node: &Node| !node.has(&|part| matches!(part, Node::Thing(at) if *at >= slot));
        match self {
            Node::And(left, right) => left.key(slot).or_else(|| right.key(slot)),
            Node::Compare { how: Compare::Equal, left, right } => [(left, right), (right, left)]
                .into_iter()
                .find_map(|(side, other)| Some((of_thing(side)?, (**other).clone())).filter(|_| elsewhere(other))),
            _ => None,
        }
    }
}
