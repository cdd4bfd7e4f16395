//! Members: the customers of a population, each in the period that counts it.

use crate::aggregate::aggregate;
use crate::as_of::{self, AsOf};
use crate::draft::{Draft, cross, from_step, select};
use crate::lower::day;
use crate::names::{shorten, word};
use crate::population::PopulationId;
use crate::relation::{AggregateFunction, Binary, Expr, Literal, Select, ValueType};
use crate::rows::Rows;
use crate::scan::Setting;
use crate::spine::{PERIOD, PERIOD_END, period_start};
use crate::typed::{self, Typed};
use crate::window::member_columns;
use crate::zone::Years;
use groma_model::row::{ColumnPath, RowExpr};
use groma_model::{Anchor, ColumnId, Members, Population, SourceId};
use jiff::ToSpan as _;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The column of a customer's key.
pub(crate) const KEY: &str = "customer";
/// The column of a member's anchor: a local day.
pub(crate) const ANCHOR: &str = "anchor";
/// The column of the local time of a member's anchor: who comes at the as-of time or later is not known.
pub(crate) const ANCHORED_AT: &str = "anchored at";
/// The most characters of a customer's name in the names of steps.
const LONGEST_CUSTOMER: usize = 24;

/// The steps of members that are there.
#[derive(Debug, Default)]
pub(crate) struct MemberSteps(BTreeMap<PopulationId, String>);

impl MemberSteps {
    /// The step of a population that was added.
    pub(crate) fn get(&self, id: PopulationId) -> Option<&str> {
        self.0.get(&id).map(String::as_str)
    }

    /// Adds the members of a population by their anchors, once; nothing for other populations.
    pub(crate) fn push_anchored(&mut self, draft: &mut Draft<'_>, setting: &Setting<'_, '_>, id: PopulationId) {
        let population = setting.populations.get(id);
        let Members::Anchor(anchor) = &population.members else { return };
        if self.0.contains_key(&id) {
            return;
        }
        let step = match anchor {
            Anchor::Attribute(anchor) => by_attribute(draft, setting, (id, population), anchor),
            Anchor::First { source, key, filter } => {
                by_first_row(draft, setting, (id, population), (*source, key, filter.as_ref()))
            }
        };
        self.0.insert(id, step);
    }

    /// Adds the members of a population by the periods in which they are customers, once; nothing for other populations.
    pub(crate) fn push_alive(
        &mut self,
        draft: &mut Draft<'_>,
        setting: &Setting<'_, '_>,
        id: PopulationId,
        (periods, as_of): (&str, &AsOf),
    ) {
        let population = setting.populations.get(id);
        let Members::Alive { since, until } = population.members else { return };
        if self.0.contains_key(&id) {
            return;
        }
        let customer = draft.model.customer(population.customer);
        let mut rows = Rows::new(draft, customer.source, Years::all(), None);
        push_key(draft, &mut rows, population);
        rows.output(PERIOD, Expr::column(periods, PERIOD));
        let mut conditions: Vec<Expr> = condition(draft, &mut rows, population).into_iter().collect();
        if let Some(since) = since {
            let since = moment_of(draft, &mut rows, since);
            let end = Expr::column(periods, PERIOD_END).cast(ValueType::Timestamp);
            conditions.push(Expr::binary(Binary::Less, since.clone(), end));
            conditions.push(Expr::binary(Binary::Less, since, as_of.expr()));
        }
        if let Some(until) = until {
            let until = moment_of(draft, &mut rows, until);
            let none = Expr::IsNull { operand: Box::new(until.clone()), negated: false };
            let start = Expr::column(periods, PERIOD).cast(ValueType::Timestamp);
            conditions.push(Expr::binary(Binary::Or, none, Expr::binary(Binary::Greater, until, start)));
        }
        conditions.extend(not_left_out(draft, &mut rows, population, |first, last| {
            let end = last.saturating_add(1.day());
            [
                Expr::binary(Binary::GreaterEqual, Expr::column(periods, PERIOD), day_of(first)),
                Expr::binary(Binary::LessEqual, Expr::column(periods, PERIOD_END), day_of(end)),
            ]
        }));
        rows.join(cross(periods));
        as_of.join().into_iter().for_each(|join| rows.join(join));
        let name = format!("{}_alive", customer_word(draft, population));
        let step = draft.push(&name, rows.finish(Expr::all(conditions)));
        self.0.insert(id, step);
    }
}

/// The name of a population's customer in the names of steps.
pub(crate) fn customer_word(draft: &Draft<'_>, population: &Population) -> String {
    shorten(&word(&draft.model.customer(population.customer).header.name), LONGEST_CUSTOMER)
}

/// Who is counted, as the population says.
pub(crate) fn condition(draft: &mut Draft<'_>, rows: &mut Rows<'_>, population: &Population) -> Option<Expr> {
    population.filter.as_ref().map(|filter| rows.inside(draft, filter).condition())
}

