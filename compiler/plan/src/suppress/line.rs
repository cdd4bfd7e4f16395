//! One grouping: the cells of a line and their total.
//!
//! Beside the small cells so many are hidden that those hidden are at least two, are about enough customers together, and are
//! not all about one each; if need be one more, the smallest of the others. Only where there is no other, the total.

use super::places::{AT_STEP, CUSTOMERS, FAMILY, FEWEST, PART, SMALL, count_of, place};
use super::{any, equals, table_keys};
use crate::draft::{Draft, from_step, select};
use crate::relation::{Binary, Expr, Order, Output, Select, Window, WindowFunction};
use crate::spine::PERIOD;
use crate::typed::when_else;

/// The number of small cells, how many customers they are about, the number of others.
const SMALL_CELLS: &str = "small cells";
const IN_SMALL: &str = "in small cells";
const LARGE_CELLS: &str = "large cells";
/// The place of a cell among those that are small, or those that are not.
const RANK: &str = "rank";

/// Adds the cells that are hidden.
pub(super) fn push_hidden(draft: &mut Draft<'_>, sizes: &str) -> String {
    let carried = [PART, FAMILY, PERIOD, AT_STEP, &place(0), CUSTOMERS, FEWEST, SMALL];
    let mut columns: Vec<Output> = carried.map(|name| Expr::name(name).named(name)).into();
    let small = || equals(Expr::name(SMALL), 1);
    let group = || Expr::binary(Binary::Greater, Expr::name(&place(0)), Expr::int(0));
    let both = |left, right| Expr::binary(Binary::And, left, right);
    let customers = when_else(both(group(), small()), Expr::name(CUSTOMERS), Expr::int(0));
    columns.push(sum(count_of(both(group(), small()))).named(SMALL_CELLS));
    columns.push(sum(customers).named(IN_SMALL));
    columns.push(sum(count_of(both(group(), equals(Expr::name(SMALL), 0)))).named(LARGE_CELLS));
    let alike = line().into_iter().chain([Expr::name(SMALL), count_of(group())]).collect();
    let order: Vec<Order> = vec![Expr::name(CUSTOMERS).ascending(), Expr::name(&place(0)).ascending()];
    columns.push(Expr::row_number(alike, order).named(RANK));
    let lines = draft.push("lines", select(Select { columns, from: from_step(sizes), ..Select::default() }));
    let columns = [FAMILY, PERIOD, AT_STEP, &place(0)].map(|name| Expr::name(name).named(name)).into();
    let next = Expr::all([group(), equals(Expr::name(SMALL), 0), equals(Expr::name(RANK), 1)]);
    let total = Expr::all([equals(Expr::name(&place(0)), 0), equals(Expr::name(LARGE_CELLS), 0)]);
    let further = any(next.into_iter().chain(total)).map(|further| both(further, is_open()));
    let filter = any([small()].into_iter().chain(further));
    draft.push("hidden_cells", select(Select { columns, from: from_step(&lines), filter, ..Select::default() }))
}

/// That the small cells of a line do not hide each other.
fn is_open() -> Expr {
    let compare = |operator, right: Expr| Expr::binary(operator, Expr::name(IN_SMALL), right);
    let alone = equals(Expr::name(SMALL_CELLS), 1);
    let few = compare(Binary::Less, Expr::name(FEWEST));
    let single = compare(Binary::Equal, Expr::name(SMALL_CELLS));
    let some = Expr::binary(Binary::Greater, Expr::name(SMALL_CELLS), Expr::int(0));
    let open = [few, single].into_iter().fold(alone, |left, right| Expr::binary(Binary::Or, left, right));
    Expr::binary(Binary::And, some, open)
}

fn line() -> Vec<Expr> {
    table_keys().map(Expr::name).into()
}

fn sum(argument: Expr) -> Expr {
    let window =
        Window { function: WindowFunction::Sum, argument: Some(argument), partition_by: line(), order_by: Vec::new() };
    Expr::Window(Box::new(window))
}
