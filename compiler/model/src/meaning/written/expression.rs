//! The normal form of expressions as they were written.

use crate::canonical::algebra::{Reader, Shape};
use crate::canonical::{Form, call, text, words};
use crate::check::binary_operator;
use crate::check::names::dotted;
use crate::row::Literal;
use crate::time::Offset;
use groma_syntax::ast::{Argument, Branch, Expr, ExprKind, Infix, Name, Prefix};
use smol_str::SmolStr;

static TRUE: Literal = Literal::Bool(true);
static FALSE: Literal = Literal::Bool(false);

/// What a called function means, by its name.
pub(super) type Functions<'m> = &'m dyn Fn(&str) -> Option<Known>;

/// What names stand for.
pub(super) struct Names<'m> {
    /// Names that nobody else sees: they are known by their place.
    pub(super) local: Vec<SmolStr>,
    /// Functions that are known by what they mean.
    pub(super) functions: Option<Functions<'m>>,
}

/// A function that is called.
pub(crate) struct Known {
    /// What stands for it.
    pub(crate) form: String,
    /// The names of its parameters.
    pub(crate) parameters: Vec<SmolStr>,
}

/// Reads expressions as they were written.
pub(super) struct Written<'n, 'm> {
    pub(super) names: &'n Names<'m>,
}

impl Reader<Expr> for Written<'_, '_> {
    fn version(&self) -> Form {
        Form::Two
    }

    fn shape<'e>(&self, expr: &'e Expr) -> Shape<'e, Expr> {
        match &expr.kind {
            ExprKind::Group(inner) => self.shape(inner),
            ExprKind::Bool(true) => Shape::Literal(&TRUE),
            ExprKind::Bool(false) => Shape::Literal(&FALSE),
            ExprKind::Prefix { operator: Prefix::Not, operand, .. } => Shape::Not(operand),
            ExprKind::Prefix { operator: Prefix::Minus, operand, .. } => Shape::Minus(operand),
            ExprKind::Infix { operator: operator @ (Infix::In | Infix::NotIn), left, right, .. } => {
                let list = match &right.kind {
                    ExprKind::Tuple(items) => items.as_slice(),
                    ExprKind::Group(item) => std::slice::from_ref(&**item),
                    _ => return Shape::Leaf,
                };
                Shape::In { operand: left, list, negated: *operator == Infix::NotIn }
            }
            ExprKind::Infix { operator: operator @ (Infix::Like | Infix::NotLike), left, right, .. } => {
                Shape::Like { operand: left, pattern: right, negated: *operator == Infix::NotLike }
            }
            // In which order a date is moved by months and by days is not the same.
            ExprKind::Infix { operator: Infix::Add | Infix::Subtract, right, .. } if is_length(right) => Shape::Leaf,
            ExprKind::Infix { operator, left, right, .. } => match binary_operator(*operator) {
                Some(operator) => Shape::Binary(operator, left, right),
                None => Shape::Leaf,
            },
            ExprKind::Between { operand, negated, low, high } => {
                Shape::Between { operand, low, high, negated: *negated }
            }
            ExprKind::IsNull { operand, negated } => Shape::IsNull { operand, negated: *negated },
            _ => Shape::Leaf,
        }
    }

    fn leaf(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Group(inner) => self.leaf(inner),
            ExprKind::Number(digits) => words::decimal(digits),
            ExprKind::Percent(digits) => call("percent", &[words::decimal(digits)]),
            ExprKind::Quantity { number, unit } => match quantity(number, unit) {
                Some(length) => call("length", &[words::offset(length)]),
                None => call("quantity", &[words::decimal(number), unit.text.to_string()]),
            },
            ExprKind::Text(written) => text(&crate::canonical::one_newline(written)),
            ExprKind::Date(date) => call("date", &[date]),
            ExprKind::Path(path) => self.path(path),
            ExprKind::Call { function, arguments } => self.called(function, arguments),
            ExprKind::Tuple(items) => call("list", &self.all(items)),
            ExprKind::Prefix { operator, operand, .. } => call(prefix_word(*operator), &[self.form(operand, false)]),
            ExprKind::Infix { operator, left, right, .. } => {
                call(infix_word(*operator), &[self.form(left, false), self.form(right, false)])
            }
            ExprKind::Case { operand, branches, otherwise } => {
                self.case_of(operand.as_deref(), branches, otherwise.as_deref())
            }
            ExprKind::Null => "null".to_owned(),
            ExprKind::Bool(_) | ExprKind::Between { .. } | ExprKind::IsNull { .. } => String::new(),
        }
    }

    fn close(&self, form: String) -> String {
        form
    }
}

impl Written<'_, '_> {
    fn all(&self, items: &[Expr]) -> Vec<String> {
        items.iter().map(|item| self.form(item, false)).collect()
    }

