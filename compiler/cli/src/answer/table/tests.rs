use super::*;
use crate::answer::rows::Cell;
use jiff::civil::date;
use unicode_width::UnicodeWidthStr as _;

fn rows(metrics: &[&str], groups: &[Option<&str>]) -> Rows {
    let mut rows = Vec::new();
    for metric in metrics {
        for month in 1..=2 {
            for group in groups {
                rows.push(vec![
                    Cell::Text((*metric).to_owned()),
                    Cell::Date(date(1997, month, 1)),
                    group.map_or(Cell::Null, |group| Cell::Text(group.to_owned())),
                    if month == 2 && *metric == "missing" { Cell::Null } else { Cell::Real(1234.5 * f64::from(month)) },
                ]);
            }
        }
    }
    Rows { columns: ["metric", "period", "account.region", "value"].map(str::to_owned).to_vec(), rows }
}

/// An answer from lines of cells between `|`: nothing is null, and what begins with a digit or a sign is a number.
fn answer(columns: &str, lines: &[&str]) -> Rows {
    let split = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let columns = split(columns);
    let cell = |(text, column): (String, &String)| match column.as_str() {
        _ if text.is_empty() => Cell::Null,
        "period" => Cell::Date(text.parse().unwrap()),
        "metric" | "step" => Cell::Text(text),
        _ => text.parse().map_or(Cell::Text(text), Cell::Real),
    };
    let rows = lines.iter().map(|line| split(line).into_iter().zip(&columns).map(cell).collect()).collect();
    Rows { columns: columns.clone(), rows }
}

fn shown<'a>(name: &'a str, unit: &'a Unit) -> Shown<'a> {
    Shown { name, unit, steps: Vec::new(), step: String::new(), table: 0 }
}

fn rendered(metrics: &[(&str, &Unit)], groups: &[&str], rows: &Rows, width: usize) -> String {
    let metrics = metrics.iter().map(|(name, unit)| shown(name, unit)).collect();
    drawn(metrics, groups, rows, width)
}

fn drawn(metrics: Vec<Shown<'_>>, groups: &[&str], rows: &Rows, width: usize) -> String {
    let calendar = Calendar::default();
    let sheet = Sheet { metrics, groups: groups.to_vec(), grain: Grain::Month, calendar: &calendar };
    let text = render(rows, &sheet, width);
    for line in text.lines() {
        assert!(line.width() <= width, "{} > {width}:\n{text}", line.width());
    }
    text
}

/// The lines of a text, with what only places it on the screen taken away.
fn same(text: &str, expected: &str) {
    let lines = |text: &str| {
        let lines = text.trim_matches('\n').lines().map(str::trim_end).map(str::to_owned);
        lines.collect::<Vec<String>>().join("\n")
    };
    assert_eq!(lines(text), lines(expected), "\n{text}");
}

#[test]
fn one_column_for_each_metric() {
    let usd = Unit::base("usd");
    let names = ["revenue", "missing"];
    let text = rendered(&[("revenue", &usd), ("missing", &Unit::None)], &[], &rows(&names, &[None]), 80);
    assert_eq!(
        text,
        " month     revenue   missing\n               usd\n\
         ────────────────────────────\n 1997-01  1,234.50  1,234.50\n 1997-02  2,469.00         ·\n"
    );
}

#[test]
fn groups_stand_behind_the_period_and_null_first() {
    let text = rendered(&[("a", &Unit::None)], &["account.region"], &rows(&["a"], &[Some("north"), None]), 80);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].contains("account.region"));
    assert!(lines[2].contains("1997-01") && lines[2].contains('·'), "{text}");
    assert!(lines[3].contains("north"), "{text}");
}

