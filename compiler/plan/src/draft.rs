//! A statement while it is written: its steps and names, the tables that stand for sources, the zones in use.

use crate::names::{Names, word};
use crate::plan::add_sources;
use crate::relation::{Expr, From, Function, Join, JoinKind, Literal, Relation, Select, Statement, Step, Table};
use crate::rows::Rows;
use crate::zone::{self, Interval, Years, Zones};
use groma_model::{Model, Origin, SmolStr, SourceId};
use std::collections::{BTreeMap, BTreeSet};

/// What the target calls the table of a source.
pub(crate) type TableOf<'a> = &'a dyn Fn(SourceId) -> Vec<String>;

/// The statement so far.
pub(crate) struct Draft<'a> {
    pub(crate) model: &'a Model,
    pub(crate) zones: &'a Zones,
    pub(crate) names: Names,
    table: TableOf<'a>,
    steps: Vec<Step>,
    /// The steps that are computed once although they are read once.
    once: BTreeSet<String>,
    /// The steps of sources that are queries, as they are and without what is in quarantine.
    queries: BTreeMap<(SourceId, Kept), String>,
    /// The steps of sources without the rows that are in quarantine.
    kept: BTreeMap<SourceId, String>,
    /// Which rows are read now.
    reads: Kept,
    shifts: BTreeMap<(SmolStr, Years), Shift>,
}

/// Which rows of a source are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kept {
    /// Those that no quarantine keeps out.
    Sound,
    /// As they are.
    All,
}

/// How wall clock stored in a zone becomes local wall clock.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shift {
    /// The same everywhere and always.
    Constant(i64),
    /// As the rows of this step say, for these years.
    Step(String, Years),
    /// The zone does not exist.
    Unknown,
}

impl<'a> Draft<'a> {
    /// An empty statement. No step takes the name of a table that one of the sources stands for or reads.
    pub(crate) fn new(model: &'a Model, zones: &'a Zones, table: TableOf<'a>, sources: &BTreeSet<SourceId>) -> Self {
        let mut names = Names::of_steps();
        let mut seen = BTreeSet::new();
        for source in sources {
            reserve(model, table, *source, &mut seen, &mut names);
        }
        Self {
            model,
            zones,
            names,
            table,
            steps: Vec::new(),
            once: BTreeSet::new(),
            queries: BTreeMap::new(),
            kept: BTreeMap::new(),
            reads: Kept::Sound,
            shifts: BTreeMap::new(),
        }
    }

    /// The same statement over all rows, also those in quarantine.
    pub(crate) fn over_all_rows(self) -> Self {
        Self { reads: Kept::All, ..self }
    }

    /// Adds a step under a name like the wanted one; returns its name.
    pub(crate) fn push(&mut self, wanted: &str, relation: Relation) -> String {
        let name = self.names.take(wanted);
        self.push_named(name.clone(), relation);
        name
    }

    /// Adds a step whose columns later steps use many times over: it is computed once, whoever reads it, so that no engine
    /// writes its expressions out in each place.
    pub(crate) fn push_once(&mut self, wanted: &str, relation: Relation) -> String {
        let name = self.push(wanted, relation);
        self.once.insert(name.clone());
        name
    }

    /// Adds a step under a name that was taken for it.
    pub(crate) fn push_named(&mut self, name: String, relation: Relation) {
        self.steps.push(Step { name, materialized: false, relation });
    }

