//! Commands from outside: arguments in, streams and exit code out. What needs an engine is tested in `tests/`.

use crate::{Terminal, run};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

struct Ended {
    code: u8,
    answers: String,
    messages: String,
}

fn groma(folder: &Path, arguments: &[&str]) -> Ended {
    let (terminal, captured) = Terminal::captured(100);
    let start: [OsString; 3] = ["groma".into(), "-C".into(), folder.into()];
    let code = run(start.into_iter().chain(arguments.iter().map(OsString::from)), terminal);
    Ended { code, answers: captured.answers.text(), messages: captured.messages.text() }
}

/// A new project with the name `shop`, in a folder of its own.
fn new_project() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let ended = groma(folder.path(), &["new", "shop"]);
    assert_eq!(ended.code, 0, "{}", ended.messages);
    let project = folder.path().join("shop");
    (folder, project)
}

#[test]
fn a_new_project_is_clean_and_in_style() {
    let (folder, project) = new_project();
    let ended = groma(&project, &["check"]);
    assert_eq!((ended.code, ended.answers.as_str()), (0, ""), "{}", ended.messages);
    assert!(ended.messages.starts_with("no findings: 6 metrics, 3 sources, 1 customer, 2 teams"), "{}", ended.messages);
    assert_eq!(groma(&project, &["fmt", "--check"]).answers, "");
    let again = groma(folder.path(), &["new", "shop"]);
    assert_eq!(again.code, 2);
    assert!(again.messages.contains("not empty"), "{}", again.messages);
    assert_eq!(groma(folder.path(), &["new", "7 shops"]).code, 2);
}

#[test]
fn findings_end_with_1_and_wrong_use_with_2() {
    let (_folder, project) = new_project();
    for (arguments, code, said) in [
        (&["query", "revenu"][..], 2, "did you mean `revenue`?"),
        (&["query", "revenue", "--from", "yesterday"], 2, "not a day such as"),
        (&["query", "revenue", "--from", "2026-02", "--to", "2026-01", "--sql"], 2, "before it begins"),
        (&["query", "revenue", "--grain", "mont"], 2, "month"),
        (&["query", "revenue", "--as-of", "yesterday", "--sql"], 2, "not a day such as"),
        (&["query", "revenue", "--as-of", "2026-05-01", "--from", "2026-05", "--sql"], 2, "when nothing is known"),
        (&["query", "revenue", "--intervals", "--confidence", "0.9", "--sql"], 2, "not a percentage"),
        (&["query", "revenue", "--confidence", "90%", "--sql"], 2, "--intervals"),
        (&["query", "revenue", "--totals", "--sql"], 2, "--by"),
        (&["query", "revenue", "--weights", "--sql"], 2, "`revenue` has no `weight`"),
        (&["run", "--weights"], 2, "none of the metrics has a `weight`"),
        (&["query", "revenue", "--by", "subscriber.rgion", "--sql"], 2, "--by:1:"),
        (&["query", "revenue", "--where", "subscriber.region =", "--sql"], 2, "--where:1:"),
        (&["query", "revenue", "--target", "wharehouse", "--sql"], 2, "did you mean `warehouse`?"),
        (&["graph", "revenu"], 2, "did you mean `revenue`?"),
        (&["explain", "revenu"], 2, "did you mean `revenue`?"),
        (&["test", "revenu"], 2, "did you mean `revenue`?"),
        (&["explain", "name/unknwon"], 2, "did you mean `name/unknown`?"),
        (&["kitten"], 2, "unrecognized subcommand"),
        (&["fmt", "nowhere.groma"], 2, "there is no file"),
        (&["query", "revenue", "--target", "warehouse"], 1, "target/missing-variable"),
        (&["-C", "nowhere", "check"], 1, "project/no-manifest"),
    ] {
        let ended = groma(&project, arguments);
        assert_eq!(ended.code, code, "{arguments:?}\n{}", ended.messages);
        assert!(ended.messages.contains(said), "{arguments:?}\n{}", ended.messages);
        assert_eq!(ended.answers, "", "{arguments:?}");
    }
}

