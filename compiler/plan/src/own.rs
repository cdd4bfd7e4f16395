//! Own cells: of several metrics that one statement answers, each in the periods and groups that a question for it alone has.
//!
//! Metrics share the periods and groups of a statement. Where they read different facts, or different rows of one, a metric
//! stands in groups that it has no row in, and before its first one. What is published of it must not.

use crate::aggregate::aggregate;
use crate::draft::{Draft, from_step, select};
use crate::expansion::united;
use crate::flatten::{Flat, FlatMetric};
use crate::grouping::{GroupColumn, SET, TOTAL, sets};
use crate::relation::{AggregateFunction, Binary, Expr, Function, Select, Window, WindowFunction};
use crate::request::Request;
use crate::spine::{FIRST, PERIOD};
use crate::stitch::Cells;
use crate::typed::{extreme_of, when_else};
use groma_model::MetricId;
use std::collections::{BTreeMap, BTreeSet};

/// The column of answers that is 1 where a row counts for the metric.
pub(crate) const HAS_ROWS: &str = "has rows";
/// The column of answers that is 1 where a row counts for the metric in some period of the group.
const IS_THERE: &str = "is there";

/// The column that holds the first period of some metrics.
const BEGINNING: &str = "first own period";

/// For each metric the step that says where its rows begin.
#[derive(Debug, Default)]
pub(crate) struct Beginnings(BTreeMap<MetricId, String>);

impl Beginnings {
    /// Adds what is needed to know where the rows of each metric begin, in all parts of an answer; nothing where cells are not
    /// told apart. `parts`: each with where the rows of its scans begin and end.
    pub(crate) fn push(
        draft: &mut Draft<'_>,
        request: &Request<'_>,
        parts: &[(&Flat<'_>, Vec<Option<String>>)],
    ) -> Self {
        let mut of_metrics: BTreeMap<MetricId, BTreeSet<String>> = BTreeMap::new();
        let asked = parts.iter().filter(|_| request.tells_cells_apart());
        for (metric, ranges) in asked.flat_map(|(flat, ranges)| flat.metrics.iter().map(move |metric| (metric, ranges)))
        {
            let read = metric.inputs.iter().filter_map(|(scan, _)| ranges.get(*scan)?.clone());
            of_metrics.entry(metric.id).or_default().extend(read);
        }
        let mut merged: BTreeMap<BTreeSet<String>, String> = BTreeMap::new();
        let begun = of_metrics.into_iter().filter(|(_, ranges)| !ranges.is_empty()).map(|(id, ranges)| {
            let step = merged.entry(ranges).or_insert_with_key(|ranges| push_first(draft, ranges));
            (id, step.clone())
        });
        Self(begun.collect())
    }

    /// The steps, each once.
    pub(crate) fn steps(&self, metrics: &[FlatMetric]) -> BTreeSet<&str> {
        metrics.iter().filter_map(|metric| self.0.get(&metric.id)).map(String::as_str).collect()
    }

    /// That a period is not before the first one of a metric; none where that is not asked.
    pub(crate) fn has_begun(&self, metric: &FlatMetric) -> Option<Expr> {
        let step = self.0.get(&metric.id)?;
        Some(Expr::binary(Binary::GreaterEqual, Expr::name(PERIOD), Expr::column(step, BEGINNING)))
    }
}

/// Adds the first period of several ranges.
fn push_first(draft: &mut Draft<'_>, ranges: &BTreeSet<String>) -> String {
    let of_range = |range: &String| {
        let columns = vec![Expr::name(FIRST).named(BEGINNING)];
        Select { columns, from: from_step(range), ..Select::default() }
    };
    let all = draft.push("own_ranges", united(ranges.iter().map(of_range).collect()));
    let columns = vec![aggregate(AggregateFunction::Min, Expr::name(BEGINNING)).named(BEGINNING)];
    draft.push("own_first_period", select(Select { columns, from: from_step(&all), ..Select::default() }))
}

/// 1 where a row counts for a metric, else 0.
pub(crate) fn has_rows(cells: &Cells, metric: &FlatMetric) -> Expr {
    let counts = metric.present.iter().filter_map(|leaf| cells.columns.get(leaf)).map(|column| {
        let count = Expr::name(&column.name);
        if column.may_be_unobserved { Expr::call(Function::Coalesce, vec![count, Expr::int(0)]) } else { count }
    });
    match extreme_of(Function::Greatest, counts.collect()) {
        Some(most) => when_else(Expr::binary(Binary::Greater, most, Expr::int(0)), Expr::int(1), Expr::int(0)),
        None => Expr::int(0),
    }
}

/// Keeps of an answer the cells that are each metric's own: its totals, and the groups in which it has a row. They come in no
/// order.
pub(crate) fn push_own(draft: &mut Draft<'_>, groups: &[GroupColumn<'_>], answer: Select) -> Select {
    let (shown, counted): (Vec<_>, Vec<_>) =
        answer.columns.iter().map(|output| output.name.clone()).partition(|name| name != HAS_ROWS);
    if counted.is_empty() {
        return answer;
    }
    let reexported = || shown.iter().map(|name| Expr::name(name).named(name.clone()));
    let named = sets(groups).is_some();
    let all = draft.push("shared_cells", select(Select { order_by: Vec::new(), ..answer }));
    let keys = groups.iter().filter(|group| !group.is_step()).map(|group| Expr::name(&group.name));
    let is_there = Expr::Window(Box::new(Window {
        function: WindowFunction::Max,
        argument: Some(Expr::name(HAS_ROWS)),
        partition_by: std::iter::once(Expr::name("metric")).chain(keys).collect(),
        order_by: Vec::new(),
    }));
    let columns = reexported().chain([is_there.named(IS_THERE)]).collect();
    let judged = draft.push("cells_of_metrics", select(Select { columns, from: from_step(&all), ..Select::default() }));
    let is_there = Expr::binary(Binary::Equal, Expr::name(IS_THERE), Expr::int(1));
    let is_total = named.then(|| Expr::binary(Binary::Equal, Expr::name(SET), Expr::text(TOTAL)));
    let filter = is_total.map_or(is_there.clone(), |is_total| Expr::binary(Binary::Or, is_total, is_there));
    Select { columns: reexported().collect(), from: from_step(&judged), filter: Some(filter), ..Select::default() }
}
