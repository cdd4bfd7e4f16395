//! Lineage as a tree for people.

use super::{class_word, is_query, place_name, reads, summary, ways};
use groma_model::lineage::{How, Lineage, Place, What};
use groma_model::{ColumnId, MetricId, Model, SourceId};
use std::collections::BTreeSet;

/// A line and what stands below it.
struct Branch {
    line: String,
    below: Vec<Branch>,
}

/// A tree for each metric.
pub(super) fn write(model: &Model, lineage: &Lineage<'_>, metrics: &[MetricId]) -> String {
    let mut trees = Vec::with_capacity(metrics.len());
    for id in metrics {
        let mut tree = Tree { model, lineage, shown: BTreeSet::from([*id]) };
        let mut text = format!("{}: {}\n", model.metric(*id).header.name, summary(model, *id));
        draw(&tree.metric(*id), "", &mut text);
        trees.push(text);
    }
    trees.join("\n")
}

struct Tree<'a, 'm> {
    model: &'m Model,
    lineage: &'a Lineage<'m>,
    /// Metrics whose branches are drawn.
    shown: BTreeSet<MetricId>,
}

impl Tree<'_, '_> {
    fn metric(&mut self, id: MetricId) -> Vec<Branch> {
        reads(self.model, self.lineage, id).into_iter().map(|(what, hows)| self.read(what, &hows)).collect()
    }

    fn read(&mut self, what: What, hows: &[How]) -> Branch {
        match what {
            What::Column(source, column) => self.column(source, column, hows),
            What::Rows(source) => {
                let line = format!("rows of {}", self.model.source(source).header.name);
                let reads = self.lineage.of_rows(source);
                Branch { line, below: self.places(reads, &mut vec![]) }
            }
            What::Metric(id) => {
                let name = &self.model.metric(id).header.name;
                let line = format!("metric {name}: {}", ways(hows));
                match self.shown.insert(id) {
                    true => Branch { line, below: self.metric(id) },
                    false => Branch { line: format!("{line} (shown above)"), below: Vec::new() },
                }
            }
        }
    }

    fn column(&mut self, source: SourceId, column: ColumnId, hows: &[How]) -> Branch {
        self.place(&Place::Column(source, column), hows, &mut vec![])
    }

    /// A column with what a query makes it of; `open` are the columns around it, lest a query that reads itself never ends.
    fn place(&mut self, place: &Place, hows: &[How], open: &mut Vec<(SourceId, ColumnId)>) -> Branch {
        let class = class_word(self.model, place).map(|class| format!(" ({class})")).unwrap_or_default();
        let line = format!("{}{class}: {}", place_name(self.model, place), ways(hows));
        let mut below = Vec::new();
        if let Place::Column(source, column) = place
            && is_query(self.model, *source)
            && !open.contains(&(*source, *column))
        {
            open.push((*source, *column));
            below = self.places(self.lineage.of_query(*source, *column), open);
            open.pop();
        }
        Branch { line, below }
    }

    fn places(&mut self, reads: Vec<(Place, How)>, open: &mut Vec<(SourceId, ColumnId)>) -> Vec<Branch> {
        let mut places: Vec<(Place, Vec<How>)> = Vec::new();
        for (place, how) in reads {
            match places.iter_mut().find(|(known, _)| *known == place) {
                Some((_, hows)) if hows.contains(&how) => {}
                Some((_, hows)) => hows.push(how),
                None => places.push((place, vec![how])),
            }
        }
        places.sort();
        places.iter().map(|(place, hows)| self.place(place, hows, open)).collect()
    }
}

fn draw(branches: &[Branch], indent: &str, text: &mut String) {
    for (at, branch) in branches.iter().enumerate() {
        let (corner, bar) = if at + 1 == branches.len() { ("└─", "   ") } else { ("├─", "│  ") };
        text.push_str(&format!("{indent}{corner} {}\n", branch.line));
        draw(&branch.below, &format!("{indent}{bar}"), text);
    }
}
