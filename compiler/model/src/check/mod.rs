//! From syntax trees to the model: everything that is said about a project's declarations.

use crate::model::{Grouping, Model, QueryColumn, SourceId};
use crate::row::RowExpr;
use crate::time::Calendar;
use groma_syntax::{Code, Diagnostic, FileId, SourceMap, ast};

/// What a project consists of.
pub struct Input<'a> {
    pub sources: &'a SourceMap,
    /// The parsed files, those of the standard library marked.
    pub files: Vec<ParsedFile>,
    pub calendar: Calendar,
    /// Reads the SELECT of a `query:` source: which tables it names and where its columns come from.
    pub read_query: &'a dyn Fn(&str) -> Result<QueryShape, QueryProblem>,
}

/// A parsed file and where it comes from.
pub struct ParsedFile {
    pub file: FileId,
    pub tree: ast::File,
    pub standard: bool,
}

/// What a `query:` reads and gives.
pub struct QueryShape {
    /// The tables it names, in order.
    pub tables: Vec<String>,
    /// Its output columns; `None` where `*` prevents knowing them.
    pub columns: Option<Vec<QueryColumn>>,
}

/// Why a `query:` is not accepted, and where in its text, in bytes, if known.
pub struct QueryProblem {
    pub message: String,
    pub offset: Option<usize>,
}

/// Every code this crate raises.
pub static CODES: &[&Code] = &[];

/// Checks a project: the model of what is right and all that is wrong. Never stops at a finding.
pub fn check(input: Input<'_>) -> (Model, Vec<Diagnostic>) {
    let _ = (input.sources, &input.files, &input.calendar, input.read_query);
    (Model::default(), Vec::new())
}

impl Model {
    /// The grouping that a path asks for, over each of the given sources.
    ///
    /// # Errors
    /// The path names nothing, is reached by fan-out, is ambiguous, or may not be grouped by.
    pub fn grouping(&self, path: &ast::Expr, sources: &[SourceId]) -> Result<Grouping, Vec<Diagnostic>> {
        let _ = (path, sources);
        Err(Vec::new())
    }

    /// The condition that an expression states, over each of the given sources.
    ///
    /// # Errors
    /// As for any `where:` of a metric.
    pub fn filter(
        &self,
        condition: &ast::Expr,
        sources: &[SourceId],
    ) -> Result<Vec<(SourceId, RowExpr)>, Vec<Diagnostic>> {
        let _ = (condition, sources);
        Err(Vec::new())
    }
}
