//! The targets of a manifest.

use super::decode::Decoder;
use super::{MISSING_KEY, OPEN_CONNECTION, UNKNOWN_TARGET};
use crate::nearest::did_you_mean;
use crate::target::{Connection, EMBEDDED, Table, Target};
use groma_model::check::nearest;
use serde_yaml::{Mapping, Value};

/// The keys of a target.
const KEYS: [&str; 6] = ["engine", "data", "connection", "schema", "tables", "territory"];

/// The targets in their order, never none, and the name of the default one.
pub(super) fn read(decoder: &mut Decoder, mapping: &Mapping) -> (Vec<Target>, String) {
    let mut targets = Vec::new();
    if let Some(value) = mapping.get("targets")
        && let Some(group) = decoder.mapping(&["targets"], value)
    {
        for (name, value) in group {
            if let Some(name) = name.as_str()
                && let Some(keys) = decoder.mapping(&["targets", name], value)
            {
                targets.push(target(decoder, name, keys));
            }
        }
    }
    if targets.is_empty() {
        targets.push(Target { span: decoder.start(), ..Target::local() });
    }
    let default = default_target(decoder, mapping, &targets);
    (targets, default)
}

fn target(decoder: &mut Decoder, name: &str, keys: &Mapping) -> Target {
    let path = ["targets", name];
    let within = |key: &'static str| ["targets", name, key];
    decoder.known_keys(&path, keys, &KEYS);
    let engines: Vec<(&str, &str)> =
        groma_sql::dialects().iter().map(|dialect| (dialect.name(), dialect.name())).collect();
    if !keys.contains_key("engine") {
        decoder.found.push(
            MISSING_KEY
                .finding(format!("target `{name}` does not say which engine it is"))
                .at(decoder.key_span(&path), "`engine` is missing")
                .help(format!("add `engine: {EMBEDDED}` for files that Groma reads itself")),
        );
    }
    let alias = keys.get("engine").and_then(Value::as_str).and_then(groma_sql::dialect).map(groma_sql::Dialect::name);
    let engine = alias.or_else(|| decoder.word(&within("engine"), keys, &engines)).unwrap_or(EMBEDDED);
    Target {
        name: name.to_owned(),
        span: decoder.key_span(&path),
        engine: engine.to_owned(),
        data: decoder.text(&within("data"), keys).unwrap_or_else(|| ".".to_owned()),
        connection: connection(decoder, name, keys),
        schema: decoder.text(&within("schema"), keys),
        tables: tables(decoder, name, keys),
        territory: decoder.text(&within("territory"), keys).map(Into::into).into_iter().collect(),
    }
}

/// `connection: ${VARIABLE}`; anything else might be a password in the repository, and is not repeated in the finding.
fn connection(decoder: &mut Decoder, target: &str, keys: &Mapping) -> Option<Connection> {
    let path = ["targets", target, "connection"];
    let text = decoder.text(&path, keys)?;
    let span = decoder.value_span(&path);
    let variable = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    if let Some(variable) = variable
        && !variable.is_empty()
        && variable.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        return Some(Connection { variable: variable.to_owned(), span });
    }
    let suggestion = format!("${{{}_URL}}", target.to_uppercase().replace('-', "_"));
    decoder.found.push(
        OPEN_CONNECTION
            .finding(format!("the connection of target `{target}` is written out in groma.yml"))
            .at(span, "a variable of the environment must stand here")
            .help(format!("put it into the environment and write `connection: {suggestion}`")),
    );
    None
}

fn tables(decoder: &mut Decoder, target: &str, keys: &Mapping) -> Vec<Table> {
    let path = ["targets", target, "tables"];
    let Some(value) = keys.get("tables") else { return Vec::new() };
    let Some(group) = decoder.mapping(&path, value) else { return Vec::new() };
    let mut tables = Vec::new();
    for (source, value) in group {
        let Some(source) = source.as_str() else { continue };
        let path = ["targets", target, "tables", source];
        match value {
            Value::String(name) if !name.is_empty() => {
                tables.push(Table { source: source.to_owned(), name: name.clone(), span: decoder.key_span(&path) });
            }
            other => decoder.wrong_type(&path, other, "the name of a table, such as `shop.orders`"),
        }
    }
    tables
}

fn default_target(decoder: &mut Decoder, mapping: &Mapping, targets: &[Target]) -> String {
    let names = targets.iter().map(|target| target.name.as_str());
    let first = targets[0].name.clone();
    let Some(name) = decoder.text(&["default_target"], mapping) else {
        if targets.len() > 1 && !mapping.contains_key("default_target") {
            decoder.found.push(
                MISSING_KEY
                    .finding("groma.yml has several targets and does not say which one is meant when none is named")
                    .at(decoder.key_span(&["targets"]), "`default_target` is missing")
                    .help(format!("add `default_target: {first}`")),
            );
        }
        return first;
    };
    if names.clone().any(|known| known == name) {
        return name;
    }
    let span = decoder.value_span(&["default_target"]);
    let mut finding = UNKNOWN_TARGET
        .finding(format!("the default target `{name}` is not among the targets"))
        .at(span, "no such target");
    finding.help = did_you_mean(&name, names.clone());
    if let Some(near) = nearest(&name, names) {
        finding = finding.fix(format!("write `{near}`"), span, near);
    }
    decoder.found.push(finding);
    first
}
