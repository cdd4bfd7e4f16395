//! Suppression: cells about too few customers are hidden, and beside them so many others that none is found by subtraction.
//!
//! ```text
//! cells → places of the cells in their table → sizes, in customers → hidden cells → cells with what hides them
//! ```
//! A table is a period (and step) with all its groups and totals. What is published of it are sums along its lines, so a cell
//! stays hidden where it can change together with other hidden cells without a sum that is shown changing (`docs/explanation/
//! privacy.md`). The totals are always computed: who asks for groups alone can ask for the totals next.

mod cross;
mod line;
mod places;

use crate::draft::{Draft, from_step, select};
use crate::flatten::FlatMetric;
use crate::formula::Formula;
use crate::grouping::{GroupColumn, sets};
use crate::leaf::{LeafId, Leaves};
use crate::relation::{Binary, Expr, Function, Output, Select};
use crate::spine::PERIOD;
use crate::stitch::Cells;
use crate::typed::when_else;
use groma_model::measure::MeasureKind;
use groma_model::time::Offset;
use groma_model::{MetricId, Model};
use places::{Places, Table};
use std::collections::{BTreeMap, BTreeSet};

/// What is hidden together: the metrics of a request that rest on the same customers or rows, in one period before the
/// answered one or in itself.
#[derive(Debug)]
pub(crate) struct Family {
    /// The fewest customers that a cell may be about.
    fewest: i64,
    /// The counts of customers: of each number that the metrics are made of.
    parts: BTreeSet<LeafId>,
}

/// What is to be hidden in an answer.
#[derive(Debug, Default)]
pub(crate) struct Guards {
    families: Vec<Family>,
    /// Of each leaf the counts of the customers behind it.
    customers: BTreeMap<LeafId, Vec<LeafId>>,
    /// The family of each count of customers.
    family_of: BTreeMap<LeafId, usize>,
}

/// The fewest customers that a cell of a metric may be about: the most that it or a metric that it is made of asks for.
pub(crate) fn fewest(model: &Model, id: MetricId) -> Option<i64> {
    let (mut open, mut seen, mut found) = (vec![id], BTreeSet::from([id]), None);
    while let Some(id) = open.pop() {
        let metric = model.metric(id);
        found = found.max(metric.governed.cell);
        let mut measures = vec![&metric.measure];
        while let Some(measure) = measures.pop() {
            if let MeasureKind::Metric(inner) = &measure.kind
                && seen.insert(*inner)
            {
                open.push(*inner);
            }
            measures.extend(measure.children());
        }
    }
    // Nobody is fewer than one.
    found.filter(|fewest| *fewest > 1)
}

impl Guards {
    /// What the metrics of a request hide. Adds the counts of customers that are needed.
    pub(crate) fn of(
        model: &Model,
        leaves: &mut Leaves<'_>,
        metrics: &[FlatMetric],
        customers: BTreeMap<LeafId, Vec<LeafId>>,
    ) -> Self {
        let mut guards = Self { customers, ..Self::default() };
        let guarded = metrics.iter().filter_map(|metric| Some((metric, fewest(model, metric.id)?)));
        let guarded: Vec<(&FlatMetric, i64)> = guarded.collect();
        for members in connected(model, &guarded) {
            guards.add_families(leaves, &guarded, &members);
        }
        guards
    }

    /// Adds what is hidden together with some metrics: the same cells, whichever metric and period shows them.
    fn add_families(&mut self, leaves: &mut Leaves<'_>, guarded: &[(&FlatMetric, i64)], members: &[usize]) {
        let fewest = members.iter().map(|member| guarded[*member].1).max().unwrap_or_default();
        let mut parts: BTreeSet<LeafId> = BTreeSet::new();
        for member in members {
            let metric = guarded[*member].0;
            parts.extend(self.parts(&metric.formula));
            parts.extend(metric.change.iter().flat_map(|change| self.parts(&change.formula)));
        }
        let offsets: BTreeSet<Offset> = parts.iter().map(|part| leaves.leaves[part.0].offset).collect();
        for offset in offsets {
            let here: BTreeSet<LeafId> = parts.iter().map(|part| leaves.moved(*part, offset)).collect();
            let place = self.families.len();
            self.family_of.extend(here.iter().map(|part| (*part, place)));
            self.families.push(Family { fewest, parts: here });
        }
    }

    /// The counts of the customers that a number rests on.
    fn parts(&self, formula: &Formula) -> BTreeSet<LeafId> {
        formula.leaves().iter().filter_map(|leaf| self.customers.get(leaf)).flatten().copied().collect()
    }

    /// Whether nothing is hidden.
    pub(crate) fn is_empty(&self) -> bool {
        self.families.is_empty()
    }

