//! Several groupings: the cells of a table with all its totals.
//!
//! A small cell is hidden with others, so that all of them can change while every sum that is shown stays the same. Either
//! ```text
//! box:   small ── other column        pair:  a cell gives a customer to another cell, and so does each total that
//!          │            │                    the one is in and the other is not
//!       other row ── corner
//! ```
//! A box (of two groupings) hides no total; so the cheapest box is taken, else the cheapest pair of cells that differ in the
//! fewest groupings, else every total that the small cell is in. Since a hidden cell is known to be about somebody, a cell that
//! gives must be about two at least.

use super::places::{AT_STEP, CUSTOMERS, FAMILY, PART, SMALL, Table, count_of, place};
use super::{any, equals, reexported, table_keys};
use crate::draft::{Draft, cross, from_step, select};
use crate::relation::{
    Binary, Expr, From, Join, JoinKind, Literal, Order, Output, Relation, Select, Table as Read, ValueType, Values,
};
use crate::spine::PERIOD;
use crate::typed::when_else;

/// So many of the cheapest cells of a line, and of a table, are looked at.
const NEAREST: i64 = 16;
/// More than any number of customers: each grouping in which a pair differs hides further totals.
const PER_GROUPING: i64 = 1_000_000_000_000;
/// More than any pair.
const EVERY_TOTAL: i64 = 1_000_000_000_000_000;
/// The place of no cell.
const NOWHERE: i64 = -1;

const COST: &str = "cost";
/// 1 where a cell is about one customer.
const LONELY: &str = "lonely";
/// The place of a cell in the order of its table.
const OVERALL: &str = "overall";
const BOXED: &str = "boxed";
const CHOICE: &str = "choice";
/// Which of the cells of a choice.
const SIDE: &str = "side";

/// The rank of a cell in its line along a grouping.
fn rank(dimension: usize) -> String {
    format!("rank {}", dimension + 1)
}

/// The place of the small cell, of the cell in it that changes, and of the one that changes the other way.
fn of(dimension: usize) -> String {
    format!("of {}", dimension + 1)
}

fn from(dimension: usize) -> String {
    format!("from {}", dimension + 1)
}

fn to(dimension: usize) -> String {
    format!("to {}", dimension + 1)
}

/// Whether a grouping is kept.
fn kept(dimension: usize) -> String {
    format!("kept {}", dimension + 1)
}

/// The customers of the cell that changes.
const FROM_CUSTOMERS: &str = "from customers";

/// Adds the cells that are hidden.
pub(super) fn push_hidden(draft: &mut Draft<'_>, table: &Table<'_>, sizes: &str) -> String {
    let crossing = Crossing { dimensions: table.dimensions };
    let details = crossing.push_details(draft, sizes);
    let parts = crossing.changing(sizes, &details);
    let changing = table.push_union(draft, "changing", parts);
    let mut parts: Vec<Select> =
        (0..table.dimensions).map(|dimension| crossing.in_line(&changing, &details, dimension)).collect();
    parts.push(crossing.overall(&changing, &details));
    parts.push(crossing.every_total(&changing));
    parts.extend((table.dimensions == 2).then(|| crossing.boxes(&details)));
    let candidates = table.push_union(draft, "candidates", parts);
    let chosen = crossing.push_chosen(draft, &candidates);
    let corners = crossing.push_corners(draft);
    let parts = vec![crossing.primary(sizes), crossing.hidden(&chosen, &corners)];
    table.push_union(draft, "hidden_cells", parts)
}

struct Crossing {
    dimensions: usize,
}

impl Crossing {
    fn all(&self) -> std::ops::Range<usize> {
        0..self.dimensions
    }

    /// Adds the cells of all groupings, with what each costs and its ranks.
    fn push_details(&self, draft: &mut Draft<'_>, sizes: &str) -> String {
        let is_small = || equals(Expr::name(SMALL), 1);
        let mut columns = reexported_of(sizes, &self.size_columns());
        let cost = when_else(is_small(), Expr::int(0), Expr::name(CUSTOMERS));
        columns.push(cost.named(COST));
        let lonely = Expr::binary(Binary::Less, Expr::name(CUSTOMERS), Expr::int(2));
        columns.push(count_of(lonely).named(LONELY));
        let filter = Expr::all(self.all().map(|dimension| is_group(Expr::name(&place(dimension)))));
        let whole = Select { columns, from: from_step(sizes), filter, ..Select::default() };
        let details = draft.push("details", select(whole));
        let mut columns = reexported(draft, &details);
        let order = || -> Vec<Order> {
            let places = self.all().map(place);
            let by = [LONELY, COST, CUSTOMERS].map(str::to_owned).into_iter().chain(places);
            by.map(|name| Expr::name(&name).ascending()).collect()
        };
        for dimension in self.all() {
            let others = self.all().filter(|other| *other != dimension).map(place);
            let line = table_keys().map(str::to_owned).into_iter().chain(others);
            let line = line.map(|name| Expr::name(&name)).collect();
            columns.push(Expr::row_number(line, order()).named(rank(dimension)));
        }
        columns.push(Expr::row_number(table_keys().map(Expr::name).into(), order()).named(OVERALL));
        draft.push_once("ranked", select(Select { columns, from: from_step(&details), ..Select::default() }))
    }

