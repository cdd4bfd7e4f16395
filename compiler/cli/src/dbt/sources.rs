//! The tables that statements read, as sources of dbt: what they are, who answers for them, and what must hold of them.

use super::Writing;
use super::checks::{severity, tests_of_column};
use super::jinja::escaped;
use super::naming::{Taken, word};
use super::properties::{owner, plain, team_name, yaml};
use crate::failure::Failure;
use crate::meaning::sensitivity_word;
use crate::publishing::File;
use groma_model::check::describe_type;
use groma_model::{ColumnId, Model, Origin, Sensitivity, Source, SourceId};
use groma_plan::relation::{Aggregate, AggregateFunction, Expr, From, Select, Statement, Table, ValueType};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The days of a month, where days are asked for: it may be a little late before anyone is warned.
const MONTH: i64 = 31;

/// A table by its parts, the name of its source, and its own.
type Named<'a> = (&'a Vec<String>, &'a str, &'a str);

/// What dbt calls the tables that statements read.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// By the parts of a table's name: the source and the table.
    named: BTreeMap<Vec<String>, (String, String)>,
}

impl Tables {
    /// Tables of one schema are one source; those that name no schema are called after the project.
    pub(super) fn of(tables: &BTreeSet<Vec<String>>, project: &str) -> Self {
        let (mut sources, mut names) = (Taken::default(), BTreeMap::new());
        let mut named = BTreeMap::new();
        for parts in tables {
            let Some((table, schema)) = parts.split_last() else { continue };
            let (source, taken) = names.entry(schema.to_vec()).or_insert_with(|| {
                let wished = if schema.is_empty() { project.to_owned() } else { schema.join("_") };
                (sources.take(&wished), Taken::default())
            });
            named.insert(parts.clone(), (source.clone(), taken.take(table)));
        }
        Self { named }
    }

    /// What stands in a statement for a table.
    pub(super) fn jinja(&self, parts: &[String]) -> String {
        match self.expression(parts) {
            Some(expression) => format!("{{{{ {expression} }}}}"),
            None => parts.join("."),
        }
    }

    /// `source('shop', 'orders')`.
    pub(super) fn expression(&self, parts: &[String]) -> Option<String> {
        self.named.get(parts).map(|(source, table)| format!("source('{source}', '{table}')"))
    }

    /// The tables of each source, by the parts of the schema that they are in.
    fn by_source(&self) -> BTreeMap<&[String], Vec<Named<'_>>> {
        let mut sources: BTreeMap<&[String], Vec<_>> = BTreeMap::new();
        for (parts, (source, table)) in &self.named {
            let schema = parts.split_last().map_or(&[] as &[String], |(_, schema)| schema);
            sources.entry(schema).or_default().push((parts, source.as_str(), table.as_str()));
        }
        sources
    }
}

/// The property file of the sources.
pub(super) fn file(writing: &Writing<'_>) -> Result<File, Failure> {
    let mut sources = Vec::new();
    for (schema, tables) in writing.tables.by_source() {
        let Some((_, name, _)) = tables.first() else { continue };
        let place = match schema {
            [] => json!({ "schema": "{{ var('groma_sources', target.schema) }}" }),
            [schema] => json!({ "schema": plain(schema) }),
            [database @ .., schema] => json!({ "database": plain(&database.join(".")), "schema": plain(schema) }),
        };
        let listed: Result<Vec<Value>, Failure> =
            tables.iter().map(|(parts, _, table)| table_of(writing, parts, table)).collect();
        sources.push(json!({
            "name": name,
            "database": place["database"],
            "schema": place["schema"],
            "tables": listed?,
        }));
    }
    yaml("models/sources.yml", json!({ "version": 2, "sources": sources }))
}

/// The declared sources that a table is, each with its place.
fn declared<'m>(writing: &Writing<'m>, parts: &[String]) -> Vec<(SourceId, &'m Source)> {
    let all = writing.model.sources.iter().enumerate().map(|(at, source)| (SourceId::at(at), source));
    all.filter(|(_, source)| is_table(source) && writing.target.table(source) == parts).collect()
}

