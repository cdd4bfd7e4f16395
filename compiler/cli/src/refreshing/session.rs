//! A run on a server: sessions that hold the lock of the run, and one transaction for each job.
//!
//! What is tried again, with a longer pause each time: connecting; a transaction that the server sent back because of
//! another one; a session that was lost. Had COMMIT been sent when it was lost, nobody knows whether it was done; it is tried
//! again all the same, because a job that was done writes the same rows again.

use super::crew::{Beside, Crew};
use super::voice::Voice;
use super::{Stop, Written, kept};
use crate::answer::server::{Server, ServerError};
use crate::answer::{Cell, Rows, physical_tables, rendered};
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::warehouse::{self, Job};
use groma_engine::{EngineError, Holder, RecordBatches, Refusal};
use groma_model::{Diagnostic, Source};
use groma_plan::Guaranteed;
use groma_plan::relation::{Aggregate, AggregateFunction, Expr, From as Reads, Output, Select, Statement, Table};
use groma_project::{Target, server};
use groma_sql::keeping::{Column, FRESH, Phase, Step};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// How often something is tried again, and how long the first pause is; each is twice the one before.
const AGAIN: u32 = 4;
const PAUSE: Duration = Duration::from_millis(500);
/// How long is waited before the lock is asked for again.
const POLL: Duration = Duration::from_millis(250);

/// How long a session that was lost waits at least for the lock it held: the server may take it for alive a while longer.
const REGAIN: Duration = Duration::from_secs(10);

/// A session that holds the lock of the run: the first for the run, others beside it.
pub(super) struct Session<'a> {
    loaded: &'a Loaded,
    target: &'a Target,
    wait: Duration,
    server: Server<'a>,
    crew: Arc<Crew>,
    /// Last, so that the session has ended when this ends.
    beside: Option<Beside>,
}

/// Why something failed, and whether the end of its transaction had been sent.
struct Broken {
    error: ServerError,
    committing: bool,
}

impl From<ServerError> for Broken {
    fn from(error: ServerError) -> Self {
        Self { error, committing: false }
    }
}

impl From<EngineError> for Broken {
    fn from(error: EngineError) -> Self {
        ServerError::from(error).into()
    }
}

impl<'a> Session<'a> {
    /// Connects and takes the lock; waits for another run to end.
    pub(super) fn open(
        loaded: &'a Loaded,
        target: &'a Target,
        wait: Duration,
        voice: &Voice<'_>,
    ) -> Result<Self, Stop> {
        let server = connected(loaded, target, wait, voice)?;
        Ok(Self { loaded, target, wait, server, crew: Arc::default(), beside: None })
    }

    /// So many sessions beside this one, or fewer, where the server gives no more.
    pub(super) fn others(&self, count: usize, voice: &Voice<'_>) -> Vec<Self> {
        let key = warehouse::lock(self.target, &self.loaded.project.manifest.project);
        if count == 0 || self.server.engine().share_lock(key).is_err() {
            return Vec::new();
        }
        let others: Vec<Self> = (0..count).map_while(|_| self.another(key)).collect();
        if others.len() < count {
            let sessions =
                if others.is_empty() { "one session".to_owned() } else { format!("{} sessions", others.len() + 1) };
            voice.say(&format!("the server gives no more sessions: jobs run in {sessions}"));
        }
        others
    }

    fn another(&self, key: i64) -> Option<Self> {
        let server = Server::open(self.loaded, self.target, &application(self.loaded)).ok()?;
        let shares = server.engine().try_lock_shared(key).unwrap_or(false);
        let (crew, beside) = (Arc::clone(&self.crew), Some(Beside::of(&self.crew)));
        shares.then_some(Self { loaded: self.loaded, target: self.target, wait: self.wait, server, crew, beside })
    }

    /// Whether this session must take no further job.
    pub(super) fn is_halted(&self) -> bool {
        self.beside.is_some() && self.crew.is_halted()
    }

    /// What the table of a source guarantees.
    pub(super) fn guaranteed(&self, source: &Source) -> Guaranteed {
        self.server.guaranteed(source)
    }

    /// The rows of a question about sources.
    pub(super) fn ask(&mut self, statement: &Statement, text: &str, voice: &Voice<'_>) -> Result<RecordBatches, Stop> {
        self.again("a question", voice, |session| {
            session.server.compare(&physical_tables(statement))?;
            Ok(session.server.run(text)?)
        })
    }

