//! Ranges: which days a scan needs, which of its rows lie in them, and from where to where there are any.

use crate::aggregate::aggregate;
use crate::as_of::{self, AsOf, WATERMARK, watermark};
use crate::draft::{Draft, from_step, select};
use crate::leaf::{ExprId, Scan};
use crate::relation::{AggregateFunction, Binary, Expr, Literal, Output, Select, ValueType};
use crate::rows::Rows;
use crate::scan::{DAY, Setting, StepNames};
use crate::spine::{FIRST, LAST, PERIOD, Spine, period_start, window_start_date};
use crate::zone::Years;
use groma_model::time::{Clock, Offset};
use groma_model::types::Base;
use jiff::civil::Date;

/// The column of the rows that holds the local time, where the newest is looked for.
pub(crate) const MOMENT: &str = "moment";
/// The range of anchors beside that of rows, as one.
pub(crate) fn with_members(draft: &mut Draft<'_>, wanted: &str, rows: Option<&str>, members: &str) -> String {
    let cohorts = push_range(draft, &format!("{members}_range"), members, Some(&Expr::name(PERIOD)), None, |day| day);
    match rows {
        None => cohorts,
        Some(rows) => crate::spine::merge_ranges(draft, &format!("{wanted}_of_all"), &[cohorts, rows.to_owned()]),
    }
}

/// The local time of rows, where the newest is looked for among them.
pub(crate) fn push_moment(draft: &mut Draft<'_>, setting: &Setting<'_, '_>, rows: &mut Rows<'_>) -> Option<ValueType> {
    if setting.as_of.is_some() {
        return None;
    }
    let moment = rows.moment(draft)?;
    rows.output(MOMENT, moment.expr);
    moment.ty
}

pub(crate) fn needs_range(setting: &Setting<'_, '_>, scan: &Scan) -> bool {
    let bounds = &setting.spine.bounds;
    scan.looks_back() || bounds.first.is_none() || bounds.last.is_none() || setting.as_of.is_none()
}

/// The range of rows that hold their day; of a cohort's rows only the last counts.
pub(crate) fn range_of_days(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    scan: &Scan,
    named: &StepNames,
    newest: Option<ValueType>,
    from_first: bool,
) -> Option<String> {
    if !needs_range(setting, scan) {
        return None;
    }
    let (calendar, grain) = (setting.spine.calendar, setting.spine.grain);
    let newest = newest.map(|ty| (MOMENT, ty));
    let (rows, start) = (named.rows.clone(), |day| period_start(calendar, grain, day));
    let name = named.range.as_str();
    match from_first {
        true => Some(push_range(draft, name, &rows, Some(&Expr::name(DAY)), newest, start)),
        false if newest.is_some() || !setting.spine.bounds.last_is_known() => {
            Some(push_last(draft, name, &rows, newest, start))
        }
        false => None,
    }
}

/// Adds a step with the first and the last period, and the watermark where it is looked for.
pub(crate) fn push_range(
    draft: &mut Draft<'_>,
    wanted: &str,
    step: &str,
    time: Option<&Expr>,
    newest: Option<(&str, ValueType)>,
    period: impl Fn(Expr) -> Expr,
) -> String {
    let edge = |function| match time {
        Some(time) => period(aggregate(function, time.clone())),
        None => Expr::Literal(Literal::Null(ValueType::Date)),
    };
    let columns = vec![
        edge(AggregateFunction::Min).named(FIRST),
        edge(AggregateFunction::Max).named(LAST),
        newest_output(newest),
    ];
    draft.push(wanted, select(Select { columns, from: from_step(step), ..Select::default() }))
}

