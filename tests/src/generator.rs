//! Projects made to measure: N metrics over N/20 sources, the same text for the same N everywhere.
//!
//! Each source has a customer reference, a time, five measures and three dimensions; its twenty metrics are sums,
//! filtered sums, averages, counts, trailing and to-date numbers, ratios and metrics of metrics, about 200 bytes each.

use crate::random::Random;

/// Metrics of one source.
const PER_SOURCE: usize = 20;
const MEASURES: [&str; 5] = ["amount", "discount", "shipping", "units", "rating"];
const DIMENSIONS: [&str; 3] = ["channel", "device", "category"];
const VALUES: [&str; 4] = ["web", "store", "phone", "partner"];

/// The files of a project with that many metrics: path and text, the manifest first.
pub fn project(metrics: usize) -> Vec<(String, String)> {
    let mut files = vec![
        ("groma.yml".to_owned(), manifest()),
        ("accounts.groma".to_owned(), accounts()),
        ("data/accounts.csv".to_owned(), "account_id,signed_up_on,region,plan\n".to_owned()),
    ];
    let mut random = Random::seeded(20);
    for source in 0..metrics.div_ceil(PER_SOURCE).max(1) {
        let count = metrics.saturating_sub(source * PER_SOURCE).min(PER_SOURCE);
        let mut text = source_text(source);
        for number in 0..count {
            text.push('\n');
            text.push_str(&metric_text(source, number, &mut random));
        }
        files.push((format!("facts/fact_{source:04}.groma"), text));
        files.push((format!("data/fact_{source:04}.csv"), data_header()));
    }
    files
}

/// The same project with every pack of rules chosen. What they find is part of what they cost.
pub fn governed(metrics: usize, packs: &[&str]) -> Vec<(String, String)> {
    let mut files = project(metrics);
    if let Some((_, manifest)) = files.first_mut() {
        manifest.push_str(&format!("policy:\n  packs: [{}]\n", packs.join(", ")));
    }
    files
}

/// How many bytes of the language the files hold.
pub fn size(files: &[(String, String)]) -> usize {
    files.iter().filter(|(path, _)| path.ends_with(".groma")).map(|(_, text)| text.len()).sum()
}

fn manifest() -> String {
    "project: generated\nlanguage: 1\ntimezone: UTC\nweek_starts: monday\ndefault_grain: month\n\
     targets:\n  local: { engine: datafusion, data: data/ }\n  duckdb: { engine: duckdb }\n\
     default_target: local\n"
        .to_owned()
}

fn accounts() -> String {
    "source accounts {\n  file: \"accounts.csv\"\n  key:  account_id\n  columns {\n    account_id:   text\n    signed_up_on: date\n    region:       text\n    plan:         text\n  }\n}\n\n\
     /// Who we mean by a customer.\ncustomer account {\n  from:  accounts\n  key:   account_id\n  since: signed_up_on\n  has:   region, plan\n}\n\n\
     team analytics {\n  title: \"Analytics\"\n}\n"
        .to_owned()
}

fn data_header() -> String {
    format!("row_id,account_id,happened_on,{},{}\n", MEASURES.join(","), DIMENSIONS.join(","))
}

fn source_text(source: usize) -> String {
    format!(
        "/// Facts of stream {source}.\nsource fact_{source:04} {{\n  file:  \"fact_{source:04}.csv\"\n  owner: analytics\n  key:   row_id\n  time:  happened_on\n  columns {{\n    row_id:      text\n    account_id:  account\n    happened_on: date\n    amount:      decimal(12, 2) in usd\n    discount:    decimal(12, 2) in usd\n    shipping:    decimal(12, 2) in usd\n    units:       int\n    rating:      int, optional\n    channel:     text\n    device:      text\n    category:    text\n  }}\n}}\n"
    )
}

fn metric_text(source: usize, number: usize, random: &mut Random) -> String {
    let name = |number: usize| format!("metric_{source:04}_{number:02}");
    let measure = choose(random, &MEASURES);
    let dimension = choose(random, &DIMENSIONS);
    let value = choose(random, &VALUES);
    let (own, window, formula) = match number % 10 {
        0 => (true, None, format!("sum({measure})")),
        1 => (true, None, "count()".to_owned()),
        2 => (true, None, format!("sum({measure} where {dimension} = \"{value}\")")),
        3 => (true, None, "count(distinct account_id)".to_owned()),
        4 => (true, Some("trailing 28 days"), format!("sum({measure})")),
        5 => (true, Some("year to date"), format!("sum({measure})")),
        6 => (true, None, format!("avg({measure} where {dimension} <> \"{value}\")")),
        7 => (false, None, format!("{} / {}", name(number - 7), name(number - 6))),
        8 => (false, None, format!("{0} - {0} offset 1 month", name(number - 8))),
        _ => (false, None, format!("{} / {}", name(number - 7), name(number - 8))),
    };
    let from = own.then(|| format!("fact_{source:04}"));
    let by = if own { "account.region, channel" } else { "account.region" };
    let entries = [
        ("owner", Some("analytics")),
        ("from", from.as_deref()),
        ("window", window),
        ("measure", Some(&formula)),
        ("by", Some(by)),
    ];
    let mut text = format!("/// Number {number} of stream {source}, as the team reads it on Mondays.\n");
    text.push_str(&format!("metric {} {{\n", name(number)));
    for (key, value) in entries {
        if let Some(value) = value {
            text.push_str(&format!("  {:<9}{value}\n", format!("{key}:")));
        }
    }
    text.push_str("}\n");
    text
}

fn choose<'a>(random: &mut Random, items: &[&'a str]) -> &'a str {
    random.pick(items).copied().unwrap_or_default()
}
