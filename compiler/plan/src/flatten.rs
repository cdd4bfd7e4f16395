//! Metrics → formulas over leaves: metrics of metrics are expanded, filters and offsets reach the aggregates they govern.

use crate::formula::{Formula, FormulaKind, Node, behind, compound, grow, null, refused, single};
use crate::interval::{Method, method};
use crate::leaf::{Cluster, ExprId, LeafId, Leaves, Place, ScanKind, Shape, ValuePerCustomer};
use crate::population::{Populations, route};
use crate::request::{Estimated, Request};
use crate::spine::offset_words;
use crate::suppress::{Guards, fewest};
use groma_model::measure::{AggregateCall, Measure, MeasureKind};
use groma_model::row::{Binary, Literal, RowExpr, RowFunction};
use groma_model::time::{Clock, Grain, Offset, Snapshot};
use groma_model::{Code, Diagnostic, Fill, Members, Metric, MetricId, Model, Population, SourceId, Span};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The most parts of a measure, all of its metrics expanded.
const MOST_PARTS: usize = 20_000;
/// The deepest nesting of a measure: engines refuse expressions not much deeper.
const DEEPEST: usize = 400;
/// A measure is too large to be one expression.
pub static TOO_LARGE: Code = Code::error("plan/too-large", "a measure expands to more than one statement can hold");
/// An offset does not lead from a period to a period.
pub static OFFSET_NOT_ALIGNED: Code =
    Code::error("time/offset-not-aligned", "a value is compared with one at a time that is no period of the answer");

/// A metric with its formula.
#[derive(Debug)]
pub(crate) struct FlatMetric {
    pub(crate) id: MetricId,
    pub(crate) formula: Rc<Formula>,
    /// The counts of observations of which the smallest is the metric's.
    pub(crate) observations: BTreeSet<LeafId>,
    /// What was read and how much earlier: the scans and offsets of its leaves.
    pub(crate) inputs: BTreeSet<(usize, Offset)>,
    /// The shares of cohorts that have completed their windows, of which the smallest is the metric's.
    pub(crate) matured: BTreeSet<LeafId>,
    /// The counts of which one is above 0 for a customer that counts for the metric.
    pub(crate) counted: BTreeSet<LeafId>,
    /// The counts of which one is above 0 where a row counts for the metric, where cells are told apart.
    pub(crate) present: BTreeSet<LeafId>,
    /// What its errors are clustered by.
    pub(crate) cluster: Cluster,
    /// Whether its interval and its change are computed, where they are asked for.
    pub(crate) is_estimated: bool,
    /// Against the period before, where that is asked: the difference, and the counts of both.
    pub(crate) change: Option<Change>,
}

/// The change of a metric against the period before.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) formula: Rc<Formula>,
    pub(crate) counted: BTreeSet<LeafId>,
}

/// The metrics of a request and the leaves they are made of.
#[derive(Debug)]
pub(crate) struct Flat<'a> {
    pub(crate) leaves: Leaves<'a>,
    pub(crate) populations: Populations<'a>,
    pub(crate) metrics: Vec<FlatMetric>,
    /// What is filled from earlier periods; each is made of leaves and of those before it.
    pub(crate) fills: Vec<Rc<Formula>>,
    /// What is hidden because it is about too few customers.
    pub(crate) guards: Guards,
}

