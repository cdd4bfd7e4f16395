//! What changed of metrics: by their own words, and by what they are built from.

use super::cells::{self, CellChanges};
use super::classes::Comparison;
use super::drafts::{Draft, pair};
use super::parts::{Found, Reach};
use super::values::{Days, Values};
use super::{Change, Class, Part, paths, project};
use crate::check::declare::Declared;
use crate::meaning::{Meaning, Subject};
use crate::model::Status;
use crate::schema::Kind;

/// A metric on both sides, with what is different.
struct Seen<'c, 'm> {
    comparison: &'c Comparison<'m>,
    before: Subject,
    after: Subject,
    draft: Option<&'c Draft<'m>>,
    values: Values,
    /// Nobody has seen its numbers yet.
    is_draft: bool,
}

impl<'m> Comparison<'m> {
    /// The change of a metric that is there on both sides; none where nothing is different.
    pub(super) fn metric(&self, declared: &Declared) -> Option<Change> {
        let after: Subject = (Kind::Metric, declared.name.clone());
        let draft = self.drafts.get(&after);
        if draft.is_some_and(Draft::is_alone) {
            return None;
        }
        let before = draft.map_or_else(|| after.clone(), Draft::before);
        let (base, head) = match (self.base.meaning(&before), self.head.meaning(&after)) {
            (Some(base), Some(head)) => (base, head),
            (None, None) if draft.is_none() => return None,
            (base, head) => return Some(self.unreadable((&before, &after), (base, head), draft)),
        };
        if draft.is_none() && base.pieces == head.pieces && base.cells == head.cells {
            return None;
        }
        let is_draft = self.base.metric(&before.1).is_some_and(|(_, metric)| metric.status == Status::Draft);
        let values = Values::of(&base.pieces, &head.pieces);
        let seen = Seen { comparison: self, before, after, draft, values, is_draft };
        seen.change((base, head))
    }
}

impl Seen<'_, '_> {
    fn change(&self, (base, head): (&Meaning, &Meaning)) -> Option<Change> {
        let cells = self.cells((base, head));
        let own = self.draft.filter(|draft| draft.survey().is_none());
        let mut undecided = Vec::new();
        let mut parts: Vec<Part> = Vec::new();
        for (found, days) in own.into_iter().flat_map(|draft| &draft.found) {
            let part = self.part(found, *days);
            if part.class > Class::Policy {
                undecided.extend(found.undecided.clone());
            }
            parts.push(part);
        }
        parts.extend(cells.direct.iter().map(|found| self.part(found, (None, None))));
        let has_own_numbers = parts.iter().any(|part| part.class >= Class::Forward) || self.is_draft && own.is_some();
        let inherited: Vec<Part> = cells.inherited.iter().map(|found| self.part(found, (None, None))).collect();
        let through = self.through(!inherited.is_empty(), has_own_numbers);
        let class = match self.number((None, None)) {
            Class::Cosmetic => inherited.iter().map(|part| part.class).max().unwrap_or(Class::Cosmetic),
            class => class,
        };
        for way in &through {
            let (said, open) = self.inherited(way, class, !inherited.is_empty());
            parts.extend(said);
            undecided.extend(open);
        }
        parts.extend(inherited);
        if !self.values.are_equal() && !has_own_numbers && through.is_empty() {
            parts.push(self.unknown());
        }
        if parts.is_empty() && own.is_none() {
            return None;
        }
        let class = parts.iter().map(|part| part.class).max().unwrap_or(Class::Cosmetic);
        undecided.dedup();
        let lasting = matches!(class, Class::Forward | Class::Restating);
        Some(Change {
            subject: self.after.clone(),
            was: self.draft.and_then(|draft| draft.was.clone()),
            class,
            direct: own.is_some(),
            through,
            since: self.values.since().filter(|_| lasting),
            parts,
            undecided,
            before: Some(base.whole),
            after: Some(head.whole),
            downstream: self.comparison.downstream(&self.after, true),
            span: self.comparison.span(&self.after, true),
        })
    }

    fn cells(&self, (base, head): (&Meaning, &Meaning)) -> CellChanges {
        if self.draft.is_none() && base.cells == head.cells {
            return CellChanges::default();
        }
        let comparison = self.comparison;
        let (Some(one), Some(other)) = (comparison.base.newest(&self.before.1), comparison.head.newest(&self.after.1))
        else {
            return CellChanges::default();
        };
        let pair = pair((&comparison.base, &comparison.head), (Kind::Metric, one, other), None);
        let all_differ = !self.values.are_equal() && self.values.since().is_none();
        cells::compare(&pair, &base.cells, &head.cells, all_differ)
    }

