//! Alerts: which cells of the published answers fire now.
//!
//! Only settled cells are judged: the newest settled period of the metric, and as many before it as the alert asks for. A cell
//! that is immature, suppressed or insufficient, or may still change, neither fires nor clears anything, and breaks a row of
//! periods.

use crate::draft::{from_step, select};
use crate::grouping::TOTAL;
use crate::relation::{
    Binary, Expr, From, Function, Literal, Output, Relation, Select, Statement, Step, Table, Unary, ValueType, Window,
    WindowFunction,
};
use groma_model::Model;
use groma_model::reading::{Alert, Bound, Comparison, Direction, Trigger};
use groma_model::time::Offset;

/// The only verdict on which somebody should act.
const REAL: &str = "real and large enough";
const ANSWERS: &str = "answers";
/// The only status whose cells are judged.
const SETTLED: &str = "settled";
const CELLS: &str = "cells";
const NUMBERED: &str = "numbered";
const ROWS_OF_PERIODS: &str = "rows_of_periods";
const STATES: &str = "states";
/// Columns of the steps alone. Named so that no grouping of a project is called like one.
const PLACE: &str = "place of the cell";
const FIRES: &str = "the cell fires";
const CLEARS: &str = "the cell clears";
const QUIET: &str = "place that was quiet last";
const FIRED: &str = "place that fired last";
const CLEARED: &str = "place that cleared last";
const NEWEST: &str = "newest settled period";
const PERIOD: &str = "period";
const STATUS: &str = "status";
const VALUE: &str = "value";

/// What an alert is made a statement over.
pub struct Watched<'a> {
    pub model: &'a Model,
    /// The table of the answers, by its parts.
    pub answers: &'a [String],
    /// The columns of that table that hold the alert's groupings, in their order.
    pub groups: &'a [String],
    /// How the set of these groupings is named in the column `grouping`; ignored without groupings.
    pub set: &'a str,
}

/// The statement of an alert: one row for each group in which it fires, none where all is well.
///
/// Columns: `alert`, `metric`, `grain`, `period`, the groups, `value`, `change`, `verdict`, `periods` (how many in a row), `tell`,
/// `because`, `do`, `as_of`. Of a missing refresh: one row without a period.
pub fn firing(watched: &Watched<'_>, alert: &Alert) -> Statement {
    match alert.when {
        Trigger::Missing(longest) => missing(watched, alert, longest),
        Trigger::Matters(direction) => {
            let fires = moved(direction);
            // A change that nobody can judge is none.
            let clears = not(truth(fires.clone()));
            judged(watched, alert, fires, clears)
        }
        Trigger::Threshold { fires, clears } => {
            let fires = bound(fires);
            let clears = clears.map_or_else(|| not(truth(fires.clone())), bound);
            judged(watched, alert, fires, clears)
        }
    }
}

