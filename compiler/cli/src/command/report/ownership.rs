//! `groma report ownership`: who answers for what, on a day.

use super::Format;
use crate::arguments::Shared;
use crate::failure::Failure;
use crate::findings::counted;
use crate::loading::Loaded;
use crate::markdown::{code, table, text};
use crate::register::approver;
use crate::terminal::Terminal;
use groma_model::governance::{Council, Decision, Dispute};
use groma_model::{Header, Member, Metric, MetricId, Model, Status, Team, TeamId};
use jiff::civil::Date;
use serde_json::{Value, json};

/// The version of the document's shape.
const VERSION: u32 = 1;

/// Report who answers for metrics, sources and customers on a day, with a RACI matrix of teams and metrics.
///
/// A: accountable, R: responsible, C: consulted, I: informed. Retired metrics are left out.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The day; without it, today.
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
    /// How the report is written.
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let loaded = Loaded::usable(shared, terminal)?;
    loaded.mention_errors(terminal);
    let on_a_day = OnADay { model: &loaded.project.model, date: loaded.day(arguments.on) };
    let document = match arguments.format {
        Format::Markdown => on_a_day.markdown(&loaded.project.manifest.project),
        Format::Json => format!("{:#}\n", on_a_day.as_json(&loaded.project.manifest.project)),
    };
    Ok(terminal.answer(&document)?)
}

/// A project's people on a day.
struct OnADay<'m> {
    model: &'m Model,
    date: Date,
}

/// Something with an owner that is no metric.
struct Owned<'m> {
    kind: &'static str,
    header: &'m Header,
    owner: Option<TeamId>,
}

impl<'m> OnADay<'m> {
    fn metrics(&self) -> impl Iterator<Item = (MetricId, &'m Metric)> {
        let all = self.model.metrics.iter().enumerate().map(|(at, metric)| (MetricId::at(at), metric));
        all.filter(|(_, metric)| metric.status != Status::Retired && !metric.header.standard)
    }

