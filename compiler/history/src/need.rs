//! Which approvals a change needs, and which it has.

mod assess;
mod findings;
mod since;
#[cfg(test)]
mod tests;

pub use assess::assess;
pub use since::{default_branch, since};

use groma_model::SmolStr;
use groma_model::change::Class;

/// An approval that a change needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    pub class: Class,
    pub from: Party,
    /// Why it is needed.
    pub because: Reason,
    /// How many must agree.
    pub wanted: usize,
    /// The addresses of those who validly did, each once, sorted.
    pub given: Vec<SmolStr>,
    /// The addresses of the members who may still agree, sorted.
    pub open: Vec<SmolStr>,
    /// Those who made the change: they do not approve it alone.
    pub authors: Vec<SmolStr>,
}

/// Who must agree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    Team(SmolStr),
    Council(SmolStr),
    /// By the address.
    Person(SmolStr),
}

/// Why somebody must agree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The council decides the class.
    Decides,
    /// The team answers for it, and somebody else changed it.
    Owns,
    /// A frozen period is restated: its name, and the exception's.
    Restates { period: SmolStr, exception: SmolStr },
}

impl Need {
    /// Whether enough have agreed, and not only those who made the change.
    pub fn is_met(&self) -> bool {
        self.has_enough() && !self.is_author_alone()
    }

    /// Whether enough have agreed only if those who made the change count alone.
    pub fn is_author_alone(&self) -> bool {
        self.has_enough() && !self.given.is_empty() && self.given.iter().all(|one| self.authors.contains(one))
    }

    fn has_enough(&self) -> bool {
        self.given.len() >= self.wanted
    }
}

impl Party {
    /// As it is written as a role: `council.metrics`, `team.support`, an address.
    pub fn role(&self) -> String {
        match self {
            Self::Team(name) => format!("team.{name}"),
            Self::Council(name) => format!("council.{name}"),
            Self::Person(address) => address.to_string(),
        }
    }
}
