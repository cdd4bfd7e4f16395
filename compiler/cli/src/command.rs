//! The commands, one file each.

pub(crate) mod approve;
pub(crate) mod blame;
pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod dashboard;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod freeze;
pub(crate) mod graph;
pub(crate) mod hash;
pub(crate) mod lineage;
pub(crate) mod list;
pub(crate) mod log;
pub(crate) mod man;
pub(crate) mod new;
pub(crate) mod query;
pub(crate) mod reference;
pub(crate) mod report;
pub(crate) mod rules;
pub(crate) mod run;
pub(crate) mod test;
pub(crate) mod verify;
