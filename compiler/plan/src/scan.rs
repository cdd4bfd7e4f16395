//! Scans: the rows of one source by one clock, and one row for each period and group with a column for each leaf.
//!
//! A scan is opened, which adds its rows and says from where to where there are any, and closed when the periods are there,
//! which adds its cells.

use crate::aggregate::{Columns, TIMES, aggregate};
use crate::as_of::AsOf;
use crate::cell::{CLUSTER, OpenRows, PlannedColumn, PlannedScan, push_cells};
use crate::customers::{OpenByCustomer, push_by_customer, push_customers};
use crate::draft::{Draft, from_step, select};
use crate::funnel::{OpenFunnel, push_funnel};
use crate::grouping::GroupColumn;
use crate::leaf::{Cluster, ExprId, Leaves, Scan, ScanKind};
use crate::members::{KEY, MemberSteps};
use crate::names::{Names, shorten, word};
use crate::population::{PopulationId, Populations, route};
use crate::range::{
    MOMENT, moved_filter, needs_range, push_moment, push_range, range_of_days, time_filter, with_members, years,
};
use crate::relation::{AggregateFunction, Binary, Expr, Join, JoinKind, Order, Output, Select, Table};
use crate::rows::Rows;
use crate::spine::{PERIOD, PERIOD_END, Spine, clock_words, period_start};
use crate::window::{step_of, within_window};
use groma_model::SourceId;
use groma_model::row::ColumnPath;
use groma_model::time::{Clock, Snapshot};
use std::collections::BTreeMap;

/// The column of the rows that holds the local day, where windows are laid over it.
pub(crate) const DAY: &str = "day";
/// The column of the rows that holds the time as it is stored, where rows are ordered by it.
pub(crate) const TIME: &str = "time";
/// The column that holds the newest time of a period.
const NEWEST: &str = "newest";
/// The column that numbers the rows of a customer.
const NUMBER: &str = "number";
/// The most characters of a source's name in the names of its steps.
const LONGEST_SOURCE: usize = 24;

/// What every scan of a statement shares.
pub(crate) struct Setting<'s, 'a> {
    pub(crate) leaves: &'s Leaves<'a>,
    pub(crate) populations: &'s Populations<'a>,
    pub(crate) spine: &'s Spine<'a>,
    pub(crate) groups: &'s [GroupColumn<'a>],
    /// From when on nothing is known, where that is known before any row is read.
    pub(crate) as_of: Option<&'s AsOf>,
}

/// A scan whose rows are in the statement, but not yet by period.
pub(crate) struct OpenScan {
    kind: Open,
    range: Option<String>,
}

enum Open {
    /// The cells are there: of events.
    Done(PlannedScan),
    Windowed(OpenRows, Clock),
    Snapshot(OpenRows, Snapshot),
    Anchored(OpenRows, Clock, PopulationId),
    ByCustomer(OpenByCustomer),
    Funnel(OpenFunnel),
    /// Made of the scan behind it.
    Customers,
}

/// Adds the rows of a scan, and where it has a range that must be known, that too.
pub(crate) fn open(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    members: &mut MemberSteps,
    position: usize,
) -> OpenScan {
    let scan = &setting.leaves.scans[position];
    if let Some(id) = scan.kind.population() {
        members.push_anchored(draft, setting, id);
    }
    match &scan.kind {
        ScanKind::Rows(Clock::Event, _) => open_events(draft, setting, scan),
        ScanKind::Rows(Clock::Snapshot(snapshot), key) => {
            open_snapshot(draft, setting, scan, (*snapshot, key.as_ref()))
        }
        ScanKind::Rows(clock, _) => open_windowed(draft, setting, scan, clock.clone()),
        ScanKind::Anchored(clock, id) => open_anchored(draft, setting, scan, (clock, *id), members),
        ScanKind::ByCustomer(_, id) => OpenByCustomer::open(draft, setting, scan, members.get(*id), *id),
        ScanKind::Funnel(_, id, metric) => OpenFunnel::open(draft, setting, scan, (*metric, *id, members.get(*id))),
        ScanKind::Customers(..) => OpenScan { kind: Open::Customers, range: None },
    }
}

impl OpenScan {
    pub(crate) fn by_customer(open: OpenByCustomer, range: Option<String>) -> Self {
        Self { kind: Open::ByCustomer(open), range }
    }

    pub(crate) fn funnel(open: OpenFunnel, range: Option<String>) -> Self {
        Self { kind: Open::Funnel(open), range }
    }

    /// The step that says from where to where the source has rows.
    pub(crate) fn range(&self) -> Option<&str> {
        self.range.as_deref()
    }
}

