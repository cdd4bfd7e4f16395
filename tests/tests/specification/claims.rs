//! Every finding must be claimed, and every claim met.

use groma_project::Project;
use groma_syntax::Diagnostic;
use groma_tests::Outcome;
use groma_tests::case::{Case, Claim, OutputKind};
use std::fmt::Write;

/// A finding with the place that a claim names.
struct Found<'a> {
    finding: &'a Diagnostic,
    /// Path and line; none for a finding about the whole project.
    place: Option<(String, usize)>,
}

/// Compares the findings of a compilation with what a case expects; the fence `diagnostics` claims what no comment can.
pub(crate) fn check(case: &Case, project: &Project) -> Outcome {
    let claims = case.claims()?;
    let found = found(project);
    let mut unmet: Vec<&Claim> = claims.iter().collect();
    let mut unclaimed = Vec::new();
    for found in &found {
        match unmet.iter().position(|claim| meets(found, claim)) {
            Some(at) => drop(unmet.remove(at)),
            None => unclaimed.push(found),
        }
    }
    let written: String = unclaimed.iter().map(|found| line(found)).collect();
    let mut problem = String::new();
    for claim in unmet {
        _ = writeln!(
            problem,
            "{}:{}: nothing meets {} [{}] {:?}",
            claim.path, claim.line, claim.severity, claim.code, claim.text
        );
    }
    let fence = case.outputs.iter().find(|output| output.kind == OutputKind::Diagnostics);
    match fence {
        Some(output) if crate::update::is_on() => crate::update::note(case, &output.fence, &written),
        Some(output) if output.fence.body != written => {
            _ = writeln!(problem, "the fence claims\n{}and these are left\n{written}", output.fence.body);
        }
        None if !written.is_empty() => _ = writeln!(problem, "nothing claims\n{written}"),
        _ => {}
    }
    if problem.is_empty() { Ok(()) } else { Err(problem) }
}

/// As the fences `diagnostics` and `refused` write a finding.
pub(crate) fn headline(finding: &Diagnostic) -> String {
    format!("{}[{}] {}\n", finding.severity.word(), finding.code.id, finding.headline)
}

fn found(project: &Project) -> Vec<Found<'_>> {
    let place = |finding: &Diagnostic| {
        let span = finding.primary.as_ref()?.span;
        let path = project.sources.file(span.file).path.clone();
        Some((path, project.sources.line_column(span.file, span.start).line))
    };
    project.diagnostics.iter().map(|finding| Found { finding, place: place(finding) }).collect()
}

fn meets(found: &Found<'_>, claim: &Claim) -> bool {
    let here = found.place.as_ref().is_some_and(|(path, line)| *path == claim.path && *line == claim.line);
    let finding = found.finding;
    here && finding.code.id == claim.code
        && finding.severity.word() == claim.severity
        && finding.headline.contains(&claim.text)
}

fn line(found: &Found<'_>) -> String {
    let place = found.place.as_ref().map(|(path, line)| format!("{path}:{line}: ")).unwrap_or_default();
    format!("{place}{}", headline(found.finding))
}
