//! The one writer: results to stdout, everything else to stderr, with what is known about both.

use clap::ValueEnum;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::sync::{Arc, Mutex};

/// Columns when nothing is known about the reader.
const DEFAULT_COLUMNS: usize = 80;

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    Always,
    Never,
}

/// Where results and messages go.
pub struct Terminal {
    answers: Stream,
    messages: Stream,
    /// As the reader wishes them.
    told: Option<usize>,
    /// As the terminal has them.
    measured: Option<usize>,
    no_color: bool,
    color: Color,
}

struct Stream {
    writer: Box<dyn Write + Send>,
    is_terminal: bool,
}

/// What a captured terminal was given.
#[derive(Debug, Clone, Default)]
pub struct Captured {
    /// What went to stdout.
    pub answers: Buffer,
    /// What went to stderr.
    pub messages: Buffer,
}

/// Bytes that several hands write to.
#[derive(Debug, Clone, Default)]
pub struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    /// What was written so far.
    pub fn text(&self) -> String {
        self.0.lock().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().map_err(|_| io::Error::other("the buffer broke"))?.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Terminal {
    /// The process's own stdout and stderr.
    pub fn process() -> Self {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let measured = terminal_size::terminal_size().map(|(columns, _)| usize::from(columns.0));
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            answers: Stream { is_terminal: stdout.is_terminal(), writer: Box::new(BufWriter::new(stdout)) },
            messages: Stream { is_terminal: stderr.is_terminal(), writer: Box::new(stderr) },
            told: told.filter(|columns| *columns > 0),
            measured: measured.filter(|columns| *columns > 0),
            no_color: set("NO_COLOR") || dumb,
            color: Color::Auto,
        }
    }

    /// A terminal of that many columns that is none: what is written can be read back.
    pub fn captured(columns: usize) -> (Self, Captured) {
        let captured = Captured::default();
        let stream = |buffer: &Buffer| Stream { writer: Box::new(buffer.clone()), is_terminal: false };
        let terminal = Self {
            answers: stream(&captured.answers),
            messages: stream(&captured.messages),
            told: Some(columns),
            measured: None,
            no_color: false,
            color: Color::Auto,
        };
        (terminal, captured)
    }

    pub(crate) fn set_color(&mut self, color: Color) {
        self.color = color;
    }

    /// Columns of a line of results; what is piped does not depend on the terminal it is started from.
    pub fn columns(&self) -> usize {
        self.columns_of(&self.answers)
    }

    /// Columns of a line of messages.
    pub(crate) fn message_columns(&self) -> usize {
        self.columns_of(&self.messages)
    }

    fn columns_of(&self, stream: &Stream) -> usize {
        self.told.or(self.measured.filter(|_| stream.is_terminal)).unwrap_or(DEFAULT_COLUMNS)
    }

    /// Whether a person sees the results as they are written.
    pub(crate) fn answers_are_read(&self) -> bool {
        self.answers.is_terminal
    }

    /// Whether a person sees the messages as they are written.
    pub(crate) fn messages_are_read(&self) -> bool {
        self.messages.is_terminal
    }

    pub(crate) fn colored_answers(&self) -> bool {
        self.colored(&self.answers)
    }

    pub(crate) fn colored_errors(&self) -> bool {
        self.colored(&self.messages)
    }

    fn colored(&self, stream: &Stream) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => stream.is_terminal && !self.no_color,
        }
    }

    /// Writes a part of the result, as it is.
    pub(crate) fn answer(&mut self, text: &str) -> io::Result<()> {
        self.answer_bytes(text.as_bytes())
    }

    /// Writes a part of the result, as it is.
    pub(crate) fn answer_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.answers.writer.write_all(bytes)
    }

    /// Writes what is still held back.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.answers.writer.flush()
    }

    /// Says a line on stderr. Nobody listening is no reason to stop.
    pub(crate) fn say(&mut self, line: &str) {
        let _ = writeln!(self.messages.writer, "{line}");
    }

    /// Says the headline of what went wrong.
    pub(crate) fn problem(&mut self, headline: &str) {
        let word = if self.colored_errors() { "\u{1b}[1;31merror\u{1b}[0m" } else { "error" };
        self.say(&format!("{word}: {headline}"));
    }

    /// Says what a reader should know and what stops nothing.
    pub(crate) fn warn(&mut self, headline: &str) {
        let word = if self.colored_errors() { "\u{1b}[1;33mwarning\u{1b}[0m" } else { "warning" };
        self.say(&format!("{word}: {headline}"));
    }
}
