//! Pages that people read.
//!
//! What comes in is a [`Page`]: tiles with their numbers, computed elsewhere. What goes out is text: a self-contained HTML
//! page, Vega-Lite specifications, a Grafana dashboard. The same page gives the same bytes. This crate computes no number and
//! touches no file, clock or engine.

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types, clippy::disallowed_macros))]

mod chart;
pub mod grafana;
mod html;
mod page;
mod review;
mod scale;
mod series;
mod words;

use serde_json::Value;

pub use page::{Break, Cell, Goal, Metric, Page, Person, Tile};
pub use review::{Number, Review, review_html};

/// The page as one HTML document that needs no network: styles, scripts and numbers are in it, and all of it but the drawings
/// is there without JavaScript.
///
/// # Errors
/// The template does not fit the page: a mistake of this crate.
pub fn html(page: &Page) -> Result<String, minijinja::Error> {
    html::html(page)
}

/// The Vega-Lite specification (version 6) of a tile, with its numbers in it; none for a table, which is no chart.
#[must_use]
pub fn vega_lite(tile: &Tile) -> Option<Value> {
    chart::vega_lite(tile)
}

/// The specifications of a page as files: `leadership.nps.vl.json` with its text, in the order of the tiles.
#[must_use]
pub fn specifications(page: &Page) -> Vec<(String, String)> {
    page.tiles
        .iter()
        .filter_map(|tile| Some((format!("{}.vl.json", tile.id), format!("{:#}\n", vega_lite(tile)?))))
        .collect()
}
