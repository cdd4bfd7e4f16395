//! Sources, customers, segments, surveys, functions, windows and examples in plain words.

use super::metric::{declared, one_line, owner};
use super::words::{Facts, listed, offset};
use super::{clock, example, expression, people, survey};
use groma_model::check::describe_type;
use groma_model::graph::Node;
use groma_model::{
    CheckRule, Column, Customer, Function, Model, OnFail, Origin, Segment, Sensitivity, Source, SourceMap, Span, Window,
};
use jiff::civil::Date;

/// Everything but metrics that has the name.
pub(crate) fn explain(model: &Model, sources: &SourceMap, name: &str, today: Date) -> Vec<Facts> {
    let mut found = Vec::new();
    // Names of the standard library are in scope without `std.`.
    let named = |header: &groma_model::Header| {
        header.name.as_str() == name || (header.standard && header.name.strip_prefix("std.") == Some(name))
    };
    let all = |node: Node, mut facts: Facts| {
        let used: Vec<String> = model
            .graph()
            .used_by(node)
            .into_iter()
            .map(|(user, _, _)| format!("{} {}", kind(user), model.header(user).name))
            .collect();
        facts.add("used by", listed(&used));
        facts.add("declared", declared(sources, model.header(node).span));
        facts
    };
    for node in model.graph().nodes().filter(|node| named(model.header(*node))) {
        let facts = match node {
            Node::Source(id) => source(model, sources, model.source(id)),
            Node::Customer(id) => customer(model, model.customer(id)),
            Node::Segment(id) => segment(model, &model.segments[id.index()]),
            Node::Survey(id) => survey::explain(model, &model.surveys[id.index()]),
            Node::Function(id) => function(sources, &model.functions[id.index()]),
            Node::Window(id) => window(model, &model.windows[id.index()]),
            Node::Metric(_) => continue,
        };
        found.push(all(node, facts));
    }
    for one in model.examples.iter().filter(|example| named(&example.header)) {
        let mut facts = example::explain(model, one);
        facts.add("declared", declared(sources, one.header.span));
        found.push(facts);
    }
    let as_written = model.records.iter().filter(|record| !people::KINDS.contains(&record.kind));
    for record in as_written.filter(|record| named(&record.header)) {
        let mut facts =
            Facts::new(format!("{} {}", record.kind.word(), record.header.name), record.header.doc.as_ref());
        for (key, span) in &record.entries {
            facts.add(key.as_str(), written(sources, *span).unwrap_or_default());
        }
        facts.add("declared", declared(sources, record.header.span));
        found.push(facts);
    }
    for (header, mut facts) in people::explain(model, &named, today) {
        facts.add("declared", declared(sources, header.span));
        found.push(facts);
    }
    found
}

/// The word for what a node is.
pub(crate) fn kind(node: Node) -> &'static str {
    match node {
        Node::Source(_) => "source",
        Node::Customer(_) => "customer",
        Node::Segment(_) => "segment",
        Node::Survey(_) => "survey",
        Node::Function(_) => "function",
        Node::Window(_) => "window",
        Node::Metric(_) => "metric",
    }
}

fn source(model: &Model, sources: &SourceMap, source: &Source) -> Facts {
    let mut facts = Facts::new(format!("source {}", source.header.name), source.header.doc.as_ref());
    let name = |column: &groma_model::ColumnId| format!("`{}`", source.columns[column.index()].name);
    match &source.origin {
        Origin::File { pattern, .. } => facts.add("file", pattern),
        Origin::Table { name, .. } => facts.add("table", name),
        Origin::Query { text, .. } => facts.add("query", one_line(text)),
    }
    facts.add("key", listed(&source.key.iter().map(name).collect::<Vec<_>>()));
    facts.add("time", source.time.as_ref().map(name).unwrap_or_default());
    facts.add(
        "late",
        source.late.map(|late| format!("a row may arrive {} after it happened", offset(late))).unwrap_or_default(),
    );
    let columns = source.columns.iter().map(|column| described_column(model, column));
    facts.add("columns", columns.collect::<Vec<_>>().join("\n"));
    let checks = source.checks.iter().map(|check| {
        let rule = match &check.rule {
            CheckRule::Unique(columns) => {
                let names = columns.iter().map(|column| source.columns[column.index()].name.as_str());
                format!("no two rows have the same {}", names.collect::<Vec<_>>().join(", "))
            }
            CheckRule::Holds(condition) => {
                written(sources, condition.span).unwrap_or_else(|| expression::row(model, condition))
            }
        };
        let then = match check.on_fail {
            OnFail::Flag => "",
            OnFail::Quarantine => "; rows that break it are left out of every number",
            OnFail::Stop => "; where rows break it, what reads the source is not refreshed",
        };
        format!("{}: {rule}{then}", check.name)
    });
    facts.add("checks", checks.collect::<Vec<_>>().join("\n"));
    facts.add("owner", source.owner.map(|team| owner(model, team)).unwrap_or_default());
    facts
}