    fn team_name(&self, team: TeamId) -> &'m str {
        self.model.teams[team.index()].header.name.as_str()
    }

    fn metric_names(&self, metrics: &[MetricId]) -> Vec<&'m str> {
        metrics.iter().map(|id| self.model.metric(*id).header.name.as_str()).collect()
    }

    /// What a team does for a metric: `A`, `R`, `C`, `I`, or several of them.
    fn letters(&self, id: MetricId, team: TeamId) -> String {
        let raci = &self.model.metric(id).governed.raci;
        let accountable = self.model.accountable(id, self.date) == Some(team);
        [
            ('A', accountable),
            ('R', raci.responsible.contains(&team)),
            ('C', raci.consulted.contains(&team)),
            ('I', raci.informed.contains(&team)),
        ]
        .into_iter()
        .filter_map(|(letter, does)| does.then_some(letter))
        .collect()
    }

    /// The teams that there are on the day.
    fn teams(&self) -> impl Iterator<Item = (TeamId, &'m Team)> {
        let date = self.date;
        let all = self.model.teams.iter().enumerate().map(|(at, team)| (TeamId::at(at), team));
        all.filter(move |(_, team)| team.life().holds(date))
    }

    fn councils(&self) -> impl Iterator<Item = &'m Council> {
        let date = self.date;
        self.model.councils.iter().filter(move |council| council.life().holds(date))
    }

    fn owned(&self) -> Vec<Owned<'m>> {
        let model = self.model;
        let sources = model.sources.iter().map(|one| Owned { kind: "source", header: &one.header, owner: one.owner });
        let customers =
            model.customers.iter().map(|one| Owned { kind: "customer", header: &one.header, owner: one.owner });
        let surveys = model.surveys.iter().map(|one| Owned { kind: "survey", header: &one.header, owner: one.owner });
        let regions = model.regions.iter().map(|one| Owned { kind: "region", header: &one.header, owner: one.owner });
        let agreements =
            model.agreements.iter().map(|one| Owned { kind: "agreement", header: &one.header, owner: one.owner });
        let all = sources.chain(customers).chain(surveys).chain(regions).chain(agreements);
        all.filter(|one| !one.header.standard).collect()
    }

    /// Disputes that have begun and that no decision has ended: one about each of the metrics, on a day since.
    fn open_disputes(&self) -> impl Iterator<Item = &'m Dispute> {
        let begun = |dispute: &&Dispute| dispute.since.is_none_or(|since| since <= self.date);
        let open = |dispute: &&Dispute| {
            let decided = |metric: &MetricId| {
                self.decisions().any(|decision| {
                    decision.about.contains(metric) && dispute.since.is_none_or(|since| decision.on >= Some(since))
                })
            };
            !dispute.about.iter().all(decided)
        };
        self.model.disputes.iter().filter(begun).filter(open)
    }

    /// Decisions taken until the day.
    fn decisions(&self) -> impl Iterator<Item = &'m Decision> {
        let date = self.date;
        self.model.decisions.iter().filter(move |decision| decision.on.is_some_and(|on| on <= date))
    }

    fn as_json(&self, project: &str) -> Value {
        let names = |teams: &[TeamId]| teams.iter().map(|team| self.team_name(*team)).collect::<Vec<_>>();
        let metric = |(id, metric): (MetricId, &Metric)| {
            let raci = &metric.governed.raci;
            json!({
                "name": metric.header.name.as_str(),
                "accountable": self.model.accountable(id, self.date).map(|team| self.team_name(team)),
                "responsible": names(&raci.responsible),
                "consulted": names(&raci.consulted),
                "informed": names(&raci.informed),
            })
        };
        let owned = |one: Owned<'_>| {
            let owner = one.owner.map(|team| self.team_name(team));
            json!({ "kind": one.kind, "name": one.header.name.as_str(), "owner": owner })
        };
        json!({
            "version": VERSION,
            "project": project,
            "on": self.date.to_string(),
            "metrics": self.metrics().map(metric).collect::<Vec<_>>(),
            "owned": self.owned().into_iter().map(owned).collect::<Vec<_>>(),
            "teams": self.teams().map(|(_, team)| self.team_as_json(team)).collect::<Vec<_>>(),
            "councils": self.councils().map(|council| self.council_as_json(council)).collect::<Vec<_>>(),
            "open_disputes": self.open_disputes().map(|one| self.dispute_as_json(one)).collect::<Vec<_>>(),
            "decisions": self.decisions().map(|one| self.decision_as_json(one)).collect::<Vec<_>>(),
        })
    }

    fn team_as_json(&self, team: &Team) -> Value {
        let members = team.members_on(self.date).map(|member| member.address.as_str());
        json!({
            "name": team.header.name.as_str(),
            "title": team.title,
            "lead": team.lead,
            "handle": team.handle,
            "members": members.collect::<Vec<_>>(),
        })
    }

    fn council_as_json(&self, council: &Council) -> Value {
        let members = council.members_on(self.date).map(|member| member.address.as_str());
        json!({
            "name": council.header.name.as_str(),
            "title": council.title,
            "handle": council.handle,
            "members": members.collect::<Vec<_>>(),
            "quorum": council.quorum_on(self.date),
            "decides": council.decides.iter().map(groma_model::SmolStr::as_str).collect::<Vec<_>>(),
        })
    }

    fn dispute_as_json(&self, dispute: &Dispute) -> Value {
        json!({
            "name": dispute.header.name.as_str(),
            "about": self.metric_names(&dispute.about),
            "between": dispute.between.iter().map(|team| self.team_name(*team)).collect::<Vec<_>>(),
            "since": dispute.since.map(|since| since.to_string()),
            "question": dispute.question,
        })
    }

    fn decision_as_json(&self, decision: &Decision) -> Value {
        json!({
            "name": decision.header.name.as_str(),
            "about": self.metric_names(&decision.about),
            "owner": decision.owner.map(|team| self.team_name(team)),
            "decided_by": decision.decided_by.iter().map(|one| approver(self.model, one)).collect::<Vec<_>>(),
            "on": decision.on.map(|on| on.to_string()),
            "because": decision.because,
        })
    }

    fn markdown(&self, project: &str) -> String {
        let orphans: Vec<&str> = self
            .metrics()
            .filter(|(id, _)| self.model.accountable(*id, self.date).is_none())
            .map(|(_, metric)| metric.header.name.as_str())
            .collect();
        let nobody = match orphans.as_slice() {
            [] => String::new(),
            names => format!("Nobody answers for {}.\n", all(names)),
        };
        let mut page = format!(
            "# Who answers for what in {} on {}\n\n{} and {}. {nobody}",
            text(project),
            self.date,
            counted(self.metrics().count(), "metric"),
            counted(self.teams().count(), "team")
        );
        page = format!("{}\n", page.trim_end());
        page.push_str(&self.matrix());
        page.push_str(&self.people());
        page.push_str(&self.others());
        page.push_str(&self.disputes());
        page
    }

    /// Metrics by teams, those teams only that have a part in one.
    fn matrix(&self) -> String {
        let has_part = |team: &TeamId| self.metrics().any(|(id, _)| !self.letters(id, *team).is_empty());
        let teams: Vec<TeamId> = (0..self.model.teams.len()).map(TeamId::at).filter(has_part).collect();
        if teams.is_empty() {
            return String::new();
        }
        let head: Vec<&str> = std::iter::once("metric").chain(teams.iter().map(|team| self.team_name(*team))).collect();
        let rows = self.metrics().map(|(id, metric)| {
            let letters = teams.iter().map(|team| self.letters(id, *team));
            std::iter::once(code(&metric.header.name)).chain(letters).collect()
        });
        format!("\n## Metrics\n\nA: accountable, R: responsible, C: consulted, I: informed.\n\n{}", table(&head, rows))
    }

    fn people(&self) -> String {
        let addresses = |members: Vec<&Member>| match members.as_slice() {
            [] => "**nobody**".to_owned(),
            some => some.iter().map(|member| code(&member.address)).collect::<Vec<_>>().join(", "),
        };
        let words = |value: Option<&String>| value.map(|value| text(value)).unwrap_or_default();
        let team = |(_, team): (TeamId, &Team)| {
            vec![
                code(&team.header.name),
                words(team.title.as_ref()),
                team.lead.as_ref().map(|lead| code(lead)).unwrap_or_default(),
                addresses(team.members_on(self.date).collect()),
            ]
        };
        let council = |council: &Council| {
            vec![
                code(&council.header.name),
                words(council.title.as_ref()),
                addresses(council.members_on(self.date).collect()),
                council.quorum_on(self.date).to_string(),
                council.decides.iter().map(|word| code(word)).collect::<Vec<_>>().join(", "),
            ]
        };
        let head = ["team", "title", "lead", "members on the day"];
        let teams = section("Teams", &head, self.teams().map(team).collect());
        let head = ["council", "title", "members on the day", "quorum", "decides"];
        format!("{teams}{}", section("Councils", &head, self.councils().map(council).collect()))
    }

    fn others(&self) -> String {
        let rows = self.owned().into_iter().map(|one| {
            let owner = one.owner.map_or_else(|| "**nobody**".to_owned(), |team| code(self.team_name(team)));
            vec![one.kind.to_owned(), code(&one.header.name), owner]
        });
        section("Data and definitions", &["", "name", "owner"], rows.collect())
    }

    fn disputes(&self) -> String {
        let metrics = |about: &[MetricId]| all(&self.metric_names(about));
        let dispute = |one: &Dispute| {
            let between: Vec<&str> = one.between.iter().map(|team| self.team_name(*team)).collect();
            let since = one.since.map(|since| since.to_string()).unwrap_or_default();
            vec![metrics(&one.about), all(&between), since, text(&one.question)]
        };
        let decision = |one: &Decision| {
            let by: Vec<String> = one.decided_by.iter().map(|by| code(&approver(self.model, by))).collect();
            let owner = one.owner.map(|team| code(self.team_name(team))).unwrap_or_default();
            let on = one.on.map(|on| on.to_string()).unwrap_or_default();
            vec![on, metrics(&one.about), owner, by.join(", "), text(&one.because)]
        };
        let head = ["about", "between", "since", "question"];
        let open = section("Open disputes", &head, self.open_disputes().map(dispute).collect());
        let head = ["on", "about", "who answers", "decided by", "because"];
        format!("{open}{}", section("Decisions", &head, self.decisions().map(decision).collect()))
    }
}

fn all(names: &[&str]) -> String {
    names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", ")
}

/// A table with its title; nothing without rows.
fn section(title: &str, head: &[&str], rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() { String::new() } else { format!("\n## {title}\n\n{}", table(head, rows)) }
}
