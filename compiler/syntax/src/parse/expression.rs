//! Flat pairs to expressions: an operator stack instead of recursion, so that only brackets and `case` nest.

use super::build::{Builder, Built};
use super::limits::MOST_LEVELS;
use crate::ast::{Expr, ExprKind, Infix, Prefix};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::grammar::Rule;
use crate::source::Span;
use pest::iterators::{Pair, Pairs};

/// How tightly an operator binds; see [`Infix`].
type Level = u8;
const DISTINCT: Level = 15;
const AND: Level = 40;
const NOT: Level = 50;
const COMPARISON: Level = 60;
const MINUS: Level = 100;
const WORD: Level = 120;

/// An operator that waits for its right side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operator {
    shape: Shape,
    level: Level,
    span: Span,
}

#[derive(Debug, Clone, Copy)]
enum Shape {
    Prefix(Prefix),
    Infix(Infix),
    /// `between` before its `and`, …
    Between {
        negated: bool,
    },
    /// … and behind it.
    BetweenAnd {
        negated: bool,
    },
}

/// The stacks of the expressions that are being built, outer ones below.
#[derive(Debug, Default)]
pub(super) struct Stacks {
    operands: Vec<(Expr, u16)>,
    operators: Vec<Operator>,
}

impl Builder<'_, '_> {
    /// Builds the expression of some flat pairs.
    pub(super) fn expression(&mut self, pairs: Pairs<'_, Rule>) -> Built<(Expr, u16)> {
        let bases = (self.stacks.operands.len(), self.stacks.operators.len());
        let result = self.flat(pairs, bases);
        if result.is_err() {
            self.stacks.operands.truncate(bases.0);
            self.stacks.operators.truncate(bases.1);
        }
        result
    }

    fn flat(&mut self, pairs: Pairs<'_, Rule>, bases: (usize, usize)) -> Built<(Expr, u16)> {
        let mut pairs = pairs.peekable();
        while let Some(pair) = pairs.next() {
            match pair.as_rule() {
                Rule::prefix => {
                    let (operator, level) = self.prefix(&pair);
                    let span = self.span(&pair);
                    self.stacks.operators.push(Operator { shape: Shape::Prefix(operator), level, span });
                }
                Rule::infix => self.infix(infix(pair.as_str()), self.span(&pair), bases.1)?,
                Rule::between => self.between(pair.as_str().len() > 1, self.span(&pair), bases.1)?,
                Rule::null_check => self.is_null(pair.as_str().len() > 2, self.span(&pair), bases.1)?,
                _ => {
                    let arguments = pairs.next_if(|next| next.as_rule() == Rule::arguments);
                    let operand = self.operand(&pair, arguments)?;
                    self.stacks.operands.push(operand);
                }
            }
        }
        while self.stacks.operators.len() > bases.1 {
            self.reduce()?;
        }
        self.pop_operand()
    }

    fn prefix(&self, pair: &Pair<'_, Rule>) -> (Prefix, Level) {
        match pair.as_str() {
            "^" => (Prefix::Minus, MINUS),
            "N" => (Prefix::Not, NOT),
            _ => match self.source(self.span(pair)) {
                "trailing" => (Prefix::Trailing, WORD),
                "last" => (Prefix::Last, WORD),
                "each" => (Prefix::Each, WORD),
                "day" => (Prefix::Day, WORD),
                "week" => (Prefix::Week, WORD),
                "month" => (Prefix::Month, WORD),
                "all" => (Prefix::All, WORD),
                "every" => (Prefix::Every, WORD),
                "any" => (Prefix::Any, WORD),
                "no" => (Prefix::No, WORD),
                _ => (Prefix::Distinct, DISTINCT),
            },
        }
    }

    fn infix(&mut self, operator: Infix, span: Span, base: usize) -> Built<()> {
        let level = infix_level(operator);
        while let Some(top) = self.stacks.operators.get(base..).and_then(<[Operator]>::last).copied() {
            if operator == Infix::And
                && let Shape::Between { negated } = top.shape
            {
                let shape = Shape::BetweenAnd { negated };
                self.stacks.operators.pop();
                self.stacks.operators.push(Operator { shape, ..top });
                return Ok(());
            }
            // `has` reaches as far as it can, over another one too.
            let nests = operator == Infix::Has && matches!(top.shape, Shape::Infix(Infix::Has));
            if top.level < level || nests {
                break;
            }
            self.reduce()?;
        }
        self.stacks.operators.push(Operator { shape: Shape::Infix(operator), level, span });
        Ok(())
    }

    fn between(&mut self, negated: bool, span: Span, base: usize) -> Built<()> {
        self.reduce_from(COMPARISON, base)?;
        self.stacks.operators.push(Operator { shape: Shape::Between { negated }, level: COMPARISON, span });
        Ok(())
    }

    fn is_null(&mut self, negated: bool, span: Span, base: usize) -> Built<()> {
        self.reduce_from(COMPARISON, base)?;
        let (operand, depth) = self.pop_operand()?;
        refuse_chain(&operand, span)?;
        let whole = operand.span.to(span);
        self.push(ExprKind::IsNull { operand: Box::new(operand), negated }, whole, depth)
    }

    fn reduce_from(&mut self, level: Level, base: usize) -> Built<()> {
        while self.stacks.operators.get(base..).and_then(<[Operator]>::last).is_some_and(|top| top.level >= level) {
            self.reduce()?;
        }
        Ok(())
    }