/// Expands the metrics of a request.
pub(crate) fn flatten<'a>(model: &'a Model, request: &'a Request<'_>) -> Result<Flat<'a>, Vec<Diagnostic>> {
    let mut flattener = Flattener::new(model, request);
    let scope = flattener.outermost();
    let earlier = request.further.changes.then(|| flattener.scope_before(scope, request.grain));
    let formulas: Vec<_> = request
        .metrics
        .iter()
        .map(|id| {
            let formula = flattener.metric(*id, scope);
            let is_estimated = flattener.is_estimated(*id, &formula);
            let earlier = earlier.filter(|_| is_estimated).map(|earlier| flattener.part(*id, earlier));
            (*id, formula, earlier, is_estimated)
        })
        .collect();
    if !flattener.findings.is_empty() {
        return Err(flattener.findings);
    }
    let (mut leaves, matured_of) = (flattener.leaves, flattener.matured);
    let (owners, customers) = (flattener.owners, flattener.customers);
    let metrics: Vec<FlatMetric> = formulas
        .into_iter()
        .map(|(id, formula, earlier, is_estimated)| {
            let observations = behind(&formula).into_iter().map(|leaf| leaves.observations(leaf)).collect();
            let parts = formula.leaves();
            let input = |leaf: &LeafId| (leaves.leaves[leaf.0].scan, leaves.leaves[leaf.0].offset);
            let inputs = parts.iter().map(input).collect();
            let matured: BTreeSet<LeafId> = parts.iter().filter_map(|leaf| matured_of.get(leaf).copied()).collect();
            let is_counted = request.further.weights || is_estimated && request.has_estimates();
            let counted = counts_of(&mut leaves, &formula, is_counted);
            let owner = parts.iter().find_map(|leaf| owners.get(leaf)).copied().unwrap_or(id);
            let cluster = model.metric(owner).customer_key.clone();
            let change = earlier.map(|earlier| {
                let parts = vec![Rc::clone(&formula), earlier];
                let formula = compound(Node::Binary(Binary::Subtract), parts);
                let counted = counts_of(&mut leaves, &formula, true);
                Change { formula, counted }
            });
            let rows = parts.iter().chain(&matured).filter(|_| request.further.own_cells);
            let present = rows.copied().filter_map(|leaf| leaves.presence_of(leaf)).collect();
            FlatMetric { id, formula, observations, inputs, matured, counted, present, cluster, is_estimated, change }
        })
        .collect();
    let guards = Guards::of(model, &mut leaves, &metrics, customers);
    leaves.look_back_behind();
    let flat = Flat { leaves, populations: flattener.populations, metrics, fills: flattener.fills, guards };
    if request.intervals.is_some() && request.estimated == Estimated::All {
        let refused = crate::interval::refused(model, &flat);
        if !refused.is_empty() {
            return Err(refused);
        }
    }
    Ok(flat)
}

/// The counts of the rows behind each leaf, where errors are asked for.
fn counts_of(leaves: &mut Leaves<'_>, formula: &Formula, is_counted: bool) -> BTreeSet<LeafId> {
    if !is_counted {
        return BTreeSet::new();
    }
    formula.leaves().into_iter().map(|leaf| leaves.observations(leaf)).collect()
}

/// What every aggregate inside sees: only rows that meet the conditions of its source, so much earlier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Scope {
    filters: BTreeMap<SourceId, BTreeSet<ExprId>>,
    offset: Offset,
}

/// A place in the scopes that were met.
type ScopeId = usize;

struct Flattener<'a> {
    model: &'a Model,
    request: &'a Request<'a>,
    leaves: Leaves<'a>,
    populations: Populations<'a>,
    /// Of leaves over a cohort, the share of it that has completed its window.
    matured: BTreeMap<LeafId, LeafId>,
    /// The metric whose measure a leaf was first met in.
    owners: BTreeMap<LeafId, MetricId>,
    /// Whether some metric hides cells about too few customers.
    guarded: bool,
    /// Of each leaf the counts of the customers behind it, where they are needed.
    customers: BTreeMap<LeafId, Vec<LeafId>>,
    fills: Vec<Rc<Formula>>,
    scopes: Vec<Scope>,
    scope_ids: BTreeMap<Scope, ScopeId>,
    /// Metrics that were expanded in a scope; without a formula while that goes on.
    known: BTreeMap<(MetricId, ScopeId), Option<Rc<Formula>>>,
    reported: BTreeSet<(&'static str, Span)>,
    findings: Vec<Diagnostic>,
    nesting: usize,
}

/// The metric whose measure is expanded, and what governs it.
#[derive(Clone, Copy)]
struct At {
    metric: MetricId,
    scope: ScopeId,
    /// The scan by customer, in the value that a metric gives each customer.
    by_customer: Option<usize>,
    /// Instants are needed as they are stored.
    stored: bool,
}

impl<'a> Flattener<'a> {
    fn new(model: &'a Model, request: &'a Request<'_>) -> Self {
        Self {
            model,
            request,
            leaves: Leaves::new(model),
            populations: Populations::default(),
            matured: BTreeMap::new(),
            owners: BTreeMap::new(),
            guarded: request.metrics.iter().any(|id| fewest(model, *id).is_some()),
            customers: BTreeMap::new(),
            fills: Vec::new(),
            scopes: Vec::new(),
            scope_ids: BTreeMap::new(),
            known: BTreeMap::new(),
            reported: BTreeSet::new(),
            findings: Vec::new(),
            nesting: 0,
        }
    }

