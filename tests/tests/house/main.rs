//! What holds for the house as a whole, and for every input however broken. Nothing here links the embedded engine.

mod cases;
mod diagnostics;
mod fuzz;
mod generated;
mod layers;
mod paths;
mod reference;
mod scanner;
mod size;
