//! Answers that are kept in tables of an engine: what must be there, how a job refreshes its rows, and who may read.
//!
//! Every statement is built as a tree, printed, and read back like those of plans. Scripts of them may be run twice, killed at
//! any statement and run while people read: a refresh is one transaction, which computes before it takes a lock that readers
//! would wait for.

mod catalog;
mod written;

use crate::build::{self, SelectParts, definition};
use crate::deep::on_a_deep_stack;
use crate::dialect::{Dialect, Keeping};
use crate::error::RenderError;
use crate::expression::Expressions;
use crate::literal::{checked_name, text};
use crate::statement;
use groma_plan::relation::{self, Expr, ValueType};
use sqlparser::ast::{DataType, Query, Statement, TimezoneInfo};
use written::{Written, block};

/// The name of the table that holds all answers.
pub const ANSWERS: &str = "answers";
/// The name of the table that holds when each job ran last.
pub const REFRESHES: &str = "refreshes";
/// The name of the temporary table that holds what a job has computed.
pub const FRESH: &str = "groma_fresh";

/// The columns of the table of refreshes, and what each holds.
pub const REFRESHES_COLUMNS: [(&str, &str); 5] = [
    ("job", "The job's name, as in the manifest."),
    ("refreshed_at", "When its transaction began."),
    ("as_of", "The local time from which on it read no rows; null where it found none."),
    ("commit", "Whose definitions it computed by."),
    ("cells", "How many cells it computed."),
];

/// A column of the table of answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub value_type: ValueType,
    /// Never null.
    pub required: bool,
    /// What it holds, in a sentence.
    pub documentation: String,
}

/// What readers see of a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    pub name: String,
    /// Over the table of answers.
    pub select: relation::Select,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// What the metric is.
    pub documentation: String,
}

/// What a job computes and replaces.
#[derive(Debug, Clone, Copy)]
pub struct Refresh<'a> {
    /// The job's name.
    pub job: &'a str,
    pub commit: &'a str,
    /// All its cells, in the columns of the answers.
    pub fresh: &'a relation::Statement,
    /// Which rows of the answers are the job's own, over columns without a table.
    pub own: &'a Expr,
    /// Which of those stay, over columns without a table; never null.
    pub kept: &'a Expr,
    /// The fresh cells that have no row that stays, over [`Store::fresh`] and [`Store::answers`].
    pub added: &'a relation::Statement,
    /// Of its metrics.
    pub views: &'a [View],
}

/// What a statement is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Opens the transaction.
    Begin,
    /// Sets what it computes by.
    Set,
    /// Waits until nobody else refreshes the same answers.
    Wait,
    /// Computes all cells: this is what takes long.
    Compute,
    /// Lets the engine look at the cells.
    Look,
    /// Makes tables, columns and views that are missing.
    Define,
    /// Removes the rows that are computed anew.
    Remove,
    /// Adds the cells.
    Add,
    /// Says when the job ran.
    Note,
    /// Says what tables, columns and views hold.
    Comment,
    /// Gives and takes rights.
    Grant,
    /// Drops what is not needed any more.
    Drop,
    /// Closes the transaction.
    Commit,
}

/// A statement of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub phase: Phase,
    /// Without a semicolon, ending with a newline.
    pub text: String,
}

/// The schema that a project's answers are kept in.
#[derive(Debug)]
pub struct Store<'a> {
    pub dialect: &'a Dialect,
    /// The schema's name, as its parts.
    pub schema: &'a [String],
    /// The number by which transactions wait for each other: of the schema and the project.
    pub lock: i64,
    /// Of the table of answers, in order.
    pub columns: &'a [Column],
    /// The roles that may read views.
    pub readers: &'a [&'a str],
}

