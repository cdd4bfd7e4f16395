//! Who does what of a run: each worker takes the next job, checks the sources it reads where nobody has begun with that, and
//! refreshes it.

use super::checking::{Checked, OfSource, of_source};
use super::session::Session;
use super::summary::{Done, Outcome};
use super::voice::Voice;
use super::{Place, Stop, read_by, read_by_all, said};
use crate::STACK;
use crate::answer::Progress;
use crate::findings::counted;
use crate::loading::Loaded;
use crate::warehouse::{Job, Warehouse};
use groma_model::SourceId;
use groma_project::Target;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::resume_unwind;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long is waited before a worker looks whether it must end.
const POLL: Duration = Duration::from_millis(250);

/// What all workers of a run work on.
pub(super) struct Work<'w, 't> {
    loaded: &'w Loaded,
    target: &'w Target,
    warehouse: &'w Warehouse,
    voice: &'w Voice<'t>,
    state: Mutex<State>,
    /// The checks of a source have ended, or were given back.
    checked: Condvar,
}

#[derive(Default)]
struct State {
    /// The places of jobs that nobody has taken.
    jobs: VecDeque<usize>,
    /// Sources whose checks somebody has begun, and what they have found when they have ended.
    checks: BTreeMap<SourceId, Option<OfSource>>,
    /// By the places of jobs.
    done: BTreeMap<usize, Done>,
}

/// Checks and jobs, each in its order whoever did it when.
pub(super) type Worked = (Checked, Vec<Done>);

impl<'w, 't> Work<'w, 't> {
    pub(super) fn of(loaded: &'w Loaded, target: &'w Target, warehouse: &'w Warehouse, voice: &'w Voice<'t>) -> Self {
        let state = State { jobs: (0..warehouse.jobs.len()).collect(), ..State::default() };
        Self { loaded, target, warehouse, voice, state: Mutex::new(state), checked: Condvar::new() }
    }

