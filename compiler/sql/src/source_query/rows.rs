//! Which columns decide what rows a query gives, and of how many things at least a row tells.

use sqlparser::ast::{
    BinaryOperator, Distinct, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    GroupByExpr, Join, JoinConstraint, JoinOperator, OrderByKind, Query, Select, SelectItem, SetExpr, Value,
};

use super::lineage::{Named, Scope, relations};
use super::names::{key, last};
use super::reads::{Reads, named_everywhere, reads};
use super::{Cell, How, RowReads};

impl RowReads {
    pub(super) fn none() -> Self {
        RowReads { filter: vec![], join: vec![], group: vec![], traced: true }
    }

    fn add(&mut self, role: Role, found: Reads) {
        self.traced &= !found.blind;
        let known = match role {
            Role::Filter => &mut self.filter,
            Role::Join => &mut self.join,
            Role::Group => &mut self.group,
        };
        for column in found.columns.into_iter().chain(found.guesses) {
            if !known.contains(&column) {
                known.push(column);
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Role {
    Filter,
    Join,
    Group,
}

/// Notes the columns by which a select chooses, joins and groups its rows.
pub(super) fn note(select: &Select, scope: &Scope<'_>, named: &Named<'_>) {
    let note = |role: Role, expr: &Expr| {
        let found = chosen(expr, select, scope, named);
        named.rows.borrow_mut().add(role, found);
    };
    let filters = [&select.selection, &select.prewhere, &select.having, &select.qualify];
    filters.into_iter().flatten().for_each(|filter| note(Role::Filter, filter));
    match &select.group_by {
        GroupByExpr::Expressions(groups, _) => groups.iter().for_each(|group| note(Role::Group, group)),
        GroupByExpr::All(_) => projected(select).for_each(|group| note(Role::Group, group)),
    }
    match &select.distinct {
        Some(Distinct::On(groups)) => groups.iter().for_each(|group| note(Role::Group, group)),
        Some(Distinct::Distinct) => projected(select).for_each(|group| note(Role::Group, group)),
        Some(Distinct::All) | None => {}
    }
    for join in select.from.iter().flat_map(|table| &table.joins) {
        match constraint(join) {
            Some(JoinConstraint::On(condition)) => note(Role::Join, condition),
            Some(JoinConstraint::Using(columns)) => {
                for column in columns.iter().filter_map(last) {
                    named.rows.borrow_mut().add(Role::Join, named_everywhere(&key(column), scope));
                }
            }
            Some(JoinConstraint::Natural) => named.rows.borrow_mut().traced = false,
            Some(JoinConstraint::None) | None => {}
        }
    }
    if !select.connect_by.is_empty() || !select.lateral_views.is_empty() {
        named.rows.borrow_mut().traced = false;
    }
}

/// Notes by what a query that gives some of its rows only sorts them.
pub(super) fn note_order(query: &Query, named: &Named<'_>, outer: Option<&Scope<'_>>) {
    if query.limit_clause.is_none() && query.fetch.is_none() {
        return;
    }
    let Some(order) = &query.order_by else { return };
    match (&*query.body, &order.kind) {
        (SetExpr::Select(select), OrderByKind::Expressions(orders)) => {
            let scope = relations(select, named, outer);
            for order in orders {
                let found = chosen(&order.expr, select, &scope, named);
                named.rows.borrow_mut().add(Role::Filter, found);
            }
        }
        _ => named.rows.borrow_mut().traced = false,
    }
}

/// What an expression of `where`, `group by` and the like reads: it may name a column of the select by its place or its name.
fn chosen(expr: &Expr, select: &Select, scope: &Scope<'_>, named: &Named<'_>) -> Reads {
    let meant = match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(place, _) => {
                place.parse::<usize>().ok().and_then(|place| projected(select).nth(place.checked_sub(1)?))
            }
            _ => None,
        },
        Expr::Identifier(name) => select.projection.iter().find_map(|item| match item {
            SelectItem::ExprWithAlias { expr, alias } if key(alias) == key(name) => Some(expr),
            _ => None,
        }),
        _ => None,
    };
    reads(meant.unwrap_or(expr), scope, named)
}

fn projected(select: &Select) -> impl Iterator<Item = &Expr> {
    select.projection.iter().filter_map(|item| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    })
}

fn constraint(join: &Join) -> Option<&JoinConstraint> {
    match &join.join_operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint)
        | JoinOperator::CrossJoin(constraint)
        | JoinOperator::Semi(constraint)
        | JoinOperator::LeftSemi(constraint)
        | JoinOperator::RightSemi(constraint)
        | JoinOperator::Anti(constraint)
        | JoinOperator::LeftAnti(constraint)
        | JoinOperator::RightAnti(constraint)
        | JoinOperator::StraightJoin(constraint)
        | JoinOperator::AsOf { constraint, .. } => Some(constraint),
        _ => None,
    }
}

