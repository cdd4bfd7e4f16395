//! The ways by which a metric inherits a change.

use super::view::View;
use crate::check::names::dotted;
use crate::check::walk::visit;
use crate::graph::{Link, Node};
use crate::meaning::Subject;
use crate::model::ExceptionId;
use crate::schema::Kind;
use groma_syntax::ast::{Entry, ExprKind};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A declaration on a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Node(Node),
    Exception(ExceptionId),
}

/// The shortest way from a metric to each of the declarations that were changed; without the metric itself.
///
/// `is_still` says of a declaration that nothing in it or behind it is different.
pub(super) fn ways(
    view: &View<'_>,
    metric: &Subject,
    changed: &BTreeSet<Subject>,
    is_still: &dyn Fn(&Subject) -> bool,
) -> Vec<Vec<Subject>> {
    let Some(start) = view.node(metric).map(Step::Node) else { return Vec::new() };
    let mut came_from: BTreeMap<Step, Step> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    let mut found = Vec::new();
    while let Some(step) = open.pop_front() {
        for next in steps(view, step) {
            if next == start || came_from.contains_key(&next) {
                continue;
            }
            came_from.insert(next, step);
            let subject = subject(view, next);
            if changed.contains(&subject) {
                found.push(way(view, &came_from, next));
            }
            if !is_still(&subject) {
                open.push_back(next);
            }
        }
    }
    found
}

/// The way to the deepest thing behind a metric that is different, where nobody knows what of it was changed.
pub(super) fn somewhere(view: &View<'_>, metric: &Subject, is_still: &dyn Fn(&Subject) -> bool) -> Vec<Subject> {
    let mut found: Vec<Subject> = Vec::new();
    let mut here = view.node(metric).map(Step::Node);
    while let Some(step) = here {
        here = steps(view, step).into_iter().find(|next| {
            let subject = subject(view, *next);
            !is_still(&subject) && !found.contains(&subject)
        });
        found.extend(here.map(|next| subject(view, next)));
    }
    found
}

fn way(view: &View<'_>, came_from: &BTreeMap<Step, Step>, end: Step) -> Vec<Subject> {
    let mut way = vec![subject(view, end)];
    let mut here = end;
    while let Some(before) = came_from.get(&here).filter(|before| came_from.contains_key(before)) {
        way.push(subject(view, *before));
        here = *before;
    }
    way.reverse();
    way
}

fn subject(view: &View<'_>, step: Step) -> Subject {
    match step {
        Step::Node(node) => view.subject(node),
        Step::Exception(id) => (Kind::Exception, view.model.exceptions[id.index()].header.name.clone()),
    }
}

/// What a declaration is built from.
fn steps(view: &View<'_>, step: Step) -> Vec<Step> {
    match step {
        Step::Node(node) => {
            let is_used = |used: Node, link: Link| match (node, used) {
                (Node::Segment(_), _) => true,
                // A customer only offers its segments; who uses one says so.
                (Node::Customer(_), Node::Segment(_)) => false,
                _ => link == Link::Uses,
            };
            let mut found = Vec::new();
            for model in view.models() {
                let uses = model.graph().uses(node).into_iter();
                found.extend(uses.filter(|(used, link, _)| is_used(*used, *link)).map(|(used, _, _)| Step::Node(used)));
                if let Node::Metric(id) = node {
                    found.extend(model.metric(id).governed.exceptions.iter().map(|id| Step::Exception(*id)));
                }
            }
            found
        }
        Step::Exception(id) => named(view, id).into_iter().map(Step::Node).collect(),
    }
}

/// What the condition of an exception speaks of.
fn named(view: &View<'_>, id: ExceptionId) -> BTreeSet<Node> {
    let Some(declared) = view.model.declarations.of(Kind::Exception).get(id.index()) else { return BTreeSet::new() };
    let mut found = BTreeSet::new();
    let mut look = |kind: Kind, name: &str| found.extend(view.node(&(kind, name.into())));
    for entry in &declared.item.body.entries {
        let Entry::Value { key, values, .. } = entry else { continue };
        if !matches!(key.text.as_str(), "of" | "where") {
            continue;
        }
        for value in values {
            visit(value, &mut |part| match &part.kind {
                ExprKind::Call { function, .. } => look(Kind::Function, &dotted(function)),
                ExprKind::Path(path) => {
                    look(Kind::Customer, &path[0].text);
                    look(Kind::Source, &dotted(path));
                    path.iter().for_each(|name| look(Kind::Segment, &name.text));
                }
                _ => {}
            });
        }
    }
    found
}
