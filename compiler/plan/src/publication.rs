//! Publishing: the statements that keep a table of answers up to date, job by job.
//!
//! ```text
//! sources → fresh (every cell of the job) ─┐
//! answers → kept (settled, by the definition of today) ─┴→ added: fresh cells without a kept one
//! ```
//! A row is kept where it is settled and its definition has not changed, so that no reported number changes by itself.

use crate::answer::{AFTER_GROUPS, BEFORE_GROUPS, CHANGED, COMMIT, SEMANTIC_HASH, reserved};
use crate::as_of::AS_OF;
use crate::draft::{from_step, select, tables};
use crate::eras::parts;
use crate::estimate::CONFIDENCE;
use crate::grouping::{SET, STEP, STEP_NAME, TOTAL};
use crate::job::Job;
use crate::lower::value_type;
use crate::names::{Names, shorten};
use crate::plan::{Planned, plan_eras};
use crate::relation::{
    Binary, Expr, From, Join, JoinKind, Literal, Relation, Select, Statement, Step, Table, Unary, ValueType, Values,
    Window, WindowFunction,
};
use crate::request::{Estimated, Further, Request, Sets};
use crate::scan::ScanSummary;
use crate::spine::PERIOD;
use groma_model::meaning::Era;
use groma_model::time::{Clock, Grain};
use groma_model::{Diagnostic, MetricId, Model, SmolStr, SourceId};
use jiff::civil::{Date, DateTime};
use std::collections::{BTreeMap, BTreeSet};

/// The longest name of a table or a column, in bytes: PostgreSQL cuts longer ones.
const LONGEST_NAME: usize = 63;
const METRIC: &str = "metric";
const VERSION: &str = "version";
const GRAIN: &str = "grain";
const STATUS: &str = "status";
const IS_KEPT: &str = "is kept";
const HAS_KEPT: &str = "has kept";

/// The columns of the table of answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// In their order, with their types.
    pub columns: Vec<(String, ValueType)>,
    /// The column of each grouping.
    groups: BTreeMap<SmolStr, (String, ValueType)>,
}

impl Layout {
    /// The columns that are never null.
    pub const NOT_NULL: &'static [&'static str] = &[METRIC, VERSION, GRAIN, PERIOD, SET, STATUS, SEMANTIC_HASH, COMMIT];

    /// The layout for the published metrics of a project: every grouping is a column, as text where it has several types.
    pub fn of(model: &Model, metrics: &[MetricId]) -> Self {
        let mut types: BTreeMap<SmolStr, BTreeSet<ValueType>> = BTreeMap::new();
        for grouping in metrics.iter().flat_map(|id| model.metric(*id).by.iter().flatten()) {
            let ty = value_type(model, &grouping.ty).unwrap_or(ValueType::Text);
            types.entry(grouping.name.clone()).or_default().insert(ty);
        }
        let mut names = Names::of_columns();
        reserved().for_each(|name| names.reserve(name));
        let mut groups = BTreeMap::new();
        for (grouping, types) in types {
            let plain = shorten(&grouping, LONGEST_NAME - 4);
            let wanted = if names.is_taken(&plain) { format!("by {plain}") } else { plain };
            let ty = types.first().copied().filter(|_| types.len() == 1).unwrap_or(ValueType::Text);
            groups.insert(grouping, (names.take_whole(&shorten(&wanted, LONGEST_NAME - 4)), ty));
        }
        let fixed = |names: &'static [&'static str]| names.iter().map(|name| ((*name).to_owned(), type_of(name)));
        let mut columns: Vec<(String, ValueType)> = fixed(&BEFORE_GROUPS).chain(fixed(&[SET])).collect();
        columns.extend(groups.values().cloned());
        columns.extend(fixed(&[STEP_NAME, STEP]).chain(fixed(&AFTER_GROUPS)).chain(fixed(&CHANGED)));
        columns.extend(fixed(&[SEMANTIC_HASH, COMMIT, AS_OF]));
        Self { columns, groups }
    }

    /// The column that holds a grouping.
    pub fn column(&self, grouping: &str) -> Option<&str> {
        self.groups.get(grouping).map(|(column, _)| column.as_str())
    }

    /// For each of the published metrics, what a view of its name shows of the table of answers.
    pub fn views(&self, model: &Model, metrics: &[MetricId], answers: &[String]) -> Vec<View> {
        let mut names = Names::of_steps();
        ["answers", "refreshes"].into_iter().for_each(|table| names.reserve(table));
        names.reserve(answers.last().map_or("answers", String::as_str));
        metrics.iter().map(|id| self.view(model, &mut names, *id, answers)).collect()
    }

    fn view(&self, model: &Model, names: &mut Names, id: MetricId, answers: &[String]) -> View {
        let metric = model.metric(id);
        let own: BTreeSet<&str> = metric.by.iter().flatten().map(|grouping| grouping.name.as_str()).collect();
        let others: BTreeSet<&str> = self
            .groups
            .iter()
            .filter(|(name, _)| !own.contains(name.as_str()))
            .map(|(_, (column, _))| column.as_str())
            .collect();
        let stepped = is_stepped(model, id);
        let is_shown = |name: &str| {
            let is_step = [STEP, STEP_NAME].contains(&name);
            name != METRIC && !others.contains(name) && (stepped || !is_step)
        };
        let columns: Vec<(String, ValueType)> =
            self.columns.iter().filter(|(name, _)| is_shown(name)).cloned().collect();
        let select = Select {
            columns: columns.iter().map(|(name, _)| Expr::name(name).named(name.clone())).collect(),
            from: physical(answers),
            filter: Some(equals(METRIC, Expr::text(&metric.header.name))),
            ..Select::default()
        };
        let name = names.take_whole(&shorten(&metric.header.name, LONGEST_NAME - 4));
        View { metric: id, name, select, columns }
    }
}

