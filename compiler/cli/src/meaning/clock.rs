//! Clocks: which rows belong to a period, as it is written and in a sentence.

use super::expression;
use super::words::{amount, offset};
use groma_model::time::{Clock, Grain, Offset, Snapshot, ToDate};
use groma_model::{Anchor, CustomerId, Members, Metric, Model, Source};

/// The anchor of a metric's window, with whose it is.
pub(crate) fn anchor(metric: &Metric) -> Option<(CustomerId, &Anchor)> {
    match metric.population.as_ref()? {
        population if metric.clock.is_anchored() => match &population.members {
            Members::Anchor(anchor) => Some((population.customer, anchor)),
            Members::Rows | Members::Alive { .. } => None,
        },
        _ => None,
    }
}

/// A window as it is written in the language; nothing for the rows of the period.
pub(crate) fn window(model: &Model, clock: &Clock, anchor: Option<(CustomerId, &Anchor)>) -> Option<String> {
    let after = anchor.map(|anchor| format!(" after {}", moment(model, anchor))).unwrap_or_default();
    match clock {
        Clock::Event | Clock::Snapshot(_) => None,
        Clock::Trailing(length) => Some(format!("trailing {}", offset(*length))),
        Clock::ToDate(ToDate::AllTime) => Some("all time".to_owned()),
        Clock::ToDate(ToDate::Unit(grain)) => Some(format!("{} to date", grain.word())),
        Clock::After { from, to } if *from == Offset::default() => Some(format!("{}{after}", offset(*to))),
        Clock::After { from, to } => Some(match (from.months, to.months, from.days, to.days) {
            (0, 0, from, to) => format!("day {from} to day {to}{after}"),
            (from, to, 0, 0) => format!("month {from} to month {to}{after}"),
            _ => format!("{} to {}{after}", offset(*from), offset(*to)),
        }),
        Clock::Curve { every, times } => Some(format!("each {}{after}, {times} times", every_word(*every))),
    }
}

/// A snapshot as it is written in the language.
pub(crate) fn snapshot(model: &Model, metric: &Metric) -> Option<String> {
    let Clock::Snapshot(snapshot) = &metric.clock else { return None };
    let customer = metric.customer.map_or("customer", |customer| model.customer(customer).header.name.as_str());
    Some(match snapshot {
        Snapshot::First => "first".to_owned(),
        Snapshot::Last => "last".to_owned(),
        Snapshot::Average => "average".to_owned(),
        Snapshot::FirstPerCustomer => format!("first per {customer}"),
        Snapshot::LastPerCustomer => format!("last per {customer}"),
    })
}

/// The moment of an anchor, as it is written: `account.since`, `first(orders.ordered_at where amount > 0)`.
pub(crate) fn moment(model: &Model, (customer, anchor): (CustomerId, &Anchor)) -> String {
    match anchor {
        Anchor::Attribute(value) => {
            let text = expression::row(model, value);
            match is_since(model, customer, &text) {
                true => format!("{}.since", model.customer(customer).header.name),
                false => expression::of_customer(model, customer, value),
            }
        }
        Anchor::First { source, filter, .. } => {
            let source = model.source(*source);
            let filter = filter.as_ref().map(|filter| format!(" where {}", expression::row(model, filter)));
            format!("first({}.{}{})", source.header.name, time_name(source), filter.unwrap_or_default())
        }
    }
}

/// Whether a column is the one that says since when a customer is one.
fn is_since(model: &Model, customer: CustomerId, column: &str) -> bool {
    let customer = model.customer(customer);
    customer.since.is_some_and(|since| model.column(customer.source, since).name == column)
}

/// What the steps of a curve are, for the head of a table: `month after account.since`.
pub(crate) fn steps_of_curve(model: &Model, metric: &Metric) -> Option<String> {
    let Clock::Curve { every, .. } = &metric.clock else { return None };
    let moment = anchor(metric).map_or_else(|| "the anchor".to_owned(), |anchor| moment(model, anchor));
    let steps =
        if offset(*every).starts_with("1 ") { every_word(*every) } else { format!("steps of {}", offset(*every)) };
    Some(format!("{steps} after {moment}"))
}

/// `month` for one of a unit, else the amount.
fn every_word(every: Offset) -> String {
    match offset(every).strip_prefix("1 ") {
        Some(unit) if !unit.contains(' ') => unit.to_owned(),
        _ => offset(every),
    }
}