fn push_last(
    draft: &mut Draft<'_>,
    wanted: &str,
    step: &str,
    newest: Option<(&str, ValueType)>,
    period: impl Fn(Expr) -> Expr,
) -> String {
    let last = period(aggregate(AggregateFunction::Max, Expr::name(DAY)));
    let columns =
        vec![Expr::Literal(Literal::Null(ValueType::Date)).named(FIRST), last.named(LAST), newest_output(newest)];
    draft.push(wanted, select(Select { columns, from: from_step(step), ..Select::default() }))
}

fn newest_output(newest: Option<(&str, ValueType)>) -> Output {
    let expr = match newest {
        Some((name, ty)) => watermark(aggregate(AggregateFunction::Max, Expr::name(name)), ty),
        None => Expr::Literal(Literal::Null(ValueType::Timestamp)),
    };
    expr.named(WATERMARK)
}

/// The conditions of every column, where they may choose rows before anything is counted: the range is known without
/// looking at the rows, and nothing is read from elsewhere.
pub(crate) fn moved_filter(setting: &Setting<'_, '_>, scan: &Scan) -> Vec<ExprId> {
    let bounds = &setting.spine.bounds;
    let known = bounds.first.is_some() && bounds.last.is_some() && setting.as_of.is_some();
    // Cohorts begin with their anchors, whatever rows there are.
    let anchored = scan.kind.clock().is_anchored() && setting.as_of.is_some() && bounds.last.is_some();
    if (known && !scan.looks_back()) || anchored { scan.common_filter() } else { Vec::new() }
}

/// The first local day a scan needs, and the first it needs no more. A scan that looks elsewhere needs all: from where to
/// where there are rows says which periods were observed.
fn needed_days(spine: &Spine<'_>, scan: &Scan) -> (Option<Date>, Option<Date>) {
    if scan.looks_back() {
        return (None, None);
    }
    let end_of = |start: Date| spine.calendar.next(spine.grain, start);
    let last_end = spine.bounds.last.map(end_of);
    match scan.kind.clock() {
        Clock::Event | Clock::Snapshot(_) => (spine.bounds.first, last_end),
        Clock::After { from, to } => {
            (spine.bounds.first.map(|first| from.after(first)), last_end.map(|end| to.after(end)))
        }
        Clock::Curve { every, times } => {
            let length = every.times(i32::try_from(*times).unwrap_or(i32::MAX));
            (spine.bounds.first, last_end.map(|end| length.after(end)))
        }
        clock @ (Clock::Trailing(_) | Clock::ToDate(_)) => {
            let first = spine.bounds.first.and_then(|first| {
                let window = window_start_date(spine.calendar, clock, end_of(first))?;
                // Where the last period is looked for in the rows, those before a window that is shorter than its period count.
                Some(if spine.bounds.last.is_some() { window } else { window.min(first) })
            });
            (first, last_end)
        }
    }
}

/// The years whose transitions a scan's time can meet.
pub(crate) fn years(spine: &Spine<'_>, scan: &Scan) -> Years {
    match needed_days(spine, scan) {
        (Some(first), Some(end)) => Years::around(first, end),
        _ => Years::all(),
    }
}

/// Conditions on the stored time that keep the days a scan needs. They may keep a little more; the period of a row decides.
pub(crate) fn time_filter(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    scan: &Scan,
    rows: &mut Rows<'_>,
) -> Vec<Expr> {
    let Some((time, ty)) = rows.stored_time(draft) else { return Vec::new() };
    let (first, mut end) = needed_days(setting.spine, scan);
    let mut conditions = Vec::new();
    match setting.as_of {
        Some(AsOf::At(at)) if end.is_some_and(|end| end <= as_of::last_day(*at)) => {}
        Some(as_of) => {
            if matches!(as_of, AsOf::At(_)) {
                end = None;
            }
            conditions.extend(as_of::before(draft, rows, as_of));
            as_of.join().into_iter().for_each(|join| rows.join(join));
        }
        None => {}
    }
    if first.is_none() && end.is_none() && conditions.is_empty() {
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
    after.into_iter().chain(before).chain(conditions).collect()
}
