//! What must hold of the rows of sources, and what happens where it does not.

use crate::model::{ColumnId, Source};
use crate::row::RowExpr;
use groma_syntax::Span;
use smol_str::SmolStr;

/// What must hold of a source's rows.
#[derive(Debug, Clone)]
pub struct Check {
    pub name: SmolStr,
    pub span: Span,
    pub rule: CheckRule,
    pub on_fail: OnFail,
}

/// What happens where rows break a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum OnFail {
    /// It is said, and the numbers are computed.
    #[default]
    Flag,
    /// Rows that break it are left out of every number, and counted.
    Quarantine,
    /// What reads the source is not computed anew.
    Stop,
}

impl OnFail {
    /// The words, in the order of what they do.
    pub const WORDS: [(&'static str, Self); 3] =
        [("flag", Self::Flag), ("quarantine", Self::Quarantine), ("stop", Self::Stop)];

    /// How it is written.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, one)| *one == self).map_or("", |(word, _)| word)
    }

    /// What a word means.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, one)| *one)
    }
}

/// The rules of checks.
#[derive(Debug, Clone)]
pub enum CheckRule {
    /// No two rows have the same values here.
    Unique(Vec<ColumnId>),
    /// True (or null) for every row.
    Holds(RowExpr),
}

impl Source {
    /// The conditions of single rows that keep a row out of every number where they are false.
    pub fn quarantines(&self) -> impl Iterator<Item = &RowExpr> {
        self.checks.iter().filter_map(|check| match (&check.rule, check.on_fail) {
            (CheckRule::Holds(condition), OnFail::Quarantine) => Some(condition),
            _ => None,
        })
    }
}
