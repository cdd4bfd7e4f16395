//! Edits that leave every number as it is.

use super::text::{Edits, all, before, children, entries, inside, renamed, slice, title, values};
use groma_syntax::Span;
use groma_syntax::ast::{Entry, Expr, ExprKind, Infix, Item};

/// Keys whose values are computed with.
const COMPUTED: [&str; 8] = ["where", "measure", "each", "among", "value", "weight", "group", "single"];

impl Edits<'_> {
    /// All of them.
    pub(super) fn neutral(&mut self) {
        self.layout();
        for (path, text, item) in self.of(&ALL) {
            self.item_layout(path, text, &item);
        }
        for (path, text, item) in
            self.of(&["source", "customer", "segment", "survey", "metric", "function", "exception"])
        {
            for (key, entry) in entries(&item.body) {
                if COMPUTED.contains(&key.rsplit('.').next().unwrap_or_default()) {
                    values(entry).iter().for_each(|value| self.rewritten(path, text, &item, &key, value));
                }
            }
        }
        self.names();
        self.said();
        self.law();
        self.manifest();
    }

    /// Whole files.
    fn layout(&mut self) {
        let paths: Vec<String> = self.files.keys().filter(|path| path.ends_with(".groma")).cloned().collect();
        for path in &paths {
            let text = &self.files[path];
            let mut other = |words: &str, new: String, to: &str| {
                let mut files = self.files.clone();
                files.remove(path);
                files.insert(to.to_owned(), new);
                self.push(true, format!("{path}: {words}"), files);
            };
            other("line ends of another system", text.replace('\n', "\r\n"), path);
            other("moved", text.clone(), &format!("elsewhere/{path}"));
            other("a comment above", format!("// Read this first.\n\n{text}"), path);
            other("indented by tabs", text.replace("  ", "\t"), path);
            if let Ok(formatted) = groma_syntax::format(text) {
                other("formatted", formatted, path);
            }
        }
        let one: String = paths.iter().rev().map(|path| format!("{}\n", self.files[path])).collect();
        let mut files = self.files.clone();
        files.retain(|path, _| !path.ends_with(".groma"));
        files.insert("all.groma".to_owned(), one);
        self.push(true, "all in one file, the other way round", files);
    }

    /// Where a declaration stands, and the order in it.
    fn item_layout(&mut self, path: &str, text: &str, item: &Item) {
        let title = title(item);
        self.write(true, format!("{title}: a comment above"), path, before(item.span), "// Why it is so.\n");
        self.write(true, format!("{title}: a comment inside"), path, inside(&item.body), "\n  // Why it is so.\n");
        let reversed: Vec<&str> = item.body.entries.iter().rev().map(|entry| slice(text, entry.span())).collect();
        let body = format!("{{\n  {}\n}}", reversed.join("\n  "));
        self.write(true, format!("{title}: entries the other way round"), path, item.body.span, &body);
        let mut files = super::text::written(self.files, path, item.span, "");
        files.insert("moved/there.groma".to_owned(), slice(text, item.span).to_owned());
        self.push(true, format!("{title}: in another file"), files);
        let mut files = super::text::written(self.files, path, item.span, "");
        if let Some(rest) = files.get_mut(path) {
            rest.push_str(&format!("\n\n{}\n", slice(text, item.span)));
        }
        self.push(true, format!("{title}: last in its file"), files);
        let doc = item.doc.as_ref().map_or(before(item.span), |doc| doc.span);
        let words = if item.doc.is_some() { "/// Said otherwise." } else { "/// Said otherwise.\n" };
        self.write(true, format!("{title}: other words above"), path, doc, words);
        for entry in &item.body.entries {
            if matches!(entry, Entry::Value { .. }) && matches!(&*item.kind.text, "metric" | "source" | "customer") {
                let key = &entry.key().text;
                self.write(true, format!("{title}: a remark on {key}"), path, before(entry.span()), "// remark\n  ");
            }
        }
    }

    /// The same expression, written another way.
    fn rewritten(&mut self, path: &str, text: &str, item: &Item, key: &str, value: &Expr) {
        let title = format!("{}: {key}", title(item));
        let whole = slice(text, value.span);
        self.write(true, format!("{title} in parentheses"), path, value.span, &format!("({whole})"));
        self.write(true, format!("{title} on lines of its own"), path, before(value.span), "\n    // below\n    ");
        for inner in all(value) {
            match &inner.kind {
                ExprKind::Infix { operator, left, right, .. } => {
                    let (left, right) = (slice(text, left.span), slice(text, right.span));
                    let Some(mirrored) = mirrored(*operator) else { continue };
                    let new = format!("(({right}) {mirrored} ({left}))");
                    self.write(true, format!("{title}: `{left}` and `{right}` change sides"), path, inner.span, &new);
                }
                ExprKind::Tuple(parts) => {
                    let parts: Vec<&str> = parts.iter().rev().map(|part| slice(text, part.span)).collect();
                    let new = format!("({})", parts.join(", "));
                    self.write(true, format!("{title}: a list the other way round"), path, inner.span, &new);
                }
                ExprKind::Call { function, .. } if children(inner).len() == 1 => {
                    let argument = children(inner)[0];
                    let name: Vec<&str> = function.iter().map(|name| name.text.as_str()).collect();
                    self.inlined(path, text, &name.join("."), inner.span, slice(text, argument.span));
                }
                _ => {}
            }
        }
    }

    /// The body of a function in the place of its call.
    fn inlined(&mut self, path: &str, text: &str, name: &str, call: Span, argument: &str) {
        for (_, own, item) in self.of(&["function"]) {
            let ([parameter], Some(Entry::Value { values, .. })) = (&item.params[..], item.body.entries.first()) else {
                continue;
            };
            if item.name.text == name
                && let [body] = &values[..]
            {
                let body = renamed(slice(own, body.span), &parameter.name.text, &format!("({argument})"));
                let call_text = slice(text, call);
                self.write(true, format!("`{call_text}` written out"), path, call, &format!("({body})"));
            }
        }
    }

    /// Names that are nobody's but the file's.
    fn names(&mut self) {
        for (path, text, item) in self.of(&["function", "window"]) {
            let name = item.name.text.as_str();
            let mut files = self.files.clone();
            files.values_mut().for_each(|text| *text = renamed(text, name, &format!("other_{name}")));
            self.push(true, format!("{}: another name", title(&item)), files);
            for parameter in &item.params {
                let name = parameter.name.text.as_str();
                let new = renamed(slice(text, item.span), name, "other_parameter");
                self.write(true, format!("{}: another parameter", title(&item)), path, item.span, &new);
            }
            if item.kind.text == "window"
                && let Some([value]) = item.body.entries.first().map(values)
            {
                let mut files = super::text::written(self.files, path, item.span, "");
                let value = slice(text, value.span);
                files.values_mut().for_each(|text| *text = renamed(text, name, value));
                self.push(true, format!("{}: written out", title(&item)), files);
            }
        }
        for (path, text, item) in self.of(&["metric"]) {
            for (key, entry) in entries(&item.body) {
                for value in values(entry) {
                    match key.as_str() {
                        "window" if !matches!(value.kind, ExprKind::Path(_)) => {
                            let declared = format!("window named_here {{ value: {} }}", slice(text, value.span));
                            let mut files = super::text::written(self.files, path, value.span, "named_here");
                            files.insert("added/more.groma".to_owned(), declared);
                            self.push(true, format!("{}: its window gets a name", title(&item)), files);
                        }
                        "where" | "measure" => self.extracted(path, text, &item, value),
                        _ => {}
                    }
                }
            }
        }
    }

    /// A comparison of a column with a number or a text becomes a function.
    fn extracted(&mut self, path: &str, text: &str, item: &Item, value: &Expr) {
        for inner in all(value) {
            let ExprKind::Infix { left, right, operator, .. } = &inner.kind else { continue };
            let (ExprKind::Path(_), Some(_)) = (&left.kind, mirrored(*operator)) else { continue };
            let ty = match &right.kind {
                ExprKind::Number(_) => "number",
                ExprKind::Text(_) => "text",
                _ => continue,
            };
            let operator = slice(text, Span { start: left.span.end, end: right.span.start, ..left.span }).trim();
            let right = slice(text, right.span);
            let function = format!("function pulled_out(it: {ty}) {{ value: it {operator} {right} }}");
            let call = format!("pulled_out({})", slice(text, left.span));
            let mut files = super::text::written(self.files, path, inner.span, &call);
            files.insert("added/more.groma".to_owned(), function);
            self.push(true, format!("{}: `{}` becomes a function", title(item), slice(text, inner.span)), files);
        }
    }

    /// What stands beside the number, and what holds anyway.
    fn said(&mut self) {
        const BESIDE: [(&str, &str); 16] = [
            ("label", "label { fr: \"Autre\" }"),
            ("label", "label { fr: \"Un\"  de: \"Eins\" }"),
            ("tags", "tags: board, weekly"),
            ("tags", "tags: weekly"),
            ("better", "better: higher"),
            ("better", "better: lower"),
            ("kind", "kind: lagging"),
            ("kind", "kind: leading"),
            ("owner", "owner: {team}"),
            ("matters", "matters: 2 points at 90%"),
            ("status", "status: active"),
            ("fill", "fill: none"),
            ("answers", "answers: all"),
            ("population", "population: rows"),
            ("scope", "scope: global"),
            ("grain", "grain: month"),
        ];
        let teams: Vec<String> = self.of(&["team"]).iter().map(|(.., item)| item.name.text.to_string()).collect();
        for (path, text, item) in self.of(&["metric"]) {
            for (key, entry) in BESIDE {
                let there = item.body.entries.iter().find(|entry| entry.key().text == key);
                let own = there.map(|entry| slice(text, entry.span()).to_owned()).unwrap_or_default();
                let is_default = matches!(key, "status" | "fill" | "answers" | "population" | "scope" | "grain");
                if there.is_some() && is_default {
                    continue;
                }
                let team = teams.iter().find(|team| !own.contains(team.as_str())).map_or("", String::as_str);
                let (new, words) = (entry.replace("{team}", team), format!("{}: {entry}", title(&item)));
                match there {
                    Some(entry) => self.write(true, words, path, entry.span(), &new),
                    None => self.write(true, words, path, inside(&item.body), &format!("\n  {new}\n  ")),
                }
            }
            self.removed(path, &item, &["owner", "better", "kind", "matters", "raci", "tags", "label"]);
        }
        for (path, _, item) in self.of(&["source", "customer", "survey"]) {
            self.removed(path, &item, &["checks", "channel"]);
            for team in &teams {
                let there = item.body.entries.iter().find(|entry| entry.key().text == "owner");
                if let Some(entry) = there {
                    let words = format!("{}: owner {team}", title(&item));
                    self.write(true, words, path, entry.span(), &format!("owner: {team}"));
                }
            }
        }
    }

    fn removed(&mut self, path: &str, item: &Item, keys: &[&str]) {
        for entry in item.body.entries.iter().filter(|entry| keys.contains(&entry.key().text.as_str())) {
            self.write(true, format!("{}: no {}", title(item), entry.key().text), path, entry.span(), "");
        }
    }

    /// People and law.
    fn law(&mut self) {
        for (path, text, item) in self.of(&["team", "council", "rule", "link", "exception", "waiver", "period"]) {
            let keeps = item.kind.text == "exception";
            if !keeps && matches!(&*item.kind.text, "rule" | "link" | "waiver") {
                self.write(true, format!("{}: removed", title(&item)), path, item.span, "");
            }
            for (key, entry) in entries(&item.body) {
                let said = !keeps || matches!(key.as_str(), "because" | "evidence" | "until");
                for value in values(entry).iter().filter(|_| said) {
                    let old = slice(text, value.span);
                    let new = match &value.kind {
                        ExprKind::Text(_) if old.contains('@') => old.replace('@', "-too@"),
                        ExprKind::Text(_) => old.replacen('"', "\"Again: ", 1),
                        ExprKind::Date(date) => format!("{}28", &date[..8]),
                        ExprKind::Number(number) if number == "2" => "1".to_owned(),
                        _ => continue,
                    };
                    self.write(true, format!("{}: {key} {new}", title(&item)), path, value.span, &new);
                }
            }
        }
        self.add(true, "a team", "team newcomers { title: \"New\"  lead: \"new@academy.example\" }");
        let rule = "rule named { for: m in metrics  require: m.name <> \"x\"  message: \"x\"  level: warning }";
        self.add(true, "a rule", rule);
        self.add(true, "a window that nobody uses", "window unused { value: trailing 3 days }");
        self.add(true, "a function that nobody uses", "function unused(x: number) { value: x + 1 }");
    }

    fn manifest(&mut self) {
        let text = self.files["groma.yml"].clone();
        for (words, new) in [
            ("a comment", format!("# The project.\n{text}")),
            ("another target", text.replace("targets:\n", "targets:\n  other: { engine: duckdb }\n")),
            ("fewer packs", text.replace("packs: [ownership, ", "packs: [").replace("packs: [ownership]", "packs: []")),
            (
                "more packs",
                text.replace("packs: [", "packs: [naming, ").replace("naming, ownership, survey", "ownership, survey"),
            ),
            ("languages", text.replace("languages: [fr]", "languages: []")),
            ("the default calendar year", format!("{text}# end\n")),
        ] {
            let mut files = self.files.clone();
            files.insert("groma.yml".to_owned(), new);
            self.push(true, format!("manifest: {words}"), files);
        }
    }
}

const ALL: [&str; 13] = [
    "source",
    "customer",
    "segment",
    "survey",
    "metric",
    "function",
    "window",
    "link",
    "team",
    "council",
    "rule",
    "exception",
    "period",
];

/// The operator between two operands that have changed sides.
fn mirrored(operator: Infix) -> Option<&'static str> {
    Some(match operator {
        Infix::And => "and",
        Infix::Or => "or",
        Infix::Add => "+",
        Infix::Multiply => "*",
        Infix::Equal => "=",
        Infix::NotEqual => "<>",
        Infix::Less => ">",
        Infix::LessEqual => ">=",
        Infix::Greater => "<",
        Infix::GreaterEqual => "<=",
        _ => return None,
    })
}
