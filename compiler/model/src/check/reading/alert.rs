//! Alerts: what is watched, when somebody is told, and what they are to do.

use super::shown::{self, OF_ALERTS};
use super::tile::counted;
use super::trigger;
use crate::check::declare::{Declarations, Declared};
use crate::check::entries::WRONG_VALUE;
use crate::check::governance::entries;
use crate::check::reference;
use crate::check::source::owner;
use crate::model::{Header, Model, TeamId};
use crate::reading::{Alert, Trigger};
use crate::schema::Kind;
use groma_syntax::Diagnostic;
use groma_syntax::ast::Expr;

/// More periods in a row than this are never waited for.
const MOST: u32 = 1_000;

/// Reads them; metrics have been read before.
pub(super) fn read(model: &mut Model, declarations: &Declarations, sink: &mut Vec<Diagnostic>) {
    let all = declarations.of(Kind::Alert).iter();
    let alerts = all.filter_map(|declared| alert(model, declared, sink)).collect();
    model.alerts = alerts;
}

fn alert(model: &Model, declared: &Declared, sink: &mut Vec<Diagnostic>) -> Option<Alert> {
    let before = sink.len();
    let (entries, broken) = entries(declared, Kind::Alert, sink);
    let teams = || model.teams.iter().map(|team| team.header.name.as_str());
    let owner = owner(&entries, &model.names, teams(), sink);
    let tell = entries
        .name("tell")
        .and_then(|(name, span)| reference(&model.names, Kind::Team, &name, span, teams(), sink).map(TeamId));
    let what = format!("alert `{}` watches", declared.name);
    let shown = shown::read(model, (&entries, "on"), (&OF_ALERTS, &what), sink);
    if let Some((_, second)) = shown.as_ref().and_then(|shown| shown.metrics.get(1)) {
        sink.push(
            WRONG_VALUE
                .finding(format!(
                    "alert `{}` watches several metrics: whoever is told would not know which",
                    declared.name
                ))
                .at(*second, "another metric")
                .help("declare an alert for each"),
        );
    }
    let metric = shown.as_ref().and_then(|shown| shown.metrics.first().copied());
    let when = metric.and_then(|metric| trigger::read(model, &entries, metric, sink));
    let after = entries.value("after").map(|written| after(written, when, sink));
    let text = |key: &str| entries.text(key).map(|(text, _)| text.to_owned());
    let header = declared.header();
    let header = Header { broken: broken || header.broken || sink.len() > before, ..header };
    let shown = shown?;
    Some(Alert {
        owner,
        metric: metric?.0,
        by: shown.by,
        grain: shown.grain,
        when: when?,
        after: after.flatten().unwrap_or(1),
        tell,
        because: text("because"),
        action: text("do"),
        header,
    })
}

/// `2 periods`.
fn after(written: &Expr, when: Option<Trigger>, sink: &mut Vec<Diagnostic>) -> Option<u32> {
    let found = counted(written, &["period", "periods"]).filter(|periods| (1..=MOST).contains(periods));
    let finding = match (found, when) {
        (None, _) => WRONG_VALUE
            .finding("an alert fires after so many periods in a row")
            .at(written.span, "not such a number of periods")
            .help("write it like `after: 2 periods`"),
        (Some(_), Some(Trigger::Missing(_))) => WRONG_VALUE
            .finding("an answer that is missing is missing now, whatever the periods before it")
            .at(written.span, "no periods to wait for")
            .help("take `after` out, or write a greater age"),
        _ => return found,
    };
    sink.push(finding);
    None
}