    /// Gives the topmost operator its operands.
    fn reduce(&mut self) -> Built<()> {
        let Some(Operator { shape, level, span }) = self.stacks.operators.pop() else { return Ok(()) };
        let (right, depth) = self.pop_operand()?;
        match shape {
            Shape::Prefix(operator) => {
                let whole = span.to(right.span);
                self.push(ExprKind::Prefix { operator, operator_span: span, operand: Box::new(right) }, whole, depth)
            }
            Shape::Infix(operator) => {
                let (left, other) = self.pop_operand()?;
                if level == COMPARISON {
                    refuse_chain(&left, span).map_err(|finding| self.write_out(finding, &left, span, &right))?;
                }
                let whole = left.span.to(right.span);
                let (left, right) = (Box::new(left), Box::new(right));
                let kind = ExprKind::Infix { operator, operator_span: span, left, right };
                self.push(kind, whole, depth.max(other))
            }
            Shape::BetweenAnd { negated } => {
                let (low, low_depth) = self.pop_operand()?;
                let (operand, operand_depth) = self.pop_operand()?;
                refuse_chain(&operand, span)?;
                let whole = operand.span.to(right.span);
                let (operand, low, high) = (Box::new(operand), Box::new(low), Box::new(right));
                let depth = depth.max(low_depth).max(operand_depth);
                self.push(ExprKind::Between { operand, negated, low, high }, whole, depth)
            }
            Shape::Between { .. } => Err(codes::MISSING_VALUE
                .finding("`between` has a lower bound and no upper one")
                .at(span, "`and` and the upper bound are missing")
                .help("write `x between low and high`")
                .into()),
        }
    }

    fn pop_operand(&mut self) -> Built<(Expr, u16)> {
        // The grammar gives every operator its operands.
        self.stacks.operands.pop().ok_or_else(|| codes::UNEXPECTED.finding("an operator has no value beside it").into())
    }

    fn push(&mut self, kind: ExprKind, span: Span, below: u16) -> Built<()> {
        let depth = below.saturating_add(1);
        if depth > MOST_LEVELS {
            return Err(too_deep(span).into());
        }
        self.stacks.operands.push((Expr { kind, span }, depth));
        Ok(())
    }

    /// Adds what to write instead of `a < b < c`.
    fn write_out(&self, finding: Box<Diagnostic>, left: &Expr, span: Span, right: &Expr) -> Box<Diagnostic> {
        let ExprKind::Infix { left: first, right: middle, operator_span, .. } = &left.kind else { return finding };
        let texts = [first.span, *operator_span, middle.span, span, right.span].map(|span| self.source(span));
        if texts.iter().map(|text| text.len()).sum::<usize>() > 80 {
            return finding;
        }
        let [first, one, middle, two, last] = texts;
        Box::new(finding.help(format!("write `{first} {one} {middle} and {middle} {two} {last}`")))
    }
}

/// A comparison is no operand of another one, unless it stands in parentheses.
fn refuse_chain(left: &Expr, span: Span) -> Built<()> {
    let compares = match &left.kind {
        ExprKind::Infix { operator, .. } => infix_level(*operator) == COMPARISON,
        ExprKind::Between { .. } | ExprKind::IsNull { .. } => true,
        _ => false,
    };
    if !compares {
        return Ok(());
    }
    Err(codes::CHAINED_COMPARISON
        .finding("a comparison is compared again: its result is true or false, not a number")
        .at(span, "the second comparison")
        .also(left.span, "the first one")
        .help("join the two with `and`, or put the first in parentheses")
        .into())
}

/// The finding about an expression that is too deep as a whole.
pub(super) fn too_deep(span: Span) -> Diagnostic {
    codes::TOO_DEEP
        .finding("this expression has too many levels to be read by anyone")
        .at(span, format!("more than {MOST_LEVELS} levels"))
        .help("name a part of it as a function or a metric")
}

/// The operator of the characters of `infix`.
fn infix(code: &str) -> Infix {
    match code {
        "=" => Infix::Equal,
        "@" => Infix::NotEqual,
        "<" => Infix::Less,
        "[" => Infix::LessEqual,
        ">" => Infix::Greater,
        "]" => Infix::GreaterEqual,
        "_" => Infix::Add,
        "^" => Infix::Subtract,
        "X" => Infix::Multiply,
        "\\" => Infix::Divide,
        "R" => Infix::Remainder,
        "A" => Infix::And,
        "O" => Infix::Or,
        "I" => Infix::In,
        "L" => Infix::Like,
        "NI" => Infix::NotIn,
        "NL" => Infix::NotLike,
        "E" => Infix::After,
        "B" => Infix::Before,
        "H" => Infix::Within,
        "F" => Infix::From,
        "U" => Infix::Until,
        "C" => Infix::At,
        "Y" => Infix::By,
        "G" => Infix::Of,
        "K" => Infix::Using,
        "M" => Infix::Has,
        "P" => Infix::Per,
        "T" => Infix::To,
        "Z" => Infix::Offset,
        _ => Infix::Where,
    }
}

fn infix_level(operator: Infix) -> Level {
    use Infix::{Add, After, At, Before, By, Divide, Equal, From, Greater, GreaterEqual, In, Less, LessEqual, Like};
    use Infix::{Multiply, NotEqual, NotIn, NotLike, Of, Offset, Per, Remainder, Subtract, To, Until, Where, Within};
    match operator {
        Where | Infix::Has => 10,
        After | Before | Within | From | Until | At | By | Of | Infix::Using | Per => 20,
        Infix::Or => 30,
        Infix::And => AND,
        Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual | In | NotIn | Like | NotLike => COMPARISON,
        To => 70,
        Add | Subtract => 80,
        Multiply | Divide | Remainder => 90,
        Offset => 110,
    }
}
