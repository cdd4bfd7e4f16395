//! What changes between two states of a project, by meaning and never by text.

mod cells;
mod classes;
mod downstream;
mod drafts;
mod metrics;
mod parts;
mod paths;
mod project;
mod renames;
mod undecided;
mod values;
mod view;

use crate::meaning::{Digest, Era, Subject};
use crate::schema::Kind;
use classes::Comparison;
use groma_syntax::{SourceMap, Span};
use jiff::civil::Date;
use smol_str::SmolStr;
use std::thread;
use view::View;

/// As much as a deep expression may need.
const STACK: usize = 16 << 20;

/// How far a change reaches, from the least. What cannot be shown to be equal gets the stricter class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The canonical forms are equal.
    Cosmetic,
    /// The numbers are equal, words differ.
    Descriptive,
    /// The numbers are equal; who, when or how strict differs.
    Policy,
    /// Old cells are equal, new ones appear.
    Additive,
    /// Values change only from a day on that is still to come.
    Forward,
    /// Published history may change.
    Restating,
    /// A published name, column or cell disappears.
    Removing,
}

/// All classes with the words they are written with.
pub const CLASSES: [(&str, Class); 7] = [
    ("cosmetic", Class::Cosmetic),
    ("descriptive", Class::Descriptive),
    ("policy", Class::Policy),
    ("additive", Class::Additive),
    ("forward", Class::Forward),
    ("restating", Class::Restating),
    ("removing", Class::Removing),
];

impl Class {
    /// The word of the class.
    pub fn word(self) -> &'static str {
        CLASSES.iter().find(|(_, class)| *class == self).map_or("", |(word, _)| word)
    }

    /// The class of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        CLASSES.iter().find(|(known, _)| *known == word).map(|(_, class)| *class)
    }
}

/// A project at one of the two states.
pub struct Side<'m> {
    /// In order, at least one.
    pub eras: Vec<Era<'m>>,
    /// The texts that the spans of its model point into.
    pub sources: &'m SourceMap,
}

/// What changed of one declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub subject: Subject,
    /// The name it had before, where it was renamed.
    pub was: Option<SmolStr>,
    pub class: Class,
    /// Its own words changed.
    pub direct: bool,
    /// The ways by which it inherits a change, each from what it uses to what was changed; sorted.
    pub through: Vec<Vec<Subject>>,
    /// The first day whose cells may differ; none where that is every day, or where no cell differs.
    pub since: Option<Date>,
    pub parts: Vec<Part>,
    /// Sub-expressions of which neither equality nor difference could be shown, in words.
    pub undecided: Vec<String>,
    /// Its whole meaning, before and after; none where it was not there, or is broken.
    pub before: Option<Digest>,
    pub after: Option<Digest>,
    /// What is built from it, through others too: declarations that are shown to somebody; sorted.
    pub downstream: Vec<Subject>,
    /// Where it stands in the head; where it is removed, in the base.
    pub span: Option<Span>,
}

impl Change {
    /// A change of what is said of the project as a whole, such as its policy: direct, and of nobody's meaning.
    pub fn of_project(name: SmolStr, class: Class, parts: Vec<Part>) -> Self {
        Self {
            subject: (Kind::Project, name),
            was: None,
            class,
            direct: true,
            through: Vec::new(),
            since: None,
            parts,
            undecided: Vec::new(),
            before: None,
            after: None,
            downstream: Vec::new(),
            span: None,
        }
    }
}

/// One thing that changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub class: Class,
    /// The key, where it is one.
    pub key: SmolStr,
    /// A sentence without its full stop: "`where` now leaves refunds out".
    pub words: String,
    /// What stood there, and what stands there now, as written.
    pub before: Option<String>,
    pub after: Option<String>,
    /// Where it stands in the head.
    pub span: Option<Span>,
}

/// What changed, by kind and name; what did not change, or only its layout, is left out.
///
/// What has the same meaning in other words is `cosmetic`. `today` decides whether a date is still to come. What is changed
/// in the manifest is about `project calendar` and `project policy`. What cannot be read on one of the sides (it is broken)
/// is `restating`, and says so among what is undecided.
pub fn compare(base: &Side<'_>, head: &Side<'_>, today: Date) -> Vec<Change> {
    match views(base, head) {
        (Some(base), Some(head)) => Comparison::of(base, head, today).changes(),
        _ => Vec::new(),
    }
}

/// Both sides with their meanings, found out side by side.
fn views<'m>(base: &'m Side<'m>, head: &'m Side<'m>) -> (Option<View<'m>>, Option<View<'m>>) {
    thread::scope(|scope| {
        let beside = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || View::of(base));
        let head = View::of(head);
        let base = match beside {
            Ok(beside) => beside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => View::of(base),
        };
        (base, head)
    })
}

#[cfg(test)]
mod tests;
