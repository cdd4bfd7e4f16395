//! Answers: the measures of every cell, and the long form in which every query of metrics returns.

use crate::as_of::{AS_OF, AsOf};
use crate::cell::PlannedScan;
use crate::completeness::{Completeness, Input, steps_of};
use crate::draft::{Draft, cross, from_step, select};
use crate::estimate::push_estimates;
use crate::fill::filled_name;
use crate::flatten::{Flat, FlatMetric};
use crate::formula::Formula;
use crate::grouping::{GroupColumn, GroupKind, SET, STEP, STEP_NAME, sets};
use crate::interval::{Method, method};
use crate::leaf::{ExprId, LeafId, ScanKind};
use crate::names::{LONGEST, Names, shorten};
use crate::operands::{Operands, of_column, value_of_formula};
use crate::own::{Beginnings, HAS_ROWS, has_rows};
use crate::relation::{Binary, Expr, Function, Literal, Order, Output, Relation, Select, ValueType, Values};
use crate::request::Request;
use crate::spine::{PERIOD, Spine};
use crate::status::{Judged, shown, status, unless_hidden};
use crate::stitch::{CellColumn, Cells};
use crate::suppress::fewest;
use crate::typed::{self, Typed, extreme_of, real};
use groma_model::{MetricId, Model};
use std::collections::BTreeSet;

/// The columns of an answer before the groups, and after them.
pub(crate) const BEFORE_GROUPS: [&str; 4] = ["metric", "version", "grain", PERIOD];
pub(crate) const AFTER_GROUPS: [&str; 7] = ["value", "n", "se", "low", "high", "matured", "status"];
/// The columns that only some answers have, and those that only published ones have.
const FURTHER: [&str; 6] = [STEP_NAME, STEP, SET, AS_OF, SEMANTIC_HASH, COMMIT];
/// The columns of published answers that say which definition they are by.
pub(crate) const SEMANTIC_HASH: &str = "semantic_hash";
pub(crate) const COMMIT: &str = "commit";

/// The standard error and the bounds of the interval.
const ESTIMATES: [&str; 3] = ["se", "low", "high"];
/// The columns of changes against the period before.
pub(crate) const CHANGED: [&str; 6] = ["change", "change_se", "change_low", "change_high", "detectable", VERDICT];
const VERDICT: &str = "verdict";
/// The columns of weighted values.
pub(crate) const WEIGHTED: [&str; 4] = ["weighted", "weighted_se", "effective_n", "largest_share"];

const POSITION: &str = "position";
const METRIC: &str = "metric";
const VERSION: &str = "version";
/// The columns of a part of an answer that hold the place of its metric, and of its step.
const PLACE: &str = "metric position";
const STEP_PLACE: &str = "step position";

/// What an answer is made of.
pub(crate) struct Answering<'n, 'a> {
    pub(crate) cells: &'n Cells,
    pub(crate) groups: &'n [GroupColumn<'n>],
    pub(crate) flat: &'n Flat<'a>,
    pub(crate) spine: &'n Spine<'n>,
    pub(crate) as_of: &'n AsOf,
    pub(crate) scans: &'n [PlannedScan],
    pub(crate) request: &'n Request<'n>,
    /// The place of each metric in the whole answer, from 1.
    pub(crate) positions: &'n [i64],
    /// Where the rows of each metric begin, where cells are told apart.
    pub(crate) begin: &'n Beginnings,
    /// Whether other metrics or periods are answered beside it.
    pub(crate) is_part: bool,
}

/// The columns of one metric in the step of measures.
#[derive(Debug, Clone, Default)]
pub(crate) struct Measured {
    pub(crate) value: String,
    pub(crate) n: String,
    /// Of a net score: its two shares.
    pub(crate) shares: Option<(String, String)>,
    pub(crate) se: Option<String>,
    pub(crate) low: Option<String>,
    pub(crate) high: Option<String>,
    /// Against the period before, where that is asked.
    pub(crate) change: Option<String>,
    pub(crate) change_se: Option<String>,
    pub(crate) change_low: Option<String>,
    pub(crate) change_high: Option<String>,
    pub(crate) detectable: Option<String>,
    pub(crate) verdict: Option<String>,
    /// The weighted value, its error, the effective number, the largest share.
    pub(crate) weighted: [Option<String>; 4],
    matured: Option<String>,
    immature: Option<String>,
    hidden: Option<String>,
    hidden_change: Option<String>,
    settled: Option<String>,
    has_rows: Option<String>,
    has_begun: Option<String>,
    minimum: Option<i64>,
    /// The first and the last step that are the metric's; none without steps.
    steps: Option<(i64, i64)>,
}

