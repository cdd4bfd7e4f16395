//! The part of a project that a metric depends on, at every commit, without compiling every commit.
//!
//! A *slice* is the metric, all declarations that its words may name, and theirs, and what acts on them (exceptions,
//! surveys), with the manifest. Where the slices of two commits say the same, so does the metric. Only else the slice is
//! compiled, alone: a few declarations instead of thousands. A word may name more than it does; that makes slices larger
//! than they need to be, and never smaller.

mod chunk;
mod files;
mod index;

use chunk::{Chunks, Word};
use files::{Files, Listing};
use git2::Oid;
use groma_model::SmolStr;
use groma_model::change::Side;
use groma_model::schema::Kind;
use groma_project::{MemoryWorld, Project, compile};
use index::{Index, Placed};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::rc::Rc;

/// How many compiled slices are kept: a walk looks at neighbours.
const KEPT: usize = 24;

/// Which metric is followed, and in which folder of the repository its project is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) folder: SmolStr,
    pub(crate) name: SmolStr,
}

/// What a metric rests on. Equal ones say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SliceId(usize);

/// A metric at a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Found {
    /// There is no such metric, or no project.
    Absent,
    /// It may be there, and cannot be read.
    Broken,
    There(SliceId),
}

/// What makes two slices the same, and what they are made of.
struct Slice {
    manifest: Oid,
    pieces: Vec<Placed>,
}

/// What makes slices the same: the manifest, and the pieces by their paths where these decide.
type Key = (Oid, Vec<u32>);

/// Slices of a repository.
pub(crate) struct Slices<'r> {
    git: &'r git2::Repository,
    /// Blanks and comments count too, and so does who acts on a metric without changing its number.
    whole: bool,
    chunks: Chunks,
    files: Files,
    index: Index,
    slices: Vec<Slice>,
    keys: HashMap<Key, SliceId>,
    /// By the tree of the project's folder.
    found: HashMap<(Oid, SmolStr), Found>,
    stands: HashMap<(SliceId, SmolStr), Found>,
    compiled: VecDeque<(SliceId, Rc<Project>)>,
}

impl<'r> Slices<'r> {
    pub(crate) fn new(git: &'r git2::Repository, whole: bool) -> Self {
        Self {
            git,
            whole,
            chunks: Chunks::default(),
            files: Files::default(),
            index: Index::default(),
            slices: Vec::new(),
            keys: HashMap::new(),
            found: HashMap::new(),
            stands: HashMap::new(),
            compiled: VecDeque::new(),
        }
    }

    /// A metric at a commit.
    pub(crate) fn at(&mut self, commit: Oid, place: &Place) -> Result<Found, git2::Error> {
        let Some(tree) = files::folder_of(self.git, commit, &place.folder)? else { return Ok(Found::Absent) };
        if let Some(known) = self.found.get(&(tree, place.name.clone())) {
            return Ok(*known);
        }
        let found = match self.files.project(self.git, tree)? {
            None => Found::Absent,
            Some(listing) => self.find(&listing, &place.name)?,
        };
        self.found.insert((tree, place.name.clone()), found);
        Ok(found)
    }

    /// A slice, compiled.
    pub(crate) fn project(&mut self, id: SliceId) -> Result<Rc<Project>, git2::Error> {
        if let Some((_, project)) = self.compiled.iter().find(|(known, _)| *known == id) {
            return Ok(project.clone());
        }
        let Slice { manifest, pieces } = &self.slices[id.0];
        let project = Rc::new(compile(&self.world(*manifest, pieces)?));
        self.compiled.push_front((id, project.clone()));
        self.compiled.truncate(KEPT);
        Ok(project)
    }

    /// The whole project at a commit, compiled; an empty one where there is none.
    pub(crate) fn whole(&mut self, commit: Oid, folder: &str) -> Result<Project, git2::Error> {
        let nothing = || compile(&MemoryWorld::default());
        let Some(tree) = files::folder_of(self.git, commit, folder)? else { return Ok(nothing()) };
        let Some(listing) = self.files.project(self.git, tree)? else { return Ok(nothing()) };
        self.index.go(self.git, &mut self.chunks, &listing.files)?;
        let pieces: Vec<Placed> = self.index.all().collect();
        Ok(compile(&self.world(listing.manifest, &pieces)?))
    }

    /// Where a project was before it was moved to a folder: the only other folder of the commit with a manifest that the later
    /// commit has no longer.
    pub(crate) fn moved_from(&self, later: Oid, earlier: Oid) -> Result<Option<SmolStr>, git2::Error> {
        let still = files::project_folders(self.git, later)?;
        let gone = |(folder, _): &&(String, Oid)| !still.iter().any(|(known, _)| known == folder);
        let were = files::project_folders(self.git, earlier)?;
        let mut candidates = were.iter().filter(gone);
        let only = candidates.next().filter(|_| candidates.next().is_none());
        Ok(only.map(|(folder, _)| folder.as_str().into()))
    }