/// Who is not left out for the days at hand; `within` says whether these lie in the days from the first to the last.
fn not_left_out(
    draft: &mut Draft<'_>,
    rows: &mut Rows<'_>,
    population: &Population,
    within: impl Fn(Date, Date) -> [Expr; 2],
) -> Vec<Expr> {
    let mut conditions = Vec::with_capacity(population.left_out.len());
    for left in &population.left_out {
        let named = rows.inside(draft, &left.condition).condition();
        let left = Expr::all([named].into_iter().chain(within(left.days.0, left.days.1)));
        conditions.extend(left.map(|left| typed::not(Typed::new(left, ValueType::Bool)).expr));
    }
    conditions
}

/// The same for members by their anchors.
fn not_left_out_at(draft: &mut Draft<'_>, rows: &mut Rows<'_>, population: &Population, anchor: &Expr) -> Vec<Expr> {
    not_left_out(draft, rows, population, |first, last| {
        [
            Expr::binary(Binary::GreaterEqual, anchor.clone(), day_of(first)),
            Expr::binary(Binary::LessEqual, anchor.clone(), day_of(last)),
        ]
    })
}

fn day_of(day: Date) -> Expr {
    Expr::Literal(Literal::Date(day.to_string()))
}

fn by_attribute(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    (id, population): (PopulationId, &Population),
    anchor: &RowExpr,
) -> String {
    let source = draft.model.customer(population.customer).source;
    let mut rows = Rows::new(draft, source, Years::all(), None);
    push_key(draft, &mut rows, population);
    let moment = rows.inside(draft, anchor);
    let anchor = day(moment.clone());
    push_anchor(setting, id, &mut rows, &anchor);
    rows.output(ANCHORED_AT, moment.to(ValueType::Timestamp));
    let left_out = not_left_out_at(draft, &mut rows, population, &anchor);
    let has_anchor = Expr::IsNull { operand: Box::new(anchor), negated: true };
    let filter = Expr::all(condition(draft, &mut rows, population).into_iter().chain([has_anchor]).chain(left_out));
    let name = format!("{}_cohorts", customer_word(draft, population));
    draft.push(&name, rows.finish(filter))
}

fn by_first_row(
    draft: &mut Draft<'_>,
    setting: &Setting<'_, '_>,
    (id, population): (PopulationId, &Population),
    (source, key, filter): (SourceId, &ColumnPath, Option<&RowExpr>),
) -> String {
    let name = word(&draft.model.source(source).header.name);
    let mut rows = Rows::new(draft, source, Years::all(), None);
    let key = rows.column(draft, key);
    rows.output(KEY, key.clone());
    let day = rows.day(draft);
    rows.output(ANCHOR, day);
    let mut conditions = vec![Expr::IsNull { operand: Box::new(key), negated: true }];
    conditions.extend(filter.map(|filter| rows.inside(draft, filter).condition()));
    if let Some(as_of) = setting.as_of {
        conditions.extend(as_of::before(draft, &mut rows, as_of));
        as_of.join().into_iter().for_each(|join| rows.join(join));
    }
    let rows = draft.push(&format!("{name}_of_customers"), rows.finish(Expr::all(conditions)));
    let columns = vec![Expr::name(KEY).named(KEY), aggregate(AggregateFunction::Min, Expr::name(ANCHOR)).named(ANCHOR)];
    let group_by = vec![Expr::name(KEY)];
    let firsts = select(Select { columns, from: from_step(&rows), group_by, ..Select::default() });
    let firsts = draft.push(&format!("first_{name}"), firsts);
    let key = Expr::column(&firsts, KEY);
    let mut rows = Rows::of_customers(draft, population.customer, &firsts, key.clone());
    rows.output(KEY, key);
    let anchor = Expr::column(&firsts, ANCHOR);
    push_anchor(setting, id, &mut rows, &anchor);
    // Rows at the as-of time or later were not read.
    rows.output(ANCHORED_AT, anchor.cast(ValueType::Timestamp));
    let known = rows.known_key(draft, draft.model.customer(population.customer).key);
    let known = Expr::IsNull { operand: Box::new(known), negated: true };
    let left_out = not_left_out_at(draft, &mut rows, population, &Expr::column(&firsts, ANCHOR));
    let filter = Expr::all([known].into_iter().chain(condition(draft, &mut rows, population)).chain(left_out));
    let name = format!("{}_cohorts", customer_word(draft, population));
    draft.push(&name, rows.finish(filter))
}

fn push_key(draft: &mut Draft<'_>, rows: &mut Rows<'_>, population: &Population) {
    let key = rows.known_key(draft, draft.model.customer(population.customer).key);
    rows.output(KEY, key);
}

/// Adds the anchor, the period that holds it, and what the windows laid over the members need of it.
fn push_anchor(setting: &Setting<'_, '_>, id: PopulationId, rows: &mut Rows<'_>, anchor: &Expr) {
    rows.output(ANCHOR, anchor.clone());
    rows.output(PERIOD, period_start(setting.spine.calendar, setting.spine.grain, anchor.clone()));
    let scans = setting.leaves.scans.iter().filter(|scan| scan.kind.population() == Some(id));
    for output in member_columns(scans.map(|scan| scan.kind.clock()), anchor) {
        rows.output(&output.name, output.expr);
    }
}

/// A column of the customer as a local time.
fn moment_of(draft: &mut Draft<'_>, rows: &mut Rows<'_>, column: ColumnId) -> Expr {
    rows.own_value(draft, column).to(ValueType::Timestamp)
}
