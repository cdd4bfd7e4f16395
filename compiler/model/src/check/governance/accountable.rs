//! Exactly one team answers for an active metric on every day.
//!
//! Whether a team that answers is there at all depends on its dates only, not on today: what will be so is said before.

use crate::check::declare::{Declarations, Declared};
use crate::governance::Accountable;
use crate::model::{Metric, MetricId, Model, Status, TeamId};
use crate::schema::Kind;
use crate::tenure::{Tenure, after, before};
use groma_syntax::ast::Entry;
use groma_syntax::{Code, Diagnostic, Span};
use jiff::civil::Date;

/// Days on which nobody answers.
pub(crate) static NOBODY_ACCOUNTABLE: Code =
    Code::error("governance/nobody-accountable", "On some days nobody answers for an active metric.");
/// Days on which two answer.
pub(crate) static TWO_ACCOUNTABLE: Code =
    Code::error("governance/two-accountable", "On some days two teams answer for one metric.");

/// Looks at every metric that people rely on.
pub(super) fn check(model: &Model, declarations: &Declarations, sink: &mut Vec<Diagnostic>) {
    for (index, (metric, declared)) in model.metrics.iter().zip(declarations.of(Kind::Metric)).enumerate() {
        let relied_on = matches!(metric.status, Status::Active | Status::Deprecated);
        // The metrics of a survey are its owner's.
        if declared.standard || declared.survey.is_some() || !relied_on {
            continue;
        }
        let before = sink.len();
        overlaps(model, metric, sink);
        if metric.status == Status::Active && sink.len() == before {
            gaps(model, MetricId::at(index), declared, sink);
        }
    }
}

/// Days on which two teams answer.
fn overlaps(model: &Model, metric: &Metric, sink: &mut Vec<Diagnostic>) {
    let written = &metric.governed.raci.accountable;
    for (index, later) in written.iter().enumerate() {
        let clash = written[..index]
            .iter()
            .filter(|first| first.team != later.team)
            .find_map(|first| Some((first, there(model, first)?.and(&there(model, later)?)?)));
        let Some((first, days)) = clash else { continue };
        let (one, two) = (name(model, first.team), name(model, later.team));
        let when = if days == Tenure::default() { "always".to_owned() } else { days.to_string() };
        let end = days.from.and_then(before).map_or_else(
            || format!("say until when `{one}` does and from when on `{two}` does, or keep one of them"),
            |day| format!("let one end before the other begins: `{one} until {day}`, or keep one of them"),
        );
        sink.push(
            TWO_ACCOUNTABLE
                .finding(format!("both `{one}` and `{two}` answer for `{}` {when}", metric.header.name))
                .at(later.span, format!("`{two}` answers {}", later.tenure()))
                .also(first.span, format!("`{one}` answers {}", first.tenure()))
                .help(end),
        );
    }
}

/// The days on which a team answers and exists.
fn there(model: &Model, one: &Accountable) -> Option<Tenure> {
    one.tenure().and(&model.teams[one.team.index()].life())
}

/// Days from the first one on which someone answers, without anybody who does.
fn gaps(model: &Model, id: MetricId, declared: &Declared, sink: &mut Vec<Diagnostic>) {
    let metric = model.metric(id);
    let written = &metric.governed.raci.accountable;
    let mut held = model.accountables(id);
    if held.is_empty() && written.is_empty() {
        return;
    }
    held.sort_by_key(|(_, days)| *days);
    for days in uncovered(written, &held) {
        sink.push(gap(model, metric, declared, days));
    }
}

/// The days that nobody holds, from the first day that is written or held.
fn uncovered(written: &[Accountable], held: &[(TeamId, Tenure)]) -> Vec<Tenure> {
    // A team that answers from no date on does so from its own beginning.
    let starts = written.iter().filter_map(|one| one.from).chain(held.iter().filter_map(|(_, days)| days.from));
    let open = held.iter().any(|(_, days)| days.from.is_none());
    let mut next: Option<Date> = if open { None } else { starts.min() };
    let mut found = Vec::new();
    let mut begun = false;
    for (_, days) in held {
        if let (Some(expected), Some(from)) = (next, days.from)
            && expected < from
        {
            found.push(Tenure { from: Some(expected), until: before(from) });
        }
        let Some(until) = days.until else { return found };
        // There is no day after the last one of the calendar.
        let Some(following) = after(until) else { return found };
        next = if begun { next.max(Some(following)) } else { Some(following) };
        begun = true;
    }
    found.push(Tenure { from: next, until: None });
    found
}

