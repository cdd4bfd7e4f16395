//! From a request to its plan: the stages in order.

use crate::answer::{Answering, CHANGED, WEIGHTED, push_answer, push_union, reserved};
use crate::as_of::{self, AS_OF, AsOf};
use crate::cell::PlannedScan;
use crate::completeness::is_stepped;
use crate::draft::Draft;
use crate::eras::{Part, parts};
use crate::errors;
use crate::fill::push_fills;
use crate::flatten::{self, Flat};
use crate::grouping::{GroupColumn, GroupKind, SET, STEP, STEP_NAME, sets_of};
use crate::interval;
use crate::leaf::{LeafId, ScanKind};
use crate::lower::value_type;
use crate::members::MemberSteps;
use crate::names::Names;
use crate::own::{Beginnings, push_own};
use crate::relation::{Select, Statement, ValueType};
use crate::request::Request;
use crate::scan::{self, Closing, OpenScan, ScanSummary, Setting};
use crate::spine::{Bounds, Periods, Spine, push_common_range};
use crate::stitch::{Presence, Stitch, push_groups};
use crate::zone::Zones;
use groma_model::meaning::Era;
use groma_model::row::RowExpr;
use groma_model::time::Clock;
use groma_model::{Anchor, Code, Diagnostic, Members, Model, Origin, SourceId};
use std::collections::BTreeSet;

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
    plan_eras(&[Era { from: None, model }], request)
}

/// The same over time: each period is computed by the model that holds on its first day. The eras are in order, at least
/// one, and of one project: the request is in the terms of each.
///
/// # Errors
/// As for one model.
pub fn plan_eras(eras: &[Era<'_>], request: &Request<'_>) -> Result<Planned, Vec<Diagnostic>> {
    let parts = parts(eras, request);
    let requests: Vec<Request<'_>> = parts.iter().map(|part| part.request(request)).collect();
    let (shape, drawn) = drawn(&parts, &requests)?;
    let Some(last) = parts.last() else { return Err(Vec::new()) };
    let zones = Zones::new(&last.model.calendar.zone);
    let sources = drawn.iter().flat_map(|part| sources_read(part.model, part.request, &part.flat)).collect();
    let timed: BTreeSet<SourceId> = drawn.iter().flat_map(|part| timed_sources(part.model, &part.flat)).collect();
    let groups: Vec<Vec<GroupColumn<'_>>> = drawn.iter().map(|part| shape.columns(part)).collect();
    let mut draft = Draft::new(last.model, &zones, request.table, &sources);
    let known = match drawn.as_slice() {
        [only] => known_as_of(&mut draft, request, &only.flat, &timed),
        _ => Some(request.as_of.map_or_else(|| as_of::push_found(&mut draft, &timed), AsOf::At)),
    };
    let settings: Vec<Setting<'_, '_>> =
        drawn.iter().zip(&groups).map(|(part, groups)| part.setting(groups, known.as_ref())).collect();
    let mut opened: Vec<Opened> =
        drawn.iter().zip(&settings).map(|(part, setting)| Opened::of(&mut draft, part, setting)).collect();
    let ranges: Vec<String> = opened.iter().flat_map(Opened::ranges).collect();
    let bounded = known.is_some() && drawn.iter().all(|part| part.spine.bounds.first.is_some());
    let range = if bounded { None } else { push_common_range(&mut draft, &ranges) };
    let as_of = match (known.clone(), &range) {
        (Some(known), _) => known,
        (None, Some(range)) => as_of::push_least(&mut draft, range),
        (None, None) => as_of::push_found(&mut draft, &timed),
    };
    let closed: Vec<Closed> = drawn
        .iter()
        .zip(&settings)
        .zip(&mut opened)
        .map(|((part, setting), opened)| opened.close(&mut draft, (part, setting), range.as_deref(), &as_of))
        .collect();
    let stitched = drawn.iter().zip(&groups).zip(&closed);
    let stitched: Vec<(&Model, Stitch<'_, '_>)> =
        stitched.map(|((part, groups), closed)| (part.model, part.stitch(groups, closed, &as_of))).collect();
    let presence: Vec<&Presence> = drawn.iter().map(|part| &part.presence).collect();
    let group_step = push_groups(&mut draft, &stitched, &presence);
    let begin = beginnings(&mut draft, request, &drawn, &closed);
    let mut answers = Vec::with_capacity(drawn.len());
    for (part, (model, stitch)) in drawn.iter().zip(&stitched) {
        draft.model = model;
        let known = Known { as_of: &as_of, begin: &begin, is_part: parts.len() > 1 };
        answers.push(part.answer(&mut draft, (stitch, group_step.as_deref()), &known));
    }
    let result = united(&mut draft, answers, &groups, request);
    let result = push_own(&mut draft, groups.first().map(Vec::as_slice).unwrap_or_default(), result);
    let statement = draft.finish(result);
    Ok(described(statement, (&groups, &drawn, timed), request))
}

/// A part of a request with all that is known of it before anything is written.
struct Drawn<'p> {
    model: &'p Model,
    part: &'p Part<'p>,
    request: &'p Request<'p>,
    flat: Flat<'p>,
    used: BTreeSet<LeafId>,
    presence: Presence,
    spine: Spine<'p>,
}

