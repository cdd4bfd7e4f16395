//! What a run would do, in its order; nothing is touched, and nothing is connected to.

use crate::answer::rendered;
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::terminal::Terminal;
use crate::warehouse::{Job, Warehouse};
use groma_model::SourceId;
use groma_plan::relation::Statement;
use groma_project::Target;
use groma_sql::keeping::{Phase, Step};

/// Writes the statements of a run to stdout, each behind a line that says what it is for.
pub(super) fn show(
    loaded: &Loaded,
    target: &Target,
    warehouse: &Warehouse,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let mut text = steps("setup", &warehouse.setup);
    text.push_str(&checks(loaded, target, warehouse)?);
    for job in &warehouse.jobs {
        text.push_str(&of_job(target, job)?);
    }
    text.push_str(&steps("views", &warehouse.views_script));
    text.push_str(&steps("grants", &warehouse.grants));
    Ok(terminal.answer(&text)?)
}

fn steps(what: &str, steps: &[Step]) -> String {
    if steps.is_empty() {
        return String::new();
    }
    // A run holds the lock for which scripts wait.
    let steps = steps.iter().filter(|step| step.phase != Phase::Wait);
    let statements: String = steps.map(|step| statement(&step.text)).collect();
    format!("-- {what}\n{statements}\n")
}

fn statement(text: &str) -> String {
    format!("{};\n", text.trim_end())
}

fn checks(loaded: &Loaded, target: &Target, warehouse: &Warehouse) -> Result<String, Failure> {
    let model = &loaded.project.model;
    let sources = super::read_by_all(model, warehouse);
    let table = |id: SourceId| target.table(model.source(id));
    let mut text = String::new();
    for id in sources {
        for checks in groma_plan::checks(model, id, &table) {
            let names: Vec<&str> = checks.checks.iter().map(|check| check.name.as_str()).collect();
            let sql = sql(target, &checks.statement)?;
            let source = &model.source(id).header.name;
            text.push_str(&format!("-- check of {source}: {}\n{}\n", names.join(", "), statement(&sql)));
        }
    }
    Ok(text)
}

/// A statement; else why the target cannot compute it, as a comment.
fn sql(target: &Target, statement: &Statement) -> Result<String, Failure> {
    Ok(rendered(target, statement)?.unwrap_or_else(|finding| format!("-- {}", finding.headline)))
}

fn of_job(target: &Target, job: &Job) -> Result<String, Failure> {
    let what = format!("job {}", job.plan.name);
    if !job.steps.is_empty() {
        return Ok(steps(&what, &job.steps));
    }
    let (fresh, merged) = (sql(target, &job.publication.fresh)?, sql(target, &job.publication.merged)?);
    let file = super::files::name(&job.plan.name);
    Ok(format!(
        "-- {what}: its cells\n{}\n-- {what}: the rows of {}/{file}\n{}\n",
        statement(&fresh),
        target.answers.trim_end_matches('/'),
        statement(&merged)
    ))
}
