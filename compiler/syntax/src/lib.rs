//! Text to syntax tree and back.
//!
//! This crate owns source files and spans, the one diagnostic type, the grammar, the parser and the formatter. It knows
//! no kinds and no meaning: `metric` and `kitten` are the same to it.
#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types, clippy::disallowed_macros))]

// The code that pest generates without `std` names this crate.
extern crate alloc;

pub mod ast;
pub mod codes;
pub mod conflict;
pub mod diagnostic;
pub mod format;
mod grammar;
mod lex;
pub mod parse;
mod same;
pub mod source;
mod words;

pub use codes::CODES;
pub use diagnostic::{Code, Diagnostic, Edit, Fix, Label, Severity};
pub use format::format;
pub use parse::{Parsed, parse, parse_expression};
pub use source::{FileId, SourceFile, SourceMap, Span};
