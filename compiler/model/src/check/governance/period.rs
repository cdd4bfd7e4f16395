//! Periods: days whose numbers are reported, and from when on their definitions stand still.

use super::entries;
use crate::check::declare::{Declarations, Declared};
use crate::check::entries::{Entries, WRONG_VALUE, as_name, day};
use crate::check::names::listed;
use crate::check::reference;
use crate::governance::Period;
use crate::model::{Header, MetricId, Model, Status, TeamId};
use crate::schema::Kind;
use groma_syntax::ast::{Expr, ExprKind, Infix};
use groma_syntax::{Code, Diagnostic, Span};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Two periods for one number.
pub(crate) static PERIOD_OVERLAP: Code =
    Code::error("freeze/period-overlap", "Two periods report the same metric for the same days.");
/// Days in the wrong order.
pub(crate) static PERIOD_DAYS: Code =
    Code::error("freeze/period-days", "The days of a period are not in an order in which it can be reported.");
/// A period of nothing.
pub(crate) static NO_METRICS: Code = Code::error("freeze/no-metrics", "A period reports no metric.");

const COVERS_FORM: &str = "write the first and the last day: `covers: 2026-07-01 to 2026-09-30`";

/// Reads them; metrics and teams have been read before.
pub(crate) fn read(model: &mut Model, declarations: &Declarations, sink: &mut Vec<Diagnostic>) {
    let periods = declarations.of(Kind::Period).iter().map(|declared| period(model, declared, sink)).collect();
    model.periods = periods;
    let second = overlapping(model, sink);
    for at in second {
        model.periods[at].header.broken = true;
    }
}

impl Model {
    /// The metrics that a period reports: those it names, in the order of their names; else every active one.
    pub fn reported(&self, period: &Period) -> Vec<MetricId> {
        let mut named: Vec<MetricId> = period.metrics.iter().map(|(id, _)| *id).collect();
        if named.is_empty() {
            let active = |id: &MetricId| self.metric(*id).status == Status::Active;
            return (0..self.metrics.len()).map(MetricId::at).filter(active).collect();
        }
        named.sort_unstable();
        named
    }

    /// The period of that name.
    pub fn period_named(&self, name: &str) -> Option<&Period> {
        self.periods.iter().find(|period| period.header.name == name)
    }
}

fn period(model: &Model, declared: &Declared, sink: &mut Vec<Diagnostic>) -> Period {
    let before = sink.len();
    let (entries, broken) = entries(declared, Kind::Period, sink);
    let owner = entries.name("owner").and_then(|(name, span)| {
        let known = model.teams.iter().map(|team| team.header.name.as_str());
        reference(&model.names, Kind::Team, &name, span, known, sink).map(TeamId)
    });
    let covers = entries.value("covers").and_then(|written| covers(written, declared, sink));
    let freeze = entries.date("freeze", sink);
    let report = entries.date("report", sink);
    if let Some(covers) = covers {
        in_order(declared, (covers, entries.value("covers").map(|value| value.span)), (freeze, report), sink);
    }
    let metrics = metrics(model, &entries, sink);
    let header = declared.header();
    let read = Period {
        owner,
        covers: covers.unwrap_or_default(),
        freeze: freeze.map(|(day, _)| day),
        report: report.map(|(day, _)| day),
        metrics,
        header: Header { broken: broken || header.broken || sink.len() > before, ..header },
    };
    if !entries.mentions("metrics") && !read.header.broken && model.reported(&read).is_empty() {
        sink.push(
            NO_METRICS
                .finding(format!("period `{}` reports every active metric, and there is none", read.header.name))
                .at(read.header.span, "nothing to freeze")
                .help("declare a metric, or name those that are reported: `metrics: revenue`"),
        );
    }
    Period { header: Header { broken: read.header.broken || sink.len() > before, ..read.header }, ..read }
}

fn metrics(model: &Model, entries: &Entries<'_>, sink: &mut Vec<Diagnostic>) -> Vec<(MetricId, Span)> {
    let mut found: Vec<(MetricId, Span)> = Vec::new();
    for (name, span) in entries.values("metrics").iter().filter_map(as_name) {
        let known = model.metrics.iter().map(|metric| metric.header.name.as_str());
        let id = reference(&model.names, Kind::Metric, &name, span, known, sink).map(MetricId);
        found.extend(id.filter(|id| found.iter().all(|(known, _)| known != id)).map(|id| (id, span)));
    }
    found
}

