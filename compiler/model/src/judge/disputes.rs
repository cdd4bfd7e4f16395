//! Teams that claim one metric, until a decision says whose it is.

use super::Court;
use super::people::name;
use crate::check::governance::accountable::place;
use crate::check::names::listed;
use crate::governance::Decision;
use crate::model::{MetricId, Status, TeamId};
use crate::schema::Kind;
use groma_syntax::{Code, Diagnostic, Span};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A metric of two teams.
pub(crate) static DISPUTED: Code =
    Code::error("governance/disputed", "Teams disagree about who answers for a metric, and nobody has decided.");
/// A metric that is not whose it should be.
pub(crate) static DECISION_NOT_FOLLOWED: Code = Code::error(
    "governance/decision-not-followed",
    "A decision says which team answers for a metric, and the metric says another.",
);
/// Two decisions on a day.
pub(crate) static DECISIONS_CONTRADICT: Code =
    Code::error("governance/decisions-contradict", "Two decisions of one day give a metric to different teams.");

/// What is wrong with it on the date.
pub(super) fn judge(court: &Court<'_>, sink: &mut Vec<Diagnostic>) {
    let cases = gather(court);
    for (metric, case) in &cases {
        if court.model.metric(*metric).status != Status::Retired {
            sink.extend(case.finding(court, *metric));
        }
    }
}

/// What is said about whose a metric is.
#[derive(Default)]
struct Case<'m> {
    claims: Vec<Claim>,
    disputes: Vec<Open>,
    /// In the order of their days.
    decisions: Vec<(Date, TeamId, &'m Decision)>,
    /// Something about it cannot be read: whether it is decided is not known.
    unread: bool,
}

/// A team that says a metric is its own.
#[derive(Clone, Copy)]
struct Claim {
    team: TeamId,
    span: Span,
    /// The day from which it can have said so.
    since: Option<Date>,
}

/// A dispute that was declared and has begun.
#[derive(Clone, Copy)]
struct Open {
    at: usize,
    since: Date,
}

fn gather<'m>(court: &Court<'m>) -> BTreeMap<MetricId, Case<'m>> {
    let model = court.model;
    let mut cases: BTreeMap<MetricId, Case<'m>> = BTreeMap::new();
    for (index, team) in model.teams.iter().enumerate().filter(|(_, team)| team.life().holds(court.date)) {
        for (metric, span) in &team.claims {
            let claim = Claim { team: TeamId::at(index), span: *span, since: team.since };
            cases.entry(*metric).or_default().claims.push(claim);
        }
    }
    for (at, dispute) in model.disputes.iter().enumerate() {
        let Some(since) = dispute.since.filter(|since| *since <= court.date) else { continue };
        for metric in &dispute.about {
            cases.entry(*metric).or_default().disputes.push(Open { at, since });
        }
    }
    for decision in &model.decisions {
        for metric in &decision.about {
            let case = cases.entry(*metric).or_default();
            case.unread |= decision.header.broken;
            // A decision that lies ahead decides nothing yet.
            if let (Some(on), Some(owner)) = (decision.on.filter(|on| *on <= court.date), decision.owner) {
                case.decisions.push((on, owner, decision));
            }
        }
    }
    for case in cases.values_mut() {
        case.decisions.sort_by_key(|(on, _, decision)| (*on, decision.header.name.clone()));
    }
    cases
}

