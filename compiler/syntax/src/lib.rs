//! Text to syntax tree and back.
//!
//! This crate owns source files and spans, the one diagnostic type, the grammar, the parser and the formatter. It knows
//! no kinds and no meaning: `metric` and `kitten` are the same to it.

pub mod ast;
pub mod diagnostic;
pub mod source;

pub use diagnostic::{Code, Diagnostic, Edit, Fix, Label, Severity};
pub use source::{FileId, SourceFile, SourceMap, Span};
