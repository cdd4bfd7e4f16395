//! Scans: the rows of one source by one clock, and one row for each period and group with a column for each leaf.

use crate::draft::{Draft, from_step, select};
use crate::leaf::{ExprId, Leaves, Measured, Scan, ScanColumn};
use crate::names::{Names, shorten, word};
use crate::relation::{
    Aggregate, AggregateFunction, Binary, Expr, Join, JoinKind, Literal, Output, Select, Table, ValueType,
};
use crate::rows::{Rows, group_value};
use crate::spine::{FIRST, LAST, PERIOD, PERIOD_END, Spine, clock_words, period_start, window_start_date};
use crate::typed::{self, Typed};
use crate::zone::Years;
use groma_model::time::{Clock, Offset};
use groma_model::types::Base;
use groma_model::{Grouping, SourceId};
use jiff::civil::Date;

/// The column of the rows that holds the local day, where windows are laid over it.
const DAY: &str = "day";
/// The most characters of a source's name in the names of its steps.
const LONGEST_SOURCE: usize = 24;

/// A column that answers are grouped by.
pub(crate) struct GroupColumn<'a> {
    pub(crate) grouping: &'a Grouping,
    /// The name of the column, in every step and in the answer.
    pub(crate) name: String,
    pub(crate) ty: ValueType,
}

/// A scan whose steps are in the statement.
pub(crate) struct PlannedScan {
    /// The step with a row for each period and group.
    pub(crate) step: String,
    /// The step that says from where to where the source has rows, where that must be known.
    pub(crate) range: Option<String>,
    /// The columns of the step, one for each of the scan's.
    pub(crate) columns: Vec<PlannedColumn>,
}

/// A column of an aggregated step.
#[derive(Debug, Clone)]
pub(crate) struct PlannedColumn {
    pub(crate) name: String,
    /// Of the value; truth values are held as 1 and 0.
    pub(crate) ty: ValueType,
    /// What it is where there is no row.
    pub(crate) empty: Option<Literal>,
}

/// What every scan of a statement shares.
pub(crate) struct Setting<'s, 'a> {
    pub(crate) leaves: &'s Leaves<'a>,
    pub(crate) spine: &'s Spine<'a>,
    pub(crate) groups: &'s [GroupColumn<'a>],
}

/// A scan whose rows are in the statement, but not yet by period.
pub(crate) struct OpenScan {
    rows: String,
    step: String,
    range: Option<String>,
    groups: Vec<Expr>,
    outputs: Vec<Output>,
    columns: Vec<PlannedColumn>,
    clock: Clock,
}

/// An aggregate of all rows.
pub(crate) fn aggregate(function: AggregateFunction, argument: Expr) -> Expr {
    Expr::Aggregate(Box::new(Aggregate { function, argument: Some(argument), filter: None, order_by: Vec::new() }))
}

/// Adds the rows of a scan, and where it has a range that must be known, that too.
pub(crate) fn open(draft: &mut Draft<'_>, setting: &Setting<'_, '_>, position: usize) -> OpenScan {
    let scan = &setting.leaves.scans[position];
    let (calendar, grain) = (setting.spine.calendar, setting.spine.grain);
    let named = step_names(draft, setting, scan);
    let windowed = scan.clock != Clock::Event;
    let mut rows = Rows::new(draft, scan.source, years(setting.spine, scan), windowed.then(|| named.rows.clone()));
    let day = rows.day(draft);
    let time = match windowed {
        true => rows.output(DAY, day),
        false => rows.output(PERIOD, period_start(calendar, grain, day)),
    };
    for group in setting.groups {
        let value = group_value(&mut rows, draft, group.grouping, group.ty);
        rows.output(&group.name, value);
    }
    let moved = moved_filter(setting.spine, scan);
    let mut filters = time_filter(draft, setting.spine, scan, &mut rows);
    for condition in &moved {
        filters.push(rows.inside(draft, setting.leaves.exprs[condition.0].expr).condition());
    }
    let (outputs, columns) = aggregates(draft, setting, scan, &moved, &mut rows);
    let groups = setting.groups.iter().map(|group| rows.read(&group.name)).collect();
    let time = rows.read(&time);
    draft.push_named(named.rows.clone(), rows.finish(Expr::all(filters)));
    let needs_range = scan.looks_back() || setting.spine.bounds.first.is_none() || setting.spine.bounds.last.is_none();
    let (rows, step, clock) = (named.rows, named.step, scan.clock.clone());
    let mut open = OpenScan { rows, step, range: None, groups, outputs, columns, clock };
    if !windowed {
        push_event(draft, setting, &mut open, time);
        open.range = needs_range.then(|| push_range(draft, &named.range, &open.step, PERIOD, |period| period));
    } else if needs_range {
        let start = |day| period_start(calendar, grain, day);
        open.range = Some(push_range(draft, &named.range, &open.rows, DAY, start));
    }
    open
}

