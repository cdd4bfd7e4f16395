//! What makes an alert fire, and what ends it.

use super::number::in_unit;
use crate::check::entries::{Entries, WRONG_VALUE, as_name};
use crate::check::names::nearest;
use crate::model::{MetricId, Model};
use crate::reading::{Bound, Comparison, Direction, Trigger};
use crate::time::Offset;
use groma_syntax::ast::{Expr, ExprKind, Infix};
use groma_syntax::{Code, Diagnostic, Span};

/// A change of which nobody said how large it must be.
pub(crate) static NO_MATTERS: Code = Code::error(
    "alert/no-matters",
    "An alert fires by what matters, and the metric does not say which change matters.",
);
/// A threshold in another unit.
pub(crate) static THRESHOLD_UNIT: Code =
    Code::error("alert/unit", "The threshold of an alert is in another unit than its metric.");
/// An alert that goes on for ever, or begins anew at once.
pub(crate) static NEVER_CLEARS: Code =
    Code::error("alert/never-clears", "What ends an alert does not go with what makes it fire.");

const FORMS: &str = "write `falls by matters`, a threshold such as `value < 30`, or an age: `age > 2 days`";

/// Reads `when` and `until`, for a metric.
pub(super) fn read(
    model: &Model,
    entries: &Entries<'_>,
    metric: (MetricId, Span),
    sink: &mut Vec<Diagnostic>,
) -> Option<Trigger> {
    let written = entries.value("when")?;
    let trigger = when(model, (&entries.item.name.text, written), metric, sink)?;
    let Some(until) = entries.value("until") else { return Some(trigger) };
    let Trigger::Threshold { fires, .. } = trigger else {
        sink.push(
            WRONG_VALUE
                .finding(format!(
                    "alert `{}` says until when it goes on, and it fires by no threshold",
                    entries.item.name.text
                ))
                .at(until.span, "ends nothing")
                .also(written.span, "fires by this")
                .help("take `until` out: the alert is over when this no longer holds"),
        );
        return None;
    };
    let clears = bound(model, (&entries.item.name.text, until), metric, sink)?;
    if let Some((headline, label, help)) = problem(fires, clears) {
        sink.push(
            NEVER_CLEARS
                .finding(format!("alert `{}` {headline}", entries.item.name.text))
                .at(until.span, label)
                .also(written.span, "fires by this")
                .help(help),
        );
        return None;
    }
    Some(Trigger::Threshold { fires, clears: Some(clears) })
}

/// What is wrong with the end of an alert: the headline, at the end, what to do.
type Problem = (String, &'static str, String);

/// Why what ends an alert does not go with what makes it fire; none where it does.
fn problem(fires: Bound, clears: Bound) -> Option<Problem> {
    let is_below = |bound: Bound| matches!(bound.comparison, Comparison::Less | Comparison::LessEqual);
    let opposite = match fires.comparison {
        Comparison::Less => ">=",
        Comparison::LessEqual => ">",
        Comparison::Greater => "<=",
        Comparison::GreaterEqual => "<",
    };
    let help = |value: f64| format!("write the other direction, from that value on: `until: value {opposite} {value}`");
    if is_below(fires) == is_below(clears) {
        let worse = if is_below(fires) { "falls" } else { "rises" };
        return Some((
            format!("goes on until the value {worse} even further: it is over when things are at their worst"),
            "the same direction",
            help(fires.value),
        ));
    }
    let (low, high) = if is_below(fires) { (clears, fires) } else { (fires, clears) };
    let touches = low.value.total_cmp(&high.value).is_eq();
    let both = matches!(low.comparison, Comparison::GreaterEqual) && matches!(high.comparison, Comparison::LessEqual);
    if low.value < high.value || touches && both {
        return Some((
            "is over by a value by which it fires: it would begin and end at once".to_owned(),
            "fires here as well",
            help(fires.value),
        ));
    }
    None
}

fn when(
    model: &Model,
    (alert, written): (&str, &Expr),
    metric: (MetricId, Span),
    sink: &mut Vec<Diagnostic>,
) -> Option<Trigger> {
    match &written.kind {
        ExprKind::Group(inner) => when(model, (alert, inner), metric, sink),
        ExprKind::Infix { operator: Infix::By, left, right, .. } => {
            matters(model, (alert, left, right), metric, sink).map(Trigger::Matters)
        }
        ExprKind::Infix { operator, left, right, .. } if is_word(left, "age") => {
            age(written, *operator, right, sink).map(Trigger::Missing)
        }
        ExprKind::Infix { .. } => {
            let fires = bound(model, (alert, written), metric, sink)?;
            Some(Trigger::Threshold { fires, clears: None })
        }
        _ => {
            sink.push(not_a_trigger(written.span));
            None
        }
    }
}

fn not_a_trigger(span: Span) -> Diagnostic {
    WRONG_VALUE.finding("this does not say when somebody is told").at(span, "cannot be read").help(FORMS)
}

/// `falls by matters`.
fn matters(
    model: &Model,
    (alert, left, right): (&str, &Expr, &Expr),
    (id, span): (MetricId, Span),
    sink: &mut Vec<Diagnostic>,
) -> Option<Direction> {
    let word = as_name(left).map(|(word, _)| word).unwrap_or_default();
    let Some(direction) = Direction::from_word(&word) else {
        let finding =
            WRONG_VALUE.finding("an alert fires when a metric falls, rises or changes").at(left.span, "none of them");
        sink.push(match nearest(&word, Direction::WORDS.iter().copied()) {
            Some(near) => {
                finding.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), left.span, near)
            }
            None => finding.help("write `falls by matters`, `rises by matters` or `changes by matters`"),
        });
        return None;
    };
    if !is_word(right, "matters") {
        sink.push(
            WRONG_VALUE
                .finding(format!("`{}` is by as much as matters, which the metric itself says", direction.word()))
                .at(right.span, "not `matters`")
                .help(format!(
                    "write `when: {} by matters`, and how much that is in the metric: `matters: 3 points at 95%`",
                    direction.word()
                )),
        );
        return None;
    }
    let metric = model.metric(id);
    if metric.matters.is_none() && !metric.header.broken {
        sink.push(
            NO_MATTERS
                .finding(format!(
                    "alert `{alert}` fires when `{}` {} by as much as matters, and nobody said how much that is",
                    metric.header.name,
                    direction.word()
                ))
                .at(right.span, "how much?")
                .also(span, "of this metric")
                .also(metric.header.span, "has no `matters`")
                .help(format!(
                    "add `matters: {} at 95%` to `{}`, or use a threshold: `when: value < …`",
                    smallest(metric),
                    metric.header.name
                )),
        );
        return None;
    }
    Some(direction)
}