    /// Whether the interval and the change of a metric are computed, where they are asked for.
    fn is_estimated(&self, id: MetricId, formula: &Formula) -> bool {
        match &self.request.estimated {
            Estimated::All => true,
            Estimated::Where(wanted) => {
                wanted.contains(&id) && !matches!(method(&self.leaves, formula), Method::None(_))
            }
        }
    }

    /// The scope of the request itself.
    fn outermost(&mut self) -> ScopeId {
        let mut scope = Scope::default();
        let request = self.request;
        self.add_filters(&mut scope, &request.filter);
        self.scope(scope)
    }

    fn add_filters(&mut self, scope: &mut Scope, filters: &'a [(SourceId, RowExpr)]) {
        for (source, filter) in filters {
            self.leaves.conditions(*source, None, Cow::Borrowed(filter), scope.filters.entry(*source).or_default());
        }
    }

    /// The same scope, one period of the grain earlier.
    fn scope_before(&mut self, scope: ScopeId, grain: Grain) -> ScopeId {
        let mut earlier = self.scopes[scope].clone();
        earlier.offset = earlier.offset.plus(grain.length());
        self.scope(earlier)
    }

    fn scope(&mut self, scope: Scope) -> ScopeId {
        if let Some(known) = self.scope_ids.get(&scope) {
            return *known;
        }
        self.scopes.push(scope.clone());
        self.scope_ids.insert(scope, self.scopes.len() - 1);
        self.scopes.len() - 1
    }

    fn metric(&mut self, id: MetricId, scope: ScopeId) -> Rc<Formula> {
        match self.known.get(&(id, scope)) {
            Some(Some(formula)) => return Rc::clone(formula),
            // It is made of itself, which the model reports.
            Some(None) => return null(),
            None => {}
        }
        self.known.insert((id, scope), None);
        let model = self.model;
        let metric = model.metric(id);
        let mut formula = self.measure(&metric.measure, At { metric: id, scope, by_customer: None, stored: false });
        if !formula.refused && (formula.parts > MOST_PARTS || formula.depth > DEEPEST) {
            self.too_large(metric, formula.parts);
            formula = refused();
        }
        let formula = self.filled(metric.fill, formula);
        self.known.insert((id, scope), Some(Rc::clone(&formula)));
        formula
    }

    /// A metric that another one is made of: where too few were observed it has no value there either.
    fn part(&mut self, id: MetricId, scope: ScopeId) -> Rc<Formula> {
        let formula = self.metric(id, scope);
        let Some(minimum) = self.model.metric(id).minimum else { return formula };
        let counts = self.counts_behind(&formula);
        let parts = std::iter::once(formula).chain(counts).collect();
        compound(Node::AtLeast(minimum), parts)
    }

    /// What stands where there is no value.
    fn filled(&mut self, fill: Fill, formula: Rc<Formula>) -> Rc<Formula> {
        let substitute = match fill {
            Fill::None => return formula,
            Fill::Zero => single(FormulaKind::Literal(Literal::Int(0))),
            Fill::Previous => {
                self.fills.push(Rc::clone(&formula));
                single(FormulaKind::Filled(self.fills.len() - 1, Rc::clone(&formula)))
            }
        };
        let counts = self.counts_behind(&formula);
        let parts = [formula, substitute].into_iter().chain(counts).collect();
        compound(Node::WhereNone, parts)
    }

    /// The numbers of observations behind a value.
    fn counts_behind(&mut self, formula: &Formula) -> Vec<Rc<Formula>> {
        let counts: BTreeSet<LeafId> = behind(formula).into_iter().map(|leaf| self.leaves.observations(leaf)).collect();
        counts.into_iter().map(|leaf| single(FormulaKind::Leaf(leaf))).collect()
    }

    fn measure(&mut self, measure: &'a Measure, at: At) -> Rc<Formula> {
        if self.nesting > 2 * DEEPEST {
            self.too_large(self.model.metric(at.metric), 0);
            return refused();
        }
        self.nesting += 1;
        let formula = grow(|| self.measure_kind(measure, at));
        self.nesting -= 1;
        formula
    }

