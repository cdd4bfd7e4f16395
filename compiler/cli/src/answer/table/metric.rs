//! The columns of a metric: its value, with an interval where there is one, the change since the period before, the weighted
//! value.

use super::mark::Marks;
use super::pivot::{Found, Pivot};
use super::{Column, Shown};
use crate::answer::number::{MISSING, Style};
use comfy_table::CellAlignment;
use groma_model::unit::Unit;
use unicode_width::UnicodeWidthStr as _;

/// Columns that belong together.
pub(super) struct Block {
    pub(super) columns: Vec<Column>,
}

impl Block {
    /// A metric without steps, or with its steps one below the other.
    pub(super) fn of(pivot: &Pivot, metric: &Shown<'_>, mut marks: Marks<'_>) -> Self {
        let found = pivot.column(metric.name, 0);
        let style = style(metric, &found);
        let unit = if style.names_unit() { String::new() } else { unit_line(metric.unit) };
        let values = values(&found, &style, &mut marks);
        let mut columns = vec![column(metric.name, &unit, values)];
        if found.iter().any(|found| found.change.is_some() || found.verdict.is_some()) {
            columns.push(column("change", "", changes(&found, &style, &mut marks)));
        }
        if found.iter().any(|found| found.weighted.is_some()) {
            columns.push(column("weighted", &unit, written(&found, |found| found.weighted, &style)));
            let effective = Style::of(&Unit::base("points"), &[]);
            columns.push(column("effective n", "", written(&found, |found| found.effective, &effective)));
            let share = Style::of(&Unit::Percent, &[]);
            columns.push(column("largest", "", written(&found, |found| found.largest, &share)));
        }
        Self { columns }
    }

    /// A metric's steps, each a block.
    pub(super) fn of_steps(pivot: &Pivot, metric: &Shown<'_>, mut marks: Marks<'_>) -> Vec<Self> {
        let steps: Vec<Vec<Found>> = (0..pivot.steps.len()).map(|step| pivot.column(metric.name, step)).collect();
        let style = style(metric, &steps.concat());
        let step = |(name, found): (&String, &Vec<Found>)| {
            let cells = found.iter().map(|found| marks.cell(found, &|value| style.bare(value))).collect();
            Self { columns: vec![column(name, "", cells)] }
        };
        pivot.steps.iter().zip(&steps).map(step).collect()
    }

    pub(super) fn width(&self) -> usize {
        self.columns.iter().map(Column::width).sum()
    }

    /// Breaks the names at `_` and `.`, into lines as wide as the numbers or the longest word.
    pub(super) fn wrap_heads(&mut self) {
        self.columns.iter_mut().for_each(wrap_head);
    }
}

/// What stands above a table of steps: `retention (%) by month after the anchor`.
pub(super) fn title(metric: &Shown<'_>, pivot: &Pivot) -> String {
    let found: Vec<Found> = (0..pivot.steps.len()).flat_map(|step| pivot.column(metric.name, step)).collect();
    let unit = style(metric, &found).unit_word().map_or_else(|| unit_line(metric.unit), str::to_owned);
    let unit = if unit.is_empty() { unit } else { format!(" ({unit})") };
    let step = if metric.step.is_empty() { "step" } else { &metric.step };
    format!("{}{unit} by {step}", metric.name)
}

fn style(metric: &Shown<'_>, found: &[Found]) -> Style {
    Style::of(metric.unit, &found.iter().filter_map(|found| found.value).collect::<Vec<_>>())
}

fn column(head: &str, unit: &str, cells: Vec<String>) -> Column {
    Column { head: vec![head.to_owned()], unit: unit.to_owned(), cells, alignment: CellAlignment::Right }
}

fn written(found: &[Found], number: fn(&Found) -> Option<f64>, style: &Style) -> Vec<String> {
    found.iter().map(|found| number(found).map_or_else(|| MISSING.to_owned(), |number| style.write(number))).collect()
}

/// The values with their intervals.
fn values(found: &[Found], style: &Style, marks: &mut Marks<'_>) -> Vec<String> {
    let text = |found: &Found| {
        let text = marks.cell(found, &|value| style.write(value));
        if found.value.is_some() { Text::Number(text) } else { Text::Instead(text) }
    };
    side_by_side(found.iter().map(text).collect(), &intervals(found, style))
}

/// `± 1.1` where the ends are as far from the value throughout the column, else `(10.1 – 14.5)`.
fn intervals(found: &[Found], style: &Style) -> Vec<String> {
    let ends = |found: &Found| Some((found.value?, found.low?, found.high?));
    let even = found.iter().filter_map(ends).all(|(value, low, high)| style.looks_equal(value - low, high - value));
    let text = |found: &Found| match ends(found) {
        Some((_, low, high)) if even => format!(" ± {}", style.bare((high - low) / 2.0)),
        Some((_, low, high)) => format!(" ({} – {})", style.bare(low), style.bare(high)),
        None => String::new(),
    };
    found.iter().map(text).collect()
}

/// The changes with their verdicts.
fn changes(found: &[Found], style: &Style, marks: &mut Marks<'_>) -> Vec<String> {
    let change = |found: &Found| match found.change {
        Some(change) => Text::Number(style.difference(change)),
        None => Text::Instead(MISSING.to_owned()),
    };
    let verdict = |found: &Found| match marks.verdict(found, &|change| style.bare(change)) {
        nothing if nothing.is_empty() => nothing,
        verdict => format!(" {verdict}"),
    };
    let verdicts: Vec<String> = found.iter().map(verdict).collect();
    side_by_side(found.iter().map(change).collect(), &verdicts)
}

/// The first part of a cell.
enum Text {
    Number(String),
    /// What stands there instead of a number and all that would follow it.
    Instead(String),
}

/// Numbers to the right and what follows them to the left of one line through the column.
fn side_by_side(texts: Vec<Text>, behind: &[String]) -> Vec<String> {
    let number = |text: &Text| if let Text::Number(number) = text { number.width() } else { 0 };
    let before = texts.iter().map(number).max().unwrap_or(0);
    let after = behind.iter().map(|text| text.width()).max().unwrap_or(0);
    let pair = |(text, behind): (Text, &String)| match text {
        Text::Instead(text) => text,
        Text::Number(number) => {
            let [left, right] = [before - number.width(), after - behind.width()].map(|blanks| " ".repeat(blanks));
            format!("{left}{number}{behind}{right}")
        }
    };
    texts.into_iter().zip(behind).map(pair).collect()
}

/// What stands below the name of a metric.
fn unit_line(unit: &Unit) -> String {
    match unit {
        Unit::Any | Unit::None => String::new(),
        Unit::Percent => "%".to_owned(),
        unit => unit.to_string(),
    }
}

fn wrap_head(column: &mut Column) {
    let name = column.head.concat();
    let words: Vec<&str> = name.split_inclusive(['_', '.']).collect();
    let longest = words.iter().map(|word| word.width()).max().unwrap_or(0);
    let limit = longest.max(column.cells_width()).max(column.unit.width());
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.width() + word.width() <= limit => line.push_str(word),
            _ => lines.push(word.to_owned()),
        }
    }
    column.head = lines;
}
