//! Hundreds of edits of two projects: what each is called, against what it does to the cells when both versions run on data.
//!
//! Sound: a change that is called additive or weaker alters no cell that was there, and one that is called forward none before
//! its day. Precise: of the edits that alter nothing, nearly all are called cosmetic, descriptive or policy.

mod cells;
mod changing;
mod exemplars;
mod neutral;
mod projects;
mod text;

use crate::compiler::Compiled;
use cells::{Cell, Computer, Content, case, day};
use groma_history::seal::{Forms, Generator, Lock, Maker, Sealed, holds, lock};
use groma_model::change::{CLASSES, Change, Class, Side, compare};
use groma_model::meaning::FORM;
use groma_model::schema::Kind;
use groma_project::Project;
use groma_tests::Outcome;
use libtest_mimic::{Failed, Trial};
use projects::Subject;
use std::collections::BTreeMap;
use text::{Edit, Edits};

/// The share of edits without effect that must be called so.
const PRECISION: f64 = 0.95;
/// At most so many edits of a project are judged: neutral ones, and others. They are chosen evenly.
const MOST: [usize; 2] = [150, 260];

type Cells = BTreeMap<Cell, Content>;

/// A trial for each project.
pub(crate) fn trials() -> Vec<Trial> {
    let trial = |name: &str, subject: fn() -> Outcome<Subject>| {
        let shown = name.to_owned();
        Trial::test(format!("mutations: no class promises too much ({name})"), move || {
            subject().and_then(|subject| judge(&shown, &subject)).map_err(Failed::from)
        })
    };
    let mut trials = vec![trial("cdnow", projects::cdnow), trial("academy", projects::academy)];
    match exemplars::folder() {
        Some(_) => trials.push(trial("exemplars", exemplars::project)),
        None => eprintln!("not run: edits of the design's exemplars (GROMA_EXEMPLARS names their folder)"),
    }
    trials
}

/// What came out of the edits of a project.
#[derive(Default)]
struct Verdict {
    /// By class: neutral edits, and others.
    counts: BTreeMap<Class, [usize; 2]>,
    /// Edits that do not compile, or that the data does not allow.
    left_out: usize,
    /// Of edits that say they alter nothing.
    without_effect: usize,
    imprecise: Vec<String>,
    violations: Vec<String>,
    /// Edits that alter a cell of the frozen period, and those of them that the lock catches.
    frozen: [usize; 2],
    /// Neutral edits that are called cosmetic, and those of them that the lock lets pass.
    passed: [usize; 2],
}

/// What an edit is compared with.
struct Base<'b> {
    subject: &'b Subject,
    compiled: &'b Compiled<'b>,
    cells: Cells,
    lock: Lock,
}

fn judge(name: &str, subject: &Subject) -> Outcome {
    let mut edits = Edits::new(&subject.files);
    edits.neutral();
    edits.changing(&subject.names);
    let base_case = case(&subject.files);
    let base = Compiled::new(&base_case);
    if let Some(found) = broken(&base.project) {
        return Err(format!("the project does not compile: {found}"));
    }
    let mut computer = Computer::new(subject.data.path(), subject.as_of);
    let cells = computer.cells(&base)?.ok_or("the project cannot be asked")?;
    let base = Base { subject, cells, lock: sealed(subject, &base.project), compiled: &base };
    let mut verdict = Verdict::default();
    for edit in chosen(&edits.list, true).into_iter().chain(chosen(&edits.list, false)) {
        one(&base, &mut computer, edit, &mut verdict)?;
    }
    println!("{}", verdict.table(name));
    let precision = verdict.precision();
    match verdict.violations.is_empty() && precision >= PRECISION {
        true => Ok(()),
        false => Err(format!("{name}: precision {precision:.3}\n{}", verdict.violations.join("\n"))),
    }
}

/// Some of the edits, from all over; `GROMA_MUTATIONS=all` takes all of them.
fn chosen(edits: &[Edit], neutral: bool) -> Vec<&Edit> {
    let of: Vec<&Edit> = edits.iter().filter(|edit| edit.neutral == neutral).collect();
    let most = MOST[usize::from(!neutral)];
    if of.len() <= most || std::env::var_os("GROMA_MUTATIONS").is_some_and(|value| value == "all") {
        return of;
    }
    (0..most).map(|at| of[at * of.len() / most]).collect()
}

/// A lock of all metrics over the subject's frozen days.
fn sealed(subject: &Subject, project: &Project) -> Lock {
    let (from, to) = subject.frozen;
    let text = String::from;
    let generator = Generator { name: text("groma"), version: text("0"), tzdb: text("0") };
    let period = Sealed { name: text("quarter"), covers: [text(from), text(to)], freeze: None, report: None };
    let named = project.model.metrics.iter().filter(|metric| !metric.header.standard);
    let metrics: Vec<_> = named.map(|metric| metric.header.name.clone()).collect();
    let maker = Maker { generator, form: FORM, period, commit: text("0"), metrics: &metrics };
    lock(maker, project, &mut Forms::of(project))
}

