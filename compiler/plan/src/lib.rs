//! The logical plan of a set of metrics.
//!
//! A plan is a list of named relations and one result, in typed expressions. It owns division, casts, literals, zones,
//! the spine of periods and how metrics are stitched together. It holds no SQL text and knows no dialect.

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types, clippy::disallowed_macros))]

pub mod relation;
pub mod request;
