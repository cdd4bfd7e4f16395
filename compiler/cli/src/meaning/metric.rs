//! A metric in plain words.

use super::expression::{self, Metrics};
use super::reads::{columns_read, parts};
use super::words::{Facts, listed};
use super::{clock, exceptions, governed, population, reading, settled, survey};
use groma_model::graph::Node;
use groma_model::unit::Unit;
use groma_model::{Metric, MetricId, Model, Origin, Source, SourceMap, Status};
use jiff::civil::Date;

/// Everything a reader of the number may want to know.
pub(crate) fn explain(model: &Model, sources: &SourceMap, id: MetricId, today: Date) -> Facts {
    let metric = model.metric(id);
    let mut facts = Facts::new(title(metric), metric.header.doc.as_ref());
    if metric.header.broken {
        facts.add("note", "findings stand behind this metric; what follows may be incomplete (`groma check`)");
    }
    super::versions::explain(model, id, &mut facts);
    // What is left out stands for itself, with the reason.
    let whole = metric.without_exceptions();
    facts.add("counts", population::who(model, &whole));
    facts.add("rows", rows(model, &whole));
    facts.add("left out", exceptions::explain(model, id));
    facts.add("when", clock::sentence(model, metric));
    facts.add("each", population::each(model, metric));
    facts.add("steps", population::steps(model, metric));
    let written = written(model, sources, metric);
    let computed = expression::measure(model, &metric.measure, Metrics::Expanded);
    facts.add("measure", written.as_str());
    facts.add("computes", if computed == written { "" } else { &computed });
    for part in parts(&metric.measure) {
        facts.add(" where", component(model, part));
    }
    facts.add("unit", unit(&metric.unit));
    let surveys = model.surveys_read(id).iter().map(|survey| survey::answers(model, &model.surveys[survey.index()]));
    facts.add("surveys", surveys.collect::<Vec<_>>().join("\n"));
    facts.add("settled", settled::sentence(model, id));
    facts.add("rolls up", reading::rolls_up(model, id));
    facts.add("interval", reading::interval(model, id));
    facts.add("minimum", reading::minimum(metric));
    facts.add("fill", reading::fill(metric));
    facts.add("matters", reading::matters(metric));
    facts.add("weight", reading::weight(model, metric));
    facts.add("better", metric.better.as_deref().unwrap_or_default());
    facts.add("kind", metric.kind.as_deref().unwrap_or_default());
    let grains: Vec<String> = metric.grains.iter().map(|grain| grain.word().to_owned()).collect();
    facts.add("built by", listed(&grains));
    facts.add("grouped by", groupings(metric));
    governed::aims(model, id, &mut facts);
    governed::ownership(model, id, today, &mut facts);
    facts.add("sources", metric.reads.iter().map(|id| source(model.source(*id))).collect::<Vec<_>>().join("\n"));
    facts.add("reads", columns_read(model, id).into_iter().collect::<Vec<_>>().join(", "));
    let used: Vec<String> = model
        .graph()
        .used_by(Node::Metric(id))
        .into_iter()
        .map(|(node, _, _)| model.header(node).name.to_string())
        .collect();
    facts.add("sensitivity", super::sensitivity::sentence(model, id));
    facts.add("used by", listed(&used));
    facts.add("read in", listed(&super::shown::who_reads(model, id)));
    facts.add(
        "labels",
        metric.labels.iter().map(|(language, text)| format!("{language}: {text}")).collect::<Vec<_>>().join("\n"),
    );
    facts.add("tags", metric.tags.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    facts.add("declared", declared(sources, metric.header.span));
    facts
}

/// The measure as its author wrote it; where nobody did, as it is.
fn written(model: &Model, sources: &SourceMap, metric: &Metric) -> String {
    match sources.slice(metric.measure.span) {
        // The measure of a funnel goes without saying.
        "" | "steps" => expression::measure(model, &metric.measure, Metrics::Named),
        text => one_line(text),
    }
}

fn title(metric: &Metric) -> String {
    match metric.status {
        Status::Active => format!("metric {}", metric.header.name),
        status => format!("metric {} ({})", metric.header.name, status_word(status)),
    }
}

/// The word for a status.
pub(crate) fn status_word(status: Status) -> &'static str {
    match status {
        Status::Draft => "draft",
        Status::Active => "active",
        Status::Deprecated => "deprecated",
        Status::Retired => "retired",
    }
}

/// Where a declaration stands: `metrics.groma:12`.
pub(crate) fn declared(sources: &SourceMap, span: groma_model::Span) -> String {
    format!("{}:{}", sources.file(span.file).path, sources.line_column(span.file, span.start).line)
}

/// A text of several lines on one.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The name of a team, with its title.
pub(crate) fn owner(model: &Model, id: groma_model::TeamId) -> String {
    let team = &model.teams[id.index()];
    match &team.title {
        Some(title) => format!("{} ({title})", team.header.name),
        None => team.header.name.to_string(),
    }
}

/// Which rows count.
pub(crate) fn rows(model: &Model, metric: &Metric) -> String {
    let Some(source) = metric.source else {
        return "none of its own: it is made of other metrics".to_owned();
    };
    let name = &model.source(source).header.name;
    match &metric.filter {
        Some(filter) => format!("of `{name}` where {}", expression::row(model, filter)),
        None => format!("of `{name}`, all of them"),
    }
}

/// A metric that a measure is made of, with what is special about its rows and its clock.
fn component(model: &Model, id: MetricId) -> String {
    let metric = model.metric(id);
    let measure = expression::measure(model, &metric.measure, Metrics::Named);
    let source = metric.source.map(|source| format!(" of `{}`", model.source(source).header.name)).unwrap_or_default();
    let whole = metric.without_exceptions();
    let filter = whole.filter.as_ref().map(|filter| format!(" where {}", expression::row(model, filter)));
    let clock = clock::window(model, &metric.clock, clock::anchor(metric)).map(|clock| format!(", {clock}"));
    let snapshot = clock::snapshot(model, metric).map(|snapshot| format!(", snapshot {snapshot}"));
    let clock = clock.or(snapshot).unwrap_or_default();
    let each = expression::each(model, metric).map(|each| format!(", each {each}")).unwrap_or_default();
    format!("`{}` is {measure}{source}{}{clock}{each}", metric.header.name, filter.unwrap_or_default())
}

/// A unit in words.
pub(crate) fn unit(unit: &Unit) -> String {
    match unit {
        Unit::Any | Unit::None => "none".to_owned(),
        Unit::Percent => "percent: a share, 0.95 is shown as 95 %".to_owned(),
        unit => unit.to_string(),
    }
}

fn groupings(metric: &Metric) -> String {
    let set = |set: &Vec<groma_model::Grouping>| {
        let names: Vec<&str> = set.iter().map(|grouping| grouping.name.as_str()).collect();
        if names.len() == 1 { names.concat() } else { format!("({})", names.join(", ")) }
    };
    metric.by.iter().map(set).collect::<Vec<_>>().join(", ")
}

/// A source with where its rows are.
pub(crate) fn source(source: &Source) -> String {
    let place = match &source.origin {
        Origin::File { pattern, .. } => format!("file {pattern}"),
        Origin::Table { name, .. } => format!("table {name}"),
        Origin::Query { .. } => "a query".to_owned(),
    };
    format!("{} ({place})", source.header.name)
}
