//! The checks of a source as statements: how many rows break each rule, and which. Rows in quarantine are looked at like
//! all others.

use crate::aggregate::aggregate;
use crate::draft::{Draft, TableOf, from_step, select};
use crate::names::{LONGEST, Names, shorten, word};
use crate::plan::add_sources;
use crate::relation::{
    Aggregate, AggregateFunction, Binary, Expr, Function, Join, JoinKind, Order, Select, Statement, Table, ValueType,
};
use crate::rows::Rows;
use crate::typed::{self, Typed};
use crate::zone::{Years, Zones};
use groma_model::row::RowExpr;
use groma_model::{CheckRule, ColumnId, Model, OnFail, SmolStr, SourceId, Span};
use std::collections::BTreeSet;

/// A rule of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceCheck {
    /// As declared, or what it says: `amount is not null`.
    pub name: String,
    /// Of its declaration, or of the column that implies it.
    pub span: Span,
    /// Follows from the source's declaration without being written as a check.
    pub implied: bool,
    /// What happens where rows break it.
    pub on_fail: OnFail,
}

/// The rows that break a check. The statement returns all columns of the source under their names, as they are stored, in the
/// order of its key; of a rule of uniqueness, every row whose values stand in another row too.
#[derive(Debug, Clone, PartialEq)]
pub struct BrokenRows {
    pub check: SourceCheck,
    pub statement: Statement,
}

/// Checks that one statement answers. It returns one row with an `Int` column for each check, in this order: how many rows
/// break it.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceChecks {
    pub checks: Vec<SourceCheck>,
    pub statement: Statement,
}

/// What the table of a source lets nobody write, so that nobody must look for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guaranteed {
    /// Columns that are null in no row.
    pub never_null: BTreeSet<ColumnId>,
    /// Columns that together are the same in no two rows.
    pub unique: Vec<BTreeSet<ColumnId>>,
}

/// The statements that check a source: one for all conditions on single rows, one for each rule of uniqueness.
pub fn checks(model: &Model, source: SourceId, table: TableOf<'_>) -> Vec<SourceChecks> {
    checks_beyond(model, source, table, &Guaranteed::default()).1
}

/// The checks that the table itself proves, and the statements of all others.
pub fn checks_beyond(
    model: &Model,
    source: SourceId,
    table: TableOf<'_>,
    guaranteed: &Guaranteed,
) -> (Vec<SourceCheck>, Vec<SourceChecks>) {
    let zones = Zones::new(&model.calendar.zone);
    let asked = Asked { model, source, table, zones: &zones };
    let of_rows = |(_, rule): &(_, RowRule<'_>)| match rule {
        RowRule::NotNull(column) => guaranteed.never_null.contains(column),
        RowRule::Holds(_) => false,
    };
    let of_copies = |(_, columns): &(_, BTreeSet<ColumnId>)| guaranteed.unique.iter().any(|key| key.is_subset(columns));
    let (proved_rows, rows): (Vec<_>, Vec<_>) = asked.of_rows().into_iter().partition(of_rows);
    let (proved_copies, copies): (Vec<_>, Vec<_>) = asked.of_copies().into_iter().partition(of_copies);
    let proved = proved_rows.into_iter().map(|(check, _)| check);
    let proved = proved.chain(proved_copies.into_iter().map(|(check, _)| check)).collect();
    (proved, asked.row_checks(rows).into_iter().chain(asked.unique_checks(copies)).collect())
}

/// The rows that break each check of a source, in the order of [`checks`].
pub fn broken_rows(model: &Model, source: SourceId, table: TableOf<'_>) -> Vec<BrokenRows> {
    let zones = Zones::new(&model.calendar.zone);
    let asked = Asked { model, source, table, zones: &zones };
    let mut found: Vec<BrokenRows> = asked
        .of_rows()
        .into_iter()
        .map(|(check, rule)| BrokenRows { check, statement: asked.rows_that_break(&rule) })
        .collect();
    found.extend(asked.of_copies().into_iter().map(|(check, columns)| {
        let statement = asked.copies(&columns);
        BrokenRows { check, statement }
    }));
    found
}

/// What must hold of a single row.
enum RowRule<'a> {
    Holds(&'a RowExpr),
    NotNull(ColumnId),
}

struct Asked<'a> {
    model: &'a Model,
    source: SourceId,
    table: TableOf<'a>,
    zones: &'a Zones,
}

