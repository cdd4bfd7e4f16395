//! Who answers for numbers on a date.

use super::{Court, disputes};
use crate::check::governance::accountable::{NOBODY_ACCOUNTABLE, place};
use crate::governance::Approver;
use crate::model::{Header, Member, Metric, MetricId, Model, Status, Team, TeamId};
use crate::schema::Kind;
use crate::tenure::Tenure;
use groma_syntax::{Code, Diagnostic, Span};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A team without anybody.
pub(crate) static OWNER_HAS_LEFT: Code =
    Code::error("governance/owner-has-left", "Everybody has left a team that answers for something.");
/// A team without its lead.
pub(crate) static LEAD_HAS_LEFT: Code =
    Code::error("governance/lead-has-left", "The lead of a team that answers for something is no longer a member.");
/// A team that is no longer there.
pub(crate) static TEAM_CLOSED: Code =
    Code::error("governance/team-closed", "A team that has closed is said to answer for something.");
/// A team that is not there yet.
pub(crate) static TEAM_NOT_YET: Code =
    Code::error("governance/team-not-yet", "A team that does not exist yet is said to answer for something.");
/// Two that are said to be the one who answers.
pub(crate) static OWNER_DISAGREES: Code =
    Code::error("governance/owner-disagrees", "The owner of a metric is not the team that is accountable for it.");
/// Agreed to by someone who could not.
pub(crate) static NOT_ENTITLED: Code =
    Code::error("governance/not-entitled", "Something was approved or decided by someone who could not do so then.");

/// What is wrong with it on the date.
pub(super) fn judge(court: &Court<'_>, sink: &mut Vec<Diagnostic>) {
    let mut owned = Owned::default();
    metrics(court, &mut owned, sink);
    things(court, &mut owned, sink);
    for (team, things) in &owned.by_team {
        teams(court, *team, things, sink);
    }
    entitled(court, sink);
    disputes::judge(court, sink);
}

/// What each team answers for on the date, in words.
#[derive(Default)]
struct Owned<'m> {
    by_team: BTreeMap<TeamId, Vec<(Kind, &'m str)>>,
}

/// Whether people rely on a metric.
fn relied_on(metric: &Metric) -> bool {
    !metric.header.standard && matches!(metric.status, Status::Active | Status::Deprecated)
}

fn metrics<'m>(court: &Court<'m>, owned: &mut Owned<'m>, sink: &mut Vec<Diagnostic>) {
    let declared = court.model.declarations.of(Kind::Metric);
    for (index, (metric, declared)) in court.model.metrics.iter().zip(declared).enumerate() {
        // The metrics of a survey are its owner's.
        if !relied_on(metric) || declared.survey.is_some() {
            continue;
        }
        let id = MetricId::at(index);
        let accountable = court.model.accountable(id, court.date);
        if let Some(team) = accountable {
            owned.by_team.entry(team).or_default().push((Kind::Metric, &metric.header.name));
        }
        match (accountable, metric.owner) {
            (Some(accountable), Some(owner)) if accountable != owner => {
                sink.push(disagree(court, metric, (owner, place(declared, "owner")), accountable));
            }
            (None, Some(owner)) if metric.status == Status::Deprecated => {
                sink.extend(there(court, owner, place(declared, "owner"), (Kind::Metric, &metric.header)));
            }
            (None, _) if metric.status == Status::Active => {
                sink.extend(nobody_yet(court, id, place(declared, "owner")));
            }
            _ => {}
        }
    }
}

/// An owner who is not the one who answers.
fn disagree(court: &Court<'_>, metric: &Metric, (owner, place): (TeamId, Span), accountable: TeamId) -> Diagnostic {
    let (owner, answers) = (name(court.model, owner), name(court.model, accountable));
    let written = metric.governed.raci.accountable.iter().find(|one| one.tenure().holds(court.date));
    OWNER_DISAGREES
        .finding(format!(
            "`{}` is owned by `{owner}`, and on {} `{answers}` is accountable for it: two answer, or nobody does",
            metric.header.name, court.date
        ))
        .at(place, format!("owned by `{owner}`"))
        .also(written.map_or(metric.header.span, |one| one.span), format!("`{answers}` is accountable"))
        .help(format!("write `owner: {answers}`, or leave `owner` out: whoever is accountable answers"))
}

