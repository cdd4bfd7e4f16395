//! From the tree of a condition to a typed expression: every name is resolved here, once.

mod compare;
mod decide;
mod path;
mod quantifier;
mod template;

use super::evaluate::calculate;
use super::expression::{Arithmetic, Compare, FUNCTIONS, Function, Node};
use super::value::{Sort, Type, Value};
use super::written;
use crate::check::UNKNOWN_FUNCTION;
use crate::check::names::{dotted, listed, nearest};
use groma_syntax::ast::{Argument, Expr, ExprKind, Infix, Name, Prefix};
use groma_syntax::{Code, Diagnostic, Span};
use smol_str::SmolStr;

pub(crate) use decide::decided;
pub(crate) use template::Template;

/// An attribute that a kind does not have.
pub(crate) static UNKNOWN_ATTRIBUTE: Code =
    Code::error("rule/unknown-attribute", "A rule looks at something that its kind does not have.");
/// A kind that is none.
pub(crate) static UNKNOWN_KIND: Code = Code::error("rule/unknown-kind", "A rule is about a kind that does not exist.");
/// Values that do not go together.
pub(crate) static MISTYPED: Code =
    Code::error("rule/mistyped", "A rule computes with values that do not go together, so it can never be right.");
/// A division by zero.
pub(crate) static DIVIDES_BY_ZERO: Code =
    Code::error("rule/divides-by-zero", "A rule divides by zero, so it says nothing.");
/// Nothing to decide.
pub(crate) static UNDECIDABLE: Code =
    Code::error("rule/undecidable", "A rule says the same of everything, whatever is declared.");
/// Rules that rest on rules.
pub(crate) static LOOPS: Code = Code::error("rule/loops", "A rule about rules would have to judge itself.");
/// A place in a message that is none.
pub(crate) static BAD_PLACE: Code =
    Code::error("rule/bad-place", "A message has a place in braces that nothing can be put into.");
/// A quantifier where it is read otherwise than it looks.
pub(crate) static MISPLACED_QUANTIFIER: Code =
    Code::error("rule/misplaced-quantifier", "`every`, `any`, `no` or `has` stands where it would be read otherwise.");

/// An expression with its type.
pub(crate) struct Typed {
    pub(crate) node: Node,
    pub(crate) ty: Type,
    /// The words that it may be, where they are known.
    words: &'static [&'static str],
    span: Span,
}

/// Reads the expressions of a rule.
pub(crate) struct Reader<'s> {
    /// The names in scope and what they stand for; their place is their number.
    scope: Vec<(SmolStr, Sort)>,
    sink: &'s mut Vec<Diagnostic>,
}

impl<'s> Reader<'s> {
    /// Reads what is said of a thing under a name.
    pub(crate) fn new(name: SmolStr, sort: Sort, sink: &'s mut Vec<Diagnostic>) -> Self {
        Self { scope: vec![(name, sort)], sink }
    }

    /// A condition; nothing if something is wrong with it.
    pub(crate) fn condition(&mut self, written: &Expr) -> Option<Node> {
        let before = self.sink.len();
        let node = self.truth(written);
        (self.sink.len() == before).then_some(node)
    }

    fn truth(&mut self, written: &Expr) -> Node {
        let typed = self.expression(written);
        if !matches!(typed.ty, Type::Bool | Type::Open) {
            self.sink.push(
                MISTYPED
                    .finding(format!("a condition is true or false, and this is {}", typed.ty.describe()))
                    .at(written.span, "not a condition")
                    .help("compare it with something, or write `is not null`"),
            );
        }
        typed.node
    }

