//! Whether an approval counts: each way in which it may not has its own code.

use super::keygen::{self, Claim};
use super::signature::Signature;
use super::signers::{Signer, Signers};
use super::statement::{Role, Statement};
use super::{ALLOWED_SIGNERS, Approval, NAMESPACE};
use groma_model::{Diagnostic, Member, Model, SmolStr};
use groma_project::history::approval::{
    KEY_EXPIRED, KEY_NOT_YET_VALID, NOT_A_MEMBER, TAMPERED, UNKNOWN_KEY, UNREADABLE, WRONG_NAMESPACE,
};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::thread;

/// Who is who, and on which day it is judged.
#[derive(Debug, Clone)]
pub struct Law<'m> {
    /// Teams and councils.
    pub model: &'m Model,
    /// The file of signers, as it stands.
    pub text: String,
    pub signers: Signers,
    pub today: Date,
}

/// An approval that counts for nothing, and why.
pub(super) struct Rejected {
    pub(super) finding: Diagnostic,
    pub(super) at: At,
    pub(super) label: &'static str,
}

/// Where the reason stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// The line of the statement that begins with this key; the first one without.
    Statement(&'static str),
    Signature,
}

impl<'m> Law<'m> {
    /// The law of a model and a file of signers.
    pub fn new(model: &'m Model, text: String, today: Date) -> Self {
        Self { model, signers: Signers::read(&text), text, today }
    }

    /// The zone whose days count.
    fn zone(&self) -> TimeZone {
        TimeZone::get(&self.model.calendar.zone).unwrap_or(TimeZone::UTC)
    }

    /// The day of a moment.
    pub(crate) fn day(&self, time: Timestamp) -> Date {
        time.to_zoned(self.zone()).date()
    }

    /// The moment at which an approval is judged: that of its commit, not older than the commits before it; in the middle of
    /// today where it is in no commit.
    pub(crate) fn moment(&self, approval: &Approval) -> Timestamp {
        let noon = self.today.at(12, 0, 0, 0).to_zoned(self.zone()).map(|noon| noon.timestamp()).unwrap_or_default();
        match approval.place {
            // A date that is still to come is some clock's mistake.
            Some(place) => {
                place.before.filter(|before| *before <= noon).map_or(place.time, |before| before.max(place.time))
            }
            None => noon,
        }
    }