impl Measured {
    /// The columns that stand in an answer beside value and number, in their order; `weights` and `changes`: where asked.
    fn estimates(&self) -> [&Option<String>; 3] {
        [&self.se, &self.low, &self.high]
    }

    fn changes(&self) -> [&Option<String>; 6] {
        let Self { change, change_se, change_low, change_high, detectable, verdict, .. } = self;
        [change, change_se, change_low, change_high, detectable, verdict]
    }
}

/// Adds the measures and returns the answer: one row for each metric, period and group.
pub(crate) fn push_answer(draft: &mut Draft<'_>, answering: &Answering<'_, '_>) -> Select {
    let (step, mut measured) = push_measured(draft, answering);
    let step = push_estimates(draft, answering, step, &mut measured);
    match (answering.flat.metrics.as_slice(), measured.as_slice()) {
        ([only], [measured]) => {
            let from = from_step(&step);
            let judged = judged(measured);
            let metric = metric_name(draft.model, only.id);
            let step_name = step_name(draft.model, answering, only.id);
            let filter = filter_of(answering, measured);
            let place = answering.positions.first().copied().unwrap_or(1);
            let position = answering.is_part.then(|| Expr::int(place));
            let version = Expr::int(i64::from(draft.model.metric(only.id).version));
            finish(answering, Finished { from, filter, judged, metric, version, step_name, position })
        }
        _ => {
            let (long, judged) = push_long(draft, answering, &step, &measured);
            let names = answering.flat.metrics.iter().zip(answering.positions.iter().copied());
            let step_names = names.filter_map(|(metric, position)| {
                let name = named_step(draft.model, metric.id)?;
                Some((Expr::binary(Binary::Equal, Expr::name(POSITION), Expr::int(position)), name))
            });
            let step_name = choose(step_names.collect(), Some(Expr::name(STEP).cast(ValueType::Text)));
            let (from, metric) = (from_step(&long), Expr::name(METRIC));
            let position = Some(Expr::name(POSITION));
            let version = one_version(draft.model, &answering.flat.metrics).unwrap_or_else(|| Expr::name(VERSION));
            finish(answering, Finished { from, filter: None, judged, metric, version, step_name, position })
        }
    }
}

/// What the last select is made of.
struct Finished {
    from: Option<crate::relation::From>,
    filter: Option<Expr>,
    judged: Judged,
    metric: Expr,
    version: Expr,
    step_name: Expr,
    position: Option<Expr>,
}

