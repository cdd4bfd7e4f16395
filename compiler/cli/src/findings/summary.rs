//! Findings as Markdown for a pull request: the verdict, what is wrong where, and what is set aside until when.

use super::{Findings, counted};
use crate::markdown::{code, table, text};
use crate::register::{Register, SetAside};
use groma_model::judge::SOON;
use groma_model::{Diagnostic, Severity};
use std::collections::BTreeMap;

/// A comment of a pull request may be 65,536 characters long.
const LONGEST: usize = 65_000;

/// What is set aside takes no more than this, each.
const LONGEST_TABLE: usize = 12_000;

/// The text, with a newline at its end.
pub(crate) fn render(findings: &Findings<'_>, files: usize, register: &Register) -> String {
    let mut page = format!("{}\n\n{}", verdict(findings, files), counts(findings, register));
    let date = register.date;
    // A waiver without a finding is a finding itself; only those that set something aside are in force.
    let used = |one: &&SetAside| findings.waived().iter().any(|waived| waived.waiver == one.name.as_str());
    let waivers: Vec<&SetAside> = register.waivers.iter().filter(|one| one.in_force(date)).filter(used).collect();
    let exceptions: Vec<&SetAside> = register.exceptions.iter().filter(|one| one.in_force(date)).collect();
    let mut tail = String::new();
    tail.push_str(&aside("Waivers in force", "waiver", &waivers, register));
    tail.push_str(&aside("Exceptions in force", "exception", &exceptions, register));
    let left = LONGEST.saturating_sub(length(&page) + length(&tail));
    page.push_str(&listed(findings, left));
    page.push_str(&tail);
    page
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// One line that says whether it may be merged.
fn verdict(findings: &Findings<'_>, files: usize) -> String {
    let [errors, warnings] = [Severity::Error, Severity::Warning].map(|severity| findings.count(severity));
    let files = counted(files, "file");
    match (errors, warnings) {
        (0, 0) => format!("**Groma: nothing is wrong** in {files}."),
        (0, warnings) => format!("**Groma: {}** in {files}, and no error.", counted(warnings, "warning")),
        (errors, 0) => format!("**Groma refuses this: {}** in {files}.", counted(errors, "error")),
        (errors, warnings) => {
            format!(
                "**Groma refuses this: {}** and {} in {files}.",
                counted(errors, "error"),
                counted(warnings, "warning")
            )
        }
    }
}

fn counts(findings: &Findings<'_>, register: &Register) -> String {
    let (in_force, ending) =
        findings.aside.map_or((0, 0), |aside| (aside.judgement.in_force, aside.judgement.ending_soon));
    let exceptions = register.exceptions.iter().filter(|one| one.in_force(register.date)).count();
    let numbers = [findings.count(Severity::Error), findings.count(Severity::Warning), in_force, ending, exceptions];
    let ending = format!("of them ending within {SOON} days");
    table(
        &["errors", "warnings", "waivers in force", &ending, "exceptions in force"],
        [numbers.iter().map(ToString::to_string).collect()],
    )
}

/// The findings by file, as many as fit.
fn listed(findings: &Findings<'_>, room: usize) -> String {
    let mut files: BTreeMap<String, Vec<&Diagnostic>> = BTreeMap::new();
    for finding in findings.diagnostics {
        let path = finding.primary.as_ref().map(|label| findings.path(label.span.file));
        files.entry(path.unwrap_or_else(|| "the project".to_owned())).or_default().push(finding);
    }
    let mut page = String::new();
    let (mut used, mut shown) = (0, 0);
    // The sentence that says how many more there are needs its own room.
    let room = room.saturating_sub(200);
    for (path, found) in files {
        let mut head = Some(format!("\n### {}\n\n", code(&path)));
        for finding in found {
            let line = format!("{}{}", head.as_deref().unwrap_or_default(), line(findings, finding));
            used += length(&line);
            if used > room {
                let more = counted(findings.diagnostics.len() - shown, "more finding");
                return format!("{page}\nThere is no room here for {more}: `groma check` shows them all.\n");
            }
            page.push_str(&line);
            shown += 1;
            head = None;
        }
    }
    page
}

fn line(findings: &Findings<'_>, finding: &Diagnostic) -> String {
    let place = finding.primary.as_ref().map(|label| findings.place(label.span).line);
    let place = place.map(|line| format!(" line {line},")).unwrap_or_default();
    let help = finding.help.as_ref().map(|help| format!("  \n  help: {}", text(help))).unwrap_or_default();
    format!("- **{}**{place} {}: {}{help}\n", finding.severity.word(), code(finding.code.id), text(&finding.headline))
}

/// A table of what is set aside, as many as fit; nothing for none.
fn aside(title: &str, noun: &str, entries: &[&SetAside], register: &Register) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let row = |one: &&SetAside| {
        let until = one.until.map(|until| until.to_string()).unwrap_or_default();
        let of: Vec<String> = one.of.iter().map(|name| code(name)).collect();
        let soon = one.days_left(register.date).is_some_and(|left| left <= SOON);
        let until = if soon { format!("**{until}**") } else { until };
        vec![code(&one.name), text(&one.what), of.join(", "), text(&one.because), until, one.left(register.date)]
    };
    let rows: Vec<Vec<String>> = entries.iter().map(row).collect();
    let mut used = 0;
    let fits = rows.iter().take_while(|row| {
        used += row.iter().map(|cell| length(cell) + 3).sum::<usize>();
        used <= LONGEST_TABLE
    });
    let shown: Vec<Vec<String>> = fits.cloned().collect();
    let more = rows.len() - shown.len();
    let head = [noun, "sets aside", "of", "because", "until", ""];
    let mut section = format!("\n### {title}\n\n{}", table(&head, shown));
    if more > 0 {
        let more = counted(more, &format!("more {noun}"));
        section.push_str(&format!("\nThere is no room here for {more}: `groma report exceptions` shows them all.\n"));
    }
    section
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Aside;
    use groma_model::governance::Waiver;
    use groma_model::judge::{Judgement, Waived};
    use groma_model::{Code, FileId, Header, SourceMap, Span};
    use jiff::civil::date;

    static WRONG: Code = Code::error("test/wrong", "something is wrong");

    fn set_aside(name: &str) -> SetAside {
        SetAside {
            name: name.to_owned(),
            what: "rows of `orders`".to_owned(),
            of: vec!["revenue".to_owned()],
            because: "a | b".to_owned(),
            evidence: Vec::new(),
            approved_by: Vec::new(),
            until: Some(date(2026, 7, 20)),
        }
    }

    #[test]
    fn a_long_summary_is_cut_and_says_so() {
        let mut sources = SourceMap::default();
        sources.add("groma.yml", "");
        sources.add("metrics.groma", "metric a { }\n");
        let span = Span::new(FileId(1), 7, 8);
        let headline = "something ".repeat(30);
        let diagnostics: Vec<_> = (0..1000).map(|_| WRONG.finding(headline.as_str()).at(span, "here")).collect();
        let judgement = Judgement::default();
        let aside = Aside { judgement: &judgement, waivers: &[] };
        let findings = Findings { sources: &sources, diagnostics: &diagnostics, prefix: "", aside: Some(aside) };
        let exceptions = (0..1000).map(|at| set_aside(&format!("e{at}"))).collect();
        let register = Register { date: date(2026, 7, 1), exceptions, waivers: Vec::new() };
        let page = render(&findings, 1, &register);
        assert!(page.chars().count() <= LONGEST, "{}", page.chars().count());
        assert!(page.contains("more findings: `groma check` shows them all"), "{page}");
        assert!(page.contains("more exceptions: `groma report exceptions` shows them all"), "{page}");
        assert!(page.starts_with("**Groma refuses this: 1000 errors** in 1 file.\n"), "{page}");
    }

    #[test]
    fn a_clean_project_still_shows_what_is_set_aside() {
        let sources = SourceMap::default();
        let finding = WRONG.finding("something");
        let header = Header { name: "w".into(), span: Span::default(), doc: None, standard: false, broken: false };
        let until = date(2026, 7, 20);
        let judgement = Judgement {
            waived: vec![Waived { finding, waiver: "w".into(), until }],
            in_force: 1,
            ending_soon: 1,
            ..Judgement::default()
        };
        let waivers = [Waiver {
            header,
            rule: ("test/wrong".into(), Span::default()),
            on: Vec::new(),
            because: "so".to_owned(),
            approved_by: Vec::new(),
            until: Some(until),
        }];
        let aside = Aside { judgement: &judgement, waivers: &waivers };
        let findings = Findings { sources: &sources, diagnostics: &[], prefix: "", aside: Some(aside) };
        let register = Register { date: date(2026, 7, 1), exceptions: Vec::new(), waivers: vec![set_aside("w")] };
        let expected = "**Groma: nothing is wrong** in 2 files.\n\n\
            | errors | warnings | waivers in force | of them ending within 30 days | exceptions in force |\n\
            |---|---|---|---|---|\n| 0 | 0 | 1 | 1 | 0 |\n\n### Waivers in force\n\n\
            | waiver | sets aside | of | because | until |  |\n|---|---|---|---|---|---|\n\
            | `w` | rows of `orders` | `revenue` | a \\| b | **2026-07-20** | 19 days left |\n";
        assert_eq!(render(&findings, 2, &register), expected);
        assert_eq!(aside.summary().as_deref(), Some("1 waiver in force, 1 ends within 30 days"));
    }
}
