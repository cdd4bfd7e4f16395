//! Targets: an engine, where its data is, and what it calls the tables of sources.

use crate::World;
use groma_model::{Code, Diagnostic, Origin, Source, Span};

/// A target whose variable is not set.
pub static MISSING_VARIABLE: Code =
    Code::error("target/missing-variable", "A target is needed whose environment variable is not set.");
/// A target whose engine this release cannot run.
pub static NOT_RUN_HERE: Code =
    Code::error("target/not-run-here", "The engine of the target is not run by this release.");
/// A table is mapped for something that is no source.
pub static UNKNOWN_SOURCE: Code =
    Code::error("target/unknown-source", "A target says where the table of a source is, and there is no such source.");
/// A source without a file, on a target that reads files.
pub static NO_FILE: Code = Code::error("target/no-file", "A source has no file and the target reads files.");
/// A statement that the target's engine cannot run.
pub static UNSUPPORTED: Code =
    Code::error("target/unsupported", "The engine of the target cannot compute what is asked.");
/// The table of answers is one that a source is read from.
pub static ANSWERS_TAKEN: Code =
    Code::error("target/answers-taken", "Answers would be written to a table that a source is read from.");

/// The codes of targets.
pub static CODES: &[&Code] =
    &[&MISSING_VARIABLE, &NOT_RUN_HERE, &UNKNOWN_SOURCE, &NO_FILE, &UNSUPPORTED, &ANSWERS_TAKEN];

/// The engine that runs inside Groma and reads files.
pub const EMBEDDED: &str = "datafusion";
/// The engine that is reached over a connection.
const CONNECTED: &str = "postgres";
/// The folder that holds answers where the target says none.
const ANSWERS_FOLDER: &str = "answers";
/// The schema that holds answers where the target says none.
const ANSWERS_SCHEMA: &str = "groma";

/// Where statements run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub name: String,
    /// The name's place in the manifest.
    pub span: Span,
    /// The name of a dialect of `groma-sql`.
    pub engine: String,
    /// The folder that `file:` of sources is relative to, itself relative to the project.
    pub data: String,
    pub connection: Option<Connection>,
    /// The schema of tables that have no place of their own.
    pub schema: Option<String>,
    pub tables: Vec<Table>,
    /// Where it computes, in the words of agreements.
    pub territory: Vec<groma_model::SmolStr>,
    /// The folder of published answers, relative to the project; only of an engine that runs inside Groma.
    pub answers: String,
    /// The roles that may read what is published, each once, in the order of the manifest.
    pub readers: Vec<Reader>,
}

/// A role of the engine that may read what is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    pub role: String,
    pub span: Span,
}

/// The environment variable that holds how to connect. Its value is never printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    pub variable: String,
    pub span: Span,
}

/// What the target calls the table of a source; for the embedded engine, its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub source: String,
    pub name: String,
    pub span: Span,
}

impl Target {
    /// The embedded engine on the files of the project: what a manifest without targets has.
    pub fn local() -> Self {
        Self {
            name: "local".to_owned(),
            span: Span::default(),
            engine: EMBEDDED.to_owned(),
            data: ".".to_owned(),
            connection: None,
            schema: None,
            tables: Vec::new(),
            territory: Vec::new(),
            answers: ANSWERS_FOLDER.to_owned(),
            readers: Vec::new(),
        }
    }

    /// The schema of published answers, as its parts.
    pub fn answers_schema(&self) -> Vec<String> {
        split(self.schema.as_deref().unwrap_or(ANSWERS_SCHEMA))
    }

    /// Whether statements run inside Groma.
    pub fn is_embedded(&self) -> bool {
        self.engine == EMBEDDED
    }

    /// Whether statements are sent to a server.
    pub fn is_connected(&self) -> bool {
        self.engine == CONNECTED
    }

    /// What a statement for this target calls the table of a source, as its parts.
    pub fn table(&self, source: &Source) -> Vec<String> {
        let own = source.header.name.to_string();
        if self.is_embedded() {
            return vec![own];
        }
        match (self.mapped(source), &source.origin) {
            (Some(table), _) => split(&table.name),
            (None, Origin::Table { name, .. }) => split(name),
            (None, _) => self.schema.iter().flat_map(|schema| split(schema)).chain([own]).collect(),
        }
    }

    /// The pattern of the files that hold a source, relative to the target's data.
    ///
    /// # Errors
    /// The source is a table and the target says no file for it.
    pub fn file<'a>(&'a self, source: &'a Source) -> Result<&'a str, Diagnostic> {
        match (self.mapped(source), &source.origin) {
            (Some(table), _) => Ok(&table.name),
            (None, Origin::File { pattern, .. }) => Ok(pattern),
            (None, _) => Err(self.no_file(source)),
        }
    }

    /// The value of the connection's variable.
    ///
    /// # Errors
    /// It is not set; the finding names the variable and no value.
    pub fn connect(&self, world: &dyn World) -> Result<Option<String>, Diagnostic> {
        let Some(connection) = &self.connection else { return Ok(None) };
        let variable = &connection.variable;
        match world.variable(variable).filter(|value| !value.is_empty()) {
            Some(value) => Ok(Some(value)),
            None => Err(MISSING_VARIABLE
                .finding(format!("target `{}` connects through `{variable}`, which is not set", self.name))
                .at(connection.span, "read from the environment")
                .help(format!("set it in the environment: `export {variable}=…`; or choose another with `--target`"))),
        }
    }

    /// The finding that this release does not run the target's engine.
    pub fn not_run_here(&self, help: &str) -> Diagnostic {
        NOT_RUN_HERE
            .finding(format!(
                "target `{}` runs on {}, which this release writes SQL for but does not run",
                self.name, self.engine
            ))
            .at(self.span, "this target")
            .help(help)
    }

    fn mapped(&self, source: &Source) -> Option<&Table> {
        self.tables.iter().find(|table| table.source == source.header.name.as_str())
    }

    fn no_file(&self, source: &Source) -> Diagnostic {
        let name = &source.header.name;
        let target = &self.name;
        NO_FILE
            .finding(format!("source `{name}` has no file, and target `{target}` reads files"))
            .at(source.header.span, "a table of the warehouse")
            .help(format!(
                "name a file for it in groma.yml (`tables: {{ {name}: {name}.csv }}` of target `{target}`), or choose another target with `--target`"
            ))
    }
}

fn split(name: &str) -> Vec<String> {
    name.split('.').map(str::to_owned).collect()
}
