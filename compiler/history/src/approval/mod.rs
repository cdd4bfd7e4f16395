//! Approvals: signed statements about what a declaration means.
//!
//! A statement is over the hash of a meaning, so it outlives rebases, squashes and new formatting, and nothing else. Whether
//! it counts is decided by the keys, teams and councils of the state before the change, at its own place in the order of
//! commits: `verify`.

mod authors;
mod commit;
mod keygen;
pub(crate) mod listed;
mod place;
mod sign;
mod signature;
mod signers;
mod statement;
mod verify;

pub use place::Place;
pub use sign::{Refusal, Signed, Wish, sign};
pub use signature::Signature;
pub use signers::{Signer, Signers};
pub use statement::{Decision, Role, Statement};
pub use verify::Law;

pub(crate) use authors::{Authors, Deed, own_address};
pub(crate) use commit::{claimed, signer};
pub(crate) use verify::address;

use crate::comparison::State;
use crate::repository::Repository;
use crate::revision::Revision;
use git2::Oid;
use groma_model::{Diagnostic, FileId, SourceMap, Span};
use groma_project::history::approval::UNREADABLE;
use groma_project::{Project, World};
use jiff::civil::Date;
use verify::{At, Rejected};

/// The folder of approvals, in the project's.
pub const FOLDER: &str = "approvals";
/// Whose key is whose, in the project's folder.
pub const ALLOWED_SIGNERS: &str = "approvals/allowed_signers";
/// What approvals are signed for; a signature of git's is none.
pub const NAMESPACE: &str = "approval.groma";

/// A statement with its signature, whether it counts or not.
#[derive(Debug, Clone)]
pub struct Approval {
    /// In the project's folder.
    pub path: String,
    /// What it says, or what is wrong with it: "is no statement: …".
    pub statement: Result<Statement, String>,
    /// As they were signed.
    pub bytes: Vec<u8>,
    /// As it stands beside it; none where nothing does.
    pub signature: Option<Vec<u8>>,
    /// None where it is in no commit.
    pub place: Option<Place>,
}

/// All approvals of a state.
#[derive(Debug, Clone, Default)]
pub struct Approvals {
    /// By their paths.
    pub files: Vec<Approval>,
}

impl Approvals {
    /// The approvals of a state, unverified.
    ///
    /// # Errors
    /// The objects cannot be read.
    pub fn read(repository: &Repository, revision: &Revision) -> Result<Self, Box<Diagnostic>> {
        let world = repository.world(revision)?;
        let paths = world.files(FOLDER).unwrap_or_default();
        let head = revision.commit().or_else(|| head(repository));
        let committed = Committed { repository, head };
        let mut files = Vec::new();
        let mut contents = Vec::new();
        for path in paths.into_iter().filter(|path| path.ends_with(".json")) {
            let Some((bytes, content)) = committed.read(&*world, &path) else { continue };
            let signature = committed.read(&*world, &format!("{path}.sig")).map(|(bytes, _)| bytes);
            contents.push(content.map(|content| (in_repository(repository, &path), content)));
            files.push(Approval { statement: Statement::read(&bytes), path, bytes, signature, place: None });
        }
        let known: Vec<(String, Oid)> = contents.iter().flatten().cloned().collect();
        if let Some(head) = head {
            let mut places = place::places(repository.git(), head, &known)?.into_iter();
            for (file, content) in files.iter_mut().zip(&contents) {
                file.place = content.as_ref().and_then(|_| places.next().flatten());
            }
        }
        Ok(Self { files })
    }
}

/// The commit that a working tree or an index goes on from.
struct Committed<'r> {
    repository: &'r Repository,
    head: Option<Oid>,
}

impl Committed<'_> {
    /// The bytes of a file, and its content in the commit where it is the same there. A checkout may have given its lines
    /// other ends: what is signed is what is committed.
    fn read(&self, world: &dyn World, path: &str) -> Option<(Vec<u8>, Option<Oid>)> {
        let bytes = world.read(path).ok()??;
        match self.content(path) {
            Some((id, content)) if content == bytes || content == without_returns(&bytes) => Some((content, Some(id))),
            _ => Some((bytes, None)),
        }
    }

    fn content(&self, path: &str) -> Option<(Oid, Vec<u8>)> {
        let git = self.repository.git();
        let tree = git.find_commit(self.head?).ok()?.tree().ok()?;
        let id = place::content_at(&tree, &in_repository(self.repository, path))?;
        Some((id, git.find_blob(id).ok()?.content().to_vec()))
    }
}

fn without_returns(bytes: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n").into_bytes()
}

/// The path of a project's file in the repository.
pub(crate) fn in_repository(repository: &Repository, path: &str) -> String {
    match repository.folder() {
        "" => path.to_owned(),
        folder => format!("{folder}/{path}"),
    }
}

/// The commit that HEAD is, if there is one.
pub(crate) fn head(repository: &Repository) -> Option<Oid> {
    repository.git().head().ok()?.peel_to_commit().ok().map(|commit| commit.id())
}

