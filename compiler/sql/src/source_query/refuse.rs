//! What a source's query must not do: change data, act on the engine, or read anything but tables.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, ObjectName, Query, Select, SetExpr, Spanned, Statement, TableFactor, Visit, Visitor};

use super::{QueryProblem, place};

/// Finds the first thing that a source's query must not do.
pub(super) fn refuse(query: &Query, text: &str) -> Result<(), QueryProblem> {
    if matches!(*query.body, SetExpr::Values(_)) {
        return Err(QueryProblem::new("this lists rows: a source is one `SELECT`"));
    }
    match query.visit(&mut Refusals { text }) {
        ControlFlow::Break(problem) => Err(problem),
        ControlFlow::Continue(()) => Ok(()),
    }
}

struct Refusals<'a> {
    text: &'a str,
}

type Verdict = ControlFlow<QueryProblem>;

fn refused(message: impl Into<String>) -> Verdict {
    ControlFlow::Break(QueryProblem::new(message))
}

impl Refusals<'_> {
    fn refused_name(&self, message: String, name: &ObjectName) -> Verdict {
        ControlFlow::Break(QueryProblem { message, offset: place::start(name, self.text) })
    }

    fn table_function(&self, name: &ObjectName) -> Verdict {
        if TABLE_FUNCTIONS.contains(&function_name(name).as_str()) {
            return ControlFlow::Continue(());
        }
        self.refused_name(format!("`{name}` is a function: a source's query reads tables by their names"), name)
    }
}

impl Visitor for Refusals<'_> {
    type Break = QueryProblem;

    fn pre_visit_statement(&mut self, statement: &Statement) -> Verdict {
        let message = "a source's query changes nothing, and this part does".to_owned();
        ControlFlow::Break(QueryProblem { message, offset: place::of(statement.span().start, self.text) })
    }

    fn pre_visit_query(&mut self, query: &Query) -> Verdict {
        if !query.locks.is_empty() {
            return refused("a source's query locks nothing, and `FOR UPDATE` or `FOR SHARE` does");
        }
        if query.for_clause.is_some() || query.settings.is_some() || query.format_clause.is_some() {
            return refused("a source's query says rows only, no settings and no format");
        }
        if names_a_table_only(&query.body) {
            return refused("`TABLE name` is not a select: write `SELECT * FROM name`");
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> Verdict {
        match &select.into {
            Some(into) => {
                self.refused_name("`SELECT … INTO` writes a table, and a source only reads".to_owned(), &into.name)
            }
            None => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> Verdict {
        match factor {
            TableFactor::Table { name, args: Some(_), .. } | TableFactor::Function { name, .. } => {
                self.table_function(name)
            }
            TableFactor::Table { name, .. } if is_text(name) => {
                self.refused_name(format!("{name} is a file: a source's query reads tables by their names"), name)
            }
            TableFactor::TableFunction { expr: Expr::Function(function), .. } => self.table_function(&function.name),
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> Verdict {
        match expr {
            Expr::Function(function) if acts(&function_name(&function.name)) => {
                let name = &function.name;
                self.refused_name(format!("`{name}` acts on the engine or reads around it: a source only reads"), name)
            }
            _ => ControlFlow::Continue(()),
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
