//! Whatever the order in which things are written, they mean the same; whatever constant is another one, somebody's number is.

use super::project::{Both, SHOP, each, newest};
use crate::meaning::{Meanings, written};
use crate::time::Calendar;
use groma_syntax::ast::{Block, Entry, Expr, ExprKind, Infix, Item};
use groma_syntax::{FileId, parse};

/// Numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % end.max(1)
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// A change of a text: from, to, and what stands there instead.
type Edits = Vec<(usize, usize, String)>;

/// The text with its items, entries, lists and operands in another order.
fn shuffled(text: &str, random: &mut Random) -> String {
    let parsed = parse(FileId(0), text);
    assert!(parsed.diagnostics.is_empty());
    let mut items: Vec<String> = parsed.file.items.iter().map(|item| of_item(text, item, random)).collect();
    random.shuffle(&mut items);
    items.join("\n\n")
}

fn of_item(text: &str, item: &Item, random: &mut Random) -> String {
    let body = of_block(text, &item.body, item.kind.text == "example", random);
    let head = item.doc.as_ref().map_or(item.kind.span.start, |doc| doc.span.start) as usize;
    format!("{}{body}", &text[head..item.body.span.start as usize])
}

/// Steps of a funnel are in order.
fn of_block(text: &str, block: &Block, keeps: bool, random: &mut Random) -> String {
    let mut entries: Vec<String> = block
        .entries
        .iter()
        .map(|entry| match entry {
            Entry::Group { key, name, body, .. } => {
                let body = of_block(text, body, key.text == "steps", random);
                format!("{} {} {body}", key.text, name.as_ref().map_or("", |name| name.text.as_str()))
            }
            Entry::Value { key, values, .. } => {
                let mut values: Vec<String> = values.iter().map(|value| of_expression(text, value, random)).collect();
                if !matches!(key.text.as_str(), "window" | "value" | "key" | "file") && !key.text.ends_with("_id") {
                    let first = usize::from(values.first().is_some_and(|value| is_type(value)));
                    random.shuffle(&mut values[first..]);
                }
                format!("{}: {}", key.text, values.join(", "))
            }
        })
        .collect();
    if !keeps {
        random.shuffle(&mut entries);
    }
    format!("{{\n{}\n}}", entries.join("\n"))
}

/// A column's type stands before the words about it.
fn is_type(value: &str) -> bool {
    ["text", "int", "float", "decimal", "date", "instant", "scale", "bool", "verbatim", "company", "account"]
        .iter()
        .any(|word| value.starts_with(word) && !value.starts_with("account."))
}

fn of_expression(text: &str, expr: &Expr, random: &mut Random) -> String {
    let mut edits = Edits::new();
    swap(text, expr, random, &mut edits);
    let start = expr.span.start as usize;
    let mut found = text[start..expr.span.end as usize].to_owned();
    edits.sort();
    for (from, to, instead) in edits.into_iter().rev() {
        found.replace_range(from - start..to - start, &instead);
    }
    found
}

/// The operands of `and`, `or`, `+`, `*`, `=` and the values of a list change places.
fn swap(text: &str, expr: &Expr, random: &mut Random, edits: &mut Edits) {
    match &expr.kind {
        ExprKind::Infix { operator, left, right, .. } => match operator {
            Infix::And | Infix::Or | Infix::Add | Infix::Multiply | Infix::Equal if random.below(2) == 0 => {
                let word = match operator {
                    Infix::And => "and",
                    Infix::Or => "or",
                    Infix::Add => "+",
                    Infix::Multiply => "*",
                    _ => "=",
                };
                let [left, right] = [left, right].map(|side| of_expression(text, side, random));
                let span = expr.span;
                edits.push((span.start as usize, span.end as usize, format!("(({right}) {word} ({left}))")));
            }
            Infix::In => {
                swap(text, left, random, edits);
                if let ExprKind::Tuple(items) = &right.kind {
                    let mut values: Vec<String> = items.iter().map(|item| of_expression(text, item, random)).collect();
                    random.shuffle(&mut values);
                    let span = right.span;
                    edits.push((span.start as usize, span.end as usize, format!("({})", values.join(", "))));
                }
            }
            _ => [left, right].into_iter().for_each(|side| swap(text, side, random, edits)),
        },
        ExprKind::Call { arguments, .. } => {
            use groma_syntax::ast::Argument;
            for argument in arguments {
                let (Argument::Value(value) | Argument::Named { value, .. } | Argument::Where(value)) = argument;
                swap(text, value, random, edits);
            }
        }
        ExprKind::Group(operand) | ExprKind::Prefix { operand, .. } => swap(text, operand, random, edits),
        _ => {}
    }
}