    /// How far a difference of some days reaches.
    fn number(&self, days: Days) -> Class {
        match self.values.class_within(days, self.comparison.today) {
            Class::Cosmetic => Class::Cosmetic,
            _ if self.is_draft => Class::Policy,
            class => class,
        }
    }

    fn part(&self, found: &Found, days: Days) -> Part {
        let class = match found.reach {
            Reach::Cosmetic => Class::Cosmetic,
            Reach::Words => Class::Descriptive,
            Reach::Policy => Class::Policy,
            Reach::New => Class::Additive,
            Reach::Gone => Class::Removing,
            Reach::Strictness | Reach::Number => self.number(days),
        };
        let mut part = found.part(class);
        if class == Class::Cosmetic && found.reach == Reach::Number {
            part.words = format!("`{}` is written otherwise", found.key);
        }
        part
    }

    /// The ways to what makes its cells different.
    fn through(&self, cells_are_inherited: bool, has_own_numbers: bool) -> Vec<Vec<Subject>> {
        let comparison = self.comparison;
        if self.values.are_equal() && !cells_are_inherited {
            return Vec::new();
        }
        let is_still = |subject: &Subject| comparison.is_still(subject);
        let mut ways = paths::ways(&comparison.head, &self.after, &comparison.roots, &is_still);
        if !comparison.roots_of_base.is_empty() {
            ways.extend(paths::ways(&comparison.base, &self.before, &comparison.roots_of_base, &is_still));
        }
        let (numbers, grain) = comparison.calendar_differs();
        if numbers && !self.values.are_equal() || grain && cells_are_inherited {
            ways.push(vec![project::calendar()]);
        }
        // A source of which it reads no other column is behind it, and yet no reason, where there is another one.
        let sides = (&self.before, &self.after);
        let is_reason = |way: &Vec<Subject>| way.last().is_some_and(|root| !comparison.is_unread(root, sides));
        if has_own_numbers || ways.iter().any(is_reason) {
            ways.retain(is_reason);
        }
        if ways.is_empty() && !has_own_numbers {
            let way = paths::somewhere(&comparison.head, &self.after, &is_still);
            ways.extend((!way.is_empty()).then_some(way));
        }
        ways.sort();
        ways.dedup();
        ways
    }

    /// What is said about a way: the words about what was changed at its end.
    fn inherited(&self, way: &[Subject], class: Class, cells_are_inherited: bool) -> (Vec<Part>, Vec<String>) {
        let Some(root) = way.last() else { return (Vec::new(), Vec::new()) };
        let name = format!("through {} `{}`", root.0.word(), root.1);
        let calendar;
        let draft = self.comparison.drafts.get(root);
        let found: Vec<&Found> = if *root == project::calendar() {
            calendar = project::calendars(&self.comparison.base.model.calendar, &self.comparison.head.model.calendar);
            calendar.iter().collect()
        } else {
            draft.map_or_else(Vec::new, |draft| draft.found.iter().map(|(found, _)| found).collect())
        };
        let alone = draft.is_some_and(Draft::is_alone);
        let is_calendar = *root == project::calendar();
        let telling = found.into_iter().filter(|found| match found.reach {
            Reach::Number => !is_calendar || !self.values.are_equal(),
            // The default grain of the calendar is for cells only.
            Reach::Strictness => !is_calendar || cells_are_inherited,
            _ => alone,
        });
        let mut parts = Vec::new();
        let mut undecided = Vec::new();
        for found in telling {
            undecided.extend(found.undecided.clone());
            let it = if alone { "it " } else { "" };
            parts.push(Part { words: format!("{name}: {it}{}", found.words), ..found.part(class) });
        }
        if parts.is_empty() {
            let found = self.nothing_said(format!("{name}: what it is built from is different"));
            parts.push(found.part(class));
        }
        (parts, undecided)
    }

    fn unknown(&self) -> Part {
        self.nothing_said("what it is built from is different".to_owned()).part(self.number((None, None)))
    }

    fn nothing_said(&self, words: String) -> Found {
        let span = self.comparison.span(&self.after, true);
        Found {
            reach: Reach::Number,
            key: "".into(),
            words,
            before: None,
            after: None,
            span,
            undecided: None,
            column: None,
        }
    }
}
