//! What is promised about one metric.

use super::document::{
    API_VERSION, Contract, Custom, Description, Member, Object, Promise, Property, Quality, Support, Team,
};
use crate::loading::Loaded;
use crate::meaning::{catalog, first_line, promised};
use groma_model::time::Offset;
use groma_model::types::Base;
use groma_model::{Grouping, Metric, MetricId, Model, Sensitivity, Status, TeamId};
use jiff::civil::Date;
use serde_json::{Value, json};

/// How a value is to be read: the words of the column `status`.
const STATUSES: [&str; 6] = ["settled", "provisional", "undefined", "insufficient", "suppressed", "immature"];

/// The contract of a metric.
pub(super) fn contract(loaded: &Loaded, id: MetricId, date: Date) -> Contract {
    let (project, model) = (&loaded.project, &loaded.project.model);
    let metric = model.metric(id);
    let described = catalog::metric(model, &project.sources, id);
    let accountable = model.accountable(id, date);
    Contract {
        api_version: API_VERSION,
        kind: "DataContract",
        id: format!("urn:groma:{}:metric:{}", project.manifest.project, metric.header.name),
        name: metric.header.name.to_string(),
        // The `version` column of its answers.
        version: "1.0.0".to_owned(),
        status: if metric.status == Status::Deprecated { "deprecated" } else { "active" },
        tags: metric.tags.iter().map(ToString::to_string).collect(),
        description: description(model, id),
        schema: vec![object(model, id, &described)],
        sla_properties: promises(model, id),
        team: accountable.map(|team| people(model, team)),
        support: accountable.map(|team| support(model, team)).unwrap_or_default(),
        custom_properties: custom(model, id, &described),
    }
}

fn description(model: &Model, id: MetricId) -> Description {
    let metric = model.metric(id);
    let usage: Vec<&str> = metric.governed.purpose.iter().map(groma_model::SmolStr::as_str).collect();
    let cell = metric.governed.cell.map(|cell| format!("cells about fewer than {cell} customers are not shown"));
    let replaced = metric
        .governed
        .replaced_by
        .map(|other| format!("deprecated: read `{}` instead", model.metric(other).header.name));
    let minimum = Some(promised::minimum(metric)).filter(|text| !text.is_empty());
    let limits: Vec<String> = replaced.into_iter().chain(minimum).chain(cell).collect();
    Description {
        purpose: metric.header.doc.clone(),
        usage: (!usage.is_empty()).then(|| usage.join(", ")),
        limitations: (!limits.is_empty()).then(|| limits.join("; ")),
    }
}

fn object(model: &Model, id: MetricId, described: &Value) -> Object {
    let metric = model.metric(id);
    let groups = groups(metric);
    let mut keys: Vec<String> = ["metric", "grain", "period"].map(str::to_owned).into();
    keys.extend(groups.iter().map(|group| group.name.to_string()));
    if !metric.steps.is_empty() {
        keys.push("step".to_owned());
    }
    let unique = Quality {
        name: "one_row_per_cell".to_owned(),
        kind: "library",
        description: "each period of each group has one row".to_owned(),
        dimension: "uniqueness",
        metric: Some("duplicateValues"),
        arguments: Some(json!({ "properties": keys })),
        must_be: Some(0),
    };
    let label = |language: &str| metric.labels.iter().find(|(known, _)| known == language);
    Object {
        name: metric.header.name.to_string(),
        logical_type: "object",
        physical_type: "table",
        business_name: label("en").or(metric.labels.first()).map(|(_, label)| label.clone()),
        data_granularity_description: granularity(metric, &groups),
        properties: properties(model, id, &groups, described),
        quality: vec![unique],
    }
}

/// All columns that the metric is published by.
fn groups(metric: &Metric) -> Vec<&Grouping> {
    let mut groups: Vec<&Grouping> = Vec::new();
    for grouping in metric.by.iter().flatten() {
        if groups.iter().all(|known| known.name != grouping.name) {
            groups.push(grouping);
        }
    }
    groups
}

fn granularity(metric: &Metric, groups: &[&Grouping]) -> String {
    let grains: Vec<&str> = metric.grains.iter().map(|grain| grain.word()).collect();
    let of = match groups {
        [] => String::new(),
        groups => {
            let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
            format!(", each of {}", names.join(", "))
        }
    };
    format!("one row for each {}{of}", grains.join(", "))
}

