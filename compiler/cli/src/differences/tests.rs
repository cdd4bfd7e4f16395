use super::*;
use groma_history::need::Reason;
use groma_history::{Need, Party, Revision};
use groma_model::change::{CLASSES, Change};
use groma_model::{Code, SmolStr};
use groma_project::{MemoryWorld, compile};
use jiff::civil::date;
use serde_json::Value;

mod schema;

static MISSING: Code = Code::error("test/missing", "something is missing");

const METRICS: &str = "source orders {\n  file: \"orders.csv\"\n  time: ordered_on\n  columns {\n    ordered_on: date\n    \
     amount: decimal(12, 2) in usd\n  }\n}\n\nmetric revenue {\n  from: orders\n  measure: sum(amount)\n}\n";

fn state(revision: Revision, text: &str) -> State {
    let world = MemoryWorld::with_manifest("project: shop\n").file("metrics.groma", text);
    State { revision, project: compile(&world) }
}

fn change(class: Class, name: &str) -> Change {
    Change {
        subject: (Kind::Metric, name.into()),
        was: None,
        class,
        direct: true,
        through: Vec::new(),
        since: None,
        parts: Vec::new(),
        undecided: Vec::new(),
        before: None,
        after: "ab".repeat(32).parse().ok(),
        downstream: Vec::new(),
        span: None,
    }
}

fn part(class: Class, words: &str, before: &str, after: &str) -> Part {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Part { class, key: "where".into(), words: words.to_owned(), before: text(before), after: text(after), span: None }
}

fn need(wanted: usize, given: &[&str]) -> Need {
    Need {
        class: Class::Restating,
        from: Party::Council("metrics".into()),
        because: Reason::Decides,
        wanted,
        given: given.iter().copied().map(SmolStr::from).collect(),
        open: vec!["lee@shop.example".into()],
        authors: vec!["ada@shop.example".into()],
    }
}

fn assessed(change: Change) -> Assessed {
    Assessed { change, frozen: Vec::new(), needs: Vec::new() }
}

fn span(of: &str) -> Span {
    let start = METRICS.find(of).unwrap();
    // The manifest is the first file.
    Span::new(FileId(1), start, start + of.len())
}

/// One change of each kind of importance.
fn changes() -> Vec<Assessed> {
    let customer = (Kind::Customer, SmolStr::from("account"));
    let mut direct = change(Class::Restating, "revenue");
    direct.span = Some(span("revenue"));
    direct.before = "cd".repeat(32).parse().ok();
    direct.parts = vec![Part {
        span: Some(span("sum(amount)")),
        ..part(Class::Restating, "`where` now leaves refunds out", "amount > 0", "amount > 0 and not refund")
    }];
    direct.downstream = (0..20).map(|at| (Kind::Metric, format!("m{at}").into())).collect();
    direct.undecided = vec!["`f(amount)`".to_owned()];
    let mut inherited = change(Class::Restating, "nps");
    inherited.direct = false;
    inherited.through = vec![vec![customer.clone(), (Kind::Source, "accounts".into())]];
    let mut gone = change(Class::Removing, "old");
    gone.after = None;
    gone.span = Some(span("revenue"));
    let mut forward = change(Class::Forward, "soon");
    forward.since = Some(date(2026, 12, 1));
    let mut words = change(Class::Descriptive, "label");
    words.was = Some("caption".into());
    vec![
        assessed(words),
        assessed(inherited),
        Assessed { frozen: vec!["2026-Q3".into()], needs: vec![need(2, &["mira@shop.example"])], ..assessed(direct) },
        assessed(forward),
        assessed(gone),
    ]
}

fn compared(changes: Vec<Assessed>) -> Compared {
    compared_of(changes, state(Revision::Index, METRICS), state(Revision::WorkingTree, METRICS))
}

fn data() -> DataReport {
    let mover = Mover {
        period: "2026-01-01".to_owned(),
        groups: vec![("country".to_owned(), "de".to_owned())],
        base: Some("10.00".to_owned()),
        head: Some("12.50".to_owned()),
        difference: Some("2.50".to_owned()),
    };
    let run =
        MetricData { metric: "revenue".to_owned(), same: 12, changed: 1, movers: vec![mover], ..MetricData::default() };
    let refused = Some("the base has no such target".to_owned());
    let metrics = vec![run, MetricData { metric: "nps".to_owned(), not_run: refused, ..MetricData::default() }];
    DataReport { target: "local".to_owned(), metrics }
}

