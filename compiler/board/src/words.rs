//! What a number is, in words.

use crate::page::{Break, Cell, Goal, Metric, Tile};
use crate::series::{Series, clean, periods, series, shortened, step_name};

/// What the status of a cell means to a reader.
pub(crate) fn status(cell: &Cell) -> String {
    let matured = cell.matured.filter(|share| (0.0..=1.0).contains(share));
    match (cell.status.as_str(), matured) {
        ("settled", _) => "settled".to_owned(),
        ("provisional", Some(share)) if share < 1.0 => {
            format!("provisional: may still change, {} % complete", percent(share))
        }
        ("provisional", _) => "provisional: may still change".to_owned(),
        ("immature", Some(share)) => format!("too early: {} % complete", percent(share)),
        ("immature", None) => "too early to say".to_owned(),
        ("insufficient", _) => "too few for a number".to_owned(),
        ("undefined", _) => "not defined: nothing to measure".to_owned(),
        ("suppressed", _) => "withheld: it could say something about single people".to_owned(),
        (other, _) => other.to_owned(),
    }
}

/// A share that is not complete never reads 100 %.
fn percent(share: f64) -> f64 {
    (share * 100.0).floor()
}

/// What a verdict means, beside the change it is about.
pub(crate) fn verdict(verdict: &str) -> &str {
    match verdict {
        "real and large enough" => "a real change, large enough to matter",
        "real but small" => "a real change, too small to matter",
        "not distinguishable" => "not distinguishable from no change",
        "too few to tell" => "too few to tell whether it changed",
        other => other,
    }
}

/// `better` or `worse` for a change that is real and large enough; nothing is either otherwise.
pub(crate) fn direction(cell: &Cell, metric: Option<&Metric>) -> Option<&'static str> {
    let change = cell.change.filter(|change| *change != 0.0 && change.is_finite())?;
    let better = metric?.better.as_deref()?;
    (cell.verdict.as_deref() == Some("real and large enough")).then(|| match (better == "higher", change > 0.0) {
        (true, true) | (false, false) => "better",
        _ => "worse",
    })
}

/// A bound as the value beside it is written: multiplied, with its decimals and separators.
pub(crate) fn like(value: f64, cell: &Cell, metric: Option<&Metric>) -> String {
    let value = value * metric.map_or(1.0, |metric| metric.factor);
    let number = bare(&cell.shown);
    let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let written = format!("{value:.decimals$}");
    let zero = written.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.'));
    let (sign, digits) = match written.strip_prefix('-') {
        Some(digits) => (if zero { "" } else { "-" }, digits),
        None => ("", written.as_str()),
    };
    match digits.split_once('.') {
        Some((whole, decimals)) => format!("{sign}{}.{decimals}", separated(whole)),
        None => format!("{sign}{}", separated(digits)),
    }
}

/// The number of a text that says a number and its unit.
pub(crate) fn bare(shown: &str) -> &str {
    let end = shown.rfind(|char: char| char.is_ascii_digit()).map_or(0, |place| place + 1);
    &shown[..end]
}

/// The number of a cell where there is little room: amounts of a thousand and more without cents.
pub(crate) fn brief(cell: &Cell, metric: Option<&Metric>) -> String {
    let number = bare(&cell.shown);
    let value = cell.drawn().map(|value| value * metric.map_or(1.0, |metric| metric.factor));
    match value.filter(|value| (1e3..1e15).contains(&value.abs()) && number.contains('.')) {
        Some(value) => {
            let sign = if value < 0.0 { "-" } else { "" };
            format!("{sign}{}", separated(&format!("{:.0}", value.abs())))
        }
        None => clean(number),
    }
}

/// What stands behind the number of a text: ` points`.
pub(crate) fn behind(shown: &str) -> &str {
    &shown[bare(shown).len()..]
}

