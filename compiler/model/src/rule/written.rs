//! The values of keys as they were written.

use super::value::{Sort, Thing, Type, Value};
use crate::check::declare::Declared;
use crate::check::names::{Names, dotted};
use crate::schema::{KeySchema, Kind, Shape};
use crate::time::Offset;
use groma_syntax::Span;
use groma_syntax::ast::{Argument, Entry, Expr, ExprKind, Infix, Prefix};
use smol_str::SmolStr;

/// The type of a key's value in a rule.
pub(crate) fn type_of(shape: Shape) -> Type {
    match shape {
        Shape::Text
        | Shape::Word(_)
        | Shape::Column
        | Shape::Condition
        | Shape::Measure
        | Shape::Expression
        | Shape::Window
        | Shape::Timing
        | Shape::Moment
        | Shape::Unit
        | Shape::Form(_)
        | Shape::Any => Type::Text,
        Shape::Texts
        | Shape::Words
        | Shape::Columns
        | Shape::Attributes
        | Shape::Groupings
        | Shape::Grains
        | Shape::Members
        | Shape::Forms(_)
        | Shape::Group
        | Shape::Parts(_) => Type::Texts,
        Shape::Flag => Type::Bool,
        Shape::Name(kind) => Type::Thing(Sort::Declared(kind)),
        Shape::Names(kind) => Type::Things(Sort::Declared(kind)),
        Shape::Duration => Type::Number,
        Shape::Date => Type::Date,
    }
}

/// The entry of a key.
pub(crate) fn entry<'d>(declared: &'d Declared, key: &str) -> Option<&'d Entry> {
    declared.item.body.entries.iter().find(|entry| entry.key().text == key)
}

/// Where the value of a key stands, if it was written.
pub(crate) fn place(declared: &Declared, key: &str) -> Option<Span> {
    match entry(declared, key)? {
        Entry::Value { values, span, .. } => {
            Some(values.iter().map(|value| value.span).reduce(Span::to).unwrap_or(*span))
        }
        Entry::Group { key, .. } => Some(key.span),
    }
}

/// The value of a key: as written, or what holds without it.
pub(crate) fn value(names: &Names, declared: &Declared, key: &KeySchema) -> Value {
    match entry(declared, key.name) {
        Some(Entry::Group { body, .. }) => Value::texts(body.entries.iter().map(|entry| entry.key().text.as_str())),
        Some(Entry::Value { values, .. }) => of_values(names, key.shape, values),
        None => default(key),
    }
}

fn of_values(names: &Names, shape: Shape, values: &[Expr]) -> Value {
    let Some(first) = values.first() else { return Value::Null };
    match shape {
        Shape::Name(kind) => thing(names, kind, first).map_or(Value::Null, Value::Thing),
        Shape::Names(kind) => {
            Value::list(values.iter().filter_map(|value| thing(names, kind, value)).map(Value::Thing))
        }
        Shape::Flag => match first.kind {
            ExprKind::Bool(flag) => Value::Bool(flag),
            _ => Value::Null,
        },
        Shape::Date => match &first.kind {
            ExprKind::Date(text) => Value::date(text.parse().ok()),
            _ => Value::Null,
        },
        Shape::Duration => Value::number(days(first)),
        Shape::Members => Value::texts(values.iter().filter_map(address)),
        _ if type_of(shape) == Type::Texts => Value::texts(values.iter().map(print)),
        _ => {
            let texts: Vec<String> = values.iter().map(print).collect();
            Value::Text(SmolStr::from(texts.join(", ")))
        }
    }
}

/// What the table says holds without the key, where it is a value.
fn default(key: &KeySchema) -> Value {
    match key.shape {
        Shape::Word(words) if words.contains(&key.default) => Value::text(Some(key.default)),
        Shape::Flag if !key.default.is_empty() => Value::Bool(key.default == "true"),
        Shape::Form(words) if !key.default.is_empty() && words.contains(&format!("`{}`", key.default)) => {
            Value::text(Some(key.default))
        }
        Shape::Duration => {
            let mut words = key.default.split(' ');
            let (number, unit) = (words.next().and_then(|word| word.parse().ok()), words.next());
            Value::number(number.zip(unit).and_then(|(number, unit)| Offset::from_words(number, unit)).map(in_days))
        }
        _ => Value::Null,
    }
}

