//! Councils, decisions, disputes, and what teams claim.

use super::accountable;
pub(crate) use super::approver::approvers;
use crate::check::column_type::whole;
use crate::check::declare::{Declarations, Declared};
use crate::check::entries::{Entries, WRONG_VALUE, as_name};
use crate::check::names::{listed, nearest};
use crate::check::people::{handle, life, members};
use crate::check::source::owner;
use crate::governance::{Council, Decision, Dispute};
use crate::model::{Header, Member, MetricId, Model, TeamId};
use crate::schema::Kind;
use crate::tenure::{Tenure, after, before};
use groma_syntax::{Code, Diagnostic, Span};
use jiff::civil::Date;
use smol_str::SmolStr;

/// A quorum that is no number of people.
pub(crate) static NOT_A_QUORUM: Code =
    Code::error("governance/not-a-quorum", "The quorum of a council is not a whole number from 1 on.");
/// A council that can decide nothing.
pub(crate) static QUORUM_TOO_LARGE: Code =
    Code::error("governance/quorum-too-large", "A council has fewer members than must agree, on some day.");
/// A dispute of one.
pub(crate) static ONE_SIDED: Code =
    Code::error("governance/one-sided-dispute", "A dispute is between fewer than two teams.");

/// The classes of changes that a council may decide.
const CLASSES: [&str; 6] = ["descriptive", "policy", "additive", "forward", "restating", "removing"];

/// Reads them; everything they are about has been read before.
pub(crate) fn read(model: &mut Model, declarations: &Declarations, sink: &mut Vec<Diagnostic>) {
    model.councils = declarations.of(Kind::Council).iter().map(|declared| council(declared, sink)).collect();
    for (index, declared) in declarations.of(Kind::Team).iter().enumerate() {
        let before = sink.len();
        // What else is wrong with the team has been said.
        let entries = Entries::read(&declared.item, Kind::Team.schema(), &mut Vec::new());
        model.teams[index].claims = metrics(model, &entries, "claims", sink);
        model.teams[index].header.broken |= sink.len() > before;
    }
    model.disputes = declarations.of(Kind::Dispute).iter().map(|declared| dispute(model, declared, sink)).collect();
    model.decisions = declarations.of(Kind::Decision).iter().map(|declared| decision(model, declared, sink)).collect();
    accountable::check(model, declarations, sink);
}

/// The metrics that a key names, each once.
pub(crate) fn metrics(
    model: &Model,
    entries: &Entries<'_>,
    key: &str,
    sink: &mut Vec<Diagnostic>,
) -> Vec<(MetricId, Span)> {
    let mut found: Vec<(MetricId, Span)> = Vec::new();
    for (name, span) in entries.values(key).iter().filter_map(as_name) {
        let known = model.metrics.iter().map(|metric| metric.header.name.as_str());
        let id = crate::check::reference(&model.names, Kind::Metric, &name, span, known, sink).map(MetricId);
        match id.and_then(|id| found.iter().find(|(other, _)| *other == id)) {
            Some((_, first)) => sink.push(said_twice(&name, key, span, *first)),
            None => found.extend(id.map(|id| (id, span))),
        }
    }
    found
}

/// The teams that a key names, each once.
pub(crate) fn teams<'e>(
    model: &Model,
    written: impl Iterator<Item = &'e groma_syntax::ast::Expr>,
    key: &str,
    sink: &mut Vec<Diagnostic>,
) -> Vec<TeamId> {
    let mut found: Vec<(TeamId, Span)> = Vec::new();
    for (name, span) in written.filter_map(as_name) {
        let known = model.teams.iter().map(|team| team.header.name.as_str());
        let id = crate::check::reference(&model.names, Kind::Team, &name, span, known, sink).map(TeamId);
        match id.and_then(|id| found.iter().find(|(other, _)| *other == id)) {
            Some((_, first)) => sink.push(said_twice(&name, key, span, *first)),
            None => found.extend(id.map(|id| (id, span))),
        }
    }
    found.into_iter().map(|(team, _)| team).collect()
}

/// The finding about a name that a list has twice.
pub(crate) fn said_twice(name: &str, key: &str, span: Span, first: Span) -> Diagnostic {
    WRONG_VALUE
        .finding(format!("`{key}` names `{name}` twice"))
        .at(span, "named again")
        .also(first, "first named here")
        .help("take one of them out")
}