    /// The leaves that are needed.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = LeafId> {
        self.families.iter().flat_map(|family| family.parts.iter().copied())
    }

    /// That a number of a cell is hidden; none where it never is.
    pub(crate) fn hides(&self, formula: &Formula) -> Option<Expr> {
        let families: BTreeSet<usize> =
            self.parts(formula).iter().filter_map(|part| self.family_of.get(part)).copied().collect();
        if families.is_empty() {
            return None;
        }
        let flags = families.into_iter().map(flag_name).chain(formula.fills().into_iter().map(filled_flag));
        any(flags.map(|name| equals(Expr::name(&name), 1)))
    }

    /// Adds to the cells what hides them.
    pub(crate) fn push(
        &self,
        draft: &mut Draft<'_>,
        groups: &[GroupColumn<'_>],
        group_step: Option<&str>,
        cells: Cells,
    ) -> Cells {
        if self.is_empty() {
            return cells;
        }
        let grouped = sets(groups).filter(|sets| sets.iter().any(|set| set.is_in.contains(&true)));
        let Some((group_step, sets)) = group_step.zip(grouped) else { return self.push_alone(draft, cells) };
        let places = Places::push(draft, (groups, sets), group_step, &cells);
        let mut hidden = Vec::new();
        for table in places.tables() {
            let sizes = self.push_sizes(draft, &table, &cells);
            let step = match table.dimensions {
                1 => line::push_hidden(draft, &sizes),
                _ => cross::push_hidden(draft, &table, &sizes),
            };
            hidden.push((table, step));
        }
        let flags: Vec<String> = (0..self.families.len()).map(flag_name).collect();
        Cells { step: places.push_flags(draft, &cells, &hidden, &flags), ..cells }
    }

    /// Without groups each cell is on its own.
    fn push_alone(&self, draft: &mut Draft<'_>, cells: Cells) -> Cells {
        let mut columns = reexported(draft, &cells.step);
        for (place, family) in self.families.iter().enumerate() {
            let small = family.parts.iter().filter_map(|part| size(&cells, *part)).map(|size| {
                let some = Expr::binary(Binary::Greater, size.clone(), Expr::int(0));
                Expr::binary(Binary::And, some, Expr::binary(Binary::Less, size, Expr::int(family.fewest)))
            });
            let flag = any(small).map_or(Expr::int(0), |small| when_else(small, Expr::int(1), Expr::int(0)));
            columns.push(flag.named(flag_name(place)));
        }
        let from = from_step(&cells.step);
        let step = draft.push("guarded", select(Select { columns, from, ..Select::default() }));
        Cells { step, ..cells }
    }

    /// Adds the sizes of all cells that somebody is in, part by part.
    fn push_sizes(&self, draft: &mut Draft<'_>, table: &Table<'_>, cells: &Cells) -> String {
        let mut parts: Vec<Select> = Vec::new();
        for (place, family) in self.families.iter().enumerate() {
            for part in &family.parts {
                let Some(size) = size(cells, *part) else { continue };
                let number = parts.len();
                parts.push(table.sizes(&size, (number, place, family.fewest)));
            }
        }
        table.push_union(draft, "sizes", parts)
    }
}

/// The metrics apart where they rest on different customers and sources, each set in the order of the request.
fn connected(model: &Model, guarded: &[(&FlatMetric, i64)]) -> Vec<Vec<usize>> {
    let touch = |left: usize, right: usize| {
        let (left, right) = (model.metric(guarded[left].0.id), model.metric(guarded[right].0.id));
        let same_customer = left.customer.is_some() && left.customer == right.customer;
        same_customer || left.reads.iter().any(|source| right.reads.contains(source))
    };
    let mut sets: Vec<Vec<usize>> = Vec::new();
    for place in 0..guarded.len() {
        let (together, apart): (Vec<_>, Vec<_>) =
            sets.into_iter().partition(|set: &Vec<usize>| set.iter().any(|member| touch(*member, place)));
        sets = apart;
        let mut set: Vec<usize> = together.into_iter().flatten().chain([place]).collect();
        set.sort_unstable();
        sets.push(set);
    }
    sets.sort();
    sets
}

/// The number of customers of a cell.
fn size(cells: &Cells, part: LeafId) -> Option<Expr> {
    let column = cells.columns.get(&part)?;
    let size = Expr::name(&column.name);
    Some(match column.may_be_unobserved {
        true => Expr::call(Function::Coalesce, vec![size, Expr::int(0)]),
        false => size,
    })
}

/// The column of the cells that is 1 where those of a family are hidden.
fn flag_name(family: usize) -> String {
    format!("hidden {}", family + 1)
}

/// The column that is 1 where what is filled comes from a hidden cell.
pub(crate) fn filled_flag(place: usize) -> String {
    format!("filled from hidden {}", place + 1)
}

fn reexported(draft: &Draft<'_>, step: &str) -> Vec<Output> {
    draft.columns_of(step).into_iter().map(|name| Expr::column(step, &name).named(name)).collect()
}

fn any(conditions: impl IntoIterator<Item = Expr>) -> Option<Expr> {
    conditions.into_iter().reduce(|left, right| Expr::binary(Binary::Or, left, right))
}

fn equals(left: Expr, right: i64) -> Expr {
    Expr::binary(Binary::Equal, left, Expr::int(right))
}

/// The keys of a table: what is summed up together.
fn table_keys() -> [&'static str; 3] {
    [places::PART, PERIOD, places::AT_STEP]
}
