//! Estimates: beside each measure its standard error and interval, and its change against the period before.

use crate::aggregate::aggregate;
use crate::answer::{Answering, Measured};
use crate::cell::{PLACE, VALUE, VALUES, cluster_name};
use crate::draft::{Draft, from_step, select};
use crate::errors::{ErrorColumns, Target, join_by_cell, join_earlier, keys_of, null, push_errors, target};
use crate::flatten::{Change, FlatMetric};
use crate::interval::{Method, method};
use crate::leaf::LeafId;
use crate::relation::{AggregateFunction, Binary, Expr, Function, Join, Output, Select, ValueType};
use crate::request::Estimated;
use crate::student::normal_quantile;
use crate::typed::{divide, real, when, when_else};
use crate::weighted::{WeightedColumns, push_weighted};
use groma_model::Matters;
use groma_model::time::Offset;

/// The confidence where nothing says another.
pub(crate) const CONFIDENCE: f64 = 0.95;
/// How likely a change that is called detectable would have been seen.
const POWER: f64 = 0.8;

/// Adds the step with the estimates beside the measures; returns its name and notes the columns.
pub(crate) fn push_estimates(
    draft: &mut Draft<'_>,
    answering: &Answering<'_, '_>,
    measured_step: String,
    measured: &mut [Measured],
) -> String {
    let asked = answering.request;
    if !asked.has_estimates() {
        return measured_step;
    }
    let metrics = &answering.flat.metrics;
    let confidence = asked.intervals.unwrap_or(CONFIDENCE);
    let matters: Vec<Option<Matters>> = metrics.iter().map(|metric| draft.model.metric(metric.id).matters).collect();
    let own = |place: usize| matters[place].map_or(confidence, |matters| matters.confidence);
    let of_interval = |place: usize| if asked.estimated == Estimated::All { confidence } else { own(place) };
    let with_interval: Vec<usize> = match asked.intervals {
        Some(_) => (0..metrics.len()).filter(|place| metrics[*place].is_estimated).collect(),
        None => Vec::new(),
    };
    let changing: Vec<(usize, &Change)> =
        metrics.iter().enumerate().filter_map(|(place, metric)| Some((place, metric.change.as_ref()?))).collect();
    let mut targets: Vec<Target<'_>> =
        with_interval.iter().map(|place| target(&metrics[*place], of_interval(*place))).collect();
    targets.extend(changing.iter().map(|(place, change)| Target {
        formula: &change.formula,
        counted: &change.counted,
        cluster: &metrics[*place].cluster,
        confidence: own(*place),
    }));
    let errors = push_errors(draft, answering, &targets);
    let mut estimates = Estimates::new(answering, measured_step);
    for (place, errors) in with_interval.iter().zip(&errors) {
        let z = normal_quantile(f64::midpoint(1.0, of_interval(*place)));
        estimates.interval(draft, (*place, &mut measured[*place]), errors.as_ref(), z);
    }
    for ((place, _), errors) in changing.iter().zip(errors.iter().skip(with_interval.len())) {
        estimates.change(&mut measured[*place], errors.as_ref(), matters[*place], confidence);
    }
    if asked.further.weights {
        for (metric, measured) in metrics.iter().zip(measured.iter_mut()) {
            if let Some(weighted) = push_weighted(draft, answering, metric) {
                estimates.weighted(measured, &weighted);
            }
        }
    }
    estimates.push(draft)
}

/// The step while it is written: first what bounds are made of, then the bounds.
struct Estimates<'e, 'n, 'a> {
    answering: &'e Answering<'n, 'a>,
    measured: String,
    joins: Vec<Join>,
    /// Beside the measures.
    shapes: Vec<Output>,
    /// Over the shapes: what clustered observations are worth.
    sizes: Vec<Output>,
    /// Over both.
    bounds: Vec<Output>,
}

