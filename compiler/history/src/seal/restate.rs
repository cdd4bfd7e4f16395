//! Restating: a sealed meaning is replaced by another one, for a reason, with the agreement of those who must, on record.

use super::holds::{Forms, breaches};
use super::lock::{Lock, Placed, Restatement, Sealed};
use crate::approval::{Approval, Approvals, Decision, Law, Role, Shelf, Statement, signers_of};
use crate::repository::Repository;
use crate::revision::Revision;
use groma_model::governance::{Approver, Exception};
use groma_model::meaning::{Digest, FORM, meanings};
use groma_model::schema::Kind;
use groma_model::{Diagnostic, Model, SmolStr};
use groma_project::Project;
use groma_project::history::freeze::NOT_RESTATED;
use groma_syntax::SourceMap;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// The statements of a state that count.
pub struct Agreed {
    statements: Vec<Statement>,
    today: Date,
}

impl Agreed {
    /// Those of the project as it is, by its own keys, teams and councils.
    ///
    /// # Errors
    /// The objects cannot be read.
    pub fn read(
        repository: &Repository,
        revision: &Revision,
        model: &Model,
        today: Date,
    ) -> Result<Self, Box<Diagnostic>> {
        let approvals = Approvals::read(repository, revision)?;
        let law = Law::new(model, signers_of(repository, revision)?, today);
        // Why one counts for nothing is said where all are verified.
        let mut aside = SourceMap::default();
        let mut shelf = Shelf { sources: &mut aside };
        let counts = |approval: Approval| {
            let valid = shelf.judged(&law, &approval).is_none();
            approval.statement.ok().filter(|statement| valid && statement.decision == Decision::Approve)
        };
        Ok(Self { statements: approvals.files.into_iter().filter_map(counts).collect(), today })
    }

    /// The addresses of those who agreed that a metric means this, in a role or at all.
    fn by(&self, metric: &str, meaning: Digest, role: Option<&Role>) -> BTreeSet<String> {
        let about = |one: &&Statement| {
            one.subject.0 == Kind::Metric
                && one.subject.1 == metric
                && one.digest == meaning
                && role.is_none_or(|role| one.role == *role)
        };
        self.statements.iter().filter(about).map(|one| one.by.to_lowercase()).collect()
    }

    /// Whose agreement is missing, in words.
    fn missing(&self, model: &Model, metric: &str, meaning: Digest, wanted: &[Approver]) -> Vec<String> {
        let missing = |approver: &Approver| match approver {
            Approver::Person(address, _) => {
                let given = self.by(metric, meaning, None).contains(&address.to_lowercase());
                (!given).then(|| address.clone())
            }
            Approver::Team(id, _) => {
                let name = &model.teams[id.index()].header.name;
                self.by(metric, meaning, Some(&Role::Team(name.clone()))).is_empty().then(|| format!("team.{name}"))
            }
            Approver::Council(id, _) => {
                let council = &model.councils[id.index()];
                let name = &council.header.name;
                let quorum = council.quorum_on(self.today);
                let given = self.by(metric, meaning, Some(&Role::Council(name.clone()))).len();
                (given < quorum).then(|| format!("council.{name} ({given} of {quorum} given)"))
            }
        };
        wanted.iter().filter_map(missing).collect()
    }
}

/// What allows a restatement, and when it is made.
pub struct Permission<'a> {
    pub exception: &'a Exception,
    /// Those who agreed, in words, as the record names them.
    pub approved_by: Vec<String>,
    pub agreed: &'a Agreed,
    pub on: Date,
}

/// The lock in which a fresh one takes the place of the seals that no longer hold. `fresh` seals the same metrics as they are.
///
/// # Errors
/// Nothing that is sealed has changed, or something that allows it is missing.
pub fn restated(
    old: &Placed,
    fresh: Lock,
    project: &Project,
    permission: &Permission<'_>,
) -> Result<Lock, Box<Diagnostic>> {
    let mut forms = Forms::of(project);
    let broken: Vec<String> = breaches(&old.lock, &mut forms).into_iter().map(|(name, _)| name).collect();
    refuse(old, &fresh, &broken, (project, permission))?;
    let exception = permission.exception;
    let mut lock = Lock { period: old.lock.period.clone(), restatements: old.lock.restatements.clone(), ..fresh };
    for (name, seal) in &old.lock.metrics {
        let Some(new) = lock.metrics.get_mut(name) else { continue };
        if broken.contains(name) {
            lock.restatements.push(Restatement {
                metric: name.clone(),
                exception: exception.header.name.to_string(),
                because: exception.because.clone(),
                approved_by: permission.approved_by.clone(),
                from: seal.meaning.clone(),
                to: new.meaning.clone(),
                commit: lock.commit.clone(),
                on: permission.on.to_string(),
            });
        } else {
            *new = super::lock::Seal { sql: std::mem::take(&mut new.sql), ..seal.clone() };
        }
    }
    Ok(lock)
}