fn gap(model: &Model, metric: &Metric, declared: &Declared, days: Tenure) -> Diagnostic {
    let name_of = &metric.header.name;
    let finding = NOBODY_ACCOUNTABLE.finding(match days == Tenure::default() {
        true => format!("nobody ever answers for `{name_of}`"),
        false => format!("nobody answers for `{name_of}` {days}"),
    });
    let written = &metric.governed.raci.accountable;
    let last_day = days.from.and_then(before);
    let owner = metric.owner.filter(|_| written.is_empty()).map(|team| (team, place(declared, "owner"), None));
    let listed = written.iter().map(|one| (one.team, one.span, one.until));
    let all: Vec<(TeamId, Span, Option<Date>)> = owner.into_iter().chain(listed).collect();
    let closes = |team: TeamId| model.teams[team.index()].until;
    // Whoever answers last before these days.
    let last = all.iter().find(|(team, _, until)| {
        let ends = [closes(*team), *until].into_iter().flatten().min();
        ends.is_some() && ends == last_day
    });
    let (team, span) = last.or(all.first()).map_or((None, metric.header.span), |(team, span, _)| (Some(*team), *span));
    let from = days.from.map(|day| format!(" from {day}")).unwrap_or_default();
    let help = match written.is_empty() {
        true => format!("name the team that answers{from}: `raci {{ accountable: … until …, …{from} }}`"),
        false => format!("name the team that answers{from} in `accountable`, or let another one begin earlier"),
    };
    let finding = finding.help(help);
    let Some(team) = team else { return finding.at(span, "nobody answers") };
    let (word, declared) = (name(model, team), &model.teams[team.index()]);
    match (declared.until, declared.since) {
        (Some(until), _) if Some(until) == last_day => finding
            .at(span, format!("`{word}` answers for it"))
            .also(declared.header.span, format!("the team closes on {until}")),
        (_, Some(since)) if days.until.is_some() && after_gap(days) == Some(since) => finding
            .at(span, format!("`{word}` answers for it"))
            .also(declared.header.span, format!("the team begins on {since}")),
        _ => finding.at(span, format!("`{word}` answers no longer")),
    }
}

fn after_gap(days: Tenure) -> Option<Date> {
    days.until.and_then(after)
}

/// The place of the value of a key, else of the name.
pub(crate) fn place(declared: &Declared, key: &str) -> Span {
    let found = declared.item.body.entries.iter().find_map(|entry| match entry {
        Entry::Value { key: written, values, .. } if written.text == key => {
            values.iter().map(|value| value.span).reduce(Span::to)
        }
        _ => None,
    });
    found.unwrap_or(declared.item.name.span)
}

fn name(model: &Model, team: TeamId) -> &str {
    &model.teams[team.index()].header.name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::dates::{Draw, days};

    #[test]
    fn gaps_are_the_days_that_nobody_holds() {
        let mut draw = Draw::new(7);
        for _ in 0..5_000 {
            let mut held: Vec<(TeamId, Tenure)> = (0..draw.below(4))
                .map(|team| (TeamId::at(team), draw.tenure()))
                .filter(|(_, days)| !days.is_empty())
                .collect();
            if held.is_empty() {
                continue;
            }
            held.sort_by_key(|(_, days)| *days);
            let gaps = uncovered(&[], &held);
            let first = held.iter().map(|(_, days)| days.from).min().flatten();
            for day in days() {
                let nobody = held.iter().all(|(_, days)| !days.holds(day));
                let begun = first.is_none_or(|first| first <= day);
                let found = gaps.iter().any(|gap| gap.holds(day));
                assert_eq!(found, nobody && begun, "{day}: {held:?} {gaps:?}");
            }
        }
    }
}
