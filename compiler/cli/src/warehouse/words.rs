//! What the columns of answers and the views of metrics hold, in sentences.

use crate::loading::Loaded;
use crate::meaning::expression::{self, Metrics};
use groma_model::{MetricId, Model};
use groma_plan::Layout;
use groma_sql::keeping::Column;
use std::collections::BTreeMap;

/// The columns of the table of answers.
pub(super) fn columns(model: &Model, layout: &Layout, metrics: &[MetricId]) -> Vec<Column> {
    let groupings = metrics.iter().flat_map(|id| model.metric(*id).by.iter().flatten());
    let groups: BTreeMap<&str, &str> =
        groupings.filter_map(|grouping| Some((layout.column(&grouping.name)?, grouping.name.as_str()))).collect();
    let column = |(name, value_type): &(String, groma_plan::relation::ValueType)| Column {
        name: name.clone(),
        value_type: *value_type,
        required: Layout::NOT_NULL.contains(&name.as_str()),
        documentation: match groups.get(name.as_str()) {
            Some(grouping) => format!(
                "The `{grouping}` of the group; null where it is not known, and in rows that are not grouped by it."
            ),
            None => documentation(name).to_owned(),
        },
    };
    layout.columns.iter().map(column).collect()
}

/// What a column holds that every table of answers has.
fn documentation(column: &str) -> &'static str {
    match column {
        "metric" => "The name of the metric.",
        "version" => "The version of the metric that is in force on the first day of the period.",
        "grain" => "The length of the period: day, week, month, quarter, year, fiscal_quarter or fiscal_year.",
        "period" => "The first day of the period.",
        "grouping" => "The groupings of the row, joined by `+` in the order of the declaration; `total` without any.",
        "step" => "The step of a funnel or a curve; null for metrics without steps.",
        "step_number" => "The place of the step, from 1; null for metrics without steps.",
        "value" => "The number, in the unit of the metric; null where it is suppressed, insufficient or not there.",
        "n" => "How many observations it rests on.",
        "se" => "The standard error of the value.",
        "low" => "The lower end of the interval around the value.",
        "high" => "The upper end of the interval around the value.",
        "matured" => "The share of a cohort that has had its time; null for metrics that are no cohorts.",
        "status" => "Whether the number is done: only `settled` rows are never computed anew.",
        "change" => "The value minus that of the period before.",
        "change_se" => "The standard error of the change.",
        "change_low" => "The lower end of the interval around the change.",
        "change_high" => "The upper end of the interval around the change.",
        "detectable" => "The smallest change that so many observations would show.",
        "verdict" => "What the change says, by the metric's `matters`.",
        "semantic_hash" => "The hash of what this version of the metric means: another one is another definition.",
        "commit" => {
            "The commit of the definitions it was computed by; with `-dirty` where they were changed since, `uncommitted` \
             outside git."
        }
        "as_of" => "The local time from which on no row was read; null where no row was found.",
        _ => "",
    }
}

/// What a metric is: its documentation, and how it is computed.
pub(super) fn of_view(loaded: &Loaded, id: MetricId) -> String {
    let model = &loaded.project.model;
    let metric = model.metric(id);
    let owner = metric.owner.map(|team| format!(", owned by {}", model.teams[team.index()].header.name));
    let facts = format!(
        "Metric `{}`: {}, in {}{}.",
        metric.header.name,
        expression::measure(model, &metric.measure, Metrics::Named),
        metric.unit,
        owner.unwrap_or_default()
    );
    match &metric.header.doc {
        Some(doc) => format!("{}\n{facts}", doc.trim()),
        None => facts,
    }
}
