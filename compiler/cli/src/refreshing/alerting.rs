//! Alerts that fire on the answers of a run. What they say is for whoever reads the summary; a run is no worse for it.

use super::voice::Voice;
use super::{Place, Stop};
use crate::answer::{Cell, Rows};
use crate::loading::Loaded;
use crate::warehouse::{Alert, Warehouse, alerts, answers_table};
use groma_project::Target;
use serde_json::{Map, Value, json};

/// An alert that fires, for one group.
#[derive(Debug)]
pub(super) struct Firing {
    /// By the columns of its statement.
    said: Vec<(String, Cell)>,
    /// Which of them are its groupings.
    groups: Vec<String>,
}

/// The alerts that fire, where answers are kept by a server.
pub(super) fn run(
    loaded: &Loaded,
    target: &Target,
    (warehouse, place): (&Warehouse, &mut Place<'_>),
    voice: &Voice<'_>,
) -> Result<Vec<Firing>, Stop> {
    let mut found = Vec::new();
    if target.is_embedded() {
        return Ok(found);
    }
    for Alert { statement, groups, .. } in alerts(&loaded.project.model, warehouse, &answers_table(target)) {
        let batches = place.ask(target, &statement, voice)?;
        let rows = Rows::of(&batches).map_err(Stop::Failed)?;
        for row in rows.rows {
            let said = rows.columns.iter().cloned().zip(row).collect();
            found.push(Firing { said, groups: groups.clone() });
        }
    }
    Ok(found)
}

impl Firing {
    fn cell(&self, name: &str) -> &Cell {
        self.said.iter().find(|(column, _)| column == name).map_or(&Cell::Null, |(_, cell)| cell)
    }

    /// `nps_drop fires for relationship_nps in 2026-05-01 (north); tell experience: call the five largest accounts`.
    pub(super) fn text(&self) -> String {
        let cell = |name: &str| self.cell(name).to_string();
        let groups: Vec<String> = self.groups.iter().map(|group| self.cell(group).to_string()).collect();
        let groups = if groups.is_empty() { String::new() } else { format!(" ({})", groups.join(", ")) };
        let period = match self.cell("period") {
            Cell::Null => String::new(),
            period => format!(" in {period}"),
        };
        let mut text = format!("alert {} fires for {}{period}{groups}", cell("alert"), cell("metric"));
        for (before, name) in [("; tell ", "tell"), (": ", "do")] {
            if *self.cell(name) != Cell::Null {
                text.push_str(before);
                text.push_str(&cell(name));
            }
        }
        text
    }

    pub(super) fn json(&self) -> Value {
        let mut object = Map::new();
        let groups = |name: &str| self.groups.iter().any(|group| group == name);
        for (name, cell) in self.said.iter().filter(|(name, _)| !groups(name)) {
            object.insert(name.clone(), crate::answer::write::value(cell));
        }
        let groups = self.groups.iter().map(|group| (group.clone(), crate::answer::write::value(self.cell(group))));
        object.insert("groups".to_owned(), json!(groups.collect::<Map<String, Value>>()));
        Value::Object(object)
    }
}
