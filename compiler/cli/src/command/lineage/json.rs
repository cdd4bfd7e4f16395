//! Lineage as one document: for each metric the outermost columns, how it rests on them, and the way there.

use super::{class_word, column_name};
use crate::meaning::sensitivity_word;
use groma_model::lineage::{How, Lineage, Place, Through, What};
use groma_model::{MetricId, Model};
use serde_json::{Value, json};

/// `{"version": 1, "metrics": […]}`.
pub(super) fn write(model: &Model, lineage: &mut Lineage<'_>, metrics: &[MetricId]) -> String {
    let metrics: Vec<Value> = metrics.iter().map(|id| metric(model, lineage, *id)).collect();
    format!("{:#}\n", json!({ "version": 1, "metrics": metrics }))
}

fn metric(model: &Model, lineage: &mut Lineage<'_>, id: MetricId) -> Value {
    let declared = model.metric(id);
    let roots = lineage.metric(id);
    let columns: Vec<Value> = roots.iter().map(|(place, ways)| column(model, lineage, place, ways)).collect();
    let parts = declared.measure.metrics();
    json!({
        "name": declared.header.name.as_str(),
        "class": sensitivity_word(model.sensitivity(id)),
        "cell": declared.governed.cell,
        "made_of": parts.iter().map(|part| model.metric(*part).header.name.as_str()).collect::<Vec<_>>(),
        "columns": columns,
    })
}

fn column(model: &Model, lineage: &mut Lineage<'_>, place: &Place, ways: &[(How, Through)]) -> Value {
    let (source, name) = match place {
        Place::Column(source, column) => {
            (model.source(*source).header.name.as_str(), Some(model.column(*source, *column).name.as_str()))
        }
        Place::Undeclared(table, column) => (table.as_str(), Some(column.as_str())),
        Place::Table(table) => (table.as_str(), None),
    };
    let ways: Vec<Value> = ways
        .iter()
        .map(|(how, through)| {
            let through: Vec<String> =
                lineage.way(place, *through).into_iter().map(|step| step_name(model, step)).collect();
            json!({ "type": how.type_word(), "subtype": how.subtype_word(), "through": through })
        })
        .collect();
    json!({
        "source": source,
        "column": name,
        "declared": matches!(place, Place::Column(..)),
        "class": class_word(model, place),
        "transformations": ways,
    })
}

fn step_name(model: &Model, step: What) -> String {
    match step {
        What::Metric(id) => format!("metric {}", model.metric(id).header.name),
        What::Column(source, column) => column_name(model, source, column),
        What::Rows(source) => format!("rows of {}", model.source(source).header.name),
    }
}
