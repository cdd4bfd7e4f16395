//! The terminal of a run, for several workers.

use crate::terminal::Terminal;
use std::sync::{Mutex, PoisonError};

/// Whoever has something to say says it whole before another does.
pub(super) struct Voice<'t>(Mutex<&'t mut Terminal>);

impl<'t> Voice<'t> {
    pub(super) fn of(terminal: &'t mut Terminal) -> Self {
        Self(Mutex::new(terminal))
    }

    pub(super) fn with<T>(&self, speak: impl FnOnce(&mut Terminal) -> T) -> T {
        speak(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn say(&self, line: &str) {
        self.with(|terminal| terminal.say(line));
    }

    pub(super) fn warn(&self, headline: &str) {
        self.with(|terminal| terminal.warn(headline));
    }
}