    fn expression(&mut self, written: &Expr) -> Typed {
        let span = written.span;
        let typed = |node, ty| Typed { node, ty, words: &[], span };
        let constant = |value, ty| typed(Node::Constant(value), ty);
        match &written.kind {
            ExprKind::Number(number) => constant(Value::number(number.parse().ok()), Type::Number),
            ExprKind::Percent(number) => {
                constant(Value::number(number.parse().ok().map(|number: f64| number / 100.0)), Type::Number)
            }
            ExprKind::Quantity { number, unit } => constant(quantity(number, &unit.text, written), Type::Number),
            ExprKind::Text(text) => constant(Value::text(Some(text)), Type::Text),
            ExprKind::Date(text) => match text.parse() {
                Ok(date) => constant(Value::Date(date), Type::Date),
                Err(_) => {
                    let finding = MISTYPED.finding(format!("there is no day {text}"));
                    self.open(finding.at(span, "not a day").help("write a day that there is: `2026-07-01`"), span)
                }
            },
            ExprKind::Bool(flag) => constant(Value::Bool(*flag), Type::Bool),
            ExprKind::Null => constant(Value::Null, Type::Open),
            ExprKind::Path(path) => self.path(path, span),
            ExprKind::Call { function, arguments } => self.call(function, arguments, span),
            ExprKind::Group(inner) => Typed { span, ..self.expression(inner) },
            ExprKind::Tuple(_) => {
                let finding = MISTYPED.finding("several values stand where one is needed").at(span, "more than one");
                self.open(finding.help("a list stands behind `in` only: `m.status in (\"active\", \"draft\")`"), span)
            }
            ExprKind::Prefix { operator, operand, .. } => self.prefix(*operator, operand, written),
            ExprKind::Infix { operator, left, right, operator_span } => {
                self.infix(*operator, (left, right), *operator_span, written)
            }
            ExprKind::Between { operand, negated, low, high } => self.between(operand, low, high, *negated, span),
            ExprKind::IsNull { operand, negated } => {
                let operand = self.expression(operand);
                typed(Node::IsNull { operand: Box::new(operand.node), negated: *negated }, Type::Bool)
            }
            ExprKind::Case { operand, branches, otherwise } => {
                self.case(operand.as_deref(), branches, otherwise.as_deref(), span)
            }
        }
    }

    /// What was reported: it goes with everything.
    fn open(&mut self, finding: Diagnostic, span: Span) -> Typed {
        self.sink.push(finding);
        // Anything but `null`, which has findings of its own.
        Typed { node: Node::Today, ty: Type::Open, words: &[], span }
    }

    fn prefix(&mut self, operator: Prefix, operand: &Expr, whole: &Expr) -> Typed {
        let span = whole.span;
        match operator {
            Prefix::Not => {
                let node = Node::Not(Box::new(self.truth(operand)));
                Typed { node, ty: Type::Bool, words: &[], span }
            }
            Prefix::Minus => {
                let operand = self.expression(operand);
                self.must_be(&operand, Type::Number);
                let node = match operand.node {
                    Node::Constant(Value::Number(number)) => Node::Constant(Value::Number(-number)),
                    node => Node::Minus(Box::new(node)),
                };
                Typed { node, ty: Type::Number, words: &[], span }
            }
            Prefix::Every | Prefix::Any | Prefix::No => self.quantifier(whole),
            _ => self.no_meaning(span),
        }
    }

