//! The project as it was sealed for a period, out of git's objects; nothing is checked out.

use crate::answer::Range;
use crate::arguments::Shared;
use crate::failure::Failure;
use crate::findings::{Findings, human};
use crate::loading::{Loaded, root};
use crate::terminal::Terminal;
use groma_history::Repository;
use groma_history::seal::{Lock, Placed, frozen_state, present};
use groma_model::time::{Calendar, Grain};
use groma_model::{Diagnostic, SourceMap};
use groma_project::history::freeze::UNKNOWN_PERIOD;
use groma_project::manifest::Manifest;
use groma_project::{DiskWorld, MANIFEST, World as _, did_you_mean};
use jiff::civil::Date;

/// A project as it was sealed.
pub(crate) struct Frozen {
    /// With the definitions and the manifest that were sealed, and the files that are there now.
    pub(crate) loaded: Loaded,
    /// All locks; their texts are among those of the project.
    pub(crate) locks: Vec<Placed>,
    /// The place of the period's lock among them.
    pub(crate) at: usize,
}

impl Frozen {
    /// Reads a frozen period's lock, and the project at its commit.
    pub(crate) fn load(shared: &Shared, period: &str, terminal: &mut Terminal) -> Result<Self, Failure> {
        let (folder, prefix) = root(shared);
        let refuse = |found: &Diagnostic, sources: &SourceMap, terminal: &mut Terminal| {
            show(std::slice::from_ref(found), sources, &prefix, terminal);
            Failure::FINDINGS
        };
        let none = SourceMap::default();
        let repository = Repository::around(&folder, None).map_err(|found| refuse(&found, &none, terminal))?;
        // Of a bare repository, the newest commit.
        let world = present(&repository).and_then(|revision| repository.world(&revision));
        let world = world.map_err(|found| refuse(&found, &none, terminal))?;
        let mut sources = SourceMap::default();
        let (locks, found) = Lock::all(&*world, &mut sources);
        let Some(at) = locks.iter().position(|lock| lock.lock.period.name == period) else {
            let path = groma_history::seal::path(period);
            let of_it = |found: &&Diagnostic| {
                found.primary.as_ref().is_some_and(|label| sources.file(label.span.file).path == path)
            };
            let finding = found.iter().find(of_it).cloned().unwrap_or_else(|| unknown(period, &locks));
            return Err(refuse(&finding, &sources, terminal));
        };
        let state = frozen_state(&repository, &locks[at]).map_err(|found| refuse(&found, &sources, terminal))?;
        let mut project = state.project;
        if project.has_errors() {
            terminal.problem(&format!("the declarations that were sealed for {period} cannot be read by this release"));
            show(&project.diagnostics, &project.sources, &prefix, terminal);
            return Err(Failure::FINDINGS);
        }
        // The places of locks are those among the texts of this project.
        let (locks, _) = Lock::all(&*world, &mut project.sources);
        let world = DiskWorld::new(folder);
        Ok(Self { loaded: Loaded { project, world, prefix }, locks, at })
    }
}

impl Frozen {
    /// The first and the last day of the period, of which these metrics were sealed.
    pub(crate) fn only(&self, metrics: &[String]) -> Result<(Date, Date), Failure> {
        let lock = &self.locks[self.at].lock;
        let period = &lock.period.name;
        if let Some(other) = metrics.iter().find(|metric| !lock.metrics.contains_key(*metric)) {
            let known: Vec<&str> = lock.metrics.keys().map(String::as_str).collect();
            return Err(Failure::wrong_use(
                format!("`{other}` was not sealed for {period}"),
                did_you_mean(other, known),
            ));
        }
        lock.days().ok_or_else(|| Failure::wrong_use(format!("the lock of {period} covers no days"), None))
    }

    /// The names of the metrics that were sealed.
    pub(crate) fn sealed(&self) -> Vec<String> {
        self.locks[self.at].lock.metrics.keys().cloned().collect()
    }

    /// The sealed definitions over the data of today: targets are where they are now.
    pub(crate) fn on_present_data(self) -> Loaded {
        let Self { mut loaded, .. } = self;
        let text = loaded.world.read(MANIFEST).ok().flatten().and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some(text) = text {
            let file = loaded.project.sources.add(MANIFEST, text.as_str());
            let (manifest, found) = Manifest::read(file, &text);
            if !found.iter().any(Diagnostic::is_error) {
                loaded.project.manifest.targets = manifest.targets;
                loaded.project.manifest.default_target = manifest.default_target;
            }
        }
        loaded
    }
}

/// The periods of a grain that lie wholly in the days: a longer one was not sealed as a whole.
pub(crate) fn whole_periods(calendar: &Calendar, grain: Grain, (first, last): (Date, Date)) -> Result<Range, Failure> {
    let start = match calendar.start(grain, first) {
        start if start == first => start,
        start => calendar.next(grain, start),
    };
    let after = last.tomorrow().unwrap_or(last);
    // The period in which the first day behind lies begins behind the last whole one.
    let end = calendar.start(grain, after);
    if end <= start {
        let headline = format!("no whole {} lies in the frozen days {first} to {last}", grain.word().replace('_', " "));
        return Err(Failure::wrong_use(
            headline,
            Some("ask for a shorter one with `--grain`, or for other days with `--from` and `--to`".to_owned()),
        ));
    }
    Ok(Range { from: Some(start), to: end.yesterday().ok() })
}

/// The locks of the working tree. What is wrong with them is said by `groma verify`.
pub(crate) fn locks(loaded: &mut Loaded, terminal: &mut Terminal) -> Vec<Placed> {
    let (locks, found) = Lock::all(&loaded.world, &mut loaded.project.sources);
    if !found.is_empty() {
        terminal.warn("a lock of a frozen period cannot be read: `groma verify` says why");
    }
    locks
}

/// The finding about a period that has no lock.
fn unknown(period: &str, locks: &[Placed]) -> Diagnostic {
    let finding = UNKNOWN_PERIOD
        .finding(format!("no period `{period}` is frozen: there is no {}", groma_history::seal::path(period)));
    let known: Vec<&str> = locks.iter().map(|lock| lock.lock.period.name.as_str()).collect();
    let help = did_you_mean(period, known).unwrap_or_else(|| format!("freeze it first: `groma freeze {period}`"));
    finding.help(help)
}

/// Shows findings to people.
fn show(found: &[Diagnostic], sources: &SourceMap, prefix: &str, terminal: &mut Terminal) {
    let findings = Findings { sources, diagnostics: found, prefix, aside: None };
    let text = human::render(&findings, terminal.message_columns(), terminal.colored_errors());
    terminal.say(text.trim_end());
}
