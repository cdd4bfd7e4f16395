//! Waivers: which findings of rules are set aside.

use super::approver::approvers;
use super::entries;
use crate::check::UNKNOWN_NAME;
use crate::check::declare::{Declarations, Declared};
use crate::check::entries::{Entries, WRONG_VALUE};
use crate::check::names::{dotted, nearest};
use crate::governance::Waiver;
use crate::model::{Header, Model};
use crate::rule::code_id;
use crate::schema::{KINDS, Kind};
use groma_syntax::ast::{Expr, ExprKind};
use groma_syntax::{Code, Diagnostic, Span};
use smol_str::SmolStr;

/// A waiver for nothing.
pub(crate) static UNKNOWN_RULE: Code =
    Code::error("governance/unknown-rule", "A waiver sets aside the findings of a rule that does not exist.");

/// Reads them; rules and people have been read before.
pub(crate) fn read(model: &mut Model, declarations: &Declarations, sink: &mut Vec<Diagnostic>) {
    let waivers: Vec<Waiver> =
        declarations.of(Kind::Waiver).iter().map(|declared| waiver(model, declared, sink)).collect();
    model.waivers = waivers;
}

fn waiver(model: &Model, declared: &Declared, sink: &mut Vec<Diagnostic>) -> Waiver {
    let before = sink.len();
    let (entries, _) = entries(declared, Kind::Waiver, sink);
    let rule = rule(model, &entries, sink);
    let on = on(model, &entries, sink);
    let approved_by = approvers(model, &entries, "approved_by", sink);
    let until = match entries.value("until").map(|written| (&written.kind, written.span)) {
        Some((ExprKind::Date(text), span)) => match text.parse() {
            Ok(date) => Some(date),
            Err(_) => {
                let finding = WRONG_VALUE.finding(format!("there is no day {text}"));
                sink.push(finding.at(span, "not a day").help("write the last day on which the waiver holds"));
                None
            }
        },
        _ => None,
    };
    let because = entries.text("because").map(|(text, _)| text.to_owned()).unwrap_or_default();
    let header = declared.header();
    let broken = header.broken || sink.len() > before;
    let rule = rule.unwrap_or((SmolStr::default(), declared.item.name.span));
    Waiver { header: Header { broken, ..header }, rule, on, because, approved_by, until }
}

/// The code of the rule.
fn rule(model: &Model, entries: &Entries<'_>, sink: &mut Vec<Diagnostic>) -> Option<(SmolStr, Span)> {
    let written = entries.value("rule")?;
    let (text, span) = match &written.kind {
        ExprKind::Path(path) => (dotted(path).to_string(), written.span),
        ExprKind::Text(text) => (text.clone(), written.span),
        _ => {
            sink.push(
                WRONG_VALUE
                    .finding("`rule` of a waiver names one rule")
                    .at(written.span, "not a name")
                    .help("write its name, or its code in quotes: `\"ownership/metric-has-owner\"`"),
            );
            return None;
        }
    };
    let by_name = model.names.get(Kind::Rule, &text).and_then(|at| model.rules.get(at as usize));
    match by_name.or_else(|| model.rules.iter().find(|rule| rule.code.id == text)) {
        Some(rule) => Some((SmolStr::new(rule.code.id), span)),
        None => {
            sink.push(unknown_rule(model, &text, span));
            None
        }
    }
}

fn unknown_rule(model: &Model, text: &str, span: Span) -> Diagnostic {
    let finding = UNKNOWN_RULE
        .finding(format!("there is no rule `{text}`, so this waiver sets nothing aside"))
        .at(span, "no such rule");
    let bare = text.strip_prefix("std.").unwrap_or(text);
    let elsewhere = model.policy.unchosen.iter().find(|(pack, name)| name == bare || code_id(Some(pack), name) == text);
    if let Some((pack, _)) = elsewhere {
        return finding
            .help(format!("it is a rule of the pack `{pack}`, which `policy.packs` of groma.yml does not choose: choose it, or delete the waiver"));
    }
    let names = model.rules.iter().flat_map(|rule| [rule.name(), rule.code.id]);
    match nearest(text, names) {
        Some(near) => {
            let written = if near.contains('/') { format!("\"{near}\"") } else { near.to_owned() };
            finding.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, written)
        }
        None => finding.help("`groma rules` lists the rules of this project; delete the waiver if the rule is gone"),
    }
}

/// The declarations it is for.
fn on(model: &Model, entries: &Entries<'_>, sink: &mut Vec<Diagnostic>) -> Vec<(Kind, SmolStr, Span)> {
    let mut found: Vec<(Kind, SmolStr, Span)> = Vec::new();
    for written in entries.values("on") {
        let Some((kind, name)) = declaration(model, written, sink) else { continue };
        match found.iter().find(|(other, known, _)| (*other, known) == (kind, &name)) {
            Some((_, _, first)) => sink.push(super::people::said_twice(&name, "on", written.span, *first)),
            None => found.push((kind, name, written.span)),
        }
    }
    found
}

/// `metric.pilot_nps`.
fn declaration(model: &Model, written: &Expr, sink: &mut Vec<Diagnostic>) -> Option<(Kind, SmolStr)> {
    let span = written.span;
    let ExprKind::Path(path) = &written.kind else {
        sink.push(
            WRONG_VALUE
                .finding("a waiver is for declarations, by kind and name")
                .at(span, "not a declaration")
                .help("write the kind before the name: `metric.pilot_nps`"),
        );
        return None;
    };
    let (first, rest) = path.split_first()?;
    match Kind::from_word(&first.text) {
        Some(kind) if !rest.is_empty() => {
            let name = dotted(rest);
            if model.names.get(kind, &name).is_some() {
                return Some((kind, name));
            }
            sink.push(unknown(model, kind, &name, span));
        }
        _ => {
            let name = dotted(path);
            let kinds = KINDS.iter().map(|schema| schema.kind);
            let full = kinds
                .filter(|kind| model.names.get(*kind, &name).is_some())
                .map(|kind| format!("{}.{name}", kind.word()))
                .next();
            let finding = UNKNOWN_NAME
                .finding(format!("`{name}` does not say of which kind it is, so this waiver is for nothing"))
                .at(span, "no kind before the name");
            sink.push(match full {
                Some(full) => {
                    finding.help(format!("did you mean `{full}`?")).fix(format!("write `{full}`"), span, full)
                }
                None => finding.help(format!("write the kind before the name: `metric.{name}`")),
            });
        }
    }
    None
}

fn unknown(model: &Model, kind: Kind, name: &str, span: Span) -> Diagnostic {
    let word = kind.word();
    let finding = UNKNOWN_NAME
        .finding(format!("there is no {word} `{name}`, so this waiver sets nothing aside for it"))
        .at(span, format!("no such {word}"));
    match nearest(name, model.names.of(kind)) {
        Some(near) => {
            let full = format!("{word}.{near}");
            finding.help(format!("did you mean `{full}`?")).fix(format!("write `{full}`"), span, full)
        }
        None => finding.help("correct the name, or take it out of the waiver"),
    }
}
