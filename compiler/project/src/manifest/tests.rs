use super::*;

/// Code, the text it points at, help.
type Found = (&'static str, String, Option<String>);

fn read(text: &str) -> (Manifest, Vec<Found>) {
    let (manifest, found) = Manifest::read(FileId(0), text);
    let place = |finding: &Diagnostic| {
        let span = finding.primary.as_ref().unwrap().span;
        text[span.start as usize..span.end as usize].to_owned()
    };
    (manifest, found.iter().map(|finding| (finding.code.id, place(finding), finding.help.clone())).collect())
}

fn one(text: &str) -> Found {
    let (_, mut found) = read(text);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn the_exemplar_is_read() {
    let (manifest, found) = read(
        "project: acme_experience\nlanguage: 1\ntimezone: europe/berlin\nweek_starts: sunday\n\
         fiscal_year_starts: february\ndefault_grain: quarter\ntargets:\n  local:\n    engine: datafusion\n    data: data/\n  \
         warehouse:\n    engine: postgres\n    connection: ${WAREHOUSE_URL}\n    schema: metrics\n    \
         tables: { orders: shop.orders, accounts: crm.accounts }\ndefault_target: local\n\
         policy:\n  packs: [ownership]\n  levels: { dashboards/too-many-tiles: error }\n",
    );
    assert_eq!(found, []);
    assert_eq!(manifest.project, "acme_experience");
    assert_eq!(manifest.calendar.zone, "Europe/Berlin");
    assert_eq!(manifest.calendar.week_starts, Weekday::Sunday);
    assert_eq!(manifest.calendar.fiscal_year_starts, 2);
    assert_eq!(manifest.calendar.default_grain, Grain::Quarter);
    assert_eq!(manifest.default_target, "local");
    let warehouse = manifest.target(Some("warehouse")).unwrap();
    assert_eq!(warehouse.connection.as_ref().unwrap().variable, "WAREHOUSE_URL");
    assert_eq!(warehouse.tables[1].name, "crm.accounts");
    assert_eq!(manifest.governance.packs, ["ownership"]);
}

#[test]
fn without_targets_there_is_a_local_one() {
    let (manifest, found) = read("project: acme\n");
    assert_eq!(found, []);
    assert_eq!(manifest.target(None).map(|target| target.name.as_str()), Some("local"));
    assert!(manifest.target(None).unwrap().is_embedded());
}

#[test]
fn a_misspelt_key_is_named_with_its_place() {
    let help = || Some("did you mean `timezone`?".to_owned());
    assert_eq!(one("project: a\ntimezon: UTC\n"), ("manifest/unknown-key", "timezon".to_owned(), help()));
    let (code, place, _) = one("project: a\ntargets:\n  here:\n    engine: duckdb\n    shema: x\n");
    assert_eq!((code, place.as_str()), ("manifest/unknown-key", "shema"));
}

#[test]
fn a_missing_name_is_found() {
    for text in ["", "language: 1\n", "# nothing\n"] {
        assert_eq!(one(text).0, "manifest/missing-key");
    }
}

#[test]
fn wrong_values_are_found_where_they_stand() {
    for (text, code, place) in [
        ("project: a\nlanguage: 2\n", "manifest/unknown-language", "2"),
        ("project: a\nlanguage: new\n", "manifest/wrong-type", "new"),
        ("project: 7\n", "manifest/wrong-type", "7"),
        ("project: a\nsynthetic: true\n", "manifest/wrong-type", "true"),
        ("project: a\nsynthetic: \"\"\n", "manifest/wrong-type", "\"\""),
        ("project: a\ntimezone: Europe/Berlni\n", "manifest/unknown-zone", "Europe/Berlni"),
        ("project: a\nweek_starts: moonday\n", "manifest/unknown-value", "moonday"),
        ("project: a\ndefault_grain: fortnight\n", "manifest/unknown-value", "fortnight"),
        ("project: a\nfiscal_year_starts: 2\n", "manifest/wrong-type", "2"),
        ("project: a\ntargets: here\n", "manifest/wrong-type", "here"),
        ("project: a\ntargets: { x: { engine: oracle } }\n", "manifest/unknown-value", "oracle"),
        ("project: a\ntargets: { x: { data: d } }\n", "manifest/missing-key", "x"),
        ("project: a\ndefault_target: there\n", "manifest/unknown-target", "there"),
        ("project: a\npaths: [a, ../b]\n", "manifest/wrong-type", "../b"),
        ("- a\n- b\n", "manifest/wrong-type", "-"),
        ("project: a\ntargets:\n  x: { engine: duckdb, connection: secret }\n", "manifest/open-connection", "secret"),
        ("project: a\ntargets: { x: { engine: datafusion, answers: ../b } }\n", "manifest/wrong-type", "../b"),
        ("project: a\ntargets: { x: { engine: datafusion, answers: \"./\" } }\n", "manifest/wrong-type", "\"./\""),
        ("project: a\ntargets: { x: { engine: datafusion, answers: [b] } }\n", "manifest/wrong-type", "[b]"),
        ("project: a\ntargets: { x: { engine: postgres, answers: b } }\n", "manifest/unknown-key", "answers"),
        ("project: a\ntargets: { x: { engine: duckdb, readers: [b] } }\n", "manifest/unknown-key", "readers"),
        ("project: a\ntargets: { x: { engine: postgres, readers: [b, 7] } }\n", "manifest/wrong-type", "7"),
        ("project: a\ntargets: { x: { engine: postgres, readers: { b: c } } }\n", "manifest/wrong-type", "{ b: c }"),
    ] {
        let found = one(text);
        assert_eq!((found.0, found.1.as_str()), (code, place), "{text}");
    }
}

#[test]
fn answers_and_readers_of_a_target_are_read() {
    let text = "project: a\ndefault_target: x\ntargets:\n  x: { engine: datafusion, answers: ./out/answers/ }\n  \
                y: { engine: postgres, schema: kpi, readers: [bi, analysts, bi] }\n  z: { engine: postgres, readers: public }\n";
    let (manifest, found) = read(text);
    assert!(found.is_empty(), "{found:?}");
    let target = |name: &str| manifest.target(Some(name)).unwrap();
    let roles = |name: &str| target(name).readers.iter().map(|reader| reader.role.clone()).collect::<Vec<_>>();
    assert_eq!((target("x").answers.as_str(), target("y").answers.as_str()), ("out/answers", "answers"));
    assert_eq!(
        (roles("x").len(), roles("y"), roles("z")),
        (0, vec!["bi".to_owned(), "analysts".to_owned()], vec!["public".to_owned()])
    );
    assert_eq!(
        (target("y").answers_schema(), target("z").answers_schema()),
        (vec!["kpi".to_owned()], vec!["groma".to_owned()])
    );
}

#[test]
fn a_written_out_connection_is_not_repeated() {
    let (_, found) = Manifest::read(FileId(0), "project: a\ntargets:\n  x: { engine: duckdb, connection: p4ssw0rd }\n");
    assert!(!format!("{:?}", found[0]).contains("p4ssw0rd"));
}

#[test]
fn several_targets_need_a_default() {
    let found = one("project: a\ntargets:\n  x: { engine: duckdb }\n  y: { engine: postgres }\n");
    assert_eq!((found.0, found.1.as_str()), ("manifest/missing-key", "targets"));
}

#[test]
fn what_is_no_yaml_is_one_finding() {
    for text in ["project: [a\n", "project: a\nproject: b\n", "\tproject: a\n", "project: \"a\n", "é: : é"] {
        assert_eq!(one(text).0, "manifest/not-yaml", "{text:?}");
    }
}

#[test]
fn paths_are_folders_or_patterns() {
    let holds =
        |pattern: &str, path: &str| SearchPath { pattern: pattern.to_owned(), span: Span::default() }.holds(path);
    assert!(holds("metrics", "metrics/a/b.groma"));
    assert!(holds("teams/*/metrics", "teams/x/metrics/b.groma"));
    assert!(holds("*.groma", "b.groma"));
    assert!(holds(".", "a/b.groma"));
    assert!(holds("**/b.groma", "a/c/b.groma"));
    assert!(!holds("metrics", "metrics2/b.groma"));
    assert!(!holds("*.groma", "a/b.groma"));
}
