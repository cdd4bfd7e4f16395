//! Room for deep expressions: trees are walked, compared and dropped by recursion.

/// Enough for the deepest expression that the parser is allowed to read.
const STACK: usize = 256 << 20;

/// Runs on a stack of its own, which takes memory only as far as it is used.
pub(crate) fn on_a_deep_stack<T>(work: impl FnOnce() -> T) -> T {
    stacker::grow(STACK, work)
}
