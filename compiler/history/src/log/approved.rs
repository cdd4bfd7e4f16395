//! Who approved what a metric means since a commit.

use super::{Approval, Log};
use crate::approval::{Approvals, Decision, Law, Shelf, Statement, signers_of};
use crate::repository::Repository;
use crate::revision::Revision;
use git2::Oid;
use groma_model::schema::Kind;
use groma_model::{Diagnostic, SourceMap};
use jiff::civil::Date;

/// Adds to each line the approvals of its meaning that stand in the repository at the commit where the log begins: an approval
/// is of a meaning, so it is also one where it was committed later than the change.
pub(super) fn add(repository: &Repository, from: Oid, today: Date, log: &mut Log) -> Result<(), Box<Diagnostic>> {
    let revision = Revision::Commit { id: from, name: from.to_string() };
    let approvals = Approvals::read(repository, &revision)?;
    let (lines, files) = (&log.lines, &approvals.files);
    let about = |Statement { subject: (kind, name), .. }: &Statement| {
        *kind == Kind::Metric && lines.iter().any(|line| line.name == *name)
    };
    if !files.iter().filter_map(|file| file.statement.as_ref().ok()).any(about) {
        return Ok(());
    }
    let project = groma_project::compile(&*repository.world(&revision)?);
    let law = Law::new(&project.model, signers_of(repository, &revision)?, today);
    let mut sources = SourceMap::default();
    for line in &mut log.lines {
        let Some(meant) = line.change().and_then(|change| change.after.or(change.before)) else { continue };
        for approval in &approvals.files {
            let Ok(statement) = &approval.statement else { continue };
            if statement.digest == meant && statement.subject == (Kind::Metric, line.name.clone()) {
                line.approvals.push(Approval {
                    by: statement.by.clone(),
                    role: statement.role.to_string(),
                    agrees: statement.decision == Decision::Approve,
                    counts: Shelf { sources: &mut sources }.judged(&law, approval).is_none(),
                });
            }
        }
    }
    Ok(())
}
