//! The outcome of examples and of the tests of rules, for people, for programs and for test reports.

use super::compare::{Comparison, Line};
use super::rules::{self, Proven};
use crate::answer::number::MISSING;
use crate::answer::rows::Cell;
use crate::drawing::{Column, draw};
use crate::findings::counted;
use crate::findings::junit::escape;
use crate::loading::Loaded;
use crate::meaning::first_line;
use comfy_table::CellAlignment;
use groma_model::{Diagnostic, Example};
use serde_json::{Map, Number, Value, json};
use std::fmt::Write as _;

/// Stands before a value that is not the expected one.
const DIFFERENT: &str = "≠";
/// Stands where there is no row.
const NO_ROW: &str = "–";
/// Digits of a found number that are shown: more than are compared.
const DIGITS: usize = 12;

/// The version of the JSON document's shape.
const VERSION: u32 = 1;

/// An example and what came of it.
pub(super) struct Tested<'m> {
    pub(super) example: &'m Example,
    pub(super) comparison: Comparison,
    /// Why nothing was computed.
    pub(super) refused: Vec<Diagnostic>,
}

impl Tested<'_> {
    fn holds(&self) -> bool {
        self.refused.is_empty() && self.comparison.holds()
    }

    /// What is wrong, in a few words.
    fn problem(&self) -> String {
        match self.refused.first() {
            Some(found) => found.headline.clone(),
            None => format!(
                "{} of {} not as expected",
                self.comparison.differing(),
                counted(self.comparison.lines.len(), "row")
            ),
        }
    }

    /// What is wrong, with all there is to see.
    fn detail(&self) -> String {
        match self.refused.first() {
            Some(found) => found.help.clone().unwrap_or_else(|| found.headline.clone()),
            None => table(&self.comparison),
        }
    }
}

/// All examples and rules that were asked for.
pub(super) struct Report<'l> {
    pub(super) loaded: &'l Loaded,
    pub(super) tested: Vec<Tested<'l>>,
    pub(super) rules: Vec<Proven>,
}

impl Report<'_> {
    /// How many do not hold, rules included.
    pub(super) fn failed(&self) -> usize {
        self.failed_examples() + self.failed_rules()
    }

    fn failed_examples(&self) -> usize {
        self.tested.iter().filter(|tested| !tested.holds()).count()
    }

    fn failed_rules(&self) -> usize {
        self.rules.iter().filter(|proven| !proven.holds()).count()
    }

    /// Each example that does not hold as a table, what is wrong with rules, and a line about all of each.
    pub(super) fn human(&self, colored: bool) -> String {
        let mut text = String::new();
        for tested in self.tested.iter().filter(|tested| !tested.holds()) {
            let example = tested.example;
            let (path, line) = self.place(example);
            let _ = writeln!(text, "example {} does not hold ({path}:{line})", example.header.name);
            let doc = first_line(example.header.doc.as_ref());
            if !doc.is_empty() {
                let _ = writeln!(text, "  {doc}");
            }
            text.push('\n');
            match tested.refused.is_empty() {
                true => text.push_str(&painted(&table(&tested.comparison), colored)),
                false => {
                    let _ = writeln!(text, "  not computed: {}", tested.problem());
                }
            }
            text.push('\n');
        }
        text.push_str(&rules::human(&self.rules));
        if !self.tested.is_empty() || self.rules.is_empty() {
            let _ = writeln!(text, "{}", summary(self.tested.len(), self.failed_examples()));
        }
        if !self.rules.is_empty() {
            let _ = writeln!(text, "{}", rules::summary(&self.rules));
        }
        text
    }

    /// `{"version", "summary": {"examples", "hold", "fail", "rules", "rules_fail"}, "examples": [{"name", "documentation",
    /// "path", "line", "metrics", "holds", "problem", "differences": [{"expected", "found", "differs"}]}], "rules": [{"name",
    /// "code", "path", "line", "holds", "problem"}]}`. Keys are only ever added to version 1.
    pub(super) fn json(&self) -> String {
        let model = &self.loaded.project.model;
        let examples = self.tested.iter().map(|tested| {
            let example = tested.example;
            let (path, line) = self.place(example);
            let metrics = example.metrics.iter().map(|id| model.metric(*id).header.name.to_string());
            json!({
                "name": example.header.name.as_str(),
                "documentation": example.header.doc,
                "path": path,
                "line": line,
                "metrics": metrics.collect::<Vec<_>>(),
                "holds": tested.holds(),
                "problem": (!tested.holds()).then(|| tested.problem()),
                "differences": differences(&tested.comparison),
            })
        });
        let document = json!({
            "version": VERSION,
            "summary": {
                "examples": self.tested.len(),
                "hold": self.tested.len() - self.failed_examples(),
                "fail": self.failed_examples(),
                "rules": self.rules.len(),
                "rules_fail": self.failed_rules(),
            },
            "examples": examples.collect::<Vec<_>>(),
            "rules": self.rules.iter().map(Proven::json).collect::<Vec<_>>(),
        });
        format!("{document:#}\n")
    }

    /// A test case for each example and each rule, of the class of its file.
    pub(super) fn junit(&self) -> String {
        let project = &self.loaded.project.manifest.project;
        let mut cases = String::new();
        for tested in &self.tested {
            let (path, _) = self.place(tested.example);
            let wrong = (!tested.holds()).then(|| (tested.problem(), tested.detail()));
            case(&mut cases, "example", (&path, &tested.example.header.name), wrong);
        }
        for proven in &self.rules {
            let wrong = (!proven.holds()).then(|| (proven.problem(), proven.problems.join("\n")));
            case(&mut cases, "rule", (&proven.rule.path, &proven.rule.name), wrong);
        }
        let all = self.tested.len() + self.rules.len();
        let counts = format!("tests=\"{all}\" failures=\"{}\" errors=\"0\"", self.failed());
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"groma\" {counts}>\n  \
             <testsuite name=\"{}\" {counts} skipped=\"0\">\n{cases}  </testsuite>\n</testsuites>\n",
            escape(if project.is_empty() { "groma" } else { project })
        )
    }

    /// The file and line of an example, as the reader knows them.
    fn place(&self, example: &Example) -> (String, usize) {
        let span = example.header.span;
        let sources = &self.loaded.project.sources;
        let path = format!("{}{}", self.loaded.prefix, sources.file(span.file).path);
        (path, sources.line_column(span.file, span.start).line)
    }
}

