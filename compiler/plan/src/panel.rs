//! Panels: what a tool that draws reads out of the view of a metric, as lines over time, a table, a matrix or the steps of a
//! funnel. Nothing is computed anew: these are the answers that were published.

use crate::draft::{cross, from_step, select};
use crate::lower::shift_date;
use crate::relation::{
    Aggregate, AggregateFunction, Binary, Expr, From, Function, Literal, Order, Output, Relation, Select, Statement,
    Step, Table, ValueType, Values, Window, WindowFunction,
};
use crate::spine::{PERIOD, period_start};
use groma_model::time::{Calendar, Grain};
use jiff::civil::{Date, Time};

/// What a view is called in a statement, whatever its own name is.
const VIEW: &str = "answers";
const CELLS: &str = "cells";
const LINES: &str = "lines";
const NEWEST: &str = "newest";
const SETTLED: &str = "settled_until";
const UNSETTLED: &str = "provisional_until";
const PROVISIONAL: &str = "provisional";
const STATUS: &str = "status";
/// The columns of a view with steps.
const STEPPED: [&str; 4] = ["step", "step_number", "value", STATUS];
/// What joins the values of several groups.
const BETWEEN: &str = " · ";
/// What a missing attribute is called.
const MISSING: &str = "(none)";

/// The cells of a view that a panel shows.
#[derive(Debug, Clone)]
pub struct Panel<'a> {
    /// The view, as its parts.
    pub view: Vec<String>,
    pub calendar: &'a Calendar,
    pub grain: Grain,
    /// The set of groupings, as the view's column `grouping` names it.
    pub grouping: String,
    /// The columns of the view that hold the groups, in their order.
    pub groups: Vec<String>,
    /// So many of the newest periods of a grain; all without.
    pub latest: Option<(u32, Grain)>,
}

/// Lines over time.
#[derive(Debug, Clone)]
pub struct Lines {
    /// The column of the period's first moment.
    pub time: String,
    /// The columns of settled and of provisional values, and of the ends of the interval.
    pub columns: [String; 4],
    /// Without the ends of the interval.
    pub has_bounds: bool,
    /// The line of provisional values begins at the last settled one.
    pub joined: bool,
    /// A line at a value: its column, its name among groups, and the value.
    pub target: Option<(String, String, f64)>,
    /// What stands before the name of each group.
    pub label: Option<String>,
    /// With groups: the columns of a line's name and of its value.
    pub long: (String, String),
}

