//! A tile of a dashboard.

use super::mark::Picture;
use super::number::in_unit;
use super::shown::{self, OF_DASHBOARDS, Shown};
use crate::check::UNKNOWN_NAME;
use crate::check::column_type::whole;
use crate::check::entries::{Entries, WRONG_VALUE, as_name};
use crate::check::names::nearest;
use crate::check::source::owner;
use crate::model::{MetricId, Model, TeamId};
use crate::reading::{GoalOf, Mark, Tile};
use crate::schema::Kind;
use crate::time::Grain;
use groma_syntax::ast::{Doc, Expr, ExprKind, Item, Prefix};
use groma_syntax::{Code, Diagnostic, Span};

/// A target of something else.
pub(crate) static TARGET_OF_ANOTHER: Code =
    Code::error("dashboard/target-of-another", "A tile holds a metric against the target of another metric.");
/// A target in another unit.
pub(crate) static TARGET_UNIT: Code =
    Code::error("dashboard/target-unit", "The target of a tile is in another unit than its metric.");

/// More periods than this are nowhere shown.
const MOST: u32 = 10_000;

/// Reads a tile, whose block is an item like any other; none where nothing of it can be shown.
pub(super) fn read(
    model: &Model,
    (item, dashboard): (&Item, Option<TeamId>),
    sink: &mut Vec<Diagnostic>,
) -> Option<Tile> {
    let entries = Entries::read(item, Kind::Tile.schema(), sink);
    let what = format!("tile `{}` shows", item.name.text);
    let teams = model.teams.iter().map(|team| team.header.name.as_str());
    let own = owner(&entries, &model.names, teams, sink);
    let shown = shown::read(model, (&entries, "shows"), (&OF_DASHBOARDS, &what), sink);
    let mark = entries.name("as").and_then(|(word, span)| Some((Mark::from_word(&word)?, span)));
    let latest = entries.value("span").and_then(|written| latest(written, sink));
    let Shown { metrics, by, grain } = shown?;
    let grouped = by.iter().map(|part| part.span).next().and_then(|_| entries.value("shows")).map(|value| value.span);
    let picture = Picture { model, name: &item.name.text, metrics: &metrics, grouped, grain, mark };
    picture.check(sink);
    let goal = entries.value("target").and_then(|written| goal(model, &item.name.text, written, &metrics, sink));
    let of_metric = match metrics.as_slice() {
        [(only, _)] => model.metric(*only).owner,
        _ => None,
    };
    let text = |key: &str| entries.text(key).map(|(text, _)| text.to_owned());
    Some(Tile {
        name: item.name.text.clone(),
        span: item.name.span,
        doc: item.doc.as_ref().map(|doc: &Doc| doc.text.clone()),
        title: text("title"),
        owner: own.or(dashboard).or(of_metric),
        by,
        grain,
        mark: mark?.0,
        latest,
        goal,
        note: text("note"),
        metrics,
    })
}

/// `last 8 quarters`.
fn latest(written: &Expr, sink: &mut Vec<Diagnostic>) -> Option<(u32, Grain)> {
    let read = |written: &Expr| {
        let ExprKind::Prefix { operator: Prefix::Last, operand, .. } = &written.kind else { return None };
        let (number, word) = match &operand.kind {
            ExprKind::Quantity { number, unit } => (number.parse().ok()?, unit.text.as_str()),
            _ => return None,
        };
        let grain = Grain::from_word(word.strip_suffix('s').unwrap_or(word))?;
        (1..=MOST).contains(&number).then_some((number, grain))
    };
    let found = read(written);
    if found.is_none() {
        sink.push(
            WRONG_VALUE
                .finding("`span` is so many of the newest periods")
                .at(written.span, "cannot be read")
                .help("write it like `span: last 8 quarters`: days, weeks, months, quarters or years"),
        );
    }
    found
}

/// A number, or a target that is declared for one of the metrics.
fn goal(
    model: &Model,
    tile: &str,
    written: &Expr,
    metrics: &[(MetricId, Span)],
    sink: &mut Vec<Diagnostic>,
) -> Option<GoalOf> {
    let Some((name, span)) = as_name(written) else {
        let (first, _) = metrics.first()?;
        let what = format!("the target of tile `{tile}`");
        return in_unit(model.metric(*first), written, (&TARGET_UNIT, &what), sink).map(GoalOf::Value);
    };
    let Some(at) = model.goals.iter().position(|goal| goal.header.name == name) else {
        // One that could not be read was reported.
        if model.names.get(Kind::Goal, &name).is_none() {
            sink.push(unknown(model, &name, span));
        }
        return None;
    };
    let goal = &model.goals[at];
    if metrics.iter().all(|(id, _)| *id != goal.metric) {
        let of = &model.metric(goal.metric).header.name;
        let (_, place) = metrics.first()?;
        sink.push(
            TARGET_OF_ANOTHER
                .finding(format!("tile `{tile}` is held against `{name}`, which is a target for `{of}`"))
                .at(span, format!("a target for `{of}`"))
                .also(*place, "shown here")
                .also(goal.header.span, "declared here")
                .help("name a target for what is shown, or write the value: `target: 40%`"),
        );
        return None;
    }
    Some(GoalOf::Declared(at))
}

fn unknown(model: &Model, name: &str, span: Span) -> Diagnostic {
    let finding = UNKNOWN_NAME.finding(format!("there is no target `{name}`")).at(span, "no such target");
    match nearest(name, model.names.of(Kind::Goal)) {
        Some(near) => finding.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near),
        None => finding.help(format!("declare it, `target {name} {{ … }}`, or write the value: `target: 40%`")),
    }
}

/// A whole number of something, such as `2 periods`.
pub(super) fn counted(written: &Expr, words: &[&str]) -> Option<u32> {
    match &written.kind {
        ExprKind::Quantity { number, unit } if words.contains(&unit.text.as_str()) => number.parse().ok(),
        ExprKind::Number(_) => whole(written).and_then(|number| u32::try_from(number).ok()),
        _ => None,
    }
}
