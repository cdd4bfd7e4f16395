//! The as-of time: from when on nothing is known. Given, or found as the newest common watermark of the sources.

use crate::aggregate::aggregate;
use crate::draft::{Draft, cross, from_step, select};
use crate::names::word;
use crate::relation::{AggregateFunction, Binary, Expr, Function, Join, Literal, Relation, Select, ValueType, Values};
use crate::rows::Rows;
use crate::typed::Typed;
use crate::zone::{self, Years};
use groma_model::SourceId;
use groma_model::types::Base;
use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Time};
use std::collections::BTreeSet;

/// The column, in the step that holds it and in answers.
pub(crate) const AS_OF: &str = "as_of";
/// The column of a range that holds the watermark of its source.
pub(crate) const WATERMARK: &str = "watermark";

/// The local time from which on nothing is known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum AsOf {
    At(DateTime),
    /// In the only row of this step; null where no source has a row.
    Step(String),
}

impl AsOf {
    /// The time.
    pub(crate) fn expr(&self) -> Expr {
        match self {
            AsOf::At(at) => Expr::Literal(Literal::Timestamp(zone::text(*at))),
            AsOf::Step(step) => Expr::column(step, AS_OF),
        }
    }

    /// The step that holds it, where there is one.
    pub(crate) fn join(&self) -> Option<Join> {
        match self {
            AsOf::At(_) => None,
            AsOf::Step(step) => Some(cross(step)),
        }
    }
}

/// The last day of which something is known.
pub(crate) fn last_day(as_of: DateTime) -> Date {
    as_of.saturating_sub(1.microsecond()).date()
}

/// That a row of a source happened before it.
pub(crate) fn before(draft: &mut Draft<'_>, rows: &mut Rows<'_>, as_of: &AsOf) -> Option<Expr> {
    let at = match as_of {
        AsOf::Step(_) => {
            let moment = rows.moment(draft)?.to(ValueType::Timestamp);
            return Some(Expr::binary(Binary::Less, moment, as_of.expr()));
        }
        AsOf::At(at) => *at,
    };
    let (time, ty) = rows.stored_time(draft)?;
    let edge = match &ty.base {
        Base::Instant { zone } => Literal::Timestamp(draft.zones.stored(at, zone)),
        // A date is known as a whole, or not at all.
        _ => {
            let whole = at.time() == Time::midnight();
            let first_unknown = if whole { at.date() } else { at.date().saturating_add(1.day()) };
            Literal::Date(first_unknown.to_string())
        }
    };
    Some(Expr::binary(Binary::Less, time, Expr::Literal(edge)))
}

/// The watermark of a source from its newest time: a second later, or for dates the next midnight.
pub(crate) fn watermark(newest: Expr, ty: ValueType) -> Expr {
    match ty {
        ValueType::Timestamp => Expr::call(Function::AddSeconds, vec![newest, Expr::int(1)]),
        _ => Expr::call(Function::AddDays, vec![newest, Expr::int(1)]).cast(ValueType::Timestamp),
    }
}

/// Adds the step that finds it in the sources, each read for its newest time only.
pub(crate) fn push_found(draft: &mut Draft<'_>, sources: &BTreeSet<SourceId>) -> AsOf {
    let parts: Vec<Select> = sources.iter().filter_map(|source| push_source(draft, *source)).collect();
    if parts.is_empty() {
        let columns = vec![(AS_OF.to_owned(), ValueType::Timestamp)];
        let rows = vec![vec![Literal::Null(ValueType::Timestamp)]];
        return AsOf::Step(draft.push(AS_OF, Relation::Values(Values { columns, rows })));
    }
    let watermarks = draft.push("watermarks", Relation::UnionAll(parts));
    push_least(draft, &watermarks)
}

/// Adds the step that takes the least watermark of a step.
pub(crate) fn push_least(draft: &mut Draft<'_>, watermarks: &str) -> AsOf {
    let columns = vec![aggregate(AggregateFunction::Min, Expr::name(WATERMARK)).named(AS_OF)];
    let step = select(Select { columns, from: from_step(watermarks), ..Select::default() });
    AsOf::Step(draft.push(AS_OF, step))
}

fn push_source(draft: &mut Draft<'_>, source: SourceId) -> Option<Select> {
    const MOMENT: &str = "moment";
    let name = word(&draft.model.source(source).header.name);
    let mut rows = Rows::new(draft, source, Years::all(), None);
    let Typed { expr, ty } = rows.moment(draft)?;
    rows.output(MOMENT, expr);
    let times = draft.push(&format!("{name}_times"), rows.finish(None));
    let newest = aggregate(AggregateFunction::Max, Expr::name(MOMENT));
    let columns = vec![watermark(newest, ty.unwrap_or(ValueType::Date)).named(WATERMARK)];
    Some(Select { columns, from: from_step(&times), ..Select::default() })
}
