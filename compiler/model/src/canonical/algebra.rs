//! The rules by which two expressions are one, the same for rows and for measures.
//!
//! They hold for every value, null included: `not (a > b)` is `a <= b` where both are null too.

use super::{call, words};
use crate::row::{Binary, Literal, RowFunction};
use std::fmt::Write as _;

/// An expression, as far as these rules look into it.
pub(super) enum Shape<'e, E> {
    /// Something with a form of its own.
    Leaf,
    Literal(&'e Literal),
    Not(&'e E),
    Minus(&'e E),
    Binary(Binary, &'e E, &'e E),
    In {
        operand: &'e E,
        list: &'e [E],
        negated: bool,
    },
    IsNull {
        operand: &'e E,
        negated: bool,
    },
    Like {
        operand: &'e E,
        pattern: &'e E,
        negated: bool,
    },
    Case {
        branches: &'e [(E, E)],
        otherwise: Option<&'e E>,
    },
    Call {
        function: RowFunction,
        arguments: &'e [E],
    },
    Shift {
        operand: &'e E,
        months: i64,
        days: i64,
    },
}

/// Reads expressions of one sort.
pub(super) trait Reader<E> {
    fn shape<'e>(&self, expr: &'e E) -> Shape<'e, E>;

    /// The form of a leaf.
    fn leaf(&self, expr: &E) -> String;

    /// What stands for the form of an expression in a larger one.
    fn close(&self, form: String) -> String;

    /// The form of an expression, or of its negation.
    fn form(&self, expr: &E, negated: bool) -> String {
        let form = match self.shape(expr) {
            Shape::Leaf => return negation(self.leaf(expr), negated),
            Shape::Not(operand) => return self.form(operand, !negated),
            Shape::Literal(Literal::Bool(value)) => return (*value != negated).to_string(),
            Shape::Literal(literal) => return negation(words::literal(literal), negated),
            Shape::Binary(operator, left, right) => self.binary(expr, (operator, left, right), negated),
            Shape::In { operand, list, negated: not } => self.one_of(operand, list, not != negated),
            Shape::IsNull { operand, negated: not } => {
                negation(format!("null({})", self.form(operand, false)), not != negated)
            }
            Shape::Like { operand, pattern, negated: not } => {
                let (operand, pattern) = (self.form(operand, false), self.form(pattern, false));
                negation(format!("like({operand},{pattern})"), not != negated)
            }
            Shape::Minus(_) => negation(self.sum(expr), negated),
            Shape::Case { branches, otherwise } => negation(self.case(branches, otherwise), negated),
            Shape::Call { function, arguments } => negation(self.called(function, arguments), negated),
            Shape::Shift { operand, months, days } => {
                negation(format!("shift({},{months},{days})", self.form(operand, false)), negated)
            }
        };
        self.close(form)
    }

    fn binary(&self, expr: &E, (operator, left, right): (Binary, &E, &E), negated: bool) -> String {
        let pair = |name: &str| call(name, &[&self.form(left, false), &self.form(right, false)]);
        let turned = |name: &str| call(name, &[&self.form(right, false), &self.form(left, false)]);
        match (operator, negated) {
            (Binary::And | Binary::Or, _) => {
                let all = (operator == Binary::And) != negated;
                let mut operands = Vec::new();
                self.operands(expr, all, negated, &mut operands);
                operands.sort_unstable();
                operands.dedup();
                joined(if all { "and" } else { "or" }, operands)
            }
            (Binary::Equal, false) | (Binary::NotEqual, true) => self.either_way("equal", left, right),
            (Binary::NotEqual, false) | (Binary::Equal, true) => self.either_way("different", left, right),
            (Binary::Less, false) | (Binary::GreaterEqual, true) => pair("less"),
            (Binary::LessEqual, false) | (Binary::Greater, true) => pair("most"),
            (Binary::Greater, false) | (Binary::LessEqual, true) => turned("less"),
            (Binary::GreaterEqual, false) | (Binary::Less, true) => turned("most"),
            (Binary::Add | Binary::Subtract, _) => negation(self.sum(expr), negated),
            (Binary::Multiply, _) => {
                let mut factors = Vec::new();
                self.factors(expr, &mut factors);
                factors.sort_unstable();
                negation(joined("times", factors), negated)
            }
            (Binary::Divide, _) => negation(pair("over"), negated),
            (Binary::Remainder, _) => negation(pair("rest"), negated),
        }
    }

    fn either_way(&self, name: &str, left: &E, right: &E) -> String {
        let (left, right) = (self.form(left, false), self.form(right, false));
        if left <= right { call(name, &[&left, &right]) } else { call(name, &[&right, &left]) }
    }

    /// The operands of a conjunction (or of a disjunction), through those inside it.
    fn operands(&self, expr: &E, all: bool, negated: bool, found: &mut Vec<String>) {
        match self.shape(expr) {
            Shape::Not(operand) => self.operands(operand, all, !negated, found),
            Shape::Binary(operator @ (Binary::And | Binary::Or), left, right)
                if ((operator == Binary::And) != negated) == all =>
            {
                self.operands(left, all, negated, found);
                self.operands(right, all, negated, found);
            }
            _ => found.push(self.form(expr, negated)),
        }
    }

    fn sum(&self, expr: &E) -> String {
        let mut terms = Vec::new();
        self.terms(expr, false, &mut terms);
        terms.sort_unstable();
        joined("sum", terms)
    }

    fn terms(&self, expr: &E, minus: bool, found: &mut Vec<String>) {
        match self.shape(expr) {
            Shape::Minus(operand) => self.terms(operand, !minus, found),
            Shape::Binary(Binary::Add, left, right) => {
                self.terms(left, minus, found);
                self.terms(right, minus, found);
            }
            Shape::Binary(Binary::Subtract, left, right) => {
                self.terms(left, minus, found);
                self.terms(right, !minus, found);
            }
            _ => {
                let form = self.form(expr, false);
                found.push(match form.strip_prefix('-') {
                    Some(positive) if minus => positive.to_owned(),
                    None if minus => format!("-{form}"),
                    _ => form,
                });
            }
        }
    }

    fn factors(&self, expr: &E, found: &mut Vec<String>) {
        match self.shape(expr) {
            Shape::Binary(Binary::Multiply, left, right) => {
                self.factors(left, found);
                self.factors(right, found);
            }
            _ => found.push(self.form(expr, false)),
        }
    }

    fn one_of(&self, operand: &E, list: &[E], negated: bool) -> String {
        let mut values: Vec<String> = list.iter().map(|value| self.form(value, false)).collect();
        values.sort_unstable();
        values.dedup();
        if let [only] = list {
            return self.either_way(if negated { "different" } else { "equal" }, operand, only);
        }
        negation(format!("in({},[{}])", self.form(operand, false), values.join(",")), negated)
    }

    fn case(&self, branches: &[(E, E)], otherwise: Option<&E>) -> String {
        let mut form = "case(".to_owned();
        for (when, then) in branches {
            let _ = write!(form, "{}:{},", self.form(when, false), self.form(then, false));
        }
        form + &otherwise.map_or_else(|| "null".to_owned(), |value| self.form(value, false)) + ")"
    }

    fn called(&self, function: RowFunction, arguments: &[E]) -> String {
        let mut forms: Vec<String> = arguments.iter().map(|argument| self.form(argument, false)).collect();
        if matches!(function, RowFunction::Greatest | RowFunction::Least) {
            forms.sort_unstable();
        }
        call(function.word(), &forms)
    }
}

/// One form stands for itself.
fn joined(name: &str, mut forms: Vec<String>) -> String {
    if forms.len() == 1 { forms.swap_remove(0) } else { call(name, &forms) }
}

fn negation(form: String, negated: bool) -> String {
    if negated { format!("not({form})") } else { form }
}
