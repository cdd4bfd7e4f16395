//! `groma run` where answers are kept for others: the checks of a source before the jobs that read it,
//! and each job whole or not at all.
//!
//! Jobs are idempotent: what a job writes depends on the data, the definitions and what is settled, never on how often it
//! ran. So a run can be killed at any moment and run again.

mod alerting;
mod checking;
mod crew;
mod dry;
mod files;
mod kept;
mod lock;
mod session;
mod summary;
mod voice;
mod working;

use crate::answer::RunError;
use crate::answer::server::ServerError;
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::terminal::Terminal;
use crate::warehouse::{Asked, Job, Warehouse};
use files::Files;
use groma_model::{Diagnostic, MetricId, Model, Origin, SourceId};
use groma_project::{Target, did_you_mean};
use jiff::civil::DateTime;
use session::Session;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use summary::Summary;
use voice::Voice;
use working::Work;

/// What is asked of a run.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// In the project's zone.
    pub(crate) as_of: Option<DateTime>,
    /// Settled periods are computed again too.
    pub(crate) full: bool,
    /// Nothing is touched; the statements are shown.
    pub(crate) dry: bool,
    /// Only these jobs, and those of these metrics; all where nothing is named.
    pub(crate) only: Vec<String>,
    /// How long another run is waited for.
    pub(crate) wait: Duration,
    /// How many jobs a server computes side by side, at least one.
    pub(crate) parallel: usize,
    /// The summary as JSON.
    pub(crate) json: bool,
}

/// What a job has written.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) rows: u64,
    pub(crate) removed: u64,
    /// Computed cells by their status.
    pub(crate) cells: BTreeMap<String, u64>,
    /// The time from which on nothing was read.
    pub(crate) as_of: Option<String>,
}

/// Why a job has not written anything.
pub(crate) enum Stop {
    Found(Vec<Diagnostic>),
    Failed(Failure),
    /// The session was lost, and another one does it.
    Lost,
}

impl Stop {
    fn of(error: &ServerError, target: &Target) -> Self {
        error.findings(target).map_or_else(Self::Failed, Self::Found)
    }

    fn of_run(error: &RunError, loaded: &Loaded, target: &Target) -> Self {
        error.findings(loaded, target).map_or_else(Self::Failed, Self::Found)
    }
}

