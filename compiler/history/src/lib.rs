//! A project in git: at a commit, between two of them, frozen, approved.
//!
//! What a change means is decided in `groma-model`; here is where the two states come from, and who had a say.

#![expect(
    clippy::disallowed_methods,
    reason = "this crate is where a project meets its history: git, files, ssh-keygen"
)]

pub mod approval;
pub mod blame;
pub mod comparison;
pub mod log;
pub mod need;
pub mod repository;
pub mod revision;
pub mod rights;
pub mod seal;
mod slice;
mod walk;

pub use comparison::{Assessed, Compared, State};
pub use git2::Oid;
pub use need::{Need, Party};
pub use repository::Repository;
pub use revision::Revision;