impl Panel<'_> {
    /// Lines over time. Without groups a row for each period with a column for each line; with groups a row for each period and
    /// line.
    pub fn lines(&self, lines: &Lines) -> Statement {
        let bounds: &[&str] = if lines.has_bounds { &["low", "high"] } else { &[] };
        let mut steps = self.cells(&[&["value", STATUS], bounds].concat(), lines.joined);
        let result = if self.groups.is_empty() { wide(lines) } else { long(self, lines, &mut steps) };
        statement(steps, result)
    }

    /// The cells, newest first: the period, the groups under their own names, then columns of the view under other names.
    pub fn table(&self, time: &str, columns: &[(&str, String)]) -> Statement {
        let read = columns.iter().map(|(column, _)| *column);
        let groups = self.groups.iter().map(|group| Expr::name(group).named(group));
        let values = columns.iter().map(|(column, name)| Expr::name(column).named(name));
        let columns = std::iter::once(moment().named(time)).chain(groups).chain(values).collect();
        let newest = Order { expr: Expr::name(PERIOD), descending: true, nulls_first: false };
        let groups = self.groups.iter().map(|group| Expr::name(group).ascending());
        let order_by = std::iter::once(newest).chain(groups).collect();
        let read: Vec<&str> = read.collect();
        statement(self.cells(&read, false), Select { columns, from: from_step(CELLS), order_by, ..Select::default() })
    }

    /// A row for each cohort and step: the cohort in words, the step, its value.
    pub fn matrix(&self, [cohort, step, value]: [&str; 3]) -> Statement {
        let label = self.group_label();
        let period = Expr::name(PERIOD).cast(ValueType::Text);
        let words = label.map_or(period.clone(), |label| joined(period, label));
        let columns = vec![words.named(cohort), Expr::name("step").named(step), Expr::name("value").named(value)];
        let groups = self.groups.iter().map(String::as_str);
        let order_by =
            std::iter::once(PERIOD).chain(groups).chain(["step_number"]).map(|name| Expr::name(name).ascending());
        let order_by = order_by.collect();
        let steps = self.cells(&STEPPED[..3], false);
        statement(steps, Select { columns, from: from_step(CELLS), order_by, ..Select::default() })
    }

    /// The steps of the newest period that is wholly settled; where none is, of the newest.
    pub fn funnel(&self, [step, value]: [&str; 2]) -> Statement {
        let mut steps = self.cells(&STEPPED, false);
        let is_settled = Expr::Case {
            branches: vec![(has_status("settled"), Expr::int(1))],
            otherwise: Some(Box::new(Expr::int(0))),
        };
        let columns =
            vec![Expr::name(PERIOD).named(PERIOD), aggregate(AggregateFunction::Min, is_settled).named("is_settled")];
        let group_by = vec![Expr::name(PERIOD)];
        push(&mut steps, "periods", Select { columns, from: from_step(CELLS), group_by, ..Select::default() });
        let whole = Expr::binary(Binary::Equal, Expr::name("is_settled"), Expr::int(1));
        let whole = Expr::Case { branches: vec![(whole, Expr::name(PERIOD))], otherwise: None };
        let [settled, any] = [whole, Expr::name(PERIOD)].map(|period| aggregate(AggregateFunction::Max, period));
        let shown = Expr::call(Function::Coalesce, vec![settled, any]).named(PERIOD);
        push(&mut steps, "shown", Select { columns: vec![shown], from: from_step("periods"), ..Select::default() });
        let of_cells = |name: &str| Expr::column(CELLS, name);
        let name = self.group_label().map_or(of_cells("step"), |label| joined(label, of_cells("step")));
        let groups = self.groups.iter().map(|group| of_cells(group).ascending());
        let order_by = groups.chain([of_cells("step_number").ascending()]).collect();
        let result = Select {
            columns: vec![name.named(step), of_cells("value").named(value)],
            from: from_step(CELLS),
            joins: vec![cross("shown")],
            filter: Some(Expr::binary(Binary::Equal, of_cells(PERIOD), Expr::column("shown", PERIOD))),
            order_by,
            ..Select::default()
        };
        statement(steps, result)
    }

    /// The groups of a row in words; nothing without groups.
    fn group_label(&self) -> Option<Expr> {
        let word = |group: &String| {
            Expr::call(Function::Coalesce, vec![Expr::name(group).cast(ValueType::Text), Expr::text(MISSING)])
        };
        self.groups.iter().map(word).reduce(joined)
    }

    /// The steps that hold the cells with these columns of the view, the last of them as `cells`. `edges`: also until when each line has settled values, and
    /// until when provisional ones.
    fn cells(&self, further: &[&str], edges: bool) -> Vec<Step> {
        let mut steps = Vec::new();
        let filter = Expr::all([
            Expr::binary(Binary::Equal, Expr::name("grain"), Expr::text(self.grain.word())),
            Expr::binary(Binary::Equal, Expr::name("grouping"), Expr::text(&self.grouping)),
        ]);
        let view = Table::Physical(self.view.clone());
        let from = || Some(From { table: view.clone(), alias: VIEW.to_owned() });
        if self.latest.is_some() {
            let newest = aggregate(AggregateFunction::Max, Expr::name(PERIOD)).named(NEWEST);
            push(
                &mut steps,
                NEWEST,
                Select { columns: vec![newest], from: from(), filter: filter.clone(), ..Select::default() },
            );
        }
        let own = |name: &str| Expr::column(VIEW, name);
        let keys = std::iter::once(PERIOD).chain(self.groups.iter().map(String::as_str));
        let names: Vec<&str> = keys.chain(further.iter().copied()).collect();
        let columns: Vec<Output> = names.iter().map(|name| own(name).named(*name)).collect();
        let recent =
            self.latest.map(|latest| Expr::binary(Binary::GreaterEqual, own(PERIOD), self.first_shown(latest)));
        let filter = Expr::all(filter.into_iter().chain(recent));
        let joins = self.latest.map(|_| cross(NEWEST)).into_iter().collect();
        let name = if edges { "recent" } else { CELLS };
        push(&mut steps, name, Select { columns, from: from(), joins, filter, ..Select::default() });
        if edges {
            let mut columns: Vec<Output> = names.iter().map(|name| Expr::name(name).named(*name)).collect();
            columns.extend([self.until("settled").named(SETTLED), self.until(PROVISIONAL).named(UNSETTLED)]);
            push(&mut steps, CELLS, Select { columns, from: from_step("recent"), ..Select::default() });
        }
        steps
    }

    /// The first period that is shown, from the newest.
    fn first_shown(&self, (count, grain): (u32, Grain)) -> Expr {
        let newest = period_start(self.calendar, grain, Expr::column(NEWEST, NEWEST));
        let (steps, length) = (i64::from(count.saturating_sub(1)), grain.length());
        shift_date(newest, -steps * i64::from(length.months), -steps * i64::from(length.days))
    }

    /// The last period of a line that has a value of that status.
    fn until(&self, status: &str) -> Expr {
        let is_there = Expr::IsNull { operand: Box::new(Expr::name("value")), negated: true };
        let condition = Expr::binary(Binary::And, has_status(status), is_there);
        let period = Expr::Case { branches: vec![(condition, Expr::name(PERIOD))], otherwise: None };
        Expr::Window(Box::new(Window {
            function: WindowFunction::Max,
            argument: Some(period),
            partition_by: self.groups.iter().map(|group| Expr::name(group)).collect(),
            order_by: Vec::new(),
        }))
    }
}

