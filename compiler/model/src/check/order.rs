//! Who depends on whom, read off the names that declarations mention, before anything is typed.

use crate::check::declare::{Declarations, Declared};
use crate::check::expression::builtin;
use crate::check::names::dotted;
use crate::check::path::column_named;
use crate::graph::{Graph, Link, Node};
use crate::model::{CustomerId, FunctionId, MetricId, Model, Origin, SegmentId, SourceId, SurveyId, WindowId};
use crate::schema::Kind;
use crate::types::Base;
use groma_syntax::ast::{Argument, Entry, Expr, ExprKind, Infix, Item};
use groma_syntax::{Code, Diagnostic, Span};

/// A definition that rests on itself.
pub(crate) static CYCLE: Code = Code::error("graph/cycle", "A definition is built from itself, so it says nothing.");

/// The graph of a model whose heads are read.
pub(crate) fn graph(model: &Model, declarations: &Declarations) -> Graph {
    let mut graph = Graph::with_nodes(model);
    for (index, source) in model.sources.iter().enumerate() {
        let node = Node::Source(SourceId::at(index));
        if let Origin::Query { reads, span, .. } = &source.origin {
            reads.iter().for_each(|(_, read)| graph.add(node, Node::Source(*read), Link::Uses, *span));
        }
        for column in &source.columns {
            if let Base::Customer(id) = column.ty.base {
                graph.add(node, Node::Customer(id), Link::Refers, column.span);
            }
        }
    }
    for (index, customer) in model.customers.iter().enumerate() {
        let node = Node::Customer(CustomerId::at(index));
        if customer.header.broken {
            continue;
        }
        graph.add(node, Node::Source(customer.source), Link::Uses, customer.header.span);
        if let Some((parent, _)) = customer.parent {
            graph.add(node, Node::Customer(parent), Link::Uses, customer.header.span);
        }
    }
    let node = Node::Source(SourceId(0));
    let answers = answers(model, declarations);
    let mut reader = Reader { model, graph, node, source: None, answers, standard: false };
    for (kind, node) in EXPRESSIVE {
        for (index, declared) in declarations.of(kind).iter().enumerate() {
            reader.node = node(index);
            reader.item(kind, declared);
        }
    }
    reader.graph
}

/// Makes the node of a position among the declarations of a kind.
type ToNode = fn(usize) -> Node;

/// The kinds whose entries hold expressions.
const EXPRESSIVE: [(Kind, ToNode); 6] = [
    (Kind::Customer, |index| Node::Customer(CustomerId::at(index))),
    (Kind::Segment, |index| Node::Segment(SegmentId::at(index))),
    (Kind::Survey, |index| Node::Survey(SurveyId::at(index))),
    (Kind::Function, |index| Node::Function(FunctionId::at(index))),
    (Kind::Window, |index| Node::Window(WindowId::at(index))),
    (Kind::Metric, |index| Node::Metric(MetricId::at(index))),
];

/// The finding about a group of declarations that rest on each other, if they do.
pub(crate) fn cycle(model: &Model, graph: &Graph, group: &[Node]) -> Option<Diagnostic> {
    let start = *group.iter().min()?;
    let path = graph.cycle(start, group);
    let (first, rest) = path.split_first()?;
    let name = |node: Node| model.header(node).name.clone();
    let next = |position: usize| path.get(position + 1).map_or(start, |(node, _)| *node);
    let names: Vec<String> =
        path.iter().map(|(node, _)| name(*node).to_string()).chain([name(start).to_string()]).collect();
    let mut finding = CYCLE
        .finding(format!("`{}` is built from itself: {}", name(start), names.join(" → ")))
        .at(first.1, format!("`{}` uses `{}`", name(first.0), name(next(0))))
        .help("take one of these steps out, so that one of them rests on rows alone");
    for (position, (node, span)) in rest.iter().enumerate() {
        finding = finding.also(*span, format!("`{}` uses `{}`", name(*node), name(next(position + 1))));
    }
    Some(finding)
}

/// The source that holds the answers of each survey.
fn answers(model: &Model, declarations: &Declarations) -> Vec<(SourceId, SurveyId)> {
    let source = |declared: &Declared| match values(&declared.item, "responses").first().map(|value| &value.kind) {
        Some(ExprKind::Path(path)) => model.names.get(Kind::Source, &dotted(path)).map(SourceId),
        _ => None,
    };
    let surveys = declarations.of(Kind::Survey).iter().enumerate();
    surveys.filter_map(|(index, declared)| Some((source(declared)?, SurveyId::at(index)))).collect()
}

struct Reader<'m> {
    model: &'m Model,
    graph: Graph,
    node: Node,
    source: Option<SourceId>,
    answers: Vec<(SourceId, SurveyId)>,
    standard: bool,
}

