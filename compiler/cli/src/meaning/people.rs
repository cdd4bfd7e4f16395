//! Teams, councils, regions, decisions, disputes and links in plain words.

use super::governed::{adaptation_written, teams_listed};
use super::metric::owner;
use super::words::{Facts, amount, listed, offset};
use crate::register::approver;
use groma_model::governance::{Council, Decision, Dispute, Link, Reach, Region};
use groma_model::schema::Kind;
use groma_model::tenure::Tenure;
use groma_model::{Header, Member, MetricId, Model, SmolStr, TeamId};
use jiff::civil::Date;

/// The kinds that are explained here.
pub(super) const KINDS: [Kind; 5] = [Kind::Council, Kind::Region, Kind::Decision, Kind::Dispute, Kind::Link];

/// What there is to say about people and their agreements of a name, with the header of each.
pub(super) fn explain<'m>(model: &'m Model, named: &dyn Fn(&Header) -> bool, today: Date) -> Vec<(&'m Header, Facts)> {
    let mut found: Vec<(&Header, Facts)> = Vec::new();
    let teams = model.teams.iter().enumerate().filter(|(_, team)| named(&team.header));
    found.extend(teams.map(|(at, one)| (&one.header, team(model, TeamId::at(at), today))));
    let councils = model.councils.iter().filter(|council| named(&council.header));
    found.extend(councils.map(|one| (&one.header, council(one, today))));
    let regions = model.regions.iter().enumerate().filter(|(_, region)| named(&region.header));
    found.extend(regions.map(|(at, one)| (&one.header, region(model, at, one))));
    let decisions = model.decisions.iter().filter(|decision| named(&decision.header));
    found.extend(decisions.map(|one| (&one.header, decision(model, one, today))));
    let disputes = model.disputes.iter().filter(|dispute| named(&dispute.header));
    found.extend(disputes.map(|one| (&one.header, dispute(model, one, today))));
    let links = model.links.iter().filter(|link| named(&link.header));
    found.extend(links.map(|one| (&one.header, link(model, one))));
    found
}

fn team(model: &Model, id: TeamId, today: Date) -> Facts {
    let team = &model.teams[id.index()];
    let mut facts = Facts::new(format!("team {}", team.header.name), team.header.doc.as_ref());
    facts.add("title", team.title.clone().unwrap_or_default());
    facts.add("exists", exists(team.life()));
    facts.add("lead", team.lead.clone().unwrap_or_default());
    facts.add("members", members(&team.members));
    facts.add("handle", team.handle.clone().unwrap_or_default());
    let answers: Vec<String> = (0..model.metrics.len())
        .map(MetricId::at)
        .filter(|metric| !model.metric(*metric).header.standard && model.accountable(*metric, today) == Some(id))
        .map(|metric| model.metric(metric).header.name.to_string())
        .collect();
    facts.add("answers for", answers.join(", "));
    facts.add("owns", owned(model, id).join(", "));
    let claims: Vec<String> =
        team.claims.iter().map(|(metric, _)| model.metric(*metric).header.name.to_string()).collect();
    facts.add("claims", claims.join(", "));
    facts
}

/// What a team owns beside metrics: `source orders`.
fn owned(model: &Model, id: TeamId) -> Vec<String> {
    let sources = model.sources.iter().map(|one| (Kind::Source, &one.header, one.owner));
    let customers = model.customers.iter().map(|one| (Kind::Customer, &one.header, one.owner));
    let surveys = model.surveys.iter().map(|one| (Kind::Survey, &one.header, one.owner));
    let regions = model.regions.iter().map(|one| (Kind::Region, &one.header, one.owner));
    let agreements = model.agreements.iter().map(|one| (Kind::Agreement, &one.header, one.owner));
    let dashboards = model.dashboards.iter().map(|one| (Kind::Dashboard, &one.header, one.owner));
    let alerts = model.alerts.iter().map(|one| (Kind::Alert, &one.header, one.owner));
    let goals = model.goals.iter().map(|one| (Kind::Goal, &one.header, one.owner));
    let read = dashboards.chain(alerts).chain(goals);
    let all = sources.chain(customers).chain(surveys).chain(regions).chain(agreements).chain(read);
    all.filter(|(_, _, owner)| *owner == Some(id))
        .map(|(kind, header, _)| format!("{} {}", kind.word(), header.name))
        .collect()
}

fn council(council: &Council, today: Date) -> Facts {
    let mut facts = Facts::new(format!("council {}", council.header.name), council.header.doc.as_ref());
    facts.add("title", council.title.clone().unwrap_or_default());
    facts.add("exists", exists(council.life()));
    facts.add("members", members(&council.members));
    let now = council.members_on(today).count();
    let needed = council.quorum_on(today);
    let why = if council.quorum.is_none() { ", more than half" } else { "" };
    facts.add(
        "quorum",
        match now {
            0 => format!("it has no member on {today}"),
            _ => format!("{needed} of {} on {today} must agree{why}", amount(now as u64, "member")),
        },
    );
    facts.add("decides", words(&council.decides));
    facts.add("handle", council.handle.clone().unwrap_or_default());
    facts
}

