//! Intervals: by which method the interval of a measure is found, read off its form.

use crate::flatten::{self, Flat};
use crate::formula::{Formula, FormulaKind, Node};
use crate::leaf::{ExprId, LeafId, Leaves, Measured, ScanColumn, ScanKind};
use crate::lower::null_source;
use crate::request::Request;
use groma_model::row::{Binary, Literal, RowExpr, RowFunction, RowKind};
use groma_model::time::{Clock, Grain, Snapshot};
use groma_model::{Code, Diagnostic, MetricId, Model};
use std::collections::BTreeSet;

/// An interval is asked of a measure that has none.
pub static NO_INTERVAL: Code =
    Code::error("uncertainty/no-interval", "An interval is asked of a number that has none.");

/// How the interval of a metric is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntervalMethod {
    /// A share of rows or customers (Wilson 1927).
    Wilson,
    /// The difference of two shares that exclude each other, as in a net promoter score (adjusted Wald: add 3 to n, ¾ to each).
    AdjustedWald,
    /// A mean, with Student's t.
    StudentT,
    /// A median or percentile, between two of the ordered values.
    OrderStatistics,
    /// A smooth function of sums and counts, by linearisation, with Student's t.
    Linearised,
    /// There is none, for that reason.
    None(NoInterval),
}

/// Why a measure has no interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoInterval {
    /// It rests on a single row: minimum, maximum, first, last, any, all.
    SingleRow,
    /// It counts distinct values, or is an estimate, or a standard deviation.
    Opaque,
    /// It combines rows of several sources, clocks or populations.
    SeveralSources,
    /// It is no smooth function of sums and counts.
    NotSmooth,
    /// It is the same whatever the rows are.
    Constant,
    /// It is a mean over the times of a period.
    OverTimes,
}

impl NoInterval {
    /// The reason in words, behind "because".
    pub fn words(self) -> &'static str {
        match self {
            NoInterval::SingleRow => "it rests on single rows (a minimum, a maximum, a first or last value)",
            NoInterval::Opaque => "it counts distinct values, or is an estimate or a standard deviation",
            NoInterval::SeveralSources => "it combines several sources, clocks or populations",
            NoInterval::NotSmooth => "it is no smooth function of sums and counts",
            NoInterval::Constant => "it counts nothing",
            NoInterval::OverTimes => "it is a mean over the times of a period",
        }
    }
}

/// The method with what it needs.
#[derive(Debug, Clone)]
pub(crate) enum Method<'f> {
    Share { factor: f64 },
    Net { factor: f64, left: &'f Formula, right: &'f Formula },
    Mean,
    Order { factor: f64, leaf: LeafId, share: f64 },
    Linearised,
    None(NoInterval),
}

/// By which method the interval of a metric is found.
pub fn interval_method(model: &Model, metric: MetricId) -> IntervalMethod {
    let table = |_| Vec::new();
    let request = Request::of_one(metric, Grain::Day, &table);
    let Ok(flat) = flatten::flatten(model, &request) else { return IntervalMethod::None(NoInterval::NotSmooth) };
    match flat.metrics.first().map(|metric| method(&flat.leaves, &metric.formula)) {
        Some(Method::Share { .. }) => IntervalMethod::Wilson,
        Some(Method::Net { .. }) => IntervalMethod::AdjustedWald,
        Some(Method::Mean) => IntervalMethod::StudentT,
        Some(Method::Order { .. }) => IntervalMethod::OrderStatistics,
        Some(Method::Linearised) => IntervalMethod::Linearised,
        Some(Method::None(reason)) => IntervalMethod::None(reason),
        None => IntervalMethod::None(NoInterval::Constant),
    }
}

/// What is wrong where intervals are asked of measures without.
pub(crate) fn refused(model: &Model, flat: &Flat<'_>) -> Vec<Diagnostic> {
    let without = flat.metrics.iter().filter_map(|metric| match method(&flat.leaves, &metric.formula) {
        Method::None(reason) => Some((metric.id, reason)),
        _ => None,
    });
    let finding = |(id, reason): (MetricId, NoInterval)| {
        let metric = model.metric(id);
        let name = &metric.header.name;
        NO_INTERVAL
            .finding(format!("`{name}` has no interval: {}", reason.words()))
            .at(metric.measure.span, "no interval says how sure this is")
            .help(format!(
                "ask for `{name}` without intervals, or measure a mean, a share, a median or a ratio of sums beside it"
            ))
    };
    without.map(finding).collect()
}