impl Reader<'_> {
    fn item(&mut self, kind: Kind, declared: &Declared) {
        let item = &declared.item;
        self.source = None;
        self.standard = declared.standard;
        match kind {
            Kind::Metric => self.metric(declared),
            Kind::Survey => self.survey(item),
            Kind::Window => values(item, "value").iter().for_each(|value| self.anchor(value)),
            Kind::Function => {
                for value in values(item, "value") {
                    self.functions(value);
                }
                for default in item.params.iter().filter_map(|parameter| parameter.default.as_ref()) {
                    self.functions(default);
                }
            }
            _ => {
                for key in ["where", "has"] {
                    values(item, key).iter().for_each(|value| self.row(value));
                }
                for value in values(item, "of") {
                    self.name(Kind::Customer, value, Link::Refers);
                }
            }
        }
    }

    /// Where its answers and invitations are, who is asked, and what it follows.
    fn survey(&mut self, item: &Item) {
        for (key, condition) in [("invites", "invites_where"), ("responses", "where")] {
            self.rows(item, key);
            values(item, condition).iter().for_each(|value| self.row(value));
        }
        values(item, "customer").iter().for_each(|value| self.name(Kind::Customer, value, Link::Uses));
        for value in values(item, "timing") {
            let ExprKind::Infix { operator: Infix::After, right, .. } = &value.kind else { continue };
            let ExprKind::Path(path) = &right.kind else { continue };
            let Some(name) = path.split_last().map(|(_, of)| dotted(of)) else { continue };
            if let Some(id) = self.model.names.get(Kind::Source, &name) {
                self.add(Node::Source(SourceId(id)), Link::Uses, right.span);
            } else if let Some(id) = self.model.names.get(Kind::Customer, &name) {
                self.add(Node::Customer(CustomerId(id)), Link::Uses, right.span);
            }
        }
    }

    /// The source that a key names, and the customers its rows lead to: it is the one that columns are looked for in.
    fn rows(&mut self, item: &Item, key: &str) {
        for value in values(item, key) {
            self.name(Kind::Source, value, Link::Uses);
            if let ExprKind::Path(path) = &value.kind {
                self.source = self.model.names.get(Kind::Source, &dotted(path)).map(SourceId);
            }
        }
        if let Some(source) = self.source {
            for customer in crate::check::path::reachable_customers(self.model, source) {
                self.add(Node::Customer(customer), Link::Uses, item.name.span);
            }
        }
    }

    /// A survey is read before the metrics that it declares, and before those that read its answers.
    fn surveys(&mut self, declared: &Declared) {
        let span = declared.item.name.span;
        let made_by = declared.survey.as_ref().and_then(|name| self.model.names.get(Kind::Survey, name));
        let asking = self.answers.iter().filter(|(source, _)| Some(*source) == self.source).map(|(_, survey)| *survey);
        let surveys: Vec<SurveyId> = made_by.map(SurveyId).into_iter().chain(asking).collect();
        surveys.into_iter().for_each(|survey| self.add(Node::Survey(survey), Link::Uses, span));
    }

    fn metric(&mut self, declared: &Declared) {
        let item = &declared.item;
        self.rows(item, "from");
        self.surveys(declared);
        for value in values(item, "window") {
            self.name(Kind::Window, value, Link::Uses);
            self.anchor(value);
        }
        for value in values(item, "each") {
            self.measure(value);
        }
        for value in values(item, "snapshot") {
            if let ExprKind::Infix { operator: Infix::Per, right, .. } = &value.kind {
                self.row(right);
            }
        }
        for step in group(item, "steps").iter().flat_map(entry_values) {
            self.row(step);
        }
        for value in values(item, "measure") {
            self.measure(value);
        }
        for key in ["where", "by", "customer", "among", "weight"] {
            values(item, key).iter().for_each(|value| self.row(value));
        }
    }

    /// What stands behind `after` in a window: a moment of a customer, or an event of a source.
    fn anchor(&mut self, window: &Expr) {
        let ExprKind::Infix { operator: Infix::After, right, .. } = &window.kind else { return };
        crate::check::walk::visit(right, &mut |part| {
            let ExprKind::Path(path) = &part.kind else { return };
            let Some(name) = path.split_last().map(|(_, of)| dotted(of)) else { return };
            let Some(source) = self.model.names.get(Kind::Source, &name).map(SourceId) else { return };
            self.add(Node::Source(source), Link::Uses, part.span);
            for customer in crate::check::path::reachable_customers(self.model, source) {
                self.add(Node::Customer(customer), Link::Uses, part.span);
            }
        });
        self.row(right);
    }

    fn measure(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Path(path) => {
                if let Some(id) = self.model.names.get(Kind::Metric, &dotted(path)) {
                    self.add(Node::Metric(MetricId(id)), Link::Uses, expr.span);
                }
            }
            ExprKind::Call { function, arguments } => {
                let name = dotted(function);
                let own = self.model.names.function(&name, self.standard);
                if let Some(id) = own {
                    self.add(Node::Function(id), Link::Uses, expr.span);
                }
                let over_rows = own.is_none() && builtin::aggregate(&name).is_some();
                for argument in arguments {
                    let (Argument::Value(value) | Argument::Named { value, .. } | Argument::Where(value)) = argument;
                    if over_rows || matches!(argument, Argument::Where(_)) || (own.is_some() && self.is_column(value)) {
                        self.row(value);
                        self.misplaced_metric(value);
                    } else {
                        self.measure(value);
                    }
                }
            }
            ExprKind::Infix { operator: Infix::Where, left, right, .. } => {
                self.measure(left);
                self.row(right);
            }
            _ => super::walk::for_each_part(expr, &mut |part| self.measure(part)),
        }
    }

    /// A metric inside of an aggregate is a mistake, and what it is decides what to say about it.
    fn misplaced_metric(&mut self, expr: &Expr) {
        if let ExprKind::Path(path) = &expr.kind
            && !self.is_column(expr)
            && let Some(id) = self.model.names.get(Kind::Metric, &dotted(path)).map(MetricId)
            && self.node != Node::Metric(id)
        {
            self.add(Node::Metric(id), Link::Uses, expr.span);
        }
    }

    fn row(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Path(path) => {
                if let Some(first) = path.first().filter(|first| !self.has_column(&first.text))
                    && let Some(id) = self.model.names.get(Kind::Customer, &first.text)
                {
                    self.add(Node::Customer(CustomerId(id)), Link::Uses, expr.span);
                }
                for name in path {
                    if let Some(id) = self.model.names.get(Kind::Segment, &name.text) {
                        self.add(Node::Segment(SegmentId(id)), Link::Uses, expr.span);
                    }
                }
            }
            ExprKind::Call { function, .. } => {
                if let Some(id) = self.model.names.function(&dotted(function), self.standard) {
                    self.add(Node::Function(id), Link::Uses, expr.span);
                }
            }
            _ => {}
        }
        super::walk::for_each_part(expr, &mut |part| self.row(part));
    }

    fn functions(&mut self, expr: &Expr) {
        if let ExprKind::Call { function, .. } = &expr.kind
            && let Some(id) = self.model.names.function(&dotted(function), self.standard)
        {
            self.add(Node::Function(id), Link::Uses, expr.span);
        }
        super::walk::for_each_part(expr, &mut |part| self.functions(part));
    }

    fn name(&mut self, kind: Kind, expr: &Expr, link: Link) {
        let ExprKind::Path(path) = &expr.kind else { return };
        let Some(id) = self.model.names.get(kind, &dotted(path)) else { return };
        let node = match kind {
            Kind::Source => Node::Source(SourceId(id)),
            Kind::Customer => Node::Customer(CustomerId(id)),
            Kind::Window => Node::Window(WindowId(id)),
            _ => return,
        };
        self.add(node, link, expr.span);
    }

    fn is_column(&self, expr: &Expr) -> bool {
        matches!(&expr.kind, ExprKind::Path(path) if path.first().is_some_and(|first| self.has_column(&first.text)))
    }

    fn has_column(&self, name: &str) -> bool {
        self.source.is_some_and(|source| column_named(self.model, source, name).is_some())
    }

    /// A customer may speak of itself, and a segment of its customer: no circle.
    fn add(&mut self, to: Node, link: Link, span: Span) {
        let speaks_of_itself = match (self.node, to) {
            (Node::Customer(from), Node::Customer(to)) => from == to,
            (Node::Segment(_), Node::Customer(to)) => {
                self.graph.uses(self.node).iter().any(|(node, _, _)| *node == Node::Customer(to))
            }
            _ => false,
        };
        let link =
            if matches!(self.node, Node::Segment(_)) && matches!(to, Node::Customer(_)) { Link::Refers } else { link };
        if !speaks_of_itself {
            self.graph.add(self.node, to, link, span);
        }
    }
}

/// The entries of a block.
fn group<'a>(item: &'a Item, wanted: &str) -> &'a [Entry] {
    let found = item.body.entries.iter().find_map(|entry| match entry {
        Entry::Group { key, body, .. } if key.text == wanted => Some(body.entries.as_slice()),
        _ => None,
    });
    found.unwrap_or(&[])
}

fn entry_values(entry: &Entry) -> &[Expr] {
    match entry {
        Entry::Value { values, .. } => values,
        Entry::Group { .. } => &[],
    }
}

fn values<'a>(item: &'a Item, wanted: &str) -> &'a [Expr] {
    item.body
        .entries
        .iter()
        .find_map(|entry| match entry {
            Entry::Value { key, values, .. } if key.text == wanted => Some(values.as_slice()),
            _ => None,
        })
        .unwrap_or(&[])
}
