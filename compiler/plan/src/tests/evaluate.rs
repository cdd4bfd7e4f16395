//! A small evaluator of statements, strict about types: what a plan says can be checked without an engine.

use crate::relation::*;
use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, ToSpan};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    /// Doubles and decimals alike.
    Real(f64),
    Text(String),
    Date(Date),
    Timestamp(DateTime),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Data {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Value>>,
}

pub(crate) type Tables = BTreeMap<String, Data>;

/// A row of the relations that are joined: alias, columns, values.
type Row<'a> = Vec<(&'a str, &'a [String], Cow<'a, [Value]>)>;

pub(crate) fn run(statement: &Statement, tables: &Tables) -> Data {
    let mut steps = Tables::new();
    for step in &statement.steps {
        let data = match &step.relation {
            Relation::Select(select) => run_select(select, &steps, tables),
            Relation::UnionAll(parts) => {
                let mut parts: Vec<Data> = parts.iter().map(|part| run_select(part, &steps, tables)).collect();
                let mut all = parts.remove(0);
                for part in parts {
                    assert_eq!(part.columns, all.columns, "parts of a union have the same columns");
                    all.rows.extend(part.rows);
                }
                all
            }
            Relation::Values(values) => Data {
                columns: values.columns.iter().map(|(name, _)| name.clone()).collect(),
                rows: values.rows.iter().map(|row| row.iter().map(literal).collect()).collect(),
            },
            // The test's queries are the name of what they select all of.
            Relation::Query { text, tables: mapped } => {
                let (_, table) = mapped.iter().find(|(name, _)| name == text).expect("the query reads it");
                read(table, &steps, tables).clone()
            }
        };
        let taken = steps.insert(step.name.clone(), data);
        assert!(taken.is_none(), "two steps are called {}", step.name);
        assert!(!tables.contains_key(&step.name), "{} hides a table", step.name);
    }
    run_select(&statement.result, &steps, tables)
}

fn read<'a>(table: &Table, steps: &'a Tables, tables: &'a Tables) -> &'a Data {
    match table {
        Table::Step(name) => steps.get(name).unwrap_or_else(|| panic!("no step {name}")),
        Table::Physical(parts) => tables.get(&parts.join(".")).unwrap_or_else(|| panic!("no table {parts:?}")),
    }
}

/// The rows of each group; without grouping and aggregates, each row by itself.
fn grouped<'r>(select: &Select, rows: Vec<Row<'r>>) -> Vec<Vec<Row<'r>>> {
    let aggregated = !select.group_by.is_empty() || select.columns.iter().any(|column| has_aggregate(&column.expr));
    match (aggregated, select.group_by.is_empty()) {
        (false, _) => rows.into_iter().map(|row| vec![row]).collect(),
        (true, true) => vec![rows],
        (true, false) => {
            let mut groups: BTreeMap<String, Vec<Row<'r>>> = BTreeMap::new();
            for row in rows {
                let key = select.group_by.iter().map(|expr| format!("{:?}|", eval(expr, &row))).collect();
                groups.entry(key).or_default().push(row);
            }
            groups.into_values().collect()
        }
    }
}

