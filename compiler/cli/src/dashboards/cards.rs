//! What a reader may ask about a metric: its definition, version, hash, owner, exceptions and freshness.

use super::Desk;
use super::words::{Writing, metric_label, person, spoken};
use crate::answer::CONFIDENCE;
use crate::meaning::{exceptions, explain_metric, offset, plain as plain_number, status_word};
use groma_board as board;
use groma_model::schema::Kind;
use groma_model::{MetricId, Model, SmolStr};
use groma_plan::{IntervalMethod, interval_method};
use jiff::civil::Date;

/// Facts of `groma explain` that are not about how a number is computed, or that a page has a place of their own for.
const ELSEWHERE: [&str; 20] = [
    "note",
    "versions",
    "version",
    "left out",
    "owner",
    "accountable",
    "responsible",
    "consulted",
    "informed",
    "claimed by",
    "disputes",
    "decisions",
    "better",
    "kind",
    "used by",
    "labels",
    "tags",
    "declared",
    "sensitivity",
    "target",
];

/// The card of a metric, on a day; `freshness`: from when on its numbers know nothing; `writing`: how they are written.
pub(super) fn card(
    desk: &Desk<'_>,
    id: MetricId,
    (day, freshness): (Date, Option<&str>),
    writing: &Writing,
) -> board::Metric {
    let project = &desk.loaded.project;
    let model = &project.model;
    let metric = model.metric(id);
    let subject = (Kind::Metric, metric.header.name.clone());
    let hash = desk.meanings.of.get(&subject).map(|meaning| meaning.whole.to_string()).unwrap_or_default();
    let facts = explain_metric(model, &project.sources, id, day);
    let definition = facts.entries().filter(|(label, _)| !ELSEWHERE.contains(label)).map(|(label, text)| {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let sure = if label == "interval" { confidence(model, id) } else { String::new() };
        format!("{}: {}{sure}", spoken(label.trim()), lines.join("; "))
    });
    let doc = first_paragraph(metric.header.doc.as_deref().unwrap_or_default());
    board::Metric {
        name: metric.header.name.to_string(),
        label: metric_label(metric),
        doc: (!doc.is_empty()).then_some(doc),
        unit: writing.unit(),
        factor: writing.factor(),
        better: metric.better.as_ref().map(SmolStr::to_string),
        definition: definition.collect(),
        version: metric.version,
        hash,
        owner: person(model, metric.owner),
        status: status_word(metric.status),
        exceptions: exceptions::explain(model, id).lines().map(str::to_owned).collect(),
        freshness: freshness.map(str::to_owned).into_iter().chain(late(desk, id)).collect(),
    }
}

/// How sure an interval is, behind what it means: by the metric's own word where it says how sure one must be of a change.
fn confidence(model: &Model, id: MetricId) -> String {
    if matches!(interval_method(model, id), IntervalMethod::None(_)) {
        return String::new();
    }
    let share = model.metric(id).matters.as_ref().map_or(CONFIDENCE, |matters| matters.confidence);
    format!("; at {} %", plain_number(share * 100.0))
}

/// A sentence for each source whose rows may arrive late.
fn late(desk: &Desk<'_>, id: MetricId) -> Vec<String> {
    let model = &desk.loaded.project.model;
    let reads = model.metric(id).reads.iter().map(|source| model.source(*source));
    let late = reads.filter_map(|source| Some((&source.header.name, source.late?)));
    late.map(|(name, late)| format!("a row of {name} may arrive {} late", offset(late))).collect()
}

/// What a documentation says first, as one line.
fn first_paragraph(doc: &str) -> String {
    let lines = doc.lines().map(str::trim).skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}
