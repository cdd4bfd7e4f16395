//! Where a query's columns come from, as far as its text says.

use sqlparser::ast::{
    Cte, Expr, Ident, Join, JoinConstraint, JoinOperator, ObjectName, Query, Select, SelectFlavor, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, SetQuantifier, TableAlias, TableFactor, TableWithJoins,
    WildcardAdditionalOptions,
};

use std::cell::RefCell;

use super::names::{dotted, key, last};
use super::reads::{Reads, reads};
use super::{Cell, OutputColumn, RowReads, rows};

/// The query's columns, where they follow from the text, and the cell that it promises. Notes what decides about its rows.
pub(super) fn columns(query: &Query, rows: &RefCell<RowReads>) -> (Option<Vec<OutputColumn>>, Option<Cell>) {
    let outside = Named { own: vec![], outer: None, rows };
    let named = named_queries(query, &outside);
    (of_query_with(query, &named, None), rows::cell(query, &named))
}

/// The table whose columns a query gives, all of them and no others.
pub(super) fn whole(query: &Query) -> Option<String> {
    let SetExpr::Select(select) = &*query.body else { return None };
    let ([SelectItem::Wildcard(options)], [from]) = (select.projection.as_slice(), select.from.as_slice()) else {
        return None;
    };
    let plain =
        is_plain(options) && select.exclude.is_none() && query.with.is_none() && query.pipe_operators.is_empty();
    match &from.relation {
        TableFactor::Table { name, alias, args: None, .. } if plain && from.joins.is_empty() => {
            let renamed = alias.as_ref().is_some_and(|alias| !alias.columns.is_empty());
            (!renamed).then(|| dotted(name))
        }
        _ => None,
    }
}

/// What can be read from.
#[derive(Clone)]
pub(super) enum Relation {
    /// A table, whose columns are not known here.
    Table(String),
    Columns(Vec<OutputColumn>),
    /// Something else, whose columns are not known.
    Unknown,
}

impl Relation {
    fn of(columns: Option<Vec<OutputColumn>>) -> Self {
        columns.map_or(Relation::Unknown, Relation::Columns)
    }
}

/// The queries that have a name here, the nearest last.
pub(super) struct Named<'o> {
    own: Vec<(String, Relation)>,
    outer: Option<&'o Named<'o>>,
    /// What decides about rows, of this query and of those in it.
    pub(super) rows: &'o RefCell<RowReads>,
}

impl Named<'_> {
    fn find(&self, name: &ObjectName) -> Option<&Relation> {
        let [part] = name.0.as_slice() else {
            return None;
        };
        let key = key(part.as_ident()?);
        let own = self.own.iter().rev().find(|(own, _)| *own == key).map(|(_, relation)| relation);
        own.or_else(|| self.outer.and_then(|outer| outer.find(name)))
    }
}

/// The relations whose columns an expression may name.
pub(super) struct Scope<'o> {
    pub(super) relations: Vec<(String, Relation)>,
    /// Of the query around, for a query inside an expression.
    pub(super) outer: Option<&'o Scope<'o>>,
}

pub(super) fn of_query(query: &Query, outer: &Named<'_>, scope: Option<&Scope<'_>>) -> Option<Vec<OutputColumn>> {
    of_query_with(query, &named_queries(query, outer), scope)
}

/// The queries that a query names before it begins.
fn named_queries<'o>(query: &Query, outer: &'o Named<'o>) -> Named<'o> {
    let mut named = Named { own: vec![], outer: Some(outer), rows: outer.rows };
    for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
        let recursive = query.with.as_ref().is_some_and(|with| with.recursive);
        let relation = if recursive { of_recursive(cte, &named) } else { of_named(cte, &named) };
        named.own.push((key(&cte.alias.name), relation));
    }
    named
}

fn of_query_with(query: &Query, named: &Named<'_>, scope: Option<&Scope<'_>>) -> Option<Vec<OutputColumn>> {
    rows::note_order(query, named, scope);
    if query.pipe_operators.is_empty() {
        return of_body(&query.body, named, scope);
    }
    named.rows.borrow_mut().traced = false;
    None
}

