//! Whose key signed a commit.

use super::keygen::{self, Claim};
use super::signature::Signature;
use super::verify::{Law, address};
use crate::repository::Repository;
use git2::Oid;
use groma_model::SmolStr;
use jiff::Timestamp;

/// What git signs commits for.
const GIT: &str = "git";

/// The addresses whose key a commit is validly signed with, in small letters; none where it is not signed, or not by a key
/// that the signers list for that time.
pub(crate) fn signer(
    repository: &Repository,
    commit: Oid,
    law: &Law<'_>,
    time: Option<Timestamp>,
) -> Option<Vec<SmolStr>> {
    let (packed, content) = repository.git().extract_signature(&commit, None).ok()?;
    let signature = Signature::read(&packed).ok().filter(|signature| signature.namespace == GIT)?;
    let claim = Claim { namespace: GIT, bytes: &content, signature: &packed };
    let is_theirs = |one: &&str| keygen::is_by(&claim, one, &law.text, time.unwrap_or_default()).unwrap_or_default();
    let found: Vec<SmolStr> = law.signers.addresses(&signature.key).filter(is_theirs).map(address).collect();
    (!found.is_empty()).then_some(found)
}

/// The addresses that the key a commit is signed with is listed for, whether the signature is valid or not.
pub(crate) fn claimed(repository: &Repository, commit: Oid, law: &Law<'_>) -> Vec<SmolStr> {
    let read = || {
        let (packed, _) = repository.git().extract_signature(&commit, None).ok()?;
        Signature::read(&packed).ok()
    };
    read().map(|signature| law.signers.addresses(&signature.key).map(address).collect()).unwrap_or_default()
}
