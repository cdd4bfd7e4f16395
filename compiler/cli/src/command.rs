//! The commands, one file each.

pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod graph;
pub(crate) mod lineage;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod new;
pub(crate) mod query;
pub(crate) mod reference;
pub(crate) mod report;
pub(crate) mod rules;
pub(crate) mod run;
pub(crate) mod test;