    fn measure_kind(&mut self, measure: &'a Measure, at: At) -> Rc<Formula> {
        let node = match &measure.kind {
            MeasureKind::Unknown | MeasureKind::Parameter(_) => return null(),
            MeasureKind::Attribute(value) => return self.attribute(value, at),
            MeasureKind::Literal(literal) => return single(FormulaKind::Literal(literal.clone())),
            MeasureKind::Aggregate(call) => return self.aggregate(call, at),
            MeasureKind::Metric(id) => return self.part(*id, at.scope),
            MeasureKind::Scoped { inner, filter, offset } => {
                let scope = self.inner_scope(measure, filter, *offset, at);
                return self.measure(inner, At { scope, ..at });
            }
            MeasureKind::Not(_) => Node::Not,
            MeasureKind::Minus(_) => Node::Minus,
            MeasureKind::Binary { operator, .. } => Node::Binary(*operator),
            MeasureKind::IsNull { negated, .. } => Node::IsNull { negated: *negated },
            MeasureKind::Case { .. } => Node::Case,
            MeasureKind::Call { function, .. } => Node::Call(*function),
        };
        let at = At { stored: node == Node::Call(RowFunction::SecondsBetween), ..at };
        let parts: Vec<Rc<Formula>> = measure.children().into_iter().map(|child| self.measure(child, at)).collect();
        if let (Node::Binary(Binary::Divide), [above, below]) = (node, parts.as_slice())
            && let (FormulaKind::Leaf(above), FormulaKind::Leaf(below)) = (&above.kind, &below.kind)
        {
            self.count_rest(*above, *below);
        }
        compound(node, parts)
    }

    fn inner_scope(
        &mut self,
        measure: &'a Measure,
        filters: &'a [(SourceId, RowExpr)],
        offset: Option<Offset>,
        at: At,
    ) -> ScopeId {
        let mut scope = self.scopes[at.scope].clone();
        self.add_filters(&mut scope, filters);
        if let Some(offset) = offset {
            self.check_offset(measure, offset, at.metric);
            scope.offset.months = scope.offset.months.saturating_add(offset.months);
            scope.offset.days = scope.offset.days.saturating_add(offset.days);
        }
        self.scope(scope)
    }

    fn attribute(&mut self, value: &'a RowExpr, at: At) -> Rc<Formula> {
        let Some(population) = &self.model.metric(at.metric).population else { return null() };
        let customers = self.model.customer(population.customer).source;
        let id = self.leaves.expr(customers, None, Cow::Borrowed(value));
        single(FormulaKind::Attribute { id, stored: at.stored })
    }

    fn aggregate(&mut self, call: &'a AggregateCall, at: At) -> Rc<Formula> {
        let metric = self.model.metric(at.metric);
        let Some(source) = metric.source else { return null() };
        let offset = self.scopes[at.scope].offset;
        let (place_source, scan, each, filter) = match (&metric.population, at.by_customer) {
            (_, Some(scan)) => (source, scan, None, self.own_filter(metric, source)),
            (Some(population), None) if metric.each.is_some() || !metric.steps.is_empty() => {
                let customers = self.model.customer(population.customer).source;
                let (scan, each) = self.customers(at.metric, source, population);
                (customers, scan, Some(each), self.scope_filter(at.scope, customers))
            }
            (Some(population), None) => {
                let id = self.populations.id(self.model, population);
                let scan = self.leaves.scan(source, ScanKind::Anchored(metric.clock.clone(), id));
                let mut filter = self.own_filter(metric, source);
                filter.extend(self.filter_of_customers(at.scope, source, population));
                (source, scan, None, filter)
            }
            (None, None) => {
                let per_customer = Clock::Snapshot(Snapshot::FirstPerCustomer) == metric.clock
                    || Clock::Snapshot(Snapshot::LastPerCustomer) == metric.clock;
                let key = metric.customer_key.clone().filter(|_| per_customer);
                let scan = self.leaves.scan(source, ScanKind::Rows(metric.clock.clone(), key));
                let mut filter = self.scope_filter(at.scope, source);
                filter.extend(self.own_filter(metric, source));
                (source, scan, None, filter)
            }
        };
        let filter: Vec<ExprId> = filter.into_iter().collect();
        let stored = at.stored;
        let place = Place { source: place_source, scan, filter: &filter, offset, each, stored };
        let shape = self.leaves.call(&place, call);
        if at.by_customer.is_none() {
            self.mature(metric, at, &place, &shape);
            let (Shape::Value(first) | Shape::Ratio(first, _)) = &shape;
            self.owners.entry(*first).or_insert(at.metric);
        }
        if at.by_customer.is_none() {
            self.count_customers(metric, &shape);
        }
        match shape {
            Shape::Value(leaf) => single(FormulaKind::Leaf(leaf)),
            Shape::Ratio(above, below) => {
                let parts = vec![single(FormulaKind::Leaf(above)), single(FormulaKind::Leaf(below))];
                compound(Node::Binary(Binary::Divide), parts)
            }
        }
    }

