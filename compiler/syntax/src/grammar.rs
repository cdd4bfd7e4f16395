//! The parser that pest makes of `grammar.pest`. Nothing outside `parse` sees its pairs.

#[derive(pest_derive::Parser)]
#[grammar = "grammar.pest"]
pub(crate) struct Grammar;