/// A column for each line.
fn wide(lines: &Lines) -> Select {
    let [value, provisional, low, high] = &lines.columns;
    let mut columns =
        vec![moment().named(&lines.time), settled().named(value), unsettled(lines.joined).named(provisional)];
    if lines.has_bounds {
        columns.extend([Expr::name("low").named(low), Expr::name("high").named(high)]);
    }
    if let Some((column, _, at)) = &lines.target {
        columns.push(Expr::Literal(Literal::Real(*at)).named(column));
    }
    let order_by = vec![Expr::name(PERIOD).ascending()];
    Select { columns, from: from_step(CELLS), order_by, ..Select::default() }
}

/// A row for each period and line.
fn long(panel: &Panel<'_>, lines: &Lines, steps: &mut Vec<Step>) -> Select {
    let (name, number) = (&lines.long.0, &lines.long.1);
    let group = panel.group_label().unwrap_or_else(|| Expr::text(MISSING));
    let label = match &lines.label {
        Some(label) => joined(Expr::text(label), group),
        None => group,
    };
    let row = |name_of_line: Expr, value: Expr, filter: Option<Expr>| Select {
        columns: vec![moment().named(&lines.time), name_of_line.named(name), value.named(number)],
        from: from_step(CELLS),
        filter,
        ..Select::default()
    };
    let marked = |word: &str| Expr::binary(Binary::Concat, label.clone(), Expr::text(&format!(" ({word})")));
    let there = |value: &Expr| Expr::IsNull { operand: Box::new(value.clone()), negated: true };
    let mut parts = vec![row(label.clone(), settled(), None)];
    let further = [(PROVISIONAL, unsettled(lines.joined)), ("low", Expr::name("low")), ("high", Expr::name("high"))];
    let further = further.into_iter().take(if lines.has_bounds { 3 } else { 1 });
    parts.extend(further.map(|(word, value)| row(marked(word), value.clone(), Some(there(&value)))));
    if let Some((_, target, at)) = &lines.target {
        let all = row(Expr::text(target), Expr::Literal(Literal::Real(*at)), None);
        parts.push(Select { distinct: true, ..all });
    }
    steps.push(Step { name: LINES.to_owned(), materialized: false, relation: Relation::UnionAll(parts) });
    let columns = [&lines.time, name, number].map(|column| Expr::name(column).named(column)).into();
    let order_by = [&lines.time, name].map(|column| Expr::name(column).ascending()).into();
    Select { columns, from: from_step(LINES), order_by, ..Select::default() }
}

/// Where definitions changed: a row for each day, with words.
pub fn breaks([time, text]: [&str; 2], rows: &[(Date, String)]) -> Statement {
    let row = |(day, words): &(Date, String)| {
        let moment = day.to_datetime(Time::midnight()).strftime("%Y-%m-%d %H:%M:%S").to_string();
        vec![Literal::Timestamp(moment), Literal::Text(words.clone())]
    };
    let columns = vec![(time.to_owned(), ValueType::Timestamp), (text.to_owned(), ValueType::Text)];
    let values = Values { columns, rows: rows.iter().map(row).collect() };
    let step = Step { name: "changes".to_owned(), materialized: false, relation: Relation::Values(values) };
    let columns = [time, text].map(|column| Expr::name(column).named(column)).into();
    let order_by = vec![Expr::name(time).ascending()];
    statement(vec![step], Select { columns, from: from_step("changes"), order_by, ..Select::default() })
}

