//! Who must agree to a change, by the councils, teams and keys of the state before it, and who has.

use super::findings::Findings;
use super::{Need, Party, Reason};
use crate::approval::{self, Approval, Approvals, Authors, Decision, Deed, Law, Role, Shelf, Statement};
use crate::comparison::{Assessed, State};
use crate::repository::Repository;
use crate::rights::{Rights, Trespass};
use groma_model::change::{Change, Class};
use groma_model::governance::Approver;
use groma_model::meaning::{self, Digest, Meanings};
use groma_model::schema::Kind;
use groma_model::{Diagnostic, Model, SmolStr, SourceMap};
use jiff::civil::Date;
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// Says of each change which approvals it needs and has; gives what is missing as findings, and the approvals that came with
/// the change and count for nothing. Which periods are frozen must be known already.
pub fn assess(
    repository: &Repository,
    base: &State,
    head: &mut State,
    changes: &mut [Assessed],
    today: Date,
) -> Vec<Diagnostic> {
    // The texts that findings point into are added meanwhile.
    let mut sources = std::mem::take(&mut head.project.sources);
    let found = assessed(repository, (base, head), changes, &mut sources, today);
    head.project.sources = sources;
    found.unwrap_or_else(|problem| vec![*problem])
}

fn assessed(
    repository: &Repository,
    (base, head): (&State, &State),
    changes: &mut [Assessed],
    sources: &mut SourceMap,
    today: Date,
) -> Result<Vec<Diagnostic>, Box<Diagnostic>> {
    let law = approval::law(repository, base, head, today)?;
    let before = &base.project.model;
    let mut shelf = Shelf { sources };
    let new = new_approvals(repository, base, head)?;
    let mut found = Vec::new();
    let mut valid = Vec::new();
    for (approval, verdict) in new.iter().zip(shelf.all_judged(&law, &new)) {
        match (verdict, &approval.statement) {
            (Some(finding), _) => found.push(finding),
            (None, Ok(statement)) => valid.push((statement, law.day(law.moment(approval)))),
            (None, Err(_)) => {}
        }
    }
    if !new.is_empty() {
        found.extend(shelf.malformed(&law));
    }
    let concern = |one: &Assessed| one.change.class > Class::Cosmetic;
    if !changes.iter().any(concern) {
        return Ok(found);
    }
    let identity = base.project.manifest.governance.identity;
    let rights = Rights { repository, law: &law, identity, base: before, head: &head.project.model };
    let councils = law.model.councils.iter().any(|council| !council.decides.is_empty());
    let asked = |one: &Assessed| concern(one) && (councils || !one.frozen.is_empty() || rights.is_owned(&one.change));
    // Who did what is read only where somebody has a say.
    let authors = match changes.iter().any(asked) {
        true => Authors::between(repository, base, head, shelf.sources)?,
        false => Authors::unread(shelf.sources),
    };
    let bench = Bench { law: &law, rights, head, authors, valid, direct: OnceCell::new() };
    let mut findings = Findings::new(&law, (base, head), &new);
    for one in changes.iter_mut().filter(|one| concern(one)) {
        let judged = bench.judge(&one.change, &one.frozen);
        one.needs.clone_from(&judged.needs);
        findings.add(one, &judged);
    }
    found.extend(findings.all());
    Ok(found)
}

/// The approvals that came with the change. Those that were there before are of other changes: they are spent.
fn new_approvals(repository: &Repository, base: &State, head: &State) -> Result<Vec<Approval>, Box<Diagnostic>> {
    let mut all = Approvals::read(repository, &head.revision)?.files;
    if all.is_empty() {
        return Ok(all);
    }
    let world = repository.world(&base.revision)?;
    let paths = world.files(approval::FOLDER).unwrap_or_default();
    let old: BTreeSet<Vec<u8>> = paths.iter().filter_map(|path| world.read(path).ok().flatten()).collect();
    all.retain(|approval| !old.contains(&approval.bytes));
    Ok(all)
}

/// What a change needs, and why it may not be made so.
pub(super) struct Judged {
    pub(super) needs: Vec<Need>,
    pub(super) trespass: Option<Trespass>,
    /// No council decides about published history.
    pub(super) nobody_decides: bool,
}

/// All that is judged by.
struct Bench<'a> {
    law: &'a Law<'a>,
    rights: Rights<'a>,
    head: &'a State,
    authors: Authors<'a>,
    /// With the day of each.
    valid: Vec<(&'a Statement, Date)>,
    /// The meanings of the head, where somebody asks.
    direct: OnceCell<Meanings>,
}

