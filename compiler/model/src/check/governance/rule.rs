//! Rules: read and typed; what they say of declarations is judged later.

use crate::check::declare::{Declarations, Declared};
use crate::check::entries::{Entries, WRONG_VALUE, as_name};
use crate::check::names::{listed, nearest};
use crate::model::{Header, Model};
use crate::rule::code::code;
use crate::rule::read::{Reader, UNKNOWN_ATTRIBUTE, UNKNOWN_KIND, decided};
use crate::rule::{Body, Rule, Sort, Tests, code_id};
use crate::schema::{Kind, LATER_KINDS};
use groma_syntax::ast::{ExprKind, Infix};
use groma_syntax::{Diagnostic, Severity, Span};
use smol_str::SmolStr;
use std::sync::Arc;

/// Reads them; everything they are about has been read before.
pub(crate) fn read(model: &mut Model, declarations: &Declarations, sink: &mut Vec<Diagnostic>) {
    model.rules = declarations.of(Kind::Rule).iter().map(|declared| rule(declared, sink)).collect();
}

fn rule(declared: &Declared, sink: &mut Vec<Diagnostic>) -> Rule {
    let before = sink.len();
    let entries = Entries::read(&declared.item, Kind::Rule.schema(), sink);
    let readable = !declared.item.broken && sink.len() == before;
    let subject = subject(&entries, sink);
    let body = subject.clone().filter(|_| readable).and_then(|(name, sort)| body(&entries, name, sort, sink));
    let text = |key| entries.text(key).map(|(text, span)| (text.to_owned(), span));
    let severity = match entries.name("level") {
        Some((word, _)) if word == "warning" => Severity::Warning,
        _ => Severity::Error,
    };
    let header = declared.header();
    Rule {
        pack: declared.pack.clone(),
        code: code(&code_id(declared.pack.as_deref(), &declared.name), severity, &summary(&header, &entries)),
        about: subject.map(|(_, sort)| sort),
        why: text("why").map(|(text, _)| text),
        tests: Tests { given: text("given"), raises: text("raises"), passes: text("passes") },
        body: body.map(Arc::new),
        header: Header { broken: header.broken || sink.len() > before, ..header },
    }
}

/// One line: the first of its documentation, or its message.
fn summary(header: &Header, entries: &Entries<'_>) -> String {
    let doc = header.doc.as_deref().and_then(|doc| doc.lines().next()).filter(|line| !line.is_empty());
    doc.or_else(|| entries.text("message").map(|(text, _)| text)).unwrap_or_default().to_owned()
}

/// The name of a thing in the rule, and of what sort it is.
fn subject(entries: &Entries<'_>, sink: &mut Vec<Diagnostic>) -> Option<(SmolStr, Sort)> {
    let written = entries.value("for")?;
    if let ExprKind::Infix { operator: Infix::In, left, right, .. } = &written.kind
        && let (ExprKind::Path(name), Some((plural, span))) = (&left.kind, as_name(right))
        && let [name] = name.as_slice()
    {
        let sort = Sort::from_plural(&plural);
        if sort.is_none() {
            sink.push(unknown_kind(&plural, span));
        }
        return sort.map(|sort| (name.text.clone(), sort));
    }
    sink.push(
        WRONG_VALUE
            .finding("`for` of a rule says a name and what it is one of")
            .at(written.span, "something else")
            .help("write a name for each declaration of a kind: `for: m in metrics`"),
    );
    None
}

fn unknown_kind(plural: &str, span: Span) -> Diagnostic {
    let plurals: Vec<&str> = Sort::every().map(Sort::plural).collect();
    let finding = UNKNOWN_KIND
        .finding(format!("there are no `{plural}` to have rules about, so this rule is about nothing"))
        .at(span, "no kind of declarations");
    if LATER_KINDS.iter().any(|word| plural.strip_suffix('s') == Some(word)) {
        return finding.help("they are not built yet: keep this rule aside until a release builds them");
    }
    let near = Sort::from_word(plural).map(Sort::plural).or_else(|| nearest(plural, plurals.iter().copied()));
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near),
        None => finding.help(format!("a rule is about {}", listed(plurals))),
    }
}

/// What it says, if nothing is wrong with it.
fn body(entries: &Entries<'_>, name: SmolStr, sort: Sort, sink: &mut Vec<Diagnostic>) -> Option<Body> {
    let before = sink.len();
    let mut reader = Reader::new(name, sort, sink);
    let filter = entries.value("where").map(|written| (reader.condition(written), written.span));
    let require = entries.value("require").map(|written| (reader.condition(written), written.span));
    let (message, place) = entries.text("message")?;
    let message = reader.template(message, place);
    let help = entries.text("help").map(|(text, span)| reader.template(text, span));
    for (key, condition) in [("where", &filter), ("require", &require)] {
        if let Some((Some(node), span)) = condition {
            sink.extend(decided(node, *span, key));
        }
    }
    let at = pointed_at(entries, sort, sink);
    if sink.len() > before {
        return None;
    }
    let (require, span) = require?;
    Some(Body { about: sort, filter: filter.and_then(|(node, _)| node), require: require?, span, message, help, at })
}

/// The key that findings point at.
fn pointed_at(entries: &Entries<'_>, sort: Sort, sink: &mut Vec<Diagnostic>) -> Option<SmolStr> {
    let (key, span) = entries.name("at")?;
    let keys: &[_] = if let Sort::Declared(kind) = sort { kind.schema().keys } else { &[] };
    if keys.iter().all(|known| known.name != key) {
        let known = keys.iter().map(|known| known.name);
        let mut finding = UNKNOWN_ATTRIBUTE
            .finding(format!("a {} has no key `{key}` that a finding could point at", sort.word()))
            .at(span, "no such key");
        finding = match nearest(&key, known) {
            Some(near) => finding.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near),
            None => finding.help("leave `at` out: a finding then points at the name"),
        };
        sink.push(finding);
    }
    Some(key)
}