impl Store<'_> {
    /// The table of answers, as its parts.
    pub fn answers(&self) -> Vec<String> {
        self.within(ANSWERS)
    }

    /// The table of refreshes, as its parts.
    pub fn refreshes(&self) -> Vec<String> {
        self.within(REFRESHES)
    }

    /// The temporary table of a job's cells, as its parts.
    pub fn fresh(&self) -> Vec<String> {
        vec![FRESH.to_owned()]
    }

    /// Makes what all jobs need: the schema, the tables with all columns, what they hold.
    ///
    /// # Errors
    /// The engine keeps no answers, or a name cannot be written.
    pub fn setup(&self) -> Result<Vec<Step>, RenderError> {
        on_a_deep_stack(|| {
            let mut script = self.script()?;
            script.define(self.tables()?)?;
            script.each(Phase::Comment, self.comments())?;
            script.finished()
        })
    }

    /// Makes all views, as this release writes them, and says what they hold.
    ///
    /// # Errors
    /// As of [`Store::setup`].
    pub fn views(&self, views: &[View]) -> Result<Vec<Step>, RenderError> {
        on_a_deep_stack(|| {
            let mut script = self.script()?;
            let mut definitions = Vec::new();
            for view in views {
                definitions.extend(self.replaced(view)?);
            }
            script.define(definitions)?;
            script.each(Phase::Comment, views.iter().map(|view| self.documented(view)).collect())?;
            script.each(Phase::Grant, self.readable(views))?;
            script.finished()
        })
    }

    /// Gives readers the views and nothing else of the schema.
    ///
    /// # Errors
    /// As of [`Store::setup`].
    pub fn grants(&self, views: &[View]) -> Result<Vec<Step>, RenderError> {
        on_a_deep_stack(|| {
            let mut script = self.script()?;
            if !self.readers.is_empty() {
                let tables = [self.answers(), self.refreshes()];
                let everyone: Vec<&str> = ["public"].iter().chain(self.readers).copied().collect();
                let mut rights = vec![definition::revoke_all(&tables, &everyone).into()];
                rights.push(definition::grant(definition::Right::UseSchema(self.schema), self.readers).into());
                rights.extend(self.readable(views));
                script.each(Phase::Grant, rights)?;
            }
            script.finished()
        })
    }

    /// Refreshes a job's answers.
    ///
    /// # Errors
    /// As of [`Store::setup`], and where the engine cannot compute the cells.
    pub fn refresh(&self, refresh: &Refresh<'_>) -> Result<Vec<Step>, RenderError> {
        on_a_deep_stack(|| {
            let mut script = self.script()?;
            let keeping = script.keeping;
            for (name, value) in keeping.settings {
                script.add(Phase::Set, definition::set_local(name, value))?;
            }
            let fresh = self.fresh();
            let cells = statement::query(refresh.fresh, self.dialect)?;
            let computed = definition::create_temporary_table(&fresh, cells, keeping.drops_on_commit);
            script.add(Phase::Compute, computed)?;
            if keeping.analyzes {
                script.add(Phase::Look, definition::analyze(&fresh))?;
            }
            // Readers lock a view before its table: whoever changes both must do it in that order, or one waits for the other.
            let mut missing: Vec<Written> = refresh.views.iter().filter_map(|view| self.outdated(view)).collect();
            missing.extend(self.tables()?);
            for view in refresh.views {
                missing.extend(self.missing(view)?);
            }
            script.define(missing)?;
            let removed = deleted(&self.answers(), (refresh.own, refresh.kept), self.dialect)?;
            script.add(Phase::Remove, removed)?;
            let columns: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
            let added = statement::query(refresh.added, self.dialect)?;
            script.add(Phase::Add, definition::insert(&self.answers(), &columns, added))?;
            for noted in self.noted(refresh) {
                script.add(Phase::Note, noted)?;
            }
            if !keeping.drops_on_commit {
                script.add(Phase::Drop, definition::drop_table(&fresh))?;
            }
            script.finished()
        })
    }

    fn within(&self, name: &str) -> Vec<String> {
        self.schema.iter().cloned().chain([name.to_owned()]).collect()
    }

    /// A transaction that waits for others of the same answers.
    fn script(&self) -> Result<Script<'_>, RenderError> {
        let Some(keeping) = self.dialect.keeping else {
            let what = "tables that answers are kept in".to_owned();
            return Err(RenderError::Unsupported { what, dialect: self.dialect.name });
        };
        let names = self.schema.iter().chain(self.columns.iter().map(|column| &column.name));
        for name in names.map(String::as_str).chain(self.readers.iter().copied()) {
            checked_name(name, self.dialect)?;
        }
        let mut script = Script { dialect: self.dialect, keeping, steps: Vec::new() };
        script.add(Phase::Begin, definition::begin())?;
        if keeping.locks {
            script.add(Phase::Wait, waits(self.lock))?;
        }
        Ok(script)
    }

    /// The schema and the tables, where they are missing or lack a column.
    fn tables(&self) -> Result<Vec<Written>, RenderError> {
        let (answers, refreshes) = (self.answers(), self.refreshes());
        let data_type = |value_type| (self.dialect.data_type)(value_type);
        let column = |column: &'_ Column| (column.name.clone(), data_type(column.value_type), column.required);
        let answers_columns: Vec<_> = self.columns.iter().map(column).collect();
        let refreshes_columns: Vec<_> = REFRESHES_COLUMNS
            .iter()
            .map(|(name, _)| {
                let data_type = match *name {
                    "refreshed_at" => DataType::Timestamp(None, TimezoneInfo::WithTimeZone),
                    "as_of" => data_type(ValueType::Timestamp),
                    "cells" => data_type(ValueType::Int),
                    _ => data_type(ValueType::Text),
                };
                ((*name).to_owned(), data_type, *name != "as_of")
            })
            .collect();
        let made = |table: &[String], columns: &[(String, DataType, bool)]| {
            let columns = columns.iter().map(|(name, data_type, required)| definition::Column {
                name,
                data_type: data_type.clone(),
                required: *required,
            });
            Written::from(definition::create_table(table, columns.collect()))
        };
        // A table that has rows already gets its new columns without a value.
        let added = answers_columns.iter().map(|(name, data_type, _)| {
            let column = definition::Column { name, data_type: data_type.clone(), required: false };
            Written::from(definition::add_column(&answers, column))
        });
        let schema = Written::from(definition::create_schema(self.schema));
        let answers_made = made(&answers, &answers_columns);
        let refreshes_made = made(&refreshes, &refreshes_columns);
        if !self.looks_first() {
            return Ok([schema, answers_made, refreshes_made].into_iter().chain(added).collect());
        }
        let names: Vec<&str> = answers_columns.iter().map(|(name, ..)| name.as_str()).collect();
        let index = definition::create_index(&answers, &["metric", "grain", "period"]);
        let found_missing = [
            (catalog::lacks_schema(self.schema), vec![schema]),
            (catalog::lacks_relation(&answers), vec![answers_made, index.into()]),
            (catalog::lacks_column(&answers, &names), added.collect()),
            (catalog::lacks_relation(&refreshes), vec![refreshes_made]),
        ];
        Ok(found_missing.into_iter().map(|(condition, then)| only_if(condition, then)).collect())
    }

    /// Whether definitions are made only where a look at the catalog says so.
    fn looks_first(&self) -> bool {
        self.dialect.keeping.is_some_and(|keeping| keeping.grants)
    }

    fn query_of(&self, view: &View) -> Result<Query, RenderError> {
        let result = view.select.clone();
        statement::query(&relation::Statement { steps: Vec::new(), result }, self.dialect)
    }

    /// The view as it must be, whatever it was.
    fn replaced(&self, view: &View) -> Result<Vec<Written>, RenderError> {
        let name = self.within(checked_name(&view.name, self.dialect)?);
        let columns: Vec<&str> = view.columns.iter().map(String::as_str).collect();
        let made = Written::from(definition::create_view(&name, self.query_of(view)?, true));
        let replaces_any = self.dialect.keeping.is_some_and(|keeping| keeping.replaces_any_view);
        let dropped = Written::from(definition::drop_view(&name));
        Ok(match (replaces_any, self.looks_first()) {
            (true, _) => vec![made],
            (false, true) => {
                vec![only_if(catalog::cannot_be_replaced(&name, &self.answers(), &columns), vec![dropped]), made]
            }
            (false, false) => vec![dropped, made],
        })
    }

    /// Drops the view where it has other columns; nothing where it is replaced whatever it was.
    fn outdated(&self, view: &View) -> Option<Written> {
        let name = self.within(&view.name);
        let columns: Vec<&str> = view.columns.iter().map(String::as_str).collect();
        let dropped = Written::from(definition::drop_view(&name));
        self.looks_first().then(|| only_if(catalog::differs(&name, &self.answers(), &columns), vec![dropped]))
    }

    /// The view with its documentation and rights, where it is missing.
    fn missing(&self, view: &View) -> Result<Vec<Written>, RenderError> {
        let name = self.within(checked_name(&view.name, self.dialect)?);
        if !self.looks_first() {
            let mut made = self.replaced(view)?;
            made.push(self.documented(view));
            return Ok(made);
        }
        let mut made =
            vec![Written::from(definition::create_view(&name, self.query_of(view)?, false)), self.documented(view)];
        if !self.readers.is_empty() {
            made.push(definition::grant(definition::Right::UseSchema(self.schema), self.readers).into());
            made.extend(self.readable(std::slice::from_ref(view)));
        }
        let says_otherwise = catalog::says_otherwise(&name, &said(&view.documentation));
        let comment = vec![self.documented(view)];
        Ok(vec![only_if(catalog::lacks_relation(&name), made), only_if(says_otherwise, comment)])
    }

    fn documented(&self, view: &View) -> Written {
        let name = self.within(&view.name);
        Written::Comment { of: definition::comment_on_view, name, text: said(&view.documentation) }
    }

    /// What tables and columns hold.
    fn comments(&self) -> Vec<Written> {
        let (answers, refreshes) = (self.answers(), self.refreshes());
        let of_table = |table: &[String], text: &str| Written::Comment {
            of: definition::comment_on_table,
            name: table.to_vec(),
            text: text.to_owned(),
        };
        let of_column = |table: &[String], column: &str, text: &str| Written::Comment {
            of: definition::comment_on_column,
            name: table.iter().cloned().chain([column.to_owned()]).collect(),
            text: said(text),
        };
        let tables = [
            of_table(&answers, "Every published number, with the hash of its definition and the commit it came from."),
            of_table(&refreshes, "When each job ran last, by whose definitions."),
        ];
        let columns = self.columns.iter().map(|column| of_column(&answers, &column.name, &column.documentation));
        let notes = REFRESHES_COLUMNS.iter().map(|(name, text)| of_column(&refreshes, name, text));
        tables.into_iter().chain(columns).chain(notes).collect()
    }

    /// The rights of readers to views.
    fn readable(&self, views: &[View]) -> Vec<Written> {
        if self.readers.is_empty() || views.is_empty() || !self.dialect.has_grants() {
            return Vec::new();
        }
        let names = views.iter().map(|view| self.within(&view.name)).collect();
        vec![definition::grant(definition::Right::Read(names), self.readers).into()]
    }

    /// Replaces the row that says when the job ran.
    fn noted(&self, refresh: &Refresh<'_>) -> [Statement; 2] {
        let refreshes = self.refreshes();
        let own = build::binary(sqlparser::ast::BinaryOperator::Eq, build::column(None, "job"), text(refresh.job));
        let value = |name: &str| match name {
            "job" => text(refresh.job),
            "refreshed_at" => build::now(),
            "as_of" => build::call("MAX", vec![build::column(None, "as_of")]),
            "commit" => text(refresh.commit),
            _ => build::count_rows(None),
        };
        let names: Vec<&str> = REFRESHES_COLUMNS.iter().map(|(name, _)| *name).collect();
        let columns = names.iter().map(|name| build::output(value(name), name)).collect();
        let from = Some(build::bare_table(&self.fresh()));
        let row = build::query(build::select(SelectParts { columns, from, ..Default::default() }), vec![]);
        [definition::delete(&refreshes, own), definition::insert(&refreshes, &names, row)]
    }
}

