//! The page of each code: What, Why it matters for the number, Example, Instead.

/// The pages of `docs/diagnostics/`: code, Markdown; sorted.
pub const PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The page of a code, as Markdown.
pub fn page(code: &str) -> Option<&'static str> {
    PAGES.binary_search_by(|(known, _)| (*known).cmp(code)).ok().map(|at| PAGES[at].1)
}
