//! Findings as SARIF 2.1.0, with the page of each code as the help of its rule.

use super::{Aside, Findings, Place};
use groma_model::judge::Waived;
use groma_model::{Code, Diagnostic, Edit, Fix, Label, Severity};
use groma_project::pages;
use serde_json::{Map, Value, json};

/// The document, with a newline at its end.
pub fn render(findings: &Findings<'_>) -> String {
    let waived = findings.waived();
    let all = || findings.diagnostics.iter().chain(waived.iter().map(|waived| &waived.finding));
    let codes = codes(findings);
    let mut results: Vec<Value> = all().map(|finding| result(findings, &codes, finding)).collect();
    if let Some(aside) = findings.aside.filter(|_| !waived.is_empty()) {
        // A run that says of one result that it is set aside says of all others that they are not.
        let none = findings.diagnostics.iter().map(|_| json!([]));
        let suppressed = waived.iter().map(|one| json!([suppression(&aside, one)]));
        for (result, suppressions) in results.iter_mut().zip(none.chain(suppressed)) {
            result["suppressions"] = suppressions;
        }
    }
    document(&codes.iter().map(|code| rule(code)).collect::<Vec<_>>(), &results)
}

/// The codes of all findings, in order.
pub(crate) fn codes(findings: &Findings<'_>) -> Vec<&'static Code> {
    let waived = findings.waived().iter().map(|waived| waived.finding.code);
    let mut codes: Vec<_> = findings.diagnostics.iter().map(|finding| finding.code).chain(waived).collect();
    codes.sort_by_key(|code| code.id);
    codes.dedup();
    codes
}

/// The document of one run, with a newline at its end.
pub(crate) fn document(rules: &[Value], results: &[Value]) -> String {
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "groma",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

pub(crate) fn rule(code: &Code) -> Value {
    let mut rule = json!({
        "id": code.id,
        "shortDescription": { "text": code.summary },
        "defaultConfiguration": { "level": level(code.severity) },
    });
    if let Some(page) = pages::page(code.id) {
        rule["help"] = json!({ "text": page, "markdown": page });
    }
    rule
}

pub(crate) fn result(findings: &Findings<'_>, codes: &[&Code], finding: &Diagnostic) -> Value {
    let help = finding.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
    let mut result = json!({
        "ruleId": finding.code.id,
        "ruleIndex": codes.binary_search_by_key(&finding.code.id, |code| code.id).unwrap_or_default(),
        "level": level(finding.severity),
        "message": { "text": format!("{}{help}", finding.headline) },
    });
    if let Some(primary) = &finding.primary {
        result["locations"] = json!([location(findings, primary)]);
    }
    if !finding.labels.is_empty() {
        let labels = finding.labels.iter().map(|label| location(findings, label));
        result["relatedLocations"] = labels.collect();
    }
    if let Some(change) = &finding.fix {
        result["fixes"] = json!([fix(findings, change)]);
    }
    result
}

/// A waiver stands in the project and not where the finding is.
fn suppression(aside: &Aside<'_>, waived: &Waived) -> Value {
    json!({ "kind": "external", "status": "accepted", "justification": aside.justification(waived) })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn location(findings: &Findings<'_>, label: &Label) -> Value {
    let place = findings.place(label.span);
    let mut location = json!({ "physicalLocation": {
        "artifactLocation": artifact(&place.path),
        "region": region(&place),
    }});
    if !label.text.is_empty() {
        location["message"] = json!({ "text": label.text });
    }
    location
}

/// The file, as a reference relative to the folder in which Groma ran.
pub(crate) fn artifact(path: &str) -> Value {
    json!({ "uri": reference(path) })
}

pub(crate) fn region(place: &Place) -> Value {
    json!({
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    })
}

fn fix(findings: &Findings<'_>, fix: &Fix) -> Value {
    let mut files: Map<String, Value> = Map::new();
    for edit in &fix.edits {
        let path = findings.path(edit.span.file);
        let change = files
            .entry(path.clone())
            .or_insert_with(|| json!({ "artifactLocation": artifact(&path), "replacements": [] }));
        if let Some(replacements) = change["replacements"].as_array_mut() {
            replacements.push(replacement(findings, edit));
        }
    }
    let changes: Vec<Value> = files.into_iter().map(|(_, change)| change).collect();
    json!({ "description": { "text": fix.title }, "artifactChanges": changes })
}

fn replacement(findings: &Findings<'_>, edit: &Edit) -> Value {
    json!({ "deletedRegion": region(&findings.place(edit.span)), "insertedContent": { "text": edit.text } })
}

/// A path as a URI reference: what is no plain character is written as its bytes.
fn reference(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte);
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
