//! `groma completions`: what a shell needs to complete commands.

use crate::arguments::commands;
use crate::failure::Failure;
use crate::terminal::Terminal;
use clap_complete::Shell;

/// Print what a shell needs to complete commands.
///
/// For bash: `groma completions bash > ~/.local/share/bash-completion/completions/groma`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut commands(), "groma", &mut script);
    Ok(terminal.answer_bytes(&script)?)
}