/// `DELETE FROM table WHERE own AND NOT kept`, over columns without a table; it ends with a newline.
///
/// # Errors
/// A name or a condition cannot be written.
pub fn delete_text(table: &[String], (own, kept): (&Expr, &Expr), dialect: &Dialect) -> Result<String, RenderError> {
    on_a_deep_stack(|| Written::from(deleted(table, (own, kept), dialect)?).print(dialect))
}

fn deleted(table: &[String], (own, kept): (&Expr, &Expr), dialect: &Dialect) -> Result<Statement, RenderError> {
    let expressions = Expressions { dialect };
    let (own, kept) = (expressions.write(own)?, expressions.write(kept)?);
    Ok(definition::delete(table, build::and(own, build::not(kept))))
}

/// The statements by which a transaction of the engine is set for what jobs compute.
///
/// # Errors
/// As of [`Store::setup`].
pub fn settings_text(dialect: &Dialect) -> Result<Vec<String>, RenderError> {
    let settings = dialect.keeping.map_or(&[] as &[(&str, &str)], |keeping| keeping.settings);
    settings.iter().map(|(name, value)| Written::from(definition::set_local(name, value)).print(dialect)).collect()
}

/// Waits until no other transaction holds the number; none where transactions cannot wait for each other.
///
/// # Errors
/// Never but by a bug of ours.
pub fn lock_text(lock: i64, dialect: &Dialect) -> Result<Option<String>, RenderError> {
    let locks = dialect.keeping.is_some_and(|keeping| keeping.locks);
    locks.then(|| Written::from(waits(lock)).print(dialect)).transpose()
}

