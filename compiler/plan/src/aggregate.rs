//! The columns of an aggregated step: what is computed over the rows of a cell, with its type and what it is without rows.

use crate::cell::PlannedColumn;
use crate::draft::Draft;
use crate::leaf::{ExprId, Leaves, Measured, Scan, ScanColumn};
use crate::names::Names;
use crate::relation::{Aggregate, AggregateFunction, Binary, Expr, Literal, ValueType};
use crate::rows::Rows;
use crate::typed::{self, Typed};
use groma_model::row::Each;

/// The column of customers that is 1 where the customer has completed the window, and else 0.
pub(crate) const MATURED: &str = "matured";
/// The column of a snapshot's times that holds their number in the period.
pub(crate) const TIMES: &str = "times";

/// An aggregate of all rows.
pub(crate) fn aggregate(function: AggregateFunction, argument: Expr) -> Expr {
    Expr::Aggregate(Box::new(Aggregate { function, argument: Some(argument), filter: None, order_by: Vec::new() }))
}

/// Makes the aggregates of a scan.
pub(crate) struct Columns<'s, 'a> {
    pub(crate) leaves: &'s Leaves<'a>,
    pub(crate) scan: &'s Scan,
    /// Conditions that the rows meet already.
    pub(crate) moved: &'s [ExprId],
    /// Conditions that every column has: no name says them.
    pub(crate) common: Vec<ExprId>,
    /// Over customers: the columns that hold what metrics give them, by their place in [`Scan::values`].
    pub(crate) values: &'s [ValueColumns],
}

impl Columns<'_, '_> {
    /// The aggregate of a column, and what is known of it.
    pub(crate) fn aggregate(
        &self,
        draft: &mut Draft<'_>,
        rows: &mut Rows<'_>,
        names: &mut Names,
        column: &ScanColumn,
    ) -> (Expr, PlannedColumn) {
        let filter: Vec<Expr> = column
            .filter
            .iter()
            .filter(|condition| !self.moved.contains(condition))
            .map(|condition| self.outside(draft, rows, *condition).condition())
            .chain(self.present(column))
            .collect();
        let argument = match column.function {
            Measured::Matured => Some(Typed::new(Expr::name(MATURED), ValueType::Real)),
            _ => column.argument.map(|argument| match is_count(column.function) || column.stored {
                true => {
                    self.read_each(rows, argument);
                    rows.counted(draft, &self.leaves.exprs[argument.0].expr)
                }
                false => self.outside(draft, rows, argument),
            }),
        };
        let order_by = match column.function {
            Measured::First | Measured::Last => self.order(draft, rows),
            _ => Vec::new(),
        };
        let (function, argument, ty) = function_of(column.function, argument);
        let aggregated = Expr::Aggregate(Box::new(Aggregate {
            function,
            argument: argument.expr,
            filter: Expr::all(filter),
            order_by,
        }));
        let expr = if argument.to_real { aggregated.cast(ValueType::Real) } else { aggregated };
        let expr = match column.function {
            Measured::CountPerTime | Measured::SumPerTime => per_time(expr, ty),
            _ => expr,
        };
        let ty = if column.function == Measured::CountPerTime { ValueType::Real } else { ty };
        let name = names.take(&self.describe(column));
        (expr, PlannedColumn { name, ty, empty: empty_value(column.function) })
    }

    /// An expression over the rows, in which `each` is what its metric gives the customer.
    fn outside(&self, draft: &mut Draft<'_>, rows: &mut Rows<'_>, id: ExprId) -> Typed {
        self.read_each(rows, id);
        rows.outside(draft, &self.leaves.exprs[id.0].expr)
    }

    /// Lets `each` in an expression be what its metric gives the customer.
    fn read_each(&self, rows: &mut Rows<'_>, id: ExprId) {
        rows.values = self.leaves.exprs[id.0].each.and_then(|each| self.values.get(each)).cloned();
    }

    /// That the customer has a row that counts for the metric, where those without one are not counted.
    fn present(&self, column: &ScanColumn) -> Option<Expr> {
        let name = self.values.get(column.each?)?.present.as_ref()?;
        Some(Expr::binary(Binary::Greater, Expr::name(name), Expr::int(0)))
    }

    /// The order of rows in time: the stored time, then the key.
    fn order(&self, draft: &mut Draft<'_>, rows: &mut Rows<'_>) -> Vec<Expr> {
        let source = draft.model.source(self.scan.source);
        source.time.iter().chain(&source.key).map(|column| rows.own_column(draft, *column)).collect()
    }

    fn describe(&self, column: &ScanColumn) -> String {
        let text = |id: &ExprId| self.leaves.exprs[id.0].text.as_str();
        let argument = column.argument.as_ref().map_or("rows", text);
        let is_own = |id: &&ExprId| self.common.binary_search(id).is_err();
        let own: Vec<&str> = column.filter.iter().filter(is_own).map(text).collect();
        let what = function_words(column.function);
        let argument = match (column.each, column.argument) {
            _ if column.function == Measured::Matured => "",
            (Some(_), None) => "customers",
            _ => argument,
        };
        let whole = format!("{what} {argument}").trim_end().to_owned();
        if own.is_empty() { whole } else { format!("{whole} where {}", own.join(" and ")) }
    }
}

/// The columns that hold what a metric gives each customer.
#[derive(Debug, Clone, Default)]
pub(crate) struct ValueColumns {
    pub(crate) value: Option<(String, ValueType)>,
    /// The number of the customer's rows that count.
    pub(crate) present: Option<String>,
    pub(crate) reached: Option<String>,
    pub(crate) entered: Option<String>,
}

