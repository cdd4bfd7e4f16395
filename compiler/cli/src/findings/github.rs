//! Findings as annotations of GitHub workflows.

use super::{Findings, Place};
use groma_model::Diagnostic;

/// One line for each finding, and one that counts the waivers where there are some.
pub fn render(findings: &Findings<'_>) -> String {
    let waivers = findings.aside.and_then(|aside| aside.summary());
    let notice = waivers.map(|waivers| format!("::notice title=waivers::{}\n", escape(&waivers)));
    findings.diagnostics.iter().map(|finding| annotation(findings, finding)).chain(notice).collect()
}

fn annotation(findings: &Findings<'_>, finding: &Diagnostic) -> String {
    let place = finding.primary.as_ref().map(|primary| findings.place(primary.span));
    let help = finding.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    command(finding.severity.word(), place.as_ref(), finding.code.id, &format!("{}{help}", finding.headline))
}

/// An annotation: `error`, `warning` or `notice`, and where it is shown.
pub(crate) fn command(word: &str, place: Option<&Place>, title: &str, message: &str) -> String {
    let mut properties = Vec::new();
    if let Some(place) = place {
        properties.push(("file", place.path.clone()));
        properties.push(("line", place.line.to_string()));
        properties.push(("endLine", place.end_line.to_string()));
        if place.line == place.end_line {
            properties.push(("col", place.column.to_string()));
            properties.push(("endColumn", place.end_column.to_string()));
        }
    }
    properties.push(("title", title.to_owned()));
    let properties: Vec<String> =
        properties.into_iter().map(|(key, value)| format!("{key}={}", escape_property(&value))).collect();
    format!("::{word} {}::{}\n", properties.join(","), escape(message))
}

fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape(text).replace(':', "%3A").replace(',', "%2C")
}