/// Cells in their order, the length of each row of periods that fire, and what held last: firing or cleared.
fn judged(watched: &Watched<'_>, alert: &Alert, fires: Expr, clears: Expr) -> Statement {
    let settled = || equal(Expr::name(STATUS), Expr::text(SETTLED));
    let holds = |condition: Expr| both(settled(), truth(condition));
    let groups: Vec<Expr> = watched.groups.iter().map(|group| Expr::name(group)).collect();
    let order = || vec![Expr::name(PERIOD).ascending()];
    let mut numbered = outputs(watched, &["value", "change", "verdict", STATUS, "as_of"]);
    numbered.extend([
        Expr::row_number(groups.clone(), order()).named(PLACE),
        holds(fires).named(FIRES),
        holds(clears).named(CLEARS),
        // The newest settled period of all groups: one that has none there has nothing to say now.
        window(WindowFunction::Max, when(settled(), Expr::name(PERIOD), ValueType::Date), Vec::new(), false)
            .named(NEWEST),
    ]);
    let last = |condition: Expr| {
        let place = when(condition, Expr::name(PLACE), ValueType::Int);
        let newest = window(WindowFunction::Max, place, groups.clone(), true);
        Expr::call(Function::Coalesce, vec![newest, Expr::int(0)])
    };
    let mut rows = carried(watched);
    rows.extend([Expr::name(CLEARS).named(CLEARS), last(not(Expr::name(FIRES))).named(QUIET)]);
    let length = || Expr::binary(Binary::Subtract, Expr::name(PLACE), Expr::name(QUIET));
    let long_enough = Expr::binary(Binary::GreaterEqual, length(), Expr::int(i64::from(alert.after)));
    let mut states = carried(watched);
    states.extend([length().named("periods"), last(long_enough).named(FIRED), last(Expr::name(CLEARS)).named(CLEARED)]);
    let filter = Expr::all([
        equal(Expr::name(PERIOD), Expr::name(NEWEST)),
        equal(Expr::name(STATUS), Expr::text(SETTLED)),
        Expr::binary(Binary::Greater, Expr::name(FIRED), Expr::name(CLEARED)),
    ]);
    let steps = vec![
        step(CELLS, cells(watched, alert)),
        step(NUMBERED, over(CELLS, numbered)),
        step(ROWS_OF_PERIODS, over(NUMBERED, rows)),
        step(STATES, over(ROWS_OF_PERIODS, states)),
    ];
    let mut columns = about(watched, alert);
    columns.push(Expr::name(PERIOD).named(PERIOD));
    columns.extend(watched.groups.iter().map(|group| Expr::name(group).named(group.clone())));
    columns.extend([VALUE, "change", "verdict", "periods"].map(|name| Expr::name(name).named(name)));
    columns.extend(duties(watched, alert));
    columns.push(Expr::name("as_of").named("as_of"));
    let order_by = watched.groups.iter().map(|group| Expr::name(group).ascending()).collect();
    Statement { steps, result: Select { columns, from: from_step(STATES), filter, order_by, ..Select::default() } }
}

/// Whether the newest answer of the metric is older than it may be, or there is none.
fn missing(watched: &Watched<'_>, alert: &Alert, longest: Offset) -> Statement {
    let zone = Expr::text(&watched.model.calendar.zone);
    let now = Expr::call(Function::LocalNow, vec![zone]);
    let newest =
        crate::aggregate::aggregate(crate::relation::AggregateFunction::Max, Expr::name("as_of")).named("as_of");
    let filter = Some(equal(Expr::name("metric"), Expr::text(metric_name(watched, alert))));
    let from = Some(From { table: Table::Physical(watched.answers.to_vec()), alias: ANSWERS.to_owned() });
    let refreshed = Select { columns: vec![newest], from, filter, ..Select::default() };
    let may_be = later(&Expr::name("as_of"), longest);
    let overdue = Expr::binary(Binary::Less, may_be, now);
    let none = Expr::IsNull { operand: Box::new(Expr::name("as_of")), negated: false };
    let mut columns = about(watched, alert);
    let empty = |name: &str, ty| Expr::Literal(Literal::Null(ty)).named(name);
    columns.push(empty(PERIOD, ValueType::Date));
    columns.extend(watched.groups.iter().map(|group| empty(group, ValueType::Text)));
    columns.extend([empty(VALUE, ValueType::Real), empty("change", ValueType::Real)]);
    columns.extend([empty("verdict", ValueType::Text), empty("periods", ValueType::Int)]);
    columns.extend(duties(watched, alert));
    columns.push(Expr::name("as_of").named("as_of"));
    let filter = Some(Expr::binary(Binary::Or, none, overdue));
    let result = Select { columns, from: from_step("refreshed"), filter, ..Select::default() };
    Statement { steps: vec![step("refreshed", select(refreshed))], result }
}

/// A time so much later; months are those of the calendar.
fn later(time: &Expr, by: Offset) -> Expr {
    let Offset { months, days } = by;
    let seconds = Expr::call(Function::AddSeconds, vec![time.clone(), Expr::int(i64::from(days) * 86_400)]);
    if months == 0 {
        return seconds;
    }
    let date = Expr::call(Function::DateOf, vec![seconds]);
    Expr::call(Function::AddMonths, vec![date, Expr::int(i64::from(months))]).cast(ValueType::Timestamp)
}

/// The cells that an alert watches, of all periods.
fn cells(watched: &Watched<'_>, alert: &Alert) -> Relation {
    let set = if watched.groups.is_empty() { TOTAL } else { watched.set };
    let filter = Expr::all([
        equal(Expr::name("metric"), Expr::text(metric_name(watched, alert))),
        equal(Expr::name("grain"), Expr::text(alert.grain.word())),
        equal(Expr::name("grouping"), Expr::text(set)),
    ]);
    let columns = outputs(watched, &[VALUE, "change", "verdict", STATUS, "as_of"]);
    let from = Some(From { table: Table::Physical(watched.answers.to_vec()), alias: ANSWERS.to_owned() });
    select(Select { columns, from, filter, ..Select::default() })
}

