//! What is missing, in words: of whom, and the command that gives it.

use super::assess::{Judged, is_of};
use super::{Need, Party, Reason};
use crate::approval::{Approval, Decision, Law, Statement};
use crate::comparison::{Assessed, State};
use groma_model::change::{Change, Class};
use groma_model::meaning::Subject;
use groma_model::schema::Kind;
use groma_model::{Diagnostic, SmolStr, Span};
use groma_project::history::approval::{AUTHOR_ALONE, MISSING, NOBODY_DECIDES, NOT_YOUR_METRIC};

/// As many names stand in a sentence.
const NAMED: usize = 3;

/// As many stand in a command.
const COMMANDED: usize = 8;

/// The findings of all changes. What several metrics inherit from one place is said once.
pub(super) struct Findings<'a> {
    law: &'a Law<'a>,
    base: &'a State,
    head: &'a State,
    new: &'a [Approval],
    found: Vec<Diagnostic>,
    /// Needs of inherited changes with all that have them.
    inherited: Vec<(Need, Vec<Place>)>,
    undecided: Vec<(Class, Vec<Place>)>,
}

/// Something that was changed.
#[derive(Debug, Clone)]
struct Place {
    subject: Subject,
    /// In the head; none where it is gone.
    span: Option<Span>,
}

impl<'a> Findings<'a> {
    pub(super) fn new(law: &'a Law<'a>, (base, head): (&'a State, &'a State), new: &'a [Approval]) -> Self {
        Self { law, base, head, new, found: Vec::new(), inherited: Vec::new(), undecided: Vec::new() }
    }

    /// Adds what is missing of a change.
    pub(super) fn add(&mut self, assessed: &Assessed, judged: &Judged) {
        let change = &assessed.change;
        let place = Place { subject: change.subject.clone(), span: change.span.filter(|_| change.after.is_some()) };
        if judged.nobody_decides {
            match self.undecided.iter_mut().find(|(class, _)| *class == change.class) {
                Some((_, places)) => places.push(place.clone()),
                None => self.undecided.push((change.class, vec![place.clone()])),
            }
        }
        for need in judged.needs.iter().filter(|need| !need.is_met()) {
            if need.because == Reason::Owns {
                if let Some(trespass) = &judged.trespass {
                    let code = if trespass.is_global { &NOT_YOUR_METRIC } else { &MISSING };
                    let finding = code.finding(format!(
                        "{} is team `{}`'s, and {} changed it since {} ({})",
                        called(&change.subject),
                        trespass.team,
                        listed(&trespass.others, "and"),
                        self.since(),
                        change.class.word(),
                    ));
                    let help = format!("let a member of `{}` approve it: {}", trespass.team, self.ask(need, &[&place]));
                    let help = [help].into_iter().chain(self.passed_over(change)).collect::<Vec<_>>().join("; ");
                    self.found.push(at(finding, &place, "changed by somebody else").help(help));
                }
            } else if change.direct || change.through.is_empty() {
                let finding = self.missing(need, std::slice::from_ref(&place), &self.passed_over(change));
                self.found.push(finding);
            } else {
                match self.inherited.iter_mut().find(|(other, _)| other == need) {
                    Some((_, places)) => places.push(place.clone()),
                    None => self.inherited.push((need.clone(), vec![place.clone()])),
                }
            }
        }
    }

    /// All that was found.
    pub(super) fn all(mut self) -> Vec<Diagnostic> {
        for (need, places) in std::mem::take(&mut self.inherited) {
            self.found.push(self.missing(&need, &places, &[]));
        }
        for (class, places) in std::mem::take(&mut self.undecided) {
            let names: Vec<String> = places.iter().map(|place| called(&place.subject)).collect();
            let word = class.word();
            let finding = NOBODY_DECIDES.finding(format!(
                "published numbers of {} may differ since {}, and no council decides about `{word}` changes",
                listed(&names, "and"),
                self.since(),
            ));
            let help = format!("say who does: `council metrics {{ members: \"…\"  decides: {word} }}`");
            self.found.extend(
                places.first().map(|first| at(finding, first, format!("{word}, and nobody is asked")).help(help)),
            );
        }
        self.found
    }

    fn since(&self) -> &str {
        self.base.revision.name()
    }