#[test]
fn results_are_on_stdout_alone() {
    let (_folder, project) = new_project();
    for (arguments, part) in [
        (&["list"][..], "revenue_per_order"),
        (&["list", "sources", "--format", "json"], "\"name\": \"orders\""),
        (&["list", "functions"], "std.nps"),
        (&["graph"], "metric_revenue --> metric_revenue_per_order"),
        (&["graph", "nps", "--format", "dot"], "\"source.answers\" -> \"metric.nps\""),
        (&["graph", "--format", "json"], "\"id\": \"metric.nps\""),
        (&["explain", "revenue"], "not refunded"),
        (&["explain", "revenue"], "settled"),
        (&["explain", "revenue", "--format", "json"], "\"settles_after\": \"0 days\""),
        (&["explain", "subscriber", "--format", "json"], "\"title\": \"customer subscriber\""),
        (&["explain", "project/empty", "--format", "json"], "\"documentation\": \"# project/empty"),
        (&["explain", "nps"], "100 * (promoters(score) - detractors(score))"),
        (&["explain", "subscriber"], "not is_test"),
        (&["explain", "project/empty"], "## Why it matters for the number"),
        (&["query", "revenue", "--sql", "--by", "subscriber.region"], "SELECT"),
        (&["query", "revenue", "--sql", "--as-of", "2025-05-01T10:00Z"], "2025-05-01"),
        (&["query", "revenue", "--sql", "--target", "warehouse"], "\"shop\".\"orders\""),
        (&["completions", "bash"], "complete -F"),
        (&["man"], ".TH groma"),
        (&["man", "check"], "groma-check"),
        (&["reference"], "## groma query"),
        (&["--help"], "Exit codes"),
        (&["check", "--format", "sarif"], "\"version\": \"2.1.0\""),
        (&["check", "--format", "junit"], "name=\"no findings\""),
        (&["check", "--format", "json"], "\"errors\": 0"),
    ] {
        let ended = groma(&project, arguments);
        assert_eq!((ended.code, ended.messages.as_str()), (0, ""), "{arguments:?}");
        assert!(ended.answers.contains(part), "{arguments:?}\n{}", ended.answers);
    }
}

#[test]
fn a_project_without_examples_says_so() {
    let (_folder, project) = new_project();
    let ended = groma(&project, &["test"]);
    assert_eq!((ended.code, ended.answers.as_str()), (0, ""));
    assert_eq!(ended.messages, "the project has no examples\n");
    let ended = groma(&project, &["test", "revenue", "--format", "json"]);
    assert_eq!(ended.code, 0, "{}", ended.messages);
    assert!(ended.answers.contains("\"examples\": []"), "{}", ended.answers);
}

#[test]
fn an_example_with_findings_is_not_computed() {
    let (_folder, project) = new_project();
    let path = project.join("metrics.groma");
    let text = fs::read_to_string(&path).unwrap();
    let example = "example of_nothing {\n  metrics: revenue\n  rows { order: \"order_id\" }\n  result: \"value\"\n}\n";
    fs::write(&path, format!("{text}\n{example}")).unwrap();
    let ended = groma(&project, &["test"]);
    assert_eq!((ended.code, ended.answers.as_str()), (1, ""));
    for said in ["example/unknown-source", "did you mean `orders`?", "example `of_nothing` is not computed"] {
        assert!(ended.messages.contains(said), "{}", ended.messages);
    }
    // The metric itself is sound.
    assert_eq!(groma(&project, &["query", "revenue", "--sql"]).code, 0);
}

#[test]
fn the_standard_library_is_explained_without_a_project() {
    let folder = tempfile::tempdir().unwrap();
    let ended = groma(folder.path(), &["explain", "nps"]);
    assert_eq!((ended.code, ended.messages.as_str()), (0, ""));
    assert!(ended.answers.contains("promoters(score)"), "{}", ended.answers);
    let ended = groma(folder.path(), &["explain", "revenue"]);
    assert_eq!(ended.code, 1);
    assert!(ended.messages.contains("project/no-manifest"), "{}", ended.messages);
}

#[test]
fn only_metrics_that_rest_on_an_error_are_refused() {
    let (_folder, project) = new_project();
    let path = project.join("metrics.groma");
    let text = fs::read_to_string(&path).unwrap().replace("nps(score)", "nps(scor)");
    fs::write(&path, format!("{text}\nmetric nps_trend {{ measure: nps - nps offset 1 month }}\n")).unwrap();
    let ended = groma(&project, &["query", "revenue", "--sql"]);
    assert_eq!(ended.code, 0, "{}", ended.messages);
    assert!(ended.messages.starts_with("warning: the project has an error elsewhere"), "{}", ended.messages);
    for metric in ["nps", "nps_trend"] {
        let ended = groma(&project, &["query", metric, "--sql"]);
        assert_eq!(ended.code, 1, "{}", ended.messages);
        assert!(ended.messages.contains("name/unknown-column"), "{}", ended.messages);
    }
    assert_eq!(groma(&project, &["build"]).code, 1);
    assert!(!project.join("build").exists());
}

