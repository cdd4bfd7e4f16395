//! What declarations mean, in words: for `groma explain`, `groma list` and the manifest of a build.

pub mod catalog;
mod clock;
mod example;
pub mod expression;
mod metric;
mod other;
mod population;
mod reading;
mod reads;
mod settled;
mod survey;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use clock::steps_of_curve;
pub(crate) use metric::explain as explain_metric;
pub(crate) use other::{explain as explain_other, kind};
pub(crate) use reads::affected;
pub(crate) use words::{Facts, first_line};