/// The name of a source's time.
pub(crate) fn time_name(source: &Source) -> &str {
    source.time.map(|time| source.columns[time.index()].name.as_str()).unwrap_or_default()
}

/// Which rows belong to a period, in a sentence; nothing for a metric without rows of its own.
pub(crate) fn sentence(model: &Model, metric: &Metric) -> String {
    let Some(source) = metric.source.map(|id| model.source(id)) else { return String::new() };
    let (time, zone) = (time_name(source), &model.calendar.zone);
    if time.is_empty() {
        return String::new();
    }
    let days = format!("local days of {zone}");
    let until = "up to, but not including,";
    match &metric.clock {
        Clock::Event if !metric.steps.is_empty() => format!(
            "`{time}` of the first step lies in the period: from its first day {until} the first day of the next \
             ({days}); later steps may lie behind it"
        ),
        Clock::Event => {
            format!("`{time}` lies in the period: from its first day {until} the first day of the next ({days})")
        }
        Clock::Trailing(length) => format!(
            "`{time}` lies in the {} before the end of the period, {until} the first day of the next ({days})",
            offset(*length)
        ),
        Clock::ToDate(ToDate::AllTime) => {
            format!("`{time}` lies before the end of the period, {until} the first day of the next ({days})")
        }
        Clock::ToDate(ToDate::Unit(grain)) => format!(
            "`{time}` lies between the start of the {} and the end of the period; the {0} is the one that holds the \
             period's last day ({days})",
            grain_word(*grain)
        ),
        Clock::After { from, to } => {
            let moment = anchor(metric).map_or_else(|| "the anchor".to_owned(), |anchor| moment(model, anchor));
            let start = match *from == Offset::default() {
                true => format!("from the day of {moment}"),
                false => format!("from {} after the day of {moment}", offset(*from)),
            };
            format!(
                "`{time}` lies in the customer's own window: {start} {until} {} after that day ({days})",
                offset(*to)
            )
        }
        Clock::Curve { every, times } => {
            let moment = anchor(metric).map_or_else(|| "the anchor".to_owned(), |anchor| moment(model, anchor));
            format!(
                "step 0 holds the rows whose `{time}` lies from the day of {moment} {until} {} later, each step after \
                 it the same length, to step {} ({days})",
                offset(*every),
                times.saturating_sub(1)
            )
        }
        Clock::Snapshot(snapshot) => snapshot_sentence(*snapshot, time, &days),
    }
}

fn snapshot_sentence(snapshot: Snapshot, time: &str, days: &str) -> String {
    match snapshot {
        Snapshot::Last => format!("only the rows of the last `{time}` that the source has in the period ({days})"),
        Snapshot::First => format!("only the rows of the first `{time}` that the source has in the period ({days})"),
        Snapshot::LastPerCustomer => {
            format!("only each customer's last row in the period, by `{time}` and then by key ({days})")
        }
        Snapshot::FirstPerCustomer => {
            format!("only each customer's first row in the period, by `{time}` and then by key ({days})")
        }
        Snapshot::Average => format!(
            "`{time}` lies in the period ({days}); the value is that of all these rows, divided by how many different \
             times there are"
        ),
    }
}

/// Which rows a window takes, in a sentence that does not know of whose metric.
pub(crate) fn window_sentence(model: &Model, clock: &Clock, anchor: Option<(CustomerId, &Anchor)>) -> String {
    match clock {
        Clock::Event => "those of the period".to_owned(),
        Clock::Trailing(length) => format!("those of the {} before the end of the period", offset(*length)),
        Clock::ToDate(ToDate::AllTime) => "all those before the end of the period".to_owned(),
        Clock::ToDate(ToDate::Unit(grain)) => {
            format!("those from the start of the {} to the end of the period", grain_word(*grain))
        }
        Clock::After { .. } => format!(
            "those {}, for each customer whose day lies in the period",
            window(model, clock, anchor).unwrap_or_default()
        ),
        Clock::Curve { every, times } => format!(
            "{} of {} each, one after another from {} on, for each customer whose day lies in the period",
            amount(u64::from(*times), "step"),
            offset(*every),
            anchor.map_or_else(|| "the anchor".to_owned(), |anchor| moment(model, anchor))
        ),
        Clock::Snapshot(_) => "those of a snapshot of the period".to_owned(),
    }
}

pub(crate) fn grain_word(grain: Grain) -> String {
    grain.word().replace('_', " ")
}
