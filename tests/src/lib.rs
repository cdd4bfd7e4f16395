//! What the tests are made of: the Markdown of cases, the repository they stand in, projects made to measure.
//!
//! Nothing here links the embedded engine: what needs it stands in `tests/specification/`.

pub mod case;
pub mod generator;
pub mod markdown;
pub mod random;
pub mod repository;
pub mod rust_source;
pub mod seeded;

/// A test's answer: what went wrong, in words for the person who reads the log.
pub type Outcome<T = ()> = Result<T, String>;
