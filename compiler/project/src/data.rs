//! The codes of findings about a source's data. They are raised where data is read; they stand here so that one registry
//! holds every code.

use groma_model::Code;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $summary:literal;)*) => {
        $($(#[$doc])* pub static $name: Code = Code::error($id, $summary);)*

        /// The codes of data.
        pub static CODES: &[&Code] = &[$(&$name),*];
    };
}

codes! {
    /// A file that is not there, a pattern or folder without a file.
    MISSING_FILE = "data/missing-file", "A source's file is not there.";
    /// A pattern that cannot be read.
    BAD_PATTERN = "data/bad-pattern", "A source's `file` is not a pattern of files.";
    /// Neither CSV nor Parquet nor lines of JSON.
    UNKNOWN_FORMAT = "data/unknown-format", "A source's file has a format that is not read.";
    /// One source, two formats.
    MIXED_FORMATS = "data/mixed-formats", "The files of one source have different formats.";
    /// Not even a header.
    EMPTY_FILE = "data/empty-file", "A source's file is empty, without even a header.";
    /// A declared column stands in the header twice.
    DUPLICATE_COLUMN = "data/duplicate-column", "A source's file has a declared column twice.";
    /// A declared column is not in the file.
    MISSING_COLUMN = "data/missing-column", "A source's file lacks a declared column.";
    /// More or fewer fields than the header.
    RAGGED_ROW = "data/ragged-row", "A row has more or fewer fields than the header.";
    /// A quotation that never ends.
    UNCLOSED_QUOTE = "data/unclosed-quote", "A quotation in a source's file never ends.";
    /// Bytes that are no text.
    NOT_UTF8 = "data/not-utf8", "A source's file is not UTF-8 text.";
    /// A line that is not one JSON object.
    BAD_JSON = "data/bad-json", "A line of a source's file is not one JSON object.";
    /// A value, or a whole column of a Parquet file, that does not fit its declared type.
    BAD_VALUE = "data/bad-value", "A value does not fit the declared type of its column.";
    /// Not the Parquet it claims to be.
    BAD_PARQUET = "data/bad-parquet", "A source's file is not the Parquet it claims to be.";
    /// A source's check that does not hold.
    CHECK_FAILED = "data/check-failed", "Rows of a source do not pass one of its checks.";
}
