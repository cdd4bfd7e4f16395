//! Findings as one JSON document of a stable shape.
//!
//! `{"version", "summary": {"errors", "warnings", "files", "waivers": {"in_force", "ending_soon"}}, "diagnostics": [{"code",
//! "severity", "headline", "help", "primary", "labels", "fix"}], "waived": [{"finding", "waiver", "until", "because"}]}`; the
//! waivers are there where the project was judged. A label is `{"path", "start", "end", "text"}`, a position `{"line", "column",
//! "offset"}`, line and column from 1 (in characters), offset from 0 (in bytes). Keys are only ever added to version 1.

use super::{Aside, Findings, Place};
use groma_model::judge::Waived;
use groma_model::{Diagnostic, Edit, Fix, Label, Severity, Span};
use serde_json::{Value, json};

/// The version of the shape.
pub const VERSION: u32 = 1;

/// The document, with a newline at its end.
pub fn render(findings: &Findings<'_>, files: usize) -> String {
    let mut document = json!({
        "version": VERSION,
        "summary": {
            "errors": findings.count(Severity::Error),
            "warnings": findings.count(Severity::Warning),
            "files": files,
        },
        "diagnostics": findings.diagnostics.iter().map(|finding| diagnostic(findings, finding)).collect::<Vec<_>>(),
    });
    if let Some(aside) = &findings.aside {
        let judgement = aside.judgement;
        document["summary"]["waivers"] =
            json!({ "in_force": judgement.in_force, "ending_soon": judgement.ending_soon });
        document["waived"] = judgement.waived.iter().map(|finding| waived(findings, aside, finding)).collect();
    }
    format!("{document:#}\n")
}

fn waived(findings: &Findings<'_>, aside: &Aside<'_>, waived: &Waived) -> Value {
    json!({
        "finding": diagnostic(findings, &waived.finding),
        "waiver": waived.waiver.as_str(),
        "until": waived.until.to_string(),
        "because": aside.waiver(waived).map(|waiver| &waiver.because),
    })
}

/// A finding.
pub(crate) fn diagnostic(findings: &Findings<'_>, finding: &Diagnostic) -> Value {
    json!({
        "code": finding.code.id,
        "severity": finding.severity.word(),
        "headline": finding.headline,
        "help": finding.help,
        "primary": finding.primary.as_ref().map(|place| label(findings, place)),
        "labels": finding.labels.iter().map(|place| label(findings, place)).collect::<Vec<_>>(),
        "fix": finding.fix.as_ref().map(|change| fix(findings, change)),
    })
}

fn label(findings: &Findings<'_>, label: &Label) -> Value {
    located(findings, label.span, &label.text)
}

fn fix(findings: &Findings<'_>, fix: &Fix) -> Value {
    let edit = |edit: &Edit| located(findings, edit.span, &edit.text);
    json!({ "title": fix.title, "edits": fix.edits.iter().map(edit).collect::<Vec<_>>() })
}

/// A place of which only lines and columns are known.
pub(crate) fn place(place: &Place) -> Value {
    json!({
        "path": place.path,
        "start": { "line": place.line, "column": place.column },
        "end": { "line": place.end_line, "column": place.end_column },
    })
}

fn located(findings: &Findings<'_>, span: Span, text: &str) -> Value {
    let place = findings.place(span);
    json!({
        "path": place.path,
        "start": { "line": place.line, "column": place.column, "offset": span.start },
        "end": { "line": place.end_line, "column": place.end_column, "offset": span.end },
        "text": text,
    })
}
