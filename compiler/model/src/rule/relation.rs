//! What a thing uses, and what uses it, through others too.

use super::facts::Facts;
use super::value::{SORTS, Sort, Thing};
use super::written;
use crate::graph::{Link, Node};
use crate::model::MetricId;
use crate::schema::{Kind, Shape};
use groma_syntax::ast::{Entry, ExprKind};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Which way a relation goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Way {
    /// `source of m`: what the thing uses.
    Of,
    /// `metric using s`: what uses the thing.
    Using,
}

/// What was found already, by thing and way.
type Found = HashMap<(u32, Way), Rc<[u32]>>;

/// The relations of all things.
///
/// Numbers are built from other numbers, and that goes through: what a metric uses, all that is built on it uses too. Other
/// declarations point: an example at metrics, a metric at the team that owns it. They are one step at the beginning or the
/// end of a way, never one in between: two metrics of a team do not use each other.
pub(crate) struct Relations {
    /// The first number of each sort.
    starts: [u32; SORTS + 1],
    sorts: Vec<Sort>,
    /// By thing: what it is built from, and what is built from it.
    built: [Vec<Vec<u32>>; 2],
    /// By thing: what it points at, and what points at it.
    points: [Vec<Vec<u32>>; 2],
    found: RefCell<Found>,
}

impl Relations {
    pub(crate) fn new(facts: &Facts<'_>) -> Self {
        let sorts: Vec<Sort> = Sort::every().collect();
        let mut starts = [0; SORTS + 1];
        for (position, sort) in sorts.iter().enumerate() {
            starts[position + 1] = starts[position] + u32::try_from(facts.count(*sort)).unwrap_or(0);
        }
        let count = starts[SORTS] as usize;
        let lists = || [vec![Vec::new(); count], vec![Vec::new(); count]];
        let mut relations =
            Self { starts, sorts, built: lists(), points: lists(), found: RefCell::new(HashMap::new()) };
        relations.read_graph(facts);
        relations.read_keys(facts);
        for at in 0..facts.model.sources.len() {
            let source = Thing::of(Kind::Source, at);
            for column in facts.columns_of(crate::model::SourceId::at(at)) {
                relations.add_point(source, Thing::new(Sort::Column, column));
            }
        }
        relations.read_shown(facts);
        for list in relations.built.iter_mut().chain(&mut relations.points).flatten() {
            list.sort_unstable();
            list.dedup();
        }
        relations
    }

    fn read_graph(&mut self, facts: &Facts<'_>) {
        let graph = facts.model.graph();
        for node in graph.nodes() {
            for (other, link, _) in graph.uses(node) {
                let (from, to) = (self.number(thing(node)), self.number(thing(other)));
                // A segment speaks of its customer, which may speak of the segment: no circle, and still a part of it.
                if from != to && (link == Link::Uses || matches!(node, Node::Segment(_))) {
                    self.built[0][from as usize].push(to);
                    self.built[1][to as usize].push(from);
                }
            }
        }
    }

    /// The names that declarations say under keys that take names; what metrics are built from is in the graph already.
    fn read_keys(&mut self, facts: &Facts<'_>) {
        for sort in self.sorts.clone() {
            let Sort::Declared(kind) = sort else { continue };
            let keys: Vec<(&str, Kind)> = kind
                .schema()
                .keys
                .iter()
                .filter_map(|key| match key.shape {
                    Shape::Name(other) | Shape::Names(other) if !(is_built(kind) && is_built(other)) => {
                        Some((key.name, other))
                    }
                    _ => None,
                })
                .collect();
            for at in 0..if keys.is_empty() { 0 } else { facts.count(sort) } {
                let declared = facts.declared(kind, at);
                for (key, other) in &keys {
                    let Some(Entry::Value { values, .. }) = written::entry(declared, key) else { continue };
                    for value in values {
                        let ExprKind::Path(path) = &value.kind else { continue };
                        let name = crate::check::names::dotted(path);
                        if let Some(to) = facts.model.names.get(*other, &name) {
                            self.add_point(Thing::of(kind, at), Thing::of(*other, to as usize));
                        }
                    }
                }
            }
        }
    }