/// Where answers are kept.
enum Place<'a> {
    Files(Box<Files<'a>>),
    Server(Box<Session<'a>>),
}

/// Refreshes the answers of a target.
pub(crate) fn run(loaded: &Loaded, target: &Target, options: &Options, terminal: &mut Terminal) -> Result<(), Failure> {
    let start = Instant::now();
    if let Err(found) = crate::answer::may_run(loaded, target) {
        return refuse(loaded, &[found], terminal);
    }
    let asked = Asked { full: options.full, as_of: options.as_of };
    let mut warehouse = Warehouse::of(loaded, target, &asked, terminal)?;
    for refused in &warehouse.refused {
        loaded.show(&refused.findings, terminal);
    }
    loaded.mention_errors(terminal);
    only(loaded, &mut warehouse, &options.only)?;
    if options.dry {
        return dry::show(loaded, target, &warehouse, terminal);
    }
    let mut summary = Summary::of(loaded, target, &warehouse, options);
    refresh(loaded, target, (&warehouse, options), &mut summary, &Voice::of(terminal))?;
    summary.refused = warehouse.refused.len();
    summary.seconds = start.elapsed().as_secs_f64();
    terminal.answer(&if options.json { summary.json() } else { summary.text() })?;
    if summary.is_well() { Ok(()) } else { Err(Failure::FINDINGS) }
}

/// Checks, jobs, and what follows them.
fn refresh(
    loaded: &Loaded,
    target: &Target,
    (warehouse, options): (&Warehouse, &Options),
    summary: &mut Summary,
    voice: &Voice<'_>,
) -> Result<(), Failure> {
    let opened = Place::open(loaded, target, (warehouse, options), voice);
    let mut place = opened.map_err(|stop| said(loaded, stop, voice))?;
    let beside = place.others(options.parallel.min(warehouse.jobs.len()).saturating_sub(1), voice);
    let work = Work::of(loaded, target, warehouse, voice);
    (summary.checks, summary.jobs) = work.run(&mut place, beside);
    let closed = place.close(warehouse, summary, voice);
    match closed.and_then(|()| alerting::run(loaded, target, (warehouse, &mut place), voice)) {
        Ok(firing) => summary.alerts = firing,
        Err(stop) => {
            summary.failed = true;
            said(loaded, stop, voice);
        }
    }
    Ok(())
}

/// The sources that a job reads, and those that their queries read.
fn read_by(model: &Model, job: &Job) -> BTreeSet<SourceId> {
    let mut read = BTreeSet::new();
    let mut open: Vec<SourceId> = job.sources.clone();
    while let Some(id) = open.pop() {
        if read.insert(id)
            && let Origin::Query { reads, .. } = &model.source(id).origin
        {
            open.extend(reads.iter().map(|(_, id)| *id));
        }
    }
    read
}

/// Those of all jobs.
fn read_by_all(model: &Model, warehouse: &Warehouse) -> BTreeSet<SourceId> {
    warehouse.jobs.iter().flat_map(|job| read_by(model, job)).collect()
}

impl<'a> Place<'a> {
    fn open(
        loaded: &'a Loaded,
        target: &'a Target,
        (warehouse, options): (&Warehouse, &Options),
        voice: &Voice<'_>,
    ) -> Result<Self, Stop> {
        if target.is_embedded() {
            let files = voice.with(|terminal| Files::open(loaded, target, warehouse, options, terminal))?;
            return Ok(Self::Files(Box::new(files)));
        }
        let mut session = Session::open(loaded, target, options.wait, voice)?;
        session.script("setup", &warehouse.setup, voice)?;
        session.compare_kept(&warehouse.columns, voice)?;
        Ok(Self::Server(Box::new(session)))
    }

    /// Sessions beside this one, at most so many.
    fn others(&self, count: usize, voice: &Voice<'_>) -> Vec<Session<'a>> {
        match self {
            Self::Files(_) => Vec::new(),
            Self::Server(session) => session.others(count, voice),
        }
    }

    /// Whether no further job must be taken here.
    fn is_halted(&self) -> bool {
        match self {
            Self::Files(_) => false,
            Self::Server(session) => session.is_halted(),
        }
    }

    fn refresh(&mut self, job: &Job, voice: &Voice<'_>) -> Result<Written, Stop> {
        match self {
            Self::Files(files) => files.refresh(job),
            Self::Server(session) => session.refresh(job, voice),
        }
    }

    /// What is left to do when all jobs are done.
    fn close(&mut self, warehouse: &Warehouse, summary: &Summary, voice: &Voice<'_>) -> Result<(), Stop> {
        match self {
            Self::Files(files) => files.tidy(&summary.refreshed()),
            Self::Server(session) => {
                session.script("views", &warehouse.views_script, voice)?;
                session.script("grants", &warehouse.grants, voice)
            }
        }
    }
}

/// Leaves the jobs that are named, and those of the metrics that are named.
fn only(loaded: &Loaded, warehouse: &mut Warehouse, names: &[String]) -> Result<(), Failure> {
    if names.is_empty() {
        return Ok(());
    }
    let model = &loaded.project.model;
    let metric = |id: &MetricId| model.metric(*id).header.name.as_str();
    let is = |job: &Job, name: &str| job.plan.name == name || job.plan.metrics.iter().any(|id| metric(id) == name);
    for name in names {
        if !warehouse.jobs.iter().any(|job| is(job, name)) {
            let jobs = warehouse.jobs.iter().map(|job| job.plan.name.as_str());
            let known: BTreeSet<&str> =
                warehouse.jobs.iter().flat_map(|job| &job.plan.metrics).map(metric).chain(jobs).collect();
            return Err(Failure::wrong_use(
                format!("`{name}` is neither a job of this run nor a metric of one"),
                did_you_mean(name, known),
            ));
        }
    }
    warehouse.jobs.retain(|job| names.iter().any(|name| is(job, name)));
    Ok(())
}

fn refuse(loaded: &Loaded, found: &[Diagnostic], terminal: &mut Terminal) -> Result<(), Failure> {
    loaded.show(found, terminal);
    Err(Failure::FINDINGS)
}

/// Says why something was not done, and how the command ends for it.
fn said(loaded: &Loaded, stop: Stop, voice: &Voice<'_>) -> Failure {
    match stop {
        Stop::Found(found) => {
            if !found.is_empty() {
                voice.with(|terminal| loaded.show(&found, terminal));
            }
            Failure::FINDINGS
        }
        Stop::Failed(failure) => {
            voice.with(|terminal| failure.show(terminal));
            Failure::Shown { exit_code: failure.exit_code() }
        }
        Stop::Lost => Failure::FINDINGS,
    }
}
