//! What declarations mean, in words: for `groma explain`, `groma list` and the manifest of a build.

pub mod catalog;
mod clock;
mod example;
pub(crate) mod exceptions;
pub mod expression;
mod governed;
mod metric;
mod other;
mod people;
mod population;
pub(crate) mod promised;
mod reading;
mod reads;
mod sensitivity;
mod settled;
mod shown;
mod survey;
#[cfg(test)]
mod tests;
mod versions;
mod words;

pub(crate) use clock::steps_of_curve;
pub(crate) use metric::{explain as explain_metric, status_word};
pub(crate) use other::{explain as explain_other, kind, sensitivity_word};
pub(crate) use reading::plain;
pub(crate) use reads::affected;
pub(crate) use versions::{numbers, versions_in_words};
pub(crate) use words::{Facts, first_line, offset};
