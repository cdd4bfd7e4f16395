//! Property files: what dbt is told in YAML.

use super::jinja::escaped;
use crate::failure::Failure;
use crate::publishing::File;
use groma_model::{Model, TeamId};
use serde_json::{Map, Value, json};

/// A text that dbt gives back as it is.
pub(super) fn plain(text: &str) -> Value {
    Value::from(escaped(text))
}

/// The same of a text that may be missing.
pub(super) fn maybe(text: Option<&String>) -> Value {
    text.map_or(Value::Null, |text| plain(text.trim()))
}

/// Every text of a value, likewise.
pub(super) fn plain_all(value: Value) -> Value {
    match value {
        Value::String(text) => plain(&text),
        Value::Array(values) => values.into_iter().map(plain_all).collect(),
        Value::Object(entries) => entries.into_iter().map(|(key, value)| (key, plain_all(value))).collect(),
        other => other,
    }
}

/// Without what says nothing: nulls, and lists and objects with nothing in them.
fn said(value: Value) -> Value {
    let says = |value: &Value| match value {
        Value::Null => false,
        Value::Array(values) => !values.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
        _ => true,
    };
    match value {
        Value::Array(values) => values.into_iter().map(said).collect(),
        Value::Object(entries) => {
            let entries = entries.into_iter().map(|(key, value)| (key, said(value)));
            Value::Object(entries.filter(|(_, value)| says(value)).collect::<Map<_, _>>())
        }
        other => other,
    }
}

/// A YAML file. Nulls and what is empty are left out.
pub(super) fn yaml(name: &str, value: Value) -> Result<File, Failure> {
    match serde_yaml::to_string(&said(value)) {
        Ok(text) => Ok(File { name: name.to_owned(), text }),
        Err(error) => Err(Failure::Bug { what: format!("{name} cannot be written as YAML: {error}") }),
    }
}

/// A team as the owner of something: what it is called, and its lead's address.
pub(super) fn owner(model: &Model, team: TeamId) -> Value {
    let team = &model.teams[team.index()];
    let name = team.title.as_deref().unwrap_or(&team.header.name);
    json!({ "name": plain(name), "email": maybe(team.lead.as_ref()) })
}

/// What a team is called.
pub(super) fn team_name(model: &Model, team: Option<TeamId>) -> Value {
    team.map_or(Value::Null, |team| plain(&model.teams[team.index()].header.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_texts() {
        let value = json!({ "a": plain("yes"), "b": plain("{{ x }}: 'q' \"ü\"\n# no"), "c": null, "d": [], "e": { "f": null } });
        let file = yaml("x.yml", value).unwrap();
        let read: Value = serde_yaml::from_str(&file.text).unwrap();
        assert_eq!(read, json!({ "a": "yes", "b": "{{ '{' }}{ x }}: 'q' \"ü\"\n# no" }));
    }
}
