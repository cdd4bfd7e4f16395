//! Statements and texts as dbt reads them: Jinja where tables stand, and everything else so that Jinja leaves it alone.
//!
//! A statement is rendered with a name of ours for each table, which nothing else in the project is called. The rendered text was
//! read back by then; what is put in for the names are whole tables, so that it stays the statement that was read.

use crate::answer::rendered;
use crate::failure::Failure;
use crate::loading::Loaded;
use groma_model::Diagnostic;
use groma_plan::relation::{Expr, Relation, Select, Statement, Table};
use groma_project::Target;
use groma_sql::{Dialect, RenderError, keeping};

/// What a statement says where the model's own table is meant.
pub(super) const THIS: &str = "{{ this }}";
/// The variable of the package that holds whose definitions it computes by.
pub(super) const COMMIT: &str = "groma_commit";

/// What names begin with that stand for tables, unless something in the project is called so.
const MARK: &str = "groma_table_";

/// A text that Jinja gives back as it is.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, letters.peek()) {
            ('{', Some('{' | '%' | '#')) => safe.push_str("{{ '{' }}"),
            _ => safe.push(letter),
        }
    }
    safe
}

/// Writes statements of a target for dbt.
pub(super) struct Writer<'a> {
    target: &'a Target,
    dialect: &'static Dialect,
    /// Whose definitions the statements compute by.
    commit: &'a str,
    mark: String,
}

impl<'a> Writer<'a> {
    /// For the statements of a project.
    pub(super) fn new(loaded: &Loaded, target: &'a Target, commit: &'a str) -> Result<Self, Failure> {
        let Some(dialect) = groma_sql::dialect(&target.engine) else {
            return Err(Failure::Bug { what: format!("no dialect is called {}", target.engine) });
        };
        let mut mark = MARK.to_owned();
        while loaded.project.sources.files().any(|(_, file)| file.text.contains(&mark)) {
            mark.push('_');
        }
        Ok(Self { target, dialect, commit, mark })
    }

    /// A query; `table` says what stands for a table of the engine, by the parts of its name.
    pub(super) fn query(
        &self,
        statement: &Statement,
        table: &dyn Fn(&[String]) -> String,
    ) -> Result<Result<String, Vec<Diagnostic>>, Failure> {
        let mut statement = statement.clone();
        let mut tables: Vec<Vec<String>> = Vec::new();
        for place in tables_of(&mut statement) {
            if let Table::Physical(parts) = place {
                let known = tables.iter().position(|known| known == parts);
                let number = known.unwrap_or_else(|| {
                    tables.push(parts.clone());
                    tables.len() - 1
                });
                *parts = vec![self.name(number)];
            }
        }
        let text = rendered(self.target, &statement)?.map_err(|finding| vec![*finding]);
        Ok(text.map(|text| {
            let named = tables.iter().enumerate().map(|(number, parts)| (self.name(number), table(parts)));
            self.filled(&text, named)
        }))
    }

    /// The statement that deletes the rows of the model's own table that are `own` and not `kept`.
    pub(super) fn delete_from_this(&self, (own, kept): (&Expr, &Expr)) -> Result<String, Failure> {
        let name = self.name(0);
        let text = keeping::delete_text(std::slice::from_ref(&name), (own, kept), self.dialect)
            .map_err(|error| bug(&error))?;
        Ok(self.filled(&text, [(name, THIS.to_owned())].into_iter()))
    }

    /// What is set for a transaction, as one script.
    pub(super) fn settings(&self) -> Result<String, Failure> {
        let settings = keeping::settings_text(self.dialect).map_err(|error| bug(&error))?;
        Ok(settings.iter().map(|text| format!("{};\n", text.trim_end())).collect())
    }

    /// The statement that lets one refresh wait for another one; none where the engine runs one at a time.
    pub(super) fn wait(&self, lock: i64) -> Result<Option<String>, Failure> {
        keeping::lock_text(lock, self.dialect).map_err(|error| bug(&error))
    }

    /// How a type is written in the target's dialect.
    pub(super) fn type_name(&self, value_type: groma_plan::relation::ValueType) -> String {
        keeping::type_name(value_type, self.dialect)
    }

    fn name(&self, number: usize) -> String {
        format!("{}{number}", self.mark)
    }

    /// The text with the tables put in, and with the commit as a variable: what means the same stays the same text.
    fn filled(&self, text: &str, tables: impl Iterator<Item = (String, String)>) -> String {
        let variable = format!("'{{{{ var(\"{COMMIT}\") }}}}'");
        let text = escaped(text).replace(&format!("'{}'", self.commit), &variable);
        tables.fold(text, |text, (name, jinja)| text.replace(&format!("\"{name}\""), &jinja))
    }
}

fn bug(error: &RenderError) -> Failure {
    Failure::Bug { what: error.to_string() }
}

/// Every place where a statement names a table.
pub(super) fn tables_of(statement: &mut Statement) -> Vec<&mut Table> {
    let mut found = Vec::new();
    for step in &mut statement.steps {
        match &mut step.relation {
            Relation::Select(select) => add_tables(select, &mut found),
            Relation::UnionAll(parts) => parts.iter_mut().for_each(|part| add_tables(part, &mut found)),
            Relation::Query { tables, .. } => found.extend(tables.iter_mut().map(|(_, table)| table)),
            Relation::Values(_) => {}
        }
    }
    add_tables(&mut statement.result, &mut found);
    found
}

fn add_tables<'s>(select: &'s mut Select, found: &mut Vec<&'s mut Table>) {
    found.extend(select.from.iter_mut().map(|from| &mut from.table));
    found.extend(select.joins.iter_mut().map(|join| &mut join.table));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_jinja_is_written_so_that_it_does_not() {
        assert_eq!(escaped("a { b } {x}"), "a { b } {x}");
        assert_eq!(escaped("{{ x }}"), "{{ '{' }}{ x }}");
        assert_eq!(escaped("{% if %}{# no #}"), "{{ '{' }}% if %}{{ '{' }}# no #}");
        assert_eq!(escaped("{{{%"), "{{ '{' }}{{ '{' }}{{ '{' }}%");
        assert_eq!(escaped("ends with {"), "ends with {");
    }
}
