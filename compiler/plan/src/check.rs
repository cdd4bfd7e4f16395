//! The checks of a source as statements: how many rows break each rule.

use crate::aggregate::aggregate;
use crate::draft::{Draft, TableOf, from_step, select};
use crate::names::{LONGEST, Names, shorten, word};
use crate::plan::add_sources;
use crate::relation::{Aggregate, AggregateFunction, Binary, Expr, Function, Select, Statement, ValueType};
use crate::rows::Rows;
use crate::typed::{self, Typed};
use crate::zone::{Years, Zones};
use groma_model::{CheckRule, ColumnId, Model, SourceId, Span};
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
}

/// Checks that one statement answers. It returns one row with an `Int` column for each check, in this order: how many rows
/// break it.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceChecks {
    pub checks: Vec<SourceCheck>,
    pub statement: Statement,
}

/// The statements that check a source: one for all conditions on single rows, one for each rule of uniqueness.
pub fn checks(model: &Model, source: SourceId, table: TableOf<'_>) -> Vec<SourceChecks> {
    let zones = Zones::new(&model.calendar.zone);
    let asked = Asked { model, source, table, zones: &zones };
    asked.row_checks().into_iter().chain(asked.unique_checks()).collect()
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
        Draft::new(self.model, self.zones, self.table, &sources)
    }

    fn step_name(&self, what: &str) -> String {
        format!("{}_{what}", word(&self.model.source(self.source).header.name))
    }

    /// Conditions on single rows, and columns that are never null.
    fn row_checks(&self) -> Option<SourceChecks> {
        let mut draft = self.draft();
        let source = self.model.source(self.source);
        let mut rows = Rows::new(&mut draft, self.source, Years::all(), None);
        let mut checks = Vec::new();
        let mut broken = Vec::new();
        for check in &source.checks {
            if let CheckRule::Holds(condition) = &check.rule {
                let holds = rows.outside(&mut draft, condition).condition();
                broken.push(typed::not(Typed::new(holds, ValueType::Bool)).expr);
                checks.push(SourceCheck { name: check.name.to_string(), span: check.span, implied: false });
            }
        }
        for (position, column) in source.columns.iter().enumerate() {
            if !column.optional {
                let value = rows.own_column(&mut draft, ColumnId::at(position));
                broken.push(Expr::IsNull { operand: Box::new(value), negated: false });
                let name = format!("{} is not null", column.name);
                checks.push(SourceCheck { name, span: column.span, implied: true });
            }
        }
        if checks.is_empty() {
            return None;
        }
        let mut names = Names::of_columns();
        let columns = checks.iter().zip(broken).map(|(check, broken)| count(broken).named(names.take(&check.name)));
        let columns = columns.collect();
        let step = draft.push(&self.step_name("rows"), rows.finish(None));
        let statement = draft.finish(Select { columns, from: from_step(&step), ..Select::default() });
        Some(SourceChecks { checks, statement })
    }

    /// Declared uniqueness, the source's key, and the keys of the customers it lists; each set of columns once.
    fn unique_checks(&self) -> Vec<SourceChecks> {
        let source = self.model.source(self.source);
        let mut seen: BTreeSet<BTreeSet<ColumnId>> = BTreeSet::new();
        let mut found = Vec::new();
        let declared = source.checks.iter().filter_map(|check| match &check.rule {
            CheckRule::Unique(columns) => Some((check.name.to_string(), check.span, columns.clone(), false)),
            CheckRule::Holds(_) => None,
        });
        let customers = self.model.customers.iter().filter(|customer| customer.source == self.source);
        let keys = std::iter::once(source.key.clone()).chain(customers.map(|customer| vec![customer.key]));
        let implied = keys.filter_map(|columns| {
            let names: Vec<&str> =
                columns.iter().map(|column| self.model.column(self.source, *column).name.as_str()).collect();
            let name = format!("{} is unique", names.join(", "));
            Some((name, self.model.column(self.source, *columns.first()?).span, columns, true))
        });
        for (name, span, columns, implied) in declared.chain(implied) {
            let distinct: BTreeSet<ColumnId> = columns.iter().copied().collect();
            if !distinct.is_empty() && seen.insert(distinct.clone()) {
                let statement = self.unique(&name, &distinct);
                found.push(SourceChecks { checks: vec![SourceCheck { name, span, implied }], statement });
            }
        }
        found
    }

    /// How many rows repeat an earlier one. Rows with a null in a column that may be null repeat nothing.
    fn unique(&self, name: &str, columns: &BTreeSet<ColumnId>) -> Statement {
        let mut draft = self.draft();
        let mut rows = Rows::new(&mut draft, self.source, Years::all(), None);
        let keys: Vec<Expr> = columns.iter().map(|column| rows.own_column(&mut draft, *column)).collect();
        let optional =
            columns.iter().zip(&keys).filter(|(column, _)| self.model.column(self.source, **column).optional);
        let known = optional.map(|(_, key)| Expr::IsNull { operand: Box::new(key.clone()), negated: true });
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

fn count(condition: Expr) -> Expr {
    Expr::Aggregate(Box::new(Aggregate {
        function: AggregateFunction::Count,
        argument: None,
        filter: Some(condition),
        order_by: Vec::new(),
    }))
}
