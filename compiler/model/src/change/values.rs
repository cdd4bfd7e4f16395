//! On which days two meanings of a metric give other values.

use super::Class;
use crate::meaning::Digest;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Days: from the first (none is the beginning) until before the second (none is for ever).
pub(super) type Days = (Option<Date>, Option<Date>);

/// The days on which the values differ, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Values {
    differ: Vec<Days>,
}

impl Values {
    /// Compares what holds from day to day.
    pub(super) fn of(base: &[(Option<Date>, Digest)], head: &[(Option<Date>, Digest)]) -> Self {
        let on = |pieces: &[(Option<Date>, Digest)], day: Option<Date>| {
            pieces.iter().rev().find(|(from, _)| *from <= day).or(pieces.first()).map(|(_, digest)| *digest)
        };
        let days: BTreeSet<Option<Date>> = base.iter().chain(head).map(|(from, _)| *from).chain([None]).collect();
        let days: Vec<Option<Date>> = days.into_iter().collect();
        let until = |at: usize| days.get(at + 1).copied().flatten();
        let differ = days.iter().enumerate().filter(|(_, day)| on(base, **day) != on(head, **day));
        Self { differ: differ.map(|(at, day)| (*day, until(at))).collect() }
    }

    pub(super) fn are_equal(&self) -> bool {
        self.differ.is_empty()
    }

    /// The first day with other values; none where that is every day, or none.
    pub(super) fn since(&self) -> Option<Date> {
        self.differ.first().and_then(|(from, _)| *from)
    }

    /// How far the difference reaches that lies in some days.
    pub(super) fn class_within(&self, within: Days, today: Date) -> Class {
        let common = self.differ.iter().filter(|days| overlap(**days, within));
        match common.map(|(from, _)| (*from).max(within.0)).min() {
            None => Class::Cosmetic,
            Some(Some(from)) if from > today => Class::Forward,
            Some(_) => Class::Restating,
        }
    }
}

fn overlap(one: Days, other: Days) -> bool {
    let before =
        |end: Option<Date>, start: Option<Date>| end.is_some_and(|end| start.is_some_and(|start| end <= start));
    !before(one.1, other.0) && !before(other.1, one.0)
}
