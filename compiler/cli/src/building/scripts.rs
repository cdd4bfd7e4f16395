//! The files of jobs: what a scheduler runs to keep answers up to date, and what the manifest says of it.

use crate::failure::Failure;
use crate::findings::counted;
use crate::loading::Loaded;
use crate::openlineage::Events;
use crate::publishing::File;
use crate::warehouse::{Check, Job, Warehouse, alerts, answers_table};
use groma_history::seal::sha256;
use groma_model::lineage::Lineage;
use groma_model::{Model, SourceId};
use groma_project::Target;
use groma_sql::keeping::{ANSWERS, REFRESHES, Step};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The folders of a build's files.
pub(crate) const FOLDERS: [&str; 3] = ["jobs", "checks", "alerts"];
/// The lists of the manifest that say which files there are.
pub(crate) const LISTS: [&str; 6] = ["groups", "without_exceptions", "jobs", "checks", "alerts", "scripts"];

/// The file of lineage: OpenLineage's events, one on each line.
pub(crate) const LINEAGE: &str = "lineage.ndjson";

/// The most names that a line lists.
const MOST_NAMED: usize = 12;

/// The files of jobs, and what the manifest says of them, by its keys.
#[derive(Default)]
pub(crate) struct Scripts {
    pub(crate) files: Vec<File>,
    pub(crate) entries: Map<String, Value>,
    jobs: usize,
}

impl Scripts {
    /// Those of a warehouse. An embedded target has no scripts: `groma run` keeps its answers.
    pub(crate) fn of(loaded: &Loaded, target: &Target, warehouse: &Warehouse) -> Result<Self, Failure> {
        let mut writing =
            Writing { loaded, target, warehouse, model: &loaded.project.model, files: Vec::new(), keeps: false };
        writing.keeps = writing.dialect()?.keeps_answers();
        let jobs = if writing.keeps { warehouse.jobs.len() } else { 0 };
        let mut entries = Map::new();
        let mut add = |key: &str, value: Value| entries.insert(key.to_owned(), value);
        add("commit", json!(warehouse.commit.name));
        add("answers", writing.answers());
        add("readers", json!(target.readers.iter().map(|reader| reader.role.as_str()).collect::<Vec<_>>()));
        add("jobs", writing.jobs());
        add("checks", writing.checks());
        add("alerts", writing.alerts()?);
        add("views", writing.views());
        add("scripts", writing.scripts());
        add("lineage", writing.lineage());
        Ok(Self { files: writing.files, entries, jobs })
    }

    /// What was written, in words; nothing where nothing was.
    pub(crate) fn summary(&self) -> String {
        if self.jobs == 0 { String::new() } else { format!(" and {}", counted(self.jobs, "job")) }
    }
}

struct Writing<'a> {
    loaded: &'a Loaded,
    target: &'a Target,
    warehouse: &'a Warehouse,
    model: &'a Model,
    files: Vec<File>,
    keeps: bool,
}

