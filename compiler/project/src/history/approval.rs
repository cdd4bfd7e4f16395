//! Findings about approvals, and about who may change what.

use groma_model::Code;

/// Somebody who must agree has not.
pub static MISSING: Code =
    Code::error("approval/missing", "A change lacks the approval of those who must agree to it.");
/// Nothing can be signed or verified.
pub static NO_SSH_KEYGEN: Code =
    Code::error("approval/no-ssh-keygen", "Signatures are made and verified by ssh-keygen, which is not there.");
/// A file that is no statement, or no signature.
pub static UNREADABLE: Code =
    Code::error("approval/unreadable", "An approval's statement or signature cannot be read.");
/// Bytes that were not signed.
pub static TAMPERED: Code =
    Code::error("approval/tampered", "The signature of an approval does not belong to its statement.");
/// A signature for something else.
pub static WRONG_NAMESPACE: Code =
    Code::error("approval/wrong-namespace", "A signature that was made for something else stands for an approval.");
/// Nobody knows whose key it is.
pub static UNKNOWN_KEY: Code =
    Code::error("approval/unknown-key", "An approval is signed with a key that is not listed for its address.");
/// The key held no more.
pub static KEY_EXPIRED: Code =
    Code::error("approval/key-expired", "An approval was signed with a key that was no longer valid.");
/// The key did not hold yet.
pub static KEY_NOT_YET_VALID: Code =
    Code::error("approval/key-not-yet-valid", "An approval was signed with a key that was not valid yet.");
/// Somebody who does not belong there.
pub static NOT_A_MEMBER: Code =
    Code::error("approval/not-a-member", "Somebody approved for a team or a council and was no member of it then.");
/// The author agreed with himself.
pub static AUTHOR_ALONE: Code = Code::error("approval/author-alone", "Nobody but its author approved a change.");
/// There is no council for it.
pub static NOBODY_DECIDES: Code =
    Code::warning("approval/nobody-decides", "Published history may change, and no council decides about that.");
/// A metric of others.
pub static NOT_YOUR_METRIC: Code = Code::error(
    "approval/not-your-metric",
    "A global metric was changed by somebody who does not belong to its owners.",
);

pub(super) static CODES: &[&Code] = &[
    &MISSING,
    &NO_SSH_KEYGEN,
    &UNREADABLE,
    &TAMPERED,
    &WRONG_NAMESPACE,
    &UNKNOWN_KEY,
    &KEY_EXPIRED,
    &KEY_NOT_YET_VALID,
    &NOT_A_MEMBER,
    &AUTHOR_ALONE,
    &NOBODY_DECIDES,
    &NOT_YOUR_METRIC,
];
