//! What may be asked beside the values: the as-of time, totals, intervals, weighted values and changes.

use super::as_of::{AsOf, parse_as_of};
use crate::failure::Failure;
use crate::loading::Loaded;
use groma_model::MetricId;
use groma_plan::Further;
use jiff::civil::{DateTime, Time};

/// The confidence of intervals that are asked for without one.
pub(crate) const CONFIDENCE: f64 = 0.95;

/// The options of commands that ask.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Arguments {
    /// The time from which on nothing is known: rows at or after it are not read. A day means its local midnight; a time is in
    /// the project's zone unless it has an offset. Without it, the newest time that all sources reach.
    #[arg(long, value_name = "TIME", value_parser = parse_as_of)]
    as_of: Option<AsOf>,
    /// Also the interval around each value.
    #[arg(long)]
    intervals: bool,
    /// How sure the intervals are; without it, 95%.
    #[arg(long, value_name = "PERCENT", requires = "intervals", value_parser = parse_confidence)]
    confidence: Option<f64>,
    /// Also the values with each customer counted by the metric's `weight`.
    #[arg(long)]
    weights: bool,
    /// Also the change since the period before, and whether it is real and large enough to matter.
    #[arg(long)]
    changes: bool,
}

/// What is asked beside the values.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Extra {
    /// In the project's zone.
    pub(crate) as_of: Option<DateTime>,
    pub(crate) totals: bool,
    pub(crate) intervals: Option<f64>,
    pub(crate) further: Further,
}

/// Reads `90%`.
fn parse_confidence(text: &str) -> Result<f64, String> {
    let wrong = || "not a percentage between 50% and 100%, such as 90%".to_owned();
    let percent: f64 = text.trim().strip_suffix('%').ok_or_else(wrong)?.trim_end().parse().map_err(|_| wrong())?;
    if (50.0..100.0).contains(&percent) { Ok(percent / 100.0) } else { Err(wrong()) }
}

impl Arguments {
    /// Whether anything is asked at all.
    pub(crate) fn is_asked(&self) -> bool {
        self.as_of.is_some() || self.intervals || self.weights || self.changes
    }

    /// What is asked of a project; weights need a metric that has one.
    pub(crate) fn asked(&self, loaded: &Loaded, metrics: &[MetricId]) -> Result<Extra, Failure> {
        let model = &loaded.project.model;
        let eras = loaded.project.eras();
        let weighted = |id: &MetricId| eras.iter().any(|era| era.model.metric(*id).weight.is_some());
        if self.weights && !metrics.iter().any(weighted) {
            let names: Vec<String> = metrics.iter().map(|id| format!("`{}`", model.metric(*id).header.name)).collect();
            let (what, has) = match names.as_slice() {
                [one] => (one.clone(), "has no `weight`"),
                _ => ("none of the metrics".to_owned(), "has a `weight`"),
            };
            return Err(Failure::wrong_use(
                format!("{what} {has}"),
                Some("say what each customer counts for: `weight: account.arr`; or ask without `--weights`".to_owned()),
            ));
        }
        let as_of = self.as_of.map(|at| at.local(model)).transpose()?;
        let further = Further { changes: self.changes, weights: self.weights, ..Further::default() };
        let intervals = self.intervals.then(|| self.confidence.unwrap_or(CONFIDENCE));
        Ok(Extra { as_of, totals: false, intervals, further })
    }
}

impl Extra {
    /// Has the as-of time told with the answer where it is found in the data.
    pub(crate) fn tells_as_of(mut self) -> Self {
        self.further.as_of = self.as_of.is_none();
        self
    }

    /// A range that begins when nothing is known any more has no answer.
    pub(crate) fn fits(&self, from: Option<jiff::civil::Date>) -> Result<(), Failure> {
        match (from, self.as_of) {
            (Some(from), Some(at)) if from.to_datetime(Time::midnight()) >= at => Err(Failure::wrong_use(
                format!("the range begins on {from}, when nothing is known as of {}", super::as_of::shown(at)),
                None,
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn confidences_are_percentages() {
        assert_eq!(parse_confidence("90%"), Ok(0.9));
        assert_eq!(parse_confidence(" 99.5 % "), Ok(0.995));
        for wrong in ["", "90", "0.9", "100%", "12%", "-95%", "inf%", "nan%", "95%%"] {
            assert!(parse_confidence(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_range_begins_before_the_as_of_time() {
        let asked = |day: i8| Extra { as_of: Some(date(2026, 5, day).at(0, 0, 0, 0)), ..Extra::default() };
        assert!(asked(1).fits(Some(date(2026, 4, 30))).is_ok());
        assert!(asked(1).fits(None).is_ok());
        assert!(asked(1).fits(Some(date(2026, 5, 1))).is_err());
        assert!(Extra::default().fits(Some(date(2099, 1, 1))).is_ok());
        assert!(Extra::default().tells_as_of().further.as_of && !asked(1).tells_as_of().further.as_of);
    }
}