fn run_select(select: &Select, steps: &Tables, tables: &Tables) -> Data {
    let names: std::collections::BTreeSet<_> = select.columns.iter().map(|column| column.name.to_lowercase()).collect();
    assert_eq!(names.len(), select.columns.len(), "column names differ: {names:?}");
    let mut rows: Vec<Row<'_>> = match &select.from {
        None => vec![Vec::new()],
        Some(from) => {
            let data = read(&from.table, steps, tables);
            data.rows
                .iter()
                .map(|row| vec![(from.alias.as_str(), data.columns.as_slice(), Cow::Borrowed(row.as_slice()))])
                .collect()
        }
    };
    for join in &select.joins {
        rows = join_rows(rows, join, read(&join.table, steps, tables));
    }
    if let Some(filter) = &select.filter {
        rows.retain(|row| eval(filter, row) == Value::Bool(true));
    }
    let columns: Vec<String> = select.columns.iter().map(|column| column.name.clone()).collect();
    if let Some(rows) = series(select, &rows) {
        return Data { columns, rows };
    }
    if let Some(rows) = by_grouping_sets(select, &rows) {
        return Data { columns, rows };
    }
    let groups = grouped(select, rows);
    let mut results: Vec<(Vec<Value>, Vec<Value>)> = Vec::new();
    let windows: Vec<Option<Vec<Value>>> = select
        .columns
        .iter()
        .map(|column| match &column.expr {
            Expr::Window(window) => Some(run_window(window, &groups)),
            _ => None,
        })
        .collect();
    for (place, group) in groups.iter().enumerate() {
        let columns = select.columns.iter().zip(&windows);
        let value = |(column, window): (&Output, &Option<Vec<Value>>)| match window {
            Some(values) => values[place].clone(),
            None => eval_group(&column.expr, group),
        };
        let values = columns.map(value).collect();
        let order = select.order_by.iter().map(|order| eval_group(&order.expr, group)).collect();
        results.push((order, values));
    }
    if select.distinct {
        let mut seen = std::collections::BTreeSet::new();
        results.retain(|(_, values)| seen.insert(format!("{values:?}")));
    }
    results.sort_by(|(left, _), (right, _)| {
        left.iter()
            .zip(right)
            .map(|(left, right)| compare(left, right))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    Data { columns, rows: results.into_iter().map(|(_, values)| values).collect() }
}

/// Rows grouped once for each grouping set: keys outside of the set are null.
fn by_grouping_sets(select: &Select, rows: &[Row<'_>]) -> Option<Vec<Vec<Value>>> {
    if select.grouping_sets.is_empty() {
        return None;
    }
    assert!(select.order_by.is_empty() && select.having.is_none() && !select.distinct);
    let mut found = Vec::new();
    for set in &select.grouping_sets {
        let group_by: Vec<Expr> = set.iter().map(|place| select.group_by[*place].clone()).collect();
        let left_out = |key: &Expr| !group_by.contains(key);
        let part = Select { group_by: group_by.clone(), grouping_sets: Vec::new(), ..select.clone() };
        for group in grouped(&part, rows.to_vec()) {
            let value = |output: &Output| match &output.expr {
                Expr::Aggregate(of) if of.function == AggregateFunction::LeftOut => {
                    Value::Int(i64::from(left_out(of.argument.as_ref().expect("a key"))))
                }
                key if select.group_by.contains(key) && left_out(key) => Value::Null,
                other => eval_group(other, &group),
            };
            found.push(select.columns.iter().map(value).collect());
        }
    }
    Some(found)
}

/// The values of a window, row by row; no select groups that has one.
fn run_window(window: &Window, groups: &[Vec<Row<'_>>]) -> Vec<Value> {
    let rows: Vec<&Row<'_>> = groups.iter().map(|group| &group[0]).collect();
    let mut partitions: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        let key = window.partition_by.iter().map(|expr| format!("{:?}|", eval(expr, row))).collect();
        partitions.entry(key).or_default().push(place);
    }
    let mut values = vec![Value::Null; rows.len()];
    for mut places in partitions.into_values() {
        places.sort_by(|left, right| {
            let orders = window.order_by.iter().map(|order| {
                assert!(!order.descending, "not needed here");
                compare(&eval(&order.expr, rows[*left]), &eval(&order.expr, rows[*right]))
            });
            orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        });
        for (number, place) in places.iter().enumerate() {
            let counted = if window.order_by.is_empty() { &places[..] } else { &places[..=number] };
            let arguments: Vec<Value> =
                window.argument.iter().flat_map(|expr| counted.iter().map(|at| eval(expr, rows[*at]))).collect();
            let known = arguments.into_iter().filter(|value| *value != Value::Null);
            values[*place] = match window.function {
                WindowFunction::RowNumber => Value::Int(number as i64 + 1),
                WindowFunction::Count => Value::Int(known.count() as i64),
                WindowFunction::Sum => Value::Int(known.map(|value| real(&value) as i64).sum()),
                WindowFunction::Max => known.max_by(compare).unwrap_or(Value::Null),
            };
        }
    }
    values
}

fn series(select: &Select, rows: &[Row<'_>]) -> Option<Vec<Vec<Value>>> {
    let [Output { expr: Expr::Call { function: Function::Series(unit), arguments }, .. }] = select.columns.as_slice()
    else {
        return None;
    };
    let mut days = Vec::new();
    for row in rows {
        let (Value::Date(first), Value::Date(last)) = (eval(&arguments[0], row), eval(&arguments[1], row)) else {
            panic!("a series runs between dates")
        };
        assert!(first <= last, "a series never runs backwards");
        let mut steps = 0;
        loop {
            let day = match unit {
                DateUnit::Day => first.saturating_add(steps.days()),
                DateUnit::Week => first.saturating_add((7 * steps).days()),
                DateUnit::Month => first.saturating_add(steps.months()),
                DateUnit::Quarter => first.saturating_add((3 * steps).months()),
                DateUnit::Year => first.saturating_add((12 * steps).months()),
            };
            if day > last {
                break;
            }
            days.push(vec![Value::Date(day)]);
            steps += 1;
        }
    }
    Some(days)
}

fn join_rows<'a>(rows: Vec<Row<'a>>, join: &'a Join, data: &'a Data) -> Vec<Row<'a>> {
    let mut joined = Vec::new();
    for mut row in rows {
        let mut matches = 0;
        for right in &data.rows {
            row.push((&join.alias, &data.columns, Cow::Borrowed(right)));
            if join.on.as_ref().is_none_or(|on| eval(on, &row) == Value::Bool(true)) {
                joined.push(row.clone());
                matches += 1;
            }
            row.pop();
        }
        if matches == 0 && join.kind == JoinKind::Left {
            let mut alone = row;
            alone.push((&join.alias, &data.columns, Cow::Owned(vec![Value::Null; data.columns.len()])));
            joined.push(alone);
        }
    }
    joined
}

fn has_aggregate(expr: &Expr) -> bool {
    match expr {
        Expr::Aggregate(_) => true,
        Expr::Cast { operand, .. } | Expr::Unary { operand, .. } => has_aggregate(operand),
        Expr::Call { arguments, .. } => arguments.iter().any(has_aggregate),
        Expr::Binary { left, right, .. } => has_aggregate(left) || has_aggregate(right),
        Expr::Case { branches, otherwise } => {
            let parts = branches.iter().flat_map(|(when, then)| [when, then]);
            parts.chain(otherwise.iter().map(|otherwise| &**otherwise)).any(has_aggregate)
        }
        _ => false,
    }
}

fn eval_group(expr: &Expr, group: &[Row<'_>]) -> Value {
    match expr {
        Expr::Aggregate(aggregate) => run_aggregate(aggregate, group),
        Expr::Literal(value) => literal(value),
        Expr::Cast { operand, to } => cast(eval_group(operand, group), *to),
        Expr::Call { function, arguments } if has_aggregate(expr) => {
            call(*function, arguments.iter().map(|argument| eval_group(argument, group)).collect())
        }
        Expr::Binary { operator, left, right } if has_aggregate(expr) => {
            binary(*operator, &eval_group(left, group), &eval_group(right, group))
        }
        Expr::Case { branches, otherwise } if has_aggregate(expr) => {
            let taken = branches.iter().find(|(when, _)| eval_group(when, group) == Value::Bool(true));
            let taken = taken.map(|(_, then)| then).or(otherwise.as_deref());
            taken.map_or(Value::Null, |taken| eval_group(taken, group))
        }
        _ => eval(expr, group.first().expect("only aggregates have a value without rows")),
    }
}

fn run_aggregate(aggregate: &Aggregate, group: &[Row<'_>]) -> Value {
    let mut rows: Vec<&Row<'_>> = group.iter().collect();
    if let Some(filter) = &aggregate.filter {
        rows.retain(|row| eval(filter, row) == Value::Bool(true));
    }
    rows.sort_by(|left, right| {
        let orders = aggregate.order_by.iter().map(|expr| compare(&eval(expr, left), &eval(expr, right)));
        orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    let Some(argument) = &aggregate.argument else { return Value::Int(rows.len() as i64) };
    let values: Vec<Value> = rows.iter().map(|row| eval(argument, row)).filter(|value| *value != Value::Null).collect();
    let reals = || values.iter().map(real).collect::<Vec<f64>>();
    match aggregate.function {
        AggregateFunction::Count => Value::Int(values.len() as i64),
        AggregateFunction::CountDistinct | AggregateFunction::ApproximateCountDistinct => {
            let distinct: std::collections::BTreeSet<String> =
                values.iter().map(|value| format!("{value:?}")).collect();
            Value::Int(distinct.len() as i64)
        }
        AggregateFunction::Sum => match values.first() {
            None => Value::Null,
            Some(Value::Int(_)) => Value::Int(values.iter().map(|value| real(value) as i64).sum()),
            Some(_) => Value::Real(reals().iter().sum()),
        },
        AggregateFunction::LeftOut => panic!("{aggregate:?} stands beside no grouping sets"),
        AggregateFunction::Min => values.into_iter().min_by(compare).unwrap_or(Value::Null),
        AggregateFunction::Max => values.into_iter().max_by(compare).unwrap_or(Value::Null),
        AggregateFunction::First => values.into_iter().next().unwrap_or(Value::Null),
        AggregateFunction::Last => values.into_iter().next_back().unwrap_or(Value::Null),
        AggregateFunction::Average => mean(&reals()).map_or(Value::Null, Value::Real),
        AggregateFunction::StandardDeviation => deviation(&reals()).map_or(Value::Null, Value::Real),
        AggregateFunction::Percentile(share) | AggregateFunction::ApproximatePercentile(share) => {
            percentile(reals(), share).map_or(Value::Null, Value::Real)
        }
    }
}

pub(crate) fn mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() { None } else { Some(values.iter().sum::<f64>() / values.len() as f64) }
}

fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values).filter(|_| values.len() > 1)?;
    Some((values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)).sqrt())
}

fn percentile(mut values: Vec<f64>, share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let at = share * (values.len().checked_sub(1)? as f64);
    let (low, high) = (values[at.floor() as usize], values[at.ceil() as usize]);
    Some(low + (high - low) * at.fract())
}

fn real(value: &Value) -> f64 {
    match value {
        Value::Int(value) => *value as f64,
        Value::Real(value) => *value,
        other => panic!("{other:?} is no number"),
    }
}

/// Nulls first; values of different types are never compared.
fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Int(left), Value::Int(right)) => left.cmp(right),
        (Value::Real(left), Value::Real(right)) => left.total_cmp(&(right + 0.0)),
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (Value::Date(left), Value::Date(right)) => left.cmp(right),
        (Value::Timestamp(left), Value::Timestamp(right)) => left.cmp(right),
        (left, right) => panic!("{left:?} and {right:?} have different types"),
    }
}