impl<'e, 'n, 'a> Estimates<'e, 'n, 'a> {
    fn new(answering: &'e Answering<'n, 'a>, measured: String) -> Self {
        Self { answering, measured, joins: Vec::new(), shapes: Vec::new(), sizes: Vec::new(), bounds: Vec::new() }
    }

    fn push(self, draft: &mut Draft<'_>) -> String {
        let reexported = |draft: &Draft<'_>, step: &str| -> Vec<Output> {
            draft.columns_of(step).into_iter().map(|name| Expr::column(step, &name).named(name)).collect()
        };
        let mut columns = reexported(draft, &self.measured);
        columns.extend(self.shapes);
        let from = from_step(&self.measured);
        let shapes =
            draft.push_once("shapes", select(Select { columns, from, joins: self.joins, ..Select::default() }));
        let mut columns = reexported(draft, &shapes);
        columns.extend(self.sizes);
        let sizes = draft.push_once("sizes", select(Select { columns, from: from_step(&shapes), ..Select::default() }));
        let mut columns = reexported(draft, &sizes);
        columns.extend(self.bounds);
        draft.push_once("estimates", select(Select { columns, from: from_step(&sizes), ..Select::default() }))
    }

    fn join(&mut self, step: &str) {
        self.join_leaf(step, Offset::default());
    }

    /// Joins a step where a leaf looks; returns the name it has here.
    fn join_leaf(&mut self, step: &str, offset: Offset) -> String {
        let alias = match (offset.months, offset.days) {
            (0, 0) => step.to_owned(),
            (months, days) => format!("{step}_before_{months}_{days}"),
        };
        if !self.joins.iter().any(|join| join.alias == alias) {
            self.joins.push(join_earlier(self.answering.groups, &self.measured, (step, &alias), offset));
        }
        alias
    }

    fn shape(&mut self, name: String, expr: Expr) -> Expr {
        let read = Expr::name(&name);
        self.shapes.push(expr.named(name));
        read
    }

    fn bound(&mut self, name: String, expr: Expr) -> Option<String> {
        self.bounds.push(expr.named(name.clone()));
        Some(name)
    }

    fn error(&mut self, place: &str, errors: Option<&ErrorColumns>) -> (Expr, Expr, Expr) {
        let Some(errors) = errors else { return (null(), null(), null()) };
        self.join(&errors.step);
        let of_step = |name: &str| Expr::column(&errors.step, name);
        let clusters = of_step(&errors.clusters).cast(ValueType::Real);
        (
            self.shape(format!("{place} clusters"), clusters),
            self.shape(format!("{place} error"), of_step(&errors.error)),
            self.shape(format!("{place} reach"), of_step(&errors.reach)),
        )
    }

    /// The number of clusters and the standard error; without clusters every observation is one.
    fn clusters(&mut self, name: &str, n: &Expr, errors: Option<&ErrorColumns>) -> (Expr, Expr) {
        match errors {
            None => (n.clone(), null()),
            Some(_) => {
                let (clusters, error, _) = self.error(name, errors);
                (clusters, error)
            }
        }
    }

    /// The standard error and the bounds of one metric.
    fn interval(
        &mut self,
        draft: &mut Draft<'_>,
        (place, measured): (usize, &mut Measured),
        errors: Option<&ErrorColumns>,
        z: f64,
    ) {
        let answering = self.answering;
        let formula = &answering.flat.metrics[place].formula;
        let name = measured.value.clone();
        let value = Expr::name(&name);
        let n = Expr::name(&measured.n).cast(ValueType::Real);
        let (se, low, high) = match method(&answering.flat.leaves, formula) {
            Method::Order { factor, leaf, share } => {
                let metric = &answering.flat.metrics[place];
                let step = push_neighbours(draft, answering, metric, (leaf, share, z));
                let bounds = self.join_leaf(&step, answering.flat.leaves.leaves[leaf.0].offset);
                let bound = |of: &str| times(factor, Expr::column(&bounds, of));
                let (low, high) = (bound(LOWER), bound(UPPER));
                let low = self.shape(format!("{name} lower"), low);
                let high = self.shape(format!("{name} upper"), high);
                if factor < 0.0 { (null(), high, low) } else { (null(), low, high) }
            }
            Method::Share { factor } => {
                let (clusters, error) = self.clusters(&name, &n, errors);
                let p = divide(value, real(factor));
                let spread = spread_of_share(&p);
                let size = size(&n, &clusters, &spread, &scaled_error(&error, factor));
                let size = self.size(format!("{name} size"), size);
                let plain = root(&divide(spread, n.clone()));
                let se = when_else(equal(&clusters, &n), times(factor.abs(), plain), error);
                let (low, high) = wilson(&p, &size, z);
                ordered(se, factor, low, high)
            }
            Method::Net { factor, .. } => {
                let (clusters, error) = self.clusters(&name, &n, errors);
                let shares = measured.shares.clone().unwrap_or_default();
                let (above, below) = (Expr::name(&shares.0), Expr::name(&shares.1));
                let spread = spread_of_net(&above, &below);
                let size = size(&n, &clusters, &spread, &scaled_error(&error, factor));
                let size = self.size(format!("{name} size"), size);
                let plain = root(&divide(spread, n.clone()));
                let se = when_else(equal(&clusters, &n), times(factor.abs(), plain), error);
                let (low, high) = adjusted_wald(&above, &below, &size, z);
                ordered(se, factor, low, high)
            }
            Method::Mean | Method::Linearised => {
                let (_, error, reach) = self.error(&name, errors);
                let margin = product(reach, error.clone());
                let low = Expr::binary(Binary::Subtract, value.clone(), margin.clone());
                (error, low, Expr::binary(Binary::Add, value, margin))
            }
            Method::None(_) => (null(), null(), null()),
        };
        let there = Expr::IsNull { operand: Box::new(Expr::name(&name)), negated: true };
        measured.se = self.bound(format!("{name} se"), when(there, se));
        measured.low = self.bound(format!("{name} low"), low);
        measured.high = self.bound(format!("{name} high"), high);
    }

    fn size(&mut self, name: String, expr: Expr) -> Expr {
        let read = Expr::name(&name);
        self.sizes.push(expr.named(name));
        read
    }

    /// The weighted value of one metric, and what stands beside it.
    fn weighted(&mut self, measured: &mut Measured, weighted: &WeightedColumns) {
        self.join(&weighted.step);
        for (place, column) in weighted.columns.into_iter().enumerate() {
            let name = format!("{} {column}", measured.value);
            self.shapes.push(Expr::column(&weighted.step, column).named(name.clone()));
            measured.weighted[place] = Some(name);
        }
    }

    /// The change of one metric, and what it amounts to.
    fn change(
        &mut self,
        measured: &mut Measured,
        errors: Option<&ErrorColumns>,
        matters: Option<Matters>,
        confidence: f64,
    ) {
        let Some(change) = measured.change.as_deref().map(Expr::name) else { return };
        let name = format!("{} change", measured.value);
        let (_, error, reach) = self.error(&name, errors);
        let there = Expr::IsNull { operand: Box::new(change.clone()), negated: true };
        let error = when(there, error);
        let margin = product(reach, error.clone());
        let low = Expr::binary(Binary::Subtract, change.clone(), margin.clone());
        let high = Expr::binary(Binary::Add, change.clone(), margin);
        let confidence = matters.map_or(confidence, |matters| matters.confidence);
        let power = normal_quantile(f64::midpoint(1.0, confidence)) + normal_quantile(POWER);
        let detectable = times(power, error.clone());
        let verdict = matters.map(|matters| verdict(matters, &change, &error, (&low, &high), &detectable));
        measured.change_se = self.bound(format!("{name} se"), error);
        measured.change_low = self.bound(format!("{name} low"), low);
        measured.change_high = self.bound(format!("{name} high"), high);
        measured.detectable = self.bound(format!("{name} detectable"), detectable);
        measured.verdict = verdict.and_then(|verdict| self.bound(format!("{name} verdict"), verdict));
    }
}