/// One edit: its class, and what it does.
fn one(base: &Base<'_>, computer: &mut Computer<'_>, edit: &Edit, verdict: &mut Verdict) -> Outcome {
    let (before, subject) = (&base.cells, base.subject);
    let case = case(&edit.files);
    let head = Compiled::new(&case);
    if broken(&head.project).is_some() {
        verdict.left_out += 1;
        return Ok(());
    }
    let changes = compare(&side(&base.compiled.project), &side(&head.project), subject.today);
    let class = changes.iter().map(|change| change.class).max().unwrap_or(Class::Cosmetic);
    let Some(after) = computer.cells(&head).map_err(|problem| format!("{}: {problem}", edit.words))? else {
        verdict.left_out += 1;
        return Ok(());
    };
    verdict.counts.entry(class).or_default()[usize::from(!edit.neutral)] += 1;
    let altered = altered(before, &after);
    for (cell, old, new) in &altered {
        if let Some(promise) = promise(&changes, cell) {
            let problem = format!("{}: {promise}, but {cell:?} was {old:?} and is {new:?}", edit.words);
            verdict.violations.push(problem);
            break;
        }
    }
    let holds = holds(&base.lock, &mut Forms::of(&head.project));
    let frozen = |(cell, ..): &&(&Cell, &Content, Option<&Content>)| {
        let (from, to) = subject.frozen;
        day(cell).is_some_and(|day| (from..=to).contains(&day.to_string().as_str()))
    };
    if let Some((cell, ..)) = altered.iter().find(frozen) {
        verdict.frozen[0] += 1;
        verdict.frozen[1] += usize::from(!holds);
        if holds {
            verdict.violations.push(format!("{}: the lock does not see that {cell:?} is another", edit.words));
        }
    }
    if edit.neutral && class == Class::Cosmetic {
        verdict.passed[0] += 1;
        verdict.passed[1] += usize::from(holds);
        if !holds {
            verdict.violations.push(format!("{}: it is cosmetic, and the lock does not let it pass", edit.words));
        }
    }
    if edit.neutral {
        verdict.without_effect += 1;
        if let Some((cell, old, new)) = altered.first() {
            verdict.violations.push(format!("{} is not neutral: {cell:?} was {old:?} and is {new:?}", edit.words));
        }
        if class > Class::Policy {
            let why = changes.iter().filter(|change| change.class > Class::Policy).map(said).next().unwrap_or_default();
            verdict.imprecise.push(format!("{}: {} ({why})", edit.words, class.word()));
        }
    }
    Ok(())
}

/// Cells that were there and are others now; a cell that is suppressed is hidden, and not altered.
fn altered<'c>(before: &'c Cells, after: &'c Cells) -> Vec<(&'c Cell, &'c Content, Option<&'c Content>)> {
    let hidden = |content: &Content| content.status == "suppressed";
    let same = |old: &Content, new: &Content| {
        let close = |left: Option<f64>, right: Option<f64>| match (left, right) {
            (Some(left), Some(right)) => (left - right).abs() <= 1e-9 * left.abs().max(right.abs()).max(1.0),
            (left, right) => left == right,
        };
        hidden(old) || hidden(new) || close(old.value, new.value) && close(old.n, new.n) && old.status == new.status
    };
    let changed = before.iter().filter_map(|(cell, old)| match after.get(cell) {
        Some(new) if same(old, new) => None,
        None if hidden(old) => None,
        new => Some((cell, old, new)),
    });
    changed.collect()
}

/// What the class of a cell's metric promises about it, if it does.
fn promise(changes: &[Change], cell: &Cell) -> Option<String> {
    let of = |change: &&Change| {
        let (kind, name) = &change.subject;
        *kind == Kind::Metric && (*name == cell.0 || change.was.as_deref() == Some(cell.0.as_str()))
    };
    let Some(change) = changes.iter().find(of) else { return Some("it is said not to change".to_owned()) };
    match (change.class, change.since, day(cell)) {
        (class, ..) if class <= Class::Additive => Some(format!("it is called {}", class.word())),
        (Class::Forward, Some(since), Some(day)) if day < since => {
            Some(format!("it is called forward from {since} on"))
        }
        _ => None,
    }
}

fn said(change: &Change) -> String {
    let (kind, name) = &change.subject;
    let words: Vec<&str> = change.parts.iter().map(|part| part.words.as_str()).collect();
    format!("{} {name}: {} {}", kind.word(), words.join("; "), change.undecided.join("; "))
}

/// Why a project does not compile; what rules find fault with does.
fn broken(project: &Project) -> Option<&str> {
    let is_rule = |code: &str| code.split('/').next().is_some_and(|area| PACKS.contains(&area));
    let of_survey = |code: &str| code.starts_with("survey/") && !code.contains("score") && !code.contains("owner");
    let mut found = project.diagnostics.iter().filter(|found| found.is_error());
    found.find(|found| !is_rule(found.code.id) || of_survey(found.code.id)).map(|found| found.headline.as_str())
}

/// The packs of standard rules, whose findings are about people and habits.
const PACKS: [&str; 10] =
    ["ownership", "survey", "lifecycle", "privacy", "evidence", "windows", "naming", "debt", "dashboards", "rule"];

fn side(project: &Project) -> Side<'_> {
    Side { eras: project.eras(), sources: &project.sources }
}

impl Verdict {
    fn precision(&self) -> f64 {
        let count = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        1.0 - count(self.imprecise.len()) / count(self.without_effect.max(1))
    }

    fn table(&self, name: &str) -> String {
        let all: usize = self.counts.values().flatten().sum();
        let mut text = format!(
            "{name}: {all} edits, {} of them neutral ({} more do not compile)\n",
            self.without_effect, self.left_out
        );
        text.push_str("class        neutral  others\n");
        for (word, class) in CLASSES {
            let [neutral, others] = self.counts.get(&class).copied().unwrap_or_default();
            text.push_str(&format!("{word:12} {neutral:7} {others:7}\n"));
        }
        text.push_str(&format!("violations {}, precision {:.3}\n", self.violations.len(), self.precision()));
        let ([altering, caught], [cosmetic, passed]) = (self.frozen, self.passed);
        text.push_str(&format!(
            "after a freeze: {caught} of {altering} caught, {} of {cosmetic} cosmetic ones\n",
            cosmetic - passed
        ));
        for imprecise in &self.imprecise {
            text.push_str(&format!("  imprecise: {imprecise}\n"));
        }
        text
    }
}
