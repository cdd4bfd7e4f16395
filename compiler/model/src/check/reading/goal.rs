//! Targets: the value that a metric should reach, and what follows from it from which day on.

use super::number::in_unit;
use crate::check::declare::{Declarations, Declared};
use crate::check::governance::entries;
use crate::check::reference;
use crate::check::source::owner;
use crate::model::{Header, MetricId, Model, Status};
use crate::reading::Goal;
use crate::schema::Kind;
use groma_syntax::{Code, Diagnostic, Span};
use jiff::civil::Date;

/// A target for what is gone.
pub(crate) static GOAL_STATUS: Code =
    Code::error("goal/metric-status", "A target is set for a metric that is retired.");
/// A target in another unit.
pub(crate) static VALUE_UNIT: Code = Code::error("goal/unit", "A target is in another unit than its metric.");
/// Days in the wrong order.
pub(crate) static PHASES: Code =
    Code::error("goal/phases", "The days of a target are not in the order in which its phases follow each other.");

/// Reads them; metrics have been read before.
pub(super) fn read(model: &mut Model, declarations: &Declarations, sink: &mut Vec<Diagnostic>) {
    let all = declarations.of(Kind::Goal).iter();
    let goals = all.filter_map(|declared| goal(model, declared, sink)).collect();
    model.goals = goals;
}

fn goal(model: &Model, declared: &Declared, sink: &mut Vec<Diagnostic>) -> Option<Goal> {
    let before = sink.len();
    let (entries, broken) = entries(declared, Kind::Goal, sink);
    let teams = model.teams.iter().map(|team| team.header.name.as_str());
    let owner = owner(&entries, &model.names, teams, sink);
    let metric = entries.name("metric").and_then(|(name, span)| {
        let known = model.metrics.iter().map(|metric| metric.header.name.as_str());
        reference(&model.names, Kind::Metric, &name, span, known, sink).map(|id| (MetricId(id), span))
    });
    if let Some((id, span)) = metric.filter(|(id, _)| model.metric(*id).status == Status::Retired) {
        let metric = &model.metric(id).header;
        sink.push(
            GOAL_STATUS
                .finding(format!(
                    "`{}` is a target for `{}`, which is retired: nobody keeps it right any more",
                    declared.name, metric.name
                ))
                .at(span, "retired")
                .also(metric.span, "declared here")
                .help("name the metric that took its place, or delete the target"),
        );
    }
    let value = metric.zip(entries.value("value")).and_then(|((id, _), written)| {
        in_unit(model.metric(id), written, (&VALUE_UNIT, &format!("`{}`", declared.name)), sink)
    });
    let days = ["shadow", "warned", "enforced", "until"].map(|key| (key, entries.date(key, sink)));
    in_order(declared, &days, sink);
    let day = |at: usize| days[at].1.map(|(day, _)| day);
    let header = declared.header();
    let header = Header { broken: broken || header.broken || sink.len() > before, ..header };
    Some(Goal {
        owner,
        metric: metric?.0,
        value: value?,
        shadow: day(0),
        warned: day(1),
        enforced: day(2),
        until: day(3),
        because: entries.text("because").map(|(text, _)| text.to_owned()),
        header,
    })
}

/// Each phase begins after the one before, and none after the last day.
fn in_order(declared: &Declared, days: &[(&str, Option<(Date, Span)>)], sink: &mut Vec<Diagnostic>) {
    let written: Vec<(&str, Date, Span)> =
        days.iter().filter_map(|(key, day)| day.map(|(day, span)| (*key, day, span))).collect();
    for pair in written.windows(2) {
        let [(earlier, one, first), (later, other, second)] = pair else { continue };
        if other >= one {
            continue;
        }
        let name = &declared.name;
        let headline = match *later {
            "until" => format!("target `{name}` ends on {other}, before `{earlier}` begins on {one}"),
            _ => format!("target `{name}` is {later} from {other}, before it is {earlier} from {one}"),
        };
        sink.push(
            PHASES
                .finding(headline)
                .at(*second, format!("`{later}`, too early"))
                .also(*first, format!("`{earlier}`"))
                .help("let the days follow each other: `shadow`, `warned`, `enforced`, `until`"),
        );
        return;
    }
}
