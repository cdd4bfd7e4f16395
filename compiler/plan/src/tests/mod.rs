//! Whole plans, run on a small evaluator.

mod answers;
mod build;
mod calendars;
mod evaluate;
mod random;
mod zones;
