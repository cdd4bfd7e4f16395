//! Expressions as people wrote them, and when two of them say the same in other words.

use groma_syntax::ast::{Argument, Doc, Entry, Expr, ExprKind, Infix, Name, Prefix};
use groma_syntax::{SourceMap, Span};
use std::fmt::Write as _;

/// What stands at a place, on one line and without comments.
pub(crate) fn written(sources: &SourceMap, span: Span) -> String {
    let mut text = String::new();
    let (mut quoted, mut rest) = (false, sources.slice(span).chars().peekable());
    while let Some(letter) = rest.next() {
        match letter {
            '\\' if quoted => {
                text.push(letter);
                text.extend(rest.next());
                continue;
            }
            '"' => quoted = !quoted,
            '/' if !quoted && rest.peek() == Some(&'/') => {
                while rest.next_if(|letter| *letter != '\n').is_some() {}
                continue;
            }
            _ => {}
        }
        if !letter.is_whitespace() {
            text.push(letter);
        } else if !text.is_empty() && !text.ends_with(' ') {
            text.push(' ');
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// The values of an entry, or its block, as written.
pub(crate) fn of_entry(sources: &SourceMap, entry: &Entry) -> String {
    match entry {
        Entry::Value { values, span, .. } => {
            written(sources, values.iter().map(|value| value.span).reduce(Span::to).unwrap_or(*span))
        }
        Entry::Group { body, .. } => written(sources, body.span),
    }
}

/// The expression inside its parentheses.
pub(crate) fn bare(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Group(inner) => bare(inner),
        _ => expr,
    }
}

/// The conditions that all must hold.
pub(crate) fn conjuncts(expr: &Expr) -> Vec<&Expr> {
    operands(expr, Infix::And)
}

/// The operands of an operator that may be said in any order, through those inside.
pub(crate) fn operands(expr: &Expr, wanted: Infix) -> Vec<&Expr> {
    match &bare(expr).kind {
        ExprKind::Infix { operator, left, right, .. } if *operator == wanted => {
            let mut found = operands(left, wanted);
            found.extend(operands(right, wanted));
            found
        }
        _ => vec![bare(expr)],
    }
}

/// One text for expressions that differ in nothing but parentheses and order. Only for words: whether two expressions mean
/// the same is decided in `meaning`.
pub(crate) fn form(expr: &Expr) -> String {
    match &bare(expr).kind {
        ExprKind::Number(text) => text.to_string(),
        ExprKind::Percent(text) => format!("{text}%"),
        ExprKind::Quantity { number, unit } => {
            let unit = unit.text.as_str();
            format!("{number} {}", unit.strip_suffix('s').unwrap_or(unit))
        }
        ExprKind::Text(text) => format!("{text:?}"),
        ExprKind::Date(text) => text.to_string(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Null => "null".to_owned(),
        ExprKind::Path(names) => dotted(names),
        ExprKind::Call { function, arguments } => {
            let arguments = arguments.iter().map(|argument| match argument {
                Argument::Value(value) => form(value),
                Argument::Named { name, value } => format!("{}: {}", name.text, form(value)),
                Argument::Where(condition) => format!("where {}", form(condition)),
            });
            format!("{}({})", dotted(function), arguments.collect::<Vec<_>>().join(", "))
        }
        ExprKind::Tuple(items) => format!("({})", items.iter().map(form).collect::<Vec<_>>().join(", ")),
        ExprKind::Group(inner) => form(inner),
        ExprKind::Prefix { operator: Prefix::Not, operand, .. } => match &bare(operand).kind {
            ExprKind::Prefix { operator: Prefix::Not, operand, .. } => form(operand),
            _ => format!("Not {}", form(operand)),
        },
        ExprKind::Prefix { operator, operand, .. } => format!("{operator:?} {}", form(operand)),
        ExprKind::Infix { operator, left, right, .. } => infix(expr, *operator, (left, right)),
        ExprKind::Between { operand, negated, low, high } => {
            format!("{} between {negated} {} {}", form(operand), form(low), form(high))
        }
        ExprKind::IsNull { operand, negated } => format!("{} null {negated}", form(operand)),
        ExprKind::Case { operand, branches, otherwise } => {
            let mut text = format!("case {}", operand.as_deref().map_or_else(String::new, form));
            for branch in branches {
                let _ = write!(text, " when {} then {}", form(&branch.when), form(&branch.then));
            }
            text + " else " + &otherwise.as_deref().map_or_else(String::new, form)
        }
    }
}

fn infix(expr: &Expr, operator: Infix, (left, right): (&Expr, &Expr)) -> String {
    let ordered = |mut forms: Vec<String>| {
        forms.sort_unstable();
        forms.join(&format!(" {operator:?} "))
    };
    match operator {
        Infix::And | Infix::Or | Infix::Add | Infix::Multiply => {
            format!("({})", ordered(operands(expr, operator).into_iter().map(form).collect()))
        }
        Infix::Equal | Infix::NotEqual => format!("({})", ordered(vec![form(left), form(right)])),
        Infix::Greater => format!("({} Less {})", form(right), form(left)),
        Infix::GreaterEqual => format!("({} LessEqual {})", form(right), form(left)),
        Infix::In | Infix::NotIn => {
            let mut list: Vec<String> = listed(right).into_iter().map(form).collect();
            list.sort_unstable();
            format!("({} {operator:?} [{}])", form(left), list.join(", "))
        }
        _ => format!("({} {operator:?} {})", form(left), form(right)),
    }
}

/// What stands in a list behind `in`.
pub(crate) fn listed(list: &Expr) -> Vec<&Expr> {
    match &list.kind {
        ExprKind::Tuple(items) => items.iter().collect(),
        _ => vec![bare(list)],
    }
}

/// A path as it is written.
pub(crate) fn dotted(names: &[Name]) -> String {
    names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".")
}

/// What is written above an entry and those inside of it: by their keys.
pub(crate) fn documentation<'a>(entry: &'a Entry, above: &str, found: &mut Vec<(String, &'a str)>) {
    let (doc, key, inside): (&Option<Doc>, _, &[Entry]) = match entry {
        Entry::Value { doc, key, .. } => (doc, key, &[]),
        Entry::Group { doc, key, body, .. } => (doc, key, &body.entries),
    };
    let path = if above.is_empty() { key.text.to_string() } else { format!("{above}.{}", key.text) };
    if let Some(doc) = doc {
        found.push((path.clone(), doc.text.as_str()));
    }
    inside.iter().for_each(|entry| documentation(entry, &path, found));
}

/// Names and texts in backticks: `a`, `b` and `c`.
pub(crate) fn quoted<T: AsRef<str>>(texts: &[T]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| format!("`{}`", text.as_ref())).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
