//! Findings about frozen periods.

use groma_model::Code;

/// Definitions that no commit holds.
pub static UNCOMMITTED: Code =
    Code::error("freeze/uncommitted", "A period is to be frozen while declarations are not committed.");
/// A lock that is there.
pub static ALREADY_SEALED: Code =
    Code::error("freeze/already-sealed", "A period is to be frozen that is frozen already, with other definitions.");
/// No such period.
pub static UNKNOWN_PERIOD: Code = Code::error("freeze/unknown-period", "What was named is no period of the project.");
/// A metric that nobody reads.
pub static NOT_PUBLISHED: Code =
    Code::error("freeze/not-published", "A period is to be frozen and reports a metric that is not published.");
/// A sealed number means something else.
pub static CHANGED: Code = Code::error("freeze/changed", "A metric no longer means what was sealed for a period.");
/// A lock of a later release.
pub static LOCK_NEWER: Code =
    Code::error("freeze/lock-newer", "A lock was written by a newer release and cannot be judged by this one.");
/// A lock that is not as `groma freeze` wrote it.
pub static LOCK_EDITED: Code = Code::error("freeze/lock-edited", "A lock was changed otherwise than by a restatement.");
/// A lock that is none.
pub static LOCK_UNREADABLE: Code = Code::error("freeze/lock-unreadable", "A lock cannot be read.");
/// The same definitions, other statements.
pub static SQL_DIFFERS: Code =
    Code::error("freeze/sql-differs", "A build of a frozen period is not byte for byte what was sealed.");
/// A built file that somebody changed.
pub static FILE_EDITED: Code = Code::error("freeze/file-edited", "A file of a build was changed by hand.");
/// A sealed meaning that may not change yet.
pub static NOT_RESTATED: Code =
    Code::error("freeze/not-restated", "A frozen period is to be restated, and something that allows it is missing.");

pub(super) static CODES: &[&Code] = &[
    &UNCOMMITTED,
    &ALREADY_SEALED,
    &UNKNOWN_PERIOD,
    &NOT_PUBLISHED,
    &CHANGED,
    &LOCK_NEWER,
    &LOCK_EDITED,
    &LOCK_UNREADABLE,
    &SQL_DIFFERS,
    &FILE_EDITED,
    &NOT_RESTATED,
];