/// The four verdicts; nothing where there is no change to judge.
fn verdict(matters: Matters, change: &Expr, error: &Expr, (low, high): (&Expr, &Expr), detectable: &Expr) -> Expr {
    let is_null = |expr: &Expr| Expr::IsNull { operand: Box::new(expr.clone()), negated: false };
    let compare = |operator, left: &Expr, right: f64| Expr::binary(operator, left.clone(), real(right));
    let real_change = Expr::binary(Binary::Or, compare(Binary::Greater, low, 0.0), compare(Binary::Less, high, 0.0));
    let large = compare(Binary::GreaterEqual, &Expr::call(Function::Abs, vec![change.clone()]), matters.change);
    let text = |words: &str| Expr::text(words);
    Expr::Case {
        branches: vec![
            (is_null(change), Expr::Literal(crate::relation::Literal::Null(ValueType::Text))),
            (is_null(error), text("too few to tell")),
            (Expr::binary(Binary::And, real_change.clone(), large), text("real and large enough")),
            (real_change, text("real but small")),
            (compare(Binary::Greater, detectable, matters.change), text("too few to tell")),
        ],
        otherwise: Some(Box::new(text("not distinguishable"))),
    }
}

const THRESHOLD: &str = "threshold";
const SHARE: &str = "share";
const CLUSTERS: &str = "clusters";
const SPREAD: &str = "spread";
const LOWER: &str = "lower";
const UPPER: &str = "upper";

