//! The normal form of entries.

use super::expression::{Functions, Names, Written};
use crate::canonical::{one_newline, sorted, text};
use crate::check::entries::as_name;
use crate::check::names::dotted;
use crate::model::{Model, OnFail};
use crate::schema::{Kind, Shape};
use groma_syntax::ast::{Block, Entry, Expr, ExprKind, Infix, Item};
use smol_str::{SmolStr, format_smolstr};

/// Values that say what holds anyway: kind, key, word.
const DEFAULTS: [(Kind, &str, &str); 8] = [
    (Kind::Metric, "status", "active"),
    (Kind::Metric, "population", "rows"),
    (Kind::Metric, "fill", "none"),
    (Kind::Metric, "answers", "all"),
    (Kind::Metric, "scope", "global"),
    (Kind::Rule, "level", "error"),
    (Kind::Example, "intervals", "false"),
    (Kind::Dashboard, "audience", "operations"),
];

/// Keys of rules whose texts have places: `{m.name}`.
const TEMPLATES: [&str; 2] = ["message", "help"];

/// Writes the entries of one declaration.
pub(super) struct Writer<'m> {
    model: &'m Model,
    kind: Kind,
    names: Names<'m>,
}

impl<'m> Writer<'m> {
    /// For an item. With `functions`, a function that is called stands for what it means.
    pub(super) fn of(model: &'m Model, kind: Kind, item: &Item, functions: Option<Functions<'m>>) -> Self {
        let local = match kind {
            Kind::Rule => variable(item).into_iter().collect(),
            _ => item.params.iter().map(|parameter| parameter.name.text.clone()).collect(),
        };
        Self { model, kind, names: Names { local, functions } }
    }

    /// All entries, sorted by key.
    pub(super) fn item(&self, item: &Item) -> Vec<(SmolStr, String)> {
        let mut found = Vec::with_capacity(item.body.entries.len());
        if !item.params.is_empty() {
            let parameter = |parameter: &groma_syntax::ast::Param| {
                let default = parameter.default.as_ref().map_or_else(String::new, |default| self.value(default));
                format!("{}={default}", self.value(&parameter.ty))
            };
            let all: Vec<String> = item.params.iter().map(parameter).collect();
            found.push((SmolStr::new_static("parameters"), all.join(",")));
        }
        if let Some(returns) = &item.returns {
            found.push((SmolStr::new_static("returns"), self.value(returns)));
        }
        for entry in &item.body.entries {
            self.entry(entry, &mut found);
        }
        let tiles: Vec<&str> = parts(item).collect();
        if !tiles.is_empty() {
            found.push((SmolStr::new_static("tile"), tiles.join(",")));
        }
        found.sort();
        found
    }

    /// An entry, or those of a group.
    pub(super) fn entry(&self, entry: &Entry, found: &mut Vec<(SmolStr, String)>) {
        match entry {
            Entry::Value { key, values, .. } => {
                if !self.goes_without_saying(&key.text, values) {
                    found.push((key.text.clone(), self.values(&key.text, values)));
                }
            }
            Entry::Group { body, .. } => {
                let above = key("", entry);
                if above == "steps" {
                    let order: Vec<&str> = body.entries.iter().map(|step| step.key().text.as_str()).collect();
                    found.push((above.clone(), order.join(",")));
                }
                self.group(body, &above, found);
            }
        }
    }

    fn group(&self, block: &Block, above: &str, found: &mut Vec<(SmolStr, String)>) {
        for entry in &block.entries {
            let key = key(above, entry);
            match entry {
                Entry::Value { values, .. } if self.kind == Kind::Source && above == "checks" => {
                    found.push((key, self.check(values)));
                }
                Entry::Value { values, .. } => found.push((key, self.sorted(values))),
                Entry::Group { body, .. } => self.group(body, &key, found),
            }
        }
    }

