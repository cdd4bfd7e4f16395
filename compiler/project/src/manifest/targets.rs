//! The targets of a manifest.

use super::decode::Decoder;
use super::{MISSING_KEY, OPEN_CONNECTION, UNKNOWN_KEY, UNKNOWN_TARGET};
use crate::nearest::did_you_mean;
use crate::target::{Connection, EMBEDDED, Reader, Table, Target};
use groma_model::check::nearest;
use serde_yaml::{Mapping, Value};

/// The keys of a target.
const KEYS: [&str; 8] = ["engine", "data", "connection", "schema", "tables", "territory", "answers", "readers"];

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
        answers: answers(decoder, (name, engine), keys).unwrap_or_else(|| Target::local().answers),
        readers: readers(decoder, (name, engine), keys),
    }
}

/// The folder of published answers. It is replaced file by file, so it lies within the project and is not the project itself.
fn answers(decoder: &mut Decoder, (target, engine): (&str, &str), keys: &Mapping) -> Option<String> {
    let path = ["targets", target, "answers"];
    let value = keys.get("answers")?;
    if engine != EMBEDDED {
        let finding = UNKNOWN_KEY
            .finding(format!(
                "target `{target}` is a database and keeps its answers in a schema, so `answers` means nothing"
            ))
            .at(decoder.key_span(&path), "a folder, for files that Groma writes itself");
        decoder.found.push(finding.help("name the schema instead: `schema: groma`"));
        return None;
    }
    let folder = value.as_str().map(|text| text.trim_start_matches("./").trim_end_matches('/'));
    let is_inside = |folder: &&str| {
        let parts = || folder.split(['/', '\\']);
        !folder.is_empty() && !folder.contains(':') && parts().all(|part| !matches!(part, "" | "." | ".."))
    };
    let inside = folder.filter(is_inside).map(str::to_owned);
    if inside.is_none() {
        decoder.wrong_type(&path, value, "a folder within the project, such as `answers`");
    }
    inside
}

/// The roles that may read what is published.
fn readers(decoder: &mut Decoder, (target, engine): (&str, &str), keys: &Mapping) -> Vec<Reader> {
    let path = ["targets", target, "readers"];
    let Some(value) = keys.get("readers") else { return Vec::new() };
    if !groma_sql::dialect(engine).is_some_and(groma_sql::Dialect::has_grants) {
        let finding = UNKNOWN_KEY
            .finding(format!("{engine} knows no roles, so `readers` of target `{target}` would grant nothing"))
            .at(decoder.key_span(&path), "nobody is kept out by it");
        decoder.found.push(finding.help("remove it, and say who may read the files in the file system"));
        return Vec::new();
    }
    let roles = match value {
        Value::Sequence(roles) => roles.clone(),
        single => vec![single.clone()],
    };
    let mut readers: Vec<Reader> = Vec::new();
    for (position, role) in roles.iter().enumerate() {
        let position = position.to_string();
        let path = ["targets", target, "readers", &position];
        let path = if value.is_sequence() { &path[..] } else { &path[..3] };
        match role.as_str().filter(|role| is_role(role)) {
            Some(role) if readers.iter().any(|known| known.role == role) => {}
            Some(role) => readers.push(Reader { role: role.to_owned(), span: decoder.value_span(path) }),
            None => decoder.wrong_type(path, role, "the name of a role, such as `analysts`"),
        }
    }
    readers
}

/// Engines cut longer names, and a cut name is another role.
fn is_role(role: &str) -> bool {
    (1..=63).contains(&role.len()) && !role.contains(|letter: char| letter.is_control() || "\"\\".contains(letter))
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
