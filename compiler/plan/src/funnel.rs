//! Funnels: for each customer and period, when each step was reached, one after the other.

use crate::aggregate::{ValueColumns, aggregate};
use crate::as_of;
use crate::cell::PlannedScan;
use crate::customers::{finish, push_groups, push_matured, push_steps};
use crate::draft::{Draft, cross, from_step, select};
use crate::grouping::STEP;
use crate::leaf::Scan;
use crate::members::{ANCHOR, ANCHORED_AT, KEY, condition, customer_word};
use crate::population::PopulationId;
use crate::range::{push_moment, range_of_days, with_members};
use crate::relation::{AggregateFunction, Binary, Expr, Join, JoinKind, Literal, Output, Select, Table};
use crate::rows::Rows;
use crate::scan::{Closing, DAY, OpenScan, Setting, TIME, inner_join, step_names};
use crate::spine::{PERIOD, period_start};
use crate::window::{after, window_columns, within_window};
use crate::zone::Years;
use groma_model::time::{Clock, Offset};
use groma_model::{FunnelStep, Metric, MetricId};

/// The rows of a funnel, each with the steps it may be.
pub(crate) struct OpenFunnel {
    rows: String,
    wanted: String,
    clock: Clock,
    id: PopulationId,
    metric: MetricId,
}

/// How long after the period each step may still be reached, from the first: windows add up.
pub(crate) fn lengths(steps: &[FunnelStep]) -> Vec<Offset> {
    let mut sum = Offset::default();
    let added = steps.iter().map(|step| {
        sum = sum.plus(step.within.unwrap_or_default());
        sum
    });
    added.collect()
}

impl OpenFunnel {
    /// Adds the rows of a funnel.
    pub(crate) fn open(
        draft: &mut Draft<'_>,
        setting: &Setting<'_, '_>,
        scan: &Scan,
        (metric, id, members): (MetricId, PopulationId, Option<&str>),
    ) -> OpenScan {
        let named = step_names(draft, setting, scan);
        let of_metric = draft.model.metric(metric);
        let source = of_metric.source.unwrap_or(scan.source);
        let clock = scan.kind.clock().clone();
        let mut rows = Rows::new(draft, source, Years::all(), None);
        let key = rows.column(draft, &setting.populations.get(id).key);
        rows.output(KEY, key);
        let day = rows.day(draft);
        rows.output(DAY, day);
        if let Some((time, _)) = rows.stored_time(draft) {
            rows.output(TIME, time);
        }
        push_conditions(draft, &mut rows, of_metric);
        let newest = push_moment(draft, setting, &mut rows);
        let mut filters = Vec::new();
        if let Some(as_of) = setting.as_of {
            filters.extend(as_of::before(draft, &mut rows, as_of));
            as_of.join().into_iter().for_each(|join| rows.join(join));
        }
        draft.push_named(named.rows.clone(), rows.finish(Expr::all(filters)));
        let mut range = range_of_days(draft, setting, scan, &named, newest, !clock.is_anchored());
        if let Some(members) = members.filter(|_| crate::range::needs_range(setting, scan)) {
            range = Some(with_members(draft, &named.range, range.as_deref(), members));
        }
        OpenScan::funnel(Self { rows: named.rows, wanted: named.step, clock, id, metric }, range)
    }
}

/// Adds a column for each step: whether the row may be it.
fn push_conditions(draft: &mut Draft<'_>, rows: &mut Rows<'_>, metric: &Metric) {
    for (step, number) in metric.steps.iter().zip(1_usize..) {
        let own = rows.inside(draft, &step.condition).condition();
        let filter = metric.filter.as_ref().map(|filter| rows.inside(draft, filter).condition());
        if let Some(whole) = Expr::all(std::iter::once(own).chain(filter)) {
            rows.output(&flag(number), whole);
        }
    }
}

