//! `groma.yml`: what holds for a project as a whole.

mod decode;
mod places;
mod policy;
mod targets;

use crate::target::Target;
use decode::Decoder;
use groma_model::check::nearest;
use groma_model::time::{Calendar, GRAINS, Grain};
use groma_model::{Code, Diagnostic, FileId, Policy, SmolStr, Span};
use groma_syntax::conflict::{Settled, settle};
use jiff::civil::Weekday;
use places::Places;
use serde_yaml::{Mapping, Value};

/// The manifest is no YAML.
pub static NOT_YAML: Code = Code::error("manifest/not-yaml", "The manifest cannot be read as YAML.");
/// A key that means nothing.
pub static UNKNOWN_KEY: Code = Code::error("manifest/unknown-key", "The manifest has a key that means nothing.");
/// A key that must be there.
pub static MISSING_KEY: Code = Code::error("manifest/missing-key", "The manifest lacks a key.");
/// A list where a text is expected, and the like.
pub static WRONG_TYPE: Code = Code::error("manifest/wrong-type", "A value of the manifest is of the wrong type.");
/// A word that is none of those that may stand there.
pub static UNKNOWN_VALUE: Code =
    Code::error("manifest/unknown-value", "A value of the manifest is none of those known.");
/// A time zone that does not exist.
pub static UNKNOWN_ZONE: Code = Code::error("manifest/unknown-zone", "The project's time zone does not exist.");
/// A version of the language that this release does not read.
pub static UNKNOWN_LANGUAGE: Code = Code::error(
    "manifest/unknown-language",
    "The project is written in a language version this release does not read.",
);
/// `default_target` names no target.
pub static UNKNOWN_TARGET: Code =
    Code::error("manifest/unknown-target", "The default target is not among the targets.");
/// A connection that is written out.
pub static OPEN_CONNECTION: Code =
    Code::error("manifest/open-connection", "A connection is written out where a variable must stand.");

/// The codes of the manifest.
pub static CODES: &[&Code] = &[
    &NOT_YAML,
    &UNKNOWN_KEY,
    &MISSING_KEY,
    &WRONG_TYPE,
    &UNKNOWN_VALUE,
    &UNKNOWN_ZONE,
    &UNKNOWN_LANGUAGE,
    &UNKNOWN_TARGET,
    &OPEN_CONNECTION,
];

/// The version of the language that this release reads.
pub const LANGUAGE: u64 = 1;

/// The keys of the manifest.
pub const KEYS: [&str; 11] = [
    "project",
    "language",
    "synthetic",
    "timezone",
    "week_starts",
    "fiscal_year_starts",
    "default_grain",
    "paths",
    "targets",
    "default_target",
    "policy",
];

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

const MONTHS: [(&str, i8); 12] = [
    ("january", 1),
    ("february", 2),
    ("march", 3),
    ("april", 4),
    ("may", 5),
    ("june", 6),
    ("july", 7),
    ("august", 8),
    ("september", 9),
    ("october", 10),
    ("november", 11),
    ("december", 12),
];

/// What holds for a project as a whole.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The project's name.
    pub project: String,
    /// Where the name stands.
    pub span: Span,
    /// Said wherever people read numbers of a project whose rows are made up; none where they are real.
    pub synthetic: Option<String>,
    pub calendar: Calendar,
    /// The files, folders or patterns that hold declarations.
    pub paths: Vec<SearchPath>,
    /// In the order of the manifest; never empty.
    pub targets: Vec<Target>,
    /// The name of one of them.
    pub default_target: String,
    /// Which rules hold, how strictly, and for whom.
    pub governance: Policy,
    /// Where the policy names the codes of rules whose level it changes.
    pub levels: Vec<(SmolStr, Span)>,
}

