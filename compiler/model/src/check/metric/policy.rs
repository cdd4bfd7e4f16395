//! What makes a value fit to be read: how many must stand behind it, which change matters, what customers count for.

use super::Reader;
use crate::check::column_type::whole;
use crate::check::entries::WRONG_VALUE;
use crate::check::expression::{Scope, literal};
use crate::check::names::dotted;
use crate::check::path::Walk;
use crate::check::walk;
use crate::model::{CustomerId, Fill, Matters, Metric, SourceId};
use crate::row::{Literal, RowExpr};
use crate::unit::Unit;
use groma_syntax::ast::{Expr, ExprKind, Infix};
use groma_syntax::{Code, Diagnostic};

/// A change in another unit.
pub(crate) static MATTERS_UNIT: Code =
    Code::error("type/matters-unit", "The change that matters is in another unit than the metric.");
/// A number of observations that is none.
pub(crate) static NOT_A_MINIMUM: Code =
    Code::error("type/not-a-minimum", "The least number of observations is not a whole number from 1 on.");
/// A weight that weighs nothing.
pub(crate) static NOT_A_WEIGHT: Code =
    Code::error("type/not-a-weight", "A metric is weighted by something that is not a number of a customer.");

const MATTERS_FORM: &str = "write it like `3 points at 95%`";

impl Reader<'_, '_> {
    pub(super) fn matters(&mut self, unit: &Unit) -> Option<Matters> {
        let written = self.entries.value("matters")?;
        let ExprKind::Infix { operator: Infix::At, left, right, .. } = &written.kind else {
            return self.no_matters(written, "it does not say how sure one must be of the change");
        };
        let Some((change, own)) = amount(left) else {
            return self.no_matters(left, "this is not a number in the unit of the metric");
        };
        let Some(confidence) =
            amount(right).map(|(confidence, _)| confidence).filter(|share| (0.5..1.0).contains(share))
        else {
            return self.no_matters(right, "one is sure of a change by a share from 50% to below 100%");
        };
        if change <= 0.0 {
            return self.no_matters(left, "a change that matters is greater than nothing");
        }
        let fits = matches!(own, Unit::Any) || own == *unit || (own == Unit::Percent && *unit == Unit::None);
        if !fits && !self.broken {
            self.expressions.sink.push(
                MATTERS_UNIT
                    .finding(format!("the change that matters is in {own}, and the metric is in {unit}"))
                    .at(left.span, format!("in {own}"))
                    .also(
                        self.entries.value("measure").map_or(self.entries.item.name.span, |measure| measure.span),
                        format!("in {unit}"),
                    )
                    .help(format!("say how much of {unit} matters")),
            );
            return None;
        }
        Some(Matters { change, confidence })
    }

    fn no_matters(&mut self, place: &Expr, headline: &str) -> Option<Matters> {
        self.expressions
            .sink
            .push(WRONG_VALUE.finding(headline).at(place.span, "not a change that matters").help(MATTERS_FORM));
        None
    }

    pub(super) fn minimum(&mut self) -> Option<i64> {
        let written = self.entries.value("minimum")?;
        let minimum = whole(written).filter(|minimum| *minimum >= 1);
        if minimum.is_none() {
            self.expressions.sink.push(
                NOT_A_MINIMUM
                    .finding("a value rests on at least so many observations: a whole number from 1 on")
                    .at(written.span, "not such a number")
                    .help("write it like `minimum: 30`, or leave it out"),
            );
        }
        minimum
    }

    pub(super) fn fill(&mut self) -> Fill {
        let Some(written) = self.entries.value("fill") else { return Fill::None };
        match &written.kind {
            ExprKind::Number(digits) if digits == "0" => return Fill::Zero,
            ExprKind::Path(path) if dotted(path) == "previous" => return Fill::Previous,
            ExprKind::Path(path) if dotted(path) == "none" => return Fill::None,
            _ => {}
        }
        self.expressions.sink.push(
            WRONG_VALUE
                .finding("`fill` is what stands in a period without a value: `0`, `previous` or `none`")
                .at(written.span, "none of them")
                .help("write `fill: 0`, `fill: previous` or `fill: none`"),
        );
        Fill::None
    }

    /// What each customer counts for.
    pub(super) fn weight(&mut self, metric: &Metric) -> Option<RowExpr> {
        let written = self.entries.value("weight")?;
        let (Some(customer), Some(_)) = (metric.customer, metric.source) else {
            if !self.broken {
                self.expressions.sink.push(
                    NOT_A_WEIGHT
                        .finding("a weight is a number that each customer has, and this metric counts no customers")
                        .at(written.span, "the weight of whom?")
                        .help("add `customer:`, or put the weight on the metrics this one is made of"),
                );
            }
            return None;
        };
        let declared = self.model.customer(customer);
        if declared.header.broken {
            return None;
        }
        let rows = metric.source.filter(|rows| *rows != declared.source);
        if let Some(finding) = rows.and_then(|rows| self.weight_of_rows(written, rows, customer)) {
            self.expressions.sink.push(finding);
            return None;
        }
        let before = self.expressions.sink.len();
        let weight = self.expressions.row(written, &Scope::of(declared.source));
        if self.expressions.sink.len() > before || weight.ty.is_open() {
            return None;
        }
        if !weight.ty.is_number() {
            let what = self.expressions.describe(&weight.ty);
            self.expressions.sink.push(
                NOT_A_WEIGHT
                    .finding(format!("a weight is a number, and this is {what}"))
                    .at(written.span, what)
                    .help(format!("weigh by a number that `{}` has, such as its revenue", declared.header.name)),
            );
            return None;
        }
        Some(weight)
    }
}

impl Reader<'_, '_> {
    /// The finding about a weight that is a column of the rows.
    fn weight_of_rows(&self, written: &Expr, rows: SourceId, customer: CustomerId) -> Option<Diagnostic> {
        let model = self.model;
        let declared = model.customer(customer);
        let mut found = None;
        walk::visit(written, &mut |part| {
            let ExprKind::Path(path) = &part.kind else { return };
            let over = |source| (Walk { model, source, path, span: part.span }).resolve();
            if over(declared.source).is_err() && matches!(over(rows), Ok(Some(_))) {
                found.get_or_insert((dotted(path), part.span));
            }
        });
        let (name, span) = found?;
        let rows = &model.source(rows).header;
        Some(
            NOT_A_WEIGHT
                .finding(format!("`{name}` is of the rows of `{}`: a customer has many of them, or none", rows.name))
                .at(span, format!("not a number of each `{}`", declared.header.name))
                .also(rows.span, "the rows are declared here")
                .help(format!("weigh by what `{}` has, such as `{}.arr`", declared.header.name, declared.header.name)),
        )
    }
}

/// A number with its unit; `2 percent` and `2%` are 0.02.
pub(super) fn amount(written: &Expr) -> Option<(f64, Unit)> {
    if let ExprKind::Quantity { number, unit } = &written.kind
        && unit.text == "percent"
    {
        return Some((number.parse::<f64>().ok()? / 100.0, Unit::Percent));
    }
    let (value, ty) = literal(written)?;
    let number = match value {
        Literal::Int(number) => number.to_string(),
        Literal::Decimal(digits) => digits.to_string(),
        _ => return None,
    };
    Some((number.parse().ok()?, ty.unit))
}
