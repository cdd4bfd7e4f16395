//! Plans to SQL.
//!
//! A plan's statement is mapped to `sqlparser::ast`, printed, and read back in its own dialect before it is handed out. A
//! dialect is data: capabilities and small rewrites. This crate decides spelling only: every cast, guard and order that a
//! number depends on comes from the plan. It touches no file, clock or engine.

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types, clippy::disallowed_macros))]

mod build;
mod deep;
mod dialect;
mod error;
mod expression;
pub mod keeping;
mod layout;
mod lines;
mod literal;
mod print;
pub mod source_query;
mod statement;
mod value_type;
mod visit;

pub use dialect::{Dialect, dialect, dialects};
pub use error::RenderError;
pub use print::reparse;

/// The statement's text in a dialect, ending with a newline. It has been read back and is the same statement.
pub fn render(statement: &groma_plan::relation::Statement, dialect: &Dialect) -> Result<String, RenderError> {
    deep::on_a_deep_stack(|| print::print(statement::query(statement, dialect)?, dialect))
}
