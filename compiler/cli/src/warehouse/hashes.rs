//! The semantic hash of each version of a metric, as it stands in every row of answers.

use crate::loading::Loaded;
use groma_history::seal::sha256;
use groma_model::meaning::{Digest, FORM, meanings};
use groma_model::schema::Kind;
use groma_model::{Metric, MetricId};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The hashes of all metrics, version by version.
pub(crate) struct Hashes {
    of: BTreeMap<(MetricId, u32), String>,
}

impl Hashes {
    /// Those of a project.
    pub(crate) fn of(loaded: &Loaded) -> Self {
        let model = &loaded.project.model;
        let meanings = meanings(FORM, &loaded.project.eras()).unwrap_or_default();
        let mut of = BTreeMap::new();
        for (position, metric) in model.metrics.iter().enumerate() {
            let Some(meaning) = meanings.of.get(&(Kind::Metric, metric.header.name.clone())) else { continue };
            for (number, from, until) in spans(metric) {
                of.insert((MetricId::at(position), number), joined(&within(&meaning.pieces, from, until)));
            }
        }
        Self { of }
    }

    /// The hash of a version of a metric, 64 hexadecimal digits; empty where there is no such version.
    pub(crate) fn of_version(&self, metric: MetricId, version: u32) -> String {
        self.of.get(&(metric, version)).cloned().unwrap_or_default()
    }
}

/// Each version with the days from which on it is in force and no longer is.
fn spans(metric: &Metric) -> Vec<(u32, Option<Date>, Option<Date>)> {
    if metric.versions.is_empty() {
        return vec![(metric.version, None, None)];
    }
    let ends = metric.versions.iter().skip(1).map(|next| next.from).chain([None]);
    metric.versions.iter().zip(ends).map(|(version, end)| (version.number, version.from, end)).collect()
}

/// The meanings in force from a day on, until another: what a metric is made of may have versions too.
fn within(pieces: &[(Option<Date>, Digest)], from: Option<Date>, until: Option<Date>) -> Vec<(Option<Date>, Digest)> {
    let first = pieces.iter().rposition(|(begins, _)| *begins <= from).unwrap_or_default();
    let is_before = |begins: Option<Date>| until.is_none_or(|until| begins.is_none_or(|begins| begins < until));
    let rest = pieces.iter().skip(first).take_while(|(begins, _)| is_before(*begins)).copied();
    rest.enumerate().map(|(at, (begins, digest))| (if at == 0 { None } else { begins }, digest)).collect()
}

/// The hash of a version: of its only meaning, or of all of them with the days they begin.
fn joined(pieces: &[(Option<Date>, Digest)]) -> String {
    match pieces {
        [] => String::new(),
        [(_, only)] => only.to_string(),
        several => {
            let piece = |(from, digest): &(Option<Date>, Digest)| {
                format!("{},{digest};", from.map(|from| from.to_string()).unwrap_or_default())
            };
            sha256(several.iter().map(piece).collect::<String>().as_bytes())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn digest(byte: u8) -> Digest {
        Digest([byte; 32])
    }

    #[test]
    fn a_version_has_the_meanings_of_its_days() {
        let (may, july) = (date(2026, 5, 1), date(2026, 7, 1));
        let pieces = [(None, digest(1)), (Some(may), digest(2)), (Some(july), digest(3))];
        assert_eq!(within(&pieces, None, Some(may)), [(None, digest(1))]);
        assert_eq!(within(&pieces, Some(july), None), [(None, digest(3))]);
        assert_eq!(within(&pieces, Some(may), None), [(None, digest(2)), (Some(july), digest(3))]);
        assert_eq!(within(&pieces, Some(date(2026, 6, 1)), Some(july)), [(None, digest(2))]);
        assert_eq!(within(&pieces, None, None).len(), 3);
    }

    #[test]
    fn several_meanings_have_one_hash() {
        let pieces = [(None, digest(1)), (Some(date(2026, 5, 1)), digest(2))];
        assert_eq!(joined(&pieces[..1]), digest(1).to_string());
        assert_eq!((joined(&pieces).len(), joined(&[])), (64, String::new()));
        assert_ne!(joined(&pieces), joined(&pieces[1..]));
    }
}