    /// Who may speak in a role on a day; none where there is no such team or council.
    pub fn members(&self, role: &Role, day: Date) -> Option<Vec<&'m str>> {
        let model = self.model;
        match role {
            Role::Team(name) => {
                let team = model.teams.iter().find(|team| team.header.name == *name)?;
                let lead = team.lead.as_deref().filter(|_| team.members.is_empty() && team.life().holds(day));
                Some(addresses(team.members_on(day)).chain(lead).collect())
            }
            Role::Council(name) => {
                let council = model.councils.iter().find(|council| council.header.name == *name)?;
                Some(addresses(council.members_on(day)).collect())
            }
        }
    }

    /// Whether somebody may speak in a role on a day.
    pub fn is_member(&self, address: &str, role: &Role, day: Date) -> bool {
        self.members(role, day).is_some_and(|all| all.iter().any(|one| one.eq_ignore_ascii_case(address)))
    }

    /// The lines that list a key for an address, for our namespace or at all.
    pub(super) fn lines<'s>(&'s self, address: &'s str, key: &'s [u8]) -> Vec<&'s Signer> {
        self.signers.of(address, key).filter(|signer| signer.may_sign(NAMESPACE)).collect()
    }

    /// Why an approval counts for nothing, if so.
    pub(super) fn judge(&self, approval: &Approval) -> Result<(), Box<Rejected>> {
        let statement = match &approval.statement {
            Ok(statement) => statement,
            Err(problem) => {
                let finding = UNREADABLE
                    .finding(format!("{} approves nothing: the statement {problem}", approval.path))
                    .help("take the file back as it was committed, or approve again: `groma approve`");
                return Err(rejected(finding, At::Statement(""), "not a statement that can be read"));
            }
        };
        let signature = signature(approval, statement)?;
        let packed = approval.signature.as_deref().unwrap_or_default();
        let claim = Claim { namespace: NAMESPACE, bytes: &approval.bytes, signature: packed };
        let moment = self.moment(approval);
        let broken = |finding: Box<Diagnostic>| rejected(*finding, At::Statement(""), "cannot be verified");
        if !keygen::is_by(&claim, &statement.by, &self.text, moment).map_err(broken)? {
            if !keygen::is_of(&claim).map_err(broken)? {
                return Err(tampered(approval, statement));
            }
            let lines = self.lines(&statement.by, &signature.key);
            self.listed(approval, statement, &lines)?;
            self.in_time(approval, statement, &lines, moment)?;
            return Err(Self::unlisted(approval, statement, "ssh-keygen does not take its key as that"));
        }
        self.membership(approval, statement, self.day(moment))
    }

    /// The same of many: verifying takes a program each.
    pub(super) fn judge_all(&self, all: &[Approval]) -> Vec<Result<(), Box<Rejected>>> {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(all.len());
        let share = all.len().div_ceil(threads.max(1)).max(1);
        let each = |part: &[Approval]| part.iter().map(|one| self.judge(one)).collect::<Vec<_>>();
        thread::scope(|scope| {
            let started: Vec<_> = all.chunks(share).map(|part| scope.spawn(move || each(part))).collect();
            let parts = started.into_iter();
            parts.flat_map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        })
    }

    /// Whether the key is the address's at all.
    fn listed(&self, approval: &Approval, statement: &Statement, lines: &[&Signer]) -> Result<(), Box<Rejected>> {
        if !lines.is_empty() {
            return Ok(());
        }
        let why = match self.text.is_empty() {
            true => format!("there is no {ALLOWED_SIGNERS}, so nobody's key is known"),
            false => format!("its key is not listed for {} in {ALLOWED_SIGNERS}", statement.by),
        };
        Err(Self::unlisted(approval, statement, &why))
    }

    fn unlisted(approval: &Approval, statement: &Statement, why: &str) -> Box<Rejected> {
        let by = &statement.by;
        let finding = UNKNOWN_KEY.finding(format!("{} does not count as {by}'s: {why}", approval.path)).help(format!(
            "add the public key as a line `{by} namespaces=\"{NAMESPACE}\" ssh-ed25519 AAAA…` in a change of its own, before \
             this one"
        ));
        rejected(finding, At::Statement("by"), "a key that is not known as this address's")
    }

    /// Whether the key was valid at the approval's place.
    fn in_time(
        &self,
        approval: &Approval,
        statement: &Statement,
        lines: &[&Signer],
        moment: Timestamp,
    ) -> Result<(), Box<Rejected>> {
        let begun = |line: &&&Signer| line.valid_after.is_none_or(|after| after <= moment);
        let open = |line: &&&Signer| line.valid_before.is_none_or(|before| moment <= before);
        if lines.iter().any(|line| begun(&line) && open(&line)) {
            return Ok(());
        }
        let (path, by, day) = (&approval.path, &statement.by, self.day(moment));
        let when = match approval.place {
            Some(_) => format!("was committed on {day}"),
            None => format!("is in no commit, so it is judged on {day}"),
        };
        let (finding, label) = match lines.iter().find(open) {
            Some(line) => {
                let after = line.valid_after.map(|after| self.day(after)).unwrap_or_default();
                let headline = format!("{path} {when}, and {by}'s key is valid only from {after} on");
                (KEY_NOT_YET_VALID.finding(headline), "signed with a key that was not valid yet")
            }
            None => {
                let before = lines.iter().filter_map(|line| line.valid_before).max();
                let before = before.map(|before| self.day(before)).unwrap_or_default();
                let headline = format!("{path} {when}, and {by}'s key was valid only until {before}");
                (KEY_EXPIRED.finding(headline), "signed with a key that was no longer valid")
            }
        };
        let help = format!(
            "let {by} approve again with a key that {ALLOWED_SIGNERS} lists for that day: what counts is when the file was \
             committed, not when it says it was signed"
        );
        Err(rejected(finding.help(help), At::Statement("by"), label))
    }

    /// Whether whoever signed belonged to whom they spoke for.
    fn membership(&self, approval: &Approval, statement: &Statement, day: Date) -> Result<(), Box<Rejected>> {
        let (by, role) = (&statement.by, &statement.role);
        let why = match self.members(role, day) {
            Some(members) if members.iter().any(|one| one.eq_ignore_ascii_case(by)) => return Ok(()),
            Some(members) if members.is_empty() => format!("`{role}` has no member on {day}"),
            Some(_) => format!("{by} is no member of `{role}` on {day}"),
            None => format!("there is no `{role}`"),
        };
        let finding = NOT_A_MEMBER.finding(format!("{} does not count: {why}", approval.path)).help(
            "let somebody approve who belongs to it, or correct the days of the membership in a change of its own",
        );
        Err(rejected(finding, At::Statement("role"), "not a member then"))
    }
}

/// The signature as it can be read, of our namespace.
fn signature(approval: &Approval, statement: &Statement) -> Result<Signature, Box<Rejected>> {
    let path = &approval.path;
    let by = &statement.by;
    let again = format!("let {by} approve again, and commit both files: `groma approve`");
    let Some(packed) = &approval.signature else {
        let finding =
            UNREADABLE.finding(format!("{path} approves nothing: there is no {path}.sig beside it")).help(again);
        return Err(rejected(finding, At::Statement(""), "a statement that nobody signed"));
    };
    let signature = Signature::read(packed).map_err(|problem| {
        let finding =
            UNREADABLE.finding(format!("{path} approves nothing: its signature {problem}")).help(again.clone());
        rejected(finding, At::Signature, "not a signature that can be read")
    })?;
    if signature.namespace != NAMESPACE {
        let headline = format!(
            "{path} approves nothing: its signature was made for `{}`, not for `{NAMESPACE}`",
            signature.namespace
        );
        return Err(rejected(WRONG_NAMESPACE.finding(headline).help(again), At::Signature, "made for something else"));
    }
    Ok(signature)
}

fn tampered(approval: &Approval, statement: &Statement) -> Box<Rejected> {
    let finding = TAMPERED
        .finding(format!("{} approves nothing: it is not what {} signed", approval.path, statement.by))
        .help(format!(
            "take the file back as it was committed, or let {} approve again: a statement is never edited",
            statement.by
        ));
    rejected(finding, At::Statement(""), "changed after it was signed")
}

fn rejected(finding: Diagnostic, at: At, label: &'static str) -> Box<Rejected> {
    Box::new(Rejected { finding, at, label })
}

fn addresses<'m>(members: impl Iterator<Item = &'m Member>) -> impl Iterator<Item = &'m str> {
    members.map(|member| member.address.as_str())
}

/// An address as it is compared: in small letters.
pub(crate) fn address(text: &str) -> SmolStr {
    SmolStr::new(text.to_ascii_lowercase())
}
