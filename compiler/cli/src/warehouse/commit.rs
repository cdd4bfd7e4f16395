//! Which commit the definitions are of.

use crate::failure::Failure;
use crate::loading::Loaded;
use crate::terminal::Terminal;
use groma_history::{Repository, Revision};
use groma_model::Diagnostic;
use groma_project::history::repository::{NO_REPOSITORY, UNKNOWN_REVISION};
use groma_project::{MANIFEST, World};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::io;

/// Where there is no repository, or no commit in it.
pub(crate) const UNCOMMITTED: &str = "uncommitted";

/// Whose definitions numbers are computed by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Commit {
    /// 40 hexadecimal digits, with `-dirty` behind them where a definition is another one, or `uncommitted`.
    pub(crate) name: String,
    /// When it was made; the first second of 1970 where there is none, so that the same definitions are written alike.
    pub(crate) time: Timestamp,
}

impl Commit {
    fn none() -> Self {
        Self { name: UNCOMMITTED.to_owned(), time: Timestamp::UNIX_EPOCH }
    }
}

/// The commit whose definitions these are.
///
/// # Errors
/// There is a repository and it cannot be read: a number that names a wrong definition would be worse.
pub(crate) fn commit(loaded: &Loaded, terminal: &mut Terminal) -> Result<Commit, Failure> {
    let refuse = |found: Diagnostic, terminal: &mut Terminal| {
        loaded.show(&[found], terminal);
        Failure::FINDINGS
    };
    let is = |found: &Diagnostic, code: &groma_model::Code| found.code.id == code.id;
    let repository = match Repository::around(loaded.world.root(), None) {
        Ok(repository) => repository,
        Err(found) if is(&found, &NO_REPOSITORY) => return Ok(Commit::none()),
        Err(found) => return Err(refuse(*found, terminal)),
    };
    let head = match repository.revision("HEAD") {
        Ok(head) => head,
        Err(found) if is(&found, &UNKNOWN_REVISION) => return Ok(Commit::none()),
        Err(found) => return Err(refuse(*found, terminal)),
    };
    let Revision::Commit { id, .. } = &head else { return Ok(Commit::none()) };
    let committed = match repository.world(&head) {
        Ok(world) => world,
        Err(found) => return Err(refuse(*found, terminal)),
    };
    let (committed, present) = (definitions(&*committed), definitions(&loaded.world));
    let same = matches!((committed, present), (Ok(committed), Ok(present)) if committed == present);
    let seconds = repository.git().find_commit(*id).map_or(0, |commit| commit.time().seconds());
    let time = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(Commit { name: if same { id.to_string() } else { format!("{id}-dirty") }, time })
}

/// The files that say what numbers mean. Line ends may be checked out in another way than they are committed.
fn definitions(world: &dyn World) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let paths = world.list()?.into_iter().chain([MANIFEST.to_owned()]);
    let read = |path: String| {
        let bytes = world.read(&path)?.unwrap_or_default();
        Ok((path, bytes.into_iter().filter(|byte| *byte != b'\r').collect()))
    };
    paths.map(read).collect()
}
