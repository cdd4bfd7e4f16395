//! Axes of periods and of values.

use serde_json::{Map, Value, json};

use crate::page::Tile;
use crate::scale::Scale;
use crate::series::{clean, date, periods};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// No more ticks than this, so that they can be read on a phone.
const MOST_TICKS: usize = 12;

/// The places of the periods that get a tick: all, or the first of quarters or years, or every so many up to the last.
fn ticks(tile: &Tile, periods: &[(&str, &str)]) -> Vec<usize> {
    let all = 0..periods.len();
    if periods.len() <= MOST_TICKS {
        return all.collect();
    }
    let month = |place: &usize| date(periods[*place].0).map(|(_, month, _)| month);
    let starts: &[&[usize]] = match tile.grain {
        "month" => &[&[1, 4, 7, 10], &[1]],
        "quarter" => &[&[1]],
        _ => &[],
    };
    for starts in starts {
        let some: Vec<usize> = all.clone().filter(|place| month(place).is_some_and(|m| starts.contains(&m))).collect();
        if (2..=MOST_TICKS).contains(&some.len()) {
            return some;
        }
    }
    let every = periods.len().div_ceil(8);
    all.filter(|place| (periods.len() - 1 - place).is_multiple_of(every)).collect()
}

/// The short name of a period, and the year behind it where one begins.
fn short(grain: &str, period: &str, label: &str, with_year: bool) -> Vec<String> {
    let Some((year, month, day)) = date(period) else { return vec![clean(label)] };
    let head = match grain {
        "day" | "week" => format!("{day} {}", MONTHS[month - 1]),
        "month" => MONTHS[month - 1].to_owned(),
        "quarter" => format!("Q{}", (month - 1) / 3 + 1),
        "year" => return vec![year.to_string()],
        // A fiscal period is called what the project calls it.
        _ => return label.split_whitespace().rev().map(clean).collect(),
    };
    if with_year { vec![head, year.to_string()] } else { vec![head] }
}

/// The labels of a column of periods: short, each with its year.
pub(crate) fn short_labels(tile: &Tile) -> Map<String, Value> {
    let label = |(period, label): &(&str, &str)| {
        let words = match date(period) {
            Some(_) if matches!(tile.grain, "day" | "week" | "month" | "quarter" | "year") => {
                short(tile.grain, period, label, true).join(" ")
            }
            _ => clean(label),
        };
        ((*period).to_owned(), json!(words))
    };
    periods(tile).iter().map(label).collect()
}

/// The axis of periods, and the words of its labels by period.
pub(super) fn of_periods(tile: &Tile, kind: &str) -> (Value, Value) {
    let periods = periods(tile);
    let ticks = ticks(tile, &periods);
    let mut labels = Map::new();
    let mut year_before = None;
    for place in &ticks {
        let (period, label) = periods[*place];
        let year = date(period).map(|(year, _, _)| year);
        labels.insert(period.to_owned(), json!(short(tile.grain, period, label, year != year_before)));
        year_before = year;
    }
    let domain: Vec<&str> = periods.iter().map(|(period, _)| *period).collect();
    let values: Vec<&str> = ticks.iter().map(|place| periods[*place].0).collect();
    let mut scale = json!({ "type": kind, "domain": domain });
    scale["padding"] = if kind == "point" { json!(0.3) } else { json!(0.25) };
    let axis = json!({
        "field": "period", "type": "ordinal", "scale": scale,
        "axis": {
            "title": null, "values": values, "labelExpr": "labels[datum.value]", "labelAngle": 0, "labelOverlap": "greedy",
            "labelSeparation": 4, "labelBaseline": "top", "domain": true, "domainColor": "#c6cbd1",
        },
    });
    (axis, Value::Object(labels))
}

/// The axis of values, with the unit above it.
pub(super) fn of_values(scale: &Scale, unit: Option<&str>) -> Value {
    let title = unit.filter(|unit| *unit != "%").map(clean);
    json!({
        "field": "y", "type": "quantitative",
        "scale": { "domain": [scale.low, scale.high], "nice": false, "zero": false },
        "axis": {
            "title": title, "titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleX": 2, "titleY": -12,
            "titleBaseline": "bottom", "values": scale.ticks, "labelExpr": scale.label(unit), "grid": true,
        },
    })
}
