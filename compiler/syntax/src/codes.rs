//! The codes of this crate: what can be wrong with a text before it means anything.

use crate::diagnostic::Code;

/// A token where no rule allows it.
pub static UNEXPECTED: Code = Code::error("syntax/unexpected", "something stands where it cannot be read");
/// `{` without `}`, `(` without `)`, `case` without `end`.
pub static UNCLOSED: Code = Code::error("syntax/unclosed", "a block, a parenthesis or a `case` is never closed");
/// `}` or `)` without its opening.
pub static STRAY_CLOSE: Code = Code::error("syntax/stray-close", "something is closed that was never opened");
/// A string without its closing quotes.
pub static UNCLOSED_TEXT: Code = Code::error("syntax/unclosed-text", "a text in quotes never ends");
/// `owner:` and nothing, `a +` and nothing.
pub static MISSING_VALUE: Code = Code::error("syntax/missing-value", "a value is missing");
/// A value without `key:`.
pub static MISSING_KEY: Code = Code::error("syntax/missing-key", "a value has no key");
/// `owner finance`, `owner = finance`, `raci: {`.
pub static MISSING_COLON: Code = Code::error("syntax/missing-colon", "a key and its value are joined with `:`");
/// `metric { … }`.
pub static MISSING_NAME: Code = Code::error("syntax/missing-name", "a declaration needs a kind and one name");
/// `revenue orders`.
pub static MISSING_OPERATOR: Code =
    Code::error("syntax/missing-operator", "two values stand side by side without an operator or a comma");
/// `a < b < c`.
pub static CHAINED_COMPARISON: Code = Code::error("syntax/chained-comparison", "comparisons do not chain");
/// `==`, `&&`, `||`.
pub static WRONG_OPERATOR: Code = Code::error("syntax/wrong-operator", "an operator of another language");
/// `#`, `--`, `/* */`.
pub static WRONG_COMMENT: Code = Code::error("syntax/wrong-comment", "a comment of another language");
/// `'…'`, `“…”`.
pub static WRONG_QUOTE: Code = Code::error("syntax/wrong-quote", "a text stands in straight double quotes");
/// `"\d"`.
pub static UNKNOWN_ESCAPE: Code =
    Code::error("syntax/unknown-escape", "a backslash before a character it does not go with");
/// `30days`, `1_000`, `.5`.
pub static MALFORMED_NUMBER: Code = Code::error("syntax/malformed-number", "a number runs into what follows it");
/// Too many levels or operators in one expression, too many nested blocks.
pub static TOO_DEEP: Code = Code::error("syntax/too-deep", "an expression or a block is nested too deeply");
/// `<<<<<<< HEAD`, left by a merge.
pub static CONFLICT_MARKER: Code =
    Code::error("syntax/conflict-marker", "a merge was never finished: both sides of it still stand in the file");
/// Every code of this crate.
pub static CODES: &[&Code] = &[
    &CHAINED_COMPARISON,
    &CONFLICT_MARKER,
    &MALFORMED_NUMBER,
    &MISSING_COLON,
    &MISSING_KEY,
    &MISSING_NAME,
    &MISSING_OPERATOR,
    &MISSING_VALUE,
    &STRAY_CLOSE,
    &TOO_DEEP,
    &UNCLOSED,
    &UNCLOSED_TEXT,
    &UNEXPECTED,
    &UNKNOWN_ESCAPE,
    &WRONG_COMMENT,
    &WRONG_OPERATOR,
    &WRONG_QUOTE,
];