    /// Remembers the counts of the customers behind the leaves of a call.
    fn count_customers(&mut self, metric: &Metric, shape: &Shape) {
        if !self.guarded {
            return;
        }
        let key = metric.population.as_ref().map(|population| &population.key).or(metric.customer_key.as_ref());
        let leaves = match shape {
            Shape::Value(leaf) => vec![*leaf],
            Shape::Ratio(above, below) => vec![*above, *below],
        };
        for leaf in leaves {
            let count = self.leaves.customers(leaf, key);
            self.add_count(leaf, count);
        }
        if let Shape::Ratio(above, below) = shape {
            self.count_rest(*above, *below);
        }
    }

    /// A share says how many are not in it, too.
    fn count_rest(&mut self, above: LeafId, below: LeafId) {
        let count = self.customers.get(&below).and_then(|counts| counts.first()).copied();
        if let Some(rest) = count.and_then(|count| self.leaves.rest(above, below, count)) {
            self.add_count(above, rest);
        }
    }

    fn add_count(&mut self, leaf: LeafId, count: LeafId) {
        let counts = self.customers.entry(leaf).or_default();
        if !counts.contains(&count) {
            counts.push(count);
        }
    }

    fn scope_filter(&self, scope: ScopeId, source: SourceId) -> BTreeSet<ExprId> {
        self.scopes[scope].filters.get(&source).cloned().unwrap_or_default()
    }

    fn own_filter(&mut self, metric: &'a Metric, source: SourceId) -> BTreeSet<ExprId> {
        let mut filter = BTreeSet::new();
        if let Some(condition) = &metric.filter {
            self.leaves.conditions(source, None, Cow::Borrowed(condition), &mut filter);
        }
        filter
    }

    /// Conditions on customers, seen from the rows of a source.
    fn filter_of_customers(
        &mut self,
        scope: ScopeId,
        source: SourceId,
        population: &'a Population,
    ) -> BTreeSet<ExprId> {
        let customers = self.model.customer(population.customer).source;
        let hops = route(self.model, source, population);
        let mut filter = BTreeSet::new();
        for condition in self.scope_filter(scope, customers) {
            let moved = self.leaves.exprs[condition.0].expr.reached_through(&hops);
            self.leaves.conditions(source, None, Cow::Owned(moved), &mut filter);
        }
        filter
    }

    /// The scan of a metric's customers, and the place of what the metric gives each of them.
    fn customers(&mut self, id: MetricId, source: SourceId, population: &'a Population) -> (usize, usize) {
        let model = self.model;
        let metric = model.metric(id);
        let customers = model.customer(population.customer).source;
        let counted = self.populations.id(model, population);
        if !metric.steps.is_empty() {
            let scan = self.leaves.scan(customers, ScanKind::Funnel(metric.clock.clone(), counted, id));
            if self.leaves.scans[scan].values.is_empty() {
                self.leaves.scans[scan].values.push(ValuePerCustomer { metric: id, formula: None, present: None });
            }
            return (scan, 0);
        }
        let scan = self.leaves.scan(customers, ScanKind::Customers(metric.clock.clone(), counted, source));
        if let Some(known) = self.leaves.scans[scan].values.iter().position(|value| value.metric == id) {
            return (scan, known);
        }
        let inner = self.leaves.scan(source, ScanKind::ByCustomer(metric.clock.clone(), counted));
        self.leaves.scans[scan].inner = Some(inner);
        // Known before its formula, so that a value made of itself, which the model reports, comes to an end.
        self.leaves.scans[scan].values.push(ValuePerCustomer { metric: id, formula: None, present: None });
        let place = self.leaves.scans[scan].values.len() - 1;
        let at = At { metric: id, scope: self.scope(Scope::default()), by_customer: Some(inner), stored: false };
        let formula = metric.each.as_ref().map(|each| self.measure(each, at));
        let filter: Vec<ExprId> = self.own_filter(metric, source).into_iter().collect();
        let present = (population.members == Members::Rows && !filter.is_empty()).then(|| {
            let rows =
                Place { source, scan: inner, filter: &filter, offset: Offset::default(), each: None, stored: false };
            self.leaves.count(&rows)
        });
        self.leaves.scans[scan].values[place] = ValuePerCustomer { metric: id, formula, present };
        (scan, place)
    }