/// A test case of JUnit: where it is declared, its name, and what is wrong with it in short and at length.
fn case(cases: &mut String, kind: &str, (class, name): (&str, &str), wrong: Option<(String, String)>) {
    let (class, name) = (escape(class), escape(name));
    let _ = match wrong {
        None => writeln!(cases, "    <testcase classname=\"{class}\" name=\"{name}\"/>"),
        Some((problem, detail)) => writeln!(
            cases,
            "    <testcase classname=\"{class}\" name=\"{name}\">\n      <failure type=\"{kind}\" message=\"{}\">{}\
             </failure>\n    </testcase>",
            escape(&problem),
            escape(&detail)
        ),
    };
}

/// `7 examples: 6 hold, 1 does not`.
fn summary(all: usize, failed: usize) -> String {
    held(&counted(all, "example"), all, failed)
}

/// How many of those counted hold.
pub(super) fn held(counted: &str, all: usize, failed: usize) -> String {
    let held = all - failed;
    let hold = if held == 1 { "holds" } else { "hold" };
    let not = match failed {
        0 => String::new(),
        1 => ", 1 does not".to_owned(),
        _ => format!(", {failed} do not"),
    };
    format!("{counted}: {held} {hold}{not}")
}

/// Expected and found side by side.
fn table(comparison: &Comparison) -> String {
    let mut columns = Vec::new();
    for (at, column) in comparison.columns.iter().enumerate() {
        let name = column.name.as_str();
        let lines = || comparison.lines.iter();
        if column.key {
            columns.push(text_column(&[name], lines().map(|line| key(line, at)).collect(), CellAlignment::Left));
            continue;
        }
        let alignment = if name == "status" { CellAlignment::Left } else { CellAlignment::Right };
        columns.push(text_column(&[name, "expected"], lines().map(|line| expected(line, at)).collect(), alignment));
        columns.push(text_column(&["", "found"], lines().map(|line| found(line, at)).collect(), alignment));
    }
    if comparison.lines.iter().any(|line| line.expected.is_none() || line.found.is_none()) {
        columns.push(text_column(&[""], comparison.lines.iter().map(note).collect(), CellAlignment::Left));
    }
    draw(&columns)
}

fn text_column(head: &[&str], cells: Vec<String>, alignment: CellAlignment) -> Column {
    Column { head: head.iter().map(|line| (*line).to_owned()).collect(), unit: String::new(), cells, alignment }
}

fn key(line: &Line, at: usize) -> String {
    match (&line.expected, &line.found) {
        (Some(_), _) => expected(line, at),
        (None, _) => found(line, at),
    }
}