/// What is wrong with the approvals of the project as it is, by its own keys, teams and councils. The files that the findings
/// point into become texts of the project.
///
/// # Errors
/// The objects cannot be read.
pub fn verify_all(
    repository: &Repository,
    project: &mut Project,
    today: Date,
) -> Result<Vec<Diagnostic>, Box<Diagnostic>> {
    let revision = match repository.disk() {
        Some(_) => Revision::WorkingTree,
        None => repository.revision("HEAD")?,
    };
    let signers = signers_of(repository, &revision)?;
    let approvals = Approvals::read(repository, &revision)?;
    let model = project.model.clone();
    let law = Law::new(&model, signers, today);
    let mut shelf = Shelf { sources: &mut project.sources };
    let mut found = shelf.malformed(&law);
    found.extend(shelf.all_judged(&law, &approvals.files).into_iter().flatten());
    Ok(found)
}

/// Who decides about a change: keys, teams and councils of the state before it; a change cannot appoint itself. Where that
/// state has none, those after it do.
///
/// # Errors
/// The objects cannot be read.
pub fn law<'m>(
    repository: &Repository,
    base: &'m State,
    head: &'m State,
    today: Date,
) -> Result<Law<'m>, Box<Diagnostic>> {
    let own = signers_of(repository, &base.revision)?;
    let text = if own.is_empty() { signers_of(repository, &head.revision)? } else { own };
    let before = &base.project.model;
    let governed = !before.teams.is_empty() || !before.councils.is_empty();
    Ok(Law::new(if governed { before } else { &head.project.model }, text, today))
}

/// The file of signers at a revision; empty where there is none.
pub(crate) fn signers_of(repository: &Repository, revision: &Revision) -> Result<String, Box<Diagnostic>> {
    let bytes = repository.world(revision)?.read(ALLOWED_SIGNERS).ok().flatten().unwrap_or_default();
    // A checkout may have given its lines other ends.
    Ok(String::from_utf8_lossy(&bytes).replace("\r\n", "\n"))
}

/// Puts the files that findings point into beside the project's own.
pub(crate) struct Shelf<'s> {
    pub(crate) sources: &'s mut SourceMap,
}

impl Shelf<'_> {
    /// A text that is there already, or is put there.
    fn file(&mut self, path: &str, text: &str) -> FileId {
        let there = self.sources.files().find(|(_, file)| file.path == path && file.text == text).map(|(id, _)| id);
        there.unwrap_or_else(|| self.sources.add(path, text))
    }

    /// Why an approval counts for nothing, at its place.
    fn finding(&mut self, approval: &Approval, rejected: Rejected) -> Diagnostic {
        let Rejected { finding, at, label } = rejected;
        let (path, bytes, key) = match at {
            At::Statement(key) => (approval.path.clone(), approval.bytes.as_slice(), key),
            At::Signature => (format!("{}.sig", approval.path), approval.signature.as_deref().unwrap_or_default(), ""),
        };
        let text = String::from_utf8_lossy(bytes).into_owned();
        let file = self.file(&path, &text);
        finding.at(line(file, &text, key), label)
    }

    /// The finding about an approval that counts for nothing, if so.
    pub(crate) fn judged(&mut self, law: &Law<'_>, approval: &Approval) -> Option<Diagnostic> {
        law.judge(approval).err().map(|rejected| self.finding(approval, *rejected))
    }

    /// The same of many, in their order.
    pub(crate) fn all_judged(&mut self, law: &Law<'_>, approvals: &[Approval]) -> Vec<Option<Diagnostic>> {
        let verdicts = law.judge_all(approvals).into_iter().zip(approvals);
        verdicts.map(|(verdict, approval)| verdict.err().map(|rejected| self.finding(approval, *rejected))).collect()
    }

    /// Lines of the file of signers that nobody understands.
    pub(crate) fn malformed(&mut self, law: &Law<'_>) -> Vec<Diagnostic> {
        if law.signers.malformed.is_empty() {
            return Vec::new();
        }
        let file = self.file(ALLOWED_SIGNERS, &law.text);
        let finding = |(line, problem): &(usize, String)| {
            let start: usize = law.text.split_inclusive('\n').take(line - 1).map(str::len).sum();
            let length = law.text.lines().nth(line - 1).map_or(0, str::len);
            UNREADABLE
                .finding(format!("line {line} of {ALLOWED_SIGNERS} lists no key: {problem}"))
                .at(Span::new(file, start, start + length), "not a line of whose key is whose")
                .help("write it as ssh-keygen reads it: `ada@shop.example namespaces=\"approval.groma\" ssh-ed25519 AAAA…`")
        };
        law.signers.malformed.iter().map(finding).collect()
    }
}

/// The line of a document that begins with a key; its first one without.
fn line(file: FileId, text: &str, key: &str) -> Span {
    let mut start = 0;
    let quoted = format!("\"{key}\":");
    for line in text.split_inclusive('\n') {
        if key.is_empty() || line.trim_start().starts_with(&quoted) {
            let indent = line.len() - line.trim_start().len();
            return Span::new(file, start + indent, start + line.trim_end().len().max(indent));
        }
        start += line.len();
    }
    Span::new(file, 0, text.lines().next().map_or(0, str::len))
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod workshop;