/// What a view shows.
#[derive(Debug, Clone)]
pub struct View {
    pub metric: MetricId,
    /// The metric's name, at most 63 bytes long, without regard to case never that of another view or table.
    pub name: String,
    pub select: Select,
    pub columns: Vec<(String, ValueType)>,
}

/// What a publication is made for.
pub struct Publishing<'a> {
    pub layout: &'a Layout,
    /// The semantic hash of a version of a metric.
    pub hash: &'a dyn Fn(MetricId, u32) -> String,
    /// The commit of the definitions.
    pub commit: &'a str,
    /// The table of answers and the one that holds the fresh cells, as their parts.
    pub answers: Vec<String>,
    pub fresh: Vec<String>,
    /// Nothing is kept.
    pub full: bool,
    /// The local time from which on nothing is known, as in [`Request::as_of`].
    pub as_of: Option<DateTime>,
    /// The metrics whose interval and change are computed, where they have one.
    pub estimated: &'a BTreeSet<MetricId>,
    /// What the target calls the table of a source, as its parts.
    pub table: &'a dyn Fn(SourceId) -> Vec<String>,
}

/// How a job's answers are brought up to date.
#[derive(Debug, Clone)]
pub struct Publication {
    /// Every cell of the job in the columns of the layout; reads the sources only.
    pub fresh: Statement,
    /// Over the rows of the table of answers: those that are the job's. Never null.
    pub own: Expr,
    /// Those of them that stay as they are. Never null.
    pub kept: Expr,
    /// Over both tables, in the columns of the layout: the fresh cells without a kept one.
    pub added: Statement,
    /// Over both tables, in the columns of the layout: what is kept and what is added.
    pub merged: Statement,
    /// The sources whose newest rows decide the as-of time where none is given.
    pub timed: Vec<SourceId>,
    pub scans: Vec<ScanSummary>,
}

