//! What is signed: an in-toto statement over the hash of a meaning.

use groma_model::SmolStr;
use groma_model::change::Class;
use groma_model::meaning::{Digest, FORM, Subject};
use groma_model::schema::Kind;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PREDICATE: &str = "https://groma.example/approval/v1";
/// The name of a digest: this, and the number of the form.
const DIGEST: &str = "gromaMeaning";
/// The name of the digest of the declaration's own words, likewise.
const WORDS: &str = "gromaWords";

/// What somebody says about a meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub subject: Subject,
    /// Of a metric; 1 where there is only one, and for everything else.
    pub version: u32,
    /// The hash of the meaning: the new one; where the subject is removed, the old one.
    pub digest: Digest,
    /// The hash of the declaration's own words, where that was signed too: what counts for a change that leaves numbers alone.
    pub words: Option<Digest>,
    pub decision: Decision,
    pub class: Class,
    pub reason: String,
    pub role: Role,
    /// The address of whoever says it.
    pub by: String,
    /// As they say; what counts is the commit that added the statement.
    pub on: Timestamp,
    pub project: String,
}

/// What somebody decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    Approve,
    Reject,
}

/// What somebody spoke as.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Team(SmolStr),
    Council(SmolStr),
}

/// The document as in-toto has it. What else stands in it is left alone.
#[derive(Serialize, Deserialize)]
struct Document {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Named>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: Predicate,
}

#[derive(Serialize, Deserialize)]
struct Named {
    name: String,
    digest: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct Predicate {
    decision: Decision,
    class: String,
    #[serde(default)]
    reason: String,
    role: String,
    by: String,
    on: String,
    #[serde(default)]
    project: String,
}

impl Role {
    /// `council.metrics` or `team.support`.
    pub fn read(text: &str) -> Option<Self> {
        match text.split_once('.')? {
            (_, "") => None,
            ("team", name) => Some(Self::Team(SmolStr::new(name))),
            ("council", name) => Some(Self::Council(SmolStr::new(name))),
            _ => None,
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Team(name) => write!(formatter, "team.{name}"),
            Self::Council(name) => write!(formatter, "council.{name}"),
        }
    }
}

impl Statement {
    /// Reads a statement.
    ///
    /// # Errors
    /// What is wrong with it, in words that go on from "the statement": "has no `subject`".
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let document: Document = serde_json::from_slice(bytes).map_err(|error| format!("is no statement: {error}"))?;
        if document.kind != STATEMENT || document.predicate_type != PREDICATE {
            return Err(format!("is about something else: `{}`, `{}`", document.kind, document.predicate_type));
        }
        let [named] = document.subject.as_slice() else {
            return Err(format!("must have one subject and has {}", document.subject.len()));
        };
        let (subject, version) = subject(&named.name)
            .ok_or_else(|| format!("is about `{}`, which is no declaration such as `metric/nps@2`", named.name))?;
        let predicate = document.predicate;
        Ok(Self {
            subject,
            version,
            digest: digest(&named.digest)?,
            words: named.digest.get(&format!("{WORDS}{FORM}")).and_then(|text| text.parse().ok()),
            decision: predicate.decision,
            class: Class::from_word(&predicate.class)
                .ok_or_else(|| format!("has the class `{}`, which there is not", predicate.class))?,
            reason: predicate.reason,
            role: Role::read(&predicate.role).ok_or_else(|| {
                format!("has the role `{}`, which is neither `team.…` nor `council.…`", predicate.role)
            })?,
            by: predicate.by,
            on: predicate.on.parse().map_err(|_| format!("has the time `{}`, which is none", predicate.on))?,
            project: predicate.project,
        })
    }

    /// The bytes that are signed, ending in a newline.
    pub fn bytes(&self) -> Vec<u8> {
        let document = Document {
            kind: STATEMENT.to_owned(),
            subject: vec![Named { name: self.subject_name(), digest: self.digests() }],
            predicate_type: PREDICATE.to_owned(),
            predicate: Predicate {
                decision: self.decision,
                class: self.class.word().to_owned(),
                reason: self.reason.clone(),
                role: self.role.to_string(),
                by: self.by.clone(),
                on: self.on.to_string(),
                project: self.project.clone(),
            },
        };
        let mut bytes = serde_json::to_vec_pretty(&document).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    fn digests(&self) -> BTreeMap<String, String> {
        let words = self.words.map(|words| (format!("{WORDS}{FORM}"), words.to_string()));
        [(format!("{DIGEST}{FORM}"), self.digest.to_string())].into_iter().chain(words).collect()
    }

    /// `metric/nps@2`; `council/metrics`.
    pub fn subject_name(&self) -> String {
        let (kind, name) = &self.subject;
        match kind {
            Kind::Metric => format!("{}/{name}@{}", kind.word(), self.version),
            _ => format!("{}/{name}", kind.word()),
        }
    }

    /// The name of its file; the signature's has `.sig` behind it. Nothing is read out of it.
    pub fn file_name(&self) -> String {
        let (kind, name) = &self.subject;
        let subject = match kind {
            Kind::Metric => format!("{name}@{}", self.version),
            _ => format!("{}-{name}", kind.word()),
        };
        let digest: String = self.digest.to_string().chars().take(12).collect();
        let plain = |one: char| if one.is_ascii_alphanumeric() || one == '_' { one } else { '-' };
        let by: String = self.by.chars().map(plain).collect();
        format!("{subject}-{digest}-{by}.json")
    }
}

/// The kind of a word; also of what the project is without being declared: `project`.
pub(super) fn declared(word: &str) -> Option<Kind> {
    Kind::from_word(word).or_else(|| (word == Kind::Project.word()).then_some(Kind::Project))
}

/// The declaration of `metric/nps@2`, and its version.
fn subject(text: &str) -> Option<(Subject, u32)> {
    let (kind, name) = text.split_once('/')?;
    let kind = declared(kind)?;
    let (name, version) = match name.split_once('@') {
        Some((name, version)) => (name, version.parse().ok()?),
        None => (name, 1),
    };
    (!name.is_empty()).then(|| ((kind, SmolStr::new(name)), version))
}

/// The digest of a form that can be computed.
fn digest(all: &BTreeMap<String, String>) -> Result<Digest, String> {
    let forms = all.keys().filter_map(|name| name.strip_prefix(DIGEST)?.parse::<u32>().ok());
    match all.get(&format!("{DIGEST}{FORM}")) {
        Some(text) => text.parse().map_err(|()| format!("has the hash `{text}`, which is none")),
        None => match forms.max() {
            Some(form) if form > FORM => {
                Err(format!("has a hash of form {form}, which is newer than this Groma: it knows {FORM}"))
            }
            Some(form) => Err(format!("has a hash of form {form}, which does not say enough to be approved")),
            None => Err("has no hash of a meaning".to_owned()),
        },
    }
}
