//! How far each change reaches.

use super::downstream::Downstream;
use super::drafts::{Draft, gather};
use super::parts::{Found, Reach};
use super::renames::{is_local, is_published, is_seen};
use super::values::Values;
use super::view::View;
use super::{Change, Class, Part, project};
use crate::graph::Node;
use crate::lineage::{Lineage, Place};
use crate::meaning::{Meaning, Subject};
use crate::model::Status;
use crate::schema::Kind;
use groma_syntax::Span;
use jiff::civil::Date;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Two sides, with what differs in their words.
pub(super) struct Comparison<'m> {
    pub(super) base: View<'m>,
    pub(super) head: View<'m>,
    pub(super) today: Date,
    pub(super) drafts: BTreeMap<Subject, Draft<'m>>,
    /// What metrics may inherit a change from.
    pub(super) roots: BTreeSet<Subject>,
    /// Of these, those to which ways lead in the base: what is gone, and exceptions, which name their metrics: one that is named
    /// no more has no way to it in the head.
    pub(super) roots_of_base: BTreeSet<Subject>,
    /// Calendar: what stands in cells, and what is built by default.
    calendar: (bool, bool),
    of_base: Downstream,
    of_head: Downstream,
    /// Which columns metrics read, once it is asked.
    lineage: RefCell<[Lineage<'m>; 2]>,
}

/// What metrics inherit from a declaration, at most.
#[derive(Clone, Copy)]
struct Claim {
    class: Class,
    since: Option<Date>,
}

type Claims = BTreeMap<Subject, Claim>;

impl Found {
    /// The part of a change of a class.
    pub(super) fn part(&self, class: Class) -> Part {
        let Found { key, words, before, after, span, .. } = self.clone();
        Part { class, key, words, before, after, span }
    }
}

impl<'m> Comparison<'m> {
    pub(super) fn of(base: View<'m>, head: View<'m>, today: Date) -> Self {
        let drafts = gather(&base, &head);
        let (of_base, of_head) = (Downstream::of(base.model), Downstream::of(head.model));
        let calendars = project::calendars(&base.model.calendar, &head.model.calendar);
        let differs = |reach: Reach| calendars.iter().any(|found| found.reach == reach);
        let calendar = (differs(Reach::Number), differs(Reach::Strictness));
        let (roots, roots_of_base) = (BTreeSet::new(), BTreeSet::new());
        let lineage = RefCell::new([Lineage::new(base.model), Lineage::new(head.model)]);
        let mut comparison =
            Self { base, head, today, drafts, roots, roots_of_base, calendar, of_base, of_head, lineage };
        let roots = comparison.drafts.values().filter(|draft| comparison.is_root(draft));
        comparison.roots = roots.map(|draft| draft.subject.clone()).collect();
        let is_of_base = |root: &&Subject| comparison.is_gone(root) || root.0 == Kind::Exception;
        comparison.roots_of_base = comparison.roots.iter().filter(is_of_base).cloned().collect();
        comparison
    }

    /// All changes, sorted.
    pub(super) fn changes(&self) -> Vec<Change> {
        let mut changes: Vec<Change> =
            self.head.declared(Kind::Metric).filter_map(|declared| self.metric(declared)).collect();
        let claims = claims(&changes);
        for draft in self.drafts.values() {
            match draft.subject.0 {
                Kind::Metric if draft.is_alone() => changes.push(self.alone(draft)),
                Kind::Metric => {}
                _ => changes.push(self.other(draft, claims.get(&draft.subject))),
            }
        }
        changes.extend(self.calendar(claims.get(&project::calendar())));
        changes.extend(self.policy());
        changes.sort_by(|one, other| one.subject.cmp(&other.subject));
        changes
    }

    /// Whether metrics may have other cells because of a declaration.
    fn is_root(&self, draft: &Draft<'_>) -> bool {
        let of_numbers = || draft.found.iter().any(|(found, _)| found.reach.is_of_numbers());
        match draft.subject.0 {
            Kind::Metric if draft.is_alone() => true,
            Kind::Metric => {
                let meanings = self.base.meaning(&draft.before()).zip(self.head.meaning(&draft.subject));
                let differ = meanings.is_none_or(|(base, head)| !Values::of(&base.pieces, &head.pieces).are_equal());
                of_numbers() && differ && draft.survey().is_none()
            }
            kind if kind == Kind::Exception
                || self.base.node(&draft.before()).or(self.head.node(&draft.subject)).is_some() =>
            {
                draft.is_alone() || of_numbers()
            }
            _ => false,
        }
    }

