//! Dashboards, alerts and targets: what their changes are classed as, and who hears of a metric's change. Checks that keep
//! rows out of numbers.

use super::{Class, PROJECT, Project, between, class_of, edited, lines};
use crate::change::Change;
use crate::schema::Kind;

const READ: &str = r#"
/// Of the leadership.
dashboard leadership {
  owner: shop
  audience: executive
  note: "On Mondays."
  tile money { shows: revenue by channel  as: line  span: last 8 quarters }
  tile people { shows: nps  as: number  note: "Few answers." }
}
alert drop { on: revenue  when: value < 3  tell: shop  do: "call" }
target enough { metric: revenue  value: 40  because: "it pays" }
"#;

fn base() -> String {
    format!("{PROJECT}{READ}")
}

fn change(edits: &[(&str, &str)]) -> Vec<Change> {
    let base = base();
    between(&Project::of(&base), &Project::of(&edited(&base, edits)))
}

/// The class of the only change, and what it says.
fn only(edits: &[(&str, &str)]) -> (Class, String) {
    let changes = change(edits);
    let [one] = changes.as_slice() else { panic!("{:#?}", lines(&changes)) };
    let words: Vec<&str> = one.parts.iter().map(|part| part.words.as_str()).collect();
    (one.class, words.join("; "))
}

#[test]
fn tiles_come_and_go() {
    let new = "tile people {\n".replace('\n', "");
    let (class, words) = only(&[(&new, "tile more { shows: revenue  as: table }\n  tile people {")]);
    assert_eq!((class, words.as_str()), (Class::Additive, "tile `more` is new"));
    let gone = "  tile people { shows: nps  as: number  note: \"Few answers.\" }\n";
    let (class, words) = only(&[(gone, "")]);
    assert_eq!((class, words.as_str()), (Class::Removing, "tile `people` is gone"));
    let (class, words) = only(&[("shows: nps ", "shows: nps, orders_count "), ("as: number", "as: table")]);
    assert_eq!(class, Class::Additive, "{words}");
    let (class, words) = only(&[("shows: nps ", "shows: orders_count ")]);
    assert_eq!(class, Class::Removing, "{words}");
}

#[test]
fn words_and_policy() {
    for (edits, class, told) in [
        (&[("On Mondays.", "On Fridays.")][..], Class::Descriptive, "`note`"),
        (&[("Few answers.", "Fewer answers.")], Class::Descriptive, "tile `people`: "),
        (&[("as: line", "as: bar")], Class::Descriptive, "tile `money`: "),
        (&[("/// Of the leadership.", "/// Of all.")], Class::Descriptive, "the description"),
        (&[("audience: executive", "audience: frontline")], Class::Policy, "`audience`"),
        (&[("last 8 quarters", "last 4 quarters")], Class::Policy, "tile `money`: "),
        (&[("value < 3", "value < 4")], Class::Policy, "`when`"),
        (&[("\"call\"", "\"write\"")], Class::Descriptive, "`do`"),
        (&[("value: 40", "value: 41")], Class::Policy, "`value`"),
        (&[("it pays", "it pays well")], Class::Descriptive, "`because`"),
        (&[("value < 3", "(value < 3)")], Class::Cosmetic, "`when`"),
    ] {
        let (found, words) = only(edits);
        assert_eq!(found, class, "{edits:?}: {words}");
        assert!(words.contains(told), "{edits:?}: {words}");
    }
    let (class, words) = only(&[
        ("  tile people { shows: nps  as: number  note: \"Few answers.\" }\n", ""),
        ("  tile money", "  tile people { shows: nps  as: number  note: \"Few answers.\" }\n  tile money"),
    ]);
    assert_eq!((class, words.as_str()), (Class::Descriptive, "the tiles come in another order"));
}

#[test]
fn dashboards_come_and_go() {
    let whole = Project::of(&base());
    let without = Project::of(PROJECT);
    let come = between(&without, &whole);
    let gone = between(&whole, &without);
    for (kind, name, new, old) in [
        ("dashboard", "leadership", Class::Additive, Class::Removing),
        ("alert", "drop", Class::Policy, Class::Policy),
        ("target", "enough", Class::Policy, Class::Policy),
    ] {
        assert_eq!(class_of(&come, kind, name), Some(new), "{kind}");
        assert_eq!(class_of(&gone, kind, name), Some(old), "{kind}");
    }
    let changes = change(&[("dashboard leadership", "dashboard management")]);
    assert_eq!(lines(&changes), ["removing dashboard management was leadership"]);
}

#[test]
fn who_reads_a_metric_hears_of_its_change() {
    let changes = change(&[("metric nps { owner: shop customer", "metric nps { customer")]);
    let downstream = |name: &str| {
        let one = changes.iter().find(|change| change.subject.0 == Kind::Metric && change.subject.1 == name).unwrap();
        one.downstream.iter().map(|(kind, name)| format!("{} {name}", kind.word())).collect::<Vec<_>>()
    };
    assert!(downstream("nps").contains(&"dashboard leadership".to_owned()));
    let changes = change(&[("late: 2 days", "late: 5 days")]);
    let source = changes.iter().find(|change| change.subject.0 == Kind::Source).unwrap();
    for (kind, name) in [(Kind::Dashboard, "leadership"), (Kind::Alert, "drop"), (Kind::Goal, "enough")] {
        assert!(source.downstream.contains(&(kind, name.into())), "{name}: {:?}", source.downstream);
    }
}

#[test]
fn a_quarantine_changes_numbers() {
    let with = |action: &str| {
        let checks = format!("checks {{ paid: amount >= 0{action} }}\n  columns {{\n    order_id:");
        edited(PROJECT, &[("columns {\n    order_id:", &checks)])
    };
    let projects = ["", ", flag", ", stop", ", quarantine"].map(|action| Project::of(&with(action)));
    let [plain, flag, stop, quarantine] = &projects;
    let class = |base: &Project, head: &Project| {
        let changes = between(base, head);
        (class_of(&changes, "source", "orders"), class_of(&changes, "metric", "revenue"))
    };
    assert_eq!(class(plain, flag), (Some(Class::Cosmetic), None));
    assert_eq!(class(plain, stop), (Some(Class::Policy), None));
    assert_eq!(class(stop, quarantine), (Some(Class::Restating), Some(Class::Restating)));
    assert_eq!(class(quarantine, plain), (Some(Class::Restating), Some(Class::Restating)));
    let other = Project::of(&with(", quarantine").replace("amount >= 0, quarantine", "amount >= 1, quarantine"));
    assert_eq!(class(quarantine, &other), (Some(Class::Restating), Some(Class::Restating)));
    let same = Project::of(&with(", quarantine").replace("amount >= 0, quarantine", "0 <= amount, quarantine"));
    assert_eq!(class(quarantine, &same).1, None);
}
