//! The checks of sources, as statements that return the rows that break them.

use super::{bug, dialect, unsupported};
use crate::failure::Failure;
use crate::loading::Loaded;
use groma_model::{OnFail, SourceId};
use groma_plan::broken_rows;
use groma_plan::relation::Statement;
use groma_project::Target;
use groma_sql::RenderError;

/// A check of a source.
pub(crate) struct Check {
    pub(crate) source: SourceId,
    /// As declared, or what it says: `amount is not null`.
    pub(crate) name: String,
    /// What happens where rows break it.
    pub(crate) effect: OnFail,
    /// Follows from the source's declaration without being written as a check.
    pub(crate) implied: bool,
    /// Returns the rows that break it, with all columns of the source.
    pub(crate) statement: Statement,
    /// The same in the target's words; for an engine that cannot say it, why.
    pub(crate) text: String,
}

/// The checks of all sources, in order.
pub(crate) fn checks(loaded: &Loaded, target: &Target) -> Result<Vec<Check>, Failure> {
    let model = &loaded.project.model;
    let dialect = dialect(target)?;
    let table = |id: SourceId| target.table(model.source(id));
    let mut found = Vec::new();
    for source in (0..model.sources.len()).map(SourceId::at).filter(|id| !model.source(*id).header.broken) {
        for broken in broken_rows(model, source, &table) {
            let text = match groma_sql::render(&broken.statement, dialect) {
                Ok(text) => text,
                Err(error @ (RenderError::Unsupported { .. } | RenderError::Query(_))) => {
                    format!("-- {}\n", unsupported(target, &error).headline.replace('\n', " "))
                }
                Err(error) => return Err(bug(&error)),
            };
            let (effect, implied) = (broken.check.on_fail, broken.check.implied);
            found.push(Check { source, name: broken.check.name, effect, implied, statement: broken.statement, text });
        }
    }
    Ok(found)
}
