//! Findings as annotations of GitHub workflows.

use super::Findings;
use groma_model::Diagnostic;

/// One line for each finding, and one that counts the waivers where there are some.
pub fn render(findings: &Findings<'_>) -> String {
    let waivers = findings.aside.and_then(|aside| aside.summary());
    let notice = waivers.map(|waivers| format!("::notice title=waivers::{}\n", escape(&waivers)));
    findings.diagnostics.iter().map(|finding| annotation(findings, finding)).chain(notice).collect()
}

fn annotation(findings: &Findings<'_>, finding: &Diagnostic) -> String {
    let mut properties = Vec::new();
    if let Some(primary) = &finding.primary {
        let place = findings.place(primary.span);
        properties.push(("file", place.path));
        properties.push(("line", place.line.to_string()));
        properties.push(("endLine", place.end_line.to_string()));
        if place.line == place.end_line {
            properties.push(("col", place.column.to_string()));
            properties.push(("endColumn", place.end_column.to_string()));
        }
    }
    properties.push(("title", finding.code.id.to_owned()));
    let properties: Vec<String> =
        properties.into_iter().map(|(key, value)| format!("{key}={}", escape_property(&value))).collect();
    let help = finding.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let message = escape(&format!("{}{help}", finding.headline));
    format!("::{} {}::{message}\n", finding.severity.word(), properties.join(","))
}

fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape(text).replace(':', "%3A").replace(',', "%2C")
}
