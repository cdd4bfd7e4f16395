//! Customers: what each customer of a population gives, one row for each and period, and the cells made of them.

use crate::aggregate::{Columns, MATURED, ValueColumns};
use crate::as_of::AsOf;
use crate::cell::{OpenRows, PlannedScan, push_cells};
use crate::draft::{Draft, cross, from_step, select};
use crate::grouping::{GroupColumn, STEP};
use crate::leaf::{ExprId, Leaf, LeafId, Leaves, Scan, ValuePerCustomer};
use crate::members::{ANCHOR, ANCHORED_AT, KEY, condition, customer_word};
use crate::names::Names;
use crate::operands::{Operands, value_of_formula};
use crate::population::PopulationId;
use crate::range::{push_moment, range_of_days, with_members, years};
use crate::relation::{Binary, Expr, Function, Join, JoinKind, Literal, Relation, Select, Table, ValueType, Values};
use crate::rows::Rows;
use crate::scan::{
    Closing, DAY, OpenScan, Setting, column_names, inner_join, push_numbered, push_times, push_window_days, read,
    step_names, times_of,
};
use crate::spine::{PERIOD, before};
use crate::typed::{Typed, real, when_else};
use crate::window::{after, after_times, step_of, within_window};
use groma_model::Members;
use groma_model::time::{Clock, Offset, Snapshot};
use std::collections::BTreeSet;

/// The rows of a source, to be gathered by customer.
pub(crate) struct OpenByCustomer {
    open: OpenRows,
    clock: Clock,
    id: PopulationId,
    /// What each customer gives; none where only the members count.
    is_empty: bool,
}

/// What a scan by customer gave.
pub(crate) struct ByCustomer {
    /// The step with a row for each customer with rows, and period.
    step: Option<String>,
    columns: Vec<crate::cell::PlannedColumn>,
    id: PopulationId,
    clock: Clock,
}

impl OpenByCustomer {
    /// Adds the rows, with the customer of each.
    pub(crate) fn open(
        draft: &mut Draft<'_>,
        setting: &Setting<'_, '_>,
        scan: &Scan,
        members: Option<&str>,
        id: PopulationId,
    ) -> OpenScan {
        let clock = scan.kind.clock().clone();
        let population = setting.populations.get(id);
        let named = step_names(draft, setting, scan);
        let chosen = matches!(&clock, Clock::Snapshot(Snapshot::FirstPerCustomer | Snapshot::LastPerCustomer));
        let reader = (!chosen).then(|| named.rows.clone());
        let mut rows = Rows::new(draft, scan.source, years(setting.spine, scan), reader);
        let snapshot = matches!(clock, Clock::Snapshot(_));
        match (snapshot, chosen) {
            (true, true) => push_times(draft, setting, scan, &mut rows, Some(&population.key)),
            (true, false) => push_times(draft, setting, scan, &mut rows, None),
            _ => {}
        }
        if !chosen {
            let key = rows.column(draft, &population.key);
            rows.output(KEY, key);
        }
        let day = rows.day(draft);
        rows.output(DAY, day);
        let newest = push_moment(draft, setting, &mut rows);
        let mut open = read(draft, setting, scan, &named, rows, !snapshot);
        if let (Clock::Snapshot(snapshot), true) = (&clock, chosen) {
            open.rows = push_numbered(draft, scan, &open, *snapshot);
        }
        let anchored = clock.is_anchored();
        let mut range = range_of_days(draft, setting, scan, &named, newest, !anchored);
        if let Some(members) = members.filter(|_| crate::range::needs_range(setting, scan)) {
            range = Some(with_members(draft, &named.range, range.as_deref(), members));
        }
        let is_empty = scan.columns.is_empty() && population.members != Members::Rows;
        OpenScan::by_customer(Self { open, clock, id, is_empty }, range)
    }
}