    /// The columns of a step that was added as a select, or as several.
    pub(crate) fn columns_of(&self, step: &str) -> Vec<String> {
        let known = self.steps.iter().rev().find(|known| known.name == step);
        match known.map(|known| &known.relation) {
            Some(Relation::Select(select)) => names_of(select),
            Some(Relation::UnionAll(parts)) => parts.first().map(names_of).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// What a source's rows are read from: without those in quarantine. The steps of its query come first, if it is one.
    pub(crate) fn source_table(&mut self, source: SourceId) -> Table {
        if self.reads == Kept::All || self.model.source(source).quarantines().next().is_none() {
            return self.written_table(source);
        }
        if let Some(step) = self.kept.get(&source) {
            return Table::Step(step.clone());
        }
        let table = self.written_table(source);
        let name = self.names.take(&format!("{}_kept", word(&self.model.source(source).header.name)));
        self.kept.insert(source, name.clone());
        // Whether a row is kept does not depend on which other rows are.
        let reads = std::mem::replace(&mut self.reads, Kept::All);
        let kept = sound(self, source, table);
        self.reads = reads;
        self.push_named(name.clone(), kept);
        Table::Step(name)
    }

    /// The table or the query of a source.
    fn written_table(&mut self, source: SourceId) -> Table {
        if let Some(step) = self.queries.get(&(source, self.reads)) {
            return Table::Step(step.clone());
        }
        let model = self.model;
        let source_of = model.source(source);
        let Origin::Query { text, reads, .. } = &source_of.origin else {
            return Table::Physical((self.table)(source));
        };
        let name = self.query_name(&source_of.header.name);
        // Known before what it reads, so that queries that read each other, which the model reports, come to an end.
        self.queries.insert((source, self.reads), name.clone());
        let tables = reads.iter().map(|(written, read)| (written.clone(), self.source_table(*read))).collect();
        self.push_named(name.clone(), Relation::Query { text: text.clone(), tables });
        Table::Step(name)
    }

    fn query_name(&mut self, source: &str) -> String {
        let plain = word(source);
        if self.names.is_taken(&plain) { self.names.take(&format!("{plain}_query")) } else { self.names.take(&plain) }
    }

    /// How wall clock stored in a zone other than the project's becomes local.
    pub(crate) fn shift(&mut self, zone: &SmolStr, years: Years) -> Shift {
        if let Some(known) = self.shifts.get(&(zone.clone(), years)) {
            return known.clone();
        }
        let intervals = self.zones.intervals(zone, years);
        let shift = match intervals.as_slice() {
            [] => Shift::Unknown,
            [Interval { shift_seconds, .. }] => Shift::Constant(*shift_seconds),
            _ => {
                let wanted = format!("zone_{}_to_{}", word(zone), word(&self.model.calendar.zone)).to_lowercase();
                let step = self.push(&wanted, Relation::Values(zone::values(&intervals, years)));
                Shift::Step(step, years)
            }
        };
        self.shifts.insert((zone.clone(), years), shift.clone());
        shift
    }

    /// The statement with that result; what is read more than once is computed once.
    pub(crate) fn finish(self, result: Select) -> Statement {
        let mut reads: BTreeMap<&str, usize> = BTreeMap::new();
        for table in self.steps.iter().flat_map(|step| tables(&step.relation)).chain(tables_of(&result)) {
            if let Table::Step(name) = table {
                *reads.entry(name).or_default() += 1;
            }
        }
        let materialized: Vec<bool> = self
            .steps
            .iter()
            .map(|step| reads.get(step.name.as_str()).is_some_and(|count| *count > 1) || self.once.contains(&step.name))
            .collect();
        let steps = self
            .steps
            .into_iter()
            .zip(materialized)
            .map(|(step, materialized)| Step { materialized, ..step })
            .collect();
        Statement { steps, result }
    }
}

/// The rows of a source for which no condition is false.
fn sound(draft: &mut Draft<'_>, source: SourceId, table: Table) -> Relation {
    let model = draft.model;
    let mut rows = Rows::over(draft, source, table);
    let mut filter = Vec::new();
    for condition in model.source(source).quarantines() {
        let holds = rows.inside(draft, condition).condition();
        filter.push(Expr::call(Function::Coalesce, vec![holds, Expr::Literal(Literal::Bool(true))]));
    }
    rows.finish_whole(Expr::all(filter))
}

fn names_of(select: &Select) -> Vec<String> {
    select.columns.iter().map(|output| output.name.clone()).collect()
}

/// Every table that a step reads.
pub(crate) fn tables(relation: &Relation) -> Vec<&Table> {
    match relation {
        Relation::Select(select) => tables_of(select).collect(),
        Relation::UnionAll(parts) => parts.iter().flat_map(tables_of).collect(),
        Relation::Values(_) => Vec::new(),
        Relation::Query { tables, .. } => tables.iter().map(|(_, table)| table).collect(),
    }
}

fn tables_of(select: &Select) -> impl Iterator<Item = &Table> {
    select.from.iter().map(|from| &from.table).chain(select.joins.iter().map(|join| &join.table))
}

fn reserve(model: &Model, table: TableOf<'_>, source: SourceId, seen: &mut BTreeSet<SourceId>, names: &mut Names) {
    if !seen.insert(source) {
        return;
    }
    let mut behind = BTreeSet::new();
    model.source(source).quarantines().for_each(|condition| add_sources(model, condition, &mut behind));
    behind.into_iter().for_each(|read| reserve(model, table, read, seen, names));
    match &model.source(source).origin {
        Origin::Query { reads, tables, .. } => {
            tables.iter().for_each(|table| names.reserve(table));
            reads.iter().for_each(|(_, read)| reserve(model, table, *read, seen, names));
        }
        // A step can only hide a table that is named without a schema.
        Origin::File { .. } | Origin::Table { .. } => {
            if let [name] = table(source).as_slice() {
                names.reserve(name);
            }
        }
    }
}

/// A select as a relation.
pub(crate) fn select(select: Select) -> Relation {
    Relation::Select(Box::new(select))
}

/// A step that is read under its own name.
pub(crate) fn from_step(name: &str) -> Option<From> {
    Some(From { table: Table::Step(name.to_owned()), alias: name.to_owned() })
}

/// A join with every row of a step.
pub(crate) fn cross(step: &str) -> Join {
    Join { kind: JoinKind::Cross, table: Table::Step(step.to_owned()), alias: step.to_owned(), on: None }
}
