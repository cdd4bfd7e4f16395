//! What must hold of sources, as data tests: dbt's own where there is one that says the same, else the offending rows.

use super::Writing;
use super::answers::Written;
use super::naming::Taken;
use super::properties::{plain, team_name, yaml};
use super::sources::{is_table, reference};
use crate::publishing::File;
use crate::warehouse::Check;
use groma_model::row::{Literal, RowExpr, RowKind};
use groma_model::types::Base;
use groma_model::{CheckRule, ColumnId, OnFail, SourceId};
use serde_json::{Value, json};

/// The most values that are listed.
const MOST_LISTED: i64 = 101;

/// What follows when a check does not hold: it stops what reads the source, or it is only said.
pub(super) fn severity(effect: Option<OnFail>) -> Value {
    let stops = matches!(effect, Some(OnFail::Stop));
    json!({ "severity": if stops { "error" } else { "warn" } })
}

/// dbt's own tests of a column.
pub(super) fn tests_of_column(writing: &Writing<'_>, id: SourceId, at: ColumnId) -> Vec<Value> {
    let model = writing.model;
    let source = model.source(id);
    let column = model.column(id, at);
    let implied = |name: String| {
        let mut checks = writing.warehouse.checks.iter();
        checks.find(|check| check.source == id && check.implied && check.name == name)
    };
    let mut tests = Vec::new();
    if let Some(check) = implied(not_null(&column.name)) {
        tests.push(json!({ "not_null": { "config": severity(Some(check.effect)) } }));
    }
    if let Some(check) = implied(unique(&column.name)) {
        tests.push(json!({ "unique": { "config": severity(Some(check.effect)) } }));
    }
    match &column.ty.base {
        Base::Customer(customer) => tests.extend(reference(writing, model, *customer)),
        Base::Scale { low, high } if high - low < MOST_LISTED => {
            let values: Vec<i64> = (*low..=*high).collect();
            tests.push(accepted(&json!({ "values": values, "quote": false }), None, None));
        }
        _ => {}
    }
    for check in &source.checks {
        if let Some((named, arguments)) = listed_values(&check.rule)
            && named == at
        {
            let name = writing.models.checks.get(&(id, check.name.to_string()));
            tests.push(accepted(&arguments, Some(check.on_fail), name));
        }
    }
    tests
}

fn accepted(arguments: &Value, effect: Option<OnFail>, name: Option<&String>) -> Value {
    json!({ "accepted_values": { "name": name, "arguments": arguments, "config": severity(effect) } })
}

fn not_null(column: &str) -> String {
    format!("{column} is not null")
}

fn unique(column: &str) -> String {
    format!("{column} is unique")
}

/// Of `name in ("a", "b")`: the column, and the values as dbt's own test takes them; none where it would misread one.
fn listed_values(rule: &CheckRule) -> Option<(ColumnId, Value)> {
    let CheckRule::Holds(RowExpr { kind: RowKind::In { operand, list, negated: false }, .. }) = rule else {
        return None;
    };
    let RowKind::Column(path) = &operand.kind else { return None };
    if !path.hops.is_empty() {
        return None;
    }
    let texts: Option<Vec<&str>> = list.iter().map(plain_literal).collect();
    let numbers: Option<Vec<i64>> = list.iter().map(whole_literal).collect();
    match (texts, numbers) {
        (Some(texts), _) => Some((path.column, json!({ "values": texts }))),
        (_, Some(numbers)) => Some((path.column, json!({ "values": numbers, "quote": false }))),
        _ => None,
    }
}

/// A text that dbt writes between quotes as it is.
fn plain_literal(value: &RowExpr) -> Option<&str> {
    match &value.kind {
        RowKind::Literal(Literal::Text(text)) if !text.contains(['\'', '\\', '{', '}']) => Some(text),
        _ => None,
    }
}

fn whole_literal(value: &RowExpr) -> Option<i64> {
    match &value.kind {
        RowKind::Literal(Literal::Int(whole)) => Some(*whole),
        _ => None,
    }
}

/// Whether one of dbt's own tests says what a check says.
fn is_own(writing: &Writing<'_>, check: &Check) -> bool {
    let source = writing.model.source(check.source);
    if !is_table(source) {
        return false;
    }
    if check.implied {
        let single = |name: &str| check.name == not_null(name) || check.name == unique(name);
        return source.columns.iter().any(|column| single(&column.name));
    }
    source.checks.iter().any(|declared| declared.name == check.name && listed_values(&declared.rule).is_some())
}

/// What dbt calls each check: source and name of the check.
pub(super) fn names(checks: &[Check], source_name: impl Fn(SourceId) -> String) -> super::CheckNames {
    let mut taken = Taken::default();
    let name = |check: &Check| {
        let name = taken.take(&format!("{}_{}", source_name(check.source), check.name));
        ((check.source, check.name.clone()), name)
    };
    checks.iter().map(name).collect()
}

/// The tests that return offending rows, and what is said of them.
pub(super) fn files(writing: &Writing<'_>) -> Written<Vec<File>> {
    let (mut files, mut said) = (Vec::new(), Vec::new());
    for check in writing.warehouse.checks.iter().filter(|check| !is_own(writing, check)) {
        let Some(name) = writing.models.checks.get(&(check.source, check.name.clone())) else { continue };
        let text = match writing.writer.query(&check.statement, &|parts| writing.tables.jinja(parts))? {
            Ok(text) => text,
            Err(found) => return Ok(Err(found)),
        };
        files.push(File { name: format!("tests/{name}.sql"), text });
        said.push(described(writing, check, name));
    }
    let repeated = "answers_tell_each_cell_once";
    match super::answers::repeated_cells(writing)? {
        Ok(text) => files.push(File { name: format!("tests/{repeated}.sql"), text }),
        Err(found) => return Ok(Err(found)),
    }
    said.push(json!({ "name": repeated, "description": "No cell has two values." }));
    files.push(yaml("tests/tests.yml", json!({ "version": 2, "data_tests": said }))?);
    Ok(Ok(files))
}

fn described(writing: &Writing<'_>, check: &Check, name: &str) -> Value {
    let source = writing.model.source(check.source);
    let follows = match check.effect {
        OnFail::Stop => "Rows that break it stop every number that reads the source.",
        OnFail::Flag => "Rows that break it are counted all the same.",
        OnFail::Quarantine => "Rows that break it are left out of every number.",
    };
    let config = severity(Some(check.effect));
    json!({
        "name": name,
        "description": plain(&format!("Of source {}: {}. {follows}", source.header.name, check.name)),
        "config": {
            "severity": config["severity"],
            "meta": {
                "source": plain(&source.header.name),
                "check": plain(&check.name),
                "effect": check.effect.word(),
                "team": team_name(writing.model, source.owner),
            },
        },
    })
}