/// The answer that some parts give together, in the order of the whole.
pub(crate) fn push_union(
    draft: &mut Draft<'_>,
    groups: &[GroupColumn<'_>],
    request: &Request<'_>,
    parts: Vec<Select>,
) -> Select {
    let columns = parts.first().map(|part| part.columns.as_slice()).unwrap_or_default();
    let shown = columns.iter().filter(|column| ![PLACE, STEP_PLACE].contains(&column.name.as_str()));
    let columns: Vec<Output> = shown.map(|column| Expr::name(&column.name).named(column.name.clone())).collect();
    let step = draft.push("all_answers", Relation::UnionAll(parts));
    let mut order_by = vec![Expr::name(PLACE).ascending()];
    order_by.extend(by_cell(groups, request, STEP_PLACE));
    Select { columns, from: from_step(&step), order_by, ..Select::default() }
}

/// The order of the cells of a metric; `step` is the column of the place of a step.
fn by_cell(groups: &[GroupColumn<'_>], request: &Request<'_>, step: &str) -> Vec<Order> {
    let place = |group: &GroupColumn<'_>| Expr::name(if group.is_step() { step } else { &group.name });
    let groups = shown_groups(groups, request).map(|group| place(group).ascending());
    std::iter::once(Expr::name(PERIOD).ascending()).chain(groups).collect()
}

/// The version of all metrics, where they have one.
fn one_version(model: &Model, metrics: &[FlatMetric]) -> Option<Expr> {
    let versions: BTreeSet<u32> = metrics.iter().map(|metric| model.metric(metric.id).version).collect();
    let only = versions.first().filter(|_| versions.len() == 1)?;
    Some(Expr::int(i64::from(*only)))
}

fn finish(answering: &Answering<'_, '_>, finished: Finished) -> Select {
    let Finished { from, filter, judged, metric, version, step_name, position } = finished;
    let mut order_by: Vec<Order> = position.clone().into_iter().map(Expr::ascending).collect();
    order_by.extend(by_cell(answering.groups, answering.request, STEP));
    let grain = answering.request.grain.word();
    let mut outputs = vec![metric.named(METRIC), version.named(VERSION), Expr::text(grain).named("grain")];
    outputs.push(Expr::name(PERIOD).named(PERIOD));
    let read = |group: &GroupColumn<'_>| match group.kind {
        GroupKind::Step => step_name.clone().named(STEP_NAME),
        _ => Expr::name(&group.name).named(group.name.clone()),
    };
    outputs.extend(shown_groups(answering.groups, answering.request).map(read));
    let numbered = answering.request.further.step_numbers && answering.groups.iter().any(GroupColumn::is_step);
    outputs.extend(numbered.then(|| Expr::name(STEP).named(STEP)));
    let (value, status) = status(&judged);
    let hidden = |expr: &Option<Expr>| match expr {
        Some(expr) => shown(&judged, expr.clone(), ValueType::Real),
        None => null(ValueType::Real),
    };
    let changed = |name: &str, expr: &Option<Expr>| {
        let ty = if name == VERDICT { ValueType::Text } else { ValueType::Real };
        let shown = expr.clone().map_or_else(|| null(ty), |expr| shown(&judged, expr, ty));
        if expr.is_some() { unless_hidden(judged.hidden_change.as_ref(), shown, ty) } else { shown }
    };
    let hides = judged.hidden.as_ref();
    outputs.extend([value.named("value"), unless_hidden(hides, judged.n.clone(), ValueType::Int).named("n")]);
    outputs.extend(ESTIMATES.into_iter().zip(&judged.estimates).map(|(name, expr)| hidden(expr).named(name)));
    let matured = judged.matured.clone().map(|matured| unless_hidden(hides, matured, ValueType::Real));
    outputs.push(matured.unwrap_or_else(|| null(ValueType::Real)).named("matured"));
    outputs.push(status.named("status"));
    if answering.request.further.weights {
        outputs.extend(WEIGHTED.into_iter().zip(&judged.weighted).map(|(name, expr)| hidden(expr).named(name)));
    }
    if answering.request.further.changes {
        outputs.extend(CHANGED.into_iter().zip(&judged.changes).map(|(name, expr)| changed(name, expr).named(name)));
    }
    let filter = filter.into_iter().chain(asked_for(answering)).chain(of_shown_sets(answering));
    let filter = Expr::all(filter.chain(judged.has_begun.clone()));
    let mut joins = Vec::new();
    if answering.request.further.as_of {
        joins.extend(answering.as_of.join());
        outputs.push(answering.as_of.expr().named(AS_OF));
    }
    if answering.is_part {
        outputs.extend(position.map(|position| position.named(PLACE)));
        let stepped = answering.groups.iter().any(GroupColumn::is_step);
        outputs.extend(stepped.then(|| Expr::name(STEP).named(STEP_PLACE)));
        order_by.clear();
    }
    outputs.extend(judged.has_rows.map(|has_rows| has_rows.named(HAS_ROWS)));
    Select { columns: outputs, from, joins, filter, order_by, ..Select::default() }
}

/// The groups that were asked for: without the set of groupings, where totals are only there to be kept from giving cells away.
fn shown_groups<'g, 'a>(
    groups: &'g [GroupColumn<'a>],
    request: &Request<'_>,
) -> impl Iterator<Item = &'g GroupColumn<'a>> {
    let named = request.sets.are_named();
    groups.iter().filter(move |group| named || !group.is_set())
}

