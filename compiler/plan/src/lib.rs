//! The logical plan of a set of metrics.
//!
//! A plan is a list of named relations and one result, in typed expressions. It owns division, casts, literals, zones,
//! the spine of periods and how metrics are stitched together. It holds no SQL text and knows no dialect.
//!
//! ```text
//! request → flatten (formulas over leaves) → scan (rows, then one row per period and group) → spine (periods)
//!         → stitch (cells) → answer (measures, long form)
//! ```

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types, clippy::disallowed_macros))]

mod answer;
mod check;
mod draft;
mod flatten;
mod group;
mod leaf;
mod lower;
mod names;
mod outline;
mod plan;
pub mod relation;
pub mod request;
mod rows;
mod scan;
mod spine;
mod stitch;
mod text;
mod typed;
mod zone;

#[cfg(test)]
mod tests;

pub use check::{SourceCheck, SourceChecks, checks};
pub use flatten::{OFFSET_NOT_ALIGNED, TOO_LARGE};
pub use group::{Group, groups};
pub use plan::{CODES, Planned, plan};
pub use request::Request;
pub use scan::ScanSummary;
pub use zone::tz_version;