    /// The values of a key of the declaration itself.
    fn values(&self, key: &str, values: &[Expr]) -> String {
        let template = self.kind == Kind::Rule && TEMPLATES.contains(&key);
        if let ([Expr { kind: ExprKind::Text(written), .. }], true) = (values, template) {
            return text(&self.places(&one_newline(written)));
        }
        let shape = self.kind.schema().key(key).map_or(Shape::Any, |key| key.shape);
        match shape {
            // One grouping is of several columns, in no order.
            Shape::Groupings => sorted(values.iter().map(|value| self.grouping(value)).collect()).join(","),
            Shape::Texts
            | Shape::Words
            | Shape::Names(_)
            | Shape::Attributes
            | Shape::Grains
            | Shape::Members
            | Shape::Forms(_) => self.sorted(values),
            _ => values.iter().map(|value| self.value(value)).collect::<Vec<_>>().join(","),
        }
    }

    /// A check of a source; that failures are flagged goes without saying.
    fn check(&self, values: &[Expr]) -> String {
        match values {
            [rule, action] if as_name(action).is_some_and(|(word, _)| word == OnFail::default().word()) => {
                self.value(rule)
            }
            _ => self.sorted(values),
        }
    }

    fn sorted(&self, values: &[Expr]) -> String {
        let mut forms = sorted(values.iter().map(|value| self.value(value)).collect());
        forms.dedup();
        forms.join(",")
    }

    fn grouping(&self, value: &Expr) -> String {
        match &value.kind {
            ExprKind::Tuple(parts) => format!("({})", self.sorted(parts)),
            ExprKind::Group(inner) => self.grouping(inner),
            _ => self.value(value),
        }
    }

    fn value(&self, value: &Expr) -> String {
        use crate::canonical::algebra::Reader as _;
        Written { names: &self.names }.form(value, false)
    }

    /// Whether an entry says what holds without it.
    fn goes_without_saying(&self, key: &str, values: &[Expr]) -> bool {
        let [value] = values else { return false };
        let said: &str = match (self.kind, key) {
            (Kind::Metric, "grain") => self.model.calendar.default_grain.word(),
            (Kind::Metric, "where" | "among") | (Kind::Customer | Kind::Survey, "where") => "true",
            (Kind::Source, "late") => "length(0m0d)",
            _ => match DEFAULTS.iter().find(|(kind, known, _)| (*kind, *known) == (self.kind, key)) {
                Some((_, _, word)) => word,
                None => return false,
            },
        };
        self.value(value) == said
    }

    /// A text of a rule, with a place for its variable.
    fn places(&self, written: &str) -> String {
        let [variable] = self.names.local.as_slice() else { return written.to_owned() };
        let written = written.replace(&format!("{{{variable}."), "{$0.");
        written.replace(&format!("{{{variable}}}"), "{$0}")
    }
}

/// The names of blocks that readers see in this order.
fn parts(item: &Item) -> impl Iterator<Item = &str> {
    item.body.entries.iter().filter_map(|entry| match entry {
        Entry::Group { key, name: Some(name), .. } if key.text == Kind::Tile.word() => Some(name.text.as_str()),
        _ => None,
    })
}

/// The key of an entry below another one.
pub(super) fn key(above: &str, entry: &Entry) -> SmolStr {
    let key = match entry {
        Entry::Group { key, name: Some(name), .. } => format_smolstr!("{}.{}", key.text, name.text),
        _ => entry.key().text.clone(),
    };
    if above.is_empty() { key } else { format_smolstr!("{above}.{key}") }
}

/// The `m` of `for: m in metrics`.
fn variable(item: &Item) -> Option<SmolStr> {
    item.body.entries.iter().find_map(|entry| match entry {
        Entry::Value { key, values, .. } if key.text == "for" => match values.first().map(|value| &value.kind) {
            Some(ExprKind::Infix { operator: Infix::In, left, .. }) => match &left.kind {
                ExprKind::Path(path) => Some(dotted(path)),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}
