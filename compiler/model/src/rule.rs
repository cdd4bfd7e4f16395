//! Rules: what must hold of declarations, as data.
//!
//! A rule is read once (`read`), with every name resolved against the tables of `schema` and of `derived`, and then says of
//! each thing whether it holds (`evaluate`). Standard rules and those of a project are the same thing.

pub(crate) mod attribute;
pub(crate) mod code;
pub(crate) mod derived;
pub(crate) mod evaluate;
pub(crate) mod expression;
pub(crate) mod facts;
pub(crate) mod read;
pub(crate) mod relation;
#[cfg(test)]
mod tests;
pub(crate) mod value;
pub(crate) mod written;

use crate::governance::Policy;
use crate::model::Header;
use expression::Node;
use groma_syntax::{Code, Severity, Span};
use read::Template;
use smol_str::{SmolStr, format_smolstr};
use std::sync::Arc;

pub use code::code;
pub use value::Sort;

/// What must hold of every declaration of a kind.
#[derive(Debug, Clone)]
pub struct Rule {
    pub header: Header,
    /// The pack of the standard library it belongs to; none for a rule of the project.
    pub pack: Option<SmolStr>,
    /// `ownership/metric-has-owner`; `rule/…` for a rule of the project. Its level is the rule's own.
    pub code: &'static Code,
    /// What it is about; none if that could not be read.
    pub about: Option<Sort>,
    /// Why it matters for the number.
    pub why: Option<String>,
    pub tests: Tests,
    /// What it says; none if something is wrong with it.
    pub(crate) body: Option<Arc<Body>>,
}

/// The texts by which a rule is tested, each with its place.
#[derive(Debug, Clone, Default)]
pub struct Tests {
    /// Declarations that both begin with.
    pub given: Option<(String, Span)>,
    /// A project that breaks the rule.
    pub raises: Option<(String, Span)>,
    /// A project that keeps it.
    pub passes: Option<(String, Span)>,
}

/// What a rule says.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) about: Sort,
    /// Which things it is about; all without.
    pub(crate) filter: Option<Node>,
    pub(crate) require: Node,
    /// Where `require` is written.
    pub(crate) span: Span,
    pub(crate) message: Template,
    pub(crate) help: Option<Template>,
    /// The key that a finding points at.
    pub(crate) at: Option<SmolStr>,
}

impl Rule {
    /// The code of its findings: at the level that the policy says, or its own. None if it is switched off.
    pub fn code_under(&self, policy: &Policy) -> Option<&'static Code> {
        match policy.levels.iter().find(|(code, _)| code == self.code.id) {
            None => Some(self.code),
            Some((_, Some(level))) if *level == self.code.severity => Some(self.code),
            Some((_, Some(level))) => Some(code(self.code.id, *level, self.code.summary)),
            Some((_, None)) => None,
        }
    }

    /// Whether it is a warning or an error where no policy says otherwise.
    pub fn level(&self) -> Severity {
        self.code.severity
    }

    /// The name by which waivers call it: without `std.`.
    pub fn name(&self) -> &str {
        self.header.name.strip_prefix("std.").unwrap_or(&self.header.name)
    }
}

/// The id of a rule's code.
pub fn code_id(pack: Option<&str>, name: &str) -> SmolStr {
    let name = name.strip_prefix("std.").unwrap_or(name).replace(['_', '.'], "-");
    format_smolstr!("{}/{name}", pack.unwrap_or("rule"))
}

/// What may be said of a sort of things in rules: name, type and a line about each.
pub fn attributes(sort: Sort) -> impl Iterator<Item = (&'static str, String, &'static str)> {
    attribute::attributes(sort).iter().map(|attribute| (attribute.name, attribute.ty.describe(), attribute.doc))
}
