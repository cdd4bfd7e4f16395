//! How to connect, and what of it must never be printed.

use ::postgres::Config;
use ::postgres::config::Host;

use super::refusal::{Refusal, Trouble};
use crate::EngineError;

/// What stands in place of a piece of the connection text.
const MASK: &str = "…";
/// A piece that is shorter is only hidden where it is a whole word: every other letter of a message might be it.
const DISTINCT: usize = 4;

/// The pieces of a connection text.
#[derive(Clone, Default)]
pub(super) struct Secrets {
    /// Longest first.
    pieces: Vec<String>,
}

/// Reads a connection text.
///
/// # Errors
/// It is none; nothing of it is repeated.
pub(super) fn parse(text: &str) -> Result<(Config, Secrets), EngineError> {
    let text = text.trim();
    let known = with_known_mode(text);
    let refused = |message: &str| Refusal::of(Trouble::BadConnection, message.to_owned());
    let config: Config = known.parse().map_err(|error: ::postgres::Error| refused(&reason(&error, text)))?;
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return Err(refused("it names no host").into());
    }
    let secrets = Secrets::of(text, &config);
    Ok((config, secrets))
}

/// Certificates are always verified where TLS is required, with the name of the server: what others call `verify-full`.
fn with_known_mode(text: &str) -> String {
    ["verify-full", "verify-ca"]
        .into_iter()
        .fold(text.to_owned(), |text, mode| text.replace(&format!("sslmode={mode}"), "sslmode=require"))
}

/// What is wrong with a text, in words of ours: those of the parser may repeat a part of it.
fn reason(error: &::postgres::Error, text: &str) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    // The names of options that have a bad value are the parser's own.
    let option = cause.strip_prefix("invalid value for option `").and_then(|rest| rest.strip_suffix('`'));
    match option {
        Some(option) => format!("the value of its option `{option}` is none that is known"),
        None if cause.starts_with("unknown option") => "it has an option that is not known".to_owned(),
        None if text.contains("://") && !text.starts_with("postgres://") && !text.starts_with("postgresql://") => {
            "it is the URL of something else".to_owned()
        }
        None => "it is neither a URL nor pairs of `key=value`".to_owned(),
    }
}

impl Secrets {
    fn of(text: &str, config: &Config) -> Self {
        let mut pieces = vec![text.to_owned()];
        pieces.extend(config.get_user().map(str::to_owned));
        pieces.extend(config.get_dbname().map(str::to_owned));
        pieces.extend(config.get_options().map(str::to_owned));
        pieces.extend(config.get_password().map(|password| String::from_utf8_lossy(password).into_owned()));
        pieces.extend(config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(path) => path.to_string_lossy().into_owned(),
        }));
        pieces.extend(config.get_hostaddrs().iter().map(ToString::to_string));
        // As they are written in a URL, where letters may be written in other ways.
        let authority = text.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')).map(|(user, _)| user);
        pieces.extend(authority.into_iter().flat_map(|user| user.split(':')).map(str::to_owned));
        pieces.retain(|piece| !piece.trim().is_empty());
        pieces.sort_by(|left, right| right.len().cmp(&left.len()).then(left.cmp(right)));
        pieces.dedup();
        Self { pieces }
    }

    /// A message without any piece of the connection text.
    pub(super) fn mask(&self, message: &str) -> String {
        self.pieces.iter().fold(message.to_owned(), |message, piece| without(&message, piece))
    }

    /// A failure to get a session.
    pub(super) fn while_connecting(&self, error: &::postgres::Error) -> EngineError {
        Refusal::while_connecting(error, self).into()
    }

    /// A failure of a statement.
    pub(super) fn while_running(&self, error: &::postgres::Error, sql: &str) -> EngineError {
        let refusal = Refusal::while_running(error, self);
        match refusal.trouble {
            // What is written by us and cannot be run at all is a fault of ours.
            Trouble::Statement => EngineError::Statement { message: refusal.message, sql: sql.to_owned() },
            _ => refusal.into(),
        }
    }
}

/// A text without a piece of it, wherever that stands as a word, or wherever it stands where it is long enough.
fn without(text: &str, piece: &str) -> String {
    let mut found = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(piece) {
        let (before, after) = (&rest[..at], &rest[at + piece.len()..]);
        let joins = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
        let within = joins(before.chars().next_back()) || joins(after.chars().next());
        found.push_str(before);
        found.push_str(if within && piece.chars().count() < DISTINCT { piece } else { MASK });
        rest = after;
    }
    found + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "postgresql://ada:s%40cret@db.shop.example:5433/sales?sslmode=require";

    #[test]
    fn no_piece_of_the_text_survives() {
        let (_, secrets) = parse(URL).unwrap();
        let message = "password of \"ada\" (s@cret, s%40cret) at db.shop.example is no good for database sales";
        assert_eq!(secrets.mask(message), "password of \"…\" (…, …) at … is no good for database …");
        assert_eq!(secrets.mask(URL), "…");
        // A short piece within a word is none.
        assert_eq!(secrets.mask("the adapter"), "the adapter");
    }

    #[test]
    fn pairs_are_read_like_urls() {
        let (config, secrets) =
            parse("host=db.shop.example user=ada password='two words' sslmode=verify-full").unwrap();
        assert_eq!(config.get_ssl_mode(), ::postgres::config::SslMode::Require);
        assert_eq!(secrets.mask("two words of ada"), "… of …");
    }

    #[test]
    fn what_is_no_connection_is_not_repeated() {
        for (text, expected) in [
            ("hunter2", "it is neither a URL nor pairs of `key=value`"),
            ("mysql://root:hunter2@db.shop.example/x", "it is the URL of something else"),
            ("host=a sslmode=hunter2", "the value of its option `sslmode` is none that is known"),
            ("host=a hunter2=hunter2", "it has an option that is not known"),
            ("user=hunter2", "it names no host"),
            ("postgres://hunter2@:hunter2", "…"),
        ] {
            let Err(EngineError::Refused(refusal)) = parse(text) else { panic!("{text}") };
            assert_eq!(refusal.trouble, Trouble::BadConnection, "{text}");
            assert!(expected == "…" || refusal.message == expected, "{text}: {}", refusal.message);
            assert!(!refusal.message.contains("hunter2"), "{text}: {}", refusal.message);
        }
    }
}
