//! Jobs: what a target's answers are kept up to date with, for `groma build` to write and `groma run` to run.

mod alerts;
mod checks;
mod commit;
mod hashes;
mod words;

use crate::STACK;
use crate::answer::Progress;
use crate::building::{Refused, published};
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::meaning::affected;
use crate::terminal::Terminal;
use commit::Commit;
use groma_history::seal::sha256;
use groma_model::check::outside_territory;
use groma_model::{Diagnostic, MetricId, Model, Origin, Source, SourceId};
use groma_plan::{Layout, Publication, Publishing, estimated, jobs, publication};
use groma_project::Target;
use groma_project::target::{ANSWERS_TAKEN, UNSUPPORTED};
use groma_sql::keeping::{self, Column, Step, Store, View};
use groma_sql::{Dialect, RenderError};
use jiff::civil::DateTime;
use std::collections::BTreeSet;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread;

pub(crate) use alerts::{Alert, alerts};
pub(crate) use checks::{Check, checks};
pub(crate) use commit::{UNCOMMITTED, commit};
pub(crate) use hashes::Hashes;

/// What is asked of jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Asked {
    /// Nothing is kept: every cell is computed anew.
    pub(crate) full: bool,
    /// The local time from which on nothing is known; else found in the rows.
    pub(crate) as_of: Option<DateTime>,
}

/// All that keeps a target's answers up to date.
pub(crate) struct Warehouse {
    /// Of the definitions; its name stands in every row of answers.
    pub(crate) commit: Commit,
    /// The metrics that are published.
    pub(crate) metrics: Vec<MetricId>,
    /// Of the table of answers, in order.
    pub(crate) columns: Vec<Column>,
    pub(crate) layout: Layout,
    /// Those that the target can compute, in order.
    pub(crate) jobs: Vec<Job>,
    /// Those that it cannot compute, and why.
    pub(crate) refused: Vec<Refused>,
    /// Of all sources, in order.
    pub(crate) checks: Vec<Check>,
    /// One for each metric, in their order.
    pub(crate) views: Vec<View>,
    /// Makes schema and tables; nothing for an embedded target, as for the next two.
    pub(crate) setup: Vec<Step>,
    /// Makes all views.
    pub(crate) views_script: Vec<Step>,
    /// Gives readers their rights.
    pub(crate) grants: Vec<Step>,
}

/// Metrics that are refreshed together.
pub(crate) struct Job {
    pub(crate) plan: groma_plan::Job,
    pub(crate) publication: Publication,
    /// The sources that its metrics read.
    pub(crate) sources: Vec<SourceId>,
    /// The whole transaction, in order; nothing for an embedded target.
    pub(crate) steps: Vec<Step>,
}

impl Warehouse {
    /// Plans all jobs of a target.
    ///
    /// # Errors
    /// The history cannot be read, the table of answers is one that a source reads, or we have a bug.
    pub(crate) fn of(
        loaded: &Loaded,
        target: &Target,
        asked: &Asked,
        terminal: &mut Terminal,
    ) -> Result<Self, Failure> {
        let dialect = dialect(target)?;
        if let Some(found) = taken(loaded, target) {
            loaded.show(&[found], terminal);
            return Err(Failure::FINDINGS);
        }
        let model = &loaded.project.model;
        let eras = loaded.project.eras();
        let is_sound = |id: &MetricId| !eras.iter().any(|era| affected(era.model, *id));
        let metrics: Vec<MetricId> = published(model).into_iter().filter(is_sound).collect();
        let commit = commit(loaded, terminal)?;
        let layout = Layout::of(model, &metrics);
        let columns = words::columns(model, &layout, &metrics);
        let schema = target.answers_schema();
        let readers: Vec<&str> = target.readers.iter().map(|reader| reader.role.as_str()).collect();
        let store = Store {
            dialect,
            schema: &schema,
            lock: lock(target, &loaded.project.manifest.project),
            columns: &columns,
            readers: &readers,
        };
        let views = views(loaded, target, (&layout, &metrics));
        let scripts = |write: &dyn Fn() -> Result<Vec<Step>, RenderError>| match dialect.keeps_answers() {
            true => write().map_err(|error| bug(&error)),
            false => Ok(Vec::new()),
        };
        let setup = scripts(&|| store.setup())?;
        let views_script = scripts(&|| store.views(&views))?;
        let grants = scripts(&|| store.grants(&views))?;
        let planning =
            Planning { loaded, target, asked, store: &store, layout: &layout, commit: &commit.name, views: &views };
        let (jobs, refused) = planning.jobs(&metrics, terminal)?;
        let checks = checks(loaded, target)?;
        Ok(Self {
            metrics,
            layout,
            jobs,
            refused,
            checks,
            views_script,
            setup,
            grants,
            commit: commit.clone(),
            views: views.clone(),
            columns: columns.clone(),
        })
    }
}