/// That a cell is of a set that was asked for, where others are computed too.
fn of_shown_sets(answering: &Answering<'_, '_>) -> Option<Expr> {
    let all = sets(answering.groups)?;
    let mut shown: Vec<Expr> = all.iter().filter(|set| set.is_shown).map(|set| Expr::text(&set.name)).collect();
    match (shown.len() == all.len(), shown.len()) {
        (true, _) => None,
        (false, 1) => shown.pop().map(|only| Expr::binary(Binary::Equal, Expr::name(SET), only)),
        _ => Some(Expr::In { operand: Box::new(Expr::name(SET)), list: shown, negated: false }),
    }
}

/// That a period is asked for, where earlier ones are there for what is filled from them.
fn asked_for(answering: &Answering<'_, '_>) -> Option<Expr> {
    let first = Expr::Literal(Literal::Date(answering.spine.bounds.shown?.to_string()));
    Some(Expr::binary(Binary::GreaterEqual, Expr::name(PERIOD), first))
}

/// Adds the step with every measure of every cell.
fn push_measured(draft: &mut Draft<'_>, answering: &Answering<'_, '_>) -> (String, Vec<Measured>) {
    let Answering { cells, groups, flat, .. } = answering;
    let (mut names, mut columns) = cell_columns(groups);
    let mut known: Vec<(Expr, String)> = Vec::new();
    let mut measured = Vec::with_capacity(flat.metrics.len());
    for metric in &flat.metrics {
        let of_model = draft.model.metric(metric.id);
        let name = shorten(&of_model.header.name, LONGEST - 9);
        let mut push = |wanted: String, expr: Expr| {
            let name = names.take(&wanted);
            columns.push(expr.named(name.clone()));
            name
        };
        let value = push(name.clone(), value_of(cells, &metric.formula));
        let n = push(format!("{name} n"), observations(cells, metric));
        let shares = match method(&flat.leaves, &metric.formula) {
            Method::Net { left, right, .. } if answering.request.intervals.is_some() && metric.is_estimated => Some((
                push(format!("{name} above"), value_of(cells, left)),
                push(format!("{name} below"), value_of(cells, right)),
            )),
            _ => None,
        };
        let changed =
            metric.change.as_ref().map(|change| push(format!("{name} change"), value_of(cells, &change.formula)));
        let matured = share_matured(cells, metric).map(|share| push(format!("{name} matured"), share));
        let completeness = completeness(draft.model, answering);
        let inputs = inputs(draft.model, answering, metric);
        let mut flag = |wanted: &str, expr: Option<Expr>| {
            let expr = expr?;
            if let Some((_, name)) = known.iter().find(|(known, _)| *known == expr) {
                return Some(name.clone());
            }
            let name = push(wanted.to_owned(), expr.clone());
            known.push((expr, name.clone()));
            Some(name)
        };
        let immature = flag("immature", completeness.is_immature(&inputs));
        let settled = flag("settled", completeness.is_settled(&inputs));
        let rows = flag(HAS_ROWS, answering.request.further.own_cells.then(|| has_rows(cells, metric)));
        let has_begun = flag("has begun", answering.begin.has_begun(metric));
        let [hidden, hidden_change] = hidden(draft.model, flat, metric);
        let (hidden, hidden_change) = (flag("is hidden", hidden), flag("change is hidden", hidden_change));
        let of_inputs = inputs.iter().filter_map(|input| steps_of(draft.model, input.kind));
        let steps = of_inputs.reduce(|(first, last), (other, end)| (first.max(other), last.min(end)));
        let minimum = of_model.minimum;
        let own = Measured { value, n, shares, change: changed, ..Measured::default() };
        let own = Measured { has_rows: rows, has_begun, ..own };
        measured.push(Measured { matured, immature, settled, hidden, hidden_change, minimum, steps, ..own });
    }
    let begin = answering.begin.steps(&flat.metrics).into_iter().map(cross);
    let joins = answering.as_of.join().into_iter().chain(begin).collect();
    let whole = Select { columns, from: from_step(&cells.step), joins, ..Select::default() };
    let step = match answering.request.has_estimates() {
        true => draft.push_once("measured", select(whole)),
        false => draft.push("measured", select(whole)),
    };
    (step, measured)
}