fn council(declared: &Declared, sink: &mut Vec<Diagnostic>) -> Council {
    let before = sink.len();
    let entries = Entries::read(&declared.item, Kind::Council.schema(), sink);
    let life = life(&entries, "council", sink);
    let members = members(&entries, "council", &life, sink);
    let (quorum, decides) = (quorum(&entries, sink), decides(&entries, sink));
    handle(&entries, sink);
    let text = |key| entries.text(key).map(|(text, _)| text.to_owned());
    let header = declared.header();
    let mut council = Council {
        title: text("title"),
        handle: text("handle"),
        members,
        quorum,
        since: life.from,
        until: life.until,
        decides,
        header: Header { broken: header.broken || sink.len() > before, ..header },
    };
    if !council.header.broken {
        let finding = too_few(&council, &entries);
        council.header.broken |= finding.is_some();
        sink.extend(finding);
    }
    council
}

fn quorum(entries: &Entries<'_>, sink: &mut Vec<Diagnostic>) -> Option<i64> {
    let written = entries.value("quorum")?;
    let quorum = whole(written).filter(|quorum| *quorum >= 1);
    if quorum.is_none() {
        sink.push(
            NOT_A_QUORUM
                .finding(format!(
                    "so many members of `{}` must agree: a whole number from 1 on",
                    entries.item.name.text
                ))
                .at(written.span, "not such a number")
                .help("write it like `quorum: 2`, or leave it out: more than half must agree then"),
        );
    }
    quorum
}

fn decides(entries: &Entries<'_>, sink: &mut Vec<Diagnostic>) -> Vec<SmolStr> {
    let mut found: Vec<SmolStr> = Vec::new();
    for (word, span) in entries.values("decides").iter().filter_map(as_name) {
        if CLASSES.contains(&word.as_str()) {
            found.push(word);
            continue;
        }
        let help = match nearest(&word, CLASSES) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("a council decides changes that are {}", listed(CLASSES)),
        };
        sink.push(
            WRONG_VALUE.finding(format!("no change is of the class `{word}`")).at(span, "not a class").help(help),
        );
    }
    found
}

/// The finding about days on which too few members are there for the quorum. Where nothing says since when there is the
/// council, it is there from its first member on.
fn too_few(council: &Council, entries: &Entries<'_>) -> Option<Diagnostic> {
    let (days, count) = first_without_quorum(council)?;
    let name = &council.header.name;
    let needed = council.quorum.unwrap_or(1);
    let members = match count {
        0 => "no member".to_owned(),
        1 => "1 member".to_owned(),
        many => format!("{many} members"),
    };
    let must = if needed == 1 { "1 must agree".to_owned() } else { format!("{needed} must agree") };
    let when = if days == Tenure::default() { String::new() } else { format!(" {days}") };
    let place = entries.value("quorum").map_or(council.header.span, |written| written.span);
    let left = days.from.and_then(before).and_then(|last| {
        council.members.iter().find(|member| member.until == Some(last)).map(|member| (member.span, last))
    });
    let finding = QUORUM_TOO_LARGE
        .finding(format!("council `{name}` can decide nothing{when}: it has {members}, and {must}"))
        .at(place, format!("{needed} of {members}"))
        .help("lower the quorum, add members for these days, or say `since` and `until` of the council");
    Some(match left {
        Some((span, last)) => finding.also(span, format!("a member until {last}")),
        None => finding.also(entries.key_span("members").unwrap_or(council.header.span), "the members"),
    })
}

/// The first days on which fewer are there than must agree, and how many are.
fn first_without_quorum(council: &Council) -> Option<(Tenure, usize)> {
    let needed = council.quorum.map_or(1, |quorum| usize::try_from(quorum).unwrap_or(usize::MAX));
    let open = council.members.iter().any(|member| member.from.is_none());
    let start = match (council.since, open) {
        (None, false) => council.members.iter().filter_map(|member| member.from).min(),
        (since, _) => since,
    };
    // The number of members changes on these days only.
    let mut changes: Vec<Date> = council.members.iter().filter_map(|member| member.from).collect();
    changes.extend(council.members.iter().filter_map(|member| member.until.and_then(after)));
    let lives = Tenure { from: start, until: council.until };
    if lives.is_empty() {
        return None;
    }
    changes.retain(|day| lives.holds(*day) && Some(*day) != start);
    changes.sort_unstable();
    changes.dedup();
    let starts = std::iter::once(start).chain(changes.iter().copied().map(Some));
    let ends = changes.iter().map(|day| before(*day)).chain(std::iter::once(council.until));
    let mut few: Option<(Tenure, usize)> = None;
    for (from, until) in starts.zip(ends) {
        let count = council.members.iter().filter(|member| covers(member, from)).count();
        match &mut few {
            Some((days, known)) if count == *known => days.until = until,
            Some(_) => break,
            None if count < needed => few = Some((Tenure { from, until }, count)),
            None => {}
        }
    }
    few
}

