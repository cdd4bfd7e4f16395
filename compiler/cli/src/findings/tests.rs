use super::*;
use groma_model::{Code, FileId};

static WRONG: Code = Code::error("test/wrong", "something is wrong");
static ODD: Code = Code::warning("test/odd", "something is odd");

fn sources() -> SourceMap {
    let mut sources = SourceMap::default();
    sources.add("groma.yml", "project: acme\n");
    sources.add("met rics.groma", "metric é {\n  from: ordrs\n}\n");
    sources.add("sources.groma", "source orders { }\n");
    sources
}

fn diagnostics() -> Vec<Diagnostic> {
    let span = Span::new(FileId(1), 20, 25);
    vec![
        WRONG
            .finding("100% wrong:\nthere is no source <ordrs>, & so on")
            .at(span, "no such source")
            .also(Span::new(FileId(2), 7, 13), "`orders` is here")
            .help("did you mean `orders`?")
            .fix("write `orders`", span, "orders"),
        ODD.finding("the project is odd"),
    ]
}

fn with(check: impl Fn(&Findings<'_>)) {
    check(&Findings { sources: &sources(), diagnostics: &diagnostics(), prefix: "some/where/", aside: None });
}

#[test]
fn github_annotations_are_escaped() {
    with(|findings| {
        assert_eq!(
            github::render(findings),
            "::error file=some/where/met rics.groma,line=2,endLine=2,col=9,endColumn=14,title=test/wrong::\
             100%25 wrong:%0Athere is no source <ordrs>, & so on%0Ahelp: did you mean `orders`?\n\
             ::warning title=test/odd::the project is odd\n"
        );
    });
}

#[test]
fn junit_is_escaped_and_names_clean_files() {
    with(|findings| {
        let paths = ["some/where/met rics.groma", "some/where/sources.groma"].map(str::to_owned);
        let document = junit::render(findings, "ac\"me", &paths);
        assert!(document.contains("<testsuite name=\"ac&quot;me\" tests=\"3\" failures=\"1\""), "{document}");
        assert!(document.contains("message=\"100% wrong:&#10;there is no source &lt;ordrs&gt;, &amp; so on\""));
        assert!(document.contains("<testcase classname=\"some/where/sources.groma\" name=\"no findings\"/>"));
        assert!(document.contains("<testcase classname=\"ac&quot;me\" name=\"test/odd\">"));
    });
}

#[test]
fn json_has_its_shape() {
    with(|findings| {
        let document: serde_json::Value = serde_json::from_str(&json::render(findings, 2)).unwrap();
        assert_eq!(document["version"], 1);
        assert_eq!(document["summary"], serde_json::json!({ "errors": 1, "warnings": 1, "files": 2 }));
        let first = &document["diagnostics"][0];
        assert_eq!(first["code"], "test/wrong");
        assert_eq!(first["primary"]["path"], "some/where/met rics.groma");
        assert_eq!(first["primary"]["start"], serde_json::json!({ "line": 2, "column": 9, "offset": 20 }));
        assert_eq!(first["labels"][0]["text"], "`orders` is here");
        assert_eq!(first["fix"]["edits"][0]["text"], "orders");
        assert_eq!(document["diagnostics"][1]["primary"], serde_json::Value::Null);
    });
}

#[test]
fn sarif_has_its_shape() {
    with(|findings| {
        let document: serde_json::Value = serde_json::from_str(&sarif::render(findings)).unwrap();
        let run = &document["runs"][0];
        assert_eq!(run["tool"]["driver"]["rules"][1]["id"], "test/wrong");
        let result = &run["results"][0];
        assert_eq!(result["ruleIndex"], 1);
        let location = &result["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], "some/where/met%20rics.groma");
        assert_eq!(location["region"]["startColumn"], 9);
        assert_eq!(result["relatedLocations"][0]["physicalLocation"]["region"]["startLine"], 1);
        assert_eq!(result["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"], "orders");
        assert!(run["results"][1].get("locations").is_none());
    });
}

#[test]
fn people_see_the_places_and_the_help() {
    with(|findings| {
        let text = human::render(findings, 100, false);
        for part in ["test/wrong", "met rics.groma:2:9", "no such source", "`orders` is here", "did you mean `orders`?"]
        {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert!(!text.contains('\u{1b}'));
        assert_eq!(human::summary(findings, 2), "1 error, 1 warning in 2 files");
    });
}

#[test]
fn nouns_are_counted() {
    assert_eq!(counted(1, "error"), "1 error");
    assert_eq!(counted(0, "row"), "0 rows");
    assert_eq!(counted(2, "query"), "2 queries");
    assert_eq!(counted(5, "day"), "5 days");
}
