//! Weighted values: the measure where each customer counts for its weight, its error, and how much rests on few customers.
//!
//! The weighted value is the measure of the weighted totals `Σ_c w_c s_cj`; its error is the linearised one over them (numbers.md,
//! S42). The effective number is Kish's `(Σw)² / Σw²` (S23).

use crate::aggregate::aggregate;
use crate::answer::Answering;
use crate::cell::CLUSTER;
use crate::draft::{Draft, from_step, select};
use crate::errors::{has_error, join_by_cell, keys_of};
use crate::flatten::FlatMetric;
use crate::leaf::{ExprId, LeafId};
use crate::operands::{Operands, value_of_formula};
use crate::relation::{AggregateFunction, Binary, Expr, Function, Output, Select, ValueType};
use crate::rows::Rows;
use crate::slope::slope;
use crate::typed::{Typed, divide, extreme_of, real};
use groma_model::CustomerId;
use groma_model::row::RowExpr;
use std::collections::BTreeMap;

const WEIGHT: &str = "weight";
const VALUE: &str = "weighted value";
const ERROR: &str = "weighted error";
const EFFECTIVE: &str = "effective number";
const LARGEST: &str = "largest share";

/// The step of a metric's weighted values, and its columns in the order of the answer.
pub(crate) struct WeightedColumns {
    pub(crate) step: String,
    pub(crate) columns: [&'static str; 4],
}

/// Adds the weighted values of a metric; none for metrics without a weight, or whose measure is not made of sums.
pub(crate) fn push_weighted(
    draft: &mut Draft<'_>,
    answering: &Answering<'_, '_>,
    metric: &FlatMetric,
) -> Option<WeightedColumns> {
    let of_model = draft.model.metric(metric.id);
    let (weight, customer) = (of_model.weight.as_ref()?, of_model.customer?);
    if !has_error(answering.flat, &metric.formula) {
        return None;
    }
    let scan = answering.flat.leaves.leaves[metric.formula.leaves().first()?.0].scan;
    let totals = answering.scans[scan].totals.get(&metric.cluster)?;
    let mut columns = BTreeMap::new();
    for (leaf, number) in metric.formula.leaves().into_iter().zip(1_usize..) {
        columns.insert(leaf, format!("weighted total {number}"));
    }
    let weighting = Weighting { answering, metric, columns };
    let weighted = weighting.push_totals(draft, totals, (customer, weight));
    let cells = weighting.push_cells(draft, &weighted);
    let values = weighting.push_values(draft, &cells);
    let errors = weighting.push_errors(draft, &weighted, &values);
    let mut outputs = keys_of(answering.groups, &values);
    outputs.extend([VALUE, EFFECTIVE, LARGEST].map(|name| Expr::column(&values, name).named(name)));
    outputs.push(Expr::column(&errors, ERROR).named(ERROR));
    let joins = vec![join_by_cell(answering.groups, &values, &errors)];
    let from = from_step(&values);
    let step = draft.push("weighted", select(Select { columns: outputs, from, joins, ..Select::default() }));
    Some(WeightedColumns { step, columns: [VALUE, ERROR, EFFECTIVE, LARGEST] })
}

struct Weighting<'w, 'n, 'a> {
    answering: &'w Answering<'n, 'a>,
    metric: &'w FlatMetric,
    /// The weighted total of each leaf.
    columns: BTreeMap<LeafId, String>,
}

