//! Models of answers: a table for each job, all of them together, and a view for each metric.
//!
//! A job's model is incremental and appends. Before it does, a hook deletes the job's rows that are not kept, and the statement
//! answers only the cells that have no row that is: both in one transaction, as when Groma refreshes answers itself, so that
//! settled rows of an unchanged definition are never written again. dbt's own `delete+insert` would match rows by a key, which
//! has nulls here wherever a cell is not grouped, and would leave rows that nothing replaces. A table per job, because a check
//! that stops must stop what reads its source and nothing else.

use super::Writing;
use super::jinja::THIS;
use crate::failure::Failure;
use crate::publishing::File;
use crate::warehouse::{Job, lock};
use groma_model::Diagnostic;
use groma_plan::View;
use groma_plan::relation::{
    Aggregate, AggregateFunction, Binary, Expr, From, Literal, Relation, Select, Statement, Step, Table,
};
use std::collections::BTreeSet;

/// The model of all answers.
pub(super) const ALL: &str = "answers";

/// What a statement is that could not be written.
pub(super) type Written<T> = Result<Result<T, Vec<Diagnostic>>, Failure>;

/// The models of all jobs, with what is done before they run.
pub(super) fn of_jobs(writing: &Writing<'_>) -> Written<Vec<File>> {
    let mut files = vec![columns(writing)?];
    for (job, model) in writing.warehouse.jobs.iter().zip(&writing.models.jobs) {
        let (statement, none) = combined(writing, job);
        let table = |parts: &[String]| {
            if parts == writing.answers {
                return format!("{{% if is_incremental() %}}{THIS}{{% else %}}{none}{{% endif %}}");
            }
            writing.tables.jinja(parts)
        };
        let text = match writing.writer.query(&statement, &table)? {
            Ok(text) => text,
            Err(found) => return Ok(Err(found)),
        };
        let delete = writing.writer.delete_from_this((&job.publication.own, &job.publication.kept))?;
        let wait = writing.writer.wait(lock(writing.target, &format!("{} {model}", writing.package)))?;
        let (wait, forget) = (wait.map(|wait| (format!("{model}_wait"), wait)), (format!("{model}_forget"), delete));
        let hooks = ["groma_set"].into_iter().chain(wait.iter().map(|(name, _)| name.as_str()));
        let hooks = hooks.chain(["groma_add_columns", &forget.0]);
        let hooks: Vec<String> = hooks.map(|name| format!("\"{{{{ {name}() }}}}\"")).collect();
        let head = format!("{{{{ config(pre_hook=[{}]) }}}}", hooks.join(", "));
        let macros: Vec<String> =
            wait.iter().chain([&forget]).map(|(name, statement)| macro_of(name, statement)).collect();
        files.push(File { name: format!("models/answers/{model}.sql"), text: format!("{head}\n\n{text}") });
        files.push(File { name: format!("macros/{model}.sql"), text: macros.join("\n") });
    }
    Ok(Ok(files))
}

/// All answers, of the metrics that each job has today.
pub(super) fn all(writing: &Writing<'_>) -> Written<File> {
    let jobs = writing.warehouse.jobs.iter().zip(&writing.models.jobs);
    let parts = jobs.map(|(job, model)| rows_of(writing, model, Some(job.publication.own.clone())));
    let union = Step { name: "jobs".to_owned(), materialized: false, relation: Relation::UnionAll(parts.collect()) };
    let result = every_column(writing, Table::Step("jobs".to_owned()), None);
    let statement = Statement { steps: vec![union], result };
    Ok(over_models(writing, &statement, "{{ config(materialized='view') }}\n\n")?
        .map(|text| File { name: format!("models/{ALL}.sql"), text }))
}

/// The view of a metric, over the jobs that it has answers of.
pub(super) fn of_metric(writing: &Writing<'_>, view: &View, model: &str) -> Written<File> {
    let jobs = writing.warehouse.jobs.iter().zip(&writing.models.jobs);
    let own: Vec<&String> =
        jobs.filter(|(job, _)| job.plan.metrics.contains(&view.metric)).map(|(_, model)| model).collect();
    let step = "jobs".to_owned();
    let mut statement = Statement { steps: Vec::new(), result: view.select.clone() };
    let answers = match own.as_slice() {
        [only] => Table::Physical(vec![(*only).clone()]),
        several => {
            let parts = several.iter().map(|model| rows_of(writing, model, None)).collect();
            statement.steps.push(Step { name: step.clone(), materialized: false, relation: Relation::UnionAll(parts) });
            Table::Step(step)
        }
    };
    if let Some(from) = &mut statement.result.from {
        from.table = answers;
    }
    Ok(over_models(writing, &statement, "")?.map(|text| File { name: format!("models/metrics/{model}.sql"), text }))
}

