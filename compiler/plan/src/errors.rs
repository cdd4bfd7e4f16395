//! Errors: how far a number may be off because other customers might have come, by linearisation over clusters.
//!
//! ```text
//! totals of clusters ┐
//! cells → slopes ────┴→ influence of each cluster → errors: sqrt(C) · standard deviation of the influence
//! ```
//! with C clusters, which is `se² = C/(C−1) · Σ_c (z_c − z̄)²` (numbers.md, "Uncertainty").

use crate::aggregate::aggregate;
use crate::answer::{Answering, OfCells};
use crate::cell::CLUSTER;
use crate::draft::{Draft, from_step, select};
use crate::flatten::{Flat, FlatMetric};
use crate::formula::Formula;
use crate::grouping::GroupColumn;
use crate::interval::{Method, method};
use crate::leaf::{Cluster, LeafId};
use crate::operands::value_of_formula;
use crate::relation::{
    AggregateFunction, Binary, Expr, Function, Join, JoinKind, Literal, Output, Relation, Select, Table, ValueType,
};
use crate::request::Request;
use crate::slope::slope;
use crate::spine::{PERIOD, before};
use crate::stitch::{Cells, same};
use crate::student::t_quantile_of;
use crate::typed::{extreme_of, real, when, when_else};
use groma_model::time::Offset;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A number whose error is asked for.
pub(crate) struct Target<'t> {
    pub(crate) formula: &'t Rc<Formula>,
    /// The counts of which one is above 0 for a cluster that counts.
    pub(crate) counted: &'t BTreeSet<LeafId>,
    pub(crate) cluster: &'t Cluster,
    /// Between 0 and 1.
    pub(crate) confidence: f64,
}

/// Where the error of a target stands.
#[derive(Debug, Clone)]
pub(crate) struct ErrorColumns {
    /// The step, with a row for each period and group.
    pub(crate) step: String,
    /// The number of clusters.
    pub(crate) clusters: String,
    /// The standard error; null with fewer than two clusters.
    pub(crate) error: String,
    /// How many standard errors the interval reaches to each side: Student's t.
    pub(crate) reach: String,
}

/// Says what the errors that a request asks for need of the scans.
pub(crate) fn need_totals(flat: &mut Flat<'_>, request: &Request<'_>) {
    let mut clusters: Vec<(usize, Cluster)> = Vec::new();
    let mut ordered: Vec<(usize, usize)> = Vec::new();
    for metric in &flat.metrics {
        let asked = [
            (request.intervals.is_some() && metric.is_estimated).then_some(&metric.formula),
            metric.change.as_ref().map(|change| &change.formula),
            request.further.weights.then_some(&metric.formula),
        ];
        for formula in asked.into_iter().flatten() {
            match method(&flat.leaves, formula) {
                Method::None(_) => {}
                Method::Share { .. } | Method::Net { .. } if metric.cluster.is_none() => {}
                Method::Order { leaf, .. } => {
                    let leaf = flat.leaves.leaves[leaf.0];
                    ordered.push((leaf.scan, leaf.column));
                    // Without a customer each row is on its own, and no totals say more.
                    clusters.extend(metric.cluster.is_some().then(|| (leaf.scan, metric.cluster.clone())));
                }
                _ => {
                    let scan = formula.leaves().first().map(|leaf| flat.leaves.leaves[leaf.0].scan);
                    clusters.extend(scan.map(|scan| (scan, metric.cluster.clone())));
                }
            }
        }
    }
    for (scan, cluster) in clusters {
        flat.leaves.scans[scan].clusters.insert(cluster);
    }
    for (scan, column) in ordered {
        flat.leaves.scans[scan].ordered.insert(column);
    }
}

/// Whether a number has an error by linearisation.
pub(crate) fn has_error(flat: &Flat<'_>, formula: &Formula) -> bool {
    !matches!(method(&flat.leaves, formula), Method::None(_) | Method::Order { .. })
}

