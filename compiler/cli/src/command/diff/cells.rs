//! The cells of two answers, side by side.

use crate::answer::period;
use crate::answer::rows::{Cell, Rows};
use crate::differences::{MetricData, Mover};
use groma_model::time::{Calendar, Grain};
use std::collections::BTreeMap;

/// How far apart equal numbers may be, of their size: two engines may add the same rows in another order.
const TOLERANCE: f64 = 1e-9;
/// As many of the largest differences are shown.
const MOVERS: usize = 10;
/// Columns before the value that are no part of a cell's place.
const NO_PLACE: [&str; 3] = ["metric", "version", "grain"];
/// Of a cell that is there and not shown: a rule about small cells hides it, and alters nothing.
const SUPPRESSED: &str = "suppressed";

/// The cells of an answer, by their places.
#[derive(Default)]
pub(super) struct Cells(BTreeMap<String, Value>);

struct Value {
    period: Cell,
    /// The groupings, and the step of a funnel, with what they are here.
    groups: Vec<(String, String)>,
    value: Cell,
    n: Cell,
    status: String,
}

impl Cells {
    /// The cells of an answer that is grouped by these.
    pub(super) fn of(rows: &Rows, groupings: &[&str]) -> Self {
        let value = rows.position("value").unwrap_or(rows.columns.len());
        let places: Vec<usize> = (0..value).filter(|at| !NO_PLACE.contains(&rows.columns[*at].as_str())).collect();
        let cell = |row: &[Cell], name: &str| rows.position(name).map_or(Cell::Null, |at| row[at].clone());
        let of_row = |row: &Vec<Cell>| {
            let key = places.iter().map(|at| format!("{:?}\u{1f}", row[*at])).collect();
            let named = |at: &usize| {
                let column = rows.columns[*at].as_str();
                (groupings.contains(&column) || row[*at] != Cell::Null)
                    .then(|| (column.to_owned(), row[*at].to_string()))
            };
            let groups = places.iter().filter(|at| rows.columns[**at] != "period").filter_map(named).collect();
            let status = cell(row, "status").to_string();
            (key, Value { period: cell(row, "period"), groups, value: cell(row, "value"), n: cell(row, "n"), status })
        };
        Self(rows.rows.iter().map(of_row).collect())
    }
}

/// How many cells are the same, and the largest differences.
#[derive(Default)]
pub(super) struct Tally {
    data: MetricData,
    /// By how far they moved.
    movers: Vec<(f64, Mover)>,
}

impl Tally {
    /// Counts the cells of the base and of the head; `movers` is the grain of those whose differences are to be shown.
    pub(super) fn count(&mut self, cells: &[Cells; 2], movers: Option<Grain>, calendar: &Calendar) {
        let [base, head] = cells;
        for (place, before) in &base.0 {
            match head.0.get(place) {
                Some(after) if same(before, after) => self.data.same += 1,
                Some(_) => self.data.changed += 1,
                None => self.data.only_base += 1,
            }
        }
        self.data.only_head += head.0.keys().filter(|place| !base.0.contains_key(*place)).count();
        let Some(grain) = movers else { return };
        let places: std::collections::BTreeSet<&String> = base.0.keys().chain(head.0.keys()).collect();
        for place in places {
            let (before, after) = (base.0.get(place), head.0.get(place));
            if !before.zip(after).is_some_and(|(before, after)| same(before, after)) {
                self.movers.extend(mover(before, after, grain, calendar));
            }
        }
    }

    /// All that was counted.
    pub(super) fn into_data(mut self, metric: &str) -> MetricData {
        self.movers.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        self.movers.truncate(MOVERS);
        let movers = self.movers.into_iter().map(|(_, mover)| mover).collect();
        MetricData { metric: metric.to_owned(), movers, ..self.data }
    }
}

fn same(before: &Value, after: &Value) -> bool {
    if before.status == SUPPRESSED || after.status == SUPPRESSED {
        return true;
    }
    let equal = match (before.value.number(), after.value.number()) {
        (Some(one), Some(other)) => (one - other).abs() <= TOLERANCE * one.abs().max(other.abs()),
        _ => before.value == after.value,
    };
    equal && before.n == after.n && before.status == after.status
}

