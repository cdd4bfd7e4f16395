//! `groma graph`: what is built from what.

use crate::arguments::Shared;
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::meaning::kind;
use crate::terminal::Terminal;
use clap::ValueEnum;
use groma_model::Model;
use groma_model::graph::{Link, Node};
use groma_project::did_you_mean;
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Draw what is built from what: sources, customers, segments, surveys, functions, windows, metrics.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only what this metric is built from and what is built from it.
    #[arg(value_name = "METRIC")]
    metric: Option<String>,
    /// The language of the drawing.
    #[arg(long, value_enum, default_value_t = Format::Mermaid)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Mermaid, as many wikis and forges draw it.
    Mermaid,
    /// Graphviz: `groma graph --format dot | dot -Tsvg`.
    Dot,
    /// `{"nodes": […], "edges": […]}`.
    Json,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let loaded = Loaded::usable(shared, terminal)?;
    loaded.mention_errors(terminal);
    let model = &loaded.project.model;
    let graph = Graph { model, nodes: chosen(model, arguments.metric.as_deref())? };
    let text = match arguments.format {
        Format::Mermaid => graph.mermaid(),
        Format::Dot => graph.dot(),
        Format::Json => graph.json(),
    };
    Ok(terminal.answer(&text)?)
}

/// The nodes to draw: those that a metric is built from and those built from it, or all but unused functions of the
/// standard library.
fn chosen(model: &Model, metric: Option<&str>) -> Result<BTreeSet<Node>, Failure> {
    let graph = model.graph();
    let Some(name) = metric else {
        let is_drawn = |node: &Node| !model.header(*node).standard || !graph.used_by(*node).is_empty();
        return Ok(graph.nodes().filter(is_drawn).collect());
    };
    let Some(start) = model.metric_named(name).map(Node::Metric) else {
        let names: Vec<&str> = model.metrics.iter().map(|metric| metric.header.name.as_str()).collect();
        return Err(Failure::wrong_use(format!("there is no metric `{name}`"), did_you_mean(name, names)));
    };
    let mut nodes = BTreeSet::from([start]);
    for next in [|model: &Model, node| model.graph().uses(node), |model: &Model, node| model.graph().used_by(node)] {
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            let linked =
                next(model, node).into_iter().filter(|(_, link, _)| *link == Link::Uses).map(|(node, _, _)| node);
            open.extend(linked.filter(|node| nodes.insert(*node)));
        }
    }
    Ok(nodes)
}

struct Graph<'a> {
    model: &'a Model,
    nodes: BTreeSet<Node>,
}

impl Graph<'_> {
    /// From what is used to what uses it, the way data flows.
    fn edges(&self) -> Vec<(Node, Node, Link)> {
        let uses = |node: &Node| {
            let node = *node;
            self.model.graph().uses(node).into_iter().map(move |(used, link, _)| (used, node, link))
        };
        let edges = self.nodes.iter().flat_map(uses);
        edges.filter(|(used, _, _)| self.nodes.contains(used)).collect()
    }

    fn name(&self, node: Node) -> &str {
        &self.model.header(node).name
    }

    fn mermaid(&self) -> String {
        let id = |node: Node| format!("{}_{}", kind(node), self.name(node).replace('-', "/"));
        let mut text = String::from("flowchart LR\n");
        for node in &self.nodes {
            let name = self.name(*node);
            let shape = match node {
                Node::Source(_) => format!("[(\"{name}\")]"),
                Node::Customer(_) => format!("([\"{name}\"])"),
                Node::Segment(_) => format!("[/\"{name}\"/]"),
                Node::Survey(_) => format!("[\\\"{name}\"\\]"),
                Node::Function(_) => format!("[[\"{name}\"]]"),
                Node::Window(_) => format!("{{{{\"{name}\"}}}}"),
                Node::Metric(_) => format!("[\"{name}\"]"),
            };
            let _ = writeln!(text, "  {}{shape}", id(*node));
        }
        for (used, user, link) in self.edges() {
            let arrow = if link == Link::Uses { "-->" } else { "-.->" };
            let _ = writeln!(text, "  {} {arrow} {}", id(used), id(user));
        }
        text
    }

    fn dot(&self) -> String {
        let id = |node: Node| format!("\"{}.{}\"", kind(node), self.name(node));
        let mut text = String::from("digraph groma {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n");
        for node in &self.nodes {
            let shape = match node {
                Node::Source(_) => "cylinder",
                Node::Customer(_) => "ellipse",
                Node::Segment(_) => "parallelogram",
                Node::Survey(_) => "note",
                Node::Function(_) => "component",
                Node::Window(_) => "hexagon",
                Node::Metric(_) => "box",
            };
            let _ = writeln!(text, "  {} [label=\"{}\", shape={shape}];", id(*node), self.name(*node));
        }
        for (used, user, link) in self.edges() {
            let style = if link == Link::Uses { "" } else { " [style=dashed]" };
            let _ = writeln!(text, "  {} -> {}{style};", id(used), id(user));
        }
        text.push_str("}\n");
        text
    }

    fn json(&self) -> String {
        let id = |node: Node| format!("{}.{}", kind(node), self.name(node));
        let nodes: Vec<_> = self
            .nodes
            .iter()
            .map(|node| json!({ "id": id(*node), "kind": kind(*node), "name": self.name(*node) }))
            .collect();
        let word = |link: Link| if link == Link::Uses { "uses" } else { "refers" };
        let edges: Vec<_> = self
            .edges()
            .into_iter()
            .map(|(used, user, link)| json!({ "from": id(user), "to": id(used), "link": word(link) }))
            .collect();
        format!("{:#}\n", json!({ "nodes": nodes, "edges": edges }))
    }
}