/// Adds the ordered values between which a percentile lies, of each cell. What is not independent counts for less: how far the
/// ranks reach follows from the clustered error of the share of values up to the percentile (Woodruff 1952).
fn push_neighbours(
    draft: &mut Draft<'_>,
    answering: &Answering<'_, '_>,
    metric: &FlatMetric,
    (leaf, share, z): (LeafId, f64, f64),
) -> String {
    let at = answering.flat.leaves.leaves[leaf.0];
    let step = answering.scans[at.scan].ordered.get(&at.column).cloned().unwrap_or_default();
    let clusters = &answering.flat.leaves.scans[at.scan].clusters;
    let place = metric.cluster.as_ref().and_then(|_| clusters.iter().position(|known| *known == metric.cluster));
    let count = || Expr::column(&step, VALUES).cast(ValueType::Real);
    let plain = root(&divide(real(share * (1.0 - share)), count()));
    let spread = place.map(|place| push_spread(draft, answering, &step, (&cluster_name(place), share)));
    let error = match &spread {
        None => plain,
        Some(spread) => {
            let alone = equal(&Expr::column(spread, CLUSTERS).cast(ValueType::Real), &count());
            when_else(alone, plain, Expr::column(spread, SPREAD))
        }
    };
    let margin = times(z, product(count(), error));
    // The nearest ranks: a whole rank further on each side would promise less than it keeps.
    let lower = Expr::binary(Binary::Subtract, times(share, count()), margin.clone());
    let lower = Expr::call(Function::Floor, vec![Expr::binary(Binary::Add, lower, real(0.5))]);
    let upper = Expr::binary(Binary::Add, times(share, count()), margin);
    let upper = Expr::call(Function::Ceiling, vec![Expr::binary(Binary::Subtract, upper, real(0.5))]);
    let upper = Expr::binary(Binary::Add, upper, real(1.0));
    let value_at = |place: Expr| {
        let here = Expr::binary(Binary::Equal, Expr::column(&step, PLACE).cast(ValueType::Real), place);
        aggregate(AggregateFunction::Max, when(here, Expr::column(&step, VALUE)))
    };
    let mut columns = keys_of(answering.groups, &step);
    let group_by = columns.iter().map(|output| output.expr.clone()).collect();
    columns.push(value_at(lower).named(LOWER));
    columns.push(value_at(upper).named(UPPER));
    let joins = spread.iter().map(|spread| join_by_cell(answering.groups, &step, spread)).collect();
    let from = from_step(&step);
    draft.push_once("neighbours", select(Select { columns, from, joins, group_by, ..Select::default() }))
}

