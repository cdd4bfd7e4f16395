//! Rules as people see them: what there is, where it comes from, how strict it is here, its page and its tests.
//!
//! A rule of the standard library and a rule of a project are the same thing, so both are read from their text here.

mod page;
mod proof;

use crate::compile::Project;
use crate::manifest::UNKNOWN_VALUE;
use crate::nearest::did_you_mean;
use crate::stdlib;
use groma_model::rule::{code, code_id};
use groma_model::{Code, Diagnostic, FileId, Policy, Severity, SourceMap, Span};
use groma_syntax::ast::{Entry, Expr, ExprKind, Item};
use groma_syntax::parse;
use std::sync::LazyLock;

/// A rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// `ownership/metric-has-owner`; `rule/…` for a rule of a project.
    pub code: String,
    /// As it is declared.
    pub name: String,
    /// The pack of the standard library that it belongs to.
    pub pack: Option<&'static str>,
    /// What it is about: `metrics`.
    pub about: String,
    /// The level that it has by itself.
    pub severity: Severity,
    pub doc: String,
    pub help: Option<String>,
    pub why: Option<String>,
    /// What both tests begin with.
    pub given: String,
    /// A project that breaks the rule.
    pub raises: Option<String>,
    /// A project that keeps it.
    pub passes: Option<String>,
    /// The file that declares it, and in which line.
    pub path: String,
    pub line: usize,
    /// The place of its name.
    pub span: Span,
    /// The declaration.
    pub text: String,
}

static STANDARD: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let mut rules = Vec::new();
    for (name, text) in stdlib::FILES {
        if let Some(pack) = stdlib::pack(name) {
            let mut sources = SourceMap::default();
            let file = sources.add(stdlib::path(name), *text);
            rules.extend(read(&sources, file, Some(pack)));
        }
    }
    rules
});

/// The rules of all packs, by pack and then as they stand in it.
pub fn standard() -> &'static [Rule] {
    &STANDARD
}

/// The rules that the files of a project declare, in their order.
pub fn of_project(project: &Project) -> Vec<Rule> {
    let files: Vec<FileId> = project.sources.files().skip(1).take(project.files).map(|(file, _)| file).collect();
    files.into_iter().flat_map(|file| read(&project.sources, file, None)).collect()
}

/// The codes of the standard rules.
pub(crate) fn codes() -> Vec<&'static Code> {
    standard().iter().map(|rule| code(&rule.code, rule.severity, rule.summary())).collect()
}

impl Rule {
    /// Whether it is applied under a policy, levels aside.
    pub fn is_chosen(&self, policy: &Policy) -> bool {
        self.pack.is_none_or(|pack| policy.packs.iter().any(|chosen| chosen == pack))
    }

    /// How strict it is under a policy; nothing if it is switched off.
    pub fn level(&self, policy: &Policy) -> Option<Severity> {
        let said = policy.levels.iter().find(|(code, _)| *code == self.code);
        said.map_or(Some(self.severity), |(_, level)| *level)
    }

    /// The first line of its documentation.
    pub fn summary(&self) -> &str {
        self.doc.lines().next().unwrap_or_default()
    }

    /// Its page: What, Why it matters for the number, Example, Instead.
    pub fn page(&self) -> String {
        page::page(self)
    }

    /// Runs its tests, under the languages of a policy: what is wrong with each, in a sentence.
    pub fn prove(&self, policy: &Policy) -> Vec<String> {
        proof::prove(self, policy)
    }
}

/// Reads the rules of a file.
fn read(sources: &SourceMap, file: FileId, pack: Option<&'static str>) -> Vec<Rule> {
    let source = sources.file(file);
    // Most files have none, and reading a file costs more than looking at it.
    if !source.text.contains("rule") {
        return Vec::new();
    }
    let items = parse(file, &source.text).file.items;
    let rules = items.iter().filter(|item| item.kind.text == "rule");
    rules.map(|item| rule(sources, item, pack)).collect()
}

fn rule(sources: &SourceMap, item: &Item, pack: Option<&'static str>) -> Rule {
    let name = item.name.text.to_string();
    let place = sources.line_column(item.name.span.file, item.name.span.start);
    Rule {
        code: code_id(pack, &name).to_string(),
        pack,
        about: about(item).unwrap_or_default(),
        severity: if word(item, "level").as_deref() == Some("warning") { Severity::Warning } else { Severity::Error },
        doc: item.doc.as_ref().map(|doc| doc.text.clone()).unwrap_or_default(),
        help: text(item, "help"),
        why: text(item, "why"),
        given: text(item, "given").unwrap_or_default(),
        raises: text(item, "raises"),
        passes: text(item, "passes"),
        path: sources.file(item.name.span.file).path.clone(),
        line: place.line,
        span: item.name.span,
        text: sources.slice(item.span).to_owned(),
        name,
    }
}

/// `metrics`, of `m in metrics`.
fn about(item: &Item) -> Option<String> {
    match &value(item, "for")?.kind {
        ExprKind::Infix { right, .. } => match &right.kind {
            ExprKind::Path(path) => path.last().map(|name| name.text.to_string()),
            _ => None,
        },
        _ => None,
    }
}

fn text(item: &Item, key: &str) -> Option<String> {
    match &value(item, key)?.kind {
        ExprKind::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn word(item: &Item, key: &str) -> Option<String> {
    match &value(item, key)?.kind {
        ExprKind::Path(path) => path.first().map(|name| name.text.to_string()),
        _ => None,
    }
}

fn value<'i>(item: &'i Item, wanted: &str) -> Option<&'i Expr> {
    item.body.entries.iter().find_map(|entry| match entry {
        Entry::Value { key, values, .. } if key.text == wanted => values.first(),
        _ => None,
    })
}

/// Levels of the manifest for rules that there are not: they would change nothing, without a word.
pub(crate) fn unknown_levels(project: &Project) -> Vec<Diagnostic> {
    if project.manifest.levels.is_empty() {
        return Vec::new();
    }
    let own = of_project(project);
    let known: Vec<&str> = standard().iter().chain(&own).map(|rule| rule.code.as_str()).collect();
    let unknown = project.manifest.levels.iter().filter(|(code, _)| !known.contains(&code.as_str()));
    unknown
        .map(|(code, span)| {
            let is_check = crate::codes::code(code).is_some();
            let headline = match is_check {
                true => format!("`{code}` is no rule: the compiler checks it, and no level changes that"),
                false => format!("`levels` names `{code}`, which is no rule"),
            };
            let mut finding = UNKNOWN_VALUE.finding(headline).at(*span, "no rule of this code");
            let near = if is_check { None } else { did_you_mean(code, known.iter().copied()) };
            finding.help = near.or_else(|| Some("`groma rules` lists the rules with their codes".to_owned()));
            finding
        })
        .collect()
}

#[cfg(test)]
mod tests;