/// Adds the step with a row for each customer with rows, and period.
pub(crate) fn push_by_customer(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    by_customer: OpenByCustomer,
    closing: &mut Closing<'_>,
) -> ByCustomer {
    let OpenByCustomer { mut open, clock, id, is_empty } = by_customer;
    let columns = std::mem::take(&mut open.columns);
    if is_empty {
        return ByCustomer { step: None, columns, id, clock };
    }
    let rows = open.rows.clone();
    let key = Expr::column(&rows, KEY);
    let known = Expr::IsNull { operand: Box::new(key.clone()), negated: true };
    let mut group_by = vec![key.clone()];
    let mut outputs = vec![key.named(KEY)];
    let days;
    let (from, joins, period) = match (&clock, closing.members.get(id)) {
        (Clock::After { .. } | Clock::Curve { .. }, Some(members)) => {
            let day = Expr::column(&rows, DAY);
            let same = Expr::binary(Binary::Equal, Expr::column(&rows, KEY), Expr::column(members, KEY));
            let on = Expr::all(std::iter::once(same).chain(within_window(&clock, &day, members)));
            if let Some(step) = step_of(&clock, &day, members) {
                group_by.push(step.clone());
                outputs.push(step.named(STEP));
            }
            // A member has one anchor, and by it one period.
            (rows.as_str(), vec![inner_join(members, on)], None)
        }
        (Clock::Snapshot(snapshot), _) => {
            let joins = times_of(draft, &rows, *snapshot).map(|(_, join)| join).into_iter().collect();
            (rows.as_str(), joins, Some(Expr::column(&rows, PERIOD)))
        }
        (Clock::Event, _) => {
            let day = Expr::column(&rows, DAY);
            let period = crate::spine::period_start(setting.spine.calendar, setting.spine.grain, day);
            (rows.as_str(), Vec::new(), Some(period))
        }
        _ => {
            let join;
            (days, join) = push_window_days(draft, setting, &rows, (&clock, closing.windows));
            (days.as_str(), vec![join], Some(Expr::column(&days, PERIOD)))
        }
    };
    if let Some(period) = period {
        group_by.insert(0, period.clone());
        outputs.insert(0, period.named(PERIOD));
    }
    outputs.append(&mut open.outputs);
    let from = from_step(from);
    let whole = Select { columns: outputs, from, joins, filter: Some(known), group_by, ..Select::default() };
    draft.push_named(open.step.clone(), select(whole));
    ByCustomer { step: Some(open.step), columns, id, clock }
}

/// Adds the customers with what each gives, and the cells made of them.
pub(crate) fn push_customers(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    scan: &Scan,
    behind: &ByCustomer,
    closing: &mut Closing<'_>,
) -> PlannedScan {
    let population = setting.populations.get(behind.id);
    closing.members.push_alive(draft, setting, behind.id, (closing.windows, closing.as_of));
    let members = closing.members.get(behind.id).map(str::to_owned);
    let base = members.clone().or_else(|| behind.step.clone()).unwrap_or_default();
    let mut rows = Rows::of_customers(draft, population.customer, &base, Expr::column(&base, KEY));
    rows.output(PERIOD, Expr::column(&base, PERIOD));
    rows.output(KEY, Expr::column(&base, KEY));
    let step = steps(draft, setting, &behind.clock).map(|step| {
        rows.join(cross(&step));
        Expr::column(&step, STEP)
    });
    if let Some(by_customer) = &behind.step {
        for offset in offsets_behind(setting.leaves, scan) {
            if members.is_some() || offset != Offset::default() {
                let alias = alias_of(setting, by_customer, offset);
                let on = same_customer(&base, &alias, (&behind.clock, step.as_ref()), offset);
                let table = Table::Step(by_customer.clone());
                rows.join(Join { kind: JoinKind::Left, table, alias, on });
            }
        }
    }
    let mut filters = Vec::new();
    if members.is_none() {
        let known = rows.known_key(draft, draft.model.customer(population.customer).key);
        filters.push(Expr::IsNull { operand: Box::new(known), negated: true });
        filters.extend(condition(draft, &mut rows, population));
    }
    filters.extend(completion(&mut rows, &behind.clock, &base, step.as_ref(), closing.as_of));
    let groups = push_groups(draft, setting, scan, &mut rows, step.as_ref());
    let values = push_values(draft, setting, scan, &mut rows, behind);
    let name = format!("{}_values", customer_word(draft, population));
    finish(draft, setting, scan, rows, (name, groups, values, filters))
}