    fn missing(&self, need: &Need, places: &[Place], passed_over: &[String]) -> Diagnostic {
        let names: Vec<String> = places.iter().map(|place| called(&place.subject)).collect();
        let names = listed(&names, "and");
        let changed = format!(
            "{names} {} changed since {} ({})",
            if places.len() == 1 { "is" } else { "are" },
            self.since(),
            need.class.word()
        );
        let of = party(&need.from);
        let why = match &need.because {
            Reason::Restates { period, exception } => {
                format!("; exception `{exception}` restates the frozen period {period}")
            }
            Reason::Decides | Reason::Owns => String::new(),
        };
        let all: Vec<&Place> = places.iter().collect();
        let ask = self.ask(need, &all);
        let (finding, label, help) = match need.is_author_alone() {
            true => (
                AUTHOR_ALONE.finding(format!(
                    "{changed}, and nobody approved it but {}, who made the change{why}",
                    listed(&words(&need.given), "and")
                )),
                "approved by its author alone",
                format!("somebody else of {of} must agree: {ask}"),
            ),
            false => {
                let (given, wanted) = (need.given.len(), need.wanted);
                let count = format!("{given} of {wanted} approval{}", if wanted == 1 { "" } else { "s" });
                let has = if places.len() == 1 { "has" } else { "have" };
                let finding = MISSING.finding(format!("{changed}, and {has} {count} of {of}{why}"));
                (finding, "lacks an approval", format!("{} more must agree: {ask}", wanted.saturating_sub(given)))
            }
        };
        let help = [help].into_iter().chain(passed_over.iter().cloned()).collect::<Vec<_>>().join("; ");
        match places.first() {
            Some(place) => at(finding, place, label).help(help),
            None => finding.help(help),
        }
    }

    /// Who may still agree, and how: ``bo@shop.example or cy@shop.example, with `groma approve nps --base main` ``.
    fn ask(&self, need: &Need, places: &[&Place]) -> String {
        let open: Vec<String> = need
            .open
            .iter()
            .filter(|one| !need.is_author_alone() || !need.authors.contains(one))
            .map(ToString::to_string)
            .collect();
        let who = match open.is_empty() {
            true => format!("nobody is a member of {} on {}", party(&need.from), self.law.today),
            false => listed(&open, "or"),
        };
        let names: Vec<String> = places.iter().map(|place| argument(&place.subject)).collect();
        let what = if names.len() > COMMANDED { "--all".to_owned() } else { names.join(" ") };
        format!("{who}, with `groma approve {what} --base {}`", self.base.revision.name())
    }

    /// Approvals of the same declaration that do not count for this change, and why.
    fn passed_over(&self, change: &Change) -> Vec<String> {
        let statements = self.new.iter().filter_map(|approval| approval.statement.as_ref().ok());
        statements
            .filter(|statement| statement.subject == change.subject)
            .filter_map(|one| self.why_not(one, change))
            .collect()
    }

    fn why_not(&self, statement: &Statement, change: &Change) -> Option<String> {
        let by = &statement.by;
        let meant = change.after.or(change.before);
        if statement.decision == Decision::Reject && Some(statement.digest) == meant {
            let why = if statement.reason.is_empty() { String::new() } else { format!(": \"{}\"", statement.reason) };
            return Some(format!("{by} rejected it{why}"));
        }
        if !is_of(statement, self.head) {
            return Some(format!("{by} approved it for the project `{}`", statement.project));
        }
        if Some(statement.digest) != meant {
            return Some(format!("{by} approved another meaning of it, not the one it has now"));
        }
        (statement.class < change.class).then(|| format!("{by} approved it as `{}`", statement.class.word()))
    }
}

/// ``metric `nps` `` as people call it.
fn called((kind, name): &Subject) -> String {
    match kind {
        Kind::Metric => format!("`{name}`"),
        _ => format!("{} `{name}`", kind.word()),
    }
}

/// As `groma approve` takes it: `nps`, `council.metrics`.
fn argument((kind, name): &Subject) -> String {
    match kind {
        Kind::Metric => name.to_string(),
        _ => format!("{}.{name}", kind.word()),
    }
}

fn party(party: &Party) -> String {
    match party {
        Party::Team(name) => format!("team `{name}`"),
        Party::Council(name) => format!("council `{name}`"),
        Party::Person(address) => address.to_string(),
    }
}

fn words(all: &[SmolStr]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

/// `a, b and c`; `a, b, c and 4 more`.
fn listed(all: &[String], last: &str) -> String {
    let (shown, more) = match all.len() {
        many if many > NAMED + 1 && last == "and" => (all[..NAMED].to_vec(), Some(format!("{} more", many - NAMED))),
        _ => (all.to_vec(), None),
    };
    let all: Vec<String> = shown.into_iter().chain(more).collect();
    match all.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
    }
}

fn at(finding: Diagnostic, place: &Place, label: impl Into<String>) -> Diagnostic {
    match place.span {
        Some(span) => finding.at(span, label),
        None => finding,
    }
}
