//! The codes of what goes wrong where answers are computed by a server or kept for others. They are raised where that
//! happens; they stand here so that one registry holds every code.

use groma_model::Code;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $summary:literal;)*) => {
        $($(#[$doc])* pub static $name: Code = Code::error($id, $summary);)*

        /// The codes of servers and of published answers.
        pub static CODES: &[&Code] = &[$(&$name),*];
    };
}

codes! {
    /// The variable holds something else.
    BAD_CONNECTION = "target/bad-connection", "The variable of a target holds no connection.";
    /// Nobody answers.
    UNREACHABLE = "target/unreachable", "The server of a target does not answer.";
    /// Name or password are refused.
    WRONG_CREDENTIALS = "target/wrong-credentials", "The server of a target refuses the user or the password.";
    /// No encryption, or nobody who can prove who he is.
    NOT_SECURE = "target/not-secure", "The connection to a target cannot be made secure as it must be.";
    /// The connection names a database that is not there.
    MISSING_DATABASE = "target/missing-database", "The database of a target does not exist.";
    /// A table's schema is not there.
    MISSING_SCHEMA = "target/missing-schema", "The schema of a table does not exist on the target.";
    /// A source's table is not there.
    MISSING_TABLE = "target/missing-table", "The table of a source does not exist on the target.";
    /// A table that is not what is declared.
    COLUMNS_DIFFER = "target/columns-differ", "The table of a source has other columns than are declared.";
    /// A column of the answers has changed its type.
    ANSWERS_DIFFER = "target/answers-differ", "The table of answers has a column of another type than is written now.";
    /// A right is missing.
    NO_PERMISSION = "target/no-permission", "The user of a target may not do what is asked.";
    /// Another run, or another session, holds what is needed.
    BUSY = "target/busy", "Someone else is at work on what a run needs.";
    /// No space, or no memory.
    DISK_FULL = "target/disk-full", "There is no space left where answers are computed or kept.";
    /// A server that only reads, a folder that cannot be written.
    READ_ONLY = "target/read-only", "Nothing can be written where answers are kept.";
    /// Longer than the server allows.
    TIMED_OUT = "target/timed-out", "A statement took longer than the server allows.";
    /// The session ended in the midst of it.
    CONNECTION_LOST = "target/connection-lost", "The connection to a target was lost.";
    /// A value that cannot be computed, and whatever else the server says.
    REFUSED = "target/refused", "The server of a target could not run a statement.";
}