    fn size_columns(&self) -> Vec<String> {
        let keys = [PART, FAMILY, PERIOD, AT_STEP].map(str::to_owned);
        keys.into_iter().chain(self.all().map(place)).chain([CUSTOMERS, SMALL].map(str::to_owned)).collect()
    }

    /// The small cells, each with the cells of all groupings that are in it: itself, or those that a total is made of.
    fn changing(&self, sizes: &str, details: &str) -> Vec<Select> {
        let mut parts = Vec::with_capacity(1 << self.dimensions);
        for total in 0..1_usize << self.dimensions {
            let is_total = |dimension: &usize| total >> dimension & 1 == 1;
            let small = if total == 0 { details } else { sizes };
            let of_small = |name: &str| Expr::column(small, name);
            let read = if total == 0 { small } else { "within" };
            let mut columns = keys_of(small);
            columns.extend(self.all().map(|at| of_small(&place(at)).named(of(at))));
            columns.extend(self.all().map(|at| Expr::column(read, &place(at)).named(from(at))));
            columns.push(Expr::column(read, CUSTOMERS).named(FROM_CUSTOMERS));
            let totals = self.all().map(|at| match is_total(&at) {
                true => equals(of_small(&place(at)), 0),
                false => is_group(of_small(&place(at))),
            });
            let filter = Expr::all(std::iter::once(equals(of_small(SMALL), 1)).chain(totals));
            let shared = self.all().filter(|at| !is_total(at)).map(place);
            let join = joined(details, read, small, shared);
            let joins = if total == 0 { Vec::new() } else { vec![join] };
            parts.push(Select { columns, from: from_step(small), joins, filter, ..Select::default() });
        }
        parts
    }

    /// The candidates of pairs that differ in one grouping.
    fn in_line(&self, changing: &str, details: &str, dimension: usize) -> Select {
        let here = |name: &str| Expr::column(changing, name);
        let there = |name: &str| Expr::column("other", name);
        let others: Vec<usize> = self.all().filter(|other| *other != dimension).collect();
        let mut join = joined(details, "other", changing, std::iter::empty());
        let same = others.iter().map(|at| Expr::binary(Binary::Equal, there(&place(*at)), here(&from(*at))));
        join.on = Expr::all(join.on.into_iter().chain(same));
        let filter = Expr::all([
            is_group(here(&of(dimension))),
            Expr::binary(Binary::NotEqual, there(&place(dimension)), here(&from(dimension))),
            Expr::binary(Binary::LessEqual, there(&rank(dimension)), Expr::int(NEAREST)),
            firm(),
        ]);
        let cost = Expr::binary(Binary::Add, there(COST), Expr::int(PER_GROUPING));
        self.candidate(changing, join, cost, filter)
    }

    /// The candidates of pairs anywhere in the table.
    fn overall(&self, changing: &str, details: &str) -> Select {
        let here = |name: &str| Expr::column(changing, name);
        let there = |name: &str| Expr::column("other", name);
        let join = joined(details, "other", changing, std::iter::empty());
        let differs = |at: usize| Expr::binary(Binary::NotEqual, there(&place(at)), here(&from(at)));
        // The total that is small must change with them.
        let moves = any(self.all().map(|at| Expr::binary(Binary::And, is_group(here(&of(at))), differs(at))));
        let near = Expr::binary(Binary::LessEqual, there(OVERALL), Expr::int(NEAREST));
        let filter = Expr::all(moves.into_iter().chain([near, firm()]));
        let further = self.all().map(|at| when_else(differs(at), Expr::int(PER_GROUPING), Expr::int(0)));
        let cost = further.fold(there(COST), |sum, further| Expr::binary(Binary::Add, sum, further));
        self.candidate(changing, join, cost, filter)
    }

