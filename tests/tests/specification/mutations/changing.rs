//! Edits that may change numbers, cells or both.

use super::text::{Declared, Edits, all, entries, inside, slice, title, values};
use groma_syntax::ast::{Entry, Expr, ExprKind, Infix, Item};

/// Kinds whose words numbers rest on.
const BEARING: [&str; 8] = ["source", "customer", "segment", "survey", "metric", "function", "window", "exception"];

/// Aggregates, each with another one of the same shape.
const AGGREGATES: [(&str, &str); 12] = [
    ("sum", "max"),
    ("sum", "avg"),
    ("avg", "sum"),
    ("avg", "median"),
    ("median", "avg"),
    ("median", "max"),
    ("max", "min"),
    ("min", "max"),
    ("first", "last"),
    ("nps", "avg"),
    ("share", "count"),
    ("percent_change", "ratio"),
];

/// What a metric may say besides.
const FURTHER: [&str; 22] = [
    "where: {number} > 3",
    "window: trailing 7 days",
    "window: month to date",
    "window: year to date",
    "minimum: 4",
    "minimum: 40",
    "fill: 0",
    "fill: previous",
    "answers: average",
    "population: all",
    "among: {attribute} is not null",
    "grain: month, quarter",
    "grain: week",
    "grain: day, month",
    "status: draft",
    "status: retired",
    "status: deprecated",
    "by: {by}",
    "unit: percent",
    "weight: {weight}",
    "snapshot: last",
    "customer: {customer}",
];

/// How a project's names fit into what is added.
pub(super) struct Names<'n> {
    pub(super) number: &'n str,
    pub(super) attribute: &'n str,
    pub(super) by: &'n str,
    pub(super) weight: &'n str,
    pub(super) customer: &'n str,
    /// Two days: one that is to come, and one that has passed.
    pub(super) future: &'n str,
    pub(super) past: &'n str,
    /// A file of data that a source may be in as well.
    pub(super) sources: &'n [(&'n str, &'n str)],
    /// A metric that is new.
    pub(super) new: &'n [&'n str],
}