fn thing(names: &Names, kind: Kind, value: &Expr) -> Option<Thing> {
    let ExprKind::Path(path) = &value.kind else { return None };
    names.get(kind, &dotted(path)).map(|at| Thing { sort: Sort::Declared(kind), at })
}

/// The address of a member.
fn address(value: &Expr) -> Option<&str> {
    match &value.kind {
        ExprKind::Text(text) => Some(text),
        ExprKind::Infix { operator: Infix::From | Infix::Until, left, .. } => address(left),
        _ => None,
    }
}

/// The length of time that an expression says.
pub(crate) fn offset(value: &Expr) -> Option<Offset> {
    match &value.kind {
        ExprKind::Quantity { number, unit } => Offset::from_words(number.parse().ok()?, &unit.text),
        ExprKind::Group(inner) => offset(inner),
        _ => None,
    }
}

fn days(value: &Expr) -> Option<f64> {
    offset(value).map(in_days)
}

/// A length of time as a number of days, a month being 30 of them.
pub(crate) fn in_days(offset: Offset) -> f64 {
    f64::from(offset.months) * 30.0 + f64::from(offset.days)
}

/// An expression on one line. Texts that stand alone are shown without quotes.
fn print(value: &Expr) -> String {
    match &value.kind {
        ExprKind::Text(text) => text.clone(),
        _ => inner(value),
    }
}

fn inner(value: &Expr) -> String {
    let list = |values: &[Expr]| values.iter().map(inner).collect::<Vec<_>>().join(", ");
    match &value.kind {
        ExprKind::Number(number) => number.to_string(),
        ExprKind::Percent(number) => format!("{number}%"),
        ExprKind::Quantity { number, unit } => format!("{number} {}", unit.text),
        ExprKind::Text(text) => format!("\"{text}\""),
        ExprKind::Date(text) => text.to_string(),
        ExprKind::Bool(flag) => flag.to_string(),
        ExprKind::Null => "null".to_owned(),
        ExprKind::Path(path) => dotted(path).to_string(),
        ExprKind::Call { function, arguments } => {
            let arguments: Vec<String> = arguments.iter().map(argument).collect();
            format!("{}({})", dotted(function), arguments.join(", "))
        }
        ExprKind::Tuple(values) => format!("({})", list(values)),
        ExprKind::Group(group) => format!("({})", inner(group)),
        ExprKind::Prefix { operator: Prefix::Minus, operand, .. } => format!("-{}", inner(operand)),
        ExprKind::Prefix { operator, operand, .. } => {
            format!("{} {}", format!("{operator:?}").to_lowercase(), inner(operand))
        }
        ExprKind::Infix { operator, left, right, .. } => {
            format!("{} {} {}", inner(left), infix(*operator), inner(right))
        }
        ExprKind::Between { operand, negated, low, high } => {
            let not = if *negated { "not " } else { "" };
            format!("{} {not}between {} and {}", inner(operand), inner(low), inner(high))
        }
        ExprKind::IsNull { operand, negated } => {
            format!("{} is {}null", inner(operand), if *negated { "not " } else { "" })
        }
        ExprKind::Case { operand, branches, otherwise } => {
            let mut text = "case".to_owned();
            operand.iter().for_each(|operand| text.push_str(&format!(" {}", inner(operand))));
            for branch in branches {
                text.push_str(&format!(" when {} then {}", inner(&branch.when), inner(&branch.then)));
            }
            otherwise.iter().for_each(|otherwise| text.push_str(&format!(" else {}", inner(otherwise))));
            text + " end"
        }
    }
}

fn argument(argument: &Argument) -> String {
    match argument {
        Argument::Value(value) => inner(value),
        Argument::Named { name, value } => format!("{}: {}", name.text, inner(value)),
        Argument::Where(value) => format!("where {}", inner(value)),
    }
}

fn infix(operator: Infix) -> String {
    match operator {
        Infix::Equal => "=".to_owned(),
        Infix::NotEqual => "<>".to_owned(),
        Infix::Less => "<".to_owned(),
        Infix::LessEqual => "<=".to_owned(),
        Infix::Greater => ">".to_owned(),
        Infix::GreaterEqual => ">=".to_owned(),
        Infix::Add => "+".to_owned(),
        Infix::Subtract => "-".to_owned(),
        Infix::Multiply => "*".to_owned(),
        Infix::Divide => "/".to_owned(),
        Infix::Remainder => "%".to_owned(),
        Infix::NotIn => "not in".to_owned(),
        Infix::NotLike => "not like".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}
