//! Places: where a cell stands in its table, as a number for each grouping, 0 for its total.

use super::{equals, reexported};
use crate::aggregate::aggregate;
use crate::draft::{Draft, from_step, select};
use crate::grouping::{GroupColumn, GroupKind, SET, STEP, sets_of};
use crate::relation::{
    AggregateFunction, Binary, Expr, Function, Join, JoinKind, Output, Relation, Select, Table as Read,
};
use crate::spine::PERIOD;
use crate::stitch::{Cells, same};
use crate::typed::when_else;

/// Numbers the tables that are looked at: one for each count of customers.
pub(super) const PART: &str = "part";
/// Numbers what is hidden together.
pub(super) const FAMILY: &str = "family";
/// The step of a cell; -1 without one.
pub(super) const AT_STEP: &str = "at step";
/// The customers of a cell.
pub(super) const CUSTOMERS: &str = "customers";
/// Whether they are too few.
pub(super) const SMALL: &str = "small";
/// How many they must be.
pub(super) const FEWEST: &str = "fewest";

const NUMBER: &str = "number";

/// The cells with their places.
pub(super) struct Table {
    step: String,
    /// The number of groupings.
    pub(super) dimensions: usize,
}

/// The place of a cell along a grouping.
pub(super) fn place(dimension: usize) -> String {
    format!("place {}", dimension + 1)
}

impl Table {
    /// Adds the places of the cells.
    pub(super) fn push(draft: &mut Draft<'_>, groups: &[GroupColumn<'_>], group_step: &str, cells: &Cells) -> Self {
        let sets = sets_of(groups);
        let named: Vec<&GroupColumn<'_>> =
            groups.iter().filter(|group| matches!(group.kind, GroupKind::Grouping(_))).collect();
        let of_cells = |name: &str| Expr::column(&cells.step, name);
        let mut columns = reexported(draft, &cells.step);
        let step = match groups.iter().any(GroupColumn::is_step) {
            true => Expr::call(Function::Coalesce, vec![of_cells(STEP), Expr::int(-1)]),
            false => Expr::int(-1),
        };
        columns.push(step.named(AT_STEP));
        let mut joins = Vec::with_capacity(named.len());
        for (dimension, group) in named.iter().enumerate() {
            let inside: Vec<Expr> =
                sets.iter().filter(|(_, is_in)| is_in[dimension]).map(|(name, _)| Expr::text(name)).collect();
            let is_in = |set: Expr| Expr::In { operand: Box::new(set), list: inside.clone(), negated: false };
            let numbers = push_numbers(draft, group, group_step, is_in(Expr::name(SET)));
            let on = Expr::all(same(Expr::column(&numbers, &group.name), of_cells(&group.name), group.ty));
            let number = Expr::column(&numbers, NUMBER);
            columns.push(when_else(is_in(of_cells(SET)), number, Expr::int(0)).named(place(dimension)));
            joins.push(Join { kind: JoinKind::Left, table: Read::Step(numbers.clone()), alias: numbers, on });
        }
        let from = from_step(&cells.step);
        let step = draft.push_once("placed", select(Select { columns, from, joins, ..Select::default() }));
        Self { step, dimensions: named.len() }
    }

    /// The names of the places.
    pub(super) fn places(&self) -> Vec<String> {
        (0..self.dimensions).map(place).collect()
    }

    /// The cells that somebody is in, by one count of customers.
    pub(super) fn sizes(&self, size: &Expr, (part, family, fewest): (usize, usize, i64)) -> Select {
        let number = |value: usize| Expr::int(i64::try_from(value).unwrap_or(i64::MAX));
        let mut columns = vec![number(part).named(PART), number(family).named(FAMILY)];
        columns.extend([PERIOD, AT_STEP].map(|name| Expr::name(name).named(name)));
        columns.extend(self.places().into_iter().map(|name| Expr::name(&name).named(name)));
        columns.push(size.clone().named(CUSTOMERS));
        columns.push(Expr::int(fewest).named(FEWEST));
        let small = Expr::binary(Binary::Less, size.clone(), Expr::int(fewest));
        columns.push(when_else(small, Expr::int(1), Expr::int(0)).named(SMALL));
        let filter = Some(Expr::binary(Binary::Greater, size.clone(), Expr::int(0)));
        Select { columns, from: from_step(&self.step), filter, ..Select::default() }
    }

    /// Adds all rows of some selects.
    pub(super) fn push_union(&self, draft: &mut Draft<'_>, wanted: &str, mut parts: Vec<Select>) -> String {
        match (parts.pop(), parts.is_empty()) {
            (Some(only), true) => draft.push_once(wanted, select(only)),
            (last, _) => {
                parts.extend(last);
                draft.push_once(wanted, Relation::UnionAll(parts))
            }
        }
    }

    /// Adds to the cells for each family whether they are hidden: 1 or 0.
    pub(super) fn push_flags(&self, draft: &mut Draft<'_>, cells: &Cells, hidden: &str, flags: &[String]) -> String {
        let keys: Vec<String> = [PERIOD, AT_STEP].map(str::to_owned).into_iter().chain(self.places()).collect();
        let mut columns: Vec<Output> = keys.iter().map(|name| Expr::name(name).named(name.clone())).collect();
        let group_by = columns.iter().map(|output| output.expr.clone()).collect();
        for (family, flag) in (0_i64..).zip(flags) {
            let here = when_else(equals(Expr::name(FAMILY), family), Expr::int(1), Expr::int(0));
            columns.push(aggregate(AggregateFunction::Max, here).named(flag.clone()));
        }
        let from = from_step(hidden);
        let hidden = draft.push("hidden", select(Select { columns, from, group_by, ..Select::default() }));
        let mut columns: Vec<Output> =
            draft.columns_of(&cells.step).into_iter().map(|name| Expr::column(&self.step, &name).named(name)).collect();
        columns.extend(flags.iter().map(|flag| {
            let flagged = Expr::call(Function::Coalesce, vec![Expr::column(&hidden, flag), Expr::int(0)]);
            flagged.named(flag.clone())
        }));
        let on = keys
            .iter()
            .map(|key| Expr::binary(Binary::Equal, Expr::column(&hidden, key), Expr::column(&self.step, key)));
        let on = Expr::all(on);
        let joins = vec![Join { kind: JoinKind::Left, table: Read::Step(hidden.clone()), alias: hidden, on }];
        draft.push("guarded", select(Select { columns, from: from_step(&self.step), joins, ..Select::default() }))
    }
}

/// Adds the values of a grouping with their numbers, in their order.
fn push_numbers(draft: &mut Draft<'_>, group: &GroupColumn<'_>, group_step: &str, is_in: Expr) -> String {
    let columns = vec![Expr::name(&group.name).named(group.name.clone())];
    let from = from_step(group_step);
    let values = Select { distinct: true, columns: columns.clone(), from, filter: Some(is_in), ..Select::default() };
    let values = draft.push("group_values", select(values));
    let mut numbered = columns;
    numbered.push(Expr::row_number(Vec::new(), vec![Expr::name(&group.name).ascending()]).named(NUMBER));
    draft.push("group_numbers", select(Select { columns: numbered, from: from_step(&values), ..Select::default() }))
}

/// 1 where it is so, and else 0.
pub(super) fn count_of(condition: Expr) -> Expr {
    when_else(condition, Expr::int(1), Expr::int(0))
}
