//! A package for dbt: what `groma build --as dbt` writes.
//!
//! It holds the statements that a refresh of the warehouse runs, so that dbt computes the same numbers: sources with their
//! tests, an incremental model for each job, a view for each metric, owners, and dashboards as exposures.

mod answers;
mod checks;
mod exposures;
mod jinja;
mod metrics;
mod naming;
mod project;
mod properties;
mod sources;
mod writing;

use crate::failure::Failure;
use crate::findings::counted;
use crate::loading::Loaded;
use crate::publishing::File;
use crate::terminal::Terminal;
use crate::warehouse::{Asked, Hashes, Warehouse};
use groma_model::{Diagnostic, Model, SourceId};
use groma_plan::View;
use groma_plan::relation::{Statement, Table};
use groma_project::Target;
use groma_sql::keeping;
use jinja::Writer;
use naming::Taken;
use sources::Tables;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What dbt calls each check: by its source and its name.
type CheckNames = BTreeMap<(SourceId, String), String>;

/// What dbt calls the models.
struct Models {
    /// In the order of the warehouse's jobs.
    jobs: Vec<String>,
    /// In the order of the views.
    metrics: Vec<String>,
    checks: CheckNames,
}

/// What all files are written from.
struct Writing<'a> {
    loaded: &'a Loaded,
    model: &'a Model,
    target: &'a Target,
    warehouse: &'a Warehouse,
    hashes: Hashes,
    writer: Writer<'a>,
    tables: Tables,
    models: Models,
    /// The name of the package.
    package: String,
    /// The tables that the warehouse's statements call the answers and what a job has computed.
    answers: Vec<String>,
    fresh: Vec<String>,
}

/// Writes the package of a project to a folder, and says so.
pub(crate) fn build(loaded: &Loaded, target: &Target, out: &Path, terminal: &mut Terminal) -> Result<(), Failure> {
    let Some(dialect) = groma_sql::dialect(&target.engine).filter(|dialect| dialect.keeps_answers()) else {
        return Err(no_adapter(loaded, target));
    };
    let warehouse = Warehouse::of(loaded, target, &Asked::default(), terminal)?;
    if let Some(refused) = warehouse.refused.first() {
        loaded.show(&refused.findings, terminal);
        return Err(Failure::FINDINGS);
    }
    let schema = target.answers_schema();
    let store = keeping::Store { dialect, schema: &schema, lock: 0, columns: &[], readers: &[] };
    let views = warehouse.layout.views(&loaded.project.model, &warehouse.metrics, &store.answers());
    let package = naming::ascii_word(&loaded.project.manifest.project);
    let writing = Writing {
        loaded,
        model: &loaded.project.model,
        target,
        hashes: Hashes::of(loaded),
        writer: Writer::new(loaded, target, &warehouse.commit.name)?,
        tables: Tables::of(&tables_of(loaded, target, &warehouse, &[store.answers(), store.fresh()]), &package),
        models: named(&loaded.project.model, &warehouse, &views),
        package,
        answers: store.answers(),
        fresh: store.fresh(),
        warehouse: &warehouse,
    };
    let files = match files(&writing, &views)? {
        Ok(files) => files,
        Err(found) => {
            loaded.show(&found, terminal);
            return Err(Failure::FINDINGS);
        }
    };
    let shown = format!("{}{}", if out.is_absolute() { "" } else { &loaded.prefix }, out.display());
    let kept = writing::write(&loaded.world.root().join(out), &shown, files)?;
    for name in kept {
        terminal.warn(&format!("{shown}/{name} is not written any more, and stays: somebody changed it"));
    }
    let models = counted(views.len(), "metric");
    terminal.say(&format!("{models} in {} as a dbt package in {shown}/", counted(writing.models.jobs.len(), "job")));
    Ok(())
}

fn no_adapter(loaded: &Loaded, target: &Target) -> Failure {
    let keeps = |other: &&Target| groma_sql::dialect(&other.engine).is_some_and(groma_sql::Dialect::keeps_answers);
    let others: Vec<String> = loaded
        .project
        .manifest
        .targets
        .iter()
        .filter(keeps)
        .map(|other| format!("`--target {}`", other.name))
        .collect();
    let help = match others.as_slice() {
        [] => "add a target of engine `duckdb` or `postgres` to groma.yml".to_owned(),
        some => format!("choose {}", some.join(" or ")),
    };
    Failure::wrong_use(
        format!("target `{}` runs on {}, for which there is no package of dbt", target.name, target.engine),
        Some(help),
    )
}

/// Names for all models; readers' views come first.
fn named(model: &Model, warehouse: &Warehouse, views: &[View]) -> Models {
    let mut taken = Taken::default();
    taken.take(answers::ALL);
    let metrics = views.iter().map(|view| taken.take(&view.name)).collect();
    let jobs = warehouse.jobs.iter().map(|job| taken.take(&format!("{}_{}", answers::ALL, job.plan.name))).collect();
    let checks = checks::names(&warehouse.checks, |source| model.source(source).header.name.to_string());
    Models { jobs, metrics, checks }
}

/// Every table that is read: those of the sources, and those that only a query names.
fn tables_of(loaded: &Loaded, target: &Target, warehouse: &Warehouse, own: &[Vec<String>]) -> BTreeSet<Vec<String>> {
    let declared = loaded.project.model.sources.iter().filter(|source| sources::is_table(source));
    let mut tables: BTreeSet<Vec<String>> = declared.map(|source| target.table(source)).collect();
    let mut add = |statement: &Statement| {
        let mut statement = statement.clone();
        for place in jinja::tables_of(&mut statement) {
            if let Table::Physical(parts) = place
                && !own.contains(parts)
            {
                tables.insert(parts.clone());
            }
        }
    };
    warehouse.jobs.iter().for_each(|job| add(&job.publication.fresh));
    warehouse.checks.iter().for_each(|check| add(&check.statement));
    tables
}

/// All files, in order; else why the target cannot compute one.
fn files(writing: &Writing<'_>, views: &[View]) -> Result<Result<Vec<File>, Vec<Diagnostic>>, Failure> {
    let mut files = vec![project::file(writing)?, project::readme(writing), sources::file(writing)?];
    files.extend(metrics::files(writing, views)?);
    files.extend(exposures::file(writing, views)?);
    let mut parts = vec![answers::of_jobs(writing)?, answers::all(writing)?.map(|file| vec![file])];
    for (view, name) in views.iter().zip(&writing.models.metrics) {
        parts.push(answers::of_metric(writing, view, name)?.map(|file| vec![file]));
    }
    parts.push(checks::files(writing)?);
    for part in parts {
        match part {
            Ok(part) => files.extend(part),
            Err(found) => return Ok(Err(found)),
        }
    }
    Ok(Ok(files))
}