/// Adds the errors of some targets; those without one have none.
pub(crate) fn push_errors(
    draft: &mut Draft<'_>,
    answering: &Answering<'_, '_>,
    targets: &[Target<'_>],
) -> Vec<Option<ErrorColumns>> {
    let mut families: BTreeMap<(usize, &Cluster), Vec<usize>> = BTreeMap::new();
    for (place, target) in targets.iter().enumerate() {
        let scan = target.formula.leaves().first().map(|leaf| answering.flat.leaves.leaves[leaf.0].scan);
        if let Some(scan) = scan.filter(|_| has_error(answering.flat, target.formula)) {
            families.entry((scan, target.cluster)).or_default().push(place);
        }
    }
    let mut found: Vec<Option<ErrorColumns>> = targets.iter().map(|_| None).collect();
    for ((scan, cluster), members) in families {
        let Some(totals) = answering.scans[scan].totals.get(cluster) else { continue };
        let family = Family { answering, totals: totals.clone(), targets, members };
        let step = family.push(draft);
        for place in &family.members {
            found[*place] = Some(ErrorColumns {
                step: step.clone(),
                clusters: clusters_name(*place),
                error: error_name(*place),
                reach: reach_name(*place),
            });
        }
    }
    found
}

/// A join of a step that has a row for each period and group.
pub(crate) fn join_by_cell(groups: &[GroupColumn<'_>], of: &str, step: &str) -> Join {
    join_earlier(groups, of, (step, step), Offset::default())
}

/// The same for the rows of the period so much earlier.
pub(crate) fn join_earlier(groups: &[GroupColumn<'_>], of: &str, (step, alias): (&str, &str), offset: Offset) -> Join {
    let period = Expr::column(of, PERIOD);
    let period = if offset == Offset::default() { period } else { before(period, offset) };
    let same_period = Expr::binary(Binary::Equal, Expr::column(alias, PERIOD), period);
    let keys =
        groups.iter().flat_map(|group| same(Expr::column(alias, &group.name), Expr::column(of, &group.name), group.ty));
    let on = Expr::all(std::iter::once(same_period).chain(keys));
    Join { kind: JoinKind::Left, table: Table::Step(step.to_owned()), alias: alias.to_owned(), on }
}

/// The keys of a step's rows: period and groups.
pub(crate) fn keys_of(groups: &[GroupColumn<'_>], step: &str) -> Vec<Output> {
    std::iter::once(PERIOD)
        .chain(groups.iter().map(|group| group.name.as_str()))
        .map(|name| Expr::column(step, name).named(name))
        .collect()
}

/// Targets over the same clusters of the same rows.
struct Family<'f, 'n, 'a> {
    answering: &'f Answering<'n, 'a>,
    totals: String,
    targets: &'f [Target<'f>],
    members: Vec<usize>,
}

impl Family<'_, '_, '_> {
    fn push(&self, draft: &mut Draft<'_>) -> String {
        let (slopes, columns) = self.push_slopes(draft);
        let influence = self.push_influence(draft, &slopes, &columns);
        let groups = self.answering.groups;
        let mut outputs = keys_of(groups, &influence);
        let group_by = outputs.iter().map(|output| output.expr.clone()).collect();
        for place in &self.members {
            let moved = Expr::column(&influence, &influence_name(*place));
            let count = aggregate(AggregateFunction::Count, moved.clone());
            let deviation = aggregate(AggregateFunction::StandardDeviation, moved);
            let root = Expr::call(Function::Sqrt, vec![count.clone().cast(ValueType::Real)]);
            outputs.push(count.named(clusters_name(*place)));
            outputs.push(Expr::binary(Binary::Multiply, root, deviation).named(error_name(*place)));
        }
        let from = from_step(&influence);
        let errors =
            draft.push_once("errors", select(Select { columns: outputs, from, group_by, ..Select::default() }));
        let mut outputs = keys_of(groups, &errors);
        for place in &self.members {
            for name in [clusters_name(*place), error_name(*place)] {
                outputs.push(Expr::name(&name).named(name));
            }
            outputs.push(self.reach(*place).named(reach_name(*place)));
        }
        let from = from_step(&errors);
        draft.push_once("margins", select(Select { columns: outputs, from, ..Select::default() }))
    }

    /// How many standard errors the interval of a target reaches.
    fn reach(&self, place: usize) -> Expr {
        let clusters = Expr::name(&clusters_name(place)).cast(ValueType::Real);
        let freedom = Expr::binary(Binary::Subtract, clusters, real(1.0));
        let share = f64::midpoint(1.0, self.targets[place].confidence);
        let enough = Expr::binary(Binary::GreaterEqual, freedom.clone(), real(1.0));
        when(enough, t_quantile_of(share, &freedom))
    }

    /// Adds how each target moves with each of its leaves, in each cell.
    fn push_slopes(&self, draft: &mut Draft<'_>) -> (String, BTreeMap<(usize, LeafId), String>) {
        let cells: &Cells = self.answering.cells;
        let mut outputs = keys_of(self.answering.groups, &cells.step);
        let mut columns = BTreeMap::new();
        for place in &self.members {
            let formula = self.targets[*place].formula;
            for leaf in formula.leaves() {
                let Some(slope) = slope(formula, leaf) else { continue };
                let name = format!("slope {}", columns.len() + 1);
                let value = value_of_formula(&mut OfCells(cells), &slope).real();
                outputs.push(value.named(name.clone()));
                columns.insert((*place, leaf), name);
            }
        }
        let from = from_step(&cells.step);
        let step = draft.push_once("slopes", select(Select { columns: outputs, from, ..Select::default() }));
        (step, columns)
    }

    /// Adds how each cluster moves each target.
    fn push_influence(
        &self,
        draft: &mut Draft<'_>,
        slopes: &str,
        columns: &BTreeMap<(usize, LeafId), String>,
    ) -> String {
        let leaves = &self.answering.flat.leaves;
        let offset_of = |leaf: &LeafId| leaves.leaves[leaf.0].offset;
        let offsets: BTreeSet<Offset> =
            self.members.iter().flat_map(|place| self.targets[*place].counted.iter().map(offset_of)).collect();
        let mut parts: Vec<Select> = offsets.iter().map(|offset| self.part(slopes, columns, *offset)).collect();
        let step = match (parts.pop(), parts.is_empty()) {
            (Some(only), true) => draft.push("influence_parts", select(only)),
            (last, _) => {
                parts.extend(last);
                draft.push("influence_parts", Relation::UnionAll(parts))
            }
        };
        let mut outputs = keys_of(self.answering.groups, &step);
        outputs.push(Expr::column(&step, CLUSTER).named(CLUSTER));
        let group_by = outputs.iter().map(|output| output.expr.clone()).collect();
        for place in &self.members {
            let of_step = |name: &str| Expr::column(&step, name);
            let counts = aggregate(AggregateFunction::Max, of_step(&counts_name(*place)));
            let moved = aggregate(AggregateFunction::Sum, of_step(&influence_name(*place)));
            let counts = Expr::binary(Binary::Greater, counts, Expr::int(0));
            outputs.push(when(counts, moved).named(influence_name(*place)));
        }
        let from = from_step(&step);
        draft.push_once("influence", select(Select { columns: outputs, from, group_by, ..Select::default() }))
    }

    /// How the clusters of one period move the targets of the period so much later.
    fn part(&self, slopes: &str, columns: &BTreeMap<(usize, LeafId), String>, offset: Offset) -> Select {
        let leaves = &self.answering.flat.leaves;
        let totals = self.totals.as_str();
        let total = |leaf: &LeafId| {
            let planned = &self.answering.scans[leaves.leaves[leaf.0].scan].columns[leaves.leaves[leaf.0].column];
            Expr::call(Function::Coalesce, vec![Expr::column(totals, &planned.name).cast(ValueType::Real), real(0.0)])
        };
        let here = |leaf: &&LeafId| leaves.leaves[leaf.0].offset == offset;
        let mut outputs = keys_of(self.answering.groups, slopes);
        outputs.push(Expr::column(totals, CLUSTER).named(CLUSTER));
        for place in &self.members {
            let target = &self.targets[*place];
            let parts = target.formula.leaves();
            let moved = parts.iter().filter(here).filter_map(|leaf| {
                let slope = Expr::column(slopes, columns.get(&(*place, *leaf))?);
                Some(Expr::binary(Binary::Multiply, slope, total(leaf)))
            });
            let moved = moved.reduce(|left, right| Expr::binary(Binary::Add, left, right));
            outputs.push(moved.unwrap_or(real(0.0)).named(influence_name(*place)));
            let counts = target.counted.iter().filter(here).map(&total).collect();
            let most = extreme_of(Function::Greatest, counts).unwrap_or(real(0.0));
            let counts = Expr::binary(Binary::Greater, most, real(0.0));
            outputs.push(when_else(counts, Expr::int(1), Expr::int(0)).named(counts_name(*place)));
        }
        let earlier = join_earlier(self.answering.groups, slopes, (totals, totals), offset);
        let join = Join { kind: JoinKind::Inner, ..earlier };
        Select { columns: outputs, from: from_step(slopes), joins: vec![join], ..Select::default() }
    }
}

/// What a metric needs for its error.
pub(crate) fn target<'t>(metric: &'t FlatMetric, confidence: f64) -> Target<'t> {
    Target { formula: &metric.formula, counted: &metric.counted, cluster: &metric.cluster, confidence }
}

fn influence_name(place: usize) -> String {
    format!("influence {}", place + 1)
}

fn counts_name(place: usize) -> String {
    format!("counts {}", place + 1)
}

fn clusters_name(place: usize) -> String {
    format!("clusters {}", place + 1)
}

fn error_name(place: usize) -> String {
    format!("error {}", place + 1)
}

fn reach_name(place: usize) -> String {
    format!("reach {}", place + 1)
}

/// A null double.
pub(crate) fn null() -> Expr {
    Expr::Literal(Literal::Null(ValueType::Real))
}
