use super::*;
use crate::walk::tests::History;
use groma_model::change::compare;
use groma_model::schema::Kind;
use groma_project::{MemoryWorld, Project, compile};
use std::collections::BTreeMap;

const MANIFEST: &str = "project: x\nlanguage: 1\ntimezone: UTC\nweek_starts: monday\ndefault_grain: month\n";
const SOURCE: &str = "source orders {\n  file: \"orders.csv\"\n  key: id\n  time: at\n  columns {\n    id: text\n    at: instant in \"UTC\"\n    amount: decimal(12, 2) in usd\n    paid: bool\n  }\n}\n";

type Files<'a> = BTreeMap<&'a str, String>;

fn files<'a>(metrics: &str) -> Files<'a> {
    BTreeMap::from([
        ("groma.yml", MANIFEST.to_owned()),
        ("s.groma", SOURCE.to_owned()),
        ("m.groma", metrics.to_owned()),
    ])
}

fn question(from: Oid, metric: &str) -> Question {
    let today = jiff::civil::date(2026, 7, 2);
    Question { from, metric: metric.into(), all: false, most: None, on: None, today }
}

fn history(history: &History, metric: &str) -> Vec<(String, &'static str, String)> {
    lines(&follow(history.git(), "", &question(history.tip(), metric)).unwrap())
}

fn lines(log: &Log) -> Vec<(String, &'static str, String)> {
    let word = |line: &Line| match &line.what {
        What::Broken => "broken",
        What::Introduced(_) => "introduced",
        What::Removed(_) => "removed",
        What::Changed(_) => "changed",
    };
    let class = |line: &Line| line.change().map_or(String::new(), |change| change.class.word().to_owned());
    log.lines.iter().map(|line| (line.author.summary.clone(), word(line), class(line))).collect()
}