/// Adds the step of customers and their cells.
pub(crate) fn finish(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    scan: &Scan,
    mut rows: Rows<'_>,
    (name, groups, values, filters): (String, Vec<Expr>, Vec<ValueColumns>, Vec<Expr>),
) -> PlannedScan {
    let none: &[ExprId] = &[];
    let columns = Columns { leaves: setting.leaves, scan, moved: none, common: scan.common_filter(), values: &values };
    let mut names = column_names(setting);
    let described = scan.columns.iter().map(|column| {
        let (expr, described) = columns.aggregate(draft, &mut rows, &mut names, column);
        (expr.named(described.name.clone()), described)
    });
    let (outputs, columns) = described.unzip();
    let customers = draft.push(&name, rows.finish(Expr::all(filters)));
    let step = draft.names.take(&format!("{customers}_by_{}", setting.spine.grain.word()));
    let clusters = scan.clusters.iter().map(|cluster| (cluster.clone(), Expr::name(KEY))).collect();
    let (rows, ordered) = (customers.clone(), scan.ordered.clone());
    let open = OpenRows { rows, step, groups, outputs, columns, clusters, ordered };
    push_cells(draft, setting, open, Expr::name(PERIOD), (&customers, Vec::new()))
}

/// The values of the groups of customers; returns how a later step reads them.
pub(crate) fn push_groups(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    scan: &Scan,
    rows: &mut Rows<'_>,
    step: Option<&Expr>,
) -> Vec<Expr> {
    for group in setting.groups {
        if !group.is_set() {
            let value = group.value(draft, rows, scan.source, &[], step);
            rows.output(&group.name, value);
        }
    }
    setting.groups.iter().map(|group: &GroupColumn<'_>| rows.read(&group.name)).collect()
}

/// The steps of a curve, written out.
fn steps(draft: &mut Draft<'_>, setting: &Setting<'_, '_>, clock: &Clock) -> Option<String> {
    let Clock::Curve { times, .. } = clock else { return None };
    setting.groups.iter().any(GroupColumn::is_step).then(|| push_steps(draft, 0, i64::from(*times) - 1))
}

/// Adds the numbers from the first to the last.
pub(crate) fn push_steps(draft: &mut Draft<'_>, first: i64, last: i64) -> String {
    let columns = vec![(STEP.to_owned(), ValueType::Int)];
    let rows = (first..=last).map(|number| vec![Literal::Int(number)]).collect();
    draft.push("steps", Relation::Values(Values { columns, rows }))
}

/// How much earlier than the period of a customer its values look.
fn offsets_behind(leaves: &Leaves<'_>, scan: &Scan) -> BTreeSet<Offset> {
    let of_value = |value: &ValuePerCustomer| {
        let of_formula = value.formula.iter().flat_map(|formula| formula.leaves());
        of_formula.chain(value.present).map(|leaf| leaves.leaves[leaf.0].offset).collect::<Vec<_>>()
    };
    scan.values.iter().flat_map(of_value).chain([Offset::default()]).collect()
}

/// The name by which what customers gave so much earlier is read.
fn alias_of(setting: &Setting<'_, '_>, by_customer: &str, offset: Offset) -> String {
    match setting.spine.earlier.get(&offset) {
        Some(earlier) => format!("{by_customer}_{earlier}"),
        None => by_customer.to_owned(),
    }
}

fn same_customer(
    members: &str,
    by_customer: &str,
    (clock, step): (&Clock, Option<&Expr>),
    offset: Offset,
) -> Option<Expr> {
    let period = Expr::column(members, PERIOD);
    let period = if offset == Offset::default() { period } else { before(period, offset) };
    let same_period = Expr::binary(Binary::Equal, period, Expr::column(by_customer, PERIOD));
    let same_key = Expr::binary(Binary::Equal, Expr::column(members, KEY), Expr::column(by_customer, KEY));
    let step = step.map(|step| Expr::binary(Binary::Equal, step.clone(), Expr::column(by_customer, STEP)));
    let same_period = (!clock.is_anchored()).then_some(same_period);
    Expr::all(same_period.into_iter().chain([same_key]).chain(step))
}

/// Whether each customer has completed the window; returns the condition that the anchor is known of.
fn completion(rows: &mut Rows<'_>, clock: &Clock, members: &str, step: Option<&Expr>, as_of: &AsOf) -> Option<Expr> {
    let anchor = || Expr::column(members, ANCHOR);
    let closes = match (clock, step) {
        (Clock::After { to, .. }, _) => after(anchor(), *to),
        (Clock::Curve { every, .. }, Some(step)) => {
            after_times(anchor(), *every, &Expr::binary(Binary::Add, step.clone(), Expr::int(1)))
        }
        (Clock::Curve { every, times }, None) => {
            after(anchor(), every.times(i32::try_from(*times).unwrap_or(i32::MAX)))
        }
        _ => return None,
    };
    as_of.join().into_iter().for_each(|join| rows.join(join));
    push_matured(rows, closes, as_of);
    Some(Expr::binary(Binary::Less, Expr::column(members, ANCHORED_AT), as_of.expr()))
}

/// Adds 1 where a window that closes on that day has closed, and else 0.
pub(crate) fn push_matured(rows: &mut Rows<'_>, closes: Expr, as_of: &AsOf) {
    let closed = Expr::binary(Binary::LessEqual, closes.cast(ValueType::Timestamp), as_of.expr());
    rows.output(MATURED, when_else(closed, real(1.0), real(0.0)));
}

/// Adds what each metric gives the customers.
fn push_values(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    scan: &Scan,
    rows: &mut Rows<'_>,
    behind: &ByCustomer,
) -> Vec<ValueColumns> {
    let mut names = Names::of_columns();
    let mut found = Vec::with_capacity(scan.values.len());
    for value in &scan.values {
        let metric = draft.model.metric(value.metric).header.name.clone();
        let mut of_customer = OfCustomer { setting, leaves: setting.leaves, behind, rows, draft };
        let mut columns = ValueColumns::default();
        if let Some(formula) = &value.formula {
            let typed = value_of_formula(&mut of_customer, formula);
            let ty = typed.type_or(ValueType::Real);
            let name = names.take(&format!("each of {metric}"));
            let expr = typed.to(ty);
            columns.value = Some((of_customer.rows.output(&name, expr), ty));
        }
        if let Some(present) = value.present {
            let expr = of_customer.leaf(present).expr;
            let name = names.take(&format!("rows of {metric}"));
            columns.present = Some(of_customer.rows.output(&name, expr));
        }
        found.push(columns);
    }
    found
}

/// The leaves behind a value, of the customer at hand.
struct OfCustomer<'o, 'r, 'a, 'd> {
    setting: &'o Setting<'o, 'a>,
    leaves: &'o Leaves<'a>,
    behind: &'o ByCustomer,
    rows: &'o mut Rows<'r>,
    draft: &'o mut Draft<'d>,
}

impl Operands for OfCustomer<'_, '_, '_, '_> {
    fn leaf(&mut self, leaf: LeafId) -> Typed {
        let Some(step) = &self.behind.step else { return Typed::null() };
        let Leaf { column, offset, .. } = self.leaves.leaves[leaf.0];
        let column = &self.behind.columns[column];
        let value = Expr::column(&alias_of(self.setting, step, offset), &column.name);
        let value = match &column.empty {
            Some(empty) => Expr::call(Function::Coalesce, vec![value, Expr::Literal(empty.clone())]),
            None => value,
        };
        crate::operands::of_column(value, column.ty)
    }

    fn attribute(&mut self, id: ExprId, stored: bool) -> Typed {
        let expr = &self.leaves.exprs[id.0].expr;
        if stored { self.rows.inside_stored(self.draft, expr) } else { self.rows.inside(self.draft, expr) }
    }

    fn filled(&mut self, _: usize) -> Typed {
        Typed::null()
    }
}