/// A change such as one might act on, in the metric's unit.
fn smallest(metric: &crate::model::Metric) -> String {
    crate::check::metric::governed::example(&metric.unit).replace("85", "3").replace("0.3", "0.03")
}

/// `age > 2 days`.
fn age(written: &Expr, operator: Infix, right: &Expr, sink: &mut Vec<Diagnostic>) -> Option<Offset> {
    let found = crate::rule::written::offset(right).filter(|offset| offset.months >= 0 && offset.days >= 0);
    let form = "write it like `age > 2 days`: days, weeks, months, quarters or years";
    if operator != Infix::Greater {
        sink.push(
            WRONG_VALUE
                .finding("an answer is missing when the newest one is older than so many days")
                .at(written.span, "not such an age")
                .help(form),
        );
        return None;
    }
    if found.is_none() {
        sink.push(
            WRONG_VALUE.finding("an age is a number of calendar days").at(right.span, "not such a number").help(form),
        );
    }
    found
}

/// `value < 30 points`.
fn bound(
    model: &Model,
    (alert, written): (&str, &Expr),
    (id, _): (MetricId, Span),
    sink: &mut Vec<Diagnostic>,
) -> Option<Bound> {
    let read = match &written.kind {
        ExprKind::Group(inner) => return bound(model, (alert, inner), (id, written.span), sink),
        ExprKind::Infix { operator, left, right, .. } if is_word(left, "value") => {
            comparison(*operator).map(|comparison| (comparison, right))
        }
        _ => None,
    };
    let Some((comparison, right)) = read else {
        let finding = not_a_trigger(written.span);
        sink.push(match &written.kind {
            ExprKind::Infix { left, .. } => match as_name(left).map(|(word, _)| nearest(&word, ["value", "age"])) {
                Some(Some(near)) if !is_word(left, near) => {
                    finding.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), left.span, near)
                }
                _ => finding,
            },
            _ => finding,
        });
        return None;
    };
    let what = format!("the threshold of alert `{alert}`");
    let value = in_unit(model.metric(id), right, (&THRESHOLD_UNIT, &what), sink)?;
    Some(Bound { comparison, value })
}

fn comparison(operator: Infix) -> Option<Comparison> {
    match operator {
        Infix::Less => Some(Comparison::Less),
        Infix::LessEqual => Some(Comparison::LessEqual),
        Infix::Greater => Some(Comparison::Greater),
        Infix::GreaterEqual => Some(Comparison::GreaterEqual),
        _ => None,
    }
}

fn is_word(expr: &Expr, word: &str) -> bool {
    as_name(expr).is_some_and(|(name, _)| name == word)
}
