//! Who is counted one by one: the population of a metric, the value of each customer, the steps of a funnel.

use super::clock::{anchor, moment, time_name};
use super::expression;
use super::words::offset;
use groma_model::{Anchor, Members, Metric, Model, Population};
use serde_json::{Value, json};

/// Who is counted: the customer, and which of them a period counts. One line for each.
pub(crate) fn who(model: &Model, metric: &Metric) -> String {
    let Some(customer) = metric.customer.map(|customer| model.customer(customer)) else { return String::new() };
    let doc = super::first_line(customer.header.doc.as_ref());
    let doc = if doc.is_empty() { String::new() } else { format!(": {doc}") };
    let mut lines = vec![format!("customers of kind `{}`{doc}", customer.header.name)];
    if let Some(population) = &metric.population {
        lines.push(format!("a period counts {}", members(model, metric, population)));
        let filter = population.filter.as_ref();
        let filter = filter.map(|filter| expression::of_customer(model, population.customer, filter));
        lines.extend(filter.map(|filter| format!("only where {filter}")));
    }
    lines.join("\n")
}

fn members(model: &Model, metric: &Metric, population: &Population) -> String {
    match &population.members {
        Members::Rows if metric.steps.is_empty() => "those with at least one row that counts".to_owned(),
        Members::Rows => "those with a first step in it".to_owned(),
        Members::Alive { since, until } => {
            let source = model.customer(population.customer).source;
            let name = |column| format!("`{}`", model.column(source, column).name);
            let from = since.map(|column| format!("from {}", name(column)));
            let to = until.map(|column| format!("until {}", name(column)));
            let life: Vec<String> = from.into_iter().chain(to).collect();
            let life = if life.is_empty() { life.concat() } else { format!(" ({})", life.join(" ")) };
            format!("everyone who is one at some moment of it{life}, with or without rows")
        }
        Members::Anchor(Anchor::Attribute(_)) => {
            let moment = anchor(metric).map_or_else(|| "anchor".to_owned(), |anchor| moment(model, anchor));
            format!("everyone whose {moment} lies in it, with or without rows: a cohort")
        }
        Members::Anchor(Anchor::First { source, filter, .. }) => {
            let source = model.source(*source);
            let which = if filter.is_some() { "first such row" } else { "first row" };
            let filter = filter.as_ref().map(|filter| format!(" where {}", expression::row(model, filter)));
            format!(
                "everyone whose {which} of `{}`{} lies in it, by `{}`: a cohort",
                source.header.name,
                filter.unwrap_or_default(),
                time_name(source)
            )
        }
    }
}

/// What each customer has.
pub(crate) fn each(model: &Model, metric: &Metric) -> String {
    let Some(value) = expression::each(model, metric) else { return String::new() };
    let with_rows = metric.population.as_ref().is_none_or(|population| population.members == Members::Rows);
    let none = "; without rows a count or a sum is 0, and an average or a first value is missing";
    format!("customer has one value: {value}{}", if with_rows { "" } else { none })
}

/// The steps of a funnel, a line for each.
pub(crate) fn steps(model: &Model, metric: &Metric) -> String {
    let line = |(number, step): (usize, &groma_model::FunnelStep)| {
        let within = step.within.map(|within| format!(", less than {} after the step before", offset(within)));
        let order = if number == 1 { "" } else { ", not before the step before" };
        let bound = within.unwrap_or_else(|| order.to_owned());
        format!("{number}. {}: the first row where {}{bound}", step.name, expression::row(model, &step.condition))
    };
    (1..).zip(&metric.steps).map(line).collect::<Vec<_>>().join("\n")
}

/// The population as fields.
pub(crate) fn as_json(model: &Model, metric: &Metric) -> Value {
    let Some(population) = &metric.population else { return Value::Null };
    let members = match &population.members {
        Members::Rows => "rows",
        Members::Alive { .. } => "all",
        Members::Anchor(_) => "anchor",
    };
    json!({
        "members": members,
        "anchor": anchor(metric).map(|anchor| moment(model, anchor)),
        "where": population.filter.as_ref().map(|filter| expression::of_customer(model, population.customer, filter)),
    })
}

/// The steps of a funnel as fields.
pub(crate) fn steps_as_json(model: &Model, metric: &Metric) -> Value {
    let step = |step: &groma_model::FunnelStep| {
        json!({
            "name": step.name.as_str(),
            "where": expression::row(model, &step.condition),
            "within": step.within.map(offset),
        })
    };
    metric.steps.iter().map(step).collect()
}
