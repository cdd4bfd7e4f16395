//! Reads values out of YAML, with a finding for each that is not what it should be.

use super::places::Places;
use super::{UNKNOWN_KEY, UNKNOWN_VALUE, WRONG_TYPE};
use crate::nearest::did_you_mean;
use groma_model::check::nearest;
use groma_model::{Diagnostic, FileId, Span};
use serde_yaml::{Mapping, Value};

/// The manifest while it is read. A path is the keys from the top to a value.
pub(super) struct Decoder {
    file: FileId,
    length: usize,
    places: Places,
    pub(super) found: Vec<Diagnostic>,
}

impl Decoder {
    pub(super) fn new(file: FileId, length: usize, places: Places) -> Self {
        Self { file, length, places, found: Vec::new() }
    }

    /// The first byte of the manifest.
    pub(super) fn start(&self) -> Span {
        Span::new(self.file, 0, self.length.min(1))
    }

    /// Where a key stands.
    pub(super) fn key_span(&self, path: &[&str]) -> Span {
        let range = self.places.key(path);
        if range.is_empty() { self.start() } else { Span::new(self.file, range.start, range.end) }
    }

    /// Where the value of a key stands.
    pub(super) fn value_span(&self, path: &[&str]) -> Span {
        let range = self.places.value(path);
        if range.is_empty() { self.start() } else { Span::new(self.file, range.start, range.end) }
    }

    /// The value as a mapping.
    pub(super) fn mapping<'v>(&mut self, path: &[&str], value: &'v Value) -> Option<&'v Mapping> {
        let mapping = value.as_mapping();
        if mapping.is_none() {
            self.wrong_type(path, value, "a group of `key: value`");
        }
        mapping
    }

    /// Reports every key that is not known.
    pub(super) fn known_keys(&mut self, path: &[&str], mapping: &Mapping, known: &[&str]) {
        for key in mapping.keys() {
            let Some(key) = key.as_str() else {
                self.wrong_type(path, key, "a word as key");
                continue;
            };
            if known.contains(&key) {
                continue;
            }
            let span = self.key_span(&[path, &[key]].concat());
            let place = path.last().map_or_else(|| "groma.yml".to_owned(), |group| format!("`{group}`"));
            let mut finding = UNKNOWN_KEY
                .finding(format!("{place} has a key `{key}`, which means nothing"))
                .at(span, "not a key of the manifest");
            finding.help = did_you_mean(key, known.iter().copied());
            if let Some(near) = nearest(key, known.iter().copied()) {
                finding = finding.fix(format!("write `{near}`"), span, near);
            }
            self.found.push(finding);
        }
    }

    /// The text of the last key of a path, if it is there.
    pub(super) fn text(&mut self, path: &[&str], mapping: &Mapping) -> Option<String> {
        let value = mapping.get(*path.last()?)?;
        let text = value.as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong_type(path, value, "a text");
        }
        text
    }

    /// What the word of the last key of a path stands for, if it is there.
    pub(super) fn word<T: Copy>(&mut self, path: &[&str], mapping: &Mapping, words: &[(&str, T)]) -> Option<T> {
        let word = self.text(path, mapping)?;
        let meaning = words.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning);
        if meaning.is_none() {
            let key = path.last().copied().unwrap_or_default();
            self.unknown_word(path, key, &word, words.iter().map(|(known, _)| *known));
        }
        meaning
    }

    /// Reports a word that is none of those known.
    pub(super) fn unknown_word<'k>(
        &mut self,
        path: &[&str],
        key: &str,
        word: &str,
        known: impl Iterator<Item = &'k str> + Clone,
    ) {
        let span = self.value_span(path);
        let mut finding =
            UNKNOWN_VALUE.finding(format!("`{key}` cannot be `{word}`")).at(span, "none of the values it may have");
        finding.help = did_you_mean(word, known.clone());
        if let Some(near) = nearest(word, known) {
            finding = finding.fix(format!("write `{near}`"), span, near);
        }
        self.found.push(finding);
    }

    /// Reports a value of the wrong type.
    pub(super) fn wrong_type(&mut self, path: &[&str], value: &Value, expected: &str) {
        let place = path.iter().rev().find(|key| key.parse::<usize>().is_err()).copied();
        let place = place.map_or_else(|| "groma.yml".to_owned(), |key| format!("`{key}`"));
        let finding = WRONG_TYPE
            .finding(format!("{place} holds {}, where {expected} is expected", described(value)))
            .at(self.value_span(path), format!("expected {expected}"));
        let finding = match value {
            Value::Bool(_) | Value::Number(_) if expected == "a text" => finding.help("put it in quotes: `\"…\"`"),
            _ => finding,
        };
        self.found.push(finding);
    }
}

fn described(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => format!("the truth value {value}"),
        Value::Number(value) => format!("the number {value}"),
        Value::String(value) => format!("the text `{value}`"),
        Value::Sequence(_) => "a list".to_owned(),
        Value::Mapping(_) => "a group".to_owned(),
        Value::Tagged(_) => "a tagged value".to_owned(),
    }
}