fn mover(before: Option<&Value>, after: Option<&Value>, grain: Grain, calendar: &Calendar) -> Option<(f64, Mover)> {
    let shown = after.or(before)?;
    let value = |side: Option<&Value>| side.and_then(|side| side.value.number());
    let text =
        |side: Option<&Value>| side.map(|side| &side.value).filter(|cell| **cell != Cell::Null).map(Cell::to_string);
    let difference = value(after).zip(value(before)).map(|(after, before)| after - before);
    let far = difference.or_else(|| value(after)).or_else(|| value(before)).unwrap_or_default().abs();
    let period = match &shown.period {
        Cell::Date(start) => period::label(grain, *start, calendar),
        other => other.to_string(),
    };
    let mover = Mover {
        period,
        groups: shown.groups.clone(),
        base: text(before),
        head: text(after),
        difference: difference.map(written),
    };
    Some((far, mover))
}

/// A difference of doubles, without the digits that the subtraction made up.
fn written(difference: f64) -> String {
    let rounded: f64 = format!("{difference:.9e}").parse().unwrap_or(difference);
    if rounded > 0.0 { format!("+{rounded}") } else { rounded.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn rows(values: &[(i8, &str, f64)]) -> Rows {
        let columns = ["metric", "version", "grain", "period", "region", "value", "n", "status"];
        let row = |(month, region, value): &(i8, &str, f64)| {
            vec![
                Cell::Text("revenue".to_owned()),
                Cell::Int(1),
                Cell::Text("month".to_owned()),
                Cell::Date(date(2026, *month, 1)),
                Cell::Text((*region).to_owned()),
                Cell::Real(*value),
                Cell::Int(3),
                Cell::Text("settled".to_owned()),
            ]
        };
        Rows { columns: columns.map(str::to_owned).into(), rows: values.iter().map(row).collect() }
    }

    fn tally(base: &Rows, head: &Rows) -> MetricData {
        let mut tally = Tally::default();
        let cells = [Cells::of(base, &["region"]), Cells::of(head, &["region"])];
        tally.count(&cells, Some(Grain::Month), &Calendar::default());
        tally.into_data("revenue")
    }

    #[test]
    fn cells_are_counted_and_the_largest_differences_stand_first() {
        let base = rows(&[(1, "north", 10.0), (1, "south", 5.0), (2, "north", 7.0), (3, "north", 1.0)]);
        let head = rows(&[(1, "north", 10.000000001), (1, "south", 5.25), (2, "north", 3.0), (4, "north", 0.5)]);
        let data = tally(&base, &head);
        assert_eq!((data.same, data.changed, data.only_base, data.only_head), (1, 2, 1, 1));
        let movers: Vec<(&str, &str, Option<&str>)> = data
            .movers
            .iter()
            .map(|mover| (mover.period.as_str(), mover.groups[0].1.as_str(), mover.difference.as_deref()))
            .collect();
        let expected = [
            ("2026-02", "north", Some("-4")),
            ("2026-03", "north", None),
            ("2026-04", "north", None),
            ("2026-01", "south", Some("+0.25")),
        ];
        assert_eq!(movers, expected);
    }

    #[test]
    fn a_hidden_cell_is_not_altered() {
        let base = rows(&[(1, "north", 10.0)]);
        let mut head = base.clone();
        head.rows[0][5..].clone_from_slice(&[Cell::Null, Cell::Null, Cell::Text("suppressed".to_owned())]);
        assert_eq!(tally(&base, &head).same, 1);
    }

    #[test]
    fn a_status_is_a_part_of_a_cell() {
        let base = rows(&[(1, "north", 10.0)]);
        let mut head = base.clone();
        head.rows[0][7] = Cell::Text("provisional".to_owned());
        assert_eq!(tally(&base, &head).changed, 1);
    }
}
