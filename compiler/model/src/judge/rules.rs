//! What rules say on a date, and which of their findings are set aside.

use super::{Court, Judgement, SOON, Waived};
use crate::governance::Waiver;
use crate::rule::evaluate::Evaluator;
use crate::rule::facts::Facts;
use crate::rule::read::DIVIDES_BY_ZERO;
use crate::rule::value::Thing;
use crate::rule::{Body, Rule, Sort, written};
use crate::schema::Kind;
use groma_syntax::{Code, Diagnostic, Span};
use jiff::civil::Date;
use smol_str::SmolStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A waiver that sets nothing aside.
pub(crate) static UNUSED_WAIVER: Code =
    Code::warning("governance/unused-waiver", "A waiver sets nothing aside: what it is for keeps the rule.");
/// A waiver after its last day.
pub(crate) static EXPIRED_WAIVER: Code =
    Code::warning("governance/expired-waiver", "A waiver is past its last day and sets nothing aside any more.");

/// Applies every rule that holds.
pub(super) fn judge(court: &Court<'_>, judgement: &mut Judgement) {
    let mut waivers = Waivers::of(court);
    for found in all(court) {
        for (key, finding) in found.against {
            waivers.take(found.code.id, &key, finding, judgement);
        }
        judgement.findings.extend(found.divided);
    }
    waivers.finish(judgement);
}

/// From so many metrics on, rules are shared out.
const MANY: usize = 500;
/// Among so many threads; each has facts of its own, so more of them would find out the same things more often.
const THREADS: usize = 2;
/// As much as a deep condition may need.
const STACK: usize = 16 << 20;

/// What each rule says, in the order of the rules.
fn all<'m>(court: &Court<'m>) -> Vec<Found> {
    let model = court.model;
    let in_force = |rule: &'m Rule| match (&rule.body, rule.code_under(&model.policy)) {
        (Some(body), Some(code)) if !rule.header.broken => Some((rule, body, code)),
        _ => None,
    };
    let rules: Vec<_> = model.rules.iter().filter_map(in_force).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let facts = Facts::new(model, court.date);
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((rule, body, code)) = rules.get(at) else { return done };
            done.push((at, Application { facts: &facts, rule, body, code }.apply()));
        }
    };
    let helpers = if model.metrics.len() < MANY { 0 } else { THREADS - 1 };
    let mut done = thread::scope(|scope| {
        let start = |_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok();
        let started: Vec<_> = (0..helpers).map_while(start).collect();
        let mut done = work();
        for helper in started {
            done.extend(helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, found)| found).collect()
}

/// What a rule found.
struct Found {
    code: &'static Code,
    /// What does not keep it, with the declaration that a waiver would name.
    against: Vec<((Kind, SmolStr), Diagnostic)>,
    divided: Option<Diagnostic>,
}

/// A rule and what it is applied to.
struct Application<'a, 'm> {
    facts: &'a Facts<'m>,
    rule: &'a Rule,
    body: &'a Body,
    /// At the level that the policy says.
    code: &'static Code,
}

impl<'a> Application<'a, '_> {
    fn apply(&self) -> Found {
        let mut found = Found { code: self.code, against: Vec::new(), divided: None };
        let mut evaluator = Evaluator::new(self.facts);
        for at in 0..self.facts.count(self.body.about) {
            let thing = Thing::new(self.body.about, at);
            if !self.facts.is_judged(thing) {
                continue;
            }
            evaluator.look_at(thing);
            let concerned = self.body.filter.as_ref().is_none_or(|filter| evaluator.truth(filter) == Some(true));
            let kept = !concerned || evaluator.truth(&self.body.require) == Some(true);
            if let Some(span) = evaluator.divided.take() {
                found.divided.get_or_insert_with(|| self.divided(thing, span));
            } else if !kept {
                let finding = self.finding(thing, &mut evaluator);
                found.against.push((self.key(thing), finding));
            }
        }
        found
    }

    fn finding(&self, thing: Thing, evaluator: &mut Evaluator<'a, '_>) -> Diagnostic {
        let place = self.place(thing);
        let message = self.body.message.fill(evaluator, self.facts);
        let mut finding = self.code.finding(message).at(place, format!("against rule `{}`", self.rule.name()));
        if !self.rule.header.standard {
            finding = finding.also(self.body.span, "this must hold");
        }
        let (kind, name) = self.key(thing);
        let aside = format!("say why not, and until when, in a `waiver` on `{}.{name}`", kind.word());
        let help = self.body.help.as_ref().map(|help| help.fill(evaluator, self.facts));
        finding.help(match help {
            Some(help) => format!("{help}; or {aside}"),
            None => format!("make it so, or {aside}"),
        })
    }

    /// The declaration that a waiver names to set a finding aside: of a column its source, of a tile its dashboard.
    fn key(&self, thing: Thing) -> (Kind, SmolStr) {
        match thing.sort {
            Sort::Declared(kind) => (kind, self.facts.name(thing)),
            Sort::Column => {
                let source = self.facts.column(thing.index()).0;
                (Kind::Source, self.facts.model.source(source).header.name.clone())
            }
            Sort::Tile => {
                let dashboard = self.facts.tile(thing.index()).0;
                (Kind::Dashboard, self.facts.model.dashboards[dashboard].header.name.clone())
            }
        }
    }

    fn place(&self, thing: Thing) -> Span {
        let key = self.body.at.as_ref().and_then(|key| match thing.sort {
            Sort::Declared(kind) => written::place(self.facts.declared(kind, thing.index()), key),
            Sort::Column | Sort::Tile => None,
        });
        key.unwrap_or_else(|| self.facts.place(thing))
    }

    fn divided(&self, thing: Thing, span: Span) -> Diagnostic {
        let (word, name) = (thing.sort.word(), self.facts.name(thing));
        DIVIDES_BY_ZERO
            .finding(format!(
                "rule `{}` divides by zero for {word} `{name}`, so it says nothing of it",
                self.rule.name()
            ))
            .at(span, "zero on its right side")
            .also(self.facts.place(thing), format!("for this {word}, the first of them"))
            .help("compare products instead (`a > 2 * b`), or leave these out with `where`")
    }
}

