//! Which model computes which periods of which metrics.

use super::build::*;
use crate::eras::parts;
use crate::{Further, Request, plan, plan_eras};
use groma_model::meaning::Era;
use groma_model::time::Grain;
use groma_model::{MetricId, Model, SourceId};
use jiff::civil::Date;

/// `a` has versions, `b` is made of it, `c` is not.
fn model(version: u32) -> Model {
    let mut model = shop("UTC");
    let orders = Some(SourceId(1));
    model.metrics = vec![metric("a", orders, count()), metric("b", None, of(0)), metric("c", orders, count())];
    model.metrics[1].reads = vec![SourceId(1)];
    model.metrics[0].version = version;
    model
}

fn asked<'a>(
    grain: Grain,
    range: (Option<&str>, Option<&str>),
    table: &'a dyn Fn(SourceId) -> Vec<String>,
) -> Request<'a> {
    let day = |text: Option<&str>| text.map(|text| text.parse::<Date>().unwrap());
    Request {
        metrics: vec![MetricId(2), MetricId(0), MetricId(1)],
        grain,
        by: Vec::new(),
        from: day(range.0),
        to: day(range.1),
        filter: Vec::new(),
        as_of: None,
        sets: crate::Sets::Whole,
        estimated: crate::Estimated::All,
        intervals: None,
        further: Further::default(),
        table,
    }
}

/// The version of `a`, the metrics by their places, the first and the last period of each part.
fn shown(grain: Grain, range: (Option<&str>, Option<&str>), froms: &[&str]) -> Vec<String> {
    let models: Vec<Model> = (1..).take(froms.len() + 1).map(model).collect();
    let from = |at: usize| at.checked_sub(1).map(|at| froms[at].parse().unwrap());
    let eras: Vec<Era<'_>> = models.iter().enumerate().map(|(at, model)| Era { from: from(at), model }).collect();
    let table = |_: SourceId| vec!["orders".to_owned()];
    let request = asked(grain, range, &table);
    let day = |day: Option<Date>| day.map_or_else(|| "…".to_owned(), |day| day.to_string());
    let parts = parts(&eras, &request);
    let shown = parts.iter().map(|part| {
        let places: Vec<String> = part.positions.iter().map(ToString::to_string).collect();
        let version = part.model.metrics[0].version;
        format!("v{version} {}: {} to {}", places.join(","), day(part.first), day(part.last))
    });
    shown.collect()
}

#[test]
fn a_period_belongs_to_what_holds_on_its_first_day() {
    let all = (None, None);
    for (grain, from, last, first) in [
        (Grain::Month, "2026-03-01", "2026-02-01", "2026-03-01"),
        (Grain::Month, "2026-03-02", "2026-03-01", "2026-04-01"),
        (Grain::Month, "2026-02-28", "2026-02-01", "2026-03-01"),
        (Grain::Quarter, "2026-03-02", "2026-01-01", "2026-04-01"),
        (Grain::Year, "2026-01-01", "2025-01-01", "2026-01-01"),
        (Grain::Year, "2026-01-02", "2026-01-01", "2027-01-01"),
        (Grain::Week, "2026-03-02", "2026-02-23", "2026-03-02"),
        (Grain::Week, "2026-03-03", "2026-03-02", "2026-03-09"),
        (Grain::Day, "2024-02-29", "2024-02-28", "2024-02-29"),
    ] {
        let expected = [format!("v1 2,3: … to {last}"), "v2 1: … to …".to_owned(), format!("v2 2,3: {first} to …")];
        assert_eq!(shown(grain, all, &[from]), expected, "{grain:?} {from}");
    }
}

#[test]
fn only_what_is_asked_for_is_computed() {
    let month = |from, to, eras: &[&str]| shown(Grain::Month, (from, to), eras);
    let newest = ["v2 1: … to …", "v2 2,3: 2026-03-01 to …"];
    assert_eq!(month(Some("2026-03-31"), None, &["2026-03-01"]), newest);
    assert_eq!(month(None, Some("2026-02-28"), &["2026-03-01"]), ["v1 2,3: … to 2026-02-01", "v2 1: … to …"]);
    // Two versions in one month: the first of them computes none.
    let both = ["v1 2,3: … to 2026-03-01", "v3 1: … to …", "v3 2,3: 2026-04-01 to …"];
    assert_eq!(month(None, None, &["2026-03-05", "2026-03-20"]), both);
    // Days have them both.
    assert_eq!(shown(Grain::Day, (None, None), &["2026-03-05", "2026-03-20"]).len(), 4);
}

#[test]
fn one_model_is_planned_as_ever() {
    let (first, second) = (model(1), model(1));
    let table = |_: SourceId| vec!["orders".to_owned()];
    let request = asked(Grain::Month, (None, None), &table);
    let eras = [Era { from: None, model: &first }, Era { from: Some("2026-03-01".parse().unwrap()), model: &second }];
    let same = plan_eras(&eras, &request).unwrap();
    assert_eq!(same.statement.to_string(), plan(&first, &request).unwrap().statement.to_string());
    let other = model(2);
    let eras = [eras[0], Era { model: &other, ..eras[1] }];
    let both = plan_eras(&eras, &request).unwrap();
    let names: Vec<&str> = both.statement.steps.iter().map(|step| step.name.as_str()).collect();
    let mut apart = names.clone();
    apart.sort_unstable();
    apart.dedup();
    assert_eq!(names.len(), apart.len(), "{names:?}");
}
