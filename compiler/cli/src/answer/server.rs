//! A target that is a server: a session with it, what its tables hold against what is declared, and what it says as findings.

mod guaranteed;

use super::engine_findings::column_type;
use crate::failure::Failure;
use crate::loading::Loaded;
use groma_engine::{
    ColumnType, Engine as _, EngineError, Postgres, RecordBatches, Refusal, ServerColumn, ServerTable, Trouble,
    reads_as,
};
use groma_model::{Code, Column, Diagnostic, Origin, Source, Span};
use groma_project::manifest::MISSING_KEY;
use groma_project::{Target, server};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Columns of a table that a finding points at, besides the first.
const FURTHER: usize = 4;

/// Why a server has not answered.
pub(crate) enum ServerError {
    Found(Vec<Diagnostic>),
    Engine(EngineError),
}

impl From<EngineError> for ServerError {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl ServerError {
    /// What the server refused; nothing for findings about tables, and for bugs of ours.
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Engine(EngineError::Refused(refusal)) => Some(refusal),
            _ => None,
        }
    }

    /// As findings.
    ///
    /// # Errors
    /// It is a bug of ours.
    pub(crate) fn findings(&self, target: &Target) -> Result<Vec<Diagnostic>, Failure> {
        match self {
            Self::Found(found) => Ok(found.clone()),
            Self::Engine(EngineError::Refused(refusal)) => Ok(vec![refused(target, refusal)]),
            Self::Engine(EngineError::Statement { message, sql } | EngineError::Internal { message, sql }) => {
                let what =
                    format!("the engine of target `{}` refused a statement of ours: {message}\n{sql}", target.name);
                Err(Failure::Bug { what })
            }
            Self::Engine(other) => Err(Failure::Bug { what: other.to_string() }),
        }
    }
}

/// A session with the server of a target.
pub(crate) struct Server<'a> {
    loaded: &'a Loaded,
    target: &'a Target,
    engine: Postgres,
    /// The tables that have been compared with what is declared, and whether they are that.
    compared: RefCell<BTreeMap<String, bool>>,
}

impl<'a> Server<'a> {
    /// Opens a session, which the server shows to others under that name.
    pub(crate) fn open(loaded: &'a Loaded, target: &'a Target, application: &str) -> Result<Self, ServerError> {
        let text = connection(loaded, target).map_err(|found| ServerError::Found(vec![found]))?;
        let engine = Postgres::connect(&text, application)?;
        Ok(Self { loaded, target, engine, compared: RefCell::default() })
    }

    pub(crate) fn engine(&self) -> &Postgres {
        &self.engine
    }

    /// Compares the tables of these names with the declarations of the sources they belong to. What is wrong with a table
    /// is said once; later it only stops.
    pub(crate) fn compare(&self, tables: &BTreeSet<String>) -> Result<(), ServerError> {
        let (mut found, mut stops) = (Vec::new(), false);
        for source in &self.loaded.project.model.sources {
            let table = self.target.table(source).join(".");
            if !tables.contains(&table) {
                continue;
            }
            let known = self.compared.borrow().get(&table).copied();
            let agrees = match known {
                Some(agrees) => agrees,
                None => {
                    let difference = self.difference(source)?;
                    let agrees = difference.is_none();
                    found.extend(difference);
                    self.compared.borrow_mut().insert(table, agrees);
                    agrees
                }
            };
            stops |= !agrees;
        }
        if stops { Err(ServerError::Found(found)) } else { Ok(()) }
    }

    pub(crate) fn run(&self, text: &str) -> Result<RecordBatches, EngineError> {
        self.engine.run(text)
    }

    /// How the table of a source is not what is declared; nothing for a source that is a query.
    pub(crate) fn difference(&self, source: &Source) -> Result<Option<Diagnostic>, ServerError> {
        if matches!(source.origin, Origin::Query { .. }) {
            return Ok(None);
        }
        let parts = self.target.table(source);
        let table = Described { loaded: self.loaded, target: self.target, source, name: parts.join(".") };
        Ok(match self.engine.table(&parts)? {
            ServerTable::NoSchema => Some(table.no_schema(&parts)),
            ServerTable::NoTable { others } => Some(table.no_table(&others)),
            ServerTable::NoRight => Some(table.no_right()),
            ServerTable::Columns(columns) => table.differing(&columns),
        })
    }
}