impl Case<'_> {
    fn finding(&self, court: &Court<'_>, metric: MetricId) -> Option<Diagnostic> {
        if self.unread {
            return None;
        }
        match self.decisions.last() {
            Some((on, owner, decision)) if self.began().is_none_or(|began| began <= *on) => {
                let same_day = self.decisions.iter().find(|(other, team, _)| other == on && team != owner);
                match same_day {
                    Some((_, _, other)) => Some(contradict(court, metric, decision, other)),
                    None => not_followed(court, metric, *owner, decision),
                }
            }
            last => {
                let late = last.map(|(on, _, decision)| (*on, *decision));
                self.disputed(court, metric, late)
                    .or_else(|| last.and_then(|(_, owner, decision)| not_followed(court, metric, *owner, decision)))
            }
        }
    }

    /// The day from which it can be decided: the newest of the disputes and of the teams that claim it.
    fn began(&self) -> Option<Date> {
        let disputes = self.disputes.iter().map(|open| open.since);
        disputes.chain(self.claims.iter().filter_map(|claim| claim.since)).max()
    }

    /// The finding about teams that disagree.
    fn disputed(&self, court: &Court<'_>, metric: MetricId, before: Option<(Date, &Decision)>) -> Option<Diagnostic> {
        let model = court.model;
        let declared = &model.declarations.of(Kind::Metric)[metric.index()];
        let written = model.metric(metric);
        let answers = model.accountable(metric, court.date).or(written.owner);
        let mut teams: Vec<(TeamId, Span)> = answers
            .map(|team| {
                let one = written.governed.raci.accountable.iter().find(|one| one.team == team);
                (team, one.map_or_else(|| place(declared, "owner"), |one| one.span))
            })
            .into_iter()
            .collect();
        // What a decision could be about has been decided.
        let decided = before.map(|(on, _)| on);
        let newer = |since: Option<Date>| decided.is_none_or(|on| since.is_some_and(|since| on < since));
        for claim in self.claims.iter().filter(|claim| newer(claim.since)) {
            if teams.iter().all(|(team, _)| *team != claim.team) {
                teams.push((claim.team, claim.span));
            }
        }
        let open = self.disputes.iter().find(|open| newer(Some(open.since)));
        let dispute = open.map(|open| &model.disputes[open.at]);
        let (mine, names) = match (dispute, teams.as_slice()) {
            (None, [] | [_]) => return None,
            (Some(dispute), _) => (dispute.header.span, dispute.between.clone()),
            (None, many) => (many[many.len() - 1].1, many.iter().map(|(team, _)| *team).collect()),
        };
        let names: Vec<&str> = names.iter().map(|team| name(model, *team)).collect();
        let headline = match dispute.and_then(|dispute| dispute.since) {
            Some(since) => format!("{} disagree about `{}` since {since}", listed(names), written.header.name),
            None => format!("{} each say that they answer for `{}`", listed(names), written.header.name),
        };
        let mut finding = DISPUTED.finding(headline).at(mine, "nobody has decided").help(format!(
            "record who decided, when and why: `decision … {{ about: {}  owner: …  decided_by: …  on: {}  because: \"…\" }}`",
            written.header.name, court.date
        ));
        for (team, span) in teams.iter().filter(|(_, span)| *span != mine) {
            finding = finding.also(*span, format!("`{}` answers for it", name(model, *team)));
        }
        Some(match before {
            Some((on, decision)) => finding.also(decision.header.span, format!("decided on {on}, before this began")),
            None => finding,
        })
    }
}

fn contradict(court: &Court<'_>, metric: MetricId, one: &Decision, other: &Decision) -> Diagnostic {
    let team = |decision: &Decision| decision.owner.map_or("nobody", |team| name(court.model, team)).to_owned();
    let day = one.on.map(|day| day.to_string()).unwrap_or_default();
    DECISIONS_CONTRADICT
        .finding(format!(
            "two decisions of {day} give `{}` to `{}` and to `{}`",
            court.model.metric(metric).header.name,
            team(other),
            team(one)
        ))
        .at(one.header.span, format!("to `{}`", team(one)))
        .also(other.header.span, format!("to `{}`", team(other)))
        .help("keep the one that holds, or date the later one on its own day")
}

/// The finding about a metric that is not the decided team's.
fn not_followed(court: &Court<'_>, metric: MetricId, owner: TeamId, decision: &Decision) -> Option<Diagnostic> {
    let model = court.model;
    let written = model.metric(metric);
    let answers = model.accountable(metric, court.date).or(written.owner);
    if answers == Some(owner) {
        return None;
    }
    let declared = &model.declarations.of(Kind::Metric)[metric.index()];
    let owner = name(model, owner);
    let says = match answers {
        Some(team) => format!("`{}` says `{}`", written.header.name, name(model, team)),
        None => format!("`{}` says nobody", written.header.name),
    };
    let one = answers.and_then(|team| written.governed.raci.accountable.iter().find(|one| one.team == team));
    let on = decision.on.map(|day| format!(" on {day}")).unwrap_or_default();
    Some(
        DECISION_NOT_FOLLOWED
            .finding(format!("it was decided{on} that `{owner}` answers for `{}`, and {says}", written.header.name))
            .at(one.map_or_else(|| place(declared, "owner"), |one| one.span), says)
            .also(decision.header.span, format!("`{owner}`, by decision `{}`", decision.header.name))
            .help(format!("write `owner: {owner}`, or record a newer decision")),
    )
}