    /// Whether only columns of a source are different, and a metric reads none of them.
    pub(super) fn is_unread(&self, source: &Subject, (before, after): (&Subject, &Subject)) -> bool {
        let Some(draft) = self.drafts.get(source).filter(|draft| source.0 == Kind::Source && !draft.is_alone()) else {
            return false;
        };
        let (mut lineage, sides) = (self.lineage.borrow_mut(), [(&self.base, before), (&self.head, after)]);
        let mut read: BTreeSet<&str> = BTreeSet::new();
        for (lineage, (view, metric)) in lineage.iter_mut().zip(sides) {
            let Some((id, _)) = view.metric(&metric.1) else { return false };
            for place in lineage.metric(id).keys() {
                match place {
                    Place::Column(of, column) if view.model.source(*of).header.name == source.1 => {
                        read.insert(&view.model.column(*of, *column).name);
                    }
                    Place::Column(..) => {}
                    // Of a query it is not known which columns it reads.
                    Place::Undeclared(..) | Place::Table(_) => return false,
                }
            }
        }
        let mut differ = draft.found.iter().map(|(found, _)| found).filter(|found| found.reach.is_of_numbers());
        differ.all(|found| found.column.as_ref().is_some_and(|column| !read.contains(column.as_str())))
    }

    pub(super) fn calendar_differs(&self) -> (bool, bool) {
        self.calendar
    }

    /// Whether nothing of a declaration is different, nor of what it is built from. Of sources and what leads to them it is
    /// not known: which of their columns count is up to those who read them.
    pub(super) fn is_still(&self, subject: &Subject) -> bool {
        if matches!(subject.0, Kind::Source | Kind::Customer | Kind::Survey) {
            return false;
        }
        let (base, head) = (self.base.meaning(subject), self.head.meaning(subject));
        base.zip(head).is_some_and(|(base, head)| base.whole == head.whole)
    }

    /// Whether it is in the base only.
    pub(super) fn is_gone(&self, subject: &Subject) -> bool {
        self.drafts.get(subject).is_some_and(|draft| draft.head.is_none())
    }

    pub(super) fn downstream(&self, subject: &Subject, in_head: bool) -> Vec<Subject> {
        if in_head { self.of_head.from(&self.head, subject) } else { self.of_base.from(&self.base, subject) }
    }

    /// Where a declaration stands.
    pub(super) fn span(&self, subject: &Subject, in_head: bool) -> Option<Span> {
        if let Some(declared) = self.drafts.get(subject).and_then(|draft| draft.head.or(draft.base)) {
            return Some(declared.item.name.span);
        }
        let view = if in_head { &self.head } else { &self.base };
        view.node(subject).map(|node| view.header(node).span)
    }

    /// A declaration of which nobody knows what it means on one of the sides.
    pub(super) fn unreadable(
        &self,
        (before, after): (&Subject, &Subject),
        (base, head): (Option<&Meaning>, Option<&Meaning>),
        draft: Option<&Draft<'_>>,
    ) -> Change {
        let sides = match (base, head) {
            (None, None) => "on both sides",
            (None, _) => "in the base",
            _ => "in the head",
        };
        let class = if is_local(after.0) { Class::Cosmetic } else { Class::Restating };
        let parts = draft.into_iter().flat_map(|draft| &draft.found).map(|(found, _)| {
            let own = match found.reach {
                Reach::Cosmetic => Class::Cosmetic,
                Reach::Words => Class::Descriptive,
                Reach::Policy => Class::Policy,
                _ => class,
            };
            found.part(own.min(class))
        });
        Change {
            subject: after.clone(),
            was: (before != after).then(|| before.1.clone()),
            class,
            direct: draft.is_some(),
            through: Vec::new(),
            since: None,
            parts: parts.collect(),
            undecided: vec![format!("its meaning cannot be read {sides}")],
            before: base.map(|meaning| meaning.whole),
            after: head.map(|meaning| meaning.whole),
            downstream: self.downstream(after, true),
            span: self.span(after, true),
        }
    }

    /// A change of everything but metrics that are there on both sides.
    fn bare(&self, draft: &Draft<'_>, class: Class, parts: Vec<Part>) -> Change {
        let in_head = draft.head.is_some();
        let whole = |meaning: Option<&Meaning>| meaning.map(|meaning| meaning.whole);
        Change {
            subject: draft.subject.clone(),
            was: draft.was.clone(),
            class,
            direct: true,
            through: Vec::new(),
            since: None,
            parts,
            undecided: Vec::new(),
            before: draft.base.and_then(|_| whole(self.base.meaning(&draft.before()))),
            after: draft.head.and_then(|_| whole(self.head.meaning(&draft.subject))),
            downstream: self.downstream(&draft.subject, in_head),
            span: self.span(&draft.subject, in_head),
        }
    }