/// Adds the clustered error of the share of values up to a percentile, of each cell, and the number of clusters. Values decide,
/// not places: those of equal values are in no order.
fn push_spread(
    draft: &mut Draft<'_>,
    answering: &Answering<'_, '_>,
    ordered: &str,
    (cluster, share): (&str, f64),
) -> String {
    const DEVIATION: &str = "deviation";
    let level = push_level(draft, answering, ordered, share);
    let up_to = Expr::binary(Binary::LessEqual, Expr::column(ordered, VALUE), Expr::column(&level, THRESHOLD));
    let counted = Expr::binary(Binary::Subtract, when_else(up_to, real(1.0), real(0.0)), Expr::column(&level, SHARE));
    let values = aggregate(AggregateFunction::Max, Expr::column(ordered, VALUES).cast(ValueType::Real));
    let mut columns = keys_of(answering.groups, ordered);
    columns.push(Expr::column(ordered, cluster).named(cluster));
    let group_by = columns.iter().map(|output| output.expr.clone()).collect();
    columns.push(divide(aggregate(AggregateFunction::Sum, counted), values).named(DEVIATION));
    let joins = vec![join_by_cell(answering.groups, ordered, &level)];
    let from = from_step(ordered);
    let deviations = draft.push("deviations", select(Select { columns, from, joins, group_by, ..Select::default() }));
    let mut columns = keys_of(answering.groups, &deviations);
    let group_by = columns.iter().map(|output| output.expr.clone()).collect();
    let of_clusters = || Expr::column(&deviations, DEVIATION);
    let count = aggregate(AggregateFunction::Count, of_clusters());
    let spread = aggregate(AggregateFunction::StandardDeviation, of_clusters());
    columns.push(product(root(&count.clone().cast(ValueType::Real)), spread).named(SPREAD));
    columns.push(count.named(CLUSTERS));
    let from = from_step(&deviations);
    draft.push_once("spreads", select(Select { columns, from, group_by, ..Select::default() }))
}

/// Adds the value at a percentile's place, and the share of values up to it, of each cell.
fn push_level(draft: &mut Draft<'_>, answering: &Answering<'_, '_>, ordered: &str, share: f64) -> String {
    let real_of = |name: &str| Expr::column(ordered, name).cast(ValueType::Real);
    let wanted = Expr::call(Function::Ceiling, vec![times(share, real_of(VALUES))]);
    let here = Expr::binary(Binary::Equal, real_of(PLACE), wanted);
    let mut columns = keys_of(answering.groups, ordered);
    let group_by = columns.iter().map(|output| output.expr.clone()).collect();
    let threshold = aggregate(AggregateFunction::Max, when(here, Expr::column(ordered, VALUE)));
    columns.push(threshold.named(THRESHOLD));
    let from = from_step(ordered);
    let thresholds = draft.push("thresholds", select(Select { columns, from, group_by, ..Select::default() }));
    let threshold = || Expr::column(&thresholds, THRESHOLD);
    let up_to = Expr::binary(Binary::LessEqual, Expr::column(ordered, VALUE), threshold());
    let mut columns = keys_of(answering.groups, ordered);
    let group_by = columns.iter().map(|output| output.expr.clone()).collect();
    columns.push(aggregate(AggregateFunction::Max, threshold()).named(THRESHOLD));
    columns.push(aggregate(AggregateFunction::Average, when_else(up_to, real(1.0), real(0.0))).named(SHARE));
    let joins = vec![join_by_cell(answering.groups, ordered, &thresholds)];
    let from = from_step(ordered);
    draft.push_once("levels", select(Select { columns, from, joins, group_by, ..Select::default() }))
}

