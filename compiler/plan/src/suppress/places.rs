//! Places: where a cell stands in its table, as a number for each grouping, 0 for its total.

use super::{equals, reexported};
use crate::aggregate::aggregate;
use crate::draft::{Draft, from_step, select};
use crate::grouping::{GroupColumn, GroupKind, GroupSet, SET, STEP};
use crate::relation::{
    AggregateFunction, Binary, Expr, Function, Join, JoinKind, Output, Relation, Select, Table as Read,
};
use crate::spine::PERIOD;
use crate::stitch::{Cells, same};
use crate::typed::{extreme_of, when_else};

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
pub(super) struct Places {
    step: String,
    /// The number of groupings.
    groupings: usize,
    /// The groupings of each set that is in no other one: what is in it is hidden together.
    lattices: Vec<Vec<usize>>,
    /// The sets that count, where some are others in another order.
    counted: Option<Vec<String>>,
}

/// The cells of some groupings and all their totals.
pub(super) struct Table<'p> {
    places: &'p Places,
    /// The places of the groupings among all of them.
    of: &'p [usize],
    /// The number of groupings.
    pub(super) dimensions: usize,
}

/// The place of a cell along a grouping.
pub(super) fn place(dimension: usize) -> String {
    format!("place {}", dimension + 1)
}

impl Places {
    /// Adds the places of the cells.
    pub(super) fn push(
        draft: &mut Draft<'_>,
        (groups, sets): (&[GroupColumn<'_>], &[GroupSet]),
        group_step: &str,
        cells: &Cells,
    ) -> Self {
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
                sets.iter().filter(|set| set.is_in[dimension]).map(|set| Expr::text(&set.name)).collect();
            let is_in = |set: Expr| Expr::In { operand: Box::new(set), list: inside.clone(), negated: false };
            let numbers = push_numbers(draft, group, group_step, is_in(Expr::name(SET)));
            let on = Expr::all(same(Expr::column(&numbers, &group.name), of_cells(&group.name), group.ty));
            let number = Expr::column(&numbers, NUMBER);
            columns.push(when_else(is_in(of_cells(SET)), number, Expr::int(0)).named(place(dimension)));
            joins.push(Join { kind: JoinKind::Left, table: Read::Step(numbers.clone()), alias: numbers, on });
        }
        let from = from_step(&cells.step);
        let step = draft.push_once("placed", select(Select { columns, from, joins, ..Select::default() }));
        let first = || sets.iter().filter(|set| set.is_first);
        let is_part = |set: &GroupSet| first().any(|other| set.is_in != other.is_in && set.is_within(&other.is_in));
        let members =
            |set: &GroupSet| set.is_in.iter().enumerate().filter(|(_, is_in)| **is_in).map(|(at, _)| at).collect();
        let lattices = first().filter(|set| !is_part(set)).map(members).collect();
        let all_count = sets.iter().all(|set| set.is_first);
        let counted = (!all_count).then(|| first().map(|set| set.name.clone()).collect());
        Self { step, groupings: named.len(), lattices, counted }
    }

    /// The tables whose cells give each other away.
    pub(super) fn tables(&self) -> impl Iterator<Item = Table<'_>> {
        self.lattices.iter().map(|of| Table { places: self, of, dimensions: of.len() })
    }

