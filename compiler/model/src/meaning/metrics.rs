//! What metrics mean, over the versions that hold one after the other.

use super::{Cells, Digest, Era, FORM, Meaning, digest};
use crate::canonical::{self, Form, Forms, sorted};
use crate::model::{Grouping, Metric, Status};
use crate::schema::Kind;
use jiff::civil::Date;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Something that holds from a day on, until the next.
type Since<T> = Vec<(Option<Date>, T)>;

/// What is known of a metric so far: neighbours are different.
#[derive(Default)]
struct Line {
    direct: Since<Digest>,
    pieces: Since<Digest>,
    sealed: Since<Digest>,
    cells: Cells,
    /// In one of the eras.
    is_broken: bool,
}

/// The metrics of all eras that are not broken in any.
pub(super) fn of(eras: &[Era<'_>]) -> BTreeMap<SmolStr, Meaning> {
    let mut lines: BTreeMap<SmolStr, Line> = BTreeMap::new();
    for era in eras {
        let written = era.model.declarations.of(Kind::Metric);
        Forms::read(era.model, Form::Two, |forms, id, value| {
            let metric = era.model.metric(id);
            let line = lines.entry(metric.header.name.clone()).or_default();
            line.is_broken |= metric.header.broken;
            if line.is_broken {
                return;
            }
            if let Some(declared) = written.get(id.index()) {
                let own = super::written::direct(era.model, Kind::Metric, declared);
                next(&mut line.direct, era.from, digest(&own));
            }
            let piece = digest(&forms.metric(id, value));
            line.cells = cells(forms, metric);
            let both = digest(&format!("cells({piece},{})", of_cells(&line.cells)));
            next(&mut line.pieces, era.from, piece);
            next(&mut line.sealed, era.from, both);
        });
    }
    let whole = lines.into_iter().filter(|(_, line)| !line.is_broken);
    whole.map(|(name, line)| (name, line.meaning())).collect()
}

/// The metrics of all eras by the first form: what it does not know is the same for all of them.
pub(super) fn of_first_form(eras: &[Era<'_>]) -> BTreeMap<SmolStr, Meaning> {
    let mut found: BTreeMap<SmolStr, Since<Digest>> = BTreeMap::new();
    for era in eras {
        for (metric, meaning) in era.model.metrics.iter().zip(canonical::meanings(era.model)) {
            let Some(meaning) = meaning else { continue };
            let mut bytes = [0; 32];
            bytes[16..].copy_from_slice(&meaning.0.to_be_bytes());
            next(found.entry(metric.header.name.clone()).or_default(), era.from, Digest(bytes));
        }
    }
    let meaning = |pieces: Since<Digest>| {
        let whole = match pieces.as_slice() {
            [(_, only)] => *only,
            _ => digest(&listed(&pieces)),
        };
        Meaning { direct: whole, whole, sealed: pieces.clone(), pieces, cells: Cells::default() }
    };
    found.into_iter().map(|(name, pieces)| (name, meaning(pieces))).collect()
}

impl Line {
    fn meaning(self) -> Meaning {
        let whole = super::whole_of(&self.sealed);
        let direct = digest(&format!("direct({FORM},metric,{})", listed(&self.direct)));
        Meaning { direct, whole, pieces: self.pieces, sealed: self.sealed, cells: self.cells }
    }
}

/// What holds from a day on, unless it held before.
fn next<T: PartialEq>(line: &mut Since<T>, from: Option<Date>, value: T) {
    if line.last().is_none_or(|(_, last)| *last != value) {
        line.push((from, value));
    }
}

/// `2026-07-01:…,`; nothing before the colon is from the beginning.
pub(super) fn listed(line: &[(Option<Date>, Digest)]) -> String {
    let one = |(from, digest): &(Option<Date>, Digest)| {
        let from = from.map_or_else(String::new, |from| from.to_string());
        format!("{from}:{digest}")
    };
    line.iter().map(one).collect::<Vec<_>>().join(",")
}

fn cells(forms: &Forms<'_>, metric: &Metric) -> Cells {
    let mut grains: Vec<SmolStr> = metric.grains.iter().map(|grain| SmolStr::new_static(grain.word())).collect();
    grains.sort_unstable();
    let grouping = |parts: &Vec<Grouping>| {
        let mut columns: Vec<(&str, String)> =
            parts.iter().map(|part| (part.name.as_str(), forms.grouping(&part.values))).collect();
        columns.sort_unstable();
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let meant = columns.iter().map(|(_, form)| form.as_str()).collect::<Vec<_>>().join(",");
        (SmolStr::from(names.join(", ")), digest(&meant))
    };
    let mut groupings: Vec<(SmolStr, Digest)> = metric.by.iter().map(grouping).collect();
    groupings.sort_unstable();
    groupings.dedup();
    Cells { published: !matches!(metric.status, Status::Draft | Status::Retired), grains, groupings }
}

fn of_cells(cells: &Cells) -> String {
    let grains = sorted(cells.grains.iter().map(SmolStr::to_string).collect()).join(",");
    let groupings = cells.groupings.iter().map(|(name, meant)| format!("{name}:{meant}"));
    format!("{},[{grains}],[{}]", cells.published, groupings.collect::<Vec<_>>().join(","))
}
