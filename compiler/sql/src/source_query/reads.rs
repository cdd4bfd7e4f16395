//! The columns that an expression reads.

use sqlparser::ast::{AccessExpr, Expr, Ident, Query};

use super::lineage::{Named, Relation, Scope, of_query};
use super::names::key;
use super::{How, OutputColumn};
use crate::visit::{Flow, Look, look};

/// Columns of tables, each once.
pub(super) struct Reads {
    pub(super) columns: Vec<(String, String)>,
    /// These are all.
    pub(super) traced: bool,
    /// Columns of which one is read: a name that several tables may have, of each of them.
    pub(super) guesses: Vec<(String, String)>,
    /// Something is read of which not even that is known.
    pub(super) blind: bool,
    /// How the value is made of them.
    pub(super) how: How,
}

impl Reads {
    fn none() -> Self {
        Reads { columns: vec![], traced: true, guesses: vec![], blind: false, how: How::Identity }
    }

    fn unknown() -> Self {
        Reads { traced: false, blind: true, ..Reads::none() }
    }

    /// What a column reads.
    pub(super) fn of(column: &OutputColumn) -> Self {
        Reads {
            columns: column.reads.clone(),
            traced: column.traced,
            guesses: column.guesses.clone(),
            blind: column.blind,
            how: column.how,
        }
    }

    /// And what another column reads.
    pub(super) fn add(&mut self, column: &OutputColumn) {
        self.merge(Reads::of(column));
    }

    fn merge(&mut self, other: Reads) {
        self.traced &= other.traced;
        self.blind |= other.blind;
        self.how = self.how.max(other.how);
        for guess in other.guesses {
            if !self.guesses.contains(&guess) {
                self.guesses.push(guess);
            }
        }
        for column in other.columns {
            if !self.columns.contains(&column) {
                self.columns.push(column);
            }
        }
    }
}

/// The columns that an expression's value is computed from.
pub(super) fn reads(expr: &Expr, scope: &Scope<'_>, named: &Named<'_>) -> Reads {
    let mut collector = Collector { scope, named, found: Reads::none(), inside: 0, fields: vec![] };
    let _ = look(expr, &mut collector);
    collector.found
}

struct Collector<'a> {
    scope: &'a Scope<'a>,
    named: &'a Named<'a>,
    found: Reads,
    /// How many queries inside the expression are open: they are looked at on their own.
    inside: usize,
    /// Names of fields of a value, which are no columns.
    fields: Vec<*const Expr>,
}

impl Look for Collector<'_> {
    fn query(&mut self, query: &Query) -> Flow {
        if self.inside == 0 {
            match of_query(query, self.named, Some(self.scope)) {
                Some(columns) => columns.iter().for_each(|column| self.found.add(column)),
                None => self.found.merge(Reads::unknown()),
            }
        }
        self.inside += 1;
        Flow::Continue(())
    }

    fn after_query(&mut self, _: &Query) -> Flow {
        self.inside -= 1;
        Flow::Continue(())
    }

    fn expr(&mut self, expr: &Expr) -> Flow {
        if self.inside > 0 || self.fields.iter().any(|field| std::ptr::eq(*field, expr)) {
            return Flow::Continue(());
        }
        match expr {
            Expr::Identifier(column) => self.found.merge(column_reads(column, self.scope)),
            Expr::CompoundIdentifier(parts) => self.found.merge(qualified_reads(parts, self.scope)),
            Expr::CompoundFieldAccess { access_chain, .. } => {
                self.fields.extend(access_chain.iter().filter_map(|access| match access {
                    AccessExpr::Dot(field) => Some(std::ptr::from_ref(field)),
                    AccessExpr::Subscript(_) => None,
                }));
            }
            Expr::Lambda(_) | Expr::Wildcard(_) | Expr::QualifiedWildcard(..) => self.found.merge(Reads::unknown()),
            _ => {}
        }
        Flow::Continue(())
    }
}