/// A metric that somebody answers for only later. That nobody does any more is known whatever the date.
fn nobody_yet(court: &Court<'_>, id: MetricId, owner: Span) -> Option<Diagnostic> {
    let metric = court.model.metric(id);
    let held = court.model.accountables(id);
    let (team, first) = held.iter().filter_map(|(team, days)| Some((*team, days.from?))).min_by_key(|(_, day)| *day)?;
    let open = held.iter().any(|(_, days)| days.from.is_none());
    let written = &metric.governed.raci.accountable;
    let begun = written.iter().filter_map(|one| one.from).any(|from| from <= court.date);
    if open || begun || first <= court.date {
        return None;
    }
    let team = &court.model.teams[team.index()];
    let span = written.iter().find(|one| one.from == Some(first)).map_or(owner, |one| one.span);
    Some(
        NOBODY_ACCOUNTABLE
            .finding(format!("nobody answers for `{}` on {}", metric.header.name, court.date))
            .at(span, format!("`{}` answers from {first} on", team.header.name))
            .also(team.header.span, "the first team that will")
            .help(format!("make it `status: draft` until {first}, or name who answers until then")),
    )
}

/// Owners of everything that is not a metric.
fn things<'m>(court: &Court<'m>, owned: &mut Owned<'m>, sink: &mut Vec<Diagnostic>) {
    let model = court.model;
    let sources = model.sources.iter().map(|source| (&source.header, source.owner));
    let customers = model.customers.iter().map(|customer| (&customer.header, customer.owner));
    let surveys = model.surveys.iter().map(|survey| (&survey.header, survey.owner));
    let regions = model.regions.iter().map(|region| (&region.header, region.owner));
    let agreements = model.agreements.iter().map(|agreement| (&agreement.header, agreement.owner));
    let mut look = |kind: Kind, all: &mut dyn Iterator<Item = (&'m Header, Option<TeamId>)>| {
        for ((header, owner), declared) in all.zip(model.declarations.of(kind)) {
            let Some(owner) = owner.filter(|_| !header.standard) else { continue };
            match there(court, owner, place(declared, "owner"), (kind, header)) {
                Some(finding) => sink.push(finding),
                None => owned.by_team.entry(owner).or_default().push((kind, &header.name)),
            }
        }
    };
    look(Kind::Source, &mut { sources });
    look(Kind::Customer, &mut { customers });
    look(Kind::Survey, &mut { surveys });
    look(Kind::Region, &mut { regions });
    look(Kind::Agreement, &mut { agreements });
    let dashboards = model.dashboards.iter().map(|dashboard| (Kind::Dashboard, &dashboard.header, dashboard.owner));
    let alerts = model.alerts.iter().map(|alert| (Kind::Alert, &alert.header, alert.owner));
    let goals = model.goals.iter().map(|goal| (Kind::Goal, &goal.header, goal.owner));
    for (kind, header, owner) in dashboards.chain(alerts).chain(goals) {
        // What could not be read is not in the model.
        let declared = model.declarations.of(kind).iter().find(|declared| declared.name == header.name);
        let (Some(owner), Some(declared)) = (owner, declared) else { continue };
        match there(court, owner, place(declared, "owner"), (kind, header)) {
            Some(finding) => sink.push(finding),
            None => owned.by_team.entry(owner).or_default().push((kind, &header.name)),
        }
    }
}