/// The text that says how to connect.
fn connection(loaded: &Loaded, target: &Target) -> Result<String, Diagnostic> {
    target.connect(&loaded.world)?.ok_or_else(|| {
        let variable = format!("{}_URL", target.name.to_uppercase().replace('-', "_"));
        MISSING_KEY
            .finding(format!("target `{}` does not say how to connect", target.name))
            .at(target.span, "`connection` is missing")
            .help(format!("add `connection: ${{{variable}}}` and set that variable in the environment"))
    })
}

/// A source and the table it is read from.
struct Described<'a> {
    loaded: &'a Loaded,
    target: &'a Target,
    source: &'a Source,
    name: String,
}

impl Described<'_> {
    fn finding(&self, code: &'static Code, headline: String) -> Diagnostic {
        let label = format!("source `{}` is read from `{}`", self.source.header.name, self.name);
        code.finding(headline).at(self.place(), label)
    }

    /// Where it is said which table the source is.
    fn place(&self) -> Span {
        let name = self.source.header.name.as_str();
        let mapped = self.target.tables.iter().find(|table| table.source == name).map(|table| table.span);
        mapped.unwrap_or(match &self.source.origin {
            Origin::Table { span, .. } => *span,
            _ => self.source.header.span,
        })
    }

    fn no_schema(&self, parts: &[String]) -> Diagnostic {
        let schema = parts.iter().rev().nth(1).map(String::as_str).unwrap_or_default();
        let headline = format!(
            "target `{}` has no schema `{schema}`, in which source `{}` is",
            self.target.name, self.source.header.name
        );
        self.finding(&server::MISSING_SCHEMA, headline).help(format!(
            "name the schema that holds the table (`schema:` of the target, or `tables: {{ {}: … }}`), or create it",
            self.source.header.name
        ))
    }

    fn no_table(&self, others: &[String]) -> Diagnostic {
        let own = self.name.rsplit('.').next().unwrap_or_default();
        let headline = format!("target `{}` has no table `{}`", self.target.name, self.name);
        let source = &self.source.header.name;
        let help = match groma_model::check::nearest(own, others.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`? Say so: `tables: {{ {source}: {near} }}` of the target"),
            None => format!("say what the table is called there: `tables: {{ {source}: schema.table }}` of the target"),
        };
        self.finding(&server::MISSING_TABLE, headline).help(help)
    }

    fn no_right(&self) -> Diagnostic {
        let headline = format!("the user of target `{}` may not read table `{}`", self.target.name, self.name);
        self.finding(&server::NO_PERMISSION, headline).help(format!(
            "have its owner run `GRANT SELECT ON {} TO` that user, and `GRANT USAGE` on its schema",
            self.name
        ))
    }

    /// One finding for all columns that differ.
    fn differing(&self, columns: &[ServerColumn]) -> Option<Diagnostic> {
        let differences: Vec<Difference<'_>> =
            self.source.columns.iter().filter_map(|column| self.of_column(column, columns)).collect();
        let first = differences.first()?;
        let also = match differences.len() {
            1 => String::new(),
            2 => ", and another column differs".to_owned(),
            more => format!(", and {} more columns differ", more - 1),
        };
        let headline = format!("table `{}` of target `{}` {}{also}", self.name, self.target.name, first.what);
        let mut found = first.code.finding(headline).at(first.column.span, "declared here");
        for difference in differences.iter().skip(1).take(FURTHER) {
            found = found.also(difference.column.span, format!("the table {}", difference.what));
        }
        Some(found.help(first.help.clone()))
    }

    fn of_column<'c>(&self, column: &'c Column, columns: &[ServerColumn]) -> Option<Difference<'c>> {
        let name = column.name.as_str();
        let Some(found) = columns.iter().find(|found| found.name == name) else {
            let near = groma_model::check::nearest(name, columns.iter().map(|found| found.name.as_str()));
            let has: Vec<String> = columns.iter().take(12).map(|found| format!("`{}`", found.name)).collect();
            let help = match near {
                Some(near) => format!("the table has `{near}`: rename one of the two"),
                None if has.is_empty() => "the table has no columns".to_owned(),
                None => format!("the table has {}: correct the declaration, or the table", has.join(", ")),
            };
            return Some(Difference {
                column,
                code: &server::COLUMNS_DIFFER,
                what: format!("has no column `{name}`"),
                help,
            });
        };
        if !found.readable {
            let what = format!("does not show column `{name}` to the user of the target");
            let help = format!("have its owner run `GRANT SELECT ({name}) ON {} TO` that user", self.name);
            return Some(Difference { column, code: &server::NO_PERMISSION, what, help });
        }
        let declared = column_type(&self.loaded.project.model, &column.ty.base);
        if reads_as(found, &declared) {
            return None;
        }
        let what = format!("has `{name}` as {}, which is not {} without loss", found.shown, written(&declared));
        let help = help(found, &declared);
        Some(Difference { column, code: &server::COLUMNS_DIFFER, what, help })
    }
}

/// How a column is not what is declared.
struct Difference<'a> {
    column: &'a Column,
    code: &'static Code,
    /// Follows the table's name.
    what: String,
    help: String,
}

/// A type as it is declared.
pub(crate) fn written(declared: &ColumnType) -> String {
    match declared {
        ColumnType::Bool => "`bool`".to_owned(),
        ColumnType::Int => "`int`".to_owned(),
        ColumnType::Float => "`float`".to_owned(),
        ColumnType::Decimal { precision, scale } => format!("`decimal({precision}, {scale})`"),
        ColumnType::Text => "`text`".to_owned(),
        ColumnType::Date => "`date`".to_owned(),
        ColumnType::Instant { zone } => format!("`instant in {zone:?}`"),
        ColumnType::Scale { low, high } => format!("`scale({low} to {high})`"),
    }
}

/// The smallest change that makes both agree.
fn help(found: &ServerColumn, declared: &ColumnType) -> String {
    let name = &found.name;
    if let (ColumnType::Instant { zone }, "timestamp with time zone") = (declared, found.shown.as_str()) {
        return format!(
            "declare `instant in \"UTC\"`, in which it is read; or read it through a `query:` that gives \
             `{name} AT TIME ZONE '{zone}'`"
        );
    }
    let fits = match found.shown.as_str() {
        "boolean" => Some("bool".to_owned()),
        "smallint" | "integer" | "bigint" => Some("int".to_owned()),
        "real" | "double precision" => Some("float".to_owned()),
        "date" => Some("date".to_owned()),
        "text" | "character varying" => Some("text".to_owned()),
        "timestamp without time zone" | "timestamp with time zone" => Some("instant in \"UTC\"".to_owned()),
        shown => shown
            .strip_prefix("numeric")
            .filter(|digits| digits.starts_with('('))
            .map(|digits| format!("decimal{}", digits.replace(',', ", "))),
    };
    match fits {
        Some(fits) => format!("declare it as `{fits}`, or read it through a `query:` that casts it"),
        None => "read it through a `query:` that casts it to the declared type".to_owned(),
    }
}

