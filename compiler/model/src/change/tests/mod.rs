//! What edits of a small project of all kinds are classed as, and how they are told.

mod edits;
mod manifest;
mod properties;
mod reading;
mod sound;
mod told;
mod versions;

use super::{Change, Class, Side, compare};
use crate::check::versions::{Choice, On};
use crate::check::{Input, ParsedFile, QueryShape, check, check_again};
use crate::governance::Policy;
use crate::meaning::Era;
use crate::model::{Model, QueryRows};
use crate::time::Calendar;
use groma_syntax::{SourceMap, parse};
use jiff::civil::{Date, date};

/// A project of all kinds.
pub(super) const PROJECT: &str = include_str!("project.groma");

/// The day on which all of this is judged.
const TODAY: Date = date(2026, 7, 2);

/// A project, compiled through all its eras.
pub(super) struct Project {
    sources: SourceMap,
    models: Vec<(Option<Date>, Model)>,
}

impl Project {
    pub(super) fn of(text: &str) -> Self {
        Self::with(text, Calendar::default(), Policy::default())
    }

    pub(super) fn with(text: &str, calendar: Calendar, policy: Policy) -> Self {
        let (project, said) = Self::read(text, calendar, policy);
        assert!(said.is_empty(), "{said:#?}");
        project
    }

    /// A project in which something is wrong.
    pub(super) fn broken(text: &str) -> Self {
        let (project, said) = Self::read(text, Calendar::default(), Policy::default());
        assert!(!said.is_empty(), "{text}");
        project
    }

    /// None where something is wrong.
    pub(super) fn try_of(text: &str) -> Option<Self> {
        let (project, said) = Self::read(text, Calendar::default(), Policy::default());
        said.is_empty().then_some(project)
    }

    /// With what is wrong.
    fn read(text: &str, calendar: Calendar, policy: Policy) -> (Self, Vec<String>) {
        let mut sources = SourceMap::default();
        let file = sources.add("main.groma", text);
        let parsed = parse(file, text);
        assert_eq!(parsed.diagnostics, [], "{text}");
        let files = vec![ParsedFile { file, tree: parsed.file, standard: false, pack: None }];
        let read_query =
            |_: &str| Ok(QueryShape { tables: Vec::new(), columns: None, whole: None, rows: QueryRows::default() });
        let choice = Choice::default();
        let (newest, found) =
            check(Input { files, calendar, policy, sources: &sources, choice, read_query: &read_query });
        let found: Vec<_> = found.into_iter().filter(groma_syntax::Diagnostic::is_error).collect();
        let said: Vec<String> = found
            .iter()
            .map(|one| {
                let place = one.primary.as_ref().map(|label| sources.line_column(label.span.file, label.span.start));
                format!("{place:?} {}", one.headline)
            })
            .collect();
        let mut days: Vec<Date> =
            newest.metrics.iter().flat_map(|metric| &metric.versions).filter_map(|version| version.from).collect();
        days.sort_unstable();
        days.dedup();
        let last = days.pop();
        let starts = last.iter().map(|_| None).chain(days.into_iter().map(Some));
        let mut models: Vec<(Option<Date>, Model)> = starts
            .map(|from| {
                let choice = Choice { on: Some(from.map_or(On::Beginning, On::Day)), ..Choice::default() };
                (from, check_again(&newest, &choice, &sources, &read_query).0)
            })
            .collect();
        models.push((last, newest));
        (Self { sources, models }, said)
    }

    fn side(&self) -> Side<'_> {
        let eras = self.models.iter().map(|(from, model)| Era { from: *from, model });
        Side { eras: eras.collect(), sources: &self.sources }
    }
}

/// What changes between two projects.
pub(super) fn between(base: &Project, head: &Project) -> Vec<Change> {
    compare(&base.side(), &head.side(), TODAY)
}

/// A text in which pieces are replaced, each there once.
pub(super) fn edited(text: &str, edits: &[(&str, &str)]) -> String {
    try_edited(text, edits).unwrap_or_else(|| panic!("{edits:#?}"))
}

/// None where a piece is not there once.
pub(super) fn try_edited(text: &str, edits: &[(&str, &str)]) -> Option<String> {
    edits
        .iter()
        .try_fold(text.to_owned(), |text, (old, new)| (text.matches(old).count() == 1).then(|| text.replace(old, new)))
}

/// What changes in the project by edits.
pub(super) fn edit(edits: &[(&str, &str)]) -> Vec<Change> {
    between(&Project::of(PROJECT), &Project::of(&edited(PROJECT, edits)))
}

/// Changes as lines: `restating metric revenue`, inherited ones with `<-` and the ends of their ways.
pub(super) fn lines(changes: &[Change]) -> Vec<String> {
    let one = |change: &Change| {
        let (kind, name) = (change.subject.0.word(), &change.subject.1);
        let was = change.was.as_ref().map_or_else(String::new, |was| format!(" was {was}"));
        let since = change.since.map_or_else(String::new, |since| format!(" since {since}"));
        let ways = change.through.iter().map(|way| {
            let names = way.iter().map(|(kind, name)| format!("{} {name}", kind.word()));
            names.collect::<Vec<_>>().join(" > ")
        });
        let ways = ways.collect::<Vec<_>>().join(" + ");
        let through = if ways.is_empty() { String::new() } else { format!(" <- {ways}") };
        let inherited = if change.direct { "" } else { " inherited" };
        format!("{} {kind} {name}{was}{since}{inherited}{through}", change.class.word())
    };
    changes.iter().map(one).collect()
}

/// The class of a declaration's change.
pub(super) fn class_of(changes: &[Change], kind: &str, name: &str) -> Option<Class> {
    changes.iter().find(|change| change.subject.0.word() == kind && change.subject.1 == name).map(|change| change.class)
}
