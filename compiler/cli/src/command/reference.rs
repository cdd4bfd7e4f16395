//! `groma reference`: the page of all commands in `docs/`.

use crate::failure::Failure;
use crate::reference::commands;
use crate::terminal::Terminal;

/// Print the reference of all commands as Markdown.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(_arguments: &Arguments, terminal: &mut Terminal) -> Result<(), Failure> {
    Ok(terminal.answer(&commands())?)
}