/// The aggregates of a scan, over the columns of its rows.
fn aggregates(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    scan: &Scan,
    moved: &[ExprId],
    rows: &mut Rows<'_>,
) -> (Vec<Output>, Vec<PlannedColumn>) {
    let columns = Columns { leaves: setting.leaves, scan, moved, common: scan.common_filter() };
    let mut names = Names::of_columns();
    names.reserve(PERIOD);
    setting.groups.iter().for_each(|group| names.reserve(&group.name));
    let described = scan.columns.iter().map(|column| {
        let (expr, described) = columns.aggregate(draft, rows, &mut names, column);
        (expr.named(described.name.clone()), described)
    });
    described.unzip()
}

impl OpenScan {
    /// The step that says from where to where the source has rows.
    pub(crate) fn range(&self) -> Option<&str> {
        self.range.as_deref()
    }

    /// Adds the aggregated step of a scan with a window; that of events is there already.
    pub(crate) fn close(mut self, draft: &mut Draft<'_>, setting: &Setting<'_, '_>, windows: &str) -> PlannedScan {
        if self.clock != Clock::Event {
            push_windowed(draft, setting, &mut self, windows);
        }
        PlannedScan { step: self.step, range: self.range, columns: self.columns }
    }
}

/// The names of a scan's steps.
struct StepNames {
    rows: String,
    step: String,
    range: String,
}

fn step_names(draft: &mut Draft<'_>, setting: &Setting<'_, '_>, scan: &Scan) -> StepNames {
    let source = shorten(&word(&draft.model.source(scan.source).header.name), LONGEST_SOURCE);
    let several = setting.leaves.scans.iter().filter(|other| other.source == scan.source).count() > 1;
    let clocked = match clock_words(&scan.clock) {
        Some(words) => format!("{source}_{words}"),
        None => source.clone(),
    };
    let grain = setting.spine.grain.word();
    StepNames {
        rows: draft.names.take(&format!("{}_rows", if several { &clocked } else { &source })),
        step: draft.names.take(&format!("{clocked}_by_{grain}")),
        range: format!("{clocked}_range"),
    }
}

fn push_event(draft: &mut Draft<'_>, setting: &Setting<'_, '_>, open: &mut OpenScan, period: Expr) {
    let mut columns = vec![period.clone().named(PERIOD)];
    columns.extend(group_outputs(setting, &open.groups));
    columns.append(&mut open.outputs);
    let group_by = std::iter::once(period).chain(open.groups.iter().cloned()).collect();
    let from = from_step(&open.rows);
    draft.push_named(open.step.clone(), select(Select { columns, from, group_by, ..Select::default() }));
}

fn push_windowed(draft: &mut Draft<'_>, setting: &Setting<'_, '_>, open: &mut OpenScan, windows: &str) {
    let period = Expr::column(windows, PERIOD);
    let day = || Expr::column(&open.rows, DAY);
    let start = setting.spine.window_starts.get(&open.clock);
    let after = start.map(|start| Expr::binary(Binary::GreaterEqual, day(), Expr::column(windows, start)));
    let before = Expr::binary(Binary::Less, day(), Expr::column(windows, PERIOD_END));
    let join = Join {
        kind: JoinKind::Inner,
        table: Table::Step(open.rows.clone()),
        alias: open.rows.clone(),
        on: Expr::all(after.into_iter().chain([before])),
    };
    let mut columns = vec![period.clone().named(PERIOD)];
    columns.extend(group_outputs(setting, &open.groups));
    columns.append(&mut open.outputs);
    let group_by = std::iter::once(period).chain(open.groups.iter().cloned()).collect();
    let from = from_step(windows);
    let joins = vec![join];
    draft.push_named(open.step.clone(), select(Select { columns, from, joins, group_by, ..Select::default() }));
}

fn group_outputs(setting: &Setting<'_, '_>, groups: &[Expr]) -> Vec<Output> {
    groups.iter().zip(setting.groups).map(|(expr, group)| expr.clone().named(group.name.clone())).collect()
}

fn push_range(draft: &mut Draft<'_>, wanted: &str, step: &str, time: &str, period: impl Fn(Expr) -> Expr) -> String {
    let columns = vec![
        period(aggregate(AggregateFunction::Min, Expr::name(time))).named(FIRST),
        period(aggregate(AggregateFunction::Max, Expr::name(time))).named(LAST),
    ];
    draft.push(wanted, select(Select { columns, from: from_step(step), ..Select::default() }))
}