    /// Runs the steps of a script as they are.
    pub(super) fn script(&mut self, what: &str, steps: &[Step], voice: &Voice<'_>) -> Result<(), Stop> {
        self.again(what, voice, |session| {
            for step in steps.iter().filter(|step| step.phase != Phase::Wait) {
                session.server.engine().script(&step.text)?;
            }
            Ok(())
        })
    }

    /// Whether the table of answers can hold what is written.
    pub(super) fn compare_kept(&mut self, columns: &[Column], voice: &Voice<'_>) -> Result<(), Stop> {
        self.again("a look at the answers", voice, |session| {
            Ok(kept::compare(&session.server, session.target, columns)?)
        })
    }

    /// Refreshes a job in one transaction.
    pub(super) fn refresh(&mut self, job: &Job, voice: &Voice<'_>) -> Result<Written, Stop> {
        let cells = self.cells_by_status().map_err(Stop::Failed)?;
        self.again(&format!("job {}", job.plan.name), voice, |session| session.transaction(job, &cells))
    }

    /// Does something that may be done twice; again where it may pass.
    fn again<T>(
        &mut self,
        what: &str,
        voice: &Voice<'_>,
        work: impl Fn(&Self) -> Result<T, Broken>,
    ) -> Result<T, Stop> {
        let mut again = 0;
        loop {
            let broken = match work(self) {
                Ok(done) => return Ok(done),
                Err(broken) => broken,
            };
            // Where a transaction is open, it ends. Where the session is lost, the server has done it.
            _ = self.server.engine().script("ROLLBACK");
            if self.beside.is_some() && self.server.engine().is_lost() {
                voice.warn(&format!("{what}: its session was lost; another one does it"));
                return Err(Stop::Lost);
            }
            let Some(refusal) = broken.error.refusal().filter(|refusal| refusal.may_pass() && again < AGAIN) else {
                return Err(Stop::of(&broken.error, self.target));
            };
            say_again(what, refusal, again, voice);
            if broken.committing {
                voice.say("  its end had been sent; done or not, it writes the same rows again");
            }
            pause(again);
            if self.server.engine().is_lost() {
                self.crew.halt();
                self.server = connected(self.loaded, self.target, self.wait.max(REGAIN), voice)?;
            }
            again += 1;
        }
    }

    /// One try, from BEGIN to COMMIT.
    fn transaction(&self, job: &Job, cells: &str) -> Result<Written, Broken> {
        self.server.compare(&physical_tables(&job.publication.fresh))?;
        let engine = self.server.engine();
        let mut written = Written::default();
        let mut writing = None;
        // The run holds the lock for which a transaction of its own would wait.
        for step in job.steps.iter().filter(|step| step.phase != Phase::Wait) {
            if writing.is_none() && matches!(step.phase, Phase::Define | Phase::Remove | Phase::Add) {
                writing = Some(self.crew.write());
            }
            let committing = step.phase == Phase::Commit;
            if committing {
                self.count_cells(cells, &mut written)?;
            }
            let done = match step.phase {
                Phase::Add => engine.execute(&step.text).map(|rows| written.rows += rows),
                Phase::Remove => engine.execute(&step.text).map(|rows| written.removed += rows),
                _ => engine.script(&step.text),
            };
            done.map_err(|error| Broken { error: error.into(), committing })?;
        }
        Ok(written)
    }

    fn count_cells(&self, cells: &str, written: &mut Written) -> Result<(), ServerError> {
        let batches = self.server.run(cells)?;
        let rows = Rows::of(&batches).map_err(|_| broken_count())?;
        for row in rows.rows {
            if let [Cell::Text(status), Cell::Int(count), as_of] = row.as_slice() {
                written.cells.insert(status.clone(), u64::try_from(*count).unwrap_or(0));
                if *as_of != Cell::Null {
                    written.as_of = Some(as_of.to_string());
                }
            }
        }
        Ok(())
    }

    /// How many cells have which status, and as of when.
    fn cells_by_status(&self) -> Result<String, Failure> {
        let table = Table::Physical(vec![FRESH.to_owned()]);
        rendered(self.target, &counted_cells(table))?.map_err(|finding| Failure::Bug { what: finding.headline })
    }
}