    /// The names of all metrics that somebody wrote, at a commit.
    pub(crate) fn metrics(&mut self, commit: Oid, folder: &str) -> Result<Vec<SmolStr>, git2::Error> {
        let Some(tree) = files::folder_of(self.git, commit, folder)? else { return Ok(Vec::new()) };
        let Some(listing) = self.files.project(self.git, tree)? else { return Ok(Vec::new()) };
        self.index.go(self.git, &mut self.chunks, &listing.files)?;
        let metrics = self.index.all().map(|(_, id)| self.chunks.get(id)).filter(|it| it.kind == Some(Kind::Metric));
        Ok(metrics.map(|chunk| self.chunks.text(chunk.name).clone()).collect())
    }

    fn world(&self, manifest: Oid, pieces: &[Placed]) -> Result<MemoryWorld, git2::Error> {
        let text = files::text(self.git, manifest)?.unwrap_or_default();
        let mut files: BTreeMap<&str, String> = BTreeMap::new();
        for (path, id) in pieces {
            let text = files.entry(path).or_default();
            text.push_str(&self.chunks.get(*id).text);
            text.push('\n');
        }
        let world = MemoryWorld::with_manifest(&text);
        Ok(files.into_iter().fold(world, |world, (path, text)| world.file(path, text)))
    }

    fn find(&mut self, listing: &Listing, name: &SmolStr) -> Result<Found, git2::Error> {
        if !self.files.manifest(self.git, listing.manifest)?.1 {
            return Ok(Found::Broken);
        }
        self.index.go(self.git, &mut self.chunks, &listing.files)?;
        if self.index.flawed > 0 {
            return Ok(Found::Broken);
        }
        let pieces = self.reached(name);
        if !pieces.iter().any(|(_, id)| matches!(self.chunks.get(*id).kind, Some(Kind::Metric | Kind::Survey))) {
            return Ok(Found::Absent);
        }
        let pieces: Vec<Placed> = pieces.into_iter().collect();
        let mut key: Vec<u32> = match self.whole {
            true => pieces.iter().map(|(_, id)| *id).collect(),
            false => pieces.iter().map(|(_, id)| self.chunks.get(*id).mark).collect(),
        };
        key.sort_unstable();
        let slices = &mut self.slices;
        let id = *self.keys.entry((listing.manifest, key)).or_insert_with(|| {
            slices.push(Slice { manifest: listing.manifest, pieces });
            SliceId(slices.len() - 1)
        });
        self.stands(id, name)
    }

    /// Whether the metric is there in a slice, and can be read.
    fn stands(&mut self, id: SliceId, name: &SmolStr) -> Result<Found, git2::Error> {
        if let Some(known) = self.stands.get(&(id, name.clone())) {
            return Ok(*known);
        }
        let project = self.project(id)?;
        let metric = project.model.metric_named(name).map(|metric| project.model.metric(metric));
        let found = match metric {
            None => Found::Absent,
            Some(metric) if metric.header.broken => Found::Broken,
            Some(_) => Found::There(id),
        };
        self.stands.insert((id, name.clone()), found);
        Ok(found)
    }

    /// All that a metric may depend on.
    fn reached(&mut self, name: &str) -> BTreeSet<Placed> {
        let mut reached = BTreeSet::new();
        let mut names: BTreeSet<Word> = BTreeSet::new();
        let mut open: Vec<Word> = self.chunks.dotted(name);
        loop {
            while let Some(word) = open.pop() {
                if !names.insert(word) {
                    continue;
                }
                for placed in self.index.named(word) {
                    let chunk = self.chunks.get(placed.1);
                    match chunk.kind {
                        Some(kind) if depends(kind) => {
                            open.extend(&chunk.words);
                            reached.insert(placed.clone());
                        }
                        Some(Kind::Team | Kind::Council | Kind::Region) => {
                            reached.insert(placed.clone());
                        }
                        _ => {}
                    }
                }
            }
            let acting = self.acting(&reached);
            if acting.is_empty() {
                return reached;
            }
            for placed in acting {
                open.extend(&self.chunks.get(placed.1).words);
                reached.insert(placed);
            }
        }
    }

    /// What acts on something that was reached, and was not reached itself.
    fn acting(&self, reached: &BTreeSet<Placed>) -> Vec<Placed> {
        let named: BTreeMap<Word, Vec<Kind>> = reached.iter().fold(BTreeMap::new(), |mut named, (_, id)| {
            let chunk = self.chunks.get(*id);
            named.entry(chunk.name).or_insert_with(Vec::new).extend(chunk.kind);
            named
        });
        let acts = |placed: &&Placed| {
            let chunk = self.chunks.get(placed.1);
            let on = match chunk.kind {
                Some(Kind::Exception) => Kind::Metric,
                Some(Kind::Survey) => Kind::Source,
                Some(Kind::Agreement) if self.whole => Kind::Source,
                Some(Kind::Region | Kind::Waiver) if self.whole => Kind::Metric,
                _ => return false,
            };
            chunk.words.iter().any(|word| named.get(word).is_some_and(|kinds| kinds.contains(&on)))
        };
        self.index.acting.iter().filter(|placed| !reached.contains(*placed)).filter(acts).cloned().collect()
    }
}

/// Kinds that numbers depend on.
fn depends(kind: Kind) -> bool {
    use Kind::{Customer, Function, Metric, Segment, Source, Survey, Window};
    matches!(kind, Source | Customer | Segment | Survey | Function | Window | Metric)
}

/// A compiled project, to be compared.
pub(crate) fn side(project: &Project) -> Side<'_> {
    Side { eras: project.eras(), sources: &project.sources }
}
