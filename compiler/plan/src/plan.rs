//! From a request to its plan: the stages in order.

use crate::answer::{Answering, CHANGED, WEIGHTED, push_answer, reserved};
use crate::as_of::{self, AS_OF, AsOf};
use crate::completeness::is_stepped;
use crate::draft::Draft;
use crate::errors;
use crate::fill::push_fills;
use crate::flatten::{self, Flat};
use crate::grouping::{GroupColumn, GroupKind, SET, STEP, STEP_NAME, push_sets};
use crate::interval;
use crate::leaf::{LeafId, ScanKind};
use crate::lower::value_type;
use crate::members::MemberSteps;
use crate::names::Names;
use crate::relation::{Statement, ValueType};
use crate::request::Request;
use crate::scan::{self, Closing, OpenScan, ScanSummary, Setting};
use crate::spine::{Bounds, Spine, push_common_range};
use crate::stitch::Stitch;
use crate::zone::Zones;
use groma_model::row::RowExpr;
use groma_model::time::Clock;
use groma_model::{Anchor, Code, Diagnostic, Members, Model, Origin, SourceId};
use std::collections::{BTreeMap, BTreeSet};

/// Every code this crate raises.
pub static CODES: &[&Code] = &[&flatten::TOO_LARGE, &flatten::OFFSET_NOT_ALIGNED, &interval::NO_INTERVAL];

/// A statement that answers a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    pub statement: Statement,
    /// The group columns of the answer, in the order of the request.
    pub groups: Vec<String>,
    /// The other columns of the answer that not every answer has, in their order: `step` and `grouping` stand behind the
    /// groups, those of [`crate::Further`] behind the status.
    pub further: Vec<&'static str>,
    pub scans: Vec<ScanSummary>,
    /// The sources whose newest rows decide the as-of time where none is given, in the order of their names.
    pub timed: Vec<SourceId>,
}

/// Plans the statement that answers a request. The model must be free of errors.
///
/// # Errors
/// A measure is too large for one statement, an offset leads from a period of the grain to no period, or an interval is
/// asked of a measure that has none.
pub fn plan(model: &Model, request: &Request<'_>) -> Result<Planned, Vec<Diagnostic>> {
    let mut flat = flatten::flatten(model, request)?;
    errors::need_totals(&mut flat, request);
    let used = used_leaves(&flat);
    let presence = if request.by.is_empty() && !has_steps(&flat) { BTreeMap::new() } else { flat.leaves.presence() };
    let zones = Zones::new(&model.calendar.zone);
    let sources = sources_read(model, request, &flat);
    let mut draft = Draft::new(model, &zones, request.table, &sources);
    let totals = request.totals || (!request.by.is_empty() && !flat.guards.is_empty());
    let groups = group_columns(model, request, has_steps(&flat), totals);
    let spine = spine(model, request, &flat);
    let timed = timed_sources(model, &flat);
    let known = known_as_of(&mut draft, request, &flat, &timed);
    let sets = totals.then(|| push_sets(&mut draft, &groups));
    let setting = Setting {
        leaves: &flat.leaves,
        populations: &flat.populations,
        spine: &spine,
        groups: &groups,
        as_of: known.as_ref(),
        sets: sets.as_deref(),
    };
    let mut members = MemberSteps::default();
    let opened: Vec<OpenScan> =
        (0..flat.leaves.scans.len()).map(|position| scan::open(&mut draft, &setting, &mut members, position)).collect();
    let ranges: Vec<String> = opened.iter().filter_map(OpenScan::range).map(str::to_owned).collect();
    let bounded = spine.bounds.first.is_some() && known.is_some();
    let range = if bounded { None } else { push_common_range(&mut draft, &ranges) };
    let as_of = match (known.clone(), &range) {
        (Some(known), _) => known,
        (None, Some(range)) => as_of::push_least(&mut draft, range),
        (None, None) => as_of::push_found(&mut draft, &timed),
    };
    let periods = spine.push(&mut draft, range.as_deref(), &as_of, has_windows(&flat));
    let mut closing = Closing { windows: &periods.windows, as_of: &as_of, members: &mut members };
    let scans = scan::close(&mut draft, &setting, opened, &mut closing);
    let stitch = Stitch {
        leaves: &flat.leaves,
        scans: &scans,
        spine: &spine,
        groups: &groups,
        periods: &periods.answered,
        as_of: &as_of,
    };
    let group_step = stitch.push_groups(&mut draft, &presence);
    let cells = stitch.push_cells(&mut draft, group_step.as_deref(), &used);
    let cells = flat.guards.push(&mut draft, &groups, group_step.as_deref(), cells);
    let cells = push_fills(&mut draft, &flat, &groups, cells);
    let answering =
        Answering { cells: &cells, groups: &groups, flat: &flat, spine: &spine, as_of: &as_of, scans: &scans, request };
    let result = push_answer(&mut draft, &answering);
    let statement = draft.finish(result);
    Ok(Planned { timed: timed.into_iter().collect(), ..described(statement, &groups, &flat, request) })
}

