//! What belongs to the project and is no declaration, as changes that somebody may have to agree to: whose key is whose, and
//! what the manifest says.

use super::signers_of;
use super::{ALLOWED_SIGNERS, Signer, Signers};
use crate::comparison::State;
use crate::repository::Repository;
use groma_model::SmolStr;
use groma_model::change::{Change, Class, Part};
use groma_model::meaning::Digest;
use groma_model::schema::Kind;
use groma_project::MANIFEST;
use sha2::{Digest as _, Sha256};

/// The change of `project signers`, if there is one. Where nobody was listed before, there is nobody to ask.
pub(crate) fn change(repository: &Repository, base: &State, head: &State) -> Option<Change> {
    let before = signers_of(repository, &base.revision).ok().filter(|text| !text.is_empty())?;
    let after = signers_of(repository, &head.revision).ok()?;
    let parts = parts(&Signers::read(&before), &Signers::read(&after));
    (!parts.is_empty()).then(|| Change {
        before: Some(digest(&before)),
        after: Some(digest(&after)),
        ..Change::of_project(SmolStr::new("signers"), Class::Policy, parts)
    })
}

fn parts(before: &Signers, after: &Signers) -> Vec<Part> {
    let lacks = |all: &Signers, one: &Signer| {
        let same = |other: &Signer| Signer { line: one.line, ..other.clone() } == *one;
        !all.lines.iter().any(same)
    };
    let mut parts = Vec::new();
    let mut add = |words: String| {
        parts.push(Part {
            class: Class::Policy,
            key: SmolStr::new("signers"),
            words,
            before: None,
            after: None,
            span: None,
        });
    };
    for one in before.lines.iter().filter(|one| lacks(after, one)) {
        add(format!("`{ALLOWED_SIGNERS}` no longer lists a key of {} as it did", one.principals.join(", ")));
    }
    for one in after.lines.iter().filter(|one| lacks(before, one)) {
        add(format!("`{ALLOWED_SIGNERS}` lists a key of {} that it did not", one.principals.join(", ")));
    }
    parts
}

/// Gives the changes of what the manifest says something that can be agreed to: the manifest as it is.
pub(crate) fn identify(changes: &mut [Change], base: &State, head: &State) {
    for change in changes.iter_mut().filter(|change| change.subject.0 == Kind::Project) {
        change.before = change.before.or_else(|| manifest(base));
        change.after = change.after.or_else(|| manifest(head));
    }
}

fn manifest(state: &State) -> Option<Digest> {
    let (_, file) = state.project.sources.files().find(|(_, file)| file.path == MANIFEST)?;
    Some(digest(&file.text))
}

/// The ends of lines are a checkout's.
fn digest(text: &str) -> Digest {
    Digest(Sha256::digest(text.replace("\r\n", "\n").as_bytes()).into())
}
