//! What is computed: one value for each customer, and one for each period.

use super::Reader;
use crate::check::expression::{Expressions, Given, Level, Scope};
use crate::measure::{AggregateCall, AggregateFunction, Measure, MeasureKind};
use crate::model::Metric;
use crate::row::{Binary, Each, RowExpr, RowKind};
use crate::time::{Clock, Snapshot};
use crate::types::{Base, Type};
use crate::unit::Unit;
use crate::variants::{not_comparable, variants};
use groma_syntax::{Code, Span};

/// Rows that are named and not read.
pub(crate) static UNUSED_ROWS: Code =
    Code::error("level/unused-rows", "A metric names a source and its measure reads no row of it.");
/// A measure of nothing.
pub(crate) static NOTHING_COUNTED: Code =
    Code::error("level/nothing-counted", "A measure is a constant: it counts nothing.");
/// A measure that is no number.
pub(crate) static NOT_A_NUMBER: Code =
    Code::error("type/not-a-number", "A measure gives something that is not a number.");
/// Snapshots are averaged where that has no meaning.
pub(crate) static AVERAGE_SNAPSHOT: Code = Code::error(
    "level/average-snapshot",
    "A metric averages snapshots of something that is neither a sum nor a count.",
);

impl Reader<'_, '_> {
    /// The value of one customer.
    pub(super) fn each(&mut self, metric: &Metric) -> Option<Measure> {
        let written = self.entries.value("each")?;
        let (Some(population), Some(source)) = (&metric.population, metric.source) else {
            self.broken = true;
            return None;
        };
        if let Some(steps) = self.entries.key_span("steps") {
            self.expressions.sink.push(
                crate::check::expression::NO_MEANING
                    .finding("`each` and `steps` both say what a customer did, and a measure runs over one of them")
                    .at(written.span, "a value of its own")
                    .also(steps, "steps that customers reach")
                    .help("make two metrics of it"),
            );
            return None;
        }
        let scope = Scope::of(source).at(Level::Each(population.customer));
        let each = self.expressions.measure(written, &scope);
        self.broken |= self.rests_on_broken(&each);
        self.earlier_each(metric, &each);
        if !Expressions::counts(&each) {
            let rows = &self.model.source(source).header.name;
            self.expressions.sink.push(
                NOTHING_COUNTED
                    .finding(format!("this value of a customer rests on no row of `{rows}`"))
                    .at(written.span, "reads no rows")
                    .help("aggregate the customer's rows (`count()`, `sum(amount)`); what customers have can stand in `measure` itself"),
            );
        }
        Some(each)
    }

    /// A customer has an earlier value only by a clock in which it has one in several periods.
    fn earlier_each(&mut self, metric: &Metric, each: &Measure) {
        if !metric.clock.is_anchored() && !matches!(metric.clock, Clock::Snapshot(_)) {
            return;
        }
        let mut found = None;
        each.visit(&mut |part| {
            if matches!(part.kind, MeasureKind::Scoped { offset: Some(_), .. }) {
                found.get_or_insert(part.span);
            }
        });
        if let Some(span) = found {
            self.expressions.sink.push(
                crate::check::expression::NO_MEANING
                    .finding(
                        "`offset` looks at the customer's period before, and here each customer is in one period only",
                    )
                    .at(span, "no earlier value of the customer")
                    .help("write it after a metric: `activation offset 1 month`"),
            );
        }
    }

    /// The value of a period.
    pub(super) fn measure(&mut self, metric: &Metric) -> Measure {
        let place = self.entries.item.name.span;
        let over_customers = self.entries.mentions("each") || self.entries.mentions("steps");
        let Some(written) = self.entries.value("measure") else {
            let funnel = self.entries.key_span("steps").filter(|_| !self.entries.mentions("measure"));
            if let Some(steps) = funnel.filter(|_| !metric.steps.is_empty()) {
                return share_reached(steps);
            }
            self.broken = true;
            return Measure::unknown(place);
        };
        // A source that is named and does not exist was reported: its columns must not be reported too.
        let source = metric.source;
        if self.entries.unfinished
            || (source.is_none() && (self.entries.mentions("from") || self.entries.item.broken))
            || self.each_is_missing(metric)
        {
            self.broken = true;
            return Measure::unknown(written.span);
        }
        let mut measure = match (&metric.population, source) {
            (Some(population), Some(rows)) if over_customers => {
                let each = metric.each.as_ref().map(|each| super::answers::type_of(&self.entries, each));
                let given = Given { each, steps: !metric.steps.is_empty(), rows };
                let customers = self.model.customer(population.customer).source;
                self.expressions.measure(written, &Scope::of(customers).at(Level::Customers(&given)))
            }
            _ => self.expressions.measure(written, &Scope::measure(source)),
        };
        if source.is_some() {
            self.unused_rows(&measure);
        } else {
            measure = self.filtered_metrics(measure);
        }
        self.broken |= self.rests_on_broken(&measure);
        self.is_a_number(&measure, written.span);
        self.windows_are_comparable(&measure);
        measure
    }

    /// Whether customers were to have values, and those were reported.
    fn each_is_missing(&self, metric: &Metric) -> bool {
        let (each, steps) = (self.entries.mentions("each"), self.entries.mentions("steps"));
        (each || steps) && metric.population.is_none()
            || each && metric.each.is_none()
            || steps && metric.steps.is_empty()
    }

