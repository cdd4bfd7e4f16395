//! Questions to the engine's own catalog: what is there already.

use super::written::quoted;
use crate::build::definition::value_of;
use crate::build::{self, SelectParts};
use crate::literal::text;
use sqlparser::ast::{BinaryOperator, DataType, Expr, Query};

/// No schema is called that.
pub(super) fn lacks_schema(schema: &[String]) -> Expr {
    build::is_null(build::call("TO_REGNAMESPACE", vec![text(&quoted(schema))]))
}

/// No table and no view is called that.
pub(super) fn lacks_relation(name: &[String]) -> Expr {
    build::is_null(relation(name))
}

fn relation(name: &[String]) -> Expr {
    build::call("TO_REGCLASS", vec![text(&quoted(name))])
}

/// The table lacks one of these columns.
pub(super) fn lacks_column(table: &[String], columns: &[&str]) -> Expr {
    let found = of_columns(table, build::count_rows(None), Some(is_one_of(columns)));
    let all = build::integer(i64::try_from(columns.len()).unwrap_or(i64::MAX));
    build::binary(BinaryOperator::Lt, found, all)
}

/// The names of a relation's columns in their order, each with a comma behind it; an empty text where it is not there.
fn column_list(name: &[String]) -> Expr {
    let column = build::cast(build::column(None, "attname"), DataType::Varchar(None));
    let each = build::binary(BinaryOperator::StringConcat, column, text(","));
    let order_by = vec![build::plain_order(build::column(None, "attnum"))];
    let parts = build::CallParts { order_by, ..Default::default() };
    let list = build::call_with("STRING_AGG", vec![each, text("")], parts);
    build::call("COALESCE", vec![of_columns(name, list, None), text("")])
}

fn listed(columns: &[&str]) -> Expr {
    text(&columns.iter().map(|column| format!("{column},")).collect::<String>())
}

/// The view is there, and has other columns, or has one as another type than the table that it is of.
pub(super) fn differs(view: &[String], table: &[String], columns: &[&str]) -> Expr {
    let there = build::is_not_null(relation(view));
    let others = build::binary(BinaryOperator::NotEq, column_list(view), listed(columns));
    build::and(there, build::binary(BinaryOperator::Or, others, types_differ(view, table, columns)))
}

/// The view's columns are not the first ones of these, as the table that it is of has them: it cannot be replaced by a view of
/// these.
pub(super) fn cannot_be_replaced(view: &[String], table: &[String], columns: &[&str]) -> Expr {
    let others = build::not(build::call("STARTS_WITH", vec![listed(columns), column_list(view)]));
    build::binary(BinaryOperator::Or, others, types_differ(view, table, columns))
}

/// Some column has two types in these two relations.
fn types_differ(view: &[String], table: &[String], columns: &[&str]) -> Expr {
    let word = |name: &str| build::cast(build::column(None, name), DataType::Varchar(None));
    let concat = |left, right| build::binary(BinaryOperator::StringConcat, left, right);
    let typed = concat(concat(word("attname"), text(" ")), word("atttypid"));
    let parts = build::CallParts { distinct: true, ..Default::default() };
    let found = build::call_with("COUNT", vec![typed], parts);
    let of = build::in_list(build::column(None, "attrelid"), vec![relation(view), relation(table)], false);
    let all = build::integer(i64::try_from(columns.len()).unwrap_or(i64::MAX));
    build::binary(BinaryOperator::Gt, value_of_columns(of, found, Some(is_one_of(columns))), all)
}

/// The view says something else about itself, and whoever runs this may change that.
pub(super) fn says_otherwise(view: &[String], documentation: &str) -> Expr {
    let said = build::call("OBJ_DESCRIPTION", vec![relation(view), text("pg_class")]);
    let said = build::call("COALESCE", vec![said, text("")]);
    let owner = build::call("PG_HAS_ROLE", vec![build::column(None, "relowner"), text("USAGE")]);
    let condition = build::binary(BinaryOperator::Eq, build::column(None, "oid"), relation(view));
    let owns = build::call("COALESCE", vec![from_catalog("pg_class", owner, condition), build::boolean(false)]);
    build::and(build::binary(BinaryOperator::NotEq, said, text(documentation)), owns)
}

/// A column of the catalog's is called one of these.
fn is_one_of(columns: &[&str]) -> Expr {
    let names = columns.iter().map(|column| text(column)).collect();
    build::in_list(build::column(None, "attname"), names, false)
}

/// Something about the columns of a relation.
fn of_columns(name: &[String], asked: Expr, further: Option<Expr>) -> Expr {
    let of = build::binary(BinaryOperator::Eq, build::column(None, "attrelid"), relation(name));
    value_of_columns(of, asked, further)
}

/// Something about the columns of relations.
fn value_of_columns(of: Expr, asked: Expr, further: Option<Expr>) -> Expr {
    let own = build::binary(BinaryOperator::Gt, build::column(None, "attnum"), build::number("0"));
    let there = build::not(build::column(None, "attisdropped"));
    let condition = [Some(own), Some(there), further].into_iter().flatten().fold(of, build::and);
    from_catalog("pg_attribute", asked, condition)
}

fn from_catalog(table: &str, asked: Expr, condition: Expr) -> Expr {
    let table = ["pg_catalog".to_owned(), table.to_owned()];
    value_of(of(&table, asked, Some(condition)))
}

/// `SELECT asked FROM table WHERE condition`.
fn of(table: &[String], asked: Expr, filter: Option<Expr>) -> Query {
    let columns = vec![build::definition::unnamed(asked)];
    let from = Some(build::bare_table(table));
    build::query(build::select(SelectParts { columns, from, filter, ..Default::default() }), vec![])
}