impl Writing<'_> {
    fn dialect(&self) -> Result<&'static groma_sql::Dialect, Failure> {
        groma_sql::dialect(&self.target.engine)
            .ok_or_else(|| Failure::Bug { what: format!("no dialect is called {}", self.target.engine) })
    }

    /// Adds a file and says its name and digest; null where the target has no files.
    fn file(&mut self, name: &str, lines: &[String], body: &str) -> (Value, Value) {
        if !self.keeps {
            return (Value::Null, Value::Null);
        }
        let head: String = lines.iter().map(|line| format!("-- {}\n", plain(line))).collect();
        let text = format!("{head}{}\n{body}", self.origin());
        let entry = (json!(name), json!(sha256(text.as_bytes())));
        self.files.push(File { name: name.to_owned(), text });
        entry
    }

    fn origin(&self) -> String {
        let project = plain(&self.loaded.project.manifest.project);
        format!(
            "-- Written by `groma build` ({}) for target {} of project {project}, commit {}: change the declarations, not this.\n",
            env!("CARGO_PKG_VERSION"),
            plain(&self.target.name),
            self.warehouse.commit.name
        )
    }

    fn source_name(&self, id: SourceId) -> String {
        self.model.source(id).header.name.to_string()
    }

    /// Where answers are, and what their columns hold.
    fn answers(&self) -> Value {
        let schema = self.target.answers_schema().join(".");
        let column = |column: &groma_sql::keeping::Column| {
            json!({
                "name": column.name,
                "type": type_word(column.value_type),
                "optional": !column.required,
                "documentation": column.documentation,
            })
        };
        let (table, refreshes, folder) = match self.keeps {
            true => (json!(format!("{schema}.{ANSWERS}")), json!(format!("{schema}.{REFRESHES}")), Value::Null),
            false => (Value::Null, Value::Null, json!(self.target.answers)),
        };
        json!({
            "table": table,
            "refreshes": refreshes,
            "folder": folder,
            "columns": self.warehouse.columns.iter().map(column).collect::<Vec<_>>(),
        })
    }

    fn jobs(&mut self) -> Value {
        let warehouse = self.warehouse;
        warehouse.jobs.iter().map(|job| self.job(job)).collect()
    }

    fn job(&mut self, job: &Job) -> Value {
        let plan = &job.plan;
        let metrics: Vec<String> =
            plan.metrics.iter().map(|id| self.model.metric(*id).header.name.to_string()).collect();
        let sources: Vec<String> = job.sources.iter().map(|id| self.source_name(*id)).collect();
        let stops = self.warehouse.checks.iter().any(|check| is_stop(check) && job.sources.contains(&check.source));
        let checks = "Run it only where the checks that stop it return no row: see checks/.".to_owned();
        let lines = [
            Some(format!(
                "Job {}: refreshes {} by {}: {}.",
                plan.name,
                counted(metrics.len(), "metric"),
                plan.grain.word(),
                named(&metrics)
            )),
            Some(format!(
                "Reads {}. One transaction: it may be run twice, killed at any statement, and run while people read.",
                named(&sources)
            )),
            stops.then_some(checks),
        ];
        let lines: Vec<String> = lines.into_iter().flatten().collect();
        let (file, digest) = self.file(&format!("jobs/{}.sql", plan.name), &lines, &script(&job.steps));
        let set = |set: &Vec<usize>| set.iter().map(|at| plan.by[*at].name.to_string()).collect::<Vec<_>>();
        json!({
            "name": plan.name,
            "file": file,
            "grain": plan.grain.word(),
            "metrics": metrics,
            "sets": plan.sets.iter().map(set).collect::<Vec<_>>(),
            "sources": sources,
            "sha256": digest,
        })
    }

    /// One file for each source that has checks.
    fn checks(&mut self) -> Value {
        let mut by_source: BTreeMap<SourceId, Vec<&Check>> = BTreeMap::new();
        let warehouse = self.warehouse;
        for check in &warehouse.checks {
            by_source.entry(check.source).or_default().push(check);
        }
        let entries = by_source.into_iter().map(|(source, checks)| {
            let name = self.source_name(source);
            let body: String = checks.iter().map(|check| check_text(check)).collect::<Vec<_>>().join("\n");
            let lines = [format!("Checks of source {name}: each statement returns the rows that break one, and none where it holds.")];
            let (file, digest) = self.file(&format!("checks/{name}.sql"), &lines, &body);
            let entry = |check: &&Check| {
                json!({ "name": check.name, "effect": check.effect.word(), "implied": check.implied })
            };
            json!({ "source": name, "file": file, "checks": checks.iter().map(entry).collect::<Vec<_>>(), "sha256": digest })
        });
        entries.collect()
    }

    fn alerts(&mut self) -> Result<Value, Failure> {
        let dialect = self.dialect()?;
        let mut entries = Vec::new();
        for alert in alerts(self.model, self.warehouse, &answers_table(self.target)) {
            let declared = &self.model.alerts[alert.place];
            let name = declared.header.name.to_string();
            let text = groma_sql::render(&alert.statement, dialect)
                .map_err(|error| Failure::Bug { what: error.to_string() })?;
            let lines = [format!(
                "Alert {name}: one row for each group in which it fires, none where all is well. Run it behind the jobs."
            )];
            let (file, digest) = self.file(&format!("alerts/{name}.sql"), &lines, &terminated(&text));
            let mut entry = super::boards::alert(self.loaded, declared);
            entry["file"] = file;
            entry["sha256"] = digest;
            entries.push(entry);
        }
        Ok(Value::Array(entries))
    }

    fn views(&self) -> Value {
        let schema = self.target.answers_schema().join(".");
        let of = |(id, view): (&groma_model::MetricId, &groma_sql::keeping::View)| {
            json!({
                "metric": self.model.metric(*id).header.name.as_str(),
                "view": format!("{schema}.{}", view.name),
                "columns": view.columns,
                "documentation": view.documentation,
            })
        };
        let views = self.warehouse.metrics.iter().zip(&self.warehouse.views);
        if self.keeps { views.map(of).collect() } else { Value::Array(Vec::new()) }
    }

    /// What an administrator runs, where a job's role may not define.
    fn scripts(&mut self) -> Value {
        let warehouse = self.warehouse;
        let again = "It may be run again.";
        let mut list = vec![
            (
                "setup",
                format!(
                    "Makes the schema and the tables of answers, and says what they hold. Jobs make what is missing themselves: run this where their role may not. {again}"
                ),
                &warehouse.setup,
            ),
            (
                "views",
                format!(
                    "Makes the view of each metric. Jobs make what is missing themselves: run this where their role may not, and after another release of Groma. {again}"
                ),
                &warehouse.views_script,
            ),
        ];
        if !self.target.readers.is_empty() {
            list.push(("grants", format!("Lets readers read the views of metrics, and nothing else. Run it behind setup.sql and views.sql. {again}"), &warehouse.grants));
        }
        if !self.keeps {
            return Value::Array(Vec::new());
        }
        let mut entries = Vec::new();
        for (name, what, steps) in list {
            let (file, digest) = self.file(&format!("{name}.sql"), &[what], &script(steps));
            entries.push(json!({ "name": name, "file": file, "sha256": digest }));
        }
        Value::Array(entries)
    }

    /// Where each published number comes from, for a catalogue.
    fn lineage(&mut self) -> Value {
        let Self { model, target, warehouse, .. } = *self;
        let events =
            Events { model, project: &self.loaded.project.manifest.project, target, time: warehouse.commit.time };
        let text = events.write(&mut Lineage::new(model), &warehouse.metrics);
        let entry = json!({ "format": "openlineage", "file": LINEAGE, "sha256": sha256(text.as_bytes()) });
        self.files.push(File { name: LINEAGE.to_owned(), text });
        entry
    }
}