fn of_named(cte: &Cte, named: &Named<'_>) -> Relation {
    renamed(Relation::of(of_query(&cte.query, named, None)), Some(&cte.alias))
}

/// A recursive query reads its own first part.
fn of_recursive(cte: &Cte, named: &Named<'_>) -> Relation {
    let first = match &*cte.query.body {
        SetExpr::SetOperation { left, .. } if cte.query.with.is_none() => Relation::of(of_body(left, named, None)),
        _ => Relation::Unknown,
    };
    let first = renamed(first, Some(&cte.alias));
    let named = Named { own: vec![(key(&cte.alias.name), first)], outer: Some(named), rows: named.rows };
    of_named(cte, &named)
}

fn of_body(body: &SetExpr, named: &Named<'_>, scope: Option<&Scope<'_>>) -> Option<Vec<OutputColumn>> {
    match body {
        SetExpr::Select(select) => of_select(select, named, scope),
        SetExpr::Query(query) => of_query(query, named, scope),
        SetExpr::SetOperation { left, right, set_quantifier, .. } => match set_quantifier {
            SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName => None,
            _ => united(of_body(left, named, scope)?, of_body(right, named, scope)?),
        },
        SetExpr::Values(values) => {
            let rows = values.rows.iter().map(|row| {
                row.iter()
                    .map(|value| output(String::new(), reads(value, &Scope { relations: vec![], outer: scope }, named)))
            });
            rows.map(Iterator::collect).map(Some).reduce(|left, right| united(left?, right?)).flatten()
        }
        _ => None,
    }
}

/// The columns of both sides, by their places, under the names of the left side.
fn united(left: Vec<OutputColumn>, right: Vec<OutputColumn>) -> Option<Vec<OutputColumn>> {
    (left.len() == right.len()).then(|| {
        let pairs = left.into_iter().zip(right);
        pairs
            .map(|(left, right)| {
                let mut both = Reads::of(&left);
                both.add(&right);
                output(left.name, both)
            })
            .collect()
    })
}

fn output(name: String, reads: Reads) -> OutputColumn {
    OutputColumn {
        name,
        reads: reads.columns,
        traced: reads.traced,
        guesses: reads.guesses,
        blind: reads.blind,
        how: reads.how,
        summary: false,
    }
}

fn computed(name: String, expr: &Expr, scope: &Scope<'_>, named: &Named<'_>) -> OutputColumn {
    let mut reads = reads(expr, scope, named);
    reads.how = reads.how.max(rows::how(expr));
    OutputColumn { summary: rows::is_summary(expr), ..output(name, reads) }
}

/// What a select reads from.
pub(super) fn relations<'o>(select: &Select, named: &Named<'_>, outer: Option<&'o Scope<'o>>) -> Scope<'o> {
    let mut scope = Scope { relations: vec![], outer };
    for table in &select.from {
        add_tables(table, &mut scope, named);
    }
    scope
}

fn of_select(select: &Select, named: &Named<'_>, outer: Option<&Scope<'_>>) -> Option<Vec<OutputColumn>> {
    let scope = relations(select, named, outer);
    rows::note(select, &scope, named);
    let merges = select.from.iter().flat_map(|table| &table.joins).any(merges_columns);
    if select.exclude.is_some() {
        return None;
    }
    if select.flavor == SelectFlavor::FromFirstNoSelect {
        return every_column(&scope, merges);
    }
    let mut columns = Vec::new();
    for item in &select.projection {
        match item {
            SelectItem::UnnamedExpr(expr) => columns.push(computed(own_name(expr), expr, &scope, named)),
            SelectItem::ExprWithAlias { expr, alias } => columns.push(computed(key(alias), expr, &scope, named)),
            SelectItem::Wildcard(options) if is_plain(options) => columns.extend(every_column(&scope, merges)?),
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(table), options)
                if is_plain(options) =>
            {
                columns.extend(columns_of(table, &scope)?);
            }
            _ => return None,
        }
    }
    Some(columns)
}

