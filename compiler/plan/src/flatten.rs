//! Metrics → formulas over leaves: metrics of metrics are expanded, filters and offsets reach the aggregates they govern.

use crate::leaf::{ExprId, LeafId, Leaves, Place, Shape};
use crate::request::Request;
use crate::spine::offset_words;
use groma_model::measure::{AggregateCall, Measure, MeasureKind};
use groma_model::row::{Binary, Literal, RowExpr, RowFunction};
use groma_model::time::{Grain, Offset};
use groma_model::{Code, Diagnostic, Metric, MetricId, Model, SourceId, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The most parts of a measure, all of its metrics expanded.
const MOST_PARTS: usize = 20_000;
/// The deepest nesting of a measure: engines refuse expressions not much deeper.
const DEEPEST: usize = 400;
/// Stack that one more level may need, and what is added when it is not there.
const RED_ZONE: usize = 128 * 1024;
const MORE_STACK: usize = 2 * 1024 * 1024;

/// A measure is too large to be one expression.
pub static TOO_LARGE: Code = Code::error("plan/too-large", "a measure expands to more than one statement can hold");
/// An offset does not lead from a period to a period.
pub static OFFSET_NOT_ALIGNED: Code =
    Code::error("time/offset-not-aligned", "a value is compared with one at a time that is no period of the answer");

/// A measure over leaves.
#[derive(Debug)]
pub(crate) struct Formula {
    pub(crate) kind: FormulaKind,
    parts: usize,
    depth: usize,
    /// A part of it was reported as too large.
    refused: bool,
}

/// The shapes of formulas.
#[derive(Debug)]
pub(crate) enum FormulaKind {
    Null,
    Literal(Literal),
    Leaf(LeafId),
    Node(Node, Vec<Rc<Formula>>),
}

/// What is made of the parts of a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Node {
    Not,
    Minus,
    Binary(Binary),
    IsNull {
        negated: bool,
    },
    /// Conditions and results in turn; the last is what stands after `else`, if there is an odd number of parts.
    Case,
    Call(RowFunction),
}

/// A metric with its formula.
#[derive(Debug)]
pub(crate) struct FlatMetric {
    pub(crate) id: MetricId,
    pub(crate) formula: Rc<Formula>,
    /// The counts of observations of which the smallest is the metric's.
    pub(crate) observations: BTreeSet<LeafId>,
}

/// The metrics of a request and the leaves they are made of.
#[derive(Debug)]
pub(crate) struct Flat<'a> {
    pub(crate) leaves: Leaves<'a>,
    pub(crate) metrics: Vec<FlatMetric>,
}

/// Expands the metrics of a request.
pub(crate) fn flatten<'a>(model: &'a Model, request: &'a Request<'_>) -> Result<Flat<'a>, Vec<Diagnostic>> {
    let mut flattener = Flattener {
        model,
        request,
        leaves: Leaves::new(model),
        scopes: Vec::new(),
        scope_ids: BTreeMap::new(),
        known: BTreeMap::new(),
        reported: BTreeSet::new(),
        findings: Vec::new(),
        nesting: 0,
    };
    let scope = flattener.outermost();
    let formulas: Vec<_> = request.metrics.iter().map(|id| (*id, flattener.metric(*id, scope))).collect();
    if !flattener.findings.is_empty() {
        return Err(flattener.findings);
    }
    let mut leaves = flattener.leaves;
    let metrics = formulas
        .into_iter()
        .map(|(id, formula)| {
            let observations = behind(&formula).into_iter().map(|leaf| leaves.observations(leaf)).collect();
            FlatMetric { id, formula, observations }
        })
        .collect();
    Ok(Flat { leaves, metrics })
}

/// The leaves whose observations stand behind a value: of a ratio those of the denominator.
fn behind(formula: &Formula) -> BTreeSet<LeafId> {
    let all = |parts: &[Rc<Formula>]| parts.iter().flat_map(|part| grow(|| behind(part))).collect();
    match &formula.kind {
        FormulaKind::Null | FormulaKind::Literal(_) => BTreeSet::new(),
        FormulaKind::Leaf(leaf) => BTreeSet::from([*leaf]),
        FormulaKind::Node(Node::Binary(Binary::Divide), parts) => {
            let denominator: BTreeSet<LeafId> = all(&parts[1..]);
            if denominator.is_empty() { all(parts) } else { denominator }
        }
        FormulaKind::Node(_, parts) => all(parts),
    }
}

