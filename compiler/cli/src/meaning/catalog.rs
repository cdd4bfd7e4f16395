//! Declarations as JSON, of one shape wherever they are written.

use super::expression::{self, Metrics};
use super::metric::status_word;
use super::other::sensitivity_word;
use super::reads::columns_read;
use super::{clock, population, reading, settled};
use groma_model::check::describe_type;
use groma_model::governance::Record;
use groma_model::meaning::Meanings;
use groma_model::schema::Kind;
use groma_model::{
    Customer, Example, Function, Header, Metric, MetricId, Model, Origin, Segment, Source, SourceMap, Survey, Team,
    TeamId, Window,
};
use serde_json::{Value, json};

/// All declarations of a kind, in the order of their names. The standard library is left out unless it is asked for.
pub fn declarations(model: &Model, sources: &SourceMap, kind: Kind) -> Vec<Value> {
    let catalog = Catalog { model, sources };
    match kind {
        Kind::Source => model.sources.iter().map(|source| catalog.source(source)).collect(),
        Kind::Customer => model.customers.iter().map(|customer| catalog.customer(customer)).collect(),
        Kind::Segment => model.segments.iter().map(|segment| catalog.segment(segment)).collect(),
        Kind::Survey => model.surveys.iter().map(|survey| catalog.survey(survey)).collect(),
        Kind::Example => model.examples.iter().map(|example| catalog.example(example)).collect(),
        Kind::Team => model.teams.iter().map(|team| catalog.team(team)).collect(),
        Kind::Function => model.functions.iter().map(|function| catalog.function(function)).collect(),
        Kind::Window => model.windows.iter().map(|window| catalog.window(window)).collect(),
        Kind::Council
        | Kind::Region
        | Kind::Decision
        | Kind::Dispute
        | Kind::Link
        | Kind::Rule
        | Kind::Waiver
        | Kind::Exception
        | Kind::Agreement
        | Kind::Period
        | Kind::Dashboard
        | Kind::Alert
        | Kind::Goal => {
            let own = model.records.iter().filter(|record| record.kind == kind && !record.header.standard);
            own.map(|record| catalog.record(record)).collect()
        }
        Kind::Tile | Kind::Project => Vec::new(),
        Kind::Metric => (0..model.metrics.len()).map(|at| catalog.metric(MetricId::at(at))).collect(),
    }
}

/// A metric.
pub fn metric(model: &Model, sources: &SourceMap, id: MetricId) -> Value {
    Catalog { model, sources }.metric(id)
}

/// A metric, and what it means in one number: its semantic hash, null where that is not known.
pub fn metric_with_meaning(model: &Model, sources: &SourceMap, id: MetricId, meanings: &Meanings) -> Value {
    let mut object = metric(model, sources, id);
    let subject = (Kind::Metric, model.metric(id).header.name.clone());
    object["meaning"] = meanings.of.get(&subject).map_or(Value::Null, |meaning| {
        json!({ "form": meanings.form, "direct": meaning.direct.to_string(), "whole": meaning.whole.to_string() })
    });
    object
}

/// A source.
pub fn source(model: &Model, sources: &SourceMap, source: &Source) -> Value {
    Catalog { model, sources }.source(source)
}

struct Catalog<'a> {
    model: &'a Model,
    sources: &'a SourceMap,
}