fn drawn<'p>(parts: &'p [Part<'p>], requests: &'p [Request<'p>]) -> Result<(Shape, Vec<Drawn<'p>>), Vec<Diagnostic>> {
    let mut flats = Vec::with_capacity(parts.len());
    let mut refused: Vec<Diagnostic> = Vec::new();
    for (part, request) in parts.iter().zip(requests) {
        match flatten::flatten(part.model, request) {
            Ok(mut flat) => {
                errors::need_totals(&mut flat, request);
                flats.push(flat);
            }
            // Versions that differ elsewhere are refused for one reason.
            Err(found) => found.into_iter().for_each(|finding| {
                if !refused.contains(&finding) {
                    refused.push(finding);
                }
            }),
        }
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    let shape = Shape::of(&flats, requests);
    let whole = parts.iter().zip(requests).zip(flats).map(|((part, request), mut flat)| {
        let used = used_leaves(&flat);
        let presence = if shape.plain { Presence::new() } else { flat.leaves.presence() };
        let spine = spine(part, request, &flat);
        Drawn { model: part.model, part, request, flat, used, presence, spine }
    });
    let drawn = whole.collect();
    Ok((shape, drawn))
}

/// The columns that all parts of an answer have.
struct Shape {
    stepped: bool,
    /// Small cells are hidden.
    guarded: bool,
    /// Without a group and a step.
    plain: bool,
}

impl Shape {
    fn of(flats: &[Flat<'_>], requests: &[Request<'_>]) -> Self {
        let stepped = flats.iter().any(has_steps);
        let grouped = requests.iter().any(|request| !request.by.is_empty());
        let guarded = flats.iter().any(|flat| !flat.guards.is_empty());
        Self { stepped, guarded, plain: !grouped && !stepped }
    }

    fn columns<'p>(&self, part: &Drawn<'p>) -> Vec<GroupColumn<'p>> {
        group_columns(part.model, part.request, self.stepped, self.guarded)
    }
}

/// A part whose rows are in the statement, but not yet by period.
struct Opened {
    scans: Vec<OpenScan>,
    members: MemberSteps,
}

/// A part whose cells are in the statement.
struct Closed {
    scans: Vec<PlannedScan>,
    periods: Periods,
}

impl Opened {
    fn of<'p>(draft: &mut Draft<'p>, part: &Drawn<'p>, setting: &Setting<'_, '_>) -> Self {
        draft.model = part.model;
        let mut members = MemberSteps::default();
        let all = 0..part.flat.leaves.scans.len();
        let scans = all.map(|position| scan::open(draft, setting, &mut members, position)).collect();
        Self { scans, members }
    }

    fn ranges(&self) -> impl Iterator<Item = String> {
        self.scans.iter().filter_map(OpenScan::range).map(str::to_owned)
    }

    fn close<'p>(
        &mut self,
        draft: &mut Draft<'p>,
        (part, setting): (&Drawn<'p>, &Setting<'_, '_>),
        range: Option<&str>,
        as_of: &AsOf,
    ) -> Closed {
        draft.model = part.model;
        let range = range.filter(|_| part.spine.bounds.first.is_none());
        let periods = part.spine.push(draft, range, as_of, has_windows(&part.flat));
        let mut closing = Closing { windows: &periods.windows, as_of, members: &mut self.members };
        let scans = scan::close(draft, setting, std::mem::take(&mut self.scans), &mut closing);
        Closed { scans, periods }
    }
}

impl<'p> Drawn<'p> {
    fn setting<'s>(&'s self, groups: &'s [GroupColumn<'p>], as_of: Option<&'s AsOf>) -> Setting<'s, 'p> {
        let Flat { leaves, populations, .. } = &self.flat;
        Setting { leaves, populations, spine: &self.spine, groups, as_of }
    }

    fn stitch<'s>(&'s self, groups: &'s [GroupColumn<'p>], closed: &'s Closed, as_of: &'s AsOf) -> Stitch<'s, 'p> {
        let Closed { scans, periods } = closed;
        let Flat { leaves, populations, .. } = &self.flat;
        let (model, spine, periods) = (self.model, &self.spine, periods.answered.as_str());
        Stitch { model, populations, leaves, scans, spine, groups, periods, as_of }
    }

    /// Adds the cells, and returns the answer.
    fn answer(
        &self,
        draft: &mut Draft<'_>,
        (stitch, group_step): (&Stitch<'_, '_>, Option<&str>),
        known: &Known<'_>,
    ) -> Select {
        let (flat, groups) = (&self.flat, stitch.groups);
        let cells = stitch.push_cells(draft, group_step, &self.used);
        let cells = flat.guards.push(draft, groups, group_step, cells);
        let cells = push_fills(draft, flat, groups, cells);
        let answering = Answering {
            cells: &cells,
            groups,
            flat,
            spine: &self.spine,
            as_of: known.as_of,
            scans: stitch.scans,
            request: self.request,
            positions: &self.part.positions,
            begin: known.begin,
            is_part: known.is_part,
        };
        push_answer(draft, &answering)
    }
}

