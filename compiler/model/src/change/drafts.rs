//! The declarations whose words differ between the two sides.

use super::parts::text::quoted;
use super::parts::{Found, Pair, Reach, of, of_numbers};
use super::values::Days;
use super::view::View;
use crate::check::declare::Declared;
use crate::meaning::Subject;
use crate::model::Version;
use crate::schema::{KINDS, Kind};
use groma_syntax::ast::same_item;
use jiff::civil::Date;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// A declaration that is new, gone, called otherwise, or says something else.
pub(super) struct Draft<'m> {
    /// By its name in the head; of one that is gone, in the base.
    pub(super) subject: Subject,
    pub(super) was: Option<SmolStr>,
    pub(super) base: Option<&'m Declared>,
    pub(super) head: Option<&'m Declared>,
    /// What differs, and on which days.
    pub(super) found: Vec<(Found, Days)>,
}

impl Draft<'_> {
    /// The declaration in the base.
    pub(super) fn before(&self) -> Subject {
        (self.subject.0, self.was.clone().unwrap_or_else(|| self.subject.1.clone()))
    }

    /// It is there on one side only.
    pub(super) fn is_alone(&self) -> bool {
        self.base.is_none() || self.head.is_none()
    }

    /// Nobody wrote it: a survey declares it.
    pub(super) fn survey(&self) -> Option<&SmolStr> {
        self.head.or(self.base).and_then(|declared| declared.survey.as_ref())
    }
}

/// All that differ, by kind and name.
pub(super) fn gather<'m>(base: &View<'m>, head: &View<'m>) -> BTreeMap<Subject, Draft<'m>> {
    let mut drafts = BTreeMap::new();
    for schema in KINDS {
        let kind = schema.kind;
        let (mut gone, mut new) = (Vec::new(), Vec::new());
        for (one, other) in paired(base, head, kind) {
            match (one, other) {
                (Some(one), Some(other)) => {
                    if let Some(draft) = changed(base, head, (kind, one, other)) {
                        drafts.insert(draft.subject.clone(), draft);
                    }
                }
                (Some(one), None) => gone.push(one),
                (None, Some(other)) => new.push(other),
                (None, None) => {}
            }
        }
        for draft in super::renames::pair((base, head), kind, (gone, new)) {
            drafts.insert(draft.subject.clone(), draft);
        }
    }
    drafts
}

/// The declarations of a kind on both sides, in the order of names.
fn paired<'m>(base: &View<'m>, head: &View<'m>, kind: Kind) -> Vec<(Option<&'m Declared>, Option<&'m Declared>)> {
    let mut pairs = Vec::new();
    let (mut ones, mut others) = (base.declared(kind).peekable(), head.declared(kind).peekable());
    loop {
        match (ones.peek(), others.peek()) {
            (None, None) => return pairs,
            (Some(one), Some(other)) if one.name == other.name => pairs.push((ones.next(), others.next())),
            (Some(one), other) if other.is_none_or(|other| one.name < other.name) => pairs.push((ones.next(), None)),
            _ => pairs.push((None, others.next())),
        }
    }
}

/// What differs between two declarations; nothing where they say the same.
pub(super) fn changed<'m>(
    base: &View<'m>,
    head: &View<'m>,
    (kind, one, other): (Kind, &'m Declared, &'m Declared),
) -> Option<Draft<'m>> {
    let was = (one.name != other.name).then(|| one.name.clone());
    let subject = (kind, other.name.clone());
    let found = if one.versions.is_some() || other.versions.is_some() {
        through_time(base, head, (one, other))?
    } else {
        if was.is_none() && same_item(&one.item, &other.item) {
            return None;
        }
        let differ = differing(base, head, (&(kind, one.name.clone()), &subject));
        let found = of(&pair((base, head), (kind, one, other), differ.as_ref()));
        found.into_iter().map(|found| (found, (None, None))).collect()
    };
    Some(Draft { subject, was, base: Some(one), head: Some(other), found })
}

pub(super) fn pair<'a>(
    (base, head): (&View<'a>, &View<'a>),
    (kind, one, other): (Kind, &'a Declared, &'a Declared),
    changed: Option<&'a BTreeSet<SmolStr>>,
) -> Pair<'a> {
    Pair { kind, base: &one.item, head: &other.item, base_text: base.sources(), head_text: head.sources(), changed }
}

/// The keys of which the normal forms differ.
fn differing(base: &View<'_>, head: &View<'_>, (before, after): (&Subject, &Subject)) -> Option<BTreeSet<SmolStr>> {
    if base.meaning(before).is_none() || head.meaning(after).is_none() {
        return None;
    }
    let (before, after) = (base.entries(before), head.entries(after));
    Some(before.symmetric_difference(&after).map(|(key, _)| key.clone()).collect())
}

