//! Expressions of a plan as expressions of the tree.

use groma_plan::relation::{
    Aggregate, AggregateFunction, Binary, Expr, Function, Literal, Unary, ValueType, Window, WindowFunction,
};
use sqlparser::ast;
use sqlparser::ast::BinaryOperator;

use crate::build;
use crate::dialect::{Dialect, First, Steps};
use crate::error::RenderError;
use crate::literal::{checked_name, literal, typed_literal};
use crate::value_type::value_type;

type Written = Result<ast::Expr, RenderError>;

/// Writes expressions in one dialect.
#[derive(Clone, Copy)]
pub(crate) struct Expressions<'a> {
    pub(crate) dialect: &'a Dialect,
}

impl Expressions<'_> {
    /// An expression.
    pub(crate) fn write(self, expr: &Expr) -> Written {
        Ok(match expr {
            Expr::Column { table, name } => {
                let table = table.as_deref().map(|table| checked_name(table, self.dialect)).transpose()?;
                build::column(table, checked_name(name, self.dialect)?)
            }
            Expr::Literal(constant) => literal(constant, self.dialect)?,
            Expr::Unary { operator: Unary::Not, operand } => build::not(self.write(operand)?),
            Expr::Unary { operator: Unary::Minus, operand } => build::minus(self.write(operand)?),
            Expr::Binary { operator, left, right } => self.binary(*operator, left, right)?,
            Expr::Case { branches, otherwise } => self.case(branches, otherwise.as_deref())?,
            Expr::In { operand, list, negated } => self.in_list(operand, list, *negated)?,
            Expr::IsNull { operand, negated: false } => build::is_null(self.write(operand)?),
            Expr::IsNull { operand, negated: true } => build::is_not_null(self.write(operand)?),
            Expr::Like { operand, pattern, negated } => self.like(operand, pattern, *negated)?,
            Expr::Cast { operand, to } => self.cast(operand, *to)?,
            Expr::Call { function, arguments } => self.call(*function, arguments)?,
            Expr::Aggregate(aggregate) => self.aggregate(aggregate)?,
            Expr::Window(window) => self.window(window)?,
        })
    }

    /// An expression to group or order by. A bare number would be the number of a column there, and other bare constants
    /// are refused or have no type.
    pub(crate) fn key(self, expr: &Expr) -> Written {
        match (expr, value_type(expr)) {
            (Expr::Literal(constant), Some(value_type)) => match typed_literal(constant, value_type, self.dialect)? {
                cast @ ast::Expr::Cast { .. } => Ok(cast),
                bare => Ok(build::cast(bare, (self.dialect.data_type)(value_type))),
            },
            _ => self.write(expr),
        }
    }

    fn all(self, exprs: &[Expr]) -> Result<Vec<ast::Expr>, RenderError> {
        exprs.iter().map(|expr| self.write(expr)).collect()
    }

    fn cast(self, operand: &Expr, to: ValueType) -> Written {
        match operand {
            Expr::Literal(Literal::Null(_)) => literal(&Literal::Null(to), self.dialect),
            _ => Ok(build::cast(self.write(operand)?, (self.dialect.data_type)(to))),
        }
    }

    fn binary(self, operator: Binary, left: &Expr, right: &Expr) -> Written {
        let sides = (self.write(left)?, self.write(right)?);
        let narrow = is_narrow(left) && is_narrow(right);
        let (left, right) = match operator {
            Binary::Add | Binary::Subtract | Binary::Multiply if narrow => {
                (build::cast(sides.0, (self.dialect.data_type)(ValueType::Int)), sides.1)
            }
            _ => sides,
        };
        Ok(match operator {
            Binary::Or => build::chain(BinaryOperator::Or, left, right),
            Binary::And => build::and(left, right),
            Binary::Concat => build::chain(BinaryOperator::StringConcat, left, right),
            Binary::NotDistinct => build::not_distinct(left, right),
            Binary::Equal => build::binary(BinaryOperator::Eq, left, right),
            Binary::NotEqual => build::binary(BinaryOperator::NotEq, left, right),
            Binary::Less => build::binary(BinaryOperator::Lt, left, right),
            Binary::LessEqual => build::binary(BinaryOperator::LtEq, left, right),
            Binary::Greater => build::binary(BinaryOperator::Gt, left, right),
            Binary::GreaterEqual => build::binary(BinaryOperator::GtEq, left, right),
            Binary::Add => build::binary(BinaryOperator::Plus, left, right),
            Binary::Subtract => build::binary(BinaryOperator::Minus, left, right),
            Binary::Multiply => build::binary(BinaryOperator::Multiply, left, right),
            Binary::Divide => build::binary(BinaryOperator::Divide, left, right),
            Binary::Remainder => build::binary(BinaryOperator::Modulo, left, right),
        })
    }

    fn case(self, branches: &[(Expr, Expr)], otherwise: Option<&Expr>) -> Written {
        if branches.is_empty() {
            return Err(RenderError::BadPlan { what: "a case without a branch".to_owned() });
        }
        let branches = branches
            .iter()
            .map(|(condition, result)| Ok((self.write(condition)?, self.write(result)?)))
            .collect::<Result<_, RenderError>>()?;
        Ok(build::case(branches, otherwise.map(|expr| self.write(expr)).transpose()?))
    }

    /// No engine reads an empty list: nothing is in it.
    fn in_list(self, operand: &Expr, list: &[Expr], negated: bool) -> Written {
        if list.is_empty() {
            return Ok(build::boolean(negated));
        }
        if self.dialect.computed_lists || list.iter().all(|member| matches!(member, Expr::Literal(_))) {
            return Ok(build::in_list(self.write(operand)?, self.all(list)?, negated));
        }
        let equal = |member: &Expr| Expr::binary(Binary::Equal, operand.clone(), member.clone());
        let any = list.iter().map(equal).reduce(|left, right| Expr::binary(Binary::Or, left, right));
        let any = any.map(|any| self.write(&any)).transpose()?.unwrap_or_else(|| build::boolean(false));
        Ok(if negated { build::not(any) } else { any })
    }

    fn like(self, operand: &Expr, pattern: &Expr, negated: bool) -> Written {
        let has_backslash = match pattern {
            Expr::Literal(Literal::Text(text)) => text.contains('\\'),
            _ => true,
        };
        let escape = (has_backslash && !self.dialect.backslash_escapes_in_like).then_some("\\");
        Ok(build::like(self.write(operand)?, self.write(pattern)?, negated, escape))
    }

    fn call(self, function: Function, arguments: &[Expr]) -> Written {
        if let Some(name) = common_name(function) {
            return Ok(build::call(name, self.all(arguments)?));
        }
        match arguments {
            [operand] => self.call_one(function, operand),
            [first, second] => self.call_two(function, first, second),
            _ => Err(wrong_count(function, arguments.len())),
        }
    }

    fn call_one(self, function: Function, operand: &Expr) -> Written {
        let written = self.write(operand)?;
        let functions = &self.dialect.functions;
        let data_type = self.dialect.data_type;
        Ok(match function {
            Function::Floor => build::floor(written),
            Function::Ceiling => build::ceiling(written),
            Function::Trim => build::trim(" ", written),
            Function::Length => build::cast(build::call("CHAR_LENGTH", vec![written]), data_type(ValueType::Int)),
            Function::DateOf => build::cast(written, data_type(ValueType::Date)),
            Function::LocalNow => build::cast(build::local_now(written), data_type(ValueType::Timestamp)),
            Function::Truncate(unit) => (functions.truncate)(unit, written),
            Function::Extract(part) => (functions.extract)(part, written),
            _ => return Err(wrong_count(function, 1)),
        })
    }

    fn call_two(self, function: Function, first: &Expr, second: &Expr) -> Written {
        let functions = &self.dialect.functions;
        let operand = self.write(first)?;
        Ok(match function {
            Function::Round => (functions.round)(operand, value_type(first), self.steps(second)?),
            Function::NullIf => {
                (functions.null_if)(operand, self.write(second)?, value_type(first).or(value_type(second)))
            }
            Function::AddDays => (functions.add_days)(operand, self.steps(second)?),
            Function::AddMonths => (functions.add_months)(operand, self.steps(second)?),
            Function::AddSeconds => (functions.add_seconds)(operand, self.steps(second)?),
            Function::DaysBetween => (functions.days_between)(operand, self.write(second)?),
            Function::SecondsBetween => (functions.seconds_between)(operand, self.write(second)?),
            Function::Series(unit) => (functions.series)(unit, operand, self.write(second)?),
            _ => return Err(wrong_count(function, 2)),
        })
    }

    fn steps(self, count: &Expr) -> Result<Steps, RenderError> {
        Ok(match count {
            Expr::Literal(Literal::Int(count)) => Steps::Literal(*count),
            _ => Steps::Computed(Box::new(self.write(count)?)),
        })
    }

    fn aggregate(self, aggregate: &Aggregate) -> Written {
        let Some(argument) = &aggregate.argument else {
            return self.count_rows(aggregate);
        };
        if matches!(aggregate.function, AggregateFunction::First | AggregateFunction::Last) {
            return self.first(aggregate, argument);
        }
        let argument = match aggregate.function {
            AggregateFunction::Percentile(_) | AggregateFunction::ApproximatePercentile(_) => self.key(argument)?,
            _ => self.write(argument)?,
        };
        let filter = aggregate.filter.as_ref().map(|filter| self.write(filter)).transpose()?;
        match filter {
            Some(filter) if self.dialect.filters_aggregates => {
                let whole = self.whole_aggregate(aggregate.function, argument)?;
                Ok(build::filtered(whole, filter))
            }
            Some(filter) => self.whole_aggregate(aggregate.function, build::case(vec![(filter, argument)], None)),
            None => self.whole_aggregate(aggregate.function, argument),
        }
    }

    fn count_rows(self, aggregate: &Aggregate) -> Written {
        if aggregate.function != AggregateFunction::Count {
            return Err(RenderError::BadPlan { what: format!("{:?} without an argument", aggregate.function) });
        }
        let filter = aggregate.filter.as_ref().map(|filter| self.write(filter)).transpose()?;
        Ok(match filter {
            Some(filter) if !self.dialect.filters_aggregates => {
                build::call("COUNT", vec![build::case(vec![(filter, build::integer(1))], None)])
            }
            filter => build::count_rows(filter),
        })
    }

    fn window(self, window: &Window) -> Written {
        let name = match window.function {
            WindowFunction::RowNumber => "ROW_NUMBER",
            WindowFunction::Count => "COUNT",
            WindowFunction::Sum => "SUM",
            WindowFunction::Max => "MAX",
        };
        let arguments =
            window.argument.iter().map(|argument| self.key(argument)).collect::<Result<_, RenderError>>()?;
        let partition_by = window.partition_by.iter().map(|key| self.key(key)).collect::<Result<_, RenderError>>()?;
        let order_by: Vec<ast::OrderByExpr> = window
            .order_by
            .iter()
            .map(|order| Ok(build::order(self.key(&order.expr)?, order.descending, order.nulls_first)))
            .collect::<Result<_, RenderError>>()?;
        let framed = window.function != WindowFunction::RowNumber && !order_by.is_empty();
        Ok(build::over(build::call(name, arguments), partition_by, order_by, framed))
    }

    /// An aggregate over all rows of the group.
    fn whole_aggregate(self, function: AggregateFunction, argument: ast::Expr) -> Written {
        let aggregates = &self.dialect.aggregates;
        let call = |name| Ok(build::call(name, vec![argument.clone()]));
        match function {
            AggregateFunction::Count => call("COUNT"),
            AggregateFunction::CountDistinct => {
                let distinct = build::CallParts { distinct: true, ..Default::default() };
                Ok(build::call_with("COUNT", vec![argument], distinct))
            }
            AggregateFunction::Sum => call("SUM"),
            AggregateFunction::Min => call("MIN"),
            AggregateFunction::Max => call("MAX"),
            AggregateFunction::LeftOut => call("GROUPING"),
            AggregateFunction::Average => call("AVG"),
            AggregateFunction::StandardDeviation => call("STDDEV_SAMP"),
            AggregateFunction::Percentile(share) => {
                let written = (aggregates.percentile)(share, argument);
                self.supported(written, &format!("exact percentile at {share}"))
            }
            AggregateFunction::ApproximateCountDistinct => {
                let write =
                    self.supported(aggregates.approximate_count_distinct, "approximate count of distinct values")?;
                Ok(write(argument))
            }
            AggregateFunction::ApproximatePercentile(share) => {
                let write = self.supported(aggregates.approximate_percentile, "approximate percentile")?;
                Ok(write(share, argument))
            }
            AggregateFunction::First | AggregateFunction::Last => {
                Err(RenderError::BadPlan { what: "a first value without its order".to_owned() })
            }
        }
    }

    /// The first or last argument that is not null. Nulls come first in the order, so they come last in its reverse.
    fn first(self, aggregate: &Aggregate, argument: &Expr) -> Written {
        let write = self.supported(self.dialect.aggregates.first, "first value of an ordered group")?;
        let descending = aggregate.function == AggregateFunction::Last;
        let argument = self.key(argument)?;
        let present = build::is_not_null(argument.clone());
        let filter = match &aggregate.filter {
            Some(filter) => build::and(self.write(filter)?, present),
            None => present,
        };
        let order_by = aggregate
            .order_by
            .iter()
            .map(|key| Ok(build::order(self.key(key)?, descending, !descending)))
            .collect::<Result<_, RenderError>>()?;
        Ok(write(First { argument, filter, order_by }))
    }

    fn supported<T>(self, capability: Option<T>, what: &str) -> Result<T, RenderError> {
        capability.ok_or_else(|| RenderError::Unsupported { what: what.to_owned(), dialect: self.dialect.name })
    }
}

/// Functions that have one name everywhere.
fn common_name(function: Function) -> Option<&'static str> {
    Some(match function {
        Function::Abs => "ABS",
        Function::Sqrt => "SQRT",
        Function::Ln => "LN",
        Function::Exp => "EXP",
        Function::Power => "POWER",
        Function::Lower => "LOWER",
        Function::Upper => "UPPER",
        Function::Coalesce => "COALESCE",
        Function::Greatest => "GREATEST",
        Function::Least => "LEAST",
        _ => return None,
    })
}

fn wrong_count(function: Function, count: usize) -> RenderError {
    RenderError::BadPlan { what: format!("{function:?} with {count} arguments") }
}

/// Engines give small constants 32 bits, and arithmetic between two of them too.
fn is_narrow(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(Literal::Int(_)) => true,
        Expr::Unary { operator: Unary::Minus, operand } => is_narrow(operand),
        Expr::Case { branches, otherwise } => {
            branches.iter().all(|(_, result)| is_narrow(result)) && otherwise.as_deref().is_none_or(is_narrow)
        }
        _ => false,
    }
}