/// Runs something that may nest deeply.
pub(crate) fn grow<T>(run: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(RED_ZONE, MORE_STACK, run)
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
}

impl<'a> Flattener<'a> {
    /// The scope of the request itself.
    fn outermost(&mut self) -> ScopeId {
        let mut scope = Scope::default();
        let request = self.request;
        self.add_filters(&mut scope, &request.filter);
        self.scope(scope)
    }

    fn add_filters(&mut self, scope: &mut Scope, filters: &'a [(SourceId, RowExpr)]) {
        for (source, filter) in filters {
            self.leaves.conditions(*source, filter, scope.filters.entry(*source).or_default());
        }
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
        let mut formula = self.measure(&metric.measure, At { metric: id, scope });
        if !formula.refused && (formula.parts > MOST_PARTS || formula.depth > DEEPEST) {
            self.too_large(metric, formula.parts);
            formula = refused();
        }
        self.known.insert((id, scope), Some(Rc::clone(&formula)));
        formula
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
            MeasureKind::Literal(literal) => return single(FormulaKind::Literal(literal.clone())),
            MeasureKind::Aggregate(call) => return self.aggregate(call, at),
            MeasureKind::Metric(id) => return self.metric(*id, at.scope),
            MeasureKind::Scoped { inner, filter, offset } => {
                let scope = self.inner_scope(measure, filter, *offset, at);
                return self.measure(inner, At { metric: at.metric, scope });
            }
            MeasureKind::Not(_) => Node::Not,
            MeasureKind::Minus(_) => Node::Minus,
            MeasureKind::Binary { operator, .. } => Node::Binary(*operator),
            MeasureKind::IsNull { negated, .. } => Node::IsNull { negated: *negated },
            MeasureKind::Case { .. } => Node::Case,
            MeasureKind::Call { function, .. } => Node::Call(*function),
        };
        let parts = measure.children().into_iter().map(|child| self.measure(child, at)).collect();
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

    fn aggregate(&mut self, call: &'a AggregateCall, at: At) -> Rc<Formula> {
        let model = self.model;
        let metric = model.metric(at.metric);
        let Some(source) = metric.source else { return null() };
        let mut filter = self.scopes[at.scope].filters.get(&source).cloned().unwrap_or_default();
        if let Some(condition) = &metric.filter {
            self.leaves.conditions(source, condition, &mut filter);
        }
        let filter: Vec<ExprId> = filter.into_iter().collect();
        let place = Place { source, clock: &metric.clock, filter: &filter, offset: self.scopes[at.scope].offset };
        match self.leaves.call(&place, call) {
            Shape::Value(leaf) => single(FormulaKind::Leaf(leaf)),
            Shape::Ratio(above, below) => {
                let parts = vec![single(FormulaKind::Leaf(above)), single(FormulaKind::Leaf(below))];
                compound(Node::Binary(Binary::Divide), parts)
            }
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

fn null() -> Rc<Formula> {
    single(FormulaKind::Null)
}

fn refused() -> Rc<Formula> {
    Rc::new(Formula { kind: FormulaKind::Null, parts: 1, depth: 1, refused: true })
}

fn single(kind: FormulaKind) -> Rc<Formula> {
    Rc::new(Formula { kind, parts: 1, depth: 1, refused: false })
}

fn compound(node: Node, parts: Vec<Rc<Formula>>) -> Rc<Formula> {
    let count = parts.iter().fold(1_usize, |sum, part| sum.saturating_add(part.parts));
    let depth = parts.iter().map(|part| part.depth).max().unwrap_or(0) + 1;
    let refused = parts.iter().any(|part| part.refused);
    Rc::new(Formula { kind: FormulaKind::Node(node, parts), parts: count, depth, refused })
}