/// What differs between two metrics of which one has versions: from day to day.
fn through_time(base: &View<'_>, head: &View<'_>, (one, other): (&Declared, &Declared)) -> Option<Vec<(Found, Days)>> {
    let days: BTreeSet<Option<Date>> = base.days().chain(head.days()).chain([None]).collect();
    let days: Vec<Option<Date>> = days.into_iter().collect();
    let mut all: Vec<(Found, BTreeSet<usize>)> = Vec::new();
    let mut is_same = true;
    for (at, day) in days.iter().enumerate() {
        let (Some(one), Some(other)) = (base.on(*day, &one.name), head.on(*day, &other.name)) else { continue };
        is_same &= same_item(&one.item, &other.item);
        let pair = pair((base, head), (Kind::Metric, one, other), None);
        let is_newest = at + 1 == days.len();
        for found in if is_newest { of(&pair) } else { of_numbers(&pair) } {
            match all.iter_mut().find(|(known, _)| known.key == found.key && known.words == found.words) {
                Some((_, places)) => drop(places.insert(at)),
                None => all.push((found, BTreeSet::from([at]))),
            }
        }
    }
    let versions = versions(base, head, (&one.name, &other.name));
    if is_same && versions.is_empty() && one.name == other.name {
        return None;
    }
    let dated = all.into_iter().map(|(found, places)| dated(found, &places, &days));
    Some(dated.chain(versions.into_iter().map(|found| (found, (None, None)))).collect())
}

/// A difference with the days on which it is one, and with words about them.
fn dated(mut found: Found, places: &BTreeSet<usize>, days: &[Option<Date>]) -> (Found, Days) {
    let from = places.first().and_then(|at| days.get(*at)).copied().flatten();
    let until = places.last().and_then(|at| days.get(at + 1)).copied().flatten();
    if found.reach != Reach::Number {
        return (found, (None, None));
    }
    let words = &found.words;
    found.words = match (from, until) {
        (None, None) => words.clone(),
        (Some(from), None) => format!("from {from} on: {words}"),
        (None, Some(until)) => format!("until {until}: {words}"),
        (Some(from), Some(until)) => format!("from {from} until {until}: {words}"),
    };
    (found, (from, until))
}

/// Which versions there are. Answers carry them, so another number is seen even where no value is another one.
fn versions(base: &View<'_>, head: &View<'_>, (one, other): (&str, &str)) -> Vec<Found> {
    let of = |view: &View<'_>, name: &str| -> Vec<Version> {
        let versions = view.metric(name).map(|(_, metric)| metric.versions.clone());
        versions.unwrap_or_default().into_iter().filter(|version| version.from.is_some()).collect()
    };
    let (before, after) = (of(base, one), of(head, other));
    let numbers: BTreeSet<u32> = before.iter().chain(&after).map(|version| version.number).collect();
    let mut found = Vec::new();
    for number in numbers {
        let find = |versions: &[Version]| versions.iter().find(|version| version.number == number).cloned();
        let (one, other) = (find(&before), find(&after));
        let day =
            |version: &Option<Version>| version.as_ref().and_then(|version| version.from).map(|from| from.to_string());
        let (from, to) = (day(&one), day(&other));
        let span = other.as_ref().map(|version| version.span);
        let mut say = |reach: Reach, words: String, before: Option<String>, after: Option<String>| {
            found.push(Found {
                reach,
                key: "version".into(),
                words,
                before,
                after,
                span,
                undecided: None,
                column: None,
            });
        };
        match (&from, &to) {
            (None, Some(day)) => {
                say(Reach::Policy, format!("version {number} is new, from {day} on"), None, to.clone());
            }
            (Some(_), None) => say(Reach::Policy, format!("version {number} is gone"), from.clone(), None),
            (Some(before), Some(after)) if before != after => {
                let words = format!("version {number} holds from {after} on instead of {before}");
                say(Reach::Policy, words, from.clone(), to.clone());
            }
            _ => {}
        }
        if let (Some(one), Some(other)) = (one, other)
            && one.doc != other.doc
        {
            let words = format!("the description of version {number} says otherwise");
            say(Reach::Words, words, one.doc, other.doc);
        }
    }
    found
}

/// That something is called otherwise.
pub(super) fn renamed(reach: Reach, was: &str, is: &Declared) -> Found {
    Found {
        reach,
        key: SmolStr::default(),
        words: format!("is called {} instead of {}", quoted(&[&is.name]), quoted(&[was])),
        before: Some(was.to_owned()),
        after: Some(is.name.to_string()),
        span: Some(is.item.name.span),
        undecided: None,
        column: None,
    }
}
