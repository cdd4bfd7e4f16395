//! What a data contract says of a metric, in words.

pub(crate) use super::clock::sentence as clock;
pub(crate) use super::metric::rows;
pub(crate) use super::reading::minimum;
pub(crate) use super::settled::{length as settles_after, sentence as settled};

use super::metric::unit;
use groma_model::Metric;
use groma_model::unit::Unit;

/// What the value is, with its unit.
pub(crate) fn value(metric: &Metric) -> String {
    let what = super::first_line(metric.header.doc.as_ref());
    let what = if what.is_empty() { "the value" } else { what };
    match &metric.unit {
        Unit::Any | Unit::None => what.to_owned(),
        of => format!("{} ({})", what.trim_end_matches('.'), unit(of)),
    }
}