fn waits(lock: i64) -> Statement {
    let wait = build::call("PG_ADVISORY_XACT_LOCK", vec![build::integer(lock)]);
    let columns = vec![definition::unnamed(wait)];
    definition::select(build::query(build::select(SelectParts { columns, ..Default::default() }), vec![]))
}

/// How a type is called in definitions.
pub fn type_name(value_type: ValueType, dialect: &Dialect) -> String {
    (dialect.data_type)(value_type).to_string()
}

fn only_if(condition: sqlparser::ast::Expr, then: Vec<Written>) -> Written {
    Written::If { condition, then, otherwise: Vec::new() }
}

/// A text that the engine keeps: engines refuse the character of no text at all.
fn said(text: &str) -> String {
    text.trim().replace('\0', "")
}

/// Statements of one transaction.
struct Script<'a> {
    dialect: &'a Dialect,
    keeping: Keeping,
    steps: Vec<Step>,
}

impl Script<'_> {
    fn add(&mut self, phase: Phase, statement: impl Into<Written>) -> Result<(), RenderError> {
        let text = statement.into().print(self.dialect)?;
        self.steps.push(Step { phase, text });
        Ok(())
    }

    fn each(&mut self, phase: Phase, statements: Vec<Written>) -> Result<(), RenderError> {
        statements.into_iter().try_for_each(|statement| self.add(phase, statement))
    }

    /// Definitions: as one statement where the engine looks first.
    fn define(&mut self, definitions: Vec<Written>) -> Result<(), RenderError> {
        if !self.keeping.grants {
            return self.each(Phase::Define, definitions);
        }
        if !definitions.is_empty() {
            self.steps.push(Step { phase: Phase::Define, text: block(&definitions, self.dialect)? });
        }
        Ok(())
    }

    fn finished(mut self) -> Result<Vec<Step>, RenderError> {
        self.add(Phase::Commit, definition::commit())?;
        Ok(self.steps)
    }
}