/// Says what is missing.
fn refuse(
    old: &Placed,
    fresh: &Lock,
    broken: &[String],
    (project, permission): (&Project, &Permission<'_>),
) -> Result<(), Box<Diagnostic>> {
    let (period, model, exception) = (&old.lock.period.name, &project.model, permission.exception);
    let name = &exception.header.name;
    if broken.is_empty() {
        let finding = NOT_RESTATED
            .finding(format!("nothing that is sealed for {period} has changed: there is nothing to restate"));
        return Err(Box::new(
            finding.at(exception.header.span, "not needed yet").help("change the metric first, and commit it"),
        ));
    }
    let mut missing = Vec::new();
    match &exception.restates {
        Some((restates, _)) if restates == period => {}
        _ => missing.push(format!("`{name}` does not say `restates: {period}`")),
    }
    if let Some(until) = exception.until.filter(|until| *until < permission.on) {
        missing.push(format!("`{name}` was agreed until {until} only"));
    }
    let named =
        |metric: &String| exception.metrics.iter().any(|(id, _)| model.metric(*id).header.name == metric.as_str());
    for metric in broken {
        if !fresh.metrics.contains_key(metric) {
            missing.push(format!("`{metric}` is no longer declared, or cannot be read: a sealed name stays"));
        } else if !named(metric) {
            missing.push(format!("`{metric}` changed too, and `{name}` does not name it in `from`"));
        }
    }
    let whole = meanings(FORM, &project.eras()).unwrap_or_default();
    for metric in broken.iter().filter(|metric| named(metric)) {
        let Some(meaning) = whole.of.get(&(Kind::Metric, SmolStr::new(metric))) else { continue };
        let open = permission.agreed.missing(model, metric, meaning.whole, &exception.approved_by);
        if !open.is_empty() {
            missing.push(format!("`{metric}` as it is now is not approved by {}", open.join(", ")));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let finding = NOT_RESTATED
        .finding(format!("{period} cannot be restated by `{name}`: {}", missing.join("; ")))
        .at(exception.header.span, "does not allow it yet")
        .also(super::holds::place_in(old, &project.sources, &broken[0]), "sealed here");
    Err(Box::new(finding.help(format!(
        "name what changed in `from:`, write `restates: {period}`, and let those in `approved_by` run `groma approve {}`",
        broken.join(" ")
    ))))
}

/// What is wrong with the restatements on record: each needs the exception that it names, and its approvals.
pub(super) fn unfounded(
    lock: &Placed,
    project: &Project,
    agreed: &Agreed,
    at: &dyn Fn(&str) -> Option<Project>,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let period = &lock.lock.period.name;
    let commits: BTreeSet<&String> = lock.lock.restatements.iter().map(|one| &one.commit).collect();
    for commit in commits {
        // Without the commit nothing can be said about it.
        let Some(then) = at(commit) else { continue };
        let model = &then.model;
        let whole = meanings(FORM, &then.eras()).unwrap_or_default();
        for one in lock.lock.restatements.iter().filter(|one| one.commit == *commit) {
            let metric = &one.metric;
            let exception = model.exceptions.iter().find(|exception| {
                exception.header.name == one.exception
                    && exception.restates.as_ref().is_some_and(|(restates, _)| restates == period)
                    && exception.metrics.iter().any(|(id, _)| model.metric(*id).header.name == metric.as_str())
            });
            let meaning = whole.of.get(&(Kind::Metric, SmolStr::new(metric)));
            let why = match (exception, meaning) {
                (None, _) => format!("no exception `{}` allows it at commit {}", one.exception, short(commit)),
                (_, None) => format!("`{metric}` cannot be read at commit {}", short(commit)),
                (Some(exception), Some(meaning)) => {
                    match agreed.missing(model, metric, meaning.whole, &exception.approved_by) {
                        open if open.is_empty() => continue,
                        open => format!("it is not approved by {}", open.join(", ")),
                    }
                }
            };
            let place = super::holds::place_in(lock, &project.sources, metric);
            found.push(
                NOT_RESTATED
                    .finding(format!("{} restates `{metric}`, and {why}", lock.path))
                    .at(place, "restated")
                    .help("bring the approvals back that it was restated with, or take the restatement back"),
            );
        }
    }
    found
}

/// A commit as people write it.
fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}

/// The restatements of a metric for periods that share days with these: with the name of the period.
pub fn restatements<'l>(
    locks: &'l [Placed],
    metric: &'l str,
    days: (Option<Date>, Option<Date>),
) -> impl Iterator<Item = (&'l Sealed, &'l Restatement)> {
    let shared = move |lock: &&Placed| {
        lock.lock
            .days()
            .is_some_and(|(first, last)| days.0.is_none_or(|from| from <= last) && days.1.is_none_or(|to| first <= to))
    };
    locks.iter().filter(shared).flat_map(move |lock| {
        let own = lock.lock.restatements.iter().filter(move |one| one.metric == metric);
        own.map(|one| (&lock.lock.period, one))
    })
}
