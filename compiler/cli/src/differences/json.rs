//! A comparison as one JSON document of a stable shape: `docs/reference/diff.schema.json`. Keys are only ever added to version 1.

use super::{DataReport, Differences, MetricData, Mover, Side, words};
use crate::findings::json::{diagnostic, place};
use groma_history::need::Reason;
use groma_history::{Assessed, Need, Revision};
use groma_model::SmolStr;
use groma_model::change::{CLASSES, Part};
use groma_model::meaning::{FORM, Subject};
use serde_json::{Map, Value, json};

/// The version of the shape.
pub const VERSION: u32 = 1;

/// The document, with a newline at its end.
pub fn render(differences: &Differences<'_>) -> String {
    let findings = differences.all_findings();
    let mut document = json!({
        "version": VERSION,
        "base": revision(&differences.compared.base.revision),
        "head": revision(&differences.compared.head.revision),
        "summary": summary(differences),
        "changes": differences.changes().iter().map(|one| change(differences, one)).collect::<Vec<_>>(),
    });
    if let Some(report) = differences.data {
        document["data"] = data(report);
    }
    document["findings"] = findings.diagnostics.iter().map(|finding| diagnostic(&findings, finding)).collect();
    format!("{document:#}\n")
}

fn revision(revision: &Revision) -> Value {
    match revision {
        Revision::WorkingTree => json!({ "kind": "working_tree" }),
        Revision::Index => json!({ "kind": "index" }),
        Revision::Commit { id, name } => json!({ "kind": "commit", "name": name, "commit": id.to_string() }),
    }
}

fn summary(differences: &Differences<'_>) -> Value {
    let summary = &differences.summary;
    let classes: Map<String, Value> =
        CLASSES.iter().map(|(word, class)| ((*word).to_owned(), summary.count(*class).into())).collect();
    json!({
        "verdict": summary.verdict(),
        "rewrites_history": differences.rewrites_history(),
        "classes": classes,
        "frozen": summary.frozen,
        "undecided": summary.undecided,
        "approvals_missing": summary.unapproved,
    })
}

fn subject((kind, name): &Subject) -> Value {
    json!({ "kind": kind.word(), "name": name.as_str() })
}

fn change(differences: &Differences<'_>, one: &Assessed) -> Value {
    let change = &one.change;
    let path = |subjects: &Vec<Subject>| subjects.iter().map(subject).collect::<Value>();
    let mut written = json!({
        "class": change.class.word(),
        "kind": change.subject.0.word(),
        "name": change.subject.1.as_str(),
        "was": change.was.as_deref(),
        "direct": change.direct,
        "through": change.through.iter().map(path).collect::<Vec<_>>(),
        "frozen": texts(&one.frozen),
        "since": change.since.map(|day| day.to_string()),
        "parts": change.parts.iter().map(|one| part(differences, one)).collect::<Vec<_>>(),
        "undecided": change.undecided,
        "meaning": {
            "form": FORM,
            "before": change.before.map(|digest| digest.to_string()),
            "after": change.after.map(|digest| digest.to_string()),
        },
        "downstream": change.downstream.iter().map(subject).collect::<Vec<_>>(),
        "needs": one.needs.iter().map(need).collect::<Vec<_>>(),
        "place": differences.place(one).map(|(side, found)| {
            let mut found = place(&found);
            found["side"] = if side == Side::Base { "base" } else { "head" }.into();
            found
        }),
    });
    let [before, after] = [Side::Base, Side::Head].map(|side| differences.version(one, side));
    if before.or(after).is_some() {
        written["versions"] = json!({ "before": before, "after": after });
    }
    written
}

fn part(differences: &Differences<'_>, part: &Part) -> Value {
    json!({
        "class": part.class.word(),
        "key": part.key.as_str(),
        "words": part.words,
        "before": part.before,
        "after": part.after,
        "place": differences.part_place(part).as_ref().map(place),
    })
}

fn need(need: &Need) -> Value {
    let (kind, name) = words::party_parts(&need.from);
    json!({
        "class": need.class.word(),
        "from": { "kind": kind, "name": name },
        "because": because(&need.because),
        "wanted": need.wanted,
        "given": texts(&need.given),
        "open": texts(&need.open),
        "authors": texts(&need.authors),
        "missing": words::missing(need),
    })
}

fn because(reason: &Reason) -> Value {
    match reason {
        Reason::Decides => json!({ "kind": "decides" }),
        Reason::Owns => json!({ "kind": "owns" }),
        Reason::Restates { period, exception } => {
            json!({ "kind": "restates", "period": period.as_str(), "exception": exception.as_str() })
        }
    }
}

fn texts(texts: &[SmolStr]) -> Value {
    texts.iter().map(SmolStr::as_str).collect()
}

fn data(report: &DataReport) -> Value {
    let metrics = report.metrics.iter().map(metric).collect::<Vec<_>>();
    json!({ "target": report.target, "metrics": metrics })
}

fn metric(metric: &MetricData) -> Value {
    if let Some(why) = &metric.not_run {
        return json!({ "metric": metric.metric, "not_run": why });
    }
    json!({
        "metric": metric.metric,
        "same": metric.same,
        "changed": metric.changed,
        "only_base": metric.only_base,
        "only_head": metric.only_head,
        "movers": metric.movers.iter().map(mover).collect::<Vec<_>>(),
    })
}

fn mover(mover: &Mover) -> Value {
    let groups: Map<String, Value> =
        mover.groups.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    json!({
        "period": mover.period,
        "groups": groups,
        "base": mover.base,
        "head": mover.head,
        "difference": mover.difference,
    })
}