/// A column of answers; what only this one has is added.
fn column(name: &str, logical_type: &'static str, required: bool, description: &str) -> Property {
    Property {
        name: name.to_owned(),
        logical_type,
        description: description.to_owned(),
        required,
        primary_key: None,
        primary_key_position: None,
        classification: None,
        transform_source_objects: Vec::new(),
        transform_logic: None,
        quality: Vec::new(),
    }
}

fn properties(model: &Model, id: MetricId, groups: &[&Grouping], described: &Value) -> Vec<Property> {
    let metric = model.metric(id);
    let class = word(model.sensitivity(id));
    let mut position = 0;
    let mut key = |property: Property| {
        position += 1;
        Property { primary_key: Some(true), primary_key_position: Some(position), ..property }
    };
    let mut columns = vec![
        key(column("metric", "string", true, "the name of the metric")),
        column("version", "integer", true, "the version of its definition"),
        key(column("grain", "string", true, "the length of the period")),
        key(column("period", "date", true, "the first day of the period")),
    ];
    for group in groups {
        let name = group.name.as_str();
        let property = column(name, logical(&group.ty.base), false, "a group; null is one of its own");
        let sensitivity = group.values.iter().map(|(_, value)| model.sensitivity_of(value)).max().unwrap_or_default();
        columns.push(key(Property { classification: Some(word(sensitivity)), ..property }));
    }
    if !metric.steps.is_empty() {
        columns.push(key(column("step", "string", true, "the step of the funnel")));
    }
    columns.push(Property {
        classification: Some(class),
        transform_source_objects: strings(&described["sources"]),
        transform_logic: described["computes"].as_str().map(str::to_owned),
        ..column("value", "number", false, &promised::value(metric))
    });
    columns.push(Property {
        quality: metric.minimum.map(minimum).into_iter().collect(),
        ..column("n", "integer", false, "how many observations the value rests on")
    });
    for (name, what) in [
        ("se", "the standard error of the value, where intervals are asked for"),
        ("low", "the lower end of the interval, where it is asked for"),
        ("high", "the upper end of the interval, where it is asked for"),
        ("matured", "the share of customers whose window has closed"),
    ] {
        columns.push(column(name, "number", false, what));
    }
    columns.push(Property {
        quality: vec![statuses()],
        ..column("status", "string", true, "how the value is to be read")
    });
    columns
}

fn minimum(minimum: i64) -> Quality {
    Quality {
        name: "minimum".to_owned(),
        kind: "text",
        description: format!(
            "with fewer than {minimum} observations there is no value, and the status is `insufficient`"
        ),
        dimension: "accuracy",
        metric: None,
        arguments: None,
        must_be: None,
    }
}

fn statuses() -> Quality {
    Quality {
        name: "known_status".to_owned(),
        kind: "library",
        description: "a value is read by its status".to_owned(),
        dimension: "conformity",
        metric: Some("invalidValues"),
        arguments: Some(json!({ "validValues": STATUSES })),
        must_be: Some(0),
    }
}

fn logical(base: &Base) -> &'static str {
    match base {
        Base::Bool => "boolean",
        Base::Int | Base::Scale { .. } => "integer",
        Base::Real | Base::Decimal { .. } => "number",
        Base::Date => "date",
        Base::Instant { .. } => "timestamp",
        Base::Text | Base::Verbatim | Base::Customer(_) | Base::Unknown | Base::Null => "string",
    }
}

fn word(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Public => "public",
        Sensitivity::Internal => "internal",
        Sensitivity::Personal => "personal",
        Sensitivity::Special => "special",
    }
}

