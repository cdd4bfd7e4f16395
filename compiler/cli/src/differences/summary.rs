//! What a comparison comes to, in one line: first of all whether it rewrites history.

use super::words;
use crate::findings::counted;
use groma_history::Assessed;
use groma_model::SmolStr;
use groma_model::change::{CLASSES, Class};
use groma_model::schema::Kind;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// What a comparison comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// How many changes there are of each class.
    pub classes: BTreeMap<Class, usize>,
    /// How many declarations of a kind have values that may be others now.
    restating: BTreeMap<Kind, usize>,
    /// Of these metrics, those whose own words are as before, and what changed instead.
    inherited: usize,
    origins: BTreeSet<String>,
    /// How many declarations of a kind lose something that is published.
    removing: BTreeMap<Kind, usize>,
    /// The first day from which a change holds that is still to come.
    since: Option<Date>,
    /// How many changes touch a frozen period, and which periods.
    pub frozen: usize,
    pub periods: BTreeSet<SmolStr>,
    /// How many changes lack an approval.
    pub unapproved: usize,
    /// How many changes have parts of which neither equality nor difference could be shown.
    pub undecided: usize,
    /// How many changes were not asked for and are not counted.
    pub left_out: usize,
}

impl Summary {
    /// Sums changes up.
    pub(crate) fn of(changes: &[&Assessed]) -> Self {
        let mut summary = Self::default();
        changes.iter().for_each(|one| summary.add(one));
        summary
    }

    fn add(&mut self, one: &Assessed) {
        let change = &one.change;
        let kind = change.subject.0;
        *self.classes.entry(change.class).or_default() += 1;
        // What is removed may restate as well; its class is the stricter one.
        if change.class == Class::Restating || change.parts.iter().any(|part| part.class == Class::Restating) {
            *self.restating.entry(kind).or_default() += 1;
            if kind == Kind::Metric && !change.direct {
                self.inherited += 1;
                self.origins.extend(change.through.iter().filter_map(|path| path.last()).map(words::subject));
            }
        }
        if change.class == Class::Removing {
            *self.removing.entry(kind).or_default() += 1;
        }
        if change.class == Class::Forward {
            self.since = [self.since, change.since].into_iter().flatten().min();
        }
        self.frozen += usize::from(!one.frozen.is_empty());
        self.periods.extend(one.frozen.iter().cloned());
        self.unapproved += usize::from(one.needs.iter().any(|need| !need.is_met()));
        self.undecided += usize::from(!change.undecided.is_empty());
    }

    /// How many declarations have values that may be others now.
    pub(crate) fn restating(&self) -> usize {
        self.restating.values().sum()
    }

    pub(crate) fn count(&self, class: Class) -> usize {
        self.classes.get(&class).copied().unwrap_or_default()
    }

    /// One line that says first whether history is rewritten.
    pub fn verdict(&self) -> String {
        let mut clauses = vec![self.headline()];
        if self.restating() > 0 && !self.removing.is_empty() {
            clauses.push(format!("removes what is published of {}", kinds(&self.removing)));
        }
        if self.frozen > 0 {
            let are = if self.frozen == 1 { "is" } else { "are" };
            let periods: Vec<String> = self.periods.iter().map(|name| words::visible(name)).collect();
            clauses.push(format!("{} {are} frozen in {}", self.frozen, words::listed(&periods, 3, ", ")));
        }
        if self.undecided > 0 {
            clauses.push(format!("of {} it cannot be shown that nothing changes", self.undecided));
        }
        if self.unapproved > 0 {
            clauses.push(format!("approvals are missing for {}", self.unapproved));
        }
        match self.left_out {
            0 => clauses.join("; "),
            more => format!("of what is shown: {}; {} not shown", clauses.join("; "), counted(more, "other change")),
        }
    }

    fn headline(&self) -> String {
        if self.restating() > 0 {
            return format!("rewrites history: {} restating{}", kinds(&self.restating), self.inheriting());
        }
        if !self.removing.is_empty() {
            return format!("rewrites no value, but removes what is published of {}", kinds(&self.removing));
        }
        if self.count(Class::Forward) > 0 {
            let since = self.since.map(|day| format!(" from {day} on")).unwrap_or_default();
            return format!("rewrites no history: values change only{since} ({})", self.counts());
        }
        match self.classes.is_empty() {
            true => "no number changes: nothing differs in meaning".to_owned(),
            false => format!("no number changes: {}", self.counts()),
        }
    }

    fn inheriting(&self) -> String {
        let origins: Vec<String> = self.origins.iter().cloned().collect();
        let through = match origins.is_empty() {
            true => String::new(),
            false => format!(" through {}", words::listed(&origins, 2, ", ")),
        };
        let all = self.restating.get(&Kind::Metric).copied().unwrap_or_default();
        let alone = self.restating.len() == 1;
        match self.inherited {
            0 => String::new(),
            1 if all == 1 && alone => format!(", which inherits it{through}"),
            1 if all == 1 => format!(", the metric inherits it{through}"),
            1 => format!(", 1 of {} inherits it{through}", if alone { "them" } else { "the metrics" }),
            number if number == all => format!(", all {}inherit it{through}", if alone { "" } else { "metrics " }),
            number => format!(", {number} of {} inherit it{through}", if alone { "them" } else { "the metrics" }),
        }
    }

    /// `1 removing, 3 restating, 2 descriptive`, the strictest first.
    pub(crate) fn counts(&self) -> String {
        let classes = CLASSES.iter().rev().map(|(word, class)| (word, self.count(*class)));
        let counts: Vec<String> =
            classes.filter(|(_, number)| *number > 0).map(|(word, number)| format!("{number} {word}")).collect();
        counts.join(", ")
    }
}

/// `2 metrics and 1 customer`: what is a number first.
fn kinds(numbers: &BTreeMap<Kind, usize>) -> String {
    let metrics = numbers.get_key_value(&Kind::Metric);
    let others = numbers.iter().filter(|(kind, _)| **kind != Kind::Metric);
    let said: Vec<String> = metrics.into_iter().chain(others).map(|(kind, number)| of_kind(*kind, *number)).collect();
    words::joined(&said, "and")
}

/// There is one project, however many of its words change.
fn of_kind(kind: Kind, number: usize) -> String {
    if kind == Kind::Project { "the project".to_owned() } else { counted(number, kind.word()) }
}