/// Adds the customers with the steps they reached, and the cells made of them.
pub(crate) fn push_funnel(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    scan: &Scan,
    open: &OpenFunnel,
    closing: &mut Closing<'_>,
) -> PlannedScan {
    let metric = draft.model.metric(open.metric);
    let population = setting.populations.get(open.id);
    let members = closing.members.get(open.id).map(str::to_owned);
    let mut reached = push_first(draft, setting, open, members.as_deref());
    for (step, number) in metric.steps.iter().zip(1_usize..).skip(1) {
        reached = push_next(draft, open, &reached, (number, step), members.is_some());
    }
    let base = members.clone().unwrap_or_else(|| reached.clone());
    let mut rows = Rows::of_customers(draft, population.customer, &base, Expr::column(&base, KEY));
    rows.output(PERIOD, Expr::column(&base, PERIOD));
    rows.output(KEY, Expr::column(&base, KEY));
    if members.is_some() {
        let on = Some(Expr::binary(Binary::Equal, Expr::column(&reached, KEY), Expr::column(&base, KEY)));
        rows.join(Join { kind: JoinKind::Left, table: Table::Step(reached.clone()), alias: reached.clone(), on });
    }
    let count = i64::try_from(metric.steps.len()).unwrap_or(i64::MAX);
    let steps = push_steps(draft, 1, count);
    rows.join(cross(&steps));
    closing.as_of.join().into_iter().for_each(|join| rows.join(join));
    let step = Expr::column(&steps, STEP);
    let mut filters = Vec::new();
    let start = match &members {
        Some(members) => {
            let at = Expr::column(members, ANCHORED_AT);
            filters.push(Expr::binary(Binary::Less, at, closing.as_of.expr()));
            Expr::column(members, ANCHOR)
        }
        None => {
            let known = rows.known_key(draft, draft.model.customer(population.customer).key);
            filters.push(Expr::IsNull { operand: Box::new(known), negated: true });
            filters.extend(condition(draft, &mut rows, population));
            Expr::column(&reached, &day(1))
        }
    };
    push_matured(&mut rows, closes(open, metric, &step, start), closing.as_of);
    let values = push_reached(&mut rows, &reached, metric, &step, members.is_some());
    let groups = push_groups(draft, setting, scan, &mut rows, Some(&step));
    let name = format!("{}_steps", customer_word(draft, population));
    finish(draft, setting, scan, rows, (name, groups, vec![values], filters))
}

/// The day on which nobody who started then can reach the step any more.
fn closes(open: &OpenFunnel, metric: &Metric, step: &Expr, start: Expr) -> Expr {
    if let Clock::After { to, .. } = open.clock {
        return after(start, to);
    }
    let branches = lengths(&metric.steps).into_iter().zip(1_i64..).map(|(length, number)| {
        (Expr::binary(Binary::Equal, step.clone(), Expr::int(number)), after(start.clone(), length))
    });
    Expr::Case { branches: branches.collect(), otherwise: None }
}

/// Adds whether a customer reached each step, and the step before it.
fn push_reached(rows: &mut Rows<'_>, reached: &str, metric: &Metric, step: &Expr, all_enter: bool) -> ValueColumns {
    const REACHED: &str = "reached";
    const ENTERED: &str = "entered";
    let is = |number: i64| Expr::binary(Binary::Equal, step.clone(), Expr::int(number));
    let took = |number: usize| Expr::IsNull { operand: Box::new(Expr::column(reached, &time(number))), negated: true };
    let branches = (1..=metric.steps.len()).zip(1_i64..).map(|(number, of)| (is(of), took(number)));
    let of_step = Expr::Case { branches: branches.collect(), otherwise: Some(Box::new(false_value())) };
    rows.output(REACHED, of_step);
    let first = if all_enter { Expr::Literal(Literal::Bool(true)) } else { took(1) };
    let branches = (1..metric.steps.len()).zip(2_i64..).map(|(number, of)| (is(of), took(number)));
    let before = Expr::Case {
        branches: std::iter::once((is(1), first)).chain(branches).collect(),
        otherwise: Some(Box::new(false_value())),
    };
    rows.output(ENTERED, before);
    ValueColumns { reached: Some(REACHED.to_owned()), entered: Some(ENTERED.to_owned()), ..ValueColumns::default() }
}