/// `*` shows a column that both sides share once.
fn merges_columns(join: &Join) -> bool {
    let (JoinOperator::Join(constraint)
    | JoinOperator::Inner(constraint)
    | JoinOperator::Left(constraint)
    | JoinOperator::LeftOuter(constraint)
    | JoinOperator::Right(constraint)
    | JoinOperator::RightOuter(constraint)
    | JoinOperator::FullOuter(constraint)
    | JoinOperator::CrossJoin(constraint)) = &join.join_operator
    else {
        return true;
    };
    matches!(constraint, JoinConstraint::Using(_) | JoinConstraint::Natural)
}

fn is_plain(options: &WildcardAdditionalOptions) -> bool {
    *options == WildcardAdditionalOptions::default()
}

fn every_column(scope: &Scope<'_>, merges: bool) -> Option<Vec<OutputColumn>> {
    let all = scope.relations.iter().map(|(_, relation)| known(relation));
    if merges { None } else { all.collect::<Option<Vec<_>>>().map(|columns| columns.concat()) }
}

fn columns_of(table: &ObjectName, scope: &Scope<'_>) -> Option<Vec<OutputColumn>> {
    let key = key(last(table)?);
    scope.relations.iter().find(|(alias, _)| *alias == key).and_then(|(_, relation)| known(relation))
}

fn known(relation: &Relation) -> Option<Vec<OutputColumn>> {
    match relation {
        Relation::Columns(columns) => Some(columns.clone()),
        Relation::Table(_) | Relation::Unknown => None,
    }
}

/// The name a column has without being given one.
fn own_name(expr: &Expr) -> String {
    match expr {
        Expr::Identifier(ident) => key(ident),
        Expr::CompoundIdentifier(parts) => parts.last().map(key).unwrap_or_default(),
        _ => String::new(),
    }
}

fn add_tables(table: &TableWithJoins, scope: &mut Scope<'_>, named: &Named<'_>) {
    add_table(&table.relation, scope, named);
    for join in &table.joins {
        add_table(&join.relation, scope, named);
    }
}

fn add_table(factor: &TableFactor, scope: &mut Scope<'_>, named: &Named<'_>) {
    let (alias, relation) = match factor {
        TableFactor::Table { name, alias, args: None, .. } => {
            let relation = named.find(name).cloned().unwrap_or_else(|| Relation::Table(dotted(name)));
            (alias_key(alias.as_ref(), last(name)), renamed(relation, alias.as_ref()))
        }
        TableFactor::Derived { subquery, alias, .. } => {
            let columns = of_query(subquery, named, Some(scope));
            (alias_key(alias.as_ref(), None), renamed(Relation::of(columns), alias.as_ref()))
        }
        TableFactor::NestedJoin { table_with_joins, alias: None } => return add_tables(table_with_joins, scope, named),
        TableFactor::Table { alias, .. }
        | TableFactor::Function { alias, .. }
        | TableFactor::TableFunction { alias, .. }
        | TableFactor::UNNEST { alias, .. }
        | TableFactor::NestedJoin { alias, .. }
        | TableFactor::Pivot { alias, .. }
        | TableFactor::Unpivot { alias, .. } => (alias_key(alias.as_ref(), None), Relation::Unknown),
        _ => (String::new(), Relation::Unknown),
    };
    scope.relations.push((alias, relation));
}

fn alias_key(alias: Option<&TableAlias>, name: Option<&Ident>) -> String {
    alias.map(|alias| &alias.name).or(name).map(key).unwrap_or_default()
}

/// The relation under the column names its alias gives it.
fn renamed(relation: Relation, alias: Option<&TableAlias>) -> Relation {
    let names: Vec<String> = alias.iter().flat_map(|alias| &alias.columns).map(|column| key(&column.name)).collect();
    match relation {
        relation if names.is_empty() => relation,
        Relation::Columns(mut columns) if names.len() <= columns.len() => {
            columns.iter_mut().zip(names).for_each(|(column, name)| column.name = name);
            Relation::Columns(columns)
        }
        _ => Relation::Unknown,
    }
}
