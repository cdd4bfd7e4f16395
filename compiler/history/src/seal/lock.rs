//! The lock of a period: a file that says what was sealed, with a digest over itself.

use groma_model::governance::Period;
use groma_model::meaning::{Digest, FORM, FORMS, Meaning};
use groma_model::{Diagnostic, SmolStr};
use groma_project::World;
use groma_project::history::freeze::{LOCK_EDITED, LOCK_NEWER, LOCK_UNREADABLE};
use groma_syntax::{FileId, SourceMap, Span};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// The folder of a project that holds locks.
pub const FOLDER: &str = "freezes";

/// The version of the lock's shape.
pub(super) const VERSION: u32 = 1;

/// What was sealed for a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// Of the shape of this document.
    pub version: u32,
    pub generator: Generator,
    /// Of the canonical form that the meanings are hashes of.
    pub form: u32,
    pub period: Sealed,
    /// Whose declarations were sealed.
    pub commit: String,
    pub project: Settings,
    pub metrics: BTreeMap<String, Seal>,
    pub targets: BTreeMap<String, Files>,
    pub restatements: Vec<Restatement>,
    /// Of the document without this key.
    #[serde(default)]
    pub digest: String,
}

/// What wrote a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generator {
    pub name: String,
    pub version: String,
    /// The version of the time zones' transitions.
    pub tzdb: String,
}

/// The period as it was when it was sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    pub name: String,
    /// First and last day, both included.
    pub covers: [String; 2],
    pub freeze: Option<String>,
    pub report: Option<String>,
}

/// What holds for all numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    pub timezone: String,
    pub week_starts: String,
    pub fiscal_year_starts: i8,
}

/// What a metric meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// That is in force on the last day.
    pub version: u32,
    /// Of all that can change a cell up to the last day.
    pub meaning: String,
    /// What stands in its cells, from a day on.
    pub pieces: Vec<Piece>,
    pub grains: Vec<String>,
    /// What its columns mean.
    pub groupings: BTreeMap<String, String>,
    /// Of what each customer counts for.
    pub weight: Option<String>,
    /// By target: of the files that compute it.
    pub sql: BTreeMap<String, String>,
}

/// What stands in the cells of some days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// None from the beginning.
    pub from: Option<String>,
    pub meaning: String,
}

/// What was written for a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    pub engine: String,
    pub files: BTreeMap<String, String>,
}

/// A sealed meaning that was replaced by another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restatement {
    pub metric: String,
    pub exception: String,
    pub because: String,
    pub approved_by: Vec<String>,
    /// The meaning before and after.
    pub from: String,
    pub to: String,
    /// Whose declarations are sealed now.
    pub commit: String,
    pub on: String,
}

/// A lock and where it is.
#[derive(Debug, Clone)]
pub struct Placed {
    pub lock: Lock,
    /// Relative to the project.
    pub path: String,
    pub file: FileId,
}

/// The path of a period's lock, relative to the project.
pub fn path(period: &str) -> String {
    format!("{FOLDER}/{period}.lock")
}

/// The SHA-256 of some bytes, in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Digest(Sha256::digest(bytes).into()).to_string()
}

impl Lock {
    /// The locks of a project, in the order of their paths, and what is wrong with the others. Their texts become those of the
    /// project, so that findings can point into them.
    pub fn all(world: &dyn World, sources: &mut SourceMap) -> (Vec<Placed>, Vec<Diagnostic>) {
        let (mut locks, mut found) = (Vec::new(), Vec::new());
        let paths = match world.files(FOLDER) {
            Ok(paths) => paths,
            Err(error) => {
                return (locks, vec![LOCK_UNREADABLE.finding(format!("{FOLDER}/ cannot be read: {error}"))]);
            }
        };
        for path in paths.into_iter().filter(|path| path.ends_with(".lock")) {
            let bytes = match world.read(&path) {
                Ok(bytes) => bytes.unwrap_or_default(),
                Err(error) => {
                    found.push(LOCK_UNREADABLE.finding(format!("{path} cannot be read: {error}")));
                    continue;
                }
            };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let file = sources.add(path.as_str(), text.as_str());
            match Self::read(&path, &text) {
                Ok(lock) => locks.push(Placed { lock, path, file }),
                Err(problem) => {
                    let line = text.lines().next().map_or(0, str::len);
                    let finding = *problem;
                    found.push(match finding.primary {
                        None => finding.at(Span::new(file, 0, line), "this file"),
                        Some(_) => finding,
                    });
                }
            }
        }
        (locks, found)
    }