/// Functions whose value is about all rows of a group, and shows none of them.
const SUMMARIES: [&str; 12] = [
    "count",
    "sum",
    "avg",
    "mean",
    "stddev",
    "stddev_samp",
    "stddev_pop",
    "variance",
    "var_samp",
    "var_pop",
    "approx_distinct",
    "approx_count_distinct",
];

/// Functions whose value is that of one of the rows of a group, or all of them.
const PICKS: [&str; 18] = [
    "min",
    "max",
    "median",
    "mode",
    "any_value",
    "first",
    "last",
    "first_value",
    "last_value",
    "arbitrary",
    "array_agg",
    "string_agg",
    "listagg",
    "group_concat",
    "quantile",
    "quantile_cont",
    "percentile_cont",
    "percentile_disc",
];

fn function_name(function: &Function) -> String {
    last(&function.name).map(key).unwrap_or_default().to_lowercase()
}

/// How an expression makes its value of what it reads.
pub(super) fn how(expr: &Expr) -> How {
    match expr {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => How::Identity,
        Expr::Nested(inner) => how(inner),
        _ if aggregates(expr) => How::Aggregation,
        _ => How::Transformation,
    }
}

fn aggregates(expr: &Expr) -> bool {
    struct Aggregates(bool);
    impl crate::visit::Look for Aggregates {
        fn expr(&mut self, expr: &Expr) -> crate::visit::Flow {
            if let Expr::Function(function) = expr
                && function.over.is_none()
            {
                let name = function_name(function);
                self.0 |= SUMMARIES.contains(&name.as_str()) || PICKS.contains(&name.as_str());
            }
            crate::visit::Flow::Continue(())
        }
    }
    let mut found = Aggregates(false);
    let _ = crate::visit::look(expr, &mut found);
    found.0
}

/// Whether an expression is made of nothing but counts, sums and averages over groups.
pub(super) fn is_summary(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) | Expr::UnaryOp { expr: inner, .. } | Expr::Cast { expr: inner, .. } => is_summary(inner),
        Expr::BinaryOp { left, right, .. } => is_summary(left) && is_summary(right),
        Expr::Value(_) => true,
        Expr::Function(function) if function.over.is_none() => {
            let name = function_name(function);
            SUMMARIES.contains(&name.as_str())
                || matches!(name.as_str(), "round" | "coalesce" | "nullif") && arguments(function).all(is_summary)
        }
        _ => false,
    }
}

fn arguments(function: &Function) -> impl Iterator<Item = &Expr> {
    let list = match &function.args {
        FunctionArguments::List(list) => list.args.as_slice(),
        _ => &[],
    };
    list.iter().filter_map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    })
}

/// The cell that a query promises: `having count(distinct person_id) >= 10`.
pub(super) fn cell(query: &Query, named: &Named<'_>) -> Option<Cell> {
    let SetExpr::Select(select) = &*query.body else { return None };
    let scope = relations(select, named, None);
    let mut open = vec![select.having.as_ref()?];
    while let Some(condition) = open.pop() {
        let Expr::BinaryOp { left, op, right } = condition else { continue };
        let (counted, least) = match op {
            BinaryOperator::And => {
                open.extend([&**left, &**right]);
                continue;
            }
            BinaryOperator::GtEq => (left, number(right)),
            BinaryOperator::Gt => (left, number(right).and_then(|number| number.checked_add(1))),
            BinaryOperator::LtEq => (right, number(left)),
            BinaryOperator::Lt => (right, number(left).and_then(|number| number.checked_add(1))),
            _ => continue,
        };
        if let (Some(least), Some(column)) = (least, counted_once(counted)) {
            let found = reads(column, &scope, named);
            let of = found.columns.into_iter().chain(found.guesses).collect();
            return (!found.blind).then_some(Cell { least, of });
        }
    }
    None
}

fn number(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(number, _) => number.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

/// The column of `count(distinct column)`.
fn counted_once(expr: &Expr) -> Option<&Expr> {
    let Expr::Function(function) = expr else { return None };
    let FunctionArguments::List(list) = &function.args else { return None };
    let distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
    let mut arguments = arguments(function);
    let only = arguments.next().filter(|_| list.args.len() == 1)?;
    let is_column = matches!(only, Expr::Identifier(_) | Expr::CompoundIdentifier(_));
    (distinct && is_column && function_name(function) == "count" && function.filter.is_none()).then_some(only)
}
