//! Whether what a tile shows can be shown so: side by side, on one axis, as that mark.

use crate::model::{Metric, MetricId, Model};
use crate::reading::Mark;
use crate::rule::derived::metric::lag;
use crate::time::{Clock, Grain};
use groma_syntax::{Code, Diagnostic, Span};

/// A chart of what it cannot draw.
pub(crate) static WRONG_MARK: Code =
    Code::error("dashboard/mark", "A tile shows a metric in a way in which it cannot be shown.");
/// Two units on one axis.
pub(crate) static MIXES_UNITS: Code =
    Code::error("dashboard/mixes-units", "A tile draws metrics of different units on one axis.");
/// Customers of different ages beside each other.
pub(crate) static MIXES_WINDOWS: Code = Code::error(
    "dashboard/mixes-windows",
    "A tile shows metrics beside each other that give customers different times after their anchor.",
);

/// What is shown of a tile, and how.
pub(super) struct Picture<'a> {
    pub(super) model: &'a Model,
    /// The tile, in messages.
    pub(super) name: &'a str,
    pub(super) metrics: &'a [(MetricId, Span)],
    /// Whether it is grouped.
    pub(super) grouped: Option<Span>,
    pub(super) grain: Grain,
    /// None where it could not be read.
    pub(super) mark: Option<(Mark, Span)>,
}

impl Picture<'_> {
    /// Says what cannot be shown so.
    pub(super) fn check(&self, sink: &mut Vec<Diagnostic>) {
        // What is wrong with a metric was reported.
        if self.metrics.iter().any(|(id, _)| self.model.metric(*id).header.broken) {
            return;
        }
        self.windows(sink);
        let Some((mark, place)) = self.mark else { return };
        let misfit = self.metrics.iter().find_map(|(id, span)| {
            let (problem, help) = misfit(self.model.metric(*id), mark)?;
            Some((self.model.metric(*id), *span, problem, help))
        });
        if let Some((metric, span, problem, help)) = misfit {
            sink.push(
                WRONG_MARK
                    .finding(format!(
                        "tile `{}` shows `{}` as a {}, and {problem}",
                        self.name,
                        metric.header.name,
                        mark.word()
                    ))
                    .at(place, format!("cannot be drawn as a {}", mark.word()))
                    .also(span, "shown here")
                    .help(help),
            );
            return;
        }
        self.one_value(mark, place, sink);
        self.units(mark, sink);
    }

    /// A number is one number, and steps are of one metric.
    fn one_value(&self, mark: Mark, place: Span, sink: &mut Vec<Diagnostic>) {
        let (what, instead) = match mark {
            Mark::Number => ("one number", "`table` or `bar`"),
            Mark::Heatmap => ("the curve of one metric", "a tile for each"),
            Mark::Funnel => ("the steps of one metric", "a tile for each"),
            Mark::Line | Mark::Bar | Mark::Table => return,
        };
        let finding = WRONG_MARK
            .finding(format!("tile `{}` is a {}, which shows {what}, and there are several", self.name, mark.word()))
            .at(place, what);
        if let [_, (_, second), ..] = self.metrics {
            sink.push(finding.also(*second, "another metric").help(format!("use {instead}")));
        } else if let (Some(grouped), Mark::Number | Mark::Heatmap) = (self.grouped, mark) {
            let instead = if mark == Mark::Number { instead } else { "`table`" };
            sink.push(finding.also(grouped, "one for each group").help(format!("use {instead}, or leave `by` out")));
        }
    }

    /// One axis has one unit.
    fn units(&self, mark: Mark, sink: &mut Vec<Diagnostic>) {
        if !matches!(mark, Mark::Line | Mark::Bar) {
            return;
        }
        let Some(((first, span), rest)) = self.metrics.split_first() else { return };
        let first = self.model.metric(*first);
        let other = rest.iter().find(|(id, _)| self.model.metric(*id).unit != first.unit);
        if let Some((other, place)) = other.map(|(id, place)| (self.model.metric(*id), *place)) {
            sink.push(
                MIXES_UNITS
                    .finding(format!(
                        "tile `{}` draws `{}` in {} and `{}` in {} on one axis: one of them is a flat line",
                        self.name, first.header.name, first.unit, other.header.name, other.unit
                    ))
                    .at(place, format!("in {}", other.unit))
                    .also(*span, format!("in {}", first.unit))
                    .help("give each a tile of its own, or show both `as: table`"),
            );
        }
    }

    /// Customers have had equally long: else the one with the longer window looks better for that alone.
    fn windows(&self, sink: &mut Vec<Diagnostic>) {
        let anchored = |metric: &Metric| metric.clock.is_anchored().then(|| lag(&metric.clock)).flatten();
        let mut lags = self.metrics.iter().filter_map(|(id, span)| {
            let metric = self.model.metric(*id);
            anchored(metric).map(|days| (metric, days, *span))
        });
        let Some((first, days, span)) = lags.next() else { return };
        if let Some((other, more, place)) = lags.find(|(_, other, _)| other.to_bits() != days.to_bits()) {
            sink.push(
                MIXES_WINDOWS
                    .finding(format!(
                        "tile `{}` shows `{}`, which gives customers {days} days, beside `{}`, which gives them {more}",
                        self.name, first.header.name, other.header.name
                    ))
                    .at(place, format!("{more} days"))
                    .also(span, format!("{days} days"))
                    .also(other.header.span, "declared here")
                    .help(format!(
                        "give each a tile of its own; for a {} of the newest, one is settled and the other is not",
                        self.grain.word()
                    )),
            );
        }
    }
}

/// Why a metric cannot be drawn so, and what to do instead.
fn misfit(metric: &Metric, mark: Mark) -> Option<(&'static str, &'static str)> {
    let is_curve = matches!(metric.clock, Clock::Curve { .. });
    let is_funnel = !metric.steps.is_empty();
    match mark {
        Mark::Heatmap if !is_curve => Some((
            "it has no curve: there is one value for each period",
            "use `line`, or give the metric a window such as `each month after account.since, 12 times`",
        )),
        Mark::Funnel if !is_funnel => Some(("it has no steps", "use `line`, or give the metric `steps`")),
        Mark::Number | Mark::Line | Mark::Bar if is_curve => {
            Some(("it is a curve: there are many values for each period", "use `heatmap` or `table`"))
        }
        Mark::Number | Mark::Line | Mark::Bar if is_funnel => {
            Some(("it has steps: there are several values for each period", "use `funnel` or `table`"))
        }
        _ => None,
    }
}