/// Whether the rows of a source are those of a table.
pub(super) fn is_table(source: &Source) -> bool {
    !matches!(source.origin, Origin::Query { .. })
}

fn table_of(writing: &Writing<'_>, parts: &[String], name: &str) -> Result<Value, Failure> {
    let model = writing.model;
    let identifier = parts.last().filter(|table| table.as_str() != name);
    let declared = declared(writing, parts);
    let docs: Vec<&str> = declared.iter().filter_map(|(_, source)| source.header.doc.as_deref()).collect();
    let mut columns: Vec<Value> = Vec::new();
    let mut seen = BTreeSet::new();
    for (id, source) in &declared {
        for (position, column) in source.columns.iter().enumerate() {
            if seen.insert(column.name.clone()) {
                columns.push(column_of(writing, *id, ColumnId::at(position)));
            }
        }
    }
    let owners = declared.iter().filter_map(|(_, source)| source.owner);
    let owner = owners.clone().next().map(|team| owner(model, team));
    let team = owners.clone().next();
    let of_groma: Vec<Value> = declared.iter().map(|(_, source)| plain(&source.header.name)).collect();
    let (query, late) = freshness(writing, &declared)?;
    Ok(json!({
        "name": name,
        "identifier": identifier.map(|table| plain(table)),
        "description": if docs.is_empty() { Value::Null } else { plain(&docs.join("\n")) },
        "config": {
            "loaded_at_query": query,
            "freshness": late.map(|days| json!({ "warn_after": { "count": days, "period": "day" } })),
            "meta": { "owner": owner, "team": team_name(model, team), "groma_sources": of_groma },
        },
        "columns": columns,
    }))
}

fn column_of(writing: &Writing<'_>, id: SourceId, at: ColumnId) -> Value {
    let column = writing.model.column(id, at);
    let personal = column.sensitivity >= Sensitivity::Personal;
    json!({
        "name": plain(&column.name),
        "description": column.doc.as_deref().map(plain),
        "quote": true,
        "config": {
            "meta": {
                "type": plain(&describe_type(writing.model, &column.ty)),
                "sensitivity": sensitivity_word(column.sensitivity),
            },
            "tags": if personal { json!([sensitivity_word(column.sensitivity)]) } else { Value::Null },
        },
        "data_tests": tests_of_column(writing, id, at),
    })
}

/// When a table is out of date: a day later than its rows may arrive. Only where its time and how late rows may be are declared.
fn freshness(writing: &Writing<'_>, declared: &[(SourceId, &Source)]) -> Result<(Value, Option<i64>), Failure> {
    let known = declared.iter().find_map(|(_, source)| Some((source, source.time?, source.late?)));
    let Some((source, time, late)) = known else { return Ok((Value::Null, None)) };
    let days = i64::from(late.days) + MONTH * i64::from(late.months) + 1;
    let newest = Expr::Aggregate(Box::new(Aggregate {
        function: AggregateFunction::Max,
        argument: Some(Expr::name(&source.columns[time.index()].name).cast(ValueType::Timestamp)),
        filter: None,
        order_by: Vec::new(),
    }));
    let table = Table::Physical(vec![word(&source.header.name)]);
    let from = Some(From { table, alias: "rows".to_owned() });
    let result = Select { columns: vec![newest.named("newest")], from, ..Select::default() };
    let this = |_: &[String]| super::jinja::THIS.to_owned();
    // What cannot be written has no freshness; a statement this small can be, everywhere.
    let text = writing.writer.query(&Statement { steps: Vec::new(), result }, &this)?.ok();
    Ok((text.map_or(Value::Null, |text| Value::from(text.trim_end())), Some(days)))
}

/// A test that the references of a column lead to a customer.
pub(super) fn reference(writing: &Writing<'_>, model: &Model, customer: groma_model::CustomerId) -> Option<Value> {
    let customer = model.customer(customer);
    let source = model.source(customer.source);
    let to = writing.tables.expression(&writing.target.table(source)).filter(|_| is_table(source))?;
    let field = format!("\"{}\"", escaped(&model.column(customer.source, customer.key).name));
    let arguments = json!({ "to": to, "field": field });
    Some(json!({ "relationships": { "arguments": arguments, "config": severity(None) } }))
}