/// Wilson's bounds of a share.
fn wilson(p: &Expr, size: &Expr, z: f64) -> (Expr, Expr) {
    let per_size = |number: f64| divide(real(number), size.clone());
    let whole = Expr::binary(Binary::Add, real(1.0), per_size(z * z));
    let centre = Expr::binary(Binary::Add, p.clone(), per_size(z * z / 2.0));
    let quarter = divide(per_size(z * z / 4.0), size.clone());
    let inside = Expr::binary(Binary::Add, divide(spread_of_share(p), size.clone()), quarter);
    let half = times(z, root(&inside));
    (
        divide(Expr::binary(Binary::Subtract, centre.clone(), half.clone()), whole.clone()),
        divide(Expr::binary(Binary::Add, centre, half), whole),
    )
}

/// The bounds of a net score after adding three quarters of an observation to each side, and three to all.
fn adjusted_wald(above: &Expr, below: &Expr, size: &Expr, z: f64) -> (Expr, Expr) {
    let more = || Expr::binary(Binary::Add, size.clone(), real(3.0));
    let adjusted =
        |share: &Expr| divide(Expr::binary(Binary::Add, product(share.clone(), size.clone()), real(0.75)), more());
    let (above, below) = (adjusted(above), adjusted(below));
    let net = Expr::binary(Binary::Subtract, above.clone(), below.clone());
    let half = times(z, root(&divide(spread_of_net(&above, &below), more())));
    (Expr::binary(Binary::Subtract, net.clone(), half.clone()), Expr::binary(Binary::Add, net, half))
}

/// `p (1 − p)`.
fn spread_of_share(p: &Expr) -> Expr {
    let rest = Expr::binary(Binary::Subtract, real(1.0), p.clone());
    not_negative(product(p.clone(), rest))
}

/// `p + d − (p − d)²`.
fn spread_of_net(above: &Expr, below: &Expr) -> Expr {
    let net = Expr::binary(Binary::Subtract, above.clone(), below.clone());
    let both = Expr::binary(Binary::Add, above.clone(), below.clone());
    not_negative(Expr::binary(Binary::Subtract, both, product(net.clone(), net)))
}

/// The number of independent observations that are worth as much as the clustered ones.
fn size(n: &Expr, clusters: &Expr, spread: &Expr, error: &Expr) -> Expr {
    let squared = product(error.clone(), error.clone());
    let worth = divide(spread.clone(), squared);
    let both = Expr::binary(
        Binary::And,
        Expr::binary(Binary::Greater, error.clone(), real(0.0)),
        Expr::binary(Binary::Greater, spread.clone(), real(0.0)),
    );
    let capped = when_else(Expr::binary(Binary::Less, worth.clone(), n.clone()), worth, n.clone());
    Expr::Case {
        branches: vec![(equal(clusters, n), n.clone()), (both, capped)],
        otherwise: Some(Box::new(when(Expr::binary(Binary::Greater, clusters.clone(), real(1.0)), clusters.clone()))),
    }
}

fn scaled_error(error: &Expr, factor: f64) -> Expr {
    if factor.abs() == 1.0 { error.clone() } else { divide(error.clone(), real(factor.abs())) }
}

/// Standard error and bounds, the lower first whatever the sign of the factor.
fn ordered(se: Expr, factor: f64, low: Expr, high: Expr) -> (Expr, Expr, Expr) {
    let (low, high) = if factor < 0.0 { (high, low) } else { (low, high) };
    (se, times(factor, low), times(factor, high))
}

fn times(factor: f64, expr: Expr) -> Expr {
    if factor == 1.0 { expr } else { product(real(factor), expr) }
}

fn product(left: Expr, right: Expr) -> Expr {
    Expr::binary(Binary::Multiply, left, right)
}

fn equal(left: &Expr, right: &Expr) -> Expr {
    Expr::binary(Binary::Equal, left.clone(), right.clone())
}

fn root(expr: &Expr) -> Expr {
    Expr::call(Function::Sqrt, vec![expr.clone()])
}

/// What rounding may have put a little below 0.
fn not_negative(expr: Expr) -> Expr {
    when_else(Expr::binary(Binary::Greater, expr.clone(), real(0.0)), expr, real(0.0))
}