fn expected(line: &Line, at: usize) -> String {
    match line.expected.as_ref().map(|cells| cells[at].as_deref()) {
        None => NO_ROW.to_owned(),
        Some(None) => MISSING.to_owned(),
        Some(Some("")) => "\"\"".to_owned(),
        Some(Some(text)) => text.to_owned(),
    }
}

fn found(line: &Line, at: usize) -> String {
    let text = match line.found.as_ref().map(|cells| &cells[at]) {
        None => return NO_ROW.to_owned(),
        Some(Cell::Null) => MISSING.to_owned(),
        Some(Cell::Real(value)) => readable(*value).to_string(),
        Some(cell) => cell.to_string(),
    };
    if line.differs(at) { format!("{DIFFERENT} {text}") } else { text }
}

fn note(line: &Line) -> String {
    match (&line.expected, &line.found) {
        (Some(_), None) => format!("{DIFFERENT} not found"),
        (None, Some(_)) => format!("{DIFFERENT} not expected"),
        _ => String::new(),
    }
}

/// The number without the digits that only a machine's arithmetic gives it.
fn readable(value: f64) -> f64 {
    format!("{value:.*e}", DIGITS - 1).parse().unwrap_or(value)
}

/// The lines with a difference in red.
fn painted(table: &str, colored: bool) -> String {
    if !colored {
        return table.to_owned();
    }
    let paint = |line: &str| match line.contains(DIFFERENT) {
        true => format!("\u{1b}[31m{line}\u{1b}[0m\n"),
        false => format!("{line}\n"),
    };
    table.lines().map(paint).collect()
}

/// The rows that are not as expected.
fn differences(comparison: &Comparison) -> Vec<Value> {
    let names = || comparison.columns.iter().map(|column| column.name.clone());
    let is_other = |line: &&Line| {
        line.expected.is_none() || line.found.is_none() || (0..comparison.columns.len()).any(|at| line.differs(at))
    };
    let difference = |line: &Line| {
        let expected = line.expected.as_ref().map(|cells| {
            let values = cells.iter().map(|cell| cell.as_deref().map_or(Value::Null, Value::from));
            names().zip(values).collect::<Map<String, Value>>()
        });
        let found =
            line.found.as_ref().map(|cells| names().zip(cells.iter().map(value)).collect::<Map<String, Value>>());
        let differs: Vec<String> =
            names().enumerate().filter(|(at, _)| line.differs(*at)).map(|(_, name)| name).collect();
        json!({ "expected": expected, "found": found, "differs": differs })
    };
    comparison.lines.iter().filter(is_other).map(difference).collect()
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Bool(value) => Value::Bool(*value),
        Cell::Int(value) => Value::from(*value),
        Cell::Real(value) => Number::from_f64(*value).map_or(Value::Null, Value::Number),
        Cell::Text(_) | Cell::Date(_) => Value::String(cell.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::compare::tests::comparison;
    use super::*;

    #[test]
    fn expected_and_found_stand_side_by_side() {
        let expected = "
                                 value                 n
 period      metric   region  expected   found  expected  found
───────────────────────────────────────────────────────────────────────────────
 2026-02-01  revenue  north         10  ≠ 12.5         2    ≠ 1
 2026-01-01  revenue  south          ·       ·         0      0
 2026-01-01  revenue  north        0.3     0.3         2      2
 2026-03-01  revenue  north          5       –         1      –  ≠ not found
 2026-01-01  orders   north          –       2         –      2  ≠ not expected
";
        assert_eq!(format!("\n{}", table(&comparison())), expected);
        assert!(painted(expected, true).contains("\u{1b}[31m 2026-03-01"));
        assert_eq!(painted(expected, false), expected);
    }

    #[test]
    fn differences_are_listed_for_programs() {
        let found = differences(&comparison());
        assert_eq!(found.len(), 3);
        assert_eq!(found[0]["differs"], json!(["value", "n"]));
        assert_eq!(found[0]["found"]["value"], json!(12.5));
        assert_eq!(found[1]["found"], Value::Null);
        assert_eq!(found[2]["expected"], Value::Null);
    }

    #[test]
    fn the_summary_counts() {
        assert_eq!(summary(7, 1), "7 examples: 6 hold, 1 does not");
        assert_eq!(summary(1, 0), "1 example: 1 holds");
        assert_eq!(summary(3, 3), "3 examples: 0 hold, 3 do not");
    }

    #[test]
    fn numbers_are_readable() {
        assert_eq!(readable(0.1 + 0.2).to_string(), "0.3");
        assert_eq!(readable(1_234_567.891).to_string(), "1234567.891");
    }
}
