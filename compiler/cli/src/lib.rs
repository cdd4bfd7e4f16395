//! The command line: one file per command, what people and machines read, exit codes.
//!
//! Results go to stdout, everything else to stderr, both through [`Terminal`]. No meaning is decided here: commands ask
//! the other crates and say what they answer.

#![expect(clippy::disallowed_methods, reason = "the command line meets the world: files, the clock, the environment")]

pub mod answer;
mod arguments;
mod building;
mod command;
mod dashboards;
mod dbt;
pub mod differences;
mod drawing;
mod failure;
pub mod findings;
mod frozen;
mod loading;
mod markdown;
pub mod meaning;
mod openlineage;
mod publishing;
pub mod reference;
mod refreshing;
mod register;
mod terminal;
#[cfg(test)]
mod tests;
mod warehouse;

pub use arguments::commands;
pub use failure::Failure;
pub use terminal::{Captured, Terminal};

use arguments::Arguments;
use clap::{CommandFactory as _, FromArgMatches as _};
use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;
use std::{panic, thread};

/// Deep expressions need a deep stack; the parser refuses what would not fit into this.
pub(crate) const STACK: usize = 64 << 20;

/// The exit code of a bug of ours.
const BUG: u8 = 3;

/// Runs the process's own arguments on the process's own terminal.
pub fn start() -> ExitCode {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("no message");
        let _ = writeln!(std::io::stderr(), "{}", failure::bug_report(&format!("{message} ({place})")));
    }));
    let work = || run(std::env::args_os(), Terminal::process());
    let code = match thread::Builder::new().stack_size(STACK).spawn(work) {
        Ok(thread) => thread.join().unwrap_or(BUG),
        Err(_) => work(),
    };
    ExitCode::from(code)
}

/// Runs arguments, the first of which is the program's name, and answers the exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>, mut terminal: Terminal) -> u8 {
    let parsed = Arguments::command().try_get_matches_from(arguments);
    let outcome = match parsed.and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => arguments.run(&mut terminal),
        Err(error) => usage(&error, &mut terminal),
    };
    let outcome = outcome.and_then(|()| Ok(terminal.flush()?));
    match outcome {
        Ok(()) => 0,
        Err(failure) => {
            // What was already said must stand before the reason why no more is said.
            let _ = terminal.flush();
            failure.show(&mut terminal);
            failure.exit_code()
        }
    }
}

/// Help and version are answers; the rest is wrong use, already explained by clap.
fn usage(error: &clap::Error, terminal: &mut Terminal) -> Result<(), Failure> {
    let text = error.render();
    if error.use_stderr() {
        let text = if terminal.colored_errors() { text.ansi().to_string() } else { text.to_string() };
        terminal.say(text.trim_end());
        return Err(Failure::Shown { exit_code: 2 });
    }
    let text = if terminal.colored_answers() { text.ansi().to_string() } else { text.to_string() };
    Ok(terminal.answer(&text)?)
}
