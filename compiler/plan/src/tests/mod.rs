//! Whole plans, run on a small evaluator.

mod answers;
pub(crate) mod build;
mod calendars;
mod eras;
mod evaluate;
mod lowering;
mod own;
mod publication;
mod random;
mod statements;
mod suppression;
mod zones;