    fn path(&self, path: &[Name]) -> String {
        let local = path.first().and_then(|first| self.names.local.iter().position(|local| *local == first.text));
        match (local, path) {
            (Some(place), [_, rest @ ..]) if !rest.is_empty() => format!("${place}.{}", dotted(rest)),
            (Some(place), _) => format!("${place}"),
            (None, _) => dotted(path).to_string(),
        }
    }

    /// A call: values by place, named ones by name (or by their place too, where it is known), then the condition.
    fn called(&self, function: &[Name], arguments: &[Argument]) -> String {
        let name = dotted(function);
        let known = self.names.functions.and_then(|known| known(&name));
        let place = |name: &Name| known.as_ref()?.parameters.iter().position(|parameter| *parameter == name.text);
        let (mut values, mut named, mut filter) = (Vec::new(), Vec::new(), None);
        for argument in arguments {
            match argument {
                Argument::Value(value) => match &value.kind {
                    ExprKind::Infix { operator: Infix::Where, left, right, .. } => {
                        values.push(self.form(left, false));
                        filter = Some(self.form(right, false));
                    }
                    _ => values.push(self.form(value, false)),
                },
                Argument::Named { name, value } => {
                    let key = place(name).map_or_else(|| name.text.to_string(), |place| place.to_string());
                    named.push(format!("{key}:{}", self.form(value, false)));
                }
                Argument::Where(condition) => filter = Some(self.form(condition, false)),
            }
        }
        if known.is_some() {
            named.extend(values.drain(..).enumerate().map(|(place, value)| format!("{place}:{value}")));
        }
        if matches!(name.as_str(), "greatest" | "least") {
            values.sort_unstable();
        }
        named.sort_unstable();
        values.extend(named);
        values.extend(filter.filter(|filter| filter != "true").map(|filter| format!("where:{filter}")));
        call(known.as_ref().map_or(name.as_str(), |known| known.form.as_str()), &values)
    }

    /// `case x when 1 then …` is `case when x = 1 then …`.
    fn case_of(&self, operand: Option<&Expr>, branches: &[Branch], otherwise: Option<&Expr>) -> String {
        let branch = |branch: &Branch| {
            let when = match operand {
                Some(operand) => self.same(operand, &branch.when, false),
                None => self.form(&branch.when, false),
            };
            format!("{when}:{}", self.form(&branch.then, false))
        };
        let mut parts: Vec<String> = branches.iter().map(branch).collect();
        let mut otherwise = otherwise;
        // A case that stands where none of the branches holds has further branches.
        while let Some(Expr { kind: ExprKind::Group(inner), .. }) = otherwise {
            otherwise = Some(inner);
        }
        if let Some(Expr { kind: ExprKind::Case { operand, branches, otherwise }, .. }) = otherwise {
            let further = self.case_of(operand.as_deref(), branches, otherwise.as_deref());
            let inside = further.strip_prefix("case(").and_then(|rest| rest.strip_suffix(')'));
            return call("case", &[&parts.join(","), inside.unwrap_or(&further)]);
        }
        parts.push(otherwise.map_or_else(|| "null".to_owned(), |value| self.form(value, false)));
        call("case", &parts)
    }
}

/// Whether something is a length of calendar time.
fn is_length(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Group(inner) => is_length(inner),
        ExprKind::Quantity { number, unit } => quantity(number, unit).is_some(),
        _ => false,
    }
}

fn quantity(number: &str, unit: &Name) -> Option<Offset> {
    number.parse().ok().and_then(|number| Offset::from_words(number, &unit.text))
}

fn prefix_word(operator: Prefix) -> &'static str {
    match operator {
        Prefix::Not => "not",
        Prefix::Minus => "minus",
        Prefix::Trailing => "trailing",
        Prefix::Last => "last",
        Prefix::Each => "each",
        Prefix::Day => "day",
        Prefix::Week => "week",
        Prefix::Month => "month",
        Prefix::All => "all",
        Prefix::Distinct => "distinct",
        Prefix::Every => "every",
        Prefix::Any => "any",
        Prefix::No => "no",
    }
}

fn infix_word(operator: Infix) -> &'static str {
    match operator {
        Infix::Where => "where",
        Infix::Has => "has",
        Infix::After => "after",
        Infix::Before => "before",
        Infix::Within => "within",
        Infix::From => "from",
        Infix::Until => "until",
        Infix::At => "at",
        Infix::By => "by",
        Infix::Of => "of",
        Infix::Using => "using",
        Infix::Per => "per",
        Infix::Or => "or",
        Infix::And => "and",
        Infix::Equal => "equal",
        Infix::NotEqual => "different",
        Infix::Less => "less",
        Infix::LessEqual => "most",
        Infix::Greater => "more",
        Infix::GreaterEqual => "least",
        Infix::In => "in",
        Infix::NotIn => "not_in",
        Infix::Like => "like",
        Infix::NotLike => "not_like",
        Infix::To => "to",
        Infix::Add => "plus",
        Infix::Subtract => "minus",
        Infix::Multiply => "times",
        Infix::Divide => "over",
        Infix::Remainder => "rest",
        Infix::Offset => "offset",
    }
}