impl Bench<'_> {
    fn judge(&self, change: &Change, frozen: &[SmolStr]) -> Judged {
        let deeds = self.authors.of(change);
        let authors = self.hands(&deeds);
        let agreed: Vec<&(&Statement, Date)> =
            self.valid.iter().filter(|(statement, _)| self.is_for(statement, change)).collect();
        let mut needs = Vec::new();
        let councils = self.deciding(change);
        let nobody_decides = councils.is_empty()
            && change.subject.0 == Kind::Metric
            && matches!(change.class, Class::Restating | Class::Removing);
        for party in councils {
            needs.push(self.need(change, party, Reason::Decides, &agreed, &authors));
        }
        for (party, reason) in self.restating(change, frozen) {
            if !needs.iter().any(|need| need.from == party) {
                needs.push(self.need(change, party, reason, &agreed, &authors));
            }
        }
        let trespass = self.rights.trespass(change, &deeds);
        if let Some(trespass) = &trespass {
            // Whoever belongs to the owners may speak for them, whatever else they did.
            needs.push(self.need(change, Party::Team(trespass.team.clone()), Reason::Owns, &agreed, &[]));
        }
        Judged { needs, trespass, nobody_decides }
    }

    /// The addresses of those who made a change: as authors, and as those whose key it is signed with.
    fn hands(&self, deeds: &[&Deed]) -> Vec<SmolStr> {
        let signed = |deed: &Deed| {
            let commit = deed.commit?;
            Some(approval::claimed(self.rights.repository, commit, self.law))
        };
        let said = deeds.iter().map(|deed| deed.address.clone());
        let all: BTreeSet<SmolStr> =
            said.chain(deeds.iter().filter_map(|deed| signed(deed)).flatten()).filter(|one| !one.is_empty()).collect();
        all.into_iter().collect()
    }

    /// The councils that decide a change. What changes numbers is decided where the numbers are: at the metrics.
    fn deciding(&self, change: &Change) -> Vec<Party> {
        let restates = matches!(change.class, Class::Forward | Class::Restating);
        let decided = match change.subject.0 {
            Kind::Metric => true,
            Kind::Function | Kind::Window => false,
            _ => !restates,
        };
        let word = change.class.word();
        let councils = self.law.model.councils.iter().filter(|council| {
            decided && council.life().holds(self.law.today) && council.decides.iter().any(|class| class == word)
        });
        councils.map(|council| Party::Council(council.header.name.clone())).collect()
    }

    /// Those who must agree that a frozen period is restated, as the exception that says so names them.
    fn restating(&self, change: &Change, frozen: &[SmolStr]) -> Vec<(Party, Reason)> {
        let model = &self.head.project.model;
        let mut found = Vec::new();
        for exception in &model.exceptions {
            let Some((period, _)) = exception.restates.as_ref().filter(|(period, _)| frozen.contains(period)) else {
                continue;
            };
            let names =
                |name: &str| exception.metrics.iter().any(|(metric, _)| model.metric(*metric).header.name == name);
            let was = change.was.as_ref().is_some_and(|was| names(was));
            if change.subject.0 != Kind::Metric || !(was || names(&change.subject.1)) {
                continue;
            }
            for approver in &exception.approved_by {
                let exception = exception.header.name.clone();
                found.push((party(model, approver), Reason::Restates { period: period.clone(), exception }));
            }
        }
        found
    }

    fn need(
        &self,
        change: &Change,
        from: Party,
        because: Reason,
        agreed: &[&(&Statement, Date)],
        authors: &[SmolStr],
    ) -> Need {
        let (law, today) = (self.law, self.law.today);
        let given: BTreeSet<SmolStr> = agreed
            .iter()
            .filter(|(statement, day)| self.speaks_for(statement, *day, &from))
            .map(|(statement, _)| approval::address(&statement.by))
            .collect();
        let (wanted, open) = match &from {
            Party::Council(name) => {
                let council = law.model.councils.iter().find(|council| council.header.name == *name);
                let quorum = council.map_or(1, |council| council.quorum_on(today)).max(1);
                (quorum, law.members(&Role::Council(name.clone()), today).unwrap_or_default())
            }
            Party::Team(name) => (1, law.members(&Role::Team(name.clone()), today).unwrap_or_default()),
            Party::Person(address) => (1, vec![address.as_str()]),
        };
        let open: BTreeSet<SmolStr> =
            open.into_iter().map(approval::address).filter(|one| !given.contains(one)).collect();
        Need {
            class: change.class,
            from,
            because,
            wanted,
            given: given.into_iter().collect(),
            open: open.into_iter().collect(),
            authors: authors.to_vec(),
        }
    }

    /// Whether somebody's word is that of a party. Whoever signs for a council speaks for their team as well, not the other
    /// way round.
    fn speaks_for(&self, statement: &Statement, day: Date, party: &Party) -> bool {
        match party {
            Party::Council(name) => statement.role == Role::Council(name.clone()),
            Party::Team(name) => self.law.is_member(&statement.by, &Role::Team(name.clone()), day),
            Party::Person(address) => statement.by.eq_ignore_ascii_case(address),
        }
    }

    /// Whether a statement agrees to a change: to the meaning that it leads to, as what it is or something stricter.
    fn is_for(&self, statement: &Statement, change: &Change) -> bool {
        let meant = change.after.or(change.before.filter(|_| statement.class == Class::Removing));
        statement.subject == change.subject
            && statement.decision == Decision::Approve
            && statement.class >= change.class
            && Some(statement.digest) == meant
            && is_of(statement, self.head)
            && self.has_words(statement, change)
    }

    /// A change that leaves numbers as they are is agreed to word by word: the meaning alone would be the old one.
    fn has_words(&self, statement: &Statement, change: &Change) -> bool {
        if change.after.is_none() || change.before != change.after {
            return true;
        }
        let direct = |digest: Digest| statement.words == Some(digest);
        let all =
            self.direct.get_or_init(|| meaning::meanings(meaning::FORM, &self.head.project.eras()).unwrap_or_default());
        all.of.get(&change.subject).is_none_or(|meaning| direct(meaning.direct))
    }
}

/// Whether a statement is about this project.
pub(super) fn is_of(statement: &Statement, head: &State) -> bool {
    statement.project.is_empty() || statement.project == head.project.manifest.project
}

fn party(model: &Model, approver: &Approver) -> Party {
    match approver {
        Approver::Person(address, _) => Party::Person(approval::address(address)),
        Approver::Team(id, _) => Party::Team(model.teams[id.index()].header.name.clone()),
        Approver::Council(id, _) => Party::Council(model.councils[id.index()].header.name.clone()),
    }
}
