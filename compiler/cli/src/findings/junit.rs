//! Findings as JUnit XML: each finding is a test case, and so is each file without one.

use super::Findings;
use groma_model::{Diagnostic, Severity};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The document. `paths` are the files that were checked, as the reader knows them.
pub fn render(findings: &Findings<'_>, suite: &str, paths: &[String]) -> String {
    let mut cases = String::new();
    let mut named = BTreeSet::new();
    for finding in findings.diagnostics {
        let path = finding.primary.as_ref().map(|label| findings.path(label.span.file));
        case(&mut cases, findings, finding, path.as_deref().unwrap_or(suite));
        named.extend(path);
    }
    let waived = findings.waived();
    for (aside, one) in findings.aside.iter().flat_map(|aside| waived.iter().map(move |one| (aside, one))) {
        let path = one.finding.primary.as_ref().map(|label| findings.path(label.span.file));
        let name = format!("{} {}", one.finding.code.id, one.finding.headline);
        let _ = writeln!(
            cases,
            "    <testcase classname=\"{}\" name=\"{}\">\n      <skipped message=\"{}\"/>\n    </testcase>",
            escape(path.as_deref().unwrap_or(suite)),
            escape(&name),
            escape(&aside.justification(one))
        );
        named.extend(path);
    }
    let clean: Vec<&String> = paths.iter().filter(|path| !named.contains(*path)).collect();
    for path in &clean {
        let _ = writeln!(cases, "    <testcase classname=\"{}\" name=\"no findings\"/>", escape(path));
    }
    let (tests, failures) = (findings.diagnostics.len() + waived.len() + clean.len(), findings.count(Severity::Error));
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\"");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"groma\" {counts}>\n  \
         <testsuite name=\"{}\" {counts} skipped=\"{}\">\n{cases}  </testsuite>\n</testsuites>\n",
        escape(suite),
        waived.len()
    )
}

fn case(cases: &mut String, findings: &Findings<'_>, finding: &Diagnostic, path: &str) {
    let place = finding.primary.as_ref().map(|label| findings.place(label.span));
    let place = place.map(|place| format!("{}:{}:{}", place.path, place.line, place.column)).unwrap_or_default();
    let help = finding.help.as_deref().map(|help| format!("help: {help}")).unwrap_or_default();
    let detail: Vec<&str> =
        [finding.headline.as_str(), &place, &help].into_iter().filter(|line| !line.is_empty()).collect();
    let detail = escape(&detail.join("\n"));
    let name = escape(&format!("{} {place}", finding.code.id));
    let _ = writeln!(cases, "    <testcase classname=\"{}\" name=\"{}\">", escape(path), name.trim_end());
    let _ = match finding.severity {
        Severity::Error => writeln!(
            cases,
            "      <failure type=\"{}\" message=\"{}\">{detail}</failure>",
            escape(finding.code.id),
            escape(&finding.headline)
        ),
        Severity::Warning => writeln!(cases, "      <system-out>{detail}</system-out>"),
    };
    cases.push_str("    </testcase>\n");
}

/// What XML allows; the rest of the control characters has no place in it at all.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push('\t'),
            character if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => {
                escaped.push(char::REPLACEMENT_CHARACTER);
            }
            character => escaped.push(character),
        }
    }
    escaped
}
