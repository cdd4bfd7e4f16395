//! The arguments all commands share, and the list of commands.

use crate::command;
use crate::failure::Failure;
use crate::terminal::{Color, Terminal};
use clap::{CommandFactory as _, Parser, Subcommand};
use std::path::PathBuf;

/// A compiler for metrics: from what a number means to the SQL that computes it.
#[derive(Debug, Parser)]
#[command(
    name = "groma",
    version,
    propagate_version = false,
    subcommand_required = true,
    arg_required_else_help = true
)]
#[command(after_help = "Exit codes: 0 fine, 1 findings, 2 wrong use, 3 a bug of Groma.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

/// The arguments all commands share.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Shared {
    /// The project's folder; without it, the nearest folder upwards that holds a groma.yml. A further one is relative to the
    /// one before.
    #[arg(short = 'C', value_name = "DIR", global = true, action = clap::ArgAction::Append)]
    directories: Vec<PathBuf>,
    /// When to use colour.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto, global = true)]
    color: Color,
}

impl Shared {
    /// The folder that was chosen, if one was.
    pub(crate) fn directory(&self) -> Option<PathBuf> {
        (!self.directories.is_empty()).then(|| self.directories.iter().collect())
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    New(command::new::Arguments),
    Check(command::check::Arguments),
    Fmt(command::fmt::Arguments),
    List(command::list::Arguments),
    Graph(command::graph::Arguments),
    Lineage(command::lineage::Arguments),
    Explain(command::explain::Arguments),
    Build(command::build::Arguments),
    Query(command::query::Arguments),
    Run(command::run::Arguments),
    Test(command::test::Arguments),
    Rules(command::rules::Arguments),
    Report(command::report::Arguments),
    Dashboard(command::dashboard::Arguments),
    Diff(command::diff::Arguments),
    Log(command::log::Arguments),
    Blame(command::blame::Arguments),
    Compare(command::compare::Arguments),
    Hash(command::hash::Arguments),
    Freeze(command::freeze::Arguments),
    Approve(command::approve::Arguments),
    Verify(command::verify::Arguments),
    Completions(command::completions::Arguments),
    Man(command::man::Arguments),
    #[command(hide = true)]
    Reference(command::reference::Arguments),
}

impl Arguments {
    /// Runs the command.
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        terminal.set_color(self.shared.color);
        let shared = &self.shared;
        match self.command {
            Command::New(arguments) => command::new::run(&arguments, shared, terminal),
            Command::Check(arguments) => command::check::run(&arguments, shared, terminal),
            Command::Fmt(arguments) => command::fmt::run(&arguments, shared, terminal),
            Command::List(arguments) => command::list::run(&arguments, shared, terminal),
            Command::Graph(arguments) => command::graph::run(&arguments, shared, terminal),
            Command::Lineage(arguments) => command::lineage::run(&arguments, shared, terminal),
            Command::Explain(arguments) => command::explain::run(&arguments, shared, terminal),
            Command::Build(arguments) => command::build::run(&arguments, shared, terminal),
            Command::Query(arguments) => command::query::run(&arguments, shared, terminal),
            Command::Run(arguments) => command::run::run(&arguments, shared, terminal),
            Command::Test(arguments) => command::test::run(&arguments, shared, terminal),
            Command::Rules(arguments) => command::rules::run(&arguments, shared, terminal),
            Command::Report(arguments) => command::report::run(&arguments, shared, terminal),
            Command::Dashboard(arguments) => command::dashboard::run(&arguments, shared, terminal),
            Command::Diff(arguments) => command::diff::run(&arguments, shared, terminal),
            Command::Log(arguments) => command::log::run(&arguments, shared, terminal),
            Command::Blame(arguments) => command::blame::run(&arguments, shared, terminal),
            Command::Compare(arguments) => command::compare::run(&arguments, shared, terminal),
            Command::Hash(arguments) => command::hash::run(&arguments, shared, terminal),
            Command::Freeze(arguments) => command::freeze::run(&arguments, shared, terminal),
            Command::Approve(arguments) => command::approve::run(&arguments, shared, terminal),
            Command::Verify(arguments) => command::verify::run(&arguments, shared, terminal),
            Command::Completions(arguments) => command::completions::run(&arguments, terminal),
            Command::Man(arguments) => command::man::run(&arguments, terminal),
            Command::Reference(arguments) => command::reference::run(&arguments, terminal),
        }
    }
}

/// The commands with their arguments, as clap knows them.
pub fn commands() -> clap::Command {
    Arguments::command()
}
