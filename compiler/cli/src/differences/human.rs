//! A comparison for a reviewer in a terminal: one line that says whether it rewrites history, then each change.

use super::{Differences, MetricData, Mover, Side, words};
use crate::drawing::wrapped;
use crate::findings::counted;
use groma_history::{Assessed, Need};
use groma_model::change::{Class, Part};
use unicode_width::UnicodeWidthStr as _;

/// The lines of a text that are shown on each side.
const EXCERPT: usize = 8;
/// What is built from a change: as many as are named.
const DOWNSTREAM: usize = 6;
/// The ways of an inherited change that are named.
const PATHS: usize = 3;

/// How things are painted; nothing where there is no colour.
#[derive(Debug, Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn with(self, style: &str, text: &str) -> String {
        if self.0 && !text.is_empty() { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn class(self, class: Class) -> String {
        self.with(style(class), class.word())
    }
}

fn style(class: Class) -> &'static str {
    match class {
        Class::Removing | Class::Restating => "1;31",
        Class::Forward => "1;33",
        Class::Additive => "1;32",
        Class::Policy => "1;36",
        Class::Descriptive | Class::Cosmetic => "2",
    }
}

/// The text, with a newline at its end.
pub fn render(differences: &Differences<'_>, columns: usize, color: bool) -> String {
    let (width, paint) = (columns.clamp(40, 120), Paint(color));
    let summary = &differences.summary;
    let headline = if differences.rewrites_history() { "1;31" } else { "1" };
    let mut text = String::new();
    for line in wrapped(&summary.verdict(), width) {
        text.push_str(&format!("{}\n", paint.with(headline, &line)));
    }
    let [base, head] =
        [&differences.compared.base, &differences.compared.head].map(|side| words::revision(&side.revision));
    text.push_str(&format!("{}\n", paint.with("2", &format!("{base} → {head}"))));
    for one in differences.changes() {
        text.push('\n');
        Entry { differences, one, width, paint }.write(&mut text);
    }
    if let Some(data) = differences.data {
        text.push('\n');
        for line in wrapped(&format!("on {}: {}", words::visible(&data.target), data.verdict()), width) {
            text.push_str(&format!("{}\n", paint.with("1", &line)));
        }
        data.metrics.iter().for_each(|metric| metric_data(metric, width, &mut text));
    }
    text
}

/// A change as it is written.
struct Entry<'a> {
    differences: &'a Differences<'a>,
    one: &'a Assessed,
    width: usize,
    paint: Paint,
}

impl Entry<'_> {
    fn write(&self, text: &mut String) {
        let one = self.one;
        let frozen = match one.frozen.is_empty() {
            true => String::new(),
            false => format!(", frozen in {}", words::visible(&one.frozen.join(", "))),
        };
        let since = one.change.since.map(|day| format!(", from {day} on")).unwrap_or_default();
        let class = one.change.class;
        let title = words::titled(self.differences, one);
        let line = format!("{} {title}, {}{since}{frozen}", class.word(), words::reach(one, PATHS));
        for (index, line) in self.wrapped(&line, 2).into_iter().enumerate() {
            match line.strip_prefix(class.word()).filter(|_| index == 0) {
                Some(rest) => text.push_str(&format!("{}{rest}\n", self.paint.class(class))),
                None => text.push_str(&format!("{line}\n")),
            }
        }
        if let Some((side, place)) = self.differences.place(one) {
            let gone = if side == Side::Base { " before" } else { "" };
            let place = words::visible(&format!("  {}:{}:{}{gone}", place.path, place.line, place.column));
            text.push_str(&format!("{}\n", self.paint.with("2", &place)));
        }
        one.change.parts.iter().for_each(|part| self.part(part, text));
        for undecided in &one.change.undecided {
            self.line("  undecided: ", "33", undecided, text);
        }
        let downstream: Vec<String> = one.change.downstream.iter().map(words::subject).collect();
        if !downstream.is_empty() {
            self.line("  reaches: ", "1", &words::listed(&downstream, DOWNSTREAM, ", "), text);
        }
        one.needs.iter().for_each(|need| self.need(need, text));
    }

    fn part(&self, part: &Part, text: &mut String) {
        for line in self.wrapped(&format!("  {}", words::visible(&part.words)), 0) {
            text.push_str(&format!("{line}\n"));
        }
        let [old, new] = words::excerpts(part.before.as_deref(), part.after.as_deref(), EXCERPT);
        for (sign, style, lines) in [('-', "31", old), ('+', "32", new)] {
            let broken = lines.iter().flat_map(|line| broken(line, self.width - 6));
            for (index, line) in broken.enumerate() {
                let sign = if index == 0 || lines.len() > 1 { sign } else { ' ' };
                text.push_str(&format!("    {}\n", self.paint.with(style, &format!("{sign} {line}"))));
            }
        }
    }

    fn need(&self, need: &Need, text: &mut String) {
        let style = if need.is_met() { "32" } else { "1;31" };
        let reason = words::reason(need).map(|reason| format!(" {reason}")).unwrap_or_default();
        self.line("  approval: ", style, &format!("{}{reason}, {}", words::need(need), words::state(need)), text);
    }

    /// A line with a word before it.
    fn line(&self, label: &str, style: &str, content: &str, text: &mut String) {
        for (index, line) in self.wrapped(&format!("{label}{}", words::visible(content)), 0).into_iter().enumerate() {
            match line.strip_prefix(label.trim_end()).filter(|_| index == 0) {
                Some(rest) => text.push_str(&format!("{}{rest}\n", self.paint.with(style, label.trim_end()))),
                None => text.push_str(&format!("{line}\n")),
            }
        }
    }

    /// A line broken at blanks; what follows stands further in.
    fn wrapped(&self, line: &str, further: usize) -> Vec<String> {
        let lines = wrapped(line, self.width - further);
        let indented =
            |(index, line): (usize, String)| if index == 0 { line } else { format!("{:further$}{line}", "") };
        lines.into_iter().enumerate().map(indented).collect()
    }
}