/// The finding about a team that does not exist on the date.
fn there(court: &Court<'_>, id: TeamId, span: Span, (kind, header): (Kind, &Header)) -> Option<Diagnostic> {
    let team = &court.model.teams[id.index()];
    let (thing, word) = (&header.name, kind.word());
    let of = format!("{word} `{thing}`");
    if let Some(until) = team.until.filter(|until| *until < court.date) {
        return Some(
            TEAM_CLOSED
                .finding(format!("nobody answers for {of}: its owner `{}` closed on {until}", team.header.name))
                .at(span, "a team that has closed")
                .also(team.header.span, format!("closed on {until}"))
                .help("name the team that took it over"),
        );
    }
    let since = team.since.filter(|since| court.date < *since)?;
    Some(
        TEAM_NOT_YET
            .finding(format!("nobody answers for {of} yet: its owner `{}` begins on {since}", team.header.name))
            .at(span, "a team that is not there yet")
            .also(team.header.span, format!("begins on {since}"))
            .help(format!("name the team that answers until {since}")),
    )
}

/// A team that exists and answers for something has people.
fn teams(court: &Court<'_>, id: TeamId, things: &[(Kind, &str)], sink: &mut Vec<Diagnostic>) {
    let team = &court.model.teams[id.index()];
    if team.header.broken || team.members.is_empty() {
        return;
    }
    let declared = &court.model.declarations.of(Kind::Team)[id.index()];
    let (name_of, what) = (&team.header.name, answered_for(things));
    let now: Vec<&Member> = team.members_on(court.date).collect();
    if now.is_empty() {
        let last = team.members.iter().filter_map(|member| member.until).filter(|day| *day < court.date).max();
        let since = last.map(|day| format!(" since {day}")).unwrap_or_default();
        sink.push(
            OWNER_HAS_LEFT
                .finding(format!("nobody answers for {what}: team `{name_of}` has had no member{since}"))
                .at(place(declared, "members"), format!("none of them on {}", court.date))
                .also(team.header.span, "the team that answers")
                .help("add who belongs to it now, or name another owner"),
        );
        return;
    }
    let Some(lead) = &team.lead else { return };
    let is_lead = |member: &&Member| member.address.eq_ignore_ascii_case(lead);
    if now.iter().any(&is_lead) {
        return;
    }
    let mut memberships = team.members.iter().filter(is_lead);
    let Some(once) = memberships.clone().max_by_key(|member| member.tenure()) else { return };
    let gone = memberships.any(|member| member.until.is_some_and(|until| until < court.date));
    let (verb, when) = match gone {
        true => ("left", once.until.map(|day| format!(" on {day}")).unwrap_or_default()),
        false => ("has not joined it yet", String::new()),
    };
    sink.push(
        LEAD_HAS_LEFT
            .finding(format!("{lead} leads `{name_of}`, which answers for {what}, and {verb}{when}"))
            .at(place(declared, "lead"), format!("no member on {}", court.date))
            .also(once.span, format!("a member {}", once.tenure()))
            .help("name one of the members as the lead"),
    );
}

/// `metric nps`, `metric nps and 3 more`.
fn answered_for(things: &[(Kind, &str)]) -> String {
    let Some((kind, first)) = things.first() else { return "nothing".to_owned() };
    match things.len() - 1 {
        0 => format!("{} `{first}`", kind.word()),
        more => format!("{} `{first}` and {more} more", kind.word()),
    }
}

/// Whoever approved or decided something could do so then.
fn entitled(court: &Court<'_>, sink: &mut Vec<Diagnostic>) {
    let people = People::of(court.model);
    for decision in &court.model.decisions {
        let Some(on) = decision.on.filter(|_| !decision.header.broken) else { continue };
        for one in &decision.decided_by {
            sink.extend(people.finding(court, one, (Kind::Decision, &decision.header), Moment::On(on)));
        }
    }
    let by = |all: &[Approver], header: &Header, kind, sink: &mut Vec<Diagnostic>| {
        for one in all.iter().filter(|_| !header.broken) {
            sink.extend(people.finding(court, one, (kind, header), Moment::By(court.date)));
        }
    };
    for waiver in &court.model.waivers {
        by(&waiver.approved_by, &waiver.header, Kind::Waiver, sink);
    }
    for exception in &court.model.exceptions {
        by(&exception.approved_by, &exception.header, Kind::Exception, sink);
    }
}

