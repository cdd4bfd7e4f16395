//! The other half of the square: every code is emitted by a case, and every page's Example raises its code.

use crate::claims::headline;
use crate::compiler::Compiled;
use crate::docs;
use crate::run;
use groma_project::rules::standard;
use groma_syntax::Severity;
use groma_tests::case::{Case, OutputKind};
use groma_tests::markdown::{Document, Section};
use groma_tests::{Outcome, repository};
use std::collections::BTreeSet;

/// Every code of the house is claimed by a case, which as a test of its own proves that it is emitted. A standard rule has its
/// case in itself: what it says it raises, which a test of the project crate proves. Codes of the rules that cases declare are
/// the cases' own.
///
/// # Errors
/// Codes without a case, and claims of no code.
pub(crate) fn emitted(cases: &[Case]) -> Outcome {
    let mut claimed = BTreeSet::new();
    for case in cases {
        claimed.extend(case.claims()?.into_iter().map(|claim| claim.code));
        for output in &case.outputs {
            if matches!(output.kind, OutputKind::Diagnostics | OutputKind::Refused(_) | OutputKind::Fails(_)) {
                claimed.extend(output.fence.body.lines().filter_map(code_of));
            }
        }
    }
    claimed.extend(docs::rendered_codes()?);
    let proven = standard().iter().filter(|rule| rule.raises.is_some());
    claimed.extend(proven.map(|rule| rule.code.clone()));
    let codes: BTreeSet<String> = groma_project::codes::codes().iter().map(|code| code.id.to_owned()).collect();
    claimed.retain(|code| codes.contains(code) || !code.starts_with("rule/"));
    let silent: Vec<_> = codes.difference(&claimed).cloned().collect();
    let unknown: Vec<_> = claimed.difference(&codes).cloned().collect();
    if silent.is_empty() && unknown.is_empty() {
        return Ok(());
    }
    Err(format!("codes that no case emits: {}\nclaims of no code: {}", silent.join(", "), unknown.join(", ")))
}

/// The Example of every page raises its code and no other; its Instead is clean.
///
/// # Errors
/// Pages that say otherwise.
pub(crate) fn pages() -> Outcome {
    let root = repository::root();
    let mut wrong = Vec::new();
    for code in groma_project::codes::codes() {
        let path = format!("docs/diagnostics/{}.md", code.id);
        if !root.join(&path).exists() {
            continue;
        }
        let page = Document::read(&root, &path)?;
        for section in &page.sections {
            let wanted = match section.title.as_str() {
                "Example" => Some(code.id),
                "Instead" => None,
                _ => continue,
            };
            if wanted.is_none() && is_done_elsewhere(&page, section) {
                continue;
            }
            if let Err(problem) = part(&page, section, wanted, code.severity) {
                wrong.push(format!("{path}, {}: {problem}", section.title));
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// Whether a page's Instead is something that no project shows: its Example is a command that met a server, and what helps is done
/// there, or in the environment.
fn is_done_elsewhere(page: &Document, instead: &Section) -> bool {
    let shows = |section: &Section, languages: &[&str]| {
        section.fences.iter().any(|fence| languages.contains(&fence.language.as_str()))
    };
    let by_command = page.sections.iter().any(|one| one.title == "Example" && shows(one, &["console"]));
    by_command && page.path.contains("/target/") && !shows(instead, &["groma", "yaml", "console"])
}

/// Compiles a part of a page, and asks all that its fences ask.
fn part(page: &Document, section: &Section, wanted: Option<&str>, severity: Severity) -> Outcome {
    if section.fences.is_empty() {
        return Err("no block shows it".to_owned());
    }
    if section.fences.iter().any(|fence| fence.language == "console") {
        return compared(&docs::printed_codes(section.fences.iter()), wanted, severity, "its commands");
    }
    let case = Case::of_section(page, section, page.title.clone())?;
    let compiled = Compiled::new(&case);
    let mut raised: BTreeSet<String> = BTreeSet::new();
    let mut said = String::new();
    for finding in &compiled.project.diagnostics {
        raised.insert(finding.code.id.to_owned());
        said.push_str(&headline(finding));
    }
    for output in &case.outputs {
        let ended = match &output.kind {
            OutputKind::Refused(question) | OutputKind::Result(question) => Some(run::ask(&compiled, question)?),
            OutputKind::Fails(arguments) => {
                Some(compiled.command(&arguments.iter().map(String::as_str).collect::<Vec<_>>())?)
            }
            _ => None,
        };
        if let Some(ended) = ended {
            let codes = groma_project::codes::codes();
            raised.extend(codes.iter().filter(|code| ended.messages.contains(code.id)).map(|code| code.id.to_owned()));
            said.push_str(&ended.messages);
        }
    }
    compared(&raised, wanted, severity, &said)
}

/// What a part of a page raises is what it is to raise.
fn compared(raised: &BTreeSet<String>, wanted: Option<&str>, severity: Severity, said: &str) -> Outcome {
    let expected: BTreeSet<String> = wanted.iter().map(|code| (*code).to_owned()).collect();
    if *raised == expected {
        return Ok(());
    }
    Err(format!("an {} page's part is to raise {expected:?} and raises {raised:?}:\n{said}", severity.word()))
}

/// The code of a line such as `main.groma:3: error[name/unknown-column] …`.
fn code_of(line: &str) -> Option<String> {
    match line.split_once('[') {
        Some((_, rest)) => Some(rest.split_once(']')?.0.to_owned()),
        None => Some(line.trim().to_owned()),
    }
}
