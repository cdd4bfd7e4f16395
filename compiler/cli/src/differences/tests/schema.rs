//! As much of JSON Schema as `docs/reference/diff.schema.json` uses.

use serde_json::Value;

const SCHEMA: &str = include_str!("../../../../../docs/reference/diff.schema.json");

/// What is wrong with a document.
pub(super) fn problems(document: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut problems = Vec::new();
    check(&schema, &schema, document, "", &mut problems);
    problems
}

fn check(root: &Value, schema: &Value, value: &Value, place: &str, problems: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let found = root.pointer(name.trim_start_matches('#')).unwrap_or_else(|| panic!("no {name}"));
        check(root, found, value, place, problems);
    }
    let mut wrong = |what: String| problems.push(format!("{place}: {what}"));
    if schema.get("const").is_some_and(|wanted| wanted != value) {
        wrong(format!("is {value}"));
    }
    if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
        wrong(format!("is {value}"));
    }
    if let Some(kinds) = schema.get("type") {
        let kinds: Vec<&Value> = kinds.as_array().map_or_else(|| vec![kinds], |kinds| kinds.iter().collect());
        if !kinds.iter().any(|kind| *kind == kind_of(value)) {
            wrong(format!("is {}", kind_of(value)));
        }
    }
    if let Value::Object(entries) = value {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !entries.contains_key(name) {
                wrong(format!("has no {name}"));
            }
        }
        for (name, entry) in entries {
            let more = &schema["additionalProperties"];
            match schema["properties"].get(name) {
                Some(known) => check(root, known, entry, &format!("{place}/{name}"), problems),
                None if *more == Value::Bool(false) => problems.push(format!("{place}: has {name}")),
                None => check(root, more, entry, &format!("{place}/{name}"), problems),
            }
        }
    }
    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
        check(root, &schema["items"], item, &format!("{place}/{at}"), problems);
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