/// What all parts of an answer share.
struct Known<'k> {
    as_of: &'k AsOf,
    begin: &'k Beginnings,
    /// There are several parts.
    is_part: bool,
}

/// Where the rows of each metric begin, in all parts.
fn beginnings(draft: &mut Draft<'_>, request: &Request<'_>, drawn: &[Drawn<'_>], closed: &[Closed]) -> Beginnings {
    let ranges = |closed: &Closed| closed.scans.iter().map(|scan| scan.range.clone()).collect();
    let parts = drawn.iter().zip(closed).map(|(part, closed)| (&part.flat, ranges(closed)));
    Beginnings::push(draft, request, &parts.collect::<Vec<_>>())
}

/// The answer of all parts.
fn united(
    draft: &mut Draft<'_>,
    mut answers: Vec<Select>,
    groups: &[Vec<GroupColumn<'_>>],
    request: &Request<'_>,
) -> Select {
    match groups {
        [groups, _, ..] => push_union(draft, groups, request, answers),
        _ => answers.pop().unwrap_or_default(),
    }
}

/// A statement with what is to be known of it.
fn described(
    statement: Statement,
    (groups, drawn, timed): (&[Vec<GroupColumn<'_>>], &[Drawn<'_>], BTreeSet<SourceId>),
    request: &Request<'_>,
) -> Planned {
    let groups = groups.first().map(Vec::as_slice).unwrap_or_default();
    let named = groups.iter().filter(|group| matches!(group.kind, GroupKind::Grouping(_)));
    let scans = drawn.iter().flat_map(|part| &part.flat.leaves.scans).filter(|scan| reads_rows(&scan.kind));
    Planned {
        statement,
        groups: named.map(|group| group.name.clone()).collect(),
        further: further_columns(groups, request),
        scans: scans.map(ScanSummary::of).collect(),
        timed: timed.into_iter().collect(),
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
    let stepped = groups.iter().any(GroupColumn::is_step);
    further.extend(stepped.then_some(STEP_NAME));
    further.extend(request.sets.are_named().then_some(SET));
    further.extend((stepped && request.further.step_numbers).then_some(STEP));
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
        used.extend(&metric.present);
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
fn group_columns<'r>(model: &Model, request: &'r Request<'_>, stepped: bool, guarded: bool) -> Vec<GroupColumn<'r>> {
    let mut names = Names::of_columns();
    reserved().for_each(|name| names.reserve(name));
    let columns = request.by.iter().map(|grouping| {
        let plain = grouping.name.as_str();
        let name = if names.is_taken(plain) { format!("by {plain}") } else { plain.to_owned() };
        let ty = value_type(model, &grouping.ty).unwrap_or(ValueType::Text);
        GroupColumn { kind: GroupKind::Grouping(grouping), name: names.take_whole(&name), ty }
    });
    let step = GroupColumn { kind: GroupKind::Step, name: STEP.to_owned(), ty: ValueType::Int };
    let mut columns: Vec<GroupColumn<'_>> = columns.collect();
    let by: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let set = sets_of(&by, &request.sets, guarded).map(|sets| GroupColumn {
        kind: GroupKind::Set(sets),
        name: SET.to_owned(),
        ty: ValueType::Text,
    });
    columns.extend(stepped.then_some(step));
    columns.extend(set);
    columns
}

fn spine<'m>(part: &Part<'m>, request: &Request<'_>, flat: &Flat<'_>) -> Spine<'m> {
    let leaves = &flat.leaves;
    let calendar = &part.model.calendar;
    let start = |day| calendar.start(request.grain, day);
    let known = request.as_of.map(|at| start(as_of::last_day(at)));
    let asked = request.from.map(start).map(|from| part.first.map_or(from, |first| first.max(from)));
    let filled = !flat.fills.is_empty();
    let bounds = Bounds {
        // What is filled may come from a period before those that are asked for.
        first: asked.filter(|_| !filled),
        last: request.to.map(start).into_iter().chain(known).chain(part.last).min(),
        asked: asked.filter(|_| filled),
        least: part.first.filter(|_| !filled),
        shown: asked.or(part.first).filter(|_| filled),
    };
    let clocks = leaves.scans.iter().map(|scan| scan.kind.clock().clone()).collect();
    let offsets = leaves.scans.iter().flat_map(|scan| scan.offsets.iter().copied()).collect();
    Spine::new(calendar, request.grain, bounds, &clocks, &offsets)
}