/// The value where it is not provisional.
fn settled() -> Expr {
    let condition = Expr::binary(Binary::NotEqual, Expr::name(STATUS), Expr::text(PROVISIONAL));
    Expr::Case { branches: vec![(condition, Expr::name("value"))], otherwise: None }
}

/// The value where it is provisional; `joined`: also the last settled one before, so that the two lines meet.
fn unsettled(joined: bool) -> Expr {
    let meets = Expr::binary(
        Binary::And,
        Expr::binary(Binary::Equal, Expr::name(PERIOD), Expr::name(SETTLED)),
        Expr::binary(Binary::Less, Expr::name(SETTLED), Expr::name(UNSETTLED)),
    );
    let own = has_status(PROVISIONAL);
    let condition = if joined { Expr::binary(Binary::Or, own, meets) } else { own };
    Expr::Case { branches: vec![(condition, Expr::name("value"))], otherwise: None }
}

fn has_status(status: &str) -> Expr {
    Expr::binary(Binary::Equal, Expr::name(STATUS), Expr::text(status))
}

/// The first moment of a period.
fn moment() -> Expr {
    Expr::name(PERIOD).cast(ValueType::Timestamp)
}

fn joined(left: Expr, right: Expr) -> Expr {
    Expr::binary(Binary::Concat, Expr::binary(Binary::Concat, left, Expr::text(BETWEEN)), right)
}

fn aggregate(function: AggregateFunction, argument: Expr) -> Expr {
    Expr::Aggregate(Box::new(Aggregate { function, argument: Some(argument), filter: None, order_by: Vec::new() }))
}

fn push(steps: &mut Vec<Step>, name: &str, of: Select) {
    steps.push(Step { name: name.to_owned(), materialized: false, relation: select(of) });
}

fn statement(steps: Vec<Step>, result: Select) -> Statement {
    Statement { steps, result }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel<'c>(calendar: &'c Calendar, groups: &[&str], latest: Option<(u32, Grain)>) -> Panel<'c> {
        Panel {
            view: vec!["kpi".to_owned(), "newest".to_owned()],
            calendar,
            grain: Grain::Month,
            grouping: "total".to_owned(),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            latest,
        }
    }

    fn lines(has_bounds: bool) -> Lines {
        Lines {
            time: "time".to_owned(),
            columns: ["value", "provisional", "low", "high"].map(str::to_owned),
            has_bounds,
            joined: true,
            target: Some(("target".to_owned(), "Target: 40".to_owned(), 40.0)),
            label: None,
            long: ("metric".to_owned(), "value".to_owned()),
        }
    }

    fn columns(select: &Select) -> Vec<&str> {
        select.columns.iter().map(|column| column.name.as_str()).collect()
    }

    #[test]
    fn lines_without_groups_stand_side_by_side() {
        let calendar = Calendar::default();
        let statement = panel(&calendar, &[], None).lines(&lines(true));
        assert_eq!(columns(&statement.result), ["time", "value", "provisional", "low", "high", "target"]);
        let statement = panel(&calendar, &[], None).lines(&lines(false));
        assert_eq!(columns(&statement.result), ["time", "value", "provisional", "target"]);
    }

    #[test]
    fn lines_of_groups_stand_one_below_the_other() {
        let calendar = Calendar::default();
        let statement = panel(&calendar, &["account.region"], None).lines(&lines(true));
        assert_eq!(columns(&statement.result), ["time", "metric", "value"]);
        let Some(Step { relation: Relation::UnionAll(parts), .. }) = statement.steps.last() else {
            panic!("the last step holds the lines")
        };
        // Settled, provisional, low, high and the target.
        assert_eq!(parts.len(), 5);
        assert!(parts.iter().all(|part| columns(part) == ["time", "metric", "value"]));
    }

    #[test]
    fn the_newest_periods_are_counted_from_the_newest_that_is_there() {
        let calendar = Calendar::default();
        let all = panel(&calendar, &[], None).table("time", &[("value", "value".to_owned())]);
        assert_eq!(all.steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>(), [CELLS]);
        let recent = panel(&calendar, &[], Some((8, Grain::Quarter))).table("time", &[("value", "value".to_owned())]);
        assert_eq!(recent.steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>(), [NEWEST, CELLS]);
        let first = panel(&calendar, &[], None).first_shown((8, Grain::Quarter));
        let Expr::Call { function: Function::AddMonths, arguments } = first else { panic!("moved by months") };
        assert_eq!(arguments[1], Expr::int(-21));
    }
}