/// What closing a scan needs beside what opening it did.
pub(crate) struct Closing<'c> {
    /// The step of the periods that windows are laid over.
    pub(crate) windows: &'c str,
    pub(crate) as_of: &'c AsOf,
    pub(crate) members: &'c mut MemberSteps,
}

/// Adds the cells of all scans, in their order.
pub(crate) fn close(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    opened: Vec<OpenScan>,
    closing: &mut Closing<'_>,
) -> Vec<PlannedScan> {
    let mut waiting: BTreeMap<usize, OpenByCustomer> = BTreeMap::new();
    let mut rest = Vec::with_capacity(opened.len());
    for (position, open) in opened.into_iter().enumerate() {
        match open.kind {
            Open::ByCustomer(by_customer) => {
                waiting.insert(position, by_customer);
                rest.push((Open::Customers, open.range));
            }
            kind => rest.push((kind, open.range)),
        }
    }
    let ranges: Vec<Option<String>> = rest.iter().map(|(_, range)| range.clone()).collect();
    let mut planned = Vec::with_capacity(rest.len());
    for (position, (open, range)) in rest.into_iter().enumerate() {
        let scan = &setting.leaves.scans[position];
        // Where customers were observed is where the rows behind them were.
        let range = range.or_else(|| ranges[scan.inner?].clone());
        let closed = match open {
            Open::Done(planned) => planned,
            Open::Windowed(rows, clock) => push_windowed(draft, setting, rows, &clock, closing.windows),
            Open::Snapshot(rows, snapshot) => push_snapshot(draft, setting, rows, snapshot),
            Open::Anchored(rows, clock, id) => {
                push_anchored(draft, setting, rows, &clock, closing.members.get(id).unwrap_or_default())
            }
            Open::Funnel(funnel) => push_funnel(draft, setting, scan, &funnel, closing),
            Open::ByCustomer(_) | Open::Customers => match scan.inner.and_then(|inner| waiting.remove(&inner)) {
                Some(behind) => {
                    let behind = push_by_customer(draft, setting, behind, closing);
                    push_customers(draft, setting, scan, &behind, closing)
                }
                None => PlannedScan::default(),
            },
        };
        planned.push(PlannedScan { range, ..closed });
    }
    planned
}

fn open_events(draft: &mut Draft<'_>, setting: &Setting<'_, '_>, scan: &Scan) -> OpenScan {
    let named = step_names(draft, setting, scan);
    let mut rows = Rows::new(draft, scan.source, years(setting.spine, scan), None);
    let day = rows.day(draft);
    rows.output(PERIOD, period_start(setting.spine.calendar, setting.spine.grain, day));
    let newest = push_moment(draft, setting, &mut rows);
    let mut open = read(draft, setting, scan, &named, rows, true);
    if newest.is_some() {
        open.outputs.push(aggregate(AggregateFunction::Max, Expr::name(MOMENT)).named(NEWEST));
    }
    let rows = open.rows.clone();
    let planned = push_cells(draft, setting, open, Expr::name(PERIOD), (&rows, Vec::new()));
    let newest = newest.map(|ty| (NEWEST, ty));
    let range = needs_range(setting, scan)
        .then(|| push_range(draft, &named.range, &planned.step, Some(&Expr::name(PERIOD)), newest, |period| period));
    OpenScan { kind: Open::Done(planned), range }
}

fn open_windowed(draft: &mut Draft<'_>, setting: &Setting<'_, '_>, scan: &Scan, clock: Clock) -> OpenScan {
    let named = step_names(draft, setting, scan);
    let mut rows = Rows::new(draft, scan.source, years(setting.spine, scan), Some(named.rows.clone()));
    let day = rows.day(draft);
    rows.output(DAY, day);
    let newest = push_moment(draft, setting, &mut rows);
    let open = read(draft, setting, scan, &named, rows, true);
    let range = range_of_days(draft, setting, scan, &named, newest, true);
    OpenScan { kind: Open::Windowed(open, clock), range }
}

fn open_snapshot(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    scan: &Scan,
    (snapshot, key): (Snapshot, Option<&ColumnPath>),
) -> OpenScan {
    let named = step_names(draft, setting, scan);
    let reader = key.is_none().then(|| named.rows.clone());
    let mut rows = Rows::new(draft, scan.source, years(setting.spine, scan), reader);
    push_times(draft, setting, scan, &mut rows, key);
    let newest = push_moment(draft, setting, &mut rows);
    let mut open = read(draft, setting, scan, &named, rows, false);
    let newest = newest.map(|ty| (MOMENT, ty));
    let range = needs_range(setting, scan)
        .then(|| push_range(draft, &named.range, &open.rows, Some(&Expr::name(PERIOD)), newest, |period| period));
    if key.is_some() {
        open.rows = push_numbered(draft, scan, &open, snapshot);
    }
    OpenScan { kind: Open::Snapshot(open, snapshot), range }
}