/// The period, the groups and further columns, as they are.
fn outputs(watched: &Watched<'_>, further: &[&str]) -> Vec<Output> {
    let groups = watched.groups.iter().map(String::as_str);
    let names = std::iter::once(PERIOD).chain(groups).chain(further.iter().copied());
    names.map(|name| Expr::name(name).named(name)).collect()
}

/// What every later step still needs.
fn carried(watched: &Watched<'_>) -> Vec<Output> {
    outputs(watched, &[VALUE, "change", "verdict", STATUS, "as_of", PLACE, NEWEST])
}

/// Which alert it is, and of which metric.
fn about(watched: &Watched<'_>, alert: &Alert) -> Vec<Output> {
    vec![
        Expr::text(&alert.header.name).named("alert"),
        Expr::text(metric_name(watched, alert)).named("metric"),
        Expr::text(alert.grain.word()).named("grain"),
    ]
}

/// Who is told, why, and what they are to do.
fn duties(watched: &Watched<'_>, alert: &Alert) -> [Output; 3] {
    let text = |text: Option<&str>| text.map_or(Expr::Literal(Literal::Null(ValueType::Text)), Expr::text);
    let team = alert.tell.map(|team| watched.model.teams[team.index()].header.name.as_str());
    [
        text(team).named("tell"),
        text(alert.because.as_deref()).named("because"),
        text(alert.action.as_deref()).named("do"),
    ]
}

/// A change in that direction that is real and large enough.
fn moved(direction: Direction) -> Expr {
    let real = equal(Expr::name("verdict"), Expr::text(REAL));
    let zero = || Expr::Literal(Literal::Real(0.0));
    let towards = match direction {
        Direction::Falls => Binary::Less,
        Direction::Rises => Binary::Greater,
        Direction::Changes => return real,
    };
    both(real, Expr::binary(towards, Expr::name("change"), zero()))
}

fn bound(bound: Bound) -> Expr {
    let operator = match bound.comparison {
        Comparison::Less => Binary::Less,
        Comparison::LessEqual => Binary::LessEqual,
        Comparison::Greater => Binary::Greater,
        Comparison::GreaterEqual => Binary::GreaterEqual,
    };
    Expr::binary(operator, Expr::name(VALUE), Expr::Literal(Literal::Real(bound.value)))
}

fn metric_name<'w>(watched: &'w Watched<'_>, alert: &Alert) -> &'w str {
    &watched.model.metric(alert.metric).header.name
}

fn step(name: &str, relation: Relation) -> Step {
    Step { name: name.to_owned(), materialized: false, relation }
}

fn over(step: &str, columns: Vec<Output>) -> Relation {
    select(Select { columns, from: from_step(step), ..Select::default() })
}

fn equal(left: Expr, right: Expr) -> Expr {
    Expr::binary(Binary::Equal, left, right)
}

fn both(left: Expr, right: Expr) -> Expr {
    Expr::binary(Binary::And, left, right)
}

fn not(operand: Expr) -> Expr {
    Expr::Unary { operator: Unary::Not, operand: Box::new(operand) }
}

/// False where it is unknown.
fn truth(condition: Expr) -> Expr {
    Expr::call(Function::Coalesce, vec![condition, Expr::Literal(Literal::Bool(false))])
}

/// The value where the condition is true, else null.
fn when(condition: Expr, value: Expr, ty: ValueType) -> Expr {
    let otherwise = Some(Box::new(Expr::Literal(Literal::Null(ty))));
    Expr::Case { branches: vec![(condition, value)], otherwise }
}

/// Over the periods of a group up to each, or over all cells of the partition.
fn window(function: WindowFunction, argument: Expr, partition_by: Vec<Expr>, running: bool) -> Expr {
    let order_by = if running { vec![Expr::name(PERIOD).ascending()] } else { Vec::new() };
    Expr::Window(Box::new(Window { function, argument: Some(argument), partition_by, order_by }))
}