fn summaries(found: &[(String, &'static str, String)]) -> Vec<String> {
    found.iter().map(|(summary, what, class)| format!("{summary}: {what} {class}").trim_end().to_owned()).collect()
}

#[test]
fn only_what_changes_the_meaning_is_told() {
    let mut history = History::new();
    history.commit("before", &BTreeMap::from([("README.md", "x".to_owned())]));
    history.commit("born", &files("metric m { from: orders  measure: sum(amount) }"));
    history.commit("nothing", &files("metric m { from: orders  measure: sum(amount) }"));
    history.commit("comment", &files("// why\nmetric m {\n  measure: sum(amount)\n  from: orders\n}\n"));
    history.commit(
        "other",
        &files("metric m { from: orders  measure: sum(amount) }\nmetric o { from: orders  measure: count() }"),
    );
    let mut moved = files("metric o { from: orders  measure: count() }");
    moved.insert("deep/m.groma", "metric m { from: orders  measure: sum(amount) }".to_owned());
    history.commit("moved", &moved);
    history.commit("filter", &files("metric m { from: orders  where: paid  measure: sum(amount) }"));
    history.commit("revert", &files("metric m { from: orders  measure: sum(amount) }"));
    let found = summaries(&self::history(&history, "m"));
    assert_eq!(found, ["revert: changed restating", "filter: changed restating", "born: introduced additive"]);
}

#[test]
fn what_is_inherited_is_told_with_its_way() {
    let mut history = History::new();
    let metric = "metric m { from: orders  measure: total(amount) }\n";
    history.commit("born", &files(&format!("{metric}function total(x: number) {{ value: sum(x) }}")));
    history.commit("function", &files(&format!("{metric}function total(x: number) {{ value: max(x) }}")));
    history.commit(
        "renamed function",
        &files("metric m { from: orders  measure: every(amount) }\nfunction every(x: number) { value: max(x) }"),
    );
    let mut zone =
        files("metric m { from: orders  measure: every(amount) }\nfunction every(x: number) { value: max(x) }");
    zone.insert("groma.yml", MANIFEST.replace("UTC", "Europe/Paris"));
    history.commit("zone", &zone);
    let log = follow(history.git(), "", &question(history.tip(), "m")).unwrap();
    let found = summaries(&lines(&log));
    assert_eq!(found, ["zone: changed restating", "function: changed restating", "born: introduced additive"]);
    assert!(
        log.lines[..2]
            .iter()
            .all(|line| line.change().is_some_and(|change| !change.direct && !change.through.is_empty()))
    );
}

#[test]
fn a_metric_that_was_broken_is_compared_with_the_last_that_was_not() {
    let mut history = History::new();
    history.commit("born", &files("metric m { from: orders  measure: sum(amount) }"));
    history.commit("typo", &files("metric m { from: orders  measure: sum(amont) }"));
    history.commit("worse", &files("metric m { from: orders  measure: }"));
    history.commit("mended", &files("metric m { from: orders  measure: sum(amount) }"));
    history.commit("typo again", &files("metric m { from: orders  measure: sum(amont) }"));
    history.commit("changed", &files("metric m { from: orders  measure: max(amount) }"));
    let log = follow(history.git(), "", &question(history.tip(), "m")).unwrap();
    let found = summaries(&lines(&log));
    assert_eq!(
        found,
        ["changed: changed restating", "typo again: broken", "typo: broken", "born: introduced additive"]
    );
    assert_eq!(log.lines[0].since.as_ref().map(|author| author.summary.as_str()), Some("mended"));
}

#[test]
fn a_metric_comes_goes_and_comes_again_under_other_names() {
    let mut history = History::new();
    history.commit("born", &files("metric m { from: orders  measure: sum(amount) }"));
    history.commit("gone", &files("metric o { from: orders  measure: count() }"));
    history.commit(
        "again",
        &files("metric m { from: orders  measure: sum(amount) }\nmetric o { from: orders  measure: count() }"),
    );
    history.commit(
        "renamed",
        &files("metric n { from: orders  measure: sum(amount) }\nmetric o { from: orders  measure: count() }"),
    );
    let found = summaries(&self::history(&history, "n"));
    assert_eq!(
        found,
        [
            "renamed: changed removing",
            "again: introduced additive",
            "gone: removed removing",
            "born: introduced additive"
        ]
    );
    assert_eq!(summaries(&self::history(&history, "nothing")), Vec::<String>::new());
    assert_eq!(summaries(&self::history(&history, "m")).len(), 4);
}

#[test]
fn of_a_merge_the_side_is_followed_that_the_metric_came_from() {
    let mut history = History::new();
    let born = history.commit("born", &files("metric m { from: orders  measure: sum(amount) }"));
    let side =
        history.commit_on(&[born], "side", &files("metric m { from: orders  where: paid  measure: sum(amount) }"));
    let main = history.commit_on(
        &[born],
        "main",
        &files("metric m { from: orders  measure: sum(amount) }\nmetric o { from: orders  measure: count() }"),
    );
    history.commit_on(
        &[main, side],
        "merge",
        &files(
            "metric m { from: orders  where: paid  measure: sum(amount) }\nmetric o { from: orders  measure: count() }",
        ),
    );
    assert_eq!(summaries(&self::history(&history, "m")), ["side: changed restating", "born: introduced additive"]);
    history.commit_on(&[main, side], "evil", &files("metric m { from: orders  measure: max(amount) }"));
    let found = summaries(&self::history(&history, "m"));
    assert_eq!(found, ["evil: changed restating", "side: changed restating", "born: introduced additive"]);
}

#[test]
fn a_project_that_was_moved_is_followed() {
    let mut history = History::new();
    history.commit("born", &files("metric m { from: orders  measure: sum(amount) }"));
    let deep = |metrics: &str| {
        let files = files(metrics);
        let names = ["deep/groma.yml", "deep/m.groma", "deep/s.groma"];
        names.into_iter().zip(files.into_values()).collect::<Files<'_>>()
    };
    history.commit("moved", &deep("metric m { from: orders  measure: sum(amount) }"));
    history.commit("changed", &deep("metric m { from: orders  measure: max(amount) }"));
    let log = follow(history.git(), "deep", &question(history.tip(), "m")).unwrap();
    assert_eq!(summaries(&lines(&log)), ["changed: changed restating", "born: introduced additive"]);
}

/// The metrics that random histories are made of.
fn variant(at: usize) -> String {
    let measures =
        ["sum(amount)", "max(amount)", "sum(base)", "total(amount)", "sum(amont)", "o + 1", "sum(amount + 1)"];
    let filters = [
        "",
        "where: paid",
        "where: not paid and amount > 1",
        "where: amount > 1 and not paid",
        "window: trailing 7 days",
    ];
    let extras = [
        "",
        "function total(x: number) { value: sum(x) }",
        "function total(x: number) { value: max(x) }",
        "metric o { from: orders  measure: count() }",
        "metric o { from: orders  measure: count(where paid) }",
        "// nothing",
        "metric broken { from: }",
    ];
    let names = ["m", "m", "m", "m", "m", "n"];
    let pick = |list: &[&str], salt: usize| list[(at.wrapping_mul(2_654_435_761) >> salt) % list.len()].to_owned();
    let (extra, other) = (pick(&extras, 7), pick(&extras[3..6], 11));
    let other = if extra.contains("metric o") { String::new() } else { other };
    let metric = format!(
        "metric {} {{ from: orders  {}  measure: {} }}",
        pick(&names, 17),
        pick(&filters, 9),
        pick(&measures, 13)
    );
    let metric = if at.is_multiple_of(11) { String::new() } else { metric };
    format!("{extra}\n{metric}\n{other}\n")
}

/// What the log says when every commit is compiled whole.
struct Slow<'h> {
    history: &'h History,
    compiled: BTreeMap<Oid, (Project, Option<bool>)>,
}

impl Slow<'_> {
    fn at(&mut self, commit: Oid) -> &(Project, Option<bool>) {
        let history = self.history;
        self.compiled.entry(commit).or_insert_with(|| {
            let files = history.files(commit).into_iter();
            let world = files.fold(MemoryWorld::default(), |world, (path, text)| world.file(path, text));
            let project = compile(&world);
            let unread = project.diagnostics.iter().any(|found| found.code.id.starts_with("syntax/"));
            let metric = project.model.metric_named("m").map(|id| project.model.metric(id).header.broken);
            let there = if unread { None } else { metric.map_or(Some(false), |broken| (!broken).then_some(true)) };
            (project, there)
        })
    }

    fn state(&mut self, mut commit: Oid) -> (Oid, bool) {
        loop {
            match (self.at(commit).1, self.history.parents(commit).first()) {
                (Some(there), _) => return (commit, there),
                (None, Some(parent)) => commit = *parent,
                (None, None) => return (commit, false),
            }
        }
    }

    fn change(&mut self, now: Oid, was: Option<Oid>) -> Option<(&'static str, String)> {
        let now = self.state(now);
        let was = was.map_or((now.0, false), |was| self.state(was));
        if now == was || !now.1 && !was.1 {
            return None;
        }
        self.at(now.0);
        self.at(was.0);
        let empty = compile(&MemoryWorld::default());
        let project = |(commit, there): (Oid, bool)| if there { &self.compiled[&commit].0 } else { &empty };
        let (base, head) = (crate::slice::side(project(was)), crate::slice::side(project(now)));
        let subject = (Kind::Metric, SmolStr::new("m"));
        let today = jiff::civil::date(2026, 7, 2);
        let change = compare(&base, &head, today).into_iter().find(|change| change.subject == subject);
        match (now.1, was.1) {
            (true, false) => Some(("introduced", "additive".to_owned())),
            (false, true) => Some(("removed", "removing".to_owned())),
            _ => change
                .filter(|change| change.class >= Class::Additive)
                .map(|change| ("changed", change.class.word().to_owned())),
        }
    }
}