    fn candidate(&self, changing: &str, join: Join, cost: Expr, filter: Option<Expr>) -> Select {
        let mut columns = keys_of(changing);
        let here = |name: String| Expr::column(changing, &name).named(name);
        columns.extend(self.all().map(|at| here(of(at))));
        columns.extend(self.all().map(|at| here(from(at))));
        columns.extend(self.all().map(|at| Expr::column("other", &place(at)).named(to(at))));
        columns.extend([Expr::int(0).named(BOXED), cost.named(COST)]);
        Select { columns, from: from_step(changing), joins: vec![join], filter, ..Select::default() }
    }

    /// The candidates that hide every total.
    fn every_total(&self, changing: &str) -> Select {
        let mut columns = keys_of(changing);
        let here = |name: String| Expr::column(changing, &name).named(name);
        columns.extend(self.all().map(|at| here(of(at))));
        columns.extend(self.all().map(|at| here(from(at))));
        columns.extend(self.all().map(|at| Expr::int(NOWHERE).named(to(at))));
        columns.extend([Expr::int(0).named(BOXED), Expr::int(EVERY_TOTAL).named(COST)]);
        Select { columns, from: from_step(changing), ..Select::default() }
    }

    /// The candidates of boxes: another cell of the row, another of the column, and the corner where they meet.
    fn boxes(&self, details: &str) -> Select {
        let column = Expr::column;
        let compare = |operator, left: (&str, &str), right: (&str, &str)| {
            Expr::binary(operator, column(left.0, left.1), column(right.0, right.1))
        };
        let (row, line) = (place(0), place(1));
        let in_row = joined(details, "in_row", "cell", [row.clone()].into_iter());
        let in_column = joined(details, "in_column", "cell", [line.clone()].into_iter());
        let mut corner = joined(details, "corner", "cell", std::iter::empty());
        let meets = [
            compare(Binary::Equal, ("corner", &row), ("in_column", &row)),
            compare(Binary::Equal, ("corner", &line), ("in_row", &line)),
        ];
        corner.on = Expr::all(corner.on.into_iter().chain(meets));
        let two = |alias: &str| Expr::binary(Binary::GreaterEqual, column(alias, CUSTOMERS), Expr::int(2));
        let gives = Expr::binary(Binary::And, two("in_row"), two("in_column"));
        let takes = Expr::binary(Binary::And, two("cell"), two("corner"));
        let near =
            |alias: &str, rank: String| Expr::binary(Binary::LessEqual, column(alias, &rank), Expr::int(NEAREST));
        let filter = Expr::all([
            equals(column("cell", SMALL), 1),
            compare(Binary::NotEqual, ("in_row", &line), ("cell", &line)),
            compare(Binary::NotEqual, ("in_column", &row), ("cell", &row)),
            near("in_row", rank(1)),
            near("in_column", rank(0)),
            Expr::binary(Binary::Or, gives, takes),
        ]);
        let mut columns = keys_of("cell");
        columns.extend(self.all().map(|at| column("cell", &place(at)).named(of(at))));
        columns.extend(self.all().map(|at| column("cell", &place(at)).named(from(at))));
        columns.extend([column("in_column", &row).named(to(0)), column("in_row", &line).named(to(1))]);
        let cost = ["in_row", "in_column", "corner"].map(|alias| column(alias, COST));
        let cost = cost.into_iter().reduce(|left, right| Expr::binary(Binary::Add, left, right));
        columns.extend([Expr::int(1).named(BOXED), cost.unwrap_or(Expr::int(0)).named(COST)]);
        let from = Some(From { table: Read::Step(details.to_owned()), alias: "cell".to_owned() });
        Select { columns, from, joins: vec![in_row, in_column, corner], filter, ..Select::default() }
    }

    /// Adds the candidates in their order, the cheapest of each small cell first.
    fn push_chosen(&self, draft: &mut Draft<'_>, candidates: &str) -> String {
        let names = self.candidate_columns();
        let mut columns = reexported_of(candidates, &names);
        let cell = table_keys().map(str::to_owned).into_iter().chain(self.all().map(of));
        let cell = cell.map(|name| Expr::name(&name)).collect();
        let order = [COST, BOXED].map(str::to_owned).into_iter().chain(self.all().map(to)).chain(self.all().map(from));
        let order = order.map(|name| Expr::name(&name).ascending()).collect();
        columns.push(Expr::row_number(cell, order).named(CHOICE));
        draft.push("chosen", select(Select { columns, from: from_step(candidates), ..Select::default() }))
    }

    fn candidate_columns(&self) -> Vec<String> {
        let keys = [PART, FAMILY, PERIOD, AT_STEP].map(str::to_owned);
        let places = self.all().map(of).chain(self.all().map(from)).chain(self.all().map(to));
        keys.into_iter().chain(places).chain([BOXED, COST].map(str::to_owned)).collect()
    }