/// What a cell is of, and names for what else is known of it.
fn cell_columns(groups: &[GroupColumn<'_>]) -> (Names, Vec<Output>) {
    let mut names = Names::of_columns();
    names.reserve(PERIOD);
    groups.iter().for_each(|group| names.reserve(&group.name));
    let groups = groups.iter().map(|group| Expr::name(&group.name).named(group.name.clone()));
    (names, std::iter::once(Expr::name(PERIOD).named(PERIOD)).chain(groups).collect())
}

/// That the value of a metric is hidden, and that its change is.
fn hidden(model: &Model, flat: &Flat<'_>, metric: &FlatMetric) -> [Option<Expr>; 2] {
    if fewest(model, metric.id).is_none() {
        return [None, None];
    }
    let change = metric.change.as_ref().and_then(|change| flat.guards.hides(&change.formula));
    [flat.guards.hides(&metric.formula), change]
}

/// Adds the long form of several metrics: each with its own row for each cell.
fn push_long(
    draft: &mut Draft<'_>,
    answering: &Answering<'_, '_>,
    step: &str,
    measured: &[Measured],
) -> (String, Judged) {
    let metrics = push_metric_names(draft, answering);
    let position = Expr::column(&metrics, POSITION);
    let of_step = |name: &str| Expr::column(step, name);
    let chosen = |choose_from: &dyn Fn(&Measured) -> Option<Expr>| {
        let branches = measured.iter().zip(answering.positions).filter_map(|(measured, number)| {
            Some((Expr::binary(Binary::Equal, position.clone(), Expr::int(*number)), choose_from(measured)?))
        });
        let branches: Vec<(Expr, Expr)> = branches.collect();
        (!branches.is_empty()).then(|| uniform(branches, measured.len()))
    };
    let column = |name: &Option<String>| name.as_deref().map(of_step);
    let mut columns: Vec<Output> = vec![position.clone().named(POSITION), Expr::column(&metrics, METRIC).named(METRIC)];
    if one_version(draft.model, &answering.flat.metrics).is_none() {
        columns.push(Expr::column(&metrics, VERSION).named(VERSION));
    }
    columns.push(of_step(PERIOD).named(PERIOD));
    columns.extend(answering.groups.iter().map(|group| of_step(&group.name).named(group.name.clone())));
    let mut judged = Judged { value: Expr::name("value"), n: Expr::name("n"), ..Judged::default() };
    let mut push = |name: &str, expr: Option<Expr>| {
        let expr = expr?;
        columns.push(expr.named(name));
        Some(Expr::name(name))
    };
    push("value", chosen(&|measured| Some(of_step(&measured.value))));
    push("n", chosen(&|measured| Some(of_step(&measured.n))));
    judged.matured = push("matured", chosen(&|measured| column(&measured.matured)));
    judged.immature = push("immature", chosen(&|measured| column(&measured.immature)));
    judged.settled = push("settled", chosen(&|measured| column(&measured.settled)));
    judged.hidden = push("is hidden", chosen(&|measured| column(&measured.hidden)));
    judged.hidden_change = push("change is hidden", chosen(&|measured| column(&measured.hidden_change)));
    judged.has_rows = push(HAS_ROWS, chosen(&|measured| column(&measured.has_rows)));
    judged.has_begun = push("has begun", chosen(&|measured| column(&measured.has_begun)));
    judged.minimum = push("minimum", chosen(&|measured| measured.minimum.map(Expr::int)));
    for (place, name) in ESTIMATES.into_iter().enumerate() {
        judged.estimates[place] = push(name, chosen(&|measured| column(measured.estimates()[place])));
    }
    for (place, name) in CHANGED.into_iter().enumerate() {
        judged.changes[place] = push(name, chosen(&|measured| column(measured.changes()[place])));
    }
    for (place, name) in WEIGHTED.into_iter().enumerate() {
        judged.weighted[place] = push(name, chosen(&|measured| column(&measured.weighted[place])));
    }
    let has_steps = answering.groups.iter().any(GroupColumn::is_step);
    let filter = has_steps.then(|| chosen(&|measured| Some(has_step(measured, of_step(STEP))))).flatten();
    let from = from_step(step);
    let long = Select { columns, from, joins: vec![cross(&metrics)], filter, ..Select::default() };
    (draft.push("answers", select(long)), judged)
}

/// The one result where all positions have the same, else the choice.
fn uniform(branches: Vec<(Expr, Expr)>, all: usize) -> Expr {
    let same = branches.len() == all && branches.windows(2).all(|pair| pair[0].1 == pair[1].1);
    match branches.first() {
        Some((_, first)) if same => first.clone(),
        _ => Expr::Case { branches, otherwise: None },
    }
}

fn judged(measured: &Measured) -> Judged {
    let read = |name: &Option<String>| name.as_deref().map(Expr::name);
    Judged {
        value: Expr::name(&measured.value),
        n: Expr::name(&measured.n),
        matured: read(&measured.matured),
        immature: read(&measured.immature),
        settled: read(&measured.settled),
        has_rows: read(&measured.has_rows),
        has_begun: read(&measured.has_begun),
        hidden: read(&measured.hidden),
        hidden_change: read(&measured.hidden_change),
        minimum: measured.minimum.map(Expr::int),
        estimates: measured.estimates().map(read),
        changes: measured.changes().map(read),
        weighted: [0, 1, 2, 3].map(|place| read(&measured.weighted[place])),
    }
}

/// The cells that are the metric's: with or without a step.
fn filter_of(answering: &Answering<'_, '_>, measured: &Measured) -> Option<Expr> {
    let has_steps = answering.groups.iter().any(GroupColumn::is_step);
    has_steps.then(|| has_step(measured, Expr::name(STEP)))
}

/// That a step is one of the metric's; without steps, that there is none.
fn has_step(measured: &Measured, step: Expr) -> Expr {
    match measured.steps {
        None => Expr::IsNull { operand: Box::new(step), negated: false },
        Some((first, last)) => Expr::binary(
            Binary::And,
            Expr::binary(Binary::GreaterEqual, step.clone(), Expr::int(first)),
            Expr::binary(Binary::LessEqual, step, Expr::int(last)),
        ),
    }
}

fn completeness<'c>(model: &'c Model, answering: &'c Answering<'_, '_>) -> Completeness<'c, 'c> {
    Completeness { model, spine: answering.spine, populations: &answering.flat.populations, as_of: answering.as_of }
}