    /// Does all of it: in one place, and in as many sessions beside as there are.
    pub(super) fn run(self, place: &mut Place<'_>, beside: Vec<Session<'_>>) -> Worked {
        if beside.is_empty() {
            self.check_all(place);
        }
        let work = &self;
        thread::scope(|scope| {
            let spawn = |session| {
                let worker = move || work.jobs(&mut Place::Server(Box::new(session)));
                thread::Builder::new().stack_size(STACK).spawn_scoped(scope, worker).ok()
            };
            let others: Vec<_> = beside.into_iter().filter_map(spawn).collect();
            work.jobs(place);
            for other in others {
                other.join().unwrap_or_else(|panic| resume_unwind(panic));
            }
        });
        // What a session that was lost has given back.
        self.jobs(place);
        let State { checks, done, .. } = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let checks = checks.into_iter().filter_map(|(id, found)| Some((id, found?)));
        (Checked::of(checks), done.into_values().collect())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The checks of all sources before any job: whoever works alone says first what is wrong.
    fn check_all(&self, place: &mut Place<'_>) {
        let sources = read_by_all(&self.loaded.project.model, self.warehouse);
        let progress = self.voice.with(|terminal| Progress::steps(terminal, sources.len(), "checking sources"));
        for id in &sources {
            if let Next::Check(begun) = self.begin(place, &BTreeSet::from([*id])) {
                begun.run(place);
            }
            progress.step();
        }
        drop(progress);
        let found: Vec<OfSource> = self.state().checks.values().flatten().cloned().collect();
        found.iter().for_each(|found| found.say(self.voice));
    }

    /// Job after job, until there are none, or the session is lost.
    fn jobs(&self, place: &mut Place<'_>) {
        while !place.is_halted() {
            let Some(at) = self.state().jobs.pop_front() else { return };
            let Some(done) = self.job(place, at) else {
                self.state().jobs.push_front(at);
                return;
            };
            self.state().done.insert(at, done);
        }
    }

    /// What became of a job; nothing where somebody else must do it.
    fn job(&self, place: &mut Place<'_>, at: usize) -> Option<Done> {
        let job = &self.warehouse.jobs[at];
        let name = format!("{}/{} {}", at + 1, self.warehouse.jobs.len(), job.plan.name);
        let stops = self.stops(place, job)?;
        if !stops.is_empty() {
            self.voice.say(&format!("{name}: not refreshed, {}", stops.join("; ")));
            return Some(Done::of(self.loaded, job, Outcome::Stopped(stops)));
        }
        let start = Instant::now();
        let outcome = match place.refresh(job, self.voice) {
            Ok(written) => {
                let rows = counted(usize::try_from(written.rows).unwrap_or(usize::MAX), "row");
                self.voice.say(&format!("{name}: {rows} in {:.2} s", start.elapsed().as_secs_f64()));
                Outcome::Refreshed(written)
            }
            Err(Stop::Lost) => return None,
            Err(stop) => {
                self.voice.say(&format!("{name}: not refreshed"));
                let reasons = match &stop {
                    Stop::Found(found) => found.iter().map(|one| (one.code.id, one.headline.clone())).collect(),
                    Stop::Failed(_) | Stop::Lost => Vec::new(),
                };
                said(self.loaded, stop, self.voice);
                Outcome::Failed(reasons)
            }
        };
        let mut done = Done::of(self.loaded, job, outcome);
        done.seconds = start.elapsed().as_secs_f64();
        Some(done)
    }

    /// Why a job is not to be refreshed, when all sources that it reads have been checked; nothing where the session was lost.
    fn stops(&self, place: &mut Place<'_>, job: &Job) -> Option<Vec<String>> {
        let read = read_by(&self.loaded.project.model, job);
        loop {
            match self.begin(place, &read) {
                Next::Check(begun) => begun.run(place)?.say(self.voice),
                Next::Checked => break,
                Next::Halted => return None,
            }
        }
        let state = self.state();
        Some(read.iter().filter_map(|id| state.checks.get(id)?.as_ref()).flat_map(OfSource::stops).collect())
    }

    /// Takes the next of these sources that nobody checks. Where there is none, waits for those who check the rest.
    fn begin(&self, place: &Place<'_>, sources: &BTreeSet<SourceId>) -> Next<'_, 't> {
        let mut state = self.state();
        while !place.is_halted() {
            if let Some(source) = sources.iter().find(|id| !state.checks.contains_key(id)).copied() {
                state.checks.insert(source, None);
                return Next::Check(Begun { work: self, source });
            }
            if sources.iter().all(|id| state.checks.get(id).is_some_and(Option::is_some)) {
                return Next::Checked;
            }
            state = self.checked.wait_timeout(state, POLL).unwrap_or_else(PoisonError::into_inner).0;
        }
        Next::Halted
    }
}

/// What a worker does before a job.
enum Next<'b, 't> {
    Check(Begun<'b, 't>),
    /// All is checked.
    Checked,
    /// It ends: whoever checks the rest may wait for that.
    Halted,
}

/// The checks of a source that a worker has begun. Where they do not end, others may begin with them.
struct Begun<'b, 't> {
    work: &'b Work<'b, 't>,
    source: SourceId,
}

impl Begun<'_, '_> {
    fn run(self, place: &mut Place<'_>) -> Option<OfSource> {
        let work = self.work;
        let found = of_source(work.loaded, work.target, (place, self.source), work.voice)?;
        work.state().checks.insert(self.source, Some(found.clone()));
        Some(found)
    }
}

impl Drop for Begun<'_, '_> {
    fn drop(&mut self) {
        let mut state = self.work.state();
        if state.checks.get(&self.source).is_some_and(Option::is_none) {
            state.checks.remove(&self.source);
        }
        drop(state);
        self.work.checked.notify_all();
    }
}
