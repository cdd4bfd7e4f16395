//! The codes of rules: made once per distinct id, severity and summary.

use groma_syntax::{Code, Severity};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

/// Codes that were made, by what they say.
type Known = HashMap<(String, Severity, String), &'static Code>;

static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

/// The code that says this. It lives as long as the program: findings hold their code without owning it, and there are no
/// more codes than distinct rules.
pub fn code(id: &str, severity: Severity, summary: &str) -> &'static Code {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry((id.to_owned(), severity, summary.to_owned())).or_insert_with(|| {
        let leaked = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
        Box::leak(Box::new(Code { id: leaked(id), severity, summary: leaked(summary) }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_made_once() {
        let first = code("rule/once", Severity::Error, "Once.");
        assert!(std::ptr::eq(first, code("rule/once", Severity::Error, "Once.")));
        assert_ne!(first, code("rule/once", Severity::Warning, "Once."));
    }
}
