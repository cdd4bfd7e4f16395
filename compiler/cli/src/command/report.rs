//! `groma report`: what stands behind the numbers, for people and for other tools.

mod codeowners;
mod contracts;
mod exceptions;
mod ownership;
mod review;

use crate::arguments::Shared;
use crate::failure::Failure;
use crate::terminal::Terminal;
use clap::{Subcommand, ValueEnum};

pub(crate) use codeowners::stale;

/// Report who answers for numbers, what is set aside, and what is promised.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    report: Report,
}

#[derive(Debug, Subcommand)]
enum Report {
    Ownership(ownership::Arguments),
    Exceptions(exceptions::Arguments),
    Codeowners(codeowners::Arguments),
    Contracts(contracts::Arguments),
    Review(review::Arguments),
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// A page for people.
    #[default]
    Markdown,
    /// One document for machines; keys are only ever added.
    Json,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    match &arguments.report {
        Report::Ownership(arguments) => ownership::run(arguments, shared, terminal),
        Report::Exceptions(arguments) => exceptions::run(arguments, shared, terminal),
        Report::Codeowners(arguments) => codeowners::run(arguments, shared, terminal),
        Report::Contracts(arguments) => contracts::run(arguments, shared, terminal),
        Report::Review(arguments) => review::run(arguments, shared, terminal),
    }
}
