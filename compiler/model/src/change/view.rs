//! One side of a comparison: its declarations, what they mean, and what they are built from.

use super::Side;
use crate::check::declare::Declared;
use crate::graph::Node;
use crate::meaning::{FORM, Meaning, Meanings, Subject, meanings, written};
use crate::model::{CustomerId, Header, Metric, MetricId, Model, SegmentId, SourceId, SurveyId, WindowId};
use crate::schema::Kind;
use groma_syntax::SourceMap;
use jiff::civil::Date;
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// A side with its meanings.
pub(super) struct View<'m> {
    side: &'m Side<'m>,
    /// With the newest versions.
    pub(super) model: &'m Model,
    pub(super) meanings: Meanings,
}

impl<'m> View<'m> {
    /// None for a side without a model.
    pub(super) fn of(side: &'m Side<'m>) -> Option<Self> {
        let model = side.eras.last()?.model;
        Some(Self { side, model, meanings: meanings(FORM, &side.eras).unwrap_or_default() })
    }

    pub(super) fn sources(&self) -> &'m SourceMap {
        self.side.sources
    }

    /// What the project declares of a kind, in the order of names. The standard library is the same on both sides.
    pub(super) fn declared(&self, kind: Kind) -> impl Iterator<Item = &'m Declared> {
        self.model.declarations.of(kind).iter().filter(|declared| !declared.standard)
    }

    pub(super) fn meaning(&self, subject: &Subject) -> Option<&Meaning> {
        self.meanings.of.get(subject)
    }

    /// The days from which on other versions hold; none is the beginning.
    pub(super) fn days(&self) -> impl Iterator<Item = Option<Date>> {
        self.side.eras.iter().map(|era| era.from)
    }

    /// The declaration of a metric as it holds on a day.
    pub(super) fn on(&self, day: Option<Date>, name: &str) -> Option<&'m Declared> {
        let era = self.side.eras.iter().rev().find(|era| era.from <= day).or(self.side.eras.first())?;
        let metrics = era.model.declarations.of(Kind::Metric);
        let at = metrics.binary_search_by(|declared| declared.name.as_str().cmp(name)).ok()?;
        metrics.get(at)
    }

    /// The declaration of a metric with its newest version.
    pub(super) fn newest(&self, name: &str) -> Option<&'m Declared> {
        let metrics = self.model.declarations.of(Kind::Metric);
        metrics.get(metrics.binary_search_by(|declared| declared.name.as_str().cmp(name)).ok()?)
    }

    /// The keys of a declaration with the digests of what they say.
    pub(super) fn entries(&self, subject: &Subject) -> BTreeSet<(SmolStr, crate::meaning::Digest)> {
        written::entries(self.model, subject).unwrap_or_default().into_iter().collect()
    }

    pub(super) fn metric(&self, name: &str) -> Option<(MetricId, &'m Metric)> {
        let id = self.model.metric_named(name)?;
        Some((id, self.model.metric(id)))
    }

    /// Of each era, the newest first. All have the same declarations at the same places: only what metrics say is different.
    pub(super) fn models(&self) -> impl Iterator<Item = &'m Model> {
        self.side.eras.iter().rev().map(|era| era.model)
    }

    /// The declaration in the graph.
    pub(super) fn node(&self, subject: &Subject) -> Option<Node> {
        let (kind, name) = subject;
        let position = self.model.names.get(*kind, name)?;
        let node = match kind {
            Kind::Source => Node::Source(SourceId(position)),
            Kind::Customer => Node::Customer(CustomerId(position)),
            Kind::Segment => Node::Segment(SegmentId(position)),
            Kind::Survey => Node::Survey(SurveyId(position)),
            Kind::Function => Node::Function(crate::model::FunctionId(position)),
            Kind::Window => Node::Window(WindowId(position)),
            Kind::Metric => Node::Metric(MetricId(position)),
            _ => return None,
        };
        // A name of the standard library is in scope without its `std.`.
        (self.model.header(node).name == *name).then_some(node)
    }

    pub(super) fn header(&self, node: Node) -> &'m Header {
        self.model.header(node)
    }

    pub(super) fn subject(&self, node: Node) -> Subject {
        let kind = match node {
            Node::Source(_) => Kind::Source,
            Node::Customer(_) => Kind::Customer,
            Node::Segment(_) => Kind::Segment,
            Node::Survey(_) => Kind::Survey,
            Node::Function(_) => Kind::Function,
            Node::Window(_) => Kind::Window,
            Node::Metric(_) => Kind::Metric,
        };
        (kind, self.header(node).name.clone())
    }
}