impl Edits<'_> {
    /// All of them.
    pub(super) fn changing(&mut self, names: &Names<'_>) {
        for (path, text, item) in self.of(&BEARING) {
            for (key, entry) in entries(&item.body) {
                let said = matches!(key.as_str(), "because" | "evidence" | "owner" | "approved_by" | "until");
                for value in values(entry).iter().filter(|_| !said || item.kind.text == "customer") {
                    self.expression(path, text, &item, &key, value);
                }
            }
            self.without(path, &item);
            self.columns(path, text, &item);
        }
        for (path, text, item) in self.of(&["metric"]) {
            self.further(path, text, &item, names);
            self.versions(path, text, &item, names);
        }
        self.lists();
        self.whole(names);
    }

    /// Every literal, operator, column and aggregate of a value.
    fn expression(&mut self, path: &str, text: &str, item: &Item, key: &str, value: &Expr) {
        let place = format!("{}: {key}", title(item));
        for inner in all(value) {
            let old = slice(text, inner.span).to_owned();
            for new in others(inner, &old) {
                self.write(false, format!("{place}: `{old}` becomes `{new}`"), path, inner.span, &new);
            }
            if let ExprKind::Infix { operator, operator_span, .. } = &inner.kind {
                for new in operators(*operator) {
                    let words = format!("{place}: `{}` becomes `{new}`", slice(text, *operator_span));
                    self.write(false, words, path, *operator_span, new);
                }
            }
            if let (ExprKind::Path(path_names), true) = (&inner.kind, key != "key" && key != "time") {
                for other in self.neighbours(&path_names[path_names.len() - 1].text) {
                    let last = path_names[path_names.len() - 1].span;
                    self.write(false, format!("{place}: `{old}` ends in `{other}`"), path, last, &other);
                }
            }
        }
        if matches!(key, "where" | "among") {
            let new = format!("not ({})", slice(text, value.span));
            self.write(false, format!("{place} turned round"), path, value.span, &new);
        }
    }

    /// Other columns of the source that has a column of that name, and other customers, sources or metrics.
    fn neighbours(&self, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        for Declared { item, .. } in &self.items {
            let columns: Vec<&str> = item
                .body
                .entries
                .iter()
                .filter(|entry| entry.key().text == "columns")
                .flat_map(|entry| match entry {
                    Entry::Group { body, .. } => body.entries.iter().map(|column| column.key().text.as_str()).collect(),
                    Entry::Value { .. } => Vec::new(),
                })
                .collect();
            let like = self.items.iter().filter(|other| other.item.kind.text == item.kind.text);
            if columns.contains(&name) {
                found.extend(columns.iter().filter(|other| **other != name).take(3).map(ToString::to_string));
            } else if item.name.text == name {
                found.extend(like.map(|other| other.item.name.text.to_string()).filter(|other| other != name).take(2));
            }
        }
        found.sort();
        found.dedup();
        found.truncate(4);
        found
    }

    fn without(&mut self, path: &str, item: &Item) {
        self.write(false, format!("{}: removed", title(item)), path, item.span, "");
        for entry in &item.body.entries {
            let key = &entry.key().text;
            self.write(false, format!("{}: no {key}", title(item)), path, entry.span(), "");
        }
    }

    /// Columns of sources that come and go, and get other types.
    fn columns(&mut self, path: &str, text: &str, item: &Item) {
        for entry in item.body.entries.iter().filter(|entry| entry.key().text == "columns") {
            let Entry::Group { body, .. } = entry else { continue };
            for column in &body.entries {
                let name = &column.key().text;
                self.write(false, format!("{}: no column {name}", title(item)), path, column.span(), "");
                if let Some(ty) = values(column).first() {
                    for other in ["text", "int", "float", "instant in \"Asia/Tokyo\"", "decimal(12, 2) in usd"] {
                        let old = slice(text, ty.span);
                        let words = format!("{}: column {name}: `{old}` becomes `{other}`", title(item));
                        self.write(false, words, path, ty.span, other);
                    }
                }
            }
        }
    }

    /// What a metric says besides, or otherwise.
    fn further(&mut self, path: &str, _text: &str, item: &Item, names: &Names<'_>) {
        for entry in FURTHER {
            let new = entry
                .replace("{number}", names.number)
                .replace("{attribute}", names.attribute)
                .replace("{by}", names.by)
                .replace("{weight}", names.weight)
                .replace("{customer}", names.customer);
            let key = new.split(':').next().unwrap_or_default();
            let there = item.body.entries.iter().find(|entry| entry.key().text == key);
            let words = format!("{}: {new}", title(item));
            match there {
                Some(entry) => self.write(false, words, path, entry.span(), &new),
                None => self.write(false, words, path, inside(&item.body), &format!("\n  {new}\n  ")),
            }
        }
        let name = &item.name.text;
        let (named, span) = (format!("{name}_anew"), item.name.span);
        self.write(false, format!("{}: another name", title(item)), path, span, &named);
    }

    /// Versions that are to come, and such that hold already.
    fn versions(&mut self, path: &str, text: &str, item: &Item, names: &Names<'_>) {
        let end = item.body.span.end - 1;
        let at = groma_syntax::Span { start: end, end, ..item.body.span };
        let measure = item.body.entries.iter().find(|entry| entry.key().text == "measure");
        let measure = measure.map(|entry| slice(text, entry.span()).to_owned()).unwrap_or_default();
        for from in [names.future, names.past] {
            for change in [
                format!("where: {} > 5", names.number),
                "window: trailing 14 days".to_owned(),
                "minimum: 7".to_owned(),
                format!("{measure} + 1"),
                measure.clone(),
                "label { fr: \"Neuf\" }".to_owned(),
            ] {
                let new = format!("  version 2 {{ from: {from}  {change} }}\n");
                self.write(false, format!("{}: {}", title(item), new.trim()), path, at, &new);
            }
        }
    }

    /// Groupings and grains that come and go, one by one.
    fn lists(&mut self) {
        for (path, text, item) in self.of(&["metric", "exception", "customer"]) {
            for entry in &item.body.entries {
                let [first, .., last] = values(entry) else { continue };
                let key = &entry.key().text;
                let parts: Vec<&str> = values(entry).iter().map(|value| slice(text, value.span)).collect();
                for without in 0..parts.len() {
                    let kept: Vec<&str> =
                        parts.iter().enumerate().filter(|(at, _)| *at != without).map(|(_, part)| *part).collect();
                    let words = format!("{}: {key} without `{}`", title(&item), parts[without]);
                    self.write(false, words, path, first.span.to(last.span), &kept.join(", "));
                }
            }
        }
    }

    /// The project as a whole, sources, and what is new.
    fn whole(&mut self, names: &Names<'_>) {
        for new in names.new {
            self.add(false, format!("new: {new}"), new);
        }
        let text = self.files["groma.yml"].clone();
        for (key, new) in [
            ("timezone", "timezone: Asia/Tokyo"),
            ("timezone", "timezone: UTC"),
            ("timezone", "timezone: Pacific/Honolulu"),
            ("week_starts", "week_starts: sunday"),
            ("week_starts", "week_starts: saturday"),
            ("fiscal_year_starts", "fiscal_year_starts: april"),
            ("fiscal_year_starts", "fiscal_year_starts: february"),
            ("default_grain", "default_grain: week"),
            ("default_grain", "default_grain: quarter"),
        ] {
            let lines: Vec<&str> = text.lines().map(|line| if line.starts_with(key) { new } else { line }).collect();
            let mut files = self.files.clone();
            files.insert("groma.yml".to_owned(), format!("{}\n", lines.join("\n")));
            self.push(false, format!("manifest: {new}"), files);
        }
        for (from, to) in names.sources {
            let mut files = self.files.clone();
            files.values_mut().for_each(|text| *text = text.replace(from, to));
            self.push(false, format!("`{from}` becomes `{to}`"), files);
        }
    }
}

