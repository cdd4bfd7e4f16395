//! What the manifest says: the calendar and the policy.

use super::{PROJECT, Project, between, lines};
use crate::governance::Policy;
use crate::time::{Calendar, Grain};
use jiff::civil::Weekday;

fn calendar(calendar: Calendar) -> Vec<super::Change> {
    between(&Project::of(PROJECT), &Project::with(PROJECT, calendar, Policy::default()))
}

fn policy(base: Policy, head: Policy) -> Vec<String> {
    let with = |policy| Project::with(PROJECT, Calendar::default(), policy);
    let changes = between(&with(base), &with(head));
    assert!(changes.iter().all(|change| change.subject.1 == "policy" && change.class == super::Class::Policy));
    changes.iter().flat_map(|change| &change.parts).map(|part| part.words.clone()).collect()
}

#[test]
fn every_metric_inherits_the_zone() {
    let changes = calendar(Calendar { zone: "Europe/Paris".into(), ..Calendar::default() });
    let (metrics, others): (Vec<_>, Vec<_>) = lines(&changes).into_iter().partition(|line| line.contains(" metric "));
    assert_eq!(others, ["restating project calendar"]);
    assert_eq!(metrics.len(), 17, "{metrics:#?}");
    assert!(metrics.contains(&"restating metric revenue inherited <- project calendar".to_owned()), "{metrics:#?}");
    assert!(metrics.iter().all(|line| line.ends_with("inherited <- project calendar")), "{metrics:#?}");
    let revenue = changes.iter().find(|change| change.subject.1 == "revenue").unwrap();
    assert_eq!(revenue.parts.len(), 1);
    assert_eq!(revenue.parts[0].words, "through project `calendar`: `timezone` is `Europe/Paris` instead of `UTC`");
}

#[test]
fn weeks_and_fiscal_years() {
    let changes = calendar(Calendar { week_starts: Weekday::Sunday, ..Calendar::default() });
    let project = changes.last().unwrap();
    assert_eq!(project.parts[0].words, "`week_starts` is `sunday` instead of `monday`");
    let changes = calendar(Calendar { fiscal_year_starts: 2, ..Calendar::default() });
    let project = changes.last().unwrap();
    assert_eq!(project.parts[0].words, "`fiscal_year_starts` is `february` instead of `january`");
}

#[test]
fn the_default_grain_is_of_cells() {
    let changes = calendar(Calendar { default_grain: Grain::Week, ..Calendar::default() });
    let said = lines(&changes);
    // What says its own grain has it still.
    assert!(!said.iter().any(|line| line.contains("metric revenue ")), "{said:#?}");
    assert!(said.contains(&"removing metric nps inherited <- project calendar".to_owned()), "{said:#?}");
    assert!(said.contains(&"removing project calendar".to_owned()), "{said:#?}");
    let nps = changes.iter().find(|change| change.subject.1 == "nps").unwrap();
    let words: Vec<&str> = nps.parts.iter().map(|part| part.words.as_str()).collect();
    assert_eq!(
        words,
        [
            "through project `calendar`: `default_grain` is `week` instead of `month`",
            "grain `week` is new",
            "grain `month` is gone"
        ]
    );
}

#[test]
fn a_policy_is_a_policy() {
    let base = Policy { packs: vec!["survey".into()], cell: 5, ..Policy::default() };
    let level = ("rule/x".into(), Some(groma_syntax::Severity::Warning));
    let head = Policy {
        packs: vec!["privacy".into()],
        cell: 10,
        languages: vec!["fr".into()],
        levels: vec![level, ("rule/y".into(), None)],
        ..Policy::default()
    };
    assert_eq!(
        policy(base, head),
        [
            "pack `privacy` is new",
            "pack `survey` is gone",
            "language `fr` is new",
            "`cell` is `10` instead of `5`",
            "the level of `rule/x` is `warning` instead of its own",
            "the level of `rule/y` is `off` instead of its own",
        ]
    );
}
