//! A project as texts that are edited by place.

use groma_syntax::ast::{Argument, Block, Entry, Expr, ExprKind, Item};
use groma_syntax::{FileId, Span, parse};
use std::collections::BTreeMap;

/// Paths and texts; the manifest is one of them.
pub(super) type Files = BTreeMap<String, String>;

/// One edit, and whether it means to leave every number as it is.
pub(super) struct Edit {
    pub(super) words: String,
    pub(super) neutral: bool,
    pub(super) files: Files,
}

/// A declaration and where it stands.
pub(super) struct Declared<'f> {
    pub(super) path: &'f str,
    pub(super) text: &'f str,
    pub(super) item: Item,
}

/// All edits of a project.
pub(super) struct Edits<'f> {
    pub(super) files: &'f Files,
    pub(super) items: Vec<Declared<'f>>,
    pub(super) list: Vec<Edit>,
}

impl<'f> Edits<'f> {
    pub(super) fn new(files: &'f Files) -> Self {
        let declarations = files.iter().filter(|(path, _)| path.ends_with(".groma"));
        let items = declarations.flat_map(|(path, text)| {
            let items = parse(FileId(0), text).file.items.into_iter();
            items.map(move |item| Declared { path, text, item })
        });
        Self { files, items: items.collect(), list: Vec::new() }
    }

    /// An edit that writes something in the place of a stretch of a file.
    pub(super) fn write(&mut self, neutral: bool, words: impl Into<String>, path: &str, span: Span, new: &str) {
        let files = written(self.files, path, span, new);
        self.push(neutral, words, files);
    }

    /// An edit that adds a declaration.
    pub(super) fn add(&mut self, neutral: bool, words: impl Into<String>, text: &str) {
        let mut files = self.files.clone();
        files.insert("added/more.groma".to_owned(), format!("{text}\n"));
        self.push(neutral, words, files);
    }

    pub(super) fn push(&mut self, neutral: bool, words: impl Into<String>, files: Files) {
        if files != *self.files {
            self.list.push(Edit { words: words.into(), neutral, files });
        }
    }

    /// The declarations of a kind: path, whole text, item.
    pub(super) fn of(&self, kinds: &[&str]) -> Vec<(&'f str, &'f str, Item)> {
        let wanted = self.items.iter().filter(|declared| kinds.contains(&declared.item.kind.text.as_str()));
        wanted.map(|declared| (declared.path, declared.text, declared.item.clone())).collect()
    }
}

/// `metric nps`.
pub(super) fn title(item: &Item) -> String {
    format!("{} {}", item.kind.text, item.name.text)
}

/// The files with something else in the place of a stretch.
pub(super) fn written(files: &Files, path: &str, span: Span, new: &str) -> Files {
    let mut files = files.clone();
    if let Some(text) = files.get_mut(path) {
        text.replace_range(span.start as usize..span.end as usize, new);
    }
    files
}

/// The text of a stretch.
pub(super) fn slice(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

/// The place right before a stretch.
pub(super) fn before(span: Span) -> Span {
    Span { end: span.start, ..span }
}

/// The place right behind the opening brace of a block.
pub(super) fn inside(block: &Block) -> Span {
    Span { start: block.span.start + 1, end: block.span.start + 1, ..block.span }
}

/// Every entry with values of a block, also of blocks in it, with its keys: `columns.amount`.
pub(super) fn entries(block: &Block) -> Vec<(String, &Entry)> {
    let mut found = Vec::new();
    for entry in &block.entries {
        let key = entry.key().text.to_string();
        if let Entry::Group { body, .. } = entry {
            found.extend(entries(body).into_iter().map(|(inner, entry)| (format!("{key}.{inner}"), entry)));
        }
        found.push((key, entry));
    }
    found
}

/// The values of an entry.
pub(super) fn values(entry: &Entry) -> &[Expr] {
    match entry {
        Entry::Value { values, .. } => values,
        Entry::Group { .. } => &[],
    }
}

/// The expressions right inside an expression.
pub(super) fn children(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Group(inner) => vec![inner],
        ExprKind::Tuple(inner) => inner.iter().collect(),
        ExprKind::Call { arguments, .. } => arguments
            .iter()
            .map(|argument| match argument {
                Argument::Value(value) | Argument::Where(value) | Argument::Named { value, .. } => value,
            })
            .collect(),
        ExprKind::Prefix { operand, .. } | ExprKind::IsNull { operand, .. } => vec![operand],
        ExprKind::Infix { left, right, .. } => vec![left, right],
        ExprKind::Between { operand, low, high, .. } => vec![operand, low, high],
        ExprKind::Case { operand, branches, otherwise } => {
            let branches = branches.iter().flat_map(|branch| [&branch.when, &branch.then]);
            operand.as_deref().into_iter().chain(branches).chain(otherwise.as_deref()).collect()
        }
        _ => Vec::new(),
    }
}

/// An expression and all inside it.
pub(super) fn all(expr: &Expr) -> Vec<&Expr> {
    let mut found = vec![expr];
    let mut next = 0;
    while let Some(expr) = found.get(next).copied() {
        found.extend(children(expr));
        next += 1;
    }
    found
}

/// A text in which a whole word is another one.
pub(super) fn renamed(text: &str, from: &str, to: &str) -> String {
    let is_word = |character: Option<char>| character.is_some_and(|one| one.is_alphanumeric() || one == '_');
    let mut written = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let after = &rest[at + from.len()..];
        let alone = !is_word(rest[..at].chars().next_back()) && !is_word(after.chars().next());
        written.push_str(&rest[..at]);
        written.push_str(if alone { to } else { from });
        rest = after;
    }
    written + rest
}