#[test]
fn a_build_is_the_same_bytes_again() {
    let (_folder, project) = new_project();
    let read = || {
        let mut files = BTreeMap::new();
        read_below(&project.join("build"), &mut files);
        files
    };
    assert_eq!(groma(&project, &["build"]).code, 0);
    let first = read();
    assert!(first.len() > 5 && first.iter().any(|(path, _)| path.ends_with("manifest.json")));
    assert_eq!(groma(&project, &["build"]).code, 0);
    assert_eq!(read(), first);
    assert_eq!(groma(&project, &["build", "--target", "warehouse"]).code, 0);
    let second = read();
    assert!(second.keys().any(|path| path.ends_with("jobs/orders.month.sql")) && second != first);
    assert_eq!(groma(&project, &["build", "--target", "warehouse"]).code, 0);
    assert_eq!(read(), second);
}

/// The text of every file in a folder and in those below it.
fn read_below(folder: &Path, files: &mut BTreeMap<PathBuf, String>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            read_below(&path, files);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            files.insert(path, text);
        }
    }
}

#[test]
fn files_are_written_in_style_or_left_alone() {
    let (_folder, project) = new_project();
    let path = project.join("metrics.groma");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("  owner:   shop", "      owner: shop")).unwrap();
    let checked = groma(&project, &["fmt", "--check"]);
    assert_eq!((checked.code, checked.answers.lines().count()), (1, 1), "{}", checked.answers);
    assert_eq!(groma(&project, &["fmt"]).code, 0);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let broken = "metric a {\n owner: \n";
    fs::write(&path, broken).unwrap();
    assert_eq!(groma(&project, &["fmt"]).code, 1);
    assert_eq!(fs::read_to_string(&path).unwrap(), broken);
}

#[test]
fn rules_are_listed_in_a_project_and_outside() {
    let nowhere = tempfile::tempdir().unwrap();
    let outside = groma(nowhere.path(), &["rules", "ownership"]);
    assert_eq!(outside.code, 0, "{}", outside.messages);
    assert!(outside.answers.contains(" -  ownership/metric-has-owner "), "{}", outside.answers);
    let (_folder, project) = new_project();
    assert!(groma(&project, &["rules"]).answers.contains(" +  ownership/metric-has-owner "));
    assert_eq!(groma(&project, &["rules", "rule"]).messages.trim(), "the project has no rules of its own");
    let misspelt = groma(&project, &["rules", "owner"]);
    assert_eq!(misspelt.code, 2);
    assert!(misspelt.messages.contains("there is no pack `owner`"), "{}", misspelt.messages);
}

#[test]
fn rules_of_a_project_are_tested_and_explained() {
    let (_folder, project) = new_project();
    let rule = |passes: &str| {
        let text = format!(
            "/// A number says which way is good.\nrule says_direction {{\n  for:     m in metrics\n  require: m.better is not \
             null\n  message: \"{{m.name}} does not say which way is good\"\n  given:   \"source s {{ file: \\\"s.csv\\\"  time: d  \
             columns {{ d: date }} }}\"\n  raises:  \"metric m {{ from: s  measure: count() }}\"\n  passes:  \"metric m {{ from: s  \
             measure: count()  {passes} }}\"\n}}\n"
        );
        fs::write(project.join("rules.groma"), text).unwrap();
    };
    rule("better: higher");
    let held = groma(&project, &["test", "says_direction"]);
    assert_eq!((held.code, held.answers.as_str()), (0, "1 rule: 1 holds\n"), "{}", held.messages);
    let page = groma(&project, &["explain", "rule/says-direction"]);
    assert!(page.answers.contains("## Instead"), "{}{}", page.answers, page.messages);
    rule("");
    let broken = groma(&project, &["test"]);
    assert_eq!(broken.code, 1);
    assert!(broken.answers.contains("`passes` raises it: m does not say which way is good"), "{}", broken.answers);
}
