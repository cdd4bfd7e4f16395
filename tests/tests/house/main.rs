//! What holds for the house as a whole, and for every input however broken. Nothing here links the embedded engine.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says so and ends")]

mod cases;
mod diagnostics;
mod fuzz;
mod generated;
mod layers;
mod paths;
mod reference;
mod scanner;
mod seeded;
mod size;
