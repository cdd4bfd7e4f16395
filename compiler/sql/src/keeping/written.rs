//! The text of statements beside `SELECT`.

use crate::build;
use crate::build::definition::if_then;
use crate::dialect::Dialect;
use crate::error::RenderError;
use crate::layout::layout;
use crate::print::read_back;
use sqlparser::ast::{Expr, Query, Statement};

/// How far the statements of a block are further in than its words.
const STEP: &str = "  ";

/// A statement, or a choice between statements that the engine makes when it gets there.
#[expect(clippy::large_enum_variant, reason = "a script has a handful of them")]
pub(super) enum Written {
    Statement(Box<Statement>),
    /// With a text of people in it, which the printer would not escape.
    Comment {
        of: fn(&[String], &str) -> Statement,
        name: Vec<String>,
        text: String,
    },
    If {
        condition: Expr,
        then: Vec<Written>,
        otherwise: Vec<Written>,
    },
}

impl Written {
    /// The statement that its text must read back as.
    fn meant(&self) -> Statement {
        match self {
            Written::Statement(statement) => Statement::clone(statement),
            Written::Comment { of, name, text } => of(name, text),
            Written::If { condition, then, otherwise } => {
                let all = |list: &[Written]| list.iter().map(Written::meant).collect();
                if_then(condition.clone(), all(then), all(otherwise))
            }
        }
    }

    /// The text without a semicolon, on lines.
    fn lines(&self, dialect: &Dialect) -> String {
        match self {
            Written::Statement(statement) => of_statement(statement, dialect),
            Written::Comment { of, name, text } => of(name, &text.replace('\'', "''")).to_string(),
            Written::If { condition, then, otherwise } => {
                let inner = |list: &[Written]| {
                    let lines = |written: &Written| format!("{};\n", indented(&written.lines(dialect)));
                    list.iter().map(lines).collect::<String>()
                };
                let mut text = format!("IF {condition} THEN\n{}", inner(then));
                if !otherwise.is_empty() {
                    text.push_str(&format!("ELSE\n{}", inner(otherwise)));
                }
                text.push_str("END IF");
                text
            }
        }
    }

    /// The text with a line's end behind it. It has been read back and is the same statement.
    pub(super) fn print(&self, dialect: &Dialect) -> Result<String, RenderError> {
        read_back(format!("{}\n", self.lines(dialect)), &self.meant(), dialect)
    }
}

impl From<Statement> for Written {
    fn from(statement: Statement) -> Self {
        Written::Statement(Box::new(statement))
    }
}

/// The same further in, but for lines within a text of people: those are part of the text.
fn indented(text: &str) -> String {
    let mut within = false;
    let mut lines = Vec::new();
    for line in text.split('\n') {
        lines.push(if within || line.is_empty() { line.to_owned() } else { format!("{STEP}{line}") });
        within ^= line.matches('\'').count() % 2 == 1;
    }
    lines.join("\n")
}

/// A statement with a query below its head; a definition with one column per line.
fn of_statement(statement: &Statement, dialect: &Dialect) -> String {
    let whole = statement.to_string();
    if let Some(query) = query_of(statement) {
        let query = query.to_string();
        if let Some(head) = whole.strip_suffix(&query).map(str::trim_end) {
            let separator = if head.is_empty() { "" } else { "\n" };
            return format!("{head}{separator}{}", layout(&query, dialect));
        }
    }
    match statement {
        Statement::CreateTable(_) | Statement::Delete(_) => layout(&whole, dialect),
        _ => whole,
    }
}

fn query_of(statement: &Statement) -> Option<&Query> {
    match statement {
        Statement::Query(query) => Some(query),
        Statement::CreateTable(table) => table.query.as_deref(),
        Statement::CreateView(view) => Some(&view.query),
        Statement::Insert(insert) => insert.source.as_deref(),
        _ => None,
    }
}

/// Definitions that are made only where something is missing, as one statement: the engine asks for the right to define before
/// it looks whether there is anything to do, so that it must not be asked where all is there.
pub(super) fn block(parts: &[Written], dialect: &Dialect) -> Result<String, RenderError> {
    let mut body = String::new();
    for part in parts {
        let text = part.print(dialect)?;
        body.push_str(&format!("{};\n", indented(text.trim_end_matches('\n'))));
    }
    let mut mark = "$groma$".to_owned();
    while body.contains(&mark) {
        mark.insert(mark.len() - 1, '_');
    }
    Ok(format!("DO {mark}\nBEGIN\n{body}END\n{mark}\n"))
}

/// The parts of a name as one text: `"groma"."answers"`.
pub(super) fn quoted(parts: &[String]) -> String {
    build::object(parts).to_string()
}
