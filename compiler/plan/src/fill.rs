//! Fills: the value of the nearest earlier period, where a period has none.

use crate::answer::value_of;
use crate::draft::{Draft, from_step, select};
use crate::flatten::Flat;
use crate::grouping::GroupColumn;
use crate::relation::{Binary, Expr, Order, Output, Select, Window, WindowFunction};
use crate::spine::PERIOD;
use crate::stitch::Cells;
use crate::suppress::filled_flag;
use crate::typed::when_else;

/// The column of what is filled.
pub(crate) fn filled_name(place: usize) -> String {
    format!("filled {}", place + 1)
}

/// Adds what is filled to the cells: a value counts for its own period and for those behind it until the next one.
pub(crate) fn push_fills(
    draft: &mut Draft<'_>,
    flat: &Flat<'_>,
    groups: &[GroupColumn<'_>],
    mut cells: Cells,
) -> Cells {
    for (place, formula) in flat.fills.iter().enumerate() {
        let own = || -> Vec<Expr> { groups.iter().map(|group| Expr::name(&group.name)).collect() };
        let value = value_of(&cells, formula);
        let (unfilled, run) = (format!("unfilled {}", place + 1), format!("run {}", place + 1));
        let mut columns = reexported(draft, &cells.step);
        // What comes from a hidden cell is hidden.
        let hidden = flat.guards.hides(formula).map(|hidden| {
            let known = Expr::IsNull { operand: Box::new(value.clone()), negated: true };
            let hidden = when_else(Expr::binary(Binary::And, known, hidden), Expr::int(1), Expr::int(0));
            (hidden, format!("hidden where unfilled {}", place + 1))
        });
        columns.push(value.named(unfilled.clone()));
        columns.extend(hidden.iter().map(|(hidden, name)| hidden.clone().named(name.clone())));
        let from = from_step(&cells.step);
        let step = draft.push("unfilled", select(Select { columns, from, ..Select::default() }));
        let by_period: Vec<Order> = vec![Expr::name(PERIOD).ascending()];
        let mut columns = reexported(draft, &step);
        columns.push(window(WindowFunction::Count, &unfilled, own(), by_period).named(run.clone()));
        let from = from_step(&step);
        let step = draft.push("runs", select(Select { columns, from, ..Select::default() }));
        let partition = || own().into_iter().chain([Expr::name(&run)]).collect();
        let mut columns = reexported(draft, &step);
        columns.push(window(WindowFunction::Max, &unfilled, partition(), Vec::new()).named(filled_name(place)));
        columns.extend(
            hidden
                .iter()
                .map(|(_, name)| window(WindowFunction::Max, name, partition(), Vec::new()).named(filled_flag(place))),
        );
        let from = from_step(&step);
        cells.step = draft.push("filled", select(Select { columns, from, ..Select::default() }));
    }
    cells
}

fn reexported(draft: &Draft<'_>, step: &str) -> Vec<Output> {
    draft.columns_of(step).into_iter().map(|name| Expr::name(&name).named(name)).collect()
}

fn window(function: WindowFunction, argument: &str, partition_by: Vec<Expr>, order_by: Vec<Order>) -> Expr {
    Expr::Window(Box::new(Window { function, argument: Some(Expr::name(argument)), partition_by, order_by }))
}
