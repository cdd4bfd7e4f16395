//! Links from leading metrics to outcomes.

use crate::check::declare::{Declarations, Declared};
use crate::check::entries::{Entries, WRONG_VALUE, as_name, as_text};
use crate::check::window;
use crate::governance::Link;
use crate::graph::{self, Node};
use crate::model::{Header, MetricId, Model};
use crate::schema::Kind;
use crate::time::Offset;
use groma_syntax::ast::{ExprKind, Infix};
use groma_syntax::{Code, Diagnostic, Span};
use std::collections::BTreeSet;

/// A metric that leads itself.
pub(crate) static LINK_TO_ITSELF: Code = Code::error("governance/link-to-itself", "A metric is said to lead itself.");
/// A link that arithmetic makes.
pub(crate) static LINK_BY_CONSTRUCTION: Code = Code::error(
    "governance/link-by-construction",
    "A metric is said to lead another one, and one of them is computed from the other.",
);
/// A lagging metric that leads.
pub(crate) static LAGGING_LEADS: Code =
    Code::error("governance/lagging-leads", "A metric that is called lagging is said to lead another one.");

/// Reads them; everything they are about has been read before.
pub(crate) fn read(model: &mut Model, declarations: &Declarations, sink: &mut Vec<Diagnostic>) {
    let links = declarations.of(Kind::Link).iter().map(|declared| link(model, declared, sink)).collect();
    model.links = links;
}

fn link(model: &Model, declared: &Declared, sink: &mut Vec<Diagnostic>) -> Link {
    let (entries, broken) = super::entries(declared, Kind::Link, sink);
    let before = sink.len();
    let leading = metric(model, &entries, "leading", sink);
    let outcome = metric(model, &entries, "outcome", sink);
    let (positive, within) = expect(&entries, sink);
    entries.date("since", sink);
    if let (Some(leading), Some(outcome)) = (leading, outcome) {
        sink.extend(contradiction(model, leading, outcome));
    }
    let text = |key| entries.text(key).map(|(text, _)| text.to_owned());
    Link {
        header: Header { broken: broken || sink.len() > before, ..declared.header() },
        leading: leading.map(|(metric, _)| metric),
        outcome: outcome.map(|(metric, _)| metric),
        positive,
        within,
        because: text("because"),
        evidence: entries.values("evidence").iter().filter_map(as_text).map(|(text, _)| text.to_owned()).collect(),
    }
}

fn metric(model: &Model, entries: &Entries<'_>, key: &str, sink: &mut Vec<Diagnostic>) -> Option<(MetricId, Span)> {
    let (name, span) = entries.name(key)?;
    let known = model.metrics.iter().map(|metric| metric.header.name.as_str());
    let id = crate::check::reference(&model.names, Kind::Metric, &name, span, known, sink)?;
    Some((MetricId(id), span))
}

/// The direction of the link and how soon the outcome follows.
fn expect(entries: &Entries<'_>, sink: &mut Vec<Diagnostic>) -> (Option<bool>, Option<Offset>) {
    let Some(written) = entries.value("expect") else { return (None, None) };
    let (direction, length) = match &written.kind {
        ExprKind::Infix { operator: Infix::Within, left, right, .. } => (left.as_ref(), Some(right.as_ref())),
        _ => (written, None),
    };
    let positive = match as_name(direction) {
        Some((word, _)) if word == "positive" => Some(true),
        Some((word, _)) if word == "negative" => Some(false),
        _ => {
            sink.push(
                WRONG_VALUE
                    .finding("a link expects the outcome to follow `positive` or `negative`")
                    .at(direction.span, "neither of them")
                    .help("write it like `positive within 90 days`"),
            );
            return (None, None);
        }
    };
    let within = length.and_then(|length| match window::length(length) {
        Ok(offset) if offset != Offset::default() => Some(offset),
        Ok(_) => {
            sink.push(
                WRONG_VALUE
                    .finding("an outcome that follows within no time is not led by anything")
                    .at(length.span, "no time")
                    .help("say how soon it follows: `within 90 days`"),
            );
            None
        }
        Err(finding) => {
            sink.push(finding);
            None
        }
    });
    (positive, within)
}

/// Why one metric cannot lead the other.
fn contradiction(
    model: &Model,
    (leading, place): (MetricId, Span),
    (outcome, other): (MetricId, Span),
) -> Option<Diagnostic> {
    let (first, second) = (&model.metric(leading).header.name, &model.metric(outcome).header.name);
    if leading == outcome {
        return Some(
            LINK_TO_ITSELF
                .finding(format!("`{first}` is said to lead itself: it always moves when it moves"))
                .at(other, "the same metric")
                .also(place, "leads itself")
                .help("name the outcome that follows later, such as retention or revenue"),
        );
    }
    for (whole, part) in [(outcome, leading), (leading, outcome)] {
        if !rests_on(model, whole, part) {
            continue;
        }
        let (whole, part) = (model.metric(whole), &model.metric(part).header);
        return Some(
            LINK_BY_CONSTRUCTION
                .finding(format!(
                    "`{}` is computed from `{}`: that they move together says nothing about customers",
                    whole.header.name, part.name
                ))
                .at(other, format!("`{second}` cannot be led by `{first}`"))
                .also(whole.measure.span, "computed here")
                .help("link metrics that are counted apart, or take the link out"),
        );
    }
    let metric = model.metric(leading);
    (metric.kind.as_deref() == Some("lagging")).then(|| {
        LAGGING_LEADS
            .finding(format!("`{first}` is called lagging and is said to lead `{second}`"))
            .at(place, "leads here")
            .also(metric.header.span, "`kind: lagging`")
            .help("exchange the two, or make it `kind: leading`")
    })
}

/// Whether a metric is computed from another one, perhaps through others.
fn rests_on(model: &Model, whole: MetricId, part: MetricId) -> bool {
    let mut open = vec![whole];
    let mut seen = BTreeSet::from([whole]);
    while let Some(metric) = open.pop() {
        for (node, link, _) in model.graph().uses(Node::Metric(metric)) {
            if let (Node::Metric(next), graph::Link::Uses) = (node, link) {
                if next == part {
                    return true;
                }
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
    }
    false
}
