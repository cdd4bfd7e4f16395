//! Findings about repositories and the states in them.

use groma_model::Code;

/// There is no history.
pub static NO_REPOSITORY: Code =
    Code::error("history/no-repository", "The project is in no git repository, so it has no history.");
/// There is a repository, and it does not open.
pub static BROKEN_REPOSITORY: Code =
    Code::error("history/broken-repository", "The git repository around the project cannot be opened.");
/// A bare repository with several projects, or with none.
pub static BARE_NEEDS_PROJECT: Code =
    Code::error("history/bare-needs-project", "A bare repository does not tell which folder the project is in.");
/// A revision that is none.
pub static UNKNOWN_REVISION: Code =
    Code::error("history/unknown-revision", "What was named is no commit, branch or tag of the repository.");
/// A revision beyond what was fetched.
pub static TOO_SHALLOW: Code =
    Code::error("history/too-shallow", "The clone does not reach as far back as was asked for.");
/// The state that is compared with is broken.
pub static BASE_BROKEN: Code =
    Code::error("history/base-broken", "The project has errors at the commit that it is compared with.");
/// Git's own store is damaged or incomplete.
pub static UNREADABLE_OBJECT: Code =
    Code::error("history/unreadable-object", "Something that git should hold cannot be read.");

pub(super) static CODES: &[&Code] = &[
    &NO_REPOSITORY,
    &BROKEN_REPOSITORY,
    &BARE_NEEDS_PROJECT,
    &UNKNOWN_REVISION,
    &TOO_SHALLOW,
    &BASE_BROKEN,
    &UNREADABLE_OBJECT,
];
