//! `groma reference`: the pages of `docs/reference/` that are made from tables.

use crate::failure::Failure;
use crate::reference::commands;
use crate::terminal::Terminal;
use groma_project::reference::{attributes, functions, kinds};
use groma_project::rules::{Rule, standard};

/// Print a reference page as Markdown.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Which page
    #[arg(value_enum, default_value = "commands")]
    page: Page,
}

/// The pages.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Page {
    Commands,
    Kinds,
    Attributes,
    Functions,
    /// The pages of the standard rules, one after the other.
    Rules,
}

pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<(), Failure> {
    let page = match arguments.page {
        Page::Commands => commands(),
        Page::Kinds => kinds(),
        Page::Attributes => attributes(),
        Page::Functions => functions(),
        Page::Rules => standard().iter().map(Rule::page).collect::<Vec<_>>().join("\n"),
    };
    Ok(terminal.answer(&page)?)
}
