//! What declarations mean.
//!
//! Names become things, expressions get types, units and levels, things get their place in the dependency graph, and
//! every finding is collected without stopping the rest. Nothing here reads a file, a clock or the environment.

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types, clippy::disallowed_macros))]

pub mod additivity;
pub mod canonical;
pub mod change;
pub mod check;
pub mod checks;
pub mod example;
pub mod exceptions;
pub mod governance;
pub mod graph;
pub mod judge;
pub mod lineage;
pub mod meaning;
pub mod measure;
pub mod model;
pub mod reading;
pub mod row;
pub mod rule;
pub mod schema;
pub mod tenure;
#[cfg(test)]
mod testing;
pub mod time;
pub mod types;
pub mod unit;
pub mod variants;

pub use example::{Example, TextCell, TextColumn, TextRow, TextTable};
pub use governance::Policy;
pub use groma_syntax::{Code, Diagnostic, Edit, FileId, Fix, Label, Severity, SourceMap, Span};
pub use model::*;
pub use smol_str::SmolStr;