/// The method of a formula.
pub(crate) fn method<'f>(leaves: &Leaves<'_>, formula: &'f Formula) -> Method<'f> {
    let (factor, inner) = scaled(formula);
    if let Some(reason) = unfit(leaves, formula) {
        return match (&inner.kind, reason) {
            (FormulaKind::Leaf(leaf), NoInterval::Opaque) => match column(leaves, *leaf).function {
                Measured::Percentile(share) => Method::Order { factor, leaf: *leaf, share: f64::from_bits(share) },
                _ => Method::None(reason),
            },
            _ => Method::None(reason),
        };
    }
    if let FormulaKind::Node(Node::Binary(Binary::Subtract), parts) = &inner.kind
        && let (Some(left), Some(right)) = (share(leaves, &parts[0]), share(leaves, &parts[1]))
        && left.1 == right.1
        && exclude(leaves, left.0, right.0)
    {
        return Method::Net { factor, left: &parts[0], right: &parts[1] };
    }
    if share(leaves, inner).is_some() {
        return Method::Share { factor };
    }
    if let FormulaKind::Node(Node::Binary(Binary::Divide), parts) = &inner.kind
        && let (FormulaKind::Leaf(above), FormulaKind::Leaf(below)) = (&parts[0].kind, &parts[1].kind)
        && is_mean(column(leaves, *above), column(leaves, *below))
    {
        return Method::Mean;
    }
    if is_smooth(formula) { Method::Linearised } else { Method::None(NoInterval::NotSmooth) }
}

/// Why leaves do not fit linearisation, if they do not.
fn unfit(leaves: &Leaves<'_>, formula: &Formula) -> Option<NoInterval> {
    let parts = formula.leaves();
    if parts.is_empty() {
        return Some(NoInterval::Constant);
    }
    let scans: BTreeSet<usize> = parts.iter().map(|leaf| leaves.leaves[leaf.0].scan).collect();
    if scans.len() > 1 {
        return Some(NoInterval::SeveralSources);
    }
    let averaged =
        |scan: &usize| matches!(&leaves.scans[*scan].kind, ScanKind::Rows(Clock::Snapshot(Snapshot::Average), _));
    if scans.iter().any(averaged) {
        return Some(NoInterval::OverTimes);
    }
    parts.iter().find_map(|leaf| match column(leaves, *leaf).function {
        Measured::Count | Measured::Sum => None,
        Measured::Min | Measured::Max | Measured::First | Measured::Last | Measured::Any | Measured::All => {
            Some(NoInterval::SingleRow)
        }
        _ => Some(NoInterval::Opaque),
    })
}

fn column<'l>(leaves: &'l Leaves<'_>, leaf: LeafId) -> &'l ScanColumn {
    leaves.column_at(leaf)
}

/// A constant factor, and what it multiplies.
fn scaled(formula: &Formula) -> (f64, &Formula) {
    if let FormulaKind::Node(Node::AtLeast(_) | Node::WhereNone, parts) = &formula.kind {
        return scaled(&parts[0]);
    }
    if let FormulaKind::Node(Node::Call(RowFunction::Coalesce), parts) = &formula.kind
        && parts.len() == 2
        && constant(&parts[1]).is_some()
    {
        // What stands in for nothing has no bearing on how sure something is.
        return scaled(&parts[0]);
    }
    let FormulaKind::Node(Node::Binary(operator), parts) = &formula.kind else { return (1.0, formula) };
    match (operator, constant(&parts[0]), constant(&parts[1])) {
        (Binary::Multiply, Some(factor), None) => times(factor, &parts[1]),
        (Binary::Multiply, None, Some(factor)) => times(factor, &parts[0]),
        (Binary::Divide, None, Some(divisor)) if divisor != 0.0 => times(1.0 / divisor, &parts[0]),
        _ => (1.0, formula),
    }
}

fn times(factor: f64, formula: &Formula) -> (f64, &Formula) {
    let (inner, formula) = scaled(formula);
    (factor * inner, formula)
}

/// A number that is written out.
fn constant(formula: &Formula) -> Option<f64> {
    match &formula.kind {
        FormulaKind::Literal(Literal::Int(value)) => value.to_string().parse().ok(),
        FormulaKind::Literal(Literal::Decimal(digits)) => digits.parse().ok(),
        FormulaKind::Node(Node::Minus, parts) => constant(&parts[0]).map(|value| -value),
        _ => None,
    }
}

