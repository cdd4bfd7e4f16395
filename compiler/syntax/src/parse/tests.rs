//! What is read, and what is said about what cannot be.

mod findings;
mod limits;
mod trees;
