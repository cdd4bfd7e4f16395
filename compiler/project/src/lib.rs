//! A project as a whole: its manifest, its files, the standard library, every code with its page.
//!
//! [`compile`] reads a [`World`] and gives the model with all findings. What a project's data holds is not known here:
//! data belongs to `groma-engine`. The words for findings about data stand in [`data`], so that all codes are together.

pub mod codeowners;
pub mod codes;
mod compile;
pub mod data;
pub mod history;
pub mod manifest;
mod nearest;
pub mod pages;
pub mod reference;
pub mod rules;
pub mod server;
mod stdlib;
pub mod target;
mod world;

pub use compile::{Project, compile};
pub use manifest::Manifest;
pub use nearest::did_you_mean;
pub use stdlib::packs;
pub use target::Target;
pub use world::{DiskWorld, MANIFEST, MemoryWorld, World};