impl<'a> Asked<'a> {
    fn draft(&self) -> Draft<'a> {
        let mut sources = BTreeSet::from([self.source]);
        for check in &self.model.source(self.source).checks {
            if let CheckRule::Holds(condition) = &check.rule {
                add_sources(self.model, condition, &mut sources);
            }
        }
        Draft::new(self.model, self.zones, self.table, &sources).over_all_rows()
    }

    fn step_name(&self, what: &str) -> String {
        format!("{}_{what}", word(&self.model.source(self.source).header.name))
    }

    /// Conditions on single rows, and columns that are never null.
    fn of_rows(&self) -> Vec<(SourceCheck, RowRule<'a>)> {
        let source = self.model.source(self.source);
        let written = source.checks.iter().filter_map(|check| match &check.rule {
            CheckRule::Holds(condition) => {
                let (name, span, on_fail) = (check.name.to_string(), check.span, check.on_fail);
                Some((SourceCheck { name, span, implied: false, on_fail }, RowRule::Holds(condition)))
            }
            CheckRule::Unique(_) => None,
        });
        let never_null = source.columns.iter().enumerate().filter(|(_, column)| !column.optional);
        let implied = never_null.map(|(position, column)| {
            let name = format!("{} is not null", column.name);
            let check = SourceCheck { name, span: column.span, implied: true, on_fail: OnFail::Flag };
            (check, RowRule::NotNull(ColumnId::at(position)))
        });
        written.chain(implied).collect()
    }

    /// Declared uniqueness, the source's key, and the keys of the customers it lists; each set of columns once.
    fn of_copies(&self) -> Vec<(SourceCheck, BTreeSet<ColumnId>)> {
        let source = self.model.source(self.source);
        let declared = source.checks.iter().filter_map(|check| match &check.rule {
            CheckRule::Unique(columns) => {
                let (name, span, on_fail) = (check.name.to_string(), check.span, check.on_fail);
                Some((SourceCheck { name, span, implied: false, on_fail }, columns.clone()))
            }
            CheckRule::Holds(_) => None,
        });
        let customers = self.model.customers.iter().filter(|customer| customer.source == self.source);
        let keys = std::iter::once(source.key.clone()).chain(customers.map(|customer| vec![customer.key]));
        let implied = keys.filter_map(|columns| {
            let names: Vec<&str> =
                columns.iter().map(|column| self.model.column(self.source, *column).name.as_str()).collect();
            let name = format!("{} is unique", names.join(", "));
            let span = self.model.column(self.source, *columns.first()?).span;
            Some((SourceCheck { name, span, implied: true, on_fail: OnFail::Flag }, columns))
        });
        let mut seen: BTreeSet<BTreeSet<ColumnId>> = BTreeSet::new();
        let distinct = declared.chain(implied).map(|(check, columns)| (check, columns.into_iter().collect()));
        distinct
            .filter(|(_, columns): &(_, BTreeSet<ColumnId>)| !columns.is_empty() && seen.insert(columns.clone()))
            .collect()
    }

    fn row_checks(&self, rules: Vec<(SourceCheck, RowRule<'a>)>) -> Option<SourceChecks> {
        let mut draft = self.draft();
        let mut rows = Rows::new(&mut draft, self.source, Years::all(), None);
        let (mut checks, mut broken) = (Vec::new(), Vec::new());
        for (check, rule) in rules {
            broken.push(match rule {
                RowRule::Holds(condition) => is_false(rows.outside(&mut draft, condition)),
                RowRule::NotNull(column) => is_null(rows.own_column(&mut draft, column)),
            });
            checks.push(check);
        }
        if checks.is_empty() {
            return None;
        }
        let mut names = Names::of_columns();
        // Counting each rule over all rows takes several times as long as finding those that break one.
        let filter = broken.iter().cloned().reduce(|left, right| Expr::binary(Binary::Or, left, right));
        let columns = checks.iter().zip(broken).map(|(check, broken)| count(broken).named(names.take(&check.name)));
        let columns = columns.collect();
        let step = draft.push(&self.step_name("rows"), rows.finish(None));
        let statement = draft.finish(Select { columns, from: from_step(&step), filter, ..Select::default() });
        Some(SourceChecks { checks, statement })
    }

    fn unique_checks(&self, rules: Vec<(SourceCheck, BTreeSet<ColumnId>)>) -> Vec<SourceChecks> {
        let one = |(check, columns): (SourceCheck, BTreeSet<ColumnId>)| {
            let statement = self.unique(&check.name, &columns);
            SourceChecks { checks: vec![check], statement }
        };
        rules.into_iter().map(one).collect()
    }

    /// The rows for which a rule is broken.
    fn rows_that_break(&self, rule: &RowRule<'a>) -> Statement {
        let mut draft = self.draft();
        let mut rows = Rows::new(&mut draft, self.source, Years::all(), None);
        let broken = match rule {
            RowRule::Holds(condition) => is_false(rows.inside(&mut draft, condition)),
            RowRule::NotNull(column) => is_null(rows.known_key(&mut draft, *column)),
        };
        let step = draft.push(&self.step_name("broken"), rows.finish_whole(Some(broken)));
        draft.finish(self.all_columns(&step))
    }

    /// The rows whose values stand in another row too.
    fn copies(&self, columns: &BTreeSet<ColumnId>) -> Statement {
        let mut draft = self.draft();
        let rows = Rows::new(&mut draft, self.source, Years::all(), None);
        let rows = draft.push(&self.step_name("rows"), rows.finish_whole(None));
        let names: Vec<&str> =
            columns.iter().map(|column| self.model.column(self.source, *column).name.as_str()).collect();
        let all = Aggregate { function: AggregateFunction::Count, argument: None, filter: None, order_by: Vec::new() };
        let keys = Select {
            columns: names.iter().map(|name| Expr::name(name).named(*name)).collect(),
            from: from_step(&rows),
            filter: Expr::all(names.iter().map(|name| is_known(Expr::name(name)))),
            group_by: names.iter().map(|name| Expr::name(name)).collect(),
            having: Some(Expr::binary(Binary::Greater, Expr::Aggregate(Box::new(all)), Expr::int(1))),
            ..Select::default()
        };
        let keys = draft.push(&self.step_name("copies"), select(keys));
        let same = |name: &&str| Expr::binary(Binary::Equal, Expr::column(&keys, name), Expr::column(&rows, name));
        let on = Expr::all(names.iter().map(same));
        let join = Join { kind: JoinKind::Inner, table: Table::Step(keys.clone()), alias: keys.clone(), on };
        let whole = self.all_columns(&rows);
        draft.finish(Select { joins: vec![join], ..whole })
    }

    /// Every column of a step with the source's rows, in the order of the source's key.
    fn all_columns(&self, step: &str) -> Select {
        let source = self.model.source(self.source);
        let column = |name: &SmolStr| Expr::column(step, name);
        Select {
            columns: source.columns.iter().map(|one| column(&one.name).named(one.name.to_string())).collect(),
            from: from_step(step),
            order_by: source
                .key
                .iter()
                .map(|key| Order {
                    expr: column(&self.model.column(self.source, *key).name),
                    descending: false,
                    nulls_first: false,
                })
                .collect(),
            ..Select::default()
        }
    }

    /// How many rows repeat an earlier one. Rows with a null in a column that may be null repeat nothing.
    fn unique(&self, name: &str, columns: &BTreeSet<ColumnId>) -> Statement {
        let mut draft = self.draft();
        let mut rows = Rows::new(&mut draft, self.source, Years::all(), None);
        let keys: Vec<Expr> = columns.iter().map(|column| rows.own_column(&mut draft, *column)).collect();
        let optional =
            columns.iter().zip(&keys).filter(|(column, _)| self.model.column(self.source, **column).optional);
        let known = optional.map(|(_, key)| is_known(key.clone()));
        let filter = Expr::all(known);
        let rows = draft.push(&self.step_name("rows"), rows.finish(None));
        let repetitions = "repetitions";
        let all = Aggregate { function: AggregateFunction::Count, argument: None, filter: None, order_by: Vec::new() };
        let columns = vec![Expr::Aggregate(Box::new(all)).named(repetitions)];
        let keys = Select { columns, from: from_step(&rows), filter, group_by: keys, ..Select::default() };
        let keys = draft.push(&self.step_name("keys"), select(keys));
        let further = Expr::binary(Binary::Subtract, Expr::name(repetitions), Expr::int(1));
        let sum = aggregate(AggregateFunction::Sum, further).cast(ValueType::Int);
        let violations = Expr::call(Function::Coalesce, vec![sum, Expr::int(0)]);
        let name = shorten(name, LONGEST);
        let columns = vec![violations.named(name)];
        draft.finish(Select { columns, from: from_step(&keys), ..Select::default() })
    }
}

fn is_false(holds: Typed) -> Expr {
    typed::not(Typed::new(holds.condition(), ValueType::Bool)).expr
}

fn is_null(value: Expr) -> Expr {
    Expr::IsNull { operand: Box::new(value), negated: false }
}

fn is_known(value: Expr) -> Expr {
    Expr::IsNull { operand: Box::new(value), negated: true }
}

fn count(condition: Expr) -> Expr {
    Expr::Aggregate(Box::new(Aggregate {
        function: AggregateFunction::Count,
        argument: None,
        filter: Some(condition),
        order_by: Vec::new(),
    }))
}
