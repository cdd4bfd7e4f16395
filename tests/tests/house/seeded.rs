//! A hundred faults in three hundred metrics: each is found, at its place, and nothing else is.

use groma_project::Project;
use groma_tests::seeded::faults::{Fault, all};
use groma_tests::seeded::{clean, judged};

/// A finding: file, line, code, headline.
type Found = (String, usize, String, String);

#[test]
fn nothing_is_wrong_with_the_clean_project() {
    let project = judged(&clean());
    assert_eq!(shown(&found(&project)), "");
    assert_eq!(project.model.metrics.len(), 300);
}

#[test]
fn each_fault_alone_is_found() {
    let mut wrong = Vec::new();
    for fault in all() {
        if let Err(problem) = compare(&[fault]) {
            wrong.push(format!("== {}\n{problem}", fault.name));
        }
    }
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn all_faults_at_once_are_found_and_nothing_else() {
    let faults = all();
    assert!(faults.len() >= 60, "{} faults", faults.len());
    if let Err(problem) = compare(&faults) {
        panic!("{problem}");
    }
}

#[test]
fn every_rule_of_the_packs_is_broken_by_a_fault() {
    let project = judged(&clean());
    let rules = project.model.rules.iter().filter(|rule| rule.pack.is_some());
    let faults = all();
    // It speaks up where dashboards cover half of the metrics, which no small edit makes of this project: the rule's own test proves it.
    let elsewhere = "debt/metric-is-used";
    let met = |code: &str| {
        code == elsewhere || faults.iter().flat_map(|fault| fault.findings).any(|expected| expected.code == code)
    };
    let idle: Vec<&str> = rules.map(|rule| rule.code.id).filter(|code| !met(code)).collect();
    assert!(idle.is_empty(), "no fault breaks {idle:?}");
}

/// What was not found, and what was found beyond.
fn compare(faults: &[Fault]) -> Result<(), String> {
    let mut files = clean();
    for edit in faults.iter().flat_map(|fault| fault.edits) {
        edit.apply(&mut files)?;
    }
    let mut found = found(&judged(&files));
    let mut missed = Vec::new();
    for expected in faults.iter().flat_map(|fault| fault.findings) {
        let line = expected.line(&files)?;
        let same = |one: &Found| {
            one.0 == expected.path && one.1 == line && one.2 == expected.code && one.3.contains(expected.headline)
        };
        match found.iter().position(same) {
            Some(at) => drop(found.remove(at)),
            None => missed.push(format!("  missed  {}:{line} {} {}", expected.path, expected.code, expected.headline)),
        }
    }
    missed.extend((!found.is_empty()).then(|| shown(&found)));
    if missed.is_empty() { Ok(()) } else { Err(missed.join("\n")) }
}

/// Everything that was found, at its places.
fn found(project: &Project) -> Vec<Found> {
    let findings = project.diagnostics.iter().map(|finding| {
        let (path, line) = finding.primary.as_ref().map_or((String::new(), 0), |label| {
            let place = project.sources.line_column(label.span.file, label.span.start);
            (project.sources.file(label.span.file).path.clone(), place.line)
        });
        (path, line, finding.code.id.to_string(), finding.headline.clone())
    });
    findings.collect()
}

fn shown(found: &[Found]) -> String {
    let line = |(path, line, code, headline): &Found| format!("  beyond  {path}:{line} {code} {headline}");
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}
