//! Measures: one value for each cell, a period of a group.

use crate::model::{MetricId, SourceId};
use crate::row::{Binary, Literal, RowExpr, RowFunction};
use crate::time::Offset;
use crate::types::Type;
use groma_syntax::Span;
use smol_str::SmolStr;

/// An expression over aggregates and other metrics, typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    pub kind: MeasureKind,
    pub ty: Type,
    pub span: Span,
}

/// The shapes of measures.
#[derive(Debug, Clone, PartialEq)]
pub enum MeasureKind {
    /// Already reported.
    Unknown,
    /// A parameter of the function whose definition this is. Never in a metric.
    Parameter(SmolStr),
    Literal(Literal),
    /// Over the rows of the metric's own source and clock.
    Aggregate(Box<AggregateCall>),
    /// Another metric, with its own source, clock and filter.
    Metric(MetricId),
    /// What the customer has, over the customer's source. Only in `each`.
    Attribute(Box<RowExpr>),
    /// `inner where …`, `inner offset …`: every aggregate and metric inside sees only the rows that also pass `filter`
    /// (given for each source that is read inside), `offset` periods earlier.
    Scoped {
        inner: Box<Measure>,
        filter: Vec<(SourceId, RowExpr)>,
        offset: Option<Offset>,
    },
    Not(Box<Measure>),
    Minus(Box<Measure>),
    Binary {
        operator: Binary,
        left: Box<Measure>,
        right: Box<Measure>,
    },
    IsNull {
        operand: Box<Measure>,
        negated: bool,
    },
    Case {
        branches: Vec<(Measure, Measure)>,
        otherwise: Option<Box<Measure>>,
    },
    Call {
        function: RowFunction,
        arguments: Vec<Measure>,
    },
}

/// An aggregate over rows. Nulls of the argument never count.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregateCall {
    pub function: AggregateFunction,
    /// None only for a count of rows.
    pub argument: Option<RowExpr>,
    /// `where` inside the call.
    pub filter: Option<RowExpr>,
}

/// Aggregate functions of the language.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AggregateFunction {
    /// Rows, or the rows whose argument is not null.
    Count,
    CountDistinct,
    Sum,
    /// `avg(x)`.
    Average,
    Min,
    Max,
    Median,
    /// Exact, Hyndman and Fan's type 7; the share lies in 0 to 1.
    Percentile(f64),
    /// The sample's (n − 1).
    StandardDeviation,
    /// The rows for which the condition is true, over those for which it is not null.
    Share,
    Any,
    All,
    /// The earliest non-null value by the source's time, then its key.
    First,
    Last,
    ApproximateCountDistinct,
    ApproximatePercentile(f64),
}

impl Measure {
    /// What stands for a measure that was already reported.
    pub fn unknown(span: Span) -> Self {
        Self { kind: MeasureKind::Unknown, ty: Type::unknown(), span }
    }

    /// The number of its parts, itself included.
    pub fn size(&self) -> usize {
        1 + self.children().into_iter().map(Measure::size).sum::<usize>()
    }

    /// The metrics it is made of, in order, each once.
    pub fn metrics(&self) -> Vec<MetricId> {
        let mut found = Vec::new();
        self.visit(&mut |part| {
            if let MeasureKind::Metric(id) = part.kind
                && !found.contains(&id)
            {
                found.push(id);
            }
        });
        found
    }

    /// Calls `look` for the measure and all its parts.
    pub fn visit<'m>(&'m self, look: &mut dyn FnMut(&'m Measure)) {
        look(self);
        self.children().into_iter().for_each(|child| child.visit(look));
    }

    /// The same measure, wherever it was written: for comparing.
    #[must_use]
    pub fn without_places(&self) -> Self {
        let mut bare = self.clone();
        bare.forget_places();
        bare
    }

    fn forget_places(&mut self) {
        self.span = Span::default();
        let forget = |expr: &mut RowExpr| *expr = expr.without_places();
        match &mut self.kind {
            MeasureKind::Unknown | MeasureKind::Parameter(_) | MeasureKind::Literal(_) | MeasureKind::Metric(_) => {}
            MeasureKind::Aggregate(call) => call.argument.iter_mut().chain(&mut call.filter).for_each(forget),
            MeasureKind::Attribute(value) => forget(value),
            MeasureKind::Scoped { inner, filter, .. } => {
                filter.iter_mut().for_each(|(_, condition)| forget(condition));
                inner.forget_places();
            }
            MeasureKind::Not(operand) | MeasureKind::Minus(operand) | MeasureKind::IsNull { operand, .. } => {
                operand.forget_places();
            }
            MeasureKind::Binary { left, right, .. } => {
                left.forget_places();
                right.forget_places();
            }
            MeasureKind::Case { branches, otherwise } => {
                let branches = branches.iter_mut().flat_map(|(when, then)| [when, then]);
                branches.chain(otherwise.as_deref_mut()).for_each(Measure::forget_places);
            }
            MeasureKind::Call { arguments, .. } => arguments.iter_mut().for_each(Measure::forget_places),
        }
    }

    /// The direct parts of the measure.
    pub fn children(&self) -> Vec<&Measure> {
        match &self.kind {
            MeasureKind::Unknown
            | MeasureKind::Parameter(_)
            | MeasureKind::Literal(_)
            | MeasureKind::Aggregate(_)
            | MeasureKind::Attribute(_)
            | MeasureKind::Metric(_) => Vec::new(),
            MeasureKind::Scoped { inner: operand, .. }
            | MeasureKind::Not(operand)
            | MeasureKind::Minus(operand)
            | MeasureKind::IsNull { operand, .. } => vec![operand],
            MeasureKind::Binary { left, right, .. } => vec![left, right],
            MeasureKind::Case { branches, otherwise } => {
                branches.iter().flat_map(|(when, then)| [when, then]).chain(otherwise.as_deref()).collect()
            }
            MeasureKind::Call { arguments, .. } => arguments.iter().collect(),
        }
    }
}