fn open_anchored(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    scan: &Scan,
    (clock, id): (&Clock, PopulationId),
    members: &MemberSteps,
) -> OpenScan {
    let named = step_names(draft, setting, scan);
    let population = setting.populations.get(id);
    let mut rows = Rows::new(draft, scan.source, years(setting.spine, scan), Some(named.rows.clone()));
    let key = rows.column(draft, &population.key);
    rows.output(KEY, key);
    let day = rows.day(draft);
    rows.output(DAY, day);
    let newest = push_moment(draft, setting, &mut rows);
    let open = read(draft, setting, scan, &named, rows, true);
    let mut range = range_of_days(draft, setting, scan, &named, newest, false);
    if let Some(members) = members.get(id).filter(|_| needs_range(setting, scan)) {
        range = Some(with_members(draft, &named.range, range.as_deref(), members));
    }
    OpenScan { kind: Open::Anchored(open, clock.clone(), id), range }
}

/// Finishes the step of the rows: groups, conditions, and what the aggregates need.
pub(crate) fn read(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    scan: &Scan,
    named: &StepNames,
    mut rows: Rows<'_>,
    may_move: bool,
) -> OpenRows {
    let mut groups = Vec::new();
    if !matches!(scan.kind, ScanKind::ByCustomer(..)) {
        groups = push_group_values(draft, setting, scan, &mut rows);
    }
    let moved = if may_move { moved_filter(setting, scan) } else { Vec::new() };
    let mut filters = time_filter(draft, setting, scan, &mut rows);
    for condition in &moved {
        filters.push(rows.inside(draft, &setting.leaves.exprs[condition.0].expr).condition());
    }
    let (outputs, columns) = aggregates(draft, setting, scan, &moved, &mut rows);
    let clusters = push_clusters(draft, scan, &mut rows);
    draft.push_named(named.rows.clone(), rows.finish(Expr::all(filters)));
    let (rows, step, ordered) = (named.rows.clone(), named.step.clone(), scan.ordered.clone());
    OpenRows { rows, step, groups, outputs, columns, clusters, ordered }
}

/// Adds what the rows are clustered by, to be read by a later step.
fn push_clusters(draft: &mut Draft<'_>, scan: &Scan, rows: &mut Rows<'_>) -> Vec<(Cluster, Expr)> {
    let mut clusters = Vec::with_capacity(scan.clusters.len());
    for cluster in &scan.clusters {
        let expr = match cluster {
            Some(key) => rows.column(draft, key),
            None => Expr::row_number(Vec::new(), Vec::new()),
        };
        let name = rows.output(CLUSTER, expr);
        clusters.push((cluster.clone(), rows.read(&name)));
    }
    clusters
}

/// Adds the values of the groups to rows; returns how a later step reads them.
fn push_group_values(draft: &mut Draft<'_>, setting: &Setting<'_, '_>, scan: &Scan, rows: &mut Rows<'_>) -> Vec<Expr> {
    let hops = match &scan.kind {
        ScanKind::Anchored(_, id) => {
            let population = setting.populations.get(*id);
            let customers = draft.model.customer(population.customer).source;
            Some((customers, route(draft.model, scan.source, population)))
        }
        _ => None,
    };
    let (source, hops) = hops.unwrap_or((scan.source, Vec::new()));
    let stepped = matches!(scan.kind.clock(), Clock::Curve { .. });
    for group in setting.groups {
        // The step of a row in a curve depends on its customer's anchor, which is not here yet.
        if !(group.is_set() || group.is_step() && stepped) {
            let value = group.value(draft, rows, source, &hops, None);
            rows.output(&group.name, value);
        }
    }
    setting.groups.iter().map(|group| rows.read(&group.name)).collect()
}

/// The aggregates of a scan, over the columns of its rows.
pub(crate) fn aggregates(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    scan: &Scan,
    moved: &[ExprId],
    rows: &mut Rows<'_>,
) -> (Vec<Output>, Vec<PlannedColumn>) {
    let columns = Columns { leaves: setting.leaves, scan, moved, common: scan.common_filter(), values: &[] };
    let mut names = column_names(setting);
    let described = scan.columns.iter().map(|column| {
        let (expr, described) = columns.aggregate(draft, rows, &mut names, column);
        (expr.named(described.name.clone()), described)
    });
    described.unzip()
}