    fn infix(&mut self, operator: Infix, sides: (&Expr, &Expr), operator_span: Span, whole: &Expr) -> Typed {
        let span = whole.span;
        let bool = |node| Typed { node, ty: Type::Bool, words: &[], span };
        let (left, right) = sides;
        let comparison = match operator {
            Infix::Has | Infix::Of | Infix::Using => return self.quantifier(whole),
            Infix::And | Infix::Or => {
                let (left, right) = (Box::new(self.truth(left)), Box::new(self.truth(right)));
                return bool(if operator == Infix::And { Node::And(left, right) } else { Node::Or(left, right) });
            }
            Infix::In | Infix::NotIn => return bool(self.among(left, right, operator == Infix::NotIn)),
            Infix::Like | Infix::NotLike => {
                let (text, pattern) = (self.expression(left), self.expression(right));
                self.must_be(&text, Type::Text);
                self.must_be(&pattern, Type::Text);
                let (text, pattern) = (Box::new(text.node), Box::new(pattern.node));
                return bool(Node::Like { text, pattern, negated: operator == Infix::NotLike });
            }
            Infix::Equal => Compare::Equal,
            Infix::NotEqual => Compare::NotEqual,
            Infix::Less => Compare::Less,
            Infix::LessEqual => Compare::LessEqual,
            Infix::Greater => Compare::Greater,
            Infix::GreaterEqual => Compare::GreaterEqual,
            Infix::Add => return self.arithmetic(Arithmetic::Add, left, right, operator_span, span),
            Infix::Subtract => return self.arithmetic(Arithmetic::Subtract, left, right, operator_span, span),
            Infix::Multiply => return self.arithmetic(Arithmetic::Multiply, left, right, operator_span, span),
            Infix::Divide => return self.arithmetic(Arithmetic::Divide, left, right, operator_span, span),
            Infix::Remainder => return self.arithmetic(Arithmetic::Remainder, left, right, operator_span, span),
            _ => return self.no_meaning(operator_span),
        };
        let (left, right) = (self.expression(left), self.expression(right));
        bool(self.compared(comparison, left, right, operator_span))
    }

    fn no_meaning(&mut self, span: Span) -> Typed {
        let finding = MISTYPED.finding("this operator has no meaning in a rule").at(span, "not in a rule");
        self.open(finding.help("a rule compares, computes, and asks `every`, `any` and `no`"), span)
    }

    fn arithmetic(&mut self, how: Arithmetic, left: &Expr, right: &Expr, operator: Span, span: Span) -> Typed {
        let by = written::offset(right);
        let (left, right) = (self.expression(left), self.expression(right));
        let ty = match (how, left.ty, right.ty) {
            (Arithmetic::Subtract, Type::Date, Type::Date) => Type::Number,
            (Arithmetic::Add | Arithmetic::Subtract, Type::Date, Type::Number | Type::Open)
            | (Arithmetic::Add, Type::Number | Type::Open, Type::Date) => Type::Date,
            _ => {
                self.must_be(&left, Type::Number);
                self.must_be(&right, Type::Number);
                Type::Number
            }
        };
        if let (Type::Date, Type::Date, Some(by)) = (ty, left.ty, by) {
            let by = if how == Arithmetic::Subtract { by.times(-1) } else { by };
            return Typed { node: Node::Shift { date: Box::new(left.node), by }, ty, words: &[], span };
        }
        if matches!(how, Arithmetic::Divide | Arithmetic::Remainder) && right.node == Node::Constant(Value::Number(0.0))
        {
            let finding = DIVIDES_BY_ZERO
                .finding("this rule divides by zero, so it can never be decided")
                .at(operator, "this division")
                .also(right.span, "always zero")
                .help("divide by something else, or compare products: `a > 2 * b` instead of `a / b > 2`");
            return self.open(finding, span);
        }
        let node = match (&left.node, &right.node) {
            (Node::Constant(one), Node::Constant(other)) => {
                Node::Constant(calculate(how, one, other).unwrap_or_default())
            }
            _ => Node::Arithmetic { how, left: Box::new(left.node), right: Box::new(right.node), span: operator },
        };
        Typed { node, ty, words: &[], span }
    }