/// The first and the last day.
fn covers(written: &Expr, declared: &Declared, sink: &mut Vec<Diagnostic>) -> Option<(Date, Date)> {
    let ExprKind::Infix { operator: Infix::To, left, right, .. } = &written.kind else {
        sink.push(
            WRONG_VALUE
                .finding("a period covers days from a first to a last")
                .at(written.span, "cannot be read")
                .help(COVERS_FORM),
        );
        return None;
    };
    let mut read = |written: &Expr| day(written).map_err(|finding| sink.push(finding)).ok();
    let (first, last) = (read(left), read(right));
    let (first, last) = (first?, last?);
    if last < first {
        sink.push(
            PERIOD_DAYS
                .finding(format!("period `{}` ends on {last}, before it begins on {first}", declared.name))
                .at(written.span, "no day")
                .help(format!("write the earlier day first: `covers: {last} to {first}`")),
        );
        return None;
    }
    Some((first, last))
}

/// A day and where it is written.
type Written = Option<(Date, Span)>;

/// What is reported has happened, and what is frozen has not been reported yet.
fn in_order(
    declared: &Declared,
    ((first, last), covers): ((Date, Date), Option<Span>),
    (freeze, report): (Written, Written),
    sink: &mut Vec<Diagnostic>,
) {
    let name = &declared.name;
    if let (Some((freeze, at)), Some((report, other))) = (freeze, report)
        && freeze > report
    {
        sink.push(
            PERIOD_DAYS
                .finding(format!(
                    "period `{name}` is reported on {report}, before its definitions stand still on {freeze}"
                ))
                .at(at, "too late: a number may change after it was reported")
                .also(other, "reported here already")
                .help(format!("freeze it before it is reported: on {report} or earlier")),
        );
    }
    let Some((report, at)) = report.filter(|(report, _)| *report < last) else { return };
    let finding = PERIOD_DAYS
        .finding(format!("period `{name}` is reported on {report}, before its last day {last} has come"))
        .at(at, "too early: some of its days are still to come");
    let finding = match covers {
        Some(covers) => finding.also(covers, "its days"),
        None => finding,
    };
    let help = if report < first { "write the year again?" } else { "report it after its last day" };
    sink.push(finding.help(help));
}

/// Reports each period that shares days and metrics with one that begins before it: the places of the later ones.
fn overlapping(model: &Model, sink: &mut Vec<Diagnostic>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..model.periods.len()).filter(|at| !model.periods[*at].header.broken).collect();
    order.sort_by_key(|at| (model.periods[*at].covers, model.periods[*at].header.span.start));
    let reported: Vec<BTreeSet<MetricId>> =
        model.periods.iter().map(|period| model.reported(period).into_iter().collect()).collect();
    let mut found = Vec::new();
    // Those that may still reach into what comes.
    let mut open: Vec<usize> = Vec::new();
    for at in order {
        let begins = model.periods[at].covers.0;
        open.retain(|earlier| model.periods[*earlier].covers.1 >= begins);
        let shared = open.iter().find_map(|earlier| {
            let shared: Vec<MetricId> = reported[*earlier].intersection(&reported[at]).copied().collect();
            (!shared.is_empty()).then_some((*earlier, shared))
        });
        if let Some((earlier, shared)) = shared {
            sink.push(overlap(model, &model.periods[earlier], &model.periods[at], &shared));
            found.push(at);
        }
        open.push(at);
    }
    found
}

fn overlap(model: &Model, first: &Period, second: &Period, shared: &[MetricId]) -> Diagnostic {
    let names: Vec<&str> = shared.iter().map(|id| model.metric(*id).header.name.as_str()).collect();
    let what = match names.as_slice() {
        [one] => format!("`{one}`"),
        [one, other] => format!("`{one}` and `{other}`"),
        [one, rest @ ..] => format!("`{one}` and {} more metrics", rest.len()),
        [] => String::new(),
    };
    let (from, to) = (second.covers.0, first.covers.1.min(second.covers.1));
    let days = if from == to { from.to_string() } else { format!("{from} to {to}") };
    let place = |period: &Period| {
        let named = period.metrics.iter().find(|(id, _)| Some(id) == shared.first());
        named.map_or(period.header.span, |(_, span)| *span)
    };
    let help = match (first.metrics.is_empty(), second.metrics.is_empty()) {
        (false, false) => format!("name {what} in one of them, or let one begin after the other has ended"),
        _ => format!(
            "a period without `metrics` reports every active metric: name them ({}), or let one begin after the other has ended",
            listed(names.iter().copied())
        ),
    };
    PERIOD_OVERLAP
        .finding(format!(
            "periods `{}` and `{}` both report {what} for {days}: each may freeze another definition",
            first.header.name, second.header.name
        ))
        .at(place(second), "reported again here")
        .also(place(first), "reported here already")
        .help(help)
}