impl ValueColumns {
    /// What a name stands for.
    pub(crate) fn read(&self, each: Each) -> Typed {
        let flag = |name: &Option<String>| name.as_ref().map(|name| Typed::new(Expr::name(name), ValueType::Bool));
        let value = || self.value.as_ref().map(|(name, ty)| Typed::new(Expr::name(name), *ty));
        let read = match each {
            Each::Value => value(),
            Each::Reached => flag(&self.reached),
            Each::Entered => flag(&self.entered),
        };
        read.unwrap_or_else(Typed::null)
    }
}

/// The mean over the period's times.
fn per_time(expr: Expr, ty: ValueType) -> Expr {
    let times = aggregate(AggregateFunction::Max, Expr::name(TIMES)).cast(ValueType::Real);
    typed::divide(Typed::new(expr, ty).real(), times)
}

/// The argument of an aggregate, and whether its result is still to become a double.
struct Argument {
    expr: Option<Expr>,
    to_real: bool,
}

/// The aggregate of a measured value, its argument and the type of the value.
fn function_of(measured: Measured, argument: Option<Typed>) -> (AggregateFunction, Argument, ValueType) {
    let plain = |function, argument: Option<Typed>| {
        let expr = argument.map(|argument| {
            let ty = argument.type_or(ValueType::Int);
            argument.to(ty)
        });
        (function, Argument { expr, to_real: false }, ValueType::Int)
    };
    let of_real = |function, argument: Option<Typed>| {
        let expr = argument.map(Typed::real);
        (function, Argument { expr, to_real: false }, ValueType::Real)
    };
    match measured {
        Measured::Count => plain(AggregateFunction::Count, argument),
        Measured::CountDistinct => plain(AggregateFunction::CountDistinct, argument),
        Measured::ApproximateCountDistinct => plain(AggregateFunction::ApproximateCountDistinct, argument),
        Measured::Percentile(share) => of_real(AggregateFunction::Percentile(f64::from_bits(share)), argument),
        Measured::ApproximatePercentile(share) => {
            of_real(AggregateFunction::ApproximatePercentile(f64::from_bits(share)), argument)
        }
        Measured::StandardDeviation => of_real(AggregateFunction::StandardDeviation, argument),
        Measured::Any | Measured::Max => same_type(AggregateFunction::Max, argument),
        Measured::All | Measured::Min => same_type(AggregateFunction::Min, argument),
        Measured::CountPerTime => plain(AggregateFunction::Count, argument),
        Measured::SumPerTime => same_type(AggregateFunction::Sum, argument),
        Measured::Matured => of_real(AggregateFunction::Average, argument),
        Measured::Sum => same_type(AggregateFunction::Sum, argument),
        Measured::First => same_type(AggregateFunction::First, argument),
        Measured::Last => same_type(AggregateFunction::Last, argument),
    }
}

/// An aggregate whose value is like its argument: numbers exactly, then as doubles; truth values as 1 and 0.
fn same_type(function: AggregateFunction, argument: Option<Typed>) -> (AggregateFunction, Argument, ValueType) {
    let argument = argument.unwrap_or_else(Typed::null);
    let ty = argument.type_or(ValueType::Real);
    let (expr, to_real, ty) = match ty {
        ValueType::Bool => (flag(argument.condition()), false, ValueType::Bool),
        ValueType::Int | ValueType::Decimal { .. } => (argument.to(ty), true, ValueType::Real),
        other => (argument.to(other), false, other),
    };
    (function, Argument { expr: Some(expr), to_real }, ty)
}

/// 1 where it is true, 0 where it is false, null where it is null.
fn flag(condition: Expr) -> Expr {
    let negated = typed::not(Typed::new(condition.clone(), ValueType::Bool)).expr;
    Expr::Case { branches: vec![(condition, Expr::int(1)), (negated, Expr::int(0))], otherwise: None }
}

fn is_count(measured: Measured) -> bool {
    matches!(
        measured,
        Measured::Count | Measured::CountPerTime | Measured::CountDistinct | Measured::ApproximateCountDistinct
    )
}

fn empty_value(measured: Measured) -> Option<Literal> {
    match measured {
        Measured::Count | Measured::CountDistinct | Measured::ApproximateCountDistinct | Measured::Any => {
            Some(Literal::Int(0))
        }
        Measured::All => Some(Literal::Int(1)),
        Measured::Sum | Measured::SumPerTime | Measured::CountPerTime => Some(Literal::Real(0.0)),
        _ => None,
    }
}

fn function_words(measured: Measured) -> String {
    let words = match measured {
        Measured::Count => "count of",
        Measured::CountPerTime => "mean count of",
        Measured::SumPerTime => "mean sum of",
        Measured::Matured => "share of the cohort matured",
        Measured::CountDistinct => "count of distinct",
        Measured::Sum => "sum of",
        Measured::Min => "minimum of",
        Measured::Max => "maximum of",
        Measured::StandardDeviation => "standard deviation of",
        Measured::Any => "any",
        Measured::All => "all",
        Measured::First => "first",
        Measured::Last => "last",
        Measured::ApproximateCountDistinct => "approximate count of distinct",
        Measured::Percentile(share) => return format!("percentile {} of", percent(share)),
        Measured::ApproximatePercentile(share) => return format!("approximate percentile {} of", percent(share)),
    };
    words.to_owned()
}

fn percent(share: u64) -> f64 {
    (f64::from_bits(share) * 1e6).round() / 1e4
}
