//! Making a lock.

use super::holds::Forms;
use super::lock::{Generator, Lock, Seal, Sealed, Settings, VERSION};
use crate::repository::Repository;
use crate::revision::Revision;
use groma_model::meaning::Era;
use groma_model::schema::Kind;
use groma_model::{Diagnostic, SmolStr};
use groma_project::history::freeze::UNCOMMITTED;
use groma_project::{MANIFEST, Project, World};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The commit that declarations are sealed of.
///
/// # Errors
/// There is no commit, or declarations differ from it: what is sealed must be found again.
pub fn committed(repository: &Repository) -> Result<Revision, Box<Diagnostic>> {
    let now = repository.world(&Revision::WorkingTree)?;
    let head = match repository.git().head() {
        Ok(_) => repository.revision("HEAD")?,
        Err(_) => return Err(Box::new(uncommitted(&changed(&*now, None)))),
    };
    let there = repository.world(&head)?;
    match changed(&*now, Some(&*there)) {
        files if files.is_empty() => Ok(head),
        files => Err(Box::new(uncommitted(&files))),
    }
}

/// The declarations and manifests that differ between two states, sorted.
fn changed(now: &dyn World, there: Option<&dyn World>) -> Vec<String> {
    let list = |world: &dyn World| world.list().unwrap_or_default();
    let mut paths = list(now);
    paths.extend(there.map(list).unwrap_or_default());
    paths.push(MANIFEST.to_owned());
    paths.sort();
    paths.dedup();
    // A checkout may have given lines other ends.
    let read = |world: &dyn World, path: &str| {
        let bytes = world.read(path).ok().flatten()?;
        Some(String::from_utf8_lossy(&bytes).replace("\r\n", "\n"))
    };
    paths.retain(|path| read(now, path) != there.and_then(|there| read(there, path)));
    paths
}

fn uncommitted(files: &[String]) -> Diagnostic {
    const SHOWN: usize = 5;
    let mut shown = files.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if files.len() > SHOWN {
        shown.push_str(&format!(" and {} more", files.len() - SHOWN));
    }
    let are = if files.len() == 1 { "differs" } else { "differ" };
    UNCOMMITTED
        .finding(format!("what is sealed must be found again in a commit, and {shown} {are} from the last one"))
        .help(format!(
            "commit first: `git add {} && git commit`",
            files.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(" ")
        ))
}

/// What writes a lock, and what of.
#[derive(Debug, Clone)]
pub struct Maker<'m> {
    pub generator: Generator,
    pub form: u32,
    pub period: Sealed,
    pub commit: String,
    /// The metrics that are sealed, by name.
    pub metrics: &'m [SmolStr],
}

/// A lock of a project as it is, without its statements. Metrics that cannot be read are left out.
pub fn lock(maker: Maker<'_>, project: &Project, forms: &mut Forms<'_>) -> Lock {
    let calendar = &project.model.calendar;
    let settings = Settings {
        timezone: calendar.zone.to_string(),
        week_starts: format!("{:?}", calendar.week_starts).to_lowercase(),
        fiscal_year_starts: calendar.fiscal_year_starts,
    };
    let last: Option<Date> = maker.period.covers[1].parse().ok();
    let eras = project.eras();
    let mut metrics = BTreeMap::new();
    if let (Some(meanings), Some(last)) = (forms.in_form(maker.form), last) {
        for name in maker.metrics {
            let Some(meaning) = meanings.of.get(&(Kind::Metric, name.clone())) else { continue };
            metrics.insert(name.to_string(), Seal::of(meaning, version_on(&eras, name, last), last));
        }
    }
    Lock {
        version: VERSION,
        generator: maker.generator,
        form: maker.form,
        period: maker.period,
        commit: maker.commit,
        project: settings,
        metrics,
        targets: BTreeMap::new(),
        restatements: Vec::new(),
        digest: String::new(),
    }
}

/// The version of a metric that is in force on a day.
fn version_on(eras: &[Era<'_>], name: &str, day: Date) -> u32 {
    let era = eras.iter().rev().find(|era| era.from.is_none_or(|from| from <= day));
    era.and_then(|era| era.model.metric_named(name).map(|id| era.model.metric(id).version)).unwrap_or(1)
}
