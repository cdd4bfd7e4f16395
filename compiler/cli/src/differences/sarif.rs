//! A comparison as SARIF 2.1.0: a result for each change, by its class.

use super::{Differences, Level, Side, github, level, words};
use crate::findings::Place;
use crate::findings::sarif::{self, artifact, document, region};
use groma_history::Assessed;
use groma_model::change::{CLASSES, Class};
use serde_json::{Value, json};

/// The document, with a newline at its end.
pub fn render(differences: &Differences<'_>) -> String {
    let findings = differences.head_findings();
    let codes = sarif::codes(&findings);
    let used: Vec<Class> =
        CLASSES.iter().map(|(_, class)| *class).filter(|class| differences.summary.count(*class) > 0).collect();
    let rules: Vec<Value> =
        codes.iter().map(|code| sarif::rule(code)).chain(used.iter().map(|class| rule(*class))).collect();
    let found = findings.diagnostics.iter().map(|finding| sarif::result(&findings, &codes, finding));
    let changes = differences.changes().iter().map(|one| {
        let rule = used.iter().position(|class| *class == one.change.class).unwrap_or_default();
        result(differences, codes.len() + rule, one)
    });
    document(&rules, &found.chain(changes).collect::<Vec<_>>())
}

fn rule(class: Class) -> Value {
    let level = match class {
        Class::Removing | Class::Restating => "warning",
        _ => "note",
    };
    json!({
        "id": id(class),
        "shortDescription": { "text": meaning(class) },
        "defaultConfiguration": { "level": level },
    })
}

fn id(class: Class) -> String {
    format!("change/{}", class.word())
}

fn meaning(class: Class) -> &'static str {
    match class {
        Class::Cosmetic => "It means what it meant.",
        Class::Descriptive => "The numbers are equal, words differ.",
        Class::Policy => "The numbers are equal; who, when or how strict differs.",
        Class::Additive => "Old cells are equal, new ones appear.",
        Class::Forward => "Values change from a day on that is still to come.",
        Class::Restating => "Published history may change.",
        Class::Removing => "A published name, column or cell disappears.",
    }
}

fn result(differences: &Differences<'_>, rule: usize, one: &Assessed) -> Value {
    let level = match level(one) {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    };
    let (kind, name) = &one.change.subject;
    let mut result = json!({
        "ruleId": id(one.change.class),
        "ruleIndex": rule,
        "level": level,
        "message": { "text": github::message(differences, one) },
        "partialFingerprints": { "gromaChange/v1": format!("{}/{}/{name}", one.change.class.word(), kind.word()) },
    });
    if let Some((side, place)) = differences.place(one) {
        result["locations"] = json!([location(differences, side, &place)]);
    }
    result
}

/// What is gone is shown at the beginning of the file that it stood in; its message says where.
fn location(differences: &Differences<'_>, side: Side, place: &Place) -> Value {
    if side == Side::Head {
        return json!({ "physicalLocation": { "artifactLocation": artifact(&place.path), "region": region(place) } });
    }
    let base = words::revision(&differences.compared.base.revision);
    let stood = words::visible(&format!("it stood at {}:{}:{} in {base}", place.path, place.line, place.column));
    json!({
        "physicalLocation": {
            "artifactLocation": artifact(&differences.nearest_path(place)),
            "region": { "startLine": 1 },
        },
        "message": { "text": stood },
    })
}
