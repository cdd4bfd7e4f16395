//! Answers: from a question on the command line to rows, and to what people and programs read.

mod as_of;
mod checks;
mod engine_findings;
mod examples;
mod extra;
pub mod number;
pub mod period;
mod progress;
mod question;
mod quiet;
mod restated;
pub mod rows;
mod running;
pub(crate) mod server;
pub mod table;
mod versions;
mod without;
pub mod write;

use clap::ValueEnum;

pub(crate) use as_of::{AsOf, found_in as as_of_found, parse_as_of, shown as as_of_shown};
pub(crate) use checks::data_findings;
pub(crate) use examples::{Bench, Ran};
pub(crate) use extra::{Arguments as ExtraArguments, CONFIDENCE, Extra};
pub(crate) use progress::Progress;
pub(crate) use question::{Day, Question, Range, parse_day};
pub(crate) use quiet::Quiet;
pub(crate) use restated::Restated;
pub(crate) use rows::{Cell, Rows, without_column};
pub(crate) use running::{
    Answered, RunError, Running, answer, chosen_target, deliver, eras_of, exceptions_change, may_run, physical_tables,
    planned, planned_on, rendered, sql,
};

/// How answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people: a row for each period, a column for each metric, in the terminal's width.
    #[default]
    Table,
    /// The long answer: a line for each metric, period and group.
    Csv,
    /// The long answer as an array of objects.
    Json,
    /// The long answer as a Parquet file.
    Parquet,
}