/// The cells that stand in more than one row of all answers.
pub(super) fn repeated_cells(writing: &Writing<'_>) -> Written<String> {
    let names = || writing.warehouse.columns.iter().map(|column| column.name.as_str());
    let before = names().position(|name| name == "step_number").unwrap_or(0);
    // The version follows from the period: two versions of one cell are one too many.
    let keys: Vec<&str> = names().take(before).filter(|name| *name != "version").collect();
    let all = Aggregate { function: AggregateFunction::Count, argument: None, filter: None, order_by: Vec::new() };
    let rows = Expr::Aggregate(Box::new(all));
    let several = Expr::binary(Binary::Greater, rows.clone(), Expr::int(1));
    let mut columns: Vec<_> = keys.iter().map(|name| Expr::name(name).named(*name)).collect();
    columns.push(rows.named("rows"));
    let result = Select {
        columns,
        from: Some(From { table: Table::Physical(vec![ALL.to_owned()]), alias: ALL.to_owned() }),
        group_by: keys.iter().map(|name| Expr::name(name)).collect(),
        having: Some(several),
        ..Select::default()
    };
    over_models(writing, &Statement { steps: Vec::new(), result }, "")
}

/// A statement that reads models of the package only.
fn over_models(writing: &Writing<'_>, statement: &Statement, head: &str) -> Written<String> {
    let table = |parts: &[String]| format!("{{{{ ref('{}') }}}}", parts.join("."));
    Ok(writing.writer.query(statement, &table)?.map(|text| format!("{head}{text}")))
}

/// Every column of a job's rows.
fn rows_of(writing: &Writing<'_>, model: &str, filter: Option<Expr>) -> Select {
    every_column(writing, Table::Physical(vec![model.to_owned()]), filter)
}

fn every_column(writing: &Writing<'_>, table: Table, filter: Option<Expr>) -> Select {
    let alias = match &table {
        Table::Step(name) => name.clone(),
        Table::Physical(parts) => parts.last().cloned().unwrap_or_default(),
    };
    let columns = writing.warehouse.columns.iter().map(|column| Expr::name(&column.name).named(column.name.as_str()));
    Select { columns: columns.collect(), from: Some(From { table, alias }), filter, ..Select::default() }
}

/// The cells of a job that no kept row has, over its sources and its own table; with the name of a step that stands for the
/// table as long as there is none.
fn combined(writing: &Writing<'_>, job: &Job) -> (Statement, String) {
    let publication = &job.publication;
    let mut taken: BTreeSet<String> = publication.fresh.steps.iter().map(|step| step.name.to_lowercase()).collect();
    let (fresh, none) = (free("fresh", &mut taken), free("no_answers", &mut taken));
    let mut added = publication.added.clone();
    rename(&mut added, &mut taken);
    for place in super::jinja::tables_of(&mut added) {
        if matches!(place, Table::Physical(parts) if *parts == writing.fresh) {
            *place = Table::Step(fresh.clone());
        }
    }
    let nothing = Some(Expr::Literal(Literal::Bool(false)));
    let empty = every_column(writing, Table::Step(fresh.clone()), nothing);
    let named = |name: &str, relation| Step { name: name.to_owned(), materialized: false, relation };
    let mut steps = publication.fresh.steps.clone();
    let computed = Relation::Select(Box::new(publication.fresh.result.clone()));
    steps.push(Step { materialized: true, ..named(&fresh, computed) });
    steps.push(named(&none, Relation::Select(Box::new(empty))));
    steps.append(&mut added.steps);
    (Statement { steps, result: added.result }, none)
}

/// A name like the wished one that nothing has; names differ by more than small and large letters.
fn free(wanted: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{wanted}_{number}"));
    let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
    let name = names.find(|name| !taken.contains(&name.to_lowercase())).unwrap_or_default();
    taken.insert(name.to_lowercase());
    name
}

/// Gives the steps of a statement names that are free.
fn rename(statement: &mut Statement, taken: &mut BTreeSet<String>) {
    let names: Vec<(String, String)> = statement
        .steps
        .iter_mut()
        .map(|step| {
            let old = std::mem::take(&mut step.name);
            step.name = free(&old, taken);
            (old, step.name.clone())
        })
        .collect();
    for place in super::jinja::tables_of(statement) {
        if let Table::Step(name) = place
            && let Some((_, new)) = names.iter().find(|(old, _)| old == name)
        {
            name.clone_from(new);
        }
    }
}

/// The columns that every table of answers has, which a run adds where a definition needs a new one.
fn columns(writing: &Writing<'_>) -> Result<File, Failure> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let column = |column: &groma_sql::keeping::Column| {
        let spelled = writing.writer.type_name(column.value_type);
        format!("    ({}, {}),\n", quoted(&column.name), quoted(&spelled))
    };
    let list: String = writing.warehouse.columns.iter().map(column).collect();
    let settings = writing.writer.settings()?;
    let text = include_str!("macros.sql").replace("    COLUMNS\n", &list).replace("SETTINGS\n", &settings);
    Ok(File { name: "macros/groma.sql".to_owned(), text })
}

/// A macro that gives a statement where there is a table already.
fn macro_of(name: &str, statement: &str) -> String {
    format!("{{% macro {name}() -%}}\n{{% if is_incremental() %}}\n{statement}{{% endif %}}\n{{%- endmacro %}}\n")
}