/// The dialect of a target.
fn dialect(target: &Target) -> Result<&'static Dialect, Failure> {
    groma_sql::dialect(&target.engine)
        .ok_or_else(|| Failure::Bug { what: format!("no dialect is called {}", target.engine) })
}

fn bug(error: &RenderError) -> Failure {
    Failure::Bug { what: error.to_string() }
}

/// The number by which transactions on one target's answers wait for each other.
pub(crate) fn lock(target: &Target, project: &str) -> i64 {
    let digits = sha256(format!("groma answers of {project} in {}", target.answers_schema().join(".")).as_bytes());
    u64::from_str_radix(&digits[..16], 16).unwrap_or_default().cast_signed()
}

/// A source that is read from where the answers would be written: its rows would be taken for answers, and removed.
fn taken(loaded: &Loaded, target: &Target) -> Option<Diagnostic> {
    if target.is_embedded() {
        return None;
    }
    let ours = [answers_table(target), within(target, keeping::REFRESHES)];
    let model = &loaded.project.model;
    let source = model.sources.iter().find(|source| ours.contains(&target.table(source)))?;
    let (table, name) = (target.table(source).join("."), &source.header.name);
    let finding = ANSWERS_TAKEN
        .finding(format!("target `{}` would write answers to {table}, from which source `{name}` is read", target.name))
        .at(source.header.span, format!("read from {table}"))
        .also(target.span, format!("keeps its answers in {table}"));
    Some(
        finding.help(
            "give the answers a schema of their own: `schema: groma`, and name the source's table under `tables:`",
        ),
    )
}

/// The table of answers of a target, as its parts.
pub(crate) fn answers_table(target: &Target) -> Vec<String> {
    within(target, keeping::ANSWERS)
}

/// A table of the schema that answers are kept in.
fn within(target: &Target, name: &str) -> Vec<String> {
    target.answers_schema().into_iter().chain([name.to_owned()]).collect()
}

/// Views of all metrics, none under the name of a table that a source is read from: where the table is said without a schema,
/// that of the answers may be the one in which the engine looks first.
pub(crate) fn named_views(
    model: &Model,
    target: &Target,
    (layout, metrics): (&Layout, &[MetricId]),
) -> Vec<groma_plan::View> {
    let schema = target.answers_schema();
    let may_hide = |table: Vec<String>| {
        let (name, place) = table.split_last()?;
        (place.is_empty() || place == schema.as_slice()).then(|| name.to_lowercase())
    };
    let mut taken: BTreeSet<String> =
        model.sources.iter().flat_map(|source| read_from(target, source)).filter_map(may_hide).collect();
    let mut views = layout.views(model, metrics, &answers_table(target));
    for view in &mut views {
        while !taken.insert(view.name.to_lowercase()) {
            view.name = format!("{}_answers", shortened(&view.name));
        }
    }
    views
}

fn views(loaded: &Loaded, target: &Target, of: (&Layout, &[MetricId])) -> Vec<View> {
    let written = |view: groma_plan::View| View {
        name: view.name,
        select: view.select,
        columns: view.columns.into_iter().map(|(name, _)| name).collect(),
        documentation: words::of_view(loaded, view.metric),
    };
    named_views(&loaded.project.model, target, of).into_iter().map(written).collect()
}

/// The tables that a source is read from, each as its parts.
fn read_from(target: &Target, source: &Source) -> Vec<Vec<String>> {
    match &source.origin {
        Origin::Query { tables, .. } => {
            tables.iter().map(|table| table.split('.').map(str::to_owned).collect()).collect()
        }
        Origin::File { .. } | Origin::Table { .. } => vec![target.table(source)],
    }
}

/// So much of a name that a word fits behind it: engines cut names at 63 bytes.
fn shortened(name: &str) -> &str {
    let end = (0..=name.len().min(50)).rev().find(|end| name.is_char_boundary(*end));
    &name[..end.unwrap_or_default()]
}

/// A job; else why the target cannot compute it.
type Planned = Result<Result<Job, Vec<Diagnostic>>, Failure>;

/// What the jobs of a target are planned with.
struct Planning<'a> {
    loaded: &'a Loaded,
    target: &'a Target,
    asked: &'a Asked,
    store: &'a Store<'a>,
    layout: &'a Layout,
    commit: &'a str,
    views: &'a [View],
}

