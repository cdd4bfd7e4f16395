//! How carefully a number must be handled, and why.

use super::other::sensitivity_word;
use super::words::{amount, listed};
use groma_model::lineage::{Lineage, Place};
use groma_model::{MetricId, Model, Sensitivity};

/// The class of what a metric rests on, the columns it comes from, and the smallest cell; nothing where nobody need care.
pub(super) fn sentence(model: &Model, id: MetricId) -> String {
    let class = model.sensitivity(id);
    let cell = model.metric(id).governed.cell.and_then(|cell| u64::try_from(cell).ok());
    let published = cell.map(|cell| format!("shown where a cell is about {} or more", amount(cell, "customer")));
    if class < Sensitivity::Personal {
        return published.unwrap_or_default();
    }
    let mut lineage = Lineage::new(model);
    let roots = lineage.metric(id);
    let from = roots.keys().filter(|place| lineage.class(place) == class).filter_map(|place| match place {
        Place::Column(source, column) => {
            Some(format!("{}.{}", model.source(*source).header.name, model.column(*source, *column).name))
        }
        Place::Undeclared(..) | Place::Table(_) => None,
    });
    let from = listed(&from.collect::<Vec<_>>());
    let published = published.map(|published| format!("; {published}")).unwrap_or_default();
    format!("{}, from {from}{published}", sensitivity_word(class))
}
