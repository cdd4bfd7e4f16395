//! Why a command ends without its result, and the exit code that says so.

use crate::terminal::Terminal;
use std::io;

/// Why a command ended.
#[derive(Debug)]
pub enum Failure {
    /// Everything was already said.
    Shown { exit_code: u8 },
    /// The command was used wrongly: a headline that stands alone, and what to do instead.
    Use { headline: String, help: Option<String> },
    /// The machine refused: a file cannot be written, say.
    Refused { headline: String },
    /// A bug of ours.
    Bug { what: String },
    /// Whoever read the results has stopped reading.
    Closed,
}

impl Failure {
    /// Findings that stop a run, already shown.
    pub const FINDINGS: Self = Self::Shown { exit_code: 1 };

    /// Wrong use.
    pub fn wrong_use(headline: impl Into<String>, help: Option<String>) -> Self {
        Self::Use { headline: headline.into(), help }
    }

    /// A file or folder that could not be used as wished.
    pub fn refused(what: impl std::fmt::Display, error: &dyn std::error::Error) -> Self {
        Self::Refused { headline: format!("{what}: {error}") }
    }

    /// 0 fine, 1 findings, 2 wrong use, 3 a bug of ours.
    pub fn exit_code(&self) -> u8 {
        match self {
            Failure::Closed => 0,
            Failure::Refused { .. } => 1,
            Failure::Use { .. } => 2,
            Failure::Bug { .. } => 3,
            Failure::Shown { exit_code } => *exit_code,
        }
    }

    pub(crate) fn show(&self, terminal: &mut Terminal) {
        match self {
            Failure::Shown { .. } | Failure::Closed => {}
            Failure::Use { headline, help } => {
                terminal.problem(headline);
                if let Some(help) = help {
                    terminal.say(&format!("  help: {help}"));
                }
            }
            Failure::Refused { headline } => terminal.problem(headline),
            Failure::Bug { what } => terminal.say(&bug_report(what)),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::Closed,
            _ => Failure::Refused { headline: format!("the result cannot be written: {error}") },
        }
    }
}

/// The sentence that a bug of ours ends with.
pub(crate) fn bug_report(what: &str) -> String {
    format!(
        "groma broke: {what}\nThis is a bug of Groma {}, not of your project: please report this message with the command \
         and, if you can, the declarations it ran on.",
        env!("CARGO_PKG_VERSION")
    )
}
