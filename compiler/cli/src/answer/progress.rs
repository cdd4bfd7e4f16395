//! A sign of life on stderr, only where a person looks and only when work takes over a second.

use crate::terminal::Terminal;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shown until it is dropped.
pub(crate) struct Progress {
    bar: ProgressBar,
    ended: Option<Sender<()>>,
    waiting: Option<JoinHandle<()>>,
}

impl Progress {
    /// Work of unknown length.
    pub(crate) fn start(terminal: &Terminal, what: &'static str) -> Self {
        Self::of(terminal, ProgressBar::new_spinner(), "{spinner} {msg} {elapsed}", what)
    }

    /// Work of so many steps.
    pub(crate) fn steps(terminal: &Terminal, steps: usize, what: &'static str) -> Self {
        let bar = ProgressBar::new(u64::try_from(steps).unwrap_or(u64::MAX));
        Self::of(terminal, bar, "{msg} {bar:30} {pos}/{len} {elapsed}", what)
    }

    /// Another step is done.
    pub(crate) fn step(&self) {
        self.bar.inc(1);
    }

    fn of(terminal: &Terminal, bar: ProgressBar, template: &str, what: &'static str) -> Self {
        bar.set_draw_target(ProgressDrawTarget::hidden());
        if !terminal.messages_are_read() {
            return Self { bar, ended: None, waiting: None };
        }
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what);
        let (ended, end) = channel::<()>();
        let shown = bar.clone();
        let waiting = thread::spawn(move || {
            if end.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(Duration::from_millis(120));
            }
        });
        Self { bar, ended: Some(ended), waiting: Some(waiting) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.ended.take());
        if let Some(waiting) = self.waiting.take() {
            let _ = waiting.join();
        }
        self.bar.finish_and_clear();
    }
}