    /// Variants of one metric with windows of other lengths are neither added nor compared.
    fn windows_are_comparable(&mut self, measure: &Measure) {
        let model = self.model;
        let mut found = Vec::new();
        measure.visit(&mut |part| {
            let MeasureKind::Binary { operator, left, right } = &part.kind else { return };
            if matches!(operator, Binary::Multiply | Binary::Divide | Binary::Remainder | Binary::And | Binary::Or) {
                return;
            }
            let others = right.metrics();
            let pairs = left.metrics().into_iter().flat_map(|one| others.iter().map(move |other| [one, *other]));
            found.extend(pairs.filter_map(|pair| variants(model, &pair)).map(|pair| (pair, part.span)));
        });
        found.dedup();
        for (pair, span) in found {
            self.expressions.sink.push(not_comparable(model, pair, Some(span)));
        }
    }

    /// `where:` of a metric without rows filters the metrics it is made of.
    fn filtered_metrics(&mut self, measure: Measure) -> Measure {
        let Some(condition) = self.entries.value("where") else { return measure };
        let sources = self.expressions.sources_of(&measure, None);
        let filter = self.expressions.filter(condition, &sources, &Scope::measure(None)).unwrap_or_default();
        let (ty, span) = (measure.ty.clone(), measure.span);
        Measure { kind: MeasureKind::Scoped { inner: Box::new(measure), filter, offset: None }, ty, span }
    }

    fn is_a_number(&mut self, measure: &Measure, span: Span) {
        if !Expressions::counts(measure) {
            self.expressions.sink.push(
                NOTHING_COUNTED
                    .finding("this measure is the same in every period: it counts nothing")
                    .at(span, "a constant")
                    .help("aggregate rows (`count()`, `sum(amount)`) or combine metrics"),
            );
        } else if !measure.ty.is_number() && !measure.ty.is_bool() {
            let what = self.expressions.describe(&measure.ty);
            self.expressions.sink.push(
                NOT_A_NUMBER
                    .finding(format!("a metric is a number, and this measure is {what}"))
                    .at(span, what)
                    .help("count values (`count(distinct …)`) or aggregate a number"),
            );
        }
    }

    /// The average of snapshots is the value over all rows, divided by the number of snapshots: that holds for sums only.
    pub(super) fn average_of_sums(&mut self, metric: &Metric) {
        if metric.clock != Clock::Snapshot(Snapshot::Average) || metric.measure.ty.is_open() {
            return;
        }
        let reason = match (&metric.population, crate::additivity::of_rows(&metric.measure)) {
            (Some(_), _) => "customers would be counted once for each of them".to_owned(),
            (None, Err(reason)) => reason,
            (None, Ok(())) => return,
        };
        let span = self.entries.value("snapshot").map_or(metric.header.span, |written| written.span);
        self.expressions.sink.push(
            AVERAGE_SNAPSHOT
                .finding(format!("the average of snapshots has no meaning here: {reason}"))
                .at(metric.measure.span, "neither a sum nor a count of rows")
                .also(span, "averaged over the times of a period")
                .help("use `snapshot: last`, or average a sum or a count and divide in a metric of metrics"),
        );
    }

    /// A metric that names rows must read them: else its `where` and `window` would do nothing.
    fn unused_rows(&mut self, measure: &Measure) {
        let mut metrics = false;
        let mut open = vec![measure];
        while let Some(measure) = open.pop() {
            match &measure.kind {
                MeasureKind::Aggregate(_) | MeasureKind::Unknown => return,
                MeasureKind::Metric(_) => metrics = true,
                _ => open.extend(measure.children()),
            }
        }
        if let (true, Some((name, span))) = (metrics, self.entries.name("from")) {
            self.expressions.sink.push(
                UNUSED_ROWS
                    .finding(format!(
                        "the measure reads no rows of `{name}`, so `from`, `where` and `window` would do nothing"
                    ))
                    .at(span, "these rows are not used")
                    .also(measure.span, "made of other metrics only")
                    .help("take `from:` out; without it, `where:` filters the metrics it is made of"),
            );
        }
    }

    pub(super) fn rests_on_broken(&self, measure: &Measure) -> bool {
        let mut open = vec![measure];
        while let Some(measure) = open.pop() {
            match &measure.kind {
                MeasureKind::Unknown => return true,
                MeasureKind::Aggregate(call) if call.argument.iter().chain(&call.filter).any(RowExpr::has_unknown) => {
                    return true;
                }
                MeasureKind::Metric(id) if self.model.metric(*id).header.broken => return true,
                _ => open.extend(measure.children()),
            }
        }
        false
    }
}

/// What a funnel measures if it does not say: the customers who reached the step, of all who entered the first.
fn share_reached(span: Span) -> Measure {
    let reached = RowExpr { kind: RowKind::Each(Each::Reached), ty: Type::plain(Base::Bool), span };
    let call = AggregateCall { function: AggregateFunction::Share, argument: Some(reached), filter: None };
    let ty = Type::of(Base::Real, Unit::Percent);
    Measure { kind: MeasureKind::Aggregate(Box::new(call)), ty, span }
}