    fn call(&mut self, function: &[Name], arguments: &[Argument], span: Span) -> Typed {
        let name = dotted(function);
        if name == "count"
            && let [Argument::Value(argument)] = arguments
            && self.is_counted(argument)
        {
            return self.counted(argument, span);
        }
        let Some((_, function)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
            let known = FUNCTIONS.iter().map(|(known, _)| *known);
            let finding =
                UNKNOWN_FUNCTION.finding(format!("rules have no function `{name}`")).at(span, "no such function");
            let help = match nearest(&name, known.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", listed(known)),
            };
            return self.open(finding.help(help), span);
        };
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            match argument {
                Argument::Value(value) => values.push(self.expression(value)),
                Argument::Named { value, .. } | Argument::Where(value) => {
                    let finding = MISTYPED.finding(format!("`{name}` takes values only")).at(value.span, "not a value");
                    return self.open(finding.help("write `has` for a condition: `count(metric using s has …)`"), span);
                }
            }
        }
        let ty = self.result(*function, &name, &values, span);
        let arguments = values.into_iter().map(|value| value.node).collect();
        Typed { node: Node::Call { function: *function, arguments }, ty, words: &[], span }
    }

    fn result(&mut self, function: Function, name: &str, values: &[Typed], span: Span) -> Type {
        if function == Function::Coalesce {
            return self.common(values, name);
        }
        let [value] = values else {
            let finding = MISTYPED.finding(format!("`{name}` takes one value, not {}", values.len()));
            return self.open(finding.at(span, "this call").help(format!("write `{name}(m.…)`")), span).ty;
        };
        match function {
            Function::Lower | Function::Upper => {
                self.must_be(value, Type::Text);
                Type::Text
            }
            Function::Count if value.ty.item().is_none() && value.ty != Type::Open => {
                let finding =
                    MISTYPED.finding(format!("`count` counts several things, and this is {}", value.ty.describe()));
                let help = "count a list, or what uses it: `count(metric using s)`";
                self.open(finding.at(value.span, "only one").help(help), span).ty
            }
            _ => {
                let wanted = if function == Function::Length { Type::Text } else { Type::Number };
                if function != Function::Count {
                    self.must_be(value, wanted);
                }
                Type::Number
            }
        }
    }

    /// The type that several values have in common.
    fn common(&mut self, values: &[Typed], of: &str) -> Type {
        let ty = values.iter().map(|value| value.ty).find(|ty| *ty != Type::Open).unwrap_or(Type::Open);
        for value in values.iter().filter(|value| value.ty != ty && value.ty != Type::Open) {
            self.sink.push(
                MISTYPED
                    .finding(format!("the values of this `{of}` are {} and {}", ty.describe(), value.ty.describe()))
                    .at(value.span, value.ty.describe())
                    .help("make all of them the same"),
            );
        }
        ty
    }

    fn case(
        &mut self,
        operand: Option<&Expr>,
        branches: &[groma_syntax::ast::Branch],
        otherwise: Option<&Expr>,
        span: Span,
    ) -> Typed {
        let mut values = Vec::with_capacity(branches.len() + 1);
        let mut whens = Vec::with_capacity(branches.len());
        for branch in branches {
            whens.push(match operand {
                None => self.truth(&branch.when),
                Some(operand) => {
                    let (left, right) = (self.expression(operand), self.expression(&branch.when));
                    self.compared(Compare::Equal, left, right, branch.when.span)
                }
            });
            values.push(self.expression(&branch.then));
        }
        values.extend(otherwise.map(|otherwise| self.expression(otherwise)));
        let ty = self.common(&values, "case");
        let mut nodes = values.into_iter().map(|value| value.node);
        let branches = whens.into_iter().map(|when| (when, nodes.next().unwrap_or(Node::Constant(Value::Null))));
        let branches: Vec<(Node, Node)> = branches.collect();
        let node = Node::Case { branches, otherwise: nodes.next().map(Box::new) };
        Typed { node, ty, words: &[], span }
    }

    fn must_be(&mut self, value: &Typed, wanted: Type) {
        if value.ty != wanted && value.ty != Type::Open {
            self.sink.push(
                MISTYPED
                    .finding(format!("{} stands where {} is needed", value.ty.describe(), wanted.describe()))
                    .at(value.span, value.ty.describe())
                    .help(format!("use {}", wanted.describe())),
            );
        }
    }
}

/// `90 days` is 90; of times of day a part of one; of other units the number.
fn quantity(number: &str, unit: &str, written: &Expr) -> Value {
    if let Some(offset) = written::offset(written) {
        return Value::Number(written::in_days(offset));
    }
    let share = match unit.strip_suffix('s').unwrap_or(unit) {
        "hour" => 24.0,
        "minute" => 1_440.0,
        "second" => 86_400.0,
        _ => 1.0,
    };
    Value::number(number.parse().ok().map(|number: f64| number / share))
}
