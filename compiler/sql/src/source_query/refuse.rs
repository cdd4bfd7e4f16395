//! What a source's query must not do: change data, act on the engine, or read anything but tables.

use sqlparser::ast::{Expr, ObjectName, Query, Select, SetExpr, Spanned, Statement, TableFactor};

use super::{QueryProblem, place};
use crate::visit::{Flow, Look, look};

/// Finds the first thing that a source's query must not do.
pub(super) fn refuse(query: &Query, text: &str) -> Result<(), QueryProblem> {
    if matches!(*query.body, SetExpr::Values(_)) {
        return Err(QueryProblem::new("this lists rows: a source is one `SELECT`"));
    }
    match look(query, &mut Refusals { text }) {
        Flow::Break(problem) => Err(problem),
        Flow::Continue(()) => Ok(()),
    }
}

struct Refusals<'a> {
    text: &'a str,
}

fn refused(message: impl Into<String>) -> Flow {
    Flow::Break(QueryProblem::new(message))
}

impl Refusals<'_> {
    fn refused_name(&self, message: String, name: &ObjectName) -> Flow {
        Flow::Break(QueryProblem { message, offset: place::start(name, self.text) })
    }

    fn table_function(&self, name: &ObjectName) -> Flow {
        if TABLE_FUNCTIONS.contains(&function_name(name).as_str()) {
            return Flow::Continue(());
        }
        self.refused_name(format!("`{name}` is a function: a source's query reads tables by their names"), name)
    }
}

impl Look for Refusals<'_> {
    fn statement(&mut self, statement: &Statement) -> Flow {
        let message = "a source's query changes nothing, and this part does".to_owned();
        Flow::Break(QueryProblem { message, offset: place::of(statement.span().start, self.text) })
    }

    fn query(&mut self, query: &Query) -> Flow {
        if !query.locks.is_empty() {
            return refused("a source's query locks nothing, and `FOR UPDATE` or `FOR SHARE` does");
        }
        if query.for_clause.is_some() || query.settings.is_some() || query.format_clause.is_some() {
            return refused("a source's query says rows only, no settings and no format");
        }
        if names_a_table_only(&query.body) {
            return refused("`TABLE name` is not a select: write `SELECT * FROM name`");
        }
        Flow::Continue(())
    }

    fn select(&mut self, select: &Select) -> Flow {
        match &select.into {
            Some(into) => {
                self.refused_name("`SELECT … INTO` writes a table, and a source only reads".to_owned(), &into.name)
            }
            None => Flow::Continue(()),
        }
    }

    fn table_factor(&mut self, factor: &TableFactor) -> Flow {
        match factor {
            TableFactor::Table { name, args: Some(_), .. } | TableFactor::Function { name, .. } => {
                self.table_function(name)
            }
            TableFactor::Table { name, .. } if is_text(name) => {
                self.refused_name(format!("{name} is a file: a source's query reads tables by their names"), name)
            }
            TableFactor::TableFunction { expr: Expr::Function(function), .. } => self.table_function(&function.name),
            _ => Flow::Continue(()),
        }
    }

    fn expr(&mut self, expr: &Expr) -> Flow {
        match expr {
            Expr::Function(function) if acts(&function_name(&function.name)) => {
                let name = &function.name;
                self.refused_name(format!("`{name}` acts on the engine or reads around it: a source only reads"), name)
            }
            _ => Flow::Continue(()),
        }
    }
}

fn names_a_table_only(body: &SetExpr) -> bool {
    match body {
        SetExpr::Table(_) => true,
        SetExpr::SetOperation { left, right, .. } => names_a_table_only(left) || names_a_table_only(right),
        _ => false,
    }
}

/// DuckDB reads a file where a text stands for a table.
fn is_text(name: &ObjectName) -> bool {
    name.0.iter().any(|part| part.as_ident().is_some_and(|ident| ident.quote_style == Some('\'')))
}

fn function_name(name: &ObjectName) -> String {
    name.0.last().and_then(|part| part.as_ident()).map(|ident| ident.value.to_lowercase()).unwrap_or_default()
}

/// Functions that give rows out of their arguments only.
const TABLE_FUNCTIONS: [&str; 3] = ["unnest", "generate_series", "range"];

/// Functions that write, wait, run other statements, or read files, settings and other databases.
const ACTING: [&str; 17] = [
    "nextval",
    "setval",
    "lastval",
    "currval",
    "setseed",
    "set_config",
    "txid_current",
    "query",
    "query_table",
    "query_to_xml",
    "query_to_xml_and_xmlschema",
    "table_to_xml",
    "cursor_to_xml",
    "getenv",
    "getvariable",
    "glob",
    "sleep",
];

/// Families of such functions.
const ACTING_PREFIXES: [&str; 6] = ["pg_", "lo_", "dblink", "read_", "write_", "load_"];

fn acts(name: &str) -> bool {
    name != "pg_typeof" && (ACTING.contains(&name) || ACTING_PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
}