/// Each constant of the text with its place; texts of rules, people and examples are left out.
fn constants(text: &str) -> Vec<(usize, usize, String)> {
    let parsed = parse(FileId(0), text);
    let mut found = Vec::new();
    let data = ["metric", "function", "window", "segment", "exception", "customer"];
    for item in parsed.file.items.iter().filter(|item| data.contains(&item.kind.text.as_str())) {
        let words = ["unit", "because", "evidence", "approved_by", "until", "target", "cell", "purpose", "from"];
        of_entries(&item.body, &words, &mut found);
    }
    found
}

fn of_entries(block: &Block, left_out: &[&str], found: &mut Edits) {
    for entry in &block.entries {
        match entry {
            Entry::Group { body, .. } => of_entries(body, left_out, found),
            Entry::Value { key, values, .. } if !left_out.contains(&key.text.as_str()) => {
                for value in values {
                    crate::check::walk::visit(value, &mut |part| {
                        let span = part.span;
                        let instead = match &part.kind {
                            ExprKind::Number(number) => format!("{number}7"),
                            ExprKind::Text(text) => format!("\"{text}x\""),
                            ExprKind::Quantity { number, unit } => format!("{number}7 {}", unit.text),
                            _ => return,
                        };
                        found.push((span.start as usize, span.end as usize, instead));
                    });
                }
            }
            Entry::Value { .. } => {}
        }
    }
}

#[test]
fn any_order_means_the_same() {
    let before = Both::of(SHOP);
    let (meanings, model) = (before.meanings(), before.model());
    let seeds: Vec<u64> = (0..8).collect();
    each(&seeds, |seed| {
        let text = shuffled(SHOP, &mut Random(*seed));
        let after = Both::of(&text);
        let found = after.meanings();
        for (subject, meaning) in &meanings.of {
            assert_eq!(found.of.get(subject), Some(meaning), "seed {seed}: {subject:?}\n{text}");
            let entries = |model| written::entries(model, subject);
            assert_eq!(entries(after.model()), entries(model), "seed {seed}: {subject:?}");
        }
        assert_eq!(found.of.len(), meanings.of.len());
    });
}

#[test]
fn any_constant_means_something() {
    let calendar = Calendar::default();
    let before = newest(SHOP, &calendar).unwrap();
    let all = constants(SHOP);
    assert!(all.len() > 30, "{}", all.len());
    let numbers = |meanings: &Meanings| -> Vec<_> { meanings.of.values().map(|meaning| meaning.whole).collect() };
    let found = each(&all, |(from, to, instead)| {
        let mut text = SHOP.to_owned();
        text.replace_range(*from..*to, instead);
        // What is no longer a project says nothing about meanings.
        let Ok(after) = newest(&text, &calendar) else { return None };
        let same = numbers(&after) == numbers(&before);
        Some(same.then(|| format!("{} -> {instead}", &SHOP[from.saturating_sub(40)..*to])))
    });
    assert!(found.iter().flatten().count() * 10 > all.len() * 9, "most of them are projects");
    let same: Vec<_> = found.into_iter().flatten().flatten().collect();
    assert!(same.is_empty(), "{same:#?}");
}
