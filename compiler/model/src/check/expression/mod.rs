//! Expressions: from trees to typed meaning, one level at a time.
//!
//! A row expression has one value for each row; a measure one value for each cell. Each has its own reader, so that a thing
//! at the wrong level is found where it stands.

mod aggregate;
pub(crate) mod builtin;
mod call;
mod customers;
mod elapsed;
mod fold;
mod literal;
mod measure;
mod row;

pub(crate) use literal::literal;
pub(crate) use row::binary_operator;

use crate::check::typing::Problem;
use crate::measure::Measure;
use crate::model::{CustomerId, MetricId, Model, SourceId};
use crate::row::RowExpr;
use crate::types::{Base, Type};
use groma_syntax::{Code, Diagnostic, Span};
use smol_str::SmolStr;

/// An aggregate where one row is looked at.
pub(crate) static AGGREGATE_IN_ROW: Code =
    Code::error("level/aggregate-in-row", "An aggregate stands where one value for each row is needed.");
/// A metric where one row is looked at.
pub(crate) static METRIC_IN_ROW: Code =
    Code::error("level/metric-in-row", "A metric stands where one value for each row is needed.");
/// A column where one value for a period is needed.
pub(crate) static ROW_IN_MEASURE: Code =
    Code::error("level/row-in-measure", "A column stands bare in a measure, so a period would have many values.");
/// A column of rows where a customer is looked at.
pub(crate) static ROW_AMONG_CUSTOMERS: Code = Code::error(
    "level/row-among-customers",
    "A measure over customers reads a column of the rows, of which a customer has many or none.",
);
/// A column of rows that customers are grouped or filtered by.
pub(crate) static ROW_GROUP_OF_CUSTOMERS: Code = Code::error(
    "level/row-group-of-customers",
    "Customers are grouped or filtered by a column of rows, which would leave out those without rows.",
);
/// A value of a customer where one row is looked at.
pub(crate) static EACH_IN_ROWS: Code =
    Code::error("level/each-in-rows", "The value of a customer stands where one row is looked at.");
/// A measure that averages or adds rates.
pub(crate) static AVERAGE_OF_RATES: Code = Code::error(
    "level/average-of-rates",
    "A measure averages or adds values that do not add up, as if each stood for equally many rows.",
);
/// Elapsed time across a clock change.
pub(crate) static CLOCK_CHANGES: Code =
    Code::error("time/clock-changes", "Elapsed time is taken between instants whose stored clock jumps.");
/// An aggregate without rows.
pub(crate) static NO_ROWS: Code =
    Code::error("level/no-rows", "A metric aggregates rows and does not say of which source.");
/// A metric that is not there.
pub(crate) static UNKNOWN_METRIC: Code =
    Code::error("name/unknown-metric", "A measure names a metric that does not exist.");
/// A function that is not there.
pub(crate) static UNKNOWN_FUNCTION: Code =
    Code::error("name/unknown-function", "An expression calls a function that does not exist.");
/// Arguments that do not fit.
pub(crate) static WRONG_ARGUMENT: Code =
    Code::error("type/argument", "A function is given something that it cannot work with.");
/// An expression that grows without bound.
pub(crate) static TOO_LARGE: Code =
    Code::error("type/too-large", "An expression becomes too large once its functions and segments are written out.");
/// A shape without a meaning here.
pub(crate) static NO_MEANING: Code =
    Code::error("type/no-meaning", "A part of an expression has no meaning where it stands.");

/// Reads expressions against a model.
pub(crate) struct Expressions<'m> {
    pub(crate) model: &'m Model,
    pub(crate) sink: Vec<Diagnostic>,
    depth: usize,
    /// How many parts have been read: functions and segments are read where they are used, and may multiply.
    parts: usize,
    /// Of customers that were met: their source, and that of the rows behind their values.
    behind: Vec<(SourceId, SourceId)>,
    /// Metrics that were met.
    met: Vec<MetricId>,
}

/// Expressions that become larger than this are refused.
const MOST_PARTS: usize = 50_000;

/// What an expression may see.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'s> {
    /// The rows at hand.
    pub(crate) source: Option<SourceId>,
    /// Whether this is the body of a function of the standard library, which sees the standard library first.
    pub(crate) standard: bool,
    /// Whether names may be columns of these rows; not in the body of a function.
    pub(crate) columns: bool,
    /// The parameters of the function whose body this is.
    pub(crate) parameters: &'s [(SmolStr, Bound)],
    pub(crate) level: Level<'s>,
}

