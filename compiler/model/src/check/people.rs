//! Teams, and the dated members that teams and councils have.

use crate::check::declare::Declared;
use crate::check::entries::{self, Entries, WRONG_VALUE};
use crate::model::{Header, Member, Team};
use crate::schema::Kind;
use crate::tenure::Tenure;
use groma_syntax::ast::{Expr, ExprKind, Infix};
use groma_syntax::{Code, Diagnostic, Span};

/// A text that nobody can be written to by.
pub(crate) static NOT_AN_ADDRESS: Code =
    Code::error("governance/not-an-address", "A person is not named by an address.");
/// A name that code review does not know.
pub(crate) static NOT_A_HANDLE: Code =
    Code::error("governance/not-a-handle", "A team or a council has a handle that nothing can be assigned to.");
/// Dates in the wrong order.
pub(crate) static ENDS_FIRST: Code =
    Code::error("governance/ends-before-it-begins", "Something of people ends before it begins.");
/// A member of a team that is not there yet.
pub(crate) static MEMBER_BEFORE_TEAM: Code =
    Code::error("governance/member-before-team", "A member joins a team or a council before it exists.");
/// A member of a team that is no longer there.
pub(crate) static MEMBER_AFTER_TEAM: Code =
    Code::error("governance/member-after-team", "A member joins a team or a council after it has closed.");
/// A member who would be counted twice.
pub(crate) static MEMBER_TWICE: Code =
    Code::error("governance/member-twice", "A person is a member of a team or a council twice at the same time.");
/// A lead from outside.
pub(crate) static LEAD_NOT_A_MEMBER: Code =
    Code::error("governance/lead-not-a-member", "A team lists its members, and its lead is not among them.");

/// Reads a team. What it claims is read once there are metrics.
pub(crate) fn read(declared: &Declared, sink: &mut Vec<Diagnostic>) -> Team {
    let before = sink.len();
    let entries = Entries::read(&declared.item, Kind::Team.schema(), sink);
    let text = |key| entries.text(key).map(|(text, _)| text.to_owned());
    let life = life(&entries, "team", sink);
    let members = members(&entries, "team", &life, sink);
    lead(&entries, &members, sink);
    handle(&entries, sink);
    let header = declared.header();
    let broken = header.broken || sink.len() > before;
    Team {
        header: Header { broken, ..header },
        title: text("title"),
        lead: text("lead"),
        members,
        since: life.from,
        until: life.until,
        claims: Vec::new(),
        handle: text("handle"),
    }
}

/// The days on which there is a team or a council.
pub(crate) fn life(entries: &Entries<'_>, word: &str, sink: &mut Vec<Diagnostic>) -> Tenure {
    let (since, until) = (entries.date("since", sink), entries.date("until", sink));
    let days = Tenure { from: since.map(|(day, _)| day), until: until.map(|(day, _)| day) };
    if let (true, Some((since, first)), Some((until, last))) = (days.is_empty(), since, until) {
        sink.push(
            ENDS_FIRST
                .finding(format!("{word} `{}` closes on {until}, before it begins on {since}", entries.item.name.text))
                .at(last, "the last day")
                .also(first, "the first day")
                .help("exchange the two, or take one of them out"),
        );
        return Tenure { from: days.from, until: None };
    }
    days
}

/// The members of a team or a council with their dates; says what cannot be.
pub(crate) fn members(
    entries: &Entries<'_>,
    word: &'static str,
    life: &Tenure,
    sink: &mut Vec<Diagnostic>,
) -> Vec<Member> {
    let mut members: Vec<Member> = Vec::new();
    let group = Group { word, life, entries };
    for written in entries.values("members") {
        match member(written) {
            Ok(member) => {
                let right = address(&member.address, member.span, sink);
                let finding = group.wrong_dates(&member).or_else(|| group.twice(&member, &members));
                if right && finding.is_none() {
                    members.push(member);
                }
                sink.extend(finding);
            }
            Err(finding) => sink.push(*finding),
        }
    }
    members
}

fn member(written: &Expr) -> Result<Member, Box<Diagnostic>> {
    let not_a_member = || {
        Box::new(
            WRONG_VALUE
                .finding("a member is an address, perhaps with dates")
                .at(written.span, "cannot be read as a member")
                .help("write it like `\"analyst@acme.example\" from 2026-02-01 until 2026-12-31`"),
        )
    };
    let (who, days) = dated(written)?.ok_or_else(not_a_member)?;
    match &who.kind {
        ExprKind::Text(address) => {
            Ok(Member { address: address.clone(), span: written.span, from: days.from, until: days.until })
        }
        _ => Err(not_a_member()),
    }
}

/// What stands before `from` and `until`, and their days. `None` where it is of another form; an error where there is no such
/// day.
pub(crate) fn dated(written: &Expr) -> Result<Option<(&Expr, Tenure)>, Box<Diagnostic>> {
    let ExprKind::Infix { operator: operator @ (Infix::From | Infix::Until), left, right, .. } = &written.kind else {
        return Ok(Some((written, Tenure::default())));
    };
    if !matches!(right.kind, ExprKind::Date(_)) {
        return Ok(None);
    }
    let day = entries::day(right)?;
    let Some((who, mut days)) = dated(left)? else { return Ok(None) };
    let slot = if *operator == Infix::From { &mut days.from } else { &mut days.until };
    if slot.replace(day).is_some() {
        return Ok(None);
    }
    Ok(Some((who, days)))
}

/// A team or a council whose members are read.
struct Group<'a> {
    word: &'static str,
    life: &'a Tenure,
    entries: &'a Entries<'a>,
}

