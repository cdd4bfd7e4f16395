//! Printing a statement, and reading it back before anyone else does.

use sqlparser::ast::{Query, Statement};
use sqlparser::parser::{Parser, ParserError};

use crate::deep::on_a_deep_stack;
use crate::dialect::Dialect;
use crate::error::RenderError;
use crate::layout::layout;

/// How deeply expressions may nest: far deeper than people read, and not so deep that a runaway text does harm.
const NESTING: usize = 4_000;

/// All statements of a text.
pub(crate) fn parse(text: &str, dialect: &Dialect) -> Result<Vec<Statement>, ParserError> {
    let grammar: &dyn sqlparser::dialect::Dialect = dialect.grammar;
    Parser::new(grammar).with_recursion_limit(NESTING).try_with_sql(text)?.parse_statements()
}

/// The statement's text, which reads back as the same statement.
pub(crate) fn print(query: Query, dialect: &Dialect) -> Result<String, RenderError> {
    let statement = Statement::Query(Box::new(query));
    let text = lines(&statement, dialect);
    read_back(text, &statement, dialect)
}

/// The text, which reads back as this statement.
pub(crate) fn read_back(text: String, statement: &Statement, dialect: &Dialect) -> Result<String, RenderError> {
    let problem = match parse(&text, dialect) {
        Ok(read) if read.len() == 1 && read.first() == Some(statement) => return Ok(text),
        Ok(_) => "another statement came back".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(RenderError::NotReparsed { text, problem })
}

/// Parses all statements of a text in the dialect's grammar and prints them again, each as [`crate::render`] does.
pub fn reparse(text: &str, dialect: &Dialect) -> Result<String, String> {
    on_a_deep_stack(|| {
        let statements = parse(text, dialect).map_err(|error| error.to_string())?;
        Ok(statements.iter().map(|statement| lines(statement, dialect)).collect())
    })
}

fn lines(statement: &Statement, dialect: &Dialect) -> String {
    let mut text = layout(&statement.to_string(), dialect);
    text.push('\n');
    text
}