/// What a row of a scope stands for, and what a value is needed for.
#[derive(Clone, Copy)]
pub(crate) enum Level<'s> {
    /// Rows as they are, values for periods.
    Rows,
    /// `each`: values for this customer. Outside of aggregates, names are what the customer has.
    Each(CustomerId),
    /// A measure over customers: each row is one.
    Customers(&'s Given),
}

/// What each customer was given before a measure over customers.
pub(crate) struct Given {
    /// The type of the value of `each`.
    pub(crate) each: Option<Type>,
    /// Whether there are steps, which customers reached and entered.
    pub(crate) steps: bool,
    /// The rows behind it.
    pub(crate) rows: SourceId,
}

/// What a parameter stands for.
#[derive(Clone)]
pub(crate) enum Bound {
    Row(RowExpr),
    Measure(Measure),
    /// Anything of that type: while the definition itself is checked.
    Any(Type),
}

impl<'s> Scope<'s> {
    /// The rows of a source.
    pub(crate) fn of(source: SourceId) -> Self {
        Self::measure(Some(source))
    }

    /// A measure, with or without rows of its own.
    pub(crate) fn measure(source: Option<SourceId>) -> Self {
        Self { source, standard: false, columns: true, parameters: &[], level: Level::Rows }
    }

    /// The same with another meaning of rows and values.
    pub(crate) fn at(self, level: Level<'s>) -> Self {
        Self { level, ..self }
    }

    fn parameter(&self, name: &str) -> Option<&'s Bound> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, bound)| bound)
    }
}

impl<'m> Expressions<'m> {
    pub(crate) fn new(model: &'m Model) -> Self {
        Self { model, sink: Vec::new(), depth: 0, parts: 0, behind: Vec::new(), met: Vec::new() }
    }

    /// Remembers that values of customers rest on rows, so that a column of those rows can be told from a mistake.
    pub(crate) fn rests_on_rows(&mut self, customers: SourceId, rows: SourceId) {
        if customers != rows && !self.behind.contains(&(customers, rows)) {
            self.behind.push((customers, rows));
        }
    }

    /// A condition on the rows of a scope.
    pub(crate) fn condition(&mut self, expr: &groma_syntax::ast::Expr, scope: &Scope<'_>) -> RowExpr {
        let value = self.row(expr, scope);
        if value.ty.is_bool() {
            return value;
        }
        self.sink.push(
            super::typing::MISMATCH
                .finding(format!("a condition is true or false, and this is {}", self.describe(&value.ty)))
                .at(expr.span, "not a condition")
                .help("compare it with something: `… = …`, `… > …`, `… is not null`"),
        );
        RowExpr::unknown(expr.span)
    }

    /// Counts parts that are read; `false` when they become too many, which is said once.
    fn may_read(&mut self, parts: usize, span: Span) -> bool {
        let before = self.parts;
        self.parts = self.parts.saturating_add(parts);
        if before <= MOST_PARTS && self.parts > MOST_PARTS {
            self.sink.push(
                TOO_LARGE
                    .finding("with its functions and segments written out, this expression becomes too large")
                    .at(span, format!("more than {MOST_PARTS} parts"))
                    .help(
                        "let functions and segments use each other less often, or compute a part in a `query:` source",
                    ),
            );
        }
        self.parts <= MOST_PARTS
    }

    /// A type in words.
    pub(crate) fn describe(&self, ty: &Type) -> String {
        describe(self.model, ty)
    }

    fn problem(&mut self, problem: Problem, span: Span) {
        self.sink.push(problem.code.finding(problem.headline).at(span, "here").help(problem.help));
    }

    fn no_meaning(&mut self, span: Span, headline: &str, help: &str) {
        self.sink.push(NO_MEANING.finding(headline).at(span, "no meaning here").help(help));
    }
}

/// A type in words: `text`, `a number in usd`.
pub(crate) fn describe(model: &Model, ty: &Type) -> String {
    let name = match &ty.base {
        Base::Unknown => "unknown".to_owned(),
        Base::Null => "null".to_owned(),
        Base::Bool => "true or false".to_owned(),
        Base::Int => "a whole number".to_owned(),
        Base::Real | Base::Decimal { .. } => "a number".to_owned(),
        Base::Text => "text".to_owned(),
        Base::Verbatim => "verbatim text".to_owned(),
        Base::Date => "a date".to_owned(),
        Base::Instant { .. } => "an instant".to_owned(),
        Base::Scale { low, high } => format!("a scale from {low} to {high}"),
        Base::Customer(id) => format!("a reference to `{}`", model.customer(*id).header.name),
    };
    match &ty.unit {
        crate::unit::Unit::Of(_) | crate::unit::Unit::Percent => format!("{name} in {}", ty.unit),
        _ => name,
    }
}