/// What is written of all changes, of data and of a finding.
fn written(render: impl Fn(&Differences<'_>) -> String) -> String {
    let (compared, data) = (compared(changes()), data());
    let findings =
        [MISSING.finding("an approval is missing").at(span("revenue"), "here").help("`groma approve revenue`")];
    render(&Differences::of(&compared, Some(&data), &findings, "shop/"))
}

fn of(changes: Vec<Assessed>, render: impl Fn(&Differences<'_>) -> String) -> String {
    render(&Differences::of(&compared(changes), None, &[], ""))
}

#[test]
fn people_read_first_whether_history_is_rewritten() {
    let text = written(|differences| human::render(differences, 100, false));
    let expected = "\
rewrites history: 2 metrics restating, 1 of them inherits it through source accounts; removes what
is published of 1 metric; 1 is frozen in 2026-Q3; of 1 it cannot be shown that nothing changes;
approvals are missing for 1
the index → the working tree

removing metric old, direct
  shop/metrics.groma:10:8 before

restating metric revenue (version 1), direct, frozen in 2026-Q3
  shop/metrics.groma:10:8
  `where` now leaves refunds out
    - amount > 0
    + amount > 0 and not refund
  undecided: `f(amount)`
  reaches: metric m0, metric m1, metric m2, metric m3, metric m4, metric m5, and 14 more
  approval: council metrics 1 of 2 (mira@shop.example), 1 missing, of lee@shop.example

restating metric nps, inherited through customer account → source accounts

forward metric soon, direct, from 2026-12-01 on

descriptive metric label (was caption), direct

on local: 1 cell differs; 1 metric could not be run
  revenue: 12 cells same, 1 changed
    2026-01-01, country de: 10.00 → 12.50 (+2.50)
  nps: not run: the base has no such target
";
    assert_eq!(text, expected);
}

#[test]
fn a_narrow_terminal_is_respected_and_colour_is_asked_for() {
    let text = written(|differences| human::render(differences, 40, false));
    assert!(text.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 40), "{text}");
    assert!(!text.contains('\u{1b}'));
    let text = written(|differences| human::render(differences, 100, true));
    assert!(text.contains("\u{1b}[1;31mrestating\u{1b}[0m metric revenue"), "{text}");
}

#[test]
fn the_first_line_is_about_the_worst() {
    let verdict = |changes: Vec<Assessed>| of(changes, |differences| differences.summary.verdict());
    let one = |class| vec![assessed(change(class, "a"))];
    assert_eq!(verdict(Vec::new()), "no number changes: nothing differs in meaning");
    assert_eq!(verdict(one(Class::Additive)), "no number changes: 1 additive");
    assert_eq!(verdict(one(Class::Removing)), "rewrites no value, but removes what is published of 1 metric");
    assert_eq!(verdict(one(Class::Restating)), "rewrites history: 1 metric restating");
    let mut forward = one(Class::Forward);
    forward[0].change.since = Some(date(2026, 12, 1));
    assert_eq!(verdict(forward), "rewrites no history: values change only from 2026-12-01 on (1 forward)");
    // What is removed may restate besides.
    let mut both = one(Class::Removing);
    both[0].change.parts.push(part(Class::Restating, "w", "", ""));
    assert_eq!(verdict(both), "rewrites history: 1 metric restating; removes what is published of 1 metric");
    let mut calendar = one(Class::Restating);
    calendar[0].change.subject = (Kind::Project, "calendar".into());
    let mut inherits = change(Class::Restating, "b");
    inherits.direct = false;
    inherits.through = vec![vec![calendar[0].change.subject.clone()]];
    calendar.push(assessed(inherits));
    let expected =
        "rewrites history: 1 metric and the project restating, the metric inherits it through project calendar";
    assert_eq!(verdict(calendar), expected);
}

#[test]
fn an_author_alone_is_not_enough() {
    let mut one = assessed(change(Class::Restating, "a"));
    one.needs.push(need(1, &["ada@shop.example"]));
    let text = of(vec![one], |differences| human::render(differences, 200, false));
    let said = "approval: council metrics 1 of 1 (ada@shop.example), 1 missing, by another than the author, of lee@shop.example";
    assert!(text.contains(said), "{text}");
}

#[test]
fn long_texts_are_shown_where_they_differ() {
    let lines = |middle: &str| format!("a\n{}{middle}\nz\n", "same\n".repeat(50));
    let [old, new] = words::excerpts(Some(&lines("x")), Some(&lines("y")), 5);
    assert_eq!((old, new), (vec!["x".to_owned()], vec!["y".to_owned()]));
    let [old, new] = words::excerpts(None, Some(&"n\n".repeat(9)), 5);
    assert_eq!((old.len(), new.len(), new[5].as_str()), (0, 6, "… 4 more"));
    let mut one = assessed(change(Class::Restating, "a"));
    one.change.parts.push(part(Class::Restating, "w", &"x".repeat(300), &"é ".repeat(100)));
    let text = of(vec![one], |differences| human::render(differences, 60, false));
    assert!(text.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 60), "{text}");
    // One more is in "the index".
    assert_eq!(text.matches('x').count(), 301);
}

