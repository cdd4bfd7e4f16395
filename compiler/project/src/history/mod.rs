//! The words for findings about a project's history. What is found is found in `groma-history`; the codes stand here, so that
//! all codes are together.

pub mod approval;
pub mod freeze;
pub mod repository;

use groma_model::Code;

/// The codes of a project's history.
pub(crate) fn codes() -> impl Iterator<Item = &'static Code> {
    [repository::CODES, freeze::CODES, approval::CODES].into_iter().flatten().copied()
}