/// Plans how the answers of a job are brought up to date.
///
/// # Errors
/// As for [`crate::plan_eras`].
pub fn publication(eras: &[Era<'_>], job: &Job, publishing: &Publishing<'_>) -> Result<Publication, Vec<Diagnostic>> {
    let Some(Era { model, .. }) = eras.last() else { return Err(Vec::new()) };
    let publisher = Publisher { model, job, publishing };
    let request = publisher.request();
    let planned = plan_eras(eras, &request)?;
    let definitions = Definitions::of(eras, &request, publishing);
    let (own, kept) = (publisher.own(), publisher.kept(&definitions));
    let (timed, scans) = (planned.timed.clone(), planned.scans.clone());
    let fresh = publisher.fresh(planned, &definitions);
    let added = publisher.merged(&kept, &equals(HAS_KEPT, Expr::int(0)));
    let merged = publisher.merged(&kept, &equals(IS_KEPT, Expr::name(HAS_KEPT)));
    Ok(Publication { fresh, own, kept, added, merged, timed, scans })
}

/// The versions of the metrics with their hashes, and the periods each of them computes.
struct Definitions {
    versions: BTreeMap<(MetricId, u32), String>,
    /// Of metrics with several versions: the first and the last period of each.
    periods: BTreeMap<(MetricId, u32), (Option<Date>, Option<Date>)>,
}

impl Definitions {
    fn of(eras: &[Era<'_>], request: &Request<'_>, publishing: &Publishing<'_>) -> Self {
        let of_era = |era: &Era<'_>| -> Vec<(MetricId, u32)> {
            request.metrics.iter().map(|id| (*id, era.model.metric(*id).version)).collect()
        };
        let versions: BTreeSet<(MetricId, u32)> = eras.iter().flat_map(of_era).collect();
        let versions = versions.into_iter().map(|(id, version)| ((id, version), (publishing.hash)(id, version)));
        let mut periods: BTreeMap<(MetricId, u32), (Option<Date>, Option<Date>)> = BTreeMap::new();
        for part in parts(eras, request) {
            for id in &part.metrics {
                let entry = periods.entry((*id, part.model.metric(*id).version)).or_insert((part.first, part.last));
                entry.0 = entry.0.zip(part.first).map(|(known, first)| known.min(first));
                entry.1 = entry.1.zip(part.last).map(|(known, last)| known.max(last));
            }
        }
        Self { versions: versions.collect(), periods }
    }
}

struct Publisher<'p> {
    model: &'p Model,
    job: &'p Job,
    publishing: &'p Publishing<'p>,
}