/// Names for the columns of cells.
pub(crate) fn column_names(setting: &Setting<'_, '_>) -> Names {
    let mut names = Names::of_columns();
    for reserved in [PERIOD, KEY, NEWEST] {
        names.reserve(reserved);
    }
    setting.groups.iter().for_each(|group| names.reserve(&group.name));
    names
}

/// The names of a scan's steps.
pub(crate) struct StepNames {
    pub(crate) rows: String,
    pub(crate) step: String,
    pub(crate) range: String,
}

pub(crate) fn step_names(draft: &mut Draft<'_>, setting: &Setting<'_, '_>, scan: &Scan) -> StepNames {
    let source = match &scan.kind {
        ScanKind::Funnel(_, _, metric) => draft.model.metric(*metric).source.unwrap_or(scan.source),
        _ => scan.source,
    };
    let name = shorten(&word(&draft.model.source(source).header.name), LONGEST_SOURCE);
    let several = setting.leaves.scans.iter().filter(|other| other.source == source).count() > 1;
    let clocked = match clock_words(scan.kind.clock()) {
        Some(words) => format!("{name}_{words}"),
        None => name.clone(),
    };
    let by = match &scan.kind {
        ScanKind::ByCustomer(..) | ScanKind::Funnel(..) => "customer",
        _ => setting.spine.grain.word(),
    };
    StepNames {
        rows: draft.names.take(&format!("{}_rows", if several { &clocked } else { &name })),
        step: draft.names.take(&format!("{clocked}_by_{by}")),
        range: format!("{clocked}_range"),
    }
}

fn push_windowed(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    open: OpenRows,
    clock: &Clock,
    windows: &str,
) -> PlannedScan {
    let (days, join) = push_window_days(draft, setting, &open.rows, (clock, windows));
    push_cells(draft, setting, open, Expr::column(&days, PERIOD), (&days, vec![join]))
}

/// Adds the days on which there are rows, each with the periods whose windows hold it; returns the step, and the join with the
/// rows of each day. Engines compare every row with every period where rows are joined by a range; days are few, and rows are
/// looked up by theirs.
pub(crate) fn push_window_days(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    rows: &str,
    (clock, windows): (&Clock, &str),
) -> (String, Join) {
    let columns = vec![Expr::name(DAY).named(DAY)];
    let all = Select { distinct: true, columns, from: from_step(rows), ..Select::default() };
    let all = draft.push(&format!("{rows}_days"), select(all));
    let day = || Expr::column(&all, DAY);
    let start = setting.spine.window_starts.get(clock);
    let after = start.map(|start| Expr::binary(Binary::GreaterEqual, day(), Expr::column(windows, start)));
    let before = Expr::binary(Binary::Less, day(), Expr::column(windows, PERIOD_END));
    let columns = vec![Expr::column(windows, PERIOD).named(PERIOD), day().named(DAY)];
    let joins = vec![inner_join(&all, Expr::all(after.into_iter().chain([before])))];
    let days = select(Select { columns, from: from_step(windows), joins, ..Select::default() });
    let days = draft.push_once(&format!("{rows}_in_windows"), days);
    let same = Expr::binary(Binary::Equal, Expr::column(rows, DAY), Expr::column(&days, DAY));
    let join = inner_join(rows, Some(same));
    (days, join)
}

/// A join that keeps what has a match.
pub(crate) fn inner_join(step: &str, on: Option<Expr>) -> Join {
    Join { kind: JoinKind::Inner, table: Table::Step(step.to_owned()), alias: step.to_owned(), on }
}

fn push_snapshot(draft: &mut Draft<'_>, setting: &Setting<'_, '_>, open: OpenRows, snapshot: Snapshot) -> PlannedScan {
    let rows = open.rows.clone();
    let Some((times, join)) = times_of(draft, &rows, snapshot) else {
        return push_cells(draft, setting, open, Expr::name(PERIOD), (&rows, Vec::new()));
    };
    let planned = push_cells(draft, setting, open, Expr::column(&rows, PERIOD), (&rows, vec![join]));
    let times = (snapshot == Snapshot::Average).then_some(times);
    PlannedScan { times, ..planned }
}

