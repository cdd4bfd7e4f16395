//! `groma freeze`: what the metrics of a period mean is sealed, and stays so.

use crate::answer::{Extra, chosen_target};
use crate::arguments::Shared;
use crate::building::{Building, is_built};
use crate::failure::Failure;
use crate::findings::counted;
use crate::loading::{Loaded, root};
use crate::meaning::expression;
use crate::publishing::{File, publish};
use crate::register::approver;
use crate::terminal::Terminal;
use groma_history::seal::{
    Agreed, FOLDER, Files, Forms, Generator, Lock, Maker, Permission, Placed, Sealed, committed, holds, lock, path,
    present, restated, sha256,
};
use groma_history::{Repository, Revision};
use groma_model::governance::{Exception, Period};
use groma_model::meaning::FORM;
use groma_model::{Diagnostic, SmolStr, Span, Status};
use groma_project::did_you_mean;
use groma_project::history::freeze::{ALREADY_SEALED, NOT_PUBLISHED, NOT_RESTATED, UNKNOWN_PERIOD};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::fs;

/// Seal the definitions of a period: what each of its metrics means, and the bytes of its SQL.
///
/// Writes `freezes/PERIOD.lock`, to be committed. From then on `groma verify` fails where a sealed metric means something else,
/// and `groma build --frozen` and `groma query --frozen` compute by what was sealed.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A period of the project.
    #[arg(value_name = "PERIOD")]
    period: String,
    /// The targets whose SQL is sealed; without it, all of the manifest.
    #[arg(long = "target", value_name = "TARGET", value_delimiter = ',')]
    targets: Vec<String>,
    /// Replace the seals that no longer hold, as this exception allows, and put that on record.
    #[arg(long, value_name = "EXCEPTION")]
    restate: Option<String>,
    /// The day it is; without it, today.
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let (folder, _) = root(shared);
    if Repository::around(&folder, None).is_ok_and(|repository| repository.disk().is_none()) {
        let help = "freeze in a clone, commit the lock, and push it".to_owned();
        return Err(Failure::wrong_use("a bare repository has no files, and a lock is one", Some(help)));
    }
    let mut loaded = Loaded::sound(shared, terminal)?;
    let date = loaded.day(arguments.on);
    let (locks, unread) = Lock::all(&loaded.world, &mut loaded.project.sources);
    let outcome = Freezing { arguments, loaded: &loaded, locks: &locks, unread: &unread, date }.run(terminal);
    match outcome {
        Ok(()) => Ok(()),
        Err(Stopped::Found(found)) => {
            loaded.show(&found, terminal);
            Err(Failure::FINDINGS)
        }
        Err(Stopped::Failed(failure)) => Err(failure),
    }
}

/// Why nothing was sealed.
enum Stopped {
    Found(Vec<Diagnostic>),
    Failed(Failure),
}

impl From<Box<Diagnostic>> for Stopped {
    fn from(found: Box<Diagnostic>) -> Self {
        Self::Found(vec![*found])
    }
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// A period that is being frozen.
struct Freezing<'a> {
    arguments: &'a Arguments,
    loaded: &'a Loaded,
    locks: &'a [Placed],
    /// What is wrong with the other locks.
    unread: &'a [Diagnostic],
    date: Date,
}