/// Whether someone is a member on a day; without a day, from the very beginning.
fn covers(member: &Member, day: Option<Date>) -> bool {
    match day {
        Some(day) => member.tenure().holds(day),
        None => member.from.is_none(),
    }
}

fn dispute(model: &Model, declared: &Declared, sink: &mut Vec<Diagnostic>) -> Dispute {
    let (entries, _) = super::entries(declared, Kind::Dispute, sink);
    let before = sink.len();
    let about = metrics(model, &entries, "about", sink).into_iter().map(|(metric, _)| metric).collect();
    let between = teams(model, entries.values("between").iter(), "between", sink);
    if let (true, [only]) = (sink.len() == before, entries.values("between")) {
        sink.push(
            ONE_SIDED
                .finding(format!("dispute `{}` is between one team: nobody disagrees with it", declared.name))
                .at(only.span, "and whom?")
                .help("name the other team too"),
        );
    }
    let since = entries.date("since", sink).map(|(day, _)| day);
    let question = said(&entries, "question", sink);
    let header = declared.header();
    let broken = header.broken || since.is_none() || question.is_empty() || sink.len() > before;
    Dispute { header: Header { broken, ..header }, about, between, since, question }
}

fn decision(model: &Model, declared: &Declared, sink: &mut Vec<Diagnostic>) -> Decision {
    let (entries, broken) = super::entries(declared, Kind::Decision, sink);
    let before = sink.len();
    let about = metrics(model, &entries, "about", sink).into_iter().map(|(metric, _)| metric).collect();
    let known = model.teams.iter().map(|team| team.header.name.as_str());
    let owner = owner(&entries, &model.names, known, sink);
    let decided_by = approvers(model, &entries, "decided_by", sink);
    let on = entries.date("on", sink).map(|(day, _)| day);
    let because = said(&entries, "because", sink);
    let broken = broken || sink.len() > before;
    Decision { header: Header { broken, ..declared.header() }, about, owner, decided_by, on, because }
}

/// A text that says something.
fn said(entries: &Entries<'_>, key: &str, sink: &mut Vec<Diagnostic>) -> String {
    let Some((text, span)) = entries.text(key) else { return String::new() };
    if text.trim().is_empty() {
        sink.push(
            WRONG_VALUE
                .finding(format!("`{key}` says nothing: whoever reads it later cannot know why"))
                .at(span, "empty")
                .help("write a sentence"),
        );
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::dates::{Draw, days};

    #[test]
    fn a_quorum_is_missed_on_the_first_day_with_too_few() {
        let mut draw = Draw::new(11);
        for _ in 0..5_000 {
            let council = council_of(&mut draw);
            let needed = usize::try_from(council.quorum.unwrap_or(1)).unwrap();
            let begins = council.since.or_else(|| {
                let open = council.members.iter().any(|member| member.from.is_none());
                if open { None } else { council.members.iter().filter_map(|member| member.from).min() }
            });
            let there = |day: Date| begins.is_none_or(|begins| begins <= day) && council.life().holds(day);
            let count = |day: Date| council.members.iter().filter(|member| member.tenure().holds(day)).count();
            let expected = days().find(|day| there(*day) && count(*day) < needed);
            let found = first_without_quorum(&council);
            let first = found.map(|(few, _)| few.from.unwrap_or_else(|| days().next().unwrap()));
            assert_eq!(first, expected, "{council:?} {found:?}");
            let Some((few, members)) = found else { continue };
            assert!(days().filter(|day| few.holds(*day)).all(|day| there(day) && count(day) == members), "{council:?}");
        }
    }

    fn council_of(draw: &mut Draw) -> Council {
        let span = Span::new(groma_syntax::FileId(0), 0, 0);
        let members: Vec<Member> = (0..=draw.below(4))
            .map(|number| (number, draw.tenure()))
            .filter(|(_, days)| !days.is_empty())
            .map(|(number, days)| Member {
                address: format!("{number}@a.example"),
                span,
                from: days.from,
                until: days.until,
            })
            .collect();
        let life = Some(draw.tenure()).filter(|life| !life.is_empty()).unwrap_or_default();
        let quorum = Some(draw.below(4)).filter(|quorum| *quorum > 0).map(|quorum| i64::try_from(quorum).unwrap());
        let header = Header { name: "metrics".into(), span, doc: None, standard: false, broken: false };
        let (since, until) = (life.from, life.until);
        Council { header, title: None, members, quorum, since, until, handle: None, decides: Vec::new() }
    }
}