/// When something was agreed to.
#[derive(Clone, Copy)]
enum Moment {
    On(Date),
    /// At some time before.
    By(Date),
}

impl Moment {
    fn fits(self, days: &Tenure) -> bool {
        match self {
            Moment::On(day) => days.holds(day),
            Moment::By(day) => days.from.is_none_or(|from| from <= day),
        }
    }
}

/// The days on which each person belongs to some team or council, by address in small letters.
struct People {
    days: BTreeMap<String, Vec<Tenure>>,
}

impl People {
    fn of(model: &Model) -> Self {
        let mut people = Self { days: BTreeMap::new() };
        for team in &model.teams {
            people.add(&team.members, &team.life());
            people.lead(team);
        }
        for council in &model.councils {
            people.add(&council.members, &council.life());
        }
        people
    }

    fn add(&mut self, members: &[Member], life: &Tenure) {
        for member in members {
            let days = self.days.entry(member.address.to_ascii_lowercase()).or_default();
            days.extend(member.tenure().and(life));
        }
    }

    /// The lead of a team that does not list its members belongs to it.
    fn lead(&mut self, team: &Team) {
        if let (Some(lead), true) = (&team.lead, team.members.is_empty()) {
            self.days.entry(lead.to_ascii_lowercase()).or_default().push(team.life());
        }
    }

    /// Why one could not agree to something at a moment.
    fn finding(
        &self,
        court: &Court<'_>,
        one: &Approver,
        (kind, header): (Kind, &Header),
        moment: Moment,
    ) -> Option<Diagnostic> {
        let model = court.model;
        let (who, span, problem, place) = match one {
            Approver::Person(address, span) => (address.clone(), *span, self.person(address, moment)?, None),
            Approver::Team(id, span) => {
                let team = &model.teams[id.index()];
                let problem = group(&team.life(), &team.members, moment)?;
                (format!("team `{}`", team.header.name), *span, problem, Some(team.header.span))
            }
            Approver::Council(id, span) => {
                let council = &model.councils[id.index()];
                let problem = group(&council.life(), &council.members, moment)?;
                (format!("council `{}`", council.header.name), *span, problem, Some(council.header.span))
            }
        };
        let (when, did) = match (moment, kind) {
            (Moment::On(day), _) => (format!(" on {day}"), "decided"),
            (Moment::By(_), _) => (String::new(), "approved"),
        };
        let finding = NOT_ENTITLED
            .finding(format!("{who} cannot have {did} {} `{}`{when}: {problem}", kind.word(), header.name))
            .at(span, problem)
            .help("name who did agree, or add the days on which they belonged to a team or a council");
        Some(match place {
            Some(place) => finding.also(place, "declared here"),
            None => finding,
        })
    }

    fn person(&self, address: &str, moment: Moment) -> Option<&'static str> {
        // Where nobody is listed, nobody is known to be missing.
        if self.days.is_empty() {
            return None;
        }
        match self.days.get(&address.to_ascii_lowercase()) {
            None => Some("no team and no council has such a member"),
            Some(days) if days.iter().any(|days| moment.fits(days)) => None,
            Some(_) => Some("a member of no team and no council then"),
        }
    }
}

/// Why a team or a council could not agree.
fn group(life: &Tenure, members: &[Member], moment: Moment) -> Option<&'static str> {
    if !moment.fits(life) {
        return Some("there was no such group then");
    }
    let someone = members.iter().filter_map(|member| member.tenure().and(life)).any(|days| moment.fits(&days));
    (!members.is_empty() && !someone).then_some("it had no member then")
}

/// The name of a team.
pub(super) fn name(model: &Model, team: TeamId) -> &str {
    &model.teams[team.index()].header.name
}
