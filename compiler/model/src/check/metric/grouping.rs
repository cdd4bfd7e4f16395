//! What a metric is grouped by, and the periods it is built for.

use super::{NOT_GROUPABLE, Reader};
use crate::check::entries::{WRONG_VALUE, as_name};
use crate::check::expression::{Expressions, Scope};
use crate::check::names::{listed, nearest};
use crate::check::typing::MISMATCH;
use crate::lineage::reads::What;
use crate::model::{ColumnId, Grouping, Metric, Sensitivity, SourceId};
use crate::row::{RowExpr, RowKind};
use crate::time::Grain;
use crate::types::Base;
use groma_syntax::ast::{Expr, ExprKind};
use groma_syntax::{Diagnostic, Span};

/// The grouping that a path means, over each of several sources.
pub(crate) fn grouping(expressions: &mut Expressions<'_>, path: &Expr, sources: &[SourceId]) -> Option<Grouping> {
    let Some((name, span)) = as_name(path) else {
        expressions.sink.push(
            WRONG_VALUE
                .finding("a metric is grouped by columns")
                .at(path.span, "not a path to a column")
                .help("write a path such as `account.region`, or give a condition a name with a `segment`"),
        );
        return None;
    };
    let before = expressions.sink.len();
    let mut values: Vec<(SourceId, RowExpr)> = Vec::with_capacity(sources.len());
    for source in sources {
        let value = expressions.row(path, &Scope::of(*source));
        if expressions.sink.len() > before {
            return None;
        }
        values.push((*source, value));
    }
    let ty = values.first().map(|(_, value)| value.ty.clone()).unwrap_or_default();
    let checked = values.iter().all(|(_, value)| may_group(expressions, &name, value, span));
    (checked && !values.is_empty()).then_some(Grouping { name, span, ty, values })
}

impl Reader<'_, '_> {
    pub(super) fn groupings(&mut self, metric: &Metric) -> Vec<Vec<Grouping>> {
        // A measure that was reported reads nothing; its own rows can still be grouped, if they and not customers are.
        let one_by_one = metric.population.is_none() && (metric.clock.is_anchored() || self.counts_one_by_one());
        let own = metric.source.into_iter().filter(|id| !self.model.source(*id).header.broken && !one_by_one);
        let own: Vec<SourceId> = match &metric.population {
            Some(population) => vec![self.model.customer(population.customer).source],
            None => own.collect(),
        };
        let sources = if metric.sources.is_empty() { &own } else { &metric.sources };
        if sources.is_empty() {
            return Vec::new();
        }
        let written = self.entries.values("by");
        let mut groupings = Vec::with_capacity(written.len());
        for expr in written {
            let parts: Vec<&Expr> = match &expr.kind {
                ExprKind::Tuple(parts) => parts.iter().collect(),
                ExprKind::Group(inner) => vec![&**inner],
                _ => vec![expr],
            };
            let read: Vec<Grouping> =
                parts.iter().filter_map(|part| grouping(&mut self.expressions, part, sources)).collect();
            if read.len() == parts.len() {
                groupings.push(read);
            }
        }
        groupings
    }

    pub(super) fn grains(&mut self) -> Vec<Grain> {
        let mut grains = Vec::new();
        for written in self.entries.values("grain") {
            let Some((word, span)) = as_name(written) else { continue };
            match Grain::from_word(&word) {
                Some(grain) => grains.push(grain),
                None => self.expressions.sink.push(unknown_grain(&word, span)),
            }
        }
        if grains.is_empty() {
            grains.push(self.model.calendar.default_grain);
        }
        grains.sort_unstable();
        grains.dedup();
        grains
    }
}

fn unknown_grain(word: &str, span: Span) -> Diagnostic {
    let known = crate::time::GRAINS.map(|(word, _)| word);
    let help = match nearest(word, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("a grain is one of {}", listed(known)),
    };
    WRONG_VALUE.finding(format!("there is no grain `{word}`")).at(span, "not a grain").help(help)
}

/// Whether values may stand in answers as the name of a group.
fn may_group(expressions: &mut Expressions<'_>, name: &str, value: &RowExpr, span: Span) -> bool {
    let model = expressions.model;
    let shown = shown(value);
    let class = |(source, column): &(SourceId, ColumnId)| model.flow.column(*source, *column);
    let personal = shown.iter().find(|column| class(column).class > Sensitivity::Internal);
    let verbatim = value.ty.is_text() && shown.iter().any(|column| class(column).verbatim);
    let finding = match &value.ty.base {
        _ if verbatim => NOT_GROUPABLE
            .finding(format!("`{name}` is what people wrote in their own words: it must not appear in answers"))
            .help("group by a column that names a category"),
        _ if personal.is_some() => NOT_GROUPABLE
            .finding(format!("`{name}` is about a person: it must not appear in answers"))
            .help("group by something coarser, or count: `count(distinct …)`"),
        Base::Real | Base::Instant { .. } => MISMATCH
            .finding(format!(
                "`{name}` is {}: nearly every row would be a group of its own",
                expressions.describe(&value.ty)
            ))
            .help("group by a text, a whole number, a date or a truth value; make a `segment` for a range"),
        _ => return true,
    };
    let finding = finding.at(span, "grouped by this");
    let trail = personal.map(|(source, column)| model.flow.trail(model, What::Column(*source, *column)));
    expressions.sink.push(match trail.as_deref().unwrap_or_default() {
        [_, .., (source, column)] => {
            let origin = model.column(*source, *column);
            let from = format!("computed from `{}.{}`", model.source(*source).header.name, origin.name);
            finding.also(origin.span, from)
        }
        _ => finding,
    });
    false
}

/// The columns whose values a group's name would show. A segment shows that its condition holds, of as many as its cell needs.
fn shown(value: &RowExpr) -> Vec<(SourceId, ColumnId)> {
    let mut shown = Vec::new();
    if !value.ty.is_bool() || matches!(value.kind, RowKind::Column(_)) {
        value.for_each_column(&mut |path| shown.push((path.source, path.column)));
    }
    shown
}