/// One of `paths:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchPath {
    pub pattern: String,
    pub span: Span,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            project: String::new(),
            span: Span::default(),
            synthetic: None,
            calendar: Calendar::default(),
            paths: Vec::new(),
            targets: vec![Target::local()],
            default_target: Target::local().name,
            governance: Policy::default(),
            levels: Vec::new(),
        }
    }
}

impl Manifest {
    /// Reads a manifest. What cannot be read has its default and a finding.
    pub fn read(file: FileId, text: &str) -> (Self, Vec<Diagnostic>) {
        if let Some(Settled { text, finding }) = settle(file, text) {
            let (manifest, mut found) = Self::read_settled(file, &text);
            found.insert(0, finding);
            return (manifest, found);
        }
        Self::read_settled(file, text)
    }

    /// Reads a manifest that no merge has left its signs in.
    fn read_settled(file: FileId, text: &str) -> (Self, Vec<Diagnostic>) {
        let value: Value = match serde_yaml::from_str(text) {
            Ok(value) => value,
            Err(error) => return (Self::default(), vec![not_yaml(file, text, &error)]),
        };
        let mut decoder = Decoder::new(file, text.len(), Places::of(text));
        let manifest = match &value {
            Value::Null => Self::of(&mut decoder, &Mapping::new()),
            _ => decoder.mapping(&[], &value).map(|mapping| Self::of(&mut decoder, mapping)).unwrap_or_default(),
        };
        (manifest, decoder.found)
    }

    /// The target of that name, or the default one.
    pub fn target(&self, name: Option<&str>) -> Option<&Target> {
        let name = name.unwrap_or(&self.default_target);
        self.targets.iter().find(|target| target.name == name)
    }

    fn of(decoder: &mut Decoder, mapping: &Mapping) -> Self {
        decoder.known_keys(&[], mapping, &KEYS);
        let project = decoder.text(&["project"], mapping).filter(|name| !name.is_empty());
        if project.is_none() && !mapping.contains_key("project") {
            decoder.found.push(
                MISSING_KEY
                    .finding("groma.yml does not say what the project is called")
                    .at(decoder.start(), "`project` is missing")
                    .help("add a line such as `project: my_company`"),
            );
        }
        language(decoder, mapping);
        let synthetic = synthetic(decoder, mapping);
        let calendar = calendar(decoder, mapping);
        let paths = paths(decoder, mapping);
        let (targets, default_target) = targets::read(decoder, mapping);
        let span = decoder.value_span(&["project"]);
        let default = targets.iter().find(|target| target.name == default_target);
        let territory = default.map(|target| target.territory.clone()).unwrap_or_default();
        let governance = Policy { territory, ..policy::read(decoder, mapping) };
        let levels = policy::places(decoder, &governance);
        Self {
            project: project.unwrap_or_default(),
            span,
            synthetic,
            calendar,
            paths,
            targets,
            default_target,
            governance,
            levels,
        }
    }
}

fn not_yaml(file: FileId, text: &str, error: &serde_yaml::Error) -> Diagnostic {
    let at = error.location().map_or(0, |location| location.index()).min(text.len());
    let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let end = text[at..].chars().next().map_or(at, |character| at + character.len_utf8());
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or(&message);
    NOT_YAML
        .finding(format!("groma.yml cannot be read: {message}"))
        .at(Span::new(file, at, end), "reading stops here")
        .help("a manifest is lines of `key: value`; the lines of a group are indented below its key by two blanks")
}

/// What is said of a project whose rows are made up. A truth value would leave readers to guess what is.
fn synthetic(decoder: &mut Decoder, mapping: &Mapping) -> Option<String> {
    let value = mapping.get("synthetic")?;
    let text = value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    if text.is_none() {
        decoder.wrong_type(&["synthetic"], value, "a sentence that says what is made up");
    }
    text
}

