//! Exceptions on a date.

use super::{Court, Judgement, SOON};
use crate::governance::Exception;
use crate::model::{Header, Model};
use crate::schema::Kind;
use groma_syntax::{Code, Diagnostic, Span};
use jiff::Unit;
use jiff::civil::Date;

/// An exception that nobody has judged again.
pub(crate) static EXPIRED: Code = Code::error(
    "exception/expired",
    "An exception still leaves rows out, and the day on which it was to be judged again has passed.",
);

/// What is wrong with them on the date, and how many there are. One that has expired still leaves its rows out, so that no
/// number changes overnight.
pub(super) fn judge(court: &Court<'_>, judgement: &mut Judgement) {
    for exception in court.model.exceptions.iter().filter(|exception| !exception.header.broken) {
        let Some(until) = exception.until else { continue };
        if until < court.date {
            // What it restated is on record; it has left nothing out that could come back.
            if exception.restates.is_some() {
                continue;
            }
            judgement.findings.push(expired(court, exception, until));
            continue;
        }
        judgement.exceptions += 1;
        judgement.exceptions_ending_soon += usize::from(days_between(court.date, until) <= SOON);
    }
}

fn days_between(from: Date, to: Date) -> i64 {
    from.until((Unit::Day, to)).map_or(i64::MAX, |span| i64::from(span.get_days()))
}

/// Where a key of an exception is written.
fn place_of(model: &Model, name: &str, key: &str) -> Option<Span> {
    let record = model.records.iter().find(|record| record.kind == Kind::Exception && record.header.name == name)?;
    record.entries.iter().find(|(known, _)| known == key).map(|(_, span)| *span)
}

fn expired(court: &Court<'_>, exception: &Exception, until: Date) -> Diagnostic {
    let Header { name, span, .. } = &exception.header;
    let place = place_of(court.model, name, "until").unwrap_or(*span);
    let metrics: Vec<String> =
        exception.metrics.iter().map(|(id, _)| format!("`{}`", court.model.metric(*id).header.name)).collect();
    EXPIRED
        .finding(format!(
            "exception `{name}` was agreed until {until}, and {} still leave{} its rows out",
            metrics.join(", "),
            if metrics.len() == 1 { "s" } else { "" }
        ))
        .at(place, "has passed")
        .help("take it out, so that the rows count again; or let those who agreed judge it again and write a later day")
}
