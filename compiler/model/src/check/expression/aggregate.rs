//! Aggregates: `sum(amount where refunded)`, `count(distinct account)`, `percentile(x, 90%)`.

use super::builtin::{AggregateBuiltin, Takes};
use super::{AVERAGE_OF_RATES, Expressions, Level, METRIC_IN_ROW, NO_ROWS, Scope, WRONG_ARGUMENT};
use crate::additivity::{Additivity, additivity};
use crate::check::names::dotted;
use crate::check::path::column_named;
use crate::check::typing::MISMATCH;
use crate::measure::{AggregateCall, AggregateFunction, Measure, MeasureKind};
use crate::model::MetricId;
use crate::row::{Literal, RowExpr, RowKind};
use crate::schema::Kind;
use crate::types::{Base, Type};
use crate::unit::Unit;
use groma_syntax::ast::{Argument, Expr, ExprKind, Infix, Prefix};
use groma_syntax::{Diagnostic, Span};
use smol_str::SmolStr;

/// The parts of a call as they are written.
#[derive(Default)]
struct Parts<'a> {
    distinct: bool,
    argument: Option<&'a Expr>,
    share: Option<&'a Expr>,
    condition: Option<&'a Expr>,
}

impl Expressions<'_> {
    pub(super) fn aggregate(
        &mut self,
        builtin: &AggregateBuiltin,
        arguments: &[Argument],
        span: Span,
        scope: &Scope<'_>,
    ) -> Measure {
        if let Some(finding) = self.misplaced(builtin, arguments, span, scope) {
            self.sink.push(finding);
            return Measure::unknown(span);
        }
        let Some(parts) = self.parts(builtin, arguments, span) else {
            return Measure::unknown(span);
        };
        let before = self.sink.len();
        let filter = parts.condition.map(|condition| self.condition(condition, scope));
        let argument = parts.argument.map(|argument| match builtin.takes {
            Takes::Condition => self.condition(argument, scope),
            _ => self.row(argument, scope),
        });
        let function = match parts.share {
            Some(share) => self.with_share(builtin.function, share, scope),
            None if parts.distinct => Some(AggregateFunction::CountDistinct),
            None => Some(builtin.function),
        };
        let (Some(function), true) = (function, self.sink.len() == before) else {
            return Measure::unknown(span);
        };
        match self.aggregate_type(builtin, function, argument.as_ref()) {
            Some(ty) => {
                let call = AggregateCall { function, argument, filter };
                Measure { kind: MeasureKind::Aggregate(Box::new(call)), ty, span }
            }
            None => Measure::unknown(span),
        }
    }

    /// The finding about an aggregate where there is nothing that it could run over.
    fn misplaced(
        &self,
        builtin: &AggregateBuiltin,
        arguments: &[Argument],
        span: Span,
        scope: &Scope<'_>,
    ) -> Option<Diagnostic> {
        if let Some(finding) = self.average_of_rates(builtin, arguments, scope) {
            return Some(finding);
        }
        if let (Level::Customers(_), AggregateFunction::First | AggregateFunction::Last) =
            (scope.level, builtin.function)
        {
            let finding = WRONG_ARGUMENT
                .finding(format!("`{}` looks at the time of rows, and customers stand in no order", builtin.name))
                .at(span, "over customers")
                .help(format!("use `{}` in `each`, or `min` and `max` here", builtin.name));
            return Some(finding);
        }
        if scope.source.is_some() || !scope.columns {
            return None;
        }
        Some(match arguments.iter().find_map(|argument| self.metric_argument(argument)) {
            Some((name, place, declared)) => METRIC_IN_ROW
                .finding(format!("`{name}` is a metric: it has one value for a period, not for a row"))
                .at(place, "a value for each row is needed here")
                .also(declared, "the metric is declared here")
                .help("use the metric without an aggregate around it"),
            None => NO_ROWS
                .finding(format!("`{}` aggregates rows, and the metric does not say of which source", builtin.name))
                .at(span, "rows of what?")
                .help("add `from:` with the source whose rows count"),
        })
    }

    /// The finding about a sum or an average of a metric whose values do not add up.
    fn average_of_rates(
        &self,
        builtin: &AggregateBuiltin,
        arguments: &[Argument],
        scope: &Scope<'_>,
    ) -> Option<Diagnostic> {
        let word = match builtin.function {
            AggregateFunction::Sum => "add up",
            AggregateFunction::Average => "average",
            _ => return None,
        };
        let argument = arguments.iter().find(|argument| self.metric_argument(argument).is_some())?;
        let (name, place, declared) = self.metric_argument(argument)?;
        let id = MetricId(self.model.names.get(Kind::Metric, &name)?);
        let column = name.split('.').next().and_then(|first| column_named(self.model, scope.source?, first));
        let Additivity::Not { reason } = additivity(self.model, id) else { return None };
        if column.is_some() || !scope.columns || self.model.metric(id).header.broken {
            return None;
        }
        let help = match builtin.function {
            AggregateFunction::Average => {
                format!("ask for `{name}` itself: of a coarser period or group it is computed from the rows")
            }
            _ => format!("add up what `{name}` is made of, and compute it from the sums"),
        };
        Some(
            AVERAGE_OF_RATES
                .finding(format!("values of `{name}` do not {word}: {reason}"))
                .at(place, "each value would weigh the same, however many rows stand behind it")
                .also(declared, "the metric is declared here")
                .help(help),
        )
    }

    /// The metric that an argument names, with its place and that of its declaration.
    fn metric_argument(&self, argument: &Argument) -> Option<(SmolStr, Span, Span)> {
        let Argument::Value(Expr { kind: ExprKind::Path(path), span }) = argument else { return None };
        let name = dotted(path);
        let id = self.model.names.get(Kind::Metric, &name)?;
        Some((name, *span, self.model.metrics[id as usize].header.span))
    }

    fn parts<'a>(&mut self, builtin: &AggregateBuiltin, arguments: &'a [Argument], span: Span) -> Option<Parts<'a>> {
        let mut parts = Parts::default();
        for argument in arguments {
            match argument {
                Argument::Value(value) if parts.argument.is_none() => split(value, &mut parts),
                Argument::Value(value) if builtin.takes == Takes::NumberAndShare && parts.share.is_none() => {
                    match &value.kind {
                        ExprKind::Infix { operator: Infix::Where, left, right, .. } => {
                            parts.share = Some(left);
                            parts.condition = Some(right);
                        }
                        _ => parts.share = Some(value),
                    }
                }
                Argument::Where(condition) if parts.condition.is_none() => parts.condition = Some(condition),
                Argument::Value(value) | Argument::Named { value, .. } | Argument::Where(value) => {
                    self.wrong(builtin, value.span, "this is one value too many");
                    return None;
                }
            }
        }
        let needs_share = builtin.takes == Takes::NumberAndShare;
        if (parts.argument.is_none() && builtin.takes != Takes::Optional) || (needs_share && parts.share.is_none()) {
            self.wrong(builtin, span, "a value is missing");
            return None;
        }
        if parts.distinct && builtin.function != AggregateFunction::Count {
            self.wrong(builtin, span, "only `count` takes `distinct`");
            return None;
        }
        Some(parts)
    }

    fn wrong(&mut self, builtin: &AggregateBuiltin, span: Span, label: &str) {
        let example = match builtin.takes {
            Takes::Optional => "count()`, `count(distinct account)".to_owned(),
            Takes::Condition => format!("{}(amount > 0)", builtin.name),
            Takes::NumberAndShare => format!("{}(amount, 90%)", builtin.name),
            _ => format!("{}(amount where refunded)", builtin.name),
        };
        self.sink.push(
            WRONG_ARGUMENT
                .finding(format!("`{}` cannot be called like this", builtin.name))
                .at(span, label)
                .help(format!("write it like `{example}`")),
        );
    }

    fn with_share(
        &mut self,
        function: AggregateFunction,
        share: &Expr,
        scope: &Scope<'_>,
    ) -> Option<AggregateFunction> {
        let value = self.row(share, scope);
        let number = match &value.kind {
            RowKind::Literal(Literal::Decimal(digits)) => digits.parse::<f64>().ok(),
            RowKind::Literal(Literal::Int(0)) => Some(0.0),
            RowKind::Literal(Literal::Int(1)) => Some(1.0),
            _ => None,
        };
        match number.filter(|number| (0.0..=1.0).contains(number)) {
            Some(number) => Some(match function {
                AggregateFunction::ApproximatePercentile(_) => AggregateFunction::ApproximatePercentile(number),
                _ => AggregateFunction::Percentile(number),
            }),
            None => {
                self.sink.push(
                    WRONG_ARGUMENT
                        .finding("a percentile is asked for by a share between 0% and 100%")
                        .at(share.span, "not such a share")
                        .help("write it like `90%`"),
                );
                None
            }
        }
    }

    fn aggregate_type(
        &mut self,
        builtin: &AggregateBuiltin,
        function: AggregateFunction,
        argument: Option<&RowExpr>,
    ) -> Option<Type> {
        let count = Type::of(Base::Int, Unit::base("count"));
        let Some(argument) = argument else { return Some(count) };
        let ty = &argument.ty;
        if function == AggregateFunction::Count && ty.base == Base::Bool {
            self.sink.push(
                WRONG_ARGUMENT
                    .finding("`count` counts values, and would count what is false as well")
                    .at(argument.span, "a condition")
                    .help("count the rows for which it is true: `count(where …)`"),
            );
            return None;
        }
        let fits = match builtin.takes {
            Takes::Number | Takes::NumberAndShare => ty.is_number(),
            Takes::Ordered => !matches!(ty.base, Base::Bool | Base::Verbatim),
            Takes::Optional | Takes::Condition | Takes::Anything => true,
        };
        if !fits {
            let what = self.describe(ty);
            self.sink.push(
                MISMATCH
                    .finding(format!("`{}` needs a number, and this is {what}", builtin.name))
                    .at(argument.span, format!("{what} has no {}", builtin.name))
                    .help("count instead: `count()` or `count(distinct …)`, or aggregate a column with numbers"),
            );
            return None;
        }
        let unit = ty.unit.clone();
        Some(match function {
            AggregateFunction::Count
            | AggregateFunction::CountDistinct
            | AggregateFunction::ApproximateCountDistinct => count,
            AggregateFunction::Sum => match ty.base {
                Base::Scale { .. } => Type::of(Base::Int, unit),
                _ => ty.clone(),
            },
            AggregateFunction::Average
            | AggregateFunction::Median
            | AggregateFunction::Percentile(_)
            | AggregateFunction::ApproximatePercentile(_)
            | AggregateFunction::StandardDeviation => Type::of(Base::Real, unit),
            AggregateFunction::Share => Type::of(Base::Real, Unit::Percent),
            AggregateFunction::Any | AggregateFunction::All => Type::plain(Base::Bool),
            AggregateFunction::First | AggregateFunction::Last | AggregateFunction::Min | AggregateFunction::Max => {
                ty.clone()
            }
        })
    }
}

/// `x`, `distinct x`, `x where c`, `distinct x where c`.
fn split<'a>(value: &'a Expr, parts: &mut Parts<'a>) {
    let value = match &value.kind {
        ExprKind::Infix { operator: Infix::Where, left, right, .. } => {
            parts.condition = Some(right);
            left
        }
        _ => value,
    };
    let value = match &value.kind {
        ExprKind::Prefix { operator: Prefix::Distinct, operand, .. } => {
            parts.distinct = true;
            operand
        }
        _ => value,
    };
    parts.argument = Some(value);
}