/// A line of somebody's text, broken where it must be; its blanks at the beginning stay.
fn broken(line: &str, width: usize) -> Vec<String> {
    if line.width() <= width {
        return vec![line.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in line.split_inclusive(' ') {
        for piece in pieces(word, width) {
            match lines.last_mut() {
                Some(last) if last.width() + piece.trim_end().width() <= width => last.push_str(piece),
                _ => lines.push(piece.to_owned()),
            }
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// A word without blanks in parts that fit.
fn pieces(word: &str, width: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = word;
    while rest.trim_end().width() > width {
        let mut end = 0;
        for (at, character) in rest.char_indices() {
            if rest[..at + character.len_utf8()].width() > width {
                break;
            }
            end = at + character.len_utf8();
        }
        // A character that is wider than the line still has to go somewhere.
        let end = if end == 0 { rest.chars().next().map_or(rest.len(), char::len_utf8) } else { end };
        pieces.push(&rest[..end]);
        rest = &rest[end..];
    }
    pieces.push(rest);
    pieces
}

fn metric_data(metric: &MetricData, width: usize, text: &mut String) {
    let counts = match &metric.not_run {
        Some(why) => format!("not run: {}", words::visible(why)),
        None => cells(metric),
    };
    for line in wrapped(&format!("  {}: {counts}", words::visible(&metric.metric)), width) {
        text.push_str(&format!("{line}\n"));
    }
    for mover in &metric.movers {
        for line in wrapped(&format!("    {}", words::visible(&moved(mover))), width) {
            text.push_str(&format!("{line}\n"));
        }
    }
}

/// `12 cells same, 3 changed, 1 only before, 2 only after`.
pub(super) fn cells(metric: &MetricData) -> String {
    let others = [(metric.changed, "changed"), (metric.only_base, "only before"), (metric.only_head, "only after")];
    let others = others.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!(", {number} {word}"));
    format!("{} same{}", counted(metric.same, "cell"), others.collect::<String>())
}

/// `2026-01-01, country de: 10.00 → 12.50 (+2.50)`.
pub(super) fn moved(mover: &Mover) -> String {
    let groups: String = mover.groups.iter().map(|(name, value)| format!(", {name} {value}")).collect();
    let [base, head] = [&mover.base, &mover.head].map(|value| value.as_deref().unwrap_or("nothing"));
    let difference = mover.difference.as_deref().map(|by| {
        let sign = if by.starts_with(['-', '+']) { "" } else { "+" };
        format!(" ({sign}{by})")
    });
    format!("{}{groups}: {base} → {head}{}", mover.period, difference.unwrap_or_default())
}