#[test]
fn what_steers_a_terminal_is_written_out() {
    let mut one = assessed(change(Class::Restating, "a"));
    one.change.parts.push(part(Class::Restating, "w\u{1b}[2J", "a\u{202e}b", "c\r\nd"));
    let text = of(vec![one], |differences| human::render(differences, 100, false));
    assert!(text.contains("w\\u{1b}[2J") && text.contains("- a\\u{202e}b\n") && text.contains("+ c\n"), "{text}");
}

#[test]
fn github_sees_errors_where_consent_is_missing() {
    let text = written(github::render);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("::warning title=groma diff::rewrites history: 2 metrics restating"), "{text}");
    assert_eq!(
        lines[1],
        "::warning title=removing%3A metric old::metric old: removing, direct%0Ait stood at shop/metrics.groma:10 in the index"
    );
    let place = "file=shop/metrics.groma,line=10,endLine=10,col=8,endColumn=15";
    assert!(lines[2].starts_with(&format!("::error {place},title=restating%3A metric revenue::")), "{text}");
    assert!(lines[2].contains("%0Afrozen in 2026-Q3%0A`where` now leaves refunds out%0A"), "{text}");
    assert!(lines[3].starts_with("::warning title=restating%3A metric nps::"), "{text}");
    assert!(lines[4].starts_with("::notice title=forward%3A metric soon::"), "{text}");
    assert!(
        lines[6].starts_with(&format!("::error {place},title=test/missing::an approval is missing%0Ahelp: ")),
        "{text}"
    );
    assert_eq!(
        of(Vec::new(), github::render),
        "::notice title=groma diff::no number changes: nothing differs in meaning\n"
    );
}

#[test]
fn sarif_has_its_shape() {
    let document: Value = serde_json::from_str(&written(sarif::render)).unwrap();
    let run = &document["runs"][0];
    let rules: Vec<&str> =
        run["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(rules, ["test/missing", "change/descriptive", "change/forward", "change/restating", "change/removing"]);
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(result["ruleId"], rules[index]);
    }
    let (gone, restating) = (&run["results"][1], &run["results"][2]);
    assert_eq!((gone["level"].as_str(), restating["level"].as_str()), (Some("warning"), Some("error")));
    let place = &gone["locations"][0];
    assert_eq!(place["physicalLocation"]["artifactLocation"]["uri"], "shop/metrics.groma");
    assert_eq!(place["message"]["text"], "it stood at shop/metrics.groma:10:8 in the index");
    assert_eq!(restating["locations"][0]["physicalLocation"]["region"]["startLine"], 10);
    assert!(run["results"][3].get("locations").is_none());
    let empty: Value = serde_json::from_str(&of(Vec::new(), sarif::render)).unwrap();
    assert_eq!(empty["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn json_is_as_its_schema_says() {
    let document: Value = serde_json::from_str(&written(json::render)).unwrap();
    assert_eq!(document["summary"]["rewrites_history"], true);
    assert_eq!(document["summary"]["classes"]["restating"], 2);
    assert_eq!(document["changes"][1]["needs"][0]["missing"], 1);
    assert_eq!(document["changes"][1]["place"]["start"], serde_json::json!({ "line": 10, "column": 8 }));
    assert_eq!(document["changes"][1]["versions"], serde_json::json!({ "before": 1, "after": 1 }));
    assert_eq!(document["changes"][0]["place"]["side"], "base");
    assert_eq!(document["data"]["metrics"][0]["movers"][0]["groups"]["country"], "de");
    let empty: Value = serde_json::from_str(&of(Vec::new(), json::render)).unwrap();
    for document in [&document, &empty] {
        assert_eq!(schema::problems(document), Vec::<String>::new());
    }
    let mut wrong = document.clone();
    wrong["changes"][1]["class"] = "huge".into();
    wrong["summary"]["more"] = 1.into();
    assert_eq!(schema::problems(&wrong).len(), 2, "{:?}", schema::problems(&wrong));
}

#[test]
fn what_needs_say_is_not_said_twice() {
    let mut compared = compared(changes());
    let rejected = MISSING.finding("an approval was altered");
    let missing = groma_project::history::approval::MISSING.finding("`revenue` has 1 of 2 approvals");
    compared.findings = vec![rejected.clone(), missing];
    let differences = Differences::of(&compared, None, std::slice::from_ref(&rejected), "");
    let (json, page) = (json::render(&differences), markdown::render(&differences));
    assert_eq!((json.matches("was altered").count(), json.matches("1 of 2 approvals").count()), (1, 1));
    assert_eq!((page.matches("was altered").count(), page.matches("1 of 2 approvals").count()), (1, 0));
}

mod comment;

fn compared_of(changes: Vec<Assessed>, base: State, head: State) -> Compared {
    Compared { base, head, changes, base_errors: Vec::new(), findings: Vec::new() }
}
