//! Completeness: when a cell's number is settled, and what is said of it until then.

use crate::as_of::AsOf;
use crate::funnel::lengths;
use crate::grouping::STEP;
use crate::leaf::ScanKind;
use crate::population::Populations;
use crate::relation::{Binary, Expr, Function, ValueType};
use crate::spine::{PERIOD, Spine, before};
use crate::typed::extreme_of;
use crate::window::{after, after_times};
use groma_model::time::{Clock, Offset};
use groma_model::{Anchor, Members, Metric, Model, SourceId};

/// An input of a metric: what is read, and how much earlier than the answered period.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<'k> {
    pub(crate) kind: &'k ScanKind,
    /// Whose rows are read by their time.
    pub(crate) source: SourceId,
    pub(crate) offset: Offset,
}

/// Says when the inputs of metrics are complete.
pub(crate) struct Completeness<'c, 'a> {
    pub(crate) model: &'c Model,
    pub(crate) spine: &'c Spine<'a>,
    pub(crate) populations: &'c Populations<'a>,
    pub(crate) as_of: &'c AsOf,
}

/// Whether the rows of a scan have a step: of a curve or a funnel.
pub(crate) fn is_stepped(kind: &ScanKind) -> bool {
    matches!(kind, ScanKind::Funnel(..)) || matches!(kind.clock(), Clock::Curve { .. })
}

/// The first and the last step of a scan's rows; none without steps.
pub(crate) fn steps_of(model: &Model, kind: &ScanKind) -> Option<(i64, i64)> {
    match (kind, kind.clock()) {
        (ScanKind::Funnel(_, _, metric), _) => {
            Some((1, i64::try_from(model.metric(*metric).steps.len()).unwrap_or(i64::MAX)))
        }
        (_, Clock::Curve { times, .. }) => Some((0, i64::from(*times) - 1)),
        _ => None,
    }
}

impl Completeness<'_, '_> {
    /// That no further row can change the value: of all inputs, the period is over, the window closed, and late rows are in.
    pub(crate) fn is_settled(&self, inputs: &[Input<'_>]) -> Option<Expr> {
        let ends = inputs.iter().map(|input| {
            let close = self.close(*input, true).unwrap_or_else(|| self.end(input.offset));
            after(close, self.late(*input))
        });
        let last = latest(ends)?;
        Some(Expr::binary(Binary::GreaterEqual, self.as_of.expr(), last.cast(ValueType::Timestamp)))
    }

    /// That the window of some cohort has not closed; none without a cohort.
    pub(crate) fn is_immature(&self, inputs: &[Input<'_>]) -> Option<Expr> {
        let last = latest(inputs.iter().filter_map(|input| self.close(*input, false)))?;
        Some(Expr::binary(Binary::Less, self.as_of.expr(), last.cast(ValueType::Timestamp)))
    }

    /// The day on which the window of an input's last customer closes; none for inputs without such windows. `also_at_once`: also
    /// of the steps of a funnel that no window waits for, which close with the period.
    fn close(&self, input: Input<'_>, also_at_once: bool) -> Option<Expr> {
        let end = || self.end(input.offset);
        if let (ScanKind::Funnel(Clock::Event, _, metric), step) = (input.kind, Expr::name(STEP)) {
            return funnel_close(self.model.metric(*metric), &step, &end(), also_at_once);
        }
        match input.kind.clock() {
            Clock::After { to, .. } => Some(after(end(), *to)),
            Clock::Curve { every, .. } => {
                let steps = Expr::binary(Binary::Add, Expr::name(STEP), Expr::int(1));
                Some(after_times(end(), *every, &steps))
            }
            _ => None,
        }
    }

    /// The day after an input's period.
    fn end(&self, offset: Offset) -> Expr {
        let period = if offset == Offset::default() { Expr::name(PERIOD) } else { before(Expr::name(PERIOD), offset) };
        after(period, self.spine.grain.length())
    }

    /// How long a row of an input may still arrive after it happened.
    fn late(&self, input: Input<'_>) -> Offset {
        let late = |source: SourceId| self.model.source(source).late.unwrap_or_default();
        let anchors = input.kind.population().and_then(|id| match &self.populations.get(id).members {
            Members::Anchor(Anchor::First { source, .. }) => Some(late(*source)),
            _ => None,
        });
        let rows = late(input.source);
        match anchors {
            Some(anchors) if rows.is_shorter_than(anchors) => anchors,
            _ => rows,
        }
    }
}

fn funnel_close(metric: &Metric, step: &Expr, end: &Expr, also_at_once: bool) -> Option<Expr> {
    let waits = |length: &Offset| also_at_once || *length != Offset::default();
    let branches: Vec<(Expr, Expr)> = lengths(&metric.steps)
        .into_iter()
        .zip(1_i64..)
        .filter(|(length, _)| waits(length))
        .map(|(length, number)| {
            (Expr::binary(Binary::Equal, step.clone(), Expr::int(number)), after(end.clone(), length))
        })
        .collect();
    (!branches.is_empty()).then_some(Expr::Case { branches, otherwise: None })
}

/// The latest of some dates, each written once.
fn latest(dates: impl Iterator<Item = Expr>) -> Option<Expr> {
    let mut distinct: Vec<Expr> = Vec::new();
    for date in dates {
        if !distinct.contains(&date) {
            distinct.push(date);
        }
    }
    extreme_of(Function::Greatest, distinct)
}
