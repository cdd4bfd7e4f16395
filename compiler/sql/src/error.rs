//! Why a statement could not be written.

use std::fmt;

use crate::source_query::QueryProblem;

/// Why a statement could not be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenderError {
    /// The dialect's engine cannot do it.
    Unsupported {
        /// What it cannot do, as a noun phrase: `an approximate percentile`.
        what: String,
        /// The dialect's name.
        dialect: &'static str,
    },
    /// A source's own query cannot be put into the statement.
    Query(QueryProblem),
    /// The plan breaks its own rules: a bug of ours.
    BadPlan {
        /// The rule and where it is broken.
        what: String,
    },
    /// The text does not read back as what was meant: a bug of ours.
    NotReparsed {
        /// The text.
        text: String,
        /// What the parser said, or that another statement came back.
        problem: String,
    },
}

impl fmt::Display for RenderError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RenderError::Unsupported { what, dialect } => write!(formatter, "{dialect} has no {what}"),
            RenderError::Query(problem) => write!(formatter, "the source's query cannot be used: {problem}"),
            RenderError::BadPlan { what } => write!(formatter, "the plan is not well formed: {what}"),
            RenderError::NotReparsed { text, problem } => {
                write!(formatter, "the statement does not read back as it was meant: {problem}\n{text}")
            }
        }
    }
}

impl std::error::Error for RenderError {}