fn language(decoder: &mut Decoder, mapping: &Mapping) {
    let Some(value) = mapping.get("language") else { return };
    let Some(version) = value.as_u64() else {
        decoder.wrong_type(&["language"], value, "the version of the language, such as `1`");
        return;
    };
    if version != LANGUAGE {
        decoder.found.push(
            UNKNOWN_LANGUAGE
                .finding(format!(
                    "the project is written in language {version}; this release reads language {LANGUAGE}"
                ))
                .at(decoder.value_span(&["language"]), format!("not {LANGUAGE}"))
                .help("use the release of Groma that the project was written for"),
        );
    }
}

fn calendar(decoder: &mut Decoder, mapping: &Mapping) -> Calendar {
    let default = Calendar::default();
    let grains: Vec<(&str, Grain)> = GRAINS.to_vec();
    Calendar {
        zone: zone(decoder, mapping).unwrap_or(default.zone),
        week_starts: decoder.word(&["week_starts"], mapping, &WEEKDAYS).unwrap_or(default.week_starts),
        fiscal_year_starts: decoder
            .word(&["fiscal_year_starts"], mapping, &MONTHS)
            .unwrap_or(default.fiscal_year_starts),
        default_grain: decoder.word(&["default_grain"], mapping, &grains).unwrap_or(default.default_grain),
    }
}

/// The project's zone under its canonical name.
fn zone(decoder: &mut Decoder, mapping: &Mapping) -> Option<SmolStr> {
    let name = decoder.text(&["timezone"], mapping)?;
    if let Ok(zone) = jiff::tz::TimeZone::get(&name) {
        return Some(SmolStr::new(zone.iana_name().unwrap_or(&name)));
    }
    let known: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
    let city = |zone: &str| zone.rsplit('/').next().unwrap_or(zone).to_owned();
    let near = nearest(&name, known.iter().map(String::as_str))
        .or_else(|| known.iter().map(String::as_str).find(|zone| city(zone).eq_ignore_ascii_case(&name)));
    let help = near.map_or_else(
        || "write the name of a zone of the tz database, such as `Europe/Berlin`".to_owned(),
        |zone| format!("did you mean `{zone}`?"),
    );
    let span = decoder.value_span(&["timezone"]);
    let mut finding = UNKNOWN_ZONE
        .finding(format!("there is no time zone `{name}`, so no day of the project has a beginning"))
        .at(span, "not in the tz database")
        .help(help);
    if let Some(zone) = near {
        finding = finding.fix(format!("write `{zone}`"), span, zone);
    }
    decoder.found.push(finding);
    None
}

fn paths(decoder: &mut Decoder, mapping: &Mapping) -> Vec<SearchPath> {
    let Some(value) = mapping.get("paths") else { return Vec::new() };
    let entries = match value {
        Value::Sequence(entries) => entries.clone(),
        single => vec![single.clone()],
    };
    let mut paths = Vec::new();
    for (position, entry) in entries.iter().enumerate() {
        let position = position.to_string();
        let path: &[&str] = if value.is_sequence() { &["paths", &position] } else { &["paths"] };
        let expected = "a folder or a pattern within the project, such as `metrics/`";
        let pattern = entry.as_str().map(|text| text.trim_start_matches("./").trim_end_matches('/'));
        match pattern {
            Some(pattern) if glob::Pattern::new(pattern).is_ok() && !pattern.split('/').any(|part| part == "..") => {
                paths.push(SearchPath { pattern: pattern.to_owned(), span: decoder.value_span(path) });
            }
            _ => decoder.wrong_type(path, entry, expected),
        }
    }
    paths
}

impl SearchPath {
    /// Whether a file of the project lies there.
    pub fn holds(&self, path: &str) -> bool {
        if matches!(self.pattern.as_str(), "" | ".") {
            return true;
        }
        let Ok(pattern) = glob::Pattern::new(&self.pattern) else { return false };
        let options = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::default() };
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.into_iter().any(|end| pattern.matches_with(&path[..end], options))
    }
}

#[cfg(test)]
mod tests;