/// What a server says, as a finding. Nothing of the connection is in it.
pub(crate) fn refused(target: &Target, refusal: &Refusal) -> Diagnostic {
    let name = &target.name;
    let variable = target.connection.as_ref().map(|connection| connection.variable.as_str()).unwrap_or_default();
    let span = match (&target.connection, refusal.trouble) {
        (
            Some(connection),
            Trouble::BadConnection
            | Trouble::Unreachable
            | Trouble::Credentials
            | Trouble::Tls
            | Trouble::MissingDatabase,
        ) => connection.span,
        _ => target.span,
    };
    let said = &refusal.message;
    let (code, headline, help) = match refusal.trouble {
        Trouble::BadConnection => (
            &server::BAD_CONNECTION,
            format!("`{variable}`, through which target `{name}` connects, holds no connection: {said}"),
            format!("set it to a URL: `export {variable}=postgresql://user:password@host:5432/database`"),
        ),
        Trouble::Unreachable => (
            &server::UNREACHABLE,
            format!("the server of target `{name}` does not answer: {said}"),
            format!("see that it runs and that this machine may reach it; host and port are in `{variable}`"),
        ),
        Trouble::Credentials => (
            &server::WRONG_CREDENTIALS,
            format!("the server of target `{name}` refuses the user: {said}"),
            format!("correct user and password in `{variable}`"),
        ),
        Trouble::Tls => (
            &server::NOT_SECURE,
            format!("the connection to target `{name}` cannot be made secure: {said}"),
            format!(
                "`sslmode=require` in `{variable}` asks for a server with a certificate of this system, or of the file \
                 that SSL_CERT_FILE names; `prefer` encrypts without proof, `disable` does not encrypt"
            ),
        ),
        Trouble::MissingDatabase => (
            &server::MISSING_DATABASE,
            format!("the server of target `{name}` has no such database: {said}"),
            format!("correct its name in `{variable}`, or create it"),
        ),
        _ => while_at_work(name, variable, refusal),
    };
    code.finding(headline).at(span, "this target").help(help)
}

