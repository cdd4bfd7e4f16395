//! What is said of answers and metrics: what each means, who answers for it, and what must hold of its rows.

use super::Writing;
use super::answers::ALL;
use super::naming::ascii_word;
use super::properties::{owner, plain, plain_all, team_name, yaml};
use crate::failure::Failure;
use crate::meaning::catalog;
use crate::publishing::File;
use groma_model::{Model, TeamId};
use groma_plan::{Layout, View};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The statuses of cells.
const STATUSES: [&str; 6] = ["settled", "provisional", "immature", "insufficient", "undefined", "suppressed"];

/// What of a metric's catalogue entry is told to dbt beside its documentation.
const TOLD: [&str; 15] = [
    "owner",
    "status",
    "version",
    "unit",
    "better",
    "customer",
    "grains",
    "by",
    "sources",
    "exceptions",
    "minimum",
    "matters",
    "settles_after",
    "sensitivity",
    "labels",
];

/// The property files of all models.
pub(super) fn files(writing: &Writing<'_>, views: &[View]) -> Result<Vec<File>, Failure> {
    let metrics: Vec<Value> =
        views.iter().zip(&writing.models.metrics).map(|(view, name)| of_view(writing, view, name)).collect();
    Ok(vec![
        yaml("models/answers.yml", json!({ "version": 2, "models": answers(writing) }))?,
        yaml("models/metrics.yml", json!({ "version": 2, "models": metrics }))?,
        yaml("models/groups.yml", json!({ "version": 2, "groups": groups(writing, views) }))?,
    ])
}

/// The model of all answers, and that of each job.
fn answers(writing: &Writing<'_>) -> Vec<Value> {
    let all = json!({
        "name": ALL,
        "description": "The published answers of every metric: one row for each metric, grain, period, set of groupings and group.",
        "columns": writing.warehouse.columns.iter().map(|column| {
            json!({
                "name": plain(&column.name),
                "description": plain(&column.documentation),
                "quote": true,
                "data_type": writing.writer.type_name(column.value_type),
                "data_tests": tests_of(&column.name),
            })
        }).collect::<Vec<_>>(),
    });
    let job = |(job, name): (&crate::warehouse::Job, &String)| {
        let metrics = job.plan.metrics.iter().map(|id| plain(&writing.model.metric(*id).header.name));
        json!({
            "name": name,
            "description": plain(&format!(
                "The answers of the metrics that are computed together by {}. Settled rows are written once.",
                job.plan.grain.word().replace('_', " ")
            )),
            "config": { "meta": {
                "job": plain(&job.plan.name),
                "grain": job.plan.grain.word(),
                "metrics": metrics.collect::<Vec<_>>(),
                "sources": job.sources.iter().map(|id| plain(&writing.model.source(*id).header.name)).collect::<Vec<_>>(),
            } },
        })
    };
    std::iter::once(all).chain(writing.warehouse.jobs.iter().zip(&writing.models.jobs).map(job)).collect()
}

/// What must hold of a column of the answers, and of the views that show it.
fn tests_of(column: &str) -> Value {
    let mut tests = Vec::new();
    if Layout::NOT_NULL.contains(&column) {
        tests.push(json!("not_null"));
    }
    if column == "status" {
        tests.push(json!({ "accepted_values": { "arguments": { "values": STATUSES } } }));
    }
    Value::Array(tests)
}

fn of_view(writing: &Writing<'_>, view: &View, name: &str) -> Value {
    let model = writing.model;
    let metric = model.metric(view.metric);
    let entry = catalog::metric(model, &writing.loaded.project.sources, view.metric);
    let told = TOLD.iter().map(|key| ((*key).to_owned(), plain_all(entry[*key].clone())));
    let mut meta: Map<String, Value> = told.collect();
    let hash = writing.hashes.of_version(view.metric, metric.version);
    meta.insert("semantic_hash".to_owned(), Value::from(hash));
    let retires = metric.governed.retires.map(|day| day.to_string());
    json!({
        "name": name,
        "description": metric.header.doc.as_deref().map(plain),
        "access": "public",
        "deprecation_date": retires,
        "config": {
            "alias": (view.name != name).then(|| plain(&view.name)),
            "group": metric.owner.map(|team| group_name(model, team)),
            "tags": metric.tags.iter().map(|tag| plain(tag)).collect::<Vec<_>>(),
            "meta": meta,
        },
        "columns": view.columns.iter().map(|(column, value_type)| {
            json!({
                "name": plain(column),
                "description": documentation(writing, column),
                "quote": true,
                "data_type": writing.writer.type_name(*value_type),
                "data_tests": tests_of(column),
            })
        }).collect::<Vec<_>>(),
    })
}

fn documentation(writing: &Writing<'_>, name: &str) -> Value {
    let known = writing.warehouse.columns.iter().find(|column| column.name == name);
    known.map_or(Value::Null, |column| plain(&column.documentation))
}

/// The teams that answer for metrics.
fn groups(writing: &Writing<'_>, views: &[View]) -> Vec<Value> {
    let model = writing.model;
    let teams: BTreeSet<TeamId> = views.iter().filter_map(|view| model.metric(view.metric).owner).collect();
    let group = |team: &TeamId| {
        let doc = model.teams[team.index()].header.doc.as_deref();
        json!({
            "name": group_name(model, *team),
            "description": doc.map(plain),
            "owner": owner(model, *team),
            "config": { "meta": { "team": team_name(model, Some(*team)) } },
        })
    };
    teams.iter().map(group).collect()
}

fn group_name(model: &Model, team: TeamId) -> String {
    ascii_word(&model.teams[team.index()].header.name)
}