fn described_column(model: &Model, column: &Column) -> String {
    let optional = if column.optional { ", may be missing" } else { "" };
    let doc = super::first_line(column.doc.as_ref());
    let doc = if doc.is_empty() { String::new() } else { format!(": {doc}") };
    let sensitivity = match column.sensitivity {
        Sensitivity::Internal => String::new(),
        other => format!(", {}", sensitivity_word(other)),
    };
    format!("{}, {}{optional}{sensitivity}{doc}", column.name, describe_type(model, &column.ty))
}

/// The word for a sensitivity.
pub(crate) fn sensitivity_word(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Public => "public",
        Sensitivity::Internal => "internal",
        Sensitivity::Personal => "personal",
        Sensitivity::Special => "special",
    }
}

fn customer(model: &Model, customer: &Customer) -> Facts {
    let mut facts = Facts::new(format!("customer {}", customer.header.name), customer.header.doc.as_ref());
    let source = model.source(customer.source);
    let name = |column: groma_model::ColumnId| format!("`{}`", source.columns[column.index()].name);
    facts.add("rows", format!("of `{}`, one for each customer, known by {}", source.header.name, name(customer.key)));
    facts.add(
        "who",
        customer
            .filter
            .as_ref()
            .map(|filter| format!("only where {}", expression::row(model, filter)))
            .unwrap_or_default(),
    );
    facts.add("since", customer.since.map(name).unwrap_or_default());
    facts.add(
        "until",
        customer.until.map(|column| format!("{}; without it, still is", name(column))).unwrap_or_default(),
    );
    let has: Vec<String> = customer.has.iter().map(|attribute| attribute.name.to_string()).collect();
    facts.add("has", has.join(", "));
    let parent = customer.parent.map(|(parent, _)| model.customer(parent).header.name.to_string());
    facts.add("parent", parent.unwrap_or_default());
    facts.add("owner", customer.owner.map(|team| owner(model, team)).unwrap_or_default());
    facts
}

fn segment(model: &Model, segment: &Segment) -> Facts {
    let mut facts = Facts::new(format!("segment {}", segment.header.name), segment.header.doc.as_ref());
    facts.add("of", format!("customers of kind `{}`", model.customer(segment.customer).header.name));
    facts.add("where", expression::row(model, &segment.condition));
    facts
}

fn function(sources: &SourceMap, function: &Function) -> Facts {
    let text = |span: &Span| written(sources, *span).unwrap_or_default();
    let parameters: Vec<String> = function.parameters.iter().map(text).collect();
    let returns = function.returns.as_ref().map(|span| format!(" -> {}", text(span))).unwrap_or_default();
    let standard = if function.header.standard { " (standard library)" } else { "" };
    let signature = format!("function {}({}){returns}{standard}", function.header.name, parameters.join(", "));
    let mut facts = Facts::new(signature, function.header.doc.as_ref());
    facts.add("value", function.value.as_ref().map(text).unwrap_or_default());
    facts
}

fn window(model: &Model, window: &Window) -> Facts {
    let mut facts = Facts::new(format!("window {}", window.header.name), window.header.doc.as_ref());
    let anchor = window.anchor.as_ref().map(|(customer, anchor)| (*customer, anchor));
    facts.add("window", clock::window(model, &window.clock, anchor).unwrap_or_default());
    facts.add("rows", clock::window_sentence(model, &window.clock, anchor));
    facts
}

fn written(sources: &SourceMap, span: Span) -> Option<String> {
    Some(one_line(sources.slice(span))).filter(|text| !text.is_empty())
}