fn is_stop(check: &Check) -> bool {
    check.effect == groma_model::OnFail::Stop
}

fn check_text(check: &Check) -> String {
    let effect = match check.effect {
        groma_model::OnFail::Flag => "flag: it is reported, and numbers are computed",
        groma_model::OnFail::Quarantine => "quarantine: rows that break it are left out of every number",
        groma_model::OnFail::Stop => "stop: where it returns a row, the jobs that read the source are not to run",
    };
    format!("-- {} ({effect})\n{}", plain(&check.name), terminated(&check.text))
}

/// A statement with its semicolon; a comment stays one.
fn terminated(text: &str) -> String {
    let text = text.trim_end();
    if text.starts_with("--") { format!("{text}\n") } else { format!("{text};\n") }
}

/// The statements of a transaction.
fn script(steps: &[Step]) -> String {
    steps.iter().map(|step| terminated(&step.text)).collect::<Vec<_>>().join("\n")
}

/// A text that stays on its line, and in its comment.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn named(names: &[String]) -> String {
    let more = names.len().saturating_sub(MOST_NAMED);
    let shown = names.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// A type in the words of the language.
fn type_word(value_type: groma_plan::relation::ValueType) -> String {
    use groma_plan::relation::ValueType;
    match value_type {
        ValueType::Bool => "bool".to_owned(),
        ValueType::Int => "int".to_owned(),
        ValueType::Real => "real".to_owned(),
        ValueType::Decimal { precision, scale } => format!("decimal({precision}, {scale})"),
        ValueType::Text => "text".to_owned(),
        ValueType::Date => "date".to_owned(),
        ValueType::Timestamp => "timestamp".to_owned(),
    }
}