/// Other texts for an expression.
fn others(expr: &Expr, old: &str) -> Vec<String> {
    match &expr.kind {
        ExprKind::Number(number) => match number.parse::<i64>() {
            Ok(number) => vec![(number + 1).to_string(), (number * 3 + 2).to_string()],
            Err(_) => vec![format!("{number}1")],
        },
        ExprKind::Percent(number) => vec![format!("{}%", number.replace("95", "80"))],
        ExprKind::Quantity { number, unit } => {
            let more = number.parse::<i64>().map_or_else(|_| number.to_string(), |number| (number + 1).to_string());
            let other = if unit.text.starts_with("day") { "weeks" } else { "days" };
            vec![format!("{more} {}", unit.text), format!("{number} {other}")]
        }
        ExprKind::Text(_) if old.starts_with("\"\"\"") => {
            let tighter = old.replace("paid > 0", "paid > 20").replace("min(bought_on)", "max(bought_on)");
            vec![tighter, old.replace("group by", "GROUP BY")]
        }
        ExprKind::Text(text) => vec![format!("\"{text}x\"")],
        ExprKind::Date(date) => vec![date.replacen("-0", "-1", 1), format!("{}15", &date[..8])],
        ExprKind::Call { function, arguments } => {
            let name = function.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".");
            let rest = old.strip_prefix(name.as_str()).unwrap_or_default();
            let mut found: Vec<String> = AGGREGATES
                .iter()
                .filter(|(from, _)| *from == name)
                .map(|(_, to)| match (*to, arguments.is_empty()) {
                    ("count", _) => format!("count(where {}", &rest[1..]),
                    (to, _) => format!("{to}{rest}"),
                })
                .collect();
            if name == "count" && rest == "()" {
                found.push("count(where 1 = 2)".to_owned());
            }
            found
        }
        ExprKind::Prefix { .. } if old.starts_with("trailing") => {
            vec!["month to date".to_owned(), "week to date".to_owned()]
        }
        ExprKind::Prefix { .. } if old.starts_with("distinct ") => vec![old.replacen("distinct ", "", 1)],
        ExprKind::Prefix { .. } if old.starts_with("not ") => vec![old.replacen("not ", "", 1)],
        _ => Vec::new(),
    }
}

/// Other operators.
fn operators(operator: Infix) -> &'static [&'static str] {
    match operator {
        Infix::And => &["or"],
        Infix::Or => &["and"],
        Infix::Equal => &["<>"],
        Infix::NotEqual => &["="],
        Infix::Less => &["<=", ">"],
        Infix::LessEqual => &["<"],
        Infix::Greater => &[">=", "<"],
        Infix::GreaterEqual => &[">", "<="],
        Infix::In => &["not in"],
        Infix::NotIn => &["in"],
        Infix::Add => &["-", "*"],
        Infix::Subtract => &["+"],
        Infix::Multiply => &["+"],
        Infix::Divide => &["*"],
        _ => &[],
    }
}
