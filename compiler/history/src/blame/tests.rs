use super::*;
use crate::walk::tests::History;

const MANIFEST: &str = "project: x\nlanguage: 1\ntimezone: UTC\nweek_starts: monday\ndefault_grain: month\n";
const SOURCE: &str = "source orders {\n  file: \"orders.csv\"\n  key: id\n  time: at\n  columns {\n    id: text\n    at: instant in \"UTC\"\n    amount: decimal(12, 2) in usd\n    paid: bool\n  }\n}\n";

fn files(metrics: &str) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("groma.yml", MANIFEST.to_owned()),
        ("s.groma", SOURCE.to_owned()),
        ("m.groma", metrics.to_owned()),
    ])
}

/// Each entry and each declaration with the commit that gave it its meaning.
fn blamed(history: &History, metric: &str) -> Vec<String> {
    let place = Place { folder: SmolStr::default(), name: metric.into() };
    let mut blamer = Blamer::new(history.git());
    let blame = blamer.blame(&Point { commit: history.tip(), place }).unwrap().unwrap();
    let entries = blame.entries.iter().map(|entry| format!("{}: {} ({})", entry.key, entry.text, entry.by.summary));
    let bases = blame
        .built_from
        .iter()
        .map(|base| format!("{} {} ({})", base.subject.0.word(), base.subject.1, base.by.summary));
    entries.chain(bases).collect()
}

#[test]
fn an_entry_keeps_the_commit_that_gave_it_its_meaning() {
    let mut history = History::new();
    history.commit("born", &files("metric m { from: orders  where: paid and amount > 1  measure: sum(amount) }"));
    history.commit("commuted", &files("metric m { where: (amount > 1) and paid  measure: sum(amount)  from: orders }"));
    history.commit("unit", &files("metric m { where: (amount > 1) and paid  measure: max(amount)  from: orders }"));
    history.commit("renamed", &files("metric n { where: (amount > 1) and paid  measure: max(amount)  from: orders }"));
    assert_eq!(
        blamed(&history, "n"),
        [
            "from: orders (born)",
            "measure: max(amount) (unit)",
            "where: (amount > 1) and paid (born)",
            "source orders (born)"
        ]
    );
}

#[test]
fn what_it_is_built_from_has_a_commit_of_its_own() {
    let mut history = History::new();
    let metric = "metric m { from: orders  window: recent  measure: total(amount) }\n";
    history.commit(
        "born",
        &files(&format!(
            "{metric}window recent {{ value: trailing 7 days }}\nfunction total(x: number) {{ value: sum(x) }}"
        )),
    );
    history.commit(
        "longer",
        &files(&format!(
            "{metric}window recent {{ value: trailing 9 days }}\nfunction total(x: number) {{ value: sum(x) }}"
        )),
    );
    history.commit(
        "most",
        &files(&format!(
            "{metric}window recent {{ value: trailing 9 days }}\nfunction total(y: number) {{ value: max(y) }}"
        )),
    );
    history.commit(
        "parameter",
        &files(&format!(
            "{metric}window recent {{ value: trailing 9 days }}\nfunction total(z: number) {{ value: max(z) }}"
        )),
    );
    let found = blamed(&history, "m");
    assert_eq!(found[3..], ["source orders (born)", "function total (most)", "window recent (longer)"]);
    let inlined = "metric m { from: orders  window: trailing 9 days  measure: max(amount) }";
    history.commit("inlined", &files(inlined));
    assert_eq!(
        blamed(&history, "m")[..3],
        ["from: orders (born)", "measure: max(amount) (born)", "window: trailing 9 days (born)"]
    );
}

#[test]
fn each_side_of_a_merge_keeps_its_entries() {
    let mut history = History::new();
    let born = history.commit("born", &files("metric m { from: orders  measure: sum(amount) }"));
    let left =
        history.commit_on(&[born], "left", &files("metric m { from: orders  where: paid  measure: sum(amount) }"));
    let right = history.commit_on(&[born], "right", &files("metric m { from: orders  measure: max(amount) }"));
    history.commit_on(&[left, right], "merge", &files("metric m { from: orders  where: paid  measure: max(amount) }"));
    assert_eq!(
        blamed(&history, "m")[..3],
        ["from: orders (born)", "measure: max(amount) (right)", "where: paid (left)"]
    );
}
