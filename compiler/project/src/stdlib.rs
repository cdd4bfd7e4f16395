//! The standard library, written in Groma and embedded at build.

/// The files of `stdlib/`: name without extension, text; sorted.
pub(crate) const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/stdlib.rs"));

/// What people see as the path of a file of the standard library.
pub(crate) fn path(name: &str) -> String {
    format!("std:{name}.groma")
}