impl<'p> Publisher<'p> {
    fn request(&self) -> Request<'p> {
        let Self { job, publishing, .. } = self;
        let estimated: BTreeSet<MetricId> =
            job.metrics.iter().copied().filter(|id| publishing.estimated.contains(id)).collect();
        let any = !estimated.is_empty();
        Request {
            metrics: job.metrics.clone(),
            grain: job.grain,
            by: job.by.clone(),
            from: None,
            to: None,
            filter: Vec::new(),
            as_of: publishing.as_of,
            sets: Sets::These(job.sets.clone()),
            intervals: any.then_some(CONFIDENCE),
            estimated: Estimated::Where(estimated),
            further: Further { changes: any, weights: false, as_of: true, step_numbers: true, own_cells: true },
            table: publishing.table,
        }
    }

    fn name(&self, id: MetricId) -> &'p str {
        &self.model.metric(id).header.name
    }

    /// The names of a metric's sets.
    fn sets(&self, place: usize) -> impl Iterator<Item = String> {
        let job = self.job;
        job.shown[place].iter().map(move |set| {
            let names: Vec<&str> = job.sets[*set].iter().map(|at| job.by[*at].name.as_str()).collect();
            if names.is_empty() { TOTAL.to_owned() } else { names.join("+") }
        })
    }

    /// The rows of the job's metrics, but for those of another grain that is published.
    fn own(&self) -> Expr {
        let mut alike: BTreeMap<Vec<Grain>, Vec<Expr>> = BTreeMap::new();
        for id in &self.job.metrics {
            let grains: BTreeSet<Grain> = self.model.metric(*id).grains.iter().copied().collect();
            let others = grains.into_iter().filter(|grain| *grain != self.job.grain).collect();
            alike.entry(others).or_default().push(Expr::text(self.name(*id)));
        }
        let rows = alike.into_iter().map(|(others, metrics)| {
            let metrics = is_in(Expr::name(METRIC), metrics, false);
            let others: Vec<Expr> = others.into_iter().map(|grain| Expr::text(grain.word())).collect();
            if others.is_empty() { metrics } else { both(metrics, is_in(Expr::name(GRAIN), others, true)) }
        });
        rows.reduce(|left, right| Expr::binary(Binary::Or, left, right)).unwrap_or_else(never)
    }

    /// The settled rows of the job by the definitions of today.
    fn kept(&self, definitions: &Definitions) -> Expr {
        if self.publishing.full {
            return never();
        }
        let mut known = Vec::new();
        for (place, id) in self.job.metrics.iter().enumerate() {
            for ((_, version), hash) in definitions.versions.range((*id, 0)..=(*id, u32::MAX)) {
                let name = self.name(*id);
                known.extend(self.sets(place).map(|set| Expr::text(&format!("{name} {version} {set} {hash}"))));
            }
        }
        let parts =
            [Expr::name(METRIC), Expr::name(VERSION).cast(ValueType::Text), Expr::name(SET), Expr::name(SEMANTIC_HASH)];
        let concat = |left, right| Expr::binary(Binary::Concat, left, right);
        let Some(key) = parts.into_iter().reduce(|key, part| concat(concat(key, Expr::text(" ")), part)) else {
            return never();
        };
        let elsewhere = definitions.periods.iter().filter_map(|((id, version), (first, last))| {
            let before = first.map(|first| period(Binary::Less, first));
            let after = last.map(|last| period(Binary::Greater, last));
            let elsewhere =
                before.into_iter().chain(after).reduce(|left, right| Expr::binary(Binary::Or, left, right))?;
            let metric = equals(METRIC, Expr::text(self.name(*id)));
            let version = equals(VERSION, Expr::int(i64::from(*version)));
            Some(not(both(both(metric, version), elsewhere)))
        });
        let settled = equals(STATUS, Expr::text("settled"));
        let here = equals(GRAIN, Expr::text(self.job.grain.word()));
        [here, is_in(key, known, false)].into_iter().chain(elsewhere).fold(settled, both)
    }

    /// The plan's answer in the columns of the layout; of each metric only its own sets.
    fn fresh(&self, planned: Planned, definitions: &Definitions) -> Statement {
        let Planned { mut statement, groups, further, .. } = planned;
        let mut names = taken(&statement);
        let cells = names.take("job_cells");
        let known = names.take("definitions");
        let result = Select { order_by: Vec::new(), ..statement.result };
        statement.steps.push(Step { name: cells.clone(), materialized: false, relation: select(result) });
        let values = Relation::Values(self.definitions(definitions));
        statement.steps.push(Step { name: known.clone(), materialized: false, relation: values });
        let of_cells = |name: &str| Expr::column(&cells, name);
        let of_group: BTreeMap<&str, Expr> = self
            .job
            .by
            .iter()
            .zip(&groups)
            .filter_map(|(grouping, column)| {
                let (name, ty) = self.publishing.layout.groups.get(&grouping.name)?;
                let own = value_type(self.model, &grouping.ty).unwrap_or(ValueType::Text);
                let value = of_cells(column);
                Some((name.as_str(), if own == *ty { value } else { value.cast(*ty) }))
            })
            .collect();
        let always = [METRIC, VERSION, GRAIN, PERIOD, SET].into_iter().chain(AFTER_GROUPS);
        let there: BTreeSet<&str> = always.chain(further).collect();
        let columns = self.publishing.layout.columns.iter().map(|(name, ty)| {
            let expr = match name.as_str() {
                SEMANTIC_HASH => Expr::column(&known, SEMANTIC_HASH),
                COMMIT => Expr::text(self.publishing.commit),
                name if there.contains(name) => of_cells(name),
                name => of_group.get(name).cloned().unwrap_or(Expr::Literal(Literal::Null(*ty))),
            };
            expr.named(name.clone())
        });
        let columns = columns.collect();
        let same = |name: &str| Expr::binary(Binary::Equal, Expr::column(&known, name), of_cells(name));
        let on = Expr::all([METRIC, VERSION, SET].map(same));
        let join = Join { kind: JoinKind::Inner, table: Table::Step(known.clone()), alias: known.clone(), on };
        let result = Select { columns, from: from_step(&cells), joins: vec![join], ..Select::default() };
        Statement { steps: statement.steps, result }
    }

    /// Each version of each metric in each of its sets, with its hash.
    fn definitions(&self, definitions: &Definitions) -> Values {
        let mut rows = Vec::new();
        for (place, id) in self.job.metrics.iter().enumerate() {
            for ((_, version), hash) in definitions.versions.range((*id, 0)..=(*id, u32::MAX)) {
                rows.extend(self.sets(place).map(|set| {
                    let version = Literal::Int(i64::from(*version));
                    let text = |text: &str| Literal::Text(text.to_owned());
                    vec![text(self.name(*id)), version, text(&set), text(hash)]
                }));
            }
        }
        let columns = [METRIC, VERSION, SET, SEMANTIC_HASH].map(|name| (name.to_owned(), type_of(name))).into();
        Values { columns, rows }
    }

    /// All rows of a table in the columns of the layout.
    fn all_of(&self, table: &[String]) -> Select {
        let columns = self.publishing.layout.columns.iter();
        let columns = columns.map(|(name, _)| Expr::name(name).named(name.clone())).collect();
        Select { columns, from: physical(table), ..Select::default() }
    }

    /// Fresh and kept rows beside each other, each with whether its cell has a kept one: those for which `chosen` holds.
    fn merged(&self, kept: &Expr, chosen: &Expr) -> Statement {
        let Publishing { layout, answers, fresh, .. } = self.publishing;
        if self.publishing.full {
            return Statement { steps: Vec::new(), result: self.all_of(fresh) };
        }
        let mut names = Names::of_steps();
        for table in [answers, fresh] {
            if let [name] = table.as_slice() {
                names.reserve(name);
            }
        }
        let all = || self.all_of(fresh).columns;
        let part = |table: &[String], is_kept: i64, filter: Option<Expr>| {
            let mut rows = self.all_of(table);
            rows.columns.push(Expr::int(is_kept).named(IS_KEPT));
            Select { filter, ..rows }
        };
        let rows = names.take("fresh_and_kept");
        let beside = Relation::UnionAll(vec![part(fresh, 0, None), part(answers, 1, Some(kept.clone()))]);
        let mut columns = all();
        let key = [METRIC, GRAIN, PERIOD, SET].into_iter().chain(layout.groups.values().map(|(name, _)| name.as_str()));
        let has_kept = Expr::Window(Box::new(Window {
            function: WindowFunction::Max,
            argument: Some(Expr::name(IS_KEPT)),
            partition_by: key.chain([STEP]).map(Expr::name).collect(),
            order_by: Vec::new(),
        }));
        columns.extend([Expr::name(IS_KEPT).named(IS_KEPT), has_kept.named(HAS_KEPT)]);
        let judged = names.take("judged");
        let judging = select(Select { columns, from: from_step(&rows), ..Select::default() });
        let result =
            Select { columns: all(), from: from_step(&judged), filter: Some(chosen.clone()), ..Select::default() };
        let step = |name, relation| Step { name, materialized: false, relation };
        Statement { steps: vec![step(rows, beside), step(judged, judging)], result }
    }
}