/// When a number is settled, and what else is promised about time.
fn promises(model: &Model, id: MetricId) -> Vec<Promise> {
    let metric = model.metric(id);
    let days = |length: Offset| match length.months {
        0 => (json!(length.days), Some("d")),
        months => (json!(format!("P{months}M{}D", length.days)), None),
    };
    let (value, unit) = days(promised::settles_after(model, id));
    let mut promises = vec![Promise {
        property: "latency",
        value,
        unit,
        element: Some(format!("{}.value", metric.header.name)),
        description: format!("settled {}", promised::settled(model, id)),
    }];
    for source in metric.reads.iter().map(|source| model.source(*source)) {
        if let Some(late) = source.late {
            let (value, unit) = days(late);
            let description = format!("a row of `{}` may arrive so long after it happened", source.header.name);
            promises.push(Promise {
                property: "lateness",
                value,
                unit,
                element: Some(source.header.name.to_string()),
                description,
            });
        }
    }
    if let Some(grain) = metric.grains.first() {
        let description = format!("there is a number for each {}", grain.word());
        promises.push(Promise {
            property: "frequency",
            value: json!(1),
            unit: Some(grain.word()),
            element: None,
            description,
        });
    }
    if let Some(retires) = metric.governed.retires {
        let description = "the last day it may be used".to_owned();
        promises.push(Promise {
            property: "endOfLife",
            value: json!(retires.to_string()),
            unit: None,
            element: None,
            description,
        });
    }
    promises
}

fn people(model: &Model, id: TeamId) -> Team {
    let team = &model.teams[id.index()];
    let leads = |address: &str| team.lead.as_deref() == Some(address);
    let day = |day: Option<Date>| day.map(|day| day.to_string());
    let mut members: Vec<Member> = team
        .members
        .iter()
        .map(|member| Member {
            username: member.address.clone(),
            role: if leads(&member.address) { "lead" } else { "member" },
            date_in: day(member.from),
            date_out: day(member.until),
        })
        .collect();
    if let Some(lead) = team.lead.as_ref().filter(|lead| members.iter().all(|member| member.username != **lead)) {
        let lead = Member { username: lead.clone(), role: "lead", date_in: None, date_out: None };
        members.insert(0, lead);
    }
    Team { name: team.header.name.to_string(), description: team.title.clone(), members }
}

fn support(model: &Model, id: TeamId) -> Vec<Support> {
    let team = &model.teams[id.index()];
    let lead = team.lead.as_ref().map(|lead| Support {
        channel: lead.clone(),
        url: Some(format!("mailto:{lead}")),
        tool: Some("email"),
        description: "who leads the team that answers for the number",
    });
    let handle = team.handle.as_ref().map(|handle| Support {
        channel: handle.clone(),
        url: None,
        tool: None,
        description: "the team, where changes are reviewed",
    });
    lead.into_iter().chain(handle).collect()
}

/// What the standard has no word for; what is not said is left out.
fn custom(model: &Model, id: MetricId, described: &Value) -> Vec<Custom> {
    let metric = model.metric(id);
    let raci = &metric.governed.raci;
    let names = |teams: &[TeamId]| {
        json!(teams.iter().map(|team| model.teams[team.index()].header.name.as_str()).collect::<Vec<_>>())
    };
    let customer = metric.customer.map(|customer| model.customer(customer));
    let customer = customer.map(|customer| match first_line(customer.header.doc.as_ref()) {
        "" => customer.header.name.to_string(),
        doc => format!("{}: {doc}", customer.header.name),
    });
    let exceptions = model.excepted(id);
    let exceptions: Vec<&str> = exceptions.iter().map(|id| model.exception(*id).header.name.as_str()).collect();
    let of_catalog = |property, key: &str| Custom { property, value: described[key].clone() };
    let all = vec![
        of_catalog("definition", "computes"),
        Custom { property: "rows", value: json!(promised::rows(model, metric)) },
        Custom { property: "clock", value: json!(promised::clock(model, metric)) },
        Custom { property: "customer", value: json!(customer) },
        of_catalog("grains", "grains"),
        of_catalog("groupings", "by"),
        of_catalog("unit", "unit"),
        of_catalog("additivity", "additivity"),
        of_catalog("interval", "interval"),
        of_catalog("better", "better"),
        of_catalog("minimum", "minimum"),
        Custom { property: "smallestCell", value: json!(metric.governed.cell) },
        Custom { property: "target", value: json!(metric.governed.target) },
        Custom { property: "threshold", value: json!(metric.governed.threshold) },
        of_catalog("columnsRead", "reads"),
        Custom { property: "exceptions", value: json!(exceptions) },
        Custom { property: "responsible", value: names(&raci.responsible) },
        Custom { property: "consulted", value: names(&raci.consulted) },
        Custom { property: "informed", value: names(&raci.informed) },
    ];
    all.into_iter().filter(|one| says_something(&one.value)).collect()
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
