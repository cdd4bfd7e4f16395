//! What stands beside or instead of a number that is not settled, and the legend that explains it.

use super::pivot::Found;
use crate::answer::number::MISSING;
use crate::drawing::wrapped;
use std::collections::BTreeSet;
use unicode_width::UnicodeWidthStr as _;

/// Explanations are not broken into narrower lines than this.
const NARROWEST: usize = 20;

/// The verdict on a change that could not have been seen.
const TOO_FEW: &str = "too few to tell";

/// What is special about a cell, in the order of the legend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    Provisional,
    Immature,
    Insufficient,
    Suppressed,
    /// A verdict on a change; the others say all by themselves.
    TooFewToTell,
}

/// A mark that was used, and how it was written.
pub(super) type Used = (Mark, &'static str);

/// How cells are marked, and which marks were used.
pub(super) struct Marks<'a> {
    /// Words for values that are not there; else signs, which are narrower.
    pub(super) words: bool,
    pub(super) seen: &'a mut BTreeSet<Used>,
}

impl Marks<'_> {
    /// The text of a cell, from how its value is written.
    pub(super) fn cell(&mut self, found: &Found, write: &dyn Fn(f64) -> String) -> String {
        match (found.value, found.status.as_deref()) {
            (Some(value), Some("provisional")) => format!("{}{}", self.used(Mark::Provisional), write(value)),
            (Some(value), _) => write(value),
            (None, status) => status.and_then(Mark::of_status).map_or(MISSING, |mark| self.used(mark)).to_owned(),
        }
    }

    /// What is said of a change: its verdict, with the change that could have been seen where this one could not.
    pub(super) fn verdict(&mut self, found: &Found, write: &dyn Fn(f64) -> String) -> String {
        match (found.verdict.as_deref(), found.detectable) {
            (Some(TOO_FEW), Some(detectable)) => format!("{} ({})", self.used(Mark::TooFewToTell), write(detectable)),
            (verdict, _) => verdict.unwrap_or_default().to_owned(),
        }
    }

    fn used(&mut self, mark: Mark) -> &'static str {
        let text = mark.text(self.words);
        self.seen.insert((mark, text));
        text
    }
}

impl Mark {
    /// What says why there is no value. That it is undefined needs no word: it is the plain dot.
    fn of_status(status: &str) -> Option<Self> {
        match status {
            "immature" => Some(Mark::Immature),
            "insufficient" => Some(Mark::Insufficient),
            "suppressed" => Some(Mark::Suppressed),
            _ => None,
        }
    }

    fn text(self, words: bool) -> &'static str {
        match self {
            Mark::Provisional => "~",
            Mark::Immature if words => "immature",
            Mark::Immature => "-",
            Mark::Insufficient if words => "too few",
            Mark::Insufficient => "<",
            Mark::Suppressed if words => "hidden",
            Mark::Suppressed => "×",
            Mark::TooFewToTell => TOO_FEW,
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Mark::Provisional => "provisional: the period is not over, or rows may still arrive",
            Mark::Immature => "the window of these customers has not closed yet",
            Mark::Insufficient => "fewer observations than the metric's minimum",
            Mark::Suppressed => "about too few customers, or it would tell what such a number is",
            Mark::TooFewToTell => "only a change as large as the number in brackets could have been seen",
        }
    }
}

/// What each mark that was used means; nothing for none.
pub(super) fn legend(seen: &BTreeSet<Used>, width: usize) -> String {
    let labels = seen.iter().map(|(_, text)| text.width()).max().unwrap_or(0);
    let room = width.saturating_sub(labels + 3).max(NARROWEST);
    let mut legend = String::new();
    for (mark, text) in seen {
        let mut label = *text;
        for line in wrapped(mark.meaning(), room) {
            let blanks = " ".repeat(labels - label.width());
            legend.push_str(&format!(" {label}{blanks}  {line}\n"));
            label = "";
        }
    }
    legend
}
