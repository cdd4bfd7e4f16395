//! Statements of a plan as statements of the tree.

use groma_plan::relation::{Join, JoinKind, Literal, Relation, Select, Statement, Step, Table, ValueType, Values};
use sqlparser::ast;

use crate::build;
use crate::dialect::Dialect;
use crate::error::RenderError;
use crate::expression::Expressions;
use crate::literal::{checked_name, literal, typed_literal};
use crate::source_query;

/// The statement as a query.
pub(crate) fn query(statement: &Statement, dialect: &Dialect) -> Result<ast::Query, RenderError> {
    let taken: Vec<&str> = statement.steps.iter().map(|step| step.name.as_str()).collect();
    let statements = Statements { dialect, expressions: Expressions { dialect }, taken: &taken };
    let named = statement.steps.iter().map(|step| statements.step(step)).collect::<Result<_, _>>()?;
    let mut query = build::with(named, statements.select(&statement.result)?);
    if let Some(rewrite) = dialect.last_rewrite {
        rewrite(&mut query);
    }
    Ok(query)
}

#[derive(Clone, Copy)]
struct Statements<'a> {
    dialect: &'a Dialect,
    expressions: Expressions<'a>,
    /// The names of all steps.
    taken: &'a [&'a str],
}

impl Statements<'_> {
    fn step(self, step: &Step) -> Result<ast::Cte, RenderError> {
        let query = match &step.relation {
            Relation::Select(select) => self.select(select)?,
            Relation::UnionAll(parts) => self.union_all(parts)?,
            Relation::Values(values) => self.values(values)?,
            Relation::Query { text, tables } => {
                let tables: Vec<_> = tables.iter().map(|(name, table)| (name.as_str(), parts(table))).collect();
                source_query::embedded(text, &step.name, &tables, self.taken, self.dialect)
                    .map_err(RenderError::Query)?
            }
        };
        let name = checked_name(&step.name, self.dialect)?;
        Ok(build::named_query(name, step.materialized && self.dialect.materialized, query))
    }

    fn select(self, select: &Select) -> Result<ast::Query, RenderError> {
        let order_by = select
            .order_by
            .iter()
            .map(|order| Ok(build::order(self.expressions.key(&order.expr)?, order.descending, order.nulls_first)))
            .collect::<Result<_, RenderError>>()?;
        Ok(build::query(self.body(select)?, order_by))
    }

    fn body(self, select: &Select) -> Result<ast::SetExpr, RenderError> {
        let expressions = self.expressions;
        let columns = select
            .columns
            .iter()
            .map(|output| {
                let name = checked_name(&output.name, self.dialect)?;
                Ok(build::output(expressions.write(&output.expr)?, name))
            })
            .collect::<Result<Vec<_>, RenderError>>()?;
        if columns.is_empty() {
            return Err(RenderError::BadPlan { what: "a select without columns".to_owned() });
        }
        let condition = |expr: &Option<_>| expr.as_ref().map(|expr| expressions.write(expr)).transpose();
        Ok(build::select(build::SelectParts {
            distinct: select.distinct,
            columns,
            from: select.from.as_ref().map(|from| self.table(&from.table, &from.alias)).transpose()?,
            joins: select.joins.iter().map(|join| self.join(join)).collect::<Result<_, _>>()?,
            filter: condition(&select.filter)?,
            group_by: self.group_by(select)?,
            having: condition(&select.having)?,
        }))
    }

    fn group_by(self, select: &Select) -> Result<Vec<ast::Expr>, RenderError> {
        let keys: Vec<ast::Expr> =
            select.group_by.iter().map(|key| self.expressions.key(key)).collect::<Result<_, _>>()?;
        if select.grouping_sets.is_empty() {
            return Ok(keys);
        }
        let set =
            |places: &Vec<usize>| places.iter().map(|place| keys.get(*place).cloned()).collect::<Option<Vec<_>>>();
        let sets: Option<Vec<Vec<ast::Expr>>> = select.grouping_sets.iter().map(set).collect();
        let sets = sets.ok_or_else(|| RenderError::BadPlan { what: "a grouping set with no such key".to_owned() })?;
        Ok(vec![build::grouping_sets(sets)])
    }

    fn table(self, table: &Table, alias: &str) -> Result<ast::TableFactor, RenderError> {
        let parts = parts(table);
        for name in parts.iter().map(String::as_str).chain([alias]) {
            checked_name(name, self.dialect)?;
        }
        Ok(build::table(&parts, alias))
    }

    fn join(self, join: &Join) -> Result<ast::Join, RenderError> {
        let relation = self.table(&join.table, &join.alias)?;
        let on = join.on.as_ref().map(|on| self.expressions.write(on)).transpose()?;
        match (join.kind, on) {
            (JoinKind::Inner, Some(on)) => Ok(build::inner_join(relation, on)),
            (JoinKind::Left, Some(on)) => Ok(build::left_join(relation, on)),
            (JoinKind::Cross, None) => Ok(build::cross_join(relation)),
            (kind, _) => {
                Err(RenderError::BadPlan { what: format!("a {kind:?} join to `{}`: its condition", join.alias) })
            }
        }
    }

    fn union_all(self, parts: &[Select]) -> Result<ast::Query, RenderError> {
        let mut bodies = Vec::new();
        for part in parts {
            bodies.push(match part.order_by.is_empty() {
                true => self.body(part)?,
                false => build::nested_query(self.select(part)?),
            });
        }
        match bodies.into_iter().reduce(build::union_all) {
            Some(body) => Ok(build::query(body, vec![])),
            None => Err(RenderError::BadPlan { what: "a union of nothing".to_owned() }),
        }
    }

    /// The first row says the types; a decimal says them in every row.
    fn values(self, values: &Values) -> Result<ast::Query, RenderError> {
        let names = values.columns.iter().map(|(name, _)| Ok(checked_name(name, self.dialect)?.to_owned()));
        let names = names.collect::<Result<Vec<String>, RenderError>>()?;
        let mut rows = Vec::new();
        for row in &values.rows {
            if row.len() != names.len() {
                return Err(RenderError::BadPlan { what: "a row of another length than its columns".to_owned() });
            }
            rows.push(self.row(row, values, rows.is_empty())?);
        }
        if rows.is_empty() {
            return self.no_rows(values);
        }
        let from = Some(build::values_table(rows, "v", &names));
        let columns = vec![build::every_column()];
        Ok(build::query(build::select(build::SelectParts { columns, from, ..Default::default() }), vec![]))
    }

    fn row(self, row: &[Literal], values: &Values, first: bool) -> Result<Vec<ast::Expr>, RenderError> {
        let typed = row.iter().zip(&values.columns);
        typed
            .map(|(constant, (_, value_type))| match value_type {
                ValueType::Decimal { .. } => typed_literal(constant, *value_type, self.dialect),
                _ if first => typed_literal(constant, *value_type, self.dialect),
                _ => literal(constant, self.dialect),
            })
            .collect()
    }

    /// No engine reads `VALUES` without a row.
    fn no_rows(self, values: &Values) -> Result<ast::Query, RenderError> {
        let null = |value_type| build::cast(build::null(), (self.dialect.data_type)(value_type));
        let columns = values.columns.iter().map(|(name, value_type)| build::output(null(*value_type), name)).collect();
        let filter = Some(build::boolean(false));
        Ok(build::query(build::select(build::SelectParts { columns, filter, ..Default::default() }), vec![]))
    }
}

/// A table's name, as its parts.
fn parts(table: &Table) -> Vec<String> {
    match table {
        Table::Step(name) => vec![name.clone()],
        Table::Physical(parts) => parts.clone(),
    }
}