    /// A metric that is new or gone.
    fn alone(&self, draft: &Draft<'_>) -> Change {
        let in_head = draft.head.is_some();
        let view = if in_head { &self.head } else { &self.base };
        let status = view.metric(&draft.subject.1).map(|(_, metric)| metric.status);
        let is_shown = matches!(status, Some(Status::Active | Status::Deprecated) | None);
        let class = match (is_shown, in_head) {
            (false, _) => Class::Policy,
            (true, true) => Class::Additive,
            (true, false) => Class::Removing,
        };
        let parts = draft.found.iter().map(|(found, _)| found.part(class)).collect();
        let mut change = self.bare(draft, class, parts);
        if let Some(survey) = draft.survey() {
            change.direct = false;
            change.through = vec![vec![(Kind::Survey, survey.clone())]];
        }
        change
    }

    /// A declaration that is no metric.
    fn other(&self, draft: &Draft<'_>, claim: Option<&Claim>) -> Change {
        let kind = draft.subject.0;
        let (base, head) = (self.base.meaning(&draft.before()), self.head.meaning(&draft.subject));
        let counts = is_published(kind) || kind == Kind::Exception;
        if counts && !draft.is_alone() && (base.is_none() || head.is_none()) {
            return self.unreadable((&draft.before(), &draft.subject), (base, head), Some(draft));
        }
        let number = self.number(draft, claim);
        let class_of = |reach: Reach| match reach {
            Reach::Cosmetic => Class::Cosmetic,
            Reach::Words => Class::Descriptive,
            _ if is_local(kind) => Class::Cosmetic,
            // Rows that an exception leaves out appear and disappear with it.
            _ if kind == Kind::Exception && draft.is_alone() => number,
            Reach::New if is_seen(kind) => Class::Additive,
            Reach::Gone if is_seen(kind) => Class::Removing,
            Reach::Policy | Reach::New | Reach::Gone => Class::Policy,
            Reach::Strictness => claim.map_or(Class::Policy, |claim| claim.class),
            Reach::Number => number,
        };
        let parts: Vec<Part> = draft.found.iter().map(|(found, _)| found.part(class_of(found.reach))).collect();
        let class = parts.iter().map(|part| part.class).max().unwrap_or(Class::Cosmetic);
        let undecided = draft.found.iter().filter(|(found, _)| {
            is_local(kind) && found.reach == Reach::Number || class_of(found.reach) > Class::Policy
        });
        let undecided = undecided.filter_map(|(found, _)| found.undecided.clone()).collect();
        let lasting = matches!(class, Class::Forward | Class::Restating);
        let since = claim.and_then(|claim| claim.since).filter(|_| lasting);
        Change { since, undecided, ..self.bare(draft, class, parts) }
    }

    /// How far it reaches that numbers may be built from something else.
    fn number(&self, draft: &Draft<'_>, claim: Option<&Claim>) -> Class {
        if let Some(claim) = claim {
            return claim.class.min(Class::Restating);
        }
        let is_metric = |subject: &Subject| subject.0 == Kind::Metric;
        let is_read = || {
            self.downstream(&asked_of(&self.base, draft.before()), false).iter().any(is_metric)
                || self.downstream(&asked_of(&self.head, draft.subject.clone()), true).iter().any(is_metric)
        };
        // No metric says that it is different; but it may be asked by what is.
        if is_published(draft.subject.0) && is_read() { Class::Restating } else { Class::Policy }
    }

    fn calendar(&self, claim: Option<&Claim>) -> Option<Change> {
        let found = project::calendars(&self.base.model.calendar, &self.head.model.calendar);
        let parts: Vec<Part> =
            found.iter().map(|found| found.part(claim.map_or(Class::Policy, |claim| claim.class))).collect();
        let since = claim.and_then(|claim| claim.since);
        let class = parts.iter().map(|part| part.class).max()?;
        let since = since.filter(|_| matches!(class, Class::Forward | Class::Restating));
        Some(Change { since, ..Change::of_project(project::calendar().1, class, parts) })
    }

    fn policy(&self) -> Option<Change> {
        let found = project::policies(&self.base.model.policy, &self.head.model.policy);
        let parts: Vec<Part> = found.iter().map(|found| found.part(Class::Policy)).collect();
        (!parts.is_empty()).then(|| Change::of_project(project::policy().1, Class::Policy, parts))
    }
}

/// Where metrics may be asked by a declaration: a segment is asked for with its customer.
fn asked_of(view: &View<'_>, subject: Subject) -> Subject {
    match view.node(&subject) {
        Some(Node::Segment(id)) => {
            let customer = view.model.segments[id.index()].customer;
            view.subject(Node::Customer(customer))
        }
        _ => subject,
    }
}

/// What the metrics inherit from each declaration.
fn claims(changes: &[Change]) -> Claims {
    let mut claims = Claims::new();
    for change in changes {
        for root in change.through.iter().filter_map(|way| way.last()) {
            let claim = Claim { class: change.class, since: change.since };
            let known = claims.entry(root.clone()).or_insert(claim);
            known.class = known.class.max(claim.class);
            known.since = known.since.min(claim.since);
        }
    }
    claims
}