impl Group<'_> {
    /// Dates of a membership that cannot be.
    fn wrong_dates(&self, member: &Member) -> Option<Diagnostic> {
        let Member { address, span, .. } = member;
        let name = &self.entries.item.name.text;
        let place = |key: &str| self.entries.value(key).map_or(self.entries.item.name.span, |value| value.span);
        if let (true, Some(from), Some(until)) = (member.tenure().is_empty(), member.from, member.until) {
            return Some(
                ENDS_FIRST
                    .finding(format!("the membership of {address} ends on {until}, before it begins on {from}"))
                    .at(*span, format!("a member of `{name}` on no day"))
                    .help("exchange the two dates, or take one of them out"),
            );
        }
        if let (Some(from), Some(since)) = (member.from, self.life.from)
            && from < since
        {
            return Some(
                MEMBER_BEFORE_TEAM
                    .finding(format!(
                        "{address} joins `{name}` on {from}, and there is no such {} until {since}",
                        self.word
                    ))
                    .at(*span, format!("a member from {from} on"))
                    .also(place("since"), format!("the {} begins here", self.word))
                    .help(format!("let the membership begin on {since}, or the {} earlier", self.word)),
            );
        }
        if let (Some(from), Some(until)) = (member.from, self.life.until)
            && from > until
        {
            return Some(
                MEMBER_AFTER_TEAM
                    .finding(format!("{address} joins `{name}` on {from}, and the {} closes on {until}", self.word))
                    .at(*span, format!("a member from {from} on"))
                    .also(place("until"), format!("the last day of the {}", self.word))
                    .help("take the member out, or let the team close later".replace("team", self.word)),
            );
        }
        let (Some(until), Some(since)) = (member.until, self.life.from.filter(|_| member.from.is_none())) else {
            return None;
        };
        (until < since).then(|| {
            ENDS_FIRST
                .finding(format!("the membership of {address} ends on {until}, before `{name}` begins on {since}"))
                .at(*span, format!("a member of `{name}` on no day"))
                .also(place("since"), format!("the {} begins here", self.word))
                .help(format!("take the member out, or let the {} begin earlier", self.word))
        })
    }

    /// The same person twice on one day.
    fn twice(&self, member: &Member, others: &[Member]) -> Option<Diagnostic> {
        let same = |other: &&Member| other.address.eq_ignore_ascii_case(&member.address);
        let (other, days) =
            others.iter().filter(same).find_map(|other| Some((other, other.tenure().and(&member.tenure())?)))?;
        let name = &self.entries.item.name.text;
        Some(
            MEMBER_TWICE
                .finding(format!(
                    "{} is a member of `{name}` twice, {days}: one person would count as two",
                    member.address
                ))
                .at(member.span, "a member again")
                .also(other.span, "a member already")
                .help("keep one of the two, or let the first end before the second begins"),
        )
    }
}

/// Whether a text looks like an address; says so where it does not.
pub(crate) fn address(text: &str, span: Span, sink: &mut Vec<Diagnostic>) -> bool {
    let right = looks_like_address(text);
    if !right {
        sink.push(
            NOT_AN_ADDRESS
                .finding(format!("`{text}` is not an address: nobody can be asked about the number there"))
                .at(span, "not like `analyst@acme.example`")
                .help("write the address at which the person can be reached"),
        );
    }
    right
}

fn looks_like_address(text: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && !part.chars().any(|sign| sign.is_whitespace() || sign.is_control() || "<>()[],;:\"\\@".contains(sign))
    };
    let Some((person, place)) = text.rsplit_once('@') else { return false };
    plain(person) && plain(place) && place.contains('.') && place.split('.').all(|part| !part.is_empty())
}

/// The lead is a person, and a member where members are listed.
fn lead(entries: &Entries<'_>, members: &[Member], sink: &mut Vec<Diagnostic>) {
    let Some((lead, span)) = entries.text("lead") else { return };
    if !address(lead, span, sink) || members.is_empty() {
        return;
    }
    // A member that could not be read may be the lead.
    let read = members.len() == entries.values("members").len();
    if read && !members.iter().any(|member| member.address.eq_ignore_ascii_case(lead)) {
        let name = &entries.item.name.text;
        let place = entries.key_span("members").unwrap_or(span);
        sink.push(
            LEAD_NOT_A_MEMBER
                .finding(format!("{lead} leads `{name}` and is not one of its members"))
                .at(span, "the lead")
                .also(place, "not among them")
                .help("add the lead to the members, or name one of them as the lead"),
        );
    }
}

/// What code review assigns to: `@acme/support`, `@somebody` or an address.
pub(crate) fn handle(entries: &Entries<'_>, sink: &mut Vec<Diagnostic>) {
    let Some((handle, span)) = entries.text("handle") else { return };
    let plain =
        |part: &str| !part.is_empty() && part.chars().all(|sign| sign.is_ascii_alphanumeric() || "-_.".contains(sign));
    let named = handle.strip_prefix('@').is_some_and(|name| match name.split_once('/') {
        Some((company, team)) => plain(company) && team.split('/').all(plain),
        None => plain(name),
    });
    if !named && !looks_like_address(handle) {
        sink.push(
            NOT_A_HANDLE
                .finding(format!(
                    "`{handle}` is not a handle: no change could be given to `{}` for review",
                    entries.item.name.text
                ))
                .at(span, "not like `@acme/support`")
                .help("write it as code review knows it: `@acme/support`, `@somebody`, or an address"),
        );
    }
}
