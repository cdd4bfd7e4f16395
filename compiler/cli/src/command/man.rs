//! `groma man`: the manual page, of all commands in one.

use crate::arguments::commands;
use crate::failure::Failure;
use crate::terminal::Terminal;
use clap_mangen::Man;

/// Print the manual page: `groma man > groma.1`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The page of one command.
    #[arg(value_name = "COMMAND")]
    of: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut all = commands();
    all.build();
    let page = match &arguments.of {
        None => Man::new(all),
        Some(name) => {
            let Some(command) = all.find_subcommand(name) else {
                return Err(Failure::wrong_use(
                    format!("there is no command `{name}`"),
                    Some("`groma help` lists the commands".to_owned()),
                ));
            };
            Man::new(command.clone())
        }
    };
    let mut text = Vec::new();
    page.render(&mut text)?;
    Ok(terminal.answer_bytes(&text)?)
}