/// The conditions of every column, where they may choose rows before anything is counted: the range is known without
/// looking at the rows, and nothing is read from elsewhere.
fn moved_filter(spine: &Spine<'_>, scan: &Scan) -> Vec<ExprId> {
    let known = spine.bounds.first.is_some() && spine.bounds.last.is_some();
    if known && !scan.looks_back() { scan.common_filter() } else { Vec::new() }
}

/// The first local day a scan needs, and the first it needs no more. A scan that looks elsewhere needs all: from where to
/// where there are rows says which periods were observed.
fn needed_days(spine: &Spine<'_>, scan: &Scan) -> (Option<Date>, Option<Date>) {
    if scan.looks_back() {
        return (None, None);
    }
    let end_of = |start: Date| spine.calendar.next(spine.grain, start);
    let first = match &scan.clock {
        Clock::Event => spine.bounds.first,
        clock => spine.bounds.first.and_then(|first| {
            let window = window_start_date(spine.calendar, clock, end_of(first))?;
            // Where the last period is looked for in the rows, those before a window that is shorter than its period count.
            Some(if spine.bounds.last.is_some() { window } else { window.min(first) })
        }),
    };
    (first, spine.bounds.last.map(end_of))
}

/// The years whose transitions a scan's time can meet.
fn years(spine: &Spine<'_>, scan: &Scan) -> Years {
    match needed_days(spine, scan) {
        (Some(first), Some(end)) => Years::around(first, end),
        _ => Years::all(),
    }
}

/// Conditions on the stored time that keep the days a scan needs. They may keep a little more; the period of a row decides.
fn time_filter(draft: &mut Draft<'_>, spine: &Spine<'_>, scan: &Scan, rows: &mut Rows<'_>) -> Vec<Expr> {
    let Some((time, ty)) = rows.stored_time(draft) else { return Vec::new() };
    let (first, end) = needed_days(spine, scan);
    if first.is_none() && end.is_none() {
        return vec![Expr::IsNull { operand: Box::new(time), negated: true }];
    }
    let edge = |day: Date, margin: i32| match &ty.base {
        Base::Instant { zone } => {
            let day = if draft.zones.is_steady(day, zone) { day } else { Offset::days(margin).after(day) };
            Expr::Literal(Literal::Timestamp(draft.zones.stored_midnight(day, zone)))
        }
        _ => Expr::Literal(Literal::Date(day.to_string())),
    };
    let after = first.map(|first| Expr::binary(Binary::GreaterEqual, time.clone(), edge(first, -1)));
    let before = end.map(|end| Expr::binary(Binary::Less, time.clone(), edge(end, 1)));
    after.into_iter().chain(before).collect()
}

/// Makes the aggregates of a scan.
struct Columns<'s, 'a> {
    leaves: &'s Leaves<'a>,
    scan: &'s Scan,
    /// Conditions that the rows meet already.
    moved: &'s [ExprId],
    /// Conditions that every column has: no name says them.
    common: Vec<ExprId>,
}

impl Columns<'_, '_> {
    fn aggregate(
        &self,
        draft: &mut Draft<'_>,
        rows: &mut Rows<'_>,
        names: &mut Names,
        column: &ScanColumn,
    ) -> (Expr, PlannedColumn) {
        let filter: Vec<Expr> = column
            .filter
            .iter()
            .filter(|condition| !self.moved.contains(condition))
            .map(|condition| rows.outside(draft, self.leaves.exprs[condition.0].expr).condition())
            .collect();
        let argument = column.argument.map(|argument| {
            let expr = self.leaves.exprs[argument.0].expr;
            if is_count(column.function) { rows.counted(draft, expr) } else { rows.outside(draft, expr) }
        });
        let order_by = match column.function {
            Measured::First | Measured::Last => self.order(draft, rows),
            _ => Vec::new(),
        };
        let (function, argument, ty) = function_of(column.function, argument);
        let aggregated = Expr::Aggregate(Box::new(Aggregate {
            function,
            argument: argument.expr,
            filter: Expr::all(filter),
            order_by,
        }));
        let expr = if argument.to_real { aggregated.cast(ValueType::Real) } else { aggregated };
        let name = names.take(&self.describe(column));
        (expr, PlannedColumn { name, ty, empty: empty_value(column.function) })
    }

    /// The order of rows in time: the stored time, then the key.
    fn order(&self, draft: &mut Draft<'_>, rows: &mut Rows<'_>) -> Vec<Expr> {
        let source = draft.model.source(self.scan.source);
        source.time.iter().chain(&source.key).map(|column| rows.own_column(draft, *column)).collect()
    }

