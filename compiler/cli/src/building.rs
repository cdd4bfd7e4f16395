//! The files of a build: what `groma build` writes, `groma freeze` seals, and a frozen build must give again.

mod boards;
mod scripts;

use crate::answer::{Extra, Progress, Question, Range, eras_of, planned, planned_on, rendered};
use crate::failure::Failure;
use crate::findings::counted;
use crate::loading::Loaded;
use crate::meaning::{catalog, exceptions};
use crate::publishing::File;
use crate::terminal::Terminal;
use groma_history::seal::{Placed, sha256};
use groma_model::meaning::{FORM, meanings};
use groma_model::{Diagnostic, MetricId, Model, Source, Status};
use groma_plan::relation::Statement;
use groma_plan::{Group, groups};
use groma_project::Target;
use groma_project::manifest::LANGUAGE;
use serde_json::{Value, json};

pub(crate) use scripts::{FOLDERS, LINEAGE, LISTS, Scripts};

/// The name of what says what is where.
pub(crate) const MANIFEST: &str = "manifest.json";

/// The version of the manifest's shape: `docs/reference/manifest.schema.json`.
const VERSION: u32 = 2;

/// What is written for a target.
pub(crate) struct Building {
    /// The metrics that are published.
    pub(crate) metrics: Vec<MetricId>,
    /// One for each group of metrics, in order.
    pub(crate) statements: Vec<Built>,
    /// What metrics would be without their exceptions.
    pub(crate) without_exceptions: Vec<Built>,
    /// What the target cannot compute, and why.
    pub(crate) refused: Vec<Refused>,
}

/// Metrics that a target cannot compute together.
pub(crate) struct Refused {
    pub(crate) metrics: Vec<MetricId>,
    pub(crate) findings: Vec<Diagnostic>,
}

/// A file with what the manifest says of it.
pub(crate) struct Built {
    pub(crate) file: File,
    pub(crate) metrics: Vec<MetricId>,
    entry: Value,
}

/// Drafts are not published yet, retired metrics no longer.
pub(crate) fn is_built(model: &Model, id: MetricId) -> bool {
    matches!(model.metric(id).status, Status::Active | Status::Deprecated)
}

/// The metrics that are published.
pub(crate) fn published(model: &Model) -> Vec<MetricId> {
    (0..model.metrics.len()).map(MetricId::at).filter(|id| is_built(model, *id)).collect()
}

impl Building {
    /// All files for a target, but the manifest.
    pub(crate) fn of(loaded: &Loaded, target: &Target, extra: Extra, terminal: &mut Terminal) -> Result<Self, Failure> {
        let model = &loaded.project.model;
        let metrics = published(model);
        let groups = groups(model, &metrics);
        let progress = Progress::steps(terminal, groups.len(), "writing statements");
        let mut building =
            Self { metrics, statements: Vec::new(), without_exceptions: Vec::new(), refused: Vec::new() };
        for group in &groups {
            match of_group(loaded, target, (group, extra))? {
                Ok(built) => building.statements.push(built),
                Err(findings) => building.refused.push(Refused { metrics: group.metrics.clone(), findings }),
            }
            progress.step();
        }
        drop(progress);
        building.add_without_exceptions(loaded, target, extra)?;
        Ok(building)
    }

    /// All files, in order.
    pub(crate) fn built(&self) -> impl Iterator<Item = &Built> {
        self.statements.iter().chain(&self.without_exceptions)
    }

    /// All files and the manifest, which comes last. A frozen build has no jobs: what was sealed does not change any more.
    pub(crate) fn with_manifest(
        self,
        loaded: &Loaded,
        target: &Target,
        locks: &[Placed],
        (scripts, frozen): (Scripts, Value),
    ) -> Vec<File> {
        let entries = |list: &[Built]| list.iter().map(|built| built.entry.clone()).collect::<Vec<_>>();
        let mut manifest = manifest(loaded, target, &self.metrics, &entries(&self.statements));
        manifest["without_exceptions"] = Value::Array(entries(&self.without_exceptions));
        manifest["restatements"] = restatements(locks);
        if !frozen.is_null() {
            manifest["frozen"] = frozen;
        }
        if let Some(manifest) = manifest.as_object_mut() {
            manifest.extend(scripts.entries);
        }
        let files = self.statements.into_iter().chain(self.without_exceptions).map(|built| built.file);
        files
            .chain(scripts.files)
            .chain([File { name: MANIFEST.to_owned(), text: format!("{manifest:#}\n") }])
            .collect()
    }

    /// What was written, in words.
    pub(crate) fn summary(&self) -> String {
        format!("{} for {}", counted(self.statements.len(), "statement"), counted(self.metrics.len(), "metric"))
    }

