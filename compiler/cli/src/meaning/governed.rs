//! Who answers for a metric, what is to be reached, and what regions make of it.

use super::metric::owner;
use super::people;
use super::reading::plain;
use super::words::{Facts, listed};
use groma_model::governance::{Accountable, Adaptation, Reach};
use groma_model::unit::Unit;
use groma_model::{Metric, MetricId, Model, SmolStr, TeamId};
use jiff::civil::Date;

/// Adds who answers for it, who else takes part, and what was decided.
pub(super) fn ownership(model: &Model, id: MetricId, today: Date, facts: &mut Facts) {
    let metric = model.metric(id);
    let raci = &metric.governed.raci;
    facts.add("owner", metric.owner.map(|team| owner(model, team)).unwrap_or_default());
    if !raci.accountable.is_empty() {
        let now = match model.accountable(id, today) {
            Some(team) => format!("{} on {today}", owner(model, team)),
            None => format!("nobody on {today}"),
        };
        let all: Vec<String> = raci.accountable.iter().map(|one| accountable(model, one)).collect();
        let dated = raci.accountable.len() > 1 || raci.accountable.iter().any(|one| one.from.or(one.until).is_some());
        facts.add("accountable", if dated { format!("{now}: {}", all.join(", ")) } else { now });
    }
    for (label, teams) in
        [("responsible", &raci.responsible), ("consulted", &raci.consulted), ("informed", &raci.informed)]
    {
        facts.add(label, teams_listed(model, teams));
    }
    let claimed: Vec<TeamId> = (0..model.teams.len())
        .map(TeamId::at)
        .filter(|team| model.teams[team.index()].claims.iter().any(|(metric, _)| *metric == id))
        .collect();
    facts.add("claimed by", teams_listed(model, &claimed));
    let disputes = model.disputes.iter().filter(|dispute| dispute.about.contains(&id));
    facts.add("disputes", disputes.map(|dispute| people::disputed(model, dispute)).collect::<Vec<_>>().join("\n"));
    let mut decisions: Vec<_> = model.decisions.iter().filter(|decision| decision.about.contains(&id)).collect();
    decisions.sort_by_key(|decision| decision.on);
    facts.add(
        "decisions",
        decisions.into_iter().map(|decision| people::decided(model, decision)).collect::<Vec<_>>().join("\n"),
    );
}

/// Adds what is to be reached, whose it is, what regions adapt, and which outcomes it leads.
pub(super) fn aims(model: &Model, id: MetricId, facts: &mut Facts) {
    let metric = model.metric(id);
    let governed = &metric.governed;
    let aimed = |aim: Option<f64>| aim.map(|value| amount(value, &metric.unit)).unwrap_or_default();
    facts.add("target", aimed(governed.target));
    facts.add("threshold", aimed(governed.threshold));
    if let Reach::Local(region) = governed.reach {
        let of = region.map_or_else(|| "one region".to_owned(), |id| model.regions[id.index()].header.name.to_string());
        facts.add("scope", format!("local: it is the number of {of} alone"));
    }
    let allowed: Vec<String> = governed.local_may_change.iter().map(ToString::to_string).collect();
    facts.add("regions may", if allowed.is_empty() { String::new() } else { format!("adapt {}", listed(&allowed)) });
    let adapted = model.regions.iter().filter_map(|region| {
        let adaptation = region.adapts.iter().find(|adaptation| adaptation.metric == id)?;
        Some(format!("{}: {}", region.header.name, adaptation_written(metric, adaptation)))
    });
    facts.add("regions", adapted.collect::<Vec<_>>().join("\n"));
    let leads = model.links.iter().filter(|link| link.leading == Some(id));
    facts.add("leads", leads.map(|link| people::leads(model, link)).collect::<Vec<_>>().join("\n"));
    let led = model
        .links
        .iter()
        .filter(|link| link.outcome == Some(id))
        .filter_map(|link| Some(format!("{}{}", model.metric(link.leading?).header.name, people::expected(link))));
    facts.add("led by", led.collect::<Vec<_>>().join("\n"));
    let words = |words: &[SmolStr]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    facts.add("purpose", listed(&words(&governed.purpose)));
    let successor = governed.replaced_by.map(|id| model.metric(id).header.name.to_string());
    facts.add("replaced by", successor.unwrap_or_default());
    facts.add(
        "retires",
        governed.retires.map(|day| format!("{day} is the last day it may be used")).unwrap_or_default(),
    );
}

/// `support until 2026-03-01`.
fn accountable(model: &Model, one: &Accountable) -> String {
    let name = &model.teams[one.team.index()].header.name;
    let from = one.from.map(|day| format!(" from {day}")).unwrap_or_default();
    let until = one.until.map(|day| format!(" until {day}")).unwrap_or_default();
    format!("{name}{from}{until}")
}

/// The names of teams with their titles.
pub(super) fn teams_listed(model: &Model, teams: &[TeamId]) -> String {
    listed(&teams.iter().map(|team| owner(model, *team)).collect::<Vec<_>>())
}

/// What a region adapts of a metric: `target 25 points, fr: Recommandation`.
pub(super) fn adaptation_written(metric: &Metric, adaptation: &Adaptation) -> String {
    let aim = |word: &str, value: Option<f64>| value.map(|value| format!("{word} {}", amount(value, &metric.unit)));
    let labels = adaptation.labels.iter().map(|(language, text)| format!("{language}: {text}"));
    let aims = [aim("target", adaptation.target), aim("threshold", adaptation.threshold)];
    aims.into_iter().flatten().chain(labels).collect::<Vec<_>>().join(", ")
}

/// `25 points`, `85%`, `0.5`.
fn amount(value: f64, unit: &Unit) -> String {
    match unit {
        Unit::Percent => format!("{}%", plain(value * 100.0)),
        Unit::Any | Unit::None => plain(value),
        unit => format!("{} {unit}", plain(value)),
    }
}
