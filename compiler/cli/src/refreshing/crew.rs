//! What the sessions of one run know of each other.
//!
//! The first session takes the lock of the run for itself, then shares it with the others: it is free again only when all of
//! them have ended. So what a killed run has left at work on the server is over before another run begins. A session beside
//! that is lost does not come back: whoever holds a lock with others does not know with whom.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How long is waited before the others are looked at again.
const POLL: Duration = Duration::from_millis(50);

/// The sessions of a run.
#[derive(Default)]
pub(super) struct Crew {
    /// Held from the first definition of a job to the end of its transaction. Jobs compute side by side and write one
    /// after another: definitions of two transactions could wait for each other, or refuse each other.
    writing: Mutex<()>,
    /// How many sessions there are beside the first.
    beside: AtomicUsize,
    /// Those take no further job.
    halted: AtomicBool,
}

impl Crew {
    pub(super) fn write(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_halted(&self) -> bool {
        self.halted.load(Ordering::SeqCst)
    }

    /// Waits until the sessions beside have ended what they are at, and themselves.
    pub(super) fn halt(&self) {
        self.halted.store(true, Ordering::SeqCst);
        while self.beside.load(Ordering::SeqCst) > 0 {
            thread::sleep(POLL);
        }
    }
}

/// A session beside the first, for as long as it lasts.
pub(super) struct Beside(Arc<Crew>);

impl Beside {
    pub(super) fn of(crew: &Arc<Crew>) -> Self {
        crew.beside.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(crew))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.0.beside.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_waits_for_all_others() {
        let crew = Arc::new(Crew::default());
        let others = [Beside::of(&crew), Beside::of(&crew)];
        assert!(!crew.is_halted());
        let ended = thread::spawn(move || {
            thread::sleep(POLL);
            drop(others);
        });
        crew.halt();
        assert!(crew.is_halted());
        assert!(ended.join().is_ok());
    }
}
