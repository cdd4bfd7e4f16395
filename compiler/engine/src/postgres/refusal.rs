//! What a server can say, by what someone can do about it.

use std::error::Error as _;
use std::io;

use ::postgres::Error;

use super::connection::Secrets;
use crate::EngineError;

/// Why a server did not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The connection text is none.
    BadConnection,
    /// Nobody answers, or nobody who takes sessions now.
    Unreachable,
    /// Name or password are refused.
    Credentials,
    /// No encrypted connection with someone who can prove who he is.
    Tls,
    /// There is no such database.
    MissingDatabase,
    MissingSchema,
    MissingTable,
    /// A column that is not there, or of a type that cannot be used as it is.
    Columns,
    /// A right is missing.
    Permission,
    /// Another session holds what is needed.
    Locked,
    /// Two sessions were in each other's way and this one was sent back; again, it may go through.
    Conflict,
    /// No space is left, or no memory.
    Full,
    /// Nothing may be written.
    ReadOnly,
    /// It took longer than the server allows.
    Timeout,
    /// Someone ended the statement.
    Cancelled,
    /// The session ended in the midst of it.
    Lost,
    /// A value that cannot be computed, and whatever else has no name here.
    Other,
    /// A statement that no server could run: a fault of ours.
    Statement,
}

/// What a server said, without any piece of the connection text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub trouble: Trouble,
    /// One line.
    pub message: String,
    /// The five letters that PostgreSQL gives each error.
    pub state: Option<String>,
}

impl Refusal {
    pub(super) fn of(trouble: Trouble, message: String) -> Self {
        Self { trouble, message, state: None }
    }

    pub(super) fn while_connecting(error: &Error, secrets: &Secrets) -> Self {
        if let Some(refusal) = said(error, secrets) {
            // Whatever it is, there is no session.
            let trouble = match refusal.trouble {
                Trouble::Lost | Trouble::Full | Trouble::Other | Trouble::Statement => Trouble::Unreachable,
                trouble => trouble,
            };
            return Self { trouble, ..refusal };
        }
        let (kind, cause) = (error.to_string(), cause(error));
        let trouble = match kind.as_str() {
            "error performing TLS handshake" => Trouble::Tls,
            "authentication error" => Trouble::Credentials,
            "invalid configuration" if cause.contains("password") => Trouble::Credentials,
            "invalid configuration" | "invalid connection string" => Trouble::BadConnection,
            _ => Trouble::Unreachable,
        };
        let message = if cause.is_empty() { kind } else { cause };
        Self::of(trouble, secrets.mask(&one_line(&message)))
    }

    pub(super) fn while_running(error: &Error, secrets: &Secrets) -> Self {
        if let Some(refusal) = said(error, secrets) {
            return refusal;
        }
        let (kind, cause) = (error.to_string(), cause(error));
        let message = if cause.is_empty() { kind.clone() } else { cause };
        let lost = error.is_closed()
            || error.source().is_some_and(|source| source.downcast_ref::<io::Error>().is_some())
            || kind == "timeout waiting for server";
        let trouble = if lost { Trouble::Lost } else { Trouble::Other };
        Self::of(trouble, secrets.mask(&one_line(&message)))
    }

    /// Whether the same can go well a moment later, and trying it again harms nothing: the transaction is as if it had never
    /// been, unless its end was sent.
    pub fn may_pass(&self) -> bool {
        matches!(self.trouble, Trouble::Unreachable | Trouble::Conflict | Trouble::Lost)
    }
}

impl From<Refusal> for EngineError {
    fn from(refusal: Refusal) -> Self {
        EngineError::Refused(refusal)
    }
}

/// What the server itself said.
fn said(error: &Error, secrets: &Secrets) -> Option<Refusal> {
    let said = error.as_db_error()?;
    let state = said.code().code();
    let mut message = said.message().to_owned();
    if let Some(detail) = said.detail() {
        message = format!("{message} ({detail})");
    }
    let message = secrets.mask(&one_line(&message));
    Some(Refusal { trouble: trouble(state, said.message()), message, state: Some(state.to_owned()) })
}

/// PostgreSQL's codes: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn trouble(state: &str, message: &str) -> Trouble {
    match state {
        "28000" | "28P01" => Trouble::Credentials,
        "3D000" => Trouble::MissingDatabase,
        "3F000" => Trouble::MissingSchema,
        "42P01" => Trouble::MissingTable,
        "42703" | "42804" | "42883" | "42846" | "22P02" | "42P16" => Trouble::Columns,
        "42501" => Trouble::Permission,
        "55P03" | "55006" => Trouble::Locked,
        "40001" | "40P01" => Trouble::Conflict,
        "53100" | "53200" | "53400" => Trouble::Full,
        "25006" => Trouble::ReadOnly,
        // Both have one code.
        "57014" if message.contains("timeout") => Trouble::Timeout,
        "57014" => Trouble::Cancelled,
        "57P01" | "57P02" | "57P05" | "25P03" | "25P04" => Trouble::Lost,
        "57P03" | "53300" => Trouble::Unreachable,
        _ if state.starts_with("08") => Trouble::Lost,
        _ if state.starts_with("42") => Trouble::Statement,
        _ => Trouble::Other,
    }
}

fn cause(error: &Error) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_code_has_two_meanings() {
        assert_eq!(trouble("57014", "canceling statement due to statement timeout"), Trouble::Timeout);
        assert_eq!(trouble("57014", "canceling statement due to user request"), Trouble::Cancelled);
        assert_eq!(trouble("42601", "syntax error"), Trouble::Statement);
        assert_eq!(trouble("22012", "division by zero"), Trouble::Other);
        assert_eq!(trouble("08006", "connection failure"), Trouble::Lost);
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let may_pass = |trouble| Refusal::of(trouble, String::new()).may_pass();
        assert!(may_pass(Trouble::Conflict) && may_pass(Trouble::Lost) && may_pass(Trouble::Unreachable));
        assert!(!may_pass(Trouble::Credentials) && !may_pass(Trouble::Full) && !may_pass(Trouble::Permission));
    }
}
