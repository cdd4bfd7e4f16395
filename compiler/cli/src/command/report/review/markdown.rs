//! The pack as Markdown.

use crate::markdown::{code, table, text};
use groma_board::{Number, Person, Review};

/// The whole page.
pub(super) fn page(review: &Review) -> String {
    let mut page = format!("# Review of {}\n\n{}\n", text(&review.period), text(&about(review)));
    if let Some(synthetic) = &review.synthetic {
        page.push_str(&format!("\n> {}\n", text(synthetic)));
    }
    let head = ["metric", "value", "interval", "since the last period", "target", "owner", "open"];
    page.push_str(&format!("\n## All numbers\n\n{}", table(&head, review.numbers.iter().map(row))));
    for number in &review.numbers {
        page.push_str(&part(number));
    }
    page
}

fn about(review: &Review) -> String {
    let mut said = vec![format!("{}, {}.", review.project, review.days)];
    said.extend(review.report.as_ref().map(|day| format!("Reported on {day}.")));
    said.extend(review.previous.as_ref().map(|previous| format!("The period before is {previous}.")));
    said.extend(review.frozen.as_ref().map(|frozen| format!("Frozen: {frozen}.")));
    said.extend(review.as_of.as_ref().map(|as_of| format!("As of {as_of} ({}).", review.zone)));
    said.push(match &review.commit {
        Some(commit) => format!("Definitions of commit {}.", commit.chars().take(12).collect::<String>()),
        None => "The definitions are not committed.".to_owned(),
    });
    said.push(review.compared.clone());
    said.join(" ")
}

fn row(number: &Number) -> Vec<String> {
    vec![
        text(&number.metric.label),
        text(&value(number)),
        text(number.interval.as_deref().unwrap_or("none")),
        text(&number.verdict),
        text(&target(number)),
        text(&owner(number.metric.owner.as_ref())),
        number.questions.len().to_string(),
    ]
}

/// The value; without one, why.
fn value(number: &Number) -> String {
    match &number.cell {
        None => "none".to_owned(),
        Some(cell) if cell.shown.is_empty() => cell.status.clone(),
        Some(cell) => cell.shown.clone(),
    }
}

fn target(number: &Number) -> String {
    let Some(goal) = &number.goal else { return "none".to_owned() };
    let phase = goal.phase.map(|phase| format!(" ({phase})")).unwrap_or_default();
    format!("{}{phase}: {}", goal.shown, number.reached.as_deref().unwrap_or("not known"))
}

fn owner(person: Option<&Person>) -> String {
    person.map_or_else(|| "nobody".to_owned(), |person| person.title.clone().unwrap_or_else(|| person.team.clone()))
}

fn part(number: &Number) -> String {
    let metric = &number.metric;
    let mut part = format!("\n## {}\n", text(&metric.label));
    if let Some(doc) = &metric.doc {
        part.push_str(&format!("\n{}\n", text(doc)));
    }
    part.push('\n');
    let mut line = |label: &str, said: &str| part.push_str(&format!("- {label}: {said}\n"));
    let of = number.cell.as_ref().map(|cell| {
        let n = cell.n.map(|n| format!(", of {n}")).unwrap_or_default();
        format!(" ({}, {}{n})", cell.period_label, cell.status)
    });
    line("value", &text(&format!("{}{}", value(number), of.unwrap_or_default())));
    line("interval", &text(number.interval.as_deref().unwrap_or("none")));
    line("since the last period", &text(&number.verdict));
    line("target", &text(&target(number)));
    let lead = metric.owner.as_ref().and_then(|owner| owner.lead.as_ref()).map(|lead| format!(", {lead}"));
    line("owner", &text(&format!("{}{}", owner(metric.owner.as_ref()), lead.unwrap_or_default())));
    let hash: String = metric.hash.chars().take(12).collect();
    line(
        "definition",
        &format!("{}, version {}, {}, {}", code(&metric.name), metric.version, metric.status, code(&hash)),
    );
    several(&mut part, "exceptions in force", &metric.exceptions);
    several(&mut part, "changes of the definition", &number.changes);
    several(&mut part, "open questions", &number.questions);
    part
}

/// A list within the list; `none` for nothing.
fn several(part: &mut String, label: &str, lines: &[String]) {
    if lines.is_empty() {
        part.push_str(&format!("- {label}: none\n"));
        return;
    }
    part.push_str(&format!("- {label}:\n"));
    for line in lines {
        part.push_str(&format!("  - {}\n", text(line)));
    }
}
