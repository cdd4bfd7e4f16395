//! Whether the values of cells add up to the value of the cell that holds them all.
//!
//! The rules, from the measure and the clock alone:
//!
//! - Sums and counts of rows add up, and so do their sums, differences and multiples by a constant. By the time of the rows
//!   (the event clock) they add up over periods and over groups: **additive**.
//! - With any other clock a row stands for several periods or for none of its own: trailing and to-date windows overlap,
//!   snapshots repeat, and the rows of a cohort are of other periods than the cohort is. Sums and counts of customers (with `each`
//!   or `steps`) count a customer anew in each period. All of these add up **over groups** of one period only.
//! - Whatever is divided, averaged, counted once or the greatest of its rows does **not** add up at all, nor does what looks at
//!   another period, or takes its value from an earlier one where it has none.

use crate::measure::{AggregateFunction, Measure, MeasureKind};
use crate::model::{Fill, MetricId, Model};
use crate::row::Binary;
use crate::time::Clock;

/// How the values of a metric roll up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Additivity {
    /// Over periods and over groups.
    Additive,
    /// Over the groups of one period, not over periods.
    OverGroups,
    /// Not at all; the reason is a clause: `it divides one value by another`.
    Not { reason: String },
}

/// Metrics of metrics are followed this deep; deeper ones rest on themselves, which was reported.
const DEEPEST: usize = 200;

/// How the values of a metric roll up.
pub fn additivity(model: &Model, id: MetricId) -> Additivity {
    match of_metric(model, id, 0) {
        Ok(true) => Additivity::Additive,
        Ok(false) => Additivity::OverGroups,
        Err(reason) => Additivity::Not { reason },
    }
}

/// Whether a measure is a sum or a count of rows, or adds such up.
///
/// # Errors
/// Why it is not, as a clause.
pub(crate) fn of_rows(measure: &Measure) -> Result<(), String> {
    over(measure, true, &|_| Err("it rests on another metric".to_owned())).map(|_| ())
}

/// Whether it adds up over periods as well; else why it does not even over groups.
fn of_metric(model: &Model, id: MetricId, depth: usize) -> Result<bool, String> {
    let metric = model.metric(id);
    if depth > DEEPEST {
        return Err("it rests on itself".to_owned());
    }
    if metric.fill == Fill::Previous {
        return Err("it takes the value of an earlier period where it has none".to_owned());
    }
    let by_rows = metric.clock == Clock::Event && metric.population.is_none();
    over(&metric.measure, by_rows, &|id| of_metric(model, id, depth + 1))
}

fn over(
    measure: &Measure,
    by_rows: bool,
    of_metric: &dyn Fn(MetricId) -> Result<bool, String>,
) -> Result<bool, String> {
    let part = |measure: &Measure| over(measure, by_rows, of_metric);
    match &measure.kind {
        MeasureKind::Aggregate(call) => match why_not(call.function) {
            None => Ok(by_rows),
            Some(reason) => Err(reason.to_owned()),
        },
        MeasureKind::Metric(id) => of_metric(*id),
        MeasureKind::Minus(operand) => part(operand),
        MeasureKind::Scoped { offset: Some(_), .. } => Err("it looks at another period".to_owned()),
        MeasureKind::Scoped { inner, offset: None, .. } => part(inner),
        MeasureKind::Binary { operator, left, right } => match (operator, is_constant(left), is_constant(right)) {
            (Binary::Add | Binary::Subtract, false, false) => Ok(part(left)? & part(right)?),
            (Binary::Add | Binary::Subtract, ..) => {
                Err("it adds a constant, which would count once for each cell".to_owned())
            }
            (Binary::Multiply | Binary::Divide, false, true) => part(left),
            (Binary::Multiply, true, false) => part(right),
            (Binary::Divide, ..) => Err("it divides one value by another".to_owned()),
            (Binary::Multiply, ..) => Err("it multiplies one value by another".to_owned()),
            _ => Err("it compares values".to_owned()),
        },
        // Already reported: nothing is said about it again.
        MeasureKind::Unknown => Ok(by_rows),
        MeasureKind::Parameter(_) | MeasureKind::Literal(_) | MeasureKind::Attribute(_) => {
            Err("it is the same whatever is counted".to_owned())
        }
        MeasureKind::Not(_) | MeasureKind::IsNull { .. } => Err("it is true or false".to_owned()),
        MeasureKind::Case { .. } => Err("it chooses between values".to_owned()),
        MeasureKind::Call { .. } => Err("it computes a function of a value".to_owned()),
    }
}

/// Whether a part is built of literals alone.
fn is_constant(measure: &Measure) -> bool {
    let mut constant = true;
    measure.visit(&mut |part| {
        constant &= !matches!(
            part.kind,
            MeasureKind::Aggregate(_)
                | MeasureKind::Metric(_)
                | MeasureKind::Attribute(_)
                | MeasureKind::Parameter(_)
                | MeasureKind::Unknown
        );
    });
    constant
}

fn why_not(function: AggregateFunction) -> Option<&'static str> {
    Some(match function {
        AggregateFunction::Sum | AggregateFunction::Count => return None,
        AggregateFunction::CountDistinct | AggregateFunction::ApproximateCountDistinct => {
            "it counts each value once, and the same value may stand in several cells"
        }
        AggregateFunction::Average => "it is an average",
        AggregateFunction::Share => "it is a share",
        AggregateFunction::Median => "it is a median",
        AggregateFunction::Percentile(_) | AggregateFunction::ApproximatePercentile(_) => "it is a percentile",
        AggregateFunction::StandardDeviation => "it is a standard deviation",
        AggregateFunction::Min => "it is the least of its values",
        AggregateFunction::Max => "it is the greatest of its values",
        AggregateFunction::Any | AggregateFunction::All => "it is true or false",
        AggregateFunction::First => "it is the earliest of its values",
        AggregateFunction::Last => "it is the latest of its values",
    })
}

#[cfg(test)]
mod tests;
