//! Agreements on a date.

use super::{Court, SOON};
use crate::check::governance::agreement::terms::{self, place, renewal};
use crate::check::governance::agreement::uses::Uses;
use crate::check::names::listed;
use crate::governance::Agreement;
use crate::model::{MetricId, Model};
use groma_syntax::{Code, Diagnostic};
use jiff::civil::Date;

/// Its last day is over.
pub(crate) static ENDED: Code = Code::error(
    "agreement/ended",
    "Numbers are computed from a partner's data after the agreement about it has ended.",
);
/// Its first day is still to come.
pub(crate) static NOT_BEGUN: Code = Code::error(
    "agreement/not-begun",
    "Numbers are computed from a partner's data before the agreement about it has begun.",
);
/// Nothing follows it.
pub(crate) static ENDS_SOON: Code =
    Code::warning("agreement/ends-soon", "An agreement with a partner ends within 30 days and nothing renews it.");

/// How many metrics are pointed at.
const SHOWN: usize = 3;

/// What is wrong with it on the date.
pub(super) fn judge(court: &Court<'_>, sink: &mut Vec<Diagnostic>) {
    let model = court.model;
    if model.agreements.is_empty() {
        return;
    }
    let uses = Uses::of(model);
    for agreement in model.agreements.iter().filter(|agreement| !agreement.header.broken) {
        let resting = uses.resting_on(model, agreement);
        if holds(agreement, court.date) {
            match renewal(model, agreement) {
                // What was agreed without an end in sight was held against every metric already.
                Some(_) => {
                    terms::outside(model, agreement, &uses, Some(&model.declarations), sink);
                }
                None => sink.extend(ends_soon(model, agreement, court.date)),
            }
        } else if !model.agreements.iter().any(|other| takes_its_place(other, agreement, court.date)) {
            sink.extend(not_in_force(model, agreement, &resting, court.date));
        }
    }
}

fn holds(agreement: &Agreement, date: Date) -> bool {
    agreement.since.is_none_or(|since| since <= date) && agreement.until.is_none_or(|until| date <= until)
}

/// Whether another agreement of the partner about the same sources holds on the date.
fn takes_its_place(other: &Agreement, agreement: &Agreement, date: Date) -> bool {
    holds(other, date)
        && !other.header.broken
        && other.partner == agreement.partner
        && agreement.sources.iter().all(|source| other.sources.contains(source))
}

fn ends_soon(model: &Model, agreement: &Agreement, date: Date) -> Option<Diagnostic> {
    let until = agreement.until?;
    let days = i64::from((until - date).get_days());
    (days <= SOON).then(|| {
        let left = match days {
            0 => "today".to_owned(),
            1 => "tomorrow".to_owned(),
            days => format!("in {days} days"),
        };
        ENDS_SOON
            .finding(format!("the agreement with {} ends {left}, on {until}, and nothing renews it", agreement.partner))
            .at(place(model, agreement, "until"), "its last day")
            .help(format!(
                "agree with {} on a new end, or declare the agreement that follows with `since:` the day after",
                agreement.partner
            ))
    })
}

fn not_in_force(model: &Model, agreement: &Agreement, resting: &[MetricId], date: Date) -> Option<Diagnostic> {
    let partner = &agreement.partner;
    let names = listed(resting.iter().map(|id| model.metric(*id).header.name.as_str()));
    let what = |adverb: &str| match resting {
        [] => "nothing is computed from its data".to_owned(),
        [_] => format!("{names} is {adverb} computed from its data"),
        _ => format!("{names} are {adverb} computed from its data"),
    };
    let mut finding = match (agreement.since, agreement.until) {
        (Some(since), _) if date < since => {
            // One that renews another begins when it is time; what is wrong until then is said of the other.
            if model.agreements.iter().any(|other| renewal(model, other).is_some_and(|next| next.since == Some(since)))
            {
                return None;
            }
            NOT_BEGUN
                .finding(format!("the agreement with {partner} begins on {since}; {}", what("already")))
                .at(place(model, agreement, "since"), "its first day")
                .help("keep these metrics `status: draft` and the data out of the sources until that day")
        }
        (_, Some(until)) => ENDED
            .finding(format!("the agreement with {partner} ended on {until}; {}", what("still")))
            .at(place(model, agreement, "until"), "its last day")
            .help(match resting {
                [] => "delete the agreement and its sources".to_owned(),
                _ => format!("retire them (`status: retired`), or write the new end once {partner} has agreed"),
            }),
        _ => return None,
    };
    for id in resting.iter().take(SHOWN) {
        finding = finding.also(model.metric(*id).header.span, "rests on it");
    }
    Some(finding)
}
