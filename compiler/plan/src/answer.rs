//! Answers: the measures of every cell, and the long form in which every query of metrics returns.

use crate::draft::{Draft, cross, from_step, select};
use crate::flatten::{FlatMetric, Formula, FormulaKind, Node, grow};
use crate::leaf::LeafId;
use crate::lower::call;
use crate::names::{LONGEST, Names, shorten};
use crate::relation::{Binary, Expr, Function, Literal, Order, Relation, Select, ValueType, Values};
use crate::scan::GroupColumn;
use crate::spine::PERIOD;
use crate::stitch::{CellColumn, Cells};
use crate::typed::{self, Typed, extreme_of, real};
use groma_model::Model;
use groma_model::time::Grain;
use std::rc::Rc;

/// The columns of an answer before the groups, and after them.
pub(crate) const BEFORE_GROUPS: [&str; 4] = ["metric", "version", "grain", PERIOD];
pub(crate) const AFTER_GROUPS: [&str; 7] = ["value", "n", "se", "low", "high", "matured", "status"];

/// Adds the measures and returns the answer: one row for each metric, period and group.
pub(crate) fn push_answer(
    draft: &mut Draft<'_>,
    cells: &Cells,
    groups: &[GroupColumn<'_>],
    metrics: &[FlatMetric],
    grain: Grain,
) -> Select {
    let mut names = Names::of_columns();
    names.reserve(PERIOD);
    groups.iter().for_each(|group| names.reserve(&group.name));
    let mut columns = vec![Expr::name(PERIOD).named(PERIOD)];
    columns.extend(groups.iter().map(|group| Expr::name(&group.name).named(group.name.clone())));
    let mut measured = Vec::with_capacity(metrics.len());
    for metric in metrics {
        let name = shorten(&draft.model.metric(metric.id).header.name, LONGEST - 4);
        let value = value_of(cells, &metric.formula).named(names.take(&name));
        let n = observations(cells, metric).named(names.take(&format!("{name} n")));
        measured.push((value.name.clone(), n.name.clone()));
        columns.extend([value, n]);
    }
    let step = draft.push("measured", select(Select { columns, from: from_step(&cells.step), ..Select::default() }));
    answer(draft, &step, groups, metrics, &measured, grain)
}

fn answer(
    draft: &mut Draft<'_>,
    measured: &str,
    groups: &[GroupColumn<'_>],
    metrics: &[FlatMetric],
    columns: &[(String, String)],
    grain: Grain,
) -> Select {
    let of_measured = |name: &str| Expr::column(measured, name);
    let mut order_by: Vec<Order> = Vec::new();
    let mut joins = Vec::new();
    let (metric, value, n) = match (metrics, columns) {
        ([only], [(value, n)]) => (metric_name(draft.model, only), of_measured(value), of_measured(n)),
        _ => {
            let step = push_metric_names(draft, metrics);
            joins.push(cross(&step));
            let position = Expr::column(&step, POSITION);
            order_by.push(position.clone().ascending());
            let chosen = |names: Vec<&String>| {
                let branches = names.into_iter().zip(1_i64..).map(|(name, number)| {
                    (Expr::binary(Binary::Equal, position.clone(), Expr::int(number)), of_measured(name))
                });
                Expr::Case { branches: branches.collect(), otherwise: None }
            };
            let (values, ns) = columns.iter().map(|(value, n)| (value, n)).unzip();
            (Expr::column(&step, METRIC), chosen(values), chosen(ns))
        }
    };
    let keys = || std::iter::once(PERIOD).chain(groups.iter().map(|group| group.name.as_str()));
    order_by.extend(keys().map(|name| of_measured(name).ascending()));
    let mut outputs =
        vec![metric.named(METRIC), Expr::int(1).named("version"), Expr::text(grain.word()).named("grain")];
    outputs.extend(keys().map(|name| of_measured(name).named(name)));
    outputs.extend([value.named("value"), n.named("n")]);
    outputs.extend(["se", "low", "high", "matured"].map(|name| null(ValueType::Real).named(name)));
    outputs.push(null(ValueType::Text).named("status"));
    Select { columns: outputs, from: from_step(measured), joins, order_by, ..Select::default() }
}

const POSITION: &str = "position";
const METRIC: &str = "metric";

fn push_metric_names(draft: &mut Draft<'_>, metrics: &[FlatMetric]) -> String {
    let model = draft.model;
    let rows = metrics.iter().zip(1_i64..).map(|(metric, position)| {
        vec![Literal::Int(position), Literal::Text(model.metric(metric.id).header.name.to_string())]
    });
    let columns = vec![(POSITION.to_owned(), ValueType::Int), (METRIC.to_owned(), ValueType::Text)];
    let rows = rows.collect();
    draft.push("metrics", Relation::Values(Values { columns, rows }))
}

fn metric_name(model: &Model, metric: &FlatMetric) -> Expr {
    Expr::text(&model.metric(metric.id).header.name)
}

/// The value of a measure as a double; truth is 1 or 0.
fn value_of(cells: &Cells, formula: &Formula) -> Expr {
    let value = lowered(cells, formula);
    match value.ty {
        Some(ValueType::Bool) => {
            let negated = typed::not(value.clone()).expr;
            Expr::Case { branches: vec![(value.expr, real(1.0)), (negated, real(0.0))], otherwise: None }
        }
        Some(ValueType::Int | ValueType::Real | ValueType::Decimal { .. }) => value.real(),
        _ => null(ValueType::Real),
    }
}

fn lowered(cells: &Cells, formula: &Formula) -> Typed {
    match &formula.kind {
        FormulaKind::Null => Typed::null(),
        FormulaKind::Literal(literal) => Typed::constant(literal),
        FormulaKind::Leaf(leaf) => leaf_value(cells, *leaf),
        FormulaKind::Node(node, parts) => grow(|| node_value(cells, *node, parts)),
    }
}

fn leaf_value(cells: &Cells, leaf: LeafId) -> Typed {
    let Some(CellColumn { name, ty, .. }) = cells.columns.get(&leaf) else { return Typed::null() };
    let column = Expr::name(name);
    match ty {
        ValueType::Bool => Typed::new(Expr::binary(Binary::Equal, column, Expr::int(1)), ValueType::Bool),
        // Counts are kept whole until here; a measure is computed in doubles.
        ValueType::Int => Typed::new(column.cast(ValueType::Real), ValueType::Real),
        other => Typed::new(column, *other),
    }
}

fn node_value(cells: &Cells, node: Node, parts: &[Rc<Formula>]) -> Typed {
    let mut values = parts.iter().map(|part| lowered(cells, part));
    let mut next = || values.next().unwrap_or_else(Typed::null);
    match node {
        Node::Not => typed::not(next()),
        Node::Minus => typed::minus(next()),
        Node::IsNull { negated } => typed::is_null(next(), negated),
        Node::Binary(operator) => {
            let left = next();
            typed::binary(operator, left, next())
        }
        Node::Case => {
            let branches = (0..parts.len() / 2).map(|_| (next(), next())).collect();
            let otherwise = (parts.len() % 2 == 1).then(next);
            typed::case(branches, otherwise)
        }
        Node::Call(function) => call(function, values.collect()),
    }
}

/// The number of observations behind a value: the smallest of its parts.
fn observations(cells: &Cells, metric: &FlatMetric) -> Expr {
    let counts: Vec<Expr> = metric
        .observations
        .iter()
        .filter_map(|leaf| cells.columns.get(leaf))
        .map(|column| {
            let count = Expr::name(&column.name);
            match column.may_be_unobserved {
                true => Expr::call(Function::Coalesce, vec![count, Expr::int(0)]),
                false => count,
            }
        })
        .collect();
    extreme_of(Function::Least, counts).unwrap_or_else(|| null(ValueType::Int))
}

fn null(ty: ValueType) -> Expr {
    Expr::Literal(Literal::Null(ty))
}

/// The columns of an answer, the groups between.
pub(crate) fn reserved() -> impl Iterator<Item = &'static str> {
    BEFORE_GROUPS.into_iter().chain(AFTER_GROUPS)
}