fn region(model: &Model, at: usize, region: &Region) -> Facts {
    let mut facts = Facts::new(format!("region {}", region.header.name), region.header.doc.as_ref());
    facts.add("title", region.title.clone().unwrap_or_default());
    facts.add("owner", region.owner.map(|team| owner(model, team)).unwrap_or_default());
    facts.add("languages", words(&region.languages));
    facts.add("territory", words(&region.territory));
    let adapts = region.adapts.iter().map(|adaptation| {
        let metric = model.metric(adaptation.metric);
        format!("{}: {}", metric.header.name, adaptation_written(metric, adaptation))
    });
    facts.add("adapts", adapts.collect::<Vec<_>>().join("\n"));
    let own = model
        .metrics
        .iter()
        .filter(|metric| matches!(metric.governed.reach, Reach::Local(Some(of)) if of.index() == at));
    facts.add("its metrics", own.map(|metric| metric.header.name.to_string()).collect::<Vec<_>>().join(", "));
    facts
}

fn decision(model: &Model, decision: &Decision, today: Date) -> Facts {
    let mut facts = Facts::new(format!("decision {}", decision.header.name), decision.header.doc.as_ref());
    facts.add("about", metrics(model, &decision.about));
    facts.add("owner", decision.owner.map(|team| owner(model, team)).unwrap_or_default());
    let by: Vec<String> = decision.decided_by.iter().map(|one| approver(model, one)).collect();
    facts.add("decided by", listed(&by));
    if let Some(on) = decision.on {
        let ahead = if on > today { ": it does not count yet" } else { "" };
        facts.add("on", format!("{on}{ahead}"));
    }
    facts.add("because", decision.because.as_str());
    let newer = model.decisions.iter().filter(|other| {
        decision.owner.is_some()
            && other.owner.is_some()
            && other.on > decision.on
            && other.about.iter().any(|metric| decision.about.contains(metric))
    });
    facts.add("decided anew", newer.map(|newer| decided(model, newer)).collect::<Vec<_>>().join("\n"));
    facts
}

fn dispute(model: &Model, dispute: &Dispute, today: Date) -> Facts {
    let mut facts = Facts::new(format!("dispute {}", dispute.header.name), dispute.header.doc.as_ref());
    facts.add("about", metrics(model, &dispute.about));
    facts.add("between", teams_listed(model, &dispute.between));
    facts.add("since", dispute.since.map(|day| day.to_string()).unwrap_or_default());
    facts.add("question", dispute.question.as_str());
    let ends = |metric: &MetricId| {
        let decisions = model.decisions.iter().filter(|one| one.about.contains(metric) && one.owner.is_some());
        let newest = decisions.filter(|one| one.on >= dispute.since && one.on.is_some_and(|on| on <= today));
        let name = &model.metric(*metric).header.name;
        match newest.max_by_key(|one| one.on) {
            Some(decision) => format!("{name}: {}", decided(model, decision)),
            None => format!("{name}: nobody has decided"),
        }
    };
    facts.add("decided", dispute.about.iter().map(ends).collect::<Vec<_>>().join("\n"));
    facts
}

fn link(model: &Model, link: &Link) -> Facts {
    let mut facts = Facts::new(format!("link {}", link.header.name), link.header.doc.as_ref());
    let name = |id: Option<MetricId>| id.map(|id| model.metric(id).header.name.to_string()).unwrap_or_default();
    facts.add("leading", name(link.leading));
    facts.add("outcome", name(link.outcome));
    facts.add("expects", expected(link).trim_start_matches(": "));
    facts.add("because", link.because.clone().unwrap_or_default());
    facts.add("evidence", link.evidence.join("\n"));
    facts
}

/// The outcome that a link leads to, and how: `revenue: higher with higher, within 90 days`.
pub(super) fn leads(model: &Model, link: &Link) -> String {
    let outcome = link.outcome.map(|id| model.metric(id).header.name.as_str()).unwrap_or_default();
    format!("{outcome}{}", expected(link))
}

/// How the outcome is expected to follow; nothing where nothing is.
pub(super) fn expected(link: &Link) -> String {
    let direction = match link.positive {
        Some(true) => ": the outcome follows in the same direction",
        Some(false) => ": the outcome follows in the other direction",
        None => return String::new(),
    };
    let within = link.within.map(|within| format!(", within {}", offset(within))).unwrap_or_default();
    format!("{direction}{within}")
}

/// `2026-04-01 by council metrics: support answers for it, because …`.
pub(super) fn decided(model: &Model, decision: &Decision) -> String {
    let on = decision.on.map(|day| day.to_string()).unwrap_or_default();
    let by: Vec<String> = decision.decided_by.iter().map(|one| approver(model, one)).collect();
    let what = decision.owner.map_or_else(String::new, |team| format!(": {} answers for it", owner(model, team)));
    format!("{} on {on} by {}{what}, because {}", decision.header.name, listed(&by), decision.because)
}

/// `who_counts since 2026-03-01 between support and product: …`.
pub(super) fn disputed(model: &Model, dispute: &Dispute) -> String {
    let since = dispute.since.map(|day| format!(" since {day}")).unwrap_or_default();
    let between = teams_listed(model, &dispute.between);
    format!("{}{since} between {between}: {}", dispute.header.name, dispute.question)
}

fn exists(life: Tenure) -> String {
    if life == Tenure::default() { String::new() } else { life.to_string() }
}

fn members(members: &[Member]) -> String {
    let member = |member: &Member| {
        let from = member.from.map(|day| format!(" from {day}")).unwrap_or_default();
        let until = member.until.map(|day| format!(" until {day}")).unwrap_or_default();
        format!("{}{from}{until}", member.address)
    };
    members.iter().map(member).collect::<Vec<_>>().join("\n")
}

fn metrics(model: &Model, ids: &[MetricId]) -> String {
    ids.iter().map(|id| model.metric(*id).header.name.to_string()).collect::<Vec<_>>().join(", ")
}

fn words(words: &[SmolStr]) -> String {
    words.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