fn literal(literal: &Literal) -> Value {
    match literal {
        Literal::Null(_) => Value::Null,
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Int(value) => Value::Int(*value),
        Literal::Real(value) => Value::Real(*value),
        Literal::Decimal(digits) => Value::Real(digits.parse().unwrap()),
        Literal::Text(text) => Value::Text(text.clone()),
        Literal::Date(date) => Value::Date(date.parse().unwrap()),
        Literal::Timestamp(at) => Value::Timestamp(at.replace(' ', "T").parse().unwrap()),
    }
}

/// An expression without columns.
pub(crate) fn constant(expr: &Expr) -> Value {
    eval(expr, &Vec::new())
}

fn eval(expr: &Expr, row: &Row<'_>) -> Value {
    match expr {
        Expr::Column { table, name } => {
            let found: Vec<&Value> = row
                .iter()
                .filter(|(alias, _, _)| table.as_deref().is_none_or(|table| table == *alias))
                .flat_map(|(_, columns, values)| columns.iter().zip(values.iter()))
                .filter(|(column, _)| *column == name)
                .map(|(_, value)| value)
                .collect();
            assert_eq!(found.len(), 1, "{table:?}.{name} is one column of {row:?}");
            found[0].clone()
        }
        Expr::Literal(value) => literal(value),
        Expr::Unary { operator, operand } => match (operator, eval(operand, row)) {
            (_, Value::Null) => Value::Null,
            (Unary::Not, Value::Bool(value)) => Value::Bool(!value),
            (Unary::Minus, Value::Int(value)) => Value::Int(-value),
            (Unary::Minus, Value::Real(value)) => Value::Real(-value),
            other => panic!("{other:?}"),
        },
        Expr::Binary { operator: Binary::And, left, right } => match eval(left, row) {
            Value::Bool(false) => Value::Bool(false),
            left => binary(Binary::And, &left, &eval(right, row)),
        },
        Expr::Binary { operator, left, right } => binary(*operator, &eval(left, row), &eval(right, row)),
        Expr::Case { branches, otherwise } => branches
            .iter()
            .find(|(when, _)| eval(when, row) == Value::Bool(true))
            .map(|(_, then)| eval(then, row))
            .or_else(|| otherwise.as_ref().map(|otherwise| eval(otherwise, row)))
            .unwrap_or(Value::Null),
        Expr::In { operand, list, negated } => {
            let operand = eval(operand, row);
            let equal = |item| binary(Binary::Equal, &operand, &eval(item, row));
            let any = list.iter().map(equal).reduce(|left, right| binary(Binary::Or, &left, &right)).unwrap();
            if *negated { binary(Binary::Equal, &any, &Value::Bool(false)) } else { any }
        }
        Expr::IsNull { operand, negated } => Value::Bool((eval(operand, row) == Value::Null) != *negated),
        Expr::Like { .. } => panic!("not needed here"),
        Expr::Cast { operand, to } => cast(eval(operand, row), *to),
        Expr::Call { function, arguments } => {
            call(*function, arguments.iter().map(|argument| eval(argument, row)).collect())
        }
        Expr::Aggregate(_) => panic!("an aggregate stands where there is no group"),
        Expr::Window(_) => panic!("a window stands inside an expression"),
    }
}