/// The names that a statement's steps have and must not hide.
fn taken(statement: &Statement) -> Names {
    let mut names = Names::of_steps();
    for step in &statement.steps {
        names.reserve(&step.name);
        for table in tables(&step.relation) {
            if let Table::Physical(parts) = table
                && let [name] = parts.as_slice()
            {
                names.reserve(name);
            }
        }
    }
    names
}

/// Whether a metric, or one that it is made of, has steps.
fn is_stepped(model: &Model, id: MetricId) -> bool {
    let (mut open, mut seen) = (vec![id], BTreeSet::new());
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            let metric = model.metric(id);
            if !metric.steps.is_empty() || matches!(metric.clock, Clock::Curve { .. }) {
                return true;
            }
            open.extend(metric.measure.metrics());
        }
    }
    false
}

fn type_of(name: &str) -> ValueType {
    match name {
        METRIC | GRAIN | SET | STEP_NAME | STATUS | "verdict" | SEMANTIC_HASH | COMMIT => ValueType::Text,
        VERSION | STEP | "n" => ValueType::Int,
        PERIOD => ValueType::Date,
        AS_OF => ValueType::Timestamp,
        _ => ValueType::Real,
    }
}

fn physical(parts: &[String]) -> Option<From> {
    let alias = parts.last().cloned().unwrap_or_default();
    Some(From { table: Table::Physical(parts.to_vec()), alias })
}

fn equals(name: &str, value: Expr) -> Expr {
    Expr::binary(Binary::Equal, Expr::name(name), value)
}

fn both(left: Expr, right: Expr) -> Expr {
    Expr::binary(Binary::And, left, right)
}

fn not(operand: Expr) -> Expr {
    Expr::Unary { operator: Unary::Not, operand: Box::new(operand) }
}

fn is_in(operand: Expr, list: Vec<Expr>, negated: bool) -> Expr {
    Expr::In { operand: Box::new(operand), list, negated }
}

fn period(operator: Binary, day: Date) -> Expr {
    Expr::binary(operator, Expr::name(PERIOD), Expr::Literal(Literal::Date(day.to_string())))
}

fn never() -> Expr {
    Expr::Literal(Literal::Bool(false))
}
