//! A comparison as annotations of GitHub workflows.

use super::{Differences, Level, Side, level, words};
use crate::findings::github::{command, render as findings};
use groma_history::Assessed;

/// A line that says whether history is rewritten, one for each change, then the findings.
pub fn render(differences: &Differences<'_>) -> String {
    let word = if differences.rewrites_history() { "warning" } else { "notice" };
    let headline = command(word, None, "groma diff", &differences.summary.verdict());
    let changes = differences.changes().iter().map(|one| annotation(differences, one));
    [headline].into_iter().chain(changes).chain([findings(&differences.head_findings())]).collect()
}

fn annotation(differences: &Differences<'_>, one: &Assessed) -> String {
    let word = match level(one) {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let title = format!("{}: {}", one.change.class.word(), words::subject(&one.change.subject));
    // What is gone has no line in the head that a note could stand at.
    let place = differences.place(one).filter(|(side, _)| *side == Side::Head).map(|(_, place)| place);
    command(word, place.as_ref(), &title, &message(differences, one))
}

/// What a change is, in a few lines.
pub(super) fn message(differences: &Differences<'_>, one: &Assessed) -> String {
    let change = &one.change;
    let since = change.since.map(|day| format!(", from {day} on")).unwrap_or_default();
    let mut lines =
        vec![format!("{}: {}, {}{since}", words::titled(differences, one), change.class.word(), words::reach(one, 3))];
    if let Some((Side::Base, place)) = differences.place(one) {
        let base = words::revision(&differences.compared.base.revision);
        lines.push(words::visible(&format!("it stood at {}:{} in {base}", place.path, place.line)));
    }
    if !one.frozen.is_empty() {
        lines.push(words::visible(&format!("frozen in {}", one.frozen.join(", "))));
    }
    let parts: Vec<String> = change.parts.iter().map(|part| words::visible(&part.words)).collect();
    lines.extend(shortened(&parts));
    lines.extend(change.undecided.iter().take(3).map(|text| format!("undecided: {}", words::visible(text))));
    if !change.downstream.is_empty() {
        let downstream: Vec<String> = change.downstream.iter().map(words::subject).collect();
        lines.push(format!("reaches {}", words::listed(&downstream, 6, ", ")));
    }
    for need in one.needs.iter().filter(|need| !need.is_met()) {
        let reason = words::reason(need).map(|reason| format!(" {reason}")).unwrap_or_default();
        lines.push(format!("approval of {}{reason}: {}", words::need(need), words::state(need)));
    }
    lines.join("\n")
}

fn shortened(parts: &[String]) -> Vec<String> {
    let more = parts.len().saturating_sub(8);
    parts.iter().take(8).cloned().chain((more > 0).then(|| format!("and {more} more"))).collect()
}