fn binary(operator: Binary, left: &Value, right: &Value) -> Value {
    match (operator, left, right) {
        (Binary::And, Value::Bool(false), _) | (Binary::And, _, Value::Bool(false)) => return Value::Bool(false),
        (Binary::Or, Value::Bool(true), _) | (Binary::Or, _, Value::Bool(true)) => return Value::Bool(true),
        (_, Value::Null, _) | (_, _, Value::Null) => return Value::Null,
        _ => {}
    }
    let order = || compare(left, right);
    match (operator, left, right) {
        (Binary::And | Binary::Or, Value::Bool(value), Value::Bool(_)) => {
            Value::Bool(*value && operator == Binary::And)
        }
        (Binary::Equal, ..) => Value::Bool(order().is_eq()),
        (Binary::NotEqual, ..) => Value::Bool(order().is_ne()),
        (Binary::Less, ..) => Value::Bool(order().is_lt()),
        (Binary::LessEqual, ..) => Value::Bool(order().is_le()),
        (Binary::Greater, ..) => Value::Bool(order().is_gt()),
        (Binary::GreaterEqual, ..) => Value::Bool(order().is_ge()),
        (Binary::Add, Value::Int(left), Value::Int(right)) => Value::Int(left + right),
        (Binary::Subtract, Value::Int(left), Value::Int(right)) => Value::Int(left - right),
        (Binary::Multiply, Value::Int(left), Value::Int(right)) => Value::Int(left * right),
        (Binary::Remainder, Value::Int(left), Value::Int(right)) => Value::Int(left % right),
        (Binary::Add, Value::Real(left), Value::Real(right)) => Value::Real(left + right),
        (Binary::Subtract, Value::Real(left), Value::Real(right)) => Value::Real(left - right),
        (Binary::Multiply, Value::Real(left), Value::Real(right)) => Value::Real(left * right),
        (Binary::Concat, Value::Text(left), Value::Text(right)) => Value::Text(format!("{left}{right}")),
        (Binary::Divide, Value::Real(left), Value::Real(right)) => {
            assert!(*right != 0.0, "a division by zero is guarded");
            Value::Real(left / right)
        }
        other => panic!("{other:?}"),
    }
}