#[test]
fn the_fast_log_is_the_slow_log() {
    for seed in 0..12_usize {
        let mut history = History::new();
        let mut commits: Vec<Oid> = Vec::new();
        for step in 0..12_usize {
            let files = files(&variant(seed * 31 + step * 7 + seed % 3));
            let name = format!("{step}");
            let last = commits.last().copied();
            let commit = match last {
                None => history.commit(&name, &files),
                Some(last) if step % 5 == 4 => history.commit_on(&[last, commits[step / 2]], &name, &files),
                Some(last) => history.commit_on(&[last], &name, &files),
            };
            commits.push(commit);
        }
        let mut slow = Slow { history: &history, compiled: BTreeMap::new() };
        let mut expected = BTreeMap::new();
        let (mut open, mut known) = (vec![history.tip()], std::collections::BTreeSet::new());
        while let Some(commit) = open.pop() {
            if !known.insert(commit) {
                continue;
            }
            let parents = history.parents(commit);
            let changes: Vec<_> = parents.iter().map(|parent| slow.change(commit, Some(*parent))).collect();
            match changes.iter().position(Option::is_none) {
                Some(same) => open.push(parents[same]),
                None => {
                    let change = changes.into_iter().next().flatten().or_else(|| slow.change(commit, None));
                    expected.extend(change.map(|change| (commit, change)));
                    open.extend(parents);
                }
            }
        }
        let log = follow(history.git(), "", &question(history.tip(), "m")).unwrap();
        let told: BTreeMap<_, _> = log
            .lines
            .iter()
            .zip(lines(&log))
            .filter(|(_, (_, what, _))| *what != "broken")
            .filter(|(line, _)| line.name == "m" && line.change().is_none_or(|change| change.was.is_none()))
            .map(|(line, (_, what, class))| (line.author.commit, (what, class)))
            .collect();
        let renamed = log.lines.iter().any(|line| line.change().is_some_and(|change| change.was.is_some()));
        if !renamed {
            assert_eq!(told, expected, "seed {seed}");
        }
    }
}