    fn describe(&self, column: &ScanColumn) -> String {
        let text = |id: &ExprId| self.leaves.exprs[id.0].text.as_str();
        let argument = column.argument.as_ref().map_or("rows", text);
        let is_own = |id: &&ExprId| self.common.binary_search(id).is_err();
        let own: Vec<&str> = column.filter.iter().filter(is_own).map(text).collect();
        let what = function_words(column.function);
        let whole = format!("{what} {argument}");
        if own.is_empty() { whole } else { format!("{whole} where {}", own.join(" and ")) }
    }
}

/// The argument of an aggregate, and whether its result is still to become a double.
struct Argument {
    expr: Option<Expr>,
    to_real: bool,
}

/// The aggregate of a measured value, its argument and the type of the value.
fn function_of(measured: Measured, argument: Option<Typed>) -> (AggregateFunction, Argument, ValueType) {
    let plain = |function, argument: Option<Typed>| {
        let expr = argument.map(|argument| {
            let ty = argument.type_or(ValueType::Int);
            argument.to(ty)
        });
        (function, Argument { expr, to_real: false }, ValueType::Int)
    };
    let of_real = |function, argument: Option<Typed>| {
        let expr = argument.map(Typed::real);
        (function, Argument { expr, to_real: false }, ValueType::Real)
    };
    match measured {
        Measured::Count => plain(AggregateFunction::Count, argument),
        Measured::CountDistinct => plain(AggregateFunction::CountDistinct, argument),
        Measured::ApproximateCountDistinct => plain(AggregateFunction::ApproximateCountDistinct, argument),
        Measured::Percentile(share) => of_real(AggregateFunction::Percentile(f64::from_bits(share)), argument),
        Measured::ApproximatePercentile(share) => {
            of_real(AggregateFunction::ApproximatePercentile(f64::from_bits(share)), argument)
        }
        Measured::StandardDeviation => of_real(AggregateFunction::StandardDeviation, argument),
        Measured::Any | Measured::Max => same_type(AggregateFunction::Max, argument),
        Measured::All | Measured::Min => same_type(AggregateFunction::Min, argument),
        Measured::Sum => same_type(AggregateFunction::Sum, argument),
        Measured::First => same_type(AggregateFunction::First, argument),
        Measured::Last => same_type(AggregateFunction::Last, argument),
    }
}

/// An aggregate whose value is like its argument: numbers exactly, then as doubles; truth values as 1 and 0.
fn same_type(function: AggregateFunction, argument: Option<Typed>) -> (AggregateFunction, Argument, ValueType) {
    let argument = argument.unwrap_or_else(Typed::null);
    let ty = argument.type_or(ValueType::Real);
    let (expr, to_real, ty) = match ty {
        ValueType::Bool => (flag(argument.condition()), false, ValueType::Bool),
        ValueType::Int | ValueType::Decimal { .. } => (argument.to(ty), true, ValueType::Real),
        other => (argument.to(other), false, other),
    };
    (function, Argument { expr: Some(expr), to_real }, ty)
}

/// 1 where it is true, 0 where it is false, null where it is null.
fn flag(condition: Expr) -> Expr {
    let negated = typed::not(Typed::new(condition.clone(), ValueType::Bool)).expr;
    Expr::Case { branches: vec![(condition, Expr::int(1)), (negated, Expr::int(0))], otherwise: None }
}

fn is_count(measured: Measured) -> bool {
    matches!(measured, Measured::Count | Measured::CountDistinct | Measured::ApproximateCountDistinct)
}

fn empty_value(measured: Measured) -> Option<Literal> {
    match measured {
        Measured::Count | Measured::CountDistinct | Measured::ApproximateCountDistinct | Measured::Any => {
            Some(Literal::Int(0))
        }
        Measured::All => Some(Literal::Int(1)),
        Measured::Sum => Some(Literal::Real(0.0)),
        _ => None,
    }
}

fn function_words(measured: Measured) -> String {
    let words = match measured {
        Measured::Count => "count of",
        Measured::CountDistinct => "count of distinct",
        Measured::Sum => "sum of",
        Measured::Min => "minimum of",
        Measured::Max => "maximum of",
        Measured::StandardDeviation => "standard deviation of",
        Measured::Any => "any",
        Measured::All => "all",
        Measured::First => "first",
        Measured::Last => "last",
        Measured::ApproximateCountDistinct => "approximate count of distinct",
        Measured::Percentile(share) => return format!("percentile {} of", percent(share)),
        Measured::ApproximatePercentile(share) => return format!("approximate percentile {} of", percent(share)),
    };
    words.to_owned()
}

fn percent(share: u64) -> f64 {
    (f64::from_bits(share) * 1e6).round() / 1e4
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
        Self { source: scan.source, clock: scan.clock.clone(), leaves: scan.columns.len() }
    }
}