/// The waivers and what they set aside.
struct Waivers<'m> {
    date: Date,
    waivers: Vec<(&'m Waiver, Vec<bool>)>,
}

impl<'m> Waivers<'m> {
    fn of(court: &Court<'m>) -> Self {
        let sound = court.model.waivers.iter().filter(|waiver| !waiver.header.broken);
        Self { date: court.date, waivers: sound.map(|waiver| (waiver, vec![false; waiver.on.len()])).collect() }
    }

    /// Sets a finding aside, or lets it stand.
    fn take(&mut self, code: &str, key: &(Kind, SmolStr), finding: Diagnostic, judgement: &mut Judgement) {
        let date = self.date;
        for (waiver, used) in &mut self.waivers {
            if waiver.rule.0 != code {
                continue;
            }
            let Some(at) = waiver.on.iter().position(|(kind, name, _)| *kind == key.0 && *name == key.1) else {
                continue;
            };
            used[at] = true;
            if let Some(until) = waiver.until.filter(|until| *until >= date) {
                judgement.waived.push(Waived { finding, waiver: waiver.header.name.clone(), until });
                return;
            }
        }
        judgement.findings.push(finding);
    }

    /// Counts the waivers, and says which are of no use.
    fn finish(self, judgement: &mut Judgement) {
        for (waiver, used) in self.waivers {
            let Some(until) = waiver.until else { continue };
            if until < self.date {
                judgement.findings.push(expired(waiver, until, used.contains(&true)));
                continue;
            }
            if used.contains(&true) {
                judgement.in_force += 1;
                let left = until.since(self.date).map(|span| i64::from(span.get_days())).unwrap_or_default();
                judgement.ending_soon += usize::from(left <= SOON);
            }
            judgement.findings.extend(unused(waiver, &used));
        }
    }
}

fn expired(waiver: &Waiver, until: Date, needed: bool) -> Diagnostic {
    let (name, rule) = (&waiver.header.name, &waiver.rule.0);
    let help = match needed {
        true => "put right what it was for, or have it approved again with a later `until`",
        false => "delete it: what it was for keeps the rule by now",
    };
    EXPIRED_WAIVER
        .finding(format!("waiver `{name}` ended on {until}, so `{rule}` holds again"))
        .at(waiver.header.span, "past its last day")
        .help(help)
}

/// A waiver of no use is one finding; one that is of use for some, a finding for each of the others.
fn unused<'w>(waiver: &'w Waiver, used: &'w [bool]) -> Vec<Diagnostic> {
    let (name, rule) = (&waiver.header.name, &waiver.rule.0);
    if !used.contains(&true) {
        let finding = UNUSED_WAIVER
            .finding(format!("waiver `{name}` sets nothing aside: `{rule}` finds nothing in what it is for"))
            .at(waiver.header.span, "of no use")
            .help("delete it, so that it does not hide what comes later");
        return vec![finding];
    }
    let idle = waiver.on.iter().zip(used).filter(|(_, used)| !**used);
    let finding = |((kind, on, span), _): (&(Kind, SmolStr, Span), &bool)| {
        UNUSED_WAIVER
            .finding(format!("waiver `{name}` sets nothing aside for {} `{on}`, which keeps `{rule}`", kind.word()))
            .at(*span, "of no use here")
            .help("take it out of `on`")
    };
    idle.map(finding).collect()
}
