//! Days on which something holds, and who answers for a metric on a day.

use crate::governance::{Accountable, Council};
use crate::model::{Member, MetricId, Model, Team, TeamId};
use jiff::civil::Date;
use std::fmt;

/// Days from a first to a last one, both included; open where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Tenure {
    pub from: Option<Date>,
    /// The last day.
    pub until: Option<Date>,
}

impl Tenure {
    /// Whether it ends before it begins: there is no such day.
    pub fn is_empty(&self) -> bool {
        matches!((self.from, self.until), (Some(from), Some(until)) if from > until)
    }

    /// Whether a day is one of them.
    pub fn holds(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// The days of both; `None` if there is none.
    pub fn and(&self, other: &Tenure) -> Option<Tenure> {
        let from = self.from.max(other.from);
        let until = match (self.until, other.until) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Some(Tenure { from, until }).filter(|days| !days.is_empty())
    }
}

impl fmt::Display for Tenure {
    /// `from 2026-03-01 until 2026-03-31`, `on 2026-03-01`, `from 2026-03-01 on`, `until 2026-03-31`, `always`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.until) {
            (Some(from), Some(until)) if from == until => write!(formatter, "on {from}"),
            (Some(from), Some(until)) => write!(formatter, "from {from} until {until}"),
            (Some(from), None) => write!(formatter, "from {from} on"),
            (None, Some(until)) => write!(formatter, "until {until}"),
            (None, None) => formatter.write_str("always"),
        }
    }
}

/// The day after, if the calendar has one.
pub(crate) fn after(day: Date) -> Option<Date> {
    day.tomorrow().ok()
}

/// The day before, if the calendar has one.
pub(crate) fn before(day: Date) -> Option<Date> {
    day.yesterday().ok()
}

impl Member {
    /// The days of the membership, whatever the days of the team.
    pub fn tenure(&self) -> Tenure {
        Tenure { from: self.from, until: self.until }
    }
}

impl Accountable {
    /// The days on which the team answers, whatever the days of the team.
    pub fn tenure(&self) -> Tenure {
        Tenure { from: self.from, until: self.until }
    }
}

impl Team {
    /// The days on which there is the team.
    pub fn life(&self) -> Tenure {
        Tenure { from: self.since, until: self.until }
    }

    /// Those who are members on a day.
    pub fn members_on(&self, day: Date) -> impl Iterator<Item = &Member> {
        let there = self.life().holds(day);
        self.members.iter().filter(move |member| there && member.tenure().holds(day))
    }
}

impl Council {
    /// The days on which there is the council.
    pub fn life(&self) -> Tenure {
        Tenure { from: self.since, until: self.until }
    }

    /// Those who are members on a day.
    pub fn members_on(&self, day: Date) -> impl Iterator<Item = &Member> {
        let there = self.life().holds(day);
        self.members.iter().filter(move |member| there && member.tenure().holds(day))
    }

    /// How many must agree on a day: what is written, or more than half of the members.
    pub fn quorum_on(&self, day: Date) -> usize {
        match self.quorum {
            Some(quorum) => usize::try_from(quorum).unwrap_or(usize::MAX),
            None => self.members_on(day).count() / 2 + 1,
        }
    }
}

impl Model {
    /// The teams that answer for a metric, each with the days on which it does and exists. Without `accountable` it is
    /// the owner.
    pub fn accountables(&self, id: MetricId) -> Vec<(TeamId, Tenure)> {
        let metric = self.metric(id);
        let written = &metric.governed.raci.accountable;
        let life = |team: TeamId| self.teams[team.index()].life();
        if written.is_empty() {
            return metric.owner.map(|owner| (owner, life(owner))).into_iter().collect();
        }
        let each = written.iter().filter_map(|one| Some((one.team, one.tenure().and(&life(one.team))?)));
        each.collect()
    }

    /// The team that answers for a metric on a day; none where nobody does.
    pub fn accountable(&self, id: MetricId, day: Date) -> Option<TeamId> {
        self.accountables(id).into_iter().find(|(_, days)| days.holds(day)).map(|(team, _)| team)
    }
}