impl Planning<'_> {
    /// Plans all jobs, side by side: statements are written, and read back, at the speed of one processor.
    fn jobs(&self, metrics: &[MetricId], terminal: &Terminal) -> Result<(Vec<Job>, Vec<Refused>), Failure> {
        let plans = jobs(&self.loaded.project.model, metrics);
        let hashes = Hashes::of(self.loaded);
        let progress = Progress::steps(terminal, plans.len(), "planning jobs");
        let workers = thread::available_parallelism().map_or(1, NonZero::get);
        let share = plans.len().div_ceil(workers).max(1);
        let (hashes, progress) = (&hashes, &progress);
        let planned: Vec<Vec<Planned>> = thread::scope(|scope| {
            let spawn = |plans| {
                let work = move || self.some((plans, metrics), hashes, progress);
                thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work)
            };
            let spawned: Vec<_> = plans.chunks(share).map(|plans| (plans, spawn(plans))).collect();
            let done = spawned.into_iter().map(|(plans, worker)| match worker {
                Ok(worker) => worker.join().unwrap_or_else(|panic| resume_unwind(panic)),
                Err(_) => self.some((plans, metrics), hashes, progress),
            });
            done.collect()
        });
        let (mut done, mut refused) = (Vec::new(), Vec::new());
        for (plan, planned) in plans.into_iter().zip(planned.into_iter().flatten()) {
            match planned? {
                Ok(job) => done.push(job),
                Err(findings) => refused.push(Refused { metrics: plan.metrics, findings }),
            }
        }
        Ok((done, refused))
    }

    /// Plans some of the jobs, in their order.
    fn some(
        &self,
        (plans, metrics): (&[groma_plan::Job], &[MetricId]),
        hashes: &Hashes,
        progress: &Progress,
    ) -> Vec<Planned> {
        let model = &self.loaded.project.model;
        let of_version = |id: MetricId, version: u32| hashes.of_version(id, version);
        let table = |id: SourceId| self.target.table(model.source(id));
        let estimated = estimated(model, metrics);
        let fresh = match self.target.is_embedded() {
            true => vec!["fresh".to_owned()],
            false => self.store.fresh(),
        };
        let answers = match self.target.is_embedded() {
            true => vec![keeping::ANSWERS.to_owned()],
            false => self.store.answers(),
        };
        let publishing = Publishing {
            layout: self.layout,
            hash: &of_version,
            commit: self.commit,
            answers,
            fresh,
            full: self.asked.full,
            as_of: self.asked.as_of,
            estimated: &estimated,
            table: &table,
        };
        let planned = plans.iter().map(|plan| {
            let planned = self.job(plan, metrics, &publishing);
            progress.step();
            planned
        });
        planned.collect()
    }

    /// A job; else why the target cannot compute it.
    fn job(&self, plan: &groma_plan::Job, metrics: &[MetricId], publishing: &Publishing<'_>) -> Planned {
        let eras = self.loaded.project.eras();
        let model = &self.loaded.project.model;
        let outside = outside_territory(model, &plan.metrics, &self.target.name, &self.target.territory);
        if !outside.is_empty() {
            return Ok(Err(outside));
        }
        let publication = match publication(&eras, plan, publishing) {
            Ok(publication) => publication,
            Err(findings) => return Ok(Err(findings)),
        };
        let place = |id: &MetricId| metrics.iter().position(|known| known == id);
        let places: Vec<usize> = plan.metrics.iter().filter_map(place).collect();
        let read = |id: &MetricId| eras.iter().flat_map(|era| era.model.metric(*id).reads.clone()).collect::<Vec<_>>();
        let sources: BTreeSet<SourceId> = plan.metrics.iter().flat_map(read).collect();
        let views: Vec<View> = places.iter().map(|place| self.views[*place].clone()).collect();
        let refresh = keeping::Refresh {
            job: &plan.name,
            commit: self.commit,
            fresh: &publication.fresh,
            own: &publication.own,
            kept: &publication.kept,
            added: &publication.added,
            views: &views,
        };
        let steps = match self.target.is_embedded() {
            true => Ok(Vec::new()),
            false => self.store.refresh(&refresh),
        };
        let steps = match steps {
            Ok(steps) => steps,
            Err(error @ (RenderError::Unsupported { .. } | RenderError::Query(_))) => {
                return Ok(Err(vec![unsupported(self.target, &error)]));
            }
            Err(error) => return Err(bug(&error)),
        };
        let sources = sources.into_iter().collect();
        Ok(Ok(Job { plan: plan.clone(), publication, sources, steps }))
    }
}

fn unsupported(target: &Target, error: &RenderError) -> Diagnostic {
    UNSUPPORTED
        .finding(format!("target `{}` cannot compute this: {error}", target.name))
        .at(target.span, "this target")
        .help("choose another target with `--target`, or another aggregate")
}