    /// Adds to the cells for each family whether they are hidden in one of the tables: 1 or 0.
    pub(super) fn push_flags(
        &self,
        draft: &mut Draft<'_>,
        cells: &Cells,
        hidden: &[(Table<'_>, String)],
        flags: &[String],
    ) -> String {
        let mut columns: Vec<Output> =
            draft.columns_of(&cells.step).into_iter().map(|name| Expr::column(&self.step, &name).named(name)).collect();
        let (steps, joins): (Vec<String>, Vec<Join>) =
            hidden.iter().map(|(table, hidden)| table.push_hidden(draft, hidden, flags)).unzip();
        columns.extend(flags.iter().filter_map(|flag| {
            let flagged = |step: &String| Expr::call(Function::Coalesce, vec![Expr::column(step, flag), Expr::int(0)]);
            Some(extreme_of(Function::Greatest, steps.iter().map(flagged).collect())?.named(flag.clone()))
        }));
        draft.push("guarded", select(Select { columns, from: from_step(&self.step), joins, ..Select::default() }))
    }
}

impl Table<'_> {
    /// The names of the places.
    fn places(&self) -> impl Iterator<Item = String> {
        (0..self.dimensions).map(place)
    }

    /// The names of the places of the groupings that are not the table's.
    fn elsewhere(&self) -> impl Iterator<Item = String> {
        (0..self.places.groupings).filter(|at| !self.of.contains(at)).map(place)
    }

    /// The cells that somebody is in, by one count of customers.
    pub(super) fn sizes(&self, size: &Expr, (part, family, fewest): (usize, usize, i64)) -> Select {
        let number = |value: usize| Expr::int(i64::try_from(value).unwrap_or(i64::MAX));
        let mut columns = vec![number(part).named(PART), number(family).named(FAMILY)];
        columns.extend([PERIOD, AT_STEP].map(|name| Expr::name(name).named(name)));
        columns.extend(self.places().zip(self.of).map(|(name, at)| Expr::name(&place(*at)).named(name)));
        columns.push(size.clone().named(CUSTOMERS));
        columns.push(Expr::int(fewest).named(FEWEST));
        let small = Expr::binary(Binary::Less, size.clone(), Expr::int(fewest));
        columns.push(when_else(small, Expr::int(1), Expr::int(0)).named(SMALL));
        let counted = self.places.counted.as_ref().map(|names| {
            let list = names.iter().map(|name| Expr::text(name)).collect();
            Expr::In { operand: Box::new(Expr::name(SET)), list, negated: false }
        });
        let here = self.elsewhere().map(|name| equals(Expr::name(&name), 0));
        let some = Expr::binary(Binary::Greater, size.clone(), Expr::int(0));
        let filter = Expr::all(std::iter::once(some).chain(here).chain(counted));
        Select { columns, from: from_step(&self.places.step), filter, ..Select::default() }
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

    /// Adds which cells are hidden for which families; returns the step with the join of it.
    fn push_hidden(&self, draft: &mut Draft<'_>, hidden: &str, flags: &[String]) -> (String, Join) {
        let keys: Vec<String> = [PERIOD, AT_STEP].map(str::to_owned).into_iter().chain(self.places()).collect();
        let mut columns: Vec<Output> = keys.iter().map(|name| Expr::name(name).named(name.clone())).collect();
        let group_by = columns.iter().map(|output| output.expr.clone()).collect();
        for (family, flag) in (0_i64..).zip(flags) {
            let here = when_else(equals(Expr::name(FAMILY), family), Expr::int(1), Expr::int(0));
            columns.push(aggregate(AggregateFunction::Max, here).named(flag.clone()));
        }
        let from = from_step(hidden);
        let hidden = draft.push("hidden", select(Select { columns, from, group_by, ..Select::default() }));
        let of_cells = |name: &str| Expr::column(&self.places.step, name);
        let own = self.of.iter().map(|at| place(*at));
        let theirs = [PERIOD, AT_STEP].map(str::to_owned).into_iter().chain(own);
        let same = keys
            .iter()
            .zip(theirs)
            .map(|(key, theirs)| Expr::binary(Binary::Equal, Expr::column(&hidden, key), of_cells(&theirs)));
        let here = self.elsewhere().map(|name| equals(of_cells(&name), 0));
        let on = Expr::all(same.chain(here));
        let table = Read::Step(hidden.clone());
        (hidden.clone(), Join { kind: JoinKind::Left, table, alias: hidden, on })
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
