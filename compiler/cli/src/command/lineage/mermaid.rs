//! Lineage as a flowchart: from columns to metrics, the way data flows.

use super::{column_name, is_query, place_name, reads};
use groma_model::lineage::{How, Lineage, Place, What};
use groma_model::{MetricId, Model, Sensitivity, SourceId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// A flowchart of metrics with all they rest on.
pub(super) fn write(model: &Model, lineage: &Lineage<'_>, metrics: &[MetricId]) -> String {
    let mut chart = Chart { model, lineage, nodes: BTreeMap::new(), edges: BTreeMap::new() };
    let mut open = metrics.to_vec();
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            open.extend(chart.metric(id));
        }
    }
    chart.text()
}

/// What is drawn; columns by their sources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Place(Place),
    Rows(SourceId),
    Metric(MetricId),
}

struct Chart<'a, 'm> {
    model: &'m Model,
    lineage: &'a Lineage<'m>,
    /// By the box around them: the table, or nothing.
    nodes: BTreeMap<String, BTreeSet<Node>>,
    /// Whether a value flows along it.
    edges: BTreeMap<(Node, Node), bool>,
}

impl Chart<'_, '_> {
    /// Adds a metric; the metrics it is made of.
    fn metric(&mut self, id: MetricId) -> Vec<MetricId> {
        let node = Node::Metric(id);
        self.nodes.entry(String::new()).or_default().insert(node.clone());
        let mut parts = Vec::new();
        for (what, hows) in reads(self.model, self.lineage, id) {
            let direct = hows.iter().any(|how| how.is_direct());
            let read = match what {
                What::Column(source, column) => Node::Place(Place::Column(source, column)),
                What::Rows(source) => Node::Rows(source),
                What::Metric(part) => {
                    parts.push(part);
                    Node::Metric(part)
                }
            };
            self.edge(&read, &node, direct && !matches!(what, What::Rows(_)));
        }
        parts
    }

    fn edge(&mut self, from: &Node, to: &Node, direct: bool) {
        *self.edges.entry((from.clone(), to.clone())).or_insert(false) |= direct;
        let table = match from {
            Node::Place(Place::Column(source, _)) | Node::Rows(source) => {
                self.model.source(*source).header.name.to_string()
            }
            Node::Place(Place::Undeclared(table, _) | Place::Table(table)) => table.to_string(),
            Node::Metric(_) => String::new(),
        };
        if !self.nodes.entry(table).or_default().insert(from.clone()) {
            return;
        }
        let reads: Vec<(Place, How)> = match from {
            Node::Place(Place::Column(source, column)) if is_query(self.model, *source) => {
                self.lineage.of_query(*source, *column)
            }
            Node::Rows(source) => self.lineage.of_rows(*source),
            _ => Vec::new(),
        };
        for (place, how) in reads {
            self.edge(&Node::Place(place), from, how.is_direct());
        }
    }

    fn text(&self) -> String {
        let mut text = String::from("flowchart LR\n");
        for (table, nodes) in &self.nodes {
            if table.is_empty() {
                continue;
            }
            let _ = writeln!(text, "  subgraph {}[\"{table}\"]", self.key("table", table));
            for node in nodes {
                let _ = writeln!(text, "    {}[\"{}\"]{}", self.id(node), self.label(node), self.class(node));
            }
            text.push_str("  end\n");
        }
        for node in self.nodes.get("").into_iter().flatten() {
            let _ = writeln!(text, "  {}([\"{}\"]){}", self.id(node), self.label(node), self.class(node));
        }
        for ((from, to), direct) in &self.edges {
            let arrow = if *direct { "-->" } else { "-.->" };
            let _ = writeln!(text, "  {} {arrow} {}", self.id(from), self.id(to));
        }
        text.push_str(
            "  classDef personal fill:#fde7c7,stroke:#b25d00\n  classDef special fill:#f9d0d0,stroke:#b00020\n",
        );
        text
    }

    fn key(&self, kind: &str, name: &str) -> String {
        let safe = |character: char| if character.is_ascii_alphanumeric() { character } else { '_' };
        format!("{kind}_{}", name.chars().map(safe).collect::<String>())
    }

    fn id(&self, node: &Node) -> String {
        match node {
            Node::Place(Place::Column(source, column)) => {
                self.key("column", &column_name(self.model, *source, *column).replace('.', "__"))
            }
            Node::Place(place) => self.key("outside", &place_name(self.model, place).replace('.', "__")),
            Node::Rows(source) => self.key("rows", &self.model.source(*source).header.name),
            Node::Metric(id) => self.key("metric", &self.model.metric(*id).header.name),
        }
    }

    fn label(&self, node: &Node) -> String {
        match node {
            Node::Place(Place::Column(source, column)) => self.model.column(*source, *column).name.to_string(),
            Node::Place(Place::Undeclared(_, column)) => column.to_string(),
            Node::Place(Place::Table(_)) => "some column".to_owned(),
            Node::Rows(_) => "its rows".to_owned(),
            Node::Metric(id) => self.model.metric(*id).header.name.to_string(),
        }
    }

    fn class(&self, node: &Node) -> &'static str {
        let class = match node {
            Node::Place(place) => self.lineage.class(place),
            Node::Metric(id) => self.model.sensitivity(*id),
            Node::Rows(_) => Sensitivity::Internal,
        };
        match class {
            Sensitivity::Personal => ":::personal",
            Sensitivity::Special => ":::special",
            Sensitivity::Public | Sensitivity::Internal => "",
        }
    }
}
