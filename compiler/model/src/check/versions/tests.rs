use super::*;
use crate::check::check_again;
use crate::testing::model_of;

const SHOP: &str = r#"
source orders {
  file: "orders.csv"
  key: id
  time: ordered_at
  columns { id: text  shop: shop  ordered_at: date  amount: decimal(12, 2) in eur  paid: bool }
}
source shops { file: "shops.csv"  key: shop  time: since  columns { shop: text  since: date  region: text } }
customer shop { from: shops  key: shop  since: since  has: region }
"#;

fn codes(text: &str) -> Vec<&'static str> {
    let (_, found) = model_of(&format!("{SHOP}{text}"));
    found.iter().map(|finding| finding.code.id).collect()
}

fn again(model: &Model, choice: &Choice) -> Model {
    let sources = groma_syntax::SourceMap::default();
    check_again(model, choice, &sources, &|_| Err(crate::check::QueryProblem { message: String::new(), offset: None }))
        .0
}

#[test]
fn every_key_that_a_version_may_change_has_an_aspect() {
    let known: Vec<&str> = ASPECTS.iter().flat_map(|(_, _, keys)| keys.iter().copied()).collect();
    let mut changeable: Vec<&str> = changeable().map(|key| key.name).collect();
    changeable.sort_unstable();
    let mut sorted = known.clone();
    sorted.sort_unstable();
    assert_eq!(changeable, sorted);
}

#[test]
fn a_version_says_only_what_is_different() {
    let (model, found) = model_of(&format!(
        "{SHOP}metric sales {{ from: orders  where: paid  measure: sum(amount)\n\
         /// Rolling.\nversion 2 {{ from: 2026-07-01  window: trailing 30 days }}\n\
         version 3 {{ from: 2027-01-01  where: none  window: none  measure: count()  fill: 0 }} }}"
    ));
    assert!(found.is_empty(), "{found:?}");
    let sales = &model.metrics[0];
    assert_eq!(sales.version, 3);
    let listed: Vec<(u32, Option<String>, Option<&str>, String)> = sales
        .versions
        .iter()
        .map(|version| {
            let from = version.from.map(|from| from.to_string());
            (version.number, from, version.doc.as_deref(), version.keys.join(","))
        })
        .collect();
    assert_eq!(
        listed,
        [
            (1, None, None, String::new()),
            (2, Some("2026-07-01".to_owned()), Some("Rolling."), "window".to_owned()),
            (3, Some("2027-01-01".to_owned()), None, "where,window,measure,fill".to_owned()),
        ]
    );
    assert!(sales.filter.is_none());
    assert_eq!(sales.clock, crate::time::Clock::Event);
    let of = |on: On| again(&model, &Choice { on: Some(on), ..Choice::default() }).metrics[0].clone();
    let day = |text: &str| On::Day(text.parse().unwrap());
    let first = of(On::Beginning);
    assert_eq!((first.version, first.filter.is_some(), first.versions.len()), (1, true, 3));
    for (on, version) in [("2026-06-30", 1), ("2026-07-01", 2), ("2026-12-31", 2), ("2027-01-01", 3), ("9999-12-31", 3)]
    {
        assert_eq!(of(day(on)).version, version, "{on}");
    }
    assert!(matches!(of(day("2026-07-01")).clock, crate::time::Clock::Trailing(_)));
    // Another choice can be made of the model of a choice.
    let second = again(&model, &Choice { on: Some(day("2026-07-01")), ..Choice::default() });
    assert_eq!(again(&second, &Choice::default()).metrics[0].version, 3);
    let fixed = |taken: Taken| Choice { fixed: vec![("sales".into(), taken)], ..Choice::default() };
    assert_eq!(again(&model, &fixed(Taken::Version(2))).metrics[0].version, 2);
    let mixed = Taken::Mixed { version: 1, other: 2, keys: vec!["window".into()] };
    let mixed = again(&model, &fixed(mixed)).metrics[0].clone();
    assert!(mixed.version == 1 && mixed.filter.is_some() && matches!(mixed.clock, crate::time::Clock::Trailing(_)));
    let differences = |one, other| model.version_differences(MetricId(0), one, other).join(",");
    assert_eq!([differences(1, 2), differences(1, 3), differences(2, 2)], ["window", "where,measure,fill", ""]);
}

#[test]
fn what_is_no_version_is_refused() {
    let sales = |versions: &str| codes(&format!("metric sales {{ from: orders  measure: count() {versions} }}"));
    let cases: [(&str, &[&str]); 18] = [
        ("version 2 { from: 2026-07-01  where: paid }", &[]),
        ("version 1 { from: 2026-07-01  where: paid }", &["version/not-in-order"]),
        ("version 3 { from: 2026-07-01  where: paid }", &["version/not-in-order"]),
        ("version { from: 2026-07-01  where: paid }", &["version/not-in-order"]),
        ("version two { from: 2026-07-01  where: paid }", &["version/not-in-order"]),
        (
            "version 2 { from: 2026-07-01  where: paid } version 2 { from: 2026-08-01  where: not paid }",
            &["version/not-in-order"],
        ),
        ("version 2 { where: paid }", &["version/no-date"]),
        ("version 2 { from: 2026-07-01, 2026-08-01  where: paid }", &["version/no-date"]),
        ("version 2 { from: 2026-02-30  where: paid }", &["type/wrong-value"]),
        ("version 2 { from: shops  where: paid }", &["type/wrong-value"]),
        (
            "version 2 { from: 2026-07-01  where: paid } version 3 { from: 2026-07-01  where: not paid }",
            &["version/not-later"],
        ),
        (
            "version 2 { from: 2026-07-01  where: paid } version 3 { from: 2026-06-01  where: not paid }",
            &["version/not-later"],
        ),
        ("version 2 { from: 2026-07-01  owner: sales }", &["version/fixed-key"]),
        ("version 2 { from: 2026-07-01  unit: count  where: paid }", &["version/fixed-key"]),
        ("version 2 { from: 2026-07-01  mesure: count() }", &["name/unknown-key"]),
        ("version 2 { from: 2026-07-01 }", &["version/no-change"]),
        ("version 2 { from: 2026-07-01  measure: count()  window: none }", &["version/no-change"]),
        ("version 2 { from: 2026-07-01  where: paid  where: not paid }", &["name/repeated-key"]),
    ];
    for (versions, expected) in cases {
        assert_eq!(sales(versions), expected, "{versions}");
    }
    assert_eq!(sales("version: 2"), ["type/wrong-value"]);
    assert_eq!(sales("version 2 { from: 2026-07-01 version 3 { from: 2026-08-01 } }"), ["version/fixed-key"]);
}
