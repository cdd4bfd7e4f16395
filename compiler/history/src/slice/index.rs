//! Which declarations a project has, kept up to date from commit to commit by what their files differ in.

use super::chunk::{ChunkId, Chunks, Word};
use super::files::{File, text};
use git2::{Oid, Repository};
use groma_model::schema::Kind;
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// A declaration where it stands.
pub(super) type Placed = (Rc<str>, ChunkId);

/// The declarations of a project.
#[derive(Default)]
pub(super) struct Index {
    files: Rc<Vec<File>>,
    blobs: HashMap<Oid, Rc<Vec<ChunkId>>>,
    named: HashMap<Word, Vec<Placed>>,
    /// Those that name what they act on, and are not named by it.
    pub(super) acting: BTreeSet<Placed>,
    /// How many pieces cannot be read.
    pub(super) flawed: usize,
}

/// Kinds that change metrics which do not name them.
const ACTING: [Kind; 5] = [Kind::Exception, Kind::Survey, Kind::Agreement, Kind::Region, Kind::Waiver];

impl Index {
    /// Goes to another state of the project.
    pub(super) fn go(&mut self, git: &Repository, chunks: &mut Chunks, to: &Rc<Vec<File>>) -> Result<(), git2::Error> {
        if Rc::ptr_eq(&self.files, to) {
            return Ok(());
        }
        let from = std::mem::replace(&mut self.files, to.clone());
        let (mut old, mut new) = (from.iter().peekable(), to.iter().peekable());
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(one), Some(other)) => one.0.cmp(&other.0),
            };
            let gone = if order.is_le() { old.next() } else { None };
            let come = if order.is_ge() { new.next() } else { None };
            if gone == come {
                continue;
            }
            if let Some(file) = gone {
                self.change(git, chunks, file, false)?;
            }
            if let Some(file) = come {
                self.change(git, chunks, file, true)?;
            }
        }
    }

    /// The declarations of that name.
    pub(super) fn named(&self, word: Word) -> &[Placed] {
        self.named.get(&word).map_or(&[], Vec::as_slice)
    }

    /// All declarations, in the order of their files.
    pub(super) fn all(&self) -> impl Iterator<Item = Placed> + '_ {
        let pieces = |file: &File| self.blobs.get(&file.1).cloned();
        self.files.iter().filter_map(move |file| Some((file, pieces(file)?))).flat_map(|(file, pieces)| {
            let path = file.0.clone();
            (0..pieces.len()).map(move |at| (path.clone(), pieces[at]))
        })
    }

    fn change(
        &mut self,
        git: &Repository,
        chunks: &mut Chunks,
        (path, id): &File,
        come: bool,
    ) -> Result<(), git2::Error> {
        for piece in self.pieces(git, chunks, *id)?.iter() {
            let (chunk, placed) = (chunks.get(*piece), (path.clone(), *piece));
            if chunk.flawed {
                self.flawed = if come { self.flawed + 1 } else { self.flawed.saturating_sub(1) };
            }
            let Some(kind) = chunk.kind else { continue };
            if ACTING.contains(&kind) {
                if come {
                    self.acting.insert(placed.clone())
                } else {
                    self.acting.remove(&placed)
                };
            }
            let named = self.named.entry(chunk.name).or_default();
            if come {
                named.push(placed);
            } else if let Some(at) = named.iter().position(|known| *known == placed) {
                named.swap_remove(at);
            }
        }
        Ok(())
    }

    fn pieces(&mut self, git: &Repository, chunks: &mut Chunks, id: Oid) -> Result<Rc<Vec<ChunkId>>, git2::Error> {
        if let Some(known) = self.blobs.get(&id) {
            return Ok(known.clone());
        }
        // What is no text is a piece that cannot be read.
        let pieces = Rc::new(chunks.read(text(git, id)?.as_deref().unwrap_or("}")));
        self.blobs.insert(id, pieces.clone());
        Ok(pieces)
    }
}
