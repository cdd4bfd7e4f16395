//! What declarations mean, in words: for `groma explain`, `groma list` and the manifest of a build.

pub mod catalog;
pub mod expression;
mod metric;
mod other;
mod reads;
mod words;

pub(crate) use metric::explain as explain_metric;
pub(crate) use other::{explain as explain_other, kind};
pub(crate) use reads::affected;
pub(crate) use words::first_line;