/// Adds the times of each period that a snapshot looks at, and the join that keeps the rows that stand for the period. None
/// where rows are chosen already, one of each customer.
pub(crate) fn times_of(draft: &mut Draft<'_>, rows: &str, snapshot: Snapshot) -> Option<(String, Join)> {
    let chosen = match snapshot {
        Snapshot::First => aggregate(AggregateFunction::Min, Expr::name(TIME)).named(TIME),
        Snapshot::Last => aggregate(AggregateFunction::Max, Expr::name(TIME)).named(TIME),
        Snapshot::Average => aggregate(AggregateFunction::CountDistinct, Expr::name(TIME)).named(TIMES),
        Snapshot::FirstPerCustomer | Snapshot::LastPerCustomer => return None,
    };
    let columns = vec![Expr::name(PERIOD).named(PERIOD), chosen];
    let group_by = vec![Expr::name(PERIOD)];
    let times = select(Select { columns, from: from_step(rows), group_by, ..Select::default() });
    let times = draft.push(&format!("{rows}_times"), times);
    let same = |name: &str| Expr::binary(Binary::Equal, Expr::column(&times, name), Expr::column(rows, name));
    let on = match snapshot {
        Snapshot::Average => same(PERIOD),
        _ => Expr::binary(Binary::And, same(PERIOD), same(TIME)),
    };
    let join = inner_join(&times, Some(on));
    Some((times, join))
}

/// Adds the step that keeps one row for each customer and period.
pub(crate) fn push_numbered(draft: &mut Draft<'_>, scan: &Scan, open: &OpenRows, snapshot: Snapshot) -> String {
    let descending = snapshot == Snapshot::LastPerCustomer;
    let key_columns = draft.model.source(scan.source).key.len();
    let order = |name: &str| Order { expr: Expr::name(name), descending, nulls_first: !descending };
    let order_by = std::iter::once(order(TIME)).chain((1..=key_columns).map(|at| order(&tie(at)))).collect();
    let partition_by = vec![Expr::name(PERIOD), Expr::name(KEY)];
    let names = draft.columns_of(&open.rows);
    let mut columns: Vec<Output> = names.into_iter().map(|name| Expr::name(&name).named(name)).collect();
    columns.push(Expr::row_number(partition_by, order_by).named(NUMBER));
    let from = from_step(&open.rows);
    let numbered =
        draft.push(&format!("{}_numbered", open.rows), select(Select { columns, from, ..Select::default() }));
    let first = Expr::binary(Binary::Equal, Expr::name(NUMBER), Expr::int(1));
    let known = Expr::IsNull { operand: Box::new(Expr::name(KEY)), negated: true };
    let names = draft.columns_of(&open.rows);
    let columns = names.into_iter().map(|name| Expr::name(&name).named(name)).collect();
    let filter = Expr::all([first, known]);
    let chosen = select(Select { columns, from: from_step(&numbered), filter, ..Select::default() });
    draft.push(&format!("{}_chosen", open.rows), chosen)
}

/// Adds to rows what a snapshot chooses by: the period, the time, and where it chooses for each customer, that customer and
/// what decides between rows of one time.
pub(crate) fn push_times(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    scan: &Scan,
    rows: &mut Rows<'_>,
    key: Option<&ColumnPath>,
) {
    let day = rows.day(draft);
    rows.output(PERIOD, period_start(setting.spine.calendar, setting.spine.grain, day));
    if let Some((time, _)) = rows.stored_time(draft) {
        rows.output(TIME, time);
    }
    let Some(key) = key else { return };
    let key = rows.column(draft, key);
    rows.output(KEY, key);
    for (column, position) in draft.model.source(scan.source).key.iter().zip(1_usize..) {
        let value = rows.known_key(draft, *column);
        rows.output(&tie(position), value);
    }
}

/// The column that decides between rows of one time.
fn tie(position: usize) -> String {
    format!("tie {position}")
}

fn push_anchored(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    mut open: OpenRows,
    clock: &Clock,
    members: &str,
) -> PlannedScan {
    let day = Expr::column(&open.rows, DAY);
    let same = Expr::binary(Binary::Equal, Expr::column(&open.rows, KEY), Expr::column(members, KEY));
    let on = Expr::all(std::iter::once(same).chain(within_window(clock, &day, members)));
    if let Some(position) = setting.groups.iter().position(GroupColumn::is_step)
        && let Some(step) = step_of(clock, &day, members)
    {
        open.groups[position] = step;
    }
    let rows = open.rows.clone();
    let join = inner_join(&rows, on);
    push_cells(draft, setting, open, Expr::column(members, PERIOD), (members, vec![join]))
}

/// What was read, for people: which source, by which clock, and how many columns of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanSummary {
    pub source: SourceId,
    pub clock: Clock,
    /// Aggregates computed over its rows, each of them once.
    pub leaves: usize,
}

impl ScanSummary {
    pub(crate) fn of(scan: &Scan) -> Self {
        Self { source: scan.source, clock: scan.kind.clock().clone(), leaves: scan.columns.len() }
    }
}