    /// Adds which cells a choice hides: of each side of a pair all totals, of a box its corners.
    fn push_corners(&self, draft: &mut Draft<'_>) -> String {
        let mut columns = vec![(SIDE.to_owned(), ValueType::Int)];
        columns.extend(self.all().map(|at| (kept(at), ValueType::Bool)));
        let rows = (1..=3_i64).flat_map(|side| {
            (0..1_usize << self.dimensions).map(move |kept| {
                let kept = self.all().map(|at| Literal::Bool(kept >> at & 1 == 1));
                std::iter::once(Literal::Int(side)).chain(kept).collect()
            })
        });
        let rows = rows.collect();
        draft.push("corners", Relation::Values(Values { columns, rows }))
    }

    /// The small cells themselves.
    fn primary(&self, sizes: &str) -> Select {
        let names: Vec<String> =
            [FAMILY, PERIOD, AT_STEP].map(str::to_owned).into_iter().chain(self.all().map(place)).collect();
        let filter = Some(equals(Expr::name(SMALL), 1));
        Select { columns: reexported_of(sizes, &names), from: from_step(sizes), filter, ..Select::default() }
    }

    /// The cells that the first choices hide.
    fn hidden(&self, chosen: &str, corners: &str) -> Select {
        let choice = |name: &str| Expr::column(chosen, name);
        let corner = |name: &str| Expr::column(corners, name);
        let side = |number| equals(corner(SIDE), number);
        let mut columns: Vec<Output> = [FAMILY, PERIOD, AT_STEP].map(|name| choice(name).named(name)).into();
        columns.extend(self.all().map(|at| {
            let keeps = || corner(&kept(at));
            let whole = |name: String| Expr::binary(Binary::And, keeps(), side_is(corners, name.starts_with("to")));
            let branches = vec![
                (Expr::binary(Binary::And, side(3), keeps()), choice(&of(at))),
                (side(3), choice(&to(at))),
                (whole(from(at)), choice(&from(at))),
                (whole(to(at)), choice(&to(at))),
            ];
            Expr::Case { branches, otherwise: Some(Box::new(Expr::int(0))) }.named(place(at))
        }));
        let differs = |at: usize| Expr::binary(Binary::NotEqual, choice(&from(at)), choice(&to(at)));
        let moved = self.all().map(|at| Expr::binary(Binary::And, corner(&kept(at)), differs(at)));
        let moves = any(moved.chain([equals(choice(&to(0)), NOWHERE)]));
        let pair = Expr::all([equals(choice(BOXED), 0), Expr::binary(Binary::Less, corner(SIDE), Expr::int(3))]);
        let pair = Expr::all(pair.into_iter().chain(moves));
        let boxed = Expr::all([equals(choice(BOXED), 1), side(3)]);
        let filter = Expr::all([equals(choice(CHOICE), 1)].into_iter().chain(any(pair.into_iter().chain(boxed))));
        Select { columns, from: from_step(chosen), joins: vec![cross(corners)], filter, ..Select::default() }
    }
}

/// Whether a row of the corners is of the one side of a pair or of the other.
fn side_is(corners: &str, other: bool) -> Expr {
    equals(Expr::column(corners, SIDE), if other { 2 } else { 1 })
}

/// That one of a pair can give a customer and still be about somebody.
fn firm() -> Expr {
    let two = |count| Expr::binary(Binary::GreaterEqual, count, Expr::int(2));
    Expr::binary(Binary::Or, two(Expr::name(FROM_CUSTOMERS)), two(Expr::column("other", CUSTOMERS)))
}

fn is_group(place: Expr) -> Expr {
    Expr::binary(Binary::Greater, place, Expr::int(0))
}

fn keys_of(step: &str) -> Vec<Output> {
    [PART, FAMILY, PERIOD, AT_STEP].map(|name| Expr::column(step, name).named(name)).into()
}

fn reexported_of(step: &str, names: &[String]) -> Vec<Output> {
    names.iter().map(|name| Expr::column(step, name).named(name.clone())).collect()
}

/// A join with other cells of the same table that share some places.
fn joined(step: &str, alias: &str, of: &str, places: impl Iterator<Item = String>) -> Join {
    let names = table_keys().map(str::to_owned).into_iter().chain(places);
    let on = names.map(|name| Expr::binary(Binary::Equal, Expr::column(alias, &name), Expr::column(of, &name)));
    let (kind, table) = (JoinKind::Inner, Read::Step(step.to_owned()));
    Join { kind, table, alias: alias.to_owned(), on: Expr::all(on) }
}
