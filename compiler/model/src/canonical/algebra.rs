//! The rules by which two expressions are one, the same for rows and for measures.
//!
//! They hold for every value, null included: `not (a > b)` is `a <= b` where both are null too. Sums and products are those of
//! arithmetic: in which order the last digits of a fraction are rounded is none of them.
//!
//! The first form knows fewer rules than the second, and keeps to them.

use super::{Form, call, words};
use crate::row::{Binary, Literal, RowFunction};
use std::fmt::Write as _;

/// An expression, as far as these rules look into it.
pub(crate) enum Shape<'e, E> {
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
    /// Not in the first form, whose expressions have comparisons instead.
    Between {
        operand: &'e E,
        low: &'e E,
        high: &'e E,
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
pub(crate) trait Reader<E> {
    /// Whose rules hold.
    fn version(&self) -> Form;

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
            Shape::In { negated: not, .. } if self.version() == Form::Two => {
                self.joined_by(expr, not != negated, negated)
            }
            Shape::In { operand, list, negated: not } => self.one_of(operand, list, not != negated),
            Shape::Between { negated: not, .. } => self.joined_by(expr, not == negated, negated),
            Shape::IsNull { operand, negated: not } => {
                negation(format!("null({})", self.form(self.deciding(operand), false)), not != negated)
            }
            Shape::Like { operand, pattern, negated: not } => {
                let (operand, pattern) = (self.form(operand, false), self.form(pattern, false));
                negation(format!("like({operand},{pattern})"), not != negated)
            }
            Shape::Minus(_) => negation(self.sum(expr), negated),
            Shape::Case { branches, otherwise } => negation(self.case(branches, otherwise), negated),
            Shape::Call { function, arguments } => negation(self.called(expr, function, arguments), negated),
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
            (Binary::And | Binary::Or, _) => self.joined_by(expr, (operator == Binary::And) != negated, negated),
            (Binary::Equal, false) | (Binary::NotEqual, true) => self.same(left, right, false),
            (Binary::NotEqual, false) | (Binary::Equal, true) => self.same(left, right, true),
            (Binary::Less, false) | (Binary::GreaterEqual, true) => pair("less"),
            (Binary::LessEqual, false) | (Binary::Greater, true) => pair("most"),
            (Binary::Greater, false) | (Binary::LessEqual, true) => turned("less"),
            (Binary::GreaterEqual, false) | (Binary::Less, true) => turned("most"),
            (Binary::Add | Binary::Subtract, _) => negation(self.sum(expr), negated),
            (Binary::Multiply, _) => negation(self.product(expr), negated),
            (Binary::Divide, _) => negation(self.quotient(left, right), negated),
            (Binary::Remainder, _) => negation(pair("rest"), negated),
        }
    }

    /// Whether two values are the same, or are not. What is compared with `true` or `false` is the condition itself.
    fn same(&self, left: &E, right: &E, negated: bool) -> String {
        if self.version() == Form::Two {
            for (one, other) in [(left, right), (right, left)] {
                if let Shape::Literal(Literal::Bool(value)) = self.shape(one) {
                    return self.form(other, *value == negated);
                }
            }
        }
        self.either_way(if negated { "different" } else { "equal" }, left, right)
    }

    /// What decides whether an expression is null: its negation is null where it is.
    fn deciding<'e>(&self, expr: &'e E) -> &'e E {
        match self.shape(expr) {
            Shape::Not(operand) | Shape::Minus(operand) if self.version() == Form::Two => self.deciding(operand),
            _ => expr,
        }
    }

    fn either_way(&self, name: &str, left: &E, right: &E) -> String {
        in_order(name, self.form(left, false), self.form(right, false))
    }

    /// A conjunction, or a disjunction.
    fn joined_by(&self, expr: &E, all: bool, negated: bool) -> String {
        let mut operands = Vec::new();
        self.operands(expr, all, negated, &mut operands);
        match self.version() {
            Form::One => {
                operands.sort_unstable();
                operands.dedup();
                joined(if all { "and" } else { "or" }, operands)
            }
            Form::Two => together(all, operands),
        }
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
            Shape::Binary(operator @ (Binary::And | Binary::Or), left, right)
                if self.version() == Form::Two && self.is_truth(left, right, operator == Binary::And) =>
            {
                let is_left = matches!(self.shape(left), Shape::Literal(Literal::Bool(_)));
                self.operands(if is_left { right } else { left }, all, negated, found);
            }
            // To be in a list is to be one of its values; not to be in it, to be none.
            Shape::In { operand, list, negated: not } if self.version() == Form::Two && (not != negated) == all => {
                let (operand, name) = (self.form(operand, false), if all { "different" } else { "equal" });
                found.extend(list.iter().map(|value| in_order(name, operand.clone(), self.form(value, false))));
            }
            Shape::Between { operand, low, high, negated: not } if (not == negated) == all => {
                let [operand, low, high] = [operand, low, high].map(|part| self.form(part, false));
                found.extend(match all {
                    true => [call("most", &[&low, &operand]), call("most", &[&operand, &high])],
                    false => [call("less", &[&operand, &low]), call("less", &[&high, &operand])],
                });
            }
            _ => found.push(self.form(expr, negated)),
        }
    }

    /// Whether one of two operands says nothing beside the other.
    fn is_truth(&self, left: &E, right: &E, neutral: bool) -> bool {
        [left, right].into_iter().any(|side| match self.shape(side) {
            Shape::Literal(Literal::Bool(value)) => *value == neutral,
            _ => false,
        })
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

    fn product(&self, expr: &E) -> String {
        let (mut factors, mut minus) = (Vec::new(), false);
        self.factors(expr, &mut minus, &mut factors);
        factors.sort_unstable();
        let form = joined("times", factors);
        if minus { turned(&form) } else { form }
    }

    fn factors(&self, expr: &E, minus: &mut bool, found: &mut Vec<String>) {
        match self.shape(expr) {
            Shape::Binary(Binary::Multiply, left, right) => {
                self.factors(left, minus, found);
                self.factors(right, minus, found);
            }
            Shape::Minus(operand) if self.version() == Form::Two => {
                *minus = !*minus;
                self.factors(operand, minus, found);
            }
            _ => found.push(self.without_sign(expr, minus)),
        }
    }

    fn quotient(&self, left: &E, right: &E) -> String {
        let mut minus = false;
        let form = call("over", &[&self.without_sign(left, &mut minus), &self.without_sign(right, &mut minus)]);
        if minus { turned(&form) } else { form }
    }

    /// The form of a factor; its sign is that of the product.
    fn without_sign(&self, expr: &E, minus: &mut bool) -> String {
        let form = self.form(expr, false);
        match form.strip_prefix('-') {
            Some(positive) if self.version() == Form::Two => {
                *minus = !*minus;
                positive.to_owned()
            }
            _ => form,
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
        self.branches(branches, otherwise, &mut form);
        form.push(')');
        form
    }

    /// The branches, with those of a case that stands where none of them holds.
    fn branches(&self, branches: &[(E, E)], otherwise: Option<&E>, form: &mut String) {
        for (when, then) in branches {
            let _ = write!(form, "{}:{},", self.form(when, false), self.form(then, false));
        }
        match otherwise.map(|otherwise| (self.shape(otherwise), otherwise)) {
            Some((Shape::Case { branches, otherwise }, _)) if self.version() == Form::Two => {
                self.branches(branches, otherwise, form);
            }
            Some((_, otherwise)) => form.push_str(&self.form(otherwise, false)),
            None => form.push_str("null"),
        }
    }

    fn called(&self, expr: &E, function: RowFunction, arguments: &[E]) -> String {
        let is_any_order = matches!(function, RowFunction::Greatest | RowFunction::Least);
        let mut forms: Vec<String> = match self.version() {
            Form::Two if is_any_order || function == RowFunction::Coalesce => {
                let mut forms = Vec::new();
                self.nested(expr, function, &mut forms);
                forms
            }
            _ => arguments.iter().map(|argument| self.form(argument, false)).collect(),
        };
        if is_any_order {
            forms.sort_unstable();
        }
        if self.version() == Form::One {
            return call(function.word(), &forms);
        }
        if is_any_order {
            forms.dedup();
        }
        match (function, forms.as_slice()) {
            (RowFunction::Greatest | RowFunction::Least | RowFunction::Coalesce, [only]) => only.clone(),
            _ => call(function.word(), &forms),
        }
    }

    /// The arguments of a call, through calls of the same function among them.
    fn nested(&self, expr: &E, wanted: RowFunction, found: &mut Vec<String>) {
        match self.shape(expr) {
            Shape::Call { function, arguments } if function == wanted => {
                arguments.iter().for_each(|argument| self.nested(argument, wanted, found));
            }
            _ => found.push(self.form(expr, false)),
        }
    }
}

/// All of these conditions.
pub(super) fn conjunction(operands: Vec<String>) -> String {
    together(true, operands)
}

/// All of these conditions, or any of them; what is always true, or never, decides or says nothing.
fn together(all: bool, mut operands: Vec<String>) -> String {
    let (neutral, deciding) = if all { ("true", "false") } else { ("false", "true") };
    if operands.iter().any(|operand| operand == deciding) {
        return deciding.to_owned();
    }
    operands.retain(|operand| operand != neutral);
    operands.sort_unstable();
    operands.dedup();
    if operands.is_empty() { neutral.to_owned() } else { joined(if all { "and" } else { "or" }, operands) }
}

/// One form stands for itself.
fn joined(name: &str, mut forms: Vec<String>) -> String {
    if forms.len() == 1 { forms.swap_remove(0) } else { call(name, &forms) }
}

/// A pair whose order says nothing.
fn in_order(name: &str, left: String, right: String) -> String {
    if left <= right { call(name, &[left, right]) } else { call(name, &[right, left]) }
}

/// The form with the other sign.
fn turned(form: &str) -> String {
    match form.strip_prefix('-') {
        Some(positive) => positive.to_owned(),
        None => format!("-{form}"),
    }
}

fn negation(form: String, negated: bool) -> String {
    if negated { format!("not({form})") } else { form }
}