fn inputs<'c>(model: &Model, answering: &'c Answering<'_, '_>, metric: &FlatMetric) -> Vec<Input<'c>> {
    let scans = &answering.flat.leaves.scans;
    let read = |(scan, offset): &(usize, groma_model::time::Offset)| {
        let scan = &scans[*scan];
        let source = match &scan.kind {
            ScanKind::Customers(_, _, source) => *source,
            ScanKind::Funnel(_, _, metric) => model.metric(*metric).source.unwrap_or(scan.source),
            _ => scan.source,
        };
        Input { kind: &scan.kind, source, offset: *offset }
    };
    let mut inputs: Vec<Input<'c>> = Vec::new();
    for input in metric.inputs.iter().map(read) {
        // What is complete for a period is complete for the ones before it.
        let same = inputs.iter_mut().find(|known| known.kind == input.kind && known.source == input.source);
        match same {
            Some(known) if input.offset.is_shorter_than(known.offset) => known.offset = input.offset,
            Some(_) => {}
            None => inputs.push(input),
        }
    }
    inputs
}

fn push_metric_names(draft: &mut Draft<'_>, answering: &Answering<'_, '_>) -> String {
    let model = draft.model;
    let metrics = &answering.flat.metrics;
    let differ = one_version(model, metrics).is_none();
    let rows = metrics.iter().zip(answering.positions).map(|(metric, position)| {
        let metric = model.metric(metric.id);
        let mut row = vec![Literal::Int(*position), Literal::Text(metric.header.name.to_string())];
        row.extend(differ.then(|| Literal::Int(i64::from(metric.version))));
        row
    });
    let rows = rows.collect();
    let mut columns = vec![(POSITION.to_owned(), ValueType::Int), (METRIC.to_owned(), ValueType::Text)];
    columns.extend(differ.then(|| (VERSION.to_owned(), ValueType::Int)));
    draft.push("metrics", Relation::Values(Values { columns, rows }))
}

fn metric_name(model: &Model, id: MetricId) -> Expr {
    Expr::text(&model.metric(id).header.name)
}