/// A column without its table: of the only relation that can have it.
fn column_reads(column: &Ident, scope: &Scope<'_>) -> Reads {
    let name = key(column);
    let having: Vec<&OutputColumn> =
        scope.relations.iter().flat_map(|(_, relation)| columns_named(relation, &name)).collect();
    let open: Vec<&Relation> =
        scope.relations.iter().map(|(_, relation)| relation).filter(|it| !matches!(it, Relation::Columns(_))).collect();
    match (having.as_slice(), open.as_slice(), scope.outer) {
        ([column], _, _) => Reads::of(column),
        ([], [relation], None) => relation_reads(relation, name),
        ([], [Relation::Table(table)], Some(_)) if !inside_knows(scope.outer, &name) => {
            relation_reads(&Relation::Table(table.clone()), name)
        }
        ([], [], Some(outer)) => column_reads(column, outer),
        ([], tables, None) => one_of(tables, &name),
        _ => Reads::unknown(),
    }
}

/// A column of one of several tables, and the text does not say of which.
fn one_of(tables: &[&Relation], name: &str) -> Reads {
    let mut guesses = Vec::with_capacity(tables.len());
    for relation in tables {
        match relation {
            Relation::Table(table) => guesses.push((table.clone(), name.to_owned())),
            Relation::Columns(_) | Relation::Unknown => return Reads::unknown(),
        }
    }
    Reads { traced: false, blind: guesses.is_empty(), guesses, ..Reads::none() }
}

/// A query around this one has a column of that name for certain.
fn inside_knows(scope: Option<&Scope<'_>>, name: &str) -> bool {
    scope.is_some_and(|scope| {
        scope.relations.iter().any(|(_, relation)| columns_named(relation, name).next().is_some())
            || inside_knows(scope.outer, name)
    })
}

fn columns_named<'r>(relation: &'r Relation, name: &str) -> impl Iterator<Item = &'r OutputColumn> {
    let columns: &[OutputColumn] = match relation {
        Relation::Columns(columns) => columns,
        Relation::Table(_) | Relation::Unknown => &[],
    };
    columns.iter().filter(move |column| column.name == name)
}

fn relation_reads(relation: &Relation, name: String) -> Reads {
    match relation {
        Relation::Table(table) => Reads { columns: vec![(table.clone(), name)], ..Reads::none() },
        Relation::Columns(columns) => {
            let mut having = columns.iter().filter(|column| column.name == name);
            match (having.next(), having.next()) {
                (Some(column), None) => Reads::of(column),
                _ => Reads::unknown(),
            }
        }
        Relation::Unknown => Reads::unknown(),
    }
}

/// A column that several relations may have: of those that do, as `using` means it.
pub(super) fn named_everywhere(name: &str, scope: &Scope<'_>) -> Reads {
    let mut found = Reads::none();
    let mut tables = Vec::new();
    for (_, relation) in &scope.relations {
        match relation {
            Relation::Columns(_) => columns_named(relation, name).for_each(|column| found.add(column)),
            Relation::Table(_) | Relation::Unknown => tables.push(relation),
        }
    }
    if !tables.is_empty() {
        found.merge(one_of(&tables, name));
    }
    found
}

/// `table.column`, `schema.table.column`, or a field of a column.
fn qualified_reads(parts: &[Ident], scope: &Scope<'_>) -> Reads {
    let (Some(column), Some(first)) = (parts.last(), parts.first()) else {
        return Reads::unknown();
    };
    let qualifier: Vec<&str> = parts.iter().take(parts.len() - 1).map(|part| part.value.as_str()).collect();
    let qualifier = qualifier.join(".");
    if let [table, column] = parts
        && let Some(relation) = with_alias(&key(table), scope)
    {
        return relation_reads(relation, key(column));
    }
    if let Some(relation) = with_table(&qualifier, scope) {
        return relation_reads(relation, key(column));
    }
    match with_alias(&key(first), scope) {
        // A field of that table's column.
        Some(relation) => parts.get(1).map_or_else(Reads::unknown, |column| relation_reads(relation, key(column))),
        None => column_reads(first, scope),
    }
}

fn with_alias<'s>(alias: &str, scope: &'s Scope<'_>) -> Option<&'s Relation> {
    let own = scope.relations.iter().find(|(own, _)| own == alias).map(|(_, relation)| relation);
    own.or_else(|| scope.outer.and_then(|outer| with_alias(alias, outer)))
}

/// The relation that is a table of that dotted name.
fn with_table<'s>(table: &str, scope: &'s Scope<'_>) -> Option<&'s Relation> {
    let is_it = |relation: &&Relation| matches!(relation, Relation::Table(name) if name.eq_ignore_ascii_case(table));
    let own = scope.relations.iter().map(|(_, relation)| relation).find(is_it);
    own.or_else(|| scope.outer.and_then(|outer| with_table(table, outer)))
}
