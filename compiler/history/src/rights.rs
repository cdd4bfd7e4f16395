//! Who may change what: by author and by signature.
//!
//! What this proves is as much as the policy asks for: an author's address is what whoever committed wrote there; a signature
//! says that somebody held the key.

use crate::approval::{self, Deed, Law};
use crate::repository::Repository;
use groma_model::change::{Change, Class};
use groma_model::governance::{Identity, Reach};
use groma_model::schema::Kind;
use groma_model::{Metric, MetricId, Model, SmolStr};
use jiff::civil::Date;

/// Who answers for what was changed, and those who changed it without belonging to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trespass {
    /// The team that answers today.
    pub(crate) team: SmolStr,
    /// Whose hands they were, in words.
    pub(crate) others: Vec<String>,
    /// A number of everyone's, rather than one region's.
    pub(crate) is_global: bool,
}

/// Rights as they stood before the change.
pub(crate) struct Rights<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) law: &'a Law<'a>,
    pub(crate) identity: Identity,
    /// The project before the change.
    pub(crate) base: &'a Model,
    pub(crate) head: &'a Model,
}

impl Rights<'_> {
    /// Whether a change is made by somebody who does not answer for what was changed.
    pub(crate) fn trespass(&self, change: &Change, deeds: &[&Deed]) -> Option<Trespass> {
        if !self.is_owned(change) {
            return None;
        }
        let (kind, name) = &change.subject;
        let was = change.was.as_ref().unwrap_or(name);
        match kind {
            Kind::Metric => self.of_metric(change, was, name, deeds),
            Kind::Region => self.of_region(was, deeds),
            _ => None,
        }
    }

    /// Whether a change is of something that somebody may answer for.
    pub(crate) fn is_owned(&self, change: &Change) -> bool {
        change.direct && change.class >= Class::Descriptive && matches!(change.subject.0, Kind::Metric | Kind::Region)
    }

    fn of_metric(&self, change: &Change, was: &str, name: &str, deeds: &[&Deed]) -> Option<Trespass> {
        // A metric is given to whom its first declaration gives it.
        let (model, id) = match self.base.metric_named(was) {
            Some(id) => (self.base, id),
            None => (self.head, self.head.metric_named(name)?),
        };
        let metric = model.metric(id);
        if is_left_to_others(metric, change) {
            return None;
        }
        let owners = |day: Date| owners(model, id, day);
        let is_global = metric.governed.reach == Reach::Global && std::ptr::eq(model, self.base);
        self.by_others(&owners, deeds).map(|(team, others)| Trespass { team, others, is_global })
    }

    fn of_region(&self, name: &str, deeds: &[&Deed]) -> Option<Trespass> {
        let region = self.base.regions.iter().find(|region| region.header.name == name)?;
        let owner = self.base.teams.get(region.owner?.index())?.header.name.clone();
        let owners = |_: Date| vec![owner.clone()];
        self.by_others(&owners, deeds).map(|(team, others)| Trespass { team, others, is_global: false })
    }

    /// The team that answers today, and those who do not belong to who answered on their day; nothing where all do.
    fn by_others(&self, owners: &dyn Fn(Date) -> Vec<SmolStr>, deeds: &[&Deed]) -> Option<(SmolStr, Vec<String>)> {
        let team = owners(self.law.today).into_iter().next()?;
        let mut others = Vec::new();
        for deed in deeds {
            let day = deed.time.map_or(self.law.today, |time| self.law.day(time));
            let roles: Vec<approval::Role> = owners(day).into_iter().map(approval::Role::Team).collect();
            // Where nobody is listed, nobody is known to be missing.
            let anybody = roles.iter().any(|role| self.law.members(role, day).is_some_and(|all| all.is_empty()));
            let who = self.who(deed);
            let is_theirs = who.as_ref().is_ok_and(|who| roles.iter().any(|role| self.law.is_member(who, role, day)));
            if !anybody && !is_theirs {
                others.push(who.map_or_else(|nobody| nobody, |who| who.to_string()));
            }
        }
        others.sort();
        others.dedup();
        (!others.is_empty()).then_some((team, others))
    }

    /// Who did something, as far as the policy believes it; else in words why nobody is known to have.
    fn who(&self, deed: &Deed) -> Result<SmolStr, String> {
        let said = match deed.address.as_str() {
            "" => Err("somebody without an address".to_owned()),
            _ => Ok(deed.address.clone()),
        };
        // What is not committed yet is this machine's; nobody else is asked to believe it.
        let Some(commit) = deed.commit.filter(|_| self.identity != Identity::Author) else { return said };
        let short = crate::repository::short(commit);
        let author = deed.address.as_str();
        match (approval::signer(self.repository, commit, self.law, deed.time), self.identity) {
            (Some(signers), Identity::Both) if !signers.iter().any(|signer| signer == author) => {
                Err(format!("{author} (commit {short} is signed by another's key)"))
            }
            (Some(_), Identity::Both) => said,
            (Some(signers), _) => signers.into_iter().next().ok_or_else(|| format!("nobody (commit {short})")),
            (None, _) => Err(format!("{author} (commit {short} has no valid signature)")),
        }
    }
}

/// The teams that answer for a metric on a day: its owner, and who is accountable.
fn owners(model: &Model, id: MetricId, day: Date) -> Vec<SmolStr> {
    let metric = model.metric(id);
    let teams = model.accountable(id, day).into_iter().chain(metric.owner);
    let mut names: Vec<SmolStr> =
        teams.filter_map(|team| model.teams.get(team.index())).map(|team| team.header.name.clone()).collect();
    names.dedup();
    names
}

/// Whether nothing changed but what the metric leaves to regions.
fn is_left_to_others(metric: &Metric, change: &Change) -> bool {
    let left = &metric.governed.local_may_change;
    let is_left = |key: &str| {
        let word = match key.split('.').next().unwrap_or(key) {
            "label" => "labels",
            word => word,
        };
        left.iter().any(|one| one == word)
    };
    !change.parts.is_empty() && change.parts.iter().all(|part| is_left(&part.key))
}