fn cast(value: Value, to: ValueType) -> Value {
    match (value, to) {
        (Value::Null, _) => Value::Null,
        (Value::Int(value), ValueType::Real | ValueType::Decimal { .. }) => Value::Real(value as f64),
        (Value::Real(value), ValueType::Int) => Value::Int(value as i64),
        (Value::Int(value), ValueType::Text) => Value::Text(value.to_string()),
        (Value::Date(date), ValueType::Timestamp) => Value::Timestamp(date.to_datetime(jiff::civil::Time::midnight())),
        (value @ Value::Int(_), ValueType::Int) | (value @ Value::Real(_), ValueType::Real) => value,
        (value, to) => panic!("{value:?} to {to:?}"),
    }
}

fn call(function: Function, arguments: Vec<Value>) -> Value {
    let first = arguments[0].clone();
    match function {
        Function::Coalesce => return arguments.into_iter().find(|value| *value != Value::Null).unwrap_or(Value::Null),
        Function::NullIf => return if compare(&first, &arguments[1]).is_eq() { Value::Null } else { first },
        _ if arguments.contains(&Value::Null) => return Value::Null,
        Function::Least => return arguments.into_iter().min_by(compare).unwrap(),
        Function::Greatest => return arguments.into_iter().max_by(compare).unwrap(),
        _ => {}
    }
    let whole = |value: &Value| match value {
        Value::Int(value) => *value,
        other => panic!("{function:?} of {other:?}"),
    };
    match (function, &first) {
        (Function::Abs, Value::Real(value)) => Value::Real(value.abs()),
        (Function::Floor, Value::Real(value)) => Value::Real(value.floor()),
        (Function::Ceiling, Value::Real(value)) => Value::Real(value.ceil()),
        (Function::Sqrt, Value::Real(value)) => Value::Real(value.sqrt()),
        (Function::Ln, Value::Real(value)) => Value::Real(value.ln()),
        (Function::Power, Value::Real(value)) => Value::Real(value.powf(real(&arguments[1]))),
        (Function::Upper, Value::Text(text)) => Value::Text(text.to_uppercase()),
        (Function::DateOf, Value::Timestamp(at)) => Value::Date(at.date()),
        (Function::Truncate(unit), Value::Date(date)) => Value::Date(truncate(unit, *date)),
        (Function::Extract(part), Value::Date(date)) => {
            Value::Int(extract(part, date.to_datetime(jiff::civil::time(0, 0, 0, 0))))
        }
        (Function::Extract(part), Value::Timestamp(at)) => Value::Int(extract(part, *at)),
        (Function::AddDays, Value::Date(date)) => Value::Date(date.saturating_add(whole(&arguments[1]).days())),
        (Function::AddMonths, Value::Date(date)) => Value::Date(date.saturating_add(whole(&arguments[1]).months())),
        (Function::AddSeconds, Value::Timestamp(at)) => {
            Value::Timestamp(at.saturating_add(SignedDuration::from_secs(whole(&arguments[1]))))
        }
        (Function::DaysBetween, Value::Date(from)) => {
            let Value::Date(to) = &arguments[1] else { panic!("days lie between dates") };
            Value::Int(i64::from(from.until(*to).unwrap().get_days()))
        }
        other => panic!("{other:?}"),
    }
}

fn truncate(unit: DateUnit, date: Date) -> Date {
    let month = |month: i8| jiff::civil::date(date.year(), month, 1);
    match unit {
        DateUnit::Day => date,
        DateUnit::Week => date.saturating_sub(i64::from(date.weekday().to_monday_zero_offset()).days()),
        DateUnit::Month => date.first_of_month(),
        DateUnit::Quarter => month((date.month() - 1) / 3 * 3 + 1),
        DateUnit::Year => month(1),
    }
}

fn extract(part: DatePart, at: DateTime) -> i64 {
    match part {
        DatePart::Year => i64::from(at.year()),
        DatePart::Month => i64::from(at.month()),
        DatePart::Day => i64::from(at.day()),
        DatePart::Weekday => i64::from(at.weekday().to_monday_one_offset()),
        DatePart::Hour => i64::from(at.hour()),
    }
}
