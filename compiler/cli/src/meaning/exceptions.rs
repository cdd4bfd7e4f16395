//! What is left out of a metric, why, who agreed, and until when.

use super::expression;
use super::words::listed;
use crate::register::approver;
use groma_model::governance::{Exception, ExceptionOf};
use groma_model::{ExceptionId, MetricId, Model};
use serde_json::{Value, json};

/// What exceptions leave out of a metric, directly or through the metrics it is made of: a line for each.
pub(crate) fn explain(model: &Model, id: MetricId) -> String {
    let lines = model.excepted(id).into_iter().map(|exception| line(model, id, exception));
    lines.collect::<Vec<_>>().join("\n")
}

fn line(model: &Model, id: MetricId, exception: ExceptionId) -> String {
    let direct = model.metric(id).governed.exceptions.contains(&exception);
    let exception = model.exception(exception);
    let through = match direct {
        true => String::new(),
        false => format!(" of {}", listed(&metrics(model, exception))),
    };
    let until = exception.until.map(|until| format!("; until {until}")).unwrap_or_default();
    let evidence = match exception.evidence.as_slice() {
        [] => String::new(),
        evidence => format!(" ({})", evidence.join(", ")),
    };
    format!(
        "{} leaves out{through} {}, because {}{evidence}; approved by {}{until}",
        exception.header.name,
        what(model, exception),
        exception.because.trim_end_matches('.'),
        listed(&approvers(model, exception)),
    )
}

/// Which rows: `the rows of each account where account_id in ("A-1007"), 2026-07-01 to 2026-09-30`.
fn what(model: &Model, exception: &Exception) -> String {
    let whose = match exception.of {
        ExceptionOf::Customer(id) => format!("the rows of each `{}`", model.customer(id).header.name),
        ExceptionOf::Source(id) => format!("rows of `{}`", model.source(id).header.name),
        ExceptionOf::Nothing => return "nothing".to_owned(),
    };
    let days = exception.covers.map(|(first, last)| format!(", {first} to {last}")).unwrap_or_default();
    format!("{whose} where {}{days}", expression::row(model, &exception.condition))
}

fn metrics(model: &Model, exception: &Exception) -> Vec<String> {
    exception.metrics.iter().map(|(id, _)| format!("`{}`", model.metric(*id).header.name)).collect()
}

fn approvers(model: &Model, exception: &Exception) -> Vec<String> {
    exception.approved_by.iter().map(|one| approver(model, one)).collect()
}

/// The names of the exceptions that change a metric.
pub(crate) fn names(model: &Model, id: MetricId) -> Vec<&str> {
    model.excepted(id).into_iter().map(|exception| model.exception(exception).header.name.as_str()).collect()
}

/// Every exception of a project that leaves rows out, for the manifest of a build.
pub(crate) fn as_json(model: &Model) -> Vec<Value> {
    let object = |exception: &Exception| {
        let (kind, of) = match exception.of {
            ExceptionOf::Customer(id) => ("customer", &model.customer(id).header.name),
            ExceptionOf::Source(id) => ("source", &model.source(id).header.name),
            ExceptionOf::Nothing => return None,
        };
        let day = |day: jiff::civil::Date| day.to_string();
        Some(json!({
            "name": exception.header.name.as_str(),
            "metrics": exception.metrics.iter().map(|(id, _)| model.metric(*id).header.name.as_str()).collect::<Vec<_>>(),
            "of": { kind: of.as_str() },
            "where": expression::row(model, &exception.condition),
            "covers": exception.covers.map(|(first, last)| vec![day(first), day(last)]),
            "because": exception.because,
            "evidence": exception.evidence,
            "approved_by": approvers(model, exception),
            "until": exception.until.map(day),
        }))
    };
    model.exceptions.iter().filter_map(object).collect()
}
