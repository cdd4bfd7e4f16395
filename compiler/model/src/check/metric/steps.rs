//! The steps of a funnel.

use super::Reader;
use crate::check::entries::{REPEATED_KEY, WRONG_VALUE};
use crate::check::expression::Scope;
use crate::check::window::{self, EMPTY_WINDOW, NOT_A_WINDOW};
use crate::model::{FunnelStep, Metric, SourceId};
use crate::row::RowExpr;
use crate::time::{Clock, Offset};
use groma_syntax::ast::{Entry, Expr, ExprKind, Infix};
use groma_syntax::{Code, Span};

/// Nothing to be within of.
pub(crate) static WITHIN_FIRST: Code = Code::error(
    "time/within-first-step",
    "The first step of a funnel has a deadline, and nothing happened before that it could run from.",
);
/// A funnel without a way.
pub(crate) static TOO_FEW_STEPS: Code =
    Code::error("level/too-few-steps", "A funnel has fewer than two steps, so nobody goes from one to the next.");

impl Reader<'_, '_> {
    /// The steps in their order. Empty without any, and when something is wrong with them.
    pub(super) fn steps(&mut self, metric: &Metric) -> Vec<FunnelStep> {
        let (Some(block), Some(place)) = (self.entries.group("steps"), self.entries.key_span("steps")) else {
            return Vec::new();
        };
        self.funnel_clock(&metric.clock, place);
        let (Some(source), true) = (metric.source, metric.population.is_some()) else {
            self.broken = true;
            return Vec::new();
        };
        let mut steps: Vec<FunnelStep> = Vec::with_capacity(block.entries.len());
        for entry in &block.entries {
            let step = self.step(entry, steps.is_empty(), source);
            if let Some(step) = step.filter(|step| self.is_new(step, &steps)) {
                steps.push(step);
            }
        }
        self.broken |= steps.len() < block.entries.len() || steps.iter().any(|step| step.condition.has_unknown());
        if block.entries.len() < 2 && !self.entries.item.broken {
            self.expressions.sink.push(
                TOO_FEW_STEPS
                    .finding("a funnel is the way from one step to the next, and this one has fewer than two")
                    .at(place, "no next step")
                    .help("add a step, or measure the share of customers with `each: any(…)`"),
            );
        }
        steps
    }

    /// A funnel's customers are of the period of their first step, or of a cohort.
    fn funnel_clock(&mut self, clock: &Clock, place: Span) {
        let why = match clock {
            Clock::Event | Clock::After { .. } => return,
            Clock::Curve { .. } => "a curve has steps of its own",
            Clock::Snapshot(_) => "a snapshot shows one moment, and steps are taken one after another",
            Clock::Trailing(_) | Clock::ToDate(_) => "one customer would take its first step in several periods",
        };
        let clock = ["window", "snapshot"].into_iter().find_map(|key| self.entries.value(key));
        self.expressions.sink.push(
            NOT_A_WINDOW
                .finding(format!("a funnel counts customers in the period of their first step, or in cohorts: {why}"))
                .at(clock.map_or(place, |clock| clock.span), "not for a funnel")
                .also(place, "the steps stand here")
                .help("take it out, or write a window after an anchor: `90 days after account.since`"),
        );
    }

    fn step(&mut self, entry: &Entry, first: bool, source: SourceId) -> Option<FunnelStep> {
        let Entry::Value { key, values, .. } = entry else {
            self.no_step(entry.span());
            return None;
        };
        let [value] = values.as_slice() else {
            self.no_step(entry.span());
            return None;
        };
        let (condition, within) = match &value.kind {
            ExprKind::Infix { operator: Infix::Within, left, right, .. } => (&**left, Some(&**right)),
            _ => (value, None),
        };
        let within = match within {
            Some(within) if first => {
                self.expressions.sink.push(
                    WITHIN_FIRST
                        .finding(format!(
                            "`{}` is the first step: there is nothing that its days could run from",
                            key.text
                        ))
                        .at(within.span, "within how long of what?")
                        .help("take `within` out; a window after an anchor bounds the first step"),
                );
                return None;
            }
            Some(within) => Some(self.within(within)?),
            None => None,
        };
        let condition: RowExpr = self.expressions.condition(condition, &Scope::of(source));
        Some(FunnelStep { name: key.text.clone(), span: key.span, condition, within })
    }

    fn within(&mut self, written: &Expr) -> Option<Offset> {
        match window::length(written) {
            Ok(length) if length == Offset::default() => {
                self.expressions.sink.push(
                    EMPTY_WINDOW
                        .finding("no row can lie within no days")
                        .at(written.span, "no time at all")
                        .help("the same local day is `within 1 day`"),
                );
                None
            }
            Ok(length) => Some(length),
            Err(finding) => {
                self.expressions.sink.push(finding);
                None
            }
        }
    }

    fn no_step(&mut self, span: Span) {
        self.expressions.sink.push(
            WRONG_VALUE
                .finding("a step is a name and a condition on rows")
                .at(span, "cannot be read as a step")
                .help("write it like `paid: name = \"paid\" within 30 days`"),
        );
    }

    fn is_new(&mut self, step: &FunnelStep, known: &[FunnelStep]) -> bool {
        let Some(first) = known.iter().find(|known| known.name == step.name) else { return true };
        self.expressions.sink.push(
            REPEATED_KEY
                .finding(format!("two steps are called `{}`", step.name))
                .at(step.span, "said again here")
                .also(first.span, "first said here")
                .help("give one of them another name: answers name the step"),
        );
        false
    }
}
