//! The bridge between two versions: per cell what each step on the way from one to the other changes.

use super::Way;
use crate::answer::{Cell, Rows};
use crate::failure::Failure;
use groma_model::SmolStr;
use jiff::civil::{Date, DateTime};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The first column of an answer that is no key of its row.
const VALUE: &str = "value";
/// The columns of an answer that say nothing of the cell itself.
const ASIDE: [&str; 4] = ["metric", "version", "grain", "period"];

/// How far a sum in another order may be off, as a share of the larger value.
const ROUNDING: f64 = 1e-9;

/// The cells of one version, or of what lies between two.
#[derive(Debug, Clone)]
pub(super) struct Side {
    groups: Vec<String>,
    cells: BTreeMap<Key, Measured>,
}

/// A value, or why there is none.
type Measured = Result<f64, String>;

/// A period and its groups.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    pub(super) period: Option<Date>,
    pub(super) groups: Vec<Cell>,
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let groups = || {
            let pairs = self.groups.iter().zip(&other.groups);
            pairs.map(|(one, other)| one.compare(other)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        };
        self.period.cmp(&other.period).then_with(groups)
    }
}

/// One cell of two versions.
pub(super) struct Compared {
    pub(super) key: Key,
    pub(super) one: Option<f64>,
    pub(super) other: Option<f64>,
    pub(super) difference: Option<f64>,
    /// What each part makes of the difference; none without a bridge.
    pub(super) parts: Vec<Option<f64>>,
    pub(super) residual: Option<f64>,
    /// Why there is no bridge.
    pub(super) reason: Option<String>,
}

/// Two versions, cell by cell.
pub(super) struct Bridge {
    pub(super) versions: (u32, u32),
    pub(super) as_of: Option<DateTime>,
    pub(super) groups: Vec<String>,
    /// The parts of the difference by name, with their keys.
    pub(super) parts: Vec<(String, Vec<SmolStr>)>,
    pub(super) cells: Vec<Compared>,
}

impl Side {
    /// The cells of an answer.
    pub(super) fn of(rows: &Rows) -> Self {
        let keys = rows.columns.iter().take_while(|column| *column != VALUE);
        let places: Vec<usize> =
            keys.enumerate().filter(|(_, column)| !ASIDE.contains(&column.as_str())).map(|(at, _)| at).collect();
        let at = |name: &str, row: &[Cell]| rows.position(name).map_or(Cell::Null, |at| row[at].clone());
        let cell = |row: &Vec<Cell>| {
            let period = match at("period", row) {
                Cell::Date(day) => Some(day),
                _ => None,
            };
            let value = match at(VALUE, row) {
                Cell::Real(value) => Ok(value),
                _ => Err(at("status", row).to_string()),
            };
            (Key { period, groups: places.iter().map(|at| row[*at].clone()).collect() }, value)
        };
        let groups = places.iter().map(|at| rows.columns[*at].clone()).collect();
        Self { groups, cells: rows.rows.iter().map(cell).collect() }
    }

    fn get(&self, key: &Key) -> Measured {
        self.cells.get(key).cloned().unwrap_or_else(|| Err("not there".to_owned()))
    }
}

impl Bridge {
    /// The bridge over all cells of the first and the last side.
    pub(super) fn of(
        ways: &[Way],
        sides: &[Side],
        versions: (u32, u32),
        as_of: Option<DateTime>,
    ) -> Result<Self, Failure> {
        let parts: Vec<(String, Vec<SmolStr>)> =
            ways.iter().skip(1).map(|way| (way.name.clone(), way.keys.clone())).collect();
        let (Some(first), Some(last)) = (sides.first(), sides.last()) else {
            return Err(Failure::Bug { what: "a bridge has no sides".to_owned() });
        };
        let mut keys: Vec<&Key> = first.cells.keys().chain(last.cells.keys()).collect();
        keys.sort_unstable();
        keys.dedup();
        let bridge = |key: &&Key| compared(key, sides, versions, &parts);
        let cells = keys.iter().map(bridge).collect::<Result<Vec<_>, _>>()?;
        let groups = if first.groups.len() >= last.groups.len() { &first.groups } else { &last.groups };
        Ok(Self { versions, as_of, groups: groups.clone(), parts, cells })
    }
}

fn compared(
    key: &Key,
    sides: &[Side],
    versions: (u32, u32),
    parts: &[(String, Vec<SmolStr>)],
) -> Result<Compared, Failure> {
    let values: Vec<Measured> = sides.iter().map(|side| side.get(key)).collect();
    let value = |at: usize| values.get(at).and_then(|value| value.as_ref().ok()).copied();
    let (one, other) = (value(0), value(values.len() - 1));
    let difference = one.zip(other).map(|(one, other)| other - one);
    let reason = reason(&values, versions, parts);
    let whole = reason.is_none();
    let steps = (1..values.len()).map(|at| value(at).zip(value(at - 1)).map(|(now, before)| now - before));
    let steps: Vec<Option<f64>> = steps.map(|step| step.filter(|_| whole)).collect();
    let explained: Option<f64> = steps.iter().copied().sum();
    let residual = difference.zip(explained).map(|(difference, explained)| difference - explained);
    if let (Some(residual), Some(one), Some(other)) = (residual, one, other) {
        let largest = values.iter().flatten().fold(one.abs().max(other.abs()), |most, value| most.max(value.abs()));
        if residual.abs() > ROUNDING * largest {
            return Err(Failure::Bug { what: format!("a bridge leaves {residual} unexplained") });
        }
    }
    // What is left is what the order of a sum does to its last digits.
    let residual = residual.map(|_| 0.0);
    Ok(Compared { key: key.clone(), one, other, difference, parts: steps, residual, reason })
}

/// Why there is no bridge: the first value on the way that is not there.
fn reason(values: &[Measured], (one, other): (u32, u32), parts: &[(String, Vec<SmolStr>)]) -> Option<String> {
    let missing = |at: usize| values.get(at).and_then(|value| value.as_ref().err());
    let last = values.len() - 1;
    match (missing(0), missing(last)) {
        (Some(left), Some(right)) if left == right => return Some(format!("both versions: {left}")),
        (Some(why), _) => return Some(format!("version {one}: {why}")),
        (None, Some(why)) => return Some(format!("version {other}: {why}")),
        (None, None) => {}
    }
    let at = (1..last).find(|at| missing(*at).is_some())?;
    let names: Vec<&str> = parts[..at].iter().filter(|part| !part.1.is_empty()).map(|part| part.0.as_str()).collect();
    Some(format!("with only the {} of version {other}: {}", names.join(" and "), missing(at)?))
}
