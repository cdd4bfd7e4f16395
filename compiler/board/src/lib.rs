//! Pages that people read.
//!
//! What comes in is a [`Page`]: tiles with their numbers, computed elsewhere. What goes out is text: a self-contained HTML
//! page, Vega-Lite specifications, a Grafana dashboard. The same page gives the same bytes. This crate computes no number and
//! touches no file, clock or engine.

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types, clippy::disallowed_macros))]

mod page;

pub use page::{Break, Cell, Goal, Metric, Page, Person, Tile};
