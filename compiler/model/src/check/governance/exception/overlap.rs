//! Exceptions that leave the same rows out of one metric twice: whoever takes one of them back believes the rows are back.

use super::OVERLAPPING;
use crate::governance::{Exception, ExceptionOf};
use crate::model::{ExceptionId, MetricId, Model};
use crate::row::{Binary, ColumnPath, Literal, RowExpr, RowKind};
use groma_syntax::{Diagnostic, Span};
use std::collections::BTreeMap;

/// Reports each exception that leaves out what an earlier one does.
pub(super) fn find(model: &Model, sink: &mut Vec<Diagnostic>) -> Vec<ExceptionId> {
    let mut of_metric: BTreeMap<MetricId, Vec<(ExceptionId, Span)>> = BTreeMap::new();
    for (index, exception) in model.exceptions.iter().enumerate().filter(|(_, exception)| !exception.header.broken) {
        for (metric, span) in &exception.metrics {
            of_metric.entry(*metric).or_default().push((ExceptionId::at(index), *span));
        }
    }
    let mut found = Vec::new();
    for (metric, exceptions) in of_metric {
        for (position, (second, span)) in exceptions.iter().enumerate() {
            let earlier = exceptions[..position].iter().find_map(|(first, _)| {
                let same = same_rows(model.exception(*first), model.exception(*second))?;
                Some((*first, same))
            });
            if let Some((first, same)) = earlier.filter(|_| !found.contains(second)) {
                sink.push(overlapping(model, metric, (first, *second), (*span, &same)));
                found.push(*second);
            }
        }
    }
    found
}

/// What both leave out, in words; nothing where that is not certain.
fn same_rows(first: &Exception, second: &Exception) -> Option<String> {
    let overlap = match (first.covers, second.covers) {
        (Some((first, until)), Some((second, end))) => first <= end && second <= until,
        _ => true,
    };
    if first.of != second.of || first.of == ExceptionOf::Nothing || !overlap {
        return None;
    }
    if first.condition.without_places() == second.condition.without_places() {
        return Some("by the same condition".to_owned());
    }
    let (left, right) = (lists(&first.condition), lists(&second.condition));
    let common: Vec<(&Vec<Literal>, &Vec<Literal>)> =
        left.iter().filter_map(|(path, values)| right.get(path).map(|others| (values, others))).collect();
    let shared = |(values, others): &(&Vec<Literal>, &Vec<Literal>)| -> Option<Literal> {
        values.iter().find(|value| others.contains(value)).cloned()
    };
    let shared: Vec<Literal> = common.iter().map(shared).collect::<Option<_>>()?;
    shared.first().map(|value| format!("both name {}", written(value)))
}

/// The values that a condition lists for columns; only what every row that passes must satisfy.
fn lists(condition: &RowExpr) -> BTreeMap<ColumnPath, Vec<Literal>> {
    let mut found = BTreeMap::new();
    collect(condition, &mut found);
    found
}

fn collect(condition: &RowExpr, found: &mut BTreeMap<ColumnPath, Vec<Literal>>) {
    let literal = |expr: &RowExpr| match &expr.kind {
        RowKind::Literal(literal) => Some(literal.clone()),
        _ => None,
    };
    match &condition.kind {
        RowKind::Binary { operator: Binary::And, left, right } => {
            collect(left, found);
            collect(right, found);
        }
        RowKind::Binary { operator: Binary::Equal, left, right } => {
            let sides = [(left, right), (right, left)];
            for (column, value) in sides {
                if let (RowKind::Column(path), Some(value)) = (&column.kind, literal(value)) {
                    found.insert(path.clone(), vec![value]);
                }
            }
        }
        RowKind::In { operand, list, negated: false } => {
            if let (RowKind::Column(path), Some(values)) =
                (&operand.kind, list.iter().map(literal).collect::<Option<Vec<_>>>())
            {
                found.insert(path.clone(), values);
            }
        }
        _ => {}
    }
}

fn written(value: &Literal) -> String {
    match value {
        Literal::Text(text) => format!("{text:?}"),
        Literal::Int(number) => number.to_string(),
        Literal::Decimal(digits) => digits.to_string(),
        Literal::Date(date) => date.to_string(),
        Literal::Bool(value) => value.to_string(),
        Literal::Null => "null".to_owned(),
    }
}

fn overlapping(
    model: &Model,
    metric: MetricId,
    (first, second): (ExceptionId, ExceptionId),
    (span, same): (Span, &str),
) -> Diagnostic {
    let (first, second) = (&model.exception(first).header, &model.exception(second).header);
    let metric = &model.metric(metric).header.name;
    OVERLAPPING
        .finding(format!("`{}` and `{}` leave the same rows out of `{metric}`: {same}", first.name, second.name))
        .at(span, "left out again here")
        .also(first.span, "left out by this one already")
        .help("keep one of the two, or give them days or rows that are not the same: only then is it known what each one changes")
}
