//! The `policy` of a manifest: which rules hold and how strictly, and what is never shown.

use super::decode::Decoder;
use crate::stdlib;
use groma_model::governance::Identity;
use groma_model::{Policy, Severity, SmolStr, Span};
use serde_yaml::{Mapping, Value};

/// The keys of `policy`.
const KEYS: [&str; 5] = ["packs", "levels", "cell", "languages", "identity"];

const IDENTITIES: [(&str, Identity); 3] =
    [("author", Identity::Author), ("signature", Identity::Signature), ("both", Identity::Both)];

const LEVELS: [(&str, Option<Severity>); 3] =
    [("error", Some(Severity::Error)), ("warning", Some(Severity::Warning)), ("off", None)];

/// Reads the policy; without one, nothing is asked for.
pub(super) fn read(decoder: &mut Decoder, mapping: &Mapping) -> Policy {
    let mut policy = Policy::default();
    let Some(value) = mapping.get("policy") else { return policy };
    let Some(keys) = decoder.mapping(&["policy"], value) else { return policy };
    decoder.known_keys(&["policy"], keys, &KEYS);
    let packs: Vec<&str> = stdlib::packs().collect();
    policy.packs = words(decoder, keys, "packs", Some(&packs));
    policy.languages = words(decoder, keys, "languages", None);
    if let Some(value) = keys.get("cell") {
        match value.as_i64().filter(|cell| *cell >= 1) {
            Some(cell) => policy.cell = cell,
            None => decoder.wrong_type(&["policy", "cell"], value, "a whole number of customers from 1 on"),
        }
    }
    if keys.contains_key("identity") {
        policy.identity = decoder.word(&["policy", "identity"], keys, &IDENTITIES).unwrap_or_default();
    }
    if let Some(levels) = keys.get("levels")
        && let Some(levels) = decoder.mapping(&["policy", "levels"], levels)
    {
        for code in levels.keys().filter_map(Value::as_str) {
            if let Some(level) = decoder.word(&["policy", "levels", code], levels, &LEVELS) {
                policy.levels.push((SmolStr::new(code), level));
            }
        }
    }
    policy
}

/// Where the codes of levels stand.
pub(super) fn places(decoder: &Decoder, policy: &Policy) -> Vec<(SmolStr, Span)> {
    let place = |code: &SmolStr| decoder.key_span(&["policy", "levels", code.as_str()]);
    policy.levels.iter().map(|(code, _)| (code.clone(), place(code))).collect()
}

/// A list of words, of those known if they are.
fn words(decoder: &mut Decoder, keys: &Mapping, key: &'static str, known: Option<&[&str]>) -> Vec<SmolStr> {
    let Some(value) = keys.get(key) else { return Vec::new() };
    let Some(list) = value.as_sequence() else {
        decoder.wrong_type(&["policy", key], value, "a list of words");
        return Vec::new();
    };
    let mut found = Vec::new();
    for (position, entry) in list.iter().enumerate() {
        let position = position.to_string();
        let path = ["policy", key, position.as_str()];
        match (entry.as_str(), known) {
            (None, _) => decoder.wrong_type(&path, entry, "a word"),
            (Some(word), Some(known)) if !known.contains(&word) => {
                decoder.unknown_word(&path, key, word, known.iter().copied());
            }
            (Some(word), _) => found.push(SmolStr::new(word)),
        }
    }
    found
}