/// The cells of a table by their status: status, how many, as of when.
pub(super) fn counted_cells(table: Table) -> Statement {
    let aggregate = |function, argument| {
        Expr::Aggregate(Box::new(Aggregate { function, argument, filter: None, order_by: Vec::new() }))
    };
    let output = |expr, name: &str| Output { expr, name: name.to_owned() };
    let column = |name: &str| Expr::Column { table: None, name: name.to_owned() };
    let columns = vec![
        output(column("status"), "status"),
        output(aggregate(AggregateFunction::Count, None), "cells"),
        output(aggregate(AggregateFunction::Max, Some(column("as_of"))), "as_of"),
    ];
    let from = Some(Reads { table, alias: "f".to_owned() });
    Statement {
        steps: Vec::new(),
        result: Select { columns, from, group_by: vec![column("status")], ..Select::default() },
    }
}

fn broken_count() -> ServerError {
    EngineError::Internal { message: "cells cannot be counted".to_owned(), sql: String::new() }.into()
}

/// How the server shows our sessions to others.
fn application(loaded: &Loaded) -> String {
    format!("groma run {}", loaded.project.manifest.project)
}

/// A session with the lock.
fn connected<'a>(
    loaded: &'a Loaded,
    target: &'a Target,
    wait: Duration,
    voice: &Voice<'_>,
) -> Result<Server<'a>, Stop> {
    let application = application(loaded);
    let mut again = 0;
    let server = loop {
        match Server::open(loaded, target, &application) {
            Ok(server) => break server,
            Err(error) => match error.refusal().filter(|refusal| refusal.may_pass() && again < AGAIN) {
                Some(refusal) => say_again("connecting", refusal, again, voice),
                None => return Err(Stop::of(&error, target)),
            },
        }
        pause(again);
        again += 1;
    };
    lock(loaded, target, &server, wait, voice)?;
    Ok(server)
}

/// Takes the lock of the run, or waits for whoever holds it.
fn lock(loaded: &Loaded, target: &Target, server: &Server<'_>, wait: Duration, voice: &Voice<'_>) -> Result<(), Stop> {
    let key = warehouse::lock(target, &loaded.project.manifest.project);
    let stop = |error| Stop::of(&ServerError::Engine(error), target);
    let start = Instant::now();
    let mut told = false;
    while !server.engine().try_lock(key).map_err(stop)? {
        let holder = server.engine().holder(key).map_err(stop)?;
        if start.elapsed() >= wait {
            return Err(Stop::Found(vec![busy(target, holder.as_ref(), wait)]));
        }
        if !told {
            voice.say(&format!("{}: waiting up to {}", at_work(target, holder.as_ref()), shown(wait)));
            told = true;
        }
        thread::sleep(POLL);
    }
    Ok(())
}

/// Who is at work, since when.
fn at_work(target: &Target, holder: Option<&Holder>) -> String {
    let who = holder.map(|holder| holder.application.as_str()).filter(|who| !who.is_empty());
    let who = who.map_or_else(|| "another session".to_owned(), |who| format!("`{who}`"));
    let since = holder.and_then(|holder| holder.since);
    let since = since.map(|since| format!(", since {}", since.strftime("%Y-%m-%d %H:%M:%S UTC"))).unwrap_or_default();
    let schema = target.answers_schema().join(".");
    format!("{who} is at work on schema `{schema}` of target `{}`{since}", target.name)
}

fn busy(target: &Target, holder: Option<&Holder>, wait: Duration) -> Diagnostic {
    let waited = if wait.is_zero() { String::new() } else { format!(" and was after {}", shown(wait)) };
    server::BUSY
        .finding(format!("{}{waited}", at_work(target, holder)))
        .at(target.span, "one run at a time")
        .help("wait for it longer with `--wait 1h`; nothing was changed")
}

/// `10 minutes`, `30 seconds`.
pub(super) fn shown(wait: Duration) -> String {
    let seconds = wait.as_secs();
    let (number, unit) =
        if seconds >= 60 && seconds.is_multiple_of(60) { (seconds / 60, "minute") } else { (seconds, "second") };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

fn say_again(what: &str, refusal: &Refusal, again: u32, voice: &Voice<'_>) {
    let state = refusal.state.as_ref().map(|state| format!(" ({state})")).unwrap_or_default();
    let seconds = (PAUSE * 2_u32.pow(again)).as_secs_f64();
    voice.warn(&format!("{what}: {}{state}; again in {seconds} s ({} of {AGAIN})", refusal.message, again + 1));
}

fn pause(again: u32) {
    thread::sleep(PAUSE * 2_u32.pow(again));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_shown_in_words() {
        assert_eq!(shown(Duration::from_secs(600)), "10 minutes");
        assert_eq!(shown(Duration::from_secs(60)), "1 minute");
        assert_eq!(shown(Duration::from_secs(90)), "90 seconds");
    }
}
