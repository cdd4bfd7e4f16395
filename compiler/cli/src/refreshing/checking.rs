//! The checks of a source that jobs read, before any of those jobs runs: how many rows break each, and what that does.

use super::voice::Voice;
use super::{Place, Stop};
use crate::answer::{Cell, Rows, rendered};
use crate::findings::counted;
use crate::loading::Loaded;
use groma_engine::RecordBatches;
use groma_model::{OnFail, Source, SourceId};
use groma_plan::relation::Statement;
use groma_plan::{Guaranteed, SourceCheck, SourceChecks};
use groma_project::Target;
use std::collections::BTreeMap;

/// What checks have found.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// How many checks could be made, with those that need no look.
    pub(crate) counted: usize,
    /// Those that a table proves: source and check.
    pub(crate) proved: Vec<(String, String)>,
    /// Those that rows break.
    pub(crate) broken: Vec<BrokenCheck>,
    /// Sources that could not be checked, which was said.
    pub(crate) unchecked: BTreeMap<SourceId, String>,
}

/// What the checks of one source have found.
#[derive(Debug, Clone, Default)]
pub(super) struct OfSource {
    name: String,
    counted: usize,
    proved: Vec<String>,
    pub(super) broken: Vec<BrokenCheck>,
    /// It could not be checked, which was said.
    failed: bool,
}

/// A check that rows break.
#[derive(Debug, Clone)]
pub(crate) struct BrokenCheck {
    pub(crate) source_name: String,
    pub(crate) name: String,
    /// `stop`, `flag` or `quarantine`.
    pub(crate) effect: &'static str,
    pub(crate) stops: bool,
    pub(crate) rows: i64,
}

/// Runs the checks of a source; nothing where the session was lost and somebody else must do it.
pub(super) fn of_source(
    loaded: &Loaded,
    target: &Target,
    (place, id): (&mut Place<'_>, SourceId),
    voice: &Voice<'_>,
) -> Option<OfSource> {
    let model = &loaded.project.model;
    let source = model.source(id);
    let table = |id: SourceId| target.table(model.source(id));
    let guaranteed = place.guaranteed(source);
    let (proved, left) = groma_plan::checks_beyond(model, id, &table, &guaranteed);
    let proved: Vec<String> = proved.into_iter().map(|check| check.name).collect();
    let name = source.header.name.to_string();
    let mut found = OfSource { name, counted: proved.len(), proved, ..OfSource::default() };
    for SourceChecks { checks, statement } in left {
        match place.ask(target, &statement, voice).and_then(|batches| Rows::of(&batches).map_err(Stop::Failed)) {
            Ok(rows) => found.add(source, &checks, &rows.rows.into_iter().next().unwrap_or_default()),
            Err(Stop::Lost) => return None,
            Err(stop) => {
                super::said(loaded, stop, voice);
                found.failed = true;
            }
        }
    }
    Some(found)
}

impl OfSource {
    fn add(&mut self, source: &Source, checks: &[SourceCheck], counts: &[Cell]) {
        for (check, count) in checks.iter().zip(counts) {
            self.counted += 1;
            let Cell::Int(rows @ 1..) = *count else { continue };
            // What a declaration implies stops nothing: it was never asked to.
            let declared = source.checks.iter().find(|declared| !check.implied && declared.span == check.span);
            let effect = declared.map_or(OnFail::Flag, |declared| declared.on_fail);
            self.broken.push(BrokenCheck {
                source_name: source.header.name.to_string(),
                name: check.name.clone(),
                effect: effect.word(),
                stops: effect == OnFail::Stop,
                rows,
            });
        }
    }

    /// Why jobs that read the source are not refreshed.
    pub(super) fn stops(&self) -> Vec<String> {
        let stopping = self.broken.iter().filter(|check| check.stops).map(BrokenCheck::text);
        let unchecked = self.failed.then(|| format!("`{}` could not be checked", self.name));
        stopping.chain(unchecked).collect()
    }

    pub(super) fn say(&self, voice: &Voice<'_>) {
        for check in &self.broken {
            let line = format!("{} ({})", check.text(), check.effect);
            voice.with(|terminal| match check.stops {
                true => terminal.problem(&line),
                false => terminal.warn(&line),
            });
        }
    }
}

impl BrokenCheck {
    /// `3 rows of `orders` break `paid``.
    fn text(&self) -> String {
        let rows = counted(usize::try_from(self.rows).unwrap_or(usize::MAX), "row");
        let verb = if self.rows == 1 { "breaks" } else { "break" };
        format!("{rows} of `{}` {verb} `{}`", self.source_name, self.name)
    }
}

impl Checked {
    /// Of all sources, in their order.
    pub(super) fn of(sources: impl IntoIterator<Item = (SourceId, OfSource)>) -> Self {
        let mut all = Self::default();
        for (id, found) in sources {
            all.counted += found.counted;
            all.proved.extend(found.proved.into_iter().map(|check| (found.name.clone(), check)));
            all.broken.extend(found.broken);
            if found.failed {
                all.unchecked.insert(id, found.name);
            }
        }
        all
    }
}

impl Place<'_> {
    /// What the table of a source guarantees.
    fn guaranteed(&self, source: &Source) -> Guaranteed {
        match self {
            Self::Files(_) => Guaranteed::default(),
            Self::Server(session) => session.guaranteed(source),
        }
    }

    /// The rows of a question about sources.
    pub(super) fn ask(
        &mut self,
        target: &Target,
        statement: &Statement,
        voice: &Voice<'_>,
    ) -> Result<RecordBatches, Stop> {
        let text = match rendered(target, statement) {
            Ok(Ok(text)) => text,
            Ok(Err(finding)) => return Err(Stop::Found(vec![*finding])),
            Err(failure) => return Err(Stop::Failed(failure)),
        };
        match self {
            Self::Files(files) => files.ask(statement, &text),
            Self::Server(session) => session.ask(statement, &text, voice),
        }
    }
}
