//! Answers of which nothing is shown: what stands in their way comes back in words.

use super::Question;
use super::engine_findings::finding;
use super::rows::Rows;
use super::running::{RunError, Running, may_run, planned};
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::terminal::Terminal;
use groma_engine::EngineError;
use groma_project::Target;
use groma_sql::RenderError;

/// One engine for many questions about one state of a project.
pub(crate) struct Quiet<'l> {
    loaded: &'l Loaded,
    target: &'l Target,
    running: Running,
}

impl<'l> Quiet<'l> {
    /// Nothing is read yet. A target that this release does not run is said.
    pub(crate) fn new(loaded: &'l Loaded, target: &'l Target, terminal: &mut Terminal) -> Result<Self, Failure> {
        if let Err(found) = may_run(loaded, target) {
            loaded.show(&[found], terminal);
            return Err(Failure::FINDINGS);
        }
        let running = Running::new().map_err(|error| Failure::Bug { what: error.to_string() })?;
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
        match self.running.register(self.loaded, self.target, &planned.statement) {
            Ok(()) => {}
            Err(RunError::Found(found)) => return Ok(Err(found.headline)),
            Err(RunError::Engine(error)) => return self.said(&error),
        }
        match self.running.run(&text) {
            Ok(batches) => Ok(Ok(Rows::of(&batches)?)),
            Err(error) => self.said(&error),
        }
    }

    fn said(&self, error: &EngineError) -> Result<Result<Rows, String>, Failure> {
        Ok(Err(finding(self.loaded, self.target, error)?.headline))
    }
}
