//! Several answers of one customer in a period: all of them count, or the last one, or their mean.
//!
//! `answers: last` is short for `each: last(score)` with a measure over customers, where `score` is the one answer that the
//! measure reads.

use crate::check::entries::{Entries, as_name};
use crate::check::names::{dotted, listed};
use crate::check::path::{Walk, column_named};
use crate::check::walk;
use crate::measure::{Measure, MeasureKind};
use crate::model::{Model, SourceId};
use crate::schema::Kind;
use crate::types::{Base, Type};
use groma_syntax::ast::{Argument, Entry, Expr, ExprKind, Item, Name};
use groma_syntax::{Code, Diagnostic, Span};
use smol_str::SmolStr;

/// One of several answers, and of which?
pub(crate) static SEVERAL_ANSWERS: Code = Code::error(
    "survey/several-answers",
    "A metric chooses one of a customer's answers, and its measure does not read exactly one.",
);

/// The metric as if `each` had been written; nothing if every answer counts.
pub(super) fn rewritten(model: &Model, item: &Item, sink: &mut Vec<Diagnostic>) -> Option<Item> {
    let (word, place) = value(item, "answers").and_then(as_name)?;
    let aggregate = match word.as_str() {
        "last" => "last",
        "average" => "avg",
        _ => return None,
    };
    match chosen(model, item, &word, place) {
        Ok((source, answer)) => Some(with_each(model, item, source, (&answer, aggregate), place)),
        Err(Some(finding)) => {
            sink.push(*finding);
            None
        }
        Err(None) => None,
    }
}

/// The type of the answer that a measure over customers reads: that of its column also where answers are averaged, so that a
/// score still knows its scale.
pub(super) fn type_of(entries: &Entries<'_>, each: &Measure) -> Type {
    match &each.kind {
        MeasureKind::Aggregate(call) if entries.name("answers").is_some_and(|(word, _)| word == "average") => {
            call.argument.as_ref().map_or_else(|| each.ty.clone(), |answer| answer.ty.clone())
        }
        _ => each.ty.clone(),
    }
}

/// The rows with the answers, and the one answer that the measure reads. Nothing is said of what is reported elsewhere.
fn chosen(model: &Model, item: &Item, word: &str, place: Span) -> Result<(SourceId, Name), Option<Box<Diagnostic>>> {
    let refused = |headline: &str, label: &str, help: &str| {
        let finding = SEVERAL_ANSWERS.finding(format!("`answers: {word}` {headline}")).at(place, label).help(help);
        Some(Box::new(finding))
    };
    for key in ["each", "steps"] {
        if let Some(entry) = item.body.entries.iter().find(|entry| entry.key().text == key) {
            let headline = format!("makes one value of a customer's rows, and `{key}` does so already");
            let finding = refused(&headline, "chosen here", "take one of the two out");
            return Err(finding.map(|finding| Box::new(finding.also(entry.key().span, "and here"))));
        }
    }
    let Some((name, _)) = value(item, "from").and_then(as_name) else {
        let headline = "chooses among rows, and this metric reads none of its own";
        return Err(refused(headline, "which answers?", "put it on the metrics this one is made of"));
    };
    let (Some(source), Some(measure)) = (model.names.get(Kind::Source, &name).map(SourceId), value(item, "measure"))
    else {
        return Err(None);
    };
    if model.source(source).header.broken {
        return Err(None);
    }
    let answers = answers_read(model, source, measure);
    match answers.as_slice() {
        [one] => Ok((source, one.clone())),
        // A name that means nothing is reported where it is read.
        [] if reads_strange_names(model, source, measure) => Err(None),
        [] => Err(Some(Box::new(
            SEVERAL_ANSWERS
                .finding(format!("`answers: {word}` chooses one of a customer's answers, and the measure reads none"))
                .at(measure.span, format!("reads no column of `{name}`"))
                .also(place, "chosen here")
                .help("name the answer's column (`nps(score)`), or take `answers:` out"),
        ))),
        [first, second, ..] => {
            let names = listed(answers.iter().map(|answer| answer.text.as_str()));
            Err(Some(Box::new(
                SEVERAL_ANSWERS
                    .finding(format!(
                        "`answers: {word}` chooses one answer of a customer, and the measure reads {names}"
                    ))
                    .at(second.span, "another column of the rows")
                    .also(first.span, "the first one")
                    .also(place, "chosen here")
                    .help("make a metric for each answer; rows are chosen by `where:` of the metric"),
            )))
        }
    }
}

/// The columns of the rows that a measure reads, each once; what leads to customers is none of them.
fn answers_read(model: &Model, source: SourceId, measure: &Expr) -> Vec<Name> {
    let mut answers: Vec<Name> = Vec::new();
    walk::visit(measure, &mut |part| {
        if let Some(name) = answer(model, source, part)
            && answers.iter().all(|known| known.text != name.text)
        {
            answers.push(Name { span: part.span, ..name });
        }
    });
    answers
}

fn reads_strange_names(model: &Model, source: SourceId, measure: &Expr) -> bool {
    let mut strange = false;
    walk::visit(measure, &mut |part| {
        let ExprKind::Path(path) = &part.kind else { return };
        let is_metric = model.names.get(Kind::Metric, &dotted(path)).is_some();
        strange |= !is_metric && (Walk { model, source, path, span: part.span }).resolve().is_err();
    });
    strange
}

/// The column that an expression is: `score`, or `responses.score`.
fn answer(model: &Model, source: SourceId, expr: &Expr) -> Option<Name> {
    let ExprKind::Path(path) = &expr.kind else { return None };
    let last = match path.split_last()? {
        (last, []) => last,
        (last, rows) => Some(last).filter(|_| dotted(rows) == model.source(source).header.name)?,
    };
    let (_, column) = column_named(model, source, &last.text)?;
    (!matches!(column.ty.base, Base::Customer(_))).then(|| last.clone())
}

fn with_each(
    model: &Model,
    item: &Item,
    source: SourceId,
    (answer, aggregate): (&Name, &'static str),
    place: Span,
) -> Item {
    let mut item = item.clone();
    let name = |text: &'static str, span| Name { text: SmolStr::new_static(text), span };
    for entry in &mut item.body.entries {
        let Entry::Value { key, values, .. } = entry else { continue };
        if key.text == "measure" {
            values.iter_mut().for_each(|value| {
                walk::visit_mut(value, &mut |part| {
                    if self::answer(model, source, part).is_some() {
                        part.kind = ExprKind::Path(vec![name("each", part.span)]);
                    }
                });
            });
        }
    }
    let column = Expr { kind: ExprKind::Path(vec![answer.clone()]), span: answer.span };
    let function = vec![name(aggregate, answer.span)];
    let each = ExprKind::Call { function, arguments: vec![Argument::Value(column)] };
    let values = vec![Expr { kind: each, span: answer.span }];
    item.body.entries.push(Entry::Value { span: place, doc: None, key: name("each", place), values });
    item
}

/// The value of an entry, as it is written.
fn value<'a>(item: &'a Item, wanted: &str) -> Option<&'a Expr> {
    item.body.entries.iter().find_map(|entry| match entry {
        Entry::Value { key, values, .. } if key.text == wanted => values.first(),
        _ => None,
    })
}
