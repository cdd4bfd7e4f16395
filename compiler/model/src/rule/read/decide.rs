//! Whether a condition has anything to decide.

use super::UNDECIDABLE;
use crate::rule::attribute::attributes;
use crate::rule::evaluate::constants;
use crate::rule::expression::{Among, Node};
use crate::rule::value::Value;
use groma_syntax::{Diagnostic, Span};

/// What a condition may turn out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Outcomes {
    yes: bool,
    no: bool,
    unknown: bool,
}

const ANY: Outcomes = Outcomes { yes: true, no: true, unknown: true };
const KNOWN: Outcomes = Outcomes { yes: true, no: true, unknown: false };

/// Says of a condition that it decides nothing, if so: it never holds, it always does, or it is the same for everything.
pub(crate) fn decided(node: &Node, span: Span, key: &str) -> Option<Diagnostic> {
    let looks = node.has(&|part| matches!(part, Node::Thing(_) | Node::Quantified(_)));
    let found = outcomes(node);
    let (headline, label) = match found {
        Outcomes { yes: false, no: false, .. } => ("can never be known", "null for everything"),
        Outcomes { yes: false, .. } => ("never holds, whatever is declared", "true of nothing"),
        Outcomes { no: false, unknown: false, .. } => ("always holds, whatever is declared", "true of everything"),
        _ if !looks => ("looks at no declaration, so it is the same for all", "says the same of everything"),
        _ => return None,
    };
    let finding = UNDECIDABLE.finding(format!("`{key}` of this rule {headline}")).at(span, label);
    Some(finding.help("say something of the thing that the rule is about"))
}

fn outcomes(node: &Node) -> Outcomes {
    match node {
        Node::Constant(value) => of_value(match value {
            Value::Bool(truth) => Some(*truth),
            _ => None,
        }),
        Node::Not(operand) => {
            let operand = outcomes(operand);
            Outcomes { yes: operand.no, no: operand.yes, ..operand }
        }
        Node::And(left, right) => both(outcomes(left), outcomes(right)),
        Node::Or(left, right) => {
            let turned = |found: Outcomes| Outcomes { yes: found.no, no: found.yes, ..found };
            turned(both(turned(outcomes(left)), turned(outcomes(right))))
        }
        Node::Compare { how, left, right } => match (&**left, &**right) {
            (Node::Constant(Value::Null), _) | (_, Node::Constant(Value::Null)) => of_value(None),
            (Node::Constant(left), Node::Constant(right)) => of_value(constants(*how, left, right)),
            _ => ANY,
        },
        Node::IsNull { operand, negated } => match &**operand {
            Node::Constant(value) => of_value(Some(value.is_null() != *negated)),
            operand if is_never_null(operand) => of_value(Some(*negated)),
            _ => KNOWN,
        },
        Node::In { among: Among::Values(values), negated, .. } if values.is_empty() => of_value(Some(*negated)),
        _ => ANY,
    }
}

fn of_value(truth: Option<bool>) -> Outcomes {
    Outcomes { yes: truth == Some(true), no: truth == Some(false), unknown: truth.is_none() }
}

/// What `and` of two may be.
fn both(left: Outcomes, right: Outcomes) -> Outcomes {
    Outcomes {
        yes: left.yes && right.yes,
        no: left.no || right.no,
        unknown: (left.unknown && (right.unknown || right.yes)) || (right.unknown && left.yes),
    }
}

/// Whether everything sound has the attribute.
fn is_never_null(node: &Node) -> bool {
    match node {
        Node::Thing(_) => true,
        Node::Attribute { of, sort, attribute } => {
            matches!(**of, Node::Thing(_)) && attributes(*sort)[*attribute].never_null
        }
        _ => false,
    }
}