    /// Remembers the share of the cohort that has completed its window, beside the leaves over it.
    fn mature(&mut self, metric: &'a Metric, at: At, place: &Place<'_>, shape: &Shape) {
        let (Some(population), Some(source)) = (&metric.population, metric.source) else { return };
        if !metric.clock.is_anchored() {
            return;
        }
        let customers = self.model.customer(population.customer).source;
        let matured = if place.each.is_some() {
            let filter: Vec<ExprId> = self.scope_filter(at.scope, customers).into_iter().collect();
            self.leaves.matured(&Place { filter: &filter, ..*place })
        } else {
            let (scan, each) = self.customers(at.metric, source, population);
            let filter: Vec<ExprId> = self.scope_filter(at.scope, customers).into_iter().collect();
            let offset = place.offset;
            self.leaves.matured(&Place {
                source: customers,
                scan,
                filter: &filter,
                offset,
                each: Some(each),
                stored: false,
            })
        };
        let (Shape::Value(first) | Shape::Ratio(first, _)) = shape;
        self.matured.insert(*first, matured);
        if let Shape::Ratio(_, below) = shape {
            self.matured.insert(*below, matured);
        }
    }

    fn check_offset(&mut self, measure: &Measure, offset: Offset, metric: MetricId) {
        let grain = self.request.grain;
        if offset.fits(grain) || !self.reported.insert((OFFSET_NOT_ALIGNED.id, measure.span)) {
            return;
        }
        let metric = self.model.metric(metric);
        let name = &metric.header.name;
        let ahead = offset.months < 0 || offset.days < 0;
        let (length, direction) =
            if ahead { (Offset { months: -offset.months, days: -offset.days }, "ahead") } else { (offset, "back") };
        let (amount, period) = (offset_words(length), grain.word().replace('_', " "));
        let fitting = offset_words(grain.length());
        let finding = OFFSET_NOT_ALIGNED
            .finding(format!("`{name}` looks {amount} {direction}, which leads from a {period} to no {period}"))
            .at(measure.span, format!("{amount} is no whole number of {period}s"))
            .also(metric.header.span, format!("asked for by {period}"))
            .help(format!(
                "look {direction} by whole {period}s (`offset {fitting}`), or build this metric only at grains that \
                 {amount} fits, such as `grain: {}`",
                longest_fitting_grain(offset),
            ));
        self.findings.push(finding);
    }

    fn too_large(&mut self, metric: &Metric, parts: usize) {
        if !self.reported.insert((TOO_LARGE.id, metric.measure.span)) {
            return;
        }
        let name = &metric.header.name;
        let (headline, label) = if parts > MOST_PARTS {
            (
                format!("`{name}` is made of {parts} parts once its metrics are expanded, more than {MOST_PARTS}"),
                format!("{parts} parts"),
            )
        } else {
            (
                format!("`{name}` is nested more than {DEEPEST} levels deep once its metrics are expanded"),
                format!("more than {DEEPEST} levels"),
            )
        };
        let finding = TOO_LARGE.finding(headline).at(metric.measure.span, label).help(
            "compute a part of it in a source of its own (`source … { query: \"\"\"select …\"\"\" }`) and measure that \
             source instead",
        );
        self.findings.push(finding);
    }
}

/// The word of the longest grain that an amount fits.
fn longest_fitting_grain(offset: Offset) -> &'static str {
    let fitting = [Grain::Year, Grain::Quarter, Grain::Month, Grain::Week];
    fitting.into_iter().find(|grain| offset.fits(*grain)).unwrap_or(Grain::Day).word()
}