    /// What each metric that exceptions change would be without them: in total, by the first of its grains.
    fn add_without_exceptions(&mut self, loaded: &Loaded, target: &Target, extra: Extra) -> Result<(), Failure> {
        let model = &loaded.project.model;
        let affected: Vec<MetricId> =
            self.metrics.iter().copied().filter(|id| loaded.project.is_excepted(*id)).collect();
        if affected.is_empty() {
            return Ok(());
        }
        let whole = loaded.project.without_exceptions();
        for id in affected {
            let metric = model.metric(id);
            let grain = metric.grains.first().copied().unwrap_or(model.calendar.default_grain);
            let range = Range::default();
            let question = Question { metrics: vec![id], grain, by: Vec::new(), range, filter: Vec::new(), extra };
            let text = match planned_on(&eras_of(&whole), target, &question) {
                Ok(planned) => text_of(target, &planned.statement)?,
                Err(findings) => Err(findings),
            };
            let name = format!("{}.without_exceptions.sql", metric.header.name);
            match text {
                Err(findings) => self.refused.push(Refused { metrics: vec![id], findings }),
                Ok(text) => {
                    let entry = json!({
                        "metric": metric.header.name.as_str(),
                        "grain": grain.word(),
                        "file": name,
                        "exceptions": exceptions::names(model, id),
                        "sha256": sha256(text.as_bytes()),
                    });
                    self.without_exceptions.push(Built { file: File { name, text }, metrics: vec![id], entry });
                }
            }
        }
        Ok(())
    }
}

/// The statement of a group; else why the target cannot compute it.
fn of_group(
    loaded: &Loaded,
    target: &Target,
    (group, extra): (&Group, Extra),
) -> Result<Result<Built, Vec<Diagnostic>>, Failure> {
    let model = &loaded.project.model;
    let question = Question {
        metrics: group.metrics.clone(),
        grain: group.grain,
        by: group.by.clone(),
        range: Range::default(),
        filter: Vec::new(),
        extra,
    };
    let text = match planned(loaded, target, &question) {
        Ok(planned) => text_of(target, &planned.statement)?,
        Err(findings) => Err(findings),
    };
    Ok(text.map(|text| {
        let name = format!("{}.sql", group.name);
        let metric_name = |id: &MetricId| model.metric(*id).header.name.to_string();
        let entry = json!({
            "name": group.name,
            "file": name,
            "grain": group.grain.word(),
            "by": group.by.iter().map(|grouping| grouping.name.as_str()).collect::<Vec<_>>(),
            "metrics": group.metrics.iter().map(metric_name).collect::<Vec<_>>(),
            "sha256": sha256(text.as_bytes()),
        });
        Built { file: File { name, text }, metrics: group.metrics.clone(), entry }
    }))
}

fn text_of(target: &Target, statement: &Statement) -> Result<Result<String, Vec<Diagnostic>>, Failure> {
    Ok(rendered(target, statement)?.map_err(|finding| vec![*finding]))
}

/// Every sealed meaning that was replaced by another one.
fn restatements(locks: &[Placed]) -> Value {
    let of = |placed: &Placed| {
        let period = placed.lock.period.name.clone();
        let object = move |one: &groma_history::seal::Restatement| {
            json!({
                "period": period,
                "metric": one.metric,
                "exception": one.exception,
                "because": one.because,
                "approved_by": one.approved_by,
                "on": one.on,
                "commit": one.commit,
            })
        };
        placed.lock.restatements.iter().map(object).collect::<Vec<_>>()
    };
    Value::Array(locks.iter().flat_map(of).collect())
}

fn manifest(loaded: &Loaded, target: &Target, built: &[MetricId], groups: &[Value]) -> Value {
    let (project, model) = (&loaded.project, &loaded.project.model);
    let source = |source: &Source| {
        let mut object = catalog::source(model, &project.sources, source);
        object["table"] = json!(target.table(source).join("."));
        object
    };
    let meanings = meanings(FORM, &project.eras()).unwrap_or_default();
    let metric = |id: &MetricId| catalog::metric_with_meaning(model, &project.sources, *id, &meanings);
    let calendar = &model.calendar;
    json!({
        "$schema": "urn:groma:manifest:2",
        "version": VERSION,
        "generator": { "name": "groma", "version": env!("CARGO_PKG_VERSION"), "tzdb": groma_plan::tz_version() },
        "project": {
            "name": project.manifest.project,
            "language": LANGUAGE,
            "timezone": calendar.zone.as_str(),
            "week_starts": format!("{:?}", calendar.week_starts).to_lowercase(),
            "fiscal_year_starts": calendar.fiscal_year_starts,
            "default_grain": calendar.default_grain.word(),
            "synthetic": project.manifest.synthetic,
        },
        "target": { "name": target.name, "engine": target.engine },
        "groups": groups,
        "metrics": built.iter().map(metric).collect::<Vec<_>>(),
        "sources": model.sources.iter().map(source).collect::<Vec<_>>(),
        "exceptions": exceptions::as_json(model),
        "dashboards": boards::dashboards(loaded),
        "targets": boards::goals(loaded),
        "commit": null,
        "answers": null,
        "readers": [],
        "jobs": [],
        "checks": [],
        "alerts": [],
        "views": [],
        "scripts": [],
        "lineage": null,
    })
}