impl Weighting<'_, '_, '_> {
    /// Adds the totals of each customer times its weight; customers without one are left out.
    fn push_totals(&self, draft: &mut Draft<'_>, totals: &str, (customer, weight): (CustomerId, &RowExpr)) -> String {
        let leaves = &self.answering.flat.leaves;
        let key = Expr::column(totals, CLUSTER);
        let mut rows = Rows::of_customers(draft, customer, totals, key.clone());
        let total = |leaf: &LeafId| {
            let planned = &self.answering.scans[leaves.leaves[leaf.0].scan].columns[leaves.leaves[leaf.0].column];
            let total = Expr::column(totals, &planned.name).cast(ValueType::Real);
            Expr::call(Function::Coalesce, vec![total, real(0.0)])
        };
        let weight = rows.inside(draft, weight).real();
        for output in keys_of(self.answering.groups, totals) {
            rows.output(&output.name, output.expr);
        }
        rows.output(CLUSTER, key);
        rows.output(WEIGHT, weight.clone());
        for (leaf, name) in &self.columns {
            rows.output(name, product(weight.clone(), total(leaf)));
        }
        let counts = self.metric.counted.iter().map(&total).collect();
        let counts = extreme_of(Function::Greatest, counts).unwrap_or(real(0.0));
        let counts = Expr::binary(Binary::Greater, counts, real(0.0));
        let filter = Expr::all([counts, Expr::binary(Binary::GreaterEqual, weight, real(0.0))]);
        draft.push_once("weighted_customers", rows.finish(filter))
    }

    /// Adds the weighted totals of each cell.
    fn push_cells(&self, draft: &mut Draft<'_>, weighted: &str) -> String {
        let sum = |expr: Expr| aggregate(AggregateFunction::Sum, expr);
        let mut outputs = keys_of(self.answering.groups, weighted);
        let group_by = outputs.iter().map(|output| output.expr.clone()).collect();
        outputs.extend(self.columns.values().map(|name| sum(Expr::column(weighted, name)).named(name.clone())));
        let weight = || Expr::column(weighted, WEIGHT);
        outputs.push(sum(weight()).named("sum of weights"));
        outputs.push(sum(product(weight(), weight())).named("sum of squares"));
        outputs.push(aggregate(AggregateFunction::Max, weight()).named("largest weight"));
        let from = from_step(weighted);
        draft.push_once("weighted_cells", select(Select { columns: outputs, from, group_by, ..Select::default() }))
    }

    /// Adds the weighted value of each cell and how it moves with each total.
    fn push_values(&self, draft: &mut Draft<'_>, cells: &str) -> String {
        let mut operands = Totals(&self.columns);
        let mut outputs: Vec<Output> = keys_of(self.answering.groups, cells);
        outputs.push(value_of_formula(&mut operands, &self.metric.formula).real().named(VALUE));
        for (leaf, name) in &self.columns {
            if let Some(slope) = slope(&self.metric.formula, *leaf) {
                outputs.push(value_of_formula(&mut operands, &slope).real().named(slope_name(name)));
            }
        }
        let (all, squares) = (Expr::name("sum of weights"), Expr::name("sum of squares"));
        outputs.push(divide(product(all.clone(), all.clone()), squares).named(EFFECTIVE));
        outputs.push(divide(Expr::name("largest weight"), all).named(LARGEST));
        draft.push_once(
            "weighted_values",
            select(Select { columns: outputs, from: from_step(cells), ..Select::default() }),
        )
    }

    /// Adds the error of each cell's weighted value.
    fn push_errors(&self, draft: &mut Draft<'_>, weighted: &str, values: &str) -> String {
        let parts = self.columns.iter().filter_map(|(leaf, name)| {
            slope(&self.metric.formula, *leaf)?;
            Some(product(Expr::column(values, &slope_name(name)), Expr::column(weighted, name)))
        });
        let influence = parts.reduce(|left, right| Expr::binary(Binary::Add, left, right)).unwrap_or(real(0.0));
        let mut outputs = keys_of(self.answering.groups, weighted);
        outputs.push(influence.named("influence"));
        let joins = vec![join_by_cell(self.answering.groups, weighted, values)];
        let from = from_step(weighted);
        let moved = select(Select { columns: outputs, from, joins, ..Select::default() });
        let moved = draft.push("weighted_influence", moved);
        let mut outputs = keys_of(self.answering.groups, &moved);
        let group_by = outputs.iter().map(|output| output.expr.clone()).collect();
        let influence = || Expr::column(&moved, "influence");
        let count = aggregate(AggregateFunction::Count, influence()).cast(ValueType::Real);
        let deviation = aggregate(AggregateFunction::StandardDeviation, influence());
        outputs.push(product(Expr::call(Function::Sqrt, vec![count]), deviation).named(ERROR));
        let from = from_step(&moved);
        draft.push("weighted_errors", select(Select { columns: outputs, from, group_by, ..Select::default() }))
    }
}

/// The weighted totals of a cell.
struct Totals<'t>(&'t BTreeMap<LeafId, String>);

impl Operands for Totals<'_> {
    fn leaf(&mut self, leaf: LeafId) -> Typed {
        self.0.get(&leaf).map_or_else(Typed::null, |name| Typed::new(Expr::name(name), ValueType::Real))
    }

    fn attribute(&mut self, _: ExprId, _: bool) -> Typed {
        Typed::null()
    }

    fn filled(&mut self, _: usize) -> Typed {
        Typed::null()
    }
}

fn slope_name(total: &str) -> String {
    format!("slope of {total}")
}

fn product(left: Expr, right: Expr) -> Expr {
    Expr::binary(Binary::Multiply, left, right)
}
