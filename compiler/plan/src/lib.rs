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

mod aggregate;
mod alert;
mod answer;
mod as_of;
mod cell;
mod check;
mod completeness;
mod customers;
mod draft;
mod eras;
mod errors;
mod estimate;
mod expansion;
mod fill;
mod flatten;
mod formula;
mod funnel;
mod group;
mod grouping;
mod interval;
mod job;
mod leaf;
mod lower;
mod members;
mod names;
mod operands;
mod outline;
mod own;
pub mod panel;
mod plan;
mod population;
mod publication;
mod range;
pub mod relation;
pub mod request;
mod rows;
mod scan;
mod slope;
mod spine;
mod status;
mod stitch;
mod student;
mod suppress;
mod text;
mod typed;
mod weighted;
mod window;
mod zone;

#[cfg(test)]
mod tests;

pub use alert::{Watched, firing};
pub use check::{BrokenRows, Guaranteed, SourceCheck, SourceChecks, broken_rows, checks, checks_beyond};
pub use flatten::{OFFSET_NOT_ALIGNED, TOO_LARGE};
pub use group::{Group, groups};
pub use interval::{IntervalMethod, NO_INTERVAL, NoInterval, interval_method};
pub use job::{Job, estimated, jobs};
pub use plan::{CODES, Planned, plan, plan_eras};
pub use publication::{Layout, Publication, Publishing, View, publication};
pub use request::{Estimated, Further, Request, Sets};
pub use scan::ScanSummary;
pub use zone::{local_time, tz_version};