#[test]
fn totals_stand_behind_what_they_are_the_total_of() {
    let rows = answer(
        "metric|period|region|plan|grouping|value",
        &[
            "a|1997-01-01||||9",
            "a|1997-01-01|north||region|5",
            "a|1997-01-01|||region|4",
            "a|1997-01-01|north|pro|region, plan|3",
            "a|1997-01-01|||region, plan|4",
            "a|1997-01-01|north||region, plan|2",
        ],
    );
    let text = rendered(&[("a", &Unit::None)], &["region", "plan"], &rows, 80);
    same(
        &text,
        "
 month    region  plan   a
──────────────────────────
 1997-01  ·       ·      4
 1997-01  ·       (all)  4
 1997-01  north   ·      2
 1997-01  north   pro    3
 1997-01  north   (all)  5
 1997-01  (all)   (all)  9",
    );
}

#[test]
fn what_is_not_settled_says_so() {
    let rows = answer(
        "metric|period|value|status",
        &[
            "a|1997-01-01|1|settled",
            "a|1997-02-01||undefined",
            "a|1997-03-01||insufficient",
            "a|1997-04-01||immature",
            "a|1997-05-01|12|provisional",
        ],
    );
    same(
        &rendered(&[("a", &Unit::None)], &[], &rows, 80),
        "
 month           a
──────────────────
 1997-01         1
 1997-02         ·
 1997-03   too few
 1997-04  immature
 1997-05       ~12

 ~         provisional: the period is not over, or rows may still arrive
 immature  the window of these customers has not closed yet
 too few   fewer observations than the metric's minimum",
    );
}

#[test]
fn intervals_stand_beside_their_values() {
    let rows = answer(
        "metric|period|value|low|high|status",
        &[
            "even|1997-01-01|12.25|11.0|13.5|settled",
            "even|1997-02-01|112.25|102.25|122.25|provisional",
            "even|1997-03-01|1.5||  |settled",
            "wilson|1997-01-01|0.785|0.761|0.802|settled",
            "wilson|1997-02-01||||immature",
        ],
    );
    same(
        &rendered(&[("even", &Unit::None), ("wilson", &Unit::Percent)], &[], &rows, 80),
        "
 month               even                wilson
                                              %
───────────────────────────────────────────────
 1997-01    12.25 ± 1.25   78.5 % (76.1 – 80.2)
 1997-02  ~112.25 ± 10.00              immature
 1997-03     1.50                             ·

 ~         provisional: the period is not over, or rows may still arrive
 immature  the window of these customers has not closed yet",
    );
}

#[test]
fn changes_have_a_verdict() {
    let rows = answer(
        "metric|period|value|status|change|detectable|verdict",
        &[
            "a|1997-01-01|0.5|settled|||",
            "a|1997-02-01|0.532|settled|0.032|0.011|real and large enough",
            "a|1997-03-01|0.522|settled|-0.01|0.012|not distinguishable",
            "a|1997-05-01|0.5|settled|0||too few to tell",
            "a|1997-04-01|0.5|settled|-0.022|0.081|too few to tell",
        ],
    );
    same(
        &rendered(&[("a", &Unit::Percent)], &[], &rows, 80),
        "
 month         a                         change
               %
───────────────────────────────────────────────
 1997-01  50.0 %                              ·
 1997-02  53.2 %  +3.2 pp real and large enough
 1997-03  52.2 %  -1.0 pp not distinguishable
 1997-04  50.0 %  -2.2 pp too few to tell (8.1)
 1997-05  50.0 %   0.0 pp too few to tell

 too few to tell  only a change as large as the number in brackets could have
                  been seen",
    );
}

#[test]
fn weights_stand_beside_the_plain_value() {
    let rows = answer(
        "metric|period|value|weighted|effective_n|largest_share",
        &["nps|1997-01-01|41.25|12.5|8.1|0.4", "b|1997-01-01|3|||"],
    );
    same(
        &rendered(&[("nps", &Unit::base("points")), ("b", &Unit::None)], &[], &rows, 80),
        "
 month       nps  weighted  effective n  largest  b
          points    points
───────────────────────────────────────────────────
 1997-01    41.2      12.5          8.1   40.0 %  3",
    );
}