impl Freezing<'_> {
    fn run(&self, terminal: &mut Terminal) -> Result<(), Stopped> {
        for target in &self.arguments.targets {
            chosen_target(self.loaded, Some(target))?;
        }
        let period = self.period()?;
        let repository = Repository::around(self.loaded.world.root(), None)?;
        let revision = committed(&repository)?;
        let old = self.old()?;
        let metrics = match old.filter(|_| self.arguments.restate.is_some()) {
            // Whatever the declaration says now, the same metrics are sealed.
            Some(old) => old.lock.metrics.keys().map(SmolStr::new).collect(),
            None => self.metrics(period)?,
        };
        if let (None, Some(old)) = (&self.arguments.restate, old) {
            return self.already(old, &metrics, terminal);
        }
        let fresh = self.fresh(period, old, (&revision, &metrics));
        match (&self.arguments.restate, old) {
            (Some(exception), Some(old)) => self.restate(exception, old, fresh, (&repository, terminal)),
            (Some(_), None) => {
                let name = &period.header.name;
                let finding = NOT_RESTATED
                    .finding(format!("period `{name}` is not frozen, so there is nothing to restate"))
                    .at(period.header.span, "has no lock")
                    .help(format!("freeze it: `groma freeze {name}`"));
                Err(Stopped::Found(vec![finding]))
            }
            (None, _) => {
                self.warn_about_days(period, terminal);
                let sealed = self.with_statements(fresh, terminal)?;
                self.write(&sealed, "seals", terminal)
            }
        }
    }

    /// The declared period.
    fn period(&self) -> Result<&Period, Stopped> {
        let (model, name) = (&self.loaded.project.model, &self.arguments.period);
        model.period_named(name).ok_or_else(|| {
            let known: Vec<&str> = model.periods.iter().map(|period| period.header.name.as_str()).collect();
            let help = did_you_mean(name, known).unwrap_or_else(|| {
                format!("declare it: `period {name} {{ covers: 2026-07-01 to 2026-09-30 }}`, with its first and its last day")
            });
            Stopped::Found(vec![UNKNOWN_PERIOD.finding(format!("there is no period `{name}`")).help(help)])
        })
    }

    /// The lock that is there.
    fn old(&self) -> Result<Option<&Placed>, Stopped> {
        let path = path(&self.arguments.period);
        let of_it = |found: &&Diagnostic| {
            let label = found.primary.as_ref();
            label.is_none_or(|label| self.loaded.project.sources.file(label.span.file).path == path)
        };
        match self.unread.iter().find(of_it) {
            Some(found) => Err(Stopped::Found(vec![found.clone()])),
            None => Ok(self.locks.iter().find(|lock| lock.path == path)),
        }
    }

    /// The names of the metrics that the period reports.
    fn metrics(&self, period: &Period) -> Result<Vec<SmolStr>, Stopped> {
        let model = &self.loaded.project.model;
        let found: Vec<Diagnostic> = period
            .metrics
            .iter()
            .filter(|(id, _)| !is_built(model, *id))
            .map(|(id, span)| {
                let metric = model.metric(*id);
                let status = if metric.status == Status::Draft { "a draft" } else { "retired" };
                let name = &metric.header.name;
                NOT_PUBLISHED
                    .finding(format!("`{name}` is {status}, and period `{}` is to report it", period.header.name))
                    .at(*span, "nobody is to rely on this number")
                    .also(metric.header.span, "the metric is declared here")
                    .help(format!("publish `{name}` first, or take it out of the period's `metrics`"))
            })
            .collect();
        if found.is_empty() {
            Ok(model.reported(period).into_iter().map(|id| model.metric(id).header.name.clone()).collect())
        } else {
            Err(Stopped::Found(found))
        }
    }

    /// The lock as it would be now, without statements.
    fn fresh(&self, period: &Period, old: Option<&Placed>, (revision, metrics): (&Revision, &[SmolStr])) -> Lock {
        let project = &self.loaded.project;
        let maker = Maker {
            generator: Generator {
                name: "groma".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                tzdb: groma_plan::tz_version().to_owned(),
            },
            form: old.map_or(FORM, |old| old.lock.form),
            period: Sealed::of(period),
            commit: revision.commit().map(|id| id.to_string()).unwrap_or_default(),
            metrics,
        };
        let mut sealed = lock(maker, project, &mut Forms::of(project));
        for (name, seal) in &mut sealed.metrics {
            let metric = project.model.metric_named(name).map(|id| project.model.metric(id));
            let weight = metric.and_then(|metric| metric.weight.as_ref());
            seal.weight = weight.map(|weight| sha256(expression::row(&project.model, weight).as_bytes()));
        }
        sealed
    }

    /// Adds the statements of each target.
    fn with_statements(&self, mut sealed: Lock, terminal: &mut Terminal) -> Result<Lock, Failure> {
        let manifest = &self.loaded.project.manifest;
        let names: Vec<String> = match self.arguments.targets.as_slice() {
            [] => manifest.targets.iter().map(|target| target.name.clone()).collect(),
            chosen => chosen.to_vec(),
        };
        let model = &self.loaded.project.model;
        for name in names {
            let target = chosen_target(self.loaded, Some(&name))?;
            let building = Building::of(self.loaded, target, Extra::default(), terminal)?;
            for refused in &building.refused {
                let metrics: Vec<&str> =
                    refused.metrics.iter().map(|id| model.metric(*id).header.name.as_str()).collect();
                let why = refused.findings.first().map(|finding| finding.headline.as_str()).unwrap_or_default();
                terminal.warn(&format!("no SQL of {} is sealed for target {name}: {why}", metrics.join(", ")));
            }
            let mut files = BTreeMap::new();
            let mut of_metric: BTreeMap<&str, String> = BTreeMap::new();
            for built in building.built() {
                let hash = sha256(built.file.text.as_bytes());
                for id in &built.metrics {
                    let own = of_metric.entry(model.metric(*id).header.name.as_str()).or_default();
                    own.push_str(&format!("{}  {}\n", hash, built.file.name));
                }
                files.insert(built.file.name.clone(), hash);
            }
            for (metric, list) in of_metric {
                if let Some(seal) = sealed.metrics.get_mut(metric) {
                    seal.sql.insert(name.clone(), sha256(list.as_bytes()));
                }
            }
            sealed.targets.insert(name, Files { engine: target.engine.clone(), files });
        }
        Ok(sealed)
    }

    /// A period that is frozen stays so.
    fn already(&self, old: &Placed, metrics: &[SmolStr], terminal: &mut Terminal) -> Result<(), Stopped> {
        let name = &self.arguments.period;
        let commit = old.lock.commit.get(..10).unwrap_or_default();
        if holds(&old.lock, &mut Forms::of(&self.loaded.project)) {
            terminal.say(&format!(
                "{name} is frozen already, at commit {commit}, and nothing that was sealed has changed: {} is left as it is",
                self.shown(&old.path)
            ));
            let later: Vec<&str> =
                metrics.iter().map(SmolStr::as_str).filter(|metric| !old.lock.metrics.contains_key(*metric)).collect();
            if !later.is_empty() {
                terminal.warn(&format!("{} came later and is not sealed for {name}", later.join(", ")));
            }
            return Ok(());
        }
        let text = &self.loaded.project.sources.file(old.file).text;
        let line = Span::new(old.file, 0, text.lines().next().map_or(0, str::len));
        let finding = ALREADY_SEALED
            .finding(format!("{name} was frozen at commit {commit}, and what was sealed is no longer what is declared"))
            .at(line, "stays as it is")
            .help(format!(
                "`groma verify` says what changed; a sealed meaning that must change is restated: \
                 `groma freeze {name} --restate EXCEPTION`"
            ));
        Err(Stopped::Found(vec![finding]))
    }

    fn restate(
        &self,
        name: &str,
        old: &Placed,
        fresh: Lock,
        (repository, terminal): (&Repository, &mut Terminal),
    ) -> Result<(), Stopped> {
        let project = &self.loaded.project;
        let model = &project.model;
        let exception = self.exception(name)?;
        let agreed = Agreed::read(repository, &present(repository)?, model, self.date)?;
        let approved_by = exception.approved_by.iter().map(|one| approver(model, one)).collect();
        let permission = Permission { exception, approved_by, agreed: &agreed, on: self.date };
        let sealed = restated(old, fresh, project, &permission)?;
        let sealed = self.with_statements(sealed, terminal)?;
        self.write(&sealed, "restates", terminal)
    }

    fn exception(&self, name: &str) -> Result<&Exception, Stopped> {
        let model = &self.loaded.project.model;
        model.exceptions.iter().find(|exception| exception.header.name == name).ok_or_else(|| {
            let restating = model.exceptions.iter().filter(|exception| exception.restates.is_some());
            let known: Vec<&str> = restating.map(|exception| exception.header.name.as_str()).collect();
            let help = did_you_mean(name, known).unwrap_or_else(|| {
                format!(
                    "declare it: `exception {name} {{ from: METRIC  restates: {}  because: \"…\"  evidence: \"…\"  \
                     approved_by: …  until: … }}`",
                    self.arguments.period
                )
            });
            Stopped::Found(vec![
                NOT_RESTATED.finding(format!("there is no exception `{name}` that allows it")).help(help),
            ])
        })
    }

    /// Says what is unusual about the day.
    fn warn_about_days(&self, period: &Period, terminal: &mut Terminal) {
        let (name, date) = (&period.header.name, self.date);
        if let Some(freeze) = period.freeze.filter(|freeze| date < *freeze) {
            terminal.warn(&format!("{name} is to be frozen on {freeze}, and it is {date}: it is frozen earlier"));
        }
        if let Some(report) = period.report.filter(|report| *report < date) {
            terminal
                .warn(&format!("{name} was reported on {report}: what is sealed now may be other than what was shown"));
        }
    }

    fn write(&self, sealed: &Lock, verb: &str, terminal: &mut Terminal) -> Result<(), Stopped> {
        let (name, path) = (&self.arguments.period, path(&self.arguments.period));
        let folder = self.loaded.world.root().join(FOLDER);
        let file = File { name: format!("{name}.lock"), text: sealed.text() };
        let shown = self.shown(&path);
        let failed = |error| Failure::refused(format!("{shown} cannot be written"), &error);
        fs::create_dir_all(&folder).and_then(|()| publish(&folder, &[file])).map_err(failed)?;
        let targets: Vec<&str> = sealed.targets.keys().map(String::as_str).collect();
        let commit = sealed.commit.get(..10).unwrap_or_default();
        let what = match verb {
            "restates" => {
                let newest = sealed.restatements.iter().filter(|one| one.commit == sealed.commit);
                let metrics: Vec<&str> = newest.map(|one| one.metric.as_str()).collect();
                metrics.join(", ")
            }
            _ => counted(sealed.metrics.len(), "metric"),
        };
        terminal.say(&format!("{shown} {verb} {what} for {} as of commit {commit}", targets.join(", ")));
        terminal.say(&format!(
            "  next: git add {shown} && git commit -m \"{name}: {}\"",
            match verb {
                "restates" => "restated",
                _ => "frozen",
            }
        ));
        Ok(())
    }

    /// A path of the project for someone in the current folder.
    fn shown(&self, path: &str) -> String {
        format!("{}{path}", self.loaded.prefix)
    }
}
