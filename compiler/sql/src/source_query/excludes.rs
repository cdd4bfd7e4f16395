//! The rows that a query leaves out by name: `order_id NOT IN (7, 9)`, `id <> 'A-1'`, `NOT (id = 7)`.

use sqlparser::ast::{BinaryOperator, Expr, Query, Select, SelectItem, SetExpr, TableFactor, UnaryOperator, Value};

use super::place;
use crate::visit::{Flow, Look, look};

/// The columns whose values are named to leave rows out, each with its place in the text.
pub(super) fn excludes(query: &Query, text: &str) -> Vec<(String, Option<usize>)> {
    let mut looking = Looking { text, found: Vec::new() };
    let _ = look(query, &mut looking);
    looking.found
}

struct Looking<'a> {
    text: &'a str,
    found: Vec<(String, Option<usize>)>,
}

impl Look for Looking<'_> {
    fn expr(&mut self, expr: &Expr) -> Flow {
        let excluded = match expr {
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => named(expr, true),
            _ => named(expr, false),
        };
        if let Some(column) = excluded {
            self.found.push((column, place::start(expr, self.text)));
        }
        Flow::Continue(())
    }
}

/// The column whose values a condition leaves out; `inverted`: by not holding.
fn named(condition: &Expr, inverted: bool) -> Option<String> {
    match condition {
        Expr::Nested(inner) => named(inner, inverted),
        Expr::InList { expr, list, negated } if *negated != inverted => {
            column(expr).filter(|_| list.iter().all(is_literal) && list.iter().any(names))
        }
        Expr::InSubquery { expr, subquery, negated } if *negated != inverted => {
            column(expr).filter(|_| lists(subquery))
        }
        Expr::BinaryOp { left, op, right } => {
            let unequal = match op {
                BinaryOperator::NotEq => true,
                BinaryOperator::Eq => false,
                _ => return None,
            };
            let named = column(left).filter(|_| names(right)).or_else(|| column(right).filter(|_| names(left)));
            named.filter(|_| unequal != inverted)
        }
        Expr::IsDistinctFrom(left, right) if !inverted => column(left).filter(|_| names(right)),
        Expr::IsNotDistinctFrom(left, right) if inverted => column(left).filter(|_| names(right)),
        Expr::Like { negated, any: false, expr, pattern, .. } if *negated != inverted => {
            column(expr).filter(|_| text(pattern).is_some_and(|text| !text.is_empty() && !text.contains('%')))
        }
        _ => None,
    }
}

/// The only column of an expression that gives it back in other letters or another type.
fn column(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(name) => Some(name.value.clone()),
        Expr::CompoundIdentifier(parts) => parts.last().map(|name| name.value.clone()),
        Expr::Nested(inner) | Expr::Cast { expr: inner, .. } | Expr::Trim { expr: inner, .. } => column(inner),
        Expr::Function(function) => {
            let name = function.name.0.last()?.as_ident()?.value.to_lowercase();
            let keeps =
                ["lower", "upper", "trim", "coalesce", "concat", "btrim", "ltrim", "rtrim"].contains(&name.as_str());
            let sqlparser::ast::FunctionArguments::List(list) = &function.args else { return None };
            let mut columns = list.args.iter().filter_map(|argument| match argument {
                sqlparser::ast::FunctionArg::Unnamed(sqlparser::ast::FunctionArgExpr::Expr(expr)) => column(expr),
                _ => None,
            });
            keeps.then(|| columns.next()).flatten()
        }
        Expr::BinaryOp { left, op: BinaryOperator::StringConcat, right } => column(left).or_else(|| column(right)),
        _ => None,
    }
}

/// A query that lists values and reads no table.
fn lists(query: &Query) -> bool {
    fn listed(body: &SetExpr) -> bool {
        match body {
            SetExpr::Values(_) => true,
            SetExpr::Query(query) => lists(query),
            SetExpr::SetOperation { left, right, .. } => listed(left) && listed(right),
            SetExpr::Select(select) => reads_nothing(select),
            _ => false,
        }
    }
    listed(&query.body)
}

fn reads_nothing(select: &Select) -> bool {
    let of_values = |factor: &TableFactor| match factor {
        TableFactor::Derived { subquery, .. } => lists(subquery),
        TableFactor::UNNEST { .. } => true,
        _ => false,
    };
    let from = select.from.iter().all(|table| table.joins.is_empty() && of_values(&table.relation));
    let literal = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => is_literal(expr),
        _ => false,
    };
    from && (!select.from.is_empty() || select.projection.iter().all(literal))
}

fn is_literal(expr: &Expr) -> bool {
    match expr {
        Expr::Value(_) | Expr::TypedString(_) => true,
        Expr::Nested(inner) | Expr::Cast { expr: inner, .. } | Expr::UnaryOp { expr: inner, .. } => is_literal(inner),
        _ => false,
    }
}

/// Whether it is a literal that may be the identifier of something.
fn names(expr: &Expr) -> bool {
    match expr {
        Expr::Value(value) => {
            !matches!(&value.value, Value::Null | Value::Boolean(_)) && text(expr).is_none_or(|text| !text.is_empty())
        }
        _ => is_literal(expr),
    }
}

fn text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}
