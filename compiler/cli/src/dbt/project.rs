//! The package itself: its project file and what whoever opens it reads first.

use super::Writing;
use super::jinja::COMMIT;
use super::properties::{plain, yaml};
use crate::failure::Failure;
use crate::findings::counted;
use crate::publishing::File;
use serde_json::{Value, json};

/// Arguments of data tests stand under `arguments` since the first of these.
const VERSIONS: [&str; 2] = [">=1.10.5", "<2.0.0"];

/// `dbt_project.yml`.
pub(super) fn file(writing: &Writing<'_>) -> Result<File, Failure> {
    let readers: Vec<Value> = writing.target.readers.iter().map(|reader| plain(&reader.role)).collect();
    let grants = if readers.is_empty() { Value::Null } else { json!({ "select": readers }) };
    let models = json!({
        "answers": {
            "+materialized": "incremental",
            "+incremental_strategy": "append",
            // A grouping that is gone leaves its column behind; new ones are added before the cells are computed.
            "+on_schema_change": "append_new_columns",
        },
        "metrics": { "+materialized": "view", "+grants": grants },
    });
    let name = &writing.package;
    yaml(
        "dbt_project.yml",
        json!({
            "name": name,
            "config-version": 2,
            "require-dbt-version": VERSIONS,
            "profile": name,
            "model-paths": ["models"],
            "macro-paths": ["macros"],
            "test-paths": ["tests"],
            "clean-targets": ["target", "logs"],
            "vars": { name.as_str(): { COMMIT: writing.warehouse.commit.name } },
            "models": { name.as_str(): models },
        }),
    )
}

/// `README.md`.
pub(super) fn readme(writing: &Writing<'_>) -> File {
    let project = &writing.loaded.project.manifest.project;
    let (name, warehouse) = (&writing.package, &writing.warehouse);
    let metrics = counted(writing.models.metrics.len(), "metric");
    let jobs = counted(warehouse.jobs.len(), "job");
    let dashboards = counted(writing.model.dashboards.len(), "dashboard");
    let text = format!(
        "# {project}: a dbt package of metrics\n\n\
         Written by `groma build --as dbt` for target `{target}`: {metrics} in {jobs}, {dashboards}. Change the definitions and\n\
         build again; what is changed here is overwritten.\n\n\
         - `models/answers/`: one incremental model for each job. A run computes all cells, keeps the rows that are settled and\n  \
         whose definition is the same, and replaces the others, in one transaction.\n\
         - `models/answers.sql`: all answers, as a view.\n\
         - `models/metrics/`: one view for each metric, with its own columns. These are for readers.\n\
         - `models/sources.yml`: the tables that are read, with what must hold of them.\n\
         - `models/exposures.yml`: the dashboards, where there are any.\n\
         - `tests/`: checks as rows that break them. One that stops has the severity `error`: models that read the source\n  \
         are skipped. All others warn.\n\n\
         ## Run it\n\n\
         The profile is called `{name}`. Its schema is where answers and views go.\n\n\
         ```yaml\n{profile}```\n\n\
         ```sh\ndbt build\n```\n\n\
         - Tables that name no schema in the project are looked for in the profile's schema, or in the one that the variable\n  \
         `groma_sources` names: `dbt build --vars 'groma_sources: raw'`.\n\
         - `dbt build --full-refresh` computes settled rows anew, too. It is needed where a grouping has another type than before.\n\
         - `{commit}` says whose definitions are computed by; it stands in every row. Models whose meaning did not change are the\n  \
         same bytes, so that `--select state:modified+` finds what did.\n",
        target = writing.target.name,
        profile = profile(name, &writing.target.engine),
        commit = COMMIT,
    );
    File { name: "README.md".to_owned(), text }
}

/// What a profile looks like; what is secret comes from the environment. An engine without roles has a file and no server.
fn profile(name: &str, engine: &str) -> String {
    let variable = |key: &str| format!("{{{{ env_var('{key}') }}}}");
    let output = match !groma_sql::dialect(engine).is_some_and(groma_sql::Dialect::has_grants) {
        true => json!({ "type": engine, "path": variable("WAREHOUSE_FILE"), "schema": "groma", "threads": 4 }),
        false => json!({
            "type": engine,
            "host": variable("PGHOST"),
            "user": variable("PGUSER"),
            "password": variable("PGPASSWORD"),
            "port": 5432,
            "dbname": variable("PGDATABASE"),
            "schema": "groma",
            "threads": 4,
        }),
    };
    let profile = json!({ name: { "target": "warehouse", "outputs": { "warehouse": output } } });
    serde_yaml::to_string(&profile).unwrap_or_default()
}