/// The count of some rows over the count of all of them.
fn share(leaves: &Leaves<'_>, formula: &Formula) -> Option<(LeafId, LeafId)> {
    let FormulaKind::Node(Node::Binary(Binary::Divide), parts) = &formula.kind else { return None };
    let (FormulaKind::Leaf(above), FormulaKind::Leaf(below)) = (&parts[0].kind, &parts[1].kind) else { return None };
    let (of_above, of_below) = (leaves.leaves[above.0], leaves.leaves[below.0]);
    let (some, all) = (column(leaves, *above), column(leaves, *below));
    let same = of_above.scan == of_below.scan && of_above.offset == of_below.offset && some.each == all.each;
    let counts = some.function == Measured::Count && all.function == Measured::Count;
    let within = all.filter.iter().all(|condition| some.filter.contains(condition));
    let known = match all.argument {
        None => true,
        argument if argument == some.argument => true,
        // A condition that is true is one that is known, and so is what it asks about.
        Some(argument) => {
            let asked = &leaves.exprs[argument.0];
            let asks = |id: &ExprId| {
                let condition = &leaves.exprs[id.0];
                condition.each == asked.each && null_source(&condition.expr).kind == asked.expr.kind
            };
            some.filter.iter().any(asks)
                || conjuncts(leaves, argument).is_subset(&some.filter.iter().copied().collect())
        }
    };
    (same && counts && within && known && above != below).then_some((*above, *below))
}

/// The conditions that an expression joins by `and`, by their texts.
fn conjuncts(leaves: &Leaves<'_>, id: ExprId) -> BTreeSet<ExprId> {
    let used = &leaves.exprs[id.0];
    let mut found = BTreeSet::new();
    let mut open: Vec<&RowExpr> = vec![&used.expr];
    while let Some(expr) = open.pop() {
        match &expr.kind {
            RowKind::Binary { operator: Binary::And, left, right } => open.extend([&**left, &**right]),
            _ => {
                let same = |other: &&crate::leaf::UsedExpr<'_>| other.expr.kind == expr.kind && other.each == used.each;
                let place = leaves.exprs.iter().position(|other| same(&other));
                found.insert(ExprId(place.unwrap_or(usize::MAX)));
            }
        }
    }
    found
}

/// Whether a sum and a count are of the same rows.
fn is_mean(sum: &ScanColumn, count: &ScanColumn) -> bool {
    let same_argument = count.argument.is_none() || count.argument == sum.argument;
    let functions = sum.function == Measured::Sum && count.function == Measured::Count;
    functions && same_argument && sum.filter == count.filter && sum.each == count.each
}

/// Whether no row is counted by both: they ask for values of one expression that exclude each other.
fn exclude(leaves: &Leaves<'_>, left: LeafId, right: LeafId) -> bool {
    let bounds = |leaf: LeafId| column(leaves, leaf).filter.iter().filter_map(|id| bound(&leaves.exprs[id.0].expr));
    bounds(left).any(|(expr, low, high)| {
        bounds(right)
            .any(|(other, other_low, other_high)| expr.kind == other.kind && (high < other_low || other_high < low))
    })
}

/// The values for which a condition holds: an expression between two whole numbers, both included.
fn bound(condition: &RowExpr) -> Option<(&RowExpr, i64, i64)> {
    let RowKind::Binary { operator, left, right } = &condition.kind else { return None };
    let RowKind::Literal(Literal::Int(value)) = right.kind else { return None };
    match operator {
        Binary::Equal => Some((left, value, value)),
        Binary::GreaterEqual => Some((left, value, i64::MAX)),
        Binary::LessEqual => Some((left, i64::MIN, value)),
        // Between whole numbers there may be others.
        Binary::Greater => Some((left, value, i64::MAX)),
        Binary::Less => Some((left, i64::MIN, value)),
        _ => None,
    }
}

/// Whether a formula has slopes: made of leaves and constants by arithmetic.
fn is_smooth(formula: &Formula) -> bool {
    match &formula.kind {
        FormulaKind::Leaf(_) | FormulaKind::Literal(Literal::Int(_) | Literal::Decimal(_)) => true,
        FormulaKind::Node(Node::Minus, parts) => parts.iter().all(|part| is_smooth(part)),
        FormulaKind::Node(Node::Binary(operator), parts) => {
            let known = matches!(operator, Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide);
            known && parts.iter().all(|part| is_smooth(part))
        }
        FormulaKind::Node(Node::AtLeast(_) | Node::WhereNone, parts) => is_smooth(&parts[0]),
        // What stands in for nothing moves no value.
        FormulaKind::Node(Node::Call(RowFunction::Coalesce), parts) => {
            parts.iter().skip(1).all(|part| matches!(part.kind, FormulaKind::Literal(_))) && is_smooth(&parts[0])
        }
        _ => false,
    }
}
