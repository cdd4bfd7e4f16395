//! Examples in plain words.

use super::words::{Facts, amount, listed};
use groma_model::{Example, Model};

/// What an example computes, of which rows.
pub(super) fn explain(model: &Model, example: &Example) -> Facts {
    let mut facts = Facts::new(format!("example {}", example.header.name), example.header.doc.as_ref());
    if example.header.broken {
        facts.add("note", "findings stand behind this example; what follows may be incomplete (`groma check`)");
    }
    let metrics: Vec<String> =
        example.metrics.iter().map(|id| format!("`{}`", model.metric(*id).header.name)).collect();
    facts.add("computes", format!("{} by {}", listed(&metrics), example.grain.word().replace('_', " ")));
    let groups: Vec<String> = example.by.iter().map(|grouping| grouping.name.to_string()).collect();
    facts.add("grouped by", groups.join(", "));
    facts.add("from", example.from.map(|day| day.to_string()).unwrap_or_default());
    facts.add("to", example.to.map(|day| day.to_string()).unwrap_or_default());
    facts.add("as of", example.as_of.map(|moment| moment.to_string()).unwrap_or_default());
    let counted = |rows: usize| amount(u64::try_from(rows).unwrap_or(u64::MAX), "row");
    let rows = example
        .rows
        .iter()
        .map(|(source, table)| format!("{} of `{}`", counted(table.rows.len()), model.source(*source).header.name));
    facts.add("of", rows.collect::<Vec<_>>().join(", "));
    facts.add("expects", counted(example.result.rows.len()));
    facts
}
