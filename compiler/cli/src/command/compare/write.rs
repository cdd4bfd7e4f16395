//! A bridge for people and for programs.

use super::bridge::{Bridge, Compared};
use crate::answer::number::{MISSING, Style};
use crate::answer::{Cell, Question, Rows, as_of_shown, period, write};
use crate::drawing::{Column, draw};
use crate::loading::Loaded;
use comfy_table::CellAlignment;
use groma_model::MetricId;
use groma_project::Target;
use serde_json::{Map, Value, json};

/// The version of the document's shape.
const VERSION: u32 = 1;

/// What is written.
pub(super) struct Shown<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) metric: MetricId,
    pub(super) question: &'a Question,
    pub(super) bridge: &'a Bridge,
}

impl Shown<'_> {
    pub(super) fn table(&self) -> String {
        let (model, bridge) = (&self.loaded.project.model, self.bridge);
        let cells = &bridge.cells;
        let column = |head: String, cells: Vec<String>, alignment| Column {
            head: vec![head],
            unit: String::new(),
            cells,
            alignment,
        };
        let (left, right) = (CellAlignment::Left, CellAlignment::Right);
        let unit = &model.metric(self.metric).unit;
        let values: Vec<f64> =
            cells.iter().flat_map(|cell| [cell.one, cell.other]).chain(parts(cells)).flatten().collect();
        let style = Style::of(unit, &values);
        let label = |cell: &Compared| {
            let label = |start| period::label(self.question.grain, start, &model.calendar);
            cell.key.period.map(label).unwrap_or_default()
        };
        let value = |value: Option<f64>| value.map_or_else(|| MISSING.to_owned(), |value| style.write(value));
        let change = |value: Option<f64>| value.map_or_else(|| MISSING.to_owned(), |value| style.difference(value));
        let mut columns =
            vec![column(period::heading(self.question.grain).to_owned(), cells.iter().map(label).collect(), left)];
        for (at, group) in bridge.groups.iter().enumerate() {
            let of = |cell: &Compared| cell.key.groups.get(at).map_or_else(|| MISSING.to_owned(), shown);
            columns.push(column(group.clone(), cells.iter().map(of).collect(), left));
        }
        let (one, other) = bridge.versions;
        columns.push(column(format!("version {one}"), cells.iter().map(|cell| value(cell.one)).collect(), right));
        columns.push(column(format!("version {other}"), cells.iter().map(|cell| value(cell.other)).collect(), right));
        let differences = cells.iter().map(|cell| change(cell.difference)).collect();
        columns.push(column("difference".to_owned(), differences, right));
        for (at, (name, _)) in bridge.parts.iter().enumerate() {
            let of = |cell: &Compared| change(cell.parts[at]);
            columns.push(column(name.clone(), cells.iter().map(of).collect(), right));
        }
        columns.push(column("residual".to_owned(), cells.iter().map(|cell| change(cell.residual)).collect(), right));
        if cells.iter().any(|cell| cell.reason.is_some()) {
            let reasons = cells.iter().map(|cell| cell.reason.clone().unwrap_or_default()).collect();
            columns.push(column("no bridge".to_owned(), reasons, left));
        }
        draw(&columns)
    }

    /// What stands below a table: what the parts are, and where the numbers come from.
    pub(super) fn below(&self, target: &Target) -> String {
        let part = |(name, keys): &(String, Vec<groma_model::SmolStr>)| {
            let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
            format!("{name}: {}", if keys.is_empty() { "the same".to_owned() } else { keys.join(", ") })
        };
        let name = &self.loaded.project.model.metric(self.metric).header.name;
        let mut said = vec![name.to_string()];
        said.extend(self.bridge.parts.iter().map(part));
        said.extend(self.bridge.as_of.map(|at| format!("as of {}", as_of_shown(at))));
        said.push(format!("target {} ({})", target.name, target.engine));
        said.join(" · ")
    }

    pub(super) fn csv(&self) -> String {
        let bridge = self.bridge;
        let (one, other) = bridge.versions;
        let mut columns = vec!["metric".to_owned(), "grain".to_owned(), "period".to_owned()];
        columns.extend(bridge.groups.iter().cloned());
        columns.extend([format!("version_{one}"), format!("version_{other}"), "difference".to_owned()]);
        columns.extend(bridge.parts.iter().map(|(name, _)| key(name)));
        columns.extend(["residual".to_owned(), "reason".to_owned()]);
        let real = |value: Option<f64>| value.map_or(Cell::Null, Cell::Real);
        let row = |cell: &Compared| {
            let metric = self.loaded.project.model.metric(self.metric).header.name.to_string();
            let mut row = vec![Cell::Text(metric), Cell::Text(self.question.grain.word().to_owned())];
            row.push(cell.key.period.map_or(Cell::Null, Cell::Date));
            row.extend((0..bridge.groups.len()).map(|at| cell.key.groups.get(at).cloned().unwrap_or(Cell::Null)));
            row.extend([real(cell.one), real(cell.other), real(cell.difference)]);
            row.extend(cell.parts.iter().map(|part| real(*part)));
            row.push(real(cell.residual));
            row.push(cell.reason.clone().map_or(Cell::Null, Cell::Text));
            row
        };
        write::csv(&Rows { columns, rows: bridge.cells.iter().map(row).collect() })
    }

    pub(super) fn json(&self) -> String {
        let (model, bridge) = (&self.loaded.project.model, self.bridge);
        let metric = model.metric(self.metric);
        let part = |(name, keys): &(String, Vec<groma_model::SmolStr>)| {
            let keys: Vec<&str> = keys.iter().map(groma_model::SmolStr::as_str).collect();
            json!({ "name": key(name), "keys": keys })
        };
        let cell = |cell: &Compared| {
            let groups = bridge.groups.iter().zip(&cell.key.groups);
            let groups: Map<String, Value> = groups.map(|(name, group)| (name.clone(), write::value(group))).collect();
            let parts = bridge.parts.iter().zip(&cell.parts);
            let parts: Map<String, Value> = parts.map(|((name, _), part)| (key(name), json!(part))).collect();
            json!({
                "period": cell.key.period.map(|day| day.to_string()),
                "groups": groups,
                "values": [cell.one, cell.other],
                "difference": cell.difference,
                "parts": parts,
                "residual": cell.residual,
                "reason": cell.reason,
            })
        };
        let document = json!({
            "version": VERSION,
            "metric": metric.header.name.as_str(),
            "unit": metric.unit.to_string(),
            "grain": self.question.grain.word(),
            "versions": [bridge.versions.0, bridge.versions.1],
            "as_of": bridge.as_of.map(|at| at.to_string()),
            "parts": bridge.parts.iter().map(part).collect::<Vec<_>>(),
            "cells": bridge.cells.iter().map(cell).collect::<Vec<_>>(),
        });
        format!("{document:#}\n")
    }
}

fn parts(cells: &[Compared]) -> impl Iterator<Item = Option<f64>> {
    cells.iter().flat_map(|cell| cell.parts.iter().copied())
}

/// The name of a part for programs.
fn key(name: &str) -> String {
    name.replace(" + ", "_and_")
}

fn shown(cell: &Cell) -> String {
    if *cell == Cell::Null { MISSING.to_owned() } else { cell.to_string() }
}
