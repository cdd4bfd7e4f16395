//! The query a source's author wrote: what it may be, which tables it reads, and where its columns come from.
//!
//! It is read in the grammar of any dialect here, for it is written for one engine and a source does not say which. Nothing
//! is looked up: what follows from the text alone is told, and what does not is told to be unknown.

mod excludes;
mod lineage;
mod names;
mod place;
mod reads;
mod refuse;
mod rows;

use std::cell::RefCell;
use std::fmt;

use sqlparser::ast::{Query, Statement};

use crate::deep::on_a_deep_stack;
use crate::dialect::{Dialect, dialects};
use crate::print;

/// What a source's query reads and gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceQuery {
    /// The tables it reads, each once, in the order of the text: the parts of the name as written, without quotes, between
    /// dots. Names that the query itself gives to a part of it are left out.
    pub tables: Vec<String>,
    /// Its columns, in order. None where they do not follow from the text: behind a `*` over a table, for example.
    pub columns: Option<Vec<OutputColumn>>,
    /// The only table it reads, where its columns are all of the table's: `select * from orders where amount > 0`.
    pub whole: Option<String>,
    /// The columns that decide which rows there are.
    pub rows: RowReads,
    /// Of how many different things each row tells at least, where the query promises it.
    pub cell: Option<Cell>,
    /// The columns whose values it names to leave rows out, each with its place: `order_id NOT IN (7, 9)`.
    pub excludes: Vec<(String, Option<usize>)>,
}

/// The columns by which a query and the queries in it choose, join and group their rows: (table, column), each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowReads {
    pub filter: Vec<(String, String)>,
    pub join: Vec<(String, String)>,
    pub group: Vec<(String, String)>,
    /// These are all; a name that several tables may have stands there once for each.
    pub traced: bool,
}

/// A promise that each row of a query tells of several things: `having count(distinct person_id) >= 10`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub least: i64,
    /// The columns that tell the things apart: (table, column).
    pub of: Vec<(String, String)>,
}

/// How a value is made of what it reads, from the closest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    Identity,
    Transformation,
    Aggregation,
}

/// A column a query gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputColumn {
    /// Its name; in lower case unless it is quoted. Empty where it has none of its own: each engine makes up another.
    pub name: String,
    /// The columns its values are computed from, each once: the table as in [`SourceQuery::tables`], and the column's name.
    pub reads: Vec<(String, String)>,
    /// `reads` is all there is. False where a name could stand for a column of several tables, or comes out of something
    /// whose columns are unknown.
    pub traced: bool,
    /// Where `traced` is false: columns of which one is read, a name that several tables may have.
    pub guesses: Vec<(String, String)>,
    /// Where `traced` is false: something is read of which not even that is known.
    pub blind: bool,
    /// How its value is made of them.
    pub how: How,
    /// It is made of nothing but counts, sums and averages over groups of rows.
    pub summary: bool,
}

/// What is wrong with a source's query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryProblem {
    /// What is wrong, as a clause without a full stop.
    pub message: String,
    /// The byte in the text where it shows.
    pub offset: Option<usize>,
}

impl QueryProblem {
    fn new(message: impl Into<String>) -> Self {
        QueryProblem { message: message.into(), offset: None }
    }
}

impl fmt::Display for QueryProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for QueryProblem {}

/// Reads a source's query: exactly one select, with named queries before it or in a set operation, that changes nothing.
pub fn read(text: &str) -> Result<SourceQuery, QueryProblem> {
    if text.len() > LONGEST {
        return Err(QueryProblem::new(format!("it is longer than {LONGEST} bytes")));
    }
    on_a_deep_stack(|| {
        let mut query = parse_in_any(text)?;
        refuse::refuse(&query, text)?;
        let rows = RefCell::new(RowReads::none());
        let (columns, cell) = lineage::columns(&query, &rows);
        let excludes = excludes::excludes(&query, text);
        let whole = lineage::whole(&query);
        let tables = names::free_tables(&mut query);
        Ok(SourceQuery { tables, columns, whole, rows: rows.into_inner(), cell, excludes })
    })
}

/// The longest query that is read, in bytes.
const LONGEST: usize = 1 << 18;

/// The first grammar that reads the text; the first grammar's complaint where none does.
fn parse_in_any(text: &str) -> Result<Query, QueryProblem> {
    let mut problem = None;
    for dialect in dialects() {
        match parse(text, dialect) {
            Ok(query) => return Ok(query),
            Err(found) => problem = problem.or(Some(found)),
        }
    }
    Err(problem.unwrap_or_else(|| QueryProblem::new("no dialect reads it")))
}

fn parse(text: &str, dialect: &Dialect) -> Result<Query, QueryProblem> {
    let mut statements = print::parse(text, dialect).map_err(|error| place::problem(&error, text))?;
    match (statements.pop(), statements.last()) {
        (None, _) => Err(QueryProblem::new("there is no query")),
        (Some(Statement::Query(query)), None) => Ok(*query),
        (Some(_), None) => {
            Err(QueryProblem::new("this is not a query: a source is one `SELECT`, which changes nothing"))
        }
        (Some(last), Some(_)) => Err(QueryProblem {
            message: "these are several statements: a source is one `SELECT`".to_owned(),
            offset: place::start(&last, text),
        }),
    }
}

/// What a query's free table names stand for, as in [`SourceQuery::tables`].
pub(crate) type Replacements<'a> = [(&'a str, Vec<String>)];

/// The query as the body of a named query of that name: its free tables replaced, and its own names kept apart from the
/// ones that are taken around it.
pub(crate) fn embedded(
    text: &str,
    name: &str,
    tables: &Replacements<'_>,
    taken: &[&str],
    dialect: &Dialect,
) -> Result<Query, QueryProblem> {
    let mut query = parse(text, dialect)?;
    refuse::refuse(&query, text)?;
    names::replace(&mut query, name, tables, taken);
    Ok(query)
}
