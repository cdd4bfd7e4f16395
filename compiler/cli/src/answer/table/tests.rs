use super::*;
use jiff::civil::date;

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

fn rendered(metrics: &[(&str, &Unit)], groups: &[&str], rows: &Rows, width: usize) -> String {
    let calendar = Calendar::default();
    let sheet = Sheet { metrics: metrics.to_vec(), groups: groups.to_vec(), grain: Grain::Month, calendar: &calendar };
    let text = render(rows, &sheet, width);
    for line in text.lines() {
        assert!(line.width() <= width, "{} > {width}:\n{text}", line.width());
    }
    text
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
