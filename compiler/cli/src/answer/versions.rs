//! Which version of a metric computed which periods of an answer, for people who read a table.

use super::Question;
use super::period;
use super::rows::{Cell, Rows};
use groma_model::Model;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A line for each metric that has versions: `actives: version 1, from 1998-01 on version 2`.
pub(super) fn report(rows: &Rows, question: &Question, model: &Model) -> String {
    let mut text = String::new();
    for id in &question.metrics {
        let metric = model.metric(*id);
        if metric.versions.is_empty() {
            continue;
        }
        let mut parts: Vec<String> = Vec::new();
        for (version, first) in in_order(rows, &metric.header.name) {
            let label = period::label(question.grain, first, &model.calendar);
            let from = if parts.is_empty() { String::new() } else { format!("from {label} on ") };
            parts.push(format!("{from}version {version}"));
        }
        if !parts.is_empty() {
            text.push_str(&format!("{}: {}\n", metric.header.name, parts.join(", ")));
        }
    }
    text
}

/// The versions of a metric with the first period of each, in the order of these.
fn in_order(rows: &Rows, name: &str) -> Vec<(i64, Date)> {
    let places = [rows.position("metric"), rows.position("version"), rows.position("period")];
    let [Some(metric), Some(version), Some(period)] = places else { return Vec::new() };
    let mut first: BTreeMap<i64, Date> = BTreeMap::new();
    for row in &rows.rows {
        if let (Cell::Text(of), Cell::Int(version), Cell::Date(start)) = (&row[metric], &row[version], &row[period])
            && of == name
        {
            let known = first.entry(*version).or_insert(*start);
            *known = (*known).min(*start);
        }
    }
    let mut found: Vec<(i64, Date)> = first.into_iter().collect();
    found.sort_by_key(|(_, start)| *start);
    found
}