/// The digits with a comma between thousands.
pub(crate) fn separated(digits: &str) -> String {
    let mut written = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) && digits.is_ascii() {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

/// The number of things a cell counts.
pub(crate) fn count(n: i64) -> String {
    if n < 0 { format!("-{}", separated(&n.unsigned_abs().to_string())) } else { separated(&n.to_string()) }
}

/// `31.2 to 37.0`.
pub(crate) fn interval(cell: &Cell, metric: Option<&Metric>) -> Option<String> {
    let (low, high) = cell.interval()?;
    Some(format!("{} to {}", like(low, cell, metric), like(high, cell, metric)))
}

/// All that a cell says, for who points at it.
pub(crate) fn tip(series: &Series<'_>, cell: &Cell) -> String {
    let mut place = vec![series.name.clone(), clean(&cell.period_label)];
    place.extend(cell.step.as_deref().map(step_name));
    let mut said = Vec::new();
    if cell.drawn().is_some() {
        said.push(cell.shown.clone());
        said.extend(interval(cell, series.metric).map(|interval| format!("interval {interval}")));
    } else {
        said.push(status(cell));
    }
    said.extend(cell.n.map(|n| format!("n = {}", count(n))));
    if let (Some(change), Some(_)) = (&cell.change_shown, cell.drawn()) {
        let why = cell.verdict.as_deref().map(|word| format!(" ({})", verdict(word))).unwrap_or_default();
        said.push(format!("change {change}{why}"));
    }
    if cell.drawn().is_some() && !cell.is_settled() {
        said.push(status(cell));
    }
    format!("{}: {}", place.join(", "), said.join("; "))
}

/// `goal 40 points, enforced`.
pub(crate) fn goal(goal: &Goal) -> String {
    let phase = goal.phase.map(|phase| format!(", {phase}")).unwrap_or_default();
    format!("goal {}{phase}", clean(&goal.shown).replace(".0 ", " "))
}

/// Whether a number reaches its goal.
pub(crate) fn reached(value: f64, goal: &Goal, metric: Option<&Metric>) -> &'static str {
    match (metric.and_then(|metric| metric.better.as_deref()), value >= goal.value, value <= goal.value) {
        (Some("higher"), true, _) | (Some("lower"), _, true) => "reached",
        (Some("higher" | "lower"), ..) => "not reached",
        (_, true, true) => "equal",
        (_, true, _) => "the value is above",
        _ => "the value is below",
    }
}

/// What stands at a break of a chart: `version 2`, `restated`.
pub(crate) fn short_break(mark: &Break) -> String {
    let words = clean(&mark.words);
    let head = words.split(':').next().unwrap_or_default();
    let head = head.split(" from ").next().unwrap_or_default();
    shortened(if head.is_empty() { "changed" } else { head }, 24)
}

/// The newest cell of a series that has a value, and the newest cell at all.
pub(crate) fn newest<'a>(series: &Series<'a>) -> (Option<&'a Cell>, Option<&'a Cell>) {
    let by_period = |cell: &&&Cell| (cell.period.clone(), cell.step_number);
    let with_value = series.cells.iter().filter(|cell| cell.drawn().is_some()).max_by_key(by_period);
    (with_value.copied(), series.cells.iter().max_by_key(by_period).copied())
}

/// The chart in two sentences, for who does not see it.
pub(crate) fn description(tile: &Tile) -> String {
    let kind = match tile.mark {
        "number" => "Number with its history",
        "line" => "Line chart",
        "bar" => "Bar chart",
        "heatmap" => "Heat map",
        "funnel" => "Funnel",
        _ => "Table",
    };
    let periods = periods(tile);
    let span = match (periods.first(), periods.last()) {
        (Some((_, first)), Some((_, last))) if first != last => format!(", {first} to {last}"),
        (Some((_, only)), _) => format!(", {only}"),
        _ => String::new(),
    };
    let all = series(tile);
    let mut said: Vec<String> = all.iter().filter(|series| series.rank.is_some()).map(said).collect();
    if all.len() > said.len() {
        said.push(format!("and {} more in the table", all.len() - said.len()));
    }
    let newest = if said.is_empty() { "There are no numbers yet".to_owned() } else { said.join("; ") };
    format!("{kind}: {}, by {}{}. {newest}.", clean(&tile.title), tile.grain.replace('_', " "), clean(&span))
}

/// The newest value of a series.
fn said(series: &Series<'_>) -> String {
    match newest(series) {
        (Some(cell), _) => {
            let step = cell.step.as_deref().map(|step| format!(", {}", step_name(step))).unwrap_or_default();
            format!("{} {} in {}{step}", series.name, clean(&cell.shown), clean(&cell.period_label))
        }
        (None, Some(cell)) => format!("{}: {}", series.name, status(cell)),
        (None, None) => series.name.clone(),
    }
}