#[test]
fn steps_stand_side_by_side() {
    let mut lines = vec!["buyers|1997-01-01||9|settled".to_owned(), "buyers|1997-02-01||7|settled".to_owned()];
    for step in [10, 9, 2, 1, 0] {
        lines.push(format!("kept|1997-01-01|{step}|{}|settled", 1.0 / f64::from(step + 1)));
        lines.push(match step {
            10 => "kept|1997-02-01|10||immature".to_owned(),
            step => format!("kept|1997-02-01|{step}|0.25|provisional"),
        });
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let rows = answer("metric|period|step|value|status", &lines);
    let kept = Shown { step: "month after the anchor".to_owned(), ..shown("kept", &Unit::Percent) };
    same(
        &drawn(vec![shown("buyers", &Unit::None), kept], &[], &rows, 70),
        "
 month    buyers
────────────────
 1997-01       9
 1997-02       7

 kept (%) by month after the anchor
 month        0      1      2      9   10
─────────────────────────────────────────
 1997-01  100.0   50.0   33.3   10.0  9.1
 1997-02  ~25.0  ~25.0  ~25.0  ~25.0    -

 ~  provisional: the period is not over, or rows may still arrive
 -  the window of these customers has not closed yet",
    );
}

#[test]
fn what_is_not_compared_stands_in_tables_of_its_own() {
    let rows = rows(&["short", "long", "other"], &[None]);
    let long = Shown { table: 1, ..shown("long", &Unit::None) };
    let text = drawn(vec![shown("short", &Unit::None), long, shown("other", &Unit::None)], &[], &rows, 80);
    let heads: Vec<&str> = text.lines().filter(|line| line.contains("month")).map(str::trim_end).collect();
    assert_eq!(heads, [" month       short     other", " month        long"], "{text}");
}

#[test]
fn steps_with_intervals_stand_one_below_the_other() {
    let rows = answer(
        "metric|period|step|value|low|high|status",
        &["buy|1997-01-01|paid|2|1|3|settled", "buy|1997-01-01|seen|9|8|10|settled"],
    );
    let buy = Shown { steps: vec!["seen", "paid"], ..shown("buy", &Unit::None) };
    same(
        &drawn(vec![buy], &[], &rows, 60),
        "
 month    step    buy
─────────────────────
 1997-01  seen  9 ± 1
 1997-01  paid  2 ± 1",
    );
}

#[test]
fn heads_wrap_before_tables_fold() {
    let names = ["average_purchase_per_buyer", "revenue_to_date"];
    let rows = rows(&names, &[None]);
    let metrics: Vec<(&str, &Unit)> = names.iter().map(|name| (*name, &Unit::None)).collect();
    let wide = rendered(&metrics, &[], &rows, 80);
    assert!(wide.contains("average_purchase_per_buyer"));
    let narrow = rendered(&metrics, &[], &rows, 34);
    assert!(narrow.contains("purchase_") && !narrow.contains("average_purchase_per_buyer"), "{narrow}");
    assert_eq!(narrow.matches("month").count(), 1, "{narrow}");
}

#[test]
fn metrics_fold_into_tables_below() {
    let names: Vec<String> = (0..12).map(|number| format!("metric_{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let rows = rows(&names, &[None]);
    let metrics: Vec<(&str, &Unit)> = names.iter().map(|name| (*name, &Unit::None)).collect();
    let text = rendered(&metrics, &[], &rows, 40);
    assert_eq!(text.matches("month").count(), 4, "{text}");
    assert_eq!(text.matches("1997-01").count(), 4);
    assert_eq!(text.matches("1,234.50").count(), 12);
}

#[test]
fn wide_characters_and_long_groups_fit() {
    let long = "東京都千代田区丸の内一丁目の東京駅前の大きな店";
    let text = rendered(&[("a", &Unit::None)], &["account.region"], &rows(&["a"], &[Some(long)]), 40);
    assert!(text.contains("東京都") && text.contains('…'), "{text}");
    assert!(text.contains("1,234.50"));
}
