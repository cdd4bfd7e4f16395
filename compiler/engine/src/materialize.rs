//! `WITH x AS MATERIALIZED (…)`: the engine puts the text of a common table expression wherever it is used, and would
//! compute it each time. What is marked is computed once, before the statement, and read from memory.

use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    Cte, CteAsMaterialized, Ident, ObjectName, Query, SetExpr, TableFactor, With, visit_relations,
};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use std::ops::ControlFlow;

/// The first marked expression of a statement, as a query of its own: the expressions before it that it reads, itself, and
/// all of its rows. `None` when nothing is marked any more.
pub(crate) fn next_marked(query: &Query) -> Result<Option<(usize, Query)>, ParserError> {
    let Some(with) = &query.with else { return Ok(None) };
    let Some(position) = with.cte_tables.iter().position(is_marked) else { return Ok(None) };
    let needed = needed(&with.cte_tables[..=position]);
    let kept = with.cte_tables.iter().zip(needed).filter(|(_, is_needed)| *is_needed);
    let mut tables: Vec<Cte> = kept.map(|(cte, _)| cte.clone()).collect();
    let mut standalone = all_rows(&with.cte_tables[position].alias.name)?;
    if let Some(last) = tables.last_mut() {
        last.materialized = None;
    }
    standalone.with = Some(With { with_token: AttachedToken::empty(), recursive: with.recursive, cte_tables: tables });
    Ok(Some((position, standalone)))
}

/// Of each expression whether the last one reads it, by way of others or itself. The engine plans all that it is given, also
/// what nothing reads: with a hundred marked expressions that took as long as computing them. Where a name is of something
/// else in some query inside, more is kept than is needed.
fn needed(tables: &[Cte]) -> Vec<bool> {
    let mut needed = vec![false; tables.len()];
    if let Some(last) = needed.last_mut() {
        *last = true;
    }
    for reader in (0..tables.len()).rev() {
        if !needed[reader] {
            continue;
        }
        _ = visit_relations(&tables[reader].query, |name| {
            let read = name.0.last().and_then(|part| part.as_ident());
            for (place, cte) in tables[..reader].iter().enumerate() {
                needed[place] |= read.is_some_and(|read| read.value.eq_ignore_ascii_case(&cte.alias.name.value));
            }
            ControlFlow::<()>::Continue(())
        });
    }
    needed
}

/// Replaces the body of an expression by a reading of the table that holds its rows. Its name stays where it was, so
/// that a source or an expression of the same name means before and after it what it always meant.
pub(crate) fn replace_body(query: &mut Query, position: usize, table: &str) -> Result<(), ParserError> {
    let body = all_rows(&Ident::with_quote('"', table))?;
    if let Some(cte) = query.with.as_mut().and_then(|with| with.cte_tables.get_mut(position)) {
        *cte.query = body;
        cte.materialized = None;
    }
    Ok(())
}

fn is_marked(cte: &Cte) -> bool {
    matches!(cte.materialized, Some(CteAsMaterialized::Materialized))
}

/// `SELECT * FROM name`.
fn all_rows(name: &Ident) -> Result<Query, ParserError> {
    let mut query = Parser::new(&PostgreSqlDialect {}).try_with_sql("SELECT * FROM replaced")?.parse_query()?;
    if let SetExpr::Select(select) = &mut *query.body
        && let Some(TableFactor::Table { name: table, .. }) = select.from.first_mut().map(|from| &mut from.relation)
    {
        *table = ObjectName::from(vec![name.clone()]);
    }
    Ok(*query)
}
