//! What is still to be answered about a number: what the language itself knows to be open.

use crate::dashboards::Desk;
use groma_board::Cell;
use groma_model::governance::Period;
use groma_model::reading::{Goal, Phase};
use groma_model::{Diagnostic, MetricId, Span};
use jiff::ToSpan as _;

/// Exceptions that end so soon after the period must be judged again now.
const SOON: i64 = 90;

/// The questions, one sentence each: about the number, its target, its exceptions, and what was found about its definition.
pub(super) fn open(
    desk: &Desk<'_>,
    period: &Period,
    (id, cell): (MetricId, Option<&Cell>),
    (reached, goal): (Option<&str>, Option<(&Goal, Phase)>),
    findings: &[Diagnostic],
) -> Vec<String> {
    let model = &desk.loaded.project.model;
    let metric = model.metric(id);
    let mut questions: Vec<String> = of_number(cell).into_iter().collect();
    if let Some((goal, phase)) = goal
        && reached.is_some_and(|word| word.starts_with("missed"))
    {
        let name = &goal.header.name;
        questions.push(match phase {
            Phase::Shadow => format!("Target {name} is missed; it is only shown so far. Is it the right one?"),
            Phase::Warned => format!("Target {name} is missed, and counts soon. What will be done?"),
            Phase::Enforced => format!("Target {name} is missed, and counts. What is done about it?"),
        });
    }
    if metric.owner.is_none() && metric.governed.raci.accountable.is_empty() {
        questions.push("Nobody answers for it.".to_owned());
    }
    let disputes = model.disputes.iter().filter(|dispute| dispute.about.contains(&id) && !dispute.header.broken);
    questions.extend(disputes.map(|dispute| format!("Disputed ({}): {}", dispute.header.name, dispute.question)));
    let ends = period.covers.1.saturating_add(SOON.days());
    let exceptions = model.excepted(id).into_iter().map(|exception| model.exception(exception));
    let ending = exceptions.filter_map(|exception| Some((&exception.header.name, exception.until?)));
    questions.extend(
        ending
            .filter(|(_, until)| *until <= ends)
            .map(|(name, until)| format!("Exception {name} ends on {until}: does what it leaves out come back?")),
    );
    questions.extend(found(desk, id, findings));
    questions
}

/// Why the number is not final, where it is not.
fn of_number(cell: Option<&Cell>) -> Option<String> {
    let Some(cell) = cell else { return Some("It has no number in this period. Why?".to_owned()) };
    let words = match cell.status.as_str() {
        "settled" => return None,
        "provisional" => "It is provisional: rows may still arrive.",
        "immature" => "It is immature: its window has not closed for everybody.",
        "insufficient" => "It rests on too few observations to be shown. Can more be had?",
        "undefined" => "It is undefined: nothing to divide by, or to average.",
        _ => "It is suppressed: it is about too few people.",
    };
    Some(words.to_owned())
}

/// What is found within its declaration on a day.
fn found(desk: &Desk<'_>, id: MetricId, findings: &[Diagnostic]) -> Vec<String> {
    let model = &desk.loaded.project.model;
    let Some(written) = model.metric_span(id) else { return Vec::new() };
    let within = |span: Span| span.file == written.file && written.start <= span.start && span.end <= written.end;
    let about = |finding: &&Diagnostic| finding.primary.as_ref().is_some_and(|label| within(label.span));
    findings.iter().filter(about).map(|finding| format!("{} ({})", finding.headline, finding.code.id)).collect()
}
