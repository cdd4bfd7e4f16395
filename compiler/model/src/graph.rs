//! What depends on what.

use crate::model::{CustomerId, FunctionId, MetricId, Model, SegmentId, SourceId, SurveyId, WindowId};
use groma_syntax::Span;
use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

/// A declaration in the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    Source(SourceId),
    Customer(CustomerId),
    Segment(SegmentId),
    Survey(SurveyId),
    Function(FunctionId),
    Window(WindowId),
    Metric(MetricId),
}

/// Why one declaration points to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Its meaning is built from the other's.
    Uses,
    /// It has a column that refers to the other.
    Refers,
}

/// The dependency graph: from each declaration to what it is built from.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    inner: DiGraph<Node, (Link, Span)>,
    offsets: [usize; 7],
}

impl Graph {
    /// A graph with a node for each declaration and no edges.
    pub(crate) fn with_nodes(model: &Model) -> Self {
        let mut graph = Self::default();
        let mut add = |slot: usize, count: usize, node: &dyn Fn(usize) -> Node| {
            graph.offsets[slot] = graph.inner.node_count();
            for index in 0..count {
                graph.inner.add_node(node(index));
            }
        };
        add(0, model.sources.len(), &|index| Node::Source(SourceId::at(index)));
        add(1, model.customers.len(), &|index| Node::Customer(CustomerId::at(index)));
        add(2, model.segments.len(), &|index| Node::Segment(SegmentId::at(index)));
        add(3, model.surveys.len(), &|index| Node::Survey(SurveyId::at(index)));
        add(4, model.functions.len(), &|index| Node::Function(FunctionId::at(index)));
        add(5, model.windows.len(), &|index| Node::Window(WindowId::at(index)));
        add(6, model.metrics.len(), &|index| Node::Metric(MetricId::at(index)));
        graph
    }

    pub(crate) fn add(&mut self, from: Node, to: Node, link: Link, span: Span) {
        let (from, to) = (self.index(from), self.index(to));
        if !self.inner.edges_connecting(from, to).any(|edge| edge.weight().0 == link) {
            self.inner.add_edge(from, to, (link, span));
        }
    }

    /// All declarations, by kind and name.
    pub fn nodes(&self) -> impl Iterator<Item = Node> {
        self.inner.node_weights().copied()
    }

    /// What a declaration is built from or refers to, in order, with the place that says so.
    pub fn uses(&self, node: Node) -> Vec<(Node, Link, Span)> {
        self.neighbours(node, Direction::Outgoing)
    }

    /// What is built from a declaration or refers to it, in order.
    pub fn used_by(&self, node: Node) -> Vec<(Node, Link, Span)> {
        self.neighbours(node, Direction::Incoming)
    }

    fn neighbours(&self, node: Node, direction: Direction) -> Vec<(Node, Link, Span)> {
        let edges = self.inner.edges_directed(self.index(node), direction);
        let mut found: Vec<(Node, Link, Span)> = edges
            .map(|edge| {
                let other = if direction == Direction::Outgoing { edge.target() } else { edge.source() };
                (self.inner[other], edge.weight().0, edge.weight().1)
            })
            .collect();
        found.sort_by_key(|(node, _, span)| (*node, *span));
        found
    }

    /// Groups of declarations that are built from each other, those that others are built from first. Most groups have one
    /// member.
    pub(crate) fn in_order(&self) -> Vec<Vec<Node>> {
        let built = self.inner.filter_map(|_, node| Some(*node), |_, edge| (edge.0 == Link::Uses).then_some(()));
        petgraph::algo::kosaraju_scc(&built)
            .into_iter()
            .map(|group| group.into_iter().map(|index| built[index]).collect())
            .collect()
    }

    /// A way from a declaration back to itself inside a group, with the place of each step; empty if there is none.
    pub(crate) fn cycle(&self, start: Node, group: &[Node]) -> Vec<(Node, Span)> {
        let mut came_from: std::collections::BTreeMap<Node, (Node, Span)> = std::collections::BTreeMap::new();
        let mut open = std::collections::VecDeque::from([start]);
        while let Some(node) = open.pop_front() {
            for (next, _, span) in self.uses(node).into_iter().filter(|(_, link, _)| *link == Link::Uses) {
                if next == start {
                    let mut path = vec![(node, span)];
                    while path.last().is_some_and(|(node, _)| *node != start) {
                        let Some(step) = path.last().and_then(|(node, _)| came_from.get(node)) else { break };
                        path.push(*step);
                    }
                    path.reverse();
                    return path;
                }
                if group.contains(&next) && !came_from.contains_key(&next) {
                    came_from.insert(next, (node, span));
                    open.push_back(next);
                }
            }
        }
        Vec::new()
    }

    fn index(&self, node: Node) -> NodeIndex {
        let (slot, position) = match node {
            Node::Source(id) => (0, id.index()),
            Node::Customer(id) => (1, id.index()),
            Node::Segment(id) => (2, id.index()),
            Node::Survey(id) => (3, id.index()),
            Node::Function(id) => (4, id.index()),
            Node::Window(id) => (5, id.index()),
            Node::Metric(id) => (6, id.index()),
        };
        NodeIndex::new(self.offsets[slot] + position)
    }
}