    /// Reads a lock.
    ///
    /// # Errors
    /// It is of a newer release, was edited, or is no lock.
    pub fn read(path: &str, text: &str) -> Result<Self, Box<Diagnostic>> {
        let unreadable = |why: String| {
            LOCK_UNREADABLE.finding(format!("{path} is no lock: {why}")).help(format!(
                "bring the committed one back: `git checkout HEAD -- {path}`; `git log -- {path}` shows who changed it"
            ))
        };
        let value: Value = serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
        match value["version"].as_u64() {
            Some(version) if version > u64::from(VERSION) => return Err(Box::new(newer(path, &value, version))),
            Some(_) => {}
            None => return Err(Box::new(unreadable("it has no `version`".to_owned()))),
        }
        if value["digest"].as_str() != Some(digest(&value).as_str()) {
            return Err(Box::new(
                LOCK_EDITED
                    .finding(format!("{path} was edited by hand: its digest belongs to another text"))
                    .help(help_edited(path)),
            ));
        }
        let lock: Self = serde_json::from_value(value).map_err(|error| unreadable(error.to_string()))?;
        match (lock.days(), lock.period.name.as_str()) {
            (None, _) => Err(Box::new(unreadable("the days that it covers are none".to_owned()))),
            _ if !FORMS.contains(&lock.form) => Err(Box::new(newer_form(path, &lock))),
            (_, name) if self::path(name) != path => Err(Box::new(unreadable(format!("it is that of `{name}`")))),
            _ => Ok(lock),
        }
    }

    /// The text of the lock, with its digest.
    pub fn text(&self) -> String {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        let digest = digest(&value);
        value["digest"] = Value::String(digest);
        format!("{value:#}\n")
    }

    /// First and last day.
    pub fn days(&self) -> Option<(Date, Date)> {
        let [first, last] = &self.period.covers;
        first.parse().ok().zip(last.parse().ok())
    }
}

impl Sealed {
    /// A period as it is now.
    pub fn of(period: &Period) -> Self {
        let day = |day: Date| day.to_string();
        Self {
            name: period.header.name.to_string(),
            covers: [day(period.covers.0), day(period.covers.1)],
            freeze: period.freeze.map(day),
            report: period.report.map(day),
        }
    }
}

impl Seal {
    /// What a metric means, up to the last day; nothing is said of its statements yet.
    pub fn of(meaning: &Meaning, version: u32, last: Date) -> Self {
        let piece = |(from, meaning): &(Option<Date>, Digest)| Piece {
            from: from.map(|from| from.to_string()),
            meaning: meaning.to_string(),
        };
        let grouping = |(name, digest): &(SmolStr, Digest)| (name.to_string(), digest.to_string());
        let begun = |(from, _): &&(Option<Date>, Digest)| from.is_none_or(|from| from <= last);
        Self {
            version,
            meaning: meaning.until(last).to_string(),
            pieces: meaning.pieces.iter().filter(begun).map(piece).collect(),
            grains: meaning.cells.grains.iter().map(ToString::to_string).collect(),
            groupings: meaning.cells.groupings.iter().map(grouping).collect(),
            weight: None,
            sql: BTreeMap::new(),
        }
    }
}

/// What somebody may do about a lock that was edited.
fn help_edited(path: &str) -> String {
    format!(
        "bring the committed one back: `git checkout HEAD -- {path}`; a sealed meaning that must change is restated: \
         `groma freeze PERIOD --restate EXCEPTION`"
    )
}

fn newer(path: &str, value: &Value, version: u64) -> Diagnostic {
    let written = value["generator"]["version"].as_str().map(|by| format!(" by Groma {by}")).unwrap_or_default();
    LOCK_NEWER
        .finding(format!(
            "{path} was written{written} in form {version} of locks, and this release knows forms up to {VERSION}"
        ))
        .help("use that release, or a later one: nothing can be said here about what it seals")
}

fn newer_form(path: &str, lock: &Lock) -> Diagnostic {
    LOCK_NEWER
        .finding(format!(
            "{path} was written by Groma {} over form {} of meanings, and this release knows forms up to {FORM}",
            lock.generator.version, lock.form
        ))
        .help("use that release, or a later one: nothing can be said here about what it seals")
}

/// Of a document without its digest: keys in order, no blanks.
fn digest(document: &Value) -> String {
    let mut text = String::new();
    write_sorted(document, true, &mut text);
    sha256(text.as_bytes())
}

fn write_sorted(value: &Value, outermost: bool, text: &mut String) {
    match value {
        Value::Object(entries) => {
            let sorted: BTreeMap<&String, &Value> =
                entries.iter().filter(|(key, _)| !(outermost && *key == "digest")).collect();
            text.push('{');
            for (at, (key, value)) in sorted.into_iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                text.push_str(&Value::String(key.clone()).to_string());
                text.push(':');
                write_sorted(value, false, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                write_sorted(item, false, text);
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}
