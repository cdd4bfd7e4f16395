//! Cells of one scan: one row for each period and group; and beside them what is needed to say how sure they are.

use crate::draft::{Draft, from_step};
use crate::expansion::{Expansion, united};
use crate::grouping::GroupSet;
use crate::leaf::Cluster;
use crate::relation::{AggregateFunction, Expr, Join, Literal, Output, Select, ValueType, Window, WindowFunction};
use crate::scan::Setting;
use std::collections::{BTreeMap, BTreeSet};

/// The column of the key of a cluster.
pub(crate) const CLUSTER: &str = "cluster";
/// The columns of ordered values: each, its place in the order from 1, and how many there are.
pub(crate) const VALUE: &str = "value";
pub(crate) const PLACE: &str = "place";
pub(crate) const VALUES: &str = "values";

/// A scan whose steps are in the statement.
#[derive(Debug, Default)]
pub(crate) struct PlannedScan {
    /// The step with a row for each period and group.
    pub(crate) step: String,
    /// The step that says from where to where the source has rows, where that must be known.
    pub(crate) range: Option<String>,
    /// The columns of the step, one for each of the scan's.
    pub(crate) columns: Vec<PlannedColumn>,
    /// The step with a row for each period that has a time, where a value is a mean over them.
    pub(crate) times: Option<String>,
    /// The steps with a row for each period, group and cluster, with those of the columns that are sums and counts.
    pub(crate) totals: BTreeMap<Cluster, String>,
    /// The steps with the ordered values of percentiles, by the scan's column.
    pub(crate) ordered: BTreeMap<usize, String>,
}

/// A column of an aggregated step.
#[derive(Debug, Clone)]
pub(crate) struct PlannedColumn {
    pub(crate) name: String,
    /// Of the value; truth values are held as 1 and 0.
    pub(crate) ty: ValueType,
    /// What it is where there is no row.
    pub(crate) empty: Option<Literal>,
}

/// Rows, and what is computed from them.
pub(crate) struct OpenRows {
    pub(crate) rows: String,
    pub(crate) step: String,
    pub(crate) groups: Vec<Expr>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) columns: Vec<PlannedColumn>,
    /// How each cluster that is needed is read.
    pub(crate) clusters: Vec<(Cluster, Expr)>,
    /// The columns whose values are needed in their order.
    pub(crate) ordered: BTreeSet<usize>,
}

/// Adds the cells: one row for each period and group; and beside them the totals of clusters and the ordered values that are
/// needed.
pub(crate) fn push_cells(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    mut open: OpenRows,
    period: Expr,
    (from, joins): (&str, Vec<Join>),
) -> PlannedScan {
    let read = Select { from: from_step(from), joins, ..Select::default() };
    let expansion = Expansion { period, groups: setting.groups, values: std::mem::take(&mut open.groups), read };
    let (mut totals, mut ordered) = (BTreeMap::new(), BTreeMap::new());
    let clusters = std::mem::take(&mut open.clusters);
    for position in std::mem::take(&mut open.ordered) {
        let Some(output) = open.outputs.get(position) else { continue };
        let values = |set: Option<&GroupSet>| {
            let (keys, group_by) = expansion.keys(set);
            ordered_values(&Select { columns: keys, ..expansion.read.clone() }, &group_by, output, &clusters)
        };
        let parts: Option<Vec<Select>> = expansion.sets().into_iter().map(values).collect();
        if let Some(parts) = parts {
            ordered.insert(position, draft.push(&format!("{}_ordered", open.step), united(parts)));
        }
    }
    for (cluster, key) in clusters {
        let sums: Vec<Output> = open.outputs.iter().filter(|output| is_total(&output.expr)).cloned().collect();
        let name = draft.names.take(&format!("{}_and_cluster", open.step));
        expansion.push(draft, &name, &[(key, CLUSTER)], &sums);
        totals.insert(cluster, name);
    }
    expansion.push(draft, &open.step, &[], &open.outputs);
    PlannedScan { step: open.step, range: None, times: None, columns: open.columns, totals, ordered }
}

/// Whether an aggregate is a sum or a count, so that totals of parts make the whole.
fn is_total(expr: &Expr) -> bool {
    match expr {
        Expr::Cast { operand, .. } => is_total(operand),
        Expr::Aggregate(aggregate) => matches!(aggregate.function, AggregateFunction::Sum | AggregateFunction::Count),
        _ => false,
    }
}

/// The column of ordered values that holds the key of one of the scan's clusters.
pub(crate) fn cluster_name(position: usize) -> String {
    format!("{CLUSTER} {}", position + 1)
}

/// The values behind an aggregate, each with its place among those of its cell, their number, and its clusters.
fn ordered_values(keys: &Select, group_by: &[Expr], output: &Output, clusters: &[(Cluster, Expr)]) -> Option<Select> {
    let Expr::Aggregate(aggregate) = &output.expr else { return None };
    let value = aggregate.argument.clone()?;
    let known = Expr::IsNull { operand: Box::new(value.clone()), negated: true };
    let mut whole = keys.clone();
    let place = Expr::row_number(group_by.to_vec(), vec![value.clone().ascending()]);
    let number = Expr::Window(Box::new(Window {
        function: WindowFunction::Count,
        argument: Some(value.clone()),
        partition_by: group_by.to_vec(),
        order_by: Vec::new(),
    }));
    whole.columns.extend([value.named(VALUE), place.named(PLACE), number.named(VALUES)]);
    let keys = clusters.iter().enumerate().map(|(position, (_, key))| key.clone().named(cluster_name(position)));
    whole.columns.extend(keys);
    whole.filter = Expr::all(aggregate.filter.clone().into_iter().chain([known]));
    Some(whole)
}
