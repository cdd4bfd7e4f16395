//! Small words: amounts, lists, and labelled facts in the terminal's width.

use crate::drawing::wrapped;
use groma_model::time::Offset;
use serde_json::map::Entry;
use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr as _;

/// Blanks before a label, and between the longest label and its text.
const MARGIN: usize = 2;

/// `1 day`, `28 days`.
pub(crate) fn amount(number: u64, unit: &str) -> String {
    if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

/// `3 months`, `90 days`, `1 month 2 days`.
pub(crate) fn offset(offset: Offset) -> String {
    let months = u64::from(offset.months.unsigned_abs());
    let days = u64::from(offset.days.unsigned_abs());
    let parts = [(months, "month"), (days, "day")];
    let words: Vec<String> =
        parts.into_iter().filter(|(number, _)| *number > 0).map(|(number, unit)| amount(number, unit)).collect();
    if words.is_empty() { "0 days".to_owned() } else { words.join(" ") }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The first line of a documentation.
pub(crate) fn first_line(doc: Option<&String>) -> &str {
    doc.and_then(|doc| doc.lines().next()).unwrap_or_default()
}

/// What there is to say about a declaration: a title, its documentation, and facts with labels.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    title: String,
    doc: String,
    facts: Vec<(String, String)>,
}

impl Facts {
    pub(crate) fn new(title: impl Into<String>, doc: Option<&String>) -> Self {
        Self { title: title.into(), doc: doc.cloned().unwrap_or_default(), facts: Vec::new() }
    }

    /// Whether it is about the declaration of that title: `period 2026-Q3`.
    pub(crate) fn is_about(&self, title: &str) -> bool {
        self.title == title
    }

    /// Adds a fact; nothing to say is no fact. Lines of the text stay lines.
    pub(crate) fn add(&mut self, label: &str, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.facts.push((label.to_owned(), text));
        }
    }

    /// The labels with their texts, in order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.facts.iter().map(|(label, text)| (label.as_str(), text.as_str()))
    }

    /// The same as an object; a label that stands several times has a list.
    pub(crate) fn as_json(&self) -> Value {
        let mut facts: Map<String, Value> = Map::new();
        for (label, text) in &self.facts {
            let text = Value::from(text.as_str());
            match facts.entry(label.trim().replace(' ', "_")) {
                Entry::Vacant(place) => {
                    place.insert(text);
                }
                Entry::Occupied(mut known) => match known.get_mut() {
                    Value::Array(texts) => texts.push(text),
                    first => *first = Value::Array(vec![first.take(), text]),
                },
            }
        }
        let doc = if self.doc.is_empty() { Value::Null } else { Value::from(self.doc.as_str()) };
        json!({ "title": self.title, "documentation": doc, "facts": facts })
    }

    /// The text, with a newline at its end.
    pub(crate) fn write(&self, width: usize) -> String {
        let mut text = format!("{}\n", self.title);
        let doc: Vec<String> = self.doc.lines().flat_map(|line| wrapped(line, width.saturating_sub(MARGIN))).collect();
        if !doc.is_empty() {
            text.push('\n');
            doc.iter().for_each(|line| text.push_str(&format!("{}\n", format!("  {line}").trim_end())));
        }
        let labels = self.facts.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
        let indent = MARGIN + labels + MARGIN;
        if !self.facts.is_empty() {
            text.push('\n');
        }
        for (label, fact) in &self.facts {
            let lines = fact.lines().flat_map(|line| wrapped(line, width.saturating_sub(indent).max(20)));
            for (position, line) in lines.enumerate() {
                let head = if position == 0 { label.as_str() } else { "" };
                let line = format!("  {head}{}  {line}", " ".repeat(labels - head.width()));
                text.push_str(&format!("{}\n", line.trim_end()));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_aligned_and_wrapped() {
        let mut facts = Facts::new("revenue", Some(&"What customers paid.".to_owned()));
        facts.add("unit", "usd");
        facts.add("formula", "sum(amount where not refunded)");
        facts.add("nothing", "");
        assert_eq!(
            facts.write(34),
            "revenue\n\n  What customers paid.\n\n  unit     usd\n  formula  sum(amount where not\n           refunded)\n"
        );
    }

    #[test]
    fn facts_are_fields_too() {
        let mut facts = Facts::new("metric a", None);
        facts.add("used by", "b");
        facts.add(" where", "x");
        facts.add(" where", "y");
        facts.add(" where", "z");
        let expected = json!({ "title": "metric a", "documentation": null, "facts": { "used_by": "b", "where": ["x", "y", "z"] } });
        assert_eq!(facts.as_json(), expected);
    }

    #[test]
    fn amounts_and_lists_have_words() {
        assert_eq!(offset(Offset::days(1)), "1 day");
        assert_eq!(offset(Offset { months: -3, days: 0 }), "3 months");
        assert_eq!(listed(&["a".to_owned(), "b".to_owned(), "c".to_owned()]), "a, b and c");
    }
}