/// A statement with what is to be known of it.
fn described(statement: Statement, groups: &[GroupColumn<'_>], flat: &Flat<'_>, request: &Request<'_>) -> Planned {
    let named = groups.iter().filter(|group| matches!(group.kind, GroupKind::Grouping(_)));
    Planned {
        statement,
        groups: named.map(|group| group.name.clone()).collect(),
        further: further_columns(groups, request),
        scans: flat.leaves.scans.iter().filter(|scan| reads_rows(&scan.kind)).map(ScanSummary::of).collect(),
        timed: Vec::new(),
    }
}

/// The as-of time where it is known before any row is read; else it is found in the rows of the only source.
fn known_as_of(
    draft: &mut Draft<'_>,
    request: &Request<'_>,
    flat: &Flat<'_>,
    timed: &BTreeSet<SourceId>,
) -> Option<AsOf> {
    if let Some(at) = request.as_of {
        return Some(AsOf::At(at));
    }
    let is_read = |kind: &ScanKind, source| match kind {
        ScanKind::Funnel(_, _, metric) => draft.model.metric(*metric).source.is_some_and(|rows| timed.contains(&rows)),
        kind => !reads_rows(kind) || timed.contains(&source),
    };
    let all_read = flat.leaves.scans.iter().all(|scan| is_read(&scan.kind, scan.source));
    // What is read of the only source may end before its newest row.
    let found_in_rows = timed.len() == 1 && all_read && request.to.is_none();
    (!found_in_rows).then(|| as_of::push_found(draft, timed))
}

/// The columns that not every answer has.
fn further_columns(groups: &[GroupColumn<'_>], request: &Request<'_>) -> Vec<&'static str> {
    let mut further = Vec::new();
    further.extend(groups.iter().any(GroupColumn::is_step).then_some(STEP_NAME));
    further.extend(request.totals.then_some(SET));
    if request.further.weights {
        further.extend(WEIGHTED);
    }
    if request.further.changes {
        further.extend(CHANGED);
    }
    further.extend(request.further.as_of.then_some(AS_OF));
    further
}

/// Whether an answer has a column for the step of a curve or a funnel.
fn has_steps(flat: &Flat<'_>) -> bool {
    flat.leaves.scans.iter().any(|scan| is_stepped(&scan.kind))
}

/// Whether windows are laid over periods, so that the earlier ones must be there too.
fn has_windows(flat: &Flat<'_>) -> bool {
    flat.leaves.scans.iter().any(|scan| {
        let is_alive =
            scan.kind.population().is_some_and(|id| matches!(flat.populations.get(id).members, Members::Alive { .. }));
        is_alive || matches!(scan.kind.clock(), Clock::Trailing(_) | Clock::ToDate(_))
    })
}

/// Whether rows of a source are read, other than the customers that were made of some.
fn reads_rows(kind: &ScanKind) -> bool {
    !matches!(kind, ScanKind::Customers(..))
}

/// The sources whose rows are counted by their time.
fn timed_sources(model: &Model, flat: &Flat<'_>) -> BTreeSet<SourceId> {
    let mut sources = BTreeSet::new();
    for scan in flat.leaves.scans.iter().filter(|scan| reads_rows(&scan.kind)) {
        match &scan.kind {
            ScanKind::Funnel(_, _, metric) => sources.extend(model.metric(*metric).source),
            _ => {
                sources.insert(scan.source);
            }
        }
        let population = scan.kind.population().map(|id| flat.populations.get(id));
        if let Some(Members::Anchor(Anchor::First { source, .. })) = population.map(|population| &population.members) {
            sources.insert(*source);
        }
    }
    sources.retain(|source| model.source(*source).time.is_some());
    sources.into_iter().flat_map(|source| loaded(model, source, &mut BTreeSet::new())).collect()
}

/// The sources whose loading decides up to when a source is known: itself, or those that its query reads.
fn loaded(model: &Model, source: SourceId, seen: &mut BTreeSet<SourceId>) -> BTreeSet<SourceId> {
    let itself = BTreeSet::from([source]);
    let Origin::Query { reads, .. } = &model.source(source).origin else { return itself };
    if !seen.insert(source) {
        return itself;
    }
    let behind: BTreeSet<SourceId> = reads
        .iter()
        .filter(|(_, read)| model.source(*read).time.is_some())
        .flat_map(|(_, read)| loaded(model, *read, seen))
        .collect();
    if behind.is_empty() { itself } else { behind }
}

/// The leaves that values, numbers of observations and shares of matured cohorts are made of.
fn used_leaves(flat: &Flat<'_>) -> BTreeSet<LeafId> {
    let mut used = BTreeSet::new();
    used.extend(flat.guards.leaves());
    for metric in &flat.metrics {
        used.extend(&metric.observations);
        used.extend(&metric.matured);
        used.extend(&metric.counted);
        if let Some(change) = &metric.change {
            used.extend(change.formula.leaves());
            used.extend(&change.counted);
        }
        used.extend(metric.formula.leaves());
    }
    used
}

/// Every source whose table a statement may read.
fn sources_read(model: &Model, request: &Request<'_>, flat: &Flat<'_>) -> BTreeSet<SourceId> {
    let leaves = &flat.leaves;
    let mut sources: BTreeSet<SourceId> = leaves.scans.iter().map(|scan| scan.source).collect();
    sources.extend(timed_sources(model, flat));
    let grouped = request.by.iter().flat_map(|grouping| grouping.values.iter().map(|(_, value)| value));
    let counted = flat.populations.conditions();
    for expr in leaves.exprs.iter().map(|used| &*used.expr).chain(grouped).chain(counted) {
        add_sources(model, expr, &mut sources);
    }
    for metric in &request.metrics {
        sources.extend(&model.metric(*metric).reads);
    }
    sources
}

pub(crate) fn add_sources(model: &Model, expr: &RowExpr, sources: &mut BTreeSet<SourceId>) {
    expr.for_each_column(&mut |path| {
        sources.insert(path.source);
        sources.extend(path.hops.iter().map(|hop| model.customer(hop.customer).source));
    });
}

/// The group columns, named as the groupings; one that is called like a column of every answer gets another name.
fn group_columns<'r>(model: &Model, request: &'r Request<'_>, stepped: bool, totals: bool) -> Vec<GroupColumn<'r>> {
    let mut names = Names::of_columns();
    reserved().for_each(|name| names.reserve(name));
    let columns = request.by.iter().map(|grouping| {
        let plain = grouping.name.as_str();
        let name = if names.is_taken(plain) { format!("by {plain}") } else { plain.to_owned() };
        let ty = value_type(model, &grouping.ty).unwrap_or(ValueType::Text);
        GroupColumn { kind: GroupKind::Grouping(grouping), name: names.take_whole(&name), ty }
    });
    let step = GroupColumn { kind: GroupKind::Step, name: STEP.to_owned(), ty: ValueType::Int };
    let set = GroupColumn { kind: GroupKind::Set, name: SET.to_owned(), ty: ValueType::Text };
    columns.chain(stepped.then_some(step)).chain(totals.then_some(set)).collect()
}

fn spine<'m>(model: &'m Model, request: &Request<'_>, flat: &Flat<'_>) -> Spine<'m> {
    let leaves = &flat.leaves;
    let calendar = &model.calendar;
    let start = |day| calendar.start(request.grain, day);
    let known = request.as_of.map(|at| start(as_of::last_day(at)));
    let bounds = Bounds {
        // What is filled may come from a period before those that are asked for.
        first: request.from.map(start).filter(|_| flat.fills.is_empty()),
        last: request.to.map(start).into_iter().chain(known).min(),
        asked: request.from.map(start).filter(|_| !flat.fills.is_empty()),
    };
    let clocks = leaves.scans.iter().map(|scan| scan.kind.clock().clone()).collect();
    let offsets = leaves.scans.iter().flat_map(|scan| scan.offsets.iter().copied()).collect();
    Spine::new(calendar, request.grain, bounds, &clocks, &offsets)
}
