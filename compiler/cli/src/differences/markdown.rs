//! A comparison as a comment of a pull request: whether it rewrites history, a table of the changes, each in detail as far as
//! there is room. What there is no room for is left out from the weakest class upwards, and it says so.

use super::{Differences, MetricData, Side, human, words};
use crate::findings::counted;
use crate::markdown::{block, code, html, table, text};
use groma_history::Assessed;
use groma_model::change::{CLASSES, Class, Part};
use groma_model::meaning::Subject;

/// A comment of a pull request may be 65,536 characters long.
const LONGEST: usize = 65_000;
/// The findings take no more than this, and the cells of `--data` no more either.
const LONGEST_SECTION: usize = 10_000;
/// The details of one change take no more than this, and a little.
const LONGEST_DETAILS: usize = 6_000;
/// The sentences about what is left out need their own room.
const REST: usize = 600;
/// A line of somebody's text.
const LONGEST_LINE: usize = 200;
/// What a comment is known by among others, when it is to be written anew.
const MARK: &str = "<!-- groma:diff -->";

/// The text, with a newline at its end.
pub fn render(differences: &Differences<'_>) -> String {
    within(differences, LONGEST)
}

/// The same for a page that holds more: at most that many characters, which are not to be fewer than 30,000.
pub fn within(differences: &Differences<'_>, longest: usize) -> String {
    let head = head(differences);
    let (findings, data) = (findings(differences), data(differences));
    let room = longest.saturating_sub(length(&head) + length(&findings) + length(&data) + REST);
    let changes = differences.changes();
    let rows: Vec<Vec<String>> = changes.iter().map(|one| row(differences, one)).collect();
    let width = |row: &Vec<String>| row.iter().map(|cell| length(cell) + 3).sum::<usize>() + 2;
    let wished = wished(differences, room);
    // Where not all rows fit, the strictest changes still have their details.
    let kept = wished.iter().map(|details| length(details)).sum::<usize>().min(room / 3);
    let shown = fitting(rows.iter().map(width), room - kept);
    let used: usize = rows.iter().take(shown).map(width).sum();
    let detailed = fitting(wished.iter().take(shown).map(|details| length(details)), room - used);
    let mut page = head;
    if shown > 0 {
        page.push_str(&table(&["class", "changed", "how", "frozen", "approvals"], rows.into_iter().take(shown)));
    }
    page.push_str(&left_out(&changes[shown..], &changes[detailed..shown]));
    page.push_str(&findings);
    page.push_str(&data);
    page.push_str(&wished[..detailed].concat());
    page.push_str(&format!("\n{MARK}\n"));
    page
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// How many of them, from the first, fit into a room.
fn fitting(lengths: impl Iterator<Item = usize>, room: usize) -> usize {
    let sums = lengths.scan(0, |used, length| {
        *used += length;
        Some(*used)
    });
    sums.take_while(|used| *used <= room).count()
}

/// The details of the strictest changes: all that fit into a room, and not many more.
fn wished(differences: &Differences<'_>, room: usize) -> Vec<String> {
    let mut used = 0;
    let details = differences.changes().iter().map(|one| details(differences, one));
    details
        .take_while(|details| {
            let before = used;
            used += length(details);
            before <= room
        })
        .collect()
}

fn head(differences: &Differences<'_>) -> String {
    let compared = differences.compared;
    let [base, head] = [&compared.base, &compared.head].map(|side| code(&words::revision(&side.revision)));
    let counts = differences.summary.counts();
    let counts = if counts.is_empty() { counts } else { format!(": {counts}") };
    format!("**Groma: {}**\n\n{base} → {head}{counts}\n\n", text(&differences.summary.verdict()))
}

fn subjects(subjects: &[Subject], at_most: usize) -> String {
    let names: Vec<String> = subjects.iter().map(|one| code(&words::subject(one))).collect();
    words::listed(&names, at_most, ", ")
}

fn row(differences: &Differences<'_>, one: &Assessed) -> Vec<String> {
    let class = one.change.class;
    let word = if class >= Class::Restating { format!("**{}**", class.word()) } else { class.word().to_owned() };
    let frozen: Vec<String> = one.frozen.iter().map(|name| code(&words::visible(name))).collect();
    let missing: Vec<String> =
        one.needs.iter().filter(|need| !need.is_met()).map(|need| text(&words::need(need))).collect();
    let approvals = match (missing.is_empty(), one.needs.is_empty()) {
        (false, _) => format!("**missing**: {}", words::listed(&missing, 2, ", ")),
        (true, false) => "given".to_owned(),
        (true, true) => String::new(),
    };
    vec![
        word,
        text(&words::titled(differences, one)),
        text(&words::reach(one, 2)),
        words::listed(&frozen, 3, ", "),
        approvals,
    ]
}

/// Says what the page does not: changes that are not named at all, and others without their details.
fn left_out(unnamed: &[&Assessed], brief: &[&Assessed]) -> String {
    let classes = |changes: &[&Assessed]| {
        let count = |class: Class| changes.iter().filter(|one| one.change.class == class).count();
        let counts = CLASSES.iter().rev().map(|(word, class)| (word, count(*class))).filter(|(_, count)| *count > 0);
        counts.map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
    };
    let said = |changes: &[&Assessed], of: &str, noun: &str| {
        (!changes.is_empty()).then(|| format!("{of}{} ({})", counted(changes.len(), noun), classes(changes)))
    };
    let said: Vec<String> =
        said(unnamed, "", "further change").into_iter().chain(said(brief, "the details of ", "change")).collect();
    match said.is_empty() {
        true => String::new(),
        false => format!("\nThere is no room here for {}: `groma diff` shows them all.\n", said.join(" and for ")),
    }
}

fn details(differences: &Differences<'_>, one: &Assessed) -> String {
    let change = &one.change;
    let mut items = vec![format!("- {}{}\n", text(&words::reach(one, 8)), stands(differences, one))];
    let parts = change.parts.iter().map(part);
    let undecided = change.undecided.iter().map(|said| format!("- undecided: {}\n", text(&words::visible(said))));
    let mut used = 0;
    let fitting: Vec<String> = parts
        .chain(undecided)
        .take_while(|item| {
            used += length(item);
            used <= LONGEST_DETAILS
        })
        .collect();
    let more = change.parts.len() + change.undecided.len() - fitting.len();
    items.extend(fitting);
    if more > 0 {
        items.push(format!("- and {more} more\n"));
    }
    if !change.downstream.is_empty() {
        items.push(format!("- reaches {}\n", subjects(&change.downstream, 20)));
    }
    items.extend(one.needs.iter().map(|need| {
        let state = text(&words::state(need));
        let state = if need.is_met() { state } else { format!("**{state}**") };
        let reason = words::reason(need).map(|reason| format!(" {}", text(&reason))).unwrap_or_default();
        format!("- approval of {}{reason}: {state}\n", text(&words::need(need)))
    }));
    let title = html(&words::titled(differences, one));
    format!(
        "\n<details><summary>{}: <code>{title}</code></summary>\n\n{}\n</details>\n",
        change.class.word(),
        items.concat()
    )
}

fn stands(differences: &Differences<'_>, one: &Assessed) -> String {
    let since = one.change.since.map(|day| format!(", from {day} on")).unwrap_or_default();
    let place = differences.place(one).map(|(side, place)| {
        let gone = if side == Side::Base { " before" } else { "" };
        format!(", {}{gone}", code(&words::visible(&format!("{}:{}", place.path, place.line))))
    });
    format!("{since}{}", place.unwrap_or_default())
}

fn part(part: &Part) -> String {
    let said = format!("- {}\n", text(&words::visible(&part.words)));
    let [old, new] = words::excerpts(part.before.as_deref(), part.after.as_deref(), 6);
    let signed = [("-", old), ("+", new)].into_iter().flat_map(|(sign, lines)| {
        lines.into_iter().map(move |line| {
            let cut = if length(&line) > LONGEST_LINE { "…" } else { "" };
            format!("{sign} {}{cut}", line.chars().take(LONGEST_LINE).collect::<String>())
        })
    });
    let signed: Vec<String> = signed.collect();
    if signed.is_empty() {
        return said;
    }
    // Within its item of the list.
    let shown: String = block("diff", &signed).lines().map(|line| format!("  {line}\n")).collect();
    format!("{said}\n{shown}\n")
}

/// The findings, as many as fit.
fn findings(differences: &Differences<'_>) -> String {
    let found = differences.head_findings();
    if found.diagnostics.is_empty() {
        return String::new();
    }
    let lines = found.diagnostics.iter().map(|finding| {
        let place = finding.primary.as_ref().map(|label| found.place(label.span));
        let place =
            place.map(|place| format!(" {}", code(&format!("{}:{}", place.path, place.line)))).unwrap_or_default();
        let help = finding
            .help
            .as_ref()
            .map(|help| format!("  \n  help: {}", text(&words::visible(help))))
            .unwrap_or_default();
        let headline = text(&words::visible(&finding.headline));
        format!("- **{}**{place} {}: {headline}{help}\n", finding.severity.word(), code(finding.code.id))
    });
    section("Findings", &lines.collect::<Vec<_>>(), "finding")
}

/// What both sides computed, as much as fits.
fn data(differences: &Differences<'_>) -> String {
    let Some(report) = differences.data else { return String::new() };
    let lines: Vec<String> = report.metrics.iter().map(metric_data).collect();
    let title = format!("On {}: {}", code(&words::visible(&report.target)), report.verdict());
    section(&title, &lines, "metric")
}

fn metric_data(metric: &MetricData) -> String {
    let counts = match &metric.not_run {
        Some(why) => format!("not run: {}", text(&words::visible(why))),
        None => human::cells(metric),
    };
    let movers =
        metric.movers.iter().take(10).map(|mover| format!("  - {}\n", text(&words::visible(&human::moved(mover)))));
    format!("- {}: {counts}\n{}", code(&words::visible(&metric.metric)), movers.collect::<String>())
}

fn section(title: &str, lines: &[String], noun: &str) -> String {
    let shown = fitting(lines.iter().map(|line| length(line)), LONGEST_SECTION);
    let more = lines.len() - shown;
    let rest = match more {
        0 => String::new(),
        more => format!(
            "\nThere is no room here for {}: `groma diff` shows them all.\n",
            counted(more, &format!("more {noun}"))
        ),
    };
    format!("\n### {title}\n\n{}{rest}", lines[..shown].concat())
}