impl Catalog<'_> {
    /// What all declarations have, with what this one has.
    fn declaration(&self, header: &Header, own: Value) -> Value {
        let span = header.span;
        let mut object = json!({
            "name": header.name.as_str(),
            "documentation": header.doc,
            "path": self.sources.file(span.file).path,
            "line": self.sources.line_column(span.file, span.start).line,
            "broken": header.broken,
        });
        if let (Some(object), Value::Object(own)) = (object.as_object_mut(), own) {
            object.extend(own);
        }
        object
    }

    fn metric(&self, id: MetricId) -> Value {
        let metric = self.model.metric(id);
        let whole = metric.without_exceptions();
        let names = |set: &Vec<groma_model::Grouping>| set.iter().map(|part| part.name.to_string()).collect::<Vec<_>>();
        let mut object = self.declaration(
            &metric.header,
            json!({
                "owner": metric.owner.map(|team| self.owner(team)),
                "status": status_word(metric.status),
                "customer": metric.customer.map(|customer| self.model.customer(customer).header.name.to_string()),
                "source": metric.source.map(|source| self.model.source(source).header.name.to_string()),
                "sources": self.source_names(metric),
                "window": clock::window(self.model, &metric.clock, clock::anchor(metric)),
                "snapshot": clock::snapshot(self.model, metric),
                "where": whole.filter.as_ref().map(|filter| expression::row(self.model, filter)),
                "exceptions": super::exceptions::names(self.model, id),
                "surveys": self.survey_names(id),
                "population": population::as_json(self.model, &whole),
                "each": expression::each(self.model, metric),
                "steps": population::steps_as_json(self.model, metric),
                "measure": expression::measure(self.model, &metric.measure, Metrics::Named),
                "computes": expression::measure(self.model, &metric.measure, Metrics::Expanded),
                "reads": columns_read(self.model, id),
                "sensitivity": sensitivity_word(self.model.sensitivity(id)),
                "cell": metric.governed.cell,
                "unit": metric.unit.to_string(),
                "settles_after": super::words::offset(settled::length(self.model, id)),
                "additivity": reading::additivity_word(self.model, id),
                "interval": reading::interval_word(self.model, id),
                "minimum": metric.minimum,
                "fill": reading::fill_word(metric.fill),
                "matters": reading::matters_as_json(metric),
                "weight": reading::weight_written(self.model, metric),
                "grains": metric.grains.iter().map(|grain| grain.word()).collect::<Vec<_>>(),
                "by": metric.by.iter().map(names).collect::<Vec<_>>(),
                "better": metric.better.as_deref(),
                "kind": metric.kind.as_deref(),
                "labels": metric.labels.iter().map(|(language, text)| (language.to_string(), json!(text))).collect::<serde_json::Map<_, _>>(),
                "tags": metric.tags.iter().map(groma_model::SmolStr::as_str).collect::<Vec<_>>(),
            }),
        );
        if let Some(versions) = super::versions::as_json(metric) {
            object["version"] = json!(metric.version);
            object["versions"] = versions;
        }
        object
    }

    /// The entries of a declaration as they were written; the text of one that is a single text.
    fn record(&self, record: &Record) -> Value {
        if let Some(read) = super::shown::as_json(self.model, record.kind, &record.header.name) {
            return self.declaration(&record.header, read);
        }
        let text = |span| {
            let written = super::metric::one_line(self.sources.slice(span));
            let bare = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            Value::from(bare.filter(|bare| !bare.contains('"')).unwrap_or(&written))
        };
        let own: serde_json::Map<String, Value> =
            record.entries.iter().map(|(key, span)| (key.to_string(), text(*span))).collect();
        self.declaration(&record.header, Value::Object(own))
    }

    fn source_names(&self, metric: &Metric) -> Vec<String> {
        metric.reads.iter().map(|source| self.model.source(*source).header.name.to_string()).collect()
    }

    fn survey_names(&self, metric: MetricId) -> Vec<String> {
        let surveys = self.model.surveys_read(metric).iter();
        surveys.map(|survey| self.model.surveys[survey.index()].header.name.to_string()).collect()
    }

    fn source(&self, source: &Source) -> Value {
        let column = |id: &groma_model::ColumnId| source.columns[id.index()].name.to_string();
        let origin = match &source.origin {
            Origin::File { pattern, .. } => json!({ "file": pattern }),
            Origin::Table { name, .. } => json!({ "table": name }),
            Origin::Query { text, .. } => json!({ "query": text }),
        };
        let columns = source.columns.iter().map(|column| {
            json!({
                "name": column.name.as_str(),
                "type": describe_type(self.model, &column.ty),
                "optional": column.optional,
                "sensitivity": sensitivity_word(column.sensitivity),
                "documentation": column.doc,
            })
        });
        self.declaration(
            &source.header,
            json!({
                "owner": source.owner.map(|team| self.owner(team)),
                "origin": origin,
                "key": source.key.iter().map(column).collect::<Vec<_>>(),
                "time": source.time.as_ref().map(column),
                "columns": columns.collect::<Vec<_>>(),
                "checks": source.checks.iter().map(|check| check.name.as_str()).collect::<Vec<_>>(),
            }),
        )
    }

    fn customer(&self, customer: &Customer) -> Value {
        let source = self.model.source(customer.source);
        let column = |id: groma_model::ColumnId| source.columns[id.index()].name.to_string();
        self.declaration(
            &customer.header,
            json!({
                "owner": customer.owner.map(|team| self.owner(team)),
                "source": source.header.name.as_str(),
                "key": column(customer.key),
                "since": customer.since.map(column),
                "until": customer.until.map(column),
                "where": customer.filter.as_ref().map(|filter| expression::row(self.model, filter)),
                "has": customer.has.iter().map(|attribute| attribute.name.as_str()).collect::<Vec<_>>(),
                "parent": customer.parent.map(|(parent, _)| self.model.customer(parent).header.name.to_string()),
            }),
        )
    }

    fn segment(&self, segment: &Segment) -> Value {
        let own = json!({
            "customer": self.model.customer(segment.customer).header.name.as_str(),
            "where": expression::row(self.model, &segment.condition),
        });
        self.declaration(&segment.header, own)
    }

    fn survey(&self, survey: &Survey) -> Value {
        let name = |source: groma_model::SourceId| self.model.source(source).header.name.to_string();
        let own = json!({
            "owner": survey.owner.map(|team| self.owner(team)),
            "customer": self.model.customers.get(survey.customer.index()).map(|customer| customer.header.name.to_string()),
            "responses": self.model.sources.get(survey.responses.index()).map(|source| source.header.name.to_string()),
            "invites": survey.invites.map(name),
            "timing": super::survey::timing(self.model, survey),
            "channel": survey.channel.iter().map(groma_model::SmolStr::as_str).collect::<Vec<_>>(),
            "cooldown": survey.cooldown.map(super::words::offset),
            "where": survey.filter.as_ref().map(|filter| expression::row(self.model, filter)),
        });
        self.declaration(&survey.header, own)
    }

    fn example(&self, example: &Example) -> Value {
        let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string());
        let rows = example
            .rows
            .iter()
            .map(|(source, table)| (self.model.source(*source).header.name.to_string(), json!(table.rows.len())));
        let metrics = example.metrics.iter().map(|metric| self.model.metric(*metric).header.name.to_string());
        let own = json!({
            "metrics": metrics.collect::<Vec<_>>(),
            "grain": example.grain.word(),
            "by": example.by.iter().map(|grouping| grouping.name.to_string()).collect::<Vec<_>>(),
            "from": day(example.from),
            "to": day(example.to),
            "as_of": example.as_of.map(|moment| moment.to_string()),
            "rows": rows.collect::<serde_json::Map<_, _>>(),
            "result": example.result.rows.len(),
        });
        self.declaration(&example.header, own)
    }

    fn function(&self, function: &Function) -> Value {
        let text = |span: &groma_model::Span| super::metric::one_line(self.sources.slice(*span));
        let own = json!({
            "standard": function.header.standard,
            "parameters": function.parameters.iter().map(text).collect::<Vec<_>>(),
            "returns": function.returns.as_ref().map(text),
            "value": function.value.as_ref().map(text),
        });
        self.declaration(&function.header, own)
    }

    fn window(&self, window: &Window) -> Value {
        self.declaration(&window.header, json!({ "window": clock::window(self.model, &window.clock, window.anchor.as_ref().map(|(customer, anchor)| (*customer, anchor))) }))
    }

    fn team(&self, team: &Team) -> Value {
        let members = team.members.iter().map(|member| {
            let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string());
            json!({ "address": member.address, "from": day(member.from), "until": day(member.until) })
        });
        let own = json!({ "title": team.title, "lead": team.lead, "members": members.collect::<Vec<_>>() });
        self.declaration(&team.header, own)
    }

    fn owner(&self, id: TeamId) -> String {
        self.model.teams[id.index()].header.name.to_string()
    }
}
