//! Which declarations there are: kinds, names, duplicates.

use crate::check::ParsedFile;
use crate::check::entries::{NOT_YET, kind_of, kind_words};
use crate::check::names::{Names, listed, nearest};
use crate::check::survey;
use crate::check::versions::Versions;
use crate::model::Header;
use crate::schema::{KINDS, Kind, LATER_KINDS};
use groma_syntax::ast::Item;
use groma_syntax::{Code, Diagnostic};
use smol_str::{SmolStr, format_smolstr};
use std::collections::HashSet;
use std::sync::Arc;

/// A kind that is none.
pub(crate) static UNKNOWN_KIND: Code =
    Code::error("name/unknown-kind", "A declaration begins with a word that is not a kind.");
/// Two declarations of one name.
pub(crate) static DUPLICATE: Code = Code::error("name/duplicate", "Two declarations of a kind have the same name.");

/// A declaration as it was written.
#[derive(Debug, Clone)]
pub(crate) struct Declared {
    pub(crate) name: SmolStr,
    pub(crate) standard: bool,
    /// The survey that declares it; nobody wrote it then.
    pub(crate) survey: Option<SmolStr>,
    /// The pack of rules it belongs to.
    pub(crate) pack: Option<SmolStr>,
    /// Of a metric with versions: the one that is read.
    pub(crate) item: Arc<Item>,
    /// Of a metric with versions: all of them.
    pub(crate) versions: Option<Arc<Versions>>,
}

/// The declarations of each kind, in the order of their names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Declarations {
    kinds: [Vec<Declared>; KINDS.len()],
}

impl Declarations {
    /// Sorts the items of all files by kind and name, and reports what is no declaration or one too many.
    pub(crate) fn gather(files: Vec<ParsedFile>, sink: &mut Vec<Diagnostic>) -> (Self, Names) {
        let mut kinds: [Vec<Declared>; KINDS.len()] = Default::default();
        for file in files {
            let standard = file.standard;
            for item in file.tree.items {
                match kind_of(&item) {
                    Some(kind) => {
                        let name = match standard {
                            true => format_smolstr!("std.{}", item.name.text),
                            false => item.name.text.clone(),
                        };
                        kinds[kind as usize].push(Declared {
                            name,
                            standard,
                            survey: None,
                            pack: file.pack.clone(),
                            item: Arc::new(item),
                            versions: None,
                        });
                    }
                    None => sink.push(unknown_kind(&item)),
                }
            }
        }
        declare_by_surveys(&mut kinds);
        let mut names = Names::default();
        for (kind, declared) in KINDS.iter().map(|schema| schema.kind).zip(kind_slots(&mut kinds)) {
            declared.sort_by(|left, right| (&left.name, left.item.span).cmp(&(&right.name, right.item.span)));
            declared.dedup_by(|later, first| {
                let same = later.name == first.name;
                if same {
                    sink.push(duplicate(kind, later, first));
                }
                same
            });
            for (position, declared) in declared.iter().enumerate() {
                names.insert(kind, declared.name.clone(), position);
            }
        }
        (Self { kinds }, names)
    }

    /// The declarations of a kind.
    pub(crate) fn of(&self, kind: Kind) -> &[Declared] {
        self.kinds.get(kind as usize).map_or(&[], Vec::as_slice)
    }

    /// The declarations of a kind, to choose what is read of them.
    pub(crate) fn of_mut(&mut self, kind: Kind) -> &mut [Declared] {
        &mut self.kinds[kind as usize]
    }
}

impl Declared {
    /// What every declaration has.
    pub(crate) fn header(&self) -> Header {
        Header {
            name: self.name.clone(),
            span: self.item.name.span,
            doc: self.item.doc.as_ref().map(|doc| doc.text.clone()),
            standard: self.standard,
            broken: self.item.broken,
        }
    }
}

/// Adds the metrics that surveys declare by themselves; a metric that somebody wrote is meant before one of these.
fn declare_by_surveys(kinds: &mut [Vec<Declared>; KINDS.len()]) {
    let mut surveys: Vec<&Declared> = kinds[Kind::Survey as usize].iter().collect();
    surveys.sort_by(|left, right| (&left.name, left.item.span).cmp(&(&right.name, right.item.span)));
    surveys.dedup_by(|later, first| later.name == first.name);
    let made: Vec<Declared> = surveys
        .into_iter()
        .flat_map(|survey| {
            survey::declared_by(&survey.item).into_iter().map(|item| Declared {
                name: item.name.text.clone(),
                standard: survey.standard,
                survey: Some(survey.name.clone()),
                pack: None,
                item: Arc::new(item),
                versions: None,
            })
        })
        .collect();
    let metrics = &mut kinds[Kind::Metric as usize];
    let written: HashSet<SmolStr> = match made.is_empty() {
        true => HashSet::new(),
        false => metrics.iter().map(|metric| metric.name.clone()).collect(),
    };
    metrics.extend(made.into_iter().filter(|metric| !written.contains(&metric.name)));
}

/// The slots in the order of `KINDS`, whose kinds need not be in the order of the enum.
fn kind_slots(kinds: &mut [Vec<Declared>; KINDS.len()]) -> Vec<&mut Vec<Declared>> {
    let mut slots: Vec<Option<&mut Vec<Declared>>> = kinds.iter_mut().map(Some).collect();
    KINDS.iter().filter_map(|schema| slots[schema.kind as usize].take()).collect()
}

fn unknown_kind(item: &Item) -> Diagnostic {
    let word = item.kind.text.as_str();
    if LATER_KINDS.contains(&word) {
        return NOT_YET
            .finding(format!("`{word}` is not built yet, and leaving it out would change what is promised"))
            .at(item.kind.span, "this release does not know what to do with it")
            .help("keep this declaration aside until a release builds it");
    }
    let finding = UNKNOWN_KIND.finding(format!("there is no kind `{word}`")).at(item.kind.span, "not a kind");
    match nearest(word, kind_words()) {
        Some(near) => {
            finding.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), item.kind.span, near)
        }
        None => finding.help(format!("a declaration is one of {}", listed(kind_words()))),
    }
}

fn duplicate(kind: Kind, later: &Declared, first: &Declared) -> Diagnostic {
    DUPLICATE
        .finding(format!("there are two {} `{}`", kind.schema().plural, later.name))
        .at(later.item.name.span, "declared again here")
        .also(first.item.name.span, "first declared here")
        .help("give one of them another name, or delete it")
}