fn false_value() -> Expr {
    Expr::Literal(Literal::Bool(false))
}

/// Adds the customers that took the first step, each with its time.
fn push_first(draft: &mut Draft<'_>, setting: &Setting<'_, '_>, open: &OpenFunnel, members: Option<&str>) -> String {
    let rows = open.rows.as_str();
    let of_rows = |name: &str| Expr::column(rows, name);
    let taken = of_rows(&flag(1));
    let (period, joins, filter, mut carried) = match members {
        Some(members) => {
            let same = Expr::binary(Binary::Equal, of_rows(KEY), Expr::column(members, KEY));
            let on = Expr::all(std::iter::once(same).chain(within_window(&open.clock, &of_rows(DAY), members)));
            let carried = window_columns(&open.clock, members);
            (Expr::column(members, PERIOD), vec![inner_join(members, on)], Some(taken), carried)
        }
        None => {
            let known = Expr::IsNull { operand: Box::new(of_rows(KEY)), negated: true };
            let period = period_start(setting.spine.calendar, setting.spine.grain, of_rows(DAY));
            (period, Vec::new(), Expr::all([taken, known]), Vec::new())
        }
    };
    let mut columns = vec![period.named(PERIOD), of_rows(KEY).named(KEY)];
    columns.append(&mut carried);
    let group_by = columns.iter().map(|output| output.expr.clone()).collect();
    columns.extend(earliest(rows, 1));
    let name = format!("{}_step_1", open.wanted);
    let from = from_step(rows);
    draft.push(&name, select(Select { columns, from, joins, filter, group_by, ..Select::default() }))
}

/// Adds when the customers of a step reached the next.
fn push_next(
    draft: &mut Draft<'_>,
    open: &OpenFunnel,
    before: &str,
    (number, step): (usize, &FunnelStep),
    anchored: bool,
) -> String {
    let rows = open.rows.as_str();
    let of_rows = |name: &str| Expr::column(rows, name);
    let of_before = |name: &str| Expr::column(before, name);
    let mut conditions = vec![
        Expr::binary(Binary::Equal, of_rows(KEY), of_before(KEY)),
        of_rows(&flag(number)),
        Expr::binary(Binary::GreaterEqual, of_rows(TIME), of_before(&time(number - 1))),
    ];
    if let Some(within) = step.within {
        let end = after(of_before(&day(number - 1)), within);
        conditions.push(Expr::binary(Binary::Less, of_rows(DAY), end));
    }
    if anchored {
        conditions.extend(within_window(&open.clock, &of_rows(DAY), before));
    }
    let on = Expr::all(conditions);
    let join = Join { kind: JoinKind::Left, table: Table::Step(rows.to_owned()), alias: rows.to_owned(), on };
    let carried = draft.columns_of(before);
    let mut columns: Vec<Output> = carried.into_iter().map(|name| of_before(&name).named(name)).collect();
    let group_by = columns.iter().map(|output| output.expr.clone()).collect();
    columns.extend(earliest(rows, number));
    let name = format!("{}_step_{number}", open.wanted);
    let from = from_step(before);
    draft.push(&name, select(Select { columns, from, joins: vec![join], group_by, ..Select::default() }))
}

fn earliest(rows: &str, number: usize) -> [Output; 2] {
    let first = |name: &str| aggregate(AggregateFunction::Min, Expr::column(rows, name));
    [first(TIME).named(time(number)), first(DAY).named(day(number))]
}

fn flag(number: usize) -> String {
    format!("is step {number}")
}

fn time(number: usize) -> String {
    format!("time {number}")
}

fn day(number: usize) -> String {
    format!("day {number}")
}
