//! Frozen periods: what is sealed, and whether it still holds.
//!
//! A lock is a file of the project: what each metric of a period meant, and which bytes were written for it. Since the commit
//! that added it, it may only be restated.

mod holds;
mod lock;
mod make;
mod restate;
mod trail;
mod verify;

pub use holds::{Forms, findings, frozen, holds};
pub use lock::{FOLDER, Files, Generator, Lock, Placed, Restatement, Seal, Sealed, path, sha256};
pub use make::{Maker, committed, lock};
pub use restate::{Agreed, Permission, restated, restatements};
pub use trail::Trail;
pub use verify::{Verified, frozen as frozen_state, present, verify, verify_at};

#[cfg(test)]
mod tests;
