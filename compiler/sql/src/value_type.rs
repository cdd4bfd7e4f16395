//! The type of an expression, as far as it shows in the expression itself.
//!
//! Columns carry no types in a plan, so the answer may be unknown; whoever asks must be right then too.

use groma_plan::relation::{AggregateFunction, Binary, Expr, Function, Literal, Unary, ValueType, WindowFunction};

/// The type of an expression, where it shows.
pub(crate) fn value_type(expr: &Expr) -> Option<ValueType> {
    match expr {
        Expr::Column { .. } => None,
        Expr::Literal(literal) => Some(of_literal(literal)),
        Expr::Unary { operator: Unary::Not, .. } => Some(ValueType::Bool),
        Expr::Unary { operator: Unary::Minus, operand } => value_type(operand),
        Expr::Binary { operator, left, right } => of_binary(*operator, left, right),
        Expr::Case { branches, otherwise } => {
            let results = branches.iter().map(|(_, result)| result);
            results.chain(otherwise.as_deref()).find_map(value_type)
        }
        Expr::In { .. } | Expr::IsNull { .. } | Expr::Like { .. } => Some(ValueType::Bool),
        Expr::Cast { to, .. } => Some(*to),
        Expr::Call { function, arguments } => of_call(*function, arguments),
        Expr::Aggregate(aggregate) => of_aggregate(aggregate.function, aggregate.argument.as_ref()),
        Expr::Window(window) => match window.function {
            WindowFunction::RowNumber | WindowFunction::Count => Some(ValueType::Int),
            WindowFunction::Sum | WindowFunction::Max => window.argument.as_ref().and_then(value_type),
        },
    }
}

fn of_literal(literal: &Literal) -> ValueType {
    match literal {
        Literal::Null(value_type) => *value_type,
        Literal::Bool(_) => ValueType::Bool,
        Literal::Int(_) => ValueType::Int,
        Literal::Real(_) => ValueType::Real,
        Literal::Decimal(digits) => decimal_type(digits),
        Literal::Text(_) => ValueType::Text,
        Literal::Date(_) => ValueType::Date,
        Literal::Timestamp(_) => ValueType::Timestamp,
    }
}

/// The narrowest decimal type that holds these digits.
pub(crate) fn decimal_type(digits: &str) -> ValueType {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = whole.trim_start_matches(['-', '+', '0']).len();
    let precision = u8::try_from((whole + fraction.len()).max(1)).unwrap_or(u8::MAX);
    ValueType::Decimal { precision, scale: i8::try_from(fraction.len()).unwrap_or(i8::MAX) }
}

fn of_binary(operator: Binary, left: &Expr, right: &Expr) -> Option<ValueType> {
    match operator {
        Binary::Add | Binary::Subtract | Binary::Multiply => match (value_type(left), value_type(right)) {
            (Some(ValueType::Real), _) | (_, Some(ValueType::Real)) => Some(ValueType::Real),
            (Some(decimal @ ValueType::Decimal { .. }), Some(_)) => Some(decimal),
            (Some(_), Some(other)) => Some(other),
            _ => None,
        },
        Binary::Divide => Some(ValueType::Real),
        Binary::Remainder => Some(ValueType::Int),
        Binary::Concat => Some(ValueType::Text),
        _ => Some(ValueType::Bool),
    }
}

fn of_call(function: Function, arguments: &[Expr]) -> Option<ValueType> {
    match function {
        Function::Abs | Function::Round => arguments.first().and_then(value_type),
        Function::Floor | Function::Ceiling | Function::Sqrt | Function::Ln | Function::Exp | Function::Power => {
            Some(ValueType::Real)
        }
        Function::Lower | Function::Upper | Function::Trim => Some(ValueType::Text),
        Function::Length | Function::Extract(_) | Function::DaysBetween => Some(ValueType::Int),
        Function::Coalesce | Function::NullIf | Function::Greatest | Function::Least => {
            arguments.iter().find_map(value_type)
        }
        Function::Truncate(_) | Function::DateOf | Function::AddDays | Function::AddMonths | Function::Series(_) => {
            Some(ValueType::Date)
        }
        Function::AddSeconds | Function::LocalNow => Some(ValueType::Timestamp),
        Function::SecondsBetween => Some(ValueType::Real),
    }
}

fn of_aggregate(function: AggregateFunction, argument: Option<&Expr>) -> Option<ValueType> {
    match function {
        AggregateFunction::Count
        | AggregateFunction::CountDistinct
        | AggregateFunction::LeftOut
        | AggregateFunction::ApproximateCountDistinct => Some(ValueType::Int),
        AggregateFunction::Average
        | AggregateFunction::Percentile(_)
        | AggregateFunction::StandardDeviation
        | AggregateFunction::ApproximatePercentile(_) => Some(ValueType::Real),
        _ => argument.and_then(value_type),
    }
}
