//! Dashboards: from tiles to questions, and from their answers to pages that people read.

mod breaks;
mod cards;
mod cells;
mod files;
mod grafana;
pub(crate) mod review;
mod tile;
mod words;

pub(crate) use files::files;

use crate::answer::{Progress, Restated, RunError, Running, as_of_shown, may_run, sql};
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::terminal::Terminal;
use crate::warehouse::{self, UNCOMMITTED};
use groma_board as board;
use groma_engine::RecordBatches;
use groma_model::meaning::{FORM, Meanings, meanings};
use groma_model::reading::{Dashboard, Refresh};
use groma_plan::relation::Statement;
use groma_project::Target;
use jiff::civil::{Date, DateTime};
use std::cell::RefCell;

/// A frozen period: its name, its first and last day, and the commit that it was sealed at.
pub(crate) struct Sealed {
    pub(crate) period: String,
    pub(crate) days: (Date, Date),
    pub(crate) commit: String,
}

/// What pages are filled from: one state of a project, one target, one as-of time.
pub(crate) struct Desk<'l> {
    loaded: &'l Loaded,
    target: &'l Target,
    as_of: Option<DateTime>,
    sealed: Option<Sealed>,
    commit: Option<String>,
    meanings: Meanings,
    restated: Restated,
    /// The day that things are said of where no as-of time is known.
    today: Date,
    /// Where all questions run, once there has been one.
    running: RefCell<Option<Running<'l>>>,
}

impl<'l> Desk<'l> {
    /// `as_of`: the local time from which on nothing is known; found in the data without one.
    pub(crate) fn new(
        (loaded, target): (&'l Loaded, &'l Target),
        as_of: Option<DateTime>,
        sealed: Option<Sealed>,
        terminal: &mut Terminal,
    ) -> Result<Self, Failure> {
        let commit = match &sealed {
            Some(sealed) => Some(sealed.commit.clone()),
            None => commit(loaded, terminal)?,
        };
        Ok(Self {
            loaded,
            target,
            as_of,
            sealed,
            commit,
            meanings: meanings(FORM, &loaded.project.eras()).unwrap_or_default(),
            restated: Restated::of(loaded),
            today: loaded.day(None),
            running: RefCell::default(),
        })
    }

    /// A dashboard with the numbers of its tiles. What stands in their way is shown.
    pub(crate) fn filled(&self, dashboard: &Dashboard, terminal: &mut Terminal) -> Result<board::Page, Failure> {
        let mut page = self.described(dashboard);
        let mut newest = self.as_of;
        let mut tiles = Vec::with_capacity(dashboard.tiles.len());
        for tile in &dashboard.tiles {
            let filled = tile::filled(self, dashboard, tile, terminal)?;
            newest = newest.max(filled.as_of);
            tiles.push(filled.tile);
        }
        page.as_of = newest.map(as_of_shown);
        page.tiles = tiles;
        Ok(page)
    }

    /// A dashboard without numbers: the same definitions give the same page, whatever the data and the day.
    pub(crate) fn described(&self, dashboard: &Dashboard) -> board::Page {
        let (project, model) = (&self.loaded.project, &self.loaded.project.model);
        let name = dashboard.header.name.as_str();
        let tile = |tile| tile::described(self, dashboard, tile, &tile::Known::on(self.day()));
        board::Page {
            id: name.to_owned(),
            title: dashboard.title.clone().unwrap_or_else(|| words::spoken(name)),
            doc: dashboard.header.doc.clone(),
            note: dashboard.note.clone(),
            project: project.manifest.project.clone(),
            audience: dashboard.audience.word().to_owned(),
            refresh: dashboard.refresh.map(Refresh::word).map(str::to_owned),
            owner: words::person(model, dashboard.owner),
            as_of: self.as_of.map(as_of_shown),
            zone: model.calendar.zone.to_string(),
            commit: self.commit.clone(),
            synthetic: project.manifest.synthetic.clone(),
            frozen: self.sealed.as_ref().map(|sealed| sealed.period.clone()),
            tiles: dashboard.tiles.iter().map(tile).collect(),
        }
    }

    /// What a statement answers where the target says. What stands in the way is shown.
    fn answer(&self, statement: &Statement, terminal: &mut Terminal) -> Result<RecordBatches, Failure> {
        let (loaded, target) = (self.loaded, self.target);
        if let Err(found) = may_run(loaded, target) {
            loaded.show(&[found], terminal);
            return Err(Failure::FINDINGS);
        }
        let text = sql(loaded, target, statement, terminal)?;
        let progress = Progress::start(terminal, "computing");
        let outcome = self.run(statement, &text);
        drop(progress);
        match outcome {
            Ok(batches) => Ok(batches),
            Err(error) => {
                loaded.show(&error.findings(loaded, target)?, terminal);
                Err(Failure::FINDINGS)
            }
        }
    }

    fn run(&self, statement: &Statement, text: &str) -> Result<RecordBatches, RunError> {
        let mut place = self.running.borrow_mut();
        let mut running = match place.take() {
            Some(running) => running,
            None => Running::open(self.loaded, self.target)?,
        };
        running.register(self.loaded, self.target, statement)?;
        let batches = running.run(text)?;
        *place = Some(running);
        Ok(batches)
    }

    fn day(&self) -> Date {
        self.as_of.map_or(self.today, DateTime::date)
    }
}

/// The commit of the definitions; none where they are in no repository.
fn commit(loaded: &Loaded, terminal: &mut Terminal) -> Result<Option<String>, Failure> {
    let commit = warehouse::commit(loaded, terminal)?.name;
    Ok((commit != UNCOMMITTED).then_some(commit))
}
