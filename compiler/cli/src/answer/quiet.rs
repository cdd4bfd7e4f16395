//! Answers of which nothing is shown: what stands in their way comes back in words.

use super::Question;
use super::rows::Rows;
use super::running::{Running, may_run, planned};
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::terminal::Terminal;
use groma_project::Target;
use groma_sql::RenderError;

/// One engine for many questions about one state of a project.
pub(crate) struct Quiet<'l> {
    loaded: &'l Loaded,
    target: &'l Target,
    running: Running<'l>,
}

impl<'l> Quiet<'l> {
    /// Nothing is read yet. A target that this release does not run is said.
    pub(crate) fn new(loaded: &'l Loaded, target: &'l Target, terminal: &mut Terminal) -> Result<Self, Failure> {
        if let Err(found) = may_run(loaded, target) {
            loaded.show(&[found], terminal);
            return Err(Failure::FINDINGS);
        }
        let running = match Running::open(loaded, target) {
            Ok(running) => running,
            Err(error) => {
                loaded.show(&error.findings(loaded, target)?, terminal);
                return Err(Failure::FINDINGS);
            }
        };
        Ok(Self { loaded, target, running })
    }

    /// The answer, or the headline of why there is none.
    pub(crate) fn ask(&mut self, question: &Question) -> Result<Result<Rows, String>, Failure> {
        let planned = match planned(self.loaded, self.target, question) {
            Ok(planned) => planned,
            Err(found) => return Ok(Err(found.first().map(|first| first.headline.clone()).unwrap_or_default())),
        };
        let Some(dialect) = groma_sql::dialect(&self.target.engine) else {
            return Err(Failure::Bug { what: format!("no dialect is called {}", self.target.engine) });
        };
        let text = match groma_sql::render(&planned.statement, dialect) {
            Ok(text) => text,
            Err(error @ (RenderError::Unsupported { .. } | RenderError::Query(_))) => {
                return Ok(Err(error.to_string()));
            }
            Err(error) => return Err(Failure::Bug { what: error.to_string() }),
        };
        let registered = self.running.register(self.loaded, self.target, &planned.statement);
        match registered.and_then(|()| self.running.run(&text)) {
            Ok(batches) => Ok(Ok(Rows::of(&batches)?)),
            Err(error) => {
                let first = error.findings(self.loaded, self.target)?.into_iter().next();
                // What is wrong with a table was said where it was met first.
                let said = first.map_or_else(|| "a table is not what is declared".to_owned(), |first| first.headline);
                Ok(Err(said))
            }
        }
    }
}
