//! Numbers that a metric is compared with, in its own unit.

use crate::check::entries::WRONG_VALUE;
use crate::check::metric::governed::{example, signed};
use crate::model::Metric;
use crate::unit::Unit;
use groma_syntax::ast::{Expr, ExprKind};
use groma_syntax::{Code, Diagnostic};

/// Units of time, in seconds.
const TIMES: [(&str, f64); 4] = [("seconds", 1.0), ("minutes", 60.0), ("hours", 3_600.0), ("days", 86_400.0)];

/// A number in the unit of a metric: `40%` is 0.4, and `36 hours` of a metric in days are 1.5.
///
/// `what` is what the number is, such as "the target".
pub(super) fn in_unit(
    metric: &Metric,
    written: &Expr,
    (code, what): (&'static Code, &str),
    sink: &mut Vec<Diagnostic>,
) -> Option<f64> {
    let unit = &metric.unit;
    let Some((value, own)) = weeks(written).or_else(|| signed(written)) else {
        sink.push(
            WRONG_VALUE
                .finding(format!("{what} is a number in the unit of the metric"))
                .at(written.span, "not such a number")
                .help(format!("write it like `{}`", example(unit))),
        );
        return None;
    };
    if metric.header.broken {
        return Some(value);
    }
    let name = &metric.header.name;
    if *unit == Unit::Percent && matches!(own, Unit::Any | Unit::None) && value.abs() > 1.0 {
        sink.push(
            code.finding(format!("{what} is {value}, and `{name}` is a share: that would be {}%", value * 100.0))
                .at(written.span, "no unit")
                .also(metric.measure.span, "in percent")
                .help(format!("write `{value}%`")),
        );
        return None;
    }
    let is_share = (own == Unit::Percent && *unit == Unit::None) || (own == Unit::None && *unit == Unit::Percent);
    if own == Unit::Any || own == *unit || is_share {
        return Some(value);
    }
    if let (Some(from), Some(to)) = (seconds(&own), seconds(unit)) {
        return Some(value * from / to);
    }
    sink.push(
        code.finding(format!("{what} is in {own}, and `{name}` is in {unit}"))
            .at(written.span, format!("in {own}"))
            .also(metric.measure.span, format!("in {unit}"))
            .help(format!("write it like `{}`", example(unit))),
    );
    None
}

/// A number of weeks as days: weeks are no unit of numbers.
fn weeks(written: &Expr) -> Option<(f64, Unit)> {
    match &written.kind {
        ExprKind::Quantity { number, unit } if matches!(unit.text.as_str(), "week" | "weeks") => {
            Some((number.parse::<f64>().ok()? * 7.0, Unit::base("days")))
        }
        _ => None,
    }
}

fn seconds(unit: &Unit) -> Option<f64> {
    TIMES.iter().find(|(word, _)| Unit::base(word) == *unit).map(|(_, seconds)| *seconds)
}