/// The step of a metric in words: the number of a curve's, the name of a funnel's.
fn step_name(model: &Model, answering: &Answering<'_, '_>, id: MetricId) -> Expr {
    let number = Expr::name(STEP).cast(ValueType::Text);
    let stepped = answering.groups.iter().any(GroupColumn::is_step);
    named_step(model, id).filter(|_| stepped).unwrap_or(number)
}

/// The name of the step at hand, of a funnel or of a metric made of one.
fn named_step(model: &Model, id: MetricId) -> Option<Expr> {
    let steps = funnel_behind(model, id, &mut BTreeSet::new())?;
    let branches = model.metric(steps).steps.iter().zip(1_i64..).map(|(step, number)| {
        (Expr::binary(Binary::Equal, Expr::name(STEP), Expr::int(number)), Expr::text(&step.name))
    });
    Some(choose(branches.collect(), None))
}

/// The first funnel that a metric is, or is made of.
fn funnel_behind(model: &Model, id: MetricId, seen: &mut BTreeSet<MetricId>) -> Option<MetricId> {
    if !seen.insert(id) {
        return None;
    }
    let metric = model.metric(id);
    if !metric.steps.is_empty() {
        return Some(id);
    }
    let mut open = vec![&metric.measure];
    while let Some(measure) = open.pop() {
        if let groma_model::measure::MeasureKind::Metric(inner) = &measure.kind
            && let Some(found) = funnel_behind(model, *inner, seen)
        {
            return Some(found);
        }
        open.extend(measure.children());
    }
    None
}

fn choose(branches: Vec<(Expr, Expr)>, otherwise: Option<Expr>) -> Expr {
    match (branches.is_empty(), otherwise) {
        (true, otherwise) => otherwise.unwrap_or_else(|| null(ValueType::Text)),
        (false, otherwise) => Expr::Case { branches, otherwise: otherwise.map(Box::new) },
    }
}

/// The value of a measure as a double; truth is 1 or 0.
pub(crate) fn value_of(cells: &Cells, formula: &Formula) -> Expr {
    let value = value_of_formula(&mut OfCells(cells), formula);
    match value.ty {
        Some(ValueType::Bool) => {
            let negated = typed::not(value.clone()).expr;
            Expr::Case { branches: vec![(value.expr, real(1.0)), (negated, real(0.0))], otherwise: None }
        }
        Some(ValueType::Int | ValueType::Real | ValueType::Decimal { .. }) => value.real(),
        _ => null(ValueType::Real),
    }
}

/// The leaves of a cell.
pub(crate) struct OfCells<'c>(pub(crate) &'c Cells);

impl Operands for OfCells<'_> {
    fn leaf(&mut self, leaf: LeafId) -> Typed {
        let Some(CellColumn { name, ty, .. }) = self.0.columns.get(&leaf) else { return Typed::null() };
        of_column(Expr::name(name), *ty)
    }

    fn attribute(&mut self, _: ExprId, _: bool) -> Typed {
        Typed::null()
    }

    fn filled(&mut self, place: usize) -> Typed {
        Typed::new(Expr::name(&filled_name(place)), ValueType::Real)
    }
}

/// The number of observations behind a value: the smallest of its parts.
fn observations(cells: &Cells, metric: &FlatMetric) -> Expr {
    let counts = metric.observations.iter().filter_map(|leaf| cells.columns.get(leaf)).map(|column| {
        let count = Expr::name(&column.name);
        match column.may_be_unobserved {
            true => Expr::call(Function::Coalesce, vec![count, Expr::int(0)]),
            false => count,
        }
    });
    extreme_of(Function::Least, counts.collect()).unwrap_or_else(|| null(ValueType::Int))
}

/// The share of the cohorts behind a value that has completed its window: the smallest of them.
fn share_matured(cells: &Cells, metric: &FlatMetric) -> Option<Expr> {
    let shares = metric.matured.iter().filter_map(|leaf| cells.columns.get(leaf));
    extreme_of(Function::Least, shares.map(|column| Expr::name(&column.name)).collect())
}

fn null(ty: ValueType) -> Expr {
    Expr::Literal(Literal::Null(ty))
}

/// The columns of an answer, the groups between.
pub(crate) fn reserved() -> impl Iterator<Item = &'static str> {
    BEFORE_GROUPS.into_iter().chain(AFTER_GROUPS).chain(FURTHER).chain(CHANGED).chain(WEIGHTED)
}