fn while_at_work(name: &str, variable: &str, refusal: &Refusal) -> (&'static Code, String, String) {
    let said = &refusal.message;
    let state = refusal.state.as_ref().map(|state| format!(" ({state})")).unwrap_or_default();
    match refusal.trouble {
        Trouble::MissingSchema => (
            &server::MISSING_SCHEMA,
            format!("target `{name}` lacks a schema: {said}"),
            "create it, or name another one by `schema:` of the target".to_owned(),
        ),
        Trouble::MissingTable => (
            &server::MISSING_TABLE,
            format!("target `{name}` lacks a table: {said}"),
            "correct its name in the source, or say what it is called there by `tables:` of the target".to_owned(),
        ),
        Trouble::Columns => (
            &server::COLUMNS_DIFFER,
            format!("a table of target `{name}` is not what is declared: {said}"),
            "correct the source's columns, or cast them in its `query:`".to_owned(),
        ),
        Trouble::Permission => (
            &server::NO_PERMISSION,
            format!("the user of target `{name}` may not do what is asked: {said}"),
            format!("have the owner grant the right, or connect as another user in `{variable}`"),
        ),
        Trouble::Locked | Trouble::Conflict => (
            &server::BUSY,
            format!("another session of target `{name}` holds what is needed: {said}{state}"),
            "run it again when that session has ended; nothing was changed".to_owned(),
        ),
        Trouble::Full => (
            &server::DISK_FULL,
            format!("the server of target `{name}` has no space left: {said}"),
            "make space on the server; nothing was changed by what failed".to_owned(),
        ),
        Trouble::ReadOnly => (
            &server::READ_ONLY,
            format!("nothing can be written on target `{name}`: {said}"),
            format!("connect to the server that takes writes, not to its copy, in `{variable}`"),
        ),
        Trouble::Timeout => (
            &server::TIMED_OUT,
            format!("the server of target `{name}` ended a statement that took too long: {said}"),
            "raise `statement_timeout` of its user (`ALTER ROLE … SET statement_timeout = 0`); Groma sets none"
                .to_owned(),
        ),
        Trouble::Lost | Trouble::Cancelled => (
            &server::CONNECTION_LOST,
            format!("the server of target `{name}` ended the session: {said}"),
            "run it again; what was not finished was not written".to_owned(),
        ),
        _ => (
            &server::REFUSED,
            format!("the server of target `{name}` could not run a statement: {said}{state}"),
            "the message is the server's: most often a value that is too large for its type".to_owned(),
        ),
    }
}