    /// What dashboards, their tiles and alerts show and watch.
    fn read_shown(&mut self, facts: &Facts<'_>) {
        let (model, metric) = (facts.model, |id: MetricId| Thing::of(Kind::Metric, id.index()));
        for (at, dashboard) in model.dashboards.iter().enumerate() {
            let own = Thing::of(Kind::Dashboard, at);
            for (tile, place) in dashboard.tiles.iter().zip(facts.tiles_of(at)) {
                let place = Thing::new(Sort::Tile, place);
                self.add_point(own, place);
                for (id, _) in &tile.metrics {
                    self.add_point(own, metric(*id));
                    self.add_point(place, metric(*id));
                }
            }
        }
        for alert in &model.alerts {
            if let Some(at) = model.names.get(Kind::Alert, &alert.header.name) {
                self.add_point(Thing::of(Kind::Alert, at as usize), metric(alert.metric));
            }
        }
    }

    fn add_point(&mut self, from: Thing, to: Thing) {
        let (from, to) = (self.number(from), self.number(to));
        self.points[0][from as usize].push(to);
        self.points[1][to as usize].push(from);
    }

    fn number(&self, thing: Thing) -> u32 {
        self.starts[thing.sort.position()] + thing.at
    }

    /// The things of a sort that a thing uses, or that use it, in order.
    pub(crate) fn related(&self, thing: Thing, way: Way, sort: Sort) -> Vec<Thing> {
        let number = self.number(thing);
        let all = self.all(number, way);
        let (low, high) = (self.starts[sort.position()], self.starts[sort.position() + 1]);
        let from = all.partition_point(|other| *other < low);
        let to = all.partition_point(|other| *other < high);
        all[from..to].iter().map(|other| Thing { sort, at: other - low }).collect()
    }

    /// Everything on the ways from a thing, sorted; each way is followed once.
    fn all(&self, number: u32, way: Way) -> Rc<[u32]> {
        if let Some(known) = self.found.borrow().get(&(number, way)) {
            return Rc::clone(known);
        }
        let side = usize::from(way == Way::Using);
        let mut found: Vec<u32> = Vec::new();
        // What points at metrics uses what they are built from.
        let mut open = vec![number];
        if way == Way::Of {
            open.extend(self.points[0][number as usize].iter().filter(|other| self.is_built_number(**other)));
        }
        let mut seen: std::collections::HashSet<u32> = open.iter().copied().collect();
        while let Some(next) = open.pop() {
            found.push(next);
            open.extend(self.built[side][next as usize].iter().filter(|other| seen.insert(**other)));
        }
        let ends: Vec<u32> = match way {
            Way::Of => self.points[0][number as usize].clone(),
            Way::Using => found.iter().flat_map(|built| self.points[1][*built as usize].iter().copied()).collect(),
        };
        found.extend(ends);
        found.sort_unstable();
        found.dedup();
        found.retain(|other| *other != number);
        let found: Rc<[u32]> = found.into();
        self.found.borrow_mut().insert((number, way), Rc::clone(&found));
        found
    }

    fn is_built_number(&self, number: u32) -> bool {
        let position = self.starts.partition_point(|start| *start <= number) - 1;
        matches!(self.sorts.get(position), Some(Sort::Declared(kind)) if is_built(*kind))
    }
}

/// Whether the meaning of a kind's declarations is built from others.
fn is_built(kind: Kind) -> bool {
    use Kind::{Customer, Function, Metric, Segment, Source, Survey, Window};
    matches!(kind, Source | Customer | Segment | Survey | Function | Window | Metric)
}

fn thing(node: Node) -> Thing {
    match node {
        Node::Source(id) => Thing::of(Kind::Source, id.index()),
        Node::Customer(id) => Thing::of(Kind::Customer, id.index()),
        Node::Segment(id) => Thing::of(Kind::Segment, id.index()),
        Node::Survey(id) => Thing::of(Kind::Survey, id.index()),
        Node::Function(id) => Thing::of(Kind::Function, id.index()),
        Node::Window(id) => Thing::of(Kind::Window, id.index()),
        Node::Metric(id) => Thing::of(Kind::Metric, id.index()),
    }
}
